"""Stage 4: the evidence checks, which no shape can make: quotes, graphs and names.

Shapes see one merged graph. What a passage's graph may hold, and that its words carry the names
of what it speaks of, needs the named graphs and the article.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.project.names import Names
from kaiju_graph.project.quotes import WordIndex
from kaiju_graph.project.sources import CURATION_CLASS, Finding, select_layers
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.terms import COINED, EV, OWL, PASSAGE_CLASS, QUOTE, Quad
from kaiju_graph.validation import graph_checks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kaiju_graph.project.passages import Articles
    from kaiju_graph.project.sources import Sources
    from kaiju_graph.rdf.terms import Resource, Term

__all__ = ["CHECKS", "OBLIGATIONS", "check", "is_computed"]

NEEDS_CONTEXT = ox.NamedNode(EV + "needsContext")
SAME_AS = ox.NamedNode(OWL + "sameAs")
Found = tuple[str, str, Quad | None] | Finding
"""A message, the file, and the quad, or all there is to say; ``check`` adds the rule."""
COMPUTED = {EV + name for name in ("passageOf", "start", "end", "order", "section", "hash")}


def check(sources: Sources, located: Articles) -> list[Finding]:
    """Make every evidence check.

    A finding's rule is a key of ``CHECKS``, or ``quote`` or ``article-node`` of ``locate``.
    """
    found = list(located.findings)
    if len(located.articles) < len(sources.texts):
        return found  # without the article every name in it would be missed, too
    for rule, findings in CHECKS.items():
        if rule in ("tiling", "context") and found:
            continue  # a passage whose quote was not found has no words and is near to none
        for told in findings(sources, located):
            finding = told if isinstance(told, Finding) else Finding(rule, *told)
            blank = any(isinstance(term, ox.BlankNode) for term in (finding.quad or ())[:3])
            if rule == "plain" or not blank:  # which is a mistake before all that is said of it
                found.append(finding)
    return found


def _tiling(sources: Sources, located: Articles) -> Iterator[Found]:
    """Find words of an article that its passages leave out."""
    quotes = {quad.subject: quad for quad in sources.quads if quad.predicate == QUOTE}
    for article in located.articles:
        for before, start, gap in article.gaps():
            after = f"after {before.iri}" if before else "before all others"
            message = f"found {gap[:60]!r} in no passage; expected one {after}"
            other = (before.file, quotes[before.iri]) if before else None
            place, width = article.place(start), len(gap.partition("\n")[0])
            yield Finding("tiling", message, place.file, None, "", other, place, width)


def _graphs(sources: Sources, _: Articles) -> Iterator[Found]:
    """Find graphs without a quote or description above them, and the reverse."""
    for name, file in sources.files.items():
        if file.layer == "stated":
            above = {quad.subject: quad for quad in file.quads if quad.predicate == QUOTE}
            expected = "its ev:quote above it"
        elif file.layer == "curated":
            above = {quad.subject: quad for quad in file.quads if quad.object == CURATION_CLASS}
            expected = "its ev:Curation above it"
        else:
            continue
        graphs: dict[Resource, Quad] = {quad.graph: quad for quad in reversed(file.quads)}
        for graph in sorted(graphs.keys() - above.keys() - {file.default}, key=str):
            message = f"found a graph {graph}; expected {expected}"
            yield Finding("graphs", message, name, graphs[graph], "graph")
        for graph in sorted(above.keys() - graphs.keys(), key=str):
            yield f"found no statement in {graph}; expected what it says", name, above[graph]


def _plain(sources: Sources, _: Articles) -> Iterator[Found]:
    """Find blank nodes, ``owl:sameAs`` and typed-in computed values in ``graph/``."""
    for name, file in sources.files.items():
        if not name.startswith("graph/"):
            continue
        seen: set[Term] = set()
        for quad in sorted(file.quads, key=lambda quad: isinstance(quad.subject, ox.BlankNode)):
            for node in {quad.subject, quad.object} - seen:
                if isinstance(node, ox.BlankNode):
                    seen.add(node)
                    yield "found a blank node; expected an IRI", name, quad
            if quad.predicate == SAME_AS:
                yield "found owl:sameAs; expected skos:exactMatch, or a reading", name, quad
            if is_computed(quad):
                yield "found by hand what is computed; expected only the quote", name, quad


def is_computed(quad: Quad) -> bool:
    """Tell whether a quad says of an article or passage what is computed of it."""
    return quad.predicate.value in COMPUTED or quad.object == PASSAGE_CLASS


def _outside(sources: Sources, located: Articles) -> Iterator[Found]:
    """Find statements that no words carry: outside a passage's graph, or facts in the entities."""
    identity = (terms.TYPE, terms.LABEL, terms.ALT_LABEL)
    articles = {article.node for article in located.articles}
    for name, file in sources.files.items():
        for quad in file.quads:
            if file.layer == "entities" and quad.predicate not in identity:
                yield "found a fact in the entities; expected it in its passage", name, quad
            elif file.layer == "stated" and quad.graph == file.default:
                of_passage = quad.predicate in (QUOTE, NEEDS_CONTEXT) or is_computed(quad)
                if not of_passage and quad.subject not in articles:
                    yield "found a statement in no passage; expected it in a graph", name, quad


def _spoken(sources: Sources, _: Articles) -> Iterator[Found]:
    """Find things of the entities that no passage speaks of, and names that two of them bear."""
    stated = [file.quads for file in sources.files.values() if file.layer == "stated"]
    spoken = {term for quads in stated for quad in quads for term in (quad.subject, quad.object)}
    bearers: dict[Term, Resource] = {}
    for name, file in sources.files.items():
        for quad in file.quads if file.layer == "entities" else ():
            if quad.predicate == terms.TYPE and quad.subject not in spoken:
                yield f"found {quad.subject} in no passage; expected one to speak of it", name, quad
            elif quad.predicate == terms.LABEL:
                other = bearers.setdefault(quad.object, quad.subject)
                if other != quad.subject:
                    yield f"found the label of {other}, too; expected one of its own", name, quad


def _labels(sources: Sources, located: Articles) -> Iterator[Found]:
    """Find names that are no words of an article, and labels that stand in the wrong file.

    A named thing is labelled in the entities. What has no name in the article (a credit, an event)
    is labelled in the passage that tells it first, and its class is marked ``ev:coined``.
    """
    coined = _coined_classes(sources)
    kinds: dict[Resource, set[Term]] = {}
    for quad in sources.quads:
        if quad.predicate == terms.TYPE:
            kinds.setdefault(quad.subject, set()).add(quad.object)
    articles = [WordIndex(article.plain) for article in located.articles]
    for name, file in sources.files.items():
        for quad in file.quads:
            if quad.predicate not in (terms.LABEL, terms.ALT_LABEL):
                continue
            is_coined = bool(kinds.get(quad.subject, set()) & coined)
            if file.layer == "entities":
                label = quad.object.value
                if is_coined:
                    message = "found a coined thing in the entities; expected it in its passage"
                    yield message, name, quad
                elif not any(words.contains(label) for words in articles):
                    message = f"found the name {label!r}; expected words of the article"
                    yield message, name, quad
            elif file.layer == "stated" and quad.graph != file.default and not is_coined:
                kind = min(kinds.get(quad.subject, ()), key=str, default="its class")
                message = f"found a label in a passage, and {kind} is not ev:coined; "
                yield message + "expected it in entities.ttl, or the class marked", name, quad


def _first(sources: Sources, located: Articles) -> Iterator[Found]:
    """Find coined things that the passage which tells them first does not label and type."""
    order = {iri: passage.order for iri, passage in located.passages.items()}
    told: dict[Term, tuple[int, Resource]] = {}
    labels: list[tuple[str, Quad]] = []
    typed: set[tuple[Resource, Resource]] = set()
    for name, file in sources.files.items():
        for quad in file.quads if file.layer == "stated" else ():
            if quad.graph.value not in order:
                continue
            at = order[quad.graph.value], quad.graph
            for term in (quad.subject, quad.object):
                told[term] = min(told.get(term, at), at, key=lambda place: place[0])
            if quad.predicate == terms.LABEL:
                labels.append((name, quad))
            elif quad.predicate == terms.TYPE:
                typed.add((quad.subject, quad.graph))
    for name, quad in labels:
        first = told[quad.subject][1]
        if first != quad.graph:
            yield f"found the label of what {first} tells first; expected it there", name, quad
        if (quad.subject, quad.graph) not in typed:
            yield f"found a label without a type; expected both in {quad.graph}", name, quad


def _context(sources: Sources, located: Articles) -> Iterator[Found]:
    """Find passages whose ``ev:needsContext`` is not what their words need.

    A passage that speaks of a thing without its name needs the nearest earlier passage that names
    it, or where none is earlier, the nearest later one. A coined thing has no name: whether words
    can be understood without the nearest earlier passage that tells of it, the curator decides.
    """
    names = Names(quad for quad in sources.quads if quad.graph == terms.ENTITIES)
    told_in, contexts = _told(sources)
    for article in located.articles:
        told = [told_in.get(passage.iri, {}) for passage in article.passages]
        named = [names.things_in(passage.quote.value) for passage in article.passages]
        told_at, named_at = _positions(told), _positions(named)
        for at, passage in enumerate(article.passages):
            needed: dict[Term, tuple[str, Quad, str]] = {}
            allowed: set[Term] = set()
            for thing, quad in told[at].items():
                if thing not in names.labels:
                    allowed.update(article.passages[n].iri for n in _before(at, told_at[thing]))
                elif thing not in named[at]:
                    where = named_at.get(thing, [])
                    for nearest in _before(at, where) or where[:1]:
                        part = "subject" if thing == quad.subject else "object"
                        why = names.labels[thing], quad, part
                        needed.setdefault(article.passages[nearest].iri, why)
            given = contexts.get(passage.iri, {})
            for other in sorted(needed.keys() - given.keys(), key=str):
                label, quad, part = needed[other]
                message = f"found no {label!r} in the quote; expected ev:needsContext {other}"
                yield Finding("context", message, passage.file, quad, part)
            for other in sorted(given.keys() - needed.keys() - allowed, key=str):
                message = f"found ev:needsContext {other}; expected none, as nothing needs it"
                yield message, passage.file, given[other]


def _told(
    sources: Sources,
) -> tuple[dict[Resource, dict[Term, Quad]], dict[Resource, dict[Term, Quad]]]:
    """Return what each graph speaks of, and the contexts of each passage, with a quad that does.

    A class, a term or a text that two passages share is no thing that one of them explains.
    """
    vocabulary = {quad.subject for quad in select_layers(sources.quads, "ontology")}
    told: dict[Resource, dict[Term, Quad]] = {}
    contexts: dict[Resource, dict[Term, Quad]] = {}
    for quad in sources.quads:
        for thing in (quad.subject, quad.object):
            if not isinstance(thing, ox.Literal) and thing not in vocabulary:
                told.setdefault(quad.graph, {}).setdefault(thing, quad)
        if quad.predicate == NEEDS_CONTEXT:
            contexts.setdefault(quad.subject, {})[quad.object] = quad
    return told, contexts


def _positions(passages: Iterable[Iterable[Term]]) -> dict[Term, list[int]]:
    """Return in which of the passages each thing is, in order."""
    found: dict[Term, list[int]] = {}
    for at, things in enumerate(passages):
        for thing in things:
            found.setdefault(thing, []).append(at)
    return found


def _before(at: int, where: list[int]) -> list[int]:
    """Return the last of some positions that is before one, if any is."""
    after = bisect_left(where, at)
    return where[max(after - 1, 0) : after]


def _coined_classes(sources: Sources) -> set[Term]:
    ontology = select_layers(sources.quads, "ontology")
    below: dict[Term, list[Term]] = {}
    for quad in ontology:
        if quad.predicate == terms.SUB_CLASS_OF:
            below.setdefault(quad.object, []).append(quad.subject)
    return terms.closure((quad.subject for quad in ontology if quad.predicate == COINED), below)


CHECKS: dict[str, Callable[[Sources, Articles], Iterator[Found | graph_checks.Found]]] = {
    "tiling": _tiling,
    "graphs": _graphs,
    "plain": _plain,
    "outside": _outside,
    "declared": graph_checks.declared,
    "things": graph_checks.things,
    "follows": graph_checks.follows,
    "spoken": _spoken,
    "labels": _labels,
    "first": _first,
    "context": _context,
}
"""Rule → what finds where it is broken."""
OBLIGATIONS = {
    "article-node": "Beside an article stands one node of type ev:Article.",
    "quote": "A quote stands in the article word for word, after the quote before it.",
    "tiling": "Every word of the article stands in a passage.",
    "graphs": "A graph has the quote or description of its name above it, and says something.",
    "plain": "The graph has IRIs and no blank nodes, no owl:sameAs, and nothing that is computed.",
    "outside": "What is said stands in the graph of the passage that says it.",
    "declared": "What is said is said in terms of the ontology.",
    "things": "Every thing that is spoken of has a class and a label.",
    "follows": "What follows from what a graph says is left to the reasoner.",
    "spoken": "Every named thing is spoken of by a passage, and has a label of its own.",
    "labels": "A named thing is called in entities.ttl as the article calls it.",
    "first": "What has no name is typed and labelled in the passage that tells it first.",
    "context": "A passage names what it speaks of, or needs the nearest passage that does.",
}
"""Rule → what should be so."""
