"""Find a number in a text, in digits or in words, by the rules of CLDR for its language.

Babel has the rules for digits ("6,500,000") and for short forms ("6.5 million"), unicode-rbnf those
for words ("second"; Unicode Technical Standard 35, part 3, Rule-Based Number Formatting). What CLDR
does not have, such as "twice" and "a year", stands in ``WORDS`` and ``ARTICLES``.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from itertools import chain, pairwise
from typing import TYPE_CHECKING

from kaiju_graph.wording.tokens import Span, Token, find, is_joined, tokenize

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from babel import Locale
    from unicode_rbnf import RbnfEngine

__all__ = ["ARTICLES", "WORDS", "divide", "find_number", "has_rules", "load_locale"]

UNITS = (*range(21), *range(30, 100, 10))
POWERS = (10**2, 10**3, 10**6, 10**9, 10**12)
"""The numbers whose words other numbers are made of, as in "two hundred thirty"."""
LARGEST = 10**15
"""Numbers from here on are sought in digits only; nobody writes them out."""
WORDS = {
    "en": {
        word: Decimal(value)
        for word, value in (
            pair.split("/")
            for pair in """half/0.5 once/1 single/1 both/2 couple/2 double/2 pair/2 twice/2 thrice/3
            triple/3 dozen/12""".split()
        )
    }
}
"""Language → words for numbers that CLDR does not have → their numbers."""
ARTICLES = {"en": {"a": "one", "an": "one"}}
"""Language → articles that are not its word for 1, but mean it in "a year" and "a hundred"."""
MEASURES = """century day decade hour kilogram kilometer meter mile minute month ton week
year""".split()
"""The units, by their names in CLDR, before which an article means 1; not "a second", a number."""


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
        return RbnfEngine.for_language(_primary(language))
    except ValueError:
        return None


def _primary(language: str) -> str:
    """Return the first subtag of a language tag (BCP 47)."""
    return language.partition("-")[0].lower()


def divide(text: str, language: str) -> list[Token]:
    """Return the words and numerals of a text in a language.

    >>> [token.text for token in divide("$6.5 million in 1.096", "en")]
    ['6.5', 'million', 'in', '1.096']
    """

    def read_numeral(digits: str) -> Decimal | None:
        from babel.numbers import NumberFormatError, parse_decimal

        if (locale := load_locale(language)) is None:  # of which Babel would take the user's
            return None
        try:
            return parse_decimal(digits, locale=locale, strict=True)
        except NumberFormatError:
            return None

    return tokenize(text, read_numeral)


def find_number(value: Decimal, tokens: Sequence[Token], language: str) -> Iterator[Span]:
    """Yield where a number stands in a text, in digits or in words, but not inside of another one.

    >>> tokens = divide("five of twenty-five films, the 10th for $6.5 million", "en")
    >>> [list(find_number(Decimal(n), tokens, "en")) for n in ("5", "10", "6.5", "6500000")]
    [[(0, 1)], [(6, 7)], [], [(9, 11)]]
    """
    tokens = _read_articles(tokens, language)
    numeral = Token(str(value), str(value), value, "")
    forms = chain([[numeral]], _forms(value, language))
    found: set[Span] = set()
    for span in chain.from_iterable(find(form, tokens, _is_same) for form in forms):
        if span not in found and not _is_inside(span, tokens, language):
            found.add(span)
            yield span


def _read_articles(tokens: Sequence[Token], language: str) -> Sequence[Token]:
    """Return the words of a text with 1 in the place of each article that means it."""
    articles = ARTICLES.get(_primary(language), {})
    if not any(token.folded in articles for token in tokens):
        return tokens
    counted = _counted_words(language)
    return [
        token._replace(folded=articles[token.folded])
        if token.folded in articles and after.value is None and after.folded in counted
        else token
        for token, after in pairwise((*tokens, Token("", "", None, "")))
    ]


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
def _counted_words(language: str) -> set[str]:
    """Return the words for one of each of ``MEASURES`` and of the powers of ten."""
    if (locale := load_locale(language)) is None:
        return set()
    from babel.units import format_unit

    texts = [format_unit(1, unit, "long", locale=locale) for unit in MEASURES]
    forms = [divide(text, language) for text in texts]
    forms += [form for number in POWERS for form in _spelled(number, language)]
    return {form[-1].folded for form in forms}


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
    words = WORDS.get(_primary(language), {})
    forms += [divide(word, language) for word, number in words.items() if number == value]
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
