"""Figures of a project: quads by layer, triples, passages, things."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.project.passages import ABOUT
from kaiju_graph.project.sources import LAYERS, graph_layers
from kaiju_graph.rdf.lexical_forms import find_quads
from kaiju_graph.rdf.terms import EV, NOT_MODELLED, PASSAGE_CLASS, STATUS, TYPE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kaiju_graph.rdf.terms import Quad, Term

__all__ = ["count_drafts", "stats"]

PASSAGE_OF = ox.NamedNode(EV + "passageOf")


def stats(quads: Iterable[Quad]) -> dict[str, int]:
    """Return the figures of a project: name → count."""
    quads = set(quads)
    layers = graph_layers(quads)
    by_layer = {name: [q for q in quads if layers[q.graph.value] == name] for name in LAYERS}
    merged = {quad.triple for quad in quads if layers[quad.graph.value] != "alignments"}
    asserted = (quad for name in ("stated", "entities", "curated") for quad in by_layer[name])
    return {
        **{f"{name} quads": len(members) for name, members in by_layer.items()},
        "quads": len(quads),
        "triples in the default graph": len(merged),
        "named graphs": len(layers),
        "passages": sum(t.predicate == TYPE and t.object == PASSAGE_CLASS for t in merged),
        "passages not modelled yet": sum(t.predicate == STATUS for t in merged),
        "things": len({quad.subject for quad in asserted}),
    }


def count_drafts(store: ox.Store, thing: Term) -> tuple[int, int]:
    """Return how many passages about a thing are not modelled yet, and how many there are.

    Args:
        store: a store with the graph.
        thing: what an article is about.
    """
    articles = [quad.subject for quad in find_quads(store, None, ABOUT, thing)]
    passages = {
        quad.subject
        for article in articles
        for quad in find_quads(store, None, PASSAGE_OF, article)
    }
    drafts = {quad.subject for quad in find_quads(store, None, STATUS, NOT_MODELLED)}
    return len(passages & drafts), len(passages)
