"""Find the folder of a project and the files with settings, and read files.

A project may come from anyone, so it is read from regular files inside its folder only. A link may
lead to another file of the project, but not out of it, and not to a hidden file such as the
configuration of git.

Every answer needs this module, so it imports little.
"""

import os
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from kaiju_graph.errors import UnreachableError

__all__ = [
    "FOLDERS",
    "MAX_BYTES",
    "RDF_ENDINGS",
    "SETTINGS_FILE",
    "TABLE",
    "bundled",
    "check_project",
    "is_bundled",
    "locate",
    "own_settings",
    "read_regular",
    "resolve_inside",
    "settings_files",
]

FOLDERS = ("ontology", "graph", "queries")
RDF_ENDINGS = (".jsonld", ".nq", ".nt", ".rdf", ".trig", ".ttl")
"""The endings of the names of RDF files, in lower case.

A test compares them with ``rdf.formats``, whose import would slow down every answer.
"""
MAX_BYTES = 2**28
"""How many bytes a file may have."""
SETTINGS_FILE = "kaiju.toml"
TABLE = b"[tool.kaiju"
"""How the settings begin in ``pyproject.toml``."""


def locate(root: str | None = None) -> str:
    """Find a project's folder: the argument, ``KAIJU_ROOT``, the nearest parent, the bundled copy.

    Args:
        root: a project's folder; None looks for one.

    Raises:
        UnreachableError: the argument or ``KAIJU_ROOT`` is not the folder of a project.
    """
    for folder, origin in ((root, "--root"), (os.environ.get("KAIJU_ROOT") or None, "KAIJU_ROOT")):
        if folder is not None:
            check_project(folder, origin)
            return folder
    return _nearest(os.getcwd()) or bundled()


def check_project(folder: str, origin: str) -> None:
    """Check that a folder is a project.

    Args:
        folder: the folder.
        origin: what names it, for the message.

    Raises:
        UnreachableError: it is not.
    """
    if not (folder and _is_project(folder)):
        missing = [f"{f}/" for f in FOLDERS if not os.path.isdir(os.path.join(folder, f))]
        message = f"{folder}: not a project ({origin}): it has no {', '.join(missing)}"
        raise _unreachable(message)


def bundled() -> str:
    """Return the folder of the bundled copy, or of the repository of an editable install.

    Raises:
        UnreachableError: there is none.
    """
    # In a wheel the three folders lie inside the package; beside an editable install, above it.
    if folder := _nearest(os.path.dirname(os.path.abspath(__file__))):
        return folder
    message = "no project found: expected a folder with ontology/, graph/ and queries/"
    raise _unreachable(message)


def is_bundled(root: str | None = None) -> bool:
    """Tell whether ``locate`` returns the bundled copy."""
    return root is None and not (os.environ.get("KAIJU_ROOT") or _nearest(os.getcwd()))


def settings_files() -> "tuple[str, str]":
    """Return the file with settings for the working folder, and that of the user; "" is none.

    The former is ``kaiju.toml``, or ``pyproject.toml`` if it has ``TABLE``, in the nearest parent
    folder that has one.

    Raises:
        SourceError: such a ``pyproject.toml`` is a link out of its folder, or not a regular file.
        LimitError: it is too long.
    """
    own = own_settings()
    file = next(filter(None, map(_settings_in, _with_parents(os.getcwd()))), "")
    return ("" if file == own else file), (own if os.access(own, os.F_OK) else "")


def own_settings() -> str:
    """Return where the user's own settings are: XDG Base Directory, 0.8."""
    base = os.environ.get("XDG_CONFIG_HOME", "")
    base = base if os.path.isabs(base) else os.path.expanduser("~/.config")
    return os.path.join(base, "kaiju-graph", SETTINGS_FILE)


def _settings_in(folder: str) -> str:
    start = folder.rstrip(os.sep) + os.sep
    if os.access(path := start + SETTINGS_FILE, os.F_OK):
        return path
    path = f"{start}pyproject.toml"
    try:
        has_table = os.access(path, os.F_OK) and TABLE in read_regular(path, path, root=folder)
    except OSError:  # a folder, or not for this user: not ours
        return ""
    return path if has_table else ""


def read_regular(path: str, name: str, *, root: str | None = None, limit: int = MAX_BYTES) -> bytes:
    """Return the bytes of a regular file.

    Args:
        path: the file.
        name: its name in error messages.
        root: the project's folder, in which the file must lie; None for a file that the user names.
        limit: how many bytes it may have.

    Raises:
        OSError: the file cannot be read.
        SourceError: it does not lie in the folder, or is a device, a pipe or a socket.
        LimitError: it has too many bytes.
    """
    target = os.path.realpath(path) if root is None else resolve_inside(path, name, root)
    _check_regular(os.stat(target), name, limit)
    # The name may lead to something else by now.
    with open(target, "rb", opener=_open_once) as file:
        _check_regular(os.fstat(file.fileno()), name, limit)
        return file.read()


def resolve_inside(path: str, name: str, root: str) -> str:
    """Return the path of a project's file or folder without links.

    Args:
        path: the file or folder.
        name: its name in error messages.
        root: the project's folder.

    Raises:
        SourceError: a link leads out of the project's folder, or to a hidden file.
    """
    if _has_no_link(path, root):  # as nearly always, and much faster
        return path
    target, start = os.path.realpath(path), os.path.join(os.path.realpath(root), "")
    if not target.startswith(start) or f"{os.sep}." in target[len(start) - 1 :]:
        from kaiju_graph.errors import SourceError

        message = "found a link out of the project or to a hidden file; expected one inside"
        raise SourceError(f"{name}:1: {message}")
    return target


def _has_no_link(path: str, root: str) -> bool:
    """Tell whether a path below a folder leads through no link, ``..`` or hidden file."""
    start = os.path.join(root, "")
    if not path.startswith(start) or f"{os.sep}." in path[len(start) - 1 :]:
        return False
    while len(path) > len(start):
        if os.path.islink(path):
            return False
        path = os.path.dirname(path)
    return True


def _check_regular(status: os.stat_result, name: str, limit: int) -> None:
    if stat.S_ISDIR(status.st_mode):
        from errno import EISDIR

        raise IsADirectoryError(EISDIR, os.strerror(EISDIR), name)
    if not stat.S_ISREG(status.st_mode):
        from kaiju_graph.errors import SourceError

        raise SourceError(f"{name}:1: found a device, pipe or socket; expected a regular file")
    if status.st_size > limit:
        from kaiju_graph.errors import LimitError

        raise LimitError(f"{name}: found {status.st_size:,} bytes; expected at most {limit:,}")


def _open_once(path: str, flags: int) -> int:
    """Open a file, but follow no link and wait for no pipe; Windows has neither flag."""
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))


def _is_project(folder: str) -> bool:
    return all(os.path.isdir(os.path.join(folder, name)) for name in FOLDERS)


def _nearest(folder: str) -> str | None:
    return next(filter(_is_project, _with_parents(folder)), None)


def _with_parents(folder: str) -> "Iterator[str]":
    """Yield a folder and those above it, the nearest first."""
    yield folder
    while (parent := os.path.dirname(folder)) != folder:
        folder = parent
        yield folder


def _unreachable(message: str) -> "UnreachableError":
    from kaiju_graph.errors import UnreachableError

    return UnreachableError(message)
