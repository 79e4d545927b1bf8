"""Dates are found in any order of their parts, and not made of the parts of several."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaiju_graph.wording.dates import find_date, read_date
from kaiju_graph.wording.numbers import divide

MONTHS = """January February March April May June July August September October November
December""".split()


def stands(text: str, date: str, datatype: str = "date", language: str = "en") -> bool:
    parts = read_date(date, datatype)
    assert parts
    return bool(find_date(parts, divide(text, language), language))


@pytest.mark.parametrize(
    ("text", "date", "datatype", "language"),
    [
        ("on July 13, 1996, in Japan", "1996-07-13", "date", "en"),
        ("on 13 July 1996", "1996-07-13", "date", "en"),
        ("on the 13th of July, 1996", "1996-07-13", "date", "en"),
        ("(1996-07-13)", "1996-07-13", "date", "en"),
        ("on Jul 13, 1996", "1996-07-13", "date", "en"),
        ("began in 1995.", "1995", "gYear", "en"),
        ("in the 1990s", "1990", "gYear", "en"),
        ("in July 1996", "1996-07", "gYearMonth", "en"),
        ("every July 13", "--07-13", "gMonthDay", "en"),
        ("every July", "--07", "gMonth", "en"),
        ("am 13. Juli 1996", "1996-07-13", "date", "de"),
        ("am 13.07.1996", "1996-07-13", "date", "de"),
        ("le 13 juillet 1996", "1996-07-13", "date", "fr"),
        ("1996年7月13日に公開", "1996-07-13", "date", "ja"),
    ],
)
def test_date_is_found_as_it_is_written(text: str, date: str, datatype: str, language: str) -> None:
    assert stands(text, date, datatype, language)


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("on July 13, 1996, and on May 6, 2003", "1996-05-06"),
        ("on July 13, 1996, and on May 6, 2003", "2003-07-13"),
        ("13 of 7 films in 1996", "1996-07-13"),
        ("in July 1996", "1996-07-07"),
        ("on July 13", "1996-07-13"),
    ],
)
def test_date_is_not_made_of_parts_of_others(text: str, date: str) -> None:
    assert not stands(text, date)


DATES = st.dates(dt.date(1000, 1, 1))
ORDERS = st.sampled_from(["{1} {0} {2}", "{0} {1}, {2}", "the {1}th of {0} {2}"])


@given(DATES, DATES, ORDERS)
def test_date_in_words_is_found_and_no_other(date: dt.date, other: dt.date, order: str) -> None:
    day = order.format(MONTHS[date.month - 1], date.day, date.year)
    text = f"It was released on {day} in cinemas."
    assert stands(text, date.isoformat())
    assert stands(text, other.isoformat()) == (other == date)
