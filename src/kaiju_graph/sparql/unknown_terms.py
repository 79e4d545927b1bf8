"""Find the terms and things in a query that nobody defines, and what they may mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pyoxigraph as ox

from kaiju_graph.project.names import find_likely, suggest_things
from kaiju_graph.project.spelling import suggest
from kaiju_graph.rdf.lexical_forms import find_quads
from kaiju_graph.rdf.lines import line_column
from kaiju_graph.rdf.prefixes import Prefixes
from kaiju_graph.rdf.terms import (
    ALIGNMENTS,
    ALT_LABEL,
    EV,
    HIDDEN_LABEL,
    IS_DEFINED_BY,
    LABEL,
    OWL,
    RDF,
    RDFS,
    SKOS,
    TYPE,
)
from kaiju_graph.rdf.tokens import Token, tokens
from kaiju_graph.sparql.grammar import find_patterns, find_template
from kaiju_graph.sparql.tokens import find_iris

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

__all__ = [
    "Definition",
    "Terms",
    "absent_term_warnings",
    "find_defined_terms",
    "find_unknown_terms",
    "occurs",
    "suggest_term",
    "undefined_term_warnings",
    "unknown_term_warnings",
]

NAMES = (LABEL, ALT_LABEL, HIDDEN_LABEL, ox.NamedNode(EV + "infoboxKey"))
"""The properties whose values say how people name something."""
DEFINITION = ox.NamedNode(SKOS + "definition")
PROPERTY, CLASS = "property", "class"
KINDS = {
    OWL + "Class": CLASS,
    RDFS + "Class": CLASS,
    RDF + "Property": PROPERTY,
    **{OWL + f"{name}Property": PROPERTY for name in ("Annotation", "Datatype", "Object")},
}
"""The class of a term → what a query uses it as."""
ONTOLOGY = ox.NamedNode(OWL + "Ontology")
MAX_THINGS = 100_000
"""How many names of things are searched for a likely one."""


class Definition(NamedTuple):
    """What an ontology says of a term: its names, its definitions, and whether it is a property."""

    names: list[str]
    texts: list[str]
    kinds: set[str]


Terms = dict[str, dict[str, Definition]]
"""IRI of an ontology, which is the namespace of its terms → IRI of a term → its definition."""


def find_defined_terms(statements: Iterable[Any]) -> Terms:
    """Return the terms that each ontology defines.

    Those are the terms that say so, and the subjects in the namespace of an ontology that ends in
    a hash.
    """
    defined: Terms = {}
    every: dict[str, Definition] = {}
    for subject, predicate, object_, *_ in statements:
        own = every.setdefault(subject.value, Definition([], [], set()))
        if predicate == IS_DEFINED_BY and isinstance(object_, ox.NamedNode):
            defined.setdefault(object_.value, {})[subject.value] = own
        elif object_ == ONTOLOGY and subject.value.endswith("#"):
            defined.setdefault(subject.value, {})
        elif predicate in NAMES:
            own.names.append(object_.value)
        elif predicate == DEFINITION:
            own.texts.append(object_.value)
        elif predicate == TYPE and object_.value in KINDS:
            own.kinds.add(KINDS[object_.value])
    for iri, own in every.items():
        namespace = iri[: iri.rfind("#") + 1]
        if namespace != iri and namespace in defined:
            defined[namespace][iri] = own
    return defined


def suggest_term(
    iri: str, defined: Terms, prefixes: Mapping[str, str], kind: str = ""
) -> str | None:
    """Return a hint to the terms that may be meant if no ontology defines one; None if one does.

    These are terms of any ontology with a likely name, or else with its words in the definition.

    Args:
        iri: the term.
        defined: the terms of each ontology, as ``find_defined_terms`` returns them.
        prefixes: prefix → namespace IRI.
        kind: "property" or "class" if only those fit, and terms that do not say what they are.
    """
    if not _is_unknown(iri, defined):
        return None
    every = {term: own for terms in defined.values() for term, own in terms.items()}
    fit = {term: own for term, own in every.items() if not kind or kind in (own.kinds or {kind})}
    names = {term: own.names for term, own in fit.items()}
    texts = {term: own.texts for term, own in fit.items()}
    shorten = Prefixes(prefixes).shorten
    return suggest(map(shorten, find_likely(iri, names, Prefixes(prefixes), texts)))


def find_unknown_terms(
    text: str,
    defined: Terms,
    prefixes: Mapping[str, str],
    found: Iterable[tuple[Token, str]] | None = None,
) -> Iterator[tuple[Token, str, str]]:
    """Yield the terms of a query that their ontology does not define: token, ontology and hint.

    Args:
        text: the query.
        defined: the terms of each ontology, as ``find_defined_terms`` returns them.
        prefixes: prefix → namespace IRI.
        found: the tokens to examine, and their IRIs; None examines all.
    """
    found = find_iris(text, prefixes) if found is None else found
    first = {iri: token for token, iri in reversed([*found])}
    unknown = {iri: token for iri, token in first.items() if _is_unknown(iri, defined)}
    kinds = _find_kinds(text, prefixes) if unknown else {}
    for iri, token in sorted(unknown.items(), key=lambda item: item[1].offset):
        hint = suggest_term(iri, defined, prefixes, kinds.get(token.offset, ""))
        if hint is not None:
            yield token, Prefixes(prefixes).shorten(_namespace(iri, defined)), hint


def absent_term_warnings(store: ox.Store, text: str, prefixes: Mapping[str, str]) -> Iterator[str]:
    """Yield a message for each term and thing of this project in a query that is not in the graph.

    Its IRI is in the namespace of an ontology, or in one of things. It makes a count, an OPTIONAL
    or a negation wrong even if the answer has rows. The template of CONSTRUCT is left out, as it
    may make new terms.

    Args:
        store: the store that was queried, with the ontologies.
        text: the query.
        prefixes: prefix → namespace IRI.
    """
    absent = [
        (token, iri)
        for token, iri in _find_matched_iris(text, prefixes)
        if not occurs(store, ox.NamedNode(iri))
    ]
    if absent:
        yield from _warnings(store, text, prefixes, absent, None)


def undefined_term_warnings(
    text: str, defined: Terms, prefixes: Mapping[str, str]
) -> Iterator[str]:
    """Yield a message for each term of a query that its ontology does not define.

    The template of CONSTRUCT is left out, as it may make new terms.

    Args:
        text: the query.
        defined: the terms of each ontology, as ``find_defined_terms`` returns them.
        prefixes: prefix → namespace IRI.
    """
    yield from _undefined(text, defined, prefixes, _find_matched_iris(text, prefixes))


def _find_matched_iris(text: str, prefixes: Mapping[str, str]) -> Iterator[tuple[Token, str]]:
    """Yield the IRIs of a query that it does not make."""
    template = find_template(text)
    return (found for found in find_iris(text, prefixes) if found[0].offset not in template)


def _undefined(
    text: str,
    defined: Terms,
    prefixes: Mapping[str, str],
    found: Iterable[tuple[Token, str]],
) -> Iterator[str]:
    for token, ontology, hint in find_unknown_terms(text, defined, prefixes, found):
        place = line_column(text, token.offset)
        yield f"{place}: the ontology {ontology} has no term {token.text}{hint}"


def unknown_term_warnings(
    store: ox.Store, text: str, prefixes: Mapping[str, str], whole: Callable[[], ox.Store]
) -> Iterator[str]:
    """Yield a message for each IRI that may be why the answer of a query is empty.

    These are terms that their ontology does not define, properties and classes of other known
    vocabularies that the graph does not use, and unknown IRIs in a namespace of things.

    Args:
        store: the store that was queried, with the ontologies.
        text: the query.
        prefixes: prefix → namespace IRI.
        whole: returns a store with the alignments, too.
    """
    yield from _warnings(store, text, prefixes, [*find_iris(text, prefixes)], whole)


def _warnings(
    store: ox.Store,
    text: str,
    prefixes: Mapping[str, str],
    found: list[tuple[Token, str]],
    whole: Callable[[], ox.Store] | None,
) -> Iterator[str]:
    """Yield messages for IRIs of a query; those of other vocabularies need the whole store."""
    defined = find_defined_terms(find_quads(store, None, IS_DEFINED_BY, None, None))
    if any(_is_unknown(iri, defined) for _, iri in found):
        defined = _find_definitions(store)
        yield from _undefined(text, defined, prefixes, found)
    kinds = _find_kinds(text, prefixes)
    seen = set()
    for token, iri in found:
        if iri in seen or _namespace(iri, defined) != iri or occurs(store, ox.NamedNode(iri)):
            continue
        seen.add(iri)
        place = line_column(text, token.offset)
        if token.offset in kinds and _namespace(iri, prefixes.values()) != iri:
            if whole:
                ours = _find_aligned(whole(), ox.NamedNode(iri), defined)
                hint = suggest(map(Prefixes(prefixes).shorten, ours))
                yield f"{place}: the graph has no {kinds[token.offset]} {token.text}{hint}"
        elif (near := _suggest_thing(store, iri, defined, prefixes)) is not None:
            yield f"{place}: the graph has nothing named {token.text}{near}"


def _find_definitions(store: ox.Store) -> Terms:
    """Return the terms of the ontologies in a store, with all that the store says of them."""
    parts: list[tuple[ox.NamedNode, ox.NamedNode | None]]
    parts = [(predicate, None) for predicate in (IS_DEFINED_BY, DEFINITION, *NAMES)]
    parts += [(TYPE, ox.NamedNode(kind)) for kind in KINDS]
    return find_defined_terms(
        quad for part in parts for quad in find_quads(store, None, *part, None)
    )


def _is_unknown(iri: str, defined: Terms) -> bool:
    """Tell whether an IRI is in the namespace of an ontology that does not define it."""
    namespace = _namespace(iri, defined)
    return iri not in (namespace, *defined.get(namespace, ()))


def _find_kinds(text: str, prefixes: Mapping[str, str]) -> dict[int, str]:
    """Return what the patterns of a query use an IRI as, by the offset of its token."""
    kinds: dict[int, str] = {}
    types = {token.offset for token, iri in find_iris(text, prefixes) if iri == TYPE.value}
    for pattern in find_patterns(text):
        path = pattern.path
        if path.offset not in kinds:
            kinds |= {path.offset + token.offset: PROPERTY for token in tokens(path.text)}
        if path.text == "a" or path.offset in types:
            kinds[pattern.object.offset] = CLASS
    return kinds


def _find_aligned(store: ox.Store, term: ox.NamedNode, defined: Terms) -> list[str]:
    """Return our terms that an alignment relates to a term of another vocabulary."""
    ours = (quad.subject.value for quad in find_quads(store, None, None, term, ALIGNMENTS))
    return sorted({iri for iri in ours if _namespace(iri, defined) != iri})


def _suggest_thing(
    store: ox.Store, iri: str, defined: Terms, prefixes: Mapping[str, str]
) -> str | None:
    """Return a hint to the things that an IRI may mean; None if none has its namespace."""
    namespace = _namespace(iri, prefixes.values())
    named = f"?s {'|'.join(map(str, NAMES))} ?name"
    query = f"SELECT DISTINCT ?s ?name {{ ?s a [] FILTER(isIRI(?s)) OPTIONAL {{ {named} }} }}"
    rows: Any = store.query(f"{query} LIMIT {MAX_THINGS}")
    things: dict[str, list[str]] = {}
    for thing, name in rows:
        if _namespace(thing.value, defined) == thing.value:
            things.setdefault(thing.value, []).extend([name.value] if name else [])
    if namespace == iri or not any(thing.startswith(namespace) for thing in things):
        return None
    return suggest_things(iri, things, Prefixes(prefixes))


def occurs(store: ox.Store, term: ox.NamedNode | ox.Literal) -> bool:
    """Tell whether a store has a term in any position."""
    places: list[tuple[Any, ...]] = [(None, None, term, None)]
    if isinstance(term, ox.NamedNode):
        places += [(term, None, None, None), (None, term, None, None), (None, None, None, term)]
    return any(next(find_quads(store, *place), None) for place in places)


def _namespace(iri: str, known: Iterable[str]) -> str:
    """Return the longest known namespace that a term belongs to by its IRI, or else the term."""
    return max(filter(iri.startswith, known), key=len, default=iri)
