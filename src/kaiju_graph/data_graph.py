"""The Python API for data files without a project: ``DataGraph`` and ``load_data``."""

from __future__ import annotations

import os
import warnings
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kaiju_graph.errors import QueryWarning
from kaiju_graph.project.data_files import DataFiles, read_file
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.collector import CollectorPause
from kaiju_graph.rdf.formats import DATASETS
from kaiju_graph.rdf.lexical_forms import fill, find_quads, named_graphs
from kaiju_graph.sparql import execute, results
from kaiju_graph.sparql.answer import Answer, convert_result

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pyoxigraph as ox

    from kaiju_graph.rdf.terms import Quad, Triple
    from kaiju_graph.validation.report import Report

__all__ = ["DataGraph", "load_data"]


class DataGraph:
    """The statements of data files, as they stand there; ``kaiju_graph.load_data`` returns one.

    The blank nodes of each file are its own. The default graph has what stands outside named
    graphs, and nothing else (SPARQL 1.1 Query, section 13).
    """

    def __init__(
        self,
        files: DataFiles,
        data: Iterable[str],
        shapes: Iterable[str] = (),
        progress: Callable[[str], None] = lambda _: None,
        *,
        inferred: bool = False,
    ) -> None:
        """Take the files.

        Args:
            files: all files.
            data: the names of the data files.
            shapes: the names of the files of shapes.
            progress: is called with a description of each step that may take long.
            inferred: add what follows.
        """
        self.project = files
        self.data, self.shapes = tuple(data), tuple(shapes)
        self.progress = progress
        self.inferred = inferred

    @cached_property
    def quads(self) -> list[Quad | Triple]:
        """All statements: quads of named graphs, and triples of the default graph.

        Raises:
            SourceError: a file does not parse.
            InconsistencyError: with ``inferred``, the statements contradict each other.
            AxiomError: with ``inferred``, an axiom is not supported.
        """
        statements: dict[Quad | Triple, None] = {}
        with CollectorPause():
            for name in self.data:
                self.progress(f"reading {name}")
                default: Any = terms.DEFAULT
                for quad in self.project.parse(name, default):
                    is_default: bool = quad.graph == default
                    statements[quad.triple if is_default else quad] = None
            if self.inferred:
                from kaiju_graph.reasoning import reasoner

                self.progress("inferring what follows")
                premises = dict.fromkeys(terms.Triple(*s[:3]) for s in statements)
                found = reasoner.conclusions(reasoner.derive(premises))
                statements |= dict.fromkeys(quad.triple for quad in found)
        return [*statements]

    @cached_property
    def store(self) -> ox.Store:
        """An Oxigraph store of the statements."""
        import pyoxigraph as ox

        store = ox.Store()
        fill(store, self.quads)
        return store

    def store_for(self, _: str) -> ox.Store:
        """Return the store that answers a query."""
        return self.store

    def query(self, text: str, *, rows: int | None = None) -> Answer:
        """Answer a SPARQL 1.1 query; the prefixes of the files need no declaration.

        Args:
            text: the query.
            rows: the number of solutions or triples to return; None returns all.

        Raises:
            QueryError: the text does not parse, or uses SERVICE.
        """
        return convert_result(self.answer(text, rows=rows))

    def answer(
        self, text: str, origin: str = "query", *, rows: int | None = None
    ) -> execute.Result:
        """Answer a SPARQL 1.1 query with Oxigraph's own terms."""
        store = self.store
        has_triples = next(find_quads(store, None, None, None), None)
        graphs = "" if has_triples else next(map(str, named_graphs(store)), "")
        prefixes = self.project.prefixes
        result = execute.run(store, text, prefixes, origin, rows=rows, explain=not graphs)
        if graphs:
            result, is_hollow = _buffer(result)
            if is_hollow:
                found = f"found no triple outside named graphs such as {graphs}"
                message = f"{origin}: {found}; expected GRAPH ?graph {{ … }}"
                warnings.warn(message, QueryWarning, stacklevel=2)
        return result

    def export(self, form: str | None = None) -> str:
        """Return the statements in a format, with the prefixes of the files; always the same text.

        Args:
            form: the format; None is turtle, or trig if there are named graphs. Another format
                without named graphs gets the merge of all graphs.

        Raises:
            UsageError: there is no such format, or it cannot hold a statement.
        """
        from kaiju_graph.rdf.write import write

        statements = self.quads
        if form is None:
            has_graphs = any(len(statement) > len(terms.Triple._fields) for statement in statements)
            form = "trig" if has_graphs else "turtle"
        return write(statements, form, self.project, graphs=form in (*DATASETS, "jsonld"))

    def validate(self) -> Report:
        """Check the statements of all graphs against the shapes.

        Raises:
            UsageError: there are no shapes.
            SourceError: a file does not parse, or a shape is not well-formed.
        """
        from kaiju_graph.validation.data import validate_data

        return validate_data(self.project, self.data, self.shapes, self.progress)


def _buffer(result: execute.Result) -> tuple[execute.Result, bool]:
    """Return an unread copy of a result, and whether it says nothing."""
    if isinstance(result, list):
        return result, not result
    copy, content = results.buffer(result)
    return copy, results.is_hollow(content)


def load_data(
    *files: str | os.PathLike[str],
    shapes: Iterable[str | os.PathLike[str]] = (),
    form: str | None = None,
    base: str | None = None,
    inferred: bool = False,
) -> DataGraph:
    """Return the graph of data files: Turtle, TriG, N-Triples, N-Quads, RDF/XML or JSON-LD.

    Args:
        files: their paths.
        shapes: the paths of files with shapes, for ``validate``.
        form: the name of their format; None is that of their endings, or that which they show.
        base: the IRI that resolves relative ones; None is the address of each file.
        inferred: add what follows from all statements by OWL 2 RL.

    Raises:
        UnreachableError: a file cannot be read.
        SourceError: it is not text.
        LimitError: it is too long.
    """
    data, rules = [os.fspath(path) for path in files], [os.fspath(path) for path in shapes]
    read = [read_file(name, form, base) for name in data]
    read += [read_file(name, None, base) for name in rules if name not in data]
    return DataGraph(DataFiles(read), data, rules, inferred=inferred)
