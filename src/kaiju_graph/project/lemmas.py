"""The lemmas (dictionary forms) of words, by the dictionaries of simplemma.

simplemma has one lemma for each word, whose part of speech it does not know: "left" is its own, as
an adjective. Common verbs that it misses so stand in ``VERBS``.
"""

from __future__ import annotations

from functools import cache

from kaiju_graph.project.spelling import fold

__all__ = ["VERBS", "has_lemmas", "lemmas"]

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
