"""A stranger's query: what is refused, however it is spelt, and what is not."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from kaiju_graph import querying
from kaiju_graph.errors import LimitError, QueryError

CALL = "<http://127.0.0.1:9/> { ?a ?b ?c }"


@pytest.mark.parametrize(
    "query",
    [
        f"SELECT * {{ SERVICE {CALL} }}",
        f"SELECT * {{ service silent {CALL} }}",
        f"SELECT * {{ SERVICESILENT {CALL} }}",
        f"ASK {{ ?s ?p 5SERVICE {CALL} }}",
        f"ASK {{ ?s ?p trueSERVICE {CALL} }}",
        f"ASK {{ ?s ?p 5.0SERVICE{CALL} }}",
        f"PREFIX l: <http://e/> ASK {{ OPTIONAL {{ ?s l:a\u00b7\\# ?o }} SERVICE {CALL} }}",
        "PREFIX SERVICEl: <http://x/> PREFIX l: <http://e/> SELECT * { SERVICEl:a { ?a ?b ?c } }",
        "PREFIX :<http://127.0.0.1:9/> SELECT * { ?s ?p ?o FILTER(?o<6)SERVICE:e#>\n{ ?a ?b ?c } }",
    ],
)
def test_a_call_of_service_is_refused_in_every_spelling(query: str) -> None:
    with pytest.raises(QueryError, match=r"\Aquery:\d+:\d+: found SERVICE; expected no remote"):
        querying.run(ox.Store(), query, {})


@pytest.mark.parametrize(
    "query",
    [
        'SELECT * { ?service ?p "SERVICE <http://e/>" }',
        "SELECT * { ?s <http://e/service> ?o } # SERVICE <http://e/> {}",
        "PREFIX service: <http://e/> SELECT * { ?s service:service ?o }",
        'SELECT * { ?s ?p "a"@en-service }',
    ],
)
def test_the_word_service_alone_is_no_call(query: str) -> None:
    assert list(querying.run(ox.Store(), query, {})) == []  # type: ignore[arg-type]


def test_a_query_has_a_longest_length() -> None:
    text = f"ASK {{}} # {'x' * querying.LONGEST}"
    with pytest.raises(LimitError, match=r"\Aquery: found 65,\d+ characters; expected at most"):
        querying.run(ox.Store(), text, {})


@pytest.mark.parametrize("bracket", ["(", "{", "["])
def test_brackets_nest_to_a_depth_and_no_deeper(bracket: str) -> None:
    with pytest.raises(QueryError, match="found brackets nested 201 deep; expected at most 200"):
        querying.run(ox.Store(), f"SELECT * {{ {bracket * 5000}", {})
