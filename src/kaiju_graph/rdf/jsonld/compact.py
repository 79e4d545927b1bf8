"""Stage 10: quads → JSON-LD 1.1 in one of its profiles, the same text every time.

*Expanded* and *flattened* know no context; *compacted* carries the part of it that it uses. There a
value is written under a key that expands to exactly it, or else under the prefixed name of its
property as an expanded value object. Whether a key has a list or a single value is for its
definition to say (``@container``), so it is the same in every node.
"""

from __future__ import annotations

import json
import re
from json.encoder import encode_basestring as encoded
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from kaiju_graph.rdf.jsonld.context import Key
from kaiju_graph.rdf.terms import TYPE, XSD

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeGuard

    from kaiju_graph.rdf.jsonld.context import Context
    from kaiju_graph.rdf.subjects import Subjects
    from kaiju_graph.rdf.terms import Term

__all__ = ["Compacted", "Words", "compacted", "named", "plain", "put", "text"]

NATIVE = {
    XSD + "integer": re.compile(r"0|-?[1-9][0-9]{0,14}"),
    XSD + "boolean": re.compile(r"true|false"),
}
"""Datatype → the texts that are the same as numbers and booleans of JSON."""
WIDTH = 80
"""Columns; a list of texts that would go beyond has a line for each."""


def plain(graphs: dict[ox.NamedNode | None, Subjects], *, flat: bool) -> str:
    """Return graphs as JSON-LD without a context; None is the name of the default graph.

    Args:
        graphs: what to write.
        flat: every blank node has a label and stands alone (flattened document form); else one
            that is used once stands where it is used (expanded document form).
    """
    return text(_nodes({name: _Expanded(graphs[name], flat=flat) for name in graphs}))


def compacted(
    graphs: dict[ox.NamedNode | None, Subjects], context: Context, *, curies: bool = True
) -> str:
    """Return graphs as JSON-LD with the short keys of a context.

    Args:
        graphs: what to write; None is the name of the default graph.
        context: which key says what.
        curies: write IRIs of things as prefixed names.
    """
    words = Words(context, curies=curies)
    nodes = _nodes({name: Compacted(graphs[name], words) for name in graphs})
    return text({"@context": words.context(), "@graph": nodes})


def _nodes(graphs: dict[ox.NamedNode | None, _Expanded]) -> list[Any]:
    """Return the nodes of the default graph, and a node for each named graph."""
    found: list[Any] = []
    for name, shape in graphs.items():
        nodes = [shape.node(n) for n in shape.grouped.said if n not in shape.hidden]
        found += nodes if name is None else [{"@id": shape.id(name), "@graph": nodes}]
    return found


class _Expanded:
    """The nodes of a graph, every IRI whole and every value an object."""

    def __init__(self, grouped: Subjects, *, flat: bool = False) -> None:
        self.grouped = grouped
        self.nested: set[Term] = set() if flat else grouped.nested
        self.hidden = grouped.cells | self.nested
        self.unlabelled: set[Term] = set() if flat else self.nested | grouped.unused

    def node(self, node: Term) -> dict[str, Any]:
        """Return all that is said of a node."""
        return self.described(node, self.grouped.said[node])

    def described(self, node: Term, said: dict[ox.NamedNode, list[Term]]) -> dict[str, Any]:
        """Return a node of which so much is said."""
        written: dict[str, Any] = {} if node in self.unlabelled else {"@id": self.id(node)}
        for predicate, values in said.items():
            if predicate == TYPE and all(isinstance(value, ox.NamedNode) for value in values):
                written["@type"] = [self.type(value) for value in values]
            else:
                self.add(written, predicate, values)
        return written

    def add(self, written: dict[str, Any], predicate: ox.NamedNode, values: list[Term]) -> None:
        """Add the values of a predicate to a node."""
        written[predicate.value] = [self.value(value) for value in values]

    def value(self, value: Term) -> dict[str, Any]:
        """Return a value that nothing coerces."""
        if isinstance(value, ox.Literal):
            if value.language:
                return {"@language": value.language, "@value": value.value}
            if value.datatype.value == XSD + "string":
                return {"@value": value.value}
            return {"@type": self.type(value.datatype), "@value": value.value}
        if value in self.grouped.lists:
            return {"@list": [self.value(member) for member in self.grouped.lists[value]]}
        return self.resource(value)

    def resource(self, node: Term) -> dict[str, Any]:
        """Return a node that is a value."""
        return self.node(node) if node in self.nested else {"@id": self.id(node)}

    def id(self, term: Term) -> str:
        """Return how a node is identified."""
        return term.value if named(term) else str(term)

    def type(self, term: Term) -> str:
        """Return how a class or a datatype is written."""
        return self.id(term)


class Words:
    """The words of a context, and which of them a document uses."""

    def __init__(self, context: Context, *, curies: bool) -> None:
        self.known = context
        self.curies = curies
        self.used: set[str] = set()
        self.short: dict[tuple[str, bool], str] = {}

    def context(self) -> dict[str, Any]:
        """Return what a document needs of the context."""
        return self.known.used(self.used)

    def name(self, iri: str, *, word: bool = False) -> str:
        """Return an IRI as a document has it: as a word where that is allowed, or a CURIE."""
        short = self.short.get((iri, word))
        if short is None:
            short = (word and self.known.word(iri)) or None
            if short is None and (word or self.curies):
                short = self.known.compact(iri)
            elif short is None:
                short = self.known.whole(iri)
            self.short[iri, word] = short
            self.used.add(short.partition(":")[0])
        return short


class Compacted(_Expanded):
    """The nodes of a graph in the words of a context."""

    def __init__(self, grouped: Subjects, words: Words) -> None:
        super().__init__(grouped)
        self.words = words

    def add(self, written: dict[str, Any], predicate: ox.NamedNode, values: list[Term]) -> None:
        """Add each value under the key that coerces to exactly it; a map has every language."""
        keys = self.words.known.keys.get(predicate.value, [])
        chosen = [self._key(keys, predicate, value) for value in values]
        by_language = next((key for key in chosen if "@language" in key.containers), None)
        for key, value in zip(chosen, values, strict=True):
            if key != by_language:
                put(written, key, self._short(key, value))
            if by_language and isinstance(value, ox.Literal) and value.language:
                self.words.used.add(by_language.name)
                inner = by_language._replace(name=value.language)
                put(written.setdefault(by_language.name, {}), inner, value.value)

    def _key(self, keys: list[Key], predicate: ox.NamedNode, value: Term) -> Key:
        fitting = keys if value not in self.grouped.lists else ()
        found = next((key for key in fitting if key.fits(value)), None)
        found = found or next((key for key in keys if key.coerces_nothing), None)
        return found or Key(self.words.name(predicate.value, word=not keys))

    def _short(self, key: Key, value: Term) -> Any:
        self.words.used.add(key.name)
        if value in self.grouped.lists or not key.fits(value):
            return self.value(value)
        if isinstance(value, ox.Literal):
            native = NATIVE.get(value.datatype.value)
            return (
                json.loads(value.value) if native and native.fullmatch(value.value) else value.value
            )
        if key.kind == "@vocab":
            return self.type(value)
        found = self.resource(value)
        return found["@id"] if found.keys() == {"@id"} else found

    def id(self, term: Term) -> str:
        """Return how a node is identified."""
        return self.words.name(term.value) if named(term) else str(term)

    def type(self, term: Term) -> str:
        """Return how a class, a datatype or an individual of the ontology is written."""
        return self.words.name(term.value, word=True) if named(term) else str(term)


def named(term: Term) -> TypeGuard[ox.NamedNode]:
    """Tell whether a term is an IRI."""
    return isinstance(term, ox.NamedNode)


def put(written: dict[str, Any], key: Key, value: Any) -> None:
    """Add a value: to a list where the key has one, or where the data has two for a single."""
    there = written.get(key.name)
    if there is None:
        written[key.name] = [value] if "@set" in key.containers else value
    elif isinstance(there, list):
        there.append(value)
    else:
        written[key.name] = [there, value]


def text(document: Any) -> str:
    """Return JSON, indented by two; a list of few words stands on one line."""
    pieces: list[str] = []
    _write(document, "\n", pieces.append)
    return "".join([*pieces, "\n"])


def _write(value: Any, end: str, write: Callable[[str], None]) -> None:
    """Write JSON in pieces; ``end`` ends a line and indents the next one.

    The library's own text with indents is made by Python, character by character, as it were.
    """
    if isinstance(value, str):
        write(encoded(value))
    elif isinstance(value, dict):
        before = "{"
        for key, inner in value.items():
            write(f"{before}{end}  {encoded(key)}: ")
            _write(inner, end + "  ", write)
            before = ","
        write(end + "}" if value else "{}")
    elif isinstance(value, list):
        if all(isinstance(inner, str) for inner in value):
            line = ", ".join(map(encoded, value))
            if len(line) <= WIDTH:
                write(f"[{line}]")
                return
        before = "["
        for inner in value:
            write(f"{before}{end}  ")
            _write(inner, end + "  ", write)
            before = ","
        write(end + "]")
    else:
        write(json.dumps(value))
