"""Write JSON-LD 1.1 in its expanded, flattened and compacted forms.

A compacted document contains the part of the context that it uses. A value is under a key that
coerces it to exactly this value; without such a key it is an expanded value object under the CURIE
of its property. Only the definition of a key (``@container``) decides whether it has an array, so
it is the same in every node.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from kaiju_graph.rdf.jsonld.context import Key
from kaiju_graph.rdf.terms import TYPE, XSD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kaiju_graph.rdf.jsonld.context import Context
    from kaiju_graph.rdf.subjects import Properties, Subjects
    from kaiju_graph.rdf.terms import Term

    Graphs = dict[ox.NamedNode | None, Subjects]
    """Name → graph; None names the default graph."""

__all__ = [
    "NATIVE",
    "CompactedNodes",
    "Compactor",
    "add_value",
    "to_json",
    "write_compacted",
    "write_plain",
]

NATIVE = {
    XSD + "integer": re.compile(r"0|-?[1-9][0-9]{0,14}"),
    XSD + "boolean": re.compile(r"true|false"),
}
"""Datatype → the lexical forms that JSON writes the same way, as a number or boolean."""
STRINGS = re.compile(r'\[\n\s+("(?:[^"\\]|\\.)*"(?:,\n\s+"(?:[^"\\]|\\.)*")*)\n\s*\]')
"""An indented JSON array of strings."""
WIDTH = 80
"""Columns; an array of strings that fits is on one line."""


def write_plain(graphs: Graphs, *, flat: bool) -> str:
    """Return graphs as JSON-LD without a context, in flattened or expanded document form.

    In flattened form every blank node has a label; in expanded form a blank node that is used once
    is nested in its place.
    """
    if flat:
        graphs = {name: graphs[name].with_labels() for name in graphs}
    return to_json(_document({name: _Nodes(graphs[name]) for name in graphs}))


def write_compacted(
    graphs: Graphs, context: Context, *, curies: bool = True, link: str | None = None
) -> str:
    """Return graphs as JSON-LD with the keys of a context; CURIEs or IRIs identify things."""
    compactor = Compactor(context, curies=curies)
    nodes = _document({name: CompactedNodes(graphs[name], compactor) for name in graphs})
    return to_json({"@context": compactor.context_used(link), "@graph": nodes})


def _document(graphs: dict[ox.NamedNode | None, _Nodes]) -> list[Any]:
    """Return the nodes of the default graph, and one node for each named graph."""
    document: list[Any] = []
    for name, graph in graphs.items():
        nodes = [graph.node(node) for node in graph.subjects.top()]
        document += nodes if name is None else [{"@id": graph.id(name), "@graph": nodes}]
    return document


class _Nodes:
    """The node objects of a graph in expanded form, with full IRIs and with values as objects."""

    def __init__(self, subjects: Subjects) -> None:
        self.subjects = subjects
        self.unlabelled = subjects.nested | subjects.unused

    def node(self, node: Term) -> dict[str, Any]:
        """Return a node object with all its properties."""
        return self.node_object(node, self.subjects.properties[node])

    def node_object(self, node: Term, properties: Properties) -> dict[str, Any]:
        """Return a node object with some properties."""
        result: dict[str, Any] = {} if node in self.unlabelled else {"@id": self.id(node)}
        for predicate, values in properties.items():
            if predicate == TYPE and all(isinstance(value, ox.NamedNode) for value in values):
                result["@type"] = [self.vocabulary_id(value) for value in values]
            else:
                self.add(result, predicate, values)
        return result

    def add(self, result: dict[str, Any], predicate: ox.NamedNode, values: list[Term]) -> None:
        """Add the values of a predicate to a node object."""
        result[predicate.value] = [self.value(value) for value in values]

    def value(self, value: Term) -> dict[str, Any]:
        """Return a value that no key coerces."""
        if isinstance(value, ox.Literal):
            if value.language:
                return {"@language": value.language, "@value": value.value}
            if value.datatype.value == XSD + "string":
                return {"@value": value.value}
            return {"@type": self.vocabulary_id(value.datatype), "@value": value.value}
        if value in self.subjects.lists:
            return {"@list": [self.value(member) for member in self.subjects.lists[value]]}
        return self.reference(value)

    def reference(self, node: Term) -> dict[str, Any]:
        """Return a node as a value."""
        return self.node(node) if node in self.subjects.nested else {"@id": self.id(node)}

    def id(self, term: Term) -> str:
        """Return the identifier of a node."""
        return term.value if isinstance(term, ox.NamedNode) else str(term)

    def vocabulary_id(self, term: Term) -> str:
        """Return the identifier of a class, datatype or individual of the ontology."""
        return self.id(term)


class Compactor:
    """Shortens IRIs by a context, and keeps the definitions that it used."""

    def __init__(self, context: Context, *, curies: bool) -> None:
        self.context = context
        self.curies = curies
        self.used: set[str] = set()
        self.known: dict[tuple[str, bool], str] = {}

    def context_used(self, link: str | None = None) -> Any:
        """Return the part of the context that a document needs.

        With the URL of the context's file, return this link, and the definitions that the file
        does not have, which are prefixes of articles.
        """
        used = self.context.subset(self.used)
        if link is None:
            return used
        own = {name: used[name] for name in used if self.context.file.get(name) != used[name]}
        return [link, own] if own else link

    def compact(self, iri: str, *, vocabulary: bool = False) -> str:
        """Return an IRI as a CURIE or in full; as a term if terms of the vocabulary are allowed."""
        short = self.known.get((iri, vocabulary))
        if short is None:
            context = self.context
            form = context.compact if vocabulary or self.curies else context.absolute
            short = (vocabulary and context.term(iri)) or form(iri)
            self.known[iri, vocabulary] = short
            self.used.add(short.partition(":")[0])
        return short


class CompactedNodes(_Nodes):
    """The node objects of a graph, in compacted form."""

    numbers: Mapping[str, re.Pattern[str]] = NATIVE

    def __init__(self, subjects: Subjects, compactor: Compactor) -> None:
        super().__init__(subjects)
        self.compactor = compactor

    def add(self, result: dict[str, Any], predicate: ox.NamedNode, values: list[Term]) -> None:
        """Add each value under the key that coerces it; a language map gets all languages."""
        keys = self.compactor.context.keys.get(predicate.value, [])
        chosen = [self.key(keys, predicate, value) for value in values]
        by_language = next((key for key in chosen if "@language" in key.containers), None)
        for key, value in zip(chosen, values, strict=True):
            if key != by_language:
                add_value(result, key, self._short(key, value))
            if by_language and isinstance(value, ox.Literal) and value.language:
                self.compactor.used.add(by_language.name)
                inner = by_language._replace(name=value.language)
                add_value(result.setdefault(by_language.name, {}), inner, value.value)

    def key(self, keys: list[Key], predicate: ox.NamedNode, value: Term) -> Key:
        """Return the key of a property for a value."""
        fitting = keys if value not in self.subjects.lists else ()
        key = next((key for key in fitting if key.fits(value)), None)
        key = key or next((key for key in keys if key.coerces_nothing), None)
        return key or Key(self.compactor.compact(predicate.value, vocabulary=not keys))

    def _short(self, key: Key, value: Term) -> Any:
        self.compactor.used.add(key.name)
        if value in self.subjects.lists or not key.fits(value):
            return self.value(value)
        if isinstance(value, ox.Literal):
            return self.native(value)
        return self.vocabulary_id(value) if key.type == "@vocab" else self.link(value)

    def native(self, value: ox.Literal) -> Any:
        """Return a literal as a number or boolean of JSON if it has this form, else as a string."""
        form = self.numbers.get(value.datatype.value)
        return json.loads(value.value) if form and form.fullmatch(value.value) else value.value

    def link(self, node: Term) -> Any:
        """Return a node as the value of a key that expects nodes."""
        reference = self.reference(node)
        return reference["@id"] if reference.keys() == {"@id"} else reference

    def id(self, term: Term) -> str:
        """Return the identifier of a node."""
        return self.compactor.compact(term.value) if isinstance(term, ox.NamedNode) else str(term)

    def vocabulary_id(self, term: Term) -> str:
        """Return the identifier of a class, datatype or individual of the ontology."""
        if isinstance(term, ox.NamedNode):
            return self.compactor.compact(term.value, vocabulary=True)
        return str(term)


def add_value(result: dict[str, Any], key: Key, value: Any) -> None:
    """Add a value, in an array if the key or the number of values requires one."""
    values = result.get(key.name)
    if values is None:
        result[key.name] = [value] if "@set" in key.containers else value
    elif isinstance(values, list):
        values.append(value)
    else:
        result[key.name] = [values, value]


def to_json(document: Any) -> str:
    """Return JSON, indented by two; a short array of strings is on one line."""

    def join(match: re.Match[str]) -> str:
        line = re.sub(r",\n\s+", ", ", match[1])
        return f"[{line}]" if len(line) <= WIDTH else match[0]

    return STRINGS.sub(join, json.dumps(document, ensure_ascii=False, indent=2)) + "\n"
