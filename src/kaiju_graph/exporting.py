"""Stage 11: quads → text in one of the RDF formats, the same text every time.

Formats of a graph (turtle, ntriples, rdfxml) hold the merge of the quads; formats of a dataset
(trig, nquads) keep the named graphs; jsonld does the one or the other. Every literal comes out as
it was written: nothing comes from an Oxigraph store or an rdflib graph, which rewrite numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph import contexts, framing, jsonld, ordering, rdfxml, turtle
from kaiju_graph.errors import UsageError
from kaiju_graph.terms import Quad, Triple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kaiju_graph.project import Project

__all__ = ["CONTEXT", "DATASETS", "FORMATS", "PROFILES", "frame", "write"]

FORMATS = ("turtle", "trig", "ntriples", "nquads", "jsonld", "rdfxml")
DATASETS = ("trig", "nquads")
PROFILES = ("compacted", "expanded", "flattened", "framed")
CONTEXT = "ontology/context.jsonld"


def write(  # noqa: PLR0913 (each is something that a caller may want)
    quads: Iterable[Quad | Triple],
    form: str,
    project: Project,
    *,
    profile: str = "compacted",
    curies: bool = True,
    graphs: bool | None = None,
) -> str:
    """Return quads as text: in the order of the ontology, with the prefixes and keys that it uses.

    Args:
        quads: what to write, or triples, which formats of a dataset put in the default graph.
        form: one of ``FORMATS``.
        project: its prefixes, its ontology and its context.
        profile: for jsonld, one of ``PROFILES`` but framed, which is of one thing.
        curies: for compacted jsonld, whether things are identified by prefixed names.
        graphs: keep the named graphs; None where the format is one of a dataset.

    Raises:
        UsageError: there is no such format, or it cannot hold a term.
        SourceError: the context is not one, or the ontology does not parse.
    """
    if form not in FORMATS:
        raise UsageError(f"{form} does not hold a graph; use {', '.join(FORMATS)}")
    kept = form in DATASETS if graphs is None else graphs
    statements: Iterable[Quad | Triple] = dict.fromkeys(
        statement if kept or isinstance(statement, Triple) else statement.triple
        for statement in quads
    )
    _check(statements)
    if form in ("ntriples", "nquads"):
        return _line_by_line(statements)
    order = ordering.read(project)
    if form in ("turtle", "trig"):
        return turtle.write(statements, order, project)
    if form == "rdfxml":
        triples = (Triple(*statement[:3]) for statement in statements)
        return rdfxml.write(triples, order, project.prefixes)
    if profile == "compacted":
        context = contexts.read(project, CONTEXT)
        return jsonld.compacted(statements, order, context, curies=curies)
    return jsonld.plain(statements, order, flat=profile == "flattened")


def frame(
    root: ox.NamedNode,
    quads: Iterable[Quad | Triple],
    project: Project,
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
    triples = dict.fromkeys(Triple(*quad[:3]) for quad in quads)
    _check(triples)
    order, known = ordering.read(project), contexts.read(project, context)
    return framing.framed(root, triples, order, known, curies=curies)


def _line_by_line(statements: Iterable[Quad | Triple]) -> str:
    """Return N-Triples or N-Quads, sorted by code points (canonical, RDF 1.1 N-Triples, 4)."""
    spelled: dict[object, str] = {}

    def spell(term: object) -> str:
        if isinstance(term, ox.Literal):
            return str(term)
        text = spelled.get(term)
        if text is None:
            text = spelled[term] = str(term)
        return text

    return "".join(sorted(f"{' '.join(map(spell, statement))} .\n" for statement in statements))


def _check(statements: Iterable[Quad | Triple]) -> None:
    """Refuse the terms of RDF 1.2 that no format of RDF 1.1 can hold."""
    for statement in statements:
        value: object = statement.object
        if isinstance(value, ox.Literal):
            if value.direction is not None:
                message = f"found {value}, a text with a direction"
                raise UsageError(f"{message}; the formats are those of RDF 1.1")
        elif isinstance(value, ox.Triple):
            raise UsageError(f"found the triple term {value}; the formats are those of RDF 1.1")
