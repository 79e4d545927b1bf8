"""The graph leaves in every format, and comes back as the same graph from either library."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st
from pyld import jsonld
from rdflib.graph import DATASET_DEFAULT_GRAPH_ID

import kaiju_graph
from kaiju_graph import terms
from kaiju_graph.errors import SourceError, UsageError
from kaiju_graph.exporting import FORMATS, write
from kaiju_graph.sources import LAYERS, select
from kaiju_graph.store import MERGED
from kaiju_graph.terms import ENTITIES, XSD, Quad, Triple

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from kaiju_graph import KnowledgeGraph
    from tests.conftest import Copy

OXIGRAPH = {
    "turtle": ox.RdfFormat.TURTLE,
    "trig": ox.RdfFormat.TRIG,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "nquads": ox.RdfFormat.N_QUADS,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdfxml": ox.RdfFormat.RDF_XML,
}
RDFLIB = {"ntriples": "nt", "jsonld": "json-ld", "rdfxml": "xml"}
DATASETS = ("trig", "nquads")


@pytest.fixture(scope="module")
def exported(kg: KnowledgeGraph) -> dict[str, str]:
    return {form: kg.export(form) for form in FORMATS}


def _canonical(statements: Iterable[Any], form: str) -> set[str]:
    """Return statements as a set of lines with canonical blank nodes (RDFC 1.0)."""
    quads = (
        ox.Quad(*statement[:3], *(statement[3:] if form in DATASETS else ()))
        for statement in statements
    )
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return {str(quad) for quad in dataset}


def _by_oxigraph(text: str, form: str) -> list[Any]:
    return [
        (q.subject, q.predicate, q.object, q.graph_name) if form in DATASETS else tuple(q)[:3]
        for q in ox.parse(text.encode(), format=OXIGRAPH[form])
    ]


def _by_rdflib(text: str, form: str) -> list[Any]:
    dataset = rdflib.Dataset()
    dataset.parse(data=text, format=RDFLIB.get(form, form))
    found = []
    for *triple, name in dataset.quads():
        statement = tuple(map(terms.from_rdflib, triple))
        if form in DATASETS:
            assert name not in (None, DATASET_DEFAULT_GRAPH_ID)
            statement = (*statement, ox.NamedNode(str(name)))
        found.append(statement)
    return found


def test_every_format_is_tried() -> None:
    assert OXIGRAPH.keys() == set(FORMATS)


@pytest.mark.parametrize("form", FORMATS)
def test_oxigraph_reads_the_same_graph_back(
    form: str, exported: dict[str, str], kg: KnowledgeGraph
) -> None:
    expected = _canonical(select(kg.quads, *MERGED), form)
    assert _canonical(_by_oxigraph(exported[form], form), form) == expected


# rdflib's own parsers call what rdflib deprecates.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("form", FORMATS)
def test_rdflib_reads_the_same_graph_back(
    form: str, exported: dict[str, str], kg: KnowledgeGraph
) -> None:
    expected = _canonical(select(kg.quads, *MERGED), form)
    assert _canonical(_by_rdflib(exported[form], form), form) == expected


def _refuse(url: str, _: object) -> None:
    raise AssertionError(f"{url} was asked for")


def test_json_ld_expanded_by_another_processor_is_the_same_graph(
    exported: dict[str, str], kg: KnowledgeGraph
) -> None:
    document = json.loads(exported["jsonld"])
    options = {"format": "application/n-quads", "documentLoader": _refuse}
    nquads = jsonld.to_rdf(document, options)
    read = [tuple(quad)[:3] for quad in ox.parse(nquads, format=ox.RdfFormat.N_QUADS)]
    assert _canonical(read, "jsonld") == _canonical(select(kg.quads, *MERGED), "jsonld")


def test_json_ld_carries_its_own_context_and_speaks_in_its_words(
    exported: dict[str, str],
) -> None:
    document = json.loads(exported["jsonld"])
    assert document["@context"]["film"] == "https://w3id.org/kaiju/film#"
    film = next(n for n in document["@graph"] if n["@id"] == "id:gamera-2")
    assert "Film" in film["@type"]
    assert film["director"] == ["id:shusuke-kaneko"]
    assert film["name"] == "Gamera 2: Attack of Legion"


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("form", ["turtle", "trig"])
def test_a_layer_can_be_exported_alone(
    layer: str, form: str, root: Path, kg: KnowledgeGraph
) -> None:
    text = kaiju_graph.load(root, [layer]).export(form)
    assert _canonical(_by_oxigraph(text, form), form) == _canonical(select(kg.quads, layer), form)


# The same bytes --------------------------------------------------------------

SCRIPT = """
import hashlib, sys
import kaiju_graph
kg = kaiju_graph.load(sys.argv[1])
for form in sys.argv[2:]:
    print(hashlib.sha256(kg.export(form).encode()).hexdigest())
"""


@pytest.mark.parametrize("seed", ["0", "1", "2", "3", "4"])
def test_the_bytes_are_the_same_whatever_the_hash_seed(
    seed: str, exported: dict[str, str], root: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(root), *FORMATS],
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        check=True,
        text=True,
        timeout=60,
    )
    ours = [hashlib.sha256(exported[form].encode()).hexdigest() for form in FORMATS]
    assert done.stdout.split() == ours


@pytest.mark.parametrize("form", FORMATS)
def test_the_order_of_the_quads_does_not_matter(form: str, kg: KnowledgeGraph) -> None:
    quads = select(kg.quads, "stated", "entities", "curated")
    forwards = write(quads, form, kg.project)
    assert write(reversed(quads), form, kg.project) == forwards
    assert write([*quads, *quads[:50]], form, kg.project) == forwards


@pytest.mark.parametrize("form", FORMATS)
def test_a_text_ends_in_one_line_feed(form: str, exported: dict[str, str]) -> None:
    assert re.search(r"[^\n]\n\Z", exported[form])
    assert "\r" not in exported[form]


# Terms -----------------------------------------------------------------------

ODD = [
    ("integer", "010"),
    ("integer", "+1"),
    ("integer", "-0"),
    ("integer", "many"),
    ("decimal", "1.50"),
    ("decimal", "1."),
    ("decimal", ".5"),
    ("decimal", "5"),
    ("double", "1e0"),
    ("double", "1.0E0"),
    ("double", "1.5"),
    ("double", "INF"),
    ("double", "NaN"),
    ("boolean", "1"),
    ("boolean", "true"),
    ("boolean", "TRUE"),
    ("date", "1996-07-13"),
    ("gYear", "0096"),
    ("dateTime", "1996-07-13T00:00:00.000Z"),
    ("hexBinary", "0aFf"),
]
SUBJECT = ox.NamedNode("https://w3id.org/kaiju/id/x")
PREDICATES = st.sampled_from(
    [
        "https://w3id.org/kaiju/id/p",
        "https://w3id.org/kaiju/film#amount",  # with a type in the context
        "https://w3id.org/kaiju/film#title",  # with a language
        "https://w3id.org/kaiju/film#director",  # with IRIs
        "http://www.w3.org/2000/01/rdf-schema#label",  # by language
    ]
).map(ox.NamedNode)


def _back(quads: list[Quad], form: str, kg: KnowledgeGraph) -> set[Any]:
    return {statement[:3] for statement in _by_oxigraph(write(quads, form, kg.project), form)}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(("datatype", "text"), ODD)
def test_a_literal_keeps_its_lexical_form(
    form: str, datatype: str, text: str, kg: KnowledgeGraph
) -> None:
    value = ox.Literal(text, datatype=ox.NamedNode(XSD + datatype))
    quad = Quad(SUBJECT, ox.NamedNode("https://w3id.org/kaiju/id/p"), value, ENTITIES)
    assert _back([quad], form, kg) == {quad.triple}


# XML 1.0 has no way to write other control characters.
TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cn")) | st.sampled_from("\n\t")
)


@pytest.mark.parametrize("form", FORMATS)
@given(text=TEXT, language=st.sampled_from([None, "en", "ja", "en-gb"]), predicate=PREDICATES)
def test_any_text_comes_back(
    form: str, text: str, language: str | None, predicate: ox.NamedNode, kg: KnowledgeGraph
) -> None:
    value = ox.Literal(text, language=language) if language else ox.Literal(text)
    quad = Quad(SUBJECT, predicate, value, ENTITIES)
    assert _back([quad], form, kg) == {quad.triple}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    "iri",
    [
        "https://w3id.org/kaiju/id/a.b",
        "https://w3id.org/kaiju/id/a/b",
        "https://w3id.org/kaiju/id/",
        "https://w3id.org/kaiju/id/-a",
        "https://w3id.org/kaiju/id/ガメラ",
        "https://w3id.org/kaiju/id/a%20b",
        "https://w3id.org/kaiju/id/a(b)'c~!$&*+,;=:@?#",
        "https://w3id.org/kaiju/id/²",
        "http://e/?a=b&c=d",
        "urn:x:y",
        "mailto:a@example.org",
    ],
)
def test_any_iri_comes_back(form: str, iri: str, kg: KnowledgeGraph) -> None:
    node = ox.NamedNode(iri)
    quads = [
        Quad(node, terms.TYPE, ox.NamedNode("https://w3id.org/kaiju/film#Film"), ENTITIES),
        Quad(SUBJECT, ox.NamedNode("https://w3id.org/kaiju/film#director"), node, ENTITIES),
        Quad(SUBJECT, ox.NamedNode("https://w3id.org/kaiju/id/p"), node, ENTITIES),
    ]
    assert _back(quads, form, kg) == {quad.triple for quad in quads}


# Prefixes --------------------------------------------------------------------


@pytest.mark.parametrize("form", ["turtle", "trig"])
def test_the_prefixes_are_those_that_are_used_sorted(
    form: str, exported: dict[str, str], kg: KnowledgeGraph
) -> None:
    written = dict(re.findall(r"^@prefix (\w+): <(.*)> \.$", exported[form], re.MULTILINE))
    assert list(written) == sorted(written)
    assert written.items() <= kg.project.prefixes.items()
    body = re.sub(r"^@prefix .*\n", "", exported[form], flags=re.MULTILINE)
    assert "film" in written
    for prefix, namespace in kg.project.prefixes.items():
        used = re.search(
            rf"(?<![\w:]){prefix}:[\w-]+", re.sub(r'"(?:[^"\\]|\\.)*"|<[^>]*>', "", body)
        )
        assert (prefix in written) == bool(used or f"<{namespace}" in body), prefix


def test_a_graph_in_a_dataset_format_is_the_default_graph(kg: KnowledgeGraph) -> None:
    triple = Triple(SUBJECT, terms.LABEL, ox.Literal("x", language="en"))
    for form in DATASETS:
        (quad,) = ox.parse(write([triple], form, kg.project), format=OXIGRAPH[form])
        assert isinstance(quad.graph_name, ox.DefaultGraph)


@pytest.mark.parametrize("form", FORMATS)
def test_nothing_is_a_graph_too(form: str, kg: KnowledgeGraph) -> None:
    assert not _by_oxigraph(write([], form, kg.project), form)


# Errors ----------------------------------------------------------------------


@pytest.mark.parametrize("form", ["csv", "table", "json", "", "Turtle"])
def test_a_format_that_holds_no_graph_is_refused_with_those_that_do(
    form: str, kg: KnowledgeGraph
) -> None:
    with pytest.raises(UsageError) as raised:
        kg.export(form)
    expected = "use turtle, trig, ntriples, nquads, jsonld, rdfxml"
    assert str(raised.value) == f"{form} does not hold a graph; {expected}"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('{\n    "@context": {\n', 3),
        ('{\n    "@context": {},\n}\n', 3),
        ("[]\n", 1),
        ('{ "context": {} }\n', 1),
        ('"@context"\n', 1),
        ('{ "@context": [] }\n', 1),
        ('{ "@context": "http://127.0.0.1:1/" }\n', 1),
        ('{ "@context": null }\n', 1),
    ],
)
def test_a_context_that_is_none_is_reported_with_its_line(text: str, line: int, copy: Copy) -> None:
    copy.write("ontology/context.jsonld", text)
    with pytest.raises(SourceError, match=rf"^ontology/context\.jsonld:{line}: found no JSON-LD"):
        copy.load().export("jsonld")


@pytest.mark.parametrize("form", ["turtle", "trig", "jsonld"])
def test_a_list_that_only_refers_to_itself_is_not_lost(form: str, kg: KnowledgeGraph) -> None:
    rdf = terms.RDF
    text = (
        f"_:a <{rdf}first> _:a ; <{rdf}rest> <{rdf}nil> .\n"
        f"_:b <{rdf}first> _:c ; <{rdf}rest> <{rdf}nil> .\n"
        f"_:c <{rdf}first> _:b ; <{rdf}rest> <{rdf}nil> .\n"
    )
    parsed = ox.parse(text, format=ox.RdfFormat.TURTLE)
    triples = [Triple(t.subject, t.predicate, t.object) for t in parsed]
    formats = {"turtle": ox.RdfFormat.TURTLE, "trig": ox.RdfFormat.TRIG}
    read = ox.parse(
        write(triples, form, kg.project), format=formats.get(form, ox.RdfFormat.JSON_LD)
    )
    assert len(set(read)) == len(triples)
