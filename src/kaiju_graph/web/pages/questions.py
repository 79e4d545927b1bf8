"""The page of a question: its words, its parameters, its answer with evidence, its text."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.evidence.rows import evidence_note
from kaiju_graph.rdf import write
from kaiju_graph.rdf.formats import FORMATS as GRAPH_FORMATS
from kaiju_graph.sparql import results
from kaiju_graph.sparql.parameters import find_values
from kaiju_graph.web.pages import answers
from kaiju_graph.web.pages.content import Link, Notes

if TYPE_CHECKING:
    from kaiju_graph.rdf.terms import Term
    from kaiju_graph.sparql.questions import Question
    from kaiju_graph.web.pages.content import Content

__all__ = ["Choice", "QuestionPage", "Row", "read_question"]

MAX_ROWS = 100
"""How many rows a page shows; the files of the answer have all."""
MAX_VALUES = 200
"""How many values of a parameter a page shows."""
JSON = ox.QueryResultsFormat.JSON
FOR_TERMINALS = "table"
"""The format that is no file for others."""


class Choice(NamedTuple):
    """A parameter, its type, and the values that some row has."""

    name: str
    type: str
    values: list[Link]
    left: int
    """How many more values there are."""


class Row(NamedTuple):
    """A row of an answer: its cells, and the graphs that support it."""

    cells: list[Link]
    graphs: tuple[ox.NamedNode, ...]


class QuestionPage(NamedTuple):
    """The page of a question."""

    question: Question
    description: str
    choices: list[Choice]
    variables: tuple[str, ...]
    rows: list[Row]
    total: int
    """How many rows the answer has."""
    remark: str
    """What the evidence leaves out."""
    turtle: str
    """The answer, if it is a graph."""
    is_boolean: bool
    code: str
    files: dict[str, str]
    """Name of a format → address of the answer in it."""
    notes: Notes


def read_question(content: Content, question: Question) -> tuple[QuestionPage, dict[str, bytes]]:
    """Return the page of a question, and the files of its answer: address → content."""
    kg, project = content.kg, content.kg.project
    origin = f"queries/{question.name}.rq"
    notes = Notes(content)
    rows: list[Row] = []
    variables: tuple[str, ...] = ()
    turtle, remark, total, is_boolean = "", "", 0, False
    texts: dict[str, str] = {}
    with warnings.catch_warnings(action="ignore"):  # kaiju ask gives them
        answer = kg.answer(question.text, origin)
        if isinstance(answer, list):
            for form in GRAPH_FORMATS:
                texts[form] = write.write(answer, form, project)
            turtle, total = texts["turtle"], len(answer)
        else:
            is_boolean = isinstance(answer, ox.QueryBoolean)
            kept = answer.serialize(format=JSON) or b""  # solutions can be read only once
            for form in results.BOOLEANS if is_boolean else results.SOLUTIONS:
                if form != FOR_TERMINALS:
                    copy = ox.parse_query_results(kept, format=JSON)
                    texts[form] = results.write(copy, form, project)
            traced = answers.trace(kg, content.entry, question.text, origin, rows=MAX_ROWS)
            variables = traced.variables
            total = texts["jsonl"].count("\n")
            for row, evidence in traced.rows:
                cells = [_cell(content, row.get(name, "")) for name in variables]
                rows.append(Row(cells, notes.add(evidence.graphs)))
            remark = evidence_note(traced)
    formats = {name: form.ending for name, form in results.FORMATS.items()}
    formats |= {name: form.endings[0] for name, form in GRAPH_FORMATS.items()} if turtle else {}
    base = content.question_pages[question.name].removesuffix(".html")
    files = {form: f"{base}{formats[form]}" for form in texts}
    code = re.sub(r"\A(?:#\+.*\n)*\n*", "", question.text)
    page = QuestionPage(
        question,
        question.description,
        [_choice(content, question, at) for at in range(len(question.parameters))],
        variables,
        rows,
        total,
        remark,
        turtle,
        is_boolean,
        code,
        files,
        notes,
    )
    return page, {files[form]: text.encode() for form, text in texts.items()}


def _choice(content: Content, question: Question, at: int) -> Choice:
    parameter = question.parameters[at]
    values = find_values(question, parameter, content.kg.store, content.kg.project)
    shown = list(values.items())[:MAX_VALUES]
    links = [content.link(term)._replace(text=text) for text, term in shown]
    return Choice(parameter.name, parameter.type, links, len(values) - len(shown))


def _cell(content: Content, value: Term | str) -> Link:
    """Return a value as a link; a label leads to the one thing that has it as a name."""
    link = content.link(value)
    things = content.names.things.get(link.text, ()) if isinstance(value, ox.Literal) else ()
    pages = [content.addresses.get(thing, "") for thing in things]
    own = [page for page in pages if page.startswith(("thing/", "article/"))]
    return link._replace(address=own[0]) if len(own) == 1 else link
