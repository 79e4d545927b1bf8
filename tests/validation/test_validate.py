"""A report names the file, the line, the rule and the sentence, like a compiler."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from rdflib import RDF, SH, Literal

import kaiju_graph
from kaiju_graph.errors import InconsistencyError, SourceError
from kaiju_graph.sparql import execute
from kaiju_graph.validation import shapes
from tests.conftest import every_nth
from tests.repository import REPOSITORY, ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

    from kaiju_graph import KnowledgeGraph
    from kaiju_graph.validation.report import Report, Violation
    from tests.conftest import Command, Copy

INFOBOX = "graph/gamera-2/infobox.trig"
ENTITIES = "graph/entities.ttl"
SEE_ALSO = "graph/gamera-2/see-also.trig"
SHAPES = """
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix film: <https://w3id.org/kaiju/film#> .
@prefix id: <https://w3id.org/kaiju/id/> .
@prefix shape: <https://w3id.org/kaiju/shape#> .
@prefix story: <https://w3id.org/kaiju/story#> .
"""
BY_PERSONS = """
shape:Film sh:targetNode id:gamera-2 ; sh:property shape:Film-director .
shape:Film-director sh:path film:director ; sh:class film:Person ; sh:message "By persons."@en .
"""


@pytest.fixture(scope="module")
def report(kg: KnowledgeGraph) -> Report:
    return kg.validate()


@pytest.fixture
def validate_with(copy: Copy) -> Callable[[str], Report]:
    """Return a function that validates the copy with other shapes."""
    shutil.rmtree(copy.root / "ontology/shapes")

    def run(text: str) -> Report:
        if "sh:message" not in text:  # which every rule has
            text = re.sub(r" \.$", ' ; sh:message "So it is."@en .', text, flags=re.MULTILINE)
        copy.write("ontology/shapes/test.ttl", SHAPES + text)
        return copy.load().validate()

    return run


def _by_shapes(report: Report) -> list[Violation]:
    """Return the violations of shapes, without those of evidence checks."""
    return [violation for violation in report.violations if violation.focus is not None]


def _summary(violation: Violation, copy: Copy) -> tuple[str, str, str, str]:
    """Return file, line of text, rule and sentence."""
    place = violation.place
    sentence = violation.passage.quote.value if violation.passage else ""
    return place.file, copy.line(place.file, place.line).strip(), violation.rule, sentence


# The graph and its shapes ----------------------------------------------------


def test_project_conforms(report: Report) -> None:
    assert report.violations == []
    assert report.conforms


@pytest.mark.skipif(REPOSITORY == ROOT, reason="the repository has one article")
def test_all_articles_of_the_repository_conform() -> None:
    assert kaiju_graph.load(REPOSITORY).validate().violations == []


def test_report_has_the_form_of_shacl(report: Report) -> None:
    (node,) = report.shacl.subjects(RDF.type, SH.ValidationReport)
    assert report.shacl.value(node, SH.conforms) == Literal(True)  # noqa: FBT003 (a term)
    assert not list(report.shacl.objects(node, SH.result))


@pytest.mark.usefixtures("warm_memory")
def test_violations_have_line_rule_and_sentence(copy: Copy) -> None:
    wrong_class = "film:distributor id:japan ."
    dangling = "film:composer id:nobody ."
    copy.replace(INFOBOX, "film:distributor id:toho .", wrong_class)
    copy.replace(INFOBOX, "film:composer id:kow-otani .", dangling)
    copy.replace(
        ENTITIES,
        'id:adv-films a film:Organization ;\n    rdfs:label "ADV Films"@en .',
        "id:adv-films a film:Organization .",
    )
    found = copy.load().validate()
    assert not found.conforms
    shown = [_summary(violation, copy) for violation in found.violations]
    for line, sentence in ((wrong_class, "Distributor: Toho"), (dangling, "Music: Kow Otani")):
        rules = [
            rule
            for file, text, rule, quote in shown
            if (file, text, quote) == (INFOBOX, f"id:gamera-2 {line}", sentence)
        ]
        assert any(rule == "Ontology-range" for rule in rules), (line, shown)
    assert (ENTITIES, "id:adv-films a film:Organization .", "Named-label-required", "") in shown
    # An unknown thing comes first, then a thing without a label, which has at least a class.
    roots = [v.rule for v in found.violations if v.first is None]
    assert roots == ["Ontology-range", "Named-label-required", "Ontology-range"]
    is_consequence = [v.first is not None for v in found.violations]
    assert is_consequence == sorted(is_consequence)


@pytest.mark.usefixtures("warm_memory")
def test_undeclared_term_is_reported_where_it_is_used(copy: Copy) -> None:
    copy.replace(INFOBOX, "film:composer id:kow-otani .", "film:compozer id:kow-otani .")
    shown = [_summary(violation, copy) for violation in copy.load().validate().violations]
    line = "id:gamera-2 film:compozer id:kow-otani ."
    assert any(found[:2] == (INFOBOX, line) for found in shown), shown


NOWHERE_A_SUBJECT = """
film:nothing a owl:ObjectProperty ;
    rdfs:range owl:Nothing .
"""


@pytest.mark.slow
def test_contradiction_is_placed_at_an_object_if_nothing_else_mentions_it(
    copy: Copy, validate_with: Callable[[str], Report]
) -> None:
    copy.write("ontology/film.ttl", copy.read("ontology/film.ttl") + NOWHERE_A_SUBJECT)
    copy.replace(
        INFOBOX,
        "film:director id:shusuke",
        "film:nothing id:void ;\n        film:director id:shusuke",
    )
    found = [v for v in validate_with("").violations if v.rule == "cls-nothing2"]
    assert [(v.place.file, copy.line(INFOBOX, v.place.line).split()) for v in found] == [
        (INFOBOX, ["id:gamera-2", "film:nothing", "id:void", ";"])
    ]
    with pytest.raises(InconsistencyError, match=rf"^{INFOBOX}:\d+:\d+: found a contradiction"):
        assert copy.load().quads


@pytest.mark.slow
def test_equal_literals_declared_different_are_a_contradiction(
    copy: Copy, validate_with: Callable[[str], Report]
) -> None:
    axiom = '\n[] a owl:AllDifferent ;\n    owl:members ( "a" "a" ) .\n'
    copy.write("ontology/film.ttl", copy.read("ontology/film.ttl") + axiom)
    (found,) = (v for v in validate_with("").violations if v.rule == "eq-diff2")
    assert found.place.file == "ontology/film.ttl"


@pytest.mark.usefixtures("warm_memory")
def test_contradiction_is_reported_with_its_rule_at_a_premise(copy: Copy, kaiju: Command) -> None:
    copy.replace(INFOBOX, "            id:nippon-tv ,\n", "            id:shusuke-kaneko ,\n")
    found = copy.load().validate()
    (violation,) = (v for v in found.violations if v.rule == "cax-dw")
    line = "id:shusuke-kaneko a film:Person ;"
    assert _summary(violation, copy) == (ENTITIES, line, "cax-dw", "")
    assert violation.severity == "error"
    ran = kaiju("--root", str(copy.root), "validate")
    assert ran.returncode == 1
    assert (
        f"{violation.place}: error[cax-dw] found a contradiction: "
        "film:Person owl:disjointWith film:Organization [graph:ontology]; "
        "id:shusuke-kaneko a film:Person [graph:entities]; "
        "id:shusuke-kaneko a film:Organization [inferred]; "
        "expected statements that can be true together"
    ) in ran.stdout.splitlines()
    assert violation.source is not None
    axiom = copy.line(violation.source.file, violation.source.line)
    assert axiom.startswith("film:Person a owl:Class")
    # The root cause is the statement about the distributor, not the person.
    assert violation.first is not None
    assert violation.first[1] == "Ontology-range"


def test_unsupported_axiom_does_not_conform(
    copy: Copy, kaiju: Command, validate_with: Callable[[str], Report]
) -> None:
    text = copy.read("ontology/film.ttl")
    axiom = "film:director owl:propertyChainAxiom ( film:director ) ."
    copy.write("ontology/film.ttl", f"{text}\n{axiom}\n")
    line = text.count("\n") + 2
    assert not validate_with("").conforms
    ran = kaiju("--root", str(copy.root), "validate")
    assert (ran.returncode, ran.stderr) == (1, "")
    assert ran.stdout == (
        f"ontology/film.ttl:{line}:38: error[axiom] film:director: "
        "found a property chain; expected two or three properties in a list\n"
        f"{line:>5} | {axiom}\n"
        f"      | {' ' * 37}^\n"
        "   = rule: The reasoner's rules of OWL 2 RL support every axiom.\n"
        "   = unchecked: contradictions\n"
        "\ndoes not conform: 1 error in 1 file\n    1  axiom\n"
    )


def test_inverse_without_an_iri_is_refused_where_it_stands(copy: Copy, kaiju: Command) -> None:
    text = copy.read("ontology/film.ttl")
    axiom = "film:partOf owl:propertyChainAxiom ( film:entry [ owl:inverseOf film:place ] ) ."
    copy.write("ontology/film.ttl", f"{text}\n{axiom}\n")
    ran = kaiju("--root", str(copy.root), "infer")
    assert (ran.returncode, ran.stdout) == (3, "")
    place = f"ontology/film.ttl:{text.count(chr(10)) + 2}"
    problem = "film:place: found an inverse without an IRI; expected a property with an IRI\n"
    assert ran.stderr.startswith(f"kaiju: error: {place}:")
    assert ran.stderr.endswith(problem)


# Any shapes ------------------------------------------------------------------


def test_violation_has_focus_path_value_passage_and_message(
    copy: Copy, validate_with: Callable[[str], Report]
) -> None:
    copy.replace(INFOBOX, "film:director id:shusuke-kaneko .", "film:director id:japan .")
    name = "https://w3id.org/kaiju/"
    (violation,) = _by_shapes(validate_with(BY_PERSONS))
    assert violation.severity == "error"
    assert violation.obligation == "By persons."
    assert violation.message == (
        'found id:japan "Japan" (film:Place) as film:director of id:gamera-2; '
        "expected a thing of class film:Person"
    )
    assert violation.focus == ox.NamedNode(f"{name}id/gamera-2")
    assert violation.path == ox.NamedNode(f"{name}film#director")
    assert violation.value == ox.NamedNode(f"{name}id/japan")
    assert violation.quad is not None
    assert violation.quad.graph == ox.NamedNode(f"{name}gamera-2/infobox-director")
    assert violation.passage is not None
    assert violation.passage.quote.value == "Director: Shusuke Kaneko"
    column = copy.line(INFOBOX, violation.place.line).index("id:japan") + 1
    assert (violation.place.file, violation.place.column) == (INFOBOX, column)


@pytest.mark.slow
def test_shapes_do_not_see_inferred_types(
    copy: Copy, validate_with: Callable[[str], Report]
) -> None:
    # The range of film:director makes anyone a person, but only by inference.
    copy.replace(INFOBOX, "film:director id:shusuke-kaneko .", "film:director id:nobody .")
    assert [v.rule for v in _by_shapes(validate_with(BY_PERSONS))] == ["Film-director"]


def test_class_includes_its_subclasses(validate_with: Callable[[str], Report]) -> None:
    text = """
    shape:A sh:targetNode id:gamera ; sh:class story:Participant .
    shape:B sh:targetClass story:Participant ; sh:property shape:B-x .
    shape:B-x sh:path story:leaderOf ; sh:minCount 1 .
    """
    found = _by_shapes(validate_with(text))
    assert {violation.rule for violation in found} == {"B-x"}
    assert ox.NamedNode("https://w3id.org/kaiju/id/gamera") in {v.focus for v in found}


@pytest.mark.parametrize(
    ("severity", "word", "conforms"),
    [("Violation", "error", False), ("Warning", "warning", True), ("Info", "info", True)],
)
def test_only_errors_do_not_conform(
    severity: str,
    word: str,
    conforms: bool,  # noqa: FBT001 (parametrised)
    validate_with: Callable[[str], Report],
) -> None:
    found = validate_with(f"""
    shape:A sh:targetNode id:gamera-2 ; sh:property shape:A-x .
    shape:A-x sh:path film:gloss ; sh:minCount 1 ; sh:severity sh:{severity} .
    """)
    assert [(violation.rule, violation.severity) for violation in found.violations] == [
        ("A-x", word)
    ]
    assert found.conforms is conforms


def test_missing_value_is_reported_where_the_thing_is_typed(
    copy: Copy, validate_with: Callable[[str], Report]
) -> None:
    (violation,) = _by_shapes(
        validate_with("""
    shape:A sh:targetNode id:toho ; sh:property shape:A-x .
    shape:A-x sh:path film:gloss ; sh:minCount 1 .
    """)
    )
    assert _summary(violation, copy)[:2] == (ENTITIES, "id:toho a film:Organization ;")
    assert violation.value is None
    assert violation.passage is None


def test_unmentioned_focus_node_is_reported(
    validate_with: Callable[[str], Report],
) -> None:
    (violation,) = _by_shapes(
        validate_with("shape:A sh:targetNode id:nobody ; sh:class film:Person .")
    )
    assert violation.focus == ox.NamedNode("https://w3id.org/kaiju/id/nobody")
    assert violation.line[violation.place.column - 1 :].startswith("id:nobody ; sh:class")


@pytest.mark.slow
def test_violation_of_a_sequence_path_has_no_path(validate_with: Callable[[str], Report]) -> None:
    (violation,) = _by_shapes(
        validate_with("""
    shape:A sh:targetNode id:gamera-2 ; sh:property shape:A-x .
    shape:A-x sh:path ( film:director film:gloss ) ; sh:minCount 1 .
    """)
    )
    assert violation.rule == "A-x"
    assert violation.path is None


def test_message_says_what_a_constraint_expects(validate_with: Callable[[str], Report]) -> None:
    # SHACL, section 4. A message may state the fault, so it is not what was expected.
    rules = {
        "equals": "sh:path film:work ; sh:equals film:director",
        "empty": "sh:path film:director ; sh:in ()",
        "languages": "sh:path rdfs:label ; sh:languageIn ()",
        "count": """sh:path film:director ; sh:qualifiedMinCount 9 ;
            sh:qualifiedValueShapesDisjoint true ; sh:qualifiedValueShape shape:inner""",
        "not": "sh:path film:director ; sh:not shape:inner",
        "xone": "sh:path film:director ; sh:xone ( [ sh:minLength 999 ] [ sh:maxLength 0 ] )",
        "sequence": "sh:path ( film:director film:work ) ; sh:minCount 1",
        "own": 'sh:path film:director ; sh:not shape:inner ; sh:message "It is so."@en',
    }
    texts = (f"shape:{name} {rule} .\n" for name, rule in rules.items())
    names = ", ".join(f"shape:{name}" for name in rules)
    report = validate_with(
        f"""shape:A sh:targetNode id:gamera-2 ; sh:property {names} .
        shape:inner sh:node [ sh:nodeKind sh:IRI ] . {"".join(texts)} # sh:message
        """
    )
    messages = {violation.rule: violation.message for violation in _by_shapes(report)}
    assert " as film:director of " in messages["equals"]
    assert messages.pop("own").endswith(" as film:director of id:gamera-2: It is so.")
    found = {rule: text.partition("; expected ")[2] for rule, text in messages.items()}
    assert found == {
        "equals": "the same as its film:work",
        "empty": "nothing, as the list of sh:in is empty",
        "languages": "nothing, as the list of sh:languageIn is empty",
        "count": "at least 9 that conforms to shape:inner and conforms to no sibling shape",
        "not": "what does not conform to shape:inner",
        "xone": "what conforms to exactly one of its inner shapes",
        "sequence": "at least 1 at the end of its path",
    }


@pytest.mark.slow
def test_each_class_that_a_value_lacks_is_reported(validate_with: Callable[[str], Report]) -> None:
    # SHACL, section 4.1.1: each value of sh:class is a constraint of its own.
    report = validate_with("""
    shape:A sh:targetNode id:gamera-2 ; sh:class film:Film , film:Person , film:Company .
    """)
    expected = [v.message.partition("; expected ")[2] for v in _by_shapes(report)]
    assert sorted(expected) == ["a thing of class film:Company", "a thing of class film:Person"]


@pytest.mark.slow
def test_each_pair_of_values_that_is_out_of_order_is_reported(
    validate_with: Callable[[str], Report], copy: Copy
) -> None:
    # SHACL, section 4.5.3: each value is compared with each value of the other property.
    copy.replace(INFOBOX, "film:runtimeMinutes 100", "film:runtimeMinutes 100 , 101")
    report = validate_with("""
    shape:A sh:targetNode id:gamera-2 ; sh:property shape:A-x .
    shape:A-x sh:path film:runtimeMinutes ; sh:lessThan film:runtimeMinutes .
    """)
    found = {(v.value.value, v.message.rpartition(" ")[2]) for v in _by_shapes(report) if v.value}
    assert found == {("100", "100"), ("101", "100"), ("101", "101")}


@pytest.mark.slow
def test_what_an_inner_shape_reports_is_the_cause(validate_with: Callable[[str], Report]) -> None:
    # SHACL, section 4.7.2: a result of sh:node may have the results of the other shape as details.
    inner, outer = _by_shapes(
        validate_with("""
    shape:A sh:targetNode id:gamera-2 ; sh:property shape:A-x .
    shape:A-x sh:path film:director ; sh:node shape:B .
    shape:B sh:property shape:B-x .
    shape:B-x sh:path film:gloss ; sh:minCount 1 .
    """)
    )
    assert (inner.rule, inner.first) == ("B-x", None)
    assert (outer.rule, outer.first) == ("A-x", (inner.place, "B-x"))


@pytest.mark.slow
def test_shape_that_fails_stops_no_other(validate_with: Callable[[str], Report]) -> None:
    # SHACL, section 5.3.1: ?failure true is a failure to report, not a result.
    report = validate_with("""
    shape:A sh:targetNode id:gamera-2 ; sh:property shape:A-x ; sh:sparql shape:A-y .
    shape:A-x sh:path film:gloss ; sh:minCount 1 ; sh:message "A gloss."@en .
    shape:A-y sh:message "It works."@en ; sh:select "SELECT $this (true AS ?failure) {}" .
    """)
    assert [violation.rule for violation in _by_shapes(report)] == ["A-x"]
    (failure,) = (violation for violation in report.violations if violation.rule == "shape")
    assert failure.line.strip().startswith("shape:A sh:targetNode id:gamera-2")
    assert failure.message == "found ?failure true at id:gamera-2; expected an answer"
    assert failure.unchecked == "shape:A"


def test_query_that_its_values_make_too_long_stops_no_other(
    validate_with: Callable[[str], Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execute, "MAX_CHARACTERS", 500)
    # The values are bound in each group (SHACL, section 5.3.1), so that the text grows.
    query = "SELECT $this { $this ?a ?b " + " OPTIONAL {?x ?y ?z}" * 20 + " }"
    report = validate_with(f"""
    shape:A sh:targetNode id:gamera-2 ; sh:property shape:A-x ; sh:sparql shape:A-y .
    shape:A-x sh:path film:gloss ; sh:minCount 1 ; sh:message "A gloss."@en .
    shape:A-y sh:message "It works."@en ; sh:select "{query}" .
    """)
    assert [violation.rule for violation in _by_shapes(report)] == ["A-x"]
    (failure,) = (violation for violation in report.violations if violation.rule == "shape")
    assert failure.line.strip().startswith("shape:A sh:targetNode id:gamera-2")
    assert failure.message == (
        "found a query of more than 500 characters with its values; expected a shorter one"
    )


def test_sparql_constraint_uses_the_prefixes_of_the_project(
    validate_with: Callable[[str], Report],
) -> None:
    (violation,) = _by_shapes(
        validate_with("""
    shape:A sh:targetNode id:gamera-2 ; sh:sparql shape:A-x .
    shape:A-x sh:prefixes <https://w3id.org/kaiju/prefixes> ; sh:message "No director."@en ;
        sh:select "SELECT $this ?value { $this film:director ?value }" .
    """)
    )
    assert violation.obligation == "No director."
    assert violation.passage is not None


def test_finding_of_an_evidence_check_is_a_violation(
    copy: Copy, validate_with: Callable[[str], Report]
) -> None:
    copy.replace(
        SEE_ALSO,
        '"Rebirth of Mothra II"@en ;\n    ev:needsContext g2:release-1-1 .',
        '"Rebirth of Mothra II"@en .',
    )
    found = validate_with("")
    (violation,) = found.violations
    assert _summary(violation, copy) == (
        SEE_ALSO,
        "id:gamera-2 film:seeAlso id:rebirth-of-mothra-ii .",
        "context",
        "Rebirth of Mothra II",
    )
    assert not found.conforms


def test_misquoted_passage_is_reported(copy: Copy, validate_with: Callable[[str], Report]) -> None:
    copy.replace(INFOBOX, '"Music: Kow Otani"', '"Music: Koh Otani"')
    found = validate_with("")
    quote = next(violation for violation in found.violations if violation.rule == "quote")
    assert "'Koh Otani'; expected 'Kow Otani'" in quote.message
    assert '"Music: Koh Otani"@en' in copy.line(INFOBOX, quote.place.line)


@pytest.mark.usefixtures("warm_memory")
def test_consequences_of_a_misquoted_passage_are_left_out(copy: Copy) -> None:
    copy.replace(INFOBOX, '"Music: Kow Otani"', '"Music: Koh Otani"')
    # The misquoted passage, which has no place in the article, is the context of another.
    copy.replace(SEE_ALSO, "ev:needsContext g2:release-1-1 .", "ev:needsContext g2:infobox-music .")
    found = copy.load().validate()
    assert [violation.rule for violation in found.violations] == ["quote"]
    assert not found.shacl.value(None, SH.result)


@pytest.mark.slow
def test_each_of_many_results_is_placed_at_its_focus_node(
    copy: Copy, validate_with: Callable[[str], Report]
) -> None:
    found = validate_with("""
    shape:A sh:targetClass story:Event ; sh:property shape:A-x .
    shape:A-x sh:path film:gloss ; sh:minCount 1 .
    """)
    assert len(found.violations) > 50
    for violation in found.violations:
        assert violation.quad is not None
        assert violation.quad.subject == violation.focus
        line = copy.line(violation.place.file, violation.place.line)
        assert line.lstrip().startswith(
            copy.load().project.prefixes.shorten(violation.quad.subject.value)
        )


def test_unknown_severity_is_an_error(validate_with: Callable[[str], Report]) -> None:
    (violation,) = validate_with("""
    shape:A sh:targetNode id:gamera-2 ; sh:property shape:A-x .
    shape:A-x sh:path film:gloss ; sh:minCount 1 ; sh:severity shape:Grave .
    """).violations
    assert violation.severity == "error"


@pytest.mark.usefixtures("warm_memory")
@pytest.mark.parametrize(
    ("old", "new", "place", "message"),
    [
        ("SELECT", "SELCT", "12:1", "found 'SELCT'; expected SELECT, ASK, CONSTRUCT or"),
        ("?person", "?person {", "13:1", "found 'WHERE'; expected '}', a term, "),
        ("#+ summary", "# summary", "1:1", 'found no summary; expected #+ summary: "the question"'),
        ("#+ summary", "#+ sumary", "1:1", "found the key 'sumary'; expected one of also, descri"),
    ],
)
def test_invalid_stored_question_is_a_violation(
    old: str, new: str, place: str, message: str, copy: Copy
) -> None:
    copy.replace("queries/who-directed.rq", old, new)
    (violation,) = copy.load().validate().violations
    assert (violation.rule, str(violation.place)) == ("query", f"queries/who-directed.rq:{place}")
    assert violation.message.startswith(message)


@pytest.mark.slow
@pytest.mark.usefixtures("warm_memory")
def test_statements_without_an_article_are_an_error(copy: Copy) -> None:
    copy.write("graph/other/plot.trig", copy.read(SEE_ALSO))
    message = r"^graph/other/plot\.trig:1: found no article\.txt beside it; expected the article"
    (violation,) = copy.load().validate().violations
    assert re.match(message, f"{violation.place}: {violation.message}".replace(":1:1:", ":1:"))
    with pytest.raises(SourceError, match=message):
        copy.load().ask("who-directed")


@pytest.mark.usefixtures("warm_memory")
def test_file_name_may_hold_a_space_and_a_colon(copy: Copy) -> None:
    copy.write("graph/gamera-2/see: also.trig", "# nothing\nid:a id:b id:c .\n")
    (violation,) = copy.load().validate().violations
    assert str(violation.place) == "graph/gamera-2/see: also.trig:2:1"
    assert violation.message.startswith("found the prefix 'id'")


@pytest.mark.usefixtures("warm_memory")
@pytest.mark.parametrize(
    "file",
    every_nth(["graph/people.ttl", "graph/gamera-2/people.ttl", "graph/gamera-2/release.TRIG"], 3),
)
def test_file_of_statements_that_is_not_read_is_an_error(file: str, copy: Copy) -> None:
    before = copy.load()
    assert before.quads
    copy.write(file, copy.read("graph/entities.ttl"))
    (violation,) = copy.load().validate().violations
    ending = file[file.rindex(".") :]
    folder = file.rpartition("/")[0]
    names = ("entities.ttl", "dataset.ttl" if folder == "graph" else "prefixes.ttl")
    kinds = f".trig file, or {', '.join(f'{folder}/{name}' for name in names)}"
    found = f"found a {ending} file; expected a {kinds}"
    assert (violation.rule, str(violation.place)) == ("stray", f"{file}:1:1")
    assert violation.message == found
    with pytest.raises(SourceError, match=f"^{re.escape(file)}:1: {re.escape(found)}$"):
        copy.load().ask("who-directed")


def test_project_without_shapes_does_not_conform(copy: Copy) -> None:
    shutil.rmtree(copy.root / "ontology/shapes")
    (violation,) = copy.load().validate().violations
    assert str(violation.place) == "ontology/shapes:1:1"
    assert violation.message == "found no shapes; expected Turtle files with shapes"


# Ill-formed shapes -----------------------------------------------------------


@pytest.mark.slow
@pytest.mark.usefixtures("warm_memory")
def test_shape_that_does_not_parse_is_reported_at_its_line(copy: Copy) -> None:
    copy.write("ontology/shapes/test.ttl", SHAPES + "shape:A sh:path ; .\n")
    line = SHAPES.count("\n") + 1
    (violation,) = copy.load().validate().violations
    assert (violation.rule, violation.place.line) == ("syntax", line)
    assert violation.line == "shape:A sh:path ; ."


@pytest.mark.parametrize(
    ("text", "found", "nearest"),
    every_nth(
        [
            ("sh:path film:gloss ; sh:minCuont 1", "sh:minCuont", "'minCount'"),
            ("sh:pth film:gloss ; sh:minCount 1", "sh:pth", "'path'"),
            ("sh:path film:gloss ; sh:mincount 1", "sh:mincount", "'minCount'"),
            ("sh:path film:gloss ; sh:not [ sh:clas film:Film ]", "sh:clas", "'class'"),
            (
                "sh:path film:gloss ; sh:minCount 1 ; sh:severity sh:Warnung",
                "sh:Warnung",
                "'Warning'",
            ),
            ("sh:path film:gloss ; sh:nodeKind sh:Iri", "sh:Iri", "'IRI'"),
            ("sh:path film:gloss ; sh:NodeShape true", "sh:NodeShape", "'NodeShape'"),
        ],
        step=2,
    ),
)
def test_unknown_term_of_shacl_is_reported_with_place_and_suggestion(
    text: str, found: str, nearest: str, validate_with: Callable[[str], Report]
) -> None:
    text = f"shape:A sh:targetNode id:gamera-2 ; sh:property shape:A-x .\nshape:A-x {text} .\n"
    (violation,) = validate_with(text).violations
    assert (violation.rule, violation.place.file) == ("shape", "ontology/shapes/test.ttl")
    assert violation.place.line == SHAPES.count("\n") + 2
    at = violation.place.column - 1
    assert violation.line[at : at + violation.width] == found
    expected = f"found {found}; expected a term of SHACL; did you mean {nearest}"
    assert violation.message.startswith(expected)


def test_property_shapes_have_names_and_messages(kg: KnowledgeGraph) -> None:
    quads = shapes.read(kg.project).quads
    message = ox.NamedNode(str(SH.message))
    explained = {quad.subject for quad in quads if quad.predicate == message}
    path = ox.NamedNode(str(SH.path))
    properties = {quad.subject for quad in quads if quad.predicate == path}
    named = {subject for subject in properties if isinstance(subject, ox.NamedNode)}
    assert len(named) > 50
    assert all(subject.value.startswith("https://w3id.org/kaiju/shape#") for subject in named)
    assert named <= explained


def test_unsupported_axiom_about_film_shape_is_not_reported_as_a_shape(
    copy: Copy, validate_with: Callable[[str], Report]
) -> None:
    axiom = """
film:shape a owl:ObjectProperty ;
    owl:propertyChainAxiom ( film:director ) .
"""
    copy.write("ontology/film.ttl", copy.read("ontology/film.ttl") + axiom)
    (violation,) = validate_with("").violations
    assert (violation.rule, violation.place.file) == ("axiom", "ontology/film.ttl")
    assert violation.message.startswith("film:shape: found a property chain")


@pytest.mark.usefixtures("warm_memory")
@pytest.mark.parametrize("file", every_nth([INFOBOX, "ontology/shapes/film.ttl"], 2))
def test_invalid_question_is_reported_beside_files_that_do_not_load(file: str, copy: Copy) -> None:
    copy.write(file, "nonsense")
    copy.replace("queries/who-directed.rq", "SELECT", "SELCT")
    found = [(v.rule, v.place.file) for v in copy.load().validate().violations]
    assert found == [("syntax", file), ("query", "queries/who-directed.rq")]


def test_suggested_literal_keeps_the_expected_datatype(
    validate_with: Callable[[str], Report], copy: Copy
) -> None:
    copy.replace(INFOBOX, "film:runtimeMinutes 100", 'film:runtimeMinutes "100"')
    (violation,) = _by_shapes(
        validate_with("""shape:A sh:targetNode id:gamera-2 ; sh:property shape:A-x .
        shape:A-x sh:path film:runtimeMinutes ;
            sh:datatype <http://www.w3.org/2001/XMLSchema#decimal> .""")
    )
    # The plain 100 would be an integer.
    assert [near.text for near in violation.nearest] == ['"100"^^xsd:decimal']


def test_ill_typed_literal_is_not_suggested_in_its_own_place(
    validate_with: Callable[[str], Report], copy: Copy
) -> None:
    ill_typed = 'film:runtimeMinutes "1_00"^^<http://www.w3.org/2001/XMLSchema#integer>'
    copy.replace(INFOBOX, "film:runtimeMinutes 100", ill_typed)
    (violation,) = _by_shapes(
        validate_with("""shape:A sh:targetNode id:gamera-2 ; sh:property shape:A-x .
        shape:A-x sh:path film:runtimeMinutes ;
            sh:datatype <http://www.w3.org/2001/XMLSchema#integer> .""")
    )
    assert violation.nearest == ()
