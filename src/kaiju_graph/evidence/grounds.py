"""Grounds: for an asserted triple, the passages and sources that state it, with their places.

The store has the passages and the sources. Files are read only to find places, and only those that
may state the triple, because finding the places takes time.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.evidence import coverage
from kaiju_graph.project import passages, sources
from kaiju_graph.project.locator import Locator
from kaiju_graph.project.names import Names
from kaiju_graph.project.sources import CURATION_CLASS, SourceFile, Sources
from kaiju_graph.rdf import notation, terms
from kaiju_graph.rdf.lexical_forms import find_quads
from kaiju_graph.rdf.parse import parse
from kaiju_graph.rdf.subjects import Memo
from kaiju_graph.rdf.terms import (
    ALT_LABEL,
    CURATION,
    EV,
    LABEL,
    ORDER,
    QUOTE,
    SUB_CLASS_OF,
    TYPE,
    Quad,
    Term,
    Triple,
)
from kaiju_graph.reasoning.proof import Explainer
from kaiju_graph.store import store

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kaiju_graph.errors import InconsistencyError
    from kaiju_graph.project.layout import Project
    from kaiju_graph.project.sources import Place
    from kaiju_graph.rdf.lexical_forms import QuadSource
    from kaiju_graph.reasoning.proof import Explanation

__all__ = ["Ground", "Grounds", "explain_contradiction"]

SECTION, SOURCE = ox.NamedNode(EV + "section"), ox.NamedNode(EV + "source")
ORIGIN = ox.NamedNode("http://purl.org/dc/terms/source")
NO_SOURCE = (terms.INFERRED, terms.ALIGNMENTS, terms.DEFAULT)
"""The graphs that assert nothing."""
TAIL = re.compile(r"[A-Za-z0-9]*(?=>\Z)")
"""The letters at the end of an IRI, with which every notation of it in Turtle ends."""
LOCAL = re.compile(r"[^/#]*(?=>\Z)")
"""The local name, with which most notations end."""


class Ground(NamedTuple):
    """A graph that states a triple: a passage with its words, or another graph with its source."""

    graph: ox.NamedNode
    layer: str
    place: Place | None
    """None if the quad is computed, so that no file has it."""
    quote: str = ""
    section: str = ""
    marks: tuple[tuple[int, int], ...] = ()
    """Where the quote mentions subject or object: sorted, disjoint spans in code points."""
    source: str = ""
    """The source of a curation, in words."""
    origin: str = ""
    """The IRI of that source."""


class Grounds:
    """Finds the grounds of a project's triples, and how to name its terms."""

    def __init__(self, project: Project, store: QuadSource) -> None:
        self.project = project
        self.store = store
        self._texts = {
            file: (project.read(file), default, layer)
            for file, default, layer in sources.data_files(project)
        }
        self._read = Sources({}, {})
        self._quads_of: dict[str, dict[tuple[Term, ...], list[Quad]]] = {}
        self._locator = Locator(project, self._read)
        self.label = Memo(self._label).__getitem__
        """Returns a term for people: its label, its text, or the result of ``turtle``."""

    def find(self, triple: Triple) -> list[Ground]:
        """Return all grounds of a triple: passages in the order of the text, then other graphs."""
        quads = [
            Quad(*triple, quad.graph)
            for quad in find_quads(self.store, *triple, None)
            if quad.graph not in NO_SOURCE
        ]
        layers = self._layers(quads)
        return [
            self._ground(quad, layers[quad.graph.value]) for quad in sorted(quads, key=self._order)
        ]

    def names(self, term: Term) -> list[str]:
        """Return the names of a thing, its label first."""
        names = [
            (predicate == ALT_LABEL, name.language not in (None, "en"), name.value)
            for predicate in (LABEL, ALT_LABEL)
            for quad in find_quads(self.store, term, predicate, None)
            if isinstance(name := quad.object, ox.Literal)
        ]
        return [name for _, _, name in sorted(names)]

    def _label(self, term: Term) -> str:
        if isinstance(term, ox.Literal):
            return term.value
        return next(iter(self.names(term)), "") or self.turtle(term)

    def turtle(self, term: Term) -> str:
        """Return a term as Turtle in one line; a class without an IRI as its definition."""
        return notation.node_text(term, self._definition, self.project.prefixes)

    def _definition(self, node: Term) -> list[Quad]:
        """Return the quads that define a blank node, without its type and superclasses.

        They are sorted, because a store returns them in a different order each time.
        """
        quads = find_quads(self.store, node, None, None)
        kept = (quad for quad in quads if quad.predicate not in (TYPE, SUB_CLASS_OF))
        return sorted(kept, key=terms.sort_key)

    def predicate(self, predicate: ox.NamedNode) -> str:
        """Return a predicate as Turtle."""
        return "a" if predicate == TYPE else self.project.prefixes.shorten(predicate.value)

    def list_members(self, node: Term) -> list[Term]:
        """Return the members of an RDF list; an empty list if the term is not one."""
        return terms.list_members(node, self._object)

    def _object(self, subject: Term, predicate: ox.NamedNode) -> Term | None:
        return next(
            (quad.object for quad in find_quads(self.store, subject, predicate, None)), None
        )

    @cached_property
    def _entity_names(self) -> Names:
        """The names of entities, without the labels of coined things."""
        return Names(
            Quad(*quad)
            for predicate in (LABEL, ALT_LABEL)
            for quad in find_quads(self.store, None, predicate, None, terms.ENTITIES)
        )

    def _text(self, subject: ox.NamedNode, predicate: ox.NamedNode) -> str:
        value = self._object(subject, predicate)
        return value.value if value is not None else ""

    def _order(self, quad: Quad) -> tuple[bool, str, int, str]:
        """Return a sort key: passages by the namespace of their article and by their order."""
        order = self._text(quad.graph, ORDER)
        article = quad.graph.value.rpartition("/")[0] if order else ""
        return not order, article, int(order or 0), quad.graph.value

    def graph_ground(self, graph: ox.NamedNode) -> Ground:
        """Return a ground for a whole graph: its words or its source, without a place."""
        return self._of_graph(graph, self._layers([Quad(graph, TYPE, graph, graph)])[graph.value])

    def _layers(self, quads: list[Quad]) -> dict[str, str]:
        curations = find_quads(self.store, None, TYPE, CURATION_CLASS, CURATION)
        return sources.graph_layers([*quads, *curations])

    def _ground(self, quad: Quad, layer: str) -> Ground:
        ground = self._of_graph(quad.graph, layer)
        quote = self._object(quad.graph, QUOTE)
        language = quote.language or "" if isinstance(quote, ox.Literal) else ""
        spans = [
            span
            for term in (quad.subject, quad.object)
            for span in coverage.find_mentions(ground.quote, term, self.names(term), language)
        ]
        spans = coverage.merge_names(ground.quote, spans, self._entity_names)
        return ground._replace(place=self.locate(quad), marks=tuple(_join(ground.quote, spans)))

    def _of_graph(self, graph: ox.NamedNode, layer: str) -> Ground:
        texts = (self._text(graph, name) for name in (QUOTE, SECTION, SOURCE, ORIGIN))
        quote, section, source, origin = texts
        return Ground(graph, layer, None, quote, section, (), source, origin)

    def locate(self, quad: Quad) -> Place | None:
        """Return the place of a quad of the store, or None if no file states it.

        The place of a quad about a blank node is that of the statement about a thing with an IRI
        that leads to the node.
        """
        while isinstance(quad.subject, ox.BlankNode):
            parent = next(find_quads(self.store, None, None, quad.subject, quad.graph), None)
            if parent is None:
                return None
            quad = parent
        for file in self._files(quad):
            for written in self._quads(file).get(_without_object(quad), ()):
                if quad.object == written.object:
                    return self._locator.place(file, written)
        return None

    def _files(self, quad: Quad) -> list[str]:
        """Return the files that may state a quad, first those that have its local names."""
        files: list[tuple[bool, str]] = []
        for file, (text, default, _) in self._texts.items():
            names = [str(quad.subject), *([] if quad.graph == default else [str(quad.graph)])]
            if all(TAIL.findall(name)[0] in text for name in names):
                files.append((not all(LOCAL.findall(name)[0] in text for name in names), file))
        return [file for _, file in sorted(files, key=lambda pair: pair[0])]

    def _quads(self, file: str) -> dict[tuple[Term, ...], list[Quad]]:
        """Return the quads of a file: subject, predicate and graph → quads."""
        if file not in self._quads_of:
            text, default, layer = self._texts[file]
            quads = list(parse(file, text, default))
            self._read.files[file] = SourceFile(layer, default, quads)
            known = self._quads_of[file] = {}
            for quad in quads:
                known.setdefault(_without_object(quad), []).append(quad)
        return self._quads_of[file]


def _without_object(quad: Quad) -> tuple[Term, ...]:
    return quad.subject, quad.predicate, quad.graph


def _join(text: str, spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return spans sorted, and joined if they overlap or only white space is between them."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and (start <= joined[-1][1] or not text[joined[-1][1] : start].strip()):
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def explain_contradiction(
    error: InconsistencyError, project: Project
) -> tuple[Grounds, Explanation]:
    """Return the grounds of a project that contradicts itself, and the proof of *false*.

    Raises:
        InconsistencyError: the given error, if it does not name its rule.
    """
    read = sources.read(project)
    everything = store.make_store([*read.quads, *passages.locate_passages(read).evidence()])
    explanation = Explainer(everything, store.make_round_store(error.rounds)).refute(error)
    if explanation is None:
        raise error
    return Grounds(project, everything), explanation
