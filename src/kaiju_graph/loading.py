"""Stage 12, beside knowledge: where a project is → its knowledge graph."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from kaiju_graph import project
from kaiju_graph.knowledge import KnowledgeGraph
from kaiju_graph.store import MERGED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["load"]


def load(
    root: str | os.PathLike[str] | None = None,
    layers: Iterable[str] = MERGED,
    progress: Callable[[str], None] = lambda _: None,
    *,
    trusting: bool = True,
    memory: bool = True,
) -> KnowledgeGraph:
    """Return the knowledge graph of a project.

    Args:
        root: the project's folder; None looks for ``KAIJU_ROOT``, the nearest parent folder
            that is one, and the copy that the package carries.
        layers: the layers that the default graph merges.
        progress: is told what is being done, where it may take more than a moment.
        trusting: believe that files whose sizes, times and inodes are as before have not changed.
        memory: hold a large graph in memory: slower to open, faster to ask again and again.

    Raises:
        UnreachableError: there is no project.
        UnknownNameError: there is no such layer.
    """
    found = project.find(None if root is None else os.fspath(root))
    return KnowledgeGraph(found, layers, progress, trusting=trusting, memory=memory)
