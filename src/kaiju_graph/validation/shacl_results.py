"""Convert a validation report of SHACL to violations, and find the statement of each."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.project.layout import SHACL, SHARED, folder_of
from kaiju_graph.project.passages import ABOUT
from kaiju_graph.rdf import terms
from kaiju_graph.validation.evidence_checks.vocabulary import find_kind
from kaiju_graph.validation.report import Suggestion, Violation
from kaiju_graph.validation.root_cause import Depth, RankedViolation
from kaiju_graph.validation.shapes import CORE, RULE_TEXT, parameter, rule_name

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from kaiju_graph.project.layout import Project
    from kaiju_graph.project.locator import Locator
    from kaiju_graph.project.passages import Passage
    from kaiju_graph.project.sources import Place, Sources
    from kaiju_graph.rdf.terms import Quad, Term, Triple
    from kaiju_graph.validation.shapes import Shapes
    from kaiju_graph.validation.suggest import KnownTerms

__all__ = ["SEVERITIES", "ShaclResults", "passage_of"]

RESULT = ox.NamedNode(SHACL + "ValidationResult")
DETAIL = ox.NamedNode(SHACL + "detail")
TARGET_NODE = ox.NamedNode(SHACL + "targetNode")
SEVERITIES = {SHACL + "Warning": "warning", SHACL + "Info": "info"}
"""Severity of SHACL → the word for it; any other is an error."""
PAIRS = ("equals", "disjoint", "lessThan", "lessThanOrEquals")
"""Parameters that name the property with whose values those of the path are compared."""
LEAST = ("minCount", "qualifiedMinCount")
BOUNDS = ("maxExclusive", "maxInclusive", "minExclusive", "minInclusive")
ORDERS = {"lessThan": "<", "lessThanOrEquals": "<="}
"""Parameter → the comparison that each pair of values has to satisfy."""
COUNTS = ("minCount", "maxCount", "qualifiedMinCount", "qualifiedMaxCount", "hasValue")
SPARQL = parameter(ox.NamedNode(SHACL + "SPARQLConstraintComponent"))
IDENTITY = (terms.TYPE, terms.LABEL)


def passage_of(quad: Quad | None, passages: dict[str, Passage]) -> Passage | None:
    """Return the passage whose graph has a statement, or that the statement describes."""
    if quad is None:
        return None
    return passages.get(quad.graph.value) or passages.get(quad.subject.value)


class ShaclResults:
    """Converts SHACL results to violations, with the sources, the shapes and the known terms."""

    def __init__(  # noqa: PLR0913 (each is something that only the caller knows)
        self,
        project: Project,
        locator: Locator,
        passages: dict[str, Passage],
        shapes: Shapes,
        known: KnownTerms,
        *,
        home: str = "graph/entities.ttl",
    ) -> None:
        """Take what results are about; ``home`` is the file of what no statement tells."""
        self.shorten_all = project.prefixes.shorten_all
        self.locator = locator
        self.passages = passages
        self.shapes = shapes
        self.known = known
        self.statements = _Statements(locator.sources, home)

    def violations(self, report: list[Triple], shapes: Locator) -> Iterator[RankedViolation]:
        """Yield the violations in a report of SHACL.

        Args:
            report: the report.
            shapes: the places of the shapes.
        """
        definitions, targets = _definitions(shapes.sources), _target_nodes(shapes.sources)
        nodes: dict[Term, dict[str, Term]] = {}
        details: dict[Term, list[Term]] = {}
        repeats: Counter[tuple[Term | None, ...]] = Counter()
        for subject, predicate, object_ in report:
            nodes.setdefault(subject, {})[predicate.value.removeprefix(SHACL)] = object_
            if predicate == DETAIL:
                details.setdefault(subject, []).append(object_)
        for node, result in nodes.items():
            if result.get(terms.TYPE.value) == RESULT:
                shape = self.shapes.named_shape(result["sourceShape"])
                source = None
                if shape in definitions:
                    source = shapes.place(*definitions[shape], "subject")
                if lacked := self._find_lacked(result):  # each has a result, and they are alike
                    names = ("sourceShape", "sourceConstraintComponent", "focusNode", "value")
                    key = tuple(map(result.get, names))
                    result["lacked"] = lacked[repeats[key] % len(lacked)]
                    repeats[key] += 1
                ranked = self._violation(node, result, source)
                target = targets.get(result["focusNode"])
                if target and ranked.violation.quad is None:  # no file of data has the node
                    found = ranked.violation._replace(place=shapes.place(*target))
                    ranked = ranked._replace(violation=found)
                reasons = details.get(node, [])
                yield ranked._replace(
                    depth=Depth.CONSEQUENCE if reasons else ranked.depth,
                    keys=(*ranked.keys, node, *reasons),
                )

    def _find_lacked(self, result: dict[str, Term]) -> list[Term]:
        """Return what a value of a result should fit, and does not.

        That is each class of ``sh:class`` (SHACL, section 4.1.1), and each value that is compared
        with it (sections 4.5.3 and 4.5.4).
        """
        key = parameter(result["sourceConstraintComponent"])
        shape, value = result["sourceShape"], result.get("value")
        if value is None:
            return []
        if key == "class":
            own = self.known.classes.get(value, {}).keys()
            return [
                kind
                for kind in self.shapes.values(shape, "class")
                if own.isdisjoint(self.known.subclasses.get(kind, {kind}))
            ]
        if key not in ORDERS:
            return []
        others = self.shapes.values(shape, key)
        statements = self.known.statements.get(result["focusNode"], ())
        values = {quad.object: None for quad in statements if quad.predicate in others}
        if len(values) > 1:
            from kaiju_graph.validation.shacl.value_constraints import compare

            return [other for other in values if not compare(value, ORDERS[key], other)]
        return [*values]

    def _violation(
        self, node: Term, result: dict[str, Term], source: Place | None
    ) -> RankedViolation:
        shape = result["sourceShape"]
        key = parameter(result["sourceConstraintComponent"])
        focus, value, path = result["focusNode"], result.get("value"), result.get("resultPath")
        simple = path if isinstance(path, ox.NamedNode) else None
        if key == SPARQL and simple and value == focus:
            # A solution with a path and without ?value, where SHACL takes the focus node (section
            # 5.3.2): the focus node has no value.
            result, value = {name: result[name] for name in result if name != "value"}, None
        others = self.shapes.values(shape, key) if key in PAIRS else []
        # A value that breaks sh:equals may be one of the other property (SHACL, section 4.5.1).
        of_other = [other for other in others if self._states(focus, other, value)]
        is_other = key == "equals" and not self._states(focus, simple, value)
        predicate = of_other[0] if is_other and of_other else simple or [*others, path][0]
        file, quad = self.statements.find(focus, predicate, value)
        if quad and quad.predicate == simple and focus != quad.subject:  # a rule about the property
            focus = quad.subject
            result = {**result, "focusNode": focus}
        passage = passage_of(quad, self.passages)
        named = self.shapes.named_shape(shape)
        message = self._find_message(key, result)
        sentence = passage.quote.value if passage else ""
        violation = Violation(
            rule=rule_name(named),
            severity=SEVERITIES.get(result["resultSeverity"].value, "error"),
            message=f"found {self._describe_found(key, result, predicate)}"
            f"{self._describe_expected(key, result, quad, predicate)}",
            place=self.locator.place(file, quad, _part(quad, focus, predicate, value)),
            quad=quad,
            focus=focus,
            path=simple,
            value=value,
            passage=passage,
            obligation=message,
            source=source,
            because=self._because(shape, focus),
            nearest=tuple(self._suggest(key, result, sentence)),
            result=node if isinstance(node, ox.BlankNode) else None,
        )
        consequences: set[Hashable] = set()
        if simple and value is not None:
            consequences = {(focus, self.known.text(simple))}
        causes = ((terms.TYPE, focus),) if self.shapes.has_target_class(named) else ()
        if _is_torn(key, quad):
            consequences, causes = consequences | {(terms.TYPE, focus)}, ()
        depth, keys = self._depth_and_keys(key, shape, violation)
        return RankedViolation(violation, depth, keys, causes, frozenset(consequences))

    def _states(self, focus: Term, predicate: Term | None, value: Term | None) -> bool:
        """Tell whether a statement has a focus node, a predicate and a value."""
        statements = self.known.statements.get(focus, ())
        return any((quad.predicate, quad.object) == (predicate, value) for quad in statements)

    def _describe_found(self, key: str, result: dict[str, Term], predicate: Term | None) -> str:
        """Return in words what was found; a path of several steps is left out."""
        focus, value = result["focusNode"], result.get("value")
        path = self.known.text(predicate) if isinstance(predicate, ox.NamedNode) else ""
        if value is None and path and key in (*COUNTS, SPARQL):
            statements = self.known.statements.get(focus, ())
            count = len({quad.object for quad in statements if quad.predicate == predicate})
            return f"{count or 'no'} {path} of {self.known.in_words(focus)}"
        if value is None and path and key == "uniqueLang":
            return f"several {path} of {self.known.in_words(focus)} in one language"
        if value is None or value == focus:
            return self.known.in_words(focus)
        as_path = f" as {path}" if path else ""
        of_focus = f" of {self.known.text(focus)}" if "resultPath" in result else ""
        return f"{self.known.in_words(value)}{as_path}{of_focus}"

    def _describe_expected(
        self, key: str, result: dict[str, Term], quad: Quad | None, predicate: Term | None
    ) -> str:
        """Return in words what was expected; else the message of the rule, after a colon.

        A message may state the rule or the fault, so it is not what was expected.
        """
        value, message = result.get("value"), self._find_message(key, result)
        if key != "class" and quad is not None and self.known.is_undeclared(value):
            part = next(
                (p for p in ("predicate", "object") if getattr(quad, p) == value), "subject"
            )
            if kind := find_kind(quad, part):
                return f"; expected a {kind} that an ontology declares"
        shape, path, lacked = result["sourceShape"], result.get("resultPath"), result.get("lacked")
        expected = self.shapes.describe_expected(
            shape, key, [lacked] if lacked and key == "class" else None
        )
        if lacked and key in ORDERS:
            expected += f" {self.known.text(lacked)}"
        is_complex = isinstance(path, ox.BlankNode)
        if key == "equals" and value != result["focusNode"] and predicate != path:
            expected = f"the same as its {self.known.text(path)}" if path else "the thing itself"
        if is_complex and value is None:
            expected += " at the end of its path"
        if message and (expected == RULE_TEXT or is_complex):
            return f": {message}"
        if expected == RULE_TEXT:
            expected = self.shapes.describe_rule(shape, key)
        return f"; expected {expected}"

    def _find_message(self, key: str, result: dict[str, Term]) -> str:
        """Return the message of a shape or query; empty if the library made it up."""
        message = result.get("resultMessage")
        is_own = key not in CORE or self.shapes.values(result["sourceShape"], "message")
        return self.shorten_all(message.value) if message and is_own else ""

    def _because(self, shape: Term, focus: Term) -> str:
        """Return the statement that makes a shape select a thing; empty if its class does."""
        properties = self.shapes.target_properties(shape)
        for file, quad in self.statements.about(focus) if properties else ():
            if quad.predicate in properties and quad.object == focus:
                place = self.locator.place(file, quad, "subject")
                statement = " ".join(map(self.known.text, quad[:3]))
                return f"{statement} ({place.file}:{place.line})"
        return ""

    def _suggest(self, key: str, result: dict[str, Term], sentence: str) -> list[Suggestion]:
        shape, focus, path = result["sourceShape"], result["focusNode"], result.get("resultPath")
        value = result.get("value", focus)
        known, values = self.known, self.shapes.values
        members = [shape, *values(shape, "or")]
        classes = [kind for member in members for kind in values(member, "class")]
        is_lack = "value" not in result and key in ("minCount", SPARQL)
        if is_lack and path and (quad := known.find_misspelt(focus, path)):
            return [Suggestion(known.text(path), f"in place of {known.text(quad.predicate)}")]
        if key == SPARQL and not is_lack:  # a rule about the property
            classes = known.expected_classes(path, is_subject=value == focus)
        if key == "datatype":
            return known.suggest_literals(value, values(shape, "datatype"))
        if key in ("in", "hasValue"):
            return known.suggest_from(value, values(shape, key))
        if key in ("class", "or", SPARQL) and classes:
            return known.suggest_instances(value, classes, sentence)
        if known.is_undeclared(value):
            return known.suggest_declared(value, as_class=value in known.objects)
        return []

    def _depth_and_keys(
        self, key: str, shape: Term, violation: Violation
    ) -> tuple[Depth, tuple[Hashable, ...]]:
        """Return the depth of a violation, and its keys (see ``root_cause``)."""
        focus, path, value, quad = violation.focus, violation.path, violation.value, violation.quad
        text = self.known.text
        if focus and self._requires_identity(key, shape):
            return Depth.UNIDENTIFIED, (text(focus),)
        if focus and path and (key in LEAST or (key == SPARQL and value is None)):
            return Depth.COUNTED, ((focus, text(path)),)
        if value is None or quad is None:
            return Depth.COUNTED, ()
        near: list[Hashable] = [suggestion.text for suggestion in violation.nearest[:1]]
        subject: list[Hashable] = [text(quad.subject)]
        if self.known.is_undeclared(value):
            if quad.object != value:
                subject = [(quad.subject, name) for name in near]
            return Depth.UNDECLARED, (quad, text(value), *subject)
        is_subject = value == quad.subject
        expected = key == SPARQL and self.known.expected_classes(path, is_subject=is_subject)
        if key == "class" or expected:
            is_known = bool(self.known.classes.get(value))
            depth = Depth.MISPLACED if is_known else Depth.UNKNOWN
            return depth, (quad, text(value), *([] if is_known else near))
        depth, keys = Depth.OTHER, []
        if key in BOUNDS:  # a value of the wrong datatype meets none
            depth = Depth.BOUNDED
        elif key == "disjoint":  # such as two classes: the thing contradicts itself
            depth, keys = Depth.MISPLACED if _is_torn(key, quad) else depth, subject
        elif isinstance(value, ox.NamedNode) and (
            value in self.known.declared or value not in self.known.names.labels
        ):
            keys = [text(value)]
        return depth, (quad, *keys)

    def _requires_identity(self, key: str, shape: Term) -> bool:
        """Tell whether a constraint requires a class or a label, or something else in its place."""
        values = self.shapes.values
        if key == "or":
            members = values(shape, key)
            return any(self._requires_identity(k, member) for member in members for k in LEAST)
        return key in LEAST and bool(values(shape, key)) and values(shape, "path")[0] in IDENTITY


class _Statements:
    """The statements of the sources by the terms that they use."""

    def __init__(self, sources: Sources, home: str) -> None:
        self._home = home
        self._all = [(name, quad) for name, file in sources.files.items() for quad in file.quads]
        self._indexes: dict[Term, list[int]] = {}
        for index, (_, quad) in enumerate(self._all):
            for term in {*quad[:3]}:
                self._indexes.setdefault(term, []).append(index)
        self._folders: dict[Term, set[str]] = {}
        """What an article is about → where it is described first: in that folder, or for all."""
        for name, quad in self._all:
            if quad.predicate == ABOUT:
                folder = folder_of(name)
                self._folders.setdefault(quad.object, {SHARED}).add(folder)

    def about(self, *used: Term | None) -> Iterator[tuple[str, Quad]]:
        """Yield the statements that use one of some terms, each with its file."""
        indexes = {index for term in used if term for index in self._indexes.get(term, ())}
        return (self._all[index] for index in sorted(indexes))

    def find(self, focus: Term, path: Term | None, value: Term | None) -> tuple[str, Quad | None]:
        """Return the statement that a result is about, and its file."""
        best = 0, True
        found: tuple[str, Quad | None] = (self._home, None)
        folders = self._folders.get(focus)
        for name, quad in self.about(focus, value):
            is_near = not folders or folder_of(name) in folders
            rank = _rank(name, quad, focus, path, value), is_near
            if rank > best:
                best, found = rank, (name, quad)
        return found


def _rank(file: str, quad: Quad, focus: Term, path: Term | None, value: Term | None) -> int:
    """Return how well a statement fits a result; 0 if the result is not about it.

    Best is a statement with focus node, path and value; for a rule about a property, one with path
    and value. A result without a path is about the value: best is a statement of its type, else one
    in a file of the graph that uses it.
    """
    is_typing = quad.predicate == terms.TYPE
    if path is None and value == quad.subject:
        return 6 if is_typing else 5
    if focus == quad.subject:
        if quad.predicate == path or (not isinstance(path, ox.NamedNode) and value in quad[1:3]):
            return 7 if value in quad[1:3] else 6
        return 4 if is_typing else 3
    if quad.predicate == path and value in (quad.subject, quad.object):
        return 5
    is_used = path is None and (value == quad.predicate or (is_typing and value == quad.object))
    if is_used and file.startswith("graph/"):
        return 5
    return int(is_used or focus in quad[:3])


def _part(quad: Quad | None, focus: Term, path: Term | None, value: Term | None) -> str:
    """Return which term of a statement a result is about."""
    if quad is None or value == quad.object:
        return "object"
    if path == quad.predicate and quad.subject in (value, focus):
        return "subject" if value == quad.subject else "object"
    if quad.predicate in (value, focus):
        return "predicate"
    return "object" if focus == quad.object and value != quad.subject else "subject"


def _is_torn(key: str, quad: Quad | None) -> bool:
    """Tell whether a result is about a thing of two disjoint classes."""
    return key == "disjoint" and quad is not None and quad.predicate == terms.TYPE


def _definitions(shapes: Sources) -> dict[Term, tuple[str, Quad]]:
    """Return each shape → the file and the quad of its message, or else its first quad."""
    found: dict[Term, tuple[str, Quad]] = {}
    for name, file in shapes.files.items():
        for quad in file.quads:
            if quad.subject not in found or quad.predicate.value == SHACL + "message":
                found[quad.subject] = name, quad
    return found


def _target_nodes(shapes: Sources) -> dict[Term, tuple[str, Quad]]:
    """Return each node that a shape has as its target → the file and the quad that says so."""
    return {
        quad.object: (name, quad)
        for name, file in shapes.files.items()
        for quad in file.quads
        if quad.predicate == TARGET_NODE
    }
