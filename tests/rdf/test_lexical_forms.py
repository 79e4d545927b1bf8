"""A store keeps each literal as it is written (RDF 1.1 Concepts, section 3.3)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaiju_graph.rdf.lexical_forms import (
    MARK,
    decode,
    decode_all,
    decode_json,
    encode,
    encode_all,
    fill,
    find_quads,
    has_encoded,
    named_graphs,
)
from kaiju_graph.rdf.terms import ENTITIES, XSD, Quad, Term, Triple
from tests.repository import ROOT

if TYPE_CHECKING:
    from pathlib import Path

S, P = ox.NamedNode("http://e/s"), ox.NamedNode("http://e/p")
FORMS = {
    "boolean": "1 0 true false TRUE",
    "byte": "1 01 -1",
    "date": "2020-01-01 2020-01-01+00:00 -0001-01-01 12020-01-01",
    "dateTime": "2020-01-01T24:00:00 2020-01-01T00:00:00.00 2020-01-01T00:00:00Z",
    "dayTimeDuration": "PT24H P1D PT60S",
    "decimal": "1 1.0 01.50 -0.0 +1 .5 123456789012345678901234567890.5",
    "double": "1 1e0 1.0E0 -0 INF NaN +INF",
    "duration": "PT60S P12M P1Y",
    "float": "1 0.1 1e40",
    "gYear": "2020 02020 0000",
    "integer": "1 01 +1 -0 abc 123456789012345678901234567890",
    "nonNegativeInteger": "1 01",
    "string": "1 01",
    "time": "24:00:00 12:00:00.0",
    "yearMonthDuration": "P12M P1Y",
}
"""Datatype of XSD → lexical forms, ill-typed ones among them."""
LITERALS = [
    ox.Literal(form, datatype=ox.NamedNode(XSD + name))
    for name, forms in FORMS.items()
    for form in forms.split()
]
ODD = [
    ox.Literal("01", language="en"),
    ox.Literal("01", datatype=ox.NamedNode("http://e/number")),
    ox.Literal("01", datatype=ox.NamedNode(f"{MARK.value}{XSD}integer")),
    ox.Literal("x", datatype=MARK),
]
TERMS = st.one_of(
    st.sampled_from([S, P, ox.BlankNode("b"), *LITERALS, *ODD]),
    st.builds(
        ox.Literal,
        st.text("01+-.eT:", min_size=1, max_size=6),
        datatype=st.sampled_from([ox.NamedNode(XSD + name) for name in FORMS]),
    ),
)
OWN_READERS = {
    "fast_path": "looks for IRIs and plain texts, which are not encoded",
    "rdf/lexical_forms": "the place where literals are encoded and decoded",
    "remote/mirror": "is used as a store, and hands over its quads as they are",
    "sparql/execute": "copies quads from a store to another",
    "store/cache": "reads the files of an entry, which are encoded",
    "store/store": "reads the files of an entry, which are encoded",
}
"""Module → why it reads or fills a store by itself."""


@given(st.lists(TERMS, unique=True))
def test_store_keeps_each_term(objects: list[Term]) -> None:
    store = ox.Store()
    fill(store, (Triple(S, P, term) for term in objects))
    assert {quad.object for quad in find_quads(store, S, P, None)} == set(objects)
    for term in LITERALS:
        assert any(find_quads(store, None, None, term)) == (term in objects)
    assert has_encoded(store) == any(encode(term) is not term for term in objects)


@given(st.lists(TERMS, unique=True))
def test_decoded_statements_are_those_that_were_encoded(objects: list[Term]) -> None:
    statements = [Quad(S, P, term, ENTITIES) for term in objects]
    encoded = [*encode_all(statements)]
    assert [*decode_all(encoded)] == statements
    assert len({*encoded}) == len({*statements})


def test_store_on_disk_keeps_each_term_and_its_mark(tmp_path: Path) -> None:
    store = ox.Store(str(tmp_path / "store"))
    fill(store, (Quad(S, P, term, ENTITIES) for term in LITERALS))
    store.flush()
    del store
    store = ox.Store.read_only(str(tmp_path / "store"))
    assert has_encoded(store)
    assert {quad.object for quad in find_quads(store, S, P, None, ENTITIES)} == set(LITERALS)
    assert [*named_graphs(store)] == [ENTITIES]


@pytest.mark.parametrize("form", ["1", "true", "abc", "2020-01-01"])
def test_store_without_changed_literals_has_no_mark(form: str) -> None:
    store = ox.Store()
    kept = (ox.Literal(form, datatype=ox.NamedNode(XSD + name)) for name in FORMS)
    fill(store, [Triple(S, P, term) for term in kept if encode(term) is term])
    assert len(store) > 1
    assert not has_encoded(store)


@pytest.mark.parametrize("term", [*LITERALS, *ODD], ids=str)
def test_json_of_an_answer_is_decoded(term: ox.Literal) -> None:
    store = ox.Store()
    fill(store, [Triple(S, P, term), Triple(P, P, ox.Literal(f'"datatype":"{MARK.value}"'))])
    answer: Any = store.query("SELECT ?o { ?s ?p ?o } ORDER BY ?s")
    content = decode_json(answer.serialize(format=ox.QueryResultsFormat.JSON) or b"")
    rows = ox.parse_query_results(content, format=ox.QueryResultsFormat.JSON)
    assert isinstance(rows, ox.QuerySolutions)
    assert [row["o"] for row in rows] == [ox.Literal(f'"datatype":"{MARK.value}"'), term]


def test_terms_that_a_store_keeps_stay_as_they_are() -> None:
    for term in (S, ox.BlankNode("b"), ox.Literal("a"), ox.Literal("a", language="en"), None):
        assert encode(term) is term
        assert decode(term) is term


def test_other_modules_read_and_fill_stores_through_this_one() -> None:
    package = ROOT / "src" / "kaiju_graph"
    modules = {
        path.relative_to(package).with_suffix("").as_posix()
        for path in package.rglob("*.py")
        if re.search("quads_for_pattern|bulk_extend", path.read_text("utf-8"))
    }
    assert modules == {*OWN_READERS}
