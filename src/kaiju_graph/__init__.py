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
    from kaiju_graph.data_graph import DataGraph, load_data
    from kaiju_graph.remote_graph import RemoteGraph

__all__ = [
    "Answer",
    "DataGraph",
    "KnowledgeGraph",
    "RemoteGraph",
    "__version__",
    "load",
    "load_data",
]

__version__ = "0.1.0"


def __getattr__(name: str) -> "Any":
    # Every command imports this package, so the rest is imported only when it is used.
    if name in ("Answer", "KnowledgeGraph", "load"):
        from kaiju_graph import api

        return getattr(api, name)
    if name in ("DataGraph", "load_data"):
        from kaiju_graph import data_graph

        return getattr(data_graph, name)
    if name == "RemoteGraph":
        from kaiju_graph.remote_graph import RemoteGraph

        return RemoteGraph
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
