"""Copies of blank nodes in a report, such as paths, whose labels are the same in every run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rdflib import RDF, BNode

if TYPE_CHECKING:
    from rdflib import Graph

__all__ = ["copy_blank_node"]

MAX_DEPTH = 10
"""How deep a blank node in a report is described, as by pySHACL."""


def copy_blank_node(source: Any, node: Any, target: Graph, **_: object) -> BNode:
    """Copy a blank node and what it leads to, so that each copy has the same labels.

    pySHACL does so for the paths and other blank nodes in a report, with new labels: a part of a
    report that is used again would have copies of its own.
    """
    _copy(source, node, node, target, MAX_DEPTH)
    return BNode(node)


def _copy(source: Any, node: Any, copy: Any, target: Graph, depth: int) -> None:
    """Copy the statements about a blank node; a list of any length is one step deep."""
    if depth == 0:
        return
    pairs = sorted(source.predicate_objects(node), key=lambda pair: (pair[0], pair[1].n3()))
    if any(predicate == RDF.first for predicate, _ in pairs):
        pairs = [pair for pair in pairs if pair[0] in (RDF.first, RDF.rest)]
    for number, (predicate, value) in enumerate(pairs):
        if isinstance(value, BNode):
            inner = BNode(f"{copy}-{number}")
            target.add((copy, predicate, inner))
            _copy(source, value, inner, target, depth - (predicate != RDF.rest))
        else:
            target.add((copy, predicate, value))
