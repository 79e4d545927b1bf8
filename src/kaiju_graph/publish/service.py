"""The description of a SPARQL endpoint in SPARQL 1.1 Service Description."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.project.sources import select_layers
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.properties import Properties, typed_literal
from kaiju_graph.store.store import DEFAULT_LAYERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kaiju_graph.rdf.terms import Quad

__all__ = ["describe_service"]

FORMAT = "http://www.w3.org/ns/formats/"
STANDARD = """
    SPARQL_Results_JSON SPARQL_Results_XML SPARQL_Results_CSV SPARQL_Results_TSV
    Turtle TriG N-Triples N-Quads JSON-LD RDF_XML
""".split()
"""The formats that have a name among W3C's Unique URIs for File Formats."""


def describe_service(
    quads: Sequence[Quad], endpoint: str, formats: Iterable[str] = STANDARD
) -> Properties:
    """Return the properties of a service that answers queries at an endpoint.

    Its default dataset has the merge of the layers as default graph, and all named graphs.

    Args:
        quads: all quads of the project.
        endpoint: the address of the endpoint.
        formats: the formats of its results, by W3C's names.
    """
    merged = terms.merge(select_layers(quads, *DEFAULT_LAYERS))
    default: Properties = [
        ("rdf:type", "sd:Graph"),
        ("void:triples", typed_literal(len(merged), "xsd:integer")),
    ]
    dataset: Properties = [("rdf:type", "sd:Dataset"), ("sd:defaultGraph", default)]
    for name in sorted({quad.graph for quad in quads}, key=str):
        dataset.append(("sd:namedGraph", [("rdf:type", "sd:NamedGraph"), ("sd:name", name)]))
    return [
        ("rdf:type", "sd:Service"),
        ("sd:endpoint", ox.NamedNode(endpoint)),
        ("sd:supportedLanguage", "sd:SPARQL11Query"),
        *(("sd:resultFormat", ox.NamedNode(FORMAT + name)) for name in formats),
        ("sd:defaultDataset", dataset),
    ]
