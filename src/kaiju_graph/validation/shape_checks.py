"""Find shapes that SHACL does not allow, that have no effect, or that are not supported.

The rules are those of SHACL, appendix B (Summary of Syntax Rules), and of sections 5 and 6 for
SPARQL. A shape that breaks one is not applied: what it would find may be wrong.
"""

from __future__ import annotations

import re
from graphlib import CycleError, TopologicalSorter
from itertools import chain, pairwise
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.errors import InputError, LimitError
from kaiju_graph.project.layout import SHACL
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.notation import LEXICAL, term_text
from kaiju_graph.rdf.terms import FIRST, NIL, OWL, RDF, RDFS, REST, TYPE, XSD
from kaiju_graph.sparql import execute, guard
from kaiju_graph.sparql.prebinding import check_restrictions, replace_path, selected_variables
from kaiju_graph.sparql.tokens import tokens
from kaiju_graph.sparql.unknown_terms import find_defined_terms, find_unknown_terms, suggest_term
from kaiju_graph.validation.shapes import find_prefixes
from kaiju_graph.validation.vocabularies import (
    ADVANCED,
    CONSTRAINTS,
    TARGETS,
    TERM_VALUED,
    vocabulary,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from kaiju_graph.rdf.prefixes import Prefixes
    from kaiju_graph.rdf.terms import Quad, Term
    from kaiju_graph.sparql.tokens import Token

__all__ = ["DEFINED", "Fault", "ShapeChecker", "drop_shapes", "find_unresolved"]

DEFINED = "expected a term that an ontology defines"
CLASSES = (ox.NamedNode(RDFS + "Class"), ox.NamedNode(OWL + "Class"))
NODE_KINDS = "BlankNode IRI Literal BlankNodeOrIRI BlankNodeOrLiteral IRIOrLiteral".split()
REFERENCES = ("node", "property", "not", "qualifiedValueShape")
"""The parameters whose values are shapes."""
SHAPE_LISTS = ("and", "or", "xone")
"""The parameters whose values are lists of shapes."""
OF_PROPERTY = """lessThan lessThanOrEquals maxCount minCount qualifiedValueShape
    uniqueLang""".split()
"""The parameters that a node shape must not have."""
SINGLE = """closed datatype deactivated flags ignoredProperties in languageIn maxCount maxExclusive
    maxInclusive maxLength minCount minExclusive minInclusive minLength nodeKind optional path
    pattern qualifiedMaxCount qualifiedMinCount qualifiedValueShape qualifiedValueShapesDisjoint
    severity uniqueLang select ask""".split()
"""The parameters that have one value at most."""
STEPS = "alternativePath inversePath zeroOrMorePath oneOrMorePath zeroOrOnePath".split()
"""The properties of a path that is neither an IRI nor a list."""
VALIDATORS = ("validator", "nodeValidator", "propertyValidator")
TRUE = ox.Literal("true", datatype=ox.NamedNode(XSD + "boolean"))
SHAPE_CLASSES = (SHACL + "NodeShape", SHACL + "PropertyShape")
PREBOUND = frozenset({"this", "currentShape", "shapesGraph"})
RESERVED = PREBOUND | {"path", "PATH", "value"}
"""The names that a parameter of a component must not have (SHACL, section 6.2.1)."""
VARIABLE = re.compile(r"\w+")
STAND_IN = "<u:p>"
"""A path as long as ``$PATH``, so that places stay the same."""
FAULT_PLACE = re.compile(r"(?:[^:]*:)?(\d+):(\d+): (.*)", re.DOTALL)


class Fault(NamedTuple):
    """A statement of a shape that SHACL does not allow, or that has no effect."""

    quad: Quad
    message: str
    """``found …; expected …``"""
    part: str = "object"
    """The wrong term: ``subject``, ``predicate`` or ``object``."""
    offset: int | None = None
    """The offset of the wrong character, if the object is a literal such as a query."""
    severity: str = "error"
    is_usable: bool = False
    """True if the shape is applied all the same."""
    referred: Term | None = None
    """The faulty shape, if that is not the subject."""

    @property
    def shape(self) -> Term:
        """The faulty shape, or a node that belongs to one."""
        return self.referred or self.quad.subject


def drop_shapes(quads: list[Quad], faulty: Collection[Term]) -> list[Quad]:
    """Return the statements of the shapes that can be applied.

    Without a faulty shape, a shape that has it as ``sh:property`` or ``sh:sparql`` demands less,
    and what it still demands is right. Any other shape that refers to it could demand more.
    """
    users: dict[Term, list[Quad]] = {}
    uses: dict[Term, list[Quad]] = {}
    for quad in quads:
        users.setdefault(quad.object, []).append(quad)
        uses.setdefault(quad.predicate, []).append(quad)
    paths: dict[Term, Term] = {
        quad.subject: quad.object for quad in quads if _name(quad.predicate) == "path"
    }
    for quad in uses.get(ox.NamedNode(SHACL + "parameter"), ()):  # of a component
        path = paths.get(quad.object, quad.object)
        users.setdefault(quad.subject, []).extend(uses.get(path, ()))
    closed = {quad.subject for quad in quads if _name(quad.predicate) == "closed"}
    referenced = {
        quad.object
        for quad in quads
        if quad.predicate == FIRST
        or _name(quad.predicate) in ("node", "not", "qualifiedValueShape")
    }
    dropped = set(faulty)
    waiting = [*faulty]
    for node in waiting:
        for quad in users.get(node, ()):
            is_part = _name(quad.predicate) in ("property", "sparql")
            if is_part and quad.subject not in closed | referenced:
                continue
            if quad.subject not in dropped and quad.predicate != TYPE:
                dropped.add(quad.subject)
                waiting.append(quad.subject)
    return [quad for quad in quads if dropped.isdisjoint((quad.subject, quad.object))]


def find_unresolved(quads: list[Quad]) -> set[Term]:
    """Return the shapes and queries that refer to shapes or prefixes without a statement."""
    subjects: set[Term] = {quad.subject for quad in quads}
    objects: dict[tuple[Term, Term], list[Term]] = {}
    for quad in quads:
        objects.setdefault((quad.subject, quad.predicate), []).append(quad.object)

    def find(subject: Term, predicate: ox.NamedNode) -> list[Term]:
        return objects.get((subject, predicate), [])

    found: set[Term] = set()
    for quad in quads:
        name = _name(quad.predicate)
        if name == "prefixes" and not find_prefixes([quad.object], find):
            found.add(quad.subject)
        members = [quad.object] if name in REFERENCES else []
        if name in SHAPE_LISTS:
            members = terms.list_members(quad.object, lambda s, p: next(iter(find(s, p)), None))
        for member in members:
            if isinstance(member, ox.NamedNode) and member not in subjects:
                found.add(member)
    return found


def _name(term: Term) -> str:
    """Return the local name of a term of SHACL, or the whole text of another."""
    return term.value.removeprefix(SHACL)


def _is(*datatypes: str) -> Callable[[Term], bool]:
    """Return a function that tells whether a term is a literal of one of some datatypes."""
    lexical = LEXICAL.get(datatypes[0].removeprefix(XSD))

    def check(term: Term) -> bool:
        if not isinstance(term, ox.Literal) or term.datatype.value not in datatypes:
            return False
        return lexical is None or bool(lexical.fullmatch(term.value))

    return check


def _is_iri(term: Term) -> bool:
    return isinstance(term, ox.NamedNode)


def _is_literal(term: Term) -> bool:
    return isinstance(term, ox.Literal)


def _is_node(term: Term) -> bool:
    return not isinstance(term, ox.Literal)


VALUES: dict[str, tuple[Callable[[Term], bool], str]] = {
    parameter: (check, expected)
    for check, expected, parameters in (
        (
            _is(XSD + "integer"),
            "an xsd:integer",
            "minCount maxCount minLength maxLength qualifiedMinCount qualifiedMaxCount",
        ),
        (
            _is(XSD + "boolean"),
            "an xsd:boolean",
            "closed uniqueLang qualifiedValueShapesDisjoint deactivated optional",
        ),
        (_is(XSD + "string"), "an xsd:string", "pattern flags select ask"),
        (_is(XSD + "string", RDF + "langString"), "a text", "message name description"),
        (
            _is_iri,
            "an IRI",
            """class datatype disjoint equals lessThan lessThanOrEquals severity targetClass
            targetSubjectsOf targetObjectsOf""",
        ),
        (_is_literal, "a literal", "minExclusive minInclusive maxExclusive maxInclusive"),
        (
            lambda term: not isinstance(term, ox.BlankNode),
            "an IRI or a literal",
            "targetNode",
        ),
        (
            _is_node,
            "an IRI or a blank node",
            """node property not qualifiedValueShape sparql declare parameter validator
            nodeValidator propertyValidator prefixes""",
        ),
        (
            lambda term: term.value.removeprefix(SHACL) in NODE_KINDS,
            f"one of {', '.join(f'sh:{kind}' for kind in NODE_KINDS)}",
            "nodeKind",
        ),
    )
    for parameter in parameters.split()
}
"""Parameter → whether a value is allowed, and what is expected (SHACL, sections 2 to 6)."""
MEMBERS: dict[str, tuple[Callable[[Term], bool], str]] = {
    "and": (_is_node, "shapes"),
    "or": (_is_node, "shapes"),
    "xone": (_is_node, "shapes"),
    "in": (lambda term: not isinstance(term, ox.BlankNode), "IRIs and literals"),
    "languageIn": (_is(XSD + "string"), "languages, each an xsd:string"),
    "ignoredProperties": (_is_iri, "IRIs"),
}
"""Parameter whose value is a list → whether a member is allowed, and what is expected."""


class ShapeChecker:
    """Finds faults of shapes."""

    def __init__(self, quads: Iterable[Quad], registry: Iterable[Quad], prefixes: Prefixes) -> None:
        """Take the statements of shapes, those of the registry of prefixes, and the prefixes."""
        self.quads = [*quads]
        self.prefixes = prefixes
        self._about: dict[Term, list[Quad]] = {}
        self._users: dict[Term, list[Quad]] = {}
        self._declarations: dict[Term, list[Quad]] = {}
        for quad in self.quads:
            self._about.setdefault(quad.subject, []).append(quad)
            self._users.setdefault(quad.object, []).append(quad)
        for quad in (*self.quads, *registry):
            self._declarations.setdefault(quad.subject, []).append(quad)
        self.components = self._instances("ConstraintComponent")

    def check(
        self, ontology: Sequence[Quad] | None = None, *, is_complete: bool = True
    ) -> Iterator[Fault]:
        """Yield the faults of all shapes.

        Args:
            ontology: the statements of the ontologies; None if some are missing.
            is_complete: whether no statement of a shape is missing.
        """
        yield from self._check_values()
        yield from self._check_kinds()
        yield from self._check_recursion()
        yield from self._check_patterns()
        yield from self._check_queries(is_complete=is_complete)
        yield from self._check_support()
        if is_complete:
            yield from self._check_references()
            yield from self._check_components()
            yield from self._check_targets()
            yield from self._check_messages()
        if ontology is not None:
            yield from self._check_terms(ontology)
            if is_complete:
                yield from self._check_parameters(ontology)

    # Syntax rules of SHACL Core ----------------------------------------------

    def _check_values(self) -> Iterator[Fault]:
        """Find values of the wrong kind, and several values where one is allowed."""
        for quad in self.quads:
            name = _name(quad.predicate)
            is_allowed, expected = VALUES.get(name, (None, ""))
            if is_allowed and not is_allowed(quad.object):
                yield self._unexpected(quad, expected)
            elif name in MEMBERS:
                yield from self._check_list(quad, *MEMBERS[name])
            elif name == "path" and (problem := self._path_problem(quad.object)):
                yield Fault(quad, f"found {problem}; expected a path (SHACL, section 2.3.1)")
        for node, quads in self._about.items():
            for name in SINGLE:
                values = [quad for quad in quads if quad.predicate.value == SHACL + name]
                if len({quad.object for quad in values}) > 1:
                    message = f"found {len(values)} values of sh:{name} of {self._text(node)}"
                    yield Fault(values[1], f"{message}; expected one")

    def _check_list(
        self, quad: Quad, is_allowed: Callable[[Term], bool], expected: str
    ) -> Iterator[Fault]:
        members = self._members(quad.object)
        name = f"sh:{_name(quad.predicate)}"
        if members is None:
            yield self._unexpected(quad, f"a list of {expected}")
        elif not members and name in ("sh:and", "sh:or", "sh:xone"):
            yield Fault(quad, f"found an empty list as {name}; expected a list of {expected}")
        for member in members or ():
            if not is_allowed(member):
                message = f"found {self._text(member)} in the list of {name}; expected {expected}"
                yield Fault(quad, message)

    def _members(self, head: Term) -> list[Term] | None:
        """Return the members of a list, or None if it is not well-formed."""
        members: list[Term] = []
        seen = set()
        while head != NIL:
            firsts, rests = self._objects(head, FIRST), self._objects(head, REST)
            if head in seen or (len(firsts), len(rests)) != (1, 1):
                return None
            seen.add(head)
            members += firsts
            (head,) = rests
        return members

    def _path_problem(self, path: Term) -> str:
        """Return what is wrong with a path; empty if nothing is."""
        parts: dict[Term, list[Term]] = {path: []}
        for node in (waiting := [path]):
            if isinstance(node, ox.NamedNode) and node != NIL:
                continue
            if isinstance(node, ox.Literal) or node == NIL:
                return self._text(node) if node != NIL else "an empty list"
            steps = [quad for quad in self._about.get(node, ()) if _name(quad.predicate) in STEPS]
            is_list = not steps or bool(self._objects(node, FIRST))
            if not is_list and len(self._about[node]) > 1:
                return "a path with more than one statement"
            members: list[Term] | None = [quad.object for quad in steps]
            if is_list or _name(steps[0].predicate) == STEPS[0]:
                members = self._members(node if is_list else steps[0].object)
                if members is None:
                    return "a blank node" if is_list else self._text(steps[0].object)
                if len(members) < 2:  # noqa: PLR2004 (a sequence or choice of paths)
                    return "a list of one path"
            waiting += [part for part in members or () if part not in parts]
            parts[node] = members or []
            parts |= {part: [] for part in members or () if part not in parts}
        try:
            TopologicalSorter(parts).prepare()
        except CycleError:
            return "a path that contains itself"
        return ""

    def _check_kinds(self) -> Iterator[Fault]:
        """Find node shapes with a path or its constraints, and property shapes without a path."""
        for node, quads in self._about.items():
            has_path = any(_name(quad.predicate) == "path" for quad in quads)
            for quad in quads:
                name = _name(quad.predicate)
                if name in OF_PROPERTY and not has_path:
                    message = f"found sh:{name} of {self._text(node)}, a shape without sh:path"
                    yield Fault(quad, f"{message}; expected a property shape", "predicate")
                if quad.predicate == TYPE and quad.object.value == SHACL + "NodeShape" and has_path:
                    yield Fault(quad, "found a node shape with sh:path; expected none")
                is_property = quad.object.value == SHACL + "PropertyShape"
                if quad.predicate == TYPE and is_property and not has_path:
                    yield Fault(quad, "found a property shape without sh:path; expected a path")

    def _check_references(self) -> Iterator[Fault]:
        """Find references to what is no shape, or one of another kind."""
        for quad in self.quads:
            name = _name(quad.predicate)
            if name not in REFERENCES or isinstance(quad.object, ox.Literal):
                continue
            about = self._about.get(quad.object, [])
            has_path = any(_name(other.predicate) == "path" for other in about)
            if not about and isinstance(quad.object, ox.NamedNode):
                yield self._unexpected(quad, "a shape that a file of shapes describes")._replace(
                    referred=quad.object
                )
            elif name == "property" and not has_path:
                yield self._unexpected(quad, "a shape with sh:path")._replace(referred=quad.object)
            elif name == "node" and has_path:
                yield self._unexpected(quad, "a shape without sh:path")._replace(
                    referred=quad.object
                )

    def _check_recursion(self) -> Iterator[Fault]:
        """Find shapes that refer to themselves (section 3.4.3)."""
        links: dict[Term, dict[Term, Quad]] = {}
        for quad in self.quads:
            name = _name(quad.predicate)
            members = [quad.object] if name in REFERENCES else []
            if name in SHAPE_LISTS:
                members = self._members(quad.object) or []
            for member in members:
                links.setdefault(quad.subject, {}).setdefault(member, quad)
        while True:
            try:
                TopologicalSorter(links).prepare()
            except CycleError as error:
                cycle: list[Term] = error.args[1][::-1]  # each refers to the next
                named = [self._text(node) for node in cycle if isinstance(node, ox.NamedNode)]
                way = " → ".join(dict.fromkeys(named)) or "a shape"
                message = f"found {way}, which refers to itself; "
                message += "expected none, as SHACL leaves its meaning open (section 3.4.3)"
                steps = [links[a][b] for a, b in pairwise(cycle)]
                first = min(steps, key=self.quads.index)
                yield Fault(first, message)
                for step, after in pairwise(cycle):
                    links[step].pop(after, None)
            else:
                return

    def _check_patterns(self) -> Iterator[Fault]:
        """Find patterns and flags that SPARQL's REGEX does not have."""
        for node, quads in self._about.items():
            patterns = [
                q for q in quads if _name(q.predicate) == "pattern" and _is_literal(q.object)
            ]
            flags = [q for q in quads if _name(q.predicate) == "flags" and _is_literal(q.object)]
            if patterns or flags:
                from kaiju_graph.validation.value_constraints import is_pattern
            if flags and not patterns:
                message = f"found sh:flags of {self._text(node)} without sh:pattern; expected both"
                yield Fault(flags[0], message, "predicate", is_usable=True)
            for quad in flags:
                if not is_pattern("", quad.object.value):
                    yield self._unexpected(quad, "some of the letters i, m, q, s and x")
            for quad in patterns:
                if not is_pattern(quad.object.value, ""):
                    yield self._unexpected(quad, "a pattern of REGEX")

    # SPARQL ------------------------------------------------------------------

    def _check_components(self) -> Iterator[Fault]:
        """Find components without parameters or validators, and wrong parameters (section 6.2)."""
        for component in self.components:
            quads = self._about[component]
            first = quads[0]
            name = self._text(component)
            parameters = self._values(component, "parameter")
            if not parameters:
                message = f"found the component {name} without sh:parameter; expected one"
                yield Fault(first, message, "subject")
            seen: set[str] = set()
            for parameter in parameters:
                declaration = next(q for q in quads if q.object == parameter)
                paths = self._values(parameter, "path")
                if len(paths) != 1 or not isinstance(paths[0], ox.NamedNode):
                    message = f"found a parameter of {name} without a property as sh:path"
                    yield Fault(declaration, f"{message}; expected one")
                    continue
                local = _local_name(paths[0])
                if local in RESERVED or not VARIABLE.fullmatch(local) or local in seen:
                    reason = (
                        "a new name for a variable" if local in seen else "the name of a variable"
                    )
                    (path,) = (q for q in self._about[parameter] if _name(q.predicate) == "path")
                    message = f"found the parameter {local!r} of {name}; expected {reason}"
                    yield Fault(path, f"{message} other than {', '.join(sorted(RESERVED))}")
                seen.add(local)
            if not any(self._values(component, kind) for kind in VALIDATORS):
                message = f"found the component {name} without a validator; expected sh:validator"
                yield Fault(
                    first, f"{message}, sh:nodeValidator or sh:propertyValidator", "subject"
                )
            for kind, form in zip(VALIDATORS, ("ask", "select", "select"), strict=True):
                for quad in quads:
                    if _name(quad.predicate) == kind and not self._values(quad.object, form):
                        message = f"found sh:{kind} of {name} without sh:{form}"
                        yield Fault(quad, f"{message}; expected a query")
            yield from self._check_uses(component)

    def _check_uses(self, component: Term) -> Iterator[Fault]:
        """Find shapes with some of the parameters that a component demands, but not all."""
        name = self._text(component)
        paths = {
            path: TRUE not in self._values(parameter, "optional")
            for parameter in self._values(component, "parameter")
            for path in self._values(parameter, "path")
        }
        demanded = {path for path, is_demanded in paths.items() if is_demanded}
        validators = [kind for kind in VALIDATORS if self._values(component, kind)]
        for node, quads in self._about.items():
            used = [quad for quad in quads if quad.predicate in paths]
            missing = sorted(map(self._text, demanded - {quad.predicate for quad in used}))
            if used and missing:
                message = f"found {self._text(used[0].predicate)} without {missing[0]}"
                message += f"; expected both, as {name} demands: it is not applied"
                yield Fault(used[0], message, "predicate", severity="warning", is_usable=True)
            elif used and validators and not self._validators(component, node):
                kind = "property" if self._values(node, "path") else "node"
                message = f"found {self._text(used[0].predicate)}; {name} has no validator for"
                yield Fault(used[0], f"{message} a {kind} shape; expected one", "predicate")

    def _validators(self, component: Term, node: Term) -> list[Term]:
        """Return the validators of a component for a shape."""
        kind = "propertyValidator" if self._values(node, "path") else "nodeValidator"
        return self._values(component, kind) or self._values(component, "validator")

    def _check_queries(self, *, is_complete: bool) -> Iterator[Fault]:
        """Find queries that SPARQL or SHACL does not allow (sections 5 and 6)."""
        for node in dict.fromkeys(chain(*(self._of(kind) for kind in ("sparql", *VALIDATORS)))):
            undeclared = [*self._undeclared_prefixes(node)]
            if undeclared and not is_complete:
                continue
            faults = [
                fault
                for form in ("select", "ask")
                for quad in self._about.get(node, ())
                if quad.predicate.value == SHACL + form and VALUES[form][0](quad.object)
                for fault in self._check_query(quad, form)
            ]
            if undeclared and any("the prefix" in fault.message for fault in faults):
                yield from undeclared
                continue
            yield from faults
            yield from (f._replace(severity="warning", is_usable=True) for f in undeclared)
            for quad in self._users[node]:
                is_sparql = _name(quad.predicate) == "sparql" and _is_node(node)
                if is_sparql and not self._values(node, "select"):
                    yield Fault(quad, "found sh:sparql without sh:select; expected a query")

    def _check_query(self, quad: Quad, form: str) -> Iterator[Fault]:
        text = quad.object.value
        users = [
            q for q in self._users[quad.subject] if _name(q.predicate) in ("sparql", *VALIDATORS)
        ]
        components = [q.subject for q in users if _name(q.predicate) != "sparql"]
        names = {*PREBOUND, *({"value"} if form == "ask" else ())}
        for component in components:
            for parameter in self._values(component, "parameter"):
                names.update(map(_local_name, self._values(parameter, "path")))
        prefixes = find_prefixes(self._values(quad.subject, "prefixes"), self._declared)
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
        found = guard.find_form(text)
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
        kind = _name(use.predicate)
        return kind == "nodeValidator" or (
            kind == "sparql" and not self._values(use.subject, "path")
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
        for quad in self._about.get(node, ()):
            is_wrong = quad.predicate.value == SHACL + "prefixes" and _is_node(quad.object)
            if is_wrong and not find_prefixes([quad.object], self._declared):
                expected = "an ontology with sh:declare, itself or by owl:imports"
                yield self._unexpected(quad, expected)

    # What has no effect ------------------------------------------------------

    def _check_support(self) -> Iterator[Fault]:
        """Find terms of SHACL that are not supported."""
        links: dict[Term, list[Term]] = {}
        for quad in self.quads:
            if isinstance(quad.object, ox.BlankNode):
                links.setdefault(quad.subject, []).append(quad.object)
        kinds = [
            quad for quad in self.quads if quad.predicate == TYPE and _name(quad.object) in ADVANCED
        ]
        uses = [quad for quad in self.quads if _name(quad.predicate) in ADVANCED]
        values = (quad.object for quad in uses if isinstance(quad.object, ox.BlankNode))
        inside = terms.closure(values, links)
        outside = [quad for quad in kinds if quad.subject not in inside]
        yield from (_unsupported(quad, "object") for quad in outside)
        inside |= {quad.subject for quad in outside}
        for quad in uses:
            if _name(quad.predicate) == "entailment":
                message = "found sh:entailment; expected none, as shapes see only what is asserted"
                yield Fault(quad, message, "predicate")
            elif quad.subject not in inside:
                yield _unsupported(quad, "predicate")

    def _check_parameters(self, ontology: Sequence[Quad]) -> Iterator[Fault]:
        """Find properties of shapes that may be parameters of components that nothing defines."""
        parameters = {
            path
            for component in self.components
            for parameter in self._values(component, "parameter")
            for path in self._values(parameter, "path")
        }
        known: set[Term] = parameters.union(quad.subject for quad in (*self.quads, *ontology))
        seen: set[Term] = set()
        for quad in self.quads:
            predicate = quad.predicate
            is_shape = any(_is_of_shape(other) for other in self._about[quad.subject])
            if is_shape and predicate not in known | seen and not vocabulary(predicate):
                seen.add(predicate)
                message = f"found {self._text(predicate)}; expected a parameter of SHACL, of a "
                message += "component or a declared property: it constrains nothing"
                yield Fault(quad, message, "predicate", severity="warning", is_usable=True)

    def _check_targets(self) -> Iterator[Fault]:
        """Find shapes that nothing selects."""
        links: dict[Term, list[Term]] = {}
        for quad in self.quads:
            links.setdefault(quad.subject, []).append(quad.object)
        # A shape that is also a class targets its instances (SHACL, section 2.1.3.3).
        start = (
            quad.subject
            for quad in self.quads
            if _name(quad.predicate) in (*TARGETS, "target") or quad.object in CLASSES
        )
        reached = terms.closure(start, links) | {
            q.object for q in self.quads if q.object != q.subject
        }
        expected = "expected one, or a shape that leads to it"
        for subject, quads in self._about.items():
            if subject not in reached and any(map(_is_of_shape, quads)):
                message = f"found {self._shape(subject)} without a target; {expected}"
                yield Fault(quads[0], message, "subject", is_usable=True)

    def _check_messages(self) -> Iterator[Fault]:
        """Find named shapes with a constraint and without a message."""
        for subject, quads in self._about.items():
            if isinstance(subject, ox.BlankNode):
                continue
            own = [subject, *self._values(subject, "sparql")]
            is_explained = any(self._values(node, "message") for node in own)
            if not is_explained and any(_name(quad.predicate) in CONSTRAINTS for quad in quads):
                message = f"found {self._shape(subject)} without sh:message"
                message += "; expected a sentence that states the rule"
                yield Fault(quads[0], message, "subject", is_usable=True)

    def _check_terms(self, ontology: Sequence[Quad]) -> Iterator[Fault]:
        """Find classes, properties and individuals that no ontology defines."""
        defined = find_defined_terms(ontology)
        subjects = self._about.keys() | {quad.subject for quad in ontology}
        seen: set[Term] = set()
        for quad in self.quads:
            term = quad.object
            if isinstance(term, ox.NamedNode) and term not in subjects | seen:
                near = suggest_term(term.value, defined, self.prefixes)
                is_term = _name(quad.predicate) in TERM_VALUED and not vocabulary(term)
                if near is not None or is_term:
                    seen.add(term)
                    yield Fault(quad, f"found {self._text(term)}; {DEFINED}{near or ''}")
            elif quad.predicate.value in (SHACL + "select", SHACL + "ask") and _is_literal(term):
                unknown: Mapping[str, set[str]] = defined
                for token, _, near in find_unknown_terms(term.value, unknown, self.prefixes):
                    message = f"found {token.text}; {DEFINED}{near}"
                    yield Fault(quad, message, offset=token.offset)

    # Look-ups ----------------------------------------------------------------

    def _objects(self, node: Term, predicate: ox.NamedNode) -> list[Term]:
        return [quad.object for quad in self._about.get(node, ()) if quad.predicate == predicate]

    def _declared(self, node: Term, predicate: ox.NamedNode) -> list[Term]:
        """Return the objects of a subject and predicate, also in the registry of prefixes."""
        quads = self._declarations.get(node, ())
        return [quad.object for quad in quads if quad.predicate == predicate]

    def _values(self, node: Term, name: str) -> list[Term]:
        """Return the values of a property of SHACL."""
        return self._objects(node, ox.NamedNode(SHACL + name))

    def _of(self, name: str) -> Iterator[Term]:
        """Yield the objects of a property of SHACL."""
        return (quad.object for quad in self.quads if quad.predicate.value == SHACL + name)

    def _instances(self, name: str) -> list[Term]:
        """Return the instances of a class of SHACL or of its subclasses."""
        kinds: set[Term] = {ox.NamedNode(SHACL + name)}
        kinds |= {
            quad.subject
            for quad in self.quads
            if quad.predicate == terms.SUB_CLASS_OF and quad.object in kinds
        }
        found = (q.subject for q in self.quads if q.predicate == TYPE and q.object in kinds)
        return [*dict.fromkeys(found)]

    def _text(self, term: Term) -> str:
        return "a blank node" if isinstance(term, ox.BlankNode) else term_text(term, self.prefixes)

    def _shape(self, node: Term) -> str:
        return "a shape" if isinstance(node, ox.BlankNode) else self._text(node)

    def _unexpected(self, quad: Quad, expected: str) -> Fault:
        """Return the fault of a value that a property of SHACL does not allow."""
        found = f"{self._text(quad.object)} as sh:{_name(quad.predicate)}"
        return Fault(quad, f"found {found}; expected {expected}")


def _is_of_shape(quad: Quad) -> bool:
    """Tell whether only shapes have such a statement."""
    parameters = {"path", "property", "node", *CONSTRAINTS}
    return _name(quad.predicate) in parameters or quad.object.value in SHAPE_CLASSES


def _unsupported(quad: Quad, part: str) -> Fault:
    """Return the warning for a term of SHACL that is not supported."""
    name = _name(getattr(quad, part))
    message = f"found sh:{name}; expected SHACL Core or SHACL-SPARQL: {ADVANCED[name]}"
    return Fault(quad, message, part, severity="warning", is_usable=True)


def _local_name(path: Term) -> str:
    return path.value.rpartition("#")[2].rpartition("/")[2]


def _selects_this(stream: list[Token], offset: int) -> bool:
    """Tell whether the SELECT at an offset has ``$this``, or ``*`` and uses ``$this``."""
    after = [token for token in stream if token.offset > offset]
    names = selected_variables(after)
    return "this" in names or (not names and _uses(after, "this") is not None)


def _uses(stream: list[Token], name: str) -> Token | None:
    """Return the first use of a variable in a query, or None."""
    found = (token for token in stream if token.kind == "variable" and token.text[1:] == name)
    return next(found, None)
