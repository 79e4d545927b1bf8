"""``kaiju validate --watch``, as a process with real files."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.conftest import Copy
from tests.repository import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.conftest import Command

INFOBOX = "graph/gamera-2/infobox.trig"
PREFIXES = "ontology/prefixes.ttl"
SMALL = (PREFIXES, "graph/entities.ttl", "graph/gamera-2/article.txt", INFOBOX)
WAITING = "waiting for changes"
MOST = 60.0
"""Seconds that a test waits at most."""


class Watching:
    """A running command, and what it has written so far."""

    def __init__(self, copy: Copy, folder: Path, *arguments: str) -> None:
        self.copy = copy
        self.files = [folder / "stdout", folder / "stderr"]
        with self.files[0].open("wb") as stdout, self.files[1].open("wb") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "kaiju_graph", "validate", "--watch", *arguments],
                cwd=copy.root,
                env={**os.environ, "KAIJU_CACHE": str(folder / "cache")},
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
            )

    def read(self) -> tuple[str, str]:
        """Return standard output and standard error."""
        stdout, stderr = (file.read_text("utf-8") for file in self.files)
        return stdout, stderr

    def wait(self, is_done: Callable[[str, str], bool]) -> tuple[str, str]:
        """Wait until the output fulfils a condition."""
        until = time.monotonic() + MOST
        while not is_done(*self.read()):
            assert time.monotonic() < until, self.read()
            assert self.process.poll() is None, self.read()
            time.sleep(0.05)
        return self.read()

    def wait_for_runs(self, number: int) -> str:
        """Wait until so many runs have ended; return standard output."""
        stdout, _ = self.wait(lambda _, stderr: stderr.count(WAITING) >= number)
        return stdout


@pytest.fixture
def watching(tmp_path: Path) -> Iterator[Watching]:
    copy = Copy(tmp_path / "small")
    for file in SMALL:
        copy.write(file, (ROOT / file).read_text("utf-8"))
    (copy.root / "queries").mkdir()
    # A shell's background process ignores the interrupt, and so would the command.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    started = Watching(copy, tmp_path)
    signal.signal(signal.SIGINT, before)
    try:
        yield started
    finally:
        started.process.kill()
        started.process.wait()


def replace(copy: Copy, file: str, text: str) -> None:
    """Write a file as many editors do: another file, which is then renamed."""
    copy.write(f"{file}~", text)
    (copy.root / f"{file}~").replace(copy.root / file)


@pytest.mark.slow
def test_report_follows_the_files_until_ctrl_c(watching: Watching) -> None:
    copy, text = watching.copy, watching.copy.read(INFOBOX)
    assert "[syntax]" not in watching.wait_for_runs(1)
    replace(copy, INFOBOX, text.replace(" .\n", " ,,\n", 1))
    watching.wait(lambda stdout, _: f"{INFOBOX}:" in stdout and "[syntax]" in stdout)
    assert watching.wait_for_runs(2).count("error[syntax]") == 1
    for _ in range(5):  # quick saves are one run
        copy.write(INFOBOX, text)
    watching.wait_for_runs(3)
    registry = copy.read(PREFIXES)
    (copy.root / PREFIXES).unlink()
    watching.wait(lambda stdout, stderr: PREFIXES in stdout.rpartition("gamera")[2] + stderr)
    copy.write(PREFIXES, registry)
    watching.wait_for_runs(5)
    watching.process.send_signal(signal.SIGINT)
    assert watching.process.wait(MOST) == 130
    stdout, stderr = watching.read()
    assert "\x1b" not in stdout + stderr  # no terminal, so nothing clears its screen
    assert all(line.startswith("kaiju: ") for line in stderr.splitlines())
    assert stderr.count(WAITING) <= 6


def test_watching_does_not_go_with_what_ends(kaiju: Command) -> None:
    for other in ("--fix", "-o"):
        arguments = [other, "report.txt"] if other == "-o" else [other]
        run = kaiju("validate", "--watch", *arguments)
        assert (run.returncode, run.stdout) == (2, "")
        assert "--watch" in run.stderr


@pytest.mark.slow
def test_new_folder_is_watched_and_a_link_out_is_not(watching: Watching, tmp_path: Path) -> None:
    copy, outside = watching.copy, tmp_path / "outside"
    outside.mkdir()
    watching.wait_for_runs(1)
    (copy.root / "graph/link").symlink_to(outside)
    watching.wait_for_runs(2)
    (outside / "a.trig").write_text("nonsense")
    (copy.root / "note.txt").write_text("not read")
    time.sleep(2)
    assert watching.read()[1].count(WAITING) == 2
    (copy.root / "graph/link").unlink()
    watching.wait_for_runs(3)
    (copy.root / "graph/new").mkdir()
    watching.wait_for_runs(4)
    copy.write("graph/new/a.trig", "nonsense")
    watching.wait(lambda stdout, _: "graph/new/a.trig" in stdout)
