"""The tutorial of CONTRIBUTING works, from its first line to its last."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Command

BLOCK = re.compile(r"^```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
FILE = re.compile(r"`([\w./-]+\.(?:txt|trig|ttl))`")
RUN = re.compile(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
ECHO = re.compile(r'echo "(.+)" >> (\S+)')


class Step(NamedTuple):
    """A file to write, or a call with its output."""

    file: str
    text: str


def steps(document: str) -> Iterator[Step]:
    """Yield the steps of the chapter: a block of a file follows the paragraph that names it."""
    chapter = document.partition("\n## Add an article\n")[2].partition("\n## ")[0]
    end = 0
    for block in BLOCK.finditer(chapter):
        if block["kind"] == "console":
            yield from (
                Step("", f"{call}\n{output}") for call, output in RUN.findall(block["text"])
            )
        else:
            yield Step(FILE.findall(chapter[end : block.start()])[-1 if end else 0], block["text"])
        end = block.end()


@pytest.mark.slow
def test_tutorial_works_from_the_first_line_to_the_last(
    root: Path, tmp_path: Path, kaiju: Command
) -> None:
    folder, count = tmp_path, 0
    for file, text in steps((root / "CONTRIBUTING.md").read_text("utf-8")):
        if file:
            (folder / file).write_text(text, "utf-8")
            continue
        call, _, expected = text.partition("\n")
        program, *arguments = shlex.split(call)
        if program == "cd":
            folder /= arguments[0]
        elif echo := ECHO.fullmatch(call):
            with (folder / echo[2]).open("a", encoding="utf-8") as stream:
                stream.write(f"{echo[1]}\n")
        else:
            run = kaiju(*arguments, cwd=folder)
            assert run.stdout.replace("\r\n", "\n") + run.stderr == expected, call
            count += 1
    assert count >= 7
