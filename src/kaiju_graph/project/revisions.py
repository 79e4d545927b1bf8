"""Stage 0, beside project: a git revision of a project → a folder; the work tree is not touched."""

from __future__ import annotations

import os
import subprocess
from io import BytesIO
from zipfile import ZipFile

from kaiju_graph.errors import UnreachableError
from kaiju_graph.project.layout import FOLDERS

__all__ = ["extract"]

AS_COMMITTED = ("-c", "core.autocrlf=false", "-c", "core.eol=lf")
"""Lines end as they were committed, whatever the user wants of a work tree."""


def extract(root: str, revision: str, folder: str) -> None:
    """Write ``ontology/``, ``graph/`` and ``queries/`` of a revision into an empty folder.

    Args:
        root: the project's folder, somewhere in a git repository.
        revision: a commit, branch, tag, or what else git takes for one (``HEAD~2``).
        folder: where to write.

    Raises:
        UnreachableError: there is no git, no repository, no such revision, or no project in it.
    """
    expected = f"{revision}: expected a project's folder, a data file or a git revision"
    if revision.startswith("-"):
        raise UnreachableError(f"{expected}; a revision begins with no -")
    # The tree and not the commit, as git archive would write the commit into export-subst's files.
    wanted = f"{revision}^{{tree}}"
    code, found, said = _git(root, "rev-parse", "--verify", "--quiet", wanted, expected=expected)
    if code:
        reason = said or f"the repository of {root} has no such revision"
        raise UnreachableError(f"{expected}; {reason}")
    tree = found.decode().strip()
    # In a subfolder, git archive takes names from there, and writes no more than what is there.
    archive = ("archive", "--format=zip", tree, *FOLDERS)
    code, packed, said = _git(root, *archive, expected=expected)
    if code:
        missing = f"{revision}: found no project in that revision; expected {', '.join(FOLDERS)}"
        raise UnreachableError(f"{missing} (git: {said})")
    ZipFile(BytesIO(packed)).extractall(folder)


def _git(root: str, *arguments: str, expected: str) -> tuple[int, bytes, str]:
    """Run git in a folder; return its exit code, its output, and the last line of its errors."""
    try:
        run = subprocess.run(  # noqa: S603 (no shell; a revision begins with no -)
            ["git", *AS_COMMITTED, *arguments],  # noqa: S607 (the git that the user has)
            cwd=root,
            capture_output=True,
            check=False,
            env=os.environ | {"LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
        )
    except OSError as error:
        raise UnreachableError(f"{expected}; git cannot be run: {error.strerror}") from None
    said = run.stderr.decode(errors="replace").strip().splitlines()
    return run.returncode, run.stdout, said[-1] if said else ""
