"""Answers with their evidence, which are kept in the cache: to trace them takes seconds."""

from __future__ import annotations

import json
from itertools import count
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.evidence.rows import Evidence, Rows
from kaiju_graph.rdf.terms import solution, solution_json
from kaiju_graph.store import cache
from kaiju_graph.store.store import DEFAULT_LAYERS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kaiju_graph.api import KnowledgeGraph

__all__ = ["find_entry", "find_salts", "trace"]

FORMAT = 1
"""Increase it if the same sources now give other evidence."""
JSON = ox.QueryResultsFormat.JSON


def find_entry(kg: KnowledgeGraph) -> str | None:
    """Return the entry of the cache that keeps the answers of a graph, or None."""
    is_cached = kg.trusting and kg.layers == DEFAULT_LAYERS
    return cache.find_entry(kg.project.root) if is_cached else None


def find_salts(texts: Iterable[str], rows: int) -> dict[str, int]:
    """Return query → a number that gives its answer a place in the cache that no other one has."""
    taken: set[str] = set()
    salts: dict[str, int] = {}
    for text in texts:
        salt = next(n for n in count() if cache.slot(_key(text, rows, n)) not in taken)
        taken.add(cache.slot(_key(text, rows, salt)))
        salts[text] = salt
    return salts


def _key(text: str, rows: int, salt: int) -> bytes:
    return cache.answer_key(text, (), f"evidence {FORMAT} {rows} {salt}", 0)


def trace(  # noqa: PLR0913 (each is something that only the caller knows)
    kg: KnowledgeGraph, entry: str | None, text: str, origin: str, *, rows: int, salt: int = 0
) -> Rows:
    """Return the first rows of a SELECT or ASK query with their evidence.

    Args:
        kg: the graph.
        entry: the entry of the cache that keeps the answer.
        text: the query.
        origin: the name of the query in errors.
        rows: the most rows to take.
        salt: a part of its key in the cache.

    Raises:
        QueryError: the text does not parse, or uses SERVICE.
        UsageError: the query is of another form.
    """
    key = _key(text, rows, salt)
    kept = cache.read_answer(entry, key) if entry else None
    if kept is not None:
        return _decode(kept)
    traced = kg.trace(text, origin, rows=rows, explain=False)
    if entry:
        cache.write_answer(entry, key, _encode(traced))
    return traced


def _encode(traced: Rows) -> bytes:
    solutions = [solution_json(row, row.values()) for row, _ in traced.rows]
    answer = {"head": {"vars": traced.variables}, "results": {"bindings": solutions}}
    evidence = [
        {
            "graphs": [graph.value for graph in found.graphs],
            "absent": found.absent,
            "untraced": found.untraced,
        }
        for _, found in traced.rows
    ]
    return json.dumps({"form": traced.form, "answer": answer, "evidence": evidence}).encode()


def _decode(content: bytes) -> Rows:
    kept = json.loads(content)
    answer = ox.parse_query_results(json.dumps(kept["answer"]), format=JSON)
    variables = tuple(kept["answer"]["head"]["vars"])
    evidence = (
        Evidence(
            tuple(map(ox.NamedNode, found["graphs"])),
            tuple(found["absent"]),
            tuple(found["untraced"]),
        )
        for found in kept["evidence"]
    )
    solutions = answer if isinstance(answer, ox.QuerySolutions) else ()
    pairs = zip(solutions, evidence, strict=True)
    rows = [(solution(variables, row), found) for row, found in pairs]
    return Rows(kept["form"], variables, rows)
