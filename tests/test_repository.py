"""Tests read the first article only, whatever other folders the graph has."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from tests import repository
from tests.repository import ARTICLE, FOLDERS

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

SHOW = """
from tests.repository import REPOSITORY, ROOT
print(ROOT == REPOSITORY)
for path in sorted(ROOT.rglob("*")):
    print(path.relative_to(ROOT).as_posix() + "@" * path.is_symlink())
"""


def test_other_articles_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(repository.VARIABLE, raising=False)
    for folder in (*FOLDERS, ARTICLE, "tests"):
        (tmp_path / folder).mkdir()
    shutil.copy(repository.__file__, tmp_path / "tests")
    for file in ("README.md", "graph/entities.ttl", f"{ARTICLE}/article.txt"):
        (tmp_path / file).touch()

    def show() -> list[str]:
        run = subprocess.run(
            [sys.executable, "-B", "-c", SHOW], cwd=tmp_path, capture_output=True, check=True
        )
        return run.stdout.decode().split()

    is_same, *files = show()
    assert is_same == "True"
    (tmp_path / "graph/other").mkdir()
    (tmp_path / "graph/other/article.txt").touch()
    expected = [file + "@" * (file == "tests") for file in files if "tests/" not in file]
    assert show() == ["False", *expected]
