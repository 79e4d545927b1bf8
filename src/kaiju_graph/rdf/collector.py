"""Pause Python's garbage collector while many objects are made that form no cycles."""

from __future__ import annotations

from _thread import allocate_lock

__all__ = ["CollectorPause"]

LOCK = allocate_lock()
ENABLED: list[bool] = []
"""One entry for each pause that lasts: whether the collector was enabled before it."""


class CollectorPause:
    """A context in which the collector does not run; contexts may overlap, in any order of threads.

    The collector would read all new objects again and again, and find nothing to free.
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
