"""``kaiju serve`` as its clients see it: HTTP, linked data, strangers, its start and its end."""

from __future__ import annotations

import gzip
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pyoxigraph as ox
import pytest

import kaiju_graph
from kaiju_graph.web import pool
from kaiju_graph.web.connection import MAX_BODY, MAX_HEAD, WAIT_SECONDS
from kaiju_graph.web.pages.site import STATIC, Site
from tests.repository import ROOT
from tests.web.conftest import MOST, serving

if TYPE_CHECKING:
    from tests.conftest import Command, Copy
    from tests.web.conftest import Response, Serving

TITLES = "SELECT ?title { ?film a film:Film ; rdfs:label ?title } ORDER BY ?title"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . FILTER(?a != ?i) }"
HUNGRY = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?a"
SPACE = "https://w3id.org/kaiju/"


def children(process: int) -> list[int]:
    """Return the processes that a process has started, and those that they have started."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):  # it has ended meanwhile
            continue
        if parent == process:
            found += [int(path.parent.name), *children(int(path.parent.name))]
    return found


def assert_refused(found: Response, status: int) -> None:
    """Check that a response is an error in one line."""
    assert found.status == status, found
    assert found.headers["content-type"] == "text/plain; charset=utf-8"
    assert found.text.startswith("error: ")
    assert found.text.count("\n") == 1


def test_server_answers_and_ends_at_a_signal(tmp_path: Path) -> None:
    with serving(ROOT, tmp_path / "log") as running:
        found = running.query(TITLES, "text/csv")
        assert found.status == 200
        assert "Gamera 2: Attack of Legion\r\n" in found.text
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(MOST) == 0
        line = running.log().strip()
        assert line.startswith("kaiju: 127.0.0.1 ")
        assert f"GET /sparql 200 {len(found.body)} " in line


@pytest.mark.slow
@pytest.mark.parametrize(
    ("query", "accept", "media_type"),
    [
        (TITLES, "*/*", "application/sparql-results+json"),
        (TITLES, "application/sparql-results+xml", "application/sparql-results+xml"),
        (TITLES, "text/csv", "text/csv; charset=utf-8"),
        (TITLES, "text/tab-separated-values", "text/tab-separated-values; charset=utf-8"),
        (TITLES, "text/markdown", "text/markdown; charset=utf-8"),
        ("ASK { }", "*/*", "application/sparql-results+json"),
        ("ASK { }", "text/csv, application/xml;q=0.1", "application/sparql-results+xml"),
        ("DESCRIBE id:gamera", "*/*", "text/turtle; charset=utf-8"),
        ("DESCRIBE id:gamera", "application/ld+json", "application/ld+json"),
        ("DESCRIBE id:gamera", "application/rdf+xml", "application/rdf+xml"),
        ("DESCRIBE id:gamera", "application/n-quads", "application/n-quads"),
        ("CONSTRUCT { ?s a ?c } { ?s a ?c }", "application/trig", "application/trig"),
    ],
)
def test_answer_has_the_format_that_the_client_prefers(
    query: str, accept: str, media_type: str, server: Serving
) -> None:
    found = server.query(query, accept)
    assert found.status == 200, found
    assert found.headers["content-type"] == media_type
    assert "Accept" in found.headers["vary"]
    head = server.request(f"/sparql?query={quote(query)}", "HEAD", {"Accept": accept})
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-length"] == str(len(found.body))


@pytest.mark.slow
def test_address_may_name_the_format(server: Serving) -> None:
    found = server.request(f"/sparql?format=csv&query={quote(TITLES)}")
    assert found.headers["content-type"] == "text/csv; charset=utf-8"
    assert_refused(server.request(f"/sparql?format=turtle&query={quote(TITLES)}"), 406)
    assert_refused(server.query(TITLES, "image/png"), 406)
    assert_refused(server.query("ASK { }", "text/csv"), 406)


@pytest.mark.slow
def test_client_that_has_the_answer_gets_no_other(server: Serving) -> None:
    found = server.query(TITLES)
    tag = found.headers["etag"]
    assert found.headers["cache-control"] == "no-cache"
    again = server.query(TITLES, **{"If-None-Match": f'"other", {tag}'})
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
    assert server.query(TITLES, "text/csv").headers["etag"] != tag
    assert server.query(TITLES, **{"If-None-Match": '"other"'}).status == 200
    now = server.query("SELECT (NOW() AS ?now) { }")
    assert "etag" not in now.headers
    assert now.headers["cache-control"] == "no-store"
    assert server.query("SELECT (NOW() AS ?now) { }").body != now.body


@pytest.mark.slow
def test_long_answer_is_compressed_where_the_client_can_read_it(server: Serving) -> None:
    query = "SELECT * { ?s a ?class } ORDER BY ?s ?class"
    plain = server.query(query)
    small = server.query(query, **{"Accept-Encoding": "gzip"})
    assert small.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in small.headers["vary"]
    assert len(small.body) * 4 < len(plain.body)
    assert gzip.decompress(small.body) == plain.body


@pytest.mark.slow
def test_empty_answer_says_which_terms_there_are(server: Serving) -> None:
    found = server.query("SELECT * { ?film film:directer ?who }", "text/csv")
    assert found.status == 200
    assert "did you mean 'film:director'" in found.headers["kaiju-hint"]
    described = server.query("CONSTRUCT WHERE { id:gamer\u00e1 ?p ?o }")
    assert r"id:gamer\xe1" in described.headers["kaiju-hint"]
    for query in (TITLES, "SELECT * { ?film a film:Film, film:Person }", "ASK { id:nobody ?p 1 }"):
        assert "kaiju-hint" not in server.query(query).headers


@pytest.mark.slow
def test_pages_of_other_sites_may_ask(server: Serving) -> None:
    origin = {"Origin": "https://example.org"}
    assert server.query("ASK { }", **origin).headers["access-control-allow-origin"] == "*"
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "accept"}
    preflight = server.request("/sparql", "OPTIONS", origin | asked)
    assert preflight.status == 204
    assert preflight.headers["access-control-allow-headers"] == "*"
    assert "POST" in preflight.headers["access-control-allow-methods"]
    refused = server.query("ASK {", **origin)
    assert_refused(refused, 400)
    assert refused.headers["access-control-allow-origin"] == "*"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "methods"),
    [("/sparql", "GET, HEAD, POST, OPTIONS"), ("/id/gamera", "GET, HEAD, OPTIONS")],
)
def test_refusal_of_a_method_names_all_others(path: str, methods: str, server: Serving) -> None:
    refused = server.request(path, "DELETE")
    assert (refused.status, refused.headers["allow"]) == (405, methods)


@pytest.mark.slow
def test_thing_leads_to_its_data(server: Serving) -> None:
    for accept, ending in {
        "text/turtle": "ttl",
        "application/ld+json": "jsonld",
        "application/n-triples": "nt",
        "*/*": "ttl",
        "image/png": "ttl",
    }.items():
        found = server.request("/id/gamera", headers={"Accept": accept})
        assert (found.status, found.headers["location"]) == (303, f"/data/id/gamera.{ending}")
        assert found.headers["vary"].startswith("Accept")
    store = ox.Store()
    turtle = server.request("/data/id/gamera.ttl")
    assert turtle.headers["content-type"] == "text/turtle; charset=utf-8"
    store.load(turtle.body, format=ox.RdfFormat.TURTLE)
    kind = ox.NamedNode(SPACE + "story#Monster")
    assert [*store.quads_for_pattern(ox.NamedNode(SPACE + "id/gamera"), None, kind)]


@pytest.mark.slow
def test_namespace_leads_to_its_terms(server: Serving) -> None:
    found = server.request("/film", headers={"Accept": "application/n-triples"})
    assert (found.status, found.headers["location"]) == (303, "/data/film.nt")
    lines = server.request("/data/film.nt").text.splitlines()
    assert all(line.startswith(f"<{SPACE}film#") for line in lines if line[0] != "_")
    assert any(line.startswith(f"<{SPACE}film#director> ") for line in lines)
    assert not any(line.startswith(f"<{SPACE}story#") for line in lines)


@pytest.mark.slow
def test_unknown_address_is_answered_with_near_names(server: Serving) -> None:
    found = server.request("/id/gamer")
    assert_refused(found, 404)
    assert "did you mean 'id:gamera'" in found.text
    for path in (
        *("/data/id/gamera", "/data/id/gamera.exe", "/data/.ttl", "/data/id/a%20b.ttl"),
        *("/data/../../../etc/passwd.ttl", "/%2e%2e/%2e%2e/etc/passwd", "/data/id/%00.ttl"),
        *("/<script>alert(1)</script>", "/id/%3Cscript%3E", "//example.org/%2e%2e"),
    ):
        found = server.request(path)
        assert_refused(found, 404)
        assert "script" not in found.text
        assert "passwd" not in found.text


BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
"""What Firefox and Chromium accept."""


@pytest.mark.slow
def test_browser_is_sent_to_the_page_of_a_thing(server: Serving) -> None:
    for path, page in {
        "/id/gamera": "/thing/id/gamera.html",
        "/film": "/terms.html#film",
        "/gamera-2/plot-2-3": "/article/gamera-2.html#plot-2-3",
    }.items():
        found = server.request(path, headers=BROWSER)
        assert (found.status, found.headers["location"]) == (303, page)
        assert found.text == f"{page}\n"
        address, _, anchor = page.partition("#")
        shown = server.request(address, headers=BROWSER)
        assert shown.status == 200
        assert shown.headers["content-type"] == "text/html; charset=utf-8"
        assert shown.headers["content-security-policy"].startswith("default-src 'none'; style-src")
        assert not anchor or f'id="{anchor}"' in shown.text
        tag = shown.headers["etag"]
        assert server.request(address, headers=BROWSER | {"If-None-Match": tag}).status == 304


@pytest.mark.slow
def test_pages_are_those_of_the_site(server: Serving) -> None:
    site = Site(kaiju_graph.load(str(ROOT)), is_live=True)
    addresses = {address.partition("/")[0]: address for address in site.pages}
    for address in (*addresses.values(), *STATIC):
        found = server.request(f"/{address}")
        assert (found.status, found.body) == (200, site.read(address)), address
        kind, _, encoding = found.headers["content-type"].partition("; ")
        ending = address.rpartition(".")[2]
        kinds = {"js": "text/javascript", "svg": "image/svg+xml"}
        assert kind == kinds.get(ending, f"text/{ending}")
        assert encoding == ("charset=utf-8" if kind.startswith("text/") else "")
    assert server.request("/", headers=BROWSER).body == site.read("index.html")


@pytest.mark.slow
def test_pictures_have_their_style_and_run_nothing(server: Serving) -> None:
    for address in ("/picture/story-gamera-2.svg", "/thing/id/gamera.svg"):
        found = server.request(address)
        assert (found.status, found.headers["content-type"]) == (200, "image/svg+xml")
        policy = "default-src 'none'; style-src 'unsafe-inline'"
        assert found.headers["content-security-policy"] == policy
    assert server.request("/thing/id/gamera.proof-1.svg").status == 404


@pytest.mark.slow
def test_form_of_a_question_gives_its_answer_for_a_value(server: Serving) -> None:
    page = "/question/who-directed.html"
    empty = server.request(page)
    assert '<input id="p-person" name="person" value=""' in empty.text
    given = "?person=Shusuke+Kaneko"
    found = server.request(page + given)
    assert found.status == 200
    assert 'value="Shusuke Kaneko"' in found.text
    link = f"who-directed.csv{given}"
    assert f'<a href="{link}">csv</a>' in found.text
    rows = server.request(f"/question/{link}")
    assert rows.headers["content-type"] == "text/csv; charset=utf-8"
    assert "Gamera 2: Attack of Legion" in rows.text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("person=%3Cscript%3Ealert(1)%3C/script%3E", "is not an IRI"),
        ("person=x%3Cscript%3Ealert(1)%3C/script%3E", "nothing is named"),
        ("person=Shusuke+Kanek", "did you mean"),
        ("other=x", "has no parameter"),
        ("person=a&person=b", "more than once"),
        ("person=%FF", "UTF-8"),
    ],
)
def test_value_that_does_not_fit_is_one_line(given: str, message: str, server: Serving) -> None:
    page = server.request(f"/question/who-directed.html?{given}", headers=BROWSER)
    assert page.status == 400
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "<script>" not in page.text
    assert message in page.text
    line = server.request(f"/question/who-directed.csv?{given}")
    assert_refused(line, 400)
    assert message in line.text


@pytest.mark.slow
def test_unknown_address_is_a_page_for_a_browser(server: Serving) -> None:
    found = server.request("/id/gamer", headers=BROWSER)
    assert (found.status, found.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert '<a href="../thing/id/gamera.html">' in found.text
    assert 'href="../style.css"' in found.text
    for path in ("/<script>alert(1)</script>", "/id/%3Cscript%3E", "/%E2%80%AE/%00", "/a//../b"):
        found = server.request(path, headers=BROWSER)
        assert found.status == 404
        assert "<script>" not in found.text
        assert "\u202e" not in found.text


@pytest.mark.slow
def test_dataset_is_described_at_its_well_known_address(server: Serving) -> None:
    store = ox.Store()
    store.load(server.request("/.well-known/void").body, format=ox.RdfFormat.TURTLE)
    void = "http://rdfs.org/ns/void#"
    (link,) = store.quads_for_pattern(None, ox.NamedNode(f"{void}sparqlEndpoint"), None)
    assert link.object == ox.NamedNode(f"http://127.0.0.1:{server.port}/sparql")
    (size,) = store.quads_for_pattern(link.subject, ox.NamedNode(f"{void}triples"), None)
    (row,) = server.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }").json["results"]["bindings"]
    assert size.object == ox.Literal(row["n"]["value"], datatype=ox.NamedNode(row["n"]["datatype"]))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("status", "query"),
    [
        (400, "SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }"),
        (400, "SELECT * { ?s ?p ?o } ; DROP ALL"),
        (400, "INSERT DATA { <urn:a> <urn:b> <urn:c> }"),
        (400, f"SELECT * {'{' * 5000}{'}' * 5000}"),
        (400, "SELECT * { ?s ?p \ud800 }".encode("utf-8", "replace").decode()),
        (200, "SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }"),
    ],
)
def test_query_of_a_stranger_reaches_nothing_else(status: int, query: str, server: Serving) -> None:
    found = server.query(query)
    if status == 200:
        assert found.json["results"]["bindings"] == []
    else:
        assert_refused(found, status)


@pytest.mark.slow
def test_browser_runs_nothing_that_a_query_writes(server: Serving) -> None:
    script = "CONSTRUCT { <urn:a> <http://www.w3.org/1999/xhtmlscript> 'alert(1)' } { }"
    for found in (
        server.query(script, "application/rdf+xml"),
        server.query("SELECT ('<script>alert(1)</script>' AS ?x) { }", "text/plain"),
        server.query("SELECT <script>alert(1)</script>"),
    ):
        assert found.headers["x-content-type-options"] == "nosniff"
        assert found.headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert "html" not in found.headers["content-type"].partition("/")[2]


@pytest.mark.slow
def test_request_is_bounded(server: Serving) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    long = b"query=" + b"x" * MAX_BODY
    assert_refused(server.request("/sparql", "POST", form, long), 413)
    assert_refused(server.request("/sparql", "POST", form, b"query=" + b"x" * 70_000), 413)
    for head in (
        b"GET /sparql?query=" + b"x" * 2 * MAX_HEAD + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nA: " + b"x" * 2 * MAX_HEAD + b"\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
        b"GET /sparql HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", server.port), MOST) as connection:
            connection.sendall(head)
            assert connection.recv(2**16).startswith(b"HTTP/1.1 4")
    assert server.query("ASK { }").json["boolean"] is True


@pytest.mark.slow
def test_connection_without_a_request_is_closed(server: Serving) -> None:
    start = time.monotonic()
    waiting = []
    for sent in (b"", b"GET /sparql HTTP/1.1\r\nHost: ", b"GET /x HTTP/1.1\r\nHost: a\r\n\r\nGET"):
        waiting.append(socket.create_connection(("127.0.0.1", server.port), MOST))
        waiting[-1].sendall(sent)
    for connection in waiting:
        with connection:
            while connection.recv(2**16):
                pass
    assert time.monotonic() - start < 3 * WAIT_SECONDS


@pytest.mark.slow
def test_client_that_leaves_ends_its_query(tmp_path: Path) -> None:
    with serving(ROOT, tmp_path / "log") as running:
        assert running.query("ASK { }").status == 200
        before = len(children(running.process.pid))
        address = f"GET /sparql?query={quote(ENDLESS)} HTTP/1.1\r\nHost: a\r\n\r\n"
        with socket.create_connection(("127.0.0.1", running.port), MOST) as connection:
            connection.sendall(address.encode())
            time.sleep(1)
            assert running.query("ASK { ?s ?p ?o }").status == 200
            assert len(children(running.process.pid)) > before
        running.wait_for_log("GET /sparql - 0 ")
        until = time.monotonic() + MOST
        while len(children(running.process.pid)) > before:
            assert time.monotonic() < until
            time.sleep(0.02)


@pytest.mark.slow
def test_limits_end_a_query_and_nothing_else(tmp_path: Path) -> None:
    share = 60 * (pool.QUICK + pool.SLOW)
    options = ("--timeout", "3", "--max-memory", str(share))
    with serving(ROOT, tmp_path / "log", *options) as running:
        for query, reason in {ENDLESS: "3 s", HUNGRY: r"\d{2,4} MiB"}.items():
            found = running.query(query)
            assert_refused(found, 504)
            expected = f"error: the query took more than {reason}\n"
            assert re.fullmatch(expected, found.text), found.text
        assert running.query("ASK { }").json["boolean"] is True


LONG = "SELECT * { ?a ?b ?c . ?d a ?e } LIMIT 40000"
"""A query whose answer is longer than what a socket and the server hold together."""
UNENDING = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
"""A query whose rows have no end that anybody waits for."""


def connect(server: Serving, target: str) -> socket.socket:
    """Send a request by a connection of its own."""
    connection = socket.create_connection(("127.0.0.1", server.port), MOST)
    connection.sendall(f"GET {target} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    return connection


@pytest.mark.slow
def test_long_answer_is_sent_as_the_client_takes_it(tmp_path: Path) -> None:
    """The server does not hold it, and the slot of a client that takes nothing is free again."""
    with serving(ROOT, tmp_path / "log", "--timeout", "5") as running:
        whole = running.query(LONG)
        assert whole.status == 200
        assert len(whole.body) > 10 * 2**20
        assert whole.headers["transfer-encoding"] == "chunked"
        assert len(whole.json["results"]["bindings"]) == 40_000
        before = memory(running.process.pid)
        targets = [f"/sparql?query={quote(f'{LONG} # {number}')}" for number in range(3)]
        waiting = [connect(running, target) for target in targets]
        for connection in waiting:
            assert connection.recv(2**10).startswith(b"HTTP/1.1 200 OK")
        assert memory(running.process.pid) - before < len(whole.body)
        assert running.query("ASK { ?s ?p 1 }").status == 200
        until = time.monotonic() + MOST
        while running.log().count("GET /sparql 200 ") < len(waiting) + 2:
            assert time.monotonic() < until
            time.sleep(0.1)
        for connection in waiting:
            with connection:
                assert size_until_end(connection) < len(whole.body)


@pytest.mark.slow
@pytest.mark.parametrize("form", ["json", "csv", "tsv", "jsonl"])
def test_rows_are_sent_while_the_engine_finds_them(form: str, server: Serving) -> None:
    path = f"/sparql?format={form}&query={quote(UNENDING)}"
    with connect(server, path) as connection:
        size, head = 0, connection.recv(2**12)
        while size < 2**22:
            part = connection.recv(2**20)
            assert part, size
            size += len(part)
    assert head.startswith(b"HTTP/1.1 200 OK")
    assert server.query("ASK { }").status == 200


@pytest.mark.slow
def test_rows_that_are_sent_early_are_those_of_the_whole_answer(server: Serving) -> None:
    query = "SELECT * { ?s ?p ?o } ORDER BY ?s ?p ?o"
    parts = [server.query(f"{query} LIMIT 3000 OFFSET {at}", "text/csv") for at in (0, 3000)]
    whole = server.query(f"{query} LIMIT 6000", "text/csv")
    assert "content-length" in parts[0].headers or len(parts[0].body) > 2**18
    assert whole.headers["transfer-encoding"] == "chunked"
    assert whole.body == parts[0].body + parts[1].body.split(b"\r\n", 1)[1]
    zipped = server.query(f"{query} LIMIT 6000", "text/csv", **{"Accept-Encoding": "gzip"})
    assert gzip.decompress(zipped.body) == whole.body


@pytest.mark.slow
def test_limit_cuts_an_answer_whose_rows_are_on_their_way(tmp_path: Path) -> None:
    """The last chunk is missing, so no client takes the answer for a whole one."""
    with serving(ROOT, tmp_path / "log", "--timeout", "2") as running:
        with connect(running, f"/sparql?query={quote(UNENDING)}") as connection:
            assert connection.recv(2**12).startswith(b"HTTP/1.1 200 OK")
            end = b""
            with suppress(ConnectionResetError):
                while part := connection.recv(2**20):
                    end = (end + part)[-5:]
        assert end != b"0\r\n\r\n"
        found = running.query(f"{UNENDING} ORDER BY ?a")
        assert_refused(found, 504)


def size_until_end(connection: socket.socket) -> int:
    """Return how many bytes come until the connection is closed or reset."""
    size = 0
    with suppress(ConnectionResetError):
        while part := connection.recv(2**20):
            size += len(part)
    return size


def memory(process: int) -> int:
    """Return the resident memory of a process in bytes."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.slow
def test_all_of_many_clients_are_answered(server: Serving) -> None:
    queries = [f"SELECT * {{ ?s a ?class }} LIMIT {number % 50 + 1}" for number in range(640)]
    with ThreadPoolExecutor(32) as clients:
        found = [*clients.map(server.query, queries)]
    for query, answer in zip(queries, found, strict=True):
        assert answer.status == 200
        assert len(answer.json["results"]["bindings"]) == int(query.rpartition(" ")[2])


@pytest.mark.slow
def test_endless_queries_hurt_nobody_but_the_oldest_of_them(tmp_path: Path) -> None:
    def ask(number: int) -> float:
        start = time.monotonic()
        found = running.query(f"SELECT * {{ ?s a ?class }} LIMIT {number}")
        assert found.status == 200, found
        assert len(found.json["results"]["bindings"]) == number
        return time.monotonic() - start

    with serving(ROOT, tmp_path / "log", "--timeout", "60") as running:
        alone = statistics.median(map(ask, range(1, 41)))
        with ThreadPoolExecutor(pool.SLOW + 1) as strangers:
            endless = [
                strangers.submit(running.query, f"{ENDLESS} # {number}")
                for number in range(pool.SLOW)
            ]
            time.sleep(2)
            among = statistics.median(map(ask, range(101, 141)))
            assert not any(query.done() for query in endless)
            last = strangers.submit(running.query, f"{ENDLESS} # one more")
            ended = next(as_completed(endless)).result()
            assert_refused(ended, 503)
            assert int(ended.headers["retry-after"]) > 0
            ask(200)
            assert sum(query.done() for query in endless) == 1
            assert not last.done()
            running.process.send_signal(signal.SIGTERM)
            assert running.process.wait(MOST) == 0
    assert among < 3 * alone + 0.05


@pytest.mark.slow
def test_overload_is_refused_at_once(tmp_path: Path) -> None:
    def ask(number: int) -> tuple[Response, float]:
        start = time.monotonic()
        return running.query(f"{ENDLESS} # {number}"), time.monotonic() - start

    many = pool.WAITING + pool.QUICK + 10
    with (
        serving(ROOT, tmp_path / "log", "--timeout", "2") as running,
        ThreadPoolExecutor(many) as strangers,
    ):
        found = [*strangers.map(ask, range(many))]
        assert running.query("ASK { }").json["boolean"] is True
    assert {answer.status for answer, _ in found} == {503, 504}
    first, seconds = min(found, key=lambda answer: answer[1])
    assert_refused(first, 503)
    assert int(first.headers["retry-after"]) > 0
    assert seconds < 2


@pytest.mark.slow
def test_change_of_the_sources_shows_when_they_load(copy: Copy, tmp_path: Path) -> None:
    with serving(copy.root, tmp_path / "log") as running:
        name = "ASK { id:gamera rdfs:label 'Gamera the Second'@en }"
        found = running.query(name)
        assert found.json["boolean"] is False
        text = copy.read("graph/entities.ttl")
        copy.write("graph/entities.ttl", f"{text}\nid:gamera a\n")
        running.wait_for_log("the answers are those of the graph before")
        assert "error: graph/entities.ttl:" in running.log()
        assert running.query(name).json["boolean"] is False
        added = 'id:gamera rdfs:label "Gamera the Second"@en .'
        copy.write("graph/entities.ttl", f"{text}\n{added}\n")
        running.wait_for_log("the graph is loaded again")
        again = running.query(name)
        assert again.json["boolean"] is True
        assert again.headers["etag"] != found.headers["etag"]


@pytest.mark.slow
def test_graph_whose_process_has_ended_is_loaded_again(tmp_path: Path) -> None:
    with serving(ROOT, tmp_path / "log") as running:
        for process in children(running.process.pid):
            os.kill(process, signal.SIGKILL)
        assert_refused(running.query("ASK { }"), 503)
        running.wait_for_log("the graph is loaded again")
        assert running.query("ASK { }").json["boolean"] is True


def test_port_in_use_and_invalid_arguments_are_one_line(kaiju: Command, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        done = kaiju("serve", "--port", port)
    assert done.returncode == 4
    assert done.stderr == (
        f"kaiju: error: 127.0.0.1 port {port}: cannot listen there: Address already in use\n"
    )
    for arguments in (
        ("--port", "x"),
        ("--port", "65536"),
        ("--base", "example.org"),
        ("--base", "ftp://example.org/"),
        ("--base", "https://example.org/?q"),
        ("--base", "https://user@example.org/"),
    ):
        done = kaiju("serve", *arguments)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
        assert "; expected " in done.stderr
    assert kaiju("serve", "--root", str(tmp_path)).returncode == 4


def test_libraries_are_imported_only_to_serve() -> None:
    code = "import sys, kaiju_graph.cli.commands.serve; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert not {"httptools", "asyncio"} & set(done.stdout.split())
