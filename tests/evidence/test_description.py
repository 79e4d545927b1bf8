"""A description of a thing has every fact about it, each with its origin."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from kaiju_graph.cli.render import description as rendering
from kaiju_graph.errors import UnknownNameError
from kaiju_graph.evidence import description
from kaiju_graph.rdf.terms import ALT_LABEL, ENTITIES, LABEL, TYPE, Quad

if TYPE_CHECKING:
    from kaiju_graph import KnowledgeGraph

ID = "https://w3id.org/kaiju/id/"
GAMERA = ox.NamedNode(f"{ID}gamera")


def test_description_has_every_triple_of_a_thing_with_all_its_graphs(
    kg: KnowledgeGraph,
) -> None:
    expected = {
        (quad.triple, quad.graph) for quad in kg.quads if GAMERA in (quad.subject, quad.object)
    }
    facts = kg.describe("Gamera")
    assert {(fact.triple, graph) for fact in facts for graph in fact.graphs} == expected
    assert len({fact.triple for fact in facts}) == len(facts)
    assert any(len(fact.graphs) > 1 for fact in facts)


def test_types_come_first_and_incoming_facts_last(
    kg: KnowledgeGraph,
) -> None:
    facts = kg.describe("Gamera")
    outgoing = [fact.triple.predicate for fact in facts if fact.outgoing]
    assert [fact.outgoing for fact in facts] == sorted(
        (fact.outgoing for fact in facts), reverse=True
    )
    assert all((fact.triple.subject == GAMERA) == fact.outgoing for fact in facts)
    first = [{TYPE: 0, LABEL: 1, ALT_LABEL: 2}.get(predicate, 3) for predicate in outgoing]
    assert first == sorted(first)
    assert {0, 1} <= set(first)


def test_description_does_not_depend_on_the_order_of_quads(kg: KnowledgeGraph) -> None:
    backwards = description.describe(reversed(kg.quads), GAMERA)
    assert [fact.triple for fact in backwards] == [f.triple for f in kg.describe("Gamera")]


@pytest.mark.parametrize("thing", ["id:gamera", "ガメラ", f"<{GAMERA.value}>", "gamera"])
def test_thing_is_described_by_any_of_its_names(thing: str, kg: KnowledgeGraph) -> None:
    assert kg.describe(thing) == kg.describe("Gamera")


@pytest.mark.parametrize("thing", ["film:Film", "g2:plot-2-3", "graph:curation-imdb"])
def test_classes_passages_and_graphs_have_descriptions(thing: str, kg: KnowledgeGraph) -> None:
    assert kg.describe(thing)


def test_thing_without_facts_is_unknown(kg: KnowledgeGraph) -> None:
    with pytest.raises(UnknownNameError, match=f"^nothing is known of <{ID}nobody>"):
        kg.describe("id:nobody")


def test_fact_about_itself_is_given_once() -> None:
    quad = Quad(GAMERA, LABEL, GAMERA, ENTITIES)
    (fact,) = description.describe([quad, quad], GAMERA)
    assert fact == description.Fact(quad.triple, outgoing=True, graphs=(ENTITIES,))


def _text(kg: KnowledgeGraph, thing: str) -> str:
    node = kg.resolve(thing)
    return rendering.render_description(kg, node, kg.describe(thing), "text")


def test_each_fact_is_shown_with_its_sources(kg: KnowledgeGraph) -> None:
    assert (
        _text(kg, "Die Hard")
        == """\
Die Hard  id:die-hard
  a                       film  [g2:production-2-1 in Production; entities]
                          work  [inferred]
  rdfs:label              Die Hard  [entities]
  skos:exactMatch         wd:Q105598  \
[curated: Wikidata, by the numbers of its items]
                          <https://www.imdb.com/title/tt0095016/>  \
[curated: IMDb, by the numbers of its titles and names]
  film:title              Die Hard  [g2:production-2-1 in Production]
  film:when               1988  [inferred]
  film:year               1988  [g2:production-2-1 in Production]
  … film:depictedIn this  depiction of an elevator shaft in Die Hard  \
[g2:production-2-1 in Production]
                          depiction of the destruction of an elevator shaft in Die Hard  \
[g2:production-2-1 in Production]
"""
    )


def test_passage_is_shown_with_its_words_and_triples(kg: KnowledgeGraph) -> None:
    assert (
        _text(kg, "g2:infobox-director")
        == """\
g2:infobox-director
  “Director: Shusuke Kaneko”
  a                passage  [evidence]
  ev:end           85  [evidence]
  ev:needsContext  g2:infobox-title  [evidence]
  ev:order         3  [evidence]
  ev:passageOf     Gamera 2: Attack of Legion (encyclopedia article)  [evidence]
  ev:section       Gamera 2: Attack of Legion  [evidence]
  ev:start         61  [evidence]
  it states:
    Gamera 2: Attack of Legion  id:gamera-2
      film:director Shusuke Kaneko
"""
    )


def test_term_is_shown_with_its_axioms_and_usage(kg: KnowledgeGraph) -> None:
    text = _text(kg, "film:entry")
    assert text.endswith(
        """\
  2 statements: 2 stated
  in                part of owl:propertyChainAxiom ( film:entry film:entryIn )  [ontology]
"""
    )
    assert "_:" not in text
    (row,) = kg.query("SELECT (COUNT(DISTINCT ?x) AS ?n) { ?x a film:Credit }")
    assert f"\n  {row['n']} instances: " in _text(kg, "film:Credit")
    assert re.search(
        r"\n  in +\[ a owl:AllDisjointClasses ; owl:members \( ", _text(kg, "film:Credit")
    )


def test_json_has_the_same_facts_with_their_terms(kg: KnowledgeGraph) -> None:
    node = kg.resolve("g2:plot-2-3")
    found = json.loads(rendering.render_description(kg, node, kg.describe("g2:plot-2-3"), "json"))
    assert found["quote"].startswith("Watarase then discovers that the pod")
    assert len(found["facts"]) == len(kg.describe("g2:plot-2-3"))
    assert len(found["says"]) == sum(quad.graph == node for quad in kg.quads)
    toho = json.loads(
        rendering.render_description(kg, kg.resolve("Toho"), kg.describe("Toho"), "json")
    )
    (japanese,) = [f for f in toho["facts"] if f["object"].get("xml:lang") == "ja"]
    assert japanese == {
        "subject": {"type": "uri", "value": f"{ID}toho"},
        "predicate": {"type": "uri", "value": "http://www.w3.org/2004/02/skos/core#altLabel"},
        "object": {"type": "literal", "value": "東宝", "xml:lang": "ja"},
        "label": "東宝",
        "sources": [
            {
                "graph": "https://w3id.org/kaiju/graph/curation-japanese-names",
                "layer": "curated",
                "source": "names in Japanese, verified in sources that are not named here",
            }
        ],
    }
