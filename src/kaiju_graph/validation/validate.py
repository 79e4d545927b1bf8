"""Stage 6: quads → a report of the shapes and checks that they do not keep, and contradictions.

Shapes see what was asserted (stated, entities, curated, evidence) with the ontology, never what was
inferred: a domain or range would make every ``sh:class`` true. The engine is pySHACL; its report
is that of SHACL, section 3.6, to which each violation here adds its place, its passage and what
would do. From what was asserted no contradiction may follow: the reasoner names the rule by which
one does.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.errors import InconsistencyError, SourceError
from kaiju_graph.project import quotes
from kaiju_graph.project.excerpts import Excerpts
from kaiju_graph.project.sources import SourceFile, Sources, select_layers
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.notation import term_text
from kaiju_graph.rdf.parse import parse
from kaiju_graph.reasoning.inconsistency import contradiction
from kaiju_graph.reasoning.reasoner import derive
from kaiju_graph.validation.data_graph import seen
from kaiju_graph.validation.evidence_checks import OBLIGATIONS, check
from kaiju_graph.validation.shapes import Rules
from kaiju_graph.validation.locate import Results
from kaiju_graph.validation.report import Near, Report, Violation
from kaiju_graph.validation.root_cause import Depth, Traced, ordered
from kaiju_graph.validation.suggest import Known

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator

    from kaiju_graph.project.layout import Project
    from kaiju_graph.project.passages import Articles
    from kaiju_graph.project.sources import Finding, Place
    from kaiju_graph.rdf.terms import Quad, Term, Triple

__all__ = ["PREFIXES", "SHAPES", "Report", "Violation", "names", "read", "shapes", "validate"]

ASSERTED = ("stated", "entities", "curated", "evidence", "ontology")
SHAPES = ox.NamedNode(terms.GRAPH + "shapes")
PREFIXES = "ontology/prefixes.ttl"
MARKS = ".,;:()"
AT_SUBJECT = ("graphs", "spoken")
"""Checks that find something of a thing or passage as a whole, and not of what is said of it."""
AT_ROOT = ("graphs", "plain", "quote", "tiling")
"""Checks without which nothing that is found of passages can be relied on."""


def shapes(project: Project) -> list[Quad]:
    """Read ``ontology/shapes/`` and the declared prefixes, which SPARQL constraints use.

    Raises:
        SourceError: a file does not parse.
    """
    return read(project).quads


def names(project: Project) -> set[str]:
    """Return the names of the rules that shapes state.

    Raises:
        SourceError: a file does not parse.
    """
    return {
        quad.subject.value.rpartition("#")[2]
        for quad in shapes(project)
        if isinstance(quad.subject, ox.NamedNode)
    }


def read(project: Project) -> Sources:
    """Read ``ontology/shapes/`` and the declared prefixes, file by file.

    Raises:
        SourceError: a file does not parse.
    """
    files = [*project.files("ontology/shapes", ".ttl"), PREFIXES]
    said = {file: [*parse(file, project.read(file), SHAPES)] for file in files}
    return Sources({file: SourceFile("shapes", SHAPES, quads) for file, quads in said.items()}, {})


def validate(  # noqa: PLR0913 (each is read once, by the caller)
    project: Project,
    sources: Sources,
    rules: Sources,
    located: Articles,
    *,
    others: Iterable[Violation] = (),
    progress: Callable[[str], None] = lambda _: None,
) -> Report:
    """Hold what the sources assert against the shapes, the evidence checks and itself.

    Args:
        project: the project.
        sources: what its files say.
        rules: its shapes, as ``read`` reads them.
        located: the passages of its articles.
        others: violations that were found elsewhere, to be reported with these.
        progress: is told how many of the shapes have been held.

    Raises:
        SourceError: there are no shapes, or one is not well-formed.
        InputError: the ontology has an axiom that no rule of the reasoner follows.
    """
    from kaiju_graph.project.positions import Locator

    asserted = seen(select_layers(sources.quads, *ASSERTED), located)
    # Where a folder has no one article, all that one could find of it would follow from that.
    is_lost = len(located.articles) < len(sources.texts)
    found = [] if is_lost else _held(project, asserted, rules, progress)
    known = Known(asserted, project)
    locator = Locator(project, sources)
    results = Results(locator, located.passages, Rules(rules.quads, project), known)
    findings = _Findings(results, located, Excerpts(project))
    by_shapes = [*results.violations(found, Locator(project, rules))]
    told = {traced.violation.value or traced.violation.focus for traced in by_shapes}
    checked = located.findings if is_lost else check(sources, located)
    untold = (one for one in checked if one.rule != "things" or one.term not in told)
    traced = [
        *by_shapes,
        *map(findings.traced, untold),
        *(findings.contradictions(asserted) if not is_lost else ()),
        *(Traced(o, Depth.UNREAD if o.severity == "error" else Depth.CONSEQUENCE) for o in others),
    ]
    ranked = ordered(map(findings.offering, traced))
    return Report.of_shacl([findings.shown(violation) for violation in ranked], found)


def _held(
    project: Project,
    asserted: list[Quad],
    held_against: Sources,
    progress: Callable[[str], None],
) -> list[Triple]:
    """Return the report of SHACL."""
    from kaiju_graph.validation import shacl

    if not project.files("ontology/shapes", ".ttl"):
        raise SourceError("ontology/shapes:1: found no shapes; expected Turtle files of them")
    data = terms.merge(asserted)
    try:
        return shacl.report(data, terms.merge(held_against.quads), progress)
    except Exception as error:  # noqa: BLE001 (what pySHACL stumbles over is the shape)
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
    for file, alone in held_against.files.items():
        shared = held_against.files[PREFIXES].quads
        try:
            shacl.report(data, terms.merge([*alone.quads, *shared]))
        except Exception:  # noqa: BLE001 (what it says is said)
            raise SourceError(f"{file}: a shape is not well-formed: {reason}") from None
    raise SourceError(f"ontology/shapes: a shape is not well-formed: {reason}")


class _Findings:
    """What evidence checks and the reasoner find, as violations."""

    def __init__(self, results: Results, located: Articles, excerpts: Excerpts) -> None:
        self.results = results
        self.located = located
        self.excerpts = excerpts
        self.project = results.project
        self._text = partial(term_text, prefixes=self.project.prefixes)
        self.named: dict[str, set[Term]] = {}
        passages = {passage.iri for passage in located.passages.values()}
        self.silent = passages - {quad.graph for quad in results.locator.sources.quads}

    def traced(self, finding: Finding) -> Traced:
        """Return the violation that a finding of an evidence check is."""
        quad = finding.quad
        part = finding.part or ("subject" if finding.rule in AT_SUBJECT else "object")
        place = finding.place or self.results.locator.place(finding.file, quad, part)
        message = self.project.prefixes.shorten_all(finding.message)
        if finding.other:
            other = self.results.locator.place(*finding.other, "subject")
            message += f" ({other.file}:{other.line})"
        near = self._nearest(finding)
        inside = self.excerpts.at(place)
        is_worded = finding.rule in ("quote", "labels") and not finding.other
        like = self._wording(finding) if is_worded else None
        if like:
            near = (Near(self._text(ox.Literal(like.text)), like.difference),)
            inside = self.excerpts.at(place, (like.offset, like.length))
        if quad and part == "graph":
            near = tuple(self.results.known.among(quad.graph, self.silent))
        violation = Violation(
            rule=finding.rule,
            severity="error",
            message=message,
            place=place._replace(column=inside.column),
            quad=quad,
            passage=self.results.passage(quad),
            obligation=OBLIGATIONS[finding.rule],
            nearest=near,
            line=inside.text,
            width=finding.width or inside.width,
        )
        if quad is None:
            return Traced(violation, Depth.UNREAD)
        if finding.rule == "declared":
            meant = ((quad.subject, other.text) for other in near)
            return Traced(violation, Depth.UNDECLARED, (quad, *meant))
        depth = Depth.UNREAD if finding.rule in AT_ROOT else Depth.CONSEQUENCE
        keys: tuple[Hashable, ...] = (quad,)
        if finding.rule == "things":
            keys = (
                self._text(getattr(quad, part)),
                *(other.text for other in near),
            )
        elif finding.rule in AT_SUBJECT:
            subject = [self._text(quad.subject)] if part == "subject" else []
            keys = (*subject, *(other.text for other in near[:1])) or (quad,)
        elif finding.rule == "context":  # or what the passage says of another thing
            keys = (quad, quad.subject)
        elif finding.other:  # which takes the place of several
            keys = (quad, finding.other[1].subject)
        return Traced(violation, depth, keys)

    def offering(self, traced: Traced) -> Traced:
        """Return a violation with what may follow from it: of its passage, and of what that names.

        What no passage speaks of may be what one that names it should have spoken of.
        """
        violation = traced.violation
        if traced.depth == Depth.CONSEQUENCE:
            return traced
        passage = violation.passage
        words = passage.quote.value if passage else ""
        if violation.rule == "tiling":
            words = violation.line[violation.place.column - 1 :]
        if words not in self.named:
            self.named[words] = self.results.known.names.things_in(words) if words else set()
        offers = {self._text(thing) for thing in self.named[words]}
        return traced._replace(offers=frozenset([*offers, *([passage.iri] if passage else [])]))

    def _nearest(self, finding: Finding) -> tuple[Near, ...]:
        """Return the terms or things that are spelt like what is none."""
        known, quad = self.results.known, finding.quad
        if quad and finding.part == "graph":
            return tuple(known.among(quad.graph, self.silent))
        if quad and finding.rule == "declared":
            return tuple(known.declared_near(quad.predicate, as_class=False))
        if finding.term and finding.rule == "things":
            return tuple(known.of_class(finding.term, known.classes, ""))
        return ()

    def _wording(self, finding: Finding) -> quotes.NearestWords | None:
        """Return the words of the articles that are nearest to a quote or a name."""
        if finding.quad is None:
            return None
        texts = [
            article.plain
            for article in self.located.articles
            if finding.rule == "labels" or finding.file.startswith(f"{article.folder}/")
        ]
        found = (quotes.find_nearest(finding.quad.object.value, text) for text in texts)
        like = next((like for like in found if like), None)
        if like and finding.rule == "labels":  # a name has no full stop
            return like._replace(text=like.text.strip(MARKS))
        return like

    def contradictions(self, asserted: list[Quad]) -> Iterator[Traced]:
        """Yield the first contradiction that follows from what is asserted, if there is one."""
        try:
            derive(quad.triple for quad in asserted)
        except InconsistencyError as error:
            sources, locator = self.results.locator.sources, self.results.locator
            found = contradiction(error, sources)
            subjects = {premise.subject for premise in error.premises}
            yield Traced(
                Violation(
                    rule=error.rule,
                    severity="error",
                    message=self.project.prefixes.shorten_all(found.message),
                    place=locator.place(found.file, found.quad),
                    quad=found.quad,
                    passage=self.results.passage(found.quad),
                    obligation=f"Nothing contradicts itself ({error.rule} of OWL 2 RL).",
                    source=self._axiom(error),
                ),
                Depth.CONTRADICTING,
                tuple(
                    self._text(subject)
                    for subject in subjects
                    if subject not in self.results.known.declared
                ),
            )

    def _axiom(self, error: InconsistencyError) -> Place | None:
        """Return where the axiom of a contradiction stands."""
        for name, file in self.results.locator.sources.files.items():
            if file.layer == "ontology":
                for quad in file.quads:
                    if quad.triple in error.premises and isinstance(quad.subject, ox.NamedNode):
                        return self.results.locator.place(name, quad, "subject")
        return None

    def shown(self, violation: Violation) -> Violation:
        """Return a violation with the line of text that it is at."""
        if violation.line:
            return violation
        found = self.excerpts.at(violation.place)
        return violation._replace(line=found.text, width=found.width)
