"""Divide a text into words and numerals, and find words in it."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from kaiju_graph.project.spelling import JAPANESE, fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["Span", "Token", "find", "find_offsets", "is_joined", "tokenize"]

TOKEN = re.compile(rf"(?P<numeral>\d+(?:[.,'\u2019\u00a0\u202f]\d+)*)|{JAPANESE}|[^\W\d_]")
WORD = re.compile(rf"(?:(?!{JAPANESE})[^\W\d_])+")
JOINT = re.compile(r"[\s\u00ad-]?\s*")
"""What stands between words of one number, such as the hyphen of "twenty-one"."""

Span = tuple[int, int]
"""First and last of the tokens where something stands, the last one excluded."""


class Token(NamedTuple):
    """A word, a numeral, or a character of a script without spaces."""

    text: str
    """As it is written."""
    folded: str
    """Without case and accents."""
    value: Decimal | None
    """The value of a numeral."""
    before: str
    """The text between this token and the one before it."""


def tokenize(text: str, read_numeral: Callable[[str], Decimal | None]) -> list[Token]:
    """Return the words and numerals of a text, in order.

    Args:
        text: the text.
        read_numeral: returns the value of digits with separators, or None if they are several
            numbers.

    >>> [token.folded for token in tokenize("Its 10th hive: 4月", lambda _: None)]
    ['its', '10', 'th', 'hive', '4', '月']
    """
    tokens: list[Token] = []
    end = 0
    for start, word, value in _parts(text, read_numeral):
        tokens.append(Token(word, fold(word), value, text[end:start]))
        end = start + len(word)
    return tokens


def _parts(
    text: str, read_numeral: Callable[[str], Decimal | None]
) -> Iterator[tuple[int, str, Decimal | None]]:
    at = 0
    while match := TOKEN.search(text, at):
        word, start = match[0], match.start()
        if not match["numeral"]:
            whole = WORD.match(text, start) or match
            yield start, whole[0], None
            at = whole.end()
            continue
        value = Decimal(word) if word.isdecimal() else read_numeral(word)
        if value is None:
            for part in re.finditer(r"\d+", word):
                yield start + part.start(), part[0], Decimal(part[0])
        else:
            yield start, word, value
        at = match.end()


def find_offsets(tokens: Sequence[Token]) -> list[tuple[int, int]]:
    """Return the start and end of each token in its text, in code points.

    >>> find_offsets(tokenize("the 2nd", lambda _: None))
    [(0, 3), (4, 5), (5, 7)]
    """
    offsets: list[tuple[int, int]] = []
    end = 0
    for token in tokens:
        start = end + len(token.before)
        end = start + len(token.text)
        offsets.append((start, end))
    return offsets


def is_joined(token: Token) -> bool:
    """Tell whether only a space or a hyphen separates a token from the one before it."""
    return JOINT.fullmatch(token.before) is not None


def find(
    parts: Sequence[Token],
    tokens: Sequence[Token],
    fits: Callable[[Token, Token], bool],
    gap: int = 0,
) -> Iterator[Span]:
    """Yield where parts stand in a text, in their order.

    Args:
        parts: what to find.
        tokens: the text.
        fits: tells whether a part stands for a token.
        gap: the number of other tokens that may stand between two parts.
    """
    for start in range(len(tokens)) if parts else ():
        if not fits(parts[0], tokens[start]):
            continue
        end = start + 1
        for part in parts[1:]:
            near = range(end, min(end + gap + 1, len(tokens)))
            end = next((at + 1 for at in near if fits(part, tokens[at])), 0)
            if not end:
                break
        else:
            yield start, end
