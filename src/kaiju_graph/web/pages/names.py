"""The index: all things and terms by class, with all their names."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kaiju_graph.project.spelling import fold, long_vowel_key, name_key
from kaiju_graph.rdf.terms import ALT_LABEL, HIDDEN_LABEL, LABEL

if TYPE_CHECKING:
    from kaiju_graph.rdf.terms import Term
    from kaiju_graph.web.pages.content import Content, Link

__all__ = ["Entry", "Section", "read_index"]


class Entry(NamedTuple):
    """A thing, and its other names."""

    link: Link
    others: list[Link]
    folded: str
    """All names as the search compares them; empty if they are the label in lower case."""
    short: str
    """The names with marks on long vowels, without the second letters of these."""


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
    texts = [link.text, *(name.text for name in others)]
    folded = "\n".join(map(name_key, texts))
    short = "\n".join(filter(None, map(long_vowel_key, texts)))
    return Entry(link, others, folded if folded != link.text.lower() else "", short)


def _sorted(entries: list[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: (fold(entry.link.text), entry.link))
