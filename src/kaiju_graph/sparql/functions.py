"""Functions that the engine does not have, or has in another way.

A function that nobody knows is an error of its expression, not of the query (SPARQL 1.1, sections
17.2 and 17.6). ``BNODE`` of a text gives each solution a blank node of its own (section 17.4.2.9);
the engine's gives all solutions the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from kaiju_graph.project.spelling import did_you_mean
from kaiju_graph.rdf.lines import line_column
from kaiju_graph.rdf.terms import XSD
from kaiju_graph.rdf.tokens import tokens
from kaiju_graph.sparql.grammar import RULE_OF
from kaiju_graph.sparql.tokens import find_iris

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import TypeVar

    T = TypeVar("T")

__all__ = ["BlankNodes", "Functions", "call_with_unknown", "unknown_function_warnings"]

Functions = dict[ox.NamedNode, Callable[..., Any]]
"""IRI → a function that takes and returns terms; None is an error."""
UNKNOWN = re.compile("custom function <(.*)> is not supported", re.DOTALL)
"""The engine's message of a function that it does not know."""
BNODE = "urn:x-kaiju:bnode:"
"""How the IRI of a call of ``BNODE`` begins, before its number."""
CASTS = "boolean date dateTime decimal double float integer string".split()


def call_with_unknown(
    query: Callable[[Functions], T], functions: Functions | None = None
) -> tuple[T, list[str]]:
    """Call a function that runs a query; what the engine does not know gives an error.

    Args:
        query: runs the query with the functions that it gets.
        functions: those that the query has in any case.

    Returns:
        what it returns, and the IRIs of the functions that the engine does not know.

    Raises:
        RuntimeError: the engine cannot run it for another reason.
    """
    known = dict(functions or {})
    unknown: list[str] = []
    while True:
        try:
            return query(known), unknown
        except RuntimeError as error:
            found = UNKNOWN.search(str(error))
            if not found or found[1] in unknown:
                raise
            unknown.append(found[1])
            known[ox.NamedNode(found[1])] = _give_error


def _give_error(*_: object) -> None:
    """Return no value: an error of the expression."""


def unknown_function_warnings(
    text: str, unknown: Iterable[str], prefixes: Mapping[str, str]
) -> Iterator[str]:
    """Yield a message for each function that the engine does not know.

    Args:
        text: the query.
        unknown: the IRIs of the functions.
        prefixes: prefix → namespace IRI.
    """
    known = [*(f"xsd:{name}" for name in CASTS), *sorted(RULE_OF)]
    for iri in unknown:
        place = next((token for token, found in find_iris(text, prefixes) if found == iri), None)
        name = place.text if place else f"<{iri}>"
        hint = did_you_mean(re.split("[:/#]", iri)[-1], known)
        at = line_column(text, place.offset if place else 0)
        yield f"{at}: found the function {name}, which always gives an error{hint}"


class BlankNodes:
    """The calls of ``BNODE`` with a text in a query, and the nodes that they give.

    The engine computes the expressions of one solution, then those of the next: a call that comes
    again belongs to another solution.

    >>> BlankNodes("SELECT (BNODE('a') AS ?x) {}").text
    "SELECT (<urn:x-kaiju:bnode:0>('a') AS ?x) {}"
    """

    def __init__(self, text: str) -> None:
        """Take a query; ``text`` is the same with its calls, and ``functions`` answers them."""
        stream = list(tokens(text)) if "BNODE" in text.upper() else []
        calls = [
            token
            for token, after in pairwise(stream)
            if token.kind == "word" and token.text.upper() == "BNODE" and after.text == "("
        ]
        parts, end = [], 0
        for number, token in enumerate(calls):
            parts += [text[end : token.offset], f"<{BNODE}{number}>"]
            end = token.end
        self.text = "".join([*parts, text[end:]])
        self.functions: Functions = {
            ox.NamedNode(f"{BNODE}{number}"): self._call(number) for number in range(len(calls))
        }
        self._called: set[int] = set()
        self._nodes: dict[str, ox.BlankNode] = {}

    def _call(self, number: int) -> Callable[..., Any]:
        def give(term: Any) -> ox.BlankNode | None:
            if not isinstance(term, ox.Literal) or term.datatype.value != f"{XSD}string":
                return None
            if number in self._called:
                self._called, self._nodes = set(), {}
            self._called.add(number)
            return self._nodes.setdefault(term.value, ox.BlankNode())

        return give
