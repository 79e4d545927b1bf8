"""Text helpers that the renderers share."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kaiju_graph.sparql.results import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["HANGING", "columns", "json_text", "mark", "quantity", "wrap"]

HANGING = " " * 8
"""The indentation of the second and further rows of a wrapped line."""

ROOM = 48
"""The least width of the second of two columns."""


def json_text(value: Any) -> str:
    """Return a value as indented JSON."""
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def quantity(count: int, noun: str) -> str:
    """Return a number with its noun.

    >>> quantity(1, "row"), quantity(1200, "row")
    ('1 row', '1,200 rows')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def mark(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Return a text as one line with spans «marked».

    Args:
        text: the text.
        spans: start and end of each, in code points, in order, apart.
    """
    for start, end in reversed(list(spans)):
        text = f"{text[:start]}«{text[start:end]}»{text[end:]}"
    return text.replace("\n", " ")


def wrap(text: str, width: int, first: str = "", rest: str = HANGING) -> str:
    """Return a text as rows that fit a terminal, broken between words; overlong words are cut.

    Args:
        text: the text.
        width: columns of the terminal, in cells; 0 where there is none: no line is broken.
        first: the indentation of the first row.
        rest: the indentation of the other rows.
    """
    if not width:
        return f"{first}{text}\n"
    from rich.console import Console
    from rich.text import Text

    room = max(width - max(len(first), len(rest)), 1)
    lines = Text(printable(text)).wrap(Console(width=room), room, overflow="fold")
    plain = [line.plain.rstrip() for line in lines] or [""]
    return "".join(f"{rest if at else first}{line}\n" for at, line in enumerate(plain))


def columns(rows: Iterable[tuple[str, Sequence[str]]], width: int, *, size: int = 0) -> str:
    """Return rows of two columns; on a narrow terminal the second stands below the first.

    Args:
        rows: the first column, and the parts of the second, which on a narrow terminal have rows
            of their own.
        width: columns of the terminal; 0 where there is none.
        size: the least width of the first column.
    """
    rows = list(rows)
    indent, below = " " * 2, " " * 6
    size = max((size, *(len(first) for first, _ in rows)))
    if width and width < size + ROOM:
        return "".join(
            wrap(part, width, pad, pad)
            for first, parts in rows
            for part, pad in ((first, indent), *((part, below) for part in parts))
            if part
        )
    rest = " " * (size + 4)
    return "".join(
        wrap(" ".join(filter(None, parts)), width, f"{indent}{first:{size}}  ", rest)
        for first, parts in rows
    )
