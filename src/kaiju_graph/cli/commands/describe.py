"""``kaiju describe``: the facts about a thing."""

from __future__ import annotations

from kaiju_graph.cli.command import ArgumentParser, Namespace, Outcome, Process, load_graph
from kaiju_graph.cli.options import add_format

__all__ = ["EPILOG", "add_options", "run"]

EPILOG = """example:
  kaiju describe {thing}"""


def add_options(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("thing", metavar="THING", help="an IRI, a CURIE or a label")
    add_format(parser, "text", "json")


def run(options: Namespace, process: Process) -> Outcome:
    """Describe a thing."""
    from kaiju_graph.cli.render import description as render

    kg = load_graph(options, process)
    thing = kg.resolve(options.thing)
    facts = kg.describe(f"<{thing.value}>")
    return Outcome(render.render_description(kg, thing, facts, options.format, process.width))
