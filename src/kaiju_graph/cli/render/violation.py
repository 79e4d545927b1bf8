"""One violation as lines of text, and its notes: what every format of a report shows of it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unicodedata import combining, east_asian_width

import pyoxigraph as ox

from kaiju_graph.cli.render.text import wrap
from kaiju_graph.sparql.results import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kaiju_graph.project.layout import Project
    from kaiju_graph.validation.report import Violation

__all__ = ["block", "in_one_line", "notes"]

WIDE = 100
"""The width of a source line without a terminal."""


def block(violation: Violation, project: Project, width: int = 0) -> str:
    """Return the lines of a violation: place, message, source line and notes.

    Args:
        violation: the violation.
        project: its prefixes shorten IRIs.
        width: columns of the terminal, in cells; 0 where there is none.
    """
    return "".join(_lines(violation, project, width))


def _lines(violation: Violation, project: Project, width: int) -> Iterator[str]:
    head = f"{violation.place}: {violation.severity}[{violation.rule}] {violation.message}"
    yield wrap(in_one_line(head), width, rest="    ")
    if violation.line:
        number = f"{violation.place.line:5}"
        shown, before, carets = _excerpt(violation, (width or WIDE) - len(number) - 3)
        yield f"{number} | {shown}\n".rstrip(" ")
        if violation.width:
            yield f"{' ' * len(number)} | {' ' * before}{'^' * carets}\n"
    for name, text in notes(violation, project):
        yield wrap(f"= {name}: {in_one_line(text)}", width, "   ", "     ")


def notes(violation: Violation, project: Project) -> Iterator[tuple[str, str]]:
    """Yield the notes of a violation: name and text."""
    if passage := violation.passage:
        section = f", {passage.section}" if passage.section else ""
        iri = project.prefixes.shorten(passage.iri.value)
        yield "sentence", f"{ox.Literal(passage.quote.value)} ({iri}{section})"
    is_message = violation.message.endswith(violation.obligation)
    rule = "" if is_message else violation.obligation
    if source := violation.source:
        yield "rule", f"{source.file}:{source.line}  {rule}".rstrip()
    elif rule:
        yield "rule", rule
    if violation.because:
        yield "because", violation.because
    for near in violation.nearest:
        if "-]" in near.note or "+}" in near.note:
            yield "nearest", near.text
            yield "difference", near.note
        else:
            yield "nearest", f"{near.text}  {near.note}".rstrip()
    if violation.first:
        place, rule = violation.first
        yield "first", f"mend {place} [{rule}], which may cause this"
    if violation.unchecked:
        yield "unchecked", violation.unchecked


def _excerpt(violation: Violation, room: int) -> tuple[str, int, int]:
    """Return a line that fits a room, and the width of its parts before and inside the mark.

    A line that is too long keeps the part around the mark.
    """
    at = violation.place.column - 1
    parts = violation.line[:at], violation.line[at : at + violation.width], violation.line[at:]
    texts = (*parts[:2], parts[2][violation.width :])
    before, marked, after = (in_one_line(text) for text in texts)
    room = max(room, 8)
    if _cells(before + (marked or "^") + after) > room:
        marked = _cut(marked, room - 2)
        left = room - _cells(marked or "^")
        side = max(left // 2, left - _cells(after))
        if _cells(before) > side:
            before = "…" + _cut(before[::-1], side - 1)[::-1]
        after = _end(after, room - _cells(before + marked))
    return before + marked + after, _cells(before), max(_cells(marked), 1)


def _cut(text: str, room: int) -> str:
    """Return the beginning of a text that fits a number of cells."""
    while _cells(text) > max(room, 0):
        over = _cells(text) - max(room, 0)
        text = text[: -max(over // 2, 1)]
    return text


def _end(text: str, room: int) -> str:
    return text if _cells(text) <= room else f"{_cut(text, room - 1)}…"


def _cells(text: str) -> int:
    """Return the width of a text in cells of a terminal (Unicode Standard Annex 11)."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(c) else 1 + (east_asian_width(c) in "WF") for c in text)


def in_one_line(text: str) -> str:
    """Return a text as one line without control characters."""
    return printable(text.replace("\t", " ").replace("\n", "\\n"))
