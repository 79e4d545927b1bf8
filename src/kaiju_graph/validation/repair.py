"""Repair a project: apply the remedies of violations that have exactly one, a safe one.

A remedy is safe if it decides nothing: the context that a passage needs, the words of the article
in place of words that differ from them by spaces or Unicode form only, the removal of what the
program computes or the reasoner infers, and NFC, LF and no byte order mark in a file of UTF-8.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple
from unicodedata import normalize

from kaiju_graph.errors import SourceError, UnreachableError
from kaiju_graph.project.location import FOLDERS
from kaiju_graph.project.sources import data_files
from kaiju_graph.store.files import temporary_folder, write_all
from kaiju_graph.validation import report_cache
from kaiju_graph.validation.edits import edit
from kaiju_graph.validation.validate import find_project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kaiju_graph.project.layout import Project
    from kaiju_graph.project.sources import Remedy
    from kaiju_graph.validation.report import Report, Violation

__all__ = ["Repair", "repair", "write_repair"]

MAX_ROUNDS = 16
"""How often a project is validated, because a remedy may uncover other violations."""


class Repair(NamedTuple):
    """The effect of the remedies of a project."""

    first: Report
    """The report of the project as it is."""
    report: Report
    """The report of what is left."""
    files: dict[str, tuple[bytes, bytes]]
    """File, relative to the root → its content before and after, if it changes."""


def repair(project: Project, validate: Callable[[Project], Report]) -> Repair:
    """Return the repair of a project, which itself stays as it is.

    Args:
        project: the project.
        validate: returns the report of a project; the remedies of its violations are applied.

    Raises:
        UnreachableError: a file cannot be read.
    """
    before = {file: project.read_bytes(file) for file in report_cache.files(project)}
    after = dict(before)
    with temporary_folder() as root:
        for folder in FOLDERS:
            os.mkdir(os.path.join(root, folder))
        changes, reports = before, []
        for _ in range(MAX_ROUNDS):
            for file, content in changes.items():
                path = os.path.join(root, *file.split("/"))
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "wb") as output:
                    output.write(content)
            copy = find_project(root)
            reports.append(validate(copy))
            after |= changes
            found = _apply(copy, after, reports[-1].violations)
            changes = {file: content for file, content in found if content != after[file]}
            if not changes:
                break
    files = {file: (before[file], after[file]) for file in before if before[file] != after[file]}
    return Repair(reports[0], reports[-1], files)


def write_repair(project: Project, repair: Repair) -> None:
    """Write the files of a repair, all of them or none.

    Raises:
        SourceError: a file is a link, or in a folder that is one.
        UnreachableError: a file cannot be written, or has changed meanwhile.
    """
    contents: dict[str, bytes] = {}
    root = os.path.realpath(project.root)
    for file, (before, after) in repair.files.items():
        path = os.path.join(root, *file.split("/"))
        if os.path.realpath(path) != path:
            raise SourceError(f"{file}:1:1: found a link; expected a file to write to")
        if project.read_bytes(file) != before:
            raise UnreachableError(f"{file}: it has changed meanwhile; nothing is written")
        contents[path] = after
    try:
        write_all(contents)
    except OSError as error:
        name = os.path.relpath(error.filename or root, root)
        raise UnreachableError(f"{name}: cannot be written: {error.strerror}") from None


def _apply(
    project: Project, contents: dict[str, bytes], violations: Iterable[Violation]
) -> Iterable[tuple[str, bytes]]:
    """Yield the files for which there are remedies, with their content after these."""
    remedies: dict[str, list[Remedy]] = {}
    for violation in violations:
        file = violation.place.file
        if violation.rule == "syntax" and file in contents:
            yield file, _canonical(contents[file])
        elif violation.remedy:
            remedies.setdefault(file, []).append(violation.remedy)
    defaults = {file: default for file, default, _ in data_files(project)}
    for file, of_file in remedies.items():
        text = contents[file].decode()
        yield file, edit(file, text, defaults[file], of_file).encode()


def _canonical(content: bytes) -> bytes:
    """Return the form in which a project has its files, if they are in UTF-8."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content
    return normalize("NFC", text.replace("\r\n", "\n")).encode()
