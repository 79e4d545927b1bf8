"""Files that are whole or not there: written beside their place, then renamed.

As ``cache`` and ``quick``, it is on the way to every answer, and imports nothing that costs.
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
    """A file is not as it was written."""


def read(path: str) -> bytes:
    """Return what ``write`` has written to a file.

    Raises:
        CorruptError: it is not whole, or not as it was written.
        OSError: it cannot be read.
    """
    with open(path, "rb") as file:
        content = file.read()
    end = len(content) - len(_seal(b""))
    if end < 0 or content[end:] != _seal(memoryview(content)[:end]):
        raise CorruptError(f"{path} is not as it was written")
    return content[:end]


def write(path: str, content: bytes) -> None:
    """Write a file: whole, sealed by a checksum, in a folder that is made.

    Raises:
        OSError: it cannot be written.
    """
    os.makedirs(os.path.dirname(path), exist_ok=True)
    write_atomically(path, content + _seal(content))


def write_atomically(path: str, content: bytes) -> None:
    """Write a file beside its place, then rename it: whole, or not at all.

    A link is followed; what is no regular file (a device, a pipe) is written to as it is; a file
    that is there keeps its mode, and is not replaced where it may not be written.

    Raises:
        OSError: the file or its folder cannot be written.
    """
    # What is no regular file may have no other path than this one, as a pipe in /dev/fd.
    mode = os.stat(path).st_mode if os.path.exists(path) else None
    if mode is not None:
        with open(path, "r+b" if stat.S_ISREG(mode) else "wb") as there:
            if not stat.S_ISREG(mode):
                there.write(content)
                return
    path = os.path.realpath(path)
    made = temporary_path(path)
    try:
        with open(made, "xb") as file:
            file.write(content)
        if mode is not None:
            os.chmod(made, stat.S_IMODE(mode))
        os.replace(made, path)
    except BaseException:
        if os.path.exists(made):
            os.unlink(made)
        raise


def touch(path: str) -> None:
    """Let the time of a file or folder say that it was used just now, where it can be set."""
    try:
        os.utime(path)
    except OSError:  # it is not there, or may only be read
        return


def remove(path: str) -> None:
    """Remove a file or folder that can be removed: at once, so that nobody sees half of it."""
    from shutil import rmtree

    gone = temporary_path(path)
    try:
        os.rename(path, gone)
        if not os.path.isdir(gone):
            os.unlink(gone)
    except OSError:  # it is not there, or stays
        return
    rmtree(gone, ignore_errors=True)


def temporary_path(path: str) -> str:
    """Return a name beside a path that no other process and no other call takes."""
    head, tail = os.path.split(path)
    return os.path.join(head, f".{tail}-{os.getpid()}-{time.monotonic_ns()}")


def _seal(content: bytes | memoryview) -> bytes:
    return b"# %08x\n" % crc32(content)
