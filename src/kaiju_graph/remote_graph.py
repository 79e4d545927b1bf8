"""A graph that lies in an endpoint of SPARQL: ``RemoteGraph``."""

from __future__ import annotations

import warnings
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import TYPE_CHECKING

from kaiju_graph.abstract_graph import AbstractGraph
from kaiju_graph.errors import KaijuError, QueryError, QueryWarning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pyoxigraph as ox

    from kaiju_graph.evidence.description import Fact
    from kaiju_graph.evidence.rows import Rows
    from kaiju_graph.evidence.search import SearchHit
    from kaiju_graph.project.layout import Project
    from kaiju_graph.rdf.terms import Quad, Term
    from kaiju_graph.remote.answers import RemoteAnswer
    from kaiju_graph.remote.explainer import RemoteExplainer
    from kaiju_graph.remote.protocol import Endpoint, RemoteDataset
    from kaiju_graph.sparql.unknown_terms import Terms

__all__ = ["RemoteGraph"]


class RemoteGraph(AbstractGraph):
    """A graph that lies in an endpoint of SPARQL; the project has its questions and prefixes.

    A query runs there, unchanged. Of everything else only what a look-up needs is fetched: the
    names of things, the neighbourhood of a thing, the premises of a proof. A proof or evidence
    needs the layers that ``kaiju push`` loads.
    """

    def __init__(
        self,
        project: Project,
        endpoint: Endpoint,
        progress: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Take the project and the endpoint; the other argument is that of ``load``."""
        self.project = project
        self.endpoint = endpoint
        self.progress = progress

    @cached_property
    def project_store(self) -> ox.Store:
        """The store of the project's own graph, which knows what the words of a question mean."""
        from kaiju_graph.store import store

        cached = store.open_cached(self.project, memory=False)
        return cached or store.make_store(store.load(self.project, self.progress))

    @cached_property
    def quads(self) -> list[Quad]:
        """The quads with the names and classes of things; others where a look-up needed them."""
        from kaiju_graph.remote import parts

        return parts.names(self.endpoint) + parts.types(self.endpoint)

    @cached_property
    def explainer(self) -> RemoteExplainer:
        """Finds proofs; what they need is fetched."""
        from kaiju_graph.remote.explainer import RemoteExplainer
        from kaiju_graph.remote.mirror import Mirror

        return RemoteExplainer(Mirror(self.endpoint, self._look_up))

    @contextmanager
    def open_answer(
        self, text: str, origin: str = "query", *, limit: int | None = None
    ) -> Iterator[RemoteAnswer]:
        """Send a query and yield its answer, which is read from the network as it is used.

        A ``QueryWarning`` names each term that an ontology of the project does not define.

        Args:
            text: the query.
            origin: the name of the query in errors.
            limit: how many bytes the answer may have; None is no limit.
        """
        with self._open(text, origin, limit) as found:
            yield found
        self._warn_unknown_terms(text, origin)

    @contextmanager
    def _open(self, text: str, origin: str, limit: int | None) -> Iterator[RemoteAnswer]:
        from kaiju_graph.remote import answers

        prefixes = self.project.prefixes
        try:
            dataset = self.dataset_for(text)
            with answers.open_answer(self.endpoint, text, prefixes, dataset, limit=limit) as found:
                yield found
        except QueryError as error:
            from kaiju_graph.sparql import execute

            execute.check_query(text, prefixes, origin)  # whose error has a place, if it finds one
            space = "" if str(error)[0].isdigit() else " "
            raise QueryError(f"{origin}:{space}{error}") from None

    def dataset_for(self, text: str) -> RemoteDataset | None:
        """Return the graphs that a request must name, if the engine's default graph is a union."""
        from kaiju_graph.remote import engine
        from kaiju_graph.sparql import guard
        from kaiju_graph.store import cache

        if guard.find_dataset_clause(text, self.project.prefixes) is not None:
            return None
        return engine.find_dataset(self.endpoint, graphs=cache.uses_named_graphs(text))

    def answer(self, text: str, origin: str = "query", *, rows: int | None = None) -> RemoteAnswer:
        """Answer a query at the endpoint."""
        result = self._look_up(text, origin, rows=rows)
        self._warn_unknown_terms(text, origin)
        return result

    def _look_up(
        self, text: str, origin: str = "query", *, rows: int | None = None
    ) -> RemoteAnswer:
        """Answer a query, whose terms nobody may have misspelt."""
        from kaiju_graph.remote import answers

        with self._open(text, origin, answers.MAX_BYTES) as found:
            result, more = answers.keep(found, rows)
        if more:
            message = f"{origin}: there are more than {rows:,} results; --max-rows raises the limit"
            warnings.warn(message, QueryWarning, stacklevel=2)
        return result

    def _warn_unknown_terms(self, text: str, origin: str) -> None:
        """Warn about terms that the ontologies of the project do not define.

        The data may be others than those of the project, so of a thing nothing is known here.
        """
        from kaiju_graph.sparql.tokens import find_iris

        prefixes = self.project.prefixes
        if all(token.text in self._ontology_words for token, _ in find_iris(text, prefixes)):
            return  # which saves the time to parse the ontologies
        from kaiju_graph.sparql.unknown_terms import undefined_term_warnings

        for message in undefined_term_warnings(text, self._defined_terms, prefixes):
            warnings.warn(f"{origin}:{message}", QueryWarning, stacklevel=3)

    @cached_property
    def _ontology_words(self) -> set[str]:
        """The words of the ontologies, with the names of their terms."""
        read, files = self.project.read, self.project.files("ontology", ".ttl")
        with suppress(KaijuError):  # as in _defined_terms
            return {word for file in files for word in read(file).split()}
        return set()

    @cached_property
    def _defined_terms(self) -> Terms:
        """The terms of the project's ontologies; none if one of them does not load."""
        from kaiju_graph.project.sources import data_files
        from kaiju_graph.rdf.parse import parse
        from kaiju_graph.sparql.unknown_terms import find_defined_terms

        project = self.project
        try:
            return find_defined_terms(
                quad
                for file, default, layer in data_files(project)
                if layer == "ontology"
                for quad in parse(file, project.read(file), default)
            )
        except KaijuError:  # `kaiju validate` reports it; the endpoint does not need it
            return {}

    def trace(self, text: str, origin: str = "query", *, rows: int | None = None) -> Rows:
        """Answer a SELECT or ASK query there, each row with the graphs that support it."""
        from kaiju_graph.evidence import rows as tracing

        def run(text: str, *, rows: int | None = None, explain: bool = True) -> RemoteAnswer:
            return (self.answer if explain else self._look_up)(text, origin, rows=rows)

        explainer, prefixes = self.explainer, self.project.prefixes
        mirror = explainer.mirror
        traced = tracing.trace(run, mirror, explainer, text, prefixes, rows=rows)
        mirror.fetch(graph for _, found in traced.rows for graph in found.graphs)
        return traced

    def add_labels(
        self, variables: Sequence[str], rows: Sequence[dict[str, Term]]
    ) -> tuple[list[str], list[dict[str, Term]]]:
        """Return rows with a column of labels after each column that has IRIs."""
        from kaiju_graph.remote import parts
        from kaiju_graph.sparql import label_columns

        things = {term for row in rows for term in row.values()}
        labels = parts.labels(things, self._look_up)
        return label_columns.add_labels(variables, rows, labels)

    def describe(self, thing: str) -> list[Fact]:
        """Return what the endpoint says about a thing, given an IRI, a CURIE or a label."""
        from kaiju_graph.remote import parts

        found = self.resolve(thing)
        self.quads = list(dict.fromkeys(self.quads + parts.neighbourhood(self.endpoint, found)))
        return self._facts(found)

    def search(self, words: str) -> list[SearchHit]:
        """Return the things of the endpoint with a name or another text that has all the words."""
        from kaiju_graph.evidence import search
        from kaiju_graph.remote import parts

        return search.search(self.quads + parts.texts(self.endpoint), words)
