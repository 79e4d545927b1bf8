"""The documents match the command: each transcript, list and table in them is compared with it."""

from __future__ import annotations

import re
import shlex
from ast import literal_eval
from typing import TYPE_CHECKING, Any

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


@pytest.fixture(scope="session")
def guide(root: Path) -> str:
    return (root / "GUIDE.md").read_text(encoding="utf-8")


def test_readme_transcripts_match_the_output(readme: str, kaiju: Kaiju) -> None:
    transcripts = re.findall(r"^```console\n(\$ kaiju .+?)^```$", readme, re.DOTALL | re.MULTILINE)
    runs = re.findall(r"^\$ kaiju (.+)\n((?:(?!\$ ).*\n)*)", "".join(transcripts), re.MULTILINE)
    assert len(runs) >= 5
    for arguments_, expected in runs:
        run = kaiju(*shlex.split(arguments_))
        assert (run.stdout + run.stderr).replace("\r\n", "\n") == expected


def test_picture_of_the_guide_matches_the_output(guide: str, kaiju: Kaiju) -> None:
    ((command, picture),) = re.findall(
        r"`kaiju ([^`\n]+ -f mermaid)` draws this .+?```mermaid\n(.+?)```", guide, re.DOTALL
    )
    assert kaiju(*shlex.split(command)).stdout == picture


@pytest.mark.usefixtures("warm_memory")
def test_readme_transcript_of_a_mistake_matches_the_output(
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


def test_list_of_questions_matches_the_files(root: Path, kaiju: Kaiju) -> None:
    document = (root / "queries" / "README.md").read_text(encoding="utf-8")
    listed = re.search(r"<!-- kaiju ask -f markdown -->\n(.*)\n<!-- end -->", document, re.DOTALL)
    assert listed
    assert listed[1].strip() == kaiju("ask", "-f", "markdown").stdout.strip()


def test_readme_table_lists_each_command_and_its_help_has_an_example(
    readme: str, kaiju: Kaiju
) -> None:
    commands = re.findall(r"^\| `kaiju (\w+)", readme, re.MULTILINE)
    assert commands == re.findall(r"^    (\w+) {2,}\w", kaiju("--help").stdout, re.MULTILINE)
    for command in commands:
        text = kaiju(command, "--help").stdout
        assert re.search(rf"^  kaiju {command}\b", text, re.MULTILINE), f"{command} has no example"


def test_python_of_the_guide_has_the_values_of_its_comments(
    guide: str, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = re.search(r"^```python\n(.+?)^```$", guide, re.DOTALL | re.MULTILINE)
    assert code
    names: dict[str, Any] = {}
    exec(code[1].replace("kaiju.load()", f"kaiju.load({str(root)!r})"), names)
    assert capsys.readouterr().out == "Shusuke Kaneko\n"
    values = re.findall(r'^(kg\..+?)  # (".+")$', code[1], re.MULTILINE)
    assert values
    for call, value in values:
        assert eval(call, names) == literal_eval(value), call  # noqa: S307 (our own text)


def test_ci_runs_the_test_command_of_the_readme(readme: str, root: Path) -> None:
    blocks = re.findall(r"^```sh\n(.+?)^```$", readme, re.DOTALL | re.MULTILINE)
    assert [block for block in blocks if "pytest" in block] == [blocks[-1]]
    assert "README.md" in (root / ".ci" / "run").read_text(encoding="utf-8")


def test_documents_stay_within_120_columns(root: Path) -> None:
    too_long = []
    for name in ("README.md", "GUIDE.md", "CONTRIBUTING.md", "CHANGELOG.md", "queries/README.md"):
        text = (root / name).read_text(encoding="utf-8")
        prose = re.sub(
            r"^```(?:console|mermaid)\n.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE
        )
        too_long += [
            f"{name}: {line}"
            for line in prose.split("\n")
            if len(line) > 120 and not line.startswith(("- `", "|", "`pip-compile"))
        ]
    assert not too_long


def test_each_promise_of_security_has_a_test(root: Path) -> None:
    document = (root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = re.search(r"<!-- promises -->\n(.*)\n<!-- end -->", document, re.DOTALL)
    assert table
    rows = [line.strip("| ").split(" | ") for line in table[1].split("\n")[2:]]
    assert len(rows) > 30
    for row in rows:
        match = re.fullmatch(r"`(tests/[\w/]+\.py)::(test_\w+)`", row[-1])
        assert match, row
        text = (root / match[1]).read_text(encoding="utf-8")
        assert f"\ndef {match[2]}(" in text, match[0]
