"""Terms are compared by their values, as far as engines may write them differently."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from kaiju_graph.rdf.lexical_spaces import EXACT
from kaiju_graph.rdf.terms import XSD
from kaiju_graph.remote.values import value

LONG = "1" * 40


def _value(text: str, datatype: str) -> object:
    return value(ox.Literal(text, datatype=ox.NamedNode(datatype)))


@pytest.mark.parametrize("datatype", sorted(EXACT))
def test_zeros_and_a_sign_change_no_number(datatype: str) -> None:
    assert _value("+007", datatype) == _value("7", datatype) != _value("70", datatype)
    assert _value("-0", datatype) == _value("0", datatype)
    assert _value(f"{LONG}1", datatype) != _value(f"{LONG}2", datatype)


@pytest.mark.parametrize(
    ("one", "other", "name", "same"),
    [
        ("1.50", "1.5", "decimal", True),
        ("1.5E1", "15.0", "double", True),
        ("1E400", "2E400", "double", False),
        ("INF", "INF", "float", True),
        ("1_000", "1000", "integer", False),
        ("1", "true", "boolean", True),
        ("1", "01", "string", False),
        ("2000-01-01", "2000-01-02", "date", False),
    ],
)
def test_equal_literals_are_equal_values(one: str, other: str, name: str, same: bool) -> None:  # noqa: FBT001 (a column of the table)
    assert (_value(one, XSD + name) == _value(other, XSD + name)) == same


def test_case_of_a_language_tag_does_not_matter() -> None:
    assert value(ox.Literal("a", language="en-US")) == value(ox.Literal("a", language="en-us"))
    assert value(ox.Literal("a", language="en")) != value(ox.Literal("a"))
