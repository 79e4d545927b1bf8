"""The report of a session, in Markdown."""

from __future__ import annotations

import platform
from importlib.metadata import version
from typing import TYPE_CHECKING

from tests.benchmarks.jobs import EXPONENTS, JOBS, LOOK_UP_GROWTH, MEMORY
from tests.benchmarks.measurement import exponent
from tests.benchmarks.session import SIZES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tests.benchmarks.jobs import Job
    from tests.benchmarks.measurement import Measurement

Outcome = dict[tuple[str, str], "dict[str, Measurement]"]
"""(Job, size) → contestant → measurement; ``kaiju`` comes first."""
Row = tuple[object, ...]

VERSIONS = "kaiju-graph rdflib oxrdflib pyoxigraph oxigraph owlrl reasonable pyshacl pyrudof"
START = 20_000
"""The size (quads) from which growth is measured; below, the start of Python dominates."""


def report(outcome: Outcome, cores: int) -> str:
    """Return the report: targets, growth of cost, and every figure."""
    return f"""\
# Benchmarks

Made by `python -m tests.benchmarks`: whole processes, the contestants in turn, in rounds. `kaiju`
is the command with its caches. A ratio compares medians; `<` means that the peer was ended because
it took too long. "This project" is the repository's own; `python -m tests.benchmarks.generate`
makes the others, with so many quads besides the ontology.
A job of `serve` is requests by HTTP to a server that runs: the same query again, or always new
ones. One client sends 500 (40 beside endless queries), each of 32 clients 40.
A paint is the first text of a page in Chromium, on a processor that is slowed down four times.
With one or two runs, other load on the machine may outweigh the difference.

{cores} cores, {platform.machine()}, {platform.system()}, {_versions()}.

## Targets

{_table(("job", "size", "against", "ratio", "at most", "reached", "runs"), _targets(outcome))}

## Growth

The exponent is the slope of cost over size, both as logarithms: 1 is linear.

{_table(("job", "sizes", "of", "exponent", "at most", "reached"), _growth(outcome))}

## Figures

{_table(("job", "size", "contestant", "ms", "MiB", "runs", "note"), _figures(outcome))}
"""


def _targets(outcome: Outcome) -> Iterator[Row]:
    for job in JOBS:
        for size in job.sizes:
            if (job.name, size) not in outcome:
                continue
            ours = outcome[job.name, size]["kaiju"]
            for peer, most in job.targets.items():
                theirs = outcome[job.name, size].get(peer)
                if ours.failed or theirs is None or theirs.failed:
                    yield job.name, size, peer, "", most, "not measured", 0
                    continue
                ratio = ours.seconds / theirs.seconds
                fair = not ours.bounded and _agree(job, ours, theirs)
                shown = ("< " if theirs.bounded else "") + _figure(ratio)
                reached = _reached_text(fair and ratio <= most)
                runs = min(ours.runs, theirs.runs)
                yield job.name, size, peer, shown, most, reached, runs
    sizes = [size for size in SIZES if ("look-up", size) in outcome]
    if len(sizes) > 1:  # a failed size has no figure and does not reach the target
        first, last = (outcome["look-up", size]["kaiju"] for size in (sizes[0], sizes[-1]))
        ratio = last.seconds / first.seconds
        reached = _reached_text(ratio <= LOOK_UP_GROWTH and not last.bounded)
        peer = f"the same at {sizes[0]}"
        runs = min(first.runs, last.runs)
        yield "look-up", sizes[-1], peer, _figure(ratio), LOOK_UP_GROWTH, reached, runs


def _growth(outcome: Outcome) -> Iterator[Row]:
    for job, most in EXPONENTS.items():
        sizes = [size for size in SIZES if (job, size) in outcome]
        large = [size for size in sizes if SIZES[size] >= START]
        judged = large if len(large) > 1 else sizes
        measured = [outcome[job, size]["kaiju"] for size in judged]
        if len(judged) < 2 or any(each.bounded or each.failed for each in measured):
            yield job, ", ".join(sizes), "", "", most, "not measured"
            continue
        for of, at_most, costs in (
            ("time", most, [each.seconds for each in measured]),
            ("memory", MEMORY, [each.memory for each in measured]),
        ):
            slope = exponent(zip((SIZES[size] for size in judged), costs, strict=True))
            span = f"{judged[0]} to {judged[-1]}"
            yield job, span, of, f"{slope:.2f}", at_most, _reached_text(slope <= at_most)


def _figures(outcome: Outcome) -> Iterator[Row]:
    jobs = {job.name: job for job in JOBS}
    for (name, size), measured in outcome.items():
        ours = measured["kaiju"]
        for contestant, each in measured.items():
            shown, memory = f"{each.seconds * 1000:,.1f}", f"{each.memory / 2**20:,.0f}"
            note = "" if _agree(jobs[name], ours, each) else "another answer"
            if each.failed:
                # The reason may name paths of the machine, so only the terminal shows it.
                shown, memory, note = "", "", each.failed.partition(":")[0]
            elif each.bounded:
                shown, memory, note = f"> {shown}", "", "ended"
            yield name, size, contestant, shown, memory, each.runs, note


def _agree(job: Job, ours: Measurement, theirs: Measurement) -> bool:
    """Tell whether a peer gives the same answer, or one that cannot be compared."""
    if job.answer is None or not theirs.answer or ours.bounded or ours.failed:
        return True
    return job.answer(ours.answer) == job.answer(theirs.answer)


def _reached_text(reached: bool) -> str:  # noqa: FBT001 (the word for it)
    return "reached" if reached else "not reached"


def _figure(ratio: float) -> str:
    """Return a ratio with three significant digits."""
    return f"{ratio:.3g}" if ratio < 1 else f"{ratio:.2f}"


def _table(head: Iterable[str], rows: Iterable[Row]) -> str:
    head = list(head)
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def _versions() -> str:
    python = f"Python {platform.python_version()}"
    return ", ".join([python, *(f"{name} {version(name)}" for name in VERSIONS.split())])
