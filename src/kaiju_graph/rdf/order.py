"""The order of the ontology, in which writers put terms.

An ontology comes before those that it imports. Terms are in the order of their declarations.
Classes of other vocabularies that the ontology uses come last.
"""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, Protocol

import pyoxigraph as ox

from kaiju_graph.errors import SourceError
from kaiju_graph.rdf.parse import parse
from kaiju_graph.rdf.terms import (
    COINED,
    LABEL,
    ONTOLOGY,
    OWL,
    SUB_CLASS_OF,
    SUB_PROPERTY_OF,
    TYPE,
    closure,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kaiju_graph.rdf.prefixes import Prefixes
    from kaiju_graph.rdf.terms import Quad, Term

__all__ = ["Files", "Order", "read"]

IMPORTS, INVERSE_OF = ox.NamedNode(OWL + "imports"), ox.NamedNode(OWL + "inverseOf")
SYMMETRIC = ox.NamedNode(OWL + "SymmetricProperty")


class Files(Protocol):
    """The parts of a project (``project.layout.Project``) that writers need."""

    prefixes: Prefixes

    def files(self, folder: str, *endings: str) -> list[str]:
        """Return the files of a folder with one of the endings, relative to the root, sorted."""

    def read(self, file: str) -> str:
        """Return the text of a file, given relative to the root."""


class Order(NamedTuple):
    """The terms of an ontology in order, and its classes."""

    ranks: dict[Term, int]
    """Term → its rank: type, label, then the declared terms."""
    above: dict[Term, set[Term]]
    """Class or property → its direct superclasses or super-properties."""
    labels: dict[Term, str]
    """Term → its label."""
    coined: set[Term]
    """The classes marked ``ev:coined``, whose members have no names of their own."""
    inverses: dict[Term, set[Term]]
    """Property → its inverse properties; a symmetric property is its own."""

    def key(self, term: Term) -> tuple[int, str]:
        """Return the sort key of a property or class; those without a rank come last."""
        return self.ranks.get(term, len(self.ranks)), str(term)

    def main_class(self, types: Iterable[Term]) -> Term | None:
        """Return the most specific of some classes; if there are several, the first declared."""
        candidates = set(types)
        general = {other for kind in candidates for other in closure([kind], self.above) - {kind}}
        return min(candidates - general or candidates, key=self.key, default=None)

    def coined_classes(self, types: Iterable[Term]) -> set[Term]:
        """Return the coined classes among some classes and their superclasses."""
        return closure(types, self.above) & self.coined


def read(project: Files, first: Iterable[Term] = ()) -> Order:
    """Read the order from the files of the ontology; the terms of ``first`` come before it.

    The terms of a file that does not load have no rank.
    """
    texts = {}
    for file in project.files("ontology", ".ttl"):
        with suppress(SourceError):
            texts[file] = project.read(file)
    return _read_order(tuple(texts.items()), tuple(first))


@lru_cache(maxsize=8)  # a site or a release has thousands of files in this order
def _read_order(texts: tuple[tuple[str, str], ...], first: tuple[Term, ...]) -> Order:
    files = {file: _read(file, text) for file, text in texts}
    imports = {file: sum(q.predicate == IMPORTS for q in quads) for file, quads in files.items()}
    terms = dict.fromkeys((TYPE, LABEL, *first))
    order = Order({}, {}, {}, set(), {})
    foreign: dict[Term, None] = {}
    for file in sorted(files, key=lambda file: -imports[file]):
        for subject, predicate, object_, _ in files[file]:
            terms[subject] = None
            if predicate == TYPE:
                foreign[object_] = None
                if object_ == SYMMETRIC:
                    order.inverses.setdefault(subject, set()).add(subject)
            elif predicate == INVERSE_OF:
                order.inverses.setdefault(subject, set()).add(object_)
                order.inverses.setdefault(object_, set()).add(subject)
            elif predicate in (SUB_CLASS_OF, SUB_PROPERTY_OF):
                order.above.setdefault(subject, set()).add(object_)
            elif predicate == LABEL:
                order.labels.setdefault(subject, object_.value)
            elif predicate == COINED:
                order.coined.add(subject)
    order.ranks.update((term, rank) for rank, term in enumerate(terms | foreign))
    return order


def _read(file: str, text: str) -> list[Quad]:
    """Return the quads of a file; none if it does not load, as in a report of the reason."""
    try:
        return [*parse(file, text, ONTOLOGY)]
    except SourceError:
        return []
