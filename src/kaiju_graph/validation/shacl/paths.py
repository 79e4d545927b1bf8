"""Property paths of SHACL (section 2.3.1): their values, and their text in SPARQL.

pySHACL takes the parts of an inverted sequence in the wrong order, refuses paths that are nested
more than ten levels deep, and writes ``p*?`` for a path of a path, which SPARQL does not have.
"""

from __future__ import annotations

from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Any

from rdflib import RDF, SH, URIRef

from kaiju_graph.errors import QueryError
from kaiju_graph.sparql.execute import MAX_CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from rdflib import Graph

    Step = Callable[[set[Any]], set[Any]]
    """Nodes → the values that a path reaches from them."""

__all__ = ["path_step", "path_text"]

REPEATED = {SH.zeroOrMorePath: "*", SH.oneOrMorePath: "+", SH.zeroOrOnePath: "?"}
"""Predicate of a path that repeats another → its sign in SPARQL."""


def path_text(shapes: Graph, path: Any) -> str:
    """Return a path in SPARQL; each part that is not an IRI is in parentheses.

    Raises:
        QueryError: the path is not well-formed, or longer than a query.
    """

    @cache  # a path may have the same part many times
    def text(path: Any) -> str:
        if isinstance(path, URIRef):
            return path.n3()
        predicate, value = _kind(shapes, path)
        if predicate == SH.inversePath:
            return f"(^{text(value)})"
        if predicate in REPEATED:
            return f"({text(value)}{REPEATED[predicate]})"
        sign = "/" if predicate == RDF.first else "|"
        parts = [text(part) for part in shapes.items(value)]
        if sum(map(len, parts)) > MAX_CHARACTERS:
            found = f"found a path of more than {MAX_CHARACTERS:,} characters in SPARQL"
            raise QueryError(f"{found}; expected a shorter one")
        return f"({sign.join(parts)})"

    return text(path)


def path_step(shapes: Graph, path: Any, data: Graph) -> Step:
    """Return the function that follows a path from nodes to their values.

    Args:
        shapes: the graph of the path.
        path: its node.
        data: the graph in which the path is followed.

    Raises:
        QueryError: the path is not well-formed.
    """

    @cache  # a path may have the same part many times
    def step_of(path: Any, *, inverse: bool) -> Step:
        if isinstance(path, URIRef):
            if inverse:
                return lambda nodes: {end for node in nodes for end in data.subjects(path, node)}
            return lambda nodes: {end for node in nodes for end in data.objects(node, path)}
        predicate, value = _kind(shapes, path)
        if predicate == SH.inversePath:
            return step_of(value, inverse=not inverse)
        if predicate in REPEATED:
            return _repeat(step_of(value, inverse=inverse), predicate)
        steps = [step_of(part, inverse=inverse) for part in shapes.items(value)]
        if predicate == SH.alternativePath:
            choices = dict.fromkeys(steps)
            return lambda nodes: {*chain.from_iterable(step(nodes) for step in choices)}
        return _follow_all(steps[::-1] if inverse else steps)

    return step_of(path, inverse=False)


def _follow_all(steps: list[Step]) -> Step:
    """Return the function that follows some paths, one after the other."""

    def follow(nodes: set[Any]) -> set[Any]:
        for step in steps:
            if not nodes:
                break
            nodes = step(nodes)
        return nodes

    return follow


def _kind(shapes: Graph, path: Any) -> tuple[Any, Any]:
    """Return the predicate that makes a blank node a path, and the path or list that it takes."""
    for predicate in (RDF.first, SH.inversePath, SH.alternativePath, *REPEATED):
        value = shapes.value(path, predicate)
        if value is not None:
            return predicate, path if predicate == RDF.first else value
    raise QueryError(f"found {path.n3()} as sh:path; expected a property path")


def _repeat(step: Step, predicate: Any) -> Step:
    """Return the function that follows a path as often as a predicate of ``REPEATED`` says."""

    def follow(nodes: set[Any]) -> set[Any]:
        reached = set() if predicate == SH.oneOrMorePath else {*nodes}
        if predicate == SH.zeroOrOnePath:
            return reached | step(nodes)
        while nodes := step(nodes) - reached:
            reached |= nodes
        return reached

    return follow
