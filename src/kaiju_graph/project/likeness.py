"""Find what people may mean by a name that nothing has.

A name is likely if it has the words of the given one, with other endings or a slip of the keys, and
more so if it begins or ends with them; a rare word counts more than a frequent one (inverse
document frequency). Names that have only letters in common are not likely.
"""

from __future__ import annotations

import re
from collections import Counter
from difflib import get_close_matches
from math import log
from typing import TYPE_CHECKING

from kaiju_graph.project.spelling import MAX_LENGTH, WORD, fold, same_stem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["MAX_LIKELY", "rank_by_name", "rank_by_text", "split_name"]

MAX_LIKELY = 3
"""How many names are likely at most."""
CONNECTIVES = frozenset(
    "a an and are as at be by for from had has have in into is it its of on or the to was with"
    .split()
)  # fmt: skip
"""Words without weight, unless a name has no others."""
HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
"""The place between two words of a name such as ``releaseDate``."""
SLIP = 0.8
"""The least similarity of a word and the same word with a slip of the keys (``difflib``)."""
PART = 0.3
"""How much of the rest a name gains that begins or ends with the given words."""
LIKELY = 0.3
"""The least share of the words that a likely name has in common with the given one."""
NEARLY = 0.7
"""The least score of a likely name, as a share of the best score."""


def rank_by_name(name: str, known: Mapping[str, Iterable[str]]) -> list[str]:
    """Return up to ``MAX_LIKELY`` things that a name may mean, the likeliest first.

    If a thing has that very name, written in whatever way, only such things are returned.

    Args:
        name: a name, or the end of an IRI.
        known: thing → its names; of things that are equally likely the first comes first.

    >>> rank_by_name("releaseDate", {"a": ["date"], "b": ["release date"], "c": ["late"]})
    ['b']
    >>> rank_by_name("currancy", {"a": ["currency sign"], "b": ["urgency"]})
    ['a']
    >>> rank_by_name("flim", {"a": ["film"], "b": ["fling"]})
    ['a']
    """
    given = split_name(name[: MAX_LENGTH + 1])
    if not given or len(name) > MAX_LENGTH:
        return []
    whole = "".join(given)
    names = {thing: [*map(split_name, own)] for thing, own in known.items()}
    found = [thing for thing, own in names.items() if any("".join(n) == whole for n in own)]
    if found:
        return found[:MAX_LIKELY]
    frequency = Counter(word for own in names.values() for word in {w for n in own for w in n})
    alike = {word: _words_like(word, frequency) for word in given}

    def weight(word: str) -> float:
        return log((2 + len(names)) / (1 + frequency[word]))

    def is_given(words: tuple[str, ...]) -> bool:
        return all(word in alike[own] for own, word in zip(given, words, strict=True))

    def score(words: tuple[str, ...]) -> float:
        common = {word: alike[word].intersection(words) for word in given}
        shared = sum(max(map(weight, own)) for own in common.values() if own)
        missing = sum(weight(word) for word, own in common.items() if not own)
        other = sum(map(weight, {*words}.difference(*common.values())))
        share = shared / (shared + missing + other)
        ends = words[: len(given)], words[-len(given) :]
        is_part = len(words) > len(given) and any(map(is_given, ends))
        return share + PART * (1 - share) if is_part else share

    every = {word for words in alike.values() for word in words}
    near = {thing: [n for n in own if not every.isdisjoint(n)] for thing, own in names.items()}
    return _best({thing: max(map(score, own)) for thing, own in near.items() if own})


def rank_by_text(name: str, known: Mapping[str, Iterable[str]]) -> list[str]:
    """Return the things whose texts have all words of a name, if there are few such things.

    >>> rank_by_text("length", {"a": ["How long it is, a length in minutes."], "b": ["A name."]})
    ['a']
    """
    given = split_name(name)
    found = [
        thing
        for thing, texts in known.items()
        if given and any({*given} <= {*WORD.findall(fold(text))} for text in texts)
    ]
    return found if len(found) <= MAX_LIKELY else []


def split_name(name: str) -> tuple[str, ...]:
    """Return the words of a name, folded, without those that only connect others.

    >>> split_name("partOfSeries"), split_name("Tale of the_Fox"), split_name("of")
    (('part', 'series'), ('tale', 'fox'), ('of',))
    """
    words = WORD.findall(fold(HUMP.sub(" ", name).replace("_", " ")))
    return tuple(word for word in words if word not in CONNECTIVES) or tuple(words)


def _words_like(word: str, known: Iterable[str]) -> set[str]:
    """Return the words with the stem of a word; if there are none, those with slips of the keys.

    The first letter of a word is seldom a slip.
    """
    near = [other for other in known if other[0] == word[0]]
    found = {other for other in near if same_stem(word, other)}
    if found or word.isdigit():
        return found
    # Letters that changed places make a short word less alike than SLIP.
    shuffled = {other for other in near if sorted(other) == sorted(word)}
    return shuffled.union(get_close_matches(word, near, cutoff=SLIP))


def _best(scores: Mapping[str, float]) -> list[str]:
    """Return the things with the best scores, if they are good."""
    best = sorted(scores, key=scores.__getitem__, reverse=True)[:MAX_LIKELY]
    least = max(LIKELY, NEARLY * scores[best[0]]) if best else 0.0
    return [thing for thing in best if scores[thing] >= least]
