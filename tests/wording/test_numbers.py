"""Numbers are found in digits and in words, as CLDR writes them, and not inside of others."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unicode_rbnf import RbnfEngine

from kaiju_graph.wording.numbers import WORDS, divide, find_number, has_rules


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
        ("2", "2 films, and two more"),
        # Not in CLDR: articles that mean 1, and other words for numbers.
        ("1", "A year after the battle"),
        ("1", "in an hour"),
        ("100", "a hundred men"),
        ("1000000", "a million dollars"),
        ("2", "It was shown twice."),
        ("2", "Both attack."),
        ("12", "a dozen pods"),
        ("0.5", "half of them"),
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
        ("1", "a film"),
        ("1", "a hundred men"),
        ("1", "a second hive"),
        ("1", "a 2nd hive"),
        ("3", "twice"),
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


def test_every_other_word_is_found_and_missed_by_the_rules() -> None:
    engine = RbnfEngine.for_language("en")
    for word, number in WORDS["en"].items():
        assert stands(str(number), word)
        assert word not in engine.format_number(int(number)).text_by_ruleset.values()


def test_digits_in_an_unknown_language_do_not_depend_on_the_locale_of_the_user(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for locale in ("de_DE", "en_US"):
        monkeypatch.setenv("LC_NUMERIC", locale)
        assert [token.text for token in divide("1.096 of 1,096", "x-none")] == [
            *("1", "096", "of"),
            *("1", "096"),
        ]
