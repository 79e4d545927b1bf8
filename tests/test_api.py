"""The Python API: answers in rdflib's terms, the graph as a dataset, and errors."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from rdflib import RDF, RDFS, XSD, Dataset, Graph, Literal, URIRef

import kaiju_graph
from kaiju_graph import errors
from kaiju_graph.errors import (
    KaijuError,
    ParameterError,
    QueryError,
    QueryWarning,
    UnknownNameError,
    UnreachableError,
    UsageError,
)
from kaiju_graph.rdf.terms import DEFAULT, to_rdflib

if TYPE_CHECKING:
    from kaiju_graph import KnowledgeGraph
    from tests.conftest import Copy

FILM = "https://w3id.org/kaiju/film#"
ID = "https://w3id.org/kaiju/id/"


# Answers ---------------------------------------------------------------------


def test_ask_yields_rows_of_rdflib_terms(kg: KnowledgeGraph) -> None:
    answer = kg.ask("who-directed")
    assert answer.variables == ("title", "person")
    assert [str(row["person"]) for row in answer] == ["Shusuke Kaneko"]
    assert len(answer) == 1
    assert answer
    for row in answer:
        assert row["person"] == Literal("Shusuke Kaneko", lang="en")
        assert row["title"] == Literal("Gamera 2: Attack of Legion", lang="en")


def test_ask_binds_parameters(kg: KnowledgeGraph) -> None:
    assert len(kg.ask("who-directed", {"person": "Shusuke Kaneko"})) == 1
    nobody = kg.ask("who-directed", {"person": "Kow Otani"})
    assert not nobody
    assert nobody.variables == ("title", "person")


def test_query_answers_every_form(kg: KnowledgeGraph) -> None:
    select = kg.query("SELECT ?film { ?film film:director id:shusuke-kaneko }")
    assert [row["film"] for row in select] == [URIRef(f"{ID}gamera-2")]
    assert kg.query("ASK { id:gamera-2 a film:Film }").boolean is True
    assert kg.query("ASK { id:gamera-2 a film:Person }").boolean is False
    construct = kg.query(
        "CONSTRUCT { ?s rdfs:label ?o } WHERE { ?s film:director ?d ; film:title ?o }"
    ).graph
    assert isinstance(construct, Graph)
    title = Literal("Gamera 2: Attack of Legion", lang="en")
    assert set(construct) == {(URIRef(f"{ID}gamera-2"), RDFS.label, title)}
    describe = kg.query("DESCRIBE id:gamera").graph
    assert describe is not None
    assert (URIRef(f"{ID}gamera"), RDFS.label, Literal("Gamera", lang="en")) in describe


def test_an_answer_is_true_if_it_is_not_empty(kg: KnowledgeGraph) -> None:
    assert kg.query("ASK {}")
    assert not kg.query("ASK { FILTER(false) }")
    assert not kg.query("SELECT * { id:gamera ?p id:gamera }")
    assert not kg.query("CONSTRUCT WHERE { id:gamera ?p id:gamera }")
    assert kg.query("CONSTRUCT WHERE { id:gamera ?p ?o }")


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?p ?o { id:gamera ?p ?o }",
        "CONSTRUCT WHERE { id:gamera ?p ?o }",
        "DESCRIBE id:gamera",
    ],
)
def test_an_answer_has_the_solutions_of_the_engine(text: str, kg: KnowledgeGraph) -> None:
    solutions: Any = kg.answer(text)
    expected = {tuple(map(to_rdflib, solution)) for solution in solutions}
    answer = kg.query(text)
    is_graph = answer.graph is not None
    assert {tuple(row if is_graph else row.values()) for row in answer} == expected
    assert len(answer) == len(expected) > 0


def test_a_boolean_answer_has_no_rows(kg: KnowledgeGraph) -> None:
    assert len(kg.query("ASK {}")) == len(list(kg.query("ASK {}"))) == 0


@pytest.mark.parametrize("word", ["GRAPH", "graph"])
def test_a_query_finds_named_graphs(word: str, kg: KnowledgeGraph) -> None:
    (row,) = kg.query(f"SELECT (COUNT(*) AS ?n) {{ {word} g2:infobox-director {{ ?s ?p ?o }} }}")
    assert int(row["n"]) == 1


def test_a_query_without_graph_uses_the_store_without_named_graphs(kg: KnowledgeGraph) -> None:
    store = kg.store_for("SELECT * { ?s ?p ?o }")
    assert not list(store.named_graphs())
    assert len(store) == sum(quad.graph_name == DEFAULT for quad in kg.store)


def test_an_answer_can_be_read_twice(kg: KnowledgeGraph) -> None:
    answer = kg.query("SELECT ?o { id:gamera a ?o }")
    assert list(answer) == list(answer) != []


def test_an_unbound_variable_is_not_in_its_row(kg: KnowledgeGraph) -> None:
    answer = kg.query("SELECT * { VALUES (?a ?b) { (UNDEF '') } }")
    assert [dict(row) for row in answer] == [{"b": Literal("")}]


def test_literals_keep_datatype_and_language(kg: KnowledgeGraph) -> None:
    (row,) = kg.query(
        "SELECT * { ?release film:date ?date . ?film film:runtimeMinutes ?n "
        "FILTER NOT EXISTS { ?release film:budget ?x } } LIMIT 1"
    )
    assert row["date"] == Literal("1996-07-13", datatype=XSD.date)
    assert row["n"] == Literal("100", datatype=XSD.integer)
    assert row["n"].toPython() == 100


# The graph -------------------------------------------------------------------


def test_dataset_has_named_graphs_and_prefixes(kg: KnowledgeGraph) -> None:
    assert isinstance(kg.dataset, Dataset)
    film = URIRef(f"{ID}gamera-2")
    passage = kg.dataset.graph(URIRef("https://w3id.org/kaiju/gamera-2/infobox-director"))
    assert set(passage) == {(film, URIRef(f"{FILM}director"), URIRef(f"{ID}shusuke-kaneko"))}
    assert (film, RDF.type, URIRef(f"{FILM}Work")) in kg.dataset.default_graph  # inferred
    namespaces = {prefix: str(iri) for prefix, iri in kg.dataset.namespaces()}
    assert kg.project.prefixes.items() <= namespaces.items()


def test_dataset_keeps_lexical_forms(copy: Copy) -> None:
    copy.replace(
        "graph/gamera-2/infobox.trig", "film:runtimeMinutes 100 .", "film:runtimeMinutes 0100 ."
    )
    graph = copy.load().dataset.default_graph
    assert [str(n) for n in graph.objects(None, URIRef(f"{FILM}runtimeMinutes"))] == ["0100"]


@pytest.mark.parametrize("kind", [str, Path], ids=["str", "Path"])
def test_load_takes_a_text_or_a_path(kind: type[str | Path], root: Path) -> None:
    assert kaiju_graph.load(kind(root)).query("ASK { id:gamera a story:Monster }")


def test_files_are_read_when_they_are_needed(copy: Copy) -> None:
    copy.write("graph/entities.ttl", "nonsense")
    loaded = copy.load()
    assert loaded.project.prefixes.shorten(f"{ID}gamera") == "id:gamera"
    with pytest.raises(KaijuError, match=r"^graph/entities\.ttl:1:"):
        _ = loaded.quads


def test_a_loaded_graph_does_not_change_with_its_files(copy: Copy) -> None:
    loaded = copy.load()
    before = len(loaded.quads)
    copy.replace("graph/entities.ttl", "id:die-hard a film:Film ;", "id:die-hard a film:Work ;")
    assert len(loaded.quads) == before
    assert loaded.query("ASK { GRAPH graph:entities { id:die-hard a film:Film } }")


# Errors ----------------------------------------------------------------------


def test_some_layers_without_an_answer_say_whether_all_have_one(kg: KnowledgeGraph) -> None:
    stated = kaiju_graph.load(kg.project.root, ["stated"])
    with pytest.warns(QueryWarning, match="in the layers stated; all layers together have one$"):
        assert not stated.query("SELECT * { ?film film:director ?who . ?who rdfs:label ?name }")
    with pytest.warns(QueryWarning, match="the ontology film: has no term film:directer"):
        assert not stated.query("SELECT * { ?film film:directer ?who }")


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda kg: kg.ask("who-direct"), UnknownNameError, "did you mean 'who-directed'"),
        (lambda kg: kg.ask("who-directed", {"x": "y"}), ParameterError, "it takes film, person"),
        (lambda kg: kg.ask("who-directed", {"film": "Gamora"}), UnknownNameError, "'Gamera'"),
        (lambda kg: kg.query("SELECT"), QueryError, "^query:1:"),
        (lambda kg: kg.query("DROP ALL"), QueryError, "found 'DROP'; expected SELECT"),
        (lambda kg: kg.describe("nobody at all"), UnknownNameError, "nothing is named"),
        (lambda kg: kg.export("csv"), UsageError, "use turtle, trig"),
        (lambda _: kaiju_graph.load("/nowhere"), UnreachableError, "^/nowhere: not a project"),
        (lambda kg: kaiju_graph.load(kg.project.root, ["x"]), UnknownNameError, "no layer 'x'"),
    ],
)
def test_errors_have_one_line(
    call: object, error: type[KaijuError], message: str, kg: KnowledgeGraph
) -> None:
    assert callable(call)
    with pytest.raises(error, match=message) as raised:
        call(kg)
    assert "\n" not in str(raised.value)


def test_the_docstring_draws_the_tree_of_errors() -> None:
    drawn = re.findall(
        r"^[ │├└─]*(\w+(?:Error|Warning)) +(\d+)?", errors.__doc__ or "", re.MULTILINE
    )
    codes = {name: int(code) for name, code in drawn if code}
    classes = {
        name: kind
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, KaijuError)
    }
    assert {name for name, _ in drawn} == classes.keys()
    for name, kind in classes.items():
        assert kind.exit_code == codes.get(name, codes["InputError"])
        assert kind.__doc__
    assert 1 not in codes.values()
    assert 0 not in codes.values()


def test_a_missing_attribute_is_an_ordinary_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'godzilla'"):
        _ = kaiju_graph.godzilla
