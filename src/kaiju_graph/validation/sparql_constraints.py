"""SPARQL in shapes (SHACL, sections 5 and 6), answered by Oxigraph.

pySHACL reads the constraints. This module replaces how it prepares a query:
restrictions and variables are found by tokens, not by a search in the text; the prefixes are those
of ``sh:prefixes`` and of the ontologies that it imports; and variables are bound at any depth.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pyshacl.helper
from pyshacl.constraints import CONSTRAINT_PARAMETERS_MAP
from pyshacl.helper.sparql_query_helper import SPARQLQueryHelper
from rdflib import SH, URIRef, Variable
from rdflib.query import Result

from kaiju_graph.errors import QueryError
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.lexical_forms import decode, encode, fill, has_encoded
from kaiju_graph.sparql import execute, limits
from kaiju_graph.sparql.prebinding import (
    Template,
    check_restrictions,
    node_quad,
    read_template,
    replace_path,
)
from kaiju_graph.sparql.rewrite import AGGREGATES, FUNCTIONS, has_encodable, rewrite
from kaiju_graph.sparql.tokens import replace_escapes
from kaiju_graph.validation import shapes
from kaiju_graph.validation.paths import path_text
from kaiju_graph.validation.sparql_results import SparqlConstraint, component_results
from kaiju_graph.validation.value_constraints import COMPONENTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kaiju_graph.rdf.terms import Term, Triple


__all__ = ["Constraint", "Engine", "component_overrides"]

SHAPES_GRAPH = ox.NamedNode("urn:x-kaiju:shapes")
"""The named graph in which ``$shapesGraph`` finds the shapes (SHACL, section 5.3.2)."""

SHORT = 2**11
"""A query with fewer characters fits any stack; a thread with a deeper one costs more than it."""


class Constraint(SPARQLQueryHelper):
    """The query of a constraint or validator, with its prefixes and pre-bound variables."""

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
    before = helper.SPARQLQueryHelperCls, CONSTRAINT_PARAMETERS_MAP.copy()
    helper.SPARQLQueryHelperCls = Constraint
    CONSTRAINT_PARAMETERS_MAP.update({**COMPONENTS, SH.sparql: SparqlConstraint})
    try:
        with component_results():
            yield
    finally:
        helper.SPARQLQueryHelperCls = before[0]
        CONSTRAINT_PARAMETERS_MAP.update(before[1])


class Engine:
    """A store of the data that answers the queries of shapes."""

    def __init__(self, data: list[Triple], shapes: list[Triple]) -> None:
        self._data = data
        self._shapes = shapes
        self._store: ox.Store | None = None
        self._templates: dict[str, Template] = {}

    def answer(self, text: str, bindings: Mapping[str, Any]) -> Result:
        """Answer a query with some variables bound.

        Raises:
            QueryError: the query does not parse, or the engine cannot run it.
        """
        store = self._store = self._store or self._fill()
        bound = {name: encode(terms.from_rdflib(value)) for name, value in bindings.items()}
        for value in bound.values():
            if isinstance(value, ox.BlankNode):
                store.add(node_quad(value))
        known = self._templates.get(text)
        if known is None:
            plain = replace_escapes(text)
            execute.check_query(read_template(plain).fill(bound), {})
            needs_rewrite = has_encoded(store) or has_encodable(plain, {})
            known = read_template(rewrite(plain, {}) if needs_rewrite else plain)
            self._templates[text] = known
        query = known.fill(bound)
        try:
            if len(query) < SHORT:
                return self._answer(store, query)
            return limits.call_with_deep_stack(lambda: self._answer(store, query))
        except RuntimeError as error:
            raise QueryError(f"query:1:1: found no query that can be run: {error}") from None

    def _answer(self, store: ox.Store, text: str) -> Result:
        """Return an answer, which belongs to the thread that asked, as pySHACL reads it."""
        return self._result(
            store.query(
                text,
                custom_functions=FUNCTIONS,
                custom_aggregate_functions=AGGREGATES,
            )
        )

    def _fill(self) -> ox.Store:
        """Return the store of the data, and of the shapes in a graph of their own."""
        store = ox.Store()
        fill(store, self._data)
        fill(store, self._shapes, SHAPES_GRAPH)
        return store

    def _result(self, answer: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples) -> Result:
        """Return an answer as pySHACL reads it."""
        if isinstance(answer, ox.QueryBoolean):
            result = Result("ASK")
            result.askAnswer = bool(answer)
            return result
        if isinstance(answer, ox.QueryTriples):
            raise QueryError("query:1:1: found a graph as the answer; expected rows or a boolean")
        result = Result("SELECT")
        names = [variable.value for variable in answer.variables]
        result.vars = [Variable(name) for name in names]
        result.bindings = [
            {
                Variable(name): terms.to_rdflib(decode(value))
                for name, value in zip(names, row, strict=True)
                if value is not None
            }
            for row in answer
        ]
        return result
