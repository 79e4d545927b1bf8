"""Stage 11: quads → text in one of the RDF formats, the same text every time.

Formats of a graph (turtle, ntriples, rdfxml, jsonld) hold the merge of the quads; formats of a
dataset (trig, nquads) keep the named graphs. Every literal comes out as it was written: nothing
comes from an Oxigraph store or an rdflib graph, which rewrite numbers.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from kaiju_graph import jsonld, terms, turtle
from kaiju_graph.errors import SourceError, UsageError
from kaiju_graph.terms import Triple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kaiju_graph.project import Project
    from kaiju_graph.terms import Quad

__all__ = ["FORMATS", "write"]

FORMATS = ("turtle", "trig", "ntriples", "nquads", "jsonld", "rdfxml")
BY_OXIGRAPH = {
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "nquads": ox.RdfFormat.N_QUADS,
    "rdfxml": ox.RdfFormat.RDF_XML,
}


def write(quads: Iterable[Quad | Triple], form: str, project: Project) -> str:
    """Return quads as text: sorted, with the project's prefixes, without a network.

    Args:
        quads: what to write, or triples, which trig and nquads put in the default graph.
        form: one of ``FORMATS``.
        project: its prefixes, and its ``ontology/context.jsonld``.

    Raises:
        UsageError: there is no such format.
        SourceError: the context is not one.
    """
    if form not in FORMATS:
        raise UsageError(f"{form} does not hold a graph; use {', '.join(FORMATS)}")
    statements: set[Quad | Triple] = set(quads)
    if form not in ("trig", "nquads"):
        statements = {Triple(*statement[:3]) for statement in statements}
    if form == "jsonld":
        return jsonld.write((Triple(*statement[:3]) for statement in statements), _context(project))
    prefixes = _used(statements, project)
    if form in ("turtle", "trig"):
        return turtle.write(statements, prefixes, project.shorten)
    ordered = sorted(statements, key=terms.text_order)
    text = terms.serialize(ordered, BY_OXIGRAPH[form], prefixes if form == "rdfxml" else None)
    return text.decode().rstrip("\n") + "\n" if text else ""


def _used(statements: Iterable[Quad | Triple], project: Project) -> dict[str, str]:
    """Return the prefixes that the terms of the statements are shortened with."""
    iris = {
        term.datatype.value if isinstance(term, ox.Literal) else term.value
        for statement in statements
        for term in statement
        if not isinstance(term, ox.BlankNode)
    }
    used = {project.shorten(iri).partition(":")[0] for iri in iris}
    return {name: iri for name, iri in sorted(project.prefixes.items()) if name in used}


def _context(project: Project) -> dict[str, Any]:
    file = "ontology/context.jsonld"
    try:
        context = json.loads(project.read(file))
    except json.JSONDecodeError as error:
        message = f"{file}:{error.lineno}: found no JSON-LD ({error.msg}); expected a context"
        raise SourceError(message) from None
    found = context.get("@context") if isinstance(context, dict) else None
    if not isinstance(found, dict):
        raise SourceError(f"{file}:1: found no JSON-LD context; expected an object in @context")
    return found
