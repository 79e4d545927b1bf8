"""All that is known of a thing, things by their names, and figures."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaiju_graph.cli.render import thing as rendering
from kaiju_graph.errors import UnknownNameError
from kaiju_graph.evidence import description
from kaiju_graph.project.sources import LAYERS, select_layers
from kaiju_graph.rdf.terms import ALT_LABEL, ENTITIES, LABEL, TYPE, Quad
from kaiju_graph.store.store import DEFAULT_LAYERS

if TYPE_CHECKING:
    from pathlib import Path

    from kaiju_graph import KnowledgeGraph

ID = "https://w3id.org/kaiju/id/"
GAMERA = ox.NamedNode(f"{ID}gamera")


# Describing ------------------------------------------------------------------


def test_a_description_has_every_triple_of_the_thing_with_all_graphs_that_say_it(
    kg: KnowledgeGraph,
) -> None:
    said = {(quad.triple, quad.graph) for quad in kg.quads if GAMERA in (quad.subject, quad.object)}
    facts = kg.describe("Gamera")
    assert {(fact.triple, graph) for fact in facts for graph in fact.graphs} == said
    assert len({fact.triple for fact in facts}) == len(facts)
    assert any(len(fact.graphs) > 1 for fact in facts)


def test_a_description_says_first_what_the_thing_is_then_what_is_said_of_it(
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


def test_a_description_is_the_same_in_any_order_of_the_quads(kg: KnowledgeGraph) -> None:
    backwards = description.describe(reversed(kg.quads), GAMERA)
    assert [fact.triple for fact in backwards] == [f.triple for f in kg.describe("Gamera")]


@pytest.mark.parametrize("thing", ["id:gamera", "ガメラ", f"<{GAMERA.value}>", "gamera"])
def test_a_thing_is_described_by_any_of_its_names(thing: str, kg: KnowledgeGraph) -> None:
    assert kg.describe(thing) == kg.describe("Gamera")


@pytest.mark.parametrize("thing", ["film:Film", "g2:plot-2-3", "graph:curation-imdb"])
def test_classes_passages_and_graphs_can_be_described_too(thing: str, kg: KnowledgeGraph) -> None:
    assert kg.describe(thing)


def test_what_nothing_is_said_of_is_unknown(kg: KnowledgeGraph) -> None:
    with pytest.raises(UnknownNameError, match=f"^nothing is known of <{ID}nobody>"):
        kg.describe("id:nobody")


def test_a_thing_that_says_something_of_itself_says_it_once() -> None:
    quad = Quad(GAMERA, LABEL, GAMERA, ENTITIES)
    (fact,) = description.describe([quad, quad], GAMERA)
    assert fact == description.Fact(quad.triple, outgoing=True, graphs=(ENTITIES,))


def _told(kg: KnowledgeGraph, thing: str) -> str:
    node = kg.resolve(thing)
    return rendering.render_thing(kg, node, kg.describe(thing), "text")


def test_each_fact_has_where_it_comes_from(kg: KnowledgeGraph) -> None:
    assert (
        _told(kg, "Die Hard")
        == """\
Die Hard  id:die-hard
  a film  [g2:production-2-1 in Production; entities]
  a work  [inferred]
  rdfs:label Die Hard  [entities]
  skos:exactMatch wd:Q105598  \
[curated: Wikidata, by its item numbers, as given in published sources]
  skos:exactMatch <https://www.imdb.com/title/tt0095016/>  \
[curated: IMDb, by its title and name numbers, as given in published sources]
  film:year 1988  [g2:production-2-1 in Production]
  is film:depictedIn of depiction of an elevator shaft in Die Hard  \
[g2:production-2-1 in Production]
  is film:depictedIn of depiction of the destruction of an elevator shaft in Die Hard  \
[g2:production-2-1 in Production]
"""
    )


def test_of_a_passage_its_words_are_shown_and_what_it_says(kg: KnowledgeGraph) -> None:
    assert (
        _told(kg, "g2:infobox-director")
        == """\
g2:infobox-director
  “Director: Shusuke Kaneko”
  a passage  [evidence]
  ev:end 85  [evidence]
  ev:needsContext g2:infobox-title  [evidence]
  ev:order 3  [evidence]
  ev:passageOf Gamera 2: Attack of Legion (encyclopedia article)  [evidence]
  ev:section Gamera 2: Attack of Legion  [evidence]
  ev:start 61  [evidence]
  it says:
    Gamera 2: Attack of Legion  id:gamera-2
      film:director Shusuke Kaneko
"""
    )


def test_of_a_term_its_axioms_are_shown_and_how_often_it_is_used(kg: KnowledgeGraph) -> None:
    told = _told(kg, "film:entry")
    assert told.endswith(
        """\
  2 statements: 2 stated
  in part of owl:propertyChainAxiom ( film:entry film:entryIn )  [ontology]
"""
    )
    assert "_:" not in told
    (row,) = kg.query("SELECT (COUNT(DISTINCT ?x) AS ?n) { ?x a film:Credit }")
    assert f"\n  {row['n']} instances: " in _told(kg, "film:Credit")
    assert "\n  in [ a owl:AllDisjointClasses ; owl:members ( " in _told(kg, "film:Credit")


def test_a_description_as_json_has_the_same_facts_with_their_terms(kg: KnowledgeGraph) -> None:
    node = kg.resolve("g2:plot-2-3")
    found = json.loads(rendering.render_thing(kg, node, kg.describe("g2:plot-2-3"), "json"))
    assert found["quote"].startswith("Watarase then discovers that the pod")
    assert len(found["facts"]) == len(kg.describe("g2:plot-2-3"))
    assert len(found["says"]) == sum(quad.graph == node for quad in kg.quads)
    toho = json.loads(rendering.render_thing(kg, kg.resolve("Toho"), kg.describe("Toho"), "json"))
    (japanese,) = [f for f in toho["facts"] if f["object"].get("xml:lang") == "ja"]
    assert japanese == {
        "subject": {"type": "uri", "value": f"{ID}toho"},
        "predicate": {"type": "uri", "value": LABEL.value},
        "object": {"type": "literal", "value": "東宝", "xml:lang": "ja"},
        "label": "東宝",
        "sources": [
            {
                "graph": "https://w3id.org/kaiju/graph/curation-japanese-names",
                "layer": "curated",
                "source": "names in Japanese, as given in published sources",
            }
        ],
    }


# Searching -------------------------------------------------------------------


def _found(kg: KnowledgeGraph, words: str) -> list[str]:
    return [kg.project.prefixes.shorten(found.thing.value) for found in kg.search(words)]


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("oizumi", "id:yo-oizumi"),
        ("ŌIZUMI", "id:yo-oizumi"),
        ("kaneko shusuke", "id:shusuke-kaneko"),
        ("大泉", "id:yo-oizumi"),
        ("大泉 洋", "id:yo-oizumi"),
        ("ooizumi", "id:yo-oizumi"),
        ("you ohizumi", "id:yo-oizumi"),
        ("がめら", "id:gamera"),
        ("ｶﾞﾒﾗ", "id:gamera"),
        ("\uff27\uff21\uff2d\uff25\uff32\uff21", "id:gamera"),
        ("gamera", "id:gamera"),
        ("  gamera  ", "id:gamera"),
        ("gamera 3", "id:gamera-3-revenge-of-iris"),
        ("universe guardian", "id:gamera-guardian-of-the-universe"),
    ],
)
def test_the_best_match_comes_first(words: str, first: str, kg: KnowledgeGraph) -> None:
    assert _found(kg, words)[0] == first


def test_a_whole_name_comes_before_a_beginning_and_that_before_the_rest(
    kg: KnowledgeGraph,
) -> None:
    names = [found.name.casefold() for found in kg.search("gamera")]
    ranks = [0 if n == "gamera" else 1 if n.startswith("gamera") else 2 for n in names]
    assert ranks == sorted(ranks)
    assert {0, 1, 2} == set(ranks)


def test_a_thing_is_found_once_with_its_classes(kg: KnowledgeGraph) -> None:
    found = kg.search("gamera")
    assert len({item.thing for item in found}) == len(found)
    monster = ox.NamedNode(kg.project.prefixes["story"] + "Monster")
    assert monster in found[0].classes


def test_words_that_no_name_has_find_nothing(kg: KnowledgeGraph) -> None:
    assert not kg.search("gamera godzilla mothra")


@pytest.mark.parametrize("words", ["", "   "])
def test_no_words_find_every_thing_that_has_a_name(words: str, kg: KnowledgeGraph) -> None:
    named = {thing for things in kg.names.things.values() for thing in things}
    assert {found.thing for found in kg.search(words)} == named


@given(data=st.data())
def test_a_piece_of_a_name_in_any_case_finds_the_thing(
    data: st.DataObject, kg: KnowledgeGraph
) -> None:
    name = data.draw(st.sampled_from(sorted(kg.names.things)))
    start = data.draw(st.integers(0, len(name) - 1))
    piece = name[start : data.draw(st.integers(start + 1, len(name)))].strip()
    change = data.draw(st.sampled_from([str.upper, str.lower, str.swapcase]))
    if piece:
        found = {item.thing for item in kg.search(change(piece))}
        assert found >= set(kg.names.things[name])


# Figures ---------------------------------------------------------------------


def test_figures_are_what_one_counts(kg: KnowledgeGraph, root: Path) -> None:
    figures = kg.stats()
    for layer in LAYERS:
        assert figures[f"{layer} quads"] == len(set(select_layers(kg.quads, layer)))
    assert figures["quads"] == sum(figures[f"{layer} quads"] for layer in LAYERS)
    merged = {quad.triple for quad in select_layers(kg.quads, *DEFAULT_LAYERS)}
    assert figures["triples in the default graph"] == len(merged)
    (row,) = kg.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    assert figures["triples in the default graph"] == int(row["n"])
    assert figures["named graphs"] == len({quad.graph for quad in kg.quads})
    assert figures["passages"] == 60
    assert figures["stored questions"] == len(list((root / "queries").glob("*.rq")))


def test_figures_count_a_repeated_quad_once(kg: KnowledgeGraph) -> None:
    assert description.stats([*kg.quads, *kg.quads]) == description.stats(kg.quads)
