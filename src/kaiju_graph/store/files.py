"""Atomic writing of files, and files with a checksum.

Every answer needs this module, so it imports little.
"""

from __future__ import annotations

import os
import stat
import time
from zlib import crc32

__all__ = [
    "CorruptError",
    "read",
    "remove",
    "temporary_path",
    "touch",
    "write",
    "write_atomically",
]


class CorruptError(OSError):
    """A file of the cache is damaged."""


def read(path: str) -> bytes:
    """Return the content that ``write`` wrote to a file.

    Raises:
        CorruptError: it is damaged.
        OSError: it cannot be read.
    """
    with open(path, "rb") as file:
        content = file.read()
    end = len(content) - len(_seal(b""))
    if end < 0 or content[end:] != _seal(memoryview(content)[:end]):
        raise CorruptError(f"{path} is damaged")
    return content[:end]


def write(path: str, content: bytes) -> None:
    """Write a file with a checksum, completely or not at all; create its folder if needed.

    Raises:
        OSError: it cannot be written.
    """
    os.makedirs(os.path.dirname(path), exist_ok=True)
    write_atomically(path, content + _seal(content))


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
        if not os.path.isdir(temporary):
            os.unlink(temporary)
    except OSError:  # it does not exist, or cannot be removed
        return
    rmtree(temporary, ignore_errors=True)


def temporary_path(path: str) -> str:
    """Return a path in the same folder that no other process or call uses."""
    head, tail = os.path.split(path)
    return os.path.join(head, f".{tail}-{os.getpid()}-{time.monotonic_ns()}")


def _seal(content: bytes | memoryview) -> bytes:
    return b"# %08x\n" % crc32(content)
