"""Numbers are found in digits and in words, as CLDR writes them, and not inside of others."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaiju_graph.validation.wording.numbers import divide, find_number, has_rules


def stands(number: str, text: str, language: str = "en") -> bool:
    return any(find_number(Decimal(number), divide(text, language), language))


UNITS = "one two three four five six seven eight nine".split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
ORDINALS = "first second third fourth fifth sixth seventh eighth ninth".split()


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("2", "two attempts"),
        ("2", "a second hive"),
        ("3", "The three realize it."),
        ("10", "the 10th entry"),
        ("21", "the twenty-first film"),
        ("96", "96 minutes"),
        ("96", "ninety six minutes"),
        ("105", "one hundred and five men"),
        ("5000000", "$5 million"),
        ("6500000", "$6.5 million"),
        ("6500000", "$6.5M"),
        ("6500000", "6,500,000 dollars"),
        ("650000000", "¥650 million"),
        ("5000000", "five million"),
        ("6.5", "6.5 of 10"),
        ("1996", "nineteen ninety-six"),
        ("2", "the first two films"),
        ("-5", "minus five degrees"),
    ],
)
def test_number_is_found_as_it_is_written(number: str, text: str) -> None:
    assert stands(number, text)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("5", "$5 million"),
        ("5", "twenty-five"),
        ("20", "twenty-five"),
        ("5", "five hundred"),
        ("100", "five hundred"),
        ("5", "5M"),
        ("6", "$6.5 million"),
        ("6.5", "$6.5 million"),
        ("6500000", "$6.6 million"),
        ("500", "6,500,000 dollars"),
        ("1", "the 10th entry"),
        ("2", "another hive"),
    ],
)
def test_number_is_not_found_inside_of_another(number: str, text: str) -> None:
    assert not stands(number, text)


@pytest.mark.parametrize(
    ("number", "text", "language"),
    [
        ("6500000", "6,5 Millionen Dollar", "de"),
        ("1234567", "1.234.567 Zuschauer", "de"),
        ("21", "einundzwanzig Filme", "de"),
        ("2", "le deuxième film", "fr"),
        ("3", "三つの映画は三本", "ja"),
    ],
)
def test_language_of_the_quote_decides(number: str, text: str, language: str) -> None:
    assert stands(number, text, language)


def test_language_without_rules_is_known_as_such() -> None:
    assert [has_rules(tag) for tag in ("en", "en-GB", "ja", "und", "x-none", "!")] == [
        True,
        True,
        True,
        False,
        False,
        False,
    ]


@given(st.integers(1, 9), st.integers(0, 7), st.sampled_from([UNITS, ORDINALS]), st.integers(1, 99))
def test_number_in_words_is_found_and_no_other(
    unit: int, ten: int, words: list[str], other: int
) -> None:
    text = f"after {TENS[ten]}-{words[unit - 1]} attempts"
    number = 10 * (ten + 2) + unit
    assert stands(str(number), text)
    assert stands(str(other), text) == (other == number)
