"""Coverage: what carries each content word of an article's passages.

A word is carried by *structure* if a query can find it without reading labels: it is in the name
that the article gives to a thing (a proper name or a noun, such as "ocean"), in the name of a class
or property, or in the value of a property. What stands only in a *label* (one that the editors
wrote, such as that of an event, or any other annotation) cannot be asked for, and counts as if
*nothing* carried it. A curator gives such a word structure, or writes beside its passage why it has
none (``ev:omission``). What is curated carries no word, because the article does not say it.

Words are compared by lemma and stem, without case and accents; numbers and dates by their value, in
any form that the language of the quote has for it ("second" for 2, "July" for 1996-07).
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import pyoxigraph as ox

from kaiju_graph.project.sources import graph_layers
from kaiju_graph.project.spelling import WORD, fold, same_stem
from kaiju_graph.rdf.terms import ALT_LABEL, EV, LABEL, OWL, STATUS, TYPE, last_segment
from kaiju_graph.wording.lemmas import lemmas
from kaiju_graph.wording.numbers import divide
from kaiju_graph.wording.tokens import find_offsets
from kaiju_graph.wording.values import find_value, kind_of_value

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from kaiju_graph.project.names import Names
    from kaiju_graph.project.passages import Article, Articles, Passage
    from kaiju_graph.rdf.terms import Quad, Resource, Term

__all__ = [
    "CARRIERS",
    "FUNCTION_WORDS",
    "OMISSION",
    "Coverage",
    "Reading",
    "Word",
    "count_words",
    "cover",
    "find_mentions",
    "merge_names",
    "omitted_spans",
]

Span = tuple[int, int]
"""Start and end in a text, in code points."""

CARRIERS = ("structure", "label", "nothing")
OMISSION = ox.NamedNode(EV + "omission")
ANNOTATION_PROPERTY = ox.NamedNode(OWL + "AnnotationProperty")
UNKNOWN = "und"
"""The tag of a language that is not known (RFC 5646, section 4.1)."""
QUOTED = re.compile("“([^“”]+)”")
# The words of the closed classes that only connect others. Words for how many, how often, how far
# and in which order are content.
FUNCTION_WORDS = frozenset(
    (
        # articles and demonstratives
        "a an the this that these those "
        # pronouns
        "i me my we us our you your he him his she her hers it its they them their theirs himself "
        "herself itself themselves who whom whose which what "
        # prepositions
        "about above across after against along amid among around as at before behind below "
        "beneath beside between beyond by despite down during for from in inside into like near of "
        "off on onto out outside over per since through throughout to toward towards under until "
        "up upon via with within without "
        # conjunctions
        "and or but nor if because although though unless whether while when where how than so "
        # auxiliary verbs
        "be am is are was were been being do does did have has had having can could may might must "
        "shall should will would"
    ).split()
)
CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


class Word(NamedTuple):
    """A content word of a quote, what carries it, and any reason for its lack of structure."""

    start: int
    end: int
    carrier: str
    """One of ``CARRIERS``."""
    reason: str = ""

    @property
    def is_missing(self) -> bool:
        """True if neither structure nor a reason stands for the word."""
        return self.carrier != "structure" and not self.reason


class Reading(NamedTuple):
    """A passage, the number of its triples, and the content words of its quote, in order."""

    passage: Passage
    triples: int
    words: list[Word]
    is_modelled: bool = True
    """Whether it is not marked as still to be modelled."""

    @property
    def missing(self) -> list[Word]:
        """The words without structure or a reason."""
        return [word for word in self.words if word.is_missing]


class Coverage(NamedTuple):
    """The readings of passages, in order, and the text that is in no passage."""

    readings: list[Reading]
    gaps: list[str]

    @property
    def complete(self) -> bool:
        """True if every word is in a passage and every passage has triples."""
        counts = [reading.triples for reading in self.readings]
        return bool(counts) and all(counts) and not self.gaps

    @property
    def counts(self) -> dict[str, int]:
        """The number of words for each of ``CARRIERS``; under "reason", those that have one."""
        return count_words(word for reading in self.readings for word in reading.words)


def count_words(words: Iterable[Word]) -> dict[str, int]:
    """Return how many words each of ``CARRIERS`` carries; under "reason", those that have one."""
    counts = Counter("reason" if word.reason else word.carrier for word in words)
    return {carrier: counts[carrier] for carrier in (*CARRIERS, "reason")}


def cover(
    located: Articles,
    quads: Iterable[Quad],
    *,
    articles: Iterable[Article] | None = None,
    passages: Collection[Resource] = (),
) -> Coverage:
    """Compare passages with their graphs.

    Args:
        located: the articles with their passages.
        quads: all asserted quads; names and classes may be in any layer.
        articles: read only these; None reads all.
        passages: read only these; no others, and no gaps.
    """
    names, stated = _read_names(quads)
    homes: dict[Term, _Carriers] = {}
    carriers = {}
    for article in located.articles:
        of_article = (stated.get(passage.iri, []) for passage in article.passages)
        found = carriers[article.folder] = _Carriers(names, chain.from_iterable(of_article), homes)
        homes |= dict.fromkeys(found.labels, found)
    selected = located.articles if articles is None else list(articles)
    readings = [
        _read(passage, carriers[article.folder])
        for article in selected
        for passage in article.passages
        if not passages or passage.iri in passages
    ]
    gaps = (gap for article in selected for *_, gap in article.gaps())
    return Coverage(readings, [] if passages else [*gaps])


def omitted_spans(remark: str, quote: str) -> dict[str, list[Span]]:
    """Return the words that a remark quotes in “ ” → where a quote has them as whole words.

    >>> omitted_spans("“as” and “is so” only connect", "As big as that")
    {'as': [(7, 9)], 'is so': []}
    """
    return {
        words: [match.span() for match in re.finditer(rf"(?<!\w){re.escape(words)}(?!\w)", quote)]
        for words in QUOTED.findall(remark)
    }


def _read(passage: Passage, carriers: _Carriers) -> Reading:
    quote, language = passage.quote.value, passage.quote.language or UNKNOWN
    quads = carriers.graphs.get(passage.iri, [])
    values, *carried = carriers.carried_by(quads)
    structure, label = (_Words(words, language) for words in carried)
    numbers = _find_values(quote, language, values)
    omitted = [
        (span, remark)
        for remark in carriers.shared.omissions.get(passage.iri, ())
        for spans in omitted_spans(remark, quote).values()
        for span in spans
    ]
    words = []
    for start, end in _content_spans(quote):
        carrier, reason = "structure", ""
        is_value = any(a < end and start < b for a, b in numbers)
        if not (is_value or structure.include(quote[start:end])):
            carrier = "label" if label.include(quote[start:end]) else "nothing"
            reasons = (remark for (a, b), remark in omitted if a <= start and end <= b)
            reason = next(reasons, "")
        words.append(Word(start, end, carrier, reason))
    return Reading(passage, len(quads), words, passage.iri not in carriers.shared.drafts)


def _find_values(quote: str, language: str, terms: Iterable[Term]) -> list[Span]:
    """Return where a quote has the numbers and dates of literals."""
    tokens = divide(quote, language)
    offsets = find_offsets(tokens)
    return [
        (offsets[first][0], offsets[end - 1][1])
        for term in terms
        for first, end in find_value(term, tokens, language)
    ]


class _Words:
    """Words of a language, to be compared by stem and lemma."""

    def __init__(self, words: Iterable[str], language: str) -> None:
        words = set(words)
        self.language = language
        self.folded = {fold(word) for word in words}
        self.lemmas = {form for word in words for form in lemmas(word, language)}

    def include(self, word: str) -> bool:
        """Tell whether one of the words has the stem or the lemma of another word."""
        folded = fold(word)
        return (
            folded in self.folded
            or any(same_stem(folded, other) for other in self.folded)
            or not self.lemmas.isdisjoint(lemmas(word, self.language))
        )


class _Names(NamedTuple):
    """What names and describes things for all articles: entities, ontology and evidence."""

    terms: set[Term]
    """What the ontology defines."""
    annotations: set[Term]
    names: dict[Term, list[str]]
    classes: dict[Term, set[Term]]
    omissions: dict[Resource, list[str]]
    drafts: set[Resource]
    """The passages that are still to be modelled."""


def _read_names(quads: Iterable[Quad]) -> tuple[_Names, dict[Resource, list[Quad]]]:
    """Return what names things for all articles, and what each passage states.

    What is curated is left out.
    """
    quads = list(quads)
    layers = graph_layers(quads)
    ontology = [quad for quad in quads if layers[quad.graph.value] == "ontology"]
    marked = (quad.subject for quad in ontology if quad.object == ANNOTATION_PROPERTY)
    annotations: set[Term] = {LABEL, ALT_LABEL, *marked}
    shared = _Names({quad.subject for quad in ontology}, annotations, {}, {}, {}, set())
    stated: dict[Resource, list[Quad]] = {}
    for quad in quads:
        layer = layers[quad.graph.value]
        if layer == "stated":
            stated.setdefault(quad.graph, []).append(quad)
        elif layer == "curated":
            continue
        elif quad.predicate in (LABEL, ALT_LABEL):
            shared.names.setdefault(quad.subject, []).append(quad.object.value)
        elif quad.predicate == TYPE:
            shared.classes.setdefault(quad.subject, set()).add(quad.object)
        elif quad.predicate == STATUS:
            shared.drafts.add(quad.subject)
        elif quad.predicate == OMISSION:
            shared.omissions.setdefault(quad.subject, []).append(quad.object.value)
    return shared, stated


class _Carriers:
    """What names and describes the things of one article, other than a curation.

    A thing is described by the passages of the article, and of the one that labels it; what
    another says of it changes nothing.

    Args:
        shared: what names things for all articles.
        stated: what the passages of the article state.
        homes: thing → the carriers of the article that labels it; complete before words are read.
    """

    def __init__(
        self, shared: _Names, stated: Iterable[Quad], homes: Mapping[Term, _Carriers]
    ) -> None:
        self.shared = shared
        self.homes = homes
        self.labels: dict[Term, list[str]] = {}
        self.classes: dict[Term, set[Term]] = {}
        self.values: dict[Term, set[Term]] = {}
        self.graphs: dict[Resource, list[Quad]] = {}
        for quad in stated:
            self.graphs.setdefault(quad.graph, []).append(quad)
            if quad.predicate in (LABEL, ALT_LABEL):
                self.labels.setdefault(quad.subject, []).append(quad.object.value)
            elif quad.predicate == TYPE:
                self.classes.setdefault(quad.subject, set()).add(quad.object)
            elif isinstance(quad.object, ox.Literal) and not self._is_label(quad):
                self.values.setdefault(quad.subject, set()).add(quad.object)

    def _is_label(self, quad: Quad) -> bool:
        return quad.predicate in self.shared.annotations

    def carried_by(self, quads: Iterable[Quad]) -> tuple[set[Term], set[str], set[str]]:
        """Return the numbers, dates and words that structure carries, and the words of labels."""
        structure: set[Term] = set()
        label: set[Term] = set()
        things: set[Term] = set()
        for quad in quads:
            if self._is_label(quad):
                label.add(quad.object)
                things.add(quad.subject)
                continue
            structure |= {quad.predicate} - {TYPE}
            for term in (quad.subject, quad.object):
                is_thing = not isinstance(term, ox.Literal) and term not in self.shared.terms
                (things if is_thing else structure).add(term)
        names = self.shared.names
        labels: dict[Term, list[str]] = {}
        for thing in things:
            structure |= self.shared.classes.get(thing, set())
            structure |= {thing} if thing in names else set()
            for carriers in {self, self.homes.get(thing, self)}:
                structure |= carriers.classes.get(thing, set())
                labels.setdefault(thing, []).extend(carriers.labels.get(thing, ()))
                if thing not in names:  # it is found by what any passage states of it
                    structure |= carriers.values.get(thing, set())
        labels = {thing: texts for thing, texts in labels.items() if texts}
        values = set(filter(kind_of_value, structure))
        return (
            values,
            set(_term_words(structure - values, names)),
            {*_term_words(label, {}), *_term_words(things - structure, labels)},
        )


def find_mentions(quote: str, term: Term, names: list[str], language: str = "") -> list[Span]:
    """Return where a quote mentions a term: by its value, by a name, or else by words of its names.

    Args:
        quote: the words of a passage.
        term: a thing or a literal.
        names: the names of the thing.
        language: the language of the quote.
    """
    if kind_of_value(term):
        return _find_values(quote, language or UNKNOWN, [term])
    mentions = [
        match.span()
        for name in sorted(names, key=len, reverse=True)
        for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", quote)
    ]
    if mentions:
        return mentions
    carried = {fold(word) for word in _term_words([term], {term: names} if names else {})}
    return [
        (start, end)
        for start, end in _content_spans(quote)
        if any(same_stem(fold(quote[start:end]), other) for other in carried)
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
        words = [(start + first, start + last) for first, last in _content_spans(name)]
        if inside and all(
            any(a <= first and last <= b for a, b in inside) for first, last in words
        ):
            kept.append((start, end))
    return kept


def _content_spans(text: str) -> Iterator[Span]:
    """Yield the spans of the words of a text, except function words and initials."""
    for match in WORD.finditer(text):
        word = fold(match[0])
        is_letter = len(word) == 1 and word.isalpha()  # an initial, or the "s" of a possessive
        if word not in FUNCTION_WORDS and not is_letter:
            yield match.span()


def _term_words(terms: Iterable[Term], names: Mapping[Any, list[str]]) -> Iterator[str]:
    """Yield the words that terms carry."""
    for term in terms:
        texts = [term.value] if isinstance(term, ox.Literal) else names.get(term, [])
        if isinstance(term, ox.NamedNode) and term not in names:
            texts = [CAMEL.sub(" ", last_segment(term.value))]
        for text in texts:
            yield from WORD.findall(text)
