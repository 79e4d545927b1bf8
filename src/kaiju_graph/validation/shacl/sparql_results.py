"""The results of SPARQL constraints and components (SHACL, sections 5.3 and 6.3).

pySHACL reads constraints and components. Its results are not used: they lose values that are false
or empty, the language of messages and ``?message``, repeat the messages of a component in later
results, and take one value of a parameter that has several.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from itertools import product
from typing import TYPE_CHECKING, Any

from pyshacl.constraints.sparql.sparql_based_constraint_components import (
    AskConstraintValidator,
    BoundShapeValidatorComponent,
)
from pyshacl.constraints.sparql.sparql_based_constraints import SPARQLBasedConstraint
from rdflib import SH, Literal, URIRef

from kaiju_graph.errors import QueryError
from kaiju_graph.validation.shacl.value_constraints import TRUE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["SparqlConstraint", "component_results", "evaluate_component"]

PLACEHOLDER = re.compile(r"\{[?$](\w+)\}")


class SparqlConstraint(SPARQLBasedConstraint):
    """``sh:sparql``: a result for each solution of a SELECT query."""

    def evaluate(
        self, _: Any, target_graph: Any, focus_value_nodes: Mapping[Any, Iterable[Any]], *__: Any
    ) -> tuple[bool, list[Any]]:
        """Return whether there is no solution, and a result for each."""
        results = [
            _result(self, constraint, solution, target_graph, source_constraint=constraint.node)
            for constraint in self.sparql_constraints
            if TRUE not in self.shape.sg.graph.objects(constraint.node, SH.deactivated)
            for focus in focus_value_nodes
            for solution in _select(constraint, target_graph, focus, {})
        ]
        return not results, results


@contextmanager
def component_results() -> Iterator[None]:
    """Make pySHACL evaluate components by ``evaluate_component`` within the context."""
    component: Any = BoundShapeValidatorComponent
    before = component.evaluate
    component.evaluate = evaluate_component
    try:
        yield
    finally:
        component.evaluate = before


def evaluate_component(
    self: Any, _: Any, target_graph: Any, focus_value_nodes: Mapping[Any, Iterable[Any]], *__: Any
) -> tuple[bool, list[Any]]:
    """Return whether a component finds nothing, and a result for each solution.

    A solution is one of a SELECT query, or a value node for which an ASK query answers no.
    """
    results = []
    for parameters, (focus, values) in product(_parameters(self), focus_value_nodes.items()):
        solutions: Iterable[dict[str, Any]]
        if isinstance(self.validator, AskConstraintValidator):
            solutions = (
                {"this": focus, "value": value}
                for value in values
                if not _answer(self.query_helper, target_graph, focus, parameters, value).askAnswer
            )
        else:
            solutions = _select(self.query_helper, target_graph, focus, parameters)
        for solution in solutions:
            names = {**parameters, **solution}
            source = {"constraint_component": self.constraint.node}
            results.append(_result(self, self.query_helper, names, target_graph, **source))
    return not results, results


def _parameters(component: Any) -> list[dict[str, Any]]:
    """Return the values of the parameters; each value of an only parameter counts."""
    if len(component.constraint.parameters) > 1:
        return [component.query_helper.param_bind_map]
    (parameter,) = component.constraint.parameters
    return [{parameter.localname: value} for value in component.shape.objects(parameter.path())]


def _answer(
    query: Any, graph: Any, focus: Any, parameters: Mapping[str, Any], value: Any = None
) -> Any:
    bound, text = query.pre_bind_variables(focus, valuenode=value, extravars=parameters)
    return graph.query(query.apply_prefixes(text), initBindings={**bound, **parameters})


def _select(
    query: Any, graph: Any, focus: Any, parameters: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """Yield the distinct solutions of a query.

    Raises:
        QueryError: the query says that it failed.
    """
    seen = set()
    for row in _answer(query, graph, focus, parameters).bindings:
        solution = {"this": focus, **{str(name): value for name, value in row.items()}}
        if solution.get("failure") == TRUE:
            raise QueryError(f"found ?failure true at {focus.n3()}; expected an answer")
        key = frozenset(solution.items())
        if key not in seen:
            seen.add(key)
            yield solution


def _result(
    constraint: Any, query: Any, solution: Mapping[str, Any], graph: Any, **source: Any
) -> tuple[Any, Any, Any]:
    """Return a solution as a result of pySHACL, with the properties of section 5.3.2.

    Args:
        constraint: the constraint that is checked.
        query: its query, which has the messages.
        solution: variable → its value, for the parameters of a component, too.
        graph: the data graph.
        source: what pySHACL takes as the source of the result.
    """
    shape = constraint.shape
    path, value = solution.get("path"), solution.get("value")
    text, node, triples = constraint.make_v_result(
        graph,
        solution["this"],
        value_node=solution["this"] if value is None and not shape.is_property_shape else value,
        result_path=path if isinstance(path, URIRef) else None,
        **source,
    )
    names = {"path": shape.path(), **solution} if shape.is_property_shape else solution
    own = [solution["message"]] if "message" in solution else query.unbound_messages
    messages = [_substitute(message, names) for message in (*own, *shape.message)]
    if messages:
        triples = [triple for triple in triples if triple[1] != SH.resultMessage]
        triples += [(node, SH.resultMessage, message) for message in messages]
    return text, node, triples


def _substitute(message: Literal, values: Mapping[str, Any]) -> Literal:
    """Return a message in which the values of variables replace their names in braces."""
    text = PLACEHOLDER.sub(lambda found: str(values.get(found[1], found[0])), message)
    return Literal(text, lang=message.language, datatype=message.datatype)
