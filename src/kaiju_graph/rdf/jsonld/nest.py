"""Write a document of a stored profile, for readers that look at each place by itself.

Each node is nested in every place that refers to it. Nodes that refer to it by a property with a
reverse key (``@reverse``) are nested in it. A consumer needs neither an RDF library nor ``@graph``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from kaiju_graph.errors import UsageError
from kaiju_graph.rdf.jsonld.compact import CompactedNodes, Compactor, add_value, to_json
from kaiju_graph.rdf.terms import LABEL, TYPE

if TYPE_CHECKING:
    from kaiju_graph.rdf.jsonld.context import Context
    from kaiju_graph.rdf.subjects import Subjects
    from kaiju_graph.rdf.terms import Term

__all__ = ["write_nested"]

MAX_DEPTH = 4
"""How many nodes are nested in one another, including the document itself."""
IDENTITY = (TYPE, LABEL)


def write_nested(
    root: ox.NamedNode, subjects: Subjects, context: Context, *, link: str | None = None
) -> str:
    """Return the descriptions of a thing and of the nodes that it refers to as one document.

    Args:
        root: the thing.
        subjects: the descriptions.
        context: the context of the profile.
        link: the URL of the context, to link to it.

    Raises:
        UsageError: a statement has no place in this document.
    """
    compactor = Compactor(context, curies=False)
    nodes = _NestedNodes(subjects, compactor)
    document = nodes.reference(root)
    if missing := subjects.properties.keys() - nodes.complete - subjects.list_nodes:
        message = f"{min(map(str, missing))} has no place in a document of {root}"
        raise UsageError(f"{message}; use --profile compacted")
    return to_json({"@context": compactor.context_used(link), **document})


class _NestedNodes(CompactedNodes):
    """The node objects of a graph, each in every place that refers to it."""

    def __init__(self, subjects: Subjects, compactor: Compactor) -> None:
        # Without a label, a node that is nested in two places would be read as two nodes.
        super().__init__(subjects.with_labels(), compactor)
        self.path: list[Term] = []
        self.complete: set[Term] = set()
        """The nodes that are in the document with all their properties."""
        self.users: dict[str, dict[Term, list[Term]]] = {}
        """Property with a reverse key → object → subjects."""
        for iri in compactor.context.reverse:
            users = self.users.setdefault(iri, {})
            for subject, properties in subjects.properties.items():
                for value in properties.get(ox.NamedNode(iri), ()):
                    users.setdefault(value, []).append(subject)

    def reference(self, node: Term) -> dict[str, Any]:
        """Return a node with its properties; inside itself or too deep, only type and label."""
        if node not in self.subjects.properties:
            return {"@id": self.id(node)}
        properties = self.subjects.properties[node]
        brief = node in self.path or len(self.path) + 1 == MAX_DEPTH
        if brief:
            properties = {p: properties[p] for p in IDENTITY if p in properties}
        if len(properties) == len(self.subjects.properties[node]):
            self.complete.add(node)
        self.path.append(node)
        result = self.node_object(node, properties)
        for iri, key in self.compactor.context.reverse.items() if not brief else ():
            for subject in self.users[iri].get(node, ()):
                if subject not in self.path:
                    self.compactor.used.add(key.name)
                    add_value(result, key, self.reference(subject))
        self.path.pop()
        return result
