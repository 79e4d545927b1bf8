"""The fast path and the whole command accept the same calls, and print the same bytes."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NoReturn

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaiju_graph import fast_path
from kaiju_graph.cli import FILE, FORMAT, PARAMETER, ROOT
from kaiju_graph.rdf import formats as graphs
from kaiju_graph.sparql import results
from tests.repository import ROOT as HERE

if TYPE_CHECKING:
    from kaiju_graph import KnowledgeGraph
    from tests.conftest import Command

WORDS = {
    "ask": (
        *("who-directed", "who-portrays-whom", "appearances", "who-directe", "who plays Gamera"),
        *("ASK { ?s ?p 1 }", ""),
    ),
    "query": (
        *("SELECT ?who { ?film film:director ?who }", "SELECT ?x { ?x film:no ?y }", "SELCT * {}"),
        *("ASK { ?s ?p 1 }", "CONSTRUCT WHERE { ?s film:director ?o }", "who-directed", ""),
        "SELECT ?x { ?x a film:Flim }",
    ),
}
VALUES = {
    FORMAT: (*results.FORMATS, *results.ALIASES, *graphs.FORMATS, "html", ""),
    PARAMETER: (
        *("film=id:gamera-2", "film=Gamera 2: Attack of Legion", "thing=Legion Queen", "thing"),
        *("character=Gamera", "character=gamera", "person=Toho", "planet=id:gamera", "film=Gamira"),
    ),
    FILE: (str(HERE / "queries" / "who-directed.rq"), "nowhere.rq", "-"),
    ROOT: (str(HERE), "/nowhere"),
}
OTHERS = (
    *("--help", "--nonsense", "--evidence", "--labels", "--exit-status", "--check-hash", "--show"),
    *("--max-rows=1", "--layer=stated", "--timeout=no", "more", "--", "--tag=money"),
)

SETTINGS_FILES = ("pyproject.toml", "home/kaiju-graph/kaiju.toml")
LINES = (
    *(f"format = '{name}'" for name in (*results.FORMATS, "md", "html")),
    *("timeout = 60", "timeout = 0", "max-memory = 4000", "max-memory = 'no'", "language = 'de'"),
    *(f"root = '{HERE}'", "root = '.'", "endpoint = 'http://127.0.0.1:9/'", "colour = 1"),
)


@st.composite
def options(draw: st.DrawFn) -> list[str]:
    """Draw an option with its value, written in any of the ways that argparse accepts."""
    flags = draw(st.sampled_from(list(VALUES)))
    flag, value = draw(st.sampled_from(flags)), draw(st.sampled_from(VALUES[flags]))
    if draw(st.booleans()):
        return [flag, value]
    if not flag.startswith("--"):
        return [flag + value]
    return [f"{flag[: draw(st.integers(4, len(flag)))]}={value}"]


@st.composite
def calls(draw: st.DrawFn) -> list[str]:
    """Draw the arguments of a call of ``ask`` or ``query``: most are valid, in any order."""
    command = draw(st.sampled_from(tuple(WORDS)))
    words = [[draw(st.sampled_from(WORDS[command]))]]
    others = st.sampled_from(OTHERS).map(lambda word: [word])
    drawn = [*words, *draw(st.lists(options(), max_size=2)), *draw(st.lists(others, max_size=1))]
    return [command, *(word for part in draw(st.permutations(drawn)) for word in part)]


def leave(*_: object) -> NoReturn:
    """Leave every call to the whole command."""
    raise LookupError


def check(kaiju: Command, call: list[str], cwd: Path = HERE) -> None:
    env = {"XDG_CONFIG_HOME": str(cwd / "home")}
    new = kaiju(*call, input="ASK {}", cwd=cwd, env=env)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fast_path, "_answer", leave)
        whole = kaiju(*call, input="ASK {}", cwd=cwd, env=env)
    again = kaiju(*call, input="ASK {}", cwd=cwd, env=env)
    for run in (new, again):
        assert (run.stdout, run.stderr) == (whole.stdout, whole.stderr)
        assert run.returncode == whole.returncode


@settings(max_examples=8)
@given(call=calls())
def test_fast_path_and_whole_command_agree(
    call: list[str], kaiju: Command, kg: KnowledgeGraph
) -> None:
    assert kg.quads  # so that there is an entry in the cache
    check(kaiju, call)


@pytest.mark.slow
@settings(max_examples=150)
@given(call=calls())
def test_fast_path_and_whole_command_agree_on_many_calls(
    call: list[str], kaiju: Command, kg: KnowledgeGraph
) -> None:
    assert kg.quads
    check(kaiju, call)


@st.composite
def files(draw: st.DrawFn) -> dict[str, str]:
    """Draw a file of settings of the project, of the user, or both; most are valid."""
    names = draw(
        st.sampled_from((["kaiju.toml"], ["home/kaiju-graph/kaiju.toml"], [*SETTINGS_FILES]))
    )
    lines = st.lists(st.sampled_from(LINES), unique_by=lambda line: line[:4], max_size=3)
    return {name: "\n".join(draw(lines)) for name in names}


@pytest.mark.parametrize("number", [2, pytest.param(60, marks=pytest.mark.slow)])
def test_fast_path_and_whole_command_agree_on_settings(
    number: int, kaiju: Command, kg: KnowledgeGraph
) -> None:
    assert kg.quads

    @settings(max_examples=number)
    @given(call=calls(), texts=files())
    def agree(call: list[str], texts: dict[str, str]) -> None:
        with TemporaryDirectory() as folder:
            for name, text in texts.items():
                path = Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                table = "[tool.kaiju]\n" if name == "pyproject.toml" else ""
                path.write_text(table + text, encoding="utf-8")
            check(kaiju, call, Path(folder))

    agree()


def test_new_result_format_is_one_entry(kaiju: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    shout = results.Format("text/plain", ".txt", lambda answer, *_: f"{len(list(answer))} rows!\n")
    monkeypatch.setitem(results.FORMATS, "shout", shout)
    assert " shout " in kaiju("ask", "--help").stdout.replace(",", " ")
    query = "SELECT ?who { ?film film:director ?who FILTER(?who != 'shout') }"
    for call in (["ask", "who-directed"], ["query", query]):
        for _ in range(2):
            run = kaiju(*call, "-f", "shout")
            assert (run.stdout, run.stderr, run.returncode) == ("1 rows!\n", "", 0)
    assert kaiju("query", "ASK {}", "-f", "shout").returncode == 2
