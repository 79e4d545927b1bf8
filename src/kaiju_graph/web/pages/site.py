"""Write all pages as files, with relative links, the same bytes every time."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import pyoxigraph as ox

from kaiju_graph.errors import UsageError
from kaiju_graph.publish import folders
from kaiju_graph.web.pages import names, terms
from kaiju_graph.web.pages.articles import read_article
from kaiju_graph.web.pages.content import Content, Link
from kaiju_graph.web.pages.questions import read_question
from kaiju_graph.web.pages.render import Renderer
from kaiju_graph.web.pages.things import read_thing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kaiju_graph.api import KnowledgeGraph

__all__ = ["SITE", "STATIC", "pages", "write"]

SITE = folders.Kind("site", frozenset({"index.html", "names.html", "style.css"}))
STATIC = ("style.css", "pages.js")
SITEMAP = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
{}</urlset>
"""


def write(kg: KnowledgeGraph, folder: str, base: str | None = None) -> None:
    """Write the pages of a graph into a folder, whole or not at all.

    Args:
        kg: the graph.
        folder: the folder to make; an earlier site in its place is replaced.
        base: where the folder will be on the web, for canonical links and a site map.

    Raises:
        UsageError: the base is not an address of the web, or the folder lies among the sources.
        UnreachableError: other files are in the place of the folder, or it cannot be written.
        SourceError: a file of the project does not load.
        QueryError: a stored question does not parse.
    """
    address = "" if base is None else _check_base(base)
    folders.write(kg.project, folder, pages(kg, address), SITE)


def _check_base(base: str) -> str:
    """Return the address of a folder on the web, with a slash at its end.

    Raises:
        UsageError: it is not such an address.
    """
    expected = "expected an address such as https://example.org/film/"
    try:
        parts = urlsplit(base)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname)
        _ = parts.port
        ox.NamedNode(base)
    except ValueError:
        is_address = False
    if not is_address or parts.query or parts.fragment or "@" in parts.netloc:
        raise UsageError(f"--base: found {base!a}; {expected}")
    return base if base.endswith("/") else f"{base}/"


def pages(kg: KnowledgeGraph, base: str = "") -> Iterator[tuple[str, bytes]]:
    """Yield the files of a site: address and content."""
    kg.progress("reading the graph")
    content = Content(kg)
    render = Renderer(content, base)
    written: list[str] = []

    def page(address: str, template: str, **values: Any) -> tuple[str, bytes]:
        written.append(address)
        return address, render(address, template, **values)

    for name in STATIC:
        yield name, (files(__package__) / "static" / name).read_bytes()
    kg.progress("reading the article")
    for article in content.articles:
        address = content.addresses[article.node]
        yield page(address, "article", page=read_article(content, article))
    kg.progress("explaining the things")
    of_shapes = terms.read_rules(content)
    for term, address in content.addresses.items():
        if not isinstance(term, ox.NamedNode) or not address.endswith(".html"):
            continue
        if address.startswith(("class/", "property/")):
            entry = terms.read_term(content, term, of_shapes)
            yield page(address, "term", page=entry)
        elif address.startswith(("thing/", "individual/")):
            yield page(address, "thing", page=read_thing(content, term))
    kg.progress("answering the questions")
    for question in content.questions:
        answer, results = read_question(content, question)
        yield page(content.question_pages[question.name], "question", page=answer)
        yield from results.items()
    yield page("questions.html", "questions", topics=_topics(content))
    yield page("terms.html", "terms", ontologies=_ontologies(content))
    yield page("names.html", "names", sections=names.read_index(content))
    yield page(
        "index.html",
        "index",
        articles=[content.link(article.node) for article in content.articles],
        topics=_topics(content),
        figures=kg.stats(),
    )
    if base:
        lines = (f"<url><loc>{base}{quote(address)}</loc></url>\n" for address in sorted(written))
        yield "sitemap.xml", SITEMAP.format("".join(lines)).encode()


def _topics(content: Content) -> dict[str, list[Link]]:
    """Return the questions by their first tag, sorted."""
    topics: dict[str, list[Link]] = {}
    for question in content.questions:
        link = Link(question.summary, content.question_pages[question.name])
        topics.setdefault(question.tags[0] if question.tags else "other", []).append(link)
    return dict(sorted(topics.items()))


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
