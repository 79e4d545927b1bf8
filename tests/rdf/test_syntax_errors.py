"""A file that does not parse gives one error: the place, what was found, and what was expected."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kaiju_graph.errors import SourceError
from kaiju_graph.rdf import syntax_errors
from kaiju_graph.rdf.grammar import Fault
from kaiju_graph.rdf.parse import parse
from kaiju_graph.rdf.terms import ONTOLOGY
from kaiju_graph.rdf.tokens import tokens
from kaiju_graph.sparql import grammar as sparql
from tests.repository import ROOT

PREFIXES = "@prefix ex: <http://example.org/> .\n@prefix xsd: <http://example.org/xsd#> .\n"

# What is between the brackets is what the place of the error marks; the brackets are removed.
TURTLE = [
    # A sign is missing, or another one stands there.
    ("ex:a a [ex:B]\n    ex:c ex:d .", "found ex:B, then ex:c; expected ';' between them"),
    ("ex:a a [ex:B]\nex:c ex:d ex:e .", "found ex:B, then ex:c; expected '.' between them"),
    ('ex:a a ["é"@en] ex:c ex:d .', "found \"é\"@en, then ex:c; expected ';' between them"),
    ('ex:a a ["1"^^xsd:int]', "found \"1\"^^xsd:int, then the end; expected '.' between them"),
    ("ex:a ex:b ex:c ,\n  [ex:d]\n  ex:e ; a ex:f .", "found ex:d, then ex:e; expected ','"),
    ("ex:a ex:b (1 2) [.]\n    ex:c ex:d ; a ex:e .", "found '.' before ex:c; expected ';'"),
    ("ex:a a ex:B [;]\nex:c a ex:D ; ex:e 1 .", "found ';' before ex:c; expected '.'"),
    ("ex:a a ex:B [,]\n    ex:c ex:d ; a ex:e .", "found ',' before ex:c; expected ';'"),
    # A token does not fit.
    ("ex:a [is] ex:B .", "found 'is'; expected a predicate"),
    ("ex:a ex:b ex:c ;\n    ex:d [;]\n    ex:e 1 .", "found ';'; expected an object"),
    ("ex:a ex:b [;] ex:c 1 .", "found ';'; expected an object"),
    ("ex:a [~] ex:b .", "found '~'; expected a predicate"),
    ("ex:a ex:b [TRUE] .", "found 'TRUE'; expected an object"),
    ("ex:a ex:b", "found the end; expected an object"),
    ("ex:a ex:b ex:c . [}]", "found '}'; expected a subject"),
    ("@prefix [ex] <http://example.org/> .", "found 'ex'; expected a prefix with its colon"),
    ("ex:a ex:b [ex:c]/d .", r"found '/' in a name: ex:c/; expected '\/', or an IRI"),
    ('ex:a ex:b ["c .]\n', 'found a string that does not end: "c .; expected its closing quot'),
    ("[<<<<<<<] HEAD\nex:a ex:b 1 .", "found the mark of a merge conflict; expected the text of"),
    # A term is not well-formed.
    ("ex:a [no:b] 1 .", "found no:b; expected a prefix that the file declares"),
    ("ex:a ex:b [<c>] .", "found <c>; expected an IRI with its scheme, such as http:, or a pref"),
    ("ex:a ex:b [<http://c d>] .", "found <http://c d> (invalid IRI code point ' '); expected an"),
    ("ex:a ex:b [<http://c .]\nex:a ex:b <http://d> .", "found <http://c ., which does not end; e"),
    ("ex:a ex:b [<http://c .]\n", "found <http://c ., which does not end; expected its closing"),
    (r'ex:a ex:b "[\q]" .', r"found \q; expected one of \t \b \n \r \f \" \' \\ \u \U"),
    (r'ex:a ex:b "[\uD800]" .', r"found \uD800; expected the escape of a Unicode character"),
    ('ex:a ex:b ["c"@1] .', 'found "c"@1 (a language code should always start with a letter)'),
    ("ex:a ex:b [ex:%zz] .", "found ex:%zz; expected two hexadecimal digits after %"),
    (r"ex:a ex:b [ex:c\d] .", r"found ex:c\d; expected a backslash only before one of _~.-!$"),
    ("ex:a ex:b [1e] .", "found 1e; expected a number, such as 1, 1.5 or 1e0"),
    ("ex:a ex:b [_:] .", "found _:; expected the label of a blank node, such as _:a"),
    ("ex:a ex:b [\x07] .", r"found \x07; expected a term or sign"),
]  # fmt: skip
TRIG = [
    (
        "ex:g {\n    ex:a a ex:B [.]\n\nex:h ex:p 1 .\n\nex:h {\n    ex:c a ex:D .\n}",
        "found '.', then ex:h; expected '}' between them, for the graph of line 3",
    ),
    ("ex:g { ex:a a ex:B [.]", "found '.', then the end; expected '}' between them, for the graph"),
    ("ex:g {\n  ex:a a [ex:B]\n  ex:c 1 .\n}", "found ex:B, then ex:c; expected ';' between them"),
    ("ex:g { ex:a [}]", "found '}'; expected a predicate"),
    ("GRAPH [1] { }", "found 1; expected '[]' or a name"),
]
OTHERS = [
    ("x.nt", '<a:b> <a:c> "x"\n<a:b> <a:c> 1 .\n', "1:13: found \"x\", then <a:b>; expected '.' b"),
    ("x.nt", "<a:b> <a:c> 1 .\n", "1:13: found 1; expected an object"),
    ("x.nq", "a:b <a:c> <a:d> .\n", "1:1: found a:b; expected a subject"),
    ("x.jsonld", '{"@id": "a:b",}', "1:15: found } (trailing commas are not allowed); expect"),
    ("x.jsonld", '{"@context": "http://a.b/c", "d": 1}', "1:1: found a context at another address"),
    ("x.jsonld", '{"@id": 1}', "1:1: found invalid JSON-LD 1.1 (@id value must be a string); ex"),
    (
        "x.rdf",
        '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><r:li/></r:RDF>',
        "1:1: found invalid RDF/XML (invalid property element tag name: http",
    ),
]  # fmt: skip


def _error(file: str, text: str) -> str:
    with pytest.raises(SourceError) as caught:
        [*parse(file, text, ONTOLOGY)]
    return str(caught.value)


@pytest.mark.parametrize(
    ("file", "marked", "message"),
    [
        *(("x.ttl", text, message) for text, message in TURTLE),
        *(("x.trig", text, message) for text, message in TRIG),
    ],
)
def test_fault_has_place_and_expectation(file: str, marked: str, message: str) -> None:
    text = PREFIXES + re.sub(r"\[(?!\])|(?<!\[)\]", "", marked)
    before, bracket, _ = (PREFIXES + marked).partition("[")
    lines = before.split("\n") if bracket else text.split("\n")
    place = f"{file}:{len(lines)}:{len(lines[-1]) + 1}: "
    assert _error(file, text).startswith(place + message)


@pytest.mark.parametrize(("file", "text", "message"), OTHERS)
def test_other_formats_name_what_is_wrong(file: str, text: str, message: str) -> None:
    assert _error(file, text).startswith(f"{file}:{message}")


@pytest.mark.slow
def test_long_text_is_not_read_again() -> None:
    text = f"{PREFIXES}ex:a ex:b 1 {';' * syntax_errors.LONGEST} .\nex:a is 1 ."
    message = "x.ttl:4:6: found is (is is not a valid predicate); expected RDF 1.1"
    assert _error("x.ttl", text) == message


def test_no_other_sign_is_tried_in_a_long_statement() -> None:
    start, end = f"{PREFIXES}ex:a ex:b 1", " ex:c 2 ."
    assert (
        _error("x.ttl", start + end) == "x.ttl:3:11: found 1, then ex:c; expected ';' between them"
    )
    message = "found ex:c; expected ',', ';' or '.'"
    assert _error("x.ttl", start + ", 1" * syntax_errors.LONG + end).endswith(message)


def test_grammars_choose_by_one_token() -> None:
    forms = [syntax_errors._grammar(form) for form in syntax_errors.GRAMMARS]  # noqa: SLF001
    for grammar in (sparql._grammar(), *forms):  # noqa: SLF001 (their form is what is tested)
        for name, rule in grammar.rules.items():
            waiting = [rule]
            while waiting:
                part = waiting.pop()
                waiting += part.parts
                firsts = [symbol for choice in part.parts for symbol in choice.first]
                if part.kind == "one":
                    assert len(firsts) == len(set(firsts)), name


def test_grammars_accept_the_files_of_the_project() -> None:
    files = [*ROOT.glob("ontology/**/*.ttl"), *ROOT.glob("graph/**/*.t[tr][li]*")]
    assert {file.suffix for file in files} == {".ttl", ".trig"}
    for file in files:
        text = Path(file).read_text(encoding="utf-8")
        grammar = syntax_errors._grammar({".ttl": "turtle"}.get(file.suffix, "trig"))  # noqa: SLF001
        steps = grammar.steps(tokens(text), len(text))
        assert not [step for step in steps if isinstance(step, Fault)], file
