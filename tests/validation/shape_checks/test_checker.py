"""A shape that SHACL does not allow is one error at its place, with what is expected."""

from __future__ import annotations

import time
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pyshacl
import pytest
from rdflib import SH

from kaiju_graph.project.positions import find_character, find_places
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.parse import parse
from kaiju_graph.rdf.prefixes import Prefixes
from kaiju_graph.rdf.terms import OWL, RDF, RDFS, XSD, Quad
from kaiju_graph.validation.shacl import validator
from kaiju_graph.validation.shape_checks.checker import ShapeChecker, drop_shapes
from tests.w3c import suite
from tests.w3c.suite import SHT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kaiju_graph.validation.shape_checks.index import Fault


NAMES = {
    "ex": "http://example.org/",
    "owl": OWL,
    "rdf": RDF,
    "rdfs": RDFS,
    "sh": str(SH),
    "xsd": XSD,
}
HEAD = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in NAMES.items())
GRAPH = ox.NamedNode("urn:graph")
FILE = "shapes.ttl"
SHAPES_OF_SHAPES = Path(pyshacl.__file__).parent / "assets/shacl-shacl.ttl"
TARGET = 'ex:S sh:targetClass ex:C ; sh:message "m" ; '


def read(text: str) -> list[Quad]:
    return [*parse(FILE, HEAD + text, GRAPH)]


def check(text: str, registry: str = "") -> list[tuple[Fault, str]]:
    """Return the faults of shapes, each with the text from its place to the end of the line."""
    quads = read(text)
    places = find_places(FILE, HEAD + text, GRAPH)
    found = []
    for fault in ShapeChecker(quads, read(registry), Prefixes(NAMES)).check():
        place = places.nearest(fault.quad, fault.part)
        assert place is not None
        if fault.offset is not None:
            place = find_character(HEAD + text, place, fault.offset)
        found.append((fault, (HEAD + text).split("\n")[place.line - 1][place.column - 1 :]))
    return found


# Text of a property shape, the marked text, and the message.
CORE = [
    ("sh:path ex:p ; sh:minCount 'two'", "'two'", '"two" as sh:minCount; expected an xsd:integer'),
    ("sh:path ex:p ; sh:maxCount 1.0", "1.0", "1.0 as sh:maxCount; expected an xsd:integer"),
    ("sh:path ex:p ; sh:minCount 1 , 2", "2", "2 values of sh:minCount of ex:S; expected one"),
    ("sh:path ex:p , ex:q ; sh:minCount 1", "ex:q", "2 values of sh:path of ex:S; expected one"),
    ("sh:path 'x' ; sh:minCount 1", "'x'", '"x"; expected a path (SHACL, section 2.3.1)'),
    ("sh:path [ ] ; sh:minCount 1", "[", "a blank node; expected a path (SHACL, section 2.3.1)"),
    ("sh:path ( ex:p ) ; sh:minCount 1", "(", "a list of one path; expected a path"),
    ("sh:path ( ex:p 'x' ) ; sh:minCount 1", "(", '"x"; expected a path'),
    ("sh:path () ; sh:minCount 1", "()", "an empty list; expected a path"),
    ("sh:path [ sh:inversePath ex:p ; sh:zeroOrMorePath ex:q ] ; sh:minCount 1", "[",
     "a path with more than one statement; expected a path"),
    ("sh:path [ sh:alternativePath ex:p ] ; sh:minCount 1", "[", "ex:p; expected a path"),
    ("sh:path _:p ; sh:minCount 1 . _:p sh:inversePath _:p", "_:p", "a path that contains itself"),
    ("sh:path ex:p ; sh:datatype 'x'", "'x'", '"x" as sh:datatype; expected an IRI'),
    ("sh:path ex:p ; sh:class [ ]", "[", "a blank node as sh:class; expected an IRI"),
    ("sh:path ex:p ; sh:nodeKind sh:Violation", "sh:Violation", "sh:Violation as sh:nodeKind; exp"),
    ("sh:path ex:p ; sh:nodeKind 'IRI'", "'IRI'", '"IRI" as sh:nodeKind; expected one of'),
    ("sh:path ex:p ; sh:in ex:a", "ex:a", "ex:a as sh:in; expected a list of IRIs and literals"),
    ("sh:path ex:p ; sh:languageIn ( 1 )", "(", "1 in the list of sh:languageIn; expected langu"),
    ("sh:path ex:p ; sh:or ()", "()", "an empty list as sh:or; expected a list of shapes"),
    ("sh:path ex:p ; sh:or ( 1 [ sh:class ex:C ] )", "(", "1 in the list of sh:or; expected"),
    ("sh:path ex:p ; sh:or [ rdf:first ex:a ]", "[", "a blank node as sh:or; expected a list of"),
    ("sh:path ex:p ; sh:minInclusive ex:a", "ex:a", "ex:a as sh:minInclusive; expected a literal"),
    ("sh:path ex:p ; sh:uniqueLang 'yes'", "'yes'", '"yes" as sh:uniqueLang; expected an xsd:bool'),
    ("sh:path ex:p ; sh:pattern '('", "'('", '"(" as sh:pattern; expected a pattern of REGEX'),
    ("sh:path ex:p ; sh:pattern 'a' ; sh:flags 'g'", "'g'", '"g" as sh:flags; expected some of'),
    ("sh:minCount 1", "sh:minCount", "sh:minCount of ex:S, a shape without sh:path; expected a pr"),
    ("a sh:NodeShape ; sh:path ex:p", "sh:NodeShape", "a node shape with sh:path; expected none"),
    ("a sh:PropertyShape", "sh:PropertyShape", "a property shape without sh:path; expected a path"),
    ("sh:property ex:none", "ex:none", "ex:none as sh:property; expected a shape that a file of"),
    ("sh:property [ sh:class ex:C ]", "[", "a blank node as sh:property; expected a shape with"),
    ("sh:node [ sh:path ex:p ]", "[", "a blank node as sh:node; expected a shape without sh:path"),
    ("sh:node 'x'", "'x'", '"x" as sh:node; expected an IRI or a blank node'),
    ("sh:closed true ; sh:ignoredProperties ( 'x' )", "(", '"x" in the list of sh:ignoredProp'),
    ("sh:node ex:S", "ex:S", "ex:S, which refers to itself; expected none, as SHACL leaves its"),
    ("sh:not [ sh:property [ sh:path ex:p ; sh:node ex:S ] ]", "ex:S ]", "ex:S, which refers to"),
    ("sh:entailment ex:e", "sh:entailment", "sh:entailment; expected none, as shapes see only"),
    ("sh:sparql [ sh:message 'x' ]", "[", "sh:sparql without sh:select; expected a query"),
    ("sh:sparql 'x'", "'x'", '"x" as sh:sparql; expected an IRI or a blank node'),
]  # fmt: skip


LONE = [
    ("sh:path ex:p ; sh:flags 'i'", "sh:flags", "sh:flags of ex:S without sh:pattern; expected"),
    ("sh:path ex:p ; sh:qualifiedValueShape [ sh:class ex:C ]", "sh:qualified",
     "sh:qualifiedValueShape of ex:S without sh:qualifiedMinCount or sh:qualifiedMaxCount; exp"),
    ("sh:path ex:p ; sh:qualifiedMinCount 1", "sh:qualified",
     "sh:qualifiedMinCount of ex:S without sh:qualifiedValueShape; expected it, as sh:q"),
    ("sh:path ex:p ; sh:uniqueLang '1'^^xsd:boolean", "'1'",
     '"1"^^xsd:boolean as sh:uniqueLang; expected true, as only that literal has an effect'),
    ("sh:ignoredProperties ( ex:p )", "sh:ignored", "sh:ignoredProperties of ex:S without sh:cl"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "marked", "message"), LONE)
def test_parameter_without_effect_is_a_warning(text: str, marked: str, message: str) -> None:
    # SHACL, section 2.1.1: a constraint has values for all mandatory parameters of a component.
    ((fault, rest),) = check(f"{TARGET}\n    {text} .\n")
    assert rest.startswith(marked)
    assert fault.message.startswith(f"found {message}")
    assert (fault.severity, fault.is_usable) == ("warning", True)


def test_bounds_may_be_below_zero() -> None:
    # SHACL, sections 4.2, 4.4 and 4.7.3: the values are literals of xsd:integer.
    names = "minCount maxCount minLength maxLength qualifiedMinCount qualifiedMaxCount".split()
    bounds = " ; ".join(f"sh:{name} -1" for name in names)
    shape = f"{TARGET} sh:path ex:p ; {bounds} ; sh:qualifiedValueShape [ sh:class ex:C ] ."
    assert not check(shape)


@pytest.mark.parametrize(("text", "marked", "message"), CORE)
def test_ill_formed_shape_is_one_fault_at_its_place(text: str, marked: str, message: str) -> None:
    # SHACL, appendix B: the syntax rules.
    ((fault, rest),) = check(f"{TARGET}\n    {text} .\n")
    assert rest.startswith(marked)
    assert fault.message.startswith(f"found {message}")
    assert fault.severity == "error"


def test_import_of_what_no_file_describes_is_a_warning() -> None:
    # SHACL, section 3.1: a processor should follow owl:imports; this one fetches nothing.
    quads = read("ex:S owl:imports ex:known , ex:other , ex:shapes . ex:shapes owl:imports ex:S .")
    (fault,) = ShapeChecker(quads, [], Prefixes(NAMES)).check(read("ex:known a owl:Ontology ."))
    assert fault.message.startswith("found owl:imports of ex:other, which no file describes; exp")
    assert fault.severity == "warning"


def test_cycle_of_shapes_is_one_fault() -> None:
    # SHACL, section 3.4.3: the meaning of recursive shapes is left to the implementation.
    ((fault, rest),) = check("""
        ex:A sh:targetClass ex:C ; sh:message "m" ; sh:node ex:B .
        ex:B sh:message "m" ; sh:or ( ex:D [ sh:class ex:C ] ) .
        ex:D sh:message "m" ; sh:not ex:A .
    """)
    assert fault.message.startswith("found ex:A → ex:B → ex:D, which refers to itself; expected")
    assert rest.startswith("ex:B .")


@pytest.mark.parametrize("depth", [2_000])
def test_long_chain_of_shapes_is_checked(depth: int) -> None:
    text = "".join(f'ex:S{n} sh:message "m" ; sh:node ex:S{n + 1} .\n' for n in range(depth))
    text += f'ex:S{depth} sh:class ex:C ; sh:message "m" . ex:S0 sh:targetNode ex:a .'
    assert check(text) == []


@pytest.mark.slow
def test_long_list_is_checked_in_linear_time() -> None:
    def seconds(length: int) -> float:
        items = " ".join(f"ex:a{number}" for number in range(length))
        before = time.process_time()
        assert check(f"{TARGET} sh:in ( {items} ) .") == []
        return time.process_time() - before

    # Eight times the list; 64 times the time if it were quadratic. The best of three is free of
    # what else a busy machine does, such as collecting the garbage of other tests.
    short, long = (min(seconds(length) for _ in range(3)) for length in (1_000, 8_000))
    assert long < 24 * short + 0.1


# Queries ---------------------------------------------------------------------

# The query, the marked text, and the message.
QUERIES = [
    ("SELECT $this {\n  $this ?p FOO }", "FOO", "'FOO'; expected "),
    ("SELECT $this {\n  $this n:p ?o }", "n:p", "the prefix 'n'; expected a declared prefix"),
    ("SELECT ?x {\n  ?x ?p $this }", "SELECT", "SELECT without $this; expected this variable"),
    ("SELECT (COUNT(*) AS ?n) { ?x ?p $this }", "SELECT", "SELECT without $this; expected"),
    ("ASK { $this ?p ?o }", "ASK", "ASK as sh:select; expected SELECT"),
    ("SELECT $this {\n  $this ?p ?o MINUS { ?o ?q 1 } }", "MINUS", "MINUS; expected none in a"),
    ("SELECT $this {\n  VALUES ?x { 1 } }", "VALUES", "VALUES; expected none in a query of"),
    ("SELECT $this {\n  SERVICE <urn:x> { } }", "SERVICE", "SERVICE; expected none in a query"),
    ("SELECT $this {\n  BIND(1 AS $this) }", "AS", "AS ?this; expected a variable that is not"),
    ("SELECT $this {\n  { SELECT ?x { ?x ?p $this } } }", "SELECT ?x", "an inner SELECT without ?"),
    ("SELECT $this {\n  $this $PATH ?o }", "$PATH", "$PATH in a node shape; expected a property"),
    ("SELECT $this {\n  FILTER(<urn:f>($this)) }", "<urn:f>", "the function <urn:f>; expected one"),
    ("SELECT $this {" + "{" * 300 + "}" * 301, "{", "brackets nested 201 deep; expected at most"),
]


@pytest.mark.parametrize("quote", ["'''", '"""', "'", '"'])
@pytest.mark.parametrize(("text", "marked", "message"), QUERIES)
def test_query_that_shacl_forbids_is_a_fault_at_its_character(
    text: str, marked: str, message: str, quote: str
) -> None:
    # SHACL, sections 5.2.1 (syntax), 5.3 (variables) and appendix A (pre-binding).
    text = f"# \\u30AC \\t \\\\\n{text}"
    text = text if len(quote) > 1 else text.replace("\n", "\\n")
    ((fault, rest),) = check(f"{TARGET} sh:sparql [\n  sh:select {quote}{text}{quote} ] .\n")
    assert rest.startswith(marked)
    assert fault.message.startswith(f"found {message}")


def test_property_path_may_be_part_of_another() -> None:
    text = "SELECT $this { $this $PATH/<urn:q>* ?value }"
    assert not check(f"{TARGET} sh:path ex:p ; sh:sparql [ sh:select '{text}' ] .")


@pytest.mark.parametrize(
    ("declared", "is_known"),
    [
        ('ex:O sh:declare [ sh:prefix "n" ; sh:namespace "urn:n:" ] .', True),
        (
            """ex:O owl:imports ex:P . ex:P owl:imports ex:O , ex:Q .
            ex:Q sh:declare [ sh:prefix "n" ; sh:namespace "urn:n:" ] .""",
            True,
        ),
        ('ex:P sh:declare [ sh:prefix "n" ; sh:namespace "urn:n:" ] .', False),
        ("", False),
    ],
)
def test_prefixes_are_those_of_the_ontology_and_its_imports(
    declared: str,
    is_known: bool,  # noqa: FBT001 (parametrised)
) -> None:
    # SHACL, section 5.2.1: the transitive closure of owl:imports.
    text = (
        f"{TARGET} sh:sparql [ sh:prefixes ex:O ; sh:select 'SELECT $this {{ $this n:p 1 }}' ] .\n"
    )
    found = check(text, declared)
    expected = "found ex:O as sh:prefixes; expected an ontology with sh:declare, itself or by "
    assert [fault.message for fault, _ in found] == ([] if is_known else [f"{expected}owl:imports"])


# Components ------------------------------------------------------------------

USE = 'ex:S sh:targetClass ex:C ; sh:message "m" ; ex:least 1 .\n'
ASKING = 'sh:validator [ sh:ask "ASK { FILTER($value > $least) }" ] ; '
LEAST = "sh:parameter [ sh:path ex:least ] ; "
COMPONENTS = [
    (ASKING, "ex:K", "the component ex:K without sh:parameter; expected one"),
    (LEAST, "ex:K", "the component ex:K without a validator; expected sh:validator, sh:nodeVal"),
    (f"{ASKING} sh:parameter [ ] ; ", "[", "a parameter of ex:K without a property as sh:path"),
    (f"{ASKING} sh:parameter [ sh:path ex:this ] ; ", "ex:this", "the parameter 'this' of ex:K"),
    (f"{ASKING} sh:parameter [ sh:path ex:a-b ] ; ", "ex:a-b", "the parameter 'a-b' of ex:K; exp"),
    (f'{LEAST} sh:validator [ sh:message "x" ] ; ', "[", "sh:validator of ex:K without sh:ask; ex"),
    (f'{LEAST} sh:validator [ sh:ask "ASK {{ BIND(1 AS ?least) }}" ] ; ', "AS",
     "AS ?least; expected a variable that is not prebound"),
    (f'{LEAST} sh:nodeValidator [ sh:select "SELECT ?x {{ ?x ?p $this }}" ] ; ', "SELECT",
     "SELECT without $this; expected this variable"),
    (f'{LEAST} sh:nodeValidator [ sh:select "SELECT $this {{ $this $PATH ?x }}" ] ; ', "$PATH",
     "$PATH in a node shape; expected a property shape"),
    (f'{LEAST} sh:propertyValidator [ sh:select "SELECT $this {{ $this ?p 1 }}" ] ; ', "ex:least",
     "ex:least; ex:K has no validator for a node shape; expected one"),
    (f"{ASKING} sh:parameter [ sh:path ex:least ; sh:datatype xsd:string ] ; ", "1 .",
     "1 as ex:least; expected what sh:datatype of the parameter allows"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "marked", "message"), COMPONENTS)
def test_component_without_what_it_needs_is_a_fault(text: str, marked: str, message: str) -> None:
    # SHACL, section 6.2.
    use = USE if "sh:path ex:least" in text else ""
    faults = check(f"{use}ex:K a sh:ConstraintComponent ; {text} sh:labelTemplate 'x' .\n")
    ((fault, rest),) = [pair for pair in faults if pair[0].severity == "error"]
    assert rest.startswith(marked)
    assert fault.message.startswith(f"found {message}")


@pytest.mark.parametrize(
    ("text", "marked", "message"),
    [
        (
            f"{LEAST} {ASKING} sh:parameter [ sh:path ex:most ] ; ",
            "ex:least",
            "found ex:least without ex:most; expected both, as ex:K demands: it is not applied",
        ),
        (
            f'{LEAST} sh:validator [ sh:ask "ASK {{ }}" ] ; ',
            "ASK",
            "found no $value; expected it, as the answer is the same for all values",
        ),
    ],
)
def test_component_without_effect_is_a_warning(text: str, marked: str, message: str) -> None:
    ((fault, rest),) = check(f"{USE}ex:K a sh:ConstraintComponent ; {text} sh:name 'x' .\n")
    assert (fault.severity, fault.message, fault.is_usable) == ("warning", message, True)
    assert rest.startswith(marked)


# What is not supported -------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "marked", "effect"),
    [
        ("sh:target [ a sh:SPARQLTarget ; sh:select 'SELECT ?this { ?this a ex:C }' ]", "sh:target",
         "it selects no node"),
        ("sh:target [ a ex:PeopleBornIn ; ex:country ex:c ]", "sh:target", "it selects no node"),
        ("sh:rule [ a sh:TripleRule ; sh:subject sh:this ; sh:predicate ex:p ; sh:object ex:o ]",
         "sh:rule", "the rule is not run"),
        ("sh:expression [ sh:path ex:p ]", "sh:expression", "it constrains nothing"),
        ("sh:js [ sh:jsFunctionName 'f' ]", "sh:js", "it constrains nothing"),
    ],
)  # fmt: skip
def test_advanced_feature_is_a_warning_and_never_run(text: str, marked: str, effect: str) -> None:
    # SHACL Advanced Features, a W3C Note that pySHACL supports only on request.
    shape = f"{TARGET} sh:class ex:C ;\n    {text} ."
    ((fault, rest),) = check(shape)
    assert rest.startswith(marked)
    expected = f"found {marked}; expected SHACL Core or SHACL-SPARQL: {effect}"
    assert (fault.severity, fault.message) == ("warning", expected)


def test_function_of_shacl_is_a_warning() -> None:
    ((fault, rest),) = check("ex:f a sh:SPARQLFunction ; sh:returnType xsd:string .")
    assert (fault.severity, rest[:17]) == ("warning", "sh:SPARQLFunction")
    assert fault.message.endswith("no function is defined")


# Which shapes are applied ----------------------------------------------------


@pytest.mark.parametrize(
    ("text", "applied"),
    [
        ("ex:A sh:property ex:F , ex:B . ex:B sh:path ex:q .", "AB"),
        ("ex:A sh:property ex:F ; sh:closed true .", ""),
        ("ex:A sh:property ex:F . ex:B sh:not ex:A . ex:C sh:property ex:D .", "C"),
        ("ex:A sh:or ( ex:F ex:B ) . ex:B sh:class ex:C .", "B"),
        ("ex:A sh:sparql ex:F ; sh:class ex:C .", "A"),
        ("ex:A sh:targetClass ex:F ; sh:class ex:F . ex:B sh:in ( ex:F ) .", "A"),
        ("ex:F sh:parameter [ sh:path ex:least ] . ex:A ex:least 1 . ex:B sh:class ex:C .", "B"),
    ],
)
def test_shapes_that_a_faulty_one_could_make_wrong_are_not_applied(text: str, applied: str) -> None:
    quads = [*parse(FILE, f"{HEAD}{text} ex:F sh:path ex:p .", GRAPH)]
    kept = drop_shapes(quads, {ox.NamedNode("http://example.org/F")})
    subjects = {quad.subject.value[-1] for quad in kept if isinstance(quad.subject, ox.NamedNode)}
    assert "".join(sorted(subjects)) == applied


# The shapes of the W3C -------------------------------------------------------


def by_shapes_of_shapes(quads: Iterable[Quad]) -> set[str]:
    """Return the focus nodes that the W3C's shapes of shapes report."""
    text = SHAPES_OF_SHAPES.read_text(encoding="utf-8")
    rules = [quad.triple for quad in parse("shsh.ttl", text, GRAPH)]
    report = terms.rdflib_graph(validator.report(terms.merge(quads), rules))
    return {str(node) for node in report.objects(None, SH.focusNode)}


@pytest.mark.slow
def test_what_the_shapes_of_shapes_report_is_a_fault() -> None:
    numbers = count()
    texts = [text.replace("ex:S", f"ex:S{next(numbers)}") for text, *_ in CORE if "_:p" not in text]
    quads = read("\n".join(f'ex:S{n} sh:message "m" ; {text} .' for n, text in enumerate(texts)))
    found = ShapeChecker(quads, [], Prefixes(NAMES)).check()
    faulty = {fault.quad.subject.value for fault in found}
    reported = {node for node in by_shapes_of_shapes(quads) if node.startswith("http")}
    assert len(reported) > 20
    # These two are no shapes; the fault is that of the shape that refers to them.
    assert reported - faulty <= {"http://example.org/none", "http://example.org/a"}


@suite.needed
def test_shapes_of_the_suite_have_faults_only_where_a_failure_is_expected() -> None:
    failing: dict[str, list[str]] = {}
    for case in suite.cases(suite.FOLDER / "shacl" / "manifest.ttl"):
        rules = suite.triples(suite.file(case.graph.value(case.action, SHT.shapesGraph)))
        quads = [Quad(*triple, GRAPH) for triple in rules]
        found = [f for f in ShapeChecker(quads, [], Prefixes({})).check() if f.severity == "error"]
        if faults := [fault.message for fault in found if "message" not in fault.message]:
            failing[case.name] = faults
    expected = {
        case.name
        for case in suite.cases(suite.FOLDER / "shacl" / "manifest.ttl")
        if case.result == SHT.Failure
    }
    assert failing.keys() == expected, failing
