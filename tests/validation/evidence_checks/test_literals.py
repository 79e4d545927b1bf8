"""A literal is held against its quote as its property and the language of the quote require."""

from __future__ import annotations

import pyoxigraph as ox
import pytest

from kaiju_graph.project.passages import Article, Articles, Passage
from kaiju_graph.project.sources import SourceFile, Sources
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.parse import parse
from kaiju_graph.validation.evidence_checks.literals import (
    find_unknown_languages,
    find_unquoted_literals,
)

PREFIXES = """PREFIX ev: <https://w3id.org/kaiju/evidence#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
PREFIX : <urn:x#>
"""
ONTOLOGY = """
:verb ev:dictionaryForm true ; rdfs:isDefinedBy <urn:x> .
:position ev:counted true ; rdfs:isDefinedBy <urn:x> .
:value rdfs:isDefinedBy <urn:x> .
:Death rdfs:label "death"@en ; skos:hiddenLabel "die"@en ; rdfs:isDefinedBy <urn:x> .
"""
EARLIER, PASSAGE = ox.NamedNode("urn:x#earlier"), ox.NamedNode("urn:x#passage")


def check(quote: str, statement: str, context: str = "", language: str = "en") -> list[str]:
    """Return the messages for a statement in the graph of a passage with a quote."""
    text = f"{PREFIXES}:passage ev:needsContext :earlier .\n:passage {{ :thing {statement} }}"
    files = {
        "ontology/x.ttl": SourceFile(
            "ontology", terms.ONTOLOGY, [*parse("x.ttl", PREFIXES + ONTOLOGY, terms.ONTOLOGY)]
        ),
        "graph/x/x.trig": SourceFile(
            "stated", terms.EVIDENCE, [*parse("x.trig", text, terms.EVIDENCE)]
        ),
    }
    passages = [
        Passage(iri, ox.Literal(words, language=language), "graph/x/x.trig", 0, 0, order, "")
        for order, (iri, words) in enumerate([(EARLIER, context), (PASSAGE, quote)])
    ]
    located = Articles([Article(ox.NamedNode("urn:x#article"), "graph/x", "", passages)], [], [])
    found = find_unquoted_literals(Sources(files, {}), located)
    return [finding.message for finding in found]


@pytest.mark.parametrize(
    ("quote", "statement"),
    [
        ("It cost ¥650 million.", ':value 650000000 , "¥" , "cost"@en'),
        ("It flew away.", ':verb "fly away"@en'),
        ("Three men", ":position 1"),
        ("the presumed death", 'a :Death ; :verb "die"@en'),
        ("It was large.", ':value "LARGE"@en , true'),
        ("It was large.", ':other 7 ; rdfs:label "a small one"@en'),
        ("It was large.", ':value "seven"^^xsd:integer , "INF"^^xsd:double'),
        ("It scored 6.5.", ":value 6.5 , 6.5e0 , 6.50"),
        ("It lasts 1 h 43 min.", ":value 103"),
    ],
)
def test_literal_that_the_quote_bears_out_is_right(quote: str, statement: str) -> None:
    assert not check(quote, statement)


@pytest.mark.parametrize(
    ("quote", "statement", "message"),
    [
        ("It cost ¥650 million.", ':value "€"', "found the text '€'; expected words of the quote"),
        (
            "It flew away.",
            ':verb "fly off"@en',
            "found the dictionary form 'fly off'; expected that of words of the quote",
        ),
        (
            "It flew away.",
            ':value "fly away"@en',
            "found the text 'fly away'; expected words of the quote",
        ),
        (
            "the presumed death",
            ':verb "die"@en',
            "found the dictionary form 'die'; expected that of words of the quote",
        ),
        (
            "It scored 6.5.",
            ":value 6",
            "found the number '6'; expected a number of the quote, in digits or in words",
        ),
    ],
)
def test_literal_that_the_quote_does_not_bear_out_is_reported(
    quote: str, statement: str, message: str
) -> None:
    assert check(quote, statement) == [message]


def test_year_of_a_date_may_be_in_a_passage_that_the_quote_needs() -> None:
    statement = ':value "1996-07-13"^^xsd:date'
    assert not check("It opened on July 13.", statement, "The year was 1996.")
    assert check("It opened on July 13.", statement, "The year was 1995.")
    assert check("It opened on July 13, 1995.", statement, "The year was 1996.")


def test_a_language_without_rules_is_told_and_nothing_is_guessed() -> None:
    statement = ':verb "fly"@en ; :value 2 , "1996-07-13"^^xsd:date'
    assert len(check("quj", statement)) == 3
    assert not check("quj", statement, language="tlh")


def test_the_first_quote_of_each_unknown_language_is_reported() -> None:
    text = f'{PREFIXES}:earlier ev:quote "nuq"@tlh . :passage ev:quote "nuqneH"@tlh .'
    quads = [*parse("x.trig", text, terms.EVIDENCE)]
    passages = [
        Passage(quad.subject, quad.object, "x.trig", 0, 0, order, "")
        for order, quad in enumerate(quads)
        if isinstance(quad.object, ox.Literal)
    ]
    located = Articles([Article(ox.NamedNode("urn:x#article"), "", "", passages)], [], [])
    sources = Sources({"x.trig": SourceFile("stated", terms.EVIDENCE, quads)}, {})
    (finding,) = find_unknown_languages(sources, located)
    assert finding.quad == quads[0]
    assert finding.message == (
        "found the language 'tlh'; expected one whose numbers and dictionary forms are known"
    )
