"""Stage 8, beside querying: triple patterns → what is known that they match.

The patterns are those of rules and queries; what is known is a store of what is asserted,
and one of what follows, each triple in the graph of its round.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.rdf.terms import DEFAULT, FIRST, REST, TYPE, Triple, look_up
from kaiju_graph.reasoning.patterns import value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kaiju_graph.rdf.terms import Term
    from kaiju_graph.reasoning.patterns import Pattern

__all__ = ["ROUND", "Closure", "unify"]

ROUND = "urn:x-kaiju:round:"
"""How the graph of a round of the reasoner is named, before its number."""


class Closure:
    """What is known, asserted and inferred."""

    def __init__(
        self,
        store: ox.Store,
        rounds: ox.Store,
        graph: ox.NamedNode | ox.DefaultGraph = DEFAULT,
    ) -> None:
        """Take what is known.

        Args:
            store: the graph of it has what is asserted, and may have what follows.
            rounds: what follows, each triple in the graph of its round.
            graph: the graph.
        """
        self.store = store
        self.rounds = rounds
        self.graph = graph

    def holds(self, triple: Triple) -> bool:
        """Tell whether a triple is asserted or follows."""
        return next(self.match(*triple), None) is not None

    def match(
        self, subject: Term | None, predicate: Term | None, object_: Term | None
    ) -> Iterator[Triple]:
        """Yield what is known that has some terms, each triple once."""
        said = look_up(self.store, subject, predicate, object_, self.graph)
        follows = look_up(self.rounds, subject, predicate, object_, None)
        yield from dict.fromkeys(quad.triple for quad in chain(said, follows))

    def round(self, triple: Triple) -> int:
        """Return the round that found a triple; 0 where it is asserted."""
        found = next(look_up(self.rounds, *triple, None), None)
        return int(found.graph.value.removeprefix(ROUND)) if found else 0

    def solve(self, patterns: list[Pattern], binding: dict[str, Term]) -> Iterator[dict[str, Term]]:
        """Yield the ways in which what is known matches all patterns: basic graph patterns."""
        waiting = [(patterns, binding)]
        while waiting:
            patterns, binding = waiting.pop()
            if not patterns:
                yield binding
                continue
            first = min(patterns, key=lambda pattern: _cost(pattern, binding))
            rest = [pattern for pattern in patterns if pattern is not first]
            found = [unify(first, triple, binding) for triple in self._matching(first, binding)]
            waiting += [(rest, extended) for extended in reversed(found) if extended is not None]

    def _matching(self, pattern: Pattern, binding: dict[str, Term]) -> Iterator[Triple]:
        """Yield what a pattern matches, or from where to where its path leads."""
        subject, predicate, object_ = (value(part, binding) for part in pattern[:3])
        if pattern.times:
            return self._reach(pattern, subject, object_)
        return self.match(subject, predicate, object_)

    def _reach(self, path: Pattern, start: Term | None, end: Term | None) -> Iterator[Triple]:
        """Yield from where to where a path leads whose start or end is given."""
        predicate = value(path.predicate, {})
        here = start if start is not None else end
        if here is None or not isinstance(predicate, ox.NamedNode):
            raise ValueError(path)  # the other patterns of a rule bind one of the two
        reached = [here] if path.times != "+" else []
        waiting, seen = [here], {here}
        while waiting:
            at = waiting.pop()
            ends = (at, predicate, None) if start is not None else (None, predicate, at)
            for triple in self.match(*ends):
                there = triple.object if start is not None else triple.subject
                if there not in seen:
                    seen.add(there)
                    reached.append(there)
                    waiting += [there] if path.times != "?" else []
        for there in reached:
            yield Triple._make(
                (here, predicate, there) if start is not None else (there, predicate, here)
            )

    def lists(self, premises: Iterable[Triple]) -> Iterator[Triple]:
        """Yield the triples of the lists that premises point to."""
        waiting = [premise.object for premise in premises]
        seen: set[Term] = set()
        while waiting:
            cell = waiting.pop()
            if cell not in seen and (first := next(self.match(cell, FIRST, None), None)):
                seen.add(cell)
                yield first
                for rest in self.match(cell, REST, None):
                    yield rest
                    waiting.append(rest.object)


def unify(pattern: Pattern, triple: Triple, binding: dict[str, Term]) -> dict[str, Term] | None:
    """Return a binding with which a pattern is a triple, if there is one."""
    extended = dict(binding)
    for part, term in zip(pattern, triple, strict=False):
        if (extended.setdefault(part, term) if isinstance(part, str) else part) != term:
            return None
    return extended


def _cost(pattern: Pattern, binding: dict[str, Term]) -> int:
    """Guess how much a pattern matches, for the one that matches least to be looked up first."""
    subject, predicate, object_ = (value(part, binding) for part in pattern[:3])
    if pattern.times:
        return 9 if subject is None and object_ is None else 1
    if subject is None and object_ is None:
        return 7 + (predicate is None)
    many = subject is None and predicate == TYPE
    return 2 * (subject is None) + (object_ is None) + (predicate is None) + many
