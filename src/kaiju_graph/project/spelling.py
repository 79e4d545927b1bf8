"""Compare words without case, accents, width and kind of kana, and suggest similar words."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING
from unicodedata import combining, normalize

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = [
    "JAPANESE",
    "MAX_LENGTH",
    "MAX_SUGGESTIONS",
    "SHORTEST_STEM",
    "WORD",
    "did_you_mean",
    "fold",
    "long_vowel_key",
    "match_rank",
    "name_key",
    "same_stem",
    "suggest",
]

WORD = re.compile(r"\w+")
SHORTEST_STEM = 4
"""The number of first letters that words with different endings must share."""
SUFFIXES = frozenset(
    """al ation d e ed er es ese ial ic ically ied ies ing ion ions ist ly ment n or r s ure ures
    ution y""".split()
) | {""}
"""The endings of words with the same stem."""
MAX_SUGGESTIONS = 3
MAX_LENGTH = 100
"""The length, in characters, of the longest text that gets suggestions."""
HIRAGANA = {code: code - 0x60 for code in (*range(0x30A1, 0x30F7), 0x30FD, 0x30FE)}
"""Code point of a katakana → that of the same hiragana (Unicode, blocks 3040 and 30A0)."""
JAPANESE = r"[\u3005\u3041-\u3096\u30fc\u3400-\u9fff]"
"""A character of Japanese, whose words have no spaces between them."""
BREAK = re.compile(rf"(?<={JAPANESE})[\s・]+|[\s・]+(?={JAPANESE})")
"""A break between words beside a Japanese letter; other spellings leave it out."""
LONG_VOWEL = re.compile("[AEIOUaeiou][\u0302\u0304]")
"""A vowel with a macron or circumflex, in NFD."""
SECOND_VOWEL = re.compile(r"(?<=a)[ah]|(?<=e)[ehi]|(?<=i)[hi]|(?<=o)[hou]|(?<=u)[hu]")
"""The letter that writes out a long vowel in place of a mark: ou, oo or oh for ō."""


def fold(text: str) -> str:
    """Return a text without case, accents, width and kind of kana.

    Unicode NFKD makes half and full width the same. Combining marks are dropped, including those of
    kana. Katakana become hiragana.
    """
    if text.isascii():
        return text.casefold()
    bare = "".join(c for c in normalize("NFKD", text) if not combining(c))
    return bare.casefold().translate(HIRAGANA)


def match_rank(words: Sequence[str], name: str) -> int:
    """Return how well words match a name: 0 equal, 1 its beginning, 2 all contained, 3 not.

    Breaks between Japanese words do not matter. If a name has a mark on a long vowel (ō), spellings
    with a second letter instead (ou, oo, oh) match, too.

    >>> [match_rank(["oota"], name) for name in ("Ōta", "Ōtake", "Kō Ōta", "Ota")]
    [0, 1, 2, 3]
    """
    texts = [name_key(text) for text in (name, " ".join(words), *words)]
    rank = _rank(*texts)
    if LONG_VOWEL.search(normalize("NFD", name)):
        rank = min(rank, _rank(*(SECOND_VOWEL.sub("", text) for text in texts)))
    return rank


def long_vowel_key(name: str) -> str:
    """Return a folded name without the second letters of long vowels; empty if it marks none.

    >>> long_vowel_key("Kō Ōta"), long_vowel_key("Kow")
    ('ko ota', '')
    """
    is_marked = LONG_VOWEL.search(normalize("NFD", name))
    return SECOND_VOWEL.sub("", name_key(name)) if is_marked else ""


def name_key(name: str) -> str:
    """Return a name as it is compared: folded, and without breaks between Japanese words."""
    return BREAK.sub("", fold(name))


def _rank(name: str, whole: str, *words: str) -> int:
    if name.startswith(whole):
        return int(name != whole)
    return 2 if all(word in name for word in words) else 3


def same_stem(word: str, other: str) -> bool:
    """Tell whether two folded words are equal except for an ending of ``SUFFIXES`` on either.

    Snowball's stemmer does not fit, because it gives "director" and "directed" different stems:
    an ontology names a role by a noun, an article by a verb.

    >>> same_stem("directed", "director"), same_stem("meteor", "metal")
    (True, False)
    """
    if word == other:
        return True
    return any(
        word[:length] == other[:length] and {word[length:], other[length:]} <= SUFFIXES
        for length in range(SHORTEST_STEM, min(len(word), len(other)) + 1)
    )


def did_you_mean(
    text: str, known: Iterable[str], suggestions: Mapping[str, str] = MappingProxyType({})
) -> str:
    """Return ``; did you mean …?`` with up to three similar known words, or an empty text.

    Names of which the text is a whole word come first; beside them, only close spellings count.

    Args:
        text: what was found.
        known: the words, or names of several words.
        suggestions: word → what to suggest for it, if not the word itself.

    >>> did_you_mean("lengt", ["time", "length"], {"length": "ex:runtime"})
    "; did you mean 'ex:runtime'?"
    >>> did_you_mean("short", ["sort", "report", "a short time"])
    "; did you mean 'a short time', 'sort'?"
    """
    from difflib import get_close_matches

    if not 0 < len(text.strip()) <= MAX_LENGTH:
        return ""
    key, folded = fold(text), {fold(word): word for word in known}
    near = sorted((name for name in folded if key in WORD.findall(name)), key=len)
    near += get_close_matches(key, folded, n=MAX_SUGGESTIONS, cutoff=0.8 if near else 0.6)
    near += [word for word in folded if key in word]
    return suggest(suggestions.get(folded[word], folded[word]) for word in near)


def suggest(found: Iterable[str]) -> str:
    """Return ``; did you mean …?`` with the first three of some words, or an empty text.

    >>> suggest(["time", "length", "time"])
    "; did you mean 'time', 'length'?"
    """
    few = [*dict.fromkeys(found)][:MAX_SUGGESTIONS]
    return f"; did you mean {', '.join(map(repr, few))}?" if few else ""
