from __future__ import annotations

import csv
import re
import warnings
from collections import Counter
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest

from kaiju_graph.errors import QueryWarning
from kaiju_graph.project.sources import select_layers
from tests.repository import ROOT

if TYPE_CHECKING:
    from kaiju_graph.api import KnowledgeGraph


# The roles of those to whom something happens in an event.
BEFELL = "story:patient|story:participant|story:agent|story:addressee|story:helper"


def rows(kg: KnowledgeGraph, pattern: str) -> list[str]:
    """Return the rows of a naive query of the default graph, each column a CURIE or a text.

    The columns are the variables that end in a digit or are called ``x``, in alphabetical order.
    """
    names = sorted(set(re.findall(r"\?(x|\w+\d)\b", pattern)))
    with warnings.catch_warnings():
        # No solution is often the right answer; a misspelt term is an error all the same.
        for message in ("no \\?\\w+ here has", "nothing is a", "GRAPH \\?\\w+ finds only"):
            warnings.filterwarnings("ignore", rf"\S+ {message} ", QueryWarning)
        answer = kg.answer(
            f"SELECT DISTINCT {' '.join(f'?{n}' for n in names)} WHERE {{ {pattern} }}"
        )
    assert isinstance(answer, ox.QuerySolutions)
    return sorted(" ".join(display(kg, term) for term in row) for row in answer)


def display(kg: KnowledgeGraph, term: object) -> str:
    if isinstance(term, ox.NamedNode):
        return kg.project.prefixes.shorten(term.value)
    return term.value if isinstance(term, ox.Literal) else str(term)


# A sentence, the pattern of a query, and all rows that it may find.
FACTS: list[tuple[str, str, list[str]]] = [
    (
        "the portrayals are exactly two",
        "?x1 film:portrays ?x2",
        ["id:akira-ohashi id:gamera", "id:mizuho-yoshida id:legion-queen"],
    ),
    (
        "the portrayal nodes are exactly two",
        "?film film:portrayal ?p . ?p film:actor ?x1 ; film:character ?x2",
        ["id:akira-ohashi id:gamera", "id:mizuho-yoshida id:legion-queen"],
    ),
    ("one person directs", "id:gamera-2 film:director ?x", ["id:shusuke-kaneko"]),
    (
        "the infobox names two stars",
        "GRAPH g2:infobox-starring { id:gamera-2 film:star ?x }",
        ["id:tamotsu-ishibashi", "id:toshiyuki-nagashima"],
    ),
    (
        "the lead names four stars",
        "GRAPH g2:lead-1-3 { id:gamera-2 film:star ?x }",
        [
            "id:miki-mizuno",
            "id:mitsuru-fukikoshi",
            "id:tamotsu-ishibashi",
            "id:toshiyuki-nagashima",
        ],
    ),
    (
        "the naive query finds four stars",
        "?film film:star ?star . ?star rdfs:label ?x FILTER(LANG(?x) = 'en')",
        ["Miki Mizuno", "Mitsuru Fukikoshi", "Tamotsu Ishibashi", "Toshiyuki Nagashima"],
    ),
    (
        "the infobox lists three production companies",
        "id:gamera-2 film:productionCompany ?x",
        ["id:hakuhodo-production", "id:nippon-tv", "id:tokuma-shoten"],
    ),
    ("one company produced the film", "?f film:producingBody ?x", ["id:daiei-film"]),
    (
        "no company is in both lists",
        "?f film:producingBody ?x . ?f film:productionCompany ?x",
        [],
    ),
    (
        "a position is a place in a list of the infobox",
        "GRAPH ?x { ?credit film:position ?n }",
        ["g2:infobox-producer", "g2:infobox-production-companies", "g2:infobox-starring"],
    ),
    (
        "two actors reprise a role from the previous film",
        "?c a film:Reprisal ; film:creditedAgent ?x1 ; film:role ?x2 ; film:reprisedFrom ?x3",
        [
            "id:ayako-fujitani g2:role-of-ayako-fujitani id:gamera-guardian-of-the-universe",
            "id:yukijiro-hotaru g2:role-of-yukijiro-hotaru id:gamera-guardian-of-the-universe",
        ],
    ),
    (
        "the reprised roles are not characters",
        "?x a film:Role . { ?x a story:Participant } UNION { ?p film:character ?x }",
        [],
    ),
    (
        "nobody who reprises a role portrays a named character",
        "?c a film:Reprisal ; film:creditedAgent ?x . ?x film:portrays|film:performance ?who",
        [],
    ),
    (
        "no passage says what belongs to the trilogy",
        "GRAPH ?passage { ?x film:partOf g2:trilogy } ?passage a ev:Passage",
        [],
    ),
    (
        "the three films of the trilogy are a reading",
        "GRAPH graph:curation-readings { ?x film:partOf g2:trilogy }",
        ["id:gamera-2", "id:gamera-3-revenge-of-iris", "id:gamera-guardian-of-the-universe"],
    ),
    ("the film features Hokkaido and nothing else", "?f film:features ?x", ["id:hokkaido"]),
    (
        "three people are extras",
        "?f film:extra ?x",
        ["id:ken-yasuda", "id:takayuki-suzui", "id:yo-oizumi"],
    ),
    ("it is the first film of one extra", "?x1 film:debutFilm ?x2", ["id:yo-oizumi id:gamera-2"]),
    (
        "extras are not in the cast",
        "?f film:extra ?x ; film:castMember ?x",
        [],
    ),
    (
        "the film has one ordinal in the series and one in the period",
        "?f film:entry ?e . ?e story:ordinal ?x1 ; film:entryIn ?x2",
        ["10 id:gamera-film-series", "2 id:heisei-period"],
    ),
    (
        "the film is followed by Gamera 3",
        "id:gamera-2 film:followedBy ?x",
        ["id:gamera-3-revenge-of-iris"],
    ),
    (
        "Gamera 3 has only a year",
        "id:gamera-3-revenge-of-iris film:year ?x",
        ["1999"],
    ),
    (
        "Gamera 3 is not a sequel and has no place in the series",
        "id:gamera-3-revenge-of-iris film:sequelTo|film:directSequelTo|film:entry ?x",
        [],
    ),
    (
        "the film is a direct sequel to one of 1995",
        "?x1 film:directSequelTo ?film . ?film film:year ?x2",
        ["id:gamera-2 1995"],
    ),
    (
        "A.D. Vision and ADV Films are two nodes",
        "?x rdfs:label 'A.D. Vision'@en . ?y1 rdfs:label 'ADV Films'@en",
        ["id:ad-vision id:adv-films"],
    ),
    (
        "a reading says that the two may be one company",
        "GRAPH ?x { id:ad-vision film:possiblySame id:adv-films }",
        ["graph:curation-readings"],
    ),
    (
        "A.D. Vision released nothing",
        "?x ?property id:ad-vision . { ?x a film:Release } UNION { ?x a film:Film }",
        [],
    ),
    (
        "A.D. Vision is only in an announcement",
        "?thing ?x id:ad-vision FILTER(?x != film:possiblySame)",
        ["film:statedSubject"],
    ),
    (
        "the first film has no release",
        "?x a film:Release ; film:work id:gamera-guardian-of-the-universe",
        [],
    ),
    (
        "the announcements are about the first film and the second",
        (
            "?a a film:Announcement ; film:content ?m . ?x a film:Film . "
            "?m film:statedSubject|film:statedObject ?x"
        ),
        ["id:gamera-2", "id:gamera-guardian-of-the-universe"],
    ),
    (
        "what is announced is neither a release nor an event",
        "?x a film:Proposition . { ?x a film:Happening } UNION { ?x a story:Situation }",
        [],
    ),
    (
        "the working title belongs to the film",
        "?x1 film:workingTitle ?x2",
        ["id:gamera-2 Gamera 2: Raygion Attacks"],
    ),
    (
        "nothing is named Raygion",
        "?x rdfs:label|skos:altLabel|skos:hiddenLabel ?n FILTER(CONTAINS(?n, 'Raygion'))",
        [],
    ),
    (
        "the explosion of the subway has no order in the plot",
        (
            "{ g2:explosion-of-the-subway ?x ?e } UNION { ?e ?x g2:explosion-of-the-subway } "
            "FILTER(?x IN (story:before, story:overlaps, story:causes))"
        ),
        [],
    ),
    (
        "the creatures emerge before they have emerged, which is no cause",
        "g2:emergence-from-the-meteor ?x g2:the-creatures-have-emerged",
        ["story:before"],
    ),
    (
        "Gamera seems to die in the blast, after the pod is destroyed",
        "?x1 a story:Event ; ?x2 g2:gameras-death FILTER(?x2 IN (story:before, story:overlaps))",
        [
            "g2:destruction-of-the-sendai-pod story:before",
            "g2:resulting-explosion story:overlaps",
        ],
    ),
    (
        "the three realize that the Legion are silicon-based, and that they are creatures",
        "g2:realization-about-the-nature-of-the-legion story:content/story:predicate ?x",
        ["attracted", "creatures", "silicon-based"],
    ),
    (
        "the depiction of the explosion is inspired by two depictions of Die Hard",
        (
            "?shown film:depicts g2:explosion-of-the-subway ; film:depictedIn id:gamera-2 ; "
            "film:inspiredBy ?x . ?x film:depictedIn id:die-hard"
        ),
        [
            "g2:depiction-of-an-elevator-shaft",
            "g2:depiction-of-the-destruction-of-an-elevator-shaft",
        ],
    ),
    ("no film is inspired by a film", "?x a film:Film ; film:inspiredBy ?what", []),
    (
        "nothing in Die Hard is an event",
        "?x a story:Situation ; ?property g2:elevator-shaft",
        [],
    ),
    (
        "there are two releases, each in its country",
        "?x1 a film:Release ; film:country ?x2",
        [
            "g2:dvd-release-in-the-united-states id:united-states",
            "g2:theatrical-release-in-japan id:japan",
        ],
    ),
    (
        "one release has a day",
        "?x1 film:date ?x2",
        ["g2:theatrical-release-in-japan 1996-07-13"],
    ),
    (
        "the other has a year only",
        "?x1 a film:Release ; film:year ?x2",
        ["g2:dvd-release-in-the-united-states 2003"],
    ),
    (
        "two passages state the day",
        "GRAPH ?x { ?release film:date ?day }",
        ["g2:lead-2-2", "g2:release-1-1"],
    ),
    (
        "four passages name a distributor",
        "?x a ev:Passage . GRAPH ?x { ?s film:distributor|film:releasedBy ?o }",
        ["g2:infobox-distributor", "g2:lead-1-2", "g2:release-1-1", "g2:release-1-2"],
    ),
    (
        "Toho distributed in Japan, and ADV Films released in the United States",
        "?r film:country ?x1 ; film:distributor ?x2",
        ["id:japan id:toho", "id:united-states id:adv-films"],
    ),
    ("the film has one distributor", "?f a film:Film ; film:distributor ?x", ["id:toho"]),
    (
        "the award is won in 1996, as the first of its genre",
        "?f film:win ?w . ?w film:prize ?x1 ; film:year ?x2 ; story:ordinal ?x3 ; film:among ?x4",
        ["id:nihon-sf-taisho-award 1996 1 id:daikaiju-film"],
    ),
    (
        "the releases have a time each, exact or not",
        "?x1 a film:Release ; film:when ?x2",
        ["g2:dvd-release-in-the-united-states 2003", "g2:theatrical-release-in-japan 1996-07-13"],
    ),
    (
        "four organizations produced the film in one capacity or another",
        "?f film:producedBy ?x . ?x a film:Organization",
        ["id:daiei-film", "id:hakuhodo-production", "id:nippon-tv", "id:tokuma-shoten"],
    ),
    (
        "the award came of no decision, but one decided it",
        "?x1 film:decides ?x2 FILTER NOT EXISTS { ?x1 film:leadsTo ?x2 }",
        ["g2:decision-to-give-the-award g2:win-of-the-nihon-sf-taisho-award"],
    ),
    (
        "several kinds of material are reused",
        "?r film:reusedMaterial ?m . ?m story:memberKind ?x ; story:quantity 'several'@en",
        ["format", "music", "telop"],
    ),
    ("one award is won", "?x1 film:awardWon ?x2", ["id:gamera-2 id:nihon-sf-taisho-award"]),
    (
        "nothing is named the Nebula Award",
        "?x rdfs:label|skos:altLabel|skos:hiddenLabel ?n FILTER(CONTAINS(?n, 'Nebula'))",
        [],
    ),
    (
        "the gloss is kept as a gloss",
        "?x1 a film:Award ; film:gloss ?x2",
        ["id:nihon-sf-taisho-award the Japanese Nebula Award"],
    ),
    (
        "the claim is made by critics about the decision",
        "?c a film:Claim ; film:speaker ?x1 ; film:content ?p . ?p film:statedSubject ?x2",
        ["g2:many-critics g2:decision-to-give-the-award"],
    ),
    ("no claim is about the film", "?x a film:Claim ; ?property id:gamera-2", []),
    (
        "only a claim is about the literature",
        "?thing ?x id:japanese-sf-literature",
        ["film:statedSubject"],
    ),
    (
        "the three links under See also have one relation",
        "?x1 film:seeAlso ?x2",
        [
            "id:gamera-2 id:godzilla-vs-megaguirus",
            "id:gamera-2 id:list-of-killer-insect-films",
            "id:gamera-2 id:rebirth-of-mothra-ii",
        ],
    ),
    (
        "the links have no class of film",
        "?f film:seeAlso ?x . ?x a film:Film",
        [],
    ),
    (
        "a link has only a class and a label",
        "?f film:seeAlso ?link . ?link ?x ?o",
        ["rdf:type", "rdfs:label"],
    ),
    ("nothing else leads to a link", "?f film:seeAlso ?link . ?s ?x ?link", ["film:seeAlso"]),
    ("there are two pods", "?x a story:Pod", ["g2:sapporo-pod", "g2:sendai-pod"]),
    (
        "one pod is uprooted and the other destroyed",
        "?x1 a story:Pod . ?x2 a story:Event ; story:patient ?x1",
        [
            "g2:sapporo-pod g2:uprooting-of-the-pod",
            "g2:sendai-pod g2:destruction-of-the-sendai-pod",
        ],
    ),
    (
        "Sapporo's pod is not destroyed",
        "?x a story:Destruction ; story:patient g2:sapporo-pod",
        [],
    ),
    ("there is one hive", "?x a story:Hive", ["g2:sapporo-hive"]),
    (
        "two hives are only meant",
        "?x a story:SupposedThing ; story:supposedKind story:Hive",
        ["g2:another-hive", "g2:second-hive"],
    ),
    (
        "no event makes, starts or harms what is only meant",
        "?thing a story:SupposedThing . ?e a story:Event ; ?x ?thing",
        [],
    ),
    (
        "no sentence joins a pod with a hive",
        (
            "?x1 a story:Pod . ?x2 a story:Hive . { ?x1 ?p ?x2 } UNION { ?x2 ?p ?x1 } "
            "FILTER(?p != owl:differentFrom)"
        ),
        [],
    ),
    (
        "nothing happens to the second hive",
        "?x a story:Fact ; ?property g2:second-hive",
        [],
    ),
    (
        "the large creature is a node of its own",
        "?x1 rdfs:label 'large creature'@en ; a ?x2 FILTER(?x2 = story:Monster)",
        [],
    ),
    (
        "a reading says that the large creature may be the Queen",
        "GRAPH ?x { g2:large-creature film:possiblySame id:legion-queen }",
        ["graph:curation-readings"],
    ),
    ("no pod launches", "?x a story:Launch", []),
    (
        "nothing is told to launch, shoot, colonize or die",
        "?x story:verb ?verb FILTER(?verb IN ('launch'@en, 'shoot'@en, 'colonize'@en, 'die'@en))",
        [],
    ),
    (
        "no event destroys Sapporo or Tokyo",
        "?x a story:Event ; story:patient ?city FILTER(?city IN (id:sapporo, id:tokyo))",
        [],
    ),
    ("nothing happens to Sapporo", f"?x {BEFELL} id:sapporo", []),
    ("nothing happens to Tokyo", f"?x {BEFELL} id:tokyo", []),
    (
        "the one city that is destroyed is Sendai",
        "?e a story:Destruction ; story:patient ?x . ?x a story:City",
        ["id:sendai"],
    ),
    (
        "the launches, the destruction of Sapporo and the targeting of Tokyo are prospects",
        (
            "VALUES ?x { g2:launch-of-the-sapporo-seed g2:launch-of-the-sendai-pod "
            "g2:destruction-of-sapporo g2:targeting-of-tokyo } ?x a story:Prospect"
        ),
        [
            "g2:destruction-of-sapporo",
            "g2:launch-of-the-sapporo-seed",
            "g2:launch-of-the-sendai-pod",
            "g2:targeting-of-tokyo",
        ],
    ),
    (
        "both launches are prevented",
        "GRAPH ?x2 { ?e story:prevents ?x1 }",
        ["g2:launch-of-the-sapporo-pod g2:plot-3-3", "g2:launch-of-the-sendai-pod g2:plot-4-5"],
    ),
    ("what is prevented is not fulfilled", "?a story:prevents ?x . ?b story:fulfils ?x", []),
    (
        "the helicopter attempts to evacuate",
        "GRAPH g2:plot-4-3 { ?e a story:Attempt ; story:agent ?x }",
        ["g2:helicopter"],
    ),
    (
        "Queen and Gamera emerge and fight",
        "GRAPH g2:plot-4-3 { ?e a ?x1 ; story:agent id:gamera , id:legion-queen }",
        ["story:Emergence", "story:Fight"],
    ),
    (
        "nobody evacuates the Queen",
        "?x story:supposedKind|a story:Evacuation ; ?property id:legion-queen",
        [],
    ),
    (
        "no event kills Gamera",
        "?x a story:Killing ; story:patient id:gamera",
        [],
    ),
    (
        "no event is about a death",
        "?x a story:Event ; rdfs:label ?label FILTER(REGEX(?label, '\\\\b(death|dies|died|dead)'))",
        [],
    ),
    (
        "Gamera's death is apparent in one passage and presumed in another",
        (
            "GRAPH ?x1 { ?death a ?x2 ; story:supposedPatient id:gamera } ?x1 a ev:Passage "
            "FILTER(?x2 != story:Prospect)"
        ),
        ["g2:plot-4-5 story:Appearance", "g2:plot-5-2 story:Presumption"],
    ),
    (
        "what became of Gamera's death is open",
        (
            "VALUES ?death { g2:gameras-death g2:presumed-death-of-gamera } "
            "?x story:prevents|story:fulfils|story:contradicts ?death"
        ),
        [],
    ),
    (
        "only a part of someone is ripped, or opens",
        (
            "?e story:verb ?verb ; story:patient ?x "
            "FILTER(?verb IN ('rip off'@en, 'rip'@en, 'open up'@en))"
        ),
        ["g2:chest", "g2:flesh", "g2:horns"],
    ),
    (
        "what is done to a part affects its owner",
        "?e story:affects ?x1 . ?e story:patient ?x2 . ?x2 story:bodyPartOf ?x1",
        ["id:gamera g2:chest", "id:gamera g2:flesh", "id:legion-queen g2:horns"],
    ),
    (
        "the path heads south, not the cables",
        "?s story:verb 'head'@en ; story:stateOf ?x1 ; story:direction ?x2",
        ["g2:straight-path south"],
    ),
    (
        "no passage says where Honami meets Asagi by chance",
        "GRAPH ?x { g2:encounter-of-honami-and-asagi story:place ?place } ?x a ev:Passage",
        [],
    ),
    ("the one planet there is is Earth", "?x a story:Planet", ["id:earth"]),
    ("nobody is defeated", "?x a story:Defeat", []),
    (
        "only one passage kills, and it kills the Queen",
        "GRAPH ?x2 { ?e a story:Killing ; story:patient ?x1 } ?x2 a ev:Passage",
        ["id:legion-queen g2:plot-7-2"],
    ),
    (
        "the defeat and the upper hand are apparent",
        "?x a story:Appearance",
        ["g2:defeat-of-the-legion-queen", "g2:gameras-death", "g2:upper-hand-of-the-legion-queen"],
    ),
    (
        "the prime minister holds a role and has no other name",
        "?x1 a story:RoleHolder ; rdfs:label|skos:altLabel ?x2",
        ["g2:japanese-prime-minister Japanese prime minister"],
    ),
    (
        "one year of story time lies between battle and crash",
        "?i a story:Interval ; story:start ?x1 ; story:end ?x2 ; story:years ?x3",
        ["g2:battle-of-gamera-and-the-gyaos g2:crash-of-the-meteor 1"],
    ),
    (
        "no situation of the story has a date",
        "?x a story:Situation ; ?p ?date FILTER(DATATYPE(?date) IN (xsd:date, xsd:gYear))",
        [],
    ),
    (
        "the battle is of the story of this film, and of no other",
        (
            "{ g2:battle-of-gamera-and-the-gyaos ?x1 ?film } UNION "
            "{ ?film ?x1 g2:battle-of-gamera-and-the-gyaos } ?film a film:Film"
        ),
        ["story:inStoryOf"],
    ),
    (
        "nobody removed the cables",
        "?e story:patient g2:underground-lines ; story:agent ?x",
        [],
    ),
    (
        "Obitsu is a network engineer without an employer",
        "id:obitsu story:occupation|story:memberOf|story:belongsTo ?x",
        ["g2:the-three", "network engineer"],
    ),
    (
        "two orders to evacuate have two addressees",
        "?e a story:Order ; story:addressee ?x2 . GRAPH ?x1 { ?e story:addressee ?x2 }",
        ["g2:plot-4-2 id:honami", "g2:plot-4-4 g2:men-of-watarase"],
    ),
    (
        "what is ordered does not happen",
        "?e a story:Order ; story:content ?x . ?x a story:Fact",
        [],
    ),
    (
        "emergence and investigation have no order, only that the creatures are out by then",
        (
            "VALUES (?a ?b) { (g2:emergence-from-the-meteor g2:investigation-of-the-crash-site) } "
            "{ ?a ?x ?b } UNION { ?b ?x ?a }"
        ),
        [],
    ),
    (
        "two attempts failed",
        "?x1 a story:FailedAttempt . ?series story:includes ?x1 ; story:count ?x2",
        ["g2:one-failed-attempt 2", "g2:other-failed-attempt 2"],
    ),
    ("the attempts have no content", "g2:two-failed-attempts story:purpose|story:content ?x", []),
    (
        "a reading says that the attempts are the launches",
        "GRAPH ?x { g2:two-failed-attempts skos:note ?n FILTER(STRSTARTS(?n, 'reading: ')) }",
        ["graph:curation-readings"],
    ),
    ("no gender is recorded", "?s ?x ?o FILTER(REGEX(STR(?x), 'gender|sex', 'i'))", []),
    (
        "no word for a gender describes a person of the real world",
        (
            "?x a film:Person ; ?p ?t FILTER(ISLITERAL(?t) && "
            "REGEX(STR(?t), '\\\\b(actress|female|male|man|woman|he|she|his|her)\\\\b', 'i'))"
        ),
        [],
    ),
    ("there is no owl:sameAs", "?x ?p ?y1 FILTER(?p = owl:sameAs)", []),
    ("events and suppositions share no node", "?x a story:Fact , story:Supposition", []),
    ("no character is a person", "?x a story:Participant . ?x a film:Agent", []),
    ("no setting is a real place", "?x a story:Setting . ?x a film:Place", []),
    ("film and article are two nodes", "?x1 ev:about ?x2", ["g2:article id:gamera-2"]),
    ("no article is a work", "?x a ev:Article . ?x a film:Work", []),
    (
        "no page is exactly the article, or a film",
        "?x skos:exactMatch ?page FILTER(CONTAINS(STR(?page), 'wikipedia.org'))",
        [],
    ),
    (
        "the curation says that Tokyo is a city",
        "GRAPH ?x { id:tokyo a story:City }",
        ["graph:curation-readings"],
    ),
    (
        "the curation says that the Gyaos are monsters",
        "GRAPH ?x { id:gyaos a story:Monster }",
        ["graph:curation-readings"],
    ),
    (
        "only the lead calls anyone a race",
        "?x a story:Species",
        ["g2:race-led-by-the-legion-queen"],
    ),
    (
        "a reading joins the Legion and the race",
        "GRAPH ?x { id:legion film:possiblySame g2:race-led-by-the-legion-queen }",
        ["graph:curation-readings"],
    ),
    (
        "real places are two countries and the models of three cities",
        "?x a film:Place",
        ["id:japan", "id:real-sapporo", "id:real-sendai", "id:real-tokyo", "id:united-states"],
    ),
    (
        "no passage mentions a real city",
        "GRAPH ?x { ?setting story:modelledOn ?real }",
        ["graph:curation-readings"],
    ),
    (
        "the model of a setting has only a name, a class and identifiers",
        "?s story:modelledOn ?real . ?real ?x ?o",
        ["rdf:type", "rdfs:label", "skos:exactMatch"],
    ),
    (
        "organizations of the plot are not companies",
        "VALUES ?x { id:ntt id:jsdf id:japan-ground-self-defense-force } ?x a film:Agent",
        [],
    ),
    (
        "amounts are as written, with the sign of the currency",
        "?f film:budget|film:gross ?m . ?m film:amount ?x1 ; film:currencySign ?x2",
        ["5000000 $", "6500000 $"],
    ),
    (
        "no currency is named",
        (
            "?x ?p ?t FILTER(REGEX(STR(?t), '\\\\b(USD|dollars?|yen)\\\\b', 'i')) "
            "FILTER NOT EXISTS { ?x a ev:Passage }"
        ),
        [],
    ),
    (
        "two spellings are suspected, by readings",
        "GRAPH ?x1 { ?person skos:hiddenLabel ?x2 } ?person a film:Person",
        ["graph:curation-readings Miyuki Nanri", "graph:curation-readings Tadamasa Tsuruta"],
    ),
    (
        "both spellings are kept as written",
        (
            "VALUES ?x { id:myuki-nanri id:tadamaza-tsuruta } "
            "?x rdfs:label ?name FILTER(?name IN ('Myuki Nanri'@en, 'Tadamaza Tsuruta'@en))"
        ),
        ["id:myuki-nanri", "id:tadamaza-tsuruta"],
    ),
    (
        "the sentence without a subject is quoted as it is",
        (
            "g2:lead-1-1 ev:quote ?q . GRAPH g2:lead-1-1 { ?x film:year ?year } "
            "FILTER(STRSTARTS(?q, 'is a 1996'))"
        ),
        ["id:gamera-2"],
    ),
    (
        "only names, genres and the models of the story have an IRI for all articles",
        (
            "?x rdfs:label ?label FILTER(STRSTARTS(STR(?x), STR(id:))) "
            "FILTER NOT EXISTS { GRAPH ?g { ?x rdfs:label ?n } FILTER(?n != LCASE(?n)) } "
            "FILTER NOT EXISTS { ?x a film:Genre } FILTER NOT EXISTS { ?y story:modelledOn ?x }"
        ),
        [],
    ),
    (
        "the context of 'the three' is the passage that names them",
        "g2:plot-3-1 ev:needsContext ?x",
        ["g2:plot-2-4"],
    ),
]


@pytest.mark.parametrize(
    ("pattern", "expected"), [pytest.param(p, e, id=sentence) for sentence, p, e in FACTS]
)
def test_naive_query_finds_only_what_the_article_says(
    kg: KnowledgeGraph, pattern: str, expected: list[str]
) -> None:
    assert rows(kg, pattern) == expected


def test_producers_are_in_order_and_spelt_as_in_the_article(kg: KnowledgeGraph) -> None:
    [line] = [q for q in quotes(kg).values() if q.startswith("Producer: ")]
    written = line.removeprefix("Producer: ").split(", ")
    answer = kg.answer(
        "SELECT ?name { ?f film:producerCredit ?c . ?c film:position ?n ; film:creditedAgent ?p . "
        "?p rdfs:label ?name FILTER(LANG(?name) = 'en') } ORDER BY ?n"
    )
    assert isinstance(answer, ox.QuerySolutions)
    assert [row["name"].value for row in answer] == written
    assert len(written) == 10
    assert len(rows(kg, "?f film:producer ?x")) == 10


def quotes(kg: KnowledgeGraph) -> dict[str, str]:
    """Return the words of each passage, by the local name of the passage."""
    found = kg.answer("SELECT ?p ?q { ?p ev:quote ?q ; ev:order ?n } ORDER BY ?n")
    assert isinstance(found, ox.QuerySolutions)
    return {row["p"].value.rpartition("/")[2]: row["q"].value for row in found}


def test_sixty_passages_are_named_after_their_positions(kg: KnowledgeGraph) -> None:
    names = list(quotes(kg))
    parts = Counter(name.partition("-")[0] for name in names)
    assert dict(parts) == {
        "title": 1,
        "infobox": 15,
        "lead": 7,
        "plot": 27,
        "production": 3,
        "release": 2,
        "reception": 2,
        "see": 3,
    }
    plot = Counter(name.split("-")[1] for name in names if name.startswith("plot-"))
    assert list(plot.values()) == [4, 4, 4, 5, 4, 3, 3]


def test_quotes_are_in_the_article_at_their_offsets(kg: KnowledgeGraph) -> None:
    article = (ROOT / "graph" / "gamera-2" / "article.txt").read_bytes().decode()
    answer = kg.answer("SELECT ?q ?start ?end { ?p ev:quote ?q ; ev:start ?start ; ev:end ?end }")
    assert isinstance(answer, ox.QuerySolutions)
    for row in answer:
        assert article[int(row["start"].value) : int(row["end"].value)] == row["q"].value


def test_graph_has_no_blank_node_and_no_same_as(kg: KnowledgeGraph) -> None:
    quads = select_layers(kg.quads, "stated", "entities", "curated", "evidence", "inferred")
    assert not [q for q in quads for term in q.triple if isinstance(term, ox.BlankNode)]
    assert not [q for q in quads if q.predicate.value.endswith("#sameAs")]


def test_events_and_suppositions_share_no_role_property(kg: KnowledgeGraph) -> None:
    roles = {
        kind: set(
            rows(kg, f"?s a {kind} ; ?x ?o . ?x rdfs:domain ?d FILTER(?d != story:Situation)")
        )
        for kind in ("story:Fact", "story:Supposition")
    }
    both = roles["story:Fact"] & roles["story:Supposition"]
    assert both == set()
    above = [
        {up for role in found for up in rows(kg, f"{role} rdfs:subPropertyOf* ?x")}
        for found in roles.values()
    ]
    assert above[0] & above[1] == set()
    shared = ["story:before", "story:inStoryOf", "story:overlaps", "story:purpose"]
    assert rows(kg, "?x rdfs:domain story:Situation") == shared


def test_chains_over_credits_add_only_stated_triples(kg: KnowledgeGraph) -> None:
    whole = rows(kg, "?x owl:propertyChainAxiom ?list FILTER(STRSTARTS(STR(?x), STR(film:)))")
    assert len(whole) >= 6
    for chained in whole:
        inferred = rows(kg, f"GRAPH graph:inferred {{ ?x1 {chained} ?x2 }}")
        below = f"?narrower rdfs:subPropertyOf* {chained} . GRAPH ?g {{ ?x1 ?narrower ?x2 }}"
        stated = set(rows(kg, f"{below} FILTER(?g != graph:inferred)"))
        through = set(rows(kg, f"?x1 {chained} ?mid . ?mid {chained} ?x2"))  # a transitive property
        assert set(inferred) <= stated | through, chained


def test_produced_by_and_production_company_do_not_overlap(kg: KnowledgeGraph) -> None:
    pair = "VALUES ?a { film:producingBody } VALUES ?b { film:productionCompany } "
    assert (
        rows(
            kg,
            f"{pair} {{ ?a rdfs:subPropertyOf* ?b }} UNION {{ ?b rdfs:subPropertyOf* ?a }} "
            "BIND(?a AS ?x)",
        )
        == []
    )


def test_no_axiom_limits_the_number_of_values(kg: KnowledgeGraph) -> None:
    limits = "(owl:maxCardinality, owl:cardinality, owl:maxQualifiedCardinality)"
    assert rows(kg, f"?s ?x ?o FILTER(?x IN {limits})") == []
    # A node has one value of some kinds; a film, a person or an event may always have more.
    functional = rows(
        kg, "?x a owl:FunctionalProperty ; rdfs:domain ?d FILTER(?d IN (film:Film, story:Event))"
    )
    assert functional == []


def test_dates_are_as_exact_as_in_the_article(kg: KnowledgeGraph) -> None:
    article = " ".join(quotes(kg).values())
    years = rows(kg, "?s ?p ?x FILTER(DATATYPE(?x) = xsd:gYear)")
    assert years == ["1988", "1995", "1996", "1999", "2003"]
    assert all(year in article for year in years)
    assert rows(kg, "?s ?p ?x FILTER(DATATYPE(?x) IN (xsd:date, xsd:dateTime))") == ["1996-07-13"]


def test_names_of_entities_are_in_the_article(kg: KnowledgeGraph) -> None:
    words = quotes(kg)
    for thing, name in (
        row.split(" ", 1) for row in rows(kg, "GRAPH graph:entities { ?x1 rdfs:label ?x2 }")
    ):
        assert any(name in quote for quote in words.values()), thing


def test_curation_graphs_have_sources_and_passage_graphs_have_quotes(
    kg: KnowledgeGraph,
) -> None:
    curated = {q.graph.value for q in select_layers(kg.quads, "curated")}
    stated = {q.graph.value for q in select_layers(kg.quads, "stated")}
    described = {
        q.graph.value
        for q in select_layers(kg.quads, "curated")
        if q.predicate.value.endswith("#source")
    }
    sourced = {
        kg.project.prefixes.expand(x) for x in rows(kg, "?x a ev:Curation ; ev:source ?source")
    }
    quoted = {kg.project.prefixes.expand(x) for x in rows(kg, "?x a ev:Passage ; ev:quote ?quote")}
    assert curated - described == sourced
    assert stated == quoted


def identifiers() -> set[tuple[str, str, str]]:
    """Return the verified identifiers and names: thing, relation, value."""
    text = (ROOT / "tests" / "identifiers.tsv").read_bytes().decode()
    found: set[tuple[str, str, str]] = set()
    for thing, kind, value, note in csv.reader(text.splitlines()[1:], delimiter="\t"):
        iri = {
            "imdb": f"https://www.imdb.com/{'name' if value[0] == 'n' else 'title'}/{value}/",
            "wikidata": f"http://www.wikidata.org/entity/{value}",
            "geonames": f"https://sws.geonames.org/{value}/",
            "enwiki": f"https://en.wikipedia.org/wiki/{value}",
        }.get(kind)
        relation = "skos:exactMatch"
        if kind == "ja":
            relation = "skos:altLabel"
        elif kind == "enwiki":  # the page on the film is the article itself, too
            if note == "the article":
                found.add((thing, "skos:closeMatch", str(iri)))
            relation = "foaf:isPrimaryTopicOf"
        elif "closeMatch only" in note:
            relation = "skos:closeMatch"
        if note != "class":
            found.add((thing, relation, iri or value))
    return found


def test_curation_has_exactly_the_verified_identifiers(kg: KnowledgeGraph) -> None:
    relations = "skos:exactMatch skos:closeMatch foaf:isPrimaryTopicOf rdfs:label skos:altLabel"
    answer = kg.answer(
        f"""SELECT DISTINCT ?name ?relation ?value {{
            VALUES ?relation {{ {relations} }}
            ?graph a ev:Curation .
            GRAPH ?graph {{ ?thing ?relation ?value . }}
            FILTER(ISIRI(?value) || LANG(?value) = "ja")
            OPTIONAL {{ ?setting story:modelledOn ?thing . }}
            OPTIONAL {{ ?thing ev:about ?film . }}
            BIND(COALESCE(?setting, ?film, ?thing) AS ?named)
            GRAPH graph:entities {{ ?named rdfs:label ?name . }}
        }}"""
    )
    assert isinstance(answer, ox.QuerySolutions)
    found = {
        (row["name"].value, kg.project.prefixes.shorten(row["relation"].value), row["value"].value)
        for row in answer
    }
    assert sorted(found - identifiers()) == []
    assert sorted(identifiers() - found) == []


def test_identifiers_belong_to_real_places_and_organizations(kg: KnowledgeGraph) -> None:
    outside = "skos:exactMatch|skos:closeMatch"
    assert rows(kg, f"?x a story:Participant ; {outside} ?iri") == ["id:hokkaido"]
    assert rows(kg, "?x skos:closeMatch ?iri") == ["g2:article", "id:hokkaido"]


def test_japanese_names_are_only_in_the_curation(kg: KnowledgeGraph) -> None:
    graphs = rows(kg, "GRAPH ?x { ?thing ?p ?name FILTER(LANG(?name) = 'ja') }")
    assert graphs == ["graph:curation-japanese-names"]
