"""What the writers read of a project, which stands above this package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from kaiju_graph.rdf.prefixes import Prefixes

__all__ = ["Files"]


class Files(Protocol):
    """The files of an ontology and its context, and the prefixes: ``project.layout.Project``."""

    prefixes: Prefixes

    def files(self, folder: str, *endings: str) -> list[str]:
        """Return the files of a folder with one of the endings, relative to the root, sorted."""

    def read(self, file: str) -> str:
        """Return the text of a file, given relative to the root."""
