"""Find the line of text at a place, and the width of the term there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from kaiju_graph.errors import LimitError, SourceError, UnreachableError

if TYPE_CHECKING:
    from kaiju_graph.project.layout import Project
    from kaiju_graph.project.sources import Place

__all__ = ["Excerpt", "Excerpts", "excerpt"]

TERM = re.compile(
    r"""
    <[^<>\s]*>
    | (?:\"{3}.* | "[^"\\]*+(?:\\.[^"\\]*+)*+"?)(?:@[\w-]+|\^\^<[^<>\s]*>|\^\^[\w:.-]*[\w-])?
    | [^\s;,.()\[\]{}"<>|]+(?:\.[^\s;,.()\[\]{}"<>|]+)*
    | \S
    """,
    re.VERBOSE,
)
"""A term of Turtle, or a word of a query or article; a long literal up to the end of the line."""
CHARACTER = re.compile(r"\\u.{4}|\\U.{8}|\\.|.")
"""A character of a literal, or its escape (RDF 1.1 Turtle, section 6.4)."""


class Excerpt(NamedTuple):
    """A line of a file, and the part of it to mark: its first column, from 1, and its width."""

    text: str
    column: int
    width: int


class Excerpts:
    """The lines of a project's files; a file is read when first needed."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._lines: dict[str, list[str]] = {}

    def at(self, place: Place, within: tuple[int, int] | None = None) -> Excerpt:
        """Return the excerpt at a place; an empty one where there is no such line."""
        if place.file not in self._lines:
            try:
                text = self.project.read_bytes(place.file).decode(errors="replace")
            except (LimitError, SourceError, UnreachableError):  # such as a folder
                text = ""
            self._lines[place.file] = text.split("\n")
        lines = self._lines[place.file]
        if place.line > len(lines) or not lines[place.line - 1]:
            return Excerpt("", place.column, 0)
        return excerpt(lines[place.line - 1], place.column, within)


def excerpt(line: str, column: int, within: tuple[int, int] | None = None) -> Excerpt:
    """Return the excerpt at a column of a line.

    Args:
        line: the line, without its end.
        column: the column, from 1, in code points.
        within: offset and length of a part of the literal at the column, in its value.
    """
    if within and line[column - 1 : column] == '"':
        column, width = _within(line, column - 1, *within)
        return Excerpt(line, column, width)
    term = TERM.match(line, column - 1)
    return Excerpt(line, column, len(term[0]) if term else 1)


def _within(line: str, at: int, offset: int, length: int) -> tuple[int, int]:
    """Return the column and width of a part of the literal at an index of a line."""
    at += 3 if line.startswith('"""', at) else 1
    characters = [match.start() for match in CHARACTER.finditer(line, at)] + [len(line)]
    start = characters[min(offset, len(characters) - 1)]
    end = characters[min(offset + length, len(characters) - 1)]
    return start + 1, max(end - start, 1)
