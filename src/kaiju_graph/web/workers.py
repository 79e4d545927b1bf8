"""The processes that answer requests, so that none can stop or fill the server.

A graph process loads the project once. For each worker, the server sends it one end of a pair of
sockets; it forks, and the child, which shares its memory, answers requests from there, one at a
time. A worker ends itself at a limit of time or memory, and when the server closes its end. The
graph process ends when the server closes the first pair. As it reads no file after it has loaded,
its answers are those of one state of the sources.

A request is a line of JSON: ``kind`` names a function of ``KINDS``, ``zipped`` says whether the
body may be compressed, the other keys are the arguments of the function. A reply is a line of JSON
(status, media type, length of the body, other headers) and the body. A body that is sent while it
is written has no length (null); it is parts, each after a line with its length, of which 0 is the
end. If it cannot be finished, the process ends before.
"""

from __future__ import annotations

import gc
import gzip
import json
import os
import select
import signal
import socket
import sys
import time
import warnings
import zlib
from functools import partial
from queue import SimpleQueue
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

from kaiju_graph import __version__
from kaiju_graph.api import load
from kaiju_graph.errors import KaijuError, LimitError, UnreachableError
from kaiju_graph.project.snapshot import Snapshot
from kaiju_graph.publish import void
from kaiju_graph.sparql import limits, results
from kaiju_graph.web import negotiation, protocol, resources
from kaiju_graph.web.pages.site import Site

if TYPE_CHECKING:
    from collections.abc import Callable

    from kaiju_graph.api import KnowledgeGraph
    from kaiju_graph.web.protocol import Reply

    Send = Callable[[bytes], None]
    Begin = Callable[[Reply], Send]

__all__ = ["KINDS", "Service", "Settings", "main"]

SMALL = 1024
"""From this number of bytes on, a body is compressed."""
LEVEL = 5
"""How much a body is compressed: 1 is fast, 9 is small."""
GZIP = 31
"""How ``zlib`` is told to write the format of gzip."""


class Settings(NamedTuple):
    """What a graph process needs to know."""

    root: str
    """The folder of the project."""
    trusting: bool
    """Whether files with the same size, time and inode as before count as unchanged."""
    address: str
    """The address of the server, without a slash at its end."""
    base: str
    """The same if it is that of others, too; else empty."""
    seconds: float
    """How long a request may take; 0 is no limit."""
    mebibytes: float
    """How much memory the graph may take; 0 is no limit."""
    share: float
    """How much more a worker may take; 0 is no limit."""


class Service(NamedTuple):
    """What a worker answers from."""

    kg: KnowledgeGraph
    site: Site
    settings: Settings

    @property
    def endpoint(self) -> str:
        """The address of the endpoint."""
        return f"{self.settings.address}/sparql"


def main(descriptor: int, settings: Settings) -> None:
    """Load a project, say so, and fork a worker for each socket that arrives.

    Args:
        descriptor: the socket to the server.
        settings: the project and the limits.
    """
    warnings.showwarning = lambda message, *_, **__: _say(f"warning: {message}")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system forgets workers that have ended
    with socket.socket(fileno=descriptor) as server:
        service = _load(server, settings)
        while service:
            message, descriptors, *_ = socket.recv_fds(server, 1, 1)
            if not message:
                return
            if os.fork() == 0:
                server.close()
                _work(service, descriptors[0])
            os.close(descriptors[0])


def _load(server: socket.socket, settings: Settings) -> Service | None:
    """Load the graph and what its pages share; send a line with its key, or with the error."""

    def stop(limit: str) -> None:
        _send_line(server, {"error": limit, "code": LimitError.exit_code})
        os._exit(1)

    with limits.Watch(limits.SECONDS, settings.mebibytes, stop, "loading"):
        try:
            kg = load(settings.root, trusting=settings.trusting)
            kg.merged_store = kg.store  # which has the same default graph
            kg.project = snapshot = Snapshot(kg.project)
            site = Site(kg, f"{settings.base}/" if settings.base else "", is_live=True)
            site.prepare()
            key = snapshot.key(__version__)  # all replies depend on both
        except (KaijuError, OSError) as error:
            code = getattr(error, "exit_code", UnreachableError.exit_code)
            _send_line(server, {"error": str(error), "code": code})
            return None
    time.sleep(2 * limits.PAUSE)  # until the thread of the watch has ended: a fork has only one
    gc.collect()
    gc.freeze()  # so that the collector of a worker does not copy the memory that it shares
    _send_line(server, {"key": key})
    return Service(kg, site, settings)


def _send_line(connection: socket.socket, content: dict[str, Any]) -> None:
    connection.sendall(json.dumps(content).encode() + b"\n")


def _say(text: str) -> None:
    """Write a line to the log of the server."""
    line = results.printable(text).replace("\n", " ")
    sys.stderr.write(f"kaiju: {line}\n")


def _work(service: Service, descriptor: int) -> None:
    """Answer requests until the server closes the connection; then end this process.

    Another thread answers, whose stack no query fills; this one watches the limits of a request.
    """
    try:
        os.setpgid(0, 0)  # so that the server can lower the priority of all threads
        connection = socket.socket(fileno=descriptor)
        _send_line(connection, {"pid": os.getpid()})
        turns: SimpleQueue[_Turn] = SimpleQueue()
        limits.start_deep(partial(_answer_all, service, connection, turns))
        while True:
            turn = turns.get()
            while not turn.is_over():
                time.sleep(limits.PAUSE)
                has_news = bool(select.select([connection], [], [], 0)[0])
                if turn.is_over():
                    break
                if has_news:  # the server sends nothing before it has the reply, so it is the end
                    return
                turn.watch.check()
    finally:
        os._exit(0)


class _Turn:
    """A request: its limits, and its reply, or that of a limit."""

    def __init__(self, connection: socket.socket, settings: Settings, mebibytes: float) -> None:
        self._connection = connection
        self.zipped = False
        """Whether the body may be compressed."""
        self.watch = limits.Watch(settings.seconds, mebibytes, self._stop)
        self._lock = Lock()
        """Guards the two that follow, which both threads of the process use."""
        self.has_begun = self._is_over = False
        """Whether the head of the reply is sent, and whether the reply is there."""
        self._compress: zlib._Compress | None = None

    def is_over(self) -> bool:
        """Tell whether the reply is there."""
        return self._is_over

    def begin(self, reply: Reply) -> Send:
        """Send a reply without its body, and return a function that sends a part of that."""
        with self._lock:
            self.has_begun = True
            if self.zipped:
                self._compress, reply = zlib.compressobj(LEVEL, wbits=GZIP), _as_zipped(reply)
            self._connection.sendall(_head(reply, None))
        return self._send_part

    def send(self, reply: Reply) -> None:
        """Send the reply; of one that has begun, the rest of the body."""
        with self._lock:
            self._is_over = True
        if self.has_begun:
            self._send_part(reply.body, is_last=True)
            self._connection.sendall(b"0\n")
            return
        if self.zipped and len(reply.body) >= SMALL:
            body = gzip.compress(reply.body, LEVEL, mtime=0)
            reply = _as_zipped(reply)._replace(body=body)
        self._connection.sendall(_head(reply, len(reply.body)) + reply.body)

    def _send_part(self, part: bytes, *, is_last: bool = False) -> None:
        if self._compress:
            part = self._compress.compress(part) + (self._compress.flush() if is_last else b"")
        if part:
            self._connection.sendall(b"%d\n%b" % (len(part), part))

    def _stop(self, limit: str) -> None:
        with self._lock:
            if self._is_over:
                return
            if not self.has_begun:
                text = f"error: {limit.partition(';')[0]}\n"
                reply = protocol.text_reply(protocol.LIMIT, text)
                self._connection.sendall(_head(reply, len(reply.body)) + reply.body)
            os._exit(0)


def _head(reply: Reply, length: int | None) -> bytes:
    head = [reply.status, reply.media_type, length, dict(reply.headers)]
    return json.dumps(head).encode() + b"\n"


def _as_zipped(reply: Reply) -> Reply:
    return reply._replace(headers={**reply.headers, "Content-Encoding": "gzip"})


def _answer_all(service: Service, connection: socket.socket, turns: SimpleQueue[_Turn]) -> None:
    settings = service.settings
    most = round(limits.resident() + settings.share) if settings.share else 0
    try:
        for line in connection.makefile("rb"):
            turn = _Turn(connection, settings, most)
            turns.put(turn)
            turn.send(_reply(service, turn, json.loads(line)))
    finally:
        os._exit(0)


def _reply(service: Service, turn: _Turn, request: dict[str, Any]) -> Reply:
    """Return the reply to a request, or what is left of one that has begun."""
    kind, turn.zipped = request.pop("kind"), request.pop("zipped")
    try:
        return KINDS[kind](service, turn.begin, **request)
    except Exception as error:  # a bug is one line, too
        reply = protocol.explain(error)
        if reply.status == 500:  # noqa: PLR2004
            _say(f"a bug: {type(error).__name__}: {error}")
        elif request.get("form") == "html":
            reply = resources.show_error(service.site, request["path"], reply)
        if turn.has_begun:
            raise
        return reply


def _sparql(service: Service, begin: Begin, *, request: list[str], accept: str) -> Reply:
    method, address, content_type, body = request
    operation = protocol.parse(method, address.encode(), content_type, body.encode("latin-1"))
    if operation is None:
        name = protocol.negotiate(accept, "", negotiation.GRAPHS)
        triples = resources.describe_service(service.kg, service.endpoint)
        return protocol.write_graph(triples, name, service.kg.project)
    return protocol.answer(service.kg, operation, accept, service.endpoint, begin)


def _resource(service: Service, _: Begin, *, path: str, form: str, parameters: str) -> Reply:
    file = resources.read_file(service.site, path, parameters)
    return file or resources.find_resource(service.site, path, form)


def _data(service: Service, _: Begin, *, path: str, form: str) -> Reply:
    return resources.describe_thing(service.kg, path, form)


def _void(service: Service, _: Begin, *, accept: str) -> Reply:
    name = protocol.negotiate(accept, "", negotiation.GRAPHS)
    triples = resources.describe_dataset(service.kg, service.endpoint)
    return protocol.write_graph(triples, name, service.kg.project, first=void.ORDER)


KINDS: dict[str, Callable[..., Reply]] = {
    "sparql": _sparql,
    "resource": _resource,
    "data": _data,
    "void": _void,
}
"""Kind of request → the function that answers it."""


if __name__ == "__main__":
    _, number, words = sys.argv
    main(int(number), Settings(*json.loads(words)))
