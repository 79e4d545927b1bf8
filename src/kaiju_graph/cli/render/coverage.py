"""The coverage of an article as text or JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaiju_graph.cli.render.text import json_text, mark, quantity

if TYPE_CHECKING:
    from kaiju_graph.api import KnowledgeGraph
    from kaiju_graph.evidence.coverage import Coverage

__all__ = ["render_coverage"]


def render_coverage(kg: KnowledgeGraph, covered: Coverage, form: str) -> str:
    """Return the article passage by passage, with words that the graph does not reflect «marked».

    Args:
        kg: its project has the prefixes.
        covered: the coverage.
        form: ``text`` or ``json``.
    """
    shorten = kg.project.prefixes.shorten
    if form == "json":
        return json_text(
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
    lines = [
        f"{shorten(passage.iri.value)}  {quantity(triples, 'triple')}\n"
        f"    {mark(passage.quote.value, words)}"
        for passage, triples, words in covered.readings
    ]
    lines += [f"in no passage: {gap}" for gap in covered.gaps]
    empty = sum(not reading.triples for reading in covered.readings)
    marked = sum(len(reading.unreflected) for reading in covered.readings)
    lines.append(
        f"{quantity(len(covered.readings), 'passage')}, {empty} of them empty; "
        f"{quantity(len(covered.gaps), 'gap')} between them; {quantity(marked, 'word')} marked"
    )
    return "\n".join(lines) + "\n"
