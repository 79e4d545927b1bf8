"""Warnings for the paths of which the engine misses a solution.

A path of zero steps leads from any term to itself (SPARQL 1.1, section 18.4). Oxigraph finds it
only if the term is in the graph.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kaiju_graph.rdf.lines import line_column
from kaiju_graph.sparql.grammar import find_zero_length_paths
from kaiju_graph.sparql.tokens import find_form

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["missed_path_warnings"]


def missed_path_warnings(
    text: str, ask: Callable[[str], object], dataset: str = ""
) -> Iterator[str]:
    """Yield a message for each path of a query that misses a solution of zero steps.

    Args:
        text: the query.
        ask: answers an ASK query; it is asked whether the engine finds such a path.
        dataset: the FROM clauses of the query, without prefixes.
    """
    prologue = text[: find_form(text).offset]
    for term, path, graph in dict.fromkeys(find_zero_length_paths(text)):
        step = f"{{ {term.text} <urn:x-kaiju:step>? {term.text} }}"
        scope, where = "", "the graph"
        if graph:
            step, scope, where = f"{{ GRAPH {graph} {step} }}", f"GRAPH {graph} {{}}", graph
        if ask(f"{prologue} ASK {dataset} {{ {scope} FILTER NOT EXISTS {step} }}"):
            yield (
                f"{line_column(text, term.offset)}: the solution in which {path} has no step is"
                f" missing, as {term.text} is not in {where} (SPARQL 1.1, section 18.4, has it)"
            )
