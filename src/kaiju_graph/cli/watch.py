"""Wait for changes of a project's files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from watchfiles import DefaultFilter, watch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from watchfiles import Change

__all__ = ["changes"]

FOLDERS = ("ontology", "graph", "queries")
PAUSE = 200
"""Milliseconds after which waiting is interrupted, the first time to check the project as it is."""


def changes(root: str) -> Iterator[None]:
    """Yield at once, and then after each change of a project's files.

    Changes that follow one another at once, such as those of an editor that writes another file
    and renames it, count as one. A change during the work of the caller is not lost.

    Args:
        root: the project's folder.
    """
    folders = (os.path.join(root, name) for name in FOLDERS)
    waiting = watch(
        *filter(os.path.isdir, folders),
        watch_filter=_Filter(),
        rust_timeout=PAUSE,
        yield_on_timeout=True,
    )
    next(waiting, None)  # the watcher runs
    yield
    for found in waiting:
        if found:
            yield


class _Filter(DefaultFilter):
    """Leaves out what no project reads: hidden files, and those that editors keep beside others."""

    def __call__(self, change: Change, path: str) -> bool:
        """Tell whether a change of a path counts."""
        return not os.path.basename(path).startswith(".") and super().__call__(change, path)
