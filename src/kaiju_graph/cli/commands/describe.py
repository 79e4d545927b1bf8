"""``kaiju describe``: the facts about a thing."""

from __future__ import annotations

from kaiju_graph.cli.command import ArgumentParser, Namespace, Outcome, Process, open_graph
from kaiju_graph.cli.options import add_endpoint, add_format
from kaiju_graph.pictures.formats import FORMATS

__all__ = ["EPILOG", "add_options", "run"]

EPILOG = """examples:
  kaiju describe {thing}
  kaiju describe {thing} -f svg > thing.svg"""


def add_options(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("thing", metavar="THING", help="an IRI, a CURIE or a label")
    add_endpoint(parser)
    add_format(parser, "text", "json", *FORMATS)


def run(options: Namespace, process: Process) -> Outcome:
    """Describe a thing, or draw it among its neighbours."""
    kg = open_graph(options, process)
    if options.format in FORMATS:
        from kaiju_graph.pictures.write import write

        return Outcome(write(kg.draw_thing(options.thing), options.format))
    from kaiju_graph.cli.render import description as render

    thing = kg.resolve(options.thing)
    facts = kg.describe(f"<{thing.value}>")
    return Outcome(render.render_description(kg, thing, facts, options.format, process.width))
