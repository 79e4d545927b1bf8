"""What a project knows before an article is drafted: terms, things and their names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pyoxigraph as ox

from kaiju_graph.draft.vocabulary import Vocabulary, read_datatypes
from kaiju_graph.errors import InputError
from kaiju_graph.project.layout import SHACL
from kaiju_graph.project.names import Names
from kaiju_graph.project.sources import select_layers
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.parse import parse
from kaiju_graph.rdf.terms import TYPE

if TYPE_CHECKING:
    from kaiju_graph.project.layout import Project
    from kaiju_graph.project.sources import Sources
    from kaiju_graph.rdf.terms import Term

__all__ = ["SHARED", "Knowledge", "parent", "read_knowledge"]

NAMED_INDIVIDUAL = ox.NamedNode(terms.OWL + "NamedIndividual")
ONTOLOGY_CLASS = ox.NamedNode(terms.OWL + "Ontology")
PREFIXES = "ontology/prefixes.ttl"
SHARED = "id"
"""The prefix of the namespace of things that articles share."""


class Knowledge(NamedTuple):
    """A project, its sources, its ontology, and the names of the things that articles share."""

    project: Project
    sources: Sources
    vocabulary: Vocabulary
    names: Names
    registry: str
    """The IRI of the list of prefixes, which the queries of shapes name."""

    @property
    def shared(self) -> str:
        """The namespace of the things that articles share."""
        return self.project.prefixes[SHARED]

    @property
    def common_prefixes(self) -> set[str]:
        """The prefixes that nearly any graph needs: those of labels, literals and the ontology."""
        quads = select_layers(self.sources.quads, "ontology")
        ontologies = {q.subject for q in quads if (q.predicate, q.object) == (TYPE, ONTOLOGY_CLASS)}
        prefixes = self.project.prefixes
        own = {prefix for prefix, iri in prefixes.items() if ox.NamedNode(iri) in ontologies}
        return {SHARED, *({"rdfs", "xsd"} & prefixes.keys()), *own}

    def classes(self) -> dict[Term, set[Any]]:
        """Return thing → its classes."""
        classes: dict[Term, set[Any]] = {}
        for quad in self.sources.quads:
            if quad.predicate == TYPE:
                classes.setdefault(quad.subject, set()).add(quad.object)
        return classes


def read_knowledge(project: Project, sources: Sources, language: str) -> Knowledge:
    """Return what a project knows.

    Args:
        project: the project.
        sources: its sources.
        language: the language of the article, and of the keys of its infobox.

    Raises:
        InputError: the project has no namespace for the things that articles share.
    """
    if SHARED not in project.prefixes:
        expected = "expected the namespace of the things that articles share"
        raise InputError(f"{PREFIXES}:1: found no prefix {SHARED!r}; {expected}")
    vocabulary = Vocabulary(sources.quads, read_datatypes(project), language)
    declarations = parse(PREFIXES, project.read(PREFIXES), terms.ONTOLOGY)
    registries = (q.subject.value for q in declarations if q.predicate.value == f"{SHACL}declare")
    names = _shared_names(sources, project.prefixes[SHARED])
    return Knowledge(project, sources, vocabulary, names, next(registries, terms.EV))


def _shared_names(sources: Sources, shared: str) -> Names:
    """Return the names of the things that articles share, and of the ontology's individuals."""
    ontology = select_layers(sources.quads, "ontology")
    individuals = {
        q.subject for q in ontology if (q.predicate, q.object) == (TYPE, NAMED_INDIVIDUAL)
    }
    return Names(
        quad
        for quad in [*select_layers(sources.quads, "entities", "curated"), *ontology]
        if quad.subject.value.startswith(shared) or quad.subject in individuals
    )


def parent(namespace: str) -> str:
    """Return the IRI of which a namespace is a part.

    >>> parent("https://example.org/id/")
    'https://example.org'
    """
    return namespace.rstrip("/#").rpartition("/")[0]
