"""The index: all things and terms by class, with all their names."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from kaiju_graph.evidence.search import find_texts
from kaiju_graph.project.spelling import fold
from kaiju_graph.rdf.terms import ALT_LABEL, HIDDEN_LABEL, LABEL
from kaiju_graph.sparql.results import printable

if TYPE_CHECKING:
    from kaiju_graph.rdf.terms import Term
    from kaiju_graph.web.pages.content import Content, Link

__all__ = ["SCRIPT", "Entry", "Section", "read_index", "write_script"]

SCRIPT = "names.js"
"""The file with what the search looks at; a page that is a file can load nothing but scripts."""


class Entry(NamedTuple):
    """A thing, and its other names."""

    link: Link
    others: list[Link]


class Section(NamedTuple):
    """The things of one class, sorted by name."""

    label: str
    entries: list[Entry]


def read_index(content: Content) -> list[Section]:
    """Return things by their most specific class, in the order of the ontology; then the terms."""
    by_class: dict[Term | None, list[Entry]] = {}
    for term, address in content.addresses.items():
        if address.startswith("thing/"):
            main = content.order.main_class(content.kinds(term))
            by_class.setdefault(main, []).append(_entry(content, term))
    ordered = sorted(
        by_class.items(), key=lambda pair: (pair[0] is None, pair[0] and content.order.key(pair[0]))
    )
    sections = [
        Section(content.link(main).text if main else "other", _sorted(entries))
        for main, entries in ordered
    ]
    for heading, members in content.terms_by_kind().items():
        sections.append(Section(heading, _sorted([_entry(content, term) for term in members])))
    return sections


def _entry(content: Content, term: Term) -> Entry:
    link = content.link(term)
    names = [
        content.link(quad.object)
        for predicate in (LABEL, ALT_LABEL, HIDDEN_LABEL)
        for quad in content.touching[term]
        if quad.subject == term and quad.predicate == predicate
    ]
    others = list({name.text: name for name in names if name.text != link.text}.values())
    return Entry(link, others)


def _sorted(entries: list[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: (fold(entry.link.text), entry.link))


def write_script(content: Content) -> bytes:
    """Return the script with all texts that ``kaiju search`` looks at.

    Each thing is a list: label, address, and its texts, each with the group by which hits are
    sorted. Hits that are equal otherwise stand in the order of the things.
    """
    things: dict[Term, dict[tuple[int, str], None]] = {}
    for group, hit in find_texts(content.quads):
        if hit.thing in content.addresses:
            things.setdefault(hit.thing, {})[group, hit.name] = None
    entries = []
    for thing in sorted(things, key=str):
        link = content.link(thing)
        entries.append([printable(link.text), link.address, list(things[thing])])
    lines = (json.dumps(entry, ensure_ascii=True) for entry in entries)
    text = ",\n".join(lines)
    return f"offerSearch([\n{text}\n]);\n".encode()
