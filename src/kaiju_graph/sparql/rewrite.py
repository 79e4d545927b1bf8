"""Make a query match and return literals as they are written, and compute with their values.

The literals of a store may be encoded (``rdf.lexical_forms``): the engine takes one for a value of
an unknown datatype. A rewritten query decodes them where SPARQL 1.1 uses values (section 17.3), and
has its own constants encoded where it uses terms (section 18.3). ``MIN`` and ``MAX`` compare values
and return terms. A query needs none of this if neither the store nor the query has such literals.
"""

from __future__ import annotations

import re
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

import pyoxigraph as ox

from kaiju_graph.rdf.lexical_forms import decode, encode
from kaiju_graph.rdf.terms import TYPE, XSD
from kaiju_graph.rdf.tokens import CLOSING, OPENING, Token
from kaiju_graph.sparql.tokens import find_iris, list_tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from kaiju_graph.sparql.functions import Functions


__all__ = ["AGGREGATES", "FUNCTIONS", "has_encodable", "rewrite"]

VALUE = "<urn:x-kaiju:value>"
DATATYPE = "<urn:x-kaiju:datatype>"
"""The functions that a rewritten query calls for the value and the datatype of a term."""
EXTREMES = {"MIN": ("<urn:x-kaiju:min>", "ASC"), "MAX": ("<urn:x-kaiju:max>", "DESC")}
"""Aggregate → its own function for terms, and the order in which its result is the first."""

KEYWORD = re.compile(
    "(?:BIND|BY|DISTINCT|EXISTS|FILTER|GROUP|HAVING|NOT|ORDER|REDUCED|SELECT)(?=[A-Z])",
    re.IGNORECASE,
)
"""A keyword that another word follows without a space."""
NUMBER = re.compile(
    r"""<[^<>"{}|^`\x00-\x20]*+> | \#[^\r\n]*+ | (?<=[\s})])(?i:LIMIT|OFFSET)\s++[0-9]++
        | (?P<number>(?<!\w)[0-9])""",
    re.VERBOSE,
)
"""What may have digits in a query without strings: IRIs, comments, limits, numbers."""
LITERALS = {"integer", "decimal", "signed", "string"}
"""The kinds of tokens that can be a literal with a value."""
OPERATORS = {"||", "&&", "=", "!=", "<", ">", "<=", ">=", "+", "-", "*", "/", "!"}
TERM, SAME, OF_VALUE = "term", "same", "value"
"""How an argument is used: as a term, as the whole expression is used, or as a value."""
ARGUMENTS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        "BOUND COUNT DATATYPE GROUP_CONCAT ISBLANK ISIRI ISLITERAL ISURI LANG SAMETERM STR".split(),
        (TERM,),
    ),
    **dict.fromkeys("ASC COALESCE DESC DISTINCT IN MAX MIN SAMPLE".split(), (SAME,)),
    "IF": (OF_VALUE, SAME),
}
"""Function → how each argument is used (the last: all others); other functions use values."""


def _datatype(term: Any) -> Any:
    return decode(term).datatype if isinstance(term, ox.Literal) else None


FUNCTIONS: Functions = {
    ox.NamedNode(VALUE[1:-1]): decode,
    ox.NamedNode(DATATYPE[1:-1]): _datatype,
}
"""The custom functions that a rewritten query needs."""


class _Extreme:
    """An aggregate that returns the first of its terms in an order of their values."""

    def __init__(self, order: str) -> None:
        self.query = f"SELECT ?t {{ ?s ?p ?t }} ORDER BY {order}({VALUE}(?t)) STR(?t) LIMIT 1"
        self.terms: dict[Any, None] = {}

    def accumulate(self, term: Any) -> None:
        self.terms[term] = None

    def finish(self) -> Any:
        store = ox.Store()
        store.extend(ox.Quad(TYPE, TYPE, term) for term in self.terms)
        rows: Any = store.query(self.query, custom_functions=FUNCTIONS)
        return next((row["t"] for row in rows), None)


AGGREGATES: dict[ox.NamedNode, Callable[[], Any]] = {
    ox.NamedNode(name[1:-1]): partial(_Extreme, order) for name, order in EXTREMES.values()
}
"""The custom aggregates that a rewritten query needs."""


def rewrite(text: str, prefixes: Mapping[str, str]) -> str:
    """Return a query that matches terms and computes with values.

    Solutions of ORDER BY whose values are equal are sorted by their terms.

    Args:
        text: a query; if it does not parse, nor does the result.
        prefixes: prefix → namespace IRI, for prefixes that the text does not declare.

    >>> rewrite("SELECT ?n { ?s ?p ?n FILTER(?n > 1 && STR(?n) = '01') } ORDER BY ?n", {})
    ... # doctest: +NORMALIZE_WHITESPACE
    "SELECT ?n { ?s ?p ?n FILTER(<urn:x-kaiju:value>(?n) > 1 && STR(?n) = '01') }
     ORDER BY <urn:x-kaiju:value>(?n) STR(?n) STR(DATATYPE(?n))"
    """
    query = _read(text, prefixes)
    parts, end = [], 0
    for edit in sorted(query.edits):
        parts += [text[end : edit.start], edit.text]
        end = edit.end
    return "".join([*parts, text[end:]])


def has_encodable(text: str, prefixes: Mapping[str, str]) -> bool:
    """Tell whether a query uses a literal as a term, and a store would change it.

    The arguments are those of ``rewrite``.

    >>> has_encodable("SELECT * { ?s ?p 01 }", {})
    True
    >>> has_encodable("SELECT * { ?s ?p ?n FILTER(?n = 01) }", {})
    False
    """
    has_strings = any(mark in text for mark in "\"'\\")
    if not has_strings and not any(match["number"] for match in NUMBER.finditer(text)):
        return False  # without the tokens, which take longer to find
    kinds = {token.kind for token in list_tokens(text)}
    return not kinds.isdisjoint(LITERALS) and _read(text, prefixes).has_encoded


def _read(text: str, prefixes: Mapping[str, str]) -> _Query:
    iris = {token.offset: iri for token, iri in find_iris(text, prefixes)}
    query = _Query(list(_words(text)), iris)
    query.read_pattern()
    return query


def _words(text: str) -> Iterator[Token]:
    """Yield the tokens of a query; the engine reads ``ORDERBY`` as two words."""
    for token in list_tokens(text):
        end = 0
        while token.kind == "word" and (keyword := KEYWORD.match(token.text, end)):
            yield Token("word", keyword[0], token.offset + end)
            end = keyword.end()
        yield Token(token.kind, token.text[end:], token.offset + end) if end else token


class _Edit(NamedTuple):
    """The offsets of a part of a text, and its replacement."""

    start: int
    end: int
    text: str


class _Query:
    """The tokens of a query, read once, and the edits that they need."""

    def __init__(self, stream: list[Token], iris: Mapping[int, str]) -> None:
        self.stream = stream
        self.iris = iris
        self.at = 0
        self.edits: list[_Edit] = []
        self.has_encoded = False

    def token(self, ahead: int = 0) -> Token:
        """Return the token at the place of reading, or one after it."""
        at = self.at + ahead
        return self.stream[at] if at < len(self.stream) else Token("end", "", 0)

    def word(self, ahead: int = 0) -> str:
        """Return the word at a token in capitals; empty if the token is not a word."""
        token = self.token(ahead)
        return token.text.upper() if token.kind == "word" else ""

    def read_pattern(self) -> None:
        """Read the query, or a group up to its closing brace."""
        while (token := self.token()).kind != "end":
            word = self.word()
            self.at += 1
            if token.text == "}":
                return
            if token.text == "{":
                self.read_pattern()
            elif word in ("FILTER", "BIND"):
                while self.word() in ("NOT", "EXISTS"):
                    self.at += 1
                self.read_primary(OF_VALUE if word == "FILTER" else TERM)
            elif word in ("SELECT", "DISTINCT", "REDUCED", "GROUP", "HAVING", "ORDER"):
                self.at += self.word() == "BY"
                self.read_conditions(word)
            elif word in ("LIMIT", "OFFSET"):
                self.at += 1
            else:
                self.at -= 1
                self.read_constant()

    def read_conditions(self, clause: str) -> None:
        """Read the expressions of a SELECT, GROUP BY, HAVING or ORDER BY clause."""
        use = OF_VALUE if clause in ("HAVING", "ORDER") else TERM
        sorted_by: dict[str, None] = {}
        while self.is_condition():
            ahead = 2 if self.word() in ("ASC", "DESC") else 0
            if clause == "ORDER" and self.token(ahead).kind == "variable":
                sorted_by[self.token(ahead).text] = None
            if self.token().text == "*":
                self.at += 1
            else:
                self.read_primary(use)
        if sorted_by:
            ties = "".join(f" STR({name}) STR(DATATYPE({name}))" for name in sorted_by)
            self.edits.append(_Edit(end := self.token(-1).end, end, ties))

    def is_condition(self) -> bool:
        """Tell whether a condition begins here."""
        token = self.token()
        is_call = token.kind in ("word", "name", "iri") and self.token(1).text == "("
        is_call = is_call and self.word() not in ("HAVING", "VALUES")
        return is_call or token.kind == "variable" or token.text in ("(", "*")

    def read_expression(self, use: str) -> None:
        """Read an expression up to the bracket or comma that ends it."""
        use = OF_VALUE if self.has_operator() else use
        while (token := self.token()).kind != "end":
            if token.text in CLOSING or token.text in (",", ";"):
                return
            if self.word() == "AS":
                self.at += 2
            else:
                self.read_primary(use)

    def has_operator(self) -> bool:
        """Tell whether an expression, from here to its end, has an operator outside brackets."""
        depth = 0
        for ahead in count():
            token = self.token(ahead)
            is_end = token.text in CLOSING or token.text in (",", ";")
            if token.kind == "end" or (not depth and is_end):
                return False
            is_sum = token.kind == "signed" and ahead > 0
            if not depth and (token.text in OPERATORS or self.word(ahead) == "IN" or is_sum):
                return True
            depth += (token.text in OPENING) - (token.text in CLOSING)
        return False

    def read_primary(self, use: str) -> None:
        """Read a variable, a constant, a call, a group or an expression in brackets."""
        token = self.token()
        if token.kind == "variable":
            self.at += 1
            if use == OF_VALUE:
                self.replace(token, f"{VALUE}({token.text})")
        elif token.text == "{":
            self.at += 1
            self.read_pattern()
        elif token.text == "(":
            self.read_arguments((use,))
        elif token.kind in ("word", "name", "iri") and self.token(1).text == "(":
            self.read_call(use)
        elif use == OF_VALUE:
            self.at += 1
        else:
            self.read_constant()

    def read_call(self, use: str) -> None:
        """Read the call of a function or an aggregate."""
        name = self.word()
        if name == "DATATYPE":
            self.replace(self.token(), DATATYPE)
        elif name in EXTREMES and use == TERM:
            self.replace(self.token(), EXTREMES[name][0])
            if self.word(2) == "DISTINCT":  # which a custom aggregate cannot have
                self.replace(self.token(2), "")
        self.at += 1
        kinds = ARGUMENTS.get(name, (OF_VALUE,))
        self.read_arguments(tuple(use if kind == SAME else kind for kind in kinds))

    def read_arguments(self, kinds: tuple[str, ...]) -> None:
        """Read the arguments in parentheses, each used as its kind says."""
        number = 0
        self.at += 1
        while (token := self.token()).kind != "end":
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
        token = self.token()
        self.at += 1
        if token.kind in ("integer", "decimal", "signed"):
            kind = "double" if "e" in token.text.lower() else "decimal"
            kind = "integer" if token.text.lstrip("+-").isdigit() else kind
            self.encode(token, token, token.text, XSD + kind)
        elif token.kind == "string" and self.token().text == "^^":
            datatype = self.token(1)
            self.at += 2
            if datatype.offset in self.iris:
                rows: Any = ox.Store().query(f"SELECT ({token.text} AS ?text) {{}}")
                text = next(rows)["text"].value
                self.encode(token, datatype, text, self.iris[datatype.offset])

    def encode(self, first: Token, last: Token, text: str, datatype: str) -> None:
        """Encode a literal, given its tokens, lexical form and datatype."""
        literal = ox.Literal(text, datatype=ox.NamedNode(datatype))
        if (encoded := encode(literal)) is not literal:
            self.has_encoded = True
            self.edits.append(_Edit(first.offset, last.end, str(encoded)))

    def replace(self, token: Token, text: str) -> None:
        """Replace a token."""
        self.edits.append(_Edit(token.offset, token.end, text))
