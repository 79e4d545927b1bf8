"""Terms by their values, so that two engines agree though they write literals differently.

An engine may keep ``"1"^^xsd:boolean`` for ``true``, ``"01"^^xsd:integer`` for 1, or a language tag
in another case (RDF 1.1 Concepts, section 3.3: these are equal values, not equal terms).
"""

from __future__ import annotations

from decimal import Context, Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from kaiju_graph.rdf.lexical_spaces import EXACT, INEXACT
from kaiju_graph.rdf.terms import RDF, XSD, Triple

if TYPE_CHECKING:
    from kaiju_graph.rdf.terms import Term

__all__ = ["Value", "triple_by_value", "value"]

Value = tuple[str, ...] | None
BOOLEANS = {"1": "true", "0": "false"}


def value(term: Term | None) -> Value:
    """Return what a term means, as a tuple that can be compared and sorted.

    >>> true = ox.Literal("1", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#boolean"))
    >>> value(true) == value(ox.Literal(True))
    True
    """
    if term is None:
        return None
    if isinstance(term, ox.NamedNode):
        return "iri", term.value
    if not isinstance(term, ox.Literal):
        return ("blank node",)
    return _literal(term)


def _literal(term: ox.Literal) -> tuple[str, ...]:
    datatype, text = term.datatype.value, term.value
    if term.language:
        return "literal", text, f"{RDF}langString", term.language.lower()
    if datatype == f"{XSD}boolean":
        text = BOOLEANS.get(text, text)
    elif datatype in EXACT | INEXACT:
        text = _number(text)
    return "literal", text, datatype


def triple_by_value(triple: Triple) -> Triple:
    """Return a triple whose literal has the form by which it is compared."""
    term: Any = triple.object
    if not isinstance(term, ox.Literal):
        return triple
    _, text, datatype, *language = _literal(term)
    if language:
        return triple._replace(object=ox.Literal(text, language=language[0]))
    return triple._replace(object=ox.Literal(text, datatype=ox.NamedNode(datatype)))


def _number(text: str) -> str:
    """Return a number without what does not change it: a sign, zeros, an exponent."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    if "_" in text or not number.is_finite() or abs(number.adjusted()) > len(text) + 30:
        return text  # Python's own way to write it, or a number of very many zeros
    if not number:
        return "0"
    return format(number.normalize(Context(prec=len(text))), "f")
