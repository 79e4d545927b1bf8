"""The generated projects hold what this one does; speed itself is measured, never asserted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

import kaiju_graph
from kaiju_graph import passages, sources
from tests.benchmarks import generate

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Command

SIZE = 2000


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a generated project."""
    folder = tmp_path_factory.mktemp("benchmarks") / "made"
    generate.project(folder, SIZE, 7)
    return folder


def content(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.mark.parametrize(("size", "seed"), [(1000, 1), (SIZE, 7), (6000, 7)])
def test_a_project_has_the_size_that_was_asked_for(size: int, seed: int, tmp_path: Path) -> None:
    told = generate.project(tmp_path / "made", size, seed)
    kg = kaiju_graph.load(str(tmp_path / "made"))
    read = sources.read(kg.project)
    quads = sources.select(read.quads, "stated", "entities", "curated", "evidence")
    assert told == len(set(quads)) + len(passages.locate(read).evidence())
    assert abs(told - size) <= size / 10


def test_the_same_seed_gives_the_same_bytes(made: Path, tmp_path: Path) -> None:
    generate.project(tmp_path / "same", SIZE, 7)
    generate.project(tmp_path / "other", SIZE, 8)
    assert content(tmp_path / "same") == content(made)
    assert content(tmp_path / "other").keys() != content(made).keys()


def test_a_generated_project_conforms(made: Path) -> None:
    report = kaiju_graph.load(str(made)).validate()
    assert [violation.message for violation in report.violations] == []


def test_a_generated_project_answers_a_stored_question(made: Path, kaiju: Command) -> None:
    texts = [path.read_text(encoding="utf-8") for path in made.glob("graph/*/article.txt")]
    said = [line for text in texts for line in re.findall(r"(.+)\n- Director: (.+)", text)]
    asked = kaiju("--root", str(made), "ask", "who-directed", "-f", "csv")
    assert len(said) == 4
    assert asked.stdout.splitlines() == ["title,person", *map(",".join, sorted(said))]


def test_a_project_is_written_only_where_nothing_is(made: Path) -> None:
    with pytest.raises(FileExistsError):
        generate.project(made, SIZE, 7)
