"""Find the place of a new article: its folder, its namespace, and what it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.draft.infobox import Subject, find_kind
from kaiju_graph.draft.knowledge import parent
from kaiju_graph.draft.names import short_prefix, slug
from kaiju_graph.errors import InputError, ParameterError, UnknownNameError
from kaiju_graph.rdf.prefixes import explain_invalid

if TYPE_CHECKING:
    from kaiju_graph.draft.knowledge import Knowledge
    from kaiju_graph.draft.outline import Outline

__all__ = ["LANGUAGE", "Request", "Site", "Wishes", "find_site", "resolve_thing"]

LANGUAGE = "en"
"""The language of an article, if nothing gives it."""


class Wishes(NamedTuple):
    """What the author of an article wants; None is what its title suggests."""

    title: str | None = None
    about: str | None = None
    """What it is about: a name, CURIE or IRI."""
    slug: str | None = None
    prefix: str | None = None
    language: str | None = None
    licence: str | None = None
    default_language: str = LANGUAGE
    """The language of a new article, unless ``language`` says it."""


class Request(NamedTuple):
    """An article as ``article.txt`` has it, the name of its file, and what its author wants."""

    text: str
    file: str
    wishes: Wishes


class Site(NamedTuple):
    """Where an article stands: its folder, namespace and subject."""

    folder: str
    prefix: str
    namespace: str
    subject: Subject
    language: str


def find_site(known: Knowledge, request: Request, outline: Outline, language: str) -> Site:
    """Return where a new article is to stand, and what it is about.

    Args:
        known: what the project knows.
        request: the article, and what its author wants.
        outline: the parts of its text.
        language: its language.

    Raises:
        ParameterError: a name in the request is not valid.
        InputError: its folder, its prefix or what it is about means something else already.
        UnknownNameError: no thing has the name in the request.
    """
    project, wishes, title = known.project, request.wishes, outline.title
    name = slug(wishes.slug or title)
    if not name or wishes.slug not in {None, name}:
        found = f"found {wishes.slug!r}" if wishes.slug else f"found the title {title!r}"
        raise ParameterError(f"{found}; expected --slug with a name such as my-article")
    folder = f"graph/{name}"
    if project.files(folder, ""):
        raise InputError(f"{folder}: found a folder with files; expected --slug with another name")
    namespace = f"{parent(known.shared)}/{name}/"
    prefix = wishes.prefix or short_prefix(title if slug(title) else name, project.prefixes)
    if reason := explain_invalid(prefix, namespace):
        raise ParameterError(f"{reason}; --prefix gives another")
    if prefix in project.prefixes:
        found = f"found the prefix {prefix!r} with another namespace"
        raise InputError(f"{found}; expected --prefix with another name")
    if other := next((p for p, iri in project.prefixes.items() if iri == namespace), None):
        found = f"found the prefix {other!r} of {namespace}"
        raise InputError(f"{found}; expected --slug with another name")
    subject = _find_subject(known, wishes, outline, name)
    return Site(folder, prefix, namespace, subject, language)


def _find_subject(known: Knowledge, wishes: Wishes, outline: Outline, name: str) -> Subject:
    """Return what an article is about: what has its title as name, or else a new thing."""
    kind, classes = find_kind(known.vocabulary, outline.pieces), known.classes()
    shorten = known.project.prefixes.shorten
    if wishes.about:
        thing = resolve_thing(known, wishes.about)
    elif found := list(known.names.things.get(outline.title, ())):
        fitting = (t for t in found if kind in known.vocabulary.above_all(classes.get(t, ())))
        if (first := next(fitting, None)) is None:
            other = f"found {shorten(found[0].value)} with the name {outline.title!r}"
            expected = "expected --about with another CURIE"
            raise InputError(f"{other}, which is no {shorten(kind.value)}; {expected}")
        thing = first
    else:
        thing = ox.NamedNode(f"{known.shared}{name}")
        if label := known.names.labels.get(thing):
            other = f"found {shorten(thing.value)} with the name {label!r}"
            raise InputError(f"{other}; expected --about or --slug")
    if thing in classes:
        label = known.names.labels.get(thing, outline.title)
        return Subject(thing, label, min(classes[thing], key=str), is_known=True)
    return Subject(thing, outline.title, kind, is_known=False)


def resolve_thing(known: Knowledge, name: str) -> ox.NamedNode:
    """Return the thing that a name, CURIE or IRI means.

    Raises:
        UnknownNameError: there is none.
    """
    try:
        return known.names.resolve(name, known.project)
    except UnknownNameError as error:
        expected = "expected a known name, or a CURIE such as id:name"
        raise UnknownNameError(f"{error}; {expected}") from None
