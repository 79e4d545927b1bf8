"""Whether each passage has its words and its graph, and each graph only what may stand there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.evidence.coverage import OMISSION
from kaiju_graph.project.passages import ABOUT
from kaiju_graph.project.sources import CURATION_CLASS, Finding, Remedy, select_layers
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.terms import (
    EV,
    NEEDS_CONTEXT,
    PASSAGE_CLASS,
    QUOTE,
    SAME_AS,
    STATUS,
    SUB_PROPERTY_OF,
    TYPE,
    Quad,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kaiju_graph.project.passages import Articles
    from kaiju_graph.project.sources import Sources
    from kaiju_graph.rdf.terms import Resource, Term

__all__ = [
    "find_draft_subjects",
    "find_drafts",
    "find_forbidden_terms",
    "find_gaps",
    "find_stated_silence",
    "find_unmatched_graphs",
    "find_unquoted_facts",
    "is_computed",
]

OF_PASSAGE = (QUOTE, NEEDS_CONTEXT, OMISSION, STATUS)
"""The properties of passages that are written above their graphs."""
DOES_NOT_TELL = ox.NamedNode(EV + "doesNotTell")
BLANK = "shapes, for this blank node"
UNSTATED = "whether what the article is about has all that such a thing must have"
COMPUTED = {EV + name for name in ("passageOf", "start", "end", "order", "section", "hash")}


def is_computed(quad: Quad) -> bool:
    """Tell whether a quad has a computed property of an article or passage."""
    return quad.predicate.value in COMPUTED or quad.object == PASSAGE_CLASS


def find_gaps(sources: Sources, located: Articles) -> Iterator[Finding]:
    """Find words of an article that are in no passage."""
    quotes = {quad.subject: quad for quad in sources.quads if quad.predicate == QUOTE}
    for article in located.articles:
        for before, start, gap in article.gaps():
            after = f"after {before.iri}" if before else "before all others"
            message = f"found {gap[:60]!r} in no passage; expected one {after}"
            other = (before.file, quotes[before.iri]) if before else None
            place, width = article.place(start), len(gap.partition("\n")[0])
            yield Finding("tiling", message, place.file, None, "", other, place, width)


def find_unmatched_graphs(sources: Sources, _: Articles) -> Iterator[Finding]:
    """Find graphs without a quote or description above them, and the reverse.

    A passage that is marked as not modelled has no graph yet.
    """
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
        drafts = {quad.subject: quad for quad in file.quads if quad.predicate == STATUS}
        for graph in sorted(graphs.keys() - above.keys() - {file.default}, key=str):
            message = f"found a graph {graph}; expected {expected}"
            yield Finding("graphs", message, name, graphs[graph], "graph")
        for graph in sorted(drafts.keys() & graphs.keys(), key=str):
            message = f"found a status of {graph}, which has statements; expected one of these"
            remedy = Remedy(drafts[graph], None)
            yield Finding("graphs", message, name, drafts[graph], remedy=remedy)
        for graph in sorted(above.keys() - graphs.keys() - drafts.keys(), key=str):
            message = f"found no statement in {graph}; expected at least one"
            message += ", or ev:status ev:notModelled above it" * (file.layer == "stated")
            yield Finding("graphs", message, name, above[graph])


def find_draft_subjects(sources: Sources, located: Articles) -> set[Term]:
    """Return what articles are about that have passages which are not modelled yet."""
    drafts = _drafts(sources)
    nodes = {
        article.node
        for article in located.articles
        if drafts and any(passage.iri in drafts for passage in article.passages)
    }
    return {
        quad.object for quad in sources.quads if quad.subject in nodes and quad.predicate == ABOUT
    }


def _drafts(sources: Sources) -> dict[Resource, Quad]:
    """Return each passage without a graph → the quad that marks it as not modelled yet."""
    marked = {quad.subject: quad for quad in sources.quads if quad.predicate == STATUS}
    graphs = {quad.graph for quad in sources.quads} if marked else set()
    return {passage: quad for passage, quad in marked.items() if passage not in graphs}


def find_drafts(sources: Sources, located: Articles) -> Iterator[Finding]:
    """Find articles with passages that are not modelled yet, each at the first of them."""
    drafts = _drafts(sources)
    for article in located.articles if drafts else ():
        if marked := [passage for passage in article.passages if passage.iri in drafts]:
            count = f"{len(marked)} of {len(article.passages)} passages"
            message = f"found {count} not modelled yet; expected a graph of each before a release"
            quad = drafts[marked[0].iri]
            yield Finding("draft", message, marked[0].file, quad, unchecked=UNSTATED)


def find_forbidden_terms(sources: Sources, _: Articles) -> Iterator[Finding]:
    """Find blank nodes, ``owl:sameAs`` and computed values in ``graph/``."""
    for name, file in sources.files.items():
        if not name.startswith("graph/"):
            continue
        seen: set[Term] = set()
        for quad in sorted(file.quads, key=lambda quad: isinstance(quad.subject, ox.BlankNode)):
            for node in {quad.subject, quad.object} - seen:
                if isinstance(node, ox.BlankNode):
                    seen.add(node)
                    part = "subject" if node == quad.subject else "object"
                    message = "found a blank node; expected an IRI"
                    yield Finding("plain", message, name, quad, part, unchecked=BLANK)
            if quad.predicate == SAME_AS:
                message = "found owl:sameAs; expected skos:exactMatch, or a reading"
                yield Finding("plain", message, name, quad)
            if is_computed(quad):
                message = "found a computed property, written by hand; expected only the quote"
                yield Finding("plain", message, name, quad, remedy=Remedy(quad, None))


def find_unquoted_facts(sources: Sources, located: Articles) -> Iterator[Finding]:
    """Find statements outside the graph of a passage, and facts among the entities."""
    identity = (TYPE, terms.LABEL, terms.ALT_LABEL)
    articles = {article.node for article in located.articles}
    for name, file in sources.files.items():
        for quad in file.quads:
            if file.layer == "entities" and quad.predicate not in identity:
                message = "found a fact in the entities; expected it in its passage"
                yield Finding("outside", message, name, quad)
            elif file.layer == "stated" and quad.graph == file.default:
                of_passage = quad.predicate in OF_PASSAGE or is_computed(quad)
                if not of_passage and quad.subject not in articles:
                    message = "found a statement in no passage; expected it in a graph"
                    yield Finding("outside", message, name, quad)


def find_stated_silence(sources: Sources, located: Articles) -> Iterator[Finding]:
    """Find properties that an article is said not to tell of its subject, and a passage states.

    The subject may be the value, too, as of a release. A property below another one states it.
    """
    declared = [
        (name, quad)
        for name, file in sources.files.items()
        for quad in file.quads
        if quad.predicate == DOES_NOT_TELL
    ]
    if not declared:
        return
    ontology = select_layers(sources.quads, "ontology")
    below = terms.subjects_by_object(ontology, SUB_PROPERTY_OF)
    articles = {article.node: {p.iri for p in article.passages} for article in located.articles}
    for name, quad in declared:
        properties = terms.closure([quad.object], below)
        passages = articles.get(quad.subject, set())
        subjects = {
            q.object for q in sources.quads if (q.subject, q.predicate) == (quad.subject, ABOUT)
        }
        for stated in sources.quads:
            if (
                stated.graph in passages
                and stated.predicate in properties
                and not subjects.isdisjoint((stated.subject, stated.object))
            ):
                message = f"found ev:doesNotTell {quad.object}, which {stated.graph} states; "
                message += "expected a property that no passage of the article states"
                yield Finding("silence", message, name, quad)
                break
