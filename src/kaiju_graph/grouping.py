"""Stage 10, for writers: triples → what is said of each subject, and the RDF lists among it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.terms import FIRST, NIL, REST, TYPE, Quad

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from kaiju_graph.ordering import Order
    from kaiju_graph.terms import Term, Triple

__all__ = ["Grouped", "group", "group_by_graph"]

DEEPEST = 16
"""How deep blank nodes are written in one another before one gets a label again."""

Said = dict[ox.NamedNode, list["Term"]]
"""Predicate → objects, both in order."""


class Grouped(NamedTuple):
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
) -> dict[ox.NamedNode | None, Grouped]:
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
    return {
        name: group(graphs[name], order, shared)
        for name in sorted(graphs, key=lambda name: str(name or ""))
    }


def _shared(graphs: dict[ox.NamedNode | None, list[Triple | Quad]]) -> set[Term]:
    """Return the blank nodes of several graphs, which keep one label in all of a document."""
    graph_of: dict[Term, ox.NamedNode | None] = {}
    shared: set[Term] = set()
    for name, members in graphs.items():
        for member in members:
            for term in (member[0], member[2]):
                if isinstance(term, ox.BlankNode) and graph_of.setdefault(term, name) != name:
                    shared.add(term)
    return shared


def group(
    statements: Iterable[Triple | Quad], order: Order, elsewhere: Container[Term] = ()
) -> Grouped:
    """Group the triples of statements, each once.

    Args:
        statements: the statements, in any order; their graphs do not matter.
        order: the order of predicates and classes.
        elsewhere: blank nodes that other statements use as well, which have labels.
    """
    found = _said(statements)
    ranks = {term: order.key(term) for term in {term for said in found.values() for term in said}}
    grouped = Grouped({}, {NIL: []}, set(), set(), set())
    users: dict[Term, list[Term]] = {}
    for node in sorted(found, key=order.key):
        said = found[node]
        if isinstance(node, ox.BlankNode) and node not in elsewhere:
            grouped.unused.add(node)
        ordered = grouped.said[node] = {
            predicate: said[predicate] for predicate in sorted(said, key=ranks.__getitem__)
        }
        for predicate, objects in ordered.items():
            if len(objects) > 1:
                key = order.key if predicate == TYPE else str
                objects[:] = sorted(dict.fromkeys(objects), key=key)
            for term in objects:
                if isinstance(term, ox.BlankNode):
                    users.setdefault(term, []).append(node)
    grouped.unused.difference_update(users)
    if users:
        once = {n: by[0] for n, by in users.items() if len(by) == 1 and n not in elsewhere}
        heights = _heights(once)
        _find_lists(grouped, once, heights)
        nested = heights.keys() - grouped.cells
        grouped.nested.update(node for node in nested if heights[node] % DEEPEST)
    return grouped


def _said(statements: Iterable[Triple | Quad]) -> dict[Term, Said]:
    found: dict[Term, Said] = {}
    for statement in statements:
        subject, predicate = statement[0], statement[1]
        said = found.get(subject)
        if said is None:
            said = found[subject] = {}
        if predicate in said:
            said[predicate].append(statement[2])
        else:
            said[predicate] = [statement[2]]
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


def _find_lists(grouped: Grouped, once: dict[Term, Term], heights: Container[Term]) -> None:
    """Find the lists that something refers to, but those that only their own cells refer to."""
    rests = {term for said in grouped.said.values() for term in said.get(REST, ())}
    for head in grouped.said:
        if head not in heights or head in rests:
            continue
        members: list[Term] = []
        cells: list[Term] = []
        node = head
        while node in once:
            said = grouped.said.get(node, {})
            firsts, others = said.get(FIRST, []), said.get(REST, [])
            if (len(said), len(firsts), len(others)) != (2, 1, 1):
                break
            members += firsts
            cells.append(node)
            node = others[0]
        if node == NIL:
            grouped.lists[head] = members
            grouped.cells.update(cells)
