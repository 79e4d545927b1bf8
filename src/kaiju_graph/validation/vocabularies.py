"""The terms of SHACL and other vocabularies; find terms that they do not have.

SHACL and OWL ignore unknown terms: with a mistyped ``sh:mincount`` or ``owl:inversOf``, a rule is
not checked or an axiom has no effect, and no tool reports it.
"""

from __future__ import annotations

import re
from functools import cache
from inspect import get_annotations
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.project.layout import SHACL
from kaiju_graph.project.spelling import did_you_mean
from kaiju_graph.rdf.terms import OWL, RDF, RDFS, SKOS, XSD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kaiju_graph.rdf.terms import Quad

__all__ = [
    "ADVANCED",
    "CONSTRAINTS",
    "NAMES",
    "NAMES_OF_RDFLIB",
    "OF_ALIGNMENTS",
    "PROPERTIES",
    "TARGETS",
    "TERM_VALUED",
    "VALUES",
    "find_unknown",
    "find_used",
    "nearest",
    "vocabulary",
]

TARGETS = frozenset("targetClass targetNode targetObjectsOf targetSubjectsOf".split())
"""The parameters by which a shape selects its focus nodes."""
PATHS = frozenset(
    "path inversePath alternativePath zeroOrMorePath oneOrMorePath zeroOrOnePath".split()
)
PAIRS = frozenset("equals disjoint lessThan lessThanOrEquals".split())
CONSTRAINTS = PAIRS | frozenset(
    """
    class datatype nodeKind minCount maxCount minExclusive minInclusive maxExclusive maxInclusive
    minLength maxLength pattern languageIn uniqueLang
    not and or xone qualifiedMinCount qualifiedMaxCount closed hasValue in sparql
    """.split()
)
"""The parameters that constrain values; ``node`` is not one, as it refers to another shape."""
TERM_VALUED = PATHS | PAIRS | (TARGETS - {"targetNode"}) | {"class"}
"""The properties whose values are classes or properties."""
PROPERTIES = (
    TARGETS
    | PATHS
    | CONSTRAINTS
    | frozenset(
        """
    property node flags qualifiedValueShape qualifiedValueShapesDisjoint ignoredProperties
    select ask prefixes declare prefix namespace
    parameter optional labelTemplate validator nodeValidator propertyValidator
    message severity deactivated name description order group defaultValue
    """.split()
    )
)
"""The properties that a shape may have: SHACL Core and SHACL-SPARQL, sections 2 to 6.

Properties of reports have no effect; those of other documents are in ``ADVANCED``.
"""
VALUES = frozenset(
    """
    Shape NodeShape PropertyShape PropertyGroup Violation Warning Info
    IRI Literal BlankNode BlankNodeOrIRI BlankNodeOrLiteral IRIOrLiteral
    SPARQLConstraint PrefixDeclaration ConstraintComponent Parameter Validator
    SPARQLAskValidator SPARQLSelectValidator Severity NodeKind Parameterizable
    SPARQLExecutable SPARQLAskExecutable SPARQLSelectExecutable
    """.split()
) | {
    f"{name[:1].upper()}{name[1:]}ConstraintComponent"
    for name in (CONSTRAINTS - {"sparql"}) | {"node", "property", "SPARQL"}
}
"""The classes, severities, kinds of nodes and constraint components."""
ADVANCED = {
    name: effect
    for effect, names in {
        "it selects no node": "target SPARQLTarget SPARQLTargetType JSTarget JSTargetType",
        "the rule is not run": "rule Rule SPARQLRule TripleRule JSRule construct update condition",
        "no function is defined": "Function SPARQLFunction JSFunction returnType",
        "it constrains nothing": "expression js JSConstraint JSValidator",
        "it has no effect": """
            JSExecutable JSLibrary ResultAnnotation SPARQLConstructExecutable
            SPARQLUpdateExecutable Target TargetType annotationProperty annotationValue
            annotationVarName count distinct else exists filterShape groupConcat if intersection
            jsFunctionName jsLibrary jsLibraryURL limit max min minus nodes object offset orderBy
            predicate resultAnnotation separator shapesGraph subject suggestedShapesGraph sum then
            this union values""",
        "nothing is inferred for it": "entailment",
    }.items()
    for name in names.split()
}
"""Term of SHACL Advanced Features or SHACL JavaScript → what follows from its being unsupported."""
NAMES = {
    SHACL: "SHACL",
    "http://www.w3.org/ns/dcat#": "DCAT",
    "http://purl.org/dc/terms/": "DCTERMS",
    "http://xmlns.com/foaf/0.1/": "FOAF",
    OWL: "OWL",
    "http://www.w3.org/ns/prov#": "PROV",
    RDF: "RDF",
    RDFS: "RDFS",
    "https://schema.org/": "schema.org",
    SKOS: "SKOS",
    "http://purl.org/vocab/vann/": "VANN",
    "http://rdfs.org/ns/void#": "VOID",
    XSD: "XSD",
}
"""Namespace → its vocabulary; rdflib has all terms of each, but for SHACL."""
NAMES_OF_RDFLIB = {"schema.org": "SDO"}
"""Vocabulary → its name in rdflib, if that is another."""
OF_ALIGNMENTS = ("https://schema.org/",)
"""The namespaces that only ``ontology/`` may use: ``declared`` reports them in graphs."""
MEMBERSHIP = re.compile("_[1-9][0-9]*")
"""The local name of a container membership property (RDF Schema 1.1, section 5.1.5)."""


def find_used(quads: Iterable[Quad]) -> dict[tuple[ox.NamedNode, bool], None]:
    """Return the IRIs that quads use, each with whether it is a predicate.

    Datatypes of literals are terms, too.
    """
    used: dict[tuple[ox.NamedNode, bool], None] = {}
    for subject, predicate, object_, *_ in quads:
        used[predicate, True] = None
        # A term of SHACL that is an object, such as that of a path, may be any property.
        for term in (subject, object_):
            named = term.datatype if isinstance(term, ox.Literal) else term
            if isinstance(named, ox.NamedNode):
                used[named, False] = None
    return used


def find_unknown(used: Iterable[tuple[ox.NamedNode, bool]]) -> Iterator[ox.NamedNode]:
    """Yield terms that their vocabulary does not have, and predicates that SHACL does not have.

    Args:
        used: terms, each with whether it is a predicate.
    """
    unknown = (term for term, is_predicate in used if not _is_known(term, is_predicate))
    yield from dict.fromkeys(unknown)


def vocabulary(term: ox.NamedNode) -> str:
    """Return the name of the vocabulary in whose namespace a term is, or an empty text."""
    return NAMES.get(_split(term)[0], "")


def nearest(term: ox.NamedNode) -> str:
    """Return ``; did you mean …?`` with similar terms of the vocabulary, or an empty text."""
    namespace, local = _split(term)
    return did_you_mean(local, sorted(_terms(namespace)))


def _is_known(term: ox.NamedNode, is_predicate: bool) -> bool:  # noqa: FBT001 (of one term)
    namespace, local = _split(term)
    # The namespace itself is an ontology; rdf:_1, rdf:_2 and so on have no end.
    is_member = namespace == RDF and MEMBERSHIP.fullmatch(local)
    if namespace not in NAMES or not local or is_member:
        return True
    if namespace == SHACL and is_predicate:
        return local in PROPERTIES or local in ADVANCED
    return local in _terms(namespace)


def _split(term: ox.NamedNode) -> tuple[str, str]:
    """Return the namespace and the local name of a term."""
    at = max(term.value.rfind("#"), term.value.rfind("/")) + 1
    return term.value[:at], term.value[at:]


@cache
def _terms(namespace: str) -> frozenset[str]:
    """Return the local names of a vocabulary."""
    if namespace == SHACL:
        return PROPERTIES | VALUES | ADVANCED.keys()
    import rdflib.namespace

    name = NAMES[namespace]
    # dir() has the same names, but makes an IRI of each.
    names = get_annotations(getattr(rdflib.namespace, NAMES_OF_RDFLIB.get(name, name)))
    return frozenset(name for name in names if not name.startswith("_"))
