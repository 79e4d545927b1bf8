"""A repair undoes what has exactly one safe remedy, and touches nothing else in a file."""

from __future__ import annotations

import json
import shutil
import stat
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal
from unicodedata import normalize

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sarif_kit import validation_errors

from kaiju_graph.errors import SourceError, UnreachableError
from kaiju_graph.project import layout, passages, sources
from kaiju_graph.project.locator import Locator
from kaiju_graph.project.sources import Remedy
from kaiju_graph.rdf.parse import parse
from kaiju_graph.rdf.terms import EVIDENCE, Quad
from kaiju_graph.store.files import write_all
from kaiju_graph.validation.edits import edit
from kaiju_graph.validation.evidence_checks import checks
from kaiju_graph.validation.findings import Findings
from kaiju_graph.validation.lint import Linter
from kaiju_graph.validation.repair import repair, write_repair
from kaiju_graph.validation.report import Report
from kaiju_graph.validation.suggest import KnownTerms
from tests.cli.render.test_report import NOTHING
from tests.repository import ROOT

if TYPE_CHECKING:
    from kaiju_graph.project.layout import Project
    from tests.conftest import Command, Copy

EVIDENCE_TERMS = ROOT / "ontology/evidence.ttl"
PREFIXES = """@prefix ev: <https://w3id.org/kaiju/evidence#> .
@prefix ex: <http://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
"""
NAMESPACES = {
    "ev": "https://w3id.org/kaiju/evidence#",
    "ex": "http://example.org/",
    "owl": "http://www.w3.org/2002/07/owl#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "sh": "http://www.w3.org/ns/shacl#",
}
ONTOLOGY = """
ex: a owl:Ontology .
ex:Person a owl:Class ; rdfs:isDefinedBy ex: .
ex:Work a owl:Class ; rdfs:isDefinedBy ex: .
ex:maker a owl:ObjectProperty ; rdfs:isDefinedBy ex: .
ex:director a owl:ObjectProperty ; rdfs:subPropertyOf ex:maker ; rdfs:isDefinedBy ex: .
"""
ENTITIES = """
ex:ann a ex:Person ;
    rdfs:label "Ann Öberg"@en . # her name
ex:film a ex:Work ;
    rdfs:label "The Long Film"@en .
"""
ARTICLE = """= The Long Film =

Ann Öberg directed ﬁve ½ films. She directed it.  It was
- Director: Ann Öberg
"""
# Each passage in a style of its own: comments, tabs, lists, a trailing semicolon, other quotes.
PASSAGES = """
# Passages, "not" a quote ; with signs .

ex:p1 ev:quote "The Long Film"@en .
ex:p1 { ex:film a ex:Work }

ex:p2 ev:quote "Ann Öberg directed ﬁve ½ films."@en . # five
ex:p2 {
    ex:ann a ex:Person . # a comment ; with signs .
}

ex:p3 ev:quote "She directed it."@en ;
    ev:needsContext ex:p1 , ex:p2 .
ex:p3 {
    # It is the film.
    ex:film ex:director ex:ann ;
}

ex:p4\tev:quote\t'''It was'''@en ; # It
    ev:needsContext ex:p1 .
ex:p4 { ex:film a ex:Work . }

ex:p5 ev:quote "Director: Ann Öberg"@en ;
    ev:needsContext ex:p1 .

ex:p5 {
    ex:film ex:director ex:ann .
}
ex:article a ev:Article ; rdfs:label "it"@en ; ev:about ex:film .
"""
FILE = "graph/film/film.trig"
ENTITIES_FILE = "graph/entities.ttl"
BOM = "\ufeff"
QUOTES = ("The Long Film", "Ann Öberg directed ﬁve ½ films.", "Director: Ann Öberg")


def write_project(root: str) -> Project:
    """Write a project of one article; return it."""
    pairs = (f'[ sh:prefix "{k}" ; sh:namespace "{v}" ]' for k, v in NAMESPACES.items())
    files = {
        "ontology/prefixes.ttl": f"{PREFIXES}ex: sh:declare {' , '.join(pairs)} .\n",
        "ontology/ex.ttl": PREFIXES + ONTOLOGY,
        "ontology/evidence.ttl": EVIDENCE_TERMS.read_text(encoding="utf-8"),
        ENTITIES_FILE: PREFIXES + ENTITIES,
        "graph/film/article.txt": ARTICLE,
        FILE: PREFIXES + PASSAGES,
        "queries/README.md": "",
    }
    for file, text in files.items():
        path = Path(root, file)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return layout.find(root)


def check_evidence(project: Project) -> Report:
    """Return the report of the evidence checks only, which is fast."""
    if unread := Linter(project).check_loading():
        return Report(unread, [])
    data = sources.read(project)
    located = passages.locate_passages(data)
    known = KnownTerms(data.quads, project)
    findings = Findings(project, Locator(project, data), located, known)
    found = checks.check(data, located)
    return Report([findings.violation(finding).violation for finding in found], [])


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return write_project(str(tmp_path / "project"))


def read(project: Project, file: str = FILE) -> str:
    return Path(project.path(file)).read_bytes().decode()


def write(project: Project, text: str, file: str = FILE) -> None:
    Path(project.path(file)).write_bytes(text.encode())


# Texts -----------------------------------------------------------------------

# What is there → what stands there instead, for one breakage each; each has exactly one remedy.
FORMS: tuple[Literal["NFC", "NFD", "NFKC", "NFKD"], ...] = ("NFC", "NFD", "NFKC", "NFKD")
BREAKAGES = {
    "the only context": (
        '"Director: Ann Öberg"@en ;\n    ev:needsContext ex:p1 .',
        '"Director: Ann Öberg"@en .',
    ),
    "all contexts": (
        '"She directed it."@en ;\n    ev:needsContext ex:p1 , ex:p2 .',
        '"She directed it."@en .',
    ),
    "the last context": ("ev:needsContext ex:p1 , ex:p2 .", "ev:needsContext ex:p1 ."),
    "a statement that follows": (
        "ex:film ex:director ex:ann .",
        "ex:film ex:maker ex:ann ;\n        ex:director ex:ann .",
    ),
    "a computed property": ("ev:quote\t'''It", "ev:end 7 ;\n    ev:quote\t'''It"),
    "a computed property of its own": ("ex:article a ev", "ex:p2 ev:order 2 .\nex:article a ev"),
    "a computed class": ("ex:p1 ev:quote", "ex:p1 a ev:Passage ;\n    ev:quote"),
    "a computed value in a list": ("# It\n", "# It\n    ev:start 1 , 2 ;\n"),
}


@st.composite
def respelt(draw: st.DrawFn, words: str) -> str:
    """Return words with other spaces, or in another Unicode form, or both."""
    space = draw(st.sampled_from([" ", "  ", "\u00a0", "\u2009", "\u3000", "\\t", "\u200b "]))
    other = words.replace(" ", space)
    for form in draw(st.lists(st.sampled_from(FORMS), max_size=2)):
        other = normalize(form, other)
    if normalize("NFC", other) == other:
        return other
    return "".join(c if c.isascii() else f"\\u{ord(c):04x}" for c in other)  # a file is in NFC


@given(st.data())
def test_repair_restores_what_was_broken_and_touches_nothing_else(data: st.DataObject) -> None:
    broken = PREFIXES + PASSAGES
    quotes = data.draw(st.sets(st.sampled_from(QUOTES)))
    for quote in sorted(quotes):
        broken = broken.replace(f'"{quote}"', f'"{data.draw(respelt(quote))}"')
    for name in data.draw(st.sets(st.sampled_from(sorted(BREAKAGES)))):
        broken = broken.replace(*BREAKAGES[name], 1)  # nothing, if another has changed it
    if data.draw(st.booleans()):
        broken = broken.replace("\n", "\r\n")
    with TemporaryDirectory() as folder:
        project = write_project(folder)
        write(project, broken)
        write(project, data.draw(st.sampled_from(["", BOM])) + PREFIXES + ENTITIES, ENTITIES_FILE)
        fix = repair(project, check_evidence)
        assert not fix.report.violations
        assert read(project) == broken  # until it is written
        write_repair(project, fix)
        assert read(project) == PREFIXES + PASSAGES
        assert read(project, ENTITIES_FILE) == PREFIXES + ENTITIES
        assert not repair(project, check_evidence).files


REAL = sorted(ROOT.glob("graph/**/*.t*"))


@pytest.mark.slow
@given(st.sampled_from([path for path in REAL if path.suffix in (".trig", ".ttl")]), st.data())
def test_edit_removes_and_adds_one_statement_of_any_file(path: Path, data: st.DataObject) -> None:
    text = path.read_text(encoding="utf-8")
    quads = [*parse(path.name, text, EVIDENCE)]
    quad = data.draw(st.sampled_from(quads))
    edited = edit(path.name, text, EVIDENCE, [Remedy(quad, None)])
    comments = [line for line in text.split("\n") if line.strip().startswith("#")]
    assert [line for line in edited.split("\n") if line.strip().startswith("#")] == comments
    if edited == text:  # only a comment prevents it
        assert "#" in text
        return
    rest = [*parse(path.name, edited, EVIDENCE)]
    assert Counter(rest) == Counter(other for other in quads if other != quad)
    if any((q.subject, q.graph) == (quad.subject, quad.graph) for q in rest):
        again = edit(path.name, edited, EVIDENCE, [Remedy(None, quad)])
        assert {*parse(path.name, again, EVIDENCE)} == {*quads}
        added = [line for line in again.split("\n") if line not in edited.split("\n")]
        assert len(added) <= 2


STATEMENT = Quad._make((*map(ox.NamedNode, ("ex:s", "ex:p", "ex:o")), EVIDENCE))


@pytest.mark.parametrize(
    ("text", "remaining"),
    [
        ("ex:s ex:p ex:o , ex:x .\n", "ex:s ex:p ex:x .\n"),
        ("ex:s ex:p ex:x, ex:o.\n", "ex:s ex:p ex:x.\n"),
        ("ex:s ex:p ex:o ; ex:q 1 .\n", "ex:s ex:q 1 .\n"),
        ("ex:s ex:q 1 ;\n  ex:p ex:o ; .\n", "ex:s ex:q 1 ; .\n"),
        ("ex:s ex:q '''#''' ; ex:p ex:o; ex:r '.'@en .\n", "ex:s ex:q '''#''' ; ex:r '.'@en .\n"),
        ("# a\nex:s ex:p ex:o .\nex:t ex:p ex:o . # b\n", "# a\nex:t ex:p ex:o . # b\n"),
        ("ex:t ex:p 1. ex:s ex:p ex:o. ex:t ex:p 2.\n", "ex:t ex:p 1.  ex:t ex:p 2.\n"),
        ("ex:t ex:p [ ex:p ex:o ] . ex:s ex:p ex:o .\n", "ex:t ex:p [ ex:p ex:o ] . \n"),
    ],
)
def test_edit_removes_a_statement_with_its_signs(text: str, remaining: str) -> None:
    prefix = "@prefix ex: <ex:> .\n"
    remedy = Remedy(STATEMENT, None)
    assert edit("x.ttl", prefix + text, EVIDENCE, [remedy]) == prefix + remaining


@pytest.mark.parametrize(
    "text",
    [
        "ex:s ex:p ex:o ; # why\n  ex:q 1 .\n",
        "ex:s ex:p # why\n  ex:o .\n",
        "ex:s ex:p ex:o . ex:s ex:p ex:o .\n",
        "ex:s ex:p ex:x .\n",
    ],
)
def test_edit_leaves_what_it_cannot_remove_alone(text: str) -> None:
    text = f"@prefix ex: <ex:> .\n{text}"
    assert edit("x.ttl", text, EVIDENCE, [Remedy(STATEMENT, None)]) == text


def test_edit_applies_the_other_remedies_if_one_cannot_be() -> None:
    text = "<urn:s> <urn:p> <urn:a> , <urn:b> . <urn:t> <urn:p> <urn:a> ; # why\n <urn:q> 1 ."
    quads = [*parse("x.ttl", text, EVIDENCE)]
    remedies = [Remedy(quad, None) for quad in quads[:3]]
    remedies.append(Remedy(None, quads[3]._replace(object=ox.Literal("a\nb", language="en"))))
    edited = edit("x.ttl", text, EVIDENCE, remedies)
    assert edited == ' <urn:t> <urn:p> <urn:a> ; # why\n <urn:q> 1 , "a\\nb"@en .'


# Remedies --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Ann Öberg directed", "Anna Öberg directed"),  # other words
        ("ev:needsContext ex:p1 , ex:p2 .", "ev:needsContext ex:p1 , ex:p2 , ex:p5 ."),
        ("ev:about ex:film", "ev:about [ ]"),
    ],
)
def test_violation_without_exactly_one_safe_remedy_stays(
    old: str, new: str, project: Project
) -> None:
    text = read(project)
    assert old in text
    write(project, text.replace(old, new))
    fix = repair(project, check_evidence)
    assert fix.report.violations
    assert fix.report == fix.first
    assert not fix.files


def test_name_is_respelt_as_the_article_has_it(project: Project) -> None:
    text = read(project, ENTITIES_FILE)
    write(project, text.replace('"Ann Öberg"@en', '"Ann\\u2003O\\u0308berg"@en'), ENTITIES_FILE)
    fix = repair(project, check_evidence)
    write_repair(project, fix)
    assert read(project, ENTITIES_FILE) == text


def test_remedy_that_uncovers_a_violation_is_followed_by_the_next(project: Project) -> None:
    text = read(project)
    broken = text.replace("ev:needsContext ex:p1 , ex:p2", "ev:needsContext ex:p1")
    broken = broken.replace("'''It was'''", "'''It  was'''").replace("\n", "\r\n")
    write(project, broken)
    fix = repair(project, check_evidence)
    assert not fix.report.violations
    assert {violation.rule for violation in fix.first.violations} == {"syntax"}
    write_repair(project, fix)
    assert read(project) == text.replace("'''It was'''", '"It was"')


# Files -----------------------------------------------------------------------


def broken_twice(project: Project) -> list[Path]:
    """Break two files of a project; return them."""
    write(project, read(project).replace("ev:needsContext ex:p1 , ex:p2", "ev:needsContext ex:p2"))
    write(project, BOM + read(project, ENTITIES_FILE), ENTITIES_FILE)
    return [Path(project.path(file)) for file in (ENTITIES_FILE, FILE)]


def test_file_keeps_its_mode(project: Project) -> None:
    paths = broken_twice(project)
    for path in paths:
        path.chmod(0o640)
    write_repair(project, repair(project, check_evidence))
    assert [stat.S_IMODE(path.stat().st_mode) for path in paths] == [0o640, 0o640]


def test_nothing_is_written_through_a_link(project: Project) -> None:
    paths = broken_twice(project)
    target = paths[1].with_name("film.txt")  # a link out of the project is not even read
    paths[1].rename(target)
    paths[1].symlink_to(target)
    before = [path.read_bytes() for path in paths]
    fix = repair(project, check_evidence)
    with pytest.raises(SourceError, match=f"^{FILE}:1:1: found a link; expected a file"):
        write_repair(project, fix)
    assert [path.read_bytes() for path in paths] == before
    assert paths[1].is_symlink()


def test_nothing_is_written_if_a_file_has_changed_meanwhile(project: Project) -> None:
    paths = broken_twice(project)
    fix = repair(project, check_evidence)
    write(project, read(project) + "# new\n")
    before = [path.read_bytes() for path in paths]
    with pytest.raises(UnreachableError, match="has changed meanwhile"):
        write_repair(project, fix)
    assert [path.read_bytes() for path in paths] == before


def test_files_are_replaced_all_or_none(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    contents = {str(path): b"new", str(tmp_path / "missing"): b"new"}
    with pytest.raises(FileNotFoundError):
        write_all(contents)
    assert path.read_bytes() == b"old"
    assert [*tmp_path.iterdir()] == [path]


# The command -----------------------------------------------------------------


RULES = ("--rule", "context", "--rule", "follows")


@pytest.fixture
def broken(copy: Copy) -> Copy:
    """Return a copy with a missing context, and a statement that follows."""
    copy.replace("graph/gamera-2/see-also.trig", " ;\n    ev:needsContext g2:release-1-1", "")
    director = "film:director id:shusuke-kaneko"
    more = f"{director} ;\n        film:contributor id:shusuke-kaneko"
    copy.replace("graph/gamera-2/infobox.trig", director, more)
    shutil.rmtree(copy.root / "ontology/shapes")  # which are slow
    copy.write("ontology/shapes/none.ttl", NOTHING)
    return copy


def test_fix_changes_files_and_reports_what_is_left(broken: Copy, kaiju: Command) -> None:
    files = ("graph/gamera-2/infobox.trig", "graph/gamera-2/see-also.trig")
    before = [broken.read(file) for file in files]
    dry = kaiju("validate", "--fix", "--dry-run", *RULES, cwd=broken.root)
    assert (dry.returncode, dry.stderr) == (1, "")
    assert [broken.read(file) for file in files] == before
    changed = [line for line in dry.stdout.split("\n") if line[:1] in ("+", "-")]
    assert changed == [
        f"--- a/{files[0]}",
        f"+++ b/{files[0]}",
        "-    id:gamera-2 film:director id:shusuke-kaneko ;",
        "-        film:contributor id:shusuke-kaneko .",
        "+    id:gamera-2 film:director id:shusuke-kaneko .",
        f"--- a/{files[1]}",
        f"+++ b/{files[1]}",
        '-g2:see-also-1 ev:quote "List of killer insect films"@en .',
        '+g2:see-also-1 ev:quote "List of killer insect films"@en ;',
        "+    ev:needsContext g2:release-1-1 .",
    ]
    fixed = kaiju("validate", "--fix", *RULES, cwd=broken.root)
    assert (fixed.returncode, fixed.stdout) == (0, "conforms\n")
    assert fixed.stderr == f"kaiju: changed {files[0]}, {files[1]}\n"
    root = ROOT
    assert [broken.read(file) for file in files] == [
        (root / file).read_text(encoding="utf-8") for file in files
    ]


def test_sarif_has_the_same_changes(broken: Copy, kaiju: Command) -> None:
    run = kaiju("validate", "-f", "sarif", *RULES, cwd=broken.root)
    log = json.loads(run.stdout)
    assert validation_errors(log) == []
    texts: dict[str, str] = {}
    for result in log["runs"][0]["results"]:
        ((change,),) = (fix["artifactChanges"] for fix in result["fixes"])
        file = change["artifactLocation"]["uri"]
        (replacement,) = change["replacements"]
        region = replacement["deletedRegion"]
        lines = broken.read(file).split("\n")
        start, end = (
            sum(len(line) + 1 for line in lines[: region[f"{name}Line"] - 1])
            + region[f"{name}Column"]
            - 1
            for name in ("start", "end")
        )
        text = broken.read(file)
        texts[file] = text[:start] + replacement["insertedContent"]["text"] + text[end:]
    root = ROOT
    assert len(texts) == 2
    assert texts == {file: (root / file).read_text(encoding="utf-8") for file in texts}


def test_dry_run_needs_fix_and_fix_a_project(kaiju: Command, tmp_path: Path) -> None:
    run = kaiju("validate", "--dry-run")
    assert run.returncode == 2
    assert run.stderr == "kaiju: error: found --dry-run without --fix; expected both\n"
    run = kaiju("validate", "--fix", "--dry-run", "-f", "json")
    assert run.returncode == 2
    assert run.stderr.startswith("kaiju: error: found --dry-run with -f json; expected no format")
    run = kaiju("validate", "--fix", cwd=tmp_path)
    assert run.returncode == 2
    assert "this is the bundled copy" in run.stderr
