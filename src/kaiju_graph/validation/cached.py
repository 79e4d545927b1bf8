"""Stage 11: a project → the report of its validation, kept by content.

The report of unchanged sources is read and not made again, without pySHACL and rdflib. It lies in
the cache under a name that is made from every byte that validating reads; what is not whole there
is made anew.
"""

from __future__ import annotations

import json
import warnings
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from kaiju_graph import __version__
from kaiju_graph.errors import CacheWarning, InputError, SourceError, UnknownNameError
from kaiju_graph.project import passages, sources
from kaiju_graph.project.passages import Passage
from kaiju_graph.project.sources import Place
from kaiju_graph.project.spelling import did_you_mean
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.terms import Quad, Triple
from kaiju_graph.reasoning import reasoner
from kaiju_graph.store import cache, eviction
from kaiju_graph.store.files import read, touch, write
from kaiju_graph.validation import evidence_checks, lint, unreadable_files, validate
from kaiju_graph.validation.report import Near, Report, Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kaiju_graph.project.layout import Project

__all__ = ["chosen", "files", "load", "make", "rules"]

FORMAT = 4
"""Raised when the same sources would give another report, or the same report other bytes."""
KINDS = {"place": Place, "quad": Quad, "passage": Passage, "source": Place}
"""Field of a violation → what its values make."""


def load(project: Project, progress: Callable[[str], None] = lambda _: None) -> Report:
    """Return the report of a project, from the cache where nothing has changed.

    A cache that cannot be read or written is done without, with a ``CacheWarning``.

    Args:
        project: the project.
        progress: is told what is being done, where it may take more than a moment.

    Raises:
        UnreachableError: a file cannot be read.
    """
    try:
        name = project.content_hash(files(project), *_made_by())
    except SourceError:  # of a name that is not UTF-8
        return make(project, progress)
    path = cache.locate("verdicts", name)
    try:
        touch(path)
        return _decoded(read(path))
    except FileNotFoundError:
        pass
    except OSError as error:
        warnings.warn(f"{error}; it is made anew", CacheWarning, stacklevel=2)
    report = make(project, progress)
    if name != project.content_hash(files(project), *_made_by()):
        return report  # a source was changed meanwhile
    try:
        write(path, _encoded(report))
        eviction.prune("verdicts")
    except OSError as error:
        warnings.warn(f"{path} cannot be written: {error.strerror}", CacheWarning, stacklevel=2)
    return report


def make(project: Project, progress: Callable[[str], None] = lambda _: None) -> Report:
    """Read the project and hold it against shapes, evidence checks and the grammar of SPARQL.

    A project that does not load does not conform: the report tells every file that does not.

    Raises:
        UnreachableError: a file cannot be read.
    """
    progress("reading the sources")
    questions = list(unreadable_files.queries(project))
    try:
        said = sources.read(project)
        rules = validate.read(project)
        if unmeant := lint.unmeant(project, said, rules):
            return Report(sorted([*unmeant, *questions], key=_order), [])
        others = [*questions, *lint.exports(project), *lint.questions(project, said)]
        progress("holding them against the shapes and the article")
        located = passages.locate_passages(said)
        return validate.validate(project, said, rules, located, others=others, progress=progress)
    except InputError as error:
        unread = unreadable_files.unread(project) or [unreadable_files.refused(project, error)]
        return Report(sorted([*unread, *questions], key=_order), [])


def _order(violation: Violation) -> Place:
    return violation.place


def rules(project: Project) -> set[str]:
    """Return the names of all rules: of checks, of shapes, and of contradictions."""
    known = {*unreadable_files.OBLIGATIONS, *evidence_checks.OBLIGATIONS}
    known |= {name for name, text in reasoner.rules().items() if "CONSTRUCT" not in text}
    with suppress(SourceError):  # the report says that they do not load
        known |= validate.names(project)
    return known


def chosen(project: Project, names: Iterable[str]) -> set[str]:
    """Return the names of rules, and of those without which they are not held.

    Raises:
        UnknownNameError: there is no rule of such a name.
    """
    known = rules(project)
    names = set(names)
    for name in sorted(names - known):
        hint = did_you_mean(name, sorted(known)) or "; expected the name of a shape or check"
        raise UnknownNameError(f"no rule {name!r}{hint}")
    return names | lint.FIRST


def files(project: Project) -> list[str]:
    """Return the files that validating reads."""
    folders = ("ontology", "ontology/shapes", "ontology/profiles", "queries")
    more = [file for folder in folders for file in project.files(folder, ".jsonld", ".rq", ".ttl")]
    return [*dict.fromkeys([*project.sources(), *more])]


def _made_by() -> list[str]:
    from importlib.metadata import version

    names = ("pyshacl", "rdflib", "pyoxigraph")
    return [f"verdict {FORMAT}", __version__, *map(version, names), *reasoner.rules().values()]


def _encoded(report: Report) -> bytes:
    """Return a report as JSON, its terms as in N-Triples."""
    return json.dumps(
        {
            "violations": [
                {name: _plain(value) for name, value in violation._asdict().items()}
                for violation in report.violations
            ],
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
    """Return what a violation is made of as values of JSON."""
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, ox.NamedNode | ox.BlankNode | ox.Literal):
        return {"term": str(value)}
    return value


def _violation(plain: dict[str, Any]) -> Violation:
    found = {name: _revived(value) for name, value in plain.items()}
    for name, kind in KINDS.items():
        found[name] = found[name] and kind(*found[name])
    found["nearest"] = tuple(Near(*near) for near in found["nearest"])
    if found["first"]:
        place, rule = found["first"]
        found["first"] = Place(*place), rule
    return Violation(**found)


def _revived(value: Any) -> Any:
    if isinstance(value, list):
        return [_revived(item) for item in value]
    if isinstance(value, dict):
        line = f"<urn:x> <urn:x> {value['term']} ."
        (triple,) = ox.parse(line, format=ox.RdfFormat.N_TRIPLES)
        return triple.object
    return value
