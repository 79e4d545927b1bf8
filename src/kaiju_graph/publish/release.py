"""A release: a folder with everything to publish.

It has the graph in every format, the catalogue, the questions as data and with their answers, and
the documentation of the ontology. It also has the sources, so that it is a project itself. Its
bytes do not depend on the time or the machine.
"""

from __future__ import annotations

import os
import shlex
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

from kaiju_graph.errors import KaijuError, SourceError, UsageError
from kaiju_graph.project import sources
from kaiju_graph.project.location import FOLDERS
from kaiju_graph.project.locator import Locator
from kaiju_graph.project.passages import ARTICLE_CLASS
from kaiju_graph.project.sources import ASSERTED, select_layers
from kaiju_graph.publish import folders, ontology_pages, question_pages, void
from kaiju_graph.publish.base import check_address, check_base
from kaiju_graph.publish.documents import documents
from kaiju_graph.publish.folders import MANIFEST, Kind
from kaiju_graph.publish.void import Description, Dump
from kaiju_graph.rdf import terms
from kaiju_graph.rdf import write as exporting
from kaiju_graph.rdf.formats import DATASETS, FORMATS
from kaiju_graph.sparql import questions as asking
from kaiju_graph.sparql.markdown import autolink, escape, link
from kaiju_graph.store import store
from kaiju_graph.store.store import DEFAULT_LAYERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from kaiju_graph.project.layout import Project
    from kaiju_graph.rdf.terms import Quad, Triple
    from kaiju_graph.sparql.questions import Question

__all__ = ["PAGES", "TITLES", "Web", "release"]

RELEASE = Kind("release", frozenset({"graph.nq", "void.ttl", "questions.ttl"}))

ASSERTED_FILE = "asserted.ttl"
DATASET_FILE = "dataset.txt"
"""The file with the names of the graphs, for a store whose default graph is their union."""
"""The file for which the shapes hold."""
PAGES = "pages"
"""The folder of the pages in a release."""
MERGE = "all triples, each once, without named graphs"
TITLES = {
    "nquads": ("everything, for a store: all triples in the default graph, and the named graphs"),
    "trig": "the named graphs, which show what each sentence states",
} | {name: MERGE for name, form in FORMATS.items() if not form.named_graphs}
"""Format → content of its file in a release."""
SOURCES = (".jsonld", ".rq", ".trig", ".ttl", ".txt", "LICENSE")
"""Endings of the names of the sources that a release contains."""

DOCUMENTS_ROW = "| [jsonld/](jsonld/) | what each article is about, as JSON-LD: {} |\n"
PAGES_ROW = (
    f"| [{PAGES}/]({PAGES}/) | pages to look at; [index.html]({PAGES}/index.html) is the first |\n"
)
README = """# {title}

Version {number}. [void.ttl](void.ttl) describes the dataset: figures, links, licence, provenance.
It is made from:

{articles}

| file | holds |
| --- | --- |
{dumps}
| [{asserted}]({asserted}) | what sentences and sources state, and the ontology; nothing inferred |
| [void.ttl](void.ttl) | the catalogue: VoID, DCAT, PROV |
| [questions.ttl](questions.ttl) | the stored questions as SHACL executables |
| [gallery.md](gallery.md) | the stored questions with their answers |
| [ontology.md](ontology.md) | the documentation of the ontology, with an example for each term |
{pages}| [ontology/](ontology/), [graph/](graph/), [queries/](queries/) | the sources: ontology, \
shapes, JSON-LD contexts and profiles; the files of the graph; one file for each question |
| [{dataset}]({dataset}) | the names of the graphs, for requests to Virtuoso |
| [{manifest}]({manifest}) | checksums; `sha256sum -c {manifest}` checks them |

The named graph `graph:inferred` has all inferred triples. The named graph `graph:alignments`
relates our terms to those of other vocabularies; no merge includes it.

## Load and query

`graph.nq` has a default graph for queries, and the named graphs for `GRAPH ?passage {{ … }}`. Do
not use the option of a store that merges the named graphs: a triple then counts once for each
graph that states it. Oxigraph:

```sh
oxigraph load --location ../store --file graph.nq
oxigraph query --location ../store --query-file {question} --results-format csv
```

Jena:

```sh
tdb2.tdbloader --loc ../store graph.nq
tdb2.tdbquery --loc ../store --query {question} --results csv
```

In Virtuoso the default graph is always the union of all graphs, so load the merge into a graph of
its own, and name the graphs in each request. In `isql`, with the folder of `graph.nq` in
`DirsAllowed`:

```sql
DB.DBA.TTLP_MT(file_open('graph.nq'), '', '{merge}', 512);
```

`{dataset}` has the graphs as parameters of SPARQL 1.1 Protocol:

```sh
curl -H 'Accept: text/csv' --data @{dataset} --data-urlencode query@{question} URL
```

An engine may have faults of its own: `kaiju check URL` shows which of the questions it answers in
another way, and `kaiju push URL` loads the graphs where they belong.

## Check

The shapes hold for [{asserted}]({asserted}), and not for the files with inferred
triples, where a thing has more classes. pySHACL reads shapes from one file:

```sh
cat ontology/shapes/*.ttl ontology/prefixes.ttl > ../shapes.ttl
pyshacl --shacl ../shapes.ttl {asserted}
```

## Licences

The graph and the files made from it: {license}.
The header of each file of the ontology names its licence; shapes and questions have the same one.
The texts of the licences: {texts}.

The IRIs are names; they do not resolve unless somebody has registered them.
"""


class Web(NamedTuple):
    """The place of a release on the web, and its pages."""

    base: str | None = None
    """The address of its folder."""
    endpoint: str | None = None
    """The address of an endpoint; None is ``sparql`` below the base, and an empty text is none."""
    pages: Iterable[tuple[str, bytes]] | None = None
    """The name and the content of each file of the pages."""


def release(  # noqa: PLR0913 (those of the API, and the graph)
    project: Project,
    quads: Sequence[Quad],
    folder: str,
    progress: Callable[[str], None] = lambda _: None,
    *,
    draft: bool = False,
    web: Web = Web(),  # noqa: B008 (which is a constant)
) -> None:
    """Write a release, whole or not at all.

    Args:
        project: the project.
        quads: all its quads.
        folder: the folder of the release; its parent exists.
        progress: is called with a description of each step.
        draft: whether passages may be not modelled yet.
        web: its place on the web, and its pages.

    Raises:
        UsageError: the name of the folder is empty, or the folder lies among the sources, or an
            address is not one of the web.
        UnreachableError: the folder has other files, it cannot be written, or a source cannot be
            read.
        SourceError: ``graph/dataset.ttl`` does not describe the dataset, a source is a link or has
            a name that a manifest cannot have, a format cannot hold a statement, or a passage is
            not modelled yet.
        QueryError: a stored question does not parse.
    """
    if not draft:
        _refuse_draft(project, quads)
    base = "" if web.base is None else check_base(web.base)
    endpoint = f"{base}sparql" if base and web.endpoint is None else web.endpoint or ""
    if endpoint:
        check_address(endpoint, "--endpoint", "https://example.org/film/sparql")
    web = Web(base, endpoint, web.pages)
    folders.write(project, folder, _contents(project, quads, progress, web), RELEASE)


def _refuse_draft(project: Project, quads: Sequence[Quad]) -> None:
    """Raise an error at the first passage that is not modelled yet."""
    drafts = [quad for quad in quads if quad.predicate == terms.STATUS]
    if not drafts:
        return
    read = sources.read(project)
    for name, file in read.files.items():
        if marked := [quad for quad in file.quads if quad.predicate == terms.STATUS]:
            place = Locator(project, read).place(name, marked[0])
            shown = project.prefixes.shorten(marked[0].subject.value)
            others = f" and {len(drafts) - 1} more" if len(drafts) > 1 else ""
            found = f"found {shown}{others} not modelled yet"
            raise SourceError(f"{place}: {found}; expected a graph, or --draft")


def _contents(
    project: Project, quads: Sequence[Quad], progress: Callable[[str], None], web: Web
) -> Iterator[tuple[str, bytes]]:
    """Yield the files of a release, one at a time: name and content."""
    described = void.read(project)._replace(base=web.base or "")
    questions = asking.list_questions(project)
    names = _sources(project)
    for name in names:
        yield name, project.read_bytes(name)
    dumps = []
    for form, title in TITLES.items():
        name, media_type = f"graph{FORMATS[form].endings[0]}", FORMATS[form].media_type
        progress(f"writing {name}")
        try:
            content = _dump(quads, form, project).encode()
        except UsageError as error:
            raise _explain_unwritten(form, project, error) from None
        dumps.append(Dump(name, title, media_type, len(content), sha256(content).hexdigest()))
        yield name, content
    asserted = terms.merge(select_layers(quads, *ASSERTED))
    yield ASSERTED_FILE, exporting.write(asserted, "turtle", project).encode()
    progress("counting")
    page = f"{PAGES}/index.html" if web.pages is not None else ""
    catalogue = void.catalogue(quads, described, dumps, page=page, endpoint=web.endpoint or "")
    turtle = exporting.write(catalogue, "turtle", project, first=void.ORDER)
    yield "void.ttl", turtle.encode()
    executables = question_pages.executables(questions, project, web.endpoint or "")
    turtle = exporting.write(executables, "turtle", project, first=question_pages.ORDER)
    yield "questions.ttl", turtle.encode()
    progress("answering the questions")
    dataset = store.make_store(quads)
    written = dict(documents(project, list(quads), dataset))
    yield from ((name, text.encode()) for name, text in written.items())
    yield "gallery.md", question_pages.gallery(questions, project, dataset).encode()
    yield DATASET_FILE, _dataset(quads).encode()
    progress("explaining the ontology")
    yield "ontology.md", ontology_pages.document(quads, project).encode()
    articles = _article_labels(asserted)
    for name, content in web.pages or ():
        yield f"{PAGES}/{name}", content
    profiles = dict.fromkeys(name.split(".", 1)[1].removesuffix(".jsonld") for name in written)
    rows = DOCUMENTS_ROW.format(", ".join(map(escape, profiles))) if written else ""
    rows += PAGES_ROW if web.pages is not None else ""
    yield "README.md", _readme(described, articles, dumps, names, questions, rows).encode()


def _dataset(quads: Iterable[Quad]) -> str:
    """Return the graphs as parameters of a request (SPARQL 1.1 Protocol, section 2.1.4)."""
    names = sorted({quad.graph.value for quad in quads})
    graphs = [("named-graph-uri", name) for name in names]
    return urlencode([("default-graph-uri", terms.MERGE.value), *graphs])


def _dump(quads: Sequence[Quad], form: str, project: Project) -> str:
    """Return the graph in a format: TriG has the named graphs, N-Quads these and the merge."""
    named = exporting.write(quads, form, project) if form in DATASETS else ""
    if form == "trig":
        return named
    merge = terms.merge(select_layers(quads, *DEFAULT_LAYERS))
    return exporting.write(merge, "ntriples" if form == "nquads" else form, project) + named


def _explain_unwritten(form: str, project: Project, error: UsageError) -> KaijuError:
    """Return the error for the first statement that a format cannot hold, at its place."""

    def refuse(quads: list[Quad]) -> str:
        try:
            exporting.write(terms.merge(quads), form, project)
        except UsageError as refusal:
            return str(refusal).partition("; use ")[0]
        return ""

    read = sources.read(project)
    for name, file in read.files.items():
        quads = file.quads
        if refuse(quads):
            while len(quads) > 1:  # one of the halves is refused, too
                half = quads[: len(quads) // 2]
                quads = half if refuse(half) else quads[len(half) :]
            place = Locator(project, read).place(name, quads[0])
            expected = "expected what every format of a release can hold"
            return SourceError(f"{place}: {refuse(quads)}; {expected}")
    return error


def _sources(project: Project) -> list[str]:
    """Return the names of the sources that a release contains.

    Raises:
        SourceError: a source is a link, from which a release copies nothing, or a manifest cannot
            have its name: ``sha256sum`` reads a backslash as an escape.
    """
    names = ["LICENSE"] if os.path.lexists(project.path("LICENSE")) else []
    names += [name for top in FOLDERS for name in project.all_files(top)]
    names = [name for name in names if name.endswith(SOURCES)]
    root = os.path.realpath(project.root)
    for name in names:
        if "\\" in name:
            raise SourceError(f"{name}:1: found a backslash in the name; expected none")
        if os.path.realpath(project.path(name)) != os.path.join(root, *name.split("/")):
            raise SourceError(f"{name}:1: found a link; expected a file that can be copied")
    return names


def _article_labels(asserted: Iterable[Triple]) -> list[str]:
    """Return the labels of the articles, sorted."""
    triples = list(asserted)
    articles = {
        t.subject for t in triples if (t.predicate, t.object) == (terms.TYPE, ARTICLE_CLASS)
    }
    labels = (t for t in triples if t.predicate == terms.LABEL and t.subject in articles)
    return sorted(triple.object.value for triple in labels)


def _readme(  # noqa: PLR0913, PLR0917 (what the text names)
    described: Description,
    articles: list[str],
    dumps: list[Dump],
    sources: list[str],
    questions: list[Question],
    pages: str,
) -> str:
    texts = [link(name, name) for name in sources if name.endswith("LICENSE")]
    question = shlex.quote(f"queries/{questions[0].name if questions else 'NAME'}.rq")
    return README.format(
        title=escape(described.title.value),
        number=escape(described.number),
        articles="\n".join(f"- {escape(label)}" for label in articles or ["no article"]),
        dumps="\n".join(f"| [{dump.name}]({dump.name}) | {dump.title} |" for dump in dumps),
        asserted=ASSERTED_FILE,
        pages=pages,
        dataset=DATASET_FILE,
        merge=terms.MERGE.value,
        manifest=MANIFEST,
        question=question,
        license=autolink(described.license.value),
        texts=" and ".join(texts) or "nowhere",
    )
