"""``kaiju infer``: the conclusions of OWL 2 RL."""

from __future__ import annotations

from kaiju_graph.cli.command import ArgumentParser, Namespace, Outcome, Process, load_graph
from kaiju_graph.cli.options import add_format
from kaiju_graph.rdf.formats import FORMATS

__all__ = ["EPILOG", "add_options", "run"]

EPILOG = """examples:
  kaiju infer -f ntriples
  kaiju infer --check"""


def add_options(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_format(parser, *FORMATS)
    parser.add_argument(
        "--reasoner",
        choices=("rules", "owlrl"),
        default="rules",
        help="rules as SPARQL, or the library owlrl, which is slow (default: rules)",
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="compare both reasoners: print what only one of them concludes; exit 1 if they differ",
    )


def run(options: Namespace, process: Process) -> Outcome:
    """Write the conclusions, or those of only one of the two reasoners."""
    from kaiju_graph.cli.render.text import quantity
    from kaiju_graph.errors import InconsistencyError
    from kaiju_graph.rdf import write
    from kaiju_graph.rdf.terms import sort_key

    kg = load_graph(options, process)
    try:
        conclusions = kg.infer(options.reasoner)
        if options.check:
            other = "owlrl" if options.reasoner == "rules" else "rules"
            process.progress(f"inferring by {other}")
            differences = sorted(set(conclusions) ^ set(kg.infer(other)), key=sort_key)
    except InconsistencyError as error:
        return Outcome("", 1, f"error: {error}")
    if not options.check:
        return Outcome(write.write(conclusions, options.format, kg.project))
    text = write.write(differences, "ntriples", kg.project)
    total = quantity(len(conclusions), "conclusion")
    note = f"{total}; {len(differences):,} differ from those of {other}"
    return Outcome(text, int(bool(differences)), note)
