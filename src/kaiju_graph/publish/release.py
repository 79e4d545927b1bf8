"""Stage 11: the whole project → a folder to publish, made beside its place and then put there.

A release holds the graph in every format, its sources as they are, so that it is itself a project,
and what is made of them: the catalogue, the questions as data, the gallery of their answers, the
documentation of the ontology. Nothing in it depends on when or where it is made.
"""

from __future__ import annotations

import os
import shutil
from errno import EACCES
from hashlib import sha256
from typing import TYPE_CHECKING

from kaiju_graph.errors import UnreachableError, UsageError
from kaiju_graph.project.layout import FOLDERS, read_bytes
from kaiju_graph.project.sources import select_layers
from kaiju_graph.publish import ontology_pages, question_pages, void
from kaiju_graph.publish.void import Description, Dump
from kaiju_graph.rdf import terms
from kaiju_graph.rdf import write as exporting
from kaiju_graph.rdf.formats import FORMATS
from kaiju_graph.sparql import questions as asking
from kaiju_graph.store import files, store
from kaiju_graph.store.store import MERGED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kaiju_graph.project.layout import Project
    from kaiju_graph.rdf.terms import Quad
    from kaiju_graph.sparql.questions import Question

__all__ = ["MANIFEST", "TITLES", "release"]

MANIFEST = "SHA256SUMS"
"""The list of a release's files with their checksums, as ``sha256sum`` reads it."""
MARKS = {"graph.nq", "void.ttl", "questions.ttl"}
"""Files by which the manifest of a release is told from that of anything else."""


MERGE = "all triples, each once, without the graphs that say them"
TITLES = {
    "nquads": (
        "everything, for a store: all triples as default graph, and beside them the named graphs"
    ),
    "trig": "the named graphs: which sentence says what",
} | {name: MERGE for name, form in FORMATS.items() if not form.named_graphs}
"""Format → what its file of a release holds."""
SOURCES = (".jsonld", ".rq", ".trig", ".ttl", ".txt", "LICENSE")
"""How the names of the files end that a release has as they are."""

README = """# {title}

Version {number}. [void.ttl](void.ttl) describes the dataset: figures, links, licence, provenance.

| file | holds |
| --- | --- |
{dumps}
| [void.ttl](void.ttl) | the catalogue: VoID, DCAT, PROV |
| [questions.ttl](questions.ttl) | the stored questions as SHACL executables |
| [gallery.md](gallery.md) | the stored questions with their answers |
| [ontology.md](ontology.md) | the terms of the ontology, explained, each with an example |
| [ontology/](ontology/), [graph/](graph/), [queries/](queries/) | the sources, as they are: \
ontology, shapes, JSON-LD contexts and profiles; the graph as it is written; one question a file |
| [{manifest}]({manifest}) | checksums; `sha256sum -c {manifest}` compares them |

What follows from the rest stands in the named graph `graph:inferred`, how our terms stand to those
of others in `graph:alignments`, which is in no merge.

## Load it, and ask

`graph.nq` has a default graph to ask, and the named graphs for `GRAPH ?passage {{ … }}`; a store
needs no option that joins them. Oxigraph:

```sh
oxigraph load --location ../store --file graph.nq
oxigraph query --location ../store --query-file queries/{question}.rq --results-format csv
```

Jena:

```sh
tdb2.tdbloader --loc ../store graph.nq
tdb2.tdbquery --loc ../store --query queries/{question}.rq --results csv
```

## Licences

The graph, and what is made of it: <{license}>.
The ontology says of itself, in the header of each file, under which licence it stands; shapes and
questions stand under the same. Their texts: {texts}.

The IRIs are names, and resolve only where somebody has registered them.
"""


def release(
    project: Project,
    quads: Sequence[Quad],
    folder: str,
    progress: Callable[[str], None] = lambda _: None,
) -> None:
    """Write a release: whole, or not at all.

    It is made in a folder beside its place. What stands there is replaced only if it is a release,
    all of whose files the manifest lists, or an empty folder.

    Args:
        project: the project.
        quads: all its quads.
        folder: the release's folder, whose parent exists.
        progress: is told what is being written.

    Raises:
        UsageError: the folder's name is empty, or it lies among the sources.
        UnreachableError: something else stands in its place, it cannot be written, or a source
            cannot be read.
        SourceError: ``graph/dataset.ttl`` does not describe the dataset.
        QueryError: a stored question does not parse.
    """
    if not folder:
        raise UsageError("found no name of a folder; expected --all DIR")
    place = os.path.realpath(folder)
    for top in FOLDERS:
        if f"{place}{os.sep}".startswith(os.path.join(os.path.realpath(project.path(top)), "")):
            raise UsageError(f"{folder}: found a place within {top}/; expected one outside of it")
    try:
        _check_replaceable(place, folder)
        made = files.beside(place)
        os.mkdir(made)
        try:
            _fill(made, project, quads, progress)
            _check_replaceable(place, folder)
            _put(made, place)
        except BaseException:
            shutil.rmtree(made, ignore_errors=True)
            raise
    except OSError as error:
        raise UnreachableError(f"{folder}: cannot be written: {error.strerror}") from None


def _check_replaceable(place: str, shown: str) -> None:
    """Refuse to replace what is no release, or has more in it than the release's files."""
    if not os.path.lexists(place):
        return
    if not os.path.isdir(place):
        raise UnreachableError(f"{shown}: found a file; expected a release, or nothing there")
    manifest = os.path.join(place, MANIFEST)
    listed = {MANIFEST}
    if os.path.isfile(manifest):
        text = read_bytes(manifest, os.path.join(shown, MANIFEST)).decode(errors="replace")
        names = {line.partition("  ")[2] for line in text.splitlines()}
        listed |= names if names >= MARKS else set()
    for name in _walk(place):
        if name not in listed:
            found = f"found {name}, which no release has written"
            raise UnreachableError(f"{shown}: {found}; expected a release, or nothing there")

    for where, _, _ in os.walk(place):
        if not os.access(where, os.W_OK | os.X_OK):  # it would stay there, beside the new one
            raise PermissionError(EACCES, os.strerror(EACCES), where)


def _walk(folder: str) -> Iterator[str]:
    """Yield the files and links below a folder, relative to it, with slashes.

    Raises:
        UnreachableError: a folder cannot be read.
    """

    def fail(error: OSError) -> None:
        raise UnreachableError(f"{error.filename}: cannot be read: {error.strerror}")

    for where, folders, names in os.walk(folder, onerror=fail):
        for name in names + [f for f in folders if os.path.islink(os.path.join(where, f))]:
            yield os.path.relpath(os.path.join(where, name), folder).replace(os.sep, "/")


def _put(made: str, place: str) -> None:
    """Rename a folder to its place; what was there stays until the new one stands."""
    if not os.path.isdir(place):
        os.rename(made, place)
        return
    shutil.copymode(place, made)
    old = files.beside(place)
    os.rename(place, old)
    try:
        os.rename(made, place)
    except BaseException:
        os.rename(old, place)
        raise
    files.remove(old)


def _fill(
    folder: str, project: Project, quads: Sequence[Quad], progress: Callable[[str], None]
) -> None:
    """Write all files of a release, the manifest last."""
    sums: dict[str, str] = {}

    def write(name: str, content: bytes) -> str:
        path = os.path.join(folder, *name.split("/"))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "xb") as file:
            file.write(content)
        sums[name] = sha256(content).hexdigest()
        return sums[name]

    described = void.read(project)
    questions = asking.questions(project)
    sources = _sources(project)
    for name in sources:
        write(name, read_bytes(project.path(*name.split("/")), name))
    dumps = []
    for form, title in TITLES.items():
        name, media_type = f"graph{FORMATS[form].endings[0]}", FORMATS[form].media_type
        progress(f"writing {name}")
        content = _dump(quads, form, project).encode()
        dumps.append(Dump(name, title, media_type, len(content), write(name, content)))
    progress("counting")
    catalogued = void.catalogue(quads, described, dumps)
    turtle = exporting.write(catalogued, "turtle", project, first=void.ORDER)
    write("void.ttl", turtle.encode())
    executables = question_pages.executables(questions, project)
    turtle = exporting.write(executables, "turtle", project, first=question_pages.ORDER)
    write("questions.ttl", turtle.encode())
    progress("answering the questions")
    write("gallery.md", question_pages.gallery(questions, project, store.fill(quads)).encode())
    progress("explaining the ontology")
    write("ontology.md", ontology_pages.document(quads, project).encode())
    write("README.md", _readme(described, dumps, sources, questions).encode())
    lines = (f"{digest}  {name}\n" for name, digest in sorted(sums.items()))
    write(MANIFEST, "".join(lines).encode())


def _dump(quads: Sequence[Quad], form: str, project: Project) -> str:
    """Return the graph in a format: N-Quads has the merge and the graphs, TriG these alone."""
    if form == "trig":
        return exporting.write(quads, form, project)
    merged = exporting.write(
        terms.merge(select_layers(quads, *MERGED)),
        "ntriples" if form == "nquads" else form,
        project,
    )
    return merged + exporting.write(quads, form, project) if form == "nquads" else merged


def _sources(project: Project) -> list[str]:
    """Return the files that a release has as they are, relative to the root."""
    found = ["LICENSE"] if os.path.isfile(project.path("LICENSE")) else []
    for top in FOLDERS:
        found += [f"{top}/{name}" for name in sorted(_walk(project.path(top)))]
    return [
        name
        for name in found
        if name.endswith(SOURCES) and not any(part[0] == "." for part in name.split("/"))
    ]


def _readme(
    described: Description, dumps: list[Dump], sources: list[str], questions: list[Question]
) -> str:
    texts = [f"[{name}]({name})" for name in sources if name.endswith("LICENSE")]
    return README.format(
        title=described.title.value,
        number=described.number,
        dumps="\n".join(f"| [{dump.name}]({dump.name}) | {dump.title} |" for dump in dumps),
        manifest=MANIFEST,
        question=questions[0].name if questions else "NAME",
        license=described.license.value,
        texts=" and ".join(texts) or "nowhere",
    )
