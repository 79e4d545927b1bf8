"""Write the files of a folder of the project, all of them or none."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, NamedTuple

from kaiju_graph.errors import SourceError
from kaiju_graph.store import files, folders

if TYPE_CHECKING:
    from kaiju_graph.project.layout import Project

__all__ = ["Proposal", "save"]


class Proposal(NamedTuple):
    """A folder to write, relative to the root of the project; it may not exist yet."""

    folder: str
    texts: dict[str, str]
    """File, relative to the root → its new text."""
    removed: list[str]
    """The files to remove."""
    notes: list[str]
    """What is new, one line each."""


def save(project: Project, proposal: Proposal) -> None:
    """Write and remove files of a folder: a copy of the folder with them takes its place.

    Args:
        project: the project.
        proposal: the folder; without files to write or remove, nothing is written.

    Raises:
        SourceError: the folder, or a file in it, is a link.
        UnreachableError: something cannot be written.
    """
    folder, texts, removed, _ = proposal
    if not (texts or removed):
        return
    place = project.path(folder)
    for name in (folder, *texts):
        path = os.path.join(os.path.realpath(project.root), *name.split("/"))
        if os.path.realpath(path) != path:
            raise SourceError(f"{name}:1: found a link; expected a file to write to")
    with folders.replace(place, folder) as new:
        if os.path.isdir(place):
            shutil.copytree(place, new, symlinks=True, dirs_exist_ok=True)
        for name, text in texts.items():
            path = os.path.join(new, *name.removeprefix(f"{folder}/").split("/"))
            files.write_atomically(path, text.encode())
        for name in removed:
            os.unlink(os.path.join(new, name.removeprefix(f"{folder}/")))
