"""Stage 1: the files of a project → quads, each with its layer and its place.

Quads are read with Oxigraph. Their places (file, line, column) cost a second parse, by rdflib,
and are computed only where they are shown; a test holds that both read the same quads.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

import pyoxigraph as ox

from kaiju_graph import terms
from kaiju_graph.errors import SourceError, UnknownNameError
from kaiju_graph.terms import Quad

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kaiju_graph.project import Project
    from kaiju_graph.terms import Term

__all__ = [
    "CURATION_CLASS",
    "FORMATS",
    "LAYERS",
    "File",
    "Finding",
    "Place",
    "Sources",
    "data_files",
    "known",
    "layers",
    "parse",
    "read",
    "select",
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

FORMATS = {
    ".ttl": ox.RdfFormat.TURTLE,
    ".trig": ox.RdfFormat.TRIG,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".nq": ox.RdfFormat.N_QUADS,
    ".json": ox.RdfFormat.JSON_LD,
    ".jsonld": ox.RdfFormat.JSON_LD,
    ".xml": ox.RdfFormat.RDF_XML,
    ".rdf": ox.RdfFormat.RDF_XML,
}
"""Ending of a data file → its format; a project's own are Turtle and TriG."""
LAYERS = ("stated", "entities", "curated", "evidence", "ontology", "alignments", "inferred")


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


class File(NamedTuple):
    """A data file: its layer, the graph of its triples outside any graph, its quads in order."""

    layer: str
    default: ox.NamedNode
    quads: list[Quad]


class Sources(NamedTuple):
    """What the files of a project say."""

    files: dict[str, File]
    """Name, relative to the root → file, in the order in which files are read."""
    texts: dict[str, str]
    """Folder of an article, relative to the root → the article's text."""

    @property
    def quads(self) -> list[Quad]:
        """All quads, in the order of files and lines."""
        return [quad for file in self.files.values() for quad in file.quads]


def known(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names of layers.

    Raises:
        UnknownNameError: there is no layer of such a name.
    """
    names = tuple(names)
    for name in names:
        if name not in LAYERS:
            raise UnknownNameError(f"no layer {name!r}; expected some of {', '.join(LAYERS)}")
    return names


def layers(quads: Iterable[Quad]) -> dict[str, str]:
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


def select(quads: Iterable[Quad], *names: str) -> list[Quad]:
    """Return the quads whose named graph belongs to one of the layers named.

    Raises:
        UnknownNameError: there is no layer of that name.
    """
    names = known(names)
    quads = list(quads)
    layer = layers(quads)
    return [quad for quad in quads if layer[quad.graph.value] in names]


def read(project: Project) -> Sources:
    """Read every data file of the project.

    Raises:
        UnreachableError: a file cannot be read.
        SourceError: a file does not parse, or holds statements and is none of those that are read;
            the message names file and line.
    """
    for file, reason in project.strays():
        raise SourceError(f"{file}:1: {reason}")
    files: dict[str, File] = {}
    for file, default, layer in data_files(project):
        files[file] = File(layer, default, list(parse(file, project.read(file), default)))
    texts = {folder: project.read(f"{folder}/article.txt") for folder in project.articles()}
    return Sources(files, texts)


def parse(file: str, text: str | bytes, default: ox.NamedNode) -> Iterator[Quad]:
    """Parse a file by its ending; triples outside any graph go to the default graph named.

    Blank nodes are labelled by file and order of appearance, so that they are the same in every
    run and distinct between files.

    Raises:
        SourceError: the text does not parse; the message names file and line.
    """
    stem = "".join(c if c.isascii() and c.isalnum() else f"_{ord(c):x}_" for c in file)
    stem = stem.replace("_2f_", ".").replace("_2e_", ".").replace("_2d_", "-").lstrip(".-")
    labels: dict[object, ox.BlankNode] = {}

    def stable(term: Any) -> Any:
        if isinstance(term, ox.BlankNode):
            return labels.setdefault(term, ox.BlankNode(f"{stem}.{len(labels) + 1}"))
        return term

    parser = ox.parse(text, format=FORMATS[os.path.splitext(file)[1]])
    try:
        for quad in parser:
            name = quad.graph_name
            yield Quad(
                stable(quad.subject),
                quad.predicate,
                stable(quad.object),
                default if isinstance(name, ox.DefaultGraph) else name,
            )
    except SyntaxError as error:
        raise SourceError.of_syntax(file, error) from None


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
