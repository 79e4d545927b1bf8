"""Keep the lexical form of literals that an Oxigraph store would change.

A store keeps the value of a number, a boolean, a date or a duration, but not its lexical form:
``01`` comes back as ``1``, and ``"1"^^xsd:byte`` as an integer. Two literals are the same term only
if their lexical forms are equal (RDF 1.1 Concepts, section 3.3), so joins, ``DISTINCT`` and ``STR``
would be wrong. ``encode`` therefore gives such a literal another datatype, which contains the
original one. ``rewrite`` makes a query compare and compute with values, but match and return terms
(SPARQL 1.1, sections 17.3 and 18.3). A graph without such literals needs neither.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import pyoxigraph as ox

from kaiju_graph.rdf.terms import XSD
from kaiju_graph.sparql.tokens import CLOSING, OPENING, Token, tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


__all__ = ["DATATYPE", "FUNCTIONS", "MARK", "decode", "encode", "rewrite"]

MARK = "urn:x-kaiju:written:"
"""The beginning of the datatype of an encoded literal; its original datatype follows."""
VALUE = "<urn:x-kaiju:value>"
DATATYPE = "<urn:x-kaiju:datatype>"
"""The functions that a rewritten query calls for the value and the datatype of a term."""

OPERATORS = {"||", "&&", "=", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/", "!"}
TERM, SAME, OF_VALUE = "term", "same", "value"
"""How an argument is used: as a term, as the whole expression is used, or as a value."""
ARGUMENTS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        "BOUND COUNT DATATYPE GROUP_CONCAT ISBLANK ISIRI ISLITERAL ISURI LANG SAMETERM STR".split(),
        (TERM,),
    ),
    "COALESCE": (SAME,),
    "SAMPLE": (SAME,),
    "IF": (OF_VALUE, SAME),
}
"""Function → how each argument is used (the last: all others); other functions use values."""


def encode(term: Any) -> Any:
    """Return a term for a store; a literal that the store would change gets another datatype."""
    if not isinstance(term, ox.Literal) or term.language:
        return term
    datatype = term.datatype.value
    if datatype.startswith(XSD) and datatype != f"{XSD}string" and _changes(term):
        return ox.Literal(term.value, datatype=ox.NamedNode(MARK + datatype))
    return term


@lru_cache(maxsize=2**14)
def _changes(literal: ox.Literal) -> bool:
    """Tell whether a store changes a literal."""
    store = ox.Store()
    store.add(ox.Quad(ox.BlankNode(), ox.NamedNode(MARK), literal))
    return [quad.object for quad in store] != [literal]


def decode(term: Any) -> Any:
    """Return the original of a term that ``encode`` returned."""
    if isinstance(term, ox.Literal) and term.datatype.value.startswith(MARK):
        datatype = ox.NamedNode(term.datatype.value.removeprefix(MARK))
        return ox.Literal(term.value, datatype=datatype)
    return term


def _datatype(term: Any) -> Any:
    return decode(term).datatype if isinstance(term, ox.Literal) else None


FUNCTIONS: Mapping[ox.NamedNode, Callable[..., Any]] = {
    ox.NamedNode(VALUE[1:-1]): decode,
    ox.NamedNode(DATATYPE[1:-1]): _datatype,
}
"""The custom functions that a rewritten query needs."""


def rewrite(text: str, prefixes: Mapping[str, str]) -> str:
    """Return a query that matches terms and computes with values.

    Args:
        text: a query that parses.
        prefixes: prefix → namespace IRI, for prefixes that the text does not declare.

    >>> rewrite("SELECT ?n { ?s ?p ?n FILTER(?n > 1 && STR(?n) = '01') } ORDER BY ?n", {})
    ... # doctest: +NORMALIZE_WHITESPACE
    "SELECT ?n { ?s ?p ?n FILTER(<urn:x-kaiju:value>(?n) > 1 && STR(?n) = '01') }
     ORDER BY <urn:x-kaiju:value>(?n)"
    """
    query = _Query(list(tokens(text)), prefixes)
    query.read_pattern()
    parts, end = [], 0
    for edit in sorted(query.edits):
        parts += [text[end : edit.start], edit.text]
        end = edit.end
    return "".join([*parts, text[end:]])


class _Edit(NamedTuple):
    """The offsets of a part of a text, and its replacement."""

    start: int
    end: int
    text: str


class _Query:
    """The tokens of a query, read once, and the edits that they need."""

    def __init__(self, stream: list[Token], prefixes: Mapping[str, str]) -> None:
        self.stream = [*stream, Token("end", "", 0)]
        self.prefixes = dict(prefixes)
        self.at = 0
        self.edits: list[_Edit] = []

    def word(self, ahead: int = 0) -> str:
        """Return the word at a token in capitals; empty if the token is not a word."""
        token = self.stream[min(self.at + ahead, len(self.stream) - 1)]
        return token.text.upper() if token.kind == "word" else ""

    def read_pattern(self) -> None:
        """Read the query, or a group up to its closing brace."""
        while (token := self.stream[self.at]).kind != "end":
            word = self.word()
            self.at += 1
            if token.text == "}":
                return
            if token.text == "{":
                self.read_pattern()
            elif word == "PREFIX":
                self.prefixes[self.stream[self.at].text[:-1]] = self.stream[self.at + 1].text[1:-1]
                self.at += 2
            elif word in ("FILTER", "BIND"):
                while self.word() in ("NOT", "EXISTS"):
                    self.at += 1
                self.read_primary(OF_VALUE if word == "FILTER" else TERM)
            elif word in ("SELECT", "DISTINCT", "REDUCED", "GROUP", "HAVING", "ORDER"):
                self.at += self.word() == "BY"
                self.read_conditions(OF_VALUE if word in ("HAVING", "ORDER") else TERM)
            elif word in ("LIMIT", "OFFSET"):
                self.at += 1
            else:
                self.at -= 1
                self.read_constant()

    def read_conditions(self, use: str) -> None:
        """Read the expressions after SELECT, GROUP BY, HAVING or ORDER BY, used as ``use`` says."""
        while True:
            follows = self.stream[min(self.at + 1, len(self.stream) - 1)].text
            token = self.stream[self.at]
            is_call = token.kind in ("word", "name", "iri") and follows == "("
            if not (is_call or token.kind == "variable" or token.text in ("(", "*")):
                return
            if token.text == "*":
                self.at += 1
            else:
                self.read_primary(use)

    def read_expression(self, use: str) -> None:
        """Read an expression up to the bracket or comma that ends it."""
        use = OF_VALUE if self.has_operator() else use
        while (token := self.stream[self.at]).kind != "end":
            if token.text in CLOSING or token.text in (",", ";"):
                return
            if self.word() == "AS":
                self.at += 2
            else:
                self.read_primary(use)

    def has_operator(self) -> bool:
        """Tell whether an expression, from here to its end, has an operator outside brackets."""
        depth = 0
        for ahead, token in enumerate(self.stream[self.at :]):
            if not depth and (token.text in CLOSING or token.text in (",", ";")):
                return False
            is_sum = token.kind == "signed" and ahead > 0
            if not depth and (token.text in OPERATORS or self.word(ahead) == "IN" or is_sum):
                return True
            depth += (token.text in OPENING) - (token.text in CLOSING)
        return False

    def read_primary(self, use: str) -> None:
        """Read a variable, a constant, a call, a group or an expression in brackets."""
        token = self.stream[self.at]
        follows = self.stream[min(self.at + 1, len(self.stream) - 1)].text
        if token.kind == "variable":
            self.at += 1
            if use == OF_VALUE:
                end = token.offset + len(token.text)
                self.edits.append(_Edit(token.offset, end, f"{VALUE}({token.text})"))
        elif token.text == "{":
            self.at += 1
            self.read_pattern()
        elif token.text == "(":
            self.read_arguments((use,))
        elif token.kind in ("word", "name", "iri") and follows == "(":
            name = self.word()
            if name == "DATATYPE":
                self.edits.append(_Edit(token.offset, token.offset + len(token.text), DATATYPE))
            kinds = ARGUMENTS.get(name, (OF_VALUE,))
            if name in ("IN", "ASC", "DESC", "DISTINCT"):
                kinds = (use,)
            self.at += 1
            self.read_arguments(tuple(use if kind == SAME else kind for kind in kinds))
        elif use == OF_VALUE:
            self.at += 1
        else:
            self.read_constant()

    def read_arguments(self, kinds: tuple[str, ...]) -> None:
        """Read the arguments in parentheses, each used as its kind says."""
        number = 0
        self.at += 1
        while (token := self.stream[self.at]).kind != "end":
            if token.text in CLOSING:
                self.at += 1
                return
            if token.text in (",", ";"):
                number += 1
                self.at += 1
            elif self.word() == "DISTINCT":
                self.at += 1
            else:
                self.read_expression(kinds[min(number, len(kinds) - 1)])

    def read_constant(self) -> None:
        """Read a term; a literal that the store would change is replaced by the encoded one."""
        token = self.stream[self.at]
        self.at += 1
        if token.kind in ("integer", "decimal", "signed"):
            kind = "double" if "e" in token.text.lower() else "decimal"
            kind = "integer" if token.text.lstrip("+-").isdigit() else kind
            self._mark(token, token.offset + len(token.text), token.text, XSD + kind)
        elif token.kind == "string" and self.stream[self.at].text == "^^":
            name = self.stream[self.at + 1]
            self.at += 2
            prefix, _, local = name.text.partition(":")
            iri = name.text[1:-1] if name.kind == "iri" else self.prefixes.get(prefix, "") + local
            rows: Any = ox.Store().query(f"SELECT ({token.text} AS ?text) {{}}")
            self._mark(token, name.offset + len(name.text), next(rows)["text"].value, iri)

    def _mark(self, token: Token, end: int, value: str, datatype: str) -> None:
        literal = encode(ox.Literal(value, datatype=ox.NamedNode(datatype)))
        if isinstance(literal, ox.Literal) and literal.datatype.value.startswith(MARK):
            self.edits.append(_Edit(token.offset, end, str(literal)))
