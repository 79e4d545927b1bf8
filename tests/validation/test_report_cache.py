"""The report of unchanged sources comes from the cache, and is the same to the byte."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from kaiju_graph.cli.render import report as rendering
from kaiju_graph.errors import CacheWarning
from kaiju_graph.project import layout
from kaiju_graph.validation import report_cache
from tests.conftest import every_nth
from tests.repository import ROOT
from tests.validation.test_validate import BY_PERSONS, SHAPES

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Command, Copy

FORMS = ("text", "turtle", "json", "github")
INFOBOX = "graph/gamera-2/infobox.trig"
EVERY_KIND = [
    "ontology/film.ttl",
    "ontology/alignments.ttl",
    "ontology/prefixes.ttl",
    "ontology/shapes/terms.ttl",
    "graph/entities.ttl",
    "graph/curation.trig",
    "graph/gamera-2/article.txt",
    "queries/who-directed.rq",
    INFOBOX,
]


@pytest.fixture
def copy(copy: Copy) -> Copy:
    """Return a copy with one shape, because all of them take time."""
    shutil.rmtree(copy.root / "ontology/shapes")
    copy.write("ontology/shapes/terms.ttl", SHAPES + BY_PERSONS)
    return copy


@pytest.fixture
def wrong_copy(copy: Copy) -> Copy:
    """Return a copy with mistakes that shapes, evidence checks and the grammar of SPARQL find."""
    copy.replace(INFOBOX, "film:director id:shusuke-kaneko .", "film:director id:japan .")
    copy.replace(INFOBOX, '"Music: Kow Otani"', '"Music: Koh Otani"')
    copy.replace("queries/who-directed.rq", "SELECT", "SELCT")
    copy.replace(
        "graph/entities.ttl",
        'rdfs:label "Toho"@en',
        'rdfs:label "Toho"@en , "\\u0001\\n\\"x\\\\"@de',
    )
    return copy


def entry(empty_cache: Path) -> Path:
    (path,) = empty_cache.glob("verdicts/*")
    return path


@pytest.mark.slow
def test_cached_report_equals_the_new_report(wrong_copy: Copy, empty_cache: Path) -> None:
    made = wrong_copy.load().validate()
    assert {violation.rule for violation in made.violations} >= {"quote", "query", "Film-director"}
    before = entry(empty_cache).stat()
    read = wrong_copy.load().validate()
    assert entry(empty_cache).stat().st_ino == before.st_ino  # it was not written again
    assert read == made
    assert [*map(type, read.violations[0])] == [*map(type, made.violations[0])]
    for form in FORMS:
        shown = [
            rendering.render_report(report, form, wrong_copy.load().project)
            for report in (read, made)
        ]
        assert shown[0] == shown[1]
    assert wrong_copy.load().validate(cache=False) == made


def test_cached_report_needs_neither_pyshacl_nor_rdflib(
    wrong_copy: Copy, empty_cache: Path
) -> None:
    wrong_copy.load().validate()
    assert entry(empty_cache).is_file()
    code = """
import sys
from kaiju_graph.cli.main import main
for form in ("text", "turtle", "json", "github"):
    assert main(["validate", "-f", form]) == 1
print([name for name in sys.modules if name.partition(".")[0] in ("pyshacl", "rdflib", "owlrl")])
"""
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=wrong_copy.root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.splitlines()[-1] == "[]"


@pytest.mark.slow
def test_command_prints_the_same_bytes_with_and_without_the_cache(
    wrong_copy: Copy, empty_cache: Path, kaiju: Command
) -> None:
    for form in FORMS:
        # Making the report again does not depend on the form.
        anew = [("--no-cache",)] if form == FORMS[0] else []
        runs = [
            kaiju("validate", "-f", form, *options, cwd=wrong_copy.root)
            for options in [(), (), *anew]
        ]
        assert {run.returncode for run in runs} == {1}
        others = "kaiju: 4 violations of other rules than shapes not shown; -f text shows all\n"
        assert {run.stderr for run in runs} == {others if form == "turtle" else ""}
        assert len({run.stdout for run in runs}) == 1
    assert entry(empty_cache).is_file()


def test_without_the_cache_no_file_is_written(copy: Copy, empty_cache: Path) -> None:
    assert copy.load().validate(cache=False).conforms
    assert not empty_cache.exists()


@pytest.mark.parametrize("file", EVERY_KIND)
def test_any_change_of_a_source_changes_the_key(file: str, copy: Copy) -> None:
    where = layout.find(str(copy.root))
    before = where.content_hash(report_cache.files(where), "1")
    copy.write(file, copy.read(file) + "\n")
    assert where.content_hash(report_cache.files(where), "1") != before
    assert where.content_hash([], "1") != where.content_hash([], "2")


def test_every_file_of_the_project_is_part_of_the_key() -> None:
    where = layout.find(str(ROOT))
    folders = (ROOT / name for name in ("ontology", "graph", "queries"))
    kinds = {".ttl", ".trig", ".rq", ".txt", ".jsonld"}
    paths = (p for f in folders for p in f.rglob("*.*") if p.suffix in kinds)
    sources = {p.relative_to(ROOT).as_posix() for p in paths}
    assert {*report_cache.files(where)} == sources


@pytest.mark.parametrize("damage", every_nth(["truncated", "changed", "empty"], 3))
def test_damaged_entry_is_made_again_with_one_warning(
    damage: str, copy: Copy, empty_cache: Path
) -> None:
    made = copy.load().validate()
    content = entry(empty_cache).read_bytes()
    damaged = {
        "truncated": content[:-1],
        "changed": content.replace(b"violations", b"violation5"),
        "empty": b"",
    }
    entry(empty_cache).write_bytes(damaged[damage])
    with pytest.warns(CacheWarning, match="is damaged; it is rebuilt") as warnings:
        assert copy.load().validate() == made
    assert len(warnings) == 1
    assert entry(empty_cache).read_bytes() == content
    assert copy.load().validate() == made


def test_unwritable_cache_gives_one_warning(copy: Copy, empty_cache: Path) -> None:
    empty_cache.write_text("no folder")
    with pytest.warns(CacheWarning) as warnings:
        assert copy.load().validate().conforms
    assert {warning.category for warning in warnings} == {CacheWarning}


def test_report_of_a_source_that_does_not_load_is_cached(copy: Copy, empty_cache: Path) -> None:
    copy.write(INFOBOX, "nonsense")
    for _ in range(2):
        (violation,) = copy.load().validate().violations
        assert (violation.rule, violation.place.file) == ("syntax", INFOBOX)
        assert violation.message == "found 'nonsense'; expected a subject"
    assert entry(empty_cache).is_file()


def test_report_is_not_cached_if_a_source_changes_meanwhile(copy: Copy, empty_cache: Path) -> None:
    def change(doing: str) -> None:
        if doing.startswith("checking the shapes:"):
            copy.write(INFOBOX, copy.read(INFOBOX) + "\n")

    kg = copy.load()
    kg.progress = change
    assert kg.validate().conforms
    assert not empty_cache.exists()


def test_entry_holds_no_absolute_path(copy: Copy, empty_cache: Path) -> None:
    copy.load().validate()
    moved = copy.root.parent / "moved"
    shutil.move(copy.root, moved)
    content = entry(empty_cache).read_bytes()
    assert os.fsencode(copy.root) not in content
    assert json.loads(content.rpartition(b"# ")[0])["violations"] == []
