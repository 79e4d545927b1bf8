"""Python's garbage collector, paused while much is made that leaves no cycles."""

from __future__ import annotations

from _thread import allocate_lock

__all__ = ["Pause"]

LOCK = allocate_lock()
ENABLED: list[bool] = []
"""One entry for each pause: whether the collector was enabled before it."""


class Pause:
    """A time (``with``) in which the collector does not run, in any order of threads.

    The collector would read all that is made again and again, and find nothing to free.
    """

    def __enter__(self) -> None:
        import gc

        with LOCK:
            ENABLED.append(gc.isenabled())
            gc.disable()

    def __exit__(self, *_: object) -> None:
        import gc

        with LOCK:
            if ENABLED.pop():
                gc.enable()
