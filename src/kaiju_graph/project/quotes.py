"""Stage 2, beside passages: whether a text has words, or those that it has, and what differs."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import NamedTuple

__all__ = ["NearestWords", "WordIndex", "find_nearest"]

CLOSE = 0.5
"""How like others words are to be near them: 1 is the same, 0 has nothing in common."""
AROUND = 4
"""How many words are told before and after a difference."""
LETTERS = re.compile(r"[^\W_]+")

Word = tuple[int, str]
"""A word, and the offset at which it begins."""


class NearestWords(NamedTuple):
    """The words of a text that are most like some others, and how these differ."""

    text: str
    difference: str
    """What is to go as ``[-so-]``, what is to come as ``{+so+}``."""
    offset: int
    """Where in the words given the first difference is."""
    length: int


class WordIndex:
    """The words of a text, each with where it stands, for names to be looked up."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.places: dict[str, list[int]] = {}
        for match in LETTERS.finditer(text):
            self.places.setdefault(match[0], []).append(match.start())

    def contains(self, name: str) -> bool:
        """Tell whether the text has a name as whole words: looked for where its rarest word is.

        >>> words = Words("An old castle")
        >>> words.contains("old castle"), words.contains("old"), words.contains("cast")
        (True, True, False)
        """
        found = [(self.places.get(m[0], []), m.start()) for m in LETTERS.finditer(name)]
        places, offset = min(
            found, key=lambda each: len(each[0]), default=(range(len(self.text)), 0)
        )
        return any(self._stands_at(at - offset, name) for at in places)

    def _stands_at(self, start: int, name: str) -> bool:
        if start < 0 or not self.text.startswith(name, start):
            return False
        end = start + len(name)
        around = self.text[max(start - 1, 0) : start], self.text[end : end + 1]
        return not any(map(str.isalnum, around))


class _Step(NamedTuple):
    """Words of the text, the words given that stand for them, and whether these are the same."""

    near: list[Word]
    given: list[Word]
    same: bool


def find_nearest(words: str, text: str) -> NearestWords | None:
    r"""Return the words of a line of a text that are most like some, or None where none are near.

    The longest run of words that both have shows where to look (Ratcliff and Obershelp, in
    ``difflib``).

    >>> nearest("The cat sit on it.", "It sat.\nFirst. The cat sat on it. Then it left.").difference
    'The cat [-sit-] {+sat+} on it.'
    """
    given, those = _words(words), _words(text)
    matcher = SequenceMatcher(None, [w for _, w in those], [w for _, w in given], autojunk=False)
    best = matcher.find_longest_match()
    if not best.size:
        return None
    at = those[best.a][0]
    first, last = text.rfind("\n", 0, at) + 1, text.find("\n", at) % (len(text) + 1)
    line = [word for word in those if first <= word[0] < last]
    skipped = max(line.index(those[best.a]) - best.b - AROUND, 0)
    window = line[skipped : skipped + len(given) + 2 * AROUND]
    matcher.set_seq1([word for _, word in window])
    steps = [
        _Step(window[a:b], given[c:d], tag == "equal") for tag, a, b, c, d in matcher.get_opcodes()
    ]
    # At either end the text has no more words than were given.
    if not steps[0].same:
        steps[0] = steps[0]._replace(near=steps[0].near[-len(steps[0].given) or len(window) :])
    if not steps[-1].same:
        steps[-1] = steps[-1]._replace(near=steps[-1].near[: len(steps[-1].given)])
    steps = [step for step in steps if step.near or step.given]
    near = [word for step in steps for word in step.near]
    wrong = next((at for at, step in enumerate(steps) if not step.same), None)
    if wrong is None or not near:
        return None
    # Where words are left out, the word that stands there instead is shown.
    shown = steps[wrong].given or steps[(wrong + 1) % len(steps)].given[:1]
    offset, end = shown[0][0], shown[-1][0] + len(shown[-1][1])
    found = text[near[0][0] : near[-1][0] + len(near[-1][1])]
    if SequenceMatcher(None, found, words, autojunk=False).ratio() < CLOSE:
        return None
    return NearestWords(found, _difference(steps), offset, end - offset)


def _difference(steps: list[_Step]) -> str:
    parts: list[str] = []
    for at, step in enumerate(steps):
        if not step.same:
            parts += [f"[-{_joined(step.given)}-]"] * bool(step.given)
            parts += [f"{{+{_joined(step.near)}+}}"] * bool(step.near)
            continue
        before, after = at > 0, at < len(steps) - 1
        if len(step.given) <= AROUND * (before + after):
            parts.append(_joined(step.given))
            continue
        parts += [_joined(step.given[:AROUND])] * before
        parts += ["…", *[_joined(step.given[-AROUND:])] * after]
    return " ".join(parts)


def _joined(words: list[Word]) -> str:
    return " ".join(word for _, word in words)


def _words(text: str) -> list[Word]:
    return [(match.start(), match[0]) for match in re.finditer(r"\S+", text)]
