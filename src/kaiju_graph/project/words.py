"""Look up words in a text: whole names, other spellings, and the nearest words."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from functools import lru_cache
from typing import NamedTuple
from unicodedata import category, combining, normalize

__all__ = ["NearestWords", "WordIndex", "find_nearest", "find_respelling"]

MIN_RATIO = 0.5
"""The least similarity of near words, from 0 (nothing in common) to 1 (equal)."""
CONTEXT = 4
"""How many words are shown before and after a difference."""
LETTERS = re.compile(r"[^\W_]+")
WORD = re.compile(r"\S+")


class NearestWords(NamedTuple):
    """The words of a text that are most like given words, and their differences."""

    text: str
    difference: str
    """What to remove as ``[-words-]``, what to add as ``{+words+}``."""
    offset: int
    """The offset of the first difference in the given words, in code points."""
    length: int


class WordIndex:
    """An index of the words of a text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.offsets: dict[str, list[int]] = {}
        for match in LETTERS.finditer(text):
            self.offsets.setdefault(match[0], []).append(match.start())

    def contains(self, name: str) -> bool:
        """Tell whether the text contains a name as whole words.

        >>> words = WordIndex("An old castle")
        >>> words.contains("old castle"), words.contains("old"), words.contains("cast")
        (True, True, False)
        """
        words = [(self.offsets.get(m[0], []), m.start()) for m in LETTERS.finditer(name)]
        anywhere = range(len(self.text)), 0
        rarest, at = min(words, key=lambda word: len(word[0]), default=anywhere)
        return any(self._is_at(offset - at, name) for offset in rarest)

    def _is_at(self, start: int, name: str) -> bool:
        if start < 0 or not self.text.startswith(name, start):
            return False
        end = start + len(name)
        around = self.text[max(start - 1, 0) : start], self.text[end : end + 1]
        return not any(map(str.isalnum, around))


def find_respelling(words: str, text: str) -> str | None:
    r"""Return the words of a text that differ from given words by spaces and Unicode form only.

    None if there are no such words in one line of the text, or several.

    >>> find_respelling("\uff34he\xa0 2 :", "The 2: cats")
    'The 2:'
    >>> find_respelling("Cat3", "Cat 2, Cat 3, Cat  3")
    """
    skeleton, _ = _skeleton(words)
    folded, offsets = _skeleton(text)
    found: set[str] = set()
    at = folded.find(skeleton) if skeleton else -1
    while at >= 0:
        start, end = offsets[at], offsets[at + len(skeleton) - 1] + 1
        near = text[start:end]
        is_whole = _skeleton(near)[0] == skeleton and not combining(text[end : end + 1] or " ")
        if is_whole and "\n" not in near:
            found.add(near)
        at = folded.find(skeleton, at + 1)
    return found.pop() if len(found) == 1 and words not in found else None


@lru_cache(maxsize=8)
def _skeleton(text: str) -> tuple[str, list[int]]:
    """Return a text without spaces and invisible characters, in NFKD, and the offset of each.

    The form is that of Unicode Standard Annex 15.
    """
    pairs = [
        (part, at)
        for at, character in enumerate(text)
        for part in normalize("NFKD", character)
        if not part.isspace() and category(part) != "Cf"
    ]
    return "".join(part for part, _ in pairs), [at for _, at in pairs]


class _Step(NamedTuple):
    """Words of the text, the given words in their place, and whether both are the same."""

    near: list[re.Match[str]]
    given: list[re.Match[str]]
    same: bool


def find_nearest(words: str, text: str) -> NearestWords | None:
    r"""Return the words of one line of a text that are most like given words, or None.

    The longest run of words that both have shows where to look (Ratcliff and Obershelp, in
    ``difflib``).

    >>> text = "It sat.\nFirst. The cat sat on it. Then it left."
    >>> find_nearest("The cat sit on it.", text).difference
    'The cat [-sit-] {+sat+} on it.'
    """
    given, all_words = list(WORD.finditer(words)), list(WORD.finditer(text))
    matcher = SequenceMatcher(None, _texts(all_words), _texts(given), autojunk=False)
    run = matcher.find_longest_match()
    if not run.size:
        return None
    at = all_words[run.a].start()
    first, last = text.rfind("\n", 0, at) + 1, text.find("\n", at) % (len(text) + 1)
    line = [word for word in all_words if first <= word.start() < last]
    skipped = max(line.index(all_words[run.a]) - run.b - CONTEXT, 0)
    window = line[skipped : skipped + len(given) + 2 * CONTEXT]
    matcher.set_seq1(_texts(window))
    steps = [
        _Step(window[a:b], given[c:d], tag == "equal") for tag, a, b, c, d in matcher.get_opcodes()
    ]
    # At either end, take no more words of the text than were given.
    if not steps[0].same:
        steps[0] = steps[0]._replace(near=steps[0].near[-len(steps[0].given) or len(window) :])
    if not steps[-1].same:
        steps[-1] = steps[-1]._replace(near=steps[-1].near[: len(steps[-1].given)])
    steps = [step for step in steps if step.near or step.given]
    near = [word for step in steps for word in step.near]
    wrong = next((at for at, step in enumerate(steps) if not step.same), None)
    if wrong is None or not near:
        return None
    # Where words are missing, mark the word that follows.
    marked = steps[wrong].given or steps[(wrong + 1) % len(steps)].given[:1]
    offset, end = marked[0].start(), marked[-1].end()
    nearest = text[near[0].start() : near[-1].end()]
    if SequenceMatcher(None, nearest, words, autojunk=False).ratio() < MIN_RATIO:
        return None
    return NearestWords(nearest, _difference(steps), offset, end - offset)


def _difference(steps: list[_Step]) -> str:
    parts: list[str] = []
    for at, step in enumerate(steps):
        if not step.same:
            parts += [f"[-{_join(step.given)}-]"] * bool(step.given)
            parts += [f"{{+{_join(step.near)}+}}"] * bool(step.near)
            continue
        before, after = at > 0, at < len(steps) - 1
        if len(step.given) <= CONTEXT * (before + after):
            parts.append(_join(step.given))
            continue
        parts += [_join(step.given[:CONTEXT])] * before
        parts += ["…", *[_join(step.given[-CONTEXT:])] * after]
    return " ".join(parts)


def _join(words: list[re.Match[str]]) -> str:
    return " ".join(_texts(words))


def _texts(words: list[re.Match[str]]) -> list[str]:
    return [word[0] for word in words]
