"""What the pages share: the graph by thing, the addresses of pages, links and footnotes."""

from __future__ import annotations

import warnings
from collections import Counter
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.errors import SourceError, UsageError
from kaiju_graph.evidence import coverage
from kaiju_graph.project import sources
from kaiju_graph.project.names import Names
from kaiju_graph.project.passages import ABOUT, locate_passages
from kaiju_graph.project.snapshot import Snapshot
from kaiju_graph.project.sources import select_layers
from kaiju_graph.publish import profiles, slices, vocabulary, void
from kaiju_graph.rdf import notation, order
from kaiju_graph.rdf.terms import (
    ENTITIES,
    INFERRED,
    IS_DEFINED_BY,
    NEEDS_CONTEXT,
    OWL,
    TYPE,
    Quad,
    Term,
    Triple,
)
from kaiju_graph.sparql import execute, questions
from kaiju_graph.web.pages import addresses, answers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kaiju_graph.api import KnowledgeGraph
    from kaiju_graph.evidence.coverage import Reading
    from kaiju_graph.project.passages import Article, Passage
    from kaiju_graph.sparql.execute import Result

__all__ = ["MAX_ROWS", "Content", "Link", "Note", "Notes"]

ONTOLOGY_CLASS = ox.NamedNode(OWL + "Ontology")
WITH_PAGES = ("stated", "entities", "curated", "evidence")
"""The layers whose subjects have pages of their own, as things."""
FOR_SEARCH = "schema.org"
"""The profile that search engines read, if the project has it."""
MAX_ROWS = 100
"""How many rows the page of a question shows; the files of the answer have all."""
LAYER_WORDS = {
    "entities": "The named things of this graph",
    "evidence": "Computed from the article",
    "ontology": "The ontology",
    "alignments": "The alignments of the ontology",
}
"""Layer → the words of a footnote for its graph."""


class Link(NamedTuple):
    """A text, and the address that it leads to; empty if it leads nowhere."""

    text: str
    address: str = ""
    language: str = ""


class Note(NamedTuple):
    """A footnote: a passage with its words, or another source."""

    number: int
    words: str
    """The words of the passage, or of the source."""
    link: Link
    section: str = ""
    is_quote: bool = False


class Content:
    """The graph of a project, by thing, and where the page of each thing is."""

    def __init__(self, kg: KnowledgeGraph) -> None:
        self.kg = kg
        self.prefixes = kg.project.prefixes
        project = kg.project
        self.files = project if isinstance(project, Snapshot) else Snapshot(project)
        """The files that writers need."""
        self.quads = kg.quads
        self.layers = sources.graph_layers(kg.quads)
        self.order = order.read(kg.project)
        self.names = kg.names
        self.proper_names = Names(quad for quad in kg.quads if quad.graph == ENTITIES)
        """The names of things, without the labels of coined ones, which are descriptions."""
        self.grounds = kg.grounds
        self.entry = answers.find_entry(kg)
        """The entry of the cache that keeps answers with their evidence."""
        self.questions = questions.list_questions(kg.project)
        names = addresses.file_names(question.name for question in self.questions)
        self.question_pages = {name: f"question/{file}.html" for name, file in names.items()}
        """Name of a question → address of its page."""
        self.vocabulary = vocabulary.Index(kg.quads, kg.project)
        self.touching: dict[Term, list[Quad]] = {}
        """Thing → the quads with it as subject or object."""
        self.stated: dict[Term, list[Quad]] = {}
        """Named graph → its quads."""
        self.graphs: dict[Triple, list[ox.NamedNode]] = {}
        """Triple → the graphs that have it."""
        self.inferred: dict[Triple, int] = {}
        """Inferred triple → its number among those of its subject."""
        self._blank: dict[Term, list[Quad]] = {}
        for quad in kg.quads:
            for term in {quad.subject, quad.object}:
                self.touching.setdefault(term, []).append(quad)
            self.stated.setdefault(quad.graph, []).append(quad)
            self.graphs.setdefault(quad.triple, []).append(quad.graph)
            if isinstance(quad.subject, ox.BlankNode):
                self._blank.setdefault(quad.subject, []).append(quad)
        counts: Counter[Term] = Counter()
        for triple, graphs in self.graphs.items():
            if graphs == [INFERRED]:
                counts[triple.subject] += 1
                self.inferred[triple] = counts[triple.subject]
        self._sources = sources.read(kg.project)
        self._located = locate_passages(self._sources)
        self.articles: list[Article] = self._located.articles
        self.addresses: dict[Term, str] = self._thing_addresses() | self._article_addresses()

    def _thing_addresses(self) -> dict[Term, str]:
        pages: dict[ox.NamedNode, str] = {}
        for quad in self.quads:
            if isinstance(quad.subject, ox.NamedNode) and (
                self.layers[quad.graph.value] in WITH_PAGES or quad.predicate == IS_DEFINED_BY
            ):
                pages.setdefault(quad.subject, "thing")
        for heading, members in self.terms_by_kind().items():
            folder = "class" if heading == "Classes" else "property"
            folder = "individual" if heading == "Individuals" else folder
            pages |= {term: folder for term in members if isinstance(term, ox.NamedNode)}
        assigned = addresses.assign(((f, term) for term, f in pages.items()), self.prefixes)
        result: dict[Term, str] = dict(assigned.items())
        for node in self.ontologies:
            result[node] = f"terms.html#{addresses.slug(self.vocabulary.curie(node))}"
        return result

    def _article_addresses(self) -> dict[Term, str]:
        result: dict[Term, str] = {}
        folders = [article.folder.rpartition("/")[2] for article in self.articles]
        names = addresses.file_names(folders)
        for article, folder in zip(self.articles, folders, strict=True):
            page = f"article/{names[folder]}.html"
            result[article.node] = page
            for passage in article.passages:
                result[passage.iri] = f"{page}#{self.anchor(passage)}"
        return result

    def anchor(self, passage: Passage) -> str:
        """Return the anchor of a passage in the page of its article."""
        name = addresses.slug(passage.iri.value.rpartition("/")[2])
        return f"{name}.{passage.order}" if name in self._twice else name

    @cached_property
    def _twice(self) -> set[str]:
        """The names that are no anchors as they are, because two passages would have them."""
        seen: set[str] = {"main", "none", "words"}
        twice = set(seen)
        for article in self.articles:
            names = [addresses.slug(p.iri.value.rpartition("/")[2]) for p in article.passages]
            twice |= {name for name in names if names.count(name) > 1}
        return twice

    @cached_property
    def readings(self) -> dict[Term, Reading]:
        """Passage → which of its words the graph covers."""
        found = coverage.cover(self._located, self._sources.quads).readings
        return {reading.passage.iri: reading for reading in found}

    @cached_property
    def salts(self) -> dict[str, int]:
        """Text of a question → the salt of the key of its answer."""
        return answers.find_salts((question.text for question in self.questions), MAX_ROWS)

    @cached_property
    def slices(self) -> slices.Index:
        """The quads of which the data of a thing is a slice."""
        return slices.Index(select_layers(self.quads, *self.kg.layers))

    @cached_property
    def _for_search(self) -> profiles.Constructed | None:
        """All that is written for search engines."""
        if FOR_SEARCH not in profiles.stored_profiles(self.kg.project):
            return None

        def answer(text: str, file: str) -> Result:
            prefixes = self.kg.project.prefixes
            return execute.run(self.kg.store_for(text), text, prefixes, file, explain=False)

        with warnings.catch_warnings(action="ignore"):  # kaiju export gives them
            return profiles.construct_all(FOR_SEARCH, self.kg.project, answer)

    def write_for_search(self, things: Iterable[Term]) -> list[str]:
        """Return the documents that ``kaiju export`` writes for search engines, of some things.

        A thing about which the profile has nothing, or that no document can hold, has none.
        """
        documents: list[str] = []
        if not (profile := self._for_search):
            return documents
        for thing in things:
            if isinstance(thing, ox.NamedNode) and thing in profile.links:
                with suppress(UsageError):
                    documents.append(profile.write(thing, self.files))
        return documents

    @cached_property
    def title(self) -> str:
        """The title of the dataset, or the titles of its articles."""
        if self.dataset:
            return self.dataset.title.value
        labels = [self.link(article.node).text for article in self.articles]
        return ", ".join(labels) or "A knowledge graph"

    @cached_property
    def dataset(self) -> void.Description | None:
        """The description of the dataset, if it has one."""
        try:
            return void.read(self.kg.project)
        except SourceError:
            return None

    @cached_property
    def ontologies(self) -> dict[Term, dict[str, list[Term]]]:
        """Ontology → heading → the terms that it defines."""
        found = self.vocabulary.subjects(ONTOLOGY_CLASS, "rdf:type")
        return {node: vocabulary.groups(self.vocabulary, node) for node in dict.fromkeys(found)}

    def terms_by_kind(self) -> dict[str, list[Term]]:
        """Return heading → the terms of all ontologies."""
        kinds: dict[str, list[Term]] = {}
        for groups in self.ontologies.values():
            for heading, members in groups.items():
                kinds.setdefault(heading, []).extend(members)
        return kinds

    def link(self, term: Term | str) -> Link:
        """Return a term for people, with the address of its page.

        An IRI without a page leads to the web if it has an address there, and else nowhere.
        """
        if isinstance(term, str):
            return Link(term)
        if isinstance(term, ox.Literal):
            language = term.language or ""
            return Link(term.value, "", "" if language == "en" else language)
        if isinstance(term, ox.BlankNode):
            blank = self._blank
            text = notation.node_text(term, lambda node: blank.get(node, ()), self.prefixes)
            return Link(text)
        text = self.names.label(term, self.kg.project).strip("<>")
        address = self.addresses.get(term, term.value if addresses.is_web(term.value) else "")
        return Link(text, address)

    def kinds(self, thing: Term) -> list[Term]:
        """Return the asserted classes of a thing, in the order of the ontology."""
        types = {
            quad.object
            for quad in self.touching.get(thing, ())
            if quad.subject == thing
            and quad.predicate == TYPE
            and self.layers[quad.graph.value] != "inferred"
        }
        return sorted(types, key=self.order.key)

    def subjects(self, article: Article) -> list[Term]:
        """Return the things that an article is about."""
        return [
            quad.object
            for quad in self.touching[article.node]
            if quad.subject == article.node and quad.predicate == ABOUT
        ]

    def contexts(self, passage: Term) -> list[Term]:
        """Return the passages that a passage needs as context."""
        return [
            quad.object
            for quad in self.touching.get(passage, ())
            if quad.subject == passage and quad.predicate == NEEDS_CONTEXT
        ]

    @cached_property
    def passages(self) -> dict[Term, tuple[int, Passage]]:
        """Passage → its rank among those of all articles, and the passage."""
        passages = (passage for article in self.articles for passage in article.passages)
        return {passage.iri: (rank, passage) for rank, passage in enumerate(passages)}


class Notes:
    """The footnotes of a page: first its passages in the order of the text, then other sources."""

    def __init__(self, content: Content) -> None:
        self.content = content
        self._graphs: dict[ox.NamedNode, None] = {}

    def add(self, graphs: Iterable[ox.NamedNode]) -> tuple[ox.NamedNode, ...]:
        """Take the graphs that state a triple, and return them without those of the reasoner."""
        cited = tuple(g for g in graphs if self.content.layers[g.value] != "inferred")
        self._graphs |= dict.fromkeys(cited)
        return cited

    def numbers(self, graphs: Iterable[ox.NamedNode]) -> list[int]:
        """Return the numbers of footnotes, once all are taken."""
        return sorted(self._numbers[graph] for graph in graphs)

    @cached_property
    def _numbers(self) -> dict[ox.NamedNode, int]:
        ranks = self.content.passages
        last = len(ranks)

        def key(graph: ox.NamedNode) -> tuple[int, str]:
            return ranks[graph][0] if graph in ranks else last, graph.value

        return {graph: at for at, graph in enumerate(sorted(self._graphs, key=key), 1)}

    def notes(self) -> list[Note]:
        """Return the footnotes in order."""
        return [self._note(graph, number) for graph, number in self._numbers.items()]

    def _note(self, graph: ox.NamedNode, number: int) -> Note:
        link = self.content.link(graph)
        if graph in self.content.passages:
            passage = self.content.passages[graph][1]
            name = self.content.prefixes.shorten(graph.value)
            named = link._replace(text=name)
            return Note(number, passage.quote.value, named, passage.section, is_quote=True)
        layer = self.content.layers[graph.value]
        if layer != "curated":
            return Note(number, LAYER_WORDS.get(layer, layer), Link(""))
        ground = self.content.grounds.graph_ground(graph)
        words = ground.source or "Not in the article; from another source"
        source = self.content.link(ox.NamedNode(ground.origin)) if ground.origin else link
        return Note(number, words, source)
