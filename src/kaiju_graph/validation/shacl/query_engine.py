"""Answers to the queries of shapes, by Oxigraph."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.errors import LimitError, QueryError
from kaiju_graph.rdf.lexical_forms import decode, encode, fill, has_encoded
from kaiju_graph.sparql import execute, limits
from kaiju_graph.sparql.prebinding import Template, node_quad, read_template
from kaiju_graph.sparql.rewrite import AGGREGATES, FUNCTIONS, has_encodable, rewrite
from kaiju_graph.sparql.tokens import replace_escapes

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from kaiju_graph.rdf.terms import Term, Triple

__all__ = ["SHAPES_GRAPH", "Answer", "Engine", "Solutions"]

SHAPES_GRAPH = ox.NamedNode("urn:x-kaiju:shapes")
"""The named graph in which ``$shapesGraph`` finds the shapes (SHACL, section 5.3.2)."""

SHORT = 2**11
"""A query with fewer characters fits any stack; a thread with a deeper one costs more than it."""


class Solutions(NamedTuple):
    """The answer to a SELECT query."""

    names: list[str]
    """Its variables, without their sign."""
    rows: list[list[Term | None]]


Answer = Solutions | bool
"""The answer to a SELECT or ASK query."""


class Engine:
    """A store of the data that answers the queries of shapes."""

    def __init__(self, data: Collection[Triple], shapes: Collection[Triple]) -> None:
        self._data = data
        self._shapes = shapes
        self._store: ox.Store | None = None
        self._templates: dict[str, Template] = {}

    def answer(self, text: str, bindings: Mapping[str, Term]) -> Answer:
        """Answer a query with some variables bound.

        Raises:
            QueryError: the query does not parse, is too long with its values, or the engine cannot
                run it.
        """
        store = self._store = self._store or self._fill()
        bound = {name: encode(value) for name, value in bindings.items()}
        for value in bound.values():
            if isinstance(value, ox.BlankNode):
                store.add(node_quad(value))
        known = self._templates.get(text)
        if known is None:
            plain = replace_escapes(text)
            try:
                execute.check_query(read_template(plain).fill(bound), {})
            except LimitError:  # of this query alone, which stops no other
                found = f"found a query of more than {execute.MAX_CHARACTERS:,} characters"
                raise QueryError(f"{found} with its values; expected a shorter one") from None
            needs_rewrite = has_encoded(store) or has_encodable(plain, {})
            known = read_template(rewrite(plain, {}) if needs_rewrite else plain)
            self._templates[text] = known
        query = known.fill(bound)
        try:
            if len(query) < SHORT:
                return _answer(store, query)
            return limits.call_with_deep_stack(lambda: _answer(store, query))
        except RuntimeError as error:
            raise QueryError(f"query:1:1: found no query that can be run: {error}") from None

    def _fill(self) -> ox.Store:
        """Return the store of the data, and of the shapes in a graph of their own."""
        store = ox.Store()
        fill(store, self._data)
        fill(store, self._shapes, SHAPES_GRAPH)
        return store


def _answer(store: ox.Store, text: str) -> Answer:
    """Return an answer, read to its end: it belongs to the thread that asked."""
    answer = store.query(text, custom_functions=FUNCTIONS, custom_aggregate_functions=AGGREGATES)
    if isinstance(answer, ox.QueryBoolean):
        return bool(answer)
    if isinstance(answer, ox.QueryTriples):
        raise QueryError("query:1:1: found a graph as the answer; expected rows or a boolean")
    names = [variable.value for variable in answer.variables]
    return Solutions(names, [[*map(decode, row)] for row in answer])
