"""Run every mutant and write the report: ``python -m tests.mutation`` in the repository's root.

With ``--project two-films``, the mutants are those of the files that this project of
``tests/projects/`` adds, and the gate is the whole project.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from kaiju_graph.project import layout, sources
from kaiju_graph.validation import shapes
from tests import projects
from tests.mutation.gate import Gate
from tests.mutation.operators import OPERATORS, Mutant, World
from tests.repository import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable

REPORT = Path(__file__).with_name("REPORT.md")
FATES = ("evidence", "shapes", "answers", "equivalent", "survived")
REPOSITORY = "this repository"
INTRODUCTION = """# Mutation score of the gate

Made by `python -m tests.mutation`, and for another project by `--project`. `operators.py` holds the
operators; `gate.py` decides what is killed. The score leaves out equivalents: mutants with the same
closure.
"""


class Verdict(NamedTuple):
    """A mutant in words, and its fate."""

    operator: str
    mutant: str
    fate: str
    by: str


def mutants(root: Path = ROOT, files: Iterable[str] | None = None) -> list[Mutant]:
    """Return every mutant of a project, in the order of operators and files.

    Args:
        root: the project's folder.
        files: the files that they change; None is all of ``graph/``.
    """
    project = layout.find(str(root))
    world = World(sources.read(project), shapes.read(project).quads)
    everything = [mutant for operator in OPERATORS for mutant in operator(world)]
    if files is None:
        return everything
    own = set(files)
    return [mutant for mutant in everything if all(edit.file in own for edit in mutant.edits)]


def sample(everything: list[Mutant], size: int, seed: int) -> list[Mutant]:
    """Return a fixed sample of mutants with at least one of each operator."""
    chosen = Random(seed).sample(everything, min(size, len(everything)))  # noqa: S311 (no secrets)
    first = {mutant.operator: mutant for mutant in reversed(everything)}
    return list(dict.fromkeys([*first.values(), *chosen]))


def judge(batch: list[Mutant], root: Path = ROOT) -> list[Verdict]:
    """Put mutants through the gate of a project."""
    project = layout.find(str(root))
    gate = Gate(project, sources.read(project))
    return [Verdict(m.operator, str(m), *gate.judge(m)) for m in batch]


def score(verdicts: list[Verdict]) -> float:
    """Return the share of the mutants that are killed, leaving out equivalents."""
    fates = Counter(verdict.fate for verdict in verdicts)
    return 1 - fates["survived"] / max(len(verdicts) - fates["equivalent"], 1)


def summary(verdicts: list[Verdict]) -> str:
    """Return the section of a project in the report, in Markdown, without its heading."""
    names = dict.fromkeys(verdict.operator for verdict in verdicts)
    lines = [
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


def sections(report: str) -> dict[str, str]:
    """Return project → its section of the report, without the heading."""
    _, *parts = re.split(r"^## (.+)\n\n", report, flags=re.MULTILINE)
    return {
        name: text.rstrip("\n") + "\n" for name, text in zip(parts[::2], parts[1::2], strict=True)
    }


def main() -> int:
    """Run the mutants, write the report and print the score."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--jobs", type=int, default=2, help="processes (default: 2)")
    parser.add_argument("--operator", help="run only this operator, and write no report")
    parser.add_argument("--project", help="a folder of tests/projects/ (default: the repository)")
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        if options.project is None:
            root, files = ROOT, None
        else:
            root = projects.build(options.project, Path(folder))
            files = projects.own_files(options.project)
        selected = [m for m in mutants(root, files) if options.operator in (None, m.operator)]
        verdicts = run(selected, root, options.jobs)
    if options.operator:
        print("\n".join(f"{v.fate}\t{v.by}\t{v.mutant}" for v in verdicts))
    else:
        known = sections(REPORT.read_text(encoding="utf-8"))
        known[options.project or REPOSITORY] = summary(verdicts)
        parts = [INTRODUCTION, *(f"## {name}\n\n{text}" for name, text in known.items())]
        REPORT.write_text("\n".join(parts), encoding="utf-8")
    print(f"score {score(verdicts):.4f}", file=sys.stderr)
    return 0


def run(selected: list[Mutant], root: Path, jobs: int) -> list[Verdict]:
    """Put mutants through the gate of a project, in several processes."""
    size = 100
    parts = [selected[at : at + size] for at in range(0, len(selected), size)]
    verdicts: list[Verdict] = []
    with ProcessPoolExecutor(jobs) as pool:
        for part in pool.map(partial(judge, root=root), parts):
            verdicts += part
            print(f"\r{len(verdicts):,} of {len(selected):,} mutants", end="", file=sys.stderr)
    print(file=sys.stderr)
    return verdicts


if __name__ == "__main__":
    raise SystemExit(main())
