"""Coverage tells what carries each content word: structure, a label alone, or nothing."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kaiju_graph.evidence.coverage import (
    FUNCTION_WORDS,
    OMISSION,
    Reading,
    cover,
    find_mentions,
    merge_names,
)
from kaiju_graph.project.names import Names
from kaiju_graph.project.passages import Article, Articles, Passage
from kaiju_graph.rdf.terms import (
    ENTITIES,
    EVIDENCE,
    LABEL,
    NOT_MODELLED,
    STATUS,
    XSD,
    Quad,
    Term,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from kaiju_graph import KnowledgeGraph
    from tests.conftest import Command, Copy

SEE_ALSO = "graph/gamera-2/see-also.trig"
PASSAGE = ox.NamedNode("http://e/passage")
THING = ox.NamedNode("http://e/thing-of-interest")
EX = "http://e/"
PREFIXES = """
@prefix ev: <https://w3id.org/kaiju/evidence#> .
@prefix ex: <http://e/> .
@prefix graph: <https://w3id.org/kaiju/graph/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""


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


def test_no_word_of_the_article_is_in_a_label_alone_or_in_nothing(kg: KnowledgeGraph) -> None:
    missing = [
        (reading.passage.iri.value, reading.passage.quote.value[word.start : word.end])
        for reading in kg.cover().readings
        for word in reading.missing
    ]
    assert missing == []


def test_content_words_are_whole_words_in_order(kg: KnowledgeGraph) -> None:
    covered = kg.cover()
    for reading in covered.readings:
        quote = reading.passage.quote.value
        spans = [word[:2] for word in reading.words]
        assert spans == sorted(set(spans))
        for start, end in spans:
            assert quote[start:end].isalnum()
            assert quote[start:end].casefold() not in FUNCTION_WORDS
            assert not quote[max(start - 1, 0) : start].isalnum()
            assert not quote[end : end + 1].isalnum()
    assert sum(covered.counts.values()) == sum(len(r.words) for r in covered.readings) > 600


def test_words_of_a_passage_without_triples_are_in_nothing(copy: Copy) -> None:
    graph = "g2:see-also-2 {\n    id:gamera-2 film:seeAlso id:rebirth-of-mothra-ii .\n}\n"
    copy.replace(SEE_ALSO, graph, "")
    covered = copy.load().cover()
    assert not covered.complete
    (empty,) = (reading for reading in covered.readings if not reading.triples)
    assert _carriers(empty) == [("Rebirth", "nothing"), ("Mothra", "nothing"), ("II", "nothing")]
    assert covered.counts["nothing"] >= 3


def test_words_in_no_passage_are_gaps(copy: Copy) -> None:
    copy.replace("graph/gamera-2/article.txt", "==Plot==\n", "==Plot==\nNobody expected it.\n")
    covered = copy.load().cover()
    assert covered.gaps == ["Nobody expected it."]
    assert not covered.complete


def test_words_of_a_removed_triple_are_in_nothing(copy: Copy) -> None:
    # The reading must notice this mutation.
    copy.replace(
        "graph/gamera-2/lead.trig", "film:specialEffectsArtist id:shinji-higuchi", "film:year 1"
    )
    reading = next(
        r for r in copy.load().cover().readings if r.passage.iri.value.endswith("lead-1-1")
    )
    missing = {word for word, carrier in _carriers(reading) if carrier == "nothing"}
    assert {"special", "effects", "Shinji", "Higuchi"} <= missing


# A word ----------------------------------------------------------------------


def _carriers(reading: Reading) -> list[tuple[str, str]]:
    quote = reading.passage.quote.value
    return [(quote[word.start : word.end], word.carrier) for word in reading.words]


def _read(quote: str, quads: Iterable[Quad]) -> Reading:
    """Return the reading of one passage of an invented article."""
    passage = Passage(PASSAGE, ox.Literal(quote, language="en"), "a.trig", 0, len(quote), 1, "")
    earlier = passage._replace(iri=ox.NamedNode(EX + "earlier"), quote=ox.Literal("Earlier."))
    article = Article(ox.NamedNode(EX + "article"), "graph/e", quote, [passage, earlier])
    reading, _ = cover(Articles([article], [], []), quads).readings
    return reading


def _missing_words(quote: str, *objects: Term, names: dict[str, str] | None = None) -> list[str]:
    """Return the words of a quote that structure does not carry in statements about a thing."""
    quads = [Quad(THING, ox.NamedNode(EX + "says"), term, PASSAGE) for term in objects]
    quads += [
        Quad(ox.NamedNode(EX + name), LABEL, ox.Literal(label, language="en"), ENTITIES)
        for name, label in (names or {}).items()
    ]
    return [word for word, carrier in _carriers(_read(quote, quads)) if carrier != "structure"]


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
        ("a zero", _typed_literal("0", "integer"), []),
        ("twelve years", _typed_literal("12", "integer"), ["years"]),
        ("the 11th film", _typed_literal("11", "integer"), ["film"]),
        ("the 21st film", _typed_literal("21", "integer"), ["film"]),
        ("on July 13, 1996", _typed_literal("1996-07-13", "date"), []),
        ("on July 3, 1996", _typed_literal("1996-07-03", "date"), []),
        ("in July 1996", _typed_literal("1996", "gYear"), ["July"]),
        ("for $5 million", _typed_literal("5000000", "integer"), []),
        ("for $6.5 million", _typed_literal("6500000", "integer"), []),
        (
            "fifty years, a hundred men",
            _typed_literal("50", "integer"),
            ["years", "hundred", "men"],
        ),
        ("a year later", _typed_literal("1", "integer"), ["year", "later"]),
        ("twice, two times", _typed_literal("2", "integer"), ["times"]),
        ("13 men on July 13", _typed_literal("1996-07-13", "date"), ["13", "men"]),
        ("it flies, they flew", ox.Literal("fly", language="en"), []),
        ("she lays eggs", ox.Literal("lay", language="en"), ["eggs"]),
        ("it shot past", ox.Literal("shoot", language="en"), ["past"]),
        ("the women, a Japanese", ox.Literal("woman Japan", language="en"), []),
        ("several, all, again, nearly", ox.Literal("all"), ["several", "again", "nearly"]),
        ("he was with the", ox.Literal("x"), []),
        ("Gamera's", ox.Literal("Gamera"), []),
        ("ガメラ 来襲", ox.Literal("ガメラ", language="ja"), ["来襲"]),
    ],
)
def test_word_is_reflected_where_a_term_carries_it(quote: str, term: Term, left: list[str]) -> None:
    assert _missing_words(quote, term) == left


def test_language_of_the_quote_decides_what_carries_a_number_or_date() -> None:
    quote = "am 13. Juli 1996 f\u00fcr 6,5 Millionen"
    terms = (_typed_literal("1996-07-13", "date"), _typed_literal("6500000", "integer"))
    passage = Passage(PASSAGE, ox.Literal(quote, language="de"), "a.trig", 0, len(quote), 1, "")
    marked = [find_mentions(quote, term, [], "de") for term in terms]
    assert [[quote[slice(*span)] for span in spans] for spans in marked] == [
        ["13. Juli 1996"],
        ["6,5 Millionen"],
    ]
    article = Article(ox.NamedNode(EX + "article"), "graph/e", quote, [passage])
    quads = [Quad(THING, ox.NamedNode(EX + "says"), term, PASSAGE) for term in terms]
    (reading,) = cover(Articles([article], [], []), quads).readings
    left = [word for word, carrier in _carriers(reading) if carrier != "structure"]
    assert left == ["f\u00fcr"]


def test_name_of_a_thing_is_structure() -> None:
    thing = ox.NamedNode(EX + "x-ray")
    assert _missing_words("a giant turtle", thing, names={"x-ray": "giant turtle"}) == []
    assert _missing_words("a big ray", thing, names={"x-ray": "giant turtle"}) == ["big", "ray"]


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


# What carries a word ---------------------------------------------------------

INVENTED = f"""{PREFIXES}
graph:ontology {{
    ex:Fall a owl:Class ; rdfs:label "fall" ; skos:altLabel "crash" .
    ex:agent a owl:ObjectProperty ; rdfs:label "agent" ; skos:altLabel "done by" .
    skos:note a owl:AnnotationProperty .
}}
graph:entities {{ ex:meteor a ex:Object ; rdfs:label "iron meteor" . }}
ex:passage {{
    ex:fall a ex:Fall ; rdfs:label "loud fall at dawn" ; skos:note "unseen" ;
        ex:agent ex:meteor ; ex:degree "nearly" ; ex:after ex:night .
}}
ex:earlier {{ ex:night a ex:Night ; rdfs:label "clear night" ; ex:trait "cold" . }}
ex:earlier {{ ex:meteor ex:trait "hot" . }}
graph:curation {{ ex:curation a ev:Curation . }}
ex:curation {{ ex:meteor a ex:Stone ; skos:altLabel "bolide" . ex:night ex:trait "dark" . }}
"""


@pytest.mark.parametrize(
    ("word", "carrier"),
    [
        ("meteor", "structure"),  # the name of a thing
        ("object", "structure"),  # a class of a thing
        ("crashes", "structure"),  # another name of a class
        ("agent", "structure"),  # a property
        ("done", "structure"),  # another name of a property
        ("degree", "structure"),  # a property without a name: its IRI
        ("nearly", "structure"),  # a value
        ("cold", "structure"),  # a value of a thing without a name
        ("hot", "nothing"),  # what another passage says of a thing with a name
        ("loud", "label"),
        ("clear", "label"),  # the label in another passage
        ("unseen", "label"),  # any other annotation
        ("note", "nothing"),
        ("stone", "nothing"),  # what the article does not say
        ("bolide", "nothing"),
        ("dark", "nothing"),
        ("green", "nothing"),
    ],
)
def test_carrier_of_a_word(word: str, carrier: str) -> None:
    quads = [Quad(*quad) for quad in ox.parse(INVENTED, format=ox.RdfFormat.TRIG)]
    assert _carriers(_read(word, quads)) == [(word, carrier)]


# Reasons ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("remark", "reasons"),
    [
        ("“so big” is a figure of speech", {"big"}),
        ("“big” and “seemed” only connect", {"big", "seemed"}),
        ("“Big” and “bi” are no words of the quote, and big is not marked", set()),
        ("“The star seemed” has a word that the graph has", {"seemed"}),
    ],
)
def test_reason_is_that_of_the_words_it_quotes(remark: str, reasons: set[str]) -> None:
    quads = [
        Quad(THING, ox.NamedNode(EX + "says"), ox.Literal("star"), PASSAGE),
        Quad(PASSAGE, OMISSION, ox.Literal(remark, language="en"), EVIDENCE),
    ]
    quote = "The star seemed so big"
    words = _read(quote, quads).words
    assert {quote[word.start : word.end] for word in words if word.reason == remark} == reasons
    assert {quote[word.start : word.end] for word in words if word.is_missing} == {
        "seemed",
        "big",
    } - reasons


# The command -----------------------------------------------------------------

PROJECT = {
    "ontology/prefixes.ttl": """
ex: sh:declare [ sh:prefix "ex" ; sh:namespace "http://e/" ] .
""",
    "ontology/ex.ttl": """
ex: a owl:Ontology .
ex:Fall a owl:Class ; rdfs:label "fall" ; rdfs:isDefinedBy ex: .
""",
    "graph/entities.ttl": """
ex:meteor a ex:Rock ; rdfs:label "The Meteor" .
""",
    "queries/README.md": "",
    "graph/film/article.txt": "= The Meteor =\n\nAt dawn it somehow falls twice. Nobody saw it.\n",
    "graph/film/film.trig": """
ex:article a ev:Article ; ev:about ex:meteor .
ex:title ev:quote "The Meteor"@en .
ex:title { ex:meteor ex:name "The Meteor" . }
ex:crash ev:quote "At dawn it somehow falls twice."@en ;
    ev:omission "“somehow” says nothing"@en .
ex:crash { ex:fall a ex:Fall ; rdfs:label "fall at dawn" . }
""",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return the folder of a small project."""
    for file, text in PROJECT.items():
        path = tmp_path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        prefixes = PREFIXES if file.endswith((".ttl", ".trig")) else ""
        path.write_text(prefixes + text, encoding="utf-8")
    return tmp_path


def test_text_tells_what_carries_the_words_of_each_passage(project: Path, kaiju: Command) -> None:
    run = kaiju("coverage", "--root", str(project))
    assert (run.stdout, run.returncode) == (
        """\
ex:title  1 triple; 1 word: 1 in structure
    The Meteor
ex:crash  2 triples; 4 words: 1 in structure, 1 in a label alone, 1 in nothing, \
1 left out for a reason
    At «dawn» it somehow falls «twice».
    in a label alone: dawn
    in nothing: twice
    left out for a reason: “somehow” says nothing
in no passage: Nobody saw it.
2 passages, 0 of them empty; 1 gap between them; 5 words: 2 in structure, 1 in a label alone, \
1 in nothing, 1 left out for a reason
""",
        1,
    )


def test_json_has_the_counts_and_the_words(project: Path, kaiju: Command) -> None:
    run = kaiju("coverage", "--root", str(project), "--passage", "crash", "-f", "json")
    assert json.loads(run.stdout) == {
        "complete": True,
        "words": {"structure": 1, "label": 1, "nothing": 1, "reason": 1},
        "gaps": [],
        "passages": [
            {
                "passage": "http://e/crash",
                "section": "The Meteor",
                "order": 2,
                "start": 16,
                "end": 47,
                "quote": "At dawn it somehow falls twice.",
                "triples": 2,
                "modelled": True,
                "words": {"structure": 1, "label": 1, "nothing": 1, "reason": 1},
                "missing": [
                    {"word": "dawn", "start": 3, "end": 7, "carrier": "label"},
                    {"word": "twice", "start": 25, "end": 30, "carrier": "nothing"},
                ],
                "omitted": [
                    {
                        "word": "somehow",
                        "start": 11,
                        "end": 18,
                        "carrier": "nothing",
                        "reason": "“somehow” says nothing",
                    }
                ],
            }
        ],
    }


def test_passage_that_is_not_modelled_yet_is_counted_apart(project: Path, kaiju: Command) -> None:
    graph = project / "graph" / "film" / "film.trig"
    text = re.sub(r"ex:crash \{[^}]*\}", "", graph.read_text(encoding="utf-8"))
    mark = f"ex:crash <{STATUS.value}> <{NOT_MODELLED.value}> .\n"
    graph.write_text(text + mark, encoding="utf-8")
    run = kaiju("coverage", "--root", str(project), "--passage", "crash")
    assert run.stdout.startswith("ex:crash  not modelled yet; ")
    assert run.stdout.splitlines()[-1].startswith("1 passage, 0 of them empty, 1 not modelled yet;")
    assert run.returncode == 1
    figures = json.loads(kaiju("stats", "--root", str(project), "-f", "json").stdout)
    assert figures["passages not modelled yet"] == 1


def test_parts_are_selected_by_name(project: Path, kaiju: Command) -> None:
    whole = kaiju("coverage", "--root", str(project)).stdout
    for name in ("film", "http://e/article"):
        assert kaiju("coverage", "--root", str(project), "--article", name).stdout == whole
    title = kaiju("coverage", "--root", str(project), "--passage", "title")
    assert title.stdout.startswith("ex:title  1 triple")
    assert "1 passage, 0 of them empty; 0 gaps" in title.stdout
    assert title.returncode == 0
    curie = kaiju("coverage", "--root", str(project), "--passage", "ex:title")
    assert curie.stdout == title.stdout
    for option, name, message in (
        ("--article", "flim", "no article 'flim'; did you mean 'film'?"),
        ("--passage", "titel", "no passage 'titel'; did you mean 'title'?"),
    ):
        run = kaiju("coverage", "--root", str(project), option, name)
        assert (run.stdout, run.returncode) == ("", 3)
        assert run.stderr == f"kaiju: error: {message}\n"


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
