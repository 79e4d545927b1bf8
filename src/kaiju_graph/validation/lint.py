"""Find files that do not load, and terms, prefixes and shapes that have no effect.

No tool reports a mistyped ``owl:inversOf``, which is an axiom without a rule; a prefix with another
namespace, which makes names that nothing else uses; or a shape without a target, which checks
nothing.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.errors import (
    InputError,
    KaijuError,
    LimitError,
    QueryError,
    SourceError,
    UnreachableError,
)
from kaiju_graph.project import sources
from kaiju_graph.project.excerpts import Excerpts
from kaiju_graph.project.layout import DATASET
from kaiju_graph.project.registry import read_declarations
from kaiju_graph.project.sources import Place, select_layers
from kaiju_graph.project.spelling import did_you_mean
from kaiju_graph.rdf.jsonld import context
from kaiju_graph.rdf.lines import line_and_column
from kaiju_graph.rdf.parse import parse
from kaiju_graph.rdf.terms import IS_DEFINED_BY, ONTOLOGY
from kaiju_graph.sparql import execute, questions
from kaiju_graph.sparql.unknown_terms import find_defined_terms, find_unknown_terms
from kaiju_graph.validation import gaps, shapes
from kaiju_graph.validation.memory import Memory
from kaiju_graph.validation.report import Violation
from kaiju_graph.validation.shape_checks.checker import DEFINED, ShapeChecker, find_dependents
from kaiju_graph.validation.shapes import PREFIXES
from kaiju_graph.validation.vocabularies import (
    OF_ALIGNMENTS,
    find_unknown,
    find_used,
    nearest,
    vocabulary,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from kaiju_graph.project.layout import Project
    from kaiju_graph.project.registry import Declaration
    from kaiju_graph.project.sources import SourceFile, Sources
    from kaiju_graph.rdf.terms import Quad, Term
    from kaiju_graph.validation.shape_checks.index import Fault

__all__ = ["ALWAYS", "OBLIGATIONS", "UNREAD_QUERIES", "Linter", "Reading"]

OBLIGATIONS = {
    "syntax": "A file is UTF-8 in NFC, has lines that end in LF, and parses.",
    "stray": "The project reads every RDF file in graph/.",
    "term": "A vocabulary defines every term in its namespace.",
    "prefix": "A prefix stands for one namespace, which one prefixes.ttl declares.",
    "shape": "A shape uses SHACL Core and SHACL-SPARQL, and has a target and a message.",
    "axiom": "The reasoner's rules of OWL 2 RL support every axiom.",
    "query": "A stored question is a .rq file with a summary and one query of SPARQL 1.1.",
    "export": "Exports need a description of the dataset, keys of JSON-LD, and profile files.",
}
"""Rule → the rule as a sentence."""
ALWAYS = frozenset({*OBLIGATIONS, "article-node", "quote"} - {"export", "query"})
"""The rules that others rely on; a report of some rules has their violations, too."""
CONTEXT = "ontology/context.jsonld"
STORED = ("queries", "ontology/pictures")
"""The folders of stored questions and pictures."""
UNREAD_QUERIES = (".sparql", ".RQ")
"""Other endings of files with a query, which people use elsewhere."""
GRAPH_FORMS = ("CONSTRUCT", "DESCRIBE")
"""The forms of queries whose answer is a graph."""

PREFIX_DECLARATION = re.compile(r"^\s*@?(?i:prefix)\s+([\w.-]*):\s*<([^<>\s]*)>", re.MULTILINE)
UNDECLARED_PREFIX = re.compile(r"found ([\w.-]*):\S*; expected a prefix that the file declares")


class Reading(NamedTuple):
    """What can be read of a project."""

    data: Sources
    """Its sources, without files and statements that cannot be read."""
    rules: Sources
    """Its shapes, likewise."""
    violations: list[Violation]
    """The reasons."""
    gaps: frozenset[str]
    """The layers and the folders of articles that lack statements."""
    faulty: set[Term]
    """The subjects of statements of shapes that cannot be read."""


class Linter:
    """Finds files of a project that do not load, and statements without effect.

    Args:
        project: the project.
        memory: what the last validation found in each file.
    """

    def __init__(self, project: Project, memory: Memory | None = None) -> None:
        self.project = project
        self.memory = memory or Memory()
        self._hashes: dict[str, str] = {}
        self._excerpts = Excerpts(project)

    def read(self) -> Reading:
        """Read what loads of a project, and report what does not.

        Raises:
            UnreachableError: a file cannot be read.
            SourceError: a file name is not UTF-8.
        """
        project = self.project
        violations: list[Violation] = []
        unread: set[str] = set()
        try:
            files = self._read(unread)
        except SourceError:
            violations = self.check_loading()
            unread = {violation.place.file for violation in violations}
            files = self._read(unread)
        data, rules, others = files
        terms = {name: file.quads for name, file in (data.files | rules.files).items()} | others
        wrong = {name: self._find_unknown(name, quads) for name, quads in terms.items()}
        violations += self._check_vocabularies(wrong, rules)
        of_prefixes = [*self._check_prefixes(unread)]
        unread |= {violation.place.file for violation in of_prefixes}
        violations += of_prefixes
        partial = {name for name, found in wrong.items() if found}
        faulty: set[Term] = {
            quad.subject
            for name, file in rules.files.items()
            for quad in file.quads
            if _uses(quad, wrong[name])
        }
        return Reading(
            data._replace(files=_leave_out(data, unread, wrong)),
            rules._replace(files=_leave_out(rules, unread - {PREFIXES}, wrong)),
            violations,
            gaps.find_gaps(project, unread | partial),
            faulty,
        )

    def _read(self, without: set[str]) -> tuple[Sources, Sources, dict[str, list[Quad]]]:
        """Read the data, the shapes, and two kinds of files beside the data.

        These are the description of the dataset and the prefixes of articles.
        """
        project = self.project
        others = [file for file in (DATASET,) if file in project.files("graph", ".ttl")]
        others += [file for file in project.registries() if file != PREFIXES]
        return (
            sources.read(project, without),
            shapes.read(project, without),
            {
                file: [*parse(file, project.read(file), shapes.GRAPH)]
                for file in others
                if file not in without
            },
        )

    def _find_unknown(self, file: str, quads: list[Quad]) -> set[ox.NamedNode]:
        """Return the terms in a file that their vocabularies do not have."""
        used = find_used(quads)
        texts = (f"{term.value} {is_predicate}" for term, is_predicate in used)
        unknown = self.memory.recall("terms", texts, lambda: [*find_unknown(used)])
        foreign = OF_ALIGNMENTS if file.startswith("graph/") else ()
        return {term for term in unknown if not term.value.startswith(foreign)}

    def check_loading(self) -> list[Violation]:
        """Find every file of ontology, shapes and graph that does not load.

        Raises:
            UnreachableError: a file cannot be read.
            SourceError: a file name is not UTF-8.
        """
        project = self.project
        found: list[Violation] = []
        strays = dict(project.unread_files())
        for file in [*project.sources(), *project.files(shapes.FOLDER, ".ttl")]:
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

    def describe_unlisted(self, error: SourceError) -> Violation:
        """Return the violation for a folder with a file name that is not UTF-8."""
        return self._of_error("syntax", "graph", error)

    def describe_unusable(self, error: InputError) -> Violation:
        """Return the violation for a shape (``SourceError``) or axiom that cannot be used."""
        is_shape = isinstance(error, SourceError)
        rule, folder = ("shape", shapes.FOLDER) if is_shape else ("axiom", "ontology")
        return self._of_error(rule, folder, self.project.prefixes.shorten_all(str(error)))

    def describe_failures(
        self, failed: Mapping[Term, Exception], rules: Sources
    ) -> Iterator[Violation]:
        """Yield the violation for each shape that could not be applied.

        Args:
            failed: shape → the reason.
            rules: the shapes.
        """
        from kaiju_graph.project.locator import Locator

        if not failed:
            return
        locator = Locator(self.project, rules, self.memory.recall)
        first: dict[Term, tuple[str, Quad]] = {
            quad.subject: (name, quad)
            for name, file in rules.files.items()
            for quad in reversed(file.quads)
        }
        index = shapes.Shapes(rules.quads, self.project)
        for shape, error in failed.items():
            named = index.named_shape(shape)
            name = (
                ""
                if isinstance(named, ox.BlankNode)
                else self.project.prefixes.shorten(named.value)
            )
            reason = str(error).strip().partition("\n")[0] or type(error).__name__
            if not isinstance(error, KaijuError):
                reason = f"found {name or 'a shape'}, which cannot be applied: {reason}"
            message = self.project.prefixes.shorten_all(reason)
            violation = self._violation("shape", locator.place(*first[shape], "subject"), message)
            yield violation._replace(unchecked=name)

    def check_questions(self) -> Iterator[Violation]:
        """Find stored questions and pictures whose name, header or SPARQL 1.1 is wrong."""
        for folder in STORED:
            for file in self.project.files(folder, ".rq"):
                yield from self._recall("question", file, self._check_question)
            for file in self.project.files(folder, *UNREAD_QUERIES):
                stem, ending = os.path.splitext(file)
                message = f"found a {ending} file, which is not read; expected {stem}.rq"
                yield self._violation("query", Place(file, 1, 1), message, width=0)

    def _check_question(self, file: str) -> Iterator[Violation]:
        name = os.path.basename(file).removesuffix(".rq")
        try:
            text = self.project.read(file)
            questions.check_header(text, file)
            question = questions.parse_question(name, text, file)
            execute.check_query(question.text, self.project.prefixes, file)
        except SourceError as error:
            yield self._of_error("syntax", file, error)
        except (LimitError, QueryError) as error:
            yield self._of_error("query", file, error)

    def check_question_terms(self, sources: Sources) -> Iterator[Violation]:
        """Find terms of stored queries that no ontology defines, so that they match nothing."""
        known = find_defined_terms(select_layers(sources.quads, "ontology"))
        texts = sorted(f"{name} {sorted(terms.items())}" for name, terms in known.items())

        def check(file: str) -> Iterator[Violation]:
            text = self._text(file)
            for token, _, near in find_unknown_terms(text, known, self.project.prefixes):
                message = f"found {token.text}; {DEFINED}{near}"
                place = _place(file, text, token.offset)
                yield self._violation("query", place, message)._replace(severity="warning")

        for folder in STORED:
            for file in self.project.files(folder, ".rq"):
                yield from self._recall("question terms", file, check, *texts)

    def check_exports(self, marred: Collection[str] = ()) -> Iterator[Violation]:
        """Find missing or wrong files that exports need, except files with other violations.

        These are the description of the dataset, the JSON-LD context, and for each stored profile
        a query that constructs a graph, and a context.
        """
        from kaiju_graph.publish import profiles

        stored = (f"{profiles.FOLDER}/{name}" for name in profiles.stored_profiles(self.project))
        of_profiles = (f"{name}{ending}" for name in stored for ending in (".rq", ".jsonld"))
        for file in (DATASET, CONTEXT, *of_profiles):
            if file in marred:
                continue
            yield from self._recall("export", file, self._check_export)

    def _check_export(self, file: str) -> Iterator[Violation]:
        from kaiju_graph.publish import void

        try:
            if file == DATASET:
                void.read(self.project)
            elif file.endswith(".rq"):
                self._check_profile(file)
            else:
                context.read(self.project, file)
        except (InputError, LimitError, UnreachableError) as error:
            yield self._of_error("export", file, error)

    def _check_profile(self, file: str) -> None:
        """Check that a query of a profile constructs a graph.

        Raises:
            InputError: it does not, or does not parse.
            LimitError: as ``execute.check_query``.
            UnreachableError: the file cannot be read.
        """
        form = execute.query_form(self.project.read(file), self.project.prefixes, file)
        if form not in GRAPH_FORMS:
            raise SourceError(f"{file}:1: found {form}; expected CONSTRUCT")

    def check_keys(self, sources: Sources) -> Iterator[Violation]:
        """Find terms without a key in the JSON-LD context, if others of their file have one."""
        from kaiju_graph.rdf import write

        try:
            known = context.read(self.project, write.CONTEXT).keys
        except (InputError, LimitError, UnreachableError):
            return  # check_exports reports it
        for file, source in sources.files.items():
            if source.layer != "ontology":
                continue
            terms = {quad.subject for quad in source.quads if quad.predicate == IS_DEFINED_BY}
            without = [term for term in terms if term.value not in known]
            for term in sorted(without, key=str) if len(without) < len(terms) else ():
                name = self.project.prefixes.shorten(term.value)
                message = f"found {name} without a key; expected one in {write.CONTEXT}"
                violation = self._violation("export", self._mention(file, term), message)
                yield violation._replace(severity="warning")

    def check_shapes(
        self, rules: Sources, ontology: list[Quad] | None, *, is_complete: bool = True
    ) -> Iterator[tuple[Fault, Violation]]:
        """Find shapes that SHACL does not allow, that have no effect, or that are not supported.

        Args:
            rules: the shapes.
            ontology: the statements of the ontologies; None if some are missing.
            is_complete: whether no statement of a shape is missing.
        """
        from kaiju_graph.project.locator import Locator

        locator = Locator(self.project, rules, self.memory.recall)
        files = {quad: name for name, file in rules.files.items() for quad in file.quads}
        quads = [
            quad for name, file in rules.files.items() if name != PREFIXES for quad in file.quads
        ]
        registry = rules.files[PREFIXES].quads if PREFIXES in rules.files else []
        checker = ShapeChecker(quads, registry, self.project.prefixes)
        for fault in checker.check(ontology, is_complete=is_complete):
            quad = fault.quad
            if fault.offset is None:
                place = locator.place(files[quad], quad, fault.part)
            else:
                place = locator.place_inside(files[quad], quad, fault.offset)
            violation = self._violation("shape", place, fault.message)
            unchecked = "" if fault.is_usable else self._name_dependents(quads, [fault.shape])
            yield fault, violation._replace(severity=fault.severity, unchecked=unchecked)

    def _name_dependents(self, quads: list[Quad], faulty: Collection[Term]) -> str:
        """Return the names of the shapes that are not applied because of some of them.

        Args:
            quads: the statements of all shapes.
            faulty: the shapes, or parts of them, that are wrong.
        """
        index = shapes.Shapes(quads, self.project)
        about = {quad.subject for quad in quads}
        nodes = find_dependents(quads, faulty) & about or faulty
        named = {index.named_shape(node) for node in nodes}
        names = sorted(term.value for term in named if isinstance(term, ox.NamedNode))
        return ", ".join(map(self.project.prefixes.shorten, names))

    def _check_vocabularies(
        self, wrong: Mapping[str, Collection[ox.NamedNode]], rules: Sources
    ) -> Iterator[Violation]:
        """Yield a violation for each wrong term of each file.

        Args:
            wrong: file → the terms that their vocabularies do not have.
            rules: the shapes.
        """
        for file, found in wrong.items():
            for term in sorted(found, key=str):
                name = vocabulary(term)
                curie = self.project.prefixes.shorten(term.value)
                message = f"found {curie}; expected a term of {name}{nearest(term)}"
                rule = "shape" if name == "SHACL" else "term"
                unchecked = ""
                if file in rules.files and file != PREFIXES:
                    users = {q.subject for q in rules.files[file].quads if _uses(q, [term])}
                    unchecked = self._name_dependents(rules.quads, users)
                    unchecked = "; ".join(filter(None, (unchecked, gaps.OTHER_SHAPES)))
                violation = self._violation(rule, self._mention(file, term), message)
                yield violation._replace(unchecked=unchecked)

    def _check_prefixes(self, unread: Collection[str]) -> Iterator[Violation]:
        """Find prefixes that are declared incompletely, twice, or differently in a file.

        Args:
            unread: the files that do not load.
        """
        files = [file for file in self.project.registries() if file not in unread]
        texts = {file: self.project.read(file) for file in files}
        known: dict[str, Declaration] = {}
        for declaration in read_declarations(texts):
            if declaration.reason:
                place = _place(declaration.file, texts[declaration.file], declaration.offset)
                yield self._violation("prefix", place, declaration.reason)
            else:
                known[declaration.prefix] = declaration
        uses = self._prefix_declarations()
        for name, (_, namespace, registry, *_) in known.items():
            others = dict(uses.get(name, {}))
            used = others.pop(namespace, None)
            if others and not used:  # no file agrees with the registry
                other = max(others, key=lambda other: len(others[other]))
                message = f"found {name}: for <{namespace}>; "
                message += f"expected <{other}>, as in {others[other][0].file}"
                text = texts[registry]
                place = _place(registry, text, text.find(f'"{namespace}"'))
                yield self._violation("prefix", place, message)
                continue
            for other, places in others.items():
                message = f"found {name}: for <{other}>; expected <{namespace}>, as in {registry}"
                yield from (self._violation("prefix", place, message) for place in places)

    def _prefix_declarations(self) -> dict[str, dict[str, list[Place]]]:
        """Return prefix → namespace → the places in files that declare it."""
        found: dict[str, dict[str, list[Place]]] = {}
        folders = ("ontology", shapes.FOLDER, "ontology/profiles", "graph", *STORED)
        for folder in (*folders, *self.project.articles()):
            for file in self.project.files(folder, ".rq", ".trig", ".ttl"):
                text = self._text(file)
                for match in PREFIX_DECLARATION.finditer(text):
                    places = found.setdefault(match[1], {}).setdefault(match[2], [])
                    places.append(_place(file, text, match.start(1)))
        return found

    def _text(self, file: str) -> str:
        """Return the text of a file; empty if the file is no text, which the report then says."""
        try:
            return self.project.read(file)
        except SourceError:
            return ""

    def _recall(
        self, check: str, file: str, find: Callable[[str], Iterator[Violation]], *inputs: str
    ) -> list[Violation]:
        """Return what a check finds in a file, from the memory if it reads the same.

        Args:
            check: the name of the check.
            file: the file.
            find: finds violations; it reads the file and the prefixes of the project.
            inputs: what else it reads.
        """
        prefixes = (f"{name} {namespace}" for name, namespace in self.project.prefixes.items())
        if file not in self._hashes:
            try:
                self._hashes[file] = self.project.content_hash([file], *prefixes)
            except KaijuError:  # such as a missing file, which may be a violation
                return [*find(file)]
        inputs = (self._hashes[file], *inputs)
        return self.memory.recall(check, inputs, lambda: [*find(file)])

    def _mention(self, file: str, term: Term) -> Place:
        """Return the place where a file first uses a term."""
        from kaiju_graph.project.positions import find_first_use

        if not isinstance(term, ox.NamedNode):
            return Place(file, 1, 1)
        return find_first_use(file, self.project.read(file), term)

    def _with_prefix_hint(self, error: SourceError, file: str) -> str:
        """Return the message of the parser; for an undeclared prefix, with what to write."""
        message = str(error)
        match = UNDECLARED_PREFIX.search(message)
        if not match:
            return message
        if namespace := self.project.prefixes.get(match[1]):
            found = f"found the prefix {match[1]!r} without its declaration"
            return message.replace(
                match[0], f"{found}; expected @prefix {match[1]}: <{namespace}> ."
            )
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


def _uses(quad: Quad, found: Collection[Term]) -> bool:
    """Tell whether a quad uses one of some terms, also as a datatype."""
    return not {*quad[:3], getattr(quad.object, "datatype", None)}.isdisjoint(found)


def _leave_out(
    read: Sources, files: Collection[str], wrong: Mapping[str, Collection[Term]]
) -> dict[str, SourceFile]:
    """Return the files without some, and without the statements that use wrong terms."""
    return {
        name: file._replace(quads=[quad for quad in file.quads if not _uses(quad, wrong[name])])
        if wrong[name]
        else file
        for name, file in read.files.items()
        if name not in files
    }


def _place(file: str, text: str, offset: int) -> Place:
    return Place(file, *line_and_column(text, offset))
