"""Datatypes, ranges and patterns of SHACL Core, with the rules of XSD and XPath, as in queries.

pySHACL uses Python's ``float``, ``datetime`` and ``re``, which have other rules: ``1_000`` is an
integer, a year before 1 is not valid, NaN ends the validation, and ``$`` matches before a final
line feed. Here Oxigraph compares and matches (SPARQL 1.1, sections 17.3 and 17.4.3.14), and
``rdf.lexical_spaces`` decides which literals are well-formed. Integers and decimals have any number
of digits, and Oxigraph 64 or 128 bits, so that Python compares them.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from operator import ge, gt, le, lt
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
from pyshacl.constraints.constraint_component import ConstraintComponent
from pyshacl.constraints.core.cardinality_constraints import (
    MaxCountConstraintComponent,
    MinCountConstraintComponent,
)
from pyshacl.constraints.core.other_constraints import (
    ClosedConstraintComponent,
    HasValueConstraintComponent,
    InConstraintComponent,
)
from pyshacl.constraints.core.property_pair_constraints import (
    DisjointConstraintComponent,
    EqualsConstraintComponent,
    LessThanConstraintComponent,
    LessThanOrEqualsConstraintComponent,
)
from pyshacl.constraints.core.shape_based_constraints import QualifiedValueShapeConstraintComponent
from pyshacl.constraints.core.string_based_constraints import (
    LanguageInConstraintComponent,
    MaxLengthConstraintComponent,
    MinLengthConstraintComponent,
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
from pyshacl.errors import ConstraintLoadWarning
from rdflib import SH, BNode, Literal
from rdflib import XSD as XSD_TERMS

from kaiju_graph.errors import QueryError
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.lexical_spaces import EXACT, INEXACT, is_well_formed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pyshacl import Shape

    from kaiju_graph.rdf.terms import Term

__all__ = [
    "COMPONENTS",
    "TRUE",
    "Closed",
    "Datatype",
    "Disjoint",
    "Equals",
    "HasValue",
    "In",
    "LanguageIn",
    "LessThan",
    "LessThanOrEquals",
    "MaxCount",
    "MaxExclusive",
    "MaxInclusive",
    "MaxLength",
    "MinCount",
    "MinExclusive",
    "MinInclusive",
    "MinLength",
    "Pattern",
    "Qualified",
    "UniqueLang",
    "compare",
    "is_pattern",
]

TRUE = Literal("true", datatype=XSD_TERMS.boolean)
"""What enables a constraint; ``"1"^^xsd:boolean`` is another term."""
OPERATORS = {"<": lt, "<=": le, ">": gt, ">=": ge}


@lru_cache(maxsize=2**14)
def _holds(expression: str) -> bool:
    """Tell whether an expression without variables is true, and not false or an error."""
    return bool(ox.Store().query(f"ASK {{ FILTER({expression}) }}"))


def is_pattern(pattern: str, flags: str) -> bool:
    """Tell whether SPARQL's REGEX has such a pattern and flags.

    >>> is_pattern("^a+$", "i"), is_pattern("(", ""), is_pattern("a", "g")
    (True, False, False)
    """
    return _holds(f"COALESCE({_match('', pattern, flags)} IN (true, false), false)")


def _match(text: str, pattern: str, flags: str) -> str:
    """Return the expression of REGEX."""
    return f"REGEX({', '.join(str(ox.Literal(part)) for part in (text, pattern, flags))})"


def compare(left: Term, operator: str, right: Term) -> bool:
    """Tell whether SPARQL's comparison of two terms is true; only literals have an order."""
    if isinstance(left, ox.Literal) and isinstance(right, ox.Literal):
        return _compare_literals(left, operator, right)
    return False


def _compare(left: Any, operator: str, right: Any) -> bool:
    """Tell whether SPARQL's comparison of two rdflib terms is true."""
    return compare(terms.from_rdflib(left), operator, terms.from_rdflib(right))


@lru_cache(maxsize=2**14)
def _compare_literals(left: ox.Literal, operator: str, right: ox.Literal) -> bool:
    """Tell whether SPARQL's comparison of two literals is true.

    An ill-typed literal has no value, though Oxigraph reads ``inf`` as a double. A decimal that
    meets a double is read as one (XPath and XQuery Functions and Operators 3.1, section 4.3).
    """
    types = {literal.datatype.value for literal in (left, right)}
    exact = [literal for literal in (left, right) if literal.datatype.value in EXACT]
    if not (is_well_formed(left) and is_well_formed(right)):
        return False
    if types <= EXACT:
        return bool(OPERATORS[operator](Decimal(left.value), Decimal(right.value)))
    if exact and types & INEXACT:
        (datatype,) = types & INEXACT
        left, right = (
            ox.Literal(literal.value, datatype=ox.NamedNode(datatype)) for literal in (left, right)
        )
    return _holds(f"{left} {operator} {right}")


def _objects(shape: Shape, predicate: Any) -> list[Any]:
    """Return the values of a predicate of a shape."""
    graph: Any = shape
    return list(graph.objects(predicate))


class _ValueConstraint:
    """A constraint that checks each value alone."""

    parameters: Iterable[Any]
    make_v_result: Any

    def fits(self, value: Any, parameter: Any) -> bool:
        """Tell whether a value satisfies the constraint with a parameter."""
        raise NotImplementedError

    def evaluate(
        self, _: Any, target_graph: Any, focus_value_nodes: Mapping[Any, Iterable[Any]], *__: Any
    ) -> tuple[bool, list[Any]]:
        """Return whether all values satisfy the constraint, and a result for each that does not."""
        results = [
            self.make_v_result(target_graph, focus, value_node=value)
            for parameter in self.parameters
            for focus, values in focus_value_nodes.items()
            for value in values
            if not self.fits(value, parameter)
        ]
        return not results, results


class Datatype(_ValueConstraint, DatatypeConstraintComponent):
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


class _Range(_ValueConstraint):
    """A bound (SHACL, section 4.3), which SPARQL compares with a value by an operator."""

    operator: str

    def __init__(self, shape: Shape) -> None:
        super().__init__(shape)  # type: ignore[call-arg]
        self.parameters = _objects(shape, self.constraint_parameters()[0])  # type: ignore[attr-defined]

    def fits(self, value: Any, parameter: Any) -> bool:
        """Tell whether the comparison is true, and not false or an error."""
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


class Pattern(_ValueConstraint, PatternConstraintComponent):
    """``sh:pattern`` and ``sh:flags`` (SHACL, section 4.4.3): SPARQL's REGEX."""

    def __init__(self, shape: Shape) -> None:
        StringBasedConstraintBase.__init__(self, shape)
        self.parameters = self.string_rules = _objects(shape, SH.pattern)
        self.flags = next(iter(_objects(shape, SH.flags)), Literal(""))
        for pattern in self.parameters:
            if not is_pattern(str(pattern), str(self.flags)):
                message = f"found {pattern.n3()} as sh:pattern; expected a pattern of REGEX"
                raise QueryError(message)

    def fits(self, value: Any, parameter: Any) -> bool:
        """Tell whether the text of an IRI or literal matches."""
        if isinstance(value, BNode):
            return False
        return _holds(_match(str(value), str(parameter), str(self.flags)))


class _Length(_ValueConstraint):
    """A bound of a length (SHACL, section 4.4), which a blank node never satisfies."""

    parameters: list[Decimal]

    def __init__(self, shape: Shape) -> None:
        StringBasedConstraintBase.__init__(self, shape)  # type: ignore[arg-type]
        self.string_rules = _objects(shape, self.constraint_parameters()[0])  # type: ignore[attr-defined]
        self.parameters = [Decimal(str(rule)) for rule in self.string_rules]


class MinLength(_Length, MinLengthConstraintComponent):
    """``sh:minLength``."""

    def fits(self, value: Any, parameter: Any) -> bool:
        """Tell whether the text of an IRI or literal is as long."""
        return not isinstance(value, BNode) and len(value) >= parameter


class MaxLength(_Length, MaxLengthConstraintComponent):
    """``sh:maxLength``."""

    def fits(self, value: Any, parameter: Any) -> bool:
        """Tell whether the text of an IRI or literal is no longer."""
        return not isinstance(value, BNode) and len(value) <= parameter


class MinCount(MinCountConstraintComponent):
    """``sh:minCount`` (SHACL, section 4.2.1), any integer."""

    def __init__(self, shape: Shape) -> None:
        ConstraintComponent.__init__(self, shape)
        (self.min_count,) = _objects(shape, SH.minCount)


class MaxCount(MaxCountConstraintComponent):
    """``sh:maxCount`` (SHACL, section 4.2.2), any integer."""

    def __init__(self, shape: Shape) -> None:
        ConstraintComponent.__init__(self, shape)
        (self.max_count,) = _objects(shape, SH.maxCount)


class LanguageIn(_ValueConstraint, LanguageInConstraintComponent):
    """``sh:languageIn`` (SHACL, section 4.4.4): SPARQL's LANGMATCHES."""

    def __init__(self, shape: Shape) -> None:
        super().__init__(shape)
        graph: Any = shape.sg.graph
        self.parameters = [[*graph.items(ranges)] for ranges in self.string_rules]

    def fits(self, value: Any, parameter: Any) -> bool:
        """Tell whether the language of a literal is in one of the ranges."""
        language: Any = getattr(value, "language", None)
        return bool(language) and any(
            _holds(f"LANGMATCHES({ox.Literal(language)}, {terms.from_rdflib(range_)})")
            for range_ in parameter
        )


class _Ordered:
    """A constraint whose messages have its values in their order, not in that of a set."""

    values: str
    """The attribute that holds the values."""

    def __init__(self, shape: Shape) -> None:
        super().__init__(shape)  # type: ignore[call-arg]
        values = sorted(getattr(self, self.values), key=lambda value: value.n3())
        setattr(self, self.values, dict.fromkeys(values))


class In(_Ordered, InConstraintComponent):
    """``sh:in`` (SHACL, section 4.8.3)."""

    values = "in_vals"


class HasValue(_Ordered, HasValueConstraintComponent):
    """``sh:hasValue`` (SHACL, section 4.8.2)."""

    values = "has_value_set"


class Equals(_Ordered, EqualsConstraintComponent):
    """``sh:equals`` (SHACL, section 4.5.1)."""

    values = "property_compare_set"


class Disjoint(_Ordered, DisjointConstraintComponent):
    """``sh:disjoint`` (SHACL, section 4.5.2)."""

    values = "property_compare_set"


class Closed(ClosedConstraintComponent):
    """``sh:closed`` (SHACL, section 4.8.1), which has no property that it always ignores."""

    ALWAYS_IGNORE: Any = frozenset()

    def __init__(self, shape: Shape) -> None:
        super().__init__(shape)
        self.is_closed = TRUE in _objects(shape, SH.closed)


class Qualified(QualifiedValueShapeConstraintComponent):
    """``sh:qualifiedValueShape`` (SHACL, section 4.7.3), which has no effect without a count."""

    def __init__(self, shape: Shape) -> None:
        counts = [*_objects(shape, SH.qualifiedMinCount), *_objects(shape, SH.qualifiedMaxCount)]
        if not (counts and _objects(shape, SH.qualifiedValueShape)):
            raise ConstraintLoadWarning("found no count or no shape", "")  # type: ignore[no-untyped-call]
        super().__init__(shape)
        self.is_disjoint = TRUE in _objects(shape, SH.qualifiedValueShapesDisjoint)


class LessThan(_Ordered, LessThanConstraintComponent):
    """``sh:lessThan`` (SHACL, section 4.5.3)."""

    values = "property_compare_set"

    def _compare_lt(self, values: Any, others: Any, graph: Any, focus: Any) -> tuple[bool, Any]:
        return _compare_all(self, "<", values, others, graph, focus)


class LessThanOrEquals(_Ordered, LessThanOrEqualsConstraintComponent):
    """``sh:lessThanOrEquals`` (SHACL, section 4.5.4)."""

    values = "property_compare_set"

    def _compare_ltoe(self, values: Any, others: Any, graph: Any, focus: Any) -> tuple[bool, Any]:
        return _compare_all(self, "<=", values, others, graph, focus)


def _compare_all(  # noqa: PLR0913, PLR0917 (pySHACL's call)
    constraint: Any, operator: str, values: Any, others: Any, graph: Any, focus: Any
) -> tuple[bool, list[Any]]:
    """Return whether a pair of values fails a comparison, and a result for each such pair."""
    results = [
        constraint.make_v_result(graph, focus, value_node=value)
        for value in values
        for other in others
        if not _compare(value, operator, other)
    ]
    return bool(results), results


class UniqueLang(UniqueLangConstraintComponent):
    """``sh:uniqueLang`` (SHACL, section 4.4.5), which only the literal ``true`` enables."""

    def __init__(self, shape: Shape) -> None:
        super().__init__(shape)
        self.string_rules: Any = {TRUE in _objects(shape, SH.uniqueLang)}


COMPONENTS: dict[Any, Any] = {
    parameter: component
    for component in (
        *(Closed, Datatype, Disjoint, Equals, HasValue, In, LanguageIn, LessThan, LessThanOrEquals),
        *(MaxCount, MaxExclusive, MaxInclusive, MaxLength),
        *(MinCount, MinExclusive, MinInclusive, MinLength),
        *(Pattern, Qualified, UniqueLang),
    )
    for parameter in component.constraint_parameters()
}
"""Parameter of SHACL → the component of this package that checks it."""
