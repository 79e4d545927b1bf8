"""Stage 5, for validating: the terms of other vocabularies, and which in use are none of them.

A mistyped ``sh:mincount`` is no error to SHACL, and a mistyped ``owl:inversOf`` none to OWL: both
pass in silence, and the rule is not held, the axiom not followed.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.project.layout import SHACL
from kaiju_graph.project.spelling import did_you_mean
from kaiju_graph.rdf.terms import RDF

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kaiju_graph.rdf.terms import Quad

__all__ = [
    "CONSTRAINTS",
    "NAMING",
    "PROPERTIES",
    "TARGETS",
    "VALUES",
    "nearest",
    "unknown",
    "vocabulary",
]

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
TARGETS = frozenset("targetClass targetNode targetObjectsOf targetSubjectsOf".split())
"""By what a shape says which nodes it is held against."""
CONSTRAINTS = frozenset(
    """
    class datatype nodeKind minCount maxCount minExclusive minInclusive maxExclusive maxInclusive
    minLength maxLength pattern languageIn uniqueLang equals disjoint lessThan lessThanOrEquals
    not and or xone qualifiedMinCount qualifiedMaxCount closed hasValue in sparql
    """.split()
)
"""By what a shape asks something itself, and not by a shape that it names."""
NAMING = frozenset(
    """
    targetClass targetObjectsOf targetSubjectsOf class equals disjoint lessThan lessThanOrEquals
    path inversePath alternativePath zeroOrMorePath oneOrMorePath zeroOrOnePath
    """.split()
)
"""What has a class or property for its value."""
VALUES = frozenset(
    """
    Shape NodeShape PropertyShape PropertyGroup Violation Warning Info
    IRI Literal BlankNode BlankNodeOrIRI BlankNodeOrLiteral IRIOrLiteral
    SPARQLConstraint PrefixDeclaration ConstraintComponent Parameter Validator
    SPARQLAskValidator SPARQLSelectValidator
    """.split()
)
"""The classes, severities and kinds of nodes."""
CLOSED = "DCAT DCTERMS FOAF OWL PROV RDF RDFS SKOS VANN VOID XSD".split()
"""The other vocabularies whose terms are known: those of which rdflib has a closed list."""
MEMBER = re.compile("_[1-9][0-9]*")
"""The local name of a container membership property (RDF Schema 1.1, section 5.1.5)."""


def unknown(quads: Iterable[Quad]) -> Iterator[ox.NamedNode]:
    """Yield each term that its vocabulary does not have, or that SHACL has and not as a property.

    The datatypes of literals are terms, too.
    """
    checked: dict[tuple[ox.NamedNode, bool], None] = {}
    for subject, predicate, object_, *_ in quads:
        checked[predicate, True] = None
        # A path, or what a shape closes, may name any property: one of SHACL as well.
        for term in (subject, object_):
            named = term.datatype if isinstance(term, ox.Literal) else term
            if isinstance(named, ox.NamedNode):
                checked[named, False] = None
    found = (term for term, is_predicate in checked if not _is_known(term, is_predicate))
    yield from dict.fromkeys(found)


def vocabulary(term: ox.NamedNode) -> str:
    """Return the name of the vocabulary in whose namespace a term stands, or nothing."""
    namespace, _ = _split(term)
    return _known()[namespace][0] if namespace in _known() else ""


def nearest(term: ox.NamedNode) -> str:
    """Return ``; did you mean …?`` with the terms of its vocabulary most like one, or nothing."""
    namespace, local = _split(term)
    return did_you_mean(local, sorted(_known()[namespace][1]))


def _is_known(term: ox.NamedNode, is_predicate: bool) -> bool:  # noqa: FBT001 (of one term)
    namespace, local = _split(term)
    # The namespace itself is an ontology; rdf:_1 and its like have no end.
    if namespace not in _known() or not local or (namespace == RDF and MEMBER.fullmatch(local)):
        return True
    if namespace == SHACL and is_predicate:
        return local in PROPERTIES
    return local in _known()[namespace][1]


def _split(term: ox.NamedNode) -> tuple[str, str]:
    """Return the namespace and the local name of a term."""
    at = max(term.value.rfind("#"), term.value.rfind("/")) + 1
    return term.value[:at], term.value[at:]


@cache
def _known() -> dict[str, tuple[str, frozenset[str]]]:
    """Return the name and the local names of each vocabulary, by its namespace."""
    from rdflib import namespace

    found = {SHACL: ("SHACL", PROPERTIES | VALUES)}
    for name in CLOSED:
        space = getattr(namespace, name)
        names = (str(term).removeprefix(str(space)) for term in dir(space))
        found[str(space)] = name, frozenset(names)
    return found
