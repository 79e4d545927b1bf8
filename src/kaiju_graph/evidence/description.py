"""Everything that the graph says about a thing, and how often a class or property is used."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.errors import UnknownNameError
from kaiju_graph.project.sources import LAYERS
from kaiju_graph.rdf.terms import (
    ALT_LABEL,
    EV,
    LABEL,
    ORDER,
    QUOTE,
    TYPE,
    XSD,
    Quad,
    Triple,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kaiju_graph.rdf.terms import Resource

__all__ = ["Fact", "Usage", "describe", "graph_origins", "lead_sections", "passage_quote", "usage"]

ONE = ox.Literal("1", datatype=ox.NamedNode(XSD + "integer"))
SECTION, SOURCE = ox.NamedNode(EV + "section"), ox.NamedNode(EV + "source")


class Fact(NamedTuple):
    """A triple with the thing as subject or object, and the named graphs that state it."""

    triple: Triple
    outgoing: bool
    """Whether the thing is the subject."""
    graphs: tuple[ox.NamedNode, ...]


class Usage(NamedTuple):
    """How often a class or property is used."""

    noun: str
    """``instance`` of a class, or ``statement`` with a property."""
    total: int
    by_layer: dict[str, int]
    """Layer → its count; a statement may be in several layers."""


def describe(quads: Iterable[Quad], thing: ox.NamedNode) -> list[Fact]:
    """Return every fact about a thing: first those with the thing as subject, then as object.

    Types come first, then labels, then the other properties by IRI.

    Raises:
        UnknownNameError: no quad has the thing.
    """
    graphs: dict[Triple, dict[ox.NamedNode, None]] = {}
    for quad in quads:
        if thing in (quad.subject, quad.object):
            graphs.setdefault(quad.triple, {})[quad.graph] = None
    if not graphs:
        raise UnknownNameError(f"nothing is known of {thing}")
    first = {TYPE: 0, LABEL: 1, ALT_LABEL: 2}

    def order(fact: Fact) -> tuple[bool, int, str, str]:
        predicate = fact.triple.predicate
        return not fact.outgoing, first.get(predicate, 3), predicate.value, str(fact.triple)

    facts = [Fact(t, t.subject == thing, tuple(names)) for t, names in graphs.items()]
    return sorted(facts, key=order)


def passage_quote(facts: Iterable[Fact]) -> str | None:
    """Return the words of the passage that the facts describe, or None if it is not a passage."""
    quotes = (f.triple.object.value for f in facts if f.outgoing and f.triple.predicate == QUOTE)
    return next(quotes, None)


def graph_origins(quads: Iterable[Quad]) -> dict[Resource, str]:
    """Return where named graphs come from: passage → section, curation → source."""
    return {q.subject: q.object.value for q in quads if q.predicate in (SECTION, SOURCE)}


def lead_sections(quads: Iterable[Quad]) -> set[str]:
    """Return the sections of the first passages of articles, which are named after the title."""
    quads = list(quads)
    first = {quad.subject for quad in quads if quad.predicate == ORDER and quad.object == ONE}
    return {q.object.value for q in quads if q.predicate == SECTION and q.subject in first}


def usage(quads: Iterable[Quad], facts: Iterable[Fact], layers: Mapping[str, str]) -> Usage | None:
    """Return how often a class or property is used, or None if the facts describe neither.

    Args:
        quads: all quads.
        facts: the description of the class or property.
        layers: IRI of a named graph → its layer.
    """
    types = [f.triple for f in facts if f.outgoing and f.triple.predicate == TYPE]
    names = [triple.object.value for triple in types]
    if any(name.endswith("Property") for name in names):
        noun, position = "statement", Quad._fields.index("predicate")
    elif any(name.endswith("#Class") for name in names):
        noun, position = "instance", Quad._fields.index("object")
    else:
        return None
    uses = {
        (layers[quad.graph.value], quad.triple)
        for quad in quads
        if quad[position] == types[0].subject and (noun == "statement" or quad.predicate == TYPE)
    }
    counts = Counter(layer for layer, _ in uses)
    by_layer = {name: counts[name] for name in LAYERS if counts[name]}
    return Usage(noun, len({triple for _, triple in uses}), by_layer)
