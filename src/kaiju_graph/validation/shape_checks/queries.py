"""Find queries and components of shapes that SPARQL or SHACL does not allow (sections 5 and 6)."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.errors import InputError, KaijuError, LimitError
from kaiju_graph.project.layout import SHACL
from kaiju_graph.rdf.terms import XSD, Triple, last_segment
from kaiju_graph.rdf.tokens import tokens
from kaiju_graph.sparql import execute
from kaiju_graph.sparql.prebinding import check_restrictions, replace_path, selected_variables
from kaiju_graph.sparql.tokens import find_form
from kaiju_graph.validation.shape_checks.index import Fault, is_node, local_name
from kaiju_graph.validation.shapes import TRUE, find_prefixes
from kaiju_graph.validation.shapes import parameter as parameter_of
from kaiju_graph.validation.vocabularies import CONSTRAINTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kaiju_graph.rdf.terms import Quad, Term
    from kaiju_graph.rdf.tokens import Token
    from kaiju_graph.validation.shape_checks.index import ShapeIndex

__all__ = ["QueryChecker"]

VALIDATORS = ("validator", "nodeValidator", "propertyValidator")
SUBJECTS_OF = ox.NamedNode(SHACL + "targetSubjectsOf")
USES = ("sparql", *VALIDATORS)
"""The properties whose values have queries."""
PREBOUND = frozenset({"this", "currentShape", "shapesGraph"})
RESERVED = PREBOUND | {"path", "PATH", "value"}
"""The names that a parameter of a component must not have (SHACL, section 6.2.1)."""
VARIABLE = re.compile(r"\w+")
STAND_IN = "<u:p>"
"""A path as long as ``$PATH``, so that places stay the same."""
FAULT_PLACE = re.compile(r"(?:[^:]*:)?(\d+):(\d+): (.*)", re.DOTALL)


class QueryChecker:
    """Finds faults of queries and components."""

    def __init__(self, index: ShapeIndex) -> None:
        self.index = index

    def check_components(self) -> Iterator[Fault]:
        """Find components without parameters or validators, and wrong parameters (section 6.2)."""
        for component in self.index.components:
            quads = self.index.about[component]
            first = quads[0]
            name = self.index.text(component)
            parameters = self.index.values(component, "parameter")
            if not parameters:
                message = f"found the component {name} without sh:parameter; expected one"
                yield Fault(first, message, "subject")
            seen: set[str] = set()
            for parameter in parameters:
                declaration = next(q for q in quads if q.object == parameter)
                paths = self.index.values(parameter, "path")
                if len(paths) != 1 or not isinstance(paths[0], ox.NamedNode):
                    message = f"found a parameter of {name} without a property as sh:path"
                    yield Fault(declaration, f"{message}; expected one")
                    continue
                local = last_segment(paths[0].value)
                if local in RESERVED or not VARIABLE.fullmatch(local) or local in seen:
                    reason = (
                        "a new name for a variable" if local in seen else "the name of a variable"
                    )
                    about = self.index.about[parameter]
                    (path,) = (quad for quad in about if quad.object == paths[0])
                    message = f"found the parameter {local!r} of {name}; expected {reason}"
                    yield Fault(path, f"{message} other than {', '.join(sorted(RESERVED))}")
                seen.add(local)
            if not any(self.index.values(component, kind) for kind in VALIDATORS):
                message = f"found the component {name} without a validator; expected sh:validator"
                yield Fault(
                    first, f"{message}, sh:nodeValidator or sh:propertyValidator", "subject"
                )
            for quad in quads:
                kind = local_name(quad.predicate)
                form = "ask" if kind == "validator" else "select"
                if kind in VALIDATORS and not self.index.values(quad.object, form):
                    message = f"found sh:{kind} of {name} without sh:{form}"
                    yield Fault(quad, f"{message}; expected a query")
            yield from self._check_uses(component)
            yield from self._check_arguments(component)

    def _check_arguments(self, component: Term) -> Iterator[Fault]:
        """Find values of parameters that the constraints of a parameter refuse (section 6.2.1)."""
        parameters = self.index.values(component, "parameter")
        names = {local_name(quad.predicate) for p in parameters for quad in self._reach(p)}
        if names.isdisjoint(CONSTRAINTS):
            return
        from kaiju_graph.validation.shacl import validator

        rules = {quad.triple for parameter in parameters for quad in self._reach(parameter)}
        rules |= {
            Triple(subject, SUBJECTS_OF, path)
            for subject, predicate, path in rules
            if subject in parameters and local_name(predicate) == "path"
        }
        data = {quad.triple for quad in self.index.quads}
        try:
            report = validator.report(data, rules)
        except KaijuError:
            raise
        except Exception:  # noqa: BLE001 (pySHACL raises anything; other checks name the fault)
            return
        results: dict[Term, dict[str, Term]] = {}
        for node, predicate, object_ in report:
            results.setdefault(node, {})[local_name(predicate)] = object_
        for result in results.values():
            used = result.get("focusNode"), result.get("resultPath"), result.get("value")
            quad = next((quad for quad in self.index.quads if quad[:3] == used), None)
            if quad:
                found = " as ".join(map(self.index.text, (quad.object, quad.predicate)))
                name = parameter_of(result["sourceConstraintComponent"])
                message = f"found {found}; expected what sh:{name} of the parameter allows"
                yield Fault(quad, message)

    def _reach(self, node: Term) -> Iterator[Quad]:
        """Yield the statements about a node, and about the blank nodes that it leads to."""
        waiting, seen = [node], {node}
        for subject in waiting:
            for quad in self.index.about.get(subject, ()):
                yield quad
                if isinstance(quad.object, ox.BlankNode) and quad.object not in seen:
                    seen.add(quad.object)
                    waiting.append(quad.object)

    def _check_uses(self, component: Term) -> Iterator[Fault]:
        """Find shapes with some of the parameters that a component demands, but not all."""
        name = self.index.text(component)
        paths = {
            path: TRUE not in self.index.values(parameter, "optional")
            for parameter in self.index.values(component, "parameter")
            for path in self.index.values(parameter, "path")
        }
        demanded = {path for path, is_demanded in paths.items() if is_demanded}
        validators = [kind for kind in VALIDATORS if self.index.values(component, kind)]
        for node, quads in self.index.about.items():
            used = [quad for quad in quads if quad.predicate in paths]
            missing = sorted(map(self.index.text, demanded - {quad.predicate for quad in used}))
            if used and missing:
                message = f"found {self.index.text(used[0].predicate)} without {missing[0]}"
                message += f"; expected both, as {name} demands: it is not applied"
                yield Fault(used[0], message, "predicate", severity="warning", is_usable=True)
            elif used and validators and not self._validators(component, node):
                kind = "property" if self.index.values(node, "path") else "node"
                message = f"found {self.index.text(used[0].predicate)}; {name} has no validator for"
                yield Fault(used[0], f"{message} a {kind} shape; expected one", "predicate")

    def _validators(self, component: Term, node: Term) -> list[Term]:
        """Return the validators of a component for a shape."""
        kind = "propertyValidator" if self.index.values(node, "path") else "nodeValidator"
        return self.index.values(component, kind) or self.index.values(component, "validator")

    def check_queries(self, *, is_complete: bool) -> Iterator[Fault]:
        """Find queries that SPARQL or SHACL does not allow (sections 5 and 6)."""
        for node in dict.fromkeys(chain(*map(self.index.of, USES))):
            undeclared = [*self._undeclared_prefixes(node)]
            if undeclared and not is_complete:
                continue
            faults = [
                fault
                for form in ("select", "ask")
                for quad in self.index.about.get(node, ())
                if quad.predicate.value == SHACL + form and _is_text(quad.object)
                for fault in self._check_query(quad, form)
            ]
            if undeclared and any("the prefix" in fault.message for fault in faults):
                yield from undeclared
                continue
            yield from faults
            yield from (f._replace(severity="warning", is_usable=True) for f in undeclared)
            for quad in self.index.users[node]:
                is_sparql = local_name(quad.predicate) == "sparql" and is_node(node)
                if is_sparql and not self.index.values(node, "select"):
                    yield Fault(quad, "found sh:sparql without sh:select; expected a query")

    def _check_query(self, quad: Quad, form: str) -> Iterator[Fault]:
        text = quad.object.value
        users = [q for q in self.index.users[quad.subject] if local_name(q.predicate) in USES]
        components = [q.subject for q in users if local_name(q.predicate) != "sparql"]
        names = {*PREBOUND, *({"value"} if form == "ask" else ())}
        for component in components:
            for parameter in self.index.values(component, "parameter"):
                paths = self.index.values(parameter, "path")
                names.update(last_segment(path.value) for path in paths)
        prefixes = find_prefixes(self.index.values(quad.subject, "prefixes"), self.index.declared)
        try:
            check_restrictions(text, names)
            execute.check_query(replace_path(text, STAND_IN), prefixes)
        except LimitError as error:
            yield Fault(quad, str(error).partition(": ")[2])
            return
        except InputError as error:
            yield self._fault_in_query(quad, str(error))
            return
        stream = [*tokens(text)]
        found = find_form(text)
        if found.text != form.upper():
            message = f"found {found.text} as sh:{form}; expected {form.upper()}"
            yield Fault(quad, message, offset=found.offset)
        elif form == "select" and not _selects_this(stream, found.offset):
            message = "found SELECT without $this; expected this variable"
            yield Fault(quad, message, offset=found.offset)
        elif form == "ask" and not _uses(stream, "value"):
            message = "found no $value; expected it, as the answer is the same for all values"
            yield Fault(quad, message, offset=found.offset, severity="warning", is_usable=True)
        if (path := _uses(stream, "PATH")) and any(self._lacks_path(q) for q in users):
            message = f"found {path.text} in a node shape; expected a property shape"
            yield Fault(quad, message, offset=path.offset)

    def _lacks_path(self, use: Quad) -> bool:
        """Tell whether a use of a query is by node shapes."""
        kind = local_name(use.predicate)
        return kind == "nodeValidator" or (
            kind == "sparql" and not self.index.values(use.subject, "path")
        )

    def _fault_in_query(self, quad: Quad, message: str) -> Fault:
        """Return the fault for an error with line and column in a query."""
        match = FAULT_PLACE.match(message)
        if not match:
            return Fault(quad, message)
        lines = quad.object.value.split("\n")
        offset = sum(len(line) + 1 for line in lines[: int(match[1]) - 1]) + int(match[2]) - 1
        return Fault(quad, match[3], offset=min(offset, len(quad.object.value) - 1))

    def _undeclared_prefixes(self, node: Term) -> Iterator[Fault]:
        """Find ``sh:prefixes`` that declare none (section 5.2.1)."""
        for quad in self.index.about.get(node, ()):
            is_wrong = quad.predicate.value == SHACL + "prefixes" and is_node(quad.object)
            if is_wrong and not find_prefixes([quad.object], self.index.declared):
                expected = "an ontology with sh:declare, itself or by owl:imports"
                yield self.index.value_fault(quad, expected)


def _is_text(term: Term) -> bool:
    return isinstance(term, ox.Literal) and term.datatype.value == XSD + "string"


def _selects_this(stream: list[Token], offset: int) -> bool:
    """Tell whether the SELECT at an offset has ``$this``, or ``*`` and uses ``$this``."""
    after = [token for token in stream if token.offset > offset]
    names = selected_variables(after)
    return "this" in names or (not names and _uses(after, "this") is not None)


def _uses(stream: list[Token], name: str) -> Token | None:
    """Return the first use of a variable in a query, or None."""
    found = (token for token in stream if token.kind == "variable" and token.text[1:] == name)
    return next(found, None)
