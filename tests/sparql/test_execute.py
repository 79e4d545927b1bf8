"""Queries from anyone: what is refused in every spelling, what is accepted, and the messages."""

from __future__ import annotations

import gc
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
import warnings
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaiju_graph import fast_path
from kaiju_graph.errors import LimitError, QueryError, QueryWarning
from kaiju_graph.rdf.terms import RDFS, XSD, Triple
from kaiju_graph.rdf.tokens import tokens
from kaiju_graph.sparql import execute, grammar, limits
from kaiju_graph.sparql.unbound_variables import unbound_variable_warnings
from tests.conftest import every_nth
from tests.repository import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kaiju_graph import KnowledgeGraph
    from tests.conftest import Command, Copy

CALL = "<http://127.0.0.1:9/> { ?a ?b ?c }"
EMPTY = ox.Store()
E = "http://e/"
PREFIXES = {"e": E, "rdfs": RDFS}


def store(*lines: str) -> ox.Store:
    """Return a store of triples and quads, which are written without their prefix."""
    made = ox.Store()
    for line in lines:
        s, p, o, *graph = (ox.NamedNode(E + name) for name in line.split())
        made.add(ox.Quad(s, p, o, *graph))
    return made


def rows(found: execute.Result) -> list[list[str]]:
    assert isinstance(found, ox.QuerySolutions)
    return [[term.value.removeprefix(E) for term in row] for row in found]


# SERVICE and syntax beyond SPARQL 1.1 ------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        f"SELECT * {{ SERVICE {CALL} }}",
        f"SELECT * {{ service silent {CALL} }}",
        f"SELECT * {{ SERVICESILENT {CALL} }}",
        f"ASK {{ ?s ?p 5SERVICE {CALL} }}",
        f"ASK {{ ?s ?p trueSERVICE {CALL} }}",
        f"ASK {{ ?s ?p 5.0SERVICE{CALL} }}",
        f"PREFIX l: <http://e/> ASK {{ OPTIONAL {{ ?s l:a\u00b7\\# ?o }} SERVICE {CALL} }}",
        "PREFIX SERVICEl: <http://x/> PREFIX l: <http://e/> SELECT * { SERVICEl:a { ?a ?b ?c } }",
        "PREFIX :<http://127.0.0.1:9/> SELECT * { ?s ?p ?o FILTER(?o<6)SERVICE:e#>\n{ ?a ?b ?c } }",
    ],
)
def test_service_call_is_refused_in_every_spelling(query: str) -> None:
    with pytest.raises(QueryError, match=r"\Aquery:\d+:\d+: found SERVICE; expected no remote"):
        execute.run(EMPTY, query, {})


@pytest.mark.parametrize(
    "query",
    [
        'SELECT * { ?service ?p "SERVICE <http://e/>" }',
        "SELECT * { ?s <http://e/service> ?o } # SERVICE <http://e/> {}",
        "PREFIX service: <http://e/> SELECT * { ?s service:service ?o }",
        'SELECT * { ?s ?p "a"@en-service }',
        "SELECT * { ?service ?p ?Service }",
        "SELECT * { ?s ?p 'FROM <http://e/nowhere>' } # FROM <http://e/nowhere>",
        "SELECT * { ?s <http://e/LATERAL> '<< ~ {| |} >>' FILTER(?s<<http://e/>) }",
    ],
)
def test_harmless_words_are_accepted(query: str) -> None:
    assert rows(execute.run(EMPTY, query, {})) == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("SELECT * { ?s ?p ?o LATERAL { ?o ?q ?r } }", "LATERAL"),
        ("SELECT * { ?s ?p <<( ?a ?b ?c )>> }", "<<"),
        ("SELECT * { << ?a ?b ?c >> ?p ?o }", "<<"),
        ("SELECT * { ?s ?p ?o ~ ?r }", "~"),
        ("SELECT * { ?s ?p ?o {| ?a ?b |} }", "{|"),
        ("SELECT * { ?s ?p 'x'@en--ltr }", "@en--ltr"),
        ("SELECT (TRIPLE(?s, ?p, ?o) AS ?t) { ?s ?p ?o }", "TRIPLE"),
        ("VERSION '1.2' ASK {}", "VERSION"),
    ],
)
def test_syntax_of_rdf_1_2_is_refused(query: str, found: str) -> None:
    EMPTY.query(query)  # the engine takes it
    with pytest.raises(QueryError) as raised:
        execute.run(EMPTY, query, {})
    message = f"query:1:{query.index(found) + 1}: found {found!r}; expected "
    assert str(raised.value).startswith(message)


# The network and other files --------------------------------------------------


READING = [
    "SELECT * { SERVICE @ { ?a ?b ?c } }",
    "SELECT * { SERVICE SILENT@{ ?a ?b ?c } }",
    "ASK { ?s ?p 5SERVICE @ { ?a ?b ?c } }",
    "CONSTRUCT { ?a ?b ?c } { SERVICE @ { ?a ?b ?c } }",
    "DESCRIBE ?a { { SERVICE ?e { ?a ?b ?c } VALUES ?e { @ } } }",
    "ASK { SERserviceVICE @ { ?a ?b ?c } } # zervice xervice qervice",
    "ASK { ?s ?service 5SERVICE @ { ?a ?b ?c } } # zervice xervice qervice",
    "#\rASK { SERVICE @ { ?a ?b ?c } }",
    "SELECT * FROM @ { ?a ?b ?c }",
    "SELECT * FROM NAMED @ { GRAPH ?g { ?a ?b ?c } }",
    "ASKFROM@{ ?a ?b ?c }",
    "BASE @ ASK FROM <> { ?a ?b ?c }",
    "CONSTRUCT FROM @ WHERE { ?a ?b ?c }",
    "DESCRIBE <http://e/canary> FROM @",
    "LOAD @",
    "LOAD SILENT @ INTO GRAPH <http://e/>",
    "ASK {} ; LOAD @",
    "INSERT { ?a ?b ?c } WHERE { SERVICE @ { ?a ?b ?c } }",
]
"""Queries and updates that would read @."""


def test_queries_read_neither_the_network_nor_other_files(
    kg: KnowledgeGraph, kaiju: Command, tmp_path: Path
) -> None:
    canary = tmp_path / "canary.ttl"
    canary.write_text("<http://e/canary> <http://e/sings> <http://e/here> .", encoding="utf-8")
    connections = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        listening = threading.Event()

        def listen() -> None:
            while not listening.is_set():
                try:
                    listener.accept()[0].close()
                    connections.append(1)
                except TimeoutError:
                    continue

        thread = threading.Thread(target=listen)
        thread.start()
        site = f"<http://127.0.0.1:{listener.getsockname()[1]}/>"
        outside = [site, f"<{canary.as_uri()}>"]
        queries = [query.replace("@", iri) for iri in outside for query in READING]
        try:
            for query in queries:
                if "FROM" in query:
                    with pytest.warns(QueryWarning, match="the dataset has no graph"):
                        kg.query(query)
                else:
                    with pytest.raises(QueryError):
                        kg.query(query)
                if fast_path.is_harmless(query):  # an update, which the engine takes for no query
                    with pytest.raises(SyntaxError):
                        EMPTY.query(query)
            run = kaiju("query", queries[0])
            assert run.returncode == 3
            for iri in outside:  # a graph that is not there
                assert not kg.query(f"ASK {{ GRAPH {iri} {{ ?a ?b ?c }} }}").boolean
        finally:
            listening.set()
            thread.join()
    assert not connections


# FROM -------------------------------------------------------------------------

TWICE = store("a p b x", "a p b y", "c p d y", "a p b", "c p d", "e p f")


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("SELECT (COUNT(*) AS ?n) {?s ?p ?o}", "3"),
        ("SELECT (COUNT(*) AS ?n) FROM e:x {?s ?p ?o}", "1"),
        ("SELECT (COUNT(*) AS ?n) FROM e:x FROM <http://e/y> {?s ?p ?o}", "2"),
        ("BASE <http://e/> SELECT (COUNT(*) AS ?n) FROM <x> FROM <y> {?s ?p ?o}", "2"),
        ("PREFIX q: <http://e/> SELECT (COUNT(*) AS ?n) FROM q:y {?s ?p ?o}", "2"),
        ("SELECT (COUNT(*) AS ?n) FROM e:x {GRAPH ?g {?s ?p ?o}}", "0"),
        ("SELECT (COUNT(*) AS ?n) FROM NAMED e:y {?s ?p ?o}", "0"),
        ("SELECT (COUNT(*) AS ?n) FROM NAMED e:y {GRAPH ?g {?s ?p ?o}}", "2"),
        ("SELECT (COUNT(*) AS ?n) FROM e:x FROM NAMED e:y {?s ?p ?o GRAPH ?g {?s ?p ?o}}", "1"),
    ],
)
def test_from_merges_graphs_of_the_dataset(query: str, count: str) -> None:
    assert rows(execute.run(TWICE, query, PREFIXES)) == [[count]]


def test_suggestion_has_the_prefix_of_the_longest_namespace() -> None:
    inner = PREFIXES | {"inner": f"{E}inner/"}
    with pytest.warns(QueryWarning, match=r"did you mean 'inner:passage-one'\?$"):
        execute.run(store("a p b inner/passage-one"), "ASK FROM inner:pasage-one {}", inner)


def test_unknown_graph_of_from_is_empty_with_a_warning() -> None:
    # SPARQL 1.1, section 13.2: FROM describes the dataset; a graph without triples is one, too.
    passages = store("a p b passage-one")
    with pytest.warns(QueryWarning) as warned:
        found = execute.run(passages, "ASK\nFROM NAMED e:pasage-one { e:x e:y e:z }", PREFIXES)
    assert isinstance(found, ox.QueryBoolean)
    assert not found
    (warning,) = warned
    assert str(warning.message) == (
        "query:2:12: the dataset has no graph e:pasage-one, which is empty here; "
        "did you mean 'e:passage-one'?"
    )
    count = "SELECT (COUNT(*) AS ?n) FROM e:nowhere FROM e:passage-one { ?s ?p ?o }"
    with pytest.warns(QueryWarning, match="no graph e:nowhere"):
        assert rows(execute.run(passages, count, PREFIXES)) == [["1"]]


def test_relative_iri_of_from_is_an_error_with_its_place() -> None:
    with pytest.raises(QueryError, match=r"\Aquery:2:6: found <x>, which has no scheme; expect"):
        execute.run(TWICE, "ASK FROM e:x\nFROM <x> {}", PREFIXES)


def test_check_accepts_unknown_graphs() -> None:
    execute.check_query("ASK FROM e:x {}", PREFIXES)
    for wrong in ("ASK FROM e:x {", "ASK { SERVICE e:x {} }", "ASK { FILTER(e:f()) }"):
        with pytest.raises(QueryError, match=r"\Aa.rq:1:\d+: found "):
            execute.check_query(wrong, PREFIXES, "a.rq")


# Depth and length -------------------------------------------------------------


def test_query_longer_than_the_limit_is_refused() -> None:
    text = f"ASK {{}} # {'x' * execute.MAX_CHARACTERS}"
    with pytest.raises(LimitError, match=r"\Aquery: found more than 65,536 characters; expected"):
        execute.run(EMPTY, text, {})


@pytest.mark.parametrize("bracket", ["(", "{", "["])
def test_brackets_nested_too_deeply_are_refused(bracket: str) -> None:
    with pytest.raises(QueryError, match="found brackets nested 201 deep; expected at most 200"):
        execute.run(EMPTY, f"SELECT * {{ {bracket * 5000}", {})


# Query → parts to repeat in it; the longest queries overflow a stack of the usual size.
REPEATED = {
    "SELECT * { %s }": ["MINUS{}", "OPTIONAL{}", "{SELECT*{}}", "GRAPH ?g{}", "BIND(1 AS?v#)"],
    "SELECT * { {} %s }": ["UNION{}"],
    "SELECT * { FILTER(1%s) }": ["-1", "/1", "*1", "||1", "-1*1", "&&1"],
    "SELECT * { FILTER(%s1) }": ["!"],
    "SELECT * { ?s a%s ?o }": ["/a", "|a", "/a*"],
    "SELECT * { ?s ?p (%s) }": ["1 "],
    "SELECT * { ?s ?p ?o%s }": [",?o", ";?p ?o"],
    "SELECT %s {}": ["(1 AS?v#)", "(SUM(1)AS?v#)"],
    "SELECT (COUNT(*) AS ?n) {} HAVING %s": ["(1)"],
    "DESCRIBE %s": ["<a:>"],
}
CHILD = """
import os, sys
import pyoxigraph as ox
from kaiju_graph.sparql import execute, limits
with limits.Watch(1, 4096, lambda limit: os._exit(5)):
    execute.run(ox.Store(), sys.stdin.read(), {})
"""


@pytest.mark.parametrize(
    ("frame", "unit"),
    every_nth(((frame, unit) for frame, units in REPEATED.items() for unit in units), 8),
)
def test_longest_query_does_not_crash_the_process(frame: str, unit: str) -> None:
    whole = frame.replace("%s", "".join(_units_that_fit(unit, execute.MAX_CHARACTERS - len(frame))))
    assert execute.MAX_CHARACTERS - 20 < len(whole) <= execute.MAX_CHARACTERS
    done = subprocess.run(
        [sys.executable, "-c", CHILD],
        input=whole,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode in (0, 5), done.stderr


def _units_that_fit(unit: str, room: int) -> Iterator[str]:
    """Yield as many units, numbered, as there is room for."""
    number = 0
    while len(made := unit.replace("#", f"{number:x}")) <= room:
        yield made
        room -= len(made)
        number += 1


def test_deep_stack_call_returns_the_result_or_raises_the_error() -> None:
    before = threading.get_ident()
    assert limits.call_with_deep_stack(threading.get_ident) != before
    with pytest.raises(ZeroDivisionError):
        limits.call_with_deep_stack(lambda: 1 // 0)

    def nested(depth: int) -> list[object]:
        made: list[object] = []
        for _ in range(depth):
            made = [made]
        return made

    assert limits.call_with_deep_stack(lambda: len(nested(10))) == 1


def test_error_of_a_query_with_from_takes_no_answer_to_another_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dropped: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", dropped.append)
    store = ox.Store()
    store.add(ox.Quad(*[ox.NamedNode("e:a")] * 4))
    with pytest.raises(QueryError, match="found '}'; expected"):
        execute.run(store, "ASK FROM <e:a> { ?s ?p ?o FILTER(1 + }", {})
    gc.collect()
    assert not dropped


def test_concurrent_deep_stack_calls_restore_the_settings() -> None:
    stack = threading.stack_size()
    entered = threading.Barrier(3)
    ends = [threading.Event(), threading.Event()]

    def work(end: threading.Event) -> None:
        entered.wait(10)
        end.wait(10)

    threads = [
        threading.Thread(target=limits.call_with_deep_stack, args=[lambda end=end: work(end)])
        for end in ends
    ]
    for thread in threads:
        thread.start()
    entered.wait(10)
    for end, thread in zip(ends, threads, strict=True):
        assert not gc.isenabled()
        end.set()
        thread.join(10)
    assert gc.isenabled()
    assert threading.stack_size() == stack


@pytest.mark.parametrize("limit", [(0.05, 4096), (60, 1)])
def test_watch_stops_at_a_limit(limit: tuple[float, float]) -> None:
    stopped = threading.Event()
    with limits.Watch(*limit, lambda _: stopped.set()):
        assert stopped.wait(10)


def test_watch_does_not_stop_after_its_end() -> None:
    stopped = threading.Event()
    with limits.Watch(0.1, 4096, lambda _: stopped.set()):
        pass
    assert not stopped.wait(0.3)


def test_prefix_without_an_iri_is_an_error_of_the_query() -> None:
    message = r"^query:1:1: found the prefix 'http://e/ ' for e \(IRI code point ' '\); expected"
    with pytest.raises(QueryError, match=message):
        execute.check_query("ASK {}", {"e": "http://e/ "})


# Tokens and grammar -----------------------------------------------------------

HOSTILE = ['"', "'", '"\\"', '"""\\"""', "a.", "a-", "a:.", "<", "<a/", "! ", "- ", "( ", "..:"]


@pytest.mark.parametrize("unit", every_nth(HOSTILE, 4))
@pytest.mark.parametrize("start", ["", '"', "'''", "<", "a:"])
def test_tokens_take_linear_time(start: str, unit: str) -> None:
    def seconds(length: int) -> float:
        text = (start + unit * length)[:length]
        best = 1.0
        for _ in range(3):
            before = time.process_time()
            assert sum(len(token.text) for token in tokens(text)) <= length
            best = min(best, time.process_time() - before)
        return best

    # Six times the text; 36 times the time if it were quadratic.
    assert seconds(30_000) < 18 * seconds(5_000) + 0.01


@given(st.text(alphabet="aA1 .:-_<>?$\"'\\@#{}()[]|&^+*/!=,;~%\n\u00b7\u00e9", max_size=60))
def test_tokens_cover_a_text_except_space_and_comments(text: str) -> None:
    end = 0
    for token in tokens(text):
        between = text[end : token.offset]
        assert all(not line.strip() or line.lstrip()[0] == "#" for line in between.split("\n"))
        assert text.startswith(token.text, token.offset)
        end = token.offset + len(token.text)


@pytest.mark.parametrize("path", sorted(ROOT.glob("queries/*.rq")), ids=lambda path: path.stem)
def test_grammar_accepts_stored_questions(path: Path) -> None:
    assert grammar.find_fault(path.read_text(encoding="utf-8")) is None


# Valid queries that use every rule of the grammar.
ALLOWED = """
BASE <http://e/> PREFIX : <#> SELECT DISTINCT ?a (COUNT(DISTINCT *) AS ?n) FROM :g FROM NAMED <h> {}
SELECT REDUCED * { SELECT ?x { ?x a ?y . } GROUP BY ?x HAVING (?x > 1) (true) LIMIT 1 OFFSET 2 }
CONSTRUCT { ?s ?p [ ?q 1 , 2 ; ] ; ; :r ( 1 2.0 3e4 -5 +.6 ) . [] :p () } WHERE { ?s ?p ?o }
CONSTRUCT FROM :g WHERE { ?s ?p ?o }
DESCRIBE ?x <y> :z
DESCRIBE *
ASK { _:a.b ?p 'x'@en-GB , "y"^^:t , '''z''' , \"\"\"w\"\"\" , true , FALSE }
ASK { { ?a ?b ?c } UNION { } OPTIONAL { } MINUS { } GRAPH ?g { } FILTER NOT EXISTS { } }
ASK { BIND(1 AS ?x) VALUES ?y { 1 UNDEF } VALUES (?a ?b) { (1 2) (UNDEF :x) } VALUES () { () } }
ASK { ?s ^(:p|!(:q|^a))+/:r*/(a?)|!:s ?o ; ?v :w } VALUES ?x { :y }
ASK { FILTER(!?a || -?b * 2 + 3 -4/5 <= 6 && ?c NOT IN (1, 2) || ?d IN () || EXISTS { }) }
ASK { FILTER(:f(DISTINCT ?x, 1) = :g() && REGEX(?a, 'b', 'i') && IF(?a, ?b, ?c) && BOUND(?x)) }
ASK { FILTER STRSTARTS(?a, ?b) FILTER :f(1) BIND(REPLACE(?a, 'b', 'c', 'd') AS ?e) }
SELECT (GROUP_CONCAT(DISTINCT ?a ; SEPARATOR = ', ') AS ?b) { } GROUP BY (?a AS ?c) STR(?d) :f(?e)
SELECT * { } ORDER BY DESC(?a) ASC(?b) ?c (?d + 1) STRLEN(?e) OFFSET 1 LIMIT 2
SELECT (COALESCE() AS ?a) (CONCAT(?b, ?c) AS ?d) (RAND() AS ?e) (BNODE() AS ?f) (BNODE(?b) AS ?g) {}
""".strip().splitlines()


@pytest.mark.parametrize("text", ALLOWED)
def test_grammar_accepts_valid_queries(text: str) -> None:
    assert grammar.find_fault(text) is None


# Mistakes ---------------------------------------------------------------------

NEXT = "',', ';', '.', '}' or a pattern such as OPTIONAL or FILTER"
CLOSE = "the end of the query, GROUP, HAVING, ORDER, LIMIT, OFFSET or VALUES"
GROUPED = "which is not grouped; expected it after GROUP BY, or in an aggregate such as COUNT"
MISTAKES = {
    "SELECT ?x WHERE { ?x a e:F ?x e:p ?y }": f"1:28: found '?x'; expected {NEXT}",
    "SELECT ?x WHERE { ?x a e:F": f"1:27: found the end; expected {NEXT}",
    "SELECT ?x WHERE ?x a e:F": "1:17: found '?x'; expected '{'",
    "SELECT ?x WHERE { ?x a e:F }}": f"1:29: found '}}'; expected {CLOSE}",
    "SELECT ?x { ?x a e:F FILTER(FLOR(?x)) }": (
        "1:29: found 'FLOR'; expected an expression; did you mean 'FLOOR'?"
    ),
    "SELECT ?x { ?x flim:a ?y }": "1:16: found the prefix 'flim'; expected a declared prefix",
    "SELECT ?x WHER { ?x a e:F }": (
        "1:11: found 'WHER'; expected '(', '{', a variable, FROM or WHERE; did you mean 'WHERE'?"
    ),
    "SELECT ?x { ?x a e:F } ODER BY ?x": (
        f"1:24: found 'ODER'; expected {CLOSE}; did you mean 'ORDER'?"
    ),
    "SELECT ?x { ?x a ?y } ORDER ?x": "1:29: found '?x'; expected BY",
    "SELECT ?x (COUNT(?y) AS ?n) { ?x a ?y }": f"1:8: found ?x, {GROUPED}",
    "SELECT ?z (COUNT(?y) AS ?n) { ?x a ?y . ?z a ?y } GROUP BY ?x": f"1:8: found ?z, {GROUPED}",
    "SELECT ?y { ?x a ?y } GROUP BY ?x": f"1:8: found ?y, {GROUPED}",
    "SELECT * { ?x a ?y } GROUP BY ?x": (
        "1:8: found *, with GROUP BY; expected the grouped variables"
    ),
    "SELECT COUNT(?x) AS ?n { ?x a ?y }": (
        "1:8: found 'COUNT'; expected '(', '*', a variable, DISTINCT or REDUCED"
    ),
    "SELECT ?x { ?x e:p 'it }": (
        '1:20: found a string that does not end: "\'it }"; expected its closing quotation mark'
    ),
    "SELECT ?x { ?x e:p \u201cit\u201d }": (
        "1:20: found '\u201c'; expected a term or a path: "
        "the quotation marks of SPARQL are \" and '"
    ),
    "SELECT ?x { ?x e:p 'a\\q' }": (
        "1:22: found '\\\\q' in a string; expected one of \\t \\b \\n \\r \\f \\\" \\' \\\\ \\u \\U"
    ),
    "SELECT ?x { ?x a ?y FILTER(?y == e:F) }": "1:32: found '='; expected an expression",
    "SELECT ?x, ?y { ?x a ?y }": "1:10: found ','; expected '(', '{', a variable, FROM or WHERE",
    "SELECT ?x { ?x a ?y } LIMIT -1": "1:29: found '-1'; expected a whole number",
    "SELECT ?x { ?x a <Film> }": (
        "1:18: found <Film>, which has no scheme; expected a whole IRI or a prefix"
    ),
    "SELECT ?x { ?x a ?y BIND(2 AS ?x) }": (
        "1:31: found AS ?x, which is bound before; expected a new variable"
    ),
    "SELECT (1 AS ?x) { ?x a ?y }": (
        "1:14: found ?x, which the pattern binds; expected a new variable after AS"
    ),
    "SELECT ?x ?x { ?x a ?y }": (
        "1:11: found ?x, which is selected before; expected each variable once"
    ),
    "ASK { VALUES (?x ?y) { (1) } }": (
        "1:7: found VALUES, with a row of another length; expected a value for each variable"
    ),
    "ASK { _:a ?p ?o { _:a ?q ?r } }": (
        "1:19: found _:a, which another group has; expected another label"
    ),
    "CLEAR ALL": (
        "1:1: found 'CLEAR'; expected SELECT, ASK, CONSTRUCT or DESCRIBE: "
        "the graph cannot be updated"
    ),
    " ": "1:2: found no query; expected SELECT, ASK, CONSTRUCT or DESCRIBE",
    "ASK { ?x ?y '\ud800' }": "1:14: found a lone surrogate; expected Unicode",
}


@pytest.mark.parametrize("text", MISTAKES)
def test_mistake_is_reported_with_its_place_and_what_was_expected(text: str) -> None:
    with pytest.raises(QueryError) as raised:
        execute.run(EMPTY, text, PREFIXES)
    assert str(raised.value) == f"query:{MISTAKES[text]}"


WORDS = """SELECT ASK CONSTRUCT WHERE FROM NAMED { } ( ) [ ] . ; , * ?x ?y a e:p <http://e/x>
    'it' 1 -2 UNION OPTIONAL MINUS FILTER BIND AS VALUES UNDEF GROUP BY HAVING ORDER LIMIT COUNT
    STR ! = + / | ^ NOT EXISTS IN SERVICE LATERAL _:b "open""".split()


@given(st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join))
def test_random_words_give_an_answer_or_a_one_line_error(text: str) -> None:
    message = "query:1:1: "
    try:
        execute.run(EMPTY, text, PREFIXES)
    except QueryError as error:
        message = str(error)
    assert re.fullmatch(r"query:1:\d+: .*", message)


@given(st.lists(st.sampled_from(WORDS[:40]), max_size=12).map(" ".join))
def test_engine_refuses_every_query_that_the_grammar_refuses(inside: str) -> None:
    text = f"SELECT * {{ {inside} }}"
    if grammar.find_fault(text) is not None and "SERVICE" not in text:
        with pytest.raises(SyntaxError):
            EMPTY.query(text, prefixes=PREFIXES)


# Answers ----------------------------------------------------------------------

ONTOLOGY = store("director p director", "Film p Film")
for term in ("director", "Film"):
    named = (ox.NamedNode(RDFS + "isDefinedBy"), ox.NamedNode(E))
    ONTOLOGY.add(ox.Quad(ox.NamedNode(E + term), *named))


def test_empty_answer_warns_of_terms_that_the_ontology_does_not_define() -> None:
    with pytest.warns(QueryWarning) as caught:
        assert rows(execute.run(ONTOLOGY, "SELECT * { ?x e:directer ?y }", PREFIXES)) == []
    assert [str(warning.message) for warning in caught] == [
        "query:1:15: the ontology e: has no term e:directer; did you mean 'e:director'?"
    ]
    for query in ("SELECT * { ?x e:p ?y }", "ASK { ?x e:director e:Film }", "ASK { ?x e:no ?y }"):
        if "e:no" in query:
            with pytest.warns(QueryWarning, match="no term e:no"):
                execute.run(ONTOLOGY, query, PREFIXES)
        else:
            execute.run(ONTOLOGY, query, PREFIXES)


MISSED = {  # the query → the place of the term that the path leads to itself
    "SELECT ?o { e:no e:p* ?o }": "1:13",
    "SELECT ?s { ?s e:p? e:no }": "1:21",
    "ASK { e:no (e:p?/^e:q*|e:p)+ e:no }": "1:7 1:30",
    "SELECT ?o { e:a e:p ?x ; e:q? ?o, 'no'@en }": "1:35",
    "SELECT ?o { ?o e:p* [ e:p* 01 ] }": "1:28",
    "SELECT ?o { GRAPH e:x { e:c e:p? ?o } }": "1:25",
    "SELECT ?o { GRAPH ?g { e:a e:p? ?o } }": "1:24",
    "SELECT ?o FROM e:y { FILTER EXISTS { e:a e:p* ?o } }": "1:38",
    "PREFIX f: <http://e/n> ASK { f:o f:o* f:o }": "1:30 1:39",
}
FOUND = (
    "SELECT ?o { e:a e:q* ?o }",
    "SELECT ?o { e:no e:p+ ?o . e:no (e:p*/e:p|!(e:p|^e:q))+ ?o }",
    "SELECT ?o { ?s e:p* ?o, [] , () . _:b e:p? e:b FILTER(?o = 'no' || 1 * 2 = ?o) }",
    "SELECT ?o { e:no e:p [ e:p* ?o ] . (e:no) e:q ?o VALUES ?o { e:no } }",
    "SELECT ?o { GRAPH e:no { e:a e:p? ?o } GRAPH ?g { e:b e:p? ?o } }",
)


def test_missing_solution_of_a_path_without_steps_gives_a_warning() -> None:
    # SPARQL 1.1, section 18.4: a path of zero steps leads from any term to itself.
    graphs = store("a p b", "a p b x", "c p b y")

    def places(query: str) -> str:
        with warnings.catch_warnings(record=True, action="always") as caught:
            execute.run(graphs, query, PREFIXES)
        messages = [str(warning.message).removeprefix("query:") for warning in caught]
        return " ".join(text.split(": ")[0] for text in messages if "has no step is" in text)

    assert {query: places(query) for query in MISSED} == MISSED
    assert [query for query in FOUND if places(query)] == []


MANY = store(*(f"s{n} p o" for n in range(5)))


@pytest.mark.parametrize("query", ["SELECT ?s { ?s e:p ?o }", "CONSTRUCT WHERE { ?s e:p ?o }"])
def test_row_limit_is_kept_with_a_warning(query: str) -> None:
    def count(found: execute.Result) -> int:
        assert not isinstance(found, ox.QueryBoolean)
        return len(list(found))

    with pytest.warns(
        QueryWarning, match=r"query: there are more than 4 results; --max-rows raises"
    ):
        assert count(execute.run(MANY, query, PREFIXES, rows=4)) == 4
    assert count(execute.run(MANY, query, PREFIXES, rows=5)) == 5
    assert count(execute.run(MANY, query, PREFIXES)) == 5


def test_row_limit_ends_an_endless_query() -> None:
    query = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o . ?q ?r ?s }"
    endless = store(*(f"s{n} p o" for n in range(100)))
    with pytest.warns(QueryWarning, match="more than 3 results"):
        assert len(rows(execute.run(endless, query, PREFIXES, rows=3))) == 3


@pytest.mark.parametrize(
    ("query", "warnings"),
    [
        ("SELECT ?titel { ?s e:p ?title }", ["1:8: ?titel is in no pattern, so it has no value"]),
        ("SELECT (COUNT($t) AS ?n)\n?x { ?s ?p ?o }", ["1:15: $t is in", "2:1: ?x is in"]),
        ("SELECT * { ?s ?p ?o }", []),
        ("SELECT (coalesce(?x, ?y, ?s) AS ?n) { ?s ?p ?o }", ["1:22: ?y is in"]),
        ("SELECT ?s ($o AS ?n) (?n + 1 AS ?m) { $s ?p ?o }", []),
        ("SELECT ?n { { SELECT (COUNT(*) AS ?n) { ?s ?p ?o } } }", []),
        ("PREFIX a: <http://e/?x> SELECT ?s ?v { ?s ?p ?o } VALUES ?v { 1 }", []),
        ("CONSTRUCT { ?a ?b ?c } WHERE { ?s ?p ?o }", []),
        ("DESCRIBE ?x", []),
    ],
)
def test_variable_that_is_selected_and_never_bound_is_reported(
    query: str, warnings: list[str]
) -> None:
    found = list(unbound_variable_warnings(query))
    assert [
        message[: len(start)] for message, start in zip(found, warnings, strict=True)
    ] == warnings


@pytest.mark.parametrize("limit", [None, 99])
@pytest.mark.parametrize(
    ("query", "columns"),
    [
        ("SELECT * { ?s ?p ?o }", "s p o"),
        ("select distinct*{$o$p$s}", "o p s"),
        ("PREFIX e: <http://e/> SELECT REDUCED * { ?b e:p* ?s2 . ?s2 ?q ?s }", "b s2 q s"),
        ("SELECT * { ?o e:p ?é { SELECT * { ?c e:p ?a } } }", "o é c a"),
        ("SELECT (?o AS ?n) ?o { { SELECT * { ?o e:p ?n2 } } }", "n o"),
        ("SELECT (COUNT(*) AS ?n) ?a { ?a ?b ?c } GROUP BY ?a", "n a"),
    ],
)
def test_columns_of_a_star_have_the_order_of_the_query(
    query: str, columns: str, limit: int | None
) -> None:
    found = execute.run(MANY, query, PREFIXES, rows=limit, explain=False)
    assert isinstance(found, ox.QuerySolutions)
    assert [variable.value for variable in found.variables] == columns.split()


def test_solutions_keep_their_terms() -> None:
    query = """SELECT * { VALUES (?a ?b) {
        (<http://e/\u00e9> 'a\\n\\t"'@de) (1.50 UNDEF) (UNDEF '1'^^<http://e/t#string>) ('' true)
    } }"""
    direct = EMPTY.query(query)
    assert isinstance(direct, ox.QuerySolutions)
    expected = [tuple(row) for row in direct]
    expected[1] = (ox.Literal("1.50", datatype=ox.NamedNode(f"{XSD}decimal")), None)  # not 1.5
    for limit in (None, 9):
        found = execute.run(EMPTY, query, {}, rows=limit)
        assert isinstance(found, ox.QuerySolutions)
        assert [tuple(row) for row in found] == expected


def test_blank_nodes_that_are_hard_to_canonicalize_are_numbered() -> None:
    pairs = " ".join(f"_:a{a} e:p _:a{b} ." for a in range(12) for b in range(12) if a != b)
    found = execute.run(EMPTY, f"CONSTRUCT {{ {pairs} }} {{}}", PREFIXES)
    assert isinstance(found, list)
    assert {str(triple.subject) for triple in found} == {f"_:b{number}" for number in range(12)}


def test_new_blank_nodes_have_the_same_labels_each_time() -> None:
    query = "CONSTRUCT { [] e:q ?s , [ e:r ?p ] } WHERE { ?s ?p ?o }"
    first, second = (execute.run(MANY, query, PREFIXES) for _ in range(2))
    assert isinstance(first, list)
    assert isinstance(second, list)
    assert len(first) == 15
    assert all(isinstance(triple, Triple) for triple in first)
    assert set(first) == set(second)


# The command ------------------------------------------------------------------


@pytest.mark.parametrize("value", ["nan", "-1", "inf", "x", ""])
@pytest.mark.parametrize("option", ["--timeout", "--max-memory", "--max-rows"])
def test_limit_is_a_positive_number(kaiju: Command, option: str, value: str) -> None:
    run = kaiju("query", "ASK {}", f"{option}={value}")
    whole = "whole " if option == "--max-rows" else ""
    assert run.returncode == 2
    assert run.stdout == ""
    assert f"argument {option}: found {value!r}; expected a positive {whole}number" in run.stderr
    assert run.stderr.count("\n") == 1


DOUBLED = " ".join(f"BIND(CONCAT({','.join([f'?v{n}'] * 8)}) AS ?v{n + 1})" for n in range(9))
ENDLESS = {
    "product": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
    "literal": f"SELECT (STRLEN(?v9) AS ?n) {{ BIND('aaaaaaaaaaaaaaaa' AS ?v0) {DOUBLED} }}",
    "path": "SELECT * { ?s (!e:a|^!e:b)* ?o . ?o (!e:a)* ?z . ?z (!e:b)* ?y }",
}


def test_endless_standard_input_is_an_error(root: Path) -> None:
    with open("/dev/zero", "rb") as endless:
        done = subprocess.run(
            [sys.executable, "-m", "kaiju_graph", "query", "-"],
            cwd=root,
            stdin=endless,
            capture_output=True,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stdout) == (5, "")
    message = "query: found more than 262,144 bytes; expected a query"
    assert done.stderr == f"kaiju: error: {message}\n"


@pytest.mark.parametrize("name", every_nth(ENDLESS, 3))
def test_endless_query_ends_with_one_line(kaiju_process: Command, name: str) -> None:
    query = f"PREFIX e: <http://e/> {ENDLESS[name]}"
    run = kaiju_process("query", query, "--timeout", "2", "--max-memory", "400")
    assert (run.returncode, run.stdout) == (5, "")
    assert run.stderr.startswith("kaiju: error: the query took more than ")
    assert run.stderr.count("\n") == 1


def test_memory_limit_ignores_the_parent_process(root: Path) -> None:
    code = (
        "import subprocess, sys; taken = bytearray(300 << 20); taken[::4096] = b'x' * (300 << 8); "
        "sys.exit(subprocess.run([sys.executable, '-m', 'kaiju_graph', 'query', "
        "'SELECT ?new { ?new a film:Film }', '--max-memory', '250']).returncode)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("form", ["csv", "tsv", "json", "jsonl", "xml", "markdown", "table"])
def test_limited_rows_are_a_complete_document_in_each_format(kaiju: Command, form: str) -> None:
    query = "SELECT ?thing { ?thing a film:Film } ORDER BY ?thing"
    run = kaiju("query", query, "--max-rows", "2", "-f", form)
    assert run.returncode == 0
    whole = "kaiju: warning: query: there are more than 2 results; --max-rows raises the limit\n"
    assert run.stderr == whole
    assert run.stdout == kaiju("query", f"{query} LIMIT 2", "-f", form).stdout
    if form == "json":
        assert len(json.loads(run.stdout)["results"]["bindings"]) == 2


@pytest.mark.parametrize(
    "call", [("ask", "who-directed"), ("query", "ASK {}"), ("export",)], ids=" ".join
)
def test_full_or_closed_output_is_a_one_line_error(root: Path, call: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "kaiju_graph", *call]
    for redirection, message in {
        ">/dev/full": "standard output: No space left on device",
        ">&-": "standard output is closed; expected one to write to",
    }.items():
        shell = ["sh", "-c", f'exec "$@" {redirection}', "sh", *command]
        done = subprocess.run(shell, cwd=root, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (4, f"kaiju: error: {message}\n")
    for redirection in ("2>/dev/full", "2>&-"):
        shell = ["sh", "-c", f'exec "$@" --nonsense {redirection}', "sh", *command]
        done = subprocess.run(shell, cwd=root, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (2, "")


def test_answer_without_rows_has_a_note_on_a_terminal(root: Path) -> None:
    pty = pytest.importorskip("pty", reason="a terminal is made with pty, which only Unix has")
    for pattern, is_empty in {"?s e:no ?o": True, "OPTIONAL { ?s e:no ?o }": False}.items():
        query = f"PREFIX e: <http://e/> SELECT ?s {{ {pattern} }}"
        terminal, inside = pty.openpty()
        done = subprocess.run(
            [sys.executable, "-m", "kaiju_graph", "query", query],
            cwd=root,
            stdout=inside,
            stderr=subprocess.PIPE,
            check=True,
            text=True,
        )
        os.close(inside)
        os.close(terminal)
        assert done.stderr == ("kaiju: no rows\n" if is_empty else "")


def test_warning_of_an_unknown_term_is_repeated_each_time(kaiju: Command) -> None:
    message = (
        "query:1:10: the ontology film: has no term film:directer; did you mean 'film:director'"
    )
    for _ in range(3):
        run = kaiju("query", "ASK { ?x film:directer ?y }")
        assert (run.returncode, run.stdout) == (0, "false\n")
        assert run.stderr.startswith(f"kaiju: warning: {message}")
        assert run.stderr.count("\n") == 1


def test_file_name_that_is_not_utf_8_is_an_error(kaiju: Command, copy: Copy) -> None:
    try:
        with open(os.fsencode(copy.root) + b"/graph/\xff.ttl", "wb"):
            pass
    except OSError:
        pytest.skip("this file system has no such names")
    run = kaiju("ask", "who-directed", cwd=copy.root)
    assert (run.returncode, run.stdout) == (3, "")
    message = (
        r"graph/'\udcff.ttl': found a file name that is not visible UTF-8; expected one that is"
    )
    assert run.stderr == f"kaiju: error: {message}\n"


def test_parameter_of_an_unknown_type_is_an_error(kaiju: Command, copy: Copy) -> None:
    copy.replace("queries/who-directed.rq", "?__film_iri", "?__film_uri")
    run = kaiju("ask", "who-directed", "-p", "film=x", cwd=copy.root)
    assert (run.returncode, run.stdout) == (3, "")
    assert "found the parameter 'film' of type 'uri'; expected iri, string, integer" in run.stderr
    assert run.stderr.startswith("kaiju: error: queries/who-directed.rq:")
    assert run.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "text",
    [
        r"SELECT ?\u0078 { VALUES ?x { e:a } }",
        r"SELECT ?x { VALUES ?x { e:\u0061 } }",
        r"SELECT ?x { VALUES ?x { \u0065\u003A\U00000061 } }",
        r"SEL\u0045CT ?x { VALUES ?x { <http://example.org/\u0061> } }",
    ],
)
def test_code_points_may_be_escaped_in_names(text: str) -> None:
    """SPARQL 1.1, section 19.2."""
    answer = execute.run(EMPTY, text, {"e": "http://example.org/"})
    assert isinstance(answer, ox.QuerySolutions)
    assert [row["x"] for row in answer] == [ox.NamedNode("http://example.org/a")]


@pytest.mark.parametrize(
    "text",
    [
        r"SELECT ?x\u0020?y { }",
        r"ASK { FILTER(STR(1) = \u0022a\u0022) }",
        r"ASK { \u0053ERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        r"ASK { e:\uD800 ?p ?o }",
        r"ASK { e:\U00110000 ?p ?o }",
    ],
)
def test_escape_that_is_no_part_of_a_name_is_refused(text: str) -> None:
    with pytest.raises(QueryError, match=r"^query:1:\d+: found "):
        execute.run(EMPTY, text, {"e": "http://example.org/"})


def test_escapes_in_strings_are_left_to_the_engine() -> None:
    text = r"SELECT ?x { VALUES ?x { '\u0022\\u0041' } }"
    answer = execute.run(EMPTY, text, {})
    assert isinstance(answer, ox.QuerySolutions)
    assert [row["x"].value for row in answer] == ['"\\u0041']


def test_escaped_keyword_reads_the_named_graphs(kaiju: Command) -> None:
    run = kaiju("query", r"ASK { G\u0052APH ?g { ?s a film:Film } }", "-f", "json")
    assert '"boolean":true' in run.stdout, run.stderr


@pytest.mark.parametrize("content", ["\ufeffASK\r\n{\r\n}", "ASK\r{}", "# e\u0301\nASK {}\n"])
def test_query_of_a_file_is_the_same_as_from_standard_input(
    content: str, kaiju: Command, tmp_path: Path
) -> None:
    """SPARQL 1.1, section 19.8: white space has #xD."""
    file = tmp_path / "a.rq"
    file.write_bytes(content.encode())
    for arguments in (("--file", str(file)), ("--file", "-"), ("-",)):
        run = kaiju("query", *arguments, input=content)
        assert (run.returncode, run.stdout, run.stderr) == (0, "true\n", "")


def test_query_of_a_file_that_is_not_utf_8_is_refused(kaiju: Command, tmp_path: Path) -> None:
    (tmp_path / "a.rq").write_bytes(b"ASK {} # \xff")
    run = kaiju("query", "--file", "a.rq", cwd=tmp_path, env={"KAIJU_ROOT": str(ROOT)})
    assert (run.returncode, run.stdout) == (3, "")
    assert run.stderr == "kaiju: error: a.rq:1:10: found byte 0xff; expected UTF-8\n"
