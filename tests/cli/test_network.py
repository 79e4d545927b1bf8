"""Nothing that a project, a query or a data file says opens a connection."""

from __future__ import annotations

import shutil
import socket
import threading
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from kaiju_graph.errors import InputError, QueryError
from kaiju_graph.rdf.terms import Triple
from kaiju_graph.validation.shacl import validator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Command, Copy

SPELLINGS = (
    "SERVICE <@> { ?a ?b ?c }",
    "service silent <@> { ?a ?b ?c }",
    "SERVICE#\n<@> { ?a ?b ?c }",
    "SERVICE <@> { ?a ?b ?c } # SERVICE",
    "#\rSERVICE <@> { ?a ?b ?c }\n",
    "?a ?b '#' . SERVICE <@> { ?a ?b ?c }",
    '?a ?b """\n#""" . SERVICE <@> { ?a ?b ?c }',
    "?a <http://e/#> ?c . SERVICE <@> { ?a ?b ?c }",
    "BIND(<@> AS ?s) SERVICE ?s { ?a ?b ?c }",
    "VALUES ?s { <@> } SERVICE?s{ ?a ?b ?c }",
    "BIND(IRI(CONCAT('http://127', '.0.0.1:@PORT/')) AS ?s) SERVICE?s{ ?a ?b ?c }",
    "FILTER EXISTS { SERVICE<@>{ ?a ?b ?c } }",
    "FILTER NOT EXISTS { VALUES ?s { <@> } SERVICE?s{ ?a ?b ?c } }",
    "OPTIONAL { { SELECT ?this ?value ?parameter { SERVICE <@> { ?a ?b ?c } } } }",
    "MINUS { SERVICE <@> { ?a ?b ?c } }",
    "?a ?b 5SERVICE<@>{ ?a ?b ?c }",
    r"S\u0045RVICE <@> { ?a ?b ?c }",
    r"\U00000053ervice <@> { ?a ?b ?c }",
    "GRAPH ?g { SERVICE <@> { ?a ?b ?c } }",
)
"""Patterns that call the address @."""

PLACES = {
    "constraint": """<s:s> sh:targetNode <s:a> ; sh:sparql [
        sh:select "SELECT $this { PATTERN }" ] .""",
    "constraint of a property": """<s:s> sh:targetNode <s:a> ; sh:property [ sh:path <s:p> ;
        sh:sparql [ sh:select "SELECT $this ?value { $this $PATH ?value . PATTERN }" ] ] .""",
    "validator": """<s:s> sh:targetNode <s:a> ; <http://e/parameter> 1 .
        <s:c> a sh:ConstraintComponent ; sh:parameter [ sh:path <http://e/parameter> ] ;
            sh:validator [ a sh:SPARQLAskValidator ; sh:ask "ASK { PATTERN }" ] .""",
    "node validator": """<s:s> sh:targetNode <s:a> ; <http://e/parameter> 1 .
        <s:c> a sh:ConstraintComponent ; sh:parameter [ sh:path <http://e/parameter> ] ;
            sh:nodeValidator [ a sh:SPARQLSelectValidator ;
                sh:select "SELECT $this { PATTERN }" ] .""",
    "property validator": """<s:s> sh:targetNode <s:a> ;
            sh:property [ sh:path <s:p> ; <http://e/parameter> 1 ] .
        <s:c> a sh:ConstraintComponent ; sh:parameter [ sh:path <http://e/parameter> ] ;
            sh:propertyValidator [ a sh:SPARQLSelectValidator ;
                sh:select "SELECT $this ?value { $this $PATH ?value . PATTERN }" ] .""",
}
"""Place of a query in a shape → the shape; PATTERN is where a pattern stands."""
UNSUPPORTED = {
    "target": """<s:s> sh:target [ a sh:SPARQLTarget ; sh:select "SELECT ?this { PATTERN }" ] .""",
    "target type": """<s:t> a sh:SPARQLTargetType ; sh:select "SELECT ?this { PATTERN }" .
        <s:s> sh:target [ a <s:t> ] .""",
    "rule": """<s:s> sh:targetNode <s:a> ;
        sh:rule [ a sh:SPARQLRule ; sh:construct "CONSTRUCT { ?a ?b ?c } { PATTERN }" ] .""",
    "function": """<s:f> a sh:SPARQLFunction ; sh:returnType sh:x ;
            sh:select "SELECT ?x { PATTERN }" .
        <s:s> sh:targetNode <s:a> ; sh:expression [ <s:f> () ] .""",
    "import": """<s:s> sh:targetNode <s:a> ; sh:class <s:b> .
        <> a <http://www.w3.org/2002/07/owl#Ontology> ;
            <http://www.w3.org/2002/07/owl#imports> <@> ; sh:shapesGraph <@> .""",
    "script": """<s:s> sh:targetNode <s:a> ; sh:js [ sh:jsFunctionName "f" ;
        sh:jsLibrary [ sh:jsLibraryURL "@" ] ] .""",
}
"""What SHACL's advanced features could run or read, as ``PLACES``."""
DATA = [Triple(ox.NamedNode("s:a"), ox.NamedNode("s:p"), ox.NamedNode("s:b"))]


@pytest.fixture
def address() -> Iterator[str]:
    """Return the address of a listener; the test fails if anybody connects to it."""
    callers = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        done = threading.Event()

        def listen() -> None:
            while not done.is_set():
                try:
                    connection, caller = listener.accept()
                except TimeoutError:
                    continue
                callers.append(caller)
                connection.close()

        thread = threading.Thread(target=listen)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        finally:
            done.set()
            thread.join()
    assert callers == []


def call(pattern: str, address: str) -> str:
    """Return a pattern that calls an address."""
    port = address.rpartition(":")[2].strip("/")
    return pattern.replace("@PORT", port).replace("@", address)


def shape(template: str, pattern: str, address: str) -> list[Triple]:
    """Return a shape with a pattern, which is escaped as a string of Turtle."""
    string = str(ox.Literal(call(pattern, address)))[1:-1]
    text = template.replace("@", address).replace("PATTERN", string)
    prologue = "@prefix sh: <http://www.w3.org/ns/shacl#> . <s:s> a sh:NodeShape . "
    parsed = ox.parse(prologue + text, format=ox.RdfFormat.TURTLE, base_iri="s:base")
    return [Triple(*quad.triple) for quad in parsed]


@pytest.mark.parametrize("place", PLACES)
def test_query_of_a_shape_calls_nobody(place: str, address: str) -> None:
    for pattern in SPELLINGS:
        with pytest.raises(QueryError, match=r"found (SERVICE|VALUES|MINUS)"):
            validator.report(DATA, shape(PLACES[place], pattern, address))


@pytest.mark.parametrize("place", UNSUPPORTED)
def test_advanced_features_of_shapes_call_nobody(place: str, address: str) -> None:
    for pattern in SPELLINGS[:3]:
        try:
            validator.report(DATA, shape(UNSUPPORTED[place], pattern, address))
        except InputError:  # it is said that this is not supported
            continue


@pytest.mark.parametrize("place", ["queries/q.rq", "ontology/profiles/q.rq"])
def test_stored_query_calls_nobody(place: str, address: str, copy: Copy, kaiju: Command) -> None:
    form = "SELECT *" if "queries" in place else "CONSTRUCT { ?a ?b ?c }"
    command = ("ask", "q") if "queries" in place else ("export", "--profile", "q")
    copy.write("ontology/profiles/q.jsonld", '{"@context": {}}')
    for pattern in SPELLINGS:
        if "\r" in pattern:
            continue  # refused in every file of a project
        text = f'#+ summary: "?"\n\n{form} {{ {call(pattern, address)} }}\n'
        copy.write(place, text)
        done = kaiju(*command, cwd=copy.root)
        assert (done.returncode, done.stdout) == (3, "")
        assert "found SERVICE; expected no remote endpoint" in done.stderr
        line = 3 + pattern[: pattern.upper().find("SERVICE")].count("\n")
        assert done.stderr.startswith(f"kaiju: error: {place}:{line}:")


@pytest.mark.slow
@pytest.mark.parametrize(
    "call", ["diff old .", "export --all made", "validate", "ask -f turtle", "ask q --evidence"]
)
def test_command_on_a_project_with_such_a_question_calls_nobody(
    call: str, address: str, copy: Copy, kaiju: Command
) -> None:
    shutil.copytree(copy.root, copy.root / "old")
    query = f"SELECT * {{ SERVICE#\n<{address}> {{ ?a ?b ?c }} }}"
    copy.write("queries/q.rq", f'#+ summary: "?"\n\n{query}\n')
    assert kaiju(*call.split(), cwd=copy.root).returncode in (1, 3)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.jsonld", '{{"@context": "{0}", "@id": "s:a", "s:p": "x"}}'),
        ("a.jsonld", '{{"@context": {{"@import": "{0}"}}, "@id": "s:a", "s:p": "x"}}'),
        (
            "a.rdf",
            """<!DOCTYPE r [<!ENTITY e SYSTEM "{0}"><!ENTITY % p SYSTEM "{0}"> %p;]>
            <r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#">&e;</r:RDF>""",
        ),
        ("a.rdf", '<!DOCTYPE r SYSTEM "{0}"><r xmlns="{0}"/>'),
        ("a.ttl", "@prefix owl: <http://www.w3.org/2002/07/owl#> . <> owl:imports <{0}> ."),
    ],
)
def test_data_file_reads_no_other_place(
    name: str, text: str, address: str, copy: Copy, kaiju: Command
) -> None:
    copy.write(name, text.format(address))
    done = kaiju("diff", name, name, cwd=copy.root)
    assert done.returncode in (0, 3)
    assert done.stderr.count("\n") == (done.returncode == 3)


def test_context_of_a_project_reads_no_other_place(
    address: str, copy: Copy, kaiju: Command
) -> None:
    for text in (f'{{"@context": "{address}"}}', f'{{"@context": {{"@import": "{address}"}}}}'):
        copy.write("ontology/context.jsonld", text)
        done = kaiju("export", "-f", "jsonld", "--thing", "id:gamera", cwd=copy.root)
        assert done.returncode == 3
        assert done.stderr.startswith("kaiju: error: ontology/context.jsonld:")
        assert done.stderr.count("\n") == 1
