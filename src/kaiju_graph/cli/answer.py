"""The answer of a query, for ``kaiju ask`` and ``kaiju query``."""

from __future__ import annotations

import warnings
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, cast

import pyoxigraph as ox

from kaiju_graph.cli.command import Outcome
from kaiju_graph.cli.options import ALIASES
from kaiju_graph.errors import QueryWarning, UsageError
from kaiju_graph.remote_graph import RemoteGraph
from kaiju_graph.sparql import limits, results
from kaiju_graph.sparql.tokens import find_form
from kaiju_graph.store import cache

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable, Iterable, Sequence
    from typing import BinaryIO

    from kaiju_graph.api import KnowledgeGraph
    from kaiju_graph.cli.command import Process
    from kaiju_graph.data_graph import DataGraph
    from kaiju_graph.rdf.terms import Term

__all__ = ["Query", "answer"]


class Query(NamedTuple):
    """A query to answer."""

    text: str
    """The text before parameters are bound, which is a part of the answer's key in the cache."""
    origin: str
    """Its name in errors."""
    bind: Callable[[], str]
    """Returns the text with its parameters bound."""
    explain_no_rows: Callable[[], Iterable[str]] = tuple
    """Returns messages about its parameters, for an answer without rows."""


def answer(
    kg: KnowledgeGraph | DataGraph | RemoteGraph, query: Query, options: Namespace, process: Process
) -> Outcome:
    """Answer a query, and keep the answer for the fast path if it is that of a project."""
    if options.format is None:
        options.format = _find_format(query.text, options, process.settings.format)
    if isinstance(kg, RemoteGraph):
        return _answer_remotely(kg, query, options, process)
    from kaiju_graph.data_graph import DataGraph

    before = cache.find_entry(kg.project.root)
    solve: Callable[[], Outcome] = partial(_solve, kg, query, options, process)
    # Load the graph before the clock of the query starts.
    if options.evidence and not isinstance(kg, DataGraph):
        _, solve = kg.explainer, partial(_trace, kg, query, options, process)
    else:
        kg.store_for(query.text)
    process.watch.start("the query", limits.QUERY_SECONDS if options.timeout is None else None)
    with warnings.catch_warnings(record=True, action="always") as caught:
        outcome = solve()
    for warning in caught:
        warnings.warn(warning.message, stacklevel=1)
    if options.evidence or options.labels:
        return outcome
    if process.width and outcome.text.endswith(results.NO_ROWS):
        return Outcome(outcome.text, outcome.code, "no rows")
    # If sources have changed meanwhile, the entry is another one, and so may be the answer.
    entry = cache.find_entry(kg.project.root)
    if entry and entry == before and not caught and options.layer is None:
        parameters = getattr(options, "parameter", [])
        question = cache.answer_key(query.text, parameters, options.format or "", process.width)
        cache.write_answer(
            entry, question, results.for_output(outcome.text, process.width).encode()
        )
    return outcome


def _find_format(text: str, options: Namespace, setting: str | None) -> str | None:
    """Return the format of a setting if the answer to a query can have it."""
    form = setting and find_form(text).text
    has_boolean = form == "ASK" and setting in results.BOOLEANS and not options.evidence
    return setting if form == "SELECT" or has_boolean else None


def _answer_remotely(
    kg: RemoteGraph, query: Query, options: Namespace, process: Process
) -> Outcome:
    """Answer a query at an endpoint; many rows are written as they arrive."""
    form = options.format or ("table" if process.width else "csv")
    text = query.bind()
    seconds = limits.QUERY_SECONDS if options.timeout is None else None
    process.watch.start("the query", seconds)
    query = query._replace(bind=lambda: text)
    if options.evidence:
        return _trace(kg, query, options, process)
    whole = process.width or form not in results.STREAMS or find_form(text).text != "SELECT"
    if whole or options.labels or options.max_rows or options.exit_status:
        return _solve(kg, query, options, process)

    def write_rows(file: BinaryIO) -> None:
        with kg.open_answer(text, query.origin) as found:
            process.progress("")
            results.stream(cast("ox.QuerySolutions", found), form, file)

    return Outcome("", stream=write_rows)


def _solve(
    kg: KnowledgeGraph | DataGraph | RemoteGraph, query: Query, options: Namespace, process: Process
) -> Outcome:
    found, empty = kg.answer(query.bind(), query.origin, rows=options.max_rows), False
    if options.labels:
        if not isinstance(found, ox.QuerySolutions):
            raise UsageError("found --labels; expected a query that has rows (SELECT)")
        from kaiju_graph.rdf.terms import solution
        from kaiju_graph.sparql import label_columns

        names = [variable.value for variable in found.variables]
        rows = [solution(names, row) for row in found]
        found = label_columns.make_solutions(*_add_labels(kg, query, names, rows))
    if getattr(options, "parameter", None) or options.exit_status:
        from kaiju_graph.sparql import execute

        found, empty = execute.buffer(found)
    if empty:
        _warn_no_rows(query)
    if isinstance(found, list):
        from kaiju_graph.rdf import write

        form = options.format or "turtle"
        text = write.write(found, ALIASES.get(form, form), kg.project)
    else:
        text = results.write(found, options.format, kg.project, process.width)
    return Outcome(text, int(empty and options.exit_status), pages=True)


def _trace(
    kg: KnowledgeGraph | RemoteGraph, query: Query, options: Namespace, process: Process
) -> Outcome:
    from kaiju_graph.cli.render import evidence
    from kaiju_graph.evidence.rows import explain_marks

    rows = kg.trace(query.bind(), query.origin, rows=options.max_rows)
    if not rows.rows:
        _warn_no_rows(query)
    if options.labels:
        terms, grounds = [row for row, _ in rows.rows], [found for _, found in rows.rows]
        names, terms = _add_labels(kg, query, rows.variables, terms)
        rows = rows._replace(variables=tuple(names), rows=list(zip(terms, grounds, strict=True)))
    text = evidence.render_rows(rows, options.format, kg.grounds, process.width)
    code = int(options.exit_status and not rows.rows)
    note = "; ".join(f"{mark}: {meaning}" for mark, meaning in explain_marks(rows).items())
    return Outcome(text, code, note, pages=True)


def _add_labels(
    kg: KnowledgeGraph | DataGraph | RemoteGraph,
    query: Query,
    names: Sequence[str],
    rows: Sequence[dict[str, Term]],
) -> tuple[list[str], list[dict[str, Term]]]:
    """Return columns and rows with labels, which an endpoint has itself."""
    if isinstance(kg, RemoteGraph):
        return kg.add_labels(names, rows)
    from kaiju_graph.sparql import label_columns

    return label_columns.add_labels(names, rows, kg.store_for(query.text))


def _warn_no_rows(query: Query) -> None:
    for message in query.explain_no_rows():
        warnings.warn(f"{query.origin}: {message}", QueryWarning, stacklevel=1)
