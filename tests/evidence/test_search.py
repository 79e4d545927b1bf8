"""Search finds things by their names and other texts, the best first."""

from __future__ import annotations

import csv
import json
import re
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

if TYPE_CHECKING:
    from kaiju_graph import KnowledgeGraph
    from tests.conftest import Command


def _things(kg: KnowledgeGraph, words: str) -> list[str]:
    return [kg.project.prefixes.shorten(found.thing.value) for found in kg.search(words)]


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("oizumi", "id:yo-oizumi"),
        ("ŌIZUMI", "id:yo-oizumi"),
        ("kaneko shusuke", "id:shusuke-kaneko"),
        ("大泉", "id:yo-oizumi"),
        ("大泉 洋", "id:yo-oizumi"),
        ("ooizumi", "id:yo-oizumi"),
        ("you ohizumi", "id:yo-oizumi"),
        ("がめら", "id:gamera"),
        ("ｶﾞﾒﾗ", "id:gamera"),
        ("\uff27\uff21\uff2d\uff25\uff32\uff21", "id:gamera"),
        ("gamera", "id:gamera"),
        ("  gamera  ", "id:gamera"),
        ("gamera 3", "id:gamera-3-revenge-of-iris"),
        ("universe guardian", "id:gamera-guardian-of-the-universe"),
    ],
)
def test_best_match_comes_first(words: str, first: str, kg: KnowledgeGraph) -> None:
    assert _things(kg, words)[0] == first


def test_names_come_before_coined_labels_and_whole_text_before_the_rest(
    kg: KnowledgeGraph,
) -> None:
    hits = kg.search("gamera")
    coined = {str(row["class"]) for row in kg.query("SELECT ?class { ?class ev:coined true }")}
    is_coined = [bool(coined & {term.value for term in hit.classes}) for hit in hits]
    assert is_coined == sorted(is_coined)
    assert set(is_coined) == {False, True}
    for group in (False, True):
        names = [h.name.casefold() for h, c in zip(hits, is_coined, strict=True) if c == group]
        ranks = [0 if n == "gamera" else 1 if n.startswith("gamera") else 2 for n in names]
        assert ranks == sorted(ranks)


def test_whole_words_come_before_parts_of_words(kg: KnowledgeGraph) -> None:
    parts = ["legion" not in re.findall(r"\w+", h.name.casefold()) for h in kg.search("legion")]
    assert parts == sorted(parts)


@pytest.mark.parametrize(
    ("words", "thing", "predicate"),
    [
        ("raygion", "id:gamera-2", "film:workingTitle"),
        ("miyuki nanri", "id:myuki-nanri", "skos:hiddenLabel"),
    ],
)
def test_other_text_is_found_with_its_property(
    words: str, thing: str, predicate: str, kg: KnowledgeGraph, kaiju: Command
) -> None:
    (hit,) = kg.search(words)
    shorten = kg.project.prefixes.shorten
    assert (shorten(hit.thing.value), shorten(hit.property.value)) == (thing, predicate)
    assert kaiju("search", *words.split()).stdout.endswith(f"\t{predicate}\n")
    header, row = csv.reader(kaiju("search", words, "-f", "csv").stdout.splitlines())
    assert header == ["thing", "name", "classes", "property"]
    assert [row[0], row[3]] == [thing, predicate]
    (found,) = json.loads(kaiju("search", words, "-f", "json").stdout)
    assert found["property"] == hit.property.value


def test_quotes_of_passages_are_not_searched(kg: KnowledgeGraph) -> None:
    assert not kg.search("is a 1996 Japanese kaiju film")


def test_thing_is_listed_once_with_its_classes(kg: KnowledgeGraph) -> None:
    found = kg.search("gamera")
    assert len({item.thing for item in found}) == len(found)
    monster = ox.NamedNode(kg.project.prefixes["story"] + "Monster")
    assert monster in found[0].classes


def test_words_without_a_match_give_no_hits(kg: KnowledgeGraph) -> None:
    assert not kg.search("gamera godzilla mothra")


@pytest.mark.parametrize("words", ["", "   "])
def test_no_words_list_every_thing_with_a_name(words: str, kg: KnowledgeGraph) -> None:
    named = {thing for things in kg.names.things.values() for thing in things}
    assert {found.thing for found in kg.search(words)} == named


@given(data=st.data())
def test_part_of_a_name_in_any_case_finds_the_thing(
    data: st.DataObject, kg: KnowledgeGraph
) -> None:
    name = data.draw(st.sampled_from(sorted(kg.names.things)))
    start = data.draw(st.integers(0, len(name) - 1))
    piece = name[start : data.draw(st.integers(start + 1, len(name)))].strip()
    change = data.draw(st.sampled_from([str.upper, str.lower, str.swapcase]))
    if piece:
        found = {item.thing for item in kg.search(change(piece))}
        assert found >= set(kg.names.things[name])
