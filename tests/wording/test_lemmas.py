"""Dictionary forms are found by any form of a word, and others are not."""

from __future__ import annotations

import pytest

from kaiju_graph.wording.lemmas import VERBS, find_lemma, has_lemmas
from kaiju_graph.wording.numbers import divide


def stands(lemma: str, text: str, language: str = "en") -> bool:
    return bool(find_lemma(divide(lemma, language), divide(text, language), language))


@pytest.mark.parametrize(
    ("lemma", "text"),
    [
        ("fly", "Gamera flies"),
        ("fly", "Gamera flew"),
        ("fly", "it had flown"),
        ("be", "they are large"),
        ("make way", "The creatures make their way"),
        ("blow apart", "blowing her apart"),
        ("rip off", "rips the queen's horns off"),
        ("mobilize", "orders the mobilization"),
        ("swarm", "is then swarmed"),
        ("leave", "They left the city"),
        ("shoot", "It was shot in Tokyo"),
        ("man", "his men"),
        ("prime minister", "two prime ministers"),
    ],
)
def test_dictionary_form_is_found_by_any_form(lemma: str, text: str) -> None:
    assert stands(lemma, text)


@pytest.mark.parametrize(
    ("lemma", "text"),
    [
        ("swim", "Gamera flies"),
        ("off rip", "Gamera rips off the horns"),
        ("rip off", "Gamera rips the horns, and the six men who saw it run off"),
        ("fly", "a large meteor"),
        ("live", "They left the city"),
    ],
)
def test_other_words_are_not_found(lemma: str, text: str) -> None:
    assert not stands(lemma, text)


def test_every_verb_of_the_list_is_missed_by_the_dictionary() -> None:
    from simplemma import lemmatize

    assert not [form for form, verb in VERBS["en"].items() if lemmatize(form, lang="en") == verb]


def test_language_without_a_dictionary_is_known_as_such() -> None:
    assert [has_lemmas(tag) for tag in ("en", "en-GB", "ja", "und")] == [True, True, False, False]


@pytest.mark.slow
def test_language_of_the_quote_decides() -> None:
    assert stands("sehen", "Er sah das Monster", "de")
    assert not stands("sehen", "Er sah das Monster", "en")
