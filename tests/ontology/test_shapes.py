from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pyshacl
import pytest
from rdflib import OWL, RDF, RDFS, SH, BNode, Graph, Literal, URIRef

from kaiju_graph.project.sources import select_layers
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.parse import parse
from tests.conftest import every_nth
from tests.repository import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from rdflib.term import Node

    from kaiju_graph.api import KnowledgeGraph

SHAPE = "https://w3id.org/kaiju/shape#"
COUNTEREXAMPLES = {path.stem: path for path in sorted(ROOT.glob("tests/counterexamples/*.trig"))}
GRAPH = ox.NamedNode("urn:x-none:graph")

# The terms of SHACL Core and SHACL-SPARQL (W3C Recommendation, 20 July 2017, appendix C) that a
# shape here may use: a mistyped sh:mincount passes every engine in silence.
TARGETS = {SH.targetClass, SH.targetNode, SH.targetObjectsOf, SH.targetSubjectsOf}
# The parameter by which a constraint component is known; the others only go with it.
COMPONENTS = {
    SH[name]
    for name in """class datatype nodeKind minCount maxCount minExclusive minInclusive maxExclusive
    maxInclusive minLength maxLength pattern languageIn uniqueLang equals disjoint lessThan
    lessThanOrEquals not and or xone node qualifiedMinCount qualifiedMaxCount closed hasValue in
    sparql""".split()
}
PARAMETERS = COMPONENTS | {
    SH[name]
    for name in "flags qualifiedValueShape qualifiedValueShapesDisjoint ignoredProperties".split()
}
PATHS = {
    SH[name]
    for name in "inversePath alternativePath zeroOrMorePath oneOrMorePath zeroOrOnePath".split()
}
PREDICATES = TARGETS | PARAMETERS | PATHS
PREDICATES |= {SH[name] for name in "path property name description message severity".split()}
PREDICATES |= {SH[name] for name in "select ask prefixes declare prefix namespace".split()}
VALUES = {
    SH[name]
    for name in """NodeShape PropertyShape SPARQLConstraint PrefixDeclaration Violation Warning Info
    IRI Literal BlankNode BlankNodeOrIRI BlankNodeOrLiteral IRIOrLiteral""".split()
}
COUNTS = {
    SH.minCount: -1,
    SH.qualifiedMinCount: -1,
    SH.minInclusive: -1,
    SH.minLength: -1,
    SH.maxCount: 1,
    SH.qualifiedMaxCount: 1,
    SH.maxInclusive: 1,
    SH.maxLength: 1,
}


def read(*files: Path) -> Graph:
    return terms.rdflib_graph(
        quad for path in files for quad in parse(path.name, path.read_text(encoding="utf-8"), GRAPH)
    )


REGISTRY = read(ROOT / "ontology" / "prefixes.ttl")
PREFIXES = {
    str(REGISTRY.value(node, SH.prefix)): str(namespace)
    for node, namespace in REGISTRY.subject_objects(SH.namespace)
}
ONTOLOGY = read(*(ROOT / "ontology" / f"{name}.ttl" for name in ("film", "story", "evidence")))
SHAPES = read(*sorted(ROOT.glob("ontology/shapes/*.ttl")))
NAMED = sorted({s for s in SHAPES.subjects() if isinstance(s, URIRef) and s.startswith(SHAPE)})


def local_name(shape: Node) -> str:
    return str(shape).removeprefix(SHAPE)


def components(shape: Node) -> set[Node]:
    return set(SHAPES.predicates(shape)) & COMPONENTS


RULES = {local_name(shape): shape for shape in NAMED if components(shape)}
FILMS = set(SHAPES.objects(URIRef(SHAPE + "Direct-chain"), SH.targetNode))


def shapes_on(node: Node, data: Graph) -> set[Node]:
    """Return the shapes that a node is a focus node of (SHACL, section 2.1.3)."""
    found = set(SHAPES.subjects(SH.targetNode, node))
    for kind in data.objects(node, RDF.type):
        for above in data.transitive_objects(kind, RDFS.subClassOf):
            found |= set(SHAPES.subjects(SH.targetClass, above))
    for predicate in set(data.predicates(node)):
        found |= set(SHAPES.subjects(SH.targetSubjectsOf, predicate))
    for predicate in set(data.predicates(None, node)):
        found |= set(SHAPES.subjects(SH.targetObjectsOf, predicate))
    return found


def violated_shapes(data: Graph, by: Graph) -> set[str]:
    """Return the local names of the shapes that a graph violates, as pySHACL finds them."""
    _, report, text = pyshacl.validate(data, shacl_graph=by, inplace=True)
    assert isinstance(report, Graph), text
    return {local_name(source) for source in report.objects(None, SH.sourceShape)}


class Bench:
    """The ontology, to which one counter-example after another is added and taken away again.

    pySHACL reads the shapes once and is given the focus nodes, as most of its time would go into
    the shapes and into the terms of the ontology. SPARQL constraints, which it parses anew for
    every focus node, are asked of Oxigraph.
    """

    def __init__(self) -> None:
        self.data = terms.rdflib_graph(map(from_rdflib, ONTOLOGY))
        self.store = ox.Store()
        self.store.extend(map(quad, self.data))
        core = terms.rdflib_graph(map(from_rdflib, SHAPES + REGISTRY))
        core.remove((None, SH.sparql, None))
        graph = pyshacl.graph_abstraction.DataGraph.from_rdflib(self.data)
        self.validator = pyshacl.Validator(graph, shacl_graph=core, options={"inplace": True})
        assert self.validator.shacl_graph.shapes

    @contextmanager
    def on(self, *names: str) -> Iterator[set[Node]]:
        """Add counter-examples for a while; yield the nodes that they speak of."""
        triples = read(*(COUNTEREXAMPLES[name] for name in names))
        new = [triple for triple in triples if triple not in self.data]
        quads = [quad(triple) for triple in new]
        for triple in new:
            self.data.add(triple)
        self.store.extend(quads)
        try:
            yield {*triples.subjects(), *triples.objects()}
        finally:
            for triple in new:
                self.data.remove(triple)
            for added in quads:
                self.store.remove(added)

    def violated_shapes(self, nodes: Iterable[Node]) -> set[str]:
        """Return the local names of the shapes that some nodes violate."""
        focus: dict[Node, list[Node]] = {}
        for node in nodes:
            for shape in shapes_on(node, self.data):
                focus.setdefault(shape, []).append(node)
        found: set[str] = set()
        for shape, some in focus.items():
            checked = self.validator.shacl_graph.lookup_shape_from_node(shape)
            executor = self.validator.make_executor()
            _, results = checked.validate(executor, self.validator.data_graph, focus=some)  # type: ignore[arg-type]
            for _, result, triples in results:
                sources = [o for s, p, o in triples if (s, p) == (result, SH.sourceShape)]
                found |= {local_name(o[1] if isinstance(o, tuple) else o) for o in sources}
            if any(self.answers(select, some) for select in selects(shape)):
                found.add(local_name(shape))
        return found

    def answers(self, select: str, focus: Iterable[Node]) -> bool:
        """Tell whether a SPARQL constraint finds something at a focus node."""
        this = ox.Variable("this")
        return any(
            list(self.store.query(select, prefixes=PREFIXES, substitutions={this: term}))  # type: ignore[arg-type]
            for term in map(terms.from_rdflib, focus)
        )


def from_rdflib(triple: Iterable[Node]) -> terms.Triple:
    return terms.Triple(*map(terms.from_rdflib, triple))


def quad(triple: Iterable[Node]) -> ox.Quad:
    return ox.Quad(*from_rdflib(triple))


def selects(shape: Node) -> list[str]:
    constraints = SHAPES.objects(shape, SH.sparql)
    return [str(text) for c in constraints for text in SHAPES.objects(c, SH.select)]


@pytest.fixture(scope="session")
def bench() -> Bench:
    return Bench()


def triples_below(node: Node) -> Iterator[tuple[Node, Node, Node]]:
    """Yield the triples of a node, and of the blank nodes that it leads to."""
    for triple in SHAPES.triples((node, None, None)):
        yield triple
        if isinstance(triple[2], BNode):
            yield from triples_below(triple[2])


def excerpt(rule: Node) -> Graph:
    """Return the graph of one rule, and of the shapes that lead to it with their targets."""
    found = Graph(bind_namespaces="none")
    found += triples_below(rule)
    if any(found.triples((None, SH.prefixes, None))):
        found += REGISTRY
    waiting = [rule]
    while waiting:
        node = waiting.pop()
        for subject, predicate in SHAPES.subject_predicates(node):
            found.add((subject, predicate, node))
            for kept in (RDF.type, SH.path, *TARGETS):
                for value in SHAPES.objects(subject, kept):
                    found.add((subject, kept, value))
                    found += triples_below(value)
            waiting.append(subject)
    return found


def change_parameter(graph: Graph, rule: Node, parameter: Node, value: Node | None) -> Graph:
    """Return a copy of shapes in which a parameter of a rule has another value, or none."""
    copy = Graph(bind_namespaces="none")
    gone = {parameter}
    if parameter in (SH.qualifiedMinCount, SH.qualifiedMaxCount) and value is None:
        gone.add(SH.qualifiedValueShape)
    copy += (t for t in graph if t[0] != rule or t[1] not in gone)
    if value is not None:
        copy.add((rule, parameter, value))
    return copy


def find_weaker(rule: Node) -> Iterator[tuple[str, Node, Node | None]]:
    """Yield what makes a rule weaker: what is done, the parameter, and its new value."""
    for parameter in components(rule):
        value = SHAPES.value(rule, parameter)
        yield "dropped", parameter, None
        if parameter in COUNTS and isinstance(value, Literal):
            number = int(value) + COUNTS[URIRef(str(parameter))]
            yield f"relaxed to {number}", parameter, Literal(number)
        if parameter == SH["class"] and value is not None:
            for above in ONTOLOGY.objects(value, RDFS.subClassOf):
                yield f"widened to {str(above).rpartition('#')[2]}", parameter, above


def shapes_with_targets(shape: Node) -> set[Node]:
    """Return the shapes with targets that lead to a shape, itself among them."""
    found: set[Node] = set()
    waiting = [shape]
    while waiting:
        node = waiting.pop()
        if any((node, target, None) in SHAPES for target in TARGETS):
            found.add(node)
        waiting += SHAPES.subjects(None, node)
    return found


@pytest.fixture(scope="session")
def stated_graph(kg: KnowledgeGraph) -> Graph:
    """Return what ``graph/`` says and what is computed of its passages."""
    return terms.rdflib_graph(select_layers(kg.quads, "stated", "entities", "curated", "evidence"))


@pytest.fixture(scope="session")
def project(stated_graph: Graph) -> Graph:
    """Return what shapes see of the project: what is asserted, and the ontology."""
    return stated_graph + ONTOLOGY


@pytest.fixture(scope="session")
def shapes_with_focus(project: Graph) -> set[Node]:
    """Return the shapes that have a focus node in the project."""
    nodes = {*project.subjects(), *project.objects()}
    return {shape for node in nodes for shape in shapes_on(node, project)}


def test_rules_and_counterexamples_match() -> None:
    assert sorted(set(RULES) ^ set(COUNTEREXAMPLES)) == []


@pytest.mark.parametrize("name", every_nth(sorted(RULES.keys() & COUNTEREXAMPLES.keys()), 4))
def test_counterexample_breaks_only_its_rule(bench: Bench, name: str) -> None:
    with bench.on(name) as nodes:
        alone = excerpt(RULES[name])
        assert violated_shapes(bench.data, alone) == {name}
        assert bench.violated_shapes(nodes) - {name} == set()
        # A rule that is too weak is caught by its counter-example, and by it alone.
        for done, parameter, value in find_weaker(RULES[name]):
            assert (
                violated_shapes(bench.data, change_parameter(alone, RULES[name], parameter, value))
                == set()
            ), done


def test_rules_about_ontologies_accept_the_other_counterexamples(
    bench: Bench,
) -> None:
    own = {local_name(shape) for shape in SHAPES.subjects(SH.targetClass, OWL.Ontology)}
    others = []
    for name in COUNTEREXAMPLES.keys() - own:
        with bench.on(name) as nodes:
            if not nodes & set(bench.data.subjects(RDF.type, OWL.Ontology)):
                others.append(name)
    with bench.on(*others):
        broken = bench.violated_shapes(bench.data.subjects(RDF.type, OWL.Ontology))
    # Together, the examples give more values to a thing of the same name than one of them does.
    assert broken <= {"Ontology-functional", "Direct-chain"}
    [chain] = selects(RULES["Direct-chain"])
    for name in others:
        said = read(COUNTEREXAMPLES[name])
        for term in ONTOLOGY.subjects(RDF.type, OWL.FunctionalProperty):
            assert all(len(set(said.objects(s, term))) == 1 for s in said.subjects(term)), name
        with bench.on(name):
            assert name == "Direct-chain" or not bench.answers(chain, FILMS), name


def test_no_film_follows_itself_by_any_property() -> None:
    shapes = excerpt(RULES["Film-follows-order"])
    for name in ("follows", "sequelTo", "directSequelTo"):
        data = Graph()
        film = PREFIXES["film"]
        for one, other in (("urn:a", "urn:b"), ("urn:b", "urn:a")):
            data.add((URIRef(one), RDF.type, URIRef(f"{film}Film")))
            data.add((URIRef(one), URIRef(film + name), URIRef(other)))
        assert violated_shapes(data, shapes) == {"Film-follows-order"}, name


def test_counterexample_begins_with_a_sentence() -> None:
    for name, path in COUNTEREXAMPLES.items():
        first = path.read_text(encoding="utf-8").partition("\n")[0]
        assert re.fullmatch(r"# [A-Z].*\.", first), name


def test_shapes_use_only_terms_of_shacl() -> None:
    namespace = str(SH)
    used = {term for triple in SHAPES for term in triple if str(term).startswith(namespace)}
    predicates = set(SHAPES.predicates())
    assert sorted(map(str, used - PREDICATES - VALUES)) == []
    assert sorted(map(str, predicates - PREDICATES - {RDF.type, RDF.first, RDF.rest})) == []
    assert sorted(map(str, predicates & VALUES)) == []


def test_shapes_have_focus_nodes_in_the_project(shapes_with_focus: set[Node]) -> None:
    assert [
        local_name(shape) for shape in NAMED if not shapes_with_targets(shape) & shapes_with_focus
    ] == []


def test_targets_of_shapes_are_terms_in_use(project: Graph) -> None:
    known = {term for triple in project for term in triple}
    targets = {o for target in TARGETS for o in SHAPES.objects(None, target)}
    assert sorted(map(str, targets - known)) == []


def test_subjects_of_the_graph_are_focus_nodes(stated_graph: Graph, project: Graph) -> None:
    subjects = set(stated_graph.subjects())
    assert sorted(str(node) for node in subjects if not shapes_on(node, project)) == []


def test_predicates_of_the_graph_have_a_rule_or_a_domain(stated_graph: Graph) -> None:
    paths = {
        term
        for rule in RULES.values()
        for path in SHAPES.objects(rule, SH.path)
        for term in (path, *(o for _, _, o in triples_below(path)))
    }
    by_ontology = {*ONTOLOGY.subjects(RDFS.domain), *ONTOLOGY.subjects(RDFS.range)}
    assert sorted(map(str, set(stated_graph.predicates()) - paths - by_ontology)) == []


def test_rule_has_one_constraint_and_one_message() -> None:
    for name, rule in RULES.items():
        parameters = components(rule)
        assert len(parameters) == 1, name
        messages = list(SHAPES.objects(rule, SH.message))
        assert len(messages) == 1, name
        [message] = messages
        assert isinstance(message, Literal)
        assert message.language == "en", name
        assert re.fullmatch(r"[A-Z].*\.", message), name
        kind = SH.PropertyShape if (rule, SH.path, None) in SHAPES else SH.NodeShape
        assert (rule, RDF.type, kind) in SHAPES, name


def test_messages_are_unique() -> None:
    messages = [str(message) for message in SHAPES.objects(None, SH.message)]
    assert sorted({m for m in messages if messages.count(m) > 1}) == []


def test_shape_has_a_name_or_is_part_of_a_named_shape() -> None:
    for subject in set(SHAPES.subjects()):
        if isinstance(subject, BNode):
            assert list(SHAPES.subjects(None, subject))
        else:
            assert re.fullmatch(r"[A-Z][A-Za-z]*(-[a-z][A-Za-z]*)*", local_name(subject))


def test_name_of_a_rule_ends_with_what_it_requires() -> None:
    words = {SH.minCount: "required", SH.qualifiedMinCount: "required"}
    words |= {SH.maxCount: "single", SH.uniqueLang: "single", SH.qualifiedMaxCount: "single"}
    for name, rule in RULES.items():
        [component] = components(rule)
        zero = SHAPES.value(rule, component) == Literal(0)
        word = words.get(URIRef(str(component)))
        assert zero or word is None or name.endswith(f"-{word}"), name
