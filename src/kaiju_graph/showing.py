"""Stage 12: values → what a person or a program reads of them, beside answers and graphs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kaiju_graph.errors import UsageError
from kaiju_graph.sources import layers
from kaiju_graph.terms import TYPE, Term

if TYPE_CHECKING:
    import pyoxigraph as ox

    from kaiju_graph.asking import Question
    from kaiju_graph.coverage import Coverage
    from kaiju_graph.describing import Fact, Found
    from kaiju_graph.knowledge import KnowledgeGraph

__all__ = ["coverage", "facts", "found", "menu"]


def menu(questions: list[Question], form: str) -> str:
    """Return the list of stored questions, by topic (the first tag).

    Args:
        questions: the questions, sorted by name.
        form: ``table``, ``markdown`` or ``json``.

    Raises:
        UsageError: another format.
    """
    if form == "json":
        return _json(
            [
                {
                    "name": asked.name,
                    "summary": asked.summary,
                    "description": asked.description,
                    "tags": list(asked.tags),
                    "parameters": {p.name: p.type for p in asked.parameters},
                }
                for asked in questions
            ]
        )
    topics: dict[str, list[Question]] = {}
    for asked in questions:
        topics.setdefault(asked.tags[0] if asked.tags else "other", []).append(asked)
    if form == "markdown":
        return "\n".join(
            f"**{topic}**\n\n"
            + "".join(f"- `{asked.name}`: {asked.summary}\n" for asked in members)
            for topic, members in sorted(topics.items())
        )
    if form != "table":
        raise UsageError(f"{form} does not hold the list of questions; use table, markdown, json")
    width = max((len(asked.name) for asked in questions), default=0)
    return "\n".join(
        f"{topic}\n"
        + "".join(
            f"  {asked.name:{width}}  {asked.summary}"
            + "".join(f" [-p {parameter.name}=…]" for parameter in asked.parameters)
            + "\n"
            for asked in members
        )
        for topic, members in sorted(topics.items())
    )


def facts(kg: KnowledgeGraph, thing: ox.NamedNode, known: list[Fact], form: str) -> str:
    """Return what is known of a thing, with labels and the graphs that say it."""
    shorten = kg.project.shorten
    if form == "json":
        return _json(
            {
                "thing": thing.value,
                "label": kg.names.labels.get(thing),
                "facts": [
                    {
                        "subject": fact.triple.subject.value,
                        "predicate": fact.triple.predicate.value,
                        "object": fact.triple.object.value,
                        "label": kg.names.label(_other(fact), kg.project),
                        "graphs": [graph.value for graph in fact.graphs],
                    }
                    for fact in known
                ],
            }
        )
    layer = layers(kg.quads)
    lines = [f"{kg.names.label(thing, kg.project)}  {shorten(thing.value)}"]
    for fact in known:
        predicate = shorten(fact.triple.predicate.value)
        predicate = "a" if fact.triple.predicate == TYPE else predicate
        other = kg.names.label(_other(fact), kg.project)
        said = dict.fromkeys(
            shorten(graph.value) if layer[graph.value] == "stated" else layer[graph.value]
            for graph in fact.graphs
        )
        words = f"{predicate} {other}" if fact.outgoing else f"is {predicate} of {other}"
        lines.append(f"  {words}  [{', '.join(said)}]")
    return "\n".join(lines) + "\n"


def _other(fact: Fact) -> Term:
    return fact.triple.object if fact.outgoing else fact.triple.subject


def found(kg: KnowledgeGraph, things: list[Found], form: str) -> str:
    """Return the things of a search: CURIE, name and classes."""
    shorten = kg.project.shorten
    if form == "json":
        return _json(
            [
                {
                    "thing": item.thing.value,
                    "name": item.name,
                    "classes": [kind.value for kind in item.classes],
                }
                for item in things
            ]
        )
    return "".join(
        f"{shorten(item.thing.value)}\t{item.name}\t"
        f"{', '.join(shorten(kind.value) for kind in item.classes)}\n"
        for item in things
    )


def coverage(kg: KnowledgeGraph, covered: Coverage, form: str) -> str:
    """Return the article passage by passage, words that the graph does not reflect marked «so»."""
    shorten = kg.project.shorten
    if form == "json":
        return _json(
            {
                "complete": covered.complete,
                "gaps": covered.gaps,
                "passages": [
                    {
                        "passage": passage.iri.value,
                        "section": passage.section,
                        "order": passage.order,
                        "start": passage.start,
                        "end": passage.end,
                        "quote": passage.quote.value,
                        "triples": triples,
                        "unreflected": [
                            {"word": passage.quote.value[start:end], "start": start, "end": end}
                            for start, end in words
                        ],
                    }
                    for passage, triples, words in covered.readings
                ],
            }
        )
    lines = []
    for passage, triples, words in covered.readings:
        text = passage.quote.value
        for start, end in reversed(words):
            text = f"{text[:start]}«{text[start:end]}»{text[end:]}"
        lines.append(f"{shorten(passage.iri.value)}  {triples} triples\n    {text}")
    lines += [f"in no passage: {gap}" for gap in covered.gaps]
    empty = sum(not reading.triples for reading in covered.readings)
    marked = sum(len(reading.unreflected) for reading in covered.readings)
    lines.append(
        f"{len(covered.readings)} passages, {empty} of them empty; "
        f"{len(covered.gaps)} gaps between them; {marked} words marked"
    )
    return "\n".join(lines) + "\n"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
