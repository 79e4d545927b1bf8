"""Push, check and ask against real engines: Oxigraph's server, and others where installed."""

from __future__ import annotations

import csv
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import kaiju_graph as kaiju
from kaiju_graph.cli.main import main
from kaiju_graph.errors import UnreachableError
from kaiju_graph.rdf import terms
from kaiju_graph.remote import answers, engine, stores
from kaiju_graph.remote.protocol import Endpoint, RemoteDataset
from kaiju_graph.remote.push import Choices, push
from kaiju_graph.sparql import questions
from tests.repository import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kaiju_graph import RemoteGraph
    from kaiju_graph.remote.push import Push
    from kaiju_graph.store.store import Lines

pytestmark = pytest.mark.slow

VIRTUOSO_IS_WRONG = {
    "stars-in-infobox-and-lead": "a boolean in a row is an integer",
    "where-infobox-and-prose-differ": "ORDER BY refuses a function of an aggregate (SP031)",
    "which-cities": "a path that may have no steps loses rows inside GRAPH",
    "who-says-what": "a path of subclasses loses rows after GRAPH with one pattern",
}
"""Question → why the answer of Virtuoso 7.2.5 differs; another difference fails, as does none."""
VIRTUOSO_VARIES = {
    "who-learns-what": "a path of subclasses loses all rows in some of its plans",
}
"""Question → why the answer is right in one run of Virtuoso and wrong in the next."""
COMUNICA_ORDERS = "the same rows in another order"
"""What is wrong on Comunica 5.3: it compares texts by ``localeCompare``, not by code points."""
UPDATE_MARK = "https://w3id.org/kaiju/gamera-2/gone-1"


def _command(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["--root", str(ROOT), *arguments])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


@pytest.mark.parametrize("kind", ["oxigraph", "union_oxigraph"])
def test_pushed_graph_gives_the_same_answers(
    kind: str, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    url = request.getfixturevalue(kind)
    code, out, _ = _command(capsys, "push", url, "--dry-run")
    assert code == 0
    assert answers.select(Endpoint(url), "SELECT ?s { GRAPH ?g { ?s ?p ?o } } LIMIT 1") == []
    code, out, err = _command(capsys, "push", url)
    assert (code, err) == (0, "")
    place = "the named graph graph:merge" if kind == "union_oxigraph" else "the default graph"
    assert f"; 0 are the same; the merge is {place}\n" in out
    code, out, _ = _command(capsys, "push", url)
    assert code == 0
    assert out.startswith("sent 0 graphs; ")
    code, out, _ = _command(capsys, "check", url, "-f", "csv")
    assert (code, {line.split(",")[1] for line in out.splitlines()[1:]}) == (0, {"same"})
    default = engine.BAG if kind == "union_oxigraph" else engine.OWN
    assert engine.find_default_graph(Endpoint(url)) == default


def test_virtuoso_differs_only_where_it_is_wrong(
    virtuoso: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAIJU_ENDPOINT_USER", "dba")
    monkeypatch.setenv("KAIJU_ENDPOINT_PASSWORD", "dba")
    code, out, err = _command(capsys, "push", virtuoso)
    assert (code, err) == (0, "")
    assert out.endswith("; 0 are the same; the merge is the named graph graph:merge\n")
    _, out, _ = _command(capsys, "push", virtuoso)
    assert out.startswith("sent 0 graphs; ")
    assert {*_differences(capsys, virtuoso)} - {*VIRTUOSO_VARIES} == {*VIRTUOSO_IS_WRONG}
    # It refuses a request that names thousands of graphs, and needs none of them.
    monkeypatch.setattr(engine, "MOST_NAMES", 1)
    seen = engine.find_dataset(Endpoint(virtuoso), graphs=True)
    assert seen == RemoteDataset(terms.MERGE.value, ())


def test_rdflib_endpoint_gives_the_same_answers(
    rdflib_endpoint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _differences(capsys, rdflib_endpoint, "--tag", "evidence") == {}


def test_comunica_has_the_same_rows(comunica: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert {*_differences(capsys, comunica).values()} == {COMUNICA_ORDERS}
    for arguments in (
        ("ask", "who-directed", "-f", "csv", "--evidence"),
        ("query", "ASK { ?film a film:Film }", "-f", "json"),
        ("query", "CONSTRUCT WHERE { ?film film:director ?who }"),
        ("describe", "gamera"),
    ):
        ours = _command(capsys, *arguments)
        assert _command(capsys, *arguments, "--endpoint", comunica) == ours, arguments


def _differences(capsys: pytest.CaptureFixture[str], url: str, *options: str) -> dict[str, str]:
    """Return the questions whose answers are not the same at an endpoint, and what differs."""
    _, out, _ = _command(capsys, "check", url, "-f", "csv", *options)
    _, *rows = csv.reader(out.splitlines())
    assert rows
    return {name: reason for name, verdict, reason in rows if verdict != "same"}


def test_commands_ask_the_endpoint(oxigraph: str, capsys: pytest.CaptureFixture[str]) -> None:
    _command(capsys, "push", oxigraph)
    for arguments in (
        ("ask", "who-directed", "-f", "csv"),
        ("ask", "who-portrays-whom", "-p", "character=Gamera", "-f", "json"),
        ("query", "ASK { ?film a film:Film }", "-f", "json"),
        ("query", "SELECT ?film { ?film a film:Film } ORDER BY ?film", "-f", "jsonl"),
        ("query", "SELECT ?film { ?film a film:Film } ORDER BY ?film", "-f", "tsv"),
        ("query", "CONSTRUCT WHERE { ?film film:director ?who }"),
        ("describe", "gamera"),
    ):
        ours = _command(capsys, *arguments)
        assert _command(capsys, *arguments, "--endpoint", oxigraph) == ours, arguments
    hits, remote_hits = (kg.search("gamera") for kg in (kaiju.load(ROOT), _load(oxigraph)))
    assert [hit.thing for hit in remote_hits] == [hit.thing for hit in hits]
    assert [set(hit.classes) for hit in remote_hits] == [set(hit.classes) for hit in hits]


@pytest.mark.parametrize("options", [(), ("--labels",), ("--evidence",)])
def test_misspelt_term_is_named_at_an_endpoint_too(oxigraph: str, options: tuple[str, ...]) -> None:
    _push(oxigraph, kaiju.load(ROOT).read_lines())
    query = ("query", "SELECT ?film { ?film film:dirctor ?who }", *options)
    ours, theirs = (_warnings(*query, *place) for place in ((), ("--endpoint", oxigraph)))
    assert theirs == ours
    assert "the ontology film: has no term film:dirctor; did you mean 'film:director'?" in ours


def test_template_may_have_a_new_term_at_an_endpoint_too(oxigraph: str) -> None:
    text = "CONSTRUCT { ?film film:madeBy ?who } { ?film film:director ?who }"
    assert _warnings("query", text, "--endpoint", oxigraph) == ""


def _warnings(*arguments: str) -> str:
    command = [sys.executable, "-m", "kaiju_graph", "--root", str(ROOT), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stderr


def test_evidence_of_every_question_is_that_of_the_project(
    oxigraph: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _command(capsys, "push", oxigraph)
    ours, theirs = kaiju.load(ROOT), _load(oxigraph)
    for question in questions.list_questions(ours.project):
        assert theirs.trace(question.text) == ours.trace(question.text), question.name


def test_only_the_graph_that_differs_is_sent(oxigraph: str) -> None:
    kg = kaiju.load(ROOT)
    first = _push(oxigraph, kg.read_lines())
    assert not first.different
    graph = kg.quads[0].graph
    url = oxigraph.replace("/query", "/update")
    endpoint = Endpoint(oxigraph)
    endpoint.update(
        f"DELETE WHERE {{ GRAPH {graph} {{ ?s ?p ?o }} }} ; "
        f"INSERT DATA {{ GRAPH <{UPDATE_MARK}> {{ <urn:a> <urn:b> <urn:c> }} }}",
        url,
    )
    second = _push(oxigraph, kg.read_lines())
    assert list(second.sent) == [graph.value]
    assert second.stale == (UPDATE_MARK,)
    assert UPDATE_MARK in engine.graph_sizes(endpoint)
    assert not _push(oxigraph, kg.read_lines(), Choices(prune=True)).sent
    assert UPDATE_MARK not in engine.graph_sizes(endpoint)


def test_push_by_update_is_the_same(oxigraph: str) -> None:
    kg = kaiju.load(ROOT)
    update = oxigraph.replace("/query", "/update")
    pushed = _push(oxigraph, kg.read_lines(), update=update)
    assert not pushed.different
    assert not _push(oxigraph, kg.read_lines()).sent


def test_stopped_push_says_so_and_goes_on(oxigraph: str) -> None:
    kg = kaiju.load(ROOT)

    class Stopped:
        """A store that refuses the eleventh graph."""

        def __init__(self, store: stores.GraphStore) -> None:
            self.store, self.count = store, 0

        def replace(self, graph: stores.Contents) -> None:
            self.store.replace(graph)

        def add(self, graphs: list[stores.Contents]) -> Iterator[stores.Contents]:
            for graph in graphs:
                self.count += 1
                if self.count > 10:
                    raise UnreachableError("the server went away")
                self.store.replace(graph)
                yield graph

        def remove(self, name: object) -> None:
            raise AssertionError(name)

    with pytest.raises(UnreachableError, match=r"10 of \d+ graphs are loaded; run it again"):
        _push(oxigraph, kg.read_lines(), wrap=Stopped)
    assert _push(oxigraph, kg.read_lines()).same == 10


def test_default_graph_of_others_is_not_replaced(oxigraph: str) -> None:
    kg = kaiju.load(ROOT)
    endpoint = Endpoint(oxigraph)
    endpoint.update("INSERT DATA { <urn:a> <urn:b> <urn:c> }", oxigraph.replace("query", "update"))
    with pytest.raises(UnreachableError, match="found 1 triples of others in the default graph"):
        _push(oxigraph, kg.read_lines())
    assert answers.ask(endpoint, "ASK { <urn:a> <urn:b> <urn:c> }")
    assert not _push(oxigraph, kg.read_lines(), Choices(replace=True)).different
    assert not answers.ask(endpoint, "ASK { <urn:a> <urn:b> <urn:c> }")


def test_wrong_answer_is_reported(oxigraph: str, capsys: pytest.CaptureFixture[str]) -> None:
    _command(capsys, "push", oxigraph)
    Endpoint(oxigraph).update(
        "PREFIX film: <https://w3id.org/kaiju/film#> DELETE WHERE { ?film film:director ?who }",
        oxigraph.replace("query", "update"),
    )
    code, out, _ = _command(capsys, "check", oxigraph)
    assert code == 1
    assert "who-directed: differs: 1 of 1 rows are missing; 0 are more\n  - Gamera 2" in out


def _load(url: str) -> RemoteGraph:
    return kaiju.load(ROOT, endpoint=url)


def _push(
    url: str,
    lines: Lines,
    choices: Choices = Choices(),  # noqa: B008 (it does not change)
    update: str | None = None,
    wrap: type | None = None,
) -> Push:
    endpoint = Endpoint(url)
    answers.ask(endpoint, "ASK {}")
    store = stores.find_store(endpoint, None, update)
    return push(endpoint, wrap(store) if wrap else store, *lines, choices=choices)
