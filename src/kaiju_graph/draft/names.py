"""Names: local names for things and prefixes, and the names that a text has."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING
from unicodedata import combining, normalize
from unicodedata import name as name_of

import pyoxigraph as ox

from kaiju_graph.draft.values import months
from kaiju_graph.evidence.coverage import FUNCTION_WORDS
from kaiju_graph.project.spelling import WORD

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

__all__ = [
    "ENGLISH",
    "Capitals",
    "labels_of",
    "short_prefix",
    "slug",
]

ENGLISH = "en"
"""The language in which everything has a label."""
LATIN = str.maketrans({"ß": "ss", "æ": "ae", "ø": "o", "đ": "d", "ł": "l", "œ": "oe", "þ": "th"})
"""Letters without a decomposition in Unicode → letters of ASCII."""
PART = re.compile("[a-z0-9]+")
LONGEST_PREFIX = 8
LONGEST = 80
"""How many characters a local name has, which may become the name of a file."""
CAPITAL = "".join(filter(str.isupper, map(chr, range(0x3000))))
"""The capitals of all scripts that have them."""
WORD_OF_NAME = rf"(?:(?:[{CAPITAL}]\.){{2,}}|[{CAPITAL}](?:[\w.\u2019'-]*\w)?)"
CAPITALIZED = re.compile(
    rf"""
    (?<![\w\u2019']){WORD_OF_NAME}                             # a word with a capital
    (?:
        (?:\.?[ ](?:of|the|de|von|van|no|di|da|la|le|du))*   # words that a name has inside
        \.?[ ](?:{WORD_OF_NAME}|\d+(?!\d|[.,]\d))             # another such word, or a number
    )*
    """,
    re.VERBOSE,
)
POSSESSIVE = re.compile(r"['\u2019]s?$")


def slug(text: str) -> str:
    """Return the words of a text as a local name, in ASCII; it may be empty, and is not long.

    >>> slug("Yō Ōta & Co."), slug("King's Straße"), slug("大田")
    ('yo-ota-co', 'kings-strasse', '')
    """
    folded = normalize("NFKD", re.sub(r"['\u2019]", "", text.casefold())).translate(LATIN)
    name = "-".join(PART.findall("".join(c for c in folded if not combining(c))))
    return name if len(name) <= LONGEST else name[:LONGEST].rpartition("-")[0] or name[:LONGEST]


def labels_of(name: str, language: str) -> list[ox.Literal]:
    """Return the labels of a thing with a name, of which English takes those in Latin script.

    >>> [str(label) for label in labels_of("Berlin", "de")], len(labels_of("大泉", "ja"))
    (['"Berlin"@de', '"Berlin"@en'], 1)
    """
    is_latin = all(name_of(c, "").startswith("LATIN") for c in name if c.isalpha())
    languages = [language, *([ENGLISH] if is_latin and language != ENGLISH else [])]
    return [ox.Literal(name, language=each) for each in languages]


def _initials(name: str) -> str:
    """Return the initials of a slug; a number stays whole.

    >>> _initials("alien-3"), _initials("2001-a-space-odyssey")
    ('a3', 'p2001aso')
    """
    parts = (part if part.isdigit() else part[0] for part in name.split("-") if part)
    letters = "".join(parts)[:LONGEST_PREFIX]
    return f"p{letters}" if letters[:1].isdigit() else letters


def short_prefix(title: str, used: Collection[str]) -> str:
    """Return a short prefix for an article: the initials of its title, or of what precedes a colon.

    A title of one word has no initials; its prefix is its beginning.

    >>> short_prefix("Alien 3: The Return", ["al"]), short_prefix("Metropolis", [])
    ('a3', 'metropol')
    """
    name = slug(title)
    short, whole = _initials(slug(title.partition(":")[0])), _initials(name)
    beginning = name[:LONGEST_PREFIX] if "-" not in name and name[:1].isalpha() else ""
    for candidate in (short, whole, beginning):
        if len(candidate) > 1 and candidate not in used:
            return candidate
    stem = beginning or whole or "a"
    return next(p for n in range(2, len(used) + 3) if (p := f"{stem}{n}") not in used)


class Capitals:
    """Tells names in a sentence from words that only begin it.

    A first word is part of a name if it has a capital elsewhere, too, or if no dictionary has it.

    Args:
        sentences: all sentences of a text.
        language: their language.

    >>> sentences = ["The Duke of Kent met Li's men in Ely.", "When A.D. Vision won.", "Li fled."]
    >>> capitals = Capitals(sentences)
    >>> [[name for _, name in capitals.find(sentence)] for sentence in sentences]
    [['Duke of Kent', 'Li', 'Ely'], ['A.D. Vision'], ['Li']]
    >>> [name for _, name in capitals.find("Mr. Élan of the U.K. gave Ann 5,000 in été, at 大泉.")]
    ['Élan of the U.K.', 'Ann']
    """

    def __init__(self, sentences: Iterable[str], language: str = "en") -> None:
        self.language = language
        self.months = months(language)
        self.inside: set[str] = set()
        """The words that stand with a capital inside of a sentence."""
        for sentence in sentences:
            words = list(WORD.finditer(sentence))[1:]
            self.inside.update(word[0] for word in words if word[0][0].isupper())

    def find(self, sentence: str) -> Iterator[tuple[int, str]]:
        """Yield the names in a sentence, words in a row with capitals, each after its offset."""
        first = WORD.search(sentence)
        for match in CAPITALIZED.finditer(sentence):
            name = POSSESSIVE.sub("", match[0])
            if first and match.start() == first.start():
                name = self._without_beginning(name, first[0])
            if name and name.split(" ")[0].casefold() not in self.months and len(name) > 1:
                yield match.start() + match[0].index(name), name

    def _without_beginning(self, name: str, word: str) -> str:
        """Return a name without the first word of its sentence, if that is none of the name."""
        rest = name[len(word) :].lstrip(". ")
        is_name = word in self.inside or not _is_common(word, self.language)
        if is_name and word.casefold() not in FUNCTION_WORDS:
            return name
        while rest and rest[0].islower():
            rest = rest.partition(" ")[2]
        return rest


@cache
def _is_common(word: str, language: str) -> bool:
    """Tell whether a dictionary has a word, or nobody knows."""
    import simplemma

    try:
        return simplemma.is_known(word.casefold(), language.partition("-")[0].lower())
    except ValueError:  # not one of its languages
        return True
