"""Warnings for what a query asks for that the graph does not have.

Of an answer with rows, only what is nowhere in the graph is certainly an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaiju_graph.sparql.unknown_terms import absent_term_warnings, unknown_term_warnings
from kaiju_graph.sparql.unmatched_patterns import (
    absent_literal_warnings,
    unmatched_pattern_warnings,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import pyoxigraph as ox

__all__ = ["absent_warnings", "empty_answer_warnings"]


def absent_warnings(store: ox.Store, text: str, prefixes: Mapping[str, str]) -> Iterator[str]:
    """Yield a message for each term and literal of a query that is nowhere in the graph.

    Args:
        store: the store that was queried, with the ontologies.
        text: the query.
        prefixes: prefix → namespace IRI.
    """
    yield from absent_term_warnings(store, text, prefixes)
    yield from absent_literal_warnings(store, text, prefixes)


def empty_answer_warnings(
    store: ox.Store,
    text: str,
    prefixes: Mapping[str, str],
    whole: Callable[[], ox.Store] | None = None,
) -> Iterator[str]:
    """Yield a message for each part of a query that may be why its answer is empty.

    Args:
        store: the store that was queried, with the ontologies.
        text: the query.
        prefixes: prefix → namespace IRI.
        whole: returns a store with the alignments, too.
    """
    yield from unknown_term_warnings(store, text, prefixes, whole or (lambda: store))
    yield from unmatched_pattern_warnings(store, text, prefixes)
