"""Find variables that a query selects but never binds: their columns are empty."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from kaiju_graph.project.spelling import did_you_mean
from kaiju_graph.rdf.lines import line_column
from kaiju_graph.sparql.tokens import find_form, list_tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["unbound_variable_warnings"]


def unbound_variable_warnings(text: str) -> Iterator[str]:
    """Yield a message for each variable after SELECT that is nowhere else in the query.

    The first argument of COALESCE may have no value: that is what the function is for.

    >>> list(unbound_variable_warnings("SELECT ?titel { ?film rdfs:label ?title }"))
    ["1:8: ?titel is in no pattern, so it has no value; did you mean '?title'?"]
    """
    form = find_form(text)
    if form.text != "SELECT":
        return
    stream = list_tokens(text)
    pattern = next((token.offset for token in stream if token.text == "{"), 0)
    bound = {
        token.text.replace("$", "?"): None
        for before, token in pairwise(stream)
        if token.kind == "variable" and (token.offset > pattern or before.text.upper() == "AS")
    }
    for function, token in zip([form, form, *stream], stream, strict=False):
        is_selected = token.kind == "variable" and function.text.upper() != "COALESCE"
        if is_selected and token.text.replace("$", "?") not in bound:
            hint = did_you_mean(token.text, bound)
            message = f"{token.text} is in no pattern, so it has no value{hint}"
            yield f"{line_column(text, token.offset)}: {message}"
