"""Compare words as people type them: case, accents, width and kana folded; near words suggested."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from unicodedata import combining, normalize

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["WORD", "did_you_mean", "fold", "match_rank", "same_stem"]

WORD = re.compile(r"\w+")
SHORTEST_STEM = 4
"""How many letters two words with different endings must share."""
SUFFIXES = frozenset(
    """al ation d e ed er es ial ic ically ied ies ing ion ions ist ly ment n or r s ution
    y""".split()
) | {""}
"""The endings of words with the same stem."""
LONGEST = 100
"""How many characters a word may have for which near ones are looked for."""
HIRAGANA = {code: code - 0x60 for code in (*range(0x30A1, 0x30F7), 0x30FD, 0x30FE)}
"""Code point of a katakana → that of the same hiragana (Unicode, blocks 3040 and 30A0)."""
JAPANESE = r"[\u3005\u3041-\u3096\u30fc\u3400-\u9fff]"
BREAK = re.compile(rf"(?<={JAPANESE})[\s・]+|[\s・]+(?={JAPANESE})")
"""What parts words beside a Japanese letter, where other texts have nothing."""
LONG = re.compile("[AEIOUaeiou][\u0302\u0304]")
"""A vowel with a macron or circumflex, the mark of a long one, as NFD has it."""
SECOND = re.compile(r"(?<=a)[ah]|(?<=e)[ehi]|(?<=i)[hi]|(?<=o)[hou]|(?<=u)[hu]")
"""What is written behind a long vowel in place of a mark: ō is spelt ou, oo or oh."""


def fold(text: str) -> str:
    """Return a text without case, accents, width and kind of kana.

    Unicode NFKD, in which half and full width are the same; combining marks are dropped, those of
    kana too; katakana become hiragana.
    """
    bare = "".join(c for c in normalize("NFKD", text) if not combining(c))
    return bare.casefold().translate(HIRAGANA)


def match_rank(words: Sequence[str], name: str) -> int:
    """Tell how near words are to a name: 0 it is they, 1 it begins so, 2 it has all, 3 it has not.

    Japanese is read without breaks; of a name that marks a long vowel (ō), the same holds of its
    spelling without what another one writes out (ou, oo, oh).

    >>> [likeness(["oota"], name) for name in ("Ōta", "Ōtake", "Kō Ōta", "Ota")]
    [0, 1, 2, 3]
    """
    whole, folded = _unbroken(" ".join(words)), _unbroken(name)
    pieces = [_unbroken(word) for word in words]
    nearest = _likeness(whole, pieces, folded)
    if LONG.search(normalize("NFD", name)):
        short = [SECOND.sub("", piece) for piece in pieces]
        spelt = _likeness(SECOND.sub("", whole), short, SECOND.sub("", folded))
        nearest = min(nearest, spelt)
    return nearest


def _likeness(whole: str, pieces: list[str], name: str) -> int:
    if name.startswith(whole):
        return int(name != whole)
    return 2 if all(piece in name for piece in pieces) else 3


def _unbroken(text: str) -> str:
    return BREAK.sub("", fold(text))


def did_you_mean(text: str, known: Iterable[str]) -> str:
    """Return ``; did you mean …?`` with the nearest known words, or nothing."""
    from difflib import get_close_matches

    if not 0 < len(text.strip()) <= LONGEST:
        return ""
    folded = {fold(word): word for word in known}
    near = get_close_matches(fold(text), folded, n=3, cutoff=0.6)
    near += [word for word in folded if fold(text) in word and word not in near]
    return f"; did you mean {', '.join(repr(folded[word]) for word in near[:3])}?" if near else ""


def same_stem(word: str, other: str) -> bool:
    """Tell whether two folded words are equal but for an ending of ``SUFFIXES`` on either.

    Snowball's stemmer does not fit: it keeps "director" and "directed", "editor" and "editing"
    apart, the noun by which an ontology names a role and the verb by which an article does.

    >>> same_stem("directed", "director"), same_stem("meteor", "metal")
    (True, False)
    """
    if word == other:
        return True
    return any(
        word[:length] == other[:length] and {word[length:], other[length:]} <= SUFFIXES
        for length in range(SHORTEST_STEM, min(len(word), len(other)) + 1)
    )
