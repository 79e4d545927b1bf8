"""Find a length of time in a text, by the names of its units in CLDR.

"1 hour 43 minutes" is 103 minutes, as is "1h 43m". What CLDR does not have, such as "mins", stands
in ``WORDS``.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from kaiju_graph.wording.numbers import divide, load_locale
from kaiju_graph.wording.tokens import is_joined

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kaiju_graph.wording.tokens import Span, Token

__all__ = ["WORDS", "Duration", "durations", "find_duration", "unit_of"]

SECONDS = {"day": 86_400, "hour": 3_600, "minute": 60, "second": 1}
"""Unit, by its name in CLDR → its length in seconds."""
WIDTHS: Final[tuple[Literal["long", "short", "narrow"], ...]] = ("long", "short", "narrow")
NUMBERS = (1, 2, 5, 1.5)
"""Numbers that differ in the form of the unit behind them (CLDR, plural rules)."""
WORDS = {"en": {"hrs": "hour", "mins": "minute", "secs": "second"}}
"""Language → words for units that CLDR does not have → the units."""


class Duration(NamedTuple):
    """A length of time in a text."""

    span: Span
    seconds: Decimal
    smallest: int
    """The length of its smallest unit, in seconds."""
    is_sum: bool
    """Whether it has several units."""


def durations(tokens: Sequence[Token], language: str) -> Iterator[Duration]:
    """Yield the lengths of time in a text; the units of each are in order, the largest first.

    >>> [(d.span, int(d.seconds)) for d in durations(divide("1h 43m, or 103 minutes", "en"), "en")]
    [((0, 4), 6180), ((5, 7), 6180)]
    """
    names, connective = _unit_names(language), _connective(language)
    at = 0
    while at < len(tokens):
        end, smallest, seconds, count = at, 0, Decimal(0), 0
        following = at
        while part := _read_part(tokens, following, names):
            value, unit, after = part
            if count and unit >= smallest:
                break
            end, smallest, count = after, unit, count + 1
            seconds += value * unit
            following = end + (end < len(tokens) and tokens[end].folded == connective)
        if count:
            yield Duration((at, end), seconds, smallest, count > 1)
        at = max(end, at + 1)


def find_duration(value: Decimal, tokens: Sequence[Token], language: str) -> Iterator[Span]:
    """Yield where a length of time stands in a text, as a sum of units or in a larger one.

    The value is in any unit that is not larger than those of the text.

    >>> tokens = divide("1 hour and 43 minutes", "en")
    >>> [list(find_duration(Decimal(n), tokens, "en")) for n in (103, 6180, 43)]
    [[(0, 5)], [(0, 5)], []]
    """
    for span, seconds, smallest, is_sum in durations(tokens, language):
        units = (u for u in SECONDS.values() if u < smallest or (is_sum and u == smallest))
        if any(value * unit == seconds for unit in units):
            yield span


def unit_of(words: str, language: str) -> int | None:
    """Return the length in seconds of the unit that words name, or None.

    >>> unit_of("runtime in minutes", "en"), unit_of("amount", "en")
    (60, None)
    """
    tokens, names = divide(words, language), _unit_names(language)
    found = (_read_unit(tokens, at, names) for at in range(len(tokens)))
    return next((unit for unit, _ in filter(None, found)), None)


def _read_part(
    tokens: Sequence[Token], at: int, names: dict[tuple[str, ...], int]
) -> tuple[Decimal, int, int] | None:
    """Return the number and unit at a place of a text, and where they end."""
    if (
        at + 1 >= len(tokens)
        or (value := tokens[at].value) is None
        or not is_joined(tokens[at + 1])
    ):
        return None
    found = _read_unit(tokens, at + 1, names)
    return (value, *found) if found else None


def _read_unit(
    tokens: Sequence[Token], at: int, names: dict[tuple[str, ...], int]
) -> tuple[int, int] | None:
    """Return the unit at a place of a text, and where its name ends."""
    for length in (2, 1):  # as 時間 has two
        words = tuple(token.folded for token in tokens[at : at + length])
        if words in names:
            return names[words], at + len(words)
    return None


@lru_cache
def _unit_names(language: str) -> dict[tuple[str, ...], int]:
    """Return the names of units, as folded words → their lengths in seconds."""
    if (locale := load_locale(language)) is None:
        return {}
    from babel.units import format_unit

    texts = {
        format_unit(number, f"duration-{unit}", width, locale=locale): unit
        for unit in SECONDS
        for width in WIDTHS
        for number in NUMBERS
    } | WORDS.get(locale.language, {})
    names: dict[tuple[str, ...], int] = {}
    for text, unit in texts.items():
        words = tuple(token.folded for token in divide(text, language) if token.value is None)
        if words:
            names.setdefault(words, SECONDS[unit])
    return names


@lru_cache
def _connective(language: str) -> str:
    """Return the word before the last member of a list, folded, such as and."""
    if (locale := load_locale(language)) is None:
        return ""
    words = divide(locale.list_patterns["standard"]["2"], language)
    return next((token.folded for token in words if token.value is None), "")
