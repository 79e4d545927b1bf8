"""The repository, and the project of its first article.

Tests count what the first article says, name its files, and hold whole answers. So that another
folder in ``graph/`` changes none of that, they read ``ROOT``: the repository, or if it has more
articles, a copy without them, in which the folders of code and tests are links.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

__all__ = ["ARTICLE", "FOLDERS", "REPOSITORY", "ROOT"]

REPOSITORY = Path(__file__).resolve().parents[1]
ARTICLE = "graph/gamera-2"
"""The folder of the first article."""
FOLDERS = ("ontology", "graph", "queries")
"""The folders of a project."""
VARIABLE = "KAIJU_TESTS_ROOT"
"""The variable by which the workers of a run find the same copy."""


def _find_root() -> Path:
    if known := os.environ.get(VARIABLE):
        return Path(known)
    others = {path.parent for path in REPOSITORY.glob("graph/*/*")} - {REPOSITORY / ARTICLE}
    if not others:
        return REPOSITORY
    root = Path(tempfile.mkdtemp(prefix="kaiju-repository-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    for path in REPOSITORY.iterdir():
        if path.name in FOLDERS:
            shutil.copytree(path, root / path.name)
        elif path.is_dir():
            (root / path.name).symlink_to(path)
        else:
            shutil.copy(path, root)
    for path in others:
        shutil.rmtree(root / path.relative_to(REPOSITORY))
    os.environ[VARIABLE] = str(root)
    return root


ROOT = _find_root()
"""The project of the first article."""
