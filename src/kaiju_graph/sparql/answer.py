"""The answer of a query in the Python API, with rdflib's terms."""

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

__all__ = ["Answer", "convert_result"]


@dataclass(frozen=True)
class Answer:
    """The answer of a query: solutions, a boolean, or a graph.

    Iterating yields its solutions or triples, and ``len`` counts them; a boolean has none. An
    answer is truthy if its boolean is true, or if it has a solution or triple.
    """

    variables: tuple[str, ...] = ()
    rows: tuple[Mapping[str, Identifier], ...] = ()
    """For each solution, variable → rdflib term, without unbound variables."""
    boolean: bool | None = None
    graph: Graph | None = None

    def __iter__(self) -> Iterator[Any]:
        return iter(self.rows if self.graph is None else self.graph)

    def __len__(self) -> int:
        return len(self.rows if self.graph is None else self.graph)

    def __bool__(self) -> bool:
        return bool(self.boolean or len(self))


def convert_result(result: Result) -> Answer:
    """Convert a result of Oxigraph to an answer with rdflib's terms."""
    if isinstance(result, ox.QueryBoolean):
        return Answer(boolean=bool(result))
    if isinstance(result, list):
        return Answer(graph=terms.rdflib_graph(result))
    names = tuple(variable.value for variable in result.variables)
    rows = tuple(
        {name: terms.to_rdflib(term) for name, term in terms.solution(names, row).items()}
        for row in result
    )
    return Answer(names, rows)
