"""The figures of a project are those that a query counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaiju_graph.evidence.stats import stats
from kaiju_graph.project.sources import LAYERS, select_layers
from kaiju_graph.store.store import DEFAULT_LAYERS

if TYPE_CHECKING:
    from pathlib import Path

    from kaiju_graph import KnowledgeGraph


def test_figures_agree_with_queries(kg: KnowledgeGraph, root: Path) -> None:
    figures = kg.stats()
    for layer in LAYERS:
        assert figures[f"{layer} quads"] == len(set(select_layers(kg.quads, layer)))
    assert figures["quads"] == sum(figures[f"{layer} quads"] for layer in LAYERS)
    merged = {quad.triple for quad in select_layers(kg.quads, *DEFAULT_LAYERS)}
    assert figures["triples in the default graph"] == len(merged)
    (row,) = kg.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    assert figures["triples in the default graph"] == int(row["n"])
    assert figures["named graphs"] == len({quad.graph for quad in kg.quads})
    assert figures["passages"] == 60
    assert figures["stored questions"] == len(list((root / "queries").glob("*.rq")))


def test_repeated_quad_is_counted_once(kg: KnowledgeGraph) -> None:
    assert stats([*kg.quads, *kg.quads]) == stats(kg.quads)
