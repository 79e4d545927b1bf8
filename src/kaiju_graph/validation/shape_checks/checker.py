"""Find shapes that SHACL does not allow, that have no effect, or that are not supported.

The rules are those of SHACL, appendix B (Summary of Syntax Rules). A shape that breaks one is not
applied: what it would find may be wrong.
"""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.project.layout import SHACL
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.notation import LEXICAL
from kaiju_graph.rdf.terms import FIRST, NIL, OWL, RDF, RDFS, SUB_CLASS_OF, TYPE, XSD
from kaiju_graph.sparql.unknown_terms import find_defined_terms, find_unknown_terms, suggest_term
from kaiju_graph.validation.shape_checks.index import Fault, ShapeIndex, is_node, local_name
from kaiju_graph.validation.shape_checks.queries import QueryChecker
from kaiju_graph.validation.shapes import DECLARE, IMPORTS, find_prefixes
from kaiju_graph.validation.vocabularies import (
    ADVANCED,
    CONSTRAINTS,
    TARGETS,
    TERM_VALUED,
    vocabulary,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from kaiju_graph.rdf.prefixes import Prefixes
    from kaiju_graph.rdf.terms import Quad, Term

__all__ = ["DEFINED", "ShapeChecker", "drop_shapes", "find_dependents", "find_unresolved"]

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
SINGLE = frozenset(
    """closed datatype deactivated flags ignoredProperties in languageIn maxCount maxExclusive
    maxInclusive maxLength minCount minExclusive minInclusive minLength nodeKind optional path
    pattern qualifiedMaxCount qualifiedMinCount qualifiedValueShape qualifiedValueShapesDisjoint
    severity uniqueLang select ask""".split()
)
"""The parameters that have one value at most."""
COMPANIONS = {
    "flags": ("pattern",),
    "ignoredProperties": ("closed",),
    "qualifiedValueShape": ("qualifiedMinCount", "qualifiedMaxCount"),
    "qualifiedMinCount": ("qualifiedValueShape",),
    "qualifiedMaxCount": ("qualifiedValueShape",),
    "qualifiedValueShapesDisjoint": ("qualifiedValueShape",),
}
"""Parameter that has no effect alone → the parameters of which it needs one."""
STEPS = "alternativePath inversePath zeroOrMorePath oneOrMorePath zeroOrOnePath".split()
"""The properties of a path that is neither an IRI nor a list."""
NAMED = TERM_VALUED | {"targetNode", "hasValue"}
"""The properties whose values are classes, properties or nodes, if they are IRIs."""
SHAPE_CLASSES = (SHACL + "NodeShape", SHACL + "PropertyShape")


def drop_shapes(quads: list[Quad], faulty: Collection[Term]) -> list[Quad]:
    """Return the statements of the shapes that can be applied."""
    dropped = find_dependents(quads, faulty)
    return [
        quad
        for quad in quads
        if quad.subject not in dropped and not (quad.object in dropped and _refers(quad))
    ]


def find_dependents(quads: list[Quad], faulty: Collection[Term]) -> set[Term]:
    """Return faulty shapes, and those that cannot be applied without them.

    Without a faulty shape, a shape that has it as ``sh:property`` or ``sh:sparql`` demands less,
    and what it still demands is right. Any other shape that refers to it could demand more.
    """
    users: dict[Term, list[Quad]] = {}
    uses: dict[Term, list[Quad]] = {}
    for quad in quads:
        users.setdefault(quad.object, []).append(quad)
        uses.setdefault(quad.predicate, []).append(quad)
    paths: dict[Term, Term] = {
        quad.subject: quad.object for quad in quads if local_name(quad.predicate) == "path"
    }
    for quad in uses.get(ox.NamedNode(SHACL + "parameter"), ()):  # of a component
        path = paths.get(quad.object, quad.object)
        users.setdefault(quad.subject, []).extend(uses.get(path, ()))
    closed = {quad.subject for quad in quads if local_name(quad.predicate) == "closed"}
    referenced = {
        quad.object
        for quad in quads
        if quad.predicate == FIRST
        or local_name(quad.predicate) in ("node", "not", "qualifiedValueShape")
    }
    dropped = set(faulty)
    waiting = [*faulty]
    for node in waiting:
        for quad in users.get(node, ()):
            is_part = local_name(quad.predicate) in ("property", "sparql")
            if is_part and quad.subject not in closed | referenced:
                continue
            if quad.subject not in dropped and _refers(quad):
                dropped.add(quad.subject)
                waiting.append(quad.subject)
    return dropped


def _refers(quad: Quad) -> bool:
    """Tell whether the object of a quad may be meant as a shape or a part of one.

    The IRI of a class or value is not: a shape that is also a class may be a target of others.
    """
    if isinstance(quad.object, ox.BlankNode):
        return True
    return quad.predicate not in (TYPE, SUB_CLASS_OF) and local_name(quad.predicate) not in NAMED


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
        name = local_name(quad.predicate)
        if name == "prefixes" and not find_prefixes([quad.object], find):
            found.add(quad.subject)
        members = [quad.object] if name in REFERENCES else []
        if name in SHAPE_LISTS:
            members = terms.list_members(quad.object, lambda s, p: next(iter(find(s, p)), None))
        for member in members:
            if isinstance(member, ox.NamedNode) and member not in subjects:
                found.add(member)
    return found


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


BOOLEANS = "closed uniqueLang qualifiedValueShapesDisjoint deactivated optional"
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
            BOOLEANS,
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
            is_node,
            "an IRI or a blank node",
            """node property not qualifiedValueShape sparql declare parameter validator
            nodeValidator propertyValidator prefixes""",
        ),
        (
            lambda term: _is_iri(term) and local_name(term) in NODE_KINDS,
            f"one of {', '.join(f'sh:{kind}' for kind in NODE_KINDS)}",
            "nodeKind",
        ),
    )
    for parameter in parameters.split()
}
"""Parameter → whether a value is allowed, and what is expected (SHACL, sections 2 to 6)."""
MEMBERS: dict[str, tuple[Callable[[Term], bool], str]] = {
    "and": (is_node, "shapes"),
    "or": (is_node, "shapes"),
    "xone": (is_node, "shapes"),
    "in": (lambda term: not isinstance(term, ox.BlankNode), "IRIs and literals"),
    "languageIn": (_is(XSD + "string"), "languages, each an xsd:string"),
    "ignoredProperties": (_is_iri, "IRIs"),
}
"""Parameter whose value is a list → whether a member is allowed, and what is expected."""


class ShapeChecker:
    """Finds faults of shapes."""

    def __init__(self, quads: Iterable[Quad], registry: Iterable[Quad], prefixes: Prefixes) -> None:
        """Take the statements of shapes, those of the registry of prefixes, and the prefixes."""
        self.index = ShapeIndex(quads, registry, prefixes)

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
        yield from self._check_companions()
        queries = QueryChecker(self.index)
        yield from queries.check_queries(is_complete=is_complete)
        yield from self._check_support()
        if is_complete:
            yield from self._check_references()
            yield from queries.check_components()
            yield from self._check_targets()
            yield from self._check_messages()
        if ontology is not None:
            yield from self._check_imports(ontology)
            yield from self._check_terms(ontology)
            if is_complete:
                yield from self._check_parameters(ontology)

    # Syntax rules of SHACL Core ----------------------------------------------

    def _check_values(self) -> Iterator[Fault]:
        """Find values of the wrong kind, and several values where one is allowed."""
        for quad in self.index.quads:
            name = local_name(quad.predicate)
            is_allowed, expected = VALUES.get(name, (None, ""))
            if is_allowed and not is_allowed(quad.object):
                yield self.index.value_fault(quad, expected)
            elif name in MEMBERS:
                yield from self._check_list(quad, *MEMBERS[name])
            elif name in BOOLEANS.split() and quad.object.value == "1":
                message = f"found {self.index.text(quad.object)} as sh:{name}; expected true, "
                message += "as only that literal has an effect"
                yield Fault(quad, message, severity="warning", is_usable=True)
            elif name == "path" and (problem := self._path_problem(quad.object)):
                yield Fault(quad, f"found {problem}; expected a path (SHACL, section 2.3.1)")
        for node, quads in self.index.about.items():
            values: dict[str, list[Quad]] = {}
            for quad in quads:
                values.setdefault(local_name(quad.predicate), []).append(quad)
            for name in sorted(SINGLE & values.keys()):
                if len({quad.object for quad in values[name]}) > 1:
                    message = f"found {len(values[name])} values of sh:{name} of "
                    message += f"{self.index.text(node)}; expected one"
                    yield Fault(values[name][1], message)

    def _check_list(
        self, quad: Quad, is_allowed: Callable[[Term], bool], expected: str
    ) -> Iterator[Fault]:
        members = self.index.members(quad.object)
        name = f"sh:{local_name(quad.predicate)}"
        if members is None:
            yield self.index.value_fault(quad, f"a list of {expected}")
        elif not members and name in ("sh:and", "sh:or", "sh:xone"):
            yield Fault(quad, f"found an empty list as {name}; expected a list of {expected}")
        for member in members or ():
            if not is_allowed(member):
                found = f"found {self.index.text(member)} in the list of {name}"
                yield Fault(quad, f"{found}; expected {expected}")

    def _path_problem(self, path: Term) -> str:
        """Return what is wrong with a path; empty if nothing is."""
        parts: dict[Term, list[Term]] = {path: []}
        for node in (waiting := [path]):
            if isinstance(node, ox.NamedNode) and node != NIL:
                continue
            if isinstance(node, ox.Literal) or node == NIL:
                return self.index.text(node) if node != NIL else "an empty list"
            quads = self.index.about.get(node, [])
            steps = [quad for quad in quads if local_name(quad.predicate) in STEPS]
            is_list = not steps or bool(self.index.objects(node, FIRST))
            if not is_list and len(quads) > 1:
                return "a path with more than one statement"
            members: list[Term] | None = [quad.object for quad in steps]
            if is_list or local_name(steps[0].predicate) == STEPS[0]:
                members = self.index.members(node if is_list else steps[0].object)
                if members is None:
                    return "a blank node" if is_list else self.index.text(steps[0].object)
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
        for node, quads in self.index.about.items():
            has_path = any(local_name(quad.predicate) == "path" for quad in quads)
            for quad in quads:
                name = local_name(quad.predicate)
                if name in OF_PROPERTY and not has_path:
                    message = f"found sh:{name} of {self.index.text(node)}, a shape without sh:path"
                    yield Fault(quad, f"{message}; expected a property shape", "predicate")
                if quad.predicate == TYPE and quad.object.value == SHACL + "NodeShape" and has_path:
                    yield Fault(quad, "found a node shape with sh:path; expected none")
                is_property = quad.object.value == SHACL + "PropertyShape"
                if quad.predicate == TYPE and is_property and not has_path:
                    yield Fault(quad, "found a property shape without sh:path; expected a path")

    def _check_references(self) -> Iterator[Fault]:
        """Find references to nodes that are not shapes, or are shapes of another kind."""
        for quad in self.index.quads:
            name = local_name(quad.predicate)
            if name not in REFERENCES or isinstance(quad.object, ox.Literal):
                continue
            about = self.index.about.get(quad.object, [])
            has_path = any(local_name(other.predicate) == "path" for other in about)
            expected = ""
            if not about and isinstance(quad.object, ox.NamedNode):
                expected = "a shape that a file of shapes describes"
            elif name == "property" and not has_path:
                expected = "a shape with sh:path"
            elif name == "node" and has_path:
                expected = "a shape without sh:path"
            if expected:
                yield self.index.value_fault(quad, expected)._replace(referred=quad.object)

    def _check_recursion(self) -> Iterator[Fault]:
        """Find shapes that refer to themselves (section 3.4.3)."""
        links: dict[Term, dict[Term, Quad]] = {}
        for quad in self.index.quads:
            name = local_name(quad.predicate)
            members = [quad.object] if name in REFERENCES else []
            if name in SHAPE_LISTS:
                members = self.index.members(quad.object) or []
            for member in members:
                if member == quad.subject:
                    yield self._recursion(quad, [member])
                else:
                    links.setdefault(quad.subject, {}).setdefault(member, quad)
        numbers = {quad: number for number, quad in enumerate(self.index.quads)}
        while True:
            try:
                TopologicalSorter(links).prepare()
            except CycleError as error:
                cycle: list[Term] = error.args[1][::-1]  # each refers to the next
                steps = [links[a][b] for a, b in pairwise(cycle)]
                yield self._recursion(min(steps, key=numbers.__getitem__), cycle)
                for step, after in pairwise(cycle):
                    links[step].pop(after, None)
            else:
                return

    def _recursion(self, quad: Quad, cycle: list[Term]) -> Fault:
        """Return the fault of shapes that refer to each other."""
        named = [self.index.text(node) for node in cycle if isinstance(node, ox.NamedNode)]
        way = " → ".join(dict.fromkeys(named)) or "a shape"
        expected = "none, as SHACL leaves its meaning open (section 3.4.3)"
        return Fault(quad, f"found {way}, which refers to itself; expected {expected}")

    def _check_patterns(self) -> Iterator[Fault]:
        """Find patterns and flags that SPARQL's REGEX does not have."""
        for quads in self.index.about.values():
            texts = [quad for quad in quads if _is_literal(quad.object)]
            patterns = [quad for quad in texts if local_name(quad.predicate) == "pattern"]
            flags = [quad for quad in texts if local_name(quad.predicate) == "flags"]
            if patterns or flags:
                from kaiju_graph.validation.shacl.value_constraints import is_pattern
            for quad in flags:
                if not is_pattern("", quad.object.value):
                    yield self.index.value_fault(quad, "some of the letters i, m, q, s and x")
            for quad in patterns:
                if not is_pattern(quad.object.value, ""):
                    yield self.index.value_fault(quad, "a pattern of REGEX")

    def _check_companions(self) -> Iterator[Fault]:
        """Find parameters that have no effect without another (section 2.1.1)."""
        for node, quads in self.index.about.items():
            names = {local_name(quad.predicate): quad for quad in reversed(quads)}
            for name in sorted(COMPANIONS.keys() & names.keys()):
                if names.keys().isdisjoint(COMPANIONS[name]):
                    others = " or ".join(f"sh:{other}" for other in COMPANIONS[name])
                    message = f"found sh:{name} of {self.index.text(node)} without {others}"
                    needed = "it" if len(COMPANIONS[name]) == 1 else "one of them"
                    message += f"; expected {needed}, as sh:{name} alone has no effect"
                    fault = Fault(names[name], message, "predicate", severity="warning")
                    yield fault._replace(is_usable=True)

    # What has no effect ------------------------------------------------------

    def _check_support(self) -> Iterator[Fault]:
        """Find terms of SHACL that are not supported."""
        links: dict[Term, list[Term]] = {}
        for quad in self.index.quads:
            if isinstance(quad.object, ox.BlankNode):
                links.setdefault(quad.subject, []).append(quad.object)
        types = (quad for quad in self.index.quads if quad.predicate == TYPE)
        kinds = [quad for quad in types if local_name(quad.object) in ADVANCED]
        uses = [quad for quad in self.index.quads if local_name(quad.predicate) in ADVANCED]
        values = (quad.object for quad in uses if isinstance(quad.object, ox.BlankNode))
        inside = terms.closure(values, links)
        outside = [quad for quad in kinds if quad.subject not in inside]
        yield from (_unsupported(quad, "object") for quad in outside)
        inside |= {quad.subject for quad in outside}
        for quad in uses:
            if local_name(quad.predicate) == "entailment":
                message = "found sh:entailment; expected none, as shapes see only what is asserted"
                yield Fault(quad, message, "predicate")
            elif quad.subject not in inside:
                yield _unsupported(quad, "predicate")

    def _check_imports(self, ontology: Sequence[Quad]) -> Iterator[Fault]:
        """Find imports of what no file has; nothing is fetched (section 3.1)."""
        known = {*self.index.about, *(quad.subject for quad in ontology)}
        for quad in self.index.quads:
            if quad.predicate != IMPORTS or self.index.declared(quad.object, DECLARE):
                continue
            if quad.object not in known:
                message = f"found owl:imports of {self.index.text(quad.object)}, which no file "
                message += "describes; expected its file, as nothing is fetched"
                yield Fault(quad, message, severity="warning", is_usable=True)

    def _check_parameters(self, ontology: Sequence[Quad]) -> Iterator[Fault]:
        """Find properties of shapes that may be parameters of components that nothing defines."""
        parameters = {
            path
            for component in self.index.components
            for parameter in self.index.values(component, "parameter")
            for path in self.index.values(parameter, "path")
        }
        known: set[Term] = parameters.union(quad.subject for quad in (*self.index.quads, *ontology))
        seen: set[Term] = set()
        for quad in self.index.quads:
            predicate = quad.predicate
            if predicate in known or predicate in seen or vocabulary(predicate):
                continue
            if any(map(_is_of_shape, self.index.about[quad.subject])):
                seen.add(predicate)
                message = f"found {self.index.text(predicate)}; expected a parameter of SHACL, "
                message += "of a component or a declared property: it constrains nothing"
                yield Fault(quad, message, "predicate", severity="warning", is_usable=True)

    def _check_targets(self) -> Iterator[Fault]:
        """Find shapes that nothing selects."""
        links: dict[Term, list[Term]] = {}
        for quad in self.index.quads:
            links.setdefault(quad.subject, []).append(quad.object)
        # A shape that is also a class targets its instances (SHACL, section 2.1.3.3).
        start = (
            quad.subject
            for quad in self.index.quads
            if local_name(quad.predicate) in (*TARGETS, "target") or quad.object in CLASSES
        )
        reached = terms.closure(start, links) | {
            q.object for q in self.index.quads if q.object != q.subject
        }
        expected = "expected one, or a shape that leads to it"
        for subject, quads in self.index.about.items():
            if subject not in reached and any(map(_is_of_shape, quads)):
                message = f"found {self._shape(subject)} without a target; {expected}"
                yield Fault(quads[0], message, "subject", is_usable=True)

    def _check_messages(self) -> Iterator[Fault]:
        """Find named shapes with a constraint and without a message."""
        for subject, quads in self.index.about.items():
            if isinstance(subject, ox.BlankNode):
                continue
            own = [subject, *self.index.values(subject, "sparql")]
            is_explained = any(self.index.values(node, "message") for node in own)
            names = {local_name(quad.predicate) for quad in quads}
            if not is_explained and not names.isdisjoint(CONSTRAINTS):
                message = f"found {self._shape(subject)} without sh:message"
                message += "; expected a sentence that states the rule"
                yield Fault(quads[0], message, "subject", is_usable=True)

    def _check_terms(self, ontology: Sequence[Quad]) -> Iterator[Fault]:
        """Find classes, properties and individuals that no ontology defines."""
        defined = find_defined_terms(ontology)
        known = self.index.about.keys() | {quad.subject for quad in ontology}
        for quad in self.index.quads:
            term = quad.object
            if isinstance(term, ox.NamedNode) and term not in known:
                near = suggest_term(term.value, defined, self.index.prefixes)
                is_term = local_name(quad.predicate) in TERM_VALUED and not vocabulary(term)
                if near is not None or is_term:
                    known.add(term)
                    yield Fault(quad, f"found {self.index.text(term)}; {DEFINED}{near or ''}")
            elif quad.predicate.value in (SHACL + "select", SHACL + "ask") and _is_literal(term):
                for token, _, near in find_unknown_terms(term.value, defined, self.index.prefixes):
                    message = f"found {token.text}; {DEFINED}{near}"
                    yield Fault(quad, message, offset=token.offset)

    def _shape(self, node: Term) -> str:
        return "a shape" if isinstance(node, ox.BlankNode) else self.index.text(node)


def _is_of_shape(quad: Quad) -> bool:
    """Tell whether only shapes have such a statement."""
    parameters = {"path", "property", "node", *CONSTRAINTS}
    return local_name(quad.predicate) in parameters or quad.object.value in SHAPE_CLASSES


def _unsupported(quad: Quad, part: str) -> Fault:
    """Return the warning for a term of SHACL that is not supported."""
    name = local_name(getattr(quad, part))
    message = f"found sh:{name}; expected SHACL Core or SHACL-SPARQL: {ADVANCED[name]}"
    return Fault(quad, message, part, severity="warning", is_usable=True)
