"""Coverage lists the words of each passage that its graph does not reflect."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kaiju_graph.evidence.coverage import FUNCTION_WORDS, cover, find_mentions, merge_names
from kaiju_graph.project.names import Names
from kaiju_graph.project.passages import Article, Articles, Passage
from kaiju_graph.rdf.terms import ENTITIES, LABEL, XSD, Quad, Term

if TYPE_CHECKING:
    from kaiju_graph import KnowledgeGraph
    from tests.conftest import Copy

SEE_ALSO = "graph/gamera-2/see-also.trig"
PASSAGE = ox.NamedNode("http://e/passage")
THING = ox.NamedNode("http://e/thing-of-interest")
EX = "http://e/"


# The article -----------------------------------------------------------------


def test_article_is_covered_completely(kg: KnowledgeGraph) -> None:
    covered = kg.cover()
    assert covered.complete
    assert not covered.gaps
    assert len(covered.readings) == 60
    assert [reading.passage.order for reading in covered.readings] == list(range(1, 61))


def test_triples_are_counted_as_by_a_query(kg: KnowledgeGraph) -> None:
    rows = kg.query(
        "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } ?g a ev:Passage } GROUP BY ?g"
    )
    counted = {str(row["g"]): int(row["n"]) for row in rows}
    readings = kg.cover().readings
    assert {reading.passage.iri.value: reading.triples for reading in readings} == counted


def test_unreflected_words_are_whole_words_in_order(kg: KnowledgeGraph) -> None:
    for reading in kg.cover().readings:
        quote = reading.passage.quote.value
        words = [quote[start:end] for start, end in reading.unreflected]
        assert all(word.isalnum() or "_" in word for word in words)
        assert not {word.casefold() for word in words} & FUNCTION_WORDS
        assert reading.unreflected == sorted(set(reading.unreflected))
        for start, end in reading.unreflected:
            assert not quote[max(start - 1, 0) : start].isalnum()
            assert not quote[end : end + 1].isalnum()


def test_most_words_are_reflected(kg: KnowledgeGraph) -> None:
    readings = kg.cover().readings
    words = sum(len(reading.passage.quote.value.split()) for reading in readings)
    assert sum(len(reading.unreflected) for reading in readings) < words / 10


def test_passage_without_triples_has_all_its_words_unreflected(copy: Copy) -> None:
    graph = "g2:see-also-2 {\n    id:gamera-2 film:seeAlso id:rebirth-of-mothra-ii .\n}\n"
    copy.replace(SEE_ALSO, graph, "")
    covered = copy.load().cover()
    assert not covered.complete
    (empty,) = (reading for reading in covered.readings if not reading.triples)
    quote = empty.passage.quote.value
    assert [quote[start:end] for start, end in empty.unreflected] == ["Rebirth", "Mothra", "II"]


def test_words_in_no_passage_are_gaps(copy: Copy) -> None:
    copy.replace("graph/gamera-2/article.txt", "==Plot==\n", "==Plot==\nNobody expected it.\n")
    covered = copy.load().cover()
    assert covered.gaps == ["Nobody expected it."]
    assert not covered.complete


def test_removed_triple_leaves_its_words_unreflected(copy: Copy) -> None:
    # The reading must notice this mutation.
    copy.replace(
        "graph/gamera-2/lead.trig", "film:specialEffectsArtist id:shinji-higuchi", "film:year 1"
    )
    reading = next(
        r for r in copy.load().cover().readings if r.passage.iri.value.endswith("lead-1-1")
    )
    quote = reading.passage.quote.value
    words = {quote[start:end] for start, end in reading.unreflected}
    assert {"special", "effects", "Shinji", "Higuchi"} <= words


# A word ----------------------------------------------------------------------


def _missing_words(quote: str, *objects: Term, labels: dict[str, str] | None = None) -> list[str]:
    """Return the words of a quote that statements about a thing do not reflect."""
    passage = Passage(PASSAGE, ox.Literal(quote, language="en"), "a.trig", 0, len(quote), 1, "")
    article = Article(ox.NamedNode("http://e/article"), "graph/e", quote, [passage])
    quads = [Quad(THING, ox.NamedNode("http://e/says"), o, PASSAGE) for o in objects]
    quads += [
        Quad(ox.NamedNode(EX + name), LABEL, ox.Literal(label, language="en"), ENTITIES)
        for name, label in (labels or {}).items()
    ]
    (reading,) = cover(Articles([article], [], []), quads).readings
    return [quote[start:end] for start, end in reading.unreflected]


def _typed_literal(text: str, datatype: str) -> ox.Literal:
    return ox.Literal(text, datatype=ox.NamedNode(XSD + datatype))


@pytest.mark.parametrize(
    ("quote", "term", "left"),
    [
        ("A silver meteor", ox.Literal("silver", language="en"), ["meteor"]),
        ("A SILVER météor", ox.Literal("silver meteor", language="en"), []),
        ("directed", ox.Literal("director", language="en"), []),
        ("explosion explode", ox.Literal("explosions", language="en"), ["explode"]),
        ("meteor", ox.Literal("metal", language="en"), ["meteor"]),
        ("the second entry", _typed_literal("2", "integer"), ["entry"]),
        ("two films", _typed_literal("2", "integer"), ["films"]),
        ("no zero", _typed_literal("0", "integer"), []),
        ("the 11th film", _typed_literal("11", "integer"), ["film"]),
        ("the 21st film", _typed_literal("21", "integer"), ["film"]),
        ("on July 13, 1996", _typed_literal("1996-07-13", "date"), []),
        ("on July 3, 1996", _typed_literal("1996-07-03", "date"), []),
        ("in July 1996", _typed_literal("1996", "gYear"), ["July"]),
        ("a train station", ox.NamedNode("http://e/TrainStation"), []),
        ("a train station", ox.NamedNode("http://e/ns#train-station"), []),
        ("an interest", THING, []),
        ("he was with the", ox.Literal("x"), []),
        ("Gamera's", ox.Literal("Gamera"), []),
        ("ガメラ 来襲", ox.Literal("ガメラ", language="ja"), ["来襲"]),
    ],
)
def test_word_is_reflected_where_a_term_carries_it(quote: str, term: Term, left: list[str]) -> None:
    assert _missing_words(quote, term) == left


def test_label_of_any_layer_carries_words_in_place_of_the_iri() -> None:
    thing = ox.NamedNode(EX + "x-ray")
    assert _missing_words("a giant turtle", thing, labels={"x-ray": "giant turtle"}) == []
    assert _missing_words("a big ray", thing, labels={"x-ray": "giant turtle"}) == ["big", "ray"]


@given(
    quote=st.text(max_size=40),
    text=st.text(max_size=12),
    datatype=st.sampled_from(["string", "date", "integer", "gYear", "decimal"]),
)
@example("a", "²", "integer")
@example("a", "1996-13-01", "date")
@example("a", "1996-07-13-09:00", "date")
@example("a", "July", "date")
@example("a", "٢", "string")
def test_any_literal_is_accepted(quote: str, text: str, datatype: str) -> None:
    left = _missing_words(quote, _typed_literal(text, datatype))
    assert all(word in quote for word in left)


# Marks -----------------------------------------------------------------------

NAMES = Names(
    Quad(ox.NamedNode(f"{EX}{number}"), LABEL, ox.Literal(name), ENTITIES)
    for number, name in enumerate(("Reptile", "Reptile 3: Revenge", "Bank of Osaka", "A.D. Video"))
)


@pytest.mark.parametrize(
    ("label", "quote", "marked"),
    [
        # A name inside the name of another thing is not marked.
        ("Reptile", "Reptile 3: Revenge is not Reptile.", ["Reptile"]),
        (
            "the reptile returns",
            "As Reptile 3: Revenge says, Reptile returned.",
            ["Reptile", "returned"],
        ),
        # A name is marked as a whole, with its function words and initials.
        ("release by A.D. Video", "A.D. Video released it.", ["A.D. Video", "released"]),
        ("Bank of Osaka branch", "a branch of the Bank of Osaka", ["branch", "Bank of Osaka"]),
        ("Osaka branch", "a branch of the Bank of Osaka", ["branch"]),
        ("the reptile's claws", "Reptile's claws", ["Reptile", "claws"]),
    ],
)
def test_name_in_a_quote_is_marked_whole_or_not_at_all(
    label: str, quote: str, marked: list[str]
) -> None:
    spans = find_mentions(quote, THING, [label])
    found = sorted(set(merge_names(quote, spans, NAMES)))
    assert [quote[start:end] for start, end in found] == marked
