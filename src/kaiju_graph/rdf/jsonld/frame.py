"""Write the description of one thing as one nested document of JSON-LD, to be read as plain JSON.

Each node is in full in one place, the one nearest to the thing, and elsewhere by identifier and
name. What nothing leads to is under ``@reverse`` of the node to which it leads, or under a reverse
key of the context. A key has all values of its property, or is left out if each of them only
repeats: a narrower property has it, too, or the value has the inverse property. Values are in the
order of their position.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from kaiju_graph.errors import UsageError
from kaiju_graph.rdf.jsonld.compact import NATIVE, CompactedNodes, Compactor, add_value, to_json
from kaiju_graph.rdf.terms import LABEL, TYPE, XSD, closure

if TYPE_CHECKING:
    from kaiju_graph.rdf.jsonld.context import Context
    from kaiju_graph.rdf.order import Order
    from kaiju_graph.rdf.subjects import Properties, Subjects
    from kaiju_graph.rdf.terms import Term

__all__ = ["write_framed"]

MAX_DEPTH = 4
"""How many nodes are nested in one another, unless a node has no other place."""
POSITION = "position"
"""The key of the property that orders the values of other properties."""
ALWAYS_A_LIST = frozenset({"@set"})
"""The container of a key under ``@reverse``: what is one value forwards may be many backwards."""
YEAR = {XSD + "gYear": re.compile(r"-?[1-9][0-9]{3,14}")}
"""Datatype of years → the lexical forms that JSON writes the same way, as a number."""


def write_framed(  # noqa: PLR0913 (the description, and how to write it)
    root: ox.NamedNode,
    subjects: Subjects,
    context: Context,
    order: Order,
    *,
    curies: bool = True,
    link: str | None = None,
) -> str:
    """Return the descriptions of a thing and of the nodes around it as one document.

    Args:
        root: the thing.
        subjects: the descriptions.
        context: the keys.
        order: knows which property is narrower than another.
        curies: identify things by CURIEs, not by IRIs.
        link: the URL of the context, to link to it.

    Raises:
        UsageError: a statement has no place in this document.
    """
    compactor = Compactor(context, curies=curies)
    nodes = _FramedNodes(subjects, compactor, order)
    document = nodes.document(root)
    if missing := nodes.nodes_without_place():
        message = f"{min(map(str, missing))} has no place in a document of {root}"
        raise UsageError(f"{message}; use --profile compacted")
    return to_json({"@context": compactor.context_used(link), **document})


class _FramedNodes(CompactedNodes):
    """The node objects of a graph, each in full in one place."""

    numbers = NATIVE | YEAR

    def __init__(self, subjects: Subjects, compactor: Compactor, order: Order) -> None:
        # Without a label, a node that is in two places would be read as two nodes.
        super().__init__(subjects.with_labels(), compactor)
        self.order = order
        self.properties = {node: self._lean(p) for node, p in subjects.properties.items()}
        self.users: dict[Term, Properties] = {}
        """Object → property → subjects."""
        for subject, properties in subjects.properties.items():
            for predicate, values in properties.items():
                for value in values:
                    self.users.setdefault(value, {}).setdefault(predicate, []).append(subject)
        positions = {key.name: iri for iri, keys in compactor.context.keys.items() for key in keys}
        self.position = ox.NamedNode(iri) if (iri := positions.get(POSITION)) else None
        self.places: dict[Term, dict[str, Any]] = {}
        """Node → its object in the document, from the thing outwards."""
        self.deepest: dict[Term, dict[str, Any]] = {}
        """Node → its first reference at the greatest depth."""
        self.depths: dict[Term, int] = {}
        self.depth = 0
        """The depth of the node whose values are written."""
        self.stated: set[tuple[Term, Term, Term]] = set()
        """Statements that are in the place of their object, or follow from an inverse there."""

    def document(self, root: ox.NamedNode) -> dict[str, Any]:
        """Return the node object of a thing, with all others nested in it."""
        result = self.reference(root)
        written = 0
        while True:
            nodes = list(self.places)
            for node in nodes[written:]:
                self._fill(node)
            written = len(nodes)
            if len(self.places) > written or any(map(self._add_users, nodes)):
                continue
            if not self._take_references():
                return result

    def _take_references(self) -> bool:
        """Make the deepest references to nodes without a place their places, if there are any."""
        new = {node: place for node, place in self.deepest.items() if node not in self.places}
        self.places |= new
        self.depths |= dict.fromkeys(new, MAX_DEPTH)
        return bool(new)

    def nodes_without_place(self) -> set[Term]:
        """Return the nodes that have properties, but no place in the document."""
        return self.properties.keys() - self.places.keys() - self.subjects.list_nodes

    def reference(self, node: Term) -> dict[str, Any]:
        """Return the place of a node, to be filled later; if it has one, identifier and name."""
        properties = self.properties.get(node, {})
        brief = node in self.places or self.depth == MAX_DEPTH
        identity = (LABEL,) if brief else (TYPE, LABEL)
        result = self.node_object(node, {p: properties[p] for p in identity if p in properties})
        if not brief and node in self.properties:
            self.places[node] = result
            self.depths[node] = self.depth + 1
        elif node in self.properties and node not in self.places:
            self.deepest.setdefault(node, result)
        return result

    def link(self, node: Term) -> Any:
        """Return a node as an object; one of which nothing is known as its identifier."""
        return self.reference(node) if node in self.properties else self.id(node)

    def value(self, value: Term) -> dict[str, Any]:
        """Return a value that no key coerces."""
        result = super().value(value)
        if isinstance(value, ox.Literal) and "@type" in result:
            result["@value"] = self.native(value)
        return result

    def _fill(self, node: Term) -> None:
        """Add all properties of a node in its place."""
        self.depth = self.depths[node]
        properties = {
            predicate: self._ordered(node, values)
            for predicate, values in self.properties[node].items()
            if len(values) > 1 or (node, predicate, values[0]) not in self.stated
        }
        self.places[node].update(self.node_object(node, properties))
        for predicate, values in properties.items():
            for general in closure([predicate], self.order.above):
                for inverse in self.order.inverses.get(general, ()):
                    self.stated.update((value, inverse, node) for value in values)

    def _add_users(self, node: Term) -> bool:
        """Add the subjects of statements about a node, if some have no place yet."""
        waiting = self.nodes_without_place()
        users = self._lean(self.users.get(node, {}))
        new = {p: users[p] for p in users if not waiting.isdisjoint(users[p])}
        self.depth = self.depths[node]
        if not new or self.depth == MAX_DEPTH:
            return False
        result = self.places[node]
        reverse = self.compactor.context.reverse
        for predicate in sorted(new, key=lambda predicate: predicate.value not in reverse):
            subjects = new[predicate]
            self.stated.update((subject, predicate, node) for subject in subjects)
            key = reverse.get(predicate.value)
            place = result if key else result.setdefault("@reverse", {})
            keys = self.compactor.context.keys.get(predicate.value, [])
            key = key or self.key(keys, predicate, node)._replace(containers=ALWAYS_A_LIST)
            self.compactor.used.add(key.name)
            for subject in self._ordered(node, subjects):
                add_value(place, key, self.reference(subject))
        return True

    def _lean(self, properties: Properties) -> Properties:
        """Return properties without those whose values are all values of narrower ones."""
        above = {predicate: closure([predicate], self.order.above) for predicate in properties}
        return {
            predicate: values
            for predicate, values in properties.items()
            if predicate in (TYPE, LABEL)
            or not set(values).issubset(
                value
                for other, general in above.items()
                if predicate in general and other not in above[predicate]
                for value in properties[other]
            )
        }

    def _ordered(self, node: Term, values: list[Term]) -> list[Term]:
        """Return values of a node in the order of their positions, or of those of their credits.

        A list of credits, or of other things with positions, that the node also has, orders the
        things that its members lead to; of several lists, the one with most of the values.
        """
        if len(values) == 1 or self.position is None:
            return values
        positions = max(
            (
                {value: p for value in values if (p := self._position(value)) is not None},
                *(self._positions(others) for others in self.properties[node].values()),
            ),
            key=lambda positions: len(positions.keys() & set(values)),
        )
        last = max(positions.values(), default=0) + 1
        return sorted(values, key=lambda value: positions.get(value, last))

    def _positions(self, values: list[Term]) -> dict[Term, int]:
        """Return the positions of what values lead to, as far as these values have positions."""
        placed = [(p, value) for value in values if (p := self._position(value)) is not None]
        return {
            other: position
            for position, value in sorted(placed, key=lambda each: each[0], reverse=True)
            for others in self.properties[value].values()
            for other in others
        }

    def _position(self, node: Term) -> int | None:
        """Return the position of a node, if it has one."""
        values = self.properties.get(node, {}).get(self.position, []) if self.position else []
        number = self.native(values[0]) if values and isinstance(values[0], ox.Literal) else None
        return number if isinstance(number, int) else None
