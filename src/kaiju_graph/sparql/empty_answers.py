"""Warnings for an empty answer: what the query asks for that the graph does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaiju_graph.sparql.unknown_terms import unknown_term_warnings
from kaiju_graph.sparql.unmatched_patterns import unmatched_pattern_warnings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import pyoxigraph as ox

__all__ = ["empty_answer_warnings"]


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
