"""Write graphs into a store: by the Graph Store HTTP Protocol, or else by SPARQL 1.1 Update."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol
from urllib.parse import quote, urljoin, urlsplit

from kaiju_graph.errors import UsageError
from kaiju_graph.remote.lines import BLANK, END
from kaiju_graph.remote.protocol import RefusalError, check_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import TypeVar

    from kaiju_graph.remote.protocol import Endpoint

    T = TypeVar("T")

__all__ = ["DEFAULT", "Contents", "GraphStore", "batches", "find_store"]

DEFAULT = "default"
"""The name of the default graph."""
N_TRIPLES, N_QUADS = "application/n-triples", "application/n-quads"
BATCH = 50_000
"""How many quads are sent in one request."""
UPDATE_BATCH = 1000
"""How many triples are sent in one update, which the server parses as a whole."""
SHARED = {"oxigraph": "store", "virtuoso": "/sparql-graph-crud-auth"}
"""Name of a server → the URL of its graph store, relative to that of its queries."""
VIRTUOSO, VIRTUOSO_UPDATE = "virtuoso", "/sparql-auth"
"""The server whose graph store takes one graph in a request, and where it takes updates."""


class Contents(NamedTuple):
    """A graph to load: its IRI, or ``DEFAULT``, and its triples as lines without their ends."""

    name: str
    triples: Sequence[bytes]

    @property
    def has_name(self) -> bool:
        """Whether it is a named graph."""
        return self.name != DEFAULT

    def size(self) -> int:
        """Return how many triples it has."""
        return len(self.triples)

    def n_triples(self) -> bytes:
        """Return the graph as N-Triples."""
        return _end_lines(self.triples, END)

    def n_quads(self) -> bytes:
        """Return the named graph as N-Quads."""
        return _end_lines(self.triples, b" <%s>%s" % (self.name.encode(), END))


def _end_lines(lines: Sequence[bytes], end: bytes) -> bytes:
    return end.join((*lines, b""))


class GraphStore(Protocol):
    """A store that takes graphs."""

    def replace(self, graph: Contents) -> None:
        """Put a graph in the place of the one with its name."""

    def add(self, graphs: Iterable[Contents]) -> Iterator[Contents]:
        """Add graphs that the store does not have yet, and yield each when it is there."""

    def remove(self, name: str) -> None:
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
        raise UsageError(f"found {url}; expected a URL at the server of {endpoint.name}")
    if store and server.startswith(VIRTUOSO):
        return _VirtuosoStore(endpoint, url)
    if store:
        return _HttpStore(endpoint, url)
    return _UpdateStore(endpoint, url)


class _HttpStore:
    """A store that speaks the Graph Store HTTP Protocol."""

    def __init__(self, endpoint: Endpoint, url: str) -> None:
        self._endpoint, self._url, self._bulk = endpoint, url, True

    def replace(self, graph: Contents) -> None:
        self._send("PUT", self._address(graph.name), N_TRIPLES, graph.n_triples())

    def add(self, graphs: Iterable[Contents]) -> Iterator[Contents]:
        for batch in batches(graphs, Contents.size, BATCH):
            if self._bulk and len(batch) > 1:
                content = b"".join(graph.n_quads() for graph in batch)
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
                self._add(graph)
                yield graph

    def remove(self, name: str) -> None:
        self._send("DELETE", self._address(name))

    def _add(self, graph: Contents) -> None:
        # Faster than PUT, which would look for triples to remove.
        self._send("POST", self._address(graph.name), N_TRIPLES, graph.n_triples())

    def _address(self, name: str) -> str:
        mark = "&" if "?" in self._url else "?"
        graph = DEFAULT if name == DEFAULT else f"graph={quote(name, safe='')}"
        return f"{self._url}{mark}{graph}"

    def _send(self, method: str, url: str, media_type: str = "", content: bytes = b"") -> None:
        headers = {"Content-Type": media_type} if media_type else {}
        self._endpoint.request(method, url, headers, content)


class _UpdateStore:
    """A store that speaks SPARQL 1.1 Update."""

    def __init__(self, endpoint: Endpoint, url: str) -> None:
        self._endpoint, self._url = endpoint, url

    def replace(self, graph: Contents) -> None:
        target = f"GRAPH <{graph.name}>" if graph.has_name else "DEFAULT"
        self._endpoint.update(f"CLEAR SILENT {target}", self._url)
        self._insert([graph])

    def add(self, graphs: Iterable[Contents]) -> Iterator[Contents]:
        for batch in batches(graphs, Contents.size, UPDATE_BATCH):
            self._insert(batch)
            yield from batch

    def remove(self, name: str) -> None:
        self._endpoint.update(f"DROP SILENT GRAPH <{name}>", self._url)

    def _insert(self, graphs: Sequence[Contents]) -> None:
        """Add several small graphs in one update, or a large one in several."""
        if len(graphs) == 1:
            (graph,) = graphs
            for part in _parts(graph.triples):
                self._endpoint.update(_insertion([graph._replace(triples=part)]), self._url)
        else:
            self._endpoint.update(_insertion(graphs), self._url)


class _VirtuosoStore(_HttpStore):
    """The store of Virtuoso: many small graphs are added in one update, which is faster."""

    def __init__(self, endpoint: Endpoint, url: str) -> None:
        super().__init__(endpoint, url)
        self._updates = _UpdateStore(endpoint, urljoin(url, VIRTUOSO_UPDATE))

    def add(self, graphs: Iterable[Contents]) -> Iterator[Contents]:
        for batch in batches(graphs, Contents.size, UPDATE_BATCH):
            if len(batch) > 1:
                yield from self._updates.add(batch)
            else:
                self._add(*batch)
                yield from batch


def _insertion(graphs: Iterable[Contents]) -> str:
    """Return the update that adds graphs."""
    parts = []
    for graph in graphs:
        lines = graph.n_triples().decode()
        parts.append(f"GRAPH <{graph.name}> {{ {lines} }}" if graph.has_name else lines)
    return f"INSERT DATA {{ {' '.join(parts)} }}"


def batches(
    graphs: Iterable[T], size: Callable[[T], int], limit: int, most: int | None = None
) -> Iterator[list[T]]:
    """Yield graphs in groups of at most so many triples; a larger graph is alone.

    Args:
        graphs: the graphs, or their names.
        size: returns how many triples one has.
        limit: how many triples a group may have.
        most: how many graphs a group may have; None is no limit.
    """
    batch: list[T] = []
    total = 0
    for graph in graphs:
        count = size(graph)
        if batch and (total + count > limit or len(batch) == most):
            yield batch
            batch, total = [], 0
        batch.append(graph)
        total += count
    if batch:
        yield batch


def _parts(triples: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """Yield triples in parts; all that have blank nodes are in the first, for labels end there."""
    if blank := [triple for triple in triples if BLANK in triple]:
        yield blank
    rest = [triple for triple in triples if BLANK not in triple]
    for start in range(0, len(rest), UPDATE_BATCH):
        yield rest[start : start + UPDATE_BATCH]
