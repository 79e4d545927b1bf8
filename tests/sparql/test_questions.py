"""Stored questions and their parameters: no value injects SPARQL, no query uses the network."""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import Node

from kaiju_graph.errors import (
    InputError,
    ParameterError,
    QueryError,
    QueryWarning,
    UnknownNameError,
)
from kaiju_graph.project import layout
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.terms import XSD
from kaiju_graph.sparql import execute
from kaiju_graph.sparql.parameters import bind_parameters
from kaiju_graph.sparql.questions import (
    Parameter,
    Question,
    check_header,
    find_question,
    list_questions,
)
from tests.conftest import every_nth
from tests.repository import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kaiju_graph import KnowledgeGraph
    from tests.conftest import Command, Copy

PROJECT = layout.find(str(ROOT))
QUESTIONS = {question.name: question for question in list_questions(PROJECT)}
PARAMETERS = [
    pytest.param(question, parameter, id=f"{question.name} {parameter.name}")
    for question in QUESTIONS.values()
    for parameter in question.parameters
]
EMPTY = ox.Store()


# Headers ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Who directed the film?",
        "who directed the FILM",
        "WHO-DIRECTED",
        "who directed",
        "  Who directed the film ?",
    ],
)
def test_question_is_found_by_the_words_of_its_name_or_summary(text: str) -> None:
    assert find_question(PROJECT, text) == QUESTIONS["who-directed"]


@pytest.mark.slow
def test_every_question_is_found_by_its_summary() -> None:
    for question in QUESTIONS.values():
        assert find_question(PROJECT, question.summary) == question


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("monsters", "; it is a tag: kaiju ask --tag 'monsters' lists its questions"),
        ("story order", "; it is a tag: kaiju ask --tag 'story order' lists its questions"),
        ("Who directs the movie?", "; did you mean 'Who directed the film?'"),
        ("zzz", "; kaiju ask lists them all"),
        ("", "; kaiju ask lists them all"),
        ("?!", "; kaiju ask lists them all"),
    ],
)
def test_unknown_question_is_an_error_with_a_hint(text: str, hint: str) -> None:
    with pytest.raises(UnknownNameError, match=re.escape(f"no question {text!r}{hint}")):
        find_question(PROJECT, text)


def test_stored_question_is_read_with_its_header(copy: Copy) -> None:
    text = (
        '#+ summary: "Who directed which film?"\n'
        "#+ description: One row a film: no more, no less.\n"
        "#+ tags:\n#+   - people\n#+   - 'film'\n\n"
        "SELECT * {\n    ?film film:director ?who .\n    ?film film:year ?year .\n"
        "    FILTER(?film = COALESCE(?__film_iri, ?film))\n"
        "    FILTER(?year = COALESCE(?__made_in_gYear, ?year))\n}\n"
    )
    copy.write("queries/who.rq", text)
    assert find_question(layout.find(str(copy.root)), "who") == Question(
        "who",
        "Who directed which film?",
        "One row a film: no more, no less.",
        ("people", "film"),
        (Parameter("film", "iri", "film"), Parameter("made_in", "gYear", "year")),
        text,
    )


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Who?", "Who?"),
        ('"Who?"', "Who?"),
        ("'Who?'", "Who?"),
        ("\"Who said 'go'\"", "Who said 'go'"),
        ("'Who said \"go\"'", 'Who said "go"'),
        ('"Who: and why?"', "Who: and why?"),
    ],
)
def test_summary_loses_only_its_outer_quotes(written: str, read: str, copy: Copy) -> None:
    copy.write("queries/who.rq", f"#+ summary: {written}\n\nASK {{}}\n")
    assert find_question(layout.find(str(copy.root)), "who").summary == read


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("[a, b]", ("a", "b")),
        ("[ 'a, b' , \"c\" ]", ("a, b", "c")),
        ("[don't, won't]", ("don't", "won't")),
        ("[]", ()),
        ("a", ("a",)),
        ("[a", ("[a",)),
    ],
)
def test_tags_may_be_a_list_in_brackets(written: str, read: tuple[str, ...], copy: Copy) -> None:
    copy.write("queries/who.rq", f"#+ summary: Who?\n#+ tags: {written}\n\nASK {{}}\n")
    assert find_question(layout.find(str(copy.root)), "who").tags == read


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("alos:", "the key 'alos'; expected one of also, description, summary, tags; did you mean"),
        ("sumary: Who?", "the key 'sumary'; expected one of also, description, summary, tags; did"),
        ("tag: people", "the key 'tag'; expected one of also, description, summary, tags; did you"),
        ("description: 'It says", "'It says; expected ' at its end"),
        ('description: "', '"; expected " at its end'),
        ('  - "Who is', '"Who is; expected " at its end'),
        ("tags: [a, b", "[a, b; expected ] at its end"),
    ],
)
def test_mistake_in_a_header_is_reported_at_its_line(line: str, found: str) -> None:
    text = f"#+ summary: Who?\n#+ {line}\n\nASK {{}}\n"
    with pytest.raises(QueryError, match=rf"^queries/who\.rq:2: found {re.escape(found)}"):
        check_header(text, "queries/who.rq")


@pytest.mark.parametrize(
    "line", ["method: GET", "pagination: 100", "tags: []", "  - people's", "description:", ""]
)
def test_other_keys_of_grlc_and_complete_values_are_no_mistake(line: str) -> None:
    check_header(f"#+ summary: 'Who?'\n#+ {line}\n\n#+ alos:\nASK {{}}\n", "queries/who.rq")


@pytest.mark.parametrize("variable", ["?_film", "$_film", "?_film_iri", "?__film_iri"])
def test_parameter_of_grlc_in_another_form_is_refused_with_its_place(
    variable: str, copy: Copy
) -> None:
    text = f"#+ summary: Who?\n# ?_a\nASK {{ {variable} ?p '?_b' }}\n"
    copy.write("queries/who.rq", text)
    with pytest.raises(QueryError) as raised:
        find_question(layout.find(str(copy.root)), "who")
    assert str(raised.value) == (
        f"queries/who.rq:3:7: found the parameter {variable}; "
        "expected FILTER(?film = COALESCE(?__film_iri, ?film))"
    )


@pytest.mark.parametrize(
    "text",
    [
        "ASK {}\n",
        "#+ summary:\nASK {}\n",
        '#+ summary: ""\nASK {}\n',
        "# summary: Who?\nASK {}\n",
        "\n#+ summary: Who?\nASK {}\n",
        "#+   - people\n#+ tags:\nASK {}\n",
    ],
)
def test_question_without_a_summary_is_an_error_with_its_file(text: str, copy: Copy) -> None:
    copy.write("queries/who.rq", text)
    with pytest.raises(QueryError, match=r"^queries/who\.rq:1: found no summary; expected #\+"):
        find_question(layout.find(str(copy.root)), "who")


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_every_stored_question_has_a_summary_and_tags(question: Question) -> None:
    assert question.summary.endswith("?")
    assert question.tags
    assert len({parameter.name for parameter in question.parameters}) == len(question.parameters)
    assert len(question.parameters) == question.text.count("?__")


def test_questions_are_sorted_by_name() -> None:
    names = [question.name for question in list_questions(PROJECT)]
    assert names == sorted(path.stem for path in Path(PROJECT.path("queries")).glob("*.rq"))


@pytest.mark.parametrize("name", ["who-direct", "Who-Direct", "directed"])
def test_unknown_question_is_an_error_with_the_nearest_name(name: str) -> None:
    with pytest.raises(UnknownNameError, match=rf"^no question '{name}'; did .*'who-directed'"):
        find_question(PROJECT, name)


@pytest.mark.parametrize("name", ["", "../queries/who-directed", "who-directed.rq", "zzzz", "."])
def test_path_is_not_a_question_name(name: str) -> None:
    with pytest.raises(UnknownNameError, match=r"^no question "):
        find_question(PROJECT, name)


# Parameters ------------------------------------------------------------------


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_question_without_values_is_its_file(question: Question, kg: KnowledgeGraph) -> None:
    assert kg.bind(question, {}) == question.text == PROJECT.read(f"queries/{question.name}.rq")


def _values(kg: KnowledgeGraph, question: Question, parameter: Parameter) -> list[Any]:
    """Return every term that the variable of a parameter has in the rows of its question."""
    body = question.text[: question.text.rindex("}") + 1]
    text = re.sub(
        r"\bSELECT\b.*?\bWHERE\b",
        f"SELECT DISTINCT ?{parameter.variable} WHERE",
        body,
        count=1,
        flags=re.DOTALL,
    )
    return [row[0] for row in _rows(kg, text) if row[0] is not None]


def _rows(kg: KnowledgeGraph, text: str) -> list[tuple[Any, ...]]:
    answer = kg.answer(text)
    assert isinstance(answer, ox.QuerySolutions)
    return [tuple(row) for row in answer]


@pytest.mark.parametrize(("question", "parameter"), every_nth(PARAMETERS, 8))
def test_binding_gives_the_rows_of_filtering(
    question: Question, parameter: Parameter, kg: KnowledgeGraph
) -> None:
    # The file's own FILTER, with the term in the place of ?__film_iri, is what grlc would run.
    values = _values(kg, question, parameter)
    assert values
    answered = 0
    for term in values:
        typed = f"<{term.value}>" if parameter.type == "iri" else term.value
        bound = kg.bind(question, {parameter.name: typed})
        assert str(term) in bound
        filtered = question.text.replace(f"?__{parameter.name}_{parameter.type}", str(term))
        assert filtered != question.text
        rows = _rows(kg, bound)
        assert rows == _rows(kg, filtered)
        answered += bool(rows)
    # All that a variable is bound to gives a row, but where HAVING drops it.
    assert answered == len(values) or ("HAVING" in question.text and answered)


@pytest.mark.parametrize(("question", "parameter"), every_nth(PARAMETERS, 8))
def test_unknown_value_gives_the_same_rows_by_binding_and_filtering(
    question: Question, parameter: Parameter, kg: KnowledgeGraph
) -> None:
    nothing = {"iri": "<http://e/nothing>", "integer": "-1"}.get(parameter.type, "nothing")
    term = nothing if parameter.type in ("iri", "integer") else f'"nothing"@{parameter.type}'
    filtered = question.text.replace(f"?__{parameter.name}_{parameter.type}", term)
    bound = kg.bind(question, {parameter.name: nothing})
    assert _rows(kg, bound) == _rows(kg, filtered)


@pytest.mark.parametrize("value", ["1", "01", "+1", "+01"])
def test_equal_numbers_are_one_value(value: str, kg: KnowledgeGraph) -> None:
    question = QUESTIONS["producers-in-order"]
    rows = _rows(kg, kg.bind(question, {"position": value}))
    assert [str(row[-1].value) for row in rows] == ["Tsutomu Tsuchikawa"]


@pytest.mark.parametrize("marks", ['"', "'", '"""', "# "])
def test_filter_in_a_string_or_comment_is_not_a_parameter(marks: str, copy: Copy) -> None:
    shown = "FILTER(?x = COALESCE(?__v_string, ?x))"
    end = "" if marks == "# " else marks
    text = f'#+ summary: "?"\nSELECT * {{ ?x ?p {marks}{shown}{end}\n 1 }}\n'
    copy.write("queries/shown.rq", text)
    question = find_question(layout.find(str(copy.root)), "shown")
    assert question.parameters == ()
    value = "AS ?x) SERVICE SILENT <http://127.0.0.1:9/> { ?a ?b ?c } #"
    with pytest.raises(ParameterError, match="has no parameter 'v'; it takes none"):
        bind_parameters(question, {"v": value}, ox.NamedNode)


def test_several_parameters_are_combined(kg: KnowledgeGraph) -> None:
    question = QUESTIONS["who-directed"]
    both = {"film": "Gamera 2: Attack of Legion", "person": "id:shusuke-kaneko"}
    assert len(_rows(kg, kg.bind(question, both))) == 1
    assert not _rows(kg, kg.bind(question, both | {"person": "Kow Otani"}))


def test_unknown_parameter_is_an_error_that_lists_the_known_ones(kg: KnowledgeGraph) -> None:
    with pytest.raises(ParameterError) as raised:
        kg.ask("who-directed", {"movie": "x"})
    assert str(raised.value) == "who-directed has no parameter 'movie'; it takes film, person"
    with pytest.raises(ParameterError, match="it takes none"):
        bind_parameters(Question("q", "?", "", (), (), "ASK {}"), {"film": "x"}, kg.resolve)


def test_unknown_name_is_an_error_with_a_suggestion(kg: KnowledgeGraph) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'Shusuke Kaneko'"):
        kg.ask("who-directed", {"person": "Shusuke Kanako"})


TYPES = ("iri", "string", "en", "ja", "integer", "decimal", "date", "gYear", "boolean")


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("integer", ""),
        ("integer", "1.0"),
        ("integer", "1 "),
        ("integer", "١٢"),  # digits, but not XML Schema's
        ("integer", "1\n"),
        ("decimal", "1e3"),
        ("decimal", "."),
        ("decimal", "\uff11.\uff15"),
        ("date", "1996"),
        ("date", "1996-7-13"),
        ("date", "1996-02-30"),
        ("date", "1996-13-01"),
        ("date", "१९९६-०७-१३"),
        ("gYear", "96"),
        ("gYear", "1996-07"),
        ("gYear", "١٩٩٦"),
        ("boolean", "yes"),
        ("boolean", "TRUE"),
    ],
)
def test_value_of_another_type_is_an_error(kind: str, value: str, kg: KnowledgeGraph) -> None:
    with pytest.raises(ParameterError) as raised:
        bind_parameters(_question(kind), {"v": value}, kg.resolve)
    assert str(raised.value) == f"v: found {value!r}; expected a value of type xsd:{kind}"


@pytest.mark.parametrize(
    ("kind", "value", "term"),
    [
        ("iri", "id:gamera", "<https://w3id.org/kaiju/id/gamera>"),
        ("iri", "Gamera", "<https://w3id.org/kaiju/id/gamera>"),
        ("string", 'a "b"\n', '"a \\"b\\"\\n"'),
        ("en", "a", '"a"@en'),
        ("integer", "-007", f'"-007"^^<{XSD}integer>'),
        ("decimal", ".5", f'".5"^^<{XSD}decimal>'),
        ("date", "1996-02-29", f'"1996-02-29"^^<{XSD}date>'),
        ("gYear", "-0044", f'"-0044"^^<{XSD}gYear>'),
        ("boolean", "true", f'"true"^^<{XSD}boolean>'),
    ],
)
def test_value_becomes_a_term(kind: str, value: str, term: str, kg: KnowledgeGraph) -> None:
    is_compared = kind in ("integer", "decimal", "date", "gYear", "boolean")
    clause = f"FILTER(?v = {term})" if is_compared else f"VALUES ?v {{ {term} }}"
    bound = bind_parameters(_question(kind), {"v": value}, kg.resolve)
    assert bound == f"SELECT * {{ ?s ?p ?v . {clause} }}"


def _question(kind: str) -> Question:
    text = f"SELECT * {{ ?s ?p ?v . FILTER(?v = COALESCE(?__v_{kind}, ?v)) }}"
    return Question("q", "?", "", (), (Parameter("v", kind, "v"),), text)


AWKWARD = st.one_of(
    st.text(),
    st.text(alphabet="\"'\\{}<>()?$#@^|`.;,:/* \n\r\t1-+eE"),
    st.lists(
        st.sampled_from(
            [
                "}",
                "{",
                '"',
                "'''",
                '"""',
                "\\",
                "\\u0022",
                "> }",
                "UNION",
                "SERVICE <http://e/>",
                "?v",
                "#",
                "\n",
                " ",
                "id:gamera",
                "<http://e/",
                ">",
                "1",
                "INSERT DATA",
                "@en",
                "^^",
            ]
        ),
        max_size=6,
    ).map("".join),
)


def _shape(node: Any, places: Mapping[Any, str]) -> Any:
    """Return rdflib's algebra as plain values, with marks instead of some terms.

    Args:
        node: a part of the algebra.
        places: the term → its mark.
    """
    if isinstance(node, Node) and node in places:
        return "place", places[node]
    if isinstance(node, CompValue):
        return node.name, {key: _shape(node[key], places) for key in sorted(node) if key != "lazy"}
    if isinstance(node, dict):
        return {str(key): _shape(value, places) for key, value in node.items()}
    if isinstance(node, (list, tuple)):
        return [_shape(item, places) for item in node]
    return repr(node)


def _algebra(text: str, places: Mapping[Any, str]) -> Any:
    return _shape(translateQuery(parseQuery(text)).algebra, places)


BENIGN = {
    "iri": "id:gamera",
    "integer": "7",
    "decimal": "7",
    "date": "1996-07-13",
    "gYear": "1996",
    "boolean": "true",
}


@pytest.mark.parametrize("kind", every_nth(TYPES, 4))
@given(value=AWKWARD)
@example(value='" } UNION { ?s ?p ?o } #')
@example(value="<http://e/> } UNION { ?s ?p ?o } #>")
@example(value="id:a> } #")
@example(value="\\")
@example(value="\x00")
@example(value="\ud800")
@example(value="http://e/\ud800")
@settings(max_examples=60)
def test_no_value_injects(kind: str, value: str, kg: KnowledgeGraph) -> None:
    question = _question(kind)
    try:
        text = bind_parameters(question, {"v": value}, kg.resolve)
    except InputError:
        return  # refused, which is as good
    list(execute.run(EMPTY, text, {}))  # type: ignore[arg-type]
    plain = BENIGN.get(kind, "plain")
    benign = bind_parameters(question, {"v": plain}, kg.resolve)
    assert _algebra(text, {_bound_term(kind, value, kg): "v"}) == _algebra(
        benign, {_bound_term(kind, plain, kg): "v"}
    )


def _bound_term(kind: str, value: str, kg: KnowledgeGraph) -> Any:
    if kind == "iri":
        return terms.to_rdflib(kg.resolve(value))
    if kind in BENIGN:
        return terms.to_rdflib(ox.Literal(value, datatype=ox.NamedNode(XSD + kind)))
    return terms.to_rdflib(ox.Literal(value, language=None if kind == "string" else kind))


def _values_to_bind(kind: str, number: int) -> tuple[str, str]:
    """Return a value with signs of SPARQL, where a type has such values, and a plain one."""
    if kind == "iri":
        return f"http://e/a'b(){number}", f"http://e/{number}"
    if kind in BENIGN:
        return f"8{number}", f"7{number}"
    return f'a "b" }} \\{number}', f"plain {number}"


@pytest.mark.slow
@pytest.mark.parametrize(
    "question",
    [question for question in QUESTIONS.values() if question.parameters],
    ids=lambda question: question.name,
)
def test_algebra_of_a_bound_question_differs_only_in_its_terms(
    question: Question, kg: KnowledgeGraph
) -> None:
    # rdflib takes long to parse, so all parameters have a value at once.
    kinds = {parameter.name: parameter.type for parameter in question.parameters}
    pairs = [_values_to_bind(kind, number) for number, kind in enumerate(kinds.values())]
    one, two = (
        _algebra(
            kg.bind(question, dict(zip(kinds, values, strict=True))),
            {_bound_term(kinds[n], v, kg): n for n, v in zip(kinds, values, strict=True)},
        )
        for values in zip(*pairs, strict=True)
    )
    assert one == two
    for name in kinds:
        assert str(("place", name)) in str(one)


# SERVICE ---------------------------------------------------------------------

# Port 1 of this machine: nothing answers there, should a query get through.
CALL = "SERVICE <http://127.0.0.1:1/> { ?a ?b ?c }"


@pytest.mark.parametrize(
    "text",
    [
        f"SELECT * {{ {CALL} }}",
        f"SELECT * {{ {CALL.lower()} }}",
        f"SELECT * {{ {CALL.replace('SERVICE', 'SeRvIcE')} }}",
        f"SELECT * {{ {CALL.replace('SERVICE', 'SERVICE SILENT')} }}",
        f"SELECT * {{ {CALL.replace('SERVICE ', 'SERVICE')} }}",
        f"SELECT * {{ {CALL.replace('SERVICE', 'SERVICE # a comment' + chr(10))} }}",
        f"SELECT * {{{CALL}}}",
        f"SELECT * WHERE{{{CALL}}}",
        f"ASK {{ {CALL} }}",
        f"CONSTRUCT {{ ?a ?b ?c }} WHERE {{ {CALL} }}",
        f"DESCRIBE ?a {{ {CALL} }}",
        f"SELECT * {{ {{ SELECT * {{ {CALL} }} }} }}",
        f"SELECT * {{ ?s ?p ?o FILTER EXISTS {{ {CALL} }} }}",
        f"SELECT * {{ ?s ?p ?o OPTIONAL {{ {CALL} }} }}",
        f"SELECT * {{ ?s ?p ?o UNION {{ {CALL} }} }}".replace("?s ?p ?o UNION", "{} UNION"),
        "SELECT * { ?s ?p ?e SERVICE ?e { ?a ?b ?c } }",
        "SELECT * { ?s ?p ?e SERVICE$e{ ?a ?b ?c } }",
        "SELECT * { SERVICE id:endpoint { ?a ?b ?c } }",
        f"SELECT * {{ {CALL.replace('SERVICE', chr(92) + 'u0053ERVICE')} }}",
        f"SELECT * {{ {CALL.replace('SERVICE', 'SERV' + chr(92) + 'U00000049CE')} }}",
        # Tokens right before it.
        f"SELECT * {{ ?s ?p ?o.{CALL} }}",
        f"SELECT * {{ ?s ?p $o.{CALL} }}",
        f"SELECT * {{ ?s ?p 1.{CALL} }}",
        f"SELECT * {{ ?s ?p true.{CALL} }}",
        f"SELECT * {{ ?s ?p 'x'.{CALL} }}",
        f"SELECT * {{ ?s ?p 'x'@en.{CALL} }}",
        f"SELECT * {{ ?s ?p <http://e/>.{CALL} }}",
        f"SELECT * {{ ?s ?p <http://e/>{CALL} }}",
        f"SELECT * {{ ?s ?p id:.{CALL} }}",
        f"SELECT * {{ ?s ?p [].{CALL} }}",
        f"SELECT * {{ ?s ?p ().{CALL} }}",
        f"SELECT * {{ {{}}{CALL} }}",
        f"SELECT * {{ FILTER(true){CALL} }}",
        # Text that only looks like a comment or a string.
        f"SELECT * {{ ?s id:a\\#b ?o . {CALL} }}",
        f"SELECT * {{ ?s id:a\\'b ?o . {CALL} ?s id:a\\'b ?o }}",
        f"SELECT * {{ ?s ?p <http://e/#a> . {CALL} }}",
        f"SELECT * {{ ?s ?p '#' . {CALL} }}",
        f"SELECT * {{ ?s ?p '\\'' . {CALL} ?s ?p '' }}",
        f'SELECT * {{ ?s ?p """a"b""c\\"""" . {CALL} ?s ?p "" }}',
        f"SELECT * {{ ?s ?p '' . {CALL} ?s ?p '' }}",
        f"SELECT * {{ # '\n {CALL} # '\n }}",
        f"SELECT * {{ # <\r {CALL} # >\n }}",
        f"SELECT * {{ ?s ?p '\\u0027 # ' . {CALL} }}",
        f"SELECT * {{ ?s ?p ?o FILTER(?s<?o) {CALL} FILTER(?o>?s) }}",
        f"SELECT * {{ ?s ?p ?o FILTER(1<2&&2>1) {CALL} }}",
    ],
)
def test_service_is_refused_in_every_spelling_and_position(text: str) -> None:
    with pytest.raises(QueryError, match=r"^query:\d+:\d+: found "):
        execute.run(EMPTY, text, PROJECT.prefixes)


def test_service_is_reported_at_its_place() -> None:
    with pytest.raises(QueryError) as raised:
        execute.run(EMPTY, f"SELECT *\n{{\n  {CALL} }}", {}, "queries/a.rq")
    assert str(raised.value) == "queries/a.rq:3:3: found SERVICE; expected no remote endpoint"


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?s ?p 'SERVICE <http://e/>' }",
        'SELECT * { ?s ?p "SERVICE <http://e/>" }',
        "SELECT * { ?s ?p 'it\\'s SERVICE <http://e/>' }",
        'SELECT * { ?s ?p """\nSERVICE "<http://e/>" """ }',
        "SELECT * { ?s ?p '''\nSERVICE '<http://e/>' ''' }",
        "SELECT * { ?s ?p ?o # SERVICE <http://e/> {}\n }",
        "SELECT * { ?s ?p <http://e/SERVICE> }",
        "SELECT * { ?s ?p <http://e/?a=SERVICE> }",
        "SELECT ?service { ?service ?p $SERVICE }",
        "SELECT ?SERVICE { ?SERVICE ?p ?o }",
        "SELECT * { ?s ?p id:SERVICE ; ?q id:service }",
        "SELECT * { ?s ?p id:a.SERVICE }",
        "SELECT * { ?s ?p id:SERVICE.x }",
        "SELECT * { ?s ?p id:a-SERVICE, id:SERVICE-a }",
        "SELECT * { ?s ?p id:a\\-SERVICE }",
        "SELECT * { ?s ?p id:a\\#SERVICE }",
        "SELECT * { ?s ?p id:a:SERVICE }",
        "SELECT * { ?s ?p id:%20SERVICE }",
        "PREFIX SERVICE: <http://e/> SELECT * { ?s ?p SERVICE:a }",
        "PREFIX service: <http://e/> SELECT * { ?s ?p service: }",
        "PREFIX a.service: <http://e/> SELECT * { ?s ?p a.service:b }",
        "SELECT * { ?s ?p _:SERVICE . _:a.SERVICE ?p ?o }",
        "SELECT * { ?s ?p 'x'@service }",
        "SELECT * { ?s ?p 'x'@en-service }",
        "SELECT ?services { ?services ?p ?_SERVICE }",
    ],
)
def test_word_service_in_names_and_strings_is_accepted(text: str) -> None:
    answer = execute.run(EMPTY, text, PROJECT.prefixes)
    assert isinstance(answer, ox.QuerySolutions)
    assert not list(answer)


# Errors ----------------------------------------------------------------------


FORMS = "expected SELECT, ASK, CONSTRUCT or DESCRIBE"
UPDATE = f"{FORMS}: the graph cannot be updated"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "1:1: found no query; expected SELECT, ASK, CONSTRUCT or DESCRIBE"),
        ("\n  ", "2:3: found no query; expected SELECT, ASK, CONSTRUCT or DESCRIBE"),
        ("# nothing", "1:10: found no query; expected SELECT, ASK, CONSTRUCT or DESCRIBE"),
        ("SELEKT * {}", f"1:1: found 'SELEKT'; {FORMS}; did you mean 'SELECT'?"),
        ("DROP ALL", f"1:1: found 'DROP'; {UPDATE}"),
        (
            "PREFIX a: <http://e/>\nINSERT DATA { a:a a:b 1 }",
            f"2:1: found 'INSERT'; {UPDATE}",
        ),
        ("ASK { ?s xyz0:p ?o }", "1:10: found the prefix 'xyz0'; expected a declared prefix"),
        (
            "ASK { ?s ?p 'ガメラ' ,\n 'a:b' ; xyz0:p ?o }",
            "2:10: found the prefix 'xyz0'; expected a declared prefix",
        ),
    ],
)
def test_common_mistake_is_explained(text: str, message: str) -> None:
    with pytest.raises(QueryError) as raised:
        execute.run(EMPTY, text, PROJECT.prefixes)
    assert str(raised.value) == f"query:{message}"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("SELECT", 1),
        ("SELECT ?x { ?s ?p }", 1),
        ("SELECT *\n{\n  ?s ?p\n}\n", 4),
        ("SELECT * {\n ?s ?p 'ガメラ😀' , ] }\n", 2),
        ("SELECT * {\r\n ?s ?p ] }\r\n", 2),
        ("SELECT * {\n ?s ?p 'open }", 2),
        ("SELECT * { ?s ?p <http://e/a b> }", 1),
        ("SELECT * {}\nSELECT * {}", 2),
        ("SELECT * {\n  ?s ?p ?o\n", 3),
    ],
)
def test_syntax_error_is_one_short_line_with_its_place(text: str, line: int) -> None:
    with pytest.raises(QueryError, match=rf"\Aquery:{line}:\d+: [^\n]{{3,150}}\Z"):
        execute.run(EMPTY, text, PROJECT.prefixes)


def test_syntax_error_names_the_wrong_word() -> None:
    with pytest.raises(QueryError, match=r"^query:1:\d+: .*'\]'"):
        execute.run(EMPTY, "SELECT * { ?s ?p ] }", {})


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?x (COUNT(?y) AS ?n) { ?x ?p ?y }",
        "SELECT (1 AS ?x) (2 AS ?x) {}",
        "SELECT * { BIND(1 AS ?x) BIND(2 AS ?x) }",
        "SELECT * { ?s ?p '\\UFFFFFFFF' }",
        "SELECT * { ?s ?p '\\U00110000' }",
        "SELECT * { ?s ?p '\\uD800' }",
        "SELECT * { ?s ?p '\ud800' }",
        "SELECT * { ?s <a> ?o }",
        "BASE <nowhere> SELECT * {}",
        "PREFIX x: <nowhere> SELECT * { ?s x:a ?o }",
    ],
)
def test_other_errors_are_one_short_line(text: str) -> None:
    with pytest.raises(QueryError, match=r"\Aquery:\d+:\d+: [^\n]{3,150}\Z"):
        execute.run(EMPTY, text, PROJECT.prefixes)


SPARQL = st.sampled_from(
    [
        "SELECT",
        "*",
        "{",
        "}",
        "?s",
        "?p",
        "?o",
        ".",
        ";",
        "(",
        ")",
        "FILTER",
        "BIND",
        "AS",
        "1",
        "'x'",
        "<http://e/>",
        "id:a",
        "OPTIONAL",
        "VALUES",
        "GROUP BY",
        "ORDER BY",
        "COUNT",
        "\n",
        "UNION",
        "#",
        "\\u0041",
        "ASK",
        "CONSTRUCT",
        "WHERE",
        "LIMIT",
        "GRAPH",
        "a",
        "^",
        "/",
        "'",
    ]
)


def _refusal(text: str) -> str:
    """Return why a text is refused, or nothing where it is answered, maybe with a warning."""
    try:
        with warnings.catch_warnings(action="ignore", category=QueryWarning):
            execute.run(EMPTY, text, PROJECT.prefixes)
    except QueryError as error:
        return str(error)
    return ""


@given(text=st.one_of(st.text(), st.lists(SPARQL, max_size=15).map(" ".join)))
def test_random_text_is_answered_or_refused(text: str) -> None:
    assert re.match(r"\Aquery:\d+:\d+: [^\n]+\Z|\Z", _refusal(text))


@given(data=st.data(), name=st.sampled_from(sorted(QUESTIONS)))
def test_stored_question_without_a_piece_is_answered_or_refused(
    data: st.DataObject, name: str
) -> None:
    text = QUESTIONS[name].text
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    if refusal := _refusal(text[:start] + text[end:]):
        assert 1 <= int(refusal.split(":")[1]) <= text.count("\n") + 1


@pytest.mark.parametrize(
    ("opening", "closing"),
    [("SELECT (" + "(" * 5000 + "1", ")" * 5000 + " AS ?x) {}"), ("ASK " + "{" * 5000, "}" * 5000)],
)
def test_query_nested_too_deeply_is_an_error(opening: str, closing: str, kaiju: Command) -> None:
    done = kaiju("query", "-", input=opening + closing)
    assert (done.returncode, done.stdout) == (3, "")
    assert len(done.stderr) < 300


# Prefixes --------------------------------------------------------------------


def test_known_prefixes_are_added(kg: KnowledgeGraph) -> None:
    assert kg.query("ASK { id:gamera-2 a film:Film ; rdfs:label ?label }")


def test_declared_prefix_replaces_a_known_one(kg: KnowledgeGraph) -> None:
    assert not kg.query("PREFIX film: <http://e/> ASK { ?x a film:Film }")
    assert kg.query("PREFIX f: <https://w3id.org/kaiju/film#> ASK { ?x a f:Film }")


def test_unknown_prefix_is_an_error_with_the_nearest(kg: KnowledgeGraph) -> None:
    with pytest.raises(QueryError, match=r"^query:1:12: found the prefix 'flim'; .*'film'"):
        kg.query("ASK { ?x a flim:Film }")


@pytest.mark.parametrize("question", every_nth(QUESTIONS.values(), 8), ids=QUESTIONS)
def test_stored_question_declares_its_prefixes(question: Question, kg: KnowledgeGraph) -> None:
    assert kg.store.query(question.text) is not None
    parseQuery(question.text)
