"""Columns for the labels of IRIs in an answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from kaiju_graph.rdf.lexical_forms import find_quads
from kaiju_graph.rdf.terms import LABEL, term_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kaiju_graph.rdf.lexical_forms import QuadSource
    from kaiju_graph.rdf.terms import Term

__all__ = ["add_labels", "make_solutions"]


def add_labels(
    variables: Sequence[str], rows: Sequence[dict[str, Term]], store: QuadSource
) -> tuple[list[str], list[dict[str, Term]]]:
    """Return rows with a column ``NAME_label`` after each column that has an IRI.

    A label in English or without a language is preferred; several are in the order of code points.
    A column that already has that name stays as it is.

    Args:
        variables: the columns.
        rows: variable → term, without unbound variables.
        store: its default graph has the labels (``rdfs:label``).
    """
    labels: dict[Term, ox.Literal | None] = {}
    columns: dict[str, str] = {}
    for name in variables:
        iris = {iri for row in rows if isinstance(iri := row.get(name), ox.NamedNode)}
        if iris and f"{name}_label" not in variables:
            columns[name] = f"{name}_label"
            labels |= {iri: _label(iri, store) for iri in iris - labels.keys()}
    with_labels = [
        row
        | {
            column: label
            for name, column in columns.items()
            if name in row and (label := labels.get(row[name]))
        }
        for row in rows
    ]
    names = [column for name in variables for column in (name, columns.get(name)) if column]
    return names, with_labels


def make_solutions(variables: Iterable[str], rows: Iterable[dict[str, Term]]) -> ox.QuerySolutions:
    """Return rows as solutions of Oxigraph, which every result format can write."""
    bindings = [{name: term_json(term) for name, term in row.items()} for row in rows]
    document: dict[str, Any] = {"head": {"vars": [*variables]}, "results": {"bindings": bindings}}
    solutions = ox.parse_query_results(json.dumps(document), format=ox.QueryResultsFormat.JSON)
    if not isinstance(solutions, ox.QuerySolutions):
        raise TypeError(solutions)
    return solutions


def _label(iri: ox.NamedNode, store: QuadSource) -> ox.Literal | None:
    labels = [
        quad.object
        for quad in find_quads(store, iri, LABEL, None)
        if isinstance(quad.object, ox.Literal)
    ]
    return min(labels, key=lambda t: (t.language not in (None, "en"), str(t)), default=None)
