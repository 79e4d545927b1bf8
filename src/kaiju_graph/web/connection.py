"""HTTP/1.1 (RFC 9112): the requests of a connection, and their responses in the same order.

httptools reads the requests. A connection has bounds: on the bytes of a request, and on the time
that a whole one may take to arrive. Each request is answered in a task, which is cancelled when the
client leaves. There is no framework, as it would take more time than the engine for a small query.
"""

from __future__ import annotations

import asyncio
import re
import socket
import time
from collections import deque
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple, Protocol
from urllib.parse import unquote

import httptools

from kaiju_graph.web import protocol
from kaiju_graph.web.protocol import Refusal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from kaiju_graph.web.protocol import Reply

    Say = Callable[[str], None]

__all__ = ["MAX_BODY", "MAX_HEAD", "WAIT_SECONDS", "Connection", "Request", "Response", "Rest"]

MAX_BODY = 2**20
"""How many bytes the body of a request may have: a query of the greatest length, as a form."""
MAX_HEAD = 2**16
"""How many bytes the first line and the headers of a request may have."""
MAX_CONNECTIONS = 1000
"""How many connections there may be; beyond that, each request is refused."""
MAX_PATH = 200
"""How many characters of a path are logged."""
WAIT_SECONDS = 5.0
"""How long a connection waits for a whole request; it is closed before twice that time is over."""
RETRY_SECONDS = "2"
"""When a client should try again after an overload."""
BODILESS = (204, 304)
"""The status codes of responses without a body (RFC 9110, section 6.4.1)."""
NO_VALUE = re.compile("[\x00-\x08\x0a-\x1f\x7f]")
"""What no value of a header has (RFC 9110, section 5.5)."""
FULL = Refusal(503, "found too many connections; try again in a few seconds")
LATE = Refusal(408, f"found no whole request after {WAIT_SECONDS:g} s; expected one")
LONG_HEAD = Refusal(400, "found a head that is too long; expected a shorter one")
TOO_LONG = Refusal(413, f"found a body of more than {MAX_BODY:,} bytes; expected no more")
INVALID = Refusal(400, "found no valid request; expected one of HTTP/1.1")


class Request(NamedTuple):
    """A request with its whole body."""

    version: str
    """That of HTTP, such as ``1.1``."""
    method: str
    target: bytes
    """The path and the query as they were sent."""
    path: str
    query: bytes
    headers: Mapping[bytes, bytes]
    """Name in lower case → its values, with commas between them."""
    body: bytes

    def header(self, name: bytes) -> str:
        """Return the values of a header; empty if there is none."""
        return self.headers.get(name, b"").decode("latin-1")


class Rest(Protocol):
    """A body that comes part by part."""

    length: int | None
    """The number of its bytes; None if it is not known before the end."""
    until: float | None
    """The time of the event loop when the client must have all; None is no limit."""

    def parts(self) -> AsyncIterator[bytes]:
        """Yield the body; raise ``EOFError`` or ``OSError`` if it has no end."""

    def close(self) -> None:
        """Free what gives the body."""


class Response(NamedTuple):
    """A response; the connection adds the headers of HTTP itself."""

    status: int
    headers: dict[str, str]
    body: bytes = b""
    rest: Rest | None = None
    """The body, instead of ``body``, if it is long."""

    @classmethod
    def of(cls, reply: Reply, **headers: str) -> Response:
        """Return a reply as a response."""
        own = {"Content-Type": reply.media_type, **headers, **reply.headers}
        return cls(reply.status, own, reply.body)


class Connection(asyncio.Protocol):
    """A connection with a client."""

    def __init__(
        self,
        answer: Callable[[Request], Awaitable[Response]],
        connections: set[Connection],
        say: Say,
    ) -> None:
        """Set what all connections share.

        Args:
            answer: returns the response to a request; raises no error.
            connections: those that are open.
            say: writes a line to the log.
        """
        self._answer, self._connections, self._say = answer, connections, say
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpRequestParser(self)
        self._queue: deque[Request | Refusal] = deque()
        """What is answered next."""
        self._task: asyncio.Task[None] | None = None
        """Answers a request."""
        self._can_write = asyncio.Event()
        self._can_write.set()
        self._is_last = False
        """Whether no further request is read."""
        self._has_head = False
        """Whether the body of a request is awaited."""
        self._head_size = 0
        """How many bytes have come since the last head of a request, or part of a body."""

    # What the event loop calls

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        self._transport = transport
        self._client = (transport.get_extra_info("peername") or ("-",))[0]
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connections.add(self)
        self._since = self._loop.time()
        self._timer = self._loop.call_later(WAIT_SECONDS, self._look)

    def data_received(self, data: bytes) -> None:
        """Read requests; what comes after the last one is thrown away."""
        if self._is_last:
            return
        self._head_size += len(data)
        if self._head_size > MAX_HEAD + len(data):
            self._refuse(LONG_HEAD)
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            pass  # no other protocol is known, and the request is answered in this one
        except httptools.HttpParserError:
            self._refuse(INVALID)

    def pause_writing(self) -> None:
        """Wait until the client has taken what was sent."""
        self._can_write.clear()

    def resume_writing(self) -> None:
        """Send more."""
        self._can_write.set()

    def connection_lost(self, _: Exception | None) -> None:
        """Stop answering."""
        self._connections.discard(self)
        self._timer.cancel()
        self._is_last = True
        self._queue.clear()
        if self._task:
            self._task.cancel()

    # What the parser calls

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._target = b""
        self._headers: dict[bytes, bytes] = {}
        self._body = bytearray()

    def on_url(self, target: bytes) -> None:
        """Read the target, or a part of it."""
        self._target += target

    def on_header(self, name: bytes, value: bytes) -> None:
        """Read a header."""
        name = name.lower()
        known = self._headers.get(name)
        self._headers[name] = value if known is None else known + b"," + value

    def on_headers_complete(self) -> None:
        """Begin to wait for the body."""
        self._head_size, self._has_head, self._since = 0, True, self._loop.time()
        self._url = httptools.parse_url(self._target)
        if int(self._headers.get(b"content-length", 0)) > MAX_BODY:
            self._refuse(TOO_LONG)
        elif self._headers.get(b"expect", b"").lower() == b"100-continue" and not self._task:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, part: bytes) -> None:
        """Read a part of the body."""
        self._head_size = 0
        self._body += part
        if len(self._body) > MAX_BODY:
            self._refuse(TOO_LONG)

    def on_message_complete(self) -> None:
        """Answer the request, when those before have been answered."""
        if self._is_last:
            return
        parser, url = self._parser, self._url
        version = parser.get_http_version()
        keeps = parser.should_keep_alive() and not parser.should_upgrade()
        self._has_head, self._is_last = False, not keeps or version == "1.0"
        request = Request(
            version,
            parser.get_method().decode("ascii"),
            self._target,
            unquote(url.path.decode("ascii")),
            url.query or b"",
            self._headers,
            bytes(self._body),
        )
        self._put(request)

    # Responses

    def finish(self) -> asyncio.Task[None] | None:
        """Close the connection when the requests that have come are answered, by this task."""
        self._is_last = True
        if not self._task:
            self._transport.close()
        return self._task

    def abort(self) -> None:
        """Close the connection at once."""
        self._transport.abort()

    def _look(self) -> None:
        """Close the connection, or refuse its request, if it has waited for too long."""
        now = self._loop.time()
        if not self._task and now - self._since >= WAIT_SECONDS:
            if self._is_last:  # the client has not taken the response, or not closed its side
                self._transport.abort()
                return
            self._since = now
            if self._has_head:
                self._refuse(LATE)
            else:
                self.finish()
        self._timer = self._loop.call_later(WAIT_SECONDS, self._look)

    def _refuse(self, refusal: Refusal) -> None:
        """Read no more; the refusal comes after the responses to the requests before."""
        if not self._is_last:
            self._is_last = True
            self._put(refusal)

    def _put(self, request: Request | Refusal) -> None:
        self._queue.append(request)
        if self._task:
            self._transport.pause_reading()
        else:
            self._task = self._loop.create_task(self._answer_all())

    async def _answer_all(self) -> None:
        """Send the responses to the requests that have come."""
        try:
            while self._queue:
                request = self._queue.popleft()
                if isinstance(request, Refusal):
                    self._say(f"{self._client} {_now()} {request.status} {request}")
                    await self._send(None, Response.of(protocol.explain(request)))
                else:
                    await self._answer_one(request)
        except OSError:  # the client does not take a response, or its body has no end
            self._transport.abort()
        except Exception as error:  # noqa: BLE001 (a bug is one line)
            self._say(f"a bug: {type(error).__name__}: {error}")
            self._transport.abort()
        self._task, self._since = None, self._loop.time()
        if self._is_last and not self._transport.is_closing():
            self._transport.write_eof()  # closed now, what the client still sends would reset it
        self._transport.resume_reading()

    async def _answer_one(self, request: Request) -> None:
        """Answer a request, and write a line to the log.

        The line has the client, the time, the method, the path without parameters, the status code,
        the bytes of the body and the milliseconds until its end.
        """
        began, status, self._sent = self._loop.time(), 0, 0
        try:
            if len(self._connections) > MAX_CONNECTIONS:
                self._is_last, response = True, Response.of(protocol.explain(FULL))
            else:
                response = await self._answer(request)
            status = response.status
            await self._send(request, response)
        finally:
            spent = round(1000 * (self._loop.time() - began))
            line = f"{self._client} {_now()} {request.method} {request.path[:MAX_PATH]}"
            self._say(f"{line} {status or '-'} {self._sent} {spent} ms")

    async def _send(self, request: Request | None, response: Response) -> None:
        """Send a response.

        Raises:
            OSError: the client does not take it, or its body has no end.
        """
        has_body = not (request and request.method == "HEAD")
        rest = response.rest
        length = rest.length if rest else len(response.body)
        is_chunked = length is None and request is not None and request.version != "1.0"
        framing = {}
        if is_chunked:
            framing["Transfer-Encoding"] = "chunked"
        elif length is not None and response.status not in BODILESS:
            framing["Content-Length"] = str(length)
        if self._is_last and not self._queue:
            framing["Connection"] = "close"
        if response.status == HTTPStatus.SERVICE_UNAVAILABLE:
            framing["Retry-After"] = RETRY_SECONDS
        try:
            body = response.body if has_body else b""
            self._transport.write(_head(response.status, {**response.headers, **framing}) + body)
            self._sent = len(body)
            if rest and has_body:
                await self._send_parts(rest, _chunk if is_chunked else bytes)
            elif not self._can_write.is_set():
                async with asyncio.timeout(WAIT_SECONDS):
                    await self._can_write.wait()
        finally:
            if rest:
                rest.close()

    async def _send_parts(self, rest: Rest, encode: Callable[[bytes], bytes]) -> None:
        """Send a body as fast as the client takes it.

        Raises:
            OSError: the client does not take it in time, or it has no end.
        """
        try:
            async with asyncio.timeout_at(rest.until):
                async for part in rest.parts():
                    self._transport.write(encode(part))
                    self._sent += len(part)
                    await self._can_write.wait()
        except EOFError as error:
            raise ConnectionError from error
        self._transport.write(encode(b""))


def _head(status: int, headers: Mapping[str, str]) -> bytes:
    """Return the first line and the headers of a response.

    Raises:
        ValueError: a header has a character that none may have.
    """
    if NO_VALUE.search("".join(headers.values())):
        raise ValueError("found a header with a control character; expected text")
    lines = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
    return f"{_first_lines(status, int(time.time()))}{lines}\r\n".encode("latin-1")


@lru_cache(maxsize=16)
def _first_lines(status: int, second: int) -> str:
    """Return the first line of a response, and its date (RFC 9110, section 6.6.1)."""
    date = formatdate(second, usegmt=True)
    return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nDate: {date}\r\n"


def _chunk(part: bytes) -> bytes:
    """Return a part of a body as a chunk; an empty one is the end (RFC 9112, section 7.1)."""
    return b"%x\r\n%b\r\n" % (len(part), part)


def _now() -> str:
    return _time(int(time.time()))


@lru_cache(maxsize=1)
def _time(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(second))
