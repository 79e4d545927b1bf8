"""Warnings for a query whose answer is empty: its terms that the graph does not have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from kaiju_graph.project.names import suggest_things
from kaiju_graph.rdf.lexical_forms import decode, find_quads
from kaiju_graph.rdf.lines import line_column
from kaiju_graph.rdf.prefixes import Prefixes
from kaiju_graph.rdf.terms import ALT_LABEL, IS_DEFINED_BY, LABEL, OWL, SKOS
from kaiju_graph.sparql.tokens import find_iris

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kaiju_graph.rdf.tokens import Token

__all__ = [
    "Terms",
    "find_defined_terms",
    "find_unknown_terms",
    "suggest_term",
    "unknown_term_warnings",
]

NAMES = (LABEL, ALT_LABEL, ox.NamedNode(SKOS + "definition"))
"""The properties whose values say how people name a term."""
ONTOLOGY = ox.NamedNode(OWL + "Ontology")
NEAR = 100_000
"""How many things are searched for a similar name."""
FEW = 3
"""How many literals with the same text are suggested."""


Terms = dict[str, dict[str, list[str]]]
"""IRI of an ontology, which is the namespace of its terms → IRI of a term → its names
and its definition."""


def find_defined_terms(statements: Iterable[Any]) -> Terms:
    """Return the terms that each ontology defines, with their names and definitions.

    Those are the terms that say so, and the subjects in the namespace of an ontology that ends in
    a hash.
    """
    defined: Terms = {}
    names: dict[str, list[str]] = {}
    for subject, predicate, object_, *_ in statements:
        own = names.setdefault(subject.value, [])
        if predicate == IS_DEFINED_BY and isinstance(object_, ox.NamedNode):
            defined.setdefault(object_.value, {})[subject.value] = own
        elif object_ == ONTOLOGY and subject.value.endswith("#"):
            defined.setdefault(subject.value, {})
        elif predicate in NAMES:
            own.append(object_.value)
    for iri, own in names.items():
        namespace = iri[: iri.rfind("#") + 1]
        if namespace != iri and namespace in defined:
            defined[namespace][iri] = own
    return defined


def suggest_term(iri: str, defined: Terms, prefixes: Mapping[str, str]) -> str | None:
    """Return a hint to similar terms if its ontology does not define a term; None if it does.

    Similar is the local name or another name; a definition is similar if it has the word.

    Args:
        iri: the term.
        defined: the terms of each ontology, as ``find_defined_terms`` returns them.
        prefixes: prefix → namespace IRI.
    """
    namespace = _namespace(iri, defined)
    if iri in (namespace, *defined.get(namespace, ())):
        return None
    return suggest_things(iri, defined[namespace], Prefixes(prefixes))


def find_unknown_terms(
    text: str, defined: Terms, prefixes: Mapping[str, str]
) -> Iterator[tuple[Token, str, str]]:
    """Yield the terms of a query that their ontology does not define: token, ontology and hint."""
    seen = set()
    for token, iri in find_iris(text, prefixes):
        if iri not in seen:
            seen.add(iri)
            hint = suggest_term(iri, defined, prefixes)
            if hint is not None:
                yield token, Prefixes(prefixes).shorten(_namespace(iri, defined)), hint


def unknown_term_warnings(store: ox.Store, text: str, prefixes: Mapping[str, str]) -> Iterator[str]:
    """Yield a message for each term that may be why the answer of a query is empty.

    These are terms that their ontology does not define, unknown IRIs in a namespace of things, and
    literals that the graph has only with a language tag or another datatype.

    Args:
        store: the store that was queried, with the ontologies.
        text: the query.
        prefixes: prefix → namespace IRI.
    """
    defined = find_defined_terms(
        quad
        for predicate in (IS_DEFINED_BY, *NAMES)
        for quad in find_quads(store, None, predicate, None, None)
    )
    for token, ontology, hint in find_unknown_terms(text, defined, prefixes):
        place = line_column(text, token.offset)
        yield f"{place}: the ontology {ontology} has no term {token.text}{hint}"
    for token, iri in find_iris(text, prefixes):
        if _namespace(iri, defined) == iri and not _occurs(store, ox.NamedNode(iri)):
            yield from _unknown_thing(store, text, token, iri, prefixes)
    yield from _untagged_literals(store, text, prefixes)


def _unknown_thing(
    store: ox.Store, text: str, token: Token, iri: str, prefixes: Mapping[str, str]
) -> Iterator[str]:
    """Yield a message if other things of the graph have the namespace of an IRI."""
    namespace = _namespace(iri, prefixes.values())
    query = f"SELECT DISTINCT ?s {{ ?s a [] FILTER(STRSTARTS(STR(?s), {ox.Literal(namespace)})) }}"
    rows: Any = store.query(f"{query} LIMIT {NEAR}")
    things = [row[0].value for row in rows]
    if namespace != iri and things:
        hint = suggest_things(iri, dict.fromkeys(things, ()), Prefixes(prefixes))
        yield f"{line_column(text, token.offset)}: the graph has nothing named {token.text}{hint}"


def _untagged_literals(store: ox.Store, text: str, prefixes: Mapping[str, str]) -> Iterator[str]:
    """Yield a message for each literal whose text has another tag or datatype in the graph."""
    from kaiju_graph.sparql.grammar import find_plain_literals

    shorten = Prefixes(prefixes).shorten_all
    for token, literal in find_plain_literals(text):
        if not _occurs(store, literal):
            same = f"isLiteral(?o) && STR(?o) = {ox.Literal(literal.value)}"
            rows: Any = store.query(f"SELECT DISTINCT ?o {{ ?s ?p ?o FILTER({same}) }} LIMIT {FEW}")
            if others := sorted(shorten(str(decode(row[0]))) for row in rows):
                found = f"the graph has no literal {token.text}; did you mean {', '.join(others)}?"
                yield f"{line_column(text, token.offset)}: {found}"


def _occurs(store: ox.Store, term: ox.NamedNode | ox.Literal) -> bool:
    """Tell whether a store has a term in any position."""
    places: list[tuple[Any, ...]] = [(None, None, term, None)]
    if isinstance(term, ox.NamedNode):
        places += [(term, None, None, None), (None, term, None, None), (None, None, None, term)]
    return any(next(find_quads(store, *place), None) for place in places)


def _namespace(iri: str, known: Iterable[str]) -> str:
    """Return the longest known namespace that a term belongs to by its IRI, or else the term."""
    return max(filter(iri.startswith, known), key=len, default=iri)
