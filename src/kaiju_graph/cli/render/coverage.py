"""The coverage of an article as text or JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kaiju_graph.cli.render.text import json_text, mark, quantity
from kaiju_graph.evidence.coverage import CARRIERS, count_words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kaiju_graph.api import KnowledgeGraph
    from kaiju_graph.evidence.coverage import Coverage, Reading, Word

__all__ = ["render_coverage"]

IN_WORDS = {
    "structure": "in structure",
    "label": "in a label alone",
    "nothing": "in nothing",
    "reason": "left out for a reason",
}
"""Key of the counts → what it says in a line of text."""


def render_coverage(kg: KnowledgeGraph, covered: Coverage, form: str) -> str:
    """Return the article passage by passage, with words that structure does not carry «marked».

    Args:
        kg: its project has the prefixes.
        covered: the coverage.
        form: ``text`` or ``json``.
    """
    if form == "json":
        return json_text(
            {
                "complete": covered.complete,
                "words": covered.counts,
                "gaps": covered.gaps,
                "passages": [_reading_json(reading) for reading in covered.readings],
            }
        )
    shorten = kg.project.prefixes.shorten
    lines = [line for reading in covered.readings for line in _reading_lines(reading, shorten)]
    lines += [f"in no passage: {gap}" for gap in covered.gaps]
    drafts = sum(not reading.is_modelled for reading in covered.readings)
    empty = sum(not reading.triples and reading.is_modelled for reading in covered.readings)
    states = f"{empty} of them empty" + f", {drafts} not modelled yet" * bool(drafts)
    lines.append(
        f"{quantity(len(covered.readings), 'passage')}, {states}; "
        f"{quantity(len(covered.gaps), 'gap')} between them; {_words(covered.counts)}"
    )
    return "\n".join(lines) + "\n"


def _reading_lines(reading: Reading, shorten: Any) -> Iterator[str]:
    quote = reading.passage.quote.value
    triples = quantity(reading.triples, "triple") if reading.is_modelled else "not modelled yet"
    counts = count_words(reading.words)
    yield f"{shorten(reading.passage.iri.value)}  {triples}; {_words(counts)}"
    yield f"    {mark(quote, [word[:2] for word in reading.missing])}"
    for carrier in CARRIERS:
        if words := [quote[w.start : w.end] for w in reading.missing if w.carrier == carrier]:
            yield f"    {IN_WORDS[carrier]}: {', '.join(words)}"
    for reason in dict.fromkeys(word.reason for word in reading.words if word.reason):
        yield f"    {IN_WORDS['reason']}: {reason}"


def _words(counts: dict[str, int]) -> str:
    """Return the counts of words as one phrase.

    >>> _words({"structure": 2, "label": 0, "nothing": 1, "reason": 0})
    '3 words: 2 in structure, 1 in nothing'
    """
    parts = [f"{count:,} {IN_WORDS[key]}" for key, count in counts.items() if count]
    return ": ".join([quantity(sum(counts.values()), "word"), *[", ".join(parts)] * bool(parts)])


def _reading_json(reading: Reading) -> dict[str, Any]:
    passage = reading.passage
    return {
        "passage": passage.iri.value,
        "section": passage.section,
        "order": passage.order,
        "start": passage.start,
        "end": passage.end,
        "quote": passage.quote.value,
        "triples": reading.triples,
        "modelled": reading.is_modelled,
        "words": count_words(reading.words),
        "missing": [_word_json(passage.quote.value, word) for word in reading.missing],
        "omitted": [
            {**_word_json(passage.quote.value, word), "reason": word.reason}
            for word in reading.words
            if word.reason
        ],
    }


def _word_json(quote: str, word: Word) -> dict[str, Any]:
    text = quote[word.start : word.end]
    return {"word": text, "start": word.start, "end": word.end, "carrier": word.carrier}
