"""Stage 5, before validating: the report of SHACL → violations, each at the statement it is of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph import terms
from kaiju_graph.causes import Depth, Traced
from kaiju_graph.obligations import parameter
from kaiju_graph.project import SHACL
from kaiju_graph.reports import Near, Violation
from kaiju_graph.spelling import written

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from kaiju_graph.obligations import Rules
    from kaiju_graph.passages import Passage
    from kaiju_graph.places import Locator
    from kaiju_graph.remedies import Known
    from kaiju_graph.sources import Place, Sources
    from kaiju_graph.terms import Quad, Term, Triple

__all__ = ["Results"]

RESULT = ox.NamedNode(SHACL + "ValidationResult")
SEVERITIES = {SHACL + "Warning": "warning", SHACL + "Info": "info"}
"""Severity of SHACL → the word for it; any other is an error."""
COUNTED = ("minCount", "maxCount", "qualifiedMinCount", "qualifiedMaxCount", "hasValue")
IDENTITY = (terms.TYPE, terms.LABEL)


class Results:
    """What it takes to show a result: the sources, the shapes, and what is known of things."""

    def __init__(
        self, locator: Locator, passages: dict[str, Passage], rules: Rules, known: Known
    ) -> None:
        self.locator = locator
        self.passages = passages
        self.rules = rules
        self.known = known
        self.project = known.project
        self.statements = _Statements(locator.sources)

    def violations(self, report: list[Triple], places: Locator) -> Iterator[Traced]:
        """Yield the violations that a report of SHACL has.

        Args:
            report: the report.
            places: where the shapes stand.
        """
        defined = _definitions(places.sources)
        said: dict[Term, dict[str, Term]] = {}
        for subject, predicate, object_ in report:
            said.setdefault(subject, {}).setdefault(predicate.value, object_)
        for node, values in said.items():
            if values.get(terms.TYPE.value) == RESULT:
                result = {key.removeprefix(SHACL): value for key, value in values.items()}
                shape = self.rules.named(result["sourceShape"])
                source = places.place(*defined[shape], "subject") if shape in defined else None
                yield self._traced(node, result, source)

    def _traced(self, node: Term, result: dict[str, Term], source: Place | None) -> Traced:
        shape = result["sourceShape"]
        key = parameter(result["sourceConstraintComponent"])
        focus, value, path = result["focusNode"], result.get("value"), result.get("resultPath")
        simple = path if isinstance(path, ox.NamedNode) else None
        file, quad = self.statements.best(focus, path, value)
        passage = self.passage(quad)
        named = self.rules.named(shape)
        message = result.get("resultMessage")
        sentence = passage.quote.value if passage else ""
        violation = Violation(
            rule=named.value.rpartition("#")[2] or named.value,
            severity=SEVERITIES.get(result["resultSeverity"].value, "error"),
            message=f"found {self._found(key, shape, result)}; "
            f"expected {self._expected(key, shape, quad, value)}",
            place=self.locator.place(file, quad, _part(quad, focus, simple, value)),
            quad=quad,
            focus=focus,
            path=simple,
            value=value,
            passage=passage,
            obligation=self.project.shorten_all(message.value) if message else "",
            source=source,
            because=self._because(shape, focus),
            nearest=tuple(self._nearest(key, shape, result, sentence)),
            result=node if isinstance(node, ox.BlankNode) else None,
        )
        return Traced(violation, *self._cause(key, violation))

    def passage(self, quad: Quad | None) -> Passage | None:
        """Return the passage whose graph a statement stands in, or that it describes."""
        if quad is None:
            return None
        return self.passages.get(quad.graph.value) or self.passages.get(quad.subject.value)

    def _found(self, key: str, shape: Term, result: dict[str, Term]) -> str:
        focus, value = result["focusNode"], result.get("value")
        path = self.rules.paths(shape)
        if key in COUNTED and value is None:
            predicate = result.get("resultPath")
            about = self.known.about.get(focus, ())
            count = len({quad.object for quad in about if quad.predicate == predicate})
            number = f"{count}" if count else "no"
            if not isinstance(predicate, ox.NamedNode):
                number = "too few" if "in" in key else "too many"
            return f"{number} {path} of {self.known.told(focus)}"
        if key == "uniqueLang":
            return f"several {path} of {self.known.told(focus)} in one language"
        if value is None or value == focus:
            return self.known.told(focus)
        whose = written(focus, self.project)
        return f"{self.known.told(value)} as {path} of {whose}" if path else self.known.told(value)

    def _expected(self, key: str, shape: Term, quad: Quad | None, value: Term | None) -> str:
        if key == "class" or quad is None or not self.known.is_undeclared(value):
            return self.rules.expected(shape, key)
        return f"a {'class' if value == quad.object else 'property'} that an ontology declares"

    def _because(self, shape: Term, focus: Term) -> str:
        """Return the statement that leads a shape to a thing, where it is not its class alone."""
        binding = self.rules.binding(shape)
        for at in self.statements.speaking.get(focus, ()) if binding else ():
            file, quad = self.statements.all[at]
            if quad.predicate in binding and quad.object == focus:
                place = self.locator.place(file, quad, "subject")
                said = " ".join(written(term, self.project) for term in quad[:3])
                return f"{said} ({place.file}:{place.line})"
        return ""

    def _nearest(self, key: str, shape: Term, result: dict[str, Term], sentence: str) -> list[Near]:
        focus, path = result["focusNode"], result.get("resultPath")
        value = result.get("value", focus)
        known = self.known
        classes = self.rules.values(shape, "class") + [
            kind
            for part in self.rules.values(shape, "or")
            for kind in self.rules.values(part, "class")
        ]
        if key == "datatype":
            return known.typed(value, self.rules.values(shape, "datatype"))
        if key in ("in", "hasValue"):
            return known.among(value, self.rules.values(shape, key))
        if key in ("class", "or") and classes:
            return known.of_class(value, classes, sentence)
        if key == "minCount" and path and (quad := known.misspelt(focus, path)):
            wrong = written(quad.predicate, self.project)
            return [Near(written(path, self.project), f"in place of {wrong}")]
        if known.is_undeclared(value):
            return known.declared_near(value, as_class=value in known.objects)
        return []

    def _cause(self, key: str, violation: Violation) -> tuple[Depth, tuple[Hashable, ...]]:
        """Return how deep a violation lies, and what it leans on."""
        focus, path, value, quad = violation.focus, violation.path, violation.value, violation.quad
        if key in ("minCount", "qualifiedMinCount") and focus and path:
            if path in IDENTITY:
                return Depth.UNIDENTIFIED, (written(focus, self.project),)
            return Depth.OTHER, ((focus, written(path, self.project)),)
        if value is None or quad is None:
            return Depth.OTHER, ()
        text = written(value, self.project)
        near = [near.text for near in violation.nearest[:1]]
        if self.known.is_undeclared(value):
            subject = written(quad.subject, self.project)
            keys = [subject] if quad.object == value else [(quad.subject, name) for name in near]
            return Depth.UNDECLARED, (quad, text, *keys)
        if key == "class":
            has_class = bool(self.known.kinds.get(value))
            return Depth.MISPLACED, (quad, text, *([] if has_class else near))
        is_nameless = isinstance(value, ox.NamedNode) and value not in self.known.names.labels
        return Depth.OTHER, (quad, text) if is_nameless else (quad,)


class _Statements:
    """The statements of the sources by what they speak of."""

    def __init__(self, sources: Sources) -> None:
        self.all = [(name, quad) for name, file in sources.files.items() for quad in file.quads]
        self.speaking: dict[Term, list[int]] = {}
        for at, (_, quad) in enumerate(self.all):
            for term in {*quad[:3]}:
                self.speaking.setdefault(term, []).append(at)

    def best(
        self, focus: Term | None, path: Term | None, value: Term | None
    ) -> tuple[str, Quad | None]:
        """Return the statement that a result is best shown at, and its file."""
        best: int = 0
        place: tuple[str, Quad | None] = ("graph/entities.ttl", None)
        speaking = (self.speaking.get(term, ()) for term in (focus, value) if term is not None)
        for at in sorted({at for ats in speaking for at in ats}):
            name, quad = self.all[at]
            is_used = value == quad.predicate or (quad.predicate, quad.object) == (
                terms.TYPE,
                value,
            )
            is_told = path is None and value == quad.subject != focus
            if focus not in quad[:3] and not is_used and not is_told:
                continue
            rank = 1
            if focus == quad.subject:
                rank = 3 if quad.predicate == terms.TYPE else 2
                if quad.predicate == path or (path is None and value in quad[1:3]):
                    rank = 5 if value in quad[1:3] else 4
            elif is_told or ((quad.predicate == focus or is_used) and name.startswith("graph/")):
                rank = 4
            if rank > best:
                best, place = rank, (name, quad)
        return place


def _part(quad: Quad | None, focus: Term, path: Term | None, value: Term | None) -> str:
    """Return which term of a statement a result is of."""
    if quad is None or value == quad.object or (focus == quad.subject and path == quad.predicate):
        return "object"
    if quad.predicate in (value, focus):
        return "predicate"
    return "object" if focus == quad.object and value != quad.subject else "subject"


def _definitions(shapes: Sources) -> dict[Term, tuple[str, Quad]]:
    """Return what defines each shape, and its file: its message, or else what is said first."""
    found: dict[Term, tuple[str, Quad]] = {}
    for name, file in shapes.files.items():
        for quad in file.quads:
            if quad.subject not in found or quad.predicate.value == SHACL + "message":
                found[quad.subject] = name, quad
    return found
