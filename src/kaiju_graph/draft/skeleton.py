"""An empty project: the ontology, shapes and questions of the bundled one as a start, or bare."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING

from kaiju_graph.draft.names import slug
from kaiju_graph.errors import UnreachableError, UsageError
from kaiju_graph.project import layout
from kaiju_graph.project.location import bundled
from kaiju_graph.store import files, folders

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kaiju_graph.project.layout import Project

__all__ = [
    "contents",
    "init",
]

PREFERRED = re.compile(r'vann:preferredNamespacePrefix "([^"]+)"')
VIEWS = ("ontology/pictures/", "ontology/profiles/")
"""The folders of what draws or exports terms that a bare project does not have."""
KEPT = "ev"
"""The prefix of the only ontology of a bare project: the one that the program itself knows."""
SHAPES_OF_TERMS = "ontology/shapes/terms.ttl"
OWN_PATTERN = re.compile(r'"\^(https://[^"\s]+/\([a-z|]+\)#)"')
"""The pattern of the IRIs of our own terms, in the shapes of terms."""
OF_TERMS = ("evidence", "terms")
"""The files of shapes that name no term of another ontology."""
ENTITIES = """\
# The named things of several articles. A thing that only one article names stands in the
# entities.ttl of its folder.
"""
DATASET = """@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix void: <http://rdfs.org/ns/void#> .

@prefix graph: <https://w3id.org/kaiju/graph/> .

# The description of the dataset as a whole, of which a release needs every line.

graph:dataset a void:Dataset , dcat:Dataset ;
    dcterms:title "{title}"@en ;
    dcterms:description "A graph in which every statement points to the words that make it."@en ;
    dcterms:creator graph:authors ;
    dcterms:publisher graph:authors ;
    dcterms:license <https://creativecommons.org/licenses/by-sa/4.0/> ;
    owl:versionIRI <{space}dataset/0.1.0> ;
    void:uriSpace "{space}" .

graph:authors a foaf:Agent ;
    foaf:name "The authors"@en .
"""
README = """# {title}

A graph in which every statement points to the words of an article that make it. kaiju-graph reads
it: `kaiju help` lists the commands.

1. `kaiju new ARTICLE.txt` drafts the folder of an article in `graph/`.
2. Write into the graph of each passage what it says, with the terms of `ontology/`.
3. `kaiju validate` reports mistakes, `kaiju coverage` the words that the graph does not have.
4. `kaiju ask` lists the questions in `queries/`; `kaiju export --all DIR` writes a release.
"""
OWN = "terms"
"""The prefix of the ontology that a bare project begins."""
TERMS = """@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix vann: <http://purl.org/vocab/vann/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

@prefix ev: <https://w3id.org/kaiju/evidence#> .
@prefix terms: <{space}terms#> .

terms: a owl:Ontology ;
    dcterms:title "Terms"@en ;
    dcterms:description "The classes and properties of this project."@en ;
    dcterms:creator "The authors"@en ;
    dcterms:license <https://creativecommons.org/licenses/by-sa/4.0/> ;
    owl:imports ev: ;
    owl:versionIRI <{space}terms/0.1.0> ;
    vann:preferredNamespacePrefix "terms" ;
    vann:preferredNamespaceUri "{space}terms#"^^xsd:anyURI .

# A class or property has a label, a definition and rdfs:isDefinedBy terms: . A property has a
# domain and a range. If infoboxes state it, give it their keys: ev:infoboxKey "Written by"@en .

# Disjoint kinds --------------------------------------------------------------

# Nothing belongs to two of these; add each class that is below no other.
[] a owl:AllDisjointClasses ;
    owl:members ( ev:Article ev:Curation ev:Passage ) .
"""
QUESTION = """#+ summary: "Which passages does each section have?"
#+ tags:
#+   - passages

PREFIX ev: <https://w3id.org/kaiju/evidence#>

SELECT ?article ?section ?order ?sentence
WHERE {
    ?passage ev:passageOf ?article ;
        ev:section ?section ;
        ev:order ?order ;
        ev:quote ?sentence .
}
ORDER BY ?article ?order
"""
"""A question that any project can answer."""


def init(folder: str, *, bare: bool = False, namespace: str | None = None) -> None:
    """Make an empty project, whole or not at all.

    Args:
        folder: the folder to make; it does not exist, or is empty.
        bare: whether to leave out the ontologies, shapes and questions about works and stories.
        namespace: what the IRIs of its things begin with; None is one of example.org.

    Raises:
        UsageError: the namespace is no IRI that a namespace can have.
        UnreachableError: the folder is not empty, or cannot be written.
    """
    import pyoxigraph as ox

    name = slug(os.path.basename(os.path.abspath(folder))) or "project"
    space = namespace or f"https://example.org/{name}/"
    try:
        ox.NamedNode(space)
    except ValueError:
        raise UsageError(f"found the namespace {space!r}; expected an absolute IRI") from None
    if space[-1] not in "/#":
        raise UsageError(f"found the namespace {space!r}; expected one that ends in / or #")
    if os.path.lexists(folder) and (not os.path.isdir(folder) or os.listdir(folder)):
        raise UnreachableError(
            f"{folder}: found a file, or a folder with files; expected a new or empty folder"
        )
    place = os.path.realpath(folder)
    texts = dict(contents(layout.find(bundled()), name, space, bare=bare))
    with folders.replace(place, folder, parents=True) as new:
        for file, content in texts.items():
            path = os.path.join(new, *file.split("/"))
            os.makedirs(os.path.dirname(path), exist_ok=True)
            files.write_atomically(path, content.encode())


def contents(project: Project, name: str, space: str, *, bare: bool) -> Iterator[tuple[str, str]]:
    """Yield the files of an empty project.

    Args:
        project: the project whose ontology is the start.
        name: the name of the new one.
        space: what the IRIs of its things begin with.
        bare: whether it has only the ontology that the program knows.
    """
    title = name.replace("-", " ").capitalize()
    ontology = {file: project.read(file) for file in project.all_files("ontology")}
    others = {m[1]: f for f, t in ontology.items() for m in PREFERRED.finditer(t) if m[1] != KEPT}
    dropped = set(others) if bare else set()
    for file, text in ontology.items():
        stem = os.path.splitext(os.path.basename(file))[0]
        is_other = file in others.values() or stem == "alignments" or file.startswith(VIEWS)
        is_shape = file.startswith("ontology/shapes/")
        if bare and (is_other or (is_shape and stem not in OF_TERMS)):
            continue
        yield file, _adapt(file, text, project.prefixes["id"], space, dropped)
    for file in project.files("queries", ".rq"):
        if not bare:
            yield file, project.read(file)
    if bare:
        yield f"ontology/{OWN}.ttl", TERMS.format(space=space)
        yield "queries/passages.rq", QUESTION
    else:
        yield "queries/README.md", project.read("queries/README.md")
    licence = "LICENSE"
    yield f"ontology/{licence}", project.read(licence)
    yield "graph/entities.ttl", ENTITIES
    yield "graph/dataset.ttl", DATASET.format(title=title, space=space)
    yield "README.md", README.format(title=title)


def _adapt(file: str, text: str, old: str, space: str, dropped: set[str]) -> str:
    """Return a file with the namespace of the new project, and without some prefixes."""
    if file == SHAPES_OF_TERMS:
        space = re.escape(space).replace("\\", "\\\\")
        return OWN_PATTERN.sub(lambda match: f'"^({match[1]}|{space})"', text)
    if file not in ("ontology/prefixes.ttl", "ontology/context.jsonld"):
        return text
    text = text.replace(f'"{old}"', json.dumps(f"{space}id/"))
    if not dropped:
        return text
    if file.endswith(".jsonld"):
        return _without_keys(text, dropped)
    marks = [f'sh:prefix "{prefix}"' for prefix in dropped]
    lines = [line for line in text.splitlines() if not any(mark in line for mark in marks)]
    lines[-1] = f"{lines[-1][:-1]},"
    lines.append(f'        [ sh:prefix "{OWN}" ; sh:namespace "{space}{OWN}#"^^xsd:anyURI ] .')
    return "\n".join(lines) + "\n"


def _without_keys(text: str, dropped: set[str]) -> str:
    """Return a JSON-LD context without the keys of some prefixes."""
    entry = re.compile(
        r'^ {8}"[^"]+": (?:\{(?:[^{}\n]*|\n(?: {12}.*\n)+ {8})\}|"[^"]*"|[\d.]+),?\n', re.MULTILINE
    )
    named = re.compile(rf'"(?:{"|".join(sorted(dropped))})(?::|": ")')
    text = entry.sub(lambda match: "" if named.search(match[0]) else match[0], text)
    return re.sub(r",(\s*\})", r"\1", re.sub(r"\n{3,}", "\n\n", text))
