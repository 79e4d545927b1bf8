"""The pages of ``kaiju site``: well-formed, linked, escaped, the same bytes every time."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from posixpath import normpath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest

import kaiju_graph
from kaiju_graph.draft.skeleton import init
from kaiju_graph.errors import ParameterError, UnknownNameError
from kaiju_graph.project.spelling import SECOND_VOWEL, fold
from kaiju_graph.publish.release import PAGES
from kaiju_graph.rdf.formats import FORMATS
from kaiju_graph.sparql.parameters import bind_terms, find_row_values, find_values
from kaiju_graph.sparql.questions import list_questions
from kaiju_graph.web.pages import engine
from kaiju_graph.web.pages.site import Site
from tests.conftest import Copy
from tests.publish.test_profiles import by_pyld

if TYPE_CHECKING:
    from tests.conftest import Command

PACKAGE = Path(kaiju_graph.__file__).parent
VOID = {"link", "meta", "img", "input", "br"}
SCRIPT = "<script>alert(1)</script>"
DATA = "script of data"
"""A script element that runs nothing."""
QUESTIONS = ("who-directed", "which-sentences-say-who-distributed", "facts-only-in-prose")
HOSTILE = f"""
id:gamera-2 film:director id:Twin .

id:Twin a film:Person ;
    rdfs:label "<!--{SCRIPT}"@en ;
    skos:altLabel "\\u202Eevil\\u0007"@en ;
    skos:exactMatch <javascript:alert(1)> , <https://example.org/?a=1&b=%22> .

id:twin a film:Person ;
    rdfs:label "twin"@en .

<https://w3id.org/kaiju/id/..%2F..%2Fetc/passwd> a film:Person ;
    rdfs:label "passwd"@en .
"""


class Page(HTMLParser):
    """A page, read as HTML: its anchors, links and text; every element is closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: Counter[str] = Counter()
        self.links: list[tuple[str, str]] = []
        self.tags: Counter[str] = Counter()
        self.attributes: set[str] = set()
        self.words = ""
        self.documents: list[str] = []
        """The JSON-LD for search engines."""
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script" and ("type", "application/ld+json") in attrs:
            self.documents.append("")
            tag = DATA
        self.tags[tag] += 1
        for name, value in attrs:
            self.attributes.add(name)
            if name == "id" and value is not None:
                self.ids[value] += 1
            if name in ("href", "src", "action"):
                self.links.append((tag, value or ""))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop().partition(" ")[0] == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == DATA:
            self.documents[-1] += data
        else:
            self.words += data


def read_pages(folder: Path, ending: str = "html") -> dict[str, Page]:
    """Return address → page, or picture."""
    return {
        path.relative_to(folder).as_posix(): Page(path.read_text("utf-8"))
        for path in sorted(folder.rglob(f"*.{ending}"))
    }


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def check_links(folder: Path, pages: dict[str, Page]) -> None:
    """Every link leads to a file and anchor of the site, or is one that a reader may follow."""
    for address, page in pages.items():
        for tag, link in page.links:
            if link.startswith(("http://", "https://")):
                assert tag == "a", f"{address} requests {link}"
                continue
            assert not re.match(r"[a-z]+:|/", link), f"{address} links to {link}"
            path, _, anchor = link.partition("#")
            path = path.partition("?")[0]
            target = normpath(str(PurePosixPath(address).parent / unquote(path)))
            target = address if not path else target
            assert (folder / target).is_file(), f"{address} links to {link}"
            if anchor:
                assert pages[target].ids[anchor] == 1, f"{address} links to {link}"


def check_pages(pages: dict[str, Page]) -> None:
    for address, page in pages.items():
        assert max(page.ids.values(), default=1) == 1, address
        assert page.tags["h1"] == 1, address
        # The files in the head; those of the query page are engine.SCRIPTS.
        assert page.tags["script"] == (1 + (address in ("names.html", "query.html"))), address
        assert not {name for name in page.attributes if name.startswith("on")}, address
        assert "style" not in page.attributes | page.tags.keys(), address


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Copy:
    """Return a project with few questions, and names that are markup, commands and paths."""
    copy = Copy(tmp_path_factory.mktemp("hostile"))
    for folder in ("ontology", "graph"):
        shutil.copytree(root / folder, copy.root / folder)
    for name in QUESTIONS:
        copy.write(f"queries/{name}.rq", (root / f"queries/{name}.rq").read_text("utf-8"))
    text = copy.read("queries/who-directed.rq")
    odd = text.replace('summary: "', f'summary: "{SCRIPT} & ', 1)
    odd = odd.replace("SELECT", f"# </code></pre>{SCRIPT}\nSELECT", 1)
    copy.write("queries/50% #who?.rq", odd)
    copy.write("graph/entities.ttl", copy.read("graph/entities.ttl") + HOSTILE)
    return copy


@pytest.fixture(scope="module")
def site(hostile: Copy, kaiju: Command) -> Path:
    done = kaiju("--root", str(hostile.root), "site", "pages", cwd=hostile.root)
    note = f"kaiju: {engine.MISSING}\n" if engine.missing_note() else ""
    assert (done.returncode, done.stdout, done.stderr) == (0, "", note)
    return hostile.root / "pages"


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, Page]:
    return read_pages(site)


def test_pages_are_well_formed_and_every_link_resolves(site: Path, pages: dict[str, Page]) -> None:
    check_pages(pages)
    check_links(site, pages)


def test_pictures_lead_to_pages_and_run_nothing(site: Path, pages: dict[str, Page]) -> None:
    pictures = read_pages(site, "svg")
    check_links(site, pages | pictures)
    story, gamera = (
        pictures[f"{name}.svg"] for name in ("picture/story-gamera-2", "thing/id/gamera")
    )
    assert ("a", "../g2/departure-of-gamera.html") in gamera.links
    assert ("a", "../thing/g2/uprooting-of-the-pod.html") in story.links
    assert ("a", "../article/gamera-2.html#plot-3-3") in story.links
    for picture in pictures.values():
        assert picture.tags["script"] == picture.tags["image"] == 0
        assert {tag for tag, _ in picture.links} <= {"a"}


def test_a_page_shows_its_pictures(pages: dict[str, Page]) -> None:
    assert ("img", "gamera.svg") in pages["thing/id/gamera.html"].links
    tree = "destruction-of-sendai.proof-"
    assert any(tree in link for _, link in pages["thing/g2/destruction-of-sendai.html"].links)
    assert ("a", "../picture/story-gamera-2.html") in pages["article/gamera-2.html"].links
    assert ("a", "picture/story-gamera-2.html") in pages["index.html"].links
    story = pages["picture/story-gamera-2.html"]
    assert ("img", "story-gamera-2.svg") in story.links
    assert "Gamera flies to Sapporo happens · to Sapporo · Gamera" in story.words


@pytest.mark.slow
def test_pages_are_the_same_bytes_in_any_folder(site: Path, hostile: Copy, kaiju: Command) -> None:
    first = contents(site)
    environment = {"PYTHONHASHSEED": "1"}
    done = kaiju("--root", str(hostile.root), "site", "again", cwd=hostile.root, env=environment)
    assert done.returncode == 0, done.stderr
    assert contents(hostile.root / "again") == first
    for name, content in first.items():
        assert str(hostile.root).encode() not in content, name


def test_markup_in_names_is_text(pages: dict[str, Page]) -> None:
    (address,) = (a for a in pages if re.fullmatch("thing/id/Twin-[0-9a-f]{8}.html", a))
    assert SCRIPT in pages[address].words
    assert r"\u202eevil\x07" in pages[address].words
    assert not [link for _, link in pages[address].links if "javascript" in link]
    assert "javascript:alert(1)" in pages[address].words
    assert ("a", "https://example.org/?a=1&b=%22") in pages[address].links
    assert SCRIPT in pages["names.html"].words
    assert SCRIPT in pages["questions.html"].words


def test_names_that_differ_in_case_or_are_paths_have_files_of_their_own(site: Path) -> None:
    files = [name.casefold() for name in contents(site)]
    assert len(files) == len({*files})
    assert all(re.fullmatch(r"[\w./-]+", name) and ".." not in name for name in files)
    assert sum(re.match(r"thing/id/twin-\w+\.html", name) is not None for name in files) == 2
    assert any(name.startswith("thing/other/passwd-") for name in files)


def test_an_article_reads_as_its_text(pages: dict[str, Page], hostile: Copy) -> None:
    page = pages["article/gamera-2.html"]
    words = " ".join(page.words.split())
    assert "large meteor crashes in Hokkaido." in words
    passages = kaiju_graph.load(str(hostile.root)).cover().readings
    for reading in passages:
        name = reading.passage.iri.value.rpartition("/")[2]
        assert page.ids[name] == 1


def test_a_thing_has_its_facts_with_passages_and_proofs(pages: dict[str, Page]) -> None:
    page = pages["thing/id/shusuke-kaneko.html"]
    assert ("a", "gamera-2.html") in page.links
    assert ("a", "../../article/gamera-2.html#infobox-director") in page.links
    assert "directed by Shusuke Kaneko" in page.words
    assert "by cax-sco" in page.words
    assert ("a", "shusuke-kaneko.ttl") in page.links


def test_the_data_of_a_thing_is_what_the_command_exports(site: Path, hostile: Copy) -> None:
    kg = kaiju_graph.load(hostile.root)
    twins = [path.suffix for path in (site / "thing/id").glob("[Tt]win*")]
    assert (twins.count(".ttl"), twins.count(".rdf")) == (2, 1)  # one has U+0007 in a name
    for form, described in FORMATS.items():
        file = site / f"thing/id/toho{described.endings[0]}"
        assert file.read_text("utf-8") == kg.export(form, thing="id:toho")


def test_search_engines_read_what_the_command_exports(
    pages: dict[str, Page], hostile: Copy
) -> None:
    kg = kaiju_graph.load(hostile.root)
    exported = {}
    for name in ("gamera-2", "shusuke-kaneko", "japan"):
        (document,) = pages[f"thing/id/{name}.html"].documents
        exported[name] = kg.export(profile="schema.org", thing=f"id:{name}")
        assert by_pyld(document) == by_pyld(exported[name]) != set()
        assert json.loads(document) == json.loads(exported[name])
    (document,) = pages["article/gamera-2.html"].documents
    assert json.loads(document) == json.loads(exported["gamera-2"])
    assert pages["thing/id/gamera.html"].documents == []  # schema.org has no monsters
    # A name that would close the element, or change where it ends.
    (address,) = (a for a in pages if re.fullmatch("thing/id/Twin-[0-9a-f]{8}.html", a))
    (document,) = pages[address].documents
    assert json.loads(document)["name"] == f"<!--{SCRIPT}"
    assert "<" not in document


def test_a_project_without_the_profile_has_nothing_for_search_engines(copy: Copy) -> None:
    (copy.root / "ontology/profiles/schema.org.rq").unlink()
    site = Site(copy.load())
    for address in ("article/gamera-2.html", "thing/id/gamera-2.html"):
        assert Page((site.read(address) or b"").decode()).documents == []


def test_a_question_has_its_answer_its_text_and_its_files(site: Path) -> None:
    page = Page((site / "question/who-directed.html").read_text("utf-8"))
    assert "Shusuke Kaneko" in page.words
    assert "SELECT" in page.words
    links = {link for _, link in page.links}
    assert {"who-directed.csv", "who-directed.srj", "../thing/id/shusuke-kaneko.html"} <= links
    assert b"Shusuke Kaneko" in (site / "question/who-directed.csv").read_bytes()


def test_a_question_leads_to_those_that_its_description_names(
    kg: kaiju_graph.KnowledgeGraph,
) -> None:
    page = Page((Site(kg).read("question/who-dies.html") or b"").decode())
    assert "what-only-seems-so.html" in {link for _, link in page.links}


def test_a_value_that_all_rows_have_is_written_once(
    pages: dict[str, Page], kg: kaiju_graph.KnowledgeGraph
) -> None:
    several = pages["question/facts-only-in-prose.html"]
    assert "In every row: title Gamera 2: Attack of Legion" in several.words
    assert several.tags["th"] == 3  # property, value, evidence
    assert several.tags["tr"] > 2
    single = Page((Site(kg).read("question/who-directed.html") or b"").decode())
    assert "In every row" not in single.words
    assert single.tags["th"] == 3  # title, person, evidence


def test_names_of_columns_and_parameters_are_words(kg: kaiju_graph.KnowledgeGraph) -> None:
    site = Site(kg, is_live=True)
    page = (site.read("question/who-dies.html") or b"").decode()
    assert '<th scope="col">by whom</th>' in page
    assert "?by_whom" in page  # in the query
    assert (site.read("question/who-dies.csv") or b"").startswith(b"title,who,by_whom,")


def test_a_term_has_its_definition_place_sentence_and_rules(pages: dict[str, Page]) -> None:
    page = pages["property/film/director.html"]
    assert "person who directed it" in page.words
    assert "contributor.html" in {link for _, link in page.links}
    assert "directed by Shusuke Kaneko" in page.words
    assert "../ev/usualOf.html" in {link for _, link in page.links}
    assert "Subject-usual" in page.words
    assert "Subject-usual" not in pages["property/film/actor.html"].words
    assert "Reprisal-role-required" in pages["property/film/role.html"].words


@pytest.mark.slow
def test_a_base_gives_canonical_links_and_a_site_map(hostile: Copy, kaiju: Command) -> None:
    base = "https://example.org/film"
    arguments = ("--root", str(hostile.root), "site", "based", "--base", base)
    assert kaiju(*arguments, cwd=hostile.root).returncode == 0
    folder = hostile.root / "based"
    text = (folder / "thing/id/gamera.html").read_text("utf-8")
    assert f'<link rel="canonical" href="{base}/thing/id/gamera.html">' in text
    locations = re.findall("<loc>(.*)</loc>", (folder / "sitemap.xml").read_text("utf-8"))
    addresses = [location.removeprefix(f"{base}/") for location in locations]
    assert addresses == sorted(read_pages(folder))


def run_script(expression: str, data: str = "") -> Any:
    """Return the value of an expression of JavaScript in the script of the pages."""
    code = (PACKAGE / "web/pages/static/pages.js").read_text("utf-8")
    root = "documentElement: {dataset: {}}"
    page = f"const document = {{getElementById: () => null, addEventListener() {{}}, {root}}};"
    done = subprocess.run(
        ["node", "-"],  # noqa: S607
        input=f"{page}{code}\n{data}\nconsole.log(JSON.stringify({expression}))",
        capture_output=True,
        check=True,
        encoding="utf-8",
        timeout=60,
    )
    return json.loads(done.stdout)


@pytest.mark.skipif(not shutil.which("node"), reason="needs Node.js")
def test_the_search_folds_names_as_the_command_does(kg: kaiju_graph.KnowledgeGraph) -> None:
    names = sorted([*kg.names.things, "ŌTA", "ﾊﾞﾗ", "ガメラ", "ヾヽ", "Straße", "ΣΑΣ"])
    found = run_script(f"{json.dumps(names)}.map((name) => [fold(name), shorten(fold(name))])")
    assert found == [[fold(name), SECOND_VOWEL.sub("", fold(name))] for name in names]


@pytest.mark.skipif(not shutil.which("node"), reason="needs Node.js")
def test_the_search_has_the_hits_of_the_command_in_its_order(
    kg: kaiju_graph.KnowledgeGraph,
) -> None:
    site = Site(kg)
    script = (site.read("names.js") or b"").decode().replace("offerSearch(", "const things = (")
    words = "gamera|GAMERA 2|ガメラ|yukijiro|Yukijirou|the|legion queen|a|directed by|ﾚｷﾞｵﾝ|zzz"
    found = run_script(
        f"{json.dumps(words.split('|'))}.map((words) => "
        "findHits(things, words).map((hit) => [hit.address, hit.text]))",
        script,
    )
    addresses = site.content.addresses
    expected = [
        [[addresses[hit.thing], hit.name] for hit in kg.search(each) if hit.thing in addresses]
        for each in words.split("|")
    ]
    assert found == expected
    assert [len(hits) for hits in expected][-1] == 0
    assert len(expected[0]) > 5


@pytest.mark.parametrize(
    "base", ["", "example.org", "ftp://example.org/", "https://", "https://a b/", "javascript:1"]
)
def test_a_base_that_is_no_url_is_refused(base: str, kaiju: Command, tmp_path: Path) -> None:
    done = kaiju("site", "pages", "--base", base, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "expected an address such as https://example.org/film/" in done.stderr
    assert os.listdir(tmp_path) == []


def test_what_no_site_has_written_is_not_replaced(
    site: Path, hostile: Copy, kaiju: Command
) -> None:
    foreign = site / "thing" / "notes.txt"
    foreign.write_bytes(b"mine")
    before = contents(site)
    done = kaiju("--root", str(hostile.root), "site", "pages", cwd=hostile.root)
    assert done.returncode == 4
    found = "pages: found thing/notes.txt, which no site has written"
    assert found in done.stderr
    assert contents(site) == before
    foreign.unlink()


@pytest.mark.slow
def test_an_earlier_site_is_replaced(site: Path, hostile: Copy, kaiju: Command) -> None:
    before = contents(site)
    (site / "index.html").write_bytes(b"old")
    assert kaiju("--root", str(hostile.root), "site", "pages", cwd=hostile.root).returncode == 0
    assert contents(site) == before


@pytest.mark.slow
def test_the_site_of_this_project_is_linked_and_small(published: Path) -> None:
    folder = published / PAGES
    pages = read_pages(folder)
    check_pages(pages)
    check_links(folder, pages)
    sizes = {path: path.stat().st_size for path in folder.rglob("*.html")}
    assert max(sizes.values()) < 100_000


def test_first_page_of_an_empty_project_says_so(tmp_path: Path) -> None:
    init(str(tmp_path / "empty"), bare=True)
    page = Site(kaiju_graph.load(tmp_path / "empty")).read("index.html") or b""
    assert "There is no article yet." in Page(page.decode()).words


def test_values_and_errors_are_text_where_a_server_answers(kg: kaiju_graph.KnowledgeGraph) -> None:
    site = Site(kg, is_live=True)
    value = f'"><img src=x onerror=alert(1)>{SCRIPT}\u202e'
    text = site.read_question("question/who-directed", {"film": value}, f"no {value}").decode()
    page = Page(text)
    assert page.tags["script"] == 1
    assert page.tags["img"] == 0
    assert f"no {value[:-1]}" in page.words
    assert "\u202e" not in text
    with pytest.raises(UnknownNameError, match="nothing is named"):
        site.read("question/who-directed.csv", {"film": value})
    for address in ("../../etc/passwd", "/etc/passwd", "thing/id/%2e%2e.html", "static/style.css"):
        assert site.read(address) is None


def test_a_page_is_read_by_its_address(kg: kaiju_graph.KnowledgeGraph) -> None:
    site = Site(kg)
    address = site.content.addresses[kg.resolve("Shusuke Kaneko")]
    assert b"<h1>Shusuke Kaneko</h1>" in (site.read(address) or b"")
    given = {"film": "Gamera 2: Attack of Legion", "person": ""}
    assert b"Kaneko" in (site.read("question/who-directed.csv", given) or b"")
    assert site.read("../graph/entities.ttl") is None
    with pytest.raises(ParameterError, match="takes film, person"):
        site.read("question/who-directed.html", {"director": "x"})


@pytest.mark.slow
def test_the_rows_that_a_value_keeps_are_the_answer_with_that_value(
    kg: kaiju_graph.KnowledgeGraph,
) -> None:
    compared = 0
    for question in list_questions(kg.project):
        kept = find_row_values(question, kg.store, kg.project)
        for at, parameter in enumerate(question.parameters if kept is not None else ()):
            known = find_values(question, parameter, kg.store, kg.project)
            assert known.keys() == {each.texts[at] for each in kept or ()} - {""}, question.name
            for text, value in list(known.items())[:: max(len(known) // 4, 1)]:
                query = bind_terms(question, {parameter.name: value})
                expected = {tuple(row) for row in kg.answer(query)}  # type: ignore[union-attr]
                rows = {each.row for each in kept or () if each.texts[at] == text}
                assert rows == expected, f"{question.name} {parameter.name}={text}"
                compared += 1
    assert compared > 100
