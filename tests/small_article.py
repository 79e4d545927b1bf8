"""A small article on the film of ``graph/gamera-2``, to stand beside it in a copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.conftest import Copy

FOLDER = "graph/notes"
PREFIXES = """@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

@prefix ev: <https://w3id.org/kaiju/evidence#> .
@prefix film: <https://w3id.org/kaiju/film#> .
@prefix graph: <https://w3id.org/kaiju/graph/> .
@prefix id: <https://w3id.org/kaiju/id/> .
@prefix notes: <https://w3id.org/kaiju/notes/> .
@prefix story: <https://w3id.org/kaiju/story#> .

"""
FILES = {
    "article.txt": """= Gamera 2: Attack of Legion =

==Setting==

Gamera 2: Attack of Legion features Otaru.
""",
    "entities.ttl": f"""{PREFIXES}id:otaru a story:City ;
    rdfs:label "Otaru"@en .
""",
    "prefixes.ttl": f"""{PREFIXES}<https://w3id.org/kaiju/prefixes> sh:declare
    [ sh:prefix "notes" ; sh:namespace "https://w3id.org/kaiju/notes/"^^xsd:anyURI ] .
""",
    "curation.trig": f"""{PREFIXES}graph:curation-notes a ev:Curation ;
    rdfs:label "licence of the notes"@en ;
    ev:source "their author"@en .

graph:curation-notes {{
    notes:article dcterms:license <https://creativecommons.org/licenses/by-sa/4.0/> .
}}
""",
    "setting.trig": f"""{PREFIXES}notes:article a ev:Article ;
    rdfs:label "Notes on Gamera 2: Attack of Legion"@en ;
    ev:about id:gamera-2 .

notes:title ev:quote "Gamera 2: Attack of Legion"@en .

notes:title {{
    id:gamera-2 film:title "Gamera 2: Attack of Legion"@en .
}}

notes:setting-1 ev:quote "Gamera 2: Attack of Legion features Otaru."@en .

notes:setting-1 {{
    id:gamera-2 film:features id:otaru .
}}
""",
}


def add(copy: Copy) -> None:
    """Add the folder of the article to a copy."""
    for name, text in FILES.items():
        copy.write(f"{FOLDER}/{name}", text)
