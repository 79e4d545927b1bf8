"""Stage 8, for queries: a SELECT or ASK query → where its clauses and groups stand in the text."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kaiju_graph.sparql.tokens import CLOSING, OPENING, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Group", "Layout", "aliases", "layout"]


class Group(NamedTuple):
    """What stands in brackets."""

    opening: int
    """The offset of the bracket that opens it."""
    closing: int = -1
    selects: bool = False
    """Whether it is a subselect."""
    marked: bool = False
    """Whether it need not match: it is a group of OPTIONAL, or a side of UNION."""


class Layout(NamedTuple):
    """The offsets of a query's clauses, and its groups."""

    start: int
    """Where SELECT or ASK stands."""
    clause: int
    """Where ends what it selects."""
    body: Group
    values: int
    """Where the VALUES behind the body stands; the end of the text where there is none."""
    groups: list[Group]
    """The groups that need not match, in the order of the text."""


def layout(text: str) -> Layout:
    """Return where the clauses and groups of a query stand that the engine has accepted."""
    start = clause = -1
    values = len(text)
    body = ended = Group(-1)
    waiting: list[Group] = []
    groups: set[Group] = set()
    last = ""
    for token in tokens(text):
        said = token.text.upper() if token.kind in ("word", "sign") else ""
        outside = not waiting and body.opening < 0
        if said in ("SELECT", "ASK") and start < 0:
            start = token.at
        elif said == "SELECT" and last == "{":
            waiting[-1] = waiting[-1]._replace(selects=True)
        elif said == "WHERE" and outside:
            clause = token.at
        elif said == "VALUES" and not outside and not waiting:
            values = token.at
        elif said == "UNION":
            groups.add(ended._replace(marked=True))
        elif said in OPENING:
            waiting.append(Group(token.at, marked=said == "{" and last in ("OPTIONAL", "UNION")))
        elif said in CLOSING and waiting:
            ended = waiting.pop()._replace(closing=token.at)
            groups |= {ended} if ended.marked else set()
            body = ended if said == "}" and not waiting and body.opening < 0 else body
        last = said
    clause = body.opening if clause < 0 else clause
    return Layout(start, clause, body, values, sorted(groups))


def aliases(clause: str) -> Iterator[str]:
    """Yield what stands in ``(expression AS ?variable)`` of SELECT or GROUP BY."""
    depth = start = 0
    named = False
    for token in tokens(clause):
        word = token.text.upper() if token.kind == "word" else ""
        if word in ("HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES") and not depth:
            return
        if token.text in OPENING:
            start, named = (start, named) if depth else (token.at + 1, False)
            depth += 1
        elif token.text in CLOSING:
            depth -= 1
            if named and not depth:
                yield clause[start : token.at]
        named |= word == "AS" and depth == 1
