"""Figures of a project: quads by layer, triples, passages, things."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaiju_graph.project.sources import LAYERS, graph_layers
from kaiju_graph.rdf.terms import PASSAGE_CLASS, STATUS, TYPE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kaiju_graph.rdf.terms import Quad

__all__ = ["stats"]


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
