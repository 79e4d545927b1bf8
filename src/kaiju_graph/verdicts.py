"""Stage 9: a project → the report of its validation, kept by content.

The report of unchanged sources is read and not made again, without pySHACL and rdflib. It lies in
the cache under a name that is made from every byte that validating reads; what is not whole there
is made anew.
"""

from __future__ import annotations

import json
import warnings
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from kaiju_graph import __version__, asking, cache, passages, querying, reasoning, sources, terms
from kaiju_graph.errors import CacheWarning, LimitError, QueryError
from kaiju_graph.files import read, write
from kaiju_graph.passages import Passage
from kaiju_graph.project import read_bytes
from kaiju_graph.sources import Place
from kaiju_graph.terms import Quad, Triple
from kaiju_graph.validating import Report, Violation, validate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kaiju_graph.project import Project

__all__ = ["files", "key", "load", "make"]

FORMAT = 1
"""Raised when the same sources would give another report, or the same report other bytes."""


def load(project: Project, progress: Callable[[str], None] = lambda _: None) -> Report:
    """Return the report of a project, from the cache where nothing has changed.

    A cache that cannot be read or written is done without, with a ``CacheWarning``.

    Args:
        project: the project.
        progress: is told what is being done, where it may take more than a moment.

    Raises:
        SourceError: a file does not load, or a shape is not well-formed.
    """
    name = key(project, files(project), _version())
    path = cache.place("verdicts", name)
    try:
        return _decoded(read(path))
    except FileNotFoundError:
        pass
    except OSError as error:
        warnings.warn(f"{error}; it is made anew", CacheWarning, stacklevel=2)
    report = make(project, progress)
    if name != key(project, files(project), _version()):
        return report  # a source was changed meanwhile
    try:
        write(path, _encoded(report))
        cache.prune("verdicts")
    except OSError as error:
        warnings.warn(f"{path} cannot be written: {error.strerror}", CacheWarning, stacklevel=2)
    return report


def make(project: Project, progress: Callable[[str], None] = lambda _: None) -> Report:
    """Read the project and hold it against shapes, evidence checks and the grammar of SPARQL.

    Raises:
        SourceError: a file does not load, or a shape is not well-formed.
    """
    progress("reading the sources")
    said = sources.read(project)
    progress("holding them against the shapes and the article")
    return validate(project, said, passages.locate(said), _queries(project), progress)


def key(project: Project, files: Iterable[str], version: str) -> str:
    """Return a hash of a version, and of the names and bytes of files of a project.

    Raises:
        UnreachableError: a file cannot be read.
    """
    digest = sha256(version.encode())
    for name in files:
        content = read_bytes(project.path(*name.split("/")), name)
        digest.update(f"\0{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:32]


def files(project: Project) -> list[str]:
    """Return the files that validating reads."""
    found = [
        *project.files("ontology", ".ttl"),
        *project.files("ontology/shapes", ".ttl"),
        *project.files("graph", ".ttl", ".trig"),
        *project.files("queries", ".rq"),
    ]
    for folder in project.articles():
        found += [f"{folder}/article.txt", *project.files(folder, ".trig")]
    return found


def _version() -> str:
    from importlib.metadata import version

    names = ("pyshacl", "rdflib", "pyoxigraph")
    made_by = [f"verdict {FORMAT}", __version__, *map(version, names)]
    return " ".join([*made_by, *reasoning.rules().values()])


def _queries(project: Project) -> Iterator[Violation]:
    """Find stored questions that are none: without a summary, or not in SPARQL 1.1."""
    for file in project.files("queries", ".rq"):
        try:
            asked = asking.question(project, file.removeprefix("queries/").removesuffix(".rq"))
            querying.check(asked.text, project.prefixes, file)
        except (LimitError, QueryError) as error:
            # The text begins with the file, its line and maybe the column.
            place, _, message = str(error).partition(": ")
            line, column = (*place.split(":")[1:], "1", "1")[:2]
            yield Violation("query", "error", message, Place(file, int(line), int(column)))


def _encoded(report: Report) -> bytes:
    """Return a report as JSON, its terms as in N-Triples."""
    return json.dumps(
        {
            "violations": [_plain(violation) for violation in report.violations],
            "triples": terms.serialize(report.triples, ox.RdfFormat.N_TRIPLES).decode(),
        },
        ensure_ascii=False,
    ).encode()


def _decoded(content: bytes) -> Report:
    found = json.loads(content)
    triples = [
        Triple(triple.subject, triple.predicate, triple.object)
        for triple in ox.parse(found["triples"], format=ox.RdfFormat.N_TRIPLES)
    ]
    return Report([_violation(violation) for violation in found["violations"]], triples)


def _plain(value: Any) -> Any:
    """Return a violation, or what it is made of, as values of JSON."""
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, ox.NamedNode | ox.BlankNode | ox.Literal):
        return {"term": str(value)}
    return value


def _violation(plain: Any) -> Violation:
    rule, severity, message, place, quad, focus, path, value, passage = map(_revived, plain)
    return Violation(
        rule,
        severity,
        message,
        Place(*place),
        quad and Quad(*quad),
        focus,
        path,
        value,
        passage and Passage(*passage),
    )


def _revived(value: Any) -> Any:
    if isinstance(value, list):
        return [_revived(item) for item in value]
    if isinstance(value, dict):
        line = f"<urn:x> <urn:x> {value['term']} ."
        (triple,) = ox.parse(line, format=ox.RdfFormat.N_TRIPLES)
        return triple.object
    return value
