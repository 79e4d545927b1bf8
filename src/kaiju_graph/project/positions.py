"""Compute the place of each statement of a file: file, line and column.

rdflib's Turtle and TriG parsers have the offset of each term; a subclass keeps it. (Their line
numbers are wrong, because they read white space twice.) The parsers (``SinkParser``) are private to
rdflib, so its version is pinned and a test guards the subclass.
"""

from __future__ import annotations

import re
import sys
from bisect import bisect
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import rdflib
from rdflib.plugins.parsers.notation3 import RDFSink
from rdflib.plugins.parsers.trig import TrigSinkParser

import kaiju_graph.rdf.rdflib_settings  # noqa: F401 (makes them)
from kaiju_graph.project.sources import Place
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.guard import NESTING
from kaiju_graph.rdf.parse import parse
from kaiju_graph.rdf.terms import Quad

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kaiju_graph.rdf.terms import Term

    Key = tuple[Term, Term, Term]

__all__ = ["Places", "find_character", "find_first_use", "find_places"]


PARTS = ("subject", "predicate", "object", "graph")
FRAMES = 20
"""How many calls rdflib's parser needs at most for each level of nesting."""
QUOTE = re.compile(r"\"{3}|'{3}|[\"']")
CHARACTER = re.compile(r"\\u.{4}|\\U.{8}|\\.|.", re.DOTALL)
"""A character of a literal, or its escape (Turtle, section 6.4)."""


class Places(dict[Quad, dict[str, Place]]):
    """Quad → the first places of its ``PARTS``; blank nodes have the labels of ``rdf.parse``."""

    def __init__(self) -> None:
        super().__init__()
        self.about: dict[tuple[Any, Any], list[Quad]] = {}
        """Subject and graph → the quads."""
        self.users: dict[ox.BlankNode, Quad] = {}
        """Blank node → the first quad that has it as object."""

    def nearest(self, quad: Quad, part: str = "object") -> Place | None:
        """Return the place of a quad, or else of the nearest quad that has one.

        That is one with its subject and, if possible, its predicate. A list in brackets has no
        statement in the text; its place is that of the list.

        Args:
            quad: the quad.
            part: one of ``PARTS``.
        """
        while quad not in self:
            near = self.about.get((quad.subject, quad.graph), [])
            exact = [q for q in near if q.predicate == quad.predicate]
            if near:
                return self[(exact or near)[0]][part]
            user = self.users.get(quad.subject) if isinstance(quad.subject, ox.BlankNode) else None
            if user is None or user == quad:
                return None
            quad, part = user, "object"
        return self[quad][part]


class _Sink(RDFSink):
    """Keeps the statements in order, those of lists as well."""

    def __init__(self, default: ox.NamedNode) -> None:
        super().__init__(rdflib.Dataset().default_graph)
        self.default = default
        self.statements: list[Quad] = []

    def makeStatement(self, quadruple: Any, why: Any = None) -> None:  # noqa: ARG002, N802 (rdflib's)
        context, predicate, subject, object_ = quadruple
        nodes = (self.normalise(None, node) for node in (subject, predicate, object_))
        graph = self.default if context is None else terms.from_rdflib(context.identifier)
        self.statements.append(Quad._make((*map(terms.from_rdflib, nodes), graph)))


class _Parser(TrigSinkParser):
    """A TriG parser that keeps the offsets of the terms of each statement.

    rdflib makes the statements of an object list after it has read the whole list; a list in a
    blank node comes before the list that contains the node.
    """

    def __init__(self, sink: _Sink, **options: Any) -> None:
        super().__init__(sink, **options)
        self.sink = sink
        self.objects: list[int] = []
        """The offsets of the objects in the current object list."""
        self.lists: list[deque[tuple[int, ...]]] = []
        """Object list → the offsets of the ``PARTS`` of statements that rdflib has yet to make."""
        self.offsets: dict[int, tuple[int, ...]] = {}
        """Number of a statement of the sink → its offsets; those of lists have none."""
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
        number, offsets = len(self.sink.statements), self.lists[-1].popleft()
        super().makeStatement(quadruple)
        self.offsets[number] = offsets


def find_places(file: str, text: str, default: ox.NamedNode) -> Places:
    """Return the place of every quad of a valid Turtle or TriG text, except those of lists."""
    statements, offsets = _parse(text, default)
    quads = [*parse(file, text, default)]
    labels = _match_blank_nodes(statements, quads)
    places = Places()
    lines = _line_offsets(text)
    for number, at in offsets.items():
        quad = Quad._make(labels.get(term, term) for term in statements[number])
        if quad not in places:
            places[quad] = {
                part: _place(file, lines, offset) for part, offset in zip(PARTS, at, strict=True)
            }
            places.about.setdefault((quad.subject, quad.graph), []).append(quad)
    for quad in quads:
        if isinstance(quad.object, ox.BlankNode):
            places.users.setdefault(quad.object, quad)
    return places


def find_first_use(file: str, text: str, iri: ox.NamedNode) -> Place:
    """Return the first place of an IRI in a Turtle or TriG text, or the text's beginning.

    The IRI as a subject comes first, then as another term or as the datatype of a literal.
    """
    statements, offsets = _parse(text, iri)
    uses = (
        (number > 0, offset)
        for statement, at in offsets.items()
        for number, (term, offset) in enumerate(zip(statements[statement][:3], at, strict=False))
        if iri in (term, getattr(term, "datatype", None))
    )
    _, offset = min(uses, default=(False, 0))
    return _place(file, _line_offsets(text), offset)


def find_character(text: str, place: Place, offset: int) -> Place:
    """Return the place of a character of a literal in a Turtle or TriG text.

    Args:
        text: the text.
        place: the place of the literal.
        offset: the offset of the character in the value of the literal, from 0.
    """
    lines = _line_offsets(text)
    start = lines[place.line - 1] + place.column - 1
    quote = QUOTE.match(text, start)
    if not quote:  # a number or boolean
        return place
    characters = CHARACTER.finditer(text, quote.end())
    return _place(place.file, lines, next(islice(characters, offset, None)).start())


def _parse(text: str, default: ox.NamedNode) -> tuple[list[Quad], dict[int, tuple[int, ...]]]:
    """Return the statements of a text, with rdflib's blank nodes, and the offsets of most."""
    sink = _Sink(default)
    parser = _Parser(sink, baseURI="urn:x-none:", turtle=True)
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, FRAMES * NESTING))
    try:
        parser.loadBuf(text)
    except Exception:  # noqa: BLE001, S110 (rdflib refuses some valid texts; the rest has no place)
        pass
    finally:
        sys.setrecursionlimit(before)
    return sink.statements, parser.offsets


def _match_blank_nodes(theirs: list[Quad], ours: list[Quad]) -> dict[Term, Term]:
    """Return the blank nodes of one parser → those of another that has read the same text.

    Both read the objects of a subject and predicate in the same order, as well as the subjects that
    are not the object of a statement.
    """
    found = dict(zip(_roots(theirs), _roots(ours), strict=False))
    links, same_links = _blank_objects(theirs), _blank_objects(ours)
    keys: dict[Term, list[Key]] = {}
    for key in links:
        keys.setdefault(key[0], []).append(key)
    waiting = [*found, *(term for term in keys if not isinstance(term, ox.BlankNode))]
    for subject in waiting:
        for key in keys.get(subject, []):
            same_key = found.get(key[0], key[0]), key[1], found.get(key[2], key[2])
            for node, same in zip(links[key], same_links.get(same_key, []), strict=False):
                if node not in found:
                    found[node] = same
                    waiting.append(node)
    return found


def _roots(quads: list[Quad]) -> Iterator[Term]:
    """Yield the blank graphs and subjects that are not the object of a statement."""
    objects = {quad.object for quad in quads}
    used = dict.fromkeys(term for quad in quads for term in (quad.graph, quad.subject))
    yield from (term for term in used if isinstance(term, ox.BlankNode) and term not in objects)


def _blank_objects(quads: list[Quad]) -> dict[Key, list[Term]]:
    """Return subject, predicate and graph → the blank objects, in order."""
    found: dict[Key, list[Term]] = {}
    for quad in quads:
        if isinstance(quad.object, ox.BlankNode):
            found.setdefault((quad.subject, quad.predicate, quad.graph), []).append(quad.object)
    return found


def _line_offsets(text: str) -> list[int]:
    return [0, *(match.end() for match in re.finditer("\n", text))]


def _place(file: str, lines: list[int], at: int) -> Place:
    line = bisect(lines, at)
    return Place(file, line, at - lines[line - 1] + 1)
