"""Stage 9, for writers: the context of JSON-LD: which key says which property, and in what form.

JSON-LD 1.1 API, sections 4.1 (context processing) and 5 (compaction), for contexts that are one
object of term definitions. A context is part of every document that needs it: nothing is fetched.
What would change the meaning of what is written, and is not known here, is refused.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import pyoxigraph as ox

from kaiju_graph.errors import SourceError, UsageError
from kaiju_graph.rdf.terms import XSD

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kaiju_graph.rdf.files import Files
    from kaiju_graph.rdf.terms import Term

__all__ = ["Context", "Key", "read"]

NAMESPACE_ENDS = tuple(":/?#[]@")
"""In what the IRI of a prefix ends (section 4.2.2: a gen-delim of RFC 3986)."""
VERSION = 1.1
KEYWORDS = ("@version", "@vocab")
PARTS = ("@id", "@type", "@language", "@reverse", "@container")
CONTAINERS = ("@set", "@language")
"""What is known here of what a context, the definition of a term, and a container may be."""
NULLABLE = ("@vocab", "@id", "@language")
EXPECTED = (
    f"{', '.join(KEYWORDS)} and terms, each an IRI, null, or an object of {', '.join(PARTS)} "
    f"(of {', '.join(CONTAINERS)})"
)


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
        self.vocabulary: str = definitions.get("@vocab") or ""
        self.prefixes = {
            key: value
            for key, value in definitions.items()
            if isinstance(value, str) and value.endswith(NAMESPACE_ENDS) and key != "@vocab"
        }
        self.keys: dict[str, list[Key]] = {}
        self.reverse: dict[str, Key] = {}
        self.words: dict[str, str] = {}
        for name, definition in definitions.items():
            if name in KEYWORDS or name in self.prefixes:
                continue
            full = definition if isinstance(definition, dict) else {"@id": definition}
            iri = full.get("@id", name)
            if iri is None:  # a word of the vocabulary that is none here
                continue
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
            self.keys.setdefault(self.expand(iri), []).append(key)
            self.words.setdefault(self.expand(iri), name)

    def expand(self, name: str) -> str:
        """Return the IRI of a name as definitions have it."""
        prefix, colon, local = name.partition(":")
        if colon:
            known = prefix in self.prefixes and not local.startswith("//")
            return self.prefixes[prefix] + local if known else name
        return name if name.startswith("@") else self.vocabulary + name

    def compact(self, iri: str) -> str:
        """Return an IRI as a prefixed name, or whole.

        Raises:
            UsageError: the IRI looks like a prefixed name, and would be read as one.
        """
        fitting = [(len(ns), name) for name, ns in self.prefixes.items() if iri.startswith(ns)]
        for length, name in sorted(fitting, reverse=True):
            short = f"{name}:{iri[length:]}"
            if not iri[length:].startswith("//") and short not in self.definitions:
                return short
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
        return self.words.get(iri) or (local if bare and local not in self.definitions else None)

    def used(self, names: Iterable[str]) -> dict[str, Any]:
        """Return the definitions of some terms and prefixes, and the prefixes that these need."""
        wanted = set(names)
        for name in list(wanted):
            full = self.definitions.get(name)
            for part in [name, *(full.values() if isinstance(full, dict) else [full])]:
                if isinstance(part, str):
                    wanted.add(part.partition(":")[0])
        return {
            name: definition
            for name, definition in self.definitions.items()
            if definition is not None and (name in KEYWORDS or name in wanted)
        }


def read(project: Files, file: str) -> Context:
    """Read the context of a file.

    Raises:
        SourceError: the file is no JSON, or has no context that is one object of definitions.
    """
    text = project.read(file)
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        message = f"{file}:{error.lineno}: found no JSON-LD ({error.msg}); expected a context"
        raise SourceError(message) from None
    definitions = found.get("@context") if isinstance(found, dict) else None
    if not isinstance(definitions, dict):
        raise SourceError(f"{file}:1: found no JSON-LD context; expected an object in @context")
    for name, definition in definitions.items():
        if not _is_known(name, definition):
            message = f"found {name!r}, defined as is not known here; expected {EXPECTED}"
            raise SourceError(f"{file}:{_line(text, name)}: {message}")
    return Context(definitions)


def _is_known(name: str, definition: Any) -> bool:
    """Tell whether an entry of a context is a definition, and one of which all is known here."""
    if name.startswith("@"):
        return name in KEYWORDS and _fits(name, definition)
    if isinstance(definition, dict):
        return all(part in PARTS and _fits(part, value) for part, value in definition.items())
    return bool(name) and isinstance(definition, str | None)


def _fits(keyword: str, value: Any) -> bool:
    if keyword == "@version":
        return bool(value == VERSION)
    if keyword == "@container":
        values = value if isinstance(value, list) else [value]
        return all(each in CONTAINERS for each in values)
    return isinstance(value, str) or (value is None and keyword in NULLABLE)


def _line(text: str, name: str) -> int:
    """Return the line of a key, or the first where it is spelled otherwise."""
    key = re.compile(rf"{re.escape(json.dumps(name, ensure_ascii=False))}\s*:")
    found = key.search(text, text.find('"@context"'))
    return text.count("\n", 0, found.start() if found else 0) + 1
