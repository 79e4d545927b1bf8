"""Read the shapes of a project, look them up, and put their expectations into words."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.project.layout import SHACL
from kaiju_graph.project.sources import SourceFile, Sources
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.notation import term_text
from kaiju_graph.rdf.parse import parse
from kaiju_graph.rdf.prefixes import explain_invalid
from kaiju_graph.rdf.terms import NIL

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from kaiju_graph.project.layout import Project
    from kaiju_graph.rdf.terms import Quad, Term

__all__ = [
    "CORE",
    "DECLARE",
    "FOLDER",
    "GRAPH",
    "IMPORTS",
    "NAMESPACE",
    "PREFIX",
    "PREFIXES",
    "RULE_TEXT",
    "TRUE",
    "Shapes",
    "find_prefixes",
    "parameter",
    "read",
    "rule_name",
]

FOLDER = "ontology/shapes"
PREFIXES = "ontology/prefixes.ttl"
GRAPH = ox.NamedNode(terms.GRAPH + "shapes")
IMPORTS = ox.NamedNode(terms.OWL + "imports")
DECLARE, PREFIX, NAMESPACE = (
    ox.NamedNode(SHACL + name) for name in ("declare", "prefix", "namespace")
)
RULE_TEXT = "what the rule requires"
"""The expectation of a constraint that only its message can put into words."""
RULES = {
    "and": "what conforms to {}",
    "closed": "only properties that {} allows",
    "node": "what conforms to {}",
    "not": "what does not conform to {}",
    "or": "what conforms to {}",
    "xone": "what conforms to exactly one of {}",
}
"""Parameter that refers to shapes → what it expects, if the rule has no message."""
INNER = "its inner shape"
"""The name of a shape without one."""
MAX_MEMBERS = 8
"""How many members of a list are shown."""
KINDS = {
    "IRI": "an IRI",
    "Literal": "a literal",
    "BlankNode": "a blank node",
    "BlankNodeOrIRI": "an IRI or a blank node",
    "BlankNodeOrLiteral": "a literal or a blank node",
    "IRIOrLiteral": "an IRI or a literal",
}
TEMPLATES = {
    "class": "a thing of class {}",
    "datatype": "a literal of type {}",
    "minCount": "at least {}",
    "maxCount": "at most {}",
    "minInclusive": "at least {}",
    "maxInclusive": "at most {}",
    "minExclusive": "more than {}",
    "maxExclusive": "less than {}",
    "minLength": "{} characters or more",
    "maxLength": "{} characters or fewer",
    "pattern": "a text that matches {}",
    "languageIn": "a text in one of the languages {}",
    "in": "one of {}",
    "hasValue": "{} among them",
    "equals": "the same as its {}",
    "disjoint": "something else than its {}",
    "lessThan": "less than its {}",
    "lessThanOrEquals": "no more than its {}",
    "uniqueLang": "one in each language",
}
"""Parameter of a constraint (SHACL, section 4) → what it expects; several values are joined."""
COUNTS = ("qualifiedMinCount", "qualifiedMaxCount")
CORE = frozenset((*TEMPLATES, *RULES, *COUNTS, "nodeKind"))
"""The parameters of SHACL Core that have results."""
TRUE = ox.Literal("true", datatype=ox.NamedNode(terms.XSD + "boolean"))


def read(project: Project, without: Collection[str] = ()) -> Sources:
    """Read the files of ``ontology/shapes/``, and the prefixes that SPARQL constraints use.

    Args:
        project: the project.
        without: files to leave out.

    Raises:
        SourceError: a file does not parse.
    """
    names = [name for name in (*project.files(FOLDER, ".ttl"), PREFIXES) if name not in without]
    quads = {name: [*parse(name, project.read(name), GRAPH)] for name in names}
    return Sources({name: SourceFile("shapes", GRAPH, quads[name]) for name in names}, {})


def find_prefixes(
    ontologies: Iterable[Term], objects: Callable[[Term, ox.NamedNode], Iterable[Term]]
) -> dict[str, str]:
    """Return the valid prefixes that ontologies and their imports declare (SHACL, section 5.2.1).

    Args:
        ontologies: the values of ``sh:prefixes``.
        objects: subject and predicate → their objects.

    Returns:
        Prefix → namespace IRI.
    """
    prefixes: dict[str, str] = {}
    waiting = [*ontologies]
    seen = set()
    for ontology in waiting:
        if ontology in seen:
            continue
        seen.add(ontology)
        waiting += objects(ontology, IMPORTS)
        for declaration in objects(ontology, DECLARE):
            names = [*objects(declaration, PREFIX)]
            namespaces = [*objects(declaration, NAMESPACE)]
            if all(isinstance(term, ox.Literal) for term in (*names, *namespaces)):
                pairs = [(name.value, space.value) for name in names for space in namespaces]
                prefixes |= {
                    name: space for name, space in pairs if not explain_invalid(name, space)
                }
    return prefixes


def rule_name(shape: Term) -> str:
    """Return the name of the rule of a shape with an IRI: the last segment, or all of it."""
    return terms.last_segment(shape.value) or shape.value


def parameter(component: Term) -> str:
    """Return the parameter that identifies a constraint component.

    >>> parameter(ox.NamedNode(SHACL + "MinCountConstraintComponent"))
    'minCount'
    """
    name = component.value.removeprefix(SHACL).removesuffix("ConstraintComponent")
    return name[:1].lower() + name[1:]


class Shapes:
    """The shapes of a project, indexed."""

    def __init__(self, quads: Iterable[Quad], project: Project) -> None:
        self._text = partial(term_text, prefixes=project.prefixes)
        self._objects: dict[Term, dict[str, list[Term]]] = {}
        self._parents: dict[Term, list[Term]] = {}
        for quad in quads:
            objects = self._objects.setdefault(quad.subject, {})
            objects.setdefault(quad.predicate.value, []).append(quad.object)
            self._parents.setdefault(quad.object, []).append(quad.subject)

    def values(self, shape: Term, name: str) -> list[Term]:
        """Return the values of a parameter; a list counts as its members."""
        return [
            member
            for value in self._objects.get(shape, {}).get(SHACL + name, [])
            for member in terms.list_members(value, self._value) or [value]
            if member != NIL
        ]

    def named_shape(self, shape: Term) -> Term:
        """Return the shape, or the nearest shape with an IRI that leads to it."""
        nodes = (node for node in self._ancestors(shape) if isinstance(node, ox.NamedNode))
        return next(nodes, shape)

    def target_properties(self, shape: Term) -> set[Term]:
        """Return the properties whose values a shape checks."""
        found: set[Term] = set()
        for node in self._ancestors(shape):
            found.update(self.values(node, "targetObjectsOf"))
            if node != shape:
                found.update(self.values(node, "path"))
        return {term for term in found if isinstance(term, ox.NamedNode)}

    def has_target_class(self, shape: Term) -> bool:
        """Tell whether a shape selects things by their class."""
        return any(self.values(node, "targetClass") for node in self._ancestors(shape))

    def describe_expected(
        self, shape: Term, name: str, values: Sequence[Term] | None = None
    ) -> str:
        """Return in words what a parameter of a shape expects, or ``RULE_TEXT``.

        Args:
            shape: the shape.
            name: the parameter.
            values: its values; None takes all.
        """
        values = self.values(shape, name) if values is None else values
        if name in ("or", "and"):
            parts = [self._describe_shape(member) for member in values]
            return f"; {name} ".join(parts) if parts and RULE_TEXT not in parts else RULE_TEXT
        if name == "nodeKind":
            return KINDS[values[0].value.removeprefix(SHACL)]
        if name in COUNTS:
            (inner,) = self.values(shape, "qualifiedValueShape")
            text = self._describe_shape(inner)
            text = f"conforms to {self._name(inner)}" if text == RULE_TEXT else f"is {text}"
            if TRUE in self.values(shape, "qualifiedValueShapesDisjoint"):
                text += " and conforms to no sibling shape"
            return f"at {'most' if 'Max' in name else 'least'} {values[0].value} that {text}"
        if name == "maxCount" and values[0].value == "0":
            return "none"
        if name not in TEMPLATES:
            return RULE_TEXT
        is_plain = name in ("languageIn", "minCount")
        texts = [value.value if is_plain else self._text(value) for value in values]
        more = ["…"] if len(texts) > MAX_MEMBERS else []
        expected = TEMPLATES[name].format(", ".join(texts[:MAX_MEMBERS] + more))
        return expected if values else f"nothing, as the list of sh:{name} is empty"

    def describe_rule(self, shape: Term, name: str) -> str:
        """Return in words what a parameter expects that refers to shapes, or ``RULE_TEXT``."""
        shapes = [shape] if name == "closed" else self.values(shape, name)
        joint = " or " if name == "or" else " and "
        names = dict.fromkeys(map(self._name, shapes))
        if len(shapes) > 1 and INNER in names:
            names = {f"{name}s" if name == INNER else name: None for name in names}
        return RULES.get(name, RULE_TEXT).format(joint.join(names))

    def _name(self, shape: Term) -> str:
        return INNER if isinstance(shape, ox.BlankNode) else self._text(shape)

    def _describe_shape(self, shape: Term) -> str:
        """Return in words what a nested shape expects, if it has only one parameter."""
        names = [key.removeprefix(SHACL) for key in self._objects.get(shape, {})]
        known = [name for name in names if name in TEMPLATES or name == "nodeKind"]
        return (
            self.describe_expected(shape, known[0]) if len(known) == len(names) == 1 else RULE_TEXT
        )

    def _ancestors(self, shape: Term) -> Iterator[Term]:
        """Yield a shape, and the shapes and lists that lead to it, the nearest first."""
        found = [shape]
        for node in found:
            yield node
            found += (parent for parent in self._parents.get(node, ()) if parent not in found)

    def _value(self, subject: Term, predicate: ox.NamedNode) -> Term | None:
        return next(iter(self._objects.get(subject, {}).get(predicate.value, ())), None)
