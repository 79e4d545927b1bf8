"""The page of a question: its words, its parameters, its answer with evidence, its text."""

from __future__ import annotations

import warnings
from functools import partial
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

import pyoxigraph as ox

from kaiju_graph.errors import UsageError
from kaiju_graph.evidence.rows import explain_marks
from kaiju_graph.rdf import write
from kaiju_graph.rdf.formats import FORMATS as GRAPH_FORMATS
from kaiju_graph.sparql import execute, results
from kaiju_graph.sparql.parameters import (
    explain_no_rows,
    find_label,
    find_row_values,
    find_values,
    numeric_order,
    parameter_terms,
)
from kaiju_graph.sparql.questions import MENTION
from kaiju_graph.web.pages import answers
from kaiju_graph.web.pages.content import MAX_ROWS, Link, Notes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kaiju_graph.project.layout import Project
    from kaiju_graph.rdf.terms import Term, Triple
    from kaiju_graph.sparql.execute import Result
    from kaiju_graph.sparql.parameters import RowValues
    from kaiju_graph.sparql.questions import Question
    from kaiju_graph.web.pages.content import Content

__all__ = ["Answer", "Choice", "QuestionPage", "Row", "read_question"]

MAX_VALUES = 200
"""How many values of a parameter a page shows."""
JSON = ox.QueryResultsFormat.JSON
XML = ("xml", "rdfxml")
FOR_TERMINALS = "table"
"""The format that is no file for others."""


class Answer(NamedTuple):
    """The answer of a question with values for some of its parameters, which can be read again."""

    text: str
    """The query."""
    content: bytes | list[Triple]
    """Triples, or solutions or a boolean as JSON."""
    forms: dict[str, str]
    """Ending of a file → the format that it has; each holds this answer."""
    project: Project

    @classmethod
    def find(cls, content: Content, question: Question, given: Mapping[str, str]) -> Answer:
        """Ask a question.

        Args:
            content: the graph.
            question: the question.
            given: parameter → its value; one without a value does not count.

        Raises:
            ParameterError: the question has no such parameter, or the value is not of its type.
            UnknownNameError: nothing has the name in a value.
        """
        kg = content.kg
        values = {name: value for name, value in given.items() if value}
        with warnings.catch_warnings(action="ignore"):  # kaiju ask gives them
            text = kg.bind(question, values)
            store, origin = kg.store_for(text), f"queries/{question.name}.rq"
            answer = execute.run(store, text, kg.project.prefixes, origin, explain=False)
            if isinstance(answer, list):
                forms = {form.endings[0]: name for name, form in GRAPH_FORMATS.items()}
                return cls(text, answer, forms, kg.project).without_unfit_xml()
            is_boolean = isinstance(answer, ox.QueryBoolean)
            names = results.BOOLEANS if is_boolean else results.SOLUTIONS
            kept = answer.serialize(format=JSON) or b""  # solutions can be read only once
        forms = {results.FORMATS[name].ending: name for name in names if name != FOR_TERMINALS}
        return cls(text, kept, forms, kg.project).without_unfit_xml()

    def without_unfit_xml(self) -> Answer:
        """Return the answer without a format of XML that cannot hold its characters or names."""
        forms = dict(self.forms)
        for ending, form in self.forms.items():
            if form in XML:
                try:
                    self.write(form)
                except UsageError:
                    del forms[ending]
        return self._replace(forms=forms)

    @property
    def result(self) -> Result:
        """The answer, not yet read."""
        if isinstance(self.content, list):
            return self.content
        return ox.parse_query_results(self.content, format=JSON)

    @property
    def total(self) -> int:
        """How many rows or triples the answer has."""
        result = self.result
        return 1 if isinstance(result, ox.QueryBoolean) else sum(1 for _ in result)

    def write(self, form: str) -> bytes:
        """Return the answer in one of its formats."""
        result = self.result
        if isinstance(result, list):
            return write.write(result, form, self.project).encode()
        return results.write(result, form, self.project).encode()


class Choice(NamedTuple):
    """A parameter, its type, and the values that some row has."""

    name: str
    type: str
    values: list[Link]
    left: int
    """How many more values there are."""
    given: str = ""
    """The value that is given; empty if there is none."""


class Row(NamedTuple):
    """A row of an answer: its cells, and the graphs that support it."""

    cells: list[Link]
    graphs: tuple[ox.NamedNode, ...]
    values: str = ""
    """The values that keep it: combinations, each with the number of a value per parameter."""


class QuestionPage(NamedTuple):
    """The page of a question."""

    question: Question
    description: list[Link]
    """With links to the questions that it names."""
    choices: list[Choice]
    code: str
    notes: Notes
    constants: Mapping[str, Link] = {}
    """Column → the value that all rows have, which the table does not repeat."""
    variables: tuple[str, ...] = ()
    """The other columns."""
    rows: Sequence[Row] = ()
    total: int = 0
    """How many rows the answer has."""
    remarks: Sequence[str] = ()
    """Why there is no row, and what the evidence leaves out."""
    turtle: str = ""
    """The answer, if it is a graph."""
    is_boolean: bool = False
    files: Mapping[str, str] = {}
    """Name of a format → address of the answer in it."""
    has_all: bool = False
    """Whether each row says which values keep it, and no row is left out."""


def read_question(
    content: Content, question: Question, answer: Answer | None, given: Mapping[str, str]
) -> QuestionPage:
    """Return the page of a question.

    Args:
        content: the graph.
        question: the question.
        answer: its answer; None if there is none for the values.
        given: parameter → its value.
    """
    notes = Notes(content)
    values = {name: value for name, value in given.items() if value}
    kept = find_row_values(question, content.kg.store, content.kg.project)
    choices = [
        _choice(content, question, at, given, kept) for at in range(len(question.parameters))
    ]
    page = QuestionPage(
        question,
        [
            Link(part, content.question_pages.get(part, ""))
            for part in MENTION.split(question.description)
        ],
        choices,
        question.code,
        notes,
    )
    if answer is None:
        return page
    base = content.question_pages[question.name].removesuffix(".html")
    suffix = f"?{urlencode(values)}" if values else ""
    files = {form: f"{base}{ending}{suffix}" for ending, form in answer.forms.items()}
    page = page._replace(files=files, total=answer.total)
    if isinstance(answer.content, list):
        return page._replace(turtle=answer.write("turtle").decode())
    entry = None if values else content.entry  # a stranger's values are not kept on the disk
    with warnings.catch_warnings(action="ignore"):  # kaiju ask gives them
        origin = f"queries/{question.name}.rq"
        salt = content.salts.get(answer.text, 0)
        traced = answers.trace(content.kg, entry, answer.text, origin, rows=MAX_ROWS, salt=salt)
    remarks = [*explain_marks(traced).values()]
    if not traced.rows and values:
        remarks = [*_explain_no_rows(content, question, values)]
    combinations = _number_values(kept or (), choices)
    constants = _find_constants(answer)
    variables = tuple(name for name in traced.variables if name not in constants)
    rows = [
        Row(
            [_cell(content, row.get(name, "")) for name in variables],
            notes.add(evidence.graphs),
            " ".join(combinations.get(tuple(map(row.get, traced.variables)), ())),
        )
        for row, evidence in traced.rows
    ]
    return page._replace(
        constants={name: _cell(content, value) for name, value in constants.items()},
        variables=variables,
        rows=rows,
        remarks=remarks,
        is_boolean=isinstance(answer.result, ox.QueryBoolean),
        has_all=kept is not None and len(rows) == page.total and all(row.values for row in rows),
    )


def _find_constants(answer: Answer) -> dict[str, Term]:
    """Return column → its value, of those columns of several rows in which all have the same."""
    result = answer.result
    if not isinstance(result, ox.QuerySolutions):
        return {}
    names = [variable.value for variable in result.variables]
    rows = list(map(tuple, result))
    constants = {
        name: column[0]
        for name, column in zip(names, zip(*rows, strict=True), strict=False)
        if column[0] is not None and len({*column}) == 1
    }
    return constants if len(rows) > 1 and len(constants) < len(names) else {}


def _number_values(
    kept: Iterable[RowValues], choices: Sequence[Choice]
) -> dict[tuple[Term | None, ...], dict[str, None]]:
    """Return row → the combinations of values that keep it, as numbers with points between."""
    numbers = [
        {value.text: str(number) for number, value in enumerate(choice.values)}
        for choice in choices
    ]
    found: dict[tuple[Term | None, ...], dict[str, None]] = {}
    for row, _, texts in kept:
        of_row = (known.get(text, "") for known, text in zip(numbers, texts, strict=True))
        found.setdefault(row, {})[".".join(of_row)] = None
    return found


def _explain_no_rows(
    content: Content, question: Question, values: Mapping[str, str]
) -> Iterator[str]:
    kg = content.kg
    label = partial(find_label, kg.store, kg.project)
    found = parameter_terms(question, values, kg.resolve, label)
    return explain_no_rows(question, found, kg.store, kg.project)


def _choice(
    content: Content,
    question: Question,
    at: int,
    given: Mapping[str, str],
    kept: Sequence[RowValues] | None,
) -> Choice:
    parameter = question.parameters[at]
    if kept is None:
        values = find_values(question, parameter, content.kg.store, content.kg.project)
    else:
        found = {each.texts[at]: term for each in kept if (term := each.terms[at]) is not None}
        values = {text: found[text] for text in sorted(found, key=numeric_order)}
    shown = list(values.items())[:MAX_VALUES]
    links = [content.link(term)._replace(text=text) for text, term in shown]
    chosen = given.get(parameter.name, "")
    return Choice(parameter.name, parameter.type, links, len(values) - len(shown), chosen)


def _cell(content: Content, value: Term | str) -> Link:
    """Return a value as a link; a label leads to the one thing that has it as a name."""
    link = content.link(value)
    things = content.names.things.get(link.text, ()) if isinstance(value, ox.Literal) else ()
    pages = [content.addresses.get(thing, "") for thing in things]
    own = [page for page in pages if page.startswith(("thing/", "article/"))]
    return link._replace(address=own[0]) if len(own) == 1 else link
