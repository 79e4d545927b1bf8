"""The difference between two states of a graph: statements, and answers to questions."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaiju_graph.diff import changes as differing
from kaiju_graph.diff.blank_nodes import align_blank_nodes
from kaiju_graph.diff.states import State
from kaiju_graph.project.sources import LAYERS
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.formats import ENDINGS, FORMATS
from kaiju_graph.rdf.parse import parse
from kaiju_graph.rdf.terms import ENTITIES, Quad
from kaiju_graph.sparql import execute, grammar
from kaiju_graph.sparql import questions as asking
from kaiju_graph.store import store
from tests.conftest import Copy, every_nth
from tests.repository import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from kaiju_graph import KnowledgeGraph
    from kaiju_graph.sparql.questions import Question
    from tests.conftest import Command

DIRECTOR = ("film:director id:shusuke-kaneko .", "film:director id:kow-otani .")
needs_git = pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")


def _git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
    return subprocess.run(
        ["git", *identity, *arguments],  # noqa: S607 (the git that the user has)
        cwd=folder,
        check=True,
        capture_output=True,
        encoding="utf-8",
    ).stdout


@pytest.fixture
def one_question(copy: Copy) -> None:
    """Leave one stored question in the copy: where many answers may differ, all are asked."""
    for file in (copy.root / "queries").glob("*.rq"):
        if file.name != "who-directed.rq":
            file.unlink()


# Whole answers ---------------------------------------------------------------


def test_text_groups_changes_by_layer_passage_and_thing_and_lists_changed_answers(
    kaiju: Command, copy: Copy
) -> None:
    copy.replace("graph/gamera-2/infobox.trig", *DIRECTOR)
    copy.replace("graph/entities.ttl", "id:nippon-tv a film:Company", "id:nippon-tv a film:Agent")
    copy.replace(
        "graph/curation.trig", "skos:exactMatch wd:Q105598 .", "skos:closeMatch wd:Q105598 ."
    )
    copy.replace("ontology/film.ttl", "( film:entry film:entryIn )", "( film:entry film:place )")
    copy.write("queries/who-directed.rq", copy.read("queries/whole-cast.rq"))
    for file in (copy.root / "queries").glob("*.rq"):
        if file.name not in ("who-directed.rq", "which-companies.rq"):
            file.unlink()
    copy.write("queries/who-else.rq", '#+ summary: "Who else?"\nSELECT * { ?a film:x ?b }\n')
    run = kaiju("diff", ".", str(copy.root))
    assert (run.returncode, run.stderr) == (1, "")
    lines = run.stdout.splitlines()
    assert "\n".join(lines[: lines.index("inferred")]) == (
        """\
stated
  g2:infobox-director
    “Director: Shusuke Kaneko”
    id:gamera-2 (Gamera 2: Attack of Legion)
      - film:director id:shusuke-kaneko (Shusuke Kaneko)
      + film:director id:kow-otani (Kow Otani)
entities
  id:nippon-tv (Nippon TV)
    - a film:Company (company)
    + a film:Agent (agent)
curated
  graph:curation-wikidata (identifiers of films, places and organizations in Wikidata)
    id:die-hard (Die Hard)
      + skos:closeMatch wd:Q105598
      - skos:exactMatch wd:Q105598
ontology
  film:partOf (part of)
    - owl:propertyChainAxiom ( film:entry film:entryIn )
    + owl:propertyChainAxiom ( film:entry film:place )"""
    )
    inferred = lines[lines.index("inferred") + 1 : lines.index("answers")]
    # That it is an agent is stated now, and no longer inferred from what a company is.
    assert inferred == ["  id:nippon-tv (Nippon TV)", "    - a film:Agent (agent)"]
    answers = "\n".join(lines[lines.index("answers") + 1 : -1])
    assert "  who-else: Who else?\n    only " + str(copy.root) + " has this question" in answers
    assert "  who-dies: Who dies, who kills them, and which sentence says so?\n    only . has" in (
        answers
    )
    assert "    - Gamera 2: Attack of Legion | Shusuke Kaneko\n    + " in answers
    assert lines[-1].startswith("stated -1 +1; entities -1 +1; curated -1 +1; ontology -")


@pytest.mark.slow
def test_equal_projects_have_no_difference(kaiju: Command, copy: Copy) -> None:
    for new in (".", str(copy.root)):
        run = kaiju("diff", ".", new)
        assert (run.returncode, run.stdout, run.stderr) == (0, "no difference\n", "")
        found = json.loads(kaiju("diff", ".", new, "-f", "json").stdout)
        assert found["equal"]
        assert (found["statements"], found["answers"]) == ([], [])
        assert found["asked"] == len(list((copy.root / "queries").glob("*.rq")))


@pytest.mark.usefixtures("one_question")
def test_json_has_terms_as_in_sparql_json(kaiju: Command, copy: Copy) -> None:
    copy.replace("graph/gamera-2/infobox.trig", *DIRECTOR)
    run = kaiju("diff", ".", str(copy.root), "-f", "json")
    assert (run.returncode, run.stderr) == (1, "")
    found = json.loads(run.stdout)
    assert not found["equal"]
    assert (found["old"], found["new"]) == (".", str(copy.root))
    film, people = "https://w3id.org/kaiju/film#", "https://w3id.org/kaiju/id/"
    stated = [
        {
            "layer": "stated",
            "graph": "https://w3id.org/kaiju/gamera-2/infobox-director",
            "added": added,
            "subject": {"type": "uri", "value": f"{people}gamera-2"},
            "predicate": {"type": "uri", "value": f"{film}director"},
            "object": {"type": "uri", "value": f"{people}{who}"},
            "label": "Gamera 2: Attack of Legion",
        }
        for added, who in ((False, "shusuke-kaneko"), (True, "kow-otani"))
    ]
    assert [change for change in found["statements"] if change["layer"] == "stated"] == stated
    (answer,) = [item for item in found["answers"] if item["question"] == "who-directed"]
    english = {"type": "literal", "xml:lang": "en"}
    assert answer == {
        "question": "who-directed",
        "summary": "Who directed the film?",
        "only": None,
        "removed": [],
        "added": [
            {
                "title": english | {"value": "Gamera 2: Attack of Legion"},
                "person": english | {"value": "Kow Otani"},
            }
        ],
    }


@pytest.mark.usefixtures("one_question")
@pytest.mark.slow
def test_reversed_comparison_exchanges_added_and_removed(kaiju: Command, copy: Copy) -> None:
    copy.replace("graph/gamera-2/infobox.trig", *DIRECTOR)

    def changes(*sides: str) -> set[tuple[bool, str]]:
        found = json.loads(kaiju("diff", *sides, "-f", "json").stdout)
        return {
            (item.pop("added"), json.dumps(item, sort_keys=True)) for item in found["statements"]
        }

    there, back = changes(".", str(copy.root)), changes(str(copy.root), ".")
    assert there == {(not added, statement) for added, statement in back}
    assert there


@pytest.mark.usefixtures("one_question")
def test_new_word_in_the_article_is_shown_and_moved_places_are_counted(
    kaiju: Command, copy: Copy
) -> None:
    for file in ("article.txt", "infobox.trig"):
        copy.replace(f"graph/gamera-2/{file}", "Director: Shusuke", "Director: Mr. Shusuke")
    output = kaiju("diff", ".", str(copy.root)).stdout
    assert (
        output.partition("answers\n")[0]
        == """\
evidence
  g2:infobox-director
    - ev:quote "Director: Shusuke Kaneko"@en
    + ev:quote "Director: Mr. Shusuke Kaneko"@en
  59 places in articles moved
"""
    )


@pytest.mark.slow
def test_new_sentence_is_shown_and_what_moved_is_counted(kaiju: Command, copy: Copy) -> None:
    article = copy.read("graph/gamera-2/article.txt")
    sentence, before = "It is new.", "==Reception=="
    copy.write("graph/gamera-2/article.txt", article.replace(before, f"{sentence}\n\n{before}"))
    graph = copy.read("graph/gamera-2/release.trig")
    quote = f'\ng2:release-2-1 ev:quote "{sentence}"@en .\n\ng2:release-2-1 {{ }}\n'
    copy.write("graph/gamera-2/release.trig", graph + quote)
    lines = kaiju("diff", ".", str(copy.root)).stdout.splitlines()
    start = lines.index("answers") + 1
    evidence = lines[lines.index("evidence") + 1 : start - 1]
    assert evidence[0] == "  g2:release-2-1"
    assert all(line.startswith("    + ") for line in evidence[1:-1])
    assert re.fullmatch(r"  \d+ places in articles moved: ev:order \+1", evidence[-1])
    # All rows of other passages moved: apart from counts of passages, none is shown.
    shown = [line for line in lines[start:-1] if line.startswith(("    - ", "    + "))]
    assert [line[4] for line in shown] == ["-", "+"] * 2
    assert all("(encyclopedia article)" in line for line in shown[:2])
    assert all("| Release |" in line for line in shown[2:])
    assert re.search(r"^    \d+ rows moved$", "\n".join(lines), re.MULTILINE)
    assert re.fullmatch(r"  \d+ rows of \d+ more answers moved", lines[-2])
    rows = json.loads(kaiju("diff", ".", str(copy.root), "-f", "json").stdout)["answers"]
    assert sum(len(answer["removed"]) for answer in rows) > len(shown)


@pytest.mark.slow
def test_order_does_not_depend_on_the_hash_seed(kaiju_process: Command, copy: Copy) -> None:
    copy.replace("graph/gamera-2/infobox.trig", *DIRECTOR)
    copy.replace("ontology/film.ttl", "( film:entry film:entryIn )", "( film:entry film:place )")
    outputs = {
        kaiju_process("diff", ".", str(copy.root), "-f", form, env={"PYTHONHASHSEED": seed}).stdout
        for form in ("text", "json")
        for seed in ("1", "2")
    }
    assert len(outputs) == 2


# Files -----------------------------------------------------------------------


@pytest.mark.parametrize(("ending", "form"), every_nth(ENDINGS.items(), 8))
def test_exported_graph_equals_the_project(
    kaiju: Command, tmp_path: Path, ending: str, form: str
) -> None:
    file = str(tmp_path / f"all{ending}")
    layers = ["--layer", ",".join(LAYERS)] if form in ("trig", "nquads") else []
    assert kaiju("export", "-o", file, *layers).returncode == 0
    for sides in ((".", file), (file, "."), (file, file)):
        run = kaiju("diff", *sides)
        assert (run.returncode, run.stdout, run.stderr) == (0, "no difference\n", "")


@pytest.mark.slow
def test_every_graph_file_of_a_release_equals_the_project(kaiju: Command, published: Path) -> None:
    files = sorted(published.glob("graph.*"))
    assert len(files) == len(FORMATS)
    for file in files:  # graph.nq has the merge as its default graph, beside the named ones
        run = kaiju("diff", str(file), ".")
        assert (run.returncode, run.stdout, run.stderr) == (0, "no difference\n", "")


@pytest.mark.slow
def test_layers_that_only_one_state_has_are_not_compared_but_noted(
    kaiju: Command, copy: Copy, tmp_path: Path
) -> None:
    usual, annotated, stated = (str(tmp_path / name) for name in ("a.nq", "b.nq", "c.trig"))
    kaiju("export", "-o", usual)
    kaiju("export", "-o", annotated, "--with-evidence")
    kaiju("export", "-o", stated, "--layer", "stated,entities")
    outside = "statements outside its named graphs"
    others = "curated, evidence, ontology, alignments, inferred"
    for old, new, note in (
        (usual, ".", "only . has alignments"),
        (".", annotated, f"only . has alignments; only {annotated} has {outside}"),
        (stated, ".", f"only . has {others}"),
        (annotated, annotated, ""),
    ):
        run = kaiju("diff", old, new)
        assert (run.returncode, run.stdout) == (0, "no difference\n")
        assert run.stderr == (f"kaiju: not compared: {note}\n" if note else "")
        found = json.loads(kaiju("diff", old, new, "-f", "json").stdout)
        assert bool(found["uncompared"]) == bool(note)
    copy.replace("graph/gamera-2/infobox.trig", *DIRECTOR)
    run = kaiju("diff", stated, ".", cwd=copy.root)
    assert run.returncode == 1
    assert "      + film:director id:kow-otani (Kow Otani)\n" in run.stdout
    # Inferred triples are left out of both states, so no answer changes because they are missing.
    assert "whole-cast" not in run.stdout


@pytest.mark.slow
def test_file_answers_the_questions_of_the_other_state(kaiju: Command, tmp_path: Path) -> None:
    whole, less = tmp_path / "whole.nt", tmp_path / "less.nt"
    kaiju("export", "-o", str(whole))
    lines = whole.read_text(encoding="utf-8").splitlines(keepends=True)
    less.write_text("".join(line for line in lines if "film#director>" not in line), "utf-8")
    for new in (".", str(whole)):  # a project, and a file, for which the current project's are used
        run = kaiju("diff", str(less), new)
        assert run.returncode == 1
        assert "\n    + film:director id:shusuke-kaneko (Shusuke Kaneko)\n" in run.stdout
        assert (
            "  who-directed: Who directed the film?\n"
            "    + Gamera 2: Attack of Legion | Shusuke Kaneko\n"
        ) in run.stdout
        # Some questions name graphs, which a file of triples lacks: that is no mistake in them.
        assert not run.stderr


@pytest.mark.slow
def test_single_files_of_two_projects_can_be_compared(
    kaiju: Command, copy: Copy, root: Path
) -> None:
    file = "graph/gamera-2/infobox.trig"
    copy.replace(file, *DIRECTOR)
    run = kaiju("diff", str(root / file), str(copy.root / file))
    assert run.returncode == 1
    count = len([*root.glob("queries/*.rq")])
    assert run.stdout == (
        f"""\
stated
  g2:infobox-director
    “Director: Shusuke Kaneko”
    id:gamera-2
      - film:director id:shusuke-kaneko
      + film:director id:kow-otani
stated -1 +1; 0 of {count} answers changed
"""
    )


# Revisions -------------------------------------------------------------------


@pytest.mark.usefixtures("one_question")
@needs_git
@pytest.mark.parametrize("where", every_nth(["subfolder", "top"], 2))
def test_revision_is_read_from_git_without_touching_the_work_tree(
    kaiju: Command, copy: Copy, where: str
) -> None:
    top = copy.root.parent if where == "subfolder" else copy.root
    _git(top, "init", "--quiet", "--initial-branch=trunk")
    (copy.root / "unrelated").mkdir()
    _git(top, "add", ".")
    _git(top, "commit", "--quiet", "-m", "one")
    copy.replace("graph/gamera-2/infobox.trig", *DIRECTOR)
    _git(top, "commit", "--quiet", "-am", "two")
    copy.replace("graph/gamera-2/infobox.trig", DIRECTOR[1], "film:director id:shinji-higuchi .")
    index = (top / ".git" / "index").read_bytes()
    between = kaiju("diff", "HEAD~1", "trunk", cwd=copy.root)
    assert between.returncode == 1
    assert "      - film:director id:shusuke-kaneko (Shusuke Kaneko)\n" in between.stdout
    assert "      + film:director id:kow-otani (Kow Otani)\n" in between.stdout
    since = kaiju("diff", "HEAD", ".", cwd=copy.root)
    assert since.returncode == 1
    assert "      + film:director id:shinji-higuchi (Shinji Higuchi)\n" in since.stdout
    assert kaiju("diff", "HEAD", "trunk", cwd=copy.root).returncode == 0
    assert (top / ".git" / "index").read_bytes() == index
    assert "film:director id:shinji-higuchi ." in copy.read("graph/gamera-2/infobox.trig")


@pytest.mark.usefixtures("one_question")
@needs_git
def test_revision_has_the_committed_bytes(kaiju: Command, copy: Copy) -> None:
    _git(copy.root, "init", "--quiet")
    copy.write(".gitattributes", "* text=auto export-subst\n")
    copy.replace("graph/entities.ttl", '"Die Hard"', '"Die Hard $Format:%H$"')
    _git(copy.root, "add", ".")
    _git(copy.root, "commit", "--quiet", "-m", "one")
    _git(copy.root, "config", "core.autocrlf", "true")
    run = kaiju("diff", "HEAD", ".", cwd=copy.root)
    assert (run.returncode, run.stderr) == (0, "")


@needs_git
def test_unknown_revision_is_an_error(kaiju: Command, copy: Copy) -> None:
    expected = "expected a project's folder, a data file or a git revision"
    run = kaiju("diff", "HEAD", ".", cwd=copy.root, env={"GIT_CEILING_DIRECTORIES": str(copy.root)})
    assert run.returncode == 4
    assert run.stderr.startswith(f"kaiju: error: HEAD: {expected}; ")
    assert "not a git repository" in run.stderr
    _git(copy.root, "init", "--quiet")
    (copy.root / "readme").write_text("", "utf-8")
    _git(copy.root, "add", "readme")
    _git(copy.root, "commit", "--quiet", "-m", "no project yet")
    run = kaiju("diff", "HEAD", ".", cwd=copy.root)
    assert run.returncode == 4
    assert run.stderr.startswith(
        "kaiju: error: HEAD: found no project in that revision; expected ontology, graph, queries"
    )
    for unknown in ("nothing", "HEAD~9", "HEAD:readme", "", "a b", "nowhere/at/all"):
        run = kaiju("diff", unknown, ".", cwd=copy.root)
        assert run.returncode == 4
        assert run.stderr == (
            f"kaiju: error: {unknown}: {expected}; the repository of {copy.root} has no such "
            "revision\n"
        )


def test_revision_without_git_is_an_error(kaiju: Command, tmp_path: Path) -> None:
    run = kaiju("diff", "HEAD", ".", env={"PATH": str(tmp_path)})
    assert run.returncode == 4
    assert run.stderr == (
        "kaiju: error: HEAD: expected a project's folder, a data file or a git revision; git "
        "cannot be run: No such file or directory\n"
    )


def test_revision_cannot_be_an_option_of_git(kaiju: Command, tmp_path: Path) -> None:
    target = tmp_path / "made"
    run = kaiju("diff", ".", "--", f"--output={target}")
    assert run.returncode == 4
    assert run.stderr.endswith("; a revision does not begin with -\n")
    assert not target.exists()


# Bad input -------------------------------------------------------------------


def test_state_that_does_not_load_is_named_with_file_and_line(kaiju: Command, copy: Copy) -> None:
    copy.replace(
        "graph/entities.ttl", "id:nippon-tv a film:Company", "id:nippon-tv a a film:Company"
    )
    at = copy.read("graph/entities.ttl").split("id:nippon-tv a a ")[0].count("\n") + 1
    _assert_error_at(kaiju, copy, f"graph/entities.ttl:{at}:")


def test_inconsistent_state_is_named_with_file_and_line(kaiju: Command, copy: Copy) -> None:
    copy.replace("graph/gamera-2/infobox.trig", DIRECTOR[0], "film:director id:nippon-tv .")
    _assert_error_at(kaiju, copy, "graph/")


def _assert_error_at(kaiju: Command, copy: Copy, place: str) -> None:
    for sides in ((".", str(copy.root)), (str(copy.root), ".")):
        run = kaiju("diff", *sides)
        assert (run.returncode, run.stdout) == (3, "")
        assert run.stderr.startswith(f"kaiju: error: {copy.root}: {place}")
        assert run.stderr.count("\n") == 1


def test_unreadable_state_is_named(kaiju: Command, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad.nq").write_text("<a:b> <a:c> <a:d> .\n<a:b> nonsense .\n", "utf-8")
    (tmp_path / "bad.nt").write_bytes(b'<a:b> <a:c> "\xff" .\n')
    (tmp_path / "bad.jsonld").write_text('{"@context": "http://example.org/", "a": 1}', "utf-8")
    for name, code, message in (
        ("nowhere.ttl", 4, "nowhere.ttl: cannot be read: No such file or directory"),
        (str(tmp_path / "empty"), 4, "empty: not a project: it has no ontology, graph, queries"),
        (str(tmp_path / "bad.nq"), 3, "bad.nq:2:"),
        (str(tmp_path / "bad.nt"), 3, "bad.nt:1:"),
        (str(tmp_path / "bad.jsonld"), 3, "bad.jsonld:1:"),
    ):
        run = kaiju("diff", ".", name)
        assert (run.returncode, run.stdout) == (code, "")
        assert message in run.stderr
        assert run.stderr.count("\n") == 1
    assert kaiju("diff", ".").returncode == 2


def test_question_that_does_not_parse_is_named(kaiju: Command, copy: Copy) -> None:
    copy.write("queries/who-directed.rq", '#+ summary: "Who?"\nSELCT * {}\n')
    run = kaiju("diff", ".", str(copy.root))
    assert run.returncode == 3
    assert "queries/who-directed.rq:2:1: found 'SELCT'; expected SELECT" in run.stderr


# Blank nodes -----------------------------------------------------------------

NODES = [ox.BlankNode(name) for name in "abcd"]
NAMED = [ox.NamedNode(f"https://example.org/{name}") for name in "xyz"]
QUADS = st.lists(
    st.builds(
        Quad,
        st.sampled_from([*NODES, *NAMED]),
        st.sampled_from(NAMED[:2]),
        st.sampled_from([*NODES, *NAMED]),
        st.just(ENTITIES),
    ),
    max_size=12,
)


def _compare(kg: KnowledgeGraph, *graphs: list[Quad]) -> differing.Difference:
    old, new = (State(str(at), quads, kg.project, ()) for at, quads in enumerate(graphs))
    return differing.compare(old, new, kg.project)


@given(quads=QUADS, labels=st.permutations("pqrs"), data=st.data())
def test_labels_of_blank_nodes_do_not_matter(
    quads: list[Quad], labels: list[str], data: st.DataObject, kg: KnowledgeGraph
) -> None:
    other = dict(zip(NODES, map(ox.BlankNode, labels), strict=True))

    def rename(term: Any) -> Any:
        return other.get(term, term)

    renamed = [
        quad._replace(subject=rename(quad.subject), object=rename(quad.object))
        for quad in data.draw(st.permutations(quads))
    ]
    assert _compare(kg, quads, renamed).equal


@given(quads=QUADS, data=st.data())
def test_changed_object_is_a_difference(
    quads: list[Quad], data: st.DataObject, kg: KnowledgeGraph
) -> None:
    if not quads:
        return
    at = data.draw(st.integers(0, len(quads) - 1))
    new = ox.NamedNode("https://example.org/new")
    changed = [*quads[:at], quads[at]._replace(object=new), *quads[at + 1 :]]
    found = _compare(kg, quads, changed)
    assert any(change.added and change.triple.object == new for change in found.changes)
    assert not found.equal


@pytest.mark.parametrize("size", [1, 3])
def test_circles_of_blank_nodes_differ_by_the_terms_they_lead_to(
    size: int, kg: KnowledgeGraph
) -> None:
    def circle(*ends: ox.NamedNode) -> list[Quad]:
        nodes = [ox.BlankNode(f"n{at}") for at in range(size)]
        ring = [
            Quad(node, NAMED[0], nodes[(at + 1) % size], ENTITIES) for at, node in enumerate(nodes)
        ]
        return [*ring, *(Quad(nodes[0], NAMED[1], end, ENTITIES) for end in ends)]

    assert _compare(kg, circle(), circle()).equal
    assert not _compare(kg, circle(), circle(NAMED[2])).equal
    assert not _compare(kg, circle(NAMED[0]), circle(NAMED[2])).equal


@pytest.fixture
def bare(tmp_path: Path) -> str:
    """Return a project without questions, which would all be asked of files that differ."""
    made = Copy(tmp_path / "bare")
    for file in ("ontology/prefixes.ttl", "graph/entities.ttl", "queries/README.md"):
        made.write(file, (ROOT / file).read_text("utf-8"))
    return str(made.root)


def _isomorphic(*graphs: list[Quad]) -> bool:
    """Return whether rdflib's comparison, which shares no code with ours, finds no difference."""
    from rdflib.compare import isomorphic

    old, new = map(terms.rdflib_graph, graphs)
    return bool(isomorphic(old, new))


@given(quads=QUADS, others=QUADS)
def test_graphs_are_equal_if_and_only_if_they_are_isomorphic(
    quads: list[Quad], others: list[Quad], kg: KnowledgeGraph
) -> None:
    # RDF 1.1 Concepts, section 3.6.
    assert _compare(kg, quads, others).equal == _isomorphic(quads, others)


@given(quads=QUADS, extra=QUADS.filter(bool))
def test_an_added_statement_is_a_difference(
    quads: list[Quad], extra: list[Quad], kg: KnowledgeGraph
) -> None:
    found = _compare(kg, quads, [*quads, *extra])
    assert found.equal == set(extra).issubset(quads)


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        # Two circles, of which one maps into the other.
        ("_:a :p _:b . _:b :p _:a .", "_:a :p _:b . _:b :p _:c . _:c :p _:a .", ["- [ ", "+ [ "]),
        (
            ":a :p _:x . :b :p _:x . _:x :name 'N' .",
            ":a :p _:x . :b :p _:y . _:x :name 'N' . _:y :name 'N' .",
            ['- <http://e/p> [ <http://e/name> "N" ] (one node of 2 statements)', "+ <http://e/p>"],
        ),
        ("[] :name 'N' .", "[] :name 'N' . [] :name 'N' .", ['+ [ <http://e/name> "N" ]']),
        # All nodes look alike from anywhere: only the whole differs.
        (
            "_:a :p _:b . _:b :p _:c . _:c :p _:d . _:d :p _:e . _:e :p _:f . _:f :p _:a .",
            "_:a :p _:b . _:b :p _:c . _:c :p _:a . _:d :p _:e . _:e :p _:f . _:f :p _:d .",
            ["- [ ", "+ [ "],
        ),
    ],
)
def test_graphs_that_are_not_isomorphic_differ(
    old: str, new: str, shown: list[str], kaiju: Command, tmp_path: Path, bare: str
) -> None:
    for name, text in (("old", old), ("new", new)):
        (tmp_path / f"{name}.ttl").write_text(f"@prefix : <http://e/> .\n{text}\n")
    run = kaiju("diff", "old.ttl", "new.ttl", "--root", bare, cwd=tmp_path)
    assert (run.returncode, run.stderr) == (1, "")
    for line in shown:
        assert f"  {line}" in run.stdout


@pytest.mark.parametrize("length", [500, pytest.param(5000, marks=pytest.mark.slow)])
def test_long_lists_and_chains_are_compared(length: int) -> None:
    def differences(text: str, other: str) -> list[int]:
        quads = [[*parse("a.ttl", each, ENTITIES)] for each in (text, other)]
        old, new = map(set, align_blank_nodes(*quads))
        return [len(old - new), len(new - old)]

    ones, numbers = ["1"] * length, [*map(str, range(length))]
    row = "<urn:s> <urn:p> ( {} ) .".format
    assert differences(row(" ".join(ones)), row(" ".join(ones))) == [0, 0]
    assert differences(row(" ".join(ones)), row(" ".join([*ones, "1"]))) == [1, 3]
    all_of_it = [2 * length + 1] * 2
    assert differences(row(" ".join(numbers)), row(" ".join([*numbers[:-1], "7"]))) == all_of_it
    chain = [f"_:b{number} <urn:p> _:b{number + 1} ." for number in range(length)]
    assert differences("".join(chain), "".join(reversed(chain))) == [0, 0]


@pytest.mark.slow
def test_nodes_too_much_alike_to_compare_are_an_error(
    kaiju: Command, tmp_path: Path, bare: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each of 40 nodes is linked with all others: RDFC-1.0 tries the orders of all of them.
    monkeypatch.setattr("kaiju_graph.diff.blank_nodes.SECONDS", 1)
    links = (f"_:n{a} :p _:n{b} ." for a in range(40) for b in range(40) if a != b)
    text = "@prefix : <http://e/> .\n" + "\n".join(links)
    (tmp_path / "old.ttl").write_text(text)
    (tmp_path / "new.ttl").write_text(text)
    run = kaiju("diff", "old.ttl", "new.ttl", "--root", bare, cwd=tmp_path)
    assert (run.returncode, run.stdout) == (5, "")
    assert run.stderr == (
        "kaiju: error: found blank nodes that are too much alike to be compared in 1 s; "
        "expected statements that tell them apart\n"
    )


@pytest.mark.slow
def test_folder_takes_precedence_over_a_revision(kaiju: Command, copy: Copy) -> None:
    os.symlink(copy.root, copy.root / "HEAD")
    assert kaiju("diff", "HEAD", ".", cwd=copy.root).stdout == "no difference\n"


# Questions whose answers may differ ------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT * { ?s film:x [ a film:Y ] FILTER(?s != id:z && 2 * 3 = 6) }", "film:x rdf:type"),
        ("ASK { ?s ^film:x/(rdf:type|film:y)+ 1 }", "film:x rdf:type film:y"),
        ("SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s <http://e/p> 1 } }", "<http://e/p>"),
        ("SELECT * { ?s film:x 1 FILTER NOT EXISTS { ?s film:y 2 } }", "film:x film:y"),
        ("SELECT * { ?s ?p ?o }", None),
        ("SELECT * { ?s film:x 1 ; ?p [ film:y 2 ] }", None),
        ("SELECT * { ?s film:x* ?o }", None),
        ("SELECT * { ?s (film:x/film:y)? ?o }", None),
        ("SELECT * { ?s a* ?o }", None),
        ("SELECT * { ?s !film:x ?o }", None),
        ("SELECT * { ?s film:x 1 MINUS { ?s !(film:x|^film:y) ?o } }", None),
        ("SELECT * { ?s film:x ( 1 ?o ) }", None),
        ("SELECT * { ?s film:x/film:y [ film:z ( 1 ) ] }", None),
        ("DESCRIBE id:gamera-2", None),
        ("SELECT * { ?s film:x 1", None),
    ],
)
def test_query_uses_the_predicates_it_names_or_possibly_any(
    text: str, expected: str | None, kg: KnowledgeGraph
) -> None:
    found = grammar.find_predicates(text, kg.project.prefixes)
    if expected is None:
        assert found is None
    else:
        assert found is not None
        assert {kg.project.prefixes.expand(n) or n.strip("<>") for n in expected.split()} <= found


@pytest.mark.slow
def test_answers_do_not_depend_on_unused_predicates(
    kg: KnowledgeGraph,
) -> None:
    def answer(filled: ox.Store, question: Question) -> object:
        return differing._table(  # noqa: SLF001 (``compare`` compares these tables)
            execute.run(filled, question.text, kg.project.prefixes)
        )

    questions = asking.list_questions(kg.project)
    needed = {q.name: grammar.find_predicates(q.text, kg.project.prefixes) for q in questions}
    whole = {question.name: answer(kg.store, question) for question in questions}
    compared = 0
    for name in ("film:director", "film:star", "story:agent", "rdfs:label", "ev:quote", "rdf:type"):
        predicate = ox.NamedNode(kg.project.prefixes.expand(name) or "")
        rest = store.make_store(quad for quad in kg.quads if quad.predicate != predicate)
        for question in questions:
            found = needed[question.name]
            if found is not None and predicate.value not in found:
                compared += 1
                assert answer(rest, question) == whole[question.name], (name, question.name)
    assert compared > len(questions)


@pytest.mark.slow
def test_only_questions_whose_answers_may_differ_are_asked(copy: Copy, kg: KnowledgeGraph) -> None:
    copy.replace("graph/gamera-2/infobox.trig", *DIRECTOR)
    here = copy.load()
    sides = [
        State(name, graph.quads, graph.project, tuple(asking.list_questions(graph.project)))
        for name, graph in (("old", kg), ("new", here))
    ]
    steps: list[str] = []
    found = differing.compare(sides[0], sides[1], kg.project, steps.append)
    asked = {step.removeprefix("asking ") for step in steps if step.startswith("asking ")}
    assert "who-directed" in {answers.name for answers in found.answers}
    assert {answers.name for answers in found.answers} <= asked
    assert 0 < len(asked) < found.question_count / 3
