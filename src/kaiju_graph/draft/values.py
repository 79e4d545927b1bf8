"""Read the value of an infobox line: a list, number, date, length of time or country."""

from __future__ import annotations

import re
from decimal import Decimal  # noqa: TC003 (its examples use it)
from functools import lru_cache
from typing import NamedTuple

from kaiju_graph.wording.durations import durations
from kaiju_graph.wording.numbers import divide, load_locale

__all__ = [
    "Amount",
    "find_days",
    "months",
    "read_amount",
    "read_country",
    "read_date",
    "read_seconds",
    "read_year",
    "split_list",
    "split_remark",
]

MARKS = re.compile(r"\s*[;•·|]\s*|\s+/\s+")
COMMAS = re.compile(r",(?![^()]*\))\s+(?:and\s+|&\s+)?")
SUFFIXES = frozenset(
    """a.c.e. a.s.c. ace acs asc b.s.c. bsc co co. corp corp. csc gmbh inc inc. jr jr. llc ltd ltd.
    sr sr.""".split()
)
"""What follows a comma inside of a name, such as that of a guild, in lower case."""
REMARK = re.compile(r"(?P<words>.*\S)\s+\((?P<remark>[^()]*)\)")
AMOUNT = re.compile(r"(?P<before>[^\d]*?)\s*(?P<number>\d[\d.,\u00a0\u202f]*)\s*(?P<after>[^\d]*)")
YEAR = re.compile(r"\d{4}")
DAY_OF_MONTH = re.compile(r"\b\d{1,2}\.\s+(?P<month>[^\W\d_]+)")


class Amount(NamedTuple):
    """A number, and the words before and after it."""

    number: Decimal
    before: str
    after: str


def split_list(value: str, *, commas: bool = True) -> list[str]:
    """Return the members of a list.

    Args:
        value: a text.
        commas: whether commas separate members, too.

    >>> split_list("Kai Roe, ASC, Bo Tarn")
    ['Kai Roe, ASC', 'Bo Tarn']
    >>> split_list("Li, Smith, Jr., and Pictures, Inc.; Ann (edits, cuts)")
    ['Li', 'Smith, Jr.', 'Pictures, Inc.', 'Ann (edits, cuts)']
    """
    members: list[str] = []
    for part in MARKS.split(value):
        names = COMMAS.split(part) if commas else [part]
        for at, name in enumerate(names):
            if at and name.casefold() in SUFFIXES:
                members[-1] += f", {name}"
            elif name.strip():
                members.append(name.strip())
    return members


def split_remark(value: str) -> tuple[str, str]:
    """Return a value without what stands in parentheses at its end, and that.

    >>> split_remark("1 May 2001 (Chad)"), split_remark("Chad")
    (('1 May 2001', 'Chad'), ('Chad', ''))
    """
    match = REMARK.fullmatch(value)
    return (match["words"], match["remark"]) if match else (value, "")


def read_amount(value: str, language: str) -> Amount | None:
    """Return the one number of a text, or None if it has none or several.

    >>> read_amount("US$6.5 million", "en")
    Amount(number=Decimal('6500000.0'), before='US$', after='')
    >>> read_amount("1,5 Millionen", "de").number, read_amount("1 hour 40 minutes", "en")
    (Decimal('1500000.0'), None)
    """
    from babel.numbers import NumberFormatError, parse_decimal

    match, locale = AMOUNT.fullmatch(value.strip()), load_locale(language)
    if match is None or locale is None:
        return None
    try:
        number = parse_decimal(match["number"], locale=locale, strict=True)
    except NumberFormatError:
        return None
    first, _, rest = match["after"].strip().partition(" ")
    scale = _scales(language).get(first.casefold())
    after = rest if scale else match["after"]
    return Amount(number * (scale or 1), match["before"].strip(), after.strip())


def read_seconds(value: str, language: str) -> Decimal | None:
    """Return the length of time that a text is, or None.

    >>> read_seconds("1 h 43 min.", "en"), read_seconds("about 2 hours", "en")
    (Decimal('6180'), None)
    """
    tokens = divide(value, language)
    found = (d.seconds for d in durations(tokens, language) if d.span == (0, len(tokens)))
    return next(found, None)


def read_country(value: str, language: str) -> str | None:
    """Return the name in CLDR of the country that a text names, or None.

    >>> read_country("Chad", "en"), read_country("UK", "en"), read_country("Ghent", "en")
    ('Chad', 'United Kingdom', None)
    """
    return _countries(language).get(value)


def read_year(value: str) -> str | None:
    """Return the year that a text is, or None."""
    return value if YEAR.fullmatch(value) else None


def read_date(value: str, language: str) -> str | None:
    """Return the day that a text names with a month in words, as xsd:date has it, or None.

    >>> read_date("July 13, 1996", "en"), read_date("13 Jul 1996", "en"), read_date("1996", "en")
    ('1996-07-13', '1996-07-13', None)
    """
    from datetime import date

    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        return value
    words = re.findall(r"[^\W\d_]+|\d+", value)
    numbers = months(language)
    named = [numbers[word.casefold()] for word in words if word.casefold() in numbers]
    days = [int(word) for word in words if word.isdecimal() and len(word) <= len("31")]
    years = [int(word) for word in words if YEAR.fullmatch(word)]
    if len(words) != len("dmy") or not (len(named) == len(days) == len(years) == 1):
        return None
    try:
        return date(years[0], named[0], days[0]).isoformat()
    except ValueError:
        return None


def find_days(text: str, language: str) -> list[tuple[int, str]]:
    """Return the offset and words of each day such as "3. März", in languages that write it so.

    >>> find_days("am 3. März", "de"), find_days("It had 3. March came.", "en")
    ([(3, '3. März')], [])
    """
    locale = load_locale(language)
    if locale is None or "d." not in locale.date_formats["long"].pattern:
        return []
    found = DAY_OF_MONTH.finditer(text)
    return [(m.start(), m[0]) for m in found if m["month"].casefold() in months(language)]


@lru_cache
def months(language: str) -> dict[str, int]:
    """Return the names of the months in a language, in lower case (CLDR) → their numbers."""
    from babel.dates import get_month_names

    if (locale := load_locale(language)) is None:
        return {}
    return {
        name.casefold().rstrip("."): number
        for width in ("wide", "abbreviated")
        for number, name in get_month_names(width, locale=locale).items()
    }


@lru_cache
def _countries(language: str) -> dict[str, str]:
    """Return the names of countries, and their codes, also of three letters → their names."""
    from babel.core import get_global

    if (locale := load_locale(language)) is None:
        return {}
    real = get_global("territory_languages").keys() - {"ZZ"}  # not the world, a union or no country
    names = {code: name for code, name in locale.territories.items() if code in real}
    aliases = get_global("territory_aliases").items()
    former = {alias: names[new[0]] for alias, new in aliases if len(new) == 1 and new[0] in names}
    return {**former, **names, **{name: name for name in names.values()}}


@lru_cache
def _scales(language: str) -> dict[str, int]:
    """Return the words that multiply the number before them, in lower case (CLDR) → by how much."""
    locale = load_locale(language)
    patterns = (
        (int(size), str(pattern.pattern))
        for by_size in (locale.compact_decimal_formats["long"].values() if locale else ())
        for size, pattern in by_size.items()
    )
    return {
        words[1].casefold(): size
        for size, pattern in patterns
        if len(words := pattern.split()) == len(["0", "million"]) and words[0] == "0"
    }
