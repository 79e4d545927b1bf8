"""Draft what each passage of an article states, needs and names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.draft.infobox import Infobox
from kaiju_graph.draft.names import Capitals, slug
from kaiju_graph.project.names import Names
from kaiju_graph.project.sources import select_layers
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.prefixes import Prefixes

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from kaiju_graph.draft.infobox import Reading
    from kaiju_graph.draft.knowledge import Knowledge
    from kaiju_graph.draft.outline import Outline, Piece
    from kaiju_graph.draft.site import Site
    from kaiju_graph.rdf.terms import Term

__all__ = ["Draft", "Entry", "make_draft"]

OF = re.compile(" of (?:the )?")
"""What may connect two names, as in "Ann of Oslo"."""


class Entry(NamedTuple):
    """A passage to write: its piece and IRI, what it states, and what its words refer to."""

    piece: Piece
    iri: ox.NamedNode
    reading: Reading | None
    known: list[ox.NamedNode]
    """The things that it names, of those that articles share."""
    context: list[ox.NamedNode]
    """The passages that it needs."""

    @property
    def is_modelled(self) -> bool:
        """Whether it states something."""
        return bool(self.reading and self.reading.triples)

    @property
    def remarks(self) -> list[str]:
        """Why something of it is left out."""
        return self.reading.remarks if self.reading else []


class Draft(NamedTuple):
    """What a draft writes."""

    site: Site
    outline: Outline
    entries: list[Entry]
    entities: dict[ox.NamedNode, list[tuple[ox.NamedNode, Term]]]
    """New thing, or known one with a new name → its class and names."""
    stubs: dict[str, list[str]]
    """Capitalized words that the graph does not know → the passages with them."""
    fuller: dict[str, list[ox.NamedNode]]
    """Those of these words that a longer name begins or ends with → the things with such names."""
    prefixes: Prefixes
    knowledge: Knowledge


def make_draft(
    knowledge: Knowledge,
    site: Site,
    outline: Outline,
    known: Sequence[ox.NamedNode | None] = (),
) -> Draft:
    """Return the draft of an article at a place.

    Args:
        knowledge: what the project knows.
        site: where the article stands, and what it is about.
        outline: its passages.
        known: for each of its passages the IRI of the one that the project has; None for a new one.
    """
    prefixes = Prefixes({**knowledge.project.prefixes, site.prefix: site.namespace})
    infobox = Infobox(knowledge, site, prefixes)
    known = known or [None] * len(outline.pieces)
    readings = [
        infobox.read(piece) if iri is None and infobox.reads(piece) else None
        for piece, iri in zip(outline.pieces, known, strict=True)
    ]
    new = [
        terms.Quad(thing, predicate, value, terms.ENTITIES)
        for thing, properties in infobox.new.items()
        for predicate, value in properties
    ]
    entities = select_layers(knowledge.sources.quads, "entities")
    named = Names([*entities, *new])
    quotes = [piece.quote for piece in outline.pieces]
    mentioned = [named.things_in(quote) for quote in quotes]
    iris = [
        iri or ox.NamedNode(f"{site.namespace}{piece.name}")
        for piece, iri in zip(outline.pieces, known, strict=True)
    ]
    prose = [piece for piece in outline.pieces if not infobox.reads(piece)]
    capitals = Capitals([piece.quote for piece in prose], site.language)
    entries = []
    for at, (piece, reading) in enumerate(zip(outline.pieces, readings, strict=True)):
        things = {t for triple in reading.triples for t in triple[::2]} if reading else set()
        unnamed = [thing for thing in things & named.labels.keys() if thing not in mentioned[at]]
        nearest = {_nearest(at, thing, mentioned) for thing in unnamed}
        context = [iris[number] for number in sorted(n for n in nearest if n is not None)]
        shared = [
            thing
            for thing in _named_things(piece.quote, named, capitals)
            if thing.value.startswith(knowledge.shared)
        ]
        entries.append(Entry(piece, iris[at], reading, shared, context))
    stubs = _find_stubs(prose, named, capitals)
    fuller = _find_fuller(stubs, named, knowledge.shared)
    return Draft(site, outline, entries, infobox.new, stubs, fuller, prefixes, knowledge)


def _named_things(quote: str, named: Names, capitals: Capitals) -> dict[ox.NamedNode, None]:
    """Return the known things that a quote names, but for names inside of longer ones."""
    longer = list(capitals.find(quote))
    return {
        thing: None
        for start, name in named.mentions(quote)
        if not any(name != other and _is_inside(start, name, a, other) for a, other in longer)
        for thing in named.things[name]
    }


def _nearest(at: int, thing: Term, mentioned: list[set[Term]]) -> int | None:
    """Return the nearest earlier passage that names a thing, or else the first later one."""
    order = [*range(at - 1, -1, -1), *range(at + 1, len(mentioned))]
    return next((number for number in order if thing in mentioned[number]), None)


def _is_inside(start: int, name: str, other_start: int, other: str) -> bool:
    """Tell whether a name stands inside of another."""
    return other_start <= start and start + len(name) <= other_start + len(other)


def _find_stubs(pieces: list[Piece], named: Names, capitals: Capitals) -> dict[str, list[str]]:
    """Return the names in prose that no thing has → the passages with them."""
    stubs: dict[str, list[str]] = {}
    for piece in pieces:
        known = list(named.mentions(piece.quote))
        for start, name in capitals.find(piece.quote):
            parts = OF.split(name)
            is_known = all(part in named.things for part in parts)
            if not is_known and not any(_is_inside(start, name, a, other) for a, other in known):
                stubs.setdefault(name, []).append(piece.name)
    return {name: list(dict.fromkeys(places)) for name, places in stubs.items()}


def _find_fuller(
    words: Collection[str], named: Names, shared: str
) -> dict[str, list[ox.NamedNode]]:
    """Return words → the things with names that begin or end with them, such as a surname.

    Things are those that are known, and those that words may be.
    """
    parts: dict[str, dict[ox.NamedNode, None]] = {}
    proposed = {word: {ox.NamedNode(f"{shared}{slug(word)}"): None} for word in words if slug(word)}
    for name, things in (proposed | named.things).items():
        words_of_name = name.split()
        for part in {words_of_name[0], words_of_name[-1]} - {name}:
            parts.setdefault(part, {}).update(things)
    return {word: list(parts[word]) for word in words if word in parts}
