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

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.reasoning.matching import Closure, unify
from kaiju_graph.reasoning.patterns import Rule, instances
from kaiju_graph.reasoning.reasoner import rules

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kaiju_graph.errors import InconsistencyError
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
"""How many last steps are told of one triple."""
MAX_DEPTH = 24
"""Over how many others a proof is told in its place, before one goes on at the margin.

JSON then has no more levels in one another than any reader of it takes: the least known is 64, by
default, of .NET (``JsonSerializerOptions.MaxDepth``).
"""


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
    binding: dict[str, Term]


class ProofLine(NamedTuple):
    """A proof among those that one is told by."""

    depth: int
    """How many others it stands under."""
    proof: Proof
    place: str
    """``here``, where its premises come next, or where else they do: ``above`` or ``below``."""


def walk(proof: Proof) -> Iterator[ProofLine]:
    """Yield a proof, and behind each its premises, as they are told one after another.

    What was proved is not proved again. Where a proof would stand under more than ``MAX_DEPTH``
    others it is put off, and begins at depth 0 when those before it have ended.
    """
    told: set[Triple | None] = set()
    off = deque([proof])
    while off:
        waiting = [(0, off.popleft())]
        while waiting:
            depth, at = waiting.pop()
            if not at.rule:
                yield ProofLine(depth, at, "here")
            elif at.conclusion in told:
                if depth:  # what was put off may have been told meanwhile
                    yield ProofLine(depth, at, "above")
            elif depth == MAX_DEPTH:
                off.append(at)
                yield ProofLine(depth, at, "below")
            else:
                told.add(at.conclusion)
                yield ProofLine(depth, at, "here")
                waiting += [(depth + 1, premise) for premise in reversed(at.premises)]


class Explainer:
    """What is known, asserted and inferred, and the proofs that were found of it."""

    def __init__(self, store: ox.Store, rounds: ox.Store) -> None:
        """Take what is known.

        Args:
            store: its default graph has what is asserted, and may have what follows.
            rounds: what follows, each triple in the graph of its round.
        """
        self.closure = Closure(store, rounds)
        self._rules = {name: Rule.parse(name, text) for name, text in rules().items()}
        self._proofs: dict[Triple, Proof] = {}

    def explain(self, triple: Triple, *, every: bool = False) -> Explanation:
        """Return the shortest proof of a triple, or every one by its last step."""
        if not self.closure.holds(triple):
            return Explanation(triple, [], self.nearest(triple))
        return Explanation(
            triple, self.find_proofs(triple) if every else [self.prove(triple)], None
        )

    def prove(self, triple: Triple) -> Proof:
        """Return the shortest proof of a triple that holds."""
        searches = [] if triple in self._proofs else [self._search(triple)]
        while searches:
            needed = next(searches[-1], None)
            if needed is None:
                searches.pop()
            elif needed not in self._proofs:
                searches.append(self._search(needed))
        return self._proofs[triple]

    def _search(self, triple: Triple) -> Iterator[Triple]:
        """Find the shortest proof of a triple; yield each premise that is to be proved before.

        Every premise is of an earlier round, so that the searches that wait for one another end.
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
        """Return a proof for each last step that a triple may have, the shortest first.

        The premises of each are proved in the shortest way. There are at most ``MAX_PROOFS``.
        """
        best = self.prove(triple)
        found = {_key(best): best}
        for step in self._steps(triple) if best.rule else ():
            if len(found) == MAX_PROOFS:
                break
            if self._concludes(triple, step):
                proof = self._proof(triple, step)
                found.setdefault(_key(proof), proof)
        return sorted(found.values(), key=lambda proof: proof.steps)

    def refute(self, error: InconsistencyError) -> Explanation | None:
        """Return the proof of a contradiction that the reasoner found, if it told enough of it."""
        if error.rule not in self._rules:
            return None
        rule, needed = self._rules[error.rule], set(error.premises)
        steps = (self._step(rule, binding) for binding in self.closure.solve(rule.body, {}))
        fitting = [step for step in steps if step and needed <= {*step.premises}]
        for step in sorted(fitting, key=_order):
            if self._concludes(None, step):
                return Explanation(None, [self._proof(None, step)], None)
        return None

    def nearest(self, triple: Triple) -> Nearest:
        """Return what is known that is nearest to a triple: at most ``MAX_PROOFS`` of each kind."""
        subject, predicate, object_ = triple
        found = (
            self.closure.match(subject, predicate, None),
            self.closure.match(subject, None, object_),
            self.closure.match(object_, None, subject),
        )
        return Nearest(*(sorted(each, key=str)[:MAX_PROOFS] for each in found))

    def _steps(self, triple: Triple) -> list[Step]:
        """Return the steps that may be the last of a proof, those that may be shortest first."""
        number = self.closure.round(triple)
        found: dict[tuple[str, frozenset[Triple]], Step] = {}
        for rule in self._rules.values():
            binding = unify(rule.head, triple, {}) if rule.head else None
            for solution in self.closure.solve(rule.body, binding) if binding is not None else ():
                step = self._step(rule, solution, number)
                if step:
                    found.setdefault((rule.name, frozenset(step.premises)), step)
        return sorted(found.values(), key=_order)

    def _step(
        self, rule: Rule, solution: dict[str, Term], number: int | None = None
    ) -> Step | None:
        """Return a step by a solution of a rule, if its premises are of rounds before a number."""
        premises = instances(rule.body, solution)
        for each, some in rule.for_all:
            for one in list(self.closure.solve(each, solution)):
                ways = [instances(some, way) for way in self.closure.solve(some, one)]
                if not ways:
                    return None
                premises += min(ways, key=lambda way: (sum(map(self.closure.round, way)), str(way)))
        premises = list(dict.fromkeys([*premises, *self.closure.lists(premises)]))
        numbers = [self.closure.round(premise) for premise in premises]
        if number is not None and any(each >= number for each in numbers):
            return None
        return Step(1 + sum(numbers), rule.name, tuple(premises), solution)

    def _concludes(self, triple: Triple | None, step: Step) -> bool:
        """Tell whether the rule of a step does conclude from its premises alone."""
        alone = ox.Store()
        alone.extend(ox.Quad(*premise) for premise in step.premises)
        concluded = alone.query(self._rules[step.rule].text)
        if isinstance(concluded, ox.QueryTriples):
            return ox.Triple(*triple or ()) in concluded
        return isinstance(concluded, ox.QuerySolutions) and next(concluded, None) is not None

    def _proof(self, triple: Triple | None, step: Step) -> Proof:
        """Return the proof that ends with a step."""
        premises = tuple(map(self.prove, step.premises))
        steps = 1 + sum(premise.steps for premise in premises)
        words = self._rules[step.rule].words
        return Proof(triple, step.rule, words, step.binding, premises, steps)


def _order(step: Step) -> tuple[int, str, str]:
    return step.bound, step.rule, " ".join(map(str, step.premises))


def _key(proof: Proof) -> tuple[str, frozenset[Triple | None]]:
    return proof.rule, frozenset(premise.conclusion for premise in proof.premises)
