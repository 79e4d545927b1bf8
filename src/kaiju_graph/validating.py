"""Stage 6: quads → a report of the shapes and checks that they do not keep, and contradictions.

Shapes see what was asserted (stated, entities, curated, evidence) with the ontology, never what was
inferred: a domain or range would make every ``sh:class`` true. The engine is pySHACL; its report
is that of SHACL, section 3.6, to which each violation here adds its place and its passage. From
what was asserted no contradiction may follow: the reasoner names the rule by which one does.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox
import pyshacl
from rdflib import RDF, SH, Graph

from kaiju_graph import terms
from kaiju_graph.checking import check
from kaiju_graph.contradicting import contradiction
from kaiju_graph.errors import InconsistencyError, SourceError
from kaiju_graph.places import Locator, Place
from kaiju_graph.reasoning import derive
from kaiju_graph.sources import Finding, parse, select

if TYPE_CHECKING:
    from rdflib.term import Node

    from kaiju_graph.passages import Located, Passage
    from kaiju_graph.project import Project
    from kaiju_graph.sources import Sources
    from kaiju_graph.terms import Quad, Term

__all__ = ["Report", "Violation", "shapes", "validate"]

# A literal that is none of its datatype is a result of the report, and no entry of a log as well.
logging.getLogger("rdflib.term").setLevel(logging.ERROR)

ASSERTED = ("stated", "entities", "curated", "evidence", "ontology")
SEVERITIES = {str(SH.Violation): "error", str(SH.Warning): "warning", str(SH.Info): "info"}
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
    shacl: Graph
    """The validation report of SHACL, section 3.6: what shapes found, without places."""

    @property
    def conforms(self) -> bool:
        """True where no violation is an error."""
        return not any(violation.severity == "error" for violation in self.violations)


def shapes(project: Project) -> list[Quad]:
    """Read ``ontology/shapes/`` and the declared prefixes, which SPARQL constraints use.

    Raises:
        SourceError: a file does not parse.
    """
    files = [*project.files("ontology/shapes", ".ttl"), "ontology/prefixes.ttl"]
    return [quad for file in files for quad in parse(file, project.read(file), SHAPES)]


def validate(project: Project, sources: Sources, located: Located) -> Report:
    """Hold what the sources assert against the shapes, the evidence checks and itself.

    Raises:
        SourceError: there are no shapes, or one is not well-formed.
        InputError: the ontology has an axiom that no rule of the reasoner follows.
    """
    if not project.files("ontology/shapes", ".ttl"):
        raise SourceError("ontology/shapes:1: found no shapes; expected Turtle files of them")
    asserted = [*select(sources.quads, *ASSERTED), *located.evidence()]
    # Nothing is inferred, so nothing is written: the copy of the data that pySHACL makes otherwise
    # would be waste.
    data, rules = terms.graph(terms.merge(asserted)), terms.graph(terms.merge(shapes(project)))
    try:
        _, report, text = pyshacl.validate(data, shacl_graph=rules, inplace=True)
    except Exception as error:  # noqa: BLE001 (what pySHACL stumbles over is the shape)
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise SourceError(f"ontology/shapes: a shape is not well-formed: {reason}") from None
    if not isinstance(report, Graph):
        raise SourceError(f"ontology/shapes: {text.splitlines()[0]}")
    locator = Locator(project, sources)
    passages = located.passages
    violations = [
        Violation(
            finding.rule,
            "error",
            finding.message,
            locator.place(finding.file, finding.quad),
            finding.quad,
            passage=_passage(finding.quad, passages),
        )
        for finding in [*check(sources, located), *_contradictions(asserted, sources)]
    ]
    for node in report.subjects(RDF.type, SH.ValidationResult):
        focus, path, value = (
            _term(report.value(node, key)) for key in (SH.focusNode, SH.resultPath, SH.value)
        )
        file, quad = _said(sources, focus, path, value)
        violations.append(
            Violation(
                _rule(report.value(node, SH.sourceShape)),
                SEVERITIES[str(report.value(node, SH.resultSeverity))],
                str(report.value(node, SH.resultMessage) or "has no message"),
                locator.place(file, quad),
                quad,
                focus,
                path if isinstance(path, ox.NamedNode) else None,
                value,
                _passage(quad, passages),
            )
        )
    return Report(sorted(violations, key=lambda v: (v.place, v.rule, v.message)), report)


def _contradictions(asserted: list[Quad], sources: Sources) -> list[Finding]:
    """Return the first contradiction that follows from what is asserted, if there is one."""
    try:
        derive(quad.triple for quad in asserted)
    except InconsistencyError as error:
        return [contradiction(error, sources)]
    return []


def _said(
    sources: Sources,
    focus: Term | None,
    path: Term | None,
    value: Term | None,
) -> tuple[str, Quad | None]:
    """Return the statement that a result is best shown at, and its file."""
    best: int = 0
    place: tuple[str, Quad | None] = ("graph/entities.ttl", None)
    for name, file in sources.files.items():
        for quad in file.quads:
            if focus not in quad[:3] and (value is None or value != quad.predicate):
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


def _term(node: Node | None) -> Term | None:
    return None if node is None else terms.from_rdflib(node)


def _rule(shape: Node | None) -> str:
    name = str(shape)
    return name.rpartition("#")[2] or name
