"""Draft the statements of infobox lines and lists, by the keys that stand in the ontology."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.draft.names import ENGLISH, labels_of, slug
from kaiju_graph.draft.outline import TITLE, unique
from kaiju_graph.draft.values import (
    read_amount,
    read_country,
    read_date,
    read_seconds,
    read_year,
    split_list,
    split_remark,
)
from kaiju_graph.draft.vocabulary import DISJOINT, TOPIC
from kaiju_graph.project.spelling import fold, same_stem
from kaiju_graph.rdf.terms import ALT_LABEL, LABEL, RDF, TYPE, XSD, Triple
from kaiju_graph.wording.durations import unit_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

    from kaiju_graph.draft.knowledge import Knowledge
    from kaiju_graph.draft.outline import Piece
    from kaiju_graph.draft.site import Site
    from kaiju_graph.draft.vocabulary import Vocabulary
    from kaiju_graph.rdf.prefixes import Prefixes
    from kaiju_graph.rdf.terms import Term

__all__ = [
    "Infobox",
    "Reading",
    "Subject",
    "find_kind",
]

TEXTS = (RDF + "PlainLiteral", RDF + "langString")
AND = re.compile(r"\s(?:and|&)\s|/")
MORE = re.compile(r"\s(?:as|by|\u2013|\u2014|-)\s")
"""What stands between a name and something else, as in "Ann as Bo" and "Night by Ann"."""
SHORTEST = 3
"""How many letters the abbreviation of a unit has at least, such as min for minutes."""


class Subject(NamedTuple):
    """What an article is about: its IRI, name and class, and whether the graph knows it."""

    iri: ox.NamedNode
    name: str
    kind: ox.NamedNode
    is_known: bool


class Reading(NamedTuple):
    """What is drafted of a passage: its statements, and why something is left out."""

    triples: list[Triple]
    remarks: list[str]


class _UnreadError(Exception):
    """A value that cannot be read; the message says why."""


def find_kind(vocabulary: Vocabulary, pieces: Iterable[Piece]) -> ox.NamedNode:
    """Return the class of what an article is about, to judge by the keys of its infobox.

    It is the class that most of their properties have as domain; without an infobox, the one that
    most properties with keys have; without any, ``ev:Topic``.
    """
    keys = (piece.key for piece in pieces if piece.key != TITLE)  # any work has a title
    found = [vocabulary.find(key, set()) for key in keys if key]
    for terms in (dict.fromkeys(found), vocabulary.keyed):
        domains = [vocabulary.domain(term) for term in terms if term]
        kinds = [kind for kind in domains if kind and kind not in vocabulary.coined]
        if kinds:
            return max(dict.fromkeys(kinds), key=kinds.count)
    return TOPIC


class Infobox:
    """Drafts statements about the subject of an article.

    Args:
        knowledge: what the project knows.
        site: where the article stands, and what it is about.
        prefixes: the prefixes of the project, with that of the article.
    """

    def __init__(self, knowledge: Knowledge, site: Site, prefixes: Prefixes) -> None:
        self.vocabulary = knowledge.vocabulary
        self.names = knowledge.names
        self.prefixes = prefixes
        self.own, self.shared = site.namespace, knowledge.shared
        self.language = site.language
        self.subject = subject = site.subject
        self.classes = knowledge.classes()
        self.classes.setdefault(subject.iri, set()).add(subject.kind)
        self.used = {
            term.value
            for quad in knowledge.sources.quads
            for term in (quad.subject, quad.object)
            if isinstance(term, ox.NamedNode)
        }
        """The IRIs that stand for something."""
        self.folded = {fold(name): name for name in self.names.things}
        self.new: dict[ox.NamedNode, list[tuple[ox.NamedNode, Term]]] = {}
        """New thing, or known thing with a new name → its class and names, in order."""
        self.by_name: dict[str, ox.NamedNode] = {}
        if not subject.is_known:
            self._declare(subject.iri, subject.kind, subject.name)

    def reads(self, piece: Piece) -> bool:
        """Tell whether a passage is a line of the infobox, or of a list whose heading is a key."""
        is_item = piece.quote == piece.value
        return bool(piece.key) and (not is_item or self._find(piece) is not None)

    def _find(self, piece: Piece) -> ox.NamedNode | None:
        return self.vocabulary.find(piece.key, self.vocabulary.above(self.subject.kind))

    def read(self, piece: Piece) -> Reading:
        """Return what an infobox line or list item states; no triples if it is not understood."""
        term = self._find(piece)
        if term is None:
            keyed = "no term has it as ev:infoboxKey"
            return Reading([], [f"The key “{piece.key}” is not known: {keyed}."])
        state = (dict(self.new), dict(self.by_name), set(self.used))
        remarks: list[str] = []
        try:
            if self.vocabulary.is_class(term):
                triples = self._members(term, piece.value)
            elif self.vocabulary.is_about_things(term):
                commas = piece.quote != piece.value  # an item of a list is one value
                values = split_list(piece.value, commas=commas)
                self._check_names(values, may_be_two=commas)
                triples = self._things(term, values, remarks)
                kind = self.vocabulary.range(term)
                if kind and self._is_named(piece.key, kind):
                    things = [t.object for t in triples if t.predicate == term]
                    triples += [Triple(thing, TYPE, kind) for thing in things]  # type: ignore[arg-type]
            else:
                literal = self._literal(term, piece.value)
                triples = [Triple(self.subject.iri, term, literal)]
        except _UnreadError as error:
            self.new, self.by_name, self.used = state
            return Reading([], [str(error)])
        return Reading(triples, remarks)

    def _is_named(self, key: str, kind: ox.NamedNode) -> bool:
        """Tell whether a key names a class, as "Production companies" names that of companies."""
        words = [fold(word) for word in key.split()]
        labels = [fold(label) for label in self.vocabulary.words(kind)]
        return any(same_stem(word, label) for word in words for label in labels)

    # Things ------------------------------------------------------------------

    def _things(self, term: ox.NamedNode, values: list[str], remarks: list[str]) -> list[Triple]:
        """Return a statement for each member of a list, and its place in a list of credits."""
        kind = self.vocabulary.range(term) or TOPIC
        if kind in self.vocabulary.coined:
            stated, described = [], []
            for value in values:
                node = self._coin(slug(self.vocabulary.words(term)[0]))
                stated.append(Triple(self.subject.iri, term, node))
                described += self._parts(node, kind, value, label=value)
            return [*stated, *described]
        members = [split_remark(value) for value in values]
        if len(members) > 1 and self.vocabulary.is_functional(term):
            name = self.prefixes.shorten(term.value)
            raise _UnreadError(f"{len(members)} values of {name}, which has one.")
        remarks += [f"“({remark})” is left out." for _, remark in members if remark]
        credit = self.vocabulary.credit(term) if len(members) > 1 else None
        stated, credited, described = [], [], []
        for place, (name, _) in enumerate(members, 1):
            thing, types = self._resolve(name, kind)
            stated.append(Triple(self.subject.iri, term, thing))
            described += types
            if credit:
                to_member, member, to_value, position = credit
                label = f"{self.vocabulary.words(to_member)[0]} of {name}"
                node = self._coin(slug(label))
                number = ox.Literal(str(place), datatype=ox.NamedNode(XSD + "integer"))
                credited.append(Triple(self.subject.iri, to_member, node))
                described += [
                    Triple(node, TYPE, member),
                    Triple(node, LABEL, ox.Literal(label, language=ENGLISH)),
                    Triple(node, to_value, thing),
                    Triple(node, position, number),
                ]
        return [*stated, *credited, *described]

    def _check_names(self, values: list[str], *, may_be_two: bool) -> None:
        """Refuse what is more than a name: a statement from it would be invented."""
        for value in values:
            name, _ = split_remark(value)
            if name in self.names.things:
                continue
            if may_be_two and AND.search(name):
                raise _UnreadError(f"“{name}” may be one name or two.")
            if MORE.search(name):
                raise _UnreadError(f"“{name}” is more than a name.")

    def _resolve(
        self, name: str, kind: ox.NamedNode, other: str = ""
    ) -> tuple[ox.NamedNode, list[Triple]]:
        """Return the thing with a name, known or new, and its class if that is not known yet.

        Args:
            name: its name in the article.
            kind: its class.
            other: another name of it.
        """
        if thing := self.by_name.get(name):
            return thing, []
        known = name if name in self.names.things else self.folded.get(fold(name))
        known = known or (other if other in self.names.things else None)
        things = [t for t in self.names.things.get(known or "", ()) if t != self.subject.iri]
        for thing in things:
            if (triples := self._classify(thing, kind)) is not None:
                if known != name:
                    self.new.setdefault(thing, []).append((ALT_LABEL, self._text(name)))
                self.by_name[name] = thing
                return thing, triples
        if things:
            other = self.prefixes.shorten(things[0].value)
            what = self.prefixes.shorten(kind.value)
            raise _UnreadError(f"{other} has the name “{name}”, but is not of class {what}.")
        thing = ox.NamedNode(unique(f"{self.shared}{slug(name) or 'thing'}", self.used))
        self._declare(thing, kind, name)
        return thing, []

    def _declare(self, thing: ox.NamedNode, kind: ox.NamedNode, name: str) -> None:
        self.used.add(thing.value)
        self.classes[thing] = {kind}
        labels = [(LABEL, label) for label in labels_of(name, self.language)]
        self.new[thing] = [(TYPE, kind), *labels]
        self.by_name[name] = thing

    def _classify(self, thing: ox.NamedNode, kind: ox.NamedNode) -> list[Triple] | None:
        """Return the statement of its class that a known thing needs; None if it cannot have it."""
        above = self.vocabulary.above_all(self.classes.get(thing, ()))
        wanted = self.vocabulary.above(kind)
        if kind in above:
            return []
        kinds, other = above & self.vocabulary.kinds, wanted & self.vocabulary.kinds
        disjoint = any(
            right in self.vocabulary.values.get((left, DISJOINT), ())
            for a in above
            for b in wanted
            for left, right in ((a, b), (b, a))
        )
        if disjoint or (kinds and other and kinds != other):
            return None
        return [Triple(thing, TYPE, kind)]

    # Coined things and literals ----------------------------------------------

    def _members(self, kind: ox.NamedNode, value: str) -> list[Triple]:
        """Return the description of each thing of a class, which is linked to the subject."""
        links = self.vocabulary.links(kind, self.vocabulary.above(self.subject.kind))
        if not links:
            name = self.prefixes.shorten(kind.value)
            raise _UnreadError(f"No functional property relates {name} to the subject.")
        word = self.vocabulary.words(kind)[0]
        triples = []
        for member in split_list(value, commas=False):
            node = self._coin(slug(word))
            label = f"{word} of {self.subject.name}: {member}"
            described = self._parts(node, kind, member, label=label)
            triples += [*described[:2], Triple(node, links[0], self.subject.iri), *described[2:]]
        return triples

    def _parts(
        self, node: ox.NamedNode, kind: ox.NamedNode, value: str, *, label: str
    ) -> list[Triple]:
        """Describe a thing by properties with keys: every part of its value has one."""
        name = ox.Literal(label, language=ENGLISH)
        triples = [Triple(node, TYPE, kind), Triple(node, LABEL, name)]
        words, remark = split_remark(value)
        parts = self.vocabulary.parts(kind)
        literals = [part for part in parts if not self.vocabulary.is_about_things(part)]
        for part in literals:
            datatype = self._datatype(part)
            date = self._dated(datatype, words)
            if date:
                triples.append(Triple(node, part, date))
                break
        else:
            triples += self._sum(node, literals, words)
        if remark:
            places = [part for part in parts if self.vocabulary.is_about_things(part)]
            if not places or not (range_ := self.vocabulary.range(places[0])):
                raise _UnreadError(f"“({remark})” of “{value}” has no property.")
            if (country := read_country(remark, self.language)) is None:
                raise _UnreadError(f"“({remark})” of “{value}” is not the name of a country.")
            thing, types = self._resolve(remark, range_, country)
            triples += [Triple(node, places[0], thing), *types]
        return triples

    def _sum(self, node: ox.NamedNode, parts: list[ox.NamedNode], words: str) -> list[Triple]:
        """Return a number and the sign before it, each by the part with such values."""
        numbers = [part for part in parts if self._datatype(part) == XSD + "integer"]
        texts = [part for part in parts if self._datatype(part) in TEXTS]
        amount = read_amount(words, self.language)
        is_read = amount and numbers and not amount.after and (texts or not amount.before)
        if not amount or not is_read or amount.number != int(amount.number):
            raise _UnreadError(f"“{words}” is not read as one value.")
        integer = ox.NamedNode(XSD + "integer")
        number = ox.Literal(str(int(amount.number)), datatype=integer)
        triples = [Triple(node, numbers[0], number)]
        if amount.before:
            triples.append(Triple(node, texts[0], self._text(amount.before)))
        return triples

    def _literal(self, term: ox.NamedNode, value: str) -> ox.Literal:
        """Return the literal that a value is, by the datatype of a property."""
        datatype = self._datatype(term)
        if datatype in TEXTS:
            return self._text(value)
        if dated := self._dated(datatype, value):
            return dated
        number = self._number(term, value) if datatype == XSD + "integer" else None
        if number is not None and number == int(number):
            return ox.Literal(str(int(number)), datatype=ox.NamedNode(datatype))
        expected = self.prefixes.shorten(datatype) if datatype else "no datatype"
        words = self.vocabulary.words(term)[0]
        raise _UnreadError(f"“{value}” is not read as {words} ({expected}).")

    def _number(self, term: ox.NamedNode, value: str) -> Decimal | None:
        """Return the number that a value is, in the unit that the name of a property has."""
        amount = read_amount(value, self.language)
        if amount and not amount.before and self._is_unit(amount.after, term):
            return amount.number
        units = (unit_of(words, ENGLISH) for words in self.vocabulary.words(term))
        unit = next(filter(None, units), None)
        seconds = read_seconds(value, self.language)
        return seconds / unit if seconds is not None and unit else None

    def _dated(self, datatype: str, value: str) -> ox.Literal | None:
        if datatype == XSD + "gYear":
            text = read_year(value)
        else:
            text = read_date(value, self.language) if datatype == XSD + "date" else None
        return ox.Literal(text, datatype=ox.NamedNode(datatype)) if text else None

    def _is_unit(self, words: str, term: ox.NamedNode) -> bool:
        """Tell whether words are in the name of a property, such as "minutes" or "min."."""
        known = [fold(word) for name in self.vocabulary.words(term) for word in name.split()]
        return all(
            any(
                word == other or (len(word) >= SHORTEST and other.startswith(word))
                for other in known
            )
            for word in fold(words).replace(".", "").split()
        )

    def _datatype(self, term: ox.NamedNode) -> str:
        range_ = self.vocabulary.range(term)
        return range_.value if range_ else ""

    def _text(self, words: str) -> ox.Literal:
        return ox.Literal(words, language=self.language)

    def _coin(self, name: str) -> ox.NamedNode:
        return ox.NamedNode(unique(f"{self.own}{name or 'thing'}", self.used))
