"""The command ``kaiju``: the only module that reads arguments, prints or exits."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import warnings
from typing import TYPE_CHECKING

from kaiju_graph import __version__
from kaiju_graph.errors import KaijuError, SourceError, UnreachableError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kaiju_graph.knowledge import KnowledgeGraph

__all__ = ["main"]

GRAPHS = ("turtle", "trig", "ntriples", "nquads", "jsonld", "rdfxml")
RESULTS = ("table", "csv", "tsv", "json", "jsonl", "xml", "markdown")

ABOUT = """A knowledge graph of a document whose every triple points to the words that say it.

Try:  kaiju ask                      the stored questions
      kaiju ask who-directed         one of them
      kaiju describe Gamera          all that is known of a thing
"""
CODES = """exit codes:
  0   good
  1   a negative answer: does not conform; ASK is false with --exit-status
  2   a wrong call
  3   bad input: SPARQL, Turtle, a parameter, a name
  4   a file or folder that cannot be read or written
  5   a limit of time or size
  70  a bug"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code.

    Args:
        argv: the arguments; None takes those of the process.

    """
    warnings.showwarning = _warn
    options = argparse.Namespace(debug=False, root=None)
    try:
        _parser().parse_args(argv, options)
        code: int = options.run(options)
        sys.stdout.flush()
    except KaijuError as error:
        if options.debug:
            raise
        return _fail(str(error), error.exit_code)
    except BrokenPipeError:
        # The reader has had enough; what Python still holds goes nowhere, without complaint.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if options.debug:
            raise
        return _fail(f"a bug: {type(error).__name__}: {error} (--debug shows where)", 70)
    return code


def _fail(message: str, code: int) -> int:
    from kaiju_graph.formats import printable

    line = printable(message).replace("\n", " ")
    print(f"kaiju: error: {line}", file=sys.stderr)
    return code


def _warn(message: Warning | str, *_: object, **__: object) -> None:
    print(f"kaiju: warning: {message}", file=sys.stderr)


def _write(text: str) -> None:
    """Write to standard output, as UTF-8; a terminal gets no control character of the data."""
    if sys.stdout.isatty():
        from kaiju_graph.formats import printable

        text = printable(text.replace("\r\n", "\n"))
    sys.stdout.buffer.write(text.encode())


def _graph(options: argparse.Namespace) -> KnowledgeGraph:
    from kaiju_graph.knowledge import load
    from kaiju_graph.store import MERGED

    layers = getattr(options, "layer", None)
    return load(options.root, layers.split(",") if layers else MERGED)


def _ask(options: argparse.Namespace) -> int:
    from kaiju_graph import asking, showing

    kg = _graph(options)
    if options.name is None:
        _write(showing.menu(asking.questions(kg.project), options.format or "table"))
        return 0
    asked = asking.question(kg.project, options.name)
    text = kg.bind(asked, _parameters(options.parameter))
    if options.show:
        _write(text)
        return 0
    return _answer(kg, text, f"queries/{asked.name}.rq", options)


def _parameters(pairs: list[str]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise UsageError(f"found -p {pair!r}; expected -p name=value")
        found[name] = value
    return found


def _query(options: argparse.Namespace) -> int:
    if (options.text is None) == (options.file is None):
        raise UsageError("expected one query: TEXT, --file FILE, or - for standard input")
    if options.file:
        from kaiju_graph.project import read_text

        return _answer(_graph(options), read_text(options.file), options.file, options)
    text = sys.stdin.read() if options.text == "-" else options.text
    return _answer(_graph(options), text, "query", options)


def _answer(kg: KnowledgeGraph, text: str, origin: str, options: argparse.Namespace) -> int:
    import pyoxigraph as ox

    from kaiju_graph import exporting, formats
    from kaiju_graph.terms import Triple

    answer = kg.answer(text, origin)
    form, terminal = options.format, sys.stdout.isatty()
    if isinstance(answer, ox.QueryTriples):
        triples = [Triple(t.subject, t.predicate, t.object) for t in answer]
        _write(exporting.write(triples, form or "turtle", kg.project))
        return 0
    boolean = isinstance(answer, ox.QueryBoolean)
    form = form or ("table" if terminal or boolean else "csv")
    width = shutil.get_terminal_size().columns if terminal else 200
    _write(formats.write(answer, form, kg.project, width))
    return int(boolean and options.exit_status and not answer)


def _describe(options: argparse.Namespace) -> int:
    from kaiju_graph import showing

    kg = _graph(options)
    thing = kg.resolve(options.thing)
    _write(showing.facts(kg, thing, kg.describe(f"<{thing.value}>"), options.format))
    return 0


def _search(options: argparse.Namespace) -> int:
    from kaiju_graph import showing

    kg = _graph(options)
    _write(showing.found(kg, kg.search(" ".join(options.words)), options.format))
    return 0


def _validate(options: argparse.Namespace) -> int:
    from kaiju_graph import showing

    kg = _graph(options)
    try:
        outcome = kg.validate()
    except SourceError as error:  # a file that does not load does not conform
        return _fail(str(error), 1)
    _write(showing.report(kg, outcome, options.format))
    return 0 if outcome.conforms else 1


def _infer(options: argparse.Namespace) -> int:
    from kaiju_graph import exporting, showing

    kg = _graph(options)
    inferred = kg.infer()
    if options.format is None and sys.stdout.isatty():
        _write(showing.statements(inferred, kg))
    else:
        _write(exporting.write(inferred, options.format or "turtle", kg.project))
    return 0


def _coverage(options: argparse.Namespace) -> int:
    from kaiju_graph import showing

    kg = _graph(options)
    covered = kg.cover()
    _write(showing.coverage(kg, covered, options.format))
    return 0 if covered.complete else 1


def _export(options: argparse.Namespace) -> int:
    text = _graph(options).export(options.format)
    if options.output is None:
        _write(text)
        return 0
    from kaiju_graph.store import write_whole

    try:
        write_whole(options.output, text.encode())
    except OSError as error:
        message = f"{options.output}: cannot be written: {error.strerror}"
        raise UnreachableError(message) from None
    return 0


def _stats(options: argparse.Namespace) -> int:
    import json

    figures = _graph(options).stats()
    if options.format == "json":
        _write(json.dumps(figures, indent=2) + "\n")
    else:
        _write("".join(f"{count:7,}  {name}\n" for name, count in figures.items()))
    return 0


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    common.add_argument(
        "--root",
        metavar="DIR",
        help="the project (default: KAIJU_ROOT, the nearest parent folder that is one, or the "
        "bundled copy)",
    )
    common.add_argument("--debug", action="store_true", help="show the traceback of an error")
    parser = argparse.ArgumentParser(
        prog="kaiju",
        description=ABOUT,
        epilog=CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        parents=[common],
    )
    parser.add_argument("--version", action="version", version=f"kaiju-graph {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def command(
        name: str, run: Callable[[argparse.Namespace], int], summary: str, example: str
    ) -> argparse.ArgumentParser:
        added = commands.add_parser(
            name,
            help=summary,
            description=f"{summary[0].upper()}{summary[1:]}.",
            epilog=f"example:\n  {example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            parents=[common],
        )
        added.set_defaults(run=run)
        return added

    def layer(parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--layer",
            metavar="L,...",
            help="only these layers: stated, entities, curated, evidence, ontology, alignments, "
            "inferred (default: all but the alignments)",
        )

    def answers(parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "-f",
            "--format",
            metavar="FORMAT",
            choices=(*RESULTS, *GRAPHS),
            help=f"rows: {', '.join(RESULTS)} (default: table on a terminal, else csv); "
            f"graphs: {', '.join(GRAPHS)} (default: turtle)",
        )
        layer(parser)
        parser.add_argument(
            "--exit-status", action="store_true", help="exit 1 where an ASK query is false"
        )

    ask = command("ask", _ask, "answer a stored question, or list them", "kaiju ask who-directed")
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
    answers(ask)
    query = command(
        "query",
        _query,
        "answer a SPARQL 1.1 query; known prefixes are added when missing",
        "kaiju query 'SELECT ?name { ?film a film:Film ; rdfs:label ?name }'",
    )
    query.add_argument("text", nargs="?", metavar="TEXT", help="the query, or - for standard input")
    query.add_argument("--file", metavar="FILE", help="a file that holds the query")
    answers(query)
    describe = command(
        "describe",
        _describe,
        "show all that is known of a thing, and which passage says it",
        'kaiju describe "Legion Queen"',
    )
    describe.add_argument("thing", metavar="THING", help="an IRI, a CURIE or a label")
    search = command(
        "search",
        _search,
        "find things by their names, in any language, without case or accents",
        "kaiju search oizumi",
    )
    search.add_argument("words", nargs="+", metavar="WORDS")
    validate = command(
        "validate", _validate, "hold the graph against its shapes and the article", "kaiju validate"
    )
    infer = command(
        "infer", _infer, "show what follows from the graph by OWL 2 RL", "kaiju infer -f ntriples"
    )
    infer.add_argument("-f", "--format", metavar="FORMAT", choices=GRAPHS, help=", ".join(GRAPHS))
    export = command(
        "export", _export, "write the graph as linked data", "kaiju export -f jsonld -o film.jsonld"
    )
    export.add_argument(
        "-f",
        "--format",
        metavar="FORMAT",
        choices=GRAPHS,
        default="turtle",
        help=f"{', '.join(GRAPHS)} (default: turtle)",
    )
    export.add_argument(
        "-o", "--output", metavar="FILE", help="the file (default: standard output)"
    )
    layer(export)
    coverage = command(
        "coverage",
        _coverage,
        "read the article passage by passage; exit 1 while one is empty or words are in none",
        "kaiju coverage | less",
    )
    stats = command("stats", _stats, "count what the graph holds", "kaiju stats")
    for plain, forms in (
        (describe, ("text", "json")),
        (search, ("text", "json")),
        (validate, ("text", "turtle", "json", "github")),
        (coverage, ("text", "json")),
        (stats, ("text", "json")),
    ):
        plain.add_argument(
            "-f",
            "--format",
            metavar="FORMAT",
            choices=forms,
            default="text",
            help=f"{', '.join(forms)} (default: text)",
        )
    return parser
