"""The public test suites of the W3C, read from a folder beside the repository.

A manifest (``mf:``) lists its cases; relative IRIs are resolved against their file.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlsplit

import pyoxigraph as ox
import pytest
from rdflib import RDF, Namespace, URIRef
from rdflib.collection import Collection

from kaiju_graph.rdf.terms import Triple, rdflib_graph
from tests.repository import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rdflib import Graph
    from rdflib.term import Node

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
SHT = Namespace("http://www.w3.org/ns/shacl-test#")

FOLDER = REPOSITORY.parent / "shared" / "w3c"
needed = pytest.mark.skipif(not FOLDER.is_dir(), reason="the W3C's suites are not on this machine")
"""Skips a test if the suites are missing."""


class Case(NamedTuple):
    """An entry of a manifest."""

    name: str
    """The last part of its IRI, after the folder of its manifest."""
    kind: str
    """The last part of its type, such as ``QueryEvaluationTest``."""
    graph: Graph
    """The manifest."""
    action: Node
    result: Node | None


def triples(path: Path) -> list[Triple]:
    """Return the triples of a Turtle file, whose own IRI is the base."""
    found = ox.parse(path.read_bytes(), format=ox.RdfFormat.TURTLE, base_iri=path.as_uri())
    return [Triple(quad.subject, quad.predicate, quad.object) for quad in found]


def file(iri: Node | None) -> Path:
    """Return the file that an IRI of a manifest names."""
    return Path(unquote(urlsplit(str(iri)).path))


def cases(manifest: Path) -> Iterator[Case]:
    """Yield the entries of a manifest and of those that it includes, in their order."""
    if not manifest.is_file():
        return
    graph = rdflib_graph(triples(manifest))
    here = URIRef(manifest.as_uri())
    for listed in graph.objects(here, MF.include):
        parts = [listed] if isinstance(listed, URIRef) else Collection(graph, listed)
        for part in parts:
            yield from cases(file(part))
    for entries in graph.objects(here, MF.entries):
        for entry in Collection(graph, entries):
            action = graph.value(entry, MF.action)
            assert action is not None, entry
            kind = str(graph.value(entry, RDF.type)).rpartition("#")[2]
            name = str(entry).replace("#", "/").rpartition("/")[2]
            result = graph.value(entry, MF.result)
            yield Case(f"{manifest.parent.name}/{name}", kind, graph, action, result)
