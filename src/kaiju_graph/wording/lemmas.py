"""The lemmas (dictionary forms) of words, by the dictionaries of simplemma, and where they stand.

simplemma has one lemma for each word, whose part of speech it does not know: "left" is its own, as
an adjective. Common verbs that it misses so stand in ``VERBS``.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from kaiju_graph.project.spelling import fold, same_stem
from kaiju_graph.wording.tokens import Span, Token, find

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["VERBS", "find_lemma", "has_lemmas", "lemmas"]

GAP = 4
"""How many words may stand between those of a verb, as in "rips the queen's horns off"."""
VERBS = {
    "en": dict(
        pair.split("/")
        for pair in """bidding/bid bore/bear born/bear bound/bind broke/break cutting/cut felt/feel
        gone/go ground/grind lay/lay left/leave rose/rise setting/set shook/shake shot/shoot
        thought/think won/win wound/wind""".split()
    )
}
"""Language → forms of verbs that are words of another kind, too → their lemmas."""


@cache
def lemmas(word: str, language: str) -> frozenset[str]:
    """Return the lemmas that a word may have, folded; none if its language has no dictionary.

    Args:
        word: one word, with its accents.
        language: a language tag (BCP 47), of which the first subtag counts.

    >>> [sorted(lemmas(word, "en-GB")) for word in ("flies", "men", "left")]
    [['fly'], ['man'], ['leave', 'left']]
    >>> lemmas("flies", "tlh")
    frozenset()
    """
    import simplemma

    language = language.partition("-")[0].lower()
    try:
        found = {fold(simplemma.lemmatize(word, language))}
    except ValueError:  # not one of its languages
        return frozenset()
    verb = VERBS.get(language, {}).get(fold(word))
    return frozenset(found | {verb} if verb else found)


def has_lemmas(language: str) -> bool:
    """Tell whether there is a dictionary for a language."""
    return bool(lemmas("a", language))


def find_lemma(lemma: Sequence[Token], tokens: Sequence[Token], language: str) -> list[Span]:
    """Return where words stand in a text whose dictionary forms are given, in their order.

    >>> from kaiju_graph.wording.numbers import divide
    >>> tokens = divide("He rips the horns off and flew away.", "en")
    >>> find_lemma(divide("rip off", "en"), tokens, "en")
    [(1, 5)]
    >>> find_lemma(divide("fly", "en"), tokens, "en"), find_lemma(divide("run", "en"), tokens, "en")
    ([(6, 7)], [])
    """
    return [*find(lemma, tokens, lambda part, token: _is_form(part, token, language), GAP)]


def _is_form(lemma: Token, token: Token, language: str) -> bool:
    return same_stem(token.folded, lemma.folded) or lemma.folded in lemmas(token.text, language)
