"""SHACL queries with prebound variables.

Following SHACL, section 5.3 (restrictions) and appendix A (values insertion), the values are joined
with each group of the query, so that they are bound at any depth. Oxigraph's own substitution is
not enough: it binds nothing inside an inner group.
"""

from __future__ import annotations

from itertools import pairwise, takewhile
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.errors import QueryError
from kaiju_graph.rdf.lines import line_column
from kaiju_graph.rdf.tokens import CLOSING, OPENING, tokens

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from kaiju_graph.rdf.terms import Term
    from kaiju_graph.rdf.tokens import Token

__all__ = [
    "NODES",
    "Template",
    "check_restrictions",
    "node_quad",
    "read_template",
    "replace_path",
    "selected_variables",
]

NODES = ox.NamedNode("urn:x-kaiju:nodes")
"""The graph that gives each blank node an IRI, because a query cannot name a blank node."""
SAME = ox.NamedNode("urn:x-kaiju:same")
FORBIDDEN = ("MINUS", "SERVICE", "VALUES")
OPTIONAL = {"currentShape", "shapesGraph"}
"""The variables that an inner SELECT need not project."""


def node_quad(node: ox.BlankNode) -> ox.Quad:
    """Return the quad by which a query finds a blank node in a store."""
    return ox.Quad(_alias(node), SAME, node, NODES)


def _alias(node: ox.BlankNode) -> ox.NamedNode:
    return ox.NamedNode(f"urn:x-kaiju:node:{node.value}")


class Template(NamedTuple):
    """A query, cut where the values of variables are inserted."""

    pieces: tuple[str, ...]
    """Its parts; each but the first begins inside a group."""
    names: frozenset[str]
    """Its variables, without their sign."""

    def fill(self, bindings: Mapping[str, Term]) -> str:
        """Return the query whose groups are joined with the values of variables.

        Args:
            bindings: variable, without its sign → its value. For a blank node, the store must have
                its ``node_quad``.

        >>> template = read_template("ASK { { FILTER(bound($this)) } }")
        >>> template.fill({"this": ox.NamedNode("urn:a")})
        'ASK { VALUES ?this { <urn:a> } { VALUES ?this { <urn:a> } FILTER(bound($this)) } }'
        """
        clauses = "".join(
            f" GRAPH {NODES} {{ {_alias(value)} {SAME} ?{name} }}"
            if isinstance(value, ox.BlankNode)
            else f" VALUES ?{name} {{ {value} }}"
            for name, value in bindings.items()
            if name in self.names
        )
        return clauses.join(self.pieces)


def read_template(text: str) -> Template:
    """Return a query as a template, cut after each ``{`` of a group that is not a subselect."""
    stream = list(tokens(text))
    ends = [
        token.offset + 1
        for token, after in pairwise(stream)
        if token.text == "{" and not _is_word(after, "SELECT")
    ]
    pieces = tuple(text[start:end] for start, end in pairwise([0, *ends, len(text)]))
    names = frozenset(token.text[1:] for token in stream if token.kind == "variable")
    return Template(pieces, names)


def replace_path(text: str, path: str) -> str:
    """Return a query in which ``$PATH`` is a property path (SHACL, section 5.3.1)."""
    parts, end = [], 0
    for token in tokens(text):
        if token.kind == "variable" and token.text[1:] == "PATH":
            parts += [text[end : token.offset], path]
            end = token.end
    return "".join([*parts, text[end:]])


def check_restrictions(text: str, names: Collection[str]) -> None:
    """Check that a query keeps SHACL's restrictions on prebound variables (section 5.2.1).

    Args:
        text: the query.
        names: the variables that may be bound, without their sign.

    Raises:
        QueryError: the query has MINUS, VALUES or SERVICE, binds such a variable again, or has an
            inner SELECT that does not project it; the message begins with the place.
    """
    stream = list(tokens(text))
    depth = 0
    for number, token in enumerate(stream):
        for word in FORBIDDEN:
            if _is_word(token, word):
                message = f"found {word}; expected none in a query of a shape"
                raise QueryError(f"{line_column(text, token.offset)}: {message}")
        variable = stream[number + 1].text[1:] if number + 1 < len(stream) else ""
        if _is_word(token, "AS") and variable in names:
            message = f"found AS ?{variable}; expected a variable that is not prebound"
            raise QueryError(f"{line_column(text, token.offset)}: {message}")
        depth += (token.text in OPENING) - (token.text in CLOSING)
        if depth and _is_word(token, "SELECT"):
            missing = sorted({*names} - OPTIONAL - selected_variables(stream[number + 1 :]))
            if missing:
                message = f"found an inner SELECT without ?{missing[0]}; expected this variable"
                raise QueryError(f"{line_column(text, token.offset)}: {message}")


def selected_variables(stream: Iterable[Token]) -> set[str]:
    """Return the variables of a SELECT clause without their sign, given the tokens after SELECT."""
    clause = takewhile(lambda token: token.text != "{" and not _is_word(token, "WHERE"), stream)
    return {token.text[1:] for token in clause if token.kind == "variable"}


def _is_word(token: Token, word: str) -> bool:
    return token.kind == "word" and token.text.upper() == word
