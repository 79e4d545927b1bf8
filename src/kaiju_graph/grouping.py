"""Stage 10, for writers: triples → what is said of each subject, and the RDF lists among it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph import terms
from kaiju_graph.terms import RDF

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from kaiju_graph.terms import Quad, Term, Triple

__all__ = ["Grouped", "group"]

FIRST, REST, NIL = (ox.NamedNode(RDF + name) for name in ("first", "rest", "nil"))


class Grouped(NamedTuple):
    """Triples by subject and predicate, in text order."""

    said: dict[Term, dict[ox.NamedNode, list[Term]]]
    uses: dict[Term, int]
    """Term → how often it is an object."""
    lists: dict[Term, list[Term]]
    """Head of a well-formed list → its members; each cell is used once and says nothing else."""
    cells: set[Term]
    """The blank nodes of which these lists are made."""


def group(statements: Iterable[Triple | Quad], elsewhere: Container[Term] = ()) -> Grouped:
    """Group the triples of statements.

    Args:
        statements: the statements; their graphs do not matter.
        elsewhere: blank nodes that other statements use as well, which are no cells of lists.
    """
    grouped = Grouped({}, {}, {NIL: []}, set())
    for statement in sorted(statements, key=terms.text_order):
        subject, predicate, object_ = statement[:3]
        grouped.said.setdefault(subject, {}).setdefault(predicate, []).append(object_)
        grouped.uses[object_] = grouped.uses.get(object_, 0) + 1
    rests = {term for said in grouped.said.values() for term in said.get(REST, ())}
    for head in grouped.said:
        if head not in rests:
            _find_list(head, grouped, elsewhere)
    _keep_reached(grouped)
    return grouped


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
    cells: list[Term] = []
    node: Term = head
    while node != NIL:
        if not isinstance(node, ox.BlankNode) or grouped.uses.get(node) != 1:
            return
        if node in cells or node in elsewhere:
            return
        match [*grouped.said.get(node, {}).items()]:
            case [(first, [member]), (rest, [after])] if (first, rest) == (FIRST, REST):
                members.append(member)
                cells.append(node)
                node = after
            case _:
                return
    grouped.lists[head] = members
    grouped.cells.update(cells)
