"""``kaiju init`` makes a project of one's own, in which ``kaiju new`` and all else work."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

import kaiju_graph
from kaiju_graph.rdf.terms import RDFS, SKOS
from tests.draft.conftest import COMET, LICENCE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Command


def test_folder_that_is_not_empty_is_refused(tmp_path: Path, kaiju: Command) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").touch()
    (tmp_path / "file").touch()
    for name in ("mine", "file"):
        run = kaiju("init", name, cwd=tmp_path)
        expected = f"{name}: found a file, or a folder with files; expected a new or empty folder"
        assert run.stderr == f"kaiju: error: {expected}\n"
        assert run.returncode == 4
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter.txt"]


@pytest.mark.parametrize("namespace", ["b y", "no-iri/", "https://example.org/x"])
def test_namespace_is_an_iri_with_an_end(namespace: str, tmp_path: Path, kaiju: Command) -> None:
    run = kaiju("init", "made", "--namespace", namespace, cwd=tmp_path)
    assert run.returncode == 2
    assert run.stderr.startswith(f"kaiju: error: found the namespace {namespace!r}; expected ")
    assert not (tmp_path / "made").exists()


@pytest.mark.slow
@pytest.mark.parametrize("options", [(), ("--bare",)], ids=["films", "bare"])
def test_project_serves_from_the_first_text_to_a_release(
    options: tuple[str, ...], tmp_path: Path, kaiju: Command
) -> None:
    folder = tmp_path / "my own"
    run = kaiju("init", str(folder), *options, cwd=tmp_path)
    assert run.stderr == ""
    assert kaiju("validate", cwd=folder).stdout == "conforms\n"
    assert (
        kaiju("new", str(COMET / "article.txt"), "--licence", LICENCE, cwd=folder).returncode == 0
    )
    report = kaiju_graph.load(folder).validate()
    assert [violation.rule for violation in report.violations] == ["draft"]
    run = kaiju("export", "--all", str(tmp_path / "out"), "--draft", cwd=folder)
    assert run.returncode == 0
    (note,) = run.stderr.splitlines()
    assert re.match(r"kaiju: \d+ of 22 passages are not modelled yet", note)
    if not options:
        asked = kaiju("ask", *"what happens in Comet Night".split(), cwd=folder)
        assert "what-happens.rq: 11 of 22 passages about Comet Night are not m" in asked.stderr
    described = kaiju("describe", "Comet Night", cwd=folder)
    assert "https" in described.stdout or "id:comet-night" in described.stdout


@pytest.mark.slow
def test_bare_project_has_no_terms_of_other_ontologies(tmp_path: Path, kaiju: Command) -> None:
    kaiju("init", "letters", "--bare", cwd=tmp_path)
    texts = {
        path.relative_to(tmp_path).as_posix(): path.read_text("utf-8")
        for path in (tmp_path / "letters").rglob("*")
        if path.is_file()
    }
    for file, text in texts.items():
        if not file.endswith(("README.md", "shapes/evidence.ttl", "shapes/terms.ttl")):
            assert "kaiju/film#" not in text, file
            assert "kaiju/story#" not in text, file


@pytest.mark.slow
def test_bare_project_takes_terms_of_its_own(tmp_path: Path, kaiju: Command) -> None:
    """A line of its documents becomes a statement by a key of its own ontology."""
    kaiju("init", "letters", "--bare", cwd=tmp_path)
    folder = tmp_path / "letters"
    terms = folder / "ontology" / "terms.ttl"
    namespaces = {"rdfs": RDFS, "skos": SKOS}
    prefix = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in namespaces.items())
    own = """
terms:Letter a owl:Class ;
    rdfs:label "letter"@en ;
    skos:definition "A text that one person sends to another."@en ;
    rdfs:isDefinedBy terms: .

terms:Person a owl:Class ;
    rdfs:label "person"@en ;
    skos:definition "A human being, such as a writer."@en ;
    rdfs:isDefinedBy terms: .

terms:writer a owl:ObjectProperty ;
    rdfs:label "writer"@en ;
    skos:definition "Relates a letter to the one who wrote it."@en ;
    ev:infoboxKey "From"@en ;
    rdfs:domain terms:Letter ;
    rdfs:range terms:Person ;
    rdfs:isDefinedBy terms: .
"""
    text = prefix + terms.read_text("utf-8") + own
    terms.write_text(
        text.replace("ev:Passage )", "ev:Passage terms:Letter terms:Person )"), "utf-8"
    )
    (tmp_path / "a.txt").write_text("= To Bo =\n\n- From: Ann Poe\n\nDear Bo.\n", "utf-8")
    run = kaiju("new", "../a.txt", "--licence", LICENCE, cwd=folder)
    assert run.stdout.startswith("graph/to-bo: 3 passages about id:to-bo, 1 with a graph")
    drafted = (folder / "graph/to-bo/infobox.trig").read_text("utf-8")
    assert "id:to-bo terms:writer id:ann-poe ." in drafted
    entities = (folder / "graph/to-bo/entities.ttl").read_text("utf-8")
    assert "id:to-bo a terms:Letter" in entities
    report = kaiju_graph.load(folder).validate()
    assert [violation.rule for violation in report.violations] == ["draft"]
    assert report.conforms
