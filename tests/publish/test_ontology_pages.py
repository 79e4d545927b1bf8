"""The documentation of the ontology tells every term, and every example in it is in the graph."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from rdflib import OWL, RDF, RDFS, SKOS, XSD, Graph, URIRef

from kaiju_graph.project.sources import select_layers
from kaiju_graph.publish.ontology_pages import document
from kaiju_graph.rdf.terms import ENTITIES, ONTOLOGY, TYPE, Quad

if TYPE_CHECKING:
    from pathlib import Path

    from rdflib.term import Node

    from kaiju_graph import KnowledgeGraph

FILES = ("film", "story", "evidence")
OF_OTHERS = ("ev:doesNotTell", "ev:notModelled", "ev:status")
"""The terms of which only a draft has examples, or an article that does not tell all."""


@pytest.fixture(scope="module")
def ontology(root: Path) -> Graph:
    graph = Graph(bind_namespaces="none")
    for name in FILES:
        graph.parse(root / f"ontology/{name}.ttl")
    return graph


@pytest.fixture(scope="module")
def text(kg: KnowledgeGraph) -> str:
    return document(kg.quads, kg.project)


@pytest.fixture(scope="module")
def entries(text: str) -> dict[str, str]:
    """Return CURIE → the entry of a term."""
    parts = re.split(r"^#### (.+)\n", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def listed_terms(entry: str, word: str) -> set[str]:
    """Return the names of the terms that an entry lists under a word."""
    match = re.search(rf"^- {word}: (.+)$", entry, re.MULTILINE)
    return set(re.findall(r"\[(.+?)\]\(", match[1])) if match else set()


def test_every_term_has_one_entry_with_label_and_definition(
    entries: dict[str, str], ontology: Graph, kg: KnowledgeGraph
) -> None:
    terms = set(ontology.subjects(RDFS.isDefinedBy))
    assert {kg.project.prefixes.shorten(str(term)) for term in terms} == set(entries)
    for term in terms:
        label, definition = ontology.value(term, RDFS.label), ontology.value(term, SKOS.definition)
        assert f"*{label}*: {definition}\n" in entries[kg.project.prefixes.shorten(str(term))]


RELATIONS = {
    "subclass of": (RDFS.subClassOf, False),
    "superclass of": (RDFS.subClassOf, True),
    "subproperty of": (RDFS.subPropertyOf, False),
    "superproperty of": (RDFS.subPropertyOf, True),
    "domain": (RDFS.domain, False),
    "range": (RDFS.range, False),
}


@pytest.mark.parametrize("word", RELATIONS)
def test_each_relation_is_listed_for_every_term_that_has_it(
    word: str, entries: dict[str, str], ontology: Graph, kg: KnowledgeGraph
) -> None:
    predicate, converse = RELATIONS[word]

    def names(nodes: list[Node]) -> set[str]:
        return {kg.project.prefixes.shorten(str(node)) for node in nodes}

    for term in set(ontology.subjects(RDFS.isDefinedBy)):
        others = (
            ontology.subjects(predicate, term) if converse else ontology.objects(term, predicate)
        )
        names_listed = listed_terms(entries[kg.project.prefixes.shorten(str(term))], word)
        assert names_listed == names(list(others)), (term, word)


@pytest.mark.parametrize(
    ("word", "predicate"),
    [
        ("inverse of", OWL.inverseOf),
        ("disjoint with", OWL.disjointWith),
    ],
)
def test_symmetric_relations_are_listed_for_both_terms(
    word: str, predicate: URIRef, entries: dict[str, str], ontology: Graph, kg: KnowledgeGraph
) -> None:
    pairs = {
        (kg.project.prefixes.shorten(str(a)), kg.project.prefixes.shorten(str(b)))
        for a, b in ontology.subject_objects(predicate)
    }
    assert pairs
    pairs_listed = {
        (name, other) for name, entry in entries.items() for other in listed_terms(entry, word)
    }
    assert pairs_listed == pairs | {(b, a) for a, b in pairs}


def test_characteristics_chains_and_alignments_are_listed(
    entries: dict[str, str], ontology: Graph, kg: KnowledgeGraph
) -> None:
    assert "- characteristics: transitive\n" in entries["story:before"]
    assert "- characteristics: symmetric\n" in entries["story:overlaps"]
    marked = {
        kg.project.prefixes.shorten(str(term))
        for term, kind in ontology.subject_objects(RDF.type)
        if re.search("(Transitive|[Ss]ymmetric|Functional)Property$", str(kind))
    }
    assert marked == {name for name, entry in entries.items() if "- characteristics: " in entry}
    chained = set(ontology.subjects(OWL.propertyChainAxiom))
    with_chain = {name for name, entry in entries.items() if " ∘ " in entry}
    assert with_chain == {kg.project.prefixes.shorten(str(term)) for term in chained}
    aligned = {
        (
            kg.project.prefixes.shorten(str(q.subject.value)),
            kg.project.prefixes.shorten(q.object.value),
        )
        for q in select_layers(kg.quads, "alignments")
        if kg.project.prefixes.shorten(q.subject.value) in entries
    }
    links = {
        (name, other.strip("<>"))
        for name, entry in entries.items()
        for line in re.findall(r"^- aligned.*$", entry, re.MULTILINE)
        for other in re.findall(r"\[(.+?)\]\(", line)
    }
    assert links == {(a, b.strip("<>")) for a, b in aligned}
    assert len(links) > 50


def test_every_term_has_an_example_from_the_graph(
    entries: dict[str, str], kg: KnowledgeGraph, root: Path
) -> None:
    files = sorted(root.glob("tests/projects/two-films/graph/*/*.t*"))
    other = "".join(file.read_text("utf-8") for file in files)
    prologue = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in kg.project.prefixes.items())
    triples = {quad.triple for quad in kg.quads}
    for name, entry in entries.items():
        codes = re.findall(r"^```turtle\n(.+)\n```$", entry, re.MULTILINE)
        if not codes:  # a term that other articles use
            assert re.search(rf"\b{name}\b", other) or name in OF_OTHERS, name
            continue
        [quad] = ox.parse(prologue + codes[0], format=ox.RdfFormat.TURTLE)
        assert (quad.subject, quad.predicate, quad.object) in triples, name


def test_nearly_every_example_has_the_text_of_its_passage(
    entries: dict[str, str], kg: KnowledgeGraph
) -> None:
    quotes = {
        kg.project.prefixes.shorten(q.subject.value): q.object.value
        for q in kg.quads
        if q.predicate.value.endswith("#quote")
    }
    without = []
    for name, entry in entries.items():
        source = "".join(re.findall(r"^Example \((.+)\):$", entry, re.MULTILINE))
        sentences = re.findall(r"^> (.+)$", entry, re.MULTILINE)
        if source in quotes:
            assert plain(f"> {sentences[0]}") == quotes[source], name
        else:
            assert not sentences
            without += [name] * bool(source)
    assert sorted(without) == [
        "ev:Article",
        "ev:Curation",
        "ev:Status",
        "ev:about",
        "ev:coined",
        "ev:counted",
        "ev:dictionaryForm",
        "ev:hash",
        "ev:infoboxKey",
        "ev:possibleIdentity",
        "ev:relatesToSubject",
        "ev:source",
        "ev:usualOf",
        "film:possiblySame",
        "story:affects",
        "story:broughtAboutBy",
        "story:fulfils",
        "story:inStoryOf",
        "story:modelledOn",
    ]


def plain(text: str) -> str:
    """Return the text of Markdown, as a reader sees it."""
    tokens = MarkdownIt("commonmark").parse(text)
    return "".join(child.content for token in tokens for child in token.children or ())


def test_an_example_uses_the_property_or_a_stated_subproperty(
    entries: dict[str, str],
) -> None:
    assert "id:gamera-2 film:director id:shusuke-kaneko ." in entries["film:director"]
    assert "> Director: Shusuke Kaneko\n" in entries["film:director"]
    # An example of a narrower property with a sentence is better than one without.
    assert re.search(r" film:creativeTeam g2:\S+ \.", entries["film:contributor"])
    assert "\n> Shortly after it was announced " in entries["film:contributor"]


def test_links_within_the_page_match_unique_anchors(text: str) -> None:
    anchors = re.findall(r'^<a id="([\w-]+)"></a>$', text, re.MULTILINE)
    assert len(anchors) == len(set(anchors))
    assert {"film-director", "film-Film", "story-before", "film", "ev"} <= set(anchors)
    links = set(re.findall(r"\]\(#([^)]*)\)", text))
    assert links == set(anchors)


def test_the_contents_list_the_terms_of_each_ontology_by_kind(
    text: str, entries: dict[str, str]
) -> None:
    contents = text.partition("\n<a id=")[0]
    assert re.findall(r"\[(\w+:[\w-]+)\]\(#", contents) == list(entries)
    kinds = re.findall(r"^([A-Z][a-z ]+): \[film:", contents, re.MULTILINE)
    assert kinds == ["Classes", "Object properties", "Datatype properties", "Individuals"]


TEXTS = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1)


@given(texts=st.lists(TEXTS, min_size=8, max_size=12))
@settings(max_examples=15)
def test_texts_of_the_ontology_are_escaped(texts: list[str], kg: KnowledgeGraph) -> None:
    space, label = "https://w3id.org/kaiju/film#", "http://www.w3.org/2000/01/rdf-schema#label"
    film = ox.NamedNode(space)
    owl, rdfs = "http://www.w3.org/2002/07/owl#", "http://www.w3.org/2000/01/rdf-schema#"
    quads = [Quad(film, TYPE, ox.NamedNode(f"{owl}Ontology"), ONTOLOGY)]
    for number, text in enumerate(texts):
        thing = ox.NamedNode(f"{space}Thing{number}")
        quads += [
            Quad(thing, TYPE, ox.NamedNode(f"{owl}Class"), ONTOLOGY),
            Quad(thing, ox.NamedNode(f"{rdfs}isDefinedBy"), film, ONTOLOGY),
            Quad(thing, ox.NamedNode(label), ox.Literal(text, language="en"), ONTOLOGY),
        ]
    entries = re.split(r"^#### film:Thing\d+\n", document(quads, kg.project), flags=re.MULTILINE)
    for text, entry in zip(texts, entries[1:], strict=True):
        assert plain(entry).startswith(f"{text}:"), entry


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (ox.Literal("2", datatype=ox.NamedNode(f"{XSD}integer")), "2"),
        (ox.Literal("1996", datatype=ox.NamedNode(f"{XSD}gYear")), '"1996"^^xsd:gYear'),
        (ox.Literal("<http://example.org/>", language="en"), '"<http://example.org/>"@en'),
        (ox.Literal("a\n```\n"), '"""a\n```\n"""'),
    ],
)
def test_an_example_is_readable_turtle(value: ox.Literal, written: str, kg: KnowledgeGraph) -> None:
    film, size = (ox.NamedNode(f"https://w3id.org/kaiju/film#{name}") for name in ("", "size"))
    quads = [
        Quad(film, TYPE, ox.NamedNode(f"{OWL}Ontology"), ONTOLOGY),
        Quad(size, TYPE, ox.NamedNode(f"{OWL}DatatypeProperty"), ONTOLOGY),
        Quad(size, ox.NamedNode(f"{RDFS}isDefinedBy"), film, ONTOLOGY),
        Quad(film, size, value, ENTITIES),
    ]
    tokens = MarkdownIt("commonmark").parse(document(quads, kg.project))
    [fence] = [token for token in tokens if token.type == "fence"]
    assert (fence.info, fence.content) == ("turtle", f"film: film:size {written} .\n")


@pytest.mark.parametrize("rest", ["endless", "missing"])
def test_a_malformed_chain_is_listed_as_far_as_it_goes(rest: str, kg: KnowledgeGraph) -> None:
    film, whole = (ox.NamedNode(f"https://w3id.org/kaiju/film#{name}") for name in ("", "whole"))
    owl, cell = "http://www.w3.org/2002/07/owl#", ox.BlankNode("cell")
    rdf, rdfs = "http://www.w3.org/1999/02/22-rdf-syntax-ns#", str(RDFS)
    quads = [
        Quad(film, TYPE, ox.NamedNode(f"{owl}Ontology"), ONTOLOGY),
        Quad(whole, TYPE, ox.NamedNode(f"{owl}ObjectProperty"), ONTOLOGY),
        Quad(whole, ox.NamedNode(f"{rdfs}isDefinedBy"), film, ONTOLOGY),
        Quad(whole, ox.NamedNode(f"{owl}propertyChainAxiom"), cell, ONTOLOGY),
        Quad(cell, ox.NamedNode(f"{rdf}first"), whole, ONTOLOGY),
    ]
    if rest == "endless":
        quads.append(Quad(cell, ox.NamedNode(f"{rdf}rest"), cell, ONTOLOGY))
    assert "- follows from: [film:whole](#film-whole)\n" in document(quads, kg.project)
