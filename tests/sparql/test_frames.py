"""Answers in notebooks: HTML, and data frames with a type for each column."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from kaiju_graph.errors import UsageError
from kaiju_graph.sparql import frames
from kaiju_graph.sparql.answer import Answer, Citation, convert_result
from kaiju_graph.sparql.execute import run

if TYPE_CHECKING:
    from kaiju_graph import KnowledgeGraph

XSD = {"xsd": "http://www.w3.org/2001/XMLSchema#"}


def answer(values: str, names: str = "?x") -> Answer:
    """Return the answer of VALUES."""
    return convert_result(
        run(ox.Store(), f"SELECT {names} {{ VALUES ({names}) {{ {values} }} }}", XSD)
    )


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        ("(1) (UNDEF) ('07'^^xsd:int)", "integer", [1, None, 7]),
        ("('1996'^^xsd:gYear) (3)", "integer", [1996, 3]),
        ("(1.50) (2.0)", "decimal", [Decimal("1.50"), Decimal("2.0")]),
        ("(1e3) ('-INF'^^xsd:double)", "double", [1000.0, float("-inf")]),
        ("(true) ('0'^^xsd:boolean)", "boolean", [True, False]),
        ("('1996-07-13'^^xsd:date)", "date", [date(1996, 7, 13)]),
        ("('1996-07-13T01:02:03'^^xsd:dateTime)", "time", [datetime(1996, 7, 13, 1, 2, 3)]),  # noqa: DTZ001
        (
            "('1996-07-13T01:02:03+09:00'^^xsd:dateTime)",
            "instant",
            [datetime(1996, 7, 12, 16, 2, 3, tzinfo=UTC)],
        ),
        # Not of one kind, not valid, or beyond what a frame holds: text, as it is written.
        ("(1) (1.5)", "text", ["1", "1.5"]),
        ("('1996-02-30'^^xsd:date)", "text", ["1996-02-30"]),
        ("('1_0'^^xsd:integer)", "text", ["1_0"]),
        ("(99999999999999999999)", "text", ["99999999999999999999"]),
        ("('1996-07-13T24:00:00'^^xsd:dateTime)", "text", ["1996-07-13T24:00:00"]),
        ("('a'@en) (<http://e/a>)", "text", ["a", "http://e/a"]),
        ("(UNDEF)", "text", [None]),
        ("", "text", []),
    ],
)
def test_column_has_the_type_of_all_its_literals(
    values: str, kind: str, expected: list[object]
) -> None:
    assert frames.columns(answer(values)) == [frames.Column("x", kind, expected)]


@pytest.mark.slow
def test_frames_have_the_types_of_their_libraries() -> None:
    rows = """(1 1.5 1e0 true '1996-07-13'^^xsd:date '1996-07-13T01:02:03Z'^^xsd:dateTime 'a')
        (UNDEF UNDEF UNDEF UNDEF UNDEF UNDEF UNDEF)"""
    found = answer(rows, "?i ?d ?f ?b ?day ?at ?s")
    types = {name: str(kind) for name, kind in found.to_pandas().dtypes.items()}
    assert types == {
        "i": "Int64",
        "d": "object",
        "f": "Float64",
        "b": "boolean",
        "day": "datetime64[s]",
        "at": "datetime64[us, UTC]",
        "s": "string",
    }
    assert found.to_pandas()["d"][0] == Decimal("1.5")
    assert found.to_pandas().isna().sum().tolist() == [1] * 7
    frame = found.to_polars()
    assert [str(kind).partition("(")[0] for kind in frame.dtypes] == [
        *("Int64", "Decimal", "Float64", "Boolean", "Date", "Datetime", "String")
    ]
    assert frame.row(0)[:2] == (1, Decimal("1.5"))
    assert frame.null_count().row(0) == (1,) * 7
    empty = answer("")
    assert (list(empty.to_pandas().columns), empty.to_polars().shape) == (["x"], (0, 1))


@pytest.mark.slow
def test_evidence_and_graphs_are_columns(kg: KnowledgeGraph) -> None:
    found = kg.ask("who-directed", evidence=True)
    passages = [
        f"https://w3id.org/kaiju/gamera-2/{name}" for name in ("infobox-director", "lead-1-1")
    ]
    assert found.to_pandas()["evidence"].tolist() == [passages]
    assert found.to_polars()["evidence"].to_list() == [passages]
    graph = kg.query("CONSTRUCT { ?f film:director ?x } WHERE { ?f film:director ?x }")
    assert list(graph.to_pandas().columns) == ["subject", "predicate", "object"]
    assert graph.to_polars().shape == (1, 3)


def test_evidence_has_the_sentence_and_the_marks(kg: KnowledgeGraph) -> None:
    found = kg.ask("who-directed", evidence=True)
    assert [str(row["person"]) for row in found] == ["Shusuke Kaneko"]
    assert found.evidence is not None
    ((first, _),) = found.evidence
    assert first == Citation(
        "https://w3id.org/kaiju/gamera-2/infobox-director", "Director: Shusuke Kaneko"
    )
    true = kg.query("ASK { ?f film:director ?x }", evidence=True)
    assert (true.boolean, true.evidence) == (True, found.evidence)
    none = "SELECT ?f { ?f film:director ?x FILTER NOT EXISTS { ?f a ev:Passage } }"
    absent = kg.query(none, evidence=True).evidence
    assert absent is not None
    assert absent[0][-1] == Citation("absence")


def test_html_is_escaped_and_long_results_are_cut_with_a_note() -> None:
    shown = answer("('<script>&\"'@en) (<javascript:x>) (<http://e/?a=%22&b>)")._repr_html_()
    assert "<script>" not in shown
    assert "&lt;script&gt;&amp;&quot;" in shown
    assert 'href="javascript' not in shown
    assert '<a href="http://e/?a=%22&amp;b">http://e/?a=%22&amp;b</a>' in shown
    assert "<p>3 rows</p>" in shown
    many = answer(" ".join(f"({number})" for number in range(100)))._repr_html_()
    assert many.count("<tr>") == frames.MAX_ROWS + 1
    assert "<p>60 of 100 rows (to_pandas() and to_polars() have all)</p>" in many
    long = answer(f"('{'a' * 1000}')")._repr_html_()
    assert f">{'a' * frames.MAX_TEXT}…<" in long
    assert Answer(boolean=True)._repr_html_() == "<p>true</p>"


def test_html_links_evidence_with_its_sentence(kg: KnowledgeGraph) -> None:
    shown = kg.ask("who-directed", evidence=True)._repr_html_()
    iri = "https://w3id.org/kaiju/gamera-2/infobox-director"
    assert f'<a href="{iri}" title="Director: Shusuke Kaneko">infobox-director</a>' in shown


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_missing_library_is_named(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(UsageError, match=rf"pip install 'kaiju-graph\[{library}\]' adds it"):
        getattr(answer("(1)"), f"to_{library}")()
    with pytest.raises(UsageError, match="found a boolean; expected rows or a graph"):
        frames.columns(Answer(boolean=True))
