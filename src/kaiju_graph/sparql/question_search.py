"""Find the stored questions that are nearest to free words, and fill their parameters.

The score of a question is that of its nearest phrasing: how many of the user's words the phrasing
has, how many of its own words the user has, and how many words follow each other in both. A word
weighs more if fewer questions have it (inverse document frequency).

A name among the words fills a parameter, and then counts as the name of the parameter: of "who
shot Jane" and "who shot which person", the words "who shot person" are compared. A phrasing may
name a value itself: in "who made the music", the last word means the function "composer".
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from kaiju_graph.sparql.fillings import Filling, find_fillings, find_mentions, find_valued
from kaiju_graph.sparql.parameters import bind_terms, find_values, has_rows
from kaiju_graph.sparql.phrasings import COMMON, Phrasings, Stems, split_words
from kaiju_graph.sparql.questions import MENTION, list_questions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pyoxigraph as ox

    from kaiju_graph.project.layout import Project
    from kaiju_graph.project.names import Names
    from kaiju_graph.rdf.terms import Term
    from kaiju_graph.sparql.parameters import ParameterValues
    from kaiju_graph.sparql.questions import Question

__all__ = ["Match", "find_subject", "rank_questions", "related_questions"]

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


def rank_questions(words: Sequence[str], names: Names, values: ParameterValues) -> list[Match]:
    """Return the stored questions that have some of the words, the nearest first.

    The first match is certain if a phrasing has all the words and few others. Words fill parameters
    only if this gives a row, except in a first match that is certain only if they fill them.

    Args:
        words: what a user types, such as ``["who", "directed", "it"]``.
        names: the names of things.
        values: the values of parameters.
    """
    project, store = values.project, values.store
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
    matches: list[Match] = []
    empty: list[Match] = []
    for candidate in (*nearest[:CANDIDATES], *islice(others, CANDIDATES)):
        question = candidate.question
        readings = []
        for filling in find_fillings(question, user_words, mentions, values):
            score, has_all = phrasings.compare(stems.reduce(filling.words), candidate)
            if filling.narrows:
                score, has_all = max((score, has_all), phrasings.compare(plain, candidate))
            match = Match(question, filling.parameters, score, has_all and score >= CERTAIN)
            readings.append((match, filling))
        readings.sort(key=lambda reading: (reading[0].score, len(reading[0].parameters)))
        best, _ = readings[-1]
        answered = [
            match
            for match, filling in reversed(readings)
            if _has_rows(filling, question, store, project)
        ]
        certain = answered[0].certain and answered[0].score == best.score
        matches.append(answered[0]._replace(certain=certain))
        if not any(match.parameters for match in answered):
            empty.append(best)
    matches = sorted((each for each in matches if each.score), key=_score, reverse=True)
    empty = [each for each in empty if each.certain and each.parameters]
    if matches and empty and not matches[0].certain:
        nearest_empty = max(empty, key=_score)
        first = next((each for each in matches if each.certain), nearest_empty)
        if nearest_empty.score > matches[0].score:
            matches = [first, *(each for each in matches if each.question != first.question)]
    return [match._replace(certain=match.certain and not at) for at, match in enumerate(matches)]


def _score(match: Match) -> float:
    return match.score


def _has_rows(filling: Filling, question: Question, store: ox.Store, project: Project) -> bool:
    """Tell whether a question has rows for the values of a filling, of which each has some row."""
    _, *more = filling.terms or [None]
    return filling.known and (
        not more or has_rows(bind_terms(question, filling.terms), store, project)
    )


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


def related_questions(
    question: Question, terms: Mapping[str, Term], store: ox.Store, project: Project
) -> Iterator[Match]:
    """Yield the questions that the description of a question names, in its order.

    Args:
        question: such as one whose description ends with "for those ask what-only-seems-so".
        terms: values of its parameters, which fill the parameters that have them in some row.
        store: the graph, which has the values of parameters.
        project: has the questions.
    """
    questions = {each.name: each for each in list_questions(project)}
    for word in MENTION.findall(question.description):
        if other := questions.get(word):
            kept = {
                parameter.name: text
                for parameter in other.parameters
                for text, value in find_values(other, parameter, store, project).items()
                if value in terms.values()
            }
            yield Match(other, kept, 1.0, certain=False)
