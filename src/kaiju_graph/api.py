"""The stages in one object: what ``kaiju_graph.load`` returns, and what the command calls."""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING

from kaiju_graph.errors import InconsistencyError
from kaiju_graph.evidence import description, search, stats
from kaiju_graph.project import layout
from kaiju_graph.project.names import Names
from kaiju_graph.project.sources import check_layers, select_layers
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.collector import CollectorPause
from kaiju_graph.sparql import execute, questions
from kaiju_graph.sparql.answer import Answer, in_rdflib
from kaiju_graph.store import cache, store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import pyoxigraph as ox
    from rdflib import Dataset

    from kaiju_graph.evidence.coverage import Coverage
    from kaiju_graph.evidence.description import Fact
    from kaiju_graph.evidence.grounds import Grounds
    from kaiju_graph.evidence.rows import Rows
    from kaiju_graph.evidence.search import SearchHit
    from kaiju_graph.rdf.terms import Quad
    from kaiju_graph.reasoning.proof import Explainer, Explanation
    from kaiju_graph.validation.report import Report

__all__ = ["Answer", "KnowledgeGraph", "load"]


class KnowledgeGraph:
    """A project: its quads, and all that can be done with them.

    Nothing is read before it is needed, and nothing is read twice.

    >>> import kaiju_graph as kaiju
    >>> kg = kaiju.load()
    >>> for row in kg.query("SELECT (COUNT(?film) AS ?n) { ?film a film:Film }"):
    ...     print(int(row["n"]) > 0)
    True
    """

    def __init__(
        self,
        where: layout.Project,
        layers: Iterable[str] = store.DEFAULT_LAYERS,
        progress: Callable[[str], None] = lambda _: None,
        *,
        trusting: bool = True,
        memory: bool = True,
    ) -> None:
        self.project = where
        self.layers = check_layers(layers)
        self.progress = progress
        self.trusting = trusting
        self.memory = memory

    @cached_property
    def quads(self) -> list[Quad]:
        """All quads, asserted, computed and inferred, each in its named graph."""
        try:
            with CollectorPause():
                return store.load(self.project, self.progress, trusting=self.trusting)
        except InconsistencyError as error:
            from kaiju_graph.reasoning import inconsistency

            raise inconsistency.locate(error, self.project) from None

    @cached_property
    def names(self) -> Names:
        """The names of all things."""
        return Names(self.quads)

    @cached_property
    def store(self) -> ox.Store:
        """An Oxigraph store: the merge of the layers as default graph, and every named graph."""
        return self._filled(graphs=True)

    @cached_property
    def merged(self) -> ox.Store:
        """The same without the named graphs: half as much to search."""
        return self._filled(graphs=False)

    def store_for(self, text: str) -> ox.Store:
        """Return the store that a query is put to."""
        return self.store if cache.uses_named_graphs(text) else self.merged

    def _filled(self, *, graphs: bool) -> ox.Store:
        usual = self.trusting and self.layers == store.DEFAULT_LAYERS
        kept = None
        if usual and "quads" not in self.__dict__:
            kept = store.open_cached(self.project, memory=self.memory, graphs=graphs)
        if not kept and self.quads and usual and not self.memory:
            # Which the cache has from now on.
            kept = store.open_cached(self.project, memory=False, graphs=graphs)
        return kept or store.make_store(self.quads, self.layers, graphs=graphs)

    @cached_property
    def explainer(self) -> Explainer:
        """What finds proofs; whatever the layers, of all that is known."""
        from kaiju_graph.reasoning.proof import Explainer

        return Explainer(
            *store.open_proof_stores(self.project, lambda: self.quads, trusting=self.trusting)
        )

    @cached_property
    def grounds(self) -> Grounds:
        """What finds the words or the source that a triple has."""
        from kaiju_graph.evidence.grounds import Grounds

        return Grounds(self.project, self.explainer.closure.store)

    @cached_property
    def dataset(self) -> Dataset:
        """The same as an rdflib dataset, every lexical form as written."""
        merged = terms.merge(select_layers(self.quads, *self.layers))
        return terms.rdflib_dataset(merged, self.quads, self.project.prefixes)

    def ask(self, name: str, parameters: Mapping[str, str] | None = None) -> Answer:
        """Answer a stored question.

        Args:
            name: its file in ``queries/`` without ``.rq``.
            parameters: parameter → value: an IRI, CURIE or label, or a literal's text.

        Raises:
            UnknownNameError: there is no such question, or nothing is named by a value.
            ParameterError: the question does not take such a parameter or value.
        """
        asked = questions.find_question(self.project, name)
        return self.query(self.bind(asked, parameters or {}))

    def query(self, text: str, *, rows: int | None = None) -> Answer:
        """Answer a SPARQL 1.1 query; known prefixes are added when missing.

        Args:
            text: the query.
            rows: how many solutions or triples to take; None takes all.

        Raises:
            QueryError: the text does not parse, or uses SERVICE.
        """
        return in_rdflib(self.answer(text, rows=rows))

    def trace(self, text: str, origin: str = "query", *, rows: int | None = None) -> Rows:
        """Answer a SELECT or ASK query, each row with the graphs that say what it stands on.

        Raises:
            QueryError: the text does not parse, or uses SERVICE.
            UsageError: the query is of another form.
        """
        from kaiju_graph.evidence import rows as tracing

        explainer = self.explainer
        asked = explainer.closure.store if self.layers == store.DEFAULT_LAYERS else self.store
        return tracing.trace(asked, explainer, text, self.project.prefixes, origin, rows=rows)

    def bind(self, asked: questions.Question, parameters: Mapping[str, str]) -> str:
        """Return the SPARQL text of a question with its parameters bound."""
        return questions.bind_parameters(asked, parameters, self.resolve)

    def answer(
        self, text: str, origin: str = "query", *, rows: int | None = None
    ) -> execute.Result:
        """Answer a SPARQL 1.1 query with Oxigraph's own terms."""
        return execute.run(self.store_for(text), text, self.project.prefixes, origin, rows=rows)

    def resolve(self, text: str) -> ox.NamedNode:
        """Return the thing that an IRI, a CURIE or a label means.

        Raises:
            UnknownNameError: there is none, or there are several.
        """
        return self.names.resolve(text, self.project)

    def describe(self, thing: str) -> list[Fact]:
        """Return all that is known of a thing (an IRI, a CURIE or a label)."""
        return description.describe(self.quads, self.resolve(thing))

    def why(
        self, subject: str, predicate: str, object_: str, *, every: bool = False
    ) -> Explanation:
        """Explain a triple: the proof of it, down to what is asserted, or what is nearest to it.

        Args:
            subject: an IRI, a CURIE or a label.
            predicate: the same, or ``a``.
            object_: the same, or a literal: in quotes, a number, or as the graph has it.
            every: give each last step that a proof may have, at most ``proof.MAX_PROOFS``.

        Raises:
            UnknownNameError: nothing is named so, or several things are.
            InconsistencyError: the graph contradicts itself.
        """
        from kaiju_graph.project import statement

        explainer = self.explainer
        said = (subject, predicate, object_)
        meant = statement.parse_triple(said, self.project, explainer.closure.store, self.resolve)
        return explainer.explain(meant, every=every)

    def search(self, words: str) -> list[SearchHit]:
        """Return the things with a name, or another text, that has all the words."""
        return search.search(self.quads, words)

    def stats(self) -> dict[str, int]:
        """Return figures of the project."""
        count = len(questions.list_questions(self.project))
        return stats.stats(self.quads) | {"stored questions": count}

    def infer(self, reasoner: str = "rules") -> list[Quad]:
        """Return what follows by OWL 2 RL from all layers of the default graph.

        Args:
            reasoner: ``rules``, or ``owlrl``, which is slow and checks the other.

        Raises:
            InconsistencyError: a contradiction follows.
        """
        from kaiju_graph.reasoning import reasoner as reasoning

        if reasoner == "rules":  # as all that is loaded has been made
            return [quad for quad in self.quads if quad.graph == terms.INFERRED]
        asserted = (quad for quad in self.quads if quad.graph != terms.INFERRED)
        return reasoning.infer(select_layers(asserted, *store.DEFAULT_LAYERS), reasoner)

    def validate(self, *, cache: bool = True) -> Report:
        """Check what is asserted against the shapes and the evidence checks.

        A file that does not load is a violation as well.

        Args:
            cache: whether the report of unchanged sources may come from the cache.

        Raises:
            UnreachableError: a file cannot be read.
        """
        from kaiju_graph.validation import cached, validate

        return (cached.load if cache else validate.validate)(self.project, self.progress)

    def cover(self) -> Coverage:
        """Read every passage of every article against its graph."""
        from kaiju_graph.evidence import coverage
        from kaiju_graph.project import passages, sources

        read = sources.read(self.project)
        return coverage.cover(passages.locate_passages(read), read.quads)

    def export(  # noqa: PLR0913 (each is an option of the command)
        self,
        form: str | None = None,
        *,
        profile: str | None = None,
        thing: str | None = None,
        passages: Iterable[str] = (),
        evidence: bool = False,
        inferred: bool | None = None,
        ids: str | None = None,
    ) -> str:
        """Return the layers of this graph, or a slice, in an RDF format: each time the same text.

        Args:
            form: the format; None is jsonld where a profile is given, else turtle.
            profile: of jsonld: compacted, expanded, flattened, framed, or one of
                ``ontology/profiles/``; None is framed where a thing is given, else compacted.
            thing: an IRI, a CURIE or a label: only its concise bounded description.
            passages: IRIs of passages or the last parts of them: only what they say.
            evidence: add annotations of the passages with the words that they stand for.
            inferred: with or without what follows; None leaves it to the layers.
            ids: things are identified by ``curie`` or by ``iri``, in jsonld; None is curie.

        Raises:
            UsageError: there is no such format or profile, or these do not go together.
            UnknownNameError: there is no such thing or passage.
            InputError: there is nothing to export.
        """
        from kaiju_graph.publish import profiles

        slice_ = (thing, tuple(passages), evidence, inferred, ids)
        asked = profiles.complete(
            profiles.Request(self.layers, form, profile, *slice_), self.project
        )
        if asked.profile in profiles.stored_profiles(self.project):
            return profiles.construct(asked, self.project, self.answer, self.resolve)
        return profiles.export(asked, self.project, self.quads, self.resolve)

    def release(self, folder: str | os.PathLike[str]) -> None:
        """Write all that there is to publish into a folder: whole, and the same bytes every time.

        Args:
            folder: is made; one that is there is replaced if it is a release.

        Raises:
            UsageError: the folder lies among the sources.
            UnreachableError: something else is there, or it cannot be written.
            SourceError: ``graph/dataset.ttl`` does not describe the dataset.
        """
        from kaiju_graph.publish import release as releasing

        releasing.release(self.project, self.quads, os.fspath(folder), self.progress)


def load(
    root: str | os.PathLike[str] | None = None,
    layers: Iterable[str] = store.DEFAULT_LAYERS,
    progress: Callable[[str], None] = lambda _: None,
    *,
    trusting: bool = True,
    memory: bool = True,
) -> KnowledgeGraph:
    """Return the knowledge graph of a project.

    Args:
        root: the project's folder; None looks for ``KAIJU_ROOT``, the nearest parent folder
            that is one, and the copy that the package carries.
        layers: the layers that the default graph merges.
        progress: is told what is being done, where it may take more than a moment.
        trusting: believe that files whose sizes, times and inodes are as before have not changed.
        memory: hold a large graph in memory: slower to open, faster to ask again and again.

    Raises:
        UnreachableError: there is no project.
        UnknownNameError: there is no such layer.
    """
    found = layout.find(None if root is None else os.fspath(root))
    return KnowledgeGraph(found, layers, progress, trusting=trusting, memory=memory)
