"""Slices of the graph: the description of a thing, passages, and annotations of passages."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.errors import SourceError, UnknownNameError
from kaiju_graph.project.passages import HASH
from kaiju_graph.project.spelling import did_you_mean
from kaiju_graph.rdf.properties import iri, statements, typed_literal
from kaiju_graph.rdf.terms import LABEL, ONTOLOGY, PASSAGE_CLASS, TYPE, Quad, Triple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kaiju_graph.rdf.order import Order
    from kaiju_graph.rdf.prefixes import Prefixes
    from kaiju_graph.rdf.properties import Properties
    from kaiju_graph.rdf.terms import Term

__all__ = ["Index", "annotate", "describe", "find_passage", "find_passages"]

MAX_STEPS = 2
"""The most links over coined things from a thing to one that is described with it."""
MAX_USERS = 50
"""The most things with a thing as value of one property; of more, a description has none."""
CONTEXT = 32
"""How many characters before and after a quote an annotation contains."""
START, END, PASSAGE_OF = map(iri, ("ev:start", "ev:end", "ev:passageOf"))


class Index:
    """Quads by their subjects and by their objects."""

    def __init__(self, quads: Iterable[Quad]) -> None:
        self.by_subject: dict[Term, list[Quad]] = {}
        self.by_object: dict[Term, list[Quad]] = {}
        for quad in quads:
            self.by_subject.setdefault(quad.subject, []).append(quad)
            self.by_object.setdefault(quad.object, []).append(quad)


def describe(
    index: Index,
    thing: ox.NamedNode,
    order: Order,
    backwards: Iterable[str] = (),
    *,
    symmetric: bool = False,
) -> list[Quad]:
    """Return the concise bounded description of a thing.

    As in W3C's member submission of that name, it has all quads of the thing and of the nodes
    without names that it leads to: blank nodes, and things of a class marked ``ev:coined``, such as
    credits. A coined thing does not include others of its class, such as an event the next event.
    Of other things that it refers to, it has types and labels.

    Args:
        index: the quads to search.
        thing: the thing.
        order: knows the coined classes.
        backwards: IRIs of properties from a coined thing to the thing whose description includes
            it, such as from a release to its work.
        symmetric: include the statements about the thing as well ("Symmetric Concise Bounded
            Description" in the same submission): coined things that have it as a value, with all
            that they state, and of other things only the links to it and to these. What has it as
            its class is left out, and what more than ``MAX_USERS`` things state by one property.

    Raises:
        UnknownNameError: no quad has the thing as its subject.
    """
    quads_of = index.by_subject
    properties = set(map(ox.NamedNode, backwards))
    users = index.by_object.get(thing, ())
    dependents = [quad.subject for quad in users if quad.predicate in properties]
    if thing not in quads_of:
        raise UnknownNameError(f"nothing is known of {thing}")

    def find_coined_classes(node: Term) -> set[Term]:
        types = (quad.object for quad in quads_of[node] if quad.predicate == TYPE)
        return order.coined_classes(types)

    steps: dict[Term, int] = {thing: 0}
    waiting: list[Term] = [thing]
    for node in waiting:  # grows in the loop
        for other in [quad.object for quad in quads_of[node]] + dependents * (node == thing):
            if other in steps or other not in quads_of:
                continue
            if isinstance(other, ox.BlankNode):
                steps[other] = steps[node]
            elif (
                steps[node] < MAX_STEPS
                and (kinds := find_coined_classes(other))
                and not kinds & find_coined_classes(node)
            ):
                steps[other] = steps[node] + 1
            else:
                continue
            waiting.append(other)
    links = _links_around(thing, index, find_coined_classes) if symmetric else set()
    around = {quad.subject for quad in links} - steps.keys()
    steps |= {user: MAX_STEPS for user in around if find_coined_classes(user)}
    description = [quad for node in steps for quad in quads_of[node]]
    description += [quad for quad in links if quad.subject not in steps]
    others = {node for quad in description for node in (quad.subject, quad.object)}
    return description + [
        quad
        for node in others & quads_of.keys() - steps.keys()
        if all(quad.graph != ONTOLOGY for quad in quads_of[node])
        for quad in quads_of[node]
        if quad.predicate in (TYPE, LABEL)
    ]


def _links_around(
    thing: ox.NamedNode, index: Index, find_coined_classes: Callable[[Term], set[Term]]
) -> set[Quad]:
    """Return the statements about a thing, and those of other things about its coined users."""
    links = _links_to([thing], index)
    coined = {quad.subject for quad in links if find_coined_classes(quad.subject)}
    uses = _links_to(coined, index)
    return links | {quad for quad in uses if not find_coined_classes(quad.subject)}


def _links_to(nodes: Iterable[Term], index: Index) -> set[Quad]:
    """Return the statements about nodes by things of the graph, except types and long lists."""
    nodes = set(nodes)
    links: dict[tuple[Term, ox.NamedNode], set[Quad]] = {}
    for node in nodes:
        for quad in index.by_object.get(node, ()):
            subject = quad.subject
            if subject in nodes or quad.predicate == TYPE or isinstance(subject, ox.BlankNode):
                continue
            if all(other.graph != ONTOLOGY for other in index.by_subject[subject]):
                links.setdefault((node, quad.predicate), set()).add(quad)
    return {
        quad
        for group in links.values()
        if len({quad.subject for quad in group}) <= MAX_USERS
        for quad in group
    }


def find_passages(
    quads: Iterable[Quad], names: Iterable[str], prefixes: Prefixes
) -> set[ox.NamedNode]:
    """Return the passages with these names: IRIs, CURIEs or last path segments.

    Raises:
        UnknownNameError: there is no such passage, or several.
    """
    return {find_passage(quads, name, prefixes) for name in names}


def find_passage(quads: Iterable[Quad], name: str, prefixes: Prefixes) -> ox.NamedNode:
    """Return the passage with an IRI or CURIE, or the only passage with a last path segment.

    Raises:
        UnknownNameError: there is no such passage, or several.
    """
    passages = [
        quad.subject
        for quad in quads
        if quad[1:3] == (TYPE, PASSAGE_CLASS) and isinstance(quad.subject, ox.NamedNode)
    ]
    name = prefixes.expand(name) or name
    ends = (f"/{name}", f"#{name}")
    matches = {p for p in passages if p.value == name or p.value.endswith(ends)}
    if len(matches) > 1:
        several = ", ".join(sorted(prefixes.shorten(match.value) for match in matches))
        raise UnknownNameError(f"{name!r} names several passages: {several}; use one of these")
    if not matches:
        hint = did_you_mean(name, [passage.value.rpartition("/")[2] for passage in passages])
        raise UnknownNameError(f"no passage {name!r}{hint}")
    return matches.pop()


def annotate(
    chosen: Iterable[Quad], quads: Iterable[Quad], texts: Iterable[str]
) -> Iterator[Triple]:
    """Yield an annotation for each passage with a graph among the chosen quads.

    In terms of the W3C Web Annotation Data Model, the body is the graph, and the target is the
    article with two selectors: the text (section 4.2.4), and its position in code points (4.2.5).

    Args:
        chosen: the quads to annotate.
        quads: all quads, with the evidence.
        texts: the texts of all articles.

    Raises:
        SourceError: an article has changed since its passages were located.
    """
    text_of = {sha256(text.encode()).hexdigest(): text for text in texts}
    located: dict[Term, dict[ox.NamedNode, Term]] = {}
    for quad in quads:
        if quad.predicate in (START, END, PASSAGE_OF, HASH):
            located.setdefault(quad.subject, {})[quad.predicate] = quad.object
    for name in {quad.graph for quad in chosen}:
        values = located.get(name, {})
        if not values.keys() >= {START, END, PASSAGE_OF}:
            continue  # the graph of no passage
        article = values[PASSAGE_OF]
        digest = located.get(article, {}).get(HASH)
        text = text_of.get(digest.value) if digest else None
        if text is None:
            raise SourceError(f"{article}: found a changed article; expected the text read before")
        span = slice(int(values[START].value), int(values[END].value))
        yield from _annotation(name, article, text, span)


def _annotation(body: ox.NamedNode, article: Term, text: str, span: slice) -> Iterator[Triple]:
    first, last = span.start, span.stop
    before, after = text[max(first - CONTEXT, 0) : first], text[last : last + CONTEXT]
    quote: Properties = [
        ("rdf:type", "oa:TextQuoteSelector"),
        ("oa:exact", ox.Literal(text[span])),
        ("oa:prefix", ox.Literal(before)),
        ("oa:suffix", ox.Literal(after)),
    ]
    place: Properties = [
        ("rdf:type", "oa:TextPositionSelector"),
        ("oa:start", typed_literal(first, "xsd:nonNegativeInteger")),
        ("oa:end", typed_literal(last, "xsd:nonNegativeInteger")),
    ]
    target: Properties = [
        ("rdf:type", "oa:SpecificResource"),
        ("oa:hasSource", article),
        ("oa:hasSelector", quote),
        ("oa:hasSelector", place),
    ]
    annotation: Properties = [
        ("rdf:type", "oa:Annotation"),
        ("oa:motivatedBy", "oa:describing"),
        ("oa:hasBody", body),
        ("oa:hasTarget", target),
    ]
    digest = sha256(body.value.encode()).hexdigest()[:16]  # the same labels in every run
    labels = (f"{part}-{digest}" for part in ("target", "quote", "place"))
    return statements(ox.NamedNode(f"{body.value}#annotation"), annotation, labels)
