"""Keep the lexical form of literals that an Oxigraph store would change.

A store keeps the value of a number, a boolean, a date or a duration, but not its lexical form:
``01`` comes back as ``1``, and ``"1"^^xsd:byte`` as an integer. Two literals are the same term only
if their lexical forms are equal (RDF 1.1 Concepts, section 3.3), so joins and ``DISTINCT`` would be
wrong. Such a literal therefore stands in a store with another datatype, which contains the original
one. This module fills and reads stores; ``sparql.rewrite`` makes the queries for them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from kaiju_graph.rdf.terms import DEFAULT, XSD, Quad, Triple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Protocol

    from kaiju_graph.rdf.terms import Term

    class QuadSource(Protocol):
        """What quads are looked up in: an Oxigraph store, or the mirror of an endpoint."""

        def quads_for_pattern(
            self, subject: Any, predicate: Any, object_: Any, graph: Any = None, /
        ) -> Iterator[Any]:
            """Return the quads that match a pattern, in which None matches any term."""

        def query(self, query: str, /) -> Any:
            """Return the answer of a query about the default graph."""


__all__ = [
    "decode",
    "decode_all",
    "decode_json",
    "encode",
    "encode_all",
    "fill",
    "find_quads",
    "has_encoded",
    "mark",
    "named_graphs",
]

NAMESPACE = "urn:x-kaiju:written:"
"""The namespace of the datatypes of encoded literals; the original datatype follows."""
MARK = ox.NamedNode(NAMESPACE)
"""The graph, always empty, of a store that has encoded literals."""


def encode(term: Any) -> Any:
    """Return a term for a store; a literal that the store would change gets another datatype.

    >>> encode(ox.Literal("01", datatype=ox.NamedNode(XSD + "integer"))).datatype.value
    'urn:x-kaiju:written:http://www.w3.org/2001/XMLSchema#integer'
    """
    if not isinstance(term, ox.Literal) or term.language:
        return term
    datatype = term.datatype.value
    if datatype.startswith(NAMESPACE) or (
        datatype.startswith(XSD) and datatype != f"{XSD}string" and _changes(term)
    ):
        return ox.Literal(term.value, datatype=ox.NamedNode(NAMESPACE + datatype))
    return term


@lru_cache(maxsize=2**14)
def _changes(literal: ox.Literal) -> bool:
    """Tell whether a store changes a literal."""
    store = ox.Store()
    store.add(ox.Quad(MARK, MARK, literal))
    return [quad.object for quad in store] != [literal]


def decode(term: Any) -> Any:
    """Return the original of a term that ``encode`` returned."""
    if isinstance(term, ox.Literal) and (datatype := term.datatype.value).startswith(NAMESPACE):
        return ox.Literal(term.value, datatype=ox.NamedNode(datatype.removeprefix(NAMESPACE)))
    return term


def decode_json(content: bytes) -> bytes:
    """Return the JSON of an answer, as Oxigraph writes it, with its literals decoded."""
    return content.replace(f'"datatype":"{NAMESPACE}'.encode(), b'"datatype":"')


def encode_all(statements: Iterable[Triple | Quad]) -> Iterator[Any]:
    """Yield statements with their objects encoded."""
    return _replace_objects(statements, encode)


def decode_all(statements: Iterable[Triple | Quad]) -> Iterator[Any]:
    """Yield statements with their objects decoded."""
    return _replace_objects(statements, decode)


def _replace_objects(
    statements: Iterable[Triple | Quad], replace: Callable[[Any], Any]
) -> Iterator[Any]:
    for statement in statements:
        new = replace(statement.object)
        yield statement if new is statement.object else statement._replace(object=new)


def fill(
    store: ox.Store,
    statements: Iterable[Triple | Quad],
    graph: ox.NamedNode | None = None,
) -> None:
    """Add quads, or triples of one graph, to a store, which keeps their lexical forms.

    Args:
        store: the store.
        statements: quads or triples.
        graph: the graph of the triples; None is the default graph.
    """
    has_changed, own = False, [graph] if graph else []

    def quads() -> Iterator[ox.Quad]:
        nonlocal has_changed
        for subject, predicate, object_, *names in statements:
            kept = encode(object_)
            has_changed = has_changed or kept is not object_
            yield ox.Quad(subject, predicate, kept, *(names or own))

    store.bulk_extend(quads())
    if has_changed:
        mark(store)


def mark(store: ox.Store) -> None:
    """Mark a store as one that has encoded literals."""
    store.add_graph(MARK)


def has_encoded(store: ox.Store) -> bool:
    """Tell whether a store has encoded literals, so that queries must be rewritten."""
    return store.contains_named_graph(MARK)


def named_graphs(store: ox.Store) -> Iterator[ox.NamedNode | ox.BlankNode]:
    """Yield the names of the graphs of a store."""
    return (name for name in store.named_graphs() if name != MARK)


def find_quads(
    store: QuadSource,
    subject: Term | None,
    predicate: Term | None,
    object_: Term | None,
    graph: ox.NamedNode | ox.DefaultGraph | None = DEFAULT,
) -> Iterator[Quad]:
    """Yield the quads of a source that match a pattern, in which None matches any term.

    A pattern that RDF does not allow, such as one with a literal as subject, matches nothing.
    """
    if isinstance(subject, ox.Literal) or not isinstance(predicate, ox.NamedNode | None):
        return iter(())
    quads: Iterator[Any] = store.quads_for_pattern(subject, predicate, encode(object_), graph)
    return (Quad(q.subject, q.predicate, decode(q.object), q.graph_name) for q in quads)
