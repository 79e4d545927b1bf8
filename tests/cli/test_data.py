"""Bare data files in place of a project: ``query``, ``validate`` and ``export`` with ``--data``."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

import kaiju_graph
from kaiju_graph import fast_path
from kaiju_graph.cli import main as cli
from kaiju_graph.project import data_files
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import Command

TURTLE = """@prefix ex: <http://e/> .
ex:a a ex:Kind ; ex:n 01 , 1.50 ; ex:near <b> ; ex:list ( 1 2 ) ; ex:part [ ex:name "y"@en ] .
"""
QUADS = '<http://e/a> <http://e/p> "q" <http://e/g> .\n_:x <http://e/p> _:y <http://e/g> .\n'
LATIN = """<?xml version="1.0" encoding="ISO-8859-1"?>
<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:ex="http://e/">
<r:Description r:about="x"><ex:name>café</ex:name></r:Description></r:RDF>
"""
JSON = '{"@context": {"ex": "http://e/"}, "@id": "ex:j", "ex:n": [1.5, true, "x"]}'
SHAPES = """@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix ex: <http://e/> .
ex:Shape a sh:NodeShape ; sh:targetClass ex:Kind ;
    sh:property [ sh:path ex:n ; sh:maxInclusive 1 ] , [ sh:path ex:q ; sh:minCount 1 ] .
"""
ALL = "SELECT ?s ?o { ?s ?p ?o } ORDER BY ?s ?o"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a file of each kind."""
    texts = {"a.ttl": TURTLE, "b.nq": QUADS, "d.jsonld": JSON, "shapes.ttl": SHAPES}
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "c.rdf").write_bytes(LATIN.encode("latin-1"))
    return tmp_path


def test_files_of_all_formats_are_one_graph_with_their_literals_and_prefixes(
    folder: Path, kaiju: Command
) -> None:
    done = kaiju(
        *("query", "--data", "a.ttl", "b.nq", "c.rdf", "d.jsonld"),
        "SELECT ?n { ?s ex:n|ex:name ?n } ORDER BY STR(?n)",
        cwd=folder,
    )
    assert done.stdout.split() == ["n", "01", "1.50", "1.5E0", "café", "true", "x", "y"]
    assert done.stderr == ""


def test_default_graph_is_what_stands_outside_named_graphs(folder: Path, kaiju: Command) -> None:
    for query in ("SELECT * { ?s ?p ?o }", "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"):
        done = kaiju("query", "--data", "b.nq", query, cwd=folder)
        assert "found no triple outside named graphs such as <http://e/g>" in done.stderr
    done = kaiju(
        "query", "--data", "b.nq", "SELECT ?o { GRAPH ?g { <http://e/a> ?p ?o } }", cwd=folder
    )
    assert (done.stdout.split(), done.stderr) == (["o", "q"], "")


def test_blank_nodes_of_each_file_are_its_own_and_the_same_in_every_run(
    tmp_path: Path, kaiju: Command
) -> None:
    (tmp_path / "in").mkdir()
    for name in ("x.nt", "in/x.nt"):
        (tmp_path / name).write_text("_:b <http://e/p> _:b .\n", encoding="utf-8")
    call = ("query", "--data", "../x.nt", "x.nt", "SELECT DISTINCT ?s { ?s ?p ?s } ORDER BY ?s")
    first = kaiju(*call, cwd=tmp_path / "in").stdout
    assert len(set(first.split())) == 3
    assert kaiju(*call, "-f", "csv", cwd=tmp_path / "in").stdout == first


def test_relative_iris_are_resolved_by_the_address_of_the_file(
    folder: Path, kaiju: Command
) -> None:
    spaced = folder / "a b.ttl"  # RFC 3986, section 2.1: a space is %20
    spaced.write_text("<> <http://e/p> <#c> .", encoding="utf-8")
    done = kaiju("query", "--data", "a b.ttl", "SELECT ?o { ?s ?p ?o }", cwd=folder)
    assert done.stdout.split()[1] == f"file://{folder}/a%20b.ttl#c"
    done = kaiju("export", "--data", "-", "--data-base", "http://x/", input="<a> <b> <c> .")
    assert done.stdout == "<http://x/a> <http://x/b> <http://x/c> .\n"


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (TURTLE, "trig"),
        (QUADS, "nquads"),
        ("# c\n<http://e/s> <http://e/p> 'o' .", "trig"),
        (LATIN, "rdfxml"),
        ('<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>', "rdfxml"),
        (JSON, "jsonld"),
        (f"[{JSON}]", "jsonld"),
        ("[ <a:b> <a:c> ] <a:d> [] .", "trig"),
        ("{ <a:b> <a:c> <a:d> }", "trig"),
        ("", "trig"),
    ],
)
def test_text_without_an_ending_has_the_format_that_it_begins_like(text: str, form: str) -> None:
    content = text.encode("latin-1" if text == LATIN else "utf-8")
    file = data_files.read_file("-", read=lambda _: content)
    assert file.form == form
    assert [*ox.parse(file.text, format=_format(form), base_iri="http://x/")] or len(text) < 70


def _format(form: str) -> ox.RdfFormat:
    found = ox.RdfFormat.from_media_type(FORMATS[form].media_type)
    assert found
    return found


@pytest.mark.parametrize("form", [*FORMATS])
def test_export_converts_and_reads_back_the_same(
    form: str, folder: Path, kaiju: Command, tmp_path: Path
) -> None:
    out = tmp_path / f"out{FORMATS[form].endings[0]}"
    assert kaiju("export", "--data", "a.ttl", "-o", str(out), cwd=folder).returncode == 0
    first, again = (
        ox.Dataset(ox.parse(path=path, base_iri=base))
        for path, base in ((folder / "a.ttl", f"file://{folder}/a.ttl"), (out, "http://x/"))
    )
    for data in (first, again):
        data.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    assert again == first
    assert ox.Literal("01", datatype=ox.NamedNode(terms.XSD + "integer")) in {
        quad.object for quad in again
    }


def test_export_keeps_named_graphs_unless_the_format_has_none(folder: Path) -> None:
    data = kaiju_graph.load_data(folder / "a.ttl", folder / "b.nq")
    assert "ex:g {" in data.export()
    assert "ex:g" not in data.export("turtle")
    assert 'ex:p "q"' in data.export("turtle")


def test_nothing_is_inferred_unless_asked(tmp_path: Path, kaiju: Command) -> None:
    (tmp_path / "a.ttl").write_text(
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix ex: <http://e/> .\n"
        "ex:Dog rdfs:subClassOf ex:Animal . ex:rex a ex:Dog .\n",
        encoding="utf-8",
    )
    call = ("query", "--data", "a.ttl", "SELECT ?thing { ?thing a ex:Animal }")
    assert kaiju(*call, cwd=tmp_path).stdout.split() == ["thing"]
    assert kaiju(*call, "--inferred", cwd=tmp_path).stdout.split() == ["thing", "http://e/rex"]
    text = kaiju("export", "--data", "a.ttl", "--inferred", cwd=tmp_path).stdout
    assert "ex:rex a ex:Animal , ex:Dog ." in text


@pytest.mark.slow
def test_validation_reports_as_for_a_project(folder: Path, kaiju: Command) -> None:
    done = kaiju("validate", "--data", "a.ttl", "--shapes", "shapes.ttl", cwd=folder)
    assert done.returncode == 1
    assert "a.ttl:2:28: error[Shape] found 1.50 as ex:n of ex:a; expected at most 1" in done.stdout
    assert "found no ex:q of ex:a (ex:Kind); expected at least 1" in done.stdout
    assert "= rule: shapes.ttl:3" in done.stdout
    done = kaiju("validate", "--data", "d.jsonld", "--shapes", "shapes.ttl", cwd=folder)
    assert (done.stdout, done.returncode) == ("conforms\n", 0)
    misspelt = SHAPES.replace("sh:minCount", "sh:mincount")
    done = kaiju("validate", "--data", "d.jsonld", "--shapes", "-", cwd=folder, input=misspelt)
    assert "found sh:mincount; expected a term of SHACL; did you mean 'minCount'" in done.stdout


def test_python_has_the_same(folder: Path) -> None:
    data = kaiju_graph.load_data(folder / "a.ttl", shapes=[folder / "shapes.ttl"])
    assert [str(row["n"]) for row in data.query("SELECT ?n { ?s ex:n ?n } ORDER BY ?n")] == [
        "01",
        "1.50",
    ]
    assert not data.validate().conforms


@pytest.mark.parametrize(
    ("name", "content", "message", "code"),
    [
        ("x.ttl", b'<http://e/a> <http://e/b> "x ;\n', "x.ttl:1:27: found a string that does", 3),
        ("x.ttl", b"\xff\xfe", "x.ttl:1:1: found byte 0xff; expected UTF-8", 3),
        ("x.jsonld", b'{"@id": ', "x.jsonld:1:9: found invalid JSON-LD", 3),
        ("x.rdf", b"<a><b></a>", "x.rdf:1:", 3),
        ("x.nq", b"a b c", "x.nq:1:1: found 'a'; expected a subject", 3),
        ("x.nt", b"<http://e/a> <http://e/b> <<( <a:b> <a:c> <a:d> )>> .", "x.nt:1:27: ", 3),
        ("x.ttl", b"<a:b> <a:c> " + b"[ <a:d> " * 501 + b"]" * 501 + b" .", "x.ttl:1:4", 3),
        ("x.jsonld", b'{"@context": "http://e/c.jsonld"}', "expected it in the file", 3),
        ("x.nt", None, "x.nt: cannot be read: No such file or directory", 4),
    ],
)
def test_file_that_is_no_rdf_is_one_line_with_its_place(
    name: str, content: bytes | None, message: str, code: int, tmp_path: Path, kaiju: Command
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    done = kaiju("query", "--data", name, "ASK {}", cwd=tmp_path)
    assert message in done.stderr
    assert (done.stdout, done.stderr.count("\n"), done.returncode) == ("", 1, code)


def test_file_that_is_too_long_is_refused(
    folder: Path, kaiju: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_files, "MAX_BYTES", 50)
    done = kaiju("query", "--data", "a.ttl", "ASK {}", cwd=folder)
    assert done.stderr == "kaiju: error: a.ttl: found more than 50 bytes; expected no more\n"
    assert done.returncode == 5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("query --data a.ttl", "expected one query"),
        ("query --data a.ttl b.nq", "found the name of a file; did you mean --file b.nq?"),
        ("query --data-base http://x/ ASK{}", "found --data-base without --data; expected both"),
        ("query --data a.ttl --evidence ASK{}", "found --data and --evidence; only a project"),
        ("query --data - -", "found - twice"),
        ("query --data a.ttl --endpoint http://localhost/ ASK{}", "found --data and --endpoint"),
        ("query --data a.ttl --data-base x ASK{}", "expected an absolute IRI"),
        ("export --data a.ttl --thing x", "found --data and --thing; only a project"),
        ("export --all x --data a.ttl", "only a project has that"),
        ("validate --data a.ttl --fix", "found --data and --fix; only a project"),
        ("validate --shapes a.ttl", "found --shapes without --data; expected both"),
        ("validate --data a.ttl b.nq", "found no shapes in a.ttl, b.nq; expected files of shapes"),
        ("validate --data a.ttl --shapes d.jsonld", "found no shapes in d.jsonld; expected files"),
        ("validate --data a.ttl -f junit", "junit lists the rules of a project"),
    ],
)
def test_options_that_do_not_fit_are_refused(
    arguments: str, message: str, folder: Path, kaiju: Command
) -> None:
    done = kaiju(*arguments.split(), cwd=folder)
    assert message in done.stderr
    assert (done.stdout, done.returncode) == ("", 2)


@pytest.mark.skipif(not os.path.exists("/dev/fd"), reason="a pipe has no name here")
@pytest.mark.slow
def test_pipe_is_read_once(folder: Path) -> None:
    command = f'{sys.executable} -m kaiju_graph query --data <(cat a.ttl) "ASK {{ ?s ex:n 1.50 }}"'
    done = subprocess.run(
        ["/bin/bash", "-c", command], cwd=folder, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("true\n", "")


@pytest.mark.parametrize("name", ["plain.ttl", "blank.ttl", "c.rdf", "versions.ttl"])
def test_fast_path_answers_as_the_whole_command(
    name: str,
    folder: Path,
    capfdbinary: pytest.CaptureFixture[bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (folder / "plain.ttl").write_text("<a:b> <a:c> 'd' , 1 , true .", encoding="utf-8")
    (folder / "blank.ttl").write_text("[] <a:c> [ <a:d> ( 1 ) ] .", encoding="utf-8")
    version = "@prefix owl: <http://www.w3.org/2002/07/owl#> . <a:b> owl:versionInfo 'version' ."
    (folder / "versions.ttl").write_text(version, encoding="utf-8")
    monkeypatch.chdir(folder)
    call = ("query", "--data", name, ALL)

    def run(main: Callable[[tuple[str, ...]], int]) -> bytes:
        assert main(call) == 0
        sys.stdout.flush()
        return b"".join(capfdbinary.readouterr())

    whole = run(cli.main)
    left: list[object] = []
    monkeypatch.setattr(cli, "main", left.append)
    assert run(fast_path.main) == whole
    assert not left
