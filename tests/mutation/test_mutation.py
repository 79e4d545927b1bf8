"""Fixed samples of the mutation runs, and the report of the whole runs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests import projects
from tests.mutation.__main__ import REPORT, REPOSITORY, judge, mutants, sample, sections
from tests.mutation.operators import OPERATORS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.mutation.operators import Mutant

SEED = 1996
PARTS = 2
"""The sample is split so that workers share it."""


@pytest.fixture(scope="session")
def report() -> dict[str, str]:
    return sections(REPORT.read_text(encoding="utf-8"))


def row(section: str, operator: str) -> list[float]:
    """Return the figures of an operator's row: mutants, the five fates, the score."""
    match = re.search(rf"^\| {operator} \|(.+)\|$", section, re.MULTILINE)
    assert match, operator
    return [float(cell) for cell in match[1].split("|")]


def unknown_survivors(batch: list[Mutant], section: str, root: Path) -> list[str]:
    """Return the mutants that survive and that the report does not list."""
    survivors = [verdict for verdict in judge(batch, root) if verdict.fate == "survived"]
    return [v.mutant for v in survivors if f"- {v.operator}: {v.mutant}\n" not in section]


@pytest.fixture(scope="session")
def mutant_sample() -> list[Mutant]:
    return sample(mutants(), 80, SEED)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_the_gate_kills_a_sample_except_for_reported_survivors(
    report: dict[str, str], mutant_sample: list[Mutant], part: int, root: Path
) -> None:
    assert unknown_survivors(mutant_sample[part::PARTS], report[REPOSITORY], root) == []


@pytest.mark.slow
def test_the_gate_kills_a_sample_of_the_second_article(
    report: dict[str, str], two_films: Path
) -> None:
    everything = mutants(two_films, projects.own_files("two-films"))
    section = report["two-films"]
    assert row(section, "all")[0] == len(everything)
    assert unknown_survivors(sample(everything, 20, SEED), section, two_films) == []


def test_the_report_counts_the_mutants_of_every_operator(report: dict[str, str]) -> None:
    everything = mutants()
    assert len({mutant.operator for mutant in everything}) == len(OPERATORS)
    assert row(report[REPOSITORY], "all")[0] == len(everything)


def test_the_scores_in_the_report_are_high(report: dict[str, str]) -> None:
    for section in report.values():
        assert row(section, "all")[-1] >= 0.95
        for operator in (
            "drop a triple",
            "drop a node",
            "dangling object",
            "object of another class",
        ):
            assert row(section, operator)[-1] >= 0.99, operator
