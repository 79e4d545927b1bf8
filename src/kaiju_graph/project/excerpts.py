"""Stage 1, after places: a place → the line of text there, and how far the term in it reaches."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from kaiju_graph.errors import UnreachableError
from kaiju_graph.project.layout import read_bytes

if TYPE_CHECKING:
    from kaiju_graph.project.layout import Project
    from kaiju_graph.project.sources import Place

__all__ = ["Excerpt", "Excerpts", "excerpt"]

TERM = re.compile(
    r"""
    <[^<>\s]*>
    | (?:\"{3}.* | "(?:[^"\\]|\\.)*"?)(?:@[\w-]+|\^\^<[^<>\s]*>|\^\^[\w:.-]*[\w-])?
    | [^\s;,.()\[\]{}"<>|]+(?:\.[^\s;,.()\[\]{}"<>|]+)*
    | \S
    """,
    re.VERBOSE,
)
"""A term of Turtle, or a word of a query or article, as far as one line has it."""
CHARACTER = re.compile(r"\\u.{4}|\\U.{8}|\\.|.")
"""A character of a literal as Turtle writes it: RDF 1.1 Turtle, section 6.4."""


class Excerpt(NamedTuple):
    """A line of a file, and what of it is meant: its first column, from 1, and its width."""

    text: str
    column: int
    width: int


class Excerpts:
    """The lines of a project's files, each file read when the first of its places is asked for."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._lines: dict[str, list[str]] = {}

    def at(self, place: Place, within: tuple[int, int] | None = None) -> Excerpt:
        """Return what stands at a place; nothing where there is no such line.

        Args:
            place: file, line and column.
            within: where a literal begins there, offset and length of what is meant in its value.
        """
        if place.file not in self._lines:
            path = self.project.path(*place.file.split("/"))
            try:
                text = read_bytes(path, place.file).decode(errors="replace")
            except UnreachableError:  # a folder, say
                text = ""
            self._lines[place.file] = text.split("\n")
        lines = self._lines[place.file]
        if place.line > len(lines) or not lines[place.line - 1]:
            return Excerpt("", place.column, 0)
        return excerpt(lines[place.line - 1], place.column, within)


def excerpt(line: str, column: int, within: tuple[int, int] | None = None) -> Excerpt:
    """Return what of a line is meant at a column.

    Args:
        line: the line, without its end.
        column: the column, from 1, in code points.
        within: where a literal begins there, offset and length of what is meant in its value.
    """
    if within and line[column - 1 : column] == '"':
        column, width = _within(line, column - 1, *within)
        return Excerpt(line, column, width)
    found = TERM.match(line, column - 1)
    return Excerpt(line, column, len(found[0]) if found else 1)


def _within(line: str, at: int, offset: int, length: int) -> tuple[int, int]:
    """Return column and width of a part of the literal that begins at an index of a line."""
    at += 3 if line.startswith('"""', at) else 1
    characters = [match.start() for match in CHARACTER.finditer(line, at)] + [len(line)]
    start = characters[min(offset, len(characters) - 1)]
    end = characters[min(offset + length, len(characters) - 1)]
    return start + 1, max(end - start, 1)
