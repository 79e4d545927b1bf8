"""What each article is about, as a JSON-LD document in each profile that describes a thing."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.errors import UnknownNameError
from kaiju_graph.project.passages import ABOUT
from kaiju_graph.publish import profiles
from kaiju_graph.sparql import execute
from kaiju_graph.store.store import DEFAULT_LAYERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kaiju_graph.project.layout import Project
    from kaiju_graph.rdf.terms import Quad

__all__ = ["documents"]

FOLDER = "jsonld"
"""The folder of the documents in a release."""


def documents(project: Project, quads: list[Quad], dataset: ox.Store) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each document.

    Args:
        project: the project.
        quads: all its quads.
        dataset: a store with them, which answers the queries of the profiles.
    """

    def answer(text: str, origin: str) -> execute.Result:
        return execute.run(dataset, text, project.prefixes, origin, explain=False)

    stored = profiles.stored_profiles(project)
    names: Counter[str] = Counter()
    for thing in dict.fromkeys(q.object.value for q in quads if q.predicate == ABOUT):
        name = re.sub(r"[^A-Za-z0-9_-]+", "-", re.split("[/#]", thing)[-1]) or "thing"
        names[name] += 1
        name = f"{name}-{names[name]}" if names[name] > 1 else name
        for profile in ("framed", *stored):
            request = profiles.Request(DEFAULT_LAYERS, "jsonld", profile, thing)
            request = profiles.complete(request, project)
            try:
                if profile in stored:
                    text = profiles.construct(request, project, answer, ox.NamedNode)
                else:
                    text = profiles.export(request, project, quads, ox.NamedNode)
            except UnknownNameError:
                continue  # the profile has nothing about it
            yield f"{FOLDER}/{name}.{profile}.jsonld", text
