"""Candidates for the value of an argument.

Each press of the Tab key needs them, so they come from the cache and from small files. After an
edit of the sources, they come from the last entry of the project in the cache.
"""

from __future__ import annotations

import os
from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

from kaiju_graph.project import layout, location
from kaiju_graph.project.spelling import fold
from kaiju_graph.store import cache

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["CANDIDATES", "Context", "select_prefixed"]


class Context(NamedTuple):
    """The beginning of a value, and the arguments before it that matter."""

    root: str | None
    """The value of ``--root``."""
    question: str | None
    """The first positional argument of the command."""
    text: str
    """The beginning of the value."""

    @property
    def project(self) -> layout.Project:
        """The project of the root."""
        return layout.find(self.root)

    @property
    def entry(self) -> str | None:
        """The last entry of the project in the cache, even if sources have changed since."""
        return cache.find_entry(location.locate(self.root), outdated=True)


def _questions(context: Context) -> Iterable[str]:
    files = layout.Project(location.locate(context.root), {}).files("queries", ".rq")
    return (file.removeprefix("queries/").removesuffix(".rq") for file in files)


def _tags(context: Context) -> Iterable[str]:
    from kaiju_graph.sparql import questions

    listed = questions.list_questions(context.project)
    return {tag for question in listed for tag in question.tags}


def _layers(context: Context) -> Iterable[str]:
    return _continue_list(context.text, layout.LAYERS)


def _rules(context: Context) -> Iterable[str]:
    from kaiju_graph.validation.rules import rule_names

    return rule_names(context.project)


def _profiles(context: Context) -> Iterable[str]:
    from kaiju_graph.publish import profiles
    from kaiju_graph.rdf import write

    return [*write.PROFILES, *profiles.stored_profiles(context.project)]


def _pictures(context: Context) -> Iterable[str]:
    from kaiju_graph.pictures import lanes

    return lanes.picture_names(context.project)


def _articles(context: Context) -> Iterable[str]:
    return [folder.rpartition("/")[2] for folder in context.project.articles()]


def _passages(context: Context) -> Iterable[str]:
    from kaiju_graph.rdf.lexical_forms import find_quads
    from kaiju_graph.rdf.terms import PASSAGE_CLASS, TYPE, last_segment

    if (entry := context.entry) is None:
        return ()
    quads = find_quads(cache.open_store(entry, graphs=False), None, TYPE, PASSAGE_CLASS)
    is_curie = ":" in context.text.rpartition(",")[2]
    shorten = context.project.prefixes.shorten if is_curie else last_segment
    words = dict.fromkeys(shorten(str(quad.subject)[1:-1]) for quad in quads)
    return _continue_list(context.text, words)


def _parameters(context: Context) -> Iterable[str]:
    """Return the parameters of a stored query, or the values that one of them has in some row."""
    from kaiju_graph.pictures import lanes
    from kaiju_graph.sparql import parameters, questions

    if context.question is None:
        return ()
    project, entry = context.project, context.entry
    is_picture = context.question in lanes.picture_names(project)
    find = lanes.find_picture if is_picture else questions.find_question
    question = find(project, context.question)
    name, equals, value = context.text.partition("=")
    if not equals:
        return (f"{parameter.name}=" for parameter in question.parameters)
    parameter = {known.name: known for known in question.parameters}.get(name)
    if parameter is None:
        return ()
    words: Iterable[str] = ()
    # To query a large graph, which the cache has as a store on disk, takes too long.
    if entry and not os.path.isdir(os.path.join(entry, "store")):
        *_, encoded = cache.read_prologue(entry)
        store = cache.open_store(entry, graphs=True, encoded=encoded)
        values = parameters.find_values(question, parameter, store, project)
        curies = (project.prefixes.shorten_all(str(term)) for term in values.values())
        words = [*values, *(curies if ":" in value else ())]
    if not words and parameter.type == "iri":
        words = _things(context._replace(text=value))
    return (f"{name}={word}" for word in words)


def _things(context: Context) -> Iterator[str]:
    """Yield the names of things, and their CURIEs if the text may begin one."""
    if (entry := context.entry) is None:
        return
    lines, is_curie = cache.read_names(entry), ":" in context.text
    for start in {fold(context.text), *([context.text] if is_curie else [])}:
        for line in lines[bisect_left(lines, start) :]:
            if not line.startswith(start):
                break
            key, _, name = line.partition("\t")
            if name or is_curie:
                yield name or key


CANDIDATES: dict[str, Callable[[Context], Iterable[str]]] = {
    "NAME": _questions,
    "TAG": _tags,
    "RULE": _rules,
    "PICTURE": _pictures,
    "PROFILE": _profiles,
    "L,...": _layers,
    "ARTICLE": _articles,
    "P,...": _passages,
    "name=value": _parameters,
    **dict.fromkeys(("THING", "SUBJECT", "PREDICATE", "OBJECT", "WORDS"), _things),
}
"""Metavariable of an argument → the function that returns its values."""


def select_prefixed(text: str, words: Iterable[str]) -> list[str]:
    """Return the words that begin with a text, ignoring case and accents."""
    start = fold(text)
    return [word for word in words if fold(word).startswith(start)]


def _continue_list(text: str, words: Iterable[str]) -> Iterator[str]:
    """Yield a comma-separated list, continued by each word that it does not have yet."""
    head, comma, _ = text.rpartition(",")
    return (f"{head}{comma}{word}" for word in words if word not in head.split(","))
