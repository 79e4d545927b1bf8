"""Stage 8, after explaining: the rows of an answer → the graphs that say what they stand on.

A row stands on the solutions that it was made of, a solution on the triples of the patterns that
matched, and a triple on the passages that say it, or, where it is inferred, on those of its proof.
What is asked not to be there is said to be absent, and what no list of triples stands for not to be
traced; nothing is guessed.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.errors import QueryError
from kaiju_graph.evidence.unfold import unfold
from kaiju_graph.rdf import terms
from kaiju_graph.reasoning.matching import Closure
from kaiju_graph.reasoning.patterns import instances
from kaiju_graph.reasoning.proof import walk
from kaiju_graph.sparql import execute

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kaiju_graph.evidence.unfold import Unfolded
    from kaiju_graph.rdf.terms import Term, Triple
    from kaiju_graph.reasoning.proof import Explainer

__all__ = ["Evidence", "Rows", "trace"]

NEITHER = (terms.INFERRED, terms.ALIGNMENTS)
NOTHING = ox.Store()
PLAIN = (terms.ENTITIES, terms.EVIDENCE, terms.ONTOLOGY)
"""The graphs that are told only where no passage and no curation says anything of a row."""


class Evidence(NamedTuple):
    """What a row stands on."""

    graphs: tuple[ox.NamedNode, ...]
    """Passages and curations, sorted; other graphs only where there are none of these."""
    absent: tuple[str, ...] = ()
    """What was asked not to be there."""
    untraced: tuple[str, ...] = ()
    """What was not traced."""


class Rows(NamedTuple):
    """The rows of an answer, each with its evidence; ASK has one where it is true, of no terms."""

    form: str
    variables: tuple[str, ...]
    rows: list[tuple[dict[str, Term], Evidence]]


def trace(  # noqa: PLR0913 (as querying.run, and what finds proofs)
    store: ox.Store,
    explainer: Explainer,
    text: str,
    prefixes: Mapping[str, str],
    origin: str,
    *,
    rows: int | None = None,
) -> Rows:
    """Answer a query, each row with its evidence.

    Args:
        store: what is asked, blank nodes labelled as where proofs are found.
        explainer: finds proofs.
        text: the query.
        prefixes: prefix → namespace IRI, those that the text need not declare.
        origin: the name that errors give the text.
        rows: how many rows to take; None takes all.

    Raises:
        QueryError: the engine refuses the text.
        UsageError: the answer is a graph, which has no rows.
    """
    answer = execute.run(store, text, prefixes, origin, rows=rows)
    try:
        unfolded = unfold(text, prefixes)
        asked = execute.run(store, unfolded.asked, prefixes, origin)
        solved = execute.run(store, unfolded.text, prefixes, origin)
    except ValueError as error:
        return _untraced(answer, str(error))
    except QueryError:
        return _untraced(answer, "a query that is written otherwise than this can unfold")
    solutions = list(_bindings(solved))
    tracer = _Tracer(store, explainer, unfolded)
    if isinstance(answer, ox.QueryBoolean):
        return Rows("ASK", (), [({}, tracer.evidence(solutions[:1]))] if answer else [])
    names = _variables(answer)
    keys = names if unfolded.keys is None else unfolded.keys
    made: dict[tuple[Term | None, ...], list[dict[str, Term]]] = {}
    for solution in solutions:
        made.setdefault(tuple(map(solution.get, keys)), []).append(solution)
    found = [
        (
            {name: term for name, term in row.items() if name in names},
            tracer.evidence(made.get(tuple(map(row.get, keys)), []), empty=not keys),
        )
        for row in islice(_bindings(asked), rows)
    ]
    return Rows("SELECT", names, found)


class _Tracer:
    def __init__(self, store: ox.Store, explainer: Explainer, unfolded: Unfolded) -> None:
        self.store = store
        self.explainer = explainer
        self.unfolded = unfolded
        self._parts: dict[tuple[object, ...], frozenset[ox.NamedNode]] = {}
        self._graphs: dict[Triple, frozenset[ox.NamedNode]] = {}

    def evidence(self, solutions: list[dict[str, Term]], *, empty: bool = False) -> Evidence:
        """Return the evidence of a row by the solutions that it was made of.

        Args:
            solutions: the solutions.
            empty: a row that is made of none may be so because there are none, as a count of 0.
        """
        graphs: set[ox.NamedNode] = set()
        absent: dict[str, None] = {}
        untraced: dict[str, None] = {}
        if not solutions:
            absent |= {"no solution": None} if empty else {}
            untraced |= {} if empty else {"a value that is another each time": None}
        for solution in solutions:
            for number, part in enumerate(self.unfolded.parts):
                if all(mark in solution for mark in part.marks):
                    absent |= {part.absent: None} if part.absent else {}
                    untraced |= {part.untraced: None} if part.untraced else {}
                    carried = self._carried(number, solution)
                    graphs |= carried
                    lost = part.ways and not carried
                    untraced |= {"a triple that no graph says": None} if lost else {}
        told = graphs.difference(PLAIN) or graphs
        return Evidence(tuple(sorted(told, key=str)), tuple(absent), tuple(untraced))

    def _carried(self, number: int, solution: dict[str, Term]) -> frozenset[ox.NamedNode]:
        """Return the graphs that say what the patterns of a part stand for in a solution."""
        part = self.unfolded.parts[number]
        graph = solution.get(part.graph) if isinstance(part.graph, str) else part.graph
        bound = {name: solution[name] for name in part.variables if name in solution}
        key = number, graph, tuple(bound.values())
        if key not in self._parts:
            name = graph if isinstance(graph, ox.NamedNode) else terms.DEFAULT
            known = Closure(self.store, NOTHING, name)
            self._parts[key] = frozenset(
                said
                for way in part.ways
                for found in known.solve(list(way), bound)
                for triple in instances(list(way), found)
                for said in self._said(triple, name)
            )
        return self._parts[key]

    def _said(
        self, triple: Triple, graph: ox.NamedNode | ox.DefaultGraph
    ) -> frozenset[ox.NamedNode]:
        """Return the graphs that say a triple of a graph, or what it is inferred from."""
        if isinstance(graph, ox.NamedNode) and graph not in NEITHER:
            return frozenset([graph])
        if triple not in self._graphs:
            self._graphs[triple] = frozenset(
                said.graph
                for told in walk(self.explainer.prove(triple))
                if not told.proof.rule and (leaf := told.proof.conclusion)
                for said in terms.find_quads(self.store, *leaf, None)
                if said.graph not in (terms.DEFAULT, *NEITHER)
                and (leaf == triple or said.graph != terms.ONTOLOGY)
            )
        return self._graphs[triple]


def _variables(answer: execute.Found) -> tuple[str, ...]:
    if isinstance(answer, ox.QuerySolutions):
        return tuple(variable.value for variable in answer.variables)
    return ()


def _bindings(answer: execute.Found) -> Iterator[dict[str, Term]]:
    """Yield each solution without the variables that are not bound."""
    names = _variables(answer)
    rows: Iterable[ox.QuerySolution] = answer if isinstance(answer, ox.QuerySolutions) else ()
    for row in rows:
        yield terms.solution(names, row)


def _untraced(answer: execute.Found, why: str) -> Rows:
    """Return the rows of an answer none of which is traced."""
    none = Evidence((), untraced=(why,))
    if isinstance(answer, ox.QueryBoolean):
        return Rows("ASK", (), [({}, none)] if answer else [])
    return Rows("SELECT", _variables(answer), [(row, none) for row in _bindings(answer)])
