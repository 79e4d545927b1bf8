"""Time and memory of whole processes, run one contestant after the other in rounds."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from math import log, nan
from statistics import linear_regression, median
from threading import Timer
from typing import TYPE_CHECKING, NamedTuple

from tests.repository import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

SOURCE = {
    "PYTHONPATH": str(REPOSITORY / "src"),
    "PYTHONDONTWRITEBYTECODE": "",
}
"""Measure this repository's code, with its bytecode cached as in an installed package."""
KIB = 1024 if os.uname().sysname == "Linux" else 1
"""Bytes in a unit of ``ru_maxrss``."""


class Command(NamedTuple):
    """A process to measure."""

    arguments: list[str]
    folder: Path
    environment: Mapping[str, str] = {}
    code: int = 0
    """The expected exit code."""
    inside: bool = False
    """Whether the process measures itself and prints the seconds as its last line."""


class Run(NamedTuple):
    """One run of a process."""

    seconds: float
    memory: int
    """Peak memory in bytes."""
    output: bytes


class Measurement(NamedTuple):
    """The runs of a contestant."""

    seconds: float
    """The median; the bound if the process was ended; NaN if it failed."""
    memory: int
    runs: int
    bounded: bool = False
    """Whether a process was ended because it took longer than the bound."""
    failed: str = ""
    """Why a process failed; empty if none did."""
    answer: bytes = b""
    """Standard output of the first run, if it is kept."""


class ContestantError(Exception):
    """A process failed, so nothing was measured."""


def run(command: Command, bound: float, *, keep: bool = False) -> Run | None:
    """Run a process to its end; return None if it takes longer than the bound (seconds).

    Output is read only if it is kept, because the memory of this process would count as that of
    the next.

    Raises:
        ContestantError: the process exits with an unexpected code.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        start = time.perf_counter()
        process = subprocess.Popen(
            command.arguments,
            cwd=command.folder,
            env={**os.environ, **SOURCE, **command.environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
        )
        timer = Timer(bound, process.kill)
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        timer.cancel()
        output.seek(0)
        errors.seek(0)
        printed = output.read() if keep or command.inside else b""
        error = errors.read()
    if seconds >= bound:
        return None
    if process.returncode != command.code:
        reason = error.decode(errors="replace").strip().rpartition("\n")[2]
        raise ContestantError(f"exit code {process.returncode}: {reason}")
    if command.inside:
        printed, _, inside = printed.rstrip().rpartition(b"\n")
        seconds = float(inside)
    return Run(seconds, usage.ru_maxrss * KIB, printed)


def interleave(
    contestants: Mapping[str, Callable[[], Command]],
    runs: int,
    patience: float,
    bound: float,
    *,
    keep: bool = False,
) -> dict[str, Measurement]:
    """Run contestants in turn, so that other load on the machine affects all alike.

    Args:
        contestants: name → function that prepares the next command, unmeasured.
        runs: the number of rounds.
        patience: seconds after which no further round starts.
        bound: seconds after which a process is ended and not run again.
        keep: whether to keep the output of the first run of each contestant.
    """
    finished: dict[str, list[Run | None]] = {name: [] for name in contestants}
    failed: dict[str, Measurement] = {}
    start = time.monotonic()
    for number in range(runs):
        if number and time.monotonic() - start > patience:
            break
        for name, contestant in contestants.items():
            if name in failed or None in finished[name]:
                continue
            try:
                finished[name].append(run(contestant(), bound, keep=keep and not number))
            except ContestantError as error:
                failed[name] = failure(error)
    return {name: failed.get(name) or _summarize(own, bound) for name, own in finished.items()}


def failure(error: ContestantError) -> Measurement:
    """Return the measurement of a contestant that failed."""
    return Measurement(nan, 0, 0, failed=str(error))


def _summarize(runs: list[Run | None], bound: float) -> Measurement:
    whole = [run for run in runs if run]
    if len(whole) < len(runs):
        return Measurement(bound, 0, len(runs), bounded=True)
    seconds = median(run.seconds for run in whole)
    memory = max(run.memory for run in whole)
    return Measurement(seconds, memory, len(runs), answer=whole[0].output)


def exponent(points: Iterable[tuple[float, float]]) -> float:
    """Return the slope of the line through points (size, cost) on logarithmic scales.

    >>> round(exponent([(10, 3), (100, 300)]), 6)
    2.0
    """
    sizes, costs = zip(*((log(size), log(cost)) for size, cost in points), strict=True)
    return linear_regression(sizes, costs).slope
