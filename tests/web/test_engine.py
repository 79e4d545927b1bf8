"""The engine of the query page, in Node.js: its answers are those of the command."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from kaiju_graph.errors import QueryError
from kaiju_graph.rdf.lines import line_column
from kaiju_graph.rdf.tokens import tokens
from kaiju_graph.sparql import results
from kaiju_graph.sparql.execute import check_query
from kaiju_graph.sparql.grammar import find_fault
from kaiju_graph.sparql.questions import find_question, list_questions
from kaiju_graph.web.pages import engine
from kaiju_graph.web.pages.content import Content
from tests.repository import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kaiju_graph import KnowledgeGraph

    Ask = Callable[..., list[dict[str, Any]]]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("node"), reason="needs Node.js"),
]
needs_engine = pytest.mark.skipif(
    not engine.has_engine(), reason="needs the scripts of the query page, made with npm"
)
BROWSER = (REPOSITORY / "browser/src").as_uri()


def run_node(*arguments: str, given: str) -> Any:
    """Run Node.js, and return the JSON that it prints."""
    done = subprocess.run(
        ["node", *arguments],  # noqa: S607
        input=given,
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def content(kg: KnowledgeGraph) -> Content:
    return Content(kg)


@pytest.fixture(scope="module")
def ask(content: Content, tmp_path_factory: pytest.TempPathFactory) -> Ask:
    """Return a function that answers queries with the worker of the page."""
    folder = tmp_path_factory.mktemp("engine")
    (folder / "graph.js").write_bytes(engine.write_graph(content))
    (folder / "engine.js").write_bytes(engine.read_script("engine.js"))

    def run(*queries: str, form: str = "csv") -> list[dict[str, Any]]:
        given = json.dumps([[query, form] for query in queries])
        answers: list[dict[str, Any]] = run_node(
            str(REPOSITORY / "tests/web/engine.mjs"), str(folder), given=given
        )
        return answers

    return run


@needs_engine
def test_stored_questions_have_their_stored_answers(kg: KnowledgeGraph, ask: Ask) -> None:
    questions = list_questions(kg.project)
    for question, answer in zip(questions, ask(*(q.text for q in questions)), strict=True):
        stored = REPOSITORY / f"tests/answers/gamera-2/{question.name}.csv"
        assert answer.get("content", answer) == _with_crlf(stored), question.name


def _with_crlf(file: Path) -> str:
    """Return the text of a file with the line ends of SPARQL 1.1 Query Results CSV."""
    lines = file.read_bytes().decode().split("\n")
    quoted, ends = False, []
    for line in lines[:-1]:
        quoted ^= line.count('"') % 2 == 1
        ends.append(line + ("\n" if quoted else "\r\n"))
    return "".join(ends)


@needs_engine
def test_default_graph_is_the_one_of_the_command(kg: KnowledgeGraph, ask: Ask) -> None:
    queries = (
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
        "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }",
        "SELECT (COUNT(DISTINCT ?g) AS ?n) { GRAPH ?g { ?s ?p ?o } }",
        "SELECT (COUNT(*) AS ?n) { ?s skos:broadMatch|rdfs:subClassOf|rdfs:subPropertyOf ?o }",
        "SELECT ?sentence { GRAPH ?p { ?film film:composer ?who } ?p ev:quote ?sentence }",
    )
    for query, answer in zip(queries, ask(*queries), strict=True):
        result: Any = kg.answer(query)
        assert answer["content"] == results.write(result, "csv", kg.project), query


@needs_engine
def test_every_form_of_query_has_its_answer(ask: Ask) -> None:
    (yes,) = ask("PREFIX a: <urn:#> # ASK\nask { ?x a film:Film }", form="json")
    assert (yes["form"], yes["boolean"]) == ("ASK", True)
    assert json.loads(yes["content"])["boolean"] is True
    (triples,) = ask("CONSTRUCT { ?x rdfs:label ?y } { ?x film:runtimeMinutes ?y }", form="nt")
    assert triples["variables"] == ["subject", "predicate", "object"]
    assert [term["type"] for term in triples["rows"][0]] == ["uri", "uri", "literal"]
    assert triples["content"].endswith("#integer> .\n")
    (described,) = ask("DESCRIBE id:gamera", form="csv")
    assert described["total"] > len(described["rows"]) == 3


@needs_engine
def test_errors_are_those_of_the_command(kg: KnowledgeGraph, ask: Ask) -> None:
    faulty = [
        "",
        "SELECT *\n{ ?s ?p }",
        "SELECT * { ?s ?p ?o } FOO",
        "ASK {\n  '😀Ō' ?s 1 FOO }",
        "ASK { ?film no:director ?x }",
        "ASK { ?s ?p 'a }",
        "# a\n  INSERT DATA { id:a rdfs:label 1 }",
        "ASK { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }",
        "SELECT ?x ?x { ?x ?y ?z",
    ]
    for number, question in enumerate(list_questions(kg.project)):
        stream = list(tokens(question.text))
        for at in range(number % 50, len(stream), 50):  # without one of its tokens
            token = stream[at]
            faulty.append(question.text[: token.offset] + question.text[token.end :])
    compared = 0
    for text, answer in zip(faulty, ask(*faulty), strict=True):
        try:
            check_query(text, kg.project.prefixes)
        except QueryError as error:
            if find_fault(text) or "prefix" in str(error):  # else only the engine finds it
                _, line, column, message = str(error).split(":", 3)
                found = answer["error"]
                units = text.encode("utf-16-le")[: 2 * found["at"]]  # as JavaScript counts
                at = len(units.decode("utf-16-le"))
                assert line_column(text, at) == f"{line}:{column}", text
                assert message.startswith(f" {found['message']}"), text
                assert not found["isBroken"]
                compared += 1
    assert compared > 100


@needs_engine
def test_what_only_the_engine_refuses_is_one_line(ask: Ask) -> None:
    unknown, twice = ask("SELECT (<urn:f>(1) AS ?x) {}", "SELECT\n?x ?x { ?x ?y ?z }")
    assert unknown["error"]["message"] == "found the function <urn:f>; expected one of SPARQL 1.1"
    assert twice["error"]["message"].startswith("found no query that can be run: ")
    assert "\n" not in twice["error"]["message"]


@needs_engine
def test_query_that_breaks_the_engine_is_told_apart(ask: Ask) -> None:
    (answer,) = ask(f"ASK {'{' * 5000}{'}' * 5000}")
    assert answer["error"]["isBroken"] is True


def test_values_of_questions_are_bound_as_by_the_command(
    kg: KnowledgeGraph, content: Content
) -> None:
    asked = [
        ("who-portrays-whom", {"character": "Gamera", "person": "id:akira-ohashi"}),
        ("who-portrays-whom", {"character": "https://w3id.org/kaiju/id/gamera", "film": ""}),
        ("who-directed", {}),
    ]
    for question in list_questions(kg.project):
        odd = {p.name: "a\"'\\\n\\u0022} #" for p in question.parameters if len(p.type) == 2}
        if odd:
            asked.append((question.name, odd))
    code = f"""
        import {{ fill }} from "{BROWSER}/questions.js";
        import {{ Names }} from "{BROWSER}/names.js";
        import {{ readFileSync }} from "node:fs";
        const {{ graph, asked }} = JSON.parse(readFileSync(0, "utf8"));
        const names = new Names(graph, "https://example.org/");
        const texts = asked.map(([name, values]) => fill(graph.questions[name], values, names));
        console.log(JSON.stringify(texts));
    """
    given = json.dumps({"graph": engine.read_graph(content), "asked": asked})
    texts = run_node("--input-type=module", "--eval", code, given=given)
    for (name, values), text in zip(asked, texts, strict=True):
        question = find_question(kg.project, name)
        bound = kg.bind(question, {name: value for name, value in values.items() if value})
        assert text == question._replace(text=bound).code
