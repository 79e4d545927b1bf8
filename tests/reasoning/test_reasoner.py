"""OWL 2 RL: every rule, both reasoners, contradictions, and the conclusions of the graph."""

from __future__ import annotations

import argparse
import itertools
import re
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import OWL, URIRef

from kaiju_graph.cli.commands import infer as infer_command
from kaiju_graph.errors import AxiomError, InconsistencyError, KaijuError, UsageError
from kaiju_graph.project.sources import select_layers
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.parse import parse
from kaiju_graph.rdf.terms import INFERRED, ONTOLOGY, Quad, Triple
from kaiju_graph.reasoning.reasoner import REASONERS, derive, infer, rules, run_owlrl
from kaiju_graph.store.store import DEFAULT_LAYERS, make_store
from tests.conftest import every_nth

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from kaiju_graph import KnowledgeGraph
    from kaiju_graph.rdf.terms import Resource
    from tests.conftest import Command, Copy

ASSERTED = tuple(layer for layer in DEFAULT_LAYERS if layer != "inferred")
PREFIXES = """
@prefix : <http://e/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
:A a owl:Class . :B a owl:Class . :C a owl:Class . :D a owl:Class . :E a owl:Class .
:p a owl:ObjectProperty . :q a owl:ObjectProperty . :r a owl:ObjectProperty .
"""


def _quads(text: str) -> list[Quad]:
    return list(parse("ontology/test.ttl", PREFIXES + text, ONTOLOGY))


def _short(statement: Triple | Quad) -> str:
    return " ".join(re.sub(r".*[/#]", "", term.value) for term in statement[:3])


def _conclusions(text: str, reasoner: str) -> set[str]:
    """Return what follows from Turtle, as texts of local names."""
    return {_short(quad) for quad in infer(_quads(text), reasoner)}


@pytest.mark.parametrize("reasoner", REASONERS)
def test_conclusions_have_the_literals_of_their_premises(reasoner: str) -> None:
    values = '01 , "1"^^<http://www.w3.org/2001/XMLSchema#byte> , 1.50'
    inferred = infer(_quads(f":p rdfs:subPropertyOf :q . :a :p {values} ."), reasoner)
    assert [str(quad.object).partition("XMLSchema#")[::2] for quad in inferred] == [
        ('"01"^^<http://www.w3.org/2001/', "integer>"),
        ('"1"^^<http://www.w3.org/2001/', "byte>"),
        ('"1.50"^^<http://www.w3.org/2001/', "decimal>"),
    ]


@pytest.mark.parametrize("reasoner", REASONERS)
@pytest.mark.parametrize("number", ["01", '"1"^^xsd:nonNegativeInteger', '"+1"^^xsd:byte'])
def test_cardinality_is_a_number_however_it_is_written(number: str, reasoner: str) -> None:
    prefix = "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
    axiom = f":A owl:maxCardinality {number} ; owl:onProperty :p ."
    found = _conclusions(f"{prefix}{axiom} :a a :A ; :p :b , :c .", reasoner)
    assert found == {"b sameAs c", "c sameAs b"}


# Rule, premises, and what follows from them.
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
    (
        "cls-maxqc3",
        """:A owl:maxQualifiedCardinality 1 ; owl:onProperty :p ; owl:onClass :B .
        :a a :A ; :p :b , :c , :d . :b a :B . :c a :B .""",
        {"b sameAs c", "c sameAs b"},
    ),
    (
        "cls-maxqc4",
        """:A owl:maxQualifiedCardinality 1 ; owl:onProperty :p ; owl:onClass owl:Thing .
        :a a :A ; :p :b , :c .""",
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
    ("eq-rep-p", ":p owl:sameAs :q . :a :p :b .", {"a q b", "q sameAs p"}),
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
    (
        "prp-key",
        ":A owl:hasKey ( :p :q ) . :a a :A ; :p :c ; :q :d . :b a :A ; :p :c ; :q :d .",
        {"a sameAs b", "b sameAs a"},
    ),
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
# Rule, premises, what it concludes of the terms, and what follows of a thing by that.
NARROW = ":A owl:someValuesFrom :B ; owl:onProperty :p . :a a :A . "
WIDE = ":C owl:someValuesFrom :D ; owl:onProperty :p . "
CONCLUDES_OF_TERMS = [
    (
        "scm-cls",
        NARROW + ":C owl:someValuesFrom owl:Thing ; owl:onProperty :p .",
        {"B subClassOf Thing"},
    ),
    ("scm-eqc1", NARROW + WIDE + ":B owl:equivalentClass :D .", {"B subClassOf D"}),
    ("scm-eqc1-2", NARROW + WIDE + ":D owl:equivalentClass :B .", {"B subClassOf D"}),
    (
        "scm-eqp1",
        NARROW + ":C owl:someValuesFrom :B ; owl:onProperty :q . :p owl:equivalentProperty :q .",
        {"p subPropertyOf q"},
    ),
    (
        "scm-eqp1-2",
        NARROW + ":C owl:someValuesFrom :B ; owl:onProperty :q . :q owl:equivalentProperty :p .",
        {"p subPropertyOf q"},
    ),
    (
        "scm-hv",
        NARROW
        + WIDE
        + """:B owl:hasValue :b ; owl:onProperty :q . :D owl:hasValue :b ; owl:onProperty :r .
        :q rdfs:subPropertyOf :r .""",
        {"B subClassOf D"},
    ),
    ("scm-int", NARROW + WIDE + ":B owl:intersectionOf ( :D ) .", {"B subClassOf D"}),
    (
        "scm-sco",
        NARROW + WIDE + ":B rdfs:subClassOf :E . :E rdfs:subClassOf :D .",
        {"B subClassOf D"},
    ),
    (
        "scm-spo",
        NARROW
        + """:C owl:someValuesFrom :B ; owl:onProperty :r .
        :p rdfs:subPropertyOf :q . :q rdfs:subPropertyOf :r .""",
        {"p subPropertyOf r"},
    ),
    ("scm-svf1", NARROW + WIDE + ":B rdfs:subClassOf :D .", {"A subClassOf C"}),
    (
        "scm-svf2",
        NARROW + ":C owl:someValuesFrom :B ; owl:onProperty :q . :p rdfs:subPropertyOf :q .",
        {"A subClassOf C"},
    ),
    (
        "scm-avf1",
        """:A owl:allValuesFrom :B ; owl:onProperty :p .
        :C owl:allValuesFrom :D ; owl:onProperty :p .
        :B rdfs:subClassOf :D . :a a :A .""",
        {"A subClassOf C"},
    ),
    (
        "scm-avf2",
        """:A owl:allValuesFrom :B ; owl:onProperty :q .
        :C owl:allValuesFrom :B ; owl:onProperty :p .
        :p rdfs:subPropertyOf :q . :a a :A .""",
        {"A subClassOf C"},
    ),
    ("scm-uni", NARROW + WIDE + ":D owl:unionOf ( :B ) .", {"B subClassOf D"}),
]
# Rule, premises, and the premises of the contradiction, without those of lists and nameless nodes.
CONTRADICTS = [
    (
        "cax-adc",
        "[] a owl:AllDisjointClasses ; owl:members ( :A :B :C ) . :a a :A , :C .",
        "a type A; a type C",
    ),
    ("cax-dw", ":A owl:disjointWith :B . :a a :A , :B .", "A disjointWith B; a type A; a type B"),
    ("cls-com", ":A owl:complementOf :B . :a a :A , :B .", "A complementOf B; a type A; a type B"),
    (
        "cls-maxc1",
        ":A owl:maxCardinality 0 ; owl:onProperty :p . :a a :A ; :p :b .",
        "A maxCardinality 0; A onProperty p; a type A; a p b",
    ),
    (
        "cls-maxqc1",
        """:A owl:maxQualifiedCardinality 0 ; owl:onProperty :p ; owl:onClass :B .
        :a a :A ; :p :b . :b a :B .""",
        "A maxQualifiedCardinality 0; A onProperty p; A onClass B; a type A; a p b; b type B",
    ),
    (
        "cls-maxqc2",
        """:A owl:maxQualifiedCardinality 0 ; owl:onProperty :p ; owl:onClass owl:Thing .
        :a a :A ; :p :b .""",
        "A maxQualifiedCardinality 0; A onProperty p; A onClass Thing; a type A; a p b",
    ),
    ("cls-nothing2", ":a a owl:Nothing .", "a type Nothing"),
    (
        "eq-diff1",
        ":a owl:sameAs :b ; owl:differentFrom :b .",
        "a differentFrom b; a sameAs b",
    ),
    ("eq-diff1", ":a owl:differentFrom :a .", "a differentFrom a"),  # by eq-ref
    (
        "eq-diff2",
        "[] a owl:AllDifferent ; owl:members ( :a :b :c ) . :a owl:sameAs :b .",
        "a sameAs b",
    ),
    (
        "eq-diff3",
        "[] a owl:AllDifferent ; owl:distinctMembers ( :a :b :c ) . :a owl:sameAs :b .",
        "a sameAs b",
    ),
    (
        "prp-adp",
        "[] a owl:AllDisjointProperties ; owl:members ( :p :q :r ) . :a :p :b ; :q :b .",
        "a p b; a q b",
    ),
    (
        "prp-asyp",
        ":p a owl:AsymmetricProperty . :a :p :b . :b :p :a .",
        "p type AsymmetricProperty; a p b; b p a",
    ),
    ("prp-irp", ":p a owl:IrreflexiveProperty . :a :p :a .", "p type IrreflexiveProperty; a p a"),
    (
        "prp-npa1",
        """[] owl:sourceIndividual :a ; owl:assertionProperty :p ; owl:targetIndividual :b .
        :a :p :b .""",
        "a p b",
    ),
    (
        "prp-npa2",
        "[] owl:sourceIndividual :a ; owl:assertionProperty :p ; owl:targetValue 1 . :a :p 1 .",
        "a p 1",
    ),
    (
        "prp-pdw",
        ":p owl:propertyDisjointWith :q . :a :p :b ; :q :b .",
        "p propertyDisjointWith q; a p b; a q b",
    ),
]


def _conclusions_of_rule(rule: str, text: str) -> set[str]:
    """Return what one rule concludes in one step."""
    answer = make_store(_quads(text)).query(rules()[rule])
    assert isinstance(answer, ox.QueryTriples)
    return {_short(Triple(t.subject, t.predicate, t.object)) for t in answer}


@pytest.mark.parametrize(
    ("rule", "text", "conclusions"), every_nth(FOLLOWS, 3), ids=[row[0] for row in FOLLOWS]
)
def test_each_rule_concludes_what_owl_2_profiles_specifies(
    rule: str, text: str, conclusions: set[str]
) -> None:
    assert _conclusions_of_rule(rule, text) & conclusions
    for reasoner in REASONERS:
        assert _conclusions(text, reasoner) == conclusions, reasoner


@pytest.mark.parametrize(
    ("rule", "text", "concluded"), CONCLUDES_OF_TERMS, ids=[row[0] for row in CONCLUDES_OF_TERMS]
)
def test_each_schema_rule_is_needed_for_a_conclusion_about_an_individual(
    rule: str, text: str, concluded: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _conclusions_of_rule(rule, text) >= concluded
    for reasoner in REASONERS:
        assert _conclusions(text, reasoner) == {"a type C"}, reasoner
    others = {name: query for name, query in rules().items() if name != rule}
    monkeypatch.setattr("kaiju_graph.reasoning.reasoner.rules", lambda: others)
    assert _conclusions(text, "rules") == set()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("WHERE", "WHER", "error at 6:6: expected WHERE"),
        ("rdfs:domain", "rfds:domain", "found the prefix 'rfds'; expected one of owl, rdf, rdfs"),
    ],
)
def test_an_invalid_rule_is_an_error_with_its_file(
    old: str, new: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = rules() | {"prp-dom": rules()["prp-dom"].replace(old, new)}
    monkeypatch.setattr("kaiju_graph.reasoning.reasoner.rules", lambda: broken)
    with pytest.raises(KaijuError) as raised:
        _conclusions(":p rdfs:domain :A . :a :p :b .", "rules")
    assert str(raised.value) == f"rules/prp-dom.rq: {message}"


@pytest.mark.parametrize(
    ("rule", "text", "premises"), CONTRADICTS, ids=[row[0] for row in CONTRADICTS]
)
def test_a_contradiction_names_its_rule_and_premises(rule: str, text: str, premises: str) -> None:
    with pytest.raises(InconsistencyError) as raised:
        _conclusions(text, "rules")
    error = raised.value
    assert error.rule == rule
    asserted = {quad.triple for quad in _quads(text)}
    assert set(error.premises) <= asserted | error.rounds.keys()
    named = [t for t in error.premises if not isinstance(t.subject, ox.BlankNode)]
    assert "; ".join(map(_short, named)) == premises
    message = str(error)
    assert message.startswith(f"the graph contradicts itself by {rule}: <http://e/")
    assert "\n" not in message
    with pytest.raises(InconsistencyError, match=r"^the graph contradicts itself: .+"):
        _conclusions(text, "owlrl")


@pytest.mark.parametrize(
    "text",
    [  # which owlrl takes for consistent, as it leaves the last member out
        "[] a owl:AllDifferent ; owl:members ( :a :b ) . :a owl:sameAs :b .",
        "[] a owl:AllDifferent ; owl:distinctMembers ( :a :b ) . :a owl:sameAs :b .",
        "[] a owl:AllDifferent ; owl:members ( :a :a ) .",
        "[] a owl:AllDisjointProperties ; owl:members ( :p :q ) . :a :p :b ; :q :b .",
    ],
)
def test_the_last_member_of_a_list_counts(text: str) -> None:
    with pytest.raises(InconsistencyError):
        _conclusions(text, "rules")
    _conclusions(text, "owlrl")


@pytest.mark.parametrize("reasoner", REASONERS)
def test_no_class_or_property_has_to_be_declared(reasoner: str) -> None:
    # OWL 2 Profiles, section 4.3: no rule of Tables 4 to 7 asks for a declaration.
    text = """
    @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
    :K a rdfs:Class ; rdfs:subClassOf :L . :L a rdfs:Class .
    :before a owl:TransitiveProperty . :has a rdf:Property ; owl:inverseOf :of .
    :x a :K ; :before :y ; :has :y . :y :before :z .
    :title rdfs:subPropertyOf rdfs:label . :x :title "x" .
    """
    expected = {"x type L", "x before z", "y of x", "x label x"}
    assert _conclusions(text, reasoner) == expected


@pytest.mark.parametrize("reasoner", REASONERS)
def test_restrictions_are_compared_without_a_declaration(reasoner: str) -> None:
    # scm-svf1: what they share is a subclass of itself (scm-cls).
    text = """
    :K owl:someValuesFrom :L ; owl:onProperty :has .
    :L owl:someValuesFrom :L ; owl:onProperty :has .
    :x a :K .
    """
    assert _conclusions(text, reasoner) == {"x type L"}


@pytest.mark.parametrize("reasoner", REASONERS)
def test_a_class_may_be_an_individual(reasoner: str) -> None:
    # OWL 2 Structural Specification, section 5.9: one IRI may stand for both (punning).
    text = ":Species rdfs:subClassOf :Taxon . :Eagle a :Species . :x a :Eagle ."
    assert _conclusions(text, reasoner) == {"Eagle type Taxon"}


def test_an_ill_typed_literal_is_an_error_of_owlrl_without_a_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with pytest.raises(InconsistencyError, match="contradicts itself: Lexical value"):
        _conclusions(":a :p 'abc'^^<http://www.w3.org/2001/XMLSchema#integer> .", "owlrl")
    assert caplog.text == ""


def test_a_long_integer_is_not_ill_typed() -> None:
    # XSD 1.1, part 2, section 3.4.13: an integer has one or more digits.
    text = f":a :p {'1' * 5000} . :b :q 1 . :q rdfs:subPropertyOf :p ."
    assert _conclusions(text, "owlrl") == {"b p 1"}


def test_a_key_needs_all_of_its_properties() -> None:
    text = ":A owl:hasKey ( :p :q ) . :a a :A ; :p :c ; :q :d . :b a :A ; :p :c ; :q :e ."
    assert _conclusions(text, "rules") == set()


def test_sameness_adds_no_members_to_a_list() -> None:
    # By eq-rep-o the cell of b holds c, too.
    text = "[] a owl:AllDifferent ; owl:members ( :a :b ) . :b owl:sameAs :c ."
    assert _conclusions(text, "rules") == {"c sameAs b"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (":r owl:propertyChainAxiom ( :p ) .", "a property chain; expected two or three"),
        (":r owl:propertyChainAxiom ( :p :q :p :q ) .", "a property chain; expected two or three"),
        (":r rdfs:subPropertyOf [ owl:inverseOf :p ] .", "an inverse without an IRI"),
        ("[] owl:inverseOf :p .", "an inverse without an IRI"),
    ],
)
def test_unsupported_axioms_are_refused(text: str, problem: str) -> None:
    with pytest.raises(AxiomError, match=f"^ontology: <http://e/[pr]>: found {problem}"):
        _conclusions(text, "rules")


def test_every_rule_has_an_example() -> None:
    assert {row[0] for row in (*FOLLOWS, *CONCLUDES_OF_TERMS, *CONTRADICTS)} == rules().keys()


# The rules of OWL 2 Profiles (Second Edition), section 4.3, table by table.
TABLES = {
    4: "eq-ref eq-sym eq-trans eq-rep-s eq-rep-p eq-rep-o eq-diff1 eq-diff2 eq-diff3",
    5: """prp-ap prp-dom prp-rng prp-fp prp-ifp prp-irp prp-symp prp-asyp prp-trp prp-spo1 prp-spo2
    prp-eqp1 prp-eqp2 prp-pdw prp-adp prp-inv1 prp-inv2 prp-key prp-npa1 prp-npa2""",
    6: """cls-thing cls-nothing1 cls-nothing2 cls-int1 cls-int2 cls-uni cls-com cls-svf1 cls-svf2
    cls-avf cls-hv1 cls-hv2 cls-maxc1 cls-maxc2 cls-maxqc1 cls-maxqc2 cls-maxqc3 cls-maxqc4
    cls-oo""",
    7: "cax-sco cax-eqc1 cax-eqc2 cax-dw cax-adc",
    8: "dt-type1 dt-type2 dt-eq dt-diff dt-not-type",
    9: """scm-cls scm-sco scm-eqc1 scm-eqc2 scm-op scm-dp scm-spo scm-eqp1 scm-eqp2 scm-dom1
    scm-dom2 scm-rng1 scm-rng2 scm-hv scm-svf1 scm-svf2 scm-avf1 scm-avf2 scm-int scm-uni""",
}


def test_the_readme_lists_every_rule_of_owl_2_rl(root: Path) -> None:
    text = (root / "src/kaiju_graph/reasoning/rules/README.md").read_text(encoding="utf-8")
    tables: dict[int, list[str]] = {}
    included: set[str] = set()
    for line in text.splitlines():
        if row := re.fullmatch(r"\| (\d) \| (.+?) \| (in|out) \| (.+) \|", line):
            names = re.findall(r"`([\w-]+)`", row[2])
            tables.setdefault(int(row[1]), []).extend(names)
            assert row[4].endswith("."), line
            included |= set(names) if row[3] == "in" else set()
    assert {n: sorted(names) for n, names in tables.items()} == {
        n: sorted(names.split()) for n, names in TABLES.items()
    }
    # A second file of a rule adds a number to its name.
    assert included == {re.sub(r"-\d$", "", name) for name in rules()}


def test_rules_have_the_layout_that_the_reasoner_reads() -> None:
    pattern = r"    \S+ \S+ \S+ \.\n"
    negation = r"    FILTER NOT EXISTS \{\n(?: {8}.+\n)+    \}\n"
    for name, text in rules().items():
        head = r"(?:CONSTRUCT \{ \S+ \S+ \S+ \}|SELECT \*)"
        layout = (
            rf"# .+\n\n(?:PREFIX .+\n)*\n*{head}\nWHERE \{{\n(?:{pattern})+(?:    FILTER\(.+\)\n)*"
        )
        assert re.fullmatch(rf"{layout}(?:{negation})?\}}\n", text), name


@pytest.mark.parametrize("reasoner", REASONERS)
@pytest.mark.parametrize(
    "text",
    [
        ":a :p :b .",
        ":A rdfs:subClassOf :B . :a a :A , :B .",  # asserted already
        ":A rdfs:subClassOf :B . :B rdfs:subClassOf :C .",  # about classes
        ":p rdfs:subPropertyOf :q . :q rdfs:subPropertyOf :r .",  # about properties
        ":p a owl:SymmetricProperty . :a :p :a .",  # of itself
        ":p rdfs:range :A . :a :p 'text' .",  # about a literal
        ":p owl:inverseOf :q . :a :p 'text' .",
        ":a a :A ; rdfs:label 'a' .",  # about the world
    ],
)
def test_other_conclusions_are_left_out(text: str, reasoner: str) -> None:
    assert _conclusions(text, reasoner) == set()


CLASS = st.sampled_from([":A", ":B", ":C"])
PROPERTY = st.sampled_from([":p", ":q", ":r"])
THING = st.sampled_from([":a", ":b", ":c"])
NUMBER = st.sampled_from([0, 1, 2])
KINDS = "Symmetric Transitive Functional InverseFunctional Irreflexive Asymmetric".split()
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
    st.builds("{} owl:propertyChainAxiom ( {} {} {} ) .".format, *[PROPERTY] * 4),
    st.builds("{} a owl:{}Property .".format, PROPERTY, st.sampled_from(KINDS)),
    st.builds("{} owl:propertyDisjointWith {} .".format, PROPERTY, PROPERTY),
    # owlrl leaves out the last member of these three.
    st.builds(
        "[] a owl:AllDisjointProperties ; owl:members ( {} {} :s ) .".format, *[PROPERTY] * 2
    ),
    st.just("[] a owl:AllDifferent ; owl:members ( :a :b :d ) ."),
    st.builds("{0} owl:hasKey ( {1} {1} ) .".format, CLASS, PROPERTY),
    st.builds("[] a owl:AllDisjointClasses ; owl:members ( {} {} {} ) .".format, *[CLASS] * 3),
    st.builds("{} owl:complementOf {} .".format, CLASS, CLASS),
    st.builds("{} owl:oneOf ( {} {} ) .".format, CLASS, THING, THING),
    st.builds(
        "{} owl:someValuesFrom owl:Thing ; owl:onProperty {} .".format,
        CLASS,
        PROPERTY,
    ),
    st.builds("{} owl:maxCardinality {} ; owl:onProperty {} .".format, CLASS, NUMBER, PROPERTY),
    st.builds(
        "{} owl:maxQualifiedCardinality {} ; owl:onProperty {} ; owl:onClass {} .".format,
        CLASS,
        NUMBER,
        PROPERTY,
        st.sampled_from([":A", ":B", "owl:Thing"]),
    ),
)
FACT = st.one_of(
    st.builds("{} a {} .".format, THING, CLASS),
    st.builds("{} {} {} .".format, THING, PROPERTY, THING),
    st.builds("{} {} {} .".format, THING, PROPERTY, THING),
    st.builds("{} owl:sameAs {} .".format, THING, THING),
    st.sampled_from([":a owl:differentFrom :b .", ":c owl:differentFrom :b ."]),
)
GRAPHS = {
    "axioms": st.lists(AXIOM, max_size=5),
    "facts": st.lists(FACT, min_size=1, max_size=5),
}


@given(**GRAPHS, declared=st.booleans())
@settings(max_examples=8)
def test_both_reasoners_agree_on_small_graphs(
    axioms: list[str], facts: list[str], *, declared: bool
) -> None:
    _check_agreement(axioms, facts, declared=declared)


@pytest.mark.slow
@given(**GRAPHS, declared=st.booleans())
@settings(max_examples=100)
def test_both_reasoners_agree_on_many_small_graphs(
    axioms: list[str], facts: list[str], *, declared: bool
) -> None:
    _check_agreement(axioms, facts, declared=declared)


def _check_agreement(axioms: list[str], facts: list[str], *, declared: bool) -> None:
    text = "\n".join(axioms + facts)
    quads = _quads(text)
    if not declared:
        quads = [quad for quad in quads if quad not in _quads("")]
    outcomes: dict[str, set[str] | None] = {}
    for reasoner in REASONERS:
        try:
            outcomes[reasoner] = {_short(quad) for quad in infer(quads, reasoner)}
        except InconsistencyError:
            outcomes[reasoner] = None
    assert outcomes["rules"] == outcomes["owlrl"], text


@given(**GRAPHS)
@settings(max_examples=20)
def test_each_round_finds_all_new_conclusions(axioms: list[str], facts: list[str]) -> None:
    _check_rounds(axioms, facts)


@pytest.mark.slow
@given(**GRAPHS)
@settings(max_examples=100)
def test_each_round_finds_all_new_conclusions_of_many_graphs(
    axioms: list[str], facts: list[str]
) -> None:
    _check_rounds(axioms, facts)


def _check_rounds(axioms: list[str], facts: list[str]) -> None:
    quads = _quads("\n".join(axioms + facts))
    try:
        rounds = derive(quad.triple for quad in quads)
    except InconsistencyError:
        return
    store = ox.Store()
    store.extend(ox.Quad(*quad.triple) for quad in quads)
    for number in range(1, max(rounds.values(), default=0) + 2):
        conclusions = {
            Triple(t.subject, t.predicate, t.object)
            for query in rules().values()
            for t in store.query(query)  # type: ignore[union-attr]
        }
        new = {triple for triple in conclusions if ox.Quad(*triple) not in store}
        assert new == {triple for triple, when in rounds.items() if when == number}
        store.extend(ox.Quad(*triple) for triple in new)


INCONSISTENT = {
    "Film-follows-order",
    "Ontology-domain",
    "Ontology-range",
    "Thing-disjoint",
    "Thing-kind-single",
}
"""The counter-examples that contradict the axioms, not only the shapes."""


@pytest.mark.parametrize("step", [50, pytest.param(1, marks=pytest.mark.slow)], ids=["some", "all"])
def test_both_reasoners_agree_on_counterexamples(step: int, kg: KnowledgeGraph, root: Path) -> None:
    # owlrl closes all of them at once, with the things of each renamed, and reports every error.
    ontology = [quad.triple for quad in select_layers(kg.quads, "ontology")]
    folder = root / "tests/counterexamples"
    sample = {*sorted(folder.glob("*.trig"))[::step], folder / "Thing-disjoint.trig"}
    examples = {
        path.stem: _read_renamed(path, f"urn:x-none:{path.stem}:", {t.subject for t in ontology})
        for path in sorted(sample)
    }
    closed, errors = run_owlrl([*ontology, *itertools.chain(*examples.values())])
    inconsistent = {name for error in errors for name in re.findall(r"urn:x-none:(\S+?):", error)}
    assert inconsistent == INCONSISTENT & examples.keys()
    for name in inconsistent:
        with pytest.raises(InconsistencyError):
            derive([*ontology, *examples[name]])
    consistent = [name for name in examples if name not in inconsistent]
    followed = derive([*ontology, *itertools.chain(*(examples[name] for name in consistent))])
    things = tuple(f"<urn:x-none:{name}:" for name in consistent)

    def about_them(triples: Iterable[Triple]) -> set[str]:
        return {
            " ".join(map(str, t))
            for t in triples
            if str(t.subject).startswith(things)
            and t.subject != t.object
            and t.object.value != terms.OWL + "Thing"
        }

    assert about_them(followed) == about_them(closed)
    assert len(about_them(closed)) > 300 / step
    # The rules leave out Table 8, because shapes check what a literal can be.
    assert sum("urn:x-none:" not in error for error in errors) == (1 if step == 1 else 0)


def _read_renamed(path: Path, stem: str, terms_of: set[Resource]) -> list[Triple]:
    """Return the triples of a counter-example, its own things in a namespace of their own."""

    def renamed(term: Any) -> Any:
        own = isinstance(term, ox.NamedNode) and term.value.startswith("https://w3id.org/kaiju/")
        is_thing = own and term not in terms_of and "#" not in term.value
        return ox.NamedNode(stem + term.value.rpartition("/")[2]) if is_thing else term

    quads = parse(path.name, path.read_text(encoding="utf-8"), ONTOLOGY)
    return [Triple._make(map(renamed, quad.triple)) for quad in quads]


@pytest.mark.slow
def test_both_reasoners_agree_on_the_graph(kg: KnowledgeGraph) -> None:
    assert kg.infer("rules") == kg.infer("owlrl") == select_layers(kg.quads, "inferred")


def test_the_command_offers_every_reasoner(kg: KnowledgeGraph) -> None:
    parser = argparse.ArgumentParser()
    infer_command.add_options(parser)
    assert f"--reasoner {{{','.join(REASONERS)}}}" in parser.format_usage()
    with pytest.raises(UsageError, match=r"^no reasoner 'pellet'; expected one of rules, owlrl$"):
        kg.infer("pellet")


def test_the_order_of_the_premises_does_not_matter(kg: KnowledgeGraph) -> None:
    asserted = select_layers(kg.quads, *ASSERTED)
    assert infer(reversed(asserted)) == kg.infer()


# The graph -------------------------------------------------------------------


def test_conclusions_are_sorted_in_the_inferred_graph(kg: KnowledgeGraph) -> None:
    inferred = kg.infer()
    assert len(inferred) > 100
    assert {quad.graph for quad in inferred} == {INFERRED}
    assert inferred == sorted(set(inferred), key=terms.sort_key)


def test_conclusions_are_about_individuals_only(kg: KnowledgeGraph) -> None:
    asserted = select_layers(kg.quads, "stated", "entities", "curated", "evidence")
    individuals = {term for quad in asserted for term in (quad.subject, quad.object)}
    ontology = select_layers(kg.quads, "ontology")
    vocabulary = {quad.subject for quad in ontology if quad.predicate == terms.TYPE}
    individuals |= {  # of a vocabulary, such as film:dvd
        quad.subject for quad in ontology if quad.object in vocabulary
    } - {quad.subject for quad in ontology if quad.predicate == terms.SUB_CLASS_OF}
    for quad in kg.infer():
        assert quad.subject in individuals
        assert isinstance(quad.subject, ox.NamedNode)
        assert quad.predicate == terms.TYPE or quad.predicate in vocabulary
        assert quad.predicate != terms.TYPE or quad.object in vocabulary


def test_conclusions_are_new_and_not_reflexive(kg: KnowledgeGraph) -> None:
    asserted = {quad.triple for quad in select_layers(kg.quads, *ASSERTED)}
    for quad in kg.infer():
        assert quad.triple not in asserted
        assert quad.subject != quad.object


def test_the_closure_is_complete(kg: KnowledgeGraph) -> None:
    assert not infer(select_layers(kg.quads, *DEFAULT_LAYERS))


def test_chains_through_coined_things_conclude_only_stated_triples(kg: KnowledgeGraph) -> None:
    # A credit, an entry or a portrayal adds to a direct statement and never replaces it.
    # A statement with a subproperty counts: a star of a film is a member of its cast.
    ontology = terms.rdflib_graph(select_layers(kg.quads, "ontology"))
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


def test_a_graph_with_a_contradiction_does_not_load(copy: Copy, kaiju: Command) -> None:
    copy.replace(
        "graph/entities.ttl", "id:die-hard a film:Film ;", "id:die-hard a film:Film , film:Person ;"
    )
    lines = copy.read("graph/entities.ttl").split("\n")
    line = next(at for at, text in enumerate(lines, 1) if text.startswith("id:die-hard a "))
    with pytest.raises(InconsistencyError) as raised:
        _ = copy.load().quads
    error = raised.value
    assert re.fullmatch(
        rf"graph/entities.ttl:{line}:\d+: found a contradiction: "
        r"id:die-hard a film:\w+ \[[\w:, -]+\]; id:die-hard a film:\w+ \[[\w:, -]+\]; "
        r"expected statements that can be true together \(cax-adc\)",
        str(error),
    )
    for arguments, code in ((["stats"], 3), (["infer"], 1), (["infer", "--check"], 1)):
        ran = kaiju("--root", str(copy.root), *arguments)
        assert (ran.returncode, ran.stdout) == (code, ""), arguments
        assert ran.stderr == f"kaiju: error: {error}\n"


# Alignments ------------------------------------------------------------------


def test_conclusions_use_only_own_terms(kg: KnowledgeGraph) -> None:
    own = "https://w3id.org/kaiju/"
    for quad in kg.infer():
        assert quad.predicate == terms.TYPE or quad.predicate.value.startswith(own)
        assert isinstance(quad.object, ox.Literal) or quad.object.value.startswith(own), quad


def test_reasoner_and_queries_ignore_alignments(kg: KnowledgeGraph, copy: Copy) -> None:
    # As a premise this would be a contradiction: no film is a person.
    copy.replace(
        "ontology/alignments.ttl",
        "film:Film rdfs:subClassOf dbo:Film , ",
        "film:Film rdfs:subClassOf film:Person , ",
    )
    loaded = copy.load()
    triple = "film:Film rdfs:subClassOf film:Person"
    assert loaded.infer() == kg.infer()
    assert not loaded.query(f"ASK {{ {triple} }}").boolean
    assert loaded.query(f"ASK {{ GRAPH graph:alignments {{ {triple} }} }}").boolean
