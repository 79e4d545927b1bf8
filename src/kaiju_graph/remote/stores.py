"""Write graphs into a store: by the Graph Store HTTP Protocol, or else by SPARQL 1.1 Update."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol
from urllib.parse import quote, urljoin, urlsplit

import pyoxigraph as ox

from kaiju_graph.errors import UsageError
from kaiju_graph.rdf import terms
from kaiju_graph.remote.protocol import RefusalError, check_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kaiju_graph.rdf.terms import Triple
    from kaiju_graph.remote.protocol import Endpoint

__all__ = ["Contents", "GraphStore", "find_store"]

N_TRIPLES, N_QUADS = "application/n-triples", "application/n-quads"
BATCH = 50_000
"""How many quads are sent in one request."""
UPDATE_BATCH = 1000
"""How many triples are sent in one update, which the server parses as a whole."""
SHARED = {"oxigraph": "store", "virtuoso": "/sparql-graph-crud-auth"}
"""Name of a server → the URL of its graph store, relative to that of its queries."""
NO_BULK = ("virtuoso",)
"""The servers that take one graph in each request."""


class Contents(NamedTuple):
    """A graph to load: its name, or None for the default graph, and its triples."""

    name: ox.NamedNode | None
    triples: Sequence[Triple]


class GraphStore(Protocol):
    """A store that takes graphs."""

    def replace(self, graph: Contents) -> None:
        """Put a graph in the place of the one with its name."""

    def add(self, graphs: Iterable[Contents]) -> Iterator[Contents]:
        """Add graphs that the store does not have yet, and yield each when it is there."""

    def remove(self, name: ox.NamedNode) -> None:
        """Remove a graph."""


def find_store(endpoint: Endpoint, store: str | None, update: str | None) -> GraphStore:
    """Return the store behind an endpoint, which has answered a query before.

    Args:
        endpoint: the endpoint.
        store: the URL of its graph store, if the user has named it.
        update: the URL that takes updates, if the user has named it.

    Raises:
        UsageError: the URLs are of another server, or both are given.
    """
    if store and update:
        raise UsageError("found --graph-store and --update; expected one of them")
    server = endpoint.server.lower()
    if not store and not update:
        path = next((path for name, path in SHARED.items() if server.startswith(name)), None)
        store = urljoin(endpoint.url, path) if path else None
    url = check_url(store or update or endpoint.url)
    if urlsplit(url)[:2] != urlsplit(endpoint.url)[:2]:
        raise UsageError(f"found {url}; expected a URL at the server of {endpoint.url}")
    if store:
        return _HttpStore(endpoint, url, bulk=not server.startswith(NO_BULK))
    return _UpdateStore(endpoint, url)


class _HttpStore:
    """A store that speaks the Graph Store HTTP Protocol."""

    def __init__(self, endpoint: Endpoint, url: str, *, bulk: bool) -> None:
        self._endpoint, self._url, self._bulk = endpoint, url, bulk

    def replace(self, graph: Contents) -> None:
        content = terms.serialize(graph.triples, ox.RdfFormat.N_TRIPLES)
        self._send("PUT", self._address(graph.name), N_TRIPLES, content)

    def add(self, graphs: Iterable[Contents]) -> Iterator[Contents]:
        for batch in _batches(graphs):
            if self._bulk and len(batch) > 1:
                quads = [
                    terms.Quad(*triple, name)
                    for name, triples in batch
                    for triple in triples
                    if name is not None
                ]
                content = terms.serialize(quads, ox.RdfFormat.N_QUADS)
                try:
                    self._send("POST", self._url, N_QUADS, content)
                except RefusalError as refusal:
                    # A store need not take several graphs at once.
                    if refusal.status not in (404, 405, 415, 501):
                        raise
                    self._bulk = False
                else:
                    yield from batch
                    continue
            for graph in batch:
                self.replace(graph)
                yield graph

    def remove(self, name: ox.NamedNode) -> None:
        self._send("DELETE", self._address(name))

    def _address(self, name: ox.NamedNode | None) -> str:
        mark = "&" if "?" in self._url else "?"
        graph = "default" if name is None else f"graph={quote(name.value, safe='')}"
        return f"{self._url}{mark}{graph}"

    def _send(self, method: str, url: str, media_type: str = "", content: bytes = b"") -> None:
        headers = {"Content-Type": media_type} if media_type else {}
        self._endpoint.request(method, url, headers, content)


class _UpdateStore:
    """A store that speaks SPARQL 1.1 Update."""

    def __init__(self, endpoint: Endpoint, url: str) -> None:
        self._endpoint, self._url = endpoint, url

    def replace(self, graph: Contents) -> None:
        target = "DEFAULT" if graph.name is None else f"GRAPH {graph.name}"
        self._endpoint.update(f"CLEAR SILENT {target}", self._url)
        self._insert(graph)

    def add(self, graphs: Iterable[Contents]) -> Iterator[Contents]:
        for graph in graphs:
            self._insert(graph)
            yield graph

    def remove(self, name: ox.NamedNode) -> None:
        self._endpoint.update(f"DROP SILENT GRAPH {name}", self._url)

    def _insert(self, graph: Contents) -> None:
        for part in _parts(graph.triples):
            lines = terms.serialize(part, ox.RdfFormat.N_TRIPLES).decode()
            data = lines if graph.name is None else f"GRAPH {graph.name} {{ {lines} }}"
            self._endpoint.update(f"INSERT DATA {{ {data} }}", self._url)


def _batches(graphs: Iterable[Contents]) -> Iterator[list[Contents]]:
    """Yield graphs in groups that have about ``BATCH`` triples together."""
    batch: list[Contents] = []
    size = 0
    for graph in graphs:
        batch.append(graph)
        size += len(graph.triples)
        if size >= BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _parts(triples: Sequence[Triple]) -> Iterator[Sequence[Triple]]:
    """Yield triples in parts; all that have blank nodes are in the first, for labels end there."""
    blank = [triple for triple in triples if any(isinstance(t, ox.BlankNode) for t in triple)]
    if blank:
        yield blank
    rest = [triple for triple in triples if not any(isinstance(t, ox.BlankNode) for t in triple)]
    for start in range(0, len(rest), UPDATE_BATCH):
        yield rest[start : start + UPDATE_BATCH]
