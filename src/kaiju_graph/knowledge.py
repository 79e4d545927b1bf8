"""The stages in one object: what ``kaiju_graph.load`` returns, and what the command calls."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph import asking, describing, project, querying, store, terms
from kaiju_graph.errors import InconsistencyError, QueryError
from kaiju_graph.names import Names
from kaiju_graph.sources import known, select
from kaiju_graph.terms import Triple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from rdflib import Dataset, Graph
    from rdflib.term import Identifier

    from kaiju_graph.coverage import Coverage
    from kaiju_graph.describing import Fact, Found
    from kaiju_graph.terms import Quad
    from kaiju_graph.validating import Report

__all__ = ["Answer", "KnowledgeGraph", "load"]


@dataclass(frozen=True)
class Answer:
    """The answer of a query: solutions to iterate over, a boolean, or a graph.

    It is true where ASK is true, and where there is a solution or a triple.
    """

    variables: tuple[str, ...] = ()
    rows: tuple[Mapping[str, Identifier], ...] = ()
    """Variable → rdflib term, without the variables that are not bound."""
    boolean: bool | None = None
    graph: Graph | None = None

    def __iter__(self) -> Iterator[Mapping[str, Identifier]]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __bool__(self) -> bool:
        return bool(self.rows or self.graph or self.boolean)


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
        where: project.Project,
        layers: Iterable[str] = store.MERGED,
        progress: Callable[[str], None] = lambda _: None,
        *,
        trusting: bool = True,
    ) -> None:
        self.project = where
        self.layers = known(layers)
        self.progress = progress
        self.trusting = trusting

    @cached_property
    def quads(self) -> list[Quad]:
        """All quads, asserted, computed and inferred, each in its named graph."""
        try:
            return store.load(self.project, self.progress, trusting=self.trusting)
        except InconsistencyError as error:
            raise self._placed(error) from None

    def _placed(self, error: InconsistencyError) -> InconsistencyError:
        """Return an error that says where the statements stand that contradict each other."""
        from kaiju_graph import reasoning, sources
        from kaiju_graph.places import Locator

        read = sources.read(self.project)
        found = reasoning.contradiction(error, read)
        place = Locator(self.project, read).place(found.file, found.quad)
        message = f"{place}: {self.project.shorten_all(found.message)} ({found.rule})"
        return InconsistencyError(message, error.rule, error.premises, error.rounds)

    @cached_property
    def names(self) -> Names:
        """The names of all things."""
        return Names(self.quads)

    @cached_property
    def store(self) -> ox.Store:
        """An Oxigraph store: the merge of the layers as default graph, and every named graph."""
        usual = self.trusting and self.layers == store.MERGED
        if usual and "quads" not in self.__dict__ and (found := store.kept(self.project)):
            return found
        quads = self.quads  # which the cache may have from now on
        return (store.kept(self.project) if usual else None) or store.fill(quads, self.layers)

    @cached_property
    def dataset(self) -> Dataset:
        """The same as an rdflib dataset, every lexical form as written."""
        merged = terms.merge(select(self.quads, *self.layers))
        return terms.dataset(merged, self.quads, self.project.prefixes)

    def ask(self, name: str, parameters: Mapping[str, str] | None = None) -> Answer:
        """Answer a stored question.

        Args:
            name: its file in ``queries/`` without ``.rq``.
            parameters: parameter → value: an IRI, CURIE or label, or a literal's text.

        Raises:
            UnknownNameError: there is no such question, or nothing is named by a value.
            ParameterError: the question does not take such a parameter or value.
        """
        asked = asking.question(self.project, name)
        return self.query(self.bind(asked, parameters or {}))

    def query(self, text: str) -> Answer:
        """Answer a SPARQL 1.1 query; known prefixes are added when missing.

        Raises:
            QueryError: the text does not parse, or uses SERVICE.
        """
        return _in_rdflib(self.answer(text))

    def bind(self, asked: asking.Question, parameters: Mapping[str, str]) -> str:
        """Return the SPARQL text of a question with its parameters bound."""
        return asking.bind(asked, parameters, self.resolve)

    def answer(self, text: str, origin: str = "query") -> querying.Found:
        """Answer a SPARQL 1.1 query with Oxigraph's own terms."""
        return querying.run(self.store, text, self.project.prefixes, origin)

    def resolve(self, text: str) -> ox.NamedNode:
        """Return the thing that an IRI, a CURIE or a label means.

        Raises:
            UnknownNameError: there is none, or there are several.
        """
        return self.names.resolve(text, self.project)

    def describe(self, thing: str) -> list[Fact]:
        """Return all that is known of a thing (an IRI, a CURIE or a label)."""
        return describing.describe(self.quads, self.resolve(thing))

    def search(self, words: str) -> list[Found]:
        """Return the things with a name that has all the words, in any language."""
        return describing.search(self.quads, words)

    def stats(self) -> dict[str, int]:
        """Return figures of the project."""
        return describing.stats(self.quads) | {
            "stored questions": len(asking.questions(self.project)),
        }

    def infer(self, reasoner: str = "rules") -> list[Quad]:
        """Return what follows by OWL 2 RL from all layers of the default graph.

        Args:
            reasoner: ``rules``, or ``owlrl``, which is slow and checks the other.

        Raises:
            InconsistencyError: a contradiction follows.
        """
        from kaiju_graph import reasoning

        if reasoner == "rules":  # as all that is loaded has been made
            return [quad for quad in self.quads if quad.graph == terms.INFERRED]
        asserted = (quad for quad in self.quads if quad.graph != terms.INFERRED)
        return reasoning.infer(select(asserted, *store.MERGED), reasoner)

    def validate(self, *, cache: bool = True) -> Report:
        """Hold what is asserted against the shapes and the evidence checks.

        Args:
            cache: whether the report of unchanged sources may come from the cache.

        Raises:
            SourceError: a file does not load, or a shape is not well-formed.
        """
        from kaiju_graph import verdicts

        return (verdicts.load if cache else verdicts.make)(self.project, self.progress)

    def cover(self) -> Coverage:
        """Read every passage of every article against its graph."""
        from kaiju_graph import coverage, passages, sources

        read = sources.read(self.project)
        return coverage.cover(passages.locate(read), read.quads)

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
        """Return the layers of this graph, or a slice of them, in an RDF format.

        The text is the same every time.

        Args:
            form: the format; None is jsonld where a profile is given, else turtle.
            profile: of jsonld: compacted, expanded, flattened, framed (one thing as one nested
                document), or one of ``ontology/profiles/``; None is framed where a thing is given,
                else compacted.
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
        from kaiju_graph import profiles

        asked = profiles.Request(
            self.layers, form, profile, thing, tuple(passages), evidence, inferred, ids
        )
        asked = profiles.complete(asked, self.project)
        if asked.profile in profiles.stored(self.project):
            return profiles.construct(asked, self.project, self._constructed, self.resolve)
        return profiles.export(asked, self.project, self.quads, self.resolve)

    def _constructed(self, text: str, origin: str) -> Iterable[Triple]:
        found = self.answer(text, origin)
        if not isinstance(found, ox.QueryTriples):
            raise QueryError(f"{origin}:1: found no graph; expected CONSTRUCT")
        return [Triple(t.subject, t.predicate, t.object) for t in found]


def load(
    root: str | os.PathLike[str] | None = None,
    layers: Iterable[str] = store.MERGED,
    progress: Callable[[str], None] = lambda _: None,
    *,
    trusting: bool = True,
) -> KnowledgeGraph:
    """Return the knowledge graph of a project.

    Args:
        root: the project's folder; None looks for ``KAIJU_ROOT``, the nearest parent folder
            that is one, and the copy that the package carries.
        layers: the layers that the default graph merges.
        progress: is told what is being done, where it may take more than a moment.
        trusting: believe that files whose sizes, times and inodes are as before have not changed.

    Raises:
        UnreachableError: there is no project.
        UnknownNameError: there is no such layer.
    """
    found = project.find(None if root is None else os.fspath(root))
    return KnowledgeGraph(found, layers, progress, trusting=trusting)


def _in_rdflib(found: querying.Found) -> Answer:
    """Return an answer with rdflib's terms."""
    if isinstance(found, ox.QueryBoolean):
        return Answer(boolean=bool(found))
    if isinstance(found, ox.QueryTriples):
        return Answer(graph=terms.graph(Triple(t.subject, t.predicate, t.object) for t in found))
    names = tuple(variable.value for variable in found.variables)
    rows = tuple(
        {name: terms.to_rdflib(term) for name, term in zip(names, row, strict=True) if term}
        for row in found
    )
    return Answer(names, rows)
