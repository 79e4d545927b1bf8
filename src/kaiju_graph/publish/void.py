"""The description of the dataset in VoID, DCAT and PROV.

People write ``graph/dataset.ttl``. SPARQL counts the figures, as VoID defines them (Describing
Linked Datasets with the VoID Vocabulary, W3C Note, 2011). Dumps are described as in DCAT 3,
section 6.8, with checksums in SPDX, as DCAT recommends.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

import pyoxigraph as ox

from kaiju_graph.errors import SourceError
from kaiju_graph.project.layout import DATASET
from kaiju_graph.project.passages import ARTICLE_CLASS, HASH
from kaiju_graph.project.sources import LAYERS, graph_layers, select_layers
from kaiju_graph.publish.service import describe_service
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.lexical_forms import decode
from kaiju_graph.rdf.parse import parse
from kaiju_graph.rdf.properties import (
    PREFIXES,
    Properties,
    english_literal,
    iri,
    statements,
    typed_literal,
)
from kaiju_graph.rdf.terms import GRAPH, TYPE, Triple
from kaiju_graph.store import store
from kaiju_graph.store.store import DEFAULT_LAYERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kaiju_graph.project.layout import Project
    from kaiju_graph.rdf.terms import Quad, Term

__all__ = ["ORDER", "Description", "Dump", "catalogue", "read"]

MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
REQUIRED = "dcterms:title", "dcterms:license", "owl:versionIRI", "void:uriSpace"
"""The properties that ``graph/dataset.ttl`` must have once, because a release uses the values."""
LAYER_DESCRIPTIONS = {
    "stated": "what each passage of an article states, in a graph named after the passage",
    "entities": "the type and the name of each thing",
    "curated": "what other sources or an editor add, in one graph for each source",
    "evidence": "the passages: their text, and their position in the article",
    "ontology": "the classes and properties",
    "alignments": "relations to terms of other vocabularies; not counted in the figures",
    "inferred": "what follows by OWL 2 RL from all other layers except the alignments",
}
FIGURES = """
SELECT (COUNT(*) AS ?triples) (COUNT(DISTINCT ?own) AS ?entities)
    (COUNT(DISTINCT ?class) AS ?classes) (COUNT(DISTINCT ?p) AS ?properties)
    (COUNT(DISTINCT ?s) AS ?distinctSubjects) (COUNT(DISTINCT ?o) AS ?distinctObjects)
WHERE {
    ?s ?p ?o .
    BIND(IF(isIRI(?s) && STRSTARTS(STR(?s), %(space)s), ?s, ?unbound) AS ?own)
    BIND(IF(?p = rdf:type, ?o, ?unbound) AS ?class)
}
"""
CLASSES = "SELECT ?class (COUNT(DISTINCT ?s) AS ?entities) WHERE { ?s a ?class } GROUP BY ?class"
PROPERTIES = """
SELECT %(class)s ?property (COUNT(*) AS ?triples)
    (COUNT(DISTINCT ?s) AS ?distinctSubjects) (COUNT(DISTINCT ?o) AS ?distinctObjects)
WHERE { %(members)s ?s ?property ?o }
GROUP BY %(class)s ?property
"""
"""Counts the properties, of all things or of the members of each class.

Each variable in the results of these queries has the name of its property in VoID.
"""
LISTS = {
    "dcterms:conformsTo": "GRAPH graph:ontology { ?value a owl:Ontology }",
    "dcterms:subject": "[] a ev:Article ; ev:about ?value",
    "prov:wasDerivedFrom": """
        { ?value a ev:Article } UNION { [] a ev:Curation ; dcterms:source ?value }
    """,
    "void:vocabulary": """
        { ?s ?term ?o } UNION { ?s a ?term }
        BIND(IRI(REPLACE(STR(?term), "[^/#]+[/#]?$", "")) AS ?value)
    """,
}
"""Property of the dataset → the pattern that finds its values."""
RANGES = {
    "dcat:landingPage": "foaf:Document",
    "dcat:mediaType": "dcterms:MediaType",
    "dcterms:conformsTo": "dcterms:Standard",
    "dcterms:license": "dcterms:LicenseDocument",
    "spdx:algorithm": "spdx:ChecksumAlgorithm",
}
"""Property → the class of its values, which DCAT-AP 3 demands to be stated."""
LINKS = """
SELECT ?namespace ?link (COUNT(*) AS ?triples)
WHERE {
    {
        SELECT DISTINCT ?s ?link ?o
        WHERE {
            VALUES ?link {
                foaf:isPrimaryTopicOf owl:sameAs owl:equivalentClass owl:equivalentProperty
                rdfs:seeAlso rdfs:subClassOf rdfs:subPropertyOf skos:exactMatch skos:closeMatch
                skos:broadMatch skos:narrowMatch skos:relatedMatch
            }
            { ?s ?link ?o } UNION { GRAPH graph:alignments { ?s ?link ?o } }
            FILTER(isIRI(?s) && STRSTARTS(STR(?s), %(space)s))
            FILTER(isIRI(?o) && !STRSTARTS(STR(?o), %(space)s))
        }
    }
    BIND(REPLACE(STR(?o), "[^/#]+[/#]?$", "") AS ?namespace)
}
GROUP BY ?namespace ?link
"""
"""Counts the links from our things to those of each other dataset, by property."""
ORDER = tuple(
    iri(curie)
    for curie in """
        void:Dataset dcat:Dataset void:Linkset dcat:Distribution spdx:Checksum
        void:DatasetDescription foaf:Agent sd:Service
        foaf:Document dcterms:LicenseDocument dcterms:MediaType dcterms:Standard
        spdx:ChecksumAlgorithm
        dcterms:title dcterms:description dcterms:issued dcat:landingPage
        dcat:keyword dcterms:subject dcat:version owl:versionIRI
        dcterms:license dcterms:creator dcterms:publisher prov:wasDerivedFrom
        dcterms:conformsTo void:vocabulary void:uriSpace void:exampleResource
        sd:endpoint dcat:endpointURL dcat:servesDataset void:sparqlEndpoint
        dcat:accessURL dcat:downloadURL dcat:mediaType dcat:byteSize spdx:checksum
        void:linkPredicate void:subjectsTarget void:objectsTarget void:class void:property
        void:triples void:entities void:classes void:properties
        void:distinctSubjects void:distinctObjects
        void:dataDump dcat:distribution void:subset void:classPartition void:propertyPartition
    """.split()
)
"""The order of classes and properties in the file."""


class Description(NamedTuple):
    """The content of ``graph/dataset.ttl``."""

    node: ox.NamedNode
    title: ox.Literal
    license: ox.NamedNode
    version: ox.NamedNode
    """The IRI of this version; it ends with the number, and the IRIs of its files begin with it."""
    space: str
    """The beginning of the IRIs of the dataset's own things (``void:uriSpace``)."""
    triples: tuple[Triple, ...]
    base: str = ""
    """Where its files are on the web, with a slash at the end; empty if that is not known."""

    @property
    def number(self) -> str:
        """The number of the version."""
        return self.version.value.rpartition("/")[2]

    def file_iri(self, name: str) -> ox.NamedNode:
        """Return the IRI of a file of this version: its address, if that is known."""
        return ox.NamedNode(f"{self.base or f'{self.version.value}/'}{name}")


class Dump(NamedTuple):
    """A file of a release that holds the graph; its size is in bytes."""

    name: str
    title: str
    media_type: str
    size: int
    sha256: str


def read(project: Project) -> Description:
    """Read the description of the dataset in ``graph/dataset.ttl``.

    Raises:
        UnreachableError: there is no ``graph/dataset.ttl``.
        SourceError: the file does not parse, or lacks a property that a catalogue needs.
    """
    default = ox.NamedNode(f"{GRAPH}dataset")
    triples = tuple(quad.triple for quad in parse(DATASET, project.read(DATASET), default))
    nodes = [t.subject for t in triples if t[1:] == (TYPE, iri("void:Dataset"))]
    if len(nodes) != 1 or not isinstance(nodes[0], ox.NamedNode):
        found = f"found {len(nodes)} IRIs of type void:Dataset"
        raise SourceError(f"{DATASET}:1: {found}; expected one")

    def value(name: str) -> Term:
        values = [t.object for t in triples if t[:2] == (nodes[0], iri(name))]
        kind = ox.Literal if name in ("dcterms:title", "void:uriSpace") else ox.NamedNode
        if len(values) != 1 or not isinstance(values[0], kind):
            expected = "text" if kind is ox.Literal else "IRI"
            message = f"found {len(values)} values of {name}; expected one {expected}"
            raise SourceError(f"{DATASET}:1: {message}")
        return values[0]

    title, licence, version, space = map(value, REQUIRED)
    return Description(nodes[0], title, licence, version, space.value, triples)  # type: ignore[arg-type]


def catalogue(
    quads: Sequence[Quad],
    described: Description,
    dumps: Iterable[Dump],
    *,
    page: str = "",
    endpoint: str = "",
) -> list[Triple]:
    """Return the description of a dataset, with its figures.

    The figures are those of the merge of all layers except the alignments.

    Args:
        quads: all quads of the project.
        described: the description in ``graph/dataset.ttl``.
        dumps: the files that hold the dataset.
        page: the name of the page of the dataset; empty if it has none.
        endpoint: the address of an endpoint that has the dataset; empty if there is none.
    """
    dataset = store.make_store(quads)
    properties: Properties = [("dcat:version", ox.Literal(described.number))]
    for name, pattern in LISTS.items():
        rows = _rows(dataset, f"SELECT DISTINCT ?value WHERE {{ {pattern} }}")
        properties += [(name, row["value"]) for row in rows]
    if page:
        properties.append(("dcat:landingPage", described.file_iri(page)))
    if endpoint:
        properties.append(("void:sparqlEndpoint", ox.NamedNode(endpoint)))
    properties += _void(*_rows(dataset, FIGURES, described.space))
    properties += _partitions(dataset)
    layer = graph_layers(quads)
    for name in LAYERS:
        triples = terms.merge(quad for quad in quads if layer[quad.graph.value] == name)
        properties.append(("void:subset", _layer(name, len(triples))))
    for row in _rows(dataset, LINKS, described.space):
        properties.append(("void:subset", _linkset(row, described.node)))
    for dump in dumps:
        properties.append(("void:dataDump", described.file_iri(dump.name)))
        properties.append(("dcat:distribution", _distribution(dump, described)))
    labels = (f"n{number:06}" for number in count(1))  # sorted as they are numbered
    document: Properties = [
        ("rdf:type", "void:DatasetDescription"),
        ("dcterms:title", english_literal("Description of the dataset")),
        ("foaf:primaryTopic", described.node),
    ]
    articles = {q.subject for q in quads if (q.predicate, q.object) == (TYPE, ARTICLE_CLASS)}
    result = [
        *dict.fromkeys((*described.triples, *statements(described.node, properties, labels))),
        *statements(described.file_iri("void.ttl"), document, labels),
        *_article_triples(quads, articles, labels),
    ]
    if endpoint:
        node, service = ox.BlankNode(next(labels)), _service(quads, endpoint, described)
        result += statements(node, service, labels)
    classes = {iri(name): iri(kind) for name, kind in RANGES.items()}
    types = (
        Triple(triple.object, TYPE, classes[triple.predicate])
        for triple in result
        if triple.predicate in classes and isinstance(triple.object, ox.NamedNode)
    )
    return [*result, *dict.fromkeys(types)]


def _article_triples(
    quads: Sequence[Quad], articles: set[Any], labels: Iterator[str]
) -> Iterator[Triple]:
    """Yield what the graph states of articles, with the checksums of their texts."""
    for triple in terms.merge(select_layers(quads, *DEFAULT_LAYERS)):
        if triple.subject in articles:
            yield triple
            if triple.predicate == HASH:
                checksum = ("spdx:checksum", _checksum(triple.object.value))
                entity: Properties = [("rdf:type", "prov:Entity"), checksum]
                yield from statements(triple.subject, entity, labels)


def _rows(dataset: ox.Store, query: str, space: str = "") -> list[dict[str, Term]]:
    """Return the solutions of a query, sorted by their terms."""
    answer: Any = dataset.query(query % {"space": ox.Literal(space)}, prefixes=PREFIXES)
    names = [variable.value for variable in answer.variables]
    rows = (terms.solution(names, map(decode, row)) for row in answer)
    return sorted((row for row in rows if row), key=lambda row: [*map(str, row.values())])


def _partitions(dataset: ox.Store) -> Properties:
    """Return the partitions by class, each with its partitions by property, and by property."""
    within: dict[str, Properties] = {}
    for row in _rows(dataset, PROPERTIES % {"class": "?class", "members": "?s a ?class ."}):
        class_ = str(row.pop("class"))
        within.setdefault(class_, []).append(("void:propertyPartition", _void(row)))
    classes = [
        ("void:classPartition", [*_void(row), *within[str(row["class"])]])
        for row in _rows(dataset, CLASSES)
    ]
    rows = _rows(dataset, PROPERTIES % {"class": "", "members": ""})
    return [*classes, *(("void:propertyPartition", _void(row)) for row in rows)]


def _service(quads: Sequence[Quad], endpoint: str, described: Description) -> Properties:
    """Return the endpoint as a service of SPARQL and of DCAT (section 6.9)."""
    return [
        *describe_service(quads, endpoint),
        ("rdf:type", "dcat:DataService"),
        ("dcterms:title", english_literal(f"SPARQL endpoint: {described.title.value}")),
        ("dcat:endpointURL", ox.NamedNode(endpoint)),
        ("dcat:servesDataset", described.node),
    ]


def _void(row: dict[str, Term]) -> Properties:
    """Return a solution as properties of VoID with the names of its variables."""
    return [(f"void:{name}", value) for name, value in row.items()]


def _layer(name: str, size: int) -> Properties:
    return [
        ("rdf:type", "void:Dataset"),
        ("dcterms:title", english_literal(f"layer: {name}")),
        ("dcterms:description", english_literal(LAYER_DESCRIPTIONS[name])),
        ("void:triples", typed_literal(size, "xsd:integer")),
    ]


def _linkset(row: dict[str, Term], dataset: ox.NamedNode) -> Properties:
    target: Properties = [("rdf:type", "void:Dataset"), ("void:uriSpace", row["namespace"])]
    return [
        ("rdf:type", "void:Linkset"),
        ("void:linkPredicate", row["link"]),
        ("void:subjectsTarget", dataset),
        ("void:objectsTarget", target),
        ("void:triples", row["triples"]),
    ]


def _distribution(dump: Dump, described: Description) -> Properties:
    return [
        ("rdf:type", "dcat:Distribution"),
        ("dcterms:title", english_literal(dump.title)),
        ("dcterms:license", described.license),
        ("dcat:accessURL", described.file_iri(dump.name)),
        ("dcat:downloadURL", described.file_iri(dump.name)),
        ("dcat:mediaType", ox.NamedNode(MEDIA_TYPES + dump.media_type)),
        ("dcat:byteSize", typed_literal(dump.size, "xsd:nonNegativeInteger")),
        ("spdx:checksum", _checksum(dump.sha256)),
    ]


def _checksum(sha256: str) -> Properties:
    return [
        ("rdf:type", "spdx:Checksum"),
        ("spdx:algorithm", "spdx:checksumAlgorithm_sha256"),
        ("spdx:checksumValue", typed_literal(sha256, "xsd:hexBinary")),
    ]
