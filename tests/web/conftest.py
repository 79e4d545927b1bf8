"""A running ``kaiju serve``: a process of its own at a free port of this machine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

import pytest

from tests.repository import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

MOST = 60.0
"""Seconds that a test waits at most."""


class Response(NamedTuple):
    """A response; the names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Serving:
    """A server that runs."""

    def __init__(self, process: subprocess.Popen[str], log: Path, port: int) -> None:
        self.process, self._log, self.port = process, log, port

    def log(self) -> str:
        """Return what the server has written to standard error."""
        return self._log.read_text("utf-8")

    def wait_for_log(self, text: str) -> None:
        """Wait until the log has a text."""
        until = time.monotonic() + MOST
        while text not in self.log():
            assert time.monotonic() < until, self.log()
            time.sleep(0.02)

    def request(
        self,
        path: str,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Response:
        """Send a request, and return the response."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=MOST)
        try:
            connection.request(method, path, body, dict(headers or {}))
            found = connection.getresponse()
            names = {name.lower(): value for name, value in found.getheaders()}
            return Response(found.status, names, found.read())
        finally:
            connection.close()

    def query(self, text: str, accept: str = "*/*", **headers: str) -> Response:
        """Send a query by GET."""
        return self.request(f"/sparql?query={quote(text)}", headers={"Accept": accept} | headers)


@contextmanager
def serving(root: Path, log: Path, *options: str) -> Iterator[Serving]:
    """Run a server for a project until the end of the block."""
    with log.open("w") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "kaiju_graph", "serve", "--port", "0", *options],
            cwd=root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
    assert process.stdout
    try:
        address = process.stdout.readline()
        assert address.startswith("http://127.0.0.1:"), log.read_text("utf-8")
        yield Serving(process, log, int(address.rpartition(":")[2].partition("/")[0]))
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(MOST)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """Return a server of the repository."""
    with serving(ROOT, tmp_path_factory.mktemp("server") / "log", "--timeout", "20") as running:
        yield running


def is_alive(process: int) -> bool:
    """Tell whether a process runs."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
