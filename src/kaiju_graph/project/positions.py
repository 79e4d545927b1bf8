"""Where each statement of a file stands: file, line and column.

rdflib's Turtle and TriG parsers know the offset of what they parse; a subclass keeps it. (The line
that they count themselves runs ahead: white space that is read twice counts twice.) This is
rdflib's private interface (``SinkParser``), held by a pinned range and a test.
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

# Without this rdflib rewrites lexical forms ("010" becomes "10") and quads no longer match.
rdflib.NORMALIZE_LITERALS = False

PARTS = ("subject", "predicate", "object", "graph")


class Places(dict[Quad, Place]):
    """Quad → place of its object, the first time it is said; no blank node has a name there."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: dict[Quad, dict[str, Place]] = {}
        """Quad → the places of ``subject``, ``predicate``, ``object`` and ``graph``."""
        self.blank: dict[tuple[Any, Any, Any], list[Place]] = {}
        """Subject, predicate and graph → the places of their blank objects, in order."""
        self.about: dict[tuple[Any, Any], list[Quad]] = {}
        """Subject and graph → the quads."""

    def nearest(self, quad: Quad, number: int | None = None, part: str = "object") -> Place | None:
        """Return the place of a quad; where unknown, of its subject and predicate, or subject.

        Args:
            quad: the quad.
            number: how many blank objects of its subject and predicate come before its own, if
                that is one.
            part: which of its terms: ``subject``, ``predicate``, ``object`` or ``graph``.
        """
        if quad in self:
            return self.parts[quad][part]
        blank = self.blank.get((quad.subject, quad.predicate, quad.graph), [])
        if number is not None and number < len(blank):
            return blank[number]
        near = self.about.get((quad.subject, quad.graph), [])
        exact = [q for q in near if q.predicate == quad.predicate]
        return self.parts[(exact or near)[0]][part] if near else None


class Locator:
    """The places of a project's quads, each file read when the first of its quads is asked for."""

    def __init__(self, project: Project, sources: Sources) -> None:
        self.project = project
        self.sources = sources
        self._known: dict[str, tuple[Places, dict[Quad, int]]] = {}

    def place(self, file: str, quad: Quad | None, part: str = "object") -> Place:
        """Return the place of a quad in a file, or the file's beginning where it has none.

        Args:
            file: the file, relative to the root.
            quad: the quad.
            part: which of its terms: ``subject``, ``predicate``, ``object`` or ``graph``.
        """
        if quad is None or file not in self.sources.files:
            return Place(file, 1, 1)
        if file not in self._known:
            text = self.project.read(file)
            read = self.sources.files[file]
            self._known[file] = find_places(file, text, read.default), _numbers(read.quads)
        known, numbers = self._known[file]
        return known.nearest(quad, numbers.get(quad), part) or Place(file, 1, 1)


def _numbers(quads: Iterable[Quad]) -> dict[Quad, int]:
    """Return the quads with a blank object, each with how many its subject and predicate had."""
    numbers: dict[Quad, int] = {}
    counts: Counter[tuple[Any, Any, Any]] = Counter()
    for quad in quads:
        if isinstance(quad.object, ox.BlankNode):
            alike = quad.subject, quad.predicate, quad.graph
            numbers.setdefault(quad, counts[alike])
            counts[alike] += 1
    return numbers


class _Parser(TrigSinkParser):
    """A TriG parser that tells the offsets at which the terms of each statement begin.

    rdflib makes the statements of an object list when it has read the whole list; nested lists
    (in blank nodes) are made before the list that holds them.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reading: list[int] = []
        self.waiting: list[deque[tuple[int, ...]]] = []
        self.made: list[tuple[Any, Any, Any, Any, tuple[int, ...]]] = []
        self.named = self.told = self.asked = 0

    def graph(self, argstr: str, i: int) -> int:
        # Each statement is tried as a graph: it is none, and the name of its own is kept.
        outer, self.named = self.named, i
        end = super().graph(argstr, i)
        self.named = outer
        return end

    def statement(self, argstr: str, i: int) -> int:
        self.told = self.skipSpace(argstr, i)
        return super().statement(argstr, i)

    def verb(self, argstr: str, i: int, res: Any) -> int:
        self.asked = self.skipSpace(argstr, i)
        return super().verb(argstr, i, res)

    def object(self, argstr: str, i: int, res: Any) -> int:
        start = self.skipSpace(argstr, i)
        end = super().object(argstr, i, res)
        if end >= 0:
            self.reading.append(start)
        return end

    def objectList(self, argstr: str, i: int, res: Any) -> int:  # noqa: N802 (rdflib's name)
        outer, self.reading = self.reading, []
        before = self.told, self.asked
        end = super().objectList(argstr, i, res)
        self.waiting.append(deque((*before, at, self.named) for at in self.reading))
        self.reading = outer
        return end

    def makeStatement(self, quadruple: Any) -> None:  # noqa: N802 (rdflib's name)
        while not self.waiting[-1]:
            self.waiting.pop()
        context, predicate, subject, object_ = quadruple
        self.made.append((subject, predicate, object_, context, self.waiting[-1].popleft()))
        super().makeStatement(quadruple)


def find_places(file: str, text: str, default: ox.NamedNode) -> Places:
    """Return the place of every quad of a Turtle or TriG text that parses.

    Blank nodes are known by their order alone, as subjects not at all: their labels are the
    parser's own.
    """
    parser, sink = _parsed(text)
    places = Places()
    lines = _lines(text)
    for subject, predicate, object_, context, at in parser.made:
        nodes = [sink.normalise(None, node) for node in (subject, predicate, object_)]
        if isinstance(nodes[0], rdflib.BNode):
            continue
        name = default if context is None else terms.from_rdflib(context.identifier)
        said = Quad._make((*map(terms.from_rdflib, nodes), name))
        spots = (_place(file, lines, offset) for offset in at)
        parts = dict(zip(PARTS, spots, strict=True))
        if isinstance(nodes[2], rdflib.BNode):
            blank = (said.subject, said.predicate, said.graph)
            places.blank.setdefault(blank, []).append(parts["object"])
        elif said not in places:
            places.parts[said] = parts
            places[said] = parts["object"]
            places.about.setdefault((said.subject, said.graph), []).append(said)
    return places


def find_first_use(file: str, text: str, iri: ox.NamedNode) -> Place:
    """Return where a Turtle or TriG text first uses an IRI, or else its beginning.

    It is used first where it is a subject, and also where it is the datatype of a literal.
    """
    parser, sink = _parsed(text)
    node = rdflib.URIRef(iri.value)
    found = (
        (number > 0, offset)
        for *said, _, at in parser.made
        for number, (term, offset) in enumerate(zip(said, at[:3], strict=True))
        if node in (sink.normalise(None, term), getattr(term, "datatype", None))
    )
    _, offset = min(found, default=(False, 0))
    return _place(file, _lines(text), offset)


def _parsed(text: str) -> tuple[_Parser, RDFSink]:
    sink = RDFSink(rdflib.Dataset().default_graph)
    parser = _Parser(sink, baseURI="urn:x-none:", turtle=True)
    parser.loadBuf(text)
    return parser, sink


def _lines(text: str) -> list[int]:
    """Return the offset at which each line begins."""
    return [0, *(match.end() for match in re.finditer("\n", text))]


def _place(file: str, lines: list[int], at: int) -> Place:
    line = bisect(lines, at)
    return Place(file, line, at - lines[line - 1] + 1)
