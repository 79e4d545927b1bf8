"""The query operation of SPARQL 1.1 Protocol, section 2.1: a request → a query → a reply."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl

import pyoxigraph as ox

from kaiju_graph.errors import KaijuError, LimitError, UnknownNameError, UsageError
from kaiju_graph.rdf import formats as graphs
from kaiju_graph.rdf import write
from kaiju_graph.sparql import execute, results
from kaiju_graph.sparql.empty_answers import absent_warnings
from kaiju_graph.sparql.guard import Dataset
from kaiju_graph.sparql.tokens import replace_escapes
from kaiju_graph.store import cache
from kaiju_graph.web import negotiation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from kaiju_graph.api import KnowledgeGraph
    from kaiju_graph.project.layout import Project

    _Send = Callable[[bytes], None]

__all__ = [
    "HINT",
    "LIMIT",
    "LONG",
    "METHODS",
    "Operation",
    "Refusal",
    "Reply",
    "answer",
    "explain",
    "negotiate",
    "parse",
    "read_fields",
    "text_reply",
    "with_charset",
    "write_graph",
]

LIMIT = 504
"""The status of the reply to a request that took more than a limit, after which its worker ends."""
METHODS = ("GET", "HEAD", "POST")
FORM, DIRECT = "application/x-www-form-urlencoded", "application/sparql-query"
UPDATE = "application/sparql-update"
READ_ONLY = "found an update; expected a query, as this endpoint is read-only"
CHARSET = re.compile(r';\s*charset="?([^\s";]+)', re.IGNORECASE)
HINT = "Kaiju-Hint"
"""The header of an empty answer that says what the graph does not have."""
MAX_HINT = 1000
"""How many characters of it are sent."""
LONG = 2**18
"""From how many bytes on a body goes to the client part by part."""
MAX_FIELDS = 2000
"""How many parameters a request may have; a dataset has one for each of its graphs."""

STATUS = {UnknownNameError: 404, UsageError: 406, LimitError: 503, KaijuError: 400}
"""Error → the status code that tells a client of it."""


class Reply(NamedTuple):
    """A status code, a media type, the body, and other headers."""

    status: int
    media_type: str
    body: bytes
    headers: Mapping[str, str] = {}


class Refusal(Exception):  # noqa: N818 (not an error of this program)
    """A request that is not answered: its status code, and the reason in one line."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Operation(NamedTuple):
    """A query, the IRIs of its dataset, and the format that its address names, if any.

    The dataset is that of the query, or else of the service, if both lists are empty.
    """

    query: str
    default: list[str]
    named: list[str]
    form: str


def parse(method: str, address: bytes, content_type: str, body: bytes) -> Operation | None:
    """Return the operation of a request, or None if it asks for the description of the service.

    Args:
        method: one of ``METHODS``.
        address: what follows ``?`` in the address.
        content_type: the header; an empty text if there is none.
        body: the body of a POST.

    Raises:
        Refusal: the request is malformed, or an update.
    """
    fields = read_fields(address)
    if method == "POST":
        fields += _read_body(content_type, body)
    elif not fields:
        return None
    values: dict[str, list[str]] = {}
    for name, value in fields:
        values.setdefault(name, []).append(value)
    if "update" in values:
        raise Refusal(403, READ_ONLY)
    queries = values.get("query", [])
    if len(queries) != 1:
        raise Refusal(400, f"found {len(queries) or 'no'} queries; expected one")
    if len(queries[0]) > execute.MAX_CHARACTERS:
        limit = f"{execute.MAX_CHARACTERS:,} characters"
        raise Refusal(413, f"found a query of more than {limit}; expected no more")
    default, named = (values.get(name, []) for name in ("default-graph-uri", "named-graph-uri"))
    for graph in default + named:
        _graph(graph)
    return Operation(queries[0], default, named, values.get("format", [""])[-1])


def _read_body(content_type: str, body: bytes) -> list[tuple[str, str]]:
    """Return the names and values that the body of a POST has."""
    media_type = content_type.partition(";")[0].strip().lower()
    charset = CHARSET.search(content_type)
    if media_type == UPDATE:
        raise Refusal(403, READ_ONLY)
    if media_type not in (FORM, DIRECT):
        found = "another media type" if media_type else "no media type"
        raise Refusal(415, f"found {found}; expected {FORM} or {DIRECT}")
    if charset and charset[1].lower() not in ("utf-8", "utf8", "us-ascii"):
        raise Refusal(415, "found another charset; expected UTF-8")
    return read_fields(body) if media_type == FORM else [("query", _decode(body))]


def read_fields(text: bytes) -> list[tuple[str, str]]:
    """Return the names and values of a form.

    Raises:
        Refusal: it is not percent-encoded UTF-8, or too long.
    """
    try:
        return parse_qsl(
            text.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except UnicodeError:
        raise Refusal(
            400, "found bytes that are not UTF-8; expected percent-encoded UTF-8"
        ) from None
    except ValueError:
        raise Refusal(413, f"found more than {MAX_FIELDS} parameters; expected fewer") from None


def _decode(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        found = f"found byte {body[error.start]:#x} at {error.start}"
        raise Refusal(400, f"{found}; expected UTF-8") from None


def _graph(text: str) -> ox.NamedNode:
    try:
        return ox.NamedNode(text)
    except ValueError:
        raise Refusal(400, "found a graph that is no absolute IRI; expected one") from None


class _Body(BytesIO):
    """A file for the body of a reply; what is long is sent part by part, while it is written."""

    def __init__(self, begin: Callable[[], _Send]) -> None:
        super().__init__()
        self._begin = begin
        self._send: _Send | None = None

    @property
    def is_whole(self) -> bool:
        """Whether nothing is sent yet."""
        return self._send is None

    def write(self, data: bytes) -> int:  # type: ignore[override]
        """Add bytes, and send those that are there if they are many."""
        size = super().write(data)
        if self.tell() >= LONG:
            self._send = self._send or self._begin()
            self._send(self.getvalue())
            self.seek(0)
            self.truncate()
        return size

    def writelines(self, lines: Iterable[bytes]) -> None:  # type: ignore[override]
        """Add lines one by one; that of ``BytesIO`` does not call ``write``."""
        for line in lines:
            self.write(line)


def answer(
    kg: KnowledgeGraph,
    operation: Operation,
    accept: str,
    endpoint: str,
    begin: Callable[[Reply], _Send],
) -> Reply:
    """Run a query and write its result in the format that the client prefers.

    Solutions in a format of rows are sent while the engine finds them, if they are long: the body
    of the reply is only the rest then.

    Args:
        kg: the graph.
        operation: the query and its dataset.
        accept: the header.
        endpoint: the address of the endpoint, which resolves relative IRIs.
        begin: sends a reply whose body is long, and returns a function that sends a part of it.

    Raises:
        Refusal: no format of the result is acceptable.
        KaijuError: the query cannot be answered.
    """
    project, headers = kg.project, {}
    if cache.has_word(operation.query.encode(errors="replace"), *cache.VOLATILE):
        headers = {"Cache-Control": "no-store"}

    def read(result: execute.Result) -> tuple[Reply, bool]:
        """Return the reply, and whether the result is empty."""
        if isinstance(result, list):
            name = negotiate(accept, operation.form, negotiation.GRAPHS)
            return write_graph(result, name, project), not result
        if isinstance(result, ox.QueryBoolean):
            name = negotiate(accept, operation.form, negotiation.BOOLEANS)
            text = results.write(result, name, project)
            return text_reply(200, text, results.FORMATS[name].media_type), False
        name = negotiate(accept, operation.form, negotiation.SOLUTIONS)
        media_type = results.FORMATS[name].media_type
        if name in results.STREAMS:
            media_type = with_charset(media_type)
            body = _Body(lambda: begin(Reply(200, media_type, b"", headers)))
            results.stream(result, name, body)
            content = body.getvalue()
            return Reply(200, media_type, content), body.is_whole and _has_no_rows(content, name)
        copy, content = results.buffer(result)
        text = results.write(copy, name, project)
        return text_reply(200, text, media_type), content.endswith(results.EMPTY)

    dataset = Dataset([*map(_graph, operation.default)], [*map(_graph, operation.named)])
    chosen = dataset if any(dataset) else None
    reply, is_empty = execute.solve(
        kg.store, operation.query, project.prefixes, read, dataset=chosen, base=endpoint
    )
    hint = _hint(kg, operation.query) if is_empty else {}
    return reply._replace(headers=headers | hint)


def _has_no_rows(content: bytes, form: str) -> bool:
    """Tell whether solutions in a format of rows are none: JSON says so, others have their head."""
    if form == "json":
        return content.rstrip().endswith(results.EMPTY)
    return content.count(b"\n") == (form != "jsonl")


def _hint(kg: KnowledgeGraph, query: str) -> dict[str, str]:
    """Return a header with the terms of a query that the graph does not have."""
    found = "; ".join(absent_warnings(kg.store, replace_escapes(query), kg.project.prefixes))
    text = results.printable(found[:MAX_HINT]).encode("ascii", "backslashreplace").decode()
    return {HINT: text.replace("\n", " ")} if text else {}


def negotiate(accept: str, name: str, offers: Mapping[str, str]) -> str:
    """Return the format that an address names, or else the one that a header prefers.

    Raises:
        Refusal: there is no such format.
    """
    found = negotiation.find_format(name, offers) if name else negotiation.choose(accept, offers)
    if found is None:
        known = ", ".join(dict.fromkeys(offers.values()) if name else offers)
        raise Refusal(406, f"found no format that this result has; expected one of {known}")
    return found


def write_graph(triples: list[Any], name: str, project: Project, **options: Any) -> Reply:
    """Write triples in a format of graphs."""
    text = write.write(triples, name, project, **options)
    return text_reply(200, text, graphs.FORMATS[name].media_type)


def text_reply(status: int, text: str, media_type: str = "text/plain") -> Reply:
    """Return a text as a reply."""
    return Reply(status, with_charset(media_type), text.encode(errors="replace"))


def with_charset(media_type: str) -> str:
    """Return a media type with the character encoding of texts."""
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


def explain(error: Exception) -> Reply:
    """Return the status code and the reason, in one line, of what was not answered.

    What no client can mend is a bug, of which a client learns no details.
    """
    if isinstance(error, Refusal):
        status = error.status
    elif isinstance(error, KaijuError):
        kinds = (kind for kind in STATUS if isinstance(error, kind))
        status = STATUS[next(kinds)]
    else:
        return text_reply(500, "error: a bug; the log of the server has more\n")
    line = results.printable(str(error)).replace("\n", " ")
    return text_reply(status, f"error: {line}\n")
