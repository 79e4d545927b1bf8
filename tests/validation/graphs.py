"""Graphs of the SHACL tests, from Turtle, and the results of their reports."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pyshacl
from pyshacl.rdfutil.stringify import stringify_blank_node
from rdflib import RDF, SH, Graph, Namespace

from kaiju_graph.rdf import terms
from kaiju_graph.rdf.parse import parse
from kaiju_graph.validation.shacl import validator

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kaiju_graph.rdf.terms import Triple

__all__ = ["EX", "product_report", "pyshacl_report", "read", "results"]

EX = Namespace("http://example.org/")
PREFIXES = f"""
@prefix ex: <{EX}> .
@prefix rdf: <{RDF}> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def read(text: str, file: str = "shapes.ttl") -> dict[Triple, None]:
    """Return the triples of a file; labels of blank nodes contain its name, so they are unique."""
    return terms.merge(parse(file, PREFIXES + text, ox.NamedNode(EX.graph)))


def product_report(data: Iterable[Triple], by: Iterable[Triple]) -> Graph:
    """Return the report of the product."""
    return terms.rdflib_graph(validator.report(data, by))


def pyshacl_report(data: Iterable[Triple], by: Iterable[Triple]) -> Graph:
    """Return the report of pySHACL alone."""
    stringify_blank_node.dict_cache.clear()  # its keys are addresses, which are used again
    _, report, text = pyshacl.validate(terms.rdflib_graph(data), shacl_graph=terms.rdflib_graph(by))
    assert isinstance(report, Graph), text
    return report


def results(report: Graph) -> tuple[Any, Counter[frozenset[Any]]]:
    """Return ``sh:conforms`` of a report, and the statements about each result."""
    (node,) = report.subjects(RDF.type, SH.ValidationReport)

    def statements(result: Any) -> frozenset[Any]:
        return frozenset(
            (key, statements(value) if key == SH.detail else value)
            for key, value in report.predicate_objects(result)
        )

    return report.value(node, SH.conforms), Counter(
        map(statements, report.objects(node, SH.result))
    )
