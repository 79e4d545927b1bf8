"""A knowledge graph of an encyclopedia article, in which every triple points to its sentence.

>>> import kaiju_graph as kaiju
>>> kg = kaiju.load()
>>> kg.validate().conforms
True
"""

TYPE_CHECKING = False  # in place of typing's, because importing typing is slow
if TYPE_CHECKING:
    from typing import Any

    from kaiju_graph.api import Answer, KnowledgeGraph, load

__all__ = ["Answer", "KnowledgeGraph", "__version__", "load"]

__version__ = "0.1.0"


def __getattr__(name: str) -> "Any":
    # Every command imports this package, so the rest is imported only when it is used.
    if name in ("Answer", "KnowledgeGraph", "load"):
        from kaiju_graph import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
