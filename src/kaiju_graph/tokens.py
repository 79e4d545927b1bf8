"""Stage 8, for queries: a text → the tokens of SPARQL 1.1 (section 19.8), in time linear in it.

Every quantifier is possessive and what has no end is a token, too, so that no character is read
more than a few times, whatever a stranger writes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["CLOSING", "OPENING", "Token", "expanded", "place", "tokens"]

OPENING, CLOSING = {"(", "{", "["}, {")", "}", "]"}

# PN_CHARS_BASE and PN_CHARS of section 19.8.
BASE = (
    r"A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d"
    r"\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
CHARS = rf"{BASE}_0-9\u00b7\u0300-\u036f\u203f-\u2040"
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
    | (?P<sign>\(\s*+\)|\[\s*+\]|\^\^|&&|\|\||!=|<=|>=|[(){{}}\[\].,;=<>!+*/|^?-])
    | (?P<unknown>.)
    """,
    re.VERBOSE | re.DOTALL,
)
PIECE = re.compile(r"(?P<word>\w++)|(?P<integer>[0-9]++)|(?P<sign>.)", re.DOTALL)


class Token(NamedTuple):
    """A token: its kind (a group of ``TOKEN``), its text, and its offset."""

    kind: str
    text: str
    at: int


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a text, without white space and comments.

    >>> [token.text for token in tokens("SELECT ?x { ?x ev:quote 'a b' } # c")]
    ['SELECT', '?x', '{', '?x', 'ev:quote', "'a b'", '}']
    """
    for match in TOKEN.finditer(text):
        kind = match.lastgroup or ""
        if kind == "words":  # a name without a colon ends at the first sign
            for piece in PIECE.finditer(match[0]):
                yield Token(piece.lastgroup or "", piece[0], match.start() + piece.start())
        elif kind != "space":
            yield Token("name" if kind == "local" else kind, match[0], match.start())


def place(text: str, at: int) -> str:
    """Return line and column, from 1, of an offset."""
    return f"{text.count(chr(10), 0, at) + 1}:{at - text.rfind(chr(10), 0, at)}"


def expanded(text: str, prefixes: Mapping[str, str]) -> Iterator[tuple[Token, str]]:
    """Yield each IRI that a query writes whole or with a prefix: its token, and the IRI."""
    known = dict(prefixes)
    before = [Token("", "", 0)] * 2
    for token in tokens(text):
        if token.kind == "iri" and before[0].text.upper() == "PREFIX":
            known[before[1].text[:-1]] = token.text[1:-1]
        elif token.kind == "iri":
            yield token, token.text[1:-1]
        elif token.kind == "name" and before[1].text.upper() != "PREFIX":
            prefix, _, local = token.text.partition(":")
            if prefix in known:
                yield token, known[prefix] + re.sub(r"\\(.)", r"\1", local)
        before = [before[1], token]
