"""Make the query for all solutions of a query, and find the triple patterns of a solution.

The grammar gives the patterns. Oxigraph gives the solutions: it runs the text of the query with all
variables selected and without HAVING and LIMIT. Each group that need not match (OPTIONAL, a side of
UNION) gets a variable that is bound if the group matches.

The text is edited where the tree of its grammar says, and is otherwise the author's.
"""

from __future__ import annotations

from itertools import chain, count, pairwise, product
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

import pyoxigraph as ox

from kaiju_graph.errors import UsageError
from kaiju_graph.rdf.terms import FIRST, NIL, REST, TYPE
from kaiju_graph.reasoning.patterns import Pattern
from kaiju_graph.sparql import execute
from kaiju_graph.sparql.grammar import Fault, Tree, parse
from kaiju_graph.sparql.tokens import find_form

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kaiju_graph.reasoning.patterns import Node

__all__ = ["MAX_ALTERNATIVES", "Part", "SolutionQuery", "solution_query"]

MARK = "kaiju_group_"
"""The prefix of the variable that is bound if a group matches."""
UNTRACED = {"SubSelect": "a subselect", "MINUS": "MINUS", "EXISTS": "EXISTS"}
"""Symbol → the name of a part that triples cannot explain."""
AGGREGATES = {"COUNT", "AGGREGATE", "GROUP_CONCAT"}
"""The symbols of aggregates in the grammar."""
UNLIMITED = {"'*'", "'+'", "'?'", "'!'"}
"""The symbols that make a path match in a number of ways that only the graph decides."""
FIXED: dict[str, Node] = {"'a'": TYPE, "'()'": NIL}
"""Symbol → its term."""
MAX_ALTERNATIVES = 256
"""The most alternatives of paths that are looked up together."""

Patterns = tuple[Pattern, ...]


class _Statement(NamedTuple):
    """A subject, a path as the grammar has it or a property, and an object."""

    subject: Node
    path: Tree | Node
    object: Node


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


def solution_query(text: str, prefixes: Mapping[str, str]) -> SolutionQuery:
    """Return the query for the solutions of a SELECT or ASK query that the engine accepts.

    Args:
        text: the query.
        prefixes: prefix → namespace IRI, for prefixes that the text does not declare.

    Raises:
        UsageError: the query is of another form, which has no rows.
        ValueError: there is no query for the solutions; the message names the reason.
    """
    form = find_form(text).text
    if form not in ("SELECT", "ASK"):
        raise UsageError(
            f"found a {form} query; expected SELECT or ASK, as only rows have evidence"
        )
    tree = parse(text)
    if isinstance(tree, Fault):
        raise ValueError("a query of this form")  # noqa: TRY004 (it is not in the grammar)
    _, query, after = tree.parts
    clauses = {part.symbol: part for part in query.parts}
    if "From" in clauses:
        raise ValueError("FROM")
    body = clauses["Where"].parts[-1]
    start, where, values = (each.token.offset for each in (query, clauses["Where"], after))
    modifiers = clauses["Modifiers"].parts
    reader = _Reader(_constants(text[:start], body, prefixes))
    parts = tuple(reader.read(body, (), None))
    variables = {*_variables(body), *(f"{MARK}{number}" for number in range(len(reader.groups)))}
    columns = [part for part in query.parts[0].parts if part.symbol == "Column"]
    selected = {_variables(column)[-1] for column in columns}
    grouped = [part for part in modifiers if part.symbol == "GroupBy"]
    is_grouped = grouped or any(
        part.symbol in AGGREGATES for column in columns for part in column.walk()
    )
    keys = _keys(query.parts[0], grouped, selected) if is_grouped else None
    following = [
        part.token.offset for part in modifiers if part.symbol in ("HAVING", "ORDER", "Limit")
    ]
    rows, group_by = text, text[body.parts[-1].token.end : min([*following, values])]
    if keys is not None:
        rows = f"{text[:where]} {_variable_list(set(keys) - selected)} {text[where:]}"
        select = f"SELECT {_variable_list(variables.union(keys)) or '*'}"
        group_by += f"\n{_variable_list(variables.difference(keys))}" if keys else ""
    elif selected:
        select = f"{text[start:where]} {_variable_list(variables - selected)}"
    else:
        select = "SELECT *"
    marked = _mark_groups(text, body, reader.groups)
    solutions = f"{text[:start]}{select} {marked}{group_by}\n{text[values:]}"
    return SolutionQuery(form, rows, solutions, keys, parts)


def _constants(prologue: str, body: Tree, prefixes: Mapping[str, str]) -> dict[str, Node]:
    """Return the IRIs and literals of a query: text → term, as the engine reads it."""
    texts = dict.fromkeys(_text(each) for each in body.walk() if each.symbol in ("Iri", "Literal"))
    query = f"{prologue}SELECT ?term {{ VALUES ?term {{ {' '.join(texts)} }} }}"
    rows: Any = execute.run(ox.Store(), query, prefixes, explain=False)
    return {text: row[0] for text, row in zip(texts, rows, strict=True)}


def _text(tree: Tree) -> str:
    """Return the tokens of a tree without spaces between them."""
    return "".join(part.token.text for part in tree.walk() if not part.parts)


def _variables(tree: Tree) -> list[str]:
    """Return the names of the variables in a tree, in the order of the text."""
    return [part.token.text[1:] for part in tree.walk() if part.symbol == "variable"]


def _mark_groups(text: str, body: Tree, groups: list[Tree]) -> str:
    """Return the body with a variable in each group that need not match."""
    marked = text[: body.parts[-1].token.end]
    inserted = []
    for number, group in enumerate(groups):
        # A group of a subselect can have nothing else, so the subselect gets an inner group.
        inner = ("{", "}") if group.parts[1].symbol == "SubSelect" else ("", "")
        bind = f"{inner[1]} BIND(1 AS ?{MARK}{number})"
        inserted += [(group.token.end, inner[0]), (group.parts[-1].token.offset, bind)]
    for at, words in sorted(inserted, reverse=True):
        marked = f"{marked[:at]}{words}{marked[at:]}"
    return marked[body.token.offset :]


def _variable_list(variables: Iterable[str]) -> str:
    return " ".join(f"?{name}" for name in sorted(variables))


def _keys(clause: Tree, grouped: list[Tree], selected: set[str]) -> tuple[str, ...]:
    """Return the variables that a query groups by.

    Args:
        clause: the SELECT clause.
        grouped: what it groups by.
        selected: the variables that it selects.

    Raises:
        ValueError: an expression has no name, or several groups may give the same row.
    """
    keys = []
    for group in grouped:
        symbols = [part.symbol for part in group.parts]
        if symbols != ["variable"] and "AS" not in symbols:
            raise ValueError("GROUP BY an expression without a name")
        keys.append(_variables(group)[-1])
    is_distinct = any(part.symbol in ("DISTINCT", "REDUCED") for part in clause.parts)
    if is_distinct and not selected.issuperset(keys):
        raise ValueError("DISTINCT over groups")
    return tuple(keys)


class _Reader:
    """Reads the parts of a body, and lists the groups that need not match.

    Attributes:
        groups: these groups, in the order of the text.
    """

    def __init__(self, constants: Mapping[str, Node]) -> None:
        """Take the IRIs and literals of the query: text → term."""
        self.groups: list[Tree] = []
        self._constants = constants
        self._unnamed = (f" {number}" for number in count())

    def read(self, group: Tree, marks: tuple[str, ...], graph: Node | None) -> Iterator[Part]:
        """Yield the parts of a group, in the order of the text."""
        for part in group.parts:
            groups = [each for each in part.parts if each.symbol == "Group"]
            if part.symbol == "Paths":
                yield from self._triples(part, marks, graph)
            elif part.symbol == "SubSelect":
                yield from _opaque_parts(part, marks)
            elif part.symbol != "Pattern":
                continue
            elif part.parts[0].symbol == "OPTIONAL":
                yield from self.read(groups[0], (*marks, self._mark(groups[0])), graph)
            elif part.parts[0].symbol == "GRAPH":
                yield from self.read(groups[0], marks, self._term(part.parts[1]))
            elif part.parts[0].symbol == "Group":
                for side in groups:
                    more = (self._mark(side),) if len(groups) > 1 else ()
                    yield from self.read(side, (*marks, *more), graph)
            else:
                yield from _opaque_parts(part, marks)

    def _mark(self, group: Tree) -> str:
        """List a group that need not match, and return its variable."""
        self.groups.append(group)
        return f"{MARK}{len(self.groups) - 1}"

    def _triples(self, paths: Tree, marks: tuple[str, ...], graph: Node | None) -> Iterator[Part]:
        """Yield the patterns of a block, and the paths that cannot be traced.

        A solution gives the triple of each pattern, so each pattern is a part of its own. Only
        patterns that share an unnamed node, which no solution binds, are looked up together.
        """
        shared: list[tuple[set[Node], list[list[Patterns]]]] = []
        for start, path, end in self._statements(paths):
            try:
                choices = [self._alternatives(start, path, end)]
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
            nodes = {node for each in alternatives for pattern in each for node in pattern[:3]}
            named = {node for node in nodes if isinstance(node, str) and not _is_unnamed(node)}
            yield Part(marks, graph, tuple(alternatives), frozenset(named | graph_variable))

    def _statements(self, paths: Tree) -> list[_Statement]:
        """Return the subjects, paths and objects of a block, with those of nested nodes."""
        found: list[_Statement] = []
        while True:
            subject, *properties = paths.parts[0].parts
            start = self._node(subject, found)
            for each in properties:
                self._add_properties(start, each, found)
            paths = paths.parts[-1]
            if paths.symbol != "Paths":
                return found

    def _add_properties(self, start: Node, properties: Tree, found: list[_Statement]) -> None:
        """Add the paths and objects that follow a subject."""
        for each in properties.parts:
            for part in each.parts[1:]:
                if part.symbol == "PathNode":
                    found.append(_Statement(start, each.parts[0], self._node(part, found)))

    def _node(self, tree: Tree, found: list[_Statement]) -> Node:
        """Return the node of a subject or object, and add the statements about nested nodes."""
        while tree.symbol in ("PathNode", "Term"):
            tree = tree.parts[0]
        if tree.symbol != "NestedPath":
            return self._term(tree)
        if tree.token.text == "[":
            node = next(self._unnamed)
            self._add_properties(node, tree.parts[1], found)
            return node
        members = tree.parts[1:-1]
        cells: list[Node] = [next(self._unnamed) for _ in members]
        for member, cell, rest in zip(members, cells, [*cells[1:], NIL], strict=True):
            found.append(_Statement(cell, FIRST, self._node(member, found)))
            found.append(_Statement(cell, REST, rest))
        return cells[0]

    def _term(self, tree: Tree) -> Node:
        """Return a term or the name of a variable; a blank node counts as an unnamed variable."""
        if tree.symbol == "variable":
            return tree.token.text[1:]
        if tree.symbol == "label":
            return f" {tree.token.text}"
        if tree.symbol == "'[]'":
            return next(self._unnamed)
        return FIXED.get(tree.symbol) or self._constants[_text(tree)]

    def _alternatives(self, subject: Node, path: Tree | Node, object_: Node) -> list[Patterns]:
        """Return lists of patterns; the path matches if all patterns of one list do.

        Raises:
            ValueError: the number of lists is unlimited or too large; the message names the reason.
        """
        if not isinstance(path, Tree):
            return [(Pattern(subject, path, object_),)]
        while len(path.parts) == 1 or path.symbol == "Step":
            symbols = [part.symbol for part in path.parts]
            if not UNLIMITED.isdisjoint(symbols):
                raise ValueError("a path with *, +, ? or !")
            if symbols[0] == "'^'":
                subject, object_ = object_, subject
            path = next(part for part in path.parts if part.symbol not in ("'^'", "'('"))
        if path.symbol == "Alternative":
            sides = (self._alternatives(subject, side, object_) for side in path.parts[::2])
            return [*chain.from_iterable(sides)]
        if path.symbol == "Sequence":
            steps = path.parts[::2]
            stops = [subject, *(next(self._unnamed) for _ in steps[1:]), object_]
            return _combinations([*map(self._alternatives, stops, steps, stops[1:])])
        return [(Pattern(subject, self._term(path), object_),)]


def _opaque_parts(part: Tree, marks: tuple[str, ...]) -> Iterator[Part]:
    """Yield a part without its patterns."""
    symbols = [each.symbol for each in part.walk()]
    if ("NOT", "EXISTS") in pairwise(symbols):
        yield Part(marks, absent="NOT EXISTS")
    elif untraced := next((words for name, words in UNTRACED.items() if name in symbols), ""):
        yield Part(marks, untraced=untraced)


def _combinations(choices: list[list[Patterns]]) -> list[Patterns]:
    """Return all combinations of one alternative of every choice.

    Raises:
        ValueError: there are too many combinations.
    """
    if prod(map(len, choices)) > MAX_ALTERNATIVES:
        raise ValueError(f"paths with more than {MAX_ALTERNATIVES} alternatives")
    return [tuple(pattern for way in taken for pattern in way) for taken in product(*choices)]


def _is_unnamed(node: Node) -> bool:
    """Tell whether a node is a variable that no solution binds: a blank node or a path's middle."""
    return isinstance(node, str) and node.startswith(" ")
