"""The parameters of stored questions: bind values to them, and find the values that rows have."""

from __future__ import annotations

import re
import warnings
from itertools import takewhile
from typing import TYPE_CHECKING, Any, NamedTuple

import pyoxigraph as ox

from kaiju_graph.errors import InputError, ParameterError
from kaiju_graph.project.names import find_things, resolve_name
from kaiju_graph.project.spelling import did_you_mean
from kaiju_graph.rdf.lexical_forms import find_quads
from kaiju_graph.rdf.notation import LEXICAL
from kaiju_graph.rdf.terms import EV, LABEL, TYPE, XSD, Term
from kaiju_graph.rdf.tokens import tokens
from kaiju_graph.sparql.questions import find_filters
from kaiju_graph.sparql.results import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from kaiju_graph.project.layout import Project
    from kaiju_graph.sparql.questions import Parameter, Question

__all__ = [
    "ParameterValues",
    "RowValues",
    "bind_parameters",
    "bind_terms",
    "describe_parameters",
    "doubles_of",
    "explain_no_rows",
    "find_doubles",
    "find_label",
    "find_row_values",
    "find_values",
    "has_rows",
    "input_text",
    "is_of_kind",
    "numeric_order",
    "parameter_terms",
]

FEW = 4
"""How many values are given as examples."""
MODIFIERS = ("ORDER", "LIMIT", "OFFSET", "VALUES")
"""The keywords that may follow the groups of a query."""
AGGREGATES = "AVG COUNT GROUP GROUP_CONCAT HAVING MAX MIN SAMPLE SUM".split()
"""The keywords by which the rows of a query are its groups, not its solutions."""
SLICES = ("LIMIT", "OFFSET")
"""The keywords by which some rows of a query are left out."""
POSSIBLE_IDENTITY = ox.NamedNode(EV + "possibleIdentity")
"""The mark of a property that relates two things that may be one."""
WIDEST = 20
"""How many digits a number may have to be sorted as a number."""


def bind_parameters(
    question: Question,
    values: Mapping[str, str],
    resolve: Callable[[str], ox.NamedNode],
    label: Callable[[str, str], str | None] = lambda *_: None,
) -> str:
    """Return the SPARQL text of a question with its parameters bound.

    The arguments and errors are those of ``parameter_terms``.
    """
    return bind_terms(question, parameter_terms(question, values, resolve, label))


def bind_terms(question: Question, terms: Mapping[str, Term]) -> str:
    """Return the SPARQL text of a question with terms for some of its parameters."""
    text = question.text
    for match in reversed(find_filters(text)):
        variable, name, _ = match.groups()
        if name in terms:
            clause = _clause(variable, terms[name])
            text = f"{text[: match.start()]}{clause}{text[match.end() :]}"
    return text


def _clause(variable: str, term: Term) -> str:
    """Return the SPARQL that restricts a variable to a term, or to an equal number or date."""
    text = _sparql_text(term)
    if isinstance(term, ox.Literal) and term.datatype.value.removeprefix(XSD) in LEXICAL:
        return f"FILTER(?{variable} = {text})"
    return f"VALUES ?{variable} {{ {text} }}"


def parameter_terms(
    question: Question,
    values: Mapping[str, str],
    resolve: Callable[[str], ox.NamedNode],
    label: Callable[[str, str], str | None] = lambda *_: None,
) -> dict[str, Term]:
    """Return the terms for values of parameters.

    Args:
        question: the question.
        values: parameter name → value as a user types it.
        resolve: an IRI, a CURIE or a label → the thing.
        label: an IRI or a CURIE, and a language → the label of that thing, or None; for parameters
            that are texts in a language.

    Raises:
        ParameterError: the question has no such parameter, or the value is not of its type.
        UnknownNameError: nothing has the name.
    """
    types = {parameter.name: parameter.type for parameter in question.parameters}
    terms: dict[str, Term] = {}
    for name, value in values.items():
        if name not in types:
            takes = ", ".join(types) or "none"
            raise ParameterError(f"{question.name} has no parameter {name!r}; it takes {takes}")
        if types[name] == "iri":
            terms[name] = resolve(value)
        else:
            terms[name] = _literal(name, types[name], str(value), label)
    return terms


def find_label(store: ox.Store, project: Project, text: str, language: str) -> str | None:
    """Return the label in a language of a thing named by an IRI or CURIE, or None."""
    try:
        thing = resolve_name(text, project, lambda _: ())
    except (LookupError, InputError):
        return None
    for quad in find_quads(store, thing, LABEL, None):
        if isinstance(quad.object, ox.Literal) and quad.object.language == language:
            return quad.object.value
    return None


def find_values(
    question: Question, parameter: Parameter, store: ox.Store, project: Project
) -> dict[str, Term]:
    """Return the values that a parameter has in some row, sorted: what a user types → term.

    There are none if the question is not a SELECT query, or has the variable of the parameter
    only in a subquery.
    """
    rows = _select(_query_for(question.text, f"DISTINCT ?{parameter.variable}"), store, project)
    terms = {input_text(row[0], store, project): row[0] for row in rows if row[0]}
    return {text: terms[text] for text in sorted(terms, key=numeric_order)}


class ParameterValues:
    """The values that parameters have in some row of a graph, each searched once."""

    def __init__(self, store: ox.Store, project: Project) -> None:
        self.store, self.project = store, project
        self._found: dict[tuple[str, Parameter], dict[str, Term]] = {}

    def find(self, question: Question, parameter: Parameter) -> dict[str, Term]:
        """Return the values of a parameter, as ``find_values`` does."""
        key = question.text, parameter
        if key not in self._found:
            self._found[key] = find_values(question, parameter, self.store, self.project)
        return self._found[key]


class RowValues(NamedTuple):
    """A row, and a value of each parameter that keeps it; None or empty where there is none."""

    row: tuple[Term | None, ...]
    terms: tuple[Term | None, ...]
    texts: tuple[str, ...]
    """The values as a user types them."""


def find_row_values(
    question: Question, store: ox.Store, project: Project
) -> list[RowValues] | None:
    """Return each row of the answer of a question with the values that keep it.

    A row is there once for each combination of values. It is None if a value could change rows, not
    only leave some out: if the query takes some rows, groups solutions by anything but the
    parameters among others, or is no SELECT query.
    """
    query = _query_with_parameters(question)
    if not query:
        return None
    size = len(question.parameters)
    texts: dict[Term | None, str] = {None: ""}
    found = []
    for row in map(tuple, _select(query, store, project)):
        for term in row[-size:]:
            if term not in texts:
                texts[term] = input_text(term, store, project)
        values = row[-size:]
        found.append(RowValues(row[:-size], values, tuple(texts[term] for term in values)))
    return found


def _query_with_parameters(question: Question) -> str:
    """Return the query of a question with its parameters as last columns, in its order.

    A parameter that is a column is there twice, the second time under another name. The text is
    empty if a value of a parameter could change rows, as ``find_row_values`` says.
    """
    text = question.text
    words = [
        (token.text if token.text.startswith("?") else token.text.upper(), token.offset)
        for token in tokens(text)
    ]
    first = next((at for word, at in words if word == "{"), len(text))
    last = next((at for word, at in reversed(words) if word == "}"), 0)
    outside = [word for word, at in words if at < first or at > last]
    if not question.parameters or "SELECT" not in outside or not {"*", *SLICES}.isdisjoint(outside):
        return ""
    keys = _group_keys(outside)
    variables = {f"?{each.variable}" for each in question.parameters}
    if not (variables <= keys if keys else {*AGGREGATES}.isdisjoint(outside)):
        return ""
    where = next((at for word, at in words if word == "WHERE" and at < first), first)
    columns = (f"(?{each.variable} AS ?__{each.name})" for each in question.parameters)
    return f"{text[:where]} {' '.join(columns)} {text[where:]}"


def _group_keys(words: Sequence[str]) -> set[str]:
    """Return the variables after GROUP BY, among the words of a query outside of its pattern."""
    if "GROUP" not in words:
        return set()
    after = words[words.index("GROUP") + 2 :]
    return {*takewhile(lambda word: word.startswith("?"), after)}


def has_rows(text: str, store: ox.Store, project: Project) -> bool:
    """Tell whether a query, such as that of a question with bound parameters, has some row.

    It also has if it is no SELECT query.
    """
    query = _query_for(text, "*")
    return not query or any(True for _ in _select(f"{query} LIMIT 1", store, project))


def _select(text: str, store: ox.Store, project: Project) -> Iterable[Any]:
    """Return the rows of a query; an empty text and a query with an error have none."""
    from kaiju_graph.sparql import execute

    with warnings.catch_warnings(action="ignore"):
        try:
            answer = execute.run(store, text, project.prefixes, explain=False) if text else []
        except InputError:  # reported when the question itself runs
            return []
    return answer if isinstance(answer, ox.QuerySolutions) else []


def describe_parameters(question: Question, store: ox.Store, project: Project) -> str:
    """Return the parameters of a question as SPARQL comments: name, type and some values."""
    lines = []
    for parameter in question.parameters:
        values = list(find_values(question, parameter, store, project))
        more = ", …" if len(values) > FEW else ""
        examples = f": {_examples(values)}{more}" if values else ""
        lines.append(f"# -p {parameter.name}=…  {parameter.type}{examples}\n")
    return "".join(lines)


def explain_no_rows(
    question: Question, terms: Mapping[str, Term], store: ox.Store, project: Project
) -> Iterator[str]:
    """Yield a message for each value of a parameter that no row has, or else one for all together.

    A message suggests another parameter that takes the value. If there is none, and the value is
    not of the right kind, it suggests values of rows.

    Args:
        question: a question whose answer is empty.
        terms: parameter name → its value; at least one.
        store: the store that was queried.
        project: has the prefixes.
    """
    of_rows = {each: find_values(question, each, store, project) for each in question.parameters}
    given = {name: f"{name}={_quote(input_text(terms[name], store, project))}" for name in terms}
    unmatched = {
        parameter: values
        for parameter, values in of_rows.items()
        if parameter.name in terms and values and terms[parameter.name] not in values.values()
    }
    for parameter, values in unmatched.items():
        term = terms[parameter.name]
        text = input_text(term, store, project)
        others = [each.name for each, known in of_rows.items() if term in known.values()]
        hint = ""
        if others:
            hint = f"; did you mean -p {others[0]}={_quote(text)}?"
        elif not is_of_kind(term, parameter, values.values(), store):
            examples = f"; expected one such as {_examples(list(values))}"
            hint = did_you_mean(text, values) or examples
        yield f"no row has {given[parameter.name]}{hint}"
    if not unmatched:
        yield f"no row has {' and '.join(given.values())}"


def doubles_of(term: Term, store: ox.Store) -> set[Term]:
    """Return the things that may be the same as one, by a property that says so."""
    marked = (quad.subject for quad in find_quads(store, None, POSSIBLE_IDENTITY, None))
    return {
        quad.object for property_ in marked for quad in find_quads(store, term, property_, None)
    }


def find_doubles(
    question: Question, terms: Mapping[str, Term], store: ox.Store, project: Project
) -> Iterator[str]:
    """Yield a message for each value of a parameter that may be the same as other values of rows.

    The arguments are those of ``explain_no_rows``.
    """
    for parameter in question.parameters:
        term = terms.get(parameter.name)
        if term is None or not (doubles := doubles_of(term, store)):
            continue
        values = find_values(question, parameter, store, project)
        if others := [text for text, value in values.items() if value in doubles]:
            name = parameter.name
            given = f"{name}={_quote(input_text(term, store, project))}"
            options = " or ".join(f"-p {name}={_quote(other)}" for other in others)
            yield f"{given} may be the same as others, which have rows of their own: {options}"


def is_of_kind(term: Term, parameter: Parameter, values: Iterable[Term], store: ox.Store) -> bool:
    """Tell whether a thing may be a value of a parameter, though no row has it.

    It has the class with the name of the parameter, or else all classes that the values share.
    """
    classes = _classes(term, store)
    name = ox.Literal(parameter.name.replace("_", " "), language="en")
    if any(quad.subject in classes for quad in find_quads(store, None, LABEL, name)):
        return True
    of_values = [_classes(value, store) for value in values]
    common = set.intersection(*of_values) if of_values else set()
    return bool(common) and common <= classes


def _literal(
    name: str, kind: str, value: str, label: Callable[[str, str], str | None]
) -> ox.Literal:
    """Return the literal of a parameter whose type is a datatype or a language."""
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ParameterError(f"{name}: found {value!a}; expected Unicode text") from None
    if kind == "string":
        return ox.Literal(value)
    if kind not in LEXICAL:
        return ox.Literal(label(value, kind) or value, language=kind)
    if not LEXICAL[kind].fullmatch(value) or (kind == "date" and not _is_date(value)):
        raise ParameterError(f"{name}: found {value!r}; expected a value of type xsd:{kind}")
    return ox.Literal(value, datatype=ox.NamedNode(XSD + kind))


def _sparql_text(term: Term) -> str:
    r"""Return a term as SPARQL that every engine reads alike.

    SPARQL 1.1, section 19.2, decodes code point escapes (``\u``) before it parses a query, even
    after an escaped backslash; some engines decode them later.
    """

    def escape(match: re.Match[str]) -> str:
        return rf"\\\U{ord(match[1]):08X}" if match[1] else match[0]

    return re.sub(r"\\\\([uU])|\\.", escape, str(term))


def _is_date(text: str) -> bool:
    from datetime import date

    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _query_for(text: str, columns: str) -> str:
    """Return a SELECT query with other columns, not sorted; empty for other queries."""
    words = [(token.text.upper(), token.offset) for token in tokens(text)]
    select = next((at for word, at in words if word == "SELECT"), len(text))
    first = next((at for word, at in words if word == "{" and at > select), None)
    last = next((at for word, at in reversed(words) if word == "}"), len(text))
    if first is None:
        return ""
    end = next((at for word, at in words if word in MODIFIERS and at > last), len(text))
    return f"{text[:select]}SELECT {columns} WHERE {text[first:end]}"


def input_text(value: Term, store: ox.Store, project: Project) -> str:
    """Return a value as a user types it: a thing by its label if no other thing has that label."""
    if not isinstance(value, ox.NamedNode):
        return value.value if isinstance(value, ox.Literal) else str(value)
    labels = find_quads(store, value, LABEL, None)
    names = sorted(
        (label.object.language != "en", label.object.value)
        for label in labels
        if isinstance(label.object, ox.Literal)
        and len(find_things(store, filter(None, [label.object.language]), label.object.value)) == 1
    )
    return names[0][1] if names else project.prefixes.shorten(value.value)


def _classes(term: Term, store: ox.Store) -> set[Any]:
    """Return the classes of a thing; a literal has none."""
    if isinstance(term, ox.Literal):
        return set()
    return {quad.object for quad in find_quads(store, term, TYPE, None)}


def numeric_order(text: str) -> str:
    """Return the key by which values of a parameter are sorted."""
    return text.zfill(WIDEST) if text.isdigit() else text


def _examples(values: list[str]) -> str:
    return ", ".join(map(_quote, values[:FEW]))


def _quote(text: str) -> str:
    """Return a text as one word of a shell on one line."""
    from shlex import quote

    return quote(printable(" ".join(text.split())))
