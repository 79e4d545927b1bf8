"""Stage 8, for vetting: shapes → those that hold nothing: never held, or about what nobody says.

SHACL passes them in silence. What is wrong is told at the IRI that it is wrong with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.project.layout import SHACL
from kaiju_graph.rdf.terms import OWL, RDFS, Term, closure
from kaiju_graph.sparql.tokens import line_column
from kaiju_graph.sparql.unknown_terms import find_defined_terms, find_unknown_terms, suggest_term
from kaiju_graph.validation.vocabularies import CONSTRAINTS, NAMING, TARGETS, vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kaiju_graph.rdf.terms import Quad

__all__ = ["DEFINED", "Wrong", "unanswered", "undefined", "unheld", "unsaid"]

MESSAGE, SPARQL = ox.NamedNode(SHACL + "message"), ox.NamedNode(SHACL + "sparql")
SHAPES = tuple(ox.NamedNode(SHACL + name) for name in ("NodeShape", "PropertyShape"))
CLASSES = (ox.NamedNode(RDFS + "Class"), ox.NamedNode(OWL + "Class"))
TEXTS = (ox.NamedNode(SHACL + "select"), ox.NamedNode(SHACL + "ask"))
DEFINED = "expected a term that an ontology defines"
Wrong = tuple[Term, str]
"""A term of the shapes, and how a sentence goes on that says what is wrong with it."""


def unheld(quads: Iterable[Quad]) -> Iterator[Wrong]:
    """Find shapes without a target that no shape with one leads to."""
    quads = list(quads)
    led = {quad.object for quad in quads if quad.object != quad.subject} | _held(quads)
    for subject in dict.fromkeys(quad.subject for quad in quads if _is_of_shape(quad)):
        if subject not in led:
            yield subject, " without a target; expected one, or a shape that leads to it"


def unsaid(quads: Iterable[Quad]) -> Iterator[Wrong]:
    """Find shapes with a name that ask something and do not say what should be so."""
    quads = list(quads)
    told = {quad.subject for quad in quads if quad.predicate == MESSAGE}
    told |= {quad.subject for quad in quads if quad.predicate == SPARQL and quad.object in told}
    asking = (quad.subject for quad in quads if _key(quad) in CONSTRAINTS)
    for subject in dict.fromkeys(asking):
        if isinstance(subject, ox.NamedNode) and subject not in told:
            yield subject, " without sh:message; expected a sentence that says what should be so"


def undefined(
    quads: Iterable[Quad], ontology: Iterable[Quad], prefixes: Mapping[str, str]
) -> Iterator[Wrong]:
    """Find classes, properties and individuals that shapes name and no ontology defines."""
    quads, ontology = list(quads), list(ontology)
    known = find_defined_terms(ontology)
    named = {quad.subject for quad in (*quads, *ontology)}
    for quad in quads:
        term = quad.object
        if isinstance(term, ox.NamedNode) and term not in named:
            near = suggest_term(term.value, known, prefixes)
            if near is not None or (_key(quad) in NAMING and not vocabulary(term)):
                yield term, f"; {DEFINED}{near or ''}"


def unanswered(
    text: str, quads: Iterable[Quad], known: Mapping[str, set[str]], prefixes: Mapping[str, str]
) -> Iterator[str]:
    """Find terms that no ontology defines in the queries of shapes, each with line and column.

    Args:
        text: the file that the shapes stand in.
        quads: the shapes.
        known: the terms that each ontology defines.
        prefixes: prefix → namespace IRI.
    """
    for quad in quads:
        if quad.predicate in TEXTS:
            start = max(text.find(quad.object.value), 0)
            for token, _, near in find_unknown_terms(quad.object.value, known, prefixes):
                place = line_column(text, start + token.offset)
                yield f"{place}: found {token.text}; {DEFINED}{near}"


def _held(quads: list[Quad]) -> set[Term]:
    """Return the shapes with a target, and all that they lead to."""
    below: dict[Term, list[Term]] = {}
    for quad in quads:
        below.setdefault(quad.subject, []).append(quad.object)
    # What is a class as well is held against its members (SHACL, section 2.1.3.3).
    start = (quad.subject for quad in quads if _key(quad) in TARGETS or quad.object in CLASSES)
    return closure(start, below)


def _is_of_shape(quad: Quad) -> bool:
    return _key(quad) in {"path", "property", "node", *CONSTRAINTS} or quad.object in SHAPES


def _key(quad: Quad) -> str:
    return quad.predicate.value.removeprefix(SHACL)
