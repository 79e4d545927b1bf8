from __future__ import annotations

import json
import re
from collections import Counter
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from rdflib import OWL, RDF, RDFS, SKOS, XSD, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection

from kaiju_graph.project.sources import select_layers
from kaiju_graph.rdf import terms
from kaiju_graph.reasoning import reasoner
from tests.repository import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from rdflib.term import Node

    from kaiju_graph.api import KnowledgeGraph

FILM, STORY, EV = (f"https://w3id.org/kaiju/{name}#" for name in ("film", "story", "evidence"))
NAMESPACES = (FILM, STORY, EV)
VANN = "http://purl.org/vocab/vann/"
DCTERMS = "http://purl.org/dc/terms/"
SH = "http://www.w3.org/ns/shacl#"

KINDS = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)
# What a property may be besides, in OWL 2 RL (OWL 2 Profiles, section 4.2.5: all but reflexive).
CHARACTERISTICS = {
    OWL.FunctionalProperty,
    OWL.InverseFunctionalProperty,
    OWL.IrreflexiveProperty,
    OWL.SymmetricProperty,
    OWL.AsymmetricProperty,
    OWL.TransitiveProperty,
}
# Axioms whose properties must be simple (OWL 2 Structural Specification, section 11.2).
SIMPLE_ONLY = {
    OWL.FunctionalProperty,
    OWL.InverseFunctionalProperty,
    OWL.IrreflexiveProperty,
    OWL.AsymmetricProperty,
}
# Axioms that OWL 2 RL has, with named terms in both places (OWL 2 Profiles, section 4.2.5).
AXIOMS = {
    RDFS.subClassOf: ("class", "class"),
    OWL.equivalentClass: ("class", "class"),
    OWL.disjointWith: ("class", "class"),
    RDFS.subPropertyOf: ("property", "property"),
    OWL.equivalentProperty: ("property", "property"),
    OWL.propertyDisjointWith: ("property", "property"),
    OWL.inverseOf: ("object property", "object property"),
    OWL.propertyChainAxiom: ("object property", "object properties"),
    RDFS.domain: ("property", "class"),
    RDFS.range: ("property", "class or datatype"),
}
# Datatypes of OWL 2 RL (OWL 2 Profiles, section 4.2): those of OWL 2 but owl:real, owl:rational.
DATATYPES = {RDF.PlainLiteral, RDF.XMLLiteral, RDF.langString, RDFS.Literal} | {
    XSD[name]
    for name in """decimal integer nonNegativeInteger nonPositiveInteger positiveInteger
    negativeInteger long int short byte unsignedLong unsignedInt unsignedShort unsignedByte float
    double string normalizedString token language Name NCName NMTOKEN boolean hexBinary base64Binary
    anyURI dateTime dateTimeStamp""".split()
}
BUILT_IN_ANNOTATIONS = {
    RDFS.label,
    RDFS.comment,
    RDFS.seeAlso,
    RDFS.isDefinedBy,
    OWL.deprecated,
    OWL.versionInfo,
    OWL.priorVersion,
    OWL.backwardCompatibleWith,
    OWL.incompatibleWith,
}
# A class stands as an individual (OWL 2 punning) where a thing is said to be of that kind, if at
# all: an instance of it would be a falsehood.
KIND_PROPERTIES = {
    URIRef(FILM + "depictedKind"),
    URIRef(FILM + "statedKind"),
    URIRef(STORY + "supposedKind"),
}

# The terms that only a draft uses, or an article that does not tell all that is usual.
OF_OTHERS = ("Status", "doesNotTell", "notModelled", "status")


def parse(*names: str | Path) -> Graph:
    graph = Graph(bind_namespaces="none")
    for name in names:
        graph.parse(ROOT / "ontology" / name)
    return graph


ONTOLOGY = parse("film.ttl", "story.ttl", "evidence.ttl")
ALIGNMENTS = parse("alignments.ttl")
PREFIXES = {
    str(PREFIX_GRAPH.value(node, URIRef(SH + "prefix"))): str(namespace)
    for PREFIX_GRAPH in [parse("prefixes.ttl", *ROOT.glob("graph/*/prefixes.ttl"))]
    for node, namespace in PREFIX_GRAPH.subject_objects(URIRef(SH + "namespace"))
}
TERMS = sorted(
    {
        term
        for term in ONTOLOGY.subjects(RDF.type)
        if isinstance(term, URIRef) and str(term).startswith(NAMESPACES) and term not in NAMESPACES
    }
    - {URIRef(namespace) for namespace in NAMESPACES}
)


def curie(term: Node) -> str:
    text = str(term)
    for prefix, namespace in PREFIXES.items():
        if text.startswith(namespace):
            return f"{prefix}:{text.removeprefix(namespace)}"
    return text


def declared_terms(*kinds: URIRef) -> set[Node]:
    return {term for kind in kinds for term in ONTOLOGY.subjects(RDF.type, kind)}


CLASSES = declared_terms(OWL.Class)
OBJECT_PROPERTIES = declared_terms(OWL.ObjectProperty)
DATATYPE_PROPERTIES = declared_terms(OWL.DatatypeProperty)
ANNOTATION_PROPERTIES = declared_terms(OWL.AnnotationProperty) | BUILT_IN_ANNOTATIONS
PROPERTIES = OBJECT_PROPERTIES | DATATYPE_PROPERTIES
INDIVIDUALS = declared_terms(OWL.NamedIndividual)
PLACES: dict[str, set[Node]] = {
    "class": CLASSES,
    "property": PROPERTIES,
    "object property": OBJECT_PROPERTIES,
    "class or datatype": CLASSES | DATATYPES,
}


def lists() -> dict[Node, list[Node]]:
    """Return the RDF lists of the ontology (head → members)."""
    heads = set(ONTOLOGY.subjects(RDF.first)) - set(ONTOLOGY.objects(None, RDF.rest))
    return {head: list(Collection(ONTOLOGY, head)) for head in heads}


def chains() -> Iterator[tuple[list[Node], Node]]:
    for whole, head in ONTOLOGY.subject_objects(OWL.propertyChainAxiom):
        yield list(Collection(ONTOLOGY, head)), whole


def above(relation: URIRef, start: Node, graph: Graph = ONTOLOGY) -> set[Node]:
    """Return a term and all that stands above it by a transitive relation."""
    return {node for node in graph.transitive_objects(start, relation) if node is not None}


def asserted_quads(kg: KnowledgeGraph) -> list[terms.Quad]:
    return select_layers(kg.quads, "stated", "entities", "curated", "evidence")


def iris(nodes: Iterable[object]) -> set[URIRef]:
    return {URIRef(str(getattr(node, "value", ""))) for node in nodes}


def used_in_data(kg: KnowledgeGraph) -> set[URIRef]:
    quads = select_layers(kg.quads, "stated", "entities", "curated", "evidence", "inferred")
    return iris(term for quad in quads for term in quad.triple)


def used_in_axioms() -> set[Node]:
    """Return the terms that an axiom about another term needs; disjointness needs none."""
    used = {o for s, p, o in ONTOLOGY if p in AXIOMS and p != OWL.disjointWith and s != o}
    return used | {part for parts, _ in chains() for part in parts}


def used_in_text(*patterns: str) -> set[URIRef]:
    """Return the terms that files name by CURIE, comments aside."""
    files = [path for pattern in patterns for path in ROOT.glob(pattern)]
    text = "".join(re.sub(r"^ *#.*$", "", f.read_text("utf-8"), flags=re.MULTILINE) for f in files)
    return {
        URIRef(PREFIXES[prefix] + local)
        for prefix, local in re.findall(r"\b(film|story|ev):([A-Za-z][\w-]*)", text)
    }


def used_in_context() -> set[str]:
    context = json.loads((ROOT / "ontology" / "context.jsonld").read_text("utf-8"))["@context"]
    found = set()
    for name, value in context.items():
        iri = value.get("@id", name) if isinstance(value, dict) else str(value)
        if iri.partition(":")[0] in ("film", "story", "ev") and not iri.endswith(("#", "/")):
            found.add(iri)
    return found


def test_term_has_one_kind() -> None:
    for term in TERMS:
        types = set(ONTOLOGY.objects(term, RDF.type))
        kinds = [kind for kind in (*KINDS, OWL.NamedIndividual) if kind in types]
        assert len(kinds) == 1, curie(term)
        more: set[Node] = set()
        if kinds == [OWL.ObjectProperty]:
            more |= CHARACTERISTICS
        elif kinds == [OWL.DatatypeProperty]:
            more |= {OWL.FunctionalProperty}
        elif kinds == [OWL.NamedIndividual]:
            more |= CLASSES
        assert types - set(kinds) <= more, curie(term)


def test_term_is_declared_only_in_the_file_of_its_namespace() -> None:
    files = {"film": FILM, "story": STORY, "evidence": EV}
    blocks: dict[str, list[str]] = {}
    for file, iri in files.items():
        text = (ROOT / "ontology" / f"{file}.ttl").read_text("utf-8")
        for subject in re.findall(r"^\w+:\S+(?= )", text, re.MULTILINE):
            blocks.setdefault(subject, []).append(iri)
    for term in TERMS:
        [iri] = blocks[curie(term)]
        assert str(term).startswith(iri), curie(term)
        assert [str(o) for o in ONTOLOGY.objects(term, RDFS.isDefinedBy)] == [iri], curie(term)


def test_used_terms_are_declared(kg: KnowledgeGraph) -> None:
    used = used_in_data(kg) | iris(s for s, _, _ in ALIGNMENTS)
    used |= {URIRef(str(term)) for triple in ONTOLOGY for term in triple}
    used |= used_in_text("ontology/shapes/*.ttl", "queries/*.rq")
    prefixed = (term.partition(":") for term in used_in_context())
    used |= {URIRef(PREFIXES[prefix] + local) for prefix, _, local in prefixed}
    ours = {t for t in used if str(t).startswith(NAMESPACES)} - {URIRef(n) for n in NAMESPACES}
    assert sorted(map(curie, ours - set(TERMS))) == []


def test_used_foreign_properties_are_declared(kg: KnowledgeGraph) -> None:
    used = iris(quad.predicate for quad in asserted_quads(kg)) | set(ONTOLOGY.predicates())
    built_in = {RDF.type, RDF.first, RDF.rest, OWL.sameAs, OWL.differentFrom, OWL.imports}
    built_in |= {OWL.versionIRI, OWL.members, *AXIOMS}
    known = PROPERTIES | ANNOTATION_PROPERTIES | built_in
    assert sorted(map(curie, used - known)) == []


def test_declared_terms_are_used(kg: KnowledgeGraph) -> None:
    used = used_in_data(kg) | used_in_axioms() | used_in_text("queries/*.rq")
    used |= used_in_text("tests/projects/two-films/graph/*/*.t*")
    used |= {URIRef(EV + name) for name in OF_OTHERS}
    marks = set(ONTOLOGY.predicates())
    assert sorted(map(curie, set(TERMS) - used - marks)) == []


def test_declared_foreign_terms_are_used(kg: KnowledgeGraph) -> None:
    foreign = {
        term
        for kind in KINDS
        for term in ONTOLOGY.subjects(RDF.type, kind)
        if not str(term).startswith(NAMESPACES)
    }
    used = used_in_data(kg) | set(ONTOLOGY.predicates()) | set(ALIGNMENTS.predicates())
    assert sorted(map(curie, foreign - used)) == []


def test_terms_are_used_according_to_their_kind(kg: KnowledgeGraph) -> None:
    wrong = []
    for quad in select_layers(kg.quads, "stated", "entities", "curated", "evidence", "inferred"):
        predicate, value = URIRef(quad.predicate.value), quad.object
        iri = URIRef(getattr(value, "value", ""))
        literal = isinstance(value, ox.Literal)
        if predicate == RDF.type:
            fits = iri in CLASSES
        elif predicate in OBJECT_PROPERTIES:
            is_term = iri in CLASSES | PROPERTIES | ANNOTATION_PROPERTIES
            fits = not literal and is_term == (predicate in KIND_PROPERTIES)
        else:
            fits = predicate not in DATATYPE_PROPERTIES or literal
        if not fits:
            wrong.append(str(quad))
    assert not wrong


def test_axioms_are_in_owl_2_rl_and_relate_named_terms() -> None:
    wrong = []
    for subject, predicate, value in ONTOLOGY:
        if predicate not in AXIOMS:
            continue
        left, right = AXIOMS[URIRef(str(predicate))]
        fits = subject in PLACES[left]
        if right == "object properties":
            members = lists()[value]
            fits = fits and len(members) > 1 and set(members) <= OBJECT_PROPERTIES
        else:
            fits = fits and value in PLACES[right]
        if predicate == RDFS.range:
            fits = fits and (value in DATATYPES) == (subject in DATATYPE_PROPERTIES)
        if predicate == RDFS.subPropertyOf:
            fits = fits and (subject in OBJECT_PROPERTIES) == (value in OBJECT_PROPERTIES)
        if not fits:
            wrong.append(f"{curie(subject)} {curie(predicate)} {curie(value)}")
    assert not wrong


def test_ontology_holds_only_axioms_declarations_and_annotations() -> None:
    structure = {RDF.type, RDF.first, RDF.rest, OWL.members, OWL.imports, OWL.versionIRI}
    known = structure | set(AXIOMS) | ANNOTATION_PROPERTIES
    assert sorted({curie(p) for p in ONTOLOGY.predicates() if p not in known}) == []
    classes = {*KINDS, OWL.Ontology, OWL.NamedIndividual, OWL.AllDisjointClasses}
    types = set(ONTOLOGY.objects(None, RDF.type))
    assert sorted(map(curie, types - classes - CHARACTERISTICS - CLASSES)) == []


def test_blank_nodes_are_lists_or_the_axiom_of_disjoint_classes() -> None:
    disjoint = set(ONTOLOGY.subjects(RDF.type, OWL.AllDisjointClasses))
    listed = set(ONTOLOGY.subjects(RDF.first))
    blank = {node for triple in ONTOLOGY for node in triple if isinstance(node, BNode)}
    assert blank == disjoint | listed


def test_no_reserved_term_is_redefined() -> None:
    reserved = tuple(str(namespace) for namespace in (RDF, RDFS, OWL, XSD))
    assert not [s for s in ONTOLOGY.subjects() if str(s).startswith(reserved)]
    # For terms that others define, only the kind is stated.
    for term in {s for s in ONTOLOGY.subjects() if isinstance(s, URIRef)}:
        if not str(term).startswith(NAMESPACES):
            assert set(ONTOLOGY.predicates(term)) == {RDF.type}, term


def test_composite_properties_are_used_only_where_owl_2_dl_allows() -> None:
    composite = declared_terms(OWL.TransitiveProperty) | {whole for _, whole in chains()}
    inverse = dict(ONTOLOGY.subject_objects(OWL.inverseOf))
    inverse |= {b: a for a, b in inverse.items()}
    size = 0
    while size != len(composite):
        size = len(composite)
        composite |= {up for p in composite for up in above(RDFS.subPropertyOf, p)}
        composite |= {inverse[p] for p in composite & inverse.keys()}
    simple = declared_terms(*SIMPLE_ONLY) | set(ONTOLOGY.subjects(OWL.propertyDisjointWith))
    simple |= set(ONTOLOGY.objects(None, OWL.propertyDisjointWith))
    assert composite
    assert not sorted(map(curie, composite & simple))


def test_property_chains_are_regular() -> None:
    """OWL 2 Structural Specification, section 11.2: a strict order of the properties exists."""
    same = {p: p for p in OBJECT_PROPERTIES}
    for a, b in ONTOLOGY.subject_objects(OWL.inverseOf):  # an inverse stands where its twin does
        same[a] = same[b]
    smaller: dict[Node, set[Node]] = {}
    for parts, whole in chains():
        if parts == [whole, whole]:
            continue
        rest = parts[1:] if parts[0] == whole else parts[:-1] if parts[-1] == whole else parts
        smaller.setdefault(same[whole], set()).update(same[part] for part in rest)
    # P ⊑ Q alone asks for no order, but nothing larger than P may be smaller than Q.
    order = {p: set(before) for p, before in smaller.items()}
    for p in OBJECT_PROPERTIES:
        ups = {same[up] for up in above(RDFS.subPropertyOf, p)} - {same[p]}
        for up in ups:
            order.setdefault(up, set()).add(same[p])
    try:
        TopologicalSorter(order).prepare()
    except CycleError as cycle:
        pytest.fail(f"no order: {' < '.join(map(curie, cycle.args[1]))}")


def test_file_has_a_header_with_title_licence_and_version() -> None:
    version = None
    files = {"film": FILM, "story": STORY, "evidence": EV}
    files |= {name: f"https://w3id.org/kaiju/{name}" for name in ("alignments", "prefixes")}
    for name, iri in files.items():
        graph = parse(f"{name}.ttl")
        ontology = URIRef(iri)
        assert list(graph.subjects(RDF.type, OWL.Ontology)) == [ontology]
        for wanted in ("title", "description", "creator", "license"):
            assert len(list(graph.objects(ontology, URIRef(DCTERMS + wanted)))) == 1, (name, wanted)
        base, _, number = str(graph.value(ontology, OWL.versionIRI)).rpartition("/")
        assert base == iri.rstrip("#")
        assert version in (None, number)
        version = number
        if iri.endswith("#"):
            prefix = graph.value(ontology, URIRef(VANN + "preferredNamespacePrefix"))
            assert PREFIXES[str(prefix)] == iri
            uri = graph.value(ontology, URIRef(VANN + "preferredNamespaceUri"))
            assert str(uri) == iri
    assert not [t for t in TERMS if re.search(r"\d+\.\d+", t)], "no version in a term's IRI"


def test_imports_are_own_ontologies_and_cover_the_terms_used() -> None:
    imports = {
        str(a): {str(c) for c in ONTOLOGY.transitive_objects(a, OWL.imports)}
        for a in ONTOLOGY.subjects(RDF.type, OWL.Ontology)
    }
    assert set(imports) == set(NAMESPACES)
    assert all(seen <= set(NAMESPACES) for seen in imports.values())
    for name, iri in (("film", FILM), ("story", STORY), ("evidence", EV)):
        used = {str(node) for triple in parse(f"{name}.ttl") for node in triple}
        needed = {n for n in NAMESPACES for node in used if node.startswith(n)}
        assert needed <= imports[iri], name


def test_one_axiom_makes_the_top_classes_disjoint() -> None:
    [axiom] = ONTOLOGY.subjects(RDF.type, OWL.AllDisjointClasses)
    head = ONTOLOGY.value(axiom, OWL.members)
    assert head is not None
    members = [curie(member) for member in Collection(ONTOLOGY, head)]
    tops = {c for c in CLASSES if not list(ONTOLOGY.objects(c, RDFS.subClassOf))}
    notes = {c: " ".join(map(str, ONTOLOGY.objects(c, SKOS.editorialNote))) for c in tops}
    tops -= {c for c in tops if notes[c].startswith("Not one of the disjoint kinds")}
    assert sorted(members) == sorted(map(curie, tops))


def test_hierarchies_have_no_cycle_and_no_redundant_statement() -> None:
    for relation in (RDFS.subClassOf, RDFS.subPropertyOf):
        for low, high in ONTOLOGY.subject_objects(relation):
            assert low not in above(relation, high), curie(low)
            others = set(ONTOLOGY.objects(low, relation)) - {high}
            assert not any(high in above(relation, o) for o in others), curie(low)


def test_property_has_domain_and_range_or_a_note() -> None:
    for term in sorted(map(str, PROPERTIES & set(TERMS))):
        notes = " ".join(map(str, ONTOLOGY.objects(URIRef(term), SKOS.editorialNote)))
        for relation, word in ((RDFS.domain, "domain"), (RDFS.range, "range")):
            count = len(list(ONTOLOGY.objects(URIRef(term), relation)))
            excused = re.search(rf"\bno {word}\b", notes, re.IGNORECASE)
            assert count == (0 if excused else 1), f"{curie(URIRef(term))} {word}"


def test_term_has_one_label_in_lower_case() -> None:
    for term in TERMS:
        labels = [o for o in ONTOLOGY.objects(term, RDFS.label) if isinstance(o, Literal)]
        languages = Counter(label.language for label in labels)
        assert languages["en"] == 1, curie(term)
        assert set(languages.values()) == {1}, curie(term)
        [english] = [str(label) for label in labels if label.language == "en"]
        words = english.split(" ")
        assert all(word.islower() or re.fullmatch("[A-Z]{2,}", word) for word in words), curie(term)


def test_definition_is_one_sentence_without_the_term() -> None:
    for term in TERMS:
        [definition] = ONTOLOGY.objects(term, SKOS.definition)
        assert isinstance(definition, Literal)
        assert definition.language == "en", curie(term)
        assert re.fullmatch(r"[A-Z][^.!?]*\.", definition), curie(term)
        [label] = ONTOLOGY.objects(term, RDFS.label)
        assert not re.search(rf"\b{re.escape(str(label))}\b", definition, re.IGNORECASE), curie(
            term
        )


def test_labels_are_unique() -> None:
    labels = Counter(str(label) for term in TERMS for label in ONTOLOGY.objects(term, RDFS.label))
    assert [label for label, count in labels.items() if count > 1] == []


def test_texts_are_unique() -> None:
    texts = Counter(
        str(text)
        for predicate in (SKOS.definition, SKOS.editorialNote, URIRef(DCTERMS + "description"))
        for text in ONTOLOGY.objects(None, predicate)
    )
    assert [text for text, count in texts.items() if count > 1] == []


def test_names_follow_the_convention_of_their_kind() -> None:
    for term in TERMS:
        local = str(term).partition("#")[2]
        if term in CLASSES:
            assert re.fullmatch(r"([A-Z][a-z]+)+", local), local
        elif term in INDIVIDUALS:
            assert re.fullmatch(r"[a-z]+((-[a-z]+)*|([A-Z][a-z]+)*)", local), local
        else:
            assert re.fullmatch(r"(?!(is|has)[A-Z])[a-z]+([A-Z][a-z]+)*", local), local


def test_alignments_relate_own_terms_to_foreign_terms() -> None:
    relations = {RDFS.subClassOf, RDFS.subPropertyOf, SKOS.closeMatch}
    header = URIRef("https://w3id.org/kaiju/alignments")
    for subject, predicate, value in ALIGNMENTS:
        if subject != header:
            assert subject in TERMS, curie(subject)
            assert predicate in relations, curie(predicate)
            assert isinstance(value, URIRef)
            assert not value.startswith("https://w3id.org/kaiju/"), value
            if predicate == RDFS.subClassOf:
                assert subject in CLASSES
            if predicate == RDFS.subPropertyOf:
                assert subject in PROPERTIES


def test_reasoner_and_queries_ignore_alignments(kg: KnowledgeGraph) -> None:
    layers = ("stated", "entities", "curated", "evidence", "ontology")
    inferred = sorted(kg.infer(), key=terms.sort_key)
    assert inferred == reasoner.infer(select_layers(kg.quads, *layers))
    with_alignments = reasoner.infer(select_layers(kg.quads, *layers, "alignments"))
    assert set(with_alignments) > set(inferred), "they would be premises of something"
    answered = kg.query("SELECT ?o { ?s ?p ?o FILTER(STRSTARTS(STR(?o), 'https://schema.org/')) }")
    assert len(answered) == 0, "nor are they in the default graph"


def test_no_namespace_is_the_beginning_of_another() -> None:
    assert not [
        (a, b) for a in PREFIXES.values() for b in PREFIXES.values() if a != b and b.startswith(a)
    ]
    assert len(set(PREFIXES.values())) == len(PREFIXES)


def test_prefixes_ttl_declares_every_prefix_in_use() -> None:
    declaration = re.compile(r"^(?:@prefix|PREFIX) ([\w-]*): <([^>]*)>", re.MULTILINE)
    files = [
        path
        for folder in ("ontology", "graph", "queries")
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in {".ttl", ".trig", ".rq"}
    ]
    assert files
    for path in files:
        for prefix, iri in declaration.findall(path.read_text("utf-8")):
            invented = path.parent.name == "counterexamples" and prefix == "example"
            assert invented or PREFIXES.get(prefix) == iri, f"{path.name}: {prefix}"
    context = json.loads((ROOT / "ontology" / "context.jsonld").read_text("utf-8"))["@context"]
    texts = {k: v for k, v in context.items() if isinstance(v, str) and v.endswith(("#", "/"))}
    assert texts
    assert texts.items() <= PREFIXES.items()


def test_prefixes_ttl_is_sorted_with_foreign_prefixes_first() -> None:
    text = (ROOT / "ontology" / "prefixes.ttl").read_text("utf-8")
    listed = re.findall(r'sh:prefix "([\w-]+)"', text)
    own = [p for p in listed if PREFIXES[p].startswith("https://w3id.org/kaiju/")]
    foreign = [p for p in listed if p not in own]
    assert listed == sorted(foreign) + sorted(own)
