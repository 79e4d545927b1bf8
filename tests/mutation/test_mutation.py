"""A fixed sample of the mutation run, and the report of the whole run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.mutation.__main__ import REPORT, judge, mutants, sample
from tests.mutation.operators import OPERATORS

if TYPE_CHECKING:
    from tests.mutation.operators import Mutant

SEED = 1996
PARTS = 2
"""The sample is split so that workers share it."""


@pytest.fixture(scope="session")
def report() -> str:
    return REPORT.read_text(encoding="utf-8")


def row(report: str, operator: str) -> list[float]:
    """Return the figures of an operator's row: mutants, the five fates, the score."""
    match = re.search(rf"^\| {operator} \|(.+)\|$", report, re.MULTILINE)
    assert match, operator
    return [float(cell) for cell in match[1].split("|")]


@pytest.fixture(scope="session")
def mutant_sample() -> list[Mutant]:
    return sample(80, SEED)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_the_gate_kills_a_sample_except_for_reported_survivors(
    report: str, mutant_sample: list[Mutant], part: int
) -> None:
    survivors = [
        verdict for verdict in judge(mutant_sample[part::PARTS]) if verdict.fate == "survived"
    ]
    unknown = [v.mutant for v in survivors if f"- {v.operator}: {v.mutant}\n" not in report]
    assert unknown == []


def test_the_report_counts_the_mutants_of_every_operator(report: str) -> None:
    everything = mutants()
    assert len({mutant.operator for mutant in everything}) == len(OPERATORS)
    assert row(report, "all")[0] == len(everything)


def test_the_scores_in_the_report_are_high(report: str) -> None:
    assert row(report, "all")[-1] >= 0.95
    for operator in ("drop a triple", "drop a node", "dangling object", "object of another class"):
        assert row(report, operator)[-1] >= 0.99, operator
