"""The words of a proof: its triples, rules and axioms as text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.rdf.lexical_forms import find_quads
from kaiju_graph.rdf.terms import ONTOLOGY, SUB_CLASS_OF, Quad

if TYPE_CHECKING:
    from kaiju_graph.evidence.grounds import Grounds
    from kaiju_graph.rdf.terms import Triple
    from kaiju_graph.reasoning.proof import Proof

__all__ = ["axioms", "is_axiom", "rule_words", "sentence", "with_article"]

VARIABLE = re.compile(r"(?:\b(a) )?\?(\w+)")


def sentence(grounds: Grounds, triple: Triple | None) -> str:
    """Return a triple as text; None is the conclusion of a contradiction."""
    if triple is None:
        return "a contradiction"
    predicate = grounds.predicate(triple.predicate)
    return f"{grounds.label(triple.subject)} {predicate} {grounds.label(triple.object)}"


def rule_words(grounds: Grounds, proof: Proof) -> str:
    """Return the sentence of a rule with the labels of what its variables stand for."""

    def label(match: re.Match[str]) -> str:
        text = grounds.label(proof.binding[match[2]])
        return with_article(text) if match[1] else text

    return VARIABLE.sub(label, proof.words)


def axioms(grounds: Grounds, proof: Proof) -> dict[str, Quad]:
    """Return the axioms among the premises: as Turtle, with lists inside → one quad of each."""
    found: dict[str, Quad] = {}
    for premise in proof.premises:
        triple = premise.conclusion
        if triple is None or not is_axiom(grounds, premise):
            continue
        is_blank = isinstance(triple.subject, ox.BlankNode)
        if is_blank and grounds.list_members(triple.subject):
            continue
        text = grounds.turtle(triple.subject)
        if not is_blank or triple.predicate == SUB_CLASS_OF:
            text += f" {grounds.predicate(triple.predicate)} {grounds.turtle(triple.object)}"
        found.setdefault(f"{text} .", Quad(*triple, ONTOLOGY))
    return found


def is_axiom(grounds: Grounds, proof: Proof) -> bool:
    """Tell whether a premise is asserted by the ontology."""
    triple = proof.conclusion
    if triple is None or proof.rule:
        return False
    return next(find_quads(grounds.store, *triple, ONTOLOGY), None) is not None


def with_article(noun: str) -> str:
    """Return a noun with its indefinite article, chosen by the first letter.

    >>> with_article("agent"), with_article("film")
    ('an agent', 'a film')
    """
    return f"{'an' if noun[:1].casefold() in 'aeiou' else 'a'} {noun}"
