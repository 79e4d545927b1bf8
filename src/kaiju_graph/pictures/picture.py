"""What a picture shows, whatever its format: nodes and edges, or the rows of lanes."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pyoxigraph as ox

from kaiju_graph.rdf.terms import Term

__all__ = ["Address", "Edge", "Graph", "Lane", "Lanes", "Node", "Picture", "Row", "web_address"]


Address = Callable[[Term], str]
"""Returns where a term leads: the address of its page, its IRI, or nothing."""


class Node(NamedTuple):
    """A box, or the words of a rule between boxes."""

    label: str
    """Words, or the subject, predicate and object of a triple in a line each."""
    kind: str
    """``focus``, ``stated``, ``inferred``, ``rule``, ``thing`` or ``value``."""
    detail: str = ""
    """More words: the quote of a passage, or the axioms of a rule."""
    address: str = ""


class Edge(NamedTuple):
    """An arrow between two nodes, given as indices."""

    source: int
    target: int
    label: str = ""
    inferred: bool = False


class Graph(NamedTuple):
    """Nodes and edges: a tree from its first node down, or a star around it."""

    title: str
    description: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    is_tree: bool
    note: str = ""
    """What is left out."""


class Lane(NamedTuple):
    """Something that takes part in several rows."""

    label: str
    address: str = ""


class Row(NamedTuple):
    """Something that happens, holds or is only supposed, and the lanes that it touches."""

    label: str
    kind: str
    """Whether it is so, in words."""
    shape: str
    """``circle``, ``square``, ``diamond`` or ``triangle``; the last two have broken lines."""
    where: str
    """Its places, in words."""
    doers: tuple[int, ...]
    """The lanes of those that do it or are in it."""
    others: tuple[int, ...]
    """The lanes of those that it is done to."""
    who: tuple[str, ...]
    """All who take part, with a lane or without."""
    order: str
    """The number of its passage."""
    address: str = ""
    passage: str = ""
    """The address of its passage."""


class Lanes(NamedTuple):
    """Rows in the order of time, and lanes for those that take part."""

    title: str
    description: str
    lanes: tuple[Lane, ...]
    rows: tuple[Row, ...]
    note: str = ""


Picture = Graph | Lanes


def web_address(term: Term) -> str:
    """Return the IRI of a term if a browser opens it from the web, and runs nothing; else nothing.

    >>> web_address(ox.NamedNode("https://example.org/")), web_address(ox.NamedNode("urn:x"))
    ('https://example.org/', '')
    """
    is_web = isinstance(term, ox.NamedNode) and term.value.startswith(("https://", "http://"))
    return term.value if is_web else ""
