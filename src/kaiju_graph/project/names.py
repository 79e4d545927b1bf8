"""Find things by their names: in a text, or as a person types them."""

from __future__ import annotations

import re
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.errors import UnknownNameError
from kaiju_graph.project.likeness import rank_by_name, rank_by_text
from kaiju_graph.project.spelling import WORD, did_you_mean, fold, suggest
from kaiju_graph.rdf.lexical_forms import find_quads
from kaiju_graph.rdf.terms import ALT_LABEL, IS_DEFINED_BY, LABEL, Quad, Term, last_segment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from kaiju_graph.project.layout import Project
    from kaiju_graph.rdf.prefixes import Prefixes

__all__ = ["Names", "find_likely", "find_things", "resolve_name", "suggest_things"]


class Names:
    """The names of things in quads (``rdfs:label`` and ``skos:altLabel``)."""

    def __init__(self, quads: Iterable[Quad]) -> None:
        self.things: dict[str, dict[ox.NamedNode, None]] = {}
        """Name → the things with that name, in order."""
        self.labels: dict[Term, str] = {}
        """Thing → its English label."""
        self._subjects: dict[Term, None] = {}
        self._terms: set[Term] = set()
        for quad in quads:
            self._subjects[quad.subject] = None
            if quad.predicate == IS_DEFINED_BY:
                self._terms.add(quad.subject)
            if quad.predicate not in (LABEL, ALT_LABEL):
                continue
            thing, name = quad.subject, quad.object
            if isinstance(thing, ox.NamedNode) and isinstance(name, ox.Literal):
                self.things.setdefault(name.value, {})[thing] = None
                if quad.predicate == LABEL and name.language in (None, "en"):
                    self.labels.setdefault(thing, name.value)
        self._by_first_word: dict[str, list[tuple[int, str]]] = {}
        for text in sorted(self.things, key=len, reverse=True):
            if first := WORD.search(text):
                self._by_first_word.setdefault(first[0], []).append((first.start(), text))

    @cached_property
    def of_things(self) -> dict[Term, list[str]]:
        """Thing → its names, in order."""
        names: dict[Term, list[str]] = {}
        for name, things in self.things.items():
            for thing in things:
                names.setdefault(thing, []).append(name)
        return names

    def mentions(self, text: str) -> Iterator[tuple[int, str]]:
        """Yield the names in a text with their offsets: whole words, leftmost and longest first.

        >>> thing = ox.NamedNode("https://example.org/osaka-castle")
        >>> graph = ox.NamedNode("https://example.org/graph")
        >>> names = Names([Quad(thing, LABEL, ox.Literal("Osaka Castle"), graph)])
        >>> list(names.mentions("From Osaka to Osaka Castle."))
        [(14, 'Osaka Castle')]
        """
        end = 0
        for word in WORD.finditer(text):
            for offset, name in self._by_first_word.get(word[0], ()):
                start = word.start() - offset
                after = start + len(name)
                if start < end or not text.startswith(name, start):
                    continue
                if not (name[-1].isalnum() and WORD.match(text, after)):
                    yield start, name
                    end = after
                    break

    def things_in(self, text: str) -> set[Term]:
        """Return the things that a text names."""
        return {thing for _, name in self.mentions(text) for thing in self.things[name]}

    def label(self, term: Term, project: Project) -> str:
        """Return a term for people: its label, its text or its CURIE."""
        if isinstance(term, ox.NamedNode):
            return self.labels.get(term) or project.prefixes.shorten(term.value)
        return term.value if isinstance(term, ox.Literal) else str(term)

    def resolve(self, text: str, project: Project) -> ox.NamedNode:
        """Return the thing with an IRI, a CURIE, a name or its beginning, or the end of an IRI.

        Raises:
            UnknownNameError: there is no such thing, or several.
        """
        try:
            return resolve_name(text, project, self._find)
        except LookupError:
            hint = did_you_mean(text, self.things)
            raise UnknownNameError(f"nothing is named {text!r}{hint}") from None

    def find_likely(self, thing: ox.NamedNode, project: Project) -> list[str]:
        """Return the IRIs of the subjects that an unknown thing may mean, the likeliest first.

        Of what is in the namespace of an ontology, they are terms of ontologies, else other things.
        """
        namespace = thing.value[: thing.value.rfind("#") + 1]
        is_term = any(term.value.startswith(namespace or thing.value) for term in self._terms)
        things = {
            subject.value: self.of_things.get(subject, ())
            for subject in self._subjects
            if isinstance(subject, ox.NamedNode) and (subject in self._terms) == is_term
        }
        return find_likely(thing.value, things, project.prefixes)

    def suggest(self, thing: ox.NamedNode, project: Project) -> str:
        """Return a hint to the subjects of ``find_likely``, or an empty text."""
        return suggest(map(project.prefixes.shorten, self.find_likely(thing, project)))

    def _find(self, name: str) -> Iterable[ox.NamedNode]:
        """Return the things with a name, a similar name, that last path segment or beginning."""
        similar = (things for other, things in self.things.items() if fold(other) == fold(name))
        return (
            self.things.get(name)
            or {thing: None for things in similar for thing in things}
            or {
                thing: None
                for thing in self._subjects
                if name
                and isinstance(thing, ox.NamedNode)
                and thing.value.endswith((f"/{name}", f"#{name}"))
            }
            or self._begun(name)
        )

    def _begun(self, words: str) -> Iterable[ox.NamedNode]:
        """Return the thing whose name begins with some whole words, if one is clearly meant.

        Either they begin the names of one thing only, or the shortest name begins all others.
        """
        beginning = re.compile(rf"{re.escape(fold(words))}\b") if words else None
        begun = [other for other in self.things if beginning and beginning.match(fold(other))]
        shortest = min(begun, key=len, default="")
        things = {thing: None for name in begun for thing in self.things[name]}
        is_clear = all(fold(name).startswith(fold(shortest)) for name in begun)
        return self.things.get(shortest, ()) if is_clear else things if len(things) == 1 else ()


def find_likely(
    iri: str,
    known: Mapping[str, Iterable[str]],
    prefixes: Prefixes,
    texts: Mapping[str, Iterable[str]] = MappingProxyType({}),
) -> list[str]:
    """Return the things that an unknown IRI may mean, the likeliest first, by its last segment.

    Args:
        iri: the IRI.
        known: IRI of a thing → its names, to which the last segment of the IRI is added.
        prefixes: things in the namespace of the IRI come first.
        texts: IRI of a thing → texts about it, which count if no name is likely.
    """
    own = max(filter(iri.startswith, prefixes.values()), key=len, default=iri)
    things = sorted(known, key=lambda thing: (not thing.startswith(own), thing))
    names = {thing: [last_segment(thing), *known[thing]] for thing in things}
    name = iri[len(own) :] or last_segment(iri)
    return rank_by_name(name, names) or rank_by_text(name, texts)


def suggest_things(iri: str, known: Mapping[str, Iterable[str]], prefixes: Prefixes) -> str:
    """Return a hint to the things of ``find_likely``, or an empty text."""
    return suggest(map(prefixes.shorten, find_likely(iri, known, prefixes)))


def resolve_name(
    text: str, project: Project, find: Callable[[str], Iterable[ox.NamedNode]]
) -> ox.NamedNode:
    """Return the thing with an IRI, a CURIE or a name.

    Args:
        text: the IRI, CURIE or name.
        project: has the prefixes.
        find: name → the things with that name.

    Raises:
        LookupError: nothing has that name.
        UnknownNameError: several things have it, or it is not a valid IRI.
    """
    iri = (
        text[1:-1] if text.startswith("<") and text.endswith(">") else project.prefixes.expand(text)
    )
    if iri is None and re.match(r"[A-Za-z][\w+.-]*://", text):
        iri = text
    if iri is not None:
        try:
            return ox.NamedNode(iri)
        except ValueError as error:
            raise UnknownNameError(f"{text!r} is not an IRI: {error}") from None
    things = list(find(text))
    if len(things) > 1:
        several = ", ".join(sorted(project.prefixes.shorten(thing.value) for thing in things))
        raise UnknownNameError(f"{text!r} names several things: {several}; use one of these")
    if not things:
        raise LookupError(text)
    return things[0]


def find_things(store: ox.Store, languages: Iterable[str], name: str) -> set[ox.NamedNode]:
    """Return the things of a store's default graph with exactly a name, by look-ups in its index.

    All language tags of names must be given, because the index has whole literals.
    """
    literals = [ox.Literal(name), *(ox.Literal(name, language=tag) for tag in languages)]
    return {
        quad.subject
        for literal in literals
        for predicate in (LABEL, ALT_LABEL)
        for quad in find_quads(store, None, predicate, literal)
        if isinstance(quad.subject, ox.NamedNode)
    }
