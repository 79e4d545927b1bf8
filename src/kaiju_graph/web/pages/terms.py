"""The page of a class or property: its definition, its place, its uses, shapes and alignments."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.publish import vocabulary
from kaiju_graph.rdf.terms import ALT_LABEL, HIDDEN_LABEL, INFERRED, TYPE
from kaiju_graph.validation import rules, shapes
from kaiju_graph.web.pages.content import Link, Notes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kaiju_graph.publish.vocabulary import Example
    from kaiju_graph.rdf.terms import Term
    from kaiju_graph.validation.rules import Rule
    from kaiju_graph.web.pages.content import Content

__all__ = ["Relation", "TermPage", "Use", "read_rules", "read_term"]

MAX_USES = 60
"""How many uses of a term a page shows."""


MAX_PATHS = 8
"""How many ways from the top of the tree a page shows."""


class Relation(NamedTuple):
    """The values of one relation of a term, each a chain of one or more terms."""

    label: str
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
    notes: Notes


def read_rules(content: Content) -> dict[Term, list[Rule]]:
    """Return term → the rules of the shapes that name it, in the order of the files."""
    project = content.kg.project
    known = rules.list_rules(project)
    quads = shapes.read(project).quads
    owners: dict[Term, list[Term]] = {}
    for quad in quads:
        owners.setdefault(quad.object, []).append(quad.subject)

    def named(node: Term, seen: frozenset[Term]) -> Iterator[Term]:
        """Yield the nearest shapes with an IRI that lead to a node over blank nodes."""
        for owner in owners.get(node, ()):
            if isinstance(owner, ox.NamedNode):
                yield owner
            elif owner not in seen:
                yield from named(owner, seen | {owner})

    found: dict[Term, dict[str, None]] = {}
    for term in {quad.object for quad in quads} & content.addresses.keys():
        for shape in named(term, frozenset()):
            name = shape.value.rpartition("#")[2]
            if name in known:
                found.setdefault(term, {})[name] = None
    ranks = {name: rank for rank, name in enumerate(known)}
    return {
        term: [known[name] for name in sorted(names, key=ranks.__getitem__)]
        for term, names in found.items()
    }


def read_term(content: Content, term: ox.NamedNode, of_shapes: dict[Term, list[Rule]]) -> TermPage:
    """Return the page of a term.

    Args:
        content: the content of all pages.
        term: the term.
        of_shapes: term → the rules that name it.
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
            Relation(label, [[content.link(part) for part in value] for value in values])
            for label, values in relations.items()
        ],
        example.sentence if example else "",
        content.link(_passage(content, example)) if example and example.sentence else Link(""),
        uses,
        len(triples),
        of_shapes.get(term, []),
        notes,
    )


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
