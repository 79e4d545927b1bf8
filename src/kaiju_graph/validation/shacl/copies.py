"""Copies of blank nodes in a report, such as paths, whose labels are the same in every run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rdflib import RDF, BNode

if TYPE_CHECKING:
    from collections.abc import Container

    from rdflib import Graph

__all__ = ["copy_blank_node", "is_copy"]

MARK = "-copy"
"""What stands between the label of a source and the number of a copy."""
MAX_DEPTH = 10
"""How deep a blank node in a report is described, as by pySHACL."""


def copy_blank_node(source: Any, node: Any, target: Graph, **_: object) -> BNode:
    """Copy a blank node and what it leads to; the label of a copy begins with that of the node.

    pySHACL does so for the paths and other blank nodes in a report, with new labels: a part of a
    report that is used again would have copies of its own. It also copies a node again for each
    use, so that the copies of nodes that share others might have no end.
    """
    _copy(source, node, {node: BNode(node)}, target, MAX_DEPTH)
    return BNode(node)


def _copy(source: Any, node: Any, copies: dict[Any, BNode], target: Graph, depth: int) -> None:
    """Copy the statements about a blank node; a list of any length is one step deep."""
    if depth == 0:
        return
    pairs = sorted(source.predicate_objects(node), key=lambda pair: (pair[0], pair[1].n3()))
    if any(predicate == RDF.first for predicate, _ in pairs):
        pairs = [pair for pair in pairs if pair[0] in (RDF.first, RDF.rest)]
    for predicate, value in pairs:
        is_new = isinstance(value, BNode) and value not in copies
        if is_new:
            first = next(iter(copies))
            copies[value] = BNode(f"{first}{MARK}{len(copies)}")
        target.add((copies[node], predicate, copies.get(value, value)))
        if is_new:
            _copy(source, value, copies, target, depth - (predicate != RDF.rest))


def is_copy(label: str, sources: Container[str]) -> bool:
    """Tell whether a label is that of a copy, given the labels of what may be copied."""
    return label.rpartition(MARK)[0] in sources
