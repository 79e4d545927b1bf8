"""What the cache holds by now, and what of it goes: all of it, or what was not used for long.

Other processes write and remove meanwhile, so what was there a moment ago may be gone.
"""

from __future__ import annotations

import os

from kaiju_graph.store import cache, files

__all__ = ["clear", "measure", "prune"]

KINDS = ("entries", "answers", "verdicts", "roots")
FEW = 8
"""How many entries are kept: those used last."""


def measure() -> dict[str, tuple[int, int]]:
    """Return what the cache holds: kind → how many, and their bytes."""
    found = {}
    for kind in KINDS:
        paths = [
            os.path.join(path, name)
            for path, _, names in os.walk(os.path.join(cache.folder(), kind))
            for name in names
        ]
        counted = [name for name in _names(kind) if name[0] != "."] if kind == "entries" else paths
        found[kind] = (len(counted), sum(_size_and_time(path)[0] for path in paths))
    return found


def clear() -> None:
    """Remove all that is kept, and nothing else that may lie in the folder."""
    for kind in KINDS:
        files.remove(os.path.join(cache.folder(), kind))


def prune(*kinds: str) -> None:
    """Keep what was used last of some kinds whose names are the same keys."""

    def used(key: str) -> float:
        return max(_size_and_time(cache.locate(kind, key))[1] for kind in kinds)

    keys = sorted({key for kind in kinds for key in _names(kind)}, key=used, reverse=True)
    for key in keys[FEW:]:
        for kind in kinds:
            files.remove(cache.locate(kind, key))


def _names(kind: str) -> list[str]:
    try:
        return os.listdir(os.path.join(cache.folder(), kind))
    except OSError:
        return []


def _size_and_time(path: str) -> tuple[int, float]:
    """Return the size and the time of a file or folder; what is gone has none."""
    try:
        found = os.stat(path)
    except OSError:
        return 0, 0
    return found.st_size, found.st_mtime
