"""Run SPARQL 1.1 on a store: every query passes through this module.

A query may come from anyone. ``guard`` refuses queries that read from the network or nest too
deeply. The engine runs on a stack that no query fills (``limits``), and its answer is read there,
too. FROM reads only named graphs of the store. Time and memory are limited for the whole process
(``limits.Watch``).
"""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

import pyoxigraph as ox

from kaiju_graph.errors import LimitError, QueryError, QueryWarning, UnreachableError
from kaiju_graph.project.spelling import did_you_mean
from kaiju_graph.rdf.lexical_forms import (
    decode_all,
    decode_json,
    has_encoded,
    named_graphs,
)
from kaiju_graph.rdf.lines import line_column
from kaiju_graph.rdf.prefixes import Prefixes
from kaiju_graph.rdf.terms import Triple
from kaiju_graph.sparql import guard, limits, results
from kaiju_graph.sparql.empty_answers import absent_warnings, empty_answer_warnings
from kaiju_graph.sparql.functions import (
    BlankNodes,
    Functions,
    call_with_unknown,
    unknown_function_warnings,
)
from kaiju_graph.sparql.missed_paths import missed_path_warnings
from kaiju_graph.sparql.rewrite import AGGREGATES, FUNCTIONS, has_encodable, rewrite
from kaiju_graph.sparql.syntax_errors import explain
from kaiju_graph.sparql.tokens import find_form, find_iris, replace_escapes
from kaiju_graph.sparql.unbound_variables import unbound_variable_warnings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import TypeVar

    T = TypeVar("T")

__all__ = ["MAX_CHARACTERS", "Result", "buffer", "check_query", "query_form", "run", "solve"]

Answer = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples
"""An answer of Oxigraph, which must be read in the thread that ran the query."""
Result = ox.QuerySolutions | ox.QueryBoolean | list[Triple]
"""The result of a query: a boolean, triples, or solutions, which can be read only once."""


class _Scope(NamedTuple):
    """What a query gets from its caller, besides the store and the prefixes."""

    dataset: guard.Dataset | None = None
    """The graphs that it sees instead of those after FROM."""
    base: str | None = None
    """The IRI that resolves relative ones."""


_WHOLE = _Scope()
MAX_CHARACTERS = 2**16
"""How many characters a query may have."""
MAX_GRAPHS = 1000
"""How many graphs are searched for a name like that of an unknown graph."""
JSON = ox.QueryResultsFormat.JSON
INVALID_PREFIX = "Invalid prefix IRI "
"""The beginning of the engine's error for a prefix whose namespace is no IRI."""


def run(  # noqa: PLR0913 (each is something that only the caller knows)
    store: ox.Store,
    text: str,
    prefixes: Mapping[str, str],
    origin: str = "query",
    *,
    rows: int | None = None,
    whole: Callable[[], ox.Store] | None = None,
    explain: bool = True,
) -> Result:
    """Run SPARQL 1.1 on a store; prefixes that the text does not declare are added.

    A ``QueryWarning`` says that more rows are left. There is one for each unknown function, for
    each unknown graph after FROM, which is empty, for each path of which the engine misses a
    solution, for each variable that is selected and never bound, for each term that is nowhere in
    the graph, and, if the answer is empty or only says so (a count of 0), for each term or pattern
    that may be why.

    Args:
        store: the store.
        text: the query.
        prefixes: prefix → namespace IRI.
        origin: the name of the query in errors, such as its file.
        rows: the most solutions or triples to return; None returns all.
        whole: returns a store with the alignments, too; it is asked what an unknown term may mean.
        explain: warn of what the graph does not have, for a person who asked this one query.

    Raises:
        LimitError: the text is longer than ``MAX_CHARACTERS``.
        QueryError: the text does not parse, nests too deeply, has SERVICE (which reads from the
            network), or has a relative IRI after FROM.
        UnreachableError: the store cannot be read.
    """
    text = replace_escapes(text)
    result, more, empty, unknown = _call(text, origin, lambda: _run(store, text, prefixes, rows))
    for message in unknown_function_warnings(text, unknown, prefixes):
        warnings.warn(f"{origin}:{message}", QueryWarning, stacklevel=2)
    if more:
        message = f"{origin}: there are more than {rows:,} results; --max-rows raises the limit"
        warnings.warn(message, QueryWarning, stacklevel=2)
    unread = [*_unknown_graph_warnings(store, text, prefixes)]
    missed = _missed_path_warnings(store, text, prefixes)
    unbound = unbound_variable_warnings(text) if explain else ()
    lacking: Iterable[str] = ()
    if explain and not unread:
        lacking = (
            empty_answer_warnings(store, text, prefixes, whole)
            if empty
            else absent_warnings(store, text, prefixes)
        )
    for message in (*unread, *missed, *unbound, *lacking):
        warnings.warn(f"{origin}:{message}", QueryWarning, stacklevel=2)
    if isinstance(result, bytes):
        return ox.parse_query_results(result, format=JSON)
    return result


def solve(  # noqa: PLR0913 (each is something that only the caller knows)
    store: ox.Store,
    text: str,
    prefixes: Mapping[str, str],
    read: Callable[[Result], T],
    *,
    dataset: guard.Dataset | None = None,
    base: str | None = None,
) -> T:
    """Run SPARQL 1.1 as ``run`` does, without a warning; read its result while the engine runs.

    Args:
        store: the store.
        text: the query.
        prefixes: prefix → namespace IRI.
        read: receives the result; what it returns is returned.
        dataset: the graphs that the query sees instead of those that it names after FROM; None
            leaves these.
        base: the IRI that resolves relative ones, where the query has no BASE (section 4.1.1.2).

    Raises:
        LimitError: as ``run``.
        QueryError: as ``run``.
        UnreachableError: as ``run``.
    """
    text = replace_escapes(text)

    def work() -> T:
        guard.check(text, prefixes, base)
        answer, encoded = None, has_encoded(store) or has_encodable(text, prefixes)
        try:
            with _query_errors(text, prefixes):
                answer, _ = _query(store, text, prefixes, _Scope(dataset, base), encoded=encoded)
                if isinstance(answer, ox.QueryTriples):
                    return read(_read_triples([*answer], encoded=encoded))
                if encoded:
                    content = decode_json(answer.serialize(format=JSON) or b"")
                    return read(ox.parse_query_results(content, format=JSON))
                return read(answer)
        finally:
            del answer  # as in ``_run``

    return _call(text, "query", work)


def check_query(text: str, prefixes: Mapping[str, str], origin: str = "query") -> None:
    """Check a query without a store; an unknown function is an error, too.

    Raises:
        LimitError: as ``run``.
        QueryError: as ``run``.
    """
    text = replace_escapes(text)

    def parse() -> None:
        guard.check(text, prefixes)
        with _query_errors(text, prefixes):
            ox.Store().query(text, prefixes=dict(prefixes))

    _call(text, origin, parse)


def query_form(text: str, prefixes: Mapping[str, str], origin: str = "query") -> str:
    """Return the form of a query: SELECT, ASK, CONSTRUCT or DESCRIBE.

    Raises:
        LimitError: as ``check_query``.
        QueryError: as ``check_query``.
    """
    check_query(text, prefixes, origin)
    return find_form(replace_escapes(text)).text


def buffer(result: Result) -> tuple[Result, bool]:
    """Return an unread copy of a result, and whether it is false or empty."""
    if isinstance(result, list):
        return result, not result
    copy, content = results.buffer(result)
    return copy, content.endswith(results.EMPTY)


def _call(text: str, origin: str, work: Callable[[], T]) -> T:
    """Call a function that parses or runs a query on a deep stack; add the origin to errors."""
    if len(text) > MAX_CHARACTERS:
        limit = f"{MAX_CHARACTERS:,} characters"
        raise LimitError(f"{origin}: found more than {limit}; expected no more")
    try:
        return limits.call_with_deep_stack(work)
    except QueryError as error:
        raise QueryError(f"{origin}:{error}") from None
    except OSError as error:
        raise UnreachableError(f"{origin}: the store cannot be read: {error}") from None
    except ValueError as error:
        if not str(error).startswith(INVALID_PREFIX):
            raise
        prefix, _, reason = str(error).removeprefix(INVALID_PREFIX).partition(": Invalid")
        message = f"found the prefix {prefix.strip()} ({reason.strip()})"
        raise QueryError(f"{origin}:1:1: {message}; expected an absolute IRI") from None


@contextmanager
def _query_errors(text: str, prefixes: Mapping[str, str]) -> Iterator[None]:
    """Convert the errors of the engine to ``QueryError``."""
    try:
        yield
    except SyntaxError as error:
        raise explain(text, str(error), prefixes) from None
    except RuntimeError as error:
        raise _explain_failure(text, str(error), prefixes) from None


def _run(
    store: ox.Store,
    text: str,
    prefixes: Mapping[str, str],
    rows: int | None,
) -> tuple[bytes | list[Triple], bool, bool, list[str]]:
    """Return the answer, whether rows are left, whether it is empty, and the unknown functions.

    Solutions and booleans are JSON.
    """
    guard.check(text, prefixes)
    answer, encoded = None, has_encoded(store) or has_encodable(text, prefixes)
    try:
        with _query_errors(text, prefixes):
            answer, unknown = _query(store, text, prefixes, encoded=encoded)
            if isinstance(answer, ox.QueryTriples):
                triples = list(islice(answer, None if rows is None else rows + 1))
                first = triples[:rows]
                more = len(triples) > len(first)
                return _read_triples(first, encoded=encoded), more, not triples, unknown
            if rows is None or isinstance(answer, ox.QueryBoolean):
                content, more = answer.serialize(format=JSON) or b"", False
            else:
                content, more = results.first_rows(answer, rows)
            content = decode_json(content) if encoded else content
            content = results.order_columns(content, text)
            return content, more, not more and results.is_hollow(content), unknown
    finally:
        del answer  # it belongs to this thread; a traceback would carry it to another


def _evaluate(
    store: ox.Store, text: str, prefixes: Mapping[str, str], *, encoded: bool, **options: Any
) -> tuple[Answer, list[str]]:
    """Return the engine's answer, and the IRIs of the functions that it does not know."""
    nodes = BlankNodes(text)
    used = {name: iri for name, iri in prefixes.items() if f"{name}:" in text}
    options["prefixes"] = used  # the engine parses each
    known, runnable = nodes.functions, nodes.text
    if encoded:
        known, runnable = known | FUNCTIONS, rewrite(runnable, prefixes)
        options.setdefault("named_graphs", list(named_graphs(store)))
        options["custom_aggregate_functions"] = AGGREGATES

    def query(functions: Functions) -> Answer:
        return store.query(runnable, custom_functions=functions, **options)

    try:
        return call_with_unknown(query, known)
    except SyntaxError:
        store.query(text, **options)  # its error has the places of this text
        raise


def _query(
    store: ox.Store,
    text: str,
    prefixes: Mapping[str, str],
    scope: _Scope = _WHOLE,
    *,
    encoded: bool,
) -> tuple[Answer, list[str]]:
    """Query a store, or the merge of the graphs of a dataset or after FROM (section 13.2).

    FROM reads no other place, so a graph that the store does not have is empty.
    """
    dataset, base = scope
    if dataset is None:
        clause = guard.find_dataset_clause(text, prefixes, base)
        if clause is None:
            return _evaluate(store, text, prefixes, encoded=encoded, base_iri=base)
        dataset = clause.dataset
    merged = ox.Store()
    for graph in dataset.default:
        quads = store.quads_for_pattern(None, None, None, graph)
        merged.extend(ox.Quad(*quad.triple) for quad in quads)
    for graph in dataset.named:
        merged.extend(store.quads_for_pattern(None, None, None, graph))
    return _evaluate(
        merged,
        text,
        prefixes,
        encoded=encoded,
        base_iri=base,
        default_graph=ox.DefaultGraph(),
        named_graphs=dataset.named,
    )


def _unknown_graph_warnings(
    store: ox.Store, text: str, prefixes: Mapping[str, str]
) -> Iterator[str]:
    """Yield a message for each graph that FROM names and the store does not have."""
    clause = guard.find_dataset_clause(text, prefixes)
    for token, graph in clause.default + clause.named if clause else ():
        if not store.contains_named_graph(graph):
            shorten = Prefixes(prefixes).shorten
            known = [shorten(g.value) for g in islice(named_graphs(store), MAX_GRAPHS)]
            hint = did_you_mean(shorten(graph.value), known)
            message = f"the dataset has no graph {token.text}, which is empty here{hint}"
            yield f"{line_column(text, token.offset)}: {message}"


def _missed_path_warnings(store: ox.Store, text: str, prefixes: Mapping[str, str]) -> Iterator[str]:
    """Yield a message for each path of which the engine misses a solution."""
    clause = guard.find_dataset_clause(text, prefixes)
    sources = [f"FROM {graph}" for _, graph in clause.default] if clause else []
    sources += [f"FROM NAMED {graph}" for _, graph in clause.named] if clause else []

    def ask(question: str) -> bool:
        encoded = has_encoded(store) or has_encodable(question, prefixes)
        return bool(_query(store, question, prefixes, encoded=encoded)[0])

    return missed_path_warnings(text, ask, " ".join(sources))


def _read_triples(triples: list[ox.Triple], *, encoded: bool) -> list[Triple]:
    """Return the triples of an answer: blank nodes numbered, literals decoded."""
    numbered = _number_blank_nodes(triples)
    return [*decode_all(numbered)] if encoded else numbered


def _number_blank_nodes(triples: list[ox.Triple]) -> list[Triple]:
    """Return triples with blank nodes numbered in order; the engine labels them at random.

    Canonicalization (RDFC-1.0) may take too long, and cannot be interrupted.
    """
    labels: dict[object, ox.BlankNode] = {}

    def number(term: Any) -> Any:
        if isinstance(term, ox.BlankNode):
            return labels.setdefault(term, ox.BlankNode(f"b{len(labels)}"))
        return term

    return [Triple(*map(number, triple)) for triple in triples]


def _explain_failure(text: str, message: str, prefixes: Mapping[str, str]) -> QueryError:
    """Return the error of a query that parses but cannot run."""
    for token, iri in find_iris(text, prefixes):
        if f"function <{iri}>" in message:
            found = f"found the function {token.text}; expected one of SPARQL 1.1"
            return QueryError(f"{line_column(text, token.offset)}: {found}")
    return QueryError(f"1:1: found no query that can be run: {message}")
