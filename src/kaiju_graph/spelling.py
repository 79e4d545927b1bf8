"""Stage 0, after project: a term → as Turtle writes it, in one line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.terms import NIL, TYPE, XSD, Quad, Term, members

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kaiju_graph.project import Project

__all__ = ["expression", "literal", "written"]

SHORT = {
    XSD + "integer": re.compile(r"0|-?[1-9][0-9]*"),
    XSD + "decimal": re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+"),
    XSD + "double": re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)[eE][+-]?[0-9]+"),
    XSD + "boolean": re.compile(r"true|false"),
}
"""Datatype → what may stand without quotes and is the same literal (RDF 1.1 Turtle, 2.5)."""
DEEPEST = 8
"""How deep blank nodes are written in one another."""


def literal(term: ox.Literal, name: Callable[[ox.NamedNode], str]) -> str:
    """Return a literal, short where the short form is the same literal.

    Args:
        term: the literal.
        name: writes the IRI of its datatype.
    """
    datatype = term.datatype
    short = SHORT.get(datatype.value)
    if short and short.fullmatch(term.value):
        return term.value
    if term.language or datatype.value == XSD + "string":
        return str(term)
    return f"{ox.Literal(term.value)}^^{name(datatype)}"


def written(term: Term, project: Project) -> str:
    """Return a term with the prefixes of a project.

    >>> from kaiju_graph.project import Project
    >>> number = ox.NamedNode(XSD + "decimal")
    >>> for text in ("5.0", "5"):
    ...     print(written(ox.Literal(text, datatype=number), Project("", {"xsd": XSD})))
    5.0
    "5"^^xsd:decimal
    """
    if isinstance(term, ox.NamedNode):
        return project.shorten(term.value)
    if isinstance(term, ox.Literal):
        return literal(term, lambda datatype: project.shorten(datatype.value))
    return str(term)


def expression(
    term: Term, said: Callable[[Term], Iterable[Quad]], project: Project, depth: int = 0
) -> str:
    """Return a term as ``written`` does, but of a blank node what is said of it.

    Args:
        term: the term.
        said: a node → the quads with it as subject, in the order in which to tell them.
        project: has the prefixes.
        depth: how many nodes it stands in.
    """
    if not isinstance(term, ox.BlankNode):
        return "()" if term == NIL else written(term, project)
    if depth > DEEPEST:
        return "[ … ]"

    def value(node: Term, predicate: ox.NamedNode) -> Term | None:
        return next((quad.object for quad in said(node) if quad.predicate == predicate), None)

    def inside(node: Term) -> str:
        return expression(node, said, project, depth + 1)

    if found := members(term, value):
        return f"( {' '.join(map(inside, found))} )"
    pairs = dict.fromkeys(
        f"{'a' if q.predicate == TYPE else written(q.predicate, project)} {inside(q.object)}"
        for q in said(term)
    )
    return f"[ {' ; '.join(pairs)} ]" if pairs else "[]"
