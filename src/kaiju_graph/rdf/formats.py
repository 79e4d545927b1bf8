"""The formats of RDF graphs, declared once.

The command line reads this table before it knows what to do, so it imports nothing.
"""

from __future__ import annotations

__all__ = ["ALIASES", "DATASETS", "ENDINGS", "FORMATS", "Format"]


class Format:
    """A format of RDF graphs.

    Attributes:
        media_type: its registered media type.
        endings: the endings of the names of its files, first the one to write.
        named_graphs: whether it is a format of datasets, which have named graphs.
        aliases: its other names, beside its endings without the dot.
    """

    def __init__(
        self,
        media_type: str,
        *endings: str,
        named_graphs: bool = False,
        aliases: tuple[str, ...] = (),
    ) -> None:
        self.media_type = media_type
        self.endings = endings
        self.named_graphs = named_graphs
        self.aliases = aliases


FORMATS = {
    "turtle": Format("text/turtle", ".ttl"),
    "trig": Format("application/trig", ".trig", named_graphs=True),
    "ntriples": Format("application/n-triples", ".nt"),
    "nquads": Format("application/n-quads", ".nq", named_graphs=True),
    "jsonld": Format("application/ld+json", ".jsonld", ".json", aliases=("json-ld",)),
    "rdfxml": Format("application/rdf+xml", ".rdf", ".xml"),
}
"""Name → format. To add one, add an entry here and a writer to ``write.WRITERS``."""
DATASETS = tuple(name for name, form in FORMATS.items() if form.named_graphs)
ENDINGS = {ending: name for name, form in FORMATS.items() for ending in form.endings}
"""Ending of a file's name → name of its format."""
ALIASES = {ending[1:]: name for ending, name in ENDINGS.items()} | {
    alias: name for name, form in FORMATS.items() for alias in form.aliases
}
"""Another name of a format → its name."""
