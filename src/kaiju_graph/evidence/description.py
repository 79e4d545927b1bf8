"""Stage 8, beside asking: all that is known of a thing, things by their names, and figures."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.errors import UnknownNameError
from kaiju_graph.project.sources import LAYERS, graph_layers
from kaiju_graph.project.spelling import fold, match_rank
from kaiju_graph.rdf.terms import (
    ALT_LABEL,
    EV,
    LABEL,
    ORDER,
    PASSAGE_CLASS,
    QUOTE,
    TYPE,
    XSD,
    Quad,
    Triple,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kaiju_graph.rdf.terms import Resource, Term

__all__ = [
    "Fact",
    "SearchHit",
    "Usage",
    "describe",
    "origins",
    "quote",
    "search",
    "stats",
    "titles",
    "usage",
]

ONE = ox.Literal("1", datatype=ox.NamedNode(XSD + "integer"))
ORIGINS = (ox.NamedNode(EV + "section"), ox.NamedNode(EV + "source"))
"""What tells of a named graph where it comes from: a passage's section, a curation's source."""
ABSENT = 3
"""How near words are to a name that has not all of them."""


class Fact(NamedTuple):
    """A triple with the thing as subject or object, and the named graphs that say it."""

    triple: Triple
    outgoing: bool
    graphs: tuple[ox.NamedNode, ...]


class SearchHit(NamedTuple):
    """A thing, its label, its classes, and the name that matched."""

    thing: ox.NamedNode
    name: str
    classes: tuple[Term, ...]


class Usage(NamedTuple):
    """How often a class or property is used."""

    noun: str
    """``instance`` of a class, or ``statement`` with a property."""
    total: int
    by_layer: dict[str, int]
    """Layer → how many it has; several layers may have the same one."""


def describe(quads: Iterable[Quad], thing: ox.NamedNode) -> list[Fact]:
    """Return every fact about a thing: first what it is and says, then what is said of it.

    Raises:
        UnknownNameError: no quad speaks of the thing.
    """
    graphs: dict[Triple, dict[ox.NamedNode, None]] = {}
    for quad in quads:
        if thing in (quad.subject, quad.object):
            graphs.setdefault(quad.triple, {})[quad.graph] = None
    if not graphs:
        raise UnknownNameError(f"nothing is known of {thing}")
    facts = [Fact(t, t.subject == thing, tuple(names)) for t, names in graphs.items()]
    first = {TYPE: 0, LABEL: 1, ALT_LABEL: 2}

    def order(fact: Fact) -> tuple[bool, int, str, str]:
        triple = fact.triple
        near = first.get(triple.predicate, 3)
        return not fact.outgoing, near, triple.predicate.value, str(triple)

    return sorted(facts, key=order)


def quote(facts: Iterable[Fact]) -> str | None:
    """Return the words of the passage that facts tell of, or None where it is none."""
    said = (f.triple.object.value for f in facts if f.outgoing and f.triple.predicate == QUOTE)
    return next(said, None)


def origins(quads: Iterable[Quad]) -> dict[Resource, str]:
    """Return where named graphs come from: passage → section, curation → source."""
    return {quad.subject: quad.object.value for quad in quads if quad.predicate in ORIGINS}


def titles(quads: Iterable[Quad]) -> set[str]:
    """Return the sections that stand under the title alone: those in which articles begin."""
    quads = list(quads)
    first = {quad.subject for quad in quads if quad.predicate == ORDER and quad.object == ONE}
    return {
        quad.object.value
        for quad in quads
        if quad.predicate == ORIGINS[0] and quad.subject in first
    }


def usage(quads: Iterable[Quad], facts: Iterable[Fact], layer: Mapping[str, str]) -> Usage | None:
    """Return how often the class or property is used that facts tell of, or None.

    Args:
        quads: all quads.
        facts: all that is known of it.
        layer: IRI of a named graph → its layer.
    """
    types = [f.triple for f in facts if f.outgoing and f.triple.predicate == TYPE]
    kinds = [triple.object.value for triple in types]
    used: set[tuple[str, Triple]] = set()
    if any(kind.endswith("Property") for kind in kinds):
        noun, place, term = "statement", 1, types[0].subject
    elif any(kind.endswith("#Class") for kind in kinds):
        noun, place, term = "instance", 2, types[0].subject
    else:
        return None
    for quad in quads:
        if quad[place] == term and (place == 1 or quad.predicate == TYPE):
            used.add((layer[quad.graph.value], quad.triple))
    counts = Counter(name for name, _ in used)
    by_layer = {name: counts[name] for name in LAYERS if counts[name]}
    return Usage(noun, len({triple for _, triple in used}), by_layer)


def search(quads: Iterable[Quad], words: str) -> list[SearchHit]:
    """Return the things that bear a name with all the words, in any language.

    Case, accents, width and kind of kana do not matter, nor how a long vowel is spelt that the
    name marks, nor breaks in Japanese. The best come first: the whole name, its beginning,
    the rest, and of these the shortest.
    """
    wanted = words.split()
    classes: dict[Resource, dict[Term, None]] = {}
    names: dict[Resource, dict[str, None]] = {}
    for quad in quads:
        if quad.predicate == TYPE:
            classes.setdefault(quad.subject, {})[quad.object] = None
        elif quad.predicate in (LABEL, ALT_LABEL):
            names.setdefault(quad.subject, {})[quad.object.value] = None

    best = []
    for thing, known in names.items():
        near = min((match_rank(wanted, name), len(name), fold(name), name) for name in known)
        if near[0] < ABSENT and isinstance(thing, ox.NamedNode):
            best.append((near, SearchHit(thing, near[-1], tuple(classes.get(thing, ())))))
    return [found for _, found in sorted(best, key=lambda pair: (pair[0], str(pair[1].thing)))]


def stats(quads: Iterable[Quad]) -> dict[str, int]:
    """Return figures of a project: quads by layer, triples, passages, things."""
    quads = list(quads)
    layer = graph_layers(quads)
    of = {quad: layer[quad.graph.value] for quad in quads}
    figures = {f"{name} quads": sum(found == name for found in of.values()) for name in LAYERS}
    merged = {quad.triple for quad, found in of.items() if found != "alignments"}
    figures["quads"] = len(of)
    figures["triples in the default graph"] = len(merged)
    figures["named graphs"] = len(layer)
    figures["passages"] = sum(t.predicate == TYPE and t.object == PASSAGE_CLASS for t in merged)
    said = ("stated", "entities", "curated")
    things = {quad.subject for quad, found in of.items() if found in said}
    figures["things"] = len(things)
    return figures
