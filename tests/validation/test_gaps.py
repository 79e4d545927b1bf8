"""A file that does not load, or a wrong term, stops only the checks that depend on it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdflib import SH

from kaiju_graph.rdf import terms
from kaiju_graph.validation.gaps import lasting_results
from kaiju_graph.validation.shacl import validator
from tests.conftest import every_nth
from tests.validation.shacl.test_value_constraints import triples

if TYPE_CHECKING:
    from kaiju_graph.rdf.terms import Triple
    from kaiju_graph.validation.report import Violation
    from tests.conftest import Copy

pytestmark = pytest.mark.usefixtures("warm_memory")

FILM = "ontology/film.ttl"
SHAPES = "ontology/shapes/film.ttl"
EVIDENCE = "ontology/shapes/evidence.ttl"
ENTITIES = "graph/entities.ttl"
INFOBOX = "graph/gamera-2/infobox.trig"
RELEASE = "graph/gamera-2/release.trig"
SEE_ALSO = "graph/gamera-2/see-also.trig"
PLOT = "graph/gamera-2/plot.trig"
QUESTION = "queries/who-directed.rq"
CONTEXT = "ontology/context.jsonld"


def found(copy: Copy) -> list[tuple[str, str]]:
    return [(v.rule, v.place.file) for v in copy.load().validate().violations]


def unchecked(violation: Violation) -> set[str]:
    """Return the rules that are not checked because of a violation."""
    return {*re.findall(r"[a-z]+", violation.unchecked.partition("; shapes")[0])}


def test_one_mistake_of_each_stage_is_found_in_one_run(copy: Copy) -> None:
    copy.write(SEE_ALSO, "nonsense")  # does not load
    copy.replace(FILM, "rdfs:range", "rdfs:rang")  # a wrong term
    copy.replace(SHAPES, "sh:minCount 1", "sh:minCount 'one'")  # an ill-formed shape
    axiom = "film:director owl:propertyChainAxiom ( film:director ) .\n"
    copy.write(FILM, f"{copy.read(FILM)}\n{axiom}")
    copy.replace(QUESTION, "SELECT", "SELCT")  # a question
    copy.replace(CONTEXT, "{", "[")  # a file for exports
    copy.replace(RELEASE, '"2003"^^xsd:gYear', '"2003"')  # a result of shapes
    copy.replace(INFOBOX, '"Music: Kow Otani"', '"Music: Koh Otani"')  # an evidence check
    rules = dict(found(copy))
    expected = {"syntax", "term", "shape", "axiom", "query", "export", "quote"}
    assert rules.keys() == {*expected, "Dated-year"}, rules


@pytest.mark.parametrize(
    ("file", "old", "new", "rules"),
    every_nth(
        [
            (SEE_ALSO, "g2:see-also-1 {", "g2:see-also-1 [", "tiling first context outside spoken"),
            (ENTITIES, "id:toho a", "id:toho is a", "things labels context"),
            (FILM, "film:director a", "film:director is a", "declared things labels context"),
            (FILM, "rdfs:range", "rdfs:rang", "declared things labels context"),
            (ENTITIES, "rdfs:label", "rdfs:lable", "things labels context"),
            (INFOBOX, "kaiju/film#", "kaiju/flim#", "tiling first context outside spoken"),
            (INFOBOX, "g2:article a ev:Article ;", "g2:article", "tiling first context spoken"),
            (INFOBOX, '"Music: Kow Otani"', '"Music: Koh Otani"', "tiling context"),
        ],
        step=4,
    ),
)
def test_consequences_of_missing_statements_are_not_reported(
    file: str, old: str, new: str, rules: str, copy: Copy
) -> None:
    copy.replace(file, old, new)
    roots = [v for v in copy.load().validate().violations if v.first is None]
    assert len(roots) == 1, roots
    assert {*rules.split()} <= unchecked(roots[0])


def test_broken_file_of_an_article_hides_no_lasting_result_elsewhere(copy: Copy) -> None:
    copy.write(SEE_ALSO, "nonsense")
    copy.replace(RELEASE, '"2003"^^xsd:gYear', '"2003"')
    copy.replace(INFOBOX, "film:runtimeMinutes 100", "film:runtimeMinutes 100 , 101")
    assert found(copy) == [
        ("syntax", SEE_ALSO),
        ("Dated-year", RELEASE),
        ("Film-runtimeMinutes-single", INFOBOX),
    ]


@pytest.mark.slow
def test_file_that_is_no_text_hides_no_lasting_result_elsewhere(copy: Copy) -> None:
    marred = {
        RELEASE: copy.read(RELEASE).replace("\n", "\r\n").encode(),
        SEE_ALSO: b"",
        EVIDENCE: b"\xef\xbb\xbf" + copy.read(EVIDENCE).encode(),
        QUESTION: b"# \xf6\n" + copy.read(QUESTION).encode(),
    }
    for file, content in marred.items():
        (copy.root / file).write_bytes(content)
    copy.replace(INFOBOX, "film:runtimeMinutes 100", "film:runtimeMinutes 100 , 101")
    violations = copy.load().validate().violations
    lasting = "Film-runtimeMinutes-single", INFOBOX
    assert {(v.rule, v.place.file) for v in violations} == {
        *(("syntax", file) for file in marred),
        lasting,
    }
    syntax = {v.place.file: v.unchecked for v in violations if v.rule == "syntax"}
    assert all(syntax[file] for file in (RELEASE, SEE_ALSO, EVIDENCE)), syntax


@pytest.mark.slow
def test_broken_file_of_shapes_hides_no_result_of_others(copy: Copy) -> None:
    copy.write(EVIDENCE, "nonsense")
    copy.replace(INFOBOX, "film:director id:shusuke-kaneko", "film:director id:japan")
    rules = [rule for rule, _ in found(copy)]
    assert rules[0] == "syntax"
    assert "Ontology-range" in rules
    assert "shape" not in rules


@pytest.mark.slow
def test_ill_formed_shape_hides_no_result_of_others(copy: Copy) -> None:
    path = "sh:path film:workingTitle ;"
    copy.replace(SHAPES, path, f"{path} sh:nodeKind 1 ;")
    copy.replace(INFOBOX, "film:composer id:kow-otani", "film:composer id:japan")
    violations = copy.load().validate().violations
    assert [v.rule for v in violations if v.first is None] == ["shape", "Ontology-range"]
    assert violations[0].unchecked == "shape:Film-workingTitle-other"


@pytest.mark.slow
def test_class_that_is_no_shape_hides_no_shape_with_it_as_target(copy: Copy) -> None:
    shape = 'shape:Wrong sh:targetClass film:Film ; sh:not film:Film ; sh:message "x"@en .\n'
    copy.write(SHAPES, f"{copy.read(SHAPES)}\n{shape}")
    copy.replace(INFOBOX, "film:runtimeMinutes 100", "film:runtimeMinutes 100 , 101")
    first, *others = copy.load().validate().violations
    assert (first.rule, first.unchecked) == ("shape", "shape:Wrong")
    assert [other.rule for other in others] == ["Film-runtimeMinutes-single", "literals"]


def test_blank_node_has_a_note(copy: Copy) -> None:
    copy.write(ENTITIES, f'{copy.read(ENTITIES)}\n[] a film:Film ; rdfs:label "Gamera"@en .\n')
    (found,) = (v for v in copy.load().validate().violations if v.rule == "plain")
    assert (found.line[: found.width], found.place.column) == ("[", 1)
    assert found.unchecked == "shapes, for this blank node"


@pytest.mark.slow
def test_text_of_a_project_without_gaps_has_no_note(copy: Copy) -> None:
    copy.replace(INFOBOX, "film:director id:shusuke-kaneko", "film:director id:japan")
    assert not any(v.unchecked for v in copy.load().validate().violations)


# Results that last -----------------------------------------------------------

LASTING = """
    ex:S sh:targetClass ex:T ; sh:targetSubjectsOf ex:p ; sh:closed true ;
        sh:property [ sh:path ex:p ; sh:datatype <http://www.w3.org/2001/XMLSchema#integer> ] ,
            [ sh:path ex:p ; sh:maxCount 1 ; sh:nodeKind sh:Literal ; sh:in ( 1 2 ) ] ,
            [ sh:path ex:p ; sh:lessThan ex:q ; sh:disjoint ex:r ; sh:maxInclusive 1 ] ,
            [ sh:path ( ex:r ex:p ) ; sh:uniqueLang true ; sh:maxLength 1 ; sh:pattern "1" ] ,
            [ sh:path ex:q ; sh:minCount 1 ; sh:class ex:T ; sh:hasValue ex:a ] ,
            [ sh:path ex:r ; sh:node ex:N ; sh:equals ex:q ; sh:not [ sh:class ex:T ] ] .
    ex:N sh:property [ sh:path ex:p ; sh:minCount 1 ] .
"""
RULES = triples(LASTING)
NODE = st.sampled_from(["ex:a", "ex:b", "ex:c", '"x"@en', "1", "2", "3.0"])
STATEMENT = st.tuples(
    st.sampled_from(["ex:a", "ex:b", "ex:c"]), st.sampled_from(["ex:p", "ex:q", "ex:r", "a"]), NODE
)


def results(data: list[Triple], *, lasting: bool) -> set[frozenset[str]]:
    """Return the results of ``LASTING`` without their messages."""
    found = validator.report(data, RULES)
    report = terms.rdflib_graph(lasting_results(found) if lasting else found)
    keys = (SH.focusNode, SH.value, SH.sourceConstraintComponent, SH.sourceShape)
    return {
        frozenset(f"{key} {report.value(node, key)}" for key in keys)
        for node in report.objects(None, SH.result)
    }


@pytest.mark.slow
@given(statements=st.lists(STATEMENT, max_size=12), more=st.lists(STATEMENT, max_size=4))
def test_more_statements_do_not_undo_a_lasting_result(
    statements: list[tuple[str, str, str]], more: list[tuple[str, str, str]]
) -> None:
    def read(lines: list[tuple[str, str, str]]) -> list[Triple]:
        kept = [line for line in lines if line[1] != "a" or line[2].startswith("ex:")]
        return [*dict.fromkeys(triples("".join(f"{' '.join(line)} .\n" for line in kept)))]

    before = results(read(statements), lasting=True)
    assert before <= results(read(statements + more), lasting=False)


def test_lasting_results_are_found() -> None:
    data = triples('ex:a ex:p "x" , 3 ; ex:q 2 ; ex:r ex:a , "x" .')
    kept, everything = results(data, lasting=True), results(data, lasting=False)
    assert len(kept) > 10
    assert kept < everything
