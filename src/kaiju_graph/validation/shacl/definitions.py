"""Hashes of all that defines a shape, to tell whether it has changed."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.project.layout import SHACL
from kaiju_graph.rdf import terms
from kaiju_graph.validation.memory import hash_texts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kaiju_graph.rdf.terms import Term, Triple

__all__ = ["Definitions"]

COMMON = frozenset(
    ox.NamedNode(SHACL + name) for name in ("parameter", "qualifiedValueShapesDisjoint", "target")
)
"""The properties that let a shape depend on others that it does not lead to.

A component applies to each shape with its parameter (SHACL, section 6.2.3), and the siblings of a
qualified shape are those of its parents (section 4.7.3).
"""


class Definitions:
    """The definitions of shapes.

    A shape is defined by what its triples lead to, in any number of steps.
    """

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._texts: dict[Term, list[str]] = {}
        self._objects: dict[Term, list[Term]] = {}
        self._common = ""
        for triple in triples:
            self._texts.setdefault(triple.subject, []).append(" ".join(map(str, triple)))
            self._objects.setdefault(triple.subject, []).append(triple.object)
            if triple.predicate in COMMON:
                self._common = "all"
        if self._common:
            self._common = hash_texts(sorted(chain(*self._texts.values())))

    def hash(self, shape: Term, *detached: Term) -> str:
        """Return a hash of the definition of a shape.

        Args:
            shape: the shape.
            detached: its property shapes that are checked apart from it.
        """
        nodes = terms.closure([shape], self._objects)
        lines = sorted(text for node in nodes for text in self._texts.get(node, ()))
        return hash_texts([self._common, str(shape), *sorted(map(str, detached)), "", *lines])
