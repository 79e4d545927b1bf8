"""The cases of the suites that fail, with the reason: the list may only shrink.

A case that passes although it is here fails the tests, as one that fails although it is not.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["FAILURES", "Failure"]


class Failure(NamedTuple):
    """Why a case fails."""

    whose: str
    """The program whose fault it is."""
    reason: str


_GRAPH = Failure("Oxigraph", "GRAPH ?g does not bind ?g where its group does not match a triple")
_CONCAT = Failure("Oxigraph", "GROUP_CONCAT keeps a language tag; section 18.5.1.7 gives none")
_PATH = Failure("Oxigraph", "a path of length zero from a term that the graph does not have")

FAILURES = {
    "aggregates/agg-empty-group-count-graph": _GRAPH,
    "aggregates/agg-groupconcat-04": _CONCAT,
    "aggregates/agg-groupconcat-06": _CONCAT,
    "bindings/graph": _GRAPH,
    "negation/graph-minus": Failure(
        "Oxigraph", "the variable of GRAPH counts as shared by both sides of MINUS"
    ),
    "property-path/zero_or_more_set_end": _PATH,
    "property-path/zero_or_more_set_start": _PATH,
    "property-path/zero_or_one_set_end": _PATH,
    "property-path/zero_or_one_set_start": _PATH,
}
"""Folder and name of a case → why it fails."""
