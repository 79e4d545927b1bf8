"""``kaiju version``: the version, as ``kaiju --version`` prints it."""

from __future__ import annotations

from kaiju_graph import __version__
from kaiju_graph.cli.command import ArgumentParser, Namespace, Outcome, Process

__all__ = ["EPILOG", "add_options", "run"]

EPILOG = ""


def add_options(parser: ArgumentParser) -> None:
    """Add nothing: the command has no arguments."""


def run(_: Namespace, __: Process) -> Outcome:
    """Print the version."""
    return Outcome(f"kaiju-graph {__version__}\n")
