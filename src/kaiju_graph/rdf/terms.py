"""Triples and quads, the terms of the two libraries, and the few IRIs that the code itself knows.

Terms travel through the stages as Oxigraph's, which keep every lexical form. rdflib's are made
only where rdflib, pySHACL or owlrl is called, and given to callers of the Python API.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pyoxigraph as ox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from rdflib import Dataset, Graph
    from rdflib.term import Identifier

__all__ = [
    "ALIGNMENTS",
    "ALT_LABEL",
    "COINED",
    "CURATION",
    "DEFAULT",
    "ENTITIES",
    "EV",
    "EVIDENCE",
    "FIRST",
    "GRAPH",
    "INFERRED",
    "LABEL",
    "NIL",
    "ONTOLOGY",
    "ORDER",
    "OWL",
    "PASSAGE_CLASS",
    "QUOTE",
    "RDF",
    "RDFS",
    "REST",
    "SUB_CLASS_OF",
    "TYPE",
    "XSD",
    "Quad",
    "Resource",
    "Term",
    "Triple",
    "closure",
    "find_quads",
    "from_rdflib",
    "list_members",
    "merge",
    "rdflib_dataset",
    "rdflib_graph",
    "rdflib_triples",
    "serialize",
    "solution",
    "solution_json",
    "sort_key",
    "term_json",
    "to_rdflib",
]

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
XSD = "http://www.w3.org/2001/XMLSchema#"
EV = "https://w3id.org/kaiju/evidence#"
GRAPH = "https://w3id.org/kaiju/graph/"

TYPE = ox.NamedNode(RDF + "type")
LABEL = ox.NamedNode(RDFS + "label")
ALT_LABEL = ox.NamedNode(SKOS + "altLabel")
SUB_CLASS_OF = ox.NamedNode(RDFS + "subClassOf")
FIRST, REST, NIL = (ox.NamedNode(RDF + name) for name in ("first", "rest", "nil"))

PASSAGE_CLASS = ox.NamedNode(EV + "Passage")
QUOTE = ox.NamedNode(EV + "quote")
ORDER = ox.NamedNode(EV + "order")
COINED = ox.NamedNode(EV + "coined")

ENTITIES = ox.NamedNode(GRAPH + "entities")
CURATION = ox.NamedNode(GRAPH + "curation")
EVIDENCE = ox.NamedNode(GRAPH + "evidence")
ONTOLOGY = ox.NamedNode(GRAPH + "ontology")
ALIGNMENTS = ox.NamedNode(GRAPH + "alignments")
INFERRED = ox.NamedNode(GRAPH + "inferred")
DEFAULT = ox.DefaultGraph()

Resource = ox.NamedNode | ox.BlankNode
Term = ox.NamedNode | ox.BlankNode | ox.Literal


class Triple(NamedTuple):
    """A triple of RDF 1.1 Concepts, section 3.1."""

    subject: Resource
    predicate: ox.NamedNode
    object: Term


class Quad(NamedTuple):
    """A triple in a named graph; this project asserts nothing outside one."""

    subject: Resource
    predicate: ox.NamedNode
    object: Term
    graph: ox.NamedNode

    @property
    def triple(self) -> Triple:
        """The triple without its graph."""
        return Triple(*self[:3])


def merge(quads: Iterable[Quad]) -> dict[Triple, None]:
    """Return the distinct triples of the quads, in order of first appearance.

    The merge of RDF 1.1 Semantics, section 4.1: the labels of blank nodes are distinct already.
    """
    return dict.fromkeys(quad.triple for quad in quads)


def sort_key(statement: Triple | Quad) -> tuple[str, ...]:
    """Return a key that sorts statements by graph, subject, predicate and object, as text."""
    return tuple(map(str, (*statement[3:], *statement[:3])))


def find_quads(
    store: ox.Store,
    subject: Term | None,
    predicate: Term | None,
    object_: Term | None,
    graph: ox.NamedNode | ox.DefaultGraph | None = DEFAULT,
) -> Iterator[Quad]:
    """Yield what a store has with the terms that are not None; nothing where no quad can have them.

    Args:
        store: the store.
        subject: the subject.
        predicate: the predicate.
        object_: the object.
        graph: the graph; None looks in all, the default graph among them.
    """
    if isinstance(subject, ox.Literal) or not isinstance(predicate, ox.NamedNode | None):
        return iter(())
    found: Iterator[Any] = store.quads_for_pattern(subject, predicate, object_, graph)
    return (Quad(quad.subject, quad.predicate, quad.object, quad.graph_name) for quad in found)


def list_members(head: Term, value: Callable[[Term, ox.NamedNode], Term | None]) -> list[Term]:
    """Return the members of an RDF list, as far as it is one: none where it begins with no cell.

    Args:
        head: the list.
        value: subject and predicate → an object that they have, or None.
    """
    found: dict[Term, Term] = {}
    cell: Term | None = head
    while cell is not None and cell not in found and (first := value(cell, FIRST)) is not None:
        found[cell] = first
        cell = value(cell, REST)
    return list(found.values())


def closure(start: Iterable[Term], links: Mapping[Term, Iterable[Term]]) -> set[Term]:
    """Return some terms, and all to which links lead from them."""
    found = set(start)
    waiting = list(found)
    while waiting:
        new = set(links.get(waiting.pop(), ())) - found
        found |= new
        waiting += new
    return found


def serialize(
    statements: Iterable[Triple | Quad], form: ox.RdfFormat, prefixes: dict[str, str] | None = None
) -> bytes:
    """Write statements with Oxigraph, in the order given."""
    made: Any = (
        ox.Quad(*statement) if isinstance(statement, Quad) else ox.Triple(*statement)
        for statement in statements
    )
    return ox.serialize(made, format=form, prefixes=prefixes) or b""


def solution(names: Iterable[str], row: Iterable[Term | None]) -> dict[str, Term]:
    """Return a solution: variable → term, without the variables that are not bound."""
    return {name: term for name, term in zip(names, row, strict=True) if term is not None}


def solution_json(names: Iterable[str], row: Iterable[Term | None]) -> dict[str, dict[str, str]]:
    """Return a solution as SPARQL 1.1 Query Results JSON has it (section 3.2)."""
    return {name: term_json(term) for name, term in solution(names, row).items()}


def term_json(term: Term) -> dict[str, str]:
    """Return a term as SPARQL 1.1 Query Results JSON has it (section 3.2.2)."""
    if isinstance(term, ox.NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, ox.BlankNode):
        return {"type": "bnode", "value": term.value}
    found = {"type": "literal", "value": term.value}
    if term.language:
        return found | {"xml:lang": term.language}
    datatype = term.datatype.value
    return found if datatype == XSD + "string" else found | {"datatype": datatype}


def to_rdflib(term: Term) -> Identifier:
    """Convert a term to rdflib's, lexical form and language tag unchanged."""
    from rdflib import BNode, Literal, URIRef

    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    if term.language:
        return Literal(term.value, lang=term.language)
    if term.datatype.value == XSD + "string":
        return Literal(term.value)
    return Literal(term.value, datatype=URIRef(term.datatype.value), normalize=False)


def from_rdflib(term: Any) -> Any:
    """Convert an rdflib term to Oxigraph's, lexical form and language tag unchanged.

    Raises:
        ValueError: an IRI that RFC 3987 does not allow.
    """
    from rdflib import BNode, Literal, URIRef

    if isinstance(term, URIRef):
        return ox.NamedNode(str(term))
    if isinstance(term, BNode):
        return ox.BlankNode(str(term))
    literal = term if isinstance(term, Literal) else Literal(term)
    if literal.language:
        return ox.Literal(str(literal), language=literal.language)
    if literal.datatype:
        return ox.Literal(str(literal), datatype=ox.NamedNode(str(literal.datatype)))
    return ox.Literal(str(literal))


def rdflib_graph(statements: Iterable[Triple | Quad]) -> Graph:
    """Return an rdflib graph of the statements' triples, with no prefix bound."""
    from rdflib import Graph

    result = Graph(bind_namespaces="none")
    for triple in rdflib_triples(statements):
        result.add(triple)
    return result


def rdflib_dataset(
    merged: Iterable[Triple], quads: Iterable[Quad], prefixes: dict[str, str]
) -> Dataset:
    """Return an rdflib dataset: the merged triples as default graph, and the named graphs."""
    from rdflib import Dataset, URIRef

    result = Dataset()
    for prefix, namespace in prefixes.items():
        result.bind(prefix, namespace, override=True, replace=True)
    for triple in rdflib_triples(merged):
        result.default_graph.add(triple)
    named: dict[str, list[Quad]] = {}
    for quad in quads:
        named.setdefault(quad.graph.value, []).append(quad)
    for name, members in named.items():
        context = result.graph(URIRef(name))
        for triple in rdflib_triples(members):
            context.add(triple)
    return result


def rdflib_triples(
    statements: Iterable[Triple | Quad],
) -> Iterator[tuple[Identifier, Identifier, Identifier]]:
    """Yield the triple of each statement with rdflib's terms, each term made once."""
    known: dict[Term, Identifier] = {}

    def node(term: Term) -> Identifier:
        if term not in known:
            known[term] = to_rdflib(term)
        return known[term]

    for statement in statements:
        yield node(statement.subject), node(statement.predicate), node(statement.object)
