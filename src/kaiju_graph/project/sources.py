"""Stage 1: the files of a project → quads, each with its layer and its place.

Quads are read with Oxigraph. Their places (file, line, column) cost a second parse, by rdflib,
and are computed only where they are shown; a test holds that both read the same quads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.errors import SourceError, UnknownNameError
from kaiju_graph.project.layout import LAYERS
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.parse import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kaiju_graph.project.layout import Project
    from kaiju_graph.rdf.terms import Quad, Term

__all__ = [
    "CURATION_CLASS",
    "LAYERS",
    "Finding",
    "Place",
    "SourceFile",
    "Sources",
    "check_layers",
    "data_files",
    "graph_layers",
    "read",
    "select_layers",
]

CURATION_CLASS = ox.NamedNode(terms.EV + "Curation")
_FIXED = {
    terms.ENTITIES.value: "entities",
    terms.CURATION.value: "curated",
    terms.EVIDENCE.value: "evidence",
    terms.ONTOLOGY.value: "ontology",
    terms.ALIGNMENTS.value: "alignments",
    terms.INFERRED.value: "inferred",
}


class Place(NamedTuple):
    """Where a statement stands: the file relative to the root, line and column from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Finding(NamedTuple):
    """A rule that a file of the project breaks, at one of its quads."""

    rule: str
    message: str
    file: str
    quad: Quad | None = None
    part: str = ""
    """Which term of the quad is meant, where that is not the one that its rule is of."""
    other: tuple[str, Quad] | None = None
    """File and quad of what the message ends with."""
    place: Place | None = None
    """Where it stands, of what is no quad."""
    width: int = 0
    """How many code points are meant there."""

    @property
    def term(self) -> Term | None:
        """The term that is meant, of a quad."""
        return None if self.quad is None else getattr(self.quad, self.part or "object")


class SourceFile(NamedTuple):
    """A data file: its layer, the graph of its triples outside any graph, its quads in order."""

    layer: str
    default: ox.NamedNode
    quads: list[Quad]


class Sources(NamedTuple):
    """What the files of a project say."""

    files: dict[str, SourceFile]
    """Name, relative to the root → file, in the order in which files are read."""
    texts: dict[str, str]
    """Folder of an article, relative to the root → the article's text."""

    @property
    def quads(self) -> list[Quad]:
        """All quads, in the order of files and lines."""
        return [quad for file in self.files.values() for quad in file.quads]


def check_layers(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names of layers.

    Raises:
        UnknownNameError: there is no layer of such a name.
    """
    names = tuple(names)
    for name in names:
        if name not in LAYERS:
            raise UnknownNameError(f"no layer {name!r}; expected some of {', '.join(LAYERS)}")
    return names


def graph_layers(quads: Iterable[Quad]) -> dict[str, str]:
    """Return the layer of each named graph (IRI → layer).

    What is described as ``ev:Curation`` is curated; a graph that has no name of its own in the
    design is a passage's.
    """
    found: dict[str, str] = {}
    curations: set[str] = set()
    for quad in quads:
        name = quad.graph.value
        found.setdefault(name, _FIXED.get(name, "stated"))
        if quad.object == CURATION_CLASS and quad.graph == terms.CURATION:
            curations.add(quad.subject.value)
    return found | dict.fromkeys(found.keys() & curations, "curated")


def select_layers(quads: Iterable[Quad], *names: str) -> list[Quad]:
    """Return the quads whose named graph belongs to one of the layers named.

    Raises:
        UnknownNameError: there is no layer of that name.
    """
    names = check_layers(names)
    quads = list(quads)
    layer = graph_layers(quads)
    return [quad for quad in quads if layer[quad.graph.value] in names]


def read(project: Project) -> Sources:
    """Read every data file of the project.

    Raises:
        UnreachableError: a file cannot be read.
        SourceError: a file does not parse, or holds statements and is none of those that are read;
            the message names file and line.
    """
    for file, reason in project.unread_files():
        raise SourceError(f"{file}:1: {reason}")
    files: dict[str, SourceFile] = {}
    for file, default, layer in data_files(project):
        files[file] = SourceFile(layer, default, list(parse(file, project.read(file), default)))
    texts = {folder: project.read(f"{folder}/article.txt") for folder in project.articles()}
    return Sources(files, texts)


def data_files(project: Project) -> Iterator[tuple[str, ox.NamedNode, str]]:
    """Yield each data file, the graph of its triples outside any graph, and its graphs' layer."""
    for file in project.files("ontology", ".ttl"):
        if file == "ontology/alignments.ttl":
            yield file, terms.ALIGNMENTS, "alignments"
        elif file != "ontology/prefixes.ttl":
            yield file, terms.ONTOLOGY, "ontology"
    yield "graph/entities.ttl", terms.ENTITIES, "entities"
    for file in project.files("graph", ".trig"):
        yield file, terms.CURATION, "curated"
    for folder in project.articles():
        for file in project.files(folder, ".trig"):
            yield file, terms.EVIDENCE, "stated"
