"""Data and shapes as pySHACL sees them: rdflib graphs that keep a trace of what is looked up."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from rdflib import Graph
from rdflib.paths import Path
from rdflib.plugins.stores.memory import Memory

from kaiju_graph.rdf import terms
from kaiju_graph.rdf.terms import Triple
from kaiju_graph.sparql.grammar import find_predicates
from kaiju_graph.validation.shacl.sparql_constraints import to_result
from kaiju_graph.validation.shacl.traces import Query, Trace, digest_answer, lookup_key, query_of

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping

    from rdflib.query import Result

    from kaiju_graph.validation.shacl.query_engine import Engine

__all__ = ["TracedGraph"]

Pattern = tuple[Any, Any, Any]


class _Store(Memory):
    """The store of a graph, which looks up in the graph: pySHACL asks either of them."""

    def __init__(self, graph: TracedGraph) -> None:
        super().__init__()
        self._graph = graph

    def triples(self, triple_pattern: Any, context: Any = None) -> Any:  # noqa: ARG002
        """Yield the triples that match a pattern, each with its graph."""
        for triple in self._graph.triples(triple_pattern):
            yield triple, iter([self._graph])

    def contexts(self, triple: Any = None) -> Iterator[Any]:  # type: ignore[override]  # noqa: ARG002
        """Yield the graph."""
        yield self._graph

    def __len__(self, context: Any = None) -> int:
        """Return the number of triples."""
        return len(self._graph)


class TracedGraph(Graph):
    """A graph whose queries an engine answers.

    Triples are looked up in dictionaries, and their terms converted only when they are found.
    """

    def __init__(self, triples: Iterable[Triple], engine: Engine | None = None) -> None:
        super().__init__(_Store(self), bind_namespaces="none")
        self.engine = engine
        self._keys: set[int] = set()
        self._queries: dict[Query, str] = {}
        self._triples = [*triples]
        self._to_rdflib = cache(terms.to_rdflib)
        self._from_rdflib = cache(terms.from_rdflib)
        self._predicates = cache(lambda text: find_predicates(text, {}))
        self._indexes: dict[tuple[bool, ...], dict[tuple[Any, ...], list[Triple]]] = {}
        self._found: dict[Pattern, tuple[int, list[Any]]] = {}
        self._objects: dict[tuple[Any, Any], tuple[int, list[Any]]] = {}
        self._subjects: dict[tuple[Any, Any], tuple[int, list[Any]]] = {}

    @contextmanager
    def tracing(self) -> Iterator[Trace]:
        """Return the trace of what is looked up within the context."""
        outer = self._keys, self._queries
        self._keys, self._queries = set(), {}
        trace = Trace(self._keys, self._queries)
        try:
            yield trace
        finally:
            self._keys, self._queries = outer
            self.repeat(trace)

    def repeat(self, trace: Trace) -> None:
        """Add what was looked up before, whose answers are used again."""
        self._keys.update(trace.keys)
        self._queries.update(trace.queries)

    def triples(self, pattern: Any) -> Iterator[Any]:  # type: ignore[override]
        """Yield the triples that match a pattern; None matches any term."""
        known = self._found.get(pattern)
        if known is None:
            if isinstance(pattern[1], Path):
                yield from super().triples(pattern)
                return
            found = [tuple(map(self._to_rdflib, triple)) for triple in self._find(pattern)]
            known = self._found[pattern] = lookup_key(*pattern), found
        self._keys.add(known[0])
        yield from known[1]

    def objects(
        self,
        subject: Any = None,
        predicate: Any = None,
        unique: bool = False,  # noqa: FBT001, FBT002 (rdflib's signature)
    ) -> Generator[Any, None, None]:
        """Yield the objects of a subject and predicate."""
        known = self._objects.get((subject, predicate))
        if known is None:
            if subject is None or predicate is None or isinstance(predicate, Path):
                yield from super().objects(subject, predicate, unique)
                return
            triples = self._find((subject, predicate, None))
            found = [self._to_rdflib(triple.object) for triple in triples]
            known = self._objects[subject, predicate] = lookup_key(subject, predicate), found
        self._keys.add(known[0])
        yield from known[1]

    def subjects(
        self,
        predicate: Any = None,
        object: Any = None,  # noqa: A002 (rdflib's name)
        unique: bool = False,  # noqa: FBT001, FBT002 (rdflib's signature)
    ) -> Generator[Any, None, None]:
        """Yield the subjects of a predicate and object."""
        known = self._subjects.get((predicate, object))
        if known is None:
            if predicate is None or object is None or isinstance(predicate, Path):
                yield from super().subjects(predicate, object, unique)
                return
            triples = self._find((None, predicate, object))
            found = [self._to_rdflib(triple.subject) for triple in triples]
            known = self._subjects[predicate, object] = lookup_key(None, predicate, object), found
        self._keys.add(known[0])
        yield from known[1]

    def query(  # type: ignore[override]
        self,
        query_object: str,
        processor: str = "sparql",  # noqa: ARG002 (as rdflib's)
        result: str = "sparql",  # noqa: ARG002
        initNs: Mapping[str, Any] | None = None,  # noqa: ARG002, N803
        initBindings: Mapping[str, Any] | None = None,  # noqa: N803
        *_: object,
    ) -> Result:
        """Answer the query of a constraint with some variables bound."""
        bound = {name: terms.from_rdflib(value) for name, value in (initBindings or {}).items()}
        if self.engine is None:
            raise NotImplementedError
        found = self.engine.answer(query_object, bound)
        predicates = self._predicates(query_object)
        if predicates is None:
            self._queries[query_of(query_object, bound)] = digest_answer(found)
        else:
            self._keys.update(lookup_key(None, predicate) for predicate in predicates)
        return to_result(found)

    def __len__(self) -> int:
        """Return the number of triples; pySHACL asks only whether there is one."""
        return len(self._triples)

    def add(self, triple: Any) -> TracedGraph:
        """Add a triple, as pySHACL does to shapes before it reads them."""
        self._triples.append(Triple._make(map(self._from_rdflib, triple)))
        for index in (self._indexes, self._found, self._objects, self._subjects):
            index.clear()
        return self

    def remove(self, _: Any) -> TracedGraph:
        """Refuse to remove triples."""
        raise NotImplementedError

    def _find(self, pattern: Pattern) -> list[Triple]:
        """Return the triples that match a pattern of rdflib's terms."""
        try:
            # A literal such as 0 is false, but not None.
            wanted = tuple(None if t is None else self._from_rdflib(t) for t in pattern)
        except ValueError:  # an IRI that no file can have
            return []
        given = tuple(term is not None for term in wanted)
        if given not in self._indexes:
            index = self._indexes[given] = {}
            places = [place for place, is_given in enumerate(given) if is_given]
            for triple in self._triples:
                index.setdefault(tuple(triple[place] for place in places), []).append(triple)
        return self._indexes[given].get(tuple(term for term in wanted if term is not None), [])
