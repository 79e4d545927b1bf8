"""What is kept between two runs, in a folder of the user's (``KAIJU_CACHE``), named by content.

=====================  =========================================================================
``entries/KEY/``       what sources with that hash say, as ``store`` has written it
``answers/KEY/SUM``    an answer that they gave, after its question in full
``verdicts/KEY``       the report of a validation, as ``verdicts`` has written it
``roots/SUM``          how a project's files looked when they had a KEY: sizes, times, inodes
=====================  =========================================================================

A file or an entry is made beside its place and renamed, so it is whole or not there, and then never
changed; the last line of a file has its checksum, so it is known where a disk has garbled it. A SUM
only shortens a name: the file has in full what it stands for, and that is compared.
"""

from __future__ import annotations

import os
import sys
import time
from zlib import crc32

from kaiju_graph import __version__
from kaiju_graph.project.layout import RDF_ENDINGS
from kaiju_graph.store import files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pyoxigraph as ox

__all__ = [
    "answer_key",
    "find_entry",
    "folder",
    "has_word",
    "locate",
    "open_store",
    "read_answer",
    "read_names",
    "read_prologue",
    "read_subject",
    "record_entry",
    "take_fingerprint",
    "uses_named_graphs",
    "write_answer",
    "write_entry",
]

FORMAT = "7"
"""Part of every look. The number is raised when the same sources would give other files."""
SOURCES = (*RDF_ENDINGS, ".txt", ".rq")
"""How the names of files end, in lower case, that an entry is made of, or is an error to have."""
SLOTS = 2**12
"""How many answers an entry keeps; a newer one takes the place of an older."""
LARGEST = 2**20
"""How many bytes an answer that is kept may have."""
VOLATILE = (b"NOW", b"RAND", b"UUID", b"BNODE", b"SAMPLE")
"""How functions end whose value is another each time: an answer with one is not kept."""
WORDS = bytes(
    code if bytes([code]).isalnum() else ord("_" if chr(code) in "_?$:" else " ")
    for code in range(256)
)
"""Byte → itself in a word (ASCII), ``_`` in a name or at its sign, else a space."""
SETTLED = 0.1
"""Seconds after which another change of a file shows in its time, whatever the file system."""


def folder() -> str:
    """Return ``KAIJU_CACHE``, or the folder that the platform has for caches."""
    if named := os.environ.get("KAIJU_CACHE"):
        return named
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA", os.path.expanduser("~"))
    elif sys.platform == "darwin":
        base = os.path.expanduser("~/Library/Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(base, "kaiju-graph")


def locate(kind: str, name: str | bytes) -> str:
    """Return where something is kept: by its name, or by a sum of what it stands for."""
    if isinstance(name, bytes):
        name = f"{crc32(name):08x}"
    return os.path.join(folder(), kind, name)


def take_fingerprint(root: str) -> tuple[bytes, bool]:
    """Return how all that an entry is made of looks from outside, and whether that can be trusted.

    Returns:
        names, sizes, times and inodes, without reading a file; False where one has only just
        changed, as that it changes again might not show in its time.

    Raises:
        OSError: a folder cannot be read.
    """
    graph = os.path.join(root, "graph")
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    rules = os.path.join(package, "reasoning", "rules")
    # The engine is not imported for this: where it is and since when tells which it is.
    engines = (os.path.join(path, "pyoxigraph") for path in sys.path)
    engine = next(filter(os.path.isdir, engines), sys.prefix)
    with os.scandir(graph) as inside:
        folders = [item.path for item in inside if item.name[0] != "." and item.is_dir()]
    found = [(engine, os.stat(engine))]
    for each in (os.path.join(root, "ontology"), graph, rules, *folders):
        with os.scandir(each) as inside:
            names = (item for item in inside if item.name.lower().endswith(SOURCES))
            found += [(item.path, item.stat()) for item in names if item.name[0] != "."]
    lines = [f"{name} {s.st_size} {s.st_mtime_ns} {s.st_ino}" for name, s in sorted(found)]
    head = f"{FORMAT} {__version__} {os.path.abspath(root)}\n"
    settled = time.time() - max(s.st_mtime for _, s in found) > SETTLED
    return os.fsencode(head + "\n".join(lines)), settled


def find_entry(root: str) -> str | None:
    """Return the folder of the entry of a project whose files look as they did, or None."""
    try:
        seen, _ = take_fingerprint(root)
        key = _under(seen, files.read(locate("roots", os.fsencode(root))))
    except OSError:
        return None
    if key is None:
        return None
    path = locate("entries", key.decode())
    files.touch(path)
    return path


def record_entry(root: str, seen: bytes, key: str) -> None:
    """Keep that the files of a project have an entry as long as they look so.

    Raises:
        OSError: the cache cannot be written.
    """
    files.write(locate("roots", os.fsencode(root)), _title(seen) + key.encode())


def write_entry(key: str, fill: Callable[[str], None]) -> str:
    """Make an entry, in place of one that is there: all of it, or nothing.

    Args:
        key: the hash of what it is made of.
        fill: writes its files into an empty folder.

    Returns:
        its folder.

    Raises:
        OSError: the cache cannot be written.
    """
    path = locate("entries", key)
    made = files.temporary_path(path)
    os.makedirs(made)
    try:
        fill(made)
        files.remove(path)
        os.rename(made, path)
    except BaseException:
        files.remove(made)
        if os.path.isdir(path):  # another process was as fast, with the same content
            return path
        raise
    return path


def open_store(entry: str, *, graphs: bool, memory: bool = False) -> ox.Store:
    """Return the store of an entry, whose blank nodes have the labels that they have in its files.

    Args:
        entry: its folder.
        graphs: whether it is to have the named graphs.
        memory: whether not to take the one on disk, which opens at once and is slow to read.

    Raises:
        OSError: a file of the entry cannot be read, or is not as it was written.
    """
    import pyoxigraph as ox

    if not memory and os.path.isdir(large := os.path.join(entry, "store")):
        try:
            return ox.Store.read_only(large)
        except RuntimeError:  # as which the engine tells what is garbled
            raise files.CorruptError(f"{large} is not as it was written") from None
    store = ox.Store()
    for name in ("merge.nt", "quads.nq") if graphs else ("merge.nt",):
        content = files.read(os.path.join(entry, name))
        # What this package wrote need not be checked again. To load it as text would give blank
        # nodes other labels, each time and in each file.
        store.bulk_extend(ox.parse(content, format=ox.RdfFormat.N_QUADS, lenient=True))
    return store


def read_prologue(entry: str) -> tuple[dict[str, str], list[str]]:
    """Return the prefixes (prefix → namespace IRI) and the language tags of an entry.

    Raises:
        OSError: the file cannot be read, or is not as it was written.
    """
    lines = files.read(os.path.join(entry, "prologue")).decode().splitlines()
    prefixes = dict(line.split(" ", 1) for line in lines if not line.startswith("@"))
    return prefixes, [line[1:] for line in lines if line.startswith("@")]


def read_names(entry: str) -> list[str]:
    """Return the names of an entry, sorted: a key, a tab, the name; without a name it is a CURIE.

    Raises:
        OSError: the file cannot be read, or is not as it was written.
    """
    return files.read(os.path.join(entry, "names")).decode().split("\n")[:-1]


def read_subject(entry: str) -> list[str]:
    """Return what an entry is about: a CURIE, a class, a word of its name; or nothing.

    Raises:
        OSError: the file cannot be read, or is not as it was written.
    """
    return files.read(os.path.join(entry, "subject")).decode().split("\t")


def answer_key(text: str, parameters: Iterable[str], form: str, width: int) -> bytes:
    """Return what an answer depends on beside the entry, as what it is kept under.

    Args:
        text: the SPARQL text.
        parameters: ``name=value``, as they were given.
        form: the format that was asked for.
        width: columns of the terminal; 0 where there is none.
    """
    return "\0".join([form, str(width), text, *parameters]).encode()


def read_answer(entry: str, question: bytes) -> bytes | None:
    """Return the answer that is kept of a question to an entry, or None."""
    try:
        return _under(question, files.read(_slot(entry, question)))
    except OSError:
        return None


def write_answer(entry: str, question: bytes, answer: bytes) -> None:
    """Keep an answer that is the same each time, where it is not too long and can be written."""
    if len(question) + len(answer) > LARGEST or has_word(question, *VOLATILE):
        return
    try:
        files.write(_slot(entry, question), _title(question) + answer)
    except OSError:
        return  # it was given, and is only found anew next time


def uses_named_graphs(text: str) -> bool:
    """Tell whether a query may speak of the named graphs, which are as much again to search."""
    return "GRAPH" in text.upper() or "FROM" in text.upper()


def has_word(text: bytes, *ends: bytes) -> bool:
    """Tell whether a word of a query, outside of names, ends as one of those in capitals.

    Ends as, since the engine takes ``BYNOW()`` for two words.
    """
    words = text.upper().translate(WORDS).split()
    return any(word.endswith(ends) and b"_" not in word for word in words)


def _slot(entry: str, question: bytes) -> str:
    return os.path.join(
        folder(), "answers", os.path.basename(entry), f"{crc32(question) % SLOTS:03x}"
    )


def _title(text: bytes) -> bytes:
    return b"%d %s\n" % (len(text), text)


def _under(text: bytes, whole: bytes) -> bytes | None:
    """Return what stands under a title, or None where the title is another."""
    title = _title(text)
    return whole[len(title) :] if whole.startswith(title) else None
