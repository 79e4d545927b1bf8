"""Lines and columns of a text, both from 1."""

from __future__ import annotations

__all__ = ["line_and_column", "line_column"]


def line_and_column(text: str, at: int) -> tuple[int, int]:
    r"""Return the line and the column of an offset.

    >>> line_and_column("ab\ncd", 4)
    (2, 2)
    """
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def line_column(text: str, at: int) -> str:
    """Return the line and the column of an offset as ``line:column``, as in messages."""
    line, column = line_and_column(text, at)
    return f"{line}:{column}"
