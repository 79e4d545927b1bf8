"""Each statement has its file, line and column: this guards rdflib's private parser."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaiju_graph.project import layout, positions, sources
from kaiju_graph.project.positions import Locator
from kaiju_graph.project.sources import Place
from kaiju_graph.rdf.terms import ENTITIES, XSD, Quad, Term

PROJECT = layout.find(str(Path(__file__).resolve().parents[2]))
READ = sources.read(PROJECT)
BARE = {XSD + "integer", XSD + "decimal", XSD + "double", XSD + "boolean"}


def _written(term: Term) -> set[str]:
    """Return the ways in which the house style writes a term."""
    if isinstance(term, ox.NamedNode):
        curies = {
            f"{prefix}:{term.value.removeprefix(namespace)}"
            for prefix, namespace in PROJECT.prefixes.items()
            if term.value.startswith(namespace)
        }
        return {f"<{term.value}>", *curies}
    assert isinstance(term, ox.Literal)
    if term.datatype.value in BARE:
        return {term.value}
    quoted = str(ox.Literal(term.value))
    if term.language:
        return {f"{quoted}@{term.language}"}
    datatypes = _written(term.datatype)
    return {f"{quoted}^^{datatype}" for datatype in datatypes} | (
        {quoted} if term.datatype.value == XSD + "string" else set()
    )


@pytest.mark.parametrize("file", READ.files)
def test_the_text_at_the_place_of_a_quad_is_its_object(file: str) -> None:
    text = PROJECT.read(file)
    lines = text.split("\n")
    found = positions.find_places(file, text, READ.files[file].default)
    assert found
    for quad, place in found.items():
        rest = lines[place.line - 1][place.column - 1 :]
        ways = _written(quad.object)
        assert any(rest == way or rest.startswith(f"{way} ") for way in ways), (place, quad)
        assert place.file == file


@pytest.mark.parametrize("file", READ.files)
def test_every_quad_without_blank_nodes_has_a_place(file: str) -> None:
    default, quads = READ.files[file].default, READ.files[file].quads
    named = {
        quad
        for quad in quads
        if not any(isinstance(term, ox.BlankNode) for term in (quad.subject, quad.object))
    }
    assert positions.find_places(file, PROJECT.read(file), default).keys() == named


GAP = st.sampled_from([" ", "\t", "\n", "\n\n    ", " # ガメラ, ; .\n", "  "])
KINDS = st.sampled_from(
    [
        "ex:o{}",
        "<http://e/{}>",
        '"o{}"@en',
        '"o{}"',
        "{}",
        "{}.5",
        '"{}"^^ex:t',
        "'ガメラ \\u0041 {}'",
        '"""two\nlines {}"""',
        "'''{}\n\n'''@ja",
        "[ ex:in ex:i{0} , ex:j{0} ]",
        "( ex:i{0} ex:j{0} )",
    ]
)


@given(data=st.data())
def test_places_hold_whatever_stands_between_the_terms(data: st.DataObject) -> None:
    # Object lists, predicate lists, graphs, comments, long strings, nested nodes and lists.
    numbers = count(10)
    text, spots = "@prefix ex: <http://e/> .", []

    def put(token: str) -> None:
        nonlocal text
        text += data.draw(GAP) + token

    for _ in range(data.draw(st.integers(1, 3))):
        put("ex:g {")
        for _ in range(data.draw(st.integers(1, 2))):
            put("ex:s")
            for predicate in range(data.draw(st.integers(1, 2))):
                put(f"; ex:p{predicate}" if predicate else "ex:p")
                for number in range(data.draw(st.integers(1, 3))):
                    if number:
                        put(",")
                    put("")
                    token = data.draw(KINDS).format(next(numbers))
                    spots.append((len(text), token))
                    text += token
            put(".")
        put("}")
    found = positions.find_places("a.trig", text, ENTITIES)
    expected = {
        (text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))
        for at, token in spots
        if token[0] not in "[("
    }
    outer = {
        (place.line, place.column)
        for quad, place in found.items()
        if quad.subject == ox.NamedNode("http://e/s")
    }
    assert outer == expected


def test_a_statement_said_twice_stands_where_it_is_first_said() -> None:
    text = "@prefix ex: <http://e/> .\nex:a ex:b ex:c .\nex:a ex:b ex:c .\n"
    assert list(positions.find_places("a.ttl", text, ENTITIES).values()) == [Place("a.ttl", 2, 11)]


def test_what_is_nowhere_said_stands_at_the_nearest_that_is() -> None:
    text = "@prefix ex: <http://e/> .\nex:a ex:b 1 ;\n    ex:c 2 .\n"
    found = positions.find_places("a.ttl", text, ENTITIES)

    def nearest(subject: str, predicate: str) -> str:
        node, verb = ox.NamedNode(f"http://e/{subject}"), ox.NamedNode(f"http://e/{predicate}")
        return str(found.nearest(Quad(node, verb, ox.Literal("x"), ENTITIES)))

    assert nearest("a", "c") == "a.ttl:3:10"
    assert nearest("a", "d") == "a.ttl:2:11"
    assert nearest("z", "b") == "None"


def test_a_file_stands_at_its_beginning() -> None:
    locator = Locator(PROJECT, READ)
    assert str(locator.place("graph/gamera-2/article.txt", None)) == (
        "graph/gamera-2/article.txt:1:1"
    )
    assert str(locator.place("graph/entities.ttl", None)) == "graph/entities.ttl:1:1"
