"""Each evidence check has counter-examples that break only its rule."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, NamedTuple

import pytest

from kaiju_graph.project import layout, passages, sources
from kaiju_graph.project.locator import Locator
from kaiju_graph.validation.evidence_checks.checks import CHECKS, check
from tests.conftest import every_nth

if TYPE_CHECKING:
    from tests.conftest import Copy

ENTITIES = "graph/entities.ttl"
CURATION = "graph/curation.trig"
ARTICLE = "graph/gamera-2/article.txt"
LEAD = "graph/gamera-2/lead.trig"
INFOBOX = "graph/gamera-2/infobox.trig"
PLOT = "graph/gamera-2/plot.trig"
RELEASE = "graph/gamera-2/release.trig"
SEE_ALSO = "graph/gamera-2/see-also.trig"
TITLE = """g2:title ev:quote "Gamera 2: Attack of Legion"@en .

g2:title {
    id:gamera-2 film:title "Gamera 2: Attack of Legion"@en .
}
"""
LAST = """g2:see-also-3 ev:quote "Godzilla vs. Megaguirus"@en ;
    ev:needsContext g2:release-1-1 .

g2:see-also-3 {
    id:gamera-2 film:seeAlso id:godzilla-vs-megaguirus .
}
"""


NO_SHAPES = """@prefix sh: <http://www.w3.org/ns/shacl#> .
<urn:shape> sh:targetNode <urn:none> .
"""


class Case(NamedTuple):
    """An edit of one file, the rule that it breaks, and the message; the line has the text."""

    file: str
    old: str
    new: str
    rule: str
    message: str
    line: str


TITLED = """g2:infobox-title ev:quote "Gamera 2: Attack of Legion"@en .

g2:infobox-title {
    id:gamera-2 film:title "Gamera 2: Attack of Legion"@en .
}"""
CASES = [
    Case(
        RELEASE,
        '"It was released directly',
        '"It was later released directly',
        "quote",
        "found a quote that is not in the article: 'later released directly to video on DVD in "
        "the…'; expected 'released directly to video on DVD in the United…'",
        "It was later released",
    ),
    Case(
        INFOBOX,
        TITLE,
        "",
        "tiling",
        "found 'Gamera 2: Attack of Legion' in no passage; expected one after "
        "<https://w3id.org/kaiju/gamera-2/infobox-title>",
        "Gamera 2: Attack of Legion",
    ),
    Case(
        ARTICLE,
        "= Gamera 2: Attack of Legion =\n",
        "Draft\n= Gamera 2: Attack of Legion =\n",
        "tiling",
        "found 'Draft' in no passage; expected one before all others",
        "Draft",
    ),
    Case(
        ARTICLE,
        "by ADV Films.",
        "by ADV Films. Nobody saw it.",
        "tiling",
        "found 'Nobody saw it.' in no passage; expected one after "
        "<https://w3id.org/kaiju/gamera-2/release-1-2>",
        "by ADV Films. Nobody saw it.",
    ),
    Case(
        SEE_ALSO,
        LAST,
        f"{LAST}\ng2:see-also-4 {{\n    id:gamera-2 film:seeAlso id:die-hard .\n}}\n",
        "graphs",
        "found a graph <https://w3id.org/kaiju/gamera-2/see-also-4>; expected its ev:quote above "
        "it",
        "film:seeAlso id:die-hard",
    ),
    Case(
        INFOBOX,
        'g2:title {\n    id:gamera-2 film:title "Gamera 2: Attack of Legion"@en .\n}\n',
        "",
        "graphs",
        "found no statement in <https://w3id.org/kaiju/gamera-2/title>; expected at least one, or "
        "ev:status ev:notModelled above it",
        "g2:title ev:quote",
    ),
    Case(
        INFOBOX,
        'g2:title ev:quote "Gamera 2: Attack of Legion"@en .',
        'g2:title ev:quote "Gamera 2: Attack of Legion"@en ;\n    ev:status ev:notModelled .',
        "graphs",
        "found a status of <https://w3id.org/kaiju/gamera-2/title>, which has statements; "
        "expected one of these",
        "ev:status ev:notModelled",
    ),
    Case(
        INFOBOX,
        TITLED,
        TITLED.partition(" .")[0] + " ;\n    ev:status ev:notModelled .",
        "draft",
        "found 1 of 60 passages not modelled yet; expected a graph of each before a release",
        "ev:status ev:notModelled",
    ),
    Case(
        INFOBOX,
        "    ev:about id:gamera-2 .",
        "    ev:about id:gamera-2 ;\n    ev:doesNotTell film:gross .",
        "silence",
        "found ev:doesNotTell <https://w3id.org/kaiju/film#gross>, which "
        "<https://w3id.org/kaiju/gamera-2/infobox-gross> states; expected a property that no "
        "passage of the article states",
        "film:gross",
    ),
    Case(
        CURATION,
        "# Japanese names -",
        'graph:curation-places {\n    id:tokyo skos:note "a city"@en .\n}\n\n# Japanese names -',
        "graphs",
        "found a graph <https://w3id.org/kaiju/graph/curation-places>; expected its ev:Curation "
        "above it",
        'skos:note "a city"@en',
    ),
    Case(
        CURATION,
        "graph:curation-geonames {",
        "graph:curation-wikidata {",
        "graphs",
        "found no statement in <https://w3id.org/kaiju/graph/curation-geonames>; expected at "
        "least one",
        "graph:curation-geonames a ev:Curation",
    ),
    Case(
        RELEASE,
        "film:distributor id:toho",
        "film:distributor [ ]",
        "plain",
        "found a blank node; expected an IRI",
        "film:distributor [ ]",
    ),
    Case(
        CURATION,
        "id:die-hard skos:exactMatch wd:Q105598",
        "id:die-hard owl:sameAs wd:Q105598",
        "plain",
        "found owl:sameAs; expected skos:exactMatch, or a reading",
        "owl:sameAs",
    ),
    Case(
        SEE_ALSO,
        '"Rebirth of Mothra II"@en ;',
        '"Rebirth of Mothra II"@en ;\n    ev:start 1 ;',
        "plain",
        "found a computed property, written by hand; expected only the quote",
        "ev:start 1",
    ),
    Case(
        SEE_ALSO,
        '"Rebirth of Mothra II"@en ;',
        '"Rebirth of Mothra II"@en ;\n    a ev:Passage ;',
        "plain",
        "found a computed property, written by hand; expected only the quote",
        "a ev:Passage",
    ),
    Case(
        SEE_ALSO,
        "# Three links",
        'id:die-hard film:title "Yippee"@en .\n\n# Three links',
        "outside",
        "found a statement in no passage; expected it in a graph",
        "film:title",
    ),
    Case(
        ENTITIES,
        "id:die-hard a film:Film ;",
        "id:die-hard a film:Film ;\n    film:genre id:gamera-2 ;",
        "outside",
        "found a fact in the entities; expected it in its passage",
        "film:genre id:gamera-2",
    ),
    *(
        Case(
            RELEASE,
            "film:distributor id:toho",
            f"film:distributor id:toho ;\n        <{predicate}> {value}",
            "declared",
            f"found <{predicate}>; expected a property that an ontology of the project defines",
            f"<{predicate}> {value}",
        )
        for predicate, value in [
            ("https://schema.org/distributer", "id:toho"),
            ("https://w3id.org/kaiju/flim#distributor", "id:toho"),
            ("http://www.w3.org/2000/01/rdf-schema#comment", '"made up"@en'),
            ("http://xmlns.com/foaf/0.1/name", '"made up"@en'),
            ("http://www.w3.org/2004/02/skos/core#exactMatch", "id:toho"),
            ("https://w3id.org/kaiju/id/toho", "id:toho"),
        ]
    ),
    Case(
        CURATION,
        'id:toho skos:altLabel "東宝"@ja',
        'id:toho skos:altLabel "東宝"@ja ;\n        foaf:name "東宝"@ja',
        "declared",
        "found <http://xmlns.com/foaf/0.1/name>; expected a property that an ontology declares",
        'foaf:name "東宝"@ja',
    ),
    Case(
        RELEASE,
        "film:distributor id:toho",
        "film:distributor id:toho , id:montreal",
        "things",
        "found <https://w3id.org/kaiju/id/montreal> without a class; expected a class and a label",
        "id:montreal",
    ),
    Case(
        CURATION,
        'id:toho skos:altLabel "東宝"@ja',
        'id:tohoo rdfs:label "東宝"@ja',
        "things",
        "found <https://w3id.org/kaiju/id/tohoo> without a class; expected a class and a label",
        'id:tohoo rdfs:label "東宝"@ja',
    ),
    Case(
        ENTITIES,
        "id:nippon-tv a film:Company",
        "id:nippon-tv a film:Company , <urn:Studio>",
        "undeclared",
        "found <urn:Studio>; expected a class that an ontology declares",
        "id:nippon-tv a film:Company , <urn:Studio>",
    ),
    Case(
        "ontology/film.ttl",
        "rdfs:domain film:Film ;\n    rdfs:range film:Person",
        "rdfs:domain film:Film , <urn:Work> ;\n    rdfs:range film:Person",
        "undeclared",
        "found <urn:Work>; expected a class that an ontology declares",
        "rdfs:domain film:Film , <urn:Work>",
    ),
    Case(
        ENTITIES,
        "id:nippon-tv a film:Company",
        "id:nippon-tv a film:Company , film:Agent",
        "follows",
        "found <https://w3id.org/kaiju/film#Agent>, which follows from "
        "<https://w3id.org/kaiju/film#Company> there; expected no such "
        "statement, as the reasoner infers it",
        "id:nippon-tv a film:Company , film:Agent",
    ),
    Case(
        INFOBOX,
        "film:director id:shusuke-kaneko .",
        "film:director id:shusuke-kaneko ;\n        film:contributor id:shusuke-kaneko .",
        "follows",
        "found <https://w3id.org/kaiju/film#contributor>, which follows from "
        "<https://w3id.org/kaiju/film#director> there; expected no such "
        "statement, as the reasoner infers it",
        "film:contributor id:shusuke-kaneko",
    ),
    Case(
        ENTITIES,
        "# Works -",
        "id:lead-actor a film:Person .\n\n# Works -",
        "spoken",
        "found <https://w3id.org/kaiju/id/lead-actor> in no passage; expected one that mentions it",
        "id:lead-actor a film:Person",
    ),
    Case(
        ENTITIES,
        'id:godzilla-vs-megaguirus a ev:Topic ;\n    rdfs:label "Godzilla vs. Megaguirus"@en',
        'id:godzilla-vs-megaguirus a ev:Topic ;\n    rdfs:label "Godzilla vs. Megaguirus"@en , '
        '"Die Hard"@en',
        "spoken",
        "found the same label as <https://w3id.org/kaiju/id/die-hard>; expected a unique one",
        '"Die Hard"@en',
    ),
    Case(
        ENTITIES,
        'id:die-hard a film:Film ;\n    rdfs:label "Die Hard"@en',
        'id:die-hard a film:Film ;\n    rdfs:label "Die Hard"@en , "Die Harder"@en',
        "labels",
        "found the name 'Die Harder'; expected words of the article",
        '"Die Harder"@en',
    ),
    Case(
        ENTITIES,
        'id:die-hard a film:Film ;\n    rdfs:label "Die Hard"@en',
        'id:die-hard a film:Film ;\n    rdfs:label "Die Hard"@en , "ie Har"@en',
        "labels",
        "found the name 'ie Har'; expected words of the article",
        '"ie Har"@en',
    ),
    Case(
        ENTITIES,
        "id:die-hard a film:Film ;",
        "id:die-hard a film:Film , film:Credit ;",
        "labels",
        "found a coined thing in the entities; expected it in its passage",
        'rdfs:label "Die Hard"@en',
    ),
    Case(
        SEE_ALSO,
        "film:seeAlso id:rebirth-of-mothra-ii .",
        "film:seeAlso id:rebirth-of-mothra-ii .\n\n    id:rebirth-of-mothra-ii a ev:Topic ;\n"
        '        rdfs:label "Rebirth of Mothra II"@en .',
        "labels",
        "found a label in a passage, and <https://w3id.org/kaiju/evidence#Topic> is not ev:coined; "
        "expected the label in entities.ttl, or the class marked ev:coined",
        'rdfs:label "Rebirth of Mothra II"@en',
    ),
    Case(
        PLOT,
        "g2:crash-of-the-meteor story:place g2:crash-site .",
        'g2:crash-of-the-meteor a story:Event ;\n        rdfs:label "the crash"@en ;\n'
        "        story:place g2:crash-site .",
        "first",
        "found a label in a later passage; expected it in "
        "<https://w3id.org/kaiju/gamera-2/plot-1-1>, the first that mentions the thing",
        'rdfs:label "the crash"@en',
    ),
    Case(
        SEE_ALSO,
        '"Rebirth of Mothra II"@en ;\n    ev:needsContext g2:release-1-1 .',
        '"Rebirth of Mothra II"@en .',
        "context",
        "found no 'Gamera 2: Attack of Legion' in the quote; expected ev:needsContext "
        "<https://w3id.org/kaiju/gamera-2/release-1-1>",
        "film:seeAlso id:rebirth-of-mothra-ii",
    ),
    Case(
        SEE_ALSO,
        '"Rebirth of Mothra II"@en ;\n    ev:needsContext g2:release-1-1 .',
        '"Rebirth of Mothra II"@en ;\n    ev:needsContext g2:release-1-1 , g2:title .',
        "context",
        "found ev:needsContext <https://w3id.org/kaiju/gamera-2/title>; expected only "
        "passages that this one needs",
        "ev:needsContext g2:release-1-1 , g2:title",
    ),
    Case(
        SEE_ALSO,
        '"Rebirth of Mothra II"@en ;\n    ev:needsContext g2:release-1-1 .',
        '"Rebirth of Mothra II"@en ;\n    ev:needsContext g2:see-also-1 .',
        "context",
        "found ev:needsContext <https://w3id.org/kaiju/gamera-2/see-also-1>; expected "
        "<https://w3id.org/kaiju/gamera-2/release-1-1>, which names 'Gamera 2: Attack of Legion'",
        "ev:needsContext g2:see-also-1 .",
    ),
    Case(
        LEAD,
        "“serving as”",
        "“in order to be”",
        "omission",
        "found “in order to be”, which the quote does not have; expected words of it",
        "“in order to be” only connect",
    ),
    Case(
        LEAD,
        "“serving as”",
        "“a direct sequel”",
        "omission",
        "found a reason for “a direct sequel”, which the graph of the passage has; "
        "expected one for words that it leaves out",
        "“a direct sequel” only connect",
    ),
    Case(
        PLOT,
        'story:verb "fly"@en',
        'story:verb "swim"@en',
        "literals",
        "found the dictionary form 'swim'; expected that of words of the quote",
        'story:verb "swim"@en',
    ),
    Case(
        PLOT,
        "story:count 3",
        "story:count 4",
        "literals",
        "found the number '4'; expected a number of the quote, in digits or in words",
        "story:count 4",
    ),
    Case(
        INFOBOX,
        "film:amount 6500000",
        "film:amount 6000000",
        "literals",
        "found the number '6000000'; expected a number of the quote, in digits or in words",
        "film:amount 6000000",
    ),
    Case(
        LEAD,
        '"1996-07-13"^^xsd:date',
        '"1996-06-13"^^xsd:date',
        "literals",
        "found the date '1996-06-13'; expected a date of the quote",
        '"1996-06-13"^^xsd:date',
    ),
    Case(
        PLOT,
        'story:trait "large"@en .',
        'story:trait "huge"@en .',
        "literals",
        "found the text 'huge'; expected words of the quote",
        'story:trait "huge"@en',
    ),
    Case(
        RELEASE,
        'in 2003 by ADV Films."@en',
        'in 2003 by ADV Films."@ja',
        "languages",
        "found the language 'ja'; expected one whose dictionary forms are known",
        'in 2003 by ADV Films."@ja',
    ),
]


def _findings(copy: Copy) -> list[tuple[str, str, str]]:
    """Return the rule, the message and the line of each finding."""
    opened = layout.find(str(copy.root))
    read = sources.read(opened)
    locator = Locator(opened, read)
    found = []
    for finding in check(read, passages.locate_passages(read)):
        place = finding.place or locator.place(finding.file, finding.quad)
        found.append((finding.rule, finding.message, copy.line(place.file, place.line)))
    return found


def test_project_passes_every_check(copy: Copy) -> None:
    assert not _findings(copy)


@pytest.mark.parametrize(
    "case", every_nth(CASES, 3), ids=lambda case: f"{case.rule}: {case.line.strip()}"
)
def test_counterexample_breaks_only_its_rule(case: Case, copy: Copy) -> None:
    prefix = "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
    if "rdfs:" in case.new and "@prefix rdfs:" not in copy.read(case.file):
        copy.write(case.file, prefix + copy.read(case.file))
    copy.replace(case.file, case.old, case.new)
    (found,) = _findings(copy)
    rule, message, line = found
    assert (rule, message) == (case.rule, case.message)
    assert case.line in line


def test_every_check_has_a_counterexample() -> None:
    assert {case.rule for case in CASES} == {"quote", *CHECKS}


@pytest.mark.parametrize(
    ("old", "new", "count"),
    [
        ("g2:article a ev:Article ;", "g2:article", 0),
        ("g2:article a ev:Article ;", "g2:second a ev:Article .\n\ng2:article a ev:Article ;", 2),
    ],
)
def test_article_folder_has_exactly_one_article_node(
    copy: Copy, old: str, new: str, count: int
) -> None:
    copy.replace(INFOBOX, old, new)
    rule, message, line = _findings(copy)[0]
    assert rule == "article-node"
    expected = "expected one, with a label and ev:about, in a .trig file beside it"
    assert message == f"found {count} nodes of type ev:Article; {expected}"
    assert line == "= Gamera 2: Attack of Legion ="


@pytest.mark.parametrize(
    ("old", "new", "count"),
    [
        ("g2:article a ev:Article ;", "g2:article", 0),
        ("g2:article a ev:Article ;", "g2:second a ev:Article .\n\ng2:article a ev:Article ;", 2),
    ],
)
def test_wrong_article_node_is_reported_once(copy: Copy, old: str, new: str, count: int) -> None:
    # Names in the article are not checked if it has no node.
    copy.replace(INFOBOX, old, new)
    assert len(_findings(copy)) == 1, count


def test_undeclared_term_is_a_warning_with_a_suggestion(copy: Copy) -> None:
    shutil.rmtree(copy.root / "ontology/shapes")
    copy.write("ontology/shapes/none.ttl", NO_SHAPES)
    copy.write(ENTITIES, copy.read(ENTITIES).replace("film:Company", "film:Compny"))
    found = [v for v in copy.load().validate().violations if v.rule == "undeclared"]
    assert [(v.severity, v.place.file) for v in found] == [("warning", ENTITIES)]
    assert [near.text for near in found[0].nearest] == ["film:Company"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("a film:HomeVideoRelease", "a film:work", "film#work>, a property; expected a class"),
        ("film:work id:", "film:Film id:", "film#Film>, a class; expected a property"),
    ],
)
def test_property_is_no_class(old: str, new: str, message: str, copy: Copy) -> None:
    copy.replace(RELEASE, old, new)
    found = [(text, line) for rule, text, line in _findings(copy) if rule == "undeclared"]
    assert [line.strip().partition(new)[1] for _, line in found] == [new]
    assert f"{message} that an ontology declares" in found[0][0]


@pytest.mark.usefixtures("warm_memory")
def test_shape_that_reports_an_undeclared_term_is_enough(copy: Copy) -> None:
    copy.write(ENTITIES, copy.read(ENTITIES).replace("film:Company", "film:Compny"))
    rules = {v.rule for v in copy.load().validate().violations}
    assert "Ontology-class-known" in rules
    assert "undeclared" not in rules


@pytest.mark.parametrize(
    "term",
    ["<http://purl.org/dc/terms/Agent>", "<http://xmlns.com/foaf/0.1/Person>", "schema:Person"],
)
def test_term_of_a_vocabulary_or_an_alignment_is_declared(term: str, copy: Copy) -> None:
    head = "@prefix schema: <https://schema.org/> .\n"
    text = copy.read(ENTITIES).replace("id:toho a film:Company", f"id:toho a film:Company , {term}")
    copy.write(ENTITIES, head + text)
    assert _findings(copy) == []


def test_coined_thing_is_typed_in_the_graph_of_its_label(copy: Copy) -> None:
    crash = "g2:crash-of-the-meteor"
    copy.replace(PLOT, f"{crash} story:place", f"{crash} a story:Event ;\n        story:place")
    copy.replace(PLOT, f"{crash} a story:Event ;\n        rdfs:label", f"{crash} rdfs:label")
    message = (
        "found a label without a type; expected both in <https://w3id.org/kaiju/gamera-2/plot-1-1>"
    )
    assert [finding[:2] for finding in _findings(copy)] == [("first", message)]


def test_statement_may_follow_from_another_passage(copy: Copy) -> None:
    # The infobox names the director, so the lead may state only that he has contributed.
    copy.replace(LEAD, "film:director id:shusuke-kaneko", "film:contributor id:shusuke-kaneko")
    assert not _findings(copy)


def test_unknown_thing_is_reported_once(copy: Copy) -> None:
    copy.replace(RELEASE, "film:distributor id:toho", "film:distributor id:tohoo , id:toho")
    copy.replace(INFOBOX, "film:distributor id:toho", "film:distributor id:tohoo , id:toho")
    assert [finding[0] for finding in _findings(copy)] == ["things"]


def test_labels_outside_passage_graphs_are_not_checked(copy: Copy) -> None:
    # An article and a curation are labelled where they are described.
    copy.replace(INFOBOX, "(encyclopedia article)", "(an article of our own making)")
    copy.replace(CURATION, "identifiers of places in GeoNames", "places as others number them")
    assert not _findings(copy)


def test_context_may_be_the_nearest_later_passage(copy: Copy) -> None:
    # The first passage is the title; only later passages name the director.
    copy.replace(
        INFOBOX,
        'g2:title ev:quote "Gamera 2: Attack of Legion"@en .',
        'g2:title ev:quote "Gamera 2: Attack of Legion"@en ;\n'
        "    ev:needsContext g2:infobox-director .",
    )
    copy.replace(
        INFOBOX,
        'g2:title {\n    id:gamera-2 film:title "Gamera 2: Attack of Legion"@en .',
        'g2:title {\n    id:gamera-2 film:title "Gamera 2: Attack of Legion"@en ;\n'
        "        film:director id:shusuke-kaneko .",
    )
    assert not _findings(copy)


@pytest.mark.parametrize(
    ("given", "other"),
    [
        ("g2:plot-3-1", "g2:plot-2-4"),
        ("g2:plot-2-2", "g2:plot-1-2"),
        ("g2:plot-1-1", "g2:lead-2-1"),
    ],
    ids=["story:Event", "story:supposedKind story:Investigation", '"extraterrestrial"@en'],
)
def test_classes_and_texts_need_no_context(given: str, other: str, copy: Copy) -> None:
    # The other passage is the nearest earlier one with the class or text, which is no thing.
    copy.replace(PLOT, f"ev:needsContext {given} .", f"ev:needsContext {given} , {other} .")
    iri = other.replace("g2:", "https://w3id.org/kaiju/gamera-2/")
    message = f"found ev:needsContext <{iri}>; expected only passages that this one needs"
    assert [finding[:2] for finding in _findings(copy)] == [("context", message)]
