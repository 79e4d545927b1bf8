"""A rewritten query matches terms as they are written, and computes with their values."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kaiju_graph.rdf.rdflib_settings  # noqa: F401 (rdflib, too, keeps lexical forms)
from kaiju_graph import fast_path
from kaiju_graph.errors import QueryError, QueryWarning
from kaiju_graph.rdf.lexical_forms import fill, mark
from kaiju_graph.rdf.terms import XSD, Quad, Triple, from_rdflib, rdflib_graph, solution
from kaiju_graph.sparql import execute
from kaiju_graph.sparql.questions import list_questions
from kaiju_graph.sparql.rewrite import has_encodable, rewrite
from kaiju_graph.store.store import make_store

if TYPE_CHECKING:
    from kaiju_graph import KnowledgeGraph

S, P = ox.NamedNode("urn:s"), ox.NamedNode("urn:p")


def literal(text: str, datatype: str) -> ox.Literal:
    return ox.Literal(text, datatype=ox.NamedNode(XSD + datatype))


WRITTEN = [
    *(literal(text, "integer") for text in ("1", "01", "+1", "2", "10")),
    *(literal(text, "decimal") for text in ("1.5", "1.50", "2.0")),
    *(literal(text, "boolean") for text in ("true", "1", "0")),
    *(literal(text, "byte") for text in ("1", "7")),
    literal("PT60S", "duration"),
    literal("2026-01-01T24:00:00", "dateTime"),
    literal("1e0", "double"),
    literal("abc", "integer"),
    ox.Literal("01"),
    ox.Literal("01", language="en"),
]


def select(query: str, *objects: ox.Literal) -> list[dict[str, Any]]:
    """Return the solutions of a rewritten query on a graph with these objects."""
    store = ox.Store()
    fill(store, (Triple(S, P, value) for value in objects))
    mark(store)
    answer = execute.run(store, query, {"xsd": XSD})
    assert isinstance(answer, ox.QuerySolutions)
    names = [variable.value for variable in answer.variables]
    return [solution(names, row) for row in answer]


def values(query: str, *objects: ox.Literal) -> list[Any]:
    """Return what ``?o`` is in each solution."""
    return [row.get("o") for row in select(query, *objects)]


@pytest.mark.parametrize("written", WRITTEN, ids=str)
def test_literal_keeps_its_lexical_form(written: ox.Literal) -> None:
    assert values("SELECT ?o { ?s ?p ?o }", written) == [written]


@given(st.lists(st.sampled_from(WRITTEN), unique=True))
def test_literals_with_different_lexical_forms_are_different_terms(
    objects: list[ox.Literal],
) -> None:
    assert set(values("SELECT DISTINCT ?o { ?s ?p ?o }", *objects)) == set(objects)
    for value in objects:
        assert values(
            f"SELECT ?o {{ ?s ?p ?o . ?s ?p {value} FILTER(sameTerm(?o, {value})) }}", *objects
        ) == [value]


SORTED = "SELECT ?o { ?s ?p ?o } ORDER BY ?o"
NUMBERS = [
    value
    for value in WRITTEN
    if value.datatype.value in (XSD + "integer", XSD + "decimal", XSD + "byte", XSD + "double")
    and value.value != "abc"
]


@given(
    st.lists(st.sampled_from(NUMBERS), unique=True),
    st.sampled_from("< <= = != > >=".split()),
    st.sampled_from(["1", "01", "1.5", "2"]),
)
def test_numbers_are_compared_by_value(
    objects: list[ox.Literal], operator: str, bound: str
) -> None:
    found = values(f"SELECT ?o {{ ?s ?p ?o FILTER(?o {operator} {bound}) }}", *objects)
    compare = {"=": "==", "!=": "!="}.get(operator, operator)
    expected = {v for v in objects if eval(f"{float(v.value)} {compare} {float(bound)}")}  # noqa: S307
    assert set(found) == expected


@given(st.lists(st.sampled_from(NUMBERS), unique=True))
def test_numbers_are_sorted_and_added_by_value(objects: list[ox.Literal]) -> None:
    for query in (SORTED, "SELECT ?o { ?s ?p ?o } ORDER BY ASC(?o)"):
        found = [float(value.value) for value in values(query, *objects)]
        assert found == sorted(float(value.value) for value in objects)
    (row,) = select(
        "SELECT (SUM(?o) AS ?sum) (COUNT(DISTINCT ?o) AS ?count) { ?s ?p ?o }", *objects
    )
    assert float(row["sum"].value) == pytest.approx(sum(float(v.value) for v in objects))
    assert int(row["count"].value) == len(objects)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("?o", literal("01", "integer")),
        ("STR(?o)", ox.Literal("01")),
        ("DATATYPE(?o)", ox.NamedNode(XSD + "integer")),
        ("?o + 1", literal("2", "integer")),
        ("1-?o", literal("0", "integer")),
        ("COALESCE(?none, ?o)", literal("01", "integer")),
        ("COALESCE(?o, 0) > 0", literal("true", "boolean")),
        ("IF(?o = 1, ?o, 7)", literal("01", "integer")),
        ("IF(?o = 1, 007, ?o)", literal("007", "integer")),
        ("?o IN (2, 1)", literal("true", "boolean")),
        ("?o NOT IN (1)", literal("false", "boolean")),
        ("sameTerm(?o, 1)", literal("false", "boolean")),
        ("sameTerm(?o, 01)", literal("true", "boolean")),
        ("BOUND(?o)", literal("true", "boolean")),
        ("isNumeric(?o)", literal("true", "boolean")),
        ("xsd:decimal(?o)", literal("1", "decimal")),
        ("ABS(?o)", literal("1", "integer")),
        ("(?o)", literal("01", "integer")),
        ("!?o", literal("false", "boolean")),
    ],
)
def test_expression_uses_a_term_or_its_value(expression: str, expected: Any) -> None:
    (row,) = select(f"SELECT ({expression} AS ?x) {{ ?s ?p ?o }}", literal("01", "integer"))
    assert row["x"] == expected
    (row,) = select(f"SELECT ?x {{ ?s ?p ?o BIND({expression} AS ?x) }}", literal("01", "integer"))
    assert row["x"] == expected


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("SELECT * { ?s ?p 01 }", 1),
        ("SELECT * { ?s ?p 1 }", 0),
        ("SELECT * { ?s ?p ?o VALUES ?o { 01 1 } }", 1),
        ("SELECT * { ?s ?p ?o FILTER EXISTS { ?s ?p ?o FILTER(?o = 1) } }", 1),
        ("SELECT * { ?s ?p ?o FILTER NOT EXISTS { ?s ?p 1 } }", 1),
        ("SELECT * { ?s ?p ?o MINUS { ?s ?p '01'^^xsd:integer } }", 0),
        ("SELECT * { { SELECT ?o { ?s ?p ?o FILTER(?o < 2) } LIMIT 10 } }", 1),
        ("SELECT ?o { ?s ?p ?o } GROUP BY ?o HAVING(SUM(?o) = 1) ORDER BY ?o LIMIT 1 OFFSET 0", 1),
        ("PREFIX n: <http://www.w3.org/2001/XMLSchema#> SELECT * { ?s ?p '01'^^n:integer }", 1),
        ("SELECT * { ?s ?p ?o FILTER(?o = 1 && (?o > 0 || ?o < 0) && regex(str(?o), '^0')) }", 1),
        ("SELECT * { ?s ?p ?o } ORDER BY DESC(?o) ?p ABS(?o)", 1),
        ("SELECT * { ?s ?p ?o } ORDER BY ?o VALUES (?o) { (01) }", 1),
        ("SELECT ?o { ?s ?p ?o } GROUP BY ?o HAVING(?o) ORDER BY ?o", 1),
        ("BASE <http://www.w3.org/2001/> SELECT * { ?s ?p '01'^^<XMLSchema#integer> }", 1),
        ("SELECT ?s { ?s ?p ?o } GROUP BY ?s HAVING(MIN(?o) = 1 && MAX(?o) = 1)", 1),
        ("SELECT * { GRAPH ?g {} }", 0),
        ("SELECTDISTINCT ?o { ?s ?p ?o FILTERNOTEXISTS { ?s ?p 1 } } ORDERBYDESC(?o)", 1),
        ("SELECT ?o { ?s ?p ?o FILTERABS(?o) } GROUPBY ?o HAVINGABS(?o)", 1),
        ("SELECT (GROUP_CONCAT(STR(?o))AS?x) (SUM(?o)AS?n) { ?s ?p ?o } HAVING(SUM(?o)=1)", 1),
    ],
)
def test_rewritten_queries_have_the_right_number_of_rows(query: str, count: int) -> None:
    assert len(select(query, literal("01", "integer"))) == count


@given(st.lists(st.sampled_from(NUMBERS), unique=True, min_size=1))
def test_extremes_are_terms_of_the_data(objects: list[ox.Literal]) -> None:
    query = "SELECT (MIN(?o) AS ?min) (MAX(DISTINCT ?o) AS ?max) (MIN(?o + 0) AS ?sum) { ?s ?p ?o }"
    (row,) = select(query, *objects)
    numbers = sorted(float(value.value) for value in objects)
    assert {row["min"], row["max"]} <= {*objects}
    assert [float(row[name].value) for name in ("min", "max", "sum")] == [
        numbers[0],
        numbers[-1],
        numbers[0],
    ]
    (row,) = select("SELECT (MIN(?o) AS ?min) { ?s ?p ?o FILTER(?o < -1) }", *objects)
    assert row == {}


@given(st.permutations(NUMBERS))
def test_solutions_with_equal_values_have_an_order(objects: list[ox.Literal]) -> None:
    for query in (SORTED, "SELECT ?o { ?s ?p ?o } ORDER BY DESC(?o)"):
        assert values(query, *objects) == values(query, *NUMBERS)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("CONSTRUCT { ?s <urn:q> ?o , 002 } { ?s ?p ?o }", {"q 01", "q 002"}),
        ("CONSTRUCT { ?s <urn:q> ?o } { VALUES ?o { 1 01 } ?s ?p ?o }", {"q 01"}),
        ("DESCRIBE <urn:s>", {"p 01"}),
    ],
)
def test_graph_of_an_answer_has_the_literals_of_the_data(query: str, expected: set[str]) -> None:
    store = ox.Store()
    fill(store, [Triple(S, P, literal("01", "integer"))])
    answer: Any = execute.run(store, query, {})
    assert {f"{t.predicate.value[4:]} {t.object.value}" for t in answer} == expected
    assert {t.object.datatype.value for t in answer} == {f"{XSD}integer"}


def test_graphs_of_from_keep_their_literals() -> None:
    store = ox.Store()
    fill(store, [Quad(S, P, literal("01", "integer"), S), Quad(S, P, literal("1", "integer"), P)])
    answer: Any = execute.run(store, "SELECT ?o FROM <urn:s> FROM NAMED <urn:p> { ?s ?p ?o }", {})
    assert [row["o"] for row in answer] == [literal("01", "integer")]


def test_first_rows_have_the_literals_of_the_data() -> None:
    store = ox.Store()
    fill(store, (Triple(S, P, value) for value in NUMBERS))
    with pytest.warns(QueryWarning, match="more than 3 results"):
        answer: Any = execute.run(store, SORTED, {}, rows=3)
    assert [row["o"] for row in answer] == values(SORTED, *NUMBERS)[:3]


@pytest.mark.slow
def test_stored_questions_have_the_same_answers_rewritten(kg: KnowledgeGraph) -> None:
    plain, marked = make_store(kg.quads), make_store(kg.quads)
    mark(marked)
    for question in list_questions(kg.project):
        answers: Any = [
            execute.run(store, question.text, kg.project.prefixes) for store in (plain, marked)
        ]
        first, second = ([tuple(row) for row in answer] for answer in answers)
        assert first == second, question.name


# Any data and queries --------------------------------------------------------

NODES = st.sampled_from([ox.NamedNode(f"urn:{name}") for name in "abc"])
PREDICATES = st.sampled_from([P, ox.NamedNode("urn:q")])
OBJECTS = st.sampled_from(NUMBERS)
QUERIES = st.builds(
    str.format,
    st.sampled_from(
        [
            "SELECT ?s ?o {{ ?s <urn:p> ?o {filter} }}",
            "SELECT DISTINCT ?o {{ ?s ?p ?o {filter} }}",
            "SELECT ?s ?o (COUNT(?p) AS ?n) {{ ?s ?p ?o {filter} }} GROUP BY ?s ?o",
            "SELECT ?a ?o {{ ?a <urn:p> ?o . ?b <urn:q> ?o {filter} }}",
            "SELECT ?a ?o {{ ?a <urn:p> ?o OPTIONAL {{ ?b <urn:q> ?o }} {filter} }}",
            "SELECT ?a ?o ?x {{ ?a <urn:p> ?o . ?b <urn:q> ?x FILTER(?o = ?x) {filter} }}",
            "SELECT ?a ?o ?x {{ ?a <urn:p> ?o . ?b <urn:q> ?x FILTER(sameTerm(?o, ?x)) {filter} }}",
            "SELECT ?a ?o {{ ?a <urn:p> ?o MINUS {{ ?b <urn:q> ?o }} {filter} }}",
            "SELECT ?s ?o {{ VALUES ?o {{ {number} {more} }} ?s ?p ?o {filter} }}",
            "SELECT ?s ?p {{ ?s ?p {number} }}",
            "SELECT ?s ?x {{ ?s ?p ?o BIND(IF(?o > {number}, ?o, {more}) AS ?x) {filter} }}",
            "SELECT ?s (STR(?o) AS ?t) (DATATYPE(?o) AS ?d) {{ ?s ?p ?o {filter} }}",
            "ASK {{ ?s ?p {number} }}",
            "CONSTRUCT {{ ?s <urn:r> ?o , {number} }} {{ ?s ?p ?o {filter} }}",
        ]
    ),
    number=(numbers := st.sampled_from([str(number) for number in NUMBERS])),
    more=numbers,
    filter=st.one_of(
        st.just(""),
        st.builds("FILTER(?o {} {})".format, st.sampled_from("< <= = != >= >".split()), numbers),
        st.builds("FILTER(-?o < {} && ?o + 1 != {})".format, numbers, numbers),
        st.builds("FILTER EXISTS {{ ?e <urn:q> ?o FILTER(?o >= {}) }}".format, numbers),
    ),
)


@pytest.mark.filterwarnings("ignore")
@given(
    st.lists(
        st.builds(
            Triple, NODES, st.sampled_from([P, ox.NamedNode("urn:q")]), st.sampled_from(NUMBERS)
        ),
        unique=True,
        max_size=8,
    ),
    QUERIES,
)
def test_answer_is_that_of_rdflib_term_by_term(triples: list[Triple], query: str) -> None:
    store = ox.Store()
    fill(store, triples)
    answer = execute.run(store, query, {})
    expected: Any = rdflib_graph(triples).query(query)
    if isinstance(answer, ox.QueryBoolean):
        assert bool(answer) == expected.askAnswer
    elif isinstance(answer, list):
        assert {*answer} == {Triple._make(map(from_rdflib, triple)) for triple in expected}
    else:
        names = [variable.value for variable in answer.variables]
        rows = Counter(tuple(map(str, row)) for row in answer)
        theirs = Counter(
            tuple(str(from_rdflib(term)) if term is not None else "None" for term in row)
            for row in expected
        )
        assert rows == theirs, names


def test_literal_of_a_query_is_the_term_that_it_writes() -> None:
    one = literal("1", "integer")
    store = ox.Store()
    fill(store, [Triple(S, P, one)])
    for text, expected in {
        "SELECT ?o { ?s ?p ?o VALUES ?o { 01 '1'^^xsd:byte } }": [],
        "SELECT ?o { ?s ?p 01 BIND(1 AS ?o) }": [],
        "SELECT ?o { VALUES ?o { 01 } FILTER(?o = 1) }": [literal("01", "integer")],
        "SELECT (1.50 AS ?o) {}": [literal("1.50", "decimal")],
        "SELECT ?o { ?s ?p ?o FILTER(?o = 01) }": [one],
        "SELECT ?o { ?s ?p ?o FILTER(sameTerm(?o, 01)) }": [],
        "SELECT ?o { ?s ?p ?x BIND(IF(?x = 01, 01, ?x) AS ?o) }": [literal("01", "integer")],
        "SELECT (DATATYPE('1'^^xsd:byte) AS ?o) {}": [ox.NamedNode(f"{XSD}byte")],
    }.items():
        answer: Any = execute.run(store, text, {"xsd": XSD})
        assert [row["o"] for row in answer] == expected, text


PIECES = st.sampled_from(
    r"""
    ( ) { } [ ] , ; . ? * + ^ ^^ = - ?x 01 -1 1.0 1.5 .5 1e0 0 '01' ''' @en xsd: xsd:integer <urn:a>
    AS ASC ASK BASE BIND BY COALESCE COUNT DATATYPE DISTINCT EXISTS FILTER GROUP HAVING IF IN
    LIMIT MAX MIN NOT ORDER PREFIX SELECT VALUES WHERE
    """.split()
)


@given(st.lists(PIECES, max_size=30).map(" ".join) | st.text("01.-+e{}()?p ,=/'", max_size=20))
def test_any_text_is_rewritten(text: str) -> None:
    rewrite(text, {"xsd": XSD})
    with suppress(QueryError):
        select(text, literal("01", "integer"))
        assert not (fast_path.is_harmless(text) and has_encodable(text, {"xsd": XSD}))


@pytest.mark.parametrize("text", ["SELECT * { ?s ?p ?o }", "ASK { ?s ?p 1, 'a', true, 1.5 }"])
def test_query_without_changed_literals_is_not_rewritten(text: str) -> None:
    assert rewrite(text, {}) == text
