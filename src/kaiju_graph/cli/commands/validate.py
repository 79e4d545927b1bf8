"""Stage 13, beside commands: what ``kaiju`` tells of a whole project: options → text, exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaiju_graph.cli.command import Outcome
from kaiju_graph.cli.options import GRAPHS
from kaiju_graph.cli.render import report
from kaiju_graph.cli.render.text import json_text
from kaiju_graph.errors import SourceError
from kaiju_graph.project import layout
from kaiju_graph.validation import cached

if TYPE_CHECKING:
    from argparse import Namespace

    from kaiju_graph.api import KnowledgeGraph
    from kaiju_graph.cli.command import Process
    from kaiju_graph.rdf.terms import Quad

__all__ = ["bundled", "coverage", "diff", "questions", "stats", "validate"]


def validate(options: Namespace, process: Process) -> Outcome:
    """Hold a project against its rules; what does not load does not conform, either.

    Raises:
        UnknownNameError: there is no rule of a name that is asked for.
        UnreachableError: there is no project, or a file of it cannot be read.
    """
    try:
        where = layout.find(options.root)
    except SourceError:  # the registry of prefixes does not load, as the report says
        where = layout.Project(layout.locate(options.root), {})
    make = cached.make if options.no_cache else cached.load
    outcome = make(where, process.progress)
    if options.rule:
        outcome = outcome.of(cached.chosen(where, options.rule))
    shown = outcome.head() if options.first else outcome
    omitted = len(outcome.violations) - len(shown.violations)
    notes = [bundled(options)]
    if options.format == "turtle":
        untold = sum(violation.result is None for violation in shown.violations)
        notes += [f"SHACL has no words for {untold} more; -f text shows them"] * bool(untold)
    return Outcome(
        report.render_report(shown, options.format, where, process.width, omitted),
        int(not outcome.conforms),
        "; ".join(filter(None, notes)),
        report.paint_report if options.format == "text" else None,
    )


def questions(kg: KnowledgeGraph, options: Namespace, process: Process) -> Outcome:
    """List the stored questions, as text or as a graph.

    Raises:
        UnknownNameError: no question has the tag that is asked for.
        UsageError: the format holds neither.
    """
    from kaiju_graph.cli.render import lists
    from kaiju_graph.sparql import questions as asking

    listed = asking.list_questions(kg.project, options.tag)
    form = options.format or "table"
    if form in GRAPHS:
        from kaiju_graph.publish import question_pages
        from kaiju_graph.rdf import write

        executables, first = question_pages.executables(listed, kg.project), question_pages.ORDER
        return Outcome(write.write(executables, form, kg.project, first=first))
    return Outcome(lists.render_questions(listed, form, process.width, options.tag))


def coverage(kg: KnowledgeGraph, options: Namespace) -> Outcome:
    """Read every passage of a project against its graph."""
    from kaiju_graph.cli.render import coverage as rendering

    covered = kg.cover()
    text = rendering.render_coverage(kg, covered, options.format)
    return Outcome(text, int(not covered.complete), bundled(options))


def diff(options: Namespace, process: Process) -> Outcome:
    """Compare two states of a graph, and the answers that they give.

    Raises:
        UnreachableError: one of them cannot be read.
        InputError: one of them does not load; the message names it.
    """
    from kaiju_graph import api
    from kaiju_graph.cli.render import diff as rendering
    from kaiju_graph.diff import changes, states

    def load(root: str) -> tuple[layout.Project, list[Quad]]:
        trusting = not options.check_hash
        kg = api.load(root, progress=process.progress, trusting=trusting)
        return kg.project, kg.quads

    here = layout.find(options.root)
    old, new = (states.read_state(name, here, load) for name in (options.old, options.new))
    found = changes.compare(old, new, here, process.progress)
    text = rendering.render_diff(found, options.format, process.width)
    paint = rendering.paint_diff if options.format == "text" else None
    # Of a file, prefixes and questions are those of the project at hand.
    is_file = None in (old.questions, new.questions)
    notes = [rendering.uncompared_note(found), bundled(options) if is_file else ""]
    return Outcome(text, int(not found.equal), "; ".join(filter(None, notes)), paint)


def stats(kg: KnowledgeGraph, options: Namespace) -> Outcome:
    """Count what a project holds, and say where it is."""
    figures = kg.stats()
    if options.format == "json":
        return Outcome(json_text(figures))
    lines = [f"{count:7,}  {name}\n" for name, count in figures.items()]
    return Outcome("".join([f"{kg.project.root}\n", *lines]))


def bundled(options: Namespace) -> str:
    """Return in a line that the project is the bundled copy, where nobody has asked for that."""
    if not layout.is_bundled(options.root):
        return ""
    return f"found no project here; this is the bundled copy, {layout.locate()}"
