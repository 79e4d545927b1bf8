"""A term in a line is the same term again when it is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaiju_graph.project import layout
from kaiju_graph.rdf.notation import node_text, term_text
from kaiju_graph.rdf.terms import FIRST, NIL, ONTOLOGY, OWL, REST, XSD, Quad, list_members
from tests.repository import ROOT

if TYPE_CHECKING:
    from kaiju_graph.rdf.terms import Term

PROJECT = layout.find(str(ROOT))
PREFIX = f"@prefix xsd: <{XSD}> .\n"
NUMBERS = ("integer", "decimal", "double", "boolean")
LITERALS = {
    ("5", "decimal"): '"5"^^xsd:decimal',
    ("1.0", "double"): '"1.0"^^xsd:double',
    ("1.0e0", "double"): "1.0e0",
    ("abc", "integer"): '"abc"^^xsd:integer',
    ("1", "boolean"): '"1"^^xsd:boolean',
    ("-1.50", "decimal"): "-1.50",
    ("7", "integer"): "7",
    ("<urn:x>", "string"): '"<urn:x>"',
}


def read(text: str) -> Term:
    (triple,) = ox.parse(f"{PREFIX}<urn:s> <urn:p> {text} .", format=ox.RdfFormat.TURTLE)
    term: Term = triple.object
    return term


@pytest.mark.parametrize(("literal", "expected"), LITERALS.items())
def test_literal_is_unquoted_only_where_turtle_reads_the_same_literal(
    literal: tuple[str, str], expected: str
) -> None:
    text, datatype = literal
    term = ox.Literal(text, datatype=ox.NamedNode(XSD + datatype))
    assert term_text(term, PROJECT.prefixes) == expected


@given(
    text=st.one_of(st.text(), st.from_regex(r"[+-]?[0-9]*\.?[0-9]*([eE][+-]?[0-9]+)?")),
    datatype=st.sampled_from([*NUMBERS, "string", "gYear"]),
)
def test_any_literal_round_trips(text: str, datatype: str) -> None:
    literal = ox.Literal(text, datatype=ox.NamedNode(XSD + datatype))
    assert read(term_text(literal, PROJECT.prefixes)) == literal


def test_malformed_lists_and_cycles_of_blank_nodes_end() -> None:
    cells = [ox.BlankNode(f"c{number}") for number in range(3)]
    node = ox.BlankNode("n")
    quads: dict[Term, list[Quad]] = {
        cells[0]: [
            Quad(cells[0], FIRST, ONTOLOGY, ONTOLOGY),
            Quad(cells[0], REST, cells[1], ONTOLOGY),
        ],
        cells[1]: [Quad(cells[1], FIRST, node, ONTOLOGY), Quad(cells[1], REST, cells[0], ONTOLOGY)],
        cells[2]: [Quad(cells[2], FIRST, NIL, ONTOLOGY)],
        node: [Quad(node, ox.NamedNode(OWL + "complementOf"), node, ONTOLOGY)],
    }

    def value(subject: Term, predicate: ox.NamedNode) -> Term | None:
        objects = (quad.object for quad in quads.get(subject, ()) if quad.predicate == predicate)
        return next(objects, None)

    def text(term: Term) -> str:
        return node_text(term, lambda node: quads.get(node, ()), PROJECT.prefixes)

    assert list_members(cells[0], value) == [ONTOLOGY, node]
    assert list_members(cells[2], value) == [NIL]
    assert list_members(NIL, value) == []
    assert text(cells[0]) == "( graph:ontology [ owl:complementOf [ … ] ] )"
    assert text(node) == "[ owl:complementOf [ … ] ]"
    assert text(cells[2]) == "( () )"


def test_blank_nodes_that_share_others_are_described_once() -> None:
    # Each of 40 nodes leads to all that follow: there are 2 ** 38 ways from the first to the last.
    nodes = [ox.BlankNode(f"n{number}") for number in range(40)]
    part = ox.NamedNode(OWL + "hasSelf")
    quads: dict[Term, list[Quad]] = {
        node: [Quad(node, part, other, ONTOLOGY) for other in nodes[number + 1 :]]
        for number, node in enumerate(nodes)
    }
    text = node_text(nodes[0], quads.__getitem__, PROJECT.prefixes)
    assert text.count("owl:hasSelf") <= 40 * 39 / 2
    assert text.count("[") == text.count("]")
