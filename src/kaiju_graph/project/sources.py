"""Read the files of a project into quads, each in a layer.

Oxigraph reads the quads. Their places (file, line, column) need a second reading of the file, so
``positions`` computes them only when needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.errors import SourceError, UnknownNameError
from kaiju_graph.project.layout import LAYERS
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.parse import parse

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from kaiju_graph.project.layout import Project
    from kaiju_graph.rdf.terms import Quad, Term

__all__ = [
    "ASSERTED",
    "CURATION_CLASS",
    "LAYERS",
    "Finding",
    "Place",
    "Remedy",
    "SourceFile",
    "Sources",
    "check_layers",
    "data_files",
    "graph_layers",
    "read",
    "select_layers",
]

ASSERTED = ("stated", "entities", "curated", "evidence", "ontology")
"""The layers that shapes check: nothing inferred, because a domain makes every class true."""
CURATION_CLASS = ox.NamedNode(terms.EV + "Curation")
ARTICLE_FILES = {
    "entities.ttl": (terms.ENTITIES, "entities"),
    "curation.trig": (terms.CURATION, "curated"),
}
"""Files in the folder of an article that quote nothing → the graph for triples outside named
graphs, and the layer."""
FIXED_GRAPHS = {terms.GRAPH + name: layer for layer, name in LAYERS.items() if name}
"""IRI of a named graph → its layer, for the graphs whose names are fixed."""


class Place(NamedTuple):
    """The place of a statement: its file, relative to the root, line and column from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Remedy(NamedTuple):
    """The only change of the statements of a file that makes it keep a rule, and is safe."""

    remove: Quad | None
    add: Quad | None


class Finding(NamedTuple):
    """A rule that a file of the project breaks."""

    rule: str
    message: str
    file: str
    quad: Quad | None = None
    part: str = ""
    """The wrong term of the quad: ``subject``, ``predicate``, ``graph``; empty for the default."""
    other: tuple[str, Quad] | None = None
    """The file and quad whose place ends the message."""
    place: Place | None = None
    """The place of a finding without a quad."""
    width: int = 0
    """Width in code points at that place."""
    remedy: Remedy | None = None
    """The only safe remedy, if there is exactly one."""
    unchecked: str = ""
    """What is not checked because of the finding, in words; empty if nothing."""

    @property
    def term(self) -> Term | None:
        """The wrong term of the quad."""
        return None if self.quad is None else getattr(self.quad, self.part or "object")


class SourceFile(NamedTuple):
    """A data file: its layer, the graph for triples outside named graphs, its quads in order."""

    layer: str
    default: ox.NamedNode
    quads: list[Quad]
    form: str = ""
    """The name of its format; empty is that of its ending."""
    base: str | None = None
    """The IRI that resolves relative ones."""


class Sources(NamedTuple):
    """The content of a project's files."""

    files: dict[str, SourceFile]
    """Name, relative to the root → file, in the order of reading."""
    texts: dict[str, str]
    """Folder of an article, relative to the root → the article's text."""

    @property
    def quads(self) -> list[Quad]:
        """All quads, in the order of files and lines."""
        return [quad for file in self.files.values() for quad in file.quads]


def check_layers(names: Iterable[str]) -> tuple[str, ...]:
    """Return names of layers.

    Raises:
        UnknownNameError: there is no layer with such a name.
    """
    names = tuple(names)
    for name in names:
        if name not in LAYERS:
            raise UnknownNameError(f"no layer {name!r}; expected some of {', '.join(LAYERS)}")
    return names


def graph_layers(quads: Iterable[Quad]) -> dict[str, str]:
    """Return the layer of each named graph (IRI → layer).

    A graph of type ``ev:Curation`` is curated; any other graph without a fixed name is stated.
    """
    layers: dict[str, str] = {}
    curations: set[str] = set()
    for quad in quads:
        name = quad.graph.value
        layers.setdefault(name, FIXED_GRAPHS.get(name, "stated"))
        if quad.object == CURATION_CLASS and quad.graph == terms.CURATION:
            curations.add(quad.subject.value)
    return layers | dict.fromkeys(layers.keys() & curations, "curated")


def select_layers(quads: Iterable[Quad], *names: str) -> list[Quad]:
    """Return the quads of some layers.

    Raises:
        UnknownNameError: there is no layer with such a name.
    """
    names = check_layers(names)
    quads = list(quads)
    layers = graph_layers(quads)
    return [quad for quad in quads if layers[quad.graph.value] in names]


def read(project: Project, without: Collection[str] = ()) -> Sources:
    """Read the data files of a project.

    Args:
        project: the project.
        without: files to leave out.

    Raises:
        UnreachableError: a file cannot be read.
        SourceError: a file does not parse, or an RDF file is not a data file; the message names
            file and line.
    """
    for file, reason in project.unread_files():
        if file not in without:
            raise SourceError(f"{file}:1: {reason}")
    files = {
        file: SourceFile(layer, default, list(parse(file, project.read(file), default)))
        for file, default, layer in data_files(project)
        if file not in without
    }
    texts = {
        folder: project.read(f"{folder}/article.txt")
        for folder in project.articles()
        if f"{folder}/article.txt" not in without
    }
    return Sources(files, texts)


def data_files(project: Project) -> Iterator[tuple[str, ox.NamedNode, str]]:
    """Yield each data file, the graph for triples outside named graphs, and its layer."""
    for file in project.files("ontology", ".ttl"):
        if file == "ontology/alignments.ttl":
            yield file, terms.ALIGNMENTS, "alignments"
        elif file != "ontology/prefixes.ttl":
            yield file, terms.ONTOLOGY, "ontology"
    yield "graph/entities.ttl", terms.ENTITIES, "entities"
    for file in project.files("graph", ".trig"):
        yield file, terms.CURATION, "curated"
    for folder in project.articles():
        for file in project.files(folder, ".trig", "entities.ttl"):
            name = file.rpartition("/")[2]
            yield file, *ARTICLE_FILES.get(name, (terms.EVIDENCE, "stated"))
