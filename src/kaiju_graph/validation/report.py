"""Stage 5, before validating: what a validation finds, as values."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.project.layout import SHACL
from kaiju_graph.rdf import terms

if TYPE_CHECKING:
    from collections.abc import Collection

    from rdflib import Graph

    from kaiju_graph.project.passages import Passage
    from kaiju_graph.project.sources import Place
    from kaiju_graph.rdf.terms import Quad, Term, Triple

__all__ = ["Near", "Report", "Violation"]

RESULT = ox.NamedNode(SHACL + "result")
CONFORMS = ox.NamedNode(SHACL + "conforms")
TRUE, FALSE = (
    ox.Literal(value, datatype=ox.NamedNode(terms.XSD + "boolean")) for value in ("true", "false")
)


class Near(NamedTuple):
    """What is near to what was found, and would do."""

    text: str
    """As a file would have it: a CURIE, a literal, the words of an article."""
    note: str = ""
    """Its label, or why it is near."""


class Violation(NamedTuple):
    """A rule that does not hold: where it is said, of what, and in which passage."""

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
    """What should be so: the message of the shape, or what the check holds."""
    source: Place | None = None
    """Where the rule is written; None where it is part of the code."""
    because: str = ""
    """The statement by which the rule binds this thing, where its class alone does not."""
    nearest: tuple[Near, ...] = ()
    line: str = ""
    """The line of text at the place; empty where there is none."""
    width: int = 0
    """How many code points of it are meant, from the column of the place; 0 where all of it is."""
    result: ox.BlankNode | None = None
    """The result in the report of SHACL."""
    first: tuple[Place, str] | None = None
    """Place and rule of the violation to be mended first, as this one may then be none."""


class Report(NamedTuple):
    """The outcome of a validation."""

    violations: list[Violation]
    """Root causes first, then what follows from them; each by depth, file, line and column."""
    triples: list[Triple]
    """The validation report of SHACL, section 3.6: what shapes found, without places."""

    @classmethod
    def of_shacl(cls, violations: list[Violation], triples: list[Triple]) -> Report:
        """Return a report whose ``sh:conforms`` is false where there is a result or an error.

        Args:
            violations: what is wrong, some of it maybe not in the words of SHACL.
            triples: the validation report of SHACL.
        """
        found = cls(violations, triples)
        conforms = found.conforms and not any(triple.predicate == RESULT for triple in triples)
        said = TRUE if conforms else FALSE
        triples = [t._replace(object=said) if t.predicate == CONFORMS else t for t in triples]
        return cls(violations, triples)

    @property
    def conforms(self) -> bool:
        """True where no violation is an error."""
        return not any(violation.severity == "error" for violation in self.violations)

    @property
    def shacl(self) -> Graph:
        """The validation report of SHACL as an rdflib graph."""
        return terms.rdflib_graph(self.triples)

    def of(self, rules: Collection[str]) -> Report:
        """Return what of the report is of some rules."""
        return self._narrowed([found for found in self.violations if found.rule in rules])

    def head(self) -> Report:
        """Return the report of its first violation alone."""
        return self._narrowed(self.violations[:1])

    def _narrowed(self, kept: list[Violation]) -> Report:
        """Return a report of some violations."""
        results = {found.result for found in kept}
        gone = {
            triple.object
            for triple in self.triples
            if triple.predicate == RESULT and triple.object not in results
        }
        triples = [t for t in self.triples if gone.isdisjoint((t.subject, t.object))]
        return Report.of_shacl(kept, _reachable(triples))


def _reachable(triples: list[Triple]) -> list[Triple]:
    """Leave out what is said of blank nodes that nothing leads to: the paths of other results."""
    while True:
        asked = {t.object for t in triples} | {
            t.subject for t in triples if t.predicate == CONFORMS
        }
        kept = [t for t in triples if not isinstance(t.subject, ox.BlankNode) or t.subject in asked]
        if len(kept) == len(triples):
            return kept
        triples = kept
