"""Stage 8, beside asking: a folder, a file or a git revision → the state of a graph, to compare.

What a file says outside its named graphs belongs to one of them, as in a project, or is a merge of
them, as a store wants it. Blank nodes have no name to compare: two are the same if what is said of
them is, through any chain (bisimilar), however a parser labels them.
"""

from __future__ import annotations

import os
from hashlib import sha256
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.errors import InputError, UnreachableError
from kaiju_graph.project import revisions
from kaiju_graph.project.layout import FOLDERS, read_bytes
from kaiju_graph.project.sources import CURATION_CLASS, LAYERS, graph_layers
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.formats import ENDINGS
from kaiju_graph.rdf.parse import parse
from kaiju_graph.sparql import questions as asking

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from kaiju_graph.project.layout import Project
    from kaiju_graph.rdf.terms import Quad, Term
    from kaiju_graph.sparql.questions import Question

__all__ = ["DEFAULT", "MERGED", "State", "read_state", "relabel_blank_nodes"]

MERGED = "merged"
"""The layer of statements of which no layer is known."""
DEFAULT = ox.NamedNode(terms.GRAPH + "merged")
"""The graph of statements that stand in none."""


class State(NamedTuple):
    """One of two states of a graph."""

    name: str
    quads: list[Quad]
    project: Project
    """Whose prefixes it has: its own, or, of a file, those of the project at hand."""
    questions: tuple[Question, ...] | None
    """Its stored questions; None where it is a file, which has none."""

    @property
    def layered(self) -> bool:
        """Whether its statements stand in named graphs."""
        return any(quad.graph != DEFAULT for quad in self.quads)

    @property
    def layers(self) -> dict[str, str]:
        """The layer of each named graph (IRI → layer), and ``MERGED`` for what stands in none."""
        return {
            name: MERGED if name == DEFAULT.value else layer
            for name, layer in graph_layers(self.quads).items()
        }

    @property
    def carried(self) -> set[str]:
        """The layers of which it can tell: all, or those that a file has."""
        found = set(self.layers.values())
        return found if self.questions is None else found | set(LAYERS)

    def without(self, unwanted: Collection[str]) -> State:
        """Return it without some layers."""
        layer = self.layers
        kept = [quad for quad in self.quads if layer[quad.graph.value] not in unwanted]
        return self._replace(quads=kept)


def read_state(
    name: str, here: Project, load: Callable[[str], tuple[Project, list[Quad]]]
) -> State:
    """Return the state of a graph that a name means: a folder, else a file, else a git revision.

    Args:
        name: a project's folder, a data file by its ending, or a revision.
        here: the project at hand, in whose repository a revision is looked for.
        load: returns the project of a folder, and its quads.

    Raises:
        UnreachableError: the name means nothing that can be read.
        InputError: it does not load; the message names file and line.
    """
    if os.path.isdir(name):
        missing = [each for each in FOLDERS if not os.path.isdir(os.path.join(name, each))]
        if missing:
            raise UnreachableError(f"{name}: not a project: it has no {', '.join(missing)}")
        return _loaded(name, name, load)
    if os.path.splitext(name)[1] in ENDINGS:
        return State(name, _placed(parse(name, read_bytes(name, name), DEFAULT)), here, None)
    with TemporaryDirectory(prefix="kaiju-") as folder:
        revisions.extract(here.root, name, folder)
        return _loaded(name, folder, load)


def relabel_blank_nodes(*sides: State) -> list[State]:
    """Return sides whose blank nodes are labelled by what is said of them, the same in both.

    Nodes are told apart by what is said of them, round by round, until no round tells more apart:
    the partition refinement of R. Paige and R. E. Tarjan (1987), in its plain form.
    """
    said: dict[tuple[int, Term], list[Quad]] = {}
    for at, each in enumerate(sides):
        for quad in each.quads:
            for term in (quad.subject, quad.object):
                if isinstance(term, ox.BlankNode):
                    said.setdefault((at, term), [])
            if isinstance(quad.subject, ox.BlankNode):
                said[at, quad.subject].append(quad)
    names = dict.fromkeys(said, "")
    kinds = 0
    while len(set(names.values())) > kinds:
        kinds = len(set(names.values()))
        names = {
            (at, node): _label(
                f"{quad.predicate} {names.get((at, quad.object), str(quad.object))}"
                for quad in quads
            )
            for (at, node), quads in said.items()
        }

    return [
        each._replace(quads=[_renamed(quad, at, names) for quad in each.quads])
        for at, each in enumerate(sides)
    ]


def _placed(quads: Iterable[Quad]) -> list[Quad]:
    """Return the quads of a file, those outside its named graphs in the graph that they belong to.

    A default graph that merges the named ones, as a store wants it, says nothing new. Else it is
    that of a project's file: of passages, or of curations.
    """
    quads = list(quads)
    named = {quad.triple for quad in quads if quad.graph != DEFAULT}
    if not named:
        return quads
    outside = {quad.triple for quad in quads if quad.graph == DEFAULT} - named
    home = DEFAULT
    if any(triple.predicate == terms.QUOTE for triple in outside):
        home = terms.EVIDENCE
    elif any(triple.object == CURATION_CLASS for triple in outside):
        home = terms.CURATION
    return [
        quad._replace(graph=home) if quad.graph == DEFAULT else quad
        for quad in quads
        if quad.graph != DEFAULT or quad.triple in outside
    ]


def _loaded(name: str, root: str, load: Callable[[str], tuple[Project, list[Quad]]]) -> State:
    try:
        found, quads = load(root)
        return State(name, quads, found, tuple(asking.list_questions(found)))
    except InputError as error:
        raise type(error)(f"{name}: {error}") from None


def _renamed(quad: Quad, at: int, names: dict[tuple[int, Term], str]) -> Quad:
    if name := names.get((at, quad.subject)):
        quad = quad._replace(subject=ox.BlankNode(name))
    if name := names.get((at, quad.object)):
        quad = quad._replace(object=ox.BlankNode(name))
    return quad


def _label(statements: Iterable[str]) -> str:
    return f"b{sha256(chr(10).join(sorted(set(statements))).encode()).hexdigest()[:24]}"
