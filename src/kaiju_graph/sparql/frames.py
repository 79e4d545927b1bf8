"""Answers as data frames of pandas and polars, and as HTML for notebooks.

A column has the type of its literals if all of them are valid and of one kind: integers and years,
decimals, floating-point numbers, booleans, dates, times with and without a zone. Any other column
is text: lexical forms and IRIs.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

from rdflib import Literal

from kaiju_graph.errors import UsageError
from kaiju_graph.rdf.lexical_spaces import EXACT
from kaiju_graph.rdf.terms import XSD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import pandas as pd
    import polars as pl

    from kaiju_graph.sparql.answer import Answer

__all__ = ["Column", "columns", "to_html", "to_pandas", "to_polars"]

MAX_ROWS, MAX_TEXT = 60, 300
"""How many rows and how many characters of a cell a notebook shows."""
TRIPLE = ("subject", "predicate", "object")
"""The columns of a graph."""
EVIDENCE = "evidence"
"""The kind of the column of evidence, and its name: the IRIs of passages and other graphs."""
INTEGERS = EXACT - {f"{XSD}decimal"}
"""``xsd:integer`` and the types derived from it."""
INTEGER, YEAR = re.compile(r"[+-]?\d{1,18}"), re.compile(r"-?\d{4,9}")
DECIMAL = re.compile(r"[+-]?(?:\d{1,19}(?:\.\d{0,18})?|\.\d{1,18})")
FLOAT = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[+-]?INF|NaN")
DATE = re.compile(r"\d{4}-\d\d-\d\d")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(Z|[+-]\d\d:\d\d)?")
BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
PANDAS = {
    "integer": "Int64",
    "decimal": "object",
    "double": "Float64",
    "boolean": "boolean",
    "date": "datetime64[s]",
    "time": "datetime64[us]",
    "instant": "datetime64[us, UTC]",
    "text": "string",
    EVIDENCE: "object",
}
"""Kind of a column → its type in pandas; decimals are Python's."""


class Column(NamedTuple):
    """A column: its name, the kind of its values (a key of ``PANDAS``), and the values."""

    name: str
    kind: str
    values: list[Any]
    """Python values; None where there is none."""


def columns(answer: Answer) -> list[Column]:
    """Return the columns of an answer.

    Raises:
        UsageError: the answer is a boolean.
    """
    if answer.boolean is not None:
        raise UsageError("found a boolean; expected rows or a graph")
    if answer.graph is not None:
        terms: Iterable[Sequence[Any]] = zip(*sorted(answer.graph), strict=True)
        cells = dict(zip(TRIPLE, [*terms] or [(), (), ()], strict=True))
    else:
        cells = {name: [row.get(name) for row in answer.rows] for name in answer.variables}
    found = [_column(name, terms) for name, terms in cells.items()]
    if answer.evidence is not None:
        own = [[citation.iri for citation in row] for row in answer.evidence]
        found.append(Column(_free_name(EVIDENCE, cells), EVIDENCE, own))
    return found


def to_pandas(answer: Answer) -> pd.DataFrame:
    """Return an answer as a data frame of pandas; see ``Answer.to_pandas``."""
    try:
        import pandas as pd
    except ModuleNotFoundError:
        raise _missing("pandas") from None
    found = columns(answer)
    return pd.DataFrame(
        {column.name: pd.Series(column.values, dtype=PANDAS[column.kind]) for column in found},
        columns=[column.name for column in found],
    )


def to_polars(answer: Answer) -> pl.DataFrame:
    """Return an answer as a data frame of polars; see ``Answer.to_polars``."""
    try:
        import polars as pl
    except ModuleNotFoundError:
        raise _missing("polars") from None
    types: Mapping[str, Any] = {
        "integer": pl.Int64,
        "decimal": None,  # that of the values, with their scale
        "double": pl.Float64,
        "boolean": pl.Boolean,
        "date": pl.Date,
        "time": pl.Datetime("us"),
        "instant": pl.Datetime("us", "UTC"),
        "text": pl.String,
        EVIDENCE: pl.List(pl.String),
    }
    return pl.DataFrame(
        [pl.Series(name, values, dtype=types[kind]) for name, kind, values in columns(answer)]
    )


def to_html(answer: Answer) -> str:
    """Return an answer as HTML: a table without script or style, in which all texts are escaped.

    A long answer is cut, with a note.
    """
    if answer.boolean is not None:
        return f"<p>{str(answer.boolean).lower()}</p>"
    if answer.graph is not None:
        names: Sequence[str] = TRIPLE
        rows: list[list[Any]] = [list(triple) for triple in sorted(answer.graph)[:MAX_ROWS]]
    else:
        names = answer.variables
        rows = [[row.get(name) for name in names] for row in answer.rows[:MAX_ROWS]]
    cells = [[_cell(term) for term in row] for row in rows]
    if answer.evidence is not None:
        names = [*names, _free_name(EVIDENCE, names)]
        for row, citations in zip(cells, answer.evidence, strict=False):
            row.append("<br>".join(_link(c.iri, _last(c.iri), c.sentence) for c in citations))
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    body = "".join(f"<tr>{''.join(f'<td>{c}</td>' for c in row)}</tr>\n" for row in cells)
    total = len(answer)
    more = " (to_pandas() and to_polars() have all)" if total > len(cells) else ""
    shown = f"{len(cells):,} of {total:,}" if more else f"{total:,}"
    kind = "row" if answer.graph is None else "triple"
    note = f"<p>{shown} {kind if total == 1 else f'{kind}s'}{more}</p>"
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>\n{note}"


def _column(name: str, terms: Sequence[Any]) -> Column:
    """Return a typed column, or one of text."""
    bound = [term for term in terms if term is not None]
    read = [_read(term) for term in bound]
    kinds = {kind for kind, _ in read}
    if len(kinds) == 1 and "text" not in kinds:
        values = iter([value for _, value in read])
        (kind,) = kinds
        return Column(name, kind, [None if term is None else next(values) for term in terms])
    return Column(name, "text", [None if term is None else str(term) for term in terms])


def _read(term: Any) -> tuple[str, Any]:
    """Return the kind and the value of a term."""
    datatype = str(getattr(term, "datatype", None) or "")
    text = str(term)
    if isinstance(term, Literal) and datatype.startswith(XSD):
        reader = READERS.get(datatype.removeprefix(XSD))
        try:
            if reader and (found := reader(text)):
                return found
        except ValueError:  # such as the 30th of February
            pass
    return "text", text


def _reader(
    kind: str, pattern: re.Pattern[str], make: Callable[[str], Any]
) -> Callable[[str], tuple[str, Any] | None]:
    return lambda text: (kind, make(text)) if pattern.fullmatch(text) else None


def _read_time(text: str) -> tuple[str, datetime] | None:
    match = TIME.fullmatch(text)
    if not match:
        return None
    value = datetime.fromisoformat(text)
    return ("instant", value.astimezone(UTC)) if match[1] else ("time", value)


READERS: dict[str, Callable[[str], tuple[str, Any] | None]] = {
    **dict.fromkeys((iri.removeprefix(XSD) for iri in INTEGERS), _reader("integer", INTEGER, int)),
    "gYear": _reader("integer", YEAR, int),
    "decimal": _reader("decimal", DECIMAL, Decimal),
    **dict.fromkeys(("double", "float"), _reader("double", FLOAT, float)),
    "boolean": _reader("boolean", re.compile("|".join(BOOLEANS)), BOOLEANS.__getitem__),
    "date": _reader("date", DATE, date.fromisoformat),
    "dateTime": _read_time,
}
"""Local name of a datatype of XML Schema → the function that returns the kind and the value."""


def _free_name(name: str, names: Iterable[str]) -> str:
    """Return a name that none of the others has."""
    while name in names:
        name += "_"
    return name


def _cell(term: Any) -> str:
    if term is None:
        return ""
    text = str(term)
    shown = text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}…"
    return escape(shown) if isinstance(term, Literal) else _link(text, shown)


def _link(iri: str, text: str, title: str = "") -> str:
    """Return a link; only addresses of the web are links."""
    hint = f' title="{escape(title)}"' if title else ""
    if iri.startswith(("http://", "https://")):
        return f'<a href="{escape(iri)}"{hint}>{escape(text)}</a>'
    return escape(text)


def _last(iri: str) -> str:
    from kaiju_graph.rdf.terms import last_segment

    return last_segment(iri) or iri


def _missing(library: str) -> UsageError:
    return UsageError(f"found no {library}; pip install 'kaiju-graph[{library}]' adds it")
