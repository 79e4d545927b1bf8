"""Read the answers of an endpoint: solutions, a boolean, or triples, in any standard format.

Engines are forgiven what does not change the meaning: a media type of plain JSON or XML, and the
table that Virtuoso sends for ASK (``__ASK_RETVAL``).
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

import pyoxigraph as ox

from kaiju_graph.errors import LimitError, UnreachableError
from kaiju_graph.rdf.terms import Triple
from kaiju_graph.remote.protocol import MAX_BYTES
from kaiju_graph.sparql import guard, results
from kaiju_graph.sparql.tokens import find_form, replace_escapes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import IO

    from kaiju_graph.remote.protocol import Body, Endpoint, RemoteDataset

__all__ = [
    "MAX_BYTES",
    "RemoteAnswer",
    "ask",
    "complete_prologue",
    "keep",
    "open_answer",
    "select",
]

Graph = list[Triple]
RemoteAnswer = ox.QuerySolutions | ox.QueryBoolean | Graph
SOLUTIONS = {
    "application/sparql-results+json": ox.QueryResultsFormat.JSON,
    "application/json": ox.QueryResultsFormat.JSON,
    "application/sparql-results+xml": ox.QueryResultsFormat.XML,
    "application/xml": ox.QueryResultsFormat.XML,
    "text/xml": ox.QueryResultsFormat.XML,
    "text/tab-separated-values": ox.QueryResultsFormat.TSV,
}
"""Media type → format of results. CSV does not tell IRIs from texts, so it is not asked for."""
GRAPHS = {
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "text/plain": ox.RdfFormat.N_TRIPLES,
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/x-turtle": ox.RdfFormat.TURTLE,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
}
ACCEPT_SOLUTIONS = (
    "application/sparql-results+json, application/sparql-results+xml;q=0.9, "
    "text/tab-separated-values;q=0.8, application/json;q=0.5"
)
ACCEPT_GRAPH = "application/n-triples, text/turtle;q=0.9, application/rdf+xml;q=0.8"
MAX_MEDIA_TYPE = 100
"""How many characters of a media type are shown."""
ASK_VARIABLE = "__ASK_RETVAL"
"""The only variable of Virtuoso's answer to ASK."""


def complete_prologue(text: str, prefixes: Mapping[str, str]) -> str:
    """Return a query with the declarations of the known prefixes that it uses and does not declare.

    They stand in its first line, so that the lines of errors stay the same.

    >>> complete_prologue("ASK { ?x a ex:Thing }", {"ex": "https://example.org/"})
    'PREFIX ex: <https://example.org/> ASK { ?x a ex:Thing }'
    """
    from kaiju_graph.rdf.tokens import tokens

    used: dict[str, None] = {}
    declared: set[str] = set()
    before = ""
    for token in tokens(text):
        if token.kind == "name":
            prefix = token.text.partition(":")[0]
            (declared.add if before == "PREFIX" else used.setdefault)(prefix)
        before = token.text.upper() if token.kind == "word" else ""
    missing = [prefix for prefix in used if prefix in prefixes and prefix not in declared]
    return "".join(f"PREFIX {name}: <{prefixes[name]}> " for name in missing) + text


@contextmanager
def open_answer(
    endpoint: Endpoint,
    text: str,
    prefixes: Mapping[str, str],
    dataset: RemoteDataset | None = None,
    *,
    limit: int | None = MAX_BYTES,
) -> Iterator[RemoteAnswer]:
    """Send a query and yield its answer; solutions are read from the network as they are used.

    Args:
        endpoint: the endpoint.
        text: the query.
        prefixes: prefix → namespace IRI, for prefixes that the text does not declare.
        dataset: the graphs that the query sees.
        limit: how many bytes the answer may have; None is no limit.

    Raises:
        QueryError: the query has SERVICE, deep nesting, or syntax of SPARQL 1.2, or the server
            refuses it.
        UnreachableError: there is no answer, or none of SPARQL.
        LimitError: the answer is too long, or does not arrive in time.
    """
    text = replace_escapes(text)
    guard.check(text, prefixes)
    form = find_form(text).text
    graph = form in ("CONSTRUCT", "DESCRIBE")
    accept = ACCEPT_GRAPH if graph else ACCEPT_SOLUTIONS
    complete = complete_prologue(text, prefixes)
    with endpoint.query(complete, accept, dataset, limit=limit) as body, _errors(endpoint, body):
        if graph:
            yield _read_graph(endpoint, body)
        elif form == "ASK":
            yield _read_boolean(endpoint, body)
        else:
            yield _read_solutions(endpoint, body)


def keep(found: RemoteAnswer, rows: int | None = None) -> tuple[RemoteAnswer, bool]:
    """Read an answer whole; return a copy, and whether there are more rows than it has.

    Args:
        found: an answer that is still open.
        rows: the most rows or triples to keep; None keeps all.
    """
    if isinstance(found, list):
        return found[:rows], rows is not None and len(found) > rows
    if isinstance(found, ox.QueryBoolean):
        return found, False
    content, more = results.first_rows(found, rows)
    return ox.parse_query_results(content, format=ox.QueryResultsFormat.JSON), more


def select(
    endpoint: Endpoint,
    text: str,
    prefixes: Mapping[str, str] | None = None,
    dataset: RemoteDataset | None = None,
) -> list[tuple[Any, ...]]:
    """Return the solutions of a SELECT query, each as its terms in order; unbound is None."""
    with open_answer(endpoint, text, prefixes or {}, dataset) as found:
        return [tuple(row) for row in found] if isinstance(found, ox.QuerySolutions) else []


def ask(
    endpoint: Endpoint,
    text: str,
    prefixes: Mapping[str, str] | None = None,
    dataset: RemoteDataset | None = None,
) -> bool:
    """Return the answer of an ASK query."""
    with open_answer(endpoint, text, prefixes or {}, dataset) as found:
        return bool(found)


def _read_solutions(endpoint: Endpoint, body: Body) -> ox.QuerySolutions:
    found = ox.parse_query_results(
        cast("IO[bytes]", body), format=_format(endpoint, body, SOLUTIONS)
    )
    if not isinstance(found, ox.QuerySolutions):
        raise UnreachableError(f"{endpoint.name}: found a boolean; expected solutions")
    return found


def _read_boolean(endpoint: Endpoint, body: Body) -> ox.QueryBoolean:
    found = ox.parse_query_results(
        cast("IO[bytes]", body), format=_format(endpoint, body, SOLUTIONS)
    )
    if isinstance(found, ox.QueryBoolean):
        return found
    if [variable.value for variable in found.variables] != [ASK_VARIABLE]:
        raise UnreachableError(f"{endpoint.name}: found solutions; expected a boolean")
    value = any(row[0].value in ("1", "true") for row in found if row[0])
    content = json.dumps({"head": {}, "boolean": value}).encode()
    boolean = ox.parse_query_results(content, format=ox.QueryResultsFormat.JSON)
    return cast("ox.QueryBoolean", boolean)


def _read_graph(endpoint: Endpoint, body: Body) -> Graph:
    """Return the triples of a graph, each once."""
    quads = ox.parse(cast("IO[bytes]", body), format=_format(endpoint, body, GRAPHS))
    return list(dict.fromkeys(Triple(*quad.triple) for quad in quads))


def _format(endpoint: Endpoint, body: Body, formats: Mapping[str, Any]) -> Any:
    if (form := formats.get(body.media_type)) is not None:
        return form
    found = endpoint.credentials.hide(body.media_type)[:MAX_MEDIA_TYPE] or "no media type"
    hint = " (is this the address of the endpoint?)" if "html" in body.media_type else ""
    expected = next(iter(formats))
    raise UnreachableError(f"{endpoint.name}: found {found}; expected {expected} or the like{hint}")


@contextmanager
def _errors(endpoint: Endpoint, body: Body) -> Iterator[None]:
    """Convert the errors of the parsers."""
    try:
        yield
    except (SyntaxError, ValueError, EOFError) as error:
        reason = " ".join(str(getattr(error, "msg", None) or error).split())
        hidden = endpoint.credentials.hide(reason)
        message = f"found no valid answer after {body.count:,} bytes: {hidden}"
        raise UnreachableError(f"{endpoint.name}: {message}") from None
    except RecursionError:
        raise LimitError(f"{endpoint.name}: found an answer nested too deeply") from None
