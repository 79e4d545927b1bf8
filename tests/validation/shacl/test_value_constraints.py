"""Datatypes, ranges and patterns in shapes are those of XSD and XPath, as in queries."""

from __future__ import annotations

import re

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import SH

from kaiju_graph.errors import QueryError
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.lexical_spaces import is_well_formed
from kaiju_graph.rdf.terms import XSD, Triple
from kaiju_graph.validation.shacl import validator

PREFIXES = f"""
    @prefix ex: <http://example.org/> .
    @prefix sh: <{SH}> .
    @prefix xsd: <{XSD}> .
"""


def triples(text: str) -> list[Triple]:
    found = ox.parse(PREFIXES + text, format=ox.RdfFormat.TURTLE)
    return [Triple(quad.subject, quad.predicate, quad.object) for quad in found]


def report(constraint: str, *values: str) -> list[str]:
    """Return the values that break a constraint, as Turtle."""
    data = triples(f"ex:x ex:p {', '.join(values)} .")
    shapes = triples(f"ex:S sh:targetNode ex:x ; sh:property [ sh:path ex:p ; {constraint} ] .")
    found = terms.rdflib_graph(validator.report(data, shapes))
    return sorted(terms.from_rdflib(value).value for value in found.objects(None, SH.value))


@pytest.mark.parametrize(
    ("datatype", "good", "bad"),
    [
        (
            "dateTime",
            ["-0044-01-01T00:00:00", "2026-01-01T24:00:00", "12026-01-01T00:00:00Z"],
            ["2026-01-01", "2026-01-01 00:00:00", "20260101T000000", "2026-02-30T00:00:00"],
        ),
        ("time", ["24:00:00.0"], ["24:00:00.0000001", "24:00:01"]),
        ("date", ["0000-02-29", "10000-01-01", "2026-01-01+14:00"], ["2026-W01-1", "20260101"]),
        ("decimal", ["1.", ".5", "+01.50"], ["1e3", "NaN", "INF", "1_0"]),
        ("integer", ["+07", "-0", "9" * 40], ["1_000", "\u0663", "1.0", "", " 1"]),
        ("double", ["INF", "-INF", "NaN", "1e3", "1"], ["inf", "nan", "infinity", "1_0"]),
        ("boolean", ["0", "1", "true"], ["True", "yes"]),
        ("gYear", ["-0001", "12026"], ["26", "026"]),
        ("byte", ["-128", "127", "+1"], ["300", "c", "-129"]),
        ("duration", ["P1Y", "-PT60S"], ["P", "1Y"]),
        ("dayTimeDuration", ["P0D", "PT1M"], ["P0Y", "P0M", "P0Y1D", "P1M"]),
        ("yearMonthDuration", ["P0M", "P1Y2M"], ["P0D", "PT0S", "P1Y0D"]),
        ("language", ["en", "en-US"], ["en_US", "english language"]),
        ("float", [".5", "08", "+INF"], ["inf", "1e", "Infinity"]),
        ("token", ["a\u00a0b"], ["a  b", "a "]),
        ("string", ["", "\u0000 is escaped".replace("\u0000", "x")], []),
    ],
)
def test_datatype_has_the_lexical_forms_of_xsd(
    datatype: str, good: list[str], bad: list[str]
) -> None:
    values = [f'"{text}"^^xsd:{datatype}' for text in (*good, *bad)]
    assert report(f"sh:datatype xsd:{datatype}", *values) == sorted(bad)


@given(st.integers())
def test_integer_of_any_length_is_well_formed(number: int) -> None:
    kinds = (
        ["integer"] + ["nonNegativeInteger"] * (number >= 0) + ["negativeInteger"] * (number < 0)
    )
    for kind in kinds:
        assert is_well_formed(ox.Literal(str(number), datatype=ox.NamedNode(XSD + kind)))
    other = "negativeInteger" if number >= 0 else "nonNegativeInteger"
    assert not is_well_formed(ox.Literal(str(number), datatype=ox.NamedNode(XSD + other)))


def test_number_of_any_length_is_well_formed() -> None:
    # XSD 1.1, part 2, section 3.4.13: an integer has one or more digits.
    digits, zeros = "9" * 5000, "0" * 5000
    good = {
        "integer": [digits, f"-{digits}", f"{zeros}1"],
        "nonNegativeInteger": [digits, f"-{zeros}"],
        "byte": [f"{zeros}127"],
        "decimal": [f"{digits}.{digits}"],
        "gYear": [digits],
        "date": [f"{digits}2000-02-29"],
        "dateTime": [f"2000-01-01T24:00:00.{zeros}"],
        "duration": [f"P{digits}Y{digits}M"],
        "dayTimeDuration": [f"PT06{zeros}S", f"P{digits}DT{digits}.{digits}S"],
        "hexBinary": ["0" * 50],
    }
    bad = {
        "nonNegativeInteger": [f"-{digits}", f"-{zeros}1"],
        "byte": [digits, f"{zeros}128"],
        "gYear": [f"0{digits}"],
        "date": [f"{digits}2001-02-29"],
        "dateTime": [f"2000-01-01T00:00:0{digits}"],
        "hexBinary": ["0" * 51],
    }
    for forms, is_good in ((good, True), (bad, False)):
        for name, texts in forms.items():
            for text in texts:
                literal = ox.Literal(text, datatype=ox.NamedNode(XSD + name))
                assert is_well_formed(literal) is is_good, (name, text[:9], text[-9:])


@pytest.mark.parametrize(
    ("constraint", "values", "bad"),
    [
        ("sh:minInclusive 0.5", ["0.5", "1", '"NaN"^^xsd:double', '"text"', "ex:y"],
         ["NaN", "http://example.org/y", "text"]),
        ("sh:maxExclusive 2", ["01", "2.0", "1e0", '"1"'], ["1", "2.0"]),
        ('sh:minExclusive "1990-01-01"^^xsd:date',
         ['"1996-07-13"^^xsd:date', '"1982"^^xsd:gYear', "1.5", '"text"', '"1990-01-01"^^xsd:date'],
         ["1.5", "1982", "1990-01-01", "text"]),
        ('sh:minInclusive "1990"^^xsd:gYear', ['"1996"^^xsd:gYear', '"1989"^^xsd:gYear'], ["1989"]),
        ('sh:pattern "^\\\\p{L}+$"', ['"\u014cizumi"', '"a1"'], ["a1"]),
        ('sh:pattern "^a$"', ['"a"', '"a\\n"', '"b\\na"'], ["a\n", "b\na"]),
        ('sh:pattern "^a$" ; sh:flags "m"', ['"b\\na"'], []),
        ('sh:pattern "a.b" ; sh:flags "s"', ['"a\\nb"'], []),
        ('sh:pattern "a.b"', ['"a\\nb"'], ["a\nb"]),
        ('sh:pattern "a.b" ; sh:flags "q"', ['"a.b"', '"axb"'], ["axb"]),
        ('sh:pattern "a b" ; sh:flags "x"', ['"ab"', '"a b"'], ["a b"]),
        ('sh:pattern "^A" ; sh:flags "i"', ['"abc"', "ex:y"], ["http://example.org/y"]),
    ],
)  # fmt: skip
def test_ranges_and_patterns_are_those_of_sparql(
    constraint: str, values: list[str], bad: list[str]
) -> None:
    assert report(constraint, *values) == bad


def test_numbers_of_any_length_are_compared_exactly() -> None:
    # XSD 1.1, part 2, sections 3.3.3 and 3.4.13: decimals and integers have any number of digits.
    large, small = "9" * 40, f"0.{'0' * 40}1"
    values = [large, f"-{large}", small, f"-{small}"]
    assert report("sh:minInclusive 0", *values) == sorted(v for v in values if v[0] == "-")
    assert report("sh:minExclusive 0.0", *values) == sorted(v for v in values if v[0] == "-")
    assert report(f"sh:maxExclusive {large}", large, f"{large}.0", f"{large[1:]}") == sorted(
        (large, f"{large}.0")
    )
    assert report(f"sh:minInclusive {'1' * 41}", large, '"INF"^^xsd:float', "1e300") == [large]
    digits = "9" * 5000
    assert report("sh:maxInclusive 0", digits, f"-{digits}") == [digits]


def test_decimal_is_compared_with_a_double_as_a_double() -> None:
    # XPath and XQuery Functions and Operators 3.1, section 4.3; SPARQL 1.1, section 17.3.
    near = "0.1000000000000000055511151231257827021181583404541015625"  # the double of 0.1
    assert report("sh:maxInclusive 0.1e0", near, "0.1", "0.11") == ["0.11"]
    assert report("sh:minInclusive 16777217", '"16777216"^^xsd:float') == []
    assert report("sh:minInclusive 16777217", '"16777216"^^xsd:double') == ["16777216"]


def test_ill_typed_number_has_no_value() -> None:
    # RDF 1.1 Concepts, section 3.3, and SHACL, section 4.3: what cannot be compared is a result.
    values = ['"300"^^xsd:unsignedByte', '"-1"^^xsd:nonNegativeInteger', '"x"^^xsd:integer']
    values += ['"inf"^^xsd:double', '"-inf"^^xsd:float']  # which Oxigraph reads, as Rust does
    bad = sorted(["300", "-1", "x", "inf", "-inf"])
    for bound in ("sh:minInclusive -5", "sh:maxInclusive 900", "sh:maxInclusive 9e9"):
        assert report(bound, *values, '"30"^^xsd:unsignedByte') == bad


def test_bounds_below_zero_are_applied() -> None:
    # SHACL, sections 4.2 and 4.4: more than -1 values, and a length of more than -1.
    assert report("sh:minCount -1 ; sh:minLength -1", '"a"', "ex:y") == []
    assert report("sh:maxLength -1", '""') == [""]
    data, head = triples("ex:x ex:p 1 ."), "ex:S sh:targetNode ex:x ; sh:property [ sh:path ex:q ; "
    for bound, count in (("maxCount -1", 1), ("maxCount 0", 0), ("minCount -1", 0)):
        found = terms.rdflib_graph(validator.report(data, triples(f"{head} sh:{bound} ] .")))
        assert len([*found.subjects(SH.sourceConstraintComponent, None)]) == count


def test_incomparable_values_break_less_than() -> None:
    data = triples("""
        ex:x ex:p 1, "text", ex:y ; ex:q 2 .
        ex:y ex:p "1996-01-01"^^xsd:date ; ex:q "1995"^^xsd:gYear .
    """)
    shapes = triples("""
        ex:S sh:targetSubjectsOf ex:p ; sh:property [ sh:path ex:p ; sh:lessThan ex:q ] .
    """)
    found = terms.rdflib_graph(validator.report(data, shapes))
    values = sorted(str(value) for value in found.objects(None, SH.value))
    assert values == ["1996-01-01", "http://example.org/y", "text"]


def test_only_the_literal_true_enables_unique_lang() -> None:
    values = ['"a"@en', '"b"@en']
    for text, count in (("true", 1), ('"1"^^xsd:boolean', 0), ("false", 0)):
        data = triples(f"ex:x ex:p {', '.join(values)} .")
        shapes = triples(
            f"ex:S sh:targetNode ex:x ; sh:property [ sh:path ex:p ; sh:uniqueLang {text} ] ."
        )
        found = terms.rdflib_graph(validator.report(data, shapes))
        assert len([*found.subjects(SH.sourceConstraintComponent, None)]) == count


def test_invalid_pattern_is_an_error() -> None:
    with pytest.raises(QueryError, match=r'^found "\[a" as sh:pattern; expected a pattern'):
        report('sh:pattern "[a"', '"a"')


def test_bad_value_does_not_stop_other_constraints() -> None:
    data = triples("""
        ex:x ex:p "NaN"^^xsd:double, "x"^^xsd:date, "-0044-03-15"^^xsd:date, "y" ; ex:q 1, 2 .
    """)
    shapes = triples("""
        ex:S sh:targetNode ex:x ;
            sh:property [ sh:path ex:p ; sh:minInclusive 0 ; sh:datatype xsd:double ] ,
                        [ sh:path ex:q ; sh:maxCount 1 ] ;
            sh:sparql [ sh:select '''
                PREFIX ex: <http://example.org/>
                SELECT $this ?value { $this ex:p ?value FILTER(YEAR(?value) < 0) }''' ] .
    """)
    found = terms.rdflib_graph(validator.report(data, shapes))
    components = sorted(
        str(c).rpartition("#")[2] for c in found.objects(None, SH.sourceConstraintComponent)
    )
    assert components == sorted(
        ["MaxCountConstraintComponent", "SPARQLConstraintComponent"]
        + ["DatatypeConstraintComponent"] * 3
        + ["MinInclusiveConstraintComponent"] * 4
    )


@pytest.mark.parametrize("other", ["", "ex:other ex:q 01 ."], ids=["canonical", "written"])
def test_comparison_does_not_depend_on_other_literals_in_the_data(other: str) -> None:
    data = triples(f'ex:x ex:p 1.5, "text", "1982"^^xsd:gYear, "1996-07-13"^^xsd:date . {other}')
    shapes = triples("""
        ex:S sh:targetNode ex:x ; sh:sparql [ sh:select '''
            PREFIX ex: <http://example.org/>
            PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
            SELECT $this ?value { $this ex:p ?value FILTER(?value > "1990-01-01"^^xsd:date) }
        ''' ] .
    """)
    found = terms.rdflib_graph(validator.report(data, shapes))
    assert [str(value) for value in found.objects(None, SH.value)] == ["1996-07-13"]


# Constraints that read the properties of their shape and of its siblings ------


def test_closed_shape_allows_the_properties_that_it_declares() -> None:
    # SHACL, section 4.8.1.
    data = triples("ex:x a ex:T ; ex:p 7 ; ex:q 8 .")
    shapes = triples("""
        ex:S sh:targetNode ex:x ; sh:closed true ; sh:property [ sh:path ex:p ; sh:maxCount 1 ] ;
            sh:ignoredProperties ( <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> ) .
    """)
    found = terms.rdflib_graph(validator.report(data, shapes))
    assert [str(value) for value in found.objects(None, SH.value)] == ["8"]


def test_value_of_two_disjoint_qualified_shapes_counts_for_neither() -> None:
    # SHACL, section 4.7.3: a value that conforms to a sibling shape is not counted.
    data = triples("ex:x ex:p ex:y . ex:y a ex:A , ex:B .")
    qualified = "sh:path ex:p ; sh:qualifiedValueShapesDisjoint true ; sh:qualifiedMinCount 1"
    parts = (f"[ {qualified} ; sh:qualifiedValueShape [ sh:class ex:{name} ] ]" for name in "AB")
    shapes = triples(f"ex:S sh:targetNode ex:x ; sh:property {' , '.join(parts)} .")
    found = terms.rdflib_graph(validator.report(data, shapes))
    assert len([*found.objects(None, SH.result)]) == 2


# Lexical spaces, by the regular expressions of XSD 1.1, part 2 ----------------

ZONE = r"(Z|[+-](0\d|1[0-3]):[0-5]\d|[+-]14:00)?"
YEAR, MONTH, DAY = r"(-?(?:[1-9]\d{3,}|0\d{3}))", r"(0[1-9]|1[0-2])", r"(0[1-9]|[12]\d|3[01])"
TIME = r"(([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?|24:00:00(\.0+)?)"
DATE = f"{YEAR}-{MONTH}-{DAY}"
SECONDS = r"(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)"
FLOAT = r"([+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?|[+-]?INF|NaN)"
SPACES = {
    "boolean": "true|false|0|1",
    "decimal": r"[+-]?(\d+(\.\d*)?|\.\d+)",
    "integer": r"[+-]?\d+",
    "nonNegativeInteger": r"\+?\d+|-0+",
    "positiveInteger": r"\+?0*[1-9]\d*",
    "unsignedByte": r"(\+?0*(\d{1,2}|1\d\d|2[0-4]\d|25[0-5]))|-0+",
    "float": FLOAT,
    "double": FLOAT,
    "dateTime": f"{DATE}T{TIME}{ZONE}",
    "date": DATE + ZONE,
    "time": TIME + ZONE,
    "gYearMonth": f"{YEAR}-{MONTH}{ZONE}",
    "gYear": YEAR + ZONE,
    "gMonth": f"--{MONTH}{ZONE}",
    "gDay": f"---{DAY}{ZONE}",
    "duration": rf"-?P(?=[\dT])(\d+Y)?(\d+M)?(\d+D)?{SECONDS}?",
    "dayTimeDuration": rf"-?P(?=[\dT])(\d+D)?{SECONDS}?",
    "yearMonthDuration": r"-?P(?=\d)(\d+Y)?(\d+M)?",
    "hexBinary": "([0-9a-fA-F]{2})*",
    "language": "[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*",
    "token": "([^ \t\r\n]+( [^ \t\r\n]+)*)?",
    "normalizedString": "[^\t\r\n]*",
}
"""Datatype → a pattern of all its lexical forms; dates are days of the calendar, too."""


def is_day(text: str) -> bool:
    """Return whether the day of a date exists; year 0 is a leap year (XSD 1.1, D.2.1)."""
    found = re.match(DATE, text)
    if not found:
        return True
    year, month, day = map(int, found.groups())
    leap = (year % 4 == 0 and year % 100 != 0) or year % 400 == 0
    return day <= (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]


@st.composite
def lexical_forms(draw: st.DrawFn, datatype: str) -> str:
    """Return a text of a datatype, or one that differs from it by a character or digits."""
    text: str = draw(st.from_regex(SPACES[datatype], fullmatch=True, alphabet=ALPHABET))
    at = draw(st.integers(0, len(text)))
    match draw(st.integers(0, 3)):
        case 0:
            return text[:at] + draw(st.sampled_from("0123456789-+:.TZPYMDHSeE _a\u0663\n\t"))
        case 1:
            return text[:at] + draw(st.sampled_from("09-+:.TZ \u0663\n")) + text[at:]
        case 2:
            return text[:at] + text[at + 1 :]
    return text


ALPHABET = st.sampled_from("0123456789-+:.TZPYMDHSeEINFaNtrufls abcdefxyzABC")


@pytest.mark.parametrize("datatype", SPACES)
@given(data=st.data())
@settings(max_examples=8)
def test_lexical_space_is_that_of_xsd(datatype: str, data: st.DataObject) -> None:
    check_lexical_space(datatype, data)


@pytest.mark.slow
@pytest.mark.parametrize("datatype", SPACES)
@given(data=st.data())
@settings(max_examples=200)
def test_lexical_space_is_that_of_xsd_in_many_texts(datatype: str, data: st.DataObject) -> None:
    check_lexical_space(datatype, data)


def check_lexical_space(datatype: str, data: st.DataObject) -> None:
    text = data.draw(lexical_forms(datatype))
    is_in = re.fullmatch(SPACES[datatype], text, re.ASCII) is not None and is_day(text)
    literal = ox.Literal(text, datatype=ox.NamedNode(XSD + datatype))
    assert is_well_formed(literal) == is_in, text
