"""SPARQL in shapes (SHACL, sections 5 and 6), answered by Oxigraph.

pySHACL reads the constraints. This module replaces how it prepares a query:
restrictions and variables are found by tokens, not by a search in the text; the prefixes are those
of ``sh:prefixes`` and of the ontologies that it imports; and variables are bound at any depth.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pyshacl.helper
import pyshacl.shape
import pyshacl.validator
from pyshacl.constraints import ALL_CONSTRAINT_PARAMETERS, CONSTRAINT_PARAMETERS_MAP
from pyshacl.constraints.constraint_component import ConstraintComponent
from pyshacl.helper.sparql_query_helper import SPARQLQueryHelper
from rdflib import SH, URIRef, Variable
from rdflib.query import Result

from kaiju_graph.rdf import terms
from kaiju_graph.sparql.prebinding import check_restrictions, replace_path
from kaiju_graph.sparql.tokens import replace_escapes
from kaiju_graph.validation import shapes
from kaiju_graph.validation.shacl.copies import copy_blank_node
from kaiju_graph.validation.shacl.paths import path_text
from kaiju_graph.validation.shacl.query_engine import SHAPES_GRAPH
from kaiju_graph.validation.shacl.sparql_results import SparqlConstraint, component_results
from kaiju_graph.validation.shacl.value_constraints import COMPONENTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyoxigraph as ox

    from kaiju_graph.rdf.terms import Term
    from kaiju_graph.validation.shacl.query_engine import Answer

__all__ = ["Constraint", "component_overrides", "to_result"]


class Constraint(SPARQLQueryHelper):
    """The query of a constraint or validator, with its prefixes and pre-bound variables."""

    def bind_messages(self, param_map: object = None) -> None:
        r"""Leave messages to ``sparql_results``; pySHACL reads ``\1`` in a parameter as a group."""

    def collect_prefixes(self) -> None:
        """Read the prefixes of ``sh:prefixes`` and of its imports."""
        graph = self.shape.sg.graph

        def objects(subject: Term, predicate: ox.NamedNode) -> Iterable[Term]:
            found = graph.objects(terms.to_rdflib(subject), terms.to_rdflib(predicate))
            return map(terms.from_rdflib, found)

        ontologies = map(terms.from_rdflib, graph.objects(self.node, SH.prefixes))
        found = shapes.find_prefixes(ontologies, objects)
        self.prefixes = {name: URIRef(namespace) for name, namespace in found.items()}

    def pre_bind_variables(
        self, thisnode: Any, valuenode: Any = None, extravars: Iterable[str] | None = None
    ) -> tuple[dict[str, Any], str]:
        """Return the bound variables, and the query with its path.

        Raises:
            QueryError: SHACL forbids a part of the query.
        """
        bound: dict[str, Any] = {
            "this": thisnode,
            "currentShape": self.shape.node,
            "shapesGraph": terms.to_rdflib(SHAPES_GRAPH),
        }
        if valuenode is not None:
            bound["value"] = valuenode
        names = frozenset((*bound, *(extravars or ())))
        if names not in self._texts:
            self._texts[names] = self._prepare(names)
        return bound, self._texts[names]

    @cached_property
    def _texts(self) -> dict[frozenset[str], str]:
        """The query with its path, for each set of variables that may be bound."""
        return {}

    def _prepare(self, names: frozenset[str]) -> str:
        text = replace_escapes(self.select_text)
        check_restrictions(text, names)
        path = self.shape.path()
        if path is None:
            return text
        return replace_path(text, path_text(self.shape.sg.graph, path))


@contextmanager
def component_overrides() -> Iterator[None]:
    """Make pySHACL use the components of this package within the context."""
    helper: Any = pyshacl.helper
    shape: Any = pyshacl.shape
    validator: Any = pyshacl.validator
    copy = validator.clone_blank_node
    validator.clone_blank_node = copy_blank_node
    describe = ConstraintComponent.make_v_result_description
    before = helper.SPARQLQueryHelperCls, CONSTRAINT_PARAMETERS_MAP.copy()
    helper.SPARQLQueryHelperCls = Constraint
    CONSTRAINT_PARAMETERS_MAP.update({**COMPONENTS, SH.sparql: SparqlConstraint})
    # A set, because pySHACL looks for each property of a shape in it, and a list is slow.
    shape.CONSTRAINT_PARAMS = {*ALL_CONSTRAINT_PARAMETERS}, CONSTRAINT_PARAMETERS_MAP
    # Only its report as a text has descriptions, which cost a quarter of the time.
    ConstraintComponent.make_v_result_description = lambda *_, **__: ""  # type: ignore[method-assign]
    try:
        with component_results():
            yield
    finally:
        validator.clone_blank_node = copy
        ConstraintComponent.make_v_result_description = describe  # type: ignore[method-assign]
        helper.SPARQLQueryHelperCls = before[0]
        CONSTRAINT_PARAMETERS_MAP.update(before[1])
        shape.CONSTRAINT_PARAMS = None, None


def to_result(answer: Answer) -> Result:
    """Return an answer as pySHACL reads it."""
    if isinstance(answer, bool):
        result = Result("ASK")
        result.askAnswer = answer
        return result
    result = Result("SELECT")
    result.vars = [Variable(name) for name in answer.names]
    result.bindings = [
        {
            variable: terms.to_rdflib(value)
            for variable, value in zip(result.vars, row, strict=True)
            if value is not None
        }
        for row in answer.rows
    ]
    return result
