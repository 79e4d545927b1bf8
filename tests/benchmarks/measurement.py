"""Time and memory of whole processes, one contestant after the other, round by round."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from math import log, nan
from pathlib import Path
from statistics import linear_regression, median
from threading import Timer
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

SOURCE = {
    "PYTHONPATH": str(Path(__file__).resolve().parents[2] / "src"),
    "PYTHONDONTWRITEBYTECODE": "",
}
"""What is measured is this repository's, compiled as when it is installed; it costs all alike."""
KIB = 1024 if os.uname().sysname == "Linux" else 1
"""What a unit of ``ru_maxrss`` is, in bytes."""


class Command(NamedTuple):
    """A process to be measured."""

    arguments: list[str]
    folder: Path
    environment: Mapping[str, str] = {}
    code: int = 0
    """The exit code that is expected."""
    inside: bool = False
    """Whether the last line that it prints is the time in seconds, measured by itself."""


class Run(NamedTuple):
    """How a process went."""

    seconds: float
    memory: int
    """The most memory that it held, in bytes."""
    output: bytes


class Measured(NamedTuple):
    """The runs of a contestant."""

    seconds: float
    """The median; the bound, where that was not enough; nothing, where it failed."""
    memory: int
    runs: int
    bounded: bool = False
    """Whether it was ended, as it took longer than the bound."""
    failed: str = ""
    """Why it did not end as expected, where it did not."""
    answer: bytes = b""
    """What the first run printed, where that is kept."""


class ContestantError(Exception):
    """A process that did not end as expected: then nothing was measured."""


def run(command: Command, bound: float, *, keep: bool = False) -> Run | None:
    """Run a process to its end; None where it takes longer than the bound (seconds).

    What it prints is read only where it is to be kept: the memory of this process would count as
    that of the next.

    Raises:
        ContestantError: it exits with another code than is expected.
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
        ended = Timer(bound, process.kill)
        ended.start()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        ended.cancel()
        output.seek(0)
        errors.seek(0)
        said = output.read() if keep or command.inside else b""
        complaint = errors.read()
    if seconds >= bound:
        return None
    if process.returncode != command.code:
        reason = complaint.decode(errors="replace").strip().rpartition("\n")[2]
        raise ContestantError(f"exit code {process.returncode}: {reason}")
    if command.inside:
        said, _, inside = said.rstrip().rpartition(b"\n")
        seconds = float(inside)
    return Run(seconds, usage.ru_maxrss * KIB, said)


def interleave(
    contestants: Mapping[str, Callable[[], Command]],
    runs: int,
    patience: float,
    bound: float,
    *,
    keep: bool = False,
) -> dict[str, Measured]:
    """Run contestants in turn, so that what else the machine does meets all alike.

    Args:
        contestants: name → what makes the next command, which is not measured.
        runs: how many rounds there are.
        patience: no round begins after so many seconds, but the first.
        bound: a process that takes longer (seconds) is ended, and not run again.
        keep: whether what the first run of each prints is kept.
    """
    made: dict[str, list[Run | None]] = {name: [] for name in contestants}
    failed: dict[str, Measured] = {}
    start = time.monotonic()
    for number in range(runs):
        if number and time.monotonic() - start > patience:
            break
        for name, contestant in contestants.items():
            if name in failed or None in made[name]:
                continue
            try:
                made[name].append(run(contestant(), bound, keep=keep and not number))
            except ContestantError as error:
                failed[name] = failure(error)
    return {name: failed.get(name) or _measured(some, bound) for name, some in made.items()}


def failure(error: ContestantError) -> Measured:
    """Return what is measured of a contestant that failed."""
    return Measured(nan, 0, 0, failed=str(error))


def _measured(made: list[Run | None], bound: float) -> Measured:
    whole = [each for each in made if each]
    if len(whole) < len(made):
        return Measured(bound, 0, len(made), bounded=True)
    seconds = median(each.seconds for each in whole)
    return Measured(seconds, max(each.memory for each in whole), len(made), answer=whole[0].output)


def exponent(points: Iterable[tuple[float, float]]) -> float:
    """Return the slope of a line through points (size, cost) on a scale of logarithms.

    >>> round(exponent([(10, 3), (100, 300)]), 6)
    2.0
    """
    sizes, costs = zip(*((log(size), log(cost)) for size, cost in points), strict=True)
    return linear_regression(sizes, costs).slope
