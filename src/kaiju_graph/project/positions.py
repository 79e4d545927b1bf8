"""Compute the place of each statement of a file: file, line and column.

Oxigraph parses the quads, and ``rdf.statement_offsets`` finds where each of them stands.
"""

from __future__ import annotations

import re
from bisect import bisect
from itertools import islice
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from kaiju_graph.project.sources import Place
from kaiju_graph.rdf.parse import parse
from kaiju_graph.rdf.statement_offsets import find_offsets
from kaiju_graph.rdf.terms import Quad

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kaiju_graph.rdf.statement_offsets import Offsets

__all__ = ["Places", "find_character", "find_first_use", "find_places"]


QUOTE = re.compile(r"\"{3}|'{3}|[\"']")
CHARACTER = re.compile(r"\\u.{4}|\\U.{8}|\\.|.", re.DOTALL)
"""A character of a literal, or its escape (Turtle, section 6.4)."""


class Places(dict[Quad, dict[str, Place]]):
    """Quad → the first place of each part; blank nodes have the labels of ``rdf.parse``."""

    def __init__(self) -> None:
        super().__init__()
        self.about: dict[tuple[Any, Any], list[Quad]] = {}
        """Subject and graph → the quads."""
        self.users: dict[Any, Quad] = {}
        """Blank node → the first quad that has it as object."""
        self._of_users: dict[Any, Place | None] = {}
        """Blank node → the place nearest to its user; found once for all cells of a list."""

    def nearest(self, quad: Quad, part: str = "object") -> Place | None:
        """Return the place of a quad, or else of the nearest quad that has one.

        That is one with its subject and, if possible, its predicate. A list in brackets has no
        statement in the text; its place is that of the list.

        Args:
            quad: the quad.
            part: ``subject``, ``predicate``, ``object`` or ``graph``.
        """
        passed: list[Any] = []
        place = None
        while quad not in self:
            node = quad.subject
            if near := self.about.get((node, quad.graph)):
                quad = next((q for q in near if q.predicate == quad.predicate), near[0])
            elif node in self._of_users or self.users.get(node, quad) == quad:
                place = self._of_users.get(node)
                break
            else:
                passed.append(node)
                quad, part = self.users[node], "object"
        else:
            place = self[quad][part]
        self._of_users |= dict.fromkeys(passed, place)
        return place


def find_places(
    file: str, text: str, default: ox.NamedNode, form: str = "", base: str | None = None
) -> Places:
    """Return the place of every quad of a Turtle or TriG text, except those of lists.

    Args:
        file: the name of its file.
        text: the text.
        default: the graph of triples that stand in no named graph.
        form: the name of its format, if that is not the one of its ending; a text in one that is
            not written like TriG has no places.
        base: the IRI that resolves relative ones.

    Raises:
        SourceError: the text does not parse.
    """
    places = Places()
    if form not in ("", "turtle", "trig", "ntriples"):
        return places
    lines = _line_offsets(text)
    quads = [*parse(file, text, default, form=form, base=base)]
    for quad, offsets in zip(quads, find_offsets(text), strict=True):
        if offsets and quad not in places:
            places[quad] = {part: _place(file, lines, at) for part, at in offsets._asdict().items()}
            places.about.setdefault((quad.subject, quad.graph), []).append(quad)
        if isinstance(quad.object, ox.BlankNode):
            places.users.setdefault(quad.object, quad)
    return places


def find_first_use(file: str, text: str, iri: ox.NamedNode) -> Place:
    """Return the first place of an IRI in a Turtle or TriG text, or the text's beginning.

    The IRI as a subject comes first, then as another term or as the datatype of a literal.

    Raises:
        SourceError: the text does not parse.
    """
    uses = (
        (number > 0, at)
        for quad, offsets in _statements(file, text, iri)
        for number, (term, at) in enumerate(zip(quad[:3], offsets or (), strict=False))
        if iri in (term, getattr(term, "datatype", None))
    )
    _, offset = min(uses, default=(False, 0))
    return _place(file, _line_offsets(text), offset)


def find_character(text: str, place: Place, offset: int) -> Place:
    """Return the place of a character of a literal in a Turtle or TriG text.

    Args:
        text: the text.
        place: the place of the literal.
        offset: the offset of the character in the value of the literal, from 0.
    """
    lines = _line_offsets(text)
    start = lines[place.line - 1] + place.column - 1
    quote = QUOTE.match(text, start)
    if not quote:  # a number or boolean
        return place
    characters = CHARACTER.finditer(text, quote.end())
    return _place(place.file, lines, next(islice(characters, offset, None)).start())


def _statements(
    file: str, text: str, default: ox.NamedNode
) -> Iterator[tuple[Quad, Offsets | None]]:
    """Return the quads of a text, in order, each with its offsets."""
    quads = [*parse(file, text, default)]
    return zip(quads, find_offsets(text), strict=True)


def _line_offsets(text: str) -> list[int]:
    return [0, *(match.end() for match in re.finditer("\n", text))]


def _place(file: str, lines: list[int], at: int) -> Place:
    line = bisect(lines, at)
    return Place(file, line, at - lines[line - 1] + 1)
