"""The list of stored questions and the hits of a search, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaiju_graph.cli.render.text import columns, json_text
from kaiju_graph.errors import UsageError
from kaiju_graph.evidence.search import NAMES
from kaiju_graph.sparql.markdown import code, escape
from kaiju_graph.sparql.results import comma_separated, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kaiju_graph.evidence.search import SearchHit
    from kaiju_graph.project.layout import Project
    from kaiju_graph.sparql.questions import Question

__all__ = ["render_hits", "render_questions"]


def render_questions(
    questions: list[Question], form: str, width: int = 0, topic: str | None = None
) -> str:
    """Return the list of stored questions, by topic.

    Args:
        questions: the questions, sorted by name.
        form: ``table``, ``csv``, ``markdown`` or ``json``.
        width: columns of the terminal; 0 where there is none.
        topic: the topic of all questions; None takes the first tag of each.

    Raises:
        UsageError: another format.
    """
    if form == "json":
        return json_text(
            [
                {
                    "name": question.name,
                    "summary": question.summary,
                    "also": list(question.also),
                    "description": question.description,
                    "tags": list(question.tags),
                    "parameters": {p.name: p.type for p in question.parameters},
                }
                for question in questions
            ]
        )
    if form == "csv":
        rows = (
            (question.name, question.summary, ", ".join(question.tags)) for question in questions
        )
        return comma_separated(("name", "summary", "tags"), rows)
    if form not in ("table", "markdown"):
        known = "table, csv, markdown, json, turtle"
        raise UsageError(f"{form} does not hold the list of questions; use {known}")
    topics: dict[str, list[Question]] = {}
    for question in questions:
        topics.setdefault(topic or (*question.tags, "other")[0], []).append(question)
    if form == "markdown":
        return "\n".join(
            f"**{escape(name)}**\n\n"
            + "".join(f"- {code(q.name)}: {escape(q.summary)}\n" for q in members)
            for name, members in sorted(topics.items())
        )
    size = max((len(question.name) for question in questions), default=0)
    return "\n".join(
        f"{name}\n" + columns(map(_question_row, members), width, size=size)
        for name, members in sorted(topics.items())
    )


def _question_row(question: Question) -> tuple[str, list[str]]:
    parameters = " ".join(f"[-p {parameter.name}=…]" for parameter in question.parameters)
    return question.name, [question.summary, parameters]


def render_hits(hits: Iterable[SearchHit], form: str, project: Project, width: int = 0) -> str:
    """Return the hits of a search: CURIE, text, classes, and the property if it is not a name.

    Args:
        hits: the hits, the best first.
        form: ``text`` (a table on a terminal, else separated by tabs), ``csv`` or ``json``.
        project: its prefixes shorten IRIs.
        width: columns of the terminal; 0 where there is none.
    """
    if form == "json":
        return json_text(
            [
                {
                    "thing": hit.thing.value,
                    "name": hit.name,
                    "property": hit.property.value,
                    "classes": [term.value for term in hit.classes],
                }
                for hit in hits
            ]
        )
    shorten = project.prefixes.shorten
    header = ("thing", "name", "classes", "property")
    rows = [
        (
            shorten(hit.thing.value),
            hit.name,
            ", ".join(shorten(term.value) for term in hit.classes),
            "" if hit.property in NAMES and form == "text" else shorten(hit.property.value),
        )
        for hit in hits
    ]
    if form == "csv":
        return comma_separated(header, rows)
    if width and rows:
        return _hits_table(header, rows, width)
    lines = ("\t".join(" ".join(cell.split()) for cell in row).rstrip("\t") for row in rows)
    return "".join(f"{line}\n" for line in lines)


def _hits_table(header: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> str:
    """Return a table whose CURIEs are whole, so that they can be copied, if that fits the width."""
    from rich.cells import cell_len

    columns = 4 if any(row[3] for row in rows) else 3
    header, rows = header[:columns], [row[:columns] for row in rows]
    kinds = [word for row in rows for text in row[2:] for word in text.split()]
    whole = [[row[0] for row in rows], (), *[kinds] * (columns - 2)]
    text = table(header, rows, width, whole)
    is_too_wide = any(cell_len(line) > width for line in text.splitlines())
    return table(header, rows, width) if is_too_wide else text
