"""The parts of the product agree on what is true, in random small projects."""

from __future__ import annotations

import itertools
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import kaiju_graph
from kaiju_graph.diff import changes
from kaiju_graph.diff.states import State
from kaiju_graph.errors import InconsistencyError
from kaiju_graph.project import sources
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.terms import INFERRED, Triple
from kaiju_graph.reasoning import reasoner
from kaiju_graph.store.store import DEFAULT_LAYERS
from tests.reasoning.test_reasoner import GRAPHS
from tests.repository import ROOT
from tests.validation.reference import Graph

if TYPE_CHECKING:
    from kaiju_graph import KnowledgeGraph

PREFIXES = """
@prefix : <http://e/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix ev: <https://w3id.org/kaiju/evidence#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
"""
FILES = {
    "ontology/evidence.ttl": (ROOT / "ontology/evidence.ttl").read_text(encoding="utf-8"),
    "ontology/prefixes.ttl": (ROOT / "ontology/prefixes.ttl").read_text(encoding="utf-8"),
    "ontology/context.jsonld": '{"@context": {}}',
    "ontology/shapes/test.ttl": f"""{PREFIXES}
        :Linked a sh:NodeShape ; sh:targetClass :A ; sh:property :Linked-p .
        :Linked-p a sh:PropertyShape ; sh:path :p ; sh:minCount 1 ; sh:message "An A has a p."@en .
    """,
    "graph/entities.ttl": PREFIXES,
    "graph/doc/article.txt": "= Doc =\n\nAll is said.\n",
    "queries/all.rq": '#+ summary: "What is there?"\nSELECT ?s { ?s ?p ?o } ORDER BY ?s ?p ?o\n',
}
DECLARED = """
:A a owl:Class . :B a owl:Class . :C a owl:Class .
:p a owl:ObjectProperty . :q a owl:ObjectProperty . :r a owl:ObjectProperty .
"""
CONTRADICTIONS = {name for name, text in reasoner.rules().items() if "CONSTRUCT" not in text}
TARGET, PATH = ox.NamedNode("http://e/A"), ox.NamedNode("http://e/p")
NAMES = [ox.NamedNode(f"http://e/{name}") for name in "abcpqrABC"]


def project(folder: Path, axioms: list[str], facts: list[str], *, declared: bool) -> Path:
    """Write a project whose only sentence says the facts."""
    said = "\n".join(facts)
    files = FILES | {
        "ontology/test.ttl": "\n".join([PREFIXES, DECLARED * declared, *axioms]),
        "graph/doc/all.trig": f"""{PREFIXES}
            :doc a ev:Article ; rdfs:label "Doc"@en ; ev:about :a .
            :title ev:quote "Doc"@en .
            :title {{ :doc ev:about :a . }}
            :said ev:quote "All is said."@en .
            :said {{ {said} }}
        """,
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def check(axioms: list[str], facts: list[str], *, declared: bool) -> None:
    with TemporaryDirectory() as folder:
        kg = kaiju_graph.load(str(project(Path(folder), axioms, facts, declared=declared)))
        reported = {violation.rule for violation in kg.validate(cache=False).violations}
        if found := reported & CONTRADICTIONS:
            with pytest.raises(InconsistencyError) as raised:
                kg.infer()
            assert raised.value.rule in found
            return
        inferred = {quad.triple for quad in kg.infer()}
        check_truth(kg, inferred)
        if "shape" in reported:  # a shape with a term that nothing declares is not applied
            assert not declared
        else:
            check_shapes(kg, reported)
        check_difference(kg)


def check_truth(kg: KnowledgeGraph, inferred: set[Triple]) -> None:
    """Check that both reasoners, ``query`` and ``why`` have the same triples."""
    assert inferred == {quad.triple for quad in kg.infer("owlrl")}
    asserted = sources.select_layers(kg.quads, *(set(DEFAULT_LAYERS) - {"inferred"}))
    known = {quad.triple for quad in asserted} | inferred
    assert not inferred & {quad.triple for quad in asserted}
    assert rows(kg, "{ ?s ?p ?o }") == known
    assert rows(kg, f"{{ GRAPH {INFERRED} {{ ?s ?p ?o }} }}") == inferred
    for triple in itertools.starmap(Triple, itertools.product(NAMES, NAMES, NAMES[:3])):
        assert bool(kg.explainer.explain(triple).proofs) == (triple in known), triple
    for triple in inferred:
        assert kg.explainer.prove(triple).rule


def rows(kg: KnowledgeGraph, pattern: str) -> set[Triple]:
    """Return the triples that a query finds."""
    found = kg.query(f"SELECT ?s ?p ?o {pattern}")
    return {Triple(*(terms.from_rdflib(row[name]) for name in "spo")) for row in found}


def check_shapes(kg: KnowledgeGraph, reported: set[str]) -> None:
    """Check that a shape judges what is asserted, and nothing that is inferred."""
    asserted = {quad.triple for quad in kg.quads if quad.graph != INFERRED}
    graph = Graph(asserted)
    members = {t.subject for t in asserted if TARGET in graph.classes(t.subject)}
    linked = {t.subject for t in asserted if t.predicate == PATH}
    assert ("Linked-p" in reported) == bool(members - linked)


def check_difference(kg: KnowledgeGraph) -> None:
    """Check that a graph is equal to itself with other labels, and to no other."""
    renamed = [
        quad._replace(
            subject=rename(quad.subject),
            object=rename(quad.object),
        )
        for quad in reversed(kg.quads)
    ]
    old, new, less = (
        State(str(at), quads, kg.project, ())
        for at, quads in enumerate((kg.quads, renamed, kg.quads[1:]))
    )
    assert changes.compare(old, new, kg.project).equal
    assert not changes.compare(old, less, kg.project).equal


def rename(term: Any) -> Any:
    return ox.BlankNode(f"other-{term.value}") if isinstance(term, ox.BlankNode) else term


@given(**GRAPHS, declared=st.booleans())
@settings(max_examples=3)
def test_parts_agree_on_small_projects(
    axioms: list[str], facts: list[str], *, declared: bool
) -> None:
    check(axioms, facts, declared=declared)


@pytest.mark.slow
@given(**GRAPHS, declared=st.booleans())
@settings(max_examples=60)
def test_parts_agree_on_many_small_projects(
    axioms: list[str], facts: list[str], *, declared: bool
) -> None:
    check(axioms, facts, declared=declared)
