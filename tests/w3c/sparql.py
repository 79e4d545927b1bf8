"""The W3C's SPARQL 1.1 suites: each function runs a case, and fails where it does not hold.

Results are compared as RDF: numbers and dates by value and datatype, blank nodes by isomorphism.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import pyoxigraph as ox
import pytest
from rdflib import RDF, Namespace

from kaiju_graph.errors import InputError
from kaiju_graph.project.layout import Project
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.lexical_forms import fill, mark
from kaiju_graph.sparql import execute, results
from tests.w3c import suite
from tests.w3c.suite import QT, Case

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

__all__ = [
    "check_format",
    "check_results",
    "check_syntax",
    "check_written",
    "output_format",
    "query",
]

RS = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/result-set#")
READERS = {
    ".srx": ox.QueryResultsFormat.XML,
    ".srj": ox.QueryResultsFormat.JSON,
    ".tsv": ox.QueryResultsFormat.TSV,
}
"""Ending of a file → how the engine reads it."""
WRITERS = {".csv": "csv", ".tsv": "tsv", ".srj": "json"}
"""Ending of a file → the format of the command."""
DATA = {".rdf": ox.RdfFormat.RDF_XML, ".trig": ox.RdfFormat.TRIG}


def query(case: Case) -> str:
    """Return the query of a case, with the IRI of its file as its base."""
    path = suite.file(case.graph.value(case.action, QT.query) or case.action)
    return f"BASE <{path.as_uri()}>\n{path.read_text(encoding='utf-8')}"


def _store(case: Case) -> ox.Store:
    """Return the dataset of a case; the name of a graph is the IRI of its file."""
    store = ox.Store()
    for iri in case.graph.objects(case.action, QT.data):
        _load(store, suite.file(iri))
    for iri in case.graph.objects(case.action, QT.graphData):
        store.add_graph(ox.NamedNode(str(iri)))
        _load(store, suite.file(iri), ox.NamedNode(str(iri)))
    return store


def _answer(case: Case, *, rewritten: bool = False) -> execute.Result:
    """Return what the gate of all queries answers."""
    store = _store(case)
    if rewritten:
        mark(store)
    return execute.run(store, query(case), {})


def check_results(case: Case, *, rewritten: bool = False) -> None:
    """Check the answer of a query (``mf:QueryEvaluationTest``).

    Args:
        case: the query.
        rewritten: whether to rewrite it even if no literal of the data is encoded.
    """
    found, path = _answer(case, rewritten=rewritten), suite.file(case.result)
    if isinstance(found, list):
        assert _graph(found) == _graph(suite.triples(path))
    elif isinstance(found, ox.QueryBoolean):
        assert bool(found) == _read(path)
    else:
        assert _solutions(found, path) == _read(path)


def check_syntax(case: Case) -> None:
    """Check that a query parses, or is refused (``mf:PositiveSyntaxTest11`` and its negative)."""
    store = ox.Store()
    store.add_graph(ox.NamedNode(urljoin(str(case.action), "file")))  # which a FROM names
    if case.kind.startswith("Negative"):
        with pytest.raises(InputError):
            execute.run(store, query(case), {})
    else:
        execute.run(store, query(case), {})


def check_format(case: Case) -> None:
    """Check what the command writes (``mf:CSVResultFormatTest`` and its kin)."""
    found = _answer(case)
    assert not isinstance(found, list)
    check_written(case, results.write(found, output_format(case), Project("", {})))


def output_format(case: Case) -> str:
    """Return the name that the command has for the format of a case's result."""
    return WRITERS[suite.file(case.result).suffix]


def check_written(case: Case, written: str) -> None:
    """Check an answer that is written in the format of a case's result."""
    path = suite.file(case.result)
    if path.suffix == ".csv":
        assert _rows(written) == _rows(path.read_text(encoding="utf-8"))
    else:
        assert _parse(written.encode(), path) == _read(path)


def _load(store: ox.Store, path: Path, graph: ox.NamedNode | None = None) -> None:
    fill(store, (terms.Triple(*quad.triple) for quad in _quads(path)), graph)


def _quads(path: Path) -> Iterable[ox.Quad]:
    form = DATA.get(path.suffix, ox.RdfFormat.TURTLE)
    return ox.parse(path.read_bytes(), format=form, base_iri=path.as_uri())


def _read(path: Path) -> Any:
    """Return what a file of results says: a boolean, or variables and solutions."""
    if path.suffix in READERS:
        return _parse(path.read_bytes(), path)
    graph = terms.rdflib_graph(terms.Triple(*quad.triple) for quad in _quads(path))
    (node,) = graph.subjects(RDF.type, RS.ResultSet)
    if (boolean := graph.value(node, RS.boolean)) is not None:
        return str(boolean) == "true"
    names = {str(name) for name in graph.objects(node, RS.resultVariable)}
    solutions = (
        {
            str(graph.value(binding, RS.variable)): graph.value(binding, RS.value)
            for binding in graph.objects(solution, RS.binding)
        }
        for solution in graph.objects(node, RS.solution)
    )
    return names, _dataset(
        {name: terms.from_rdflib(term) for name, term in solution.items()} for solution in solutions
    )


def _parse(content: bytes, path: Path) -> Any:
    """Return what results in the format of a file say."""
    found = ox.parse_query_results(content, format=READERS[path.suffix])
    return bool(found) if isinstance(found, ox.QueryBoolean) else _solutions(found, path)


def _solutions(found: ox.QuerySolutions, path: Path) -> tuple[set[str], ox.Dataset]:
    """Return the variables and the solutions; relative IRIs are resolved against a file."""
    names = [variable.value for variable in found.variables]
    return set(names), _dataset(
        {name: _resolve(term, path) for name, term in terms.solution(names, row).items()}
        for row in found
    )


def _resolve(term: Any, path: Path) -> Any:
    if isinstance(term, ox.NamedNode):
        return ox.NamedNode(urljoin(path.as_uri(), term.value))
    return term


def _dataset(solutions: Iterable[Mapping[str, Any]]) -> ox.Dataset:
    """Return solutions as a dataset in which each has a node, to compare them as a multiset."""
    found = ox.Dataset()
    for solution in solutions:
        node = ox.BlankNode()
        found.add(ox.Quad(node, ox.NamedNode(RDF.type), ox.NamedNode(RS.solution)))
        for name, term in solution.items():
            found.add(ox.Quad(node, ox.NamedNode(f"urn:var:{name}"), _by_value(term)))
    found.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return found


def _graph(triples: Iterable[terms.Triple]) -> ox.Dataset:
    found = ox.Dataset(ox.Quad(s, p, _by_value(o)) for s, p, o in triples)
    found.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return found


@cache
def _by_value(term: Any) -> Any:
    """Return a literal in the form that the engine gives its value, with its own datatype."""
    if not isinstance(term, ox.Literal) or term.language:
        return term
    store = ox.Store()
    store.add(ox.Quad(ox.BlankNode(), ox.NamedNode(RDF.value), term))
    (quad,) = store
    return ox.Literal(quad.object.value, datatype=term.datatype)


def _rows(text: str) -> list[list[tuple[str, str]]]:
    """Return the rows of a CSV file, sorted: neither rows nor the columns of * have an order.

    A number is compared by its value: SPARQL 1.1 lets an engine write its canonical form.
    """
    rows = csv.DictReader(text.splitlines())
    return sorted(sorted((name, _cell(cell)) for name, cell in row.items()) for row in rows)


def _cell(cell: str) -> str:
    """Return a cell to be compared; the label of a blank node means nothing."""
    if re.fullmatch(r"[+-]?[0-9]*\.?[0-9]+([eE][+-]?[0-9]+)?", cell):
        return repr(float(cell))
    return "_:" if cell.startswith("_:") else cell
