"""The words of a picture: cut, measured and broken into lines."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING
from unicodedata import combining, east_asian_width

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["rest_note", "shorten", "width", "wrap"]

PART = re.compile(r"[^a-z]?[^A-Z:/_-]*[:/_-]*", re.DOTALL)
"""A part of a long word, after which it may be broken: ``story:broughtAboutBy`` has four."""
NARROW, WIDE = frozenset("fijlrtI.,:;!|'()[]/\\- "), frozenset("mwMW@%—…")
SIZES = {"narrow": 360, "wide": 980, "upper": 710, "full": 1050, "other": 585}
"""Kind of a character → its width in thousandths of an em: at least that of DejaVu Sans."""


def rest_note(count: int, noun: str) -> str:
    """Return what a picture says of things that it does not show; nothing if it shows all.

    >>> rest_note(1, "fact"), rest_note(1_100, "fact"), rest_note(0, "fact")
    ('1 more fact is not shown.', '1,100 more facts are not shown.', '')
    """
    if not count:
        return ""
    return f"{count:,} more {noun}{'s are' if count > 1 else ' is'} not shown."


def shorten(text: str, length: int) -> str:
    """Return a text, with an ellipsis for what is beyond a length.

    >>> shorten("one two", 6)
    'one t…'
    """
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"


@lru_cache(2**13)
def width(text: str, size: float) -> float:
    """Return how wide a text in a sans-serif font is at most, in pixels.

    >>> width("ii", 10) < width("ww", 10)
    True
    """
    return sum(map(_em, text)) * size / 1000


@lru_cache(2**12)
def _em(character: str) -> int:
    """Return the width of a character in thousandths of an em."""
    if combining(character):
        return 0
    if east_asian_width(character) in "WF":
        return SIZES["full"]
    if character in NARROW:
        return SIZES["narrow"]
    if character in WIDE:
        return SIZES["wide"]
    return SIZES["upper" if character.isupper() else "other"]


def wrap(text: str, size: float, limit: float, lines: int) -> list[str]:
    """Return a text in lines no wider than a limit; an ellipsis stands for what is beyond them.

    A word that is wider than a line is broken, if possible before a capital or after a colon.

    >>> wrap("a large meteor crashes", 10, 90, 2)
    ['a large meteor', 'crashes']
    >>> wrap("story:broughtAboutBy", 10, 90, 2)
    ['story:brought', 'AboutBy']
    """
    room = limit * 1000 / size
    result, used = [""], 0
    for word in text.split():
        wide = sum(map(_em, word))
        gap = _em(" ") if result[-1] else 0
        if used + gap + wide <= room:
            result[-1] += f" {word}" if gap else word
            used += gap + wide
            continue
        if result[-1]:
            result.append("")
            used = 0
        for part in [word] if wide <= room else _parts(word, room):
            wide = sum(map(_em, part))
            if result[-1] and used + wide > room:
                result.append("")
                used = 0
            result[-1] += part
            used += wide
    if len(result) <= lines:
        return result
    last = result[lines - 1]
    while last and width(f"{last}…", size) > limit:
        last = last[:-1]
    return [*result[: lines - 1], f"{last.rstrip()}…"]


def _parts(word: str, room: float) -> Iterator[str]:
    """Yield the parts of a word after which a line may end; a part that is too wide is broken."""
    for part in PART.findall(word):
        if sum(map(_em, part)) <= room:
            yield part
        else:
            yield from part
