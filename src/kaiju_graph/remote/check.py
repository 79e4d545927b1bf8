"""Compare the answers of an engine with those of this one, question by question."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.errors import KaijuError
from kaiju_graph.remote import answers
from kaiju_graph.remote.engine import find_dataset
from kaiju_graph.remote.values import value
from kaiju_graph.store import cache

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from kaiju_graph.remote.protocol import Endpoint
    from kaiju_graph.remote.values import Value
    from kaiju_graph.sparql.questions import Question

__all__ = ["Comparison", "Row", "compare_questions"]

Row = tuple["Value", ...]
SAME, DIFFERS, ERROR = "same", "differs", "error"


class Comparison(NamedTuple):
    """How the answer of an engine to a question compares with ours."""

    question: str
    verdict: str
    """``same``, ``differs`` or ``error``."""
    reason: str = ""
    missing: tuple[Row, ...] = ()
    """The rows that the engine does not have, as often as it does not."""
    more: tuple[Row, ...] = ()
    """The rows that only the engine has."""
    seconds: float = 0.0


def compare_questions(
    endpoint: Endpoint,
    questions: Iterable[Question],
    prefixes: Mapping[str, str],
    ask: Callable[[Question], answers.RemoteAnswer],
) -> Iterator[Comparison]:
    """Ask stored questions at an endpoint and yield how each answer compares.

    Rows are compared by value, in their order: a stored question has a total order.

    Args:
        endpoint: the endpoint.
        questions: the questions.
        prefixes: prefix → namespace IRI.
        ask: returns our own answer.
    """
    dataset, default = find_dataset(endpoint, graphs=True), find_dataset(endpoint, graphs=False)
    for question in questions:
        endpoint.progress(f"asking {question.name}")
        expected = ask(question)
        seen = dataset if cache.uses_named_graphs(question.text) else default
        start = time.monotonic()
        try:
            with answers.open_answer(endpoint, question.text, prefixes, seen) as found:
                compared = _compare(question.name, expected, found)
        except KaijuError as error:
            compared = Comparison(
                question.name, ERROR, str(error).removeprefix(f"{endpoint.name}: ")
            )
        yield compared._replace(seconds=time.monotonic() - start)


def _compare(name: str, ours: answers.RemoteAnswer, theirs: answers.RemoteAnswer) -> Comparison:
    if isinstance(ours, ox.QueryBoolean) or isinstance(theirs, ox.QueryBoolean):
        same = type(ours) is type(theirs) and bool(ours) == bool(theirs)
        return Comparison(name, SAME if same else DIFFERS, "" if same else f"found {bool(theirs)}")
    if isinstance(ours, ox.QuerySolutions) and isinstance(theirs, ox.QuerySolutions):
        columns, found = ([v.value for v in each.variables] for each in (ours, theirs))
        if columns != found:
            return Comparison(name, DIFFERS, f"found the columns {', '.join(found)}")
    expected = [tuple(map(value, row)) for row in ours]
    rows = [tuple(map(value, row)) for row in theirs]
    if isinstance(ours, list):
        expected, rows = sorted(expected), sorted(rows)
    if expected == rows:
        return Comparison(name, SAME)
    missing = tuple((Counter(expected) - Counter(rows)).elements())
    more = tuple((Counter(rows) - Counter(expected)).elements())
    if not missing and not more:
        return Comparison(name, DIFFERS, "the same rows in another order")
    if not missing and set(more) <= set(expected):
        return Comparison(name, DIFFERS, f"{len(more):,} rows are repeated", missing, more)
    reason = f"{len(missing):,} of {len(expected):,} rows are missing; {len(more):,} are more"
    return Comparison(name, DIFFERS, reason, missing, more)
