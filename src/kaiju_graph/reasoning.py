"""Stage 5: quads → the quads that follow from them by OWL 2 RL, about the project's own things.

The rules are those of OWL 2 Web Ontology Language Profiles (Second Edition), section 4.3. The
reasoner ``rules`` runs them as SPARQL, one file a rule, named as the tables there name it; a rule
that selects instead of constructing derives *false*. The reasoner ``owlrl`` is the library of that
name, the oracle that ``rules`` is held against. Of what a full closure adds, most says nothing of
any thing (``?x owl:sameAs ?x``, literals as subjects, ``owl:Thing``); both keep the conclusions
whose subject is an individual and whose predicate, or class, is a term of the ontology.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph import terms
from kaiju_graph.errors import InconsistencyError
from kaiju_graph.terms import INFERRED, OWL, TYPE, Quad, Triple

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["REASONERS", "derive", "infer", "rules"]

RULES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "rules")
SAME_AS = ox.NamedNode(OWL + "sameAs")
TERM_KINDS = {
    OWL + kind
    for kind in ("Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty", "Ontology")
}


def infer(quads: Iterable[Quad], reasoner: str = "rules") -> list[Quad]:
    """Return the conclusions about individuals, in the inferred graph, sorted.

    Args:
        quads: what is asserted, the ontology among it; graphs do not matter.
        reasoner: a key of ``REASONERS``.

    Raises:
        InconsistencyError: a contradiction follows; the message says which.
    """
    asserted = terms.merge(quads)
    vocabulary = _vocabulary(asserted)
    kept = (t for t in REASONERS[reasoner](asserted) if _is_about_a_thing(t, vocabulary))
    return sorted((Quad(*triple, INFERRED) for triple in kept), key=terms.text_order)


def rules() -> dict[str, str]:
    """Return the rules: name → SPARQL."""
    found = {}
    for file in sorted(os.listdir(RULES)):
        with open(os.path.join(RULES, file), encoding="utf-8") as text:
            found[file.removesuffix(".rq")] = text.read()
    return found


def derive(asserted: Iterable[Triple]) -> dict[Triple, int]:
    """Run the rules to a fixpoint: each new triple → the round that found it, from 1.

    The premises of a triple are asserted or come from earlier rounds.

    Raises:
        InconsistencyError: a rule derives false; the message names it and what it is about.
    """
    known = set(asserted)
    store = ox.Store()
    store.bulk_extend(ox.Quad(*triple) for triple in known)
    found: dict[Triple, int] = {}
    texts = rules()
    number = 0
    new: set[Triple] = known
    while new:
        number += 1
        new = set()
        for name, text in texts.items():
            answer = store.query(text)
            if isinstance(answer, ox.QuerySolutions):
                for row in answer:
                    about = ", ".join(str(term) for term in row if isinstance(term, ox.NamedNode))
                    raise InconsistencyError(f"the graph contradicts itself by {name}: {about}")
            elif isinstance(answer, ox.QueryTriples):
                new.update(Triple(t.subject, t.predicate, t.object) for t in answer)
        new -= known
        known |= new
        found |= dict.fromkeys(new, number)
        store.extend(ox.Quad(*triple) for triple in new)
    return found


def _derive_by_owlrl(asserted: Iterable[Triple]) -> Iterable[Triple]:
    import owlrl
    from rdflib import URIRef

    asserted = set(asserted)
    closure = terms.graph(asserted)
    # No axiomatic triples, no datatype axioms, no RDFS rules: OWL 2 RL alone.
    core = owlrl.OWLRL_Semantics(closure, False, False, False)  # noqa: FBT003 (owlrl's signature)
    core.closure()
    if core.error_messages:
        raise InconsistencyError(f"the graph contradicts itself: {min(core.error_messages)}")
    for nodes in closure:
        if isinstance(nodes[0], URIRef) and isinstance(nodes[1], URIRef):
            triple = Triple._make(map(terms.from_rdflib, nodes))
            if triple not in asserted:
                yield triple


REASONERS = {"rules": derive, "owlrl": _derive_by_owlrl}


def _vocabulary(triples: Iterable[Triple]) -> set[str]:
    """Return the IRIs of the classes and properties that the ontology declares."""
    return {
        triple.subject.value
        for triple in triples
        if triple.predicate == TYPE
        and isinstance(triple.subject, ox.NamedNode)
        and triple.object.value in TERM_KINDS
    }


def _is_about_a_thing(triple: Triple, vocabulary: set[str]) -> bool:
    subject, predicate, object_ = triple
    if not isinstance(subject, ox.NamedNode) or subject.value in vocabulary:
        return False
    if predicate == SAME_AS:
        return subject != object_ and isinstance(object_, ox.NamedNode)
    return (object_ if predicate == TYPE else predicate).value in vocabulary
