"""Write a folder to publish, whole or not at all, and replace only what was made before.

Its manifest has the checksums of its files. By it, the next run knows what it may replace.
"""

from __future__ import annotations

import os
from errno import EACCES
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kaiju_graph.errors import UnreachableError, UsageError
from kaiju_graph.project.layout import read_bytes
from kaiju_graph.project.location import FOLDERS
from kaiju_graph.store.folders import replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kaiju_graph.project.layout import Project

__all__ = ["MANIFEST", "Kind", "write"]

MANIFEST = "SHA256SUMS"
"""The file with the checksums of all others, in the format of ``sha256sum``."""


class Kind(NamedTuple):
    """A kind of folder to publish."""

    noun: str
    marks: frozenset[str]
    """The files that the manifest of every such folder lists, and no other manifest."""


def write(project: Project, folder: str, contents: Iterable[tuple[str, bytes]], kind: Kind) -> None:
    """Write a folder, whole or not at all.

    It is written into a hidden folder beside its place, which then takes its place. A folder that
    exists is replaced only if it is empty, or of the same kind without other files. Where the
    system can exchange two folders, the place is never empty; else it is between two renames. A
    hidden folder that a killed run left is removed.

    Args:
        project: the project, in whose sources nothing is written.
        folder: the folder; its parent exists.
        contents: name → content of each file.
        kind: what it is.

    Raises:
        UsageError: the name of the folder is empty, or the folder lies among the sources.
        UnreachableError: the folder has other files, or it cannot be written.
    """
    if not folder:
        raise UsageError("found an empty folder name; expected DIR")
    place = Path(folder).resolve()
    for top in FOLDERS:
        if place.is_relative_to(Path(project.path(top)).resolve()):
            raise UsageError(f"{folder}: found a folder inside {top}/; expected one outside of it")
    with replace(str(place), folder) as new:
        _check_replaceable(place, folder, kind)
        _fill(Path(new), contents)
        _check_replaceable(place, folder, kind)


def _check_replaceable(place: Path, shown: str, kind: Kind) -> None:
    """Raise an error if a file is in the place, or a folder with files of another origin."""
    expected = f"expected a {kind.noun}, or nothing there"
    if not os.path.lexists(place):
        return
    if not place.is_dir():
        raise UnreachableError(f"{shown}: found a file; {expected}")
    listed = {MANIFEST}
    if os.path.isfile(place / MANIFEST):
        content = read_bytes(str(place / MANIFEST), os.path.join(shown, MANIFEST))
        lines = content.decode(errors="replace").splitlines()
        names = {line.partition("  ")[2] for line in lines}
        listed |= names if names >= kind.marks else set()
    for name in _walk(place):
        if name not in listed:
            raise UnreachableError(
                f"{shown}: found {name}, which no {kind.noun} has written; {expected}"
            )
    for parent, _, _ in os.walk(place):
        if not os.access(parent, os.W_OK | os.X_OK):  # it could not be removed
            raise PermissionError(EACCES, os.strerror(EACCES), parent)


def _walk(folder: Path) -> Iterator[str]:
    """Yield the files and links below a folder, relative to it, with slashes.

    Raises:
        UnreachableError: a folder cannot be read.
    """

    def fail(error: OSError) -> None:
        raise UnreachableError(f"{error.filename}: cannot be read: {error.strerror}")

    for parent, folders, names in os.walk(folder, onerror=fail):
        links = [name for name in folders if os.path.islink(os.path.join(parent, name))]
        for name in names + links:
            yield Path(parent, name).relative_to(folder).as_posix()


def _fill(folder: Path, contents: Iterable[tuple[str, bytes]]) -> None:
    """Write files into a folder, and last a manifest of them."""
    sums = {}
    for name, content in contents:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        sums[name] = sha256(content).hexdigest()
    lines = (f"{digest}  {name}\n" for name, digest in sorted(sums.items()))
    (folder / MANIFEST).write_bytes("".join(lines).encode())
