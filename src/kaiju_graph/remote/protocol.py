"""A client of the SPARQL 1.1 Protocol and of the Graph Store HTTP Protocol.

Only the endpoint that the user names is called: proxies of the environment are not used, and a
redirect to another origin is an error. Every failure is one line that names the endpoint.
"""

from __future__ import annotations

import re
import time
from contextlib import contextmanager
from io import RawIOBase
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlencode, urlsplit
from weakref import finalize

import httpx

from kaiju_graph import __version__
from kaiju_graph.errors import LimitError, QueryError, UnreachableError, UsageError
from kaiju_graph.remote.credentials import find_credentials

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["MAX_BYTES", "Body", "Endpoint", "RefusalError", "RemoteDataset", "check_url"]

LONGEST_GET = 2000
"""How many characters the URL of a GET request may have; a longer query is sent by POST."""
CONNECT_SECONDS = 10.0
"""How long a connection may take to open."""
BUSY = frozenset({429, 503})
"""The statuses after which a request is sent again (RFC 6585, section 4; RFC 9110, 15.6.4)."""
TRIES = 5
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 60.0
"""Seconds between two tries, if the server does not say how many; they double each time."""
REDIRECTS = 5
MOVED = frozenset({301, 302, 303, 307, 308})
MAX_BYTES = 2**28
"""How many bytes of an answer are kept; one that is written as it arrives may be longer."""
MAX_MESSAGE = 300
"""How many characters of a server's message are shown."""
STEP = 2**20
"""After how many bytes the progress is shown again."""
FORM = "application/x-www-form-urlencoded"
NODE = b'"bnode", "value": "'
VIRTUOSO_NODE = NODE + b"nodeID://"
"""How Virtuoso begins a blank node in JSON: with a label that no blank node can have."""
COMUNICA_END = b',\n"metadata": { "httpRequests": '
"""How Comunica begins a member after the solutions, which the standard does not have."""
MARKS = VIRTUOSO_NODE, COMUNICA_END
METADATA = re.compile(COMUNICA_END + rb"\d+ }(?=}\s*\Z)")


class RemoteDataset(NamedTuple):
    """The graphs that a query sees (section 2.1.4), where the engine's own choice will not do."""

    default: str
    named: tuple[str, ...]

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """The parameters of a request."""
        graphs = [("named-graph-uri", graph) for graph in self.named]
        return [("default-graph-uri", self.default), *graphs]


class RefusalError(UnreachableError):
    """An answer of the server that says no.

    Attributes:
        status: the status of HTTP.
    """

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


def check_url(url: str) -> str:
    """Return the URL of an endpoint.

    Raises:
        UsageError: it is no URL of HTTP, or has a password.
    """
    try:
        parts = urlsplit(url)
        fits = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        httpx.URL(url)
    except (ValueError, httpx.InvalidURL):
        fits = False
    if fits and (parts.username is not None or parts.password is not None):
        message = "found credentials in the URL of the endpoint; expected them in the environment"
        raise UsageError(f"{message} (KAIJU_ENDPOINT_USER, KAIJU_ENDPOINT_PASSWORD) or in netrc")
    if not fits or parts.fragment or any(c.isspace() for c in url):
        raise UsageError(f"found the endpoint {url!r}; expected a URL of http or https")
    return url


class Body(RawIOBase):
    """The body of a response as a file, which is read from the network when it is needed."""

    def __init__(
        self,
        endpoint: Endpoint,
        response: httpx.Response,
        limit: int | None,
        step: int | None = None,
    ) -> None:
        """Take a response whose body is not yet read.

        Args:
            endpoint: the endpoint.
            response: the response.
            limit: how many bytes it may have; None is no limit.
            step: how many bytes to wait for, which is faster; None takes them as they arrive.
        """
        self.media_type = _media_type(response)
        self._endpoint, self._limit = endpoint, limit
        self._chunks = response.iter_bytes(step)
        self._rest = self._held = b""
        self.count = 0

    def read(self, size: int = -1) -> bytes:
        """Return at most so many bytes; none at the end.

        Raises:
            UnreachableError: the answer breaks off.
            LimitError: it is longer than the limit, or does not arrive in time.
        """
        if size < 0:
            return self._rest + b"".join(iter(self._next, b""))
        if not self._rest:
            self._rest = self._next()
        part, self._rest = self._rest[:size], self._rest[size:]
        return part

    def _next(self) -> bytes:
        """Return the next bytes, without what Virtuoso and Comunica write against the standard."""
        while True:
            with self._endpoint.failures(self):
                chunk = next(self._chunks, b"")
            self._count(len(chunk))
            if "json" not in self.media_type:
                return chunk
            text = (self._held + chunk).replace(VIRTUOSO_NODE, NODE)
            if chunk:
                self._held = max((_from_mark(text, mark) for mark in MARKS), key=len)
                text = text[: len(text) - len(self._held)]
            else:
                self._held, text = b"", METADATA.sub(b"", text)
            if text or not chunk:
                return text

    def _count(self, length: int) -> None:
        """Count bytes, and show how many there are."""
        if self.count // STEP != (self.count + length) // STEP:
            self._endpoint.progress(f"received {(self.count + length) / 10**6:,.0f} MB")
        self.count += length
        if self._limit is not None and self.count > self._limit:
            limit = f"{self._limit:,} bytes"
            message = f"found an answer of more than {limit}; expected less, such as with LIMIT"
            raise LimitError(f"{self._endpoint.name}: {message}, or -f csv, which has no limit")


class Endpoint:
    """An endpoint of SPARQL, and the connection to it, which closes when nobody uses it."""

    def __init__(
        self,
        url: str,
        progress: Callable[[str], None] = lambda _: None,
        *,
        seconds: float | None = 60.0,
    ) -> None:
        """Take the URL of an endpoint.

        Args:
            url: its URL.
            progress: is called with a description of each step that may take long.
            seconds: how long the server may send nothing; None is no limit.

        Raises:
            UsageError: the URL is none of HTTP, or has a password.
            UnreachableError: the netrc file cannot be read.
        """
        self.url = check_url(url)
        self.name = url.partition("?")[0]
        """The URL in messages: without its query, which may have a key."""
        self.progress = progress
        self.seconds = seconds or None
        self.server = ""
        """What the last answer says of its server."""
        origin = httpx.URL(url)
        self.credentials = find_credentials(origin.host)
        verify: Any = False
        if origin.scheme == "https":
            import ssl

            verify = ssl.create_default_context()
        timeout = httpx.Timeout(self.seconds, connect=CONNECT_SECONDS)
        self._client = httpx.Client(
            auth=self.credentials,
            headers={"User-Agent": f"kaiju-graph/{__version__}"},
            timeout=timeout,
            trust_env=False,
            verify=verify,
        )
        finalize(self, self._client.close)

    @contextmanager
    def query(
        self,
        text: str,
        accept: str,
        dataset: RemoteDataset | None = None,
        *,
        limit: int | None = MAX_BYTES,
        step: int | None = None,
    ) -> Iterator[Body]:
        """Send a query (section 2.1), by GET if the URL is short, else by POST.

        Args:
            text: the query.
            accept: the media types of the answer, as in the header ``Accept``.
            dataset: the graphs that the query sees; None leaves them to the query and the engine.
            limit: how many bytes the answer may have; None is no limit.
            step: how many bytes of it to wait for; None takes them as they arrive.

        Raises:
            QueryError: the server refuses the query (400).
            UnreachableError: there is no answer, or none of SPARQL.
            LimitError: the answer does not arrive in time.
        """
        parameters = urlencode([("query", text), *(dataset.parameters if dataset else ())])
        url = f"{self.url}{'&' if '?' in self.url else '?'}{parameters}"
        if len(url) <= LONGEST_GET:
            request = self._client.build_request("GET", url, headers={"Accept": accept})
        else:
            headers = {"Accept": accept, "Content-Type": FORM}
            request = self._client.build_request(
                "POST", self.url, headers=headers, content=parameters.encode()
            )
        with self._open(request) as response:
            yield Body(self, response, limit, step)

    def update(self, text: str, url: str | None = None) -> None:
        """Send an update (section 2.2), to another URL of the same server if one is given."""
        request = self._client.build_request(
            "POST",
            url or self.url,
            headers={"Content-Type": FORM},
            content=urlencode({"update": text}).encode(),
        )
        with self._open(request):
            pass

    def request(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes = b""
    ) -> bytes:
        """Send a request of the Graph Store HTTP Protocol, and return the body of the answer."""
        request = self._client.build_request(method, url, headers=dict(headers), content=content)
        with self._open(request) as response:
            return Body(self, response, MAX_BYTES).read()

    @contextmanager
    def _open(self, request: httpx.Request) -> Iterator[httpx.Response]:
        """Send a request, again if the server is busy, and yield the response to read."""
        self.progress(f"waiting for {request.url.host}")
        pause = FIRST_PAUSE
        for number in range(1, TRIES + 1):
            with self.failures():
                response = self._follow(request)
            try:
                if response.status_code not in BUSY or number == TRIES:
                    self._check(response)
                    yield response
                    return
                seconds = _retry_after(response, pause)
                if seconds > LONGEST_PAUSE:
                    self._check(response)
            finally:
                response.close()
            self.progress(f"{request.url.host} is busy; waiting for {seconds:g} s")
            time.sleep(seconds)
            pause *= 2

    def _follow(self, request: httpx.Request) -> httpx.Response:
        """Send a request; follow redirects that stay at the origin and keep the request."""
        for _ in range(REDIRECTS):
            response = self._client.send(request, stream=True, follow_redirects=False)
            self.server = response.headers.get("Server", "")
            if response.status_code not in MOVED or response.next_request is None:
                return response
            target = response.next_request
            response.close()
            if _origin(target.url) != _origin(request.url):
                place = f"{target.url.scheme}://{target.url.netloc.decode()}"
                message = f"found a redirect to {place}; expected an answer"
                raise UnreachableError(f"{self.name}: {message} (no other server is called)")
            if target.method != request.method:
                found = f"found a redirect of {request.method} to {target.method}"
                raise UnreachableError(f"{self.name}: {found}; expected an answer")
            request = target
        raise UnreachableError(f"{self.name}: found more than {REDIRECTS} redirects; expected none")

    def _check(self, response: httpx.Response) -> None:
        """Raise an error if the response is no success."""
        status = response.status_code
        if response.is_success:
            return
        message = self._message(response)
        what = self.credentials.hide(f"{status} {response.reason_phrase}".strip())
        if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            given = "the credentials are not accepted" if self.credentials else "found none"
            expected = "expected credentials in KAIJU_ENDPOINT_USER and KAIJU_ENDPOINT_PASSWORD, "
            expected += "KAIJU_ENDPOINT_TOKEN or netrc"
            raise RefusalError(f"{self.name}: {what}: {given}; {expected}", status)
        if status == httpx.codes.BAD_REQUEST:
            raise QueryError(f"{self.name}: the server refuses the query{message or f': {what}'}")
        raise RefusalError(f"{self.name}: found {what}{message}; expected an answer", status)

    def _message(self, response: httpx.Response) -> str:
        """Return the first words of a refusal, without secrets and markup."""
        text = b""
        with self.failures():
            for chunk in response.iter_bytes():
                text += chunk
                if len(text) > MAX_MESSAGE * 20:
                    break
        plain = text.decode(errors="replace")
        if "html" in _media_type(response):
            plain = re.sub(r"(?s)<(script|style).*?</\1>|<[^>]*>", " ", plain)
        words = " ".join(self.credentials.hide(plain).split())
        short = words if len(words) <= MAX_MESSAGE else f"{words[:MAX_MESSAGE]}…"
        return f": {short}" if short else ""

    @contextmanager
    def failures(self, body: Body | None = None) -> Iterator[None]:
        """Convert the errors of the connection to ours.

        Args:
            body: what is being read, of which the error tells the length.
        """
        after = f" after {body.count:,} bytes of the answer" if body else ""
        try:
            yield
        except httpx.ConnectTimeout:
            message = f"no connection within {CONNECT_SECONDS:g} s"
            raise UnreachableError(f"{self.name}: {message}") from None
        except httpx.TimeoutException:
            message = f"the server sent nothing for {self.seconds:g} s{after}"
            raise LimitError(f"{self.name}: {message}; --timeout raises the limit") from None
        except httpx.ConnectError as error:
            raise UnreachableError(f"{self.name}: cannot be reached: {_reason(error)}") from None
        except (httpx.DecodingError, httpx.TransportError) as error:
            found = "it breaks off" if body else "no answer"
            reason = self.credentials.hide(_reason(error))
            raise UnreachableError(f"{self.name}: {found}{after}: {reason}") from None
        except httpx.InvalidURL:
            raise UnreachableError(f"{self.name}: found a redirect to no URL") from None


def _from_mark(text: bytes, mark: bytes) -> bytes:
    """Return the end of a text from a mark on, or from what may be its beginning."""
    if (at := text.find(mark)) >= 0:
        return text[at:]
    tail = text[1 - len(mark) :]
    at = tail.find(mark[:1])
    while at >= 0 and not mark.startswith(tail[at:]):
        at = tail.find(mark[:1], at + 1)
    return tail[at:] if at >= 0 else b""


def _reason(error: Exception) -> str:
    """Return what the error of a connection says, without the number of the system."""
    text = " ".join(str(error).split()) or type(error).__name__
    return re.sub(r"^\[Errno -?\d+\] |^\[SSL: \w+\] | \(_ssl\.c:\d+\)", "", text)


def _media_type(response: httpx.Response) -> str:
    header: str = response.headers.get("Content-Type", "")
    return header.partition(";")[0].strip().lower()


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    """Return what two URLs of one server share (RFC 6454, section 4)."""
    return url.scheme, url.host, url.port


def _retry_after(response: httpx.Response, pause: float) -> float:
    """Return how long to wait: what the server says (RFC 9110, section 10.2.3), or else a pause."""
    text = response.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    from email.utils import parsedate_to_datetime

    try:
        return max(parsedate_to_datetime(text).timestamp() - time.time(), 0)
    except (TypeError, ValueError, OverflowError):
        return pause
