"""Edit statements in a Turtle or TriG text; all else stays byte for byte.

The tokens of Turtle are tokens of SPARQL, too, so those of ``rdf.tokens`` serve here. No edit
removes a comment.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.errors import SourceError
from kaiju_graph.project.positions import find_places
from kaiju_graph.rdf.notation import term_text
from kaiju_graph.rdf.parse import parse
from kaiju_graph.rdf.prefixes import Prefixes
from kaiju_graph.rdf.tokens import tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kaiju_graph.project.sources import Place, Remedy
    from kaiju_graph.rdf.terms import Quad, Term

__all__ = ["edit"]

INDENT = " " * 4
SPACES = re.compile("[ \t]*")


class _Edit(NamedTuple):
    """A new text for a part of a text, from an offset up to another."""

    start: int
    end: int
    text: str


def edit(file: str, text: str, default: ox.NamedNode, remedies: Sequence[Remedy]) -> str:
    """Return a text with statements removed, added and replaced.

    A remedy that would change anything else is not applied.

    Args:
        file: the name of the text; its ending is that of its format.
        text: a valid Turtle or TriG text.
        default: the graph of triples that stand in no named graph.
        remedies: the remedies. A statement is added to others about its subject; a replacement
            differs from the statement in its object only.
    """
    removed = {remedy.remove for remedy in remedies}
    added = {remedy.add for remedy in remedies if remedy.add}
    expected = ({*parse(file, text, default)} - removed) | added
    try:
        edited = text
        for change in sorted(_read(file, text, default).edits(remedies), reverse=True):
            edited = f"{edited[: change.start]}{change.text}{edited[change.end :]}"
        if {*parse(file, edited, default)} == expected:
            return edited
    except (LookupError, SourceError):  # not in the text, or not by a simple change of it
        pass
    if len(remedies) < 2:  # noqa: PLR2004 (one that is not applied)
        return text
    middle = len(remedies) // 2
    first_half = edit(file, text, default, remedies[:middle])
    return edit(file, first_half, default, remedies[middle:])


@lru_cache(maxsize=2)
def _read(file: str, text: str, default: ox.NamedNode) -> _Statements:
    return _Statements(file, text, default)


class _Statements:
    """The statements of a text and its tokens.

    Its methods raise ``LookupError`` for what they do not find, such as the end of a blank node.
    """

    def __init__(self, file: str, text: str, default: ox.NamedNode) -> None:
        self.text = text
        self.places = find_places(file, text, default)
        self.tokens = [*tokens(text)]
        self.numbers = {token.offset: number for number, token in enumerate(self.tokens)}
        self.lines = [0, *(match.end() for match in re.finditer("\n", text))]

    def edits(self, remedies: Sequence[Remedy]) -> Iterator[_Edit]:
        """Yield the edits that apply remedies."""
        added: dict[tuple[object, ...], list[Quad]] = {}
        for remove, add in remedies:
            if remove and add:
                start = self._number(remove, "object")
                end = self._end(self._last(start))
                yield _Edit(self.tokens[start].offset, end, self._term(add.object))
            elif remove:
                start, end = self._extent(remove)
                if self._has_comment(start, end):
                    raise LookupError("a comment")
                yield _Edit(start, end, "")
            elif add:
                added.setdefault((add.subject, add.predicate, add.graph), []).append(add)
        for quads in added.values():
            yield self._insertion(quads)

    def _insertion(self, quads: list[Quad]) -> _Edit:
        """Return the edit that adds statements that differ in their objects only."""
        subject, predicate, _, graph = quads[0]
        about = self.places.about[subject, graph]
        same = [quad for quad in about if quad.predicate == predicate]
        last = max(same or about, key=lambda quad: self.places[quad]["object"])
        end = self._end(self._last(self._number(last, "object")))
        objects = " , ".join(sorted({self._term(quad.object) for quad in quads}))
        if same:
            return _Edit(end, end, f" , {objects}")
        line = self.lines[self.places[last]["subject"].line - 1]
        indent = SPACES.match(self.text, line)[0] + INDENT  # type: ignore[index]
        return _Edit(end, end, f" ;\n{indent}{self._term(predicate)} {objects}")

    def _extent(self, quad: Quad) -> tuple[int, int]:
        """Return the start and end of what only one statement has: object, predicate, subject."""
        at, verb = self._number(quad, "object"), self._number(quad, "predicate")
        last = self._last(at)
        after = self.tokens[last + 1].text
        if after == ",":
            return self.tokens[at].offset, self.tokens[last + 2].offset
        if self.tokens[at - 1].text == ",":
            return self._end(at - 2), self._end(last)
        if after == ";" and self.tokens[last + 2].text not in (";", ".", "}"):
            return self.tokens[verb].offset, self.tokens[last + 2].offset
        if self.tokens[verb - 1].text == ";":
            return self._end(verb - 2), self._end(last)
        while self.tokens[last + 1].text in (";", "."):
            last += 1
            if self.tokens[last].text == ".":
                break
        start, end = self.tokens[self._number(quad, "subject")].offset, self._end(last)
        line = self.text.rfind("\n", 0, start) + 1
        rest = SPACES.match(self.text, end).end()  # type: ignore[union-attr]
        if not self.text[line:start].strip() and self.text[rest : rest + 1] == "\n":
            return line, rest + 1
        return start, end

    def _number(self, quad: Quad, part: str) -> int:
        """Return the number of the first token of a part of a statement."""
        place: Place = self.places[quad][part]
        return self.numbers[self.lines[place.line - 1] + place.column - 1]

    def _last(self, number: int) -> int:
        """Return the number of the last token of an IRI or literal."""
        token = self.tokens[number]
        if token.kind in ("sign", "beyond", "unknown"):
            raise LookupError(token.text)
        following = [token.text for token in self.tokens[number + 1 : number + 2]]
        if token.kind != "string" or not following:
            return number
        return number + (1 if following[0][0] == "@" else 2 if following[0] == "^^" else 0)

    def _end(self, number: int) -> int:
        return self.tokens[number].offset + len(self.tokens[number].text)

    def _has_comment(self, start: int, end: int) -> bool:
        inside = [token for token in self.tokens if start <= token.offset < end]
        ends = [start, *(token.offset + len(token.text) for token in inside)]
        starts = [*(token.offset for token in inside), end]
        return any("#" in self.text[a:b] for a, b in zip(ends, starts, strict=True))

    def _term(self, term: Term) -> str:
        """Return a term with the prefixes of the text."""
        parser = ox.parse(self.text, format=ox.RdfFormat.TRIG)
        for _ in parser:
            pass
        return term_text(term, Prefixes(parser.prefixes))
