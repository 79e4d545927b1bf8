"""Write a picture in one of the formats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaiju_graph.pictures import mermaid, svg

if TYPE_CHECKING:
    from collections.abc import Callable

    from kaiju_graph.pictures.picture import Picture

__all__ = ["WRITERS", "write"]

WRITERS: dict[str, Callable[[Picture], str]] = {"svg": svg.write, "mermaid": mermaid.write}
"""Format → its writer."""


def write(picture: Picture, form: str) -> str:
    """Return a picture as text, the same every time."""
    return WRITERS[form](picture)
