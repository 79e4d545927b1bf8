"""Add what is new in the text of an article to the files of its passages.

What was modelled stays byte for byte. A passage whose words changed keeps its graph and gets its
new quote; one that moved is moved; one that is no longer in the text stays if it has a graph.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.draft import write
from kaiju_graph.rdf.parse import parse
from kaiju_graph.rdf.statement_offsets import find_offsets
from kaiju_graph.rdf.terms import EVIDENCE, QUOTE
from kaiju_graph.rdf.tokens import tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kaiju_graph.project.passages import Passage
    from kaiju_graph.rdf.terms import Resource
    from kaiju_graph.rdf.tokens import Token

__all__ = [
    "Blocks",
    "Match",
    "match",
]

LEAST_RATIO = 0.6
"""How similar, from 0 to 1, a sentence is to the one that it was before."""


class Match(NamedTuple):
    """The passage that a piece was before, and whether it stands at the same place."""

    passage: Passage
    is_moved: bool


def match(passages: Sequence[Passage], quotes: Sequence[str]) -> list[Match | None]:
    """Return for each quote of a text the passage that it was before, or None.

    Args:
        passages: the passages as they are, in order.
        quotes: the quotes of the new text, in order.
    """
    old = [passage.quote.value for passage in passages]
    found: list[Match | None] = [None] * len(quotes)
    changes = SequenceMatcher(None, old, list(quotes), autojunk=False).get_opcodes()
    left: list[int] = []
    for tag, a, b, c, d in changes:
        if tag == "equal":
            found[c:d] = [Match(passages[a + n], is_moved=False) for n in range(d - c)]
        else:
            left += range(a, b)
    moved: dict[str, list[int]] = {}
    for number in left:
        moved.setdefault(old[number], []).append(number)
    for at, quote in enumerate(quotes):
        if found[at] is None and moved.get(quote):
            found[at] = Match(passages[moved[quote].pop(0)], is_moved=True)
    taken = {one.passage.iri for one in found if one}
    for tag, a, b, c, d in changes:
        if tag != "replace":
            continue
        before = [number for number in range(a, b) if passages[number].iri not in taken]
        after = [at for at in range(c, d) if found[at] is None]
        for number, at in _pair(before, after, old, quotes):
            found[at] = Match(passages[number], is_moved=False)
    return found


def _pair(
    before: list[int], after: list[int], old: Sequence[str], quotes: Sequence[str]
) -> Iterator[tuple[int, int]]:
    """Yield pairs of a former quote and the new one that is most like it, in order."""
    start = 0
    for number in before:
        scores = [
            (SequenceMatcher(None, old[number], quotes[after[k]], autojunk=False).ratio(), -k)
            for k in range(start, len(after))
        ]
        ratio, place = max(scores, default=(0.0, 0))
        if ratio >= LEAST_RATIO:
            yield number, after[-place]
            start = -place + 1


class _Span(NamedTuple):
    """The place of a passage in a file: its comment, its quote and its graph."""

    start: int
    end: int
    quote: Token


class Blocks:
    """The text of a file of passages, in which each passage is a block.

    Args:
        file: its name.
        text: its text.
    """

    def __init__(self, file: str, text: str) -> None:
        spans = _find_spans(file, text)
        self.head = text[: min((span.start for span in spans.values()), default=len(text))]
        self.order: list[Resource] = sorted(spans, key=lambda iri: spans[iri].start)
        self.texts: dict[Resource, str] = {}
        self.after: dict[Resource, str] = {}
        """Passage → what stands between it and the next one, such as the line above a section."""
        self._quotes: dict[Resource, tuple[int, str]] = {}
        for iri, following in zip_longest(self.order, self.order[1:]):
            start, end, quote = spans[iri]
            self.texts[iri] = text[start:end]
            self.after[iri] = text[end : spans[following].start if following else len(text)]
            self._quotes[iri] = quote.offset - start, quote.text

    @property
    def text(self) -> str:
        """The text of the file."""
        return self.head + "".join(self.texts[iri] + self.after[iri] for iri in self.order)

    def change_quote(self, iri: Resource, quote: str, remark: str = "") -> None:
        """Give a passage another quote, and a remark above it."""
        text, (offset, old) = self.texts[iri], self._quotes[iri]
        text = f"{text[:offset]}{ox.Literal(quote)}{text[offset + len(old) :]}"
        lines = "".join(f"{line}\n" for line in write.comment(remark)) if remark else ""
        self.texts[iri] = lines + text
        self._quotes[iri] = offset + len(lines), str(ox.Literal(quote))

    def cut(self, iri: Resource) -> str:
        """Remove a passage, and return its text."""
        at = self.order.index(iri)
        self.order.remove(iri)
        section = self.after.pop(iri).strip("\n")
        if section:
            section = f"\n\n{section}\n\n" if at < len(self.order) else f"\n\n{section}\n"
            if at:
                self.after[self.order[at - 1]] = section
            else:
                self.head = f"{self.head.rstrip(chr(10))}{section}"
        elif at == len(self.order):
            if at:
                self.after[self.order[at - 1]] = "\n"
            else:
                self.head = f"{self.head.rstrip(chr(10))}\n"
        return self.texts.pop(iri)

    def insert_after(self, iri: Resource, text: str, other: Resource) -> None:
        """Add a passage behind another."""
        self.order.insert(self.order.index(other) + 1, iri)
        self.texts[iri] = text
        self.after[iri], self.after[other] = self.after[other], "\n\n"

    def insert_before(self, iri: Resource, text: str, other: Resource) -> None:
        """Add a passage above another."""
        self.order.insert(self.order.index(other), iri)
        self.texts[iri], self.after[iri] = text, "\n\n"


def _find_spans(file: str, text: str) -> dict[Resource, _Span]:
    """Return the places of the passages of a file."""
    quads = parse(file, text, EVIDENCE)
    quoted = [
        (quad.subject, offsets)
        for quad, offsets in zip(quads, find_offsets(text), strict=True)
        if offsets and quad.predicate == QUOTE
    ]
    found = list(tokens(text))
    numbers = {token.offset: number for number, token in enumerate(found)}
    spans: dict[Resource, _Span] = {}
    for iri, offsets in quoted:
        start, quote = numbers[offsets.subject], found[numbers[offsets.object]]
        end = next(n for n in range(numbers[quote.offset], len(found)) if found[n].text == ".")
        if [token.text for token in found[end + 1 : end + 3]] == [found[start].text, "{"]:
            end = next(n for n in range(end, len(found)) if found[n].text == "}")
        spans[iri] = _Span(_above(text, offsets.subject), found[end].end, quote)
    return spans


def _above(text: str, offset: int) -> int:
    """Return where the comment directly above an offset begins, or the line of the offset."""
    start = text.rfind("\n", 0, offset) + 1
    while start:
        line = text[text.rfind("\n", 0, start - 1) + 1 : start]
        if not line.startswith("# ") or line.rstrip().endswith("---"):
            break
        start -= len(line)
    return start
