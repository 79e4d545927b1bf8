"""Evidence, proofs and labels from an endpoint: a loopback server with a store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

import kaiju_graph as kaiju
from kaiju_graph.cli.main import main
from kaiju_graph.errors import UnreachableError
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.parse import parse
from kaiju_graph.rdf.terms import ENTITIES, INFERRED, ONTOLOGY, TYPE, Quad, Triple
from kaiju_graph.reasoning import reasoner
from kaiju_graph.reasoning.proof import Explainer
from kaiju_graph.remote.explainer import RemoteExplainer
from kaiju_graph.remote.mirror import Mirror
from kaiju_graph.remote.protocol import Endpoint
from kaiju_graph.sparql import questions
from kaiju_graph.store.store import make_round_store, make_store
from tests.remote.hostile import serve_store
from tests.repository import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kaiju_graph import KnowledgeGraph, RemoteGraph
    from kaiju_graph.reasoning.proof import Proof
    from tests.remote.hostile import Hostile

QUESTIONS = (
    "who-directed",
    *(
        pytest.param(name, marks=pytest.mark.slow)
        for name in ("what-belongs-to-whom", "who-takes-part-most", "readings")
    ),
)
EX = "https://example.org/"
ONTOLOGY_TEXT = f"""
PREFIX ex: <{EX}>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
[] a owl:Restriction ; owl:onProperty ex:owns ; owl:someValuesFrom ex:Ship ;
    rdfs:subClassOf ex:Owner .
[] a owl:Restriction ; owl:onProperty ex:owns ; owl:allValuesFrom ex:Vessel ;
    owl:equivalentClass ex:Skipper .
ex:Owner owl:intersectionOf ( ex:Adult ex:Rich ) .
ex:Frigate rdfs:subClassOf ex:Ship .
"""
FACTS = f"""
PREFIX ex: <{EX}>
ex:jack a ex:Skipper ; ex:owns ex:sophie ; ex:paints ex:raft .
ex:sophie a ex:Frigate .
ex:stephen ex:paints ex:sophie .
"""


@pytest.fixture(scope="module")
def project() -> KnowledgeGraph:
    return kaiju.load(ROOT)


@pytest.fixture
def server(project: KnowledgeGraph) -> Iterator[Hostile]:
    """Serve the project as ``kaiju push`` loads it."""
    with serve_store(make_store(project.quads)) as served:
        yield served


def _load(server: Hostile) -> RemoteGraph:
    return kaiju.load(ROOT, endpoint=server.url)


def _mirror(server: Hostile) -> Mirror:
    return Mirror(Endpoint(server.url), lambda _: None)


def _shape(proof: Proof) -> tuple[object, ...]:
    """Return a proof without the labels of blank nodes."""
    conclusion = [
        "blank" if isinstance(term, ox.BlankNode) else term for term in proof.conclusion or ()
    ]
    return *conclusion, proof.rule, proof.steps, *map(_shape, proof.premises)


@pytest.mark.parametrize("name", QUESTIONS)
def test_evidence_is_that_of_the_project(
    name: str, project: KnowledgeGraph, server: Hostile
) -> None:
    text = questions.find_question(project.project, name).text
    found = _load(server).trace(text)
    assert found == project.trace(text)
    assert any(evidence.graphs for _, evidence in found.rows)
    assert len(server.seen) < 20 + len(found.rows) // 10


def test_answer_in_python_has_the_sentences(project: KnowledgeGraph, server: Hostile) -> None:
    ours, theirs = (kg.ask("who-directed", evidence=True) for kg in (project, _load(server)))
    assert ours.evidence == theirs.evidence
    assert ours.evidence is not None
    assert ours.evidence[0][0].sentence


def test_proof_is_that_of_the_project(project: KnowledgeGraph, server: Hostile) -> None:
    inferred = [quad.triple for quad in project.quads if quad.graph == INFERRED]
    explainer = _load(server).explainer
    for triple in inferred[::150]:
        ours, theirs = (each.explain(triple, every=True) for each in (project.explainer, explainer))
        assert [*map(_shape, theirs.proofs)] == [*map(_shape, ours.proofs)]
        assert ours.proofs[0].rule


def test_class_without_an_iri_is_found_as_a_premise() -> None:
    asserted = [
        *parse("ontology.ttl", ONTOLOGY_TEXT, ONTOLOGY),
        *parse("facts.ttl", FACTS, ENTITIES),
    ]
    rounds = reasoner.derive(quad.triple for quad in asserted)
    quads = [*asserted, *reasoner.conclusions(rounds)]
    local = Explainer(make_store(quads), make_round_store(rounds))
    with serve_store(make_store(quads)) as server:
        for name, class_ in (("jack", "Rich"), ("sophie", "Vessel"), ("sophie", "Ship")):
            triple = Triple(ox.NamedNode(EX + name), TYPE, ox.NamedNode(EX + class_))
            (ours,) = local.explain(triple).proofs
            (theirs,) = RemoteExplainer(_mirror(server)).explain(triple).proofs
            assert ours.steps > 0
            assert _shape(theirs) == _shape(ours)
        unknown = Triple(ox.NamedNode(f"{EX}stephen"), TYPE, ox.NamedNode(f"{EX}Owner"))
        assert not RemoteExplainer(_mirror(server)).explain(unknown).proofs


def test_proof_of_a_chain_takes_few_requests() -> None:
    """A proof reads what it needs and not the whole store, whatever else that has."""
    asserted = [
        *parse("ontology.ttl", f"<{EX}Ship> <{terms.RDFS}subClassOf> <{EX}Vessel> .", ONTOLOGY),
        *(
            Quad(ox.NamedNode(f"{EX}ship-{n}"), TYPE, ox.NamedNode(f"{EX}Ship"), ENTITIES)
            for n in range(2000)
        ),
    ]
    inferred = reasoner.infer(asserted)
    with serve_store(make_store([*asserted, *inferred])) as server:
        mirror = _mirror(server)
        assert RemoteExplainer(mirror).explain(inferred[7].triple).proofs[0].rule == "cax-sco"
    assert len({quad.subject for quad in mirror.store}) < 5
    assert len(server.seen) < 6


def test_store_without_layers_has_no_proofs() -> None:
    with (
        serve_store(ox.Store()) as server,
        pytest.raises(UnreachableError, match=r"found no triple in the graph <\S+ontology>; expec"),
    ):
        _mirror(server)


def test_triple_that_does_not_follow_is_an_error(project: KnowledgeGraph) -> None:
    lone = Triple(ox.NamedNode(f"{EX}ship"), TYPE, ox.NamedNode(f"{EX}Vessel"))
    with serve_store(make_store([*project.quads, Quad(*lone, INFERRED)])) as server:
        kg = _load(server)
        with pytest.raises(UnreachableError, match="that nothing there states, and that does not"):
            kg.explainer.explain(lone)
        text = f"SELECT ?class {{ {lone.subject} a ?class }}"
        ((_, evidence),) = kg.trace(text).rows
    assert evidence.graphs == ()
    assert evidence.untraced == ("a triple without a source",)


def test_contradiction_is_one_line(
    project: KnowledgeGraph, capsys: pytest.CaptureFixture[str]
) -> None:
    disjoint = ox.NamedNode(f"{terms.OWL}disjointWith")
    film, person = (
        ox.NamedNode(f"https://w3id.org/kaiju/film#{name}") for name in ("Film", "Person")
    )
    gamera = ox.NamedNode("https://w3id.org/kaiju/id/gamera-2")
    more = [Quad(film, disjoint, person, ONTOLOGY), Quad(gamera, TYPE, person, ENTITIES)]
    with serve_store(make_store([*project.quads, *more])) as server:
        call = ("why", "id:gamera-2", "a", "film:Work", "--endpoint", server.url)
        assert main(["--root", str(ROOT), *call]) == 3
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("kaiju: error: the graph contradicts itself by ")
    assert printed.err.count("\n") == 1


def test_store_that_changes_meanwhile_leaves_rows_without_evidence(
    project: KnowledgeGraph,
) -> None:
    store = make_store(project.quads)

    def clear(number: int) -> None:
        if number == 6:  # before come the ontology and two queries, each with its dataset
            store.clear()

    with serve_store(store, clear) as server:
        traced = _load(server).trace("SELECT ?who { ?film film:director ?who }")
    assert len(server.seen) >= 6
    assert traced.rows
    assert all(not evidence.graphs and evidence.untraced for _, evidence in traced.rows)


def test_labels_are_those_of_the_endpoint(
    server: Hostile, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "SELECT ?film ?who { ?film film:director ?who } ORDER BY ?film ?who"
    ours, theirs = (
        (main(["--root", str(ROOT), "query", text, "--labels", *more]), capsys.readouterr())
        for more in ((), ("--endpoint", server.url))
    )
    assert theirs == ours
    assert "who_label" in ours[1].out


@pytest.mark.slow
@pytest.mark.parametrize(
    "call",
    [
        ("ask", "who-directed", "--evidence", "-f", "table"),
        ("query", "ASK { ?film film:director ?who }", "--evidence"),
        ("why", "gamera-2", "a", "film:Work", "--all"),
        ("why", "film:Film", "rdfs:subClassOf", "film:Work", "-f", "json"),
        ("why", "gamera-2", "film:director", "Toho"),
        ("why", "nobody at all", "a", "film:Work"),
    ],
)
def test_command_prints_the_same(
    call: tuple[str, ...], server: Hostile, capsys: pytest.CaptureFixture[str]
) -> None:
    ours, theirs = (
        (main(["--root", str(ROOT), *call, *more]), capsys.readouterr())
        for more in ((), ("--endpoint", server.url))
    )
    assert theirs == ours


def test_layers_and_an_endpoint_exclude_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    call = ("query", "ASK {}", "--layer", "stated", "--endpoint", "http://127.0.0.1:1/")
    assert main(["--root", str(ROOT), *call]) == 2
    assert "found --layer and an endpoint; expected one of them" in capsys.readouterr().err
