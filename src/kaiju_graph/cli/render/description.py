"""The description of a thing as text or JSON: its facts with their sources."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from kaiju_graph.cli.render.text import columns, json_text, quantity, wrap
from kaiju_graph.evidence import description
from kaiju_graph.project.sources import graph_layers
from kaiju_graph.rdf.notation import node_text, term_text
from kaiju_graph.rdf.terms import QUOTE, TYPE, term_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kaiju_graph.api import KnowledgeGraph
    from kaiju_graph.evidence.description import Fact
    from kaiju_graph.rdf.terms import Quad, Term, Triple
    from kaiju_graph.remote_graph import RemoteGraph

__all__ = ["render_description"]

FEW = 12
"""How many facts with the same predicate and direction a terminal shows."""
DEEPEST = 8
"""How many blank nodes may lie between a named thing and a blank node below it."""


def render_description(
    kg: KnowledgeGraph | RemoteGraph,
    thing: ox.NamedNode,
    facts: list[Fact],
    form: str,
    width: int = 0,
) -> str:
    """Return a description; that of a passage has its words and triples, too.

    Args:
        kg: has labels, prefixes and the layers of graphs.
        thing: the thing.
        facts: all facts about it.
        form: ``text`` or ``json``.
        width: columns of the terminal, on which long lists are cut; 0 where there is none.
    """
    page = _Page(kg, thing, facts)
    return page.json() if form == "json" else page.text(width)


class _Page:
    """A thing, its facts, and the data that are needed to show them."""

    def __init__(
        self, kg: KnowledgeGraph | RemoteGraph, thing: ox.NamedNode, facts: list[Fact]
    ) -> None:
        self.kg = kg
        self.thing = thing
        self.facts = facts
        self.layers = graph_layers(kg.quads)
        self.origins = description.graph_origins(kg.quads)
        self.lead_sections = description.lead_sections(kg.quads)
        self.quote = description.passage_quote(facts)
        self.content = [quad for quad in kg.quads if quad.graph == thing]
        self.usage = description.usage(kg.quads, facts, self.layers)
        self.blank: dict[Term, list[Quad]] = {}
        self.parents: dict[Term, list[Quad]] = {}
        for quad in kg.quads:
            if isinstance(quad.subject, ox.BlankNode):
                self.blank.setdefault(quad.subject, []).append(quad)
            if isinstance(quad.object, ox.BlankNode):
                self.parents.setdefault(quad.object, []).append(quad)

    def text(self, width: int) -> str:
        outgoing = self._rows(width, outgoing=True)
        incoming = self._rows(width, outgoing=False)
        size = max((len(first) for first, _ in outgoing + incoming), default=0)
        blocks = [wrap(self._heading(self.thing), width)]
        if self.quote:
            blocks.append(wrap(f"“{self.quote}”".replace("\n", " "), width, "  "))
        blocks.append(columns(outgoing, width, size=size))
        if self.usage:
            counts = ", ".join(f"{count:,} {name}" for name, count in self.usage.by_layer.items())
            total = quantity(self.usage.total, self.usage.noun)
            blocks.append(wrap(f"{total}: {counts}" if counts else total, width, "  "))
        blocks.append(columns(incoming, width, size=size))
        if self.content:
            blocks.append("  it states:\n")
        by_subject: dict[Term, list[Triple]] = {}
        for quad in self.content:
            by_subject.setdefault(quad.subject, []).append(quad.triple)
        for subject, triples in by_subject.items():
            blocks.append(wrap(self._heading(subject), width, "    "))
            blocks += [wrap(self._words(triple), width, "      ") for triple in triples]
        return "".join(blocks)

    def _rows(self, width: int, *, outgoing: bool) -> list[tuple[str, list[str]]]:
        """Return predicate and value of each fact; the predicate only where it changes."""
        rows: list[tuple[str, list[str]]] = []
        facts = (fact for fact in self.facts if fact.outgoing == outgoing)
        for _, members in groupby(facts, key=lambda fact: fact.triple.predicate):
            lines = [line for fact in members if (line := self._line(fact))]
            more = [("", f"… and {len(lines) - FEW:,} more (-f json shows all)")]
            if width and len(lines) > FEW:
                lines = lines[:FEW] + more
            last = ""
            for first, text in lines:
                rows.append(("" if first == last else first, [text.replace("\n", " ")]))
                last = first
        return rows

    def _line(self, fact: Fact) -> tuple[str, str] | None:
        """Return predicate and value of a fact; None for the quote, which stands elsewhere.

        If the thing is the object, the value is the subject, for which an ellipsis stands: in
        ``… story:before this``, the value is the earlier event.
        """
        subject, predicate, object_ = fact.triple
        where = f"  [{self._sources(fact.graphs)}]"
        if fact.outgoing:
            value = self._name(object_) + where
            return None if predicate == QUOTE else (self._predicate(predicate), value)
        if isinstance(subject, ox.BlankNode):
            return "in", "; ".join(dict.fromkeys(self._axioms(subject))) + where
        return f"… {self._predicate(predicate)} this", self._name(subject) + where

    def _axioms(self, node: Term, depth: int = 0) -> list[str]:
        """Return the statements about named things that lead to a blank node."""
        axioms = []
        for quad in self.parents.get(node, ()) if depth < DEEPEST else ():
            if isinstance(quad.subject, ox.BlankNode):
                axioms += self._axioms(quad.subject, depth + 1)
            else:
                axioms.append(f"{self._name(quad.subject)} {self._words(quad.triple)}")
        return axioms or [self._name(node)]

    def json(self) -> str:
        return json_text(
            {
                "thing": self.thing.value,
                "label": self.kg.names.labels.get(self.thing),
                "quote": self.quote,
                "usage": self.usage,
                "facts": [
                    {
                        **_triple_json(fact.triple),
                        "label": self._name(
                            fact.triple.object if fact.outgoing else fact.triple.subject
                        ),
                        "sources": [self._source_json(graph) for graph in fact.graphs],
                    }
                    for fact in self.facts
                ],
                "says": [_triple_json(quad.triple) for quad in self.content],
            }
        )

    def _source_json(self, graph: ox.NamedNode) -> dict[str, str]:
        layer = self.layers[graph.value]
        source = {"graph": graph.value, "layer": layer}
        if origin := self.origins.get(graph):
            source["section" if layer == "stated" else "source"] = origin
        return source

    def _sources(self, graphs: Iterable[ox.NamedNode]) -> str:
        """Return the sources of a fact: passages by section, then other sources and layers."""
        passages: dict[str, list[str]] = {}
        others: dict[str, None] = {}
        for graph in graphs:
            layer, origin = self.layers[graph.value], self.origins.get(graph, "")
            if layer == "stated":
                section = "" if origin in self.lead_sections else origin
                curie = self.kg.project.prefixes.shorten(graph.value)
                passages.setdefault(section, []).append(curie)
            else:
                others[f"{layer}: {origin}" if origin else layer] = None
        stated = [
            f"{', '.join(names)} in {section}" if section else ", ".join(names)
            for section, names in passages.items()
        ]
        return "; ".join([*stated, *others])

    def _words(self, triple: Triple) -> str:
        """Return a triple without its subject."""
        return f"{self._predicate(triple.predicate)} {self._name(triple.object)}"

    def _predicate(self, predicate: ox.NamedNode) -> str:
        return "a" if predicate == TYPE else self.kg.project.prefixes.shorten(predicate.value)

    def _heading(self, term: Term) -> str:
        """Return a thing's label and CURIE."""
        label, curie = self._name(term), term_text(term, self.kg.project.prefixes)
        return curie if label == curie else f"{label}  {curie}"

    def _name(self, term: Term) -> str:
        if isinstance(term, ox.BlankNode):
            return node_text(term, lambda node: self.blank.get(node, ()), self.kg.project.prefixes)
        return self.kg.names.label(term, self.kg.project)


def _triple_json(triple: Triple) -> dict[str, Any]:
    return {name: term_json(term) for name, term in triple._asdict().items()}
