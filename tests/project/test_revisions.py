"""A revision is read as data: nothing that a repository configures runs, fetches or is followed."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from kaiju_graph.errors import LimitError, UnreachableError
from kaiju_graph.project import layout, revisions

FILES = {
    "ontology/prefixes.ttl": b"# \xe2\x80\x93 $Format:%H$ $Id$\r\n",
    "graph/a.trig": b"",
    "queries/a.rq": b"SELECT * {}",
}
EMPTY = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
"""The object of an empty file, such as ``graph/a.trig``."""


def git(root: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    environment = {"PATH": os.environ["PATH"], "HOME": str(root)}
    subprocess.run(
        ["git", *identity, *arguments],  # noqa: S607
        cwd=root,
        check=True,
        capture_output=True,
        env=environment,
    )


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a repository with one commit of ``FILES``."""
    root = tmp_path / "repository"
    for name, content in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    git(root, "init", "-q")
    git(root, "-c", "core.autocrlf=false", "add", ".")
    git(root, "commit", "-qm", "first")
    return root


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    """Return a file that is there as soon as a program that was configured has run."""
    return tmp_path / "marker"


def extract(root: Path, folder: Path, revision: str = "HEAD") -> dict[str, bytes]:
    """Return the files of a revision, by name."""
    folder.mkdir()
    revisions.extract(str(root), revision, str(folder))
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_bytes_are_those_that_were_committed(repository: Path, tmp_path: Path) -> None:
    (repository / ".gitattributes").write_text("* export-subst ident text eol=crlf\n")
    git(repository, "add", ".gitattributes")
    git(repository, "commit", "-qm", "attributes")
    assert extract(repository, tmp_path / "out") == FILES


@pytest.mark.parametrize(
    "configuration",
    [
        {"filter.x.smudge": "touch {marker}; cat", "filter.x.clean": "touch {marker}; cat"},
        {"filter.x.process": "touch {marker}", "filter.x.required": "true"},
        {"tar.zip.command": "touch {marker}; cat", "tar.umask": "user"},
        {"core.fsmonitor": "touch {marker}"},
        {"core.hooksPath": "{hooks}"},
        {"core.pager": "touch {marker}", "pager.ls-tree": "true", "pager.cat-file": "true"},
        {"core.sshCommand": "touch {marker}", "core.gitProxy": "touch {marker}"},
        {"diff.x.textconv": "touch {marker}", "diff.external": "touch {marker}"},
    ],
    ids=lambda configuration: next(iter(configuration)),
)
def test_no_program_of_the_configuration_runs(
    configuration: dict[str, str], repository: Path, marker: Path, tmp_path: Path
) -> None:
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    for name in ("post-checkout", "reference-transaction", "post-index-change"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {marker}\n")
        (hooks / name).chmod(0o755)
    (repository / ".gitattributes").write_text("* filter=x diff=x\n")
    git(repository, "add", ".gitattributes")
    git(repository, "commit", "-qm", "attributes")
    for name, value in configuration.items():
        git(repository, "config", name, value.format(marker=marker, hooks=hooks))
    assert extract(repository, tmp_path / "out") == FILES
    assert not marker.exists()


def test_a_promisor_is_never_asked(repository: Path, marker: Path, tmp_path: Path) -> None:
    git(repository, "config", "core.repositoryFormatVersion", "1")
    git(repository, "config", "extensions.partialClone", "origin")
    git(repository, "config", "remote.origin.promisor", "true")
    git(repository, "config", "remote.origin.url", str(repository))
    git(repository, "config", "remote.origin.uploadpack", f"touch {marker}; git-upload-pack")
    blob = subprocess.run(
        ["git", "rev-parse", "HEAD:queries/a.rq"],  # noqa: S607
        cwd=repository,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    Path(repository, ".git", "objects", blob[:2], blob[2:]).unlink()
    with pytest.raises(UnreachableError, match="HEAD: "):
        extract(repository, tmp_path / "out")
    assert not marker.exists()


def test_a_bare_repository_that_lies_in_the_folder_is_none(
    repository: Path, marker: Path, tmp_path: Path
) -> None:
    planted = tmp_path / "planted"
    git(repository, "clone", "-q", "--bare", ".", str(planted))
    git(planted, "config", "core.fsmonitor", f"touch {marker}")
    for name in FILES:
        (planted / name).parent.mkdir(parents=True, exist_ok=True)
    with pytest.raises(UnreachableError, match="HEAD: expected"):
        extract(planted, tmp_path / "out")
    assert not marker.exists()


@pytest.mark.parametrize("is_link", [False, True])
def test_a_worktree_has_the_revisions_of_its_repository(
    is_link: bool,  # noqa: FBT001 (a case)
    repository: Path,
    marker: Path,
    tmp_path: Path,
) -> None:
    tree = tmp_path / "tree"
    git(repository, "worktree", "add", "-q", "--detach", str(tree))
    if is_link:
        (tree / ".git").unlink()
        (tree / ".git").symlink_to(repository / ".git")
    git(repository, "config", "core.fsmonitor", f"touch {marker}")
    assert extract(tree, tmp_path / "out") == FILES
    assert not marker.exists()


def test_links_are_left_out(repository: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    (repository / "graph" / "b.trig").symlink_to(secret)
    (repository / "queries" / "sub").symlink_to(tmp_path)
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "links")
    assert extract(repository, tmp_path / "out") == FILES


def test_a_revision_that_is_too_large_is_an_error(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revisions, "MAX_BYTES", 10)
    with pytest.raises(LimitError, match=r"^HEAD: found more than 0 MiB; expected no more$"):
        extract(repository, tmp_path / "out")


@pytest.mark.parametrize("depth", [layout.MAX_DEPTH, 1500])
def test_a_revision_with_folders_nested_too_deep_is_an_error(
    depth: int, repository: Path, tmp_path: Path
) -> None:
    name = f"graph/{'a/' * depth}b.trig"
    git(repository, "update-index", "--add", "--cacheinfo", f"100644,{EMPTY},{name}")
    git(repository, "commit", "-qm", "deep")
    with pytest.raises(LimitError, match=r"^HEAD: found folders nested deeper than 16$"):
        extract(repository, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_name_that_no_folder_can_have_is_an_error_of_the_revision(
    repository: Path, tmp_path: Path
) -> None:
    name = f"graph/{'a' * 300}"
    git(repository, "update-index", "--add", "--cacheinfo", f"100644,{EMPTY},{name}")
    git(repository, "commit", "-qm", "long")
    with pytest.raises(UnreachableError, match=f"^HEAD: {name} cannot be written: File name too"):
        extract(repository, tmp_path / "out")


def test_a_revision_with_too_many_files_is_an_error(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout, "MAX_FILES", 2)
    with pytest.raises(LimitError, match=r"^HEAD: found more than 2 files; expected no more$"):
        extract(repository, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []
