"""What an engine does where SPARQL 1.1 leaves it free: its default graph, and what it lacks.

A query without FROM is about the default graph, and each engine chooses which one that is (SPARQL
1.1 Query, section 13): a graph of its own, or the union of all named graphs, with or without
duplicates. Where it is the union, the merge lies in a named graph (``MERGE``), and a request names
the graphs that it is about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.errors import KaijuError, LimitError, QueryError, UnreachableError
from kaiju_graph.rdf.terms import ALIGNMENTS, MERGE
from kaiju_graph.remote.answers import ask, select
from kaiju_graph.remote.protocol import RemoteDataset

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kaiju_graph.remote.protocol import Endpoint

__all__ = [
    "BAG",
    "SYSTEM_GRAPHS",
    "UNION",
    "DefaultGraph",
    "find_dataset",
    "find_default_graph",
    "graph_sizes",
    "missing_features",
]

SYSTEM_GRAPHS = (
    "http://www.openlinksw.com/",
    "http://localhost:8890/",
    "http://www.w3.org/2002/07/owl#",
    "http://www.w3.org/ns/ldp#",
    "urn:activitystreams-owl:map",
    "urn:core:services:sparql",
    "urn:rules.",
)
"""How the names of the graphs begin that Virtuoso makes for itself."""


class DefaultGraph(NamedTuple):
    """A kind of default graph."""

    name: str
    words: str


EMPTY = DefaultGraph("empty", "empty, and no named graph is seen without GRAPH")
OWN = DefaultGraph("own", "a graph of its own")
UNION = DefaultGraph("union", "the union of the named graphs, each triple once")
BAG = DefaultGraph(
    "union with duplicates",
    "the union of the named graphs, where a triple counts once for each of them",
)
UNKNOWN = DefaultGraph("unknown", "unknown: no graph has triples")

MOST_NAMES = 500
"""How many graphs a request names, if the engine sees them all without."""

FEATURES = {
    "SELECT of expressions": "ASK { { SELECT (1 + 1 AS ?two) {} } FILTER(?two = 2) }",
    "BIND": "ASK { BIND(1 AS ?one) FILTER(?one = 1) }",
    "VALUES": "ASK { VALUES ?n { 1 2 } FILTER(?n = 2) }",
    "OPTIONAL": "ASK { VALUES ?n { 1 } OPTIONAL { VALUES ?m { 2 } } FILTER(?m = 2) }",
    "UNION": "ASK { { VALUES ?n { 1 } } UNION { VALUES ?n { 2 } } FILTER(?n = 2) }",
    "MINUS": "ASK { VALUES ?n { 1 2 } MINUS { VALUES ?n { 1 } } FILTER(?n = 2) }",
    "EXISTS": "ASK { VALUES ?n { 1 2 } FILTER EXISTS { VALUES ?n { 2 } } FILTER(?n = 2) }",
    "GROUP BY": "ASK { { SELECT (COUNT(?n) AS ?c) { VALUES ?n { 1 2 } } } FILTER(?c = 2) }",
    "HAVING": "ASK { { SELECT ?n { VALUES ?n { 1 2 } } GROUP BY ?n HAVING (?n > 1) } }",
    "GROUP_CONCAT": 'ASK { { SELECT (GROUP_CONCAT(?n ; SEPARATOR = "-") AS ?c) '
    '{ VALUES ?n { "a" "b" } } } FILTER(STRLEN(?c) = 3) }',
    "IF": 'ASK { BIND(IF(1 = 1, "a", "b") AS ?x) FILTER(?x = "a") }',
    "COALESCE": "ASK { BIND(COALESCE(?unbound, 1) AS ?x) FILTER(?x = 1) }",
    "REGEX": 'ASK { FILTER(REGEX("Abc", "^ab", "i")) }',
    "REPLACE": 'ASK { FILTER(REPLACE("abc", "b", "x") = "axc") }',
    "CONTAINS": 'ASK { FILTER(CONTAINS("abc", "bc")) }',
    "STRBEFORE": 'ASK { FILTER(STRBEFORE("a-b", "-") = "a") }',
    "STRLANG": 'ASK { FILTER(LANG(STRLANG("a", "en")) = "en") }',
    "STRDT": "ASK { FILTER(STRDT('1', <http://www.w3.org/2001/XMLSchema#integer>) = 1) }",
    "YEAR": 'ASK { FILTER(YEAR("1996-07-13T00:00:00Z"^^'
    "<http://www.w3.org/2001/XMLSchema#dateTime>) = 1996) }",
    "SHA256": 'ASK { FILTER(STRLEN(SHA256("a")) = 64) }',
    "ENCODE_FOR_URI": 'ASK { FILTER(ENCODE_FOR_URI("a b") = "a%20b") }',
    "path": "ASK { ?s !<urn:x-kaiju:none>/^!<urn:x-kaiju:none> ?o }",
    "boolean result": "SELECT (DATATYPE(1 = 1) AS ?d) {}",
}
"""A form or function of SPARQL 1.1 → a query that is true, if there is any triple."""
BOOLEAN = "http://www.w3.org/2001/XMLSchema#boolean"


def find_default_graph(endpoint: Endpoint) -> DefaultGraph:
    """Find out what the default graph of an engine is, by reading alone.

    Raises:
        UnreachableError: the endpoint does not answer.
        LimitError: it does not answer in time.
    """
    some = "SELECT ?g ?s ?p ?o { GRAPH ?g { ?s ?p ?o } FILTER(%s) } LIMIT 20"
    outside = " && ".join(f'!STRSTARTS(STR(?g), "{name}")' for name in SYSTEM_GRAPHS)
    # A join of two graphs would be shorter, and for some engines too slow.
    shared = (
        "SELECT ?s ?o (COUNT(?g) AS ?n) { GRAPH ?g { ?s a ?o } FILTER(ISIRI(?s)) } "
        "GROUP BY ?s ?o HAVING (COUNT(?g) > 1) LIMIT 1"
    )
    named = select(endpoint, some % f"ISIRI(?s) && ISIRI(?o) && {outside}")
    # The alignments are in no merge, so a graph of its own does not have them.
    apart = select(
        endpoint,
        f"SELECT ?s ?p ?o {{ GRAPH {ALIGNMENTS} {{ ?s ?p ?o }} FILTER(ISIRI(?o)) }} LIMIT 20",
    )
    if not ask(endpoint, "ASK { ?s ?p ?o }"):
        return EMPTY if named else UNKNOWN
    triples = apart or [row[1:] for row in named]
    if not triples or not all(
        ask(endpoint, f"ASK {{ {subject} {predicate} {object_} }}")
        for subject, predicate, object_ in triples
    ):
        return OWN
    for subject, class_, _ in select(endpoint, shared):
        query = f"SELECT ?o {{ {subject} a ?o FILTER(?o = {class_}) }}"
        return BAG if len(select(endpoint, query)) > 1 else UNION
    return UNION


def find_dataset(endpoint: Endpoint, *, graphs: bool) -> RemoteDataset | None:
    """Return the graphs that a query must name, or None if the engine's own choice is right.

    Args:
        endpoint: the endpoint.
        graphs: whether the query has GRAPH; the names of all graphs are asked for only then.
    """
    if not ask(endpoint, f"ASK {{ GRAPH {MERGE} {{ ?s ?p ?o }} }}"):
        return None
    if not graphs:
        return RemoteDataset(MERGE.value, ())
    # Counting them is fast in Virtuoso; listing them with DISTINCT is not.
    names = sorted(name for name in graph_sizes(endpoint) if name != MERGE.value)
    unnamed = RemoteDataset(MERGE.value, ())
    others = f"ASK {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(?g != {MERGE}) }}"
    # Virtuoso refuses a request that names thousands, but sees all graphs where none is named.
    if len(names) > MOST_NAMES and ask(endpoint, others, dataset=unnamed):
        return unnamed
    return RemoteDataset(MERGE.value, tuple(names))


def graph_sizes(endpoint: Endpoint) -> dict[str, int]:
    """Return the number of triples of each named graph but those that the engine made."""
    text = "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
    rows = select(endpoint, text)
    return {
        name.value: int(count.value)
        for name, count in rows
        if isinstance(name, ox.NamedNode) and not name.value.startswith(SYSTEM_GRAPHS)
    }


def missing_features(endpoint: Endpoint) -> Iterator[str]:
    """Yield the forms and functions of SPARQL 1.1 that an engine lacks or computes wrongly.

    Raises:
        LimitError: the endpoint does not answer in time.
    """
    for name, text in FEATURES.items():
        try:
            if text.startswith("ASK"):
                has = ask(endpoint, text)
            else:
                has = [row[0].value for row in select(endpoint, text)] == [BOOLEAN]
        except LimitError:
            raise
        except (QueryError, UnreachableError, KaijuError):
            has = False
        if not has:
            yield name
