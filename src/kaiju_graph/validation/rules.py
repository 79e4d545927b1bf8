"""The rules that a validation checks: those of the code, of the shapes, and of OWL 2 RL."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.errors import SourceError, UnknownNameError
from kaiju_graph.project.layout import SHACL
from kaiju_graph.project.spelling import did_you_mean
from kaiju_graph.reasoning import reasoner
from kaiju_graph.validation import lint, shapes
from kaiju_graph.validation.evidence_checks import checks
from kaiju_graph.validation.shacl_results import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kaiju_graph.project.layout import Project
    from kaiju_graph.project.sources import Place
    from kaiju_graph.rdf.terms import Quad, Term

__all__ = ["CONTRADICTION", "Rule", "list_rules", "rule_names", "select_rules"]

CONTRADICTION = "Nothing contradicts itself ({} of OWL 2 RL)."
"""The obligation of a rule of the reasoner that derives *false*."""
MESSAGE, SPARQL, SEVERITY, DEACTIVATED = (
    ox.NamedNode(SHACL + name) for name in ("message", "sparql", "severity", "deactivated")
)


class Rule(NamedTuple):
    """A rule: its name, what it demands, and how severe a violation is."""

    name: str
    obligation: str
    severity: str = "error"
    source: Place | None = None
    """The place of its shape; None if the rule is part of the code."""


def list_rules(project: Project) -> dict[str, Rule]:
    """Return name → rule; without the rules of shapes where a shape does not load."""
    rules = [*_code_rules()]
    with suppress(SourceError):
        rules += _shape_rules(project)
    return {rule.name: rule for rule in rules}


def rule_names(project: Project) -> set[str]:
    """Return the names of all rules: of checks, of shapes, and of contradictions."""
    return {rule.name for rule in _code_rules()}.union(_shape_names(project).values())


def select_rules(project: Project, names: Iterable[str]) -> set[str]:
    """Return the names of some rules.

    Args:
        project: the project.
        names: names of rules; a shape may also be named by its IRI or CURIE.

    Raises:
        UnknownNameError: there is no rule of that name.
    """
    known, by_iri = rule_names(project), _shape_names(project)
    names = {by_iri.get(project.prefixes.expand(name) or name, name) for name in names}
    for name in sorted(names - known):
        hint = did_you_mean(name, sorted(known)) or "; expected the name of a shape or check"
        raise UnknownNameError(f"no rule {name!r}{hint}")
    return names


def _shape_names(project: Project) -> dict[str, str]:
    """Return IRI of a shape → name of its rule; without those in files that do not load."""
    names: dict[str, str] = {}
    with suppress(SourceError):  # the report has the files that do not load
        for quad in shapes.read(project).quads:
            if isinstance(quad.subject, ox.NamedNode):
                names[quad.subject.value] = shapes.rule_name(quad.subject)
    return names


def _code_rules() -> Iterator[Rule]:
    """Yield the rules of lint and of the evidence checks, and those that derive *false*."""
    for name, obligation in {**lint.OBLIGATIONS, **checks.OBLIGATIONS}.items():
        yield Rule(name, obligation)
    for name, text in reasoner.rules().items():
        if "CONSTRUCT" not in text:
            yield Rule(name, CONTRADICTION.format(name))


def _shape_rules(project: Project) -> Iterator[Rule]:
    """Yield the rules of the shapes that have an IRI and a message and are not deactivated."""
    from kaiju_graph.project.locator import Locator

    sources = shapes.read(project)
    locator = Locator(project, sources)
    for name, file in sources.files.items():
        values: dict[Term, dict[Term, list[Term]]] = {}
        first: dict[Term, Quad] = {}
        for quad in file.quads:
            values.setdefault(quad.subject, {}).setdefault(quad.predicate, []).append(quad.object)
            first.setdefault(quad.subject, quad)
        for shape, of_shape in values.items():
            if not isinstance(shape, ox.NamedNode) or shapes.TRUE in of_shape.get(DEACTIVATED, ()):
                continue
            nodes = [of_shape, *(values.get(query, {}) for query in of_shape.get(SPARQL, ()))]
            messages = [message for node in nodes for message in node.get(MESSAGE, ())]
            severity = next((term.value for term in of_shape.get(SEVERITY, ())), "")
            if messages:
                yield Rule(
                    shapes.rule_name(shape),
                    project.prefixes.shorten_all(messages[0].value),
                    SEVERITIES.get(severity, "error"),
                    locator.place(name, first[shape], "subject"),
                )
