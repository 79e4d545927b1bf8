"""The Python API: ``KnowledgeGraph`` and ``load``. The command is built on it."""

from __future__ import annotations

import os
import warnings
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, overload

from kaiju_graph.abstract_graph import AbstractGraph
from kaiju_graph.errors import (
    AxiomError,
    InconsistencyError,
    QueryWarning,
)
from kaiju_graph.evidence import search, stats
from kaiju_graph.project import layout
from kaiju_graph.project.sources import check_layers, select_layers
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.collector import CollectorPause
from kaiju_graph.sparql import execute, questions
from kaiju_graph.sparql.answer import Answer
from kaiju_graph.store import cache, store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import pyoxigraph as ox
    from rdflib import Dataset

    from kaiju_graph.evidence.coverage import Coverage
    from kaiju_graph.evidence.description import Fact
    from kaiju_graph.evidence.rows import Rows
    from kaiju_graph.evidence.search import SearchHit
    from kaiju_graph.pictures.picture import Lanes
    from kaiju_graph.rdf.terms import Quad
    from kaiju_graph.reasoning.proof import Explainer
    from kaiju_graph.remote.protocol import Endpoint
    from kaiju_graph.remote_graph import RemoteGraph
    from kaiju_graph.store.store import Lines
    from kaiju_graph.validation.report import Report

__all__ = ["Answer", "KnowledgeGraph", "load"]


class KnowledgeGraph(AbstractGraph):
    """The knowledge graph of a project; ``kaiju_graph.load`` returns one.

    Files are read when they are first needed, and only once.

    >>> import kaiju_graph as kaiju
    >>> kg = kaiju.load()
    >>> for row in kg.query("SELECT (COUNT(?film) AS ?n) { ?film a film:Film }"):
    ...     print(int(row["n"]) > 0)
    True
    """

    def __init__(
        self,
        project: layout.Project,
        layers: Iterable[str] = store.DEFAULT_LAYERS,
        progress: Callable[[str], None] = lambda _: None,
        *,
        trusting: bool = True,
        memory: bool = True,
    ) -> None:
        """Take a project; the other arguments are those of ``load``."""
        self.project = project
        self.layers = check_layers(layers)
        self.progress = progress
        self.trusting = trusting
        self.memory = memory

    @property
    def project_store(self) -> ox.Store:
        """The store of this graph."""
        return self.store

    @cached_property
    def quads(self) -> list[Quad]:
        """All quads, asserted and inferred, each in its named graph."""
        try:
            with CollectorPause():
                return store.load(self.project, self.progress, trusting=self.trusting)
        except InconsistencyError as error:
            from kaiju_graph.reasoning import inconsistency

            raise inconsistency.locate(error, self.project) from None
        except AxiomError as error:
            from kaiju_graph.reasoning import inconsistency

            raise inconsistency.locate_axiom(error, self.project) from None

    @cached_property
    def store(self) -> ox.Store:
        """An Oxigraph store with the merge of the layers as default graph, and all named graphs."""
        return self._make_store(graphs=True)

    @cached_property
    def merged_store(self) -> ox.Store:
        """The same store without named graphs, which is half as large."""
        return self._make_store(graphs=False)

    def store_for(self, text: str) -> ox.Store:
        """Return the smallest store that can answer a query."""
        return self.store if cache.uses_named_graphs(text) else self.merged_store

    def _make_store(self, *, graphs: bool) -> ox.Store:
        """Return a store from the cache, or else from the quads."""
        cacheable = self.trusting and self.layers == store.DEFAULT_LAYERS
        result = None
        if cacheable and "quads" not in self.__dict__:
            result = store.open_cached(self.project, memory=self.memory, graphs=graphs)
        if not result and self.quads and cacheable and not self.memory:
            # Reading the quads has filled the cache.
            result = store.open_cached(self.project, memory=False, graphs=graphs)
        return result or store.make_store(self.quads, self.layers, graphs=graphs)

    @cached_property
    def explainer(self) -> Explainer:
        """Finds proofs among the triples of all layers except the alignments."""
        from kaiju_graph.reasoning.proof import Explainer

        return Explainer(
            *store.open_proof_stores(self.project, lambda: self.quads, trusting=self.trusting)
        )

    def read_lines(self) -> Lines:
        """Return all quads, and the merge of all layers but the alignments, as text."""
        return store.read_lines(self.project, lambda: self.quads, trusting=self.trusting)

    @cached_property
    def dataset(self) -> Dataset:
        """The graph as an rdflib dataset; lexical forms are those of the files."""
        merged = terms.merge(select_layers(self.quads, *self.layers))
        return terms.rdflib_dataset(merged, self.quads, self.project.prefixes)

    def trace(
        self,
        text: str,
        origin: str = "query",
        *,
        rows: int | None = None,
        explain: bool = True,
    ) -> Rows:
        """Answer a SELECT or ASK query, each row with the graphs that support it.

        Args:
            text: the query.
            origin: the name of the query in errors.
            rows: the number of rows to return; None returns all.
            explain: warn of what may be why an answer is empty.

        Raises:
            QueryError: the text does not parse, or uses SERVICE.
            UsageError: the query is of another form.
        """
        from kaiju_graph.evidence import rows as tracing

        explainer, prefixes = self.explainer, self.project.prefixes
        is_default = self.layers == store.DEFAULT_LAYERS
        source: Any = explainer.closure.store if is_default else self.store
        run = partial(execute.run, source, prefixes=prefixes, origin=origin)
        return tracing.trace(run, source, explainer, text, prefixes, rows=rows, explain=explain)

    def answer(
        self, text: str, origin: str = "query", *, rows: int | None = None
    ) -> execute.Result:
        """Answer a SPARQL 1.1 query with Oxigraph's own terms.

        If some layers alone have no answer, a ``QueryWarning`` says whether all have one.
        """
        run = partial(execute.run, text=text, prefixes=self.project.prefixes, origin=origin)
        if set(store.DEFAULT_LAYERS) <= set(self.layers):
            return run(self.store_for(text), rows=rows, whole=lambda: self.store)
        result, is_empty = execute.buffer(run(self.store_for(text), rows=rows, explain=False))
        if is_empty:
            every = store.make_store(self.quads, store.DEFAULT_LAYERS, graphs=True)
            if not execute.buffer(run(every, rows=rows))[1]:
                some = ", ".join(self.layers)
                message = f"found no answer in the layers {some}; all layers together have one"
                warnings.warn(f"{origin}: {message}", QueryWarning, stacklevel=2)
        return result

    def describe(self, thing: str) -> list[Fact]:
        """Return what the graph says about a thing, given an IRI, a CURIE or a label."""
        return self._facts(self.resolve(thing))

    def draw(self, name: str, parameters: Mapping[str, str] | None = None) -> Lanes:
        """Return a stored picture, such as the story of a film; ``pictures.write`` writes it.

        Args:
            name: the name of its file in ``ontology/pictures/``, without ``.rq``.
            parameters: parameter → value, as of ``ask``.

        Raises:
            UnknownNameError: there is no such picture, or not exactly one subject to draw.
            ParameterError: the picture has no such parameter, or the value does not fit.
            QueryError: its query does not have the columns of a picture.
        """
        from kaiju_graph.pictures import lanes, picture

        query, solutions = self.picture_solutions(name, parameters or {})
        return lanes.draw_lanes(query, solutions, picture.web_address)

    def picture_solutions(
        self, name: str, parameters: Mapping[str, str]
    ) -> tuple[questions.Question, list[dict[str, terms.Term]]]:
        """Return the query of a stored picture and its solutions, which may be of many subjects.

        The arguments and errors are those of ``draw``.
        """
        from kaiju_graph.pictures import lanes

        query = lanes.find_picture(self.project, name)
        text = self.bind(query, parameters)
        prefixes, origin = self.project.prefixes, f"{lanes.FOLDER}/{name}.rq"
        result = execute.run(self.store_for(text), text, prefixes, origin=origin, explain=False)
        return query, lanes.read_solutions(result)

    def search(self, words: str) -> list[SearchHit]:
        """Return the things with a name or another text that has all the words."""
        return search.search(self.quads, words)

    def stats(self) -> dict[str, int]:
        """Return the figures of the project, such as the number of triples."""
        count = len(questions.list_questions(self.project))
        return stats.stats(self.quads) | {"stored questions": count}

    def infer(self, reasoner: str = "rules") -> list[Quad]:
        """Return what follows by OWL 2 RL from all layers of the default graph.

        Args:
            reasoner: ``rules``, or ``owlrl``, a slow library to compare with.

        Raises:
            InconsistencyError: a contradiction follows.
        """
        from kaiju_graph.reasoning import reasoner as reasoning

        if reasoner == "rules":  # which has inferred them for the loaded quads
            return [quad for quad in self.quads if quad.graph == terms.INFERRED]
        asserted = (quad for quad in self.quads if quad.graph != terms.INFERRED)
        return reasoning.infer(select_layers(asserted, *store.DEFAULT_LAYERS), reasoner)

    def validate(self, *, cache: bool = True, article: str | None = None) -> Report:
        """Check the asserted triples against the shapes, and their evidence.

        A file that does not load is a violation as well.

        Args:
            cache: whether the report may come from the cache if no source has changed.
            article: leave out what is in the folders of all articles but this one.

        Raises:
            UnknownNameError: there is no such article.
            UnreachableError: a file cannot be read.
        """
        from kaiju_graph.validation import report_cache, validate

        others = self.project.other_articles(article) if article is not None else ()
        load = report_cache.load if cache else validate.validate
        return load(self.project, self.progress).without_folders(others)

    def cover(self, *, article: str | None = None, passages: Iterable[str] = ()) -> Coverage:
        """Return which passages and words of each article the graph covers.

        Args:
            article: read only the article with this IRI or folder.
            passages: read only these passages, given their IRIs, CURIEs or last path segments.

        Raises:
            UnknownNameError: there is no such article or passage.
        """
        from kaiju_graph.evidence import coverage
        from kaiju_graph.project import sources
        from kaiju_graph.project.passages import locate_passages, select_article
        from kaiju_graph.publish.slices import find_passages

        project_sources = sources.read(self.project)
        located = locate_passages(project_sources)
        selected = located if article is None else select_article(located, article)
        evidence = selected.evidence() if passages else []
        return coverage.cover(
            located,
            project_sources.quads,
            articles=selected.articles,
            passages=find_passages(evidence, passages, self.project.prefixes),
        )

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
        symmetric: bool | None = None,
        context_url: str | None = None,
    ) -> str:
        """Return the layers of this graph, or a slice, as text that is the same every time.

        Args:
            form: the format; None is jsonld with a profile, else turtle.
            profile: for jsonld: compacted, expanded, flattened, framed, or one of
                ``ontology/profiles/``; None is framed with a thing, else compacted.
            thing: export only the concise bounded description of an IRI, a CURIE or a label.
            passages: export only the graphs of passages, given their IRIs or last path segments.
            evidence: add annotations with the text and position of the passages.
            inferred: whether to include inferred triples; None includes them if the layers do.
            ids: for jsonld: identify things by ``curie`` or by ``iri``; None is curie.
            symmetric: with a thing: also what other things state about it; None is yes if framed.
            context_url: for jsonld: link to the context at this URL instead of including it.

        Raises:
            UsageError: there is no such format or profile, or arguments exclude each other.
            UnknownNameError: there is no such thing or passage.
            InputError: there is nothing to export.
        """
        from kaiju_graph.publish import profiles

        options = (form, profile, thing, tuple(passages), evidence, inferred, ids)
        request = profiles.Request(self.layers, *options, symmetric, context_url)
        request = profiles.complete(request, self.project)
        if request.profile in profiles.stored_profiles(self.project):
            return profiles.construct(request, self.project, self.answer, self.resolve)
        return profiles.export(request, self.project, self.quads, self.resolve)

    def release(
        self,
        folder: str | os.PathLike[str],
        *,
        draft: bool = False,
        base: str | None = None,
        endpoint: str | None = None,
        pages: Iterable[tuple[str, bytes]] | None = None,
    ) -> None:
        """Write a folder with everything to publish, whole or not at all, always the same bytes.

        Args:
            folder: the folder to make; an earlier release in its place is replaced.
            draft: whether passages may be not modelled yet.
            base: where the folder will be on the web.
            endpoint: the address of a SPARQL endpoint with the graph; None is ``sparql`` below the
                base, where ``kaiju serve`` has it, and an empty text is none.
            pages: the name and the content of each file of the pages that the release has; those
                of the command come from ``kaiju_graph.web.pages.site``.

        Raises:
            UsageError: the folder lies among the sources, or an address is not one of the web.
            UnreachableError: other files are in its place, or it cannot be written.
            SourceError: ``graph/dataset.ttl`` does not describe the dataset, or a passage is not
                modelled yet.
        """
        from kaiju_graph.publish import release as releasing

        web = releasing.Web(base, endpoint, pages)
        releasing.release(
            self.project, self.quads, os.fspath(folder), self.progress, draft=draft, web=web
        )


@overload
def load(
    root: str | os.PathLike[str] | None = ...,
    layers: Iterable[str] = ...,
    progress: Callable[[str], None] = ...,
    *,
    trusting: bool = ...,
    memory: bool = ...,
    endpoint: None = ...,
) -> KnowledgeGraph: ...
@overload
def load(
    root: str | os.PathLike[str] | None = ...,
    layers: Iterable[str] = ...,
    progress: Callable[[str], None] = ...,
    *,
    trusting: bool = ...,
    memory: bool = ...,
    endpoint: str | Endpoint,
) -> RemoteGraph: ...
def load(  # noqa: PLR0913 (where the graph is, and how it is read)
    root: str | os.PathLike[str] | None = None,
    layers: Iterable[str] = store.DEFAULT_LAYERS,
    progress: Callable[[str], None] = lambda _: None,
    *,
    trusting: bool = True,
    memory: bool = True,
    endpoint: str | Endpoint | None = None,
) -> KnowledgeGraph | RemoteGraph:
    """Return the knowledge graph of a project.

    Only the command limits time and memory. A program that loads a stranger's project, or runs a
    stranger's query, does so in a process of its own that it can end.

    Args:
        root: the project's folder; None looks for ``KAIJU_ROOT``, the nearest parent folder
            that is a project, and the copy in the package, in this order.
        layers: the layers to merge into the default graph.
        progress: is called with a description of each step that may take long.
        trusting: treat files as unchanged if their sizes, times and inodes are unchanged.
        memory: keep a large graph in memory, which is slower to open and faster to query.
        endpoint: an endpoint of SPARQL, or its URL, in which the graph lies; the project has only
            the questions and the prefixes.

    Raises:
        UnreachableError: there is no project.
        UsageError: the endpoint is no URL of HTTP.
        UnknownNameError: there is no such layer.
    """
    project = layout.find(None if root is None else os.fspath(root))
    if endpoint is not None:
        from kaiju_graph.remote.protocol import Endpoint
        from kaiju_graph.remote_graph import RemoteGraph

        if isinstance(endpoint, str):
            endpoint = Endpoint(endpoint, progress)
        return RemoteGraph(project, endpoint, progress)
    return KnowledgeGraph(project, layers, progress, trusting=trusting, memory=memory)
