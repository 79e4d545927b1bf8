"""Stage 9, for writers: the context of JSON-LD: which key says which property, and in what form.

JSON-LD 1.1 API, sections 4.1 (context processing) and 5 (compaction), for contexts that are one
object of term definitions. A context is part of every document that needs it: nothing is fetched.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import pyoxigraph as ox

from kaiju_graph.errors import SourceError, UsageError
from kaiju_graph.terms import XSD

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kaiju_graph.project import Project
    from kaiju_graph.terms import Term

__all__ = ["Context", "Key", "read"]

NAMESPACE_ENDS = ("#", "/")


class Key(NamedTuple):
    """A term of the context, and what it coerces values to."""

    name: str
    kind: str | None = None
    language: str | None = None
    containers: frozenset[str] = frozenset({"@set"})

    @property
    def coerces_nothing(self) -> bool:
        """Whether any value can stand under this key, as an expanded value object."""
        return not (self.kind or self.language or "@language" in self.containers)

    def fits(self, value: Term) -> bool:
        """Tell whether a value under this key is written short, and expands to itself again."""
        if not isinstance(value, ox.Literal):
            return self.kind in ("@id", "@vocab")
        if value.language:
            return "@language" in self.containers or self.language == value.language
        if "@language" in self.containers or self.language:
            return False
        return self.kind == (
            None if value.datatype.value == XSD + "string" else value.datatype.value
        )


class Context:
    """The term definitions of a context, by IRI."""

    def __init__(self, definitions: dict[str, Any]) -> None:
        self.definitions = definitions
        self.vocabulary: str = definitions.get("@vocab", "")
        self.prefixes = {
            key: value
            for key, value in definitions.items()
            if isinstance(value, str) and value.endswith(NAMESPACE_ENDS) and key[0] != "@"
        }
        self.keys: dict[str, list[Key]] = {}
        self.reverse: dict[str, Key] = {}
        self.words: dict[str, str] = {}
        for name, definition in definitions.items():
            if name[0] == "@" or name in self.prefixes:
                continue
            full = {"@id": definition} if isinstance(definition, str) else definition
            containers = full.get("@container", [])
            key = Key(
                name,
                self.expand(full["@type"]) if "@type" in full else None,
                full.get("@language"),
                frozenset([containers] if isinstance(containers, str) else containers),
            )
            if "@reverse" in full:
                self.reverse[self.expand(full["@reverse"])] = key
                continue
            iri = self.expand(full.get("@id", name))
            self.keys.setdefault(iri, []).append(key)
            self.words.setdefault(iri, name)

    def expand(self, name: str) -> str:
        """Return the IRI of a name as definitions have it."""
        prefix, colon, local = name.partition(":")
        if colon:
            return self.prefixes[prefix] + local if prefix in self.prefixes else name
        return name if name[0] == "@" else self.vocabulary + name

    def compact(self, iri: str) -> str:
        """Return an IRI as a prefixed name, or whole.

        Raises:
            UsageError: the IRI looks like a prefixed name, and would be read as one.
        """
        fitting = [(len(ns), name) for name, ns in self.prefixes.items() if iri.startswith(ns)]
        for length, name in sorted(fitting, reverse=True):
            if not iri[length:].startswith("//"):
                return f"{name}:{iri[length:]}"
        return self.whole(iri)

    def whole(self, iri: str) -> str:
        """Return an IRI as it is.

        Raises:
            UsageError: the IRI looks like a prefixed name, and would be read as one.
        """
        scheme, _, rest = iri.partition(":")
        if scheme in self.prefixes and not rest.startswith("//"):
            message = f"<{iri}> cannot be told from a prefixed name in JSON-LD"
            raise UsageError(f"{message}; use --profile expanded or flattened")
        return iri

    def word(self, iri: str) -> str | None:
        """Return the term that names a class, property or individual, if there is one."""
        local = iri.removeprefix(self.vocabulary)
        bare = self.vocabulary and local != iri and ":" not in local and local[:1] != "@"
        return self.words.get(iri) or (local if bare and local not in self.words else None)

    def used(self, names: Iterable[str]) -> dict[str, Any]:
        """Return the definitions of some terms and prefixes, and the prefixes that these need."""
        wanted = set(names)
        for name in list(wanted):
            full = self.definitions.get(name)
            for part in full.values() if isinstance(full, dict) else [full]:
                if isinstance(part, str):
                    wanted.add(part.partition(":")[0])
        return {
            name: definition
            for name, definition in self.definitions.items()
            if name[0] == "@" or name in wanted
        }


def read(project: Project, file: str) -> Context:
    """Read the context of a file.

    Raises:
        SourceError: the file is no JSON, or has no context that is one object.
    """
    try:
        found = json.loads(project.read(file))
    except json.JSONDecodeError as error:
        message = f"{file}:{error.lineno}: found no JSON-LD ({error.msg}); expected a context"
        raise SourceError(message) from None
    definitions = found.get("@context") if isinstance(found, dict) else None
    if not isinstance(definitions, dict):
        raise SourceError(f"{file}:1: found no JSON-LD context; expected an object in @context")
    return Context(definitions)
