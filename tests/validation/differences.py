"""``python -m tests.validation.differences`` prints where the report is right and pySHACL is not.

The tests hold the list: both reports of each example, and that there is no other difference in
random shapes and data.
"""

from __future__ import annotations

import re
import sys
from typing import NamedTuple

__all__ = ["DIFFERENCES", "Difference", "table"]


class Difference(NamedTuple):
    """A kind of shapes and data of which pySHACL makes another report than SHACL says."""

    what: str
    """What pySHACL does."""
    section: str
    """The section of SHACL, or of another standard, by which it is wrong."""
    shapes: str
    data: str
    right: tuple[str, ...]
    """The results of the example: focus node, value, component and messages, by local names."""
    sign: str
    """A pattern that all shapes of this kind have."""
    in_data: str = ""
    """A pattern that the data or shapes have, too."""
    issue: str = ""
    """The report of it, if there is one."""

    def applies(self, shapes: str, data: str) -> bool:
        """Return whether shapes and data are of this kind."""
        return bool(re.search(self.sign, shapes) and re.search(self.in_data, shapes + data))


def _of(constraint: str, target: str = "ex:x") -> str:
    return f"ex:S a sh:NodeShape ; sh:targetNode {target} ; {constraint} ."


def _each(constraint: str) -> str:
    return _of(f"sh:property [ sh:path ex:p ; {constraint} ]")


def _select(query: str, message: str = "") -> str:
    said = f"sh:message {message} ; " if message else ""
    return _of(f'sh:sparql [ {said}sh:select "{query}" ]')


ASK = """
ex:Is a sh:ConstraintComponent ; sh:parameter [ sh:path ex:is ] ;
    sh:validator [ a sh:SPARQLAskValidator ; sh:ask "ASK { FILTER($value = $is) }" ] .
"""
SELECT = """
ex:Has a sh:ConstraintComponent ; sh:parameter [ sh:path ex:has ] ;
    sh:nodeValidator [ a sh:SPARQLSelectValidator ;
        sh:select "SELECT $this { FILTER NOT EXISTS { $this $has ?any } }" ] ;
    sh:propertyValidator [ a sh:SPARQLSelectValidator ;
        sh:select "SELECT $this { FILTER NOT EXISTS { $this $PATH ?value . ?value $has ?any } }" ] .
"""
COMPONENT = r"ex:(asked|selected|is|has)\b"
ISSUES = "https://github.com/RDFLib/pySHACL/issues/"

DIFFERENCES = (
    Difference(
        what="reads literals as Python does, so that `1_000` is an integer and year -44 no date",
        section="4.1.2; XSD 1.1, part 2",
        shapes=_each("sh:datatype xsd:integer"),
        data='ex:x ex:p "1_0"^^xsd:integer .',
        right=("x 1_0 Datatype",),
        sign="sh:datatype",
        in_data=r'"(1_0| 1|300|yes|inf|x|2026-02-30|-0044-03-15)"\^\^',
        issue=f"{ISSUES}151",
    ),
    Difference(
        what="compares values of different types as Python and rdflib do, and stops at NaN",
        section="4.3, 4.5.3; SPARQL 1.1, 17.3",
        shapes=_each('sh:minExclusive "1990-01-01"^^xsd:date'),
        data='ex:x ex:p 1.5 , "1996-07-13"^^xsd:date , "1996"^^xsd:gYear .',
        right=("x 1.5 MinExclusive", "x 1996 MinExclusive"),
        sign="sh:(min|max)(In|Ex)clusive|sh:lessThan",
    ),
    Difference(
        what="stops at a blank node that is to be less than something",
        section="4.5.3",
        shapes=_each("sh:lessThan ex:q"),
        data="ex:x ex:p [] ; ex:q 1 .",
        right=("x _ LessThan",),
        sign="sh:lessThan",
    ),
    Difference(
        what="lets a blank node pass `sh:minLength 0`",
        section="4.4.1",
        shapes=_each("sh:minLength 0"),
        data="ex:x ex:p [] .",
        right=("x _ MinLength",),
        sign="sh:minLength 0",
    ),
    Difference(
        what="refuses counts and lengths below zero",
        section="4.2, 4.4",
        shapes=_each("sh:minCount -1 ; sh:maxCount -1 ; sh:minLength -1 ; sh:maxLength -1"),
        data="ex:x ex:p 1 .",
        right=("x - MaxCount", "x 1 MaxLength"),
        sign=r"sh:(min|max)(Count|Length) -",
    ),
    Difference(
        what="refuses `sh:qualifiedValueShape` without a count, which is no constraint",
        section="2.1.1, 4.7.3",
        shapes=_each("sh:nodeKind sh:IRI ; sh:qualifiedValueShape [ sh:class ex:C ]"),
        data="ex:x ex:p 1 .",
        right=("x 1 NodeKind",),
        sign=r"sh:qualifiedValueShape \[[^\]]*\] \]",
    ),
    Difference(
        what="matches with Python's `re`: no `\\p{L}`, other flags, `$` before the end of a line",
        section="4.4.3; SPARQL 1.1, 17.4.3.14",
        shapes=_each('sh:pattern "a$"'),
        data=r'ex:x ex:p "a\n" .',
        right=("x a\n Pattern",),
        sign="sh:pattern",
        in_data=r"\\n",
    ),
    Difference(
        what="matches a language range with the first subtag or the whole tag only",
        section="4.4.4; RFC 4647, 3.3.1",
        shapes=_each('sh:languageIn ( "en-GB" )'),
        data='ex:x ex:p "a"@en-GB-oed , "b"@en .',
        right=("x b LanguageIn",),
        sign="sh:languageIn",
        in_data="@en-(gb|GB)-oed",
    ),
    Difference(
        what='takes `"1"^^xsd:boolean` for `true`, unless it reads the file of the shapes itself',
        section="1.1",
        shapes=_of('sh:nodeKind sh:Literal ; sh:deactivated "1"^^xsd:boolean'),
        data="ex:x ex:p 1 .",
        right=("x x NodeKind",),
        sign=r'"1"\^\^xsd:boolean',
    ),
    Difference(
        what="lets a closed shape have `rdf:type rdfs:Resource`",
        section="4.8.1",
        shapes=_of("sh:closed true"),
        data="ex:x a rdfs:Resource .",
        right=("x Resource Closed",),
        sign="sh:closed",
        in_data="rdfs:Resource",
    ),
    Difference(
        what="follows the parts of an inverted sequence in the order of the sequence",
        section="2.3.1.4",
        shapes=_of("sh:property [ sh:path [ sh:inversePath ( ex:p ex:q ) ] ; sh:maxCount 0 ]"),
        data="ex:a ex:p ex:b . ex:b ex:q ex:x .",
        right=("x - MaxCount",),
        sign=r"sh:inversePath .*\(",
    ),
    Difference(
        what="refuses paths that are nested more than ten levels deep",
        section="2.3.1",
        shapes=_of(
            f"sh:property [ sh:path {'[ sh:inversePath ' * 12}ex:p{' ]' * 12} ; sh:maxCount 0 ]"
        ),
        data="ex:x ex:p 1 .",
        right=("x - MaxCount",),
        sign=r"(Path .*){10}",
    ),
    Difference(
        what="writes `p*?` for a path of a path in the place of `$PATH`",
        section="5.3; SPARQL 1.1, grammar rule 91",
        shapes=_of(
            "sh:property [ sh:path [ sh:zeroOrOnePath [ sh:oneOrMorePath ex:p ] ] ; "
            'sh:sparql [ sh:select "SELECT $this ?value { $this $PATH ?value }" ] ]'
        ),
        data="ex:x ex:p ex:x .",
        right=("x x SPARQL",),
        sign=r"Path \[ sh:\w+Path",
        in_data=r"\$PATH|ex:selected",
    ),
    Difference(
        what="finds the class of an implicit target one step below `rdfs:Class`, and not further",
        section="2.1.3.3",
        shapes="""
            ex:Meta rdfs:subClassOf ex:Kind . ex:Kind rdfs:subClassOf rdfs:Class .
            ex:C a sh:NodeShape , ex:Meta ; sh:nodeKind sh:Literal .
        """,
        data="ex:x a ex:C .",
        right=("x x NodeKind",),
        sign="a sh:NodeShape , ex:Meta",
    ),
    Difference(
        what="takes a class that is not declared as a shape for an implicit target",
        section="2.1.3.3",
        shapes="ex:C a rdfs:Class ; sh:property [ sh:path ex:p ; sh:minCount 1 ] .",
        data="ex:x a ex:C .",
        right=(),
        sign=r"\ba rdfs:Class",
    ),
    Difference(
        what="repeats the messages of a component in the results that follow",
        section="5.3.2",
        shapes=ASK.replace("sh:ask", 'sh:message "not {?value}"@en ; sh:ask')
        + _of('ex:is "a"', "1 , 2"),
        data="ex:x ex:p 1 .",
        right=('1 1 Is "not 1"@en', '2 2 Is "not 2"@en'),
        sign=COMPONENT,
    ),
    Difference(
        what="gives no `sh:value` where an ASK query fails for a value of a property",
        section="5.3.2, 6.3",
        shapes=ASK + _each('ex:is "a"'),
        data='ex:x ex:p "b" .',
        right=("x b Is",),
        sign=COMPONENT,
    ),
    Difference(
        what="does not bind `$value` if it is false, zero or empty",
        section="6.3",
        shapes=ASK + _of("ex:is 0", "0"),
        data="ex:x ex:p 0 .",
        right=(),
        sign=COMPONENT,
    ),
    Difference(
        what="runs a SELECT query of a component once for each value, and not where there is none",
        section="6.3",
        shapes=SELECT + _each("ex:has ex:q"),
        data="ex:x ex:r 1 .",
        right=("x - Has",),
        sign=COMPONENT,
    ),
    Difference(
        what="loses a result of a component whose focus node is false, zero or empty",
        section="6.3",
        shapes=SELECT + _of("ex:has ex:q", "0"),
        data="ex:x ex:p 0 .",
        right=("0 0 Has",),
        sign=COMPONENT,
    ),
    Difference(
        what="takes one of several values of a parameter",
        section="2.1.1",
        shapes=ASK + _of('ex:is "a" , "b"', '"a" , "b"'),
        data="ex:x ex:p 0 .",
        right=("a a Is", "b b Is"),
        sign=COMPONENT,
    ),
    Difference(
        what="fills the names of variables in the messages of a shape for `sh:sparql` only",
        section="5.3.2",
        shapes=ASK + _of('ex:is "a" ; sh:message "not {$this}"'),
        data="ex:x ex:p 0 .",
        right=('x x Is "not http://example.org/x"',),
        sign=COMPONENT,
    ),
    Difference(
        what="drops the language of a message, and reads `\\1` in a value as a group of `re`",
        section="5.3.2",
        shapes=_select(
            "SELECT $this ?value { $this <http://example.org/p> ?value }", '"has {?value}"@en'
        ),
        data='ex:x ex:p "1" .',
        right=('x 1 SPARQL "has 1"@en',),
        sign=r"sh:sparql(.|\n)*sh:message|sh:message(.|\n)*sh:sparql",
    ),
    Difference(
        what="ignores the variable `?message`",
        section="5.3.2",
        shapes=_select("SELECT $this ?message { BIND('yes' AS ?message) }", '"no"'),
        data="ex:x ex:p 1 .",
        right=('x x SPARQL "yes"',),
        sign=r"\?message",
    ),
    Difference(
        what="reports `?failure true` as a result, not as a failure",
        section="5.3.1",
        shapes=_select("SELECT $this ?failure { BIND(true AS ?failure) }"),
        data="ex:x ex:p 1 .",
        right=("found ?failure true at <http://example.org/x>; expected an answer",),
        sign=r"\?failure",
    ),
    Difference(
        what="answers queries with rdflib, which compares a date with a number or text",
        section="5; SPARQL 1.1, 17.3",
        shapes=_select(
            "SELECT $this ?value { $this <http://example.org/p> ?value FILTER(?value > "
            "'1990-01-01'^^<http://www.w3.org/2001/XMLSchema#date>) }"
        ),
        data='ex:x ex:p 1.5 , "1996-07-13"^^xsd:date .',
        right=("x 1996-07-13 SPARQL",),
        sign=r"FILTER\(\?value >",
    ),
    Difference(
        what="refuses a query with `$shapesGraph`",
        section="5.3.1",
        shapes=_select("SELECT $this ?value { GRAPH $shapesGraph { $currentShape a ?value } }"),
        data="ex:x ex:p 1 .",
        right=("x NodeShape SPARQL",),
        sign=r"\$shapesGraph",
    ),
)


def table() -> str:
    """Return the differences as a table of Markdown."""
    lines = ["| pySHACL 0.40 | against SHACL, section | reported |", "|---|---|---|"]
    for difference in DIFFERENCES:
        number = difference.issue.rpartition("/")[2]
        issue = f"[#{number}]({difference.issue})" if number else ""
        lines.append(f"| {difference.what} | {difference.section} | {issue} |")
    return "".join(f"{line}\n" for line in lines)


if __name__ == "__main__":
    sys.stdout.write(table())
