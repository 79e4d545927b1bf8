"""One thing as one nested document of JSON-LD, compared with whole files.

After a change, read the difference, then write the file with
``python -m tests.rdf.test_frame``.
"""

from __future__ import annotations

import json
from itertools import pairwise, product
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest
from pyld import jsonld

from kaiju_graph.errors import UsageError
from kaiju_graph.project.layout import Project
from kaiju_graph.rdf.parse import parse
from kaiju_graph.rdf.terms import ONTOLOGY, OWL, RDFS, TYPE, Triple
from kaiju_graph.rdf.write import CONTEXT, frame
from tests.repository import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from kaiju_graph.rdf.terms import Quad

FOLDER = ROOT / "tests" / "rdf" / "framed"
ID = "http://example.org/"
FIRST = ox.NamedNode(ID + "first")
URL = "https://example.org/context.jsonld"
SUB_PROPERTY = RDFS + "subPropertyOf"


def entail(triples: Iterable[Triple], ontology: Iterable[Quad]) -> set[Triple]:
    """Return triples with what follows by super-properties, inverse and symmetric properties."""
    above: list[tuple[Any, Any]] = []
    inverses: list[tuple[Any, Any]] = []
    for quad in ontology:
        if quad.predicate.value == SUB_PROPERTY:
            above.append((quad.subject, quad.object))
        elif quad.predicate.value == OWL + "inverseOf":
            inverses += [(quad.subject, quad.object), (quad.object, quad.subject)]
        elif quad[1:3] == (TYPE, ox.NamedNode(OWL + "SymmetricProperty")):
            inverses.append((quad.subject, quad.subject))
    known: set[Triple] = set()
    new = set(triples)
    while new:
        known |= new
        new = {Triple(t[0], p, t[2]) for t, (sub, p) in product(new, above) if t[1] == sub} | {
            Triple(t[2], p, t[0])
            for t, (inverse, p) in product(known, inverses)
            if t[1] == inverse and isinstance(t[2], ox.NamedNode)
        }
        new -= known
    return known


def read(text: str, form: ox.RdfFormat = ox.RdfFormat.JSON_LD) -> set[Triple]:
    """Return the triples of a document as Oxigraph reads it."""
    quads = ox.parse(text, format=form)
    return {Triple(quad.subject, quad.predicate, quad.object) for quad in quads}


def read_linked(text: str, contexts: dict[str, str]) -> set[Triple]:
    """Return the triples of a JSON-LD document as PyLD reads it, given URL → context."""

    def load(url: str, _: object) -> dict[str, Any]:
        document = json.loads(contexts[url])
        return {"contextUrl": None, "documentUrl": url, "document": document}

    options = {"format": "application/n-quads", "documentLoader": load}
    nquads = jsonld.to_rdf(json.loads(text), options)
    quads = ox.parse(nquads, format=ox.RdfFormat.N_QUADS)
    return {Triple(quad.subject, quad.predicate, quad.object) for quad in quads}


def source(file: str) -> str:
    return (FOLDER / file).read_text("utf-8")


def project() -> Project:
    return Project(str(FOLDER), {"id": ID, "ex": ID + "terms#", "own": "http://example.com/"})


def triples() -> list[Triple]:
    return [quad.triple for quad in parse("data.ttl", source("data.ttl"), ONTOLOGY)]


def test_a_document_is_written_as_it_stands_in_the_file() -> None:
    assert frame(FIRST, triples(), project()) == source("first.jsonld")


def test_a_document_does_not_depend_on_the_order_of_triples() -> None:
    assert frame(FIRST, reversed(triples()), project()) == source("first.jsonld")


def test_what_a_document_leaves_out_follows_from_what_it_has() -> None:
    ontology = list(parse("terms.ttl", source("ontology/terms.ttl"), ONTOLOGY))
    text = source("first.jsonld")
    assert read(text) == read_linked(text, {})
    assert read(text) < set(triples())
    assert entail(read(text), ontology) == entail(triples(), ontology)


def test_a_document_links_to_its_context() -> None:
    text = frame(FIRST, triples(), project(), context_url=URL)
    document = json.loads(source("first.jsonld"))
    assert json.loads(text) == {**document, "@context": URL}
    assert read_linked(text, {URL: source(CONTEXT)}) == read(source("first.jsonld"))


def test_a_linked_context_is_followed_by_the_prefixes_that_it_lacks() -> None:
    own = Triple(FIRST, ox.NamedNode(ID + "terms#home"), ox.NamedNode("http://example.com/x"))
    text = frame(FIRST, [own], project(), context_url=URL)
    assert json.loads(text)["@context"] == [URL, {"own": "http://example.com/"}]
    assert read_linked(text, {URL: source(CONTEXT)}) == {own}


def test_the_end_of_a_long_chain_is_nested_deeper_and_its_beginning_has_no_place() -> None:
    nodes = [ox.NamedNode(f"{ID}{number}") for number in range(6)]
    home = ox.NamedNode(ID + "terms#home")
    chain = [Triple(one, home, other) for one, other in pairwise(nodes)]
    assert read(frame(nodes[0], chain, project())) == set(chain)
    with pytest.raises(UsageError, match=r"^<http://example.org/0> has no place in a document of"):
        frame(nodes[5], chain, project())


def test_equivalent_properties_do_not_remove_each_other(tmp_path: Path) -> None:
    (tmp_path / "ontology").mkdir()
    (tmp_path / CONTEXT).write_text(source(CONTEXT), "utf-8")
    p, q = (f"<{ID}terms#{name}>" for name in "pq")
    both = f"{p} <{SUB_PROPERTY}> {q} .\n{q} <{SUB_PROPERTY}> {p} .\n"
    (tmp_path / "ontology" / "terms.ttl").write_text(both, "utf-8")
    data = {Triple(FIRST, ox.NamedNode(name[1:-1]), ox.NamedNode(ID + "x")) for name in (p, q)}
    assert read(frame(FIRST, data, Project(str(tmp_path), {}))) == data


if __name__ == "__main__":
    (FOLDER / "first.jsonld").write_text(frame(FIRST, triples(), project()), "utf-8")
