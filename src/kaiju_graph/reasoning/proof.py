"""Proofs: the rule that concludes a triple, its premises, and the proof of each premise.

A rule is applied backwards: its head is unified with the triple, and its body is solved among the
known triples. A step counts only if every premise is asserted or was found in an earlier round than
the conclusion, so that no proof is circular, and if the rule, run on the premises alone, concludes
the triple again. A list is a premise as a whole, down to ``rdf:nil``.

The shortest proof has the fewest steps; a repeated step counts each time. The proof of an asserted
triple has no steps. A triple of round *n* needs at least *n* steps, which bounds the search.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.rdf.lexical_forms import decode, fill, find_quads
from kaiju_graph.reasoning.closure import Closure, unify
from kaiju_graph.reasoning.patterns import Rule, instances
from kaiju_graph.reasoning.reasoner import is_about_individual, rules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from kaiju_graph.errors import InconsistencyError
    from kaiju_graph.rdf.lexical_forms import QuadSource
    from kaiju_graph.rdf.terms import Term, Triple

__all__ = [
    "MAX_DEPTH",
    "MAX_PROOFS",
    "Explainer",
    "Explanation",
    "Nearest",
    "Proof",
    "ProofLine",
    "Step",
    "walk",
]

MAX_PROOFS = 50
"""How many proofs of one triple are shown."""
MAX_DEPTH = 24
"""How deep proofs are nested; a deeper proof is listed after the others, at depth 0.

Each level of a proof is two levels of JSON. The lowest limit that we know of a JSON reader is 64
levels (.NET, ``JsonSerializerOptions.MaxDepth``).
"""


class Proof(NamedTuple):
    """A triple and its proof; an asserted triple has no rule and no premises."""

    conclusion: Triple | None
    """None is *false*, the conclusion of a contradiction."""
    rule: str = ""
    words: str = ""
    """The rule as a sentence with its variables."""
    binding: Mapping[str, Term] = {}
    premises: tuple[Proof, ...] = ()
    steps: int = 0


class Explanation(NamedTuple):
    """A triple with its proofs, the shortest first, or with the nearest triples if it has none."""

    triple: Triple | None
    """None is *false*, the conclusion of a contradiction."""
    proofs: list[Proof]
    nearest: Nearest | None


class Nearest(NamedTuple):
    """The known triples that share two terms with an unknown triple."""

    objects: list[Triple]
    """Triples with the same subject and predicate."""
    predicates: list[Triple]
    """Triples with the same subject and object."""
    reversed: list[Triple]
    """Triples with subject and object exchanged."""


class Step(NamedTuple):
    """A rule that may conclude a triple, with the premises."""

    bound: int
    """The fewest steps that its proof can have."""
    rule: str
    premises: tuple[Triple, ...]
    binding: dict[str, Term]


class ProofLine(NamedTuple):
    """A proof at its place in a listing of proofs."""

    depth: int
    proof: Proof
    place: str
    """Where its premises are listed: ``here`` (in the next lines), ``above`` or ``below``."""


def walk(proof: Proof) -> Iterator[ProofLine]:
    """Yield a proof and, after each proof, the proofs of its premises, each only once.

    A proof deeper than ``MAX_DEPTH`` is yielded later, at depth 0.
    """
    listed: set[Triple | None] = set()
    postponed = deque([proof])
    while postponed:
        waiting = [(0, postponed.popleft())]
        while waiting:
            depth, at = waiting.pop()
            if not at.rule:
                yield ProofLine(depth, at, "here")
            elif at.conclusion in listed:
                if depth:  # a postponed proof may have been listed meanwhile
                    yield ProofLine(depth, at, "above")
            elif depth == MAX_DEPTH:
                postponed.append(at)
                yield ProofLine(depth, at, "below")
            else:
                listed.add(at.conclusion)
                yield ProofLine(depth, at, "here")
                waiting += [(depth + 1, premise) for premise in reversed(at.premises)]


class Explainer:
    """Finds the proofs of triples, and keeps them."""

    def __init__(self, store: QuadSource, rounds: ox.Store) -> None:
        """Take the asserted and inferred triples.

        Args:
            store: has the asserted triples in its default graph, and may have inferred ones, too.
            rounds: has each inferred triple in the graph of its round.
        """
        self.closure = Closure(store, rounds)
        self.rules = {name: Rule.parse(name, text) for name, text in rules().items()}
        self._proofs: dict[Triple, Proof] = {}

    def prepare(self, triples: Callable[[], Iterable[Triple]]) -> None:
        """Get what the proofs of triples need, where it is not at hand."""

    def explain(self, triple: Triple, *, every: bool = False) -> Explanation:
        """Return the shortest proof of a triple, or one for every possible last step.

        A triple has a proof if the graph has it: if it is asserted, or ``infer`` concludes it.
        """
        if not self._is_known(triple):
            return Explanation(triple, [], self.nearest(triple))
        proofs = self.find_proofs(triple) if every else [self.prove(triple)]
        return Explanation(triple, proofs, None)

    def prove(self, triple: Triple) -> Proof:
        """Return the shortest proof of a triple that holds."""
        searches = [] if triple in self._proofs else [self._search(triple)]
        while searches:
            premise = next(searches[-1], None)
            if premise is None:
                searches.pop()
            elif premise not in self._proofs:
                searches.append(self._search(premise))
        return self._proofs[triple]

    def _search(self, triple: Triple) -> Iterator[Triple]:
        """Find the shortest proof of a triple; yield each premise that must be proved first.

        Every premise is of an earlier round, so the search ends.
        """
        best = None
        for step in self._steps(triple) if self.closure.round(triple) else ():
            if best and best.steps <= step.bound:
                break
            if self._concludes(triple, step):
                yield from step.premises
                proof = self._proof(triple, step)
                best = proof if best is None or proof.steps < best.steps else best
        self._proofs[triple] = best or Proof(triple)

    def find_proofs(self, triple: Triple) -> list[Proof]:
        """Return a proof for each possible last step, the shortest first, at most ``MAX_PROOFS``.

        The premises of each have their shortest proofs.
        """
        best = self.prove(triple)
        proofs = {_key(best): best}
        for step in self._steps(triple) if best.rule else ():
            if len(proofs) == MAX_PROOFS:
                break
            if self._concludes(triple, step):
                proof = self._proof(triple, step)
                proofs.setdefault(_key(proof), proof)
        return sorted(proofs.values(), key=lambda proof: proof.steps)

    def refute(self, error: InconsistencyError) -> Explanation | None:
        """Return the proof of a contradiction; None if the error does not name its rule."""
        if error.rule not in self.rules:
            return None
        rule, needed = self.rules[error.rule], set(error.premises)
        steps = (self._step(rule, binding) for binding in self.closure.solve(rule.body, {}))
        candidates = [step for step in steps if step and needed <= {*step.premises}]
        for step in sorted(candidates, key=_order):
            if self._concludes(None, step):
                return Explanation(None, [self._proof(None, step)], None)
        return None

    def nearest(self, triple: Triple) -> Nearest:
        """Return the known triples nearest to a triple, at most ``MAX_PROOFS`` of each kind."""
        subject, predicate, object_ = triple
        matches = (
            self.closure.match(subject, predicate, None),
            self.closure.match(subject, None, object_),
            self.closure.match(object_, None, subject),
        )
        known = (filter(self._is_known, triples) for triples in matches)
        return Nearest(*(sorted(triples, key=str)[:MAX_PROOFS] for triples in known))

    def _is_known(self, triple: Triple) -> bool:
        """Return whether the graph has a triple; the closure also has triples only for premises."""
        asserted = find_quads(self.closure.store, *triple, self.closure.graph)
        is_asserted = next(asserted, None) is not None
        return is_asserted or (is_about_individual(triple) and self.closure.holds(triple))

    def _steps(self, triple: Triple) -> list[Step]:
        """Return the possible last steps of a proof, those with the least bound first."""
        number = self.closure.round(triple)
        steps: dict[tuple[str, frozenset[Triple]], Step] = {}
        for rule in self.rules.values():
            binding = unify(rule.head, triple, {}) if rule.head else None
            for solution in self.closure.solve(rule.body, binding) if binding is not None else ():
                if step := self._step(rule, solution, number):
                    steps.setdefault((rule.name, frozenset(step.premises)), step)
        return sorted(steps.values(), key=_order)

    def _step(
        self, rule: Rule, solution: dict[str, Term], number: int | None = None
    ) -> Step | None:
        """Return the step of a solution; None if a premise is not of a round before a number."""
        premises = instances(rule.body, solution)
        for every, some in rule.for_all:
            for match in list(self.closure.solve(every, solution)):
                options = [instances(some, binding) for binding in self.closure.solve(some, match)]
                if not options:
                    return None
                premises += min(
                    options, key=lambda way: (sum(map(self.closure.round, way)), str(way))
                )
        premises = list(dict.fromkeys([*premises, *self.closure.lists(premises)]))
        rounds = [self.closure.round(premise) for premise in premises]
        if number is not None and any(found_in >= number for found_in in rounds):
            return None
        return Step(1 + sum(rounds), rule.name, tuple(premises), solution)

    def _concludes(self, triple: Triple | None, step: Step) -> bool:
        """Return whether the rule of a step concludes a triple from its premises alone."""
        store = ox.Store()
        fill(store, step.premises)
        answer = store.query(self.rules[step.rule].text)
        if isinstance(answer, ox.QueryTriples):
            return any((s, p, decode(o)) == triple for s, p, o in answer)
        return isinstance(answer, ox.QuerySolutions) and next(answer, None) is not None

    def _proof(self, triple: Triple | None, step: Step) -> Proof:
        """Return the proof that ends with a step."""
        premises = tuple(map(self.prove, step.premises))
        steps = 1 + sum(premise.steps for premise in premises)
        words = self.rules[step.rule].words
        return Proof(triple, step.rule, words, step.binding, premises, steps)


def _order(step: Step) -> tuple[int, str, str]:
    return step.bound, step.rule, " ".join(map(str, step.premises))


def _key(proof: Proof) -> tuple[str, frozenset[Triple | None]]:
    return proof.rule, frozenset(premise.conclusion for premise in proof.premises)
