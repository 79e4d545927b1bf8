"""Limits of time, memory and stack for a process that runs untrusted queries.

Oxigraph cannot be interrupted, but it lets other threads run, so a thread watches the process and
ends it. Oxigraph parses, plans and answers a query by recursion, so a query runs on a stack that is
large enough for the longest query.
"""

from __future__ import annotations

import os
import sys
from _thread import allocate_lock, stack_size, start_new_thread
from time import monotonic, sleep

from kaiju_graph.errors import LimitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    T = TypeVar("T")

__all__ = ["DEFAULTS", "Watch", "call_with_deep_stack"]

DEFAULTS = (60.0, 4096.0)
"""Seconds and MiB that a query may take by default."""
PAUSE = 0.02
"""Seconds between two checks: memory grows by some MiB a millisecond."""
STACK = 512
"""MiB of stack, which take no memory until used. A query of 65,536 characters uses at most 120."""

SETTING = allocate_lock()
"""Guards the stack size of new threads, which all threads share."""


class Watch:
    """A context manager that watches the process in a thread and stops it at a limit."""

    def __init__(self, seconds: float, mebibytes: float, stop: Callable[[str], None]) -> None:
        """Set the limits.

        Args:
            seconds: the most time.
            mebibytes: the most resident memory (not known on Windows).
            stop: receives the limit that was exceeded; it should end the process.
        """
        self.seconds, self.mebibytes, self.stop = seconds, mebibytes, stop
        self.watching = False

    def __enter__(self) -> None:
        self.watching = True
        start_new_thread(self._watch, (monotonic() + self.seconds,))

    def __exit__(self, *_: object) -> None:
        self.watching = False

    def _watch(self, until: float) -> None:
        while self.watching:
            if monotonic() > until:
                self.stop(f"took more than {self.seconds:g} s; --timeout raises the limit")
            elif _resident() > self.mebibytes:
                self.stop(f"took more than {self.mebibytes:g} MiB; --max-memory raises the limit")
            sleep(PAUSE)


def call_with_deep_stack(work: Callable[[], T]) -> T:
    """Call a function in a thread with a large stack, and return what it returns.

    An answer of Oxigraph belongs to the thread that ran the query, and must be read there.

    Raises:
        LimitError: there is no memory for such a stack.
    """
    from kaiju_graph.rdf.collector import CollectorPause  # the fast path does not need it

    results: list[T] = []
    errors: list[BaseException] = []
    done = allocate_lock()

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001 (it is raised again)
            _clear_frames(error)
            errors.append(error)
        finally:
            done.release()

    done.acquire()
    with CollectorPause():  # this thread must not free the answers of others
        _start(run)
        done.acquire()
    if errors:
        raise errors.pop()
    return results[0]


def _start(run: Callable[[], None]) -> None:
    with SETTING:
        before = stack_size(STACK * 2**20)
        try:
            start_new_thread(run, ())
        except RuntimeError:
            message = f"found too little memory; expected {STACK} MiB for the stack of a query"
            raise LimitError(message) from None
        finally:
            stack_size(before)


def _clear_frames(error: BaseException) -> None:
    """Clear the variables in an error's traceback, because answers must not leave the thread."""
    inner = error.__traceback__ and error.__traceback__.tb_next
    while inner:
        inner.tb_frame.clear()
        inner = inner.tb_next


def _resident() -> float:
    """Return the resident memory in MiB, or its peak if only that is known."""
    try:
        # On Linux the peak of getrusage(2) starts at that of the parent process.
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    except OSError:
        pass
    try:
        from resource import RUSAGE_SELF, getrusage
    except ImportError:
        return 0
    # getrusage(2): kibibytes, but bytes on macOS.
    return getrusage(RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
