"""The catalogue says of the dataset what SPARQL counts in it, on either engine."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st

import kaiju_graph
from kaiju_graph.errors import SourceError, UnreachableError
from kaiju_graph.project.sources import LAYERS
from kaiju_graph.publish import void
from kaiju_graph.rdf import terms, write
from kaiju_graph.rdf.terms import ENTITIES, INFERRED, TYPE, Quad
from kaiju_graph.store import store

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from kaiju_graph import KnowledgeGraph
    from tests.conftest import Copy

DUMP = void.Dump("graph.nt", "all triples", "application/n-triples", 7, "00" * 32)
SPACE = "https://w3id.org/kaiju/"
PROLOGUE = """
PREFIX dcat: <http://www.w3.org/ns/dcat#>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX ev: <https://w3id.org/kaiju/evidence#>
PREFIX foaf: <http://xmlns.com/foaf/0.1/>
PREFIX graph: <https://w3id.org/kaiju/graph/>
PREFIX id: <https://w3id.org/kaiju/id/>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX sd: <http://www.w3.org/ns/sparql-service-description#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX spdx: <http://spdx.org/rdf/terms#>
PREFIX void: <http://rdfs.org/ns/void#>
"""
# What a figure says → the query of the dataset that counts it.
FIGURES = {
    "triples": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
    "entities": "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o "
    f"FILTER(ISIRI(?s) && STRSTARTS(STR(?s), '{SPACE}')) }}",
    "classes": "SELECT (COUNT(DISTINCT ?o) AS ?n) { ?s a ?o }",
    "properties": "SELECT (COUNT(DISTINCT ?p) AS ?n) { ?s ?p ?o }",
    "distinctSubjects": "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o }",
    "distinctObjects": "SELECT (COUNT(DISTINCT ?o) AS ?n) { ?s ?p ?o }",
}
# A partition, as the catalogue tells it → the query of the dataset that counts it.
PARTITIONS = {
    "SELECT ?class ?n { graph:dataset void:classPartition [ void:class ?class ; "
    "void:entities ?n ] }": "SELECT ?c (COUNT(DISTINCT ?s) AS ?n) { ?s a ?c } GROUP BY ?c",
    "SELECT ?p ?n ?s ?o { graph:dataset void:propertyPartition [ void:property ?p ; "
    "void:triples ?n ; void:distinctSubjects ?s ; void:distinctObjects ?o ] }": (
        "SELECT ?p (COUNT(*) AS ?n) (COUNT(DISTINCT ?s) AS ?ss) (COUNT(DISTINCT ?o) AS ?os) "
        "{ ?s ?p ?o } GROUP BY ?p"
    ),
    "SELECT ?c ?p ?n ?s ?o { graph:dataset void:classPartition [ void:class ?c ; "
    "void:propertyPartition [ void:property ?p ; void:triples ?n ; void:distinctSubjects ?s ; "
    "void:distinctObjects ?o ] ] }": (
        "SELECT ?c ?p (COUNT(*) AS ?n) (COUNT(DISTINCT ?s) AS ?ss) (COUNT(DISTINCT ?o) AS ?os) "
        "{ ?s a ?c ; ?p ?o } GROUP BY ?c ?p"
    ),
    "SELECT ?space { graph:dataset void:vocabulary ?space }": (
        "SELECT DISTINCT ?space { { ?s ?term ?o } UNION { ?s a ?term } "
        "BIND(IRI(REPLACE(STR(?term), '[^/#]+$', '')) AS ?space) }"
    ),
}


@pytest.fixture(scope="module")
def catalogue(kg: KnowledgeGraph) -> ox.Store:
    triples = void.catalogue(kg.quads, void.read(kg.project), [DUMP])
    stored = ox.Store()
    stored.extend(ox.Quad(*triple) for triple in triples)
    return stored


def rows(stored: ox.Store, query: str) -> list[tuple[str, ...]]:
    answer = stored.query(PROLOGUE + query)
    assert isinstance(answer, ox.QuerySolutions)
    return sorted(tuple(term.value for term in row) for row in answer)


def in_rdflib(dataset: rdflib.Dataset, query: str) -> list[tuple[str, ...]]:
    answer: Any = dataset.query(PROLOGUE + query)
    return sorted(tuple(map(str, row)) for row in answer)


@pytest.mark.filterwarnings("ignore:Dataset:DeprecationWarning")  # rdflib's own
@pytest.mark.parametrize("figure", FIGURES)
def test_each_figure_is_what_both_engines_count(
    figure: str, catalogue: ox.Store, kg: KnowledgeGraph
) -> None:
    value = rows(catalogue, f"SELECT ?n {{ graph:dataset void:{figure} ?n }}")
    assert len(value) == 1
    assert value == rows(kg.store, FIGURES[figure]) == in_rdflib(kg.dataset, FIGURES[figure])


@pytest.mark.filterwarnings("ignore:Dataset:DeprecationWarning")  # rdflib's own
@pytest.mark.parametrize(("query", "counted"), PARTITIONS.items())
def test_each_partition_is_what_both_engines_count(
    query: str, counted: str, catalogue: ox.Store, kg: KnowledgeGraph
) -> None:
    partitions = rows(catalogue, query)
    assert partitions
    assert partitions == rows(kg.store, counted) == in_rdflib(kg.dataset, counted)


def test_links_are_counted_by_dataset_and_property(catalogue: ox.Store, kg: KnowledgeGraph) -> None:
    linksets = rows(
        catalogue,
        "SELECT ?space ?link ?n { graph:dataset void:subset [ a void:Linkset ; "
        "void:linkPredicate ?link ; void:subjectsTarget graph:dataset ; void:triples ?n ; "
        "void:objectsTarget [ a void:Dataset ; void:uriSpace ?space ] ] }",
    )
    counted = rows(
        store.make_store(kg.quads, LAYERS),
        """SELECT ?space ?link (COUNT(*) AS ?n) {
            VALUES ?link { foaf:isPrimaryTopicOf skos:exactMatch skos:closeMatch
                           rdfs:subClassOf rdfs:subPropertyOf }
            ?thing ?link ?other
            FILTER(STRSTARTS(STR(?thing), "https://w3id.org/kaiju/"))
            FILTER(ISIRI(?other) && !STRSTARTS(STR(?other), "https://w3id.org/kaiju/"))
            BIND(REPLACE(STR(?other), "[^/#]+[/#]?$", "") AS ?space)
        } GROUP BY ?space ?link""",
    )
    assert linksets == counted
    exact = "http://www.w3.org/2004/02/skos/core#exactMatch"
    assert ("http://www.wikidata.org/entity/", exact, "8") in linksets
    assert ("https://sws.geonames.org/", exact, "3") in linksets


def test_each_layer_has_its_size(catalogue: ox.Store, kg: KnowledgeGraph) -> None:
    query = """SELECT ?title ?n { graph:dataset void:subset
        [ a void:Dataset ; dcterms:title ?title ; void:triples ?n ] }"""
    sizes = {title: size for title, size in rows(catalogue, query)}  # noqa: C416 (rows are tuples)
    graphs = {
        "stated": "?g a ev:Passage",
        "curated": "{ ?g a ev:Curation } UNION { VALUES ?g { graph:curation } }",
    }
    for layer in LAYERS:
        which = graphs.get(layer, f"VALUES ?g {{ graph:{layer} }}")
        query = (
            "SELECT (COUNT(*) AS ?n) { SELECT DISTINCT ?s ?p ?o "
            f"{{ {which} GRAPH ?g {{ ?s ?p ?o }} }} }}"
        )
        assert [(sizes.pop(f"layer: {layer}"),)] == rows(kg.store, query), layer
    assert not sizes


def test_each_layer_has_a_description(catalogue: ox.Store) -> None:
    layers = rows(
        catalogue,
        """SELECT ?title ?text { graph:dataset void:subset [
            dcterms:title ?title ; dcterms:description ?text ] }""",
    )
    assert [title for title, _ in layers] == sorted(f"layer: {layer}" for layer in LAYERS)
    assert len({text for _, text in layers}) == len(LAYERS)


@pytest.mark.slow
def test_the_turtle_starts_with_what_people_ask_first(kg: KnowledgeGraph) -> None:
    triples = void.catalogue(kg.quads, void.read(kg.project), [DUMP])
    text = write.write(triples, "turtle", kg.project, first=void.ORDER)
    dataset = text.partition("\ngraph:dataset a void:Dataset , dcat:Dataset ;\n")[2]
    names = re.findall(r"^ {4}(\w+:\w+)\s", dataset.partition("\n\n")[0], re.MULTILINE)
    assert names[:3] == ["dcterms:title", "dcterms:description", "dcterms:issued"]
    assert names[-2:] == ["void:classPartition", "void:propertyPartition"]
    predicates = {t.predicate for t in triples if t.subject == void.read(kg.project).node}
    assert predicates <= {TYPE, *void.ORDER}
    assert len(predicates) == len(names) + 1
    [typed] = rows(kg.store, "SELECT (COUNT(*) AS ?n) { ?s a ?class }")
    assert f"void:property rdf:type ;\n        void:triples {typed[0]} ;\n" in text


def test_the_catalogue_names_the_sources_of_the_dataset(
    catalogue: ox.Store, kg: KnowledgeGraph, root: Path
) -> None:
    hashes = {
        path.parent.name: sha256(path.read_bytes()).hexdigest()
        for path in root.glob("graph/*/article.txt")
    }
    assert rows(
        catalogue,
        """SELECT ?label ?sum ?hash ?licence {
            graph:dataset prov:wasDerivedFrom ?article ; dcterms:license ?licence .
            ?article a prov:Entity , ev:Article ; rdfs:label ?label ; ev:hash ?hash ;
                ev:about id:gamera-2 ;
                dcterms:license ?licence ; spdx:checksum [ a spdx:Checksum ;
                    spdx:algorithm spdx:checksumAlgorithm_sha256 ; spdx:checksumValue ?sum ] }""",
    ) == [
        (
            "Gamera 2: Attack of Legion (encyclopedia article)",
            *[hashes["gamera-2"]] * 2,
            "https://creativecommons.org/licenses/by-sa/4.0/",
        )
    ]
    found = rows(catalogue, "SELECT ?hash { ?article a prov:Entity ; ev:hash ?hash }")
    assert found == sorted((value,) for value in hashes.values())
    sources = rows(kg.store, "SELECT DISTINCT ?site { ?g a ev:Curation ; dcterms:source ?site }")
    sites = rows(catalogue, "SELECT ?site { graph:dataset prov:wasDerivedFrom ?site }")
    articles = rows(kg.store, "SELECT ?article { ?article a ev:Article }")
    assert sites == sorted([*sources, *articles])


def test_the_subjects_of_the_dataset_are_those_of_all_articles(kg: KnowledgeGraph) -> None:
    about, article = ox.NamedNode(terms.EV + "about"), ox.NamedNode("urn:x:article")
    film = ox.NamedNode("https://w3id.org/kaiju/id/die-hard")
    second = [
        Quad(article, TYPE, ox.NamedNode(terms.EV + "Article"), terms.EVIDENCE),
        Quad(article, about, film, terms.EVIDENCE),
    ]
    described = void.read(kg.project)
    catalogue = void.catalogue([*kg.quads, *second], described, [])
    subjects = {
        triple.object
        for triple in catalogue
        if triple[:2] == (described.node, ox.NamedNode("http://purl.org/dc/terms/subject"))
    }
    assert subjects == {film, *(q.object for q in kg.quads if q.predicate == about)}


def test_the_version_is_that_of_the_package_and_of_its_ontologies(
    catalogue: ox.Store, kg: KnowledgeGraph
) -> None:
    version = kaiju_graph.__version__
    query = "SELECT ?number ?iri { graph:dataset dcat:version ?number ; owl:versionIRI ?iri }"
    assert rows(catalogue, query) == [(version, f"{SPACE}graph/dataset/{version}")]
    versions = rows(kg.store, "SELECT ?iri { GRAPH graph:ontology { ?o owl:versionIRI ?iri } }")
    assert {iri.rpartition("/")[2] for (iri,) in versions} == {version}
    ontologies = rows(catalogue, "SELECT ?o { graph:dataset dcterms:conformsTo ?o }")
    assert ontologies == rows(kg.store, "SELECT ?o { GRAPH graph:ontology { ?o a owl:Ontology } }")


def test_the_examples_and_the_subject_are_things_of_the_dataset(
    catalogue: ox.Store, kg: KnowledgeGraph
) -> None:
    query = "SELECT ?x { graph:dataset void:exampleResource|dcterms:subject ?x }"
    examples = rows(catalogue, query)
    assert len(examples) > 3
    for (iri,) in examples:
        assert kg.describe(f"<{iri}>")


def test_the_catalogue_contains_the_description_written_by_hand(
    catalogue: ox.Store, kg: KnowledgeGraph
) -> None:
    for triple in void.read(kg.project).triples:
        assert ox.Quad(*triple) in catalogue


def test_a_dump_is_described_by_its_file(catalogue: ox.Store) -> None:
    assert rows(
        catalogue,
        """SELECT ?file ?type ?size ?sum { graph:dataset void:dataDump ?file ;
            dcat:distribution [ a dcat:Distribution ; dcat:downloadURL ?file ;
                dcat:mediaType ?type ; dcat:byteSize ?size ;
                spdx:checksum [ spdx:checksumValue ?sum ] ] }""",
    ) == [
        (
            f"{SPACE}graph/dataset/{kaiju_graph.__version__}/graph.nt",
            "https://www.iana.org/assignments/media-types/application/n-triples",
            "7",
            "00" * 32,
        )
    ]


def canonical(triples: Iterable[tuple[Any, ...]]) -> set[str]:
    dataset = ox.Dataset(ox.Quad(*triple[:3]) for triple in triples)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return {str(quad) for quad in dataset}


def test_both_libraries_read_the_same_catalogue(kg: KnowledgeGraph) -> None:
    triples = void.catalogue(kg.quads, void.read(kg.project), [DUMP])
    text = write.write(triples, "turtle", kg.project)
    by_oxigraph = map(tuple, ox.parse(text, format=ox.RdfFormat.TURTLE))
    read = rdflib.Graph().parse(data=text, format="turtle")
    by_rdflib = (tuple(map(terms.from_rdflib, triple)) for triple in read)
    assert canonical(by_oxigraph) == canonical(triples)
    assert canonical(by_rdflib) == canonical(triples)


NODES = st.sampled_from([f"{SPACE}id/a", f"{SPACE}id/b", "http://example.org/c"]).map(ox.NamedNode)
VALUES = NODES | st.sampled_from(["a", "b"]).map(ox.Literal)
GRAPHS = st.sampled_from([ENTITIES, INFERRED])
QUADS = st.builds(Quad, NODES, NODES, VALUES, GRAPHS) | st.builds(
    Quad, NODES, st.just(TYPE), NODES, GRAPHS
)


@settings(max_examples=30)
@given(quads=st.lists(QUADS, max_size=30))
def test_figures_of_random_graphs_are_what_an_engine_counts(
    quads: list[Quad], kg: KnowledgeGraph
) -> None:
    catalogued = ox.Store()
    described = void.read(kg.project)
    catalogued.extend(ox.Quad(*t) for t in void.catalogue(quads, described, []))
    counted = store.make_store(quads)
    for figure, query in FIGURES.items():
        value = rows(catalogued, f"SELECT ?n {{ graph:dataset void:{figure} ?n }}")
        assert value == rows(counted, query), figure
    for partition, query in PARTITIONS.items():
        assert rows(catalogued, partition) == rows(counted, query)


WRONG = [
    ("void:Dataset , ", "", "found 0 IRIs of type void:Dataset; expected one"),
    ("graph:authors a foaf:", "graph:authors a void:Dataset , foaf:", "found 2 IRIs"),
    ("    dcterms:title ", '    dcterms:title "Another"@en , ', "found 2 values of dcterms:title"),
    (
        "dcterms:license <https://creativecommons.org/licenses/by-sa/4.0/>",
        'dcterms:license "free"@en',
        "found 1 values of dcterms:license; expected one IRI",
    ),
    ("owl:versionIRI", "owl:priorVersion", "found 0 values of owl:versionIRI; expected one IRI"),
    ("void:uriSpace", "void:uriRegexPattern", "found 0 values of void:uriSpace; expected one text"),
]


@pytest.mark.parametrize(("old", "new", "message"), WRONG)
def test_an_incomplete_description_is_refused(old: str, new: str, message: str, copy: Copy) -> None:
    copy.replace("graph/dataset.ttl", old, new)
    with pytest.raises(SourceError, match=f"^graph/dataset.ttl:1: {re.escape(message)}"):
        void.read(copy.load().project)


def test_a_missing_or_invalid_description_is_an_error_with_its_file(copy: Copy) -> None:
    copy.write("graph/dataset.ttl", "# nothing\n\nthis is no Turtle\n")
    with pytest.raises(SourceError, match=r"^graph/dataset.ttl:3:"):
        void.read(copy.load().project)
    (copy.root / "graph/dataset.ttl").unlink()
    with pytest.raises(UnreachableError, match=r"^graph/dataset.ttl: cannot be read: No such file"):
        void.read(copy.load().project)


def test_an_endpoint_and_a_base_are_in_the_catalogue_where_they_are_given(
    kg: KnowledgeGraph,
) -> None:
    described = void.read(kg.project)._replace(base="https://example.org/film/")
    endpoint = "https://example.org/sparql"
    stored = ox.Store()
    triples = void.catalogue(
        kg.quads, described, [DUMP], page="pages/index.html", endpoint=endpoint
    )
    stored.extend(ox.Quad(*triple) for triple in triples)
    found = rows(
        stored,
        """SELECT ?page ?file ?endpoint {
            graph:dataset dcat:landingPage ?page ; void:dataDump ?file ;
                dcat:distribution [ dcat:accessURL ?file ; dcat:downloadURL ?file ] ;
                dcterms:issued ?day ; void:sparqlEndpoint ?endpoint .
            ?service a sd:Service , dcat:DataService ; sd:endpoint ?endpoint ;
                dcat:endpointURL ?endpoint ; dcat:servesDataset graph:dataset ;
                sd:supportedLanguage sd:SPARQL11Query .
        }""",
    )
    base = "https://example.org/film"
    assert found == [(f"{base}/pages/index.html", f"{base}/graph.nt", endpoint)]


def test_values_have_the_classes_that_dcat_ap_demands(catalogue: ox.Store) -> None:
    # DCAT-AP 3.0.1, with whose shapes the catalogue was compared: the ranges of its properties.
    for name, kind in (
        ("dcat:mediaType", "dcterms:MediaType"),
        ("dcterms:conformsTo", "dcterms:Standard"),
        ("dcterms:license", "dcterms:LicenseDocument"),
        ("spdx:algorithm", "spdx:ChecksumAlgorithm"),
    ):
        values = rows(catalogue, f"SELECT DISTINCT ?value {{ ?node {name} ?value }}")
        assert values
        assert values == rows(
            catalogue, f"SELECT DISTINCT ?value {{ ?node {name} ?value . ?value a {kind} }}"
        )
