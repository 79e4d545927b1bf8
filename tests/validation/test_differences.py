"""Where pySHACL departs from SHACL, the report does not; elsewhere both are the same."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import warnings
from collections import Counter
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from rdflib import SH

from kaiju_graph.errors import QueryError
from kaiju_graph.rdf import terms
from kaiju_graph.validation.shacl import validator
from tests.repository import ROOT
from tests.validation.differences import DIFFERENCES, Difference, table
from tests.validation.graphs import pyshacl_report, read, results
from tests.validation.random_shapes import COMPONENTS, data_graphs, shapes_graphs
from tests.validation.reference import Reference, read_results

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kaiju_graph.rdf.terms import Triple

CONTRIBUTING = ROOT / "CONTRIBUTING.md"


DATA = 'ex:x ex:p 1 , 2 , "a"@en , ex:y ; ex:q ex:z , [ ex:p 1 ; ex:q 2 ] .'
SHAPES = """
ex:S sh:targetNode ex:x ; sh:in ( 1 2 ex:a "x" ) ; sh:hasValue 1 , 2 ; sh:class ex:C , ex:D ;
    sh:equals ex:p , ex:q ; sh:not [ sh:nodeKind sh:IRI ] , [ sh:minLength 1 ] ;
    sh:or ( [ sh:class ex:Z , ex:Y ] [ sh:in ( 1 2 ) ] ) ; sh:node [ sh:class ex:R , ex:S ] ;
    sh:property [ sh:path ex:p ; sh:lessThan ex:p , ex:q ] .
"""
"""Shapes without messages, so that pySHACL makes them of its sets."""


def brief(report: Iterable[Triple], shapes: Iterable[Triple]) -> list[str]:
    """Return the results of a report, sorted: focus node, value, component, messages."""

    def text(term: Any) -> str:
        if isinstance(term, ox.BlankNode):
            return "_"
        if isinstance(term, ox.NamedNode):
            return term.value.replace("#", "/").rpartition("/")[2]
        return term.value if term else "-"

    return sorted(
        " ".join(
            [
                text(result.focus),
                text(result.value),
                text(ox.NamedNode(result.component)).removesuffix("ConstraintComponent"),
                *sorted(map(str, result.messages or ())),
            ]
        )
        for result in read_results(report, shapes).elements()
    )


def alike(results_: tuple[Any, Counter[frozenset[Any]]]) -> tuple[Any, Counter[frozenset[Any]]]:
    """Return results whose made-up messages do not depend on the order of pySHACL's sets."""

    def sort(statements: frozenset[Any]) -> frozenset[Any]:
        return frozenset(
            (key, sort(value))
            if key == SH.detail
            else (key, ("".join(sorted(value)), value.language))
            if key == SH.resultMessage
            else (key, value)
            for key, value in statements
        )

    conforms, found = results_
    return conforms, Counter(map(sort, found.elements()))


def of_pyshacl(data: Iterable[Triple], shapes: Iterable[Triple]) -> Any:
    """Return the results of pySHACL alone, or its error."""
    try:
        with warnings.catch_warnings(action="ignore"):
            return alike(results(pyshacl_report(data, shapes)))
    except Exception as error:  # noqa: BLE001 (pySHACL raises anything)
        return error


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda d: d.what[:60])
def test_report_is_right_where_pyshacl_is_not(difference: Difference) -> None:
    assert difference.applies(difference.shapes, difference.data)
    data, shapes = read(difference.data, "data.ttl"), read(difference.shapes)
    try:
        report = validator.report(data, shapes)
        found, made = brief(report, shapes), alike(results(terms.rdflib_graph(report)))
    except QueryError as error:
        found, made = [str(error)], None
    assert found == sorted(difference.right)
    assert of_pyshacl(data, shapes) != made


def test_parameter_may_have_a_backslash() -> None:
    check(COMPONENTS + r'ex:S sh:targetNode ex:x ; ex:asked "\\1" ; ex:maybe 1 .', "ex:x ex:p 1 .")


def test_focus_node_may_be_a_literal_that_is_false() -> None:
    path = "sh:path [ sh:inversePath ex:p ]"
    check(f"ex:S sh:targetObjectsOf ex:p ; {path} ; sh:class ex:C .", 'ex:x ex:p 0 , "" , false .')


def check(shapes: str, data: str) -> None:
    """Compare the report with the reference, and with pySHACL's where no difference applies."""
    by, about = read(shapes), read(data, "data.ttl")
    report = validator.report(about, by)
    assert read_results(report, by) == Reference(about, by).report()
    expected = of_pyshacl(about, by)
    if alike(results(terms.rdflib_graph(report))) != expected:
        assert [d.what for d in DIFFERENCES if d.applies(shapes, data)], expected


@given(shapes_graphs(), data_graphs())
@settings(max_examples=20, derandomize=True)
def test_report_of_random_shapes_is_that_of_shacl(shapes: str, data: str) -> None:
    check(shapes, data)


@pytest.mark.slow
@given(shapes_graphs(), data_graphs())
@settings(max_examples=150)
def test_report_of_many_random_shapes_is_that_of_shacl(shapes: str, data: str) -> None:
    check(shapes, data)


@given(shapes_graphs(), data_graphs())
@settings(max_examples=5, derandomize=True)
def test_report_does_not_depend_on_the_order_of_random_triples(shapes: str, data: str) -> None:
    by, about = [*read(shapes)], [*read(data, "data.ttl")]
    report = validator.report(about, by)
    assert validator.report(random.sample(about, len(about)), random.sample(by, len(by))) == report


@pytest.mark.slow
def test_report_does_not_depend_on_the_hash_seed() -> None:
    code = f"""if True:
        from kaiju_graph.validation.shacl import validator
        from tests.validation.graphs import read
        print(*validator.report(read({DATA!r}, "data.ttl"), read({SHAPES!r})), sep="\\n")
    """
    reports = {
        subprocess.run(
            [sys.executable, "-W", "ignore", "-c", code],
            cwd=CONTRIBUTING.parent,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in "012"
    }
    assert len(reports) == 1
    assert min(map(len, reports)) > 1000


def test_contributing_has_the_table() -> None:
    text = CONTRIBUTING.read_text(encoding="utf-8")
    assert f"<!-- python -m tests.validation.differences -->\n{table()}<!-- end -->\n" in text
