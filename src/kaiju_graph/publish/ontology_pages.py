"""Stage 11: the ontology, and the graph that uses it → its documentation, in Markdown.

Each term has what the ontology says of it, links to the terms that it refers to, what it is aligned
with, and an example from the graph with the words that carry it. The order is that of the files.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.project.sources import graph_layers
from kaiju_graph.publish.question_pages import code_block
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.terms import OWL, QUOTE, RDFS, TYPE, Quad
from kaiju_graph.rdf.turtle import TermWriter

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kaiju_graph.project.layout import Project
    from kaiju_graph.rdf.terms import Term

__all__ = ["document"]

DCTERMS = "http://purl.org/dc/terms/"
SKOS = "http://www.w3.org/2004/02/skos/core#"
GROUPS = {
    "Class": "Classes",
    "ObjectProperty": "Object properties",
    "DatatypeProperty": "Datatype properties",
    "AnnotationProperty": "Annotation properties",
    "NamedIndividual": "Individuals",
}
"""Kind of term, in the namespace of OWL → the heading of its group."""
RELATIONS = {
    f"{RDFS}subClassOf": "subclass of",
    f"{RDFS}subPropertyOf": "subproperty of",
    f"{RDFS}domain": "domain",
    f"{RDFS}range": "range",
    f"{OWL}inverseOf": "inverse of",
    f"{OWL}equivalentClass": "equivalent to",
    f"{OWL}equivalentProperty": "equivalent to",
    f"{OWL}disjointWith": "disjoint with",
    f"{OWL}propertyDisjointWith": "disjoint with",
}
"""Axiom → how it is told, and how of the term on its other side, in this order."""
CONVERSES = {
    f"{RDFS}subClassOf": "superclass of",
    f"{RDFS}subPropertyOf": "superproperty of",
    f"{OWL}inverseOf": "inverse of",
    f"{OWL}disjointWith": "disjoint with",
    f"{OWL}propertyDisjointWith": "disjoint with",
}
BROADER = f"{RDFS}subClassOf", f"{RDFS}subPropertyOf"
WITNESSES = ("stated", "evidence", "entities", "curated", "inferred", "ontology")
"""The layers that examples come from, the best first."""


class _Example(NamedTuple):
    """A quad that uses a term, and the words that carry it."""

    quad: Quad
    words: str
    source: str


class _Known:
    """What all quads say, as the documentation needs it."""

    def __init__(self, quads: Sequence[Quad], project: Project) -> None:
        self.project = project
        self.layer = graph_layers(quads)
        self.said: dict[Term, dict[str, list[Term]]] = {}
        self.converse: dict[Term, dict[str, list[Term]]] = {}
        self.aligned: dict[Term, dict[str, list[Term]]] = {}
        self.quotes: dict[Term, str] = {}
        self.uses: dict[Term, list[Quad]] = {}
        """Class or property → the quads that use it."""
        self.mentions: dict[Term, Quad] = {}
        """Thing → the first quad of a passage that speaks of it."""
        for quad in quads:
            self._take(quad)

    def _take(self, quad: Quad) -> None:
        layer = self.layer[quad.graph.value]
        if layer in ("ontology", "alignments"):
            into = self.said if layer == "ontology" else self.aligned
            values = into.setdefault(quad.subject, {})
            values.setdefault(quad.predicate.value, []).append(quad.object)
        if layer == "ontology":
            values = self.converse.setdefault(quad.object, {})
            values.setdefault(quad.predicate.value, []).append(quad.subject)
        if layer == "stated":
            for thing in (quad.subject, quad.object):
                self.mentions.setdefault(thing, quad)
        if quad.predicate == QUOTE:
            self.quotes[quad.subject] = quad.object.value
        if layer != "alignments" and isinstance(quad.subject, ox.NamedNode):
            used = quad.object if quad.predicate == TYPE else quad.predicate
            self.uses.setdefault(used, []).append(quad)

    def rank(self, quad: Quad) -> int:
        """Return the place of a quad among examples, by its layer."""
        return WITNESSES.index(self.layer[quad.graph.value])

    def values(self, term: Term, iri: str) -> list[Term]:
        """Return what the ontology says of a term by a property."""
        return self.said.get(term, {}).get(iri, [])

    def text(self, term: Term, iri: str) -> str:
        """Return what the ontology says of a term by a property, escaped, or nothing."""
        return " ".join(_escaped(value.value) for value in self.values(term, iri))

    def value(self, term: Term, predicate: ox.NamedNode) -> Term | None:
        """Return one thing that the ontology says of a term by a property, if any."""
        return next(iter(self.values(term, predicate.value)), None)

    def narrower(self, term: Term) -> list[Term]:
        """Return a term, then those below it, the nearest first, and inverses of any of them."""
        found = [term]
        for low in found:
            below, inverse = self.converse.get(low, {}), f"{OWL}inverseOf"
            near = [t for iri in (*BROADER, inverse) for t in below.get(iri, ())]
            found += [t for t in [*near, *self.values(low, inverse)] if t not in found]
        return found

    def link(self, term: Term) -> str:
        """Return a term in Markdown: one of the ontology links to its place, another to its IRI."""
        if not isinstance(term, ox.NamedNode):
            return _escaped(str(term))
        name = self.project.prefixes.shorten(term.value).strip("<>")
        here = {iri.value for iri in self.values(term, f"{RDFS}isDefinedBy")}
        return f"[{name}](#{_anchor(name)})" if here else f"[{name}]({term.value})"


def document(quads: Sequence[Quad], project: Project) -> str:
    """Return the documentation of the ontology.

    Args:
        quads: all quads of the project, in the order of its files.
        project: its prefixes.
    """
    known = _Known(quads, project)
    kind = ox.NamedNode(f"{OWL}Ontology")
    ontologies = [q.subject for q in quads if q[1:3] == (TYPE, kind) and q.subject in known.said]
    defined = {iri: _groups(known, iri) for iri in dict.fromkeys(ontologies)}
    parts = ["# The ontology\n", "Made from the Turtle files beside it; change those.\n"]
    for iri, groups in defined.items():
        title = known.text(iri, f"{DCTERMS}title")
        parts.append(
            f"**[{title}](#{_anchor(project.prefixes.shorten(iri.value).strip('<>:'))})**\n"
        )
        for group, members in groups.items():
            parts.append(f"{group}: {', '.join(map(known.link, members))}\n")
    for iri, groups in defined.items():
        parts.append(_header(known, iri))
        for group, members in groups.items():
            parts.append(f"### {group}\n")
            parts += [_term(known, member) for member in members]
    return "\n".join(parts)


def _groups(known: _Known, ontology: Term) -> dict[str, list[Term]]:
    """Return the terms that an ontology defines, by kind."""
    defined = dict.fromkeys(known.converse.get(ontology, {}).get(f"{RDFS}isDefinedBy", ()))
    groups = {
        heading: [t for t in defined if ox.NamedNode(OWL + kind) in known.values(t, TYPE.value)]
        for kind, heading in GROUPS.items()
    }
    return {heading: members for heading, members in groups.items() if members}


def _header(known: _Known, ontology: Term) -> str:
    anchor = _anchor(known.project.prefixes.shorten(ontology.value).strip("<>:"))
    lines = [f"- IRI: <{ontology.value}>\n"]
    for iri, word in (
        (f"{OWL}versionIRI", "version"),
        (f"{DCTERMS}license", "licence"),
        (f"{OWL}imports", "imports"),
    ):
        values = ", ".join(f"<{value.value}>" for value in known.values(ontology, iri))
        lines.append(f"- {word}: {values}\n" if values else "")
    title, text = (known.text(ontology, f"{DCTERMS}{name}") for name in ("title", "description"))
    return f'<a id="{anchor}"></a>\n\n## {title}\n\n{text}\n\n{"".join(lines)}'


def _term(known: _Known, term: Term) -> str:
    """Return the entry of a term."""
    name = known.project.prefixes.shorten(term.value).strip("<>")
    lines = [f"- {word}: {values}\n" for word, values in _facts(known, term).items()]
    parts = [f'<a id="{_anchor(name)}"></a>\n', f"#### {name}\n"]
    parts.append(f"*{known.text(term, f'{RDFS}label')}*: {known.text(term, f'{SKOS}definition')}\n")
    if note := known.text(term, f"{SKOS}editorialNote"):
        parts.append(f"{note}\n")
    parts += ["".join(lines)] if lines else []
    if example := _example(known, term):
        parts.append(_shown(known, example))
    return "\n".join(parts)


def _facts(known: _Known, term: Term) -> dict[str, str]:
    """Return what the ontology says of a term: word → values, in Markdown."""
    found: dict[str, dict[str, None]] = {}

    def add(word: str, values: Iterable[str]) -> None:
        if values := dict.fromkeys(values):
            found.setdefault(word, {}).update(values)

    kinds = {OWL + kind for kind in GROUPS}
    types = [kind for kind in known.values(term, TYPE.value) if kind.value not in kinds]
    marks = [k.value.removeprefix(OWL) for k in types if k.value.startswith(OWL)]
    add("characteristics", (re.sub("Property$", "", mark).lower() for mark in marks))
    add("instance of", (known.link(k) for k in types if not k.value.startswith(OWL)))
    for iri, word in RELATIONS.items():
        add(word, map(known.link, known.values(term, iri)))
    below = known.converse.get(term, {})
    for iri, word in CONVERSES.items():
        add(word, map(known.link, below.get(iri, ())))
    for chain in known.values(term, f"{OWL}propertyChainAxiom"):
        add("follows from", [" ∘ ".join(map(known.link, terms.list_members(chain, known.value)))])
    for iri, others in known.aligned.get(term, {}).items():
        word = "aligned" if iri not in RELATIONS else f"aligned, {RELATIONS[iri]}"
        add(word, map(known.link, others))
    return {word: ", ".join(values) for word, values in found.items()}


def _example(known: _Known, term: Term) -> _Example | None:
    """Return the best example: with words before none, of the term before those below it."""
    spare = None
    for used in known.narrower(term):
        for quad in sorted(known.uses.get(used, ()), key=known.rank):
            found = _witness(known, quad)
            if found.words:
                return found
            spare = spare or found
    mention = known.mentions.get(term)
    return spare or (_witness(known, mention) if mention else None)


def _witness(known: _Known, quad: Quad) -> _Example:
    """Return a quad as an example, with the sentence that says it, or that speaks of its thing."""
    spoken = known.mentions.get(quad.subject) if quad.predicate == TYPE else None
    for passage in (quad.graph, quad.subject, *((spoken.graph,) if spoken else ())):
        if passage in known.quotes:
            return _Example(
                quad, known.quotes[passage], known.project.prefixes.shorten(passage.value)
            )
    return _Example(quad, "", known.layer[quad.graph.value])


def _shown(known: _Known, example: _Example) -> str:
    """Return an example: the statement, and the sentence with the passage that it is."""
    subject, predicate, value = map(TermWriter(known.project.prefixes).text, example.quad.triple)
    code = f"{subject} {'a' if example.quad.predicate == TYPE else predicate} {value} ."
    shown = f"Example ({example.source}):\n\n{code_block(code, 'turtle')}"
    sentence = _escaped(example.words).replace("\n", "\n> ")
    return f"{shown}\n> {sentence}\n" if sentence else shown


def _anchor(name: str) -> str:
    """Return the name of a place of the page, which stays the same as long as the term does."""
    return re.sub(r"[^\w-]+", "-", name).strip("-")


def _escaped(text: str) -> str:
    """Return a text as Markdown shows it: no character of it is markup (CommonMark, 2.4)."""
    return re.sub(r"([\\`*_\[\]<>#|~&])", r"\\\1", text)
