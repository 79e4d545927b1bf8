"""Each row of an answer has the passages that support it, or is marked as not traced."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaiju_graph.errors import UsageError
from kaiju_graph.evidence.solution_query import MAX_ALTERNATIVES
from kaiju_graph.project import layout
from kaiju_graph.rdf.terms import ALIGNMENTS, INFERRED, Quad, Triple
from kaiju_graph.sparql import questions
from tests.conftest import every_nth
from tests.repository import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kaiju_graph import KnowledgeGraph
    from kaiju_graph.evidence.rows import Rows
    from kaiju_graph.reasoning.proof import Proof
    from tests.conftest import Command

PROJECT = layout.find(str(ROOT))
FIRST_SENTENCE = (
    "is a 1996 Japanese kaiju film directed by Shusuke Kaneko, "
    "with special effects by Shinji Higuchi."
)


def _rows(kg: KnowledgeGraph, rows: Rows) -> list[tuple[list[str], list[str]]]:
    """Return the values of each row, and the CURIEs and remarks of its evidence."""
    return [
        (
            [
                term.value
                for term in row.values()
                if not isinstance(term, (ox.BlankNode, ox.Triple))
            ],
            [
                *(kg.project.prefixes.shorten(graph.value) for graph in found.graphs),
                *found.absent,
                *found.untraced,
            ],
        )
        for row, found in rows.rows
    ]


@pytest.mark.parametrize("step", every_nth([12, 1], 2), ids=["some", "all"])
def test_every_row_of_every_stored_question_has_evidence(step: int, kg: KnowledgeGraph) -> None:
    opaque = ("EXISTS", "+ ", "* ", "MINUS", "    SELECT ", "{ SELECT")
    for question in questions.list_questions(PROJECT)[::step]:
        rows = kg.trace(question.text)
        plain = [{k: str(v) for k, v in row.items()} for row in kg.query(question.text)]
        traced = [{k: v.value for k, v in row.items()} for row, _ in rows.rows]
        assert traced == plain, question.name
        assert all(found.graphs for _, found in rows.rows), question.name
        if not any(word in question.text for word in opaque):
            assert not any(found.untraced for _, found in rows.rows), question.name


def _leaves(proof: Proof) -> Iterator[Triple]:
    if not proof.rule and proof.conclusion:
        yield proof.conclusion
    for premise in proof.premises:
        yield from _leaves(premise)


@pytest.fixture(scope="module")
def named_quads(kg: KnowledgeGraph) -> list[Quad]:
    """Return the quads without blank nodes of all layers but the alignments, sorted."""
    quads = (quad for quad in kg.quads if quad.graph != ALIGNMENTS)
    return sorted((q for q in quads if not any(isinstance(t, ox.BlankNode) for t in q)), key=str)


@given(data=st.data())
def test_each_cited_passage_states_the_triple_or_a_premise_of_it(
    kg: KnowledgeGraph, named_quads: list[Quad], data: st.DataObject
) -> None:
    quad = data.draw(st.sampled_from(named_quads))
    subject, predicate, object_ = quad.triple
    rows = kg.trace(
        f"SELECT ?s ?o {{ VALUES (?s ?o) {{ ({subject} {object_}) }} ?s {predicate} ?o }}"
    )
    ((_, found),) = rows.rows
    triples = {graph: {q.triple for q in kg.quads if q.graph == graph} for graph in found.graphs}
    leaves = set(_leaves(kg.explainer.prove(quad.triple)))
    assert found.graphs
    assert not found.untraced
    assert all(triples[graph] & leaves for graph in found.graphs)
    if quad.graph != INFERRED:
        assert quad.triple in leaves


QUERIES = [
    (  # an inferred predicate, and a join
        "SELECT ?a { ?f film:director ?a . ?a a film:Agent . ?f film:distributor id:toho }",
        [
            [
                "g2:infobox-director",
                "g2:infobox-distributor",
                "g2:lead-1-1",
                "g2:lead-1-2",
            ]
        ],
    ),
    ("SELECT ?d { id:gamera-2 film:director ?d }", [["g2:infobox-director", "g2:lead-1-1"]]),
    ("SELECT ?d { ?d ^film:director id:gamera-2 }", [["g2:infobox-director", "g2:lead-1-1"]]),
    (
        "SELECT ?n { id:gamera-2 film:director/rdfs:label ?n FILTER(LANG(?n) = 'en') }",
        [["g2:infobox-director", "g2:lead-1-1"]],
    ),
    (
        "SELECT ?d { id:gamera-2 film:director|schema:nothing ?d }",
        [["g2:infobox-director", "g2:lead-1-1"]],
    ),
    (
        "SELECT ?d { GRAPH g2:lead-1-1 { ?f film:director ?d } ?f film:distributor id:toho }",
        [["g2:infobox-distributor", "g2:lead-1-1", "g2:lead-1-2"]],
    ),
    (
        """SELECT ?d { { ?f film:director ?d } UNION { ?f film:distributor ?d FILTER(false) } }""",
        [["g2:infobox-director", "g2:lead-1-1"]],
    ),
    (
        """SELECT ?d ?x { id:gamera-2 film:director ?d
        OPTIONAL { id:gamera-2 film:distributor ?x FILTER(?x != id:toho) } }""",
        [["g2:infobox-director", "g2:lead-1-1"]],
    ),
    (
        """SELECT DISTINCT ?d (STR(?d) AS ?text) { ?f film:director ?d BIND(1 AS ?one) }
        ORDER BY ?d LIMIT 1""",
        [["g2:infobox-director", "g2:lead-1-1"]],
    ),
    (
        "SELECT (COUNT(?d) AS ?n) { ?f film:composer|film:director ?d } GROUP BY ?f",
        [["g2:infobox-director", "g2:infobox-music", "g2:lead-1-1"]],
    ),
    ("SELECT (COUNT(?d) AS ?n) { ?f film:director ?d }", [["g2:infobox-director", "g2:lead-1-1"]]),
    ("SELECT (COUNT(?d) AS ?n) { ?d film:director/film:director ?f }", [["no solution"]]),
    (
        "SELECT ?d { ?f film:director ?d FILTER NOT EXISTS { ?d film:director ?d } }",
        [["g2:infobox-director", "g2:lead-1-1", "NOT EXISTS"]],
    ),
    (
        "SELECT ?d { ?f film:director ?d MINUS { ?d film:director ?d } }",
        [["g2:infobox-director", "g2:lead-1-1", "MINUS"]],
    ),
    (
        "SELECT ?d { ?f film:director+ ?d }",
        [["a path with *, +, ? or !"]],
    ),
    ("SELECT ?d { { SELECT ?d { ?f film:director ?d } } }", [["a subselect"]]),
    (
        "SELECT ?d { { SELECT ?d { ?f film:director ?d } } UNION { ?d film:director id:toho } }",
        [["a subselect"]],
    ),
    (  # a variable, a comment and a string with the name of the clause
        """SELECT ?values { BIND("VALUES" AS ?text) ?f film:director ?values }
        ORDER BY ?values # VALUES ?none { } """,
        [["g2:infobox-director", "g2:lead-1-1"]],
    ),
    (
        "SELECT ?d { ?f film:director ?d } ORDER BY ?d VALUES ?f { id:gamera-2 }",
        [["g2:infobox-director", "g2:lead-1-1"]],
    ),
    (  # a variable whose name begins like the label of a blank node
        "SELECT ?_d { id:gamera-2 film:distributor|film:director ?_d } ORDER BY ?_d",
        [
            ["g2:infobox-director", "g2:lead-1-1"],
            ["g2:infobox-distributor", "g2:lead-1-2"],
        ],
    ),
    (
        "SELECT (STR(?d) AS # of the person\n ?text # as text\n) { id:gamera-2 film:director ?d }",
        [["g2:infobox-director", "g2:lead-1-1"]],
    ),
    (  # patterns that share an unnamed node are looked up together
        "SELECT ?d { [] film:director ?d ; film:distributor id:toho }",
        [
            [
                "g2:infobox-director",
                "g2:infobox-distributor",
                "g2:lead-1-1",
                "g2:lead-1-2",
            ]
        ],
    ),
    (  # a node that is written within another
        "SELECT ?d { [ film:director ?d ] film:distributor [ rdfs:label 'Toho'@en ] }",
        [
            [
                "g2:infobox-director",
                "g2:infobox-distributor",
                "g2:lead-1-1",
                "g2:lead-1-2",
            ]
        ],
    ),
    (
        "ASK { ?d owl:propertyChainAxiom ( ?first ?second ) }",
        [["graph:ontology"]],
    ),
    (
        f"SELECT ?d {{ ?f {'(' * 190}film:director{'|rdf:none)' * 190} ?d }}",
        [["g2:infobox-director", "g2:lead-1-1"]],
    ),
    (
        f"""SELECT ?d {{ ?f film:director ?d
        OPTIONAL {{ ?f rdf:none {"[ rdf:none " * 190} 1 {"]" * 190} }} }}""",
        [["g2:infobox-director", "g2:lead-1-1"]],
    ),
    (
        f"SELECT ?d {{ ?f film:director|rdf:none ?d {'. ?f film:director|rdf:none ?d ' * 21}}}",
        [["g2:infobox-director", "g2:lead-1-1"]],
    ),
    (
        f"ASK {{ [] film:year|film:title ?f {'; film:year|film:title ?f ' * 21}}}",
        [[f"paths with more than {MAX_ALTERNATIVES} alternatives"]],
    ),
    (
        f"ASK {{ ?d {'/'.join(['(film:director|^film:director)'] * 22)} ?d }}",
        [[f"paths with more than {MAX_ALTERNATIVES} alternatives"]],
    ),
    ("ASK { ?f film:director ?d }", [["g2:infobox-director", "g2:lead-1-1"]]),
    ("ASK { ?f film:director id:toho }", []),
]


@pytest.mark.parametrize(("text", "expected"), QUERIES, ids=[text[:99] for text, _ in QUERIES])
def test_row_has_complete_evidence(
    text: str, expected: list[list[str]], kg: KnowledgeGraph
) -> None:
    assert [found for _, found in _rows(kg, kg.trace(text))] == expected


def test_inferred_triple_has_the_passages_of_its_proof(kg: KnowledgeGraph) -> None:
    inferred = next(
        quad
        for quad in kg.quads
        if quad.graph == INFERRED and quad.predicate.value.endswith("#castMember")
    )
    rows = kg.trace(f"SELECT ?who {{ {inferred.subject} film:castMember ?who }}")
    for row, found in rows.rows:
        who = row["who"]
        proof = kg.explainer.prove(Triple(inferred.subject, inferred.predicate, who))
        graphs = {q.graph for leaf in _leaves(proof) for q in kg.quads if q.triple == leaf}
        assert set(found.graphs) <= graphs


def test_table_has_footnotes_and_other_formats_a_column(kaiju: Command) -> None:
    run = kaiju("ask", "who-directed", "--evidence", "-f", "table")
    assert run.stdout.splitlines()[2:] == [
        " Gamera 2: Attack of Legion   Shusuke Kaneko   1 2",
        "[1] g2:infobox-director, under “Gamera 2: Attack of Legion”",
        "    Director: Shusuke Kaneko",
        "[2] g2:lead-1-1, under “Gamera 2: Attack of Legion”",
        f"    {FIRST_SENTENCE}",
    ]
    cell = (
        "https://w3id.org/kaiju/gamera-2/infobox-director https://w3id.org/kaiju/gamera-2/lead-1-1"
    )
    outputs = {
        form: kaiju("ask", "who-directed", "--evidence", "-f", form).stdout
        for form in ("csv", "tsv", "json", "jsonl", "xml", "markdown")
    }
    assert all(cell in text for text in outputs.values())
    (row,) = csv.DictReader(outputs["csv"].splitlines())
    assert row["evidence"] == cell
    assert json.loads(outputs["json"])["head"]["vars"] == ["title", "person", "evidence"]


def test_max_rows_gives_the_first_rows_and_a_warning(kaiju: Command) -> None:
    query = "SELECT ?film { ?film a film:Film } ORDER BY ?film"
    whole = kaiju("query", query, "--evidence").stdout.splitlines()
    run = kaiju("query", query, "--evidence", "--max-rows", "2")
    assert run.stdout.splitlines() == whole[:3]
    assert len(whole) > 3
    assert "there are more than 2 results" in run.stderr


def test_row_that_is_not_traced_is_marked_and_explained(kaiju: Command) -> None:
    run = kaiju("query", "SELECT ?d { id:gamera-2 film:director+ ?d }", "--evidence")
    assert run.returncode == 0
    assert run.stdout.splitlines()[1] == "https://w3id.org/kaiju/id/shusuke-kaneko,not-traced"
    assert run.stderr == (
        "kaiju: not-traced: some rows may have more evidence than is shown, because the answer "
        "does not show the triples behind a path with *, +, ? or !\n"
    )


def test_only_rows_and_booleans_have_evidence(kg: KnowledgeGraph, kaiju: Command) -> None:
    with pytest.raises(UsageError, match="CONSTRUCT"):
        kg.trace("CONSTRUCT WHERE { ?f film:director ?d }")
    run = kaiju("query", "ASK { ?f film:director ?d }", "--evidence")
    assert run.stdout.startswith("true  1 2\n[1] g2:infobox-director")
    linked = kaiju("query", "ASK { ?f film:director ?d }", "--evidence", "-f", "json")
    found = json.loads(linked.stdout)
    passages = ("infobox-director", "lead-1-1")
    links = [f"https://w3id.org/kaiju/gamera-2/{name}" for name in passages]
    assert found == {"head": {"link": links}, "boolean": True}
    assert kaiju("query", "ASK {}", "--evidence", "-f", "xml").returncode == 2
    assert kaiju("query", "SELECT ?evidence {}", "--evidence").returncode == 2
    empty = kaiju("query", "SELECT ?d { ?f film:nothing ?d }", "--evidence")
    assert (empty.returncode, empty.stdout) == (0, "d,evidence\n")
