"""A query whose answer is empty says which of its terms the graph does not have."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from kaiju_graph.errors import QueryWarning
from kaiju_graph.sparql.unknown_terms import Definition, find_defined_terms

if TYPE_CHECKING:
    from kaiju_graph import KnowledgeGraph

UNKNOWN: dict[str, str | tuple[str, ...]] = {
    'SELECT * { ?x rdfs:label "Gamera" }': (
        '1:26: no rdfs:label is "Gamera"; did you mean "Gamera"@en?'
    ),
    "SELECT * { VALUES ?label { 'Gamera' } ?x rdfs:label ?label }": (
        "1:28: the graph has no literal 'Gamera'; did you mean \"Gamera\"@en?"
    ),
    "SELECT * { ?x film:year 1996 }": (
        '1:25: no film:year is 1996; did you mean "1996"^^xsd:gYear?'
    ),
    "SELECT * { id:gamra ?p ?o }": "1:12: the graph has nothing named id:gamra; did you mean",
    "ASK { ?s ?p <https://w3id.org/kaiju/id/gamra> }": (
        "1:13: the graph has nothing named <https://w3id.org/kaiju/id/gamra>; did you mean"
    ),
    "BASE <https://w3id.org/kaiju/id/> ASK { ?s ?p <gamra> }": (
        "1:47: the graph has nothing named <gamra>; did you mean"
    ),
    r"ASK { ?s ?p <https://w3id.org/kaiju/id/\u0067amra> }": (
        r"1:13: the graph has nothing named <https://w3id.org/kaiju/id/\u0067amra>; did you mean"
    ),
    "SELECT * { ?x film:directer ?y }": "1:15: the ontology film: has no term film:directer",
    # The prefix is no part of the spelling.
    "SELECT * { ?x film:budgett ?y }": (
        "1:15: the ontology film: has no term film:budgett; did you mean 'film:budget'?"
    ),
    # Other names, the key of an infobox, and a word of a definition.
    "SELECT * { ?x film:music ?y }": (
        "1:15: the ontology film: has no term film:music; did you mean 'film:composer'?"
    ),
    "SELECT * { ?x film:length ?y }": (
        "1:15: the ontology film: has no term film:length; did you mean 'film:runtimeMinutes'?"
    ),
    "SELECT * { ?x film:tongue ?y }": (
        "1:15: the ontology film: has no term film:tongue; did you mean 'film:language'?"
    ),
    # Another ontology has it; a class does not stand for a property, nor a property for a class.
    "SELECT * { ?x film:ordinal ?y }": (
        "1:15: the ontology film: has no term film:ordinal; did you mean 'story:ordinal'?"
    ),
    "SELECT * { ?x film:place/film:agent ?y }": (
        "1:15: the ontology film: has no term film:place; did you mean 'film:country',",
        "1:26: the ontology film: has no term film:agent; did you mean 'film:creditedAgent',",
    ),
    "SELECT * { ?x a film:Reviews }": (
        "1:17: the ontology film: has no term film:Reviews; did you mean 'film:Review'?"
    ),
    # Only letters in common.
    "SELECT * { ?x story:opponent ?y }": "1:15: the ontology story: has no term story:opponent",
    # Another name, in any namespace of things.
    "SELECT * { id:jgsdf ?p ?o }": (
        "1:12: the graph has nothing named id:jgsdf;"
        " did you mean 'id:japan-ground-self-defense-force'?"
    ),
    "SELECT * { id:amulet ?p ?o }": (
        "1:12: the graph has nothing named id:amulet; did you mean 'g2:amulet'?"
    ),
    # Terms of other vocabularies lead to ours.
    "SELECT * { ?x schema:director ?y }": (
        "1:15: the graph has no property schema:director; did you mean 'film:director'?"
    ),
    "ASK { ?x a schema:Movie }": (
        "1:12: the graph has no class schema:Movie; did you mean 'film:Film'?"
    ),
    "SELECT * { ?x schema:color ?y }": "1:15: the graph has no property schema:color",
}
KNOWN = (
    'SELECT * { ?x rdfs:label "Gamera"@en ; a film:Company }',
    'SELECT * { ?x rdfs:label ?l FILTER(STR(?l) = "no name") }',
    'SELECT * { ?x rdfs:label "no name at all" }',
    "SELECT * { ?x ?p <https://example.org/elsewhere> }",
    'SELECT * { ?x ?p "1996"^^xsd:gYearMonth }',
)


def _ask(kg: KnowledgeGraph, query: str) -> tuple[object, list[str]]:
    """Return the answer to a query, and the messages of its warnings."""
    with warnings.catch_warnings(record=True, action="always") as caught:
        answer = kg.query(query)
    assert all(issubclass(warning.category, QueryWarning) for warning in caught)
    return answer, [str(warning.message).removeprefix("query:") for warning in caught]


def _warnings(kg: KnowledgeGraph, query: str) -> list[str]:
    answer, messages = _ask(kg, query)
    assert not answer
    return messages


@pytest.mark.parametrize("query", UNKNOWN)
def test_unknown_term_gives_a_warning_with_a_suggestion(kg: KnowledgeGraph, query: str) -> None:
    expected = UNKNOWN[query]
    beginnings = (expected,) if isinstance(expected, str) else expected
    for message, beginning in zip(_warnings(kg, query), beginnings, strict=True):
        assert message.startswith(beginning)
        assert message.endswith("?") or beginning == message


def test_other_empty_answers_have_no_warning(kg: KnowledgeGraph) -> None:
    assert {query: _warnings(kg, query) for query in KNOWN} == {query: [] for query in KNOWN}


# An answer with rows, or with a count of 0, which a term makes wrong that is nowhere in the graph.
ABSENT = {
    "SELECT (COUNT(?e) AS ?n) { ?e a story:Battle }": (
        "1:33: the ontology story: has no term story:Battle; did you mean 'story:Fight'?"
    ),
    'SELECT (COUNT(?e) AS ?n) { ?e story:verb "crash" }': (
        '1:42: no story:verb is "crash"; did you mean "crash"@en?'
    ),
    "SELECT ?f ?b { ?f a film:Film OPTIONAL { ?f film:budgett ?b } }": (
        "1:45: the ontology film: has no term film:budgett; did you mean 'film:budget'?"
    ),
    "SELECT ?f { ?f a film:Film MINUS { ?f film:budgett ?b } }": (
        "1:39: the ontology film: has no term film:budgett; did you mean 'film:budget'?"
    ),
    "SELECT ?f { ?f a film:Film FILTER NOT EXISTS { ?f film:budgett ?b } }": (
        "1:51: the ontology film: has no term film:budgett; did you mean 'film:budget'?"
    ),
    "SELECT ?f { { ?f a film:Film } UNION { ?f a film:Reviews } }": (
        "1:45: the ontology film: has no term film:Reviews; did you mean 'film:Review'?"
    ),
    "ASK { FILTER NOT EXISTS { ?f film:budgett ?b } }": (
        "1:30: the ontology film: has no term film:budgett; did you mean 'film:budget'?"
    ),
    "SELECT ?f { ?f a film:Film FILTER(?f != id:amulet) }": (
        "1:41: the graph has nothing named id:amulet; did you mean 'g2:amulet'?"
    ),
    'SELECT ?x { ?x a story:Monster FILTER NOT EXISTS { ?x rdfs:label "Gamera" } }': (
        '1:66: the graph has no literal "Gamera"; did you mean "Gamera"@en?'
    ),
    "CONSTRUCT { ?f film:sum ?b } { ?f film:budget ?b OPTIONAL { ?f film:budgett ?c } }": (
        "1:64: the ontology film: has no term film:budgett; did you mean 'film:budget'?"
    ),
}
PRESENT = (
    "SELECT ?f { ?f a film:Film OPTIONAL { ?f schema:color ?c } }",
    'SELECT ?f { ?f a film:Film ; rdfs:label ?l FILTER(CONTAINS(?l, "Gamera")) }',
    'SELECT ?f { ?f a film:Film VALUES ?word { "Gamera" } }',
    "SELECT ?f (xsd:float(1) AS ?n) { ?f a film:Film }",
    "SELECT ?f { ?f a film:Film FILTER(?f != <https://example.org/elsewhere>) }",
    'CONSTRUCT { ?f film:sum "Gamera" } { ?f a film:Film }',
    "SELECT (COUNT(?f) AS ?n) { ?f a film:Film ; film:year ?y FILTER(?y = ?f) }",
)


def test_term_that_is_nowhere_in_the_graph_gives_a_warning_for_any_answer(
    kg: KnowledgeGraph,
) -> None:
    found = {query: _ask(kg, query)[1] for query in (*ABSENT, *PRESENT)}
    assert found == {
        **{query: [message] for query, message in ABSENT.items()},
        **{query: [] for query in PRESENT},
    }


def test_ontology_defines_what_is_in_its_namespace() -> None:
    turtle = """
    @prefix owl: <http://www.w3.org/2002/07/owl#> .
    @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
    @prefix t: <http://example.org/t#> .
    t: a owl:Ontology . t:A a owl:Class . <http://example.org/s> a owl:Ontology .
    <http://example.org/a> rdfs:isDefinedBy <http://example.org/> .
    """
    assert find_defined_terms(ox.parse(turtle, format=ox.RdfFormat.TURTLE)) == {
        "http://example.org/t#": {"http://example.org/t#A": Definition([], [], {"class"})},
        "http://example.org/": {"http://example.org/a": Definition([], [], set())},
    }
