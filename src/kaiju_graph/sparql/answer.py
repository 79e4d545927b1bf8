"""The answer of a query in the Python API, with rdflib's terms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import pyoxigraph as ox

from kaiju_graph.rdf import terms

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd
    import polars as pl
    from rdflib import Graph
    from rdflib.term import Identifier

    from kaiju_graph.sparql.execute import Result

__all__ = ["Answer", "Citation", "convert_result"]


class Citation(NamedTuple):
    """What supports a row of an answer: the IRI of a passage or graph, and the sentence there.

    In place of an IRI stands ``absence`` if the row depends on something not being in the graph,
    and ``not-traced`` if it may have more evidence.
    """

    iri: str
    sentence: str = ""


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
    evidence: tuple[tuple[Citation, ...], ...] | None = None
    """For each solution, what supports it; None unless asked for."""

    def __iter__(self) -> Iterator[Any]:
        return iter(self.rows if self.graph is None else self.graph)

    def __len__(self) -> int:
        return len(self.rows if self.graph is None else self.graph)

    def __bool__(self) -> bool:
        return bool(self.boolean or len(self))

    def _repr_html_(self) -> str:
        """Return a table for a notebook; a long one is cut, with a note."""
        from kaiju_graph.sparql.frames import to_html

        return to_html(self)

    def to_pandas(self) -> pd.DataFrame:
        """Return a data frame of pandas, with a column for each variable, and for the evidence.

        A column is typed if all its values are of one kind: integers and years ``Int64``, decimals
        Python's, floating-point numbers ``Float64``, ``boolean``, dates and times ``datetime64``.
        Any other is text. A graph has the columns subject, predicate and object.

        Raises:
            UsageError: pandas is missing, or the answer is a boolean.
        """
        from kaiju_graph.sparql.frames import to_pandas

        return to_pandas(self)

    def to_polars(self) -> pl.DataFrame:
        """Return a data frame of polars, as ``to_pandas`` does; decimals are ``Decimal``.

        Raises:
            UsageError: polars is missing, or the answer is a boolean.
        """
        from kaiju_graph.sparql.frames import to_polars

        return to_polars(self)


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
