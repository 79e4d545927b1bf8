"""The statements of shapes, indexed, and their faults."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.project.layout import SHACL
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.notation import term_text
from kaiju_graph.rdf.terms import FIRST, NIL, REST, TYPE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kaiju_graph.rdf.prefixes import Prefixes
    from kaiju_graph.rdf.terms import Quad, Term

__all__ = ["Fault", "ShapeIndex", "is_node", "local_name"]


class Fault(NamedTuple):
    """A statement of a shape that SHACL does not allow, or that has no effect."""

    quad: Quad
    message: str
    """``found …; expected …``"""
    part: str = "object"
    """The wrong term: ``subject``, ``predicate`` or ``object``."""
    offset: int | None = None
    """The offset of the wrong character, if the object is a literal such as a query."""
    severity: str = "error"
    is_usable: bool = False
    """True if the shape is applied all the same."""
    referred: Term | None = None
    """The faulty shape, if that is not the subject."""

    @property
    def shape(self) -> Term:
        """The faulty shape, or a node that belongs to one."""
        return self.referred or self.quad.subject


def local_name(term: Term) -> str:
    """Return the local name of a term of SHACL, or the whole text of another."""
    return term.value.removeprefix(SHACL)


def is_node(term: Term) -> bool:
    """Tell whether a term is an IRI or a blank node."""
    return not isinstance(term, ox.Literal)


class ShapeIndex:
    """The statements of shapes by subject and object."""

    def __init__(self, quads: Iterable[Quad], registry: Iterable[Quad], prefixes: Prefixes) -> None:
        """Take the statements of shapes, those of the registry of prefixes, and the prefixes."""
        self.quads = [*quads]
        self.prefixes = prefixes
        self.about: dict[Term, list[Quad]] = {}
        """Subject → its quads."""
        self.users: dict[Term, list[Quad]] = {}
        """Object → its quads."""
        self._declarations: dict[Term, list[Quad]] = {}
        for quad in self.quads:
            self.about.setdefault(quad.subject, []).append(quad)
            self.users.setdefault(quad.object, []).append(quad)
        for quad in (*self.quads, *registry):
            self._declarations.setdefault(quad.subject, []).append(quad)
        self.components = self._instances("ConstraintComponent")
        """The constraint components."""

    def objects(self, node: Term, predicate: ox.NamedNode) -> list[Term]:
        """Return the objects of a subject and predicate."""
        return [quad.object for quad in self.about.get(node, ()) if quad.predicate == predicate]

    def declared(self, node: Term, predicate: ox.NamedNode) -> list[Term]:
        """Return the objects of a subject and predicate, also in the registry of prefixes."""
        quads = self._declarations.get(node, ())
        return [quad.object for quad in quads if quad.predicate == predicate]

    def values(self, node: Term, name: str) -> list[Term]:
        """Return the values of a property of SHACL."""
        return self.objects(node, ox.NamedNode(SHACL + name))

    def of(self, name: str) -> Iterator[Term]:
        """Yield the objects of a property of SHACL."""
        return (quad.object for quad in self.quads if quad.predicate.value == SHACL + name)

    def members(self, head: Term) -> list[Term] | None:
        """Return the members of a list, or None if it is not well-formed."""
        members: list[Term] = []
        seen = set()
        while head != NIL:
            firsts, rests = self.objects(head, FIRST), self.objects(head, REST)
            if head in seen or (len(firsts), len(rests)) != (1, 1):
                return None
            seen.add(head)
            members += firsts
            (head,) = rests
        return members

    def text(self, term: Term) -> str:
        """Return a term in Turtle, and a blank node in words."""
        return "a blank node" if isinstance(term, ox.BlankNode) else term_text(term, self.prefixes)

    def value_fault(self, quad: Quad, expected: str) -> Fault:
        """Return the fault of a value that a property of SHACL does not allow."""
        found = f"{self.text(quad.object)} as sh:{local_name(quad.predicate)}"
        return Fault(quad, f"found {found}; expected {expected}")

    def _instances(self, name: str) -> list[Term]:
        """Return the instances of a class of SHACL or of its subclasses."""
        kinds: set[Term] = {ox.NamedNode(SHACL + name)}
        kinds |= {
            quad.subject
            for quad in self.quads
            if quad.predicate == terms.SUB_CLASS_OF and quad.object in kinds
        }
        found = (q.subject for q in self.quads if q.predicate == TYPE and q.object in kinds)
        return [*dict.fromkeys(found)]
