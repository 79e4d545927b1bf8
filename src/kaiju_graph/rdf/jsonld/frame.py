"""Stage 10, above jsonld: triples → one thing as one nested document of JSON-LD.

What a thing names is nested wherever it is named, and so is what names it by a property that the
context turns round (``@reverse``). A consumer needs no library of RDF, and no ``@graph``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from kaiju_graph.errors import UsageError
from kaiju_graph.rdf.jsonld.compact import Compacted, Words, put, text
from kaiju_graph.rdf.terms import LABEL, TYPE

if TYPE_CHECKING:
    from kaiju_graph.rdf.jsonld.context import Context
    from kaiju_graph.rdf.subjects import Subjects
    from kaiju_graph.rdf.terms import Term

__all__ = ["framed"]

DEEPEST = 4
"""How many nodes are nested in one another at the most, the document itself the first of them."""
IDENTITY = (TYPE, LABEL)


def framed(root: ox.NamedNode, grouped: Subjects, context: Context, *, curies: bool = True) -> str:
    """Return the description of one thing as one document, what it names nested in it.

    Args:
        root: the thing.
        grouped: all that is said of it, and of what it names.
        context: which key says what, and which says it backwards.
        curies: write IRIs of things as prefixed names.

    Raises:
        UsageError: some of it has no place in this document.
    """
    words = Words(context, curies=curies)
    shape = _Framed(grouped, words)
    document = shape.resource(root)
    if left := grouped.said.keys() - shape.whole - grouped.cells:
        message = f"{min(map(str, left))} has no place in a document of {root}"
        raise UsageError(f"{message}; use --profile compacted")
    return text({"@context": words.context(), **document})


class _Framed(Compacted):
    """The nodes of a graph, each nested wherever it is named."""

    def __init__(self, grouped: Subjects, words: Words) -> None:
        super().__init__(grouped, words)
        self.nested = self.unlabelled = set()  # as what is nested twice would be two nodes
        self.path: list[Term] = []
        self.whole: set[Term] = set()
        self.naming: dict[str, dict[Term, list[Term]]] = {}
        for iri in words.known.reverse:
            naming = self.naming.setdefault(iri, {})
            for subject, said in grouped.said.items():
                for value in said.get(ox.NamedNode(iri), ()):
                    naming.setdefault(value, []).append(subject)

    def resource(self, node: Term) -> dict[str, Any]:
        """Return a node that is a value, with what is said of it, if there is room.

        Within itself, and at the deepest, a node is what it is and what it is called.
        """
        if node not in self.grouped.said:
            return {"@id": self.id(node)}
        said = self.grouped.said[node]
        brief = node in self.path or len(self.path) + 1 == DEEPEST
        if brief:
            said = {predicate: said[predicate] for predicate in IDENTITY if predicate in said}
        if len(said) == len(self.grouped.said[node]):
            self.whole.add(node)
        self.path.append(node)
        written = self.described(node, said)
        for iri, key in self.words.known.reverse.items() if not brief else ():
            for subject in self.naming[iri].get(node, ()):
                if subject not in self.path:
                    self.words.used.add(key.name)
                    put(written, key, self.resource(subject))
        self.path.pop()
        return written
