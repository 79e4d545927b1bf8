"""What an ontology says about the keys of infoboxes: the terms they stand for, and their values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from kaiju_graph.project.layout import SHACL
from kaiju_graph.project.sources import select_layers
from kaiju_graph.project.spelling import fold
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.parse import parse
from kaiju_graph.rdf.terms import EV, OWL, RDFS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kaiju_graph.project.layout import Project
    from kaiju_graph.rdf.terms import Quad, Term

__all__ = [
    "DISJOINT",
    "TOPIC",
    "Vocabulary",
    "read_datatypes",
]

INFOBOX_KEY, COUNTED, TOPIC = (ox.NamedNode(EV + n) for n in ("infoboxKey", "counted", "Topic"))
DISJOINT = ox.NamedNode(OWL + "disjointWith")
DOMAIN, RANGE = (ox.NamedNode(RDFS + name) for name in ("domain", "range"))
CLASS, CHAIN, FUNCTIONAL, OBJECT_PROPERTY, ALL_DISJOINT, MEMBERS = (
    ox.NamedNode(OWL + name)
    for name in (
        *("Class", "propertyChainAxiom", "FunctionalProperty", "ObjectProperty"),
        *("AllDisjointClasses", "members"),
    )
)
PATH, DATATYPE = (ox.NamedNode(SHACL + name) for name in ("path", "datatype"))
LABELS = (terms.LABEL, terms.ALT_LABEL, terms.HIDDEN_LABEL)


class Vocabulary:
    """The classes and properties of a project's ontology.

    Args:
        quads: the quads of its sources.
        datatypes: property → the datatype that a shape asks of its values.
        language: the language in which a key is sought first.
    """

    def __init__(
        self, quads: Iterable[Quad], datatypes: Mapping[Any, ox.NamedNode], language: str
    ) -> None:
        ontology = select_layers(quads, "ontology")
        self.values: dict[tuple[Any, Any], list[Any]] = {}
        keys: list[tuple[bool, str, ox.NamedNode]] = []
        supers: dict[Any, list[Any]] = {}
        subs: dict[Any, list[Any]] = {}
        subject: Any
        for subject, predicate, value, _ in ontology:
            self.values.setdefault((subject, predicate), []).append(value)
            if predicate == terms.SUB_CLASS_OF:
                supers.setdefault(subject, []).append(value)
                subs.setdefault(value, []).append(subject)
            elif predicate == INFOBOX_KEY:
                keys.append((not _has_language(value, language), _fold_key(value.value), subject))
        self.keys: dict[str, list[ox.NamedNode]] = {}
        """Key, folded → the properties and classes with it, in the order of the ontology, those of
        the language first."""
        for _, key, subject in sorted(keys, key=lambda each: each[0]):
            self.keys.setdefault(key, []).append(subject)
        self.keyed = dict.fromkeys(term for found in self.keys.values() for term in found)
        """The properties and classes with a key, in the order of ``keys``."""
        self.classes = {s for s, p, o, _ in ontology if (p, o) == (terms.TYPE, CLASS)}
        self._supers = supers
        coined = (s for s, p, *_ in ontology if p == terms.COINED)
        self.coined = terms.closure(coined, subs)
        """The classes whose members have no names in an article."""
        heads = [o for s, p, o, _ in ontology if p == MEMBERS and self._is(s, ALL_DISJOINT)]
        self.kinds = {m for head in heads for m in terms.list_members(head, self.first)}
        """The classes of ``owl:AllDisjointClasses``."""
        self.datatypes = datatypes

    def first(self, subject: Any, predicate: Any) -> ox.NamedNode | None:
        """Return the first value of a property, or None."""
        return next(iter(self.values.get((subject, predicate), ())), None)

    def _is(self, subject: Any, kind: Any) -> bool:
        return kind in self.values.get((subject, terms.TYPE), ())

    def above(self, kind: Any) -> set[Any]:
        """Return a class and its superclasses."""
        return terms.closure([kind], self._supers)

    def above_all(self, kinds: Iterable[Any]) -> set[Any]:
        """Return classes and their superclasses."""
        return terms.closure(kinds, self._supers)

    def domain(self, term: Any) -> ox.NamedNode | None:
        """Return the domain of a property, or None."""
        return self.first(term, DOMAIN)

    def range(self, term: Any) -> ox.NamedNode | None:
        """Return the class or datatype of the values of a property, or None."""
        return self.first(term, RANGE) or self.datatypes.get(term)

    def is_class(self, term: Any) -> bool:
        """Tell whether a term is a class."""
        return term in self.classes

    def is_functional(self, term: Any) -> bool:
        """Tell whether a property has one value only."""
        return self._is(term, FUNCTIONAL)

    def is_about_things(self, term: Any) -> bool:
        """Tell whether the values of a property are things."""
        return self._is(term, OBJECT_PROPERTY)

    def find(self, key: str, kinds: set[Any]) -> ox.NamedNode | None:
        """Return the property or class with a key that fits a thing of some classes.

        Args:
            key: the key of an infobox, in any case.
            kinds: the classes of the thing and their superclasses; empty if it is not known.
        """
        for term in self.keys.get(_fold_key(key), ()):
            if self.is_class(term) or not kinds or self.domain(term) in {None, *kinds}:
                return term
        return None

    def parts(self, kind: Any) -> list[ox.NamedNode]:
        """Return the properties with a key that a thing of a class may have."""
        above = self.above(kind)
        return [t for t in self.keyed if not self.is_class(t) and self.domain(t) in {None, *above}]

    def links(self, kind: Any, subject: set[Any]) -> list[ox.NamedNode]:
        """Return the functional properties from things of a class to things of other classes."""
        above = self.above(kind)
        return [
            s
            for (s, p), values in self.values.items()
            if p == RANGE
            and values[0] in subject
            and self.domain(s) in above
            and self.is_functional(s)
        ]

    def credit(self, term: Any) -> tuple[ox.NamedNode, ...] | None:
        """Return what numbers the values of a property, if they are members of a list.

        Returns:
            the property to the member, the class of it, the property from it to the value, and that
            of its position, which is marked ``ev:counted``.
        """
        for head in self.values.get((term, CHAIN), ()):
            members: list[Any] = terms.list_members(head, self.first)
            match members:
                case [to_member, to_value]:
                    kind: Any = self.range(to_member)
                    places = [s for s, p in self.values if p == COUNTED and self.domain(s) == kind]
                    if kind in self.coined and places:
                        return to_member, kind, to_value, places[0]
        return None

    def words(self, term: Any) -> list[str]:
        """Return the labels and other names of a term."""
        return [v.value for p in LABELS for v in self.values.get((term, p), ())]


def _has_language(value: Term, language: str) -> bool:
    return isinstance(value, ox.Literal) and value.language == language


def _fold_key(key: str) -> str:
    """Return a key without case, underscores and a plural in parentheses.

    >>> _fold_key("Production_company(s) "), _fold_key("Directed by:")
    ('production company', 'directed by')
    """
    return " ".join(fold(key).replace("(s)", "").replace("_", " ").rstrip(": ").split())


def read_datatypes(project: Project) -> dict[Any, ox.NamedNode]:
    """Return property → the datatype that a shape asks of its values."""
    paths: dict[Any, Any] = {}
    datatypes: dict[Any, Any] = {}
    for file in project.files("ontology/shapes", ".ttl"):
        for quad in parse(file, project.read(file), terms.ONTOLOGY):
            if quad.predicate == PATH:
                paths[quad.subject] = quad.object
            elif quad.predicate == DATATYPE:
                datatypes[quad.subject] = quad.object
    return {paths[shape]: kind for shape, kind in datatypes.items() if shape in paths}
