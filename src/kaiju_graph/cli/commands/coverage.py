"""``kaiju coverage``: the passages and words of the article that the graph covers."""

from __future__ import annotations

from kaiju_graph.cli.command import (
    ArgumentParser,
    Namespace,
    Outcome,
    Process,
    load_graph,
    no_project_note,
)
from kaiju_graph.cli.options import add_format

__all__ = ["EPILOG", "add_options", "run"]

EPILOG = """example:
  kaiju coverage --passage plot-3-2,plot-3-3

A word is in structure if a query can find it without reading labels: in the name of a thing, of a
class or of a property, or in a value. What is in a label alone cannot be asked for, so it counts as
if it were in nothing: both are «marked». A word that is left out for a reason (ev:omission) is not.
Articles, pronouns, prepositions, conjunctions and auxiliary verbs do not count. The coverage is
incomplete if a passage states nothing or a word of the article is in no passage."""


def add_options(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_format(parser, "text", "json")
    parser.add_argument(
        "--article", metavar="ARTICLE", help="only this article, by its folder or IRI"
    )
    parser.add_argument("--passage", metavar="P,...", help="only these passages")


def run(options: Namespace, process: Process) -> Outcome:
    """Compare every passage with its graph."""
    from kaiju_graph.cli.render import coverage as render

    kg = load_graph(options, process)
    passages = options.passage.split(",") if options.passage is not None else ()
    coverage = kg.cover(article=options.article, passages=passages)
    text = render.render_coverage(kg, coverage, options.format)
    return Outcome(text, int(not coverage.complete), no_project_note(options))
