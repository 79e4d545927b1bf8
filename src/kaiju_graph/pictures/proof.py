"""The picture of a proof: a tree from what follows down to what passages state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaiju_graph.evidence.proof_words import axioms, is_axiom, rule_words
from kaiju_graph.pictures.picture import Edge, Graph, Node
from kaiju_graph.pictures.words import rest_note
from kaiju_graph.rdf.terms import TYPE

if TYPE_CHECKING:
    from kaiju_graph.evidence.grounds import Grounds
    from kaiju_graph.pictures.picture import Address
    from kaiju_graph.rdf.terms import Triple
    from kaiju_graph.reasoning.proof import Explanation, Proof

__all__ = ["MAX_NODES", "draw_explanation", "draw_proof"]

MAX_NODES = 60
"""How many nodes a picture of a proof has at most."""
KINDS = ("of the same subject and property", "between the same two", "the other way round")
"""What the nearest triples share with a triple that has no proof."""


def draw_explanation(grounds: Grounds, explanation: Explanation, address: Address) -> Graph:
    """Return the picture of an explanation: its first proof, or the nearest triples.

    Args:
        grounds: finds the words and sources of asserted triples.
        explanation: the proofs, or the nearest triples.
        address: where a term leads.
    """
    if explanation.proofs:
        return draw_proof(grounds, explanation.proofs[0], address)
    words = _words(grounds, explanation.triple)
    nodes = [Node(words, "focus", "neither stated nor inferred")]
    edges = []
    for kind, triples in zip(KINDS, explanation.nearest or (), strict=False):
        for triple in triples:
            if len(nodes) < MAX_NODES:
                edges.append(Edge(0, len(nodes), kind))
                nodes.append(_stated(grounds, triple, address))
    title = f"Does not follow: {_line(words)}"
    description = "The nearest triples that the graph has."
    return Graph(title, description, tuple(nodes), tuple(edges), is_tree=True)


def draw_proof(grounds: Grounds, proof: Proof, address: Address) -> Graph:
    """Return the picture of a proof.

    A triple that several steps need is one node. Axioms stand with the rule that uses them.
    """
    nodes: list[Node] = []
    edges: list[Edge] = []
    places: dict[Triple | None, int] = {}
    left_out = 0
    waiting = [(proof, -1)]
    while waiting:
        step, above = waiting.pop(0)
        if above >= 0 and is_axiom(grounds, step):
            continue
        known = places.get(step.conclusion)
        if known is None and len(nodes) + 2 > MAX_NODES:
            left_out += 1
            continue
        if above >= 0:
            edges.append(Edge(above, len(nodes) if known is None else known))
        if known is not None:
            continue
        places[step.conclusion] = at = len(nodes)
        if not step.rule and step.conclusion:
            nodes.append(_stated(grounds, step.conclusion, address))
            continue
        kind = "inferred" if nodes else "focus"
        where = address(step.conclusion.subject) if step.conclusion else ""
        nodes.append(Node(_words(grounds, step.conclusion), kind, "", where))
        edges.append(Edge(at, at + 1))
        words = f"by {step.rule}: {rule_words(grounds, step)}"
        detail = "\n".join(text.removesuffix(" .") for text in axioms(grounds, step))
        nodes.append(Node(words, "rule", detail))
        waiting += [(premise, at + 1) for premise in step.premises]
    words = _line(_words(grounds, proof.conclusion))
    note = rest_note(left_out, "premise")
    description = "What follows stands above the rule and the premises from which it follows."
    title = f"Proof: {words}"
    return Graph(title, description, tuple(nodes), tuple(edges), is_tree=True, note=note)


def _stated(grounds: Grounds, triple: Triple, address: Address) -> Node:
    """Return the node of an asserted triple, with the words of the first passage that states it."""
    words = _words(grounds, triple)
    for ground in grounds.find(triple):
        detail = f"“{ground.quote}”" if ground.quote else ground.source or ground.layer
        return Node(words, "stated", detail, address(ground.graph) if ground.quote else "")
    return Node(words, "inferred")


def _words(grounds: Grounds, triple: Triple | None) -> str:
    """Return a triple in three lines; None is the conclusion of a contradiction."""
    if triple is None:
        return "a contradiction"
    predicate = "is a" if triple.predicate == TYPE else grounds.label(triple.predicate)
    return "\n".join((grounds.label(triple.subject), predicate, grounds.label(triple.object)))


def _line(words: str) -> str:
    return " · ".join(words.splitlines())
