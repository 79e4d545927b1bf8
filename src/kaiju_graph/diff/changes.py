"""The difference between two states of a graph: statements, and answers to stored questions.

If both states have named graphs, statements are compared graph by graph, in the layers that both
have. Otherwise the merged triples are compared, because a file without named graphs has no layers.
"""

from __future__ import annotations

import warnings
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.diff.blank_nodes import align_blank_nodes
from kaiju_graph.diff.states import DEFAULT, MERGED
from kaiju_graph.errors import QueryWarning
from kaiju_graph.project.sources import LAYERS, select_layers
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.terms import Quad, Triple
from kaiju_graph.rdf.tokens import tokens
from kaiju_graph.sparql import execute, grammar
from kaiju_graph.sparql.questions import list_questions
from kaiju_graph.sparql.tokens import find_iris
from kaiju_graph.store import store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from kaiju_graph.diff.states import State
    from kaiju_graph.project.layout import Project
    from kaiju_graph.rdf.terms import Term
    from kaiju_graph.sparql.questions import Question

__all__ = ["PLACES", "Answers", "Change", "Difference", "Row", "compare"]

ORDER = (*LAYERS, MERGED)

PLACES = frozenset(terms.EV + name for name in ("start", "end", "order"))
"""The properties whose values are places in an article: they change with what comes before."""

Row = tuple[tuple[str, "Term"], ...]
"""A row of an answer: its bound variables, each with its term."""
Table = tuple[tuple[str, ...], list[tuple["Term | None", ...]]]
"""The variables of an answer, and its rows."""


class Change(NamedTuple):
    """A statement that only one state has."""

    layer: str
    graph: ox.NamedNode
    triple: Triple
    added: bool
    """Whether the new state has it."""


class Answers(NamedTuple):
    """A stored question whose answers differ."""

    name: str
    summary: str
    only: str
    """``old`` or ``new`` if only that state has the question, else empty."""
    removed: tuple[Row, ...] = ()
    added: tuple[Row, ...] = ()
    places: frozenset[str] = frozenset()
    """The variables whose values are places in an article."""


class Difference(NamedTuple):
    """The difference between two states."""

    old: State
    new: State
    changes: list[Change]
    answers: list[Answers]
    question_count: int
    """The number of questions that at least one state has."""
    uncompared: dict[str, str]
    """Layer that is not compared → the name of the only state that has it."""

    @property
    def equal(self) -> bool:
        """Whether nothing differs."""
        return not (self.changes or self.answers)


def compare(
    old: State, new: State, project: Project, progress: Callable[[str], None] = lambda _: None
) -> Difference:
    """Return the difference between two states: statements, and answers to stored questions.

    A folder or revision answers its own questions, a file those of the other state, and two files
    those of the current project.

    Args:
        old: a state.
        new: the other state.
        project: the current project.
        progress: takes a message before each step that may be slow.

    Raises:
        QueryError: a stored question does not parse.
        LimitError: blank nodes are so much alike that comparing them takes too long.
    """
    progress("comparing the statements")
    layered = old.layered and new.layered
    uncompared = {
        layer: one.name
        for one, other in ((old, new), (new, old))
        for layer in ORDER
        if layered and layer in one.known_layers - other.known_layers
    }
    states = [state.without_layers(uncompared) for state in (old, new)]
    if not layered:
        states = [state._replace(quads=_merge(state)) for state in states]
    aligned = align_blank_nodes(*(state.quads for state in states))
    states = [state._replace(quads=quads) for state, quads in zip(states, aligned, strict=True)]
    # What is not compared still names things.
    old, new = (
        whole._replace(quads=[*state.quads, *whole.quads])
        for whole, state in zip((old, new), states, strict=True)
    )
    before, after = map(_statements, states)
    changes = [
        Change(layer, quad.graph, quad.triple, added)
        for added, statements in ((False, before - after), (True, after - before))
        for layer, quad in statements
    ]
    questions = [
        {question.name: question for question in _questions(state, other, project)}
        for state, other in (states, states[::-1])
    ]
    names = sorted(questions[0] | questions[1])
    may_differ = _may_differ(changes, *states)
    stores: list[ox.Store] = []
    answers = []
    for name in names:
        old_question, new_question = questions[0].get(name), questions[1].get(name)
        if old_question and old_question == new_question and not may_differ(old_question):
            continue
        progress(f"asking {name}")
        stores = stores or [_store(state, layered=layered) for state in states]
        if changed := _compare_answers(old_question, new_question, stores, states):
            answers.append(changed)
    return Difference(old, new, sorted(changes, key=_order), answers, len(names), uncompared)


def _questions(state: State, other: State, project: Project) -> Iterable[Question]:
    """Return the questions of a state, else of the other state, else of the current project."""
    if state.questions is not None:
        return state.questions
    return other.questions or list_questions(project)


def _may_differ(changes: list[Change], old: State, new: State) -> Callable[[Question], bool]:
    """Return a function that tells whether the changes may affect the answer to a question.

    Answering takes most of the time, and most questions use no predicate of the changes.
    """
    changed = {change.triple.predicate.value for change in changes}
    same_graphs = {quad.graph for quad in old.quads} == {quad.graph for quad in new.quads}

    def may_differ(question: Question) -> bool:
        if old.project.prefixes != new.project.prefixes:
            return True
        used = grammar.find_predicates(question.text, old.project.prefixes) if same_graphs else None
        return bool(changed) if used is None else not used.isdisjoint(changed)

    return may_differ


def _order(change: Change) -> tuple[int, str, str, str, bool, str]:
    graph, subject, predicate, value = terms.sort_key(Quad(*change.triple, change.graph))
    return ORDER.index(change.layer), graph, subject, predicate, change.added, value


def _statements(state: State) -> set[tuple[str, Quad]]:
    """Return the statements of a state, each with its layer."""
    layers = state.layers
    return {(layers[quad.graph.value], quad) for quad in state.quads}


def _merge(state: State) -> list[Quad]:
    """Return the merged triples of a state."""
    merged = terms.merge(select_layers(state.quads, *store.DEFAULT_LAYERS))
    return [Quad(*triple, DEFAULT) for triple in merged]


def _store(state: State, *, layered: bool) -> ox.Store:
    return store.make_store(state.quads, graphs=layered)


def _compare_answers(
    old: Question | None, new: Question | None, stores: list[ox.Store], states: list[State]
) -> Answers | None:
    """Return how the answers to a question differ, or None if they do not."""
    if old is None or new is None:
        question, only = (old, "old") if old else (new, "new")
        return Answers(question.name, question.summary, only) if question else None
    tables = [
        _ask(filled, question, state.project.prefixes)
        for filled, question, state in zip(stores, (old, new), states, strict=True)
    ]
    if tables[0] == tables[1]:  # most are equal, so compare them first without counting
        return None
    rows = [
        Counter(tuple(terms.solution(names, row).items()) for row in table)
        for names, table in tables
    ]
    removed, added = (
        tuple(sorted(counts.elements(), key=str))
        for counts in (rows[0] - rows[1], rows[1] - rows[0])
    )
    if not (removed or added):
        return None
    places = _find_places(new.text, states[1].project.prefixes)
    return Answers(new.name, new.summary, "", removed, added, places)


def _find_places(text: str, prefixes: Mapping[str, str]) -> frozenset[str]:
    """Return the variables of a query whose values are places, or the first or last of places."""
    iris = {token.offset: iri for token, iri in find_iris(text, prefixes)}
    read = list(tokens(text))
    places = {
        token.text[1:]
        for before, token in pairwise(read)
        if token.kind == "variable" and iris.get(before.offset) in PLACES
    }
    for at in range(len(read) - 5):
        function, _, variable, _, keyword, name = (token.text for token in read[at : at + 6])
        if function.upper() in ("MIN", "MAX") and keyword.upper() == "AS":
            places |= {name[1:]} if variable[1:] in places else set()
    return frozenset(places)


def _ask(filled: ox.Store, question: Question, prefixes: Mapping[str, str]) -> Table:
    """Return the answer to a question, without the warnings for an empty one.

    A compared store lacks layers, graphs or ontologies on purpose; ``validate`` reports the terms
    of a question that no ontology defines.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", QueryWarning)
        return _table(execute.run(filled, question.text, prefixes, f"queries/{question.name}.rq"))


def _table(answer: execute.Result) -> Table:
    """Return variables and rows of any answer; the rows of a graph are its triples."""
    if isinstance(answer, ox.QueryBoolean):
        return ("answer",), [(ox.Literal(bool(answer)),)]
    if isinstance(answer, list):
        return Triple._fields, [tuple(triple) for triple in answer]
    return tuple(variable.value for variable in answer.variables), [tuple(row) for row in answer]
