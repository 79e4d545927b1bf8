"""Parse text in a graph format; blank nodes get the same labels in every run."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from kaiju_graph.errors import SourceError
from kaiju_graph.rdf import guard
from kaiju_graph.rdf.blank_nodes import Labels
from kaiju_graph.rdf.formats import ENDINGS, FORMATS
from kaiju_graph.rdf.terms import Quad

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["parse"]

VERSIONED = ("turtle", "trig", "ntriples", "nquads")
"""The formats that have a VERSION in RDF 1.2, which leaves no trace in the quads."""


def parse(  # noqa: PLR0913 (the first three are what a file of a project needs)
    file: str,
    text: str | bytes,
    default: ox.NamedNode,
    *,
    form: str = "",
    base: str | None = None,
    prefixes: dict[str, str] | None = None,
) -> Iterator[Quad]:
    """Parse the text of a file, RDF 1.1 in the format of its ending.

    Labels of blank nodes are made from the file's name and the order of appearance, so that they
    differ between files.

    Args:
        file: the file's name.
        text: its content.
        default: the graph of triples that stand in no named graph.
        form: the name of its format; empty is that of its ending.
        base: the IRI that resolves relative ones.
        prefixes: receives the prefixes that the text declares, when all is read.

    Raises:
        SourceError: the text does not parse, has syntax of RDF 1.2, nests too deeply, or has too
            long a literal; the message names file and line.
    """
    form = form or ENDINGS[os.path.splitext(file)[1]]
    content = _decode(file, text) if isinstance(text, bytes) else text
    guard.check(file, content, form)
    relabel = Labels(file).relabel

    def is_rdf12(term: Any) -> bool:
        return isinstance(term, ox.Triple) or bool(getattr(term, "direction", None))

    def rdf12_error() -> SourceError:
        place = guard.place(file, content, guard.find_rdf12(content, form))
        return SourceError(f"{place}: found syntax of RDF 1.2; expected RDF 1.1")

    may_have_version = form in VERSIONED and "version" in content.lower()
    if may_have_version and guard.find_rdf12(content, form) is not None:
        raise rdf12_error()
    media_type = FORMATS[form].media_type
    try:
        read = ox.parse(text, format=ox.RdfFormat.from_media_type(media_type), base_iri=base)
        for quad in read:
            if is_rdf12(quad.object):
                raise rdf12_error()
            graph: Any = quad.graph_name
            yield Quad(
                relabel(quad.subject),
                quad.predicate,
                relabel(quad.object),
                default if isinstance(graph, ox.DefaultGraph) else relabel(graph),
            )
        if prefixes is not None:
            prefixes |= read.prefixes
    except SyntaxError as error:
        from kaiju_graph.rdf.syntax_errors import explain

        raise SourceError(explain(file, content, form, error)) from None
    except MemoryError:
        place = guard.place(file, content, guard.find_long_token(content, form))
        most = f"{guard.MAX_TOKEN >> 20} MiB"
        raise SourceError(f"{place}: found more than {most} in a term; expected less") from None


def _decode(file: str, content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        before = content[: error.start].decode()
        place = guard.place(file, before, len(before))
        found = f"found byte {content[error.start]:#x}"
        raise SourceError(f"{place}: {found}; expected UTF-8") from None
