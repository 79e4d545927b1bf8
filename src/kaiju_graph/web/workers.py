"""The processes that answer requests, so that none can stop or fill the server.

A graph process loads the project once. For each worker, the server sends it one end of a pair of
sockets; it forks, and the child, which shares its memory, answers requests from there, one at a
time. A worker ends itself at a limit of time or memory, and when the server closes its end. The
graph process ends when the server closes the first pair. As it reads no file after it has loaded,
its answers are those of one state of the sources.

A request is a line of JSON: ``kind`` names a function of ``KINDS``, ``zipped`` says whether the
body may be compressed, the other keys are the arguments of the function. A reply is a line of JSON
(status, media type, length of the body, other headers) and the body.
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
from kaiju_graph.store import cache
from kaiju_graph.web import negotiation, protocol, resources
from kaiju_graph.web.pages.site import Site

if TYPE_CHECKING:
    from collections.abc import Callable

    from kaiju_graph.api import KnowledgeGraph
    from kaiju_graph.web.protocol import Reply

__all__ = ["KINDS", "Service", "Settings", "main"]

SMALL = 1024
"""From this number of bytes on, a body is compressed."""
LEVEL = 5
"""How much a body is compressed: 1 is fast, 9 is small."""


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
    """A request: its limits, and its reply, which is sent once: the answer, or that of a limit."""

    def __init__(self, connection: socket.socket, seconds: float, mebibytes: float) -> None:
        self._connection = connection
        self.watch = limits.Watch(seconds, mebibytes, self._stop)
        self._first = Lock()
        self._is_over = False

    def is_over(self) -> bool:
        """Tell whether the reply is there."""
        return self._is_over

    def send(self, reply: Reply) -> None:
        """Send the reply, unless there is one."""
        if self._first.acquire(blocking=False):
            self._is_over = True
            head = [reply.status, reply.media_type, len(reply.body), dict(reply.headers)]
            self._connection.sendall(json.dumps(head).encode() + b"\n" + reply.body)

    def _stop(self, limit: str) -> None:
        if not self._is_over:
            self.send(protocol.text_reply(protocol.LIMIT, f"error: {limit.partition(';')[0]}\n"))
            os._exit(0)


def _answer_all(service: Service, connection: socket.socket, turns: SimpleQueue[_Turn]) -> None:
    settings = service.settings
    most = round(limits.resident() + settings.share) if settings.share else 0
    try:
        for line in connection.makefile("rb"):
            turn = _Turn(connection, settings.seconds, most)
            turns.put(turn)
            turn.send(_reply(service, json.loads(line)))
    finally:
        os._exit(0)


def _reply(service: Service, request: dict[str, Any]) -> Reply:
    kind, zipped = request.pop("kind"), request.pop("zipped")
    try:
        reply = KINDS[kind](service, **request)
    except Exception as error:  # noqa: BLE001 (a bug is one line, too)
        reply = protocol.explain(error)
        if reply.status == 500:  # noqa: PLR2004
            _say(f"a bug: {type(error).__name__}: {error}")
        elif request.get("form") == "html":
            reply = resources.show_error(service.site, request["path"], reply)
    if not zipped or len(reply.body) < SMALL:
        return reply
    body = gzip.compress(reply.body, LEVEL, mtime=0)
    return reply._replace(body=body, headers={**reply.headers, "Content-Encoding": "gzip"})


def _sparql(service: Service, *, request: list[str], accept: str) -> Reply:
    method, address, content_type, body = request
    operation = protocol.parse(method, address.encode(), content_type, body.encode("latin-1"))
    kg = service.kg
    if operation is None:
        name = protocol.negotiate(accept, "", negotiation.GRAPHS)
        triples = resources.describe_service(kg, service.endpoint)
        return protocol.write_graph(triples, name, kg.project)
    reply = protocol.answer(kg.store, kg.project, operation, accept, service.endpoint)
    if cache.has_word(operation.query.encode(errors="replace"), *cache.VOLATILE):
        return reply._replace(headers={**reply.headers, "Cache-Control": "no-store"})
    return reply


def _resource(service: Service, *, path: str, form: str, parameters: str) -> Reply:
    file = resources.read_file(service.site, path, parameters)
    return file or resources.find_resource(service.site, path, form)


def _data(service: Service, *, path: str, form: str) -> Reply:
    return resources.describe_thing(service.kg, path, form)


def _void(service: Service, *, accept: str) -> Reply:
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
