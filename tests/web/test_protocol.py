"""SPARQL 1.1 Protocol, section 2.1: which query a request has, or why it has none."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pyoxigraph as ox
import pytest
from rdflib import Namespace
from rdflib.collection import Collection

from kaiju_graph.sparql.execute import MAX_CHARACTERS
from kaiju_graph.web.protocol import Operation, Refusal, parse
from tests.w3c import suite
from tests.web.conftest import serving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Command
    from tests.w3c.suite import Case
    from tests.web.conftest import Serving

FORM, DIRECT = "application/x-www-form-urlencoded", "application/sparql-query"
GRAPH = quote("https://example.org/graph?a=b&c", safe="")
OPERATION = Operation("ASK { }", ["https://example.org/graph?a=b&c"], [], "")
HT, CNT = Namespace("http://www.w3.org/2011/http#"), Namespace("http://www.w3.org/2011/content#")
CASES = [*suite.cases(suite.FOLDER / "sparql11" / "protocol" / "manifest.ttl")]
TYPES = {
    "boolean": ("application/sparql-results+json",),
    "tabular": ("application/sparql-results+json",),
    "RDF": ("text/turtle; charset=utf-8",),
}
"""What the suite expects → the media type that this endpoint prefers."""


@pytest.mark.parametrize(
    ("method", "address", "content_type", "body"),
    [
        ("GET", f"query=ASK+%7B%20%7D&default-graph-uri={GRAPH}", "", ""),
        ("HEAD", f"default-graph-uri={GRAPH}&query=ASK+%7B%20%7D&other=x", "", ""),
        ("POST", "", FORM, f"query=ASK+%7B%20%7D&default-graph-uri={GRAPH}"),
        ("POST", f"default-graph-uri={GRAPH}", f"{FORM}; charset=UTF-8", "query=ASK+%7B%20%7D"),
        ("POST", f"default-graph-uri={GRAPH}", DIRECT, "ASK { }"),
        ("POST", f"default-graph-uri={GRAPH}", f'{DIRECT};charset="utf-8"', "ASK { }"),
    ],
)
def test_operation_is_read(method: str, address: str, content_type: str, body: str) -> None:
    assert parse(method, address.encode(), content_type, body.encode()) == OPERATION


def test_service_is_described_where_no_parameter_is() -> None:
    assert parse("GET", b"", "", b"") is None


@pytest.mark.parametrize(
    ("status", "method", "address", "content_type", "body"),
    [
        (400, "GET", b"default-graph-uri=http://example.org/", "", b""),
        (400, "GET", b"query=ASK{}&query=ASK{}", "", b""),
        (400, "GET", b"query=%FF", "", b""),
        (400, "GET", b"query=ASK{}&named-graph-uri=relative", "", b""),
        (400, "GET", b"query=ASK{}&default-graph-uri=", "", b""),
        (403, "GET", b"update=CLEAR+ALL", "", b""),
        (413, "GET", b"query=" + b"x" * (MAX_CHARACTERS + 1), "", b""),
        (413, "GET", b"query=ASK{}" + b"&default-graph-uri=urn:x" * 2001, "", b""),
        (400, "POST", b"", FORM, b""),
        (400, "POST", b"query=ASK{}", FORM, b"query=ASK{}"),
        (400, "POST", b"query=ASK{}", DIRECT, b"ASK{}"),
        (400, "POST", b"", DIRECT, b"\xff\xfe"),
        (403, "POST", b"", FORM, b"update=CLEAR+ALL"),
        (403, "POST", b"", "application/sparql-update", b"CLEAR ALL"),
        (415, "POST", b"", "", b"query=ASK{}"),
        (415, "POST", b"", "text/plain", b"ASK{}"),
        (415, "POST", b"", f"{DIRECT}; charset=UTF-16", "ASK{}".encode("utf-16")),
    ],
)
def test_malformed_request_is_refused_with_a_reason(
    status: int, method: str, address: bytes, content_type: str, body: bytes
) -> None:
    with pytest.raises(Refusal) as refused:
        parse(method, address, content_type, body)
    assert refused.value.status == status
    assert "; expected " in str(refused.value)


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory, kaiju: Command) -> Iterator[Serving]:
    """Return a server whose graphs are those of the suite."""
    folder = tmp_path_factory.mktemp("protocol")
    assert kaiju("init", str(folder / "project"), "--bare").returncode == 0
    graphs = []
    for path in sorted((suite.FOLDER / "sparql11" / "protocol").glob("data*.nt")):
        name = f"http://kasei.us/2009/09/sparql/data/{path.stem}.rdf"
        graphs.append(f"<{name}> {{\n{path.read_text('utf-8')}}}\n")
    (folder / "project" / "graph" / "curation.trig").write_text("\n".join(graphs))
    with serving(folder / "project", folder / "log") as running:
        yield running


@suite.needed
@pytest.mark.slow
@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
def test_endpoint_answers_as_the_suite_says(case: Case, endpoint: Serving) -> None:
    if case.name.startswith("protocol/update_"):
        pytest.skip("an update, which a read-only endpoint refuses")
    graph = case.graph
    requests = graph.value(case.action, HT.requests)
    assert requests is not None
    for request in Collection(graph, requests):
        path = str(graph.value(request, HT.absolutePath)).replace("/sparql/", "/sparql", 1)
        listed = graph.value(request, HT.headers)
        headers = {
            str(graph.value(header, HT.fieldName)): str(graph.value(header, HT.fieldValue))
            for header in (Collection(graph, listed) if listed else ())
        }
        body = graph.value(request, HT.body)
        content = None
        if body is not None:
            encoding = str(graph.value(body, CNT.characterEncoding))
            content = str(graph.value(body, CNT.chars)).encode(encoding)
        method = str(graph.value(request, HT.methodName))
        found = endpoint.request(path, method, headers, content)
        response = graph.value(request, HT.resp)
        expected = {str(o)[-3:] for o in graph.objects(response, suite.MF.expectedStatus)}
        assert f"{found.status // 100}xx" in expected, found
        form = graph.value(response, suite.MF.expectedFormat)
        if form is not None:
            assert found.headers["content-type"] in TYPES[str(form)]
        boolean = graph.value(response, suite.MF.expectedBoolean)
        if boolean is not None:
            assert found.json["boolean"] is bool(boolean.toPython())  # type: ignore[attr-defined]
        if expected == {"4xx"}:
            assert found.text.startswith("error: ")
            assert found.text.count("\n") == 1


SD = "http://www.w3.org/ns/sparql-service-description#"
DESCRIPTION = f"""
    PREFIX sd: <{SD}>
    PREFIX void: <http://rdfs.org/ns/void#>
    ASK {{
        ?service a sd:Service ; sd:endpoint ?endpoint ; sd:defaultDataset ?dataset .
        ?service sd:supportedLanguage sd:SPARQL11Query .
        ?dataset a sd:Dataset ; sd:defaultGraph [ a sd:Graph ; void:triples ?triples ] ;
            sd:namedGraph [ sd:name <https://w3id.org/kaiju/gamera-2/plot-2-3> ] .
        FILTER(?endpoint = %s && ?triples > 0)
    }}
"""


@pytest.mark.slow
def test_service_is_described_at_the_endpoint(server: Serving) -> None:
    """The three cases of the W3C's manifest ``service-description``, and the graphs."""
    for form, media_type in {
        ox.RdfFormat.TURTLE: "text/turtle",
        ox.RdfFormat.RDF_XML: "application/rdf+xml",
        ox.RdfFormat.N_TRIPLES: "application/n-triples",
    }.items():
        found = server.request("/sparql", headers={"Accept": media_type})
        assert found.status == 200
        assert found.headers["content-type"].partition(";")[0] == media_type
        store = ox.Store()
        store.load(found.body, format=form)
        address = ox.NamedNode(f"http://127.0.0.1:{server.port}/sparql")
        assert store.query(DESCRIPTION % address), found.text
        own = {q.predicate.value for q in store if q.predicate.value.startswith(SD)}
        known = (
            "endpoint supportedLanguage resultFormat defaultDataset defaultGraph namedGraph name"
        )
        assert own == {SD + name for name in known.split()}
