"""The wheel: what it has, with npm and without."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest

import hatch_build
from kaiju_graph.web.pages import engine
from tests.repository import FOLDERS, REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    Packages = dict[str, dict[str, str]]

SOURCES = ("LICENSE", "README.md", "browser", "hatch_build.py", "pyproject.toml", "src", *FOLDERS)
BUNDLE = "kaiju_graph/web/pages/bundle"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Return a copy of what a wheel is built from."""
    unwanted = shutil.ignore_patterns("node_modules", "__pycache__")
    for name in SOURCES:
        if (REPOSITORY / name).is_dir():
            shutil.copytree(REPOSITORY / name, tmp_path / name, ignore=unwanted)
        else:
            shutil.copy(REPOSITORY / name, tmp_path)
    return tmp_path


def build(clone: Path, variables: Mapping[str, str]) -> tuple[Path, str]:
    """Build a wheel; return it with what was printed."""
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", "dist"],
        cwd=clone,
        env={**os.environ, **variables},
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = (clone / "dist").iterdir()
    return wheel, done.stdout + done.stderr


def names(wheel: Path) -> set[str]:
    with ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_lock_of_npm_has_hashes_and_no_host() -> None:
    text = (REPOSITORY / "browser/package-lock.json").read_text("utf-8")
    packages: Packages = json.loads(text)["packages"]
    assert "resolved" not in text
    for name, package in packages.items():
        assert not name or package["integrity"].startswith("sha512-"), name


@pytest.mark.slow
@pytest.mark.skipif(not engine.has_engine(), reason="needs what npm makes")
def test_wheel_has_the_query_page_and_the_project(clone: Path) -> None:
    # Nothing has changed since the bundle was made, so no npm is needed.
    mark = clone / hatch_build.BUNDLE / hatch_build.MARK
    mark.write_text(hatch_build.hash_sources(clone / hatch_build.SOURCES), "utf-8")
    wheel, printed = build(clone, {"PATH": ""})
    assert "no query page" not in printed
    found = names(wheel)
    assert {f"{BUNDLE}/{name}" for name in engine.SCRIPTS} < found
    assert {f"kaiju_graph/{folder}" for folder in FOLDERS} < {n.rsplit("/", 1)[0] for n in found}
    assert not [name for name in found if "node_modules" in name or name.startswith("browser")]
    assert wheel.stat().st_size < 4_000_000


@pytest.mark.slow
def test_wheel_is_built_without_npm_and_its_command_says_what_the_pages_lack(
    clone: Path, tmp_path: Path
) -> None:
    shutil.rmtree(clone / "src" / BUNDLE, ignore_errors=True)
    wheel, printed = build(clone, {"PATH": ""})
    assert "no query page: found no npm" in printed
    found = names(wheel)
    assert "kaiju_graph/web/pages/engine.py" in found
    assert not [name for name in found if name.startswith(BUNDLE)]
    with ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "library")
    done = [
        subprocess.run(
            [sys.executable, "-m", "kaiju_graph", *words.split()],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(tmp_path / "library")},
            capture_output=True,
            check=True,
            encoding="utf-8",
        ).stderr
        for words in ("init films", "--root films site pages", "--root films export --all made")
    ]
    assert done == ["", *[f"kaiju: {engine.MISSING}\n"] * 2]


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("npm"), reason="needs npm")
def test_wheel_is_built_where_npm_reaches_nothing(clone: Path, tmp_path: Path) -> None:
    # A bundle of other sources would not fit the pages.
    (clone / "browser/src/more.js").write_text("// A change.\n", "utf-8")
    variables = {
        "npm_config_registry": "http://127.0.0.1:9/",
        "npm_config_cache": str(tmp_path / "npm"),
    }
    wheel, printed = build(clone, variables)
    assert "no query page: npm failed: " in printed
    assert not [name for name in names(wheel) if name.startswith(BUNDLE)]


def test_program_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hatch_build, "SECONDS", 0.2)
    start = time.monotonic()
    code = "import time; print('hangs', flush=True); time.sleep(60)"
    command = [sys.executable, "-c", code]
    error = hatch_build.run_program(command, tmp_path)
    assert error.endswith("took longer than 0.2 s")
    assert time.monotonic() - start < 30
    assert hatch_build.run_program([sys.executable, "-c", ""], tmp_path) == ""
    error = hatch_build.run_program([sys.executable, "-c", "raise SystemExit('\\n no ')"], tmp_path)
    assert error.endswith(" failed: no")


@pytest.mark.skipif(not engine.has_engine(), reason="needs what npm makes")
def test_licences_of_all_that_is_bundled_go_along() -> None:
    notices = engine.read_script("NOTICES.txt").decode()
    for name in ("@codemirror/view", "@lezer/highlight", "oxigraph"):
        assert f"\n{name} " in notices
    assert notices.count("Permission is hereby granted") > 8
