"""Stage 8: SPARQL 1.1 on a store → what Oxigraph answers, or one line that says what is wrong.

A query comes from anybody. What would read from the network is refused before the engine sees it
(``refusing``), the engine works on a stack that no query fills (``limits``), and its answer is read
there; FROM reads the named graphs of the store and nothing else.
"""

from __future__ import annotations

import warnings
from itertools import islice
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from kaiju_graph.errors import LimitError, QueryError, QueryWarning, UnreachableError
from kaiju_graph.project.spelling import did_you_mean
from kaiju_graph.rdf.prefixes import Prefixes
from kaiju_graph.rdf.terms import Triple, solution_json
from kaiju_graph.sparql import guard, limits, results
from kaiju_graph.sparql.syntax_errors import explain
from kaiju_graph.sparql.tokens import find_iris, line_column
from kaiju_graph.sparql.unknown_terms import unknown_term_warnings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeVar

    T = TypeVar("T")

__all__ = ["MAX_CHARACTERS", "Result", "check_query", "hold", "query_form", "run"]

Result = ox.QuerySolutions | ox.QueryBoolean | list[Triple]
"""What Oxigraph answers: solutions, to be read once, a boolean, or triples."""

MAX_CHARACTERS = 2**16
"""How many characters a query may have."""
GRAPHS = 1000
"""Among how many graphs the one is looked for that a person may have meant."""
JSON = ox.QueryResultsFormat.JSON


def run(
    store: ox.Store,
    text: str,
    prefixes: Mapping[str, str],
    origin: str = "query",
    *,
    rows: int | None = None,
) -> Result:
    """Run SPARQL 1.1 on a store; prefixes that the text does not declare are added.

    A ``QueryWarning`` says where there are more rows, and where nothing was found and the query
    has a term that its ontology does not.

    Args:
        store: the store.
        text: the query.
        prefixes: prefix → namespace IRI.
        origin: the name that errors give the text, such as its file.
        rows: how many solutions or triples to take; None takes all.

    Raises:
        LimitError: the text is longer than ``MAX_CHARACTERS``.
        QueryError: the text does not parse, nests too deep, uses SERVICE, which reads from the
            network, or FROM with a graph that is not there.
        UnreachableError: the store cannot be read.
    """
    found, more, empty = _deep(text, origin, lambda: _read(store, text, prefixes, rows))
    if more:
        message = f"{origin}: there are more than these {rows:,}; --max-rows raises the limit"
        warnings.warn(message, QueryWarning, stacklevel=2)
    for doubt in unknown_term_warnings(store, text, prefixes) if empty else ():
        warnings.warn(f"{origin}:{doubt}", QueryWarning, stacklevel=2)
    if isinstance(found, bytes):
        return ox.parse_query_results(found, format=JSON)
    return found


def check_query(text: str, prefixes: Mapping[str, str], origin: str = "query") -> None:
    """Raise the error that a query would be on any store, whatever graphs that has.

    Raises:
        LimitError: as ``run``.
        QueryError: as ``run``, but for graphs that are not there.
    """

    def parse() -> None:
        guard.check(text, prefixes)
        try:
            ox.Store().query(text, prefixes=dict(prefixes))
        except SyntaxError as error:
            raise explain(text, str(error), prefixes) from None
        except RuntimeError as error:
            raise _failed(text, str(error), prefixes) from None

    _deep(text, origin, parse)


def query_form(text: str, prefixes: Mapping[str, str], origin: str = "query") -> str:
    """Return the form of a query: SELECT, ASK, CONSTRUCT or DESCRIBE.

    Raises:
        LimitError: as ``check_query``.
        QueryError: as ``check_query``.
    """
    check_query(text, prefixes, origin)
    return guard.find_form(text).text


def hold(answer: Result) -> tuple[Result, bool]:
    """Return an answer, and whether it is negative: false, or without a row or triple."""
    return (answer, not answer) if isinstance(answer, list) else results.hold(answer)


def _deep(text: str, origin: str, work: Callable[[], T]) -> T:
    """Do what reads a query where it is not too deep, and give its errors the query's origin."""
    if len(text) > MAX_CHARACTERS:
        raise LimitError(
            f"{origin}: found more than {MAX_CHARACTERS:,} characters; expected no more"
        )
    try:
        return limits.call_with_deep_stack(work)
    except QueryError as error:
        raise QueryError(f"{origin}:{error}") from None
    except OSError as error:
        raise UnreachableError(f"{origin}: the store cannot be read: {error}") from None


def _read(
    store: ox.Store, text: str, prefixes: Mapping[str, str], rows: int | None
) -> tuple[bytes | list[Triple], bool, bool]:
    """Return what is found (solutions and booleans as JSON), if there is more, if it is nothing."""
    guard.check(text, prefixes)
    answer = None
    try:
        answer = _asked(store, text, prefixes)
        if isinstance(answer, ox.QueryTriples):
            triples = list(islice(answer, None if rows is None else rows + 1))
            return _relabelled(triples[:rows]), len(triples) > len(triples[:rows]), not triples
        if rows is None or isinstance(answer, ox.QueryBoolean):
            content = answer.serialize(format=JSON) or b""
            return content, False, content.endswith(results.EMPTY)
        return _first(answer, rows)
    except SyntaxError as error:
        raise explain(text, str(error), prefixes) from None
    except RuntimeError as error:
        raise _failed(text, str(error), prefixes) from None
    finally:
        del answer  # it belongs to this thread, and a traceback would take it to another


def _asked(
    store: ox.Store, text: str, prefixes: Mapping[str, str]
) -> ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples:
    """Ask the store, or of it what FROM names: a merge that is a set, as section 13.2 has it."""
    sources = guard.find_sources(text, prefixes)
    if sources is None:
        return store.query(text, prefixes=dict(prefixes))
    for token, graph in sources.default + sources.named:
        if not store.contains_named_graph(graph):
            shorten = Prefixes(prefixes).shorten
            known = [shorten(g.value) for g in islice(store.named_graphs(), GRAPHS)]
            hint = did_you_mean(shorten(graph.value), known)
            found = f"found the graph {token.text}; expected a graph of the dataset{hint}"
            raise QueryError(f"{line_column(text, token.offset)}: {found}")
    merged = ox.Store()
    for _, graph in sources.default:
        quads = store.quads_for_pattern(None, None, None, graph)
        merged.extend(ox.Quad(*quad.triple) for quad in quads)
    for _, graph in sources.named:
        merged.extend(store.quads_for_pattern(None, None, None, graph))
    return merged.query(
        text,
        prefixes=dict(prefixes),
        default_graph=ox.DefaultGraph(),
        named_graphs=[graph for _, graph in sources.named],
    )


def _first(answer: ox.QuerySolutions, rows: int) -> tuple[bytes, bool, bool]:
    """Return the first solutions, if there are more, and if there is none."""
    import json

    names = [variable.value for variable in answer.variables]
    taken = list(islice(answer, rows + 1))
    bindings = [solution_json(names, row) for row in taken[:rows]]
    document = {"head": {"vars": names}, "results": {"bindings": bindings}}
    return json.dumps(document).encode(), len(taken) > rows, not taken


def _relabelled(triples: list[ox.Triple]) -> list[Triple]:
    """Return triples whose blank nodes, which the engine labels at random, are numbered in order.

    To canonicalize them (RDFC-1.0) can take longer than anybody waits, and nothing can end it.
    """
    labels: dict[object, ox.BlankNode] = {}

    def stable(term: Any) -> Any:
        if isinstance(term, ox.BlankNode):
            return labels.setdefault(term, ox.BlankNode(f"b{len(labels)}"))
        return term

    return [Triple(*map(stable, triple)) for triple in triples]


def _failed(text: str, message: str, prefixes: Mapping[str, str]) -> QueryError:
    """Return the error of a query that parses and cannot be run."""
    for token, iri in find_iris(text, prefixes):
        if f"function <{iri}>" in message:
            found = f"found the function {token.text}; expected one of SPARQL 1.1"
            return QueryError(f"{line_column(text, token.offset)}: {found}")
    return QueryError(f"1:1: found no query that can be run: {message}")
