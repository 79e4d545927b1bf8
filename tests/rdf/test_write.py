"""Every format is written the same every time, and read back as the same graph by each library."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from shutil import which
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st
from pyld import jsonld
from rdflib.graph import DATASET_DEFAULT_GRAPH_ID

import kaiju_graph
from kaiju_graph.errors import SourceError, UsageError
from kaiju_graph.project.layout import Project
from kaiju_graph.project.sources import LAYERS, select_layers
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.formats import DATASETS, FORMATS
from kaiju_graph.rdf.jsonld.compact import to_json
from kaiju_graph.rdf.parse import parse
from kaiju_graph.rdf.terms import ENTITIES, XSD, Quad, Triple
from kaiju_graph.rdf.turtle import TermWriter
from kaiju_graph.rdf.write import CONTEXT, WRITERS, can_hold, write
from kaiju_graph.store.store import DEFAULT_LAYERS
from tests.conftest import every_nth

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from kaiju_graph import KnowledgeGraph
    from tests.conftest import Copy

OXIGRAPH = {name: ox.RdfFormat.from_media_type(form.media_type) for name, form in FORMATS.items()}
RDFLIB = {"ntriples": "nt", "jsonld": "json-ld", "rdfxml": "xml"}


class WithoutOntology:
    """The prefixes and the context of a project, without its ontology, which is slow to read."""

    def __init__(self, project: Project) -> None:
        self.prefixes = project.prefixes
        self.context = project.read(CONTEXT)

    def files(self, folder: str, *endings: str) -> list[str]:  # noqa: ARG002 (as a project has it)
        return []

    def read(self, file: str) -> str:
        assert file == CONTEXT
        return self.context


@pytest.fixture(scope="module")
def small(kg: KnowledgeGraph) -> WithoutOntology:
    return WithoutOntology(kg.project)


@pytest.fixture(scope="module")
def exports(kg: KnowledgeGraph) -> dict[str, str]:
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
    statements = []
    for *triple, name in dataset.quads():
        statement = tuple(map(terms.from_rdflib, triple))
        if form in DATASETS:
            assert name not in (None, DATASET_DEFAULT_GRAPH_ID)
            statement = (*statement, ox.NamedNode(str(name)))
        statements.append(statement)
    return statements


def test_every_format_has_a_writer_and_endings_that_oxigraph_knows() -> None:
    assert WRITERS.keys() == FORMATS.keys()
    for name, form in FORMATS.items():
        for ending in form.endings:
            known = ox.RdfFormat.from_extension(ending[1:])
            assert known in (OXIGRAPH[name], None), ending  # .json and .xml may be anything


@pytest.mark.parametrize("form", FORMATS)
def test_oxigraph_reads_the_same_graph_back(
    form: str, exports: dict[str, str], kg: KnowledgeGraph
) -> None:
    expected = _canonical(select_layers(kg.quads, *DEFAULT_LAYERS), form)
    assert _canonical(_by_oxigraph(exports[form], form), form) == expected


# rdflib's own parsers call what rdflib deprecates.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("form", every_nth(FORMATS, 3))
def test_rdflib_reads_the_same_graph_back(
    form: str, exports: dict[str, str], kg: KnowledgeGraph
) -> None:
    expected = _canonical(select_layers(kg.quads, *DEFAULT_LAYERS), form)
    assert _canonical(_by_rdflib(exports[form], form), form) == expected


def _refuse(url: str, _: object) -> None:
    raise AssertionError(f"{url} was asked for")


def test_pyld_reads_the_same_graph_back(exports: dict[str, str], kg: KnowledgeGraph) -> None:
    document = json.loads(exports["jsonld"])
    options = {"format": "application/n-quads", "documentLoader": _refuse}
    nquads = jsonld.to_rdf(document, options)
    read = [tuple(quad)[:3] for quad in ox.parse(nquads, format=ox.RdfFormat.N_QUADS)]
    assert _canonical(read, "jsonld") == _canonical(
        select_layers(kg.quads, *DEFAULT_LAYERS), "jsonld"
    )


def test_json_ld_contains_its_context_and_uses_its_keys(
    exports: dict[str, str],
) -> None:
    document = json.loads(exports["jsonld"])
    assert document["@context"]["film"] == "https://w3id.org/kaiju/film#"
    film = next(n for n in document["@graph"] if n.get("@id") == "id:gamera-2")
    assert "Film" in film["@type"]
    assert film["director"] == ["id:shusuke-kaneko"]
    assert film["name"] == "Gamera 2: Attack of Legion"


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("form", ["turtle", "trig"])
def test_one_layer_can_be_exported(layer: str, form: str, root: Path, kg: KnowledgeGraph) -> None:
    text = kaiju_graph.load(root, [layer]).export(form)
    assert _canonical(_by_oxigraph(text, form), form) == _canonical(
        select_layers(kg.quads, layer), form
    )


# The same bytes --------------------------------------------------------------

SCRIPT = """
import hashlib, locale, sys
locale.setlocale(locale.LC_ALL, "")
import kaiju_graph
kg = kaiju_graph.load(sys.argv[1])
for form in sys.argv[2:]:
    print(hashlib.sha256(kg.export(form).encode()).hexdigest())
for options in {"evidence": True}, {"thing": "id:gamera-2"}, {"profile": "schema.org"}:
    print(hashlib.sha256(kg.export("jsonld", **options).encode()).hexdigest())
"""


@pytest.mark.parametrize(
    ("seed", "locale"),
    [
        ("1", "C.UTF-8"),
        *(
            pytest.param(*more, marks=pytest.mark.slow)
            for more in (("0", "C"), ("2", ""), ("3", "C"))
        ),
    ],
)
def test_bytes_do_not_depend_on_hash_seed_or_locale(
    seed: str, locale: str, exports: dict[str, str], root: Path, kg: KnowledgeGraph
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(root), *FORMATS],
        env={**os.environ, "PYTHONHASHSEED": seed, "LC_ALL": locale},
        capture_output=True,
        check=True,
        text=True,
        timeout=60,
    )
    texts = [
        *(exports[form] for form in FORMATS),
        kg.export("jsonld", evidence=True),
        kg.export("jsonld", thing="id:gamera-2"),
        kg.export("jsonld", profile="schema.org"),
    ]
    ours = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
    assert done.stdout.split() == ours


@pytest.mark.parametrize("form", FORMATS)
def test_bytes_do_not_depend_on_order_or_repetition_of_quads(form: str, kg: KnowledgeGraph) -> None:
    quads = select_layers(kg.quads, "stated", "entities", "curated")
    forwards = write(quads, form, kg.project)
    assert write(reversed(quads), form, kg.project) == forwards
    assert write([*quads, *quads[:50]], form, kg.project) == forwards


@pytest.mark.parametrize("form", FORMATS)
def test_documents_end_in_one_line_feed(form: str, exports: dict[str, str]) -> None:
    assert re.search(r"[^\n]\n\Z", exports[form])
    assert "\r" not in exports[form]


JSON = st.recursive(
    st.text() | st.integers() | st.booleans(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.lists(st.text()),
)


@given(document=JSON)
def test_json_is_read_back_as_it_was(document: Any) -> None:
    assert json.loads(to_json(document)) == document


def test_json_has_short_arrays_of_strings_on_one_line() -> None:
    assert to_json({"a": ["x", 'y"\\'], "b": [["x"], 1, []]}) == (
        '{\n  "a": ["x", "y\\"\\\\"],\n  "b": [\n    ["x"],\n    1,\n    []\n  ]\n}\n'
    )
    assert to_json(["x" * 80]) == f'[\n  "{"x" * 80}"\n]\n'


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


def _round_trip(quads: list[Quad], form: str, project: WithoutOntology) -> set[Any]:
    return {statement[:3] for statement in _by_oxigraph(write(quads, form, project), form)}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(("datatype", "text"), ODD)
def test_literals_keep_their_lexical_forms(
    form: str, datatype: str, text: str, small: WithoutOntology
) -> None:
    value = ox.Literal(text, datatype=ox.NamedNode(XSD + datatype))
    quad = Quad(SUBJECT, ox.NamedNode("https://w3id.org/kaiju/id/p"), value, ENTITIES)
    assert _round_trip([quad], form, small) == {quad.triple}


# XML 1.0 has no way to write other control characters.
XML = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cn")) | st.sampled_from("\n\t\r\x85")
)
TEXT = st.text(st.characters(codec="utf-8") | st.sampled_from("\x00\x01\b\f\v\x7f\ufffe\uffff"))


@pytest.mark.parametrize("form", FORMATS)
@given(data=st.data(), language=st.sampled_from([None, "en", "ja", "en-gb"]), predicate=PREDICATES)
def test_any_text_round_trips(
    form: str,
    data: st.DataObject,
    language: str | None,
    predicate: ox.NamedNode,
    small: WithoutOntology,
) -> None:
    text = data.draw(XML if form == "rdfxml" else TEXT)
    value = ox.Literal(text, language=language) if language else ox.Literal(text)
    quad = Quad(SUBJECT, predicate, value, ENTITIES)
    assert _round_trip([quad], form, small) == {quad.triple}


MARKS = st.text(st.sampled_from("\"\\\n\r\tn'ガ"))


# rdflib's own parser of TriG calls what rdflib deprecates.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("form", ["turtle", "trig"])
@given(text=MARKS, language=st.sampled_from([None, "en"]))
def test_multiline_text_is_a_long_literal_and_round_trips(
    form: str, text: str, language: str | None, small: WithoutOntology
) -> None:
    value = ox.Literal(text, language=language) if language else ox.Literal(text)
    quad = Quad(SUBJECT, ox.NamedNode("https://w3id.org/kaiju/id/p"), value, ENTITIES)
    written = write([quad], form, small)
    assert written.count("\n") - text.count("\n") == {"turtle": 3, "trig": 6}[form]
    assert {statement[:3] for statement in _by_oxigraph(written, form)} == {quad.triple}
    assert {statement[:3] for statement in _by_rdflib(written, form)} == {quad.triple}


def test_multiline_text_in_a_nested_node_is_not_indented(kg: KnowledgeGraph) -> None:
    query = 'SELECT ?x {\n    ?x ?p "a\\tb", """""" .\n}\n'
    node = ox.BlankNode("x")
    predicate = ox.NamedNode("https://w3id.org/kaiju/id/p")
    quads = [
        Quad(SUBJECT, predicate, node, ENTITIES),
        Quad(node, predicate, ox.Literal(query), ENTITIES),
        Quad(node, predicate, ox.Literal("plain"), ENTITIES),
    ]
    assert write(quads, "trig", kg.project) == (
        "@prefix graph: <https://w3id.org/kaiju/graph/> .\n"
        "@prefix id: <https://w3id.org/kaiju/id/> .\n"
        "\n"
        "graph:entities {\n"
        "    id:x id:p [\n"
        '            id:p """SELECT ?x {\n'
        '    ?x ?p "a\\\\tb", \\"\\"\\"\\"\\"" .\n'
        "}\n"
        '""" , "plain"\n'
        "        ] .\n"
        "}\n"
    )


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
def test_iris_round_trip(form: str, iri: str, small: WithoutOntology) -> None:
    node = ox.NamedNode(iri)
    quads = [
        Quad(node, terms.TYPE, ox.NamedNode("https://w3id.org/kaiju/film#Film"), ENTITIES),
        Quad(SUBJECT, ox.NamedNode("https://w3id.org/kaiju/film#director"), node, ENTITIES),
        Quad(SUBJECT, ox.NamedNode("https://w3id.org/kaiju/id/p"), node, ENTITIES),
    ]
    assert _round_trip(quads, form, small) == {quad.triple for quad in quads}


def test_every_literal_of_the_graph_is_exported_and_stored_unchanged(
    kg: KnowledgeGraph, root: Path, exports: dict[str, str]
) -> None:
    # A release makes its catalogue from the description of the dataset.
    others = {root / "graph/dataset.ttl", *root.glob("graph/*/prefixes.ttl")}
    files = {*root.glob("graph/**/*.ttl"), *root.glob("graph/**/*.trig")} - others
    written = {
        str(quad.object)
        for path in files
        for quad in ox.parse(path=str(path))
        if isinstance(quad.object, ox.Literal)
    }
    assert len(written) > 400
    for form in FORMATS:
        read = {str(q.object) for q in ox.parse(exports[form], format=OXIGRAPH[form])}
        assert written <= read, form
    kept = {str(quad.object) for quad in kg.store}
    assert written <= kept


@pytest.mark.skipif(which("rapper") is None, reason="raptor2-utils is not installed")
@pytest.mark.parametrize(
    ("form", "name"), [("turtle", "turtle"), ("ntriples", "ntriples"), ("rdfxml", "rdfxml")]
)
def test_raptor_reads_the_same_graph_back(
    form: str, name: str, exports: dict[str, str], kg: KnowledgeGraph, tmp_path: Path
) -> None:
    file = tmp_path / "export"
    file.write_bytes(exports[form].encode())
    command = ["rapper", "--quiet", "--input", name, "--output", "ntriples", str(file)]
    done = subprocess.run(command, capture_output=True, check=True, timeout=60)
    read = [tuple(quad)[:3] for quad in ox.parse(done.stdout, format=ox.RdfFormat.N_TRIPLES)]
    assert _canonical(read, form) == _canonical(select_layers(kg.quads, *DEFAULT_LAYERS), form)


# Prefixes --------------------------------------------------------------------


@pytest.mark.parametrize("form", ["turtle", "trig"])
def test_used_prefixes_are_declared_and_sorted(
    form: str, exports: dict[str, str], kg: KnowledgeGraph
) -> None:
    declared = dict(re.findall(r"^@prefix (\w+): <(.*)> \.$", exports[form], re.MULTILINE))
    assert list(declared) == sorted(declared)
    assert declared.items() <= kg.project.prefixes.items()
    body = re.sub(r"^@prefix .*\n", "", exports[form], flags=re.MULTILINE)
    assert "film" in declared
    for prefix, namespace in kg.project.prefixes.items():
        used = re.search(
            rf"(?<![\w:]){prefix}:[\w-]+", re.sub(r'"(?:[^"\\]|\\.)*"|<[^>]*>', "", body)
        )
        assert (prefix in declared) == bool(used or f"<{namespace}" in body), prefix


# rdflib's own parsers call what rdflib deprecates.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(
    "own",
    [
        {"ns1": "http://a/", "ns2": "http://b/"},
        {"rdf": "http://a/", "xml": "http://b/"},
        {"": "http://a/", "xmlns": "http://b/"},
        {"r": terms.RDF},
    ],
)
def test_xml_prefixes_have_one_namespace_each(own: dict[str, str], kg: KnowledgeGraph) -> None:
    names = ("http://c/p", "http://a/p", "http://d/p", "http://b/p", terms.RDF + "type")
    triples = [Triple(SUBJECT, ox.NamedNode(name), SUBJECT) for name in names]
    written = write(triples, "rdfxml", Project(kg.project.root, own))
    assert set(_by_oxigraph(written, "rdfxml")) == set(triples)
    assert {statement[:3] for statement in _by_rdflib(written, "rdfxml")} == set(triples)
    declared = re.findall(r"xmlns:(\w+)=", written)
    assert len(declared) == len(set(declared)) == 5


@pytest.mark.parametrize(
    "prefixes",
    [
        {},
        {"a": "http://e/a", "ab": "http://e/ab/", "b": "http://e/", "c": "http://e/"},
        {"": "http://e/", "x": "http://e/x.y/", "z": "http://e/x.y"},
    ],
)
def test_turtle_shortens_iris_as_prefixes_do(prefixes: dict[str, str], kg: KnowledgeGraph) -> None:
    project = Project(kg.project.root, prefixes)
    for local in ("", "a", "a-b", "a/b", "ab", "ab/", "ab/c", "-a", "a-", "x.y", "x.y/1", "x.yz"):
        iri = f"http://e/{local}"
        assert TermWriter(project.prefixes).text(ox.NamedNode(iri)) == project.prefixes.shorten(iri)


def test_dataset_formats_write_triples_as_the_default_graph(kg: KnowledgeGraph) -> None:
    triple = Triple(SUBJECT, terms.LABEL, ox.Literal("x", language="en"))
    for form in DATASETS:
        (quad,) = ox.parse(write([triple], form, kg.project), format=OXIGRAPH[form])
        assert isinstance(quad.graph_name, ox.DefaultGraph)


@pytest.mark.parametrize("form", FORMATS)
def test_empty_graph_can_be_written(form: str, kg: KnowledgeGraph) -> None:
    assert not _by_oxigraph(write([], form, kg.project), form)


# A human order ---------------------------------------------------------------


def test_turtle_has_a_section_for_each_class_and_a_label_above_each_thing(
    root: Path,
) -> None:
    text = kaiju_graph.load(root, ["stated", "entities"]).export("turtle")
    sections = re.findall(r"^# (.*?) -+$", text, re.MULTILINE)
    assert sections[:6] == [
        "Film",
        "Film series",
        "Franchise",
        "Series period",
        "Trilogy",
        "Program",
    ]
    assert len(sections) == len(set(sections))
    assert sections.index("Film") < sections.index("Person") < sections.index("Monster")
    director = "# Shusuke Kaneko\nid:shusuke-kaneko a film:Person ;\n"
    assert f'{director}    rdfs:label "Shusuke Kaneko"@en .\n' in text
    film = text.partition("\nid:gamera-2 a film:Film ;")[2].partition(" .\n")[0]
    keys = re.findall(r"^    (\S+:\S+) ", film, re.MULTILINE)
    declared = (root / "ontology" / "film.ttl").read_text("utf-8")
    assert keys[0] == "rdfs:label"
    places = [declared.index(f"\n{key} a ") for key in keys[1:] if key.startswith("film:")]
    assert places == sorted(places)


def test_things_without_a_class_come_last_and_labels_stay_in_comments(
    kg: KnowledgeGraph,
) -> None:
    film = ox.NamedNode("https://w3id.org/kaiju/film#Film")
    label = ox.Literal("a\n<b> <c> <d> . \u2028\r\x00e")
    triples = [
        Triple(SUBJECT, terms.TYPE, film),
        Triple(SUBJECT, terms.LABEL, label),
        Triple(film, terms.LABEL, ox.Literal("x")),
    ]
    text = write(triples, "turtle", kg.project)
    ruler = "# Film ".ljust(79, "-")
    assert f"\n{ruler}\n\n# a <b> <c> <d> . e\nid:x a film:Film ;\n" in text
    assert "# Without a class ---" in text.partition("id:x")[2]
    assert set(_by_oxigraph(text, "turtle")) == set(triples)


# Errors ----------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMATS)
def test_terms_of_rdf_1_2_are_refused(form: str, kg: KnowledgeGraph) -> None:
    arabic = ox.Literal("x", language="ar", direction=ox.BaseDirection.RTL)
    with pytest.raises(UsageError, match=r"^found \"x\"@ar--rtl, a text with a direction; the for"):
        write([Triple(SUBJECT, terms.LABEL, arabic)], form, kg.project)
    inner: Any = ox.Triple(SUBJECT, terms.LABEL, ox.Literal("x"))
    with pytest.raises(UsageError, match=r"^found the triple term .*; the formats are those of"):
        write([Triple(SUBJECT, terms.LABEL, inner)], form, kg.project)


@pytest.mark.parametrize("character", ["\x00", "\x01", "\x0b", "\x1f", "\ufffe", "\uffff"])
def test_characters_that_xml_forbids_are_refused(character: str, kg: KnowledgeGraph) -> None:
    triple = Triple(SUBJECT, terms.LABEL, ox.Literal(f"a{character}b"))
    found = rf"^found the character U\+{ord(character):04X}, which rdfxml cannot hold; use another"
    with pytest.raises(UsageError, match=found):
        write([triple], "rdfxml", kg.project)


@pytest.mark.parametrize(
    "iri", ["http://e/", "http://e/1", "http://e/a#", "http://e/²", "urn:x:%20", terms.RDF + "li"]
)
def test_predicates_that_are_not_xml_names_are_refused(iri: str, kg: KnowledgeGraph) -> None:
    triple = Triple(SUBJECT, ox.NamedNode(iri), ox.Literal("x"))
    with pytest.raises(UsageError, match=r"^found the predicate <.*>, which is no XML name"):
        write([triple], "rdfxml", kg.project)
    assert _by_oxigraph(write([triple], "turtle", kg.project), "turtle") == [triple]


def test_iris_that_json_ld_would_read_as_curies_are_refused(kg: KnowledgeGraph) -> None:
    triple = Triple(ox.NamedNode("film:x"), terms.LABEL, ox.Literal("x", language="en"))
    with pytest.raises(UsageError, match=r"^<film:x> would be read as a CURIE in JSON"):
        write([triple], "jsonld", kg.project)
    text = write([triple], "jsonld", kg.project, profile="expanded")
    assert _by_oxigraph(text, "jsonld") == [triple]


@pytest.mark.parametrize(
    ("iri", "predicate", "text", "unfit"),
    [
        ("http://e/x", "http://e/p", "x", set()),
        ("http://e/x", "http://e/p", "a\x01b", {"rdfxml"}),
        ("http://e/x", "http://e/1", "x", {"rdfxml"}),
        ("film:x", "http://e/p", "x", {"jsonld"}),
        ("http://e/x", "film:x", "x", {"jsonld"}),
    ],
)
def test_the_formats_that_can_hold_statements_are_known_before_they_are_written(
    iri: str, predicate: str, text: str, unfit: set[str], kg: KnowledgeGraph
) -> None:
    triple = Triple(ox.NamedNode(iri), ox.NamedNode(predicate), ox.Literal(text))
    for form in FORMATS:
        assert can_hold(form, [triple], kg.project) == (form not in unfit)
        if form in unfit:
            with pytest.raises(UsageError):
                write([triple], form, kg.project)
        else:
            assert write([triple], form, kg.project)


@pytest.mark.parametrize("form", ["csv", "table", "json", "", "Turtle"])
def test_formats_that_hold_no_graph_are_refused(form: str, kg: KnowledgeGraph) -> None:
    with pytest.raises(UsageError) as raised:
        kg.export(form)
    expected = "use turtle, trig, ntriples, nquads, jsonld, rdfxml"
    assert str(raised.value) == f"{form} does not hold a graph; {expected}"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('{\n    "@context": {\n', "3:1"),
        ('{\n    "@context": {},\n}\n', "3:1"),
        ("[]\n", "1"),
        ('{ "context": {} }\n', "1"),
        ('"@context"\n', "1"),
        ('{ "@context": [] }\n', "1"),
        ('{ "@context": "http://127.0.0.1:1/" }\n', "1"),
        ('{ "@context": null }\n', "1"),
    ],
)
def test_invalid_context_is_reported_at_its_place(text: str, place: str, copy: Copy) -> None:
    copy.write("ontology/context.jsonld", text)
    with pytest.raises(SourceError, match=rf"^ontology/context\.jsonld:{place}: found no JSON-LD"):
        copy.load().export("jsonld")


@pytest.mark.parametrize(
    "definition",
    [
        '"": "http://e/a"',
        '"a": ["x"]',
        '"a": 1',
        '"a": { "@id": 1 }',
        '"a": { "@type": null }',
        '"a": { "@id": "film:a", "@container": "@list" }',
        '"a": { "@id": "film:a", "@container": ["@set", {}] }',
        '"a": { "@id": "film:a", "@container": 1 }',
        '"a": { "@id": "film:a", "@index": "b" }',
        '"@vocab": 1',
        '"@version": 1.0',
        '"@language": "en"',
        '"@import": "http://127.0.0.1:1/"',
    ],
)
def test_unsupported_definition_is_reported_at_its_place(definition: str, copy: Copy) -> None:
    copy.write(
        "ontology/context.jsonld", f'{{\n "@context": {{\n  "b": null,\n  {definition}\n}}}}\n'
    )
    name = re.escape(repr(definition.split('"')[1]))
    with pytest.raises(SourceError, match=rf"^ontology/context\.jsonld:4:3: found {name}, whose"):
        copy.load().export("jsonld")


@pytest.mark.parametrize("part", ['"@vocab": "%s"', '"%s": "http://e/"', '"a": {"@type": "%s"}'])
def test_lone_surrogate_of_a_context_is_reported_at_its_place(part: str, copy: Copy) -> None:
    copy.write("ontology/context.jsonld", '{"@context": {\n' + part % "http://\\ud800/" + "}}\n")
    place = rf"^ontology/context\.jsonld:2:{part.index('%') + 8}"
    with pytest.raises(SourceError, match=f"{place}: found a lone surrogate; expected Unicode$"):
        copy.load().export("jsonld")


@pytest.mark.parametrize(
    "definitions",
    [
        '"@vocab": null, "name": null, "a": { "@id": null }',
        '"@vocab": "http://e/", "p": null, "q": { "@id": "http://e/other" }',
        '"@vocab": "http://e/", "p": "http://e/q"',
        '"e": "http://e/", "e:p": { "@type": "@id" }, "e:q": { "@language": "en" }',
        '"e": "http://e/?", "x": "urn:x:", "p": { "@id": "", "@type": "" }',
        '"http": "http://e/"',
    ],
)
@pytest.mark.parametrize("ids", ["curie", "iri"])
def test_any_supported_context_keeps_the_graph(definitions: str, ids: str, copy: Copy) -> None:
    copy.write("ontology/context.jsonld", f'{{ "@context": {{ {definitions} }} }}\n')
    e = "http://e/"
    values: list[terms.Term] = [
        ox.Literal("x"),
        ox.Literal("x", language="en"),
        ox.NamedNode(f"{e}q"),
    ]
    triples = {
        Triple(SUBJECT, ox.NamedNode(iri), value)
        for iri in (f"{e}p", f"{e}q", f"{e}?q", "urn:x:p", f"{e}other")
        for value in values
    }
    text = write(triples, "jsonld", copy.load().project, curies=ids == "curie")
    assert set(_by_oxigraph(text, "jsonld")) == triples
    nquads = jsonld.to_rdf(
        json.loads(text), {"format": "application/n-quads", "documentLoader": _refuse}
    )
    read = {tuple(quad)[:3] for quad in ox.parse(nquads, format=ox.RdfFormat.N_QUADS)}
    assert read == triples


@pytest.mark.parametrize("form", ["turtle", "trig", "jsonld"])
def test_lists_in_cycles_are_not_lost(form: str, kg: KnowledgeGraph) -> None:
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


def _sort(triples: Iterable[Any]) -> list[tuple[str, ...]]:
    """Return triples in the order of a walk from the one named subject, nodes numbered by it."""
    by_subject: dict[Any, list[Any]] = {}
    for triple in triples:
        by_subject.setdefault(triple[0], []).append(triple)
    numbers: dict[Any, str] = {}
    queue, walked = [SUBJECT], []
    for node in queue:  # the loop appends to it
        for triple in sorted(by_subject.get(node, []), key=lambda triple: str(triple[1])):
            for term in (triple[0], triple[2]):
                if isinstance(term, ox.BlankNode):
                    numbers.setdefault(term, f"_:{len(numbers)}")
            walked.append(tuple(numbers.get(term, str(term)) for term in triple[:3]))
            queue.append(triple[2])
    return walked


@pytest.mark.parametrize("form", ["turtle", "trig", "jsonld", "rdfxml"])
@pytest.mark.parametrize("kinds", ["list", "node", "list node", "list list node", "open"])
def test_deeply_nested_nodes_do_not_exhaust_the_stack(
    kinds: str, form: str, small: WithoutOntology
) -> None:
    nodes: list[Any] = [SUBJECT, *(ox.BlankNode(f"n{number}") for number in range(700))]
    triples: list[Triple] = []
    for number, node in enumerate(nodes):
        inner = nodes[number + 1] if number + 1 < len(nodes) else ox.Literal("innermost")
        kind = kinds.split()[number % len(kinds.split())] if number else "node"
        if kind == "list":
            triples += [Triple(node, terms.FIRST, inner), Triple(node, terms.REST, terms.NIL)]
        elif kind == "open":  # a list that does not end
            first = ox.Literal(str(number))
            triples += [Triple(node, terms.FIRST, first), Triple(node, terms.REST, inner)]
        else:
            triples.append(Triple(node, terms.LABEL, inner))
    read = _by_oxigraph(write(triples, form, small), form)
    assert len(read) == len(triples)
    assert _sort(read) == _sort(triples)


@pytest.mark.parametrize("form", FORMATS)
def test_blank_nodes_without_properties_are_written(form: str, kg: KnowledgeGraph) -> None:
    triples = [Triple(SUBJECT, terms.LABEL, ox.BlankNode("a"))]
    read = _by_oxigraph(write(triples, form, kg.project), form)
    assert _canonical(read, form) == _canonical(triples, form)


NODES = [*map(ox.BlankNode, "abc"), SUBJECT]
DATASET_QUADS = st.lists(
    st.builds(
        Quad,
        st.sampled_from(NODES),
        st.just(terms.LABEL),
        st.sampled_from([*NODES, ox.Literal("x")]),
        st.sampled_from(NODES),
    ),
    max_size=6,
)


@pytest.mark.parametrize("form", sorted(DATASETS))
@given(quads=DATASET_QUADS)
def test_blank_nodes_that_name_graphs_keep_their_identity(
    form: str, quads: list[Quad], small: WithoutOntology
) -> None:
    # RDF 1.1 TriG, section 3: blank nodes with one label are one node throughout a document.
    read = _by_oxigraph(write(quads, form, small), form)
    assert _canonical(read, form) == _canonical(quads, form)


def test_blank_nodes_that_name_graphs_differ_between_files() -> None:
    text = "_:g <urn:p> <urn:o> . _:g { <urn:s> <urn:p> <urn:o> . }"
    names = set()
    for file in ("one.trig", "two.trig"):
        outside, inside = parse(file, text, terms.ONTOLOGY)
        assert outside.subject == inside.graph
        names.add(inside.graph)
    assert len(names) == 2
