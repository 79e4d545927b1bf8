"""A term in a line is the same term again when it is read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaiju_graph.project import layout
from kaiju_graph.rdf.notation import node_text, term_text
from kaiju_graph.rdf.terms import FIRST, NIL, ONTOLOGY, OWL, REST, XSD, Quad, list_members

if TYPE_CHECKING:
    from kaiju_graph.rdf.terms import Term

PROJECT = layout.find(str(Path(__file__).resolve().parents[2]))
PREFIXES = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PROJECT.prefixes.items())
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
    (triple,) = ox.parse(f"{PREFIXES}<urn:s> <urn:p> {text} .", format=ox.RdfFormat.TURTLE)
    found: Term = triple.object
    return found


@pytest.mark.parametrize(("said", "told"), LITERALS.items())
def test_a_literal_is_short_only_where_that_is_the_same_literal(
    said: tuple[str, str], told: str
) -> None:
    literal = ox.Literal(said[0], datatype=ox.NamedNode(XSD + said[1]))
    assert term_text(literal, PROJECT.prefixes) == told


@given(
    text=st.one_of(st.text(), st.from_regex(r"[+-]?[0-9]*\.?[0-9]*([eE][+-]?[0-9]+)?")),
    datatype=st.sampled_from([*NUMBERS, "string", "gYear"]),
)
def test_any_literal_is_read_as_it_was(text: str, datatype: str) -> None:
    literal = ox.Literal(text, datatype=ox.NamedNode(XSD + datatype))
    assert read(term_text(literal, PROJECT.prefixes)) == literal


def test_a_list_is_told_as_far_as_it_is_one_and_a_circle_ends() -> None:
    cells = [ox.BlankNode(f"c{number}") for number in range(3)]
    node = ox.BlankNode("n")
    said: dict[Term, list[Quad]] = {
        cells[0]: [
            Quad(cells[0], FIRST, ONTOLOGY, ONTOLOGY),
            Quad(cells[0], REST, cells[1], ONTOLOGY),
        ],
        cells[1]: [Quad(cells[1], FIRST, node, ONTOLOGY), Quad(cells[1], REST, cells[0], ONTOLOGY)],
        cells[2]: [Quad(cells[2], FIRST, NIL, ONTOLOGY)],
        node: [Quad(node, ox.NamedNode(OWL + "complementOf"), node, ONTOLOGY)],
    }

    def value(subject: Term, predicate: ox.NamedNode) -> Term | None:
        found = (quad.object for quad in said.get(subject, ()) if quad.predicate == predicate)
        return next(found, None)

    def told(term: Term) -> str:
        return node_text(term, lambda node: said.get(node, ()), PROJECT.prefixes)

    assert list_members(cells[0], value) == [ONTOLOGY, node]
    assert list_members(cells[2], value) == [NIL]
    assert list_members(NIL, value) == []
    assert told(cells[0]).startswith("( graph:ontology [ owl:complementOf [ owl:complementOf ")
    assert told(node).count("[") == told(node).count("]")
    assert told(cells[2]) == "( () )"
