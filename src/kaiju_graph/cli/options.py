"""Options that several commands take, each declared once."""

from __future__ import annotations

from argparse import ArgumentTypeError

from kaiju_graph.cli import DATA, ENDPOINT, FORMAT, PARAMETER
from kaiju_graph.errors import UsageError
from kaiju_graph.pictures import formats as pictures
from kaiju_graph.project.layout import LAYERS
from kaiju_graph.rdf import formats as graphs
from kaiju_graph.sparql import results

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Callable, Collection, Mapping, Sequence

__all__ = [
    "ALIASES",
    "DATA_DETAILS",
    "WITHOUT_DATA",
    "WITH_DATA",
    "add_answer_options",
    "add_data_options",
    "add_endpoint",
    "add_format",
    "add_layers",
    "add_output",
    "add_parameters",
    "file_name",
    "format_type",
    "positive_integer",
    "read_parameters",
    "refuse_options",
]

ALIASES = graphs.ALIASES | results.ALIASES
"""Alias of a format → its name, unless another format of the command has that name."""

WITH_DATA = "found --data and {}; only a project has that"
WITHOUT_DATA = "found {} without --data; expected both"
"""Messages for options that do not fit data files, or a project."""
DATA_DETAILS = {"data_format": None, "data_base": None}
"""Option that says how data files are read → its default."""
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


def add_parameters(parser: ArgumentParser) -> None:
    """Add the option for the parameters of a stored query."""
    parser.add_argument(
        *PARAMETER,
        metavar="name=value",
        action="append",
        default=[],
        help="a parameter: an IRI, a CURIE, a label, or a literal",
    )


def read_parameters(pairs: Sequence[str]) -> dict[str, str]:
    """Return the parameters in the values of that option: name → value.

    Raises:
        UsageError: a value is not a pair, or two have the same name.
    """
    parameters: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise UsageError(f"found -p {pair!r}; expected -p name=value")
        if name in parameters:
            raise UsageError(f"found -p {name} twice; expected one value")
        parameters[name] = value
    return parameters


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
    add_endpoint(parser)
    parser.add_argument(
        "--labels",
        action="store_true",
        help="add a column of labels after each column that has IRIs: after film, film_label",
    )
    parser.add_argument(
        "--evidence",
        action="store_true",
        help="show the passages that support each row: as footnotes of a table, or as a column of "
        "IRIs with spaces between (of a boolean, as links in JSON); absence marks a row that "
        "depends on something not being in the graph, not-traced one that may have more evidence "
        "than is shown",
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


def add_data_options(parser: ArgumentParser) -> None:
    """Add the options for data files in place of a project."""
    parser.add_argument(
        *DATA,
        metavar="FILE",
        nargs="+",
        action="extend",
        type=file_name,
        help="read these files in place of a project, or - for standard input: "
        f"{', '.join(graphs.FORMATS)}",
    )
    parser.add_argument(
        "--data-format",
        metavar="FORMAT",
        type=format_type(graphs.FORMATS),
        choices=tuple(graphs.FORMATS),
        help="with --data: the format of the files (default: by their endings; of standard input "
        "and of other endings, by how the text begins)",
    )
    parser.add_argument(
        "--data-base",
        metavar="IRI",
        type=_absolute_iri,
        help="with --data: resolves relative IRIs (default: the file: address of each file)",
    )


def refuse_options(options: Namespace, defaults: Mapping[str, object], message: str) -> None:
    """Refuse options that another one makes pointless.

    Args:
        options: the options.
        defaults: option → its default.
        message: the message, with {} in place of an option that does not have its default.

    Raises:
        UsageError: an option does not have its default.
    """
    for name, default in defaults.items():
        value = getattr(options, name)
        if value not in (default, [] if default is None else default):
            flag = f"no-{name}" if value is False else name.replace("_", "-")
            raise UsageError(message.format(f"--{flag}"))


def add_endpoint(parser: ArgumentParser) -> None:
    """Add the option for the endpoint in which the graph lies."""
    parser.add_argument(
        "--endpoint",
        metavar="URL",
        help="ask this endpoint of SPARQL instead of the project, which has the questions and "
        f"prefixes (default: {ENDPOINT}; '' is none); credentials are read from "
        "KAIJU_ENDPOINT_USER and KAIJU_ENDPOINT_PASSWORD, KAIJU_ENDPOINT_TOKEN, or netrc",
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

    def resolve(name: str) -> str:
        if name in pictures.FORMATS and name not in names:
            commands = ", ".join(f"kaiju {command}" for command in pictures.COMMANDS)
            raise ArgumentTypeError(f"{name} is a format of pictures, which {commands} write")
        return name if name in names else ALIASES.get(name, name)

    return resolve


def _absolute_iri(text: str) -> str:
    """Return the absolute IRI that a text means."""
    import pyoxigraph as ox

    try:
        return ox.NamedNode(text).value
    except ValueError:
        raise ArgumentTypeError(f"found {text!r}; expected an absolute IRI") from None


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
