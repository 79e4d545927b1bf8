"""The W3C's SHACL test suite: the report is the one that each case expects."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from rdflib import RDF, SH, BNode, Graph, Literal
from rdflib.compare import isomorphic

from kaiju_graph.errors import QueryError
from kaiju_graph.rdf import terms
from kaiju_graph.validation.shacl import validator
from tests.w3c import suite
from tests.w3c.suite import SHT, Case

if TYPE_CHECKING:
    from rdflib.term import Node

CASES = list(suite.cases(suite.FOLDER / "shacl" / "manifest.ttl"))


def path_text(graph: Graph, path: Node) -> str:
    """Return a path as text: reports may copy its blank nodes, or share them."""
    if not isinstance(path, BNode):
        return path.n3()
    steps = sorted(
        f"{predicate.n3()} {path_text(graph, value)}"
        for predicate, value in graph.predicate_objects(path)
    )
    return f"[{'; '.join(steps)}]"


def comparable_graph(graph: Graph, node: Node | None) -> Graph:
    """Return the part of a report that must be the same: results without their messages."""
    assert node is not None
    found = Graph()
    for result in graph.objects(node, SH.result):
        found.add((node, SH.result, result))
        for predicate, value in graph.predicate_objects(result):
            if predicate in COMPARED:
                found.add((result, predicate, value))
        for path in graph.objects(result, SH.resultPath):
            found.add((result, SH.resultPath, Literal(path_text(graph, path))))
    for conforms in graph.objects(node, SH.conforms):
        found.add((node, SH.conforms, conforms))
    return found


COMPARED = {
    SH.focusNode,
    SH.resultSeverity,
    SH.sourceConstraintComponent,
    SH.sourceShape,
    SH.value,
}


@suite.needed
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_report_is_the_one_that_the_case_expects(case: Case) -> None:
    data, shapes = (
        suite.triples(suite.file(case.graph.value(case.action, part)))
        for part in (SHT.dataGraph, SHT.shapesGraph)
    )
    if case.result == SHT.Failure:
        with pytest.raises(QueryError, match="found"):
            validator.report(data, shapes)
        return
    made = terms.rdflib_graph(validator.report(data, shapes))
    (node,) = made.subjects(RDF.type, SH.ValidationReport)
    assert isomorphic(comparable_graph(made, node), comparable_graph(case.graph, case.result))
