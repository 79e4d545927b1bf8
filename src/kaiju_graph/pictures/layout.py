"""The places of the nodes of a tree, found by igraph.

Its layered layout (Sugiyama, Tagawa and Toda, *Methods for visual understanding of hierarchical
system structures*, 1981, with the columns of Brandes and Köpf, 2001) makes no random choice.
Columns are rounded to halves, so that the arithmetic of a platform does not show.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import igraph

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Layout", "Place", "place_layers"]


class Place(NamedTuple):
    """A column, which may be a half, and a layer; the first of each is 0."""

    column: float
    layer: int


class Layout(NamedTuple):
    """The places of nodes, and the ways of edges past the nodes of other layers."""

    places: list[Place]
    """For each node its place; two nodes of a layer are at least one column apart."""
    ways: list[list[Place]]
    """For each edge the places from its source to its target, one for each layer."""


def place_layers(count: int, edges: Sequence[tuple[int, int]]) -> Layout:
    """Return a layout in which each edge leads down.

    Args:
        count: the number of nodes.
        edges: pairs of nodes, without a cycle.
    """
    graph = igraph.Graph(n=count, edges=edges, directed=True)
    layers = [0] * count
    for node in graph.topological_sorting():
        for below in graph.successors(node):
            layers[below] = max(layers[below], layers[node] + 1)
    # A node on the way of each edge in each layer that it passes, which keeps a column free.
    paths: list[list[int]] = []
    for source, target in edges:
        passed = range(layers[source] + 1, layers[target])
        paths.append([source, *range(len(layers), len(layers) + len(passed)), target])
        layers += passed
    steps = [step for path in paths for step in pairwise(path)]
    graph = igraph.Graph(n=len(layers), edges=steps, directed=True)
    points = graph.layout_sugiyama(layers=layers, hgap=1, vgap=1, maxiter=100).coords
    places = _spread([Place(x, layer) for (x, _), layer in zip(points, layers, strict=False)])
    return Layout(places[:count], [[places[node] for node in path] for path in paths])


def _spread(places: list[Place]) -> list[Place]:
    """Return places in columns or halves of columns, at least one apart in each layer."""
    ordered = sorted(range(len(places)), key=lambda node: (places[node].layer, places[node].column))
    columns: dict[int, float] = {}
    last = Place(0, -1)
    for node in ordered:
        column = round(places[node].column * 2) / 2
        if places[node].layer == last.layer:
            column = max(column, last.column + 1)
        last = Place(column, places[node].layer)
        columns[node] = column
    first = min(columns.values(), default=0)
    return [Place(columns[node] - first, place.layer) for node, place in enumerate(places)]
