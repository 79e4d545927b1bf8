"""What the server says of the graph besides answers: things, the dataset, and the service.

A resource has the path of its IRI after the IRI of the dataset's things (``void:uriSpace``):
``/id/NAME``. Its data has the same path after ``/data/``, with the ending of a format:
``/data/id/NAME.ttl``. For a namespace that ends in ``#``, the data are those of all its terms.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph import __version__
from kaiju_graph.errors import UnknownNameError, UnreachableError
from kaiju_graph.project.layout import Project
from kaiju_graph.project.sources import select_layers
from kaiju_graph.publish import service, void
from kaiju_graph.rdf import formats, write
from kaiju_graph.rdf.properties import iri, statements
from kaiju_graph.rdf.terms import Triple
from kaiju_graph.store.store import DEFAULT_LAYERS
from kaiju_graph.web import negotiation
from kaiju_graph.web.protocol import Reply, text_reply

if TYPE_CHECKING:
    from kaiju_graph.api import KnowledgeGraph

__all__ = ["Snapshot", "data_format", "describe_dataset", "describe_service", "describe_thing"]


class Snapshot(Project):
    """The files of a project as they were when it loaded: sources, contexts and queries."""

    def __init__(self, project: Project) -> None:
        super().__init__(project.root, project.prefixes)
        texts = (*project.files("ontology", ".jsonld"), *project.files("queries", ".rq"))
        kept = (*project.sources(), *texts)
        self._contents = {file: project.read_bytes(file) for file in kept}

    @property
    def key(self) -> str:
        """The hash of the files and of this version, which all replies depend on."""
        return self.content_hash(sorted(self._contents), __version__)

    def files(self, folder: str, *endings: str) -> list[str]:
        """Return the files of a folder with one of the endings, as ``Project`` does."""
        inside = (file for file in self._contents if file.rpartition("/")[0] == folder)
        return sorted(file for file in inside if file.endswith(endings))

    def read_bytes(self, file: str) -> bytes:
        """Return the bytes of a file.

        Raises:
            UnreachableError: the project had no such file.
        """
        if file not in self._contents:
            raise UnreachableError(f"{file}: found no such file when the project was loaded")
        return self._contents[file]


def data_format(accept: str) -> str:
    """Return the format of a graph that a client prefers; Turtle if it names none.

    A browser, which asks for HTML, gets Turtle, too.
    """
    return negotiation.choose(accept, negotiation.GRAPHS) or "turtle"


def describe_thing(kg: KnowledgeGraph, path: str, name: str) -> Reply:
    """Return the description of a thing, or of the terms of a namespace.

    Args:
        kg: the graph.
        path: what follows the beginning of the IRIs of the dataset's own things.
        name: the format.

    Raises:
        UnknownNameError: the graph has nothing about it; the message has things with like names.
    """
    address = _dataset(kg).space + path
    try:
        thing = ox.NamedNode(address)
    except ValueError:
        raise UnknownNameError("nothing is named so; expected the path of an IRI") from None
    media_type = formats.FORMATS[name].media_type
    if any(quad.subject == thing for quad in kg.quads):
        return text_reply(200, kg.export(name, thing=f"<{address}>"), media_type)
    own = [
        quad
        for quad in select_layers(kg.quads, *DEFAULT_LAYERS)
        if isinstance(quad.subject, ox.NamedNode) and quad.subject.value.startswith(f"{address}#")
    ]
    if not own:
        raise UnknownNameError(f"nothing has this IRI{kg.names.suggest(thing, kg.project)}")
    return text_reply(200, write.write(own, name, kg.project), media_type)


def _dataset(kg: KnowledgeGraph) -> void.Description:
    try:
        return void.read(kg.project)
    except UnreachableError:
        raise UnknownNameError("the dataset has no description") from None


def describe_dataset(kg: KnowledgeGraph, endpoint: str) -> list[Triple]:
    """Return the description of the dataset in VoID, with the endpoint that answers queries.

    Raises:
        UnknownNameError: the project has no ``graph/dataset.ttl``.
        SourceError: that file does not describe the dataset.
    """
    described = _dataset(kg)
    triples = void.catalogue(kg.quads, described, ())
    link = Triple(described.node, iri("void:sparqlEndpoint"), ox.NamedNode(endpoint))
    return [*triples, link]


def describe_service(kg: KnowledgeGraph, endpoint: str) -> list[Triple]:
    """Return the description of the service in SPARQL 1.1 Service Description."""
    properties = service.describe_service(kg.quads, endpoint)
    labels = (f"n{number:06}" for number in count(1))
    return [*statements(ox.BlankNode(next(labels)), properties, labels)]
