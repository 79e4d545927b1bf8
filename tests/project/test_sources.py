"""Files are read into quads, each in a layer."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.graph import DATASET_DEFAULT_GRAPH_ID

from kaiju_graph.errors import SourceError, UnknownNameError
from kaiju_graph.project import layout, sources
from kaiju_graph.project.sources import LAYERS
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.parse import parse
from kaiju_graph.rdf.terms import ENTITIES, ONTOLOGY, Quad
from tests import small_article
from tests.repository import ROOT

if TYPE_CHECKING:
    from kaiju_graph import KnowledgeGraph
    from tests.conftest import Command, Copy

PROJECT = layout.find(str(ROOT))
READ = sources.read(PROJECT)
LAYER_OF = {
    "ontology/alignments.ttl": "alignments",
    "graph/entities.ttl": "entities",
    "graph/gamera-2/entities.ttl": "entities",
    "graph/curation.trig": "curated",
    "graph/gamera-2/curation.trig": "curated",
}


def test_every_turtle_and_trig_file_is_read() -> None:
    files = {
        path.relative_to(ROOT).as_posix()
        for folder in ("ontology", "graph")
        for path in (ROOT / folder).rglob("*.t*")
        if path.suffix in (".ttl", ".trig") and path.parent.name != "shapes"
    }
    assert READ.files.keys() == files - {*PROJECT.registries(), "graph/dataset.ttl"}
    assert READ.texts.keys() == {"graph/gamera-2"}


# rdflib itself calls what it deprecates.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_rdflib_reads_the_same_quads() -> None:
    for name, file in READ.files.items():
        form = "trig" if name.endswith(".trig") else "turtle"
        dataset = rdflib.Dataset()
        dataset.parse(data=PROJECT.read(name), format=form)
        quads = [
            Quad._make([*map(terms.from_rdflib, triple), _graph(graph, file.default)])
            for *triple, graph in dataset.quads()
        ]
        assert _without_blank_nodes(quads) == _without_blank_nodes(file.quads), name
        assert len(quads) == len(set(file.quads)), name


def _graph(name: object, default: ox.NamedNode) -> ox.NamedNode:
    return default if name in (None, DATASET_DEFAULT_GRAPH_ID) else ox.NamedNode(str(name))


def _without_blank_nodes(quads: list[Quad]) -> set[Quad]:
    return {
        quad
        for quad in quads
        if not any(isinstance(term, ox.BlankNode) for term in (quad.subject, quad.object))
    }


def test_no_file_repeats_a_quad() -> None:
    assert not [
        (name, quad)
        for name, file in READ.files.items()
        for quad, count in Counter(file.quads).items()
        if count > 1
    ]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("ex:a ex:b ex:c .\nex:a ex:b\n", "3:"),
        ("ex:a ex:b ex:c\nex:a ex:b ex:c .\n", "1:"),
        ("ex:a ex:b ex:c .\n\nex:a nope:b ex:c .\n", "3:"),
        ('ex:a ex:b "one\ntwo" .\n', "1:"),
        ("ex:a ex:b <a b> .\n", "1:"),
        ("ex:a ex:b ex:c .\nex:a ex:b ] .\n", "2:"),
        ('ex:a ex:b "x"@ .\n', "1:"),
        ("ex:a ex:b ex:c .\n# a comment\nex:é\u0009ex:b 日本 .\n", "3:"),
    ],
)
def test_syntax_error_is_reported_at_its_line(text: str, place: str) -> None:
    with pytest.raises(SourceError, match=rf"^graph/broken\.ttl:{place}\d+: \S") as raised:
        list(parse("graph/broken.ttl", f"@prefix ex: <http://e/> . {text}", ENTITIES))
    assert "\n" not in str(raised.value)


def test_syntax_error_is_reported_by_read(copy: Copy) -> None:
    copy.replace("graph/gamera-2/lead.trig", "film:genre id:kaiju-film ;", "film:genre ;")
    text = copy.read("graph/gamera-2/lead.trig")
    line = text.count("\n", 0, text.index("film:genre ;")) + 1
    with pytest.raises(SourceError, match=rf"^graph/gamera-2/lead\.trig:{line}:\d+: "):
        sources.read(layout.find(str(copy.root)))


# Blank nodes -----------------------------------------------------------------

TWO_NODES = "@prefix ex: <http://e/> . [] ex:a [ ex:b 1 ] ."


def test_blank_nodes_have_the_same_labels_in_two_reads() -> None:
    again = sources.read(PROJECT).quads
    assert again == READ.quads
    assert any(isinstance(quad.subject, ox.BlankNode) for quad in again)


@pytest.mark.parametrize(
    "files",
    [
        ("ontology/film.ttl", "ontology/story.ttl"),
        ("ontology/film.ttl", "ontology/shapes/film.ttl"),
        ("graph/one/plot.trig", "graph/two/plot.trig"),
    ],
)
def test_blank_nodes_of_two_files_are_distinct(files: tuple[str, str]) -> None:
    one, two = ({quad.subject for quad in parse(file, TWO_NODES, ONTOLOGY)} for file in files)
    assert not one & two


def test_blank_nodes_of_a_long_file_differ_from_those_of_another() -> None:
    long = "@prefix ex: <http://e/> . " + "[] ex:a 1 . " * 11
    one = {quad.subject for quad in parse("ontology/a.ttl", long, ONTOLOGY)}
    two = {quad.subject for quad in parse("ontology/a1.ttl", TWO_NODES, ONTOLOGY)}
    assert not one & two


@pytest.mark.parametrize("name", ["a b", "(draft)", "-", "1", "é", "ガメラ"])
def test_file_of_any_name_may_have_blank_nodes(name: str) -> None:
    assert len(list(parse(f"ontology/{name}.ttl", TWO_NODES, ONTOLOGY))) == 2


# Layers ----------------------------------------------------------------------


def test_files_belong_to_the_layer_of_their_folder() -> None:
    assert {name: file.layer for name, file in READ.files.items()} == {
        name: LAYER_OF.get(name, "stated" if name.count("/") == 2 else "ontology")
        for name in READ.files
    }


def test_quads_belong_to_exactly_one_layer(kg: KnowledgeGraph) -> None:
    parts = {layer: sources.select_layers(kg.quads, layer) for layer in LAYERS}
    assert all(parts.values())
    assert Counter(kg.quads) == sum((Counter(part) for part in parts.values()), Counter())
    assert Counter(sources.select_layers(kg.quads, *LAYERS)) == Counter(kg.quads)
    assert not sources.select_layers(kg.quads)


def test_stated_quads_stand_in_graphs_of_passages(kg: KnowledgeGraph) -> None:
    stated = {quad.graph.value for quad in sources.select_layers(kg.quads, "stated")}
    assert stated == {passage for passage in stated if "/kaiju/gamera-2/" in passage}
    assert len(stated) == 60


def test_graph_of_type_curation_is_curated() -> None:
    curation = ox.NamedNode(terms.EV + "Curation")
    other = ox.NamedNode(terms.EV + "Passage")
    read, passage = ox.NamedNode("http://e/read"), ox.NamedNode("http://e/passage")
    quads = [
        Quad(read, terms.TYPE, curation, terms.CURATION),
        Quad(passage, terms.TYPE, other, terms.CURATION),
        Quad(read, terms.LABEL, ox.Literal("a"), read),
        Quad(read, terms.LABEL, ox.Literal("a"), passage),
    ]
    assert sources.graph_layers(quads) == {
        terms.CURATION.value: "curated",
        read.value: "curated",
        passage.value: "stated",
    }


def test_unknown_layer_is_refused_with_the_known_ones(kg: KnowledgeGraph) -> None:
    with pytest.raises(UnknownNameError, match=rf"no layer 'told'.*{', '.join(LAYERS)}"):
        sources.select_layers(kg.quads, "stated", "told")


def test_folder_of_an_article_has_its_own_entities_curation_and_prefixes(copy: Copy) -> None:
    small_article.add(copy)
    project = layout.find(str(copy.root))
    assert project.prefixes["notes"] == "https://w3id.org/kaiju/notes/"
    read = sources.read(project)
    layers = {name: file.layer for name, file in read.files.items() if "/notes/" in name}
    assert layers == {
        f"{small_article.FOLDER}/curation.trig": "curated",
        f"{small_article.FOLDER}/entities.ttl": "entities",
        f"{small_article.FOLDER}/setting.trig": "stated",
    }
    otaru = ox.NamedNode("https://w3id.org/kaiju/id/otaru")
    graphs = {quad.graph.value for quad in read.quads if quad.subject == otaru}
    assert graphs == {"https://w3id.org/kaiju/graph/entities"}


@pytest.mark.slow
@pytest.mark.usefixtures("warm_memory")
def test_article_with_its_own_files_conforms_and_answers(copy: Copy, kaiju: Command) -> None:
    at = ("--root", str(copy.root))
    query = "SELECT ?place { notes:setting-1 ev:passageOf ?a . ?a ev:about/film:features ?place }"
    old = kaiju("query", query, *at)
    assert (old.returncode, "the prefix 'notes'" in old.stderr) == (3, True)
    small_article.add(copy)
    assert kaiju("validate", *at).stdout == "conforms\n"
    assert "id/otaru\n" in kaiju("query", query, *at).stdout
    document = kaiju("export", "-f", "jsonld", "--layer", "evidence", *at).stdout
    assert '"notes": "https://w3id.org/kaiju/notes/"' in document
    copy.replace(f"{small_article.FOLDER}/prefixes.ttl", '"notes"', '"note"')  # the cache sees it
    renamed = kaiju("query", query, *at)
    assert (renamed.returncode, renamed.stdout) == (3, "")
