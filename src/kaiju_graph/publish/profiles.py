"""Export the graph or a part of it, in a format and a profile.

A profile is a form of JSON-LD, or is stored in two files of the project:
``ontology/profiles/NAME.rq`` constructs the graph in the terms of another vocabulary, and
``NAME.jsonld`` is the context of these terms.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

import pyoxigraph as ox

from kaiju_graph.errors import InputError, QueryError, UnknownNameError, UsageError
from kaiju_graph.project.sources import select_layers
from kaiju_graph.project.spelling import did_you_mean
from kaiju_graph.publish import slices
from kaiju_graph.rdf import order, terms, write
from kaiju_graph.rdf.formats import DATASETS, FORMATS
from kaiju_graph.rdf.jsonld import context as contexts
from kaiju_graph.store.store import DEFAULT_LAYERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from kaiju_graph.project.layout import Project
    from kaiju_graph.rdf.order import Files
    from kaiju_graph.rdf.terms import Quad, Term, Triple
    from kaiju_graph.sparql.execute import Result

    Answer = Callable[[str, str], Result]

__all__ = [
    "IDS",
    "Constructed",
    "Request",
    "complete",
    "construct",
    "construct_all",
    "export",
    "stored_profiles",
]

FOLDER = "ontology/profiles"
IDS = ("curie", "iri")
SHORT = ("compacted", "framed")
"""The profiles that can identify things by CURIEs."""


class Request(NamedTuple):
    """What to export, and how."""

    layers: tuple[str, ...]
    form: str | None = None
    profile: str | None = None
    thing: str | None = None
    passages: tuple[str, ...] = ()
    evidence: bool = False
    inferred: bool | None = None
    ids: str | None = None
    symmetric: bool | None = None
    context_url: str | None = None


def stored_profiles(project: Project) -> list[str]:
    """Return the names of the profiles that are files of the project."""
    return [file[len(FOLDER) + 1 : -len(".rq")] for file in project.files(FOLDER, ".rq")]


def complete(request: Request, project: Project) -> Request:
    """Return a request with its format, profile and layers filled in.

    Raises:
        UsageError: there is no such format or profile, or options exclude each other.
    """
    form = request.form
    if form is None:
        form = "jsonld" if request.profile else "turtle"
    if form not in FORMATS:
        raise UsageError(f"{form} does not hold a graph; use {', '.join(FORMATS)}")
    framed = request.thing and not request.evidence
    profile = request.profile or ("framed" if framed else "compacted")
    names = [*write.PROFILES, *stored_profiles(project)]
    if profile not in names:
        hint = did_you_mean(profile, names) or f"; expected one of {', '.join(names)}"
        raise UsageError(f"no profile {profile!r}{hint}")
    _check(request._replace(form=form), profile)
    layers = request.layers
    if request.passages:
        layers = ("stated",)
    elif request.inferred is not None:
        asserted = tuple(layer for layer in layers if layer != "inferred")
        layers = (*asserted, "inferred") if request.inferred else asserted
    symmetric = request.symmetric
    if symmetric is None:
        symmetric = form == "jsonld" and profile == "framed"
    return request._replace(form=form, profile=profile, layers=layers, symmetric=symmetric)


def _check(request: Request, profile: str) -> None:
    """Raise an error if options exclude each other."""
    form, ids, evidence = request.form, request.ids, request.evidence
    url = request.context_url
    is_json, framed = form == "jsonld", profile == "framed"
    some_layers = request.layers != DEFAULT_LAYERS
    inferred_given = request.inferred is not None
    stored = profile not in write.PROFILES
    conflicts = [
        (request.profile and not is_json, f"only jsonld has profiles, not {form}"),
        (ids and not is_json, f"{form} has no choice of ids"),
        (ids == "curie" and profile not in SHORT, f"profile {profile} identifies things by iri"),
        (ids and ids not in IDS, f"found ids {ids!r}; expected curie or iri"),
        (
            is_json and framed and not request.thing,
            "profile framed describes one thing; name it with --thing",
        ),
        (
            request.thing and request.passages,
            "found a thing and a passage; expected one of them",
        ),
        (
            request.passages and (some_layers or inferred_given),
            "a passage has only the layer stated; leave out other layers",
        ),
        (
            request.inferred is False and some_layers and "inferred" in request.layers,
            "found layer inferred both selected and excluded",
        ),
        (
            evidence and not is_json and form not in DATASETS,
            f"{form} has no named graphs to annotate; use trig, nquads or jsonld",
        ),
        (
            request.symmetric is not None and not request.thing,
            "only a thing has statements in two directions; name it with --thing",
        ),
        (url is not None and not is_json, f"only jsonld has a context, not {form}"),
        (
            url is not None and profile in ("expanded", "flattened"),
            f"profile {profile} has no context to link to",
        ),
        (
            url is not None and not _is_url(url),
            f"found context URL {url!r}; expected an address that begins with http:// or https://",
        ),
        (evidence and (stored or framed), f"profile {profile} cannot have annotations"),
        (
            stored
            and (
                some_layers or request.passages or inferred_given or request.symmetric is not None
            ),
            f"profile {profile} needs the whole graph",
        ),
    ]
    for conflict, message in conflicts:
        if conflict:
            raise UsageError(message)


def _is_url(text: str) -> bool:
    try:
        ox.NamedNode(text)
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def export(
    request: Request,
    project: Project,
    quads: list[Quad],
    resolve: Callable[[str], ox.NamedNode],
) -> str:
    """Return the requested quads as text.

    Args:
        request: a complete request, not of a stored profile.
        project: the project.
        quads: all quads of the project.
        resolve: an IRI, a CURIE or a label → the thing.

    Raises:
        UnknownNameError: there is no such thing or passage.
        InputError: there is nothing to export.
    """
    chosen = select_layers(quads, *request.layers)
    if not chosen:
        raise InputError(f"nothing to export: found no triple in {', '.join(request.layers)}")
    root = None
    if request.thing:
        root = resolve(request.thing)
        backwards = contexts.read(project, write.CONTEXT).reverse
        known = order.read(project)
        index, symmetric = slices.Index(chosen), bool(request.symmetric)
        chosen = slices.describe(index, root, known, backwards, symmetric=symmetric)
    elif request.passages:
        graphs = slices.find_passages(quads, request.passages, project.prefixes)
        chosen = [quad for quad in chosen if quad.graph in graphs]
    curies = request.ids != "iri"
    if root and request.form == "jsonld" and request.profile == "framed":
        url = request.context_url
        return write.frame(root, chosen, project, curies=curies, context_url=url)
    statements: list[Quad | Triple] = list(chosen)
    if request.evidence:
        texts = [project.read(f"{folder}/article.txt") for folder in project.articles()]
        statements += slices.annotate(chosen, quads, texts)
    return write.write(
        statements,
        request.form or "",
        project,
        profile=request.profile or "",
        curies=curies,
        graphs=request.evidence or None,
        context_url=request.context_url,
    )


def construct(
    request: Request,
    project: Project,
    answer: Answer,
    resolve: Callable[[str], ox.NamedNode],
) -> str:
    """Return a document of a stored profile.

    Args:
        request: a complete request of a stored profile.
        project: the project.
        answer: a SPARQL query and its file → the answer.
        resolve: an IRI, a CURIE or a label → the thing.

    Raises:
        UnknownNameError: the profile has nothing about the thing.
        UsageError: the profile has several things, and none is requested.
        QueryError: the profile is not a CONSTRUCT query.
        InputError: the profile has no triple.
    """
    stored = construct_all(request.profile or "", project, answer)
    if request.thing:
        root = resolve(request.thing)
        if root not in stored.links:
            raise UnknownNameError(f"profile {request.profile} has nothing about {request.thing!r}")
    else:
        root = _find_root(request, project, stored.links)
    return stored.write(root, project, context_url=request.context_url)


class Constructed(NamedTuple):
    """All that a stored profile constructs, of which a document describes one thing."""

    file: str
    """The profile, without the ending of a file."""
    triples: list[Triple]
    links: dict[Term, list[Term]]
    """Subject → its values."""

    def write(self, root: ox.NamedNode, project: Files, *, context_url: str | None = None) -> str:
        """Return the document of a thing.

        Args:
            root: the thing.
            project: its ontology, and the context of the profile.
            context_url: link to the context at this URL.

        Raises:
            UsageError: a statement has no place in the document.
        """
        reachable = terms.closure([root], self.links)
        described = [triple for triple in self.triples if triple.subject in reachable]
        return write.nest(root, described, project, f"{self.file}.jsonld", context_url=context_url)


def construct_all(profile: str, project: Project, answer: Answer) -> Constructed:
    """Return all that a stored profile constructs.

    Args:
        profile: its name.
        project: the project.
        answer: a SPARQL query and its file → the answer.

    Raises:
        QueryError: the profile is not a CONSTRUCT query.
    """
    file = f"{FOLDER}/{profile}"
    triples = answer(project.read(f"{file}.rq"), f"{file}.rq")
    if not isinstance(triples, list):
        raise QueryError(f"{file}.rq:1: found no graph; expected CONSTRUCT")
    links: dict[Term, list[Term]] = {}
    for triple in triples:
        links.setdefault(triple.subject, []).append(triple.object)
    return Constructed(file, triples, links)


def _find_root(request: Request, project: Project, links: dict[Term, list[Term]]) -> ox.NamedNode:
    """Return the only thing that no other thing leads to."""
    things = {node for node in links if isinstance(node, ox.NamedNode)}
    roots = things.difference(*links.values())
    reached: set[Term] = terms.closure(roots, links)
    roots |= things - reached  # these form circles
    if not roots:
        content = "nothing that has an IRI" if links else "nothing"
        raise InputError(f"nothing to export: profile {request.profile} has {content}")
    if len(roots) > 1:
        names = ", ".join(sorted(project.prefixes.shorten(root.value) for root in roots))
        raise UsageError(f"profile {request.profile} has several things: {names}; use --thing")
    return roots.pop()
