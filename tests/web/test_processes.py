"""Two processes make the files of a site, and one makes them where the other cannot."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from kaiju_graph.errors import InputError
from kaiju_graph.web.pages.processes import share

if TYPE_CHECKING:
    from collections.abc import Iterator

ITEMS = range(9)
HERE = os.getpid()

ENDLESS = """
import os, sys, time
from kaiju_graph.web.pages.processes import share

here = os.getpid()
reading, writing = os.pipe()

def make(item):
    if os.getpid() != here:
        print(os.getpid(), flush=True)
        os.write(writing, b".")
        time.sleep(600)
    os.read(reading, 1)
    while sys.argv[1:]:
        time.sleep(0.1)
    raise SystemExit(3)
    yield

list(share(make, [1, 2], 0))
"""


def _make(item: int) -> Iterator[tuple[str, bytes]]:
    yield f"{item} of {os.getpid() == HERE}", bytes(item)
    yield f"ü {item}", b"0 \n" * item


def _names(made: Iterator[tuple[str, bytes]]) -> list[str]:
    return [name for name, _ in made if not name.startswith("ü")]


def test_files_are_those_of_one_process_whatever_bytes_they_have() -> None:
    expected = {f"ü {item}": b"0 \n" * item for item in ITEMS}
    made = {name: content for name, content in share(_make, ITEMS, 0) if name in expected}
    assert made == expected


def test_fork_makes_the_last_items_and_each_file_comes_when_it_is_whole() -> None:
    if threading.active_count() > 1:
        pytest.skip("a fork is not safe beside other threads")
    (fork_is_at_2, to_us), (we_are_at_1, to_fork) = os.pipe(), os.pipe()

    def make(item: int) -> Iterator[tuple[str, bytes]]:
        if item == 0:
            os.read(fork_is_at_2, 1)
        elif item == 1:
            os.write(to_fork, b".")
        elif item == 2:
            os.write(to_us, b".")
            os.read(we_are_at_1, 1)
        return _make(item)

    names = _names(share(make, range(4), 0))
    assert names == ["0 of True", "3 of False", "1 of True", "2 of False"]


def test_no_fork_beside_other_threads() -> None:
    over = threading.Event()
    thread = threading.Thread(target=over.wait)
    thread.start()
    assert _names(share(_make, ITEMS, 0)) == [f"{item} of True" for item in ITEMS]
    over.set()
    thread.join()


@pytest.mark.parametrize("mebibytes", [0, 1])
def test_what_ends_the_fork_leaves_its_items_to_this_process(mebibytes: float) -> None:
    def make(item: int) -> Iterator[tuple[str, bytes]]:
        while os.getpid() != HERE:
            if not mebibytes:
                os.kill(os.getpid(), signal.SIGKILL)
        return _make(item)

    assert sorted(_names(share(make, ITEMS, mebibytes))) == [f"{item} of True" for item in ITEMS]


def test_error_in_the_fork_is_raised_here() -> None:
    def make(item: int) -> Iterator[tuple[str, bytes]]:
        if item == ITEMS[-1]:
            raise InputError(f"found {item}")
        return _make(item)

    with pytest.raises(InputError, match=f"found {ITEMS[-1]}"):
        list(share(make, ITEMS, 0))


@pytest.mark.slow
@pytest.mark.parametrize("is_killed", [True, False])
def test_fork_ends_with_this_process(*, is_killed: bool) -> None:
    command = [sys.executable, "-c", ENDLESS, *["endless"][: 1 if is_killed else 0]]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert int(process.stdout.readline()) != process.pid
        if is_killed:
            process.kill()
        assert process.stdout.read() == b""  # which ends when the fork has, too
    assert process.returncode == (-signal.SIGKILL if is_killed else 3)
