"""Stage 8, beside asking: two states of a graph → what one says that the other does not.

Where both have named graphs, statements are compared graph by graph, in the layers that both
carry; else only the merged triples are, as a file of one graph knows no layers.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.diff.states import DEFAULT, MERGED, relabel_blank_nodes
from kaiju_graph.project.sources import LAYERS, select_layers
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.terms import Quad, Triple
from kaiju_graph.sparql import execute, grammar
from kaiju_graph.sparql import questions as asking
from kaiju_graph.store import store

if TYPE_CHECKING:
    from collections.abc import Callable

    from kaiju_graph.diff.states import State
    from kaiju_graph.project.layout import Project
    from kaiju_graph.rdf.terms import Term
    from kaiju_graph.sparql.questions import Question

__all__ = ["Answers", "Change", "Difference", "Row", "compare"]

ORDER = (*LAYERS, MERGED)

Row = tuple[tuple[str, "Term"], ...]
"""A row of an answer: the variables that are bound, each with its term."""


class Change(NamedTuple):
    """A statement that only one side has."""

    layer: str
    graph: ox.NamedNode
    triple: Triple
    added: bool
    """Whether the new side has it."""


class Answers(NamedTuple):
    """A stored question whose answer is not the same on both sides."""

    name: str
    summary: str
    only: str
    """``old`` or ``new`` where only that side has the question, else nothing."""
    removed: tuple[Row, ...] = ()
    added: tuple[Row, ...] = ()


class Difference(NamedTuple):
    """What differs between two sides."""

    old: State
    new: State
    changes: list[Change]
    answers: list[Answers]
    asked: int
    """How many questions were asked on either side."""
    uncompared: dict[str, str]
    """Layer that is not compared → the name of the only side that carries it."""

    @property
    def equal(self) -> bool:
        """Whether nothing differs."""
        return not (self.changes or self.answers)


def compare(
    old: State, new: State, here: Project, progress: Callable[[str], None] = lambda _: None
) -> Difference:
    """Return what differs between two sides: statements, and the answers to stored questions.

    Each side is asked its own questions; a file is asked those of the other side, and two files
    those of the project at hand.

    Raises:
        QueryError: a stored question does not parse.
    """
    progress("comparing the statements")
    layered = old.layered and new.layered
    old, new = relabel_blank_nodes(old, new)
    uncompared = {
        layer: one.name
        for one, other in ((old, new), (new, old))
        for layer in ORDER
        if layered and layer in one.carried - other.carried
    }
    compared = [each.without(uncompared) for each in (old, new)]
    before, after = (_statements(each, layered=layered) for each in compared)
    changes = [
        Change(layer, quad.graph, quad.triple, added)
        for added, found in ((False, before - after), (True, after - before))
        for layer, quad in found
    ]
    changes.sort(key=_order)
    own = [each.questions for each in (old, new)]
    usual = own[0] or own[1] or tuple(asking.list_questions(here))
    asked = [{q.name: q for q in (usual if each is None else each)} for each in own]
    names = sorted(asked[0] | asked[1])
    count = len(names)
    if old.project.prefixes == new.project.prefixes:
        may_differ = _touching(changes, *compared)
        names = [n for n in names if asked[0].get(n) != asked[1].get(n) or may_differ(asked[0][n])]
    stores = [_store(each, layered=layered) for each in compared] if names else []

    def answers(name: str) -> Answers | None:
        progress(f"asking {name}")
        return _answers(name, asked, stores, (old, new))

    differing = [found for name in names if (found := answers(name))]
    return Difference(old, new, changes, differing, count, uncompared)


def _touching(changes: list[Change], old: State, new: State) -> Callable[[Question], bool]:
    """Return what tells whether an answer may change: whether it takes what has changed to find it.

    To ask is most of the work, and most questions are about something else.
    """
    touched = {change.triple.predicate.value for change in changes}
    same_graphs = {quad.graph for quad in old.quads} == {quad.graph for quad in new.quads}

    def may_differ(question: Question) -> bool:
        needed = (
            grammar.find_predicates(question.text, old.project.prefixes) if same_graphs else None
        )
        return bool(touched) if needed is None else not needed.isdisjoint(touched)

    return may_differ


def _order(change: Change) -> tuple[int, str, str, str, bool, str]:
    graph, *subject_predicate, value = terms.sort_key(Quad(*change.triple, change.graph))
    subject, predicate = subject_predicate
    return ORDER.index(change.layer), graph, subject, predicate, change.added, value


def _statements(of: State, *, layered: bool) -> set[tuple[str, Quad]]:
    """Return the statements of a side, each with its layer."""
    if layered:
        layer = of.layers
        return {(layer[quad.graph.value], quad) for quad in of.quads}
    return {(MERGED, Quad(*triple, DEFAULT)) for triple in _merge(of)}


def _merge(of: State) -> dict[Triple, None]:
    return terms.merge(select_layers(of.quads, *store.DEFAULT_LAYERS))


def _store(of: State, *, layered: bool) -> ox.Store:
    if layered:
        return store.make_store(of.quads)
    made = ox.Store()
    made.bulk_extend(ox.Quad(*triple) for triple in _merge(of))
    return made


def _answers(
    name: str, asked: list[dict[str, Question]], stores: list[ox.Store], sides: tuple[State, State]
) -> Answers | None:
    """Return how the answers to a question differ, or None where they do not."""
    known = [questions[name] for questions in asked if name in questions]
    summary = known[-1].summary
    if len(known) < len(sides):
        return Answers(name, summary, "old" if name in asked[0] else "new")
    tables = [
        _table(execute.run(held, question.text, each.project.prefixes, f"queries/{name}.rq"))
        for held, question, each in zip(stores, known, sides, strict=True)
    ]
    if tables[0] == tables[1]:  # as nearly all are, in the order of the question
        return None
    rows = [
        Counter(tuple(terms.solution(names, row).items()) for row in found)
        for names, found in tables
    ]
    removed, added = rows[0] - rows[1], rows[1] - rows[0]
    if not (removed or added):
        return None
    in_order = [tuple(sorted(found.elements(), key=str)) for found in (removed, added)]
    return Answers(name, summary, "", *in_order)


def _table(answer: execute.Result) -> tuple[tuple[str, ...], list[tuple[Term | None, ...]]]:
    """Return the variables and rows of any answer; of a graph its triples, of a boolean one row."""
    if isinstance(answer, ox.QueryBoolean):
        return ("answer",), [(ox.Literal(bool(answer)),)]
    if isinstance(answer, list):
        return Triple._fields, [tuple(triple) for triple in answer]
    return tuple(variable.value for variable in answer.variables), [tuple(row) for row in answer]
