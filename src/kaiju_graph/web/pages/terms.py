"""The page of a class or property: its definition, its place, its uses, shapes and alignments."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.publish import vocabulary
from kaiju_graph.rdf.properties import iri
from kaiju_graph.rdf.terms import (
    ALT_LABEL,
    HIDDEN_LABEL,
    INFERRED,
    ONTOLOGY,
    TYPE,
)
from kaiju_graph.sparql.tokens import find_iris
from kaiju_graph.validation import rules, shapes
from kaiju_graph.web.pages.content import Link, Notes

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator

    from kaiju_graph.publish.vocabulary import Example
    from kaiju_graph.rdf.terms import Quad, Term
    from kaiju_graph.validation.rules import Rule
    from kaiju_graph.web.pages.content import Content

__all__ = ["Relation", "Rules", "TermPage", "Use", "read_rules", "read_term"]

MAX_USES = 60
"""How many uses of a term a page shows."""


SELECT = iri("sh:select")
TOO_COMMON = frozenset(
    map(
        iri,
        (
            *("owl:AnnotationProperty", "owl:Class", "owl:DatatypeProperty", "owl:ObjectProperty"),
            *("rdfs:isDefinedBy", "rdfs:label", "rdfs:subClassOf", "rdfs:subPropertyOf"),
            "skos:definition",
        ),
    )
)
"""What the ontology says of nearly every term, so that no rule is about it."""
MAX_PATHS = 8
"""How many ways from the top of the tree a page shows."""


class Relation(NamedTuple):
    """The values of one relation of a term, each a chain of one or more terms."""

    label: Link
    values: list[list[Link]]


class Use(NamedTuple):
    """A statement that uses a term; of a class, only its member."""

    subject: Link
    value: Link | None
    graphs: tuple[ox.NamedNode, ...]


class TermPage(NamedTuple):
    """The page of a term of an ontology."""

    term: ox.NamedNode
    kind: str
    """``Class`` or ``Property``."""
    label: str
    curie: str
    definition: str
    note: str
    other_names: list[str]
    ancestors: list[list[Link]]
    """The ways from the top of the tree to the term, without itself."""
    relations: list[Relation]
    sentence: str
    """A sentence of the article in which it is used."""
    passage: Link
    """The passage with that sentence."""
    uses: list[Use]
    total: int
    """How many statements use it."""
    rules: list[Rule]
    """The rules that name it."""
    general: list[Rule]
    """The rules that read in the ontology what it says of the term."""
    notes: Notes


class Rules(NamedTuple):
    """Term → rules of shapes, in the order of the files."""

    named: dict[Term, list[Rule]]
    """Those that name the term."""
    general: dict[Term, list[Rule]]
    """Those whose queries read what the ontology says of the term, such as its domain."""


def read_rules(content: Content) -> Rules:
    """Return the rules of each term."""
    project = content.kg.project
    known = rules.list_rules(project)
    quads = shapes.read(project).quads
    find_rules = _rule_finder(quads, known)
    mentioned = {quad.object for quad in quads} & content.addresses.keys()
    named = {term: set(find_rules(term)) for term in mentioned}
    readers: dict[str, set[str]] = {}
    for quad in quads:
        if quad.predicate == SELECT:
            for _, found in find_iris(quad.object.value, project.prefixes):
                readers.setdefault(found, set()).update(find_rules(quad.object))
    general: dict[Term, set[str]] = {}
    for quad in content.stated.get(ONTOLOGY, ()):
        read = quad.object if quad.predicate == TYPE else quad.predicate
        if quad.subject in content.addresses and read not in TOO_COMMON:
            general.setdefault(quad.subject, set()).update(readers.get(read.value, ()))
    for term in general.keys() & named.keys():
        general[term] -= named[term]
    ranks = {name: rank for rank, name in enumerate(known)}

    def sort(of: dict[Term, set[str]]) -> dict[Term, list[Rule]]:
        return {
            term: [known[name] for name in sorted(names, key=ranks.__getitem__)]
            for term, names in of.items()
        }

    return Rules(sort(named), sort(general))


def _rule_finder(quads: Iterable[Quad], known: Container[str]) -> Callable[[Term], Iterator[str]]:
    """Return a function: a node → the rules of the nearest shapes that lead to it."""
    owners: dict[Term, list[Term]] = {}
    for quad in quads:
        owners.setdefault(quad.object, []).append(quad.subject)

    def find(node: Term, seen: frozenset[Term] = frozenset()) -> Iterator[str]:
        for owner in owners.get(node, ()):
            if isinstance(owner, ox.NamedNode):
                if (name := shapes.rule_name(owner)) in known:
                    yield name
            elif owner not in seen:
                yield from find(owner, seen | {owner})

    return find


def read_term(content: Content, term: ox.NamedNode, of_shapes: Rules) -> TermPage:
    """Return the page of a term.

    Args:
        content: the content of all pages.
        term: the term.
        of_shapes: the rules of each term.
    """
    index = content.vocabulary
    notes = Notes(content)
    is_class = content.addresses[term].startswith("class/")
    triples = [
        triple
        for triple in dict.fromkeys(quad.triple for quad in index.uses[term])
        if is_class == (triple.predicate == TYPE)
    ]
    # What a passage states is of more use to a reader than what follows.
    triples.sort(key=lambda triple: content.graphs[triple] == [INFERRED])
    uses = [
        Use(
            content.link(triple.subject),
            None if is_class else content.link(triple.object),
            notes.add(content.graphs[triple]),
        )
        for triple in triples[:MAX_USES]
    ]
    example = vocabulary.example(index, term)
    relations = vocabulary.relations(index, term)
    names = (ALT_LABEL, HIDDEN_LABEL)
    return TermPage(
        term,
        "Class" if is_class else "Property",
        index.text(term, "rdfs:label"),
        index.curie(term),
        index.text(term, "skos:definition"),
        index.text(term, "skos:editorialNote"),
        [q.object.value for q in content.touching[term] if q.predicate in names],
        _paths(content, term),
        [
            *(
                Relation(Link(label), [[content.link(part) for part in value] for value in values])
                for label, values in relations.items()
            ),
            *_marks(content, term),
        ],
        example.sentence if example else "",
        content.link(_passage(content, example)) if example and example.sentence else Link(""),
        uses,
        len(triples),
        of_shapes.named.get(term, []),
        of_shapes.general.get(term, []),
        notes,
    )


def _marks(content: Content, term: Term) -> Iterator[Relation]:
    """Yield what the ontology says of a term with properties of its own, such as ``ev:usualOf``."""
    marks: dict[ox.NamedNode, list[list[Link]]] = {}
    for quad in content.touching[term]:
        own = content.addresses.get(quad.predicate, "").startswith("property/")
        if quad.subject == term and quad.graph == ONTOLOGY and own:
            marks.setdefault(quad.predicate, []).append([content.link(quad.object)])
    for predicate in sorted(marks, key=content.order.key):
        yield Relation(content.link(predicate), marks[predicate])


def _passage(content: Content, example: Example) -> Term | str:
    """Return the passage with the sentence of an example, or its name."""
    expanded = content.prefixes.expand(example.source)
    return ox.NamedNode(expanded) if expanded else example.source


def _paths(content: Content, term: Term) -> list[list[Link]]:
    """Return the ways from the top of the tree down to a term, without the term."""
    index = content.vocabulary
    paths: list[list[Term]] = []
    waiting: list[list[Term]] = [[term]]
    while waiting:
        path = waiting.pop(0)
        above = [
            other
            for name in ("rdfs:subClassOf", "rdfs:subPropertyOf")
            for other in index.objects(path[0], name)
            if isinstance(other, ox.NamedNode) and other not in path
        ]
        waiting += [[other, *path] for other in above]
        if not above and len(path) > 1:
            paths.append(path[:-1])
        if len(paths) == MAX_PATHS:
            break
    return [[content.link(other) for other in path] for path in paths]
