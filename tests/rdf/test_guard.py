"""A text that would overwhelm a parser, or that is RDF 1.2, is refused at its place."""

from __future__ import annotations

import pytest

from kaiju_graph.errors import SourceError
from kaiju_graph.project import positions
from kaiju_graph.rdf import guard
from kaiju_graph.rdf.parse import parse
from kaiju_graph.rdf.terms import ENTITIES
from tests.conftest import every_nth

RDF_NAMESPACE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDF_XML = f'<rdf:RDF xmlns:rdf="{RDF_NAMESPACE}" xmlns:e="http://e/">%s</rdf:RDF>'
NESTED = {
    "nodes": ("a.ttl", "<e:a> <e:p> ", "[ <e:p> ", "1", " ]", " ."),
    "lists": ("a.trig", "<e:a> <e:p> ", "( ", "1", " )", " ."),
    "brackets in literals": ("a.ttl", "<e:a> <e:p> ", '[ <e:p> "]", ', "1", " ]", " ."),
    "objects": ("a.jsonld", '{"http://e/p": ', '{"http://e/p": ', "1", "}", "}"),
    "arrays": ("a.jsonld", '{"http://e/p": [', "[", "1", "]", "]}"),
}


def _count(file: str, text: str | bytes) -> int:
    return sum(1 for _ in parse(file, text, ENTITIES))


@pytest.mark.parametrize("name", NESTED)
def test_deep_nesting_is_refused_at_its_place(name: str) -> None:
    file, start, opening, middle, closing, end = NESTED[name]
    outer = start.count("[") + start.count("{")
    depth = guard.NESTING - outer
    assert _count(file, start + opening * depth + middle + closing * depth + end)
    place = f"{file}:1:{len(start) + len(opening) * depth + 1}"
    for deeper in (depth + 1, 20_000):
        with pytest.raises(SourceError) as error:
            _count(file, start + opening * deeper + middle + closing * deeper + end)
        assert str(error.value) == (
            f"{place}: found brackets nested {guard.NESTING + 1} deep; "
            f"expected at most {guard.NESTING}"
        )


def test_deep_elements_are_refused_at_their_place() -> None:
    opening, closing = "<rdf:Description>\n<e:p>", "</e:p></rdf:Description>"
    depth = guard.NESTING // 2
    assert _count("a.rdf", RDF_XML % (opening * (depth - 1) + closing * (depth - 1)))
    with pytest.raises(SourceError, match=rf"^a\.rdf:{depth + 1}:1: found elements nested 501 "):
        _count("a.rdf", RDF_XML % (opening * 10_000 + closing * 10_000))


def test_positions_of_the_deepest_text_are_found() -> None:
    text = "<e:a> <e:p> " + "[ <e:p> " * 499 + "( 1 )" + " ]" * 499 + " ."
    places = positions.find_places("a.ttl", text, ENTITIES)
    assert max(place["object"].column for place in places.values()) == text.index("( 1 )") + 1


LONE = {r"\ud800": 0, r"\uDBFF\u0041": 0, r"\udc00": 0, r"\ud83d\ud83d\ude00": 0, r"\\\udfff": 2}
"""Text of JSON → offset of a surrogate that is no half of a pair (RFC 8259, section 8.2)."""


@pytest.mark.parametrize("text", LONE)
@pytest.mark.parametrize("part", ['"http://e/p": "%s"', '"%s": 1', '"@type": "http://e/%s"'])
def test_lone_surrogate_is_refused_at_its_place(text: str, part: str) -> None:
    with pytest.raises(SourceError) as error:
        _count("a.jsonld", "{\n" + part % text + "}")
    place = f"a.jsonld:2:{part.index('%') + LONE[text] + 1}"
    assert str(error.value) == f"{place}: found a lone surrogate; expected Unicode"


def test_pairs_of_surrogates_and_escaped_backslashes_are_allowed() -> None:
    (quad,) = parse("a.jsonld", r'{"http://e/p": "\ud83d\ude00 \\ud800"}', ENTITIES)
    assert quad.object.value == "\U0001f600 " + r"\ud800"


ENTITY = '<!ENTITY %s "%s">'


def test_entities_may_be_declared_but_not_multiply() -> None:
    declared = ENTITY % ("e", "http://e/")
    node = '<rdf:Description rdf:about="&e;a"><e:p>&e;b</e:p></rdf:Description>'
    assert _count("a.rdf", f"<!DOCTYPE rdf:RDF [{declared}]>{RDF_XML % node}") == 1
    bomb = ENTITY % ("e0", "x" * 16)
    bomb += "".join(ENTITY % (f"e{n + 1}", f"&e{n};" * 10) for n in range(9))
    node = "<rdf:Description><e:p>&e9;</e:p></rdf:Description>"
    with pytest.raises(SourceError, match=r"^a\.rdf:1:[0-9]+: found no well-formed XML .limit"):
        _count("a.rdf", f"<!DOCTYPE rdf:RDF [{bomb}]>{RDF_XML % node}")


# Syntax of RDF 1.2: the file and the place of the first part that RDF 1.1 does not have.
RDF12 = {
    "triple term": ("a.ttl", "<e:a> <e:p>\n <<( <e:a> <e:p> <e:b> )>> .", "2:2"),
    "reified triple": ("a.trig", "<< <e:a> <e:p> <e:b> >> <e:p> <e:b> .", "1:1"),
    "reifier": ("a.ttl", "<e:a> <e:p> <e:b> ~ <e:r> .", "1:19"),
    "annotation": ("a.ttl", "<e:a> <e:p> <e:b> {| <e:q> 1 |} .", "1:19"),
    "direction": ("a.ttl", '<e:a> <e:p> "<<", "a"@en--rtl .', "1:22"),
    "version": ("a.ttl", 'VERSION "1.2"\n<e:a> <e:p> 1 .', "1:1"),
    "version as directive": ("a.trig", '# @version\n@version "1.2" .\n<e:a> <e:p> 1 .', "2:1"),
    "N-Triples": ("a.nt", "<e:a> <e:p> <<( <e:a> <e:p> <e:b> )>> .", "1:13"),
    "N-Quads": ("a.nq", '<e:a> <e:p> "a"@en--ltr <e:g> .', "1:16"),
    "JSON-LD": (
        "a.jsonld",
        '{"http://e/p": {"@value": "a", "@language": "en",\n "@direction": "ltr"}}',
        "2:2",
    ),
    "RDF/XML": (
        "a.rdf",
        RDF_XML.replace("<rdf:RDF", '<rdf:RDF rdf:version="1.2"')
        % '<rdf:Description><e:p rdf:parseType="Triple"><rdf:Description rdf:about="http://e/a">'
        '<e:p rdf:resource="http://e/b"/></rdf:Description></e:p></rdf:Description>',
        "1:10",
    ),
}


@pytest.mark.parametrize("name", RDF12)
def test_rdf_1_2_is_refused_at_its_place(name: str) -> None:
    file, text, place = RDF12[name]
    for content in (text, text.encode()):
        with pytest.raises(SourceError) as error:
            _count(file, content)
        expected = f"{file}:{place}: found syntax of RDF 1.2; expected RDF 1.1"
        assert str(error.value) == expected


def test_signs_of_rdf_1_2_in_names_and_texts_are_allowed() -> None:
    text = '''@prefix version: <http://e/> . # << {| ~ @en--ltr VERSION "1"
        version:a--b version:version "<<( ~ {| |} @en--ltr version 'x'", """@version "1" """@en ;
            version:\\~a <http://e/?a=~@en--ltr#version> .'''
    assert _count("a.ttl", text) == 3


@pytest.mark.parametrize(
    ("file", "text", "column"),
    every_nth(
        [
            ("a.ttl", '<e:a> <e:p> "%s" .', 13),
            ("a.nt", "<e:a> <e:p> <e:%s> .", 13),
            ("a.jsonld", '{"http://e/p": "%s"}', 16),
        ],
        3,
    ),
)
def test_very_long_term_is_refused_at_its_place(file: str, text: str, column: int) -> None:
    with pytest.raises(SourceError, match=f"^{file}:1:{column}: found more than 16 MiB in a term;"):
        _count(file, text % ("x" * guard.MAX_TOKEN))


def test_bytes_that_are_not_utf_8_are_refused_at_their_place() -> None:
    with pytest.raises(SourceError, match=r"^a\.nt:2:4: found byte 0xff; expected UTF-8"):
        _count("a.nt", "# é\n# ü".encode() + b"\xff\n")
