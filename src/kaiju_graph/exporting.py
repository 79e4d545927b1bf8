"""Stage 10: quads → text in one of the RDF formats, the same text every time.

Formats of a graph (turtle, ntriples, rdfxml, jsonld) hold the merge of the quads; formats of a
dataset (trig, nquads) keep the named graphs. Quads never come from an Oxigraph store here: it
rewrites numbers.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from kaiju_graph import terms
from kaiju_graph.errors import SourceError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kaiju_graph.project import Project
    from kaiju_graph.terms import Quad, Triple

__all__ = ["FORMATS", "write"]

STREAMED = {
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "nquads": ox.RdfFormat.N_QUADS,
    "trig": ox.RdfFormat.TRIG,
    "rdfxml": ox.RdfFormat.RDF_XML,
}
FORMATS = ("turtle", "trig", "ntriples", "nquads", "jsonld", "rdfxml")


def write(quads: Iterable[Quad | Triple], form: str, project: Project) -> str:
    """Return quads as text: sorted, with the project's prefixes, without a network.

    Args:
        quads: what to write, or triples, which trig and nquads put in the default graph.
        form: one of ``FORMATS``.
        project: its prefixes, and its ``ontology/context.jsonld``.

    Raises:
        UsageError: there is no such format.
    """
    if form not in FORMATS:
        raise UsageError(f"{form} does not hold a graph; use {', '.join(FORMATS)}")
    if form in ("trig", "nquads"):
        return _streamed(sorted(quads, key=terms.text_order), form, project)
    triples = sorted({terms.Triple(*quad[:3]) for quad in quads}, key=terms.text_order)
    if form in STREAMED:
        return _streamed(triples, form, project)
    graph = terms.graph(triples)
    for prefix, namespace in _used(triples, project).items():
        graph.bind(prefix, namespace, override=True, replace=True)
    if form == "turtle":
        return graph.serialize(format="turtle").strip("\n") + "\n"
    context = _context(project)
    tree = json.loads(graph.serialize(format="json-ld", context=context, auto_compact=False))
    tree["@context"] = context
    return json.dumps(_in_order(tree), ensure_ascii=False, indent=2) + "\n"


def _streamed(statements: list[Any], form: str, project: Project) -> str:
    prefixes = _used(statements, project) if form in ("trig", "rdfxml") else {}
    text = terms.serialize(statements, STREAMED[form], prefixes).decode()
    if form != "trig":
        return text
    # Oxigraph writes the prefixes of TriG in the order of a hash table.
    lines = text.splitlines(keepends=True)
    return "".join(sorted(lines[: len(prefixes)]) + lines[len(prefixes) :])


def _used(statements: Iterable[Any], project: Project) -> dict[str, str]:
    """Return the prefixes whose namespaces the statements use."""
    iris = {
        term.datatype.value if isinstance(term, ox.Literal) else term.value
        for statement in statements
        for term in statement
        if not isinstance(term, ox.BlankNode)
    }
    return {
        prefix: namespace
        for prefix, namespace in sorted(project.prefixes.items())
        if any(iri.startswith(namespace) for iri in iris)
    }


def _context(project: Project) -> dict[str, Any]:
    file = "ontology/context.jsonld"
    try:
        context: dict[str, Any] = json.loads(project.read(file))["@context"]
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 1
        message = f"{file}:{line}: found no JSON-LD context ({error}); expected an @context"
        raise SourceError(message) from None
    return context


def _in_order(tree: Any) -> Any:
    """Sort the keys of objects, and the members of arrays, which are sets unless in a list."""
    if isinstance(tree, dict):
        keys = sorted(tree, key=lambda key: (not key.startswith("@"), key))
        return {
            key: tree[key] if key in ("@context", "@list") else _in_order(tree[key]) for key in keys
        }
    if isinstance(tree, list):
        return sorted(map(_in_order, tree), key=lambda node: json.dumps(node, sort_keys=True))
    return tree
