"""Write all pages as files, with relative links, the same bytes every time."""

from __future__ import annotations

from functools import cached_property, partial
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pyoxigraph as ox

from kaiju_graph.publish import folders
from kaiju_graph.publish.base import check_base
from kaiju_graph.publish.release import PAGES
from kaiju_graph.rdf.formats import FORMATS
from kaiju_graph.sparql import limits
from kaiju_graph.web.pages import engine, names, processes, terms
from kaiju_graph.web.pages.articles import read_article
from kaiju_graph.web.pages.content import Content, Link
from kaiju_graph.web.pages.pictures import find_stored, read_picture
from kaiju_graph.web.pages.questions import Answer, read_question
from kaiju_graph.web.pages.render import Renderer
from kaiju_graph.web.pages.things import Data, read_thing

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from kaiju_graph.api import KnowledgeGraph
    from kaiju_graph.rdf.terms import Term
    from kaiju_graph.sparql.questions import Question

__all__ = ["SITE", "STATIC", "Site", "pages", "release", "write"]

SITE = folders.Kind("site", frozenset({"index.html", "names.html", "style.css"}))
STATIC = ("icon.svg", "pages.js", "style.css")
FOR_QUERIES = "query.css"
"""The style sheet of the query page."""
GRAPH = "graph.js"
"""The graph as a script."""
PROGRESS = {
    "article": "reading the article",
    "thing": "explaining the things",
    "individual": "explaining the things",
    "class": "explaining the terms",
    "property": "explaining the terms",
    "picture": "drawing the pictures",
    "question": "answering the questions",
}
"""Folder → what is being done while its pages are written."""
FORMAT_OF = {form.endings[0]: name for name, form in FORMATS.items()}
"""Ending of the data of a thing → their format."""
SITEMAP = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
{}</urlset>
"""


def write(
    kg: KnowledgeGraph,
    folder: str,
    base: str | None = None,
    *,
    mebibytes: float = limits.MEBIBYTES,
) -> None:
    """Write the pages of a graph into a folder, whole or not at all.

    Args:
        kg: the graph, whose store is in memory.
        folder: the folder to make; an earlier site in its place is replaced.
        base: where the folder will be on the web, for canonical links and a site map.
        mebibytes: how much memory a second process may take; 0 is no limit.

    Raises:
        UsageError: the base is not an address of the web, or the folder lies among the sources.
        UnreachableError: other files are in the place of the folder, or it cannot be written.
        SourceError: a file of the project does not load.
        QueryError: a stored question does not parse.
    """
    address = "" if base is None else check_base(base)
    folders.write(kg.project, folder, pages(kg, address, mebibytes), SITE)


def release(  # noqa: PLR0913 (those of kg.release, and a limit)
    kg: KnowledgeGraph,
    folder: str,
    *,
    draft: bool = False,
    base: str | None = None,
    endpoint: str | None = None,
    mebibytes: float = limits.MEBIBYTES,
) -> None:
    """Write a release with its pages; the arguments and errors are those of ``kg.release``.

    The graph and the limit of memory are as in ``write``.
    """
    address = "" if base is None else f"{check_base(base)}{PAGES}/"
    kg.release(
        folder, draft=draft, base=base, endpoint=endpoint, pages=pages(kg, address, mebibytes)
    )


class Site:
    """The files of a site, each made when it is read."""

    def __init__(self, kg: KnowledgeGraph, base: str = "", *, is_live: bool = False) -> None:
        """Read the graph.

        Args:
            kg: the graph.
            base: where the site will be on the web, for canonical links.
            is_live: whether a server answers the forms of questions.
        """
        self.content = content = Content(kg)
        self.query_page = "query.html" if engine.has_engine() else ""
        """The address of the page with the engine, if there is one."""
        self._render = Renderer(content, base, is_live=is_live, query_page=self.query_page)
        self.files: dict[str, Callable[[], bytes]] = {}
        """Address → function that reads or makes a file that is no page."""
        for name in STATIC:
            self.files[name] = partial(_read_static, name)
        self.files[names.SCRIPT] = partial(names.write_script, content)
        self.pages: dict[str, Callable[[], bytes]] = {}
        """Address → function that makes the page."""
        self._questions = {
            address.removesuffix(".html"): question
            for question in content.questions
            for address in [content.question_pages[question.name]]
        }
        self._pictures = find_stored(content)
        self._things: dict[str, ox.NamedNode] = {}
        for article in content.articles:
            make = partial(read_article, content, article)
            subjects = content.subjects(article)
            self._add(
                content.addresses[article.node],
                "article",
                page=make,
                pictures=partial(self._picture_links, subjects),
                documents=partial(content.write_for_search, subjects),
            )
        for term, address in content.addresses.items():
            if not isinstance(term, ox.NamedNode) or not address.endswith(".html"):
                continue
            if address.startswith(("class/", "property/")):
                self._add(address, "term", page=partial(self._read_term, term))
            elif address.startswith(("thing/", "individual/")):
                self._things[stem := address.removesuffix(".html")] = term
                self.pages[address] = partial(self._read_thing, stem)
        for stem, stored in self._pictures.items():
            self._add(f"{stem}.html", "picture", page=partial(read_picture, content, stored, stem))
        for stem in self._questions:
            self.pages[f"{stem}.html"] = partial(self.read_question, stem)
        topics = partial(_topics, content)
        self._add("questions.html", "questions", topics=topics)
        self._add("terms.html", "terms", ontologies=partial(_ontologies, content))
        self._add("names.html", "names", sections=partial(names.read_index, content))
        self._add(
            "index.html",
            "index",
            articles=self._articles,
            pictures=self._all_pictures,
            topics=topics,
        )
        if self.query_page:
            self._add_query_page()

    def prepare(self) -> None:
        """Make a page of each kind, so that the next takes less time; some kinds take too much."""
        kinds = {address.partition("/")[0]: address for address in reversed(self.pages)}
        for kind, address in kinds.items():
            if kind not in ("article", "question"):
                self.read(address)

    def read(self, address: str, given: Mapping[str, str] | None = None) -> bytes | None:
        """Return a file, or None if the site has none with this address.

        Args:
            address: the address, relative to the root of the site.
            given: parameter → its value, for the page of a question and the files of its answer.

        Raises:
            ParameterError: the question has no such parameter, or the value is not of its type.
            UnknownNameError: nothing has the name in a value.
            UsageError: the format of the address cannot hold the data.
        """
        if address in self.files:
            return self.files[address]()
        stem, dot, ending = address.rpartition(".")
        if ending == "svg":
            return self._read_image(address)
        if stem in self._things and f".{ending}" in FORMAT_OF:
            return Data.find(self.content, self._things[stem]).write(FORMAT_OF[f".{ending}"])
        if stem not in self._questions or not dot:
            return self.pages[address]() if address in self.pages else None
        if ending == "html":
            return self.read_question(stem, given)
        answer = Answer.find(self.content, self._questions[stem], given or {})
        form = answer.forms.get(f".{ending}")
        return answer.write(form) if form else None

    def _read_image(self, address: str) -> bytes | None:
        """Return a picture, which is a file of the page whose name its own begins with."""
        stem = address.partition(".")[0]
        if stem in self._pictures:
            images = [read_picture(self.content, self._pictures[stem], stem).image]
        elif stem in self._things:
            images = read_thing(self.content, self._things[stem], ()).images
        else:
            images = []
        return next((image.text.encode() for image in images if image.address == address), None)

    def write(self, address: str) -> Iterator[tuple[str, bytes]]:
        """Yield a file, of a page also its pictures, its data or its answer: address, content."""
        stem = address.removesuffix(".html")
        if stem in self._questions:
            yield from self._write_answer(stem)
            return
        if stem in self._things:
            thing = self._things[stem]
            data = Data.find(self.content, thing)
            page = read_thing(self.content, thing, data.forms)
            links = self._picture_links([thing])
            documents = self.content.write_for_search([thing])
            values = {"page": page, "pictures": links, "documents": documents}
            yield address, self._render(address, "thing", **values)
            for form, name in page.files.items():
                yield name, data.write(form)
            images = page.images
        elif stem in self._pictures:
            picture = read_picture(self.content, self._pictures[stem], stem)
            yield address, self._render(address, "picture", page=picture)
            images = [picture.image]
        else:
            yield address, (self.files.get(address) or self.pages[address])()
            images = []
        for image in images:
            yield image.address, image.text.encode()

    def read_question(
        self, stem: str, given: Mapping[str, str] | None = None, error: str = ""
    ) -> bytes:
        """Return the page of a question.

        Args:
            stem: its address, without the ending.
            given: parameter → its value.
            error: why there is no answer for these values; empty if there is one.
        """
        question = self._questions[stem]
        answer = None if error else Answer.find(self.content, question, given or {})
        page = read_question(self.content, question, answer, given or {})
        return self._render(f"{stem}.html", "question", page=page, error=error)

    def show_error(self, address: str, heading: str, message: str, likely: Sequence[Link]) -> bytes:
        """Return the page of an error at an address, with links to what may be meant."""
        return self._render(address, "error", heading=heading, message=message, likely=likely)

    def _write_answer(self, stem: str) -> Iterator[tuple[str, bytes]]:
        """Yield the page of a question and the files of its answer: address and content."""
        question = self._questions[stem]
        answer = Answer.find(self.content, question, {})
        page = read_question(self.content, question, answer, {})
        yield f"{stem}.html", self._render(f"{stem}.html", "question", page=page, error="")
        for ending, form in answer.forms.items():
            yield stem + ending, answer.write(form)

    def _read_thing(self, stem: str) -> bytes:
        """Return the page of a thing."""
        return next(self.write(f"{stem}.html"))[1]

    def _add_query_page(self) -> None:
        """Take the page that asks in SPARQL, and its scripts."""
        self.files[FOR_QUERIES] = partial(_read_static, FOR_QUERIES)
        for name in engine.SCRIPTS:
            self.files[name] = partial(engine.read_script, name)
        self.files[GRAPH] = partial(engine.write_graph, self.content)
        self._add(
            self.query_page,
            "query",
            policy=lambda: engine.POLICY,
            topics=partial(_by_topic, self.content),
            has_rewritten=partial(engine.has_rewritten, self.content),
        )

    def _add(self, address: str, template: str, **values: Callable[[], Any]) -> None:
        """Take a page; each of its values is made by a function."""

        def make() -> bytes:
            made = {name: value() for name, value in values.items()}
            return self._render(address, template, **made)

        self.pages[address] = make

    def _articles(self) -> list[Link]:
        return [self.content.link(article.node) for article in self.content.articles]

    def _picture_links(self, subjects: Collection[Term]) -> list[Link]:
        """Return links to the stored pictures of some subjects."""
        return [
            Link(stored.question.summary, f"{stem}.html")
            for stem, stored in self._pictures.items()
            if stored.subject in subjects
        ]

    def _all_pictures(self) -> list[Link]:
        """Return links to all stored pictures, with the names of their subjects."""
        return [
            Link(f"{stored.title}: {stored.question.summary}", f"{stem}.html")
            for stem, stored in self._pictures.items()
        ]

    @cached_property
    def _rules(self) -> terms.Rules:
        return terms.read_rules(self.content)

    def _read_term(self, term: ox.NamedNode) -> terms.TermPage:
        return terms.read_term(self.content, term, self._rules)


def pages(
    kg: KnowledgeGraph, base: str = "", mebibytes: float = limits.MEBIBYTES
) -> Iterator[tuple[str, bytes]]:
    """Yield the files of a site: address and content; the arguments are those of ``write``."""
    kg.progress("reading the graph")
    site, said = Site(kg, base), ""

    def write(address: str) -> Iterator[tuple[str, bytes]]:
        nonlocal said
        folder, slash, _ = address.partition("/")
        if slash and (words := PROGRESS[folder]) != said:
            said = words
            kg.progress(words)
        return site.write(address)

    yield from processes.share(write, [*site.files, *site.pages], mebibytes)
    if base:
        lines = (
            f"<url><loc>{base}{quote(address)}</loc></url>\n" for address in sorted(site.pages)
        )
        yield "sitemap.xml", SITEMAP.format("".join(lines)).encode()


def _read_static(name: str) -> bytes:
    return (files(__package__) / "static" / name).read_bytes()


def _by_topic(content: Content) -> dict[str, list[Question]]:
    """Return the questions by their first tag, sorted."""
    topics: dict[str, list[Question]] = {}
    for question in content.questions:
        topics.setdefault(question.tags[0] if question.tags else "other", []).append(question)
    return dict(sorted(topics.items()))


def _topics(content: Content) -> dict[str, list[Link]]:
    """Return the questions by their first tag, sorted, as links."""
    return {
        topic: [Link(each.summary, content.question_pages[each.name]) for each in questions]
        for topic, questions in _by_topic(content).items()
    }


def _ontologies(content: Content) -> list[dict[str, Any]]:
    index = content.vocabulary
    return [
        {
            "anchor": content.addresses[node].partition("#")[2],
            "iri": node.value,
            "title": index.text(node, "dcterms:title") or content.link(node).text,
            "description": index.text(node, "dcterms:description"),
            "groups": {
                heading: [(content.link(term), index.text(term, "skos:definition")) for term in of]
                for heading, of in groups.items()
            },
        }
        for node, groups in content.ontologies.items()
    ]
