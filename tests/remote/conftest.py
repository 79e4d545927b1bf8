from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

import kaiju_graph as kaiju
from tests.comunica import find_command
from tests.repository import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    Start = Callable[..., str]


def _oxigraph() -> str:
    beside = Path(sys.executable).with_name("oxigraph")
    found = str(beside) if beside.exists() else shutil.which("oxigraph")
    assert found, "the test extra has oxigraph"
    return found


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


@contextmanager
def _run(command: list[str], url: str, folder: Path | None = None) -> Iterator[str]:
    """Run a server until the test ends, and yield the URL of its queries when it answers."""
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(command, cwd=folder, stdout=quiet, stderr=quiet)
    try:
        for _ in range(1200):
            assert server.poll() is None, "the server has ended"
            try:
                httpx.get(url, params={"query": "ASK {}"}, trust_env=False)
                break
            except httpx.TransportError:
                time.sleep(0.05)
        yield url
    finally:
        server.kill()
        server.wait()


def _serve(*options: str) -> AbstractContextManager[str]:
    """Run Oxigraph's server."""
    place = f"127.0.0.1:{_free_port()}"
    return _run([_oxigraph(), "serve", "--bind", place, *options], f"http://{place}/query")


@pytest.fixture
def oxigraph() -> Iterator[str]:
    """Return the URL of an empty store whose default graph is a graph of its own."""
    with _serve() as url:
        yield url


@pytest.fixture
def union_oxigraph() -> Iterator[str]:
    """Return the URL of an empty store whose default graph is the union of all graphs."""
    with _serve("--union-default-graph") as url:
        yield url


VIRTUOSO = """\
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
[TempDatabase]
DatabaseFile = temporary.db
TransactionFile = temporary.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
NumberOfBuffers = 10000
[HTTPServer]
ServerPort = 127.0.0.1:{http}
[SPARQL]
ResultSetMaxRows = 1000000
"""
"""The settings of a server on loopback, in a folder of its own."""


@pytest.fixture(scope="module")
def virtuoso(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the URL of an empty Virtuoso, whose user is ``dba`` with the password ``dba``."""
    program = shutil.which("virtuoso-t")
    if not program:
        pytest.skip("no virtuoso-t, of the Debian package virtuoso-opensource-7-bin")
    folder, port = tmp_path_factory.mktemp("virtuoso"), _free_port()
    settings = VIRTUOSO.format(sql=_free_port(), http=port)
    (folder / "virtuoso.ini").write_text(settings, encoding="utf-8")
    url = f"http://127.0.0.1:{port}/sparql"
    with _run([program, "-f", "-c", "virtuoso.ini"], url, folder) as running:
        yield running


@pytest.fixture(scope="module")
def graph_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with the named graphs and the merge, for engines that read a file."""
    file = tmp_path_factory.mktemp("graph") / "graph.nq"
    quads, merge = kaiju.load(ROOT).read_lines()
    file.write_bytes(quads + merge.replace(b"\n\n", b"\n"))
    return file


@pytest.fixture(scope="module")
def comunica(graph_file: Path) -> Iterator[str]:
    """Return the URL of a Comunica whose source is a file."""
    loopback = Path(__file__).with_name("comunica") / "loopback.cjs"
    command = find_command("comunica-sparql-file-http", "--require", str(loopback))
    port = _free_port()
    command += ["-p", str(port), str(graph_file)]
    with _run(command, f"http://127.0.0.1:{port}/sparql", graph_file.parent) as running:
        yield running


@pytest.fixture(scope="module")
def rdflib_endpoint(graph_file: Path) -> Iterator[str]:
    """Return the URL of an rdflib-endpoint that has loaded the graph from a file."""
    pytest.importorskip("rdflib_endpoint", reason="no rdflib-endpoint, of the test extra")
    port = _free_port()
    command = "from rdflib_endpoint.__main__ import cli; cli()"
    options = ["serve", "--host", "127.0.0.1", "--port", str(port), str(graph_file)]
    with _run([sys.executable, "-c", command, *options], f"http://127.0.0.1:{port}/") as running:
        yield running


@pytest.fixture(autouse=True)
def _no_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith("KAIJU_ENDPOINT"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NETRC", str(tmp_path / "no-netrc"))
