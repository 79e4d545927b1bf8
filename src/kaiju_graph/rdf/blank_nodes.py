"""Labels of blank nodes that are the same in every run, and differ between files."""

from __future__ import annotations

import pyoxigraph as ox

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["Labels"]


class Labels:
    """The labels of the blank nodes of a file: its name, and a number in order of appearance."""

    def __init__(self, file: str) -> None:
        stem = "".join(c if c.isascii() and c.isalnum() else f"_{ord(c):x}_" for c in file)
        stem = stem.replace("_2f_", ".").replace("_2e_", ".").replace("_2d_", "-")
        self._stem = f"f{stem}" if stem[:1] in (".", "-") else stem
        self._known: dict[object, ox.BlankNode] = {}

    def relabel(self, term: Any) -> Any:
        """Return the term; a blank node gets its label here."""
        if isinstance(term, ox.BlankNode):
            return self._known.setdefault(
                term, ox.BlankNode(f"{self._stem}.{len(self._known) + 1}")
            )
        return term
