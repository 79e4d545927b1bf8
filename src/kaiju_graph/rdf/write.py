"""Write quads in one of the graph formats; the same quads give the same text every time.

Formats of a graph (turtle, ntriples, rdfxml) hold the merge of the quads; formats of a dataset
(trig, nquads) keep the named graphs; jsonld does either. Every literal keeps its lexical form:
nothing passes through an Oxigraph store or an rdflib graph, which rewrite numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.errors import UsageError
from kaiju_graph.rdf import order as ordering
from kaiju_graph.rdf import rdfxml, turtle
from kaiju_graph.rdf.collector import CollectorPause
from kaiju_graph.rdf.formats import DATASETS, FORMATS
from kaiju_graph.rdf.jsonld import compact
from kaiju_graph.rdf.jsonld import context as contexts
from kaiju_graph.rdf.jsonld import frame as framing
from kaiju_graph.rdf.jsonld import nest as nesting
from kaiju_graph.rdf.subjects import Memo, group_by_graph, group_by_subject

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from kaiju_graph.rdf.order import Files, Order
    from kaiju_graph.rdf.subjects import Subjects
    from kaiju_graph.rdf.terms import Quad, Triple

__all__ = ["CONTEXT", "PROFILES", "WRITERS", "can_hold", "frame", "nest", "write"]

PROFILES = ("compacted", "expanded", "flattened", "framed")
CONTEXT = "ontology/context.jsonld"


class _Document(NamedTuple):
    """Statements to write, and how."""

    statements: Sequence[Quad | Triple]
    project: Files
    profile: str
    curies: bool
    named: bool
    """Keep the named graphs."""
    first: Iterable[ox.NamedNode]
    context_url: str | None

    @property
    def order(self) -> Order:
        """The order of classes and properties."""
        return ordering.read(self.project, self.first)

    def graphs(self, order: Order) -> dict[ox.NamedNode | None, Subjects]:
        """Return the statements of each graph; None is the name of the default graph."""
        if self.named:
            return group_by_graph(self.statements, order)
        return {None: group_by_subject(self.statements, order)}


def write(  # noqa: PLR0913 (each is something that a caller may want)
    quads: Iterable[Quad | Triple],
    form: str,
    project: Files,
    *,
    profile: str = "compacted",
    curies: bool = True,
    graphs: bool | None = None,
    first: Iterable[ox.NamedNode] = (),
    context_url: str | None = None,
) -> str:
    """Return quads as text, in the order of the ontology, with the prefixes and keys they use.

    Args:
        quads: quads, or triples, which formats of a dataset put in the default graph.
        form: one of ``FORMATS``.
        project: its prefixes, its ontology and its context.
        profile: for jsonld, one of ``PROFILES`` except framed, which describes one thing.
        curies: for compacted jsonld, identify things by prefixed names.
        graphs: keep the named graphs; None keeps them in formats of a dataset.
        first: classes and properties to put before those of the ontology, in their order.
        context_url: for compacted jsonld, link to the context at this URL.

    Raises:
        UsageError: there is no such format, or it cannot hold a term.
        SourceError: the context is invalid, or the ontology does not parse.
    """
    if form not in FORMATS:
        raise UsageError(f"{form} does not hold a graph; use {', '.join(FORMATS)}")
    with CollectorPause():
        statements = list(quads)
        _check(statements)
        named = form in DATASETS if graphs is None else graphs
        document = _Document(statements, project, profile, curies, named, first, context_url)
        return WRITERS[form](document)


def can_hold(form: str, statements: Collection[Quad | Triple], project: Files) -> bool:
    """Tell whether a format can hold statements, without writing them.

    Args:
        form: one of ``FORMATS``; jsonld is one of the profiles with a context.
        statements: quads, or triples.
        project: its context and its prefixes.

    Raises:
        SourceError: the context is invalid.
    """
    try:
        _check(statements)
        if form in CHECKS:
            CHECKS[form](statements, project)
    except UsageError:
        return False
    return True


def frame(
    root: ox.NamedNode,
    quads: Iterable[Quad | Triple],
    project: Files,
    *,
    curies: bool = True,
    context_url: str | None = None,
) -> str:
    """Return the description of a thing as one nested document of JSON-LD.

    Args:
        root: the thing.
        quads: the description of it and of what it names; their graphs do not matter.
        project: its prefixes, its ontology and its context.
        curies: identify things by prefixed names.
        context_url: link to the context at this URL.

    Raises:
        UsageError: a statement has no place in the document, or JSON-LD cannot hold it.
        SourceError: the context is invalid, or the ontology does not parse.
    """
    statements = list(quads)
    _check(statements)
    order = ordering.read(project)
    context = contexts.read(project, CONTEXT, project.prefixes)
    subjects = group_by_subject(statements, order)
    return framing.write_framed(root, subjects, context, order, curies=curies, link=context_url)


def nest(
    root: ox.NamedNode,
    triples: Iterable[Triple],
    project: Files,
    context: str,
    *,
    context_url: str | None = None,
) -> str:
    """Return the description of a thing in the terms of a stored profile.

    Args:
        root: the thing.
        triples: the description of it and of what it names.
        project: its ontology.
        context: the file of the context, relative to the root of the project.
        context_url: link to the context at this URL.

    Raises:
        UsageError: a statement has no place in the document, or JSON-LD cannot hold it.
        SourceError: the context is invalid, or the ontology does not parse.
    """
    statements = list(triples)
    _check(statements)
    subjects = group_by_subject(statements, ordering.read(project))
    return nesting.write_nested(root, subjects, contexts.read(project, context), link=context_url)


def _write_turtle(document: _Document) -> str:
    order = document.order
    return turtle.write(document.graphs(order), order, document.project.prefixes)


def _write_lines(document: _Document) -> str:
    """Return N-Triples or N-Quads in canonical form (RDF 1.1 N-Triples, 4), sorted and distinct."""
    width = 4 if document.named else 3
    text = Memo(str).__getitem__
    return "".join(sorted({f"{' '.join(map(text, s[:width]))} .\n" for s in document.statements}))


def _write_jsonld(document: _Document) -> str:
    graphs = document.graphs(document.order)
    if document.profile == "compacted":
        context = contexts.read(document.project, CONTEXT, document.project.prefixes)
        return compact.write_compacted(
            graphs, context, curies=document.curies, link=document.context_url
        )
    return compact.write_plain(graphs, flat=document.profile == "flattened")


def _write_rdfxml(document: _Document) -> str:
    return rdfxml.write(
        group_by_subject(document.statements, document.order), document.project.prefixes
    )


WRITERS = {
    "turtle": _write_turtle,
    "trig": _write_turtle,
    "ntriples": _write_lines,
    "nquads": _write_lines,
    "jsonld": _write_jsonld,
    "rdfxml": _write_rdfxml,
}
"""Format → the function that writes it."""


def _check_jsonld(statements: Iterable[Quad | Triple], project: Files) -> None:
    """Raise an error for an IRI that a document with a context cannot hold."""
    context = contexts.read(project, CONTEXT, project.prefixes)
    terms = {term for s in statements for term in (s.subject, s.predicate, s.object)}
    for term in terms:
        node = term.datatype if isinstance(term, ox.Literal) else term
        if isinstance(node, ox.NamedNode):
            context.compact(node.value)


CHECKS: dict[str, Callable[[Collection[Quad | Triple], Files], None]] = {
    "jsonld": _check_jsonld,
    "rdfxml": lambda statements, _: rdfxml.check(statements),
}
"""Format → the function that raises an error for what that format alone cannot hold."""


def _check(statements: Iterable[Quad | Triple]) -> None:
    """Raise an error for terms of RDF 1.2, which no format of RDF 1.1 can hold."""
    for statement in statements:
        value: object = statement[2]
        if isinstance(value, ox.Literal):
            if value.direction is not None:
                message = f"found {value}, a text with a direction"
                raise UsageError(f"{message}; the formats are those of RDF 1.1")
        elif isinstance(value, ox.Triple):
            raise UsageError(f"found the triple term {value}; the formats are those of RDF 1.1")
