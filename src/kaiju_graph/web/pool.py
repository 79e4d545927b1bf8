"""The workers as the server sees them: two lanes, so that slow requests do not stop quick ones.

A request runs in a quick slot at first. When it has taken ``PATIENCE`` seconds, and then used the
processor for as long, it moves to a slow slot: its worker gets the lowest priority, and another one
takes its place. One that only waits for the processor, on a busy machine, does not move. If there
is no slow slot, the request that has one for the longest time is ended. So a quick slot is free
again soon, whatever strangers ask; when too many requests wait for one, the next is refused at
once.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import OrderedDict
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from kaiju_graph.errors import KaijuError, UnreachableError
from kaiju_graph.web.protocol import Reply, text_reply

if TYPE_CHECKING:
    from kaiju_graph.web.workers import Settings

__all__ = ["Graph", "Pool", "Worker", "open_graph"]

PATIENCE = 0.05
"""Seconds after which a request in a quick slot is looked at, and of the processor that it has."""
QUICK = max(2, os.cpu_count() or 1)
"""How many requests run in quick slots at the same time."""
SLOW = 8
"""How many requests run in slow slots at the same time."""
WAITING = 64
"""How many requests wait for a quick slot at most."""
GRACE = 5.0
"""Seconds after its limit when a worker that does not end itself is killed."""
LOWEST = 19
"""The lowest priority of a process (setpriority(2))."""
CACHE_BYTES = 2**25
"""How many bytes of replies are kept for the next request of the same kind."""
OVERLOAD = text_reply(503, "error: too many requests at the moment; try again in a few seconds\n")
ENDED = text_reply(503, "error: the process that should answer has ended; try again\n")


class Worker:
    """A process that answers one request at a time."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, process: int
    ) -> None:
        self._reader, self._writer, self._process = reader, writer, process

    async def ask(self, request: bytes) -> Reply:
        """Return the reply to a request.

        Raises:
            EOFError: the process has ended.
            OSError: it cannot be reached.
        """
        self._writer.write(request)
        status, media_type, length = json.loads(await self._reader.readline() or "[0,0,0]")
        if not status:
            raise EOFError
        return Reply(status, media_type, await self._reader.readexactly(length))

    def time_spent(self) -> float:
        """Return the seconds of processor time that the process has used, from any start.

        Where the system does not tell, it counts as busy all the time.
        """
        try:
            with open(f"/proc/{self._process}/stat", "rb") as file:
                fields = file.read().rpartition(b")")[2].split()  # proc(5)
        except OSError:
            return time.monotonic()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def lower_priority(self) -> None:
        """Let all others have the processor first."""
        with suppress(OSError):
            os.setpriority(os.PRIO_PGRP, self._process, LOWEST)

    def kill(self) -> None:
        """End the process at once, if it still runs, as its open connection shows."""
        if not self._reader.at_eof():
            with suppress(OSError):
                os.kill(self._process, signal.SIGKILL)
        self.close()

    def close(self) -> None:
        """Close the connection, which ends the process."""
        self._writer.close()


class Graph:
    """A process that has loaded the project and forks workers."""

    def __init__(
        self, process: subprocess.Popen[bytes], connection: socket.socket, key: str
    ) -> None:
        self._process, self._connection = process, connection
        self.key = key

    async def fork(self) -> Worker:
        """Return a new worker.

        Raises:
            OSError: the process has ended.
            EOFError: the process has ended.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self._connection, [b"f"], [theirs.fileno()])
        reader, writer = await asyncio.open_unix_connection(sock=ours)
        line = await reader.readline()
        if not line:
            raise EOFError
        return Worker(reader, writer, json.loads(line)["pid"])

    def close(self) -> None:
        """End the process; its workers go on until their connections are closed."""
        self._connection.close()
        self._process.kill()
        self._process.wait()


async def open_graph(settings: Settings) -> Graph:
    """Start a process that loads the project, and wait until it has.

    Raises:
        KaijuError: the project does not load.
    """
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(  # noqa: ASYNC220, S603 (starts at once; this program)
            [
                *(sys.executable, "-P", "-m", "kaiju_graph.web.workers"),
                *(str(theirs.fileno()), json.dumps(settings)),
            ],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    ours.setblocking(False)  # noqa: FBT003
    try:
        return Graph(process, ours, await _read_key(ours))
    except BaseException:
        ours.close()
        process.kill()
        process.wait()
        raise


async def _read_key(connection: socket.socket) -> str:
    """Return the key of the graph when it has loaded.

    Raises:
        KaijuError: it does not load.
    """
    line = b""
    while not line.endswith(b"\n"):
        part = await asyncio.get_running_loop().sock_recv(connection, 2**16)
        if not part:
            raise UnreachableError("the process that loads the project has ended")
        line += part
    said: dict[str, Any] = json.loads(line)
    if "error" in said:
        error = KaijuError(said["error"])
        error.exit_code = said["code"]
        raise error
    return str(said["key"])


async def _is_quick(worker: Worker, answer: asyncio.Future[Reply]) -> bool:
    """Wait until an answer is there, or until its worker has used the processor for too long."""
    start = None
    while not answer.done():
        await asyncio.wait([answer], timeout=PATIENCE)
        if answer.done():
            break
        spent = worker.time_spent()
        start = spent if start is None else start
        if spent - start >= PATIENCE:
            return False
    return True


class Pool:
    """The workers of one graph after another, and the replies that need none."""

    def __init__(self, graph: Graph, seconds: float, renew: asyncio.Event) -> None:
        """Take the first graph.

        Args:
            graph: the graph.
            seconds: how long a request may take; 0 is no limit.
            renew: is set when the process of the graph has ended, so that there is another one.
        """
        self.graph = graph
        self._seconds, self._renew = seconds, renew
        self._idle: list[Worker] = []
        self._quick = asyncio.Semaphore(QUICK)
        self._waiting = 0
        self._slow: dict[Worker, None] = {}
        self._kept: OrderedDict[str, Reply] = OrderedDict()
        self._size = 0

    def replace(self, graph: Graph) -> None:
        """Answer from another graph from now on; what runs is answered by the graph before."""
        self.close()
        self.graph = graph

    def close(self) -> None:
        """End the graph and its workers that do nothing."""
        while self._idle:
            self._idle.pop().close()
        self._kept.clear()
        self._size = 0
        self.graph.close()

    def find(self, request: str) -> Reply | None:
        """Return the reply to a request that is kept, or None."""
        if request in self._kept:
            self._kept.move_to_end(request)
        return self._kept.get(request)

    async def ask(self, request: str, *, keep: bool = True) -> Reply:
        """Return the reply to a request; a worker whose request is cancelled ends.

        Args:
            request: the request, as ``workers`` describes it.
            keep: whether the same request has the same reply, as long as the graph is the same.
        """
        if self._waiting >= WAITING:
            return OVERLOAD
        self._waiting += 1
        try:
            await self._quick.acquire()
        finally:
            self._waiting -= 1
        graph = self.graph
        reply = await self._run(graph, request.encode() + b"\n")
        if keep and reply.status == 200 and graph is self.graph:  # noqa: PLR2004
            self._keep(request, reply)
        return reply

    async def _run(self, graph: Graph, request: bytes) -> Reply:
        """Run a request in a quick slot, which is held, and maybe in a slow one."""
        is_quick, worker = True, None
        try:
            worker = self._idle.pop() if self._idle else await self._fork(graph)
            answer = asyncio.ensure_future(worker.ask(request))
            try:
                if not await _is_quick(worker, answer):
                    if len(self._slow) >= SLOW:
                        self._end_oldest()
                    self._slow[worker] = None
                    self._quick.release()
                    is_quick = False
                    worker.lower_priority()
                limit = self._seconds + GRACE if self._seconds else None
                reply = await asyncio.wait_for(answer, limit)
            finally:
                answer.cancel()
        except (EOFError, OSError, TimeoutError):
            return ENDED if is_quick or worker in self._slow else OVERLOAD
        else:
            if is_quick and graph is self.graph:
                self._idle.append(worker)
                worker = None
            return reply
        finally:
            if is_quick:
                self._quick.release()
            elif worker:
                self._slow.pop(worker, None)
            if worker:
                worker.kill()

    def _end_oldest(self) -> None:
        """End the request that has a slow slot for the longest time."""
        oldest = next(iter(self._slow))
        del self._slow[oldest]
        oldest.kill()

    async def _fork(self, graph: Graph) -> Worker:
        try:
            return await graph.fork()
        except (EOFError, OSError):
            if graph is self.graph:
                self._renew.set()
            raise

    def _keep(self, request: str, reply: Reply) -> None:
        if len(reply.body) > CACHE_BYTES // 8 or request in self._kept:
            return
        self._kept[request] = reply
        self._size += len(request) + len(reply.body)
        while self._size > CACHE_BYTES:
            old, gone = self._kept.popitem(last=False)
            self._size -= len(old) + len(gone.body)
