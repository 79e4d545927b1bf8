"""Stage 9, beside formats: a parameter of a stored question → the values that some row has.

They are what the question's pattern matches with nothing bound, or the groups that it makes of it.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.errors import InputError
from kaiju_graph.project.names import find_things
from kaiju_graph.project.spelling import did_you_mean
from kaiju_graph.rdf.terms import LABEL, Term
from kaiju_graph.sparql import execute
from kaiju_graph.sparql.results import printable
from kaiju_graph.sparql.tokens import tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kaiju_graph.project.layout import Project
    from kaiju_graph.sparql.questions import Parameter, Question

__all__ = ["comment_lines", "find_unmatched_values", "find_values"]

FEW = 4
"""How many values are given as examples."""
MODIFIERS = ("ORDER", "LIMIT", "OFFSET", "VALUES")
"""What may stand behind the groups of a query."""
WIDEST = 20
"""How many digits a number may have to be sorted as one."""


def find_values(
    asked: Question, parameter: Parameter, store: ox.Store, project: Project
) -> dict[str, Term]:
    """Return the values of a parameter: as a person types each → the term, in the order of these.

    There is none where the question is no SELECT query, or does not show the parameter's variable
    outside a query in it.
    """
    text = _pattern(asked.text, parameter.variable)
    found: execute.Result = []
    with warnings.catch_warnings(action="ignore"):
        try:
            found = execute.run(store, text, project.prefixes) if text else []
        except InputError:  # said where the question is asked
            return {}
    values = (row[0] for row in found if row[0]) if isinstance(found, ox.QuerySolutions) else ()
    typed = {_typed(value, store, project): value for value in values}
    return {text: typed[text] for text in sorted(typed, key=_in_order)}


def comment_lines(asked: Question, store: ox.Store, project: Project) -> str:
    """Return the parameters of a question as comments of SPARQL: name, type and some values."""
    lines = []
    for parameter in asked.parameters:
        values = list(find_values(asked, parameter, store, project))
        more = ", …" if len(values) > FEW else ""
        told = f": {', '.join(map(_quoted, values[:FEW]))}{more}" if values else ""
        lines.append(f"# -p {parameter.name}=…  {parameter.type}{told}\n")
    return "".join(lines)


def find_unmatched_values(
    asked: Question, given: Mapping[str, Term], store: ox.Store, project: Project
) -> Iterator[str]:
    """Yield the values given for parameters that no row has, whatever else is asked.

    Args:
        asked: a question of which nothing was found.
        given: name of a parameter → its value.
        store: what is asked.
        project: has the prefixes.
    """
    for parameter in asked.parameters:
        value = given.get(parameter.name)
        known = find_values(asked, parameter, store, project)
        if value is not None and known and value not in known.values():
            typed = _typed(value, store, project)
            some = f"; expected one such as {', '.join(map(_quoted, list(known)[:FEW]))}"
            hint = did_you_mean(typed, known) or some
            yield f"no row has {parameter.name}={_quoted(typed)}{hint}"


def _pattern(text: str, variable: str) -> str:
    """Return a SELECT query that asks for one variable of another's groups, or nothing."""
    every = [(token.text.upper(), token.offset) for token in tokens(text)]
    select = next((at for word, at in every if word == "SELECT"), len(text))
    first = next((at for word, at in every if word == "{" and at > select), None)
    last = next((at for word, at in reversed(every) if word == "}"), len(text))
    if first is None:
        return ""
    end = next((at for word, at in every if word in MODIFIERS and at > last), len(text))
    return f"{text[:select]}SELECT DISTINCT ?{variable} WHERE {text[first:end]}"


def _typed(value: Term, store: ox.Store, project: Project) -> str:
    """Return a value as a person types it: a thing by its label, if that is its alone."""
    if not isinstance(value, ox.NamedNode):
        return value.value if isinstance(value, ox.Literal) else str(value)
    labels = store.quads_for_pattern(value, LABEL, None, ox.DefaultGraph())
    names = sorted(
        (label.object.language != "en", label.object.value)
        for label in labels
        if isinstance(label.object, ox.Literal)
        and len(find_things(store, filter(None, [label.object.language]), label.object.value)) == 1
    )
    return names[0][1] if names else project.prefixes.shorten(value.value)


def _in_order(text: str) -> str:
    return text.zfill(WIDEST) if text.isdigit() else text


def _quoted(text: str) -> str:
    """Return a text as one word of a shell, in one line."""
    from shlex import quote

    return quote(printable(" ".join(text.split())))
