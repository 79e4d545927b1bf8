"""The values of the parameters of stored questions, and the messages about them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from kaiju_graph.project import layout
from kaiju_graph.sparql import execute
from kaiju_graph.sparql.parameters import (
    bind_parameters,
    bind_terms,
    describe_parameters,
    find_row_values,
    find_values,
)
from kaiju_graph.sparql.questions import Parameter, Question, list_questions, parse_question
from tests.repository import ROOT

if TYPE_CHECKING:
    from kaiju_graph import KnowledgeGraph
    from tests.conftest import Command, Copy

PROJECT = layout.find(str(ROOT))
PARAMETERS = [
    pytest.param(question, parameter, id=f"{question.name} {parameter.name}")
    for question in list_questions(PROJECT)
    for parameter in question.parameters
]


def _question(text: str, *parameters: Parameter) -> Question:
    return Question("x", "X?", "", (), parameters, text)


@pytest.mark.parametrize(("question", "parameter"), PARAMETERS)
def test_each_listed_value_has_a_row(
    question: Question, parameter: Parameter, kg: KnowledgeGraph
) -> None:
    values = find_values(question, parameter, kg.store, PROJECT)
    assert values
    for typed in list(values)[:3]:
        text = bind_parameters(question, {parameter.name: typed}, kg.resolve)
        found = execute.run(kg.store, text, PROJECT.prefixes)
        assert not execute.buffer(found)[1], typed


@pytest.mark.parametrize(
    "text",
    [
        "ASK { ?film film:director ?x }",
        "SELECT ?n { { SELECT (COUNT(?film) AS ?n) { ?film film:director ?x } } }",
        "SELECT * { SERVICE <http://127.0.0.1:9/> { ?film ?p ?o } }",
        "SELECT",
        "",
    ],
)
def test_parameter_outside_the_rows_has_no_values(text: str, kg: KnowledgeGraph) -> None:
    parameter = Parameter("film", "iri", "film")
    question = _question(text, parameter)
    assert find_values(question, parameter, kg.store, PROJECT) == {}
    assert describe_parameters(question, kg.store, PROJECT) == "# -p film=…  iri\n"


def test_show_lists_types_and_values_and_prints_a_valid_query(kaiju: Command) -> None:
    shown = kaiju("ask", "who-portrays-whom", "--show").stdout
    assert shown.endswith(
        "# -p film=…  iri: 'Gamera 2: Attack of Legion'\n"
        "# -p person=…  iri: 'Akira Ohashi', 'Mizuho Yoshida'\n"
        "# -p character=…  iri: Gamera, 'Legion Queen'\n"
    )
    assert kaiju("query", "-", input=shown).stdout == kaiju("ask", "who-portrays-whom").stdout
    numbers = kaiju("ask", "producers-in-order", "--show").stdout
    assert numbers.endswith("# -p position=…  integer: 1, 2, 3, 4, …\n")


@pytest.mark.parametrize("form", ["csv", "table", "json"])
def test_value_that_no_row_has_gives_a_warning(kaiju: Command, form: str) -> None:
    def warnings_of(*parameters: str, question: str = "who-portrays-whom") -> str:
        run = kaiju("ask", question, "-f", form, *parameters)
        assert run.returncode == 0
        return run.stderr

    warning = "kaiju: warning: queries/who-portrays-whom.rq: no row has"
    some = "expected one such as Gamera, 'Legion Queen'\n"
    for _ in range(2):  # as nothing of it is kept
        assert warnings_of("-p", "character=Toho") == f"{warning} character=Toho; {some}"
    if form == "csv":
        assert (
            warnings_of("-p", "character=Toho", "--evidence") == f"{warning} character=Toho; {some}"
        )
    assert warnings_of("-p", "character=Gamera") == ""
    # A value of the right kind, so no other one is expected.
    silent = "no row has film='Gamera: Guardian of the Universe'\n"
    other = warnings_of(
        "-p", "film=Gamera: Guardian of the Universe", question="producers-in-order"
    )
    assert other == f"kaiju: warning: queries/producers-in-order.rq: {silent}"
    # Each has a row, only not the same one.
    both = warnings_of("-p", "character=Gamera", "-p", "person=Mizuho Yoshida")
    assert both == f"{warning} character=Gamera and person='Mizuho Yoshida'\n"
    # Another parameter takes the value.
    other = warnings_of("-p", "work=g2:trilogy", question="what-was-reused")
    assert other.endswith("no row has work=g2:trilogy; did you mean -p source=g2:trilogy?\n")


def test_listed_value_is_one_word_on_one_line(copy: Copy) -> None:
    copy.replace("graph/entities.ttl", '"Nippon TV"@en', r'"To\nho\u0007 \u202E"@en')
    kg = copy.load()
    parameter = Parameter("company", "iri", "company")
    question = _question(
        "SELECT * { ?company a film:Company FILTER(?company = id:nippon-tv) }", parameter
    )
    comments = describe_parameters(question, kg.store, kg.project)
    assert re.fullmatch(r"# -p company=…  iri: 'To ho\\x07 \\u202e'\n", comments)
    assert find_values(question, parameter, ox.Store(), kg.project) == {}


@pytest.mark.parametrize("kind", ["film:Company", "https://w3id.org/kaiju/film#Company", "company"])
def test_curie_for_a_text_parameter_means_its_label(kaiju: Command, kind: str) -> None:
    run = kaiju("ask", "named-things-by-kind", "-p", f"kind={kind}")
    assert run.stderr == ""
    assert "company,Nippon TV" in run.stdout


@pytest.mark.parametrize(
    ("head", "tail", "keeps"),
    [
        ("?film ?star", "", True),
        ("?film (COUNT(?star) AS ?stars)", "GROUP BY ?film", True),
        ("?film (COUNT(?star) AS ?stars)", "GROUP BY ?star ?film HAVING (COUNT(?star) > 0)", True),
        ("(COUNT(?star) AS ?stars)", "", False),
        ("?star (COUNT(?film) AS ?films)", "GROUP BY ?star", False),
        ("(SAMPLE(?star) AS ?some)", "GROUP BY (STR(?film) AS ?name) ?film", False),
        ("?film ?star", "LIMIT 3", False),
        ("?film (COUNT(?star) AS ?stars)", "GROUP BY ?film LIMIT 1", False),
        ("*", "", False),
    ],
)
def test_rows_have_the_values_that_keep_them_unless_a_value_could_change_them(
    head: str, tail: str, kg: KnowledgeGraph, *, keeps: bool
) -> None:
    pattern = "?film film:star ?star . FILTER(?film = COALESCE(?__film_iri, ?film))"
    prefix = "PREFIX film: <https://w3id.org/kaiju/film#>"
    text = f'#+ summary: "Who?"\n{prefix}\nSELECT {head}\nWHERE {{ {pattern} }}\n{tail}\n'
    question = parse_question("q", text, "queries/q.rq")
    found = find_row_values(question, kg.store, kg.project)
    assert bool(found) == keeps
    for each in found or ():
        bound = bind_terms(question, {"film": each.terms[0]})  # type: ignore[dict-item]
        assert each.row in {tuple(row) for row in kg.answer(bound)}  # type: ignore[union-attr]
