"""Arguments: names of formats, endings of files, and the help."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import pytest

from kaiju_graph.cli.commands import COMMANDS
from kaiju_graph.cli.options import ALIASES
from kaiju_graph.cli.parser import build_parser
from kaiju_graph.rdf.formats import ENDINGS, FORMATS
from kaiju_graph.sparql import results

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Command

# Formats ---------------------------------------------------------------------


def format_of(*call: str) -> str:
    """Return the format that a call asks for."""
    found: str = build_parser(COMMANDS).parse_args(call).format
    return found


@pytest.mark.parametrize(("alias", "name"), ALIASES.items())
@pytest.mark.parametrize("call", [["ask"], ["query", "ASK {}"], ["export"], ["infer"]])
def test_formats_have_aliases(call: list[str], alias: str, name: str) -> None:
    known = FORMATS if call[0] in ("export", "infer") else (*results.FORMATS, *FORMATS)
    if name in known:
        assert format_of(*call, "-f", alias) == (alias if alias in known else name)


def test_json_and_xml_name_graph_formats_for_graphs(kaiju: Command) -> None:
    graph = "CONSTRUCT WHERE { ?film film:director ?person }"
    for alias in ("json", "xml"):
        assert (
            kaiju("query", graph, "-f", alias).stdout
            == kaiju("query", graph, "-f", ALIASES[alias]).stdout
        )
    rows = "SELECT ?person { ?film film:director ?person }"
    assert "<sparql " in kaiju("query", rows, "-f", "xml").stdout
    assert kaiju("query", rows, "-f", "md").stdout.startswith("| person |\n")


def test_export_takes_the_format_from_the_option_or_the_ending(
    kaiju: Command, tmp_path: Path
) -> None:
    def written_format(name: str, *options: str) -> str:
        target = tmp_path / name
        run = kaiju("export", "--passage", "infobox-director", "-o", str(target), *options)
        assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
        return target.read_text(encoding="utf-8")

    texts = {name: written_format("x", "-f", name) for name in FORMATS}
    assert {ending: written_format(f"x{ending}") for ending in ENDINGS} == {
        ending: texts[name] for ending, name in ENDINGS.items()
    }
    assert written_format("none") == texts["turtle"]
    assert written_format("x.foo", "-f", "nt") == texts["ntriples"]
    assert written_format("y.foo", "--profile", "compacted") == texts["jsonld"]


def test_unknown_ending_is_an_error_that_lists_the_known_ones(
    kaiju: Command, tmp_path: Path
) -> None:
    target = tmp_path / "x.foo"
    run = kaiju("export", "-o", str(target))
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == (
        f"kaiju: error: {target}: found the ending .foo; expected {', '.join(ENDINGS)}, or -f\n"
    )
    assert not target.exists()


def test_empty_file_name_is_an_error_of_the_arguments(kaiju: Command) -> None:
    run = kaiju("export", "-o", "")
    assert (run.returncode, run.stdout) == (2, "")
    assert "-o/--output: found an empty name; expected a file" in run.stderr


# Help ------------------------------------------------------------------------


def test_help_is_printed_by_every_call_that_asks_for_it(kaiju: Command) -> None:
    whole = kaiju("--help")
    for call in ([], ["help"], ["--root", "/nowhere"]):
        run = kaiju(*call)
        assert (run.returncode, run.stdout, run.stderr) == (0, whole.stdout, "")
    assert kaiju("version").stdout == kaiju("--version").stdout
    for name in build_parser(COMMANDS).commands:
        assert kaiju("help", name).stdout == kaiju(name, "--help").stdout


def test_help_has_the_options_of_a_command_before_those_of_every_command(kaiju: Command) -> None:
    text = kaiju("search", "--help").stdout
    parts = ("options:", "  -f FORMAT", "options of every command:", "  --root DIR", "example:")
    places = [text.index(f"\n{part}") for part in parts]
    assert places == sorted(places)


def test_internal_command_is_neither_listed_nor_suggested(kaiju: Command) -> None:
    assert "\n    complete " not in kaiju("--help").stdout
    for word in ("complet", "compleet"):
        assert "'complete'" not in kaiju(word).stderr


def test_list_of_questions_is_the_same_as_csv_and_json(kaiju: Command, root: Path) -> None:
    rows = list(csv.DictReader(kaiju("ask", "-f", "csv").stdout.splitlines()))
    assert {row["name"] for row in rows} == {path.stem for path in (root / "queries").glob("*.rq")}
    questions = json.loads(kaiju("ask", "-f", "json").stdout)
    assert rows == [
        {
            "name": question["name"],
            "summary": question["summary"],
            "tags": ", ".join(question["tags"]),
        }
        for question in questions
    ]
