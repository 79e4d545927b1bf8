"""The validation report of SHACL, made by pySHACL without its repeated work.

pySHACL decides whether a node conforms to a shape. It repeats some work for every focus node, which
is done once here:

- objects and subjects are looked up in dictionaries, not in the layers of an rdflib store;
- Oxigraph answers the queries of SPARQL constraints;
- the property shapes of a node shape get all of its focus nodes at once;
- where only conformance to another shape matters (``sh:or``, ``sh:not`` …), it is remembered, and
  no results are made.

Where pySHACL departs from SHACL, the components of ``value_constraints`` and ``sparql_results``
and the paths of ``paths`` take the place of its own.

This relies on undocumented parts of pySHACL: how one shape checks another, and the lists that it
keeps. Its version is pinned, and tests compare the report with that of pySHACL alone and with SHACL
in plain Python.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any
from zlib import crc32

import pyoxigraph as ox
from pyshacl import Shape, Validator
from pyshacl.constraints.sparql.sparql_based_constraint_components import (
    SPARQLConstraintComponentValidator,
)
from pyshacl.graph_abstraction import DataGraph
from pyshacl.rdfutil.stringify import stringify_blank_node
from rdflib import RDF, SH, BNode

import kaiju_graph.rdf.rdflib_settings  # noqa: F401 (makes them)
from kaiju_graph.errors import LimitError
from kaiju_graph.project.layout import SHACL
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.terms import Triple
from kaiju_graph.validation.memory import Memory, Part, hash_texts
from kaiju_graph.validation.report import BOOLEAN, CONFORMS, RESULT
from kaiju_graph.validation.shacl.conformance import shape_with_memory
from kaiju_graph.validation.shacl.copies import is_copy
from kaiju_graph.validation.shacl.definitions import Definitions
from kaiju_graph.validation.shacl.query_engine import Engine
from kaiju_graph.validation.shacl.sparql_constraints import component_overrides
from kaiju_graph.validation.shacl.traced_graph import TracedGraph
from kaiju_graph.validation.shacl.value_constraints import TRUE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pyshacl import ShapesGraph
    from rdflib.term import Node

    from kaiju_graph.rdf.terms import Term

__all__ = ["report"]

# Errors of pySHACL are raised, so no log is needed.
SILENT = logging.getLogger("kaiju_graph.shacl")
SILENT.setLevel(logging.CRITICAL + 1)

REPORT = ox.BlankNode("report")
REPORT_CLASS = ox.NamedNode(SHACL + "ValidationReport")
GROUP = 128
"""The number of focus nodes from which they are checked in several groups."""


def _raise(_: Term, error: Exception) -> None:
    raise error


def report(
    data: Iterable[Triple],
    shapes: Iterable[Triple],
    progress: Callable[[str], None] = lambda _: None,
    memory: Memory | None = None,
    fail: Callable[[Term, Exception], None] = _raise,
) -> list[Triple]:
    """Check data against shapes, and return the sorted validation report of SHACL, section 3.6.

    The same data and shapes give the same report, its blank nodes included.

    Args:
        data: distinct triples.
        shapes: distinct triples, with the prefixes that SPARQL constraints use.
        progress: receives a line of text at each shape.
        memory: has the parts of an earlier report, and receives those of this one; its
            ``recall_report`` has been asked for these triples.
        fail: receives each shape that cannot be applied, with the reason; the report has no result
            of it. Unless given, the first reason is raised.

    Raises:
        Exception: a shape is not well-formed; pySHACL raises errors of any kind.
        LimitError: a query takes too long.
    """
    failures = _Failures(fail)
    data, shapes = [*data], sorted(shapes, key=terms.sort_key)
    memory = memory or Memory()
    options = {"inplace": True, "logger": SILENT}
    traced = TracedGraph(data, memory.engine or Engine(data, shapes))
    graph = DataGraph.from_rdflib(traced)
    validator = Validator(graph, shacl_graph=TracedGraph(shapes), options=options)
    parts = _detach_property_shapes(validator.shacl_graph)
    shape_class = shape_with_memory(traced)
    for shape in parts:
        shape.__class__ = shape_class
        off = (shape.node, SH.deactivated, TRUE) in validator.shacl_graph.graph
        shape._deactivated = off  # noqa: SLF001 (pySHACL takes "1"^^xsd:boolean for true)
    with traced.tracing() as targets:
        focus_nodes: dict[Shape, list[Any]] = {}
        for shape in parts:
            if not shape.deactivated:
                with failures.of(shape):
                    focus_nodes[shape] = [*shape.focus_nodes(graph)]  # type: ignore[no-untyped-call]
    checked = [(shape, nodes) for shape, nodes in focus_nodes.items() if nodes]
    executor = validator.make_executor()
    definitions = Definitions(shapes)
    text = cache(lambda node: str(terms.from_rdflib(node)))
    found: dict[str, list[Triple]] = {}

    def check(part: Shape, key: str, group: list[Any]) -> list[Triple]:
        known = memory.recall_part(key)
        if known is None:
            stringify_blank_node.dict_cache.clear()
            with traced.tracing() as trace:
                results = part.validate(executor, graph, focus=group)[1]
                known = _triples(validator.shacl_graph, results)
            memory.keep_part(key, Part(trace, known))
        return known

    SPARQLConstraintComponentValidator.validator_cache.clear()  # its keys are reused addresses
    with component_overrides():
        for number, (shape, nodes) in enumerate(checked, 1):
            progress(f"checking the shapes: {number:,} of {len(checked):,}")
            groups = _group({node: text(node) for node in nodes})
            for part in (shape, *parts[shape]):
                detached = parts[shape] if part is shape else []
                definition = definitions.hash(
                    *(terms.from_rdflib(other.node) for other in (part, *detached))
                )
                keys = {hash_texts([definition, name]): group for name, group in groups}
                with failures.of(part):
                    found |= {key: check(part, key, group) for key, group in keys.items()}
    used = (term for triple in (*data, *shapes) for term in triple)
    results = [triple for triples in found.values() for triple in triples]
    made = _canonical(results, {term for term in used if isinstance(term, ox.BlankNode)})
    if not failures.shapes:
        memory.keep_report(targets, found, made)
    return made


class _Failures:
    """The shapes that cannot be applied."""

    def __init__(self, fail: Callable[[Term, Exception], None]) -> None:
        self.shapes: set[Node] = set()
        self._fail = fail

    @contextmanager
    def of(self, shape: Shape) -> Iterator[None]:
        """Note an error within the context as the failure of a shape."""
        try:
            yield
        except (LimitError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001 (pySHACL raises anything)
            if shape.node not in self.shapes:
                self.shapes.add(shape.node)
                self._fail(terms.from_rdflib(shape.node), error)


def _group(texts: dict[Any, str]) -> list[tuple[str, list[Any]]]:
    """Return groups of focus nodes, each with a hash; a new node changes one group.

    pySHACL checks many nodes faster than one, and fewer are checked again after a change.

    Args:
        texts: focus node → its text.
    """
    count = 1 << (len(texts) // GROUP).bit_length()
    groups: dict[int, list[Any]] = {}
    for node in sorted(texts, key=texts.__getitem__):
        groups.setdefault(crc32(texts[node].encode()) % count, []).append(node)
    return [(hash_texts(map(texts.__getitem__, group)), group) for group in groups.values()]


def _detach_property_shapes(shapes: ShapesGraph) -> dict[Shape, list[Shape]]:
    """Return shape → its property shapes, which no longer run as its constraints.

    If no other shape refers to a node shape, ``sh:property`` gives its targets to the property
    shape (SHACL, sections 2.1.3 and 4.7.1).
    """
    graph = shapes.graph
    referenced: set[Node] = {*graph.objects(None, RDF.first)}
    for predicate in (SH.node, SH["not"], SH.qualifiedValueShape):
        referenced.update(graph.objects(None, predicate))
    parts: dict[Shape, list[Shape]] = {}
    for shape in shapes.shapes:
        parts[shape] = []
        if shape.is_property_shape or isinstance(shape.node, BNode) or shape.node in referenced:
            continue
        for node in [*graph.objects(shape.node, SH.property)]:
            part = shape.get_other_shape(node)
            if part is not None and part.is_property_shape:
                parts[shape].append(part)
        if parts[shape]:
            shape.sg = _WithoutProperties(shape.sg, shape.node)
    return parts


class _WithoutProperties:
    """A shapes graph in which one shape has no ``sh:property``."""

    def __init__(self, shapes: ShapesGraph, node: Node) -> None:
        self.shapes = shapes
        self.node = node

    def __getattr__(self, name: str) -> Any:
        return getattr(self.shapes, name)

    def predicate_objects(self, node: Any) -> Iterable[tuple[Any, Any]]:
        """Yield the predicates and objects of a node; pySHACL reads constraints from them."""
        graph: Any = self.shapes
        for predicate, value in graph.predicate_objects(node):
            if node != self.node or predicate != SH.property:
                yield predicate, value


def _triples(shapes: ShapesGraph, results: list[Any]) -> list[Triple]:
    """Return the triples of results, and a link to each from the report."""
    if not results:
        return []
    made, _ = Validator.create_validation_report(shapes, False, results)  # noqa: FBT003
    (node,) = made.subjects(RDF.type, SH.ValidationReport)
    triples = [Triple(*map(terms.from_rdflib, triple)) for triple in made if triple[0] != node]
    return triples + [
        Triple(REPORT, RESULT, terms.from_rdflib(result))
        for result in made.objects(node, SH.result)
    ]


def _canonical(results: list[Triple], known: set[ox.BlankNode]) -> list[Triple]:
    """Return the report of results, sorted, with its own blank nodes labelled by RDFC-1.0.

    Blank nodes of the data and the shapes keep their labels, which the sources have, too, and their
    copies those of ``copies``: RDFC-1.0 has no limit of time for nodes that are much alike.
    """
    sources = {node.value for node in known}
    nodes = {term for triple in results for term in triple if isinstance(term, ox.BlankNode)}
    known = known | {node for node in nodes if is_copy(node.value, sources)}
    conforms = ox.Literal(str(not results).lower(), datatype=BOOLEAN)
    head = [Triple(REPORT, terms.TYPE, REPORT_CLASS), Triple(REPORT, CONFORMS, conforms)]
    kept: dict[Any, Any] = {node: ox.NamedNode(f"urn:x-none:{node.value}") for node in known}
    back = {iri: node for node, iri in kept.items()}
    triples = [*head, *results]
    quads = ox.Dataset(ox.Quad(*(kept.get(term, term) for term in triple)) for triple in triples)
    quads.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    labelled = ((quad.subject, quad.predicate, quad.object) for quad in quads)
    return sorted(
        (Triple(*(back.get(term, term) for term in triple)) for triple in labelled),
        key=terms.sort_key,
    )
