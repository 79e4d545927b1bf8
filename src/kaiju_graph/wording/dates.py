"""Find a date in a text, in digits or with the name of its month, by the rules of CLDR."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise, product
from typing import TYPE_CHECKING, NamedTuple

from kaiju_graph.wording.numbers import divide, find_number, load_locale
from kaiju_graph.wording.tokens import Span, Token, find

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["DATE_PATTERNS", "PartsOfDate", "find_date", "read_date"]

YEAR, MONTH, DAY = r"(?P<year>-?\d{4,})", r"(?P<month>\d\d)", r"(?P<day>\d\d)"
DATE_PATTERNS = {
    "date": f"{YEAR}-{MONTH}-{DAY}",
    "gYear": YEAR,
    "gYearMonth": f"{YEAR}-{MONTH}",
    "gMonthDay": f"--{MONTH}-{DAY}",
    "gMonth": f"--{MONTH}",
    "gDay": f"---{DAY}",
}
"""Name of a datatype of XSD 1.1, part 2, section 3.3 → its texts, without a time zone."""


class PartsOfDate(NamedTuple):
    """What a date tells; None for what it does not tell."""

    year: int | None
    month: int | None
    day: int | None


def read_date(text: str, datatype: str) -> PartsOfDate | None:
    """Return the parts of a date, or None if its text is ill-formed.

    >>> read_date("1996-07-13", "date"), read_date("1996Z", "gYear")
    (PartsOfDate(year=1996, month=7, day=13), PartsOfDate(year=1996, month=None, day=None))
    """
    match = re.match(DATE_PATTERNS[datatype], text)
    if not match:
        return None
    parts = match.groupdict()
    return PartsOfDate(
        *(int(parts[name]) if name in parts else None for name in PartsOfDate._fields)
    )


def find_date(date: PartsOfDate, tokens: Sequence[Token], language: str) -> list[Span]:
    """Return where a date stands in a text: all of its parts, in any order, close together.

    A month in digits counts only without a space beside it, as in 1996-07-13.

    >>> tokens = divide("on July 13, 1996, and again on 2003-05-06", "en")
    >>> [find_date(PartsOfDate(*date), tokens, "en") for date in [(1996, 7, 13), (2003, 7, 13)]]
    [[(1, 4)], []]
    >>> find_date(PartsOfDate(2003, 5, 6), tokens, "en")
    [(7, 10)]
    """
    places = [
        [*find_number(Decimal(value), tokens, language)]
        for value in (date.year, date.day)
        if value is not None
    ]
    if date.month is not None:
        places.append(_find_month(date.month, tokens, language))
    groups = map(sorted, product(*places))
    return [(group[0][0], group[-1][1]) for group in groups if _is_close(group, tokens)]


def _is_close(parts: list[Span], tokens: Sequence[Token]) -> bool:
    """Tell whether at most one word stands between a part and the next, as in "13th of July"."""
    return all(
        end <= start and sum(bool(token.before) for token in tokens[end:start]) <= 1
        for (_, end), (start, _) in pairwise(parts)
    )


def _find_month(month: int, tokens: Sequence[Token], language: str) -> list[Span]:
    named = [
        span
        for name in _month_names(month, language)
        for span in find(name, tokens, lambda part, token: part.folded == token.folded)
    ]
    in_digits = [
        (at, at + 1)
        for at, token in enumerate(tokens)
        if token.value == month
        and any(tight and not re.search(r"\s", tight) for tight in _beside(at, tokens))
    ]
    return named + in_digits


def _beside(at: int, tokens: Sequence[Token]) -> list[str]:
    """Return what stands between a token and the numerals before and after it."""
    pairs = ((at - 1, at), (at + 1, at + 1))
    return [
        tokens[right].before
        for other, right in pairs
        if 0 <= other < len(tokens) and tokens[other].value is not None
    ]


@lru_cache
def _month_names(month: int, language: str) -> list[list[Token]]:
    if (locale := load_locale(language)) is None or not 1 <= month <= 12:  # noqa: PLR2004
        return []
    names = {
        locale.months[use][width][month]
        for use in ("format", "stand-alone")
        for width in ("wide", "abbreviated")
    }
    return [divide(name, language) for name in sorted(names)]
