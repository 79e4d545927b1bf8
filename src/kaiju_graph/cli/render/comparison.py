"""How the answers of an engine compare, as text, JSON or CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaiju_graph.cli.render.text import json_text, quantity
from kaiju_graph.sparql.results import comma_separated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kaiju_graph.remote.check import Comparison, Row
    from kaiju_graph.remote.engine import DefaultGraph

__all__ = ["render"]

FEW = 3
"""How many rows of a difference the text shows."""


def render(
    default: DefaultGraph,
    missing: Sequence[str],
    compared: Sequence[Comparison],
    form: str,
    *,
    merged: bool,
) -> str:
    """Return what an engine is like, and how its answers compare.

    Args:
        default: its default graph.
        missing: the forms and functions of SPARQL 1.1 that it lacks.
        compared: the comparison of each question.
        form: ``text``, ``json`` or ``csv``.
        merged: whether requests name the merge, because it is a named graph there.
    """
    if form == "csv":
        rows = ((each.question, each.verdict, each.reason) for each in compared)
        return comma_separated(("question", "verdict", "reason"), rows)
    counts = {
        verdict: sum(each.verdict == verdict for each in compared)
        for verdict in ("same", "differs", "error")
    }
    if form == "json":
        return json_text(
            {
                "defaultGraph": default.name,
                "mergeIsNamed": merged,
                "missing": list(missing),
                "counts": counts,
                "questions": [each._asdict() for each in compared],
            }
        )
    lines = [f"default graph: {default.words}"]
    if merged:
        lines.append("merge: a named graph, which each request names")
    lines.append(f"not as in SPARQL 1.1: {', '.join(missing) or 'nothing that was tried'}")
    blocks = ["".join(f"{line}\n" for line in lines)]
    blocks += [
        f"{each.question}: {each.verdict}: {each.reason}\n"
        + _rows("-", each.missing)
        + _rows("+", each.more)
        for each in compared
        if each.verdict != "same"
    ]
    total = quantity(len(compared), "question")
    figures = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    return "\n".join(blocks) + f"\n{total}: {figures}\n"


def _rows(sign: str, rows: Sequence[Row]) -> str:
    lines = [
        f"  {sign} " + " | ".join("" if cell is None else cell[:2][-1] for cell in row) + "\n"
        for row in rows[:FEW]
    ]
    if len(rows) > FEW:
        lines.append(f"  {sign} … {len(rows) - FEW:,} more\n")
    return "".join(lines)
