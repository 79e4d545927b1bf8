"""Terms, triples and quads, their conversion to and from rdflib, and the IRIs that the code knows.

All packages use Oxigraph's terms, which keep every lexical form. Terms are converted to rdflib's
only for calls of rdflib, pySHACL or owlrl, and for callers of the Python API.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import pyoxigraph as ox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import TypeVar

    from rdflib import Dataset, Graph
    from rdflib.term import Identifier

    Node = TypeVar("Node")

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
    "HIDDEN_LABEL",
    "INFERRED",
    "IS_DEFINED_BY",
    "LABEL",
    "MERGE",
    "NEEDS_CONTEXT",
    "NIL",
    "NOT_MODELLED",
    "ONTOLOGY",
    "ORDER",
    "OWL",
    "PASSAGE_CLASS",
    "QUOTE",
    "RDF",
    "RDFS",
    "REST",
    "SAME_AS",
    "SKOS",
    "STATUS",
    "SUB_CLASS_OF",
    "SUB_PROPERTY_OF",
    "TYPE",
    "XSD",
    "Quad",
    "Resource",
    "Term",
    "Triple",
    "closure",
    "from_rdflib",
    "last_segment",
    "list_members",
    "merge",
    "rdflib_dataset",
    "rdflib_graph",
    "rdflib_triples",
    "serialize",
    "solution",
    "solution_json",
    "sort_key",
    "subjects_by_object",
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
ALT_LABEL, HIDDEN_LABEL = (ox.NamedNode(SKOS + name) for name in ("altLabel", "hiddenLabel"))
IS_DEFINED_BY = ox.NamedNode(RDFS + "isDefinedBy")
SUB_CLASS_OF, SUB_PROPERTY_OF = (
    ox.NamedNode(RDFS + name) for name in ("subClassOf", "subPropertyOf")
)
SAME_AS = ox.NamedNode(OWL + "sameAs")
FIRST, REST, NIL = (ox.NamedNode(RDF + name) for name in ("first", "rest", "nil"))

PASSAGE_CLASS = ox.NamedNode(EV + "Passage")
NEEDS_CONTEXT = ox.NamedNode(EV + "needsContext")
QUOTE = ox.NamedNode(EV + "quote")
ORDER = ox.NamedNode(EV + "order")
STATUS, NOT_MODELLED = (ox.NamedNode(EV + name) for name in ("status", "notModelled"))
COINED = ox.NamedNode(EV + "coined")

ENTITIES = ox.NamedNode(GRAPH + "entities")
CURATION = ox.NamedNode(GRAPH + "curation")
EVIDENCE = ox.NamedNode(GRAPH + "evidence")
ONTOLOGY = ox.NamedNode(GRAPH + "ontology")
ALIGNMENTS = ox.NamedNode(GRAPH + "alignments")
INFERRED = ox.NamedNode(GRAPH + "inferred")
MERGE = ox.NamedNode(GRAPH + "merge")
"""The graph of the merge, in stores whose default graph is the union of all graphs."""
DEFAULT = ox.DefaultGraph()

Resource = ox.NamedNode | ox.BlankNode
Term = ox.NamedNode | ox.BlankNode | ox.Literal


class Triple(NamedTuple):
    """A triple of RDF 1.1 Concepts, section 3.1."""

    subject: Resource
    predicate: ox.NamedNode
    object: Term


class Quad(NamedTuple):
    """A triple in a named graph; a project asserts nothing in a default graph."""

    subject: Resource
    predicate: ox.NamedNode
    object: Term
    graph: ox.NamedNode

    @property
    def triple(self) -> Triple:
        """The triple without its graph."""
        return Triple(*self[:3])


def merge(quads: Iterable[Quad]) -> dict[Triple, None]:
    """Return the distinct triples of quads, in order of first appearance.

    This is the merge of RDF 1.1 Semantics, section 4.1, as labels of blank nodes are distinct.
    """
    return dict.fromkeys(quad.triple for quad in quads)


def sort_key(statement: Triple | Quad) -> tuple[str, ...]:
    """Return a key that sorts statements by graph, subject, predicate and object, as text."""
    return tuple(map(str, (*statement[3:], *statement[:3])))


def list_members(head: Term, value: Callable[[Term, ox.NamedNode], Term | None]) -> list[Term]:
    """Return the members of an RDF list, up to where it is malformed.

    Args:
        head: the list.
        value: subject and predicate → one of their objects, or None.
    """
    firsts: dict[Term, Term] = {}
    node: Term | None = head
    while node is not None and node not in firsts and (first := value(node, FIRST)) is not None:
        firsts[node] = first
        node = value(node, REST)
    return list(firsts.values())


def last_segment(iri: str) -> str:
    """Return what follows the last slash or hash of an IRI.

    >>> last_segment("https://example.org/terms#film"), last_segment("https://example.org/id/ann")
    ('film', 'ann')
    """
    return iri[max(iri.rfind("/"), iri.rfind("#")) + 1 :]


def closure(start: Iterable[Node], links: Mapping[Node, Iterable[Node]]) -> set[Node]:
    """Return nodes, such as terms, and all nodes that links reach from them."""
    reached = set(start)
    queue = list(reached)
    while queue:
        new = set(links.get(queue.pop(), ())) - reached
        reached |= new
        queue += new
    return reached


def subjects_by_object(quads: Iterable[Quad], *predicates: Term) -> dict[Term, list[Term]]:
    """Return object → the subjects that some predicates relate to it: links for ``closure``."""
    subjects: dict[Term, list[Term]] = {}
    for quad in quads:
        if quad.predicate in predicates:
            subjects.setdefault(quad.object, []).append(quad.subject)
    return subjects


def serialize(statements: Iterable[Triple | Quad], form: ox.RdfFormat) -> bytes:
    """Write statements with Oxigraph, in the order given."""
    converted: Any = (
        ox.Quad(*statement) if isinstance(statement, Quad) else ox.Triple(*statement)
        for statement in statements
    )
    return ox.serialize(converted, format=form) or b""


def solution(names: Iterable[str], row: Iterable[Term | None]) -> dict[str, Term]:
    """Return a row as a solution: variable → term, for the variables that are bound."""
    return {name: term for name, term in zip(names, row, strict=True) if term is not None}


def solution_json(names: Iterable[str], row: Iterable[Term | None]) -> dict[str, dict[str, str]]:
    """Return a row as a solution of SPARQL 1.1 Query Results JSON, section 3.2."""
    return {name: term_json(term) for name, term in solution(names, row).items()}


def term_json(term: Term) -> dict[str, str]:
    """Return a term of SPARQL 1.1 Query Results JSON, section 3.2.2."""
    if isinstance(term, ox.NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, ox.BlankNode):
        return {"type": "bnode", "value": term.value}
    literal = {"type": "literal", "value": term.value}
    if term.language:
        return literal | {"xml:lang": term.language}
    datatype = term.datatype.value
    return literal if datatype == XSD + "string" else literal | {"datatype": datatype}


def to_rdflib(term: Term) -> Identifier:
    """Convert a term to rdflib's; lexical form and language tag stay as they are."""
    from rdflib import BNode, Literal, URIRef

    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return BNode(term.value)
    if term.language:
        return Literal(term.value, lang=term.language)
    if term.datatype.value == XSD + "string":
        return Literal(term.value)
    literal = Literal(term.value, datatype=URIRef(term.datatype.value), normalize=False)
    if str(literal) == term.value:
        return literal
    # rdflib takes spaces out of the text of xsd:token and xsd:normalizedString.
    exact: Any = str.__new__(Literal, term.value)
    for name in Literal.__slots__:
        setattr(exact, name, getattr(literal, name))
    return exact  # type: ignore[no-any-return]


def from_rdflib(term: Any) -> Any:
    """Convert an rdflib term to Oxigraph's; lexical form and language tag stay as they are.

    Raises:
        ValueError: RFC 3987 does not allow an IRI.
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
    """Return an rdflib graph of statements, with no prefix bound."""
    from rdflib import Graph

    result = Graph(bind_namespaces="none")
    for triple in rdflib_triples(statements):
        result.add(triple)
    return result


def rdflib_dataset(
    merged: Iterable[Triple], quads: Iterable[Quad], prefixes: dict[str, str]
) -> Dataset:
    """Return an rdflib dataset: merged triples as default graph, quads in their named graphs."""
    from rdflib import Dataset, URIRef

    result = Dataset()
    for prefix, namespace in prefixes.items():
        result.bind(prefix, namespace, override=True, replace=True)
    for triple in rdflib_triples(merged):
        result.default_graph.add(triple)
    graphs: dict[str, list[Quad]] = {}
    for quad in quads:
        graphs.setdefault(quad.graph.value, []).append(quad)
    for name, members in graphs.items():
        graph = result.graph(URIRef(name))
        for triple in rdflib_triples(members):
            graph.add(triple)
    return result


def rdflib_triples(
    statements: Iterable[Triple | Quad],
) -> Iterator[tuple[Identifier, Identifier, Identifier]]:
    """Yield the triple of each statement in rdflib's terms; each term is converted once."""
    converted = cache(to_rdflib)
    for subject, predicate, object_, *_ in statements:
        yield converted(subject), converted(predicate), converted(object_)
