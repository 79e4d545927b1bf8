"""The parameters of stored questions: bind values to them, and find the values that rows have."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from kaiju_graph.errors import InputError, ParameterError
from kaiju_graph.project.names import find_things, resolve_name
from kaiju_graph.project.spelling import did_you_mean
from kaiju_graph.rdf.lexical_forms import find_quads
from kaiju_graph.rdf.notation import LEXICAL
from kaiju_graph.rdf.terms import LABEL, TYPE, XSD, Term
from kaiju_graph.rdf.tokens import tokens
from kaiju_graph.sparql.questions import find_filters
from kaiju_graph.sparql.results import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from kaiju_graph.project.layout import Project
    from kaiju_graph.sparql.questions import Parameter, Question

__all__ = [
    "bind_parameters",
    "describe_parameters",
    "find_label",
    "find_unmatched_values",
    "find_values",
    "input_text",
    "is_of_kind",
    "parameter_terms",
]

FEW = 4
"""How many values are given as examples."""
MODIFIERS = ("ORDER", "LIMIT", "OFFSET", "VALUES")
"""The keywords that may follow the groups of a query."""
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
    terms = parameter_terms(question, values, resolve, label)
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
    from kaiju_graph.sparql import execute

    text = _query_for(question.text, parameter.variable)
    answer: execute.Result = []
    with warnings.catch_warnings(action="ignore"):
        try:
            answer = execute.run(store, text, project.prefixes, explain=False) if text else []
        except InputError:  # reported when the question itself runs
            return {}
    values = [row[0] for row in answer if row[0]] if isinstance(answer, ox.QuerySolutions) else ()
    terms = {input_text(value, store, project): value for value in values}
    return {text: terms[text] for text in sorted(terms, key=_numeric_order)}


def describe_parameters(question: Question, store: ox.Store, project: Project) -> str:
    """Return the parameters of a question as SPARQL comments: name, type and some values."""
    lines = []
    for parameter in question.parameters:
        values = list(find_values(question, parameter, store, project))
        more = ", …" if len(values) > FEW else ""
        examples = f": {_examples(values)}{more}" if values else ""
        lines.append(f"# -p {parameter.name}=…  {parameter.type}{examples}\n")
    return "".join(lines)


def find_unmatched_values(
    question: Question, terms: Mapping[str, Term], store: ox.Store, project: Project
) -> Iterator[str]:
    """Yield a message for each value of a parameter that no row has, whatever the others are.

    For a value of the right kind, the article does not state an answer. For any other value, the
    message suggests values of rows.

    Args:
        question: a question whose answer is empty.
        terms: parameter name → its value.
        store: the store that was queried.
        project: has the prefixes.
    """
    for parameter in question.parameters:
        term = terms.get(parameter.name)
        values = find_values(question, parameter, store, project)
        if term is None or not values or term in values.values():
            continue
        text = input_text(term, store, project)
        given = f"{parameter.name}={_quote(text)}"
        if is_of_kind(term, parameter, values.values(), store):
            yield f"the article states no answer for {given}"
        else:
            examples = f"; expected one such as {_examples(list(values))}"
            yield f"no row has {given}{did_you_mean(text, values) or examples}"


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


def _query_for(text: str, variable: str) -> str:
    """Return a query for the values of one variable of a SELECT query; empty for other queries."""
    words = [(token.text.upper(), token.offset) for token in tokens(text)]
    select = next((at for word, at in words if word == "SELECT"), len(text))
    first = next((at for word, at in words if word == "{" and at > select), None)
    last = next((at for word, at in reversed(words) if word == "}"), len(text))
    if first is None:
        return ""
    end = next((at for word, at in words if word in MODIFIERS and at > last), len(text))
    return f"{text[:select]}SELECT DISTINCT ?{variable} WHERE {text[first:end]}"


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


def _numeric_order(text: str) -> str:
    return text.zfill(WIDEST) if text.isdigit() else text


def _examples(values: list[str]) -> str:
    return ", ".join(map(_quote, values[:FEW]))


def _quote(text: str) -> str:
    """Return a text as one word of a shell on one line."""
    from shlex import quote

    return quote(printable(" ".join(text.split())))
