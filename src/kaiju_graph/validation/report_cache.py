"""The report of a project from the cache, if no source has changed.

The entry is named after every byte that validation reads. It is read without pySHACL and rdflib;
a damaged entry is made again.
"""

from __future__ import annotations

import json
import os
import warnings
from functools import lru_cache
from typing import TYPE_CHECKING

from kaiju_graph import __version__
from kaiju_graph.errors import CacheWarning, SourceError
from kaiju_graph.reasoning import reasoner
from kaiju_graph.store import cache, maintenance
from kaiju_graph.store.files import read, touch, write
from kaiju_graph.validation import json_values
from kaiju_graph.validation.lint import UNREAD_QUERIES
from kaiju_graph.validation.memory import Memory
from kaiju_graph.validation.report import Report
from kaiju_graph.validation.validate import validate

if TYPE_CHECKING:
    from collections.abc import Callable

    from kaiju_graph.project.layout import Project

__all__ = ["files", "load"]

FORMAT = 12
"""Increase it if the same sources now give another report, or the same report other bytes."""


def load(project: Project, progress: Callable[[str], None] = lambda _: None) -> Report:
    """Return the report of a project, from the cache if nothing has changed.

    If the cache cannot be read or written, there is a ``CacheWarning``.

    Args:
        project: the project.
        progress: receives a line of text at each step.

    Raises:
        UnreachableError: a file cannot be read.
    """
    try:
        name = _key(project)
    except SourceError:  # a file name is not UTF-8
        return validate(project, progress)
    try:
        path = cache.locate("verdicts", name)
    except cache.UntrustedError as error:
        warnings.warn(str(error), CacheWarning, stacklevel=2)
        return validate(project, progress)
    try:
        touch(path)
        return _decode(read(path))
    except FileNotFoundError:
        pass
    except OSError as error:
        warnings.warn(f"{error}; it is rebuilt", CacheWarning, stacklevel=2)
    memory = Memory(cache.locate("memories", os.fsencode(project.root)), _makers())
    report = validate(project, progress, memory)
    if name != _key(project):
        return report  # a source has changed meanwhile
    memory.save()
    try:
        write(path, _encode(report))
        maintenance.prune("verdicts")
    except FileNotFoundError:
        pass  # another process has removed it meanwhile
    except OSError as error:
        warnings.warn(f"{path} cannot be written: {error.strerror}", CacheWarning, stacklevel=2)
    return report


def files(project: Project) -> list[str]:
    """Return the files on which a report depends."""
    return [*dict.fromkeys([*project.sources(), *project.texts(*UNREAD_QUERIES)])]


def _key(project: Project) -> str:
    return project.content_hash(files(project), *_makers())


@lru_cache
def _makers() -> tuple[str, ...]:
    """Return what makes a report from the sources, the libraries among them."""
    names = ("babel", "pyoxigraph", "pyshacl", "rdflib", "simplemma", "unicode_rbnf")
    folders = map(cache.find_library, names)
    libraries = (f"{path} {os.stat(path).st_mtime_ns}" for path in folders)
    return (f"verdict {FORMAT}", __version__, *libraries, *reasoner.rules().values())


def _encode(report: Report) -> bytes:
    content = {
        "violations": json_values.plain(report.violations),
        "triples": json_values.write_triples(report.triples),
    }
    return json.dumps(content, ensure_ascii=False).encode()


def _decode(content: bytes) -> Report:
    found = json.loads(content)
    return Report(
        json_values.revive(found["violations"]),
        json_values.read_triples(found["triples"]),
    )
