"""A release is whole or not there, the same bytes every time, and works as its README says."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest
from markdown_it import MarkdownIt

import kaiju_graph
from kaiju_graph.errors import QueryError, SourceError, UnreachableError, UsageError
from kaiju_graph.project.sources import ASSERTED, select_layers
from kaiju_graph.publish import question_pages
from kaiju_graph.publish import release as releasing
from kaiju_graph.publish.folders import MANIFEST
from kaiju_graph.rdf.formats import FORMATS
from kaiju_graph.rdf.terms import EV
from kaiju_graph.sparql import questions as asking
from kaiju_graph.store import files, store
from kaiju_graph.store.store import DEFAULT_LAYERS
from tests.conftest import every_nth

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kaiju_graph import KnowledgeGraph
    from tests.conftest import Command, Copy

MADE = {
    *("README.md", MANIFEST, "void.ttl", "questions.ttl", "gallery.md", "ontology.md"),
    "dataset.txt",
    *("jsonld/gamera-2.framed.jsonld", "jsonld/gamera-2.schema.org.jsonld"),
    *("asserted.ttl", *(f"graph.{e}" for e in ("nq", "trig", "ttl", "nt", "jsonld", "rdf"))),
}


@pytest.fixture(scope="module")
def release(kg: KnowledgeGraph, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("published") / "release"
    kg.release(folder)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    """Return name → bytes of all files below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


# What is in it ---------------------------------------------------------------


def test_a_release_has_the_sources_and_the_files_made_from_them(release: Path, root: Path) -> None:
    files = contents(release)
    sources = {
        path.relative_to(root).as_posix(): path.read_bytes()
        for folder in ("ontology", "graph", "queries")
        for path in (root / folder).rglob("*")
        if path.is_file() and path.suffix != ".md"  # the release has gallery.md in its place
    }
    sources["LICENSE"] = (root / "LICENSE").read_bytes()
    assert files.keys() == sources.keys() | MADE
    assert files.items() >= sources.items()


def test_the_manifest_lists_every_other_file(release: Path) -> None:
    lines = (release / MANIFEST).read_text("utf-8").splitlines()
    assert lines == sorted(lines, key=lambda line: line[66:])
    assert dict(line.split("  ", 1)[::-1] for line in lines) == {
        name: sha256(content).hexdigest()
        for name, content in contents(release).items()
        if name != MANIFEST
    }


@pytest.mark.skipif(not shutil.which("sha256sum"), reason="coreutils are not on every system")
def test_sha256sum_accepts_the_manifest(release: Path) -> None:
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", "--quiet", MANIFEST],  # noqa: S607
        cwd=release,
        capture_output=True,
        check=False,
        text=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def canonical(quads: Iterable[Any]) -> set[str]:
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return {str(quad) for quad in dataset}


@pytest.mark.parametrize("ending", ["nq", "trig", "ttl", "nt", "jsonld", "rdf"])
def test_each_dump_holds_what_the_readme_says(
    ending: str, release: Path, kg: KnowledgeGraph
) -> None:
    read = ox.parse(path=release / f"graph.{ending}")
    named = [ox.Quad(*quad) for quad in kg.quads]
    merged = [ox.Quad(*quad.triple) for quad in select_layers(kg.quads, *DEFAULT_LAYERS)]
    expected = {"nq": [*named, *merged], "trig": named}.get(ending, merged)
    assert canonical(read) == canonical(expected)


def test_asserted_file_has_what_the_shapes_check(release: Path, kg: KnowledgeGraph) -> None:
    expected = [ox.Quad(*quad.triple) for quad in select_layers(kg.quads, *ASSERTED)]
    assert canonical(ox.parse(path=release / "asserted.ttl")) == canonical(expected)
    readme = (release / "README.md").read_text("utf-8")
    assert "The shapes hold for [asserted.ttl](asserted.ttl), and not for the files" in readme


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("bash"), reason="the commands are those of a shell")
def test_file_that_the_readme_names_conforms_to_the_shapes(release: Path, tmp_path: Path) -> None:
    readme = (release / "README.md").read_text("utf-8")
    match = re.search(r"## Check\n.*?```sh\n(.*?)```", readme, re.DOTALL)
    assert match
    shutil.copytree(release, tmp_path / "release")
    # It need not find more than one result.
    pyshacl = shlex.join([sys.executable, "-m", "pyshacl", "--abort"])
    commands = re.sub("^pyshacl ", f"{pyshacl} ", match[1], flags=re.MULTILINE)
    for file, conforms in (("asserted.ttl", True), ("graph.ttl", False)):
        command = commands.replace("asserted.ttl", file)
        done = subprocess.run(
            ["bash", "-ec", command],  # noqa: S607
            cwd=tmp_path / "release",
            capture_output=True,
            check=False,
            text=True,
        )
        assert (done.returncode == 0) == conforms
        assert f"Conforms: {conforms}\n" in done.stdout


def test_the_catalogue_has_size_and_checksum_of_each_dump(release: Path) -> None:
    stored = ox.Store()
    stored.load(path=release / "void.ttl")
    answer = stored.query(
        """PREFIX dcat: <http://www.w3.org/ns/dcat#>
        PREFIX spdx: <http://spdx.org/rdf/terms#>
        PREFIX void: <http://rdfs.org/ns/void#>
        SELECT ?file ?size ?sum { ?dataset void:dataDump ?file ; dcat:distribution [
            dcat:downloadURL ?file ; dcat:byteSize ?size ;
            spdx:checksum [ spdx:checksumValue ?sum ] ] }"""
    )
    assert isinstance(answer, ox.QuerySolutions)
    dumps = {tuple(term.value for term in row) for row in answer}
    base = f"https://w3id.org/kaiju/graph/dataset/{kaiju_graph.__version__}/"
    assert dumps == {
        (base + name, str(len(content)), sha256(content).hexdigest())
        for name, content in contents(release).items()
        if re.fullmatch(r"graph\.\w+", name)
    }


def test_a_release_is_a_project(release: Path, kg: KnowledgeGraph, tmp_path: Path) -> None:
    again = kaiju_graph.load(release)
    assert again.quads == kg.quads
    again.release(tmp_path / "again")
    assert contents(tmp_path / "again") == contents(release)


@pytest.mark.slow
def test_a_release_of_the_command_has_pages_and_what_else_has_them(
    release: Path, published: Path
) -> None:
    files = contents(published)
    pages = {name for name in files if name.startswith("pages/")}
    assert {"pages/index.html", "pages/article/gamera-2.html"} <= pages
    assert files.keys() - pages == contents(release).keys()
    assert "pages/index.html" not in (release / "README.md").read_text("utf-8")
    assert "| [pages/](pages/) |" in files["README.md"].decode()
    assert b"dcat:landingPage <" in files["void.ttl"]
    assert b"  pages/index.html\n" in files[MANIFEST]


def test_questions_have_the_endpoint_of_a_base_as_target(kg: KnowledgeGraph) -> None:
    found = question_pages.executables(
        asking.list_questions(kg.project), kg.project, "https://example.org/film/sparql"
    )
    target = ox.NamedNode("https://schema.org/target")
    values = {triple.object.value for triple in found if triple.predicate == target}
    assert values == {"https://example.org/film/sparql"}


@pytest.mark.parametrize("option", ["--base", "--endpoint"])
@pytest.mark.parametrize("value", ["example.org", "ftp://example.org/", "https://a b/", "http:///"])
def test_a_base_or_endpoint_that_is_no_url_is_refused(
    option: str, value: str, small_project: Copy, tmp_path: Path
) -> None:
    base, endpoint = (value, None) if option == "--base" else (None, value)
    with pytest.raises(UsageError, match=f"{option}: found '.*'; expected an address such as"):
        small_project.load().release(tmp_path / "made", base=base, endpoint=endpoint)
    assert not (tmp_path / "made").exists()


def test_base_without_a_release_is_refused(kaiju: Command) -> None:
    done = kaiju("export", "--base", "https://example.org/")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "kaiju: error: found --base without --all; expected both\n"


# The same bytes --------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("seed", ["1", "4711"])  # that of a worker is random
def test_the_bytes_do_not_depend_on_hash_seed_locale_or_folder(
    seed: str, published: Path, root: Path, kaiju_process: Command, tmp_path: Path
) -> None:
    env = {"PYTHONHASHSEED": seed, "LC_ALL": "C", "TZ": "Asia/Tokyo"}
    arguments = ("--root", str(root), "export", "--all", "made")
    done = kaiju_process(*arguments, cwd=tmp_path, env=env)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert contents(tmp_path / "made") == contents(published)


@pytest.mark.slow
def test_a_release_replaces_an_older_one(release: Path, kg: KnowledgeGraph, tmp_path: Path) -> None:
    old = tmp_path / "old"
    shutil.copytree(release, old)
    (old / "graph.nt").write_text("# changed\n", encoding="utf-8")
    (old / "queries" / "who-directed.rq").unlink()
    old.chmod(0o750)
    link = tmp_path / "latest"
    link.symlink_to(old)
    kg.release(link)
    assert link.is_symlink()
    assert contents(old) == contents(release)
    assert old.stat().st_mode & 0o777 == 0o750
    assert sorted(path.name for path in tmp_path.iterdir()) == ["latest", "old"]


# Whole or not at all ---------------------------------------------------------


@pytest.fixture
def broken_project(small_project: Copy) -> Copy:
    """Return a project that fails when nearly all of a release is written."""
    small_project.write("queries/zzz.rq", '#+ summary: "?"\n\nSELECT * { ?s ?p }\n')
    return small_project


@pytest.mark.parametrize("before", every_nth([True, False], 2))
def test_a_failure_leaves_what_was_there(
    before: bool,  # noqa: FBT001 (a case)
    broken_project: Copy,
    release: Path,
    tmp_path: Path,
) -> None:
    target = tmp_path / "target"
    if before:
        shutil.copytree(release, target)
    with pytest.raises(QueryError, match=r"^queries/zzz.rq:3:"):
        broken_project.load().release(target)
    assert target.exists() == before
    assert not before or contents(target) == contents(release)
    assert {path.name for path in tmp_path.iterdir()} <= {"copy", "target"}


LIMITED = """
import resource, signal, sys
from kaiju_graph.cli.main import main
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
sys.exit(main(["export", "--all", sys.argv[1]]))
"""


@pytest.mark.slow
def test_a_full_disk_leaves_what_was_there(
    release: Path, root: Path, kg: KnowledgeGraph, tmp_path: Path
) -> None:
    pytest.importorskip("resource", reason="only Unix limits the size of files")
    assert kg.quads  # are in the cache
    target = tmp_path / "target"
    shutil.copytree(release, target)
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(target)],
        cwd=root,
        capture_output=True,
        check=False,
        text=True,
    )
    expected = f"kaiju: error: {target}: cannot be written: File too large\n"
    assert (done.returncode, done.stdout, done.stderr) == (4, "", expected)
    assert contents(target) == contents(release)
    assert [path.name for path in tmp_path.iterdir()] == ["target"]


UNPRIVILEGED = """
import ctypes, os, sys
if os.geteuid() == 0:  # who may write anywhere, as long as Linux lets a program have that from root
    for capability in 1, 2:  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
        if ctypes.CDLL(None).prctl(24, capability):  # PR_CAPBSET_DROP
            sys.exit("root")
os.execv(sys.executable, [sys.executable, "-m", "kaiju_graph", *sys.argv[1:]])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there, modes do not say who may write")
@pytest.mark.parametrize(
    ("locked", "mode", "message"),
    [
        ("", 0o555, "{parent}/target: cannot be written: Permission denied"),
        ("target", 0o555, "{parent}/target: cannot be written: Permission denied"),
        ("target/graph", 0o555, "{parent}/target: cannot be written: Permission denied"),
        ("target", 0o000, "{parent}/target: cannot be read: Permission denied"),
        ("target/graph", 0o000, "{parent}/target/graph: cannot be read: Permission denied"),
        (
            f"target/{MANIFEST}",
            0o000,
            f"{{parent}}/target/{MANIFEST}: cannot be read: Permission denied",
        ),
    ],
)
def test_folders_without_permission_stay(
    locked: str, mode: int, message: str, release: Path, root: Path, tmp_path: Path
) -> None:
    parent = tmp_path / "parent"
    shutil.copytree(release, parent / "target")
    before = (parent / locked).stat().st_mode
    (parent / locked).chmod(mode)
    command = ["--root", str(root), "export", "--all", str(parent / "target")]
    done = subprocess.run(
        [sys.executable, "-c", UNPRIVILEGED, *command], capture_output=True, check=False, text=True
    )
    (parent / locked).chmod(before)
    if done.stderr == "root\n":
        pytest.skip("nobody but root is here, who may write anywhere")
    assert done.stderr == f"kaiju: error: {message.format(parent=parent)}\n"
    assert (done.returncode, done.stdout) == (4, "")
    assert [path.name for path in parent.iterdir()] == ["target"]
    assert contents(parent / "target") == contents(release)


@pytest.mark.slow
def test_files_of_others_are_never_removed(small_project: Copy, tmp_path: Path) -> None:
    kg = small_project.load()
    target = tmp_path / "target"

    def check_refused(message: str) -> None:
        before = contents(target)
        with pytest.raises(UnreachableError) as raised:
            kg.release(target)
        assert str(raised.value) == f"{target}: {message}; expected a release, or nothing there"
        assert contents(target) == before

    target.write_text("mine", encoding="utf-8")
    check_refused("found a file")
    assert target.read_text("utf-8") == "mine"
    target.unlink()
    (target / "inner").mkdir(parents=True)
    (target / "inner" / "notes.txt").write_text("mine", encoding="utf-8")
    check_refused("found inner/notes.txt, which no release has written")
    (target / "inner" / "notes.txt").unlink()
    (target / "inner" / "link").symlink_to(tmp_path)
    check_refused("found inner/link, which no release has written")
    (target / "inner" / "link").unlink()
    kg.release(target)  # an empty folder
    kg.release(tmp_path / "release")
    assert contents(target) == contents(tmp_path / "release")
    (target / "notes.txt").write_text("mine", encoding="utf-8")
    check_refused("found notes.txt, which no release has written")
    (target / "notes.txt").unlink()
    # Others have manifests of that name, too.
    shutil.rmtree(target)
    target.mkdir()
    (target / "disk.iso").write_text("mine", encoding="utf-8")
    (target / MANIFEST).write_text(f"{'0' * 64}  disk.iso\n", encoding="utf-8")
    check_refused("found disk.iso, which no release has written")
    (target / MANIFEST).write_bytes(b"\xff\x00 no manifest\n")
    with pytest.raises(UnreachableError, match="which no release has written"):
        kg.release(target)


def test_the_project_itself_is_never_replaced(copy: Copy, tmp_path: Path) -> None:
    before = contents(copy.root)
    (tmp_path / "link").symlink_to(copy.root / "graph")
    for folder, top in (
        (copy.root / "graph", "graph"),
        (copy.root / "queries" / "release", "queries"),
        (tmp_path / "link" / "release", "graph"),
    ):
        message = f"{folder}: found a folder inside {top}/; expected one outside of it"
        with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
            copy.load().release(folder)
    with pytest.raises(UnreachableError, match="which no release has written"):
        copy.load().release(copy.root)
    assert contents(copy.root) == before


@pytest.mark.slow
def test_readme_names_every_article(
    release: Path, small_project: Copy, tmp_path: Path, kg: KnowledgeGraph
) -> None:
    query = "SELECT ?label { [] a ev:Article ; rdfs:label ?label }"
    labels = sorted(row["label"].value for row in kg.query(query))
    listed = "\n".join(f"- {label}" for label in labels)
    assert f"It is made from:\n\n{listed}\n\n" in (release / "README.md").read_text("utf-8")
    for folder in (small_project.root / "graph").glob("*/"):
        shutil.rmtree(folder)
    small_project.load().release(tmp_path / "made")
    readme = (tmp_path / "made" / "README.md").read_text("utf-8")
    assert "It is made from:\n\n- no article\n\n" in readme


@pytest.mark.slow
def test_a_project_without_description_or_licence(small_project: Copy, tmp_path: Path) -> None:
    small_project.load().release(tmp_path / "made")
    assert not (tmp_path / "made" / "LICENSE").exists()
    readme = (tmp_path / "made" / "README.md").read_text("utf-8")
    assert "The texts of the licences: [graph/LICENSE](graph/LICENSE).\n" in readme
    small_project.replace("graph/dataset.ttl", "void:uriSpace", "void:uriLookupEndpoint")
    with pytest.raises(SourceError, match=r"^graph/dataset.ttl:1: found 0 values of void:uriSpace"):
        small_project.load().release(tmp_path / "made")


@pytest.mark.slow
def test_hidden_files_and_those_of_editors_stay_out(small_project: Copy, tmp_path: Path) -> None:
    for file in ("graph/.secret.ttl", "graph/.git/x.ttl", "ontology/film.ttl~", "graph/a.pyc"):
        small_project.write(file, "# not for others\n")
    small_project.load().release(tmp_path / "made")
    assert not [f for f in contents(tmp_path / "made") if re.search(r"secret|git/|~|pyc", f)]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--all", ""], 2, "found an empty folder name; expected DIR"),
        (["--all"], 2, "argument --all: expected one argument"),
        (["--all", "/nowhere/at/all"], 4, "/nowhere/at/all: cannot be written: No such file"),
        (["--all", "/"], 4, "which no release has written; expected a release, or nothing there"),
    ],
)
def test_invalid_arguments_are_an_error_of_one_line(
    arguments: list[str], code: int, message: str, kaiju: Command
) -> None:
    done = kaiju("export", *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.startswith("kaiju: error: ")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "option",
    [
        "--format=turtle",
        "--ids=iri",
        "--inferred",
        "--layer=stated",
        "--no-inferred",
        "--output=y",
        "--passage=plot-2-3",
        "--profile=framed",
        "--thing=Gamera",
        "--with-evidence",
    ],
)
def test_options_for_a_part_of_the_graph_are_refused(
    option: str, kaiju: Command, tmp_path: Path
) -> None:
    done = kaiju("export", "--all", str(tmp_path / "made"), option)
    name = option.partition("=")[0]
    message = f"found --all and {name}; a release has everything, in every format"
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"kaiju: error: {message}\n"
    assert not (tmp_path / "made").exists()


def test_python_refuses_an_empty_folder_name(kg: KnowledgeGraph) -> None:
    with pytest.raises(UsageError, match="found an empty folder name"):
        kg.release("")


@pytest.mark.slow
def test_a_terminal_shows_progress(small_project: Copy, tmp_path: Path) -> None:
    pty = pytest.importorskip("pty", reason="a terminal is made with pty, which only Unix has")
    command = [sys.executable, "-m", "kaiju_graph", "export", "--all", str(tmp_path / "made")]
    output = bytearray()
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(small_project.root)
        os.execv(sys.executable, command)
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until and (read := os.read(terminal, 1024)):
            output += read
    except OSError:  # how Linux tells that the other end is closed
        pass
    finally:
        os.close(terminal)
        assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 0
    for doing in ("writing graph.nq", "counting", "explaining the ontology"):
        assert f"{doing} …".encode() in output
    assert output.endswith(b"\x1b[K")


# The README ------------------------------------------------------------------


def test_the_readme_links_every_file(release: Path) -> None:
    readme = (release / "README.md").read_text("utf-8")
    links = set(re.findall(r"\]\(([^)]+)\)", readme))
    assert all((release / link).exists() for link in links)
    tops = {path.name for path in release.iterdir()} - {"README.md"}
    assert tops == {link.rstrip("/") for link in links if "/" not in link.rstrip("/")}
    assert all(len(line) <= 100 for line in readme.split("\n") if line[:1] != "|")


def test_the_commands_of_the_readme_give_the_stored_answers(
    release: Path, root: Path, tmp_path: Path
) -> None:
    readme = (release / "README.md").read_text("utf-8")
    [shell] = [b for b in re.findall(r"```sh\n(.+?)```", readme, re.DOTALL) if "oxigraph" in b]
    load, query = shell.splitlines()
    shutil.copytree(release, tmp_path / "release")
    [asked] = re.findall(r"queries/(\S+)\.rq", query)

    def run(line: str) -> str:
        command = line.split()
        command[0] = str(Path(sys.executable).parent / command[0])
        done = subprocess.run(
            command, cwd=tmp_path / "release", capture_output=True, check=True, timeout=60
        )
        return done.stdout.decode().replace("\r\n", "\n")

    run(load)
    # One counts, one names graphs, one asks for what follows.
    for name in (asked, "how-many-in-each-function", "corroborated-statements", "whole-cast"):
        answer = run(query.replace(f"queries/{asked}.rq", f"queries/{name}.rq"))
        assert answer == (root / f"tests/answers/gamera-2/{name}.csv").read_bytes().decode()


def test_the_n_quads_make_the_store_that_the_command_queries(
    release: Path, kg: KnowledgeGraph
) -> None:
    stored = ox.Store()
    stored.bulk_load(path=release / "graph.nq")
    assert canonical(stored) == canonical(store.make_store(kg.quads))


def test_a_release_has_a_file_of_every_format() -> None:
    assert releasing.TITLES.keys() == FORMATS.keys()


# A stranger's project --------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("LICENSE", "../secret"),
        ("graph/LICENSE", "../../secret"),
        ("graph/LICENSE", "../queries/who-directed.rq"),
        ("queries/x.rq", "who-directed.rq"),
    ],
)
def test_nothing_is_copied_through_a_link(
    name: str, target: str, small_project: Copy, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("SECRET", encoding="utf-8")
    path = small_project.root / name
    path.unlink(missing_ok=True)
    path.symlink_to(target)
    with pytest.raises(SourceError) as raised:
        small_project.load().release(tmp_path / "made")
    assert str(raised.value) == f"{name}:1: found a link; expected a file that can be copied"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy", "secret"]


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        # XML 1.0, section 2.2, has no such character, and Namespaces, section 3, no such name.
        (r'id:toho rdfs:comment "a\u001bb" .', "the character U+001B, which rdfxml cannot hold"),
        pytest.param(
            "id:toho id:1 id:toho .",
            "the predicate <https://w3id.org/kaiju/id/1>, which is no XML",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_statement_that_a_format_cannot_hold_is_an_error_at_its_place(
    statement: str, found: str, small_project: Copy, tmp_path: Path, kaiju: Command
) -> None:
    file = "graph/entities.ttl"
    text = f"{small_project.read(file)}\n{statement}\n"
    small_project.write(file, text)
    run = kaiju("export", "--all", str(tmp_path / "out"), "--root", str(small_project.root))
    assert run.returncode == 3
    assert run.stderr.startswith(f"kaiju: error: {file}:{text.count(chr(10))}:")
    assert f": found {found}" in run.stderr
    assert run.stderr.endswith("; expected what every format of a release can hold\n")
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_draft_is_released_only_if_asked(
    small_project: Copy, tmp_path: Path, kaiju: Command
) -> None:
    folder = "graph/film"
    small_project.write(f"{folder}/article.txt", "= Film =\n\nIt is long. It is slow.\n")
    namespaces = {"ev": EV, "id": "https://w3id.org/kaiju/id/"}
    lines = [f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in namespaces.items()]
    lines.append("id:article a ev:Article ;\n    ev:about id:gamera-2 .\n")
    for name, quote in {"title": "Film", "long": "It is long.", "slow": "It is slow."}.items():
        lines.append(f'id:{name} ev:quote "{quote}"@en ;\n    ev:status ev:notModelled .\n')
    small_project.write(f"{folder}/film.trig", "".join(lines))
    arguments = ("export", "--all", str(tmp_path / "out"), "--root", str(small_project.root))
    run = kaiju(*arguments)
    found = f"{folder}/film.trig:6:15: found id:title and 2 more not modelled yet"
    assert run.stderr == f"kaiju: error: {found}; expected a graph, or --draft\n"
    assert run.returncode == 3
    assert not (tmp_path / "out").exists()
    assert kaiju(*arguments, "--draft").returncode == 0
    assert (tmp_path / "out" / folder / "film.trig").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows refuses such names itself")
def test_name_that_a_manifest_cannot_have_is_refused(small_project: Copy, tmp_path: Path) -> None:
    # sha256sum writes and reads these as escapes.
    small_project.write("graph/a\\b/LICENSE", "")
    with pytest.raises(SourceError) as raised:
        small_project.load().release(tmp_path / "made")
    expected = "graph/a\\b/LICENSE:1: found a backslash in the name; expected none"
    assert str(raised.value) == expected
    small_project.write("ontology/profiles/a\nb.rq", "")
    with pytest.raises(SourceError, match=r"^ontology/profiles/'a\\nb.rq': found a file name"):
        small_project.load().release(tmp_path / "made")


def test_readme_shows_title_and_names_as_they_are(small_project: Copy, tmp_path: Path) -> None:
    title = small_project.read("graph/dataset.ttl")
    match = re.search(r'dcterms:title "([^"]*)"', title)
    assert match
    small_project.replace("graph/dataset.ttl", match[0], 'dcterms:title "<script>[x](y)"')
    small_project.root.joinpath("queries/who-directed.rq").rename(
        small_project.root / "queries/a; rm -r $(x) `y`.rq"
    )
    small_project.write("graph/x](y) <b>LICENSE", "")
    small_project.load().release(tmp_path / "made")
    text = (tmp_path / "made/README.md").read_text("utf-8")
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)
    inner = [child for token in tokens for child in token.children or ()]
    assert not {token.type for token in (*tokens, *inner)} & {"html_inline", "html_block"}
    assert "graph/x%5D%28y%29%20%3Cb%3ELICENSE" in {str(t.attrs.get("href")) for t in inner}
    commands = [token.content for token in tokens if token.type == "fence"]
    assert len(commands) == 5
    for command in commands[:2]:
        last = command.splitlines()[-1]
        assert "queries/a; rm -r $(x) `y`.rq" in shlex.split(last)
    assert "query@queries/a; rm -r $(x) `y`.rq" in shlex.split(commands[3])


# In place at every moment ----------------------------------------------------


def test_release_is_never_absent_while_it_is_replaced(tmp_path: Path) -> None:
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    if not files.exchange(str(tmp_path / "old"), str(tmp_path / "new")):
        pytest.skip("this system cannot exchange two folders")
    assert (tmp_path / "old/new").exists()
    assert (tmp_path / "new/old").exists()
    watch = (
        "import os, sys\nprint(flush=True)\nabsent = 0\n"
        "while not os.path.exists(sys.argv[2]): absent += not os.path.exists(sys.argv[1])\n"
        "print(absent)"
    )
    place, end = tmp_path / "old", tmp_path / "end"
    process = subprocess.Popen(
        [sys.executable, "-c", watch, str(place), str(end)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    process.stdout.readline()
    for _ in range(60):
        new = tmp_path / "next"
        new.mkdir()
        files.take_place(str(new), str(place))
    end.touch()
    assert process.communicate(timeout=60)[0] == "0\n"
    assert not (tmp_path / "next").exists()


def test_systems_without_exchange_rename_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "freebsd14")
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    files.take_place(str(tmp_path / "new"), str(tmp_path / "old"))
    assert contents(tmp_path).keys() == {"old/new"}
    assert [path.name for path in tmp_path.iterdir()] == ["old"]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="a process cannot be asked whether it lives")
def test_folder_that_a_killed_release_left_is_removed_by_the_next(
    small_project: Copy, tmp_path: Path
) -> None:
    code = (
        "import os, signal, sys, kaiju_graph\n"
        "kg = kaiju_graph.load(sys.argv[1], progress=lambda doing: "
        "'nt' in doing and os.kill(os.getpid(), signal.SIGKILL))\n"
        "kg.release(sys.argv[2])"
    )
    target = tmp_path / "made"
    call = [sys.executable, "-c", code, str(small_project.root), str(target)]
    assert subprocess.run(call, check=False).returncode == -9
    (left,) = (path for path in tmp_path.iterdir() if path.name != "copy")
    assert left.name.startswith(".made-")
    mine = (tmp_path / files.temporary_path("made"), tmp_path / ".made-notes")
    for path in mine:
        path.mkdir()
    small_project.load().release(target)
    assert {*tmp_path.iterdir()} == {small_project.root, target, *mine}


# Sources are not overwritten -------------------------------------------------


@pytest.mark.parametrize("command", ["export", "validate"])
def test_output_does_not_overwrite_a_source(
    command: str, small_project: Copy, tmp_path: Path, kaiju: Command
) -> None:
    root = small_project.root
    (root / "LICENSE").touch()
    (tmp_path / "link.ttl").symlink_to(root / "graph/entities.ttl")
    (tmp_path / "folder").symlink_to(root / "graph")
    os.link(root / "ontology/film.ttl", tmp_path / "hard.ttl")
    before = contents(root)
    for file in (
        "graph/entities.ttl",
        "graph/../graph/./entities.ttl",
        "graph/new.ttl",
        "ontology/shapes/film.ttl",
        "queries/who-directed.rq",
        "LICENSE",
        "../link.ttl",
        "../folder/new.ttl",
        "../hard.ttl",
        str(root / "graph/dataset.ttl"),
    ):
        done = kaiju(command, "-o", file, cwd=root)
        message = f"{file}: found a file among the sources; expected another"
        assert (done.returncode, done.stderr) == (2, f"kaiju: error: {message}\n")
    assert contents(root) == before
    assert kaiju("export", "-o", "../graph.ttl", cwd=root).returncode == 0
