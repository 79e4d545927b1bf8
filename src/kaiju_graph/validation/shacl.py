"""The validation report of SHACL, made by pySHACL without its repeated work.

pySHACL decides whether a node conforms to a shape. It repeats some work for every focus node, which
is done once here:

- objects and subjects are looked up in dictionaries, not in the layers of an rdflib store;
- Oxigraph answers the queries of SPARQL constraints;
- the property shapes of a node shape get all of its focus nodes at once;
- conformance to another shape is remembered where only that matters (``sh:or``, ``sh:not`` …).

Where pySHACL departs from SHACL, the components of ``value_constraints`` and ``sparql_results``
and the paths of ``paths`` take the place of its own.

This relies on undocumented parts of pySHACL: how one shape checks another, and the lists that it
keeps. Its version is pinned, and tests compare the report with that of pySHACL alone and with SHACL
in plain Python.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
from pyshacl import Shape, Validator
from pyshacl.constraints.core.logical_constraints import (
    AndConstraintComponent,
    NotConstraintComponent,
    OrConstraintComponent,
    XoneConstraintComponent,
)
from pyshacl.constraints.core.shape_based_constraints import QualifiedValueShapeConstraintComponent
from pyshacl.constraints.sparql.sparql_based_constraint_components import (
    SPARQLConstraintComponentValidator,
)
from pyshacl.graph_abstraction import DataGraph
from pyshacl.rdfutil.stringify import stringify_blank_node
from rdflib import RDF, RDFS, SH, BNode, Graph

import kaiju_graph.rdf.rdflib_settings  # noqa: F401 (makes them)
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.terms import Triple
from kaiju_graph.validation.paths import path_step
from kaiju_graph.validation.sparql_constraints import Engine, component_overrides
from kaiju_graph.validation.value_constraints import TRUE

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping

    from pyshacl import ShapesGraph
    from rdflib.query import Result
    from rdflib.term import Node


__all__ = ["IndexedGraph", "report"]

# Errors of pySHACL are raised, so no log is needed.
SILENT = logging.getLogger("kaiju_graph.shacl")
SILENT.setLevel(logging.CRITICAL + 1)

CONFORMANCE = (
    AndConstraintComponent,
    NotConstraintComponent,
    OrConstraintComponent,
    QualifiedValueShapeConstraintComponent,
    XoneConstraintComponent,
)
"""The constraints for which only the conformance of a node to another shape matters."""


def report(
    data: Iterable[Triple],
    shapes: Iterable[Triple],
    progress: Callable[[str], None] = lambda _: None,
) -> list[Triple]:
    """Check data against shapes, and return the sorted validation report of SHACL, section 3.6.

    The same data and shapes give the same report, its blank nodes included.

    Args:
        data: distinct triples.
        shapes: distinct triples, with the prefixes that SPARQL constraints use.
        progress: receives a line of text at each shape.

    Raises:
        Exception: a shape is not well-formed; pySHACL raises errors of any kind.
    """
    data, shapes = [*data], sorted(shapes, key=terms.sort_key)
    options = {"inplace": True, "logger": SILENT}
    graph = DataGraph.from_rdflib(_Data(data, Engine(data, shapes)))
    validator = Validator(graph, shacl_graph=IndexedGraph(shapes), options=options)
    parts = _detach_property_shapes(validator.shacl_graph)
    shape_class = _shape_class_with_memory()
    for shape in parts:
        shape.__class__ = shape_class
        off = (shape.node, SH.deactivated, TRUE) in validator.shacl_graph.graph
        shape._deactivated = off  # noqa: SLF001 (pySHACL takes "1"^^xsd:boolean for true)
    focus_nodes: dict[Shape, list[Any]] = {
        shape: [*shape.focus_nodes(graph)]  # type: ignore[no-untyped-call]
        for shape in parts
        if not shape.deactivated
    }
    checked = [(shape, nodes) for shape, nodes in focus_nodes.items() if nodes]
    executor = validator.make_executor()
    results: list[Any] = []
    SPARQLConstraintComponentValidator.validator_cache.clear()  # its keys are reused addresses,
    stringify_blank_node.dict_cache.clear()  # as are those of this
    with component_overrides():
        for number, (shape, focus) in enumerate(checked, 1):
            progress(f"checking the shapes: {number:,} of {len(checked):,}")
            for part in (shape, *parts[shape]):
                results += part.validate(executor, graph, focus=focus)[1]
    made, _ = Validator.create_validation_report(validator.shacl_graph, not results, results)
    used = (term for triple in (*data, *shapes) for term in triple)
    return _canonical(made, {term for term in used if isinstance(term, ox.BlankNode)})


class IndexedGraph(Graph):
    """An rdflib graph for pySHACL, with fast look-ups of objects and subjects."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        super().__init__(bind_namespaces="none")
        self._objects: dict[tuple[Any, Any], dict[Any, None]] = {}
        self._subjects: dict[tuple[Any, Any], dict[Any, None]] = {}
        for triple in terms.rdflib_triples(triples):
            self.add(triple)

    def add(self, triple: Any) -> IndexedGraph:
        """Add a triple."""
        subject, predicate, object_ = triple
        self._objects.setdefault((subject, predicate), {})[object_] = None
        self._subjects.setdefault((predicate, object_), {})[subject] = None
        super().add(triple)
        return self

    def remove(self, triple: Any) -> IndexedGraph:
        """Remove triples."""
        for subject, predicate, object_ in [*self.triples(triple)]:
            del self._objects[subject, predicate][object_]
            del self._subjects[predicate, object_][subject]
        super().remove(triple)
        return self

    def objects(
        self,
        subject: Any = None,
        predicate: Any = None,
        unique: bool = False,  # noqa: FBT001, FBT002 (rdflib's signature)
    ) -> Generator[Any, None, None]:
        """Yield the objects of a subject and predicate."""
        if subject is None or predicate is None:
            yield from super().objects(subject, predicate, unique)
        else:
            yield from self._objects.get((subject, predicate), ())

    def subjects(
        self,
        predicate: Any = None,
        object: Any = None,  # noqa: A002 (rdflib's name)
        unique: bool = False,  # noqa: FBT001, FBT002 (rdflib's signature)
    ) -> Generator[Any, None, None]:
        """Yield the subjects of a predicate and object."""
        if predicate is None or object is None:
            yield from super().subjects(predicate, object, unique)
        else:
            yield from self._subjects.get((predicate, object), ())


class _Data(IndexedGraph):
    """The data graph, whose queries an engine answers."""

    def __init__(self, triples: list[Triple], engine: Engine) -> None:
        super().__init__(triples)
        self.engine = engine

    def query(  # type: ignore[override]
        self,
        query_object: str,
        processor: str = "sparql",  # noqa: ARG002 (as rdflib's)
        result: str = "sparql",  # noqa: ARG002
        initNs: Mapping[str, Any] | None = None,  # noqa: ARG002, N803
        initBindings: Mapping[str, Any] | None = None,  # noqa: N803
        *_: object,
    ) -> Result:
        """Answer the query of a constraint with some variables bound."""
        return self.engine.answer(query_object, initBindings or {})


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


def _shape_class_with_memory() -> type[Shape]:
    """Return a class of shapes that remember, for one run, which nodes conform to them.

    Its shapes have the implicit targets and the value nodes of SHACL, sections 2.1.3.3 and 2.3.1.
    """
    known: dict[tuple[Shape, Any], bool] = {}
    steps: dict[Shape, Callable[[set[Any]], set[Any]]] = {}

    class ShapeWithMemory(Shape):
        __slots__ = ()

        def validate(
            self,
            executor: Any,
            target_graph: Any,
            focus: Any = None,
            _evaluation_path: list[Any] | None = None,
        ) -> Any:
            if not (_evaluation_path and isinstance(_evaluation_path[-1], CONFORMANCE)):
                return super().validate(executor, target_graph, focus, _evaluation_path)
            if (self, focus) not in known:
                known[self, focus], _ = super().validate(
                    executor, target_graph, focus, _evaluation_path
                )
            return known[self, focus], []

        def implicit_class_targets(self) -> list[Any]:
            graph = self.sg.graph
            kinds = {
                kind
                for found in graph.objects(self.node, RDF.type)
                for kind in graph.transitive_objects(found, RDFS.subClassOf)
            }
            is_shape = not kinds.isdisjoint((SH.NodeShape, SH.PropertyShape))
            return [self.node] if RDFS.Class in kinds and is_shape else []

        def value_nodes(
            self,
            target_graph: Any,
            focus: Any,
            sparql_mode: bool = False,  # noqa: ARG002, FBT001, FBT002 (pySHACL's signature)
            debug: bool = False,  # noqa: ARG002, FBT001, FBT002
        ) -> dict[Any, set[Any]]:
            nodes = focus if isinstance(focus, list | set | tuple) else [focus]
            if not self.is_property_shape:
                return {node: {node} for node in nodes}
            if self not in steps:
                steps[self] = path_step(self.sg.graph, self._path, target_graph)
            return {node: steps[self]({node}) for node in nodes}

    return ShapeWithMemory


def _canonical(made: Graph, known: set[ox.BlankNode]) -> list[Triple]:
    """Return the triples of a report, sorted, with its own blank nodes labelled by RDFC-1.0.

    Blank nodes of the data and the shapes keep their labels, which the sources have, too.
    """
    kept = {node: ox.NamedNode(f"urn:x-none:{node.value}") for node in known}
    back = {iri: node for node, iri in kept.items()}
    triples = ([*map(terms.from_rdflib, triple)] for triple in made)
    quads = ox.Dataset(ox.Quad(*(kept.get(term, term) for term in triple)) for triple in triples)
    quads.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    labelled = ((quad.subject, quad.predicate, quad.object) for quad in quads)
    return sorted(
        (Triple(*(back.get(term, term) for term in triple)) for triple in labelled),
        key=terms.sort_key,
    )
