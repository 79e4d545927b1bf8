"""Find the number, date or length of time of a literal in a text, in digits or in words."""

from __future__ import annotations

from decimal import Decimal
from itertools import chain
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.rdf.lexical_spaces import EXACT, INEXACT, is_well_formed
from kaiju_graph.rdf.terms import XSD
from kaiju_graph.wording.dates import DATE_PATTERNS, find_date, read_date
from kaiju_graph.wording.durations import find_duration
from kaiju_graph.wording.numbers import find_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kaiju_graph.rdf.terms import Term
    from kaiju_graph.wording.tokens import Span, Token

__all__ = ["find_quantity", "find_value", "kind_of_value"]

NUMBERS = EXACT | INEXACT


def kind_of_value(term: Term) -> str:
    """Return "number" or "date" for a well-formed literal of such a datatype; otherwise, nothing.

    >>> integer, year = (ox.NamedNode(XSD + name) for name in ("integer", "gYear"))
    >>> kind_of_value(ox.Literal("7", datatype=integer))
    'number'
    >>> kind_of_value(ox.Literal("1996", datatype=year)), kind_of_value(ox.Literal("1996"))
    ('date', '')
    """
    if not isinstance(term, ox.Literal) or not is_well_formed(term):
        return ""
    datatype = term.datatype.value
    if datatype in NUMBERS:
        return "number" if Decimal(term.value).is_finite() else ""
    return "date" if datatype.removeprefix(XSD) in DATE_PATTERNS else ""


def find_value(term: Term, tokens: Sequence[Token], language: str) -> list[Span]:
    """Return where the value of a literal stands in a text; a date may stand without its year.

    >>> from kaiju_graph.wording.numbers import divide
    >>> date = ox.Literal("1996-07-13", datatype=ox.NamedNode(XSD + "date"))
    >>> tokens = divide("Three films were shown on July 13.", "en")
    >>> find_value(date, tokens, "en"), find_value(ox.Literal(3), tokens, "en")
    ([(5, 7)], [(0, 1)])
    """
    kind = kind_of_value(term)
    if kind == "number":
        return [*find_quantity(Decimal(term.value), tokens, language)]
    if kind != "date" or not isinstance(term, ox.Literal):
        return []
    date = read_date(term.value, term.datatype.value.removeprefix(XSD))
    if date is None:
        return []
    found = find_date(date, tokens, language)
    if not found and None not in date:
        return find_date(date._replace(year=None), tokens, language)
    return found


def find_quantity(value: Decimal, tokens: Sequence[Token], language: str) -> Iterator[Span]:
    """Yield where a number stands in a text, or a length of time that it counts in some unit.

    >>> from kaiju_graph.wording.numbers import divide
    >>> [*find_quantity(Decimal(103), divide("It lasts 1 h 43 min.", "en"), "en")]
    [(2, 6)]
    """
    return chain(find_number(value, tokens, language), find_duration(value, tokens, language))
