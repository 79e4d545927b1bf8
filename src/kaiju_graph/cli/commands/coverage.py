"""``kaiju coverage``: the passages and words of the article that the graph covers."""

from __future__ import annotations

from kaiju_graph.cli.command import (
    ArgumentParser,
    Namespace,
    Outcome,
    Process,
    load_graph,
    no_project_note,
)
from kaiju_graph.cli.options import add_format

__all__ = ["EPILOG", "add_options", "run"]

EPILOG = """example:
  kaiju coverage

«Marked» words are those that no statement of their passage reflects. The coverage is incomplete if
a passage states nothing or a word of the article is in no passage."""


def add_options(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_format(parser, "text", "json")


def run(options: Namespace, process: Process) -> Outcome:
    """Compare every passage with its graph."""
    from kaiju_graph.cli.render import coverage as render

    kg = load_graph(options, process)
    coverage = kg.cover()
    text = render.render_coverage(kg, coverage, options.format)
    return Outcome(text, int(not coverage.complete), no_project_note(options))
