"""Make the triples of a subject from a list of properties and values, nested as in Turtle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.rdf.terms import EV, GRAPH, OWL, RDF, RDFS, SKOS, XSD, Term, Triple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kaiju_graph.rdf.terms import Resource

__all__ = ["PREFIXES", "Properties", "english_literal", "iri", "statements", "typed_literal"]

PREFIXES = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "ev": EV,
    "foaf": "http://xmlns.com/foaf/0.1/",
    "graph": GRAPH,
    "oa": "http://www.w3.org/ns/oa#",
    "owl": OWL,
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": RDF,
    "rdfs": RDFS,
    "schema": "https://schema.org/",
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": SKOS,
    "spdx": "http://spdx.org/rdf/terms#",
    "void": "http://rdfs.org/ns/void#",
    "xsd": XSD,
}
"""The prefixes of the vocabularies that the code writes."""
Properties = list[tuple[str, "str | Term | Properties"]]
"""Property (a CURIE) and value: a CURIE, a term, or the properties of a blank node."""


def iri(curie: str) -> ox.NamedNode:
    """Return the IRI of a CURIE with one of ``PREFIXES``.

    >>> iri("owl:Class").value
    'http://www.w3.org/2002/07/owl#Class'
    """
    prefix, _, local = curie.partition(":")
    return ox.NamedNode(PREFIXES[prefix] + local)


def typed_literal(text: object, datatype: str) -> ox.Literal:
    """Return a literal whose datatype is a CURIE.

    >>> print(typed_literal(7, "xsd:integer"))
    "7"^^<http://www.w3.org/2001/XMLSchema#integer>
    """
    return ox.Literal(str(text), datatype=iri(datatype))


def english_literal(text: str) -> ox.Literal:
    """Return a literal in English."""
    return ox.Literal(text, language="en")


def statements(
    subject: Resource, properties: Properties, labels: Iterable[str] = ()
) -> Iterator[Triple]:
    """Yield the triples of a subject.

    Args:
        subject: the subject.
        properties: its properties and their values.
        labels: the labels of the blank nodes, in the order in which they appear.
    """
    labels = iter(labels)
    for name, value in properties:
        if isinstance(value, list):
            node = ox.BlankNode(next(labels))
            yield Triple(subject, iri(name), node)
            yield from statements(node, value, labels)
        else:
            yield Triple(subject, iri(name), iri(value) if isinstance(value, str) else value)
