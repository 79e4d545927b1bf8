"""``kaiju search``: find things by their names and other texts."""

from __future__ import annotations

from kaiju_graph.cli.command import ArgumentParser, Namespace, Outcome, Process, open_graph
from kaiju_graph.cli.options import add_endpoint, add_format

__all__ = ["EPILOG", "add_options", "run"]

MAX_LENGTH = 1000
"""How many characters the words may have; each name is compared with them."""
EPILOG = """example:
  kaiju search {word}"""


def add_options(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("words", nargs="+", metavar="WORDS", help="words of a name or title")
    add_endpoint(parser)
    add_format(parser, "text", "csv", "json")


def run(options: Namespace, process: Process) -> Outcome:
    """List the things with a name or another text that has the words."""
    from kaiju_graph.cli.render import lists
    from kaiju_graph.errors import UsageError
    from kaiju_graph.project.spelling import WORD, did_you_mean

    words = " ".join(options.words)
    if not words.strip():
        raise UsageError("found no words; expected some words of a name")
    if len(words) > MAX_LENGTH:
        found = f"found {len(words):,} characters"
        raise UsageError(f"{found}; expected at most {MAX_LENGTH:,}, some words of a name")
    kg = open_graph(options, process)
    hits = kg.search(words)
    text = lists.render_hits(hits, options.format, kg.project, process.width)
    if hits:
        return Outcome(text, pages=True)
    known = dict.fromkeys(part for name in kg.names.things for part in (name, *WORD.findall(name)))
    return Outcome(text, 1, f"nothing is named {words!r}{did_you_mean(words, known)}")
