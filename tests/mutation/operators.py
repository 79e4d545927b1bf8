"""Mutation operators; each one yields all of its mutants of the sources.

A mutant edits a few quads in one place of one file, as a curator's mistake would. Replacements are
random with a fixed seed, so every run makes the same mutants.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.evidence.coverage import OMISSION
from kaiju_graph.project.passages import ABOUT
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.terms import ALT_LABEL, EV, LABEL, QUOTE, RDFS, TYPE, XSD, Quad, Resource, Term

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kaiju_graph.project.sources import Sources

NAMED = "https://w3id.org/kaiju/id/"
"""The namespace of things with a name; those that only an article tells are in its own."""
ARTICLE = ox.NamedNode(EV + "Article")
DOMAIN, RANGE = ox.NamedNode(RDFS + "domain"), ox.NamedNode(RDFS + "range")
SUB_PROPERTY = ox.NamedNode(RDFS + "subPropertyOf")
FUNCTIONAL = ox.NamedNode(terms.OWL + "FunctionalProperty")
MAX_COUNT = ox.NamedNode("http://www.w3.org/ns/shacl#maxCount")
PATH = ox.NamedNode("http://www.w3.org/ns/shacl#path")
DOES_NOT_TELL = ox.NamedNode(EV + "doesNotTell")
NEEDS_CONTEXT = ox.NamedNode(EV + "needsContext")


class Edit(NamedTuple):
    """A quad of a file and its replacement: no ``old`` adds a quad, no ``new`` removes one."""

    file: str
    old: Quad | None
    new: Quad | None


class Mutant(NamedTuple):
    """The edits of an operator; a check that kills the mutant must name one of its nodes."""

    operator: str
    edits: tuple[Edit, ...]
    nodes: frozenset[Term]

    def __str__(self) -> str:
        return "; ".join(
            f"{edit.file}: {_format_quad(edit.old)} → {_format_quad(edit.new)}"
            for edit in self.edits[:3]
        )


def _format_quad(quad: Quad | None) -> str:
    if quad is None:
        return "nothing"
    return " ".join(re.sub(r"<[^>]*[/#]([^>]*)>", r"\1", str(term)) for term in quad)


class Site(NamedTuple):
    """A quad of ``graph/`` and its file."""

    file: str
    quad: Quad


class World:
    """The sources, with what operators need to know about their terms."""

    def __init__(self, sources: Sources, shapes: list[Quad]) -> None:
        self.sources = sources
        self.sites = [
            Site(name, quad)
            for name, file in sources.files.items()
            if name.startswith("graph/")
            for quad in file.quads
            if quad.predicate != OMISSION  # a remark on the graph, which states nothing
        ]
        ontology = [
            quad for f in sources.files.values() if f.layer == "ontology" for quad in f.quads
        ]
        self.supers = _pairs(ontology, terms.SUB_CLASS_OF)
        self.domains, self.ranges = _pairs(ontology, DOMAIN), _pairs(ontology, RANGE)
        self.super_properties = _pairs(ontology, SUB_PROPERTY)
        self.kinds = {
            q.subject: q.object
            for q in ontology
            if q.predicate == TYPE and isinstance(q.subject, ox.NamedNode)
        }
        self.classes: dict[Resource, list[Term]] = {}
        for _, quad in self.sites:
            if quad.predicate == TYPE:
                self.classes.setdefault(quad.subject, []).append(quad.object)
        articles = [str(q.subject.value) for _, q in self.sites if q.object == ARTICLE]
        namespaces = (NAMED, *(iri.rpartition("/")[0] + "/" for iri in articles))
        self.members: dict[Term, list[Resource]] = {}
        for node, classes in self.classes.items():
            if isinstance(node, ox.NamedNode) and node.value.startswith(namespaces):
                self.members.setdefault(classes[0], []).append(node)
        self.triples = {quad.triple for _, quad in self.sites}
        counted = {q.subject for q in shapes if q.predicate == MAX_COUNT and q.object.value == "1"}
        self.functional = {q.object for q in shapes if q.predicate == PATH and q.subject in counted}
        self.functional |= {q.subject for q in ontology if q.object == FUNCTIONAL}
        self.words: dict[Term, list[str]] = {}
        for _, quad in self.sites:
            if isinstance(quad.object, ox.Literal) and quad.object.language:
                self.words.setdefault(quad.predicate, []).append(quad.object.value)
        self.graphs = {
            name: list(dict.fromkeys(q.graph for q in file.quads if q.graph != file.default))
            for name, file in sources.files.items()
        }

    def random(self, site: Site) -> Random:
        """Return a random generator that makes the same choices for a site in every run."""
        return Random(str(site.quad))  # noqa: S311 (mutants, not secrets)

    def other_member(self, site: Site, *, same_class: bool) -> Resource | None:
        """Return another thing for the object: of its class, or of an unrelated class."""
        object_ = site.quad.object
        if isinstance(object_, ox.Literal) or object_ not in self.classes:
            return None
        own = self.classes[object_][0]
        pools = (
            [self.members.get(own, [])]
            if same_class
            else [pool for kind, pool in self.members.items() if not self.related(kind, own)]
        )
        subject, predicate, _, _ = site.quad
        choices = [
            node
            for pool in pools
            for node in pool
            if node not in (site.quad.object, subject)
            and terms.Triple(subject, predicate, node) not in self.triples
        ]
        return self.random(site).choice(choices) if choices else None

    def related(self, one: Term, other: Term) -> bool:
        """Tell whether two classes are the same, or one is a superclass of the other."""
        return other in self.above(one) or one in self.above(other)

    def above(self, kind: Term) -> set[Term]:
        """Return a class and all its superclasses."""
        classes, new = {kind}, {kind}
        while new:
            new = {s for k in new for s in self.supers.get(k, ())} - classes
            classes |= new
        return classes


def _pairs(quads: list[Quad], predicate: ox.NamedNode) -> dict[Term, list[Term]]:
    pairs: dict[Term, list[Term]] = {}
    for quad in quads:
        if quad.predicate == predicate and isinstance(quad.object, ox.NamedNode):
            pairs.setdefault(quad.subject, []).append(quad.object)
    return pairs


def _mutant(name: str, site: Site, *new: Quad | None) -> Mutant:
    quads = [quad for quad in (site.quad, *new) if quad is not None]
    nodes = {term for quad in quads for term in quad if isinstance(term, ox.NamedNode)}
    edits = tuple(Edit(site.file, site.quad if n == 0 else None, q) for n, q in enumerate(new))
    return Mutant(name, edits, frozenset(nodes - {quad.predicate for quad in quads}))


def drop_triple(world: World) -> Iterator[Mutant]:
    for site in world.sites:
        if site.quad.predicate != QUOTE:
            yield _mutant("drop a triple", site, None)


def drop_node(world: World) -> Iterator[Mutant]:
    for node in world.classes:
        edits = tuple(
            Edit(site.file, site.quad, None)
            for site in world.sites
            if node in (site.quad.subject, site.quad.object)
        )
        yield Mutant("drop a node", edits, frozenset([node]))


def drop_evidence(world: World) -> Iterator[Mutant]:
    for site in world.sites:
        if site.quad.predicate in (QUOTE, NEEDS_CONTEXT):
            yield _mutant("remove evidence", site, None)


def duplicate_functional_value(world: World) -> Iterator[Mutant]:
    for site in world.sites:
        value = site.quad.object
        if site.quad.predicate not in world.functional:
            continue
        second = (
            _with_text(value, value.value[:-1] + ("2" if value.value[-1:] != "2" else "3"))
            if isinstance(value, ox.Literal)
            else world.other_member(site, same_class=True)
            or world.other_member(site, same_class=False)
        )
        if second is not None:
            new = site.quad._replace(object=second)
            yield _mutant("duplicate a functional value", site, site.quad, new)


def swap_object_in_class(world: World) -> Iterator[Mutant]:
    for site in _links(world):
        other = world.other_member(site, same_class=True)
        if other is not None:
            new = site.quad._replace(object=other)
            yield _mutant("object of the same class", site, new)


def swap_object_across_classes(world: World) -> Iterator[Mutant]:
    for site in _links(world):
        other = world.other_member(site, same_class=False)
        if other is not None:
            yield _mutant("object of another class", site, site.quad._replace(object=other))


def dangle_object(world: World) -> Iterator[Mutant]:
    for site in _links(world):
        new = site.quad._replace(object=ox.NamedNode(f"{site.quad.object.value}-which-is-nothing"))
        yield _mutant("dangling object", site, new)


def use_sibling_predicate(world: World) -> Iterator[Mutant]:
    siblings: dict[tuple[object, ...], list[ox.NamedNode]] = {}
    for term, kind in world.kinds.items():
        if kind.value.endswith("Property"):
            key = (kind, *world.domains.get(term, ()), None, *world.ranges.get(term, ()))
            siblings.setdefault(key, []).append(term)
    for site in world.sites:
        predicate = site.quad.predicate
        group = next((group for group in siblings.values() if predicate in group), [])
        others = [
            other
            for other in group
            if other != predicate
            and terms.Triple(site.quad.subject, other, site.quad.object) not in world.triples
        ]
        if others:
            other = world.random(site).choice(others)
            yield _mutant("sibling predicate", site, site.quad._replace(predicate=other))


def reverse_direction(world: World) -> Iterator[Mutant]:
    for site in _links(world):
        subject, predicate, object_, graph = site.quad
        yield _mutant("direction reversed", site, Quad(object_, predicate, subject, graph))  # type: ignore[arg-type]


def use_sibling_class(world: World) -> Iterator[Mutant]:
    for site in world.sites:
        kind = site.quad.object
        if site.quad.predicate != TYPE:
            continue
        parents = world.supers.get(kind, [])
        siblings = [
            k for k, above in world.supers.items() if k != kind and set(above) & set(parents)
        ]
        if siblings:
            other = world.random(site).choice(sorted(siblings, key=str))
            yield _mutant("sibling class", site, site.quad._replace(object=other))


def use_parent_class(world: World) -> Iterator[Mutant]:
    for site in world.sites:
        if site.quad.predicate == TYPE:
            for parent in world.supers.get(site.quad.object, [])[:1]:
                yield _mutant("parent class", site, site.quad._replace(object=parent))


def change_datatype(world: World) -> Iterator[Mutant]:
    others = {"integer": "decimal", "gYear": "integer", "date": "dateTime", "boolean": "token"}
    for site, value in _literals(world):
        name = value.datatype.value.removeprefix(XSD)
        if name in others:
            other = ox.Literal(value.value, datatype=ox.NamedNode(XSD + others[name]))
            yield _mutant("datatype changed", site, site.quad._replace(object=other))


def drop_language(world: World) -> Iterator[Mutant]:
    for site, value in _literals(world):
        if value.language:
            new = site.quad._replace(object=ox.Literal(value.value))
            yield _mutant("language tag dropped", site, new)


def malform_literal(world: World) -> Iterator[Mutant]:
    for site, value in _literals(world):
        if not value.language:
            new = site.quad._replace(object=_with_text(value, f"{value.value}x"))
            yield _mutant("malformed lexical form", site, new)


def change_number(world: World) -> Iterator[Mutant]:
    for site, value in _literals(world):
        if value.datatype.value == XSD + "integer":
            number = int(value.value)
            for other in {number + 1, number - 1, number * 10}:
                new = site.quad._replace(object=_with_text(value, str(other)))
                yield _mutant("number changed", site, new)


def shift_date(world: World) -> Iterator[Mutant]:
    for site, value in _literals(world):
        if value.datatype.value == XSD + "date":
            later = date.fromisoformat(value.value) + timedelta(days=1)
            new = site.quad._replace(object=_with_text(value, later.isoformat()))
            yield _mutant("date shifted", site, new)
        elif value.datatype.value == XSD + "gYear":
            new = site.quad._replace(object=_with_text(value, str(int(value.value) + 1)))
            yield _mutant("date shifted", site, new)


def misspell_label(world: World) -> Iterator[Mutant]:
    for site, value in _literals(world):
        if site.quad.predicate in (LABEL, ALT_LABEL):
            text = value.value
            at = [i for i in range(len(text) - 1) if text[i] != text[i + 1]]
            i = world.random(site).choice(at or [0])
            other = text[:i] + text[i + 1 : i + 2] + text[i] + text[i + 2 :]
            yield _mutant(
                "label misspelt", site, site.quad._replace(object=_with_text(value, other))
            )


def swap_words(world: World) -> Iterator[Mutant]:
    for site, value in _literals(world):
        others = {*world.words.get(site.quad.predicate, ())} - {value.value}
        if others and value.language and site.quad.predicate not in (LABEL, ALT_LABEL, QUOTE):
            other = world.random(site).choice(sorted(others))
            new = site.quad._replace(object=_with_text(value, other))
            if new.triple not in world.triples:
                yield _mutant("words of another thing", site, new)


def edit_quote(world: World) -> Iterator[Mutant]:
    for site, value in _literals(world):
        if site.quad.predicate == QUOTE:
            text = value.value
            i = world.random(site).randrange(len(text))
            for other in (text[:i] + text[i + 1 :], text[:i] + "#" + text[i + 1 :], text[:-1]):
                new = site.quad._replace(object=_with_text(value, other))
                yield _mutant("quote edited", site, new)


def move_triple(world: World) -> Iterator[Mutant]:
    for site in world.sites:
        others = [g for g in world.graphs[site.file] if g != site.quad.graph]
        in_graph = site.quad.graph in world.graphs[site.file]
        if in_graph and others and world.sources.files[site.file].layer == "stated":
            new = site.quad._replace(graph=world.random(site).choice(others))
            if new.triple not in {
                q.triple for q in _quads_of(world, site.file) if q.graph == new.graph
            }:
                yield _mutant("moved to another passage", site, new)


def make_cycle(world: World) -> Iterator[Mutant]:
    for site in world.sites:
        if site.quad.predicate.value.rpartition("#")[2] in (
            "before",
            "partOf",
            "followedBy",
            "locatedIn",
        ):
            subject, predicate, object_, graph = site.quad
            back = Quad(object_, predicate, subject, graph)  # type: ignore[arg-type]
            yield _mutant("cycle made", site, site.quad, back)


def deny_stated_property(world: World) -> Iterator[Mutant]:
    for site in world.sites:
        article, predicate, subject, graph = site.quad
        if predicate != ABOUT:
            continue
        stated = {
            quad.predicate
            for name, quad in world.sites
            if quad.subject == subject and quad.graph in world.graphs[name]
            if name.rpartition("/")[0] == site.file.rpartition("/")[0]
            if world.sources.files[name].layer == "stated"
        }
        for denied in sorted(stated & world.kinds.keys(), key=str):
            new = Quad(article, DOES_NOT_TELL, denied, graph)
            yield _mutant("stated property denied", site, site.quad, new)


def _quads_of(world: World, file: str) -> list[Quad]:
    return world.sources.files[file].quads


def _links(world: World) -> Iterator[Site]:
    """Yield the sites whose subject and object are both things of the graph."""
    for site in world.sites:
        if (
            isinstance(site.quad.object, ox.NamedNode)
            and site.quad.object in world.classes
            and site.quad.predicate != TYPE
        ):
            yield site


def _literals(world: World) -> Iterator[tuple[Site, ox.Literal]]:
    for site in world.sites:
        if isinstance(site.quad.object, ox.Literal):
            yield site, site.quad.object


def _with_text(value: ox.Literal, text: str) -> ox.Literal:
    if value.language:
        return ox.Literal(text, language=value.language)
    return ox.Literal(text, datatype=value.datatype)


OPERATORS: tuple[Callable[[World], Iterator[Mutant]], ...] = (
    drop_triple,
    drop_node,
    drop_evidence,
    duplicate_functional_value,
    swap_object_in_class,
    swap_object_across_classes,
    dangle_object,
    use_sibling_predicate,
    reverse_direction,
    use_sibling_class,
    use_parent_class,
    change_datatype,
    drop_language,
    malform_literal,
    change_number,
    shift_date,
    misspell_label,
    swap_words,
    edit_quote,
    move_triple,
    make_cycle,
    deny_stated_property,
)
