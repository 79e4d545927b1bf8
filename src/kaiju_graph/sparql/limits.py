"""Limits of time, memory and stack for a process that runs a stranger's query.

Oxigraph cannot be interrupted, but it lets other threads run: one of them watches, and ends the
process. It reads, plans and answers a query by recursion, so a long query may be a deep one: it is
run on a stack that the longest does not fill.
"""

from __future__ import annotations

import os
import sys
from _thread import allocate_lock, stack_size, start_new_thread
from time import monotonic, sleep

from kaiju_graph.errors import LimitError
from kaiju_graph.rdf.collector import CollectorPause

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    T = TypeVar("T")

__all__ = ["DEFAULTS", "Watch", "call_with_deep_stack"]

DEFAULTS = (60.0, 4096.0)
"""Seconds and MiB that a query may take, which a person never meets."""
PAUSE = 0.02
"""Seconds between two looks: memory fills by some MiB a millisecond."""
STACK = 512
"""MiB of stack, which take no memory before they are used. 65,536 characters use at most 120."""

SETTING = allocate_lock()
"""Held while the stack size of new threads is set, which all threads share."""


class Watch:
    """A thread that watches the process for as long as this is entered (``with``)."""

    def __init__(self, seconds: float, mebibytes: float, stop: Callable[[str], None]) -> None:
        """Set the limits.

        Args:
            seconds: the time that it may take.
            mebibytes: the resident memory that it may hold (not known on Windows).
            stop: is told which limit was met; it should end the process.
        """
        self.seconds, self.mebibytes, self.stop = seconds, mebibytes, stop
        self.watching = False

    def __enter__(self) -> None:
        self.watching = True
        start_new_thread(self._look, (monotonic() + self.seconds,))

    def __exit__(self, *_: object) -> None:
        self.watching = False

    def _look(self, until: float) -> None:
        while self.watching:
            if monotonic() > until:
                self.stop(f"took more than {self.seconds:g} s; --timeout raises the limit")
            elif _resident() > self.mebibytes:
                self.stop(f"took more than {self.mebibytes:g} MiB; --max-memory raises the limit")
            sleep(PAUSE)


def call_with_deep_stack(work: Callable[[], T]) -> T:
    """Do work in a thread with a large stack, wait for it, and return what it returns.

    What Oxigraph answers belongs to the thread that asked, and is to be read there.

    Raises:
        LimitError: there is no room for such a stack.
    """
    returned: list[T] = []
    raised: list[BaseException] = []
    done = allocate_lock()

    def run() -> None:
        try:
            returned.append(work())
        except BaseException as error:  # noqa: BLE001 (whatever it is, it is raised again)
            _forget(error)
            raised.append(error)
        finally:
            done.release()

    done.acquire()
    with CollectorPause():  # what another thread has asked must not be dropped in that one
        _start(run)
        done.acquire()
    if raised:
        raise raised.pop()
    return returned[0]


def _start(run: Callable[[], None]) -> None:
    with SETTING:
        before = stack_size(STACK * 2**20)
        try:
            start_new_thread(run, ())
        except RuntimeError:
            message = f"found no room for a stack of {STACK} MiB; expected it free"
            raise LimitError(message) from None
        finally:
            stack_size(before)


def _forget(error: BaseException) -> None:
    """Clear the variables of the calls that an error came through: answers are not to leave."""
    inner = error.__traceback__ and error.__traceback__.tb_next
    while inner:
        inner.tb_frame.clear()
        inner = inner.tb_next


def _resident() -> float:
    """Return the resident memory in MiB: now, or where that is not known, its peak."""
    try:
        # On Linux the peak of getrusage(2) begins with that of the process that started this one.
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
