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

    from kaiju_graph.rdf.terms import Term

__all__ = ["Declaration", "read_declarations"]

DECLARE = ox.NamedNode(SHACL + "declare")
KEYS = ox.NamedNode(SHACL + "prefix"), ox.NamedNode(SHACL + "namespace")


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
    first: dict[str, tuple[str, int]] = {}
    for file, text in texts.items():
        values: dict[Term, dict[Term, list[str]]] = {}
        nodes: dict[Term, None] = {}
        for quad in parse(file, text, ONTOLOGY):
            if quad.predicate == DECLARE:
                nodes[quad.object] = None
            elif quad.predicate in KEYS:
                of_node = values.setdefault(quad.subject, {})
                of_node.setdefault(quad.predicate, []).append(quad.object.value)
        ends: dict[str, int] = {}
        for node in filter(values.__contains__, nodes):
            names, namespaces = (values[node].get(key, []) for key in KEYS)
            marks = (f'"{value}"' for value in (*names, *namespaces))
            mark = next((mark for mark in marks if mark in text), "")  # it may have escapes
            offset = max(text.find(mark, ends.get(mark, 0)), 0)
            ends[mark] = offset + 1
            prefix, namespace = "".join(names[:1]), "".join(namespaces[:1])
            if (len(names), len(namespaces)) != (1, 1):
                counts = f"{len(names)} sh:prefix and {len(namespaces)} sh:namespace"
                reason = f"found {counts}; expected one of each"
            elif prefix in first:
                other, at = first[prefix]
                place = guard.place(other, texts[other], at).rpartition(":")[0]
                reason = (
                    f"found the prefix {prefix!a} again; expected one namespace for it ({place})"
                )
            else:
                reason = explain_invalid(prefix, namespace)
                first[prefix] = file, offset
            yield Declaration(prefix, namespace, file, offset, reason)
