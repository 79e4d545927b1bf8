"""Stage 12, beside commands: what ``kaiju validate`` does: options → text and exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaiju_graph import project, reporting, verdicts
from kaiju_graph.errors import SourceError
from kaiju_graph.outcomes import Outcome

if TYPE_CHECKING:
    from argparse import Namespace

    from kaiju_graph.outcomes import Process

__all__ = ["validate"]


def validate(options: Namespace, process: Process) -> Outcome:
    """Hold a project against its rules; what does not load does not conform, either.

    Raises:
        UnknownNameError: there is no rule of a name that is asked for.
        UnreachableError: there is no project, or a file of it cannot be read.
    """
    try:
        where = project.find(options.root)
    except SourceError:  # the registry of prefixes does not load, as the report says
        where = project.Project(project.locate(options.root), {})
    make = verdicts.make if options.no_cache else verdicts.load
    outcome = make(where, process.progress)
    if options.rule:
        outcome = outcome.of(verdicts.chosen(where, options.rule))
    shown = outcome.head() if options.first else outcome
    omitted = len(outcome.violations) - len(shown.violations)
    note = ""
    if options.format == "turtle":
        untold = sum(violation.result is None for violation in shown.violations)
        note = f"SHACL has no words for {untold} more; -f text shows them" if untold else ""
    return Outcome(
        reporting.report(shown, options.format, where, process.width, omitted),
        int(not outcome.conforms),
        note,
        reporting.painted if options.format == "text" else None,
    )
