"""Each statement has a file, line and column; guards the order in which Oxigraph makes them."""

from __future__ import annotations

import re
import time
from itertools import count
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaiju_graph.project import layout, positions, sources
from kaiju_graph.project.locator import Locator
from kaiju_graph.project.sources import Place
from kaiju_graph.rdf.parse import parse
from kaiju_graph.rdf.terms import ENTITIES, RDF, XSD, Quad, Term
from tests.repository import ROOT

PROJECT = layout.find(str(ROOT))
READ = sources.read(PROJECT)
LIST = tuple(ox.NamedNode(RDF + name) for name in ("first", "rest"))
BARE = {XSD + "integer", XSD + "decimal", XSD + "double", XSD + "boolean"}


def _spellings(term: Term) -> set[str]:
    """Return the texts of a term that the style of this project allows."""
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
    datatypes = _spellings(term.datatype)
    return {f"{quoted}^^{datatype}" for datatype in datatypes} | (
        {quoted} if term.datatype.value == XSD + "string" else set()
    )


@pytest.fixture(scope="module")
def places() -> dict[str, positions.Places]:
    """Return file → the place of each quad in it."""
    return {
        name: positions.find_places(name, PROJECT.read(name), file.default)
        for name, file in READ.files.items()
    }


def test_text_at_the_place_of_a_quad_is_its_object(places: dict[str, positions.Places]) -> None:
    for file, placed in places.items():
        lines = PROJECT.read(file).split("\n")
        for quad, parts in placed.items():
            if isinstance(quad.object, ox.BlankNode):
                continue
            place = parts["object"]
            rest = lines[place.line - 1][place.column - 1 :]
            texts = _spellings(quad.object)
            assert any(rest == text or rest.startswith(f"{text} ") for text in texts), place
            assert place.file == file


def test_every_quad_has_a_place_but_those_of_lists(places: dict[str, positions.Places]) -> None:
    for name, file in READ.files.items():
        assert places[name]
        placed = {quad for quad in file.quads if quad.predicate not in LIST}
        assert places[name].keys() == placed, name


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
def test_places_do_not_depend_on_white_space_and_comments(data: st.DataObject) -> None:
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
    places = positions.find_places("a.trig", text, ENTITIES)
    expected = {
        (text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))
        for at, token in spots
        if token[0] not in "[("
    }
    outer = {
        (parts["object"].line, parts["object"].column)
        for quad, parts in places.items()
        if quad.subject == ox.NamedNode("http://e/s") and not isinstance(quad.object, ox.BlankNode)
    }
    quads = {quad for quad in parse("a.trig", text, ENTITIES) if quad.predicate not in LIST}
    assert places.keys() == quads
    assert outer == expected


SIMPLE = KINDS.filter(lambda kind: kind[0] not in "[(") | st.sampled_from(
    ["ex:a.b\\,{}", "_:b{}", "'{}'", '"{}" @en-GB', "'{}' ^^ ex:t", "-.{}", "{}.e5", "ex:%41:{}"]
)
GRAPHS = st.sampled_from(["", "{", "ex:g {", "GRAPH ex:g {", "_:g {", "graph [] {"])


@st.composite
def nested(  # noqa: C901 (a grammar in one place)
    draw: st.DrawFn,
) -> tuple[str, dict[str, tuple[set[int], ...]]]:
    """Return a text with nodes and lists in one another, and predicate → offsets of its parts."""
    numbers = count(10)
    text = "PREFIX ex: <http://e/>"
    graph = subject = 0
    expected: dict[str, tuple[set[int], ...]] = {}

    def put(token: str) -> int:
        nonlocal text
        text += draw(GAP) + token
        return len(text) - len(token)

    def put_node(depth: int) -> int:
        kind = draw(st.sampled_from("..[(" if depth else "."))
        if kind == ".":
            return put(draw(SIMPLE).format(next(numbers)))
        at = put(kind)
        if kind == "[":
            put_predicates(depth - 1)
        for _ in range(draw(st.integers(0, 3)) if kind == "(" else 0):
            put_node(depth - 1)
        put("]" if kind == "[" else ")")
        return at

    def put_predicates(depth: int) -> None:
        for number in range(draw(st.integers(1, 2))):
            put(";" * number)
            name = f"http://e/p{next(numbers)}"
            at = put(f"<{name}>")
            objects: set[int] = set()
            expected[name] = {subject}, {at}, objects, {graph}
            for other in range(draw(st.integers(1, 2))):
                put("," * other)
                objects.add(put_node(depth))

    for _ in range(draw(st.integers(1, 2))):
        block = draw(GRAPHS)
        graph = put(block) if block else 0
        for _ in range(draw(st.integers(1, 2))):
            kind = draw(st.sampled_from(["ex:s", "_:s", "[", "(", "[ ]"]))
            text += draw(GAP)
            subject = len(text)
            text += kind
            if kind == "[":
                put_predicates(2)
                put("]")
            if kind == "(":
                put_node(2)
                put(")")
            put_predicates(3)
            put(".")
        put("}" * bool(block))
    return text, expected


def check_places(text: str, expected: dict[str, tuple[set[int], ...]]) -> None:
    lines = [0, *(number for number, sign in enumerate(text, 1) if sign == "\n")]
    places = positions.find_places("a.trig", text, ENTITIES)
    quads = {*parse("a.trig", text, ENTITIES)}
    assert places.keys() == {quad for quad in quads if quad.predicate not in LIST}
    for quad, found in places.items():
        offsets = [lines[place.line - 1] + place.column - 1 for place in found.values()]
        for offset, allowed in zip(offsets, expected[quad.predicate.value], strict=True):
            assert offset in allowed, quad
        written = text[offsets[2] :]
        if isinstance(quad.object, ox.BlankNode):
            assert written[0] in "[(_"
        elif isinstance(quad.object, ox.Literal):
            digits = re.search("[0-9]+", written.replace("\\u0041", ""))
            assert digits
            assert digits[0] in quad.object.value


@given(nested())
@settings(max_examples=20)
def test_places_do_not_depend_on_nesting(case: tuple[str, Any]) -> None:
    check_places(*case)


@pytest.mark.slow
@given(nested())
@settings(max_examples=200)
def test_places_do_not_depend_on_nesting_in_many_texts(case: tuple[str, Any]) -> None:
    check_places(*case)


def test_places_do_not_need_white_space() -> None:
    text = 'PREFIX ex:<http://e/>base<http://b/>{ex:a ex:b"1".ex:c a"x"@en.[]<d>.5,ex:e.f}#.\n'
    text += "GRAPH<g>{(1)ex:b _:a.b.}#"
    places = positions.find_places("a.trig", text, ENTITIES)
    found = {
        text.split("\n")[p["object"].line - 1][p["object"].column - 1 :] for p in places.values()
    }
    starts = ('"1".ex:c', '"x"@en', ".5,", "ex:e.f}", "_:a.b.")
    assert sorted(next(start for start in starts if end.startswith(start)) for end in found) == (
        sorted(starts)
    )


@given(data=st.data())
def test_character_of_a_literal_has_its_place(data: st.DataObject) -> None:
    # RDF 1.1 Turtle, section 6.4: an escape is one character of the value.
    quote = data.draw(st.sampled_from(['"', "'", '"""', "'''"]))
    pieces = ["a", "ガ", " ", r"\n", r"\\", r"\"", r"\u0041", r"\U0001F600", "{", "$"]
    pieces += ["\n", "x\n  y"] if len(quote) > 1 else []
    drawn = data.draw(st.lists(st.sampled_from(pieces), min_size=1, max_size=8))
    head = "@prefix ex: <http://e/> .\n  ex:a ex:b "
    text = f"{head}{quote}{''.join(drawn)}{quote} .\n"
    ((quad, parts),) = positions.find_places("a.ttl", text, ENTITIES).items()
    offsets: list[int] = []
    at = len(head) + len(quote)
    for piece in drawn:
        offsets += [at] if piece[0] == "\\" else range(at, at + len(piece))
        at += len(piece)
    assert len(offsets) == len(quad.object.value)
    for number, offset in enumerate(offsets):
        place = positions.find_character(text, parts["object"], number)
        line, column = text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)
        assert place == Place("a.ttl", line, column)


def test_statement_of_a_list_has_the_place_of_the_list() -> None:
    text = "@prefix ex: <http://e/> .\nex:a ex:b [ ex:c ( 1 [ ex:d 2 ] ) ] .\n[] ex:e 3 .\n"
    places = positions.find_places("a.ttl", text, ENTITIES)
    found = {
        quad.object.value: str(places.nearest(quad))
        for quad in parse("a.ttl", text, ENTITIES)
        if isinstance(quad.object, ox.Literal)
    }
    assert found == {"1": "a.ttl:2:18", "2": "a.ttl:2:29", "3": "a.ttl:3:9"}


@pytest.mark.slow
def test_places_in_a_list_take_linear_time() -> None:
    def seconds(length: int) -> float:
        text = f"<urn:a> <urn:b> ( {'1 ' * length}) ."
        quads = parse("a.ttl", text, ENTITIES)
        places = positions.find_places("a.ttl", text, ENTITIES)
        before = time.process_time()
        assert {places.nearest(quad) for quad in quads} == {Place("a.ttl", 1, 17)}
        return time.process_time() - before

    # Eight times the list; 64 times the time if it were quadratic.
    assert seconds(4_000) < 24 * seconds(500) + 0.1


def test_repeated_statement_has_its_first_place() -> None:
    text = "@prefix ex: <http://e/> .\nex:a ex:b ex:c .\nex:a ex:b ex:c .\n"
    (parts,) = positions.find_places("a.ttl", text, ENTITIES).values()
    assert parts["object"] == Place("a.ttl", 2, 11)


def test_unknown_statement_has_the_place_of_the_nearest() -> None:
    text = "@prefix ex: <http://e/> .\nex:a ex:b 1 ;\n    ex:c 2 .\n"
    places = positions.find_places("a.ttl", text, ENTITIES)

    def nearest(subject: str, predicate: str) -> str:
        node, verb = ox.NamedNode(f"http://e/{subject}"), ox.NamedNode(f"http://e/{predicate}")
        return str(places.nearest(Quad(node, verb, ox.Literal("x"), ENTITIES)))

    assert nearest("a", "c") == "a.ttl:3:10"
    assert nearest("a", "d") == "a.ttl:2:11"
    assert nearest("z", "b") == "None"


def test_place_of_a_file_is_its_beginning() -> None:
    locator = Locator(PROJECT, READ)
    assert str(locator.place("graph/gamera-2/article.txt", None)) == (
        "graph/gamera-2/article.txt:1:1"
    )
    assert str(locator.place("graph/entities.ttl", None)) == "graph/entities.ttl:1:1"
