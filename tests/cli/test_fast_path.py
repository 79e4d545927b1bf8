"""The fast path gives the answers of the whole command, imports little, and leaves other calls."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

import kaiju_graph
from kaiju_graph import fast_path
from kaiju_graph.cli import main as cli
from kaiju_graph.project import layout
from kaiju_graph.sparql import execute, questions
from kaiju_graph.sparql.results import BOOLEANS, SOLUTIONS
from kaiju_graph.store import cache, maintenance, store
from tests.conftest import Command, Copy, every_nth
from tests.repository import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path


QUESTIONS = questions.list_questions(layout.find(str(ROOT)))
PLAIN = [question.name for question in QUESTIONS if fast_path.is_harmless(question.text)]
ALL = "SELECT * { ?s a film:Film }"


@pytest.fixture
def cached_project(copy: Copy, empty_cache: Path) -> Copy:
    """Return a copy of the project that the cache knows, and whose files changed long ago."""
    _age(copy)
    assert copy.load().quads
    entry = cache.find_entry(str(copy.root))
    assert entry is not None
    assert entry.startswith(str(empty_cache))
    return copy


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the root of the repository, which a cache of this module knows."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KAIJU_CACHE", str(tmp_path_factory.mktemp("cache")))
        assert kaiju_graph.load(ROOT).quads
        yield str(ROOT)


def _age(copy: Copy) -> None:
    for path in copy.root.rglob("*.*"):
        os.utime(path, (1e9, 1e9))


Ran = tuple[str, int]


@pytest.fixture
def run(
    capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Ran]:
    """Return a caller of the command: what it writes, and its exit code.

    ``fast_path.main`` fails if it leaves the call to the whole command.
    """

    def call(main: Callable[[Sequence[str]], int], *argv: str) -> Ran:
        with monkeypatch.context() as patch:
            if main is fast_path.main:
                patch.setattr(cli, "main", lambda left: pytest.fail(f"left: {left}"))
            code = main(argv)
        sys.stdout.flush()
        out, err = capfdbinary.readouterr()
        return (out + err).decode(), code

    return call


# The same answers ------------------------------------------------------------

ANSWERS = [
    *((("ask", name), ()) for name in PLAIN),
    (("query", "SELECT * { ?film film:director ?who OPTIONAL { ?who a ?x } }"), SOLUTIONS),
    (("query", "SELECT ?x { ?film a film:Film OPTIONAL { ?film film:region ?x } }"), SOLUTIONS),
    (
        (
            "query",
            "ASK { ?s rdfs:label 'Gamera'@en FILTER(CONTAINS(STR(?s), 'gamera') || ?s = '1') }",
        ),
        (),
    ),
    (("query", "SELECT * { VALUES ?text { 'a,b' '\"' '' 7 'a'@en } }"), SOLUTIONS),
    (("query", "ASK { GRAPH ?g { ?s a ?o } }"), BOOLEANS),
    (("query", "SELECT * { ?b a owl:AllDisjointClasses ; owl:members ?list }"), SOLUTIONS),
    (("query", "SELECT * { ?b owl:members ?a GRAPH ?g { ?b owl:members ?a } }"), SOLUTIONS),
    (("ask", "appearances", "-p", "thing=Gamera"), SOLUTIONS),
    (("ask", "appearances", "--parameter=thing=id:gamera"), ()),
    (("query", "--file", str(ROOT / "queries/who-directed.rq")), SOLUTIONS),
]


@pytest.mark.parametrize(
    ("call", "forms"), every_nth(ANSWERS, 13), ids=lambda value: " ".join(map(str, value))
)
def test_new_and_cached_answers_equal_those_of_the_whole_command(
    call: tuple[str, ...], forms: tuple[str, ...], run: Callable[..., Ran], home: str
) -> None:
    for form in ((), *(("-f", form) for form in forms)):
        new = run(fast_path.main, *call, *form, "--root", home)
        assert new[0]
        assert run(fast_path.main, *call, *form, "--root", home) == new
        assert run(cli.main, *call, *form, "--root", home, "--check-hash") == new


@pytest.mark.skipif(not os.path.exists("/dev/fd"), reason="a pipe has no name here")
@pytest.mark.parametrize("query", [ALL, "CONSTRUCT WHERE { ?s a story:Monster }"])
def test_query_is_read_from_a_pipe(query: str, home: str, run: Callable[..., Ran]) -> None:
    end, start = os.pipe()
    os.write(start, query.encode())
    os.close(start)
    command = [sys.executable, "-m", "kaiju_graph", "query", "--root", home]
    done = subprocess.run(
        [*command, "--file", f"/dev/fd/{end}"],
        pass_fds=[end],
        capture_output=True,
        check=False,
        timeout=60,
    )
    os.close(end)
    assert (done.stdout.decode(), done.returncode) == run(cli.main, "query", query, "--root", home)


def test_nearly_every_question_is_harmless() -> None:
    # One has the word "from" in a text; its answer is kept all the same.
    assert len(PLAIN) >= 0.95 * len(QUESTIONS)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?t { BIND(NOW() AS ?t) }",
        "SELECT ?t { BIND(rand () AS ?t) }",
        "SELECT ?t { BIND(StrUuid() AS ?t) }",
        "SELECT ?t { BIND(UUID() AS ?t) }",
        "SELECT ?t { BIND(NOW#\n() AS ?t) }",
        "SELECT (MAX(?x) AS ?t) { BIND(STR(NOW()) AS ?x) } HAVING(true) ORDER BYRAND()",
    ],
)
def test_answer_of_a_volatile_function_is_not_cached(
    query: str, run: Callable[..., Ran], home: str
) -> None:
    texts = {run(fast_path.main, "query", query, "--root", home)[0] for _ in range(3)}
    texts |= {run(cli.main, "query", query, "--root", home)[0] for _ in range(2)}
    assert len(texts) == 5


# What is left to the whole command --------------------------------------------


@pytest.mark.parametrize(
    "argv",
    [
        (),
        ("ask",),
        ("stats",),
        ("--help",),
        ("ask", "who-directed", "--help"),
        ("ask", "who-directed", "--layer", "stated"),
        ("ask", "who-directed", "--show"),
        ("ask", "who-directed", "-f"),
        ("ask", "who-directed", "-f", "nonsense"),
        ("ask", "who-directed", "-fcsv"),
        ("ask", "who-directed", "more"),
        ("ask", "who-directed", "--file", "x"),
        ("ask", "../queries/who-directed"),
        ("ask", "who-directe"),
        ("ask", "appearances", "-p", "thing"),
        ("ask", "appearances", "-p", "thing=id:gamera", "-p", "thing=id:gamera"),
        ("ask", "appearances", "-p", "thing=legion queen"),
        ("ask", "appearances", "-p", "nothing=id:gamera"),
        ("query", ALL, "-p", "thing=id:gamera"),
        ("query", "-"),
        ("ask", "who-directed", "--format="),
        ("query", ALL, "--timeout", "1"),
        ("query", f"{ALL} {ALL}"),
        ("query", "INSERT DATA { <a:a> <a:b> <a:c> }"),
        ("query", "CONSTRUCT WHERE { ?s a film:Film }"),
        ("query", "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"),
        ("query", "#\rSELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"),
        ("query", "SELECT (SUBJECT (?s) AS ?x) { ?s ?p ?o }"),
        ("query", "SELECT ?title { ?title a film:Flim }"),
        ("query", "SELECT ?x { ?x a film:Flim }", "-f", "markdown"),
        ("query", "SELECT ?x { id:no film:work* ?x }"),
        ("query", "SELECT ?x { ?x film:work ? id:no }"),
        ("query", "SELECT ?titel { ?film film:director ?title. }"),
        ("query", "SELECT * { BIND(1 AS ?n) FILTER(5SERVICE<http://127.0.0.1:9/>{?s ?p ?o}) }"),
        ("query", "SELECT * FROM <http://127.0.0.1:9/> { ?s ?p ?o }"),
        ("query", "ASKFROM<http://127.0.0.1:9/>{ ?s ?p ?o }"),
        ("query", "SELECT * { ?s ?p 'a\\u0041' }"),
        ("query", "SELECT * { ?s ?p 'ō' }"),
        ("query", "SELECT * { ?s ?p '\udcff' }"),
        ("query", f"{ALL} # {'x' * fast_path.MAX_LENGTH}"),
        ("query", "SELECT (COUNT(*) AS ?n) { ?s a film:Filmm }"),
        ("query", "SELECT * { ?s a film:Film OPTIONAL { ?s film:budgett ?o } }"),
        ("query", "PREFIX f: <https://w3id.org/kaiju/film#> ASK { MINUS { ?s a f:Filmm } }"),
        ("query", "ASK { MINUS { ?s a <https://w3id.org/kaiju/film#Filmm> } }"),
        ("query", "BASE <https://w3id.org/kaiju/> ASK { MINUS { ?s a <film#Filmm> } }"),
        ("query", "ASK { MINUS { ?s rdfs:label 'Gamera' } }"),
        ("query", 'ASK { MINUS { ?s ?p <https://w3id.org/kaiju/film#director>, "Gamera" } }'),
        ("query", f"SELECT * {{ FILTER({'(' * 200}1{')' * 200}) }}"),
        ("query", f"SELECT * {{ FILTER({'!' * 200}1) }}"),
        ("query", ALL, "--root", "nowhere"),
        ("query", "--file", "nowhere"),
    ],
    ids=lambda argv: " ".join(argv)[:60],
)
@pytest.mark.usefixtures("home")
def test_other_calls_are_left_to_the_whole_command(
    argv: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "main", lambda left: 42 if left is argv else 43)
    assert fast_path.main(argv) == 42


def test_main_reads_the_arguments_of_the_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "argv", ["kaiju", "stats"])
    monkeypatch.setattr(cli, "main", lambda left: 42 if left == ["stats"] else 43)
    assert fast_path.main() == 42


def test_slow_query_ends_at_the_time_limit(home: str) -> None:
    code = (
        "import sys; from kaiju_graph import fast_path; from kaiju_graph.sparql import limits; "
        "limits.QUERY_SECONDS = 0.2; sys.exit(fast_path.main(sys.argv[1:]))"
    )
    text = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    done = subprocess.run(
        [sys.executable, "-c", code, "query", text, "--root", home],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (5, "")
    assert done.stderr.startswith("kaiju: error: the query took more than 0.2 s")
    assert done.stderr.count("\n") == 1


# What is imported ------------------------------------------------------------

ALWAYS = {
    *("kaiju_graph.cli", "kaiju_graph.cli.output"),
    "zlib",
    *("kaiju_graph.project", "kaiju_graph.project.location"),
    *("kaiju_graph.store", "kaiju_graph.store.cache", "kaiju_graph.store.files"),
}
ENGINE = {
    *("__future__", "_thread", "time", "kaiju_graph.errors", "kaiju_graph.project.layout"),
    *("kaiju_graph.rdf", "kaiju_graph.rdf.prefixes"),
    *("kaiju_graph.sparql", "kaiju_graph.sparql.limits", "kaiju_graph.sparql.results"),
}


DATA = {
    *("kaiju_graph.project.data_files", "kaiju_graph.rdf.blank_nodes", "kaiju_graph.rdf.formats"),
}


@pytest.mark.parametrize(
    ("call", "more"),
    [
        (("ask", "who-directed"), set()),
        (("query", "--data", "ontology/film.ttl", "ASK { film:Film a owl:Class }"), ENGINE | DATA),
        (("query", "SELECT * { ?new a film:Film }"), ENGINE),
        (("query", "SELECT * { GRAPH ?new { ?s a film:Film } }"), ENGINE),
    ],
)
def test_fast_path_imports_only_what_it_needs(
    call: tuple[str, ...], more: set[str], home: str, run: Callable[..., Ran]
) -> None:
    if not more:
        run(fast_path.main, *call, "--root", home)
    code = (
        "import sys; before = set(sys.modules); from kaiju_graph import fast_path; "
        "code = fast_path.main(sys.argv[1:]); print(*sorted(set(sys.modules) - before), "
        "file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *call, "--root", home],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    loaded = {m for m in done.stderr.split() if m.partition(".")[0] != "pyoxigraph"}
    assert loaded <= {"kaiju_graph", "kaiju_graph.fast_path", *ALWAYS, *more}
    assert ("pyoxigraph" in done.stderr.split()) == bool(more)


def test_interrupt_during_an_import_ends_the_command_without_a_message() -> None:
    code = """import sys
from kaiju_graph import fast_path
class Interrupt:
    def find_spec(self, name, *_):
        if name == "kaiju_graph.cli.main":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupt())
sys.exit(fast_path.main(["stats"]))"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


# Sources that change ---------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("graph/gamera-2/infobox.trig", "Shusuke Kaneko", "Shusuke Keneko"),
        ("queries/who-directed.rq", "SELECT ?title ?person", "SELECT ?person ?title"),
    ],
)
def test_edit_changes_the_answer_at_once(
    file: str, old: str, new: str, cached_project: Copy, run: Callable[..., Ran]
) -> None:
    root = str(cached_project.root)
    before = run(fast_path.main, "ask", "who-directed", "--root", root)
    cached_project.replace(file, old, new)
    for path in ("article.txt",) if "graph" in file else ():
        cached_project.replace(f"graph/gamera-2/{path}", old, new)
        cached_project.replace("graph/entities.ttl", old, new)
    after = subprocess.run(
        [sys.executable, "-m", "kaiju_graph", "ask", "who-directed", "--root", root],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (after.returncode, after.stderr) == (0, "")
    assert after.stdout != before[0]


def test_check_hash_finds_an_edit_that_keeps_size_and_time(
    cached_project: Copy, run: Callable[..., Ran]
) -> None:
    call = ("query", 'ASK { id:gamera-2 ?p "Gamera 2: Attack of Region"@en }')
    root = ("--root", str(cached_project.root))
    assert run(fast_path.main, *call, *root) == ("false\n", 0)
    path = cached_project.root / "graph/entities.ttl"
    content = path.read_bytes().replace(b"Attack of Legion", b"Attack of Region")
    with path.open("r+b") as file:
        file.write(content)
    os.utime(path, (1e9, 1e9))
    assert run(fast_path.main, *call, *root) == ("false\n", 0)
    assert run(cli.main, *call, *root, "--check-hash") == ("true\n", 0)
    # From then on, the sizes and times of the files stand for the new content.
    assert run(fast_path.main, *call, *root) == ("true\n", 0)


@pytest.mark.usefixtures("empty_cache")
def test_files_that_have_just_changed_have_no_entry(copy: Copy) -> None:
    _age(copy)
    os.utime(copy.root / "graph/entities.ttl")
    assert copy.load().quads
    assert cache.find_entry(str(copy.root)) is None
    time.sleep(2 * cache.SETTLED)
    assert copy.load().quads
    assert cache.find_entry(str(copy.root))


@pytest.mark.slow
def test_source_that_changes_during_reading_is_read_again(
    copy: Copy, empty_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _age(copy)
    assemble, edits = store.assemble, ["Shusuke Kenoko", "Shusuke Kaneko"]

    def edited(*arguments: Any) -> Any:
        made = assemble(*arguments)
        if edits:
            copy.replace("graph/entities.ttl", "rdfs:label", "rdfs:label ")
            edits.pop()
        return made

    monkeypatch.setattr(store, "assemble", edited)
    assert copy.load().quads
    (entry,) = (empty_cache / "entries").iterdir()
    monkeypatch.undo()
    monkeypatch.setenv("KAIJU_CACHE", str(empty_cache.with_name("other")))
    assert copy.load().quads
    (other,) = (empty_cache.with_name("other") / "entries").iterdir()
    assert entry.name == other.name


def test_answer_is_not_cached_if_sources_changed_meanwhile(
    cached_project: Copy, run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    call = (
        "query",
        "SELECT ?name { id:die-hard rdfs:label ?name }",
        "--root",
        str(cached_project.root),
    )
    answer = execute.run

    def edited(*arguments: Any, **options: Any) -> execute.Result:
        found = answer(*arguments, **options)
        cached_project.replace("graph/entities.ttl", '"Die Hard"', '"Live Hard"')
        _age(cached_project)
        assert cached_project.load().quads
        return found

    with monkeypatch.context() as patch:
        patch.setattr(execute, "run", edited)
        assert "Die Hard" in run(cli.main, *call)[0]
    assert "Live Hard" in run(fast_path.main, *call)[0]


def test_lock_file_of_an_editor_is_ignored(cached_project: Copy) -> None:
    root = str(cached_project.root)
    before = cache.find_entry(root)
    for folder in ("ontology", "graph", "graph/gamera-2"):
        (cached_project.root / folder / ".#film.ttl").symlink_to("somebody@somewhere.1:2")
    cached_project.write("graph/.hidden/lead.trig", "nonsense")
    assert cache.find_entry(root) == before
    assert cached_project.load().quads


# The cache as a whole --------------------------------------------------------


@pytest.mark.parametrize("large", [0, store.LARGE])
def test_store_on_disk_and_in_memory_give_the_same_answers(
    large: int,
    copy: Copy,
    empty_cache: Path,
    monkeypatch: pytest.MonkeyPatch,
    run: Callable[..., Ran],
) -> None:
    monkeypatch.setattr(store, "LARGE", large)
    _age(copy)
    assert copy.load().quads
    (entry,) = (empty_cache / "entries").iterdir()
    assert (entry / "store").is_dir() == (large == 0)
    for name in ("who-directed", "what-each-passage-says"):
        answer = run(fast_path.main, "ask", name, "--root", str(copy.root))
        expected = (ROOT / f"tests/answers/gamera-2/{name}.csv").read_text("utf-8")
        assert (answer[0].replace("\r\n", "\n"), answer[1]) == (expected, 0)


@pytest.mark.parametrize("file", every_nth(["CURRENT", "*.sst"], 2))
def test_corrupt_store_on_disk_is_rebuilt(
    file: str, copy: Copy, empty_cache: Path, monkeypatch: pytest.MonkeyPatch, kaiju: Command
) -> None:
    monkeypatch.setattr(store, "LARGE", 0)
    _age(copy)
    assert copy.load().quads
    for path in empty_cache.glob(f"entries/*/store/{file}"):
        path.write_bytes(b"nonsense")
    first, second = (kaiju("query", ALL, cwd=copy.root) for _ in range(2))
    assert first.stdout == second.stdout
    assert first.stdout.startswith("s\n")
    assert first.stderr.count("kaiju: warning: ") == 1
    assert "store is damaged; it is rebuilt" in first.stderr
    assert second.stderr == ""


def test_eviction_keeps_the_entries_used_last(empty_cache: Path) -> None:
    for number in range(maintenance.MAX_ENTRIES + 3):
        path = maintenance.write_entry(f"key{number:02}", os.utime)
        os.utime(path, (number, number))
    maintenance.prune("entries", "answers")
    names = sorted(os.listdir(empty_cache / "entries"))
    assert names == [f"key{number:02}" for number in range(3, maintenance.MAX_ENTRIES + 3)]


@pytest.mark.parametrize(
    ("main", "call"),
    [
        (fast_path.main, ("ask", "who-directed")),
        (cli.main, ("stats",)),
        (cli.main, ("stats", "--check-hash")),
    ],
)
def test_answering_from_an_entry_counts_as_use(
    main: Any,
    call: tuple[str, ...],
    cached_project: Copy,
    empty_cache: Path,
    run: Callable[..., Ran],
) -> None:
    for _ in range(2):  # the second answer writes nothing
        for path in empty_cache.glob("*/*"):
            os.utime(path, (1, 1))
        run(main, *call, "--root", str(cached_project.root))
    (used,) = (empty_cache / "entries").iterdir()
    for number in range(maintenance.MAX_ENTRIES - 1):
        os.utime(maintenance.write_entry(f"key{number}", os.utime), (2, 2))
    maintenance.write_entry("new", os.utime)
    maintenance.prune("entries", "answers")
    assert used.is_dir()
    assert len(os.listdir(empty_cache / "entries")) == maintenance.MAX_ENTRIES


def test_files_removed_by_another_process_are_ignored(empty_cache: Path) -> None:
    (empty_cache / "answers" / "key").mkdir(parents=True)
    (empty_cache / "answers" / "key" / "000").symlink_to("gone")
    assert maintenance.measure()["answers"] == (1, 0)
    maintenance.prune("entries", "answers")


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX's")
def test_read_only_cache_is_used(
    cached_project: Copy, empty_cache: Path, run: Callable[..., Ran]
) -> None:
    call = ("ask", "who-directed", "--root", str(cached_project.root))
    answer = run(fast_path.main, *call)
    for path in [empty_cache, *empty_cache.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        assert run(fast_path.main, *call) == answer
        assert run(fast_path.main, *call, "-f", "json")[1] == 0
    finally:
        for path in [empty_cache, *empty_cache.glob("**")]:
            path.chmod(0o755)


def test_entry_is_written_whole_or_not_at_all(empty_cache: Path) -> None:
    def fill(folder: str) -> None:
        (empty_cache / "entries" / os.path.basename(folder) / "half").touch()
        raise OSError("No space left on device")

    with pytest.raises(OSError, match="No space"):
        maintenance.write_entry("key", fill)
    assert os.listdir(empty_cache / "entries") == []


def test_cache_command_shows_and_clears_only_the_cache(
    cached_project: Copy, empty_cache: Path, run: Callable[..., Ran]
) -> None:
    (empty_cache / "mine").touch()
    run(fast_path.main, "ask", "who-directed", "--root", str(cached_project.root))
    shown, code = run(cli.main, "cache")
    assert code == 0
    assert [line.split()[:2] for line in shown.splitlines()] == [
        [str(empty_cache)],
        ["1", "entries"],
        ["1", "answers"],
        ["0", "verdicts"],
        ["0", "memories"],
        ["1", "roots"],
    ]
    shown, code = run(cli.main, "cache", "--clear")
    assert (shown.splitlines()[0], code) == (f"{empty_cache}: removed", 0)
    assert os.listdir(empty_cache) == ["mine"]


@pytest.mark.parametrize(
    "delays", [(0.1, 0.3), pytest.param((0.05, 0.15, 0.2, 0.25, 0.4), marks=pytest.mark.slow)]
)
@pytest.mark.usefixtures("empty_cache")
def test_cache_still_answers_after_a_kill_at_any_moment(
    delays: tuple[float, ...], copy: Copy
) -> None:
    _age(copy)
    command = [sys.executable, "-m", "kaiju_graph", "ask", "who-directed"]
    expected = subprocess.run(command, cwd=copy.root, capture_output=True, check=True).stdout
    for delay in delays:
        maintenance.clear()
        process = subprocess.Popen(command, cwd=copy.root, stdout=subprocess.DEVNULL)
        time.sleep(delay)
        process.kill()
        process.wait()
        for _ in range(2):
            done = subprocess.run(command, cwd=copy.root, capture_output=True, check=True)
            assert (done.stdout, done.stderr) == (expected, b"")


@pytest.mark.skipif(sys.platform == "win32", reason="limits are POSIX's")
@pytest.mark.parametrize("blocks", every_nth([1, 0, 64, 512], 4))
@pytest.mark.usefixtures("empty_cache")
def test_full_disk_gives_one_warning_and_the_answer(blocks: int, copy: Copy) -> None:
    # No file may grow past so many blocks: a disk that is full, for one process.
    _age(copy)
    command = f'trap "" XFSZ; ulimit -f {blocks}; exec "{sys.executable}" -m kaiju_graph "$@"'
    call = ["bash", "-c", command, "kaiju", "ask", "who-directed"]
    done = subprocess.run(call, cwd=copy.root, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert done.stdout.count("\n") == 2
    assert done.stderr.count("kaiju: warning: ") == done.stderr.count("\n") == 1
    assert "cannot be written: File too large" in done.stderr
