"""Changes of files as a unified diff (POSIX, ``diff -u``), for ``patch`` and ``git apply``."""

from __future__ import annotations

from difflib import unified_diff
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["render_patch"]

NO_END = "\n\\ No newline at end of file\n"


def render_patch(files: Mapping[str, tuple[bytes, bytes]]) -> str:
    """Return the changes of files.

    Bytes that are not UTF-8 are kept by ``surrogateescape``.

    Args:
        files: file → its content before and after.
    """
    return "".join(line for file, change in files.items() for line in _lines(file, change))


def _lines(file: str, change: tuple[bytes, bytes]) -> Iterator[str]:
    before, after = (_split(content.decode(errors="surrogateescape")) for content in change)
    for line in unified_diff(before, after, f"a/{file}", f"b/{file}"):
        yield line if line.endswith("\n") else f"{line}{NO_END}"


def _split(text: str) -> list[str]:
    """Return the lines of a text, which end in LF only."""
    lines = [f"{line}\n" for line in text.split("\n")]
    last = lines.pop().removesuffix("\n")
    return [*lines, last] if last else lines
