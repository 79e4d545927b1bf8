"""Values of a validation as JSON: terms and triples as N-Triples, tuples with their class names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from kaiju_graph.project.passages import Passage
from kaiju_graph.project.sources import Place, Remedy
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.terms import Quad, Triple
from kaiju_graph.validation.report import Suggestion, Violation

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["plain", "read_term", "read_triples", "revive", "write_triples"]

VALUES = {kind.__name__: kind for kind in (Passage, Place, Quad, Remedy, Suggestion, Violation)}


def plain(value: Any) -> Any:
    """Return a value as JSON has it: one of ``VALUES`` as its name and items.

    >>> plain((Place("a.ttl", 1, 2), ox.Literal("a")))
    {'tuple': [{'Place': ['a.ttl', 1, 2]}, {'term': '"a"'}]}
    """
    if isinstance(value, tuple):
        return {type(value).__name__: [*map(plain, value)]}
    if isinstance(value, list):
        return [*map(plain, value)]
    if isinstance(value, ox.NamedNode | ox.BlankNode | ox.Literal):
        return {"term": str(value)}
    return value


def revive(item: Any) -> Any:
    """Return the value of which ``plain`` returned this.

    >>> revive(plain((Place("a.ttl", 1, 2), [None])))
    (Place(file='a.ttl', line=1, column=2), [None])
    """
    if isinstance(item, list):
        return [*map(revive, item)]
    if not isinstance(item, dict):
        return item
    ((name, value),) = item.items()
    if name == "term":
        return read_term(value)
    members = map(revive, value)
    return VALUES[name](*members) if name in VALUES else tuple(members)


def read_term(text: str) -> Any:
    """Return a term, given in N-Triples."""
    (triple,) = ox.parse(f"<urn:x> <urn:x> {text} .", format=ox.RdfFormat.N_TRIPLES)
    return triple.object


def write_triples(triples: Iterable[Triple]) -> str:
    """Return triples in N-Triples."""
    return terms.serialize(triples, ox.RdfFormat.N_TRIPLES).decode()


def read_triples(text: str) -> list[Triple]:
    """Return triples, given in N-Triples that ``write_triples`` wrote."""
    parsed = ox.parse(text, format=ox.RdfFormat.N_TRIPLES, lenient=True)
    return [Triple(t.subject, t.predicate, t.object) for t in parsed]
