"""The files of a project and its prefixes.

A project is a folder with ``ontology/``, ``graph/`` and ``queries/``. It declares its prefixes in
``ontology/prefixes.ttl``, and those of an article in ``prefixes.ttl`` in the folder of the article.
"""

from __future__ import annotations

import os

from kaiju_graph.errors import LimitError, SourceError, UnknownNameError, UnreachableError
from kaiju_graph.project.location import (
    FOLDERS,
    RDF_ENDINGS,
    locate,
    read_regular,
    resolve_inside,
)
from kaiju_graph.rdf.prefixes import Prefixes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = [
    "DATASET",
    "LAYERS",
    "SHACL",
    "SHARED",
    "Project",
    "check_depth",
    "check_number",
    "decode",
    "find",
    "folder_of",
    "read_bytes",
    "unknown_article",
]

SHARED = "graph"
"""The folder of what all articles share."""
DATASET = f"{SHARED}/dataset.ttl"
"""The description of the dataset."""
TURTLE = {SHARED: ("entities.ttl", "dataset.ttl"), "article": ("entities.ttl", "prefixes.ttl")}
"""The only files that are read as Turtle, in ``graph/`` and in the folder of an article."""
TEXT_FOLDERS = (
    "ontology",
    *(f"ontology/{name}" for name in ("pictures", "profiles", "shapes")),
    "queries",
)
"""The folders of the files besides those of ``graph/``."""
MAX_FILES = 2**16
"""How many files a project, and a folder of it, may have."""
MAX_DEPTH = 16
"""How deep folders may be nested."""
HIDDEN = ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp")
"""Categories of characters that a file name must not have: control, format, line end and others."""
LANGUAGES = {".ttl": "Turtle", ".trig": "TriG", ".rq": "a SPARQL query", ".jsonld": "JSON"}
REMEDY = "; kaiju validate --fix mends it"
"""The end of the message for a text of which another form says the same."""
SHACL = "http://www.w3.org/ns/shacl#"
LAYERS = {
    "stated": "",
    "entities": "entities",
    "curated": "curation",
    "evidence": "evidence",
    "ontology": "ontology",
    "alignments": "alignments",
    "inferred": "inferred",
}
"""Layer → local name of its graph; a stated graph has the name of its passage.

A query sees the merge of all layers but the alignments.
"""


def folder_of(file: str) -> str:
    """Return the folder of a file of a project."""
    return file.rpartition("/")[0]


class Project:
    """A project's root folder and its prefixes (prefix → namespace IRI)."""

    def __init__(self, root: str, prefixes: Mapping[str, str]) -> None:
        self.root = root
        self.prefixes = Prefixes(prefixes)

    def path(self, *parts: str) -> str:
        """Return the path of a file or folder of the project."""
        return os.path.join(self.root, *parts)

    def files(self, folder: str, *endings: str) -> list[str]:
        """Return the files of a folder with one of the endings, relative to the root, sorted.

        A folder that does not exist has no files.
        """
        return [f"{folder}/{name}" for name in self._names(folder) if name.endswith(endings)]

    def articles(self) -> list[str]:
        """Return the folders with an ``article.txt``, relative to the root."""
        return [folder for folder in self._folders() if self._has_article(folder)]

    def other_articles(self, name: str) -> set[str]:
        """Return the folders of all articles but one, relative to the root.

        Args:
            name: the last segment of the folder of that article.

        Raises:
            UnknownNameError: there is no such article.
        """
        folders = {folder.rpartition("/")[2]: folder for folder in self.articles()}
        if name not in folders:
            raise unknown_article(name, folders)
        return {*folders.values()} - {folders[name]}

    def registries(self) -> list[str]:
        """Return the files that declare prefixes: that of the ontology, and those of articles."""
        files = (f"{folder}/prefixes.ttl" for folder in self.articles())
        return ["ontology/prefixes.ttl", *(f for f in files if os.path.exists(self.path(f)))]

    def sources(self) -> list[str]:
        """Return all RDF files, including those that are not read, and the articles.

        Raises:
            LimitError: there are more than ``MAX_FILES``.
        """
        files = [*self.files("ontology", ".ttl"), *self._rdf_files("graph")]
        for folder in self._folders():
            files += [f"{folder}/article.txt"] if self._has_article(folder) else []
            files += self._rdf_files(folder)
            check_number(len(files), "graph")
        return files

    def texts(self, *endings: str) -> list[str]:
        """Return the other files that are read: ontologies, shapes, contexts and queries.

        Args:
            endings: more endings of files in the same folders.
        """
        endings = (".jsonld", ".rq", ".ttl", *endings)
        return [file for folder in TEXT_FOLDERS for file in self.files(folder, *endings)]

    def all_files(self, folder: str) -> Iterator[str]:
        """Yield all files below a folder that are not hidden, relative to the root, sorted.

        Raises:
            LimitError: folders are nested more than ``MAX_DEPTH`` deep.
        """
        check_depth(folder, folder)
        for name in self._names(folder):
            path = f"{folder}/{name}"
            if os.path.isdir(self.path(path)):
                yield from self.all_files(path)
            else:
                yield path

    def owns(self, path: str) -> bool:
        """Tell whether a path is one of the project's files, or lies in one of its folders.

        Other spellings of a path, links and hard links do not hide that.
        """
        parent, tops = os.path.realpath(path), [self.path(folder) for folder in FOLDERS]
        while parent != os.path.dirname(parent):
            parent = os.path.dirname(parent)
            if os.path.exists(parent) and any(os.path.samefile(parent, top) for top in tops):
                return True
        if not os.path.exists(path):
            return False
        files = ["LICENSE", *(file for folder in FOLDERS for file in self.all_files(folder))]
        existing = filter(os.path.exists, map(self.path, files))
        return any(os.path.samefile(path, file) for file in existing)

    def unread_files(self) -> Iterator[tuple[str, str]]:
        """Yield each RDF file of ``graph/`` that is not read, and the reason."""
        for folder in (SHARED, *self._folders()):
            names = TURTLE[SHARED if folder == SHARED else "article"]
            turtle = [f"{folder}/{name}" for name in names]
            for file in self._rdf_files(folder):
                if not file.endswith(".trig") and file not in turtle:
                    found = f"found a {os.path.splitext(file)[1]} file"
                    yield file, f"{found}; expected a .trig file, or {', '.join(turtle)}"
                elif folder != SHARED and not self._has_article(folder):
                    missing = "found no article.txt beside it"
                    yield file, f"{missing}; expected the article that it quotes"

    def _rdf_files(self, folder: str) -> list[str]:
        return [file for file in self.files(folder, "") if file.lower().endswith(RDF_ENDINGS)]

    def _folders(self) -> list[str]:
        return [folder for folder in self.files("graph", "") if os.path.isdir(self.path(folder))]

    def _has_article(self, folder: str) -> bool:
        return os.path.isfile(self.path(folder, "article.txt"))

    def _names(self, folder: str) -> list[str]:
        """Return the names in a folder that are not hidden, sorted; none if it does not exist."""
        if not os.path.isdir(self.path(folder)):
            return []
        from itertools import islice

        with os.scandir(resolve_inside(self.path(folder), folder, self.root)) as items:
            names = [item.name for item in islice(items, MAX_FILES + 1)]
        check_number(len(names), folder)
        names = sorted(name for name in names if not name.startswith("."))
        for name in names:
            if not _is_visible(name):
                message = "found a file name that is not visible UTF-8; expected one that is"
                raise SourceError(f"{folder}/{name!a}: {message}")
        return names

    def content_hash(self, files: Iterable[str], *others: str) -> str:
        """Return a hash of the names and bytes of files, and of other texts.

        Raises:
            UnreachableError: a file cannot be read.
        """
        from hashlib import sha256

        digest = sha256("\0".join(others).encode())
        for name in files:
            content = self.read_bytes(name)
            digest.update(f"\0{name}\0{len(content)}\0".encode() + content)
        return digest.hexdigest()[:32]

    def read(self, file: str) -> str:
        """Return the text of a file of the project, given relative to the root."""
        return decode(self.read_bytes(file), file)

    def read_bytes(self, file: str) -> bytes:
        """Return the bytes of a file of the project, given relative to the root.

        Raises:
            UnreachableError: the file cannot be read.
            SourceError: it is not a regular file inside the root.
            LimitError: it is too long.
        """
        return read_bytes(self.path(file), file, root=self.root)


def find(root: str | None = None) -> Project:
    """Find the project, as ``locate`` does, and read its prefixes.

    Raises:
        UnreachableError: there is none.
        SourceError: a file of prefixes does not load, or a prefix is declared twice.
    """
    from kaiju_graph.project.registry import read_declarations
    from kaiju_graph.rdf import guard

    project = Project(locate(root), {})
    texts = {file: project.read(file) for file in project.registries()}
    prefixes = {}
    for declaration in read_declarations(texts):
        if declaration.reason:
            place = guard.place(declaration.file, texts[declaration.file], declaration.offset)
            raise SourceError(f"{place}: {declaration.reason}")
        prefixes[declaration.prefix] = declaration.namespace
    return Project(project.root, prefixes)


def decode(data: bytes, name: str) -> str:
    """Return the text of a source file: UTF-8, NFC, lines that end in LF, no BOM, not empty.

    Args:
        data: its bytes.
        name: its name in error messages.

    Raises:
        SourceError: the bytes are not such a text; the message names file, line and column.
    """
    if data.startswith(b"\xef\xbb\xbf"):
        message = f"found a byte order mark (U+FEFF); expected UTF-8 without one{REMEDY}"
        raise SourceError(f"{name}:1:1: {message}")
    if b"\r" in data:
        place = _place(data, data.index(b"\r"))
        message = "found a carriage return (U+000D); expected lines that end in LF"
        message += REMEDY if b"\r\n" in data else ""
        raise SourceError(f"{name}:{place}: {message}")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        message = f"found byte 0x{data[error.start]:02x}; expected UTF-8"
        raise SourceError(f"{name}:{_place(data, error.start)}: {message}") from None
    if not text.strip():
        language = LANGUAGES.get(os.path.splitext(name)[1], "text")
        raise SourceError(f"{name}:1: found an empty file; expected {language}")
    if not text.isascii():
        _check_composed(text, name)
    return text


def read_bytes(path: str, name: str, *, root: str | None = None) -> bytes:
    """Return the bytes of a file, as ``read_regular`` does.

    Raises:
        UnreachableError: the file cannot be read.
        SourceError: it is not a regular file, or does not lie in the project's folder.
        LimitError: it is too long.
    """
    try:
        return read_regular(path, name, root=root)
    except OSError as error:
        raise UnreachableError(f"{name}: cannot be read: {error.strerror}") from None


def _is_visible(name: str) -> bool:
    """Tell whether a name has only characters that show, and spaces (Unicode, table 4-4)."""
    if name.isprintable():
        return True
    from unicodedata import category

    return not any(category(character) in HIDDEN for character in name)


def unknown_article(name: str, known: Iterable[str]) -> UnknownNameError:
    """Return the error for an article that is not among the known ones."""
    from kaiju_graph.project.spelling import did_you_mean

    names = sorted(known)
    hint = did_you_mean(name, names) or f"; expected {' or '.join(names) or 'a project with one'}"
    return UnknownNameError(f"no article {name!r}{hint}")


def check_depth(folder: str, place: str) -> None:
    """Check that a folder is nested less than ``MAX_DEPTH`` deep.

    Raises:
        LimitError: it is nested deeper; the message begins with its place.
    """
    if folder.count("/") >= MAX_DEPTH:
        raise LimitError(f"{place}: found folders nested deeper than {MAX_DEPTH}")


def check_number(files: int, place: str) -> None:
    """Check that a project or folder has at most ``MAX_FILES`` files.

    Raises:
        LimitError: it has more; the message begins with its place.
    """
    if files > MAX_FILES:
        raise LimitError(f"{place}: found more than {MAX_FILES:,} files; expected no more")


def _place(data: bytes, at: int) -> str:
    """Return the line and column, in code points, of a byte that follows valid UTF-8."""
    from kaiju_graph.rdf.lines import line_column  # only errors need it

    before = data[:at].decode(errors="replace")
    return line_column(before, len(before))


def _check_composed(text: str, name: str) -> None:
    from unicodedata import normalize

    composed = normalize("NFC", text)
    if composed == text:
        return
    at = next(i for i, (a, b) in enumerate(zip(text, composed, strict=False)) if a != b)
    points = " ".join(f"U+{ord(c):04X}" for c in text[at : at + 2])
    raise SourceError(
        f"{name}:{_place(text.encode(), len(text[:at].encode()))}: found a decomposed character "
        f"near {text[at : at + 2]!r} ({points}); "
        f"expected {composed[at]!r} (U+{ord(composed[at]):04X}, Unicode NFC){REMEDY}"
    )
