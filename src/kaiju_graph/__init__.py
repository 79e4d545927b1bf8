"""A knowledge graph of a document whose every triple points to the words that say it.

>>> import kaiju_graph as kaiju
>>> kg = kaiju.load()
>>> kg.validate().conforms
True
"""

from __future__ import annotations

TYPE_CHECKING = False  # as typing's, whose import costs as much as an answer
if TYPE_CHECKING:
    from typing import Any

    from kaiju_graph.api import Answer, KnowledgeGraph, load

__all__ = ["Answer", "KnowledgeGraph", "__version__", "load"]

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    # The command imports this package at each start: the rest is imported when asked for.
    if name in ("Answer", "KnowledgeGraph", "load"):
        from kaiju_graph import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
