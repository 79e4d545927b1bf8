"""The command: its answers, its errors in one line, its exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from kaiju_graph.cli import main
from kaiju_graph.cli.commands import stats
from kaiju_graph.store.files import CorruptError
from tests.conftest import every_nth
from tests.repository import ROOT

if TYPE_CHECKING:
    from pathlib import Path
    from typing import NoReturn

    from tests.cli.conftest import Terminal
    from tests.conftest import Command, Copy


def error(run: subprocess.CompletedProcess[str]) -> str:
    """Return the one line of an error, without its beginning; nothing else was printed."""
    assert run.stdout == ""
    assert "Traceback" not in run.stderr
    lines = run.stderr.splitlines()
    assert len(lines) == 1, run.stderr
    assert lines[0].startswith("kaiju: error: ")
    return lines[0].removeprefix("kaiju: error: ")


@pytest.mark.parametrize("folder", ["/", None])
def test_question_is_answered_in_any_folder(kaiju: Command, folder: str | None) -> None:
    run = kaiju("ask", "who-directed", cwd=folder)
    assert run.returncode == 0
    assert run.stdout.splitlines()[1].endswith("Shusuke Kaneko")


CALLS = [
    (["nonsense"], 2, "no command 'nonsense'; kaiju --help says more"),
    (["dif", "a", "b"], 2, "no command 'dif'; did you mean 'diff'?"),
    (["complet"], 2, "no command 'complet'; did you mean 'completion'?"),
    (["help", "exprot"], 2, "no command 'exprot'; did you mean 'export'?"),
    (["--rot=x", "ask"], 2, "no option '--rot'; did you mean '--root'?"),
    (["ask", "who-directed", "--evidnce"], 2, "no option '--evidnce'; did you mean '--evidence'?"),
    (["stats", "-z"], 2, "no option '-z'; kaiju stats --help says more"),
    (["describe", "Gamera", "2"], 2, "found '2'; expected a name of several words in quotes"),
    (["export", "jsonld"], 2, "found 'jsonld'; expected an option; kaiju export --help says more"),
    (["describe"], 2, "arguments are required: THING; kaiju describe --help says more"),
    (["ask", "producers-in-order", "position=2"], 2, "did you mean -p position=2?"),
    (["ask", "who-direted"], 3, "no question 'who-direted'; did you mean 'who-directed'"),
    (["ask", "who-directed", "-p", "planet=x"], 3, "has no parameter 'planet'; it takes film"),
    (["ask", "who-directed", "-p", "film"], 2, "found -p 'film'; expected -p name=value"),
    (
        ["ask", "who-directed", "-p", "film=gamera-2", "-p", "film=gamera"],
        2,
        "found -p film twice; expected one value",
    ),
    (["ask", "who-directed", "-p", "film=Gamira"], 3, "nothing is named 'Gamira'; did you mean"),
    (["ask", "who-directed", "-f", "yaml"], 2, "invalid choice: 'yaml'"),
    (
        ["ask", "producers-in-order", "-p", "position=two"],
        3,
        "expected a value of type xsd:integer",
    ),
    (["query"], 2, "expected one query"),
    (["query", "README.md"], 2, "found the name of a file; did you mean --file README.md?"),
    (["search", " ", ""], 2, "found no words; expected some words of a name"),
    (["query", "SELCT * {}"], 3, "query:1:1: found 'SELCT'; expected SELECT"),
    (["query", ""], 3, "query:1:1: found no query; expected SELECT"),
    (
        ["query", "SELECT * { ?s flim:director ?o }"],
        3,
        "found the prefix 'flim'; expected a declared",
    ),
    (["query", "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"], 3, "found SERVICE"),
    (["query", "DELETE WHERE { ?s ?p ?o }"], 3, "found 'DELETE'; expected SELECT"),
    (["query", "LOAD <file:///etc/hostname>"], 3, "found 'LOAD'; expected SELECT"),
    (["query", "--file", "nowhere.rq"], 4, "nowhere.rq: cannot be read: No such file"),
    (["query", "ASK {}", "-f", "csv"], 2, "csv does not hold a boolean; use table, json"),
    (["query", "CONSTRUCT WHERE { ?s a film:Film }", "-f", "csv"], 2, "csv does not hold a graph"),
    (["query", "SELECT * { ?s a film:Film }", "-f", "turtle"], 2, "turtle does not hold solutions"),
    (["query", "SELECT * {}", "--layer", "said"], 3, "no layer 'said'; expected some of stated"),
    (["describe", "Gamira"], 3, "nothing is named 'Gamira'; did you mean 'Gamera'"),
    (["describe", "id:nothing-at-all"], 3, "nothing is known of"),
    (["describe", "film:runtime"], 3, "; did you mean 'film:runtimeMinutes'?"),
    (["describe", "<no iri>"], 3, "is not an IRI"),
    (["export", "-f", "yaml"], 2, "invalid choice: 'yaml'"),
    (["export", "-o", "/nowhere/at/all.ttl"], 4, "/nowhere/at/all.ttl: cannot be written: No such"),
    (["export", "-o", "/"], 4, "/: cannot be written"),
    (["--root", "/nowhere", "stats"], 4, "/nowhere: not a project (--root): it has no ontology/"),
    (["stats", "--root", "/nowhere"], 4, "/nowhere: not a project (--root)"),
]


@pytest.mark.parametrize(("arguments", "code", "message"), CALLS, ids=lambda x: str(x)[:60])
def test_invalid_call_gives_one_line_and_its_exit_code(
    kaiju: Command, arguments: list[str], code: int, message: str
) -> None:
    run = kaiju(*arguments)
    assert run.returncode == code
    assert message in error(run)


BROKEN = [
    ("graph/gamera-2/lead.trig", "film:director", "film:director film:director", "lead.trig:"),
    ("graph/gamera-2/lead.trig", "1996 Japanese", "1997 Japanese", "lead.trig:"),
    (
        "graph/entities.ttl",
        "@prefix rdfs",
        "\ufeff@prefix rdfs",
        "entities.ttl:1:1: found a byte order",
    ),
    ("graph/entities.ttl", " .\n", " .\r\n", "found a carriage return (U+000D)"),
    ("graph/gamera-2/lead.trig", "Yō", "Yo\u0304", "found a decomposed character"),
    ("ontology/prefixes.ttl", "sh:declare", "declare", "prefixes.ttl:"),
]


@pytest.mark.parametrize(("file", "old", "new", "message"), BROKEN)
def test_file_that_does_not_load_is_named_with_its_line(
    kaiju: Command, copy: Copy, file: str, old: str, new: str, message: str
) -> None:
    copy.replace(file, old, new)
    asked = kaiju("ask", "who-directed", cwd=copy.root)
    assert asked.returncode == 3
    assert message in error(asked)


@pytest.mark.slow
@pytest.mark.usefixtures("warm_memory")
def test_validate_reports_a_file_that_does_not_load_as_a_negative_answer(
    kaiju: Command, copy: Copy
) -> None:
    copy.write("graph/gamera-2/lead.trig", "")
    run = kaiju("validate", cwd=copy.root)
    assert run.returncode == 1
    assert (run.stdout.splitlines()[0], run.stderr) == (
        "graph/gamera-2/lead.trig:1:1: error[syntax] found an empty file; expected TriG",
        "",
    )
    assert kaiju("stats", cwd=copy.root).returncode == 3


WRONG = [
    (
        "graph/gamera-2/infobox.trig",
        {"Director: Shusuke": "Director: Shunsuke"},
        "quote",
        'g2:infobox-director ev:quote "Director: Shunsuke Kaneko"@en ;',
    ),
    (
        "graph/entities.ttl",
        {"id:toho a film:Organization": "id:toho a film:Place"},
        "Ontology-range",
        "film:distributor id:toho",
    ),
    (
        "graph/gamera-2/lead.trig",
        {"film:character id:gamera .": "film:role id:gamera ."},
        "Portrayal-character-required",
        "a film:Portrayal",
    ),
    (
        "graph/entities.ttl",
        {
            "Gamera: Guardian of the Universe": "the other",
            "Gamera 3: Revenge of Iris": "Gamera: Guardian of the Universe",
            "the other": "Gamera 3: Revenge of Iris",
        },
        "context",
        "film:directSequelTo id:gamera-guardian-of-the-universe",
    ),
]


@pytest.mark.usefixtures("warm_memory")
@pytest.mark.parametrize(
    ("file", "edits", "rule", "line"), every_nth(WRONG, 8), ids=lambda x: str(x)[:40]
)
def test_validate_reports_rule_and_line(
    kaiju: Command, copy: Copy, file: str, edits: dict[str, str], rule: str, line: str
) -> None:
    for old, new in edits.items():
        copy.replace(file, old, new)
    run = kaiju("validate", "-f", "json", cwd=copy.root)
    assert run.returncode == 1
    assert run.stderr == ""
    found = [v for v in json.loads(run.stdout)["violations"] if v["rule"] == rule]
    assert any(line in copy.line(v["file"], v["line"]) for v in found), run.stdout


@pytest.mark.usefixtures("warm_memory")
def test_validate_writes_json_github_and_turtle(kaiju: Command, copy: Copy) -> None:
    copy.replace("graph/entities.ttl", "id:toho a film:Organization", "id:toho a film:Place")
    found = json.loads(kaiju("validate", "-f", "json", cwd=copy.root).stdout)
    assert found["conforms"] is False
    assert {"rule", "message", "file", "line", "passage", "sentence"} <= found["violations"][
        0
    ].keys()
    annotated = kaiju("validate", "-f", "github", cwd=copy.root).stdout
    assert annotated.startswith("::error file=graph/")
    assert "sh:ValidationReport" in kaiju("validate", "-f", "turtle", cwd=copy.root).stdout


def test_exit_status_reports_a_false_answer(kaiju: Command) -> None:
    query = "ASK { ?film film:director ?film }"
    assert kaiju("query", query).returncode == 0
    assert kaiju("query", query, "--exit-status").returncode == 1
    assert kaiju("query", "ASK { ?film film:director ?person }", "--exit-status").returncode == 0


@pytest.mark.parametrize("form", ["table", "csv", "tsv", "json", "jsonl", "xml", "markdown"])
def test_exit_status_reports_an_answer_without_rows(kaiju: Command, form: str) -> None:
    none = "SELECT ?film { ?film film:director ?film }"
    some = "SELECT (false AS ?x) { ?film film:director ?person }"  # which looks like none
    for query, expected in ((none, 1), (some, 0)):
        usual = kaiju("query", query, "-f", form)
        asked = kaiju("query", query, "-f", form, "--exit-status")
        assert (usual.returncode, asked.returncode) == (0, expected)
        assert (asked.stdout, asked.stderr) == (usual.stdout, usual.stderr)


def test_exit_status_reports_empty_graphs_and_empty_evidence(kaiju: Command) -> None:
    where = "WHERE { ?film film:director ?film }"
    for query in ([f"CONSTRUCT {where}"], [f"SELECT * {where}", "--evidence"]):
        assert kaiju("query", *query).returncode == 0
        assert kaiju("query", *query, "--exit-status").returncode == 1
    question = ("ask", "who-directed", "-p", "person=Toho")
    assert kaiju(*question, "--exit-status").returncode == 1
    assert kaiju("ask", "who-directed", "--exit-status").returncode == 0


def test_search_without_hits_suggests_the_nearest_names(kaiju: Command) -> None:
    run = kaiju("search", "kenako")
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr.startswith("kaiju: nothing is named 'kenako'; did you mean ")
    assert "'Kaneko'" in run.stderr
    assert kaiju("search", "shusuke", "kenako").stderr.endswith("'Shusuke Kaneko', 'Shusuke'?\n")
    assert json.loads(kaiju("search", "kenako", "-f", "json").stdout) == []


def test_query_is_read_from_a_file_or_standard_input(kaiju: Command, tmp_path: Path) -> None:
    query = "SELECT (COUNT(*) AS ?n) { ?film film:director ?person }"
    (tmp_path / "count.rq").write_text(query, encoding="utf-8")
    outputs = {
        kaiju("query", query).stdout,
        kaiju("query", "-", input=query).stdout,
        kaiju("query", "--file", "-", input=query).stdout,
        kaiju("query", "--file", str(tmp_path / "count.rq")).stdout,
    }
    assert outputs == {"n\n1\n"}
    (tmp_path / "-").write_text("ASK {}", encoding="utf-8")
    home = {"KAIJU_ROOT": str(ROOT)}
    assert kaiju("query", "-", input=query, cwd=tmp_path, env=home).stdout == "n\n1\n"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device here is always full")
@pytest.mark.parametrize("call", ["--help", "ask --help", "--version", "stats", "ask who-directed"])
def test_full_output_device_is_an_error(call: str, root: Path) -> None:
    with open("/dev/full", "wb") as full:
        run = subprocess.run(
            [sys.executable, "-m", "kaiju_graph", *call.split()],
            cwd=root,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert run.returncode == 4
    assert run.stderr == "kaiju: error: standard output: No space left on device\n"


def test_closed_standard_input_is_an_error(root: Path) -> None:
    call = ["bash", "-c", 'exec "$0" -m kaiju_graph query - <&-', sys.executable]
    run = subprocess.run(call, cwd=root, capture_output=True, text=True, check=False)
    assert run.returncode == 4
    assert error(run) == "standard input is closed; expected a text there"


def test_file_name_that_is_not_utf_8_is_written_unchanged(root: Path, tmp_path: Path) -> None:
    folder = os.path.join(os.fsencode(tmp_path), b"\xff")
    run = subprocess.run(
        [sys.executable, "-m", "kaiju_graph", "cache"],
        cwd=root,
        env={**os.environb, b"KAIJU_CACHE": folder},
        capture_output=True,
        check=False,
    )
    assert (run.returncode, run.stdout.split(b"\n")[0], run.stderr) == (0, folder, b"")


def test_os_error_without_a_file_name_is_reported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> NoReturn:
        raise CorruptError("names is damaged")

    monkeypatch.setattr(stats, "run", fail)
    assert main.main(["stats"]) == 4
    assert capsys.readouterr().err == "kaiju: error: names is damaged\n"


def test_show_prints_the_query_with_its_parameters(kaiju: Command) -> None:
    shown = kaiju("ask", "who-directed", "-p", "film=id:gamera-2", "--show").stdout
    assert "VALUES ?film { <https://w3id.org/kaiju/id/gamera-2> }" in shown
    assert kaiju("query", "-", input=shown).stdout == kaiju("ask", "who-directed").stdout


def test_closed_pipe_is_not_an_error(root: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "kaiju_graph", "export", "-f", "nquads"],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=60) == 0


def test_export_is_written_whole_or_not_at_all(kaiju: Command, tmp_path: Path) -> None:
    target = tmp_path / "graph.nq"
    assert kaiju("export", "-f", "nquads", "-o", str(target)).returncode == 0
    before = target.read_bytes()
    assert before.count(b"\n") == int(
        kaiju(
            "query",
            "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } FILTER(?g != graph:alignments) }",
        ).stdout.splitlines()[1]
    )
    failed = kaiju("export", "-f", "nquads", "--layer", "nothing", "-o", str(target))
    assert failed.returncode == 3
    assert target.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["graph.nq"]


def test_terminal_gets_a_table_without_control_characters(real_terminal: Terminal) -> None:
    text, code = real_terminal("query", r'SELECT ("\u001B[31mred" AS ?text) {}')
    assert code == 0
    assert r"\x1b[31mred" in text
    assert "\x1b[31m" not in text


@pytest.mark.slow
def test_infer_check_finds_no_difference_between_the_reasoners(kaiju: Command) -> None:
    run = kaiju("infer", "--check")
    assert run.returncode == 0
    assert run.stdout == ""
    assert run.stderr.endswith("conclusions; 0 differ from those of owlrl\n")


@pytest.mark.parametrize(
    ("limit", "message"),
    [
        (["--timeout", "1"], "the query took more than 1 s; --timeout raises the limit"),
        (
            ["--max-memory", "200"],
            "the query took more than 200 MiB; --max-memory raises the limit",
        ),
    ],
)
def test_query_over_a_limit_ends_with_exit_code_5(
    kaiju_process: Command, limit: list[str], message: str
) -> None:
    run = kaiju_process("query", "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", *limit)
    assert run.returncode == 5
    assert error(run) == message


def test_library_that_is_missing_is_named(
    kaiju: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("= A =\n\nLong.\n", "utf-8")
    monkeypatch.setitem(sys.modules, "syntok", None)
    run = kaiju("init", "films", cwd=tmp_path)
    run = kaiju("new", "../a.txt", cwd=tmp_path / "films")
    expected = "expected those of pip install kaiju-graph"
    assert run.stderr == f"kaiju: error: the library syntok is not installed; {expected}\n"
    assert run.returncode == 4


def test_debug_shows_the_traceback(kaiju_process: Command) -> None:
    assert "Traceback" in kaiju_process("--debug", "describe", "Gamira").stderr
