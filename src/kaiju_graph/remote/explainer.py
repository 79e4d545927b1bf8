"""Proofs of triples in an endpoint: what they need is fetched, and the rules are run here.

An endpoint has what is asserted and what follows, but not in which round of the reasoner. So the
premises that a proof can have are found backwards, from rule to rule, until each is asserted. The
reasoner is run on all that was asserted of them. It finds each of them in the same round as with
the whole graph, because all of its derivations are there, so its proof is the same.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.errors import UnreachableError
from kaiju_graph.rdf.lexical_forms import find_quads
from kaiju_graph.rdf.terms import DEFAULT, FIRST, INFERRED, ONTOLOGY, TYPE, Triple
from kaiju_graph.reasoning.closure import Closure, unify
from kaiju_graph.reasoning.patterns import instances
from kaiju_graph.reasoning.proof import Explainer, Explanation
from kaiju_graph.reasoning.reasoner import derive, is_about_individual
from kaiju_graph.store.store import make_round_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kaiju_graph.rdf.terms import Term
    from kaiju_graph.remote.mirror import Mirror

__all__ = ["RemoteExplainer"]


class RemoteExplainer(Explainer):
    """Finds the proofs of triples in an endpoint."""

    def __init__(self, mirror: Mirror) -> None:
        """Take what look-ups fetch from."""
        super().__init__(mirror, make_round_store(derive(mirror.asserted_triples())))
        self.mirror = mirror

    def explain(self, triple: Triple, *, every: bool = False) -> Explanation:
        """Return the shortest proof of a triple, or one for every possible last step.

        Raises:
            UnreachableError: the endpoint has the triple, but nothing from which it follows.
        """
        self.prepare(lambda: [triple])
        found = super().explain(triple, every=every)
        if any(not proof.rule for proof in found.proofs) and not self._is_asserted(triple):
            message = "found a triple that nothing there states, and that does not follow"
            raise UnreachableError(
                f"{self.mirror.endpoint.name}: {message}; expected the layers of one version"
            )
        return found

    def prepare(self, triples: Callable[[], Iterable[Triple]]) -> None:
        """Fetch what the proofs of triples may need, and infer from it.

        Raises:
            InconsistencyError: what is fetched contradicts itself.
        """
        waiting = list(self.mirror.complete(triples))
        seen = set(waiting)
        possible = _PossibleClosure(self.mirror, self.closure.rounds)
        while waiting:
            self.mirror.fetch(triple.subject for triple in waiting)
            again: list[Triple] = []
            for triple in waiting:
                if self._is_asserted(triple):
                    continue
                find = partial(self._find_premises, triple, possible)
                premises, is_complete = self.mirror.attempt(find)
                again += [] if is_complete else [triple]
                again += premises - seen
                seen |= premises
            self.mirror.fetch()
            waiting = again
        self.closure.rounds = make_round_store(derive(self.mirror.asserted_triples()))

    def _is_asserted(self, triple: Triple) -> bool:
        quads = find_quads(self.mirror, *triple, None)
        return any(quad.graph not in (DEFAULT, INFERRED) for quad in quads)

    def _find_premises(self, triple: Triple, possible: Closure) -> set[Triple]:
        """Return the triples about individuals from which a rule may conclude a triple."""
        found: set[Triple] = set()
        for rule in self.rules.values():
            binding = unify(rule.head, triple, {}) if rule.head else None
            for solution in possible.solve(rule.body, binding) if binding is not None else ():
                found.update(instances(rule.body, solution))
                for every, some in rule.for_all:
                    for match in possible.solve(every, solution):
                        for option in possible.solve(some, match):
                            found.update(instances(some, option))
        return set(filter(_is_about_individual, found))


def _is_about_individual(triple: Triple) -> bool:
    """Tell whether a triple is about an individual, whose class may have no IRI."""
    subject, predicate, object_ = triple
    is_unnamed = isinstance(object_, ox.BlankNode) and isinstance(subject, ox.NamedNode)
    return is_about_individual(triple) or (is_unnamed and predicate == TYPE)


class _PossibleClosure(Closure):
    """The closure, with what an endpoint does not have: that things are of classes without an IRI.

    ``is_about_individual`` leaves these triples out of what is inferred, but they may be premises.
    """

    def __init__(self, mirror: Mirror, rounds: ox.Store) -> None:
        super().__init__(mirror, rounds)
        subjects = dict.fromkeys(
            quad.subject for quad in find_quads(mirror.store, None, None, None, ONTOLOGY)
        )
        self._unnamed = [
            node
            for node in subjects
            if isinstance(node, ox.BlankNode) and not any(self.match(node, FIRST, None))
        ]

    def match(
        self, subject: Term | None, predicate: Term | None, object_: Term | None
    ) -> Iterator[Triple]:
        """Yield each triple that holds, or may hold, with the given terms."""
        yield from super().match(subject, predicate, object_)
        if predicate == TYPE and isinstance(subject, ox.NamedNode):
            for node in self._unnamed:
                if object_ in (None, node):
                    yield Triple(subject, TYPE, node)
