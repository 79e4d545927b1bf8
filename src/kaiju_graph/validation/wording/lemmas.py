"""Find words in a text by their dictionary forms.

simplemma has one dictionary form for each word, whose part of speech it does not know: "left" is
its own, as an adjective. Common verbs that it misses so stand in ``VERBS``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaiju_graph.project.lemmas import lemma as look_up
from kaiju_graph.project.spelling import same_stem
from kaiju_graph.validation.wording.tokens import Span, Token, find

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["find_lemma", "has_lemmas"]

GAP = 4
"""How many words may stand between those of a verb, as in "rips the queen's horns off"."""
VERBS = {
    "en": dict(
        pair.split("/")
        for pair in """bidding/bid bore/bear born/bear bound/bind broke/break cutting/cut felt/feel
        gone/go ground/grind left/leave rose/rise setting/set shook/shake shot/shoot thought/think
        won/win wound/wind""".split()
    )
}
"""Language → forms of verbs that are words of another kind, too → their dictionary forms."""


def has_lemmas(language: str) -> bool:
    """Tell whether there is a dictionary for a language."""
    return look_up("a", language) is not None


def find_lemma(lemma: Sequence[Token], tokens: Sequence[Token], language: str) -> list[Span]:
    """Return where words stand in a text whose dictionary forms are given, in their order.

    >>> from kaiju_graph.validation.wording.numbers import divide
    >>> tokens = divide("He rips the horns off and flew away.", "en")
    >>> find_lemma(divide("rip off", "en"), tokens, "en")
    [(1, 5)]
    >>> find_lemma(divide("fly", "en"), tokens, "en"), find_lemma(divide("run", "en"), tokens, "en")
    ([(6, 7)], [])
    """
    return [*find(lemma, tokens, lambda part, token: _is_form(part, token, language), GAP)]


def _is_form(lemma: Token, token: Token, language: str) -> bool:
    if same_stem(token.folded, lemma.folded):
        return True
    verbs = VERBS.get(language.partition("-")[0].lower(), {})
    return lemma.folded in (verbs.get(token.folded), look_up(token.text, language))
