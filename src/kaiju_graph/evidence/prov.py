"""An explanation as Turtle, in terms of PROV-O and of the evidence ontology.

Each triple is an ``rdf:Statement`` and a ``prov:Entity``. An asserted one ``prov:wasDerivedFrom``
its passages or its source; an inferred one ``prov:wasGeneratedBy`` an activity that used the
premises and whose plan is the rule. Names are hashes of what they name, the same in every run.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.rdf import write as rdf_write
from kaiju_graph.rdf.terms import EV, LABEL, RDF, TYPE, Triple
from kaiju_graph.reasoning.proof import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kaiju_graph.evidence.grounds import Grounds
    from kaiju_graph.rdf.terms import Resource, Term
    from kaiju_graph.reasoning.proof import Explanation, Proof

__all__ = ["write"]

PROV = "http://www.w3.org/ns/prov#"
DCTERMS = "http://purl.org/dc/terms/"
NAME = "urn:x-kaiju:"
FALSE = ox.Literal("false", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#boolean"))


def write(grounds: Grounds, explanation: Explanation) -> str:
    """Return the proofs of an explanation as Turtle, the same text every time."""
    triples = {
        triple
        for proof in explanation.proofs
        for line in walk(proof)
        if line.place == "here"
        for triple in _proof(grounds, line.proof)
    }
    return rdf_write.write(triples, "turtle", grounds.project)


def _proof(grounds: Grounds, proof: Proof) -> Iterator[Triple]:
    statement = _statement(proof.conclusion)
    yield from _describe(statement, proof.conclusion)
    if not proof.rule:
        if proof.conclusion is not None:
            yield from _grounds(grounds, statement, proof.conclusion)
        return
    premises = [_statement(premise.conclusion) for premise in proof.premises]
    plan = _name("rule", proof.rule)
    step = _name("step", _hash(statement, plan, *premises))
    association = _name("association", _hash(step))
    reasoner = ox.NamedNode(f"{NAME}reasoner")
    yield Triple(statement, _prov("wasGeneratedBy"), step)
    yield Triple(step, TYPE, _prov("Activity"))
    yield Triple(step, _prov("qualifiedAssociation"), association)
    yield Triple(association, TYPE, _prov("Association"))
    yield Triple(association, _prov("agent"), reasoner)
    yield Triple(association, _prov("hadPlan"), plan)
    yield Triple(reasoner, TYPE, _prov("SoftwareAgent"))
    yield Triple(plan, TYPE, _prov("Plan"))
    yield Triple(plan, TYPE, _prov("Entity"))
    yield Triple(plan, LABEL, ox.Literal(proof.rule))
    for entity in premises:
        yield Triple(step, _prov("used"), entity)
        yield Triple(statement, _prov("wasDerivedFrom"), entity)


def _describe(statement: Resource, triple: Triple | None) -> Iterator[Triple]:
    yield Triple(statement, TYPE, _prov("Entity"))
    if triple is None:
        yield Triple(statement, _prov("value"), FALSE)
        return
    yield Triple(statement, TYPE, ox.NamedNode(RDF + "Statement"))
    for role, term in triple._asdict().items():
        yield Triple(statement, ox.NamedNode(RDF + role), term)


def _grounds(grounds: Grounds, statement: Resource, triple: Triple) -> Iterator[Triple]:
    for ground in grounds.find(triple):
        graph = ground.graph
        yield Triple(statement, _prov("wasDerivedFrom"), graph)
        yield Triple(graph, TYPE, _prov("Entity"))
        if ground.place:
            place = ox.Literal(str(ground.place))
            yield Triple(statement, _prov("atLocation"), _name("place", _hash(place)))
            yield Triple(_name("place", _hash(place)), TYPE, _prov("Location"))
            yield Triple(_name("place", _hash(place)), LABEL, place)
        quads = grounds.store.quads_for_pattern(graph, None, None, ox.DefaultGraph())
        for quad in quads if ground.quote or ground.origin else ():
            if quad.predicate.value.startswith((EV, DCTERMS)) or quad.predicate == TYPE:
                yield Triple(graph, quad.predicate, quad.object)  # type: ignore[arg-type]


def _statement(triple: Triple | None) -> ox.NamedNode:
    return _name("statement", _hash(*triple) if triple else "false")


def _name(kind: str, local: str) -> ox.NamedNode:
    return ox.NamedNode(f"{NAME}{kind}:{local}")


def _hash(*terms: Term) -> str:
    return sha256(" ".join(map(str, terms)).encode()).hexdigest()[:16]


def _prov(name: str) -> ox.NamedNode:
    return ox.NamedNode(PROV + name)
