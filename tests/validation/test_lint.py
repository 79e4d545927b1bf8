"""Mistakes that load and have no effect are reported first, at their own lines."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox
import pyshacl
import pytest
import rdflib.namespace
from rdflib import SH

from kaiju_graph.project import sources
from kaiju_graph.validation import gaps, lint, shapes
from kaiju_graph.validation.vocabularies import (
    CONSTRAINTS,
    NAMES,
    NAMES_OF_RDFLIB,
    PROPERTIES,
    TARGETS,
    TERM_VALUED,
    find_unknown,
)
from tests.conftest import every_nth

if TYPE_CHECKING:
    from kaiju_graph.validation.report import Violation
    from tests.conftest import Command, Copy

pytestmark = pytest.mark.usefixtures("warm_memory")

FILM = "ontology/film.ttl"
STORY = "ontology/story.ttl"
ALIGNMENTS = "ontology/alignments.ttl"
SHAPES = "ontology/shapes/film.ttl"
PREFIXES = "ontology/prefixes.ttl"
DATASET = "graph/dataset.ttl"
CONTEXT = "ontology/context.jsonld"
ENTITIES = "graph/entities.ttl"
CURATION = "graph/curation.trig"
INFOBOX = "graph/gamera-2/infobox.trig"
RELEASE = "graph/gamera-2/release.trig"
QUESTION = "queries/who-directed.rq"
SCHEMA = "ontology/profiles/schema.org.rq"
SCHEMA_CONTEXT = "ontology/profiles/schema.org.jsonld"
OF_ARTICLE = "graph/gamera-2/prefixes.ttl"
WIKIDATA = '[ sh:prefix "wd" ; sh:namespace "http://www.wikidata.org/entity/"^^xsd:anyURI ]'
G2 = '[ sh:prefix "g2" ; sh:namespace "https://w3id.org/kaiju/gamera-2/"^^xsd:anyURI ]'


REPORTS = {
    f"<{SH[name]}>"
    for name in """AbstractResult ValidationReport ValidationResult conforms detail focusNode result
    resultMessage resultPath resultSeverity shapesGraphWellFormed sourceConstraint
    sourceConstraintComponent sourceShape value ExpressionConstraintComponent
    JSConstraintComponent""".split()
}
"""The terms of reports, and components that are not supported."""


class Case(NamedTuple):
    """An edit of one file, the rule that it breaks, the marked text, and how the message begins."""

    file: str
    old: str
    new: str
    rule: str
    marked_text: str
    message: str


TERM = "expected a term of {}; did you mean '{}'"
DEFINED = "expected a term that an ontology defines"
CASES = [
    Case(FILM, old, new, "term", new, f"found {new}; {TERM.format(vocabulary, near)}")
    for old, new, vocabulary, near in [
        ("rdfs:range", "rdfs:rang", "RDFS", "range"),
        ("rdfs:subClassOf", "rdfs:subClasOf", "RDFS", "subClassOf"),
        ("owl:inverseOf", "owl:inversOf", "OWL", "inverseOf"),
        ("owl:propertyChainAxiom", "owl:propertyChainAxoim", "OWL", "propertyChainAxiom"),
        ("owl:ObjectProperty", "owl:ObjctProperty", "OWL", "ObjectProperty"),
        ("dcterms:license", "dcterms:licence", "DCTERMS", "license"),
        ("skos:definition", "skos:defintion", "SKOS", "definition"),
    ]
]
CASES += [
    Case(ENTITIES, "rdfs:label", "rdfs:lable", "term", "rdfs:lable", "found rdfs:lable; "),
    Case(CURATION, "skos:note", "skos:not", "term", "skos:not", "found skos:not; "),
    Case(DATASET, "void:uriSpace", "void:urispace", "term", "void:urispace", "found void:urispace"),
    Case(
        RELEASE,
        '"2003"^^xsd:gYear',
        '"2003"^^xsd:gyear',
        "term",
        '"2003"^^xsd:gyear',
        "found xsd:gyear; expected a term of XSD; did you mean 'gYear'",
    ),
    Case(SHAPES, "sh:minCount", "sh:mincount", "shape", "sh:mincount", "found sh:mincount; "),
    Case(
        SHAPES,
        "sh:path film:year ;",
        "sh:path film:directer ;",
        "shape",
        "film:directer",
        f"found film:directer; {DEFINED}; did you mean 'film:director'",
    ),
    Case(
        SHAPES,
        "sh:targetClass film:Film",
        "sh:targetClass film:Flim",
        "shape",
        "film:Flim",
        f"found film:Flim; {DEFINED}; did you mean 'film:Film'",
    ),
    Case(
        SHAPES,
        "sh:path film:year ;",
        "sh:path <https://w3id.org/kaiju/flim#year> ;",
        "shape",
        "<https://w3id.org/kaiju/flim#year>",
        f"found <https://w3id.org/kaiju/flim#year>; {DEFINED}",
    ),
    Case(
        SHAPES,
        "        shape:Film-succession-followedBy ,\n",
        "",
        "shape",
        "shape:Film-succession-followedBy",
        "found shape:Film-succession-followedBy without a target; "
        "expected one, or a shape that leads to it",
    ),
    Case(
        SHAPES,
        'sh:message "A film after which another comes is also stated to be followed by it."@en',
        "sh:order 1",
        "shape",
        "shape:Film-succession-followedBy",
        "found shape:Film-succession-followedBy without sh:message; expected a sentence",
    ),
    Case(
        PREFIXES,
        "kaiju/film#",
        "kaiju/flim#",
        "prefix",
        '"https://w3id.org/kaiju/flim#"^^xsd:anyURI',
        "found film: for <https://w3id.org/kaiju/flim#>; expected <https://w3id.org/kaiju/film#>",
    ),
    Case(
        OF_ARTICLE,
        "kaiju/gamera-2/",
        "kaiju/gamera-3/",
        "prefix",
        '"https://w3id.org/kaiju/gamera-3/"^^xsd:anyURI',
        "found g2: for <https://w3id.org/kaiju/gamera-3/>; "
        "expected <https://w3id.org/kaiju/gamera-2/>, as in graph/",
    ),
    *(
        Case(
            file,
            "kaiju/film#>",
            "kaiju/flim#>",
            "prefix",
            "film:",
            "found film: for <https://w3id.org/kaiju/flim#>; "
            "expected <https://w3id.org/kaiju/film#>, as in ontology/prefixes.ttl",
        )
        for file in (INFOBOX, QUESTION, SCHEMA, SHAPES)
    ),
    Case(DATASET, "void:Dataset ,", "", "export", "", "found 0 IRIs of type void:Dataset"),
    Case(DATASET, "graph:dataset a void", "graph:dataset a a void", "syntax", "", ""),
    Case(SCHEMA, "WHERE", "WHRE", "export", "WHRE", "found 'WHRE'; expected '{', FROM or WHERE"),
    Case(SCHEMA_CONTEXT, "{", "[", "export", "", "found no JSON-LD ("),
    Case(
        ENTITIES,
        "id:toho a",
        "id:toho vann:x id:toho ; a",
        "syntax",
        "vann:x",
        "found the prefix 'vann' without its declaration; "
        "expected @prefix vann: <http://purl.org/vocab/vann/> .",
    ),
    Case(CONTEXT, "{", "[", "export", "", "found no JSON-LD ("),
]


@pytest.mark.parametrize(
    "case", every_nth(CASES, 8), ids=lambda case: f"{case.file}: {case.message}"
)
def test_counterexample_breaks_only_its_rule(case: Case, copy: Copy) -> None:
    copy.replace(case.file, case.old, case.new)
    (found,) = copy.load().validate().violations
    assert (found.rule, found.severity, found.place.file) == (case.rule, "error", case.file)
    assert found.message.startswith(case.message)
    if case.marked_text:
        assert marked_text(found) == case.marked_text


def marked_text(found: Violation) -> str:
    """Return the part of its line that a violation marks."""
    return found.line[found.place.column - 1 :][: found.width]


@pytest.mark.slow
@pytest.mark.parametrize(("prefix", "other"), [("g2", OF_ARTICLE), ("film", PREFIXES)])
def test_prefix_that_is_declared_twice_is_an_error_with_both_places(
    prefix: str, other: str, copy: Copy, kaiju: Command
) -> None:
    again = f'[ sh:prefix "{prefix}" ; sh:namespace "https://example.org/"^^xsd:anyURI ]'
    copy.replace(OF_ARTICLE, G2, f"{G2} ,\n{again}")
    texts = {file: copy.read(file).split("\n") for file in (OF_ARTICLE, other)}
    line = texts[OF_ARTICLE].index(f"{again} .") + 1
    first = next(at for at, text in enumerate(texts[other], 1) if f'"{prefix}"' in text)
    place = f"{OF_ARTICLE}:{line}:13"
    message = f"found the prefix '{prefix}' again; expected one namespace for it ({other}:{first})"
    run = kaiju("stats", cwd=copy.root)
    assert (run.returncode, run.stdout) == (3, "")
    assert run.stderr == f"kaiju: error: {place}: {message}\n"
    run = kaiju("validate", cwd=copy.root)
    assert run.returncode == 1
    assert run.stdout.startswith(f"{place}: error[prefix] {message}\n")


def test_unknown_term_is_reported_once_a_file(copy: Copy) -> None:
    for file in (FILM, STORY):
        copy.write(file, copy.read(file).replace("rdfs:range", "rdfs:rang"))
    found = copy.load().validate().violations
    assert [violation.place.file for violation in found] == [FILM, STORY]


@pytest.mark.parametrize("file", [DATASET, CONTEXT, SCHEMA_CONTEXT])
def test_missing_file_for_exports_is_reported(file: str, copy: Copy) -> None:
    (copy.root / file).unlink()
    (found,) = copy.load().validate().violations
    assert (found.rule, found.place.file) == ("export", file)
    assert found.message == "cannot be read: No such file or directory"


@pytest.mark.parametrize("ending", [".sparql", ".RQ"])
def test_query_with_another_ending_is_reported(ending: str, copy: Copy) -> None:
    assert copy.load().validate().conforms
    copy.write(f"queries/who-directed{ending}", copy.read(QUESTION))
    (found,) = copy.load().validate().violations
    assert (found.rule, str(found.place)) == ("query", f"queries/who-directed{ending}:1:1")
    expected = f"found a {ending} file, which is not read; expected {QUESTION}"
    assert found.message == expected


def test_term_without_a_key_of_the_context_is_reported(copy: Copy) -> None:
    key = '        "director": { "@id": "film:director", "@type": "@id", "@container": "@set" },\n'
    copy.replace(CONTEXT, key, "")
    (found,) = copy.load().validate().violations
    assert (found.rule, found.place.file) == ("export", FILM)
    assert found.message == f"found film:director without a key; expected one in {CONTEXT}"
    assert marked_text(found) == "film:director"


def test_shape_with_an_unknown_term_is_named_as_unchecked(copy: Copy) -> None:
    copy.replace(SHAPES, "sh:path film:workingTitle ;", "sh:pathh film:workingTitle ;")
    (found,) = lint.Linter(copy.load().project).read().violations
    assert found.message.startswith("found sh:pathh; ")
    assert found.unchecked == f"shape:Film-workingTitle-other; {gaps.OTHER_SHAPES}"


def test_unknown_term_of_schema_org_is_reported_in_alignments(copy: Copy) -> None:
    copy.replace(ALIGNMENTS, "schema:director", "schema:directr")
    (found,) = lint.Linter(copy.load().project).read().violations
    assert (found.rule, found.place.file, marked_text(found)) == (
        "term",
        ALIGNMENTS,
        "schema:directr",
    )
    assert found.message.startswith("found schema:directr; expected a term of schema.org; did you")


def test_query_of_a_profile_that_constructs_no_graph_is_reported(copy: Copy) -> None:
    copy.write(SCHEMA, "ASK { ?film ?property ?value }")
    linter = lint.Linter(copy.load().project)
    (found,) = linter.check_exports()
    assert (found.rule, found.place.file) == ("export", SCHEMA)
    assert found.message == "found ASK; expected CONSTRUCT"


@pytest.mark.slow
def test_unreferenced_property_shape_without_a_name_is_reported(copy: Copy) -> None:
    text = f'{copy.read(SHAPES)}\n[ sh:path film:year ; sh:maxCount 1 ; sh:message "x"@en ] .\n'
    copy.write(SHAPES, text)
    (found,) = copy.load().validate().violations
    assert (found.rule, found.place.file) == ("shape", SHAPES)
    assert found.message.startswith("found a shape without a target")


def test_unknown_term_in_the_query_of_a_shape_is_reported(copy: Copy) -> None:
    file = "ontology/shapes/evidence.ttl"
    copy.replace(file, "?value ev:passageOf $this ;", "?value ev:pasageOf $this ;")
    (found,) = copy.load().validate().violations
    assert (found.rule, found.line.strip()) == ("shape", "?value ev:pasageOf $this ;")
    assert marked_text(found) == "ev:pasageOf"


def test_misspelt_key_of_a_stored_question_is_reported(copy: Copy) -> None:
    copy.replace(QUESTION, "#+ also:", "#+ alos:")
    (found,) = copy.load().validate().violations
    assert (found.rule, found.line) == ("query", "#+ alos:")


def test_unknown_term_in_a_stored_question_is_a_warning(copy: Copy) -> None:
    copy.replace(QUESTION, "film:director", "film:directer")
    report = copy.load().validate()
    assert report.conforms
    (found,) = report.violations
    assert (found.rule, found.severity, found.place.file) == ("query", "warning", QUESTION)
    assert marked_text(found) == "film:directer"


# A report of some rules ------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "old", "new", "rule"),
    every_nth(
        [
            (INFOBOX, "film:composer id:kow", "film:composer is id:kow", "syntax"),
            (INFOBOX, '"Music: Kow Otani"', '"Music: Koh Otani"', "quote"),
            (INFOBOX, "g2:article a ev:Article ;", "g2:article", "article-node"),
            (FILM, "rdfs:range", "rdfs:rang", "term"),
            (FILM, "( film:entry film:entryIn )", "( film:entry )", "axiom"),
            (SHAPES, "sh:minCount", "sh:mincount", "shape"),
            (PREFIXES, WIKIDATA, '[ sh:prefix "wd" ]', "prefix"),
        ],
        step=3,
    ),
)
def test_fundamental_rules_are_reported_whatever_rules_are_selected(
    file: str, old: str, new: str, rule: str, copy: Copy, kaiju: Command
) -> None:
    copy.replace(file, old, new)
    run = kaiju("validate", "--rule", "plain", cwd=copy.root)
    assert run.returncode == 1, run.stderr
    assert f"error[{rule}]" in run.stdout
    turtle = kaiju("validate", "--rule", "plain", "-f", "turtle", cwd=copy.root)
    assert turtle.returncode == 1
    assert turtle.stdout == ""  # what the shapes would find is not known


@pytest.mark.slow
def test_unselected_rules_are_left_out(copy: Copy, kaiju: Command) -> None:
    copy.replace(INFOBOX, "film:director id:shusuke-kaneko", "film:director id:japan")
    run = kaiju("validate", "--rule", "plain", "-f", "turtle", cwd=copy.root)
    assert run.returncode == 0
    assert "sh:conforms true" in run.stdout


# The registry ----------------------------------------------------------------


def test_prefixes_ttl_that_does_not_parse_is_one_error(copy: Copy, kaiju: Command) -> None:
    copy.replace(PREFIXES, "sh:declare\n", "sh:declare ;;\n")
    run = kaiju("ask", "who-directed", cwd=copy.root)
    assert run.returncode == 3
    line = copy.read(PREFIXES).split("\n").index("    sh:declare ;;") + 1
    assert run.stderr.startswith(f"kaiju: error: {PREFIXES}:{line}:")
    assert "error at" not in run.stderr


# The tables ------------------------------------------------------------------


def test_parameters_are_properties_of_shacl() -> None:
    assert (CONSTRAINTS | TERM_VALUED | TARGETS) <= PROPERTIES


def test_every_term_of_shacl_that_shapes_may_use_is_known() -> None:
    # The W3C's vocabulary, which pySHACL has a copy of.
    text = (Path(pyshacl.__file__).parent / "assets/shacl.ttl").read_bytes()
    names = {str(quad.subject) for quad in ox.parse(text, format=ox.RdfFormat.TURTLE)}
    parameter = re.compile("Component-|Constraint-js")
    known = {
        name
        for name in names
        if name.startswith(f"<{SH}") and name not in REPORTS and not parameter.search(name)
    }
    assert len(known) > 100
    assert [*find_unknown((ox.NamedNode(name[1:-1]), False) for name in known)] == []


def test_rdflib_has_the_vocabularies_by_name() -> None:
    for space, name in NAMES.items() - {(str(SH), "SHACL")}:
        attribute = NAMES_OF_RDFLIB.get(name, name)
        assert str(getattr(rdflib.namespace, attribute)) == space


def test_linter_finds_nothing_in_the_project(copy: Copy) -> None:
    where = copy.load().project
    linter = lint.Linter(where)
    read = linter.read()
    assert (read.violations, read.gaps, read.faulty) == ([], frozenset(), set())
    assert (read.data, read.rules) == (sources.read(where), shapes.read(where))
    assert [*linter.check_exports(), *linter.check_question_terms(read.data)] == []
