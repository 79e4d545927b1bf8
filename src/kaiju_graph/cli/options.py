"""Options that several commands take, each declared once."""

from __future__ import annotations

from argparse import ArgumentTypeError

from kaiju_graph.cli import FORMAT
from kaiju_graph.project.layout import LAYERS
from kaiju_graph.rdf import formats as graphs
from kaiju_graph.sparql import results

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Callable, Collection

__all__ = [
    "ALIASES",
    "add_answer_options",
    "add_format",
    "add_layers",
    "add_output",
    "file_name",
    "format_type",
    "positive_integer",
]

ALIASES = graphs.ALIASES | results.ALIASES
"""Alias of a format → its name, unless another format of the command has that name."""

MEANINGS = {
    "stated": "what the article says",
    "entities": "classes and names of things",
    "curated": "what other sources say, and readings",
    "evidence": "the passages of the article",
    "ontology": "the terms",
    "alignments": "their links to other vocabularies",
    "inferred": "what follows from the others",
}
"""Layer → what its statements are, for the help."""


def add_format(parser: ArgumentParser, default: str, *others: str) -> None:
    """Add the option for the format of a command's output."""
    names = (default, *others)
    parser.add_argument(
        *FORMAT,
        metavar="FORMAT",
        type=format_type(names),
        choices=names,
        default=default,
        help=f"{', '.join(names)} (default: {default})",
    )


def add_output(parser: ArgumentParser) -> None:
    """Add the option for the file of a command's output."""
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        type=file_name,
        help="the file (default: standard output)",
    )


def add_answer_options(parser: ArgumentParser, graph: str) -> None:
    """Add the options for the answer of a query.

    Args:
        parser: the parser of the command.
        graph: the results that have graph formats, for the help.
    """
    names = (*results.FORMATS, *graphs.FORMATS)
    parser.add_argument(
        *FORMAT,
        metavar="FORMAT",
        type=format_type(names),
        choices=names,
        help=f"for rows: {', '.join(results.FORMATS)} (default: table on a terminal, else csv); "
        f"for {graph}: {', '.join(graphs.FORMATS)} (default: turtle)",
    )
    add_layers(parser)
    parser.add_argument(
        "--labels",
        action="store_true",
        help="add a column of labels after each column that has IRIs: after film, film_label",
    )
    parser.add_argument(
        "--evidence",
        action="store_true",
        help="show the passages that support each row: as footnotes of a table, or as a column; "
        "absence marks a row that depends on something not being in the graph, not-traced one "
        "that may have more evidence than is shown",
    )
    parser.add_argument(
        "--max-rows",
        metavar="N",
        type=positive_integer,
        help="return at most this many rows or triples, with a warning if there are more",
    )
    parser.add_argument(
        "--exit-status",
        action="store_true",
        help="exit 1 if the answer is false or has no row",
    )


def add_layers(parser: ArgumentParser) -> None:
    """Add the option for the layers of the graph."""
    parser.add_argument(
        "--layer",
        metavar="L,...",
        help="only the statements of these origins: "
        + ", ".join(f"{layer} ({MEANINGS[layer]})" for layer in LAYERS)
        + "; default: all but the alignments",
    )


def format_type(names: Collection[str]) -> Callable[[str], str]:
    """Return a function that resolves the alias of a format, unless a format has that name."""
    return lambda name: name if name in names else ALIASES.get(name, name)


def file_name(text: str) -> str:
    """Return the name of a file, which is not empty."""
    if not text:
        raise ArgumentTypeError("found an empty name; expected a file")
    return text


def positive_integer(text: str) -> int:
    """Return the positive integer that a text means."""
    if not (text.isascii() and text.isdigit() and 0 < int(text[:20]) < 2**53):
        raise ArgumentTypeError(f"found {text!r}; expected a positive whole number")
    return int(text)
