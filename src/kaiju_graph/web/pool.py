"""The workers as the server sees them: two lanes, so that slow requests do not stop quick ones.

A request runs in a quick slot at first. When it has taken ``PATIENCE`` seconds, and then used the
processor for as long, it moves to a slow slot: its worker gets the lowest priority, and another one
takes its place. One that only waits for the processor, on a busy machine, does not move. If there
is no slow slot, the request that has one for the longest time is ended. So a quick slot is free
again soon, whatever strangers ask; when too many requests wait for one, the next is refused at
once. A reply that is long keeps a slow slot until the client has taken it, so the server holds no
more than ``LONG`` bytes of a reply.
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
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from kaiju_graph.errors import KaijuError, UnreachableError
from kaiju_graph.web.protocol import LIMIT, LONG, Reply, text_reply
from kaiju_graph.web.response_cache import ResponseCache

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from kaiju_graph.web.workers import Settings

__all__ = ["Graph", "Pool", "Rest", "Worker", "open_graph"]

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
PART = 2**16
"""How many bytes a part has at most."""
OVERLOAD = text_reply(503, "error: too many requests at the moment; try again in a few seconds\n")
ENDED = text_reply(503, "error: the process that should answer has ended; try again\n")


class Worker:
    """A process that answers one request at a time."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, process: int
    ) -> None:
        self._reader, self._writer, self._process = reader, writer, process

    def write(self, request: bytes) -> None:
        """Send a request."""
        self._writer.write(request)

    async def read_head(self) -> tuple[Reply, int | None]:
        """Return the reply without its body, and the length of that; None if it comes in parts.

        Raises:
            EOFError: the process has ended.
            OSError: it cannot be reached.
        """
        status, media_type, length, headers = json.loads(await self._read_line())
        return Reply(status, media_type, b"", headers), length

    async def read_length(self) -> int:
        """Return the length of the next part; 0 is the end.

        Raises:
            EOFError: the process has ended.
            OSError: it cannot be reached.
        """
        return int(await self._read_line())

    async def read_all(self, length: int) -> bytes:
        """Return so many bytes of the body.

        Raises:
            EOFError: the process has ended.
            OSError: it cannot be reached.
        """
        return await self._reader.readexactly(length)

    async def read(self, length: int) -> bytes:
        """Return some bytes of the body, at most so many.

        Raises:
            EOFError: the process has ended.
            OSError: it cannot be reached.
        """
        part = await self._reader.read(length)
        if not part:
            raise EOFError
        return part

    async def _read_line(self) -> bytes:
        if not (line := await self._reader.readline()):
            raise EOFError
        return line

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
        self.responses = ResponseCache()
        """The responses that its workers gave."""

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


class _Slot:
    """The place of a request in one of the two lanes, and its worker."""

    def __init__(self, pool: Pool, graph: Graph) -> None:
        self._pool, self._graph = pool, graph
        self.is_quick = True
        self.worker: Worker | None = None
        self.until: float | None = None
        """The time of the event loop when the worker is killed; None is no limit."""
        self._spent: float | None = None
        """The processor time of the worker at the first look."""
        self._is_free = False

    @property
    def is_ended(self) -> bool:
        """Whether a later request took the place."""
        return not self.is_quick and self not in self._pool.slow

    def ask(self, worker: Worker, request: bytes, seconds: float) -> None:
        """Send a request to a worker, which may take so many seconds; 0 is no limit."""
        self.worker, self._loop = worker, asyncio.get_running_loop()
        self.until = self._loop.time() + seconds + GRACE if seconds else None
        self._timer = self._loop.call_later(PATIENCE, self._look)
        worker.write(request)

    def _look(self) -> None:
        """Move to the slow lane if the worker has used the processor for too long; end it later."""
        if not self.worker:
            return
        spent = self.worker.time_spent()
        self._spent = spent if self._spent is None else self._spent
        if spent - self._spent >= PATIENCE:
            self.move()
        if self.until and self._loop.time() > self.until:
            self.worker.kill()
        elif self.is_quick:
            self._timer = self._loop.call_later(PATIENCE, self._look)
        elif self.until:
            self._timer = self._loop.call_at(self.until, self._look)

    def move(self) -> None:
        """Move to the slow lane; if that is full, end the request that is there for longest."""
        if not self.is_quick:
            return
        slow = self._pool.slow
        if len(slow) >= SLOW:
            next(iter(slow)).free()
        slow[self] = None
        self.is_quick = False
        self._pool.quick.release()
        if self.worker:
            self.worker.lower_priority()

    def free(self, *, whole: bool = False) -> None:
        """Leave the lane; the worker ends, unless it can answer the next request."""
        worker, self.worker = self.worker, None
        if worker:
            self._timer.cancel()
        if worker and whole and self.is_quick and self._graph is self._pool.graph:
            self._pool.idle.append(worker)
        elif worker:
            worker.kill()
        if not self.is_quick:
            self._pool.slow.pop(self, None)
        elif not self._is_free:
            self._pool.quick.release()
        self._is_free = True


class Rest:
    """The body of a long reply, which its worker sends as fast as the client takes it."""

    def __init__(self, slot: _Slot, length: int | None) -> None:
        """Take a slot, which is held until the end, and the number of bytes, if it is known."""
        self._slot, self.length, self.until = slot, length, slot.until

    async def parts(self) -> AsyncIterator[bytes]:
        """Yield the body.

        Raises:
            EOFError: the process has ended.
            OSError: it cannot be reached.
        """
        left = await self._worker().read_length() if self.length is None else self.length
        while left:
            part = await self._worker().read(min(left, PART))
            left -= len(part)
            yield part
            if not left and self.length is None:
                left = await self._worker().read_length()

    def _worker(self) -> Worker:
        if not self._slot.worker:  # a later request took the place
            raise EOFError
        return self._slot.worker

    def close(self) -> None:
        """Free the slot."""
        self._slot.free()


class Pool:
    """The workers of one graph after another."""

    def __init__(self, graph: Graph, seconds: float, renew: asyncio.Event) -> None:
        """Take the first graph.

        Args:
            graph: the graph.
            seconds: how long a request may take; 0 is no limit.
            renew: is set when the process of the graph has ended, so that there is another one.
        """
        self.graph = graph
        self._seconds, self._renew = seconds, renew
        self.idle: list[Worker] = []
        self.quick = asyncio.Semaphore(QUICK)
        self.slow: dict[_Slot, None] = {}
        self._waiting = 0

    def replace(self, graph: Graph) -> None:
        """Answer from another graph from now on; what runs is answered by the graph before."""
        self.close()
        self.graph = graph

    def close(self) -> None:
        """End the graph and its workers that do nothing."""
        while self.idle:
            self.idle.pop().close()
        self.graph.close()

    async def ask(self, request: bytes) -> tuple[Reply, Rest | None]:
        """Return the reply to a request, and its body if that is long.

        A worker whose reply nobody waits for any more, as the task is cancelled, is ended.

        Args:
            request: the request, as ``workers`` describes it.
        """
        if self._waiting >= WAITING:
            return OVERLOAD, None
        self._waiting += 1
        try:
            await self.quick.acquire()
        finally:
            self._waiting -= 1
        graph = self.graph
        slot = _Slot(self, graph)
        rest: Rest | None = None
        try:
            worker = self.idle.pop() if self.idle else await self._fork(graph)
            slot.ask(worker, request + b"\n", self._seconds)
            reply, length = await worker.read_head()
            if length is None or length > LONG:
                slot.move()
                rest = Rest(slot, length)
                return reply, rest
            reply = reply._replace(body=await worker.read_all(length))
            slot.free(whole=reply.status != LIMIT)
        except (EOFError, OSError):
            return OVERLOAD if slot.is_ended else ENDED, None
        else:
            return reply, None
        finally:
            if not rest:
                slot.free()

    async def _fork(self, graph: Graph) -> Worker:
        try:
            return await graph.fork()
        except (EOFError, OSError):
            if graph is self.graph:
                self._renew.set()
            raise
