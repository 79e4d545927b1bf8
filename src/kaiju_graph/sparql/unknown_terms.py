"""Stage 8, for queries: a query → the terms in it that no ontology has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from kaiju_graph.project.spelling import did_you_mean
from kaiju_graph.rdf.prefixes import Prefixes
from kaiju_graph.rdf.terms import RDFS
from kaiju_graph.sparql.tokens import find_iris, line_column

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kaiju_graph.sparql.tokens import Token

__all__ = ["find_defined_terms", "find_unknown_terms", "suggest_term", "unknown_term_warnings"]

IS_DEFINED_BY = ox.NamedNode(RDFS + "isDefinedBy")


def find_defined_terms(statements: Iterable[Any]) -> dict[str, set[str]]:
    """Return the terms that each ontology defines (its IRI, which is their namespace → IRIs)."""
    found: dict[str, set[str]] = {}
    for said in statements:
        if said.predicate == IS_DEFINED_BY and isinstance(said.object, ox.NamedNode):
            found.setdefault(said.object.value, set()).add(said.subject.value)
    return found


def suggest_term(
    iri: str, known: Mapping[str, set[str]], prefixes: Mapping[str, str]
) -> str | None:
    """Return what is like a term that its ontology does not define, None where that is not so.

    Args:
        iri: the term.
        known: what ``find_defined_terms`` returns.
        prefixes: prefix → namespace IRI.
    """
    namespace = _namespace(iri, known)
    if iri in (namespace, *known.get(namespace, ())):
        return None
    shorten = Prefixes(prefixes).shorten
    return did_you_mean(shorten(iri), map(shorten, sorted(known[namespace])))


def find_unknown_terms(
    text: str, known: Mapping[str, set[str]], prefixes: Mapping[str, str]
) -> Iterator[tuple[Token, str, str]]:
    """Yield what a query takes for a term of an ontology that does not define it.

    With it come the ontology, in short, and the hint.
    """
    seen = set()
    for token, iri in find_iris(text, prefixes):
        if iri not in seen:
            seen.add(iri)
            near = suggest_term(iri, known, prefixes)
            if near is not None:
                ontology = Prefixes(prefixes).shorten(_namespace(iri, known))
                yield token, ontology, near


def unknown_term_warnings(store: ox.Store, text: str, prefixes: Mapping[str, str]) -> Iterator[str]:
    """Yield what a query takes for a term of an ontology that does not define it, with its place.

    Args:
        store: the store, which has the ontologies.
        text: the query, of which nothing was found.
        prefixes: prefix → namespace IRI.
    """
    known = find_defined_terms(store.quads_for_pattern(None, IS_DEFINED_BY, None))
    for token, ontology, near in find_unknown_terms(text, known, prefixes):
        told = f"the ontology {ontology} has no term {token.text}{near}"
        yield f"{line_column(text, token.offset)}: {told}"


def _namespace(iri: str, known: Iterable[str]) -> str:
    """Return the ontology that a term belongs to by its IRI: the longest, or else the term."""
    return max(filter(iri.startswith, known), key=len, default=iri)
