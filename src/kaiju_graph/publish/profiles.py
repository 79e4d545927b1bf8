"""Stage 11, above exporting: what part of the graph is asked for, in which profile → text.

A profile that is no form of JSON-LD is a file of the project: ``ontology/profiles/NAME.rq``, which
constructs the graph in the terms of somebody else, and ``NAME.jsonld``, the context of these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.errors import InputError, QueryError, UnknownNameError, UsageError
from kaiju_graph.project.sources import select_layers
from kaiju_graph.project.spelling import did_you_mean
from kaiju_graph.publish import slices
from kaiju_graph.rdf import order, write
from kaiju_graph.rdf.formats import DATASETS, FORMATS
from kaiju_graph.rdf.jsonld import context as contexts
from kaiju_graph.store.store import DEFAULT_LAYERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from kaiju_graph.project.layout import Project
    from kaiju_graph.rdf.terms import Quad, Term, Triple
    from kaiju_graph.sparql.execute import Result

__all__ = ["IDS", "Request", "complete", "construct", "export", "stored_profiles"]

FOLDER = "ontology/profiles"
IDS = ("curie", "iri")
SHORT = ("compacted", "framed")
"""The profiles in which a thing can be identified by a prefixed name."""


class Request(NamedTuple):
    """What is to be exported, and how."""

    layers: tuple[str, ...]
    form: str | None = None
    profile: str | None = None
    thing: str | None = None
    passages: tuple[str, ...] = ()
    evidence: bool = False
    inferred: bool | None = None
    ids: str | None = None


def stored_profiles(project: Project) -> list[str]:
    """Return the names of the profiles that are files of the project."""
    return [file[len(FOLDER) + 1 : -len(".rq")] for file in project.files(FOLDER, ".rq")]


def complete(request: Request, project: Project) -> Request:
    """Return a request with its format, its profile and the layers that it means.

    Raises:
        UsageError: there is no such format or profile, or what is asked does not go together.
    """
    form = request.form
    if form is None:
        form = "jsonld" if request.profile else "turtle"
    if form not in FORMATS:
        raise UsageError(f"{form} does not hold a graph; use {', '.join(FORMATS)}")
    profile = request.profile or ("framed" if request.thing else "compacted")
    if request.evidence and not request.profile:
        profile = "compacted"
    known = [*write.PROFILES, *stored_profiles(project)]
    if profile not in known:
        hint = did_you_mean(profile, known) or f"; expected one of {', '.join(known)}"
        raise UsageError(f"no profile {profile!r}{hint}")
    _check(request._replace(form=form), profile)
    layers = request.layers
    if request.passages:
        layers = ("stated",)
    elif request.inferred is not None:
        rest = tuple(layer for layer in layers if layer != "inferred")
        layers = (*rest, "inferred") if request.inferred else rest
    return request._replace(form=form, profile=profile, layers=layers)


def _check(asked: Request, profile: str) -> None:
    is_json = asked.form == "jsonld"
    narrowed = asked.layers != DEFAULT_LAYERS
    made = profile not in write.PROFILES
    clashes = {
        f"a profile is one of jsonld, not of {asked.form}": asked.profile and not is_json,
        f"{asked.form} has no choice of ids": asked.ids and not is_json,
        f"profile {profile} identifies things by iri": asked.ids == "curie"
        and profile not in SHORT,
        "ids are curie or iri": asked.ids and asked.ids not in IDS,
        "profile framed is of one thing; name it with --thing": is_json
        and profile == "framed"
        and not asked.thing,
        "a thing has a description, a passage has its own triples; ask for one of them": asked.thing
        and asked.passages,
        "a passage has what is stated, no other layers": asked.passages
        and (narrowed or asked.inferred is not None),
        "layer inferred is asked for, and that it be left out": asked.inferred is False
        and narrowed
        and "inferred" in asked.layers,
        f"{asked.form} keeps no named graphs, so there is nothing to annotate; use trig, nquads or "
        "jsonld": asked.evidence and not is_json and asked.form not in DATASETS,
        f"profile {profile} has no room for annotations": asked.evidence
        and (made or profile == "framed"),
        f"profile {profile} is made of the whole graph": made
        and (narrowed or asked.passages or asked.inferred is not None),
    }
    for message, clash in clashes.items():
        if clash:
            raise UsageError(message)


def export(
    asked: Request,
    project: Project,
    quads: list[Quad],
    resolve: Callable[[str], ox.NamedNode],
) -> str:
    """Return the quads that are asked for as text.

    Args:
        asked: a complete request, of no stored profile.
        project: the project.
        quads: all quads of the project.
        resolve: an IRI, a CURIE or a label → the thing.

    Raises:
        UnknownNameError: there is no such thing or passage.
        InputError: there is nothing to export.
    """
    chosen = select_layers(quads, *asked.layers)
    if not chosen:
        raise InputError(f"nothing to export: found no triple in {', '.join(asked.layers)}")
    root = None
    if asked.thing:
        root = resolve(asked.thing)
        backwards = contexts.read(project, write.CONTEXT).reverse
        chosen = slices.describe(chosen, root, order.read(project), backwards)
    elif asked.passages:
        names = {
            slices.find_passage(quads, project.prefixes.expand(p) or p) for p in asked.passages
        }
        chosen = [quad for quad in chosen if quad.graph in names]
    curies = asked.ids != "iri"
    if root and asked.form == "jsonld" and asked.profile == "framed":
        return write.frame(root, chosen, project, curies=curies)
    statements: list[Quad | Triple] = list(chosen)
    if asked.evidence:
        texts = [project.read(f"{folder}/article.txt") for folder in project.articles()]
        statements += slices.annotate(chosen, quads, texts)
    return write.write(
        statements,
        asked.form or "",
        project,
        profile=asked.profile or "",
        curies=curies,
        graphs=asked.evidence or None,
    )


def construct(
    asked: Request,
    project: Project,
    answer: Callable[[str, str], Result],
    resolve: Callable[[str], ox.NamedNode],
) -> str:
    """Return a document of a stored profile.

    Args:
        asked: a complete request, of a stored profile.
        project: the project.
        answer: a SPARQL query and the file from which it comes → what the engine answers.
        resolve: an IRI, a CURIE or a label → the thing.

    Raises:
        UnknownNameError: the profile says nothing of the thing.
        UsageError: the profile speaks of several things, and none is asked for.
        QueryError: the profile is no CONSTRUCT query.
        InputError: the profile speaks of nothing.
    """
    file = f"{FOLDER}/{asked.profile}"
    made = answer(project.read(f"{file}.rq"), f"{file}.rq")
    if not isinstance(made, list):
        raise QueryError(f"{file}.rq:1: found no graph; expected CONSTRUCT")
    said: dict[Term, list[Triple]] = {}
    for triple in made:
        said.setdefault(triple.subject, []).append(triple)
    if asked.thing:
        roots = [node for node in [resolve(asked.thing)] if node in said]
        if not roots:
            raise UnknownNameError(f"profile {asked.profile} says nothing of {asked.thing!r}")
    else:
        inner = {triple.object for triple in made}
        roots = [node for node in said if isinstance(node, ox.NamedNode) and node not in inner]
        # Those to which none of these leads name one another.
        roots += [n for n in said.keys() - _reached(roots, said) if isinstance(n, ox.NamedNode)]
        if not roots:
            what = "nothing that has an IRI" if said else "nothing"
            raise InputError(f"nothing to export: profile {asked.profile} speaks of {what}")
        if len(roots) > 1:
            several = ", ".join(sorted(project.prefixes.shorten(root.value) for root in roots))
            raise UsageError(f"profile {asked.profile} speaks of {several}; use --thing")
    triples = [triple for node in _reached(roots, said) for triple in said[node]]
    return write.frame(roots[0], triples, project, context=f"{file}.jsonld", curies=False)


def _reached(roots: Iterable[Term], said: Mapping[Term, list[Triple]]) -> dict[Term, None]:
    """Return the things to which some lead, themselves among them."""
    reached = dict.fromkeys(roots)
    waiting = list(reached)
    for node in waiting:  # which grows meanwhile
        for triple in said[node]:
            if triple.object in said and triple.object not in reached:
                reached[triple.object] = None
                waiting.append(triple.object)
    return reached
