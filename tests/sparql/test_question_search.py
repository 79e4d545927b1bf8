"""Free words find the stored question that answers them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kaiju_graph.sparql.question_search import Match, rank_questions

if TYPE_CHECKING:
    from kaiju_graph import KnowledgeGraph

PHRASINGS = {
    "who plays Gamera": "who-portrays-whom",
    "who played the legion queen?": "who-portrays-whom",
    "who directed Gamera 2": "who-directed",
    "who produced Gamera 2": "producers-in-order",
    "how long is the movie": "how-long-is-the-film",
    "when was the film released in Japan": "when-and-where-released",
    "what did the film cost": "budget-and-gross",
    "budget": "budget-and-gross",
    "which awards did it win": "which-awards",
    "who dies": "who-dies",
    "who kills the Legion Queen": "who-dies",
    "list the monsters": "monsters-and-their-actors",
    "who distributed the film": "which-sentences-say-who-distributed",
    "what happens in Sendai": "what-happens-where",
    "characters in the film": "which-characters",
    "who fights Gamera": "who-fights-whom",
    "who helps Gamera": "who-helps-whom",
    "who attacks Sapporo": "who-attacks-whom",
    "what is Gamera called in Japanese": "names-in-japanese",
    "other names of Legion": "other-names",
    "is it a sequel": "what-continues-what",
    "what genre is the film": "works-by-genre",
    "which companies made the film": "which-companies",
    "what happens before the explosion": "what-happens-before",
    "what did the critics say": "what-critics-claim",
    "working title": "working-titles",
    "cast list": "whole-cast",
    "which cities are destroyed": "which-cities",
    "timeline of the production": "timeline",
    "misspelled names": "suspected-misspellings",
}


def _rank(kg: KnowledgeGraph, text: str) -> list[Match]:
    return rank_questions(text.split(), kg.project, kg.names, kg.store)


@pytest.fixture(scope="module")
def ranked(kg: KnowledgeGraph) -> dict[str, list[Match]]:
    """Return the ranking of each of ``PHRASINGS``."""
    return {text: _rank(kg, text) for text in PHRASINGS}


@pytest.mark.slow
def test_natural_phrasings_find_their_question(ranked: dict[str, list[Match]]) -> None:
    ranks = {}
    for text, name in PHRASINGS.items():
        names = [match.question.name for match in ranked[text]]
        ranks[text] = names.index(name) if name in names else len(names)
    assert sum(rank == 0 for rank in ranks.values()) >= 24, ranks  # of 30
    assert sum(rank < 3 for rank in ranks.values()) >= 28, ranks


def test_name_fills_the_parameter_that_has_this_value(kg: KnowledgeGraph) -> None:
    def best_match(text: str) -> tuple[str, dict[str, str]]:
        match = _rank(kg, text)[0]
        return match.question.name, match.parameters

    assert best_match("who plays Gamera") == ("who-portrays-whom", {"character": "Gamera"})
    assert best_match("WHO PLAYED THE LEGION QUEEN") == (
        "who-portrays-whom",
        {"character": "Legion Queen"},
    )
    assert best_match("who plays ガメラ") == ("who-portrays-whom", {"character": "Gamera"})
    assert best_match("who directed gamera 2") == (
        "who-directed",
        {"film": "Gamera 2: Attack of Legion"},
    )
    assert best_match("second producer 2") == ("producers-in-order", {"position": "2"})


@pytest.mark.slow
def test_question_with_filled_parameters_has_rows(
    ranked: dict[str, list[Match]], kg: KnowledgeGraph
) -> None:
    for text in PHRASINGS:
        for match in ranked[text][:3]:
            assert kg.ask(match.question.name, match.parameters), (text, match.parameters)


@pytest.mark.slow
def test_only_a_question_with_every_word_is_certain(
    ranked: dict[str, list[Match]],
) -> None:
    certain = {text for text in PHRASINGS if ranked[text][0].certain}
    assert {"who dies", "who directed Gamera 2", "working title"} <= certain
    assert not certain & {"who attacks Sapporo", "cast list", "characters in the film"}
    assert all(not match.certain for text in PHRASINGS for match in ranked[text][1:])


def test_unknown_words_match_no_question(kg: KnowledgeGraph) -> None:
    for text in ("", "of the", "xyzzy plugh", "?!"):
        assert _rank(kg, text) == [], text
