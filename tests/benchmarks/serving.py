"""Requests to a running server: ``python serving.py JOB SERVER...``, with the command that serves.

It starts the server, which listens at PORT if an argument of the command is that word, sends the
requests of a job by HTTP/1.1 over connections that stay open, ends the server, and prints the
seconds. One client measures all servers, and uses nothing but Python; the jobs of ``PROCESSES``
start a process for each request, and count its processor time beyond that of Python alone.
"""

from __future__ import annotations

import asyncio
import resource
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from functools import partial
from statistics import median
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

QUERY = """\
PREFIX film: <https://w3id.org/kaiju/film#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?name { ?film a film:Film ; rdfs:label ?name }"""
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . FILTER(?a != ?i) }"
MANY = 500
"""How many requests one client sends."""
CLIENTS, EACH = 32, 40
"""How many clients there are, and how many requests each of them sends."""
STRANGERS = 8
"""How many clients send endless queries."""
TIMES = 15
"""How many processes each send one request."""
CSV = "text/csv"
HTTPX = f"""\
import sys, httpx
query = {{"query": sys.argv[1]}}
response = httpx.get(sys.argv[2], params=query, headers={{"Accept": "{CSV}"}}, trust_env=False)
sys.stdout.write(response.raise_for_status().text)"""
PROCESSES = {
    "kaiju": ("-m", "kaiju_graph", "query", "QUERY", "-f", "csv", "--endpoint", "URL"),
    "httpx": ("-c", HTTPX, "QUERY", "URL"),
}
"""Name of a job → the arguments of Python that send a query to a URL."""
STATEMENTS = "statements.nq"
"""The file with all that a push sends, in the folder where a job runs."""
POST = """\
import sys
from pathlib import Path
from urllib.request import Request, urlopen
headers = {"Content-Type": "application/n-quads"}
urlopen(Request(sys.argv[2], Path(sys.argv[1]).read_bytes(), headers, method="POST"))"""
LOADERS = {
    "push": ("-m", "kaiju_graph", "push", "URL", "--timeout", "0", "--max-memory", "0"),
    "load": ("-c", POST, STATEMENTS, "STORE"),
}
"""Name of a job → the arguments of Python that fill an empty store."""
WARM = 50
"""How many requests are sent before the measured ones."""
PATHS = {"oxigraph": "/query", "kaiju": "/sparql"}
"""Word of a command → the path of the endpoint."""


class Client:
    """A connection to an endpoint."""

    def __init__(self, port: int, path: str) -> None:
        self.port, self.path = port, path

    async def connect(self) -> Client:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        return self

    async def ask(self, query: str) -> float:
        """Send a query, and return the seconds until its answer has come."""
        start = time.perf_counter()
        accept = "Accept: application/sparql-results+json"
        head = f"GET {self.path}?query={quote(query)} HTTP/1.1\r\nHost: a\r\n{accept}\r\n\r\n"
        self.writer.write(head.encode())
        answer = await self.reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 200"), answer
        fields = dict(line.split(b": ", 1) for line in answer.lower().splitlines()[1:-1])
        if length := fields.get(b"content-length"):
            await self.reader.readexactly(int(length))
        else:
            while size := int(await self.reader.readline(), 16):
                await self.reader.readexactly(size + 2)
            await self.reader.readexactly(2)
        return time.perf_counter() - start


async def again(port: int, path: str, *, new: bool = False, many: int = MANY) -> float:
    """Send the same query, or always a new one; count the median for each."""
    client = await Client(port, path).connect()
    queries = [f"{QUERY} # {number if new else ''}" for number in range(-WARM, many)]
    times = [await client.ask(query) for query in queries]
    return median(times[WARM:]) * many


async def clients(port: int, path: str, *, new: bool = False) -> float:
    """Send the queries of many clients at the same time."""
    await again(port, path, many=1)

    async def send(number: int) -> None:
        client = await Client(port, path).connect()
        for each in range(EACH):
            await client.ask(f"{QUERY} # {f'{number} {each}' if new else ''}")

    start = time.perf_counter()
    await asyncio.gather(*map(send, range(CLIENTS)))
    return time.perf_counter() - start


async def among(port: int, path: str) -> float:
    """Send new queries while strangers send endless ones."""
    strangers = [await Client(port, path).connect() for _ in range(STRANGERS)]
    asking = [
        asyncio.ensure_future(stranger.ask(f"{ENDLESS} # {number}"))
        for number, stranger in enumerate(strangers)
    ]
    await asyncio.sleep(2)
    try:
        return await again(port, path, new=True, many=EACH)
    finally:
        for each in asking:
            each.cancel()


async def start(port: int, path: str, arguments: tuple[str, ...]) -> float:
    """Start processes that send a query; return the median of their processor time, in seconds."""
    words = {"QUERY": QUERY, "URL": f"http://127.0.0.1:{port}{path}"}
    sender = [words.get(argument, argument) for argument in arguments]
    return median(processor_time(*sender) - processor_time("-c", "pass") for _ in range(TIMES))


async def fill(port: int, path: str, arguments: tuple[str, ...]) -> float:
    """Fill the store of a server; return the seconds, with the start of Python."""
    place = f"http://127.0.0.1:{port}"
    words = {"URL": place + path, "STORE": f"{place}/store"}
    command = [sys.executable, *(words.get(argument, argument) for argument in arguments)]
    before = time.perf_counter()
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.DEVNULL)
    assert await process.wait() == 0
    return time.perf_counter() - before


def processor_time(*arguments: str) -> float:
    """Run Python, and return the seconds of processor time that it takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


JOBS: dict[str, Callable[[int, str], Coroutine[Any, Any, float]]] = {
    "again": again,
    "new": lambda port, path: again(port, path, new=True),
    "few": lambda port, path: again(port, path, new=True, many=EACH),
    "clients": clients,
    "clients, new": lambda port, path: clients(port, path, new=True),
    "among": among,
    **{name: partial(start, arguments=arguments) for name, arguments in PROCESSES.items()},
    **{name: partial(fill, arguments=arguments) for name, arguments in LOADERS.items()},
}
"""Name of a job → its requests."""


@contextmanager
def serve(arguments: list[str]) -> Iterator[int]:
    """Run a server, and yield its port when it listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [argument.replace("PORT", str(port)) for argument in arguments]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                assert process.poll() is None, "the server has ended"
                time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait()


def main(job: str, *arguments: str) -> None:
    """Run a job and print the seconds."""
    words = " ".join(arguments)
    path = next(path for word, path in PATHS.items() if f"{word} serve" in words)
    with serve(list(arguments)) as port:
        print(asyncio.run(JOBS[job](port, path)))


if __name__ == "__main__":
    main(*sys.argv[1:])
