"""The prefixes that a project declares: in its ontology, and in the folder of each article."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.project.layout import SHACL
from kaiju_graph.rdf import guard
from kaiju_graph.rdf.parse import parse
from kaiju_graph.rdf.prefixes import explain_invalid
from kaiju_graph.rdf.terms import ONTOLOGY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Declaration", "read_declarations"]

DECLARE, PREFIX, NAMESPACE = (
    ox.NamedNode(SHACL + name) for name in ("declare", "prefix", "namespace")
)


class Declaration(NamedTuple):
    """The declaration of a prefix; its place is that of the prefix in the text of its file."""

    prefix: str
    namespace: str
    file: str
    offset: int
    reason: str
    """Why it is not valid, or an empty text."""


def read_declarations(texts: Mapping[str, str]) -> Iterator[Declaration]:
    """Yield each declaration of a prefix (SHACL, section 5.2.1), in the order of the files.

    Args:
        texts: file → its text.

    Raises:
        SourceError: a text does not parse.
    """
    first: dict[str, str] = {}
    for file, text in texts.items():
        quads = [*parse(file, text, ONTOLOGY)]
        ends: dict[str, int] = {}
        for node in dict.fromkeys(quad.object for quad in quads if quad.predicate == DECLARE):
            names, namespaces = (
                [q.object.value for q in quads if (q.subject, q.predicate) == (node, predicate)]
                for predicate in (PREFIX, NAMESPACE)
            )
            if not (names or namespaces):
                continue
            marks = (f'"{value}"' for value in (*names, *namespaces))
            mark = next((mark for mark in marks if mark in text), "")  # it may have escapes
            offset = max(text.find(mark, ends.get(mark, 0)), 0)
            ends[mark] = offset + 1
            prefix, namespace = "".join(names[:1]), "".join(namespaces[:1])
            if (len(names), len(namespaces)) != (1, 1):
                counts = f"{len(names)} sh:prefix and {len(namespaces)} sh:namespace"
                reason = f"found {counts}; expected one of each"
            elif prefix in first:
                reason = f"found the prefix {prefix!a} again; expected one namespace for it"
                reason += f" ({first[prefix]})"
            else:
                reason = explain_invalid(prefix, namespace)
                first[prefix] = guard.place(file, text, offset).rpartition(":")[0]
            yield Declaration(prefix, namespace, file, offset, reason)
