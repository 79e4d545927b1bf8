"""Compare words with the phrasings of stored questions.

A question has several phrasings: its summary, the clauses of the summary, its name, and the other
phrasings in its header (``also``).
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from itertools import pairwise
from math import log
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.project.spelling import SHORTEST_STEM, WORD, fold, same_stem
from kaiju_graph.sparql.questions import Question, list_questions
from kaiju_graph.sparql.tokens import find_iris

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kaiju_graph.project.layout import Project
    from kaiju_graph.project.names import Names

__all__ = ["COMMON", "Phrasings", "QuestionWords", "Stems", "split_words"]

ARTICLES = frozenset(["a", "an", "the"])
COMMON = frozenset(
    """about all and any are as at be been by can did does for from give had has have i in is it its
    list me movie my of on or please s show tell that them there these this to was were what which
    will with you""".split()
)
"""Words without weight: they only matter for the order of words."""
CLAUSE_END = re.compile("[,:?]")
RECALL, PRECISION, ORDER = 0.65, 0.25, 0.1
"""The weights in a score: of the share of the user's words that a phrasing has, of the share of its
own words that the user has, and of the share of pairs of successive words that both have.
"""
ELSEWHERE = 0.5
"""How much a word counts that the phrasing does not have, but the question: in another phrasing, in
a tag, in its description, or in a name of a term that its query uses.
"""


class Stems(dict[str, str]):
    """Each word → the first word with the same stem."""

    def __init__(self) -> None:
        self.alike: dict[str, list[str]] = {}

    def __missing__(self, word: str) -> str:
        alike = self.alike.setdefault(word[:SHORTEST_STEM], [])
        self[word] = next((other for other in alike if same_stem(word, other)), word)
        if self[word] == word:
            alike.append(word)
        return self[word]

    def reduce(self, words: Iterable[str]) -> list[str]:
        """Return the stems of words; a common word is its own stem."""
        return [word if word in COMMON else self[word] for word in words]


class QuestionWords(NamedTuple):
    """The words of a question, as stems."""

    question: Question
    phrasings: list[list[str]]
    parameters: set[str]
    """The words of the names of parameters."""
    every: set[str]
    """The words of phrasings, parameters, header and terms."""
    terms: set[str]
    """The IRIs in its query."""


class Phrasings:
    """The words of all stored questions.

    Args:
        project: has the questions.
        names: the names of the terms that they use.
        stems: word → stem.
    """

    def __init__(self, project: Project, names: Names, stems: Stems) -> None:
        self.questions = []
        for question in list_questions(project):
            clauses = map(split_words, CLAUSE_END.split(question.summary))
            wordings = map(split_words, (question.summary, question.name, *question.also))
            phrasings = [
                *(stems.reduce(words) for words in clauses if len({*words} - COMMON) > 1),
                *(stems.reduce(words) for words in wordings if {*words} - COMMON),
            ]
            iris = _iris(question.text, tuple(project.prefixes.items()))
            terms = (name for iri in iris for name in names.of_things.get(ox.NamedNode(iri), ()))
            names_of_parameters = " ".join(parameter.name for parameter in question.parameters)
            parameters = {*stems.reduce(split_words(names_of_parameters))}
            other = " ".join((question.description, *question.tags, *terms))
            every = {*stems.reduce(split_words(other)), *(s for each in phrasings for s in each)}
            self.questions.append(
                QuestionWords(question, phrasings, parameters, every | parameters, {*iris})
            )
        self.frequency = Counter(stem for words in self.questions for stem in words.every)

    def weigh(self, stem: str) -> float:
        """Return the weight of a word: the fewer questions have it, the more."""
        share = max(self.frequency[stem], 1) / (1 + len(self.questions))
        return 0.0 if stem in COMMON else -log(share)

    def compare(self, words: Sequence[str], question: QuestionWords) -> tuple[float, bool]:
        """Return how near words are to the nearest phrasing of a question, and if it has them all.

        Args:
            words: what the user means, as stems.
            question: the words of the question.

        Returns:
            A score from 0 to 1, and whether the phrasing has all words but names of parameters.
        """
        total = sum(map(self.weigh, words))
        anywhere = sum(self.weigh(stem) for stem in words if stem in question.every)
        if not anywhere:
            return 0.0, False
        pairs = _pairs(words)
        best = 0.0, False
        for phrasing in question.phrasings:
            own = set(phrasing)
            here = sum(self.weigh(stem) for stem in words if stem in own)
            shared = own.intersection(words)
            score = (
                RECALL * (ELSEWHERE * anywhere + (1 - ELSEWHERE) * here) / total
                + PRECISION * sum(map(self.weigh, shared)) / sum(map(self.weigh, own))
                + ORDER * len(pairs & _pairs(phrasing)) / len(pairs)
            )
            missing = {*words} - own - question.parameters - COMMON
            best = max(best, (score, not missing))
        return best


@lru_cache(maxsize=2**10)
def _iris(text: str, prefixes: tuple[tuple[str, str], ...]) -> list[str]:
    """Return the IRIs of a query, sorted."""
    return sorted({iri for _, iri in find_iris(text, dict(prefixes))})


def split_words(text: str) -> list[str]:
    """Return the words of a text without case, accents and articles."""
    return [word for word in WORD.findall(fold(text.replace("_", " "))) if word not in ARTICLES]


def _pairs(stems: Iterable[str]) -> set[tuple[str, str]]:
    """Return the pairs of successive stems; the first stem follows an empty one."""
    return set(pairwise(["", *stems]))
