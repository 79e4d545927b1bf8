"""Parse text in a graph format; blank nodes get the same labels in every run."""

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
    """Parse the text of a file in the format of its ending.

    Labels of blank nodes are made from the file's name and the order of appearance, so that they
    differ between files.

    Args:
        file: the file's name.
        text: its content.
        default: the graph of triples that stand in no named graph.

    Raises:
        SourceError: the text does not parse; the message names file and line.
    """
    stem = "".join(c if c.isascii() and c.isalnum() else f"_{ord(c):x}_" for c in file)
    stem = stem.replace("_2f_", ".").replace("_2e_", ".").replace("_2d_", "-").lstrip(".-")
    labels: dict[object, ox.BlankNode] = {}

    def relabel(term: Any) -> Any:
        if isinstance(term, ox.BlankNode):
            return labels.setdefault(term, ox.BlankNode(f"{stem}.{len(labels) + 1}"))
        return term

    media_type = FORMATS[ENDINGS[os.path.splitext(file)[1]]].media_type
    try:
        for quad in ox.parse(text, format=ox.RdfFormat.from_media_type(media_type)):
            graph: Any = quad.graph_name
            yield Quad(
                relabel(quad.subject),
                quad.predicate,
                relabel(quad.object),
                default if isinstance(graph, ox.DefaultGraph) else relabel(graph),
            )
    except SyntaxError as error:
        raise SourceError.of_syntax(file, error) from None
