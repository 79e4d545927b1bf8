"""Stage 10: quads → Turtle and TriG, sorted, every lexical form as it is.

RDF 1.1 Turtle and RDF 1.1 TriG. Lists are written as lists, a blank node that is used once in the
place where it is used; numbers and booleans short where the short form is the same literal.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph import terms
from kaiju_graph.grouping import group
from kaiju_graph.terms import RDF, TYPE, XSD, Quad

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kaiju_graph.terms import Term, Triple

__all__ = ["write"]

SHORT = {
    XSD + "integer": re.compile(r"0|-?[1-9][0-9]*"),
    XSD + "decimal": re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]+"),
    XSD + "double": re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)[eE][+-]?[0-9]+"),
    XSD + "boolean": re.compile(r"true|false"),
}
INDENT = "    "
DEEPEST = 16
"""How deep blank nodes are written in one another before one gets a label again."""


def write(
    statements: Iterable[Triple | Quad], prefixes: dict[str, str], shorten: Callable[[str], str]
) -> str:
    """Return statements as Turtle, or those that are quads as the named graphs of TriG.

    Args:
        statements: what to write, in any order.
        prefixes: prefix → namespace IRI, those that are used.
        shorten: makes an IRI a prefixed name, or leaves it in angle brackets.
    """
    graphs: dict[ox.NamedNode | None, list[Triple | Quad]] = {}
    for statement in sorted(statements, key=terms.text_order):
        name = statement.graph if isinstance(statement, Quad) else None
        graphs.setdefault(name, []).append(statement)
    blocks = ["".join(f"@prefix {name}: <{iri}> .\n" for name, iri in sorted(prefixes.items()))]
    # A blank node of several graphs keeps its label, which is the same in all of a document.
    graphs_of: dict[Term, set[ox.NamedNode | None]] = {}
    for name, members in graphs.items():
        for member in members:
            for term in (member.subject, member.object):
                if isinstance(term, ox.BlankNode):
                    graphs_of.setdefault(term, set()).add(name)
    elsewhere = {node for node, names in graphs_of.items() if len(names) > 1}
    for name, members in graphs.items():
        body = _Body(members, elsewhere, shorten).text()
        if name is not None:
            inner = "\n".join(f"{INDENT}{line}" if line else "" for line in body.split("\n"))
            body = f"{shorten(name.value)} {{\n{inner}\n}}"
        blocks.append(f"{body}\n")
    return "\n".join(block for block in blocks if block)


class _Body:
    """The statements of one graph, by subject."""

    def __init__(
        self,
        members: list[Triple | Quad],
        elsewhere: set[Term],
        shorten: Callable[[str], str],
    ) -> None:
        self.shorten = shorten
        self.grouped = group(members, elsewhere)
        uses, cells = self.grouped.uses, self.grouped.cells
        blank = {node for node in self.grouped.said if isinstance(node, ox.BlankNode)}
        once: set[Term] = {n for n in blank - cells - elsewhere if uses.get(n) == 1}
        self.nested = self._reached(once)

    def text(self) -> str:
        """Return every subject that is not written where it is used, sorted."""
        elsewhere = self.nested | self.grouped.cells
        return "\n\n".join(
            f"{self._term(node)} {self._properties(node, 1)} ."
            for node in self.grouped.said
            if node not in elsewhere
        )

    def _reached(self, once: set[Term]) -> set[Term]:
        """Return the nodes that are used outside a circle of their own, and not too deep."""
        said = self.grouped.said
        hidden = once | self.grouped.cells
        depth: dict[Term, int] = {node: 0 for node in said if node not in hidden}
        waiting = list(depth)
        while waiting:
            node = waiting.pop()
            for term in (term for objects in said[node].values() for term in objects):
                if term in hidden and term not in depth:
                    depth[term] = (depth[node] + 1) % DEEPEST
                    waiting.append(term)
        return {node for node in once if depth.get(node)}

    def _properties(self, node: Term, depth: int) -> str:
        properties = sorted(self.grouped.said[node].items(), key=lambda pair: pair[0] != TYPE)
        return f" ;\n{INDENT * depth}".join(
            f"{'a' if predicate == TYPE else self.shorten(predicate.value)} "
            + " , ".join(self._object(term, depth) for term in objects)
            for predicate, objects in properties
        )

    def _object(self, term: Term, depth: int) -> str:
        if term in self.grouped.lists:
            members = [self._object(member, depth) for member in self.grouped.lists[term]]
            return f"( {' '.join(members)} )" if members else "()"
        if term in self.nested:
            pad = INDENT * depth
            return f"[\n{pad}{INDENT}{self._properties(term, depth + 1)}\n{pad}]"
        return self._term(term)

    def _term(self, term: Term) -> str:
        if isinstance(term, ox.NamedNode):
            return self.shorten(term.value)
        if isinstance(term, ox.BlankNode):
            return str(term)
        short = SHORT.get(term.datatype.value)
        if short and short.fullmatch(term.value):
            return term.value
        if term.datatype.value in (XSD + "string", RDF + "langString"):
            return str(term)
        return f"{ox.Literal(term.value)}^^{self.shorten(term.datatype.value)}"
