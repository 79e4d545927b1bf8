"""Find files that do not load, and terms, prefixes and shapes that have no effect.

No tool reports a mistyped ``owl:inversOf``, which is an axiom without a rule; a prefix with another
namespace, which makes names that nothing else uses; or a shape without a target, which checks
nothing.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.errors import InputError, LimitError, QueryError, SourceError, UnreachableError
from kaiju_graph.project.excerpts import Excerpts
from kaiju_graph.project.layout import SHACL
from kaiju_graph.project.sources import Place, select_layers
from kaiju_graph.project.spelling import did_you_mean
from kaiju_graph.rdf.jsonld import context
from kaiju_graph.rdf.parse import parse
from kaiju_graph.rdf.prefixes import explain_invalid
from kaiju_graph.rdf.terms import ONTOLOGY, OWL, RDFS, closure
from kaiju_graph.sparql import execute, questions
from kaiju_graph.sparql.unknown_terms import find_defined_terms, find_unknown_terms, suggest_term
from kaiju_graph.validation import shapes
from kaiju_graph.validation.report import Violation
from kaiju_graph.validation.shapes import PREFIXES
from kaiju_graph.validation.vocabularies import (
    CONSTRAINTS,
    TARGETS,
    TERM_VALUED,
    find_unknown,
    nearest,
    vocabulary,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from kaiju_graph.project.layout import Project
    from kaiju_graph.project.sources import Sources
    from kaiju_graph.rdf.terms import Quad, Term

__all__ = ["ALWAYS", "OBLIGATIONS", "Linter"]

OBLIGATIONS = {
    "syntax": "A file is UTF-8 in NFC, has lines that end in LF, and parses.",
    "stray": "The project reads every RDF file in graph/.",
    "term": "A vocabulary defines every term in its namespace.",
    "prefix": "A prefix stands for one namespace, the one in ontology/prefixes.ttl.",
    "shape": "A shape uses SHACL Core and SHACL-SPARQL, and has a target and a message.",
    "axiom": "The reasoner's rules of OWL 2 RL support every axiom.",
    "query": "A stored question has a summary and is one query of SPARQL 1.1.",
    "export": "Exports need a description of the dataset and a JSON-LD context.",
}
"""Rule → the rule as a sentence."""
ALWAYS = frozenset({*OBLIGATIONS, "article-node", "quote"} - {"export", "query"})
"""The rules that others rely on; a report of some rules has their violations, too."""
DATASET = "graph/dataset.ttl"
DEFINED = "expected a term that an ontology defines"

DECLARE, PREFIX, NAMESPACE, MESSAGE, SPARQL, SELECT, ASK = (
    ox.NamedNode(SHACL + name)
    for name in ("declare", "prefix", "namespace", "message", "sparql", "select", "ask")
)
SHAPE_CLASSES = tuple(ox.NamedNode(SHACL + name) for name in ("NodeShape", "PropertyShape"))
CLASSES = (ox.NamedNode(RDFS + "Class"), ox.NamedNode(OWL + "Class"))

PREFIX_DECLARATION = re.compile(r"^\s*@?(?i:prefix)\s+([\w.-]*):\s*<([^<>\s]*)>", re.MULTILINE)
UNDECLARED_PREFIX = re.compile(r"The prefix ([\w.-]*): has not been declared")


class Linter:
    """Finds files of a project that do not load, and statements without effect."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._excerpts = Excerpts(project)

    def check_loading(self) -> list[Violation]:
        """Find every file of ontology, shapes and graph that does not load.

        Raises:
            UnreachableError: a file cannot be read.
        """
        project = self.project
        found: list[Violation] = []
        try:
            strays = dict(project.unread_files())
            files = [*project.sources(), *project.files(shapes.FOLDER, ".ttl")]
        except SourceError as error:  # a file name is not UTF-8
            return [self._of_error("syntax", "graph", error)]
        for file in files:
            if file in strays:
                found.append(self._violation("stray", Place(file, 1, 1), strays[file], width=0))
                continue
            try:
                text = project.read(file)
                if not file.endswith(".txt"):
                    for _ in parse(file, text, ONTOLOGY):
                        pass
            except SourceError as error:
                found.append(self._of_error("syntax", file, self._with_prefix_hint(error, file)))
        return found

    def describe_unusable(self, error: InputError) -> Violation:
        """Return the violation for a shape (``SourceError``) or axiom that cannot be used."""
        is_shape = isinstance(error, SourceError)
        rule, folder = ("shape", shapes.FOLDER) if is_shape else ("axiom", "ontology")
        return self._of_error(rule, folder, self.project.prefixes.shorten_all(str(error)))

    def check_questions(self) -> Iterator[Violation]:
        """Find stored questions that have no summary or are not in SPARQL 1.1."""
        for file in self.project.files("queries", ".rq"):
            name = file.removeprefix("queries/").removesuffix(".rq")
            try:
                question = questions.find_question(self.project, name)
                execute.check_query(question.text, self.project.prefixes, file)
            except SourceError as error:
                yield self._of_error("syntax", file, error)
            except (LimitError, QueryError) as error:
                yield self._of_error("query", file, error)

    def check_question_terms(self, sources: Sources) -> Iterator[Violation]:
        """Find terms of stored questions that no ontology defines, so that they match nothing."""
        known = find_defined_terms(select_layers(sources.quads, "ontology"))
        for file in self.project.files("queries", ".rq"):
            text = self.project.read(file)
            for token, _, near in find_unknown_terms(text, known, self.project.prefixes):
                message = f"found {token.text}; {DEFINED}{near}"
                place = _place(file, text, token.offset)
                yield self._violation("query", place, message)._replace(severity="warning")

    def check_exports(self) -> Iterator[Violation]:
        """Find missing or wrong files that exports need."""
        from kaiju_graph.publish import void
        from kaiju_graph.rdf import write

        readers: dict[str, Callable[[], object]] = {
            DATASET: lambda: void.read(self.project),
            write.CONTEXT: lambda: context.read(self.project, write.CONTEXT),
        }
        for file, read in readers.items():
            try:
                read()
            except (SourceError, UnreachableError) as error:
                yield self._of_error("export", file, error)

    def check_terms(self, sources: Sources, rules: Sources) -> list[Violation]:
        """Find unknown terms of vocabularies, prefixes that differ, and shapes without effect.

        Args:
            sources: the sources of the project.
            rules: its shapes.

        Raises:
            UnreachableError: a file cannot be read.
            SourceError: the description of the dataset does not parse.
        """
        files = {name: file.quads for name, file in (sources.files | rules.files).items()}
        if DATASET in self.project.files("graph", ".ttl"):
            files[DATASET] = [*parse(DATASET, self.project.read(DATASET), shapes.GRAPH)]
        found = [*self._check_vocabularies(files), *self._check_prefixes(files[PREFIXES])]
        if found:
            return found
        of_shapes = {name: files[name] for name in rules.files if name != PREFIXES}
        return [*self._check_shapes(of_shapes, select_layers(sources.quads, "ontology"))]

    def _check_vocabularies(self, files: Mapping[str, list[Quad]]) -> Iterator[Violation]:
        """Find terms in the namespace of a vocabulary that does not have them."""
        for file, quads in files.items():
            for term in find_unknown(quads):
                name = vocabulary(term)
                curie = self.project.prefixes.shorten(term.value)
                message = f"found {curie}; expected a term of {name}{nearest(term)}"
                rule = "shape" if name == "SHACL" else "term"
                yield self._violation(rule, self._mention(file, term), message)

    def _check_prefixes(self, registry: list[Quad]) -> Iterator[Violation]:
        """Find prefixes that are declared incompletely, twice, or differently in a file."""
        text = self.project.read(PREFIXES)
        known: dict[str, str] = {}
        for names, namespaces in _declarations(registry):
            place = _place(PREFIXES, text, text.rfind(f'"{[*names, *namespaces][0]}"'))
            if (len(names), len(namespaces)) != (1, 1):
                counts = f"{len(names)} sh:prefix and {len(namespaces)} sh:namespace"
                yield self._violation("prefix", place, f"found {counts}; expected one of each")
            elif names[0] in known:
                message = f"found the prefix {names[0]!r} again; expected one namespace for it"
                yield self._violation("prefix", place, message)
            elif reason := explain_invalid(names[0], namespaces[0]):
                yield self._violation("prefix", place, reason)
            else:
                known[names[0]] = namespaces[0]
        uses = self._prefix_declarations()
        for name, namespace in known.items():
            others = dict(uses.get(name, {}))
            used = others.pop(namespace, None)
            if others and not used:  # no file agrees with the registry
                other = max(others, key=lambda other: len(others[other]))
                message = f"found {name}: for <{namespace}>; "
                message += f"expected <{other}>, as in {others[other][0].file}"
                place = _place(PREFIXES, text, text.find(f'"{namespace}"'))
                yield self._violation("prefix", place, message)
                continue
            for other, places in others.items():
                message = f"found {name}: for <{other}>; expected <{namespace}>, as in {PREFIXES}"
                yield from (self._violation("prefix", place, message) for place in places)

    def _prefix_declarations(self) -> dict[str, dict[str, list[Place]]]:
        """Return prefix → namespace → the places in files that declare it."""
        found: dict[str, dict[str, list[Place]]] = {}
        folders = ("ontology", shapes.FOLDER, "ontology/profiles", "graph", "queries")
        for folder in (*folders, *self.project.articles()):
            for file in self.project.files(folder, ".rq", ".trig", ".ttl"):
                text = self.project.read(file)
                for match in PREFIX_DECLARATION.finditer(text):
                    places = found.setdefault(match[1], {}).setdefault(match[2], [])
                    places.append(_place(file, text, match.start(1)))
        return found

    def _check_shapes(
        self, files: Mapping[str, list[Quad]], ontology: list[Quad]
    ) -> Iterator[Violation]:
        """Find shapes without effect or message, and terms in them that no ontology defines."""
        quads = [*chain(*files.values())]
        known = find_defined_terms(ontology)
        problems = dict(
            [
                *_shapes_without_target(quads),
                *_shapes_without_message(quads),
                *self._undefined_terms(quads, ontology, known),
            ]
        )
        for file, of_file in files.items():
            used = {term for quad in of_file for term in quad[:3]}
            for term, problem in problems.items():
                if term in used:
                    is_named = isinstance(term, ox.NamedNode)
                    name = self.project.prefixes.shorten(term.value) if is_named else "a shape"
                    place = self._mention(file, term)
                    yield self._violation("shape", place, f"found {name}{problem}")
            text = self.project.read(file)
            for quad in of_file:
                if quad.predicate in (SELECT, ASK):
                    query = quad.object.value
                    start = max(text.find(query), 0)
                    for token, _, near in find_unknown_terms(query, known, self.project.prefixes):
                        place = _place(file, text, start + token.offset)
                        message = f"found {token.text}; {DEFINED}{near}"
                        yield self._violation("shape", place, message)

    def _undefined_terms(
        self, quads: list[Quad], ontology: list[Quad], known: Mapping[str, set[str]]
    ) -> Iterator[tuple[Term, str]]:
        """Find classes, properties and individuals in shapes that no ontology defines."""
        subjects = {quad.subject for quad in (*quads, *ontology)}
        for quad in quads:
            term = quad.object
            if isinstance(term, ox.NamedNode) and term not in subjects:
                near = suggest_term(term.value, known, self.project.prefixes)
                if near is not None or (_parameter(quad) in TERM_VALUED and not vocabulary(term)):
                    yield term, f"; {DEFINED}{near or ''}"

    def _mention(self, file: str, term: Term) -> Place:
        """Return the place where a file first uses a term."""
        from kaiju_graph.project.positions import find_first_use

        if not isinstance(term, ox.NamedNode):
            return Place(file, 1, 1)
        return find_first_use(file, self.project.read(file), term)

    def _with_prefix_hint(self, error: SourceError, file: str) -> str:
        """Return the message of the parser; for an undeclared prefix, with the nearest one."""
        message = str(error)
        match = UNDECLARED_PREFIX.search(message)
        if not match:
            return message
        text = self.project.read(file)
        declared = re.findall(r"^\s*@?(?i:prefix)\s+([\w.-]+):", text, re.MULTILINE)
        near = did_you_mean(match[1], dict.fromkeys([*declared, *self.project.prefixes]))
        found = f"found the prefix '{match[1]}'; expected one that the file declares{near}"
        return message.replace(match[0], found)

    def _of_error(self, rule: str, file: str, error: Exception | str) -> Violation:
        """Return the violation for an error whose message may begin with file, line and column."""
        message = str(error)
        name = rf"({re.escape(file)}|[^:\s]+)"  # the name may have a space or a colon
        match = re.match(rf"{name}:(?:(\d+):)?(?:(\d+):)? ?(.*)", message, re.DOTALL)
        if not match or not (match[2] or match[1].startswith(file)):
            return self._violation(rule, Place(file, 1, 1), message, width=0)
        place = Place(match[1], int(match[2] or 1), int(match[3] or 1))
        return self._violation(rule, place, match[4], width=None if match[3] else 0)

    def _violation(
        self, rule: str, place: Place, message: str, width: int | None = None
    ) -> Violation:
        """Return a violation; its width is that of the term at its place, unless given."""
        excerpt = self._excerpts.at(place)
        return Violation(
            rule,
            "error",
            message,
            place,
            obligation=OBLIGATIONS[rule],
            line=excerpt.text,
            width=excerpt.width if width is None else width,
        )


def _shapes_without_target(quads: Sequence[Quad]) -> Iterator[tuple[Term, str]]:
    links: dict[Term, list[Term]] = {}
    for quad in quads:
        links.setdefault(quad.subject, []).append(quad.object)
    # A shape that is also a class targets its instances (SHACL, section 2.1.3.3).
    start = (q.subject for q in quads if _parameter(q) in TARGETS or q.object in CLASSES)
    reached = closure(start, links) | {q.object for q in quads if q.object != q.subject}
    for subject in dict.fromkeys(quad.subject for quad in quads if _is_of_shape(quad)):
        if subject not in reached:
            yield subject, " without a target; expected one, or a shape that leads to it"


def _shapes_without_message(quads: Sequence[Quad]) -> Iterator[tuple[Term, str]]:
    explained = {quad.subject for quad in quads if quad.predicate == MESSAGE}
    explained |= {q.subject for q in quads if q.predicate == SPARQL and q.object in explained}
    constrained = (quad.subject for quad in quads if _parameter(quad) in CONSTRAINTS)
    for subject in dict.fromkeys(constrained):
        if isinstance(subject, ox.NamedNode) and subject not in explained:
            yield subject, " without sh:message; expected a sentence that states the rule"


def _is_of_shape(quad: Quad) -> bool:
    parameters = {"path", "property", "node", *CONSTRAINTS}
    return _parameter(quad) in parameters or quad.object in SHAPE_CLASSES


def _parameter(quad: Quad) -> str:
    return quad.predicate.value.removeprefix(SHACL)


def _declarations(registry: list[Quad]) -> Iterator[tuple[list[str], list[str]]]:
    """Yield the prefixes and the namespaces of each declaration (SHACL, section 5.2.1)."""
    for node in dict.fromkeys(quad.object for quad in registry if quad.predicate == DECLARE):
        quads = [quad for quad in registry if quad.subject == node]
        names, namespaces = (
            [quad.object.value for quad in quads if quad.predicate == predicate]
            for predicate in (PREFIX, NAMESPACE)
        )
        if names or namespaces:
            yield names, namespaces


def _place(file: str, text: str, offset: int) -> Place:
    line = text.count("\n", 0, offset) + 1
    return Place(file, line, offset - text.rfind("\n", 0, offset))
