"""The grammar of SPARQL 1.1: finds the first token of a query that does not fit, and what would.

For a faulty query, Oxigraph reports only a position and every character that it tried.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import count, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import pyoxigraph as ox

from kaiju_graph.rdf.grammar import Fault, Grammar, Tree
from kaiju_graph.rdf.tokens import Token, tokens
from kaiju_graph.sparql.tokens import find_iris, keep_last, list_tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kaiju_graph.rdf.grammar import Step

__all__ = [
    "FUNCTIONS",
    "GRAMMAR",
    "HIDDEN",
    "KEYWORDS",
    "LITERALS",
    "NAMES",
    "RULE_OF",
    "Fault",
    "Pattern",
    "Scope",
    "Tree",
    "ZeroLengthPath",
    "describe_expected",
    "find_constants",
    "find_fault",
    "find_patterns",
    "find_plain_literals",
    "find_predicates",
    "find_template",
    "find_zero_length_paths",
    "parse",
]

RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
LITERALS = ("string", "integer", "decimal", "signed")
"""The kinds of tokens that are a literal, or the text of one."""
STEPS = ("iri", "prefixed", "prefix", "'a'", "')'")
"""The symbols after which ``*`` makes a path of zero or more steps."""
CLOSED_BY = {"{": "'}'", "[": "']'", "(": "')'"}
"""Bracket → the symbol that closes it."""
OPTIONS = ("EXISTS", "MINUS", "OPTIONAL")
"""The keywords before a group that an answer need not match."""

# Section 19.8, with shorter names. Words in capitals are keywords, words in lower case are kinds of
# tokens; | ? * + mean the same as there. Functions are grouped by the number of their arguments.
# The last three rules are only for messages.
GRAMMAR = r"""
Query = Prologue ( Select | Ask | Construct | Describe ) Values
Prologue = ( BASE iri | PREFIX prefix iri )*
Select = SelectClause From* Where Modifiers
SubSelect = SelectClause Where Modifiers Values
SelectClause = SELECT ( DISTINCT | REDUCED )? ( Column+ | '*' )
Column = variable | '(' Expression AS variable ')'
Construct = CONSTRUCT ( Template From* Where Modifiers | From* WHERE Template Modifiers )
Template = '{' Templates? '}'
Templates = Triples ( '.' Templates? )?
Describe = DESCRIBE ( ( variable | Iri )+ | '*' ) From* Where? Modifiers
Ask = ASK From* Where Modifiers
From = FROM NAMED? Iri
Where = WHERE? Group
Modifiers = ( GROUP BY GroupBy+ )? ( HAVING Constraint+ )? ( ORDER BY OrderBy+ )? Limit?
GroupBy = Call | Function | '(' Expression ( AS variable )? ')' | variable
OrderBy = ( ASC | DESC ) Bracketed | Constraint | variable
Constraint = Bracketed | Call | Function
Limit = LIMIT integer ( OFFSET integer )? | OFFSET integer ( LIMIT integer )?
Values = ( VALUES Data )?
Group = '{' ( SubSelect | Paths? ( Pattern '.'? Paths? )* ) '}'
Paths = Path ( '.' Paths? )?
Pattern = OPTIONAL Group | MINUS Group | Group ( UNION Group )* | FILTER Constraint
    | GRAPH ( variable | Iri ) Group | SERVICE SILENT? ( variable | Iri ) Group
    | BIND '(' Expression AS variable ')' | VALUES Data
Data = variable '{' Value* '}' | '()' '{' '()'* '}'
    | '(' variable* ')' '{' ( '(' Value* ')' | '()' )* '}'
Value = Iri | Literal | UNDEF
Call = Iri Arguments
Arguments = '()' | '(' DISTINCT? Expression ( ',' Expression )* ')'
List = '()' | '(' Expression ( ',' Expression )* ')'
Triples = Term Properties | Nested Properties?
Properties = Objects ( ';' Objects? )*
Objects = Verb Node ( ',' Node )*
Verb = variable | Iri | 'a'
Nested = '(' Node+ ')' | '[' Properties ']'
Node = Term | Nested
Path = Term PathProperties | NestedPath PathProperties?
PathProperties = PathObjects ( ';' PathObjects? )*
PathObjects = PathVerb PathNode ( ',' PathNode )*
PathVerb = variable | Alternative
NestedPath = '(' PathNode+ ')' | '[' PathProperties ']'
PathNode = Term | NestedPath
Alternative = Sequence ( '|' Sequence )*
Sequence = Step ( '/' Step )*
Step = '^'? ( Iri | 'a' | '!' Negated | '(' Alternative ')' ) ( '?' | '*' | '+' )?
Negated = One | '()' | '(' One ( '|' One )* ')'
One = '^'? ( Iri | 'a' )
Term = variable | Iri | Literal | label | '[]' | '()'
Expression = And ( '||' And )*
And = Relation ( '&&' Relation )*
Relation = Sum ( ( '=' | '!=' | '<' | '>' | '<=' | '>=' ) Sum | IN List | NOT IN List )?
Sum = Product ( ( '+' | '-' ) Product | signed ( ( '*' | '/' ) Unary )* )*
Product = Unary ( ( '*' | '/' ) Unary )*
Unary = ( '!' | '+' | '-' )? Primary
Primary = Bracketed | Function | Iri Arguments? | Literal | variable
Bracketed = '(' Expression ')'
Function = F0 '()' | F01 ( '()' | Bracketed ) | F1 Bracketed
    | F2 '(' Expression ',' Expression ')'
    | F23 '(' Expression ',' Expression ( ',' Expression )? ')'
    | F3 '(' Expression ',' Expression ',' Expression ')'
    | REPLACE '(' Expression ',' Expression ',' Expression ( ',' Expression )? ')'
    | FN List | BOUND '(' variable ')' | EXISTS Group | NOT EXISTS Group
    | COUNT '(' DISTINCT? ( '*' | Expression ) ')' | AGGREGATE '(' DISTINCT? Expression ')'
    | GROUP_CONCAT '(' DISTINCT? Expression ( ';' SEPARATOR '=' string )? ')'
Literal = string ( language | '^^' Iri )? | integer | decimal | signed | TRUE | FALSE
Iri = iri | prefixed | prefix
Operator = '*' | '/' | '+' | '-' | signed
Comparison = '=' | '!=' | '<' | '>' | '<=' | '>=' | IN | NOT
Repetition = '/' | '|' | '?' | '*' | '+'
"""
# The functions that one symbol of the grammar stands for (section 19.8, rules 121 and 127).
FUNCTIONS = {
    "F0": "RAND NOW UUID STRUUID",
    "F01": "BNODE",
    "F1": """STR LANG DATATYPE IRI URI ABS CEIL FLOOR ROUND STRLEN UCASE LCASE ENCODE_FOR_URI
        YEAR MONTH DAY HOURS MINUTES SECONDS TIMEZONE TZ MD5 SHA1 SHA256 SHA384 SHA512 isIRI isURI
        isBLANK isLITERAL isNUMERIC""",
    "F2": """LANGMATCHES CONTAINS STRSTARTS STRENDS STRBEFORE STRAFTER STRLANG STRDT sameTerm""",
    "F23": "SUBSTR REGEX",
    "F3": "IF",
    "FN": "CONCAT COALESCE",
    "AGGREGATE": "SUM MIN MAX AVG SAMPLE",
}
RULE_OF = {name.upper(): rule for rule, names in FUNCTIONS.items() for name in names.split()}
"""Function, in capitals → its symbol of the grammar; functions with their own rule are left out."""
KEYWORDS = frozenset(re.findall(r"\b[A-Z_]{2,}\b", GRAMMAR)) - FUNCTIONS.keys() | RULE_OF.keys()
"""The words of SPARQL 1.1, in capitals."""
NAMES = {
    "Expression": "an expression",
    "Node": "a term",
    "PathVerb": "a property",
    "Verb": "a property",
    "Function": "a function",
    "Literal": "a literal",
    "Iri": "an IRI",
    "Pattern": "a pattern such as OPTIONAL or FILTER",
    "Repetition": "a path",
    "Operator": "an operator",
    "Comparison": "a comparison",
    "variable": "a variable",
    "string": "a string",
    "integer": "a whole number",
    "prefix": "a prefix with its colon",
    "iri": "an IRI in angle brackets",
    "end": "the end of the query",
}
"""Rule or symbol → its name in messages, instead of a list of all its first symbols."""
HIDDEN = {"BASE", "PREFIX", "SERVICE", *FUNCTIONS}
"""What no message names: SERVICE is refused, and a prologue is seldom what is missing."""


class Scope(NamedTuple):
    """A group of patterns in braces."""

    number: int
    graph: str
    """What is written after GRAPH; empty for the default graph."""
    required: bool
    """Whether answers come only from what matches it, or a part of a UNION with it."""


class Pattern(NamedTuple):
    """A triple or path pattern: the tokens of its ends, and its path with all its tokens."""

    subject: Token
    path: Token
    object: Token
    scope: Scope


class ZeroLengthPath(NamedTuple):
    """A constant from or to which a path may have zero steps."""

    term: Token
    path: str
    graph: str
    """What is written after GRAPH; empty for the default graph."""


def parse(text: str) -> Tree | Fault:
    """Return the tree of a query, or its first fault against the grammar of SPARQL 1.1.

    >>> [part.symbol for part in parse("ASK { ?x a ex:City }").parts]
    ['Prologue', 'Ask', 'Values']
    """
    return _grammar().tree(list_tokens(text), len(text))


def find_fault(text: str) -> Fault | None:
    """Return the first fault of a query against the grammar of SPARQL 1.1, or None."""
    return next((step for step in _steps(text) if isinstance(step, Fault)), None)


def find_predicates(text: str, prefixes: Mapping[str, str]) -> set[str] | None:
    """Return the predicates of the triples that the answer may depend on; None for any predicate.

    The answer may depend on any triple if a predicate is a variable or a negated property set, if
    a path may have zero steps (it then joins every node to itself), if a list is matched (its
    triples are implicit), if the query is DESCRIBE, or if the text is faulty. Otherwise it depends
    on triples with these predicates (SPARQL 1.1, section 18) and on the names of graphs.
    """
    before = ""
    for step in _steps(text):
        if isinstance(step, Fault):
            return None
        symbol, token, _ = step
        is_variable = symbol in ("Verb", "PathVerb") and token.kind == "variable"
        may_be_empty = symbol == "'?'" or (symbol == "'*'" and before in STEPS)
        is_list = symbol in ("Nested", "NestedPath") and token.text == "("
        if is_variable or may_be_empty or is_list or symbol in ("Negated", "Describe"):
            return None
        before = symbol
    types = {RDF_TYPE for token in list_tokens(text) if token == ("word", "a", token.offset)}
    return types | {iri for _, iri in find_iris(text, prefixes)}


def find_patterns(text: str) -> Iterator[Pattern]:
    """Yield the triple patterns and path patterns of a query, up to a fault.

    Of a list or a nested node, such as ``[ a ex:City ]``, the token is its bracket.

    >>> [p.path.text for p in find_patterns("ASK { ?x ex:a/ex:b 1 ; a ?y MINUS { ?x ex:c ?z } }")]
    ['ex:a/ex:b', 'a', 'ex:c']
    """
    steps = (step for step in _steps(text) if not isinstance(step, Fault))
    return _patterns(text, steps, count(1), Scope(0, "", required=True))


def _patterns(
    text: str,
    steps: Iterator[Step],
    numbers: Iterator[int],
    scope: Scope,
    opening: str = "",
) -> Iterator[Pattern]:
    """Yield the patterns up to the end of a bracket."""
    subject = Token("", "", -1)
    path, graph = Token("", "", 0), scope.graph
    before = keyword = ""
    for symbol, token, _ in steps:
        graph = token.text if before == "GRAPH" else graph
        before = symbol
        if symbol not in ("Group", "'{'"):
            keyword = symbol
        if symbol == "'{'":
            within = Scope(next(numbers), graph, scope.required and keyword not in OPTIONS)
            yield from _patterns(text, steps, numbers, within, "{")
            graph = scope.graph
        elif symbol == "NestedPath":
            yield from _patterns(text, steps, numbers, scope, token.text)
        elif symbol == CLOSED_BY.get(opening):
            return
        elif symbol == "Path":
            subject = token
        elif symbol == "PathVerb":
            path = token._replace(text="")
        elif symbol == "PathNode" and opening != "(":
            path = path._replace(text=path.text or text[path.offset : token.offset].strip())
            yield Pattern(subject, path, token, scope)


def find_plain_literals(text: str, *, values: bool = True) -> Iterator[tuple[Token, ox.Literal]]:
    """Yield the literals in patterns of a query that have no language or datatype.

    Args:
        text: the query.
        values: whether to yield those in VALUES, too.
    """
    following = {token.offset: after.text[0] for token, after in pairwise(list_tokens(text))}
    symbols = ("Term", "Value") if values else ("Term",)
    for step in _steps(text):
        if isinstance(step, Fault):
            return
        symbol, token, _ = step
        is_literal = symbol in symbols and token.kind in LITERALS
        if is_literal and following.get(token.offset) not in ("@", "^"):
            rows: Any = ox.Store().query(f"SELECT * {{ VALUES ?value {{ {token.text} }} }}")
            yield from ((token, row[0]) for row in rows)


def find_template(text: str) -> set[int]:
    """Return the offsets of the tokens in the template of CONSTRUCT that is not its pattern, too.

    >>> sorted(find_template("CONSTRUCT { ?x a 1 } WHERE { ?x a 2 }"))
    [10, 12, 15, 17]
    """
    offsets, before, is_inside = set(), "", False
    for step in _steps(text):
        if isinstance(step, Fault):
            break
        symbol, token, _ = step
        is_inside = symbol != "'}'" and (is_inside or (symbol == "Template" and before != "WHERE"))
        if is_inside:
            offsets.add(token.offset)
        before = symbol
    return offsets


def find_zero_length_paths(text: str) -> Iterator[ZeroLengthPath]:
    """Yield the constants from or to which a path of a query may have zero steps.

    >>> [term.text for term, path, graph in find_zero_length_paths("ASK { 'a'@en a?/a* ?x }")]
    ["'a'@en"]
    """
    may_repeat = (
        after.text == "?" or (after.text == "*" and _symbol(token) in STEPS)
        for token, after in pairwise(list_tokens(text))
    )
    if any(may_repeat):
        constants = find_constants(text)
        for pattern in find_patterns(text):
            for end in (pattern.subject, pattern.object):
                if end.offset in constants and _may_have_no_step(pattern.path.text):
                    yield ZeroLengthPath(
                        constants[end.offset], pattern.path.text, pattern.scope.graph
                    )


def find_constants(text: str) -> dict[int, Token]:
    """Return the IRIs and literals of a query, with language or datatype, by their offsets."""
    stream = list_tokens(text)
    constants = (_constant(stream[at : at + 3]) for at in range(len(stream)))
    return {token.offset: token for token in constants if token}


def _may_have_no_step(path: str) -> bool:
    """Tell whether a property path, read as a regular expression, matches the empty text."""
    steps = (
        "" if token.text in ("/", "^", "!") else token.text if token.kind == "sign" else "x"
        for token in tokens(path)
    )
    return bool(re.fullmatch("".join(steps), ""))


def _constant(stream: tuple[Token, ...]) -> Token | None:
    """Return the IRI or literal that some tokens begin with; None if it is a variable or a sign."""
    token, *after = stream
    if token.kind == "string" and after:
        has_datatype = after[0].text == "^^"
        tag = after[: 2 if has_datatype else after[0].kind == "language"]
        return token._replace(text="".join([token.text, *(part.text for part in tag)]))
    is_constant = token.kind in (*LITERALS, "iri", "name", "word") and token.text[:2] != "_:"
    return token if is_constant else None


@keep_last
def _steps(text: str) -> tuple[Step | Fault, ...]:
    """Return each symbol and rule that a query uses, up to a fault."""
    return tuple(_grammar().steps(list_tokens(text), len(text)))


def describe_expected(symbols: tuple[str, ...]) -> tuple[list[str], list[str]]:
    """Return the names of expected symbols for a message, and the keywords among them."""
    words = [
        word
        for symbol in symbols
        for word in FUNCTIONS.get(symbol, symbol).split()
        if word.upper() in KEYWORDS and word != "SERVICE"
    ]
    return [name for name in _grammar().name_all(symbols) if name not in HIDDEN], words


def _symbol(token: Token) -> str:
    """Return the symbol of the grammar for a token."""
    kind, text = token.kind, token.text
    if kind == "word":
        return "'a'" if text == "a" else RULE_OF.get(text.upper(), text.upper())
    if kind == "sign":
        return f"'{''.join(text.split())}'"
    if kind == "name":
        return "label" if text.startswith("_:") else "prefix" if text[-1] == ":" else "prefixed"
    return kind


@cache
def _grammar() -> Grammar:
    """Read the grammar."""
    return Grammar(GRAMMAR, _symbol, NAMES)
