"""Run every mutant and write the report: ``python -m tests.mutation`` in the repository's root."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from random import Random
from typing import NamedTuple

from kaiju_graph.project import layout, sources
from kaiju_graph.validation import shapes
from tests.mutation.gate import Gate
from tests.mutation.operators import OPERATORS, Mutant, World

ROOT = Path(__file__).resolve().parents[2]
REPORT = Path(__file__).with_name("REPORT.md")
FATES = ("evidence", "shapes", "answers", "equivalent", "survived")


class Verdict(NamedTuple):
    """A mutant in words, and its fate."""

    operator: str
    mutant: str
    fate: str
    by: str


def mutants() -> list[Mutant]:
    """Return every mutant of the project, in the order of operators and files."""
    project = layout.find(str(ROOT))
    world = World(sources.read(project), shapes.read(project).quads)
    return [mutant for operator in OPERATORS for mutant in operator(world)]


def sample(size: int, seed: int) -> list[Mutant]:
    """Return a fixed sample with at least one mutant of each operator."""
    everything = mutants()
    chosen = Random(seed).sample(everything, min(size, len(everything)))  # noqa: S311 (no secrets)
    first = {mutant.operator: mutant for mutant in reversed(everything)}
    return list(dict.fromkeys([*first.values(), *chosen]))


def judge(batch: list[Mutant]) -> list[Verdict]:
    """Put mutants through the gate of this project."""
    project = layout.find(str(ROOT))
    gate = Gate(project, sources.read(project))
    return [Verdict(m.operator, str(m), *gate.judge(m)) for m in batch]


def score(verdicts: list[Verdict]) -> float:
    """Return the share of the mutants that are killed, leaving out equivalents."""
    fates = Counter(verdict.fate for verdict in verdicts)
    return 1 - fates["survived"] / max(len(verdicts) - fates["equivalent"], 1)


def report(verdicts: list[Verdict]) -> str:
    """Return the report in Markdown."""
    names = dict.fromkeys(verdict.operator for verdict in verdicts)
    lines = [
        "# Mutation score of the gate",
        "",
        "Made by `python -m tests.mutation`. `operators.py` holds the operators; `gate.py` decides",
        "what is killed. The score leaves out equivalents: mutants with the same closure.",
        "",
        "| operator | mutants | evidence | shapes | answers | equivalent | survived | score |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name in [*names, "all"]:
        own = [v for v in verdicts if name in (v.operator, "all")]
        counts = Counter(v.fate for v in own)
        cells = [name, len(own), *(counts[fate] for fate in FATES), f"{score(own):.3f}"]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    only = Counter(v.by for v in verdicts if v.fate == "answers" and ", " not in v.by)
    lines += ["", "Killed by one answer alone:", ""]
    lines += [f"- `{name}`: {count}" for name, count in only.most_common(10)]
    lines += ["", "Survivors:", ""]
    lines += [f"- {v.operator}: {v.mutant}" for v in verdicts if v.fate == "survived"] or ["none"]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Run the mutants, write the report and print the score."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--jobs", type=int, default=2, help="processes (default: 2)")
    parser.add_argument("--operator", help="run only this operator, and write no report")
    options = parser.parse_args()
    selected = [m for m in mutants() if options.operator in (None, m.operator)]
    size = 100
    parts = [selected[at : at + size] for at in range(0, len(selected), size)]
    verdicts: list[Verdict] = []
    with ProcessPoolExecutor(options.jobs) as pool:
        for part in pool.map(judge, parts):
            verdicts += part
            print(f"\r{len(verdicts):,} of {len(selected):,} mutants", end="", file=sys.stderr)
    print(file=sys.stderr)
    if options.operator:
        print("\n".join(f"{v.fate}\t{v.by}\t{v.mutant}" for v in verdicts))
    else:
        REPORT.write_text(report(verdicts), encoding="utf-8")
    print(f"score {score(verdicts):.4f}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
