"""Stage 5, before reasoning: the text of a rule → its triple patterns, for whoever applies it.

A rule is one SPARQL query. Each triple pattern of its body has a line of its own; a group within
the body is one that something must hold of all of (``FILTER NOT EXISTS``, twice).
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
"""In the body of a rule: of whatever the first matches, there is something that the second does."""

Node = ox.NamedNode | str
"""A constant, or the name of a variable."""


class Pattern(NamedTuple):
    """A triple pattern; ``times`` has the sign of a path: ``?``, ``*``, ``+``, or none."""

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
    """The rule as a sentence, its variables in it."""
    head: Pattern | None
    """What it concludes; None is *false*."""
    lines: dict[Pattern, str]
    """Triple pattern of the body → the line that it stands on."""
    for_all: list[tuple[list[Pattern], list[Pattern]]]
    """Patterns, and those that must match as well whenever they do."""

    @classmethod
    def parse(cls, name: str, text: str) -> Rule:
        """Take a rule apart.

        Raises:
            KaijuError: it has a prefix that no rule has.
        """
        above, _, body = text.partition("WHERE {\n")
        head = re.search(r"CONSTRUCT \{ (\S+ \S+ \S+) \}", above)
        try:
            return cls(
                name,
                text,
                above.partition("\n")[0].removeprefix("# "),
                _patterns(head[1])[0] if head else None,
                dict(_read(FOR_ALL.sub("", body))),
                [(_patterns(each), _patterns(some)) for each, some in FOR_ALL.findall(body)],
            )
        except KeyError as error:
            expected = f"expected one of {', '.join(PREFIXES)}"
            raise KaijuError(f"rules/{name}.rq: found the prefix {error}; {expected}") from None

    @property
    def body(self) -> list[Pattern]:
        """The triple patterns of the body."""
        return list(self.lines)


def instances(patterns: Iterable[Pattern], binding: dict[str, Term]) -> list[Triple]:
    """Return the triples that patterns stand for.

    Paths along a list are told by the list, and that a thing is the same as itself by nothing.
    """
    found = []
    for pattern in patterns:
        subject, predicate, object_ = (value(part, binding) for part in pattern[:3])
        if pattern.times not in ("*", "+") and (not pattern.times or subject != object_):
            found.append(Triple(subject, predicate, object_))  # type: ignore[arg-type]
    return found


def value(node: Node, binding: dict[str, Term]) -> Term | None:
    """Return what a node of a pattern stands for, if that is known."""
    return binding.get(node) if isinstance(node, str) else node


def _patterns(text: str) -> list[Pattern]:
    return [pattern for pattern, _ in _read(text)]


def _read(text: str) -> Iterator[tuple[Pattern, str]]:
    """Yield the triple patterns of a group; a sequence of predicates is as many patterns."""
    for line in text.split("\n"):
        if found := LINE.match(line):
            start: Node = _node(found[1])
            *through, last = found[2].split("/")
            for predicate in through:
                between = f"{start} {predicate}"
                yield _pattern(start, predicate, between), line
                start = between
            yield _pattern(start, last, _node(found[3])), line


def _pattern(subject: Node, predicate: str, object_: Node) -> Pattern:
    times = predicate[-1] if predicate[-1] in "?*+" else ""
    return Pattern(subject, _node(predicate.removesuffix(times)), object_, times)


def _node(text: str) -> Node:
    """Return what a word of a rule stands for."""
    if text.startswith("?"):
        return text[1:]
    prefix, _, local = text.partition(":")
    return TYPE if text == "a" else ox.NamedNode(PREFIXES[prefix] + local)
