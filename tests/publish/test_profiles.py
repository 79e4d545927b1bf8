"""JSON-LD for people, slices of the graph, and the film in the terms of schema.org."""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import pytest
from pyld import jsonld

from kaiju_graph.api import KnowledgeGraph
from kaiju_graph.cli.commands import export as export_command
from kaiju_graph.errors import InputError, QueryError, UnknownNameError, UsageError
from kaiju_graph.project.sources import select_layers
from kaiju_graph.publish import slices
from kaiju_graph.publish.profiles import IDS
from kaiju_graph.rdf.jsonld import context as contexts
from kaiju_graph.rdf.prefixes import Prefixes
from kaiju_graph.rdf.terms import EV, EVIDENCE, LABEL, PASSAGE_CLASS, TYPE, Quad
from kaiju_graph.store.store import DEFAULT_LAYERS
from tests.rdf.test_frame import entail, read, read_linked
from tests.repository import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kaiju_graph.rdf.terms import Triple
    from tests.conftest import Command, Copy

PROFILES = ("compacted", "expanded", "flattened")
FILM = "Gamera 2: Attack of Legion"
ID = "https://w3id.org/kaiju/id/"
THINGS = r"https://w3id\.org/kaiju/(?:id|gamera-2)/"
"""The namespaces of things: of those with a name of their own, and of the others."""
OA = "http://www.w3.org/ns/oa#"
SCHEMA = "https://schema.org/"
SH = "http://www.w3.org/ns/shacl#"
CONTEXT = json.loads((ROOT / "ontology" / "context.jsonld").read_text("utf-8"))


def canonical(quads: Iterable[Any]) -> set[str]:
    dataset = ox.Dataset(ox.Quad(q.subject, q.predicate, q.object, q.graph_name) for q in quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return {str(quad) for quad in dataset}


def by_oxigraph(text: str, form: ox.RdfFormat = ox.RdfFormat.JSON_LD) -> set[str]:
    return canonical(ox.parse(text, format=form))


def by_pyld(text: str) -> set[str]:
    def refuse(url: str, _: object) -> None:
        raise AssertionError(f"{url} was asked for")

    options = {"format": "application/n-quads", "documentLoader": refuse}
    nquads = jsonld.to_rdf(json.loads(text), options)
    return canonical(ox.parse(nquads, format=ox.RdfFormat.N_QUADS))


def merge(quads: Iterable[Quad]) -> set[str]:
    return canonical(ox.Quad(*quad.triple) for quad in quads)


def nodes(value: Any, depth: int = 1) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the objects of a document that are things, with how deep each is nested."""
    if isinstance(value, list):
        for inner in value:
            yield from nodes(inner, depth)
    elif isinstance(value, dict):
        if "@id" in value:
            yield depth, value
        for key, inner in value.items():
            if key != "@context":
                yield from nodes(inner, depth + ("@id" in value))


@pytest.fixture(scope="module")
def text(kg: KnowledgeGraph) -> str:
    return kg.export("jsonld", thing=FILM)


@pytest.fixture(scope="module")
def film(text: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(text)
    return document


# Profiles --------------------------------------------------------------------


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("read", [by_oxigraph, by_pyld])
def test_each_profile_has_exactly_the_exported_triples(
    profile: str, read: Any, kg: KnowledgeGraph
) -> None:
    layers = ("stated", "entities", "curated", "ontology")
    part = KnowledgeGraph(kg.project, layers)
    assert read(part.export("jsonld", profile=profile)) == merge(select_layers(kg.quads, *layers))


@pytest.mark.parametrize("read", [by_oxigraph, by_pyld])
@pytest.mark.parametrize("ids", ["curie", "iri"])
def test_both_libraries_read_the_same_framed_film(
    read: Any, ids: str, text: str, kg: KnowledgeGraph
) -> None:
    assert read(kg.export("jsonld", thing=FILM, ids=ids)) == by_oxigraph(text)


@pytest.mark.parametrize(
    "step", [60, pytest.param(2, marks=pytest.mark.slow)], ids=["some", "more"]
)
def test_framing_leaves_out_only_what_follows(step: int, kg: KnowledgeGraph) -> None:
    ontology = select_layers(kg.quads, "ontology")
    labelled = {q.subject.value for q in kg.quads if q.predicate == LABEL}
    things = sorted(thing for thing in labelled if re.match(THINGS, thing))
    assert len(things) > 200
    for thing, symmetric in [(thing, bool(n % 2)) for n, thing in enumerate(things[::step])]:
        triples = kg.export("ntriples", thing=thing, symmetric=symmetric)
        described = read(triples, ox.RdfFormat.N_TRIPLES)
        framed = kg.export("jsonld", thing=thing, symmetric=symmetric)
        assert read(framed) <= described, thing
        assert described <= entail(read(framed), ontology), thing
        in_full = Counter(node["@id"] for _, node in nodes(json.loads(framed)) if "@type" in node)
        assert set(in_full.values()) <= {1}, thing
        depths = [depth for depth, _ in nodes(json.loads(framed))]
        assert max(depths) <= 4, thing
        assert "_:" not in framed, thing


@pytest.mark.parametrize("thing", ["toho", "legion"])
def test_a_thing_is_framed_as_it_stands_in_the_file(thing: str, kg: KnowledgeGraph) -> None:
    """After a change, read the difference of ``kaiju export -f jsonld --thing THING -o FILE``."""
    stored = (ROOT / "tests" / "publish" / "framed" / f"{thing}.jsonld").read_text("utf-8")
    assert kg.export("jsonld", thing=f"id:{thing}") == stored


def test_super_properties_that_only_repeat_are_left_out(film: dict[str, Any]) -> None:
    left_out = {"contributor", "performer", "producedBy", "credit", "when", "follows", "sequelTo"}
    assert left_out & film.keys() == set()
    assert {"castMember", "star", "producer", "directSequelTo", "year"} <= film.keys()


def test_values_are_in_the_order_of_their_positions(film: dict[str, Any]) -> None:
    in_order = film["producerCredit"]
    assert [credit["position"] for credit in in_order] == list(range(1, len(in_order) + 1))
    assert [person["name"] for person in film["producer"]] == [
        credit["creditedAgent"]["name"] for credit in in_order
    ]


def test_years_and_amounts_are_numbers(film: dict[str, Any]) -> None:
    assert (film["year"], film["productionStart"]) == (1996, 1995)
    assert film["budget"]["amount"] == 5_000_000
    assert [release["year"] for release in film["release"] if "year" in release] == [2003]


def test_a_thing_has_what_others_state_about_it(kg: KnowledgeGraph) -> None:
    toho = json.loads(kg.export("jsonld", thing="toho"))
    assert "Gamera 2: Attack of Legion" in {d["name"] for d in toho["@reverse"]["distributor"]}
    legion = json.loads(kg.export("jsonld", thing="id:legion"))
    events = {event["name"]: event for event in legion["@reverse"]["agent"]}
    journey = events["the Legion makes their way to Sendai"]
    assert [place["name"] for place in journey["destination"]] == ["Sendai"]
    assert "agent" not in journey
    strict = json.loads(kg.export("jsonld", thing="toho", symmetric=False))
    assert strict.keys() == {"@context", "@id", "@type", "name", "altName"}


def test_a_description_has_no_property_of_too_many_things(
    film: dict[str, Any], kg: KnowledgeGraph
) -> None:
    links = Counter(q.predicate for q in kg.quads if q.object.value == ID + "gamera-2")
    assert max(links.values()) > slices.MAX_USERS
    assert "inStoryOf" not in film["@reverse"]
    assert [article["@id"] for article in film["@reverse"]["about"]] == ["g2:article"]


def test_turtle_describes_in_both_directions_on_request(kg: KnowledgeGraph) -> None:
    def export(*, symmetric: bool | None) -> set[Triple]:
        text = kg.export("ntriples", thing="toho", symmetric=symmetric)
        return read(text, ox.RdfFormat.N_TRIPLES)

    toho = ox.NamedNode(ID + "toho")
    assert export(symmetric=None) == export(symmetric=False)
    assert {t for t in export(symmetric=False) if t.object == toho} == set()
    assert {t for t in export(symmetric=True) if t.object == toho} == {
        quad.triple for quad in kg.quads if quad.object == toho
    }


@pytest.mark.parametrize(
    ("profile", "file"),
    [
        ("compacted", "context.jsonld"),
        ("framed", "context.jsonld"),
        ("schema.org", "profiles/schema.org.jsonld"),
    ],
)
def test_a_document_with_a_link_to_its_context_is_read_the_same(
    profile: str, file: str, kg: KnowledgeGraph
) -> None:
    url = "https://example.org/context.jsonld"
    linked = kg.export(profile=profile, thing=FILM, context_url=url)
    context = json.loads(linked)["@context"]
    own = {"g2": kg.project.prefixes["g2"]}
    assert context == (url if profile == "schema.org" else [url, own])
    text = (ROOT / "ontology" / file).read_text("utf-8")
    assert read_linked(linked, {url: text}) == read(kg.export(profile=profile, thing=FILM))


def test_framed_json_reads_as_plain_json(film: dict[str, Any]) -> None:
    assert film["name"] == FILM
    assert film["altName"] == {"ja": ["ガメラ2 レギオン襲来"]}
    assert film["director"][0]["name"] == "Shusuke Kaneko"
    assert {p["character"]["name"]: p["actor"]["name"] for p in film["portrayal"]} == {
        "Gamera": "Akira Ohashi",
        "Legion Queen": "Mizuho Yoshida",
    }
    assert [c["creditedAgent"]["name"] for c in film["producerCredit"]][:2] == [
        "Tsutomu Tsuchikawa",
        "Myuki Nanri",
    ]
    assert [(e["ordinal"], e["entryIn"]["name"]) for e in film["entry"]] == [
        (2, "Heisei period"),
        (10, "Gamera film series"),
    ]
    assert [r["date"] for r in film["release"] if "date" in r] == ["1996-07-13"]
    assert [r["medium"] for r in film["release"] if "medium" in r] == ["dvd"]
    assert film["runtimeMinutes"] == 100
    assert film["@id"] == "id:gamera-2"
    assert "@graph" not in film


def test_things_are_identified_by_curie_or_by_iri(kg: KnowledgeGraph) -> None:
    document = json.loads(kg.export("jsonld", thing=FILM, ids="iri"))
    assert document["@id"] == ID + "gamera-2"
    assert document["director"][0]["@id"] == ID + "shusuke-kaneko"
    graph = json.loads(kg.export("jsonld", profile="compacted", ids="iri"))["@graph"]
    iris = [node["@id"] for _, node in nodes(graph)]
    assert len(iris) > 500
    assert [iri for iri in iris if not re.match(r"(https?|urn):", iri)] == []


def test_a_context_has_only_what_the_document_uses(
    film: dict[str, Any], kg: KnowledgeGraph
) -> None:
    context = film["@context"]
    known = CONTEXT["@context"] | {"g2": kg.project.prefixes["g2"]}  # of the article
    assert context.items() <= known.items()
    assert {"film", "id", "director", "portrayal"} <= context.keys()
    assert not {"story", "quote", "causes"} & (context.keys() - {"story"})
    assert len(context) < len(CONTEXT["@context"]) / 2


def test_the_context_has_the_version_of_the_ontology(kg: KnowledgeGraph) -> None:
    versions = {q.object.value for q in kg.quads if q.predicate.value.endswith("#versionIRI")}
    assert {iri.rpartition("/")[2] for iri in versions} == {CONTEXT["version"]}


def find_single_valued(kg: KnowledgeGraph) -> set[str]:
    """Return the properties that have one value, or one in each language.

    The shapes say so, or the ontology, if they are functional.
    """
    store = ox.Store()
    for path in (ROOT / "ontology" / "shapes").glob("*.ttl"):
        store.load(path=str(path), format=ox.RdfFormat.TURTLE)
    answer = store.query(
        """SELECT ?property {
            { ?shape sh:maxCount 1 } UNION { ?shape sh:uniqueLang true }
            ?shape sh:path/(sh:alternativePath/rdf:rest*/rdf:first)? ?property .
            FILTER(isIRI(?property))
        }""",
        prefixes=kg.project.prefixes,
    )
    assert isinstance(answer, ox.QuerySolutions)
    functional = kg.query("SELECT ?property { ?property a owl:FunctionalProperty }")
    return {row["property"].value for row in answer} | {str(row["property"]) for row in functional}


def test_keys_are_lists_unless_the_shapes_allow_one_value(kg: KnowledgeGraph) -> None:
    known = contexts.read(kg.project, "ontology/context.jsonld")
    ours = {iri: keys for iri, keys in known.keys.items() if not iri.startswith((OA, SH))}
    properties = {q.predicate.value for q in kg.quads}
    single_valued = find_single_valued(kg)
    assert {
        key.name: "@set" not in key.containers
        for iri, keys in ours.items()
        if iri in properties
        for key in keys
    } == {
        key.name: iri in single_valued
        for iri, keys in ours.items()
        if iri in properties
        for key in keys
    }


@pytest.mark.parametrize("profile", ["compacted", "framed"])
def test_each_key_has_values_of_one_type(profile: str, kg: KnowledgeGraph) -> None:
    thing = FILM if profile == "framed" else None
    document = json.loads(kg.export("jsonld", profile=profile, thing=thing))
    forms: dict[str, set[type]] = {}
    for _, node in nodes(document):
        for key, value in node.items():
            forms.setdefault(key, set()).add(type(value))
    assert {key: types for key, types in forms.items() if len(types) > 1} == {}


def test_only_flattened_json_labels_blank_nodes(kg: KnowledgeGraph) -> None:
    part = KnowledgeGraph(kg.project, ("ontology",))
    counted = {profile: part.export("jsonld", profile=profile) for profile in PROFILES}
    assert [profile for profile, text in counted.items() if '"_:' in text] == ["flattened"]


# schema.org ------------------------------------------------------------------

# Term → the classes of its subjects, and those of its values, by schema.org (release 28).
WORK, EVENT, THING = ("Movie", "MovieSeries", "CreativeWork"), ("PublicationEvent",), None
TEXT, DATE, URL = "Text", "Date", "URL"
TERMS: dict[str, tuple[tuple[str, ...] | None, tuple[str, ...]]] = {
    "actor": (("Movie", "MovieSeries"), ("Person",)),
    "alternateName": (THING, (TEXT,)),
    "award": ((*WORK, "Person", "Organization"), (TEXT,)),
    "character": (WORK, ("Person",)),
    "countryOfOrigin": (WORK, ("Country",)),
    "datePublished": (WORK, (DATE,)),
    "director": (("Movie", "MovieSeries"), ("Person",)),
    "duration": (("Movie",), ("Duration",)),
    "editor": (WORK, ("Person",)),
    "genre": (WORK, (TEXT, URL)),
    "inLanguage": (WORK, ("Language",)),
    "isPartOf": (WORK, WORK),
    "location": (EVENT, ("Country",)),
    "musicBy": (("Movie", "MovieSeries"), ("Person", "MusicGroup")),
    "name": (THING, (TEXT,)),
    "producer": (WORK, ("Person", "Organization")),
    "productionCompany": (("Movie", "MovieSeries"), ("Organization",)),
    "publishedBy": (EVENT, ("Person", "Organization")),
    "releasedEvent": (WORK, EVENT),
    "sameAs": (THING, (URL,)),
    "startDate": (EVENT, (DATE,)),
}


@pytest.fixture(scope="module")
def movie(kg: KnowledgeGraph) -> str:
    return kg.export(profile="schema.org")


def test_the_film_is_a_movie_of_schema_org(movie: str) -> None:
    document = json.loads(movie)
    assert document["@type"] == ["Movie"]
    assert document["@id"] == ID + "gamera-2"
    assert document["name"] == FILM
    assert document["datePublished"] == "1996-07-13"
    assert document["duration"] == "PT100M"
    assert document["genre"] == ["daikaiju film", "kaiju film"]
    assert document["award"] == ["Nihon SF Taisho Award"]
    assert [each["name"] for each in document["musicBy"]] == ["Kow Otani"]
    assert [each["name"] for each in document["countryOfOrigin"]] == ["Japan"]
    assert len(document["producer"]) == 11
    assert "https://www.imdb.com/title/tt0116390/" in document["sameAs"]
    assert [(e["startDate"], e["location"]["name"]) for e in document["releasedEvent"]] == [
        ("2003", "United States"),
        ("1996-07-13", "Japan"),
    ]
    assert max(depth for depth, _ in nodes(document)) <= 4
    assert "_:" not in movie


def test_both_libraries_read_the_same_movie(movie: str) -> None:
    assert by_oxigraph(movie) == by_pyld(movie)


def test_terms_of_schema_org_have_their_domains_and_ranges(movie: str) -> None:
    quads = list(ox.parse(movie, format=ox.RdfFormat.JSON_LD))
    classes = {q.subject: q.object.value.removeprefix(SCHEMA) for q in quads if q.predicate == TYPE}
    used = set()
    for quad in quads:
        if quad.predicate == TYPE:
            continue
        term = quad.predicate.value.removeprefix(SCHEMA)
        domain, values = TERMS[term]
        used.add(term)
        assert domain is None or classes[quad.subject] in domain, quad
        if isinstance(quad.object, ox.NamedNode):
            kind = classes.get(quad.object, URL)
        else:
            name = quad.object.datatype.value
            kind = name.removeprefix(SCHEMA) if name.startswith(SCHEMA) else TEXT
        assert kind in values, quad
    assert used == TERMS.keys() - {"character"}
    assert Counter(classes.values())["Movie"] == 1


def test_the_movie_leaves_out_what_schema_org_cannot_express(movie: str) -> None:
    for left_out in (ID + 'gamera"', "legion-queen", "shinji-higuchi", "hokkaido", "budget"):
        assert left_out not in movie


def test_a_stored_profile_takes_a_thing(kg: KnowledgeGraph) -> None:
    person = json.loads(kg.export(profile="schema.org", thing="Shusuke Kaneko"))
    assert (person["@type"], person["name"]) == (["Person"], "Shusuke Kaneko")
    with pytest.raises(UnknownNameError, match=r"^profile schema.org has nothing about 'Gamera'$"):
        kg.export(profile="schema.org", thing="Gamera")


def test_a_project_may_have_profiles_of_its_own(copy: Copy) -> None:
    copy.write("ontology/profiles/tiny.jsonld", '{ "@context": { "n": "http://e/n" } }\n')
    copy.write("ontology/profiles/tiny.rq", 'CONSTRUCT { <http://e/s> <http://e/n> "x" } {}\n')
    assert json.loads(copy.load().export(profile="tiny")) == {
        "@context": {"n": "http://e/n"},
        "@id": "http://e/s",
        "n": "x",
    }
    copy.write(
        "ontology/profiles/tiny.rq",
        'CONSTRUCT { <http://e/s> <http://e/n> "x" . <http://e/t> <http://e/n> "y" } {}\n',
    )
    with pytest.raises(
        UsageError, match=r"has several things: <http://e/s>, <http://e/t>; use --thing$"
    ):
        copy.load().export(profile="tiny")
    copy.write(
        "ontology/profiles/tiny.rq",
        "BASE <http://e/> CONSTRUCT { <s> <n> <t> . <t> <n> <s> . <r> <n> 1 } {}\n",
    )
    with pytest.raises(
        UsageError, match=r"things: <http://e/r>, <http://e/s>, <http://e/t>; use --"
    ):
        copy.load().export(profile="tiny")
    document = json.loads(copy.load().export(profile="tiny", thing="<http://e/s>"))
    assert document["n"] == {"@id": "http://e/t", "n": {"@id": "http://e/s"}}
    copy.write(
        "ontology/profiles/tiny.rq", "CONSTRUCT { <http://e/s> <http://e/n> <http://e/s> } {}\n"
    )
    assert json.loads(copy.load().export(profile="tiny"))["@id"] == "http://e/s"
    copy.write("ontology/profiles/tiny.rq", 'CONSTRUCT { [] <http://e/n> "x" } {}\n')
    with pytest.raises(InputError, match=r"has nothing that has an IRI$"):
        copy.load().export(profile="tiny")
    copy.write("ontology/profiles/tiny.rq", "CONSTRUCT { ?s ?p 1 } { ?s ?p 1 . FILTER(false) }\n")
    with pytest.raises(InputError, match=r"^nothing to export: profile tiny has nothing$"):
        copy.load().export(profile="tiny")
    copy.write("ontology/profiles/tiny.rq", "ASK {}\n")
    with pytest.raises(QueryError, match=r"^ontology/profiles/tiny.rq:1: found no graph"):
        copy.load().export(profile="tiny")


# Slices ----------------------------------------------------------------------


def test_a_description_includes_reachable_coined_things(kg: KnowledgeGraph) -> None:
    lines = kg.export("ntriples", thing=FILM, inferred=False)
    subjects = set(re.findall(rf"^<{THINGS}([^>]*)>", lines, re.MULTILINE))
    assert {"producer-credit-of-myuki-nanri", "portrayal-of-gamera", "gamera-2"} <= subjects
    assert {"tenth-entry-in-the-series", "theatrical-release-in-japan"} <= subjects
    predicates = re.findall(rf"^<{ID}shusuke-kaneko> <(.*?)>", lines, re.MULTILINE)
    assert set(predicates) == {TYPE.value, LABEL.value}


def test_the_description_of_an_event_leaves_out_other_events(kg: KnowledgeGraph) -> None:
    lines = kg.export("ntriples", thing="g2:invasion-of-earth", inferred=False)
    sizes = Counter(re.findall(rf"^<{THINGS}([^>]*)>", lines, re.MULTILINE))
    assert sizes == {
        "invasion-of-earth": 7,
        "gamera-2": 2,
        "defense-of-earth": 2,
        "earth": 2,
        "race-led-by-the-legion-queen": 2,
    }


def test_passages_are_exported_as_their_graphs(kg: KnowledgeGraph) -> None:
    names = {"https://w3id.org/kaiju/gamera-2/plot-2-3", "https://w3id.org/kaiju/gamera-2/lead-1-1"}
    expected = [quad for quad in kg.quads if quad.graph.value in names]
    text = kg.export("nquads", passages=["plot-2-3", "g2:lead-1-1"])
    assert by_oxigraph(text, ox.RdfFormat.N_QUADS) == canonical(ox.Quad(*q) for q in expected)


def test_inferred_triples_are_exported_on_request(kg: KnowledgeGraph) -> None:
    without = by_oxigraph(kg.export("nquads", inferred=False), ox.RdfFormat.N_QUADS)
    rest = [layer for layer in DEFAULT_LAYERS if layer != "inferred"]
    assert without == canonical(ox.Quad(*quad) for quad in select_layers(kg.quads, *rest))
    stated = KnowledgeGraph(kg.project, ("stated",))
    expected = merge(select_layers(kg.quads, "stated", "inferred"))
    text = stated.export("ntriples", inferred=True)
    assert by_oxigraph(text, ox.RdfFormat.N_TRIPLES) == expected


@pytest.mark.parametrize("form", ["trig", "nquads", "jsonld"])
def test_evidence_annotates_the_text_with_the_graph(form: str, kg: KnowledgeGraph) -> None:
    formats = {"trig": ox.RdfFormat.TRIG, "nquads": ox.RdfFormat.N_QUADS}
    text = kg.export(form, passages=["plot-2-3", "lead-1-2"], evidence=True)
    store = ox.Store()
    store.load(text.encode(), format=formats.get(form, ox.RdfFormat.JSON_LD))
    answer = store.query(
        """SELECT ?body ?article ?exact ?prefix ?suffix ?start ?end {
            ?annotation a oa:Annotation ; oa:hasBody ?body ; oa:hasTarget ?target .
            ?target oa:hasSource ?article ; oa:hasSelector ?quote , ?place .
            ?quote a oa:TextQuoteSelector ; oa:exact ?exact .
            ?quote oa:prefix ?prefix ; oa:suffix ?suffix .
            ?place a oa:TextPositionSelector ; oa:start ?start ; oa:end ?end .
            FILTER EXISTS { GRAPH ?body { ?s ?p ?o } }
        }""",
        prefixes=kg.project.prefixes,
    )
    assert isinstance(answer, ox.QuerySolutions)
    article = (ROOT / "graph" / "gamera-2" / "article.txt").read_text("utf-8")
    rows = {row["body"].value.rpartition("/")[2]: row for row in answer}
    assert rows.keys() == {"plot-2-3", "lead-1-2"}
    for row in rows.values():
        start, end = int(row["start"].value), int(row["end"].value)
        assert article[start:end] == row["exact"].value
        assert article[:start].endswith(row["prefix"].value)
        assert article[end:].startswith(row["suffix"].value)
        assert len(row["prefix"].value) == len(row["suffix"].value) == 32
        assert row["article"].value == "https://w3id.org/kaiju/gamera-2/article"
    quotes = {q.object.value for q in kg.quads if q.predicate.value == EV + "quote"}
    assert {row["exact"].value for row in rows.values()} <= quotes


def test_only_passages_have_annotations(copy: Copy) -> None:
    expected = copy.load().export("nquads", evidence=True)
    text = copy.read("graph/curation.trig")
    copy.write("graph/curation.trig", f"{text}\ngraph:entities ev:start 1 ; ev:end 2 .\n")
    lines = set(copy.load().export("nquads", evidence=True).splitlines())
    assert {line for line in lines ^ set(expected.splitlines()) if EV not in line} == set()


def test_annotations_have_short_keys_too(kg: KnowledgeGraph) -> None:
    document = json.loads(kg.export("jsonld", passages=["lead-1-1"], evidence=True))
    annotation, graph = document["@graph"]
    assert annotation["@type"] == ["Annotation"]
    assert annotation["body"] == graph["@id"] == "g2:lead-1-1"
    assert annotation["target"]["targetSource"] == "g2:article"
    assert {s["@type"][0] for s in annotation["target"]["selector"]} == {
        "TextPositionSelector",
        "TextQuoteSelector",
    }
    assert graph["@graph"][0]["director"] == ["id:shusuke-kaneko"]


# Bad input -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "code", "expected"),
    [
        ("--profile framd", 2, "no profile 'framd'; did you mean 'framed'?"),
        ("--profile xyzzy", 2, "no profile 'xyzzy'; expected one of compacted, expanded, "),
        ("--profile framed", 2, "profile framed describes one thing; name it with --thing"),
        ("--profile framed -f turtle --thing Toho", 2, "only jsonld has profiles, not turtle"),
        ("--ids iri -f trig", 2, "trig has no choice of ids"),
        ("--ids curie --profile expanded", 2, "profile expanded identifies things by iri"),
        ("--thing Toho --passage lead-1-1", 2, "found a thing and a passage; expected one of them"),
        ("--passage lead-1-1 --layer curated", 2, "a passage has only the layer stated; leave out"),
        ("--passage lead-1-1 --inferred", 2, "a passage has only the layer stated; leave out"),
        ("--layer inferred --no-inferred", 2, "found layer inferred both selected and excluded"),
        ("--with-evidence", 2, "turtle has no named graphs to annotate; use trig, nquads"),
        (
            "--with-evidence --profile framed --thing Toho",
            2,
            "profile framed cannot have annotations",
        ),
        ("--profile schema.org --layer stated", 2, "profile schema.org needs the whole graph"),
        ("--thing Gamora", 3, "nothing is named 'Gamora'; did you mean 'Gamera'"),
        ("--thing id:nobody", 3, "nothing is known of <https://w3id.org/kaiju/id/nobody>"),
        (
            "--thing Toho --layer ontology",
            3,
            "nothing is known of <https://w3id.org/kaiju/id/toho>",
        ),
        ("--passage plot-2-33", 3, "no passage 'plot-2-33'; did you mean 'plot-2-3'"),
        ("--symmetric", 2, "only a thing has statements in two directions; name it with --thing"),
        ("--no-symmetric --passage lead-1-1", 2, "only a thing has statements in two directions"),
        (
            "--symmetric --profile schema.org --thing Toho",
            2,
            "profile schema.org needs the whole graph",
        ),
        ("--context-url http://e/c", 2, "only jsonld has a context, not turtle"),
        (
            "--context-url http://e/c --profile expanded",
            2,
            "profile expanded has no context to link to",
        ),
        (
            "--context-url c.jsonld -f jsonld",
            2,
            "found context URL 'c.jsonld'; expected an address that begins with http:// or https://",
        ),
        ("--context-url http:// -f jsonld", 2, "found context URL 'http://'; expected an address"),
        ("--context-url http://[ -f jsonld", 2, "found context URL 'http://['; expected an addr"),
        ("--layer nothing", 3, "no layer 'nothing'"),
    ],
)
def test_conflicting_options_are_refused(
    arguments: str, code: int, expected: str, kaiju: Command
) -> None:
    done = kaiju("export", *arguments.split())
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.startswith(f"kaiju: error: {expected}")
    assert done.stderr.count("\n") == 1


def test_the_command_offers_both_kinds_of_ids() -> None:
    parser = argparse.ArgumentParser()
    export_command.add_options(parser)
    assert f"--ids {{{','.join(IDS)}}}" in parser.format_usage()


def test_exporting_an_empty_layer_is_an_error(copy: Copy) -> None:
    for file in ("graph/curation.trig", "graph/gamera-2/curation.trig"):
        copy.write(file, "# Nothing is known from elsewhere.\n")
    with pytest.raises(InputError, match=r"^nothing to export: found no triple in curated$"):
        KnowledgeGraph(copy.load().project, ("curated",)).export()


def test_unknown_and_ambiguous_passages_are_refused(kg: KnowledgeGraph) -> None:
    with pytest.raises(UnknownNameError, match=r"^no passage ''$"):
        kg.export(passages=[""])
    prefixes = Prefixes({"a": "http://e/a/", "b": "http://e/b/"})
    iris = [ox.NamedNode(f"http://e/{article}/lead-1") for article in "abc"]
    quads = [Quad(iri, TYPE, PASSAGE_CLASS, EVIDENCE) for iri in iris]
    expected = r"^'lead-1' names several passages: <http://e/c/lead-1>, a:lead-1, b:lead-1; use"
    with pytest.raises(UnknownNameError, match=expected):
        slices.find_passage(quads, "lead-1", prefixes)
    for name in ("http://e/b/lead-1", "b:lead-1"):
        assert slices.find_passage(quads, name, prefixes) == iris[1]
