"""Find the stored questions that are nearest to free words, and fill their parameters."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from math import log
from typing import TYPE_CHECKING, Any, NamedTuple

import pyoxigraph as ox

from kaiju_graph.project.spelling import SHORTEST_STEM, WORD, fold, same_stem
from kaiju_graph.sparql.parameters import find_values
from kaiju_graph.sparql.questions import Question, list_questions
from kaiju_graph.sparql.tokens import find_iris

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

    from kaiju_graph.project.layout import Project
    from kaiju_graph.project.names import Names

__all__ = ["Match", "find_subject", "rank_questions"]

COMMON = frozenset(
    """a about all an and any are as at be been by can did do does for from give had has have i in
    is it its list me movie my of on or please s show tell that the them there these this to was
    were will with you""".split()
)
"""Words that do not distinguish questions."""
WEIGHTS = {"summary": 1.0, "name": 1.0, "tags": 0.7, "labels": 0.7, "description": 0.4}
"""Part of a question → how much a word of it counts."""
RECALL, PRECISION, ORDER = 0.65, 0.25, 0.1
"""The weights in a score: of the share of the user's words that a question has, of the share of its
own words that the user has, and of the share of pairs of successive words that both have.
"""
CANDIDATES = 15
"""How many questions are searched for values of parameters."""
CERTAIN, LEAD = 0.6, 0.2
"""The least score of a certain match, and its least lead over the next one."""


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

    A word weighs more if fewer questions have it (inverse document frequency). A name among the
    words fills a parameter if some row of the question has the named thing as its value.

    Args:
        words: what a user types, such as ``["who", "directed", "it"]``.
        project: has the questions.
        names: the names of things.
        store: the graph, which has the values of parameters.
    """
    user_words = _words(" ".join(words))
    texts = [_Text(question, project, names) for question in list_questions(project)]
    stems = _find_stems([*user_words, *(word for text in texts for word in text.words)])
    for text in texts:
        text.reduce(stems)
    frequency = Counter(stem for text in texts for stem in text.weights)
    rarity = {stem: log((1 + len(texts)) / frequency.get(stem, 1)) for stem in stems.values()}
    wanted = ["" if word in COMMON else stems[word] for word in user_words]
    texts.sort(key=lambda text: -text.score(wanted, rarity))
    mentions = list(_mentions(user_words, names))
    matches = []
    complete = set()
    for text in texts[:CANDIDATES]:
        parameters, filled = _fill(text.question, user_words, mentions, store, project)
        if score := text.score(wanted, rarity, filled):
            matches.append(Match(text.question, parameters, score, certain=False))
        if all(at in filled or stem in text.weights for at, stem in enumerate(wanted) if stem):
            complete.add(text.question)
    matches.sort(key=lambda match: -match.score)
    second = matches[1].score if len(matches) > 1 else 0
    if matches and matches[0].score >= max(CERTAIN, second + LEAD):
        matches[0] = matches[0]._replace(certain=matches[0].question in complete)
    return matches


def find_subject(words: Sequence[str], names: Names) -> str | None:
    """Return the name of the thing that is asked about, if the other words are only who or what.

    Args:
        words: what a person types, such as ``["what", "is", "a", "passage?"]``.
        names: the names of things.
    """
    left = [word for word in _words(" ".join(words)) if word not in COMMON | {"who", "what"}]
    known = (name for name, things in names.things.items() if len(things) == 1)
    return next((name for name in known if left and _words(name) == left), None)


class _Text:
    """The words of a question's name, header and labels, and their stems with weights."""

    def __init__(self, question: Question, project: Project, names: Names) -> None:
        self.question = question
        iris = {ox.NamedNode(iri) for _, iri in find_iris(question.text, project.prefixes)}
        parts = {
            "description": question.description,
            "labels": " ".join(names.labels[iri] for iri in iris if iri in names.labels),
            "tags": " ".join(question.tags),
            "name": question.name,
            "summary": question.summary,
        }
        self.parts = {name: _words(text) for name, text in parts.items()}
        self.words = {word for part in self.parts.values() for word in part} - COMMON
        self.weights: dict[str, float] = {}
        self.pairs: set[tuple[str, str]] = set()

    def reduce(self, stems: Mapping[str, str]) -> None:
        """Reduce the words to their stems; the highest weight of a stem counts."""
        for name, weight in sorted(WEIGHTS.items(), key=lambda item: item[1]):
            self.weights |= {stems[word]: weight for word in self.parts[name] if word in self.words}
        self.pairs = _pairs(stems[word] for word in self.parts["summary"] if word in self.words)

    def score(
        self, wanted: Sequence[str], rarity: Mapping[str, float], filled: Container[int] = ()
    ) -> float:
        """Return how near the user's words are to the question, from 0 to 1.

        Args:
            wanted: the stems of the words, in their order; empty for a common word.
            rarity: stem → its inverse document frequency.
            filled: the positions of the words that fill a parameter.
        """
        total = shared_weight = 0.0
        for at, stem in enumerate(wanted):
            rare = rarity[stem] if stem else 0
            if at in filled:
                rare /= 2
                shared_weight += rare
            else:
                shared_weight += rare * self.weights.get(stem, 0)
            total += rare
        own = sum(rarity[stem] for stem, weight in self.weights.items() if weight == 1)
        if not (shared_weight and own):
            return 0.0
        shared = {stem for stem in wanted if self.weights.get(stem) == 1}
        pairs = _pairs(filter(None, wanted))
        return (
            RECALL * shared_weight / total
            + PRECISION * sum(rarity[stem] for stem in shared) / own
            + ORDER * len(pairs & self.pairs) / len(pairs)
        )


def _words(text: str) -> list[str]:
    return WORD.findall(fold(text))


def _find_stems(words: Iterable[str]) -> dict[str, str]:
    """Return each word → the first word with the same stem."""
    stems: dict[str, str] = {}
    firsts: dict[str, list[str]] = {}
    for word in sorted(set(words)):
        alike = firsts.setdefault(word[:SHORTEST_STEM], [])
        stems[word] = next((other for other in alike if same_stem(word, other)), word)
        if stems[word] == word:
            alike.append(word)
    return stems


def _pairs(stems: Iterable[str]) -> set[tuple[str, str]]:
    """Return the pairs of successive stems; the first stem follows an empty one."""
    return set(pairwise(["", *stems]))


def _mentions(words: Sequence[str], names: Names) -> Iterator[tuple[range, set[Any]]]:
    """Yield the places of names among words, and the things that they name; longest names first.

    The first two or more words of a name are enough.
    """
    known: dict[tuple[str, ...], set[ox.NamedNode]] = {}
    for name, things in names.things.items():
        spelt = tuple(_words(name))
        for end in {*range(2, len(spelt)), len(spelt)}:
            known.setdefault(spelt[:end], set()).update(things)
    for length in range(len(words), 0, -1):
        for start in range(len(words) - length + 1):
            if things_named := known.get(tuple(words[start : start + length])):
                yield range(start, start + length), things_named


def _fill(
    question: Question,
    words: Sequence[str],
    mentions: Iterable[tuple[range, set[Any]]],
    store: ox.Store,
    project: Project,
) -> tuple[dict[str, str], set[int]]:
    """Return the parameters that words fill, with their values, and the positions of the words."""
    parameters: dict[str, str] = {}
    filled: set[int] = set()
    literals: list[tuple[range, set[Any]]] = [
        (range(at, at + 1), {w}) for at, w in enumerate(words)
    ]
    for parameter in sorted(question.parameters, key=lambda parameter: parameter.type != "iri"):
        values = find_values(question, parameter, store, project)
        is_thing = parameter.type == "iri"
        for place, meant in mentions if is_thing else literals:
            chosen = [t for t, term in values.items() if (term if is_thing else fold(t)) in meant]
            if len(chosen) == 1 and filled.isdisjoint(place):
                parameters[parameter.name] = chosen[0]
                filled.update(place)
                break
    return parameters, filled
