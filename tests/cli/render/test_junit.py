"""JUnit's XML is what its readers take, and its failures are what makes the command exit 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from junitparser import Failure, JUnitXml, Skipped

from kaiju_graph.cli.render.report import View, render_report
from kaiju_graph.project.sources import Place
from kaiju_graph.validation.report import Report, Violation
from tests.cli.render.conftest import FILE, SHAPES, make_violation

if TYPE_CHECKING:
    from kaiju_graph.project.layout import Project


def junit(project: Project, *violations: Violation, view: View | None = None) -> JUnitXml:
    """Return the suites of some violations, as a reader of the format sees them."""
    text = render_report(Report([*violations], []), "junit", project, view)
    return JUnitXml.fromstring(text.encode())


def test_suite_is_a_file_and_case_a_rule_and_place(small: Project) -> None:
    other = Place("graph/y.trig", 2, 3)
    xml = junit(
        small,
        make_violation(message="found a; expected b"),
        make_violation(message="found c; expected d"),
        make_violation(rule="context"),
        make_violation(place=other),
        view=View(omitted=1),
    )
    cases = {suite.name: [case.name for case in suite] for suite in xml}
    assert cases == {FILE: ["quote at 7:5", "context at 7:5"], "graph/y.trig": ["quote at 2:3"]}
    assert (xml.tests, xml.failures, xml.skipped, xml.errors) == (3, 3, 0, 0)
    first = next(iter(next(iter(xml))))
    (failure,) = first.result
    assert failure.message == "found a; expected b; found c; expected d"
    assert failure.text.count("graph/x.trig:7:5: error[quote] found") == 2


@pytest.mark.parametrize(
    ("level", "kinds"),
    [
        ("error", [Failure, Skipped, Skipped]),
        ("warning", [Failure, Failure, Skipped]),
        ("info", [Failure, Failure, Failure]),
    ],
)
def test_failure_is_what_makes_the_command_fail(
    level: str, kinds: list[type], small: Project
) -> None:
    violations = [
        make_violation(rule=severity, severity=severity)
        for severity in ("error", "warning", "info")
    ]
    xml = junit(small, *violations, view=View(omitted=1, fail_on=level))
    (suite,) = xml
    assert [type(case.result[0]) for case in suite] == kinds
    assert [case.result[0].type for case in suite] == ["error", "warning", "info"]
    assert (suite.failures, suite.skipped) == (kinds.count(Failure), kinds.count(Skipped))


def test_rule_that_holds_passes_in_the_suite_of_its_file(small: Project) -> None:
    names = {suite.name: {case.name for case in suite} for suite in junit(small)}
    assert names.keys() == {"kaiju validate", SHAPES}
    assert names[SHAPES] == {"Film-director"}
    assert {"syntax", "context", "cax-dw"} <= names["kaiju validate"]
    broken = junit(small, make_violation(rule="context"))
    names = {suite.name: {case.name for case in suite} for suite in broken}
    assert names[FILE] == {"context at 7:5"}
    assert "context" not in names["kaiju validate"]
    some = junit(small, view=View(rules=["context", "Film-director"]))
    assert [case.name for suite in some for case in suite] == ["context", "Film-director"]


@pytest.mark.parametrize(("unchecked", "omitted"), [("the shapes", 0), ("", 1)])
def test_rule_that_may_not_have_been_checked_does_not_pass(
    unchecked: str, omitted: int, small: Project
) -> None:
    xml = junit(small, make_violation(unchecked=unchecked), view=View(omitted=omitted))
    assert (xml.tests, xml.failures) == (1, 1)


@given(text=st.text())
def test_xml_is_well_formed_for_any_text(text: str, small: Project) -> None:
    violation = make_violation(
        rule=text, message=text, obligation=text, line=text, place=Place(text, 1, 1), width=1
    )
    xml = junit(small, violation, view=View(omitted=1))
    ((case,),) = xml
    assert case.name.endswith(" at 1:1")
