"""Stage 6: quads → a report of the shapes and checks that they do not keep, and contradictions.

Shapes see what was asserted (stated, entities, curated, evidence) with the ontology, never what was
inferred: a domain or range would make every ``sh:class`` true. The engine is pySHACL; its report
is that of SHACL, section 3.6, to which each violation here adds its place and its passage. From
what was asserted no contradiction may follow: the reasoner names the rule by which one does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph import terms
from kaiju_graph.checking import check
from kaiju_graph.contradicting import contradiction
from kaiju_graph.errors import InconsistencyError, SourceError
from kaiju_graph.project import SHACL
from kaiju_graph.reasoning import derive
from kaiju_graph.sources import Finding, Place, parse, select
from kaiju_graph.vocabulary import nearest, unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rdflib import Graph

    from kaiju_graph.passages import Located, Passage
    from kaiju_graph.places import Locator
    from kaiju_graph.project import Project
    from kaiju_graph.sources import Sources
    from kaiju_graph.terms import Quad, Term, Triple

__all__ = ["Report", "Violation", "shapes", "validate"]

ASSERTED = ("stated", "entities", "curated", "evidence", "ontology")
SEVERITIES = {SHACL + "Warning": "warning", SHACL + "Info": "info"}
"""Severity of SHACL → the word for it; any other is an error."""
SHAPES = ox.NamedNode(terms.GRAPH + "shapes")


class Violation(NamedTuple):
    """A rule that does not hold: where it is said, of what, and in which passage."""

    rule: str
    """The local name of the shape, or the name of the evidence check or the reasoner's rule."""
    severity: str
    """``error``, ``warning`` or ``info``."""
    message: str
    place: Place
    quad: Quad | None = None
    focus: Term | None = None
    path: ox.NamedNode | None = None
    value: Term | None = None
    passage: Passage | None = None


class Report(NamedTuple):
    """The outcome of a validation."""

    violations: list[Violation]
    triples: list[Triple]
    """The validation report of SHACL, section 3.6: what shapes found, without places."""

    @property
    def conforms(self) -> bool:
        """True where no violation is an error."""
        return not any(violation.severity == "error" for violation in self.violations)

    @property
    def shacl(self) -> Graph:
        """The validation report of SHACL as an rdflib graph."""
        return terms.graph(self.triples)


def shapes(project: Project) -> list[Quad]:
    """Read ``ontology/shapes/`` and the declared prefixes, which SPARQL constraints use.

    Raises:
        SourceError: a file does not parse.
    """
    files = [*project.files("ontology/shapes", ".ttl"), "ontology/prefixes.ttl"]
    return [quad for file in files for quad in parse(file, project.read(file), SHAPES)]


def validate(
    project: Project,
    sources: Sources,
    located: Located,
    others: Iterable[Violation] = (),
    progress: Callable[[str], None] = lambda _: None,
) -> Report:
    """Hold what the sources assert against the shapes, the evidence checks and itself.

    Args:
        project: the project.
        sources: what its files say.
        located: the passages of its articles.
        others: violations that were found elsewhere, to be reported with these.
        progress: is told how many of the shapes have been held.

    Raises:
        SourceError: there are no shapes, or one is not well-formed or has a term unknown to SHACL.
        InputError: the ontology has an axiom that no rule of the reasoner follows.
    """
    from kaiju_graph.places import Locator

    locator = Locator(project, sources)
    asserted = _asserted(sources, located)
    found = _held(project, asserted, progress)
    findings = [*check(sources, located), *_contradictions(asserted, sources)]
    violations = [
        *_found(findings, located, locator),
        *_results(found, sources, located, locator),
        *others,
    ]
    return Report(sorted(violations, key=lambda v: (v.place, v.rule, v.message)), found)


def _asserted(sources: Sources, located: Located) -> list[Quad]:
    """Return what shapes see: what is asserted but for passages that have no place.

    A quote that is not found leaves its passage without span, order and section. That it has none
    follows from the quote, which is reported, and would be reported again by shape after shape.
    """
    lost = {finding.quad.subject for finding in located.findings if finding.quad}
    asserted = [*select(sources.quads, *ASSERTED), *located.evidence()]
    return [
        quad
        for quad in asserted
        if quad.graph != terms.EVIDENCE or lost.isdisjoint((quad.subject, quad.object))
    ]


def _held(project: Project, asserted: list[Quad], progress: Callable[[str], None]) -> list[Triple]:
    """Return the report of SHACL."""
    from kaiju_graph import shacl

    if not project.files("ontology/shapes", ".ttl"):
        raise SourceError("ontology/shapes:1: found no shapes; expected Turtle files of them")
    _check_terms(project)
    rules = terms.merge(shapes(project))
    try:
        return shacl.report(terms.merge(asserted), rules, progress)
    except Exception as error:  # noqa: BLE001 (what pySHACL stumbles over is the shape)
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise SourceError(f"ontology/shapes: a shape is not well-formed: {reason}") from None


def _check_terms(project: Project) -> None:
    """Refuse terms that SHACL does not have: it passes them in silence, and no rule is held."""
    from kaiju_graph.places import mention

    for file in project.files("ontology/shapes", ".ttl"):
        text = project.read(file)
        for term in unknown(parse(file, text, SHAPES)):
            found = f"found {project.shorten(term.value)}; expected a term of SHACL{nearest(term)}"
            raise SourceError(f"{mention(file, text, term)}: {found}")


def _found(findings: Iterable[Finding], located: Located, locator: Locator) -> Iterator[Violation]:
    """Return findings as violations, with their places."""
    for finding in findings:
        place = locator.place(finding.file, finding.quad)
        passage = _passage(finding.quad, located.passages)
        yield Violation(
            finding.rule, "error", finding.message, place, finding.quad, passage=passage
        )


def _results(
    report: list[Triple], sources: Sources, located: Located, locator: Locator
) -> Iterator[Violation]:
    """Find what shapes found."""
    said: dict[Term, dict[str, Term]] = {}
    for subject, predicate, object_ in report:
        said.setdefault(subject, {}).setdefault(predicate.value, object_)
    passages = located.passages
    statements = _Statements(sources)
    for result in said.values():
        if result.get(terms.TYPE.value) != ox.NamedNode(SHACL + "ValidationResult"):
            continue
        focus, path, value = (
            result.get(SHACL + key) for key in ("focusNode", "resultPath", "value")
        )
        file, quad = statements.best(focus, path, value)
        message = result.get(SHACL + "resultMessage")
        yield Violation(
            _local(result[SHACL + "sourceShape"]),
            SEVERITIES.get(result[SHACL + "resultSeverity"].value, "error"),
            message.value if message else "has no message",
            locator.place(file, quad),
            quad,
            focus,
            path if isinstance(path, ox.NamedNode) else None,
            value,
            _passage(quad, passages),
        )


def _contradictions(asserted: list[Quad], sources: Sources) -> list[Finding]:
    """Return the first contradiction that follows from what is asserted, if there is one."""
    try:
        derive(quad.triple for quad in asserted)
    except InconsistencyError as error:
        return [contradiction(error, sources)]
    return []


class _Statements:
    """The statements of the sources by what they speak of."""

    def __init__(self, sources: Sources) -> None:
        self.all = [(name, quad) for name, file in sources.files.items() for quad in file.quads]
        self.speaking: dict[Term, list[int]] = {}
        for at, (_, quad) in enumerate(self.all):
            for term in {*quad[:3]}:
                self.speaking.setdefault(term, []).append(at)

    def best(
        self, focus: Term | None, path: Term | None, value: Term | None
    ) -> tuple[str, Quad | None]:
        """Return the statement that a result is best shown at, and its file."""
        best: int = 0
        place: tuple[str, Quad | None] = ("graph/entities.ttl", None)
        speaking = (self.speaking.get(term, ()) for term in (focus, value) if term is not None)
        for at in sorted({at for ats in speaking for at in ats}):
            name, quad = self.all[at]
            if focus not in quad[:3] and value != quad.predicate:
                continue
            rank = 1
            if focus == quad.subject:
                rank = 3 if quad.predicate == terms.TYPE else 2
                if quad.predicate == path or (path is None and value in quad[1:3]):
                    rank = 5 if value in quad[1:3] else 4
            elif quad.predicate in (focus, value) and name.startswith("graph/"):
                rank = 4
            if rank > best:
                best, place = rank, (name, quad)
        return place


def _passage(quad: Quad | None, passages: dict[str, Passage]) -> Passage | None:
    if quad is None:
        return None
    return passages.get(quad.graph.value) or passages.get(quad.subject.value)


def _local(shape: Term) -> str:
    return shape.value.rpartition("#")[2] or shape.value
