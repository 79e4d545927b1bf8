"""What the command ``kaiju`` takes: the parser of its subcommands and options."""

from __future__ import annotations

from argparse import REMAINDER, SUPPRESS, RawDescriptionHelpFormatter

from kaiju_graph import __version__
from kaiju_graph.cli import options
from kaiju_graph.cli.parser import INTERNAL, Parser

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Callable, Collection

__all__ = ["REPORT", "parser"]

ABOUT = """A knowledge graph of a document whose every triple points to the words that say it.

start here:
  kaiju ask                  list the stored questions
  kaiju ask who-directed     answer one of them
  kaiju describe ev:Passage  show all that is known of a thing
"""
CODES = """exit codes:
  0   good
  1   a negative answer: does not conform; does not follow; differs; nothing is named so; with
      --exit-status, ASK is false or there is no row
  2   a wrong call
  3   bad input: SPARQL, Turtle, a parameter, a name
  4   a file or folder that cannot be read or written
  5   a limit of time or size
  70  a bug"""
COMPLETION = """in a file that the shell reads at its start:
  bash  eval "$(kaiju completion bash)"
  zsh   eval "$(kaiju completion zsh)"    after compinit
  fish  kaiju completion fish | source"""
REPORT = """turtle is the report of SHACL, section 3.6, of what shapes say; json:
  {"conforms": false, "severities": {"error": 1, ...}, "rules": {NAME: how many violations, ...},
   "omitted": how many --first leaves out,
   "violations": [{"rule", "severity", "message", "file", "line", "column",
                   "text": the line, "width": how much of it is meant, from the column,
                   "focus", "path", "value": terms or null, "passage", "section", "sentence",
                   "obligation": what the rule says, "source": {"file", "line"} of the rule,
                   "because": the statement by which the rule binds the focus,
                   "nearest": [{"text": what would do, "note"}],
                   "first": {"file", "line", "column", "rule"} of what to mend before this}]}"""
DIFFERENCE = """Statements are compared graph by graph, but for layers of which a file has nothing;
where a side is a file of one graph, as one graph without layers. Each side is asked its own stored
questions; a file is asked those of the other side, and two files those of the project at hand.

json:
  {"equal": false, "old": NAME, "new": NAME, "asked": how many questions were,
   "uncompared": {LAYER: the NAME of the only side that has it},
   "statements": [{"layer", "graph", "added": true or false,
                   "subject", "predicate", "object": each as in SPARQL Results JSON, "label"}],
   "answers": [{"question", "summary", "only": "old", "new" or null,
                "removed": [rows as in SPARQL Results JSON], "added": [rows]}]}"""

SUBCOMMANDS: dict[str, tuple[str, tuple[str, ...], Callable[[ArgumentParser], None], str]] = {
    "ask": (
        "answer a stored question, or list them",
        (
            "kaiju ask who-directed",
            "kaiju ask --tag evidence",
            "kaiju ask producers-in-order -p position=2 -f json",
        ),
        options.ask,
        "",
    ),
    "query": (
        "answer a SPARQL 1.1 query; known prefixes are added when missing",
        (
            "kaiju query 'SELECT ?name { ?film a film:Film ; rdfs:label ?name }'",
            "kaiju query --file question.rq -f json",
        ),
        options.query,
        "",
    ),
    "describe": (
        "show all that is known of a thing, and which passage says it",
        ("kaiju describe ev:Passage",),
        options.describe,
        "",
    ),
    "why": (
        "show why something is so: the rules, and the words that say it; exit 1 where it is not",
        (
            "kaiju why film:director a owl:ObjectProperty",
            "kaiju why film:Film rdfs:subClassOf film:Work --all",
        ),
        options.why,
        "",
    ),
    "search": (
        "find things by name, in any language, case and accents folded; exit 1 where there is none",
        ("kaiju search passage",),
        options.search,
        "",
    ),
    "validate": (
        "hold the graph against its shapes and the article; exit 1 where it does not conform",
        ("kaiju validate --first", "kaiju validate --rule quote --rule context -f github"),
        options.validate,
        REPORT,
    ),
    "infer": (
        "show what follows from the graph by OWL 2 RL",
        ("kaiju infer -f ntriples", "kaiju infer --check"),
        options.infer,
        "",
    ),
    "coverage": (
        "read the article passage by passage; exit 1 while one says nothing or words are in none",
        ("kaiju coverage",),
        options.coverage,
        "",
    ),
    "export": (
        "write the graph as linked data",
        (
            "kaiju export -f jsonld -o graph.jsonld",
            "kaiju export -f nquads --layer stated,evidence",
            "kaiju export --thing film:Film -f jsonld",
            "kaiju export --all release",
        ),
        options.export,
        "",
    ),
    "diff": (
        "show what differs between two states of the graph, and which answers; exit 1 if any",
        ("kaiju diff HEAD~1 .", "kaiju diff before.nq after.nq -f json"),
        options.diff,
        DIFFERENCE,
    ),
    "stats": ("count what the graph holds", ("kaiju stats",), options.stats, ""),
    "cache": (
        "show or clear what is kept between two runs (in KAIJU_CACHE)",
        ("kaiju cache --clear",),
        options.cache,
        "",
    ),
    "completion": (
        "print what makes a shell complete commands, options, questions and things",
        ("kaiju completion bash",),
        options.completion,
        COMPLETION,
    ),
}
"""Name → what it does, examples, what adds its options, and what else its help says."""


def parser(words: Collection[str] = SUBCOMMANDS) -> Parser:
    """Return the parser of the whole command; it sets ``command`` to the subcommand's name.

    Args:
        words: what is to be parsed: subcommands that are not among it get no options, as each
            costs time.
    """
    common = Parser(add_help=False, argument_default=SUPPRESS)
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
    whole = Parser(
        prog="kaiju",
        description=ABOUT,
        epilog=CODES,
        formatter_class=RawDescriptionHelpFormatter,
        parents=[common],
    )
    whole.add_argument("--version", action="version", version=f"kaiju-graph {__version__}")
    commands = whole.add_subparsers(metavar="COMMAND", dest="command")
    whole.set_defaults(command="help", topic=None)

    for name, (summary, examples, fill, more) in SUBCOMMANDS.items():
        if name not in words:
            commands.add_parser(name, help=summary, add_help=False)
            continue
        shown = "\n  ".join(("examples:" if len(examples) > 1 else "example:", *examples))
        command = commands.add_parser(
            name,
            help=summary,
            description=f"{summary[0].upper()}{summary[1:]}.",
            epilog=f"{shown}\n\n{more}".rstrip(),
            formatter_class=RawDescriptionHelpFormatter,
            parents=[common],
        )
        fill(command)
    # What is typed without being looked up is not listed.
    commands.add_parser("help", parents=[common]).add_argument(
        "topic", nargs="?", metavar="COMMAND", choices=commands.choices, help="which command's"
    )
    commands.add_parser("version", parents=[common])
    complete = commands.add_parser(INTERNAL, parents=[common])
    complete.add_argument("shell", choices=options.SHELLS)
    complete.add_argument("index", type=int)
    complete.add_argument("words", nargs=REMAINDER)
    return whole
