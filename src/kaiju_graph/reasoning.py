"""Stage 5: quads → the quads that follow from them by OWL 2 RL, about the project's own things.

The rules are those of OWL 2 Web Ontology Language Profiles (Second Edition), section 4.3. Of what
a full closure adds, most says nothing of any thing (``?x owl:sameAs ?x``, literals as subjects,
``owl:Thing``); kept are the conclusions whose subject is an individual and whose predicate, or
class, is a term of the ontology.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph import terms
from kaiju_graph.errors import InconsistencyError
from kaiju_graph.terms import INFERRED, OWL, TYPE, Quad, Triple

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["infer"]

TERM_KINDS = {
    OWL + kind
    for kind in ("Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty", "Ontology")
}


def infer(quads: Iterable[Quad]) -> list[Quad]:
    """Return the conclusions about individuals, in the inferred graph, sorted.

    Args:
        quads: what is asserted, the ontology among it; graphs do not matter.

    Raises:
        InconsistencyError: a contradiction follows; the message says which.
    """
    import owlrl
    from rdflib import RDF, URIRef
    from rdflib.namespace import OWL as OWL_TERMS

    asserted = terms.merge(quads)
    closure = terms.graph(asserted)
    reasoner = owlrl.OWLRL_Semantics(closure, False, False, False)  # noqa: FBT003 (owlrl's call)
    reasoner.closure()
    if reasoner.error_messages:
        raise InconsistencyError("; ".join(sorted(reasoner.error_messages)))
    vocabulary = _vocabulary(asserted)
    found: list[Triple] = []
    for subject, predicate, object_ in closure:
        if not isinstance(subject, URIRef) or str(subject) in vocabulary:
            continue
        about_class = predicate == RDF.type and str(object_) in vocabulary
        same = predicate == OWL_TERMS.sameAs and object_ != subject and isinstance(object_, URIRef)
        if about_class or same or str(predicate) in vocabulary:
            found.append(Triple(*map(terms.from_rdflib, (subject, predicate, object_))))
    return sorted((Quad(*t, INFERRED) for t in found if t not in asserted), key=terms.text_order)


def _vocabulary(triples: Iterable[Triple]) -> set[str]:
    """Return the IRIs of the classes and properties that the ontology declares."""
    return {
        triple.subject.value
        for triple in triples
        if triple.predicate == TYPE
        and isinstance(triple.subject, ox.NamedNode)
        and triple.object.value in TERM_KINDS
    }
