"""Find words in a text by their dictionary forms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaiju_graph.project.lemmas import lemmas
from kaiju_graph.project.spelling import same_stem
from kaiju_graph.validation.wording.tokens import Span, Token, find

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["find_lemma"]

GAP = 4
"""How many words may stand between those of a verb, as in "rips the queen's horns off"."""


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
    return same_stem(token.folded, lemma.folded) or lemma.folded in lemmas(token.text, language)
