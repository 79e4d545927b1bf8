"""What the command ``kaiju`` takes: its subcommands, their options, and their help."""

from __future__ import annotations

from argparse import (
    SUPPRESS,
    ArgumentParser,
    BooleanOptionalAction,
    RawDescriptionHelpFormatter,
)

from kaiju_graph import __version__
from kaiju_graph.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

__all__ = ["ENDINGS", "GRAPHS", "RESULTS", "parser"]

GRAPHS = ("turtle", "trig", "ntriples", "nquads", "jsonld", "rdfxml")
ENDINGS = {
    ".ttl": "turtle",
    ".trig": "trig",
    ".nt": "ntriples",
    ".nq": "nquads",
    ".jsonld": "jsonld",
    ".rdf": "rdfxml",
}
RESULTS = ("table", "csv", "tsv", "json", "jsonl", "xml", "markdown")

ABOUT = """A knowledge graph of a document whose every triple points to the words that say it.

start here:
  kaiju ask                  list the stored questions
  kaiju ask who-directed     answer one of them
  kaiju describe ev:Passage  show all that is known of a thing
"""
CODES = """exit codes:
  0   good
  1   a negative answer: does not conform; ASK is false with --exit-status
  2   a wrong call
  3   bad input: SPARQL, Turtle, a parameter, a name
  4   a file or folder that cannot be read or written
  5   a limit of time or size
  70  a bug"""


class _Parser(ArgumentParser):
    """A parser whose errors are one line, as all others of the command are."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; {self.prog} --help says more")


def parser() -> ArgumentParser:
    """Return the parser of the whole command; it sets ``command`` to the subcommand's name."""
    common = _Parser(add_help=False, argument_default=SUPPRESS)
    common.add_argument(
        "--root",
        metavar="DIR",
        help="the project (default: KAIJU_ROOT, the nearest parent folder that is one, or the "
        "bundled copy)",
    )
    common.add_argument(
        "--check-hash",
        action="store_true",
        help="read every source to see whether one has changed, and trust no sizes and times",
    )
    common.add_argument("--debug", action="store_true", help="show the traceback of an error")
    whole = _Parser(
        prog="kaiju",
        description=ABOUT,
        epilog=CODES,
        formatter_class=RawDescriptionHelpFormatter,
        parents=[common],
    )
    whole.add_argument("--version", action="version", version=f"kaiju-graph {__version__}")
    commands = whole.add_subparsers(metavar="COMMAND", dest="command", required=True)

    def add(name: str, summary: str, *examples: str) -> ArgumentParser:
        return commands.add_parser(
            name,
            help=summary,
            description=f"{summary[0].upper()}{summary[1:]}.",
            epilog="\n  ".join(("examples:" if len(examples) > 1 else "example:", *examples)),
            formatter_class=RawDescriptionHelpFormatter,
            parents=[common],
        )

    ask = add(
        "ask",
        "answer a stored question, or list them",
        "kaiju ask who-directed",
        'kaiju ask appearances -p thing="some name" -f json',
    )
    ask.add_argument("name", nargs="?", metavar="NAME", help="the question; none lists them all")
    ask.add_argument(
        "-p",
        "--parameter",
        metavar="name=value",
        action="append",
        default=[],
        help="a parameter: an IRI, a CURIE, a label, or a literal",
    )
    ask.add_argument("--show", action="store_true", help="print the SPARQL instead of running it")
    _answers(ask)

    query = add(
        "query",
        "answer a SPARQL 1.1 query; known prefixes are added when missing",
        "kaiju query 'SELECT ?name { ?film a film:Film ; rdfs:label ?name }'",
        "kaiju query --file question.rq -f json",
    )
    query.add_argument("text", nargs="?", metavar="TEXT", help="the query, or - for standard input")
    query.add_argument("--file", metavar="FILE", help="a file that holds the query")
    _answers(query)

    describe = add(
        "describe",
        "show all that is known of a thing, and which passage says it",
        "kaiju describe ev:Passage",
    )
    describe.add_argument("thing", metavar="THING", help="an IRI, a CURIE or a label")
    _format(describe, "text", "json")

    search = add(
        "search",
        "find things by their names, in any language, whatever the case and accents",
        "kaiju search passage",
    )
    search.add_argument("words", nargs="+", metavar="WORDS", help="words that the name has")
    _format(search, "text", "json")

    validate = add(
        "validate",
        "hold the graph against its shapes and the article; exit 1 where it does not conform",
        "kaiju validate",
        "kaiju validate -f github",
    )
    _format(validate, "text", "turtle", "json", "github")
    validate.add_argument(
        "--no-cache",
        action="store_true",
        help="hold it anew, even where nothing has changed since a report was made",
    )

    infer = add(
        "infer",
        "show what follows from the graph by OWL 2 RL",
        "kaiju infer -f ntriples",
        "kaiju infer --check",
    )
    _format(infer, *GRAPHS)
    infer.add_argument(
        "--reasoner",
        choices=("rules", "owlrl"),
        default="rules",
        help="rules as SPARQL, or the library owlrl, which is slow (default: rules)",
    )
    infer.add_argument(
        "--check",
        action="store_true",
        help="compare both reasoners: print what only one concludes; exit 1 where they differ",
    )

    coverage = add(
        "coverage",
        "read the article passage by passage; exit 1 while one says nothing or words are in none",
        "kaiju coverage",
    )
    _format(coverage, "text", "json")

    export = add(
        "export",
        "write the graph as linked data",
        "kaiju export -f jsonld -o graph.jsonld",
        "kaiju export -f nquads --layer stated,evidence",
        'kaiju export --thing "some name" -f jsonld',
    )
    export.add_argument("-o", "--output", metavar="FILE", help="the file (default: none, to print)")
    export.add_argument(
        "-f",
        "--format",
        metavar="FORMAT",
        choices=GRAPHS,
        help=f"{', '.join(GRAPHS)} (default: by the ending of FILE, else turtle); trig and nquads "
        "keep the passages",
    )
    _layers(export)
    export.add_argument(
        "--profile",
        metavar="PROFILE",
        help="of jsonld: framed (one thing as one nested document; the default with --thing), "
        "compacted (else the default), expanded, flattened, or one of ontology/profiles",
    )
    export.add_argument(
        "--ids", choices=("curie", "iri"), help="how jsonld identifies things (default: curie)"
    )
    export.add_argument(
        "--thing", metavar="THING", help="only the description of an IRI, a CURIE or a label"
    )
    export.add_argument("--passage", metavar="P,...", help="only what these passages say")
    export.add_argument(
        "--with-evidence",
        action="store_true",
        help="with Web Annotations: each passage's graph, and its words in the article",
    )
    export.add_argument(
        "--inferred", action=BooleanOptionalAction, help="with or without what follows"
    )

    stats = add("stats", "count what the graph holds", "kaiju stats")
    _format(stats, "text", "json")

    cache = add(
        "cache",
        "show or clear what is kept between two runs (in KAIJU_CACHE)",
        "kaiju cache --clear",
    )
    cache.add_argument(
        "--clear", action="store_true", help="remove it; it is made anew when needed"
    )
    return whole


def _format(command: ArgumentParser, default: str, *others: str) -> None:
    command.add_argument(
        "-f",
        "--format",
        metavar="FORMAT",
        choices=(default, *others),
        default=default,
        help=f"{', '.join((default, *others))} (default: {default})",
    )


def _answers(command: ArgumentParser) -> None:
    command.add_argument(
        "-f",
        "--format",
        metavar="FORMAT",
        choices=(*RESULTS, *GRAPHS),
        help=f"for rows: {', '.join(RESULTS)} (default: table on a terminal, else csv); "
        f"for a graph: {', '.join(GRAPHS)} (default: turtle)",
    )
    _layers(command)
    command.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=float,
        default=60,
        help="end after so many seconds, with exit code 5 (default: 60)",
    )
    command.add_argument(
        "--max-memory",
        metavar="MIB",
        type=float,
        default=4096,
        help="end when more memory is held, with exit code 5 (default: 4096)",
    )
    command.add_argument(
        "--exit-status", action="store_true", help="exit 1 where an ASK query is false"
    )


def _layers(command: ArgumentParser) -> None:
    command.add_argument(
        "--layer",
        metavar="L,...",
        help="only these layers: stated, entities, curated, evidence, ontology, alignments, "
        "inferred (default: all but the alignments)",
    )
