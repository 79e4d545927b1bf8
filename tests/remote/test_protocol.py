"""The client against servers that answer wrongly, late or not at all."""

from __future__ import annotations

import base64
import gzip
import json
import shutil
import socket
import ssl
import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest

from kaiju_graph.errors import KaijuError, LimitError, QueryError, UnreachableError, UsageError
from kaiju_graph.remote import answers, protocol
from kaiju_graph.remote.protocol import Endpoint, RemoteDataset
from tests.remote.hostile import JSON, reply, serve

if TYPE_CHECKING:
    from http.server import BaseHTTPRequestHandler
    from pathlib import Path

TRUE = b'{"head":{},"boolean":true}'
ROWS = b'{"head":{"vars":["n"]},"results":{"bindings":[{"n":{"type":"literal","value":"1"}}'
SELECT, ASK = "SELECT ?n { ?s ?p ?n }", "ASK { ?s ?p ?o }"


def _error(url: str, text: str = ASK, **options: Any) -> KaijuError:
    """Ask a server and return the error, which is one line with the URL."""
    with pytest.raises(KaijuError) as caught:
        answers.select(Endpoint(url, **options), text)
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("status", "body", "headers", "expected", "kind"),
    [
        (200, b"<html>", {"Content_Type": "text/html"}, "found text/html;", UnreachableError),
        (200, TRUE, {}, "found no media type; expected", UnreachableError),
        (200, b"a,b", {"Content_Type": "text/csv"}, "found text/csv; expected", UnreachableError),
        (200, b'{"head"', {"Content_Type": JSON}, "no valid answer after 7", UnreachableError),
        (200, b"\xff\xfe{", {"Content_Type": JSON}, "found no valid answer", UnreachableError),
        (200, b"<sparql><head>", {"Content_Type": "text/xml"}, "no valid answer", UnreachableError),
        (200, TRUE, {"Content_Type": JSON, "Content_Encoding": "gzip"}, "breaks", UnreachableError),
        (
            404,
            b"<h1>no <b>such</b></h1>",
            {"Content_Type": "text/html"},
            ": no such",
            UnreachableError,
        ),
        (500, b"", {}, "found 500 Internal Server Error; expected an answer", UnreachableError),
        (400, b"bad\nquery", {}, "the server refuses the query: bad query", QueryError),
        (401, b"", {}, "401 Unauthorized: found none; expected credentials", UnreachableError),
        (
            302,
            b"",
            {"Location": "http://example.org/"},
            "redirect to http://example",
            UnreachableError,
        ),
        (307, b"", {"Location": "/sparql"}, "found more than 5 redirects", UnreachableError),
    ],
)
def test_wrong_answer_is_one_line(
    status: int, body: bytes, headers: dict[str, Any], expected: str, kind: type[KaijuError]
) -> None:
    with serve(lambda handler, _: reply(handler, status, body, **headers)) as server:
        error = _error(server.url)
    assert expected in str(error)
    assert server.url in str(error)
    assert isinstance(error, kind)


def test_half_an_answer_is_no_answer() -> None:
    with serve(
        lambda handler, _: reply(handler, 200, ROWS, length=999, Content_Type=JSON)
    ) as server:
        error = _error(server.url, SELECT)
    assert isinstance(error, UnreachableError)
    assert f"it breaks off after {len(ROWS)} bytes of the answer" in str(error)


def test_slow_server_ends_at_the_limit() -> None:
    with serve(lambda *_: time.sleep(1)) as server:
        error = _error(server.url, seconds=0.1)
    assert isinstance(error, LimitError)
    assert "the server sent nothing for 0.1 s" in str(error)


def test_endless_answer_ends_at_the_limit() -> None:
    def pour(handler: BaseHTTPRequestHandler, _: int) -> None:
        reply(handler, 200, ROWS, length=10**10, Content_Type=JSON)
        for _ in range(10_000):
            handler.wfile.write(b',{"n":{"type":"literal","value":"1"}}' * 1000)

    with (
        serve(pour) as server,
        pytest.raises(LimitError, match="more than 1,000,000 bytes"),
        answers.open_answer(Endpoint(server.url), SELECT, {}, limit=10**6) as found,
    ):
        answers.keep(found)


def test_server_that_is_down_is_named() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/sparql"
    assert str(_error(url)) == f"{url}: cannot be reached: Connection refused"


def test_server_without_tls_is_an_error_of_https() -> None:
    with serve(lambda handler, _: reply(handler, 200, TRUE, Content_Type=JSON)) as server:
        error = _error(server.url.replace("http:", "https:"))
    assert isinstance(error, UnreachableError)
    assert "cannot be reached: " in str(error)


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl makes the certificate")
def test_certificate_that_nobody_signed_is_refused(tmp_path: Path) -> None:
    key, certificate = str(tmp_path / "key.pem"), str(tmp_path / "certificate.pem")
    make = f"openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=127.0.0.1 -keyout {key}"
    subprocess.run([*make.split(), "-out", certificate], check=True, capture_output=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    with serve(lambda handler, _: reply(handler, 200, TRUE, Content_Type=JSON), tls) as server:
        error = _error(server.url)
    assert isinstance(error, UnreachableError)
    assert "certificate verify failed" in str(error)
    assert not server.seen


@pytest.mark.parametrize("after", ["0", "Mon, 30 Nov 2020 00:00:00 GMT"])
def test_busy_server_is_asked_again_when_it_says(after: str) -> None:
    def answer(handler: BaseHTTPRequestHandler, number: int) -> None:
        if number <= 2:
            reply(handler, 503 if number == 1 else 429, Retry_After=after)
        else:
            reply(handler, 200, TRUE, Content_Type=JSON)

    with serve(answer) as server:
        assert answers.ask(Endpoint(server.url), ASK)
    assert len(server.seen) == 3


def test_server_that_is_busy_for_long_is_an_error() -> None:
    with serve(lambda handler, _: reply(handler, 503, b"closed", Retry_After="3600")) as server:
        assert "found 503 Service Unavailable: closed" in str(_error(server.url))
    assert len(server.seen) == 1


def test_long_query_is_sent_by_post_and_a_short_one_by_get() -> None:
    with serve(lambda handler, _: reply(handler, 200, TRUE, Content_Type=JSON)) as server:
        endpoint = Endpoint(server.url)
        answers.ask(endpoint, ASK)
        answers.ask(endpoint, f"{ASK} #{'x' * protocol.LONGEST_GET}")
        answers.ask(endpoint, ASK, dataset=RemoteDataset("urn:merge", ("urn:a", "urn:b")))
    short, long, merged = server.seen
    assert (short.method, long.method, long.path) == ("GET", "POST", "/sparql")
    assert long.body.startswith("query=ASK+")
    assert "default-graph-uri=urn%3Amerge&named-graph-uri=urn%3Aa&named-" in merged.path
    assert short.headers["Accept"].startswith(JSON)


def test_redirect_at_the_same_server_is_followed() -> None:
    def answer(handler: BaseHTTPRequestHandler, number: int) -> None:
        if number == 1:
            reply(handler, 307, Location="/other?query=ASK%20%7B%7D")
        else:
            reply(handler, 200, gzip.compress(TRUE), Content_Type=JSON, Content_Encoding="gzip")

    with serve(answer) as server:
        assert answers.ask(Endpoint(server.url), ASK)


def test_credentials_answer_a_challenge_and_are_never_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    secret = "open sesame"  # noqa: S105 (that of nobody)

    def answer(handler: BaseHTTPRequestHandler, number: int) -> None:
        given = handler.headers.get("Authorization")
        if number == 4:  # a server that repeats what it was sent
            reply(handler, 500, f"{secret} {given}".encode())
        elif given:
            reply(handler, 200, TRUE, Content_Type=JSON)
        else:
            reply(handler, 401, WWW_Authenticate='Basic realm="x"')

    monkeypatch.setenv("KAIJU_ENDPOINT_USER", "ada")
    monkeypatch.setenv("KAIJU_ENDPOINT_PASSWORD", secret)
    with serve(answer) as server:
        endpoint = Endpoint(server.url)
        assert answers.ask(endpoint, ASK)
        assert answers.ask(endpoint, ASK)
        with pytest.raises(UnreachableError) as caught:
            answers.ask(endpoint, ASK)
    first, *others = server.seen
    basic = f"Basic {base64.b64encode(f'ada:{secret}'.encode()).decode()}"
    assert "Authorization" not in first.headers
    assert {seen.headers["Authorization"] for seen in others} == {basic}
    assert secret not in str(caught.value)
    assert basic.removeprefix("Basic ") not in str(caught.value)


def test_digest_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(handler: BaseHTTPRequestHandler, _: int) -> None:
        if 'username="ada"' in handler.headers.get("Authorization", ""):
            reply(handler, 200, TRUE, Content_Type=JSON)
        else:
            challenge = 'Digest realm="x", nonce="n", qop="auth", algorithm="MD5"'
            reply(handler, 401, WWW_Authenticate=challenge)

    monkeypatch.setenv("KAIJU_ENDPOINT_USER", "ada")
    monkeypatch.setenv("KAIJU_ENDPOINT_PASSWORD", "secret")
    with serve(answer) as server:
        assert answers.ask(Endpoint(server.url), ASK)
    assert not any("secret" in str(seen.headers) for seen in server.seen)


def test_wrong_credentials_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAIJU_ENDPOINT_TOKEN", "t0ken")
    with serve(lambda handler, _: reply(handler, 403, b"not you, t0ken")) as server:
        message = str(_error(server.url))
    assert "403 Forbidden: the credentials are not accepted" in message
    assert "t0ken" not in message
    assert server.seen[0].headers["Authorization"] == "Bearer t0ken"


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"", {"Content_Type": "text/s3cret"}),
        (b"[s3cret", {"Content_Type": JSON}),
        (b"<sparql>&s3cret;", {"Content_Type": "text/xml"}),
        (b"\x1f", {"Content_Type": JSON, "Content_Encoding": "gzip"}),
    ],
)
def test_no_wrong_answer_shows_a_secret(
    body: bytes, headers: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAIJU_ENDPOINT_TOKEN", "s3cret")
    with serve(lambda handler, _: reply(handler, 200, body, **headers)) as server:
        message = str(_error(f"{server.url}?key=abracadabra"))
    assert "s3cret" not in message
    assert "abracadabra" not in message
    assert "key=abracadabra&query=" in server.seen[0].path


def test_redirect_that_changes_the_method_is_an_error() -> None:
    with serve(lambda handler, _: reply(handler, 302, Location="/other")) as server:
        message = str(_error(server.url, f"{ASK} #{'x' * protocol.LONGEST_GET}"))
    assert "found a redirect of POST to GET; expected an answer" in message
    assert len(server.seen) == 1


def test_compressed_answer_is_counted_as_it_is_read() -> None:
    rows = ROWS + b',{"n":{"type":"literal","value":"1"}}' * 10**5
    body = gzip.compress(rows)
    headers: dict[str, Any] = {"Content_Type": JSON, "Content_Encoding": "gzip"}
    with (
        serve(lambda handler, _: reply(handler, 200, body, **headers)) as server,
        pytest.raises(LimitError, match="more than 1,000,000 bytes"),
        answers.open_answer(Endpoint(server.url), SELECT, {}, limit=10**6) as found,
    ):
        answers.keep(found)
    assert len(body) < 10**5


def test_netrc_has_credentials_of_a_host(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login ada password secret\n", encoding="utf-8")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    assert Endpoint("http://127.0.0.1:1/").credentials.user == "ada"
    assert not Endpoint("http://127.0.0.2:1/").credentials
    netrc.write_text("machine 127.0.0.1 login ada passwort geheim\n", encoding="utf-8")
    with pytest.raises(UnreachableError) as caught:
        Endpoint("http://127.0.0.1:1/")
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["", "localhost:80", "file:///etc/passwd", "http://", "http://a b/", "http://h/#x"]
)
def test_what_is_no_url_of_http_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="expected a URL of http or https"):
        Endpoint(url)


def test_password_in_a_url_is_refused_and_not_repeated() -> None:
    with pytest.raises(UsageError) as caught:
        Endpoint("http://ada:geheim@127.0.0.1/sparql")
    assert "geheim" not in str(caught.value)


def test_no_proxy_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(handler: BaseHTTPRequestHandler, _: int) -> None:
        reply(handler, 200, TRUE, Content_Type=JSON)

    with serve(answer) as proxy, serve(answer) as server:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("ALL_PROXY", proxy.url)
        assert answers.ask(Endpoint(server.url), ASK)
    assert not proxy.seen


def test_service_is_refused_before_anything_is_sent() -> None:
    text = "ASK { SERVICE <http://example.org/> { ?s ?p ?o } }"
    with (
        serve(lambda handler, _: reply(handler, 200, TRUE, Content_Type=JSON)) as server,
        pytest.raises(QueryError, match="found SERVICE"),
    ):
        answers.ask(Endpoint(server.url), text)
    assert not server.seen


def test_virtuoso_is_understood() -> None:
    ask = (
        b'{"head":{"link":[],"vars":["__ASK_RETVAL"]},"results":{"bindings":['
        b'{"__ASK_RETVAL":{"type":"typed-literal","datatype":'
        b'"http://www.w3.org/2001/XMLSchema#integer","value":"1"}}]}}'
    )
    node = (
        b'{"head":{"vars":["n"]},"results":{"bindings":['
        b'{"n":{"type": "bnode", "value": "nodeID://b10"}},'
        b'{"n":{"type": "literal", "value": "nodeID://b10"}}]}}'
    )
    bodies = [ask, node]
    with serve(
        lambda handler, number: reply(handler, 200, bodies[number - 1], Content_Type=JSON)
    ) as server:
        endpoint = Endpoint(server.url)
        assert answers.ask(endpoint, ASK)
        (first,), (second,) = answers.select(endpoint, SELECT)
    assert str(first) == "_:b10"
    assert second.value == "nodeID://b10"


def test_metadata_of_comunica_are_left_out() -> None:
    member = '"metadata": { "httpRequests": 12 }'
    row = json.dumps({"n": {"type": "literal", "value": f"\n]}},\n{member}}}"}})
    head = '{"head": {"vars":["n"]},\n"results": { "bindings": [\n'
    body = f"{head}{row}\n]}},\n{member}}}\n".encode()
    with serve(lambda handler, size: _reply_in_parts(handler, body, size)) as server:
        endpoint = Endpoint(server.url)
        for _ in range(40):
            ((text,),) = answers.select(endpoint, SELECT)
            assert text.value == f"\n]}},\n{member}}}"


def _reply_in_parts(handler: BaseHTTPRequestHandler, body: bytes, size: int) -> None:
    """Send an answer in chunks of so many bytes."""
    handler.send_response(200)
    handler.send_header("Content-Type", JSON)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    for start in range(0, len(body), size):
        part = body[start : start + size]
        handler.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
    handler.wfile.write(b"0\r\n\r\n")
