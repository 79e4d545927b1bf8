"""A query whose answer is empty says which of its terms the graph does not have."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from kaiju_graph.errors import QueryWarning
from kaiju_graph.sparql.unknown_terms import find_defined_terms

if TYPE_CHECKING:
    from kaiju_graph import KnowledgeGraph

UNKNOWN = {
    'SELECT * { ?x rdfs:label "Gamera" }': (
        '1:26: the graph has no literal "Gamera"; did you mean "Gamera"@en?'
    ),
    "SELECT * { VALUES ?label { 'Gamera' } ?x rdfs:label ?label }": (
        "1:28: the graph has no literal 'Gamera'; did you mean \"Gamera\"@en?"
    ),
    "SELECT * { ?x film:year 1996 }": (
        '1:25: the graph has no literal 1996; did you mean "1996"^^xsd:gYear?'
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
    # The prefix is no part of the spelling, and a definition has the word.
    "SELECT * { ?x film:budgett ?y }": (
        "1:15: the ontology film: has no term film:budgett; did you mean 'film:budget'?"
    ),
    "SELECT * { ?x film:length ?y }": (
        "1:15: the ontology film: has no term film:length; did you mean 'film:runtimeMinutes'?"
    ),
}
KNOWN = (
    'SELECT * { ?x rdfs:label "Gamera"@en ; a film:Company }',
    'SELECT * { ?x rdfs:label ?l FILTER(STR(?l) = "no name") }',
    'SELECT * { ?x rdfs:label "no name at all" }',
    'SELECT * { ?x rdfs:label "Gamera"^^xsd:string }',
    "SELECT * { id:gamera film:director ?x }",
    "SELECT * { ?x ?p <https://example.org/elsewhere> }",
    'SELECT * { ?x ?p "1996"^^xsd:gYearMonth }',
)


def _warnings(kg: KnowledgeGraph, query: str) -> list[str]:
    with warnings.catch_warnings(record=True, action="always") as caught:
        assert not kg.query(query)
    assert all(issubclass(warning.category, QueryWarning) for warning in caught)
    return [str(warning.message).removeprefix("query:") for warning in caught]


@pytest.mark.parametrize("query", UNKNOWN)
def test_unknown_term_gives_a_warning_with_a_suggestion(kg: KnowledgeGraph, query: str) -> None:
    (message,) = _warnings(kg, query)
    assert message.startswith(UNKNOWN[query])


def test_other_empty_answers_have_no_warning(kg: KnowledgeGraph) -> None:
    assert {query: _warnings(kg, query) for query in KNOWN} == {query: [] for query in KNOWN}


def test_ontology_defines_what_is_in_its_namespace() -> None:
    turtle = """
    @prefix owl: <http://www.w3.org/2002/07/owl#> .
    @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
    @prefix t: <http://example.org/t#> .
    t: a owl:Ontology . t:A a owl:Class . <http://example.org/s> a owl:Ontology .
    <http://example.org/a> rdfs:isDefinedBy <http://example.org/> .
    """
    assert find_defined_terms(ox.parse(turtle, format=ox.RdfFormat.TURTLE)) == {
        "http://example.org/t#": {"http://example.org/t#A": []},
        "http://example.org/": {"http://example.org/a": []},
    }
