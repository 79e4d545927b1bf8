"""Stage 5, before validating: what was found → in words, and the nearest that would do.

What is near is near in spelling (Ratcliff and Obershelp, in ``difflib``), or of the right kind and
named by the sentence.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import cached_property, partial
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.project.names import Names
from kaiju_graph.project.spelling import fold
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.notation import term_text
from kaiju_graph.validation.report import Near

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kaiju_graph.project.layout import Project
    from kaiju_graph.rdf.terms import Quad, Term

__all__ = ["Known"]

CLOSE = 0.75
"""How like another a word is to be near it: 1 is the same, 0 has nothing in common."""
MOST = 3
"""How many near things are told."""
LONGEST = 60
"""How many characters of a literal are told."""


class Known:
    """What is known of the things of a project: their kinds and names, to be looked up."""

    def __init__(self, quads: Iterable[Quad], project: Project) -> None:
        self.project = project
        self._text = partial(term_text, prefixes=project.prefixes)
        self.quads = list(quads)
        self.kinds: dict[Term, dict[Term, Quad]] = {}
        self.about: dict[Term, list[Quad]] = {}
        self.declared: dict[Term, set[str]] = {}
        self._named: dict[tuple[Term, ...], dict[str, Term]] = {}
        for quad in self.quads:
            self.about.setdefault(quad.subject, []).append(quad)
            if quad.predicate == terms.TYPE:
                self.kinds.setdefault(quad.subject, {}).setdefault(quad.object, quad)
                if quad.graph == terms.ONTOLOGY:
                    self.declared.setdefault(quad.subject, set()).add(quad.object.value)

    @cached_property
    def names(self) -> Names:
        """The names of all things."""
        return Names(self.quads)

    @cached_property
    def objects(self) -> set[Term]:
        """What is the object of something."""
        return {quad.object for quad in self.quads}

    @cached_property
    def namespaces(self) -> tuple[str, ...]:
        """The namespaces of the ontologies."""
        ontology = terms.OWL + "Ontology"
        return tuple(term.value for term, kinds in self.declared.items() if ontology in kinds)

    @cached_property
    def classes(self) -> list[Term]:
        """The classes that ontologies declare."""
        return [term for term, kinds in self.declared.items() if terms.OWL + "Class" in kinds]

    @cached_property
    def below(self) -> dict[Term, set[Term]]:
        """Class → itself and the classes below it."""
        found: dict[Term, list[Term]] = {}
        for quad in self.quads:
            if quad.predicate == terms.SUB_CLASS_OF:
                found.setdefault(quad.object, []).append(quad.subject)
        return {top: terms.closure([top], found) for top in found}

    def are(self, term: Term, classes: Iterable[Term]) -> bool:
        """Tell whether a thing is of one of some classes."""
        return any(
            not self.below.get(kind, {kind}).isdisjoint(self.kinds.get(term, {}))
            for kind in classes
        )

    def is_undeclared(self, term: Term | None) -> bool:
        """Tell whether a term stands in the namespace of an ontology that does not declare it."""
        if not isinstance(term, ox.NamedNode) or term in self.declared:
            return False
        return any(term.value.startswith(namespace) for namespace in self.namespaces)

    def told(self, term: Term) -> str:
        """Return a term in words: with its label and its classes."""
        text = self._text(term)
        if isinstance(term, ox.Literal):
            text = text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
            plain = not term.language and term.datatype.value == terms.XSD + "string"
            return f"{text} (xsd:string)" if plain else text
        if self.is_undeclared(term):
            return f"{text} (declared by no ontology)"
        if term in self.declared:
            return text
        label = f' "{self.names.labels[term]}"' if term in self.names.labels else ""
        kinds = ", ".join(self._text(kind) for kind in self.kinds.get(term, ()))
        return f"{text}{label} ({kinds or 'of no class'})"

    def labelled(self, term: Term) -> Near:
        """Return a thing as one that would do."""
        label = self.names.labels.get(term)
        return Near(self._text(term), f'"{label}"' if label else "")

    def of_class(self, value: Term, classes: list[Term], sentence: str) -> list[Near]:
        """Return the things of some classes that are nearest to a value, or that it should be one.

        Args:
            value: what is none of the classes.
            classes: the classes that would do.
            sentence: the words that the statement stands under, or nothing.
        """
        near = self._like(value, classes)
        named = self.names.things_in(sentence) if sentence else set()
        if isinstance(value, ox.NamedNode) and value in named and self.kinds.get(value):
            kind = self._text(next(iter(self.kinds[value])))
            needed = f"{self._text(value)} a {self._text(classes[0])}"
            return [Near(needed, f"in place of {kind}; the sentence names it")]
        near += sorted((t for t in named if self.are(t, classes) and t not in near), key=str)
        return [self.labelled(term) for term in near[:MOST]]

    def declared_near(self, term: Term, *, as_class: bool) -> list[Near]:
        """Return the terms of the ontologies that are spelt like one that none declares."""
        wanted = "Class" if as_class else "Property"
        local = _local(term.value)
        known = {
            _local(other.value): other
            for other, kinds in self.declared.items()
            if any(kind.endswith(wanted) for kind in kinds)
        }
        return [self.labelled(known[name]) for name in get_close_matches(local, known, 1, CLOSE)]

    def misspelt(self, focus: Term, path: Term) -> Quad | None:
        """Return the statement of a thing whose undeclared predicate is spelt like a path."""
        for quad in self.about.get(focus, ()):
            names = _local(quad.predicate.value), [_local(path.value)]
            if self.is_undeclared(quad.predicate) and get_close_matches(*names, 1, CLOSE):
                return quad
        return None

    def typed(self, value: Term, datatypes: Iterable[Term]) -> list[Near]:
        """Return a literal as one of some datatypes, where its text allows that."""
        found = []
        for datatype in datatypes if isinstance(value, ox.Literal) else ():
            if datatype.value == terms.RDF + "langString":
                found.append(Near(f"{ox.Literal(value.value)}@en", "with its language"))
            elif _is_lexical(value.value, datatype):
                made = ox.Literal(value.value, datatype=ox.NamedNode(datatype.value))
                found.append(Near(self._text(made), "with its datatype"))
        return found

    def among(self, value: Term, allowed: Iterable[Term]) -> list[Near]:
        """Return those of some values that are spelt like one."""
        known = {_local(term.value): term for term in allowed}
        near = get_close_matches(_local(value.value), known, MOST, CLOSE)
        return [self.labelled(known[name]) for name in near]

    def _like(self, value: Term, classes: list[Term]) -> list[Term]:
        """Return the things of some classes whose IRI or label is spelt like a value."""
        known = self._of(tuple(classes))
        texts = [_local(value.value), self.names.labels.get(value, "")]
        near = [n for text in texts for n in get_close_matches(fold(text), known, MOST, CLOSE)]
        return [term for term in dict.fromkeys(known[name] for name in near) if term != value]

    def _of(self, classes: tuple[Term, ...]) -> dict[str, Term]:
        """Return the names of the things of some classes: local name or label → thing."""
        if classes not in self._named:
            named = self._named[classes] = {}
            for term in self.kinds:
                if isinstance(term, ox.NamedNode) and self.are(term, classes):
                    for name in (_local(term.value), self.names.labels.get(term)):
                        if name:
                            named.setdefault(fold(name), term)
        return self._named[classes]


def _is_lexical(text: str, datatype: Term) -> bool:
    """Tell whether a text is in the lexical space of a datatype, as far as that is known."""
    from rdflib import Literal, URIRef

    if datatype.value == terms.XSD + "gYear":  # which rdflib does not check
        return bool(re.fullmatch(r"-?[0-9]{4,}", text))
    return Literal(text, datatype=URIRef(datatype.value)).ill_typed is False


def _local(iri: str) -> str:
    return iri.rpartition("#")[2].rpartition("/")[2]
