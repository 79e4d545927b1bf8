"""The result of a validation, as values."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.project.layout import SHACL, folder_of
from kaiju_graph.rdf import terms

if TYPE_CHECKING:
    from collections.abc import Collection

    from rdflib import Graph

    from kaiju_graph.project.passages import Passage
    from kaiju_graph.project.sources import Place, Remedy
    from kaiju_graph.rdf.terms import Quad, Term, Triple

__all__ = [
    "BOOLEAN",
    "CONFORMS",
    "RESULT",
    "SEVERITIES",
    "Report",
    "Suggestion",
    "Violation",
    "drop_results",
]

SEVERITIES = ("error", "warning", "info")
"""The severities of violations, the most severe first."""
RESULT = ox.NamedNode(SHACL + "result")
CONFORMS = ox.NamedNode(SHACL + "conforms")
BOOLEAN = ox.NamedNode(terms.XSD + "boolean")


class Suggestion(NamedTuple):
    """A replacement for what was found."""

    text: str
    """As a file would have it: a CURIE, a literal, the words of an article."""
    note: str = ""
    """Its label, or the reason for the suggestion."""


class Violation(NamedTuple):
    """A broken rule: the place, the statement, the passage, and the remedy."""

    rule: str
    """The local name of the shape, or the name of the check or of the reasoner's rule."""
    severity: str
    """``error``, ``warning`` or ``info``."""
    message: str
    """``found …; expected …``, with CURIEs."""
    place: Place
    quad: Quad | None = None
    focus: Term | None = None
    path: ox.NamedNode | None = None
    value: Term | None = None
    passage: Passage | None = None
    obligation: str = ""
    """The rule as a sentence: the message of the shape, or the obligation of the check."""
    source: Place | None = None
    """The place of the rule; None if the rule is part of the code."""
    because: str = ""
    """The statement that makes the rule apply to the focus node; empty if its class does."""
    nearest: tuple[Suggestion, ...] = ()
    line: str = ""
    """The line of text at the place; empty if there is none."""
    width: int = 0
    """How many code points to mark, from the column of the place; 0 marks nothing."""
    result: ox.BlankNode | None = None
    """The result in the report of SHACL."""
    first: tuple[Place, str] | None = None
    """Place and rule of the root cause, if this violation may be a consequence of another."""
    remedy: Remedy | None = None
    """The only safe remedy, if there is exactly one, and no root cause to mend before."""
    unchecked: str = ""
    """What is not checked because of this violation, in words; empty if nothing."""


class Report(NamedTuple):
    """The result of a validation."""

    violations: list[Violation]
    """Root causes first, then their consequences; each by depth, file, line and column."""
    triples: list[Triple]
    """The validation report of SHACL, section 3.6: the results of shapes, without places.

    It is empty if no result is known, and some may be missing."""

    @classmethod
    def with_results(
        cls, violations: list[Violation], triples: list[Triple], *, is_partial: bool = False
    ) -> Report:
        """Return a report in which ``sh:conforms`` tells whether SHACL's results are none.

        The violations of other checks are no results (SHACL, section 3.6.1.1). If there may be
        results that are not known, and none that is, nothing tells whether the shapes conform:
        the report of SHACL is empty.

        Args:
            violations: all violations, of shapes and of other checks.
            triples: the validation report of SHACL.
            is_partial: whether results may be missing.
        """
        conforms = not any(triple.predicate == RESULT for triple in triples)
        if conforms and is_partial:
            return cls(violations, [])
        value = ox.Literal(str(conforms).lower(), datatype=BOOLEAN)
        return cls(
            violations,
            [t._replace(object=value) if t.predicate == CONFORMS else t for t in triples],
        )

    @property
    def conforms(self) -> bool:
        """True if no violation is an error."""
        return not self.fails()

    @property
    def is_partial(self) -> bool:
        """True if something is not checked because of a violation."""
        return any(violation.unchecked for violation in self.violations)

    @property
    def shacl(self) -> Graph:
        """The validation report of SHACL as an rdflib graph."""
        return terms.rdflib_graph(self.triples)

    def fails(self, level: str = "error") -> bool:
        """Return whether a violation is as severe as a level of ``SEVERITIES``, or more."""
        severe = SEVERITIES[: SEVERITIES.index(level) + 1]
        return any(violation.severity in severe for violation in self.violations)

    def select(self, rules: Collection[str]) -> Report:
        """Return the report of some rules."""
        return self._restrict([v for v in self.violations if v.rule in rules], self.is_partial)

    def without_folders(self, folders: Collection[str]) -> Report:
        """Return the report without what is in some folders, unless it prevents other checks."""
        if not folders:
            return self
        kept = [
            violation
            for violation in self.violations
            if violation.unchecked or folder_of(violation.place.file) not in folders
        ]
        return self._restrict(kept, self.is_partial)

    def head(self) -> Report:
        """Return a report of only the first violation."""
        first = self.violations[:1]
        has_others = any(violation.result for violation in self.violations[1:])
        return self._restrict(first, self.is_partial or has_others)

    def _restrict(self, violations: list[Violation], is_partial: bool) -> Report:  # noqa: FBT001
        """Return a report of some of the violations."""
        kept = {violation.result for violation in violations}
        dropped = {t.object for t in self.triples if t.predicate == RESULT and t.object not in kept}
        triples = drop_results(self.triples, dropped)
        return Report.with_results(violations, triples, is_partial=is_partial)


def drop_results(triples: list[Triple], dropped: Collection[Term]) -> list[Triple]:
    """Return a validation report of SHACL without some of its results."""
    dropped = {*dropped}
    kept = [t for t in triples if dropped.isdisjoint((t.subject, t.object))]
    return _reachable(kept)


def _reachable(triples: list[Triple]) -> list[Triple]:
    """Drop the blank nodes that nothing leads to: the paths of other results."""
    while True:
        reached = {t.object for t in triples} | {
            t.subject for t in triples if t.predicate == CONFORMS
        }
        kept = [
            t for t in triples if not isinstance(t.subject, ox.BlankNode) or t.subject in reached
        ]
        if len(kept) == len(triples):
            return kept
        triples = kept
