"""Whole projects for tests: the repository's, and what a folder here adds to it."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.repository import FOLDERS, ROOT

PROJECTS = Path(__file__).parent

__all__ = ["build", "own_files"]


def build(name: str, target: Path) -> Path:
    """Write the project of a folder of ``tests/projects/`` into an empty or new folder."""
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, target / folder)
    for folder in ("graph", "queries"):
        shutil.copytree(PROJECTS / name / folder, target / folder, dirs_exist_ok=True)
    return target


def own_files(name: str) -> set[str]:
    """Return the files that a project adds, relative to its root."""
    folder = PROJECTS / name
    return {str(path.relative_to(folder)) for path in folder.rglob("graph/**/*") if path.is_file()}
