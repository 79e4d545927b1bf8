from __future__ import annotations

import csv
import io
import random
import re
import signal
from contextlib import contextmanager, suppress
from functools import cache
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from rdflib import Variable
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.algebra import traverse
from rdflib.plugins.sparql.parserutils import CompValue

from kaiju_graph.sparql import questions, results
from kaiju_graph.store import store
from tests.repository import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rdflib import Dataset
    from rdflib.plugins.sparql.sparql import Query

    from kaiju_graph.api import KnowledgeGraph

NAMES = sorted(path.stem for path in ROOT.glob("queries/*.rq"))
ANSWERS = sorted(path.stem for path in ROOT.glob("tests/answers/gamera-2/*.csv"))

HEADER = {"summary", "description", "tags", "also", "defaults"}
TYPES = {"iri", "integer", "decimal", "date", "gYear", "boolean", "string", "en", "ja"}
# Columns that hold what has no label, and say so.
BARE = {"iri", "passage", "graph", "page", "item", "identifier", "match", "site", "licence"}
KEYWORDS = """ask asc as base bind by construct count describe desc distinct exists filter from
    graph group having in lang limit max min minus not optional order prefix reduced sample select
    separator service str strlen sum undef union values where avg coalesce contains if isiri
    langmatches lcase regex replace strafter strbefore strends strstarts
    substr ucase year""".split()
MASKED = re.compile(r'"(?:[^"\\\n]|\\.)*"|<[^<>\s]*>|#[^\n]*')


def text_of(name: str) -> str:
    return (ROOT / "queries" / f"{name}.rq").read_bytes().decode()


@cache
def prepare(name: str) -> Query:
    return prepareQuery(text_of(name))


def code_of(name: str) -> str:
    """Return a question's SPARQL, what stands in texts, IRIs and comments left out."""
    return MASKED.sub(lambda match: '""' if match[0][0] == '"' else "", text_of(name))


def answer_of(name: str) -> str:
    return (ROOT / f"tests/answers/gamera-2/{name}.csv").read_bytes().decode()


def in_oxigraph(kg: KnowledgeGraph, name: str) -> str:
    answer = kg.answer(questions.find_question(kg.project, name).text, name)
    assert isinstance(answer, ox.QuerySolutions)
    return results.write(answer, "csv", kg.project).replace("\r\n", "\n")


def solutions(stored: ox.Store, text: str) -> ox.QuerySolutions:
    answer = stored.query(text)
    assert isinstance(answer, ox.QuerySolutions)
    return answer


def in_rdflib(dataset: Dataset, name: str) -> str:
    with at_most(10):
        result = dataset.query(prepare(name))
        assert result.vars is not None
        written = io.StringIO()
        writer = csv.writer(written, lineterminator="\n")
        writer.writerow(result.vars)
        for row in result.bindings:
            writer.writerow(str(row.get(variable, "")) for variable in result.vars)
    return written.getvalue()


@contextmanager
def at_most(seconds: int) -> Iterator[None]:
    """Fail after a processor time, where the platform measures it: a product can take hours."""

    def fail(*_: object) -> None:
        pytest.fail(f"rdflib has no answer after {seconds} s; its joins need another order")

    if not hasattr(signal, "SIGPROF"):
        yield
        return
    before = signal.signal(signal.SIGPROF, fail)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def failures(check: Callable[[str], None], names: Iterable[str]) -> dict[str, str]:
    """Return the names for which a check fails, with what it found."""
    failed = {}
    for name in names:
        try:
            check(name)
        except AssertionError as error:
            failed[name] = str(error)
    return failed


def test_every_question_has_an_answer_and_every_answer_a_question() -> None:
    assert sorted(set(NAMES) ^ set(ANSWERS)) == []


@pytest.mark.parametrize("name", NAMES)
def test_oxigraph_gives_the_whole_answer(kg: KnowledgeGraph, name: str) -> None:
    assert in_oxigraph(kg, name) == answer_of(name)


@pytest.mark.slow  # rdflib takes 20 s
@pytest.mark.filterwarnings("ignore:Dataset:DeprecationWarning")  # rdflib's own
@pytest.mark.parametrize("name", NAMES)
def test_rdflib_gives_the_whole_answer_in_the_same_order(kg: KnowledgeGraph, name: str) -> None:
    assert in_rdflib(kg.dataset, name) == answer_of(name)


def test_a_question_begins_with_its_words_and_its_tags(kg: KnowledgeGraph) -> None:
    def check(name: str) -> None:
        text = text_of(name)
        asked = questions.find_question(kg.project, name)
        lines = [line for line in text.split("\n") if line.startswith("#")]
        assert text.startswith("\n".join(lines)), "comments are the header"
        assert {key for line in lines for key in re.findall(r"^#\+ (\w+):", line)} <= HEADER
        assert lines[0] == f'#+ summary: "{asked.summary}"'
        assert re.fullmatch(r"[A-Z][^?]*\?", asked.summary)
        assert asked.description == "" or re.fullmatch(r"[A-Z].*\.", asked.description)
        assert all(re.fullmatch(r"[A-Z][^?]*\?|[a-z ]+", text) for text in asked.also)
        assert len({asked.summary, *asked.also}) == len(asked.also) + 1
        assert asked.tags
        assert len(set(asked.tags)) == len(asked.tags)
        assert all(re.fullmatch(r"[a-z]+( [a-z]+)*", tag) for tag in asked.tags)

    assert failures(check, NAMES) == {}


def test_no_two_questions_are_worded_alike(kg: KnowledgeGraph) -> None:
    summaries = [asked.summary for asked in questions.list_questions(kg.project)]
    assert len(set(summaries)) == len(summaries)


@pytest.mark.slow
def test_any_engine_parses_the_file_unchanged() -> None:
    def check(name: str) -> None:
        assert prepare(name).algebra.name == "SelectQuery"
        ox.Store().query(text_of(name))

    assert failures(check, NAMES) == {}


def test_a_parameter_stands_in_a_canonical_filter_and_nowhere_else() -> None:
    def check(name: str) -> None:
        text = text_of(name)
        assert "?__" not in questions.PARAMETER.sub("", text)
        assert "$__" not in text
        found = questions.PARAMETER.findall(text)
        assert {kind for _, _, kind in found} <= TYPES
        assert len({label for _, label, _ in found}) == len(found)
        assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", label) for _, label, _ in found)
        for line in text.split("\n"):
            if "?__" in line:
                assert questions.PARAMETER.fullmatch(line.strip()), "a line of its own"

    assert failures(check, NAMES) == {}


def certain_variables(node: CompValue) -> set[Variable]:
    """Return the variables that every solution of a pattern binds (SPARQL 1.1, section 18.5)."""
    found: set[Variable] = set()
    match node.name:
        case "BGP":
            found = {part for triple in node.triples for part in triple}
        case "Join":
            found = certain_variables(node.p1) | certain_variables(node.p2)
        case "Union":
            found = certain_variables(node.p1) & certain_variables(node.p2)
        case "LeftJoin" | "Minus":
            found = certain_variables(node.p1)
        case "Graph":
            found = certain_variables(node.p) | {node.term}
        case "ToMultiSet" if node.res:
            found = {key for key in node.res[0] if all(key in row for row in node.res)}
        case "Extend":  # these have a value whatever stands in them
            total = node.expr.name in {"Builtin_IF", "Builtin_STR", "Builtin_EXISTS"}
            found = certain_variables(node.p) | ({node.var} if total else set())
        case "Filter" | "AggregateJoin" | "Group" | "OrderBy" | "Distinct" | "Project":
            found = certain_variables(node.p)
    return {part for part in found if isinstance(part, Variable)}


@pytest.mark.slow
def test_the_filter_of_a_parameter_is_on_a_variable_that_its_group_binds() -> None:
    def check(name: str) -> None:
        filters: list[CompValue] = []

        def visit(node: object) -> None:
            if isinstance(node, CompValue) and node.name == "Filter":
                filters.append(node)

        traverse(prepare(name).algebra, visitPre=visit)
        for variable, label, kind in questions.PARAMETER.findall(text_of(name)):
            [node] = [f for f in filters if f"__{label}_{kind}" in str(f.expr)]
            assert Variable(variable) in certain_variables(node.p), variable

    assert failures(check, NAMES) == {}


@pytest.mark.slow
def test_the_order_names_every_column_so_that_it_is_total() -> None:
    def check(name: str) -> None:
        code = code_of(name)
        order = re.search(r"\n\}\n(?:[A-Z][^\n]*\n)*ORDER BY ([^\n]+)\n", code)
        assert order, "ORDER BY at the end"
        columns = {str(variable) for variable in prepare(name).algebra.PV}
        assert columns <= set(re.findall(r"\?(\w+)", order[1]))
        assert "SELECT *" not in code
        assert not re.search(r"\b(LIMIT|OFFSET)\b", code)

    assert failures(check, NAMES) == {}


@pytest.mark.slow
def test_texts_with_a_language_are_ordered_by_their_characters(kg: KnowledgeGraph) -> None:
    """SPARQL 1.1, section 15.1, orders no such literals; some engines take any order.

    A variable that may be unbound stands alone, because rdflib does not sort by its STR.
    """

    def check(name: str) -> None:
        code = code_of(name)
        order = code[code.rindex("ORDER BY") :]
        answer = kg.answer(text_of(name))
        assert isinstance(answer, ox.QuerySolutions)
        columns = [variable.value for variable in answer.variables]
        tagged = {
            column
            for row in answer
            for column, term in zip(columns, row, strict=True)
            if isinstance(term, ox.Literal) and term.language
        }
        pattern = prepare(name).algebra.p
        with suppress(AttributeError):  # an aggregate has no variable; its keys are bound
            tagged &= set(map(str, certain_variables(pattern)))
        assert tagged <= set(re.findall(r"STR\(\?(\w+)\)", order))

    assert failures(check, NAMES) == {}


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_the_quads_is_of_no_matter(kg: KnowledgeGraph, seed: int) -> None:
    quads = list(kg.quads)
    random.Random(seed).shuffle(quads)  # noqa: S311 (no secret)
    shuffled = store.make_store(quads)
    unordered = "SELECT ?s WHERE { ?s a <https://w3id.org/kaiju/film#Person> }"
    found = [str(list(solutions(stored, unordered))) for stored in (kg.store, shuffled)]
    assert found[0] != found[1], "the shuffle is seen where nothing orders"
    for name in NAMES:
        written = results.write(solutions(shuffled, text_of(name)), "csv", kg.project)
        assert written.replace("\r\n", "\n") == in_oxigraph(kg, name), name


def test_an_answer_shows_labels_and_not_iris(kg: KnowledgeGraph) -> None:
    def check(name: str) -> None:
        answer = kg.answer(text_of(name))
        assert isinstance(answer, ox.QuerySolutions)
        columns = [variable.value for variable in answer.variables]
        rows = list(answer)
        for number, column in enumerate(columns):
            values = [row[number] for row in rows if row[number] is not None]
            bare = values and all(isinstance(value, ox.NamedNode) for value in values)
            assert not bare or BARE & set(column.split("_")), column
            assert not any(isinstance(value, ox.BlankNode) for value in values), column

    assert failures(check, NAMES) == {}


def test_keywords_are_in_capitals_and_variables_are_words() -> None:
    def check(name: str) -> None:
        code = code_of(name)
        for word in re.findall(r"(?<![?$:\w_-])[A-Za-z]+\b(?![:-])", code):
            assert word.lower() not in KEYWORDS or word.isupper(), word
        for variable in re.findall(r"[?$](\w+)", questions.PARAMETER.sub("", code)):
            assert re.fullmatch(r"[a-z]{2,}(_[a-z]{2,})*", variable), variable
        assert "$" not in code

    assert failures(check, NAMES) == {}


def test_a_question_is_named_in_words() -> None:
    def check(name: str) -> None:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", name)

    assert failures(check, NAMES) == {}


def test_an_answer_is_rectangular_and_has_plain_line_ends() -> None:
    def check(name: str) -> None:
        text = answer_of(name)
        assert text.endswith("\n")
        assert "\r" not in text
        header, *rows = csv.reader(io.StringIO(text))
        assert all(len(row) == len(header) for row in rows)
        assert len(set(map(tuple, rows))) == len(rows), "no row twice"

    assert failures(check, ANSWERS) == {}
