"""Find a number in a text, in digits or in words, by the rules of CLDR for its language.

Babel has the rules for digits ("6,500,000") and for short forms ("6.5 million"), unicode-rbnf those
for words ("second"; Unicode Technical Standard 35, part 3, Rule-Based Number Formatting).
"""

from __future__ import annotations

from decimal import Decimal  # noqa: TC003 (its examples use it)
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from kaiju_graph.validation.wording.tokens import Span, Token, find, is_joined, tokenize

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from babel import Locale
    from unicode_rbnf import RbnfEngine

__all__ = ["divide", "find_number", "has_rules", "load_locale"]

UNITS = (*range(21), *range(30, 100, 10))
POWERS = (10**2, 10**3, 10**6, 10**9, 10**12)
"""The numbers whose words other numbers are made of, as in "two hundred thirty"."""
LARGEST = 10**15
"""Numbers from here on are sought in digits only; nobody writes them out."""


def has_rules(language: str) -> bool:
    """Tell whether CLDR has rules for the numbers and dates of a language."""
    return load_locale(language) is not None and _spelling(language) is not None


@lru_cache
def load_locale(language: str) -> Locale | None:
    """Return the rules of CLDR for a language tag, or None."""
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return None


@lru_cache
def _spelling(language: str) -> RbnfEngine | None:
    from unicode_rbnf import RbnfEngine

    try:
        return RbnfEngine.for_language(language.partition("-")[0].lower())
    except ValueError:
        return None


def divide(text: str, language: str) -> list[Token]:
    """Return the words and numerals of a text in a language.

    >>> [token.text for token in divide("$6.5 million in 1.096", "en")]
    ['6.5', 'million', 'in', '1.096']
    """

    def read_numeral(digits: str) -> Decimal | None:
        from babel.numbers import NumberFormatError, parse_decimal

        try:
            return parse_decimal(digits, locale=load_locale(language), strict=True)
        except NumberFormatError:
            return None

    return tokenize(text, read_numeral)


def find_number(value: Decimal, tokens: Sequence[Token], language: str) -> Iterator[Span]:
    """Yield where a number stands in a text, in digits or in words, but not inside of another one.

    >>> tokens = divide("five of twenty-five films, the 10th for $6.5 million", "en")
    >>> [list(find_number(Decimal(n), tokens, "en")) for n in ("5", "10", "6.5", "6500000")]
    [[(0, 1)], [(6, 7)], [], [(9, 11)]]
    """
    numeral = Token(str(value), str(value), value, "")
    found = False
    for span in find([numeral], tokens, _is_same):
        if not _is_inside(span, tokens, language):
            found = True
            yield span
    for form in _forms(value, language) if not found else ():
        for span in find(form, tokens, _is_same):
            if not _is_inside(span, tokens, language):
                yield span


def _is_same(part: Token, token: Token) -> bool:
    return (part.value, part.value or part.folded) == (token.value, token.value or token.folded)


def _is_inside(span: Span, tokens: Sequence[Token], language: str) -> bool:
    """Tell whether a number goes on before or after a span."""
    start, end = span
    return any(
        _goes_on(tokens[at - 1], tokens[at], language)
        for at in (start, end)
        if 0 < at < len(tokens) and is_joined(tokens[at])
    )


def _goes_on(token: Token, after: Token, language: str) -> bool:
    """Tell whether two adjacent words are words of one number."""
    if after.value is not None:
        return False
    if token.value is not None:
        names = _scales(language)
        return after.folded in names if after.before else after.text in names
    return _is_in_one_number(token.folded, after.folded, language)


@lru_cache
def _is_in_one_number(first: str, second: str, language: str) -> bool:
    """Tell whether two words stand side by side in the sum or the product of their numbers."""
    values = _base_words(language)
    if first not in values or second not in values:
        return False
    a, b = values[first], values[second]
    return any(
        (first, second) in pairwise(words)
        for number in (a + b, a * b)
        for form in _spelled(number, language)
        for words in [[token.folded for token in form]]
    )


@lru_cache
def _base_words(language: str) -> dict[str, int]:
    """Return the words that numbers are made of → their numbers."""
    return {
        form[-1].folded: number  # "hundred" of "one hundred"
        for number in (*UNITS, *POWERS)
        for form in _spelled(number, language)
        if len(form) == 1 or number in POWERS
    }


@lru_cache
def _scales(language: str) -> set[str]:
    """Return the words and signs that multiply a numeral before them, such as million and M."""
    if (locale := load_locale(language)) is None:
        return set()
    patterns = [
        str(pattern.pattern)
        for style in ("long", "short")
        for by_size in locale.compact_decimal_formats[style].values()
        for pattern in by_size.values()
    ]
    names = {token.text for pattern in patterns for token in divide(pattern, language)}
    return {name for name in names if not name.isdecimal()}


@lru_cache
def _forms(value: Decimal, language: str) -> list[list[Token]]:
    """Return the ways to write a number with words."""
    forms = _spelled(int(value), language) if value == int(value) else []
    if (locale := load_locale(language)) is not None and abs(value) < LARGEST:
        from babel.numbers import format_compact_decimal

        digits = len(value.as_tuple().digits)
        for style in ("long", "short"):
            text = format_compact_decimal(
                value,
                format_type=style,
                locale=locale,
                fraction_digits=digits,
            )
            forms.append(divide(text, language))
    return forms


def _spelled(number: int, language: str) -> list[list[Token]]:
    """Return the words for a number: how many, the how manieth, and as a year."""
    engine = _spelling(language)
    if engine is None or abs(number) >= LARGEST:
        return []
    names = [
        name
        for name, rules in engine.rulesets.items()
        if name.startswith("spellout") and not rules.is_private
    ]
    texts = engine.format_number(number, ruleset_names=names).text_by_ruleset.values()
    return [divide(text, language) for text in dict.fromkeys(texts)]
