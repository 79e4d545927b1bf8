"""What an ontology says of its terms: their definitions, relations, alignments and examples."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.project.sources import graph_layers
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.properties import iri
from kaiju_graph.rdf.terms import OWL, QUOTE, TYPE, Quad

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kaiju_graph.project.layout import Project
    from kaiju_graph.rdf.terms import Term

__all__ = ["Example", "Index", "Value", "example", "groups", "relations"]

Value = tuple["Term | str", ...]
"""A term or a word that something is related to, or the terms of a chain of properties."""
HEADINGS = {
    "Class": "Classes",
    "ObjectProperty": "Object properties",
    "DatatypeProperty": "Datatype properties",
    "AnnotationProperty": "Annotation properties",
    "NamedIndividual": "Individuals",
}
"""Kind of term, in the namespace of OWL → heading."""
RELATIONS = {
    "rdfs:subClassOf": ("subclass of", "superclass of"),
    "rdfs:subPropertyOf": ("subproperty of", "superproperty of"),
    "rdfs:domain": ("domain", ""),
    "rdfs:range": ("range", ""),
    "owl:inverseOf": ("inverse of", "inverse of"),
    "owl:equivalentClass": ("equivalent to", ""),
    "owl:equivalentProperty": ("equivalent to", ""),
    "owl:disjointWith": ("disjoint with", "disjoint with"),
    "owl:propertyDisjointWith": ("disjoint with", "disjoint with"),
}
"""Property of axioms → label for its subject, and label for its object, if it has one."""
EXAMPLE_LAYERS = ("stated", "evidence", "entities", "curated", "inferred", "ontology")
"""The layers that examples come from, the best first."""


class Example(NamedTuple):
    """A quad that uses a term, its passage or layer, and the sentence of the passage."""

    quad: Quad
    source: str
    sentence: str = ""


class Index:
    """An index of the quads of a project for the documentation."""

    def __init__(self, quads: Sequence[Quad], project: Project) -> None:
        self.prefixes = project.prefixes
        self.layer = graph_layers(quads)
        self._objects: dict[tuple[Term, Term], list[Term]] = defaultdict(list)
        self._subjects: dict[tuple[Term, Term], list[Term]] = defaultdict(list)
        self.alignments: dict[Term, list[Quad]] = defaultdict(list)
        self.quotes: dict[Term, str] = {}
        self.uses: dict[Term, list[Quad]] = defaultdict(list)
        """Class or property → the quads that use it."""
        self.mentions: dict[Term, Quad] = {}
        """Thing → the first quad with it in a passage."""
        for quad in quads:
            self._add(quad, self.layer[quad.graph.value])

    def _add(self, quad: Quad, layer: str) -> None:
        if layer == "alignments":
            self.alignments[quad.subject].append(quad)
            return
        if layer == "ontology":
            self._objects[quad.subject, quad.predicate].append(quad.object)
            self._subjects[quad.object, quad.predicate].append(quad.subject)
        if layer == "stated":
            self.mentions.setdefault(quad.subject, quad)
            self.mentions.setdefault(quad.object, quad)
        if quad.predicate == QUOTE:
            self.quotes[quad.subject] = quad.object.value
        if isinstance(quad.subject, ox.NamedNode):
            self.uses[quad.object if quad.predicate == TYPE else quad.predicate].append(quad)

    def objects(self, term: Term, curie: str) -> list[Term]:
        """Return the values of a property of a term, in the ontology."""
        return self._objects[term, iri(curie)]

    def subjects(self, term: Term, curie: str) -> list[Term]:
        """Return the terms with a given value of a property, in the ontology."""
        return self._subjects[term, iri(curie)]

    def text(self, term: Term, curie: str) -> str:
        """Return the values of a property of a term as one text."""
        return " ".join(value.value for value in self.objects(term, curie))

    def member(self, cell: Term, predicate: ox.NamedNode) -> Term | None:
        """Return the first value of a property of a list's cell."""
        return next(iter(self._objects[cell, predicate]), None)

    def narrower(self, term: Term) -> list[Term]:
        """Return a term and its subclasses or subproperties, nearest first, with their inverses."""
        result = [term]
        inverse = "owl:inverseOf"
        for low in result:  # grows in the loop
            below = ("rdfs:subClassOf", "rdfs:subPropertyOf", inverse)
            near = [other for name in below for other in self.subjects(low, name)]
            near += self.objects(low, inverse)
            result += [other for other in near if other not in result]
        return result

    def curie(self, term: Term) -> str:
        """Return the CURIE of a term, or its IRI."""
        return self.prefixes.shorten(term.value).strip("<>")


def groups(index: Index, ontology: Term) -> dict[str, list[Term]]:
    """Return the terms that an ontology defines: heading → terms."""
    defined = dict.fromkeys(index.subjects(ontology, "rdfs:isDefinedBy"))
    groups = {
        heading: [t for t in defined if iri(f"owl:{kind}") in index.objects(t, "rdf:type")]
        for kind, heading in HEADINGS.items()
    }
    return {heading: members for heading, members in groups.items() if members}


def relations(index: Index, term: Term) -> dict[str, list[Value]]:
    """Return the axioms and alignments of a term: label → values."""
    found: dict[str, dict[Value, None]] = defaultdict(dict)

    def add(label: str, values: Iterable[Value]) -> None:
        if values := dict.fromkeys(values):
            found[label] |= values

    def single(values: Iterable[Term]) -> Iterator[Value]:
        return ((value,) for value in values)

    types = [
        kind
        for kind in index.objects(term, "rdf:type")
        if kind.value.removeprefix(OWL) not in HEADINGS
    ]
    marks = [kind.value.removeprefix(OWL) for kind in types if kind.value.startswith(OWL)]
    add("characteristics", ((mark.removesuffix("Property").lower(),) for mark in marks))
    add("instance of", single(kind for kind in types if not kind.value.startswith(OWL)))
    for curie, (label, _) in RELATIONS.items():
        add(label, single(index.objects(term, curie)))
    for curie, (_, label) in RELATIONS.items():
        if label:
            add(label, single(index.subjects(term, curie)))
    for chain in index.objects(term, "owl:propertyChainAxiom"):
        add("follows from", [tuple(terms.list_members(chain, index.member))])
    labels = {iri(curie): label for curie, (label, _) in RELATIONS.items()}
    for quad in index.alignments[term]:
        label = labels.get(quad.predicate, "")
        add(f"aligned, {label}" if label else "aligned", [(quad.object,)])
    return {label: list(values) for label, values in found.items()}


def example(index: Index, term: Term) -> Example | None:
    """Return the best example of a term: if possible with a sentence and not of a narrower one."""
    spare = None
    for used in index.narrower(term):
        ranked = sorted(
            index.uses[used], key=lambda quad: EXAMPLE_LAYERS.index(index.layer[quad.graph.value])
        )
        for quad in ranked:
            example = _with_sentence(index, quad)
            if example.sentence:
                return example
            spare = spare or example
    mention = index.mentions.get(term)
    return spare or (_with_sentence(index, mention) if mention else None)


def _with_sentence(index: Index, quad: Quad) -> Example:
    """Return a quad as an example, with the sentence that states it or mentions its subject."""
    mention = index.mentions.get(quad.subject) if quad.predicate == TYPE else None
    for passage in (quad.graph, quad.subject, *((mention.graph,) if mention else ())):
        if passage in index.quotes:
            return Example(quad, index.prefixes.shorten(passage.value), index.quotes[passage])
    return Example(quad, index.layer[quad.graph.value])
