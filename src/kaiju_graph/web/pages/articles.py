"""The page of an article: its text as it reads, and what each passage says."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from kaiju_graph.project.passages import HEADING
from kaiju_graph.rdf.terms import INFERRED, LABEL, TYPE
from kaiju_graph.reasoning.proof import walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyoxigraph as ox

    from kaiju_graph.project.passages import Article, Passage
    from kaiju_graph.rdf.terms import Term, Triple
    from kaiju_graph.web.pages.content import Content, Link

__all__ = ["ArticlePage", "Block", "Panel", "Piece", "Run", "Said", "read_article"]

ITEM = re.compile("- ")


class Piece(NamedTuple):
    """Some words: a name with its link, or a word that structure does not carry."""

    text: str
    address: str = ""
    carrier: str = ""
    """``label``, ``nothing`` or ``reason``, if no structure carries the word."""


class Said(NamedTuple):
    """What is said of one thing: each property with its values."""

    subject: Link
    facts: list[tuple[str, list[str]]]


class Panel(NamedTuple):
    """What a passage says."""

    anchor: str
    number: int
    curie: str
    says: list[Said]
    follows: list[Said]
    contexts: list[tuple[int, Link]]
    omissions: list[str]


class Run(NamedTuple):
    """A part of a line: of a passage, or text outside of passages."""

    pieces: list[Piece]
    panel: Panel | None = None
    starts: bool = False
    """Whether the passage begins with it."""
    ends: bool = False


class Block(NamedTuple):
    """A heading (``h1`` to ``h6``), a paragraph (``p``), or the items of a list (``ul``)."""

    kind: str
    lines: list[list[Run]]


class ArticlePage(NamedTuple):
    """The page of an article."""

    label: str
    blocks: list[Block]
    counts: dict[str, int]
    """Carrier → how many words it carries."""
    about: list[Link]


def read_article(content: Content, article: Article) -> ArticlePage:
    """Return the page of an article."""
    from kaiju_graph.evidence.coverage import count_words

    follows = _follow(content)
    panels: dict[Term, Panel] = {
        passage.iri: _panel(content, passage, follows.get(passage.iri, []))
        for passage in article.passages
    }
    blocks: list[Block] = []
    offset = 0
    for line in article.text.split("\n"):
        heading = HEADING.fullmatch(line)
        item = ITEM.match(line)
        start, end = offset, offset + len(line)
        offset = end + 1
        if not line.strip():
            continue
        kind = "p"
        if heading:
            kind = f"h{min(len(heading[1]), 6)}"
            start, end = start + heading.start(2), start + heading.end(2)
        elif item:
            kind, start = "ul", start + item.end()
        runs = list(_runs(content, article, panels, start, end))
        if kind == "ul" and blocks and blocks[-1].kind == "ul":
            blocks[-1].lines.append(runs)
        else:
            blocks.append(Block(kind, [runs]))
    readings = [content.readings[passage.iri] for passage in article.passages]
    counts = count_words(word for reading in readings for word in reading.words)
    about = [content.link(subject) for subject in content.subjects(article)]
    return ArticlePage(content.link(article.node).text, blocks, counts, about)


def _runs(
    content: Content, article: Article, panels: dict[Term, Panel], start: int, end: int
) -> Iterator[Run]:
    """Yield the parts of the text between two offsets, in order."""
    at = start
    for passage in article.passages:
        first, last = max(passage.start, start), min(passage.end, end)
        if first >= last:
            continue
        if gap := article.text[at:first]:
            yield Run([Piece(gap)])
        pieces = list(_pieces(content, passage, first, last))
        panel = panels[passage.iri]
        yield Run(pieces, panel, first == passage.start, last == passage.end)
        at = last
    if at < end:
        yield Run([Piece(article.text[at:end])])


def _pieces(content: Content, passage: Passage, start: int, end: int) -> Iterator[Piece]:
    """Yield the words of a passage between two offsets of the article."""
    quote, shift = passage.quote.value, passage.start
    things = {
        term
        for quad in content.stated.get(passage.iri, ())
        for term in (quad.subject, quad.object)
        if content.addresses.get(term, "").startswith("thing/")
    }
    marks: dict[tuple[int, int], Piece] = {}
    for at, name in content.proper_names.mentions(quote):
        named = things.intersection(content.proper_names.things[name])
        if len(named) == 1:
            address = content.addresses[named.pop()]
            marks[at, at + len(name)] = Piece(name, address)
    for word in content.readings[passage.iri].words:
        is_free = all(word.end <= first or last <= word.start for first, last in marks)
        if word.carrier != "structure" and is_free:
            carrier = "reason" if word.reason else word.carrier
            marks[word.start, word.end] = Piece(quote[word.start : word.end], "", carrier)
    spans = sorted(span for span in marks if start <= span[0] + shift and span[1] + shift <= end)
    borders = [(0, start - shift), *spans, (end - shift, 0)]
    for (_, before), (first, last) in pairwise(borders):
        if text := quote[before:first]:
            yield Piece(text)
        if (first, last) in marks:
            yield marks[first, last]


def _panel(content: Content, passage: Passage, follows: Iterable[Triple]) -> Panel:
    reading = content.readings[passage.iri]
    contexts = [
        (content.passages[other][1].order, content.link(other))
        for other in content.contexts(passage.iri)
        if other in content.passages
    ]
    return Panel(
        content.anchor(passage),
        passage.order,
        content.prefixes.shorten(passage.iri.value),
        _say(content, (quad.triple for quad in content.stated.get(passage.iri, ()))),
        _say(content, follows),
        contexts,
        list(dict.fromkeys(word.reason for word in reading.words if word.reason)),
    )


def _say(content: Content, triples: Iterable[Triple]) -> list[Said]:
    """Return triples in words, by subject; its label is not repeated as a fact."""
    by_subject: dict[Term, dict[ox.NamedNode, list[str]]] = {}
    for subject, predicate, value in triples:
        facts = by_subject.setdefault(subject, {})
        if predicate != LABEL:
            facts.setdefault(predicate, []).append(content.link(value).text)
    return [
        Said(
            content.link(subject),
            [
                ("" if predicate == TYPE else content.link(predicate).text, facts[predicate])
                for predicate in sorted(facts, key=content.order.key)
            ],
        )
        for subject, facts in by_subject.items()
    ]


def _follow(content: Content) -> dict[Term, list[Triple]]:
    """Return passage → the inferred triples whose proofs begin with it.

    Classes and what only repeats a statement with a wider property are left to the pages of things.
    """
    found: dict[Term, list[Triple]] = {}
    ends = {
        (triple.subject, triple.object)
        for triple, graphs in content.graphs.items()
        if graphs != [INFERRED]
    }
    for triple, graphs in content.graphs.items():
        repeats = triple.predicate == TYPE or (triple.subject, triple.object) in ends
        if graphs != [INFERRED] or repeats:
            continue
        premises = (
            line.proof.conclusion
            for line in walk(content.kg.explainer.prove(triple))
            if not line.proof.rule
        )
        passages = {
            graph: None
            for premise in premises
            if premise is not None
            for graph in content.graphs.get(premise, ())
            if graph in content.passages
        }
        for passage in passages:
            found.setdefault(passage, []).append(triple)
    return found
