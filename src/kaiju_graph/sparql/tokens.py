"""What the tokens of a query say: its form, its IRIs, and its escapes (SPARQL 1.1, section 19)."""

from __future__ import annotations

import re
from functools import lru_cache, wraps
from typing import TYPE_CHECKING

from kaiju_graph.rdf.tokens import CLASSES, LETTER, MARK, TOKEN, Token, tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import TypeVar

    T = TypeVar("T")

__all__ = ["find_form", "find_iris", "keep_last", "list_tokens", "replace_escapes"]

LONG = 2**12
"""From how many characters on nothing is kept of a query."""

FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
ESCAPE = re.compile(r"\\u[0-9A-Fa-f]{4}|\\U(?:0010|000[0-9A-Fa-f])[0-9A-Fa-f]{4}")
"""The escape of a code point (section 19.2)."""
SCHEME = re.compile("[A-Za-z][A-Za-z0-9+.-]*:")
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_:-.%" + LETTER + MARK
"""The characters of names, those beyond ASCII by their classes."""


def keep_last(read: Callable[[str], T]) -> Callable[[str], T]:
    """Return a function of a query that keeps its last results, as each query is read often."""
    kept = lru_cache(maxsize=4)(read)

    @wraps(read)
    def find(text: str) -> T:
        return kept(text) if len(text) < LONG else read(text)

    return find


@keep_last
def list_tokens(text: str) -> tuple[Token, ...]:
    """Return the tokens of a query."""
    return tuple(tokens(text))


def find_form(text: str) -> Token:
    """Return the token SELECT, ASK, CONSTRUCT or DESCRIBE in capitals, or the end of the text."""
    for token in tokens(text):  # it is among the first
        word = token.text.upper() if token.kind == "word" else ""
        if name := next((name for name in FORMS if word.startswith(name)), None):
            return token._replace(text=name)  # the engine reads ASKFROM as two words
    return Token("end", "", len(text))


def find_iris(text: str, prefixes: Mapping[str, str]) -> Iterator[tuple[Token, str]]:
    """Yield the token and the IRI of each IRI or prefixed name in a query, resolved by its BASE.

    An IRI that stays relative, as there is no base, is left out.
    """
    known = dict(prefixes)
    base = ""
    before = [Token("", "", 0)] * 2
    for token in list_tokens(text):
        if token.kind == "iri":
            iri = _resolve(token.text[1:-1], base)
            if before[0].text.upper() == "PREFIX":
                known[before[1].text[:-1]] = iri
            elif before[1].text.upper() == "BASE":
                base = iri
            elif SCHEME.match(iri):
                yield token, iri
        elif token.kind == "name" and before[1].text.upper() != "PREFIX":
            prefix, _, local = token.text.partition(":")
            if prefix in known:
                yield token, known[prefix] + re.sub(r"\\(.)", r"\1", local)
        before = [before[1], token]


def replace_escapes(text: str) -> str:
    r"""Return a query without the escapes of code points in its names (section 19.2).

    The engine replaces those in strings and IRIs. One that would end a name, such as a space, is
    no legal escape and stays.

    >>> replace_escapes(r"SELECT ?\u0078 { ex:\u0061 ?y '\u0041' }")
    "SELECT ?x { ex:a ?y '\\u0041' }"
    """
    if "\\u" not in text and "\\U" not in text:
        return text
    parts, end = [], 0
    for match in TOKEN.finditer(text if text.isascii() else text.translate(CLASSES)):
        if match.lastgroup in ("space", "string", "unclosed", "iri"):
            names = ESCAPE.sub(_name_character, text[end : match.start()])
            parts += [names, text[match.start() : match.end()]]
            end = match.end()
    return "".join([*parts, ESCAPE.sub(_name_character, text[end:])])


def _character(match: re.Match[str]) -> str:
    return chr(int(match[0].lstrip("\\uU"), 16))


def _name_character(match: re.Match[str]) -> str:
    character = _character(match)
    return character if character.translate(CLASSES) in ALPHABET else match[0]


def _resolve(iri: str, base: str) -> str:
    """Return an IRI of a query without escapes (section 19.2), resolved against a base."""
    iri = ESCAPE.sub(_character, iri)
    if not base or SCHEME.match(iri):
        return iri
    from urllib.parse import urljoin

    return urljoin(base, iri)
