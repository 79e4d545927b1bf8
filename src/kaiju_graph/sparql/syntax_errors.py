"""The error of a query that does not parse: what is wrong, and where.

The engine's message says little, so ``grammar`` finds the fault. If the grammar allows a query that
the engine refuses, ``COMPLAINTS`` finds the token that the engine means.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from kaiju_graph.errors import QueryError
from kaiju_graph.project.spelling import did_you_mean
from kaiju_graph.rdf.lines import line_column
from kaiju_graph.rdf.tokens import Token, tokens
from kaiju_graph.sparql import grammar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["explain"]

UPDATES = set("INSERT DELETE LOAD CLEAR CREATE DROP COPY MOVE ADD WITH".split())
ESCAPE = re.compile(r"(?s)(?:[^\\]|\\[tbnrf\"'\\uU])*+(\\.)")
ESCAPES = "one of " + " ".join(f"\\{letter}" for letter in "tbnrf\"'\\uU")
QUOTES = re.compile("[\u00ab\u00b4\u00bb\u2018-\u201f`]")
SHOWN = 30
"""How many characters of a token are shown."""


def explain(text: str, message: str, prefixes: Mapping[str, str]) -> QueryError:
    """Return the error of a query that does not parse: place, what was found, what was expected.

    Args:
        text: the query.
        message: the engine's message; may be empty where the grammar finds the fault.
        prefixes: prefix → namespace IRI.
    """
    fault = grammar.find_fault(text)
    unknown = _find_undeclared_prefix(text, prefixes)
    if fault and not (unknown and unknown[0] < fault.token.offset):
        return QueryError(f"{line_column(text, fault.token.offset)}: {_describe_fault(fault)}")
    offset, description = unknown or _explain_refusal(text, message)
    return QueryError(f"{line_column(text, offset)}: {description}")


def _describe_fault(fault: grammar.Fault) -> str:
    """Return the message for a fault: what was found, and what was expected."""
    kind, found, _ = fault.token
    names, words = grammar.describe_expected(fault.expected)
    several = f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else names[0]
    shown = f"{found[:SHOWN]}…" if len(found) > SHOWN else found
    message = f"found {shown!r}; expected {several}"
    if kind == "end":
        return f"found {'no query' if 'SELECT' in words else 'the end'}; expected {several}"
    if kind == "unclosed":
        return f"found a string that does not end: {shown!r}; expected its closing quotation mark"
    if QUOTES.match(found):
        return f"found {shown!r}; expected {several}: the quotation marks of SPARQL are \" and '"
    if kind == "word" and found.upper() in UPDATES and "SELECT" in words:
        return f"{message}: the graph cannot be updated"
    if kind == "word" and len(found) > 1 and found.upper() not in grammar.KEYWORDS:
        return message + did_you_mean(found, words)
    return message


def _find_undeclared_prefix(text: str, prefixes: Mapping[str, str]) -> tuple[int, str] | None:
    """Return the offset of the first prefix that is not declared, and a message."""
    known = {*prefixes, "_"}
    before = ""
    for token in tokens(text):
        if token.kind == "name":
            prefix = token.text.partition(":")[0]
            if before.upper() == "PREFIX":
                known.add(prefix)
            elif prefix not in known:
                hint = did_you_mean(prefix, known)
                return (
                    token.offset,
                    f"found the prefix {prefix!r}; expected a declared prefix{hint}",
                )
        before = token.text
    return None


def _explain_refusal(text: str, message: str) -> tuple[int, str]:
    """Return the offset and a message for a query that only the engine refuses."""
    tokens_ = list(tokens(text))
    position = re.match(r"error at (\d+):(\d+): expected (?:one of )?", message)
    complaint = message[position.end() :] if position else message
    for pattern, search, description in COMPLAINTS:
        if re.search(pattern, complaint) and (token := search(tokens_)):
            return token.offset, f"found {token.text}, {description}"
    for token in tokens_:
        if token.kind == "string" and (wrong := ESCAPE.match(token.text)):
            return (
                token.offset + wrong.end() - 2,
                f"found {wrong[1]!r} in a string; expected {ESCAPES}",
            )
    if token := _find_rebound(tokens_):
        return (
            token.offset,
            f"found AS {token.text}, which is bound before; expected a new variable",
        )
    sentence = re.search(r"[A-Za-z]\w*(?: [\w*'\\-]+){2,}", complaint)
    at = 0
    if position:
        lines = text.split("\n")
        at = sum(len(line) + 1 for line in lines[: int(position[1]) - 1]) + int(position[2]) - 1
    reason = sentence[0] if sentence else " ".join(complaint.split())
    return at, f"found no query that can be run: {reason}"


def _selected_variables(tokens_: list[Token]) -> list[Token]:
    """Return the variables of the first SELECT clause, and of its expressions."""
    clause: list[Token] = []
    for token in tokens_:
        if clause and token.text == "{":
            break
        if clause or token.text.upper() == "SELECT":
            clause.append(token)
    return [token for token in clause if token.kind == "variable"]


def _find_ungrouped(tokens_: list[Token]) -> Token | None:
    texts = [token.text.upper() for token in tokens_]
    grouped = tokens_[len(texts) - texts[::-1].index("GROUP") :] if "GROUP" in texts else []
    known = {token.text[1:] for token in grouped}
    # The argument of an aggregate stands in two brackets: (COUNT(?x) AS ?n).
    depth = 0
    for token in tokens_[texts.index("SELECT") :] if "SELECT" in texts else []:
        if token.text == "{":
            break
        depth += (token.text == "(") - (token.text == ")")
        if token.kind == "variable" and depth == 0 and token.text[1:] not in known:
            return token
    return None


def _find_repeated(tokens_: list[Token]) -> Token | None:
    seen: set[str] = set()
    for token in _selected_variables(tokens_):
        if token.text[1:] in seen:
            return token
        seen.add(token.text[1:])
    return None


def _find_rebound(tokens_: list[Token]) -> Token | None:
    """Return a variable after AS that is used before."""
    seen: set[str] = set()
    for before, token in pairwise(tokens_):
        if token.kind == "variable":
            if before.text.upper() == "AS" and token.text[1:] in seen:
                return token
            seen.add(token.text[1:])
    return None


def _find_after_as(tokens_: list[Token]) -> Token | None:
    return next((b for a, b in pairwise(tokens_) if a.text.upper() == "AS"), None)


def _find_relative_iri(tokens_: list[Token]) -> Token | None:
    return next(
        (t for t in tokens_ if t.kind == "iri" and not re.match("<[A-Za-z][^/]*:", t.text)), None
    )


def _find_star(tokens_: list[Token]) -> Token | None:
    return next((token for token in tokens_ if token.text == "*"), None)


def _find_values(tokens_: list[Token]) -> Token | None:
    return next((token for token in tokens_ if token.text.upper() == "VALUES"), None)


def _find_reused_label(tokens_: list[Token]) -> Token | None:
    """Return the second use of a blank node's label, which may be in another group."""
    seen: set[str] = set()
    for token in tokens_:
        if token.text.startswith("_:"):
            if token.text in seen:
                return token
            seen.add(token.text)
    return None


COMPLAINTS: tuple[tuple[str, Callable[[list[Token]], Token | None], str], ...] = (
    (
        "variable that is unbound",
        _find_ungrouped,
        "which is not grouped; expected it after GROUP BY, or in an aggregate such as COUNT",
    ),
    (
        "Duplicated variable",
        _find_repeated,
        "which is selected before; expected each variable once",
    ),
    (
        "SELECT overrides",
        _find_after_as,
        "which the pattern binds; expected a new variable after AS",
    ),
    ("not authorized with GROUP BY", _find_star, "with GROUP BY; expected the grouped variables"),
    (
        "IRI parsing failed",
        _find_relative_iri,
        "which has no scheme; expected a whole IRI or a prefix",
    ),
    ("^UNDEF", _find_values, "with a row of another length; expected a value for each variable"),
    (
        "unreported|blank node id",
        _find_reused_label,
        "which another group has; expected another label",
    ),
)
"""A pattern of the engine's message, the function that finds the token, and our own message."""
