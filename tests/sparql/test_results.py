"""Result formats: every format has the same values, and no character that a terminal obeys."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pyoxigraph as ox
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from kaiju_graph.errors import UsageError
from kaiju_graph.project.layout import Project
from kaiju_graph.sparql.results import (
    ALIASES,
    BOOLEANS,
    FORMATS,
    SOLUTIONS,
    printable,
    table,
    write,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PROJECT = Project("", {"id": "https://w3id.org/kaiju/id/"})
STANDARD = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "tsv": ox.QueryResultsFormat.TSV,
}
QUERY = r"""
SELECT ?thing ?value {
    VALUES (?thing ?value) {
        (<https://w3id.org/kaiju/id/gamera> "Gamera"@en)
        (<https://w3id.org/kaiju/id/gamera> "ガメラ"@ja)
        (<http://e/a,b> "a, b \"c\"")
        (<http://e/> "two\nlines\tand a tab")
        (<http://e/> "a | b \\ <c> & d")
        (<http://e/> "010"^^<http://www.w3.org/2001/XMLSchema#integer>)
        (<http://e/> "1996-07-13"^^<http://www.w3.org/2001/XMLSchema#date>)
        (<http://e/> "")
        (<http://e/> " a ")
        (UNDEF 1.50)
        (<http://e/> UNDEF)
        (UNDEF UNDEF)
    }
}
"""


def _answer(text: str = QUERY) -> Any:
    return ox.Store().query(text)


def _terms() -> list[tuple[Any, ...]]:
    return [tuple(row) for row in _answer()]


# Solutions -------------------------------------------------------------------


@pytest.mark.parametrize("form", STANDARD)
def test_standard_format_keeps_the_solutions(form: str) -> None:
    parsed = ox.parse_query_results(write(_answer(), form, PROJECT), format=STANDARD[form])
    assert isinstance(parsed, ox.QuerySolutions)
    assert [variable.value for variable in parsed.variables] == ["thing", "value"]
    assert [tuple(row) for row in parsed] == _terms()


def test_csv_has_the_values() -> None:
    text = write(_answer(), "csv", PROJECT)
    assert text.count("\r\n") == len(_terms()) + 1
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    assert header == ["thing", "value"]
    assert rows == [["" if term is None else term.value for term in row] for row in _terms()]


def test_jsonl_has_one_binding_of_json_per_line() -> None:
    lines = write(_answer(), "jsonl", PROJECT).splitlines()
    whole = json.loads(write(_answer(), "json", PROJECT))
    assert [json.loads(line) for line in lines] == whole["results"]["bindings"]


def test_markdown_has_a_row_for_each_solution() -> None:
    header, rule, *rows = write(_answer(), "markdown", PROJECT).splitlines()
    assert (header, rule) == ("| thing | value |", "| --- | --- |")
    assert rows[:5] == [
        "| id:gamera | Gamera |",
        "| id:gamera | ガメラ |",
        '| <http://e/a,b> | a, b "c" |',
        "| <http://e/> | two<br>lines and a tab |",
        "| <http://e/> | a \\| b \\\\ \\<c\\> \\& d |",
    ]
    assert len(rows) == len(_terms())


def test_table_has_a_row_for_each_solution() -> None:
    answer = _answer("SELECT * { VALUES (?a ?b) { (1 2) (3 4) } }")
    header, _, *rows = _lines(write(answer, "table", PROJECT))
    assert [row.split() for row in (header, *rows)] == [["a", "b"], ["1", "2"], ["3", "4"]]


def _lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line]


@pytest.mark.parametrize("form", SOLUTIONS)
def test_answer_without_solutions_has_no_rows(form: str) -> None:
    text = write(_answer("SELECT ?a { VALUES ?a { } }"), form, PROJECT)
    assert text == "" if form == "jsonl" else text.endswith("\n")
    assert "a" in text or form == "jsonl"


@pytest.mark.parametrize("form", SOLUTIONS)
def test_every_format_ends_in_one_line_feed(form: str) -> None:
    text = write(_answer("SELECT ?a { VALUES ?a { 1 2 } }"), form, PROJECT)
    assert text.endswith("\n")
    assert text.strip("\r\n") == text.removesuffix("\n").removesuffix("\r")


@pytest.mark.parametrize("form", SOLUTIONS)
def test_every_format_writes_blank_nodes(form: str) -> None:
    assert write(_answer("SELECT ?a { BIND(BNODE() AS ?a) }"), form, PROJECT)


# Booleans --------------------------------------------------------------------


@pytest.mark.parametrize("form", BOOLEANS)
@pytest.mark.parametrize("value", [True, False])
def test_boolean_formats_write_true_and_false(form: str, value: bool) -> None:  # noqa: FBT001 (parametrised)
    text = write(_answer("ASK {}" if value else "ASK { FILTER(false) }"), form, PROJECT)
    assert text.endswith("\n")
    if form in STANDARD:
        parsed = ox.parse_query_results(text, format=STANDARD[form])
        assert isinstance(parsed, ox.QueryBoolean)
        assert bool(parsed) is value
    elif form == "jsonl":
        assert json.loads(text) == {"boolean": value}
    else:
        assert text == f"{str(value).lower()}\n"


@pytest.mark.parametrize("form", ["csv", "tsv", "turtle", "nonsense"])
def test_format_without_booleans_is_an_error_that_lists_the_others(form: str) -> None:
    with pytest.raises(UsageError) as raised:
        write(_answer("ASK {}"), form, PROJECT)
    expected = "use table, json, jsonl, xml, markdown"
    assert str(raised.value) == f"{form} does not hold a boolean; {expected}"


@pytest.mark.parametrize("form", ["turtle", "jsonld", "", "CSV"])
def test_format_without_solutions_is_an_error_that_lists_the_others(form: str) -> None:
    with pytest.raises(UsageError) as raised:
        write(_answer(), form, PROJECT)
    expected = "use table, csv, tsv, json, jsonl, xml, markdown"
    assert str(raised.value) == f"{form} does not hold solutions; {expected}"


# Any text --------------------------------------------------------------------

# What a table or a message may hold of Unicode's controls: line feeds.
BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
TEXT = st.one_of(
    st.text(st.characters(codec="utf-8")),
    st.text("a |\\`*_<>&\"'\n\t\r\x00\x07\x1b[31m\x7f\x9b\x85ガ😀e\u0301" + BIDI),
)


def _control_characters(text: str) -> list[str]:
    """Return the characters that a terminal would obey instead of showing."""
    return [c for c in text if (unicodedata.category(c) == "Cc" and c not in "\n\t") or c in BIDI]


@given(cell=TEXT)
@example("\x1b]0;title\x07\x1b[2J")
@example("a\u202eb\u2066c")
@example("\x9b31m")
@example("a\r\nb")
def test_table_shows_no_control_character(cell: str) -> None:
    assert not _control_characters(table(["name"], [[cell]], 80))


@given(text=TEXT)
def test_printable_changes_only_control_characters(text: str) -> None:
    shown = printable(text)
    assert not _control_characters(shown)
    assert printable(shown) == shown
    if not _control_characters(text):
        assert shown == text


@given(cells=st.lists(st.tuples(TEXT, TEXT), max_size=3))
@example([("a\\|b", "|")])
@example([("\\", "a\r\nb")])
def test_markdown_row_has_as_many_cells_as_its_header(cells: list[tuple[str, str]]) -> None:
    rows = [{"a": ox.Literal(one), "b": ox.Literal(other)} for one, other in cells]
    text = write(_solutions(["a", "b"], rows), "markdown", PROJECT)
    assert not _control_characters(text)
    lines = text.removesuffix("\n").split("\n")
    assert len(lines) == len(cells) + 2
    for line in lines:
        assert len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) == 3


@given(cells=st.lists(st.tuples(TEXT, TEXT), max_size=3), form=st.sampled_from(["json", "tsv"]))
def test_standard_format_keeps_any_text(cells: list[tuple[str, str]], form: str) -> None:
    rows = [{"a": ox.Literal(one), "b": ox.Literal(other, language="ja")} for one, other in cells]
    parsed = ox.parse_query_results(
        write(_solutions(["a", "b"], rows), form, PROJECT), format=STANDARD[form]
    )
    assert isinstance(parsed, ox.QuerySolutions)
    assert [tuple(row) for row in parsed] == [tuple(row.values()) for row in rows]


@given(text=TEXT)
@example(text="a\rb\r\nc")
@example(text="\x01")
def test_any_text_reads_back_from_xml_or_is_refused(text: str) -> None:
    """XML 1.0, sections 2.2 and 2.11."""
    solutions = _solutions(["a"], [{"a": ox.Literal(text)}])
    if re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", text):
        with pytest.raises(UsageError, match=r"^xml cannot hold the character U\+00"):
            write(solutions, "xml", PROJECT)
    else:
        document = ET.fromstring(write(solutions, "xml", PROJECT))  # noqa: S314 (our own)
        (literal,) = document.iter("{http://www.w3.org/2005/sparql-results#}literal")
        assert (literal.text or "") == text


@given(cells=st.lists(st.tuples(TEXT, TEXT), max_size=3))
def test_jsonl_keeps_any_text(cells: list[tuple[str, str]]) -> None:
    rows = [{"a": ox.Literal(one), "b": ox.Literal(other)} for one, other in cells]
    lines = write(_solutions(["a", "b"], rows), "jsonl", PROJECT).split("\n")
    read = [json.loads(line) for line in lines if line]
    assert [(row["a"]["value"], row["b"]["value"]) for row in read] == cells


def _solutions(names: list[str], rows: Sequence[Mapping[str, ox.Literal]]) -> Any:
    """Return solutions with these rows, in this order, as a query would."""
    head = {"head": {"vars": names}}
    bindings = [
        {
            name: {"type": "literal", "value": term.value}
            | ({"xml:lang": term.language} if term.language else {})
            for name, term in row.items()
        }
        for row in rows
    ]
    return ox.parse_query_results(
        json.dumps(head | {"results": {"bindings": bindings}}), format=ox.QueryResultsFormat.JSON
    )


# Tables ----------------------------------------------------------------------


@pytest.mark.parametrize("wide", ["ガメラ", "😀", "e\u0301é", "ｶﾞﾒﾗ", "가메라", "«»"])
def test_columns_are_aligned_where_characters_are_wide(wide: str) -> None:
    text = table(["name", "of"], [[wide, "x"], ["Gamera", "x"]], 60)
    header, rule, *rows = _lines(text)
    places = {cell_len(row[: row.index("x")]) for row in rows}
    assert places == {cell_len(header[: header.index("of")])}
    assert len(rows) == 2
    assert cell_len(rule) >= places.pop()


@given(
    rows=st.lists(
        st.tuples(
            st.text("abc -/:ガ", max_size=90),
            st.text("abc -/:ガ", max_size=90),
        ),
        min_size=1,
        max_size=3,
    ),
    width=st.integers(20, 120),
)
@example([("https://example.org/a-name-without-any-space-in-it-that-is-long", "x")], 40)
def test_table_fits_its_width_and_loses_no_letter(rows: list[tuple[str, str]], width: int) -> None:
    text = table(["one", "two"], rows, width)
    assert all(cell_len(line) <= width for line in text.splitlines())
    letters = re.compile(r"[abc/:ガ]")
    shown = sorted(letters.findall("".join(_lines(text)[1:])))
    assert shown == sorted(letters.findall("".join("".join(row) for row in rows)))


def test_first_cell_that_repeats_is_a_line_above_its_rows_where_the_table_is_too_wide() -> None:
    names = ["title", "who", "what"]
    rows = [
        ["Gamera 2", "Gamera", "flies"],
        ["Gamera 2", "Gamera", "is forced to retreat"],
        ["Gamera 3", "Iris", "grows"],
        ["Gamera 3", "", "ends"],
    ]
    assert (
        table(names, rows, 30)
        == """\
 who      what
 ────────────────────────────
 title: Gamera 2
 Gamera   flies
 Gamera   is forced to
          retreat

 title: Gamera 3
 Iris     grows
          ends
"""
    )
    assert table(names, rows, 80).splitlines()[2] == " Gamera 2   Gamera   flies"
    assert "title:" not in table(names, rows[1:], 30), "most lines would be above one row"


@given(rows=st.lists(st.text("abc -/:ガ", max_size=90), min_size=2, max_size=4))
def test_table_with_lines_above_its_rows_fits_its_width(rows: list[str]) -> None:
    text = table(["one", "two", "three"], [["ガメラ2 " * 9, row, row] for row in rows], 40)
    assert all(cell_len(line) <= 40 for line in text.splitlines())
    assert text.count("one:") == 1


def test_table_does_not_interpret_markup() -> None:
    assert "[bold]x[/bold] :smile:" in table(["a"], [["[bold]x[/bold] :smile:"]], 80)


@pytest.mark.parametrize("width", [20, 40, 60, 200])
def test_iri_is_never_broken_and_text_wraps_first(width: int) -> None:
    iris = ["https://example.org/a-name-as-long-as-this-one", "https://w3id.org/kaiju/id/gamera"]
    rows = " ".join(f"(<{iri}> 'some words that may be wrapped, and more of them')" for iri in iris)
    text = write(
        _answer(f"SELECT * {{ VALUES (?iri ?words) {{ {rows} }} }}"), "table", PROJECT, width
    )
    shown = [word for line in text.splitlines() for word in line.split()]
    assert f"<{iris[0]}>" in shown
    assert "id:gamera" in shown
    assert shown.count("wrapped,") == 2
    assert max(map(cell_len, text.splitlines())) <= max(width, len(iris[0]) + 16)


def test_names_and_endings_of_formats_are_unique() -> None:
    names = [*FORMATS, *(alias for form in FORMATS.values() for alias in form.aliases)]
    assert len(set(names)) == len(names)
    assert ALIASES == {"md": "markdown"}
    assert len({form.ending for form in FORMATS.values()}) == len(FORMATS)
    assert all(re.fullmatch(r"(text|application)/[a-z+-]+", f.media_type) for f in FORMATS.values())
    assert write(_answer(), "md", PROJECT) == write(_answer(), "markdown", PROJECT)
