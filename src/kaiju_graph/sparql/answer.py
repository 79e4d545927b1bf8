"""Stage 8, after querying: what Oxigraph answers → what a caller of the Python API gets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from kaiju_graph.rdf import terms

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rdflib import Graph
    from rdflib.term import Identifier

    from kaiju_graph.sparql.execute import Result

__all__ = ["Answer", "in_rdflib"]


@dataclass(frozen=True)
class Answer:
    """The answer of a query: solutions to iterate over, a boolean, or a graph.

    It is true where ASK is true, and where there is a solution or a triple; it yields and counts
    its solutions or triples, and of a boolean nothing.
    """

    variables: tuple[str, ...] = ()
    rows: tuple[Mapping[str, Identifier], ...] = ()
    """Variable → rdflib term, without the variables that are not bound."""
    boolean: bool | None = None
    graph: Graph | None = None

    def __iter__(self) -> Iterator[Any]:
        return iter(self.rows if self.graph is None else self.graph)

    def __len__(self) -> int:
        return len(self.rows if self.graph is None else self.graph)

    def __bool__(self) -> bool:
        return bool(self.boolean or len(self))


def in_rdflib(found: Result) -> Answer:
    """Return an answer with rdflib's terms."""
    if isinstance(found, ox.QueryBoolean):
        return Answer(boolean=bool(found))
    if isinstance(found, list):
        return Answer(graph=terms.rdflib_graph(found))
    names = tuple(variable.value for variable in found.variables)
    rows = tuple(
        {name: terms.to_rdflib(term) for name, term in terms.solution(names, row).items()}
        for row in found
    )
    return Answer(names, rows)
