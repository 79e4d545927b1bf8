"""A project that a stranger made is read from regular files inside its folder, and nothing else."""

from __future__ import annotations

import ast
import os
import re
import shutil
import socket
import sys
from typing import TYPE_CHECKING

import pytest

from kaiju_graph.errors import LimitError, SourceError
from kaiju_graph.project import layout, location
from tests.conftest import Copy
from tests.repository import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.conftest import Command

PACKAGE = ROOT / "src" / "kaiju_graph"
FUNCTIONS = re.compile(
    r"(io\.|os\.)?open|(location\.)?read_regular|(layout\.)?read_bytes"
    r"|os\.(listdir|scandir|walk)|.*\.(read_bytes|read_text|glob|iterdir|rglob)"
)
"""Functions that read files or list folders."""
GUARDED = re.compile(r"(self\.)?project\.read_bytes|self\.read_bytes")
ALLOWED = {
    "cli/config _read_file": "settings, inside the folder of a project or the user's own",
    "cli/commands/new run": "the article, which the user names",
    "cli/commands/query _read_query": "the file of --file, which the user names",
    "cli/output _is_terminal": "the place of -o, which the user names",
    "cli/output stream": "/dev/null",
    "cli/shell _open_history": "the history, which is the user's own",
    "cli/watch _folders": "the names of folders inside the root; it reads no file",
    "diff/states read_state": "a data file, which the user names",
    "draft/skeleton init": "whether the folder to make is empty",
    "fast_path _read_query": "a stored question, inside the root, or the file of --file",
    "project/data_files read_file": "a file of --data, which the user names",
    "project/layout": "the one place that reads a project",
    "project/location": "the one place that reads a project",
    "project/revisions _write": "writes",
    "publish/folders": "the folder of a release or site, which is replaced",
    "reasoning/reasoner rules": "the rules of this package",
    "sparql/limits": "/proc/self",
    "store/cache": "the cache, which is the user's own",
    "store/maintenance": "the cache, which is the user's own",
    "store/files": "the cache, which is the user's own; writes",
    "validation/repair repair": "writes",
    "web/pool time_spent": "/proc of a worker",
    "web/pages/engine read_script": "a script of this package",
    "web/pages/processes share": "a temporary file of its own",
    "web/pages/site _read_static": "the style sheet and script of this package",
}
"""Module and function → why it may read."""
OUTSIDE = "found a link out of the project or to a hidden file; expected one inside"
SPECIAL = "found a device, pipe or socket; expected a regular file"
FILE = "graph/gamera-2/plot.trig"

needs_links = pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")


def readers(tree: ast.AST, scope: str = "") -> Iterator[str]:
    """Yield the class or function around each call that reads."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Call):
            function = ast.unparse(node.func)
            if FUNCTIONS.fullmatch(function) and not GUARDED.fullmatch(function):
                yield scope
        inner = node.name if isinstance(node, ast.FunctionDef | ast.ClassDef) else scope
        yield from readers(node, inner)


def test_nothing_reads_a_project_but_one_place() -> None:
    found = {
        f"{path.relative_to(PACKAGE).with_suffix('').as_posix()} {scope}"
        for path in PACKAGE.rglob("*.py")
        for scope in readers(ast.parse(path.read_text(encoding="utf-8")))
    }
    modules = {place.partition(" ")[0] for place in found}
    assert {p for p in found if p not in ALLOWED and p.partition(" ")[0] not in ALLOWED} == set()
    assert {*ALLOWED} <= found | modules


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("open(path)", 1),
        ("os.walk(path)", 1),
        ("Path(name).read_text()", 1),
        ("layout.read_bytes(path, name)", 1),
        ("project.read_bytes(file)", 0),
        ("proof.walk()", 0),
    ],
)
def test_calls_that_read_are_found(text: str, count: int) -> None:
    assert len([*readers(ast.parse(text))]) == count


# Links, pipes, devices -------------------------------------------------------


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """Return a file outside of every project."""
    path = tmp_path / "secret"
    path.write_text('id:x rdfs:label "SECRET" .\n', encoding="utf-8")
    return path


@pytest.fixture
def small(tmp_path: Path) -> Copy:
    """Return a project of few files; a copy of the whole one takes time."""
    small = Copy(tmp_path / "small")
    files = ("ontology/prefixes.ttl", "graph/entities.ttl", "graph/gamera-2/article.txt", FILE)
    for file in (*files, "graph/LICENSE", "queries/who-directed.rq"):
        small.write(file, (ROOT / file).read_text("utf-8"))
    return small


def replace_by(copy: Copy, file: str, make: Callable[[Path], object]) -> None:
    """Replace a file of a copy by what a function makes in its place."""
    path = copy.root / file
    path.unlink()
    make(path)


@needs_links
def test_link_may_lead_to_another_file_of_the_project(small: Copy) -> None:
    project = layout.find(str(small.root))
    text = project.read(FILE)
    (small.root / "graph/gamera-2/plot.trig").rename(small.root / "notes.txt")
    (small.root / FILE).symlink_to("../../notes.txt")
    assert project.read(FILE) == text
    (small.root / FILE).unlink()
    (small.root / FILE).symlink_to(small.root / "notes.txt")
    assert project.read(FILE) == text
    (small.root.parent / "other").symlink_to(small.root)
    assert layout.Project(str(small.root.parent / "other"), {}).read(FILE) == text


@needs_links
@pytest.mark.parametrize(
    ("file", "target"),
    [
        ("graph/gamera-2/plot.trig", "{outside}/secret"),
        ("graph/gamera-2/plot.trig", "../../../secret"),
        ("graph/gamera-2/article.txt", "../../../secret"),
        ("graph/entities.ttl", "/etc/passwd"),
        ("graph/entities.ttl", "../.git/config"),
        ("queries/who-directed.rq", "../../copied"),
        ("graph/LICENSE", "../../secret"),
    ],
)
def test_link_that_leads_out_is_refused(file: str, target: str, small: Copy, secret: Path) -> None:
    small.write(".git/config", "token = SECRET\n")
    (small.root.parent / "copied").write_text("SECRET", encoding="utf-8")
    outside = str(secret.parent)
    replace_by(small, file, lambda path: path.symlink_to(target.format(outside=outside)))
    with pytest.raises(SourceError) as raised:
        layout.Project(str(small.root), {}).read_bytes(file)
    assert str(raised.value) == f"{file}:1: {OUTSIDE}"


@needs_links
@pytest.mark.parametrize("folder", ["graph", "graph/other", "queries", "ontology/shapes"])
def test_folder_that_leads_out_is_not_listed(folder: str, small: Copy, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.trig").touch()
    if (small.root / folder).exists():
        shutil.rmtree(small.root / folder)
    (small.root / folder).symlink_to(outside)
    with pytest.raises(SourceError, match=f"^{folder}:1: {OUTSIDE}$"):
        layout.Project(str(small.root), {}).files(folder, "")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pipes and devices in folders")
def test_pipes_devices_and_sockets_are_refused_at_once(
    small: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = layout.Project(str(small.root), {})
    replace_by(small, FILE, os.mkfifo)
    with pytest.raises(SourceError, match=f"^{FILE}:1: {SPECIAL}$"):
        project.read(FILE)
    (small.root / FILE).unlink()
    with socket.socket(socket.AF_UNIX) as bound:
        # The address of a socket has about a hundred bytes: less than some temporary folders have.
        monkeypatch.chdir(small.root)
        bound.bind(FILE)
        with pytest.raises(SourceError, match=f"^{FILE}:1: {SPECIAL}$"):
            project.read(FILE)
    with pytest.raises(SourceError, match=f"^data.nt:1: {SPECIAL}$"):
        layout.read_bytes("/dev/zero", "data.nt")


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_file_that_becomes_a_link_or_a_pipe_after_the_check_is_not_opened(
    small: Copy, secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = small.root / FILE
    status = os.stat(path)
    makers: tuple[Callable[[Path], None], ...] = (lambda p: p.symlink_to(secret), os.mkfifo)
    for make in makers:
        path.unlink()
        make(path)
        with monkeypatch.context() as patch:
            # As if the file had changed between the check and the opening.
            patch.setattr(location, "resolve_inside", lambda path, _name, _root: path)
            patch.setattr(os, "stat", lambda _: status)
            with pytest.raises((OSError, SourceError)):
                location.read_regular(str(path), FILE, root=str(small.root))


def test_systems_without_these_flags_read_as_well(
    small: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Windows has neither.
    for flag in ("O_NOFOLLOW", "O_NONBLOCK"):
        monkeypatch.delattr(os, flag, raising=False)
    assert layout.find(str(small.root)).read(FILE) == small.read(FILE)


# Sizes, numbers, names -------------------------------------------------------


def test_file_that_is_too_long_is_refused(small: Copy) -> None:
    os.truncate(small.root / FILE, location.MAX_BYTES + 1)  # takes no space on the disk
    with pytest.raises(LimitError) as raised:
        layout.Project(str(small.root), {}).read(FILE)
    assert str(raised.value) == f"{FILE}: found 268,435,457 bytes; expected at most 268,435,456"


def test_too_many_files_are_refused(small: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    project = layout.find(str(small.root))
    number = len(project.sources())
    monkeypatch.setattr(layout, "MAX_FILES", number - 1)
    with pytest.raises(LimitError, match=f"^graph: found more than {number - 1} files; expected"):
        project.sources()
    monkeypatch.setattr(layout, "MAX_FILES", 0)
    with pytest.raises(LimitError, match=r"^queries: found more than 0 files; expected no more"):
        project.files("queries", ".rq")


@needs_links
def test_folders_nested_too_deep_are_refused(small: Copy) -> None:
    (small.root / "graph/again").symlink_to("../graph")
    with pytest.raises(LimitError, match=r"^graph(/again)+: found folders nested deeper than 16"):
        list(layout.Project(str(small.root), {}).all_files("graph"))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows refuses such names itself")
@pytest.mark.parametrize("name", ["a\x1b[2Jb", "a\nb", "a\u202eb", "a\u2028b", "a\x9bb", "a\x7fb"])
def test_file_name_that_controls_a_terminal_is_an_error(name: str, small: Copy) -> None:
    small.write(f"queries/{name}.rq", "#")
    found = "found a file name that is not visible UTF-8; expected one that is"
    with pytest.raises(SourceError) as raised:
        layout.find(str(small.root)).files("queries", ".rq")
    assert str(raised.value) == f"queries/{name + '.rq'!a}: {found}"


def test_file_names_in_any_script_are_read(small: Copy) -> None:
    for name in ("ガメラ　1", "häßlich (1)", "大 映"):
        small.write(f"queries/{name}.rq", "#")
        assert f"queries/{name}.rq" in layout.find(str(small.root)).files("queries", ".rq")


# Through the command ---------------------------------------------------------


@pytest.mark.usefixtures("warm_memory")
@needs_links
@pytest.mark.parametrize(
    ("file", "call", "code"),
    [
        ("queries/who-directed.rq", "ask who-directed", 3),
        pytest.param("queries/who-directed.rq", "validate", 1, marks=pytest.mark.slow),
        (FILE, "validate", 1),
        (FILE, "stats", 3),
        ("graph/gamera-2/article.txt", "coverage", 3),
        ("ontology/prefixes.ttl", "stats", 3),
        ("ontology/context.jsonld", "export -f jsonld", 3),
        pytest.param(
            "ontology/profiles/schema.org.rq",
            "export --profile schema.org",
            3,
            marks=pytest.mark.slow,
        ),
        pytest.param("ontology/shapes/film.ttl", "validate", 1, marks=pytest.mark.slow),
    ],
)
def test_command_shows_nothing_of_a_linked_file(
    file: str, call: str, code: int, copy: Copy, secret: Path, kaiju: Command
) -> None:
    replace_by(copy, file, lambda path: path.symlink_to(secret))
    done = kaiju(*call.split(), cwd=copy.root)
    assert done.returncode == code
    assert OUTSIDE in done.stdout + done.stderr
    assert "SECRET" not in done.stdout + done.stderr
    assert done.stderr.count("\n") == (code != 1)


@needs_links
@pytest.mark.parametrize("file", [FILE, "graph/gamera-2", "ontology", "queries/who-directed.rq"])
def test_answer_in_the_cache_is_not_that_of_a_linked_file(
    file: str, copy: Copy, tmp_path: Path, kaiju: Command
) -> None:
    for path in copy.root.rglob("*.*"):
        os.utime(path, (1e9, 1e9))
    for _ in range(2):
        assert kaiju("ask", "who-directed", cwd=copy.root).returncode == 0
    (copy.root / file).rename(tmp_path / "moved")  # size, time and inode stay
    (copy.root / file).symlink_to(tmp_path / "moved")
    done = kaiju("ask", "who-directed", cwd=copy.root)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("kaiju: error: ")
    assert OUTSIDE in done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="there are no such devices")
@pytest.mark.parametrize("call", [["query", "--file", "/dev/zero"], ["query", "--file", "long"]])
def test_endless_query_ends_at_the_limit(call: list[str], tmp_path: Path, kaiju: Command) -> None:
    (tmp_path / "long").touch()
    os.truncate(tmp_path / "long", 2**40)
    done = kaiju(*call, cwd=tmp_path)
    error = f"kaiju: error: {call[-1]}: found more than 262,144 bytes; expected a query\n"
    assert (done.returncode, done.stdout, done.stderr) == (5, "", error)


@needs_links
def test_data_to_compare_is_a_regular_file(copy: Copy, kaiju: Command) -> None:
    (copy.root / "zero.nt").symlink_to("/dev/zero")
    os.mkfifo(copy.root / "pipe.nt")
    for name in ("zero.nt", "pipe.nt"):
        done = kaiju("diff", name, ".", cwd=copy.root)
        assert (done.returncode, done.stderr) == (3, f"kaiju: error: {name}:1: {SPECIAL}\n")
