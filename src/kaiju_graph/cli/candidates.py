"""Stage 13, before completing: what an argument may be → the words for it that begin like a text.

All is asked at each press of a key, so nothing is read but what the cache has and small files, and
rdflib is not imported.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from typing import TYPE_CHECKING

from kaiju_graph.project import layout
from kaiju_graph.store import cache

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kaiju_graph.project.layout import Project
    from kaiju_graph.sparql.questions import Parameter, Question

__all__ = ["FINDERS", "folded", "starting"]


def _questions(root: str | None, _: str | None, text: str) -> Iterable[str]:
    files = os.listdir(os.path.join(layout.locate(root), "queries"))
    return starting(text, (name.removesuffix(".rq") for name in files if name.endswith(".rq")))


def _tags(root: str | None, _: str | None, text: str) -> Iterable[str]:
    from kaiju_graph.sparql import questions

    found = questions.list_questions(layout.find(root))
    return starting(text, {tag for asked in found for tag in asked.tags})


def _layers(_: str | None, __: str | None, text: str) -> Iterable[str]:
    from kaiju_graph.project.layout import LAYERS

    return _listed(text, LAYERS)


def _rules(root: str | None, _: str | None, text: str) -> Iterable[str]:
    from kaiju_graph.validation.validate import rule_names

    return starting(text, rule_names(layout.find(root)))


def _profiles(root: str | None, _: str | None, text: str) -> Iterable[str]:
    from kaiju_graph.publish import profiles
    from kaiju_graph.rdf import write

    return starting(text, [*write.PROFILES, *profiles.stored_profiles(layout.find(root))])


def _passages(root: str | None, _: str | None, text: str) -> Iterable[str]:
    from kaiju_graph.rdf.terms import PASSAGE_CLASS, TYPE

    entry = cache.find_entry(layout.locate(root), outdated=True)
    if entry is None:
        return ()
    passages = cache.open_store(entry, graphs=False).quads_for_pattern(None, TYPE, PASSAGE_CLASS)
    return _listed(text, [str(quad.subject)[1:-1].rpartition("/")[2] for quad in passages])


def _parameters(root: str | None, name: str | None, text: str) -> Iterable[str]:
    """Return the parameters of a question, or the values that one may have."""
    from kaiju_graph.sparql import questions

    if name is None:
        return ()
    where = layout.find(root)
    asked = questions.find_question(where, name)
    chosen, equals, value = text.partition("=")
    if not equals:
        return starting(text, (f"{parameter.name}=" for parameter in asked.parameters))
    known = {parameter.name: parameter for parameter in asked.parameters}
    if chosen not in known:
        return ()
    values = _occurring(asked, known[chosen], where)
    found: Iterable[str] = starting(value, values)
    if ":" in value:  # which may begin a CURIE
        found = [*found, *starting(value, values.values())]
    if not values and known[chosen].type == "iri":
        found = _things(root, name, value)
    return (f"{chosen}={value}" for value in found)


def _occurring(asked: Question, parameter: Parameter, where: Project) -> dict[str, str]:
    """Return the values that some row has (name or text → CURIE), unless the graph is large."""
    entry = cache.find_entry(where.root, outdated=True)
    if entry is None or os.path.isdir(os.path.join(entry, "store")):
        return {}
    from kaiju_graph.sparql import parameters

    store = cache.open_store(entry, graphs=True)
    found = parameters.find_values(asked, parameter, store, where)
    return {text: where.prefixes.shorten_all(str(value)) for text, value in found.items()}


def _things(root: str | None, _question: str | None, text: str) -> Iterator[str]:
    """Return the names of things, or their CURIEs where a text may begin one, from the cache."""
    entry = cache.find_entry(layout.locate(root), outdated=True)
    if entry is None:
        return
    lines = cache.read_names(entry)
    for wanted in {folded(text), *([text] if ":" in text else [])}:  # a name, or a CURIE
        for line in lines[bisect_left(lines, wanted) :]:
            if not line.startswith(wanted):
                break
            key, _, name = line.partition("\t")
            if name or ":" in text:
                yield name or key


FINDERS: dict[str, Callable[[str | None, str | None, str], Iterable[str]]] = {
    "NAME": _questions,
    "TAG": _tags,
    "RULE": _rules,
    "PROFILE": _profiles,
    "L,...": _layers,
    "P,...": _passages,
    "name=value": _parameters,
    **dict.fromkeys(("THING", "SUBJECT", "PREDICATE", "OBJECT", "WORDS"), _things),
}
"""What an argument is called in the help → who knows its values, by root, question and text."""


def starting(text: str, words: Iterable[str]) -> Iterator[str]:
    """Return the words that begin like a text, whatever the case and accents."""
    wanted = folded(text)
    return (word for word in words if folded(word).startswith(wanted))


def folded(text: str) -> str:
    """Return a text as ``spelling.fold`` does, without its import where the text is ASCII."""
    if text.isascii():
        return text.casefold()
    from kaiju_graph.project.spelling import fold

    return fold(text)


def _listed(text: str, words: Iterable[str]) -> Iterator[str]:
    """Return how a list with commas may go on: with a word that is not in it yet."""
    chosen, comma, last = text.rpartition(",")
    there = chosen.split(",")
    return (f"{chosen}{comma}{word}" for word in starting(last, words) if word not in there)
