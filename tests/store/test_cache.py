"""The cache is only the user's own, and what killed processes leave there is removed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING

import pytest

from kaiju_graph.store import cache, files, maintenance
from tests.repository import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Command

ASK = ("ask", "who-directed", "--root", str(ROOT))

posix = pytest.mark.skipif(sys.platform == "win32", reason="owners and modes are POSIX's")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a cache that does not exist yet, for this test only."""
    monkeypatch.setenv("KAIJU_CACHE", str(tmp_path / "own" / "cache"))
    return tmp_path / "own" / "cache"


# Whose it is -----------------------------------------------------------------


@posix
def test_new_cache_is_for_its_user_only(folder: Path, kaiju: Command) -> None:
    before = os.umask(0)
    try:
        assert kaiju(*ASK).stderr == ""
    finally:
        os.umask(before)
    made = [folder.parent, folder, *(path for path in folder.rglob("*") if path.is_dir())]
    assert len(made) > 4
    assert {path.stat().st_mode & 0o777 for path in made} == {0o700}


def open_to_all(folder: Path) -> str:
    folder.chmod(0o777)
    return f"{folder}: found a folder that others can write to; expected mode 0700"


def open_one_to_the_group(folder: Path) -> str:
    (folder / "answers").chmod(0o770)
    return f"{folder}/answers: found a folder that others can write to; expected mode 0700"


def give_away(folder: Path) -> str:
    if os.getuid() != 0:
        pytest.skip("only root can give a folder away")
    os.chown(folder, 12345, 12345)
    return f"{folder}: found a folder of another user; expected one of your own"


def link(folder: Path) -> str:
    (folder / "entries").rename(folder.parent / "elsewhere")
    (folder / "entries").symlink_to(folder.parent / "elsewhere")
    return f"{folder}/entries: found a link; expected a folder"


@pytest.mark.parametrize("name", ["", "entries"])
def test_file_in_place_of_a_folder_is_one_warning(name: str, folder: Path, kaiju: Command) -> None:
    right = kaiju(*ASK).stdout
    shutil.rmtree(folder / name)
    (folder / name).write_text("")
    done = kaiju(*ASK)
    path = folder / name
    assert (done.returncode, done.stdout) == (0, right)
    assert done.stderr == (
        f"kaiju: warning: {path}: found a file; expected a folder; the cache is not used\n"
    )


@posix
@pytest.mark.parametrize("change", [open_to_all, open_one_to_the_group, give_away, link])
def test_cache_that_others_may_have_written_is_not_believed(
    change: Callable[[Path], str], folder: Path, kaiju: Command
) -> None:
    right = kaiju(*ASK).stdout
    assert kaiju(*ASK).stdout == right  # an answer is kept from the second time on
    for path in folder.glob("answers/*/*"):
        files.write(str(path), files.read(str(path)).replace(b"Shusuke", b"Somehow"))
    assert "Somehow" in kaiju(*ASK).stdout  # what the cache says is believed
    message = change(folder)
    before = sorted(folder.rglob("*"))
    done = kaiju(*ASK)
    assert (done.returncode, done.stdout) == (0, right)
    assert done.stderr.startswith(f"kaiju: warning: {message}")
    assert done.stderr.endswith("; the cache is not used\n")
    assert done.stderr.count("\n") == 1
    cleared = kaiju("cache", "--clear")
    assert (cleared.returncode, cleared.stdout) == (4, "")
    assert cleared.stderr.startswith(f"kaiju: error: {message}")
    with pytest.raises(cache.UntrustedError):
        maintenance.prune("entries", "answers")
    assert sorted(folder.rglob("*")) == before


@posix
@pytest.mark.parametrize(
    ("kind", "replace"),
    [
        ("roots", os.mkfifo),
        ("answers", os.mkfifo),
        ("roots", lambda path: path.symlink_to("/dev/zero")),
        ("answers", lambda path: path.symlink_to(path.parent / "other")),
    ],
)
def test_pipe_or_link_in_the_cache_is_replaced(
    kind: str, replace: Callable[[Path], None], folder: Path, kaiju: Command
) -> None:
    right = [kaiju(*ASK).stdout, kaiju(*ASK).stdout][1]
    (path,) = (path for path in folder.rglob(f"{kind}/**/*") if path.is_file())
    path.rename(other := path.parent / "other")
    content = other.read_bytes()
    replace(path)
    done = kaiju(*ASK)
    assert (done.returncode, done.stdout, done.stderr) == (0, right, "")
    assert path.is_file()
    assert not path.is_symlink()
    assert other.read_bytes() == content


@posix
def test_file_or_entry_of_others_in_the_cache_is_not_believed(folder: Path, kaiju: Command) -> None:
    if os.getuid() != 0:
        pytest.skip("only root can give a file away")
    right = [kaiju(*ASK).stdout, kaiju(*ASK).stdout][1]
    (answer,) = folder.glob("answers/*/*")
    files.write(str(answer), files.read(str(answer)).replace(b"Shusuke", b"Somehow"))
    os.chown(answer, 12345, 12345)
    assert kaiju(*ASK).stdout == right
    (entry,) = folder.glob("entries/*")
    os.chown(entry, 12345, 12345)
    done = kaiju(*ASK)
    assert (done.returncode, done.stdout) == (0, right)
    assert done.stderr.startswith(f"kaiju: warning: {entry}: found a folder of another user")


def test_relative_cache_is_not_believed(
    tmp_path: Path, kaiju: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A project of somebody else could bring a folder of that name.
    done = kaiju(*ASK, cwd=tmp_path, env={"KAIJU_CACHE": ".cache"})
    message = "kaiju: warning: .cache: found a relative folder (KAIJU_CACHE); expected an absolute"
    assert done.returncode == 0
    assert done.stderr == f"{message} one; the cache is not used\n"
    assert list(tmp_path.iterdir()) == []
    monkeypatch.delenv("KAIJU_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert os.path.isabs(cache.folder())


@posix
def test_link_to_a_folder_of_ones_own_is_followed(folder: Path, kaiju: Command) -> None:
    elsewhere = folder.parent / "disk"
    elsewhere.mkdir(parents=True)
    folder.symlink_to(elsewhere)
    assert [kaiju(*ASK).stderr for _ in range(2)] == ["", ""]
    assert {path.name for path in elsewhere.iterdir()} == {"answers", "entries", "roots"}


@pytest.mark.usefixtures("folder")
def test_clearing_says_what_was_removed(folder: Path, kaiju: Command) -> None:
    assert kaiju("cache", "--clear").stdout == f"{folder}: nothing to remove\n"
    for _ in range(2):
        kaiju(*ASK)
    title, *removed = kaiju("cache", "--clear").stdout.splitlines()
    assert title == f"{folder}: removed"
    assert [line.split()[:2] for line in removed] == [
        ["1", "entries"],
        ["1", "answers"],
        ["1", "roots"],
    ]
    assert kaiju("cache", "--clear").stdout == f"{folder}: nothing to remove\n"


# Side by side ----------------------------------------------------------------


@pytest.mark.parametrize("number", [3, pytest.param(20, marks=pytest.mark.slow)])
def test_processes_on_a_cold_cache_print_no_warning(number: int, folder: Path, root: Path) -> None:
    command = [sys.executable, "-m", "kaiju_graph", *ASK]
    processes = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(number)
    ]
    outcomes = {(*process.communicate(timeout=300), process.returncode) for process in processes}
    answer = (root / "tests/answers/gamera-2/who-directed.csv").read_text("utf-8")
    assert outcomes == {(answer, "", 0)}
    assert {len(os.listdir(folder / kind)) for kind in ("entries", "roots")} == {1}


def test_temporary_files_of_living_processes_stay(folder: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    entries = folder / "entries"
    entries.mkdir(parents=True)
    own = files.temporary_path(str(entries / "key"))
    end = os.path.basename(own).rpartition(f"-{os.getpid()}-")[2]
    start = os.path.basename(own).removesuffix(f"{os.getpid()}-{end}")
    names = [
        os.path.basename(own),
        f"{start}{os.getppid()}-{end}",
        f".key-elsewhere-{dead.pid}-{end}",
        f"{start[1:]}{dead.pid}-{end}",
        f"{start}{dead.pid}-",
        ".key",
    ]
    abandoned = entries / f"{start}{dead.pid}-{end}"
    for path in (abandoned, *(entries / name for name in names)):
        path.mkdir()
        (path / "quads.nq").touch()
    maintenance.prune("entries")
    expected = {*names} | ({abandoned.name} if sys.platform == "win32" else set())
    assert {path.name for path in entries.iterdir()} == expected
    assert all((path / "quads.nq").exists() for path in entries.iterdir())


@pytest.mark.slow
def test_what_a_killed_run_left_is_removed_by_the_next(folder: Path) -> None:
    code = (
        "import os, signal; from kaiju_graph.store import maintenance; "
        "maintenance.write_entry('key', lambda _: os.kill(os.getpid(), signal.SIGKILL))"
    )
    if sys.platform == "win32":
        pytest.skip("a process cannot be asked whether it lives there")
    subprocess.run([sys.executable, "-c", code], check=False)
    (left,) = (folder / "entries").iterdir()
    assert left.name.startswith(".key-")
    subprocess.run([sys.executable, "-m", "kaiju_graph", *ASK], check=True, capture_output=True)
    (entry,) = (folder / "entries").iterdir()
    assert not entry.name.startswith(".")


def test_temporary_folder_of_a_killed_process_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if sys.platform == "win32":
        pytest.skip("a process cannot be asked whether it lives there")
    code = (
        "import os, signal; from kaiju_graph.store import files; "
        "folder = files.temporary_folder(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    subprocess.run([sys.executable, "-c", code], check=False)
    (left,) = tmp_path.iterdir()
    (tmp_path / ".kaiju-notes").mkdir()
    with files.temporary_folder() as folder, files.temporary_folder() as other:
        assert not left.exists()
        assert os.stat(folder).st_mode & 0o777 == 0o700
        assert {path.name for path in tmp_path.iterdir()} == {
            ".kaiju-notes",
            os.path.basename(folder),
            os.path.basename(other),
        }


def test_many_processes_do_not_remove_what_others_are_writing(folder: Path) -> None:
    entries = [
        files.temporary_path(str(folder / "entries" / f"key{number}"))
        for number in range(2 * maintenance.MAX_ENTRIES)
    ]
    for path in entries:
        os.makedirs(path)
    maintenance.prune("entries", "answers")
    assert [path for path in entries if not os.path.isdir(path)] == []
