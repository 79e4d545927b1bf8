"""Stage 10: quads → those of one thing or of some passages, and the words that these stand for."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.errors import SourceError, UnknownNameError
from kaiju_graph.project.spelling import did_you_mean
from kaiju_graph.rdf.terms import EV, LABEL, ONTOLOGY, PASSAGE_CLASS, TYPE, XSD, Quad, Triple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kaiju_graph.rdf.order import Order
    from kaiju_graph.rdf.terms import Term

__all__ = ["annotate", "describe", "find_passage"]

OA = "http://www.w3.org/ns/oa#"
REACH = 2
"""How many coined things may lie in a row between a thing and what is named with it."""
CONTEXT = 32
"""How many characters before and after a quote are given to find it again."""
OFFSET = ox.NamedNode(XSD + "nonNegativeInteger")
START, END, PASSAGE_OF, HASH = (
    ox.NamedNode(EV + name) for name in ("start", "end", "passageOf", "hash")
)
PLACE = {START, END, PASSAGE_OF}
"""What is computed of every passage."""


def describe(
    quads: Iterable[Quad], thing: ox.NamedNode, order: Order, backwards: Iterable[str] = ()
) -> list[Quad]:
    """Return the concise bounded description of a thing.

    That is (after W3C's member submission of that name) all that is said of it; all that is said
    of the nodes without a name of their own that it reaches, blank or of a class that is marked
    ``ev:coined``: a credit, a portrayal, but not, of an event, other events; and what each thing
    named in this is, and what it is called.

    Args:
        quads: where to look.
        thing: the thing.
        order: knows the coined classes.
        backwards: IRIs of properties by which coined things belong to what they name, as a release
            to its work: of these, the thing reaches those that name it.

    Raises:
        UnknownNameError: nothing is said of the thing.
    """
    said: dict[Term, list[Quad]] = {}
    named_by: list[Term] = []
    properties = set(map(ox.NamedNode, backwards))
    for quad in quads:
        said.setdefault(quad.subject, []).append(quad)
        if quad.object == thing and quad.predicate in properties:
            named_by.append(quad.subject)
    if thing not in said:
        raise UnknownNameError(f"nothing is said of {thing}")

    def kinds(node: Term) -> set[Term]:
        return order.coined_classes(quad.object for quad in said[node] if quad.predicate == TYPE)

    steps: dict[Term, int] = {thing: 0}
    waiting: list[Term] = [thing]
    for node in waiting:  # which grows meanwhile
        named = [quad.object for quad in said[node]] + (named_by if node == thing else [])
        for other in named:
            if other in steps or other not in said:
                continue
            if isinstance(other, ox.BlankNode):
                steps[other] = steps[node]
            elif steps[node] < REACH and (found := kinds(other)) and not found & kinds(node):
                steps[other] = steps[node] + 1
            else:
                continue
            waiting.append(other)
    whole = [quad for node in steps for quad in said[node]]
    return whole + [
        quad
        for node in {quad.object for quad in whole} & said.keys() - steps.keys()
        if all(quad.graph != ONTOLOGY for quad in said[node])
        for quad in said[node]
        if quad.predicate in (TYPE, LABEL)
    ]


def find_passage(quads: Iterable[Quad], name: str) -> ox.NamedNode:
    """Return the passage that a person means by an IRI or by the last part of one.

    Raises:
        UnknownNameError: there is none, or there are several.
    """
    known = {
        quad.subject.value: quad.subject
        for quad in quads
        if quad.predicate == TYPE
        and quad.object == PASSAGE_CLASS
        and isinstance(quad.subject, ox.NamedNode)
    }
    found = [known[iri] for iri in known if iri == name or iri.endswith((f"/{name}", f"#{name}"))]
    if len(found) > 1:
        several = ", ".join(sorted(map(str, found)))
        raise UnknownNameError(f"{name!r} names several passages: {several}; use one of these")
    if not found:
        hint = did_you_mean(name, [iri.rpartition("/")[2] for iri in known])
        raise UnknownNameError(f"no passage {name!r}{hint}")
    return found[0]


def annotate(
    chosen: Iterable[Quad], quads: Iterable[Quad], texts: Iterable[str]
) -> Iterator[Triple]:
    """Yield an annotation for each passage whose graph is among the quads chosen.

    W3C Web Annotation Data Model: the body is the graph, the target the article, of which one
    selector gives the words (section 4.2.4) and one the place in code points (4.2.5).

    Args:
        chosen: the quads that are to be shown with their evidence.
        quads: all quads, the evidence among them.
        texts: the texts of all articles.

    Raises:
        SourceError: an article is not as it was when its passages were located.
    """
    text_of = {sha256(text.encode()).hexdigest(): text for text in texts}
    names = {quad.graph for quad in chosen}
    said: dict[Term, dict[ox.NamedNode, Term]] = {}
    computed = PLACE | {HASH}
    for quad in quads:
        if quad.predicate in computed:
            said.setdefault(quad.subject, {})[quad.predicate] = quad.object
    for name in names:
        if not said.get(name, {}).keys() >= PLACE:
            continue  # no passage, whatever else somebody says of it
        article = said[name][PASSAGE_OF]
        digest = said.get(article, {}).get(HASH)
        text = text_of.get(digest.value) if digest else None
        if text is None:
            raise SourceError(f"{article}: found another text than the one that was read")
        yield from _annotation(name, article, text, said[name][START], said[name][END])


def _annotation(
    body: ox.NamedNode, article: Term, text: str, start: Term, end: Term
) -> Iterator[Triple]:
    made, target, quote, place = (
        ox.NamedNode(f"{body.value}#annotation"),
        *(ox.BlankNode(f"{part}-{_label(body)}") for part in ("target", "quote", "place")),
    )
    first, last = int(start.value), int(end.value)
    yield Triple(made, TYPE, _oa("Annotation"))
    yield Triple(made, _oa("motivatedBy"), _oa("describing"))
    yield Triple(made, _oa("hasBody"), body)
    yield Triple(made, _oa("hasTarget"), target)
    yield Triple(target, TYPE, _oa("SpecificResource"))
    yield Triple(target, _oa("hasSource"), article)
    yield Triple(target, _oa("hasSelector"), quote)
    yield Triple(target, _oa("hasSelector"), place)
    yield Triple(quote, TYPE, _oa("TextQuoteSelector"))
    yield Triple(quote, _oa("exact"), ox.Literal(text[first:last]))
    yield Triple(quote, _oa("prefix"), ox.Literal(text[max(first - CONTEXT, 0) : first]))
    yield Triple(quote, _oa("suffix"), ox.Literal(text[last : last + CONTEXT]))
    yield Triple(place, TYPE, _oa("TextPositionSelector"))
    for name, offset in ("start", first), ("end", last):
        yield Triple(place, _oa(name), ox.Literal(str(offset), datatype=OFFSET))


def _oa(name: str) -> ox.NamedNode:
    return ox.NamedNode(OA + name)


def _label(iri: ox.NamedNode) -> str:
    """Return an IRI as part of the label of a blank node, the same in every run."""
    return sha256(iri.value.encode()).hexdigest()[:16]
