"""Grammars that are LL(1): the tree of a text, or its first fault with what would fit.

Parsers of RDF and SPARQL report a position and little else, and no maintained library gives the
expected tokens. In an LL(1) grammar the next token alone decides which rule applies, so a text is
read without going back. The grammars of SPARQL 1.1 (section 19.8, note 10), Turtle and TriG are
LL(1).
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from kaiju_graph.rdf.tokens import Token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

__all__ = ["Fault", "Grammar", "Part", "Step", "Tree"]

SYMBOL = re.compile(r"('[^']+'|\w+)([?*+]?)")


class Fault(NamedTuple):
    """The first token that does not fit, and the symbols that would."""

    token: Token
    expected: tuple[str, ...]


class Step(NamedTuple):
    """A symbol or a rule that a text uses, its first token, and how many rules it is within."""

    symbol: str
    token: Token
    depth: int


class Tree(NamedTuple):
    """A symbol or a rule that a text uses, its first token, and what the rule consists of."""

    symbol: str
    token: Token
    parts: list[Tree]

    def walk(self) -> Iterator[Tree]:
        """Yield the tree and all trees in it, in the order of the text."""
        waiting = [self]
        while waiting:
            tree = waiting.pop()
            yield tree
            waiting += reversed(tree.parts)


class Part:
    """A part of a rule, by kind.

    A ``symbol``, ``one`` of its parts, ``all`` of them in order, or ``many`` of them.
    """

    def __init__(
        self, rules: Mapping[str, Part], kind: str, parts: list[Part], symbol: str = ""
    ) -> None:
        self.rules, self.kind, self.parts, self.symbol = rules, kind, parts, symbol

    @cached_property
    def first(self) -> frozenset[str]:
        """The symbols that it may begin with; the empty symbol too if it may be empty."""
        if self.kind == "symbol":
            rule = self.rules.get(self.symbol)
            return rule.first if rule else frozenset([self.symbol])
        if self.kind == "all":
            found = frozenset([""])
            for part in self.parts:
                found = found - {""} | part.first
                if "" not in part.first:
                    break
            return found
        found = frozenset().union(*(part.first for part in self.parts))
        return found | {""} if self.kind == "many" else found

    @cached_property
    def choices(self) -> dict[str, Part]:
        """Each symbol that one of its parts may begin with → that part; there is only one."""
        return {symbol: part for part in reversed(self.parts) for symbol in sorted(part.first)}

    @cached_property
    def expected(self) -> dict[str, None]:
        """The symbols that its parts may begin with, in the order of the parts."""
        firsts = (sorted(part.first) for part in self.parts)
        return dict.fromkeys(symbol for first in firsts for symbol in first if symbol)


class Grammar:
    """A grammar; its first rule is that of a whole text.

    Args:
        text: a rule on each line, ``Name = …``; a line that is indented continues one. A symbol is
            a name without a rule, or a sign in quotes; | ? * + and parentheses are as in EBNF.
        symbol: returns the symbol of a token.
        names: rule or symbol → its name in messages, in place of all its first symbols.
    """

    def __init__(self, text: str, symbol: Callable[[Token], str], names: Mapping[str, str]) -> None:
        self.rules: dict[str, Part] = {}
        self.symbol = symbol
        self.names = names
        for line in re.sub(r"\n +", " ", text.strip()).split("\n"):
            name, body = line.split(" = ", 1)
            self.rules[name] = self._read(body.split())
        self.start = next(iter(self.rules.values()))

    def tree(self, tokens: Iterable[Token], end: int) -> Tree | Fault:
        """Return the tree of a text, or its first fault; the arguments are those of ``steps``."""
        branch = [Tree(next(iter(self.rules)), Token("", "", 0), [])]
        for step in self.steps(tokens, end):
            if isinstance(step, Fault):
                return step
            tree = Tree(step.symbol, step.token, [])
            del branch[step.depth + 1 :]
            branch[-1].parts.append(tree)
            branch.append(tree)
        return branch[0]

    def steps(self, tokens: Iterable[Token], end: int) -> Iterator[Step | Fault]:
        """Yield each symbol and rule that some tokens use, up to a fault.

        Args:
            tokens: the tokens.
            end: the offset of the end of their text.
        """
        ahead, last = iter(tokens), Token("end", "", end)
        token = next(ahead, last)
        symbol = self.symbol(token)
        waiting = [(self.start, 0)]
        tried: dict[str, None] = {}
        while waiting:
            part, depth = waiting.pop()
            if part.kind == "all":
                waiting += [(each, depth) for each in reversed(part.parts)]
            elif part.kind != "symbol":
                chosen = part.choices.get(symbol)
                tried.update(part.expected)
                if part.kind == "many":
                    waiting += [(part, depth), (chosen, depth)] if chosen else []
                elif chosen or "" in part.choices:
                    waiting.append((chosen or part.choices[""], depth))
                else:
                    yield Fault(token, tuple(tried))
                    return
            elif part.symbol in self.rules:
                yield Step(part.symbol, token, depth)
                waiting.append((self.rules[part.symbol], depth + 1))
            elif part.symbol == symbol:
                yield Step(part.symbol, token, depth)
                token = next(ahead, last)
                symbol = self.symbol(token)
                tried.clear()
            else:
                yield Fault(token, (*tried, part.symbol))
                return
        if token is not last:
            yield Fault(token, (*tried, "end"))

    def name_all(self, symbols: Iterable[str]) -> list[str]:
        """Return the names of symbols for a message; those of rules stand for several symbols."""
        left = dict.fromkeys(symbols)
        found = []
        for rule, name in self.names.items():
            firsts = self.rules[rule].first if rule in self.rules else {rule}
            if firsts <= left.keys():
                found.append(name)
                left = {symbol: None for symbol in left if symbol not in firsts}
        signs = [symbol for symbol in left if symbol[0] == "'"]
        return [*signs, *found, *(symbol for symbol in left if symbol.isupper())]

    def _read(self, words: list[str]) -> Part:
        """Read and remove words up to the end of a rule or its closing parenthesis."""
        choices: list[list[Part]] = [[]]
        while words:
            word = words.pop(0)
            if word == "|":
                choices.append([])
            elif word[0] == ")":
                words.insert(0, word)
                break
            elif word == "(":
                group = self._read(words)
                choices[-1] += self._repeat(group, words.pop(0)[1:])
            else:
                symbol, mark = SYMBOL.findall(word)[0]
                choices[-1] += self._repeat(Part(self.rules, "symbol", [], symbol), mark)
        parts = [Part(self.rules, "all", each) for each in choices]
        return parts[0] if len(parts) == 1 else Part(self.rules, "one", parts)

    def _repeat(self, part: Part, mark: str) -> list[Part]:
        many = Part(self.rules, "many", [part])
        optional = Part(self.rules, "one", [part, Part(self.rules, "all", [])])
        return {"": [part], "?": [optional], "*": [many], "+": [part, many]}[mark]
