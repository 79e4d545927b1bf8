"""The files of a project as they were at one time, for what outlives a change of them."""

from __future__ import annotations

from kaiju_graph.errors import UnreachableError
from kaiju_graph.project.layout import Project, folder_of

__all__ = ["Snapshot"]


class Snapshot(Project):
    """The files of a project, each read once, and decoded once if it is asked for as text."""

    def __init__(self, project: Project) -> None:
        super().__init__(project.root, project.prefixes)
        files = dict.fromkeys([*project.sources(), *project.texts()])
        self._contents = {file: project.read_bytes(file) for file in files}
        self._texts: dict[str, str] = {}

    def key(self, *others: str) -> str:
        """Return the hash of all the files, and of other texts."""
        return self.content_hash(sorted(self._contents), *others)

    def files(self, folder: str, *endings: str) -> list[str]:
        """Return the files of a folder with one of the endings, as ``Project`` does."""
        inside = (file for file in self._contents if folder_of(file) == folder)
        return sorted(file for file in inside if file.endswith(endings))

    def articles(self) -> list[str]:
        """Return the folders of the articles, as ``Project`` does."""
        ends = (file.rpartition("/") for file in self._contents)
        return sorted(folder for folder, _, name in ends if name == "article.txt")

    def read(self, file: str) -> str:
        """Return the text of a file, as ``Project`` does."""
        if file not in self._texts:
            self._texts[file] = super().read(file)
        return self._texts[file]

    def read_bytes(self, file: str) -> bytes:
        """Return the bytes of a file.

        Raises:
            UnreachableError: the project had no such file.
        """
        if file not in self._contents:
            raise UnreachableError(f"{file}: found no such file when the project was loaded")
        return self._contents[file]
