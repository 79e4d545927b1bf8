"""Whether an ontology has the terms that are used, and each thing its class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from kaiju_graph.project.sources import Finding, Remedy, select_layers
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.terms import (
    IS_DEFINED_BY,
    OWL,
    RDF,
    RDFS,
    SAME_AS,
    SUB_CLASS_OF,
    SUB_PROPERTY_OF,
    TYPE,
)
from kaiju_graph.validation.vocabularies import vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kaiju_graph.project.passages import Articles
    from kaiju_graph.project.sources import Sources
    from kaiju_graph.rdf.terms import Quad, Term

__all__ = [
    "find_entailed_statements",
    "find_kind",
    "find_undeclared_predicates",
    "find_undeclared_terms",
    "find_unknown_things",
]

CLASS, ONTOLOGY = (ox.NamedNode(OWL + name) for name in ("Class", "Ontology"))
UNIVERSAL = {TYPE, terms.LABEL, SAME_AS, ox.NamedNode(OWL + "differentFrom")}
"""Predicates for any thing that other vocabularies define; ``plain`` refuses owl:sameAs."""
AXIOMS = {
    ox.NamedNode(namespace + name): kinds
    for namespace, names, kinds in (
        (RDF, "type", ("", "class")),
        (RDFS, "subClassOf", ("class", "class")),
        (RDFS, "subPropertyOf", ("property", "property")),
        (RDFS, "domain range", ("property", "class")),
        (OWL, "equivalentClass disjointWith complementOf", ("class", "class")),
        (OWL, "equivalentProperty inverseOf propertyDisjointWith", ("property", "property")),
        (OWL, "onProperty", ("", "property")),
        (OWL, "someValuesFrom allValuesFrom onClass", ("", "class")),
    )
    for name in names.split()
}
"""Property of RDF Schema or OWL → what its subject and its object are."""


def find_undeclared_predicates(sources: Sources, _: Articles) -> Iterator[Finding]:
    """Find predicates that no ontology declares, and in passages those that ours do not define.

    Shapes already report undefined predicates in the namespace of an ontology.
    """
    ontology = select_layers(sources.quads, "ontology")
    declared = {quad.subject for quad in ontology if quad.predicate == TYPE} | UNIVERSAL
    defined = _defined_terms(ontology) | UNIVERSAL
    own = tuple(q.subject.value for q in ontology if (q.predicate, q.object) == (TYPE, ONTOLOGY))
    allowed: dict[str, tuple[set[Any], str]] = {
        "stated": (defined, "a property that an ontology of the project defines"),
        "curated": (declared, "a property that an ontology declares"),
    }
    for name, file in sources.files.items():
        if file.layer not in allowed:
            continue
        predicates, expected = allowed[file.layer]
        for quad in file.quads:
            if quad.predicate not in predicates and not quad.predicate.value.startswith(own):
                message = f"found {quad.predicate}; expected {expected}"
                yield Finding("declared", message, name, quad, "predicate")


def find_undeclared_terms(sources: Sources, located: Articles) -> Iterator[Finding]:
    """Find classes and properties that are used and nowhere declared, each once.

    A term counts as declared if a statement of an ontology gives it a class, an alignment names it,
    or a vocabulary of ``vocabularies`` has it. What is declared as a property only is no class, and
    the reverse.
    """
    ontology = select_layers(sources.quads, "ontology")
    kinds: dict[Term, set[str]] = {}
    for quad in ontology:
        if quad.predicate == TYPE:
            kinds.setdefault(quad.subject, set()).add(_kind_of_type(quad.object))
    known: set[Term] = set()
    for quad in select_layers(sources.quads, "alignments"):
        known.update(quad[:3])
    known.update(
        finding.quad.predicate
        for finding in find_undeclared_predicates(sources, located)
        if finding.quad
    )
    for name, file in sources.files.items():
        for quad in file.quads if file.layer != "alignments" else ():
            for part in ("predicate", "object", "subject"):
                term, kind = getattr(quad, part), find_kind(quad, part)
                others = kinds.get(term, set())
                is_known = not others.isdisjoint((kind, "")) if others else term in known
                if kind and not is_known and isinstance(term, ox.NamedNode):
                    known.add(term)
                    kinds.pop(term, None)
                    if not vocabulary(term):
                        found = f"{term}, a {min(others)}" if others else str(term)
                        message = f"found {found}; expected a {kind} that an ontology declares"
                        yield Finding("undeclared", message, name, quad, part)


def _kind_of_type(term: Term) -> str:
    """Return what the instances of a class of OWL or RDF are; empty if they may be either."""
    name = term.value.rpartition("#")[2]
    kinds = ("class", "property")
    return next((kind for kind in kinds if name.endswith(kind.capitalize())), "")


def find_kind(quad: Quad, part: str) -> str:
    """Return what a term of a statement has to be: ``class``, ``property``, or an empty text."""
    if part == "predicate":
        return "property"
    subject, object_ = AXIOMS.get(quad.predicate, ("", ""))
    return subject if part == "subject" else object_


def find_unknown_things(sources: Sources, _: Articles) -> Iterator[Finding]:
    """Find things without a class, each once."""
    ontology = select_layers(sources.quads, "ontology")
    classes = {q.subject for q in ontology if (q.predicate, q.object) == (TYPE, CLASS)}
    defined = _defined_terms(ontology)
    known: set[Term] = {quad.subject for quad in ontology}
    known |= {q.subject for q in sources.quads if q.predicate == TYPE and q.object in classes}
    for name, file in sources.files.items():
        for quad in file.quads if file.layer in ("stated", "curated") else ():
            if quad.graph == file.default:
                continue
            for part in ("subject", "object") if quad.predicate in defined else ("subject",):
                thing = getattr(quad, part)
                if isinstance(thing, ox.NamedNode) and thing not in known:
                    known.add(thing)
                    message = f"found {thing} without a class; expected a class and a label"
                    yield Finding("things", message, name, quad, part)


def find_entailed_statements(sources: Sources, _: Articles) -> Iterator[Finding]:
    """Find statements that follow from a subclass or subproperty in the same graph.

    In another graph such a statement is allowed, because that passage may say no more.
    """
    below = _proper_subs(select_layers(sources.quads, "ontology"))
    for name, file in sources.files.items():
        if file.layer not in ("stated", "entities", "curated"):
            continue
        quads = set(file.quads)
        for quad in file.quads:
            part = "object" if quad.predicate == TYPE else "predicate"
            term = getattr(quad, part)
            premises: Iterator[Quad] = (quad._replace(**{part: sub}) for sub in below.get(term, ()))
            if premise := next((quad for quad in premises if quad in quads), None):
                reason = f"which follows from {getattr(premise, part)} there"
                message = (
                    f"found {term}, {reason}; expected no such statement, as the reasoner infers it"
                )
                yield Finding("follows", message, name, quad, part, remedy=Remedy(quad, None))


def _defined_terms(ontology: Iterable[Quad]) -> set[Term]:
    return {quad.subject for quad in ontology if quad.predicate == IS_DEFINED_BY}


def _proper_subs(ontology: Iterable[Quad]) -> dict[Term, set[Any]]:
    """Return class or property → those below it that are not above it as well."""
    links = terms.subjects_by_object(ontology, SUB_CLASS_OF, SUB_PROPERTY_OF)
    below = {term: terms.closure(subs, links) for term, subs in links.items()}
    return {
        term: {sub for sub in subs if term not in below.get(sub, ())}
        for term, subs in below.items()
    }
