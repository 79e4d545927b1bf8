"""Shapes that remember which nodes conform to them, and make no results where none is read.

The results of ``sh:or``, ``sh:not`` and the like say that a value does not conform to other shapes,
but not why (SHACL, section 4.6). Below such a constraint pySHACL reads the constraints of a shape
for every node again and makes results that nobody reads; here the constraints of a shape are read
once.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar

from pyshacl import Shape
from pyshacl.constraints import CONSTRAINT_PARAMETERS_MAP
from pyshacl.constraints.core.logical_constraints import (
    AndConstraintComponent,
    NotConstraintComponent,
    OrConstraintComponent,
    XoneConstraintComponent,
)
from pyshacl.constraints.core.shape_based_constraints import QualifiedValueShapeConstraintComponent
from pyshacl.errors import ConstraintLoadWarning
from rdflib import RDF, RDFS, SH

from kaiju_graph.validation.shacl.paths import path_step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kaiju_graph.validation.shacl.traced_graph import TracedGraph
    from kaiju_graph.validation.shacl.traces import Trace

__all__ = ["shape_with_memory"]

CONFORMANCE = (
    AndConstraintComponent,
    NotConstraintComponent,
    OrConstraintComponent,
    QualifiedValueShapeConstraintComponent,
    XoneConstraintComponent,
)
"""The constraints for which only the conformance of a node to another shape matters."""


def shape_with_memory(graph: TracedGraph) -> type[Shape]:
    """Return a class of shapes that remember, for one run, which nodes conform to them.

    Its shapes have the implicit targets and the value nodes of SHACL, sections 2.1.3.3 and 2.3.1.

    Args:
        graph: the data, which keeps the traces of what is looked up.
    """

    class ShapeWithMemory(_Shape):
        __slots__ = ()
        run = _Run(graph)

    return ShapeWithMemory


class _Run:
    """What the shapes of a run share."""

    def __init__(self, graph: TracedGraph) -> None:
        self.graph = graph
        self.conformance: dict[tuple[Shape, Any], tuple[bool, Trace]] = {}
        """Shape and node → whether it conforms, and what that depends on."""
        self.constraints: dict[Shape, list[Any]] = {}
        self.steps: dict[Shape, Callable[[set[Any]], set[Any]]] = {}


class _Shape(Shape):
    __slots__ = ()
    run: ClassVar[_Run]

    def validate(
        self,
        executor: Any,
        target_graph: Any,
        focus: Any = None,
        _evaluation_path: list[Any] | None = None,
    ) -> Any:
        path = _evaluation_path or []
        if not any(isinstance(part, CONFORMANCE) for part in reversed(path)):
            return super().validate(executor, target_graph, focus, _evaluation_path)
        if (self, focus) in self.run.conformance:
            conforms, trace = self.run.conformance[self, focus]
            self.run.graph.repeat(trace)
            return conforms, []
        with self.run.graph.tracing() as trace:
            conforms = self.conforms(executor, target_graph, focus, path)
        self.run.conformance[self, focus] = conforms, trace
        return conforms, []

    def conforms(self, executor: Any, target_graph: Any, focus: Any, path: list[Any]) -> bool:
        """Tell whether a node conforms; no constraint is left out, as each may be a failure."""
        if self.deactivated or len(path) // 2 >= executor.max_validation_depth:
            return bool(super().validate(executor, target_graph, focus, path)[0])
        if self not in self.run.constraints:
            self.run.constraints[self] = [*_constraints_without_results(self)]
        values = self.value_nodes(target_graph, focus)
        answers = [
            constraint.evaluate(executor, target_graph, values, [*path, self, constraint])[0]
            for constraint in self.run.constraints[self]
        ]
        return all(answers)

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
        target_graph: Any,  # noqa: ARG002 (it is that of the run)
        focus: Any,
        sparql_mode: bool = False,  # noqa: ARG002, FBT001, FBT002 (pySHACL's signature)
        debug: bool = False,  # noqa: ARG002, FBT001, FBT002
    ) -> dict[Any, set[Any]]:
        nodes = focus if isinstance(focus, list | set | tuple) else [focus]
        if not self.is_property_shape:
            return {node: {node} for node in nodes}
        if self not in self.run.steps:
            self.run.steps[self] = path_step(self.sg.graph, self._path, self.run.graph)
        step = self.run.steps[self]
        return {node: step({node}) for node in nodes}


def _constraints_without_results(shape: Any) -> Iterator[Any]:
    """Yield the constraints of a shape; in place of a result, each makes an empty one."""
    predicates = (predicate for predicate, _ in shape.sg.predicate_objects(shape.node))
    kinds = (CONSTRAINT_PARAMETERS_MAP[p] for p in predicates if p in CONSTRAINT_PARAMETERS_MAP)
    custom = (component.make_validator_for_shape for component in shape.find_custom_constraints())
    for make in (*dict.fromkeys(kinds), *custom):
        with suppress(ConstraintLoadWarning):  # it has no effect
            constraint = make(shape)
            constraint.make_v_result = lambda *_, **__: ("", None, [])
            yield constraint
