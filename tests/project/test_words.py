"""Words are looked up in a text; the nearest are words of the text, with their differences."""

from __future__ import annotations

import re

from hypothesis import assume, given
from hypothesis import strategies as st

from kaiju_graph.project.excerpts import excerpt
from kaiju_graph.project.words import WordIndex, find_nearest

WORDS = st.lists(st.sampled_from("a b c d e f g h".split()), min_size=1, max_size=9)
SENTENCE = "It was released directly to video on DVD in the United States in 2003."


@given(given_=WORDS, lines=st.lists(WORDS, min_size=1, max_size=4))
def test_difference_turns_given_words_into_the_nearest(
    given_: list[str], lines: list[list[str]]
) -> None:
    words, text = " ".join(given_), "\n".join(map(" ".join, lines))
    nearest = find_nearest(words, text)
    assume(nearest)
    assert nearest
    assert nearest.text in text
    assert nearest.text != words
    assert "\n" not in nearest.text
    assert words[nearest.offset : nearest.offset + nearest.length].strip()
    if "…" not in nearest.difference:
        gone = re.sub(r"\[-(.*?)-\]", r"\1", re.sub(r"\{\+.*?\+\}", "", nearest.difference))
        come = re.sub(r"\{\+(.*?)\+\}", r"\1", re.sub(r"\[-.*?-\]", "", nearest.difference))
        assert gone.split() == given_
        assert come.split() == nearest.text.split()


def test_equal_and_unrelated_words_have_no_nearest() -> None:
    assert find_nearest(SENTENCE, SENTENCE) is None
    assert find_nearest("zzz", SENTENCE) is None
    assert find_nearest("a castle stood upon the hill", "Upon the moon") is None
    assert find_nearest("", SENTENCE) is None


def test_equal_words_between_differences_are_shortened() -> None:
    nearest = find_nearest(
        "It is released directly to video on DVD in the United States in 2004.", SENTENCE
    )
    assert nearest
    assert nearest.text == SENTENCE
    assert nearest.difference == (
        "It [-is-] {+was+} released directly to video … the United States in [-2004.-] {+2003.+}"
    )
    assert nearest.offset == 3


def test_excerpt_is_a_whole_term() -> None:
    line = 'x:a.b ev:quote "a \\"b\\" c; d"@en , "5"^^xsd:integer , <http://x.y/#a;b> ; x:p 1.5 .'
    terms = [
        "x:a.b",
        "ev:quote",
        '"a \\"b\\" c; d"@en',
        ",",
        '"5"^^xsd:integer',
        "<http://x.y/#a;b>",
        "x:p",
        "1.5",
        ".",
    ]
    for term in terms:
        at = line.index(term) if term not in ",." else line.rindex(term)
        assert excerpt(line, at + 1).width == len(term), term


def test_part_of_a_literal_is_found_after_escapes() -> None:
    line = 'x "\\u0041 \\"大泉\\" \\U0001F600 word"@en .'
    value = 'A "大泉" \U0001f600 word'
    for part in ("大泉", "\U0001f600", "word", "A"):
        marked = excerpt(line, 3, (value.index(part), len(part)))
        shown = line[marked.column - 1 : marked.column - 1 + marked.width]
        assert shown in (part, "\\U0001F600", "\\u0041"), part
    assert excerpt('x """a', 3, (0, 1)).column == 6


@given(line=st.text(min_size=1, max_size=60), at=st.integers(1, 61), data=st.data())
def test_excerpt_lies_within_its_line(line: str, at: int, data: st.DataObject) -> None:
    at = min(at, len(line))
    within = data.draw(st.none() | st.tuples(st.integers(0, 70), st.integers(0, 70)))
    marked = excerpt(line, at, within)
    assert marked.width >= 1
    assert at <= marked.column <= len(line) + 1
    assert marked.column - 1 + marked.width <= len(line) + 1


@given(st.text("aB é_-1", max_size=40), st.text("aB é_-1", min_size=1, max_size=8))
def test_index_contains_names_as_whole_words(text: str, name: str) -> None:
    ends = (
        (text[:at][-1:], text[at + len(name) :][:1])
        for at in range(len(text))
        if text.startswith(name, at)
    )
    assert WordIndex(text).contains(name) == any(not (a.isalnum() or b.isalnum()) for a, b in ends)
