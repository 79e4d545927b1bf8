"""Checks of a text in a graph format before it is parsed, so that no parser is overwhelmed.

A text passes if it nests no deeper than ``NESTING`` and its entities do not expand to much more
than the text. Parsers recurse into nested brackets and elements, and would end the process. RDF 1.2
is found after parsing (``parse``), and its place here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.parsers import expat

from kaiju_graph.errors import SourceError
from kaiju_graph.rdf.lines import line_column

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "IRI",
    "LONG_STRING",
    "MAX_TOKEN",
    "NESTING",
    "STRING",
    "check",
    "find_long_token",
    "find_rdf12",
    "place",
]

NESTING = 500
"""How deep brackets or elements may nest; Oxigraph's stack holds some thousands."""
MAX_TOKEN = 2**24
"""How many bytes a literal or IRI may have: the size of Oxigraph's buffer."""

OPENING = frozenset("[({")
LONG_STRING = (
    r'"{3}[^"\\]*+(?:(?:\\.|"(?!""))[^"\\]*+)*+"{3}',
    r"'{3}[^'\\]*+(?:(?:\\.|'(?!''))[^'\\]*+)*+'{3}",
)
STRING = (r'"[^"\\\n\r]*+(?:\\.[^"\\\n\r]*+)*+"', r"'[^'\\\n\r]*+(?:\\.[^'\\\n\r]*+)*+'")
IRI = r'<[^\x00-\x20<>"{}|^`\\]*+(?:\\[uU][0-9A-Fa-f]++[^\x00-\x20<>"{}|^`\\]*+)*+>'
TURTLE = re.compile(
    rf"""
      (?P<quoted>{"|".join((*LONG_STRING, *STRING, IRI))} | \\. | \#[^\n\r]*+)
    | (?P<rdf12><< | \{{\| | ~ | @[A-Za-z]++(?:-[A-Za-z0-9]++)*+-- | @version\b
        | (?<![\w:.-])[Vv][Ee][Rr][Ss][Ii][Oo][Nn](?=\s*+["']))
    | (?P<bracket>[\[\](){{}}])
    """,
    re.VERBOSE | re.DOTALL,
)
"""The tokens of Turtle, TriG, N-Triples and N-Quads that matter here."""
LONE_SURROGATE = re.compile(
    r"""
      \\u[Dd][89ABab][0-9A-Fa-f]{2}\\u[Dd][C-Fc-f][0-9A-Fa-f]{2}
    | (?P<lone>\\u[Dd][89A-Fa-f][0-9A-Fa-f]{2})
    | \\.
    """,
    re.VERBOSE | re.DOTALL,
)
"""The escapes of JSON (RFC 8259, section 7); a surrogate is one only in a pair."""
JSON = re.compile(
    r"""
      (?P<rdf12>"@direction")
    | (?P<quoted>"[^"\\]*+(?:\\.[^"\\]*+)*+")
    | (?P<bracket>[\[\]{}])
    """,
    re.VERBOSE | re.DOTALL,
)
XML = re.compile(
    r"""(?P<rdf12>\w+:(?:dir|version|annotation|annotationNodeID)\s*=|parseType\s*=\s*.Triple)
    | (?P<quoted>>[^<]*+<) | (?P<bracket>(?!))""",
    re.VERBOSE,
)
TOKENS = {"jsonld": JSON, "rdfxml": XML}
"""Name of a format → its tokens; those of the others are in ``TURTLE``."""


def check(file: str, text: str, form: str) -> None:
    """Refuse a text that a parser must not see.

    Args:
        file: the file's name, for the error.
        text: its content.
        form: the name of its format.

    Raises:
        SourceError: the text nests too deeply, is XML with entities that expand too much, or JSON
            with a lone surrogate; the message begins with the place.
    """
    if form == "jsonld":
        escapes = LONE_SURROGATE.finditer(text) if "\\u" in text else ()
        if lone := next((match for match in escapes if match["lone"]), None):
            found = "found a lone surrogate; expected Unicode"
            raise SourceError(f"{place(file, text, lone.start())}: {found}")
    if form == "rdfxml":
        _check_xml(file, text)
    elif sum(map(text.count, OPENING)) > NESTING:
        depth = 0
        for kind, start, end in _tokens(text, form):
            if kind == "bracket":
                sign = text[start:end]
                depth += 1 if sign in OPENING else -(depth > 0)
                if depth > NESTING:
                    raise SourceError(f"{place(file, text, start)}: {_too_deep('brackets')}")


def find_rdf12(text: str, form: str) -> int | None:
    """Return the offset of the first syntax of RDF 1.2, or None."""
    return next((start for kind, start, _ in _tokens(text, form) if kind == "rdf12"), None)


def find_long_token(text: str, form: str) -> int | None:
    """Return the offset of the first literal or IRI that is longer than ``MAX_TOKEN``, or None."""
    long = (
        start
        for kind, start, end in _tokens(text, form)
        if kind == "quoted" and len(text[start:end].encode()) >= MAX_TOKEN
    )
    return next(long, None)


def place(file: str, text: str, at: int | None) -> str:
    """Return the place of an offset as ``file:line:column``, both from 1; None is the beginning."""
    return f"{file}:{line_column(text, at or 0)}"


def _tokens(text: str, form: str) -> Iterator[tuple[str, int, int]]:
    """Yield the kind, start and end of each token that matters."""
    for match in TOKENS.get(form, TURTLE).finditer(text):
        yield match.lastgroup or "", match.start(), match.end()


def _too_deep(nested: str) -> str:
    return f"found {nested} nested {NESTING + 1} deep; expected at most {NESTING}"


def _check_xml(file: str, text: str) -> None:
    """Read XML with expat, which refuses entities that expand to many times their text."""
    parser = expat.ParserCreate("utf-8")
    depth = 0

    def error(reason: str) -> SourceError:
        line, column = parser.CurrentLineNumber, parser.CurrentColumnNumber + 1
        return SourceError(f"{file}:{line}:{column}: {reason}")

    def start(*_: object) -> None:
        nonlocal depth
        depth += 1
        if depth > NESTING:
            raise error(_too_deep("elements"))

    def end(_: object) -> None:
        nonlocal depth
        depth -= 1

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    try:
        parser.Parse(text.encode(errors="surrogatepass"), True)  # noqa: FBT003 (positional only)
    except expat.ExpatError as problem:
        reason = expat.ErrorString(problem.code)
        raise error(f"found no well-formed XML ({reason}); expected RDF/XML") from None
