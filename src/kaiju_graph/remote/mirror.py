"""The part of an endpoint that look-ups need, kept in a store of Oxigraph.

What looks up quads (a description, a proof, the evidence of rows) works on a mirror as on a store.
A look-up fetches what it needs once: all quads with its subject, else with its object, else those
of its pattern. ``complete`` runs a computation that makes many look-ups: it fetches together what
they miss, and runs it again, so the number of requests grows with the depth of the computation and
not with its size. The ontology is fetched whole, because blank nodes have other labels in each
answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from kaiju_graph.errors import UnreachableError
from kaiju_graph.rdf.lexical_forms import fill, find_quads
from kaiju_graph.rdf.terms import (
    ALIGNMENTS,
    DEFAULT,
    INFERRED,
    MERGE,
    ONTOLOGY,
    TYPE,
    Quad,
    Triple,
)
from kaiju_graph.reasoning.reasoner import is_of_individuals
from kaiju_graph.remote.answers import select
from kaiju_graph.remote.engine import SYSTEM_GRAPHS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TypeVar

    from kaiju_graph.rdf.terms import Term
    from kaiju_graph.remote.protocol import Endpoint

    T = TypeVar("T")
    Pattern = tuple[Term | None, Term | None, Term | None]
    """Subject, predicate and object of a look-up; None matches any term."""

__all__ = ["Mirror"]

BATCH = 300
"""How many patterns are looked up in one request."""
LEFT_OUT = (ALIGNMENTS.value, MERGE.value, ONTOLOGY.value, *SYSTEM_GRAPHS)
GRAPHS = " && ".join(f'!STRSTARTS(STR(?g), "{name}")' for name in LEFT_OUT)


class Mirror:
    """A source of quads that fetches them from an endpoint when they are first looked up.

    Its default graph has the triples of all named graphs but the alignments.
    """

    def __init__(self, endpoint: Endpoint, answer: Callable[[str], Any]) -> None:
        """Fetch the ontology.

        Args:
            endpoint: the endpoint.
            answer: answers a query there.

        Raises:
            UnreachableError: the endpoint has no ontology.
        """
        self.endpoint, self.query = endpoint, answer
        self.store = ox.Store()
        self._known: set[Pattern] = set()
        self._missing: dict[Pattern, None] = {}
        self._waits = False
        self._add(
            Quad(subject, predicate, object_, ONTOLOGY)
            for subject, predicate, object_ in select(
                endpoint, f"SELECT ?s ?p ?o {{ GRAPH {ONTOLOGY} {{ ?s ?p ?o }} }}"
            )
        )
        if not len(self.store):
            found = f"found no triple in the graph {ONTOLOGY}"
            raise UnreachableError(
                f"{endpoint.name}: {found}; expected the layers, as kaiju push loads them"
            )

    def quads_for_pattern(
        self, subject: Any, predicate: Any, object_: Any, graph: Any = None, /
    ) -> Iterator[Any]:
        """Return the quads that match a pattern."""
        self._need((subject, predicate, object_))
        return self.store.quads_for_pattern(subject, predicate, object_, graph)

    def complete(self, compute: Callable[[], T]) -> T:
        """Return the result of a computation whose look-ups have all that they need.

        It is run several times, so it must keep nothing of an earlier run.
        """
        while True:
            result, is_complete = self.attempt(compute)
            if is_complete:
                return result
            self.fetch()

    def attempt(self, compute: Callable[[], T]) -> tuple[T, bool]:
        """Run a computation on what is here; return its result, and whether it missed nothing.

        The next ``fetch`` fetches what it missed.
        """
        before, self._missing, self._waits = self._missing, {}, True
        try:
            result = compute()
            return result, not self._missing
        finally:
            self._missing, self._waits = before | self._missing, False

    def fetch(self, subjects: Iterable[Term] = ()) -> None:
        """Fetch what attempts missed, and the quads with these subjects."""
        for subject in subjects:
            self._want((subject, None, None))
        wanted, self._missing = list(self._missing), {}
        shapes: dict[tuple[bool, ...], list[Pattern]] = {}
        for pattern in wanted:
            shapes.setdefault(tuple(term is not None for term in pattern), []).append(pattern)
        for shape, patterns in shapes.items():
            names = " ".join(name for name, bound in zip("spo", shape, strict=True) if bound)
            variables = " ".join(f"?{name}" for name in names.split())
            for start in range(0, len(patterns), BATCH):
                values = " ".join(
                    f"({' '.join(str(term) for term in pattern if term is not None)})"
                    for pattern in patterns[start : start + BATCH]
                )
                given = f"VALUES ({variables}) {{ {values} }} " if variables else ""
                text = f"SELECT ?s ?p ?o ?g {{ {given}GRAPH ?g {{ ?s ?p ?o }} FILTER({GRAPHS}) }}"
                self._add(Quad(*row) for row in select(self.endpoint, text))
        self._known.update(wanted)

    def asserted_triples(self) -> Iterator[Triple]:
        """Yield the triples that are here and not inferred, as often as they are asserted."""
        for quad in find_quads(self.store, None, None, None, None):
            if quad.graph not in (DEFAULT, INFERRED):
                yield quad.triple

    def _need(self, pattern: Pattern) -> None:
        subject, predicate, object_ = pattern
        is_axiom = isinstance(predicate, ox.NamedNode) and not is_of_individuals(predicate)
        if is_axiom or any(isinstance(term, ox.BlankNode) for term in pattern):
            return  # only the ontology has such quads
        has_few = isinstance(object_, ox.NamedNode) and predicate != TYPE
        ways: list[Pattern] = [(subject, None, None)] if subject is not None else []
        ways += [(None, None, object_)] if has_few else []
        ways += [(None, predicate, object_)]
        if self._known.isdisjoint(ways):
            self._want(ways[0])
            if not self._waits:
                self.fetch()

    def _want(self, pattern: Pattern) -> None:
        if pattern not in self._known:
            self._missing[pattern] = None

    def _add(self, quads: Iterable[Quad]) -> None:
        found = list(dict.fromkeys(quads))
        fill(self.store, found)
        fill(self.store, dict.fromkeys(quad.triple for quad in found))
