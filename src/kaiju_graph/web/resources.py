"""What the server says of the graph besides answers: pages, things, the dataset, the service.

The files of a site have the addresses that ``kaiju site`` gives them. A resource has the path of
its IRI after the IRI of the dataset's things (``void:uriSpace``): ``/id/NAME``, from where a
browser is sent to its page, and any other client to its data. These have the same path after
``/data/``, with the ending of a format: ``/data/id/NAME.ttl``. For a namespace that ends in ``#``,
page and data are those of all its terms.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING
from urllib.parse import quote

import pyoxigraph as ox

from kaiju_graph.errors import ParameterError, UnknownNameError, UnreachableError
from kaiju_graph.project.sources import select_layers
from kaiju_graph.publish import service, void
from kaiju_graph.rdf import formats, write
from kaiju_graph.rdf.properties import iri, statements
from kaiju_graph.rdf.terms import Quad, Triple
from kaiju_graph.sparql import results
from kaiju_graph.store.store import DEFAULT_LAYERS
from kaiju_graph.web import protocol
from kaiju_graph.web.pages import engine
from kaiju_graph.web.pages.render import POLICY
from kaiju_graph.web.protocol import Refusal, Reply, text_reply

if TYPE_CHECKING:
    from kaiju_graph.api import KnowledgeGraph
    from kaiju_graph.web.pages.site import Site

__all__ = [
    "describe_dataset",
    "describe_service",
    "describe_thing",
    "find_resource",
    "read_file",
    "show_error",
]

MEDIA_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".wasm": "application/wasm",
    ".xml": "application/xml",
    **{form.ending: form.media_type for form in results.FORMATS.values()},
    **{form.endings[0]: form.media_type for form in formats.FORMATS.values()},
}
"""Ending of a file → its media type."""
PAGE = {"Content-Security-Policy": f"{POLICY}; frame-ancestors 'none'"}
"""The headers of pages, and of what they load."""
PICTURE = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
"""The headers of pictures, which have a style sheet inside and run nothing."""
QUERY_PAGE = {"Content-Security-Policy": f"{engine.POLICY}; frame-ancestors 'none'"}
"""The headers of the page with the engine."""


def read_file(site: Site, path: str, parameters: str) -> Reply | None:
    """Return a file of a site, or None if it has none with this path.

    Args:
        site: the site.
        path: the path; an empty one is that of the first page.
        parameters: what follows ``?`` in the address: the values of the parameters of a question.

    Raises:
        Refusal: the parameters are malformed, or do not fit, and the file is no page.
    """
    address = path or "index.html"
    stem, _, ending = address.rpartition(".")
    given = _read_parameters(parameters) if address.startswith("question/") else {}
    status = 200
    try:
        content = site.read(address, given)
    except (ParameterError, UnknownNameError) as error:
        if ending != "html":
            raise Refusal(400, str(error)) from None
        status, content = 400, site.read_question(stem, given, str(error))
    if content is None:
        return None
    media_type = MEDIA_TYPES.get(f".{ending}", "application/octet-stream")
    headers = PICTURE if ending == "svg" else QUERY_PAGE if address == site.query_page else PAGE
    return Reply(status, protocol.with_charset(media_type), content, headers)


def _read_parameters(text: str) -> dict[str, str]:
    fields = protocol.read_fields(text.encode(errors="replace"))
    twice = [name for name, number in Counter(name for name, _ in fields).items() if number > 1]
    if twice:
        raise Refusal(400, f"found {twice[0]!r} more than once; expected one value")
    return dict(fields)


def find_resource(site: Site, path: str, form: str) -> Reply:
    """Return where the page or the data of a thing or a namespace are: its body is the address.

    Args:
        site: the site.
        path: as ``describe_thing``.
        form: the format of the data, or ``html`` for the page.

    Raises:
        UnknownNameError: as ``describe_thing``.
    """
    kg = site.content.kg
    thing = _find_thing(kg, path)
    if form == "html":
        for node in (thing, ox.NamedNode(f"{thing.value}#")):
            if address := site.content.addresses.get(node):
                return text_reply(303, f"/{address}\n")
        form = "turtle"
    if not (_has_statements(kg, thing) or _terms_of(kg, thing)):
        raise _unknown(kg, thing)
    return text_reply(303, f"/data/{quote(path)}{formats.FORMATS[form].endings[0]}\n")


def show_error(site: Site, path: str, reply: Reply) -> Reply:
    """Return an error as a page, with links to the things that an unknown path may mean."""
    content, heading, likely = site.content, "This cannot be shown", []
    if reply.status == 404:  # noqa: PLR2004
        heading = "There is no such page"
        with suppress(UnknownNameError):
            thing = _find_thing(content.kg, path)
            likely = content.kg.names.find_likely(thing, content.kg.project)
    links = [content.link(ox.NamedNode(iri)) for iri in likely]
    message = reply.body.decode().removeprefix("error: ").strip()
    page = site.show_error(path, heading, message, links)
    return Reply(reply.status, protocol.with_charset("text/html"), page, PAGE)


def describe_thing(kg: KnowledgeGraph, path: str, name: str) -> Reply:
    """Return the description of a thing, or of the terms of a namespace.

    Args:
        kg: the graph.
        path: what follows the beginning of the IRIs of the dataset's own things.
        name: the format.

    Raises:
        UnknownNameError: the graph has nothing about it; the message has things with like names.
    """
    thing = _find_thing(kg, path)
    if _has_statements(kg, thing):
        text = kg.export(name, thing=str(thing))
    elif terms := _terms_of(kg, thing):
        text = write.write(terms, name, kg.project)
    else:
        raise _unknown(kg, thing)
    return text_reply(200, text, formats.FORMATS[name].media_type)


def _find_thing(kg: KnowledgeGraph, path: str) -> ox.NamedNode:
    """Return the IRI with a path.

    Raises:
        UnknownNameError: there is no such IRI, or the dataset has no description.
    """
    try:
        return ox.NamedNode(_dataset(kg).space + path)
    except ValueError:
        raise UnknownNameError("nothing is named so; expected the path of an IRI") from None


def _has_statements(kg: KnowledgeGraph, thing: ox.NamedNode) -> bool:
    return any(quad.subject == thing for quad in kg.quads)


def _terms_of(kg: KnowledgeGraph, namespace: ox.NamedNode) -> list[Quad]:
    """Return all about the terms of a namespace that ends in ``#``, given without it."""
    return [
        quad
        for quad in select_layers(kg.quads, *DEFAULT_LAYERS)
        if isinstance(quad.subject, ox.NamedNode)
        and quad.subject.value.startswith(f"{namespace.value}#")
    ]


def _unknown(kg: KnowledgeGraph, thing: ox.NamedNode) -> UnknownNameError:
    hint = kg.names.suggest(thing, kg.project)
    return UnknownNameError(f"nothing has this IRI{hint}")


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
