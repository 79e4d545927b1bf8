"""Folders that are written whole or not at all."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kaiju_graph.errors import UnreachableError
from kaiju_graph.store import files

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["replace"]


@contextmanager
def replace(place: str, name: str, *, parents: bool = False) -> Iterator[str]:
    """Give a new, hidden folder beside a place; at the end of the block it takes that place.

    If the block fails, the hidden folder is removed, and the place is as before. What killed
    processes left beside the place is removed, too.

    Args:
        place: the folder to make or to replace, whose permissions the new one gets.
        name: its name in error messages.
        parents: whether to make the folders above it.

    Raises:
        UnreachableError: something cannot be written.
    """
    try:
        if parents:
            os.makedirs(os.path.dirname(place), exist_ok=True)
        files.remove_abandoned(*os.path.split(place))
        new = files.temporary_path(place)
        os.mkdir(new)
        try:
            yield new
            if os.path.isdir(place):
                shutil.copymode(place, new)
            files.take_place(new, place)
        except BaseException:
            shutil.rmtree(new, ignore_errors=True)
            raise
    except OSError as error:
        raise UnreachableError(f"{name}: cannot be written: {error.strerror}") from None
