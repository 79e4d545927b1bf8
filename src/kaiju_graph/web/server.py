"""The server: its addresses, what all its responses have, and its life.

Requests are answered by the processes of ``workers``; this process only reads and writes HTTP, so
it has no graph and runs no query.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
from functools import partial
from hashlib import sha256
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from kaiju_graph.errors import KaijuError, UnreachableError
from kaiju_graph.rdf import formats
from kaiju_graph.web import negotiation, pool, protocol
from kaiju_graph.web.connection import Connection, Response
from kaiju_graph.web.protocol import Refusal
from kaiju_graph.web.workers import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kaiju_graph.web.connection import Request
    from kaiju_graph.web.response_cache import Key

    Say = Callable[[str], None]

__all__ = ["Address", "Server", "serve"]

STOP_SECONDS = 5.0
"""How long requests may still run when the server stops."""
BACKLOG = 1000
"""How many connections the system holds that are not accepted yet."""
OK, SEE_OTHER, NOT_MODIFIED, BUG = 200, 303, 304, 500
ENDPOINT = ("/sparql", "/sparql/")
"""The paths of the endpoint."""
COMMON = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": f"ETag, {protocol.HINT}, Retry-After",
}
"""Headers that every response has: scripts of others may read it; as a page, it runs nothing."""
NO_CACHE = "no-cache"
"""How a response may be kept that is the same for every client, until the graph changes."""
OPTIONS = "OPTIONS"
PREFLIGHT = Response(
    204,
    {
        "Allow": ", ".join([*protocol.METHODS, OPTIONS]),
        "Access-Control-Allow-Methods": ", ".join(protocol.METHODS),
        "Access-Control-Allow-Headers": "*",
        "Access-Control-Max-Age": "86400",
    },
)
"""The response to OPTIONS, by which a browser asks before a script of another site (Fetch)."""


class Address(NamedTuple):
    """Where to listen, and the address that clients use: ``http://host:port`` or another one."""

    host: str
    port: int
    base: str | None = None


class Server:
    """Reads requests, and lets the workers of a pool answer them."""

    def __init__(self, workers: pool.Pool, say: Say, prefix: str = "") -> None:
        """Set what all requests need.

        Args:
            workers: answer the requests.
            say: writes a line to the log.
            prefix: what the paths of clients have before those of this server.
        """
        self._pool, self._say, self._prefix = workers, say, prefix

    async def answer(self, request: Request) -> Response:
        """Return the response to a request; one that was given before, if it is the same."""
        cache, key = self._pool.graph.responses, _key(request)
        if key and (found := cache.find(key)):
            return found
        try:
            response = await self._find(request)
        except Exception as error:  # noqa: BLE001 (a bug is one line, too)
            reply = protocol.explain(error)
            if reply.status == BUG:
                self._say(f"a bug: {type(error).__name__}: {error}")
            response = Response.of(reply)
        response = response._replace(headers={**COMMON, **response.headers})
        is_lasting = response.headers.get("Cache-Control") == NO_CACHE and not response.rest
        if key and is_lasting and response.status in (OK, SEE_OTHER):
            cache.add(key, response)
        return response

    async def _find(self, request: Request) -> Response:
        """Answer a request by its method and its path.

        Raises:
            Refusal: the request is not answered.
        """
        hosts = request.header(b"host")
        if (not hosts and request.version != "1.0") or "," in hosts:  # RFC 9112, section 3.2
            raise Refusal(400, f"found {'several' if hosts else 'no'} Host headers; expected one")
        if request.method == OPTIONS:
            return PREFLIGHT
        methods = protocol.METHODS if request.path in ENDPOINT else protocol.METHODS[:2]
        if request.method not in methods:
            refusal = Refusal(405, "found another method; expected one of those after Allow")
            return Response.of(protocol.explain(refusal), Allow=", ".join([*methods, OPTIONS]))
        path, accept = request.path.removeprefix("/"), request.header(b"accept")
        if path == request.path:
            raise Refusal(404, "nothing is named so; expected the path of an IRI")
        if request.path in ENDPOINT:
            return await self._query(request, accept)
        if path == ".well-known/void":
            return await self._ask(request, kind="void", accept=accept)
        if path.startswith("data/"):
            thing, dot, ending = path.removeprefix("data/").rpartition(".")
            form = formats.ENDINGS.get(f".{ending}")
            if not (dot and form):
                known = ", ".join(form.endings[0] for form in formats.FORMATS.values())
                raise Refusal(404, f"found no ending of a format; expected one of {known}")
            return await self._ask(request, kind="data", path=thing, form=form)
        form = negotiation.choose(accept, negotiation.RESOURCES) or "turtle"
        given = request.query.decode("ascii")
        return await self._ask(request, kind="resource", path=path, form=form, parameters=given)

    async def _query(self, request: Request, accept: str) -> Response:
        if request.header(b"content-encoding").lower() not in ("", "identity"):
            raise Refusal(415, "found a compressed body; expected one that is not")
        content_type, body = request.header(b"content-type"), request.body.decode("latin-1")
        parts = [request.method, request.query.decode("ascii"), content_type, body]
        return await self._ask(request, kind="sparql", request=parts, accept=accept)

    async def _ask(self, request: Request, /, **question: Any) -> Response:
        """Return the reply to a question, or that the client has it already (RFC 9110, 13.1.2)."""
        question["zipped"] = negotiation.takes_gzip(request.header(b"accept-encoding"))
        text, headers = json.dumps(question), {"Vary": "Accept, Accept-Encoding"}
        graph = self._pool.graph
        if request.method != "POST":
            headers["ETag"] = f'W/"{sha256(f"{graph.key} {text}".encode()).hexdigest()[:32]}"'
            if _has(request.header(b"if-none-match"), headers["ETag"]):
                return Response(NOT_MODIFIED, headers)
        reply, rest = await self._pool.ask(text.encode())
        response = Response.of(reply, **{"Cache-Control": NO_CACHE, **headers})
        if reply.status != OK or "no-store" in response.headers["Cache-Control"]:
            response.headers.pop("ETag", None)
        if reply.status == SEE_OTHER:
            response.headers["Location"] = self._prefix + reply.body.decode().strip()
        return response._replace(rest=rest)


def _has(listed: str, tag: str) -> bool:
    """Tell whether If-None-Match lists an entity tag (RFC 9110, section 13.1.2)."""
    return tag in map(str.strip, listed.split(","))


def _key(request: Request) -> Key | None:
    """Return what a request has in common with others that have the same response, if any."""
    headers = request.headers
    if request.method not in ("GET", "HEAD") or request.body or b"if-none-match" in headers:
        return None
    if b"," in headers.get(b"host", b","):
        return None
    accept, coding = headers.get(b"accept", b""), headers.get(b"accept-encoding", b"")
    return request.target, accept, coding


def serve(  # noqa: PLR0913 (each is something that only the command knows)
    root: str,
    address: Address,
    say: Say,
    changes: Callable[[Event], Iterator[None]],
    *,
    ready: Callable[[str], object],
    trusting: bool,
    seconds: float,
    mebibytes: float,
) -> None:
    """Serve a project until the process gets SIGTERM or SIGINT.

    Args:
        root: the folder of the project.
        address: where to listen.
        say: writes a line to the log.
        changes: yields at once, and after each change of the project's files, until the event.
        ready: receives the address of the server when it listens and the graph has loaded.
        trusting: whether files with the same size, time and inode as before count as unchanged.
        seconds: how long a request may take; 0 is no limit.
        mebibytes: how much memory the graph may take, and all requests together besides; 0 is no
            limit.

    Raises:
        UnreachableError: the port is in use, or there is no such host.
        KaijuError: the project does not load.
    """
    try:
        family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
        listener = socket.create_server((address.host, address.port), family=family)
    except OSError as error:
        place = f"{address.host} port {address.port}"
        number = error.errno or 0  # that of an unknown host is negative
        reason = os.strerror(number) if number > 0 else error.strerror
        raise UnreachableError(f"{place}: cannot listen there: {reason}") from None
    with listener:
        host = f"[{address.host}]" if ":" in address.host else address.host
        base = address.base or f"http://{host}:{listener.getsockname()[1]}"
        share = mebibytes / (pool.QUICK + pool.SLOW)
        settings = Settings(root, trusting, base, address.base or "", seconds, mebibytes, share)
        asyncio.run(_serve(listener, settings, say, changes, partial(ready, base)))


async def _serve(
    listener: socket.socket,
    settings: Settings,
    say: Say,
    changes: Callable[[Event], Iterator[None]],
    ready: Callable[[], object],
) -> None:
    renew, watching, stop = asyncio.Event(), asyncio.Event(), Event()
    loop = asyncio.get_running_loop()

    def watch() -> None:
        try:
            found = changes(stop)
            next(found, None)
            loop.call_soon_threadsafe(watching.set)  # no change from now on is missed
            for _ in found:
                loop.call_soon_threadsafe(renew.set)
        finally:
            loop.call_soon_threadsafe(watching.set)

    watcher = Thread(target=watch)
    watcher.start()
    try:
        await watching.wait()
        graph = await pool.open_graph(settings)
        workers = pool.Pool(graph, settings.seconds, renew)
        renewing = asyncio.ensure_future(_renew(workers, settings, renew, say))
        try:
            ready()
            await _listen(listener, Server(workers, say, urlsplit(settings.address).path), say)
        finally:
            renewing.cancel()
            workers.close()
    finally:
        stop.set()
        await asyncio.to_thread(watcher.join)


async def _listen(listener: socket.socket, server: Server, say: Say) -> None:
    """Answer requests until a signal; those that run then may end in time."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    loop.set_exception_handler(lambda _, context: say(_describe(context)))
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    connections: set[Connection] = set()
    listening = await loop.create_server(
        lambda: Connection(server.answer, connections, say), sock=listener, backlog=BACKLOG
    )
    await stop.wait()
    listening.close()
    running = [task for connection in [*connections] if (task := connection.finish())]
    if running:
        await asyncio.wait(running, timeout=STOP_SECONDS)
    for connection in [*connections]:
        connection.abort()


def _describe(context: dict[str, Any]) -> str:
    """Return what the event loop says of an error, in one line."""
    error = context.get("exception")
    return f"{context['message']}: {error!r}" if error else str(context["message"])


async def _renew(workers: pool.Pool, settings: Settings, renew: asyncio.Event, say: Say) -> None:
    """Load the graph again whenever its sources have changed or its process has ended."""
    while True:
        await renew.wait()
        renew.clear()
        try:
            workers.replace(await pool.open_graph(settings))
        except KaijuError as error:
            say(f"error: {error}; the answers are those of the graph before")
        else:
            say("the graph is loaded again")
