"""Coverage: for each passage of the article, the words that its graph does not reflect.

A word is *reflected* if a term of the passage's graph carries it: a literal, a name of a node, or
the label of a property or class. Words are compared by their stems, without case and accents.
Numbers also match words ("second" and 2), and dates the name of the month. Function words are left
out. A curator reads the list, and either models a word or leaves it out for a reason.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import pyoxigraph as ox

from kaiju_graph.project.spelling import WORD, fold, same_stem
from kaiju_graph.rdf.terms import ALT_LABEL, LABEL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kaiju_graph.project.names import Names
    from kaiju_graph.project.passages import Articles, Passage
    from kaiju_graph.rdf.terms import Quad, Resource, Term

__all__ = ["Coverage", "Reading", "cover", "find_mentions", "merge_names"]

Span = tuple[int, int]
"""Start and end in a text, in code points."""

FUNCTION_WORDS = frozenset(
    """a about after against all also an and any are around as at be been before being between but
    by can for from had has have having he her him his how if in into is it its itself many may men
    more most nearly no not now of off on only or other out over own same several she so some such
    than that the their them then there these they this those three to too under until up upon was
    were what when where whether which while who whom whose will with would""".split()
)
# Small tables of English: ``calendar`` follows the locale of the process, and no passage spells out
# larger numbers.
NUMBERS = [
    pair.split("/")
    for pair in """zero/zeroth one/first two/second three/third four/fourth five/fifth six/sixth
    seven/seventh eight/eighth nine/ninth ten/tenth""".split()
]
MONTHS = """january february march april may june july august september october november
december""".split()
DATE = re.compile(r"-?[0-9]{4,}-(0[1-9]|1[0-2])-([0-9]{2})")
CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


class Reading(NamedTuple):
    """A passage, the number of its triples, and the words of its quote that they do not reflect."""

    passage: Passage
    triples: int
    unreflected: list[Span]


class Coverage(NamedTuple):
    """The readings of all passages, in order, and the words that are in no passage."""

    readings: list[Reading]
    gaps: list[str]

    @property
    def complete(self) -> bool:
        """True if every word is in a passage and every passage has triples."""
        counts = [reading.triples for reading in self.readings]
        return bool(counts) and all(counts) and not self.gaps


def cover(located: Articles, quads: Iterable[Quad]) -> Coverage:
    """Compare every passage with its graph.

    Args:
        located: the articles with their passages.
        quads: all asserted quads; names and labels may be in any layer.
    """
    names: dict[Resource, list[str]] = {}
    graphs: dict[str, list[Quad]] = {}
    for quad in quads:
        graphs.setdefault(quad.graph.value, []).append(quad)
        if quad.predicate in (LABEL, ALT_LABEL):
            names.setdefault(quad.subject, []).append(quad.object.value)
    readings = []
    for passage in (passage for article in located.articles for passage in article.passages):
        graph = graphs.get(passage.iri.value, [])
        carried = {word for quad in graph for word in _term_words(quad.triple, names)}
        unreflected = [
            span
            for word, span in _content_words(passage.quote.value)
            if not any(same_stem(word, other) for other in carried)
        ]
        readings.append(Reading(passage, len(graph), unreflected))
    gaps = [gap for article in located.articles for *_, gap in article.gaps()]
    return Coverage(readings, gaps)


def find_mentions(quote: str, term: Term, names: list[str]) -> list[Span]:
    """Return where a quote mentions a term: by a name of it, or else by words of its names.

    Args:
        quote: the words of a passage.
        term: a thing or a literal.
        names: the names of the thing.
    """
    mentions = [
        match.span()
        for name in sorted(names, key=len, reverse=True)
        for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", quote)
    ]
    if mentions:
        return mentions
    carried = set(_term_words([term], {term: names} if names else {}))
    return [
        span
        for word, span in _content_words(quote)
        if any(same_stem(word, other) for other in carried)
    ]


def merge_names(quote: str, spans: Iterable[Span], names: Names) -> list[Span]:
    """Return spans of a quote; those inside a name are replaced by the whole name, or left out.

    Part of a name is not a mention: "Reptile 3: Return" does not mention "Reptile".

    Args:
        quote: the words of a passage.
        spans: the mentions in it.
        names: the names of all things.
    """
    kept = list(spans)
    for start, name in names.mentions(quote):
        end = start + len(name)
        inside = [span for span in kept if start <= span[0] and span[1] <= end]
        kept = [span for span in kept if span not in inside]
        words = [(start + first, start + last) for _, (first, last) in _content_words(name)]
        if inside and all(
            any(a <= first and last <= b for a, b in inside) for first, last in words
        ):
            kept.append((start, end))
    return kept


def _content_words(text: str) -> Iterator[tuple[str, Span]]:
    """Yield the folded words of a text and their spans, except function words and initials."""
    for match in WORD.finditer(text):
        word = fold(match[0])
        is_letter = len(word) == 1 and word.isalpha()  # an initial, or the "s" of a possessive
        if word not in FUNCTION_WORDS and not is_letter:
            yield word, match.span()


def _term_words(terms: Iterable[Term], names: Mapping[Any, list[str]]) -> Iterator[str]:
    """Yield the folded words that terms carry."""
    for term in terms:
        texts = [term.value] if isinstance(term, ox.Literal) else names.get(term, [])
        if isinstance(term, ox.NamedNode) and term not in names:
            texts = [CAMEL.sub(" ", re.split(r"[#/]", term.value)[-1])]
        for text in texts:
            yield from (fold(word) for word in WORD.findall(text))
        if isinstance(term, ox.Literal) and re.fullmatch("[0-9]{1,9}", term.value):
            number = int(term.value)
            yield from NUMBERS[number] if number < len(NUMBERS) else ()
            yield from (f"{number}{ending}" for ending in ("st", "nd", "rd", "th"))
        if isinstance(term, ox.Literal) and (date := DATE.match(term.value)):
            yield from (MONTHS[int(date[1]) - 1], date[2].lstrip("0"))
