"""The report of a project from the cache, if no source has changed.

The entry is named after every byte that validation reads. It is read without pySHACL and rdflib;
a damaged entry is made again.
"""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from kaiju_graph import __version__
from kaiju_graph.errors import CacheWarning, SourceError
from kaiju_graph.project.passages import Passage
from kaiju_graph.project.sources import Place, Remedy
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.terms import Quad, Triple
from kaiju_graph.reasoning import reasoner
from kaiju_graph.store import cache
from kaiju_graph.store.files import read, touch, write
from kaiju_graph.validation.report import Report, Suggestion, Violation
from kaiju_graph.validation.validate import validate

if TYPE_CHECKING:
    from collections.abc import Callable

    from kaiju_graph.project.layout import Project

__all__ = ["files", "load"]

FORMAT = 7
"""Increase it if the same sources now give another report, or the same report other bytes."""
VALUES = {kind.__name__: kind for kind in (Passage, Place, Quad, Remedy, Suggestion, Violation)}


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
    report = validate(project, progress)
    if name != _key(project):
        return report  # a source has changed meanwhile
    try:
        write(path, _encode(report))
        cache.prune("verdicts")
    except FileNotFoundError:
        pass  # another process has removed it meanwhile
    except OSError as error:
        warnings.warn(f"{path} cannot be written: {error.strerror}", CacheWarning, stacklevel=2)
    return report


def files(project: Project) -> list[str]:
    """Return the files that validation reads."""
    folders = ("ontology", "ontology/shapes", "ontology/profiles", "queries")
    more = [file for folder in folders for file in project.files(folder, ".jsonld", ".rq", ".ttl")]
    return [*dict.fromkeys([*project.sources(), *more])]


def _key(project: Project) -> str:
    from importlib.metadata import version

    versions = map(version, ("pyshacl", "rdflib", "pyoxigraph"))
    makers = (f"verdict {FORMAT}", __version__, *versions, *reasoner.rules().values())
    return project.content_hash(files(project), *makers)


def _encode(report: Report) -> bytes:
    """Return a report as JSON: a value of ``VALUES`` as its name and items, a term as N-Triples."""
    content = {
        "violations": [*map(_plain, report.violations)],
        "triples": terms.serialize(report.triples, ox.RdfFormat.N_TRIPLES).decode(),
    }
    return json.dumps(content, ensure_ascii=False).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return {type(value).__name__: [*map(_plain, value)]}
    if isinstance(value, ox.NamedNode | ox.BlankNode | ox.Literal):
        return {"term": str(value)}
    return value


def _decode(content: bytes) -> Report:
    found = json.loads(content, object_hook=_revive)
    triples = ox.parse(found["triples"], format=ox.RdfFormat.N_TRIPLES)
    return Report(found["violations"], [Triple(t.subject, t.predicate, t.object) for t in triples])


def _revive(item: dict[str, Any]) -> Any:
    if "triples" in item:
        return item
    ((name, value),) = item.items()
    if name == "term":
        (triple,) = ox.parse(f"<urn:x> <urn:x> {value} .", format=ox.RdfFormat.N_TRIPLES)
        return triple.object
    return VALUES[name](*value) if name in VALUES else tuple(value)
