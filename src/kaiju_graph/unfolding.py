"""Stage 8, beside matching: a query → a query of all its variables, and the patterns in it.

A solution of a query stands on triples: those of its patterns, with the variables bound. The text
of the query is kept, and asked for all variables, without what sorts, groups or cuts; each group
that need not match (OPTIONAL, a side of UNION) binds a variable that tells whether it did. Of the
patterns rdflib's parser tells, which numbers those groups in the same order.
"""

from __future__ import annotations

import re
from itertools import count, product
from typing import TYPE_CHECKING, Any, NamedTuple

from kaiju_graph import terms
from kaiju_graph.errors import UsageError
from kaiju_graph.patterns import Pattern
from kaiju_graph.tokens import CLOSING, OPENING, tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kaiju_graph.patterns import Node

__all__ = ["Part", "Unfolded", "unfold"]

MARK = "kaiju_group_"
"""How a variable begins that tells that a group has matched."""
ABSENT = {"Builtin_NOTEXISTS": "NOT EXISTS"}
UNTRACED = {"SubSelect": "a subselect", "MinusGraphPattern": "MINUS", "Builtin_EXISTS": "EXISTS"}
SUBSELECT = re.compile(r"(?:\s|#[^\n]*)*SELECT\b", re.IGNORECASE)
ALIAS = re.compile(r"\(\s*(.*\bAS\s*[?$](\w+))\s*\)", re.DOTALL | re.IGNORECASE)


class Part(NamedTuple):
    """A part of a query's body: triple patterns, or what no triple stands for."""

    marks: tuple[str, ...]
    """The variables that are bound where it matches."""
    graph: Node | None = None
    """The name of the graph that it is about; None for the default graph."""
    ways: tuple[tuple[Pattern, ...], ...] = ()
    """The patterns; one of several lists where a path has alternatives."""
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
    start, clause, opening, closing, groups = _layout(text)
    marks = count()
    parts = tuple(_walk(tree.where, (), None, marks))
    if next(marks) != len(groups):
        raise ValueError("groups that two parsers tell apart")
    grouped = tree.groupby is not None or any(
        name.startswith("Aggregate_") for name in _names(tree.projection or [])
    )
    keys = _keys(tree) if grouped else None
    named = _aliases(text[closing + 1 :] if grouped else text[start:clause])
    added = [f" BIND({expression})" for expression in named]
    shown = {str(each.var or each.evar) for each in tree.projection or []}
    hidden = "".join(f" ?{key}" for key in keys or () if key not in shown)
    ends = [(*group, f" BIND(1 AS ?{MARK}{number})") for number, group in enumerate(groups)]
    inserted = []
    for at, end, words in [*ends, (opening, closing, "".join(added))]:
        # What SELECT makes of a group is all that is in it: a BIND stands around it.
        inner = ("{", "}") if words and SUBSELECT.match(text, at + 1) else ("", "")
        inserted += [(at + 1, inner[0]), (end, f"{inner[1]} {words}")]
    body = text[: closing + 1]
    for at, words in sorted(inserted, reverse=True):
        body = f"{body[:at]}{words}{body[at:]}"
    values = re.search(r"\bVALUES\b.*", text[closing + 1 :], re.DOTALL | re.IGNORECASE)
    solved = f"{body[:start]}SELECT * {body[opening:]} {values[0] if values else ''}"
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


def _layout(text: str) -> tuple[int, int, int, int, list[tuple[int, int]]]:
    """Return where the form begins, its clause ends, the body begins and ends; the marked groups.

    Each group is the offsets of its brackets; those of OPTIONAL and of UNION are marked.
    """
    start = clause = opening = closing = -1
    open_: list[tuple[int, bool]] = []
    groups: list[tuple[int, int]] = []
    last, ended = "", (-1, -1)
    for token in tokens(text):
        word = token.text.upper() if token.kind == "word" else ""
        if start < 0 and word in ("SELECT", "ASK"):
            start = token.at
        elif word == "WHERE" and opening < 0:
            clause = token.at
        elif word == "UNION" and ended not in groups:
            groups.append(ended)
        elif token.text in OPENING:
            if token.text == "{" and not open_ and opening < 0:
                opening = token.at
            open_.append((token.at, token.text == "{" and last in ("OPTIONAL", "UNION")))
        elif token.text in CLOSING and open_:
            at, marked = open_.pop()
            ended = (at, token.at)
            groups += [ended] if marked else []
            closing = token.at if at == opening else closing
        last = word
    return start, opening if clause < 0 else clause, opening, closing, sorted(groups)


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


def _aliases(clause: str) -> Iterator[str]:
    """Yield what stands in ``(expression AS ?variable)`` of SELECT or GROUP BY."""
    depth, start = 0, 0
    for token in tokens(clause):
        if token.text.upper() in ("HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES"):
            return
        if token.text in OPENING:
            start = start if depth else token.at
            depth += 1
        elif token.text in CLOSING:
            depth -= 1
            if not depth and (found := ALIAS.fullmatch(clause[start : token.at + 1])):
                yield found[1]


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
    """Yield the patterns of a block as one part, and each path that is not traced as another."""
    flat = [term for block in blocks for term in block]
    ways: list[list[tuple[Pattern, ...]]] = []
    variables: set[str] = set()
    fresh = (f" {number}" for number in count())
    for subject, path, object_ in zip(flat[::3], flat[1::3], flat[2::3], strict=True):
        ends = _node(subject), _node(object_)
        found = _ways(ends[0], path, ends[1], fresh)
        if found is None:
            yield Part(marks, untraced="a path of any length, or of any other predicate")
            continue
        ways.append(found)
        nodes = {node for way in found for pattern in way for node in pattern[:3]}
        variables |= {node for node in nodes if isinstance(node, str) and node[0] not in "_ "}
    if not ways:
        return
    joined = tuple(tuple(p for way in chosen for p in way) for chosen in product(*ways))
    named = {graph} if isinstance(graph, str) else set()
    yield Part(marks, graph, joined, frozenset(variables | named))


def _ways(
    subject: Node, path: Any, object_: Node, fresh: Iterator[str]
) -> list[tuple[Pattern, ...]] | None:
    """Return the lists of patterns that a path stands for, or None where their number is open."""
    kind = type(path).__name__
    if kind == "InvPath":
        return _ways(object_, path.arg, subject, fresh)
    if kind == "AlternativePath":
        sides = [_ways(subject, arg, object_, fresh) for arg in path.args]
        return None if None in sides else [way for side in sides for way in side or ()]
    if kind == "SequencePath":
        stops = [subject, *(next(fresh) for _ in path.args[1:]), object_]
        steps = [
            _ways(start, arg, end, fresh)
            for start, arg, end in zip(stops, path.args, stops[1:], strict=False)
        ]
        known = [step for step in steps if step is not None]
        if len(known) < len(steps):
            return None
        return [tuple(p for way in chosen for p in way) for chosen in product(*known)]
    if kind not in ("URIRef", "Variable"):
        return None
    return [(Pattern(subject, _node(path), object_),)]


def _node(term: Any) -> Node:
    """Return a term, or the name of a variable; a blank node is a variable that nobody asks for."""
    kind = type(term).__name__
    if kind == "Variable":
        return str(term)
    found: Node = f"_{term}" if kind == "BNode" else terms.from_rdflib(term)
    return found
