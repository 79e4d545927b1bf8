"""Stage 10: triples → JSON-LD 1.1, flattened and compacted with a context that is part of it.

A value is written under a term of the context that expands to exactly it, or else under the
prefixed name of its property as an expanded value object: nothing is coerced that the context does
not coerce back. JSON-LD 1.1 API, sections 4.1 (context processing) and 5 (compaction), for contexts
that are one object of term definitions.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import pyoxigraph as ox

from kaiju_graph.grouping import group
from kaiju_graph.terms import TYPE, XSD

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kaiju_graph.grouping import Grouped
    from kaiju_graph.terms import Term, Triple

__all__ = ["write"]


class _Key(NamedTuple):
    """A term of the context, and what it coerces values to."""

    name: str
    kind: str | None
    language: str | None
    container: str | None


class _Context:
    """The term definitions of a context, by IRI."""

    def __init__(self, context: dict[str, Any]) -> None:
        self.prefixes = {
            key: value
            for key, value in context.items()
            if isinstance(value, str) and value.endswith(("#", "/")) and not key.startswith("@")
        }
        self.keys: dict[str, list[_Key]] = {}
        self.words: dict[str, str] = {}
        for name, definition in context.items():
            if name.startswith("@") or name in self.prefixes:
                continue
            full = {"@id": definition} if isinstance(definition, str) else definition
            iri = self.expand(full["@id"])
            kind = full.get("@type")
            kind = kind if kind in (None, "@id", "@vocab") else self.expand(kind)
            key = _Key(name, kind, full.get("@language"), full.get("@container"))
            self.keys.setdefault(iri, []).append(key)
            self.words.setdefault(iri, name)

    def expand(self, name: str) -> str:
        prefix, _, local = name.partition(":")
        return self.prefixes[prefix] + local if prefix in self.prefixes else name

    def compact(self, iri: str) -> str:
        """Return an IRI as a prefixed name, or whole."""
        fitting = [(len(ns), name) for name, ns in self.prefixes.items() if iri.startswith(ns)]
        for length, name in sorted(fitting, reverse=True):
            if not iri[length:].startswith("//"):
                return f"{name}:{iri[length:]}"
        return iri


def write(triples: Iterable[Triple], context: dict[str, Any]) -> str:
    """Return triples as one JSON-LD document, its keys, nodes and values sorted.

    Args:
        triples: what to write.
        context: the value of ``@context``: one object of term definitions.
    """
    writer = _Writer(group(triples), _Context(context))
    nodes = [writer.node(node) for node in writer.grouped.said if node not in writer.grouped.cells]
    return json.dumps({"@context": context, "@graph": nodes}, ensure_ascii=False, indent=2) + "\n"


class _Writer(NamedTuple):
    """The nodes of a document."""

    grouped: Grouped
    known: _Context

    def node(self, node: Term) -> dict[str, Any]:
        """Return all that is said of a node, under the keys of the context."""
        written: dict[str, Any] = {}
        for predicate, values in self.grouped.said[node].items():
            for value in values:
                if predicate == TYPE and isinstance(value, ox.NamedNode):
                    _add(written, "@type", self._word(value))
                    continue
                key = self._key(predicate, value)
                if key.container == "@language" and isinstance(value, ox.Literal):
                    _add(written.setdefault(key.name, {}), value.language or "", value.value)
                else:
                    _add(written, key.name, self._value(key, value))
        ordered = sorted(written.items(), key=lambda pair: (pair[0] != "@type", pair[0]))
        return {"@id": self._id(node), **dict(ordered)}

    def _key(self, predicate: ox.NamedNode, value: Term) -> _Key:
        """Return the term that coerces to exactly this value, or one that coerces nothing."""
        keys = self.known.keys.get(predicate.value, [])
        bare = _Key(self.known.compact(predicate.value), None, None, None)
        bare = next((key for key in keys if key[1:] == (None, None, None)), bare)
        return next((key for key in keys if self._fits(key, value)), bare)

    def _fits(self, key: _Key, value: Term) -> bool:
        if not isinstance(value, ox.Literal):
            plain = key.container is None and value not in self.grouped.lists
            return plain and (
                key.kind == "@id"
                or (key.kind == "@vocab" and self.known.words.get(value.value) is not None)
            )
        if value.language:
            in_map = key.container == "@language"
            return in_map or (key.container is None and key.language == value.language)
        if key.container is not None or key.language is not None:
            return False
        return key.kind == (
            None if value.datatype.value == XSD + "string" else value.datatype.value
        )

    def _value(self, key: _Key, value: Term) -> Any:
        """Return a value as the term coerces it, or expanded where it coerces nothing."""
        if self._fits(key, value):
            if isinstance(value, ox.Literal):
                return value.value
            return self._word(value) if key.kind == "@vocab" else self._id(value)
        if value in self.grouped.lists:
            # No coercion reaches into a list that stands under a term without any.
            bare = _Key(key.name, None, "", None)
            return {"@list": [self._value(bare, member) for member in self.grouped.lists[value]]}
        if not isinstance(value, ox.Literal):
            return {"@id": self._id(value)}
        shown = {"@value": value.value}
        if value.language:
            shown["@language"] = value.language
        elif value.datatype.value != XSD + "string":
            shown["@type"] = self.known.compact(value.datatype.value)
        return shown

    def _word(self, term: Term) -> str:
        return self.known.words.get(term.value) or self._id(term)

    def _id(self, term: Term) -> str:
        return self.known.compact(term.value) if isinstance(term, ox.NamedNode) else str(term)


def _add(into: dict[str, Any], name: str, value: Any) -> None:
    """Add a value: one stands alone, several in an array."""
    if name not in into:
        into[name] = value
    elif isinstance(into[name], list):
        into[name].append(value)
    else:
        into[name] = [into[name], value]
