"""Parts of a graph in an endpoint, as quads: what a look-up needs, and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from kaiju_graph.rdf import terms
from kaiju_graph.rdf.lexical_forms import fill
from kaiju_graph.rdf.terms import EV, MERGE, OWL, Quad, Triple
from kaiju_graph.remote.answers import select
from kaiju_graph.remote.engine import SYSTEM_GRAPHS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kaiju_graph.rdf.terms import Term
    from kaiju_graph.remote.protocol import Endpoint

__all__ = ["labels", "names", "neighbourhood", "texts", "types"]

NAMES = (terms.LABEL, terms.ALT_LABEL)
ABOUT_GRAPHS = tuple(ox.NamedNode(EV + name) for name in ("section", "source", "order"))
"""The properties of passages and curations that a description shows."""
BATCH = 500
"""Of how many things labels are asked for in one request."""
COLUMNS = "?s ?p ?o ?g"
GRAPHS = " && ".join(f'!STRSTARTS(STR(?g), "{name}")' for name in (MERGE.value, *SYSTEM_GRAPHS))


def labels(things: Iterable[Term], answer: Callable[[str], Any]) -> ox.Store:
    """Return a store with the labels of things in the default graph of an endpoint.

    Args:
        things: the things; other terms have no label.
        answer: answers a query at the endpoint.
    """
    store, iris = ox.Store(), sorted(str(term) for term in things if isinstance(term, ox.NamedNode))
    for start in range(0, len(iris), BATCH):
        values = " ".join(iris[start : start + BATCH])
        rows = answer(f"SELECT ?s ?o {{ VALUES ?s {{ {values} }} ?s {terms.LABEL} ?o }}")
        fill(store, (Triple(row[0], terms.LABEL, row[1]) for row in rows))
    return store


def names(endpoint: Endpoint) -> list[Quad]:
    """Return the quads that give things their names, and terms their ontology."""
    return _quads(endpoint, (_with_properties((*NAMES, terms.IS_DEFINED_BY)),))


def types(endpoint: Endpoint) -> list[Quad]:
    """Return the quads that give things their classes, and classes the mark of coined things."""
    return _quads(endpoint, (_with_properties((terms.TYPE, terms.COINED)),))


def texts(endpoint: Endpoint) -> list[Quad]:
    """Return the quads in which a search looks: texts of things, by datatype properties."""
    own = f"GRAPH ?h {{ ?p a <{OWL}DatatypeProperty> }} GRAPH ?g {{ ?s ?p ?o }}"
    hidden = _with_properties((terms.HIDDEN_LABEL,))
    return _quads(endpoint, (own, hidden))


def neighbourhood(endpoint: Endpoint, thing: ox.NamedNode) -> list[Quad]:
    """Return the quads with a thing in any place, and what tells where they come from."""
    patterns = (
        f"GRAPH ?g {{ ?s ?p ?o }} FILTER(?s = {thing})",
        f"GRAPH ?g {{ ?s ?p ?o }} FILTER(?o = {thing})",
        f"GRAPH ?g {{ ?s {thing} ?o }} BIND({thing} AS ?p)",
        f"GRAPH {thing} {{ ?s ?p ?o }} BIND({thing} AS ?g)",
        _with_properties(ABOUT_GRAPHS),
    )
    return _quads(endpoint, patterns)


def _with_properties(properties: Iterable[ox.NamedNode]) -> str:
    return f"VALUES ?p {{ {' '.join(map(str, properties))} }} GRAPH ?g {{ ?s ?p ?o }}"


def _quads(endpoint: Endpoint, patterns: Iterable[str]) -> list[Quad]:
    """Return the quads of the named graphs that match patterns, each once."""
    found: dict[Quad, None] = {}
    for pattern in patterns:
        text = f"SELECT {COLUMNS} {{ {pattern} FILTER({GRAPHS}) }}"
        rows: list[tuple[Any, ...]] = select(endpoint, text)
        found |= dict.fromkeys(Quad(*row) for row in rows)
    # As in a project: what is inferred comes last. An engine has no order.
    return sorted(found, key=lambda quad: (quad.graph == terms.INFERRED, str(quad)))
