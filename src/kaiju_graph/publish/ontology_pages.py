"""Write the documentation of the ontology, in Markdown.

Each term has its definition, its relations to other terms, its alignments, and an example from the
graph with the sentence that states it. Terms are in the order of the files.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.publish import vocabulary
from kaiju_graph.rdf.properties import iri
from kaiju_graph.rdf.terms import TYPE
from kaiju_graph.rdf.turtle import TermWriter
from kaiju_graph.sparql.markdown import code_block, escape, link

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kaiju_graph.project.layout import Project
    from kaiju_graph.publish.vocabulary import Example, Index, Value
    from kaiju_graph.rdf.terms import Quad, Term

__all__ = ["document"]


def document(quads: Sequence[Quad], project: Project) -> str:
    """Return the documentation of the ontology.

    Args:
        quads: all quads of the project, in the order of its files.
        project: its prefixes.
    """
    index = vocabulary.Index(quads, project)
    ontologies = {
        node: vocabulary.groups(index, node)
        for node in index.subjects(iri("owl:Ontology"), "rdf:type")
    }
    parts = [
        "# The ontology\n",
        "This page is made from the Turtle files in ontology/; edit those.\n",
    ]
    for node, groups in ontologies.items():
        parts.append(
            f"**[{_text(index, node, 'dcterms:title')}](#{_anchor(index.curie(node))})**\n"
        )
        for heading, members in groups.items():
            parts.append(f"{heading}: {', '.join(_link(index, t) for t in members)}\n")
    for node, groups in ontologies.items():
        parts.append(_header(index, node))
        for heading, members in groups.items():
            parts.append(f"### {heading}\n")
            parts += [_entry(index, member) for member in members]
    return "\n".join(parts)


def _header(index: Index, ontology: Term) -> str:
    lines = [f"- IRI: <{ontology.value}>\n"]
    for curie, label in (
        ("owl:versionIRI", "version"),
        ("dcterms:license", "licence"),
        ("owl:imports", "imports"),
    ):
        values = ", ".join(f"<{value.value}>" for value in index.objects(ontology, curie))
        lines.append(f"- {label}: {values}\n" if values else "")
    title, text = (_text(index, ontology, f"dcterms:{name}") for name in ("title", "description"))
    anchor = _anchor(index.curie(ontology))
    return f'<a id="{anchor}"></a>\n\n## {title}\n\n{text}\n\n{"".join(lines)}'


def _entry(index: Index, term: Term) -> str:
    name = index.curie(term)
    label, definition, note = (
        _text(index, term, curie)
        for curie in ("rdfs:label", "skos:definition", "skos:editorialNote")
    )
    parts = [
        f'<a id="{_anchor(name)}"></a>\n',
        f"#### {escape(name)}\n",
        f"*{label}*: {definition}\n",
    ]
    if note:
        parts.append(f"{note}\n")
    relations = vocabulary.relations(index, term)
    if lines := [f"- {label}: {_values(index, values)}\n" for label, values in relations.items()]:
        parts.append("".join(lines))
    if example := vocabulary.example(index, term):
        parts.append(_example_text(index, example))
    return "\n".join(parts)


def _example_text(index: Index, example: Example) -> str:
    """Return an example in Markdown: the statement, and the sentence as a quotation."""
    subject, predicate, value = map(TermWriter(index.prefixes).text, example.quad.triple)
    code = f"{subject} {'a' if example.quad.predicate == TYPE else predicate} {value} ."
    text = f"Example ({example.source}):\n\n{code_block(code, 'turtle')}"
    sentence = "\n> ".join(map(escape, example.sentence.split("\n")))
    return f"{text}\n> {sentence}\n" if sentence else text


def _values(index: Index, values: list[Value]) -> str:
    return ", ".join(" ∘ ".join(_link(index, part) for part in value) for value in values)


def _link(index: Index, term: Term | str) -> str:
    """Return a link to the entry of a term, or to the IRI of a term of another vocabulary."""
    if not isinstance(term, ox.NamedNode):
        return escape(str(term))
    name = index.curie(term)
    is_defined = index.objects(term, "rdfs:isDefinedBy")
    return link(name, f"#{_anchor(name)}" if is_defined else term.value)


def _text(index: Index, term: Term, curie: str) -> str:
    return escape(index.text(term, curie))


def _anchor(name: str) -> str:
    """Return the anchor of a name; it does not change while the name stays the same."""
    return re.sub(r"[^\w-]+", "-", name).strip("-")
