"""Convert the findings of evidence checks, and contradictions, to violations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.errors import InconsistencyError
from kaiju_graph.project import words
from kaiju_graph.project.excerpts import Excerpts
from kaiju_graph.project.layout import SHARED, folder_of
from kaiju_graph.rdf import terms
from kaiju_graph.reasoning.inconsistency import contradiction
from kaiju_graph.reasoning.reasoner import derive
from kaiju_graph.validation.evidence_checks.checks import CHECKS, OBLIGATIONS
from kaiju_graph.validation.evidence_checks.vocabulary import find_kind
from kaiju_graph.validation.report import Suggestion, Violation
from kaiju_graph.validation.root_cause import Depth, RankedViolation
from kaiju_graph.validation.rules import CONTRADICTION
from kaiju_graph.validation.shacl_results import passage_of

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator

    from kaiju_graph.project.layout import Project
    from kaiju_graph.project.locator import Locator
    from kaiju_graph.project.passages import Articles
    from kaiju_graph.project.sources import Finding, Place
    from kaiju_graph.rdf.terms import Term, Triple
    from kaiju_graph.validation.suggest import KnownTerms

__all__ = ["Findings"]

PUNCTUATION = ".,;:()"
ABOUT_SUBJECT = ("graphs", "spoken")
"""Checks of a whole thing or passage, not of one statement about it."""
FUNDAMENTAL = ("graphs", "plain", "quote", "tiling")
"""Checks that others rely on: if one fails, the findings of others may be wrong."""


class Findings:
    """Converts findings of evidence checks, and contradictions, to violations."""

    def __init__(
        self, project: Project, locator: Locator, located: Articles, known: KnownTerms
    ) -> None:
        self.shorten_all = project.prefixes.shorten_all
        self.locator = locator
        self.located = located
        self.known = known
        self.excerpts = Excerpts(project)
        self._named: dict[str, set[Term]] = {}
        passages = {passage.iri for passage in located.passages.values()}
        self._empty = passages - {quad.graph for quad in locator.sources.quads}

    def violation(self, finding: Finding) -> RankedViolation:
        """Return the violation of a finding of an evidence check."""
        rule, quad = finding.rule, finding.quad
        part = finding.part or ("subject" if rule in ABOUT_SUBJECT else "object")
        place = finding.place or self.locator.place(finding.file, quad, part)
        message = self.shorten_all(finding.message)
        if finding.other:
            other = self.locator.place(*finding.other, "subject")
            message += f" ({other.file}:{other.line})"
        wording = self._wording(finding)
        inside = (wording.offset, wording.length) if wording else None
        excerpt = self.excerpts.at(place, inside)
        violation = Violation(
            rule=rule,
            severity=CHECKS[rule].severity if rule in CHECKS else "error",
            message=message,
            place=place._replace(column=excerpt.column),
            quad=quad,
            passage=passage_of(quad, self.located.passages),
            obligation=OBLIGATIONS[rule],
            nearest=tuple(self._suggest(finding, wording)),
            line=excerpt.text,
            width=finding.width or excerpt.width,
            remedy=finding.remedy,
            unchecked=finding.unchecked,
        )
        if rule == "context" and quad:  # a statement of the passage may be wrong instead
            return RankedViolation(violation, Depth.CONSEQUENCE, causes=(quad, quad.subject))
        depth, keys = self._depth_and_keys(finding, part, violation.nearest)
        # A label is wrong where its thing has the wrong class.
        causes = (self.known.text(quad.subject),) if rule == "labels" and quad else ()
        return RankedViolation(violation, depth, keys, causes)

    def contradictions(self, asserted: Iterable[Triple]) -> Iterator[RankedViolation]:
        """Yield the first contradiction that follows from asserted triples, if there is one."""
        try:
            derive(asserted)
        except InconsistencyError as error:
            finding = contradiction(error, self.locator.sources)
            violation = Violation(
                rule=error.rule,
                severity="error",
                message=self.shorten_all(finding.message),
                place=self.locator.place(finding.file, finding.quad),
                quad=finding.quad,
                passage=passage_of(finding.quad, self.located.passages),
                obligation=CONTRADICTION.format(error.rule),
                source=self._axiom(error),
            )
            subjects = {premise.subject for premise in error.premises} - self.known.declared.keys()
            keys = tuple(map(self.known.text, subjects))
            yield RankedViolation(violation, Depth.CONTRADICTING, keys)

    def with_consequences(self, ranked: RankedViolation) -> RankedViolation:
        """Add the keys of possible consequences: the passage, and the things that it names.

        If a passage is wrong, a thing that it names may be in the graph of no passage.
        """
        violation = ranked.violation
        if ranked.depth == Depth.CONSEQUENCE:
            return ranked
        passage = violation.passage
        text = passage.quote.value if passage else ""
        if violation.rule == "tiling":
            text = violation.line[violation.place.column - 1 :]
        if text not in self._named:
            self._named[text] = self.known.names.things_in(text) if text else set()
        keys: set[Hashable] = set(map(self.known.text, self._named[text]))
        keys |= {passage.iri} if passage else set()
        return ranked._replace(consequences=ranked.consequences | keys)

    def with_line(self, violation: Violation) -> Violation:
        """Add the line of text at the place of a violation, if it has none."""
        if violation.line:
            return violation
        excerpt = self.excerpts.at(violation.place)
        return violation._replace(line=excerpt.text, width=excerpt.width)

    def _suggest(self, finding: Finding, wording: words.NearestWords | None) -> list[Suggestion]:
        if wording:
            text = self.known.text(ox.Literal(wording.text))
            return [Suggestion(text, wording.difference)]
        if finding.quad is None:
            return []
        if finding.part == "graph":
            return self.known.suggest_from(finding.quad.graph, self._empty)
        if finding.rule in ("declared", "undeclared") and finding.term:
            is_class = find_kind(finding.quad, finding.part) == "class"
            return self.known.suggest_declared(finding.term, as_class=is_class)
        if finding.rule == "things" and finding.term:
            return self.known.suggest_instances(finding.term, self.known.declared_classes)
        return []

    def _depth_and_keys(
        self, finding: Finding, part: str, nearest: tuple[Suggestion, ...]
    ) -> tuple[Depth, tuple[Hashable, ...]]:
        """Return the depth of a finding, and its keys (see ``root_cause``)."""
        rule, quad, text = finding.rule, finding.quad, self.known.text
        near = [suggestion.text for suggestion in nearest]
        if quad is None:
            return Depth.UNREAD, ()
        if rule == "declared":
            return Depth.UNDECLARED, (quad, *((quad.subject, name) for name in near))
        if rule == "undeclared":
            thing = [text(quad.subject)] if quad.predicate == terms.TYPE else []
            return Depth.UNDECLARED, (quad, text(getattr(quad, part)), *thing)
        keys: tuple[Hashable, ...] = (quad,)
        if rule == "things":
            keys = (text(getattr(quad, part)), *near)
        elif rule in ABOUT_SUBJECT:
            subject = [text(quad.subject)] if part == "subject" else []
            keys = (*subject, *near[:1]) or keys
        elif finding.other:  # the other quote has the place of this one
            keys = (quad, finding.other[1].subject)
        return Depth.UNREAD if rule in FUNDAMENTAL else Depth.CONSEQUENCE, keys

    def _wording(self, finding: Finding) -> words.NearestWords | None:
        """Return the nearest words of an article to a quote or name that is not in it."""
        if finding.quad is None or finding.other or finding.rule not in ("quote", "labels"):
            return None
        is_name = finding.rule == "labels"
        if is_name and self.locator.sources.files[finding.file].layer != "entities":
            return None
        folder = folder_of(finding.file)
        for article in self.located.articles:
            if folder == article.folder or (is_name and folder == SHARED):
                wording = words.find_nearest(finding.quad.object.value, article.plain)
                if wording and is_name:  # a name does not end in a full stop
                    return wording._replace(text=wording.text.strip(PUNCTUATION))
                if wording:
                    return wording
        return None

    def _axiom(self, error: InconsistencyError) -> Place | None:
        """Return the place of the axiom among the premises of a contradiction."""
        for name, file in self.locator.sources.files.items():
            for quad in file.quads if file.layer == "ontology" else ():
                if quad.triple in error.premises and isinstance(quad.subject, ox.NamedNode):
                    return self.locator.place(name, quad, "subject")
        return None
