"""Stage 11: quads → the description of their dataset, in VoID, DCAT and PROV.

What only a person can say stands in ``graph/dataset.ttl``; what can be counted is counted, as the
VoID vocabulary defines each figure (Describing Linked Datasets with the VoID Vocabulary, W3C Note,
2011). Dumps are described by DCAT 3, section 6.8, and their checksums by SPDX, as DCAT has it.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph import terms
from kaiju_graph.errors import SourceError
from kaiju_graph.passages import ARTICLE_CLASS, HASH
from kaiju_graph.sources import LAYERS, layers, parse, select
from kaiju_graph.store import MERGED
from kaiju_graph.terms import EV, GRAPH, OWL, RDF, RDFS, TYPE, XSD, Triple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kaiju_graph.project import Project
    from kaiju_graph.terms import Quad, Resource, Term

__all__ = ["Description", "Dump", "catalogue", "namespace", "read"]

FILE = "graph/dataset.ttl"
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
MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
CONSUMED = "dcterms:title", "dcterms:license", "owl:versionIRI", "void:uriSpace"
"""What the description has once: the catalogue and the README of a release are made with it."""


class Description(NamedTuple):
    """What ``graph/dataset.ttl`` says of the dataset."""

    node: ox.NamedNode
    title: ox.Literal
    license: ox.NamedNode
    version: ox.NamedNode
    """The IRI of this version, under which its files are named; its last part is the number."""
    space: str
    """How the IRIs of the dataset's own things begin (``void:uriSpace``)."""
    triples: tuple[Triple, ...]

    @property
    def number(self) -> str:
        """The version's number."""
        return self.version.value.rpartition("/")[2]

    def at(self, name: str) -> ox.NamedNode:
        """Return the IRI of a file of this version."""
        return ox.NamedNode(f"{self.version.value}/{name}")


class Dump(NamedTuple):
    """A file of a release that holds the graph: its name, content, size in bytes and checksum."""

    name: str
    title: str
    media_type: str
    size: int
    sha256: str


Facts = list[tuple[str, "Term | int | Facts"]]
"""Predicate, as a CURIE, and value, which may be what is said of a blank node."""


def read(project: Project) -> Description:
    """Read what a person says of the dataset.

    Raises:
        UnreachableError: there is no ``graph/dataset.ttl``.
        SourceError: it does not parse, or does not say what a catalogue needs.
    """
    default = ox.NamedNode(f"{GRAPH}dataset")
    said = tuple(quad.triple for quad in parse(FILE, project.read(FILE), default))
    kind = _iri("void:Dataset")
    nodes = [t.subject for t in said if t.predicate == TYPE and t.object == kind]
    if len(nodes) != 1 or not isinstance(nodes[0], ox.NamedNode):
        raise SourceError(f"{FILE}:1: found {len(nodes)} IRIs of type void:Dataset; expected one")
    node = nodes[0]

    def value(name: str) -> Term:
        found = [t.object for t in said if t.subject == node and t.predicate == _iri(name)]
        kind = ox.Literal if name in ("dcterms:title", "void:uriSpace") else ox.NamedNode
        if len(found) != 1 or not isinstance(found[0], kind):
            fitting = "text" if kind is ox.Literal else "IRI"
            message = f"found {len(found)} values of {name}; expected one {fitting}"
            raise SourceError(f"{FILE}:1: {message}")
        return found[0]

    title, licence, version, space = map(value, CONSUMED)
    return Description(node, title, licence, version, space.value, said)  # type: ignore[arg-type]


def catalogue(quads: Sequence[Quad], described: Description, dumps: Iterable[Dump]) -> list[Triple]:
    """Return the description of a dataset: what is said, and all that can be counted.

    The figures are those of the merge of all layers but the alignments, on which queries run.

    Args:
        quads: all quads of the project.
        described: what a person says of it.
        dumps: the files that hold it.
    """
    triples = list(terms.merge(select(quads, *MERGED)))
    links = terms.merge([*select(quads, *MERGED), *select(quads, "alignments")])
    articles = sorted((t.subject for t in triples if t[1:] == (TYPE, ARTICLE_CLASS)), key=str)
    facts: Facts = [
        ("dcat:version", ox.Literal(described.number)),
        *_statistics(triples, described.space),
        *(("void:vocabulary", ox.NamedNode(iri)) for iri in _vocabularies(triples)),
        *(("dcterms:conformsTo", node) for node in _ontologies(quads)),
        *(("prov:wasDerivedFrom", node) for node in articles),
        *(("dcterms:source", node) for node in [*articles, *_sources(triples)]),
        *(("void:subset", subset) for subset in _layers(quads)),
        *(("void:subset", linkset) for linkset in _linksets(links, described)),
    ]
    for dump in dumps:
        facts.append(("void:dataDump", described.at(dump.name)))
        facts.append(("dcat:distribution", _distribution(dump, described)))
    blank = count(1)
    made = [*described.triples, *_say(described.node, facts, blank)]
    page = described.at("void.ttl")
    about: Facts = [("rdf:type", _iri("void:DatasetDescription"))]
    about += [("dcterms:title", ox.Literal("Description of the dataset", language="en"))]
    made += _say(page, [*about, ("foaf:primaryTopic", described.node)], blank)
    for article in articles:
        known = [t for t in triples if t.subject == article]
        sums = [_checksum(t.object.value) for t in known if t.predicate == HASH]
        of: Facts = [("rdf:type", _iri("prov:Entity")), *(("spdx:checksum", s) for s in sums)]
        made += [*known, *_say(article, of, blank)]
    return made


def namespace(iri: str) -> str:
    """Return an IRI without its last part, whether that ends in a slash or not.

    >>> namespace("http://example.org/ontology#Thing"), namespace("http://example.org/128295/")
    ('http://example.org/ontology#', 'http://example.org/')
    """
    return re.sub(r"[^/#]+[/#]?$", "", iri)


def _statistics(triples: list[Triple], space: str) -> Facts:
    """Return the figures of a dataset, and its partitions by class and by property."""
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


def _vocabularies(triples: list[Triple]) -> list[str]:
    """Return the namespaces of all classes and properties that are used."""
    used = {t.predicate.value for t in triples}
    used |= {t.object.value for t in triples if t.predicate == TYPE}
    return sorted(set(map(namespace, used)))


def _ontologies(quads: Sequence[Quad]) -> list[Resource]:
    kind = _iri("owl:Ontology")
    found = {q.subject for q in select(quads, "ontology") if q[1:3] == (TYPE, kind)}
    return sorted(found, key=str)


def _sources(triples: list[Triple]) -> list[Term]:
    """Return where outside knowledge comes from, as its graphs say."""
    curations = {t.subject for t in triples if t[1:] == (TYPE, ox.NamedNode(f"{EV}Curation"))}
    source = _iri("dcterms:source")
    found = {t.object for t in triples if t.subject in curations and t.predicate == source}
    return sorted(found, key=str)


def _layers(quads: Sequence[Quad]) -> Iterator[Facts]:
    layer = layers(quads)
    for name in LAYERS:
        size = len(terms.merge(quad for quad in quads if layer[quad.graph.value] == name))
        title = ox.Literal(f"layer: {name}", language="en")
        facts: Facts = [("dcterms:title", title), ("void:triples", size)]
        yield [("rdf:type", _iri("void:Dataset")), *facts]


LINKS = frozenset(
    [
        *("foaf:isPrimaryTopicOf", "owl:sameAs", "owl:equivalentClass", "owl:equivalentProperty"),
        *("rdfs:seeAlso", "rdfs:subClassOf", "rdfs:subPropertyOf", "skos:exactMatch"),
        *("skos:closeMatch", "skos:broadMatch", "skos:narrowMatch", "skos:relatedMatch"),
    ]
)
"""The properties that say what our things are to those of others."""


def _linksets(triples: Iterable[Triple], described: Description) -> Iterator[Facts]:
    """Yield what links our things to those of others: a set for each dataset and property."""
    properties = {_iri(name) for name in LINKS}
    sets = Counter(
        (namespace(t.object.value), t.predicate)
        for t in triples
        if t.predicate in properties
        and isinstance(t.subject, ox.NamedNode)
        and isinstance(t.object, ox.NamedNode)
        and t.subject.value.startswith(described.space)
        and not t.object.value.startswith(described.space)
    )
    for (space, predicate), size in sorted(sets.items(), key=lambda item: str(item[0])):
        target: Facts = [("rdf:type", _iri("void:Dataset")), ("void:uriSpace", ox.Literal(space))]
        yield [
            ("rdf:type", _iri("void:Linkset")),
            ("void:linkPredicate", predicate),
            ("void:subjectsTarget", described.node),
            ("void:objectsTarget", target),
            ("void:triples", size),
        ]


def _distribution(dump: Dump, described: Description) -> Facts:
    return [
        ("rdf:type", _iri("dcat:Distribution")),
        ("dcterms:title", ox.Literal(dump.title, language="en")),
        ("dcterms:license", described.license),
        ("dcat:downloadURL", described.at(dump.name)),
        ("dcat:mediaType", ox.NamedNode(MEDIA_TYPES + dump.media_type)),
        ("dcat:byteSize", _typed(str(dump.size), "nonNegativeInteger")),
        ("spdx:checksum", _checksum(dump.sha256)),
    ]


def _checksum(sha256: str) -> Facts:
    return [
        ("rdf:type", _iri("spdx:Checksum")),
        ("spdx:algorithm", _iri("spdx:checksumAlgorithm_sha256")),
        ("spdx:checksumValue", _typed(sha256, "hexBinary")),
    ]


def _say(subject: Resource, facts: Facts, blank: count[int]) -> Iterator[Triple]:
    """Yield the triples of facts; blank nodes sort in the order in which they are made."""
    for name, value in facts:
        if isinstance(value, list):
            node = ox.BlankNode(f"n{next(blank):06}")
            yield Triple(subject, _iri(name), node)
            yield from _say(node, value, blank)
        else:
            term = _typed(str(value), "integer") if isinstance(value, int) else value
            yield Triple(subject, _iri(name), term)


def _iri(curie: str) -> ox.NamedNode:
    prefix, _, local = curie.partition(":")
    return ox.NamedNode(VOCABULARIES[prefix] + local)


def _typed(text: str, datatype: str) -> ox.Literal:
    return ox.Literal(text, datatype=ox.NamedNode(XSD + datatype))
