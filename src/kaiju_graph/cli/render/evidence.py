"""Stage 12, beside showing: an answer with its evidence → text in one of the result formats.

A table has footnotes. Any other format has one more variable, ``evidence``: the IRIs of the graphs
that a row stands on, with a space between two; then ``absence`` where the row stands on something
not being there, and ``not-traced`` where part of it is not traced.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.cli.render.text import wrap
from kaiju_graph.errors import UsageError
from kaiju_graph.sparql import results
from kaiju_graph.sparql.labels import make_solutions

if TYPE_CHECKING:
    from kaiju_graph.evidence.grounds import Grounds
    from kaiju_graph.evidence.rows import Evidence, Rows

__all__ = ["evidence_note", "render_rows"]

COLUMN = "evidence"


def render_rows(rows: Rows, form: str | None, grounds: Grounds, width: int = 0) -> str:
    """Return an answer with its evidence as text.

    Args:
        rows: the answer.
        form: one of ``formats.SOLUTIONS``; None takes a table on a terminal and for a boolean, else
            CSV.
        grounds: has the words of passages.
        width: columns of the terminal, in cells; 0 where there is none.

    Raises:
        UsageError: the format does not hold such an answer.
    """
    if form is None:
        form = "table" if width or rows.form == "ASK" else "csv"
    if rows.form == "ASK" and form != "table":
        raise UsageError(f"{form} does not hold the evidence of a boolean; use table")
    if form != "table":
        cells = (_cell(found, [graph.value for graph in found.graphs]) for _, found in rows.rows)
        return results.write(_solutions(rows, list(cells)), form, grounds.project, width)
    numbers: dict[ox.NamedNode, int] = {}
    for _, found in rows.rows:
        for graph in found.graphs:
            numbers.setdefault(graph, len(numbers) + 1)
    marks = [
        _cell(found, [str(number) for number in sorted(map(numbers.__getitem__, found.graphs))])
        for _, found in rows.rows
    ]
    if rows.form == "ASK":
        shown = f"true  {marks[0]}\n" if marks else "false\n"
    else:
        shown = results.write(_solutions(rows, marks), form, grounds.project, width)
    return shown + "".join(
        _footnote(grounds, graph, number, width) for graph, number in numbers.items()
    )


def evidence_note(rows: Rows) -> str:
    """Return in one line what the marks ``absence`` and ``not-traced`` of some rows mean."""
    absent = sorted({what for _, evidence in rows.rows for what in evidence.absent})
    untraced = sorted({what for _, evidence in rows.rows for what in evidence.untraced})
    notes = []
    if absent:
        notes.append(
            f"absence: some rows depend on something not being in the graph ({', '.join(absent)})"
        )
    if untraced:
        notes.append(
            "not-traced: the evidence of some rows is incomplete, because the answer does not "
            f"show the triples behind {', '.join(untraced)}"
        )
    return "; ".join(notes)


def _cell(found: Evidence, graphs: list[str]) -> str:
    marks = ["absence"] * bool(found.absent) + ["not-traced"] * bool(found.untraced)
    return " ".join([*graphs, *marks])


def _solutions(rows: Rows, cells: list[str]) -> ox.QuerySolutions:
    """Return rows with one more column as Oxigraph has them, which writes every format.

    Raises:
        UsageError: the rows have a column of that name.
    """
    if COLUMN in rows.variables:
        raise UsageError(
            f"found the variable ?{COLUMN}; expected another, as evidence has its name"
        )
    with_cells = (
        row | {COLUMN: ox.Literal(cell)} for (row, _), cell in zip(rows.rows, cells, strict=True)
    )
    return make_solutions([*rows.variables, COLUMN], with_cells)


def _footnote(grounds: Grounds, graph: ox.NamedNode, number: int, width: int) -> str:
    ground = grounds.of_graph(graph)
    name = grounds.project.prefixes.shorten(graph.value)
    under = f", under “{ground.section}”" if ground.section else ""
    words = ground.quote or ground.source or ground.layer
    head = wrap(f"[{number}] {name}{under}", width)
    return head + wrap(" ".join(words.split()), width, " " * 4, " " * 4)
