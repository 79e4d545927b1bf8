"""Load the graph into a store: only the graphs that differ, and compare afterwards.

A graph is left alone if the store has the same triples, by their values and up to the labels of
blank nodes. So a push that was stopped goes on where it stopped when it is run again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.diff.blank_nodes import align_blank_nodes
from kaiju_graph.errors import LimitError, QueryError, UnreachableError
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.terms import MERGE, PASSAGE_CLASS, Quad, Triple
from kaiju_graph.remote.answers import ask, select
from kaiju_graph.remote.engine import BAG, UNION, find_default_graph, graph_sizes
from kaiju_graph.remote.protocol import RefusalError
from kaiju_graph.remote.stores import Contents
from kaiju_graph.remote.values import triple_by_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from kaiju_graph.remote.protocol import Endpoint
    from kaiju_graph.remote.stores import GraphStore

__all__ = ["Choices", "Push", "push"]

FETCH = 20_000
"""How many triples are read back in one request."""
MOST_GRAPHS = 200
"""Of how many graphs triples are read back in one request."""

Graphs = dict[ox.NamedNode | None, list[Triple]]
"""Name of a graph, or None for the default graph → its triples."""


class Push(NamedTuple):
    """What a push has sent, or would send."""

    sent: dict[str, int]
    """Name of a graph, ``default`` for the default graph → how many triples it has."""
    same: int
    """How many graphs the store had already."""
    stale: tuple[str, ...]
    """The graphs in our namespaces that the store has and the project does not."""
    different: tuple[str, ...] = ()
    """The graphs that are not the same after they were sent."""
    merge: str = ""
    """Where the merge is: ``default``, ``union``, ``unknown``, or the name of a graph."""


class Choices(NamedTuple):
    """What the user wants of a push."""

    dry_run: bool = False
    """Find out what differs, and change nothing."""
    replace: bool = False
    """Put the merge in the place of a default graph that is not ours."""
    prune: bool = False
    """Remove the stale graphs."""


def push(  # noqa: PLR0913 (the two ends, what goes there, and how)
    endpoint: Endpoint,
    store: GraphStore,
    quads: Iterable[Quad],
    merge: Sequence[Triple],
    *,
    choices: Choices,
    done: Callable[[int, int], None] = lambda *_: None,
) -> Push:
    """Load named graphs and their merge into a store.

    Args:
        endpoint: answers queries about the store.
        store: takes the graphs.
        quads: the named graphs.
        merge: the triples of the default graph.
        choices: what the user wants.
        done: is called with the number of graphs that are loaded, and of those to load.

    Raises:
        UnreachableError: the store does not take a graph, or its default graph is not ours.
        LimitError: it does not answer in time.
    """
    return _Pusher(endpoint, store, choices, done).push(quads, list(merge))


class _Pusher:
    """A push that is under way."""

    def __init__(
        self,
        endpoint: Endpoint,
        store: GraphStore,
        choices: Choices,
        done: Callable[[int, int], None],
    ) -> None:
        self.endpoint, self.store, self.choices, self.done = endpoint, store, choices, done
        self.sent: dict[str, int] = {}
        self.total = 0

    def push(self, quads: Iterable[Quad], merge: list[Triple]) -> Push:
        named: Graphs = {}
        for quad in quads:
            named.setdefault(quad.graph, []).append(quad.triple)
        sizes = graph_sizes(self.endpoint)
        absent, changed, same = _compare(self.endpoint, named, sizes)
        stale = _stale(named, sizes)
        self.total = len(absent) + len(changed) + 1
        try:
            self._send(absent, new=True)
            self._send(changed)
            if self.choices.dry_run and not sizes:
                return Push(self.sent, same, stale, merge="unknown")
            target = self._target()
            merged: Graphs = {} if target == UNION.name else {_name(target): merge}
            if merged and self._has_merge(merged):
                same, merged = same + 1, {}
            self._send(merged)
            if self.choices.prune and not self.choices.dry_run:
                for name in stale:
                    self.store.remove(ox.NamedNode(name))
        except (LimitError, QueryError, UnreachableError) as error:
            loaded = f"{len(self.sent)} of {self.total} graphs are loaded; run it again to go on"
            kind = UnreachableError if isinstance(error, RefusalError) else type(error)
            raise kind(f"{error}; {loaded}") from None
        different = () if self.choices.dry_run else self._verify(named | merged)
        return Push(self.sent, same, stale, different, target)

    def _send(self, graphs: Graphs, *, new: bool = False) -> None:
        """Send graphs, unless this is a dry run."""
        contents = [Contents(name, triples) for name, triples in graphs.items()]
        if new and not self.choices.dry_run:
            for graph in self.store.add(contents):
                self._count(graph)
            return
        for graph in contents:
            if not self.choices.dry_run:
                self.store.replace(graph)
            self._count(graph)

    def _count(self, graph: Contents) -> None:
        self.sent["default" if graph.name is None else graph.name.value] = len(graph.triples)
        self.done(len(self.sent), self.total)

    def _target(self) -> str:
        """Return where the engine's default graph wants the merge."""
        default = find_default_graph(self.endpoint)
        if default == UNION:  # which is the merge, with the alignments
            return UNION.name
        return MERGE.value if default == BAG else "default"

    def _has_merge(self, merged: Graphs) -> bool:
        """Tell whether the merge is where it belongs."""
        (name,) = merged
        if name is None:
            return _is_default(self.endpoint, merged[name], replace=self.choices.replace)
        return not any(_compare(self.endpoint, merged, graph_sizes(self.endpoint))[:2])

    def _verify(self, graphs: Graphs) -> tuple[str, ...]:
        """Return the graphs that are not as they were sent."""
        sent: Graphs = {
            name: triples
            for name, triples in graphs.items()
            if name is not None and name.value in self.sent
        }
        absent, changed, _ = _compare(self.endpoint, sent, graph_sizes(self.endpoint))
        wrong = [name.value for name in (*absent, *changed) if name is not None]
        if "default" in self.sent and not _is_default(self.endpoint, graphs[None], replace=True):
            wrong.append("default")
        return tuple(wrong)


def _name(target: str) -> ox.NamedNode | None:
    return None if target == "default" else ox.NamedNode(target)


def _stale(named: Graphs, sizes: Mapping[str, int]) -> tuple[str, ...]:
    """Return the graphs of a store in the namespaces of ours that the project does not have."""
    ours = {name.value for name in named if name is not None}
    namespaces = tuple({f"{name.rpartition('/')[0]}/" for name in ours})
    return tuple(
        sorted(
            name
            for name in sizes
            if name not in {*ours, MERGE.value} and name.startswith(namespaces)
        )
    )


def _compare(
    endpoint: Endpoint, graphs: Graphs, sizes: Mapping[str, int]
) -> tuple[Graphs, Graphs, int]:
    """Return the graphs that a store does not have, those that differ, and how many are there."""
    absent: Graphs = {}
    changed: Graphs = {}
    alike: list[ox.NamedNode] = []
    for name, triples in graphs.items():
        if name is None:
            continue
        size = sizes.get(name.value)
        if size is None:
            absent[name] = triples
        elif size != len(triples):
            changed[name] = triples
        else:
            alike.append(name)
    differing = {
        name for name, found in _fetch(endpoint, alike, sizes) if not _is_same(graphs[name], found)
    }
    changed |= {name: graphs[name] for name in alike if name in differing}
    return absent, changed, len(alike) - len(differing)


def _fetch(
    endpoint: Endpoint, names: Iterable[ox.NamedNode], sizes: Mapping[str, int]
) -> Iterator[tuple[ox.NamedNode, list[Triple]]]:
    """Yield the triples of named graphs, of some graphs in each request."""
    batch: list[ox.NamedNode] = []
    size = 0
    for name in [*names, None]:
        if batch and (name is None or size >= FETCH or len(batch) >= MOST_GRAPHS):
            endpoint.progress(f"reading {len(batch)} graphs")
            found: Graphs = {name: [] for name in batch}
            text = f"SELECT ?g ?s ?p ?o {{ VALUES ?g {{ {' '.join(map(str, batch))} }} "
            for graph, *triple in select(endpoint, text + "GRAPH ?g { ?s ?p ?o } }"):
                found[graph].append(Triple(*triple))
            yield from ((name, found[name]) for name in batch)
            batch, size = [], 0
        if name is not None:
            batch.append(name)
            size += sizes.get(name.value, 0)


def _is_default(endpoint: Endpoint, merge: Sequence[Triple], *, replace: bool) -> bool:
    """Tell whether the default graph is the merge.

    Raises:
        UnreachableError: it has triples that are not ours.
    """
    text = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    count = int(select(endpoint, text)[0][0].value)
    if not count:
        return False
    if count == len(merge):
        rows = select(endpoint, "SELECT ?s ?p ?o { ?s ?p ?o }")
        if _is_same(merge, [Triple(*row) for row in rows]):
            return True
    if not replace and not ask(endpoint, f"ASK {{ ?passage a {PASSAGE_CLASS} }}"):
        found = f"found {count:,} triples of others in the default graph"
        raise UnreachableError(f"{endpoint.url}: {found}; expected none (--replace removes them)")
    return False


def _is_same(ours: Sequence[Triple], theirs: Sequence[Triple]) -> bool:
    """Tell whether two graphs are isomorphic, with literals compared by value."""
    if set(ours) == set(theirs):
        return True
    states = [
        [Quad(*triple_by_value(triple), terms.ONTOLOGY) for triple in triples]
        for triples in (ours, theirs)
    ]
    first, second = map(set, states)
    if first == second:
        return True
    if len(first) != len(second):
        return False
    one, other = align_blank_nodes(*states)
    return set(one) == set(other)
