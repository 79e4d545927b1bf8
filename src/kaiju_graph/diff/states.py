"""Read the state of a graph in a folder, a file or a git revision.

The default graph of a file belongs to one of its named graphs, as in a file of a project, or is the
merge of them, as in an export for a store.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.errors import InputError, UnreachableError
from kaiju_graph.project import revisions
from kaiju_graph.project.layout import read_bytes
from kaiju_graph.project.location import FOLDERS
from kaiju_graph.project.sources import CURATION_CLASS, LAYERS, graph_layers
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.formats import ENDINGS
from kaiju_graph.rdf.parse import parse
from kaiju_graph.sparql.questions import list_questions
from kaiju_graph.store.files import temporary_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from kaiju_graph.project.layout import Project
    from kaiju_graph.rdf.terms import Quad
    from kaiju_graph.sparql.questions import Question

__all__ = ["DEFAULT", "MERGED", "State", "read_state"]

MERGED = "merged"
"""The layer of statements outside named graphs."""
DEFAULT = ox.NamedNode(terms.GRAPH + "merged")
"""The graph of statements outside named graphs."""


class State(NamedTuple):
    """One of two states of a graph."""

    name: str
    quads: list[Quad]
    project: Project
    """The project with its prefixes: its own, or the current project for a file."""
    questions: tuple[Question, ...] | None
    """Its stored questions; None for a file, which has none."""

    @property
    def layered(self) -> bool:
        """Whether its statements are in named graphs."""
        return any(quad.graph != DEFAULT for quad in self.quads)

    @property
    def layers(self) -> dict[str, str]:
        """IRI of a named graph → its layer; ``MERGED`` for statements outside named graphs."""
        return {
            name: MERGED if name == DEFAULT.value else layer
            for name, layer in graph_layers(self.quads).items()
        }

    @property
    def known_layers(self) -> set[str]:
        """The layers that can be compared: all, or for a file those that are in it."""
        layers = set(self.layers.values())
        return layers if self.questions is None else layers | set(LAYERS)

    def without_layers(self, excluded: Collection[str]) -> State:
        """Return the state without some layers."""
        layers = self.layers
        kept = [quad for quad in self.quads if layers[quad.graph.value] not in excluded]
        return self._replace(quads=kept)


def read_state(
    name: str, project: Project, load: Callable[[str], tuple[Project, list[Quad]]]
) -> State:
    """Return the state of a graph in a folder, a file or a git revision.

    Args:
        name: the first of these that it can be: a project's folder, a name with the ending of a
            data file, a revision.
        project: the current project, whose repository has the revision.
        load: returns the project of a folder, and its quads.

    Raises:
        UnreachableError: nothing with that name can be read.
        InputError: the state does not load; the message names file and line.
    """
    if os.path.isdir(name):
        missing = [folder for folder in FOLDERS if not os.path.isdir(os.path.join(name, folder))]
        if missing:
            raise UnreachableError(f"{name}: not a project: it has no {', '.join(missing)}")
        return _load_state(name, name, load)
    if os.path.splitext(name)[1] in ENDINGS:
        quads = _place_default_graph(list(parse(name, read_bytes(name, name), DEFAULT)))
        return State(name, quads, project, None)
    with temporary_folder() as folder:
        revisions.extract(project.root, name, folder)
        return _load_state(name, folder, load)


def _place_default_graph(quads: list[Quad]) -> list[Quad]:
    """Return the quads of a file, each in a named graph.

    A default graph that is the merge of the named graphs is dropped. Otherwise the file is one of a
    project, and its default graph describes passages or curations.
    """
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


def _load_state(name: str, root: str, load: Callable[[str], tuple[Project, list[Quad]]]) -> State:
    try:
        project, quads = load(root)
        return State(name, quads, project, tuple(list_questions(project)))
    except InputError as error:
        raise type(error)(f"{name}: {error}") from None
