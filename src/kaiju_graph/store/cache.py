"""The cache between runs: a folder of the user (``KAIJU_CACHE``) with files named by content.

=====================  =========================================================================
``entries/KEY/``       the quads of sources with that hash, as ``store`` writes them
``answers/KEY/SUM``    an answer of that entry, after its question in full
``verdicts/KEY``       the report of a validation, as ``validation.report_cache`` writes it
``memories/SUM``       what the last validation found, as ``validation.memory`` writes it
``roots/SUM``          the KEY of a project, after its fingerprint: sizes, times and inodes of files
=====================  =========================================================================

A file or an entry gets its name only when it is complete, and it never changes after that. The last
line of a file is its checksum, which shows damage on the disk. A SUM is a short checksum of a name;
the file begins with the full name, which is compared. Other processes write and remove files at the
same time, so a file may disappear at any moment.

Every answer needs this module, so it imports little.
"""

import os
import stat
import sys
import time
from zlib import crc32

from kaiju_graph import __version__
from kaiju_graph.project.location import RDF_ENDINGS
from kaiju_graph.store import files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import pyoxigraph as ox

__all__ = [
    "UntrustedError",
    "answer_key",
    "find_entry",
    "find_library",
    "folder",
    "has_word",
    "locate",
    "open_store",
    "read_answer",
    "read_names",
    "read_prologue",
    "read_subject",
    "record_entry",
    "slot",
    "take_fingerprint",
    "uses_named_graphs",
    "write_answer",
]

FORMAT = "12"
"""Part of every fingerprint and key; raised when the same sources would give other files."""
SOURCES = (*RDF_ENDINGS, ".txt", ".rq")
"""The endings, in lower case, of the files that make up an entry or are an error."""
KINDS = ("entries", "answers", "verdicts", "memories", "roots")
SLOTS = 2**12
"""How many answers an entry keeps; a new one may replace an old one."""
MAX_ANSWER = 2**20
"""How many bytes an answer in the cache may have."""
VOLATILE = (b"NOW", b"RAND", b"UUID", b"BNODE", b"SAMPLE")
"""The ends of the names of functions whose value differs each time; answers are not kept."""
WORDS = bytes(
    code if bytes([code]).isalnum() else ord("_" if chr(code) in "_?$:" else " ")
    for code in range(256)
)
"""Byte → itself if it is a letter or digit, ``_`` if it marks a name (``_?$:``), else a space."""
BLANK_BELOW = b"\n\n"
"""What stands in ``merge.nt`` between the lines without blank nodes and those with them."""
SETTLED = 0.1
"""Seconds after which a further change of a file shows in its time, on any file system."""


class UntrustedError(OSError):
    """Others may have written the cache, so it is not used."""


def folder() -> str:
    """Return ``KAIJU_CACHE``, or the folder that the platform has for caches."""
    if path := os.environ.get("KAIJU_CACHE"):
        return path
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA", os.path.expanduser("~"))
    elif sys.platform == "darwin":
        base = os.path.expanduser("~/Library/Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME", "")
        if not os.path.isabs(base):  # which is to be ignored (XDG Base Directory, 0.8)
            base = os.path.expanduser("~/.cache")
    return os.path.join(base, "kaiju-graph")


def locate(kind: str, name: str | bytes | None = None) -> str:
    """Return the path of a file or folder of the cache.

    Args:
        kind: one of ``KINDS``.
        name: its name, or bytes whose checksum is its name; None is the folder of the kind.

    Raises:
        UntrustedError: others may have written the cache.
    """
    top = _trusted_folder()
    return os.path.join(top, kind) if name is None else _locate_item(top, kind, name)


def _locate_item(top: str, kind: str, name: str | bytes) -> str:
    if isinstance(name, bytes):
        name = f"{crc32(name):08x}"
    path = os.path.join(top, kind, name)
    if kind == "entries":  # a folder; ``files.read`` checks files
        _check_owner(path)
    return path


def _trusted_folder() -> str:
    """Return the folder of the cache; it need not exist."""
    top = folder()
    if not os.path.isabs(top):  # it would be another one in each folder, such as a stranger's
        found = "found a relative folder (KAIJU_CACHE); expected an absolute one"
        raise UntrustedError(f"{top}: {found}; the cache is not used")
    _check_owner(top, os.stat)
    for kind in KINDS:
        _check_owner(os.path.join(top, kind))
    return top


def _check_owner(path: str, status_of: "Callable[[str], os.stat_result]" = os.lstat) -> None:
    """Raise an error if somebody else may have written a folder, or if it is none."""
    try:
        status = status_of(path)
    except OSError:  # it does not exist, or reading and writing report it
        return
    if stat.S_ISLNK(status.st_mode):
        found = "a link; expected a folder"
    elif not stat.S_ISDIR(status.st_mode):
        found = "a file; expected a folder"
    elif sys.platform == "win32":  # which has neither owners nor modes of this kind
        return
    elif status.st_uid != os.getuid():
        found = "a folder of another user; expected one of your own (KAIJU_CACHE names it)"
    elif status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        found = "a folder that others can write to; expected mode 0700 (chmod 700 mends it)"
    else:
        return
    raise UntrustedError(f"{path}: found {found}; the cache is not used")


def take_fingerprint(root: str) -> tuple[bytes, bool]:
    """Return names, sizes, times and inodes of all files that make up an entry, without reading.

    It also says which names are links, so that a file that is replaced by a link to it is read
    again.

    Returns:
        the fingerprint, and whether it is safe to keep: False if a file has just changed, because
        another change might not show in its time.

    Raises:
        OSError: a folder cannot be read.
    """
    graph = os.path.join(root, "graph")
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    engine = find_library("pyoxigraph")
    with os.scandir(graph) as items:
        articles = [item.path for item in items if item.name[0] != "." and item.is_dir()]
    stats = [(engine, os.stat(engine))]
    rules = os.path.join(package, "reasoning", "rules")
    folders = [os.path.join(root, "ontology"), graph, rules, *articles]
    links = [*filter(os.path.islink, folders)]
    for folder_ in folders:
        with os.scandir(folder_) as items:
            for item in items:
                if item.name.lower().endswith(SOURCES) and item.name[0] != ".":
                    stats.append((item.path, item.stat()))
                    if item.is_symlink():
                        links.append(item.path)
    lines = [f"{name} {s.st_size} {s.st_mtime_ns} {s.st_ino}" for name, s in sorted(stats)]
    head = f"{FORMAT} {__version__} {os.path.abspath(root)} {sorted(links)}\n"
    settled = time.time() - max(s.st_mtime for _, s in stats) > SETTLED
    return os.fsencode(head + "\n".join(lines)), settled


def find_library(name: str) -> str:
    """Return the folder of a library, whose time stands for its version.

    To import the library would cost more than an answer.
    """
    folders = (os.path.join(path, name) for path in sys.path)
    return next(filter(os.path.isdir, folders), sys.prefix)


def find_entry(root: str, *, outdated: bool = False) -> str | None:
    """Return the folder of a project's entry, or None.

    Args:
        root: the project's root.
        outdated: whether the project's files may have changed since the entry was written.
    """
    try:
        top = _trusted_folder()  # once, as every answer comes here
        record = files.read(_locate_item(top, "roots", os.fsencode(root)))
        if outdated:
            length, _, rest = record.partition(b" ")
            key: bytes | None = rest[int(length) + 1 :]
        else:
            key = _after_title(take_fingerprint(root)[0], record)
        if key is None:
            return None
        path = _locate_item(top, "entries", key.decode())
    except (OSError, ValueError):
        return None
    files.touch(path)
    return path


def record_entry(root: str, fingerprint: bytes, key: str) -> None:
    """Record that a project has an entry as long as its files have this fingerprint.

    Raises:
        OSError: the cache cannot be written.
    """
    files.write(locate("roots", os.fsencode(root)), _title(fingerprint) + key.encode())


def open_store(
    entry: str, *, graphs: bool, memory: bool = False, encoded: bool = False
) -> "ox.Store":
    """Return the store of an entry; blank nodes have the same labels as in its files.

    Args:
        entry: its folder.
        graphs: whether the store has the named graphs.
        memory: whether to load into memory even if the entry has a store on disk, which opens at
            once but is slower to query.
        encoded: whether literals of the entry are encoded, as its prologue says.

    Raises:
        OSError: a file of the entry cannot be read, or is damaged.
    """
    import pyoxigraph as ox

    if not memory and os.path.isdir(large := os.path.join(entry, "store")):
        try:
            return ox.Store.read_only(large)
        except RuntimeError:  # the engine finds damaged files
            raise files.CorruptError(f"{large} is damaged") from None
    store = ox.Store()
    # Lenient: the texts were valid when they were written. ``load`` is the fastest, but it gives
    # blank nodes new labels, different ones in each file.
    named, _, blank = files.read(os.path.join(entry, "merge.nt")).partition(BLANK_BELOW)
    store.load(named, format=ox.RdfFormat.N_QUADS, lenient=True)
    store.extend(ox.parse(blank, format=ox.RdfFormat.N_QUADS, lenient=True))
    if graphs:
        quads = files.read(os.path.join(entry, "quads.nq"))
        store.bulk_extend(ox.parse(quads, format=ox.RdfFormat.N_QUADS, lenient=True))
    if encoded:
        from kaiju_graph.rdf.lexical_forms import mark

        mark(store)
    return store


def read_prologue(entry: str) -> tuple[dict[str, str], list[str], bool]:
    """Return what a query needs to know of an entry besides its quads.

    Returns:
        the prefixes (prefix → namespace IRI), the language tags, and whether it has literals that
        are encoded (``rdf.lexical_forms``), for which a query must be rewritten.

    Raises:
        OSError: the file cannot be read, or is damaged.
    """
    lines = files.read(os.path.join(entry, "prologue")).decode().splitlines()
    prefixes = dict(line.split(" ", 1) for line in lines if line[0] not in "@^")
    return prefixes, [line[1:] for line in lines if line[0] == "@"], "^^" in lines


def read_names(entry: str) -> list[str]:
    """Return the names of an entry, sorted: folded name, tab, name; or CURIE, tab.

    Raises:
        OSError: the file cannot be read, or is damaged.
    """
    return files.read(os.path.join(entry, "names")).decode().split("\n")[:-1]


def read_subject(entry: str) -> list[str]:
    """Return what an entry is about: a CURIE, a class and a word of its name, or an empty list.

    Raises:
        OSError: the file cannot be read, or is damaged.
    """
    return files.read(os.path.join(entry, "subject")).decode().split("\t")


def answer_key(text: str, parameters: "Iterable[str]", form: str, width: int) -> bytes:
    """Return the key of an answer: all that it depends on besides the entry.

    Args:
        text: the SPARQL text.
        parameters: ``name=value``, as the user gives them.
        form: the requested format.
        width: columns of the terminal; 0 where there is none.
    """
    return "\0".join([form, str(width), text, *parameters]).encode()


def read_answer(entry: str, key: bytes) -> bytes | None:
    """Return the answer that an entry has under a key, or None."""
    try:
        return _after_title(key, files.read(_answer_path(entry, key)))
    except OSError:
        return None


def write_answer(entry: str, key: bytes, answer: bytes) -> None:
    """Write an answer, unless it is too long, may differ next time, or cannot be written."""
    if len(key) + len(answer) > MAX_ANSWER or has_word(key, *VOLATILE):
        return
    try:
        files.write(_answer_path(entry, key), _title(key) + answer)
    except OSError:
        return  # the next call computes it again


def uses_named_graphs(text: str) -> bool:
    """Tell whether a query may use the named graphs, which double the size of a store.

    A letter of a keyword may be escaped.
    """
    return "GRAPH" in text.upper() or "FROM" in text.upper() or "\\" in text


def has_word(text: bytes, *ends: bytes) -> bool:
    """Tell whether a word of a query that is not a name ends with one of these, in capitals.

    Only the end counts, because the engine reads ``BYNOW()`` as two words.
    """
    words = text.upper().translate(WORDS).split()
    return any(word.endswith(ends) and b"_" not in word for word in words)


def slot(key: bytes) -> str:
    """Return the name of the only place that an answer with a key may have."""
    return f"{crc32(key) % SLOTS:03x}"


def _answer_path(entry: str, key: bytes) -> str:
    entries, name = os.path.split(entry)
    return os.path.join(os.path.dirname(entries), "answers", name, slot(key))


def _title(text: bytes) -> bytes:
    return b"%d %s\n" % (len(text), text)


def _after_title(text: bytes, content: bytes) -> bytes | None:
    """Return the content after its title, or None where it has another title."""
    title = _title(text)
    return content[len(title) :] if content.startswith(title) else None
