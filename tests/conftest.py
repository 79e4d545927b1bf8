"""What all tests share: the repository, its graph, copies to change, and the command."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

import pytest
from _pytest.mark import ParameterSet
from hypothesis import HealthCheck, settings

import kaiju_graph
from kaiju_graph import fast_path
from kaiju_graph.project import layout
from kaiju_graph.store import cache
from tests import projects
from tests.repository import FOLDERS, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kaiju_graph import KnowledgeGraph


# A busy machine is no failure, so time is not checked. .ci/run takes the thorough profile.
for profile, examples in {"quick": 25, "thorough": 100}.items():
    settings.register_profile(
        profile,
        database=None,
        deadline=None,
        max_examples=examples,
        suppress_health_check=[HealthCheck.too_slow],
    )
settings.load_profile("quick")


class Copy(NamedTuple):
    """A copy of the project that a test may change."""

    root: Path

    def read(self, file: str) -> str:
        """Return the text of a file, given relative to the root."""
        return (self.root / file).read_bytes().decode()

    def write(self, file: str, text: str) -> None:
        """Write a file, given relative to the root, and its folder if missing."""
        path = self.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())

    def replace(self, file: str, old: str, new: str) -> None:
        """Replace the first occurrence of a text in a file, which must contain it."""
        text = self.read(file)
        assert old in text, f"{file} has no {old!r}"
        self.write(file, text.replace(old, new, 1))

    def line(self, file: str, number: int) -> str:
        """Return a line of a file; lines count from 1."""
        return self.read(file).split("\n")[number - 1]

    def load(self) -> KnowledgeGraph:
        """Return the knowledge graph of the copy."""
        return kaiju_graph.load(str(self.root))


class Command(Protocol):
    """The command ``kaiju``: arguments → exit code, standard output and standard error."""

    def __call__(
        self,
        *arguments: str,
        cwd: str | Path | None = None,
        env: Mapping[str, str] | None = None,
        input: str | None = None,  # noqa: A002 (subprocess's name)
    ) -> subprocess.CompletedProcess[str]: ...


def every_nth(cases: Iterable[object], step: int) -> list[ParameterSet]:
    """Return cases for ``parametrize``: every ``step``-th runs by default, the others are slow."""
    parameters = []
    for number, case in enumerate(cases):
        values = case if type(case) is tuple else (case,)
        parameter = case if isinstance(case, ParameterSet) else pytest.param(*values)
        marks = [] if number % step == 0 else [pytest.mark.slow]
        parameters.append(parameter._replace(marks=[*parameter.marks, *marks]))
    return parameters


def pytest_configure(config: pytest.Config) -> None:
    # All workers and the doctests of src inherit one empty cache; no test depends on a user's
    # cache, settings or KAIJU_ROOT.
    if not hasattr(config, "workerinput"):
        os.environ.pop("KAIJU_ROOT", None)
        # Without compiled modules, each of some hundred processes would compile them again.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["KAIJU_CACHE"] = tempfile.mkdtemp(prefix="kaiju-tests-")
        os.environ["XDG_CONFIG_HOME"] = os.path.join(os.environ["KAIJU_CACHE"], "no-settings")


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ["KAIJU_CACHE"], ignore_errors=True)


def pytest_xdist_auto_num_workers() -> int:
    # One more than cores, as many tests wait: for a server, a browser, a limit of time.
    return (os.cpu_count() or 1) + 1


@pytest.fixture(scope="session", autouse=True)
def _working_folder() -> None:
    os.chdir(ROOT)


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the root of the repository."""
    return ROOT


@contextmanager
def one_worker(name: str) -> Iterator[None]:
    """Let one worker make what the others read from the cache afterwards."""
    lock = Path(os.environ["KAIJU_CACHE"], f"making-{name}")
    until = time.monotonic() + 120
    while time.monotonic() < until:
        try:
            lock.mkdir()
            break
        except FileExistsError:
            time.sleep(0.05)
    try:
        yield
    finally:
        if lock.is_dir():
            lock.rmdir()


@pytest.fixture(scope="session")
def kg(root: Path) -> KnowledgeGraph:
    """Return the graph of the repository; one worker infers it, the others read the cache."""
    loaded = kaiju_graph.load(str(root))
    with one_worker("quads"):
        assert loaded.quads
    return loaded


@pytest.fixture(scope="session")
def both(two_films: Path) -> KnowledgeGraph:
    """Return the graph of the project of two films."""
    return kaiju_graph.load(str(two_films))


@pytest.fixture(scope="session")
def _memory(kg: KnowledgeGraph) -> bytes:
    """Return the memory of a validation of the repository, which one worker makes."""
    folder = Path(os.environ["KAIJU_CACHE"], "warm")  # where no other entry displaces it
    with one_worker("memory"), pytest.MonkeyPatch.context() as patch:
        patch.setenv("KAIJU_CACHE", str(folder))
        assert kg.validate().conforms
    (path,) = folder.glob("memories/[!.]*")
    return path.read_bytes()


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a cache that does not exist yet, for this test only."""
    folder = tmp_path / "kept"
    monkeypatch.setenv("KAIJU_CACHE", str(folder))
    return folder


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """Return a new copy of ``ontology/``, ``graph/`` and ``queries/``."""
    copied = tmp_path / "copy"
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, copied / folder)
    return Copy(copied)


@pytest.fixture
def small_project(copy: Copy) -> Copy:
    """Return a copy of the project with one question and no article."""
    shutil.rmtree(copy.root / "graph" / "gamera-2")
    for path in copy.root.glob("queries/*.rq"):
        if path.name != "who-directed.rq":
            path.unlink()
    return copy


@pytest.fixture(scope="session")
def published(kg: KnowledgeGraph) -> Path:
    """Return a release with its pages, which one worker makes and no test changes."""
    from kaiju_graph.web.pages import site

    folder = Path(os.environ["KAIJU_CACHE"], "release")
    with one_worker("release"):
        if not folder.is_dir():
            site.release(kg, str(folder))
    return folder


@pytest.fixture(scope="session")
def two_films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the root of a project with a second article, on an invented film."""
    return projects.build("two-films", tmp_path_factory.mktemp("two-films"))


@pytest.fixture
def warm_memory(copy: Copy, _memory: bytes) -> None:
    """Let the copy be validated with the memory of the repository: only its edits are checked."""
    root = layout.find(str(copy.root)).root
    path = Path(cache.locate("memories", os.fsencode(root)))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_memory)


@pytest.fixture(scope="session")
def kaiju() -> Command:
    """Return the command, run in this process, which is fast.

    Where the process itself is tested (its imports, limits, signals, hash seed), use
    ``kaiju_process``. The working folder is the repository, unless one is given.
    """

    def run(
        *arguments: str,
        cwd: str | Path | None = None,
        env: Mapping[str, str] | None = None,
        input: str | None = None,  # noqa: A002 (subprocess's name)
    ) -> subprocess.CompletedProcess[str]:
        stdin, stdout, stderr = (TextIOWrapper(BytesIO(), encoding="utf-8") for _ in range(3))
        stdin.buffer.write((input or "").encode())
        stdin.seek(0)
        with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
            warnings.resetwarnings()  # pytest makes errors of them
            warnings.simplefilter("ignore", DeprecationWarning)
            for name, value in (env or {}).items():
                patch.setenv(name, value)
            patch.chdir(cwd or ROOT)
            patch.setattr(sys, "stdin", stdin)
            with redirect_stdout(stdout), redirect_stderr(stderr):
                code = fast_path.main(arguments)
        # As subprocess reads text: each end of line is a line feed.
        texts = [
            TextIOWrapper(BytesIO(stream.buffer.getvalue()), encoding="utf-8").read()
            for stream in (stdout, stderr)
        ]
        return subprocess.CompletedProcess(["kaiju", *arguments], code, *texts)

    return run


@pytest.fixture(scope="session")
def kaiju_process() -> Command:
    """Return the command, run as a process. The working folder is as for ``kaiju``."""

    def run(
        *arguments: str,
        cwd: str | Path | None = None,
        env: Mapping[str, str] | None = None,
        input: str | None = None,  # noqa: A002 (subprocess's name)
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "kaiju_graph", *arguments],
            cwd=cwd or ROOT,
            env={**os.environ, **(env or {})},
            input=input,
            stdin=subprocess.DEVNULL if input is None else None,
            capture_output=True,
            check=False,
            encoding="utf-8",
            timeout=60,
        )

    return run
