"""Stage 8, for queries: one of which nothing was found → the terms in it that no ontology has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.names import did_you_mean
from kaiju_graph.project import Project
from kaiju_graph.terms import RDFS
from kaiju_graph.tokens import expanded, place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["doubts"]

IS_DEFINED_BY = ox.NamedNode(RDFS + "isDefinedBy")


def doubts(store: ox.Store, text: str, prefixes: Mapping[str, str]) -> Iterator[str]:
    """Yield what a query takes for a term of an ontology that does not define it, with its place.

    Args:
        store: the store, which has the ontologies.
        text: the query, of which nothing was found.
        prefixes: prefix → namespace IRI.
    """
    defined: dict[str, set[str]] = {}
    for subject, _, ontology, _ in store.quads_for_pattern(None, IS_DEFINED_BY, None):
        if isinstance(subject, ox.NamedNode) and isinstance(ontology, ox.NamedNode):
            defined.setdefault(ontology.value, set()).add(subject.value)
    seen = set()
    for token, iri in expanded(text, prefixes):
        namespace = max((o for o in defined if iri.startswith(o)), key=len, default=iri)
        if iri not in (namespace, *defined.get(namespace, ())) and iri not in seen:
            seen.add(iri)
            shorten = Project("", dict(prefixes)).shorten
            hint = did_you_mean(shorten(iri), map(shorten, sorted(defined[namespace])))
            told = f"the ontology {shorten(namespace)} has no term {token.text}{hint}"
            yield f"{place(text, token.at)}: {told}"
