"""Extract a git revision of a project into a folder; the work tree stays as it is.

The configuration of a repository can make git run programs or fetch: filters, hooks, archivers, a
file monitor, a promisor remote. So only git commands that read trees and objects are used.
"""

from __future__ import annotations

import os
import subprocess
from typing import NamedTuple

from kaiju_graph.errors import LimitError, UnreachableError
from kaiju_graph.project.layout import check_depth, check_number
from kaiju_graph.project.location import FOLDERS

__all__ = ["extract"]

OPTIONS = (
    *("-c", "safe.bareRepository=explicit"),  # ignore bare repositories inside the work tree
    *("-c", "protocol.allow=never"),
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.hooksPath=/dev/null"),
)
ENVIRONMENT = {
    "LC_ALL": "C",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
}
REGULAR = ("100644", "100755")
"""The modes of regular files; links and submodules are left out."""
MAX_BYTES = 2**28
"""The largest total size of the files of a revision."""


class _Entry(NamedTuple):
    """A regular file of a tree."""

    name: str
    object: str
    size: int
    """The size in bytes; -1 if the object is missing."""


def extract(root: str, revision: str, folder: str) -> None:
    """Write ``ontology/``, ``graph/`` and ``queries/`` of a revision into an empty folder.

    Args:
        root: the project's folder, somewhere in a git repository.
        revision: a commit, branch, tag or expression of git (``HEAD~2``).
        folder: the folder to write to.

    Raises:
        UnreachableError: there is no git, no repository, no such revision, no project in it, or a
            file name that the file system does not take.
        LimitError: the files have more than ``MAX_BYTES`` bytes, or are too many or nested too deep
            for a project.
    """
    expected = f"{revision}: expected a project's folder, a data file or a git revision"
    if revision.startswith("-"):
        raise UnreachableError(f"{expected}; a revision does not begin with -")
    wanted = f"{revision}^{{tree}}"
    code, output, message = _git(root, "rev-parse", "--verify", "--quiet", wanted)
    if code:
        reason = message or f"the repository of {root} has no such revision"
        raise UnreachableError(f"{expected}; {reason}")
    tree = output.decode().strip()
    # git takes and returns names relative to the folder.
    code, output, message = _git(root, "ls-tree", "-r", "-z", "-l", tree, *FOLDERS)
    entries = [] if code else _entries(output)
    if {entry.name.partition("/")[0] for entry in entries} != set(FOLDERS):
        missing = f"{revision}: found no project in that revision; expected {', '.join(FOLDERS)}"
        raise UnreachableError(missing + (f" (git: {message})" if message else ""))
    if sum(entry.size for entry in entries) > MAX_BYTES:
        raise LimitError(f"{revision}: found more than {MAX_BYTES >> 20} MiB; expected no more")
    check_number(len(entries), revision)
    for entry in entries:
        check_depth(os.path.dirname(entry.name), revision)
    names = "".join(f"{entry.object}\n" for entry in entries).encode()
    code, output, message = _git(root, "cat-file", "--batch", text=names)
    if code:
        raise UnreachableError(f"{revision}: its files cannot be read (git: {message})")
    _write(folder, entries, output, revision)


def _entries(listed: bytes) -> list[_Entry]:
    """Return the regular files in the output of ``git ls-tree -r -z -l``."""
    entries = []
    for line in filter(None, listed.split(b"\0")):
        head, _, name = line.partition(b"\t")
        mode, _, digest, size = head.decode().split()
        path = os.fsdecode(name)
        parts = path.split("/")
        # On Windows, other signs separate or name a drive, too.
        is_inside = not {"", ".", ".."} & {*parts} and [*map(os.path.basename, parts)] == parts
        if mode in REGULAR and is_inside:
            entries.append(_Entry(path, digest, int(size) if size.isdigit() else -1))
    return entries


def _write(folder: str, entries: list[_Entry], batch: bytes, revision: str) -> None:
    """Write the files in the output of ``git cat-file --batch``: header, bytes, line feed."""
    at = 0
    for entry in entries:
        head, _, _ = batch[at : at + 200].partition(b"\n")
        if head != f"{entry.object} blob {entry.size}".encode():
            raise UnreachableError(f"{revision}: {entry.name} is not in the repository")
        start = at + len(head) + 1
        at = start + entry.size + 1
        path = os.path.join(folder, *entry.name.split("/"))
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "xb") as file:
                file.write(batch[start : at - 1])
        except OSError as error:  # a tree may have a name twice, or one that is too long
            message = f"{revision}: {entry.name} cannot be written: {error.strerror}"
            raise UnreachableError(message) from None


def _git(root: str, *arguments: str, text: bytes = b"") -> tuple[int, bytes, str]:
    """Run git in a folder; return its exit code, its output, and the last line of its errors."""
    try:
        run = subprocess.run(  # noqa: S603 (no shell; a revision does not begin with -)
            ["git", *OPTIONS, *arguments],  # noqa: S607 (the git that the user has)
            cwd=root,
            capture_output=True,
            check=False,
            env=os.environ | ENVIRONMENT,
            input=text,
        )
    except OSError as error:
        revision = arguments[-1].removesuffix("^{tree}")
        expected = f"{revision}: expected a project's folder, a data file or a git revision"
        raise UnreachableError(f"{expected}; git cannot be run: {error.strerror}") from None
    lines = run.stderr.decode(errors="replace").strip().splitlines()
    return run.returncode, run.stdout, lines[-1] if lines else ""
