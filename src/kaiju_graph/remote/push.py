"""Load the graph into a store: only the graphs that differ, and compare afterwards.

A graph is left alone if the store has the same triples, by their values and up to the labels of
blank nodes. So a push that was stopped goes on where it stopped when it is run again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kaiju_graph.errors import LimitError, QueryError, UnreachableError
from kaiju_graph.rdf.terms import MERGE, PASSAGE_CLASS
from kaiju_graph.remote import lines
from kaiju_graph.remote.answers import ask, select
from kaiju_graph.remote.engine import BAG, UNION, find_default_graph, graph_sizes
from kaiju_graph.remote.protocol import RefusalError
from kaiju_graph.remote.stores import DEFAULT, Contents, batches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from kaiju_graph.remote.protocol import Endpoint
    from kaiju_graph.remote.stores import GraphStore

__all__ = ["Choices", "Push", "push"]

FETCH = 20_000
"""How many triples of several graphs are read back in one request."""
MOST_GRAPHS = 200
"""Of how many graphs triples are read back in one request."""

Graphs = dict[str, list[bytes]]
"""Name of a graph, or ``DEFAULT`` → its triples as lines."""


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
    quads: bytes,
    merge: bytes,
    *,
    choices: Choices,
    done: Callable[[int, int], None] = lambda *_: None,
) -> Push:
    """Load named graphs and their merge into a store.

    Args:
        endpoint: answers queries about the store.
        store: takes the graphs.
        quads: the named graphs, as N-Quads.
        merge: the default graph, as N-Triples.
        choices: what the user wants.
        done: is called with the number of graphs that are loaded, and of those to load.

    Raises:
        UnreachableError: the store does not take a graph, or its default graph is not ours.
        LimitError: it does not answer in time.
    """
    return _Pusher(endpoint, store, choices, done).push(quads, merge)


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
        self.read = lines.find_reader(endpoint)
        self.sent: dict[str, int] = {}
        self.total = 0

    def push(self, quads: bytes, merge: bytes) -> Push:
        named = lines.split_graphs(quads)
        sizes = graph_sizes(self.endpoint)
        absent, changed, same = self._compare(named, sizes)
        stale = _stale(named, sizes)
        self.total = len(absent) + len(changed) + 1
        try:
            self._send(absent, new=True)
            self._send(changed)
            if self.choices.dry_run and not sizes:
                return Push(self.sent, same, stale, merge="unknown")
            target = self._target()
            merged: Graphs = {}
            if target != UNION.name:
                merged[target] = [line.removesuffix(b" .") for line in merge.splitlines() if line]
            if merged and self._has_merge(merged):
                same, merged = same + 1, {}
            self._send(merged)
            if self.choices.prune and not self.choices.dry_run:
                for name in stale:
                    self.store.remove(name)
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
        self.sent[graph.name] = len(graph.triples)
        self.done(len(self.sent), self.total)

    def _target(self) -> str:
        """Return where the engine's default graph wants the merge."""
        default = find_default_graph(self.endpoint)
        if default == UNION:  # which is the merge, with the alignments
            return UNION.name
        return MERGE.value if default == BAG else DEFAULT

    def _has_merge(self, merged: Graphs) -> bool:
        """Tell whether the merge is where it belongs."""
        if DEFAULT in merged:
            return self._is_default(merged[DEFAULT], replace=self.choices.replace)
        return not any(self._compare(merged, graph_sizes(self.endpoint))[:2])

    def _verify(self, graphs: Graphs) -> tuple[str, ...]:
        """Return the graphs that are not as they were sent."""
        sent = {name: graphs[name] for name in self.sent if name != DEFAULT}
        absent, changed, _ = self._compare(sent, graph_sizes(self.endpoint))
        wrong = [*absent, *changed]
        if DEFAULT in self.sent and not self._is_default(graphs[DEFAULT], replace=True):
            wrong.append(DEFAULT)
        return tuple(wrong)

    def _compare(self, graphs: Graphs, sizes: Mapping[str, int]) -> tuple[Graphs, Graphs, int]:
        """Return the graphs that the store does not have, those that differ, and how many agree."""
        absent = {name: triples for name, triples in graphs.items() if name not in sizes}
        alike = [name for name, triples in graphs.items() if sizes.get(name) == len(triples)]
        same: set[str] = set()
        for batch in batches(alike, sizes.__getitem__, FETCH, MOST_GRAPHS):
            self.endpoint.progress(f"reading {len(batch)} graphs")
            ours = (b"%s <%s>" % (line, name.encode()) for name in batch for line in graphs[name])
            names = " ".join(f"<{name}>" for name in batch)
            text = f"SELECT ?s ?p ?o ?g {{ VALUES ?g {{ {names} }} GRAPH ?g {{ ?s ?p ?o }} }}"
            theirs = self.read(self.endpoint, text)
            same |= {*batch} - lines.find_differences(ours, theirs)
        changed = {
            name: triples
            for name, triples in graphs.items()
            if name not in same and name not in absent
        }
        return absent, changed, len(same)

    def _is_default(self, merge: Sequence[bytes], *, replace: bool) -> bool:
        """Tell whether the default graph is the merge.

        Raises:
            UnreachableError: it has triples that are not ours.
        """
        endpoint = self.endpoint
        count = int(select(endpoint, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")[0][0].value)
        if not count:
            return False
        if count == len(merge):
            theirs = self.read(endpoint, "SELECT ?s ?p ?o { ?s ?p ?o }")
            if not lines.find_differences(merge, theirs):
                return True
        if not replace and not ask(endpoint, f"ASK {{ ?passage a {PASSAGE_CLASS} }}"):
            found = f"found {count:,} triples of others in the default graph"
            raise UnreachableError(
                f"{endpoint.name}: {found}; expected none (--replace removes them)"
            )
        return False


def _stale(named: Iterable[str], sizes: Mapping[str, int]) -> tuple[str, ...]:
    """Return the graphs of a store in the namespaces of ours that the project does not have."""
    ours = set(named)
    namespaces = tuple({f"{name.rpartition('/')[0]}/" for name in ours})
    return tuple(
        sorted(
            name
            for name in sizes
            if name not in {*ours, MERGE.value} and name.startswith(namespaces)
        )
    )
