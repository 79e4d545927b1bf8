"""Stage 5, before validating: what is asserted → what shapes see of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.rdf import terms
from kaiju_graph.rdf.terms import QUOTE
from kaiju_graph.validation.evidence_checks import is_computed

if TYPE_CHECKING:
    from kaiju_graph.project.passages import Articles
    from kaiju_graph.rdf.terms import Quad

__all__ = ["seen"]


def seen(asserted: list[Quad], located: Articles) -> list[Quad]:
    """Return what shapes see: what is asserted and computed, but for what a check reports.

    A quote that is not found leaves its passage without span, order and section, and what is
    typed by hand gives it two; a blank node is nothing that a passage names. Each would be
    reported again by shape after shape.
    """
    quotes = {passage.iri: passage.quote for passage in located.passages.values()}
    computed = quotes.keys() | {article.node for article in located.articles}
    quoted = {quad.subject for quad in asserted if quad.predicate == QUOTE}
    lost = quoted - quotes.keys() if located.articles else set()

    def is_seen(quad: Quad) -> bool:
        if quad.graph == terms.ONTOLOGY:
            return True
        if isinstance(quad.subject, ox.BlankNode) or isinstance(quad.object, ox.BlankNode):
            return False
        if is_computed(quad) and quad.subject in computed:
            return False
        if quad.predicate == QUOTE and quotes.get(quad.subject, quad.object) != quad.object:
            return False
        return quad.graph != terms.EVIDENCE or lost.isdisjoint((quad.subject, quad.object))

    return [*filter(is_seen, asserted), *located.evidence()]
