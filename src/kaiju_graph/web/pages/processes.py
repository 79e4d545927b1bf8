"""Work of which a second process, a fork of this one, does a part."""

from __future__ import annotations

import os
import threading
import warnings
from _thread import start_new_thread
from functools import partial
from tempfile import NamedTemporaryFile, TemporaryFile
from typing import TYPE_CHECKING, TypeVar

from kaiju_graph.sparql import limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import IO, BinaryIO

__all__ = ["share"]

T = TypeVar("T")


def share(
    make: Callable[[T], Iterable[tuple[str, bytes]]], items: Sequence[T], mebibytes: float
) -> Iterator[tuple[str, bytes]]:
    """Yield the files that a function makes of each item: name and content.

    This process takes items from the first on, and a fork from the last on, until they meet. If the
    fork fails, this process makes all of its items, and so raises the error; a file may come twice.
    Where a fork is not safe, as beside other threads, there is none.

    Args:
        make: the function; it needs nothing that a fork does not have, such as other threads.
        items: the items, in an order in which neighbours have work in common.
        mebibytes: how much memory the fork may take; 0 is no limit.
    """
    if not hasattr(os, "fork") or threading.active_count() > 1:
        for item in items:
            yield from make(item)
        return
    with (
        TemporaryFile(buffering=0) as tickets,
        NamedTemporaryFile() as file,
        open(file.name, "rb") as arrived,
    ):
        # A file has one position for both processes, so that each ticket is read once.
        tickets.write(bytes(len(items)))
        tickets.seek(0)
        rest = iter(partial(tickets.read, 1), b"")
        life, ours = os.pipe()
        with warnings.catch_warnings():  # Python 3.12 counts the thread of limits.Watch, too
            warnings.simplefilter("ignore", DeprecationWarning)
            fork = os.fork()
        if not fork:
            os.close(ours)
            others = (item for item, _ in zip(reversed(items), rest, strict=False))
            _work(lambda: _write(make, others, file), life, mebibytes)
        taken = 0
        try:
            os.close(life)
            for taken, (item, _) in enumerate(zip(items, rest, strict=False), 1):  # noqa: B007
                yield from make(item)
                yield from _read(arrived)
            _, status = os.waitpid(fork, 0)
            fork = 0
        finally:
            os.close(ours)
            if fork:
                os.waitpid(fork, 0)
        yield from _read(arrived)
    for item in items[taken:] if status else ():
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
    make: Callable[[T], Iterable[tuple[str, bytes]]], items: Iterable[T], file: IO[bytes]
) -> None:
    """Write the files of items into one file, each after a line with its size and name."""
    for item in items:
        for name, text in make(item):
            file.write(b"%d %s\n%s" % (len(text), name.encode(), text))
        file.flush()


def _read(file: BinaryIO) -> Iterator[tuple[str, bytes]]:
    """Yield what ``_write`` has written since the last call."""
    start = file.tell()
    while (line := file.readline()).endswith(b"\n"):
        size, _, name = line.decode().rstrip("\n").partition(" ")
        content = file.read(int(size))
        if len(content) < int(size):
            break
        start = file.tell()
        yield name, content
    file.seek(start)  # the rest is not whole yet
