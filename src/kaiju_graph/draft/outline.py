"""Divide the text of an article into sections and passages.

The form of the text is that of ``article.txt``: ``= Title =``, ``==Heading==``, ``- `` before a
line of the infobox or an item of a list. Together the passages have every other word.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from kaiju_graph.draft.names import slug
from kaiju_graph.draft.values import find_days
from kaiju_graph.errors import SourceError
from kaiju_graph.project.passages import HEADING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kaiju_graph.project.names import Names

__all__ = [
    "INFOBOX",
    "KEY",
    "LEAD",
    "TITLE",
    "Outline",
    "Piece",
    "divide",
    "read_title",
    "split_sentences",
    "unique",
]

ITEM = "- "
STOPS, OPENING, CLOSING = "\u3002\uff01\uff1f", "\u300c\u300e\uff08", "\u300d\u300f\uff09"
"""The signs of Japanese and Chinese that end a sentence, and those of quotes and parentheses."""
KEY = re.compile(r"(?P<key>[^:\n]{1,60}):[ \t]+(?P<value>\S.*)")
RESERVED = ("article", "curation", "entities", "prefixes")
"""The names of the other files in the folder of an article."""
TITLE = "Title"
"""The key under which the title of an article and the first line of an infobox are looked up."""
INFOBOX, LEAD = "infobox", "lead"
"""The names of the files of the infobox and of the text before the first heading."""
TITLE_LEVEL = 1
SECTION_LEVEL = 2


class Piece(NamedTuple):
    """A passage to be: a sentence, title, infobox line or list item."""

    quote: str
    name: str
    """Its local name, such as plot-2-3."""
    file: str
    """The name of its file, without its ending, which is that of its section."""
    heading: str
    """The heading under which it stands; empty before the first."""
    key: str = ""
    """The key of an infobox line, or the heading over a list."""
    value: str = ""
    """What stands behind the key."""


class Outline(NamedTuple):
    """The title of an article and its pieces, in order."""

    title: str
    pieces: list[Piece]


class _Section(NamedTuple):
    heading: str
    name: str
    file: str


def divide(text: str, name: str, names: Names | None = None, language: str = "en") -> Outline:
    r"""Divide the text of an article into pieces.

    Args:
        text: the text.
        name: the name of its file, for errors.
        names: known names, inside of which no sentence ends.
        language: its language.

    Raises:
        SourceError: it has no title, or two.

    >>> outline = divide("= A =\n\n- Country: Chad\n\nOne. Two.\n\n==Fate==\n- B\n", "a.txt")
    >>> [(piece.name, piece.quote, piece.value) for piece in outline.pieces]
    ... # doctest: +NORMALIZE_WHITESPACE
    [('title', 'A', 'A'), ('infobox-country', 'Country: Chad', 'Chad'),
     ('lead-1-1', 'One.', ''), ('lead-1-2', 'Two.', ''), ('fate-1', 'B', 'B')]
    """
    divider = _Divider(names, language)
    for block in _blocks(text):
        if block.level == TITLE_LEVEL:
            if divider.title:
                found = f"{name}:{block.line}: found a second title"
                raise SourceError(f"{found}; expected ==Heading==")
            divider.title = block.text
            divider.add(block.text, "title", INFOBOX, TITLE)
        elif not divider.title:
            found = f"{name}:{block.line}: found no title above the text"
            raise SourceError(f"{found}; expected = Title = there, or --title")
        else:
            divider.take(block)
    if not divider.title:
        raise SourceError(f"{name}:1: found no title; expected = Title =, or --title")
    return Outline(divider.title, divider.pieces)


def read_title(text: str, name: str) -> str:
    """Return the title of the text of an article, which its first block has.

    The arguments and errors are those of ``divide``.
    """
    return divide(text.partition("\n\n")[0], name).title


class _Divider:
    """Makes pieces of blocks, in order; it knows the section and the place in it."""

    def __init__(self, names: Names | None, language: str) -> None:
        self.names = names
        self.language = language
        self.title = ""
        self.pieces: list[Piece] = []
        self.section = _Section("", LEAD, LEAD)
        self.paragraph = self.item = 0
        self._names: set[str] = set()
        self._sections = {INFOBOX, LEAD, *RESERVED}

    def add(self, quote: str, name: str, file: str, key: str = "", value: str = "") -> None:
        """Add a piece; its value is its quote if it has a key and no value."""
        heading = self.section.heading or self.title
        value = value or (quote if key else "")
        self.pieces.append(Piece(quote, unique(name, self._names), file, heading, key, value))

    def take(self, block: _Block) -> None:
        """Add the pieces of a block, or begin a section."""
        name, file = self.section.name, self.section.file
        if block.level:
            own = unique(slug(block.text) or "section", self._sections)
            is_below = block.level > SECTION_LEVEL and self.section.heading
            self.section = _Section(block.text, own, file if is_below else own)
            self.paragraph = self.item = 0
        elif entry := self._entry(block):
            key, value = entry
            self.add(block.text, f"infobox-{slug(key) or 'line'}", INFOBOX, key, value)
        elif block.is_item:
            self.item += 1
            self.add(block.text, f"{name}-{self.item}", file, self.section.heading)
        elif block.is_above_item and len(self.pieces) == 1:
            self.add(block.text, "infobox-title", INFOBOX, TITLE)
        else:
            self.paragraph += 1
            sentences = split_sentences(block.text, self.names, self.language)
            for number, sentence in enumerate(sentences, 1):
                self.add(sentence, f"{name}-{self.paragraph}-{number}", file)

    def _entry(self, block: _Block) -> tuple[str, str] | None:
        """Return the key and the value of a line of the infobox, which is above all prose."""
        is_above = block.is_item and not (self.section.heading or self.paragraph)
        match = KEY.fullmatch(block.text) if is_above else None
        return (match["key"].strip(), match["value"]) if match else None


class _Block(NamedTuple):
    """A heading, a list item or a paragraph: its words and the number of its line."""

    text: str
    line: int
    level: int = 0
    is_item: bool = False
    is_above_item: bool = False


def _blocks(text: str) -> Iterator[_Block]:
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        following = lines[number] if number < len(lines) else ""
        if heading := HEADING.fullmatch(line):
            yield _Block(heading[2], number, level=len(heading[1]))
        elif line.startswith(ITEM):
            yield _Block(line.removeprefix(ITEM).strip(), number, is_item=True)
        else:
            yield _Block(line.strip(), number, is_above_item=following.startswith(ITEM))


def split_sentences(text: str, names: Names | None = None, language: str = "en") -> list[str]:
    """Divide a paragraph into sentences; together they have all of its words.

    Args:
        text: one line.
        names: known names, inside of which no sentence ends.
        language: its language; no sentence ends inside of a date such as "3. März".

    >>> split_sentences("A.D. Vision met Miss Li. Who won? They did.")
    ['A.D. Vision met Miss Li.', 'Who won?', 'They did.']
    >>> split_sentences("彼は来た。「行こう。」と言った。")
    ['彼は来た。', '「行こう。」と言った。']
    """
    from syntok import segmenter

    starts = [
        sentence[0].offset
        for paragraph in segmenter.analyze(text)
        for sentence in map(list, paragraph)
        if sentence
    ]
    starts = sorted({*starts, *_ideographic_starts(text)})
    dates = find_days(text, language)
    for start, name in [*dates, *(names.mentions(text) if names else ())]:
        starts = [at for at in starts if not start < at < start + len(name)]
    ends = [*starts[1:], len(text)]
    starts[:1] = [0]
    return [part for a, b in zip(starts, ends, strict=True) if (part := text[a:b].strip())]


def _ideographic_starts(text: str) -> Iterator[int]:
    """Yield where a sentence begins behind an ideographic full stop outside of quotes."""
    if not any(sign in text for sign in STOPS):
        return
    depth, is_end = 0, False
    for at, sign in enumerate(text):
        if is_end and sign not in STOPS + CLOSING:
            yield at
        depth += (sign in OPENING) - (sign in CLOSING)
        is_end = sign in STOPS and depth <= 0


def unique(name: str, used: set[str]) -> str:
    """Return a name that is not used yet, with a number behind it if needed, and use it.

    >>> used = set()
    >>> unique("plot", used), unique("plot", used)
    ('plot', 'plot-2')
    """
    candidates = (f"{name}-{number}" for number in range(2, len(used) + 3))
    found = name if name not in used else next(c for c in candidates if c not in used)
    used.add(found)
    return found
