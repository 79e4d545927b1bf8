"""The page of a thing: its facts in both directions, with their passages and proofs."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.evidence import proof_words
from kaiju_graph.evidence.description import describe
from kaiju_graph.publish import slices
from kaiju_graph.rdf import write
from kaiju_graph.rdf.formats import FORMATS
from kaiju_graph.rdf.jsonld import context as contexts
from kaiju_graph.rdf.terms import ALT_LABEL, INFERRED, LABEL, SKOS, TYPE
from kaiju_graph.reasoning.proof import walk
from kaiju_graph.web.pages.content import Link, Notes
from kaiju_graph.web.pages.pictures import draw_proof, draw_thing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kaiju_graph.evidence.description import Fact
    from kaiju_graph.rdf.order import Files
    from kaiju_graph.rdf.terms import Quad, Term, Triple
    from kaiju_graph.web.pages.content import Content
    from kaiju_graph.web.pages.pictures import Image

__all__ = ["Data", "Group", "ProofLine", "Row", "Thing", "read_thing"]

MATCHES = {ox.NamedNode(f"{SKOS}{kind}Match") for kind in ("exact", "close")}
"""The properties that lead to identifiers of a thing elsewhere."""
FRAMED = "jsonld"
"""The format in which the data of a thing are one nested document."""
DEEPEST = 7
"""The depth of a proof from which on lines are indented alike."""


class ProofLine(NamedTuple):
    """A line of a proof: a triple, with the graphs that state it, a rule or an axiom."""

    depth: int
    kind: str
    text: str
    graphs: tuple[ox.NamedNode, ...] = ()


class Row(NamedTuple):
    """A fact without its property: the other thing, and what states or proves it."""

    value: Link
    graphs: tuple[ox.NamedNode, ...]
    """What states the fact; none if it is inferred."""
    anchor: str = ""
    """The anchor of its proof on this page."""
    proof: tuple[ProofLine, ...] = ()
    tree: Image | None = None
    """The picture of its proof, if that has several steps."""
    proved_at: str = ""
    """The address of its proof on another page."""


class Group(NamedTuple):
    """The facts with one property, in one direction."""

    property: Link
    rows: list[Row]


class Data(NamedTuple):
    """The data of a thing, as ``kaiju export --thing`` writes them."""

    term: ox.NamedNode
    quads: list[Quad]
    framed: list[Quad]
    """Those of one nested document, which lead to the thing, too."""
    project: Files

    @classmethod
    def find(cls, content: Content, term: ox.NamedNode) -> Data:
        """Return the data of a thing."""
        backwards = contexts.read(content.files, write.CONTEXT).reverse
        flat, framed = (
            slices.describe(content.slices, term, content.order, backwards, symmetric=symmetric)
            for symmetric in (False, True)
        )
        return cls(term, flat, framed, content.files)

    @property
    def forms(self) -> list[str]:
        """The formats that can hold them."""
        return [form for form in FORMATS if write.can_hold(form, self._quads(form), self.project)]

    def _quads(self, form: str) -> list[Quad]:
        return self.framed if form == FRAMED else self.quads

    def write(self, form: str) -> bytes:
        """Return them in a format.

        Raises:
            UsageError: the format cannot hold them.
        """
        if form == FRAMED:
            return write.frame(self.term, self.framed, self.project).encode()
        return write.write(self.quads, form, self.project).encode()


Cited = tuple[Link, tuple[ox.NamedNode, ...]]
"""A value, and the graphs that state it."""


class Thing(NamedTuple):
    """The page of a thing."""

    term: ox.NamedNode
    label: str
    files: dict[str, str]
    """Name of a format → address of its data in it."""
    kinds: list[Cited]
    names: list[Cited]
    """Its other names."""
    identifiers: list[Cited]
    facts: list[Group]
    mentions: list[Group]
    """The facts in which it is the value."""
    inferences: list[Group]
    inferred_mentions: list[Group]
    notes: Notes
    picture: Image | None
    """The thing among its neighbours, if it has several."""

    @property
    def images(self) -> list[Image]:
        """The pictures of the page, each a file of its own."""
        rows = (row for group in self.inferences for row in group.rows)
        return [image for image in (self.picture, *(row.tree for row in rows)) if image]


def read_thing(content: Content, term: ox.NamedNode, forms: Iterable[str]) -> Thing:
    """Return the page of a thing, which offers its data in some formats."""
    facts = describe(content.touching[term], term)
    notes = Notes(content)
    link = content.link(term)
    outgoing = [fact for fact in facts if fact.outgoing]
    kinds = [f for f in outgoing if f.triple.predicate == TYPE and not _is_inferred(f)]
    kinds.sort(key=lambda fact: content.order.key(fact.triple.object))
    names = [f for f in outgoing if f.triple.predicate in (LABEL, ALT_LABEL)]
    matches = [f for f in outgoing if f.triple.predicate in MATCHES]
    shown = {fact.triple for fact in kinds + names + matches}
    rest = [fact for fact in facts if fact.triple not in shown]

    def cite(chosen: Iterable[Fact]) -> list[Cited]:
        return [(content.link(fact.triple.object), notes.add(fact.graphs)) for fact in chosen]

    def select(*, outgoing: bool, inferred: bool) -> list[Group]:
        chosen = [f for f in rest if (f.outgoing, _is_inferred(f)) == (outgoing, inferred)]
        return _group(content, notes, chosen)

    base = content.addresses[term].removesuffix(".html")
    return Thing(
        term,
        link.text,
        {form: f"{base}{FORMATS[form].endings[0]}" for form in forms},
        cite(kinds),
        cite(fact for fact in names if fact.triple.object.value != link.text),
        cite(matches),
        select(outgoing=True, inferred=False),
        select(outgoing=False, inferred=False),
        select(outgoing=True, inferred=True),
        select(outgoing=False, inferred=True),
        notes,
        draw_thing(content, term, f"{_stem(content, term)}.svg"),
    )


def _is_inferred(fact: Fact) -> bool:
    return all(graph == INFERRED for graph in fact.graphs)


def _group(content: Content, notes: Notes, facts: Iterable[Fact]) -> list[Group]:
    """Return facts by property, in the order of the ontology."""
    ordered = sorted(facts, key=lambda fact: content.order.key(fact.triple.predicate))
    groups = []
    for predicate, members in groupby(ordered, key=lambda fact: fact.triple.predicate):
        label = Link("kind", content.link(TYPE).address) if predicate == TYPE else None
        rows = [_row(content, notes, fact) for fact in members]
        groups.append(Group(label or content.link(predicate), rows))
    return groups


def _row(content: Content, notes: Notes, fact: Fact) -> Row:
    triple = fact.triple
    value = content.link(triple.object if fact.outgoing else triple.subject)
    graphs = notes.add(fact.graphs)
    if not _is_inferred(fact):
        return Row(value, graphs)
    anchor = _anchor(content, triple)
    page = content.addresses.get(triple.subject, "")
    if not fact.outgoing:
        return Row(value, graphs, proved_at=f"{page}#{anchor}" if page and "#" not in page else "")
    tree = draw_proof(content, triple, f"{_stem(content, triple.subject)}.{anchor}.svg")
    return Row(value, graphs, anchor, tuple(_proof_lines(content, notes, triple)), tree)


def _stem(content: Content, thing: Term) -> str:
    """Return the address of a page without its ending; the names of its pictures begin with it."""
    return content.addresses[thing].removesuffix(".html")


def _anchor(content: Content, triple: Triple) -> str:
    """Return the anchor of the proof of a triple on the page of its subject."""
    return f"proof-{content.inferred[triple]}"


def _proof_lines(content: Content, notes: Notes, triple: Triple) -> Iterable[ProofLine]:
    """Yield the lines of a proof after the first, which is the fact itself."""
    grounds = content.grounds
    for depth, step, place in walk(content.kg.explainer.prove(triple)):
        if depth and proof_words.is_axiom(grounds, step):
            continue  # shown with the step that uses it
        where = "" if place == "here" else f" (as {place})"
        words = f"{proof_words.sentence(grounds, step.conclusion)}{where}"
        graphs = content.graphs.get(step.conclusion, ()) if step.conclusion else ()
        if step.conclusion != triple:
            level = min(max(depth - 1, 0), DEEPEST)
            yield ProofLine(level, "triple", words, () if step.rule else notes.add(graphs))
        if step.rule and not where:
            level = min(depth, DEEPEST)
            rule = f"by {step.rule}: {proof_words.rule_words(grounds, step)}"
            yield ProofLine(level, "rule", rule)
            for text in proof_words.axioms(grounds, step):
                yield ProofLine(level, "axiom", text)
