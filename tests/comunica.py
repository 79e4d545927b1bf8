"""The commands of Comunica, which need a newer Node than many systems have."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

__all__ = ["find_command"]


def find_command(name: str, *options: str) -> list[str]:
    """Return a command of Comunica, run by the Node that is installed beside it.

    The test is skipped where there is none.

    Args:
        name: the name of the command.
        options: those of Node.
    """
    program = shutil.which(name)
    if not program:
        pytest.skip("no Comunica: CONTRIBUTING.md has the command that installs it")
    beside = Path(program).with_name("node")
    return [str(beside) if beside.exists() else "node", *options, program]
