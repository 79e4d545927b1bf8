"""Locate the quads of a project in its files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kaiju_graph.project.sources import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kaiju_graph.project.layout import Project
    from kaiju_graph.project.positions import Places
    from kaiju_graph.project.sources import Sources
    from kaiju_graph.rdf.terms import Quad

    Recall = Callable[[str, Iterable[str], Callable[[], Any]], Any]

__all__ = ["Locator"]


class Locator:
    """The places of a project's quads; a file is read when first needed.

    Args:
        project: the project.
        sources: its sources.
        recall: returns the value of a function, perhaps from a memory, given its name, all the
            texts that it reads, and the function.
    """

    def __init__(
        self,
        project: Project,
        sources: Sources,
        recall: Recall = lambda _name, _inputs, make: make(),
    ) -> None:
        self.project = project
        self.sources = sources
        self._recall = recall
        self._known: dict[str, Places] = {}

    def place(self, file: str, quad: Quad | None, part: str = "object") -> Place:
        """Return the place of a quad in a file, or the beginning of the file.

        Args:
            file: the file, relative to the root.
            quad: the quad; None for the beginning of the file.
            part: ``subject``, ``predicate``, ``object`` or ``graph``.
        """
        if quad is None or file not in self.sources.files:
            return Place(file, 1, 1)
        text, source = self.project.read(file), self.sources.files[file]
        default = source.default
        inputs = (file, text, str(default), *map(str, quad), part)

        def find() -> Place:
            from kaiju_graph.project.positions import find_places

            if file not in self._known:
                found = find_places(file, text, default, source.form, source.base)
                self._known[file] = found
            return self._known[file].nearest(quad, part) or Place(file, 1, 1)

        place: Place = self._recall("place", inputs, find)
        return place

    def place_inside(self, file: str, quad: Quad, offset: int) -> Place:
        """Return the place of a character of a literal, the object of a quad in a file.

        Args:
            file: the file, relative to the root.
            quad: the quad.
            offset: the offset of the character in the value of the literal, from 0.
        """
        from kaiju_graph.project.positions import find_character

        return find_character(self.project.read(file), self.place(file, quad), offset)
