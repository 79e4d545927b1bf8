"""The triple patterns of a rule, read from its text.

A rule is one SPARQL query. Each triple pattern of its body is on a line of its own. Two nested
``FILTER NOT EXISTS`` state a condition for all matches of some patterns.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.errors import KaijuError
from kaiju_graph.rdf.terms import OWL, RDF, RDFS, TYPE, Term, Triple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Node", "Pattern", "Rule", "instances", "value"]

PREFIXES = {"owl": OWL, "rdf": RDF, "rdfs": RDFS}
LINE = re.compile(r"^\s*(?!FILTER)(\S+) (\S+) (\S+?)(?: \.)?\s*$")
FOR_ALL = re.compile(
    r"    FILTER NOT EXISTS \{\n(.*?)FILTER NOT EXISTS \{(.*?)\}\s*\}\n", re.DOTALL
)
"""A condition in the body of a rule: every match of the first group has one of the second."""

Node = ox.NamedNode | str
"""A constant, or the name of a variable."""


class Pattern(NamedTuple):
    """A triple pattern; ``times`` is the operator of its path (``?``, ``*``, ``+``) or empty."""

    subject: Node
    predicate: Node
    object: Node
    times: str = ""


class Rule(NamedTuple):
    """A rule of inference."""

    name: str
    text: str
    """The query."""
    words: str
    """The rule as a sentence with its variables."""
    head: Pattern | None
    """What the rule concludes; None is *false*."""
    lines: dict[Pattern, str]
    """Triple pattern of the body → its line."""
    for_all: list[tuple[list[Pattern], list[Pattern]]]
    """Conditions: patterns, and the patterns that must match for every match of these."""

    @classmethod
    def parse(cls, name: str, text: str) -> Rule:
        """Parse the text of a rule.

        Raises:
            KaijuError: the text has a prefix other than ``owl``, ``rdf`` and ``rdfs``.
        """
        above, _, body = text.partition("WHERE {\n")
        head = re.search(r"CONSTRUCT \{ (\S+ \S+ \S+) \}", above)
        try:
            return cls(
                name,
                text,
                above.partition("\n")[0].removeprefix("# "),
                _patterns(head[1])[0] if head else None,
                dict(_pattern_lines(FOR_ALL.sub("", body))),
                [(_patterns(every), _patterns(some)) for every, some in FOR_ALL.findall(body)],
            )
        except KeyError as error:
            expected = f"expected one of {', '.join(PREFIXES)}"
            raise KaijuError(f"rules/{name}.rq: found the prefix {error}; {expected}") from None

    @property
    def body(self) -> list[Pattern]:
        """The triple patterns of the body."""
        return list(self.lines)


def instances(patterns: Iterable[Pattern], binding: dict[str, Term]) -> list[Triple]:
    """Return the triples of patterns with their variables bound.

    Paths along a list (``*``, ``+``) have no triple, because the list itself is a premise. A path
    with ``?`` has none if it has no step.
    """
    triples = []
    for pattern in patterns:
        subject, predicate, object_ = (value(part, binding) for part in pattern[:3])
        if pattern.times not in ("*", "+") and (not pattern.times or subject != object_):
            triples.append(Triple(subject, predicate, object_))  # type: ignore[arg-type]
    return triples


def value(node: Node, binding: dict[str, Term]) -> Term | None:
    """Return the term of a node of a pattern; None for a variable that is not bound."""
    return binding.get(node) if isinstance(node, str) else node


def _patterns(text: str) -> list[Pattern]:
    return [pattern for pattern, _ in _pattern_lines(text)]


def _pattern_lines(text: str) -> Iterator[tuple[Pattern, str]]:
    """Yield the triple patterns of a group with their lines; a path ``a/b`` is two patterns."""
    for line in text.split("\n"):
        if match := LINE.match(line):
            start: Node = _node(match[1])
            *through, last = match[2].split("/")
            for predicate in through:
                between = f"{start} {predicate}"
                yield _pattern(start, predicate, between), line
                start = between
            yield _pattern(start, last, _node(match[3])), line


def _pattern(subject: Node, predicate: str, object_: Node) -> Pattern:
    times = predicate[-1] if predicate[-1] in "?*+" else ""
    return Pattern(subject, _node(predicate.removesuffix(times)), object_, times)


def _node(text: str) -> Node:
    if text.startswith("?"):
        return text[1:]
    prefix, _, local = text.partition(":")
    return TYPE if text == "a" else ox.NamedNode(PREFIXES[prefix] + local)
