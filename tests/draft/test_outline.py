"""Passages have all words of a text, whatever it is."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaiju_graph.draft.outline import divide, split_sentences
from kaiju_graph.draft.source import read_text
from kaiju_graph.errors import SourceError
from kaiju_graph.project.passages import MARKUP

WORDS = st.sampled_from(
    ["Dr. Oak", "A.D.", "U.S.", "Who?", "It fell!", "No. 5", "“So.”", "e.g. it", "Mr.", "(He did.)"]
)
LETTERS = st.text(string.ascii_letters + " .?!'\"()é大。", min_size=1)
PROSE = st.lists(WORDS | LETTERS.filter(lambda text: "'''" not in text), min_size=1)
BLOCKS = st.lists(
    st.one_of(
        PROSE.map(" ".join),
        PROSE.map(lambda words: "- " + " ".join(words)),
        st.sampled_from(["==Plot==", "===Coda===", "- Director: Ann Poe", "", "=== ==="]),
    ),
    max_size=12,
)


@pytest.mark.slow
@given(BLOCKS, st.sampled_from(["\n", "\n\n", "\r\n"]))
def test_passages_tile_any_text(blocks: list[str], end: str) -> None:
    text = read_text(end.join(["= A =", "", *blocks]).encode(), "a.txt")
    outline = divide(text, "a.txt")
    plain = MARKUP.sub(lambda mark: " " * len(mark[0]), text)
    end_of_last = 0
    for piece in outline.pieces:
        start = plain.index(piece.quote, end_of_last)
        assert not plain[end_of_last:start].strip()
        end_of_last = start + len(piece.quote)
    assert not plain[end_of_last:].strip()
    names = [piece.name for piece in outline.pieces]
    assert len(names) == len(set(names))
    assert all(re.fullmatch("[a-z0-9-]+", name) for name in names)


@pytest.mark.parametrize(
    "sentence",
    [
        "A.D. Vision met Godzilla vs. Megaguirus.",
        "Miss Honami and Dr. Oak saw Mr. Poe at 5 p.m. in the U.S. and left.",
        "How Do You Like Wednesday? is largely inspired by the trilogy.",
        "It cost $6.5 million in No. 5 St. James Street.",
    ],
)
def test_titles_and_abbreviations_end_no_sentence(sentence: str) -> None:
    assert split_sentences(f"{sentence} Then it ended.") == [sentence, "Then it ended."]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("It won.[1][a] She left.[note 2] He stayed[3] on.[b]", "It won. She left. He stayed on."),
        ("\u201c[A] man\u201d met the boy[s] in [1] and a[b].", None),
        ("From 1990 \u2013 1995 it ran - at 5 * 3 hours \u2022 long.", None),
    ],
)
def test_only_marks_of_footnotes_are_left_out_of_prose(text: str, kept: str | None) -> None:
    assert read_text(f"= A =\n\n{text}\n".encode(), "a.txt") == f"= A =\n\n{kept or text}\n"


def test_title_may_be_the_first_line_if_it_is_given_too() -> None:
    assert read_text(b"\nA\n\nB.\n", "a.txt", "A") == "= A =\n\nB.\n"
    assert read_text(b"= A B =\nB.\n", "a.txt", "A") == "= A =\n\nB.\n"
    assert read_text(b"A B.\n", "a.txt", "A") == "= A =\n\nA B.\n"


def test_lines_with_keys_are_an_infobox_without_marks_too() -> None:
    text = "= A =\n\nA\nDirected by\tAnn Poe\nRunning time: 90 minutes[1]\nBudget:\t$5\n\nIt won.\n"
    box = "- Directed by: Ann Poe\n- Running time: 90 minutes\n- Budget: $5"
    assert read_text(text.encode(), "a.txt") == f"= A =\n\nA\n{box}\n\nIt won.\n"
    prose = "= A =\n\nIt is so: long.\nIt was: longer.\n\n==B==\nA: b.\nC: d.\nE: f.\n"
    assert read_text(prose.encode(), "a.txt") == prose


def test_heading_may_stand_behind_spaces() -> None:
    assert read_text(b" = A =\n\n\t==Plot== \nB.\n", "a.txt") == "= A =\n\n==Plot==\nB.\n"


def test_items_below_a_line_of_the_infobox_are_its_values() -> None:
    box = "- Star:\n  - Bo Tarn\n  * Ann Poe\n- Music: Li\n\t- Cy Ode\n- Country: Chad"
    cast = "==Cast==\n- Role: Wren\n- One"
    text = read_text(f"= A =\n\n{box}\n\n{cast}\n  - Two\n".encode(), "a.txt")
    box = "- Star: Bo Tarn, Ann Poe\n- Music: Li, Cy Ode\n- Country: Chad"
    assert text == f"= A =\n\n{box}\n\n{cast}\n- Two\n"


def test_items_with_several_asterisks_are_of_one_list() -> None:
    remarks: list[str] = []
    text = "= A =\n\n* Star:\n** Bo Tarn\n** Ann Poe\n\n==Cast==\n* One\n** Two\n"
    read = read_text(text.encode(), "a.txt", remarks=remarks)
    assert read == "= A =\n\n- Star: Bo Tarn, Ann Poe\n\n==Cast==\n- One\n- Two\n"
    assert remarks == ["a.txt: 1 item of a list inside of another list, written as of one list"]


def test_control_character_is_refused() -> None:
    with pytest.raises(SourceError, match=r"^a\.txt:3:3: found the control character U\+0000; "):
        read_text(b"= A =\n\nB \0 C.\n", "a.txt")
