"""Servers of our own on a loopback socket: one that answers wrongly, one that has a store."""

from __future__ import annotations

import gc
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qs, urlsplit

import pyoxigraph as ox

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator

JSON = "application/sparql-results+json"


class Seen(NamedTuple):
    """A request that the server has seen."""

    method: str
    path: str
    headers: dict[str, str]
    body: str


class Hostile:
    """The server: its URL, and the requests that it has seen."""

    def __init__(self, url: str, seen: list[Seen]) -> None:
        self.url, self.seen = url, seen


@contextmanager
def serve(
    answer: Callable[[BaseHTTPRequestHandler, int], None], tls: ssl.SSLContext | None = None
) -> Iterator[Hostile]:
    """Serve with a function that gets each request and its number, from 1; by HTTPS with TLS."""
    seen: list[Seen] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            seen.append(Seen(self.command, self.path, dict(self.headers), body))
            try:
                answer(self, len(seen))
            except OSError:  # the client has gone
                self.close_connection = True

        do_POST = do_PUT = do_GET  # noqa: N815 (the names that http.server looks for)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    # An answer of Oxigraph that an error before has kept must be freed in its own thread: this one.
    gc.collect()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        scheme = "http" if tls is None else "https"
        yield Hostile(f"{scheme}://127.0.0.1:{server.server_address[1]}/sparql", seen)
    finally:
        server.shutdown()
        server.server_close()


def reply(
    handler: BaseHTTPRequestHandler,
    status: int,
    body: bytes = b"",
    *,
    length: int | None = None,
    **headers: str,
) -> None:
    """Send a response; if the length is wrong, close the connection behind it."""
    handler.close_connection = length is not None
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body) if length is None else length))
    handler.end_headers()
    handler.wfile.write(body)


@contextmanager
def serve_store(
    store: ox.Store, before: Callable[[int], None] = lambda _: None
) -> Iterator[Hostile]:
    """Serve the queries of a store; a function is called before each, with its number from 1."""

    def answer(handler: BaseHTTPRequestHandler, number: int) -> None:
        before(number)
        seen = served.seen[number - 1]
        text = parse_qs(seen.body or urlsplit(seen.path).query)["query"][0]
        found = store.query(text)
        if isinstance(found, ox.QueryTriples):
            body, media_type = found.serialize(format=ox.RdfFormat.N_TRIPLES), "text/plain"
        else:
            body, media_type = found.serialize(format=ox.QueryResultsFormat.JSON), JSON
        reply(handler, 200, body or b"", Content_Type=media_type)

    with serve(answer) as served:
        yield served
