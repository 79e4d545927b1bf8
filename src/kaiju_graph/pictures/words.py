"""The words of a picture: cut, measured and broken into lines."""

from __future__ import annotations

import re
from unicodedata import combining, east_asian_width

__all__ = ["shorten", "width", "wrap"]

PART = re.compile(r"[^a-z]?[^A-Z:/_-]*[:/_-]*", re.DOTALL)
"""A part of a long word, after which it may be broken: ``story:broughtAboutBy`` has four."""
NARROW, WIDE = frozenset("fijlrtI.,:;!|'()[]/\\- "), frozenset("mwMW@%—…")
SIZES = {"narrow": 0.36, "wide": 0.98, "upper": 0.71, "full": 1.05, "other": 0.585}
"""Kind of a character → its width in em: that of DejaVu Sans or more, a wide sans-serif font."""


def shorten(text: str, length: int) -> str:
    """Return a text, with an ellipsis for what is beyond a length.

    >>> shorten("one two", 6)
    'one t…'
    """
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"


def width(text: str, size: float) -> float:
    """Return how wide a text in a sans-serif font is at most, in pixels.

    >>> width("ii", 10) < width("ww", 10)
    True
    """
    return sum(map(_em, text)) * size


def _em(character: str) -> float:
    if combining(character):
        return 0.0
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
    result = [""]
    for word in text.split():
        candidate = f"{result[-1]} {word}".strip()
        if width(candidate, size) <= limit:
            result[-1] = candidate
            continue
        if result[-1]:
            result.append("")
        for part in PART.findall(word):
            if result[-1] and width(result[-1] + part, size) > limit:
                result.append("")
            for character in part:
                if result[-1] and width(result[-1] + character, size) > limit:
                    result.append("")
                result[-1] += character
    if len(result) <= lines:
        return result
    last = result[lines - 1]
    while last and width(f"{last}…", size) > limit:
        last = last[:-1]
    return [*result[: lines - 1], f"{last.rstrip()}…"]
