"""Stage 10, for writers: triples → what is said of each subject, and the RDF lists among it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.terms import RDF, TYPE, Quad

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from kaiju_graph.ordering import Order
    from kaiju_graph.terms import Term, Triple

__all__ = ["Grouped", "Said", "group", "group_by_graph"]

FIRST, REST, NIL = (ox.NamedNode(RDF + name) for name in ("first", "rest", "nil"))

DEEPEST = 16
"""How deep blank nodes are written in one another before one gets a label again."""

Said = dict[ox.NamedNode, list["Term"]]
"""Predicate → objects, both in order."""


class Grouped(NamedTuple):
    """Triples by subject and predicate, in the order of the ontology, and else of the text."""

    said: dict[Term, Said]
    uses: dict[Term, int]
    """Blank node → how often it is an object."""
    lists: dict[Term, list[Term]]
    """Head of a well-formed list → its members; each cell is used once and says nothing else."""
    cells: set[Term]
    """The blank nodes of which these lists are made."""
    nested: set[Term]
    """The blank nodes that can be written where they are used: once, in no circle, not too deep."""


def group_by_graph(
    statements: Iterable[Triple | Quad], order: Order
) -> dict[ox.NamedNode | None, Grouped]:
    """Group statements, graph by graph: first the triples, then the quads of each named graph.

    Args:
        statements: the statements, none of them twice.
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
            for term in (member.subject, member.object):
                if isinstance(term, ox.BlankNode) and graph_of.setdefault(term, name) != name:
                    shared.add(term)
    return shared


def group(
    statements: Iterable[Triple | Quad], order: Order, elsewhere: Container[Term] = ()
) -> Grouped:
    """Group the triples of statements.

    Args:
        statements: the statements, none of them twice; their graphs do not matter.
        order: the order of predicates and classes.
        elsewhere: blank nodes that other statements use as well, which are no cells of lists.
    """
    found: dict[Term, Said] = {}
    uses: dict[Term, int] = {}
    for subject, predicate, object_, *_ in statements:
        found.setdefault(subject, {}).setdefault(predicate, []).append(object_)
        if isinstance(object_, ox.BlankNode):
            uses[object_] = uses.get(object_, 0) + 1
    ranks = {term: order.key(term) for said in found.values() for term in said}
    grouped = Grouped({}, uses, {NIL: []}, set(), set())
    for node in sorted(found, key=order.key):
        said = found[node]
        grouped.said[node] = {
            predicate: _ordered(predicate, said[predicate], order)
            for predicate in (said if len(said) == 1 else sorted(said, key=ranks.__getitem__))
        }
    if uses:
        _find_lists(grouped, elsewhere)
        _find_nested(grouped, elsewhere)
    return grouped


def _ordered(predicate: ox.NamedNode, objects: list[Term], order: Order) -> list[Term]:
    if len(objects) == 1:
        return objects
    return sorted(objects, key=order.key) if predicate == TYPE else sorted(objects, key=str)


def _find_lists(grouped: Grouped, elsewhere: Container[Term]) -> None:
    rests = {term for said in grouped.said.values() for term in said.get(REST, ())}
    for head, said in grouped.said.items():
        if REST in said and head not in rests:
            _find_list(head, grouped, elsewhere)
    if grouped.cells:
        _keep_reached(grouped)


def _keep_reached(grouped: Grouped) -> None:
    """Leave lists alone that only their own cells refer to: nothing else would write them."""
    reached: set[Term] = set()
    waiting = [node for node in grouped.said if node not in grouped.cells]
    while waiting:
        objects = grouped.said.get(waiting.pop(), {}).values()
        new = {term for terms_ in objects for term in terms_ if term in grouped.said} - reached
        reached |= new
        waiting += new
    for head in grouped.lists.keys() - reached - {NIL}:
        del grouped.lists[head]
    grouped.cells.intersection_update(reached)


def _find_list(head: Term, grouped: Grouped, elsewhere: Container[Term]) -> None:
    members: list[Term] = []
    cells: dict[Term, None] = {}
    node: Term = head
    while node != NIL:
        if not isinstance(node, ox.BlankNode) or grouped.uses.get(node) != 1:
            return
        if node in cells or node in elsewhere:
            return
        said = grouped.said.get(node, {})
        match said.get(FIRST), said.get(REST):
            case [member], [after] if len(said) == len((FIRST, REST)):
                members.append(member)
                cells[node] = None
                node = after
            case _:
                return
    grouped.lists[head] = members
    grouped.cells.update(cells)


def _find_nested(grouped: Grouped, elsewhere: Container[Term]) -> None:
    said, uses = grouped.said, grouped.uses
    once = {node for node in said if uses.get(node) == 1 and node not in elsewhere}
    hidden = once | grouped.cells
    depth: dict[Term, int] = {node: 0 for node in said if node not in hidden}
    waiting = list(depth)
    while waiting:
        node = waiting.pop()
        for term in (term for objects in said[node].values() for term in objects):
            if term in hidden and term not in depth:
                depth[term] = (depth[node] + 1) % DEEPEST
                waiting.append(term)
    grouped.nested.update(node for node in hidden - grouped.cells if depth.get(node))
