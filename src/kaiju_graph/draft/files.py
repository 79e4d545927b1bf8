"""The texts of the files of an article: passages, named things, prefixes and licence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.draft import write
from kaiju_graph.draft.knowledge import SHARED, parent
from kaiju_graph.draft.names import ENGLISH, labels_of, slug
from kaiju_graph.project.passages import ABOUT, ARTICLE_CLASS
from kaiju_graph.project.sources import CURATION_CLASS
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.terms import LABEL, NEEDS_CONTEXT, NOT_MODELLED, QUOTE, STATUS, TYPE, Triple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kaiju_graph.draft.entries import Draft, Entry

__all__ = [
    "curation_file",
    "entities_file",
    "entity_blocks",
    "files",
    "passage",
    "prologue",
    "section_of",
    "stub_blocks",
]

SOURCE = ox.NamedNode(terms.EV + "source")
LICENCE = ox.NamedNode("http://purl.org/dc/terms/license")
OWN_LICENCE = "the editors of this graph, who gave the licence when they drafted the article"
UNKNOWN = """Words with capitals that the graph does not know. Give those that name a thing a class
in place of CLASS, or to a known thing as skos:altLabel, and delete the others."""
SHOWN = 6
"""How many passages are listed beside a name."""


def files(new: Draft, text: str, licence: str | None) -> dict[str, str]:
    """Return the files of a new article: path, relative to the root → text."""
    site = new.site
    made = {
        "article.txt": text,
        "prefixes.ttl": _prefixes(new),
        "entities.ttl": entities_file(new),
    }
    if licence:
        made["curation.trig"] = curation_file(new, licence)
    by_file: dict[str, list[Entry]] = {}
    for entry in new.entries:
        by_file.setdefault(entry.piece.file, []).append(entry)
    for name, entries in by_file.items():
        is_first = entries[0] == new.entries[0]
        made[f"{name}.trig"] = _passages_file(new, entries, with_article=is_first)
    return {f"{site.folder}/{name}": content for name, content in made.items()}


def _passages_file(new: Draft, entries: list[Entry], *, with_article: bool) -> str:
    """Return the text of a file of passages, with a ruler above each section.

    It declares the prefixes that its next graphs need, too.
    """
    writer = write.Writer(new.prefixes)
    blocks = [_article(new, writer)] if with_article else []
    heading = None
    for entry in entries:
        title = section_of(entry)
        if title != heading:
            blocks.append(write.ruler(title))
            heading = title
        blocks.append(passage(entry, writer, new))
    return _file(new, writer.terms.used | new.knowledge.common_prefixes, blocks)


def section_of(entry: Entry) -> str:
    """Return the title of the section of a passage in its file."""
    if entry.piece.name == "title":
        return "Title"
    if entry.piece.name.startswith("infobox-"):
        return "Infobox"
    return entry.piece.heading


def passage(entry: Entry, writer: write.Writer, new: Draft) -> str:
    """Return a passage: what it names as a comment, its quote, and its graph if it has one."""
    quote = ox.Literal(entry.piece.quote, language=new.site.language)
    above = [Triple(entry.iri, QUOTE, quote)]
    above += [Triple(entry.iri, NEEDS_CONTEXT, other) for other in entry.context]
    if entry.is_modelled and entry.reading:
        graph = writer.graph(entry.iri, entry.reading.triples, entry.remarks)
        return f"{writer.statements(above)}\n\n{graph}"
    above.append(Triple(entry.iri, STATUS, NOT_MODELLED))
    known = ", ".join(new.prefixes.shorten(thing.value) for thing in entry.known)
    remarks = [*entry.remarks, *([f"Names: {known}"] if known else [])]
    lines = [line for remark in remarks for line in write.comment(remark)]
    return "\n".join([*lines, writer.statements(above)])


def _article(new: Draft, writer: write.Writer) -> str:
    node = ox.NamedNode(f"{new.site.namespace}article")
    label = ox.Literal(f"{new.outline.title} (article)", language=ENGLISH)
    return writer.statements(
        [
            Triple(node, TYPE, ARTICLE_CLASS),
            Triple(node, LABEL, label),
            Triple(node, ABOUT, new.site.subject.iri),
        ]
    )


def entities_file(new: Draft) -> str:
    """Return the text of the named things, and of those that may be some."""
    writer = write.Writer(new.prefixes)
    blocks = [*entity_blocks(new, writer), *stub_blocks(new)]
    others = {"skos", new.site.prefix} & new.prefixes.keys()
    return _file(new, writer.terms.used | new.knowledge.common_prefixes - {"xsd"} | others, blocks)


def entity_blocks(new: Draft, writer: write.Writer) -> list[str]:
    """Return the new things, by class."""
    by_kind: dict[str, list[str]] = {}
    for thing, properties in new.entities.items():
        kinds = [value for predicate, value in properties if predicate == TYPE]
        words = (
            new.knowledge.vocabulary.words(kinds[0]) if kinds else ["other names of known things"]
        )
        title = words[0][:1].upper() + words[0][1:]
        text = writer.statements(Triple(thing, *pair) for pair in properties)
        by_kind.setdefault(title, []).append(text)
    return [block for title, texts in by_kind.items() for block in (write.ruler(title), *texts)]


def stub_blocks(new: Draft) -> list[str]:
    """Return the names that the graph does not know, as comments."""
    if not new.stubs:
        return []
    blocks = [write.ruler("Names in the text"), "\n".join(write.comment(UNKNOWN))]
    for name, places in new.stubs.items():
        more = f" and {len(places) - SHOWN} more" if len(places) > SHOWN else ""
        labels = " , ".join(map(str, labels_of(name, new.site.language)))
        things = map(new.prefixes.shorten, (thing.value for thing in new.fuller.get(name, ())))
        perhaps = f"; perhaps {' or '.join(things)}" if name in new.fuller else ""
        where = write.comment(f"In {', '.join(places[:SHOWN])}{more}{perhaps}:")
        lines = [
            *where,
            f"# {SHARED}:{slug(name) or 'name'} a CLASS ;",
            f"#     rdfs:label {labels} .",
        ]
        blocks.append("\n".join(lines))
    return blocks


def _prefixes(new: Draft) -> str:
    namespace, prefix = new.site.namespace, new.site.prefix
    return (
        "@prefix sh: <http://www.w3.org/ns/shacl#> .\n"
        "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n\n"
        "# The namespace of this article: its passages, and the things that have no name in it.\n\n"
        f"<{new.knowledge.registry}>\n    sh:declare\n"
        f'        [ sh:prefix "{prefix}" ; sh:namespace "{namespace}"^^xsd:anyURI ] .\n'
    )


def curation_file(new: Draft, licence: str) -> str:
    """Return the text of the curation of an article: its licence, which it does not state."""
    writer = write.Writer(new.prefixes)
    name = new.site.folder.rpartition("/")[2]
    graph = ox.NamedNode(f"{terms.GRAPH}curation-licence-of-{name}")
    described = [
        Triple(graph, TYPE, CURATION_CLASS),
        Triple(graph, LABEL, ox.Literal("licence of the article", language=ENGLISH)),
        Triple(graph, SOURCE, ox.Literal(OWN_LICENCE, language=ENGLISH)),
    ]
    node = ox.NamedNode(f"{new.site.namespace}article")
    stated = [Triple(node, LICENCE, ox.NamedNode(licence))]
    blocks = [write.ruler("Licence"), writer.statements(described), writer.graph(graph, stated)]
    return _file(new, writer.terms.used, blocks)


def _file(new: Draft, prefixes: Iterable[str], blocks: list[str]) -> str:
    body = "\n\n".join(blocks) or "# No new things."
    return "\n".join(filter(None, (prologue(new, prefixes), f"{body}\n")))


def prologue(new: Draft, used: Iterable[str]) -> str:
    """Return declarations of prefixes, those of the project's own namespaces last."""
    own = terms.EV.rpartition("/")[0], parent(new.knowledge.shared)
    return write.prologue(new.prefixes, used, own)
