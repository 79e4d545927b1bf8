"""Stage 0: where the files of a project are, and the prefixes that they share.

A project is a folder with ``ontology/``, ``graph/`` and ``queries/``. Nothing is read here but
``ontology/prefixes.ttl``, the only registry of prefixes.
"""

from __future__ import annotations

import os

from kaiju_graph.errors import SourceError, UnreachableError
from kaiju_graph.rdf.prefixes import Prefixes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = [
    "FOLDERS",
    "LAYERS",
    "RDF_ENDINGS",
    "SHACL",
    "Project",
    "find",
    "is_bundled",
    "locate",
    "read_bytes",
    "read_text",
]

FOLDERS = ("ontology", "graph", "queries")
LAYERS = ("stated", "entities", "curated", "evidence", "ontology", "alignments", "inferred")
"""The layers of a graph; a query sees the merge of all but the alignments."""
TURTLE = ("graph/entities.ttl", "graph/dataset.ttl")
"""The only files of ``graph/`` that are read as Turtle."""
RDF_ENDINGS = (".jsonld", ".nq", ".nt", ".rdf", ".trig", ".ttl")
"""How the name of a file ends, in lower case, that holds statements."""
SHACL = "http://www.w3.org/ns/shacl#"


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
        path = self.path(*folder.split("/"))
        names = os.listdir(path) if os.path.isdir(path) else []
        for name in names:
            if not name.isascii() and name != os.fsencode(name).decode(errors="replace"):
                found = "found a file name that is not UTF-8; expected one that is"
                raise SourceError(f"{folder}/{name!a}: {found}")
        return [
            f"{folder}/{name}"
            for name in sorted(names)
            if name.endswith(endings) and not name.startswith(".")
        ]

    def articles(self) -> list[str]:
        """Return the folders of the articles, relative to the root: those with ``article.txt``."""
        return [folder for folder in self._folders() if self._has_article(folder)]

    def sources(self) -> list[str]:
        """Return the files that hold statements, read or not, and the articles that they quote."""
        found = [*self.files("ontology", ".ttl"), *self._statements("graph")]
        for folder in self._folders():
            found += [f"{folder}/article.txt"] if self._has_article(folder) else []
            found += self._statements(folder)
        return found

    def unread_files(self) -> Iterator[tuple[str, str]]:
        """Yield each file of ``graph/`` that holds statements and is not read, and why."""
        for folder in ("graph", *self._folders()):
            for file in self._statements(folder):
                if not file.endswith(".trig") and file not in TURTLE:
                    found = f"found a file of {os.path.splitext(file)[1]}"
                    yield file, f"{found}; expected one of .trig, or {', '.join(TURTLE)}"
                elif folder != "graph" and not self._has_article(folder):
                    missing = "found no article.txt beside it"
                    yield file, f"{missing}; expected the article that it quotes"

    def _statements(self, folder: str) -> list[str]:
        return [file for file in self.files(folder, "") if file.lower().endswith(RDF_ENDINGS)]

    def _folders(self) -> list[str]:
        names = sorted(os.listdir(self.path("graph")))
        shown = (f"graph/{name}" for name in names if not name.startswith("."))
        return [folder for folder in shown if os.path.isdir(self.path(*folder.split("/")))]

    def _has_article(self, folder: str) -> bool:
        return os.path.isfile(self.path(*folder.split("/"), "article.txt"))

    def content_hash(self, files: Iterable[str], *made_by: str) -> str:
        """Return a hash of the names and bytes of files, and of what else decides what they make.

        Raises:
            UnreachableError: a file cannot be read.
        """
        from hashlib import sha256

        digest = sha256("\0".join(made_by).encode())
        for name in files:
            content = read_bytes(self.path(*name.split("/")), name)
            digest.update(f"\0{name}\0{len(content)}\0".encode() + content)
        return digest.hexdigest()[:32]

    def read(self, file: str) -> str:
        """Return the text of a file of the project, given relative to the root."""
        return read_text(self.path(*file.split("/")), file)


def find(root: str | None = None) -> Project:
    """Find the project, as ``locate`` does, and read its prefixes.

    Raises:
        UnreachableError: there is none.
        SourceError: ``ontology/prefixes.ttl`` does not load.
    """
    return _open(locate(root))


def locate(root: str | None = None) -> str:
    """Find the folder: the one given, ``KAIJU_ROOT``, the nearest parent, the bundled copy.

    Args:
        root: a project's folder; None looks for one.

    Raises:
        UnreachableError: the folder given, or named by ``KAIJU_ROOT``, is no project.
    """
    for named, origin in ((root, "--root"), (os.environ.get("KAIJU_ROOT") or None, "KAIJU_ROOT")):
        if named is not None:
            if not (named and _is_project(named)):
                missing = [f"{f}/" for f in FOLDERS if not os.path.isdir(os.path.join(named, f))]
                message = f"{named}: not a project ({origin}): it has no {', '.join(missing)}"
                raise UnreachableError(message)
            return named
    # In a wheel the three folders lie inside the package; beside an editable install, above it.
    for start in (os.getcwd(), os.path.dirname(os.path.abspath(__file__))):
        if folder := _nearest(start):
            return folder
    message = "no project found: expected a folder with ontology/, graph/ and queries/"
    raise UnreachableError(message)


def is_bundled(root: str | None = None) -> bool:
    """Tell whether ``locate`` finds nothing but the copy that lies beside the code."""
    return root is None and not (os.environ.get("KAIJU_ROOT") or _nearest(os.getcwd()))


def read_text(path: str, shown: str | None = None) -> str:
    """Return the text of a source file, which is UTF-8 in NFC with LF, no BOM, and not empty.

    Args:
        path: the file.
        shown: the name that errors give it; the path where None.

    Raises:
        UnreachableError: the file cannot be read.
        SourceError: the bytes are not such a text; the message names file, line and column.
    """
    shown = shown or path
    data = read_bytes(path, shown)
    if data.startswith(b"\xef\xbb\xbf"):
        raise SourceError(
            f"{shown}:1:1: found a byte order mark (U+FEFF); expected UTF-8 without one"
        )
    if b"\r" in data:
        place = _place(data, data.index(b"\r"))
        found = "a carriage return (U+000D)"
        raise SourceError(f"{shown}:{place}: found {found}; expected lines that end in LF")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        place, found = _place(data, error.start), f"byte 0x{data[error.start]:02x}"
        raise SourceError(f"{shown}:{place}: found {found}; expected UTF-8") from None
    if not text.strip():
        raise SourceError(f"{shown}:1: found an empty file; expected {_contents(shown)}")
    if not text.isascii():
        _check_composed(text, shown)
    return text


def read_bytes(path: str, shown: str) -> bytes:
    """Return the bytes of a file.

    Raises:
        UnreachableError: the file cannot be read.
    """
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise UnreachableError(f"{shown}: cannot be read: {error.strerror}") from None


def _place(data: bytes, at: int) -> str:
    """Return line and column, in code points, of a byte; what is before it is UTF-8."""
    before = data[:at].decode(errors="replace")
    return f"{before.count(chr(10)) + 1}:{len(before.rpartition(chr(10))[2]) + 1}"


def _check_composed(text: str, shown: str) -> None:
    from unicodedata import is_normalized, normalize

    if is_normalized("NFC", text):
        return
    for number, line in enumerate(text.split("\n"), 1):
        if not is_normalized("NFC", line):
            composed = normalize("NFC", line)
            at = next(i for i, (a, b) in enumerate(zip(line, composed, strict=False)) if a != b)
            points = " ".join(f"U+{ord(c):04X}" for c in line[at : at + 2])
            message = (
                f"{shown}:{number}:{at + 1}: found a decomposed character near "
                f"{line[at : at + 2]!r} ({points}); "
                f"expected {composed[at]!r} (U+{ord(composed[at]):04X}, Unicode NFC)"
            )
            raise SourceError(message)


def _contents(shown: str) -> str:
    endings = {".ttl": "Turtle", ".trig": "TriG", ".rq": "a SPARQL query", ".jsonld": "JSON"}
    return endings.get(os.path.splitext(shown)[1], "text")


def _is_project(folder: str) -> bool:
    return all(os.path.isdir(os.path.join(folder, name)) for name in FOLDERS)


def _nearest(folder: str) -> str | None:
    while not _is_project(folder):
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent
    return folder


def _open(root: str) -> Project:
    import pyoxigraph as ox

    file = "ontology/prefixes.ttl"
    declared: dict[str, dict[str, str]] = {}
    try:
        for quad in ox.parse(Project(root, {}).read(file), format=ox.RdfFormat.TURTLE):
            if quad.predicate.value in (SHACL + "prefix", SHACL + "namespace"):
                key = quad.predicate.value.removeprefix(SHACL)
                declared.setdefault(str(quad.subject), {})[key] = quad.object.value
    except SyntaxError as error:
        raise SourceError.of_syntax(file, error) from None
    prefixes = {
        declaration["prefix"]: declaration["namespace"]
        for declaration in declared.values()
        if "prefix" in declaration and "namespace" in declaration
    }
    return Project(root, prefixes)
