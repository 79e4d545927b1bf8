"""Stage 9, for writers: the order in which a person reads terms, which is that of the ontology.

An ontology comes before those that it imports, a term where it is declared, and last the classes
of others that the ontology itself uses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.rdf.parse import parse
from kaiju_graph.rdf.terms import COINED, LABEL, ONTOLOGY, OWL, SUB_CLASS_OF, TYPE, closure

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kaiju_graph.rdf.files import Files
    from kaiju_graph.rdf.terms import Term

__all__ = ["Order", "read"]

IMPORTS = ox.NamedNode(OWL + "imports")
FIRST = (TYPE, LABEL)


class Order(NamedTuple):
    """The terms of an ontology in their order, and its classes."""

    ranks: dict[Term, int]
    """Term → its place: type, label, then those declared."""
    above: dict[Term, set[Term]]
    """Class → the classes that it is said to be a subclass of."""
    labels: dict[Term, str]
    """Term → its label."""
    coined: set[Term]
    """The classes marked ``ev:coined``, whose members have no names of their own."""

    def key(self, term: Term) -> tuple[int, str]:
        """Return what sorts properties and classes: type, label, those declared, the rest."""
        return self.ranks.get(term, len(self.ranks)), str(term)

    def main_class(self, types: Iterable[Term]) -> Term | None:
        """Return the class by which a thing is best called: none below it, the first declared."""
        found = set(types)
        general = {other for each in found for other in closure([each], self.above) - {each}}
        return min(found - general or found, key=self.key, default=None)

    def coined_classes(self, types: Iterable[Term]) -> set[Term]:
        """Return the coined classes to which a thing of these types belongs."""
        return closure(types, self.above) & self.coined


def read(project: Files, first: Iterable[Term] = ()) -> Order:
    """Read the order from the files of the ontology.

    Args:
        project: the project.
        first: terms that come before all of the ontology.

    Raises:
        SourceError: a file does not parse.
    """
    files = {
        file: list(parse(file, project.read(file), ONTOLOGY))
        for file in project.files("ontology", ".ttl")
    }
    imports = {file: sum(q.predicate == IMPORTS for q in quads) for file, quads in files.items()}
    order = Order({}, {}, {}, set())
    for term in (*FIRST, *first):
        order.ranks.setdefault(term, len(order.ranks))
    foreign: dict[Term, None] = {}
    for file in sorted(files, key=lambda file: -imports[file]):
        for subject, predicate, object_, _ in files[file]:
            order.ranks.setdefault(subject, len(order.ranks))
            if predicate == TYPE:
                foreign[object_] = None
            elif predicate == SUB_CLASS_OF:
                order.above.setdefault(subject, set()).add(object_)
            elif predicate == LABEL:
                order.labels.setdefault(subject, object_.value)
            elif predicate == COINED:
                order.coined.add(subject)
    for term in foreign:
        order.ranks.setdefault(term, len(order.ranks))
    return order
