"""Projects are found, their texts are read, and IRIs are shortened and expanded."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING
from unicodedata import is_normalized

import pyoxigraph as ox
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import kaiju_graph
from kaiju_graph.errors import SourceError, UnreachableError
from kaiju_graph.project import layout, location
from kaiju_graph.project.layout import REMEDY
from kaiju_graph.rdf.formats import FORMATS
from kaiju_graph.rdf.prefixes import Prefixes, explain_invalid
from tests.repository import ROOT

if TYPE_CHECKING:
    from kaiju_graph import KnowledgeGraph
    from tests.conftest import Command, Copy

PREFIXES = layout.find(str(ROOT)).prefixes
TEXT = st.text(st.characters(codec="utf-8"))


def _find(root: str | None = None) -> Path:
    return Path(layout.find(root).root).resolve()


def test_argument_comes_before_kaiju_root_and_working_folder(
    copy: Copy, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    monkeypatch.setenv("KAIJU_ROOT", str(root))
    assert _find(str(copy.root)) == copy.root


def test_kaiju_root_comes_before_parent_folders(
    copy: Copy, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    monkeypatch.setenv("KAIJU_ROOT", str(copy.root))
    assert _find() == copy.root


@pytest.mark.parametrize("inside", [".", "graph", "graph/gamera-2"])
def test_nearest_parent_folder_that_is_a_project_is_found(
    copy: Copy, inside: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(copy.root / inside)
    assert _find() == copy.root


def test_project_inside_a_project_is_found_first(
    copy: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("ontology", "graph", "queries"):
        shutil.copytree(copy.root / folder, copy.root / "inner" / folder)
    (copy.root / "inner" / "notes").mkdir()
    monkeypatch.chdir(copy.root / "inner" / "notes")
    assert _find() == copy.root / "inner"


@pytest.mark.parametrize("value", [None, ""])
def test_copy_beside_the_package_is_found_last(
    value: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if value is not None:
        monkeypatch.setenv("KAIJU_ROOT", value)
    monkeypatch.chdir(tmp_path)
    assert Path(kaiju_graph.__file__).resolve().is_relative_to(_find())


@pytest.fixture
def package(root: Path, tmp_path: Path) -> Path:
    """Return a folder that holds the package and nothing else, as a wheel is unpacked."""
    library = tmp_path / "library"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(root / "src/kaiju_graph", library / "kaiju_graph", ignore=ignored)
    return library


def test_bundled_copy_answers_in_any_folder(
    package: Path, root: Path, tmp_path: Path, kaiju_process: Command
) -> None:
    for folder in ("ontology", "graph", "queries"):
        shutil.copytree(root / folder, package / "kaiju_graph" / folder)
    done = kaiju_process("ask", "who-directed", cwd=tmp_path, env={"PYTHONPATH": str(package)})
    assert (done.returncode, done.stderr) == (0, "")
    assert "Shusuke Kaneko" in done.stdout


@pytest.mark.slow
def test_commands_on_a_whole_project_note_that_it_is_the_bundled_copy(
    kaiju: Command, root: Path, tmp_path: Path
) -> None:
    (tmp_path / "a.nq").write_text("<a:b> <a:c> <a:d> <a:g> .\n", encoding="utf-8")
    note = f"kaiju: found no project here; this is the bundled copy, {root}\n"
    for call in (["validate"], ["coverage"], ["diff", "a.nq", "a.nq"]):
        done = kaiju(*call, cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, note)
        assert kaiju("--root", str(root), *call, cwd=tmp_path).stderr == ""
    assert kaiju("stats", cwd=tmp_path).stdout.startswith(f"{root}\n")


def test_project_that_is_named_or_around_is_not_the_bundled_copy(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert location.is_bundled()
    assert not location.is_bundled(str(root))
    monkeypatch.setenv("KAIJU_ROOT", str(root))
    assert not location.is_bundled()
    monkeypatch.delenv("KAIJU_ROOT")
    monkeypatch.chdir(root / "queries")
    assert not location.is_bundled()


def test_error_without_a_project_names_the_expected_folders(
    package: Path, tmp_path: Path, kaiju_process: Command
) -> None:
    done = kaiju_process("stats", cwd=tmp_path, env={"PYTHONPATH": str(package)})
    assert done.returncode == 4
    assert "expected a folder with ontology/, graph/ and queries/" in done.stderr


@pytest.mark.parametrize("origin", ["--root", "KAIJU_ROOT"])
@pytest.mark.parametrize("missing", [["queries"], ["ontology", "graph"]])
def test_error_names_the_missing_folders(
    copy: Copy, origin: str, missing: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in missing:
        shutil.rmtree(copy.root / folder)
        (copy.root / folder).touch()  # a file is no folder
    given_root = str(copy.root) if origin == "--root" else None
    monkeypatch.setenv("KAIJU_ROOT", str(copy.root))
    with pytest.raises(UnreachableError) as raised:
        layout.find(given_root)
    named = ", ".join(f"{folder}/" for folder in missing)
    assert str(raised.value) == f"{copy.root}: not a project ({origin}): it has no {named}"


def test_missing_folder_is_not_a_project(tmp_path: Path) -> None:
    with pytest.raises(UnreachableError, match="nowhere: not a project"):
        layout.find(str(tmp_path / "nowhere"))


def test_empty_root_is_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # --root "$PROJECT" with the variable unset must not answer from another project.
    monkeypatch.chdir(root)
    with pytest.raises(UnreachableError, match="not a project"):
        layout.find("")


def test_syntax_error_in_prefixes_is_reported_at_its_line(copy: Copy) -> None:
    copy.replace("ontology/prefixes.ttl", 'sh:prefix "film" ;', 'sh:prefix "film" ')
    text = copy.read("ontology/prefixes.ttl")
    line = text.count("\n", 0, text.index('sh:prefix "film"')) + 1
    with pytest.raises(SourceError, match=f"^ontology/prefixes.ttl:{line}:[0-9]+: "):
        layout.find(str(copy.root))


# Texts -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            b"\xef\xbb\xbfa\n",
            f"a.ttl:1:1: found a byte order mark (U+FEFF); expected UTF-8 without one{REMEDY}",
        ),
        (
            b"a\nb\r\nc\n",
            f"a.ttl:2:2: found a carriage return (U+000D); expected lines that end in LF{REMEDY}",
        ),
        (b"a\rb\n", "a.ttl:1:2: found a carriage return (U+000D); expected lines that end in LF"),
        (b"a\nb\n\xff\n", "a.ttl:3:1: found byte 0xff; expected UTF-8"),
        ("é\n".encode("latin-1"), "a.ttl:1:1: found byte 0xe9; expected UTF-8"),
        (b"a\n\xed\xa0\x80\n", "a.ttl:2:1: found byte 0xed; expected UTF-8"),  # a lone surrogate
        (b"", "a.ttl:1: found an empty file; expected Turtle"),
        (b" \n\t\n", "a.ttl:1: found an empty file; expected Turtle"),
        (
            "a\nb\ncafe\u0301\n".encode(),
            (
                "a.ttl:3:4: found a decomposed character near 'e\u0301' (U+0065 U+0301); "
                f"expected 'é' (U+00E9, Unicode NFC){REMEDY}"
            ),
        ),
        (
            "カ\nハ\u309a\n".encode(),
            (
                "a.ttl:2:1: found a decomposed character near 'ハ\u309a' (U+30CF U+309A); "
                f"expected 'パ' (U+30D1, Unicode NFC){REMEDY}"
            ),
        ),
    ],
)
def test_unclean_text_is_reported_at_its_line(content: bytes, expected: str) -> None:
    with pytest.raises(SourceError) as raised:
        layout.decode(content, "a.ttl")
    assert str(raised.value) == expected


@given(text=TEXT)
@example(text="e\u0301")
@example(text="a\rb")
@example(text="\ufeffa")
def test_text_is_read_unchanged_or_refused(text: str) -> None:
    clean = text.strip() and "\r" not in text and text[0] != "\ufeff"
    if clean and is_normalized("NFC", text):
        assert layout.decode(text.encode(), "a.ttl") == text
    else:
        with pytest.raises(SourceError, match=r"a\.ttl:\d+(:\d+)?: found .*; expected "):
            layout.decode(text.encode(), "a.ttl")


@pytest.mark.parametrize("name", ["missing.ttl", "."])
def test_unreadable_file_is_unreachable(name: str, tmp_path: Path) -> None:
    with pytest.raises(UnreachableError, match="it: cannot be read: "):
        layout.read_bytes(str(tmp_path / name), "it")


def test_files_with_statements_have_the_endings_of_the_graph_formats() -> None:
    endings = sorted(form.endings[0] for form in FORMATS.values())
    assert list(location.RDF_ENDINGS) == endings


# CURIEs ----------------------------------------------------------------------


@given(prefix=st.sampled_from(sorted(PREFIXES)), local=TEXT)
@example("id", "gamera-2")
@example("id", "-a")
@example("id", "²")
def test_shortened_iris_expand_to_themselves(prefix: str, local: str) -> None:
    known = Prefixes(PREFIXES)
    iri = known.expand(f"{prefix}:{local}")
    assert iri == PREFIXES[prefix] + local
    short = known.shorten(iri)
    assert short == f"<{iri}>" or known.expand(short) == iri


@given(
    prefix=st.sampled_from(sorted(PREFIXES)), local=st.from_regex(r"[A-Za-z0-9_-]*", fullmatch=True)
)
@example("id", "-a")
def test_plain_local_names_are_shortened(prefix: str, local: str) -> None:
    known = Prefixes(PREFIXES)
    if not local.startswith("-"):
        assert known.shorten(PREFIXES[prefix] + local) == f"{prefix}:{local}"


@given(local=st.text(st.characters(codec="utf-8", categories=("L", "N", "Pd", "Pc"))))
@example("-a")
@example("²")
@example("ª")
def test_shortened_iris_are_valid_turtle(local: str) -> None:
    iri = PREFIXES["id"] + local
    short = Prefixes(PREFIXES).shorten(iri)
    text = f"@prefix id: <{PREFIXES['id']}> . {short} a {short} ."
    assert next(ox.parse(text, format=ox.RdfFormat.TURTLE)).subject == ox.NamedNode(iri)


@pytest.mark.parametrize("text", ["Gamera", "Gamera: Guardian", "nope:a", ":a", "", "https://a"])
def test_unknown_prefixes_do_not_expand(text: str, kg: KnowledgeGraph) -> None:
    assert kg.project.prefixes.expand(text) is None


def test_no_own_namespace_begins_another() -> None:
    own = [namespace for namespace in PREFIXES.values() if "/kaiju/" in namespace]
    assert len(own) >= 8
    assert not [(a, b) for a in own for b in own if a != b and b.startswith(a)]


# Declaration in the registry of prefixes → the error, after its place.
INVALID = {
    '[ sh:prefix "ex" ]': ("found 1 sh:prefix and 0 sh:namespace; expected one of each"),
    '[ sh:namespace "http://e/" ]': "found 0 sh:prefix and 1 sh:namespace; expected one of each",
    '[ sh:prefix "ex" ; sh:namespace "" ]': "found the namespace ''; expected an absolute IRI",
    '[ sh:prefix "ex" ; sh:namespace "a" ]': "found the namespace 'a'; expected an absolute IRI",
    '[ sh:prefix "ex" ; sh:namespace "http://e/ >" ]': (
        "found the namespace 'http://e/ >'; expected an absolute IRI"
    ),
    '[ sh:prefix "e\\nx" ; sh:namespace "http://e/" ]': (
        "found the prefix 'e\\nx'; expected one such as ex"
    ),
    # A letter of Python, but no PN_CHARS of Turtle (section 6.5).
    '[ sh:prefix "q\u00aa\u00b2" ; sh:namespace "urn:x:" ]': (
        "found the prefix 'q\\xaa\\xb2'; expected one such as ex"
    ),
    '[ sh:prefix <<( sh:a sh:b sh:c )>> ; sh:namespace "http://e/" ]': (
        "found syntax of RDF 1.2; expected RDF 1.1"
    ),
}


@given(st.text(st.sampled_from("aé·²ª_-.0:\u0660\u2040\ud7ff\U000effff\U000f0000"), max_size=4))
@example("q\u0300.\u203f")
def test_prefixes_are_those_of_turtle(prefix: str) -> None:
    try:
        for _ in ox.parse(f"@prefix {prefix}: <urn:x:> .", format=ox.RdfFormat.TURTLE):
            pass
    except SyntaxError:
        is_valid = False
    else:
        is_valid = True
    assert (explain_invalid(prefix, "urn:x:") == "") == is_valid


@pytest.mark.parametrize("declaration", INVALID)
def test_invalid_declaration_of_a_prefix_is_reported_at_its_line(
    copy: Copy, kaiju: Command, declaration: str
) -> None:
    file = "ontology/prefixes.ttl"
    text = f"{copy.read(file)}\nsh:x sh:declare {declaration} .\n"
    copy.write(file, text)
    run = kaiju("stats", "--root", str(copy.root))
    place = f"{file}:{text.count(chr(10))}:"
    assert (run.returncode, run.stdout) == (3, "")
    assert run.stderr.startswith(f"kaiju: error: {place}")
    assert run.stderr.endswith(f": {INVALID[declaration]}\n")
    assert run.stderr.count("\n") == 1


@pytest.mark.slow
@pytest.mark.usefixtures("warm_memory")
def test_invalid_namespace_is_a_violation(copy: Copy, kaiju: Command) -> None:
    copy.replace("ontology/prefixes.ttl", '"http://dbpedia.org/ontology/"', '"dbo/"')
    run = kaiju("validate", "--root", str(copy.root))
    assert run.returncode == 1
    message = "error[prefix] found the namespace 'dbo/'; expected an absolute IRI"
    assert message in run.stdout
