"""Stage 8, beside explaining: a triple that is asserted → the words, or the source, that say it.

What it needs of passages and sources is in the store. Files are read for their places alone, and
only those that may say the triple, as rdflib is slow.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.evidence import coverage
from kaiju_graph.project import passages, positions, sources
from kaiju_graph.project.names import Names
from kaiju_graph.project.sources import CURATION_CLASS, SourceFile, Sources
from kaiju_graph.rdf import notation, terms
from kaiju_graph.rdf.parse import parse
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
    find_quads,
)
from kaiju_graph.reasoning.proof import Explainer
from kaiju_graph.store import store

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kaiju_graph.errors import InconsistencyError
    from kaiju_graph.project.layout import Project
    from kaiju_graph.project.sources import Place
    from kaiju_graph.reasoning.proof import Explanation

__all__ = ["Ground", "Grounds", "refute"]

SECTION, SOURCE = ox.NamedNode(EV + "section"), ox.NamedNode(EV + "source")
ORIGIN = ox.NamedNode("http://purl.org/dc/terms/source")
NOWHERE = (terms.INFERRED, terms.ALIGNMENTS, terms.DEFAULT)
"""The graphs that say nothing of what is asserted."""
TAIL = re.compile(r"[A-Za-z0-9]*(?=>\Z)")
"""What any way of writing an IRI in Turtle ends with, if only letters follow a sign."""
LOCAL = re.compile(r"[^/#]*(?=>\Z)")
"""What most ways of writing an IRI end with."""


class Ground(NamedTuple):
    """A graph that says a triple: a passage with its words, or another with its source."""

    graph: ox.NamedNode
    layer: str
    place: Place | None
    """None where the quad is computed, and stands in no file."""
    quote: str = ""
    section: str = ""
    marks: tuple[tuple[int, int], ...] = ()
    """Where the quote names subject or object: spans in code points, in order, apart."""
    source: str = ""
    """Where a curation comes from, in words."""
    origin: str = ""
    """The IRI of that."""


class Grounds:
    """The grounds of a project's triples, and the names of its things."""

    def __init__(self, project: Project, store: ox.Store) -> None:
        self.project = project
        self.store = store
        self._texts = {
            file: (project.read(file), default, layer)
            for file, default, layer in sources.data_files(project)
        }
        self._read = Sources({}, {})
        self._said_in: dict[str, dict[tuple[Term, ...], list[Quad]]] = {}
        self._locator = positions.Locator(project, self._read)

    def of(self, triple: Triple) -> list[Ground]:
        """Return every ground of a triple: passages in the order of the text, then the others."""
        found = [
            Quad(*triple, quad.graph)
            for quad in find_quads(self.store, *triple, None)
            if quad.graph not in NOWHERE
        ]
        layer = self._layers(found)
        return [
            self._ground(quad, layer[quad.graph.value]) for quad in sorted(found, key=self._order)
        ]

    def names(self, term: Term) -> list[str]:
        """Return the names of a thing, its label first."""
        found = [
            (predicate == ALT_LABEL, name.language not in (None, "en"), name.value)
            for predicate in (LABEL, ALT_LABEL)
            for quad in find_quads(self.store, term, predicate, None)
            if isinstance(name := quad.object, ox.Literal)
        ]
        return [name for _, _, name in sorted(found)]

    def label(self, term: Term) -> str:
        """Return how a person reads a term: its label, its text, or as ``turtle`` writes it."""
        if isinstance(term, ox.Literal):
            return term.value
        return next(iter(self.names(term)), "") or self.turtle(term)

    def turtle(self, term: Term) -> str:
        """Return a term as Turtle has it in one line, a class without a name with what it is."""
        return notation.node_text(term, self._said, self.project.prefixes)

    def _said(self, node: Term) -> list[Quad]:
        """Return what a blank node is, and not what kind of axiom it makes, nor what it is below.

        Sorted, as the order of a store is another each time.
        """
        said = find_quads(self.store, node, None, None)
        kept = (quad for quad in said if quad.predicate not in (TYPE, SUB_CLASS_OF))
        return sorted(kept, key=terms.sort_key)

    def predicate(self, predicate: ox.NamedNode) -> str:
        """Return a predicate as Turtle has it."""
        return "a" if predicate == TYPE else self.project.prefixes.shorten(predicate.value)

    def members(self, node: Term) -> list[Term]:
        """Return the members of a list, or none where a term is no list."""
        return terms.list_members(node, self._object)

    def _object(self, subject: Term, predicate: ox.NamedNode) -> Term | None:
        return next(
            (quad.object for quad in find_quads(self.store, subject, predicate, None)), None
        )

    @cached_property
    def _named(self) -> Names:
        """The names of the things that have one, and not only a description."""
        return Names(
            Quad(*quad)
            for predicate in (LABEL, ALT_LABEL)
            for quad in find_quads(self.store, None, predicate, None, terms.ENTITIES)
        )

    def _text(self, subject: ox.NamedNode, predicate: ox.NamedNode) -> str:
        found = self._object(subject, predicate)
        return found.value if found is not None else ""

    def _order(self, quad: Quad) -> tuple[bool, str, int, str]:
        """Sort by article, as its passages are named, and by their order in it."""
        order = self._text(quad.graph, ORDER)
        article = quad.graph.value.rpartition("/")[0] if order else ""
        return not order, article, int(order or 0), quad.graph.value

    def cited(self, graph: ox.NamedNode) -> Ground:
        """Return what is known of a graph: its words, or its source."""
        return self._cited(graph, self._layers([Quad(graph, TYPE, graph, graph)])[graph.value])

    def _layers(self, quads: list[Quad]) -> dict[str, str]:
        curations = find_quads(self.store, None, TYPE, CURATION_CLASS, CURATION)
        return sources.graph_layers([*quads, *curations])

    def _ground(self, quad: Quad, layer: str) -> Ground:
        found = self._cited(quad.graph, layer)
        spans = [
            span
            for term in (quad.subject, quad.object)
            for span in coverage.find_mentions(found.quote, term, self.names(term))
        ]
        spans = coverage.merge_names(found.quote, spans, self._named)
        return found._replace(place=self.place(quad), marks=tuple(_joined(found.quote, spans)))

    def _cited(self, graph: ox.NamedNode, layer: str) -> Ground:
        texts = (self._text(graph, name) for name in (QUOTE, SECTION, SOURCE, ORIGIN))
        quote, section, source, origin = texts
        return Ground(graph, layer, None, quote, section, (), source, origin)

    def place(self, quad: Quad) -> Place | None:
        """Return where a quad stands, or None where no file says it; numbers as the store has them.

        Of a blank node it is the place where a thing with a name first leads to it.
        """
        while isinstance(quad.subject, ox.BlankNode):
            above = next(find_quads(self.store, None, None, quad.subject, quad.graph), None)
            if above is None:
                return None
            quad = above
        for file in self._files(quad):
            for written in self._quads(file).get(_without_object(quad), ()):
                if quad.object in (written.object, _stored(written.object)):
                    return self._locator.place(file, written)
        return None

    def _files(self, quad: Quad) -> list[str]:
        """Return the files that may say a quad, first those that have its names as they stand."""
        found: list[tuple[bool, str]] = []
        for file, (text, default, _) in self._texts.items():
            names = [str(quad.subject), *([] if quad.graph == default else [str(quad.graph)])]
            if all(TAIL.findall(name)[0] in text for name in names):
                found.append((not all(LOCAL.findall(name)[0] in text for name in names), file))
        return [file for _, file in sorted(found, key=lambda each: each[0])]

    def _quads(self, file: str) -> dict[tuple[Term, ...], list[Quad]]:
        """Return what a file says: subject, predicate and graph → the quads."""
        if file not in self._said_in:
            text, default, layer = self._texts[file]
            quads = list(parse(file, text, default))
            self._read.files[file] = SourceFile(layer, default, quads)
            known = self._said_in[file] = {}
            for quad in quads:
                known.setdefault(_without_object(quad), []).append(quad)
        return self._said_in[file]


def _without_object(quad: Quad) -> tuple[Term, ...]:
    return quad.subject, quad.predicate, quad.graph


def _stored(term: Term) -> Term:
    """Return a term as a store has it, which rewrites numbers."""
    store = ox.Store()
    store.add(ox.Quad(TYPE, TYPE, term))
    return next(find_quads(store, None, None, None)).object


def _joined(text: str, spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return spans in order, those as one that overlap or have only a space between them."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if found and (start <= found[-1][1] or not text[found[-1][1] : start].strip()):
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def refute(error: InconsistencyError, project: Project) -> tuple[Grounds, Explanation]:
    """Explain a contradiction of a project: what has grounds, and the proof.

    Raises:
        InconsistencyError: the same, where the reasoner does not tell its rule.
    """
    read = sources.read(project)
    everything = store.make_store([*read.quads, *passages.locate_passages(read).evidence()])
    found = Explainer(everything, store.make_round_store(error.rounds)).refute(error)
    if found is None:
        raise error
    return Grounds(project, everything), found
