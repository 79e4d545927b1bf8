"""Limits of time, memory and stack for a process that works on untrusted data and queries.

Oxigraph cannot be interrupted, but it lets other threads run, so a thread watches the process and
stops it. Oxigraph parses, plans and answers a query by recursion, so a query runs on a stack that
is large enough for the longest query.
"""

from __future__ import annotations

import os
import sys
from _thread import allocate_lock, get_ident, stack_size, start_new_thread
from time import monotonic, sleep

from kaiju_graph.errors import LimitError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self, TypeVar

    T = TypeVar("T")

__all__ = [
    "MEBIBYTES",
    "QUERY_SECONDS",
    "SECONDS",
    "Watch",
    "call_with_deep_stack",
    "resident",
    "start_deep",
]

SECONDS = 600.0
"""How long a command may take by default."""
QUERY_SECONDS = 60.0
"""How long the query of a command may take by default, when the project is loaded."""
MEBIBYTES = 4096.0
"""How much memory the process may take by default."""
PAUSE = 0.02
"""Seconds between two checks: memory grows by some MiB a millisecond."""
STACK = 512
"""MiB of stack, which take no memory until used. A query of 65,536 characters uses at most 120."""

DEEP: set[int] = set()
"""The threads that have such a stack themselves."""
SETTING = allocate_lock()
"""Guards the stack size of new threads, which all threads share."""


class Watch:
    """A context manager that watches the process in a thread and stops it at a limit.

    Attributes:
        seconds: the most time; 0 is no limit.
        exceeded: the limit that was exceeded, as a sentence, or an empty text.
    """

    def __init__(
        self,
        seconds: float,
        mebibytes: float,
        stop: Callable[[str], None],
        work: str = "the query",
    ) -> None:
        """Set the limits.

        Args:
            seconds: the most time; 0 is no limit.
            mebibytes: the most resident memory (not known on Windows); 0 is no limit.
            stop: receives the limit that was exceeded; it should end the process.
            work: what has the limits, for that sentence.
        """
        self.mebibytes, self.stop = mebibytes, stop
        self.exceeded = ""
        self._watching = False
        self.start(work, seconds)

    def start(self, work: str, seconds: float | None = None) -> None:
        """Watch other work from now on, for so many seconds; None leaves the clock as it is."""
        self._work = work
        if seconds is not None:
            self.seconds, self._until = seconds, monotonic() + (seconds or float("inf"))

    def __enter__(self) -> Self:
        self._watching = True
        self.start(self._work, self.seconds)
        start_new_thread(self._watch, ())
        return self

    def __exit__(self, *_: object) -> None:
        self._watching = False

    def _watch(self) -> None:
        while self._watching and not self.exceeded:
            self.check()
            sleep(PAUSE)

    def check(self) -> None:
        """Stop the process if it has exceeded a limit."""
        if monotonic() > self._until:
            self.exceeded = f"{self.seconds:g} s; --timeout"
        elif self.mebibytes and resident() > self.mebibytes:
            self.exceeded = f"{self.mebibytes:g} MiB; --max-memory"
        if self.exceeded:
            self.exceeded = f"{self._work} took more than {self.exceeded} raises the limit"
            self.stop(self.exceeded)


def call_with_deep_stack(work: Callable[[], T]) -> T:
    """Call a function in a thread with a large stack, and return what it returns.

    An answer of Oxigraph belongs to the thread that ran the query, and must be read there.

    Raises:
        LimitError: there is no memory for such a stack.
    """
    from kaiju_graph.rdf.collector import CollectorPause  # the fast path does not need it

    if get_ident() in DEEP:
        with CollectorPause():
            return work()
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


def start_deep(run: Callable[[], None]) -> None:
    """Start a thread with a large stack, where queries run without a thread of their own.

    Raises:
        LimitError: there is no memory for such a stack.
    """

    def run_deep() -> None:
        DEEP.add(get_ident())
        try:
            run()
        finally:
            DEEP.discard(get_ident())

    _start(run_deep)


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


def _clear_frames(error: BaseException | None) -> None:
    """Clear the variables in the tracebacks of an error and of those that it replaced.

    Answers must not leave the thread.
    """
    from traceback import clear_frames

    while error:
        clear_frames(error.__traceback__)
        error = error.__context__


def resident() -> float:
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
