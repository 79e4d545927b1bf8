"""Write the stored questions as RDF for other tools, and as pages with their answers.

The RDF has the form of the SPARQL examples of the Swiss Institute of Bioinformatics, which editors
and endpoints read: each question is a ``sh:SPARQLExecutable`` of SHACL Advanced Features with its
text, its prefixes, and keywords of schema.org. Any store can answer; an endpoint that does is its
target.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pyoxigraph as ox

from kaiju_graph.rdf import write
from kaiju_graph.rdf.properties import Properties, english_literal, iri, statements, typed_literal
from kaiju_graph.sparql import execute, markdown, results

if TYPE_CHECKING:
    from kaiju_graph.project.layout import Project
    from kaiju_graph.rdf.terms import Triple
    from kaiju_graph.sparql.questions import Question

__all__ = ["ORDER", "executables", "gallery"]

QUERY = "https://w3id.org/kaiju/query/"
"""The namespace of the stored questions."""
PREFIXES = ox.NamedNode("https://w3id.org/kaiju/prefixes")
"""The registry of prefixes, in ``ontology/prefixes.ttl``."""
INTRODUCTION = """# Questions and their answers

Each question is plain SPARQL 1.1, in the file of its name. A variable such as `?__thing_iri` is a
parameter: a value for it narrows the answer, and without one it has no effect.
"""
ORDER = tuple(
    map(
        iri,
        (
            *("sh:SPARQLExecutable", "sh:prefix", "sh:namespace"),
            *(
                "rdfs:comment",
                "skos:altLabel",
                "dcterms:description",
                "schema:keywords",
                "schema:target",
            ),
        ),
    )
)
"""The order of classes and properties in the file; the description comes before the query."""


def executables(questions: list[Question], project: Project, endpoint: str = "") -> list[Triple]:
    """Return stored questions as SHACL executables.

    Args:
        questions: the questions.
        project: its prefixes.
        endpoint: the address of an endpoint that answers them; empty if there is none.

    Raises:
        QueryError: a file does not have a valid query.
    """
    prefixes = sorted(project.prefixes.items())
    registry: Properties = [("rdf:type", "owl:Ontology")]
    for name, namespace in prefixes:
        value = typed_literal(namespace, "xsd:anyURI")
        registry.append(("sh:declare", [("sh:prefix", ox.Literal(name)), ("sh:namespace", value)]))
    triples = list(statements(PREFIXES, registry, (f"prefix-{name}" for name, _ in prefixes)))
    target: Properties = [("schema:target", ox.NamedNode(endpoint))] if endpoint else []
    for question in questions:
        node = ox.NamedNode(QUERY + quote(question.name))
        triples += statements(node, _properties(question, project) + target)
    return triples


def _properties(question: Question, project: Project) -> Properties:
    file = f"queries/{question.name}.rq"
    form = execute.query_form(question.text, project.prefixes, file).capitalize()
    properties: Properties = [
        ("rdf:type", "sh:SPARQLExecutable"),
        ("rdf:type", f"sh:SPARQL{form}Executable"),
        ("rdfs:label", ox.Literal(question.name)),
        ("rdfs:comment", english_literal(question.summary)),
        *(("skos:altLabel", english_literal(text)) for text in question.also),
        ("sh:prefixes", PREFIXES),
        (f"sh:{form.lower()}", ox.Literal(question.code)),
        *(("schema:keywords", ox.Literal(tag)) for tag in question.tags),
    ]
    if question.description:
        properties.append(("dcterms:description", english_literal(question.description)))
    return properties


def gallery(questions: list[Question], project: Project, store: ox.Store) -> str:
    """Return the stored questions as Markdown, by topic, each with its query and its answer.

    Args:
        questions: the questions, sorted by name.
        project: its prefixes.
        store: the store that answers them.

    Raises:
        QueryError: a question does not parse.
    """
    topics: dict[str, list[Question]] = {}
    for question in questions:
        topics.setdefault(question.tags[0] if question.tags else "other", []).append(question)
    parts = [INTRODUCTION]
    for topic, members in sorted(topics.items()):
        entries = (markdown.link(q.summary, f"#{q.name}") for q in members)
        listed = "".join(f"- {entry}\n" for entry in entries)
        parts.append(f"**{markdown.escape(topic)}**\n\n{listed}")
    for topic, members in sorted(topics.items()):
        parts.append(f"## {markdown.escape(topic[0].upper() + topic[1:])}\n")
        parts += [_section(question, project, store) for question in members]
    return "\n".join(parts)


def _section(question: Question, project: Project, store: ox.Store) -> str:
    origin = f"queries/{question.name}.rq"
    answer = execute.run(store, question.text, project.prefixes, origin, explain=False)
    if isinstance(answer, list):
        table = markdown.code_block(write.write(answer, "turtle", project), "turtle")
    else:
        table = results.write(answer, "markdown", project)
    name, summary, description = map(
        markdown.escape, (question.name, question.summary, question.description)
    )
    text = markdown.code_block(question.code, "sparql")
    paragraphs = [f"### {name}", f"**{summary}**", *([description] if description else []), text]
    return "\n\n".join(paragraphs) + f"\n{table}"
