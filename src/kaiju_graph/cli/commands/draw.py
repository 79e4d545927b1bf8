"""``kaiju draw``: stored pictures."""

from __future__ import annotations

from kaiju_graph.cli.command import ArgumentParser, Namespace, Outcome, Process, load_graph
from kaiju_graph.cli.options import add_format, add_parameters, read_parameters
from kaiju_graph.pictures.formats import FORMATS

__all__ = ["EPILOG", "add_options", "run"]

EPILOG = """examples:
  kaiju draw story > story.svg
  kaiju draw story -f mermaid

kaiju describe and kaiju why draw a thing and a proof."""


def add_options(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "picture", metavar="PICTURE", help="the name of a picture in ontology/pictures"
    )
    add_parameters(parser)
    add_format(parser, *FORMATS)


def run(options: Namespace, process: Process) -> Outcome:
    """Draw a stored picture."""
    from kaiju_graph.pictures.write import write

    kg = load_graph(options, process)
    picture = kg.draw(options.picture, read_parameters(options.parameter))
    return Outcome(write(picture, options.format))
