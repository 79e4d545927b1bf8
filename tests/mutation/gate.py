"""The gate that must kill every mutant: evidence checks, then shapes, then stored answers.

The code is that of ``kaiju validate`` and ``kaiju ask``, but shapes see only the focus nodes that
an edit can reach. A mutant is killed by the first stage that fails and names one of its nodes (by
IRI, label or quote) or the literal that was changed.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox
from pyshacl import Validator
from pyshacl.graph_abstraction import DataGraph
from rdflib import OWL, RDF, SH, Graph, URIRef

from kaiju_graph.errors import InconsistencyError
from kaiju_graph.project import passages
from kaiju_graph.project.names import Names
from kaiju_graph.project.sources import ASSERTED, Sources, select_layers
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.terms import INFERRED, TYPE, Quad, Triple
from kaiju_graph.reasoning import reasoner
from kaiju_graph.sparql import execute, questions
from kaiju_graph.store import store
from kaiju_graph.validation import shapes
from kaiju_graph.validation.evidence_checks import checks

if TYPE_CHECKING:
    from rdflib.term import Node

    from kaiju_graph.project.layout import Project
    from kaiju_graph.project.sources import SourceFile
    from kaiju_graph.rdf.terms import Term
    from tests.mutation.operators import Mutant

ONTOLOGY = ox.NamedNode(str(OWL.Ontology))
Rows = frozenset[tuple[str, ...]]


class Outcome(NamedTuple):
    """The fate of a mutant: the stage that killed it, ``equivalent`` or ``survived``.

    ``by`` lists the rules that killed it, or two of the questions.
    """

    fate: str
    by: str


class Gate:
    """A project that conforms, with its answers."""

    def __init__(self, project: Project, sources: Sources) -> None:
        self.project = project
        self.sources = sources
        self.shapes = terms.rdflib_graph(terms.merge(shapes.read(project).quads))
        self.quads = self._asserted_quads(sources, passages.locate_passages(sources))
        self.merged = set(terms.merge(select_layers(self.quads, *ASSERTED)))
        self.graph = terms.rdflib_graph(self.merged)
        self.validator = Validator(
            DataGraph.from_rdflib(self.graph), shacl_graph=self.shapes, options={"inplace": True}
        )
        self.store = ox.Store()
        self.store.extend(ox.Quad(*triple) for triple in self.merged)
        self.names = Names(self.quads)
        located = passages.locate_passages(sources).passages.values()
        self.quotes: dict[Term, str] = {p.iri: p.quote.value for p in located}
        self.questions = {q.name: q.text for q in questions.list_questions(project)}
        self.closure, filled = self._close(self.quads)
        self.answers = {name: self._answer(filled, name) for name in self.questions}
        self.kills: Counter[str] = Counter()

    def judge(self, mutant: Mutant) -> Outcome:
        """Return the fate of a mutant."""
        sources = _apply(self.sources, mutant)
        located = passages.locate_passages(sources)
        words = {term.value for term in mutant.nodes}
        words |= {self.names.labels[term] for term in mutant.nodes if term in self.names.labels}
        words |= {self.quotes[term] for term in mutant.nodes if term in self.quotes}
        values = {
            quad.object.value
            for edit in mutant.edits
            for quad in (edit.old, edit.new)
            if quad is not None and isinstance(quad.object, ox.Literal)
        }
        rules = {
            finding.rule
            for finding in checks.check(sources, located)
            if finding.quad is None or words & {term.value for term in finding.quad}
        }
        if rules:
            return Outcome("evidence", ", ".join(sorted(rules)))
        quads = self._asserted_quads(sources, located)
        rules = self._broken_rules(quads, mutant)
        if rules:
            return Outcome("shapes", ", ".join(sorted(rules)))
        try:
            closure, filled = self._close(quads)
        except InconsistencyError as error:
            return Outcome("answers", str(error))
        changed: list[str] = []
        for name in sorted(self.questions, key=lambda name: -self.kills[name]):
            if any(
                cell in values or any(word in cell for word in words)
                for row in self._answer(filled, name) ^ self.answers[name]
                for cell in row
            ):
                changed.append(name)
                self.kills[name] += 1
            if len(changed) > 1:  # the report counts those that one question alone kills
                break
        if changed:
            return Outcome("answers", ", ".join(sorted(changed)))
        same = closure == self.closure and not _has_moved(self.quads, quads)
        return Outcome("equivalent" if same else "survived", "")

    def _asserted_quads(self, sources: Sources, located: passages.Articles) -> list[Quad]:
        return [*sources.quads, *located.evidence()]

    def _broken_rules(self, quads: list[Quad], mutant: Mutant) -> set[str]:
        """Return the rules of the results that the edit adds and that name a node of the mutant."""
        merged = set(terms.merge(select_layers(quads, *ASSERTED)))
        removed, added = self.merged - merged, merged - self.merged
        touched = {t for triple in removed | added for t in (triple.subject, triple.object)}
        retyped = {t.subject for t in removed | added if t.predicate == TYPE}
        touched |= {t.subject for t in self.merged if t.object in retyped}
        focus = [t.value for t in touched if isinstance(t, ox.NamedNode)]
        if not focus:
            return set()
        if rules := self._broken_ontology_rules(removed, added):
            return rules
        old, new = terms.rdflib_graph(removed), terms.rdflib_graph(added)
        try:
            self.graph -= old
            self.graph += new
            after = self._results(sorted(focus))
        finally:
            self.graph -= new
            self.graph += old
        named = {URIRef(node.value) for node in mutant.nodes if isinstance(node, ox.NamedNode)}
        results = {result for result in after if named.intersection(result[1:])}
        return {shape for shape, *_ in results - self._results(sorted(focus))} if results else set()

    def _broken_ontology_rules(self, removed: set[Triple], added: set[Triple]) -> set[str]:
        """Return the rules about ontologies that find something.

        Their focus nodes are ontologies, which no edit reaches. Nothing breaks them in a project
        that conforms, so whatever they find comes from the edit.
        """
        self._edit_store(removed, added)
        try:
            ontologies = [q.subject for q in self.store.quads_for_pattern(None, TYPE, ONTOLOGY)]
            return {
                str(shape).rpartition("#")[2]
                for shape in self.shapes.subjects(SH.targetClass, OWL.Ontology)
                for constraint in self.shapes.objects(shape, SH.sparql)
                for select in self.shapes.objects(constraint, SH.select)
                for node in ontologies
                if any(
                    self.store.query(  # type: ignore[arg-type]
                        str(select),
                        prefixes=self.project.prefixes,
                        substitutions={ox.Variable("this"): node},
                    )
                )
            }
        finally:
            self._edit_store(added, removed)

    def _edit_store(self, removed: set[Triple], added: set[Triple]) -> None:
        for triple in removed:
            self.store.remove(ox.Quad(*triple))
        for triple in added:
            self.store.add(ox.Quad(*triple))

    def _results(self, focus: list[str]) -> set[tuple[str, Node | None, Node | None]]:
        """Return shape, focus node and value of each result at some focus nodes.

        pySHACL also applies nested shapes to these nodes and reports wrong results, so only the
        results that an edit adds count.
        """
        self.validator.options["focus_nodes"] = focus
        _, report, _ = self.validator.run()  # type: ignore[no-untyped-call]
        assert isinstance(report, Graph)
        return {
            (
                str(report.value(result, SH.sourceShape)).rpartition("#")[2],
                report.value(result, SH.focusNode),
                report.value(result, SH.value),
            )
            for result in report.subjects(RDF.type, SH.ValidationResult)
        }

    def _close(self, quads: list[Quad]) -> tuple[frozenset[Triple], ox.Store]:
        """Return what is asserted and follows, as triples and as a store."""
        merged = [*select_layers(quads, *store.DEFAULT_LAYERS)]
        closed = [*quads, *(Quad(*t, INFERRED) for t in reasoner.derive(terms.merge(merged)))]
        return frozenset(quad.triple for quad in closed), store.make_store(closed)

    def _answer(self, filled: ox.Store, name: str) -> Rows:
        answer = execute.run(filled, self.questions[name], self.project.prefixes, explain=False)
        assert isinstance(answer, ox.QuerySolutions)
        return frozenset(tuple("" if t is None else t.value for t in row) for row in answer)


def _has_moved(before: list[Quad], after: list[Quad]) -> bool:
    """Tell whether a triple that both states have is in other graphs after the edit."""

    def graphs(quads: list[Quad]) -> dict[Triple, set[Term]]:
        graphs_of: dict[Triple, set[Term]] = {}
        for quad in quads:
            graphs_of.setdefault(quad.triple, set()).add(quad.graph)
        return graphs_of

    old, new = graphs(before), graphs(after)
    return any(old[triple] != new[triple] for triple in old.keys() & new.keys())


def _apply(sources: Sources, mutant: Mutant) -> Sources:
    files: dict[str, SourceFile] = dict(sources.files)
    for name in {edit.file for edit in mutant.edits}:
        swapped = {e.old: e.new for e in mutant.edits if e.file == name and e.old is not None}
        added = [e.new for e in mutant.edits if e.file == name and e.old is None and e.new]
        kept = (swapped.get(quad, quad) for quad in files[name].quads)
        files[name] = files[name]._replace(quads=[*(q for q in kept if q is not None), *added])
    return sources._replace(files=files)
