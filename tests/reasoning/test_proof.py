"""Proofs: a checker that does not share code with the search replays every one."""

from __future__ import annotations

import itertools
import json
import os
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaiju_graph.cli.render import proof as rendering
from kaiju_graph.errors import CacheWarning, InconsistencyError, UnknownNameError
from kaiju_graph.evidence.grounds import Grounds
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.parse import parse
from kaiju_graph.rdf.terms import FIRST, INFERRED, NIL, ONTOLOGY, REST, Triple
from kaiju_graph.reasoning.proof import MAX_DEPTH, MAX_PROOFS, Explainer, Proof
from kaiju_graph.reasoning.reasoner import derive, infer, rules
from kaiju_graph.store import store
from kaiju_graph.store.store import make_round_store, make_store
from tests.conftest import every_nth
from tests.reasoning.test_reasoner import (
    CONCLUDES_OF_TERMS,
    CONTRADICTS,
    FOLLOWS,
    GRAPHS,
    PREFIXES,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kaiju_graph import KnowledgeGraph
    from tests.conftest import Command, Copy

RULES = rules()


def concludes(rule: str, premises: list[Triple], conclusion: Triple | None) -> bool:
    """Tell whether a rule, run on premises alone, whose lists are whole, gives a conclusion."""
    store = ox.Store()
    store.extend(ox.Quad(*premise) for premise in premises)
    cells: set[Any] = {
        premise.subject for premise in premises if premise.predicate in (FIRST, REST)
    }
    cells |= {premise.object for premise in premises if premise.predicate == REST} - {NIL}
    for cell in cells:
        for predicate in (FIRST, REST):
            if len(list(store.quads_for_pattern(cell, predicate, None))) != 1:
                return False
    answer = store.query(RULES[rule])
    if isinstance(answer, ox.QuerySolutions):
        return conclusion is None and next(answer, None) is not None
    assert isinstance(answer, ox.QueryTriples)
    return conclusion is not None and ox.Triple(*conclusion) in list(answer)


def steps(proof: Proof) -> Iterator[Proof]:
    yield proof
    for premise in proof.premises:
        yield from steps(premise)


def check(proof: Proof, asserted: set[Triple]) -> None:
    """Replay a proof: each step needs all its premises and follows; leaves are asserted."""

    def replay(step: Proof, above: tuple[Triple | None, ...]) -> int:
        assert step.conclusion not in above, "a circle"
        if not step.rule:
            assert step.conclusion in asserted
            assert not step.premises
            assert step.steps == 0
            return 0
        premises = [premise.conclusion for premise in step.premises if premise.conclusion]
        assert len(premises) == len(step.premises) == len(set(premises))
        assert concludes(step.rule, premises, step.conclusion)
        for taken in premises:
            fewer = [premise for premise in premises if premise != taken]
            assert not concludes(step.rule, fewer, step.conclusion), (step.rule, taken)
        count = 1 + sum(replay(premise, (*above, step.conclusion)) for premise in step.premises)
        assert step.steps == count
        return count

    replay(proof, ())


def _explainer(text: str) -> tuple[Explainer, set[Triple], dict[Triple, int]]:
    quads = list(parse("ontology/test.ttl", PREFIXES + text, ONTOLOGY))
    store = make_store(quads)
    known = store.quads_for_pattern(None, None, None, ox.DefaultGraph())
    asserted = {Triple(quad.subject, quad.predicate, quad.object) for quad in known}  # type: ignore[arg-type]
    rounds = derive(quad.triple for quad in quads)
    return Explainer(store, make_round_store(rounds)), asserted, rounds


@pytest.mark.parametrize("step", [6, pytest.param(1, marks=pytest.mark.slow)], ids=["some", "all"])
def test_every_conclusion_has_a_proof_that_replays(step: int, kg: KnowledgeGraph) -> None:
    asserted = {quad.triple for quad in kg.quads if quad.graph != INFERRED}
    inferred = [quad.triple for quad in kg.quads if quad.graph == INFERRED]
    assert len(inferred) > 600
    leaves = set()
    for triple in inferred[::step]:
        proof = kg.explainer.prove(triple)
        assert proof.rule
        check(proof, asserted)
        leaves |= {step.conclusion for step in steps(proof) if not step.rule}
    for leaf in leaves:
        assert leaf
        grounds = kg.grounds.find(leaf)
        assert grounds
        assert all(ground.place or ground.layer == "evidence" for ground in grounds)
        for ground in grounds:
            assert bool(ground.quote) == (ground.layer == "stated")


@pytest.mark.parametrize("rule", [pytest.param(row, id=row[0]) for row in FOLLOWS])
def test_each_rule_is_proved_and_replays(rule: tuple[str, str, set[str]]) -> None:
    name, text, _ = rule
    explainer, asserted, rounds = _explainer(text)
    assert rounds
    used = set()
    for triple in rounds:
        for proof in explainer.find_proofs(triple):
            check(proof, asserted)
            used.add(proof.rule)
    assert name in used


@pytest.mark.parametrize("rule", [pytest.param(row, id=row[0]) for row in CONCLUDES_OF_TERMS])
def test_each_schema_rule_is_proved_and_replays(rule: tuple[str, ...]) -> None:
    explainer, asserted, rounds = _explainer(rule[1])
    proofs = [proof for triple in rounds for proof in explainer.find_proofs(triple)]
    for proof in proofs:
        check(proof, asserted)
    assert rule[0] in {proof.rule for proof in proofs}


@pytest.mark.slow
@settings(max_examples=50)
@given(**GRAPHS, declared=st.booleans())
def test_what_is_proved_is_what_the_graph_has(
    axioms: list[str], facts: list[str], *, declared: bool
) -> None:
    quads = list(parse("ontology/test.ttl", PREFIXES + "\n".join(axioms + facts), ONTOLOGY))
    if not declared:
        declarations = {*parse("ontology/test.ttl", PREFIXES, ONTOLOGY)}
        quads = [quad for quad in quads if quad not in declarations]
    try:
        rounds = derive(quad.triple for quad in quads)
    except InconsistencyError:
        return
    known = terms.merge([*quads, *infer(quads)])
    explainer = Explainer(make_store(quads), make_round_store(rounds))
    used = set(itertools.chain(*known, *rounds))
    named = [term for term in used if isinstance(term, ox.NamedNode)]
    for triple in itertools.starmap(Triple, itertools.product(named, repeat=3)):
        explanation = explainer.explain(triple)
        assert bool(explanation.proofs) == (triple in known), triple
        assert {*itertools.chain(*(explanation.nearest or ()))} <= known.keys()


@pytest.mark.parametrize("rule", [pytest.param(row, id=row[0]) for row in CONTRADICTS])
def test_each_contradiction_is_proved_and_replays(rule: tuple[str, ...]) -> None:
    quads = list(parse("ontology/test.ttl", PREFIXES + rule[1], ONTOLOGY))
    with pytest.raises(InconsistencyError) as caught:
        derive(quad.triple for quad in quads)
    explanation = Explainer(make_store(quads), make_round_store(caught.value.rounds)).refute(
        caught.value
    )
    assert explanation
    (proof,) = explanation.proofs
    assert proof.rule == rule[0]
    assert proof.conclusion is None
    known = make_store(quads).quads_for_pattern(None, None, None, ox.DefaultGraph())
    check(proof, {Triple(q.subject, q.predicate, q.object) for q in known})  # type: ignore[arg-type]


def _fewest_steps(explainer: Explainer, triple: Triple) -> int:
    """Return the steps of the shortest proof, by trying all."""
    ways = explainer.find_proofs(triple)
    if not ways[0].rule:
        return 0
    return min(
        1 + sum(_fewest_steps(explainer, p.conclusion) for p in way.premises if p.conclusion)
        for way in ways
    )


LINKS = st.lists(
    st.tuples(st.sampled_from("abcde"), st.sampled_from("pqr"), st.sampled_from("abcde")),
    min_size=1,
    max_size=6,
)


@pytest.mark.slow
@given(links=LINKS)
@settings(max_examples=10)
def test_the_first_proof_is_the_shortest(links: list[tuple[str, str, str]]) -> None:
    _check_shortest(links)


@pytest.mark.slow
@given(links=LINKS)
@settings(max_examples=100)
def test_the_first_proof_is_the_shortest_in_many_graphs(links: list[tuple[str, str, str]]) -> None:
    _check_shortest(links)


def _check_shortest(links: list[tuple[str, str, str]]) -> None:
    facts = "\n".join(f":{s} :{p} :{o} ." for s, p, o in links)
    axioms = """:p a owl:TransitiveProperty ; rdfs:subPropertyOf :q .
    :q owl:inverseOf :r . :q rdfs:domain :A . :A rdfs:subClassOf :B . :r rdfs:range :B ."""
    explainer, asserted, rounds = _explainer(f"{axioms}\n{facts}")
    for triple, number in rounds.items():
        ways = explainer.find_proofs(triple)
        assert ways == sorted(ways, key=lambda way: way.steps)
        assert ways[0] == explainer.prove(triple)
        assert number <= ways[0].steps == _fewest_steps(explainer, triple)
        for way in ways:
            check(way, asserted)
            assert all(
                explainer.closure.round(p.conclusion) < number for p in way.premises if p.conclusion
            )


def test_find_proofs_returns_at_most_max_proofs() -> None:
    many = " ".join(f":a :p :x{number} ." for number in range(2 * MAX_PROOFS))
    explainer, _, rounds = _explainer(f":p rdfs:domain :A . {many}")
    (triple,) = rounds
    assert len(explainer.find_proofs(triple)) == MAX_PROOFS


LONG = 520
"""Links of a chain; its proof has twice as many steps, more than Python nests calls."""
CHAIN = """[ owl:onProperty :p ; owl:someValuesFrom :C ] rdfs:subClassOf :C . :x0 a :C .\n"""
CHAIN += "".join(f":x{number} :p :x{number - 1} .\n" for number in range(1, LONG + 1))


@pytest.fixture(scope="module")
def long_chain() -> tuple[Explainer, Triple]:
    """Return a chain, and what follows of its last link through all of the others."""
    explainer, _, rounds = _explainer(CHAIN)
    (last,) = (t for t in rounds if t.subject.value.endswith(f"x{LONG}") and "C" in str(t.object))
    return explainer, last


@pytest.mark.parametrize(
    ("form", "step", "count"),
    [
        pytest.param("text", "by cls-svf1", LONG, marks=pytest.mark.slow),
        pytest.param("markdown", "by cls-svf1", LONG, marks=pytest.mark.slow),
        pytest.param("turtle", "a prov:Activity", 2 * LONG, marks=pytest.mark.slow),
    ],
)
def test_a_long_proof_is_written_in_every_format(
    form: str, step: str, count: int, long_chain: tuple[Explainer, Triple], kg: KnowledgeGraph
) -> None:
    explainer, last = long_chain
    explanation = explainer.explain(last)
    assert explanation.proofs[0].steps == 2 * LONG
    grounds = Grounds(kg.project, explainer.closure.store)
    text = rendering.render_proof(grounds, explanation, form)
    assert text.count(step) == count
    if form == "text":
        lines = text.splitlines()
        assert max(len(line) - len(line.lstrip()) for line in lines) <= 2 * (MAX_DEPTH + 2)
        below = [line.strip().removesuffix(" (as below)") for line in lines if "below" in line]
        assert [line for line in lines if line[0] != " "][1:] == below != []


@pytest.mark.slow
def test_json_of_a_long_proof_is_nested_within_limits(
    long_chain: tuple[Explainer, Triple], kg: KnowledgeGraph
) -> None:
    explainer, last = long_chain
    grounds = Grounds(kg.project, explainer.closure.store)
    document = json.loads(rendering.render_proof(grounds, explainer.explain(last), "json"))

    def levels(value: Any) -> int:
        inner = value.values() if isinstance(value, dict) else value
        return 1 + max(map(levels, inner), default=0) if isinstance(value, (dict, list)) else 0

    assert levels(document) < 64
    (proof,) = document["proofs"]
    waiting, rules_used, below = [proof, *proof["lemmas"]], [], []
    while waiting:
        step = waiting.pop()
        waiting += step["premises"]
        rules_used += [step["rule"]] if step["proved"] == "here" and step["rule"] else []
        below += [step["triple"]] if step["proved"] == "below" else []
    assert len(rules_used) == 2 * LONG
    assert all(lemma["triple"] in below for lemma in proof["lemmas"])
    assert len(proof["lemmas"]) == len(below) == (2 * LONG - 1) // MAX_DEPTH


@pytest.mark.slow
def test_json_lists_a_shared_proof_once(kg: KnowledgeGraph) -> None:
    # Each class has two ways to the one below: written in full, they would be 2^24.
    both = "".join(
        f":C{n} rdfs:subClassOf :A{n} , :B{n} . :C{n + 1} owl:intersectionOf ( :A{n} :B{n} ) .\n"
        for n in range(24)
    )
    explainer, _, rounds = _explainer(f":x a :C0 .\n{both}")
    (last,) = (triple for triple in rounds if str(triple.object).endswith("C24>"))
    grounds = Grounds(kg.project, explainer.closure.store)
    text = rendering.render_proof(grounds, explainer.explain(last), "json")
    assert json.loads(text)["proofs"][0]["steps"] > 2**24
    assert text.count('"proved": "above"') + text.count('"proved": "below"') == 24
    assert len(text) < 500_000


def test_why_shows_the_proof_with_marked_quotes(kaiju: Command) -> None:
    run = kaiju("why", "Shusuke Kaneko", "is", "agent")
    assert (run.returncode, run.stdout) == (3, "")
    run = kaiju("why", "id:gamera-2", "director", "Shusuke Kaneko")
    assert run.stdout.startswith("Gamera 2: Attack of Legion film:director Shusuke Kaneko\n")
    assert "\n    Director: «Shusuke Kaneko»\n" in run.stdout
    run = kaiju("why", "Shusuke Kaneko", "a", "agent")
    lines = [line.partition(".ttl:")[0] for line in run.stdout.splitlines()]
    assert lines == [
        "Shusuke Kaneko a agent",
        "  by cax-sco: every person is an agent",
        "    film:Person rdfs:subClassOf film:Agent .  # ontology/film",
        "  Shusuke Kaneko a person",
        "    entities: graph/entities",
    ]


def test_why_shows_the_nearest_triples_of_an_unknown_one(kaiju: Command) -> None:
    run = kaiju("why", "id:gamera-2", "film:director", "Toho")
    assert run.returncode == 1
    assert run.stdout.splitlines() == [
        "Gamera 2: Attack of Legion film:director Toho: neither stated nor inferred",
        "  known triples with this subject and predicate:",
        "    Gamera 2: Attack of Legion film:director Shusuke Kaneko",
        "  known triples of this pair:",
        "    Gamera 2: Attack of Legion film:distributor Toho",
    ]
    document = json.loads(
        kaiju("why", "Toho", "film:distributor", "id:gamera-2", "-f", "json").stdout
    )
    assert document["entailed"] is False
    assert [triple["predicate"]["value"] for triple in document["nearest"]["reversed"]] == [
        "https://w3id.org/kaiju/film#distributor"
    ]


OBJECTS = [
    ("id:gamera-2", "rdfs:label", '"Gamera 2: Attack of Legion"@en', True),
    ("id:gamera-2", "rdfs:label", "Gamera 2: Attack of Legion", True),
    ("id:gamera-2", "film:year", "1996", True),
    ("id:gamera-2", "film:year", '"1996"^^xsd:gYear', True),
    ("id:gamera-2", "film:runtimeMinutes", "100", True),
    ("id:gamera-2", "film:runtimeMinutes", "101", False),
    ("id:gamera-2", "rdfs:label", '"two "quotes"\nand lines"@en', False),
    ("id:gamera-2", "rdfs:label", '"two \\"quotes\\""@en', False),
    ("<https://w3id.org/kaiju/id/gamera-2>", "a", "film", True),
]


@pytest.mark.parametrize(("subject", "predicate", "object_", "holds"), OBJECTS)
def test_why_takes_things_and_literals_as_object(
    kg: KnowledgeGraph, subject: str, predicate: str, object_: str, holds: object
) -> None:
    assert bool(kg.why(subject, predicate, object_).proofs) == holds


@pytest.mark.parametrize(
    ("predicate", "text", "literal"),
    [
        ("film:date", "1996-07-13", '"1996-07-13"^^xsd:date'),
        ("film:year", "2001", '"2001"^^xsd:gYear'),
        ("film:runtimeMinutes", "7", '"7"^^xsd:integer'),
        ("film:director", "7", '"7"^^xsd:integer'),  # which has no literals: as SPARQL reads it
    ],
)
def test_a_bare_literal_has_the_datatype_of_its_property(
    kg: KnowledgeGraph, predicate: str, text: str, literal: str
) -> None:
    explanation = kg.why("id:gamera-2", predicate, text)
    assert not explanation.proofs
    assert explanation.triple == kg.why("id:gamera-2", predicate, literal).triple


def test_a_text_invalid_for_the_property_is_taken_as_a_name(kg: KnowledgeGraph) -> None:
    with pytest.raises(UnknownNameError, match="nothing is named '1996-13-13'"):
        kg.why("id:gamera-2", "film:date", "1996-13-13")


UNKNOWN = [
    (
        ("id:gamera-3", "a", "film"),
        "nothing is known of id:gamera-3; did you mean 'id:gamera-3-revenge-of-iris'",
    ),
    (("Gamira", "a", "film"), "nothing is named 'Gamira'; did you mean 'Gamera'"),
    (("Toho", "film:distribtor", "Toho"), "did you mean 'film:distributor'"),
    (("Toho", "a", "compny"), "nothing is named 'compny'; did you mean 'company'"),
    (("Toho", "rdfs:label", '"x"@1'), "is not a literal"),
    (("id:to ho", "a", "film"), "is not an IRI"),
]


@pytest.mark.parametrize(("texts", "message"), UNKNOWN)
def test_why_refuses_unknown_names(
    kg: KnowledgeGraph, texts: tuple[str, str, str], message: str
) -> None:
    with pytest.raises(UnknownNameError) as caught:
        kg.why(*texts)
    assert message in str(caught.value)


def test_curated_triples_have_a_source_and_computed_ones_none(kg: KnowledgeGraph) -> None:
    curated = next(q for q in kg.quads if "curation-imdb" in q.graph.value and "title" in str(q))
    (ground,) = kg.grounds.find(curated.triple)
    assert (ground.layer, ground.origin) == ("curated", "https://www.imdb.com/")
    computed = next(quad for quad in kg.quads if quad.predicate.value.endswith("evidence#start"))
    (ground,) = kg.grounds.find(computed.triple)
    assert (ground.layer, ground.place) == ("evidence", None)


@pytest.mark.slow
def test_why_explains_a_contradiction(copy: Copy, kaiju: Command) -> None:
    copy.replace(
        "graph/entities.ttl",
        "id:nippon-tv a film:Company",
        "id:nippon-tv a film:Company , film:Film",
    )
    run = kaiju("why", "Nippon TV", "a", "agent", "--root", str(copy.root))
    assert run.returncode == 1
    assert "Traceback" not in run.stderr
    assert run.stderr.startswith("kaiju: error: graph/entities.ttl:")
    assert "found a contradiction" in run.stderr
    lines = run.stdout.splitlines()
    assert lines[:2] == ["a contradiction", "  by cax-adc: nothing is both an agent and a work"]
    assert "  Nippon TV a work" in lines


def test_turtle_of_a_proof_is_prov_and_deterministic(kaiju_process: Command) -> None:
    texts = {
        kaiju_process("why", "Gamera", "a", "participant", "--all", "-f", "turtle", env=seed).stdout
        for seed in ({"PYTHONHASHSEED": "1"}, {"PYTHONHASHSEED": "2"})
    }
    (text,) = texts
    store = ox.Store()
    store.load(text.encode(), format=ox.RdfFormat.TURTLE)
    prov = "PREFIX prov: <http://www.w3.org/ns/prov#> PREFIX ev: <https://w3id.org/kaiju/evidence#>"
    assert store.query(f"""{prov} ASK {{
        ?statement prov:wasGeneratedBy ?step ; prov:wasDerivedFrom ?premise .
        ?step a prov:Activity ; prov:used ?premise ; prov:qualifiedAssociation/prov:hadPlan ?rule .
        ?premise prov:wasDerivedFrom ?passage .
        ?passage ev:quote ?words .
    }}""")
    assert not store.query(f"""{prov} ASK {{
        ?statement a prov:Entity FILTER NOT EXISTS {{ ?statement prov:wasDerivedFrom ?any }}
        FILTER NOT EXISTS {{ ?other prov:wasDerivedFrom ?statement }}
        FILTER NOT EXISTS {{ ?other prov:hadPlan ?statement }}
    }}""")


def test_proofs_in_markdown_and_json(kaiju: Command) -> None:
    marked = kaiju("why", "Toho", "a", "agent", "-f", "markdown").stdout
    rule = "by cax-sco: every real organization is an agent"
    assert marked.startswith(f"- **Toho a agent**\n  - {rule}\n")
    document = json.loads(kaiju("why", "Toho", "a", "agent", "-f", "json").stdout)
    (proof,) = document["proofs"]
    assert (proof["rule"], proof["steps"]) == ("cax-sco", 1)
    assert proof["axioms"][0]["turtle"] == "film:Organization rdfs:subClassOf film:Agent ."
    (premise,) = proof["premises"]
    assert premise["rule"] is None
    assert premise["grounds"][0]["file"] == "graph/entities.ttl"


UNNAMED = """
film:DirectedWork a owl:Class ;
    rdfs:label "directed work"@en .

[ owl:onProperty film:director ;
    owl:someValuesFrom film:Person ] rdfs:subClassOf film:DirectedWork .
"""


@pytest.mark.parametrize("large", every_nth([0, 10_000], 2))
def test_a_proof_uses_anonymous_classes(
    large: int, copy: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "LARGE", large)
    copy.write("ontology/film.ttl", copy.read("ontology/film.ttl") + UNNAMED)
    texts = set()
    for _ in range(3):  # inferred, then read from the cache
        kg = copy.load()
        explanation = kg.why("id:gamera-2", "a", "directed work")
        (proof,) = explanation.proofs
        rules_used = [step.rule for step in steps(proof) if step.rule]
        assert rules_used == ["cax-sco", "cls-svf1"]
        known = kg.explainer.closure
        check(proof, {t for t in known.match(None, None, None) if not known.round(t)})
        texts.add(rendering.render_proof(kg.grounds, explanation, "text"))
    (text,) = texts
    restriction = "[ owl:onProperty film:director ; owl:someValuesFrom film:Person ]"
    assert f"    {restriction} rdfs:subClassOf film:DirectedWork .\n" in text
    assert f"  Gamera 2: Attack of Legion a {restriction}\n" in text


def test_garbled_rounds_in_the_cache_are_replaced_with_a_warning(
    copy: Copy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAIJU_CACHE", str(tmp_path / "cache"))
    for path in copy.root.rglob("*.*"):  # what has only just changed is not trusted
        os.utime(path, (1e9, 1e9))
    copy.load().why("Nippon TV", "a", "agent")
    (rounds,) = (tmp_path / "cache").glob("entries/*/rounds.nq")
    content = rounds.read_bytes()
    rounds.write_bytes(content[:-20])
    with pytest.warns(CacheWarning, match=r"rounds\.nq is damaged"):
        assert copy.load().why("Nippon TV", "a", "agent").proofs
    assert rounds.read_bytes() == content
