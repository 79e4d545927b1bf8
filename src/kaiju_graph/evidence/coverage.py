"""Stage 8, beside asking: the article, passage by passage: what the graph says of its words.

A word of a passage is *reflected* when a term of the passage's graph carries it: a literal, a name
of a node, or the label of a property or class. Words are compared without case and accents, and
without the endings of ``ENDINGS`` where at least four letters are shared ("directed" and
"director"); numbers also by their words ("second" and 2), and dates by the name of the month. Words
that only hold a sentence together (``FUNCTION_WORDS``) are not asked for. The rest is a reading
aid: each word that is listed is modelled, or somebody knows why not.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import pyoxigraph as ox

from kaiju_graph.project.spelling import WORD, fold
from kaiju_graph.rdf.terms import ALT_LABEL, LABEL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kaiju_graph.project.names import Names
    from kaiju_graph.project.passages import Articles, Passage
    from kaiju_graph.rdf.terms import Quad, Resource, Term

__all__ = ["Coverage", "Reading", "cover", "naming", "whole"]

ENDINGS = {"", "al", "ation", "d", "e", "ed", "er", "es", "ial", "ic", "ing", "ion", "ions", "ist"}
ENDINGS |= {"ly", "ment", "n", "or", "r", "s", "ution", "y", "ies", "ied", "ically"}
FUNCTION_WORDS = frozenset(
    """a about after against all also an and any are around as at be been before being between but
    by can for from had has have having he her him his how if in into is it its itself many may men
    more most nearly no not now of off on only or other out over own same several she so some such
    than that the their them then there these they this those three to too under until up upon was
    were what when where whether which while who whom whose will with would""".split()
)
NUMBERS = (
    ("zero", "zeroth"),
    ("one", "first"),
    ("two", "second"),
    ("three", "third"),
    ("four", "fourth"),
    ("five", "fifth"),
    ("six", "sixth"),
    ("seven", "seventh"),
    ("eight", "eighth"),
    ("nine", "ninth"),
    ("ten", "tenth"),
)
MONTHS = (
    "January February March April May June July August September October November December".split()
)
DATE = re.compile(r"-?[0-9]{4,}-(0[1-9]|1[0-2])-([0-9]{2})")
CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


class Reading(NamedTuple):
    """A passage, the number of its triples, and its words that no term of them carries.

    Each word is given as its span in the quote, in code points.
    """

    passage: Passage
    triples: int
    unreflected: list[tuple[int, int]]


class Coverage(NamedTuple):
    """The readings of all passages, in order, and the words that stand in no passage."""

    readings: list[Reading]
    gaps: list[str]

    @property
    def complete(self) -> bool:
        """True where every word is in a passage and every passage says something."""
        said = [reading.triples for reading in self.readings]
        return bool(said) and all(said) and not self.gaps


def cover(located: Articles, quads: Iterable[Quad]) -> Coverage:
    """Read every passage against its graph.

    Args:
        located: the articles with their passages.
        quads: all that is asserted; names and labels count from every layer.
    """
    names: dict[Resource, list[str]] = {}
    graphs: dict[str, list[Quad]] = {}
    for quad in quads:
        graphs.setdefault(quad.graph.value, []).append(quad)
        if quad.predicate in (LABEL, ALT_LABEL):
            names.setdefault(quad.subject, []).append(quad.object.value)
    readings = []
    for passage in (passage for article in located.articles for passage in article.passages):
        said = graphs.get(passage.iri.value, [])
        carried = {word for quad in said for word in _words(quad.triple, names)}
        readings.append(Reading(passage, len(said), list(_unreflected(passage, carried))))
    gaps = [gap for article in located.articles for *_, gap in article.gaps()]
    return Coverage(readings, gaps)


def _words(terms: Iterable[Term], names: Mapping[Any, list[str]]) -> Iterator[str]:
    """Yield the folded words that terms carry."""
    for term in terms:
        texts = [term.value] if isinstance(term, ox.Literal) else names.get(term, [])
        for text in texts:
            yield from (fold(word) for word in WORD.findall(text))
        if isinstance(term, ox.NamedNode) and term not in names:
            local = re.split(r"[#/]", term.value)[-1]
            yield from (fold(word) for word in WORD.findall(CAMEL.sub(" ", local)))
        if isinstance(term, ox.Literal) and re.fullmatch("[0-9]{1,9}", term.value):
            number = int(term.value)
            yield from NUMBERS[number] if number < len(NUMBERS) else ()
            yield from (f"{number}{ending}" for ending in ("st", "nd", "rd", "th"))
        if isinstance(term, ox.Literal) and (date := DATE.match(term.value)):
            yield from (fold(MONTHS[int(date[1]) - 1]), date[2].lstrip("0"))


def naming(quote: str, term: Term, names: list[str]) -> list[tuple[int, int]]:
    """Return where a quote names a term, as spans in code points: by a name, or else by its words.

    Args:
        quote: the words of a passage.
        term: a thing or a literal.
        names: the names of the thing.
    """
    whole = [
        match.span()
        for name in sorted(names, key=len, reverse=True)
        for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", quote)
    ]
    if whole:
        return whole
    carried = set(_words([term], {term: names} if names else {}))
    return [
        match.span()
        for match in WORD.finditer(quote)
        if _is_asked_for(word := fold(match[0])) and any(_alike(word, other) for other in carried)
    ]


def whole(quote: str, spans: Iterable[tuple[int, int]], names: Names) -> list[tuple[int, int]]:
    """Return spans of a quote, those in a name that it has as the whole name, or left out.

    Part of a name does not name what the name is not of.

    Args:
        quote: the words of a passage.
        spans: where it names something, in code points.
        names: of all things that have names.
    """
    found = list(spans)
    for start, name in names.mentions(quote):
        inside = [span for span in found if start <= span[0] and span[1] <= start + len(name)]
        asked = [match for match in WORD.finditer(name) if _is_asked_for(fold(match[0]))]
        found = [span for span in found if span not in inside]
        if inside and all(
            any(
                first <= start + match.start() and start + match.end() <= last
                for first, last in inside
            )
            for match in asked
        ):
            found.append((start, start + len(name)))
    return found


def _unreflected(passage: Passage, carried: set[str]) -> Iterator[tuple[int, int]]:
    for match in WORD.finditer(passage.quote.value):
        word = fold(match[0])
        if _is_asked_for(word) and not any(_alike(word, other) for other in carried):
            yield match.span()


def _is_asked_for(word: str) -> bool:
    """Tell whether a word does more than hold a sentence together."""
    is_letter = len(word) == 1 and word.isalpha()  # the "s" of a possessive, an initial
    return word not in FUNCTION_WORDS and not is_letter


def _alike(word: str, other: str) -> bool:
    """Tell whether two words are equal but for an ending of ``ENDINGS`` on either.

    >>> _alike("directed", "director"), _alike("meteor", "metal")
    (True, False)
    """
    if word == other:
        return True
    shared = 0
    for a, b in zip(word, other, strict=False):
        if a != b:
            break
        shared += 1
    return any(
        word[length:] in ENDINGS and other[length:] in ENDINGS for length in range(4, shared + 1)
    )
