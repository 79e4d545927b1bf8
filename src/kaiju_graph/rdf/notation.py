"""Stage 0, after project: a term → as Turtle writes it, in one line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.rdf.terms import NIL, TYPE, XSD, Quad, Term, list_members

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kaiju_graph.rdf.prefixes import Prefixes

__all__ = ["LEXICAL", "literal_text", "node_text", "term_text"]

SHORT = {
    XSD + "integer": re.compile(r"0|-?[1-9][0-9]*"),
    XSD + "decimal": re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+"),
    XSD + "double": re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)[eE][+-]?[0-9]+"),
    XSD + "boolean": re.compile(r"true|false"),
}
"""Datatype → what may stand without quotes and is the same literal (RDF 1.1 Turtle, 2.5)."""
LEXICAL = {
    "integer": re.compile(r"[+-]?[0-9]+"),
    "decimal": re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)"),
    "date": re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"),
    "gYear": re.compile(r"-?[0-9]{4,}"),
    "boolean": re.compile(r"true|false|0|1"),
}
DEEPEST = 8
"""How deep blank nodes are written in one another."""


def literal_text(term: ox.Literal, name: Callable[[ox.NamedNode], str]) -> str:
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


def term_text(term: Term, prefixes: Prefixes) -> str:
    """Return a term with the prefixes of a project.

    >>> from kaiju_graph.rdf.prefixes import Prefixes
    >>> number = ox.NamedNode(XSD + "decimal")
    >>> for text in ("5.0", "5"):
    ...     print(term_text(ox.Literal(text, datatype=number), Prefixes({"xsd": XSD})))
    5.0
    "5"^^xsd:decimal
    """
    if isinstance(term, ox.NamedNode):
        return prefixes.shorten(term.value)
    if isinstance(term, ox.Literal):
        return literal_text(term, lambda datatype: prefixes.shorten(datatype.value))
    return str(term)


def node_text(
    term: Term, said: Callable[[Term], Iterable[Quad]], prefixes: Prefixes, depth: int = 0
) -> str:
    """Return a term as ``term_text`` does, but of a blank node what is said of it.

    Args:
        term: the term.
        said: a node → the quads with it as subject, in the order in which to tell them.
        prefixes: shorten its IRIs.
        depth: how many nodes it stands in.
    """
    if not isinstance(term, ox.BlankNode):
        return "()" if term == NIL else term_text(term, prefixes)
    if depth > DEEPEST:
        return "[ … ]"

    def value(node: Term, predicate: ox.NamedNode) -> Term | None:
        return next((quad.object for quad in said(node) if quad.predicate == predicate), None)

    def inside(node: Term) -> str:
        return node_text(node, said, prefixes, depth + 1)

    if found := list_members(term, value):
        return f"( {' '.join(map(inside, found))} )"
    pairs = dict.fromkeys(
        f"{'a' if q.predicate == TYPE else term_text(q.predicate, prefixes)} {inside(q.object)}"
        for q in said(term)
    )
    return f"[ {' ; '.join(pairs)} ]" if pairs else "[]"
