"""The W3C's SPARQL 1.1 suites: answers, syntax and result formats."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.repository import ROOT
from tests.w3c import sparql, suite
from tests.w3c.__main__ import SUITES, table
from tests.w3c.expected import FAILURES
from tests.w3c.suite import QT

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from _pytest.mark import ParameterSet

    from tests.conftest import Command
    from tests.w3c.suite import Case

ANSWERS = SUITES["SPARQL 1.1, answers"]
SYNTAX = SUITES["SPARQL 1.1, syntax"]
FORMATS = SUITES["SPARQL 1.1, result formats"]


def parameters(cases: Iterable[Case]) -> list[ParameterSet]:
    """Return cases as parameters; those that are expected to fail must fail."""
    return [
        pytest.param(
            case,
            id=case.name,
            marks=[pytest.mark.xfail(reason=f"{FAILURES[case.name].reason}")]
            if case.name in FAILURES
            else [],
        )
        for case in cases
    ]


@suite.needed
@pytest.mark.filterwarnings("ignore::kaiju_graph.errors.QueryWarning")
@pytest.mark.parametrize("case", parameters(ANSWERS))
def test_query_gives_the_results_of_the_suite(case: Case) -> None:
    sparql.check_results(case)


@suite.needed
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::kaiju_graph.errors.QueryWarning")
@pytest.mark.parametrize("case", parameters(ANSWERS))
def test_rewritten_query_gives_the_results_of_the_suite(case: Case) -> None:
    sparql.check_results(case, rewritten=True)


@suite.needed
@pytest.mark.filterwarnings("ignore::kaiju_graph.errors.QueryWarning")
@pytest.mark.parametrize("case", parameters(SYNTAX))
def test_query_parses_where_the_suite_says_so(case: Case) -> None:
    sparql.check_syntax(case)


@suite.needed
@pytest.mark.parametrize("case", parameters(FORMATS))
def test_result_formats_hold_what_the_suite_says(case: Case) -> None:
    sparql.check_format(case)


@suite.needed
@pytest.mark.parametrize("case", parameters(FORMATS))
def test_command_writes_the_result_formats_of_the_suite(
    case: Case, tmp_path: Path, kaiju_process: Command
) -> None:
    data = suite.file(case.graph.value(case.action, QT.data)).read_text(encoding="utf-8")
    for file, text in {
        "ontology/prefixes.ttl": "# none\n",
        "graph/entities.ttl": data,
        "queries/question.rq": sparql.query(case),
    }.items():
        path = tmp_path / file
        path.parent.mkdir()
        path.write_text(text, encoding="utf-8")
    run = kaiju_process(
        *("query", "--root", str(tmp_path), "--layer", "entities"),
        *("--file", str(path), "--format", sparql.output_format(case)),
    )
    assert run.stderr == ""
    sparql.check_written(case, run.stdout)


@suite.needed
def test_contributing_has_the_table_of_the_suites() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert f"<!-- python -m tests.w3c -->\n{table()}<!-- end -->\n" in text


@suite.needed
def test_each_case_that_is_expected_to_fail_is_one_of_the_suites() -> None:
    assert {*FAILURES} <= {case.name for cases in SUITES.values() for case in cases}
