"""The store: all layers, counts of triples as sets, and its cache by content."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import warnings
from collections import Counter
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kaiju_graph
from kaiju_graph.errors import (
    CacheWarning,
    InconsistencyError,
    QueryError,
    QueryWarning,
    SourceError,
    UnknownNameError,
    UnreachableError,
)
from kaiju_graph.project import layout, sources
from kaiju_graph.project.sources import LAYERS, select_layers
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.terms import XSD, Quad
from kaiju_graph.store import files, store
from kaiju_graph.store.store import DEFAULT_LAYERS
from tests.conftest import Copy

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kaiju_graph import KnowledgeGraph
    from tests.conftest import Command

TRIPLES = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
QUADS = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
BY_PREDICATE = "SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?p"
BY_GRAPH = "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"


def _count(kg: KnowledgeGraph, text: str) -> int:
    (row,) = kg.query(text)
    return int(str(row["n"]))


def _rdflib(kg: KnowledgeGraph, text: str, key: str = "") -> dict[str, int]:
    rows: Any = kg.dataset.query(text)
    return {str(row[key]) if key else "": int(row["n"]) for row in rows}


def _merge(kg: KnowledgeGraph, *layers: str) -> set[terms.Triple]:
    return {quad.triple for quad in select_layers(kg.quads, *layers)}


# Counts ----------------------------------------------------------------------


# rdflib's own query processor calls what rdflib deprecates.
RDFLIB = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@RDFLIB
def test_default_graph_is_a_set_of_triples(kg: KnowledgeGraph) -> None:
    expected = len(_merge(kg, *DEFAULT_LAYERS))
    assert _count(kg, TRIPLES) == expected
    assert len(kg.dataset.default_graph) == expected
    assert _rdflib(kg, TRIPLES) == {"": expected}


@RDFLIB
def test_statement_is_in_every_graph_that_states_it(kg: KnowledgeGraph) -> None:
    expected = len(set(kg.quads))
    assert _count(kg, QUADS) == expected
    assert _rdflib(kg, QUADS) == {"": expected}
    assert expected > len(_merge(kg, *LAYERS))


@RDFLIB
@pytest.mark.parametrize(
    ("text", "key", "place"), [(BY_PREDICATE, "p", 1), (BY_GRAPH, "g", 3)], ids=["p", "g"]
)
def test_counts_by_group_are_equal_in_both_engines(
    text: str, key: str, place: int, kg: KnowledgeGraph
) -> None:
    ours = {str(row[key]): int(str(row["n"])) for row in kg.query(text)}
    plain: set[Any] = _merge(kg, *DEFAULT_LAYERS) if place == 1 else set(kg.quads)
    by_hand = Counter(statement[place].value for statement in plain)
    assert ours == _rdflib(kg, text, key) == by_hand


@pytest.mark.parametrize("layer", LAYERS)
def test_layer_limits_only_the_default_graph(layer: str, kg: KnowledgeGraph, root: Path) -> None:
    narrow = kaiju_graph.load(root, [layer])
    assert _count(narrow, TRIPLES) == len(_merge(kg, layer)) == len(narrow.dataset.default_graph)
    assert _count(narrow, QUADS) == len(set(kg.quads))


def test_layers_are_merged_without_duplicates(kg: KnowledgeGraph, root: Path) -> None:
    both = kaiju_graph.load(root, ["stated", "entities"])
    assert _count(both, TRIPLES) == len(_merge(kg, "stated", "entities"))
    assert _count(both, TRIPLES) < len(_merge(kg, "stated")) + len(_merge(kg, "entities"))


def test_alignments_are_in_the_default_graph_only_on_request(
    kg: KnowledgeGraph, root: Path
) -> None:
    foreign = "ASK { film:Film rdfs:subClassOf schema:Movie }"
    assert not kg.query(foreign)
    assert kaiju_graph.load(root, LAYERS).query(foreign)


def test_unknown_layer_is_an_error(root: Path) -> None:
    with pytest.raises(UnknownNameError, match="no layer 'told'"):
        kaiju_graph.load(root, ["stated", "told"])


def test_query_cannot_change_the_store(kg: KnowledgeGraph) -> None:
    before = len(kg.store)
    with pytest.warns(QueryWarning, match="the dataset has no graph"):
        kg.query("SELECT * FROM <http://127.0.0.1:1/> { ?s ?p ?o }")
    with pytest.raises(QueryError, match="the graph cannot be updated"):
        kg.query("DELETE WHERE { ?s ?p ?o }")
    assert len(kg.store) == before


# A small project, whose cache is its own -------------------------------------

TALE = "graph/tale/article.txt"
SMALL = {
    "ontology/tale.ttl": """@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .

@prefix id: <https://w3id.org/kaiju/id/> .

id:Hero a owl:Class ;
    rdfs:subClassOf id:Person .

id:Person a owl:Class .
""",
    "graph/entities.ttl": """@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

@prefix id: <https://w3id.org/kaiju/id/> .

id:momotaro a id:Hero ;
    rdfs:label "Momotarō"@en-GB ;
    id:age "007"^^xsd:integer , 7.0 , "1"^^xsd:boolean , "a\\nb\\u0001"@ja .
""",
    TALE: "= Momotarō =\n\n- He came out of a peach.\n",
    "graph/tale/tale.trig": """@prefix ev: <https://w3id.org/kaiju/evidence#> .
@prefix id: <https://w3id.org/kaiju/id/> .

id:article a ev:Article .

id:title ev:quote "Momotarō"@en .

id:title {
    id:momotaro a id:Hero .
}

id:peach ev:quote "He came out of a peach."@en .

id:peach {
    id:momotaro id:from id:a-peach .
}
""",
    "queries/who.rq": '#+ summary: "Who?"\n\nSELECT * { ?who a id:Hero }\n',
}


@pytest.fixture
def small_project(root: Path, tmp_path: Path, empty_cache: Path) -> Copy:
    """Return a project of two sentences; its cache is empty."""
    made = Copy(tmp_path / "small")
    for file, text in SMALL.items():
        made.write(file, text)
    made.write("ontology/prefixes.ttl", (root / "ontology/prefixes.ttl").read_text("utf-8"))
    assert not empty_cache.exists()
    _age(made)
    return made


def _age(small_project: Copy) -> None:
    """Set old times on all sources, because files that have just changed are not trusted."""
    for path in small_project.root.rglob("*.*"):
        os.utime(path, (1e9, 1e9))


def _entries(folder: Path) -> list[Path]:
    """Return the entries that are whole."""
    return sorted(folder.glob("entries/[!.]*"))


def test_another_article_and_ontology_need_no_code(small_project: Copy) -> None:
    kg = small_project.load()
    (row,) = kg.ask("who")
    assert str(row["who"]) == "https://w3id.org/kaiju/id/momotaro"
    assert kg.query("ASK { id:momotaro a id:Person }")
    assert kg.query('ASK { id:peach ev:section "Momotarō"@en ; ev:order 2 }')


def test_second_load_reads_the_cache(small_project: Copy, empty_cache: Path) -> None:
    first = small_project.load().quads
    (entry,) = _entries(empty_cache)
    assert small_project.load().quads == first
    # The entry is used as it is: nothing is inferred again.
    files.write(str(entry / "quads.nq"), b"<http://e/a> <http://e/b> <http://e/c> <http://e/d> .\n")
    node = ox.NamedNode
    assert small_project.load().quads == [
        Quad(node("http://e/a"), node("http://e/b"), node("http://e/c"), node("http://e/d"))
    ]


def test_cache_keeps_lexical_forms(small_project: Copy) -> None:
    first, second = small_project.load().quads, small_project.load().quads
    literals = {quad.object for quad in second if isinstance(quad.object, ox.Literal)}
    assert first == second
    assert ox.Literal("007", datatype=ox.NamedNode(XSD + "integer")) in literals
    assert ox.Literal("7.0", datatype=ox.NamedNode(XSD + "decimal")) in literals
    assert ox.Literal("1", datatype=ox.NamedNode(XSD + "boolean")) in literals
    assert ox.Literal("a\nb\x01", language="ja") in literals


@pytest.mark.parametrize("large", [0, store.LARGE])
def test_answers_have_the_lexical_forms_of_the_data(
    large: int, small_project: Copy, monkeypatch: pytest.MonkeyPatch, kaiju: Command
) -> None:
    monkeypatch.setattr(store, "LARGE", large)
    asked = ("query", "-f", "tsv", "--root", str(small_project.root))
    rows = "SELECT ?age { %s } ORDER BY ?age"
    ages = ["007", "7.0", "1"]
    for pattern in ("?s id:age ?age", "GRAPH ?g { ?s id:age ?age }", "?s id:age ?age . ?s ?p 007"):
        for _ in range(2):  # from the sources or the cache, then the same answer again
            told = kaiju(*asked, rows % f"{pattern} FILTER(isNumeric(?age) || ?age = true)")
            assert [row.split("^^")[0].strip('"') for row in told.stdout.split("\n")[1:-1]] == ages
    kg = small_project.load()
    for text in ("ASK { ?s id:age 007 }", "ASK { ?s id:age ?age FILTER(?age = 7) }"):
        assert kg.query(text)
    assert not kg.query("ASK { ?s id:age 7 }")
    assert not kg.query("ASK { GRAPH ?g {} FILTER(STRSTARTS(STR(?g), 'urn:')) }")
    assert not kg.why("Momotarō", "id:age", '"7"^^xsd:integer').proofs
    assert kg.why("Momotarō", "id:age", "007").proofs


GARBLED: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "half": lambda content: content[: len(content) // 2],
    "all but a byte": lambda content: content[:-1],
    "no seal": lambda content: content[: content.rindex(b"#")],
    "more": lambda content: content + b"x",
    "nonsense": lambda _: b"<nonsense",
    "zeros": lambda content: bytes(len(content)),
    "a bit": lambda content: bytes([content[0] ^ 1]) + content[1:],
}


@pytest.mark.parametrize("file", ["quads.nq", "merge.nt", "prologue"])
@pytest.mark.parametrize("how", GARBLED)
def test_damaged_entry_is_rebuilt_with_one_warning(
    how: str, file: str, small_project: Copy, empty_cache: Path, kaiju: Command
) -> None:
    quads = small_project.load().quads
    (entry,) = _entries(empty_cache)
    content = {path.name: path.read_bytes() for path in entry.iterdir()}
    (entry / file).write_bytes(GARBLED[how](content[file]))
    asked = ("query", "SELECT * { GRAPH ?g { ?s a id:Hero } }", "-f", "csv")
    done = kaiju(*asked, cwd=small_project.root)
    assert done.returncode == 0
    assert done.stderr.count("kaiju: warning: ") == 1
    assert file in done.stderr
    (entry,) = _entries(empty_cache)
    assert {path.name: path.read_bytes() for path in entry.iterdir()} == content
    again = kaiju(*asked, cwd=small_project.root)
    assert (again.stdout, again.stderr) == (done.stdout, "")
    assert small_project.load().quads == quads  # and a warning would be an error


def test_cache_that_cannot_be_written_gives_a_warning(
    small_project: Copy, empty_cache: Path
) -> None:
    quads = small_project.load().quads
    shutil.rmtree(empty_cache)
    empty_cache.write_text("no folder")
    with pytest.warns(CacheWarning) as warned:
        assert small_project.load().quads == quads
    expected = f"{empty_cache}: found a file; expected a folder; the cache is not used"
    assert str(warned[-1].message) == expected


def test_unreadable_entry_is_rebuilt_with_a_warning(small_project: Copy, empty_cache: Path) -> None:
    quads = small_project.load().quads
    (entry,) = _entries(empty_cache)
    (entry / "quads.nq").unlink()
    (entry / "quads.nq").mkdir()
    with pytest.warns(CacheWarning, match=entry.name):
        assert small_project.load().quads == quads
    assert sorted(path.name for path in entry.parent.iterdir()) == [entry.name]
    assert (entry / "quads.nq").is_file()


def _change(small_project: Copy, file: str, at: int = -1) -> None:
    path = small_project.root / file
    content = bytearray(path.read_bytes())
    content[at:] = content[at:] + b" " if at < 0 else b"#" + content[at:]
    path.write_bytes(content)


@pytest.mark.parametrize(
    "file", [*(f for f in SMALL if "queries" not in f), "ontology/prefixes.ttl"]
)
def test_changed_byte_of_any_source_makes_another_entry(
    file: str, small_project: Copy, empty_cache: Path
) -> None:
    _ = small_project.load().quads
    _change(small_project, file)
    _ = small_project.load().quads
    assert len(_entries(empty_cache)) == 2


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("ontology/tale.ttl", "ontology/story.ttl"),
        ("graph/tale", "graph/story"),
        ("graph/tale/tale.trig", "graph/tale/plot.trig"),
    ],
)
def test_renamed_source_makes_another_entry(
    old: str, new: str, small_project: Copy, empty_cache: Path
) -> None:
    _ = small_project.load().quads
    (small_project.root / old).rename(small_project.root / new)
    _ = small_project.load().quads
    assert len(_entries(empty_cache)) == 2


def test_questions_and_shapes_do_not_change_the_entry(
    small_project: Copy, empty_cache: Path
) -> None:
    _ = small_project.load().quads
    small_project.write("queries/who.rq", SMALL["queries/who.rq"] + "\n")
    small_project.write("ontology/shapes/tale.ttl", SMALL["ontology/tale.ttl"])
    _ = small_project.load().quads
    assert len(_entries(empty_cache)) == 1


def test_equal_sources_in_another_folder_share_an_entry(
    small_project: Copy, empty_cache: Path
) -> None:
    _ = small_project.load().quads
    moved = small_project.root.rename(small_project.root.with_name("moved"))
    _ = kaiju_graph.load(moved).quads
    assert len(_entries(empty_cache)) == 1


@pytest.mark.parametrize(
    ("file", "old", "new", "error"),
    [
        (TALE, "a peach", "a plum", SourceError),
        ("graph/entities.ttl", "id:Hero ;", "id:Hero", SourceError),
        (
            "ontology/tale.ttl",
            "id:Person a owl:Class",
            "id:Person a owl:Class ; owl:disjointWith id:Hero",
            InconsistencyError,
        ),
    ],
)
def test_project_that_does_not_load_is_not_cached(
    file: str, old: str, new: str, error: type[Exception], small_project: Copy, empty_cache: Path
) -> None:
    small_project.replace(file, old, new)
    for _ in range(2):
        with pytest.raises(error):
            _ = small_project.load().quads
    assert not _entries(empty_cache)


@pytest.mark.parametrize("file", ["ontology/lost.ttl", "graph/tale/lost.trig", "graph/lost.trig"])
def test_error_names_a_source_that_cannot_be_read(file: str, small_project: Copy) -> None:
    # A link to nowhere, as editors make for a lock.
    (small_project.root / file).symlink_to("nowhere")
    with pytest.raises(UnreachableError, match=f"^{file}: cannot be read"):
        _ = small_project.load().quads


def test_error_names_a_missing_file_of_entities(small_project: Copy) -> None:
    (small_project.root / "graph/entities.ttl").unlink()
    with pytest.raises(UnreachableError, match=r"^graph/entities\.ttl: cannot be read"):
        _ = small_project.load().quads


def test_two_processes_at_once_leave_one_complete_entry(
    small_project: Copy, empty_cache: Path
) -> None:
    command = [sys.executable, "-m", "kaiju_graph", "export", "-f", "nquads"]
    both = [
        subprocess.Popen(
            command,
            cwd=small_project.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    outcomes = [(*process.communicate(timeout=60), process.returncode) for process in both]
    assert outcomes[0] == outcomes[1]
    assert outcomes[0][1:] == ("", 0)
    (entry,) = (empty_cache / "entries").iterdir()
    assert files.read(str(entry / "quads.nq"))


def test_default_cache_is_the_folder_of_the_platform(
    small_project: Copy, tmp_path: Path, kaiju: Command
) -> None:
    home = {"HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path), "XDG_CACHE_HOME": ""}
    done = kaiju("stats", cwd=small_project.root, env={"KAIJU_CACHE": "", **home})
    assert done.returncode == 0
    assert len(list(tmp_path.glob("**/kaiju-graph/entries/*"))) == 1


def test_command_warns_on_stderr_that_the_cache_is_not_used(
    small_project: Copy, empty_cache: Path, kaiju: Command
) -> None:
    empty_cache.write_text("no folder")
    done = kaiju("ask", "who", cwd=small_project.root)
    assert done.returncode == 0
    assert "momotaro" in done.stdout
    assert "kaiju: warning: " in done.stderr
    assert "Traceback" not in done.stderr


# Files -----------------------------------------------------------------------


def test_new_file_replaces_the_old_one_completely(tmp_path: Path) -> None:
    path = tmp_path / "a.ttl"
    path.write_bytes(b"old and longer")
    files.write_atomically(str(path), b"new")
    assert path.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["a.ttl"]


@pytest.mark.skipif(not os.path.exists("/dev/fd"), reason="a pipe has no name here")
def test_pipe_is_written_to_directly() -> None:
    end, start = os.pipe()
    files.write_atomically(f"/dev/fd/{start}", b"new")
    os.close(start)
    with open(end, "rb") as pipe:
        assert pipe.read() == b"new"


def test_failed_write_leaves_no_temporary_file(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b").touch()
    with pytest.raises(OSError, match=r"a"):
        files.write_atomically(str(tmp_path / "a"), b"new")
    assert os.listdir(tmp_path) == ["a"]


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX's")
def test_new_file_has_the_mode_of_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        files.write_atomically(str(tmp_path / "a"), b"")
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(before)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640


# Any quads -------------------------------------------------------------------

NODE = st.sampled_from("abc").map(lambda name: ox.NamedNode(f"http://e/{name}"))
LITERAL = st.builds(
    ox.Literal,
    st.sampled_from(["1", "01", "+1", "1.0", "x"]),
    datatype=st.sampled_from(["integer", "decimal", "string"]).map(
        lambda name: ox.NamedNode(XSD + name)
    ),
)
GRAPH = st.sampled_from([terms.ENTITIES, terms.EVIDENCE, ox.NamedNode("http://e/passage")])


@given(quads=st.lists(st.builds(Quad, NODE, NODE, st.one_of(NODE, LITERAL), GRAPH), max_size=12))
def test_store_counts_a_triple_once(quads: list[Quad]) -> None:
    filled = store.make_store(quads)
    (row,) = _solutions(filled, TRIPLES)
    assert int(row["n"].value) == len({quad.triple for quad in quads})
    (row,) = _solutions(filled, QUADS)
    assert int(row["n"].value) == len({*quads})


def _solutions(filled: ox.Store, text: str) -> ox.QuerySolutions:
    answer = filled.query(text)
    assert isinstance(answer, ox.QuerySolutions)
    return answer


def test_store_has_every_source_of_the_project(kg: KnowledgeGraph, root: Path) -> None:
    read = sources.read(layout.find(str(root)))
    assert set(read.quads) <= set(kg.quads)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert store.load(kg.project) == kg.quads


def test_atomic_write_follows_links_and_keeps_the_mode(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"before")
    target.chmod(0o600)
    link.symlink_to(target)
    files.write_atomically(str(link), b"after")
    assert link.is_symlink()
    assert target.read_bytes() == b"after"
    assert target.stat().st_mode & 0o777 == 0o600
