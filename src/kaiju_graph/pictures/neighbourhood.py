"""The picture of a thing among its neighbours: the facts about it in both directions."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.pictures.picture import Edge, Graph, Node
from kaiju_graph.pictures.words import rest_note
from kaiju_graph.rdf.terms import ALT_LABEL, INFERRED, LABEL, QUOTE, TYPE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kaiju_graph.evidence.description import Fact
    from kaiju_graph.pictures.picture import Address
    from kaiju_graph.rdf.order import Order
    from kaiju_graph.rdf.terms import Term

__all__ = ["MAX_NODES", "MAX_VALUES", "draw_thing"]

MAX_VALUES = 6
"""How many values of one property a picture shows."""
MAX_NODES = 40
"""How many neighbours a picture shows."""


def draw_thing(
    thing: ox.NamedNode,
    facts: Iterable[Fact],
    order: Order,
    label: Callable[[Term], str],
    address: Address,
) -> Graph:
    """Return the picture of a thing.

    What is inferred is left out if an asserted fact relates the same two, in either direction, and
    so are inferred classes.

    Args:
        thing: the thing.
        facts: all facts about it, in both directions.
        order: the order of the properties.
        label: the words for a term.
        address: where a term leads.
    """
    shown = _select(list(facts))
    shown.sort(key=lambda fact: (not fact.outgoing, order.key(fact.triple.predicate)))
    nodes = [Node(label(thing), "focus", "", address(thing))]
    edges = []
    left_out = 0
    for (outgoing, predicate), members in groupby(
        shown, key=lambda fact: (fact.outgoing, fact.triple.predicate)
    ):
        property_label = "is a" if predicate == TYPE else label(predicate)
        for number, fact in enumerate(members):
            if number >= MAX_VALUES or len(nodes) > MAX_NODES:
                left_out += 1
                continue
            value = fact.triple.object if outgoing else fact.triple.subject
            ends = (0, len(nodes)) if outgoing else (len(nodes), 0)
            edges.append(Edge(*ends, property_label, _is_inferred(fact)))
            kind = "value" if isinstance(value, ox.Literal) else "thing"
            nodes.append(Node(label(value), kind, "", address(value)))
    title = f"{label(thing)} and what is related to it"
    note = rest_note(left_out, "fact")
    count = len(nodes) - 1
    description = f"{count:,} of {count + left_out:,} facts, each with its property."
    return Graph(title, description, tuple(nodes), tuple(edges), is_tree=False, note=note)


def _select(facts: list[Fact]) -> list[Fact]:
    """Return the facts to show: no names, no blank nodes, and nothing inferred that repeats."""
    asserted = {_ends(fact) for fact in facts if not _is_inferred(fact)}
    return [
        fact
        for fact in facts
        if fact.triple.predicate not in (LABEL, ALT_LABEL, QUOTE)
        and not isinstance(fact.triple.subject, ox.BlankNode)
        and not isinstance(fact.triple.object, ox.BlankNode)
        and not (_is_inferred(fact) and (fact.triple.predicate == TYPE or _ends(fact) in asserted))
    ]


def _ends(fact: Fact) -> frozenset[Term]:
    return frozenset((fact.triple.subject, fact.triple.object))


def _is_inferred(fact: Fact) -> bool:
    return all(graph == INFERRED for graph in fact.graphs)
