"""Whether each passage needs the contexts that it names, and omits the words that it should."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.evidence.coverage import OMISSION, cover, omitted_spans
from kaiju_graph.project.names import Names
from kaiju_graph.project.sources import Finding, Remedy, select_layers
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.terms import NEEDS_CONTEXT, Quad

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kaiju_graph.project.passages import Articles
    from kaiju_graph.project.sources import Sources
    from kaiju_graph.rdf.terms import Resource, Term

__all__ = ["find_needless_omissions", "find_wrong_contexts"]


def find_wrong_contexts(sources: Sources, located: Articles) -> Iterator[Finding]:
    """Find passages whose ``ev:needsContext`` differs from what their words need.

    A passage that mentions a thing without its name needs the nearest earlier passage that names
    it, or if there is none, the nearest later one. A coined thing has no name: the curator decides
    whether the words need the nearest earlier passage that mentions it.
    """
    names = Names(quad for quad in sources.quads if quad.graph == terms.ENTITIES)
    things_of, contexts = _things_and_contexts(sources)
    for article in located.articles:
        things = [things_of.get(passage.iri, {}) for passage in article.passages]
        named = [names.things_in(passage.quote.value) for passage in article.passages]
        mentioned_at, named_at = _positions(things), _positions(named)
        for at, passage in enumerate(article.passages):
            needed: dict[Term, tuple[str, Quad, str]] = {}
            allowed: set[Term] = set()
            for thing, quad in things[at].items():
                if thing not in names.labels:
                    earlier = _last_before(at, mentioned_at[thing])
                    allowed.update(article.passages[n].iri for n in earlier)
                elif thing not in named[at]:
                    positions = named_at.get(thing, [])
                    for nearest in _last_before(at, positions) or positions[:1]:
                        part = "subject" if thing == quad.subject else "object"
                        reason = names.labels[thing], quad, part
                        needed.setdefault(article.passages[nearest].iri, reason)
            given = contexts.get(passage.iri, {})
            missing = sorted(needed.keys() - given.keys(), key=str)
            needless = sorted(given.keys() - needed.keys() - allowed, key=str)
            if len(missing) == len(needless) == 1:  # one mistake: another passage is meant
                meant, wrong = missing[0], given[needless[0]]
                message = f"found ev:needsContext {needless[0]}; "
                message += f"expected {meant}, which names {needed[meant][0]!r}"
                remedy = Remedy(wrong, wrong._replace(object=meant))
                yield Finding("context", message, passage.file, wrong, remedy=remedy)
                continue
            for other in missing:
                label, quad, part = needed[other]
                message = f"found no {label!r} in the quote; expected ev:needsContext {other}"
                context = Quad(passage.iri, NEEDS_CONTEXT, other, terms.EVIDENCE)
                remedy = Remedy(None, context)
                yield Finding("context", message, passage.file, quad, part, remedy=remedy)
            for other in needless:
                message = (
                    f"found ev:needsContext {other}; expected only passages that this one needs"
                )
                yield Finding("context", message, passage.file, given[other])


def find_needless_omissions(sources: Sources, located: Articles) -> Iterator[Finding]:
    """Find omissions of words that are not in the quote, or that the graph carries after all."""
    passages = located.passages
    omissions = [
        (name, quad)
        for name, file in sources.files.items()
        for quad in file.quads
        if quad.predicate == OMISSION and quad.subject.value in passages
    ]
    if not omissions:
        return
    covered = cover(located, sources.quads, passages={quad.subject for _, quad in omissions})
    readings = {reading.passage.iri: reading for reading in covered.readings}
    for name, quad in omissions:
        reading = readings[quad.subject]
        omitted = omitted_spans(quad.object.value, reading.passage.quote.value)
        for words, spans in omitted.items():
            if not spans:
                message = f"found “{words}”, which the quote does not have; expected words of it"
            elif not any(
                word.reason and start <= word.start and word.end <= end
                for word in reading.words
                for start, end in spans
            ):
                message = f"found a reason for “{words}”, which the graph of the passage has; "
                message += "expected one for words that it leaves out"
            else:
                continue
            yield Finding("omission", message, name, quad)


def _things_and_contexts(
    sources: Sources,
) -> tuple[dict[Resource, dict[Term, Quad]], dict[Resource, dict[Term, Quad]]]:
    """Return graph → the things that it mentions, and passage → its contexts, each with a quad.

    Classes, other terms of the ontology and texts are not things, and need no context.
    """
    vocabulary = {quad.subject for quad in select_layers(sources.quads, "ontology")}
    things: dict[Resource, dict[Term, Quad]] = {}
    contexts: dict[Resource, dict[Term, Quad]] = {}
    for quad in sources.quads:
        for thing in (quad.subject, quad.object):
            if not isinstance(thing, ox.Literal) and thing not in vocabulary:
                things.setdefault(quad.graph, {}).setdefault(thing, quad)
        if quad.predicate == NEEDS_CONTEXT:
            contexts.setdefault(quad.subject, {})[quad.object] = quad
    return things, contexts


def _positions(passages: Iterable[Iterable[Term]]) -> dict[Term, list[int]]:
    """Return thing → the indexes of the passages with it."""
    positions: dict[Term, list[int]] = {}
    for at, things in enumerate(passages):
        for thing in things:
            positions.setdefault(thing, []).append(at)
    return positions


def _last_before(at: int, positions: list[int]) -> list[int]:
    """Return a list of the last of some sorted positions before another; empty if there is none."""
    after = bisect_left(positions, at)
    return positions[max(after - 1, 0) : after]
