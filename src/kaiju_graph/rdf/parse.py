"""Text in a format of RDF → quads, with blank nodes that have the same labels in every run."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from kaiju_graph.errors import SourceError
from kaiju_graph.rdf.formats import ENDINGS, FORMATS
from kaiju_graph.rdf.terms import Quad

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["parse"]


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

    media_type = FORMATS[ENDINGS[os.path.splitext(file)[1]]].media_type
    parser = ox.parse(text, format=ox.RdfFormat.from_media_type(media_type))
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
