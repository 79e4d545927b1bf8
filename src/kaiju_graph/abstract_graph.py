"""What every graph of the Python API answers: ``AbstractGraph``.

A command must start fast and needs a part of it at a time, so the methods import what they need.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property, partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyoxigraph as ox

    from kaiju_graph.evidence.description import Fact
    from kaiju_graph.evidence.grounds import Grounds
    from kaiju_graph.evidence.rows import Rows
    from kaiju_graph.evidence.search import SearchHit
    from kaiju_graph.pictures.picture import Graph
    from kaiju_graph.project.layout import Project
    from kaiju_graph.project.names import Names
    from kaiju_graph.rdf.terms import Quad
    from kaiju_graph.reasoning.proof import Explainer, Explanation
    from kaiju_graph.sparql.answer import Answer
    from kaiju_graph.sparql.execute import Result
    from kaiju_graph.sparql.questions import Question

__all__ = ["AbstractGraph"]


class AbstractGraph(ABC):
    """What a graph answers, whether it lies in the files of a project or in an endpoint."""

    project: Project

    @property
    @abstractmethod
    def project_store(self) -> ox.Store:
        """The store of the project's own graph, which knows what the words of a question mean."""

    @cached_property
    @abstractmethod
    def quads(self) -> list[Quad]:
        """The quads that are known so far."""

    @cached_property
    @abstractmethod
    def explainer(self) -> Explainer:
        """Finds proofs among the triples of all layers except the alignments."""

    @abstractmethod
    def answer(self, text: str, origin: str = "query", *, rows: int | None = None) -> Result:
        """Answer a SPARQL 1.1 query with Oxigraph's own terms."""

    @abstractmethod
    def trace(self, text: str, origin: str = "query", *, rows: int | None = None) -> Rows:
        """Answer a SELECT or ASK query, each row with the graphs that support it."""

    @abstractmethod
    def describe(self, thing: str) -> list[Fact]:
        """Return what the graph says about a thing, given an IRI, a CURIE or a label."""

    @abstractmethod
    def search(self, words: str) -> list[SearchHit]:
        """Return the things with a name or another text that has all the words."""

    @cached_property
    def names(self) -> Names:
        """The names of all things, for look-up."""
        from kaiju_graph.project.names import Names

        return Names(self.quads)

    @cached_property
    def grounds(self) -> Grounds:
        """Finds the passages and sources that state a triple."""
        from kaiju_graph.evidence.grounds import Grounds

        return Grounds(self.project, self.explainer.closure.store)

    def ask(
        self,
        name: str,
        parameters: Mapping[str, str] | None = None,
        *,
        evidence: bool = False,
    ) -> Answer:
        """Answer a stored question.

        Args:
            name: the name of its file in ``queries/``, without ``.rq``.
            parameters: parameter → value: an IRI, CURIE or label, or the text of a literal.
            evidence: find what supports each row, too.

        Raises:
            UnknownNameError: there is no such question, or nothing has the name in a value.
            ParameterError: the question has no such parameter, or the value does not fit.
        """
        from kaiju_graph.sparql import questions

        question = questions.find_question(self.project, name)
        return self.query(self.bind(question, parameters or {}), evidence=evidence)

    def query(self, text: str, *, rows: int | None = None, evidence: bool = False) -> Answer:
        """Answer a SPARQL 1.1 query; the prefixes of the project need no declaration.

        Args:
            text: the query.
            rows: the number of solutions or triples to return; None returns all.
            evidence: find what supports each solution, too.

        Raises:
            QueryError: the text does not parse, or uses SERVICE.
            UsageError: a query that has no solutions or boolean is to have evidence.
        """
        from kaiju_graph.sparql.answer import convert_result

        if evidence:
            from kaiju_graph.evidence.rows import convert_rows

            return convert_rows(self.trace(text, rows=rows), self.explainer.closure.store)
        return convert_result(self.answer(text, rows=rows))

    def bind(self, question: Question, parameters: Mapping[str, str]) -> str:
        """Return the SPARQL text of a question with its parameters bound."""
        from kaiju_graph.sparql.parameters import bind_parameters, find_label

        def label(text: str, language: str) -> str | None:
            return find_label(self.project_store, self.project, text, language)

        return bind_parameters(question, parameters, self.resolve, label)

    def resolve(self, text: str) -> ox.NamedNode:
        """Return the IRI of a thing, given an IRI, a CURIE or a label.

        Raises:
            UnknownNameError: no thing, or more than one, has this name.
        """
        return self.names.resolve(text, self.project)

    def _facts(self, thing: ox.NamedNode) -> list[Fact]:
        """Return the facts of the known quads about a thing."""
        from kaiju_graph.errors import UnknownNameError
        from kaiju_graph.evidence import description

        try:
            return description.describe(self.quads, thing)
        except UnknownNameError as error:
            hint = self.names.suggest(thing, self.project)
            raise UnknownNameError(f"{error}{hint}") from None

    def draw_thing(self, thing: str) -> Graph:
        """Return the picture of a thing among its neighbours, given an IRI, a CURIE or a label."""
        from kaiju_graph.pictures import neighbourhood, picture
        from kaiju_graph.rdf import order

        found = self.resolve(thing)
        label = partial(self.names.label, project=self.project)
        ordered = order.read(self.project)
        facts = self.describe(f"<{found.value}>")
        return neighbourhood.draw_thing(found, facts, ordered, label, picture.web_address)

    def why(
        self, subject: str, predicate: str, object_: str, *, every: bool = False
    ) -> Explanation:
        """Explain a triple: its proof from asserted triples, or the nearest known triples.

        Args:
            subject: an IRI, a CURIE or a label.
            predicate: an IRI, a CURIE or a label, or ``a``.
            object_: an IRI, a CURIE or a label, or a literal: in quotes, or as in the graph.
            every: return a proof for every possible last step, at most ``proof.MAX_PROOFS``.

        Raises:
            UnknownNameError: no thing, or more than one, has such a name.
            InconsistencyError: the graph contradicts itself.
        """
        from kaiju_graph.project import statement

        explainer = self.explainer
        texts = (subject, predicate, object_)
        triple = statement.parse_triple(texts, self.project, explainer.closure.store, self.resolve)
        return explainer.explain(triple, every=every)
