"""``kaiju help``: the help of the whole command, or of one of its commands."""

from __future__ import annotations

from kaiju_graph.cli.command import ArgumentParser, Namespace, Outcome, Process

__all__ = ["EPILOG", "add_options", "run"]

EPILOG = ""


def add_options(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    from kaiju_graph.cli.commands import COMMANDS

    parser.add_argument("topic", nargs="?", metavar="COMMAND", choices=COMMANDS, help="the command")


def run(options: Namespace, _: Process) -> Outcome:
    """Print the help."""
    from kaiju_graph.cli.parser import build_parser

    parser = build_parser([options.topic])
    topic = parser.commands[options.topic] if options.topic else parser
    return Outcome(topic.format_help())
