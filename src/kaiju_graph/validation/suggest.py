"""Put the terms and things of a project into words, and suggest replacements for wrong ones.

A replacement is spelt like the wrong term (Ratcliff and Obershelp, in ``difflib``), or it has the
right class and the sentence names it.
"""

from __future__ import annotations

from difflib import get_close_matches
from functools import cached_property, partial
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.project.names import Names
from kaiju_graph.project.spelling import fold
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.notation import term_text
from kaiju_graph.rdf.terms import OWL, last_segment
from kaiju_graph.validation.report import Suggestion

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kaiju_graph.project.layout import Project
    from kaiju_graph.rdf.terms import Quad, Term

__all__ = ["KnownTerms"]

DOMAIN = ox.NamedNode(terms.RDFS + "domain")
RANGE = ox.NamedNode(terms.RDFS + "range")
CUTOFF = 0.75
"""The least similarity of a suggestion, from 0 (nothing in common) to 1 (equal)."""
MAX_SUGGESTIONS = 3
MAX_LENGTH = 60
"""How many characters of a literal are shown."""


class KnownTerms:
    """The terms in the statements of a project, with their classes and names."""

    def __init__(self, quads: Iterable[Quad], project: Project) -> None:
        self.text = partial(term_text, prefixes=project.prefixes)
        self.quads = list(quads)
        self.classes: dict[Term, dict[Term, Quad]] = {}
        """Thing → its classes, each with the quad that states it."""
        self.statements: dict[Term, list[Quad]] = {}
        """Subject → its quads."""
        self.declared: dict[Term, set[str]] = {}
        """Term of an ontology → the IRIs of its types."""
        self._by_name: dict[tuple[Term, ...], dict[str, Term]] = {}
        for quad in self.quads:
            self.statements.setdefault(quad.subject, []).append(quad)
            if quad.predicate == terms.TYPE:
                self.classes.setdefault(quad.subject, {}).setdefault(quad.object, quad)
                if quad.graph == terms.ONTOLOGY:
                    self.declared.setdefault(quad.subject, set()).add(quad.object.value)

    @cached_property
    def names(self) -> Names:
        """The names of all things."""
        return Names(self.quads)

    @cached_property
    def objects(self) -> set[Term]:
        """The objects of all statements."""
        return {quad.object for quad in self.quads}

    @cached_property
    def namespaces(self) -> tuple[str, ...]:
        """The namespaces of the ontologies."""
        return tuple(term.value for term in self._declared_as("Ontology"))

    @cached_property
    def declared_classes(self) -> list[Term]:
        """The classes that the ontologies declare."""
        return self._declared_as("Class")

    @cached_property
    def subclasses(self) -> dict[Term, set[Term]]:
        """Class → the class itself and its direct and indirect subclasses."""
        direct = terms.subjects_by_object(self.quads, terms.SUB_CLASS_OF)
        return {top: terms.closure([top], direct) for top in direct}

    def is_undeclared(self, term: Term | None) -> bool:
        """Tell whether a term is in the namespace of an ontology that does not declare it."""
        if not isinstance(term, ox.NamedNode) or term in self.declared:
            return False
        return term.value.startswith(self.namespaces)

    def in_words(self, term: Term) -> str:
        """Return a term with its label and its classes."""
        text = self.text(term)
        if isinstance(term, ox.Literal):
            text = text if len(text) <= MAX_LENGTH else f"{text[: MAX_LENGTH - 1]}…"
            is_plain = not term.language and term.datatype.value == terms.XSD + "string"
            return f"{text} (xsd:string)" if is_plain else text
        if self.is_undeclared(term):
            return f"{text} (declared by no ontology)"
        if term in self.declared:
            return text
        label = f' "{self.names.labels[term]}"' if term in self.names.labels else ""
        classes = ", ".join(map(self.text, self.classes.get(term, ())))
        return f"{text}{label} ({classes or 'of no class'})"

    def expected_classes(self, path: Term | None, *, is_subject: bool) -> list[Term]:
        """Return the classes in the domain or the range of a property; none for a datatype."""
        quads = self.statements.get(path, ()) if path else ()
        axiom = DOMAIN if is_subject else RANGE
        classes = [quad.object for quad in quads if quad.predicate == axiom]
        return [term for term in classes if term in self.declared]

    def find_misspelt(self, focus: Term, path: Term) -> Quad | None:
        """Return the statement of a thing whose undeclared predicate is spelt like a path."""
        for quad in self.statements.get(focus, ()):
            name = last_segment(quad.predicate.value)
            is_close = get_close_matches(name, [last_segment(path.value)], 1, CUTOFF)
            if self.is_undeclared(quad.predicate) and is_close:
                return quad
        return None

    def suggest_instances(
        self, value: Term, classes: list[Term], sentence: str = ""
    ) -> list[Suggestion]:
        """Suggest instances of some classes in place of a value, or one of the classes for it.

        Args:
            value: what was found; it is an instance of none of the classes.
            classes: the classes that are expected.
            sentence: the sentence of the statement, or an empty text.
        """
        named = self.names.things_in(sentence) if sentence else set()
        if isinstance(value, ox.NamedNode) and value in named and self.classes.get(value):
            kind = self.text(next(iter(self.classes[value])))
            needed = f"{self.text(value)} a {self.text(classes[0])}"
            return [Suggestion(needed, f"in place of {kind}; the sentence names it")]
        known = self._instances_by_name(tuple(classes))
        texts = [last_segment(value.value), self.names.labels.get(value, "")]
        near = [
            name
            for text in texts
            for name in get_close_matches(fold(text), known, MAX_SUGGESTIONS, CUTOFF)
        ]
        found = [term for term in dict.fromkeys(known[name] for name in near) if term != value]
        named = {term for term in named if self._is_instance(term, classes)}
        found += sorted(named.difference(found), key=str)
        return [self._suggestion(term) for term in found[:MAX_SUGGESTIONS]]

    def suggest_declared(self, term: Term, *, as_class: bool) -> list[Suggestion]:
        """Suggest the declared class or property that is spelt most like a term."""
        kind = "Class" if as_class else "Property"
        known = [
            other
            for other, types in self.declared.items()
            if any(name.endswith(kind) for name in types)
        ]
        return self.suggest_from(term, known, most=1)

    def suggest_literals(self, value: Term, datatypes: Iterable[Term]) -> list[Suggestion]:
        """Suggest the text of a literal with one of some datatypes, where the text allows it."""
        from kaiju_graph.rdf.lexical_spaces import is_well_formed

        suggestions = []
        for datatype in datatypes if isinstance(value, ox.Literal) else ():
            if datatype.value == terms.RDF + "langString":
                text = f"{ox.Literal(value.value)}@en"
                suggestions.append(Suggestion(text, "with its language"))
            elif isinstance(datatype, ox.NamedNode):
                literal = ox.Literal(value.value, datatype=datatype)
                if is_well_formed(literal):
                    suggestions.append(Suggestion(self.text(literal), "with its datatype"))
        return suggestions

    def suggest_from(
        self, value: Term, allowed: Iterable[Term], most: int = MAX_SUGGESTIONS
    ) -> list[Suggestion]:
        """Suggest the allowed terms whose local name or other name is spelt most like a value."""
        allowed = list(allowed)
        known = {last_segment(term.value): term for term in allowed}
        for term in allowed:
            for name in self.names.of_things.get(term, ()):
                known.setdefault(name, term)
        near = get_close_matches(last_segment(value.value), known, 2 * most, CUTOFF)
        found = dict.fromkeys(known[name] for name in near)
        return [self._suggestion(term) for term in found][:most]

    def _declared_as(self, name: str) -> list[Term]:
        """Return the declared terms with a type of OWL."""
        return [term for term, types in self.declared.items() if OWL + name in types]

    def _is_instance(self, term: Term, classes: Iterable[Term]) -> bool:
        return any(
            not self.subclasses.get(kind, {kind}).isdisjoint(self.classes.get(term, {}))
            for kind in classes
        )

    def _instances_by_name(self, classes: tuple[Term, ...]) -> dict[str, Term]:
        """Return folded local name or label → instance of some classes."""
        if classes not in self._by_name:
            by_name = self._by_name[classes] = {}
            for term in self.classes:
                if isinstance(term, ox.NamedNode) and self._is_instance(term, classes):
                    for name in filter(
                        None, (last_segment(term.value), self.names.labels.get(term))
                    ):
                        by_name.setdefault(fold(name), term)
        return self._by_name[classes]

    def _suggestion(self, term: Term) -> Suggestion:
        label = self.names.labels.get(term)
        return Suggestion(self.text(term), f'"{label}"' if label else "")
