"""A question about one film has the same answer whether or not the graph has other films."""

from __future__ import annotations

import shutil
from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

import kaiju_graph
from kaiju_graph.rdf.terms import LABEL
from kaiju_graph.sparql import questions, results
from tests.repository import FOLDERS, ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from kaiju_graph.api import KnowledgeGraph

FILM = "id:gamera-2"
GENERAL = {
    "identifiers-elsewhere",
    "named-things-by-kind",
    "names-in-japanese",
    "other-names",
    "places-and-their-models",
    "possibly-the-same",
    "readings",
    "sources-of-the-curation",
    "suspected-misspellings",
    "timeline",
    "what-belongs-to-which-series",
    "what-follows-about",
    "what-was-reused",
    "works-by-genre",
}
"""The questions about all that the graph has, or about a work of any kind."""
ABOUT_A_FILM = sorted({path.stem for path in ROOT.glob("queries/*.rq")} - GENERAL)

ECHO = """\
@prefix echo: <https://example.org/echo/> .
@prefix ev: <https://w3id.org/kaiju/evidence#> .
@prefix film: <https://w3id.org/kaiju/film#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix story: <https://w3id.org/kaiju/story#> .

echo:article a ev:Article ; rdfs:label "Echo (article)"@en ; ev:about echo:film .
echo:title ev:quote "Echo"@en .
echo:title { echo:film a film:Film ; rdfs:label "Echo"@en ; film:title "Echo"@en . }
echo:all ev:quote "All of that happened again."@en .
"""
MORE = """\
echo:hero a story:HumanCharacter ; rdfs:label "hero"@en .
echo:ray a story:Object ; rdfs:label "ray"@en .
echo:town a story:City ; rdfs:label "town"@en .
echo:past a story:Event ; rdfs:label "the past"@en ; story:verb "pass"@en .
echo:now a story:Event ; rdfs:label "the present"@en ; story:verb "be"@en .
"""
MORE_OF_AN_EVENT = """\
echo:past story:before <{0}> ; story:causes <{0}> .
echo:now story:overlaps <{0}> .
<{0}> story:before echo:now ; story:causes echo:now ;
    story:agent echo:hero ; story:helper echo:hero ; story:addressee echo:hero ;
    story:instrument echo:ray ; story:place echo:town ; story:source echo:town ;
    story:destination echo:town ; story:degree "greatly"@en ; story:manner "badly"@en .
"""
INFERRED = {
    "what-happens-in-an-area",
    "who-acts-with-whom",
    "who-brings-it-about",
    "who-takes-part-most",
    "whom-does-it-affect",
}
"""The questions about what is inferred of a film's events, from all articles together."""


def answer(kg: KnowledgeGraph, name: str, *, film: str | None = None) -> str:
    question = questions.find_question(kg.project, name)
    text = question.text if film is None else kg.bind(question, {"film": film})
    found = kg.answer(text, name)
    assert isinstance(found, ox.QuerySolutions)
    return results.write(found, "csv", kg.project)


def differences(one: KnowledgeGraph, other: KnowledgeGraph) -> list[str]:
    """Return the questions whose answers about the film differ between two graphs."""
    asked = [(name, answer(one, name, film=FILM)) for name in ABOUT_A_FILM]
    assert sum(text.count("\n") > 1 for _, text in asked) > 80, "most have an answer"
    return [name for name, text in asked if answer(other, name, film=FILM) != text]


def second_article(folder: Path, triples: str) -> KnowledgeGraph:
    """Return the graph with a second article, of which one sentence says some triples."""
    for part in FOLDERS:
        shutil.copytree(ROOT / part, folder / part)
    article = folder / "graph" / "echo"
    article.mkdir()
    (article / "article.txt").write_text("= Echo =\n\nAll of that happened again.\n", "utf-8")
    (article / "all.trig").write_text(f"{ECHO}echo:all {{\n{triples}}}\n", "utf-8")
    return kaiju_graph.load(str(folder))


@pytest.fixture(scope="module")
def echo(kg: KnowledgeGraph, tmp_path_factory: pytest.TempPathFactory) -> KnowledgeGraph:
    """Return the graph with a second article that says again all that the first says.

    Only the labels are missing: a thing without a name has its label where it is told first.
    """
    passages = {
        str(row["passage"])
        for row in kg.query(f"SELECT ?passage {{ ?passage ev:passageOf/ev:about {FILM} }}")
    }
    said = [
        ox.Triple(quad.subject, quad.predicate, quad.object)
        for quad in kg.quads
        if isinstance(quad.graph, ox.NamedNode)
        and quad.graph.value in passages
        and quad.predicate != LABEL
    ]
    assert len(said) > 500
    triples = ox.serialize(said, format=ox.RdfFormat.N_TRIPLES) or b""
    return second_article(tmp_path_factory.mktemp("echo"), triples.decode())


def test_a_question_takes_the_film_or_is_about_the_whole_graph(kg: KnowledgeGraph) -> None:
    for question in questions.list_questions(kg.project):
        names = {parameter.name for parameter in question.parameters}
        assert ("film" in names) == (question.name not in GENERAL), question.name


@pytest.mark.slow
def test_a_second_article_changes_no_answer_about_the_first_film(
    kg: KnowledgeGraph, both: KnowledgeGraph
) -> None:
    assert differences(kg, both) == []


@pytest.mark.slow
def test_an_article_that_repeats_the_first_changes_no_answer_about_its_film(
    kg: KnowledgeGraph, echo: KnowledgeGraph
) -> None:
    assert differences(kg, echo) == []


@pytest.mark.slow
def test_a_second_article_only_adds_rows_to_what_is_about_the_whole_graph(
    kg: KnowledgeGraph, both: KnowledgeGraph
) -> None:
    for name in GENERAL:
        rows, all_rows = (Counter(answer(g, name).splitlines()) for g in (kg, both))
        assert rows <= all_rows, name


@pytest.mark.slow
def test_rows_are_grouped_film_by_film(both: KnowledgeGraph) -> None:
    several = 0
    for name in ABOUT_A_FILM:
        found = both.answer(questions.find_question(both.project, name).text, name)
        assert isinstance(found, ox.QuerySolutions)
        assert found.variables[0].value == "title", name
        groups = [title for title, _ in groupby(str(row["title"]) for row in found)]
        assert len(groups) == len(set(groups)), name
        several += len(groups) > 1
    assert several > 60


@pytest.mark.slow
def test_what_another_article_says_of_an_event_stands_in_no_answer_about_its_film(
    kg: KnowledgeGraph, tmp_path: Path
) -> None:
    query = f"SELECT ?event {{ ?event a story:Event ; story:inStoryOf {FILM} }}"
    more = "".join(MORE_OF_AN_EVENT.format(row["event"]) for row in kg.query(query))
    assert {*differences(kg, second_article(tmp_path, MORE + more))} <= INFERRED


@pytest.mark.slow
def test_what_an_article_only_repeats_is_not_in_the_story_of_its_film(
    echo: KnowledgeGraph,
) -> None:
    stories = echo.query("SELECT DISTINCT ?film { ?situation story:inStoryOf ?film }")
    assert [str(row["film"]).rpartition("/")[2] for row in stories] == ["gamera-2"]


@pytest.mark.slow
def test_a_death_without_a_killer_is_a_death(tmp_path: Path) -> None:
    end = "echo:end a story:Death ; story:verb 'die'@en ; story:patient echo:hero .\n"
    kg = second_article(tmp_path, MORE + end)
    (row,) = answer(kg, "who-dies", film="https://example.org/echo/film").splitlines()[1:]
    assert row == "Echo,hero,,2,All of that happened again."
