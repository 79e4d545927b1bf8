"""The processes that answer requests, so that none can stop or fill the server.

A graph process loads the project once. For each worker, the server sends it one end of a pair of
sockets; it forks, and the child, which shares its memory, answers requests from there, one at a
time. A worker ends itself at a limit of time or memory, and when the server closes its end. The
graph process ends when the server closes the first pair. As it reads no file after it has loaded,
its answers are those of one state of the sources.

A request is a line of JSON: ``kind`` names a function of ``KINDS``, the other keys are its
arguments. A reply is a line of JSON (status, media type, length of the body) and the body.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import sys
import time
import warnings
from functools import partial
from queue import SimpleQueue
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, NamedTuple

from kaiju_graph.api import load
from kaiju_graph.errors import KaijuError, LimitError, UnreachableError
from kaiju_graph.publish import void
from kaiju_graph.sparql import limits, results
from kaiju_graph.web import negotiation, protocol, resources
from kaiju_graph.web.protocol import Operation, Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from kaiju_graph.api import KnowledgeGraph

__all__ = ["KINDS", "Settings", "main"]

MAX_BODY = 2**26
"""How many bytes the body of a reply may have."""


class Settings(NamedTuple):
    """What a graph process needs to know."""

    root: str
    """The folder of the project."""
    trusting: bool
    """Whether files with the same size, time and inode as before count as unchanged."""
    endpoint: str
    """The address of the endpoint."""
    seconds: float
    """How long a request may take; 0 is no limit."""
    mebibytes: float
    """How much memory the graph may take; 0 is no limit."""
    share: float
    """How much more a worker may take; 0 is no limit."""


def main(descriptor: int, settings: Settings) -> None:
    """Load a project, say so, and fork a worker for each socket that arrives.

    Args:
        descriptor: the socket to the server.
        settings: the project and the limits.
    """
    warnings.showwarning = lambda message, *_, **__: _say(f"warning: {message}")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system forgets workers that have ended
    with socket.socket(fileno=descriptor) as server:
        kg = _load(server, settings)
        while kg:
            message, descriptors, *_ = socket.recv_fds(server, 1, 1)
            if not message:
                return
            if os.fork() == 0:
                server.close()
                _work(kg, settings, descriptors[0])
            os.close(descriptors[0])


def _load(server: socket.socket, settings: Settings) -> KnowledgeGraph | None:
    """Return the graph; send the server a line with its key, or with the error."""

    def stop(limit: str) -> None:
        _send_line(server, {"error": limit, "code": LimitError.exit_code})
        os._exit(1)

    with limits.Watch(limits.SECONDS, settings.mebibytes, stop, "loading"):
        try:
            kg = load(settings.root, trusting=settings.trusting)
            _ = kg.quads, kg.store, kg.names
            kg.project = snapshot = resources.Snapshot(kg.project)
            key = snapshot.key
        except (KaijuError, OSError) as error:
            code = getattr(error, "exit_code", UnreachableError.exit_code)
            _send_line(server, {"error": str(error), "code": code})
            return None
    time.sleep(2 * limits.PAUSE)  # until the thread of the watch has ended: a fork has only one
    gc.collect()
    gc.freeze()  # so that the collector of a worker does not copy the memory that it shares
    _send_line(server, {"key": key})
    return kg


def _send_line(connection: socket.socket, content: dict[str, Any]) -> None:
    connection.sendall(json.dumps(content).encode() + b"\n")


def _say(text: str) -> None:
    """Write a line to the log of the server."""
    line = results.printable(text).replace("\n", " ")
    sys.stderr.write(f"kaiju: {line}\n")


def _work(kg: KnowledgeGraph, settings: Settings, descriptor: int) -> None:
    """Answer requests until the server closes the connection; then end this process."""
    try:
        os.setpgid(0, 0)  # so that the server can lower the priority of all threads
        connection = socket.socket(fileno=descriptor)
        _send_line(connection, {"pid": os.getpid()})
        requests: SimpleQueue[bytes] = SimpleQueue()
        work = partial(_answer_all, kg, settings, connection, requests)
        Thread(target=work, daemon=True).start()
        for line in connection.makefile("rb"):
            requests.put(line)
    finally:
        os._exit(0)


def _answer_all(
    kg: KnowledgeGraph,
    settings: Settings,
    connection: socket.socket,
    requests: SimpleQueue[bytes],
) -> None:
    most = round(limits.resident() + settings.share) if settings.share else 0
    while True:
        request = json.loads(requests.get())
        first = Lock()

        def send(reply: Reply, first: Lock = first) -> None:
            """Send a reply, unless the limit or the answer has come first."""
            if first.acquire(blocking=False):
                head = [reply.status, reply.media_type, len(reply.body)]
                connection.sendall(json.dumps(head).encode() + b"\n" + reply.body)

        def stop(limit: str, send: Callable[[Reply], None] = send) -> None:
            send(protocol.text_reply(504, f"error: {limit.partition(';')[0]}\n"))
            os._exit(0)

        with limits.Watch(settings.seconds, most, stop):
            reply = _reply(kg, settings, request)
        send(reply)


def _reply(kg: KnowledgeGraph, settings: Settings, request: dict[str, Any]) -> Reply:
    try:
        kind = KINDS[request.pop("kind")]
        reply = kind(kg, settings, **request)
    except Exception as error:  # noqa: BLE001 (a bug is one line, too)
        reply = protocol.explain(error)
        if reply.status == 500:  # noqa: PLR2004
            _say(f"a bug: {type(error).__name__}: {error}")
    if len(reply.body) > MAX_BODY:
        return protocol.text_reply(504, f"error: the answer has more than {MAX_BODY:,} bytes\n")
    return reply


def _query(kg: KnowledgeGraph, settings: Settings, *, operation: list[Any], accept: str) -> Reply:
    query = Operation(*operation)
    return protocol.answer(kg.store, kg.project, query, accept, settings.endpoint)


def _data(kg: KnowledgeGraph, _: Settings, *, path: str, form: str) -> Reply:
    return resources.describe_thing(kg, path, form)


def _service(kg: KnowledgeGraph, settings: Settings, *, accept: str) -> Reply:
    name = protocol.negotiate(accept, "", negotiation.GRAPHS)
    triples = resources.describe_service(kg, settings.endpoint)
    return protocol.write_graph(triples, name, kg.project)


def _void(kg: KnowledgeGraph, settings: Settings, *, accept: str) -> Reply:
    name = protocol.negotiate(accept, "", negotiation.GRAPHS)
    triples = resources.describe_dataset(kg, settings.endpoint)
    return protocol.write_graph(triples, name, kg.project, first=void.ORDER)


KINDS: dict[str, Callable[..., Reply]] = {
    "query": _query,
    "data": _data,
    "service": _service,
    "void": _void,
}
"""Kind of request → the function that answers it."""


if __name__ == "__main__":
    _, number, words = sys.argv
    main(int(number), Settings(*json.loads(words)))
