"""Each query that somebody else has written passes the one gate, ``sparql.execute``."""

from __future__ import annotations

import ast
import socket
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from rdflib import SH

from kaiju_graph.errors import QueryError
from kaiju_graph.rdf.terms import Triple
from kaiju_graph.validation.shacl import validator
from tests.repository import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = ROOT / "src" / "kaiju_graph"
ENGINES = {"prepareQuery", "processUpdate", "query", "update"}
"""The functions of Oxigraph and rdflib that run SPARQL; ``update`` is one where it is a store's."""
ALLOWED = {
    "abstract_graph AbstractGraph.ask": "the API's own query, which passes the gate",
    "fast_path _write_answer": "a query that is harmless at first sight, or passes the gate",
    "project/statement _things": "a query of this package, with a literal put in",
    "publish/void _rows": "queries of this package",
    "reasoning/proof Explainer._concludes": "a rule of this package",
    "reasoning/reasoner _check_axioms": "a query of this package",
    "reasoning/reasoner _conclude": "a rule of this package",
    "rdf/lexical_spaces": "a cast of a literal, on a store without data",
    "remote/answers open_answer": "a query that the guard has checked, for an endpoint",
    "remote/lines": "queries of this package, for an endpoint",
    "sparql/execute": "the gate",
    "sparql/guard": "the checks of the gate, on a store without data",
    "sparql/fillings": "a query of this package",
    "sparql/grammar": "a literal of a query, on a store without data",
    "sparql/rewrite": "a literal of a query, or the terms of an aggregate, on a store of its own",
    "sparql/unknown_terms": "queries of this package, with a term put in",
    "sparql/unmatched_patterns": "queries of this package, with patterns of a checked query",
    "validation/shacl/query_engine _answer": "a query that the gate has checked",
    "validation/shacl/sparql_results _answer": "the data's own, which asks Engine",
    "validation/shacl/value_constraints": "two literals, on a store without data",
}
"""Module and function → why it may call an engine."""


DATA = [Triple(ox.NamedNode("urn:a"), ox.NamedNode("urn:p"), ox.NamedNode("urn:b"))]


def shape(pattern: str) -> list[Triple]:
    """Return a shape of one node with a constraint that has a pattern, escaped for Turtle."""
    text = f"""
        @prefix sh: <http://www.w3.org/ns/shacl#> .
        <urn:s> a sh:NodeShape ; sh:targetNode <urn:a> ;
            sh:sparql [ sh:message "m" ; sh:select "SELECT $this {{ {pattern} }}" ] .
    """
    return [Triple(*quad.triple) for quad in ox.parse(text, format=ox.RdfFormat.TURTLE)]


def calls() -> Iterator[tuple[str, int]]:
    """Yield module and function of each call of an engine, with its line."""
    for path in sorted(PACKAGE.rglob("*.py")):
        module = path.relative_to(PACKAGE).with_suffix("").as_posix()
        yield from calls_in(ast.parse(path.read_text(encoding="utf-8")), module, "")


def calls_in(tree: ast.AST, module: str, scope: str) -> Iterator[tuple[str, int]]:
    for node in ast.iter_child_nodes(tree):
        inner = scope
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            inner = f"{scope}.{node.name}".lstrip(".")
        if isinstance(node, ast.Call) and is_engine(node.func):
            yield f"{module} {scope}", node.lineno
        yield from calls_in(node, module, inner)


def is_engine(function: ast.expr) -> bool:
    """Tell whether a function is an engine's, by its name and, for ``update``, its object's."""
    match function:
        case ast.Name(id=name):
            return name in ENGINES - {"query", "update"}
        case ast.Attribute(attr="update", value=owner):
            return any(word in ast.unparse(owner).lower() for word in ("store", "graph", "dataset"))
        case ast.Attribute(attr=name):
            return name in ENGINES
    return False


def reason(place: str) -> str | None:
    """Return why a place may call an engine: it, or the whole of its module."""
    return ALLOWED.get(place) or ALLOWED.get(place.partition(" ")[0])


def test_no_query_goes_around_the_gate() -> None:
    assert [f"{place}:{line}" for place, line in calls() if not reason(place)] == []


def test_each_exception_is_in_use() -> None:
    places = {place for place, _ in calls()}
    assert {*ALLOWED} <= places | {place.partition(" ")[0] for place in places}


@pytest.mark.parametrize(
    ("text", "found"),
    {
        "def f(): return store.query('')": ["m f"],
        "class A:\n def f(self): ox.Store().query('')": ["m A.f"],
        "prepareQuery('')": ["m "],
        "self.store.update('')": ["m "],
        "names.update({})": [],
    }.items(),
)
def test_calls_of_an_engine_are_found(text: str, found: list[str]) -> None:
    assert [place for place, _ in calls_in(ast.parse(text), "m", "")] == found


@pytest.mark.parametrize(
    ("pattern", "expected"),
    {
        "SERVICE#\\n<http://127.0.0.1:9/x> { ?a ?b ?c }": "found SERVICE",
        r"S\\u0045RVICE <http://127.0.0.1:9/x> { ?a ?b ?c }": "found SERVICE",
        "FILTER EXISTS { SERVICE?s { ?a ?b ?c } }": "found SERVICE",
        "?a ?b '#' . SERVICE <http://127.0.0.1:9/x> { ?a ?b ?c }": "found SERVICE",
        "{" * 300 + "}" * 300: "nested",
        "?a ?b": "found '}'",
        r"M\\u0049NUS { ?a ?b ?c }": "found MINUS",
        "FILTER(<urn:f>($this))": "found the function <urn:f>",
    }.items(),
)
def test_query_of_a_shape_passes_the_gate(pattern: str, expected: str) -> None:
    with pytest.raises(QueryError, match=expected):
        validator.report(DATA, shape(pattern))


SERVICES = {
    "with a comment": "SERVICE#\\n<{endpoint}> {{ ?a ?b ?c }}",
    "escaped": r"S\\u0045RVICE <{endpoint}> {{ ?a ?b ?c }}",
    "in lower case": "service<{endpoint}>{{ ?a ?b ?c }}",
    "silent": "SERVICE SILENT <{endpoint}> {{ ?a ?b ?c }}",
    "of a variable": "BIND(IRI('{endpoint}') AS ?s) FILTER EXISTS {{ SERVICE?s{{ ?a ?b ?c }} }}",
    "after a hash in a string": "?a ?b '#' . SERVICE <{endpoint}> {{ ?a ?b ?c }}",
    "in a subselect": "{{ SELECT $this ?p ?value {{ SERVICE <{endpoint}> {{ ?a ?b ?c }} }} }}",
}
USE = "<urn:s> a sh:NodeShape ; sh:targetNode <urn:a> ; <urn:x/p> 1 ."
COMPONENT = "<urn:c> a sh:ConstraintComponent ; sh:parameter [ sh:path <urn:x/p> ] ; "
RUN = {
    "constraint": """<urn:s> a sh:NodeShape ; sh:targetNode <urn:a> ;
        sh:sparql [ sh:message "m" ; sh:select "SELECT $this {{ {pattern} }}" ] .""",
    "node validator": f"""{USE} {COMPONENT}
        sh:nodeValidator [ sh:select "SELECT $this {{{{ {{pattern}} }}}}" ] .""",
    "property validator": f"""{COMPONENT}
        sh:propertyValidator [ sh:select "SELECT $this {{{{ {{pattern}} }}}}" ] .
        <urn:s> sh:targetNode <urn:a> ; sh:property [ sh:path <urn:p> ; <urn:x/p> 1 ] .""",
    "validator": f"""{USE} {COMPONENT}
        sh:validator [ sh:ask "ASK {{{{ {{pattern}} }}}}" ] .""",
}
NOT_RUN = {
    "target": """<urn:s> sh:class <urn:C> ; sh:message "m" ; sh:target [ a sh:SPARQLTarget ;
        sh:select "SELECT $this {{ {pattern} }}" ] .""",
    "target type": """<urn:t> a sh:SPARQLTargetType ; <http://www.w3.org/2000/01/rdf-schema#subClassOf>
            sh:Target ; sh:select "SELECT $this {{ {pattern} }}" .
        <urn:s> sh:class <urn:C> ; sh:target [ a <urn:t> ] .""",
    "rule": """<urn:s> sh:targetNode <urn:a> ; sh:rule [ a sh:SPARQLRule ;
        sh:construct "CONSTRUCT {{ $this a <urn:C> }} WHERE {{ {pattern} }}" ] .""",
    "function": """<urn:f> a sh:SPARQLFunction ; sh:ask "ASK {{ {pattern} }}" .
        <urn:s> sh:targetNode <urn:a> ; sh:expression [ <urn:f> ( sh:this ) ] .""",
}


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Yield a socket that listens on the loopback interface; nothing may call it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.01)
        yield server
        with pytest.raises(TimeoutError):
            server.accept()


def shape_that_calls(listener: socket.socket, shape: str, service: str) -> list[Triple]:
    endpoint = f"http://127.0.0.1:{listener.getsockname()[1]}/x"
    text = shape.format(pattern=service.format(endpoint=endpoint))
    prefixes = "@prefix sh: <http://www.w3.org/ns/shacl#> .\n"
    found = ox.parse(prefixes + text, format=ox.RdfFormat.TURTLE)
    return [Triple(*quad.triple) for quad in found]


@pytest.mark.parametrize("shape", RUN.values(), ids=RUN)
def test_no_query_of_a_shape_calls_a_service(shape: str, listener: socket.socket) -> None:
    for name, service in SERVICES.items():
        with pytest.raises(QueryError, match="found SERVICE"):
            pytest.fail(
                f"{name}: {validator.report(DATA, shape_that_calls(listener, shape, service))}"
            )


@pytest.mark.parametrize("shape", NOT_RUN.values(), ids=NOT_RUN)
def test_query_of_an_advanced_feature_is_not_run(shape: str, listener: socket.socket) -> None:
    for service in SERVICES.values():
        report = validator.report(DATA, shape_that_calls(listener, shape, service))
        assert not any(triple.predicate == ox.NamedNode(SH.result) for triple in report)


@pytest.mark.slow
def test_long_query_of_a_shape_does_not_fill_the_stack() -> None:
    pattern = f"FILTER({'+'.join(['?x'] * 12_000)})"
    report = validator.report(DATA, shape(pattern))
    assert not any(triple.predicate == ox.NamedNode(SH.result) for triple in report)


def test_names_of_a_query_of_a_shape_may_be_escaped() -> None:
    report = validator.report(DATA, shape(r"FILTER(BOUND($th\\u0069s))"))
    assert any(triple.predicate == ox.NamedNode(SH.result) for triple in report)
