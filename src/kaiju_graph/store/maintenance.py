"""Maintenance of the cache: new entries, its size, and the removal of what is old.

Answers from the cache do not need this module.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from kaiju_graph.store import cache, files

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["clear", "measure", "prune", "write_entry"]

MAX_ENTRIES = 8
"""How many of the most recently used entries are kept."""


def write_entry(key: str, fill: Callable[[str], None]) -> str:
    """Write an entry completely or not at all; an existing one stays.

    Args:
        key: the hash of its sources.
        fill: writes its files into an empty folder.

    Returns:
        its folder.

    Raises:
        OSError: the cache cannot be written.
    """
    path = cache.locate("entries", key)
    new = files.temporary_path(path)
    files.make_folder(new)
    try:
        fill(new)
        os.rename(new, path)
    except BaseException:
        files.remove(new)
        if os.path.isdir(path):  # meanwhile, another process wrote the same entry
            return path
        raise
    return path


def measure() -> dict[str, tuple[int, int]]:
    """Return the size of the cache: kind → how many items, and their bytes.

    Raises:
        cache.UntrustedError: others may have written it.
    """
    sizes = {}
    for kind in cache.KINDS:
        paths = [
            os.path.join(path, name)
            for path, _, names in os.walk(cache.locate(kind))
            for name in names
        ]
        items = _list(kind) if kind == "entries" else paths
        sizes[kind] = (len(items), sum(_size_and_time(path)[0] for path in paths))
    return sizes


def clear() -> None:
    """Remove all files of the cache, and nothing else that the folder may hold.

    Raises:
        cache.UntrustedError: others may have written it.
    """
    for kind in cache.KINDS:
        files.remove(cache.locate(kind))


def prune(*kinds: str) -> None:
    """Remove all but the most recently used keys of some kinds of items.

    What killed processes left there is removed, too.
    """
    folders = [cache.locate(kind) for kind in kinds]

    def last_use(key: str) -> float:
        return max(_size_and_time(os.path.join(folder, key))[1] for folder in folders)

    keys = sorted({key for kind in kinds for key in _list(kind)}, key=last_use, reverse=True)
    for key in keys[MAX_ENTRIES:]:
        for folder in folders:
            files.remove(os.path.join(folder, key))
    for kind, folder in zip(kinds, folders, strict=True):
        for path in ("", *(_list(kind) if kind == "answers" else ())):
            files.remove_abandoned(os.path.join(folder, path))


def _list(kind: str) -> list[str]:
    """Return the names of the items of a kind, without those that are not complete."""
    try:
        return [name for name in os.listdir(cache.locate(kind)) if name[0] != "."]
    except OSError:
        return []


def _size_and_time(path: str) -> tuple[int, float]:
    """Return the size and the time of a file or folder; 0 for both if it does not exist."""
    try:
        stats = os.stat(path)
    except OSError:
        return 0, 0
    return stats.st_size, stats.st_mtime
