"""The fast path and the whole command accept the same calls, and print the same bytes."""

from __future__ import annotations

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

WORDS = (
    *("who-directed", "who-portrays-whom", "appearances", "who-directe", "who plays Gamera"),
    *("SELECT ?who { ?film film:director ?who }", "SELECT ?x { ?x film:no ?y }", "ASK { ?s ?p 1 }"),
    *("CONSTRUCT WHERE { ?s film:director ?o }", "SELECT ?x { ?x a film:Flim }", "SELCT * {}", ""),
)
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
    words = [[draw(st.sampled_from(WORDS))]]
    others = st.sampled_from(OTHERS).map(lambda word: [word])
    drawn = [*words, *draw(st.lists(options(), max_size=2)), *draw(st.lists(others, max_size=1))]
    command = draw(st.sampled_from(("ask", "query")))
    return [command, *(word for part in draw(st.permutations(drawn)) for word in part)]


def leave(*_: object) -> NoReturn:
    """Leave every call to the whole command."""
    raise LookupError


def check(kaiju: Command, call: list[str]) -> None:
    new = kaiju(*call, input="ASK {}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fast_path, "_answer", leave)
        whole = kaiju(*call, input="ASK {}")
    again = kaiju(*call, input="ASK {}")
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
