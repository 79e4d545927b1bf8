"""``kaiju mcp``, as a process that the library's own client starts and speaks with."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from mcp import Client, StdioServerParameters

from kaiju_graph import cli
from kaiju_graph.cli.commands import COMMANDS
from kaiju_graph.sparql import questions
from tests.repository import ROOT

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from kaiju_graph import KnowledgeGraph
    from tests.conftest import Command, Copy

pytestmark = pytest.mark.slow


def speak(work: Callable[[Client], Awaitable[Any]], *options: str, root: Path = ROOT) -> Any:
    """Return what a function does with a client of the server of a project."""

    async def run() -> Any:
        arguments = ["-m", "kaiju_graph", "mcp", "--root", str(root), *options]
        names = ("KAIJU_CACHE", "KAIJU_ENDPOINT", "XDG_CONFIG_HOME")
        environment = {name: os.environ[name] for name in names if name in os.environ}
        server = StdioServerParameters(command=sys.executable, args=arguments, env=environment)
        async with Client(server, read_timeout_seconds=60) as client:
            return await work(client)

    return anyio.run(run)


async def call(client: Client, tool: str, **arguments: Any) -> tuple[bool, Any]:
    """Return whether a call of a tool fails, and its result; the text says the same."""
    result = await client.call_tool(tool, arguments)
    (content,) = result.content
    assert content.type == "text"
    if result.is_error:
        return True, content.text
    assert json.loads(content.text) == result.structured_content
    return False, result.structured_content


def test_each_question_is_a_tool_with_its_words_and_the_values_of_its_parameters(
    kg: KnowledgeGraph,
) -> None:
    async def work(client: Client) -> Any:
        return (await client.list_tools()).tools

    tools = {tool.name: tool for tool in speak(work)}
    listed = questions.list_questions(kg.project)
    assert [*tools] == ["search", "describe", "why", "query", *(q.name for q in listed)]
    assert all(tool.annotations.read_only_hint for tool in tools.values())
    director = tools["who-directed"]
    assert director.description.startswith("Who directed the film?")
    film = director.input_schema["properties"]["film"]
    assert film["enum"] == ["Gamera 2: Attack of Legion"]
    producers = tools["producers-in-order"].input_schema["properties"]
    assert producers["position"]["type"] == "integer"
    assert producers["position"]["enum"][:2] == [1, 2]


def test_answers_have_the_sentences_and_passages_that_carry_them() -> None:
    async def work(client: Client) -> Any:
        asked = await call(client, "who-directed", film="Gamera 2")
        queried = await call(client, "query", sparql="SELECT ?x { ?f film:director ?x }")
        known = await call(client, "query", sparql="ASK { ?f film:director ?x }")
        return asked, queried, known

    for fails, found in (answers := speak(work)):
        assert not fails
        evidence = found["rows"][0]["evidence"] if "rows" in found else found["evidence"]
        assert evidence[0] == {
            "passage": "https://w3id.org/kaiju/gamera-2/infobox-director",
            "sentence": "Director: Shusuke Kaneko",
            "section": "Gamera 2: Attack of Legion",
        }
    (_, asked), _, (_, known) = answers
    assert asked["question"] == "Who directed the film?"
    assert asked["rows"][0]["values"]["person"] == "Shusuke Kaneko"
    assert known["boolean"] is True


def test_number_without_a_fraction_is_an_integer() -> None:
    """As in JSON Schema (Validation, draft 2020-12, section 6.1.1)."""

    async def work(client: Client) -> Any:
        return [await call(client, "producers-in-order", position=at) for at in (2, 2.0)]

    (fails, found), other = speak(work)
    assert not fails
    assert found["rows"][0]["values"]["position"] == "2"
    assert other == (fails, found)


def test_no_endpoint_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def work(client: Client) -> Any:
        return await call(client, "who-directed")

    nobody = "http://127.0.0.1:9/"
    own = tmp_path / "kaiju-graph" / "kaiju.toml"
    own.parent.mkdir()
    own.write_text(f"endpoint = '{nobody}'\nformat = 'markdown'\n", encoding="utf-8")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    fails, by_setting = speak(work)
    assert not fails
    monkeypatch.setenv("KAIJU_ENDPOINT", nobody)
    assert speak(work) == (False, by_setting)


def test_search_describe_why_and_resources() -> None:
    async def work(client: Client) -> Any:
        return (
            await call(client, "search", words="ガメラ"),
            await call(client, "describe", thing="Gamera"),
            await call(client, "why", subject="Gamera", predicate="a", object="creature"),
            await call(
                client, "query", sparql="CONSTRUCT { ?f a ?c } WHERE { ?f a ?c }", max_rows=1
            ),
            (await client.list_resources()).resources,
            await client.read_resource("kaiju:///graph/gamera-2/article.txt"),
        )

    (_, found), (_, facts), (_, proof), (_, graph), resources, article = speak(work)
    assert found["hits"][0]["thing"] == "https://w3id.org/kaiju/id/gamera"
    assert facts["label"] == "Gamera"
    assert proof["proofs"][0]["rule"] == "cax-sco"
    assert graph["turtle"].startswith("@prefix")
    assert "there are more than 1 results" in graph["notes"][0]
    uris = [resource.uri for resource in resources]
    assert {"kaiju:///ontology/film.ttl", "kaiju:///ontology/shapes/film.ttl"} < {*uris}
    text = (ROOT / "graph/gamera-2/article.txt").read_text(encoding="utf-8")
    assert article.contents[0].text == text


def test_what_fails_is_one_line_and_ends_nothing() -> None:
    endless = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
    calls: list[tuple[str, dict[str, Any], str]] = [
        ("who-directed", {"film": "nonsense"}, "nothing is named 'nonsense'"),
        ("who-directed", {"person": ["a"]}, 'found ["a"]; expected a text'),
        ("query", {"sparql": "INSERT DATA { <a:b> <a:b> <a:b> }"}, "the graph cannot be updated"),
        (
            "query",
            {"sparql": "SELECT * { SERVICE <http://e/> { } }"},
            "expected no remote endpoint",
        ),
        ("query", {"sparql": endless}, "the query took more than 2 s"),
        ("query", {"sparql": "ASK {}", "max_rows": 0}, "found max_rows 0"),
        ("why", {"subject": "Gamera"}, "expected a text for subject, predicate, object"),
        ("search", {"words": "-x"}, ""),
    ]

    async def work(client: Client) -> Any:
        results = [await call(client, tool, **arguments) for tool, arguments, _ in calls]
        with pytest.raises(Exception, match="no tool 'nothing'"):
            await client.call_tool("nothing", {})
        with pytest.raises(Exception, match="no resource"):
            await client.read_resource("file:///etc/passwd")
        return results

    for (_, _, message), (fails, found) in zip(calls, speak(work, "--timeout", "2"), strict=True):
        assert (fails, "\n" in str(found)) == (bool(message), False)
        assert not str(found).startswith("error")
        assert message in found if message else found == {"hits": [], "notes": found["notes"]}


def test_changed_sources_are_answered_at_once(copy: Copy) -> None:
    async def work(client: Client) -> Any:
        before = await call(client, "search", words="Kaneko")
        copy.replace("graph/entities.ttl", '"Shusuke Kaneko"@en', '"Shusuke Kanekko"@en')
        return before, await call(client, "search", words="Kanekko")

    (_, before), (_, after) = speak(work, root=copy.root)
    assert [hit["thing"] for hit in after["hits"]] == [hit["thing"] for hit in before["hits"]]


def test_missing_library_is_named(kaiju: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "mcp" in COMMANDS
    monkeypatch.setitem(sys.modules, "mcp_types", None)
    monkeypatch.delitem(sys.modules, "kaiju_graph.cli.agents", raising=False)
    monkeypatch.delattr(cli, "agents", raising=False)  # if another test has imported it
    done = kaiju("mcp")
    assert done.stderr.endswith("pip install 'kaiju-graph[mcp]' adds it\n")
    assert done.returncode == 2
