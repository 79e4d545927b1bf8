"""Make the query for all solutions of a query, and find the triple patterns of a solution.

rdflib's parser gives the patterns. Oxigraph gives the solutions: it runs the text of the query with
all variables selected and without HAVING and LIMIT. Each group that need not match (OPTIONAL, a
side of UNION) gets a variable that is bound if the group matches; both sides number these groups in
the order of the text.

The text is edited rather than written from rdflib's algebra, because ``translateAlgebra`` of rdflib
7.6 fails on a fifth of the stored questions or changes them.
"""

from __future__ import annotations

import logging
from itertools import count, product
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

from rdflib import BNode, Variable
from rdflib.paths import AlternativePath, InvPath, Path, SequencePath
from rdflib.plugins.sparql import algebra
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue

import kaiju_graph.rdf.rdflib_settings  # noqa: F401 (makes them)
from kaiju_graph.errors import UsageError
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.tokens import CLOSING, OPENING, tokens
from kaiju_graph.reasoning.patterns import Pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kaiju_graph.reasoning.patterns import Node

__all__ = ["MAX_ALTERNATIVES", "Part", "SolutionQuery", "solution_query"]

# rdflib logs a traceback for a literal that Python cannot convert, such as one of 5,000 digits.
logging.getLogger("rdflib.term").setLevel(logging.ERROR)

MARK = "kaiju_group_"
"""The prefix of the variable that is bound if a group matches."""
ABSENT = {"Builtin_NOTEXISTS": "NOT EXISTS"}
UNTRACED = {"SubSelect": "a subselect", "MinusGraphPattern": "MINUS", "Builtin_EXISTS": "EXISTS"}
MAX_ALTERNATIVES = 256
"""The most alternatives of paths that are looked up together."""

MODIFIERS = ("HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES")

Patterns = tuple[Pattern, ...]


class Part(NamedTuple):
    """A part of a query's body: triple patterns, or something that triples cannot explain."""

    marks: tuple[str, ...]
    """The variables that are bound if the part matches."""
    graph: Node | None = None
    """The graph that it matches in; None is the default graph."""
    alternatives: tuple[Patterns, ...] = ()
    """The triple patterns; a path with alternatives gives several lists of them."""
    variables: frozenset[str] = frozenset()
    """The variables of the query among them."""
    absent: str = ""
    """The name of a part that must not match."""
    untraced: str = ""
    """The name of a part that triples cannot explain."""


class SolutionQuery(NamedTuple):
    """A query, the query for all its solutions, and the parts that a solution matches."""

    form: str
    rows: str
    """The query itself, which also selects the variables that it groups by."""
    solutions: str
    """A SELECT query for all variables."""
    keys: tuple[str, ...] | None
    """The variables that a row and its solutions share; None means all variables of the row."""
    parts: tuple[Part, ...]


class _Group(NamedTuple):
    """A pair of brackets."""

    opening: int
    closing: int = -1
    selects: bool = False
    """Whether it is a subselect."""
    optional: bool = False
    """Whether it need not match: it is a group of OPTIONAL, or a side of UNION."""


class _Layout(NamedTuple):
    """The offsets of a query's clauses."""

    select: int
    """SELECT or ASK."""
    where: int
    """WHERE, or the body if that word is missing."""
    body: _Group
    modifiers: int
    """The first clause after GROUP BY, or the end of the text."""
    values: int
    """The VALUES after the body, or the end of the text."""
    groups: list[_Group]
    """The groups that need not match, in the order of the text."""


def solution_query(text: str, prefixes: Mapping[str, str]) -> SolutionQuery:
    """Return the query for the solutions of a SELECT or ASK query that the engine accepts.

    Args:
        text: the query.
        prefixes: prefix → namespace IRI, for prefixes that the text does not declare.

    Raises:
        UsageError: the query is of another form, which has no rows.
        ValueError: there is no query for the solutions; the message names the reason.
    """
    tree = _parse(text, prefixes)
    form = tree.name.removesuffix("Query").upper()
    if form not in ("SELECT", "ASK"):
        raise UsageError(
            f"found a {form} query; expected SELECT or ASK, as only rows have evidence"
        )
    if tree.datasetClause:
        raise ValueError("FROM")
    numbers = count()
    parts = tuple(_parts(tree.where, (), None, numbers))
    layout = _layout(text)
    if next(numbers) != len(layout.groups):
        raise ValueError("a query that rdflib cannot parse")
    start, where, body, modifiers, values, _ = layout
    selected = {str(item.var or item.evar) for item in tree.projection or []}
    variables = {str(term) for term in _terms(tree.where) if isinstance(term, Variable)}
    variables |= {f"{MARK}{number}" for number in range(len(layout.groups))}
    grouped = tree.groupby is not None or any(
        node.name.startswith("Aggregate_") for node in _nodes(tree.projection or [])
    )
    keys = _keys(tree, selected) if grouped else None
    rows, group_by = text, text[body.closing + 1 : modifiers]
    if keys is not None:
        rows = f"{text[:where]} {_variable_list(set(keys) - selected)} {text[where:]}"
        select = f"SELECT {_variable_list(variables.union(keys)) or '*'}"
        group_by += f"\n{_variable_list(variables.difference(keys))}" if keys else ""
    elif selected:
        select = f"{text[start:where]} {_variable_list(variables - selected)}"
    else:
        select = "SELECT *"
    solutions = f"{text[:start]}{select} {_mark_groups(text, layout)}{group_by}\n{text[values:]}"
    return SolutionQuery(form, rows, solutions, keys, parts)


def _parse(text: str, prefixes: Mapping[str, str]) -> Any:
    try:
        parsed = parseQuery(text)
        prologue = algebra.translatePrologue(parsed[0], None, dict(prefixes))
        tree = algebra.traverse(
            parsed[1], visitPost=lambda node: algebra.translatePName(node, prologue)
        )
        return algebra.traverse(tree, visitPost=algebra.translatePath)
    except Exception as error:  # rdflib raises exceptions of its own, of Python's, and bare ones
        raise ValueError("a query that rdflib cannot parse") from error


def _layout(text: str) -> _Layout:
    """Return the offsets of the clauses and groups of a valid query."""
    clauses: dict[str, int] = {}  # word outside brackets → its first offset
    body = closed = _Group(-1)
    waiting: list[_Group] = []
    groups: set[_Group] = set()
    last = ""
    for token in tokens(text):
        word = token.text.upper() if token.kind in ("word", "sign") else ""
        if word in OPENING:
            optional = word == "{" and last in ("OPTIONAL", "UNION")
            waiting.append(_Group(token.offset, optional=optional))
        elif word in CLOSING and waiting:
            closed = waiting.pop()._replace(closing=token.offset)
            groups |= {closed} if closed.optional else set()
            body = closed if word == "}" and not waiting and body.opening < 0 else body
        elif word == "UNION":
            groups.add(closed._replace(optional=True))
        elif word == "SELECT" and last == "{":
            waiting[-1] = waiting[-1]._replace(selects=True)
        elif not waiting:
            clauses.setdefault(word, token.offset)
        last = word
    return _Layout(
        min(clauses[word] for word in ("SELECT", "ASK") if word in clauses),
        clauses.get("WHERE", body.opening),
        body,
        min((clauses[word] for word in MODIFIERS if word in clauses), default=len(text)),
        clauses.get("VALUES", len(text)),
        sorted(groups),
    )


def _mark_groups(text: str, layout: _Layout) -> str:
    """Return the body with a variable in each group that need not match."""
    marked = text[: layout.body.closing + 1]
    inserted = []
    for number, group in enumerate(layout.groups):
        # A group of a subselect can have nothing else, so the subselect gets an inner group.
        inner = ("{", "}") if group.selects else ("", "")
        bind = f"{inner[1]} BIND(1 AS ?{MARK}{number})"
        inserted += [(group.opening + 1, inner[0]), (group.closing, bind)]
    for at, words in sorted(inserted, reverse=True):
        marked = f"{marked[:at]}{words}{marked[at:]}"
    return marked[layout.body.opening :]


def _variable_list(variables: Iterable[str]) -> str:
    return " ".join(f"?{name}" for name in sorted(variables))


def _keys(tree: Any, selected: set[str]) -> tuple[str, ...]:
    """Return the variables that a query groups by.

    Raises:
        ValueError: an expression has no name, or several groups may give the same row.
    """
    conditions = tree.groupby.condition if tree.groupby else ()
    keys = [item if isinstance(item, Variable) else item.get("var") for item in conditions]
    if None in keys:
        raise ValueError("GROUP BY an expression without a name")
    if tree.modifier and not selected.issuperset(map(str, keys)):
        raise ValueError("DISTINCT over groups")
    return tuple(map(str, keys))


def _parts(
    group: Any, marks: tuple[str, ...], graph: Node | None, numbers: Iterator[int]
) -> Iterator[Part]:
    """Yield the parts of a group, in the order of the text."""
    if group.name == "SubSelect":
        yield from _opaque_parts(group, marks, numbers)
        return
    for part in group.part or ():
        if part.name == "TriplesBlock":
            yield from _triples(part.triples, marks, graph)
        elif part.name == "OptionalGraphPattern":
            yield from _parts(part.graph, (*marks, f"{MARK}{next(numbers)}"), graph, numbers)
        elif part.name == "GroupOrUnionGraphPattern":
            for side in part.graph:
                more = (f"{MARK}{next(numbers)}",) if len(part.graph) > 1 else ()
                yield from _parts(side, (*marks, *more), graph, numbers)
        elif part.name == "GraphGraphPattern":
            yield from _parts(part.graph, marks, _node(part.term), numbers)
        else:
            yield from _opaque_parts(part, marks, numbers)


def _opaque_parts(part: Any, marks: tuple[str, ...], numbers: Iterator[int]) -> Iterator[Part]:
    """Yield a part without its patterns; count the groups in it."""
    for node in (nodes := list(_nodes(part))):
        if node.name == "OptionalGraphPattern":
            next(numbers)
        elif node.name == "GroupOrUnionGraphPattern" and len(node.graph) > 1:
            for _ in node.graph:
                next(numbers)
    names = {node.name for node in nodes}
    if absent := next((word for name, word in ABSENT.items() if name in names), ""):
        yield Part(marks, absent=absent)
    elif untraced := next((word for name, word in UNTRACED.items() if name in names), ""):
        yield Part(marks, untraced=untraced)


def _terms(tree: Any) -> list[Any]:
    """Return everything in a parser's tree: itself, its nodes, and RDF terms."""
    terms: list[Any] = []
    algebra.traverse(tree, visitPre=terms.append)
    return terms


def _nodes(tree: Any) -> Iterator[Any]:
    return (node for node in _terms(tree) if isinstance(node, CompValue))


def _triples(blocks: Iterable[Any], marks: tuple[str, ...], graph: Node | None) -> Iterator[Part]:
    """Yield the patterns of a block, and the paths that cannot be traced.

    A solution gives the triple of each pattern, so each pattern is a part of its own. Only patterns
    that share an unnamed node, which no solution binds, are looked up together.
    """
    flat = [term for block in blocks for term in block]
    unnamed = (f" {number}" for number in count())
    shared: list[tuple[set[Node], list[list[Patterns]]]] = []
    for subject, path, object_ in zip(flat[::3], flat[1::3], flat[2::3], strict=True):
        start, end = _node(subject), _node(object_)
        try:
            choices = [_alternatives(start, path, end, unnamed)]
        except ValueError as error:
            yield Part(marks, untraced=str(error))
            continue
        nodes = {node for node in (start, end) if _is_unnamed(node)}
        for other in [other for other in shared if nodes & other[0]]:
            shared.remove(other)
            nodes |= other[0]
            choices += other[1]
        shared.append((nodes, choices))
    graph_variable = {graph} if isinstance(graph, str) else set()
    for _, choices in shared:
        try:
            alternatives = _combinations(choices)
        except ValueError as error:
            yield Part(marks, untraced=str(error))
            continue
        nodes = {node for patterns in alternatives for pattern in patterns for node in pattern[:3]}
        named = {node for node in nodes if isinstance(node, str) and not _is_unnamed(node)}
        yield Part(marks, graph, tuple(alternatives), frozenset(named | graph_variable))


def _alternatives(
    subject: Node, path: Any, object_: Node, unnamed: Iterator[str]
) -> list[Patterns]:
    """Return lists of patterns; the path matches if all patterns of one list do.

    Raises:
        ValueError: the number of lists is unlimited or too large; the message names the reason.
    """
    if isinstance(path, InvPath):
        return _alternatives(object_, path.arg, subject, unnamed)
    if isinstance(path, AlternativePath):
        return [
            patterns
            for arg in path.args
            for patterns in _alternatives(subject, arg, object_, unnamed)
        ]
    if isinstance(path, SequencePath):
        stops = [subject, *(next(unnamed) for _ in path.args[1:]), object_]
        steps = zip(stops, path.args, stops[1:], strict=False)
        return _combinations([_alternatives(start, arg, end, unnamed) for start, arg, end in steps])
    if isinstance(path, Path):
        raise ValueError("a path with *, +, ? or !")  # noqa: TRY004 (a part of the query)
    return [(Pattern(subject, _node(path), object_),)]


def _combinations(choices: list[list[Patterns]]) -> list[Patterns]:
    """Return all combinations of one alternative of every choice.

    Raises:
        ValueError: there are too many combinations.
    """
    if prod(map(len, choices)) > MAX_ALTERNATIVES:
        raise ValueError(f"paths with more than {MAX_ALTERNATIVES} alternatives")
    return [tuple(pattern for way in taken for pattern in way) for taken in product(*choices)]


def _node(term: Any) -> Node:
    """Return a term or the name of a variable; a blank node counts as an unnamed variable."""
    if isinstance(term, Variable):
        return str(term)
    node: Node = f" {term}" if isinstance(term, BNode) else terms.from_rdflib(term)
    return node


def _is_unnamed(node: Node) -> bool:
    """Tell whether a node is a variable that no solution binds: a blank node or a path's middle."""
    return isinstance(node, str) and node.startswith(" ")
