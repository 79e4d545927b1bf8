"""The closure: asserted and inferred triples, in which patterns of rules and queries match."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.rdf.lexical_forms import find_quads
from kaiju_graph.rdf.terms import DEFAULT, FIRST, REST, TYPE, Triple
from kaiju_graph.reasoning.patterns import value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kaiju_graph.rdf.lexical_forms import QuadSource
    from kaiju_graph.rdf.terms import Term
    from kaiju_graph.reasoning.patterns import Pattern

__all__ = ["ROUND", "Closure", "unify"]

ROUND = "urn:x-kaiju:round:"
"""The IRI of the graph of a round of the reasoner, without the number of the round."""


class Closure:
    """The asserted triples and those that follow from them."""

    def __init__(
        self,
        store: QuadSource,
        rounds: ox.Store,
        graph: ox.NamedNode | ox.DefaultGraph = DEFAULT,
    ) -> None:
        """Take two sources of quads.

        Args:
            store: has the asserted triples in a graph, and may have inferred ones there, too.
            rounds: has each inferred triple in the graph of its round.
            graph: the graph of the first store to use.
        """
        self.store = store
        self.rounds = rounds
        self.graph = graph

    def holds(self, triple: Triple) -> bool:
        """Return whether a triple is asserted or inferred."""
        return next(self.match(*triple), None) is not None

    def match(
        self, subject: Term | None, predicate: Term | None, object_: Term | None
    ) -> Iterator[Triple]:
        """Yield each triple that has the given terms, once."""
        asserted = find_quads(self.store, subject, predicate, object_, self.graph)
        inferred = find_quads(self.rounds, subject, predicate, object_, None)
        yield from dict.fromkeys(quad.triple for quad in chain(asserted, inferred))

    def round(self, triple: Triple) -> int:
        """Return the number of the round that found a triple; 0 if it is asserted."""
        quad = next(find_quads(self.rounds, *triple, None), None)
        return int(quad.graph.value.removeprefix(ROUND)) if quad else 0

    def solve(self, patterns: list[Pattern], binding: dict[str, Term]) -> Iterator[dict[str, Term]]:
        """Yield the solutions of a basic graph pattern that extend a binding."""
        waiting = [(patterns, binding)]
        while waiting:
            patterns, binding = waiting.pop()
            if not patterns:
                yield binding
                continue
            first = min(patterns, key=lambda pattern: _cost(pattern, binding))
            rest = [pattern for pattern in patterns if pattern is not first]
            extended = [unify(first, triple, binding) for triple in self._matches(first, binding)]
            waiting += [(rest, solution) for solution in reversed(extended) if solution is not None]

    def _matches(self, pattern: Pattern, binding: dict[str, Term]) -> Iterator[Triple]:
        """Yield the matches of a pattern; a match of a path is a triple of its two ends."""
        subject, predicate, object_ = (value(part, binding) for part in pattern[:3])
        if pattern.times:
            return self._reach(pattern, subject, object_)
        return self.match(subject, predicate, object_)

    def _reach(self, path: Pattern, start: Term | None, end: Term | None) -> Iterator[Triple]:
        """Yield the ends of the matches of a path, given its start or its end."""
        predicate = value(path.predicate, {})
        here = start if start is not None else end
        if here is None or not isinstance(predicate, ox.NamedNode):
            raise ValueError(path)  # the other patterns of a rule bind one of the two
        reached = [here] if path.times != "+" else []
        waiting, visited = [here], {here}
        while waiting:
            at = waiting.pop()
            ends = (at, predicate, None) if start is not None else (None, predicate, at)
            for triple in self.match(*ends):
                there = triple.object if start is not None else triple.subject
                if there not in visited:
                    visited.add(there)
                    reached.append(there)
                    waiting += [there] if path.times != "?" else []
        for there in reached:
            yield Triple._make(
                (here, predicate, there) if start is not None else (there, predicate, here)
            )

    def lists(self, premises: Iterable[Triple]) -> Iterator[Triple]:
        """Yield the triples of the RDF lists that are objects of premises."""
        waiting = [premise.object for premise in premises]
        visited: set[Term] = set()
        while waiting:
            cell = waiting.pop()
            if cell not in visited and (first := next(self.match(cell, FIRST, None), None)):
                visited.add(cell)
                yield first
                for rest in self.match(cell, REST, None):
                    yield rest
                    waiting.append(rest.object)


def unify(pattern: Pattern, triple: Triple, binding: dict[str, Term]) -> dict[str, Term] | None:
    """Return a binding extended so that a pattern becomes a triple, or None if that fails."""
    extended = dict(binding)
    for part, term in zip(pattern, triple, strict=False):
        if (extended.setdefault(part, term) if isinstance(part, str) else part) != term:
            return None
    return extended


def _cost(pattern: Pattern, binding: dict[str, Term]) -> int:
    """Estimate how many matches a pattern has; the one with the fewest is looked up first."""
    subject, predicate, object_ = (value(part, binding) for part in pattern[:3])
    if pattern.times:
        return 9 if subject is None and object_ is None else 1
    if subject is None and object_ is None:
        return 7 + (predicate is None)
    many = subject is None and predicate == TYPE
    return 2 * (subject is None) + (object_ is None) + (predicate is None) + many
