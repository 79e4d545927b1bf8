"""Draft the folder of an article: ``article.txt``, prefixes, named things, and its passages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import pyoxigraph as ox

from kaiju_graph.draft import write
from kaiju_graph.draft.infobox import Infobox, Subject, find_kind
from kaiju_graph.draft.names import Capitals, short_prefix, slug
from kaiju_graph.draft.outline import divide
from kaiju_graph.draft.vocabulary import Vocabulary, read_datatypes
from kaiju_graph.errors import InputError, ParameterError, UnknownNameError
from kaiju_graph.project.layout import SHACL
from kaiju_graph.project.names import Names
from kaiju_graph.project.passages import ABOUT, ARTICLE_CLASS
from kaiju_graph.project.sources import CURATION_CLASS, select_layers
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.parse import parse
from kaiju_graph.rdf.prefixes import Prefixes, explain_invalid
from kaiju_graph.rdf.terms import LABEL, NEEDS_CONTEXT, NOT_MODELLED, QUOTE, STATUS, TYPE, Triple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kaiju_graph.draft.infobox import Reading
    from kaiju_graph.draft.outline import Outline, Piece
    from kaiju_graph.project.layout import Project
    from kaiju_graph.project.sources import Sources
    from kaiju_graph.rdf.terms import Term

__all__ = [
    "Draft",
    "Entry",
    "Request",
    "Site",
    "Wishes",
    "draft",
    "entities_file",
    "entity_blocks",
    "files",
    "find_registry",
    "make_entries",
    "passage",
    "passages_file",
    "prologue",
    "section_of",
    "shared_names",
    "stub_blocks",
]

NAMED_INDIVIDUAL = ox.NamedNode(terms.OWL + "NamedIndividual")
SOURCE = ox.NamedNode(terms.EV + "source")
LICENCE = ox.NamedNode("http://purl.org/dc/terms/license")
SHARED = "id"
"""The prefix of the namespace of things that articles share."""
OWN_LICENCE = "the editors of this graph, who gave the licence when they drafted the article"
OF = re.compile(" of (?:the )?")
"""What may connect two names, as in "Ann of Oslo"."""
UNKNOWN = """Words with capitals that the graph does not know. Give those that name a thing a class
in place of CLASS, and delete the others."""
SHOWN = 6
"""How many passages are listed beside a name."""


class Wishes(NamedTuple):
    """What the author of an article wants; None is what its title suggests."""

    title: str | None = None
    about: str | None = None
    """What it is about: a name, CURIE or IRI."""
    slug: str | None = None
    prefix: str | None = None
    language: str = "en"
    licence: str | None = None


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


class Entry(NamedTuple):
    """A passage to write: its piece and IRI, what it states, and what its words refer to."""

    piece: Piece
    iri: ox.NamedNode
    reading: Reading | None
    known: list[ox.NamedNode]
    """The things that it names, of those that articles share."""
    context: list[ox.NamedNode]
    """The passages that it needs."""

    @property
    def is_modelled(self) -> bool:
        """Whether it states something."""
        return bool(self.reading and self.reading.triples)


class Draft(NamedTuple):
    """What a draft writes."""

    site: Site
    outline: Outline
    entries: list[Entry]
    entities: dict[ox.NamedNode, list[tuple[ox.NamedNode, Term]]]
    """New thing, or known one with a new name → its class and names."""
    stubs: dict[str, list[str]]
    """Capitalized words that the graph does not know → the passages with them."""
    prefixes: Prefixes
    vocabulary: Vocabulary
    registry: str
    """The IRI of the list of prefixes, which the queries of shapes name."""


def draft(project: Project, sources: Sources, request: Request) -> Draft:
    """Return the draft of a whole article.

    Raises:
        SourceError: the text has no title, or two.
        InputError: its folder, its prefix or what it is about means something else already.
        UnknownNameError: no thing has the name in the request.
    """
    names = shared_names(project, sources)
    outline = divide(request.text, request.file, names)
    datatypes = read_datatypes(project)
    vocabulary = Vocabulary(sources.quads, datatypes, request.wishes.language)
    site = _find_site(project, sources, request, outline, names, vocabulary)
    return make_entries(project, sources, site, outline, vocabulary, names)


def shared_names(project: Project, sources: Sources) -> Names:
    """Return the names of the things that articles share, and of the ontology's individuals."""
    shared = _shared(project)
    layers = select_layers(sources.quads, "entities", "curated")
    individuals = {
        quad.subject
        for quad in select_layers(sources.quads, "ontology")
        if quad.predicate == TYPE and quad.object == NAMED_INDIVIDUAL
    }
    return Names(
        quad
        for quad in [*layers, *select_layers(sources.quads, "ontology")]
        if str(quad.subject)[1:-1].startswith(shared) or quad.subject in individuals
    )


def _shared(project: Project) -> str:
    """Return the namespace of the things that articles share."""
    if namespace := project.prefixes.get(SHARED):
        return namespace
    message = f"ontology/prefixes.ttl:1: found no prefix {SHARED!r}; "
    message += "expected the namespace of the things that articles share"
    raise InputError(message)


def _find_site(  # noqa: PLR0913, PLR0917 (each is a part of the project or the article)
    project: Project,
    sources: Sources,
    request: Request,
    outline: Outline,
    names: Names,
    vocabulary: Vocabulary,
) -> Site:
    """Return where a new article is to stand."""
    name = slug(request.wishes.slug or outline.title)
    if not name or request.wishes.slug not in {None, name}:
        found = (
            f"found the title {outline.title!r}"
            if not request.wishes.slug
            else f"found {request.wishes.slug!r}"
        )
        raise ParameterError(f"{found}; expected --slug with a name such as my-article")
    folder = f"graph/{name}"
    if project.files(folder, ""):
        raise InputError(f"{folder}: found a folder with files; expected --slug with another name")
    namespace = f"{_parent(_shared(project))}/{name}/"
    prefix = request.wishes.prefix or short_prefix(outline.title, project.prefixes)
    if reason := explain_invalid(prefix, namespace) or ("" if prefix else "found no prefix"):
        raise ParameterError(f"{reason}; expected --prefix with letters")
    if prefix in project.prefixes:
        found = f"found the prefix {prefix!r} with another namespace"
        raise InputError(f"{found}; expected --prefix with another name")
    if other := next((p for p, iri in project.prefixes.items() if iri == namespace), None):
        raise InputError(
            f"found the prefix {other!r} of {namespace}; expected --slug with another name"
        )
    subject = _find_subject(project, sources, request, outline, names, vocabulary)
    return Site(folder, prefix, namespace, subject, request.wishes.language)


def _parent(namespace: str) -> str:
    """Return the IRI of which a namespace is a part.

    >>> _parent("https://example.org/id/")
    'https://example.org'
    """
    return namespace.rstrip("/#").rpartition("/")[0]


def _find_subject(  # noqa: PLR0913, PLR0917 (as above)
    project: Project,
    sources: Sources,
    request: Request,
    outline: Outline,
    names: Names,
    vocabulary: Vocabulary,
) -> Subject:
    """Return what an article is about: what has its title as name, or else a new thing."""
    kind = find_kind(vocabulary, outline.pieces)
    classes: dict[Term, set[Any]] = {}
    for quad in sources.quads:
        if quad.predicate == TYPE:
            classes.setdefault(quad.subject, set()).add(quad.object)
    about = request.wishes.about
    try:
        thing = names.resolve(about, project) if about else None
    except UnknownNameError as error:
        raise UnknownNameError(
            f"{error}; expected a known name, or a CURIE such as id:name"
        ) from None
    if thing is None:
        found = list(names.things.get(outline.title, ()))
        fitting = [t for t in found if kind in _above(vocabulary, classes.get(t, set()))]
        if found and not fitting:
            other = project.prefixes.shorten(found[0].value)
            raise InputError(
                f"found {other} with the name {outline.title!r}, which is no "
                f"{project.prefixes.shorten(kind.value)}; expected --about with another CURIE"
            )
        thing = fitting[0] if fitting else None
    if thing is None:
        name = slug(request.wishes.slug or outline.title)
        thing = ox.NamedNode(f"{_shared(project)}{name}")
        if known := names.labels.get(thing):
            shown = project.prefixes.shorten(thing.value)
            raise InputError(f"found {shown} with the name {known!r}; expected --about or --slug")
    if thing in classes:
        name = names.labels.get(thing, outline.title)
        return Subject(thing, name, min(classes[thing], key=str), is_known=True)
    return Subject(thing, outline.title, kind, is_known=False)


def _above(vocabulary: Vocabulary, kinds: Iterable[Term]) -> set[Term]:
    return {above for kind in kinds for above in vocabulary.above(kind)}


def make_entries(  # noqa: PLR0913, PLR0917 (each is a part of the project or the article)
    project: Project,
    sources: Sources,
    site: Site,
    outline: Outline,
    vocabulary: Vocabulary,
    names: Names,
    known: Sequence[ox.NamedNode | None] = (),
) -> Draft:
    """Return the draft of an article at a place.

    Args:
        project: the project.
        sources: its sources.
        site: where the article stands, and what it is about.
        outline: its passages.
        vocabulary: the ontology of the project.
        names: the names of things that articles share.
        known: for each of its passages the IRI of the one that the project has; None for a new one.
    """
    prefixes = Prefixes({**project.prefixes, site.prefix: site.namespace})
    infobox = Infobox(
        vocabulary,
        sources.quads,
        names,
        prefixes,
        prefix=site.prefix,
        shared=_shared(project),
        language=site.language,
        subject=site.subject,
    )
    known = known or [None] * len(outline.pieces)
    readings = [
        infobox.read(piece) if iri is None and infobox.reads(piece) else None
        for piece, iri in zip(outline.pieces, known, strict=True)
    ]
    new = [
        terms.Quad(thing, predicate, value, terms.ENTITIES)
        for thing, properties in infobox.new.items()
        for predicate, value in properties
    ]
    entities = select_layers(sources.quads, "entities")
    named = Names([*entities, *new])
    quotes = [piece.quote for piece in outline.pieces]
    mentioned = [named.things_in(quote) for quote in quotes]
    iris = [
        iri or ox.NamedNode(f"{site.namespace}{piece.name}")
        for piece, iri in zip(outline.pieces, known, strict=True)
    ]
    shared = _shared(project)
    prose = [piece for piece in outline.pieces if not infobox.reads(piece)]
    capitals = Capitals([piece.quote for piece in prose], site.language)
    entries = []
    for at, (piece, reading) in enumerate(zip(outline.pieces, readings, strict=True)):
        things = {t for triple in reading.triples for t in triple[::2]} if reading else set()
        unnamed = [thing for thing in things & named.labels.keys() if thing not in mentioned[at]]
        nearest = {_nearest(at, thing, mentioned) for thing in unnamed}
        context = sorted(number for number in nearest if number is not None)
        wholes = [(a, other) for a, other in capitals.find(piece.quote)]
        named_here = [
            thing
            for start, name in named.mentions(piece.quote)
            if not any(name != other and _is_inside(start, name, a, other) for a, other in wholes)
            for thing in named.things[name]
            if thing.value.startswith(shared)
        ]
        entries.append(
            Entry(
                piece,
                iris[at],
                reading,
                list(dict.fromkeys(named_here)),
                [iris[n] for n in context],
            )
        )
    stubs = _find_stubs(prose, named, capitals)
    registry = find_registry(project)
    return Draft(site, outline, entries, infobox.new, stubs, prefixes, vocabulary, registry)


def _nearest(at: int, thing: Term, mentioned: list[set[Term]]) -> int | None:
    """Return the nearest earlier passage that names a thing, or else the first later one."""
    order = [*range(at - 1, -1, -1), *range(at + 1, len(mentioned))]
    return next((number for number in order if thing in mentioned[number]), None)


def _is_inside(start: int, name: str, other_start: int, other: str) -> bool:
    """Tell whether a name stands inside of another."""
    return other_start <= start and start + len(name) <= other_start + len(other)


def _find_stubs(pieces: list[Piece], named: Names, capitals: Capitals) -> dict[str, list[str]]:
    """Return the names in prose that no thing has → the passages with them."""
    stubs: dict[str, list[str]] = {}
    for piece in pieces:
        known = list(named.mentions(piece.quote))
        for start, name in capitals.find(piece.quote):
            parts = OF.split(name)
            is_known = all(part in named.things for part in parts)
            if not is_known and not any(_is_inside(start, name, a, other) for a, other in known):
                stubs.setdefault(name, []).append(piece.name)
    return {name: list(dict.fromkeys(places)) for name, places in stubs.items()}


def find_registry(project: Project) -> str:
    """Return the IRI of the list of prefixes of a project."""
    file = "ontology/prefixes.ttl"
    quads = parse(file, project.read(file), terms.ONTOLOGY)
    declares = (quad for quad in quads if quad.predicate.value == f"{SHACL}declare")
    return next((quad.subject.value for quad in declares), terms.EV)


# Texts -----------------------------------------------------------------------


def files(new: Draft, text: str, licence: str | None) -> dict[str, str]:
    """Return the files of a new article: path, relative to the root → text."""
    site = new.site
    made = {
        "article.txt": text,
        "prefixes.ttl": _prefixes(new),
        "entities.ttl": entities_file(new),
    }
    if licence:
        made["curation.trig"] = _curation(new, licence)
    by_file: dict[str, list[Entry]] = {}
    for entry in new.entries:
        by_file.setdefault(entry.piece.file, []).append(entry)
    for name, entries in by_file.items():
        made[f"{name}.trig"] = passages_file(
            new, entries, with_article=name == new.entries[0].piece.file
        )
    return {f"{site.folder}/{name}": content for name, content in made.items()}


def passages_file(new: Draft, entries: list[Entry], *, with_article: bool = False) -> str:
    """Return the text of a file of passages, with a ruler above each section."""
    writer = write.Writer(new.prefixes)
    blocks = [_article(new, writer)] if with_article else []
    heading = None
    for entry in entries:
        title = section_of(entry)
        if title != heading:
            blocks.append(write.ruler(title))
            heading = title
        blocks.append(passage(entry, writer, new))
    return _file(new, writer, blocks)


def section_of(entry: Entry) -> str:
    """Return the title of the section of a passage in its file."""
    if entry.piece.name == "title":
        return "Title"
    if entry.piece.name.startswith("infobox-"):
        return "Infobox"
    return entry.piece.heading


def passage(entry: Entry, writer: write.Writer, new: Draft) -> str:
    """Return a passage: what it names as a comment, its quote, and its graph if it has one."""
    quote = ox.Literal(entry.piece.quote, language=new.site.language)
    above = [Triple(entry.iri, QUOTE, quote)]
    above += [Triple(entry.iri, NEEDS_CONTEXT, other) for other in entry.context]
    remarks = entry.reading.remarks if entry.reading else []
    if entry.is_modelled and entry.reading:
        graph = writer.graph(entry.iri, entry.reading.triples, remarks)
        return f"{writer.statements(above)}\n\n{graph}"
    above.append(Triple(entry.iri, STATUS, NOT_MODELLED))
    known = ", ".join(new.prefixes.shorten(thing.value) for thing in entry.known)
    remarks = [*remarks, *([f"Names: {known}"] if known else [])]
    lines = [line for remark in remarks for line in write.comment(remark)]
    return "\n".join([*lines, writer.statements(above)])


def _article(new: Draft, writer: write.Writer) -> str:
    node = ox.NamedNode(f"{new.site.namespace}article")
    label = ox.Literal(f"{new.outline.title} (article)", language=new.site.language)
    return writer.statements(
        [
            Triple(node, TYPE, ARTICLE_CLASS),
            Triple(node, LABEL, label),
            Triple(node, ABOUT, new.site.subject.iri),
        ]
    )


def entities_file(new: Draft) -> str:
    """Return the text of the named things, and of those that may be some."""
    writer = write.Writer(new.prefixes)
    return _file(new, writer, [*entity_blocks(new, writer), *stub_blocks(new)])


def entity_blocks(new: Draft, writer: write.Writer) -> list[str]:
    """Return the new things, by class."""
    by_kind: dict[str, list[str]] = {}
    for thing, properties in new.entities.items():
        kinds = [value for predicate, value in properties if predicate == TYPE]
        words = new.vocabulary.words(kinds[0]) if kinds else ["other names of known things"]
        title = words[0][:1].upper() + words[0][1:]
        text = writer.statements(Triple(thing, *pair) for pair in properties)
        by_kind.setdefault(title, []).append(text)
    return [block for title, texts in by_kind.items() for block in (write.ruler(title), *texts)]


def stub_blocks(new: Draft) -> list[str]:
    """Return the names that the graph does not know, as comments."""
    if not new.stubs:
        return []
    blocks = [
        write.ruler("Names in the text"),
        "\n".join(write.comment(UNKNOWN)),
    ]
    for name, places in new.stubs.items():
        more = f" and {len(places) - SHOWN} more" if len(places) > SHOWN else ""
        label = ox.Literal(name, language=new.site.language)
        where = write.comment(f"In {', '.join(places[:SHOWN])}{more}:")
        lines = [
            *where,
            f"# {SHARED}:{slug(name) or 'name'} a CLASS ;",
            f"#     rdfs:label {label} .",
        ]
        blocks.append("\n".join(lines))
    return blocks


def _prefixes(new: Draft) -> str:
    namespace, prefix = new.site.namespace, new.site.prefix
    return (
        "@prefix sh: <http://www.w3.org/ns/shacl#> .\n"
        "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n\n"
        "# The namespace of this article: its passages, and the things that have no name in it.\n\n"
        f"<{new.registry}>\n    sh:declare\n"
        f'        [ sh:prefix "{prefix}" ; sh:namespace "{namespace}"^^xsd:anyURI ] .\n'
    )


def _curation(new: Draft, licence: str) -> str:
    writer = write.Writer(new.prefixes)
    name = new.site.folder.rpartition("/")[2]
    graph = ox.NamedNode(f"{terms.GRAPH}curation-licence-of-{name}")
    language = new.site.language
    described = [
        Triple(graph, TYPE, CURATION_CLASS),
        Triple(graph, LABEL, ox.Literal("licence of the article", language=language)),
        Triple(graph, SOURCE, ox.Literal(OWN_LICENCE, language=language)),
    ]
    node = ox.NamedNode(f"{new.site.namespace}article")
    stated = [Triple(node, LICENCE, ox.NamedNode(licence))]
    blocks = [write.ruler("Licence"), writer.statements(described), writer.graph(graph, stated)]
    return _file(new, writer, blocks)


def _file(new: Draft, writer: write.Writer, blocks: list[str]) -> str:
    body = "\n\n".join(blocks) or "# No new things."
    return "\n".join(filter(None, (prologue(new, writer.terms.used), f"{body}\n")))


def prologue(new: Draft, used: Iterable[str]) -> str:
    """Return declarations of prefixes, those of the project's own namespaces last."""
    own = terms.EV.rpartition("/")[0], _parent(new.prefixes[SHARED])
    return write.prologue(new.prefixes, used, own)
