"""Find the stored questions that are nearest to free words, and fill their parameters.

The score of a question is that of its nearest phrasing: how many of the user's words the phrasing
has, how many of its own words the user has, and how many words follow each other in both. A word
weighs more if fewer questions have it (inverse document frequency).

A name among the words fills a parameter, and then counts as the name of the parameter: of "who
shot Jane" and "who shot which person", the words "who shot person" are compared.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from kaiju_graph.sparql.fillings import find_fillings, find_mentions, find_valued
from kaiju_graph.sparql.phrasings import COMMON, Phrasings, Stems, split_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyoxigraph as ox

    from kaiju_graph.project.layout import Project
    from kaiju_graph.project.names import Names
    from kaiju_graph.sparql.questions import Question

__all__ = ["Match", "find_subject", "rank_questions"]

CANDIDATES = 20
"""How many questions are searched for values of parameters: the nearest, and as many of those whose
query has a property with such a value.
"""
CERTAIN = 0.8
"""The least score of a certain match."""


class Match(NamedTuple):
    """A stored question that the user may mean."""

    question: Question
    parameters: dict[str, str]
    """Parameter → value, as a user types it."""
    score: float
    """From 0 to 1."""
    certain: bool
    """Whether the user clearly means this question."""


def rank_questions(
    words: Sequence[str], project: Project, names: Names, store: ox.Store
) -> list[Match]:
    """Return the stored questions that have some of the words, the nearest first.

    The first match is certain if a phrasing has all the words and few others.

    Args:
        words: what a user types, such as ``["who", "directed", "it"]``.
        project: has the questions.
        names: the names of things.
        store: the graph, which has the values of parameters.
    """
    user_words = split_words(" ".join(words))
    stems = Stems()
    plain = stems.reduce(user_words)
    phrasings = Phrasings(project, names, stems)
    mentions = find_mentions(user_words, names, stems, store)
    nearest = sorted(
        phrasings.questions, key=lambda each: phrasings.compare(plain, each), reverse=True
    )
    valued = find_valued(mentions, store)
    others = (each for each in nearest[CANDIDATES:] if not valued.isdisjoint(each.terms))
    matches = []
    for candidate in (*nearest[:CANDIDATES], *islice(others, CANDIDATES)):
        question = candidate.question
        readings = []
        for filling in find_fillings(question, user_words, mentions, store, project):
            score, has_all = phrasings.compare(stems.reduce(filling.words), candidate)
            match = Match(question, filling.parameters, score, has_all and score >= CERTAIN)
            readings.append((score, filling.known, len(filling.parameters), match))
        matches.append(max(readings, key=lambda reading: reading[:3]))
    matches = [match for match in matches if match[0]]
    matches.sort(key=lambda match: match[:2], reverse=True)
    return [
        match._replace(certain=match.certain and not at)
        for at, (_, _, _, match) in enumerate(matches)
    ]


def find_subject(words: Sequence[str], names: Names) -> str | None:
    """Return the name of the thing that is asked about, if the other words are only who or what.

    Args:
        words: what a person types, such as ``["what", "is", "a", "passage?"]``.
        names: the names of things.
    """

    def rest(text: str) -> list[str]:
        return [word for word in split_words(text) if word not in COMMON | {"who"}]

    left = rest(" ".join(words))
    known = (name for name, things in names.things.items() if len(things) == 1)
    return next((name for name in known if left and rest(name) == left), None)
