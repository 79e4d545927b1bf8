"""Datatypes, ranges and patterns of SHACL Core, decided by XSD and XPath as queries are.

pySHACL leaves these to Python's ``float``, ``datetime`` and ``re``, which are of another opinion:
``1_000`` is an integer there, a year before 1 is none, NaN ends the validation, and ``$`` matches
before a final line feed. Here Oxigraph compares and matches (SPARQL 1.1, sections 17.3 and
17.4.3.14), and XSD 1.1 says which literals are well-formed, by Oxigraph and ``elementpath``.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
from pyshacl.constraints.core.property_pair_constraints import (
    LessThanConstraintComponent,
    LessThanOrEqualsConstraintComponent,
)
from pyshacl.constraints.core.string_based_constraints import (
    PatternConstraintComponent,
    StringBasedConstraintBase,
    UniqueLangConstraintComponent,
)
from pyshacl.constraints.core.value_constraints import DatatypeConstraintComponent
from pyshacl.constraints.core.value_range_constraints import (
    MaxExclusiveConstraintComponent,
    MaxInclusiveConstraintComponent,
    MinExclusiveConstraintComponent,
    MinInclusiveConstraintComponent,
)
from rdflib import SH, BNode, Literal
from rdflib import XSD as XSD_TERMS

from kaiju_graph.errors import QueryError
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.terms import XSD

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pyshacl import Shape

__all__ = [
    "COMPONENTS",
    "Datatype",
    "LessThan",
    "LessThanOrEquals",
    "MaxExclusive",
    "MaxInclusive",
    "MinExclusive",
    "MinInclusive",
    "Pattern",
    "UniqueLang",
    "is_well_formed",
]

TRUE = Literal("true", datatype=XSD_TERMS.boolean)


def is_well_formed(literal: ox.Literal) -> bool:
    """Tell whether a literal's text is in the lexical space of its datatype (XSD 1.1, part 2).

    A datatype that XSD does not define has no ill-formed literals here.

    >>> number = ox.NamedNode(f"{XSD}integer")
    >>> [is_well_formed(ox.Literal(text, datatype=number)) for text in ("1996", "+07", "1_000")]
    [True, True, False]
    """
    datatype = literal.datatype.value
    if not datatype.startswith(XSD) or datatype == f"{XSD}string":
        return True
    if _cast(literal) == literal.value:  # canonical, as most are: what knows the rest is slow
        return True
    from elementpath.datatypes import builtin_atomic_types

    known: Any = builtin_atomic_types.get(f"xs:{datatype.removeprefix(XSD)}")
    if known is None:
        return True
    try:
        # The one reads the form, the other the value: 300 is no byte, February has no 30th day.
        getattr(known, "fromstring", known)(literal.value)
        return bool(known.is_valid(literal.value))
    except (ValueError, OverflowError):
        return False


@lru_cache(maxsize=2**12)
def _cast(literal: ox.Literal) -> str | None:
    """Return the form that Oxigraph gives a text that it casts to a datatype."""
    text = ox.Literal(literal.value)
    try:
        rows: Any = ox.Store().query(f"SELECT ({literal.datatype}({text}) AS ?cast) {{}}")
        value = next(rows)["cast"]
    except RuntimeError:  # a datatype to which it casts nothing
        return None
    return None if value is None else str(value.value)


@lru_cache(maxsize=2**14)
def _holds(expression: str) -> bool:
    """Tell whether an expression without variables is true: neither false nor an error."""
    return bool(ox.Store().query(f"ASK {{ FILTER({expression}) }}"))


def _compare(left: Any, operator: str, right: Any) -> bool:
    """Tell whether SPARQL's comparison of two rdflib terms is true."""
    if isinstance(left, BNode) or isinstance(right, BNode):
        return False
    return _holds(f"{terms.from_rdflib(left)} {operator} {terms.from_rdflib(right)}")


def _objects(shape: Shape, predicate: Any) -> list[Any]:
    """Return the values of a predicate of a shape."""
    graph: Any = shape
    return list(graph.objects(predicate))


class _EachValue:
    """A constraint that decides of each value alone."""

    parameters: Iterable[Any]
    make_v_result: Any

    def fits(self, value: Any, parameter: Any) -> bool:
        """Tell whether a value keeps the constraint with a parameter."""
        raise NotImplementedError

    def evaluate(
        self, _: Any, target_graph: Any, focus_value_nodes: Mapping[Any, Iterable[Any]], *__: Any
    ) -> tuple[bool, list[Any]]:
        """Return whether all values keep the constraint, and a result for each that does not."""
        results = [
            self.make_v_result(target_graph, focus, value_node=value)
            for parameter in self.parameters
            for focus, values in focus_value_nodes.items()
            for value in values
            if not self.fits(value, parameter)
        ]
        return not results, results


class Datatype(_EachValue, DatatypeConstraintComponent):
    """``sh:datatype`` (SHACL, section 4.1.2)."""

    def __init__(self, shape: Shape) -> None:
        super().__init__(shape)
        self.parameters = [terms.from_rdflib(self.datatype_rule)]

    def fits(self, value: Any, parameter: Any) -> bool:
        """Tell whether a value is a well-formed literal of the datatype."""
        literal = terms.from_rdflib(value)
        if not isinstance(literal, ox.Literal):
            return False
        return literal.datatype == parameter and is_well_formed(literal)


class _Range(_EachValue):
    """A bound (SHACL, section 4.3): the bound, the operator and the value, as SPARQL compares."""

    operator: str
    parameter: Any

    def __init__(self, shape: Shape) -> None:
        super().__init__(shape)  # type: ignore[call-arg]
        self.parameters = _objects(shape, self.constraint_parameters()[0])  # type: ignore[attr-defined]

    def fits(self, value: Any, parameter: Any) -> bool:
        """Tell whether the comparison is true; one that is an error is not."""
        return _compare(parameter, self.operator, value)


class MinExclusive(_Range, MinExclusiveConstraintComponent):
    """``sh:minExclusive``."""

    operator = "<"


class MinInclusive(_Range, MinInclusiveConstraintComponent):
    """``sh:minInclusive``."""

    operator = "<="


class MaxExclusive(_Range, MaxExclusiveConstraintComponent):
    """``sh:maxExclusive``."""

    operator = ">"


class MaxInclusive(_Range, MaxInclusiveConstraintComponent):
    """``sh:maxInclusive``."""

    operator = ">="


class Pattern(_EachValue, PatternConstraintComponent):
    """``sh:pattern`` and ``sh:flags`` (SHACL, section 4.4.3): SPARQL's REGEX."""

    def __init__(self, shape: Shape) -> None:
        StringBasedConstraintBase.__init__(self, shape)
        self.parameters = self.string_rules = _objects(shape, SH.pattern)
        self.flags = next(iter(_objects(shape, SH.flags)), Literal(""))
        for pattern in self.parameters:
            if not _holds(f"COALESCE({self._match('', pattern)} IN (true, false), false)"):
                message = f"found {pattern.n3()} as sh:pattern; expected a pattern of REGEX"
                raise QueryError(message)

    def _match(self, text: str, pattern: Any) -> str:
        parts = (ox.Literal(text), terms.from_rdflib(pattern), terms.from_rdflib(self.flags))
        return f"REGEX({', '.join(map(str, parts))})"

    def fits(self, value: Any, parameter: Any) -> bool:
        """Tell whether the text of an IRI or literal matches."""
        return not isinstance(value, BNode) and _holds(self._match(str(value), parameter))


class LessThan(LessThanConstraintComponent):
    """``sh:lessThan`` (SHACL, section 4.5.3)."""

    def _compare_lt(self, values: Any, others: Any, graph: Any, focus: Any) -> tuple[bool, Any]:
        return _compare_all(self, "<", values, others, graph, focus)


class LessThanOrEquals(LessThanOrEqualsConstraintComponent):
    """``sh:lessThanOrEquals`` (SHACL, section 4.5.4)."""

    def _compare_ltoe(self, values: Any, others: Any, graph: Any, focus: Any) -> tuple[bool, Any]:
        return _compare_all(self, "<=", values, others, graph, focus)


def _compare_all(  # noqa: PLR0913, PLR0917 (pySHACL's call)
    constraint: Any, operator: str, values: Any, others: Any, graph: Any, focus: Any
) -> tuple[bool, list[Any]]:
    """Return whether a comparison fails, and a result for each pair of which it is not true."""
    results = [
        constraint.make_v_result(graph, focus, value_node=value)
        for value in values
        for other in others
        if not _compare(value, operator, other)
    ]
    return bool(results), results


class UniqueLang(UniqueLangConstraintComponent):
    """``sh:uniqueLang`` (SHACL, section 4.4.5), which only the term ``true`` switches on."""

    def __init__(self, shape: Shape) -> None:
        super().__init__(shape)
        self.string_rules: Any = {TRUE in _objects(shape, SH.uniqueLang)}


COMPONENTS: dict[Any, Any] = {
    parameter: component
    for component in (
        *(Datatype, MinExclusive, MinInclusive, MaxExclusive, MaxInclusive, Pattern),
        *(LessThan, LessThanOrEquals, UniqueLang),
    )
    for parameter in component.constraint_parameters()
}
"""Parameter of SHACL → the component that decides it here."""
