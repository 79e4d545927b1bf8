"""An rdflib graph with fast look-ups, which may change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rdflib import Graph

from kaiju_graph.rdf import terms

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from kaiju_graph.rdf.terms import Triple

__all__ = ["IndexedGraph"]


class IndexedGraph(Graph):
    """An rdflib graph for pySHACL, with fast look-ups of objects and subjects."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        super().__init__(bind_namespaces="none")
        self._objects: dict[tuple[Any, Any], dict[Any, None]] = {}
        self._subjects: dict[tuple[Any, Any], dict[Any, None]] = {}
        for triple in terms.rdflib_triples(triples):
            self.add(triple)

    def add(self, triple: Any) -> IndexedGraph:
        """Add a triple."""
        subject, predicate, object_ = triple
        self._objects.setdefault((subject, predicate), {})[object_] = None
        self._subjects.setdefault((predicate, object_), {})[subject] = None
        super().add(triple)
        return self

    def remove(self, triple: Any) -> IndexedGraph:
        """Remove triples."""
        for subject, predicate, object_ in [*self.triples(triple)]:
            del self._objects[subject, predicate][object_]
            del self._subjects[predicate, object_][subject]
        super().remove(triple)
        return self

    def objects(
        self,
        subject: Any = None,
        predicate: Any = None,
        unique: bool = False,  # noqa: FBT001, FBT002 (rdflib's signature)
    ) -> Generator[Any, None, None]:
        """Yield the objects of a subject and predicate."""
        if subject is None or predicate is None:
            yield from super().objects(subject, predicate, unique)
        else:
            yield from self._objects.get((subject, predicate), ())

    def subjects(
        self,
        predicate: Any = None,
        object: Any = None,  # noqa: A002 (rdflib's name)
        unique: bool = False,  # noqa: FBT001, FBT002 (rdflib's signature)
    ) -> Generator[Any, None, None]:
        """Yield the subjects of a predicate and object."""
        if predicate is None or object is None:
            yield from super().subjects(predicate, object, unique)
        else:
            yield from self._subjects.get((predicate, object), ())
