"""Lengths of time are found by the names of their units in CLDR."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kaiju_graph.wording.durations import find_duration
from kaiju_graph.wording.numbers import divide


def stands(number: int, text: str, language: str = "en") -> bool:
    return any(find_duration(Decimal(number), divide(text, language), language))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("It lasts 1 h 43 min.", "en"),
        ("1h43m", "en"),
        ("1 hour and 43 minutes", "en"),
        ("1 hr., 43 mins.", "en"),
        ("1 Stunde und 43 Minuten", "de"),
        ("1 Std. 43 Min.", "de"),
        ("1\u00a0h 43\u202fmin", "fr"),
        ("1時間43分", "ja"),
    ],
)
def test_sum_of_units_is_found_in_the_smallest(text: str, language: str) -> None:
    assert stands(103, text, language)
    assert stands(6180, text, language)
    assert not stands(104, text, language)
    assert not stands(43, text, language)


def test_length_is_found_in_a_smaller_unit_only() -> None:
    assert stands(120, "2 hours long")
    assert not stands(2, "120 minutes long")
    assert not stands(120, "2 men in 1 hour")


def test_units_that_do_not_fall_are_several_lengths() -> None:
    assert not stands(103, "43 minutes in 1 hour")
    assert not stands(103, "43 minutes, 1 hour")
