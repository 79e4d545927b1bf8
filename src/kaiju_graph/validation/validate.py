"""Validate a project: from its files to a report.

Shapes check the asserted layers (stated, entities, curated, evidence) and the ontology, not the
inferred layer: a domain or range would make every ``sh:class`` true. pySHACL checks the shapes, and
its results are located in the sources. The evidence checks read the named graphs and the articles.
Last, the reasoner looks for a contradiction in the asserted layers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.errors import AxiomError, InputError, SourceError
from kaiju_graph.project import layout, location, passages, sources
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.terms import QUOTE
from kaiju_graph.reasoning import inconsistency
from kaiju_graph.validation import evidence_checks, shapes
from kaiju_graph.validation.findings import Findings
from kaiju_graph.validation.lint import Linter
from kaiju_graph.validation.report import Report
from kaiju_graph.validation.root_cause import Depth, RankedViolation, order_violations
from kaiju_graph.validation.shacl_results import ShaclResults
from kaiju_graph.validation.shapes import PREFIXES, Shapes
from kaiju_graph.validation.suggest import KnownTerms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kaiju_graph.project.layout import Project
    from kaiju_graph.project.passages import Articles
    from kaiju_graph.project.sources import Place, Sources
    from kaiju_graph.rdf.terms import Quad, Triple
    from kaiju_graph.validation.report import Violation

__all__ = ["check_sources", "find_project", "validate"]


def find_project(root: str | None = None) -> Project:
    """Find a project; without prefixes if their registry does not load, which the report then says.

    Raises:
        UnreachableError: there is none.
    """
    try:
        return layout.find(root)
    except SourceError:
        return layout.Project(location.locate(root), {})


def validate(project: Project, progress: Callable[[str], None] = lambda _: None) -> Report:
    """Read a project, and check it against the vocabularies, the shapes and the articles.

    If files do not load, the report has all of them and nothing about the others.

    Args:
        project: the project.
        progress: receives a line of text at each step.

    Raises:
        UnreachableError: a file cannot be read.
    """
    progress("reading the sources")
    linter = Linter(project)
    questions = list(linter.check_questions())
    try:
        data = sources.read(project)
        rules = shapes.read(project)
        if wrong_terms := linter.check_terms(data, rules):
            return Report(sorted([*wrong_terms, *questions], key=_place), [])
        others = [*questions, *linter.check_exports(), *linter.check_question_terms(data)]
        progress("checking the shapes and the evidence")
        located = passages.locate_passages(data)
        return check_sources(project, data, rules, located, others=others, progress=progress)
    except AxiomError as error:
        axiom = linter.describe_unusable(inconsistency.locate_axiom(error, project))
        return Report(sorted([axiom, *questions], key=_place), [])
    except InputError as error:
        unread = linter.check_loading() or [linter.describe_unusable(error)]
        return Report(sorted([*unread, *questions], key=_place), [])


def check_sources(  # noqa: PLR0913 (the caller has read each of them)
    project: Project,
    data: Sources,
    rules: Sources,
    located: Articles,
    *,
    others: Iterable[Violation] = (),
    progress: Callable[[str], None] = lambda _: None,
) -> Report:
    """Check the asserted quads against shapes and evidence checks, and for contradictions.

    Args:
        project: the project.
        data: its sources.
        rules: its shapes.
        located: the passages of its articles.
        others: other violations to report.
        progress: receives a line of text at each shape.

    Raises:
        SourceError: there are no shapes, or one is not well-formed.
        InputError: the ontology has an axiom that the reasoner does not support.
    """
    from kaiju_graph.project.positions import Locator

    asserted = _data_graph(sources.select_layers(data.quads, *sources.ASSERTED), located)
    # If a folder does not have exactly one article, everything else would be a consequence.
    has_articles = len(located.articles) == len(data.texts)
    results = _shacl_report(project, asserted, rules, progress) if has_articles else []
    known = KnownTerms(asserted, project)
    locator = Locator(project, data)
    shacl = ShaclResults(project, locator, located.passages, Shapes(rules.quads, project), known)
    of_shapes = [*shacl.violations(results, Locator(project, rules))]
    of_checks = Findings(project, locator, located, known)
    reported = {ranked.violation.value or ranked.violation.focus for ranked in of_shapes}
    ranked = [
        *of_shapes,
        *(
            of_checks.violation(finding)
            for finding in evidence_checks.check(data, located)
            if finding.rule != "things" or finding.term not in reported
        ),
        *(of_checks.contradictions(asserted) if has_articles else ()),
        *(RankedViolation(other, _depth(other)) for other in others),
    ]
    violations = order_violations(map(of_checks.with_consequences, ranked))
    return Report.with_results([*map(of_checks.with_line, violations)], results)


def _place(violation: Violation) -> Place:
    return violation.place


def _depth(violation: Violation) -> Depth:
    return Depth.UNREAD if violation.severity == "error" else Depth.CONSEQUENCE


def _data_graph(asserted: list[Quad], located: Articles) -> list[Quad]:
    """Return the quads that shapes check: asserted and computed ones.

    Quads that an evidence check reports are left out, because many shapes would report them again:
    passages whose quote is not in the article, which have no span, order and section; computed
    values that were written by hand; and blank nodes.
    """
    quotes = {passage.iri: passage.quote for passage in located.passages.values()}
    computed = quotes.keys() | {article.node for article in located.articles}
    quoted = {quad.subject for quad in asserted if quad.predicate == QUOTE}
    lost = quoted - quotes.keys() if located.articles else set()

    def is_checked(quad: Quad) -> bool:
        if quad.graph == terms.ONTOLOGY:
            return True
        if isinstance(quad.subject, ox.BlankNode) or isinstance(quad.object, ox.BlankNode):
            return False
        if evidence_checks.is_computed(quad) and quad.subject in computed:
            return False
        if quad.predicate == QUOTE and quotes.get(quad.subject, quad.object) != quad.object:
            return False
        return quad.graph != terms.EVIDENCE or lost.isdisjoint((quad.subject, quad.object))

    return [*filter(is_checked, asserted), *located.evidence()]


def _shacl_report(
    project: Project, asserted: list[Quad], rules: Sources, progress: Callable[[str], None]
) -> list[Triple]:
    """Return the validation report of SHACL."""
    from kaiju_graph.validation import shacl

    if not project.files(shapes.FOLDER, ".ttl"):
        raise SourceError(f"{shapes.FOLDER}:1: found no shapes; expected Turtle files with shapes")
    data = terms.merge(asserted)
    try:
        return shacl.report(data, terms.merge(rules.quads), progress)
    except Exception as error:  # noqa: BLE001 (pySHACL raises anything for an ill-formed shape)
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
    for name, file in rules.files.items():
        try:
            shacl.report(data, terms.merge([*file.quads, *rules.files[PREFIXES].quads]))
        except Exception:  # noqa: BLE001 (as above)
            raise SourceError(f"{name}: a shape is not well-formed: {reason}") from None
    raise SourceError(f"{shapes.FOLDER}: a shape is not well-formed: {reason}")
