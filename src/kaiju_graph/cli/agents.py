"""A server for agents: Model Context Protocol over standard input and output.

Each stored question is a tool with its words, its parameters and their values; four more search,
describe, prove and query. A call of a tool is a call of the command in a process of its own, which
has the limits of the command, and reads the sources as they are then. Its result has the sentences
that support it, and the IRIs of their passages. Nothing writes.
"""

from __future__ import annotations

import json
import os
import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import anyio
import mcp_types as types
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.shared.exceptions import MCPError

from kaiju_graph import __version__
from kaiju_graph.api import KnowledgeGraph, load
from kaiju_graph.cli import ENDPOINT
from kaiju_graph.errors import KaijuError
from kaiju_graph.rdf import terms
from kaiju_graph.sparql import execute, parameters, questions
from kaiju_graph.sparql.results import printable
from kaiju_graph.store import cache

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kaiju_graph.sparql.questions import Parameter, Question

__all__ = ["Limits", "serve"]

INSTRUCTIONS = """Answers about the articles of a knowledge graph, each with its evidence: the \
sentences of the article that support it, and the IRIs of their passages. Prefer the tool of a \
stored question; search finds things by name, describe shows all that is known of one, why proves \
a statement, and query answers SPARQL 1.1. Quote the sentences, and name a passage by its IRI. If \
no answer has something, the graph does not know it: say so, and add nothing from elsewhere."""
THING = "an IRI, a CURIE (such as id:…) or a name"
MAX_ROWS = 200
"""How many rows a result has at most, unless a query asks for more."""
MAX_VALUES = 64
"""How many values of a parameter its schema lists; of more, it gives some as examples."""
EXAMPLES = 8
MAX_RESULT = 2**20
"""How many bytes a result may have."""
TYPES = {"boolean": "boolean", "decimal": "number", "integer": "integer"}
"""Type of a parameter → its type in JSON Schema, if it is not a text."""
QUERY = """Answer a SPARQL 1.1 query, each row with its evidence; it can only read. Known prefixes \
need no declaration. GRAPH ?passage { … } finds the passage that states a triple, and ?passage \
ev:quote its words."""
OWN = {
    "search": (
        "Find things by name, in any language and spelling",
        {"words": "words of a name"},
        {},
    ),
    "describe": (
        "Show all facts about a thing, and the passage that states each",
        {"thing": THING},
        {},
    ),
    "why": (
        "Prove a statement by rules and passages, down to the words of the article",
        {
            "subject": THING,
            "predicate": "the same, or a (for: is of the class)",
            "object": f'{THING}, or a literal: "text"@en, 1996',
        },
        {},
    ),
    "query": (
        QUERY,
        {"sparql": "the query"},
        {"max_rows": f"how many rows or triples at most (default: {MAX_ROWS})"},
    ),
}
"""Name of a tool that is no question → its description, its arguments, its optional numbers."""


class Limits(NamedTuple):
    """The limits of each call: seconds and MiB."""

    seconds: float
    mebibytes: float


class _Failure(Exception):  # noqa: N818 (an answer of a tool)
    """A call that fails; its message is for the agent."""


class _Service:
    """The tools and resources of a project."""

    def __init__(self, root: str, limits: Limits) -> None:
        self.root, self.limits = root, limits
        self.turns = anyio.CapacityLimiter(os.cpu_count() or 1)
        self._entry: str | None = None
        self._kg: KnowledgeGraph | None = None
        self._schemas: dict[str, dict[str, Any]] = {}
        self._passages: dict[str, list[terms.Quad]] = {}

    @property
    def kg(self) -> KnowledgeGraph:
        """The graph as the sources are now."""
        entry = cache.find_entry(self.root)
        if self._kg is None or entry is None or entry != self._entry:
            self._kg, self._schemas, self._passages = load(self.root), {}, {}
            for quad in self._kg.quads:  # reading them writes the entry
                if quad.predicate.value.startswith(terms.EV):
                    self._passages.setdefault(quad.subject.value, []).append(quad)
            self._entry = cache.find_entry(self.root)
        return self._kg

    def questions(self) -> dict[str, Question]:
        """Return the stored questions by the names of their tools."""
        listed = questions.list_questions(self.kg.project)
        return {(f"ask-{q.name}" if q.name in OWN else q.name): q for q in listed}

    def tools(self) -> list[types.Tool]:
        """Return the tools."""
        own = [
            _tool(name, about, _own_schema(needed, more))
            for name, (about, needed, more) in OWN.items()
        ]
        found = self.questions().items()
        return own + [_tool(name, _describe(q), self._schema(q)) for name, q in found]

    def _schema(self, question: Question) -> dict[str, Any]:
        """Return the JSON Schema of the parameters of a question."""
        if question.name not in self._schemas:
            found = {p.name: self._parameter(question, p) for p in question.parameters}
            self._schemas[question.name] = _object(found, ())
        return self._schemas[question.name]

    def _parameter(self, question: Question, parameter: Parameter) -> dict[str, Any]:
        kind = TYPES.get(parameter.type, "string")
        known = [*parameters.find_values(question, parameter, self.kg.store, self.kg.project)]
        values = [json.loads(text) if kind != "string" else text for text in known]
        about = "without it, the rows of all"
        if 0 < len(values) <= MAX_VALUES:
            return {"type": kind, "enum": values, "description": about}
        about = f"{THING}; {about}" if parameter.type == "iri" else about
        examples = {"examples": values[:EXAMPLES]} if values else {}
        return {"type": kind, "description": about, **examples}

    async def call(self, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the result of a tool.

        Raises:
            _Failure: the tool fails.
            MCPError: there is no such tool.
        """
        known = self.questions()
        if name in known:
            return await self._ask(known[name], given)
        if name not in OWN:
            raise MCPError(types.INVALID_PARAMS, f"no tool {name!r}")
        _, needed, more = OWN[name]
        for key in given:
            if key not in (*needed, *more):
                raise _Failure(f"found the argument {key!r}; expected {', '.join(needed)}")
        texts = [given.get(key) for key in needed]
        if not all(isinstance(text, str) and text for text in texts):
            raise _Failure(f"expected a text for {', '.join(needed)}")
        words = [str(text) for text in texts]
        if name == "query":
            return await self._query(words[0], given.get("max_rows", MAX_ROWS))
        text, notes = await self._run(name, "-f", "json", "--", *words)
        found = json.loads(text)
        return _with_notes({"hits": found} if isinstance(found, list) else found, notes)

    async def _ask(self, question: Question, given: Mapping[str, Any]) -> dict[str, Any]:
        pairs = [f"--parameter={name}={_text(value)}" for name, value in given.items()]
        form = execute.query_form(question.text, self.kg.project.prefixes)
        found = await self._answer(form, MAX_ROWS, "ask", question.name, *pairs)
        return {"question": question.summary, **found}

    async def _query(self, text: str, rows: Any) -> dict[str, Any]:
        if type(rows) is not int or rows < 1:
            raise _Failure(f"found max_rows {rows!r}; expected a positive whole number")
        form = execute.query_form(text, self.kg.project.prefixes)
        return await self._answer(form, rows, "query", "-", text=text)

    async def _answer(self, form: str, rows: int, *call: str, text: str = "") -> dict[str, Any]:
        """Return the answer of a call of ``ask`` or ``query``, with its evidence."""
        more = ("--max-rows", str(rows))
        if form in ("CONSTRUCT", "DESCRIBE"):
            turtle, notes = await self._run(*call, "-f", "turtle", *more, text=text)
            return _with_notes({"turtle": turtle}, notes)
        document, notes = await self._run(*call, "-f", "json", "--evidence", *more, text=text)
        found = json.loads(document)
        if form == "ASK":
            evidence = [self._passage(graph) for graph in found["head"]["link"]]
            return _with_notes({"boolean": found["boolean"], "evidence": evidence}, notes)
        *variables, own = found["head"]["vars"]
        solutions = [self._solution(row, own) for row in found["results"]["bindings"]]
        return _with_notes({"variables": variables, "rows": solutions}, notes)

    def _solution(self, row: Mapping[str, Mapping[str, str]], own: str) -> dict[str, Any]:
        """Return a row: variable → value, and the passages that support it."""
        values = {name: term["value"] for name, term in row.items() if name != own}
        marks = row.get(own, {}).get("value", "").split()
        return {"values": values, "evidence": [self._passage(mark) for mark in marks]}

    def _passage(self, name: str) -> dict[str, str]:
        """Return what supports an answer: a passage with its sentence, a graph, or a mark."""
        if ":" not in name:
            return {"mark": name}
        found = {"passage": name}
        for quad in self._passages.get(name, ()):
            if quad.predicate == terms.QUOTE:
                found["sentence"] = quad.object.value
            elif quad.predicate.value == terms.EV + "section":
                found["section"] = quad.object.value
        return found

    async def _run(self, *call: str, text: str = "") -> tuple[str, list[str]]:
        """Run the command; return its output, and what it says about it.

        Raises:
            _Failure: it fails.
        """
        command = [sys.executable, "-m", "kaiju_graph", call[0], "--root", self.root]
        command += ["--timeout", str(self.limits.seconds)]
        command += ["--max-memory", str(self.limits.mebibytes), *call[1:]]
        # The graph is that of the project, not one in an endpoint.
        own = os.environ | {ENDPOINT: ""}
        async with self.turns:
            done = await anyio.run_process(command, input=text.encode(), check=False, env=own)
        lines = done.stderr.decode(errors="replace").splitlines()
        notes = [line.removeprefix("kaiju: ") for line in lines]
        if done.returncode > 1:
            message = "; ".join(notes).removeprefix("error: ")
            raise _Failure(message or f"exit code {done.returncode}")
        if len(done.stdout) > MAX_RESULT:
            size = f"{len(done.stdout):,} bytes"
            raise _Failure(
                f"found a result of {size}; expected at most {MAX_RESULT:,}: ask for less"
            )
        return done.stdout.decode(), notes

    def resources(self) -> list[types.Resource]:
        """Return the articles, the ontologies and the shapes."""
        project = self.kg.project
        files = [f"{folder}/article.txt" for folder in project.articles()]
        files += [*project.files("ontology", ".ttl"), *project.files("ontology/shapes", ".ttl")]
        return [
            types.Resource(
                uri=f"kaiju:///{file}",
                name=file,
                description=_about_file(file),
                mime_type="text/turtle" if file.endswith(".ttl") else "text/plain",
            )
            for file in files
        ]

    def read(self, uri: str) -> types.TextResourceContents:
        """Return a resource.

        Raises:
            MCPError: there is none with this URI.
        """
        for resource in self.resources():
            if resource.uri == uri:
                text = self.kg.project.read(resource.name)
                return types.TextResourceContents(uri=uri, mime_type=resource.mime_type, text=text)
        raise MCPError(types.INVALID_PARAMS, f"no resource {uri!r}")


def serve(root: str, limits: Limits) -> None:
    """Serve until the client closes standard input.

    Args:
        root: the folder of the project.
        limits: those of each call.
    """
    service = _Service(root, limits)
    anyio.run(_serve, service)


async def _serve(service: _Service) -> None:
    async def list_tools(*_: object) -> types.ListToolsResult:
        return types.ListToolsResult(tools=await anyio.to_thread.run_sync(service.tools))

    async def call_tool(_: object, call: types.CallToolRequestParams) -> types.CallToolResult:
        try:
            found = await service.call(call.name, call.arguments or {})
        except (_Failure, KaijuError) as error:
            text = types.TextContent(type="text", text=printable(str(error)))
            return types.CallToolResult(content=[text], is_error=True)
        text = types.TextContent(type="text", text=json.dumps(found, ensure_ascii=False))
        return types.CallToolResult(content=[text], structured_content=found)

    async def list_resources(*_: object) -> types.ListResourcesResult:
        return types.ListResourcesResult(resources=service.resources())

    async def read_resource(
        _: object, call: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult:
        return types.ReadResourceResult(contents=[service.read(call.uri)])

    server: Server[Any] = Server(
        "kaiju-graph",
        version=__version__,
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=list_resources,
        on_read_resource=read_resource,
    )
    async with stdio_server() as (source, sink):
        await server.run(source, sink, server.create_initialization_options())


def _tool(name: str, about: str, schema: dict[str, Any]) -> types.Tool:
    hints = types.ToolAnnotations(
        read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
    )
    return types.Tool(name=name, description=about, input_schema=schema, annotations=hints)


def _object(properties: dict[str, Any], required: Sequence[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": [*required],
        "additionalProperties": False,
    }


def _own_schema(needed: Mapping[str, str], more: Mapping[str, str]) -> dict[str, Any]:
    texts = {name: {"type": "string", "description": about} for name, about in needed.items()}
    numbers = {
        name: {"type": "integer", "minimum": 1, "description": about}
        for name, about in more.items()
    }
    return _object(texts | numbers, tuple(needed))


def _describe(question: Question) -> str:
    """Return what a question asks, in its own and other words."""
    also = f"Also: {'; '.join(question.also)}" if question.also else ""
    return "\n".join(filter(None, (question.summary, question.description, also)))


def _about_file(file: str) -> str:
    if file.endswith(".txt"):
        return "an article, word for word"
    return "rules in SHACL" if "/shapes/" in file else "an ontology in Turtle"


def _text(value: Any) -> str:
    """Return an argument as the command reads it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return str(int(value))  # 1.0 is an integer in JSON Schema
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f")
    if isinstance(value, str):
        return value
    raise _Failure(f"found {json.dumps(value)}; expected a text, a number or a boolean")


def _with_notes(found: dict[str, Any], notes: list[str]) -> dict[str, Any]:
    return found | ({"notes": notes} if notes else {})
