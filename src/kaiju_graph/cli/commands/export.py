"""``kaiju export``: the graph, or a part of it, as linked data."""

from __future__ import annotations

import os
from argparse import BooleanOptionalAction

from kaiju_graph.cli import FORMAT
from kaiju_graph.cli.command import ArgumentParser, Namespace, Outcome, Process, load_graph
from kaiju_graph.cli.options import add_layers, add_output, format_type
from kaiju_graph.rdf.formats import ENDINGS, FORMATS

__all__ = ["EPILOG", "add_options", "run"]

EPILOG = """examples:
  kaiju export -f jsonld -o graph.jsonld
  kaiju export -f nquads --layer stated,evidence
  kaiju export --thing {thing} -f jsonld
  kaiju export --thing {thing} -f jsonld --no-symmetric
  kaiju export --all release
  kaiju export --all release --base https://example.org/film/"""

PARTS = {
    "output": None,
    "format": None,
    "layer": None,
    "profile": None,
    "ids": None,
    "thing": None,
    "passage": None,
    "with_evidence": False,
    "inferred": None,
    "symmetric": None,
    "context_url": None,
}
"""Option that selects a part of the graph or its form → its default."""


def add_options(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_output(parser)
    parser.add_argument(
        "--all",
        metavar="DIR",
        help="write a folder to publish instead: the graph in every format, its catalogue (VoID, "
        "DCAT), ontology, shapes, questions with their answers, pages to look at, checksums; an "
        "existing release is replaced",
    )
    parser.add_argument(
        "--base",
        metavar="URL",
        help="with --all: where the folder will be on the web; the catalogue has the addresses of "
        "the files and of the first page there",
    )
    parser.add_argument(
        "--endpoint",
        metavar="URL",
        help="with --all: a SPARQL endpoint of the graph for the catalogue (default: sparql below "
        "--base, where kaiju serve has it; '' is none)",
    )
    parser.add_argument(
        "--draft",
        action="store_true",
        help="with --all: also if passages are not modelled yet (ev:status)",
    )
    parser.add_argument(
        *FORMAT,
        metavar="FORMAT",
        type=format_type(FORMATS),
        choices=tuple(FORMATS),
        help=f"{', '.join(FORMATS)} (default: by the ending of FILE, else turtle); trig and nquads "
        "keep the passages",
    )
    add_layers(parser)
    parser.add_argument(
        "--profile",
        metavar="PROFILE",
        help="form of jsonld: framed (one thing as one nested document; the default with --thing), "
        "compacted (the default otherwise), expanded, flattened, or one of ontology/profiles",
    )
    parser.add_argument(
        "--ids", choices=("curie", "iri"), help="how jsonld identifies things (default: curie)"
    )
    parser.add_argument(
        "--thing", metavar="THING", help="only the description of an IRI, a CURIE or a label"
    )
    parser.add_argument(
        "--symmetric",
        action=BooleanOptionalAction,
        help="with --thing: with or without what other things state about it (default: with, if "
        "framed); not what more than 50 things state by one property",
    )
    parser.add_argument(
        "--context-url",
        metavar="URL",
        help="link jsonld to its context at this URL instead of including it; the file is "
        "ontology/context.jsonld, or that of the profile",
    )
    parser.add_argument("--passage", metavar="P,...", help="only what these passages state")
    parser.add_argument(
        "--with-evidence",
        action="store_true",
        help="add Web Annotations, which link each passage's graph to its words in the article",
    )
    parser.add_argument(
        "--inferred", action=BooleanOptionalAction, help="with or without inferred triples"
    )


def run(options: Namespace, process: Process) -> Outcome:
    """Write a graph, or a part of it, to standard output or a file, or a release to a folder."""
    from kaiju_graph.errors import UsageError

    kg = load_graph(options, process)
    if options.all is not None:
        _refuse_parts(options)
        from kaiju_graph.web.pages import site

        web = {"base": options.base, "endpoint": options.endpoint}
        site.release(kg, options.all, draft=options.draft, **web)
        return Outcome("")
    for name in ("draft", "base", "endpoint"):
        if getattr(options, name) not in (None, False):
            raise UsageError(f"found --{name} without --all; expected both")
    ending = os.path.splitext(options.output or "")[1]
    form = options.format or ENDINGS.get(ending)
    if ending and not (form or options.profile):
        known = ", ".join(ENDINGS)
        raise UsageError(f"{options.output}: found the ending {ending}; expected {known}, or -f")
    text = kg.export(
        form,
        profile=options.profile,
        thing=options.thing,
        passages=options.passage.split(",") if options.passage is not None else (),
        evidence=options.with_evidence,
        inferred=options.inferred,
        ids=options.ids,
        symmetric=options.symmetric,
        context_url=options.context_url,
    )
    return Outcome(text)


def _refuse_parts(options: Namespace) -> None:
    """Refuse options that select a part, since a release holds everything."""
    from kaiju_graph.errors import UsageError

    for name, default in PARTS.items():
        value = getattr(options, name)
        if value is not default:
            flag = f"no-{name}" if value is False else name.replace("_", "-")
            raise UsageError(f"found --all and --{flag}; a release has everything, in every format")
