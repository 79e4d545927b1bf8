"""Work of which a second process, a fork of this one, does the larger part."""

from __future__ import annotations

import os
import threading
import warnings
from _thread import start_new_thread
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, TypeVar

from kaiju_graph.sparql import limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import BinaryIO

__all__ = ["share"]

T = TypeVar("T")


def share(
    make: Callable[[T], Iterable[tuple[str, bytes]]], items: Sequence[T], mebibytes: float
) -> Iterator[tuple[str, bytes]]:
    """Yield the files that a function makes of each item: name and content.

    A fork makes those of two items of three, and this process the others, as it also does with the
    files what its caller wants. If the fork fails, this process makes all, and so raises the error.
    Where a fork is not safe, as beside other threads, there is none.

    Args:
        make: the function; it needs nothing that a fork does not have, such as other threads.
        items: the items.
        mebibytes: how much memory the fork may take; 0 is no limit.
    """
    if not hasattr(os, "fork") or threading.active_count() > 1:
        for item in items:
            yield from make(item)
        return
    mine, others = items[::3], [item for at, item in enumerate(items) if at % 3]
    with TemporaryFile() as file:
        life, ours = os.pipe()
        with warnings.catch_warnings():  # Python 3.12 counts the thread of limits.Watch, too
            warnings.simplefilter("ignore", DeprecationWarning)
            fork = os.fork()
        if not fork:
            os.close(ours)
            _work(lambda: _write(make, others, file), life, mebibytes)
        try:
            os.close(life)
            for item in mine:
                yield from make(item)
            _, status = os.waitpid(fork, 0)
            fork = 0
        finally:
            os.close(ours)
            if fork:
                os.waitpid(fork, 0)
        if status == 0:
            yield from _read(file)
            return
    for item in others:
        yield from make(item)


def _work(work: Callable[[], None], life: int, mebibytes: float) -> None:
    """Do the work of the fork, and end it; it also ends when the other end of a pipe is closed."""

    def wait() -> None:
        os.read(life, 1)
        os._exit(1)

    code = 1
    try:
        start_new_thread(wait, ())
        with limits.Watch(0, mebibytes, lambda _: os._exit(1)):
            work()
        code = 0
    finally:
        os._exit(code)  # nothing else that this process has begun is the fork's to end


def _write(
    make: Callable[[T], Iterable[tuple[str, bytes]]], items: Iterable[T], file: BinaryIO
) -> None:
    """Write the files of items into one file, each after a line with its size and name."""
    files = (made for item in items for made in make(item))
    file.writelines(b"%d %s\n%s" % (len(text), name.encode(), text) for name, text in files)
    file.flush()


def _read(file: BinaryIO) -> Iterator[tuple[str, bytes]]:
    """Yield what ``_write`` has written."""
    file.seek(0)
    for line in file:
        size, _, name = line.decode().rstrip("\n").partition(" ")
        yield name, file.read(int(size))
