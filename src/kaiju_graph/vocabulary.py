"""Stage 5, for validating: the terms of SHACL, and which of a shapes graph are none of them.

A mistyped ``sh:mincount`` is no error to SHACL, which passes it in silence: the rule is not held.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.names import did_you_mean
from kaiju_graph.project import SHACL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kaiju_graph.terms import Quad

__all__ = ["PROPERTIES", "VALUES", "nearest", "unknown"]

PROPERTIES = frozenset(
    """
    targetClass targetNode targetObjectsOf targetSubjectsOf
    property path inversePath alternativePath zeroOrMorePath oneOrMorePath zeroOrOnePath
    class datatype nodeKind minCount maxCount minExclusive minInclusive maxExclusive maxInclusive
    minLength maxLength pattern flags languageIn uniqueLang equals disjoint lessThan
    lessThanOrEquals not and or xone node qualifiedValueShape qualifiedValueShapesDisjoint
    qualifiedMinCount qualifiedMaxCount closed ignoredProperties hasValue in
    sparql select ask prefixes declare prefix namespace
    parameter optional labelTemplate validator nodeValidator propertyValidator
    message severity deactivated name description order group defaultValue
    """.split()
)
"""The properties that a shape may have: SHACL Core and SHACL-SPARQL, sections 2 to 6.

Those of a report, and those of other documents (rules, functions, JavaScript), do nothing here.
"""
VALUES = frozenset(
    """
    Shape NodeShape PropertyShape PropertyGroup Violation Warning Info
    IRI Literal BlankNode BlankNodeOrIRI BlankNodeOrLiteral IRIOrLiteral
    SPARQLConstraint PrefixDeclaration ConstraintComponent Parameter Validator
    SPARQLAskValidator SPARQLSelectValidator
    """.split()
)
"""The classes, severities and kinds of nodes."""


def unknown(quads: Iterable[Quad]) -> Iterator[ox.NamedNode]:
    """Yield the terms in SHACL's namespace that it does not have, or not as a property."""
    for quad in quads:
        if _local(quad.predicate) not in PROPERTIES | {None}:
            yield quad.predicate
        # A path, or what a shape closes, may name any property: one of SHACL as well.
        for term in (quad.subject, quad.object):
            if isinstance(term, ox.NamedNode) and _local(term) not in PROPERTIES | VALUES | {None}:
                yield term


def nearest(term: ox.NamedNode) -> str:
    """Return ``; did you mean …?`` with the terms of SHACL that are most like one, or nothing."""
    return did_you_mean(_local(term) or "", sorted(PROPERTIES | VALUES))


def _local(term: ox.NamedNode) -> str | None:
    """Return the local name of a term of SHACL, or None of another."""
    return term.value.removeprefix(SHACL) if term.value.startswith(SHACL) else None
