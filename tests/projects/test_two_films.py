"""A project with two articles: both conform, and each is asked, explained and exported."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from kaiju_graph.project.sources import select_layers
from kaiju_graph.rdf.formats import DATASETS, FORMATS
from kaiju_graph.sparql import questions, results
from kaiju_graph.store.store import DEFAULT_LAYERS

if TYPE_CHECKING:
    from kaiju_graph import KnowledgeGraph
    from tests.conftest import Command

pytestmark = pytest.mark.slow

SLUG = "gamera-tide-of-legion"
FILM = f"id:{SLUG}"
FIRST, SECOND = (f"https://w3id.org/kaiju/{slug}/" for slug in ("gamera-2", SLUG))
ANSWERS = Path(__file__).parent / "two-films/answers"


def test_both_articles_conform(both: KnowledgeGraph) -> None:
    report = both.validate()
    assert report.violations == []
    assert report.conforms


def test_no_word_of_the_second_article_is_left_out_without_a_reason(both: KnowledgeGraph) -> None:
    coverage = both.cover(article=SLUG)
    assert len(coverage.readings) == 65
    assert coverage.gaps == []
    assert all(reading.triples for reading in coverage.readings)
    left = [
        (reading.passage.iri.value, reading.passage.quote.value[word.start : word.end])
        for reading in coverage.readings
        for word in reading.words
        if word.carrier != "structure" and not word.reason
    ]
    assert left == []


def test_every_question_about_the_second_film_has_its_answer(both: KnowledgeGraph) -> None:
    wrong: dict[str, str] = {}
    for question in questions.list_questions(both.project):
        if all(parameter.name != "film" for parameter in question.parameters):
            continue
        answer = both.answer(both.bind(question, {"film": FILM}), question.name)
        assert isinstance(answer, ox.QuerySolutions)
        text = results.write(answer, "csv", both.project).replace("\r\n", "\n")
        stored = ANSWERS / f"{question.name}.csv"
        expected = stored.read_text("utf-8") if stored.exists() else text.partition("\n")[0] + "\n"
        if text != expected:
            wrong[question.name] = text
    assert wrong == {}


def test_every_answer_belongs_to_a_question(both: KnowledgeGraph) -> None:
    names = {question.name for question in questions.list_questions(both.project)}
    assert {path.stem for path in ANSWERS.iterdir()} <= names


@pytest.mark.parametrize("form", FORMATS)
def test_both_are_read_back_from_every_format(form: str, both: KnowledgeGraph) -> None:
    def canonical(quads: list[ox.Quad]) -> set[str]:
        dataset = ox.Dataset(quads)
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        return {str(quad) for quad in dataset}

    has_graphs = form in DATASETS
    expected = [
        ox.Quad(*quad.triple, *([quad.graph] if has_graphs else []))
        for quad in select_layers(both.quads, *DEFAULT_LAYERS)
    ]
    known = ox.RdfFormat.from_media_type(FORMATS[form].media_type)
    read = [
        ox.Quad(*list(quad)[:3], *([quad.graph_name] if has_graphs else []))
        for quad in ox.parse(both.export(form).encode(), format=known)
    ]
    assert canonical(read) == canonical(expected)


def test_both_reasoners_agree_on_both(kaiju: Command, two_films: Path) -> None:
    run = kaiju("--root", str(two_films), "infer", "--check")
    assert run.returncode == 0
    assert run.stderr.endswith("conclusions; 0 differ from those of owlrl\n")


def test_a_proof_has_premises_of_both_articles(kaiju: Command, two_films: Path) -> None:
    triple = ("g2:destruction-of-the-sendai-pod", "story:before", "tide:taking-of-the-shell")
    run = kaiju("--root", str(two_films), "why", *triple)
    assert run.returncode == 0
    assert "g2:plot-4-5" in run.stdout
    assert "tide:plot-1-2" in run.stdout


def test_a_thing_of_both_films_is_described_by_passages_of_both(both: KnowledgeGraph) -> None:
    graphs = {passage.value for fact in both.describe("Yusuke Watarase") for passage in fact.graphs}
    assert any(graph.startswith(FIRST) for graph in graphs)
    assert any(graph.startswith(SECOND) for graph in graphs)


def test_what_the_second_article_only_refers_to_stays_in_the_story_of_the_first(
    both: KnowledgeGraph,
) -> None:
    stories = {
        str(row["film"]).rpartition("/")[2]
        for event in ("killing-of-the-legion-queen", "flight-into-the-sky", "destruction-of-sendai")
        for row in both.query(f"SELECT ?film {{ g2:{event} story:inStoryOf ?film }}")
    }
    assert stories == {"gamera-2"}


def test_the_files_of_the_first_article_do_not_change(two_films: Path, root: Path) -> None:
    for folder in ("graph/gamera-2", "ontology", "queries"):
        for path in (root / folder).rglob("*.*"):
            assert (two_films / path.relative_to(root)).read_bytes() == path.read_bytes()
