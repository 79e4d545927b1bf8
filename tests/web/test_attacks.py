"""Requests that no friendly client sends, each written to a socket as it is."""

from __future__ import annotations

import re
import socket
import time
from typing import TYPE_CHECKING

import pytest

from kaiju_graph.web.connection import MAX_HEAD
from tests.web.conftest import MOST

if TYPE_CHECKING:
    from tests.web.conftest import Serving

pytestmark = pytest.mark.slow

ASK = "/sparql?query=ASK%7B%7D"
DIRECT = "Content-Type: application/sparql-query\r\n"
QUERY = f"POST /sparql HTTP/1.1\r\nHost: a\r\n{DIRECT}"


def head(path: str, *headers: str, method: str = "GET") -> str:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: a", *headers, "", ""])


def send(server: Serving, request: bytes) -> tuple[int, dict[str, str], str]:
    """Return the status code, the headers and the body of the response to some bytes."""
    with socket.create_connection(("127.0.0.1", server.port), MOST) as connection:
        connection.sendall(request)
        answer = b""
        while b"\r\n\r\n" not in answer:
            part = connection.recv(2**16)
            assert part, answer
            answer += part
        start, _, body = answer.partition(b"\r\n\r\n")
        status, *lines = start.decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (x.partition(": ") for x in lines)}
        while len(body) < int(headers.get("content-length", "0")):
            part = connection.recv(2**16)
            assert part
            body += part
        return int(status.split()[1]), headers, body.decode()


REFUSED = {
    "method-unknown-to-the-server": (405, head("/sparql", method="TRACE")),
    "method-that-changes": (405, head("/id/gamera", method="DELETE")),
    "method-that-is-none": (400, head("/sparql", method="FOO")),
    "tunnel": (400, "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n"),
    "version-of-http": (400, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "no-http": (400, "\x16\x03\x01\x02\x00\x01\x00\r\n\r\n"),
    "no-host": (400, f"GET {ASK} HTTP/1.1\r\n\r\n"),
    "two-hosts": (400, head(ASK, "Host: b")),
    "header-without-colon": (400, head(ASK, "nonsense")),
    "header-with-space": (400, head(ASK, "A : b")),
    "header-on-two-lines": (400, head(ASK, "A: b", " c")),
    "header-with-null": (400, head(ASK, "A: \x00")),
    "lines-end-in-lf": (400, head(ASK).replace("\r", "")),
    "head-too-long": (400, head(ASK, "A: " + "x" * 2 * MAX_HEAD)),
    "length-below-zero": (400, f"{QUERY}Content-Length: -5\r\n\r\nASK{{}}"),
    "two-lengths": (400, f"{QUERY}Content-Length: 5\r\nContent-Length: 6\r\n\r\nASK{{}}"),
    "length-and-chunks": (
        400,
        f"{QUERY}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nASK{{}}\r\n0\r\n\r\n",
    ),
    "coding-of-the-transfer": (
        400,
        f"{QUERY}Transfer-Encoding: gzip\r\n\r\n5\r\nASK{{}}\r\n0\r\n\r\n",
    ),
    "chunk-without-size": (400, f"{QUERY}Transfer-Encoding: chunked\r\n\r\nzz\r\nASK{{}}\r\n"),
    "compressed-body": (415, f"{QUERY}Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nASK{{}}"),
    "body-that-does-not-come": (408, f"{QUERY}Content-Length: 99\r\n\r\nASK{{}}"),
    "body-too-long": (413, f"{QUERY}Content-Length: 99999999999\r\n\r\nASK{{}}"),
    "path-not-in-ascii": (400, "GET /id/\xff HTTP/1.1\r\nHost: a\r\n\r\n"),
    "path-not-percent-encoded": (404, head("/id/%ZZ%")),
    "path-not-in-utf-8": (404, head("/id/%FF%FE")),
    "path-with-null": (404, head("/id/%00")),
    "path-with-line": (404, head("/id/a%0d%0aSet-Cookie:%20x=1")),
    "path-to-elsewhere": (404, head("/../../../../etc/passwd")),
    "path-to-elsewhere-encoded": (404, head("/question/..%2f..%2f..%2fetc%2fpasswd.csv")),
    "path-to-elsewhere-of-windows": (404, head("/..%5c..%5cetc%5cpasswd")),
    "path-too-long": (404, head("/" + "a" * 60_000)),
    "format-that-is-markup": (406, head(f"{ASK}&format=%3Cscript%3E")),
    "graph-that-is-markup": (400, head(f"{ASK}&default-graph-uri=%3Cscript%3E")),
    "query-with-null": (400, head("/sparql?query=ASK%7B%7D%00")),
    "query-with-surrogate": (400, head("/sparql?query=ASK%7B%7D%ED%A0%80")),
    "query-with-control": (400, head("/sparql?query=%E2%80%AE%1B[2J")),
    "too-many-ranges": (406, head(ASK, "Accept: " + ",".join(["a/b"] * 3000))),
    "range-not-in-ascii": (406, head(ASK, "Accept: \xff\xfe")),
    "value-with-null": (400, head("/question/who-directed.csv?film=%00")),
    "value-with-line": (400, head("/question/who-directed.csv?film=a%0Ab")),
    "value-that-is-sparql": (400, head("/question/who-directed.csv?film=%3Chttp://a/%3E%20%7D")),
    "values-too-many": (413, head("/question/who-directed.csv?" + "a=1&" * 3000)),
}


@pytest.mark.parametrize("name", REFUSED)
def test_hostile_request_is_refused_in_one_line(name: str, server: Serving) -> None:
    expected, request = REFUSED[name]
    status, headers, body = send(server, request.encode("latin-1"))
    assert status == expected, body
    assert headers["content-type"] == "text/plain; charset=utf-8"
    assert re.fullmatch(r"error: [^\x00-\x1f\x7f-\x9f\u202a-\u202e]+\n", body), body
    assert "set-cookie" not in headers
    assert "root:" not in body
    assert server.query("ASK { }").json["boolean"] is True


@pytest.mark.parametrize(
    "request_",
    [
        head(ASK, *(f"X{number}: 1" for number in range(5000))),
        head(ASK, "Accept: text/csv;q=nan, */*;q=inf"),
        head(ASK, 'If-None-Match: \xff, "'),
        head(ASK, "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Key: x"),
        "\r\n\r\n" + head(ASK),
        f"{QUERY}Expect: 200-maybe\r\nContent-Length: 5\r\n\r\nASK{{}}",
        f"{QUERY}Transfer-Encoding: chunked\r\n\r\n5\r\nASK{{}}\r\n0\r\n\r\n",
    ],
)  # fmt: skip
def test_odd_request_is_answered(request_: str, server: Serving) -> None:
    status, _, body = send(server, request_.encode("latin-1"))
    assert (status, body) == (200, '{"head":{},"boolean":true}\n')


def test_requests_sent_at_once_are_all_answered(server: Serving) -> None:
    with socket.create_connection(("127.0.0.1", server.port), MOST) as connection:
        connection.sendall(head(ASK).encode() * 300 + head(ASK, "Connection: close").encode())
        answer = b""
        while part := connection.recv(2**16):
            answer += part
    assert answer.count(b"HTTP/1.1 200 OK\r\n") == 301


def test_log_has_no_line_that_a_stranger_writes(server: Serving) -> None:
    send(server, head("/%0akaiju:%20error%1b[2J%E2%80%AE").encode())
    send(server, b"nonsense\r\n\r\n")
    until = time.monotonic() + MOST
    while "400 found no valid request" not in server.log():
        assert time.monotonic() < until
        time.sleep(0.02)
    for line in server.log().splitlines():
        assert re.fullmatch(r"kaiju: 127\.0\.0\.1 .*", line), line
        assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e]", line)
