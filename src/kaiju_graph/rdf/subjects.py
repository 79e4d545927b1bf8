"""Group triples by subject and predicate for writers, and find the RDF lists among them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import pyoxigraph as ox

from kaiju_graph.rdf.terms import FIRST, NIL, REST, TYPE, Quad

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping, Sequence

    from kaiju_graph.rdf.order import Order
    from kaiju_graph.rdf.terms import Term, Triple

    Key = Callable[[Term], tuple[int, str]]

__all__ = ["Memo", "Properties", "Subjects", "group_by_graph", "group_by_subject"]

T = TypeVar("T")

MAX_DEPTH = 16
"""How many blank nodes are nested in one another; the next one gets a label."""

Properties = dict[ox.NamedNode, list["Term"]]
"""Predicate → objects, both in order."""


class Memo(dict[Any, T]):
    """The results of a function, each computed once.

    ``functools.cache`` takes twice the time, as it hashes a term twice.

    >>> text = Memo(str).__getitem__
    >>> text(TYPE)
    '<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>'
    """

    def __init__(
        self, function: Callable[[Any], T], results: Mapping[Any, T] | None = None
    ) -> None:
        super().__init__(results or {})
        self.function = function

    def __missing__(self, term: Any) -> T:
        self[term] = result = self.function(term)
        return result


class Subjects(NamedTuple):
    """Triples by subject and predicate, in the order of the ontology, then of their text."""

    properties: dict[Term, Properties]
    """Subject → its properties."""
    lists: dict[Term, list[Term]]
    """Head of a list → its members. Each node of a list is used once and has no other property."""
    list_nodes: set[Term]
    """The blank nodes of these lists."""
    nested: set[Term]
    """The blank nodes to write in place: used once, not part of a circle, and not too deep."""
    unused: set[Term]
    """The blank nodes that are not an object of any triple; they need no label."""

    def with_labels(self) -> Subjects:
        """Return the same with a label for every blank node, so that none is nested."""
        return self._replace(nested=set(), unused=set())

    def top(self) -> list[Term]:
        """Return the subjects that are not written in the place where they are used."""
        return [n for n in self.properties if n not in self.nested and n not in self.list_nodes]


def group_by_graph(
    statements: Iterable[Triple | Quad], order: Order
) -> dict[ox.NamedNode | None, Subjects]:
    """Group the statements of each graph; triples belong to the default graph, None."""
    graphs: dict[ox.NamedNode | None, list[Triple | Quad]] = {}
    for statement in statements:
        name = statement.graph if isinstance(statement, Quad) else None
        graphs.setdefault(name, []).append(statement)
    names: set[Any] = {name for name in graphs if isinstance(name, ox.BlankNode)}
    shared = (_shared_nodes(graphs) if len(graphs) > 1 else set()) | names
    key = Memo(order.key).__getitem__
    return {
        name: _group(graphs[name], key, shared)
        for name in sorted(graphs, key=lambda name: str(name or ""))
    }


def group_by_subject(statements: Iterable[Triple | Quad], order: Order) -> Subjects:
    """Group the merge of statements."""
    return _group(list(statements), Memo(order.key).__getitem__)


def _shared_nodes(graphs: dict[ox.NamedNode | None, list[Triple | Quad]]) -> set[Term]:
    """Return the blank nodes of several graphs, which keep one label throughout a document."""
    graph_of: dict[Term, ox.NamedNode | None] = {}
    return {
        term
        for name, members in graphs.items()
        for member in members
        for term in (member[0], member[2])
        if isinstance(term, ox.BlankNode) and graph_of.setdefault(term, name) != name
    }


def _group(statements: Sequence[Triple | Quad], key: Key, shared: Container[Term] = ()) -> Subjects:
    """Group statements; other graphs also use the shared blank nodes."""
    subjects = Subjects(_sorted_properties(statements, key), {NIL: []}, set(), set(), set())
    uses = {(s[2], s[0], s[1]) for s in statements if isinstance(s[2], ox.BlankNode)}
    users: dict[Term, list[Term]] = {}
    for node, user, _ in uses:
        users.setdefault(node, []).append(user)
    blank = {node for node in subjects.properties if isinstance(node, ox.BlankNode)}
    subjects.unused.update(node for node in blank - users.keys() if node not in shared)
    if users:
        _nest(subjects, {n: by[0] for n, by in users.items() if len(by) == 1 and n not in shared})
    return subjects


def _sorted_properties(statements: Iterable[Triple | Quad], key: Key) -> dict[Term, Properties]:
    """Return the properties of each subject, all in order."""
    by_subject: defaultdict[Term, list[Triple | Quad]] = defaultdict(list)
    for statement in statements:
        by_subject[statement[0]].append(statement)
    subjects: dict[Term, Properties] = {}
    for node in sorted(by_subject, key=key):
        properties = subjects[node] = {}
        for statement in sorted(by_subject[node], key=lambda statement: key(statement[1])):
            properties.setdefault(statement[1], []).append(statement[2])
        for predicate, values in properties.items():
            if len(values) > 1:
                values[:] = sorted(set(values), key=key if predicate == TYPE else str)
    return subjects


def _nest(subjects: Subjects, user_of: dict[Term, Term]) -> None:
    """Find the blank nodes and lists to write in the place where they are used.

    A node that would be nested too deep gets a label. Of a list, only the first node gets one, and
    the rest is again a list. ``user_of`` maps a blank node that is used once to its user.
    """
    lists = _find_lists(subjects.properties, user_of)
    heads = {node: head for head, nodes in lists.items() for node in nodes}
    parents = {n: heads.get(user, user) for n, user in user_of.items() if heads.get(n, n) == n}
    depths = _depths(parents)
    for head in lists.keys() & depths.keys():
        nodes = lists[head] if depths[head] % MAX_DEPTH else lists[head][1:]
        if nodes:
            subjects.lists[nodes[0]] = [subjects.properties[node][FIRST][0] for node in nodes]
            subjects.list_nodes.update(nodes)
    others = (depths.keys() & subjects.properties.keys()) - subjects.list_nodes
    subjects.nested.update(node for node in others if depths[node] % MAX_DEPTH)


def _depths(parents: dict[Term, Term]) -> dict[Term, int]:
    """Return how deep each node is nested, from 1, without nodes of circles, which need a label."""
    depths: dict[Term, int] = {}
    for start in parents:
        path: dict[Term, None] = {}
        node = start
        while node in parents and node not in depths and node not in path:
            path[node] = None
            node = parents[node]
        if node not in path:
            nodes = enumerate(reversed(path), depths.get(node, 0) + 1)
            depths |= {inner: depth for depth, inner in nodes}
    return depths


def _find_lists(
    subjects: dict[Term, Properties], user_of: dict[Term, Term]
) -> dict[Term, list[Term]]:
    """Return the well-formed lists that are used once: head → their nodes."""
    rests = {term for properties in subjects.values() for term in properties.get(REST, ())}
    lists: dict[Term, list[Term]] = {}
    for head in subjects.keys() & user_of.keys() - rests:
        nodes: dict[Term, None] = {}
        node = head
        while node in user_of and node not in nodes:
            properties = subjects.get(node, {})
            firsts, others = properties.get(FIRST, []), properties.get(REST, [])
            if (len(properties), len(firsts), len(others)) != (2, 1, 1):
                break
            nodes[node] = None
            node = others[0]
        if node == NIL:
            lists[head] = list(nodes)
    return lists
