"""The gate notices: a fixed sample of the mutation run, and the report of the whole."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.mutation.__main__ import REPORT, judge, mutants, sample
from tests.mutation.operators import OPERATORS

if TYPE_CHECKING:
    from tests.mutation.operators import Mutant

SEED = 1996
PARTS = 4
"""The sample is judged in parts, so that workers share it."""


@pytest.fixture(scope="session")
def report() -> str:
    return REPORT.read_text(encoding="utf-8")


def row(report: str, operator: str) -> list[float]:
    """Return the figures of an operator's row: mutants, the five fates, the score."""
    found = re.search(rf"^\| {operator} \|(.+)\|$", report, re.MULTILINE)
    assert found, operator
    return [float(cell) for cell in found[1].split("|")]


@pytest.fixture(scope="session")
def chosen() -> list[Mutant]:
    return sample(160, SEED)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_the_gate_kills_a_sample_but_for_the_survivors_of_the_report(
    report: str, chosen: list[Mutant], part: int
) -> None:
    survivors = [verdict for verdict in judge(chosen[part::PARTS]) if verdict.fate == "survived"]
    unknown = [v.mutant for v in survivors if f"- {v.operator}: {v.mutant}\n" not in report]
    assert unknown == []


def test_every_operator_makes_mutants_and_the_report_counts_them_all(report: str) -> None:
    every = mutants()
    assert len({mutant.operator for mutant in every}) == len(OPERATORS)
    assert row(report, "all")[0] == len(every)


def test_the_scores_of_the_report_are_reached(report: str) -> None:
    assert row(report, "all")[-1] >= 0.95
    for operator in ("drop a triple", "drop a node", "dangling object", "object of another class"):
        assert row(report, operator)[-1] >= 0.99, operator
