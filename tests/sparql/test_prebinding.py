"""SHACL queries: prebound variables at any depth, and the restrictions on them."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaiju_graph.errors import QueryError
from kaiju_graph.sparql.prebinding import (
    check_restrictions,
    node_quad,
    read_template,
    replace_path,
)

A, B, P = (ox.NamedNode(f"urn:{name}") for name in "abp")
NODE = ox.BlankNode("node")
NAMES = {"this", "currentShape", "shapesGraph"}


def store() -> ox.Store:
    found = ox.Store()
    found.add(ox.Quad(A, P, B))
    found.add(ox.Quad(NODE, P, A))
    found.add(node_quad(NODE))
    return found


@pytest.mark.parametrize("value", [A, NODE, ox.Literal("01"), ox.Literal("a", language="en")])
@pytest.mark.parametrize(
    "group",
    [
        "FILTER(bound($this))",
        "{ FILTER(bound($this)) }",
        "{ { { FILTER(bound(?this)) } } }",
        "FILTER EXISTS { FILTER(bound($this)) }",
        "{ SELECT $this { FILTER(bound($this)) } }",
        "{ FILTER(false) } UNION { FILTER(bound($this)) }",
        "OPTIONAL { { FILTER(bound($this)) BIND(1 AS ?found) } } FILTER(?found)",
        "FILTER NOT EXISTS { FILTER(!bound($this)) }",
    ],
)
def test_variable_is_bound_in_every_group(group: str, value: ox.NamedNode) -> None:
    text = read_template(f"ASK {{ {group} }}").fill({"this": value})
    assert bool(store().query(text))


@pytest.mark.parametrize(("node", "other"), [(A, B), (NODE, A)])
def test_pattern_is_matched_with_the_value(node: ox.NamedNode, other: ox.NamedNode) -> None:
    text = read_template("SELECT $this ?x { { $this <urn:p> ?x } }").fill({"this": node})
    answer = store().query(text)
    assert isinstance(answer, ox.QuerySolutions)
    assert [(row["this"], row["x"]) for row in answer] == [(node, other)]


@given(depth=st.integers(0, 12), value=st.sampled_from([A, NODE]))
def test_variable_is_bound_at_any_depth(depth: int, value: ox.NamedNode) -> None:
    inner = "{" * depth + " $this <urn:p> ?x " + "}" * depth
    text = read_template(f"ASK {{ {inner} }}").fill({"this": value, "unused": B})
    assert "unused" not in text
    assert bool(store().query(text))


def test_braces_in_strings_and_comments_are_not_groups() -> None:
    text = 'ASK { # { $this\n FILTER("{ $this }" = "{ $this }" && bound($this)) }'
    filled = read_template(text).fill({"this": A})
    assert filled.count("VALUES") == 1
    assert bool(ox.Store().query(filled))


def test_path_replaces_only_its_variable() -> None:
    text = "SELECT $this { $this $PATH ?value . FILTER(?PATHS != '$PATH') }"
    assert replace_path(text, "<urn:p>/<urn:q>") == (
        "SELECT $this { $this <urn:p>/<urn:q> ?value . FILTER(?PATHS != '$PATH') }"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT $this { $this ?p ?o MINUS { ?o ?p $this } }", "1:28: found MINUS; expected none"),
        ("SELECT $this { VALUES ?x { 1 } }", "1:16: found VALUES; expected none"),
        ("SELECT $this {\n SERVICE#\n<urn:x> { $this a ?c } }", "2:2: found SERVICE; expected"),
        ("SELECT $this { BIND(1 AS $this) }", r"1:23: found AS \?this; expected a variable"),
        ("SELECT (1 AS ?this) {}", r"1:11: found AS \?this; expected a variable"),
        ("SELECT $this { { SELECT ?x { ?x ?p $this } } }", r"an inner SELECT without \?this"),
        ("SELECT $this { { SELECT * { ?x ?p $this } } }", r"an inner SELECT without \?this"),
    ],
)
def test_query_that_shacl_forbids_is_an_error_with_its_place(text: str, message: str) -> None:
    with pytest.raises(QueryError, match=message):
        check_restrictions(text, NAMES)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT $this { $this ex:MINUS ?o . ?o ex:VALUES 'SERVICE' } # MINUS { }",
        "SELECT $this { { SELECT $this (COUNT(?x) AS ?n) { $this ?p ?x } GROUP BY $this } }",
        "ASK { $this ?minus ?values }",
    ],
)
def test_names_strings_and_comments_keep_the_restrictions(text: str) -> None:
    check_restrictions(text, NAMES)
