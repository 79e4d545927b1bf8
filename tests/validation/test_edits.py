"""``validate`` after random edits of a project's files reports what it reports from nothing."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaiju_graph.cli.render.report import FORMATS, render_report
from kaiju_graph.errors import KaijuError
from kaiju_graph.validation import report_cache
from kaiju_graph.validation.report import Report
from kaiju_graph.validation.validate import find_project, validate
from tests.conftest import Copy

if TYPE_CHECKING:
    from collections.abc import Callable

    from kaiju_graph.project.layout import Project

PREFIXES = """
@prefix : <http://example.org/> .
@prefix ev: <https://w3id.org/kaiju/evidence#> .
@prefix id: <http://example.net/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix pre: <http://example.com/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
FILES = {
    "ontology/prefixes.ttl": f"""{PREFIXES}
pre:fixes a owl:Ontology .
pre:fixes sh:declare [ sh:prefix "" ; sh:namespace "http://example.org/"^^xsd:anyURI ] .
pre:fixes sh:declare [ sh:prefix "rdfs" ; sh:namespace "{{}}"^^xsd:anyURI ] .
""".replace("{}", "http://www.w3.org/2000/01/rdf-schema#"),
    "ontology/test.ttl": f"""{PREFIXES}
: a owl:Ontology .
ev:Article a owl:Class ; rdfs:isDefinedBy ev: .
ev:Passage a owl:Class ; rdfs:isDefinedBy ev: .
ev:about a owl:ObjectProperty ; rdfs:isDefinedBy ev: .
ev:coined a owl:AnnotationProperty ; rdfs:isDefinedBy ev: .
ev:needsContext a owl:ObjectProperty ; rdfs:isDefinedBy ev: .
ev:quote a owl:DatatypeProperty ; rdfs:isDefinedBy ev: .
:Person a owl:Class ; rdfs:isDefinedBy : .
:Child a owl:Class ; rdfs:subClassOf :Person ; rdfs:isDefinedBy : .
:Deed a owl:Class ; ev:coined true ; rdfs:isDefinedBy : .
:knows a owl:ObjectProperty ; rdfs:isDefinedBy : .
:loves a owl:ObjectProperty ; rdfs:subPropertyOf :knows ; rdfs:isDefinedBy : .
:age a owl:DatatypeProperty ; rdfs:isDefinedBy : .
""",
    "ontology/context.jsonld": '{"@context": {"name": "rdfs:label"}}\n',
    "ontology/shapes/test.ttl": f'''{PREFIXES}
:Aged a sh:NodeShape ; sh:targetClass :Person ; sh:property :Aged-age , :Aged-knows .
:Aged-age a sh:PropertyShape ; sh:path :age ; sh:minCount 1 ; sh:message "A person has an age."@en .
:Aged-age sh:datatype xsd:integer .
:Aged-knows a sh:PropertyShape ; sh:path :knows ; sh:message "One knows persons."@en .
:Aged-knows sh:class :Person .
:Older a sh:NodeShape ; sh:targetSubjectsOf :loves ; sh:message "Love is for equals."@en .
:Older sh:sparql [ sh:prefixes pre:fixes ; sh:select """
SELECT $this ?value {{ $this :loves ?value ; :age ?own . ?value :age ?other FILTER(?own < ?other) }}
""" ] .
:Term a sh:NodeShape ; sh:targetClass owl:ObjectProperty ; sh:property :Term-label .
:Term-label a sh:PropertyShape ; sh:path rdfs:comment ; sh:maxCount 0 ; sh:severity sh:Warning .
:Term-label sh:message "A term has no comment."@en .
''',
    "graph/entities.ttl": f"""{PREFIXES}
id:ann a :Person ; rdfs:label "Ann"@en .
id:bob a :Child ; rdfs:label "Bob"@en .
id:cat a :Person ; rdfs:label "Cat"@en .
""",
    "graph/doc/article.txt": """= Doc =

Ann is 9. Ann loves Bob.

== Cat ==

Bob knows Cat. So it is.
""",
    "graph/doc/ann.trig": f"""{PREFIXES}
id:doc a ev:Article ; rdfs:label "Doc"@en ; ev:about id:ann .
id:title ev:quote "Doc"@en ; ev:needsContext id:first .
id:title {{
id:doc ev:about id:ann .
}}
id:first ev:quote "Ann is 9."@en .
id:first {{
id:ann :age 9 .
}}
id:second ev:quote "Ann loves Bob."@en .
id:second {{
id:ann :loves id:bob .
id:deed a :Deed ; rdfs:label "deed"@en ; :knows id:ann .
}}
""",
    "graph/doc/cat.trig": f"""{PREFIXES}
id:third ev:quote "Bob knows Cat."@en .
id:third {{
id:bob :knows id:cat .
id:bob :age 10 .
}}
id:fourth ev:quote "So it is."@en ; ev:needsContext id:third .
id:fourth {{
id:cat :age 10 .
}}
""",
    "queries/all.rq": """#+ summary: "Who knows whom?"
PREFIX : <http://example.org/>
SELECT ?a ?b
WHERE { ?a :knows ?b }
ORDER BY ?a ?b
""",
}
"""The files of a project, of which each line is a statement, so that most edits parse."""
OTHERS = {
    "ontology/more.ttl": f"""{PREFIXES}
:Person owl:disjointWith :Deed .
:age a owl:FunctionalProperty .
""",
    "ontology/alignments.ttl": f"""{PREFIXES}
:Person rdfs:subClassOf <http://example.com/Person> .
""",
    "ontology/shapes/more.ttl": f"""{PREFIXES}
:Lone a sh:NodeShape ; sh:targetClass :Child ; sh:closed true ; sh:ignoredProperties ( :age ) .
:Lone sh:message "A child is no more."@en .
""",
    "graph/curation.trig": f"""{PREFIXES}
id:source a ev:Curation ; ev:source "Me"@en .
id:source {{
id:ann skos:note "old"@en .
}}
""",
    "graph/dataset.ttl": f"""{PREFIXES}
id:dataset a <http://rdfs.org/ns/void#Dataset> .
""",
    "graph/stray.ttl": "",
    "graph/doc/more.trig": f"""{PREFIXES}
id:late ev:quote "So it is."@en .
id:late {{
id:bob :age 11 .
}}
""",
    "graph/other/article.txt": """= Other =

Cat is Cat.
""",
    "graph/other/all.trig": f"""{PREFIXES}
id:other a ev:Article ; rdfs:label "Other"@en ; ev:about id:cat .
id:fifth ev:quote "Other"@en ; ev:needsContext id:sixth .
id:fifth {{
id:other ev:about id:cat .
}}
id:sixth ev:quote "Cat is Cat."@en .
id:sixth {{
id:cat :knows id:cat .
}}
""",
    "queries/more.rq": """PREFIX : <http://example.org/>
SELECT * { ?a :hates ?b }
""",
}
"""Files to add."""
STATEMENTS = """
id:ann :age 9 .
id:ann :age 10 , 11 .
id:ann :age "9" .
id:ann :age "ten"^^xsd:integer .
id:ann :loves id:cat .
id:ann :knows id:deed .
id:ann :hates id:bob .
id:ann :knows id:dan .
id:ann owl:sameAs id:bob .
id:ann a :Deed .
id:bob :knows [ :age 1 ] .
id:bob a :Person .
id:bob rdfs:label "Bobby"@en .
id:cat a :Child .
id:dan a :Person ; rdfs:label "Dan"@en .
id:deed a :Deed ; rdfs:label "deed"@en .
id:deed2 a :Deed ; rdfs:label "another deed"@en .
:Aged sh:deactivated true .
:Aged sh:targetClass :Deed .
:Aged-age sh:maxCount 1 .
:Aged-age sh:maxExclusive 10 .
:Aged-age sh:mincount 1 .
:Aged-knows sh:class :Child .
:Aged-knows sh:message "Anders."@de .
:Aged-knows sh:nodeKind sh:Literal .
:Aged-knows sh:severity sh:Info .
:Older sh:property :Aged-age .
:Older sh:targetNode id:dan , id:bob .
pre:fixes sh:declare [ sh:prefix "skos" ; sh:namespace "http://example.org/skos/"^^xsd:anyURI ] .
pre:fixes sh:declare [ sh:prefix "" ; sh:namespace "http://example.com/"^^xsd:anyURI ] .
:Child rdfs:subClassOf :Deed .
:Child owl:disjointWith :Person .
:Deed rdfs:subClassOf :Person .
:hates a owl:ObjectProperty ; rdfs:isDefinedBy : .
:knows a owl:SymmetricProperty .
:knows a owl:AsymmetricProperty .
:knows rdfs:comment "Two know each other."@en .
:knows rdfs:range :Deed .
:knows rdfs:subPropertyOf :loves .
:loves owl:inversOf :knows .
:age a owl:FunctionalProperty .
id:first ev:needsContext id:second .
id:second ev:needsContext id:fourth .
id:third ev:quote "Bob  knows Cat."@en .
id:third ev:start 3 .
""".split("\n")[1:-1]
LINES = [
    *STATEMENTS,
    *("", "# A comment.", "}", "id:first {", "id:new {", "@prefix : <http://example.com/> ."),
    *("Ann is 10.", "Bob", "== Dan ==", "So it is.", "A deed\u0301 is done."),
    *('#+ summary: ""', "SELECT ?a", "WHERE { ?a :hates ?b , ?c }", "ORDER BY ?c"),
]
"""Lines to put into any file, in which some do harm."""

Edit = dict[str, str | None]
"""File → its new text, or None to remove it."""


@st.composite
def edits(draw: st.DrawFn) -> list[Edit]:
    """Return edits of ``FILES``, one after the other."""
    made: list[Edit] = []
    texts = dict(FILES)
    for _ in range(draw(st.integers(1, 4))):
        edit: Edit = {}
        for _ in range(draw(st.integers(1, 2))):
            if draw(st.integers(0, 3)):
                file = draw(st.sampled_from([*texts]))
                edit[file] = texts[file] = draw(edited(texts[file], [*texts.values()]))
                continue
            file = draw(st.sampled_from([*FILES, *OTHERS]))
            if file in texts:
                del texts[file]
                edit[file] = None
            else:
                edit[file] = texts[file] = (FILES | OTHERS)[file]
        made.append(edit)
    return made


@st.composite
def edited(draw: st.DrawFn, text: str, texts: list[str]) -> str:
    """Return a text without one of its lines, with another in its place, or with one more."""
    lines = text.split("\n")
    at = draw(st.integers(0, len(lines) - 1))
    new = draw(st.one_of(st.sampled_from(LINES), st.sampled_from("\n".join(texts).split("\n"))))
    kept = draw(st.booleans())
    lines[at : at + 1] = [lines[at]] * kept + [new] * (kept or draw(st.booleans()))
    return "\n".join(lines)


def render(report: Report, project: Project) -> dict[str, str]:
    return {form: render_report(report, form, project) for form in FORMATS}


def outcome(make: Callable[[Project], Report], root: Path) -> Report | tuple[int, str]:
    """Return a report, or the exit code and the message of an error."""
    try:
        return make(find_project(str(root)))
    except KaijuError as error:
        return error.exit_code, str(error)


def check_edits(made: list[Edit]) -> None:
    """Check the report after each edit, and again from the cache."""
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("KAIJU_CACHE", str(Path(folder, "cache")))
        copy = Copy(Path(folder, "project"))
        whole: Edit = {**FILES}
        for edit in [whole, *made]:
            for file, text in edit.items():
                if text is None:
                    (copy.root / file).unlink(missing_ok=True)
                else:
                    copy.write(file, text)
            expected = outcome(validate, copy.root)
            for _ in range(2):
                found = outcome(report_cache.load, copy.root)
                assert found == expected
                if isinstance(found, Report) and isinstance(expected, Report):
                    project = find_project(str(copy.root))
                    assert render(found, project) == render(expected, project)


def test_report_has_every_form_if_an_ontology_does_not_load() -> None:
    check_edits([{"ontology/test.ttl": "nonsense"}])


@settings(max_examples=3)
@given(edits())
def test_report_after_random_edits_is_that_from_nothing(made: list[Edit]) -> None:
    check_edits(made)


@pytest.mark.slow
@settings(max_examples=25)
@given(edits())
def test_report_after_many_random_edits_is_that_from_nothing(made: list[Edit]) -> None:
    check_edits(made)
