"""Quotes are located in the article, and properties of passages are computed from their places."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kaiju_graph.errors import SourceError
from kaiju_graph.project import layout, passages, sources
from kaiju_graph.project.passages import ARTICLE_CLASS, Articles, Passage
from kaiju_graph.project.sources import SourceFile, Sources
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.terms import EVIDENCE, QUOTE, Quad
from tests.repository import ROOT

if TYPE_CHECKING:
    from kaiju_graph import KnowledgeGraph
    from tests.conftest import Copy

FOLDER = "graph/gamera-2"
SECTIONS = {
    "Gamera 2: Attack of Legion": 23,
    "Plot": 27,
    "Production": 3,
    "Release": 2,
    "Reception": 2,
    "See also": 3,
}


@pytest.fixture(scope="module")
def located() -> Articles:
    return passages.locate_passages(sources.read(layout.find(str(ROOT))))


@pytest.fixture(scope="module")
def text() -> str:
    return (ROOT / FOLDER / "article.txt").read_bytes().decode()


def test_all_passages_are_located_in_order(located: Articles, text: str) -> None:
    (article,) = located.articles
    assert not located.findings
    assert len(article.passages) == 60
    end = 0
    for order, passage in enumerate(article.passages, 1):
        assert text[passage.start : passage.end] == passage.quote.value
        assert passage.order == order
        assert passage.start >= end
        end = passage.end


def test_only_markup_stands_between_passages(located: Articles, text: str) -> None:
    (article,) = located.articles
    assert not list(article.gaps())
    rest, end = [], 0
    for passage in article.passages:
        rest += text[end : passage.start].split("\n")
        end = passage.end
    rest += text[end:].split("\n")
    assert {line.strip() for line in rest} == {
        *("", "-", "="),
        *(f"=={section}==" for section in list(SECTIONS)[1:]),
    }


def test_passages_have_the_section_of_their_heading(located: Articles) -> None:
    (article,) = located.articles
    assert Counter(passage.section for passage in article.passages) == SECTIONS
    prefix = {"Gamera 2: Attack of Legion": ("title", "infobox", "lead")}
    for passage in article.passages:
        name = passage.iri.value.rpartition("/")[2]
        expected = passage.section.lower().replace(" ", "-")
        assert name.startswith(prefix.get(passage.section, (expected,)))


def test_computed_properties_of_passages_are_evidence(
    located: Articles, kg: KnowledgeGraph, text: str
) -> None:
    rows = kg.query(
        """SELECT * {
            GRAPH graph:evidence {
                ?passage a ev:Passage ; ev:passageOf g2:article ; ev:quote ?quote ;
                    ev:start ?start ; ev:end ?end ; ev:order ?order ; ev:section ?section .
            }
        } ORDER BY ?order"""
    )
    names = ("passage", "quote", "start", "end", "order", "section")
    assert [tuple(str(row[name]) for name in names) for row in rows] == [
        (p.iri.value, p.quote.value, str(p.start), str(p.end), str(p.order), p.section)
        for p in located.articles[0].passages
    ]
    for row in rows:
        assert text[int(row["start"]) : int(row["end"])] == str(row["quote"])


def test_hash_of_an_article_is_that_of_its_bytes(kg: KnowledgeGraph) -> None:
    (row,) = kg.query("SELECT ?hash { g2:article ev:hash ?hash }")
    assert str(row["hash"]) == sha256((ROOT / FOLDER / "article.txt").read_bytes()).hexdigest()


# Any article -----------------------------------------------------------------

WORDS = st.sampled_from(["a", "b", "ab", "ガメラ", "é", "😀", "a.", "1"])
PASSAGE = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)
SPACE = st.sampled_from([" ", "\n", "\n\n", "\n- ", "\n\n==Part==\n\n", "  "])


def _sources(text: str, files: dict[str, list[str]]) -> Sources:
    """Return the sources of an article whose quotes stand in some files."""
    node = ox.NamedNode("http://e/article")
    read = {
        "graph/e/a.trig": SourceFile("stated", EVIDENCE, [_quad(node, terms.TYPE, ARTICLE_CLASS)])
    }
    for name, quotes in files.items():
        quads = [
            _quad(
                ox.NamedNode(f"http://e/{name}-{number}"), QUOTE, ox.Literal(quote, language="en")
            )
            for number, quote in enumerate(quotes)
        ]
        read[f"graph/e/{name}.trig"] = SourceFile("stated", EVIDENCE, quads)
    return Sources(read, {"graph/e": text})


def _quad(subject: ox.NamedNode, predicate: ox.NamedNode, value: terms.Term) -> Quad:
    return Quad(subject, predicate, value, EVIDENCE)


def _tile(located: Articles, text: str) -> list[str]:
    (article,) = located.articles
    assert not located.findings
    assert not list(article.gaps())
    return [text[passage.start : passage.end] for passage in article.passages]


@given(parts=st.lists(st.tuples(SPACE, PASSAGE), min_size=1, max_size=12))
@example([("", "a"), (" ", "a a"), (" ", "a")])
def test_article_cut_into_passages_is_located_without_gaps(
    parts: list[tuple[str, str]],
) -> None:
    text = "".join(space + passage for space, passage in parts)
    quotes = [passage for _, passage in parts]
    located = passages.locate_passages(_sources(text, {"text": quotes}))
    assert _tile(located, text) == quotes
    located_passages = located.articles[0].passages
    ends = [len("".join(s + p for s, p in parts[: n + 1])) for n in range(len(parts))]
    assert [passage.end for passage in located_passages] == ends


@given(
    parts=st.lists(st.lists(PASSAGE, min_size=1, max_size=4), min_size=1, max_size=5),
    names=st.permutations(["one", "two", "three", "four", "five"]),
)
def test_files_are_sorted_by_their_position_in_the_article(
    parts: list[list[str]], names: list[str]
) -> None:
    # The first quote of each file is its own; the others may stand anywhere.
    in_files = [[f"part {number}: {first}", *rest] for number, (first, *rest) in enumerate(parts)]
    quotes = [quote for part in in_files for quote in part]
    text = "\n".join(quotes)
    files = dict(sorted(zip(names, in_files, strict=False)))
    assert _tile(passages.locate_passages(_sources(text, files)), text) == quotes


def test_file_whose_quotes_occur_elsewhere_is_sorted_by_adjacent_quotes() -> None:
    # Each line of the infobox stands in the prose, too.
    files = {"prose": ["Gamera flies.", "Legion", "rises."], "infobox": ["Gamera", "Legion"]}
    text = "Gamera\nLegion\nGamera flies. Legion rises."
    located = passages.locate_passages(_sources(text, files))
    assert _tile(located, text) == [*files["infobox"], *files["prose"]]


@given(
    parts=st.lists(PASSAGE, min_size=2, max_size=6, unique=True),
    data=st.data(),
)
def test_words_in_no_passage_are_a_gap_after_the_previous_passage(
    parts: list[str], data: st.DataObject
) -> None:
    left_out = data.draw(st.integers(0, len(parts) - 1))
    sentences = [f"{number}. {part}" for number, part in enumerate(parts)]
    text = "\n".join(sentences)
    quotes = [quote for quote in sentences if quote != sentences[left_out]]
    located = passages.locate_passages(_sources(text, {"text": quotes}))
    (article,) = located.articles
    before = article.passages[left_out - 1] if left_out else None
    gap = sentences[left_out]
    assert list(article.gaps()) == [(before, text.index(gap), gap)]


@given(
    parts=st.lists(st.from_regex(r"[a-z]{1,6}( [a-z]{1,6}){0,3}", fullmatch=True), min_size=1),
    at=st.integers(0),
    edit=st.sampled_from(["X", "é", " X ", "X."]),
)
def test_wrong_quote_is_reported_and_the_others_are_located(
    parts: list[str], at: int, edit: str
) -> None:
    sentences = [f"{number}. {part}" for number, part in enumerate(parts)]
    at %= len(sentences)
    text = "\n".join(sentences)
    cut = len(sentences[at]) // 2
    wrong = sentences[at][:cut] + edit + sentences[at][cut:]
    located = passages.locate_passages(
        _sources(text, {"text": [*sentences[:at], wrong, *sentences[at + 1 :]]})
    )
    (finding,) = located.findings
    assert finding.rule == "quote"
    assert finding.quad is not None
    assert finding.quad.object.value == wrong
    assert finding.message.startswith("found a quote that is not in the article: ")
    quotes = [passage.quote.value for passage in located.articles[0].passages]
    assert quotes == [*sentences[:at], *sentences[at + 1 :]]


# What is reported ------------------------------------------------------------

INFOBOX = f"{FOLDER}/infobox.trig"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            '"Budget: $5 million"',
            '"Budget: $6 million"',
            "found a quote that is not in the article: '$6 million'; expected '$5 million'",
        ),
        (
            '"Music: Kow Otani"',
            '"Music: Kow Ōtani"',
            "found a quote that is not in the article: 'Ōtani'; expected 'Otani'",
        ),
        (
            '"Runtime: 100 minutes"',
            '"Runtime:  100 minutes"',
            "found a quote that is not in the article: ' 100 minutes'; expected '100 minutes'",
        ),
        (
            '"Runtime: 100 minutes"',
            '"100 minutes long"',
            "found a quote that is not in the article: 'minutes long'; expected 'minutes'",
        ),
        (
            '"Country: Japan"',
            '"Director: Shusuke Kaneko"',
            (
                "found the quote 'Director: Shusuke Kaneko' again; "
                "expected words not quoted by <https://w3id.org/kaiju/gamera-2/infobox-director>"
            ),
        ),
    ],
)
def test_edited_quote_is_reported_with_the_words_of_the_article(
    copy: Copy, old: str, new: str, message: str
) -> None:
    number = copy.read(INFOBOX).split(old)[0].count("\n") + 1
    column = copy.line(INFOBOX, number).index(old) + 1
    copy.replace(INFOBOX, old, new)
    with pytest.raises(SourceError) as raised:
        _ = copy.load().quads
    assert str(raised.value) == f"{INFOBOX}:{number}:{column}: {message}"


def test_swapped_quotes_are_out_of_order(copy: Copy) -> None:
    file = f"{FOLDER}/release.trig"
    swapped = copy.read(file)
    first = swapped.index("g2:release-1-1 ev:quote")
    second = swapped.index("g2:release-1-2 ev:quote")
    copy.write(file, f"{swapped[:first]}{swapped[second:]}\n{swapped[first:second]}")
    with pytest.raises(SourceError, match=rf"^{file}:\d+:\d+: found the quote .* out of order"):
        _ = copy.load().quads


def test_located_passages_know_their_file(located: Articles) -> None:
    def file(name: str) -> Passage:
        return located.passages[f"https://w3id.org/kaiju/gamera-2/{name}"]

    assert file("lead-1-2").file == f"{FOLDER}/lead.trig"
    assert file("see-also-3").file == f"{FOLDER}/see-also.trig"
