"""Stage 5, before validating: the report of SHACL → violations, each at the statement it is of."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.project.layout import SHACL
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.notation import term_text
from kaiju_graph.validation.shapes import UNTOLD, parameter
from kaiju_graph.validation.report import Near, Violation
from kaiju_graph.validation.root_cause import Depth, Traced

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from kaiju_graph.project.passages import Passage
    from kaiju_graph.project.positions import Locator
    from kaiju_graph.project.sources import Place, Sources
    from kaiju_graph.rdf.terms import Quad, Term, Triple
    from kaiju_graph.validation.shapes import Rules
    from kaiju_graph.validation.suggest import Known

__all__ = ["Results"]

RESULT = ox.NamedNode(SHACL + "ValidationResult")
SEVERITIES = {SHACL + "Warning": "warning", SHACL + "Info": "info"}
"""Severity of SHACL → the word for it; any other is an error."""
COMPARED = ("equals", "disjoint", "lessThan", "lessThanOrEquals")
"""Parameters that name the property whose values those of the path are compared to."""
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
        self._text = partial(term_text, prefixes=self.project.prefixes)
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
        other = self.rules.values(shape, key)[0] if key in COMPARED else path
        said = simple or other
        file, quad = self.statements.best(focus, said, value)
        passage = self.passage(quad)
        named = self.rules.named(shape)
        message = result.get("resultMessage")
        sentence = passage.quote.value if passage else ""
        violation = Violation(
            rule=named.value.rpartition("#")[2] or named.value,
            severity=SEVERITIES.get(result["resultSeverity"].value, "error"),
            message=f"found {self._found(key, result, said)}; "
            f"expected {self._expected(key, result, quad, value)}",
            place=self.locator.place(file, quad, _part(quad, focus, said, value)),
            quad=quad,
            focus=focus,
            path=simple,
            value=value,
            passage=passage,
            obligation=self.project.prefixes.shorten_all(message.value) if message else "",
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

    def _found(self, key: str, result: dict[str, Term], said: Term | None) -> str:
        """Return what was found, in words; of a path that is no property, none would be plain."""
        focus, value = result["focusNode"], result.get("value")
        path = self._text(said) if isinstance(said, ox.NamedNode) else ""
        if value is None and path and key in COUNTED:
            about = self.known.about.get(focus, ())
            count = len({quad.object for quad in about if quad.predicate == said})
            return f"{count or 'no'} {path} of {self.known.told(focus)}"
        if value is None and path and key == "uniqueLang":
            return f"several {path} of {self.known.told(focus)} in one language"
        if value is None or value == focus:
            return self.known.told(focus)
        as_path = f" as {path}" if path else ""
        whose = f" of {self._text(focus)}" if "resultPath" in result else ""
        return f"{self.known.told(value)}{as_path}{whose}"

    def _expected(
        self, key: str, result: dict[str, Term], quad: Quad | None, value: Term | None
    ) -> str:
        """Return what was expected, in words: those of the rule where there are no plainer ones."""
        if key != "class" and quad is not None and self.known.is_undeclared(value):
            return f"a {'class' if value == quad.object else 'property'} that an ontology declares"
        expected = self.rules.expected(result["sourceShape"], key)
        message = result.get("resultMessage")
        if message and (expected == UNTOLD or isinstance(result.get("resultPath"), ox.BlankNode)):
            return _clause(self.project.prefixes.shorten_all(message.value))
        return expected

    def _because(self, shape: Term, focus: Term) -> str:
        """Return the statement that leads a shape to a thing, where it is not its class alone."""
        binding = self.rules.binding(shape)
        for at in self.statements.speaking.get(focus, ()) if binding else ():
            file, quad = self.statements.all[at]
            if quad.predicate in binding and quad.object == focus:
                place = self.locator.place(file, quad, "subject")
                said = " ".join(self._text(term) for term in quad[:3])
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
            wrong = self._text(quad.predicate)
            return [Near(self._text(path), f"in place of {wrong}")]
        if known.is_undeclared(value):
            return known.declared_near(value, as_class=value in known.objects)
        return []

    def _cause(self, key: str, violation: Violation) -> tuple[Depth, tuple[Hashable, ...]]:
        """Return how deep a violation lies, and what it leans on."""
        focus, path, value, quad = violation.focus, violation.path, violation.value, violation.quad
        if key in ("minCount", "qualifiedMinCount") and focus and path:
            if path in IDENTITY:
                return Depth.UNIDENTIFIED, (self._text(focus),)
            return Depth.COUNTED, ((focus, self._text(path)),)
        if value is None or quad is None:
            return Depth.COUNTED, ()
        text = self._text(value)
        near = [near.text for near in violation.nearest[:1]]
        if self.known.is_undeclared(value):
            subject = self._text(quad.subject)
            more = [subject] if quad.object == value else [(quad.subject, name) for name in near]
            return Depth.UNDECLARED, (quad, text, *more)
        if key == "class":
            is_known = bool(self.known.kinds.get(value))
            depth = Depth.MISPLACED if is_known else Depth.UNKNOWN
            return depth, (quad, text, *([] if is_known else near))
        keys: list[Hashable] = [quad, text] if isinstance(value, ox.NamedNode) else [quad]
        if key == "disjoint":  # of two classes, say, which is a contradiction of the thing
            keys = [quad, self._text(quad.subject)]
        elif value in self.known.names.labels:
            keys = [quad]
        return Depth.OTHER, tuple(keys)


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
            rank = _rank(name, quad, focus, path, value)
            if rank > best:
                best, place = rank, (name, quad)
        return place


def _rank(file: str, quad: Quad, focus: Term | None, path: Term | None, value: Term | None) -> int:
    """Return how well a result is shown at a statement; 0 where it is not of it.

    What the focus says with the path and the value is best. Without a path the result is of the
    value: it stands best where it is typed or declared, else where a file of the graph uses it.
    """
    is_typing = quad.predicate == terms.TYPE
    if path is None and value == quad.subject:
        return 6 if is_typing else 5
    if focus == quad.subject:
        if quad.predicate == path or (not isinstance(path, ox.NamedNode) and value in quad[1:3]):
            return 7 if value in quad[1:3] else 6
        return 4 if is_typing else 3
    is_used = path is None and (value == quad.predicate or (is_typing and value == quad.object))
    if is_used and file.startswith("graph/"):
        return 5
    return int(is_used or focus in quad[:3])


def _part(quad: Quad | None, focus: Term, path: Term | None, value: Term | None) -> str:
    """Return which term of a statement a result is of."""
    if quad is None or value == quad.object or (focus == quad.subject and path == quad.predicate):
        return "object"
    if quad.predicate in (value, focus):
        return "predicate"
    return "object" if focus == quad.object and value != quad.subject else "subject"


def _clause(sentence: str) -> str:
    """Return a sentence as one that another leads to.

    >>> _clause("No class stands below itself.")
    'that no class stands below itself'
    >>> _clause("JSON-LD has no comments.")
    'that JSON-LD has no comments'
    """
    first = sentence if sentence[1:2].isupper() else sentence[:1].lower() + sentence[1:]
    return f"that {first.removesuffix('.')}"


def _definitions(shapes: Sources) -> dict[Term, tuple[str, Quad]]:
    """Return what defines each shape, and its file: its message, or else what is said first."""
    found: dict[Term, tuple[str, Quad]] = {}
    for name, file in shapes.files.items():
        for quad in file.quads:
            if quad.subject not in found or quad.predicate.value == SHACL + "message":
                found[quad.subject] = name, quad
    return found
