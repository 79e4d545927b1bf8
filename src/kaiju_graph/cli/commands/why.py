"""``kaiju why``: the proof of a statement."""

from __future__ import annotations

from kaiju_graph.cli.command import ArgumentParser, Namespace, Outcome, Process, open_graph
from kaiju_graph.cli.options import add_endpoint, add_format
from kaiju_graph.pictures.formats import FORMATS

__all__ = ["EPILOG", "add_options", "run"]

EPILOG = """examples:
  kaiju why {thing} a {class}
  kaiju why film:Film rdfs:subClassOf film:Work --all
  kaiju why {thing} a {class} -f mermaid"""


def add_options(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("subject", metavar="SUBJECT", help="an IRI, a CURIE or a label")
    parser.add_argument("predicate", metavar="PREDICATE", help="the same, or a")
    parser.add_argument(
        "object",
        metavar="OBJECT",
        help='the same, or a literal: "text"@en, "1996-07-13"^^xsd:date, a number',
    )
    parser.add_argument(
        "--all",
        action="store_true",
        help="show every possible last step, each with its shortest proof",
    )
    add_endpoint(parser)
    add_format(parser, "text", "markdown", "json", "turtle", *FORMATS)


def run(options: Namespace, process: Process) -> Outcome:
    """Prove a statement, or show the contradiction from which anything follows."""
    from kaiju_graph.api import KnowledgeGraph
    from kaiju_graph.cli.render import proof
    from kaiju_graph.errors import InconsistencyError, UsageError

    if options.all and options.format in FORMATS:
        raise UsageError(f"{options.format} holds one proof; leave out --all")
    kg = open_graph(options, process)
    statement = (options.subject, options.predicate, options.object)
    try:
        explanation, grounds = kg.why(*statement, every=options.all), kg.grounds
    except InconsistencyError as error:
        if not isinstance(kg, KnowledgeGraph):  # the sources do not have what the endpoint has
            raise
        from kaiju_graph.evidence.grounds import explain_contradiction

        grounds, explanation = explain_contradiction(error, kg.project)
        text = proof.render_proof(grounds, explanation, options.format, process.width)
        return Outcome(text, 1, f"error: {error}")
    text = proof.render_proof(grounds, explanation, options.format, process.width)
    return Outcome(text, int(not explanation.proofs))
