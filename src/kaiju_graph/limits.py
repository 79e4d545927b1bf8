"""Limits of time and memory for a process that runs a stranger's query.

Oxigraph cannot be interrupted, but it lets other threads run: one of them watches, and ends the
process.
"""

from __future__ import annotations

import sys
from _thread import start_new_thread
from time import monotonic, sleep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["USUAL", "watch"]

USUAL = (60.0, 4096.0)
"""Seconds and MiB that a query may take, which a person never meets."""
PAUSE = 0.05
"""Seconds between two looks."""


def watch(seconds: float, mebibytes: float, stop: Callable[[str], None]) -> None:
    """Watch the process from a thread of its own, until it ends.

    Args:
        seconds: the time from now that it may take.
        mebibytes: the resident memory that it may ever have held (not known on Windows).
        stop: is told which limit was met; it should end the process.
    """
    until = monotonic() + seconds

    def look() -> None:
        while True:
            sleep(PAUSE)
            if monotonic() > until:
                stop(f"took more than {seconds:g} s; --timeout raises the limit")
            elif _peak() > mebibytes:
                stop(f"took more than {mebibytes:g} MiB; --max-memory raises the limit")

    start_new_thread(look, ())


def _peak() -> float:
    """Return the peak of the resident memory in MiB."""
    try:
        from resource import RUSAGE_SELF, getrusage
    except ImportError:
        return 0
    # getrusage(2): kibibytes, but bytes on macOS.
    return getrusage(RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
