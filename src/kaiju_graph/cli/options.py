"""The options of each subcommand of ``kaiju``."""

from __future__ import annotations

from argparse import BooleanOptionalAction

from kaiju_graph.cli.parser import called, count, positive
from kaiju_graph.rdf import formats
from kaiju_graph.sparql import results

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser

__all__ = [
    "ALIASES",
    "GRAPHS",
    "RESULTS",
    "SHELLS",
    "ask",
    "cache",
    "completion",
    "coverage",
    "describe",
    "diff",
    "export",
    "infer",
    "query",
    "search",
    "stats",
    "validate",
    "why",
]

GRAPHS = tuple(formats.FORMATS)
RESULTS = results.SOLUTIONS
ALIASES = formats.ALIASES | results.ALIASES
"""What else a format may be called, where that is no other format."""

SHELLS = ("bash", "zsh", "fish")


def ask(command: ArgumentParser) -> None:
    """Add the options of a stored question."""
    command.add_argument(
        "name", nargs="?", metavar="NAME", help="the question; none lists them all"
    )
    command.add_argument("--tag", metavar="TAG", help="list only the questions with that tag")
    command.add_argument(
        "-p",
        "--parameter",
        metavar="name=value",
        action="append",
        default=[],
        help="a parameter: an IRI, a CURIE, a label, or a literal",
    )
    command.add_argument(
        "--show",
        action="store_true",
        help="print the SPARQL instead of running it, and values that its parameters may have",
    )
    _answers(command, "a graph, and the list of questions as SHACL")


def query(command: ArgumentParser) -> None:
    """Add the options of a query."""
    command.add_argument(
        "text", nargs="?", metavar="TEXT", help="the query, or - for standard input"
    )
    command.add_argument("--file", metavar="FILE", help="a file that holds the query, or -")
    _answers(command, "a graph")


def describe(command: ArgumentParser) -> None:
    """Add the options of a description."""
    command.add_argument("thing", metavar="THING", help="an IRI, a CURIE or a label")
    _format(command, "text", "json")


def why(command: ArgumentParser) -> None:
    """Add the options of a proof."""
    command.add_argument("subject", metavar="SUBJECT", help="an IRI, a CURIE or a label")
    command.add_argument("predicate", metavar="PREDICATE", help="the same, or a")
    command.add_argument(
        "object",
        metavar="OBJECT",
        help='the same, or a literal: "text"@en, "1996-07-13"^^xsd:date, a number',
    )
    command.add_argument(
        "--all", action="store_true", help="show every last step, each proved in the shortest way"
    )
    _format(command, "text", "markdown", "json", "turtle")


def search(command: ArgumentParser) -> None:
    """Add the options of a search."""
    command.add_argument("words", nargs="+", metavar="WORDS", help="words that the name has")
    _format(command, "text", "json")


def validate(command: ArgumentParser) -> None:
    """Add the options of a validation."""
    _format(command, "text", "turtle", "json", "github")
    command.add_argument(
        "--rule",
        metavar="RULE",
        action="append",
        default=[],
        help="tell only of this rule, or of several: --rule for each; and of what keeps it from "
        "being held, such as a file that does not load",
    )
    command.add_argument(
        "--first", action="store_true", help="tell only of the violation to be mended first"
    )
    command.add_argument(
        "--no-cache",
        action="store_true",
        help="hold it anew, even where nothing has changed since a report was made",
    )


def infer(command: ArgumentParser) -> None:
    """Add the options of what follows."""
    _format(command, *GRAPHS)
    command.add_argument(
        "--reasoner",
        choices=("rules", "owlrl"),
        default="rules",
        help="rules as SPARQL, or the library owlrl, which is slow (default: rules)",
    )
    command.add_argument(
        "--check",
        action="store_true",
        help="compare both reasoners: print what only one concludes; exit 1 where they differ",
    )


def coverage(command: ArgumentParser) -> None:
    """Add the options of the coverage."""
    _format(command, "text", "json")


def export(command: ArgumentParser) -> None:
    """Add the options of an export."""
    command.add_argument(
        "-o", "--output", metavar="FILE", help="the file (default: none, to print)"
    )
    command.add_argument(
        "--all",
        metavar="DIR",
        help="write a folder to publish instead: the graph in every format, its catalogue (VoID, "
        "DCAT), ontology, shapes, questions with their answers, checksums; a release that is "
        "there is replaced",
    )
    command.add_argument(
        "-f",
        "--format",
        metavar="FORMAT",
        type=called(GRAPHS, ALIASES),
        choices=GRAPHS,
        help=f"{', '.join(GRAPHS)} (default: by the ending of FILE, else turtle); trig and nquads "
        "keep the passages",
    )
    _layers(command)
    command.add_argument(
        "--profile",
        metavar="PROFILE",
        help="of jsonld: framed (one thing as one nested document; the default with --thing), "
        "compacted (else the default), expanded, flattened, or one of ontology/profiles",
    )
    command.add_argument(
        "--ids", choices=("curie", "iri"), help="how jsonld identifies things (default: curie)"
    )
    command.add_argument(
        "--thing", metavar="THING", help="only the description of an IRI, a CURIE or a label"
    )
    command.add_argument("--passage", metavar="P,...", help="only what these passages say")
    command.add_argument(
        "--with-evidence",
        action="store_true",
        help="with Web Annotations: each passage's graph, and its words in the article",
    )
    command.add_argument(
        "--inferred", action=BooleanOptionalAction, help="with or without what follows"
    )


def diff(command: ArgumentParser) -> None:
    """Add the options of a difference."""
    side = "a project's folder, a data file (%s), or a git revision of the project"
    command.add_argument("old", metavar="OLD", help=side % ", ".join(formats.ENDINGS))
    command.add_argument("new", metavar="NEW", help="another")
    _format(command, "text", "json")


def stats(command: ArgumentParser) -> None:
    """Add the options of figures."""
    _format(command, "text", "json")


def cache(command: ArgumentParser) -> None:
    """Add the options of the cache."""
    command.add_argument(
        "--clear", action="store_true", help="remove it; it is made anew when needed"
    )


def completion(command: ArgumentParser) -> None:
    """Add the options of completion."""
    command.add_argument("shell", metavar="SHELL", choices=SHELLS, help=", ".join(SHELLS))


def _format(command: ArgumentParser, default: str, *others: str) -> None:
    command.add_argument(
        "-f",
        "--format",
        metavar="FORMAT",
        type=called((default, *others), ALIASES),
        choices=(default, *others),
        default=default,
        help=f"{', '.join((default, *others))} (default: {default})",
    )


def _answers(command: ArgumentParser, graph: str) -> None:
    command.add_argument(
        "-f",
        "--format",
        metavar="FORMAT",
        type=called((*RESULTS, *GRAPHS), ALIASES),
        choices=(*RESULTS, *GRAPHS),
        help=f"for rows: {', '.join(RESULTS)} (default: table on a terminal, else csv); "
        f"for {graph}: {', '.join(GRAPHS)} (default: turtle)",
    )
    _layers(command)
    command.add_argument(
        "--evidence",
        action="store_true",
        help="show for each row the passages that carry it: footnotes of a table, else a column",
    )
    command.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=positive,
        default=60,
        help="end after so many seconds, with exit code 5 (default: 60)",
    )
    command.add_argument(
        "--max-memory",
        metavar="MIB",
        type=positive,
        default=4096,
        help="end when more memory is held, with exit code 5 (default: 4096)",
    )
    command.add_argument(
        "--max-rows",
        metavar="N",
        type=count,
        help="give at most so many rows or triples, and a warning where there are more",
    )
    command.add_argument(
        "--exit-status", action="store_true", help="exit 1 where the answer is false, or has no row"
    )


def _layers(command: ArgumentParser) -> None:
    command.add_argument(
        "--layer",
        metavar="L,...",
        help="only these layers: stated, entities, curated, evidence, ontology, alignments, "
        "inferred (default: all but the alignments)",
    )
