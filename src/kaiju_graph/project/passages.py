"""Locate the quotes of a project's files as passages of its articles.

A file has only the quote of a passage, above its graph. The offsets are computed by searching the
article for the quotes, in order. Offsets are code points from 0 with an exclusive end, as in the
TextPositionSelector of the Web Annotation Data Model, section 4.2.5.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple, cast

import pyoxigraph as ox

from kaiju_graph.project.layout import folder_of, unknown_article
from kaiju_graph.project.sources import Finding, Place, Remedy, select_layers
from kaiju_graph.project.words import find_respelling
from kaiju_graph.rdf.lines import line_and_column
from kaiju_graph.rdf.properties import statements, typed_literal
from kaiju_graph.rdf.terms import (
    EV,
    EVIDENCE,
    LABEL,
    PASSAGE_CLASS,
    QUOTE,
    RDFS,
    SUB_CLASS_OF,
    TYPE,
    Quad,
    closure,
    subjects_by_object,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kaiju_graph.project.sources import Sources
    from kaiju_graph.rdf.properties import Properties
    from kaiju_graph.rdf.terms import Resource, Term

__all__ = [
    "ABOUT",
    "ARTICLE_CLASS",
    "HASH",
    "HEADING",
    "Article",
    "Articles",
    "Passage",
    "locate_passages",
    "respell",
    "select_article",
]

HEADING = re.compile(r"^(=+)[ \t]*(.+?)[ \t]*\1$", re.MULTILINE)
MARKUP = re.compile(r"^- |^= | =$|^==.*==$", re.MULTILINE)
"""The text that may be between passages: marks of list items and of the title, and headings."""
ENDS = "", *".!?\u2026:;\"')]\u2019\u201d"
"""What may stand before a passage on its line."""
RUN = 3
"""The number of adjacent quotes that determine the place of a file in its article."""
OUT_OF_ORDER = "out of order"
MAX_LENGTH = 48
"""How many characters of a quote an error message shows."""

ARTICLE_CLASS = ox.NamedNode(EV + "Article")
HASH = ox.NamedNode(EV + "hash")
ABOUT = ox.NamedNode(EV + "about")
RELATES_TO_SUBJECT = ox.NamedNode(EV + "relatesToSubject")
DOMAIN = ox.NamedNode(RDFS + "domain")


class Passage(NamedTuple):
    """A sentence, infobox line or list item of an article."""

    iri: Resource
    quote: ox.Literal
    file: str
    start: int
    end: int
    order: int
    section: str


class Article(NamedTuple):
    """An article: its node, its text, and its passages in order."""

    node: Resource
    folder: str
    text: str
    passages: list[Passage]

    @property
    def plain(self) -> str:
        """The text with markup replaced by spaces; offsets stay the same."""
        return MARKUP.sub(lambda mark: " " * len(mark[0]), self.text)

    def gaps(self) -> Iterator[tuple[Passage | None, int, str]]:
        """Yield the text outside passages: the passage before it, its offset, the text."""
        plain, end, before = self.plain, 0, None
        starts = [(passage.start, passage) for passage in self.passages]
        for start, passage in [*starts, (len(plain), None)]:
            if gap := plain[end:start].strip():
                yield before, plain.index(gap, end), gap
            before, end = passage, passage.end if passage else start

    def place(self, offset: int) -> Place:
        """Return the place of an offset in the article's file."""
        return Place(f"{self.folder}/article.txt", *line_and_column(self.text, offset))


class Articles(NamedTuple):
    """Articles with their passages, and the quotes that could not be located."""

    articles: list[Article]
    findings: list[Finding]
    relations: list[Quad]
    """The statements that relate things in the passages to what their article is about."""

    @property
    def passages(self) -> dict[str, Passage]:
        """IRI of the named graph → passage."""
        return {p.iri.value: p for article in self.articles for p in article.passages}

    def evidence(self) -> list[Quad]:
        """Return the computed quads, in the evidence graph."""
        about = [quad for article in self.articles for quad in _evidence(article)]
        return about + self.relations


def locate_passages(sources: Sources) -> Articles:
    """Locate every quote in its article, in order."""
    articles: list[Article] = []
    findings: list[Finding] = []
    relations: list[Quad] = []
    domains = _domains_of_relations(sources)
    homes = _articles_of_labels(sources)
    located: dict[Resource, tuple[str, Quad]] = {}
    for folder, text in sources.texts.items():
        files = {
            name: file.quads
            for name, file in sources.files.items()
            if file.layer == "stated" and name.startswith(f"{folder}/")
        }
        quads = [quad for quads in files.values() for quad in quads]
        nodes = [q.subject for q in quads if (q.predicate, q.object) == (TYPE, ARTICLE_CLASS)]
        if len(nodes) != 1:
            message = f"found {len(nodes)} nodes of type ev:Article; "
            message += "expected one, with a label and ev:about, in a .trig file beside it"
            findings.append(Finding("article-node", message, f"{folder}/article.txt"))
            continue
        if other := next((a for a in articles if a.node == nodes[0]), None):
            message = f"found {other.node}, the article of {other.folder}; expected another node"
            findings.append(Finding("article-node", message, f"{folder}/article.txt"))
            continue
        article = Article(nodes[0], folder, text, [])
        quotes = {
            file: [q for q in found if q.predicate == QUOTE and isinstance(q.object, ox.Literal)]
            for file, found in files.items()
        }
        findings += _locate(article, _sort_quotes(quotes, article.plain), located)
        articles.append(article)
        foreign = {thing for thing, folders in homes.items() if folder not in folders}
        relations += _relate_to_subject(quads, nodes[0], domains, foreign)
    return Articles(articles, findings, relations)


def select_article(located: Articles, name: str) -> Articles:
    """Return the one article with an IRI, or in a folder of a name.

    Raises:
        UnknownNameError: there is no such article.
    """
    folders = {article.folder.rpartition("/")[2]: article for article in located.articles}
    nodes = {article.node.value: article for article in located.articles}
    if (article := folders.get(name) or nodes.get(name)) is None:
        raise unknown_article(name, folders)
    return located._replace(articles=[article])


def _domains_of_relations(sources: Sources) -> dict[ox.NamedNode, set[Term]]:
    """Return each property marked ``ev:relatesToSubject`` → the classes in its domain."""
    ontology = select_layers(sources.quads, "ontology")
    subclasses = subjects_by_object(ontology, SUB_CLASS_OF)
    marked = {quad.subject for quad in ontology if quad.predicate == RELATES_TO_SUBJECT}
    return {
        quad.subject: closure([quad.object], subclasses)
        for quad in ontology
        if quad.predicate == DOMAIN
        and quad.subject in marked
        and isinstance(quad.subject, ox.NamedNode)
    }


def _articles_of_labels(sources: Sources) -> dict[Term, set[str]]:
    """Return each thing with a label in a passage → the folders of the articles of its labels."""
    homes: dict[Term, set[str]] = {}
    for name, file in sources.files.items():
        if file.layer == "stated":
            for quad in file.quads:
                if quad.predicate == LABEL:
                    homes.setdefault(quad.subject, set()).add(folder_of(name))
    return homes


def _relate_to_subject(
    quads: list[Quad],
    article: Resource,
    domains: dict[ox.NamedNode, set[Term]],
    foreign: set[Term],
) -> Iterator[Quad]:
    """Relate the things of an article to its one subject, unless a passage relates them to another.

    If an article is about several things, only its passages can tell which of them is meant. What
    only another article labels belongs to that one, even if this one repeats its class.
    """
    subjects = [q.object for q in quads if q.subject == article and q.predicate == ABOUT]
    if len(subjects) != 1:
        return
    stated = {(quad.subject, quad.predicate) for quad in quads}
    for relation, classes in domains.items():
        typed = (q.subject for q in quads if q.predicate == TYPE and q.object in classes)
        for thing in dict.fromkeys(typed):
            if (thing, relation) not in stated and thing not in foreign:
                yield Quad(thing, relation, subjects[0], EVIDENCE)


def respell(quad: Quad, text: str) -> Remedy | None:
    """Return the remedy of a literal that differs by spaces or Unicode form only from a text."""
    literal = cast("ox.Literal", quad.object)
    if (words := find_respelling(literal.value, text)) is None:
        return None
    kind = {"language": literal.language} if literal.language else {"datatype": literal.datatype}
    return Remedy(quad, quad._replace(object=ox.Literal(words, **kind)))


def _sort_quotes(quotes: dict[str, list[Quad]], plain: str) -> list[tuple[str, Quad]]:
    """Return quotes with their files; files are in the order of their first quotes."""

    def position(file: str) -> int:
        texts = [quad.object.value for quad in quotes[file] if quad.object.value]
        runs = [
            (
                -_run_length(texts[at : at + RUN], plain, start),
                not _is_whole(text, plain, start),
                at,
                start,
            )
            for at, text in enumerate(texts[:RUN])
            for start in _occurrences(text, plain)
        ]
        return min(runs, default=(0, True, 0, len(plain)))[-1]

    return [(file, quad) for file in sorted(quotes, key=position) for quad in quotes[file]]


def _is_whole(quote: str, plain: str, start: int) -> bool:
    """Tell whether a quote at an offset may be a whole passage, and not words inside of one."""
    before = plain[plain.rfind("\n", 0, start) + 1 : start].rstrip()
    after = plain[start + len(quote) :][:1]
    return before[-1:] in ENDS and (not after or after.isspace())


def _occurrences(quote: str, plain: str) -> Iterator[int]:
    start = plain.find(quote)
    while start >= 0:
        yield start
        start = plain.find(quote, start + 1)


def _run_length(quotes: list[str], plain: str, end: int) -> int:
    """Return how many quotes follow an offset with only white space between them."""
    for number, quote in enumerate(quotes):
        start = plain.find(quote, end)
        if start < 0 or plain[end:start].strip():
            return number
        end = start + len(quote)
    return len(quotes)


def _locate(
    article: Article,
    quotes: list[tuple[str, Quad]],
    located: dict[Resource, tuple[str, Quad]],
) -> Iterator[Finding]:
    """Add the passages of quotes to an article; yield the quotes without a place.

    Args:
        article: the article.
        quotes: its quotes, in the order of the article, each with its file.
        located: the quotes that have a place, also those of other articles.
    """
    headings = [(match.start(), match[2]) for match in HEADING.finditer(article.text)]
    plain, passages = article.plain, article.passages
    is_in_order = True
    end = 0
    for file, quad in quotes:
        quote = cast("ox.Literal", quad.object)
        start = plain.find(quote.value, end)
        if quad.subject in located:
            message = f"found a second quote of {quad.subject}; "
            message += "expected the name of another passage, or only the first quote"
            yield Finding("quote", message, file, quad, other=located[quad.subject])
        elif start < 0 or not quote.value:
            message, other = _explain(plain, passages, quote.value)
            if OUT_OF_ORDER not in message or is_in_order:  # report only the first out of order
                at = located[other.iri] if other else None
                remedy = respell(quad, plain)
                yield Finding("quote", message, file, quad, other=at, remedy=remedy)
            is_in_order &= OUT_OF_ORDER not in message
        else:
            located[quad.subject] = file, quad
            end = start + len(quote.value)
            section = next((name for at, name in reversed(headings) if at <= start), "")
            order = len(passages) + 1
            passages.append(Passage(quad.subject, quote, file, start, end, order, section))


def _explain(text: str, passages: list[Passage], quote: str) -> tuple[str, Passage | None]:
    """Return the reason why a quote is not found in order, and the passage in its place, if any."""
    if not quote:
        return "found an empty quote; expected words of the article", None
    overlapping = None
    for at in _occurrences(quote, text):
        overlaps = (p for p in passages if p.start < at + len(quote) and at < p.end)
        overlapping = next(overlaps, None)
        if overlapping is None:
            after = next(passage for passage in passages if passage.start > at)
            found = f"found the quote {_cut(quote)!r} {OUT_OF_ORDER}"
            return f"{found}; expected it above {after.iri}", after
    if overlapping:
        found = f"found the quote {_cut(quote)!r} again"
        return f"{found}; expected words not quoted by {overlapping.iri}", overlapping
    return _difference(text, passages[-1].end if passages else 0, quote), None


def _difference(text: str, end: int, quote: str) -> str:
    """Return how a quote differs from the words of the article with the longest common start."""
    shared = 0
    while text.find(quote[: shared + 1], end) >= 0:
        shared += 1
    at = text.find(quote[:shared], end) + shared
    word = max(quote.rfind(" ", 0, shared) + 1, 0)
    found, expected = _cut(quote[word:]), _cut(text[at - (shared - word) :].partition("\n")[0])
    return f"found a quote that is not in the article: {found!r}; expected {expected!r}"


def _cut(text: str) -> str:
    return text if len(text) <= MAX_LENGTH else f"{text[: MAX_LENGTH - 1].rstrip()}…"


def _evidence(article: Article) -> Iterator[Quad]:
    digest = typed_literal(sha256(article.text.encode()).hexdigest(), "xsd:hexBinary")
    yield Quad(article.node, HASH, digest, EVIDENCE)
    for passage in article.passages:
        properties: Properties = [
            ("rdf:type", PASSAGE_CLASS),
            ("ev:passageOf", article.node),
            ("ev:start", typed_literal(passage.start, "xsd:integer")),
            ("ev:end", typed_literal(passage.end, "xsd:integer")),
            ("ev:order", typed_literal(passage.order, "xsd:integer")),
            ("ev:section", ox.Literal(passage.section, language=passage.quote.language or "en")),
        ]
        for triple in statements(passage.iri, properties, iter(())):
            yield Quad(*triple, EVIDENCE)
