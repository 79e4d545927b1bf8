"""Stage 9, before verdicts: the files of a project → those that do not load, as violations.

What does not load is held against nothing else: all that one could find would follow from it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kaiju_graph.errors import InputError, LimitError, QueryError, SourceError
from kaiju_graph.project.excerpts import Excerpts
from kaiju_graph.project.sources import Place
from kaiju_graph.project.spelling import did_you_mean
from kaiju_graph.rdf.parse import parse
from kaiju_graph.rdf.terms import ONTOLOGY
from kaiju_graph.sparql import execute, questions
from kaiju_graph.validation.report import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kaiju_graph.project.layout import Project

__all__ = ["OBLIGATIONS", "queries", "refused", "unread", "violation"]

OBLIGATIONS = {
    "syntax": "A file is UTF-8 in NFC, with lines that end in LF, and has the grammar of its kind.",
    "stray": "A file of graph/ that holds statements is one of those that are read.",
    "term": "A term in the namespace of a vocabulary is one that the vocabulary has.",
    "prefix": "A prefix stands for one namespace, which ontology/prefixes.ttl tells.",
    "shape": "A shape is one of SHACL Core and SHACL-SPARQL, has a target, and says what it asks.",
    "axiom": "An axiom is one that the rules of OWL 2 RL follow.",
    "query": "A stored question has a summary and is one query of SPARQL 1.1.",
    "export": "What exports are made with is there: a description of the dataset, and a context.",
}
"""Rule → what should be so."""
UNDECLARED = re.compile(r"The prefix ([\w.-]*): has not been declared")


def unread(project: Project) -> list[Violation]:
    """Find every file of ontology, shapes and graph that does not load.

    Raises:
        UnreachableError: a file cannot be read.
    """
    found: list[Violation] = []
    excerpts = Excerpts(project)
    try:
        strays = dict(project.unread_files())
        files = [*project.sources(), *project.files("ontology/shapes", ".ttl")]
    except SourceError as error:  # of a name that is not UTF-8
        return [violation("syntax", "graph", str(error), excerpts)]
    for file in files:
        if file in strays:
            found.append(violation("stray", file, f"{file}:1: {strays[file]}", excerpts))
            continue
        try:
            text = project.read(file)
            if not file.endswith(".txt"):
                for _ in parse(file, text, ONTOLOGY):
                    pass
        except SourceError as error:
            found.append(violation("syntax", file, _told(str(error), file, project), excerpts))
    return found


def refused(project: Project, error: InputError) -> Violation:
    """Return what says that a shape (``SourceError``) or an axiom (any other) cannot be used."""
    is_shape = isinstance(error, SourceError)
    rule, folder = ("shape", "ontology/shapes") if is_shape else ("axiom", "ontology")
    return violation(rule, folder, project.prefixes.shorten_all(str(error)), Excerpts(project))


def queries(project: Project) -> Iterator[Violation]:
    """Find stored questions that are none: without a summary, or not in SPARQL 1.1."""
    excerpts = Excerpts(project)
    for file in project.files("queries", ".rq"):
        try:
            asked = questions.find_question(
                project, file.removeprefix("queries/").removesuffix(".rq")
            )
            execute.check_query(asked.text, project.prefixes, file)
        except SourceError as error:
            yield violation("syntax", file, str(error), excerpts)
        except (LimitError, QueryError) as error:
            yield violation("query", file, str(error), excerpts)


def _told(message: str, file: str, project: Project) -> str:
    """Return a message of the parser with the nearest prefix, where one is not declared."""
    undeclared = UNDECLARED.search(message)
    if not undeclared:
        return message
    declared = re.findall(r"^\s*@?(?i:prefix)\s+([\w.-]+):", project.read(file), re.MULTILINE)
    known = [*declared, *(name for name in project.prefixes if name not in declared)]
    hint = did_you_mean(undeclared[1], known)
    found = f"found the prefix '{undeclared[1]}'; expected one that the file declares{hint}"
    return message.replace(undeclared[0], found)


def violation(rule: str, file: str, message: str, excerpts: Excerpts) -> Violation:
    """Return an error as a violation: its text begins with file, maybe line, maybe column."""
    name = rf"({re.escape(file)}|[^:\s]+)"  # of the file itself, which may have a space or a colon
    found = re.match(rf"{name}:(?:(\d+):)?(?:(\d+):)? ?(.*)", message, re.DOTALL)
    line = column = 1
    if found and (found[2] or found[1].startswith(file)):
        file, line, column = found[1], int(found[2] or 1), int(found[3] or 1)
        message = found[4]
    place = Place(file, line, column)
    shown = excerpts.at(place)
    return Violation(
        rule,
        "error",
        message,
        place,
        obligation=OBLIGATIONS[rule],
        line=shown.text,
        width=shown.width if found and found[3] else 0,
    )
