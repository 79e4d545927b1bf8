"""The rows of an answer, each with the graphs that support it.

A row is made of solutions, and the patterns of the query match triples in each solution. The graphs
that state these triples support the row; for an inferred triple, those that state the start of its
proof. A part of the query that must not match is reported as absent, and a part that triples cannot
explain as not traced.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.errors import QueryError
from kaiju_graph.evidence.solution_query import solution_query
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.lexical_forms import find_quads
from kaiju_graph.reasoning.closure import Closure
from kaiju_graph.reasoning.patterns import instances
from kaiju_graph.reasoning.proof import walk
from kaiju_graph.sparql.answer import Answer, Citation
from kaiju_graph.sparql.tokens import replace_escapes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from kaiju_graph.evidence.solution_query import SolutionQuery
    from kaiju_graph.rdf.lexical_forms import QuadSource
    from kaiju_graph.rdf.terms import Term, Triple
    from kaiju_graph.reasoning.proof import Explainer
    from kaiju_graph.sparql import execute

__all__ = ["Evidence", "Rows", "convert_rows", "explain_marks", "trace"]

NO_SOURCE = (terms.INFERRED, terms.ALIGNMENTS)
NOTHING = ox.Store()
BACKGROUND = (terms.ENTITIES, terms.EVIDENCE, terms.ONTOLOGY)
"""The graphs that are cited only if no passage or curation is."""


class Evidence(NamedTuple):
    """The evidence of a row."""

    graphs: tuple[ox.NamedNode, ...]
    """Passages and curations, sorted; other graphs only if there are none of these."""
    absent: tuple[str, ...] = ()
    """The parts of the query that must not match."""
    untraced: tuple[str, ...] = ()
    """The parts of the query that triples cannot explain."""


class Rows(NamedTuple):
    """The rows of an answer, each with its evidence; a true ASK has one row without terms."""

    form: str
    variables: tuple[str, ...]
    rows: list[tuple[dict[str, Term], Evidence]]


def trace(  # noqa: PLR0913 (what answers, what explains, and the query)
    run: Callable[..., execute.Result],
    store: QuadSource,
    explainer: Explainer,
    text: str,
    prefixes: Mapping[str, str],
    *,
    rows: int | None = None,
    explain: bool = True,
) -> Rows:
    """Answer a SELECT or ASK query, each row with its evidence.

    Args:
        run: answers a text, with the options ``rows`` and ``explain`` of ``execute.run``.
        store: what it answers from; its blank nodes have the labels of the explainer's store.
        explainer: finds proofs.
        text: the query.
        prefixes: prefix → namespace IRI, for prefixes that the text does not declare.
        rows: the most rows to take; None takes all.
        explain: warn as ``execute.run`` does.

    Raises:
        QueryError: the engine refuses the text.
        UsageError: the answer is a graph, which has no rows.
    """
    text = replace_escapes(text)
    answer = run(text, rows=rows, explain=explain)
    try:
        query = solution_query(text, prefixes)
        with warnings.catch_warnings(action="ignore"):  # the run above has given them
            keyed_rows = answer if query.rows == text else run(query.rows, explain=False)
            solutions = _bindings(run(query.solutions, explain=False))
    except ValueError as error:
        return _rows_without_evidence(answer, str(error))
    except QueryError:
        return _rows_without_evidence(answer, "a query of this form")
    tracer = _Tracer(store, explainer, query)
    explainer.prepare(lambda: tracer.find_triples(solutions))
    if isinstance(answer, ox.QueryBoolean):
        return Rows("ASK", (), [({}, tracer.evidence(solutions[:1]))] if answer else [])
    names = _variables(answer)
    keys = names if query.keys is None else query.keys
    by_key: dict[tuple[Term | None, ...], list[dict[str, Term]]] = {}
    for solution in solutions:
        by_key.setdefault(tuple(map(solution.get, keys)), []).append(solution)
    traced = []
    for row in _bindings(keyed_rows)[:rows]:
        evidence = tracer.evidence(by_key.get(tuple(map(row.get, keys)), []), empty=not keys)
        traced.append(({name: term for name, term in row.items() if name in names}, evidence))
    return Rows("SELECT", names, traced)


def explain_marks(rows: Rows) -> dict[str, str]:
    """Return what the marks ``absence`` and ``not-traced`` mean, as far as some row has them."""
    absent = sorted({what for _, evidence in rows.rows for what in evidence.absent})
    untraced = sorted({what for _, evidence in rows.rows for what in evidence.untraced})
    marks = {}
    if absent:
        missing = f"something not being in the graph ({', '.join(absent)})"
        marks["absence"] = f"some rows depend on {missing}"
    if untraced:
        marks["not-traced"] = (
            "some rows may have more evidence than is shown, because the answer does not show the "
            f"triples behind {', '.join(untraced)}"
        )
    return marks


def convert_rows(traced: Rows, store: QuadSource) -> Answer:
    """Return the answer of the Python API with the passages that support it, and their sentences.

    Args:
        traced: the rows.
        store: has the quotes of passages.
    """

    def quote(graph: ox.NamedNode) -> str:
        return next((quad.object.value for quad in find_quads(store, graph, terms.QUOTE, None)), "")

    def cite(found: Evidence) -> tuple[Citation, ...]:
        graphs = [Citation(graph.value, quote(graph)) for graph in found.graphs]
        marks = (("absence", found.absent), ("not-traced", found.untraced))
        return (*graphs, *(Citation(mark) for mark, parts in marks if parts))

    rows = tuple(
        {name: terms.to_rdflib(term) for name, term in row.items()} for row, _ in traced.rows
    )
    boolean = None if traced.form == "SELECT" else bool(traced.rows)
    evidence = tuple(cite(found) for _, found in traced.rows)
    return Answer(traced.variables, () if boolean else rows, boolean, evidence=evidence)


class _Tracer:
    def __init__(self, store: QuadSource, explainer: Explainer, query: SolutionQuery) -> None:
        self.store = store
        self.explainer = explainer
        self.query = query
        self._of_part: dict[tuple[object, ...], frozenset[ox.NamedNode]] = {}
        self._of_triple: dict[Triple, frozenset[ox.NamedNode]] = {}

    def evidence(self, solutions: list[dict[str, Term]], *, empty: bool = False) -> Evidence:
        """Return the evidence of a row.

        Args:
            solutions: the solutions that the row is made of.
            empty: whether a row may have no solution, such as a count of 0.
        """
        graphs: set[ox.NamedNode] = set()
        absent: dict[str, None] = {}
        untraced: dict[str, None] = {}
        if not solutions and empty:
            absent["no solution"] = None
        elif not solutions:
            untraced["a value that differs each time it is computed"] = None
        for solution in solutions:
            for number, part in enumerate(self.query.parts):
                if not all(mark in solution for mark in part.marks):
                    continue
                sources = self._part_graphs(number, solution)
                graphs |= sources
                absent |= {part.absent: None} if part.absent else {}
                untraced |= {part.untraced: None} if part.untraced else {}
                untraced |= (
                    {"a triple without a source": None} if part.alternatives and not sources else {}
                )
        cited = graphs.difference(BACKGROUND) or graphs
        return Evidence(tuple(sorted(cited, key=str)), tuple(absent), tuple(untraced))

    def find_triples(self, solutions: Iterable[dict[str, Term]]) -> set[Triple]:
        """Return the triples that solutions match."""
        places = {
            (number, *self._place(number, solution))
            for solution in solutions
            for number, part in enumerate(self.query.parts)
            if all(mark in solution for mark in part.marks)
        }
        return {triple for place in places for triple in self._triples(*place)}

    def _place(
        self, number: int, solution: dict[str, Term]
    ) -> tuple[ox.NamedNode | ox.DefaultGraph, tuple[tuple[str, Term], ...]]:
        """Return the graph in which a part matches, and the values of its variables."""
        part = self.query.parts[number]
        graph = solution.get(part.graph) if isinstance(part.graph, str) else part.graph
        bound = tuple((name, solution[name]) for name in part.variables if name in solution)
        return graph if isinstance(graph, ox.NamedNode) else terms.DEFAULT, bound

    def _triples(
        self,
        number: int,
        graph: ox.NamedNode | ox.DefaultGraph,
        bound: tuple[tuple[str, Term], ...],
    ) -> Iterator[Triple]:
        """Yield the triples of a graph that the patterns of a part match."""
        closure = Closure(self.store, NOTHING, graph)
        for patterns in self.query.parts[number].alternatives:
            for match in closure.solve(list(patterns), dict(bound)):
                yield from instances(patterns, match)

    def _part_graphs(self, number: int, solution: dict[str, Term]) -> frozenset[ox.NamedNode]:
        """Return the graphs that state what the patterns of a part match in a solution."""
        place = number, *self._place(number, solution)
        if place not in self._of_part:
            self._of_part[place] = frozenset(
                source
                for triple in self._triples(*place)
                for source in self._triple_graphs(triple, place[1])
            )
        return self._of_part[place]

    def _triple_graphs(
        self, triple: Triple, graph: ox.NamedNode | ox.DefaultGraph
    ) -> frozenset[ox.NamedNode]:
        """Return the graphs that state a triple of a graph, or the start of its proof."""
        if isinstance(graph, ox.NamedNode) and _is_source(graph):
            return frozenset([graph])
        if triple not in self._of_triple:
            self._of_triple[triple] = frozenset(
                quad.graph
                for line in walk(self.explainer.prove(triple))
                if not line.proof.rule and (leaf := line.proof.conclusion)
                for quad in find_quads(self.store, *leaf, None)
                if _is_source(quad.graph) and (leaf == triple or quad.graph != terms.ONTOLOGY)
            )
        return self._of_triple[triple]


def _is_source(graph: object) -> bool:
    """Tell whether a graph states something itself."""
    return graph not in (terms.DEFAULT, *NO_SOURCE)


def _variables(answer: execute.Result) -> tuple[str, ...]:
    if isinstance(answer, ox.QuerySolutions):
        return tuple(variable.value for variable in answer.variables)
    return ()


def _bindings(answer: execute.Result) -> list[dict[str, Term]]:
    """Return the solutions, each with only the variables that are bound."""
    names = _variables(answer)
    rows: Iterable[ox.QuerySolution] = answer if isinstance(answer, ox.QuerySolutions) else ()
    return [terms.solution(names, row) for row in rows]


def _rows_without_evidence(answer: execute.Result, why: str) -> Rows:
    """Return the rows of an answer that cannot be traced."""
    none = Evidence((), untraced=(why,))
    if isinstance(answer, ox.QueryBoolean):
        return Rows("ASK", (), [({}, none)] if answer else [])
    return Rows("SELECT", _variables(answer), [(row, none) for row in _bindings(answer)])
