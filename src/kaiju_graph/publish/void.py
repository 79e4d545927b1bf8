"""Stage 11: quads → the description of their dataset, in VoID, DCAT and PROV.

What only a person can say stands in ``graph/dataset.ttl``; what can be counted is counted, as the
VoID vocabulary defines each figure (Describing Linked Datasets with the VoID Vocabulary, W3C Note,
2011). Dumps are described by DCAT 3, section 6.8, and their checksums by SPDX, as DCAT has it.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.errors import SourceError
from kaiju_graph.project.passages import ARTICLE_CLASS, HASH
from kaiju_graph.project.sources import select_layers
from kaiju_graph.publish import statistics
from kaiju_graph.publish.statistics import term
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.parse import parse
from kaiju_graph.rdf.terms import EV, GRAPH, TYPE, XSD, Triple
from kaiju_graph.store.store import MERGED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kaiju_graph.project.layout import Project
    from kaiju_graph.publish.statistics import Facts
    from kaiju_graph.rdf.terms import Quad, Resource, Term

__all__ = ["ORDER", "Description", "Dump", "catalogue", "read"]

FILE = "graph/dataset.ttl"
MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
CONSUMED = "dcterms:title", "dcterms:license", "owl:versionIRI", "void:uriSpace"
"""What the description has once: the catalogue and the README of a release are made with it."""
ORDER = tuple(
    term(curie)
    for curie in """
        void:Dataset dcat:Dataset void:Linkset dcat:Distribution spdx:Checksum
        void:DatasetDescription foaf:Agent
        dcterms:title dcterms:description dcat:keyword dcterms:subject dcat:version owl:versionIRI
        dcterms:license dcterms:creator dcterms:publisher prov:wasDerivedFrom dcterms:source
        dcterms:conformsTo void:vocabulary void:uriSpace void:exampleResource
        dcat:downloadURL dcat:mediaType dcat:byteSize spdx:checksum
        void:linkPredicate void:subjectsTarget void:objectsTarget void:class void:property
        void:triples void:entities void:classes void:properties
        void:distinctSubjects void:distinctObjects
        void:dataDump dcat:distribution void:subset void:classPartition void:propertyPartition
    """.split()
)
"""The order in which a person reads a catalogue."""


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


def read(project: Project) -> Description:
    """Read what a person says of the dataset.

    Raises:
        UnreachableError: there is no ``graph/dataset.ttl``.
        SourceError: it does not parse, or does not say what a catalogue needs.
    """
    default = ox.NamedNode(f"{GRAPH}dataset")
    said = tuple(quad.triple for quad in parse(FILE, project.read(FILE), default))
    kind = term("void:Dataset")
    nodes = [t.subject for t in said if t.predicate == TYPE and t.object == kind]
    if len(nodes) != 1 or not isinstance(nodes[0], ox.NamedNode):
        raise SourceError(f"{FILE}:1: found {len(nodes)} IRIs of type void:Dataset; expected one")
    node = nodes[0]

    def value(name: str) -> Term:
        found = [t.object for t in said if t.subject == node and t.predicate == term(name)]
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
    triples = list(terms.merge(select_layers(quads, *MERGED)))
    links = terms.merge([*select_layers(quads, *MERGED), *select_layers(quads, "alignments")])
    ours = described.node, described.space
    articles = sorted((t.subject for t in triples if t[1:] == (TYPE, ARTICLE_CLASS)), key=str)
    facts: Facts = [
        ("dcat:version", ox.Literal(described.number)),
        *statistics.statistics(triples, described.space),
        *(("void:vocabulary", ox.NamedNode(iri)) for iri in statistics.vocabularies(triples)),
        *(("dcterms:conformsTo", node) for node in _ontologies(quads)),
        *(("prov:wasDerivedFrom", node) for node in articles),
        *(("dcterms:source", node) for node in [*articles, *_sources(triples)]),
        *(("void:subset", subset) for subset in statistics.subsets(quads)),
        *(("void:subset", linkset) for linkset in statistics.linksets(links, *ours)),
    ]
    for dump in dumps:
        facts.append(("void:dataDump", described.at(dump.name)))
        facts.append(("dcat:distribution", _distribution(dump, described)))
    blank = count(1)
    made = [*described.triples, *_say(described.node, facts, blank)]
    page = described.at("void.ttl")
    about: Facts = [("rdf:type", term("void:DatasetDescription"))]
    about += [("dcterms:title", ox.Literal("Description of the dataset", language="en"))]
    made += _say(page, [*about, ("foaf:primaryTopic", described.node)], blank)
    said: dict[Resource, list[Triple]] = {article: [] for article in articles}
    for triple in triples:
        if triple.subject in said:
            said[triple.subject].append(triple)
    for article, known in said.items():
        sums = [_checksum(t.object.value) for t in known if t.predicate == HASH]
        of: Facts = [("rdf:type", term("prov:Entity")), *(("spdx:checksum", s) for s in sums)]
        made += [*known, *_say(article, of, blank)]
    return made


def _ontologies(quads: Sequence[Quad]) -> list[Resource]:
    kind = term("owl:Ontology")
    found = {q.subject for q in select_layers(quads, "ontology") if q[1:3] == (TYPE, kind)}
    return sorted(found, key=str)


def _sources(triples: list[Triple]) -> list[Term]:
    """Return where outside knowledge comes from, as its graphs say."""
    curations = {t.subject for t in triples if t[1:] == (TYPE, ox.NamedNode(f"{EV}Curation"))}
    source = term("dcterms:source")
    found = {t.object for t in triples if t.subject in curations and t.predicate == source}
    return sorted(found, key=str)


def _distribution(dump: Dump, described: Description) -> Facts:
    return [
        ("rdf:type", term("dcat:Distribution")),
        ("dcterms:title", ox.Literal(dump.title, language="en")),
        ("dcterms:license", described.license),
        ("dcat:downloadURL", described.at(dump.name)),
        ("dcat:mediaType", ox.NamedNode(MEDIA_TYPES + dump.media_type)),
        ("dcat:byteSize", _typed(str(dump.size), "nonNegativeInteger")),
        ("spdx:checksum", _checksum(dump.sha256)),
    ]


def _checksum(sha256: str) -> Facts:
    return [
        ("rdf:type", term("spdx:Checksum")),
        ("spdx:algorithm", term("spdx:checksumAlgorithm_sha256")),
        ("spdx:checksumValue", _typed(sha256, "hexBinary")),
    ]


def _say(subject: Resource, facts: Facts, blank: count[int]) -> Iterator[Triple]:
    """Yield the triples of facts; blank nodes sort in the order in which they are made."""
    for name, value in facts:
        if isinstance(value, list):
            node = ox.BlankNode(f"n{next(blank):06}")
            yield Triple(subject, term(name), node)
            yield from _say(node, value, blank)
        else:
            known = _typed(str(value), "integer") if isinstance(value, int) else value
            yield Triple(subject, term(name), known)


def _typed(text: str, datatype: str) -> ox.Literal:
    return ox.Literal(text, datatype=ox.NamedNode(XSD + datatype))
