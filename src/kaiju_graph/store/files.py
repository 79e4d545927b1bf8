"""Atomic writing of files, and files with a checksum.

Every answer needs this module, so it imports little.
"""

import os
import stat
import sys
import time
from zlib import crc32

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tempfile import TemporaryDirectory

__all__ = [
    "CorruptError",
    "exchange",
    "make_folder",
    "read",
    "remove",
    "remove_abandoned",
    "take_place",
    "temporary_folder",
    "temporary_path",
    "touch",
    "write",
    "write_all",
    "write_atomically",
]


class CorruptError(OSError):
    """A file of the cache is damaged."""


def read(path: str) -> bytes:
    """Return the content that ``write`` wrote to a file.

    Raises:
        CorruptError: it is damaged, a link, not a regular file, or one of another user.
        OSError: it cannot be read.
    """
    status = os.lstat(path)
    if not stat.S_ISREG(status.st_mode):
        raise CorruptError(f"{path}: found a link or device; expected a regular file")
    if sys.platform != "win32" and status.st_uid != os.getuid():
        raise CorruptError(f"{path}: found a file of another user; expected one of your own")
    with open(path, "rb", opener=_open_at_once) as file:
        content = file.read() or b""
    end = len(content) - len(_seal(b""))
    if end < 0 or content[end:] != _seal(memoryview(content)[:end]):
        raise CorruptError(f"{path} is damaged")
    return content[:end]


def _open_at_once(path: str, flags: int) -> int:
    """Open a file that is not a link, without waiting for the other end of a pipe."""
    more = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
    return os.open(path, flags | more)


def write(path: str, content: bytes) -> None:
    """Write a file with a checksum, completely or not at all; create its folder if needed.

    A link or pipe in its place is removed.

    Raises:
        OSError: it cannot be written.
    """
    make_folder(os.path.dirname(path))
    if os.path.islink(path) or (os.path.exists(path) and not os.path.isfile(path)):
        remove(path)
    write_atomically(path, content + _seal(content))


def make_folder(path: str) -> None:
    """Make a folder and its missing parents, all for this user only (XDG Base Directory, 0.8).

    Raises:
        OSError: it cannot be made.
    """
    if not path or os.path.isdir(path):
        return
    make_folder(os.path.dirname(path))
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:  # another process has made it
        if not os.path.isdir(path):
            raise


def write_atomically(path: str, content: bytes) -> None:
    """Write a file completely or not at all: to a temporary file that is then renamed.

    A link is followed. A device or pipe is written to directly. An existing file keeps its mode,
    and is not replaced if it is read-only.

    Raises:
        OSError: the file or its folder cannot be written.
    """
    # A device or pipe may have no other path than this one, such as one in /dev/fd.
    mode = os.stat(path).st_mode if os.path.exists(path) else None
    if mode is not None:
        with open(path, "r+b" if stat.S_ISREG(mode) else "wb") as existing:
            if not stat.S_ISREG(mode):
                existing.write(content)
                return
    path = os.path.realpath(path)
    new = temporary_path(path)
    try:
        with open(new, "xb") as file:
            file.write(content)
        if mode is not None:
            os.chmod(new, stat.S_IMODE(mode))
        os.replace(new, path)
    except BaseException:
        if os.path.exists(new):
            os.unlink(new)
        raise


def write_all(contents: dict[str, bytes]) -> None:
    """Replace regular files, all of them or none; each keeps its mode.

    Only a process that is killed between two of them leaves some of them as they were.

    Args:
        contents: path of a file, which is not a link → its new content.

    Raises:
        OSError: a file cannot be read or written; its name is ``filename``.
    """
    new = {path: temporary_path(path) for path in contents}
    old: dict[str, bytes] = {}
    try:
        for path, content in contents.items():
            with open(path, "r+b"):  # which fails for a read-only file
                mode = os.stat(path).st_mode
            with open(new[path], "xb") as file:
                file.write(content)
            os.chmod(new[path], stat.S_IMODE(mode))
        for path in contents:
            with open(path, "rb") as file:
                content = file.read()
            old[path] = content
            os.replace(new[path], path)
    except BaseException:
        for path, content in old.items():
            write_atomically(path, content)
        raise
    finally:
        for path in new.values():
            if os.path.exists(path):
                os.unlink(path)


def touch(path: str) -> None:
    """Set the time of a file or folder to now, if possible."""
    try:
        os.utime(path)
    except OSError:  # it does not exist, or is read-only
        return


def remove(path: str) -> None:
    """Remove a file or folder if possible, at once: no process sees a part of a folder."""
    from shutil import rmtree

    temporary = temporary_path(path)
    try:
        os.rename(path, temporary)
        if os.path.islink(temporary) or not os.path.isdir(temporary):
            os.unlink(temporary)
    except OSError:  # it does not exist, or cannot be removed
        return
    rmtree(temporary, ignore_errors=True)


def exchange(one: str, other: str) -> bool:
    """Exchange two paths at once, so that neither is ever absent.

    Returns:
        whether the system can do that: Linux with ``renameat2`` and macOS with ``renamex_np`` can,
        on most file systems.
    """
    if sys.platform not in ("linux", "darwin"):
        return False
    import ctypes

    here, swap = -100, 2  # AT_FDCWD; RENAME_EXCHANGE and RENAME_SWAP
    paths = os.fsencode(one), os.fsencode(other)
    system = ctypes.CDLL(None)
    try:
        if sys.platform == "darwin":
            return bool(system.renamex_np(*paths, swap) == 0)
        return bool(system.renameat2(here, paths[0], here, paths[1], swap) == 0)
    except AttributeError:  # an old or small C library
        return False


def take_place(new: str, place: str) -> None:
    """Put a new folder into a place; an old one there is removed only after that.

    Where the system can exchange two folders, the place is never empty; else it is between two
    renames.

    Raises:
        OSError: it cannot be renamed.
    """
    if not os.path.isdir(place):
        os.rename(new, place)
    elif exchange(new, place):
        remove(new)
    else:
        old = temporary_path(place)
        os.rename(place, old)
        try:
            os.rename(new, place)
        except BaseException:
            os.rename(old, place)
            raise
        remove(old)


def temporary_path(path: str) -> str:
    """Return a hidden path in the same folder that no other process or call uses."""
    head, tail = os.path.split(path)
    return os.path.join(head, f".{tail}{_host()}{os.getpid()}-{time.monotonic_ns()}")


def remove_abandoned(folder: str, name: str | None = None) -> None:
    """Remove what processes of this machine left under temporary paths when they were killed.

    What belongs to a process that runs, or to another machine or container, stays.

    Args:
        folder: the folder.
        name: the name that the paths stand for; None takes all.
    """
    for item in os.listdir(folder) if os.path.isdir(folder) else ():
        tail, _, end = item.rpartition(_host())
        process, _, moment = end.partition("-")
        is_temporary = tail[:1] == "." and process.isdecimal() and moment[:1].isdecimal()
        if is_temporary and name in (None, tail[1:]) and not _is_running(int(process)):
            remove(os.path.join(folder, item))


def temporary_folder() -> "TemporaryDirectory[str]":
    """Return a folder for temporary files; those that killed processes left are removed."""
    from tempfile import TemporaryDirectory, gettempdir

    remove_abandoned(gettempdir(), "kaiju")
    return TemporaryDirectory(prefix=f"{temporary_path('kaiju')}-")


def _host() -> str:
    """Return the name of the machine or container as a part of temporary paths."""
    return f"-{os.uname().nodename}-" if hasattr(os, "uname") else "--"


def _is_running(process: int) -> bool:
    if os.name == "nt":  # where os.kill would end it
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):  # it belongs to another user
        return True
    return True


def _seal(content: bytes | memoryview) -> bytes:
    return b"# %08x\n" % crc32(content)
