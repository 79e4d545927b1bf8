"""Extract a git revision of a project into a folder; the work tree stays as it is."""

from __future__ import annotations

import os
import subprocess
from io import BytesIO
from zipfile import ZipFile

from kaiju_graph.errors import UnreachableError
from kaiju_graph.project.layout import FOLDERS

__all__ = ["extract"]

AS_COMMITTED = ("-c", "core.autocrlf=false", "-c", "core.eol=lf")
"""Keep line ends as committed, whatever the user's configuration."""


def extract(root: str, revision: str, folder: str) -> None:
    """Write ``ontology/``, ``graph/`` and ``queries/`` of a revision into an empty folder.

    Args:
        root: the project's folder, somewhere in a git repository.
        revision: a commit, branch, tag or expression of git (``HEAD~2``).
        folder: the folder to write to.

    Raises:
        UnreachableError: there is no git, no repository, no such revision, or no project in it.
    """
    expected = f"{revision}: expected a project's folder, a data file or a git revision"
    if revision.startswith("-"):
        raise UnreachableError(f"{expected}; a revision does not begin with -")
    # A tree: of a commit, git archive would write the name into files with export-subst.
    tree = f"{revision}^{{tree}}"
    code, output, error = _git(root, "rev-parse", "--verify", "--quiet", tree, expected=expected)
    if code:
        reason = error or f"the repository of {root} has no such revision"
        raise UnreachableError(f"{expected}; {reason}")
    # In a subfolder of the repository, git archive writes the files of that subfolder alone.
    archive = ("archive", "--format=zip", output.decode().strip(), *FOLDERS)
    code, output, error = _git(root, *archive, expected=expected)
    if code:
        missing = f"{revision}: found no project in that revision; expected {', '.join(FOLDERS)}"
        raise UnreachableError(f"{missing} (git: {error})")
    ZipFile(BytesIO(output)).extractall(folder)


def _git(root: str, *arguments: str, expected: str) -> tuple[int, bytes, str]:
    """Run git in a folder; return its exit code, its output and the last line of its errors."""
    try:
        run = subprocess.run(  # noqa: S603 (no shell, and no revision that begins with -)
            ["git", *AS_COMMITTED, *arguments],  # noqa: S607 (the git that the user has)
            cwd=root,
            capture_output=True,
            check=False,
            env=os.environ | {"LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
        )
    except OSError as error:
        raise UnreachableError(f"{expected}; git cannot be run: {error.strerror}") from None
    lines = run.stderr.decode(errors="replace").strip().splitlines()
    return run.returncode, run.stdout, lines[-1] if lines else ""
