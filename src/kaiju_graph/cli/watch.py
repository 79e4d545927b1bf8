"""Wait for changes of a project's files."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from watchfiles import DefaultFilter, watch

from kaiju_graph.errors import SourceError
from kaiju_graph.project.location import FOLDERS, resolve_inside

if TYPE_CHECKING:
    from collections.abc import Iterator
    from threading import Event

    from watchfiles import Change

__all__ = ["changes"]

PAUSE = 200
"""Milliseconds after which waiting is interrupted, the first time to check the project as it is."""


def changes(root: str, stop: Event | None = None) -> Iterator[None]:
    """Yield at once, and then after each change of a project's files.

    Changes that follow one another at once, such as those of an editor that writes another file
    and renames it, count as one. A change during the work of the caller is not lost. Links that
    lead out of the project are not followed.

    Args:
        root: the project's folder.
        stop: ends the wait; None waits for ever.
    """
    while not (stop and stop.is_set()):
        folders = _folders(root)
        waiting = watch(
            root,
            *folders,
            watch_filter=_Filter(root),
            rust_timeout=PAUSE,
            yield_on_timeout=True,
            recursive=False,
            stop_event=stop,
        )
        next(waiting, None)  # the watcher runs
        if _folders(root) != folders:
            continue
        yield
        for found in waiting:
            if found and _folders(root) != folders:
                break  # to watch the new ones
            if found:
                yield


def _folders(root: str) -> dict[str, int]:
    """Return the folders whose files a project reads: path → inode."""
    found: dict[str, int] = {}
    for name in FOLDERS:
        top = os.path.join(root, name)
        if not _is_inside(top, root):
            continue
        with suppress(OSError), os.scandir(top) as items:  # it may disappear at any moment
            found[top] = os.stat(top).st_ino
            inner = [item for item in items if item.name[0] != "." and item.is_dir()]
            found |= {item.path: item.inode() for item in inner if _is_inside(item.path, root)}
    return found


def _is_inside(folder: str, root: str) -> bool:
    """Tell whether a path is a folder inside the root; the report says what is outside."""
    try:
        return os.path.isdir(resolve_inside(folder, folder, root))
    except SourceError:
        return False


class _Filter(DefaultFilter):
    """Leaves out what no project reads: hidden files, and those that editors keep beside others."""

    def __init__(self, root: str) -> None:
        super().__init__()
        self.root = root

    def __call__(self, change: Change, path: str) -> bool:
        """Tell whether a change of a path counts."""
        folder, name = os.path.split(path)
        is_read = folder != self.root or name in FOLDERS
        return is_read and not name.startswith(".") and super().__call__(change, path)
