"""Compute the place of each statement of a file: file, line and column.

rdflib's Turtle and TriG parsers have the offset of each term; a subclass keeps it. (Their line
numbers are wrong, because they read white space twice.) The parsers (``SinkParser``) are private to
rdflib, so its version is pinned and a test guards the subclass.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections import Counter, deque
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import rdflib
from rdflib.plugins.parsers.notation3 import RDFSink
from rdflib.plugins.parsers.trig import TrigSinkParser

from kaiju_graph.project.sources import Place
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.terms import Quad

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kaiju_graph.project.layout import Project
    from kaiju_graph.project.sources import Sources

__all__ = ["Locator", "Places", "find_first_use", "find_places"]

# By default rdflib rewrites lexical forms ("010" becomes "10"), and quads would not match.
rdflib.NORMALIZE_LITERALS = False

PARTS = ("subject", "predicate", "object", "graph")


class Places(dict[Quad, dict[str, Place]]):
    """Quad → the first places of its ``PARTS``, for quads without blank nodes."""

    def __init__(self) -> None:
        super().__init__()
        self.blank: dict[tuple[Any, Any, Any], list[Place]] = {}
        """Subject, predicate and graph → the places of their blank objects, in order."""
        self.about: dict[tuple[Any, Any], list[Quad]] = {}
        """Subject and graph → the quads."""

    def nearest(self, quad: Quad, number: int | None = None, part: str = "object") -> Place | None:
        """Return the place of a quad, else of another with its subject and, if possible, predicate.

        Args:
            quad: the quad.
            number: the position of its object among the blank objects of its subject and
                predicate, from 0; None if its object is not blank.
            part: one of ``PARTS``.
        """
        if quad in self:
            return self[quad][part]
        blank = self.blank.get((quad.subject, quad.predicate, quad.graph), [])
        if number is not None and number < len(blank):
            return blank[number]
        near = self.about.get((quad.subject, quad.graph), [])
        exact = [q for q in near if q.predicate == quad.predicate]
        return self[(exact or near)[0]][part] if near else None


class Locator:
    """The places of a project's quads; a file is read when first needed."""

    def __init__(self, project: Project, sources: Sources) -> None:
        self.project = project
        self.sources = sources
        self._known: dict[str, tuple[Places, dict[Quad, int]]] = {}

    def place(self, file: str, quad: Quad | None, part: str = "object") -> Place:
        """Return the place of a quad in a file, or the beginning of the file.

        Args:
            file: the file, relative to the root.
            quad: the quad; None for the beginning of the file.
            part: one of ``PARTS``.
        """
        if quad is None or file not in self.sources.files:
            return Place(file, 1, 1)
        if file not in self._known:
            source = self.sources.files[file]
            places = find_places(file, self.project.read(file), source.default)
            self._known[file] = places, _number_blank_objects(source.quads)
        places, numbers = self._known[file]
        return places.nearest(quad, numbers.get(quad), part) or Place(file, 1, 1)


def _number_blank_objects(quads: Iterable[Quad]) -> dict[Quad, int]:
    """Return the position of each blank object among those of its subject and predicate."""
    numbers: dict[Quad, int] = {}
    counts: Counter[tuple[Any, Any, Any]] = Counter()
    for quad in quads:
        if isinstance(quad.object, ox.BlankNode):
            key = quad.subject, quad.predicate, quad.graph
            numbers.setdefault(quad, counts[key])
            counts[key] += 1
    return numbers


class _Parser(TrigSinkParser):
    """A TriG parser that keeps the offsets of the terms of each statement.

    rdflib makes the statements of an object list after it has read the whole list; a list in a
    blank node comes before the list that contains the node.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.objects: list[int] = []
        """The offsets of the objects in the current object list."""
        self.lists: list[deque[tuple[int, ...]]] = []
        """Object list → the offsets of the ``PARTS`` of statements that rdflib has yet to make."""
        self.made: list[tuple[Any, Any, Any, Any, tuple[int, ...]]] = []
        """The statements, each with its offsets."""
        self.graph_at = self.subject_at = self.predicate_at = 0

    def graph(self, argstr: str, i: int) -> int:
        # rdflib tries each statement of a graph as a graph, which fails.
        outer, self.graph_at = self.graph_at, i
        end = super().graph(argstr, i)
        self.graph_at = outer
        return end

    def statement(self, argstr: str, i: int) -> int:
        self.subject_at = self.skipSpace(argstr, i)
        return super().statement(argstr, i)

    def verb(self, argstr: str, i: int, res: Any) -> int:
        self.predicate_at = self.skipSpace(argstr, i)
        return super().verb(argstr, i, res)

    def object(self, argstr: str, i: int, res: Any) -> int:
        start = self.skipSpace(argstr, i)
        end = super().object(argstr, i, res)
        if end >= 0:
            self.objects.append(start)
        return end

    def objectList(self, argstr: str, i: int, res: Any) -> int:  # noqa: N802 (rdflib's name)
        outer, self.objects = self.objects, []
        before = self.subject_at, self.predicate_at
        end = super().objectList(argstr, i, res)
        self.lists.append(deque((*before, at, self.graph_at) for at in self.objects))
        self.objects = outer
        return end

    def makeStatement(self, quadruple: Any) -> None:  # noqa: N802 (rdflib's name)
        while not self.lists[-1]:
            self.lists.pop()
        context, predicate, subject, object_ = quadruple
        self.made.append((subject, predicate, object_, context, self.lists[-1].popleft()))
        super().makeStatement(quadruple)


def find_places(file: str, text: str, default: ox.NamedNode) -> Places:
    """Return the place of every quad of a valid Turtle or TriG text.

    Labels of blank nodes differ between parsers, so blank objects are identified by their order,
    and quads with a blank subject are left out.
    """
    parser, sink = _parse(text)
    places = Places()
    lines = _line_offsets(text)
    for subject, predicate, object_, context, at in parser.made:
        nodes = [sink.normalise(None, node) for node in (subject, predicate, object_)]
        if isinstance(nodes[0], rdflib.BNode):
            continue
        graph = default if context is None else terms.from_rdflib(context.identifier)
        quad = Quad._make((*map(terms.from_rdflib, nodes), graph))
        parts = {part: _place(file, lines, offset) for part, offset in zip(PARTS, at, strict=True)}
        if isinstance(nodes[2], rdflib.BNode):
            key = (quad.subject, quad.predicate, quad.graph)
            places.blank.setdefault(key, []).append(parts["object"])
        elif quad not in places:
            places[quad] = parts
            places.about.setdefault((quad.subject, quad.graph), []).append(quad)
    return places


def find_first_use(file: str, text: str, iri: ox.NamedNode) -> Place:
    """Return the first place of an IRI in a Turtle or TriG text, or the text's beginning.

    The IRI as a subject comes first, then as another term or as the datatype of a literal.
    """
    parser, sink = _parse(text)
    node = rdflib.URIRef(iri.value)
    uses = (
        (number > 0, offset)
        for *triple, _, at in parser.made
        for number, (term, offset) in enumerate(zip(triple, at[:3], strict=True))
        if node in (sink.normalise(None, term), getattr(term, "datatype", None))
    )
    _, offset = min(uses, default=(False, 0))
    return _place(file, _line_offsets(text), offset)


def _parse(text: str) -> tuple[_Parser, RDFSink]:
    sink = RDFSink(rdflib.Dataset().default_graph)
    parser = _Parser(sink, baseURI="urn:x-none:", turtle=True)
    parser.loadBuf(text)
    return parser, sink


def _line_offsets(text: str) -> list[int]:
    return [0, *(match.end() for match in re.finditer("\n", text))]


def _place(file: str, lines: list[int], at: int) -> Place:
    line = bisect(lines, at)
    return Place(file, line, at - lines[line - 1] + 1)
