"""The lemmas (dictionary forms) of words, by the dictionaries of simplemma."""

from __future__ import annotations

from functools import cache

from kaiju_graph.project.spelling import fold

__all__ = ["lemma"]


@cache
def lemma(word: str, language: str) -> str | None:
    """Return the lemma of a word, folded, or None if its language has no dictionary.

    Args:
        word: one word, with its accents.
        language: a language tag (BCP 47), of which the first subtag counts.

    >>> lemma("flies", "en"), lemma("men", "en-GB"), lemma("flies", "tlh")
    ('fly', 'man', None)
    """
    import simplemma

    try:
        return fold(simplemma.lemmatize(word, language.partition("-")[0].lower()))
    except ValueError:  # not one of its languages
        return None
