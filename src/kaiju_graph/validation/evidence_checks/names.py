"""Whether things have the names that the article uses, each in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaiju_graph.project.layout import SHARED, folder_of
from kaiju_graph.project.passages import respell
from kaiju_graph.project.sources import Finding, select_layers
from kaiju_graph.project.words import WordIndex
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.terms import COINED, QUOTE, STATUS, SUB_CLASS_OF, TYPE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kaiju_graph.project.passages import Articles
    from kaiju_graph.project.sources import Sources
    from kaiju_graph.rdf.terms import Quad, Resource, Term

__all__ = ["find_late_labels", "find_unmentioned_things", "find_wrong_names"]


def find_unmentioned_things(sources: Sources, _: Articles) -> Iterator[Finding]:
    """Find entities that no passage mentions, and labels that two entities share.

    A passage of an article mentions what the folder of the article brings; any passage, what the
    project has for all articles. Two articles may each bring a thing of the same name. What a
    passage names that is not modelled yet is mentioned later.
    """
    mentioned: dict[str, set[Term]] = {SHARED: set()}
    for name, file in sources.files.items():
        for quad in file.quads if file.layer == "stated" else ():
            for folder in (folder_of(name), SHARED):
                mentioned.setdefault(folder, set()).update((quad.subject, quad.object))
    for folder, things in _things_of_drafts(sources).items():
        mentioned.setdefault(folder, set()).update(things)
    bearers: dict[tuple[str, Term], Resource] = {}
    for name, file in sources.files.items():
        folder = folder_of(name)
        for quad in file.quads if file.layer == "entities" else ():
            if quad.predicate == TYPE and quad.subject not in mentioned.get(folder, ()):
                message = f"found {quad.subject} in no passage; expected one that mentions it"
                yield Finding("spoken", message, name, quad)
            elif quad.predicate == terms.LABEL:
                same = (bearers.get((other, quad.object)) for other in (folder, SHARED))
                other = next((thing for thing in same if thing not in (None, quad.subject)), None)
                bearers.setdefault((folder, quad.object), quad.subject)
                if other:
                    message = f"found the same label as {other}; expected a unique one"
                    yield Finding("spoken", message, name, quad)


def _things_of_drafts(sources: Sources) -> dict[str, set[Term]]:
    """Return folder → the entities that its passages name which are not modelled yet.

    Those of all articles stand under ``SHARED``.
    """
    marked = {quad.subject for quad in sources.quads if quad.predicate == STATUS}
    if not marked:
        return {}
    quotes: dict[str, str] = {}
    for name, file in sources.files.items():
        found = [q for q in file.quads if q.predicate == QUOTE and q.subject in marked]
        words = "\n".join(quad.object.value for quad in found)
        for folder in (folder_of(name), SHARED) if found else ():
            quotes[folder] = f"{quotes.get(folder, '')}\n{words}"
    entities = select_layers(sources.quads, "entities")
    names = [quad for quad in entities if quad.predicate in (terms.LABEL, terms.ALT_LABEL)]
    return {
        folder: {quad.subject for quad in names if quad.object.value in text}
        for folder, text in quotes.items()
    }


def find_wrong_names(sources: Sources, located: Articles) -> Iterator[Finding]:
    """Find names that are not in an article, and labels in the wrong file.

    A named thing is labelled among the entities. A thing without a name in the article (a credit,
    an event) is labelled in the first passage that mentions it, and its class is ``ev:coined``.
    """
    coined = _coined_classes(sources)
    classes: dict[Resource, set[Term]] = {}
    for quad in sources.quads:
        if quad.predicate == TYPE:
            classes.setdefault(quad.subject, set()).add(quad.object)
    articles = {article.folder: WordIndex(article.plain) for article in located.articles}
    for name, file in sources.files.items():
        for quad in file.quads:
            if quad.predicate not in (terms.LABEL, terms.ALT_LABEL):
                continue
            kinds = classes.get(quad.subject, set())
            is_coined, is_entity = bool(kinds & coined), file.layer == "entities"
            is_in_passage = file.layer == "stated" and quad.graph != file.default
            label = quad.object.value
            if is_entity and is_coined:
                message = "found a coined thing in the entities; expected it in its passage"
                yield Finding("labels", message, name, quad)
            elif is_entity:
                own = articles.get(folder_of(name))
                indexes = [own] if own else articles.values()
                if any(words.contains(label) for words in indexes):
                    continue
                message = f"found the name {label!r}; expected words of the article"
                text = "\n".join(words.text for words in indexes)
                yield Finding("labels", message, name, quad, remedy=respell(quad, text))
            elif is_in_passage and not is_coined:
                kind = min(kinds, key=str, default="its class")
                message = f"found a label in a passage, and {kind} is not ev:coined; "
                message += "expected the label in entities.ttl, or the class marked ev:coined"
                yield Finding("labels", message, name, quad)


def find_late_labels(sources: Sources, located: Articles) -> Iterator[Finding]:
    """Find coined things that the first passage to mention them does not label and type.

    That is the first of the article that labels the thing; another article may mention it, too.
    """
    order = {iri: passage.order for iri, passage in located.passages.items()}
    folders = {p.iri: a.folder for a in located.articles for p in a.passages}
    first: dict[tuple[str, Term], tuple[int, Resource]] = {}
    labels: list[tuple[str, Quad]] = []
    typed: set[tuple[Resource, Resource]] = set()
    for name, file in sources.files.items():
        for quad in file.quads if file.layer == "stated" else ():
            if quad.graph.value not in order:
                continue
            at = order[quad.graph.value], quad.graph
            for term in (quad.subject, quad.object):
                key = folders[quad.graph], term
                first[key] = min(first.get(key, at), at, key=lambda place: place[0])
            if quad.predicate == terms.LABEL:
                labels.append((name, quad))
            elif quad.predicate == TYPE:
                typed.add((quad.subject, quad.graph))
    for name, quad in labels:
        _, passage = first[folders[quad.graph], quad.subject]
        if passage != quad.graph:
            message = (
                "found a label in a later passage; "
                f"expected it in {passage}, the first that mentions the thing"
            )
            yield Finding("first", message, name, quad)
        if (quad.subject, quad.graph) not in typed:
            message = f"found a label without a type; expected both in {quad.graph}"
            yield Finding("first", message, name, quad)


def _coined_classes(sources: Sources) -> set[Term]:
    ontology = select_layers(sources.quads, "ontology")
    subclasses = terms.subjects_by_object(ontology, SUB_CLASS_OF)
    marked = (quad.subject for quad in ontology if quad.predicate == COINED)
    return terms.closure(marked, subclasses)
