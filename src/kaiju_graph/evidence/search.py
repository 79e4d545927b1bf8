"""Search for things by their names, and by other texts that the graph has about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.project.spelling import WORD, fold, match_rank
from kaiju_graph.rdf.terms import (
    ALT_LABEL,
    COINED,
    CURATION,
    EVIDENCE,
    HIDDEN_LABEL,
    LABEL,
    OWL,
    TYPE,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kaiju_graph.rdf.terms import Quad, Resource, Term

__all__ = ["NAMES", "SearchHit", "find_texts", "search"]

NAMES = (LABEL, ALT_LABEL)
DATATYPE_PROPERTY = ox.NamedNode(OWL + "DatatypeProperty")
NO_MATCH = 3
"""The rank of a text that lacks some of the words."""


class SearchHit(NamedTuple):
    """A thing, the name or other text that matches, the property of the text, and the classes."""

    thing: ox.NamedNode
    name: str
    property: ox.NamedNode
    classes: tuple[Term, ...]


def search(quads: Iterable[Quad], words: str) -> list[SearchHit]:
    """Return the things with a name or another text that has all the words, in any language.

    Names are labels; the other texts are values of datatype properties, such as a working title.
    Case, accents, width, kind of kana, the spelling of long vowels and spaces in Japanese do not
    matter. Hits are ordered by these criteria, the first being the most important:

    1. whole words, then parts of words;
    2. names, then labels of coined things, then other texts;
    3. the words are the whole text, then its beginning, then anywhere in it;
    4. the shorter text first.
    """
    wanted = words.split()
    folded = {word for part in wanted for word in WORD.findall(fold(part))}
    best: dict[ox.NamedNode, tuple[tuple[object, ...], SearchHit]] = {}
    for group, hit in find_texts(quads):
        if (rank := match_rank(wanted, hit.name)) == NO_MATCH:
            continue
        is_whole = rank == 0 or folded.issubset(WORD.findall(fold(hit.name)))
        order = (not is_whole, group, rank, len(hit.name), fold(hit.name), hit.name)
        if hit.thing not in best or order < best[hit.thing][0]:
            best[hit.thing] = order, hit
    return [hit for _, hit in sorted(best.values(), key=lambda pair: (pair[0], str(pair[1])))]


def find_texts(quads: Iterable[Quad]) -> Iterator[tuple[int, SearchHit]]:
    """Yield what a search looks at: 0 for a name, 1 of a coined thing, 2 for other text; a hit."""
    quads = list(quads)
    classes: dict[Resource, dict[Term, None]] = {}
    coined: set[Term] = set()
    properties: set[Term] = {*NAMES, HIDDEN_LABEL}
    for quad in quads:
        if quad.predicate == TYPE:
            classes.setdefault(quad.subject, {})[quad.object] = None
            properties |= {quad.subject} if quad.object == DATATYPE_PROPERTY else set()
        elif quad.predicate == COINED:
            coined.add(quad.subject)
    for quad in quads:
        thing, text = quad.subject, quad.object
        is_name = quad.predicate in NAMES
        is_metadata = quad.graph in (EVIDENCE, CURATION)  # of passages and sources
        if (
            quad.predicate not in properties
            or (is_metadata and not is_name)
            or not isinstance(thing, ox.NamedNode)
            or not isinstance(text, ox.Literal)
            or not text.datatype.value.endswith(("#string", "#langString"))
        ):
            continue
        kinds = classes.get(thing, {})
        group = int(not coined.isdisjoint(kinds)) if is_name else 2
        yield group, SearchHit(thing, text.value, quad.predicate, tuple(kinds))
