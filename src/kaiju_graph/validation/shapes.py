"""Stage 5, before validating: a shape → in words, what it asks of a value.

The words are for what SHACL Core asks (section 4, by constraint component); a constraint that is a
query, or that joins others, is left to the message of its shape.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.project.layout import SHACL
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.notation import term_text
from kaiju_graph.rdf.terms import FIRST

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kaiju_graph.project.layout import Project
    from kaiju_graph.rdf.terms import Quad, Term

__all__ = ["UNTOLD", "Rules", "parameter"]

UNTOLD = "what the rule says"
"""What is expected where one would have to tell a query, or a shape within the shape."""
COMPONENT = "ConstraintComponent"
LONGEST = 8
"""How many members of a list are told."""
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
    "disjoint": "nothing that is also its {}",
    "lessThan": "less than its {}",
    "lessThanOrEquals": "no more than its {}",
    "uniqueLang": "one in each language",
}
"""Parameter → what it asks for; several values of it are joined."""
PATHS = {
    "inversePath": "^{}",
    "zeroOrMorePath": "{}*",
    "oneOrMorePath": "{}+",
    "zeroOrOnePath": "{}?",
}


def parameter(component: Term) -> str:
    """Return the parameter by which a constraint component is known.

    >>> parameter(ox.NamedNode(SHACL + "MinCountConstraintComponent"))
    'minCount'
    """
    name = component.value.removeprefix(SHACL).removesuffix(COMPONENT)
    return name[:1].lower() + name[1:]


class Rules:
    """The shapes of a project, to be looked up."""

    def __init__(self, quads: Iterable[Quad], project: Project) -> None:
        self.project = project
        self._text = partial(term_text, prefixes=project.prefixes)
        self.said: dict[Term, dict[ox.NamedNode, list[Term]]] = {}
        self.above: dict[Term, list[Term]] = {}
        for quad in quads:
            values = self.said.setdefault(quad.subject, {})
            values.setdefault(quad.predicate, []).append(quad.object)
            self.above.setdefault(quad.object, []).append(quad.subject)

    def values(self, shape: Term, name: str) -> list[Term]:
        """Return the values of a parameter, those of a list where it has one."""
        found = self.said.get(shape, {}).get(ox.NamedNode(SHACL + name), [])
        return [member for value in found for member in self.members(value)]

    def members(self, node: Term) -> list[Term]:
        """Return the members of a list, or what is none."""
        return terms.list_members(node, self._value) or [node]

    def _value(self, subject: Term, predicate: ox.NamedNode) -> Term | None:
        return next(iter(self.said.get(subject, {}).get(predicate, ())), None)

    def leading(self, shape: Term) -> Iterator[Term]:
        """Yield a shape, and the shapes and lists that lead to it, the nearest first."""
        found = [shape]
        for node in found:
            yield node
            found += (above for above in self.above.get(node, ()) if above not in found)

    def named(self, shape: Term) -> Term:
        """Return a shape, or the nearest with an IRI that leads to it."""
        named = (node for node in self.leading(shape) if isinstance(node, ox.NamedNode))
        return next(named, shape)

    def binding(self, shape: Term) -> set[Term]:
        """Return the properties whose values a shape binds, by a target or a path to them."""
        found: set[Term] = set()
        for node in self.leading(shape):
            found.update(self.values(node, "targetObjectsOf"))
            if node != shape:
                paths = self.said.get(node, {}).get(ox.NamedNode(SHACL + "path"), [])
                found.update(term for path in paths for term in self.members(path))
        return {term for term in found if isinstance(term, ox.NamedNode)}

    def path(self, path: Term) -> str:
        """Return a path of SHACL, section 2.3.1, as SPARQL writes it."""
        if isinstance(path, ox.NamedNode):
            return self.project.prefixes.shorten(path.value)
        if FIRST in self.said.get(path, {}):
            return "/".join(map(self.path, self.members(path)))
        for name, template in PATHS.items():
            for inner in self.values(path, name):
                return template.format(self.path(inner))
        return f"({'|'.join(map(self.path, self.values(path, 'alternativePath')))})"

    def expected(self, shape: Term, name: str) -> str:
        """Return what a parameter of a shape asks of a value."""
        values = self.values(shape, name)
        if name in ("or", "and"):
            parts = [self._whole(member) for member in values]
            return f"; {name} ".join(parts) if parts and UNTOLD not in parts else UNTOLD
        if name == "nodeKind":
            return KINDS[values[0].value.removeprefix(SHACL)]
        if name.startswith("qualified"):
            inner = self._whole(self.values(shape, "qualifiedValueShape")[0])
            most = "most" if "Max" in name else "least"
            number = f"at {most} {values[0].value}"
            return number if inner == UNTOLD else f"{number} that is {inner}"
        if name == "maxCount" and values[0].value == "0":
            return "none"
        if name not in TEMPLATES:
            return UNTOLD
        plain = name in ("languageIn", "minCount")
        told = [value.value if plain else self._text(value) for value in values]
        more = ["…"] if len(told) > LONGEST else []
        return TEMPLATES[name].format(", ".join(told[:LONGEST] + more))

    def _whole(self, shape: Term) -> str:
        """Return what a shape within another asks, where it is one thing."""
        names = [key.value.removeprefix(SHACL) for key in self.said.get(shape, {})]
        known = [name for name in names if name in TEMPLATES or name == "nodeKind"]
        return self.expected(shape, known[0]) if len(known) == len(names) == 1 else UNTOLD
