"""JSON-LD contexts: the keys of properties, and the values that each key coerces.

JSON-LD 1.1 API, sections 4.1 (context processing) and 5 (compaction), for contexts that are one
object of term definitions. Each document contains its context, or a link to it; nothing is fetched.
An unsupported definition that could change the meaning of a document is an error.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import pyoxigraph as ox

from kaiju_graph.errors import SourceError, UsageError
from kaiju_graph.rdf import guard
from kaiju_graph.rdf.lines import line_column
from kaiju_graph.rdf.terms import XSD

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kaiju_graph.rdf.order import Files
    from kaiju_graph.rdf.terms import Term

__all__ = ["Context", "Key", "read"]

NAMESPACE_ENDS = tuple(":/?#[]@")
"""The last characters of a prefix's IRI (section 4.2.2: a gen-delim of RFC 3986)."""
VERSION = 1.1
KEYWORDS = ("@version", "@vocab")
PARTS = ("@id", "@type", "@language", "@reverse", "@container")
CONTAINERS = ("@set", "@language")
"""The supported keywords of a context, parts of a term's definition, and containers."""
NULLABLE = ("@vocab", "@id", "@language")
EXPECTED = (
    f"{', '.join(KEYWORDS)} and terms, each an IRI, null, or an object of {', '.join(PARTS)} "
    f"(of {', '.join(CONTAINERS)})"
)


class Key(NamedTuple):
    """A term of a context, and the type, language and containers that it gives its values."""

    name: str
    type: str | None = None
    language: str | None = None
    containers: frozenset[str] = frozenset({"@set"})

    @property
    def coerces_nothing(self) -> bool:
        """Whether any value can be under this key, as an expanded value object."""
        return not (self.type or self.language or "@language" in self.containers)

    def fits(self, value: Term) -> bool:
        """Tell whether the short form of a value under this key expands to the value."""
        if not isinstance(value, ox.Literal):
            return self.type in ("@id", "@vocab")
        if value.language:
            return "@language" in self.containers or self.language == value.language
        if "@language" in self.containers or self.language:
            return False
        datatype = value.datatype.value
        return self.type == (None if datatype == XSD + "string" else datatype)


class Context:
    """The definitions of a context, by IRI."""

    def __init__(self, definitions: dict[str, Any], file: Mapping[str, Any] = {}) -> None:
        self.definitions = definitions
        self.file = file
        """The definitions that are in the file of the context."""
        self.vocabulary: str = definitions.get("@vocab") or ""
        self.prefixes = {
            key: value
            for key, value in definitions.items()
            if isinstance(value, str) and value.endswith(NAMESPACE_ENDS) and key != "@vocab"
        }
        self.keys: dict[str, list[Key]] = {}
        """Property → its keys."""
        self.reverse: dict[str, Key] = {}
        """Property → the key that states it in reverse."""
        self.terms: dict[str, str] = {}
        """IRI → its first term."""
        for name, definition in definitions.items():
            if name in KEYWORDS or name in self.prefixes:
                continue
            parts = definition if isinstance(definition, dict) else {"@id": definition}
            if (iri := parts.get("@id", name)) is None:  # takes a term out of the vocabulary
                continue
            containers = parts.get("@container", [])
            key = Key(
                name,
                self.expand(parts["@type"]) if "@type" in parts else None,
                parts.get("@language"),
                frozenset([containers] if isinstance(containers, str) else containers),
            )
            if "@reverse" in parts:
                self.reverse[self.expand(parts["@reverse"])] = key
            else:
                self.keys.setdefault(self.expand(iri), []).append(key)
                self.terms.setdefault(self.expand(iri), name)

    def expand(self, name: str) -> str:
        """Return the IRI of a name in a definition."""
        prefix, colon, local = name.partition(":")
        if colon:
            is_curie = prefix in self.prefixes and not local.startswith("//")
            return self.prefixes[prefix] + local if is_curie else name
        return name if name.startswith("@") else self.vocabulary + name

    def compact(self, iri: str) -> str:
        """Return an IRI as a CURIE, or else in full.

        Raises:
            UsageError: the IRI would be read as a CURIE.
        """
        fitting = [(len(ns), name) for name, ns in self.prefixes.items() if iri.startswith(ns)]
        for length, name in sorted(fitting, reverse=True):
            curie = f"{name}:{iri[length:]}"
            if not iri[length:].startswith("//") and curie not in self.definitions:
                return curie
        return self.absolute(iri)

    def absolute(self, iri: str) -> str:
        """Return an IRI in full.

        Raises:
            UsageError: the IRI would be read as a CURIE.
        """
        scheme, _, rest = iri.partition(":")
        if scheme in self.prefixes and not rest.startswith("//"):
            message = f"<{iri}> would be read as a CURIE in JSON-LD"
            raise UsageError(f"{message}; use --profile expanded or flattened")
        return iri

    def term(self, iri: str) -> str | None:
        """Return the term of a class, property or individual, or None."""
        local = iri.removeprefix(self.vocabulary)
        bare = self.vocabulary and local != iri and ":" not in local and local[:1] != "@"
        return self.terms.get(iri) or (local if bare and local not in self.definitions else None)

    def subset(self, names: Iterable[str]) -> dict[str, Any]:
        """Return the definitions of some terms and prefixes, and of the prefixes that they use."""
        wanted = set(names)
        for name in list(wanted):
            definition = self.definitions.get(name)
            parts = definition.values() if isinstance(definition, dict) else [definition]
            wanted |= {part.partition(":")[0] for part in [name, *parts] if isinstance(part, str)}
        return {
            name: definition
            for name, definition in self.definitions.items()
            if definition is not None and (name in KEYWORDS or name in wanted)
        }


def read(project: Files, file: str, prefixes: Mapping[str, str] = {}) -> Context:
    """Read the context of a file.

    Args:
        project: the project.
        file: the file, relative to the root.
        prefixes: prefix → namespace IRI, to add where the context does not define the prefix.

    Raises:
        SourceError: the file is not JSON, or its context is not one object of definitions.
    """
    return _read(file, project.read(file), tuple(prefixes.items()))


@lru_cache(maxsize=8)  # a site has thousands of documents with the same context
def _read(file: str, text: str, prefixes: tuple[tuple[str, str], ...]) -> Context:
    guard.check(file, text, "jsonld")
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        place = f"{file}:{error.lineno}:{error.colno}"
        message = f"{place}: found no JSON-LD ({error.msg}); expected a context"
        raise SourceError(message) from None
    except ValueError:  # Python limits the digits of integers
        raise SourceError(f"{file}:1: found a number of too many digits; expected less") from None
    definitions = document.get("@context") if isinstance(document, dict) else None
    if not isinstance(definitions, dict):
        raise SourceError(f"{file}:1: found no JSON-LD context; expected an object in @context")
    for name, definition in definitions.items():
        if not _is_supported(name, definition):
            message = f"found {name!r}, whose definition is not supported; expected {EXPECTED}"
            raise SourceError(f"{file}:{_place_of(text, name)}: {message}")
    ends = {name: iri for name, iri in prefixes if name and iri.endswith(NAMESPACE_ENDS)}
    keywords = {name: definitions[name] for name in KEYWORDS if name in definitions}
    return Context(keywords | ends | definitions, definitions)


def _is_supported(name: str, definition: Any) -> bool:
    if name.startswith("@"):
        return name in KEYWORDS and _is_valid(name, definition)
    if isinstance(definition, dict):
        return all(part in PARTS and _is_valid(part, value) for part, value in definition.items())
    return bool(name) and isinstance(definition, str | None)


def _is_valid(keyword: str, value: Any) -> bool:
    if keyword == "@version":
        return bool(value == VERSION)
    if keyword == "@container":
        return all(each in CONTAINERS for each in (value if isinstance(value, list) else [value]))
    return isinstance(value, str) or (value is None and keyword in NULLABLE)


def _place_of(text: str, name: str) -> str:
    """Return the line and column of a key of a context; 1:1 if the key is written with escapes."""
    key = re.compile(rf"{re.escape(json.dumps(name, ensure_ascii=False))}\s*:")
    match = key.search(text, text.find('"@context"'))
    return line_column(text, match.start() if match else 0)
