"""Free words find the stored question that answers them."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

from kaiju_graph.sparql.parameters import ParameterValues
from kaiju_graph.sparql.question_search import Match, find_subject, rank_questions
from kaiju_graph.sparql.questions import list_questions

if TYPE_CHECKING:
    from kaiju_graph import KnowledgeGraph

with (Path(__file__).parent / "first-tries.csv").open(encoding="utf-8", newline="") as lines:
    TRIES = {row["words"]: row["questions"].split() for row in csv.DictReader(lines)}
"""What people typed who did not know the questions → the questions that answer it, if any."""


class Rank(Protocol):
    """Rank the questions that free words may mean."""

    def __call__(self, text: str) -> list[Match]: ...


@pytest.fixture(scope="module")
def rank(kg: KnowledgeGraph) -> Rank:
    values = ParameterValues(kg.store, kg.project)
    return lambda text: rank_questions(text.split(), kg.names, values)


@pytest.fixture(scope="module")
def ranked(rank: Rank) -> dict[str, list[Match]]:
    """Return the ranking of each of ``TRIES``."""
    return {text: rank(text) for text in TRIES}


@pytest.mark.slow
def test_first_tries_find_their_question(ranked: dict[str, list[Match]]) -> None:
    answerable = {text: names for text, names in TRIES.items() if names}
    at_once: list[str] = []
    offered: list[str] = []
    wrong: list[str] = []
    for text, matches in ranked.items():
        names = [match.question.name for match in matches]
        if matches and matches[0].certain:
            (at_once if names[0] in TRIES[text] else wrong).append(text)
        if not set(names[:3]).isdisjoint(TRIES[text]):
            offered.append(text)
    assert wrong == []
    assert len(at_once) >= 0.8 * len(answerable), sorted(answerable.keys() - at_once)
    assert len(offered) >= 0.95 * len(answerable), sorted(answerable.keys() - offered)


def test_first_tries_name_stored_questions(kg: KnowledgeGraph) -> None:
    known = {question.name for question in list_questions(kg.project)}
    assert {name for names in TRIES.values() for name in names} <= known


def test_name_fills_the_parameter_that_has_this_value(rank: Rank) -> None:
    for text, name, parameters in (
        ("who plays Gamera", "who-portrays-whom", {"character": "Gamera"}),
        ("WHO PLAYED THE LEGION QUEEN", "who-portrays-whom", {"character": "Legion Queen"}),
        ("who plays ガメラ", "who-portrays-whom", {"character": "Gamera"}),
        ("who directed gamera 2", "who-directed", {"film": "Gamera 2: Attack of Legion"}),
        ("second producer 2", "producers-in-order", {"position": "2"}),
        # A part of a name, a term for a text, and a thing of the right kind that no row has:
        ("who kills the queen", "who-dies", {"character": "Legion Queen"}),
        ("cinematographer", "who-did-what", {"function": "cinematographer"}),
        ("who plays Asagi", "who-portrays-whom", {"character": "Asagi Kusanagi"}),
    ):
        match = rank(text)[0]
        assert (match.question.name, match.parameters) == (name, parameters), text


@pytest.mark.slow
def test_name_of_a_value_fills_a_parameter_though_a_phrasing_has_it(rank: Rank) -> None:
    for text, name, parameters in (
        ("who wrote the music", "who-did-what", {"function": "composer"}),
        ("what was the budget", "budget-and-gross", {"figure": "budget"}),
        # Of two values, none is meant, nor of the words of a summary, which asks for all:
        ("who was the screenwriter or composer", "who-did-what", {}),
        ("what only seems to happen in the story", "what-only-seems-so", {}),
    ):
        match = rank(text)[0]
        assert (match.question.name, match.parameters, match.certain) == (name, parameters, True)


def test_description_with_a_further_word_fills_a_parameter(rank: Rank) -> None:
    # "Gamera is revived" is only a prospect.
    match = rank("what happens before Gamera is revived")[0]
    assert match.question.name == "what-happens-before"
    assert match.parameters == {"later": "Gamera is eventually revived"}
    # Words in another order describe another thing.
    assert "event" not in rank("who kills Gamera")[0].parameters


def test_words_that_no_row_has_fill_only_a_certain_match(rank: Rank) -> None:
    matches = rank("what do the creatures attack in Sapporo")
    assert matches[0].parameters == {"character": "creatures"}
    assert not any("Sapporo" in match.parameters.values() for match in matches[1:5])


def test_prepositions_tell_questions_apart(rank: Rank) -> None:
    names = [rank(f"what happens {word} Sendai")[0].question.name for word in ("in", "to")]
    assert names[0] == "what-happens-in-an-area"
    assert names[1].startswith("what-befalls")


@pytest.mark.slow
def test_only_the_first_match_is_certain(ranked: dict[str, list[Match]]) -> None:
    assert not any(match.certain for matches in ranked.values() for match in matches[1:])


def test_match_that_lacks_a_word_is_not_certain(rank: Rank) -> None:
    # The attacker is a parameter, the attacked is not.
    for text in ("who attacks Gamera", "where was it filmed", "who won the world cup"):
        assert not rank(text)[0].certain, text


@pytest.mark.slow
def test_unknown_words_match_no_question(rank: Rank) -> None:
    for text in ("", "of the", "xyzzy plugh", "?!"):
        assert rank(text) == [], text


def test_subject_is_what_remains_beside_who_and_what(kg: KnowledgeGraph) -> None:
    assert find_subject(["What", "is", "the", "legion", "queen?"], kg.names) == "Legion Queen"
    assert find_subject(["Gamera", "2:", "Attack", "of", "Legion"], kg.names) is not None
    assert find_subject(["who", "plays", "Gamera"], kg.names) is None
