"""Stage 2: the quotes of the files → passages of the article, and what follows from their place.

A passage is written once, as the quote above its graph. Its offsets are found by looking the
quotes up in the article, in order, and are never typed. Offsets are code points from 0 with an
exclusive end, as in the TextPositionSelector of the Web Annotation Data Model, section 4.2.5.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple, cast

import pyoxigraph as ox

from kaiju_graph.project.sources import Finding, Place
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.terms import EV, EVIDENCE, PASSAGE_CLASS, QUOTE, XSD, Quad

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kaiju_graph.project.sources import Sources
    from kaiju_graph.rdf.terms import Resource, Term

__all__ = [
    "ARTICLE_CLASS",
    "HASH",
    "Article",
    "Articles",
    "Passage",
    "locate_passages",
]

HEADING = re.compile(r"^(=+)[ \t]*(.+?)[ \t]*\1$", re.MULTILINE)
# What may stand between passages beside white space. The marks of the title are markup, its words
# are a passage; a section's heading is markup as a whole.
MARKUP = re.compile(r"^- |^= | =$|^==.*==$", re.MULTILINE)

RUN = 3
"""How many quotes that follow one another tell where a file stands in its article."""
LATE = "out of order"
LONGEST = 48
"""How many characters of a quote an error shows."""

ARTICLE_CLASS = ox.NamedNode(EV + "Article")
HASH = ox.NamedNode(EV + "hash")


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
        """The text with every mark of markup replaced by as many spaces."""
        return MARKUP.sub(lambda mark: " " * len(mark[0]), self.text)

    def gaps(self) -> Iterator[tuple[Passage | None, int, str]]:
        """Yield the words that stand in no passage, each with the passage before and its offset."""
        plain, end, before = self.plain, 0, None
        ends = [(passage.start, passage) for passage in self.passages]
        for start, passage in [*ends, (len(plain), None)]:
            if gap := plain[end:start].strip():
                yield before, plain.index(gap, end), gap
            before, end = passage, passage.end if passage else start

    def place(self, offset: int) -> Place:
        """Return where an offset stands in the article's file."""
        line = self.text.count("\n", 0, offset) + 1
        column = offset - self.text.rfind("\n", 0, offset)
        return Place(f"{self.folder}/article.txt", line, column)


class Articles(NamedTuple):
    """The articles with their passages, and the quotes that have no place in them."""

    articles: list[Article]
    findings: list[Finding]

    @property
    def passages(self) -> dict[str, Passage]:
        """Named graph IRI → passage."""
        return {p.iri.value: p for article in self.articles for p in article.passages}

    def evidence(self) -> list[Quad]:
        """Return what is computed of passages and articles, in the evidence graph."""
        return [quad for article in self.articles for quad in _evidence(article)]


def locate_passages(sources: Sources) -> Articles:
    """Find every quote in its article, in order."""
    articles: list[Article] = []
    findings: list[Finding] = []
    for folder, text in sources.texts.items():
        files = {n: f.quads for n, f in sources.files.items() if n.startswith(f"{folder}/")}
        nodes = [
            quad.subject
            for quads in files.values()
            for quad in quads
            if quad.predicate == terms.TYPE and quad.object == ARTICLE_CLASS
        ]
        if len(nodes) != 1:
            message = f"found {len(nodes)} nodes of type ev:Article; expected one"
            findings.append(Finding("article-node", message, f"{folder}/article.txt"))
            continue
        article = Article(nodes[0], folder, text, [])
        quotes = [
            (file, quad)
            for file in _in_order(files, article.plain)
            for quad in files[file]
            if quad.predicate == QUOTE and isinstance(quad.object, ox.Literal)
        ]
        article, missing = _locate(article, quotes)
        articles.append(article)
        findings += missing
    return Articles(articles, findings)


def _in_order(files: dict[str, list[Quad]], plain: str) -> list[str]:
    """Sort files as the article has them: by where some of their quotes follow one another."""

    def position(file: str) -> int:
        quotes = [
            q.object.value
            for q in files[file]
            if q.predicate == QUOTE and isinstance(q.object, ox.Literal) and q.object.value
        ]
        runs = [
            (-_run(quotes[at : at + RUN], plain, start), at, start)
            for at, quote in enumerate(quotes[:RUN])
            for start in _all(quote, plain)
        ]
        return min(runs, default=(0, 0, len(plain)))[-1]

    return sorted(files, key=position)


def _all(quote: str, plain: str) -> Iterator[int]:
    start = plain.find(quote)
    while start >= 0:
        yield start
        start = plain.find(quote, start + 1)


def _run(quotes: list[str], plain: str, end: int) -> int:
    """Return how many quotes follow one another from an offset, with nothing in between."""
    for number, quote in enumerate(quotes):
        start = plain.find(quote, end)
        if start < 0 or plain[end:start].strip():
            return number
        end = start + len(quote)
    return len(quotes)


def _locate(article: Article, quotes: list[tuple[str, Quad]]) -> tuple[Article, list[Finding]]:
    headings = [(match.start(), match[2]) for match in HEADING.finditer(article.text)]
    plain = article.plain
    passages: list[Passage] = []
    findings: list[Finding] = []
    placed: dict[Resource, tuple[str, Quad]] = {}
    late = 0
    end = 0
    for file, quad in quotes:
        said = cast("ox.Literal", quad.object)
        start = plain.find(said.value, end)
        if quad.subject in placed:
            message = f"found a second quote of {quad.subject}; expected only its first"
            findings.append(Finding("quote", message, file, quad, other=placed[quad.subject]))
            continue
        if start < 0 or not said.value:
            message, other = _missing(plain, passages, said.value)
            late += LATE in message
            if late > 1 and LATE in message:  # which follows from the first that is
                continue
            at = placed[other.iri] if other else None
            findings.append(Finding("quote", message, file, quad, other=at))
            continue
        placed[quad.subject] = file, quad
        end = start + len(said.value)
        section = next((name for at, name in reversed(headings) if at <= start), "")
        order = len(passages) + 1
        passages.append(Passage(quad.subject, said, file, start, end, order, section))
    return article._replace(passages=passages), findings


def _missing(text: str, passages: list[Passage], quote: str) -> tuple[str, Passage | None]:
    """Say why a quote has no place after the passages before it, and which of them takes it."""
    if not quote:
        return "found an empty quote; expected words of the article", None
    taking = None
    for at in _all(quote, text):
        inside = (p for p in passages if p.start < at + len(quote) and at < p.end)
        taking = next(inside, None)
        if taking is None:
            after = next(passage for passage in passages if passage.start > at)
            return f"found the quote {_cut(quote)!r} {LATE}; expected it above {after.iri}", after
    if taking:
        message = (
            f"found the quote {_cut(quote)!r} again; expected words not quoted by {taking.iri}"
        )
        return message, taking
    return _difference(text, passages[-1].end if passages else 0, quote), None


def _difference(text: str, end: int, quote: str) -> str:
    """Say how a quote differs from the article at the place where it agrees longest."""
    shared = 0
    while text.find(quote[: shared + 1], end) >= 0:
        shared += 1
    at = text.find(quote[:shared], end) + shared
    word = max(quote.rfind(" ", 0, shared) + 1, 0)
    found, expected = _cut(quote[word:]), _cut(text[at - (shared - word) :].partition("\n")[0])
    return f"found a quote that is not in the article: {found!r}; expected {expected!r}"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}…"


def _evidence(article: Article) -> Iterator[Quad]:
    digest = sha256(article.text.encode()).hexdigest()
    yield Quad(article.node, HASH, _typed(digest, "hexBinary"), EVIDENCE)
    for passage in article.passages:
        yield Quad(passage.iri, terms.TYPE, PASSAGE_CLASS, EVIDENCE)
        yield _quad(passage.iri, "passageOf", article.node)
        yield _quad(passage.iri, "start", _typed(str(passage.start), "integer"))
        yield _quad(passage.iri, "end", _typed(str(passage.end), "integer"))
        yield _quad(passage.iri, "order", _typed(str(passage.order), "integer"))
        section = ox.Literal(passage.section, language=passage.quote.language or "en")
        yield _quad(passage.iri, "section", section)


def _quad(subject: Resource, name: str, value: Term) -> Quad:
    return Quad(subject, ox.NamedNode(EV + name), value, EVIDENCE)


def _typed(text: str, datatype: str) -> ox.Literal:
    return ox.Literal(text, datatype=ox.NamedNode(XSD + datatype))
