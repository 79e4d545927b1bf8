"""The command on a terminal: as if in this process, and on a real one as a process."""

from __future__ import annotations

import os
import re
import struct
import sys
from typing import TYPE_CHECKING, Protocol

import pytest

from kaiju_graph.cli import output

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.conftest import Command

COLUMNS = 60


class Terminal(Protocol):
    """The command on a terminal; returns what the terminal shows, and the exit code."""

    def __call__(
        self,
        *arguments: str,
        columns: int = COLUMNS,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> tuple[str, int]: ...


@pytest.fixture
def terminal(kaiju: Command) -> Terminal:
    """Return the command in this process, as on a terminal of some columns that has colours."""

    def run(
        *arguments: str,
        columns: int = COLUMNS,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> tuple[str, int]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(output, "terminal_width", lambda *_: columns)
            done = kaiju(
                *arguments, cwd=cwd, env={"TERM": "xterm", "NO_COLOR": ""} | {**(env or {})}
            )
        return done.stdout + done.stderr, done.returncode

    return run


@pytest.fixture
def real_terminal(root: Path, kaiju: Command) -> Terminal:
    """Return the command as a process on a terminal, with an entry in the cache."""
    pty = pytest.importorskip("pty", reason="a terminal is made with pty, which only Unix has")
    import fcntl
    import termios

    kaiju("stats")

    def run(
        *arguments: str,
        columns: int = COLUMNS,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> tuple[str, int]:
        shown = bytearray()
        process, end = pty.fork()
        if process == 0:
            size = struct.pack("HHHH", 24, columns, 0, 0)
            fcntl.ioctl(0, termios.TIOCSWINSZ, size)
            os.chdir(cwd or root)
            # Not what readline, which pytest imports, has put into C's environment.
            own = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "NO_COLOR")}
            call = [sys.executable, "-m", "kaiju_graph", *arguments]
            os.execve(sys.executable, call, own | {"TERM": "xterm", "PAGER": ""} | {**(env or {})})
        try:
            while chunk := os.read(end, 4096):
                shown += chunk
        except OSError:  # how Linux says that the other end is closed
            pass
        _, status = os.waitpid(process, 0)
        os.close(end)
        text = shown.decode().replace("\r\n", "\n")
        # What is being done is shown in one line, which the next one covers.
        return re.sub(r"\r\x1b\[K([^\n\r]* …(?=\r))?", "", text), os.waitstatus_to_exitcode(status)

    return run
