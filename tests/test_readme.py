"""The README says what the command does: every transcript, list and table in it is run."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from subprocess import CompletedProcess

    from tests.conftest import Copy

    Kaiju = Callable[..., CompletedProcess[str]]


@pytest.fixture(scope="session")
def readme(root: Path) -> str:
    return (root / "README.md").read_text(encoding="utf-8")


def test_the_transcript_is_what_the_command_prints(readme: str, kaiju: Kaiju) -> None:
    transcripts = re.findall(r"^```console\n(\$ kaiju .+?)^```$", readme, re.DOTALL | re.MULTILINE)
    runs = re.findall(r"^\$ kaiju (.+)\n((?:(?!\$ ).*\n)*)", "".join(transcripts), re.MULTILINE)
    assert len(runs) >= 5
    for arguments_, expected in runs:
        run = kaiju(*shlex.split(arguments_))
        assert (run.stdout + run.stderr).replace("\r\n", "\n") == expected


def test_the_transcript_of_a_mistake_is_what_the_command_prints(
    readme: str, kaiju: Kaiju, copy: Copy
) -> None:
    (mistake,) = re.findall(
        r"^\$ perl -pi -e 's/(.+)/(.+)/' (\S+)\n\$ kaiju (.+)\n", readme, re.MULTILINE
    )
    old, new, file, command = mistake
    copy.replace(file, old, new)
    run = kaiju(*shlex.split(command), cwd=copy.root)
    assert f"$ kaiju {command}\n{run.stdout}```\n" in readme
    assert (run.returncode, run.stderr) == (1, "")


def test_the_list_of_questions_is_that_of_the_files(readme: str, kaiju: Kaiju) -> None:
    listed = re.search(r"<!-- kaiju ask -f markdown -->\n(.*)\n<!-- end -->", readme, re.DOTALL)
    assert listed
    assert listed[1].strip() == kaiju("ask", "-f", "markdown").stdout.strip()


def test_every_command_stands_in_the_table_and_has_help_with_an_example(
    readme: str, kaiju: Kaiju
) -> None:
    commands = re.findall(r"^\| `kaiju (\w+)", readme, re.MULTILINE)
    assert commands == re.findall(r"^    (\w+) {2,}\w", kaiju("--help").stdout, re.MULTILINE)
    for command in commands:
        text = kaiju(command, "--help").stdout
        assert re.search(rf"^  kaiju {command}\b", text, re.MULTILINE), f"{command} has no example"


def test_the_python_of_the_readme_runs(
    readme: str, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = re.search(r"^```python\n(.+?)^```$", readme, re.DOTALL | re.MULTILINE)
    assert code
    exec(code[1].replace("kaiju.load()", f"kaiju.load({str(root)!r})"), {})
    assert capsys.readouterr().out == "Shusuke Kaneko\n"


def test_the_test_command_is_the_one_that_ci_runs(readme: str, root: Path) -> None:
    blocks = re.findall(r"^```sh\n(.+?)^```$", readme, re.DOTALL | re.MULTILINE)
    assert [block for block in blocks if "pytest" in block] == [blocks[-1]]
    assert "README.md" in (root / ".ci" / "run").read_text(encoding="utf-8")


def test_no_line_of_the_documents_is_past_the_margin(root: Path) -> None:
    for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md"):
        for number, line in enumerate((root / name).read_text(encoding="utf-8").split("\n"), 1):
            assert len(line) <= 120 or line.startswith(("- `", "|", "`pip-compile", "graph/")), (
                f"{name}:{number}"
            )
