"""Pause Python's garbage collector while many objects without cycles are made."""

from __future__ import annotations

from _thread import allocate_lock

__all__ = ["CollectorPause"]

LOCK = allocate_lock()
ENABLED: list[bool] = []
"""One entry for each current pause: whether the collector was enabled before it."""


class CollectorPause:
    """A context in which the collector does not run; contexts of several threads may overlap.

    The collector would read all new objects repeatedly, and find nothing to free.
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
