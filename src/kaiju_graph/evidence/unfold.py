"""Stage 8, beside matching: a query → a query of all its variables, and the patterns in it.

A solution of a query stands on triples: those of its patterns, with the variables bound. The text
of the query is kept, and asked for all variables, without what sorts, groups or cuts; each group
that need not match (OPTIONAL, a side of UNION) binds a variable that tells whether it did. Of the
patterns rdflib's parser tells, which numbers those groups in the same order.
"""

from __future__ import annotations

from itertools import count, product
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

from kaiju_graph.errors import UsageError
from kaiju_graph.evidence.layout import aliases, layout
from kaiju_graph.rdf import terms
from kaiju_graph.reasoning.patterns import Pattern

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kaiju_graph.reasoning.patterns import Node

__all__ = ["Part", "Unfolded", "unfold"]

MARK = "kaiju_group_"
"""How a variable begins that tells that a group has matched."""
ABSENT = {"Builtin_NOTEXISTS": "NOT EXISTS"}
UNTRACED = {"SubSelect": "a subselect", "MinusGraphPattern": "MINUS", "Builtin_EXISTS": "EXISTS"}
MOST = 256
"""In how many ways paths may match that have to be looked up together."""

Way = tuple[Pattern, ...]
"""Patterns that stand for triples, all of them."""


class Part(NamedTuple):
    """A part of a query's body: triple patterns, or what no triple stands for."""

    marks: tuple[str, ...]
    """The variables that are bound where it matches."""
    graph: Node | None = None
    """The name of the graph that it is about; None for the default graph."""
    ways: tuple[Way, ...] = ()
    """The patterns; several ways where a path has alternatives."""
    variables: frozenset[str] = frozenset()
    """The variables of the query in them."""
    absent: str = ""
    """What is asked not to be there."""
    untraced: str = ""
    """What cannot be told by triples."""


class Unfolded(NamedTuple):
    """A query, unfolded."""

    form: str
    asked: str
    """The query, which shows what it groups by, too."""
    text: str
    """A SELECT query for all variables."""
    keys: tuple[str, ...] | None
    """The variables by which rows and solutions belong together; None for all of a row."""
    parts: tuple[Part, ...]


def unfold(text: str, prefixes: Mapping[str, str]) -> Unfolded:
    """Unfold a SELECT or ASK query that the engine has accepted.

    Args:
        text: the query.
        prefixes: prefix → namespace IRI, those that the text need not declare.

    Raises:
        UsageError: it is a query of another form, which has no rows.
        ValueError: it cannot be unfolded; the text says why.
    """
    tree = _parsed(text, prefixes)
    form = tree.name.removesuffix("Query").upper()
    if form not in ("SELECT", "ASK"):
        raise UsageError(f"evidence is that of rows, which {form} has none of; use SELECT or ASK")
    if tree.datasetClause:
        raise ValueError("FROM")
    places = layout(text)
    marks = count()
    parts = tuple(_walk(tree.where, (), None, marks))
    if next(marks) != len(places.groups):
        raise ValueError("groups that two parsers tell apart")
    grouped = tree.groupby is not None or any(
        name.startswith("Aggregate_") for name in _names(tree.projection or [])
    )
    keys = _keys(tree) if grouped else None
    start, clause, body, values, groups = places
    named = aliases(text[body.closing + 1 :] if grouped else text[start:clause])
    added = [f" BIND({expression}\n)" for expression in named]  # it may end with a comment
    shown = {str(each.var or each.evar) for each in tree.projection or []}
    hidden = "".join(f" ?{key}" for key in keys or () if key not in shown)
    ends = [(group, f" BIND(1 AS ?{MARK}{number})") for number, group in enumerate(groups)]
    inserted = []
    for group, words in [*ends, (body, "".join(added))]:
        # What SELECT makes of a group is all that is in it: a BIND stands around it.
        inner = ("{", "}") if words and group.selects else ("", "")
        inserted += [(group.opening + 1, inner[0]), (group.closing, f"{inner[1]} {words}")]
    marked = text[: body.closing + 1]
    for at, words in sorted(inserted, reverse=True):
        marked = f"{marked[:at]}{words}{marked[at:]}"
    solved = f"{marked[:start]}SELECT * {marked[body.opening :]} {text[values:]}"
    asked = f"{text[:clause]}{hidden} {text[clause:]}" if hidden else text
    return Unfolded(form, asked, solved, keys, parts)


def _parsed(text: str, prefixes: Mapping[str, str]) -> Any:
    from rdflib.plugins.sparql import algebra
    from rdflib.plugins.sparql.parser import parseQuery

    try:
        parsed = parseQuery(text)
        prologue = algebra.translatePrologue(parsed[0], None, dict(prefixes))

        def named(node: Any) -> Any:
            return algebra.translatePName(node, prologue)

        tree = algebra.traverse(parsed[1], visitPost=named)
        return algebra.traverse(tree, visitPost=algebra.translatePath)
    except Exception as error:  # rdflib raises exceptions of its own, of Python's, and bare ones
        raise ValueError("a query that rdflib does not read") from error


def _keys(tree: Any) -> tuple[str, ...]:
    """Return the variables that a query groups by.

    Raises:
        ValueError: it groups by what has no name, or rows of several groups may be one.
    """
    keys = []
    for each in tree.groupby.condition if tree.groupby else ():
        key = each if type(each).__name__ == "Variable" else each.get("var")
        if key is None:
            raise ValueError("GROUP BY an expression without a name")
        keys.append(str(key))
    shown = {str(each.var or each.evar) for each in tree.projection or []}
    if tree.modifier and not shown.issuperset(keys):
        raise ValueError("DISTINCT over groups")
    return tuple(keys)


def _walk(
    group: Any, marks: tuple[str, ...], graph: Node | None, numbers: Iterator[int]
) -> Iterator[Part]:
    """Yield the parts of a group, in the order of the text."""
    if group.name == "SubSelect":
        yield from _opaque(group, marks, numbers)
        return
    for part in group.part or ():
        if part.name == "TriplesBlock":
            yield from _triples(part.triples, marks, graph)
        elif part.name == "OptionalGraphPattern":
            mark = f"{MARK}{next(numbers)}"
            yield from _walk(part.graph, (*marks, mark), graph, numbers)
        elif part.name == "GroupOrUnionGraphPattern":
            for side in part.graph:
                more = (f"{MARK}{next(numbers)}",) if len(part.graph) > 1 else ()
                yield from _walk(side, (*marks, *more), graph, numbers)
        elif part.name == "GraphGraphPattern":
            yield from _walk(part.graph, marks, _node(part.term), numbers)
        else:
            yield from _opaque(part, marks, numbers)


def _opaque(part: Any, marks: tuple[str, ...], numbers: Iterator[int]) -> Iterator[Part]:
    """Yield what is not looked into in a part; its groups are counted all the same."""
    for node in _nodes(part):
        if node.name == "OptionalGraphPattern":
            next(numbers)
        elif node.name == "GroupOrUnionGraphPattern" and len(node.graph) > 1:
            for _ in node.graph:
                next(numbers)
    names = set(_names(part))
    if absent := next((word for name, word in ABSENT.items() if name in names), ""):
        yield Part(marks, absent=absent)
    elif untraced := next((word for name, word in UNTRACED.items() if name in names), ""):
        yield Part(marks, untraced=untraced)


def _nodes(part: Any) -> Iterator[Any]:
    """Yield what a parser's node has in it, itself first."""
    from rdflib.plugins.sparql.parserutils import CompValue

    if isinstance(part, CompValue):
        yield part
        part = list(part.values())
    if isinstance(part, list) or type(part).__name__ in ("plist", "ParseResults"):
        for each in part:
            yield from _nodes(each)


def _names(part: Any) -> Iterator[str]:
    return (node.name for node in _nodes(part))


def _triples(blocks: Iterable[Any], marks: tuple[str, ...], graph: Node | None) -> Iterator[Part]:
    """Yield the patterns of a block, and the paths that are not traced.

    A solution tells what each pattern stands for: each is a part of its own, together only with
    those that share a node with it that no solution tells.
    """
    flat = [term for block in blocks for term in block]
    fresh = (f" {number}" for number in count())
    shared: list[tuple[set[Node], list[list[Way]]]] = []
    for subject, path, object_ in zip(flat[::3], flat[1::3], flat[2::3], strict=True):
        start, end = _node(subject), _node(object_)
        try:
            choices = [_ways(start, path, end, fresh)]
        except ValueError as error:
            yield Part(marks, untraced=str(error))
            continue
        nodes = {node for node in (start, end) if _is_untold(node)}
        for other in [each for each in shared if nodes & each[0]]:
            shared.remove(other)
            nodes |= other[0]
            choices += other[1]
        shared.append((nodes, choices))
    named = {graph} if isinstance(graph, str) else set()
    for _, choices in shared:
        try:
            ways = _each_way(choices)
        except ValueError as error:
            yield Part(marks, untraced=str(error))
            continue
        variables = {node for way in ways for pattern in way for node in pattern[:3]}
        told = {node for node in variables if isinstance(node, str) and not _is_untold(node)}
        yield Part(marks, graph, tuple(ways), frozenset(told | named))


def _ways(subject: Node, path: Any, object_: Node, fresh: Iterator[str]) -> list[Way]:
    """Return the lists of patterns that a path stands for.

    Raises:
        ValueError: their number is open, or too large; the text says so.
    """
    kind = type(path).__name__
    if kind == "InvPath":
        return _ways(object_, path.arg, subject, fresh)
    if kind == "AlternativePath":
        return [way for arg in path.args for way in _ways(subject, arg, object_, fresh)]
    if kind == "SequencePath":
        stops = [subject, *(next(fresh) for _ in path.args[1:]), object_]
        steps = zip(stops, path.args, stops[1:], strict=False)
        return _each_way([_ways(start, arg, end, fresh) for start, arg, end in steps])
    if kind not in ("URIRef", "Variable"):
        raise ValueError("a path of any length, or of any other predicate")
    return [(Pattern(subject, _node(path), object_),)]


def _each_way(choices: list[list[Way]]) -> list[Way]:
    """Return each way to take one of every choice.

    Raises:
        ValueError: they are too many.
    """
    if prod(map(len, choices)) > MOST:
        raise ValueError(f"paths that match in more than {MOST} ways")
    return [tuple(pattern for way in taken for pattern in way) for taken in product(*choices)]


def _node(term: Any) -> Node:
    """Return a term, or the name of a variable, as which a blank node is taken."""
    kind = type(term).__name__
    if kind == "Variable":
        return str(term)
    found: Node = f" {term}" if kind == "BNode" else terms.from_rdflib(term)
    return found


def _is_untold(node: Node) -> bool:
    """Tell whether a node is a variable that no solution has: a blank node, or a stop of a path."""
    return isinstance(node, str) and node[0] == " "
