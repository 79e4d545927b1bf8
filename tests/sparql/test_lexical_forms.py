"""A rewritten query matches terms as they are written, and computes with their values."""

from __future__ import annotations

from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaiju_graph.rdf.terms import XSD
from kaiju_graph.sparql.lexical_forms import FUNCTIONS, MARK, decode, encode, rewrite

S, P = ox.NamedNode("urn:s"), ox.NamedNode("urn:p")


def literal(text: str, datatype: str) -> ox.Literal:
    return ox.Literal(text, datatype=ox.NamedNode(XSD + datatype))


WRITTEN = [
    *(literal(text, "integer") for text in ("1", "01", "+1", "2", "10")),
    *(literal(text, "decimal") for text in ("1.5", "1.50", "2.0")),
    *(literal(text, "boolean") for text in ("true", "1", "0")),
    *(literal(text, "byte") for text in ("1", "7")),
    literal("PT60S", "duration"),
    literal("2026-01-01T24:00:00", "dateTime"),
    literal("1e0", "double"),
    literal("abc", "integer"),
    ox.Literal("01"),
    ox.Literal("01", language="en"),
]


def select(query: str, *objects: ox.Literal) -> list[dict[str, Any]]:
    """Return the solutions of a rewritten query on a graph with these objects."""
    store = ox.Store()
    store.extend(ox.Quad(S, P, encode(value)) for value in objects)
    answer = store.query(
        rewrite(query, {"xsd": XSD}), prefixes={"xsd": XSD}, custom_functions=dict(FUNCTIONS)
    )
    assert isinstance(answer, ox.QuerySolutions)
    names = [variable.value for variable in answer.variables]
    return [{name: decode(row[name]) for name in names if row[name] is not None} for row in answer]


def values(query: str, *objects: ox.Literal) -> list[Any]:
    """Return what ``?o`` is in each solution."""
    return [row.get("o") for row in select(query, *objects)]


@pytest.mark.parametrize("written", WRITTEN, ids=str)
def test_literal_keeps_its_lexical_form(written: ox.Literal) -> None:
    assert values("SELECT ?o { ?s ?p ?o }", written) == [written]
    assert decode(encode(written)) == written


@given(st.lists(st.sampled_from(WRITTEN), unique=True))
def test_literals_with_different_lexical_forms_are_different_terms(
    objects: list[ox.Literal],
) -> None:
    assert set(values("SELECT DISTINCT ?o { ?s ?p ?o }", *objects)) == set(objects)
    for value in objects:
        assert values(
            f"SELECT ?o {{ ?s ?p ?o . ?s ?p {value} FILTER(sameTerm(?o, {value})) }}", *objects
        ) == [value]


NUMBERS = [
    value
    for value in WRITTEN
    if value.datatype.value in (XSD + "integer", XSD + "decimal", XSD + "byte", XSD + "double")
    and value.value != "abc"
]


@given(
    st.lists(st.sampled_from(NUMBERS), unique=True),
    st.sampled_from("< <= = != > >=".split()),
    st.sampled_from(["1", "01", "1.5", "2"]),
)
def test_numbers_are_compared_by_value(
    objects: list[ox.Literal], operator: str, bound: str
) -> None:
    found = values(f"SELECT ?o {{ ?s ?p ?o FILTER(?o {operator} {bound}) }}", *objects)
    compare = {"=": "==", "!=": "!="}.get(operator, operator)
    expected = {v for v in objects if eval(f"{float(v.value)} {compare} {float(bound)}")}  # noqa: S307
    assert set(found) == expected


@given(st.lists(st.sampled_from(NUMBERS), unique=True))
def test_numbers_are_sorted_and_added_by_value(objects: list[ox.Literal]) -> None:
    for query in ("SELECT ?o { ?s ?p ?o } ORDER BY ?o", "SELECT ?o { ?s ?p ?o } ORDER BY ASC(?o)"):
        found = [float(value.value) for value in values(query, *objects)]
        assert found == sorted(float(value.value) for value in objects)
    (row,) = select(
        "SELECT (SUM(?o) AS ?sum) (COUNT(DISTINCT ?o) AS ?count) { ?s ?p ?o }", *objects
    )
    assert float(row["sum"].value) == pytest.approx(sum(float(v.value) for v in objects))
    assert int(row["count"].value) == len(objects)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("?o", literal("01", "integer")),
        ("STR(?o)", ox.Literal("01")),
        ("DATATYPE(?o)", ox.NamedNode(XSD + "integer")),
        ("?o + 1", literal("2", "integer")),
        ("1-?o", literal("0", "integer")),
        ("COALESCE(?none, ?o)", literal("01", "integer")),
        ("COALESCE(?o, 0) > 0", literal("true", "boolean")),
        ("IF(?o = 1, ?o, 7)", literal("01", "integer")),
        ("IF(?o = 1, 007, ?o)", literal("007", "integer")),
        ("?o IN (2, 1)", literal("true", "boolean")),
        ("?o NOT IN (1)", literal("false", "boolean")),
        ("sameTerm(?o, 1)", literal("false", "boolean")),
        ("sameTerm(?o, 01)", literal("true", "boolean")),
        ("BOUND(?o)", literal("true", "boolean")),
        ("isNumeric(?o)", literal("true", "boolean")),
        ("xsd:decimal(?o)", literal("1", "decimal")),
        ("ABS(?o)", literal("1", "integer")),
        ("(?o)", literal("01", "integer")),
        ("!?o", literal("false", "boolean")),
    ],
)
def test_expression_uses_a_term_or_its_value(expression: str, expected: Any) -> None:
    (row,) = select(f"SELECT ({expression} AS ?x) {{ ?s ?p ?o }}", literal("01", "integer"))
    assert row["x"] == expected
    (row,) = select(f"SELECT ?x {{ ?s ?p ?o BIND({expression} AS ?x) }}", literal("01", "integer"))
    assert row["x"] == expected


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("SELECT * { ?s ?p 01 }", 1),
        ("SELECT * { ?s ?p 1 }", 0),
        ("SELECT * { ?s ?p ?o VALUES ?o { 01 1 } }", 1),
        ("SELECT * { ?s ?p ?o FILTER EXISTS { ?s ?p ?o FILTER(?o = 1) } }", 1),
        ("SELECT * { ?s ?p ?o FILTER NOT EXISTS { ?s ?p 1 } }", 1),
        ("SELECT * { ?s ?p ?o MINUS { ?s ?p '01'^^xsd:integer } }", 0),
        ("SELECT * { { SELECT ?o { ?s ?p ?o FILTER(?o < 2) } LIMIT 10 } }", 1),
        ("SELECT ?o { ?s ?p ?o } GROUP BY ?o HAVING(SUM(?o) = 1) ORDER BY ?o LIMIT 1 OFFSET 0", 1),
        ("PREFIX n: <http://www.w3.org/2001/XMLSchema#> SELECT * { ?s ?p '01'^^n:integer }", 1),
        ("SELECT * { ?s ?p ?o FILTER(?o = 1 && (?o > 0 || ?o < 0) && regex(str(?o), '^0')) }", 1),
        ("SELECT * { ?s ?p ?o } ORDER BY DESC(?o) ?p ABS(?o)", 1),
    ],
)
def test_rewritten_queries_have_the_right_number_of_rows(query: str, count: int) -> None:
    assert len(select(query, literal("01", "integer"))) == count


@pytest.mark.parametrize("text", ["SELECT * { ?s ?p ?o }", "ASK { ?s ?p 1, 'a', true, 1.5 }"])
def test_query_without_changed_literals_is_not_rewritten(text: str) -> None:
    assert rewrite(text, {}) == text
    assert MARK not in text
