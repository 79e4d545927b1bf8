"""Stage 10, for writers: triples → what is said of each subject, and the RDF lists among it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import pyoxigraph as ox

from kaiju_graph.rdf.terms import FIRST, NIL, REST, TYPE, Quad

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping, Sequence

    from kaiju_graph.rdf.order import Order
    from kaiju_graph.rdf.terms import Term, Triple

    Key = Callable[[Term], tuple[int, str]]

__all__ = ["Memo", "Subjects", "group_by_graph", "group_by_subject"]

T = TypeVar("T")

DEEPEST = 16
"""How deep blank nodes are written in one another before one gets a label again."""

Said = dict[ox.NamedNode, list["Term"]]
"""Predicate → objects, both in order."""


class Memo(dict[Any, T]):
    """What a function makes of each term, made once.

    A term that is looked up crosses to Oxigraph once; ``functools.cache`` takes twice the time.

    >>> spell = Memo(str).__getitem__
    >>> spell(TYPE)
    '<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>'
    """

    def __init__(self, make: Callable[[Any], T], known: Mapping[Any, T] | None = None) -> None:
        super().__init__(known or {})
        self.make = make

    def __missing__(self, term: Any) -> T:
        self[term] = made = self.make(term)
        return made


class Subjects(NamedTuple):
    """Triples by subject and predicate, in the order of the ontology, and else of the text."""

    said: dict[Term, Said]
    lists: dict[Term, list[Term]]
    """Head of a well-formed list → its members; each cell is used once and says nothing else."""
    cells: set[Term]
    """The blank nodes of which these lists are made."""
    nested: set[Term]
    """The blank nodes that can be written where they are used: once, in no circle, not too deep."""
    unused: set[Term]
    """The blank nodes that nothing refers to, which need no label."""


def group_by_graph(
    statements: Iterable[Triple | Quad], order: Order
) -> dict[ox.NamedNode | None, Subjects]:
    """Group statements, graph by graph: first the triples, then the quads of each named graph.

    Args:
        statements: the statements, in any order.
        order: the order of predicates and classes.
    """
    graphs: dict[ox.NamedNode | None, list[Triple | Quad]] = {}
    for statement in statements:
        name = statement.graph if isinstance(statement, Quad) else None
        graphs.setdefault(name, []).append(statement)
    shared = _shared(graphs) if len(graphs) > 1 else set()
    key = Memo(order.key).__getitem__
    return {
        name: _group(graphs[name], key, shared)
        for name in sorted(graphs, key=lambda name: str(name or ""))
    }


def _shared(graphs: dict[ox.NamedNode | None, list[Triple | Quad]]) -> set[Term]:
    """Return the blank nodes of several graphs, which keep one label in all of a document."""
    graph_of: dict[Term, ox.NamedNode | None] = {}
    shared: set[Term] = set()
    for name, members in graphs.items():
        for term in [t for m in members for t in (m[0], m[2]) if isinstance(t, ox.BlankNode)]:
            if graph_of.setdefault(term, name) != name:
                shared.add(term)
    return shared


def group_by_subject(statements: Iterable[Triple | Quad], order: Order) -> Subjects:
    """Group the triples of statements, each once.

    Args:
        statements: the statements, in any order; their graphs do not matter.
        order: the order of predicates and classes.
    """
    return _group(list(statements), Memo(order.key).__getitem__)


def _group(
    statements: Sequence[Triple | Quad], key: Key, elsewhere: Container[Term] = ()
) -> Subjects:
    """Group statements, given the order of terms, and blank nodes that others use as well."""
    grouped = Subjects(_said(statements, key), {NIL: []}, set(), set(), set())
    uses = {(s[2], s[0], s[1]) for s in statements if isinstance(s[2], ox.BlankNode)}
    users: dict[Term, list[Term]] = {}
    for term, node, _ in uses:
        users.setdefault(term, []).append(node)
    blank = {node for node in grouped.said if isinstance(node, ox.BlankNode)}
    grouped.unused.update(node for node in blank - users.keys() if node not in elsewhere)
    if users:
        once = {n: by[0] for n, by in users.items() if len(by) == 1 and n not in elsewhere}
        _place(grouped, once)
    return grouped


def _said(statements: Iterable[Triple | Quad], key: Key) -> dict[Term, Said]:
    """Return what is said of each subject, all of it in order."""
    by_subject: defaultdict[Term, list[Triple | Quad]] = defaultdict(list)
    for statement in statements:
        by_subject[statement[0]].append(statement)
    found: dict[Term, Said] = {}
    for node in sorted(by_subject, key=key):
        said = found[node] = {}
        for statement in sorted(by_subject[node], key=lambda statement: key(statement[1])):
            predicate, value = statement[1], statement[2]
            if predicate in said:
                said[predicate].append(value)
            else:
                said[predicate] = [value]
        for predicate, values in said.items():
            if len(values) > 1:
                values[:] = sorted(set(values), key=key if predicate == TYPE else str)
    return found


def _heights(once: dict[Term, Term]) -> dict[Term, int]:
    """Return how many nodes that are used once lie over each of them, itself among them.

    Those in a circle are left out: nothing else would write them.
    """
    heights: dict[Term, int] = {}
    for start in once:
        way: dict[Term, None] = {}
        node = start
        while node in once and node not in heights and node not in way:
            way[node] = None
            node = once[node]
        if node not in way:
            height = heights.get(node, 0)
            for below in reversed(way):
                height += 1
                heights[below] = height
    return heights


def _place(grouped: Subjects, once: dict[Term, Term]) -> None:
    """Find the blank nodes and lists that are written where they are used.

    What stands in so many others that it would be written by too deep a recursion has a label: of a
    list the first cell, whose rest is a list again.
    """
    lists = _lists(grouped.said, once)
    heads = {cell: head for head, cells in lists.items() for cell in cells}
    within = {n: heads.get(user, user) for n, user in once.items() if heads.get(n, n) == n}
    heights = _heights(within)
    for head in lists.keys() & heights.keys():
        cells = lists[head] if heights[head] % DEEPEST else lists[head][1:]
        if cells:
            grouped.lists[cells[0]] = [grouped.said[cell][FIRST][0] for cell in cells]
            grouped.cells.update(cells)
    alone = (heights.keys() & grouped.said.keys()) - grouped.cells
    grouped.nested.update(node for node in alone if heights[node] % DEEPEST)


def _lists(said: dict[Term, Said], once: dict[Term, Term]) -> dict[Term, list[Term]]:
    """Return the lists that something refers to: head → the cells, which say nothing else."""
    rests = {term for each in said.values() for term in each.get(REST, ())}
    found: dict[Term, list[Term]] = {}
    for head in said.keys() & once.keys() - rests:
        cells: dict[Term, None] = {}
        node = head
        while node in once and node not in cells:
            each = said.get(node, {})
            firsts, others = each.get(FIRST, []), each.get(REST, [])
            if (len(each), len(firsts), len(others)) != (2, 1, 1):
                break
            cells[node] = None
            node = others[0]
        if node == NIL:
            found[head] = list(cells)
    return found
