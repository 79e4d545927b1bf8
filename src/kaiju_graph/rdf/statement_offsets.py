"""Find the offsets of the statements of a Turtle or TriG text, in the order of Oxigraph.

A parser of quads does not say where they stand. This module reads the tokens of a text that is
known to be valid, makes no terms, and is many times faster than a parser with positions. Nothing
recurses, so that no depth of nesting is too much.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from kaiju_graph.rdf.guard import IRI, LONG_STRING, STRING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Offsets", "find_offsets"]

STOP = r" \t\r\n<>\"'{}()\[\];,#^@"
"""The characters that end a name, unless they are escaped; a dot ends it before one of them."""
GAP = r"(?:[ \t\r\n]++|\#[^\r\n]*+)*+"
NAME = rf"(?!\.)(?:\\.|[^{STOP}.\\]|\.++(?=[^{STOP}.]))++"
BLANK = rf"_:(?:[^{STOP}.:]|\.++(?=[^{STOP}.:]))++"
NUMBER = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?[eE][+-]?[0-9]+|[0-9]*\.[0-9]+|[0-9]+)"
SUFFIX = rf"{GAP}(?:@[A-Za-z]++(?:-[A-Za-z0-9]++)*+|\^\^{GAP}(?:{IRI}|{NAME}))"
TEXT = "|".join((*LONG_STRING, *STRING))
TOKEN = re.compile(
    rf"""{GAP}(?:
      (?P<term>{IRI}|{BLANK}|{NUMBER}|@?{NAME})
    | (?P<sign>[.;,{{}}])
    | (?P<last>(?:{TEXT})(?={GAP}\]))
    | (?P<literal>(?:{TEXT})(?:{SUFFIX})?+)
    | (?P<open>[\[(])
    | (?P<close>[\])])
    | (?P<end>\Z)
    )""",
    re.VERBOSE | re.DOTALL,
)
"""The tokens of Turtle and TriG (section 6.5), a literal with its tag or datatype.

``last`` is a literal without one before a closing bracket. There is a method of ``_Reader`` for
each kind.
"""
NEXT = {"PREFIX": "prefix", "BASE": "namespace", ";": "verb", ",": "object"}
"""Keyword of a declaration, or sign → what comes next; after any other sign it is a statement."""


class Offsets(NamedTuple):
    """The offsets of the parts of a statement in its text.

    The subject is that of the outermost statement. The graph is the beginning of its block; 0 is
    outside of any.
    """

    subject: int
    predicate: int
    object: int
    graph: int


def find_offsets(text: str) -> Iterator[Offsets | None]:
    """Yield the offsets of each statement of a valid Turtle or TriG text; None for those of lists.

    The order is that in which Oxigraph makes statements. It makes the one that has a blank node in
    brackets as object at the closing bracket, and that with a list at the first member of the list.
    If one token ends two statements, the later one comes first. A literal without a tag or datatype
    ends at the next token.

    >>> [offsets and offsets.object for offsets in find_offsets("<a> <b> [ <c> 1 ] , ( 2 ) .")]
    [14, 8, None, 20, None]
    """
    reader = _Reader()
    for token in TOKEN.finditer(text):
        kind = token.lastgroup or "end"
        yield from getattr(reader, kind)(token.start(kind), token[kind])


class _Node(NamedTuple):
    """A blank node or list in brackets that is not closed yet."""

    expected: str
    """What comes after it."""
    predicate: int
    """The offset of the predicate before it."""
    link: Iterable[Offsets | None]
    """The statements to make next, which have it or the rest of the list as object."""


class _Reader:
    """Takes tokens, each by the method of its kind, and returns the statements that it ends."""

    def __init__(self) -> None:
        self.expected = "statement"
        """The part of a statement that comes next, ``member`` in a list, ``end`` after an object;
        ``prefix`` or ``namespace`` in a declaration."""
        self.subject = self.predicate = self.graph = 0
        self.keyword: int | None = None
        """The offset of GRAPH before the name of a graph."""
        self.nodes: list[_Node] = []

    def term(self, at: int, text: str) -> Iterable[Offsets | None]:
        """Read an IRI, blank node, number or keyword."""
        if self.expected == "object":
            self.expected = "end"
            return (self._offsets(at),)
        if self.expected == "member":
            return (None, *self._take_link())
        word = text.lstrip("@").upper()
        if self.expected == "verb":
            self.predicate, self.expected = at, "object"
        elif self.expected == "prefix":
            self.expected = "namespace"
        elif self.expected == "namespace":
            self.expected = "statement"
        elif word == "GRAPH":
            self.keyword = at
        else:
            self.subject, self.expected = at, NEXT.get(word, "verb")
        return ()

    def literal(self, at: int, text: str) -> Iterable[Offsets | None]:
        """Read a literal in quotes; what ends the first member of a list comes later."""
        if self.expected == "member":
            return (*self._take_link(), None)
        return self.term(at, text)

    def last(self, at: int, _: str) -> Iterable[Offsets | None]:
        """Read a literal that the bracket after it ends, which also ends the statement around."""
        node = self.nodes[-1]
        self.nodes[-1] = node._replace(link=(*node.link, self._offsets(at)))
        self.expected = "end"
        return ()

    def sign(self, at: int, text: str) -> Iterable[Offsets | None]:
        """Read a dot, semicolon, comma or brace."""
        if text == "{":
            name = self.subject if self.expected == "verb" else at
            self.graph = name if self.keyword is None else self.keyword
            self.keyword = None
        elif text == "}":
            self.graph = 0
        self.expected = NEXT.get(text, "statement")
        return ()

    def open(self, at: int, text: str) -> Iterable[Offsets | None]:
        """Read the opening bracket of a blank node or list."""
        made: Iterable[Offsets | None] = ()
        if self.expected == "statement":
            self.subject = at
            node = _Node("verb", self.predicate, ())
        elif self.expected == "object":
            node = _Node("end", self.predicate, (self._offsets(at),))
        else:
            made = self._take_link()
            node = _Node("member", self.predicate, (None,))
        self.nodes.append(node)
        self.expected = "verb" if text == "[" else "member"
        return made

    def close(self, _: int, __: str) -> Iterable[Offsets | None]:
        """Read a closing bracket."""
        self.expected, self.predicate, link = self.nodes.pop()
        return link

    def end(self, _: int, __: str) -> Iterable[Offsets | None]:
        """Read the end of the text."""
        return ()

    def _offsets(self, at: int) -> Offsets:
        return Offsets(self.subject, self.predicate, at, self.graph)

    def _take_link(self) -> Iterable[Offsets | None]:
        """Return the link of the current list, whose next one is a statement of the list."""
        node = self.nodes[-1]
        self.nodes[-1] = node._replace(link=(None,))
        return node.link
