"""Clients that others made work with the endpoint: Comunica, if it is installed, and YASGUI."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from tests.comunica import find_command
from tests.web.conftest import MOST

if TYPE_CHECKING:
    from tests.web.conftest import Serving

PREFIXES = """\
PREFIX film: <https://w3id.org/kaiju/film#>
PREFIX id: <https://w3id.org/kaiju/id/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""
TITLES = f"{PREFIXES} SELECT ?title {{ ?film a film:Film ; rdfs:label ?title }} ORDER BY ?title"


def comunica(query: str, source: str, accept: str) -> str:
    """Return what Comunica answers from a source."""
    command = [*find_command("comunica-sparql-file"), source, query, "-t", accept]
    done = subprocess.run(command, capture_output=True, check=False, text=True, timeout=MOST)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sparql@", ""])
def test_comunica_finds_and_asks_the_endpoint(kind: str, server: Serving) -> None:
    """Without the kind of source, it reads the service description."""
    source = f"{kind}http://127.0.0.1:{server.port}/sparql"
    found = comunica(TITLES, source, "application/sparql-results+json")
    expected = server.query(TITLES).json["results"]["bindings"]
    assert [row["title"]["value"] for row in json.loads(found)["results"]["bindings"]] == [
        row["title"]["value"] for row in expected
    ]


@pytest.mark.slow
def test_comunica_follows_the_iri_of_a_thing(server: Serving) -> None:
    source = f"http://127.0.0.1:{server.port}/id/gamera"
    found = comunica(
        f"{PREFIXES} SELECT ?name {{ id:gamera rdfs:label ?name }}", source, "text/csv"
    )
    assert "Gamera" in found.splitlines()


FORM = "application/x-www-form-urlencoded; charset=UTF-8"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("query", "accept", "media_type"),
    [
        (TITLES, "application/sparql-results+json,*/*;q=0.9", "application/sparql-results+json"),
        ("ASK { }", "application/sparql-results+json,*/*;q=0.9", "application/sparql-results+json"),
        ("DESCRIBE id:gamera", "text/turtle,*/*;q=0.9", "text/turtle; charset=utf-8"),
        ("CONSTRUCT WHERE { ?s a film:Film }", "application/n-triples,*/*;q=0.9",
         "application/n-triples"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_requests_of_yasgui_are_answered(
    method: str, query: str, accept: str, media_type: str, server: Serving
) -> None:
    """YASQE sends a form from a page of another origin, and shows what the status says."""
    fields = urlencode({"query": query})
    headers = {"Accept": accept, "Origin": "https://yasgui.org", "Referer": "https://yasgui.org/"}
    if method == "POST":
        headers["Content-Type"] = FORM
        found = server.request("/sparql", "POST", headers, fields.encode())
    else:
        found = server.request(f"/sparql?{fields}", "GET", headers)
    assert found.status == 200
    assert found.headers["content-type"] == media_type
    assert found.headers["access-control-allow-origin"] == "*"


@pytest.mark.slow
def test_error_is_shown_by_yasgui(server: Serving) -> None:
    headers = {"Content-Type": FORM, "Origin": "https://yasgui.org"}
    body = urlencode({"query": "SELECT * { ?s ?p }"}).encode()
    found = server.request("/sparql", "POST", headers, body)
    assert found.status == 400
    assert found.headers["access-control-allow-origin"] == "*"
    assert found.text.startswith("error: query:1:")
