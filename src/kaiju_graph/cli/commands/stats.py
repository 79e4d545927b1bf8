"""``kaiju stats``: figures of a project."""

from __future__ import annotations

from kaiju_graph.cli.command import ArgumentParser, Namespace, Outcome, Process, load_graph
from kaiju_graph.cli.options import add_format

__all__ = ["EPILOG", "add_options", "run"]

EPILOG = """example:
  kaiju stats"""


def add_options(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_format(parser, "text", "json")


def run(options: Namespace, process: Process) -> Outcome:
    """Print the figures and the folder of the project."""
    from kaiju_graph.cli.render.text import json_text

    kg = load_graph(options, process)
    figures = kg.stats()
    if options.format == "json":
        return Outcome(json_text(figures))
    lines = [f"{count:7,}  {name}\n" for name, count in figures.items()]
    return Outcome("".join([f"{kg.project.root}\n", *lines]))
