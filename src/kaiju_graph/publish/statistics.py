"""Stage 11, for catalogues: quads → the figures of their dataset.

They are those of VoID, counted as its vocabulary defines each (Describing Linked Datasets with the
VoID Vocabulary, W3C Note, 2011).
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.project.sources import LAYERS, graph_layers
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.terms import OWL, RDF, RDFS, TYPE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kaiju_graph.rdf.terms import Quad, Resource, Term, Triple

__all__ = ["Facts", "linksets", "namespace", "statistics", "subsets", "term", "vocabularies"]

VOCABULARIES = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "owl": OWL,
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": RDF,
    "rdfs": RDFS,
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "void": "http://rdfs.org/ns/void#",
}
SUBSETS = {
    "stated": "what each passage of the article says, in a graph that bears the passage's name",
    "entities": "the type and the name of each thing",
    "curated": "what is known from elsewhere, or read into the article, a graph for each source",
    "evidence": "the passages: their words, and where in the article these stand",
    "ontology": "the classes and properties",
    "alignments": "how these stand to the terms of others; in none of the dataset's figures",
    "inferred": "what follows from the rest, alignments apart, by OWL 2 RL",
}
"""Layer → what it holds."""
Facts = list[tuple[str, "Term | int | Facts"]]
"""Predicate, as a CURIE, and value, which may be what is said of a blank node."""
LINKS = frozenset(
    [
        *("foaf:isPrimaryTopicOf", "owl:sameAs", "owl:equivalentClass", "owl:equivalentProperty"),
        *("rdfs:seeAlso", "rdfs:subClassOf", "rdfs:subPropertyOf", "skos:exactMatch"),
        *("skos:closeMatch", "skos:broadMatch", "skos:narrowMatch", "skos:relatedMatch"),
    ]
)
"""The properties that say what our things are to those of others."""


def term(curie: str) -> ox.NamedNode:
    """Return the IRI of a CURIE whose prefix is one of ``VOCABULARIES``."""
    prefix, _, local = curie.partition(":")
    return ox.NamedNode(VOCABULARIES[prefix] + local)


def namespace(iri: str) -> str:
    """Return an IRI without its last part, whether that ends in a slash or not.

    >>> namespace("http://example.org/ontology#Thing"), namespace("http://example.org/128295/")
    ('http://example.org/ontology#', 'http://example.org/')
    """
    return re.sub(r"[^/#]+[/#]?$", "", iri)


def statistics(triples: list[Triple], space: str) -> Facts:
    """Return the figures of a dataset, and its partitions by class and by property.

    Args:
        triples: the triples, each once.
        space: how the IRIs of the dataset's own things begin.
    """
    subjects = {t.subject for t in triples}
    own = [s for s in subjects if isinstance(s, ox.NamedNode) and s.value.startswith(space)]
    members: dict[Term, set[Resource]] = {}
    uses: dict[ox.NamedNode, list[Triple]] = {}
    for triple in triples:
        uses.setdefault(triple.predicate, []).append(triple)
        if triple.predicate == TYPE:
            members.setdefault(triple.object, set()).add(triple.subject)
    facts: Facts = [
        ("void:triples", len(triples)),
        ("void:entities", len(own)),
        ("void:classes", len(members)),
        ("void:properties", len(uses)),
        ("void:distinctSubjects", len(subjects)),
        ("void:distinctObjects", len({t.object for t in triples})),
    ]
    for kind, things in sorted(members.items(), key=lambda item: str(item[0])):
        facts.append(
            ("void:classPartition", [("void:class", kind), ("void:entities", len(things))])
        )
    for predicate, using in sorted(uses.items(), key=lambda item: str(item[0])):
        partition: Facts = [
            ("void:property", predicate),
            ("void:triples", len(using)),
            ("void:distinctSubjects", len({t.subject for t in using})),
            ("void:distinctObjects", len({t.object for t in using})),
        ]
        facts.append(("void:propertyPartition", partition))
    return facts


def vocabularies(triples: list[Triple]) -> list[str]:
    """Return the namespaces of all classes and properties that are used."""
    used = {t.predicate.value for t in triples}
    used |= {t.object.value for t in triples if t.predicate == TYPE}
    return sorted(set(map(namespace, used)))


def subsets(quads: Sequence[Quad]) -> Iterator[Facts]:
    """Yield the layers, each as a dataset."""
    layer = graph_layers(quads)
    for name in LAYERS:
        yield [
            ("rdf:type", term("void:Dataset")),
            ("dcterms:title", ox.Literal(f"layer: {name}", language="en")),
            ("dcterms:description", ox.Literal(SUBSETS[name], language="en")),
            ("void:triples", len(terms.merge(q for q in quads if layer[q.graph.value] == name))),
        ]


def linksets(triples: Iterable[Triple], dataset: ox.NamedNode, space: str) -> Iterator[Facts]:
    """Yield what links our things to those of others: a set for each dataset and property.

    Args:
        triples: the triples, each once.
        dataset: ours.
        space: how the IRIs of its own things begin.
    """
    properties = {term(name) for name in LINKS}
    sets = Counter(
        (namespace(t.object.value), t.predicate)
        for t in triples
        if t.predicate in properties
        and isinstance(t.subject, ox.NamedNode)
        and isinstance(t.object, ox.NamedNode)
        and t.subject.value.startswith(space)
        and not t.object.value.startswith(space)
    )
    for (other, predicate), size in sorted(sets.items(), key=lambda item: str(item[0])):
        target: Facts = [("rdf:type", term("void:Dataset")), ("void:uriSpace", ox.Literal(other))]
        yield [
            ("rdf:type", term("void:Linkset")),
            ("void:linkPredicate", predicate),
            ("void:subjectsTarget", dataset),
            ("void:objectsTarget", target),
            ("void:triples", size),
        ]
