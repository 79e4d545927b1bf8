"""Stage 12, beside showing: what is known of a thing → text, each fact with where it comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from kaiju_graph.cli.render.text import json_text, quantity, with_article, wrap
from kaiju_graph.evidence import description
from kaiju_graph.project.sources import graph_layers
from kaiju_graph.rdf.notation import node_text, term_text
from kaiju_graph.rdf.terms import QUOTE, TYPE, term_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kaiju_graph.api import KnowledgeGraph
    from kaiju_graph.evidence.description import Fact
    from kaiju_graph.rdf.terms import Quad, Term, Triple

__all__ = ["render_thing"]

FEW = 12
"""How many facts of one predicate and direction a terminal shows."""
DEEPEST = 8
"""Over how many blank nodes a named thing is looked for that leads to one."""


def render_thing(
    kg: KnowledgeGraph, thing: ox.NamedNode, known: list[Fact], form: str, width: int = 0
) -> str:
    """Return what is known of a thing: of a passage its words, of a graph what it says.

    Args:
        kg: has labels, prefixes, and what the graphs are.
        thing: the thing.
        known: what is known of it.
        form: ``text`` or ``json``.
        width: columns of the terminal, where long lists are cut; 0 where there is none.
    """
    told = _Told(kg, thing, known)
    return told.json() if form == "json" else told.text(width)


class _Told:
    """A thing, with what is needed to tell of it."""

    def __init__(self, kg: KnowledgeGraph, thing: ox.NamedNode, known: list[Fact]) -> None:
        self.kg = kg
        self.thing = thing
        self.known = known
        self.layer = graph_layers(kg.quads)
        self.origins = description.graph_origins(kg.quads)
        self.titles = description.lead_sections(kg.quads)
        self.quote = description.passage_quote(known)
        self.said = [quad for quad in kg.quads if quad.graph == thing]
        self.usage = description.usage(kg.quads, known, self.layer)
        self.blank: dict[Term, list[Quad]] = {}
        self.leading: dict[Term, list[Quad]] = {}
        for quad in kg.quads:
            if isinstance(quad.subject, ox.BlankNode):
                self.blank.setdefault(quad.subject, []).append(quad)
            if isinstance(quad.object, ox.BlankNode):
                self.leading.setdefault(quad.object, []).append(quad)

    def text(self, width: int) -> str:
        lines = [self._headed(self.thing)]
        if self.quote:
            lines.append(f"  “{self.quote}”")
        shown: dict[tuple[bool, ox.NamedNode], int] = {}
        usage = self._usage()
        for fact in self.known:
            if usage and not fact.outgoing:
                lines.append(usage)
                usage = ""
            key = (fact.outgoing, fact.triple.predicate)
            shown[key] = shown.get(key, 0) + 1
            if (words := self._words(fact)) and not (width and shown[key] > FEW):
                lines.append(f"  {words}  [{self._where(fact.graphs)}]")
        lines += [usage] if usage else []
        for (outgoing, predicate), count in shown.items():
            if width and count > FEW:
                words = self._predicate(predicate, outgoing=outgoing)
                lines.append(f"  … and {count - FEW:,} more: {words} (-f json has all)")
        lines += self._says()
        return "".join(
            wrap(line.lstrip(), width, " " * (len(line) - len(line.lstrip())))
            for line in (line.replace("\n", " ") for line in lines)
        )

    def _says(self) -> list[str]:
        """Return what is said in the named graph that the thing is, by subject."""
        lines = ["  it says:"] if self.said else []
        by_subject: dict[Term, list[str]] = {}
        for quad in self.said:
            by_subject.setdefault(quad.subject, []).append(f"      {self._property(quad.triple)}")
        for subject, properties in by_subject.items():
            lines += [f"    {self._headed(subject)}", *properties]
        return lines

    def json(self) -> str:
        found = {
            "thing": self.thing.value,
            "label": self.kg.names.labels.get(self.thing),
            "quote": self.quote,
            "usage": self.usage,
            "facts": [
                {
                    **self._object(fact.triple),
                    "label": self._name(_other(fact)),
                    "sources": [self._source(graph) for graph in fact.graphs],
                }
                for fact in self.known
            ],
            "says": [self._object(quad.triple) for quad in self.said],
        }
        return json_text(found)

    def _object(self, triple: Triple) -> dict[str, Any]:
        return {name: term_json(term) for name, term in triple._asdict().items()}

    def _source(self, graph: ox.NamedNode) -> dict[str, str]:
        layer = self.layer[graph.value]
        found = {"graph": graph.value, "layer": layer}
        if origin := self.origins.get(graph):
            found["section" if layer == "stated" else "source"] = origin
        return found

    def _words(self, fact: Fact) -> str:
        """Return a fact without its subject, or nothing where it is told otherwise."""
        triple = fact.triple
        if triple.predicate == QUOTE and fact.outgoing:
            return ""
        if fact.outgoing:
            return self._property(triple)
        if isinstance(triple.subject, ox.BlankNode):
            return "; ".join(dict.fromkeys(self._axioms(triple.subject)))
        predicate = self._predicate(triple.predicate, outgoing=False)
        return f"{predicate} {self._name(triple.subject)}"

    def _axioms(self, node: Term, depth: int = 0) -> list[str]:
        """Return the statements about named things that lead to a blank node."""
        found = []
        for quad in self.leading.get(node, ()) if depth < DEEPEST else ():
            if isinstance(quad.subject, ox.BlankNode):
                found += self._axioms(quad.subject, depth + 1)
            else:
                found.append(f"in {self._name(quad.subject)} {self._property(quad.triple)}")
        return found or [f"in {self._name(node)}"]

    def _predicate(self, predicate: ox.NamedNode, *, outgoing: bool) -> str:
        name = self.kg.project.prefixes.shorten(predicate.value)
        if predicate == TYPE:
            return "a" if outgoing else "is the class of"
        return name if outgoing else f"is {name} of"

    def _property(self, triple: Triple) -> str:
        """Return a triple without its subject."""
        if triple.predicate == TYPE:
            return with_article(self._name(triple.object))
        return f"{self._predicate(triple.predicate, outgoing=True)} {self._name(triple.object)}"

    def _headed(self, term: Term) -> str:
        """Return a thing's label and CURIE."""
        label, curie = self._name(term), term_text(term, self.kg.project.prefixes)
        return curie if label == curie else f"{label}  {curie}"

    def _usage(self) -> str:
        if self.usage is None:
            return ""
        counts = ", ".join(f"{count:,} {layer}" for layer, count in self.usage.by_layer.items())
        total = quantity(self.usage.total, self.usage.noun)
        return f"  {total}{': ' if counts else ''}{counts}"

    def _where(self, graphs: Iterable[ox.NamedNode]) -> str:
        """Return where a fact comes from: passages by section, sources, layers."""
        passages: dict[str, list[str]] = {}
        others: dict[str, None] = {}
        for graph in graphs:
            layer, origin = self.layer[graph.value], self.origins.get(graph)
            if layer == "stated":
                curie = self.kg.project.prefixes.shorten(graph.value)
                section = "" if origin is None or origin in self.titles else origin
                passages.setdefault(section, []).append(curie)
            else:
                others[f"{layer}: {origin}" if origin else layer] = None
        told = [
            f"{', '.join(names)} in {section}" if section else ", ".join(names)
            for section, names in passages.items()
        ]
        return "; ".join([*told, *others])

    def _name(self, term: Term) -> str:
        if isinstance(term, ox.BlankNode):
            return node_text(term, lambda node: self.blank.get(node, ()), self.kg.project.prefixes)
        return self.kg.names.label(term, self.kg.project)


def _other(fact: Fact) -> Term:
    return fact.triple.object if fact.outgoing else fact.triple.subject
