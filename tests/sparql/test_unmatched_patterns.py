"""An empty answer says which pattern leaves it empty, and what would match."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from kaiju_graph.errors import QueryWarning
from kaiju_graph.sparql import execute

if TYPE_CHECKING:
    from collections.abc import Iterable

PREFIXES = {
    "": "https://example.org/",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
GRAPH = """
    @prefix : <https://example.org/> .
    @prefix owl: <http://www.w3.org/2002/07/owl#> .
    @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
    @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

    :sung rdfs:domain :Part . :soloist rdfs:subPropertyOf :musician .

    :mass a :Work ; :soloist :ann , :bob ; :musician :ann , :bob , :cem ; :part :aria .
    :hymn a :Work ; :soloist :ann ; :key "C"@en ; :year "1750"^^xsd:gYear .
    :aria a :Part ; :sung :ann ; :length 4 .
    :duet a :Part ; :medium :disc ; :mood "calm and slow"@en ; :next :aria .
    :concert a :Event ; :plays :mass ; :city :rome .
    :singer owl:propertyChainAxiom ( :entry :name ) .
    :cast a :Entry ; :name :ann , :bob .
    :ball :entry :cast , :extra ; :singer :ann , :bob , :dan .
    :choir :voice :alto , :tenor ; :sings :hymn .
    :guess :supposedKind :Psalm ; :guestSoloist :hal ; :supposedKey "D"@en .
    :disc a :Medium ; rdfs:label "CD"@en .
"""
MERGED = (
    "GRAPH ?g finds only what one graph states; what follows from the graphs matches without"
    " GRAPH, where --evidence shows the graphs"
)
UNMATCHED = {
    # A literal that no value of its property equals.
    '?x :key "C"': 'no :key is "C"; did you mean "C"@en?',
    '?x :mood "slow"@en': 'no :mood is "slow"@en; did you mean "calm and slow"@en?',
    '?x :mood "calmm and slow"@en': (
        'no :mood is "calmm and slow"@en; did you mean "calm and slow"@en?'
    ),
    '?x :medium "CD"': 'no :medium is "CD"; did you mean :disc?',
    '?x :key ?key FILTER(?key = "C")': 'no :key is "C"; did you mean "C"@en?',
    "?s :year ?s_ . ?x :year ?s FILTER(?s > 1700)": (
        'no :year can be compared with 1700; did you mean "1700"^^xsd:gYear?'
    ),
    # A value of another property, by its name, and a class that only another property has.
    "?x :soloist :hal": "no :soloist is :hal; did you mean ':guestSoloist'?",
    '?x :key "D"@en ; rdfs:label ?name': "no :key is \"D\"@en; did you mean ':supposedKey'?",
    "?x a :Psalm ; rdfs:label ?name": "nothing is a :Psalm; did you mean ':supposedKind'?",
    # Of two patterns that exclude each other, the one for which there is a hint.
    '?x :year "1750"^^xsd:gYear ; :sung ?who': (
        "no ?x here has :sung, a property of :Part; did you mean ':soloist'?"
    ),
    # A step of a chain of properties that implies the property.
    "?x a :Entry ; :singer ?who": ("no ?x here has :singer; did you mean ':name'?"),
    # A calculation without numbers.
    "{ SELECT (SUM(?a) AS ?n) { :duet :next ?a } HAVING(?n > 0) }": (
        "no :next is a number; did you mean ':next/:length'?"
    ),
    # What only the merge of the graphs has.
    "GRAPH ?g { :mass :soloist ?who }": MERGED,
    "GRAPH ?g { ?x a :Group } ?g :key ?key": MERGED,
    # A subject without the property: a property with the same values, and a path to the value.
    ":mass :sung ?who": (
        ":mass has no :sung, a property of :Part; did you mean ':soloist', ':part/:sung'?"
    ),
    ":mass :city ?where": ":mass has no :city; did you mean '^:plays/:city'?",
    ":mass :city :rome": ":mass has no :city; did you mean '^:plays/:city'?",
    ":aria :next ?what": ":aria has no :next; did you mean '^:next'?",
    ":disc :sung ?who": ":disc has no :sung, a property of :Part",
    "?x a :Work ; :key ?key ; :length ?n": "no ?x here has :length; it has ':year'",
    "?x a :Event ; :soloist ?who": "no ?x here has :soloist; did you mean ':plays/:soloist'?",
    ":rome ?p :mass": "no property relates :rome to :mass; did you mean '^:city/:plays'?",
    ":aria ?p :mass": "no property relates :aria to :mass; did you mean '^:part'?",
    "$x a :Event ; :soloist ?who": "no ?x here has :soloist; did you mean ':plays/:soloist'?",
}
MATCHED = (
    # The property is there with another value, or the graph has nothing like it.
    ":mass :soloist :cem",
    ":mass :key ?key",
    # It has :next, which leads to another part: that is no path to what a part has.
    ":duet :sung ?who",
    '?x :key "E"@en',
    # What the node above states of all its parts is not said of one.
    ":alto :sings ?what",
    "?x :length -4",
    '?x :key "C"@en ; :year ?year FILTER(?year = ?x)',
    '?x :year ?year FILTER(?year > "1800"^^xsd:gYear)',
    # An answer need not match these.
    "?x :length 5 OPTIONAL { :mass :city ?y } MINUS { :mass :city ?x }",
    "?x :length 4 FILTER NOT EXISTS { ?x :length 4 } FILTER NOT EXISTS { :mass :city ?y }",
    # Paths, lists and named graphs are left out.
    ":mass :sung/:city ?x",
    ":mass :sung (:ann)",
    "GRAPH ?g { :mass :sung ?who }",
)


@pytest.fixture(scope="module")
def store() -> ox.Store:
    store = ox.Store()
    store.load(GRAPH.encode(), format=ox.RdfFormat.TURTLE)
    inferred = b"@prefix : <https://example.org/> . :choir a :Group ."
    for to_graph in (None, ox.NamedNode("https://example.org/inferred")):
        store.load(inferred, format=ox.RdfFormat.TURTLE, to_graph=to_graph)
    return store


def _messages(store: ox.Store, patterns: Iterable[str]) -> dict[str, list[str]]:
    found = {}
    for pattern in patterns:
        with warnings.catch_warnings(record=True, action="always") as caught:
            result = execute.run(store, f"SELECT * {{ {pattern} }}", PREFIXES)
        assert isinstance(result, ox.QuerySolutions)
        assert not list(result)
        assert all(issubclass(warning.category, QueryWarning) for warning in caught)
        found[pattern] = [str(warning.message).split(": ", 1)[1] for warning in caught]
    return found


def test_pattern_that_fails_gives_a_warning_with_what_would_match(store: ox.Store) -> None:
    assert _messages(store, UNMATCHED) == {
        pattern: [message] for pattern, message in UNMATCHED.items()
    }


def test_other_patterns_give_no_warning(store: ox.Store) -> None:
    assert _messages(store, MATCHED) == {pattern: [] for pattern in MATCHED}
