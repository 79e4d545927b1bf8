"""Stage 12, beside commands: what a command is told of its process, and what it has to say."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Outcome", "Process"]


class Process(NamedTuple):
    """What a command may know of the process that it runs in."""

    width: int
    """Columns of the terminal that standard output is; 0 where it is none."""
    read: Callable[[], bytes]
    """Reads standard input."""
    progress: Callable[[str], None]
    """Is told what is being done, where it may take more than a moment."""
    stop: Callable[[str], None]
    """Ends the process at a limit, which it is told."""


class Outcome(NamedTuple):
    """What a command has to say, on standard output, by its exit code, and on standard error."""

    text: str
    code: int = 0
    note: str = ""
    paint: Callable[[str], str] | None = None
    """Colours the text, for a terminal that has colours."""
