"""Write a term on one line of Turtle."""

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
"""Datatype → the lexical forms to write without quotes (RDF 1.1 Turtle, section 2.5)."""
LEXICAL = {
    "integer": re.compile(r"[+-]?[0-9]+"),
    "decimal": re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)"),
    "date": re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"),
    "gYear": re.compile(r"-?[0-9]{4,}"),
    "boolean": re.compile(r"true|false|0|1"),
}
"""Local name of a datatype of XML Schema → its lexical forms."""
MAX_DEPTH = 8
"""How many blank nodes ``node_text`` nests in one another."""


def literal_text(term: ox.Literal, datatype_text: Callable[[ox.NamedNode], str]) -> str:
    """Return a literal in Turtle, without quotes if Turtle has such a form for it."""
    datatype = term.datatype
    short = SHORT.get(datatype.value)
    if short and short.fullmatch(term.value):
        return term.value
    if term.language or datatype.value == XSD + "string":
        return str(term)
    return f"{ox.Literal(term.value)}^^{datatype_text(datatype)}"


def term_text(term: Term, prefixes: Prefixes) -> str:
    """Return a term, its IRI shortened by prefixes.

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


def node_text(term: Term, describe: Callable[[Term], Iterable[Quad]], prefixes: Prefixes) -> str:
    """Return a term as ``term_text`` does, but a blank node as its description in brackets.

    A node is described once: descriptions of nodes that share others might have no end.

    Args:
        term: the term.
        describe: node → the quads with it as subject, in the order to write them.
        prefixes: shorten IRIs.
    """
    described: set[Term] = set()

    def value(node: Term, predicate: ox.NamedNode) -> Term | None:
        return next((quad.object for quad in describe(node) if quad.predicate == predicate), None)

    def text(node: Term, depth: int) -> str:
        if not isinstance(node, ox.BlankNode):
            return "()" if node == NIL else term_text(node, prefixes)
        if depth > MAX_DEPTH or node in described:
            return "[ … ]"
        described.add(node)
        if members := list_members(node, value):
            return f"( {' '.join(text(member, depth + 1) for member in members)} )"
        pairs = dict.fromkeys(
            f"{'a' if predicate == TYPE else term_text(predicate, prefixes)}"
            f" {text(object_, depth + 1)}"
            for _, predicate, object_, _ in describe(node)
        )
        return f"[ {' ; '.join(pairs)} ]" if pairs else "[]"

    return text(term, 0)
