"""``kaiju new`` drafts what a person would write first, and never overwrites."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import kaiju_graph
from kaiju_graph.draft import draft, skeleton
from kaiju_graph.draft.outline import divide
from kaiju_graph.errors import UnknownNameError, UnreachableError
from kaiju_graph.project import layout, passages, sources
from kaiju_graph.rdf.parse import parse
from kaiju_graph.rdf.terms import EVIDENCE, LABEL
from kaiju_graph.store import files
from tests.conftest import every_nth
from tests.draft.conftest import COMET, KNOWN, LICENCE

if TYPE_CHECKING:
    from kaiju_graph.rdf.terms import Quad
    from tests.conftest import Command, Copy

ROOT = Path(__file__).parents[2]
FOLDER = "graph/comet-night"
PLOT = f"{FOLDER}/plot.trig"


def contents(folder: Path) -> dict[str, str]:
    """Return file → text of all files below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def draft_comet(project: Copy, text: str | None = None) -> list[str]:
    """Draft the article, or another text of it, and return what was done."""
    opened = layout.find(str(project.root))
    data = (COMET / "article.txt").read_bytes() if text is None else text.encode()
    done = draft.draft(opened, data, "comet.txt", draft.Wishes(licence=LICENCE))
    draft.save(opened, done)
    return done.notes


# A new article ---------------------------------------------------------------


def test_draft_is_this(empty: Copy) -> None:
    notes = draft_comet(empty)
    assert contents(empty.root / FOLDER) == contents(COMET / "draft")
    assert "".join(f"{note}\n" for note in notes) == (COMET / "notes.txt").read_text("utf-8")


@pytest.mark.slow
def test_draft_conforms_but_for_what_it_marks(empty: Copy, kaiju: Command) -> None:
    draft_comet(empty)
    stub = (
        "# id:port-lull a CLASS ;\n#     rdfs:label"  # which passages name that are to be modelled
    )
    empty.replace(f"{FOLDER}/entities.ttl", stub, "id:port-lull a story:City ;\n    rdfs:label")
    report = kaiju_graph.load(str(empty.root)).validate()
    assert [violation.rule for violation in report.violations] == ["draft"]
    assert report.conforms
    run = kaiju("export", "--all", str(empty.root / "out"), "--root", str(empty.root))
    assert run.returncode == 3
    assert "not modelled yet; expected a graph, or --draft" in run.stderr


def test_sentences_of_the_article_are_those_that_people_quoted(root: Path) -> None:
    """All 42 prose passages of the first article, and the names of all 60."""
    read = sources.read(layout.find(str(root)))
    article = passages.locate_passages(read).articles[0]
    outline = divide(article.text, "article.txt")
    assert [piece.quote for piece in outline.pieces] == [p.quote.value for p in article.passages]
    names = [p.iri.value.rpartition("/")[2] for p in article.passages]
    assert [piece.name for piece in outline.pieces] == names


@pytest.mark.slow
def test_infobox_of_the_first_article_needs_no_edit(tmp_path: Path, root: Path) -> None:
    """Its draft states what people stated of it, without a known thing."""
    skeleton.init(str(tmp_path / "films"), namespace="https://w3id.org/kaiju/")
    project = layout.find(str(tmp_path / "films"))
    data = (root / "graph/gamera-2/article.txt").read_bytes()
    wishes = draft.Wishes(slug="gamera-2", prefix="g2", licence=LICENCE)
    draft.save(project, draft.draft(project, data, "article.txt", wishes))

    def infobox(folder: Path) -> set[Quad]:
        text = (folder / "graph/gamera-2/infobox.trig").read_text("utf-8")
        text = text.replace("id:japanese-language", "id:japanese")
        return {quad for quad in parse("a.trig", text, EVIDENCE) if quad.predicate != LABEL}

    missing = infobox(root) - infobox(tmp_path / "films")
    # "Country: Japan" says what the named thing is, too; the draft has that among the entities.
    assert [str(quad.subject) for quad in missing] == ["<https://w3id.org/kaiju/id/japan>"]


@pytest.mark.slow
def test_command_shows_and_writes_the_draft(
    empty: Copy, article: Path, kaiju_process: Command
) -> None:
    arguments = ("new", str(article), "--root", str(empty.root), "--licence", LICENCE)
    before = contents(empty.root)
    dry = kaiju_process(*arguments, "--dry-run")
    assert dry.stdout.startswith(f"--- a/{FOLDER}/article.txt\n+++ b/{FOLDER}/article.txt\n")
    assert contents(empty.root) == before
    run = kaiju_process(*arguments)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout == (COMET / "notes.txt").read_text("utf-8")
    again = kaiju_process(*arguments)
    assert again.stdout == f"{FOLDER}: nothing new in {article}\n"


def test_value_is_read_whole_or_left_to_a_person(empty: Copy) -> None:
    known = 'id:uk a film:Place ;\n    rdfs:label "United Kingdom"@en .\n'
    empty.write("graph/entities.ttl", f"{KNOWN}\n{known}")
    lines = {
        "Release dates": "May 1, 2001 (UK); May 2, 2001 (Peru)",
        "Released": "May 3, 2001 (Ghent)",
        "Release": "May 4, 2001 (planned)",
        "Running time": "1 h 43 min",
        "Length": "2 hours and 3 minutes",
        "Duration": "about 90 minutes",
        "Based on": "Night by Ann Poe",
        "Country": "Peru/Chad",
    }
    items = "".join(f"- {key}: {value}\n" for key, value in lines.items())
    *_, released, release, duration, based_on, country = draft_comet(
        empty, f"= Odd =\n\nOdd\n{items}\nA.\n"
    )
    assert released.endswith("“(Ghent)” of “May 3, 2001 (Ghent)” is not the name of a country.")
    assert release.endswith("“(planned)” of “May 4, 2001 (planned)” is not the name of a country.")
    assert duration.endswith("“about 90 minutes” is not read as runtime in minutes (xsd:integer).")
    assert based_on.endswith("“Night by Ann Poe” is more than a name.")
    assert country.endswith("“Peru/Chad” may be one name or two.")
    drafted = empty.read("graph/odd/infobox.trig")
    assert re.findall("film:(?:country|runtimeMinutes) ([^ ]*)", drafted) == [
        *("id:uk", "id:peru"),
        *("103", "123"),
    ]
    assert 'id:uk skos:altLabel "UK"@en .' in empty.read("graph/odd/entities.ttl")


@pytest.mark.slow
def test_article_in_german_has_its_kind_title_and_english_labels(empty: Copy) -> None:
    """Keys in another language than the article's are read, too."""
    lines = "- Regie: Ann Poe\n- Director: Ann Poe\n- Length: 1 Std. 43 Min.\n"
    lines += "- Released: 3. März 2017 (Peru)\n- Gross: $2,5 Millionen\n"
    text = f"= Die Wahl =\n\nDie Wahl\n{lines}\nAm 3. März war es kalt. Ann Poe sang.\n"
    wishes = draft.Wishes(language="de", licence=LICENCE)
    opened = layout.find(str(empty.root))
    draft.save(opened, draft.draft(opened, text.encode(), "a.txt", wishes))
    files = contents(empty.root / "graph/die-wahl")
    assert (
        'id:die-wahl a film:Film ;\n    rdfs:label "Die Wahl"@de , "Die Wahl"@en .'
        in (files["entities.ttl"])
    )
    for stated in (
        'film:title "Die Wahl"@de .',
        "film:director id:ann-poe .",
        "film:runtimeMinutes 103 .",
        'film:date "2017-03-03"^^xsd:date ;\n        film:country id:peru .',
        "film:amount 2500000 ;",
        "ev:needsContext dw:infobox-title",
    ):
        assert stated in files["infobox.trig"]
    assert re.findall('quote "(.*)"', files["lead.trig"]) == [
        "Am 3. März war es kalt.",
        "Ann Poe sang.",
    ]
    assert 'rdfs:label "licence of the article"@en' in files["curation.trig"]


# Run again -------------------------------------------------------------------

GRAPH = """
cn:plot-1-1 {
    # By hand.
    id:comet-night film:workingTitle "Dr. Oak"@en .
}
"""


@pytest.fixture
def modelled(empty: Copy) -> Copy:
    """Return a project in which a person modelled a passage of the draft."""
    draft_comet(empty)
    text = empty.read(PLOT).replace(" ;\n    ev:status ev:notModelled .", f" .\n{GRAPH}", 1)
    empty.write(PLOT, text)
    return empty


CHANGES = {
    "new sentence": ("Later Wren", "Ann Poe sings. Later Wren", "cn:plot-1-2-2: new"),
    "new section": (
        "==See also==",
        "==Cast==\n- Bo Tarn\n\n==See also==",
        "cn:cast-1: new, and drafted",
    ),
    "new subsection": (
        "===Coda===",
        "===Dawn===\nIt is day.\n\n===Coda===",
        "cn:dawn-1-1: new",
    ),
    "new first sentence": ("Miss Wren meets", "It is May. Miss Wren meets", "cn:plot-1-1-2: new"),
    "new line": (
        "- Budget",
        "- Cinematography: Zed Nova\n- Budget",
        "cn:infobox-cinematography: new, and drafted",
    ),
    "changed sentence": (
        "Dr. Oak in Port Lull",
        "Dr. Oak in Port Lowe",
        "cn:plot-1-1: changed; its graph is as before",
    ),
    "changed line": (
        "Eve Poe and Ian Ray",
        "Eve Poe, Ian Ray",
        "cn:infobox-edited-by: changed, and drafted",
    ),
    "changed draft": ("Did it sell?", "Did it sell well?", "cn:lead-1-2: changed"),
    "removed draft": (" It did.", "", "cn:lead-1-3: removed, and was not modelled: “It did.”"),
    "removed graph": (
        "Miss Wren meets Dr. Oak in Port Lull. ",
        "",
        "cn:plot-1-1: no longer in the text; its graph stays, for you to decide",
    ),
}


@pytest.mark.parametrize("change", every_nth(CHANGES, 4))
def test_later_text_adds_what_is_new_and_keeps_all_graphs(change: str, modelled: Copy) -> None:
    old, new, note = CHANGES[change]
    text = modelled.read(f"{FOLDER}/article.txt")
    assert old in text
    text = text.replace(old, new)
    assert note in draft_comet(modelled, text)
    assert modelled.read(f"{FOLDER}/article.txt") == text
    assert GRAPH in modelled.read(PLOT)
    if "its graph stays" not in note:
        assert _is_tiled(modelled)
        assert draft_comet(modelled, text) == [f"{FOLDER}: nothing new in comet.txt"]


def test_sentence_moves_with_its_graph_and_comment(modelled: Copy) -> None:
    sentence = "Miss Wren meets Dr. Oak in Port Lull. "
    text = modelled.read(f"{FOLDER}/article.txt").replace(sentence, "")
    text = text.replace(
        "==See also==", f"==Sequel==\nIt has one. {sentence.strip()}\n\n==See also=="
    )
    assert "cn:plot-1-1: moved" in draft_comet(modelled, text)
    assert GRAPH not in modelled.read(PLOT)
    assert GRAPH in modelled.read(f"{FOLDER}/sequel.trig")
    assert _is_tiled(modelled)


def test_graph_of_a_sentence_that_is_gone_stops_no_later_run(modelled: Copy) -> None:
    """It stays until a person decides, and comes back with its sentence."""
    before = modelled.read(f"{FOLDER}/article.txt")
    sentence = "Miss Wren meets Dr. Oak in Port Lull. "
    note = "cn:plot-1-1: no longer in the text; its graph stays, for you to decide"
    text = before.replace(sentence, "")
    assert draft_comet(modelled, text) == [note]
    assert draft_comet(modelled, text) == [note]
    text = text.replace("Nobody wakes.", "Nobody wakes. All sleep.")
    assert draft_comet(modelled, text) == [note, "cn:coda-1-2: new"]
    assert GRAPH in modelled.read(PLOT)
    assert draft_comet(modelled, before) == [
        "cn:coda-1-2: removed, and was not modelled: “All sleep.”"
    ]
    assert _is_tiled(modelled)


@pytest.mark.parametrize("count", [1, -1], ids=["above the text", "everywhere"])
def test_title_and_lines_of_the_infobox_change_as_a_whole(count: int, empty: Copy) -> None:
    text = "= Odd Night =\n\nOdd Night\n- Producer: Ann\n- Year: 2001\n\nOdd Night is a film.\n"
    draft_comet(empty, text)
    later = text.replace("Odd Night", "Hm", count).replace("Ann", "Zoltan Quillfeather")
    opened = layout.find(str(empty.root))
    wishes = draft.Wishes(slug="odd-night")
    done = draft.draft(opened, later.encode(), "odd.txt", wishes)
    draft.save(opened, done)
    changed = ["title", *["infobox-title"] * (count < 0), "infobox-producer"]
    for name in changed:
        assert any(note.startswith(f"on:{name}: changed") for note in done.notes), done.notes
    assert not any(note.endswith((": new", "decide")) for note in done.notes), done.notes
    assert _is_tiled(empty)
    (again,) = draft.draft(opened, later.encode(), "odd.txt", wishes).notes
    assert again == "graph/odd-night: nothing new in odd.txt"


def test_passages_stay_divided_as_a_person_divided_them(empty: Copy) -> None:
    """A sentence in two passages, and two sentences in one."""
    text = "= Odd =\n\nThey ran, and hid. Ann won. Few saw it.\n"
    draft_comet(empty, text)
    lead, mark = "graph/odd/lead.trig", "@en ;\n    ev:status ev:notModelled .\n\n"
    empty.replace(lead, "ran, and hid.", f'ran,"{mark}odd:lead-1-1-b ev:quote "and hid.')
    empty.replace(lead, f'won."{mark}odd:lead-1-3 ev:quote "Few', "won. Few")
    before = empty.read(lead)
    assert draft_comet(empty, text) == ["graph/odd: nothing new in comet.txt"]
    assert draft_comet(empty, text.replace("They", "It is May. They")) == ["odd:lead-1-1-2: new"]
    assert before.partition("odd:lead-1-1 ev:quote")[2] in empty.read(lead)
    assert _is_tiled(empty)


def test_changed_quote_says_what_it_was(modelled: Copy) -> None:
    text = modelled.read(f"{FOLDER}/article.txt").replace("Port Lull. ", "Port Lowe. ")
    draft_comet(modelled, text)
    assert (
        "# Its words were: “Miss Wren meets Dr. Oak in Port Lull.”\n"
        'cn:plot-1-1 ev:quote "Miss Wren meets Dr. Oak in Port Lowe."@en .\n'
    ) in modelled.read(PLOT)


def test_line_that_changes_is_drafted_anew_unless_a_person_wrote_there(modelled: Copy) -> None:
    box = f"{FOLDER}/infobox.trig"
    text = modelled.read(f"{FOLDER}/article.txt")
    modelled.replace(box, "# “circa 2001” is", "# Ask Li. “circa 2001” is")
    later = text.replace("Eve Poe and Ian Ray", "Eve Poe, Ian Ray").replace("circa ", "")
    notes = draft_comet(modelled, later)
    assert notes == ["cn:infobox-edited-by: changed, and drafted", "cn:infobox-year: changed"]
    drafted = modelled.read(box)
    assert "film:editor id:eve-poe , id:ian-ray " in drafted
    assert "may be one name or two" not in drafted
    assert "# Ask Li. “circa 2001” is" in drafted
    assert _is_tiled(modelled)


def test_missing_licence_is_said(empty: Copy) -> None:
    done = draft.draft(layout.find(str(empty.root)), b"= A B =\n\nC.\n", "a.txt")
    assert f"graph/a-b: found no licence; {draft.LICENCE_HINT}" in done.notes


def test_licence_may_come_with_a_later_run(empty: Copy) -> None:
    draft_comet(empty)
    file = f"{FOLDER}/curation.trig"
    drafted = empty.read(file)
    (empty.root / file).unlink()
    text = empty.read(f"{FOLDER}/article.txt")
    assert draft_comet(empty, text) == [f"{file}: new, with the licence"]
    assert empty.read(file) == drafted
    assert draft_comet(empty, text) == [f"{FOLDER}: nothing new in comet.txt"]
    empty.replace(file, LICENCE, "urn:own")
    kept = f"{file}: stays as it is; --licence adds one where none is"
    assert draft_comet(empty, text) == [kept]


def test_later_run_says_what_it_does_not_change(empty: Copy) -> None:
    draft_comet(empty)
    opened = layout.find(str(empty.root))
    data = (COMET / "article.txt").read_bytes()

    def notes(**wishes: str) -> list[str]:
        return draft.draft(opened, data, "comet.txt", draft.Wishes(**wishes)).notes

    nothing = f"{FOLDER}: nothing new in comet.txt"
    same = {"about": "Comet Night", "prefix": "cn", "language": "EN"}
    assert notes(**same) == notes(default_language="de") == [nothing]
    other = {"about": "Chad", "prefix": "comet", "language": "de"}
    assert notes(**other) == [
        nothing,
        f"{FOLDER}: keeps the subject id:comet-night; --about counts only for a new article",
        f"{FOLDER}: keeps the prefix cn; --prefix counts only for a new article",
        f"{FOLDER}: keeps the language en; --language counts only for a new article",
    ]
    with pytest.raises(UnknownNameError, match="nothing is named 'Zorg'"):
        notes(about="Zorg")


def test_known_name_is_not_proposed_again(modelled: Copy) -> None:
    text = modelled.read(f"{FOLDER}/article.txt")
    draft_comet(modelled, text.replace("Nobody wakes.", "Nobody wakes. Port Lull sleeps in Ely."))
    entities = modelled.read(f"{FOLDER}/entities.ttl")
    assert entities.count('"Port Lull"') == 1
    assert '"Ely"' in entities


def _is_tiled(project: Copy) -> bool:
    read = sources.read(layout.find(str(project.root)))
    located = passages.locate_passages(read)
    return not located.findings and not any(list(a.gaps()) for a in located.articles)


# Bad input -------------------------------------------------------------------

OTHER = "expected --about with another CURIE"
BAD = {
    "not UTF-8": (b"= A =\n\n\xff\n", (), "a.txt:3:1: found byte 0xff; expected UTF-8"),
    "empty": (b"\n", (), "a.txt:1: found an empty file; expected text"),
    "no title": (
        b"One.\n",
        (),
        "a.txt:1: found no title above the text; expected = Title = there, or --title",
    ),
    "two titles": (
        b"= A =\n\n= B =\n",
        (),
        "a.txt:3: found a second title; expected ==Heading==",
    ),
    "wikitext": (
        b"= A =\n\nA [[b]].\n",
        (),
        "a.txt:3:3: found '[[' of wikitext; expected plain text, or a name such as a.wiki",
    ),
    "no letters": (
        "= 大泉 =\n".encode(),
        (),
        "found the title '大泉'; expected --slug with a name such as my-article",
    ),
    "bad slug": (
        b"= A =\n",
        ("--slug", "a/b"),
        "found 'a/b'; expected --slug with a name such as my-article",
    ),
    "bad prefix": (
        b"= A =\n",
        ("--prefix", "1"),
        "found the prefix '1'; expected one such as ex; --prefix gives another",
    ),
    "known prefix": (
        b"= A =\n",
        ("--prefix", "film"),
        "found the prefix 'film' with another namespace; expected --prefix with another name",
    ),
    "bad language": (
        b"= A =\n",
        ("--language", "e n"),
        "found the language 'e n'; expected a tag such as en",
    ),
    "bad licence": (b"= A =\n", ("--licence", "b y"), "found the licence 'b y'; expected an IRI"),
    "unknown thing": (
        b"= A =\n",
        ("--about", "Zorg"),
        "nothing is named 'Zorg'; expected a known name, or a CURIE such as id:name",
    ),
    "name of another thing": (
        b"= English =\n\nLong.\n",
        (),
        f"found id:english with the name 'English', which is no film:Film; {OTHER}",
    ),
    "IRI of another thing": (
        b"= Chad? =\n",
        (),
        "found id:chad with the name 'Chad'; expected --about or --slug",
    ),
}


@pytest.mark.parametrize("case", every_nth(BAD, 4))
def test_bad_input_is_one_line_and_writes_nothing(
    case: str, empty: Copy, tmp_path: Path, kaiju: Command
) -> None:
    data, options, message = BAD[case]
    (tmp_path / "a.txt").write_bytes(data)
    before = contents(empty.root)
    run = kaiju("new", "a.txt", "--root", str(empty.root), *options, cwd=tmp_path)
    assert run.stderr == f"kaiju: error: {message}\n"
    assert run.returncode == 3
    assert contents(empty.root) == before


def test_folder_that_exists_is_refused(empty: Copy, article: Path, kaiju: Command) -> None:
    empty.write(f"{FOLDER}/notes.md", "mine")
    run = kaiju("new", str(article), "--root", str(empty.root))
    expected = f"{FOLDER}: found a folder with files; expected --slug with another name"
    assert run.stderr == f"kaiju: error: {expected}\n"
    assert run.returncode == 3


def test_folder_of_another_article_is_refused(empty: Copy, kaiju: Command, tmp_path: Path) -> None:
    draft_comet(empty)
    (tmp_path / "a.txt").write_text("= Comet: Night =\n\nOther.\n", encoding="utf-8")
    run = kaiju("new", "a.txt", "--root", str(empty.root), cwd=tmp_path)
    found = f"{FOLDER}: found an article with the title 'Comet Night'"
    expected = "expected --slug with another name, or this one to update it"
    assert run.stderr == f"kaiju: error: {found}; {expected}\n"


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege")
def test_link_in_place_of_the_folder_is_refused(
    empty: Copy, article: Path, tmp_path: Path, kaiju: Command
) -> None:
    draft_comet(empty)
    shutil.move(empty.root / FOLDER, tmp_path / "elsewhere")
    (empty.root / FOLDER).symlink_to(tmp_path / "elsewhere")
    run = kaiju("new", str(article), "--root", str(empty.root))
    assert run.returncode == 3
    assert "found a link" in run.stderr


def test_full_disk_leaves_what_was_there(empty: Copy, monkeypatch: pytest.MonkeyPatch) -> None:
    draft_comet(empty)
    before = contents(empty.root)
    text = empty.read(f"{FOLDER}/article.txt").replace("It did.", "It did. It sold.")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "take_place", fail)
    with pytest.raises(UnreachableError, match="No space left"):
        draft_comet(empty, text)
    assert contents(empty.root) == before


def test_subject_may_be_named(empty: Copy, tmp_path: Path, kaiju: Command) -> None:
    (tmp_path / "a.txt").write_text("= English =\n\nLong.\n", "utf-8")
    arguments = ("new", "a.txt", "--root", str(empty.root), "--slug", "english-film")
    run = kaiju(*arguments, "--about", "id:english-film", cwd=tmp_path)
    assert run.stdout.startswith("graph/english-film: 2 passages about id:english-film, 1 with")
    assert 'id:english-film a film:Film ;\n    rdfs:label "English"@en' in empty.read(
        "graph/english-film/entities.ttl"
    )


def test_infobox_below_a_paragraph_is_noted(empty: Copy) -> None:
    lines = "- Director: Ann\n- Year: 2001\n- Music: Li\n"
    *_, note = draft_comet(empty, f"= Odd =\n\nIt is long.\n\n{lines}")
    found = "comet.txt: 3 lines such as “Director: Ann” stand below a paragraph"
    assert note == f"{found}; expected them above it, to be read as an infobox"


def test_text_ends_no_comment_and_no_file_name(empty: Copy) -> None:
    heading = "Sad \u2028 id:x <a> \\" + " very" * 99
    draft_comet(empty, f'= Odd\u0085Night =\n\n=={heading}==\nAnn "Poe\\ went\x0b to Ely.\n')
    assert _is_tiled(empty)
    names = [path.name for path in (empty.root / "graph/odd-night").iterdir()]
    assert max(map(len, names)) < 100


def test_heading_and_sentence_twice_have_names_of_their_own(empty: Copy) -> None:
    text = "= Twin =\n\n==Plot==\nIt is so. It is so.\n\n==Plot==\nIt is so. It is so. No.\n"
    draft_comet(empty, text)
    assert _is_tiled(empty)
    names = re.findall(
        r"twin:(\S+) ev:quote", "".join(contents(empty.root / "graph/twin").values())
    )
    assert len(names) == len(set(names)) == 6


@pytest.mark.slow
def test_ten_thousand_sentences_are_drafted(empty: Copy) -> None:
    sections = "\n\n".join(
        f"==Part {n}==\n" + " ".join(f"Ann {n} of Oslo met {k} men." for k in range(100))
        for n in range(100)
    )
    (note, *_) = draft_comet(empty, f"= Long =\n\n{sections}\n")
    assert "10,001 passages" in note
    assert _is_tiled(empty)
