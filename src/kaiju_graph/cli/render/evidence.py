"""An answer with its evidence, in one of the result formats.

A table has footnotes. Any other format has one more variable, ``evidence``: the IRIs of the graphs
that support a row, separated by spaces; then ``absence`` if the row depends on something not being
in the graph, and ``not-traced`` if its evidence is incomplete. Of a boolean, JSON has them as links
(SPARQL 1.1 Query Results JSON Format, section 3.1.2).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.cli.render.text import wrap
from kaiju_graph.errors import UsageError
from kaiju_graph.sparql import results
from kaiju_graph.sparql.label_columns import make_solutions

if TYPE_CHECKING:
    from kaiju_graph.evidence.grounds import Grounds
    from kaiju_graph.evidence.rows import Evidence, Rows

__all__ = ["render_rows"]

COLUMN = "evidence"
OF_BOOLEANS = ("table", "json")
"""The formats that hold the evidence of a boolean."""


def render_rows(rows: Rows, form: str | None, grounds: Grounds, width: int = 0) -> str:
    """Return an answer with its evidence as text.

    Args:
        rows: the answer.
        form: one of ``results.FORMATS``; None means a table on a terminal and for a boolean, else
            CSV.
        grounds: finds the words of passages.
        width: columns of the terminal, in cells; 0 where there is none.

    Raises:
        UsageError: the format does not hold such an answer.
    """
    if form is None:
        form = "table" if width or rows.form == "ASK" else "csv"
    if rows.form == "ASK" and form not in OF_BOOLEANS:
        expected = ", ".join(OF_BOOLEANS)
        raise UsageError(f"{form} does not hold the evidence of a boolean; use {expected}")
    if rows.form == "ASK" and form == "json":
        links = [graph.value for _, evidence in rows.rows for graph in evidence.graphs]
        document = {"head": {"link": links}, "boolean": bool(rows.rows)}
        return f"{json.dumps(document, ensure_ascii=False, separators=(',', ':'))}\n"
    if form != "table":
        cells = [_cell(evidence, [g.value for g in evidence.graphs]) for _, evidence in rows.rows]
        return results.write(_solutions(rows, cells), form, grounds.project, width)
    numbers: dict[ox.NamedNode, int] = {}
    for _, evidence in rows.rows:
        for graph in evidence.graphs:
            numbers.setdefault(graph, len(numbers) + 1)
    marks = [
        _cell(evidence, list(map(str, sorted(numbers[graph] for graph in evidence.graphs))))
        for _, evidence in rows.rows
    ]
    if rows.form == "ASK":
        text = f"true  {marks[0]}\n" if marks else "false\n"
    else:
        text = results.write(_solutions(rows, marks), form, grounds.project, width)
    return text + "".join(
        _footnote(grounds, graph, number, width) for graph, number in numbers.items()
    )


def _cell(evidence: Evidence, graphs: list[str]) -> str:
    marks = ["absence"] * bool(evidence.absent) + ["not-traced"] * bool(evidence.untraced)
    return " ".join([*graphs, *marks])


def _solutions(rows: Rows, cells: list[str]) -> ox.QuerySolutions:
    """Return rows with the column of evidence as solutions of Oxigraph, for the writers.

    Raises:
        UsageError: the query has a variable of that name.
    """
    if COLUMN in rows.variables:
        raise UsageError(
            f"found the variable ?{COLUMN}; expected another name, which no column has yet"
        )
    with_cells = (
        row | {COLUMN: ox.Literal(cell)} for (row, _), cell in zip(rows.rows, cells, strict=True)
    )
    return make_solutions([*rows.variables, COLUMN], with_cells)


def _footnote(grounds: Grounds, graph: ox.NamedNode, number: int, width: int) -> str:
    ground = grounds.graph_ground(graph)
    name = grounds.project.prefixes.shorten(graph.value)
    under = f", under “{ground.section}”" if ground.section else ""
    words = ground.quote or ground.source or ground.layer
    head = wrap(f"[{number}] {name}{under}", width)
    return head + wrap(" ".join(words.split()), width, " " * 4, " " * 4)
