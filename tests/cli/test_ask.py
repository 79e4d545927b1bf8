"""``kaiju ask`` with free words, ``--labels``, and examples about the subject of the project."""

from __future__ import annotations

import csv
import json
import shlex
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from kaiju_graph import KnowledgeGraph
    from tests.conftest import Command

# Free words ------------------------------------------------------------------


@pytest.mark.parametrize("words", [["who", "directed", "it"], ["who directed it"]])
def test_words_that_clearly_mean_a_question_are_answered(kaiju: Command, words: list[str]) -> None:
    run = kaiju("ask", *words)
    assert run.returncode == 0
    assert run.stdout == kaiju("ask", "who-directed").stdout
    assert run.stderr == "kaiju: answer of: kaiju ask who-directed\n"


def test_name_in_the_words_fills_a_parameter(kaiju: Command) -> None:
    run = kaiju("ask", "who", "plays", "Gamera")
    command = "ask who-portrays-whom -p character=Gamera"
    assert (run.returncode, run.stderr) == (0, f"kaiju: answer of: kaiju {command}\n")
    assert run.stdout == kaiju(*command.split()).stdout


def test_words_fill_the_parameter_that_gives_rows(kaiju: Command) -> None:
    for words, command in (
        ("what was reused from the trilogy", "what-was-reused -p source=g2:trilogy"),
        ("what belongs to Asagi", "what-belongs-to-whom -p 'owner=Asagi Kusanagi'"),
        ("who named the Legion", "who-names-what -p word=Legion"),
    ):
        run = kaiju("ask", words)
        assert (run.returncode, run.stderr) == (0, f"kaiju: answer of: kaiju ask {command}\n")
        assert run.stdout == kaiju("ask", *shlex.split(command)).stdout


def test_empty_answer_repeats_what_was_asked_and_names_other_questions(kaiju: Command) -> None:
    for words, given, command in (
        ("who plays Asagi", "character='Asagi Kusanagi'", "which-characters -p"),
        ("Does Gamera die?", "character=Gamera", "what-only-seems-so"),
        ("what happens in Tokyo", "place=Tokyo", "what-is-feared-for-a-place -p place=Tokyo"),
        ("what does the amulet do", "character=amulet", "what-befalls -p thing=amulet"),
    ):
        run = kaiju("ask", words)
        assert run.returncode == 0
        assert f": no row has {given}\n" in run.stderr, words
        hint = next(line for line in run.stderr.splitlines() if "see also: " in line)
        assert f"kaiju ask {command}" in hint, words
        for other in hint.partition("see also: ")[2].split("; "):
            assert kaiju(*shlex.split(other)[1:]).stdout.count("\n") > 1, other


def test_answer_names_what_may_be_the_same_as_its_subject(kaiju: Command) -> None:
    call = ["ask", "who-does-what", "-p", "character=Legion"]
    for _ in range(2):  # as it is not kept
        assert "-p character=creatures or -p character=" in kaiju(*call).stderr
    assert kaiju(*call[:-1], "character=Gamera").stderr == ""


def test_single_word_finds_a_question_but_a_name_is_a_name(kaiju: Command) -> None:
    assert kaiju("ask", "runtime").stdout == kaiju("ask", "how-long-is-the-film").stdout
    assert kaiju("ask", "runtime-").returncode == 3


def test_nearest_questions_are_offered_as_commands(kaiju: Command) -> None:
    run = kaiju("ask", "who", "attacks", "Gamera")
    assert run.returncode == 3
    problem = "no stored question clearly fits 'who attacks Gamera'; run one of these"
    assert run.stderr == f"kaiju: error: {problem}\n"
    first, *others = run.stdout.splitlines()[::2]
    assert first.startswith("kaiju ask who-attacks-whom")
    assert 1 <= len(others) < 5
    for command in (first, *others):
        assert kaiju(*command.split()[1:]).stdout.count("\n") > 1  # rows


@pytest.mark.parametrize(
    ("words", "command"),
    [
        ("who is Gamera?", "kaiju describe Gamera"),
        ("What is the legion queen", "kaiju describe 'Legion Queen'"),
    ],
)
def test_question_about_a_thing_offers_its_description(
    kaiju: Command, words: str, command: str
) -> None:
    run = kaiju("ask", words)
    assert run.returncode == 3
    assert run.stdout.splitlines()[0] == command
    assert kaiju(*shlex.split(command)[1:]).returncode == 0


def test_words_may_stand_on_both_sides_of_an_option(kaiju: Command) -> None:
    run = kaiju("ask", "who", "-f", "json", "directed", "it")
    assert run.stdout == kaiju("ask", "who-directed", "-f", "json").stdout
    assert kaiju("ask", "who", "--nonsense", "directed").returncode == 2
    names = kaiju("search", "Legion", "-f", "json", "Queen")
    assert names.stdout == kaiju("search", "Legion Queen", "-f", "json").stdout


def test_words_of_no_question_are_an_error(kaiju: Command) -> None:
    run = kaiju("ask", "xyzzy", "plugh")
    assert (run.returncode, run.stdout) == (3, "")
    assert run.stderr.startswith("kaiju: error: no question 'xyzzy plugh'; ")


# Labels ----------------------------------------------------------------------

QUERY = "SELECT ?film ?who (1 AS ?n) { ?film film:director ?who }"


def test_labels_follow_the_columns_of_iris(kaiju: Command) -> None:
    (row,) = csv.DictReader(kaiju("query", QUERY, "--labels").stdout.splitlines())
    assert list(row) == ["film", "film_label", "who", "who_label", "n"]
    assert row["who_label"] == "Shusuke Kaneko"
    document = json.loads(kaiju("query", QUERY, "--labels", "-f", "json").stdout)
    (binding,) = document["results"]["bindings"]
    assert binding["who_label"] == {"type": "literal", "value": "Shusuke Kaneko", "xml:lang": "en"}


def test_labels_stand_beside_evidence(kaiju: Command) -> None:
    run = kaiju("query", QUERY, "--labels", "--evidence", "-f", "csv")
    (row,) = csv.DictReader(run.stdout.splitlines())
    assert list(row) == ["film", "film_label", "who", "who_label", "n", "evidence"]


def test_labels_leave_other_columns_and_the_kept_answer_alone(kaiju: Command) -> None:
    query = "SELECT ?name { ?film film:director/rdfs:label ?name }"
    assert kaiju("query", query, "--labels").stdout == kaiju("query", query).stdout
    assert "_label" not in kaiju("query", QUERY).stdout


@pytest.mark.parametrize("query", ["ASK {}", "CONSTRUCT WHERE { ?s film:director ?o }"])
def test_labels_are_for_rows(kaiju: Command, query: str) -> None:
    run = kaiju("query", query, "--labels")
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith("kaiju: error: found --labels; expected a query that has rows")


# Examples --------------------------------------------------------------------


def test_examples_speak_of_what_the_article_is_about(kaiju: Command, kg: KnowledgeGraph) -> None:
    (row,) = kg.query("SELECT ?thing { ?article ev:about ?thing }")
    curie = kg.project.prefixes.shorten(str(row["thing"]))
    for call in (["--help"], ["describe", "--help"], ["help", "why"]):
        assert f" {curie}" in kaiju(*call).stdout


def test_examples_speak_of_a_term_without_a_cache(kaiju: Command, tmp_path: object) -> None:
    shown = kaiju("help", "why", env={"KAIJU_CACHE": f"{tmp_path}/none"}).stdout
    assert "kaiju why ev:Passage a owl:Class\n" in shown
