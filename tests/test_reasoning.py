"""What follows by OWL 2 RL: about our own things, nothing twice, nothing from elsewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import OWL, URIRef

from kaiju_graph import terms
from kaiju_graph.errors import InconsistencyError
from kaiju_graph.reasoning import REASONERS, infer, rules
from kaiju_graph.sources import parse, select
from kaiju_graph.store import MERGED, fill
from kaiju_graph.terms import INFERRED, ONTOLOGY, Quad

if TYPE_CHECKING:
    from kaiju_graph import KnowledgeGraph
    from tests.conftest import Copy

ASSERTED = tuple(layer for layer in MERGED if layer != "inferred")
PREFIXES = """
@prefix : <http://e/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
:A a owl:Class . :B a owl:Class . :C a owl:Class .
:p a owl:ObjectProperty . :q a owl:ObjectProperty . :r a owl:ObjectProperty .
"""


def _quads(text: str) -> list[Quad]:
    return list(parse("ontology/test.ttl", PREFIXES + text, ONTOLOGY))


def _short(statement: terms.Triple | Quad) -> str:
    return " ".join(re.sub(r".*[/#]", "", term.value) for term in statement[:3])


def _conclusions(text: str, reasoner: str) -> set[str]:
    """Return what follows from Turtle, as texts of local names."""
    return {_short(quad) for quad in infer(_quads(text), reasoner)}


# Rule, premises, and what follows from them; a contradiction is named by what it is about.
FOLLOWS = [
    ("cax-eqc1", ":A owl:equivalentClass :B . :a a :A .", {"a type B"}),
    ("cax-eqc2", ":A owl:equivalentClass :B . :a a :B .", {"a type A"}),
    ("cax-sco", ":A rdfs:subClassOf :B . :a a :A .", {"a type B"}),
    (
        "cls-avf",
        ":A owl:allValuesFrom :B ; owl:onProperty :p . :a a :A ; :p :b .",
        {"b type B"},
    ),
    ("cls-hv1", ":A owl:hasValue :b ; owl:onProperty :p . :a a :A .", {"a p b"}),
    ("cls-hv2", ":A owl:hasValue :b ; owl:onProperty :p . :a :p :b .", {"a type A"}),
    ("cls-int1", ":C owl:intersectionOf ( :A :B ) . :a a :A , :B . :b a :A .", {"a type C"}),
    ("cls-int2", ":C owl:intersectionOf ( :A :B ) . :a a :C .", {"a type A", "a type B"}),
    (
        "cls-maxc2",
        ":A owl:maxCardinality 1 ; owl:onProperty :p . :a a :A ; :p :b , :c .",
        {"b sameAs c", "c sameAs b"},
    ),
    ("cls-oo", ":A owl:oneOf ( :a :b ) .", {"a type A", "b type A"}),
    (
        "cls-svf1",
        ":A owl:someValuesFrom :B ; owl:onProperty :p . :a :p :b . :b a :B .",
        {"a type A"},
    ),
    ("cls-svf2", ":A owl:someValuesFrom owl:Thing ; owl:onProperty :p . :a :p :b .", {"a type A"}),
    ("cls-uni", ":C owl:unionOf ( :A :B ) . :a a :A . :b a :B .", {"a type C", "b type C"}),
    (
        "eq-rep-o",
        ":b owl:sameAs :c . :a :p :b .",
        {"a p c", "c sameAs b"},
    ),
    (
        "eq-rep-s",
        ":a owl:sameAs :c . :a :p :b .",
        {"c p b", "c sameAs a"},
    ),
    ("eq-sym", ":a owl:sameAs :b .", {"b sameAs a"}),
    (
        "eq-trans",
        ":a owl:sameAs :b . :b owl:sameAs :c .",
        {"a sameAs c", "b sameAs a", "c sameAs a", "c sameAs b"},
    ),
    ("prp-dom", ":p rdfs:domain :A . :a :p :b .", {"a type A"}),
    ("prp-eqp1", ":p owl:equivalentProperty :q . :a :p :b .", {"a q b"}),
    ("prp-eqp2", ":p owl:equivalentProperty :q . :a :q :b .", {"a p b"}),
    ("prp-fp", ":p a owl:FunctionalProperty . :a :p :b , :c .", {"b sameAs c", "c sameAs b"}),
    (
        "prp-ifp",
        ":p a owl:InverseFunctionalProperty . :a :p :c . :b :p :c .",
        {"a sameAs b", "b sameAs a"},
    ),
    ("prp-inv1", ":p owl:inverseOf :q . :a :p :b .", {"b q a"}),
    ("prp-inv2", ":p owl:inverseOf :q . :a :q :b .", {"b p a"}),
    ("prp-rng", ":p rdfs:range :A . :a :p :b .", {"b type A"}),
    ("prp-spo1", ":p rdfs:subPropertyOf :q . :a :p :b .", {"a q b"}),
    (
        "prp-spo2",
        ":r owl:propertyChainAxiom ( :p :q ) . :a :p :b . :b :q :c .",
        {"a r c"},
    ),
    (
        "prp-spo2-3",
        ":r owl:propertyChainAxiom ( :p :q :p ) . :a :p :b . :b :q :c . :c :p :d .",
        {"a r d"},
    ),
    ("prp-symp", ":p a owl:SymmetricProperty . :a :p :b .", {"b p a"}),
    ("prp-trp", ":p a owl:TransitiveProperty . :a :p :b . :b :p :c .", {"a p c"}),
]
CONTRADICTS = [
    (
        "cax-adc",
        "[] a owl:AllDisjointClasses ; owl:members ( :A :B :C ) . :a a :A , :C .",
        "http://e/a",
    ),
    ("cax-dw", ":A owl:disjointWith :B . :a a :A , :B .", "http://e/a"),
    ("cls-com", ":A owl:complementOf :B . :a a :A , :B .", "http://e/a"),
    (
        "cls-maxc1",
        ":A owl:maxCardinality 0 ; owl:onProperty :p . :a a :A ; :p :b .",
        "http://e/a",
    ),
    ("cls-nothing2", ":a a owl:Nothing .", "http://e/a"),
    ("eq-diff1", ":a owl:sameAs :b ; owl:differentFrom :b .", "http://e/a"),
    ("eq-diff1", ":a owl:differentFrom :a .", "http://e/a"),  # by eq-ref, all is the same as itself
    (
        "eq-diff2",
        "[] a owl:AllDifferent ; owl:members ( :a :b :c ) . :a owl:sameAs :c .",
        "http://e/a",
    ),
    ("prp-asyp", ":p a owl:AsymmetricProperty . :a :p :b . :b :p :a .", "http://e/p"),
    ("prp-irp", ":p a owl:IrreflexiveProperty . :a :p :a .", "http://e/p"),
    ("prp-pdw", ":p owl:propertyDisjointWith :q . :a :p :b ; :q :b .", "http://e/p"),
]


@pytest.mark.parametrize(("rule", "text", "conclusions"), FOLLOWS, ids=[row[0] for row in FOLLOWS])
def test_each_rule_concludes_what_its_table_in_owl_2_says(
    rule: str, text: str, conclusions: set[str]
) -> None:
    answer = fill(_quads(text)).query(rules()[rule])
    assert isinstance(answer, ox.QueryTriples)
    alone = {_short(terms.Triple(t.subject, t.predicate, t.object)) for t in answer}
    assert alone & conclusions
    for reasoner in REASONERS:
        assert _conclusions(text, reasoner) == conclusions, reasoner


@pytest.mark.parametrize(
    ("rule", "text", "about"), CONTRADICTS, ids=[row[0] for row in CONTRADICTS]
)
def test_a_contradiction_is_an_error_that_names_what_it_is_about(
    rule: str, text: str, about: str
) -> None:
    with pytest.raises(InconsistencyError) as raised:
        _conclusions(text, "rules")
    message = str(raised.value)
    assert message.startswith(f"the graph contradicts itself by {rule}: ")
    assert about in message
    assert "\n" not in message
    if rule != "eq-diff2":  # which owlrl does not see
        with pytest.raises(InconsistencyError, match=r"^the graph contradicts itself: .+"):
            _conclusions(text, "owlrl")


def test_every_rule_has_its_example() -> None:
    assert {row[0] for row in (*FOLLOWS, *CONTRADICTS)} == rules().keys()


@pytest.mark.parametrize("reasoner", REASONERS)
@pytest.mark.parametrize(
    "text",
    [
        ":a :p :b .",
        ":A rdfs:subClassOf :B . :a a :A , :B .",  # said already
        ":A rdfs:subClassOf :B . :B rdfs:subClassOf :C .",  # about classes
        ":p rdfs:subPropertyOf :q . :q rdfs:subPropertyOf :r .",  # about properties
        ":p a owl:SymmetricProperty . :a :p :a .",  # of itself
        ":p rdfs:range :A . :a :p 'text' .",  # about a literal
        ":p owl:inverseOf :q . :a :p 'text' .",
        ":a a :A ; rdfs:label 'a' .",  # about the world
    ],
)
def test_nothing_else_is_concluded(text: str, reasoner: str) -> None:
    assert _conclusions(text, reasoner) == set()


CLASS = st.sampled_from([":A", ":B", ":C"])
PROPERTY = st.sampled_from([":p", ":q", ":r"])
THING = st.sampled_from([":a", ":b", ":c"])
AXIOM = st.one_of(
    st.builds("{} rdfs:subClassOf {} .".format, CLASS, CLASS),
    st.builds("{} owl:equivalentClass {} .".format, CLASS, CLASS),
    st.builds("{} owl:disjointWith {} .".format, CLASS, CLASS),
    st.builds("{} owl:unionOf ( {} {} ) .".format, CLASS, CLASS, CLASS),
    st.builds("{} owl:intersectionOf ( {} {} ) .".format, CLASS, CLASS, CLASS),
    st.builds("{} owl:hasValue {} ; owl:onProperty {} .".format, CLASS, THING, PROPERTY),
    st.builds("{} owl:someValuesFrom {} ; owl:onProperty {} .".format, CLASS, CLASS, PROPERTY),
    st.builds("{} owl:allValuesFrom {} ; owl:onProperty {} .".format, CLASS, CLASS, PROPERTY),
    st.builds("{} rdfs:domain {} .".format, PROPERTY, CLASS),
    st.builds("{} rdfs:range {} .".format, PROPERTY, CLASS),
    st.builds("{} rdfs:subPropertyOf {} .".format, PROPERTY, PROPERTY),
    st.builds("{} owl:equivalentProperty {} .".format, PROPERTY, PROPERTY),
    st.builds("{} owl:inverseOf {} .".format, PROPERTY, PROPERTY),
    st.builds("{} owl:propertyChainAxiom ( {} {} ) .".format, PROPERTY, PROPERTY, PROPERTY),
    st.builds(
        "{} a owl:{}Property .".format,
        PROPERTY,
        st.sampled_from(
            ["Symmetric", "Transitive", "Functional", "InverseFunctional", "Irreflexive"]
        ),
    ),
)
FACT = st.one_of(
    st.builds("{} a {} .".format, THING, CLASS),
    st.builds("{} {} {} .".format, THING, PROPERTY, THING),
    st.sampled_from([":a owl:differentFrom :b .", ":c owl:differentFrom :b ."]),
)


@given(axioms=st.lists(AXIOM, max_size=4), facts=st.lists(FACT, min_size=1, max_size=4))
@settings(max_examples=30)
def test_both_reasoners_agree_on_any_small_graph(axioms: list[str], facts: list[str]) -> None:
    text = "\n".join(axioms + facts)
    outcomes: dict[str, set[str] | None] = {}
    for reasoner in REASONERS:
        try:
            outcomes[reasoner] = _conclusions(text, reasoner)
        except InconsistencyError:
            outcomes[reasoner] = None
    assert outcomes["rules"] == outcomes["owlrl"], text


def test_both_reasoners_agree_on_the_graph(kg: KnowledgeGraph) -> None:
    assert kg.infer("rules") == kg.infer("owlrl") == select(kg.quads, "inferred")


def test_the_order_of_the_premises_does_not_matter(kg: KnowledgeGraph) -> None:
    asserted = select(kg.quads, *ASSERTED)
    assert infer(reversed(asserted)) == kg.infer()


# The graph -------------------------------------------------------------------


def test_conclusions_stand_in_their_own_graph_in_order(kg: KnowledgeGraph) -> None:
    inferred = kg.infer()
    assert len(inferred) > 100
    assert {quad.graph for quad in inferred} == {INFERRED}
    assert inferred == sorted(set(inferred), key=terms.text_order)


def test_conclusions_are_about_individuals_only(kg: KnowledgeGraph) -> None:
    told = select(kg.quads, "stated", "entities", "curated", "evidence")
    individuals = {term for quad in told for term in (quad.subject, quad.object)}
    ontology = select(kg.quads, "ontology")
    vocabulary = {quad.subject for quad in ontology if quad.predicate == terms.TYPE}
    individuals |= {  # of a vocabulary, such as film:dvd
        quad.subject for quad in ontology if quad.object in vocabulary
    } - {quad.subject for quad in ontology if quad.predicate == terms.SUB_CLASS_OF}
    for quad in kg.infer():
        assert quad.subject in individuals
        assert isinstance(quad.subject, ox.NamedNode)
        assert quad.predicate == terms.TYPE or quad.predicate in vocabulary
        assert quad.predicate != terms.TYPE or quad.object in vocabulary


def test_no_conclusion_is_asserted_and_none_is_reflexive(kg: KnowledgeGraph) -> None:
    asserted = {quad.triple for quad in select(kg.quads, *ASSERTED)}
    for quad in kg.infer():
        assert quad.triple not in asserted
        assert quad.subject != quad.object


def test_what_follows_from_all_that_follows_is_nothing_new(kg: KnowledgeGraph) -> None:
    assert not infer(select(kg.quads, *MERGED))


def test_chains_through_a_node_add_only_what_some_passage_states(kg: KnowledgeGraph) -> None:
    # A credit, an entry, a portrayal adds to a direct statement and never stands in its place.
    # A more special statement counts: who stars in a film is of its cast.
    ontology = terms.graph(select(kg.quads, "ontology"))
    chains = [
        (prop, list(ontology.items(members)))
        for prop, members in ontology.subject_objects(OWL.propertyChainAxiom)
        if isinstance(prop, URIRef) and prop.startswith(kg.project.prefixes["film"])
    ]
    assert len(chains) > 5
    for prop, (first, second) in chains:
        rows = kg.query(f"""SELECT DISTINCT ?a ?b {{
            ?a <{first}> ?node . ?node <{second}> ?b .
            FILTER NOT EXISTS {{
                ?special rdfs:subPropertyOf* <{prop}> .
                GRAPH ?passage {{ ?a ?special ?b }}
                ?passage a ev:Passage .
            }}
        }}""")
        assert not list(rows), (prop, list(rows))


def test_a_graph_with_a_contradiction_does_not_load(copy: Copy) -> None:
    copy.replace(
        "graph/entities.ttl", "id:die-hard a film:Film ;", "id:die-hard a film:Film , film:Person ;"
    )
    with pytest.raises(InconsistencyError, match="id/die-hard"):
        _ = copy.load().quads


# Alignments ------------------------------------------------------------------


def test_no_conclusion_is_about_terms_of_others(kg: KnowledgeGraph) -> None:
    own = "https://w3id.org/kaiju/"
    for quad in kg.infer():
        assert quad.predicate == terms.TYPE or quad.predicate.value.startswith(own)
        assert isinstance(quad.object, ox.Literal) or quad.object.value.startswith(own), quad


def test_alignments_are_no_premise(kg: KnowledgeGraph, copy: Copy) -> None:
    # As a premise this would be a contradiction: no film is a person.
    copy.replace(
        "ontology/alignments.ttl",
        "film:Film rdfs:subClassOf dbo:Film , ",
        "film:Film rdfs:subClassOf film:Person , ",
    )
    loaded = copy.load()
    said = "film:Film rdfs:subClassOf film:Person"
    assert loaded.infer() == kg.infer()
    assert not loaded.query(f"ASK {{ {said} }}").boolean
    assert loaded.query(f"ASK {{ GRAPH graph:alignments {{ {said} }} }}").boolean
