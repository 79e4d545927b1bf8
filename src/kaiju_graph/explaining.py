"""Stage 8, beside asking: a triple → why it holds: a rule, its premises, and each proved in turn.

The rules are those of ``reasoning``, read backwards: what a rule concludes is bound to the triple,
and its body is solved by looking its patterns up in what is known. A step counts only where every
premise is asserted or was found in an earlier round than its conclusion, so that no proof is
circular; and where the rule itself, run on the premises alone, concludes it again. A list is a
premise as a whole, down to ``rdf:nil``.

The shortest proof is that of the fewest steps, each counted as often as it is needed. What is
asserted needs none, and what was found in round *n* at least *n*, which bounds the search.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.matching import Known, unify
from kaiju_graph.patterns import Rule, instances
from kaiju_graph.reasoning import rules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kaiju_graph.errors import InconsistencyError
    from kaiju_graph.patterns import Binding
    from kaiju_graph.terms import Term, Triple

__all__ = ["MOST", "Explainer", "Explanation", "Nearest", "Proof", "Step"]

MOST = 50
"""How many last steps are told of one triple."""


class Proof(NamedTuple):
    """A triple and what proves it; one that is asserted has no rule and no premises."""

    conclusion: Triple | None
    """None is *false*, which a contradiction concludes."""
    rule: str = ""
    words: str = ""
    """The rule as a sentence, its variables in it."""
    binding: Mapping[str, Term] = {}
    premises: tuple[Proof, ...] = ()
    steps: int = 0


class Explanation(NamedTuple):
    """A triple with its proofs, the shortest first, or with what is nearest where it has none."""

    triple: Triple | None
    """None is *false*, which a contradiction concludes."""
    proofs: list[Proof]
    nearest: Nearest | None


class Nearest(NamedTuple):
    """What is known of the terms of a triple that is not."""

    objects: list[Triple]
    """The same subject and predicate."""
    predicates: list[Triple]
    """The same pair, by another predicate."""
    reversed: list[Triple]
    """The same pair in the other direction."""


class Step(NamedTuple):
    """A rule that may conclude a triple, and the premises that it does so from."""

    bound: int
    """The fewest steps that its proof may have."""
    rule: str
    premises: tuple[Triple, ...]
    binding: Binding


class Explainer:
    """What is known, asserted and inferred, and the proofs that were found of it."""

    def __init__(self, store: ox.Store, rounds: ox.Store) -> None:
        """Take what is known.

        Args:
            store: its default graph has what is asserted, and may have what follows.
            rounds: what follows, each triple in the graph of its round.
        """
        self.known = Known(store, rounds)
        self._rules = [Rule.parse(name, text) for name, text in rules().items()]
        self._proofs: dict[Triple, Proof] = {}

    def explain(self, triple: Triple, *, every: bool = False) -> Explanation:
        """Return the shortest proof of a triple, or every one by its last step."""
        if not self.known.holds(triple):
            return Explanation(triple, [], self.nearest(triple))
        return Explanation(
            triple, self.prove_each_way(triple) if every else [self.prove(triple)], None
        )

    def prove(self, triple: Triple) -> Proof:
        """Return the shortest proof of a triple that holds."""
        if triple not in self._proofs:
            best = None
            for step in self._steps(triple) if self.known.round(triple) else ():
                if best and best.steps <= step.bound:
                    break
                proof = self._proof(triple, step)
                if proof and (best is None or proof.steps < best.steps):
                    best = proof
            self._proofs[triple] = best or Proof(triple)
        return self._proofs[triple]

    def prove_each_way(self, triple: Triple) -> list[Proof]:
        """Return a proof for each last step that a triple may have, the shortest first.

        The premises of each are proved in the shortest way. There are at most ``MOST``.
        """
        best = self.prove(triple)
        found = {_key(best): best}
        for step in self._steps(triple) if best.rule else ():
            if len(found) == MOST:
                break
            if proof := self._proof(triple, step):
                found.setdefault(_key(proof), proof)
        return sorted(found.values(), key=lambda proof: proof.steps)

    def refute(self, error: InconsistencyError) -> Explanation | None:
        """Return the proof of a contradiction that the reasoner found, if it told enough of it."""
        for rule in self._rules:
            if rule.name == error.rule:
                steps = (
                    self._step(rule, {**binding}) for binding in self.known.solve(rule.body, {})
                )
                needed = set(error.premises)
                fitting = [step for step in steps if step and needed <= {*step.premises}]
                for step in sorted(fitting, key=_order):
                    if proof := self._proof(None, step):
                        return Explanation(None, [proof], None)
        return None

    def nearest(self, triple: Triple) -> Nearest:
        """Return what is known that is nearest to a triple: at most ``MOST`` of each kind."""
        subject, predicate, object_ = triple
        found = (
            self.known.match(subject, predicate, None),
            self.known.match(subject, None, object_),
            self.known.match(object_, None, subject),
        )
        return Nearest(*(sorted(each, key=str)[:MOST] for each in found))

    def _steps(self, triple: Triple) -> list[Step]:
        """Return the steps that may be the last of a proof, those that may be shortest first."""
        number = self.known.round(triple)
        found: dict[tuple[str, frozenset[Triple]], Step] = {}
        for rule in self._rules:
            binding = unify(rule.head, triple, {}) if rule.head else None
            for solution in self.known.solve(rule.body, binding) if binding is not None else ():
                step = self._step(rule, solution, number)
                if step:
                    found.setdefault((rule.name, frozenset(step.premises)), step)
        return sorted(found.values(), key=_order)

    def _step(self, rule: Rule, solution: Binding, number: int | None = None) -> Step | None:
        """Return a step by a solution of a rule, if its premises are of rounds before a number."""
        premises = instances(rule.body, solution)
        for each, some in rule.for_all:
            for one in list(self.known.solve(each, solution)):
                ways = [instances(some, way) for way in self.known.solve(some, one)]
                if not ways:
                    return None
                premises += min(ways, key=lambda way: (sum(map(self.known.round, way)), str(way)))
        premises = list(dict.fromkeys([*premises, *self.known.lists(premises)]))
        numbers = [self.known.round(premise) for premise in premises]
        if number is not None and any(each >= number for each in numbers):
            return None
        return Step(1 + sum(numbers), rule.name, tuple(premises), solution)

    def _proof(self, triple: Triple | None, step: Step) -> Proof | None:
        """Return the proof that ends with a step, if its rule does conclude from the premises."""
        rule = next(rule for rule in self._rules if rule.name == step.rule)
        alone = ox.Store()
        alone.extend(ox.Quad(*premise) for premise in step.premises)
        concluded = alone.query(rule.text)
        if isinstance(concluded, ox.QueryTriples) and ox.Triple(*triple or ()) not in concluded:
            return None
        if isinstance(concluded, ox.QuerySolutions) and next(concluded, None) is None:
            return None
        premises = tuple(map(self.prove, step.premises))
        steps = 1 + sum(premise.steps for premise in premises)
        return Proof(triple, step.rule, rule.words, step.binding, premises, steps)


def _order(step: Step) -> tuple[int, str, str]:
    return step.bound, step.rule, " ".join(map(str, step.premises))


def _key(proof: Proof) -> tuple[str, frozenset[Triple | None]]:
    return proof.rule, frozenset(premise.conclusion for premise in proof.premises)
