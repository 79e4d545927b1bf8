"""Validate a project: from its files to a report.

Shapes check the asserted layers (stated, entities, curated, evidence) and the ontology, not the
inferred layer: a domain or range would make every ``sh:class`` true. pySHACL checks the shapes, and
its results are located in the sources. The evidence checks read the named graphs and the articles.
Last, the reasoner looks for a contradiction in the asserted layers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.errors import AxiomError, InputError, KaijuError, SourceError
from kaiju_graph.project import layout, location, passages, sources
from kaiju_graph.project.layout import SHACL
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.collector import CollectorPause
from kaiju_graph.rdf.terms import IS_DEFINED_BY, QUOTE
from kaiju_graph.reasoning import inconsistency
from kaiju_graph.validation import shapes
from kaiju_graph.validation.evidence_checks import checks, graphs
from kaiju_graph.validation.findings import Findings
from kaiju_graph.validation.gaps import DATA, PREFIXES, SHAPES, lasting_results, note_unchecked
from kaiju_graph.validation.json_values import write_triples
from kaiju_graph.validation.lint import Linter
from kaiju_graph.validation.memory import Memory
from kaiju_graph.validation.report import Report
from kaiju_graph.validation.root_cause import Depth, RankedViolation, order_violations
from kaiju_graph.validation.shacl_results import ShaclResults
from kaiju_graph.validation.shape_checks.checker import drop_shapes, find_unresolved
from kaiju_graph.validation.shapes import Shapes
from kaiju_graph.validation.suggest import KnownTerms

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from kaiju_graph.project.layout import Project
    from kaiju_graph.project.passages import Articles
    from kaiju_graph.project.sources import Sources
    from kaiju_graph.rdf.terms import Quad, Term, Triple
    from kaiju_graph.validation.report import Violation

__all__ = ["check_sources", "find_project", "validate"]

ONTOLOGY = ox.NamedNode(terms.OWL + "Ontology")
QUERY_PREFIXES = ox.NamedNode(SHACL + "prefixes")


def find_project(root: str | None = None) -> Project:
    """Find a project; without prefixes if their registry does not load, which the report then says.

    Raises:
        UnreachableError: there is none.
    """
    try:
        return layout.find(root)
    except SourceError:
        return layout.Project(location.locate(root), {})


def validate(
    project: Project,
    progress: Callable[[str], None] = lambda _: None,
    memory: Memory | None = None,
) -> Report:
    """Read a project, and check it against the vocabularies, the shapes and the articles.

    A file that does not load stops only what depends on it (see ``gaps``).

    Args:
        project: the project.
        progress: receives a line of text at each step.
        memory: what the last validation found; None does everything again.

    Raises:
        UnreachableError: a file cannot be read.
    """
    progress("reading the sources")
    memory = memory or Memory()
    linter = Linter(project, memory)
    questions = list(linter.check_questions())
    try:
        read = linter.read()
    except SourceError as error:  # no folder can be read whose file names cannot
        return Report([linter.describe_unlisted(error)], [])
    marred = {violation.place.file for violation in read.violations}
    others = [*read.violations, *questions, *linter.check_exports(marred)]
    if "ontology" not in read.gaps:
        others += linter.check_question_terms(read.data)
        others += linter.check_keys(read.data)
    progress("checking the shapes and the evidence")
    located = passages.locate_passages(read.data)
    with CollectorPause():  # pySHACL makes many objects, and hardly any cycles
        return check_sources(
            project,
            read.data,
            read.rules,
            located,
            others=others,
            gaps=read.gaps,
            faulty=read.faulty,
            progress=progress,
            memory=memory,
        )


def check_sources(  # noqa: PLR0913 (the caller has read each of them)
    project: Project,
    data: Sources,
    rules: Sources,
    located: Articles,
    *,
    others: Iterable[Violation] = (),
    gaps: frozenset[str] = frozenset(),
    faulty: Collection[Term] = (),
    progress: Callable[[str], None] = lambda _: None,
    memory: Memory | None = None,
) -> Report:
    """Check the asserted quads against shapes and evidence checks, and for contradictions.

    Args:
        project: the project.
        data: its sources.
        rules: its shapes.
        located: the passages of its articles.
        others: other violations to report.
        gaps: the layers and the folders of articles that lack statements.
        faulty: shapes that cannot be applied.
        progress: receives a line of text at each shape.
        memory: what the last validation found.
    """
    from kaiju_graph.project.locator import Locator

    memory = memory or Memory()
    asserted = _data_graph(sources.select_layers(data.quads, *sources.ASSERTED), located)
    merged = terms.merge(asserted)
    linter = Linter(project, memory)
    of_rules, usable = _check_shapes(linter, data, rules, gaps, faulty)
    failed: dict[Term, Exception] = {}
    try:
        results = _shacl_report(merged, usable, progress, memory, failed)
    except InputError as error:
        of_rules.append(linter.describe_unusable(SourceError(str(error))))
        results = []
    of_rules += linter.describe_failures(failed, rules)
    if not DATA.isdisjoint(gaps | checks.find_article_gaps(located.findings)):
        results = lasting_results(results)
    elif drafted := graphs.find_draft_subjects(data, located):
        results = lasting_results(results, drafted)
    known = KnownTerms(asserted, project)
    locator = Locator(project, data, memory.recall)
    shacl = ShaclResults(project, locator, located.passages, Shapes(rules.quads, project), known)
    of_shapes = [*shacl.violations(results, Locator(project, rules, memory.recall))]
    of_checks = Findings(project, locator, located, known)
    reported = {ranked.violation.value or ranked.violation.focus for ranked in of_shapes}
    ranked = [
        *of_shapes,
        *(
            of_checks.violation(finding)
            for finding in checks.check(data, located, gaps, memory)
            if finding.rule not in ("things", "undeclared") or finding.term not in reported
        ),
        *_contradictions(project, data, of_checks, merged, memory),
        *(RankedViolation(other, _depth(other)) for other in (*others, *of_rules)),
    ]
    violations = order_violations(map(of_checks.with_consequences, ranked))
    noted = note_unchecked(project, map(of_checks.with_line, violations))
    is_partial = Report(noted, []).is_partial
    return Report.with_results(noted, results, is_partial=is_partial)


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
        if graphs.is_computed(quad) and quad.subject in computed:
            return False
        if quad.predicate == QUOTE and quotes.get(quad.subject, quad.object) != quad.object:
            return False
        return quad.graph != terms.EVIDENCE or lost.isdisjoint((quad.subject, quad.object))

    return [*filter(is_checked, asserted), *located.evidence()]


def _check_shapes(
    linter: Linter,
    data: Sources,
    rules: Sources,
    gaps: frozenset[str],
    faulty: Collection[Term],
) -> tuple[list[Violation], list[Quad]]:
    """Return the violations of shapes by themselves, and the statements of those to apply."""
    if not linter.project.files(shapes.FOLDER, ".ttl"):
        error = SourceError(
            f"{shapes.FOLDER}:1: found no shapes; expected Turtle files with shapes"
        )
        return [linter.describe_unusable(error)], []
    ontology = None if "ontology" in gaps else _definitions(data)
    is_complete = gaps.isdisjoint((SHAPES, PREFIXES))
    inputs = (
        linter.project.content_hash(rules.files),
        *(f"{name} {namespace}" for name, namespace in linter.project.prefixes.items()),
        terms.serialize(rules.quads, ox.RdfFormat.N_QUADS).decode(),
        "" if ontology is None else terms.serialize(ontology, ox.RdfFormat.N_QUADS).decode(),
        str((ontology is None, is_complete)),
    )
    checked: list[tuple[Term, bool, Violation]] = linter.memory.recall(
        "shapes",
        inputs,
        lambda: [
            (fault.shape, fault.is_usable, violation)
            for fault, violation in linter.check_shapes(rules, ontology, is_complete=is_complete)
        ],
    )
    found = [item for item in checked if item[0] not in faulty]
    wrong = {*faulty, *(shape for shape, is_usable, _ in found if not is_usable)}
    if SHAPES in gaps:
        wrong |= find_unresolved(rules.quads)
    if PREFIXES in gaps:
        wrong |= {quad.subject for quad in rules.quads if quad.predicate == QUERY_PREFIXES}
    return [violation for *_, violation in found], drop_shapes(rules.quads, wrong)


def _definitions(data: Sources) -> list[Quad]:
    """Return what checks of shapes read of the ontology: its subjects and what defines them."""
    ontology = sources.select_layers(data.quads, "ontology")
    first = {quad.subject: quad for quad in reversed(ontology)}
    others = (q for q in ontology if q.predicate == IS_DEFINED_BY or q.object == ONTOLOGY)
    return [*first.values(), *others]


def _shacl_report(
    data: Collection[Triple],
    usable: list[Quad],
    progress: Callable[[str], None],
    memory: Memory,
    failed: dict[Term, Exception],
) -> list[Triple]:
    """Return the validation report of SHACL; shapes that cannot be applied go to ``failed``."""
    rules = terms.merge(usable)
    known = memory.recall_report(data, rules)
    if known is not None:
        return known
    from kaiju_graph.validation.shacl import validator

    try:
        return validator.report(data, rules, progress, memory, failed.__setitem__)
    except KaijuError:
        raise
    except Exception as error:  # pySHACL raises anything for an ill-formed shape
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        message = f"{shapes.FOLDER}: a shape is not well-formed: {reason}"
        raise SourceError(message) from error


def _contradictions(
    project: Project,
    data: Sources,
    of_checks: Findings,
    asserted: Collection[Triple],
    memory: Memory,
) -> Iterator[RankedViolation]:
    """Yield the first contradiction, or the axiom that the reasoner does not support."""
    found: list[RankedViolation] = []

    def is_consistent() -> bool:
        found.extend(of_checks.contradictions(asserted))
        return not found

    try:
        if not memory.recall("consistent", [write_triples(asserted)], is_consistent):
            yield from found or of_checks.contradictions(asserted)
    except AxiomError as error:
        located = inconsistency.locate_axiom(error, project, data)
        violation = Linter(project).describe_unusable(located)
        yield RankedViolation(violation._replace(unchecked="contradictions"), Depth.UNREAD)
