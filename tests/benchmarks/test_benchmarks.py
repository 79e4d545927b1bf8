"""Generated projects and reports are correct; no test asserts speed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from math import nan
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import kaiju_graph
from kaiju_graph.project import passages, sources
from tests.benchmarks import generate, jobs, measurement, patterns, report, session
from tests.repository import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import Command

SIZE = 2000


@pytest.fixture(scope="module")
def generated_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a generated project."""
    folder = tmp_path_factory.mktemp("benchmarks") / "made"
    generate.project(folder, SIZE, 7)
    return folder


def content(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.mark.parametrize(("size", "seed"), [(1000, 1), (SIZE, 7), (6000, 7)])
def test_a_project_has_the_requested_size(size: int, seed: int, tmp_path: Path) -> None:
    count = generate.project(tmp_path / "made", size, seed)
    kg = kaiju_graph.load(str(tmp_path / "made"))
    read = sources.read(kg.project)
    quads = sources.select_layers(read.quads, "stated", "entities", "curated", "evidence")
    assert count == len(set(quads)) + len(passages.locate_passages(read).evidence())
    assert abs(count - size) <= size / 10


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    generate.project(tmp_path / "same", SIZE, 7)
    generate.project(tmp_path / "other", SIZE, 8)
    generate.project(tmp_path / "again", SIZE, 7)
    assert content(tmp_path / "same") == content(tmp_path / "again")
    assert content(tmp_path / "other").keys() != content(tmp_path / "again").keys()


@pytest.mark.slow
def test_a_generated_project_conforms(generated_project: Path) -> None:
    report = kaiju_graph.load(str(generated_project)).validate()
    assert [violation.message for violation in report.violations] == []


def test_a_generated_project_answers_a_stored_question(
    generated_project: Path, kaiju: Command
) -> None:
    texts = [
        path.read_text(encoding="utf-8") for path in generated_project.glob("graph/*/article.txt")
    ]
    directors = [line for text in texts for line in re.findall(r"(.+)\n- Director: (.+)", text)]
    run = kaiju("--root", str(generated_project), "ask", "who-directed", "-f", "csv")
    assert len(directors) == 3
    assert run.stdout.splitlines() == ["title,person", *map(",".join, sorted(directors))]


def test_an_existing_folder_is_not_overwritten(generated_project: Path) -> None:
    with pytest.raises(FileExistsError):
        generate.project(generated_project, SIZE, 7)


@pytest.mark.slow
def test_contestants_run_in_turn_and_a_failed_or_endless_one_runs_once() -> None:
    order: list[str] = []

    def contestant(name: str, program: str, **more: Any) -> Callable[[], measurement.Command]:
        def command() -> measurement.Command:
            order.append(name)
            return measurement.Command([sys.executable, "-c", program], Path.cwd(), **more)

        return command

    measured = measurement.interleave(
        {
            "good": contestant("good", "print(1)"),
            "inside": contestant("inside", "print(2); print(0.25)", inside=True),
            "failed": contestant("failed", "raise SystemExit('no')"),
            "endless": contestant("endless", "import time; time.sleep(60)"),
            "negative": contestant("negative", "raise SystemExit(1)", code=1),
        },
        runs=2,
        patience=60,
        bound=3,
        keep=True,
    )
    assert " ".join(order) == "good inside failed endless negative good inside negative"
    assert measured["good"].answer == b"1\n"
    assert measured["good"].runs == measured["negative"].runs == 2
    assert measured["good"].memory > 2**20
    assert (measured["inside"].seconds, measured["inside"].answer) == (0.25, b"2")
    assert measured["failed"].failed == "exit code 1: no"
    assert (measured["endless"].bounded, measured["endless"].seconds) == (True, 3)


def test_the_code_of_this_repository_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    where = "import kaiju_graph; print(kaiju_graph.__file__)"
    command = measurement.Command([sys.executable, "-c", where], tmp_path)
    run = measurement.run(command, 60, keep=True)
    assert run
    assert Path(run.output.decode().strip()) == REPOSITORY / "src" / "kaiju_graph" / "__init__.py"


@pytest.mark.parametrize(
    "pattern",
    [
        patterns.LOOK_UP,
        patterns.LOOK_UP_GRAPH,
        patterns.SCAN,
        patterns.AGGREGATE,
        patterns.PATH,
        patterns.NEGATION,
    ],
)
def test_every_question_has_an_answer_and_differs_each_time(
    pattern: str, generated_project: Path, tmp_path: Path
) -> None:
    benchmark = session.Session(tmp_path)
    kg = kaiju_graph.load(str(generated_project))
    names = [benchmark.question(generated_project, pattern) for _ in range(2)]
    texts = {
        (generated_project / "queries" / f"{name}.rq").read_text(encoding="utf-8") for name in names
    }
    rows = [dict(row) for row in kg.ask(names[0])]
    assert len(texts) == 2
    assert rows
    assert all(int(str(row["count"])) > 0 for row in rows if "count" in row)


def test_a_report_compares_figures_with_targets() -> None:
    def measure(seconds: float, **more: Any) -> measurement.Measurement:
        return measurement.Measurement(seconds, 2**20, 3, **more)

    outcome: report.Outcome = {
        (size, of): {"kaiju": measure(seconds)}
        for of, seconds in (("2k", 1), ("20k", 1), ("200k", 20))
        for size in ("look-up", "build")
    }
    outcome["--help", session.OWN] = {"kaiju": measure(3.1), jobs.PYTHON: measure(1)}
    outcome["rules", "2k"] = {"kaiju": measure(1), "owlrl": measure(100, bounded=True)}
    outcome["rules", "20k"] = {"kaiju": measure(1), "owlrl": measure(nan, failed="exit code 1: no")}
    outcome["validate", session.OWN] = {
        "kaiju": measure(1, answer=b"[] <http://www.w3.org/ns/shacl#value> 1 ."),
        "pyshacl": measure(2, answer=b"[] <http://www.w3.org/ns/shacl#value> 2 ."),
    }
    outcome["validate again", session.OWN] = {
        "kaiju": measure(240, bounded=True),
        "pyshacl": measure(2, answer=b"[] <http://www.w3.org/ns/shacl#value> 2 ."),
    }
    text = report.report(outcome, 2)
    rows = {line[2:-2] for line in text.splitlines() if line.startswith("| ")}
    assert {
        "--help | this project | python -c pass | 3.10 | 3.0 | not reached | 3",
        "rules | 2k | owlrl | < 0.01 | 0.02 | reached | 3",
        "rules | 20k | owlrl |  | 0.02 | not measured | 0",
        "validate | this project | pyshacl | 0.5 | 1.1 | not reached | 3",
        "validate again | this project | pyshacl | 120.00 | 0.1 | not reached | 3",
        "validate again | this project | pyshacl | 2,000.0 | 1 | 3 | ",
        "look-up | 200k | the same at 2k | 20.00 | 1.3 | not reached | 3",
        "build | 20k to 200k | time | 1.30 | 1.15 | not reached",
        "build | 20k to 200k | memory | 0.00 | 1.05 | reached",
        "rules | 20k | owlrl |  |  | 3 | exit code 1",
        "rules | 2k | owlrl | > 100,000.0 |  | 3 | ended",
        "validate | this project | pyshacl | 2,000.0 | 1 | 3 | another answer",
    } <= rows
    assert all(size in session.SIZES or size == session.OWN for j in jobs.JOBS for size in j.sizes)


@pytest.mark.slow
def test_the_benchmarks_run(root: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", "--jobs", "cold ask", "--runs", "1"],
        cwd=root,
        env=os.environ | {"PATH": os.path.dirname(sys.executable)},  # only installed peers
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=120,
    )
    assert (run.stderr, run.returncode) == ("cold ask, this project …\n", 0)
    figures = [line[2:-2].split(" | ") for line in run.stdout.splitlines() if "| 1 | " in line]
    assert {row[2]: row[-1] for row in figures} == {
        "kaiju": "",
        jobs.PYTHON: "",
        "rdflib": "",
        "oxrdflib": "another answer",  # its union repeats triples
        "pyoxigraph": "",
        "oxigraph query": "",
    }
