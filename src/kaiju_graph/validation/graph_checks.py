"""Stage 4, for checking: what a graph may say: in which terms, of which things, and nothing twice.

Each check yields a message, the file, the quad, and which of its terms is meant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from kaiju_graph.project.sources import select_layers
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.terms import OWL, RDFS, SUB_CLASS_OF, TYPE, Quad

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kaiju_graph.project.passages import Articles
    from kaiju_graph.project.sources import Sources
    from kaiju_graph.rdf.terms import Term

__all__ = ["Found", "declared", "follows", "things"]

IS_DEFINED_BY = ox.NamedNode(RDFS + "isDefinedBy")
SUB_PROPERTY_OF = ox.NamedNode(RDFS + "subPropertyOf")
ONTOLOGY = ox.NamedNode(OWL + "Ontology")
CLASS = ox.NamedNode(OWL + "Class")
EVERYWHERE = {TYPE, terms.LABEL, *(ox.NamedNode(OWL + n) for n in ("differentFrom", "sameAs"))}
"""What is said of any thing, and no ontology of ours defines; another check refuses the last."""
Found = tuple[str, str, Quad, str]


def declared(sources: Sources, _: Articles) -> Iterator[Found]:
    """Find predicates that are none of the ontology's, or in a passage of those it has of others.

    In the namespace of an ontology, a predicate that it does not define breaks a shape already.
    """
    ontology = select_layers(sources.quads, "ontology")
    known = {quad.subject for quad in ontology if quad.predicate == TYPE} | EVERYWHERE
    ours = {quad.subject for quad in ontology if quad.predicate == IS_DEFINED_BY} | EVERYWHERE
    own = tuple(q.subject.value for q in ontology if (q.predicate, q.object) == (TYPE, ONTOLOGY))
    allowed = {"stated": ours, "curated": known}
    for name, file in sources.files.items():
        for quad in file.quads:
            said = quad.predicate
            if said not in allowed.get(file.layer, {said}) and not said.value.startswith(own):
                expected = "a property that an ontology of ours defines"
                if file.layer == "curated":
                    expected = "a property that an ontology declares"
                yield f"found {said}; expected {expected}", name, quad, "predicate"


def things(sources: Sources, _: Articles) -> Iterator[Found]:
    """Find things that graphs speak of and that nothing says to be of a class, each once."""
    ontology = select_layers(sources.quads, "ontology")
    classes = {q.subject for q in ontology if (q.predicate, q.object) == (TYPE, CLASS)}
    ours = {quad.subject for quad in ontology if quad.predicate == IS_DEFINED_BY}
    known: set[Term] = {quad.subject for quad in ontology}
    known |= {q.subject for q in sources.quads if q.predicate == TYPE and q.object in classes}
    for name, file in sources.files.items():
        for quad in file.quads if file.layer in ("stated", "curated") else ():
            if quad.graph == file.default:
                continue
            parts = ("subject", "object") if quad.predicate in ours else ("subject",)
            for part in parts:
                thing = getattr(quad, part)
                if isinstance(thing, ox.NamedNode) and thing not in known:
                    known.add(thing)
                    found = f"found {thing}, which is of no class; expected a class and a label"
                    yield found, name, quad, part


def follows(sources: Sources, _: Articles) -> Iterator[Found]:
    """Find statements that follow from another in the same graph, by a class or property below.

    In another graph they stand: that passage says no more.
    """
    below = _below(select_layers(sources.quads, "ontology"))
    for name, file in sources.files.items():
        said = set(file.quads) if file.layer in ("stated", "entities", "curated") else ()
        for quad in file.quads if said else ():
            part = "object" if quad.predicate == TYPE else "predicate"
            term = getattr(quad, part)
            nearer: list[Quad] = [quad._replace(**{part: sub}) for sub in below.get(term, ())]
            if found := next((other for other in nearer if other in said), None):
                reason = f"which follows from {getattr(found, part)} there"
                yield f"found {term}, {reason}; expected it left to the reasoner", name, quad, part


def _below(ontology: Iterable[Quad]) -> dict[Term, set[Any]]:
    """Return each class and property → those below it that do not stand above it as well."""
    links: dict[Term, list[Term]] = {}
    for quad in ontology:
        if quad.predicate in (SUB_CLASS_OF, SUB_PROPERTY_OF):
            links.setdefault(quad.object, []).append(quad.subject)
    reached = {term: terms.closure(subs, links) for term, subs in links.items()}
    return {
        term: {sub for sub in subs if term not in reached.get(sub, ())}
        for term, subs in reached.items()
    }
