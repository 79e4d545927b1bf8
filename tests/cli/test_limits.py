"""Every command ends within its limits of time and memory, whatever the project holds."""

from __future__ import annotations

import signal
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

import pytest

from kaiju_graph.cli.commands import COMMANDS
from kaiju_graph.sparql import limits
from tests.conftest import every_nth

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Command, Copy

PRODUCT = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i"
ONTOLOGY = "@prefix e: <http://e/> .\n@prefix owl: <http://www.w3.org/2002/07/owl#> .\n"
LINES = range(3000)
PASSAGES = "@prefix e: <http://e/> .\n@prefix ev: <https://w3id.org/kaiju/evidence#> .\n"


class Case(NamedTuple):
    """A command that would take very long, and what is added to which files of the project."""

    command: tuple[str, ...]
    texts: dict[str, str]


def _constraint(select: str) -> str:
    return (
        "\nshape:zz a sh:NodeShape ; sh:targetNode film:Film ;\n"
        f'    sh:sparql [ sh:message "m"@en ; sh:select "{select}" ] .\n'
    )


CASES = {
    "product in a constraint": Case(
        ("validate",),
        {"ontology/shapes/film.ttl": _constraint(f"SELECT $this {{ $this ?p ?o . {PRODUCT} }}")},
    ),
    "product in a question": Case(
        ("export", "--all", "release"),
        {"queries/zz.rq": f'#+ summary: "All?"\n\nSELECT (COUNT(*) AS ?n) {{ {PRODUCT} }}\n'},
    ),
    "product in a profile": Case(
        ("export", "--profile", "zz"),
        {
            "ontology/profiles/zz.rq": f"CONSTRUCT {{ ?a ?b ?i }} {{ {PRODUCT} }}\n",
            "ontology/profiles/zz.jsonld": '{"@context": {}}\n',
        },
    ),
    "names for one thing": Case(
        ("why", "e:1", "owl:sameAs", "e:400"),
        {
            "ontology/zz.ttl": ONTOLOGY
            + "".join(f"e:{i} owl:sameAs e:{i + 1} .\n" for i in range(400))
        },
    ),
    "transitive chain": Case(
        ("infer",),
        {
            "ontology/zz.ttl": f"{ONTOLOGY}e:p a owl:TransitiveProperty .\n"
            + "".join(f"e:{i} e:p e:{i + 1} .\n" for i in range(3000))
        },
    ),
    "passages": Case(
        ("validate",),
        {
            "graph/gamera-2/article.txt": "".join(f"The film has line {i}.\n" for i in LINES),
            "graph/gamera-2/zz.trig": PASSAGES
            + "".join(
                f'e:{i} ev:quote "The film has line {i}."@en .\ne:{i} {{ e:x{i} e:p "film"@en }}\n'
                for i in LINES
            ),
        },
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_endless_work_ends_with_one_line(
    kaiju_process: Command, copy: Copy, tmp_path: Path, name: str
) -> None:
    case = CASES[name]
    for file, text in case.texts.items():
        old = copy.read(file) if (copy.root / file).exists() else ""
        copy.write(file, old + text)
    before = set(tmp_path.iterdir())
    start = time.monotonic()
    run = kaiju_process(
        *case.command, "--timeout", "2", cwd=tmp_path, env={"KAIJU_ROOT": str(copy.root)}
    )
    assert time.monotonic() - start < 30
    message = f"kaiju {case.command[0]} took more than 2 s; --timeout raises the limit"
    assert (run.returncode, run.stdout) == (5, "")
    assert run.stderr == f"kaiju: error: {message}\n"
    assert set(tmp_path.iterdir()) == before


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="a process has no signals there")
def test_command_in_the_background_removes_its_temporary_files(
    kaiju_process: Command, copy: Copy, tmp_path: Path
) -> None:
    case = CASES["product in a question"]
    for file, text in case.texts.items():
        copy.write(file, text)
    before = set(tmp_path.iterdir())
    # A shell that is not interactive starts a command with & so that it ignores the interrupt.
    restore = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        run = kaiju_process(
            *case.command, "--timeout", "2", cwd=tmp_path, env={"KAIJU_ROOT": str(copy.root)}
        )
    finally:
        signal.signal(signal.SIGINT, restore)
    assert run.returncode == 5
    assert set(tmp_path.iterdir()) == before


ARGUMENTS = {
    "ask": ("who-directed", "--labels"),
    "query": ("ASK {}", "--labels"),
    "describe": ("gamera",),
    "why": ("gamera", "a", "film:Character"),
    "search": ("gamera",),
    "diff": (".", "."),
    "draw": ("story",),
    "push": ("http://127.0.0.1:9/",),
    "check": ("http://127.0.0.1:9/",),
    "completion": ("bash",),
    "new": ("graph/gamera-2/article.txt", "--dry-run"),
}


@pytest.mark.parametrize(
    "command",
    every_nth((name for name, summary in COMMANDS.items() if summary and name != "shell"), 9),
)
def test_every_command_has_the_limits(kaiju_process: Command, tmp_path: Path, command: str) -> None:
    # A line of the shell is a command of its own.
    makes = command in ("init", "site")
    words = (str(tmp_path / "new"),) if makes else ARGUMENTS.get(command, ())
    run = kaiju_process(command, *words, "--max-memory", "1")
    if command in ("cache", "completion", "config", "init"):  # which may end before the first look
        assert run.returncode in (0, 5)
    else:
        message = " took more than 1 MiB; --max-memory raises the limit\n"
        assert (run.returncode, run.stdout) == (5, "")
        assert run.stderr.removeprefix(f"kaiju: error: kaiju {command}") == message


def test_limit_of_0_is_no_limit(kaiju: Command) -> None:
    run = kaiju("query", "SELECT ?film { ?film a film:Film }", "--timeout=0", "--max-memory=0")
    assert (run.returncode, run.stderr) == (0, "")


def test_watch_takes_the_clock_of_new_work() -> None:
    exceeded: list[str] = []
    with limits.Watch(60, 0, exceeded.append, "loading") as watch:
        watch.start("the query", 0.05)
        while not exceeded:
            time.sleep(0.01)
    assert exceeded == ["the query took more than 0.05 s; --timeout raises the limit"]


# Arguments --------------------------------------------------------------------


@pytest.mark.parametrize("index", ["-1", "10000", "9" * 20, "x", "²"])
def test_position_to_complete_is_a_small_number(kaiju: Command, index: str) -> None:
    run = kaiju("complete", "bash", index, "kaiju")
    assert (run.returncode, run.stdout) == (2, "")
    assert f"found {index!r}; expected a whole number below 10,000" in run.stderr


def test_very_long_words_are_not_searched(kaiju: Command) -> None:
    run = kaiju("search", "o" * 1000, "o" * 100_000)
    message = "found 101,001 characters; expected at most 1,000, some words of a name"
    assert (run.returncode, run.stdout, run.stderr) == (2, "", f"kaiju: error: {message}\n")


def test_evidence_of_a_very_long_integer_logs_nothing(
    kaiju: Command, caplog: pytest.LogCaptureFixture
) -> None:
    query = f"SELECT ?film {{ ?film a film:Film ; film:runtimeMinutes {'1' * 5000} }}"
    run = kaiju("query", "--evidence", query)
    assert (run.returncode, run.stdout) == (0, "film,evidence\n")
    assert not caplog.records
