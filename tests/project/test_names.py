"""Names are found in texts, things by their names, and near words are suggested."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING
from unicodedata import normalize

import pyoxigraph as ox
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from kaiju_graph.errors import UnknownNameError
from kaiju_graph.project.names import Names
from kaiju_graph.project.spelling import did_you_mean, fold, match_rank
from kaiju_graph.rdf.terms import ALT_LABEL, ENTITIES, LABEL, Quad

if TYPE_CHECKING:
    from kaiju_graph import KnowledgeGraph

ID = "https://w3id.org/kaiju/id/"


def _names(*labels: str) -> Names:
    return Names(
        Quad(ox.NamedNode(f"{ID}x{number}"), LABEL, ox.Literal(label, language="en"), ENTITIES)
        for number, label in enumerate(labels)
    )


@pytest.mark.parametrize(
    ("labels", "text", "expected"),
    [
        (["Osaka", "Osaka Castle"], "To Osaka Castle.", ["Osaka Castle"]),  # longest
        (["Osaka Castle", "Castle Road"], "Osaka Castle Road", ["Osaka Castle"]),  # leftmost
        (["Osaka", "Castle"], "Osaka Castle", ["Osaka", "Castle"]),
        (["Gamera"], "Gameras, Gamera's, Gamera", ["Gamera", "Gamera"]),
        (["SDF"], "JSDF SDFs", []),
        (["Gamera"], "gamera GAMERA", []),  # as written
        (["Gamera 2"], "Gamera 20", []),
        (["A.D. Vision", "A"], "A.D. Vision", ["A.D. Vision"]),
        (["How Do You Like It?"], "How Do You Like It? is", ["How Do You Like It?"]),
        (["ガメラ"], "ガメラ 来襲", ["ガメラ"]),
        (["Yō"], "Yōko Yō", ["Yō"]),
        (["$5 million"], "Budget: $5 million", ["$5 million"]),
        (["«Legion»"], "the «Legion»", ["«Legion»"]),
        ([], "Gamera", []),
        (["Gamera"], "", []),
    ],
)
def test_mentions_are_whole_words_leftmost_and_longest(
    labels: list[str], text: str, expected: list[str]
) -> None:
    names = _names(*labels)
    mentions = list(names.mentions(text))
    assert [name for _, name in mentions] == expected
    assert all(text.startswith(name, start) for start, name in mentions)
    assert names.things_in(text) == {thing for name in expected for thing in names.things[name]}


WORDS = st.sampled_from(["a", "b", "ab", "b2", "é"])
PHRASE = st.lists(WORDS, min_size=1, max_size=3).map(" ".join)


@given(
    labels=st.lists(PHRASE, min_size=1, max_size=6, unique=True),
    text=st.text("ab2é .", max_size=40),
)
def test_mentions_equal_matches_of_a_regular_expression(labels: list[str], text: str) -> None:
    longest_first = sorted(map(re.escape, labels), key=len, reverse=True)
    oracle = re.compile(rf"(?<!\w)(?:{'|'.join(longest_first)})(?!\w)")
    expected = [(match.start(), match[0]) for match in oracle.finditer(text)]
    assert list(_names(*labels).mentions(text)) == expected


# Folding ---------------------------------------------------------------------


@given(text=st.text())
@example("Straße")
@example("İ")
@example("ﬃ ͅ ẞ")
def test_fold_is_idempotent(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(text=st.text(st.characters(max_codepoint=0x24F)))
def test_fold_ignores_case_and_composition(text: str) -> None:
    assert fold(normalize("NFD", text)) == fold(normalize("NFC", text))
    assume(text.upper().lower() == text.lower())  # the dotless i has no upper case of its own
    assert fold(text.upper()) == fold(text.lower()) == fold(text)


@pytest.mark.parametrize(
    ("text", "folded"),
    [("Yō Ōizumi", "yo oizumi"), ("GAMERA", "gamera"), ("ﬁlm", "film"), ("ｶﾞﾒﾗ", "かめら")],
)
def test_fold_drops_case_and_accents(text: str, folded: str) -> None:
    assert fold(text) == folded


KANA = st.text(st.characters(min_codepoint=0x30A1, max_codepoint=0x30F6), min_size=1)


@given(text=KANA)
def test_fold_ignores_the_kind_of_kana(text: str) -> None:
    hiragana = "".join(chr(ord(sign) - 0x60) for sign in text)
    assert fold(hiragana) == fold(text)


@given(text=st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1))
def test_fold_ignores_width(text: str) -> None:
    assert fold("".join(chr(ord(sign) + 0xFEE0) for sign in text)) == fold(text)


@pytest.mark.parametrize(
    ("words", "name", "expected"),
    [
        ("ota", "Ōta", 0),
        ("oota", "Ōta", 0),
        ("OUTA", "Ōta", 0),
        ("ohta", "Ôta", 0),
        ("outa", "Ota", 3),  # a name that marks no long vowel has none to be spelt out
        ("hose", "House", 3),
        ("kou oota", "Kō Ōta", 0),
        ("oota kou", "Kō Ōta", 2),
        ("大泉 洋", "大泉洋", 0),
        ("洋 大泉", "大泉洋", 2),
        ("大泉洋", "大泉 洋", 0),
        ("ケンヤスダ", "ケン・ヤスダ", 0),
        ("けん・やすだ", "ケンヤスダ", 0),
        ("\uff12 レギ", "ガメラ2 レギオン", 2),
        ("ガメラ2レギ", "ガメラ2 レギオン", 1),
        ("gamera2", "Gamera 2", 3),  # other texts have breaks
        ("", "Gamera", 1),
    ],
)
def test_match_rank(words: str, name: str, expected: int) -> None:
    assert match_rank(words.split(), name) == expected


# What a person means ---------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Yō Ōizumi",
        "yo oizumi",
        "YO OIZUMI",
        "Yo\u0304 O\u0304izumi",
        "大泉洋",
        "id:yo-oizumi",
        f"<{ID}yo-oizumi>",
        f"{ID}yo-oizumi",
    ],
)
def test_things_are_found_by_iri_curie_or_name(text: str, kg: KnowledgeGraph) -> None:
    assert kg.resolve(text) == ox.NamedNode(f"{ID}yo-oizumi")


@pytest.mark.parametrize(
    ("text", "iri"),
    [
        ("yo-oizumi", f"{ID}yo-oizumi"),
        ("plot-2-3", "https://w3id.org/kaiju/gamera-2/plot-2-3"),
        ("reusedMaterial", "https://w3id.org/kaiju/film#reusedMaterial"),
        ("gamera", f"{ID}gamera"),  # its name, whatever else is called so in an IRI
    ],
)
def test_last_segment_of_an_iri_names_it_if_no_name_does(
    text: str, iri: str, kg: KnowledgeGraph
) -> None:
    assert kg.resolve(text) == ox.NamedNode(iri)


def test_ambiguous_last_segment_is_refused_with_all_candidates(kg: KnowledgeGraph) -> None:
    labels = [
        Quad(ox.NamedNode(kg.project.prefixes[prefix] + "a-b"), LABEL, ox.Literal(prefix), ENTITIES)
        for prefix in ("g2", "id")
    ]
    with pytest.raises(UnknownNameError, match="'a-b' names several things: g2:a-b, id:a-b; use"):
        Names(labels).resolve("a-b", kg.project)
    assert Names(labels[:1]).resolve("a-b", kg.project) == labels[0].subject


@pytest.mark.parametrize(
    ("text", "found"),
    [("Gamera 2", 0), ("gamera 3", 2), ("Ken", 3), ("Gamera 2: Attack", 0), ("Legion", None)],
)
def test_beginning_of_a_name_is_enough_if_one_thing_is_meant(
    text: str, found: int | None, kg: KnowledgeGraph
) -> None:
    names = _names(
        "Gamera 2: Attack of Legion",
        "Gamera 2: Attack of Legion (encyclopedia article)",
        "Gamera 3: Revenge of Iris",
        "Ken Yasuda",
        "Kentaro",
        "Legion Queen",
        "Legion Soldier",
    )
    if found is None:
        with pytest.raises(UnknownNameError, match="nothing is named 'Legion'; did you mean"):
            names.resolve(text, kg.project)
    else:
        assert names.resolve(text, kg.project) == ox.NamedNode(f"{ID}x{found}")


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("Gamera: Guardian of the Universe", "gamera-guardian-of-the-universe"),
        ("How Do You Like Wednesday?", "how-do-you-like-wednesday"),
    ],
)
def test_names_may_contain_punctuation(text: str, local: str, kg: KnowledgeGraph) -> None:
    assert kg.resolve(text) == ox.NamedNode(ID + local)


def test_exact_name_comes_before_the_folded_one(kg: KnowledgeGraph) -> None:
    assert _names("Ai", "Ái").resolve("Ái", kg.project) == ox.NamedNode(f"{ID}x1")


@pytest.mark.parametrize("text", ["Sato", "sato"])
def test_ambiguous_name_is_refused_with_all_candidates(text: str, kg: KnowledgeGraph) -> None:
    with pytest.raises(UnknownNameError) as raised:
        _names("Sato", "Ito", "Sato").resolve(text, kg.project)
    expected = "names several things: id:x0, id:x2; use one of these"
    assert str(raised.value) == f"{text!r} {expected}"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("Gamara", "'Gamera'"),
        ("shusuke kaneco", "'Shusuke Kaneko'"),
        ("Kaneko", "'Shusuke Kaneko'"),
        ("Oizmi", "'Yō Ōizumi'"),
    ],
)
def test_unknown_name_is_refused_with_the_nearest(text: str, hint: str, kg: KnowledgeGraph) -> None:
    with pytest.raises(
        UnknownNameError, match=re.escape(f"nothing is named {text!r}; did you ")
    ) as raised:
        kg.resolve(text)
    assert hint in str(raised.value)


@pytest.mark.parametrize("text", ["zzzzzz", ""])
def test_unknown_name_without_near_ones_has_no_suggestion(text: str, kg: KnowledgeGraph) -> None:
    with pytest.raises(UnknownNameError) as raised:
        kg.resolve(text)
    assert str(raised.value) == f"nothing is named {text!r}"


@pytest.mark.parametrize(
    "text", ["<not an iri>", "id:a b", "http://a b", "<>", "<a>", "id:}", "<http://e/\ud800>"]
)
def test_invalid_iris_are_refused(text: str, kg: KnowledgeGraph) -> None:
    with pytest.raises(UnknownNameError):
        kg.resolve(text)


@given(text=st.text())
@example(text="\ud800")
def test_any_text_is_resolved_or_refused(text: str, kg: KnowledgeGraph) -> None:
    with suppress(UnknownNameError):
        assert isinstance(_names("Gamera", "Yō Ōizumi").resolve(text, kg.project), ox.NamedNode)


def test_every_unambiguous_name_is_resolved(kg: KnowledgeGraph) -> None:
    single = {name: things for name, things in kg.names.things.items() if len(things) == 1}
    assert len(single) > 200
    for name, (thing,) in single.items():
        if kg.project.prefixes.expand(name) is None:
            assert kg.resolve(name) == thing


def test_label_is_english_else_a_curie(kg: KnowledgeGraph) -> None:
    assert kg.names.label(ox.NamedNode(f"{ID}yo-oizumi"), kg.project) == "Yō Ōizumi"
    assert kg.names.label(ox.NamedNode(f"{ID}nobody"), kg.project) == "id:nobody"
    assert kg.names.label(ox.Literal("100"), kg.project) == "100"


def test_alternative_names_are_not_labels() -> None:
    thing = ox.NamedNode(f"{ID}x")
    names = Names([Quad(thing, ALT_LABEL, ox.Literal("JGSDF", language="en"), ENTITIES)])
    assert names.things_in("the JGSDF") == {thing}
    assert not names.labels


def test_did_you_mean_suggests_at_most_three() -> None:
    assert did_you_mean("gamera", ["Gamera 1", "Gamera 2", "Gamera 3", "Gamera 4"]).count("'") == 6
