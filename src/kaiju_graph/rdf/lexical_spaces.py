"""Decide which literals are well-formed by XSD 1.1, with Oxigraph and ``elementpath``."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from kaiju_graph.rdf.terms import XSD

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["EXACT", "INEXACT", "is_well_formed"]

EXACT = frozenset(
    XSD + name
    for name in """byte decimal int integer long negativeInteger nonNegativeInteger
    nonPositiveInteger positiveInteger short unsignedByte unsignedInt unsignedLong
    unsignedShort""".split()
)
"""``xsd:decimal`` and the datatypes derived from it (XSD 1.1, part 2, section 3)."""
INEXACT = frozenset(XSD + name for name in ("double", "float"))
CONTROL = re.compile(r"[\t\r\n]")
NOT_COLLAPSED = re.compile(r"\A |[\t\r\n]|  | \Z")
"""What the text of a datatype whose white space is collapsed does not have."""
BINARY = ("hexBinary", "base64Binary")
"""The datatypes whose texts have a number of digits that matters."""
HEX = re.compile("([0-9a-fA-F]{2})*")
"""The lexical space of hexBinary (XSD 1.1, part 2, section 3.3.15.2)."""
TIMES = ("dateTime", "dateTimeStamp", "time")
PAST_MIDNIGHT = re.compile(r"(?:\A|T)24:00:00\.0*[1-9]")
"""A time after the end of a day (XSD 1.1, part 2, endOfDayFrag); elementpath cuts fractions."""
DURATIONS = {
    "dayTimeDuration": re.compile(r"[^YM]*(T.*)?"),
    "yearMonthDuration": re.compile(r"[^DT]*"),
}
"""Datatype → the pattern that it adds to duration's (XSD 1.1, part 2, sections 3.4.26 and 3.4.27).

elementpath looks at the value, so that it takes "P0Y" for a dayTimeDuration.
"""
LONG_YEAR = re.compile(r"\A-?[1-9][0-9]*([0-9]{4})(?=-[0-9]{2}-[0-9]{2})")
LONG_NUMBER = re.compile(r"(0?)0*([0-9]{30})[0-9]*")


def is_well_formed(literal: ox.Literal) -> bool:
    """Tell whether a literal's text is in the lexical space of its datatype (XSD 1.1, part 2).

    Every literal of a datatype that XSD does not define counts as well-formed.

    >>> number = ox.NamedNode(f"{XSD}integer")
    >>> [is_well_formed(ox.Literal(text, datatype=number)) for text in ("1996", "+07", "1_000")]
    [True, True, False]
    """
    datatype = literal.datatype.value
    if not datatype.startswith(XSD) or datatype == f"{XSD}string":
        return True
    text, name = literal.value, datatype.removeprefix(XSD)
    if (CONTROL if name == "normalizedString" else NOT_COLLAPSED).search(text):
        return False
    # Most literals are canonical, every article has a hash, and elementpath is slow to load.
    if _cast(literal) == text or (name == "hexBinary" and HEX.fullmatch(text)):
        return True
    from elementpath.datatypes import builtin_atomic_types

    types: Mapping[str, Any] = builtin_atomic_types
    # elementpath 5 refuses ".5" as a float, which has the texts of a double.
    known = types.get(f"xs:{'double' if name == 'float' else name}")
    if known is None:
        return True
    if name not in BINARY:
        text = _shorten(text)
    try:
        # The first checks the value (300 is not a byte), the second the lexical form.
        getattr(known, "fromstring", known)(text)
    except ValueError:
        return False
    except ArithmeticError:  # XSD has no largest year or duration, but Python has
        pass
    is_past_midnight = name in TIMES and PAST_MIDNIGHT.search(literal.value)
    has_other_units = name in DURATIONS and not DURATIONS[name].fullmatch(text)
    return bool(known.is_valid(text)) and not (is_past_midnight or has_other_units)


def _shorten(text: str) -> str:
    """Return a text with at most 31 digits in a row, which is well-formed if the given one is.

    XSD has no longest number, but Python has. 30 digits are beyond all bounds (the bound of
    unsignedLong has 20). One leading zero is kept, which a year of more than four digits must not
    have.

    >>> [_shorten("9" * 5000), _shorten("-" + "0" * 5000 + "7")] == ["9" * 30, f"-{'0' * 30}7"]
    True
    """
    return LONG_NUMBER.sub(r"\1\2", LONG_YEAR.sub(_short_year, text))


def _short_year(found: re.Match[str]) -> str:
    """Return a year with the same days as another: the calendar repeats after 400 years."""
    return str(2000 + int(found[1]) % 400)


@lru_cache(maxsize=2**12)
def _cast(literal: ox.Literal) -> str | None:
    """Return the text of a literal as Oxigraph casts it to its datatype; None if it cannot."""
    text = ox.Literal(literal.value)
    try:
        rows: Any = ox.Store().query(f"SELECT ({literal.datatype}({text}) AS ?cast) {{}}")
        value = next(rows)["cast"]
    except RuntimeError:  # Oxigraph does not cast to this datatype
        return None
    return None if value is None else str(value.value)
