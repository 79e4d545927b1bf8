"""Stage 11: the stored questions → RDF for other tools, and a gallery of them with their answers.

The RDF is that of the SPARQL examples of the Swiss Institute of Bioinformatics, which editors and
endpoints read: each question a ``sh:SPARQLExecutable`` of SHACL Advanced Features, with its text,
its prefixes, and keywords of schema.org. No endpoint is a target: any that holds the graph answers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

import pyoxigraph as ox

from kaiju_graph.project.layout import SHACL
from kaiju_graph.rdf import write
from kaiju_graph.rdf.terms import LABEL, OWL, RDFS, TYPE, XSD, Triple
from kaiju_graph.sparql import execute, results

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kaiju_graph.project.layout import Project
    from kaiju_graph.sparql.questions import Question

__all__ = ["ORDER", "code_block", "executables", "gallery"]

QUERY = "https://w3id.org/kaiju/query/"
"""The namespace of the stored questions."""
PREFIXES = ox.NamedNode("https://w3id.org/kaiju/prefixes")
"""The registry of prefixes, ``ontology/prefixes.ttl``."""
INTRODUCTION = """# Questions and their answers

Each is plain SPARQL 1.1, in the file of its name. A variable such as `?__thing_iri` is a parameter:
bound, it narrows the answer; as it stands, it does nothing.
"""
COMMENT = ox.NamedNode(f"{RDFS}comment")
DESCRIPTION = ox.NamedNode("http://purl.org/dc/terms/description")
KEYWORDS = ox.NamedNode("https://schema.org/keywords")
ORDER = (
    *(ox.NamedNode(SHACL + name) for name in ("SPARQLExecutable", "prefix", "namespace")),
    *(COMMENT, DESCRIPTION, KEYWORDS),
)
"""The order in which a person reads executables: the question, and below it the query."""


def executables(questions: list[Question], project: Project) -> list[Triple]:
    """Return stored questions as SHACL executables.

    Args:
        questions: the questions.
        project: its prefixes.

    Raises:
        QueryError: a file holds no query that can be run.
    """
    triples = [Triple(PREFIXES, TYPE, ox.NamedNode(f"{OWL}Ontology"))]
    for name, iri in sorted(project.prefixes.items()):
        node = ox.BlankNode(f"prefix-{name}")
        value = ox.Literal(iri, datatype=ox.NamedNode(f"{XSD}anyURI"))
        triples.append(Triple(PREFIXES, _shacl("declare"), node))
        triples.append(Triple(node, _shacl("prefix"), ox.Literal(name)))
        triples.append(Triple(node, _shacl("namespace"), value))
    for asked in questions:
        triples += _executable(asked, project)
    return triples


def _executable(asked: Question, project: Project) -> Iterator[Triple]:
    node = ox.NamedNode(QUERY + quote(asked.name))
    text = _code(asked)
    form = execute.query_form(asked.text, project.prefixes, f"queries/{asked.name}.rq").capitalize()
    yield Triple(node, TYPE, _shacl("SPARQLExecutable"))
    yield Triple(node, TYPE, _shacl(f"SPARQL{form}Executable"))
    yield Triple(node, LABEL, ox.Literal(asked.name))
    yield Triple(node, COMMENT, ox.Literal(asked.summary, language="en"))
    if asked.description:
        yield Triple(node, DESCRIPTION, ox.Literal(asked.description, language="en"))
    for tag in asked.tags:
        yield Triple(node, KEYWORDS, ox.Literal(tag))
    yield Triple(node, _shacl("prefixes"), PREFIXES)
    yield Triple(node, _shacl(form.lower()), ox.Literal(text))


def gallery(questions: list[Question], project: Project, store: ox.Store) -> str:
    """Return the stored questions as Markdown, by topic, each with its query and whole answer.

    Args:
        questions: the questions, sorted by name.
        project: its prefixes.
        store: answers them.

    Raises:
        QueryError: a question does not parse.
    """
    topics: dict[str, list[Question]] = {}
    for asked in questions:
        topics.setdefault(asked.tags[0] if asked.tags else "other", []).append(asked)
    parts = [INTRODUCTION]
    for topic, members in sorted(topics.items()):
        listed = "".join(f"- [{asked.summary}](#{asked.name})\n" for asked in members)
        parts.append(f"**{topic}**\n\n{listed}")
    for topic, members in sorted(topics.items()):
        parts.append(f"## {topic[0].upper()}{topic[1:]}\n")
        parts += [_exhibit(asked, project, store) for asked in members]
    return "\n".join(parts)


def _exhibit(asked: Question, project: Project, store: ox.Store) -> str:
    answer = execute.run(store, asked.text, project.prefixes, f"queries/{asked.name}.rq")
    if isinstance(answer, list):
        shown = code_block(write.write(answer, "turtle", project), "turtle")
    else:
        shown = results.write(answer, "markdown", project)
    description = f"{asked.description}\n\n" if asked.description else ""
    text = code_block(_code(asked), "sparql")
    return f"### {asked.name}\n\n**{asked.summary}**\n\n{description}{text}\n{shown}"


def _code(asked: Question) -> str:
    """Return the text of a question without its header, which is said in other ways."""
    return re.sub(r"\A(?:#\+.*\n)*\n*", "", asked.text)


def code_block(text: str, language: str) -> str:
    """Return a fenced code block; its fence is longer than any in the text (CommonMark, 4.5)."""
    longest = max((len(ticks) for ticks in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}\n"


def _shacl(name: str) -> ox.NamedNode:
    return ox.NamedNode(SHACL + name)
