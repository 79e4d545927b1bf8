"""Run the jobs and write the report: ``python -m tests.benchmarks`` in the repository's root."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.jobs import JOBS
from tests.benchmarks.measurement import ContestantError, failure, interleave
from tests.benchmarks.report import report
from tests.benchmarks.session import OWN, SIZES, Session

if TYPE_CHECKING:
    from tests.benchmarks.report import Outcome

REPORT = Path(__file__).with_name("REPORT.md")


def parse_names(known: tuple[str, ...], text: str) -> list[str]:
    """Return the known names in a comma-separated list; refuse others."""
    words = [word.strip() for word in text.split(",")]
    if unknown := set(words) - set(known):
        raise argparse.ArgumentTypeError(f"found {unknown.pop()!r}; expected {', '.join(known)}")
    return words


def main() -> int:
    """Run the jobs and write the report; print it if only some jobs run."""
    names = tuple(job.name for job in JOBS)
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument(
        "--sizes", type=lambda text: parse_names(tuple(SIZES), text), default="2k,20k"
    )
    parser.add_argument(
        "--jobs", type=lambda text: parse_names(names, text), default=",".join(names)
    )
    parser.add_argument("--runs", type=int, default=9, help="rounds of a job (default: 9)")
    parser.add_argument(
        "--patience",
        type=float,
        default=10,
        metavar="SECONDS",
        help="start no further round of a job after this time (default: 10)",
    )
    parser.add_argument(
        "--bound",
        type=float,
        default=240,
        metavar="SECONDS",
        help="end a process after this time (default: 240)",
    )
    options = parser.parse_args()
    outcome: Outcome = {}
    with tempfile.TemporaryDirectory(prefix="kaiju-benchmarks-") as folder:
        session = Session(Path(folder))
        for job in JOBS:
            for size in job.sizes:
                if job.name not in options.jobs or size not in (OWN, *options.sizes):
                    continue
                print(f"{job.name}, {size} …", file=sys.stderr, flush=True)
                keep = job.answer is not None
                try:
                    outcome[job.name, size] = interleave(
                        job.contestants(session, size),
                        options.runs,
                        options.patience,
                        options.bound,
                        keep=keep,
                    )
                except ContestantError as error:  # while preparing the job
                    outcome[job.name, size] = {"kaiju": failure(error)}
                for name, measured in outcome[job.name, size].items():
                    if measured.failed:
                        print(f"{name}: {measured.failed}", file=sys.stderr)
    text = report(outcome, os.cpu_count() or 1)
    if len(options.jobs) == len(names):
        REPORT.write_text(text, encoding="utf-8")
    else:
        print(text, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
