"""``kaiju export``: the graph, or a part of it, as linked data."""

from __future__ import annotations

import os
from argparse import BooleanOptionalAction

from kaiju_graph.cli import FORMAT
from kaiju_graph.cli.command import (
    ArgumentParser,
    Namespace,
    Outcome,
    Process,
    load_data,
    load_graph,
)
from kaiju_graph.cli.options import (
    DATA_DETAILS,
    WITH_DATA,
    WITHOUT_DATA,
    add_data_options,
    add_layers,
    add_output,
    format_type,
    refuse_options,
)
from kaiju_graph.rdf.formats import ENDINGS, FORMATS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kaiju_graph.api import KnowledgeGraph

__all__ = ["EPILOG", "add_options", "run"]

EPILOG = """examples:
  kaiju export -f jsonld -o graph.jsonld
  kaiju export -f nquads --layer stated,evidence
  kaiju export --thing {thing} -f jsonld
  kaiju export --thing {thing} -f jsonld --no-symmetric
  kaiju export --all release
  kaiju export --all release --base https://example.org/film/
  kaiju export --data old.rdf -o new.ttl"""

PARTS: dict[str, object] = {
    "layer": None,
    "profile": None,
    "ids": None,
    "thing": None,
    "passage": None,
    "with_evidence": False,
    "symmetric": None,
    "context_url": None,
}
"""Option that selects a part of the graph of a project → its default."""
FORMS = {"output": None, "format": None, "inferred": None}
RELEASE: dict[str, object] = {"draft": False, "base": None, "endpoint": None}


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
    add_data_options(parser)
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
        "--inferred",
        action=BooleanOptionalAction,
        help="with or without inferred triples (default: with those of a project)",
    )


def run(options: Namespace, process: Process) -> Outcome:
    """Write a graph, or a part of it, to standard output or a file, or a release to a folder."""
    if options.data is not None:
        refuse_options(options, PARTS | RELEASE | {"all": None}, WITH_DATA)
        return _convert(options, process)
    if options.all is not None:
        whole = "found --all and {}; a release has everything, in every format"
        refuse_options(options, PARTS | FORMS | DATA_DETAILS, whole)
        from kaiju_graph.web.pages import engine, site

        kg = load_graph(options, process, memory=True)
        site.release(
            kg,
            options.all,
            draft=options.draft,
            base=options.base,
            endpoint=options.endpoint,
            mebibytes=process.watch.mebibytes,
        )
        notes = (_draft_note(kg), engine.missing_note())
        return Outcome("", note="; ".join(filter(None, notes)))
    refuse_options(options, DATA_DETAILS, WITHOUT_DATA)
    refuse_options(options, RELEASE, "found {} without --all; expected both")
    kg = load_graph(options, process)
    form = _find_format(options)
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


def _draft_note(kg: KnowledgeGraph) -> str:
    """Return how much of the articles is not modelled yet; empty if nothing."""
    figures = kg.stats()
    drafts = figures["passages not modelled yet"]
    return f"{drafts} of {figures['passages']} passages are not modelled yet" if drafts else ""


def _convert(options: Namespace, process: Process) -> Outcome:
    """Write data files in another format, or again in their own."""
    form = _find_format(options)
    data = load_data(options, process, inferred=bool(options.inferred))
    return Outcome(data.export(form))


def _find_format(options: Namespace) -> str | None:
    """Return the format that the options name, or the ending of the file; None if neither does."""
    from kaiju_graph.errors import UsageError

    ending = os.path.splitext(options.output or "")[1]
    form: str | None = options.format or ENDINGS.get(ending)
    if ending and not (form or options.profile):
        known = ", ".join(ENDINGS)
        raise UsageError(f"{options.output}: found the ending {ending}; expected {known}, or -f")
    return form
