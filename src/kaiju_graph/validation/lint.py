"""Stage 11, before verdicts: sources that load → what in them does not mean what it seems to.

A mistyped ``owl:inversOf`` is an axiom that nobody follows, a prefix with another namespace makes
names that nobody else uses, a shape that nothing leads to is never held: all that in silence. Like
a file that does not load, it is told alone, as what else one could find would follow from it.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.errors import SourceError, UnreachableError
from kaiju_graph.project.excerpts import Excerpts
from kaiju_graph.project.layout import SHACL
from kaiju_graph.project.sources import Place, select_layers
from kaiju_graph.rdf.jsonld import context
from kaiju_graph.rdf.parse import parse
from kaiju_graph.sparql.tokens import line_column
from kaiju_graph.sparql.unknown_terms import find_defined_terms, find_unknown_terms
from kaiju_graph.validation import idle_shapes
from kaiju_graph.validation.idle_shapes import DEFINED
from kaiju_graph.validation.unreadable_files import OBLIGATIONS, violation
from kaiju_graph.validation.validate import PREFIXES, SHAPES
from kaiju_graph.validation.vocabularies import nearest, unknown, vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from kaiju_graph.project.layout import Project
    from kaiju_graph.project.sources import Sources
    from kaiju_graph.rdf.terms import Quad, Term
    from kaiju_graph.validation.report import Violation

__all__ = ["FIRST", "exports", "questions", "unmeant"]

FIRST = frozenset({*OBLIGATIONS, "article-node", "quote"} - {"export", "query"})
"""The rules without which others are not held: what they find is told whatever is asked for."""
DATASET = "graph/dataset.ttl"
DECLARE, PREFIX, NAMESPACE = (
    ox.NamedNode(SHACL + name) for name in ("declare", "prefix", "namespace")
)
DECLARATION = re.compile(r"^\s*@?(?i:prefix)\s+([\w.-]*):\s*<([^<>\s]*)>", re.MULTILINE)
Found = tuple[str, str, str]
"""A rule, a file, and a message that begins with the place."""


def unmeant(project: Project, sources: Sources, rules: Sources) -> list[Violation]:
    """Find terms that no vocabulary has, prefixes that differ, and shapes that hold nothing.

    Args:
        project: the project.
        sources: what its files say.
        rules: its shapes.

    Raises:
        UnreachableError: a file cannot be read.
        SourceError: the description of the dataset does not parse.
    """
    files = {name: file.quads for name, file in (sources.files | rules.files).items()}
    if DATASET in project.files("graph", ".ttl"):
        files[DATASET] = [*parse(DATASET, project.read(DATASET), SHAPES)]
    shapes = {name: files[name] for name in rules.files if name != PREFIXES}
    found = [*_terms(project, files), *_prefixes(project, files[PREFIXES])]
    found = found or [*_shapes(project, shapes, select_layers(sources.quads, "ontology"))]
    excerpts = Excerpts(project)
    return [violation(*each, excerpts) for each in found]


def _terms(project: Project, files: Mapping[str, list[Quad]]) -> Iterator[Found]:
    """Find terms in the namespace of a vocabulary that does not have them."""
    for file, quads in files.items():
        for term in unknown(quads):
            name = vocabulary(term)
            curie = project.prefixes.shorten(term.value)
            found = f"found {curie}; expected a term of {name}{nearest(term)}"
            rule = "shape" if name == "SHACL" else "term"
            yield rule, file, f"{_mention(project, file, term)}: {found}"


def _shapes(
    project: Project, files: Mapping[str, list[Quad]], ontology: list[Quad]
) -> Iterator[Found]:
    """Find shapes that are never held, that say nothing, or that name what nobody defines."""
    quads = [*chain(*files.values())]
    undefined = idle_shapes.undefined(quads, ontology, project.prefixes)
    wrong = [*idle_shapes.unheld(quads), *idle_shapes.unsaid(quads), *undefined]
    known = find_defined_terms(ontology)
    for file, said in files.items():
        used = {term for quad in said for term in quad[:3]}
        for term, what in dict(wrong).items():
            if term in used:
                shown = (
                    project.prefixes.shorten(term.value)
                    if isinstance(term, ox.NamedNode)
                    else "a shape"
                )
                yield "shape", file, f"{_mention(project, file, term)}: found {shown}{what}"
        for found in idle_shapes.unanswered(project.read(file), said, known, project.prefixes):
            yield "shape", file, f"{file}:{found}"


def _prefixes(project: Project, registry: list[Quad]) -> Iterator[Found]:
    """Find prefixes that the registry declares by halves or twice, or that a file has otherwise."""
    text = project.read(PREFIXES)
    known: dict[str, str] = {}
    for names, spaces in _declared(registry):
        spot = line_column(text, text.rfind(f'"{[*names, *spaces][0]}"'))
        if (len(names), len(spaces)) != (1, 1):
            found = f"{len(names)} sh:prefix and {len(spaces)} sh:namespace; expected one of each"
            yield "prefix", PREFIXES, f"{PREFIXES}:{spot}: found {found}"
        elif names[0] in known:
            found = f"found the prefix {names[0]!r} again; expected one namespace for it"
            yield "prefix", PREFIXES, f"{PREFIXES}:{spot}: {found}"
        else:
            known[names[0]] = spaces[0]
    uses = _uses(project)
    for name, space in known.items():
        places = uses.get(name, {})
        others = {other: at for other, at in places.items() if other != space}
        if others and space not in places:  # then it is not the files that are wrong
            other = max(others, key=lambda space: len(others[space]))
            found = (
                f"found {name}: for <{space}>; expected <{other}>, as {others[other][0][0]} has it"
            )
            spot = line_column(text, text.find(f'"{space}"'))
            yield "prefix", PREFIXES, f"{PREFIXES}:{spot}: {found}"
            continue
        for other, at in others.items():
            found = f"found {name}: for <{other}>; expected <{space}>, as {PREFIXES} has"
            yield from (("prefix", file, f"{file}:{spot}: {found}") for file, spot in at)


def _declared(registry: list[Quad]) -> Iterator[tuple[list[str], list[str]]]:
    """Yield the prefixes and the namespaces of each declaration (SHACL, section 5.2.1)."""
    for node in dict.fromkeys(quad.object for quad in registry if quad.predicate == DECLARE):
        said = [quad for quad in registry if quad.subject == node]
        names, spaces = (
            [quad.object.value for quad in said if quad.predicate == predicate]
            for predicate in (PREFIX, NAMESPACE)
        )
        if names or spaces:
            yield names, spaces


def _uses(project: Project) -> dict[str, dict[str, list[tuple[str, str]]]]:
    """Return prefix → namespace → the files that declare it, and where."""
    found: dict[str, dict[str, list[tuple[str, str]]]] = {}
    folders = ("ontology", "ontology/shapes", "ontology/profiles", "graph", "queries")
    for folder in (*folders, *project.articles()):
        for file in project.files(folder, ".rq", ".trig", ".ttl"):
            text = project.read(file)
            for match in DECLARATION.finditer(text):
                spaces = found.setdefault(match[1], {})
                spaces.setdefault(match[2], []).append((file, line_column(text, match.start(1))))
    return found


def exports(project: Project) -> Iterator[Violation]:
    """Find what exports are made with and is not there, or is not what it should be."""
    from kaiju_graph.publish import void
    from kaiju_graph.rdf import write

    excerpts = Excerpts(project)
    needed: dict[str, Callable[[], object]] = {
        DATASET: lambda: void.read(project),
        write.CONTEXT: lambda: context.read(project, write.CONTEXT),
    }
    for file, load in needed.items():
        try:
            load()
        except (SourceError, UnreachableError) as error:
            yield violation("export", file, str(error), excerpts)


def questions(project: Project, sources: Sources) -> Iterator[Violation]:
    """Find stored questions about what no ontology defines: of that, nothing is ever found."""
    excerpts = Excerpts(project)
    known = find_defined_terms(select_layers(sources.quads, "ontology"))
    for file in project.files("queries", ".rq"):
        text = project.read(file)
        for token, _, near in find_unknown_terms(text, known, project.prefixes):
            found = f"{file}:{line_column(text, token.offset)}: found {token.text}; {DEFINED}{near}"
            yield violation("query", file, found, excerpts)._replace(severity="warning")


def _mention(project: Project, file: str, term: Term) -> Place:
    from kaiju_graph.project.positions import find_first_use

    if not isinstance(term, ox.NamedNode):
        return Place(file, 1, 1)
    return find_first_use(file, project.read(file), term)
