"""The tokens of SPARQL 1.1 (section 19.8), found in linear time; those of Turtle are among them.

Every quantifier is possessive, and an unclosed string is a token, too, so the expression reads each
character only a few times.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from kaiju_graph.rdf.prefixes import LETTERS, MARKS

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["CLASSES", "CLOSING", "LETTER", "MARK", "OPENING", "TOKEN", "Token", "tokens"]

OPENING, CLOSING = {"(", "{", "["}, {")", "}", "]"}

# Beyond ASCII, one character stands for its whole class: with the ranges of the classes, the
# expression would take longer to compile than most queries take to run.
LETTER, MARK, OTHER = "\u00e9\u00b7\u00a4"
BASE = f"A-Za-z{LETTER}"
CHARS = f"{BASE}_0-9{MARK}"
TOKEN = re.compile(
    rf"""
      (?P<space>[ \t\r\n]++|\#[^\r\n]*+)
    | (?P<string>\"{{3}}(?:[^"\\]|\\.|"(?!""))*+\"{{3}} | '{{3}}(?:[^'\\]|\\.|'(?!''))*+'{{3}}
        | "(?!"")(?:[^"\\\n\r]|\\.)*+" | '(?!'')(?:[^'\\\n\r]|\\.)*+')
    | (?P<unclosed>\"{{3}}(?:[^"\\]|\\.|"(?!""))*+ | '{{3}}(?:[^'\\]|\\.|'(?!''))*+
        | "(?:[^"\\\n\r]|\\.)*+ | '(?:[^'\\\n\r]|\\.)*+)
    | (?P<iri><(?:[^<>"{{}}|^`\\\x00-\x20]|\\u[0-9A-Fa-f]{{4}}|\\U[0-9A-Fa-f]{{8}})*+>)
    | (?P<variable>[?$][{BASE}_0-9][{CHARS}]*+)
    | (?P<language>@[A-Za-z]++(?:-[A-Za-z0-9]++)*+(?!--))
    | (?P<run>[{BASE}_][{CHARS}.-]*+)?+
      (?P<local>:(?:(?:[{CHARS}:]|%[0-9A-Fa-f]{{2}}|\\.)(?:[{CHARS}:-]|%[0-9A-Fa-f]{{2}}|\\.
        |\.++(?=[{CHARS}:%\\-]))*+)?+)
    | (?P<words>[{BASE}_][{CHARS}.-]*+)
    | (?P<signed>[+-](?:[0-9]++(?:\.[0-9]*+[eE][+-]?[0-9]++|\.[0-9]++|[eE][+-]?[0-9]++)?+
        |\.[0-9]++(?:[eE][+-]?[0-9]++)?+))
    | (?P<decimal>[0-9]++(?:\.[0-9]*+[eE][+-]?[0-9]++|\.[0-9]++|[eE][+-]?[0-9]++)
        |\.[0-9]++(?:[eE][+-]?[0-9]++)?+)
    | (?P<integer>[0-9]++)
    | (?P<beyond><<(?!(?:[^<>"{{}}|^`\\\x00-\x20])*+>)|>>|\{{\||\|\}}|~
        |@[A-Za-z]++(?:-[A-Za-z0-9]++)*+--[a-z]*+)
    | (?P<sign>\([ \t\r\n]*+\)|\[[ \t\r\n]*+\]|\^\^|&&|\|\||!=|<=|>=|[(){{}}\[\].,;=<>!+*/|^?-])
    | (?P<unknown>.)
    """,
    re.VERBOSE | re.DOTALL,
)
PIECE = re.compile(r"(?P<word>\w++)|(?P<integer>[0-9]++)|(?P<sign>.)", re.DOTALL)


class _Classes(dict[int, str]):
    """Code point → the same character if it is ASCII, else the one that stands for its class."""

    def __missing__(self, code: int) -> str:
        self[code] = (
            chr(code)
            if code < 0x80  # noqa: PLR2004 (the end of ASCII)
            else LETTER
            if any(first <= code <= last for first, last in LETTERS)
            else MARK
            if any(first <= code <= last for first, last in MARKS)
            else OTHER
        )
        return self[code]


CLASSES = _Classes()


class Token(NamedTuple):
    """A token: its kind (a group of ``TOKEN``), its text, and its offset."""

    kind: str
    text: str
    offset: int

    @property
    def end(self) -> int:
        """The offset after its last character."""
        return self.offset + len(self.text)


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a text, without white space and comments.

    >>> [token.text for token in tokens("SELECT ?x { ?x ev:quote 'a b' } # c")]
    ['SELECT', '?x', '{', '?x', 'ev:quote', "'a b'", '}']
    """
    for match in TOKEN.finditer(text if text.isascii() else text.translate(CLASSES)):
        kind = match.lastgroup or ""
        found = text[match.start() : match.end()]
        if kind == "words":  # a name without a colon ends at the first sign
            for piece in PIECE.finditer(found):
                yield Token(piece.lastgroup or "", piece[0], match.start() + piece.start())
        elif kind != "space":
            yield Token("name" if kind == "local" else kind, found, match.start())
