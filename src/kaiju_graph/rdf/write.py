"""Stage 11: quads → text in one of the RDF formats, the same text every time.

Formats of a graph (turtle, ntriples, rdfxml) hold the merge of the quads; formats of a dataset
(trig, nquads) keep the named graphs; jsonld does the one or the other. Every literal comes out as
it was written: nothing comes from an Oxigraph store or an rdflib graph, which rewrite numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.errors import UsageError
from kaiju_graph.rdf import order as ordering
from kaiju_graph.rdf import rdfxml, turtle
from kaiju_graph.rdf.collector import Pause
from kaiju_graph.rdf.jsonld import compact
from kaiju_graph.rdf.jsonld import context as contexts
from kaiju_graph.rdf.jsonld import frame as framing
from kaiju_graph.rdf.subjects import Memo, group, group_by_graph

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kaiju_graph.rdf.files import Files
    from kaiju_graph.rdf.subjects import Grouped
    from kaiju_graph.rdf.terms import Quad, Triple

__all__ = ["CONTEXT", "DATASETS", "FORMATS", "PROFILES", "frame", "write"]

FORMATS = ("turtle", "trig", "ntriples", "nquads", "jsonld", "rdfxml")
DATASETS = ("trig", "nquads")
PROFILES = ("compacted", "expanded", "flattened", "framed")
CONTEXT = "ontology/context.jsonld"


def write(  # noqa: PLR0913 (each is something that a caller may want)
    quads: Iterable[Quad | Triple],
    form: str,
    project: Files,
    *,
    profile: str = "compacted",
    curies: bool = True,
    graphs: bool | None = None,
    first: Iterable[ox.NamedNode] = (),
) -> str:
    """Return quads as text: in the order of the ontology, with the prefixes and keys that it uses.

    Args:
        quads: what to write, or triples, which formats of a dataset put in the default graph.
        form: one of ``FORMATS``.
        project: its prefixes, its ontology and its context.
        profile: for jsonld, one of ``PROFILES`` but framed, which is of one thing.
        curies: for compacted jsonld, whether things are identified by prefixed names.
        graphs: keep the named graphs; None where the format is one of a dataset.
        first: classes and properties to be read before those of the ontology, in their order.

    Raises:
        UsageError: there is no such format, or it cannot hold a term.
        SourceError: the context is not one, or the ontology does not parse.
    """
    if form not in FORMATS:
        raise UsageError(f"{form} does not hold a graph; use {', '.join(FORMATS)}")
    with Pause():
        statements = list(quads)
        _check(statements)
        kept = form in DATASETS if graphs is None else graphs
        if form in ("ntriples", "nquads"):
            return _line_by_line(statements, 4 if kept else 3)
        order = ordering.read(project, first)
        if form == "rdfxml":
            return rdfxml.write(group(statements, order), project.prefixes)
        grouped: dict[ox.NamedNode | None, Grouped]
        grouped = group_by_graph(statements, order) if kept else {None: group(statements, order)}
        if form in ("turtle", "trig"):
            return turtle.write(grouped, order, project.prefixes)
        if profile == "compacted":
            return compact.compacted(grouped, contexts.read(project, CONTEXT), curies=curies)
        return compact.plain(grouped, flat=profile == "flattened")


def frame(
    root: ox.NamedNode,
    quads: Iterable[Quad | Triple],
    project: Files,
    *,
    context: str = CONTEXT,
    curies: bool = True,
) -> str:
    """Return the description of a thing as one nested document of JSON-LD.

    Args:
        root: the thing.
        quads: what is said of it, and of what it names; their graphs do not matter.
        project: its ontology.
        context: the file of the context, relative to the root of the project.
        curies: whether things are identified by prefixed names.

    Raises:
        UsageError: something has no place in the document, or JSON-LD cannot hold it.
        SourceError: the context is not one, or the ontology does not parse.
    """
    statements = list(quads)
    _check(statements)
    grouped = group(statements, ordering.read(project))
    return framing.framed(root, grouped, contexts.read(project, context), curies=curies)


def _line_by_line(statements: Iterable[Quad | Triple], width: int) -> str:
    """Return N-Triples (of three terms a line) or N-Quads, sorted by code points, each line once.

    The lines are canonical: RDF 1.1 N-Triples, section 4.
    """
    spell = Memo(str).__getitem__
    return "".join(sorted({f"{' '.join(map(spell, s[:width]))} .\n" for s in statements}))


def _check(statements: Iterable[Quad | Triple]) -> None:
    """Refuse the terms of RDF 1.2 that no format of RDF 1.1 can hold."""
    for statement in statements:
        value: object = statement[2]
        if isinstance(value, ox.Literal):
            if value.direction is not None:
                message = f"found {value}, a text with a direction"
                raise UsageError(f"{message}; the formats are those of RDF 1.1")
        elif isinstance(value, ox.Triple):
            raise UsageError(f"found the triple term {value}; the formats are those of RDF 1.1")
