"""The server: its addresses, what it does around each request, and its life.

Requests are answered by the processes of ``workers``; this process only reads and writes HTTP, so
it has no graph and runs no query.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import socket
import time
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from kaiju_graph.errors import KaijuError, UnreachableError
from kaiju_graph.rdf import formats
from kaiju_graph.web import kept, negotiation, pool, protocol
from kaiju_graph.web.protocol import Refusal, Reply
from kaiju_graph.web.workers import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    Say = Callable[[str], None]

__all__ = ["Address", "Server", "serve"]

MAX_BODY = 2**20
"""How many bytes a request may have: a query of the greatest length, percent-encoded."""
MAX_HEAD = 2**16
"""How many bytes the first line and the headers of a request may have."""
MAX_CONNECTIONS = 1000
"""How many connections there may be; beyond that, each is refused."""
HEAD_SECONDS = 5.0
"""How often connections are looked at: one that waits for a request that long is closed."""
BODY_SECONDS = 5.0
"""How long the body of a request may take to arrive."""
STOP_SECONDS = 5
"""How long requests may still run when the server stops."""
RETRY_SECONDS = "2"
"""When a client should try again after an overload."""
OK, SEE_OTHER, BUG, OVERLOAD = 200, 303, 500, 503
MAX_PATH = 200
"""How many characters of a path are logged."""
COMMON = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; sandbox"),
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", f"ETag, {protocol.HINT}, Retry-After".encode()),
)
"""Headers that every response has: scripts of others may read it; as a page, it runs nothing."""
NO_CACHE = (b"cache-control", b"no-cache")
"""The header of a response that is the same for every client, until the graph changes."""
PREFLIGHT = Response(
    status_code=204,
    headers={
        "Allow": ", ".join([*protocol.METHODS, "OPTIONS"]),
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
    """The application: reads requests, and lets the workers of a pool answer them."""

    def __init__(self, workers: pool.Pool, say: Say, prefix: str = "") -> None:
        """Set what the application needs.

        Args:
            workers: answer the requests.
            say: writes a line to the log.
            prefix: what the paths of clients have before those of this server.
        """
        self._pool, self._prefix = workers, prefix
        methods = list(protocol.METHODS)
        routes = [
            Route("/sparql", self._sparql, methods=methods),
            Route("/sparql/", self._sparql, methods=methods),
            Route("/.well-known/void", self._void),
            Route("/data/{path:path}", self._data),
            Route("/{path:path}", self._resource),
        ]
        app = Starlette(
            routes=routes,
            middleware=[Middleware(_Errors, say=say)],
            exception_handlers={HTTPException: _refuse},
        )
        self.app = _Front(app, workers, say)

    async def _sparql(self, request: Request) -> Response:
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await _read(request)
        except TimeoutError:
            raise Refusal(408, f"found no whole request after {BODY_SECONDS:g} s") from None
        if request.headers.get("content-encoding", "identity").lower() != "identity":
            raise Refusal(415, "found a compressed body; expected one that is not")
        content_type = request.headers.get("content-type", "")
        address = request.scope["query_string"]
        operation = protocol.parse(request.method, address, content_type, body)
        accept = _accept(request)
        if operation is None:
            return await self._answer(request, kind="service", accept=accept)
        return await self._answer(request, kind="query", operation=operation, accept=accept)

    async def _void(self, request: Request) -> Response:
        return await self._answer(request, kind="void", accept=_accept(request))

    async def _data(self, request: Request) -> Response:
        path, dot, ending = request.path_params["path"].rpartition(".")
        form = formats.ENDINGS.get(f".{ending}")
        if not (dot and form):
            known = ", ".join(form.endings[0] for form in formats.FORMATS.values())
            raise Refusal(404, f"found no ending of a format; expected one of {known}")
        return await self._answer(request, kind="data", path=path, form=form)

    async def _resource(self, request: Request) -> Response:
        return await self._answer(
            request,
            kind="resource",
            path=request.path_params["path"],
            form=negotiation.choose(_accept(request), negotiation.RESOURCES) or "turtle",
            parameters=request.url.query,
        )

    async def _answer(self, request: Request, **question: Any) -> Response:
        """Return the reply to a question, or that the client has it already (RFC 9110, 13.1.2)."""
        question["zipped"] = negotiation.takes_gzip(request.headers.get("accept-encoding", ""))
        text, headers = json.dumps(question), {"Vary": "Accept, Accept-Encoding"}
        if request.method != "POST":
            content = f"{self._pool.graph.key} {text}"
            headers["ETag"] = f'W/"{sha256(content.encode()).hexdigest()[:32]}"'
            if _has(request.headers.get("if-none-match", ""), headers["ETag"]):
                return Response(status_code=304, headers=headers)
        reply, rest = await self._pool.ask(text, partial(_leave, request))
        headers = {"Cache-Control": "no-cache", **headers, **reply.headers}
        if reply.status != OK or "no-store" in headers["Cache-Control"]:
            headers.pop("ETag", None)
        if reply.status == SEE_OTHER:
            headers["Location"] = self._prefix + reply.body.decode().strip()
        if reply.status == OVERLOAD:
            headers["Retry-After"] = RETRY_SECONDS
        if rest:
            return _Long(rest, reply, headers)
        return Response(reply.body, reply.status, headers, reply.media_type)


class _Long(Response):
    """A response whose body comes part by part."""

    def __init__(self, rest: pool.Rest, reply: Reply, headers: Mapping[str, str]) -> None:
        length = {"Content-Length": str(rest.left)}
        super().__init__(None, reply.status, {**headers, **length}, reply.media_type)
        self._rest = rest

    async def __call__(self, _: Scope, __: Receive, send: Send) -> None:
        """Send the body as fast as the client takes it."""
        try:
            async with asyncio.timeout_at(self._rest.until):
                start = {"status": self.status_code, "headers": self.raw_headers}
                await send({"type": "http.response.start", **start})
                async for part in self._rest.parts():
                    await send({"type": "http.response.body", "body": part, "more_body": True})
                await send({"type": "http.response.body", "body": b""})
        except (EOFError, OSError):  # and TimeoutError
            raise ClientDisconnect from None
        finally:
            self._rest.close()


def _accept(request: Request) -> str:
    return ",".join(request.headers.getlist("accept"))


def _has(listed: str, tag: str) -> bool:
    """Tell whether If-None-Match lists an entity tag (RFC 9110, section 13.1.2)."""
    return tag in map(str.strip, listed.split(","))


async def _read(request: Request) -> bytes:
    """Return the body of a request.

    Raises:
        Refusal: it is too long.
    """
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY:
            raise Refusal(413, f"found a body of more than {MAX_BODY:,} bytes; expected no more")
    return bytes(body)


async def _leave(request: Request) -> None:
    """Raise an error when the client has closed its connection."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
    raise ClientDisconnect


def _refuse(_: Request, error: Exception) -> Response:
    """Return what the framework refuses, in the words of this server."""
    if not isinstance(error, HTTPException):
        raise error
    expected = {
        404: "nothing is named so; expected the path of an IRI",
        405: "found another method; expected one of those after Allow",
    }
    text = expected.get(error.status_code, error.detail)
    return _plain(protocol.text_reply(error.status_code, f"error: {text}\n"), error.headers)


def _plain(reply: Reply, headers: Mapping[str, str] | None = None) -> Response:
    return Response(reply.body, reply.status, headers, reply.media_type)


def _check_host(scope: Scope) -> None:
    """Refuse a request with no Host header, or several (RFC 9112, section 3.2)."""
    number = sum(name == b"host" for name, _ in scope["headers"])
    if number > 1 or (not number and scope["http_version"] != "1.0"):
        raise Refusal(400, f"found {number or 'no'} Host headers; expected one")


class _Errors:
    """Answers an error in one line; a bug is one line of the log, too."""

    def __init__(self, app: ASGIApp, say: Say) -> None:
        self._app, self._say = app, say

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        is_started = False

        async def watch(message: Message) -> None:
            nonlocal is_started
            is_started = True
            await send(message)

        try:
            _check_host(scope)
            await self._app(scope, receive, watch)
        except ClientDisconnect:
            pass
        except Exception as error:  # noqa: BLE001 (as above)
            reply = protocol.explain(error)
            if reply.status == BUG:
                self._say(f"a bug: {type(error).__name__}: {error}")
            if not is_started:
                await _plain(reply)(scope, receive, send)


class _Front:
    """Answers what was answered before; adds the common headers; writes a line for each request.

    The line has the client, the time, the method, the path without parameters, the status code, the
    bytes of the body and the milliseconds until its end.
    """

    def __init__(self, app: ASGIApp, workers: pool.Pool, say: Say) -> None:
        self._app, self._pool, self._say = app, workers, say

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, and log it at its end."""
        began, status, size = time.monotonic(), 0, 0
        headers: kept.Headers = []
        known, key = self._pool.graph.kept, _key(scope)

        async def watch(message: Message) -> None:
            nonlocal status, size, headers
            if message["type"] == "http.response.start":
                status, headers = message["status"], message["headers"]
                names = {name for name, _ in headers}
                headers += [pair for pair in COMMON if pair[0] not in names]
            else:
                body = message["body"]
                is_whole = not (size or message.get("more_body"))
                if key and is_whole and status in (OK, SEE_OTHER) and NO_CACHE in headers:
                    known.keep(key, kept.Response(status, headers, body))
                size += len(body)
            await send(message)

        try:
            if found := key and known.find(key):
                status, size = found.status, len(found.body)
                start = {"status": status, "headers": found.headers}
                await send({"type": "http.response.start", **start})
                await send({"type": "http.response.body", "body": found.body})
            elif scope["method"] == "OPTIONS":
                await PREFLIGHT(scope, receive, watch)
            else:
                await self._app(scope, receive, watch)
        finally:
            client = (scope.get("client") or ("-",))[0]
            spent = round(1000 * (time.monotonic() - began))
            now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            line = f"{client} {now} {scope['method']} {scope['path'][:MAX_PATH]}"
            self._say(f"{line} {status or '-'} {size} {spent} ms")


def _key(scope: Scope) -> kept.Key | None:
    """Return what a request has in common with others that have the same response, if any.

    The names of headers are in lower case (ASGI).
    """
    accepted, hosts, is_plain = [], 0, scope["method"] in ("GET", "HEAD")
    for name, value in scope["headers"]:
        if name in (b"accept", b"accept-encoding"):
            accepted += [name, value]
        hosts += name == b"host"
        is_plain = is_plain and name not in (b"if-none-match", b"content-length")
    return (
        (scope["raw_path"], scope["query_string"], *accepted) if is_plain and hosts == 1 else None
    )


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
            log = logging.getLogger("uvicorn.error")
            log.addHandler(_Log(say))
            log.propagate = False
            await _Listener(_config(workers, settings, say)).serve(sockets=[listener])
        finally:
            renewing.cancel()
            workers.close()
    finally:
        stop.set()
        await asyncio.to_thread(watcher.join)


def _config(workers: pool.Pool, settings: Settings, say: Say) -> uvicorn.Config:
    prefix = urlsplit(settings.address).path
    return uvicorn.Config(
        Server(workers, say, prefix).app,
        http=_Connection,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=MAX_CONNECTIONS,
        h11_max_incomplete_event_size=MAX_HEAD,
        timeout_graceful_shutdown=STOP_SECONDS,
    )


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


class _Connection(HttpToolsProtocol):
    """A connection with bounds: the bytes before a body, and the time without a request."""

    _head = 0
    """How many bytes have come since the last head of a request, or part of a body."""

    def data_received(self, data: bytes) -> None:
        """Refuse a head that is too long."""
        self._head += len(data)
        if self._head > MAX_HEAD + len(data):
            self._refuse("found a head that is too long; expected a shorter one")
        else:
            super().data_received(data)

    def send_400_response(self, _: str) -> None:
        """Refuse what is not HTTP, in the words of this server."""
        self._refuse("found no valid request; expected one of HTTP/1.1")

    def _refuse(self, reason: str) -> None:
        self.logger.error("%s 400 %s", (self.client or ("-",))[0], reason)
        super().send_400_response(f"error: {reason}\n")

    def on_headers_complete(self) -> None:
        """Count anew."""
        self._head = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Count anew."""
        self._head = 0
        super().on_body(body)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Send each part at once, and look at the connection from time to time."""
        super().connection_made(transport)
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.loop.call_later(HEAD_SECONDS, self._look, None)

    def _look(self, before: object) -> None:
        """Close the connection if it has waited for a request since the look before.

        It ends at once if the client has not even taken the last response by then.
        """
        is_waiting = self.cycle is None or self.cycle.response_complete
        if self.transport.is_closing():
            self.transport.abort()
            return
        if is_waiting and before is self.cycle:
            self.transport.close()
        self.loop.call_later(HEAD_SECONDS, self._look, self.cycle)


class _Log(logging.Handler):
    """Writes the errors of uvicorn as lines of the log."""

    def __init__(self, say: Say) -> None:
        super().__init__(logging.ERROR)
        self._say = say

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        self._say(record.getMessage().strip() + (f": {error!r}" if error else ""))


class _Listener(uvicorn.Server):
    """Stops at a signal, as its own end; uvicorn would let the signal end the process."""

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        loop = asyncio.get_running_loop()
        signals = (signal.SIGINT, signal.SIGTERM)
        for number in signals:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in signals:
                loop.remove_signal_handler(number)
