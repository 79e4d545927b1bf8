"""Functions that the engine does not have, or has in another way."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest

from kaiju_graph.errors import QueryError, QueryWarning
from kaiju_graph.sparql import execute

if TYPE_CHECKING:
    from tests.conftest import Command

PREFIXES = {"e": "http://example.org/", "xsd": "http://www.w3.org/2001/XMLSchema#"}


def rows(text: str) -> list[list[Any]]:
    found = execute.run(ox.Store(), text, PREFIXES)
    assert isinstance(found, ox.QuerySolutions)
    return [list(row) for row in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    {
        "SELECT ?x { BIND(e:f(1) AS ?x) }": [[None]],
        "SELECT (1 AS ?x) { FILTER(e:f(1)) }": [],
        "SELECT (1 AS ?x) { FILTER(e:f(1) || true) }": [[ox.Literal(1)]],
        "SELECT (COALESCE(e:f(e:g(1)), 2) AS ?x) {}": [[ox.Literal(2)]],
        "SELECT ?x { VALUES ?x { 1 } } ORDER BY e:f(?x)": [[ox.Literal(1)]],
    }.items(),
)
@pytest.mark.filterwarnings("ignore::kaiju_graph.errors.QueryWarning")
def test_unknown_function_is_an_error_of_its_expression(
    text: str, expected: list[list[Any]]
) -> None:
    """SPARQL 1.1, sections 17.2 and 17.6."""
    assert rows(text) == expected


def test_unknown_function_is_named_in_a_warning() -> None:
    with pytest.warns(QueryWarning) as caught:
        rows("SELECT ?x {\n  BIND(xsd:integr('1') AS ?x) }")
    (message,) = [str(warning.message) for warning in caught]
    assert message == (
        "query:2:8: found the function xsd:integr, which always gives an error; "
        "did you mean 'xsd:integer', 'MINUTES'?"
    )


def test_unknown_function_of_a_query_that_is_only_checked_is_refused() -> None:
    with pytest.raises(QueryError, match=r"^query:1:14: found the function e:f; expected one of"):
        execute.check_query("ASK { FILTER(e:f(1)) }", PREFIXES)


def test_command_answers_a_query_with_an_unknown_function(kaiju: Command) -> None:
    run = kaiju("query", "SELECT (COALESCE(<urn:f>(1), 2) AS ?x) {}", "-f", "csv")
    assert (run.returncode, run.stdout) == (0, "x\n2\n")
    assert "1:18: found the function <urn:f>, which always gives an error" in run.stderr


@pytest.mark.parametrize(
    ("text", "nodes"),
    {
        "SELECT ?b { VALUES ?i { 1 2 } BIND(BNODE('x') AS ?b) }": 2,
        "SELECT ?b ?c { VALUES ?i { 1 2 } BIND(BNODE('x') AS ?b) BIND(bnode('x') AS ?c) }": 2,
        "SELECT (BNODE('x') AS ?b) (BNODE('y') AS ?c) { VALUES ?i { 1 2 } }": 4,
        "SELECT (BNODE(STR(?i)) AS ?b) { VALUES ?i { 1 1 2 } }": 3,
        "SELECT (BNODE() AS ?b) (BNODE( ) AS ?c) { VALUES ?i { 1 2 } }": 4,
        "SELECT (BNODE(1) AS ?b) {}": 0,
        "SELECT (BNODE('x'@en) AS ?b) {}": 0,
        "SELECT ?b { BIND(STR('BNODE(1)') AS ?b) } # BNODE('x')": 1,
    }.items(),
)
def test_blank_nodes_of_a_text_are_the_same_in_one_solution_only(text: str, nodes: int) -> None:
    """SPARQL 1.1, section 17.4.2.9."""
    with warnings.catch_warnings(action="error"):
        assert len({term for row in rows(text) for term in row} - {None}) == nodes


def test_command_counts_the_blank_nodes_of_each_solution(kaiju: Command) -> None:
    text = "SELECT (COUNT(DISTINCT ?b) AS ?n) { VALUES ?i { 1 2 } BIND(BNODE('x') AS ?b) }"
    assert kaiju("query", text, "-f", "csv").stdout == "n\n2\n"


def test_error_of_a_query_with_blank_nodes_has_its_own_place() -> None:
    with pytest.raises(QueryError, match=r"^query:1:34: found '}'; expected"):
        rows("SELECT (BNODE('x') AS ?b) { ?b a }")
