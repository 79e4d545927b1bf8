"""No input makes the command fail as a bug: mutated files of every kind, and mutated queries.

The files are those of a small project. A mutation changes bytes, or repeats, drops and exchanges
tokens; then a command that reads the file runs. Each run must end with a documented exit code, and
with an error of one line.
"""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import every_nth

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Command

PREFIXES = """\
@prefix ev: <https://w3id.org/kaiju/evidence#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

@prefix e: <http://example.org/> .

"""
ARTICLE = "graph/tale/article.txt"
FILES = {
    "ontology/prefixes.ttl": PREFIXES
    + """e:prefixes a owl:Ontology ; sh:declare
    [ sh:prefix "e" ; sh:namespace "http://example.org/"^^xsd:anyURI ] ,
    [ sh:prefix "rdfs" ; sh:namespace "http://www.w3.org/2000/01/rdf-schema#"^^xsd:anyURI ] .
""",
    "ontology/tale.ttl": PREFIXES
    + """e:Hero a owl:Class ; rdfs:subClassOf e:Person .
e:Person a owl:Class ; owl:disjointWith e:Place ; rdfs:label "person"@en .
e:Place a owl:Class .
e:from a owl:ObjectProperty , owl:TransitiveProperty ; rdfs:domain e:Person ;
    owl:propertyChainAxiom ( e:from e:in ) .
e:in a owl:ObjectProperty ; owl:inverseOf e:holds .
e:holds a owl:ObjectProperty , owl:FunctionalProperty .
e:age a owl:DatatypeProperty ; rdfs:range xsd:integer .
""",
    "ontology/shapes/tale.ttl": PREFIXES
    + """e:Hero-age a sh:NodeShape ; sh:targetClass e:Hero ; sh:message "A hero has an age."@en ;
    sh:property [ sh:path e:age ; sh:minCount 1 ; sh:datatype xsd:integer ; sh:maxInclusive 99 ] ;
    sh:property [ sh:path ( [ sh:inversePath e:in ] e:from ) ; sh:class e:Place ; sh:in ( e:a ) ] ;
    sh:sparql [ sh:prefixes e:prefixes ; sh:message "{?value}"@en ;
        sh:select "SELECT $this ?value { $this rdfs:label ?value FILTER(STRLEN(?value) > 99) }" ] ;
    sh:closed false ; sh:not [ sh:pattern "^(a+)+$" ; sh:path rdfs:label ; sh:minCount 9 ] .
""",
    "ontology/context.jsonld": '{"@context": {"@version": 1.1, "@vocab": "http://example.org/", '
    '"e": "http://example.org/", "name": {"@id": "e:name", "@container": "@language"}, '
    '"inside": {"@reverse": "e:in", "@type": "@id"}}}\n',
    "ontology/profiles/small.jsonld": '{"@context": {"e": "http://example.org/", '
    '"age": {"@id": "e:age", "@type": "http://www.w3.org/2001/XMLSchema#integer"}}}\n',
    "ontology/profiles/small.rq": "CONSTRUCT { ?s e:age ?age } WHERE { ?s e:age ?age }\n",
    "graph/entities.ttl": PREFIXES
    + """e:momotaro a e:Hero ; rdfs:label "Momotarō"@en , "桃太郎"@ja ; e:age 7 , 7.50 , 1e3 .
e:peach a e:Place ; rdfs:label "peach"@en ; e:when "2020-01-01"^^xsd:date .
""",
    "graph/curation.trig": PREFIXES
    + """e:reading a ev:Curation ; ev:source "A book"@en .
e:reading { e:momotaro e:from e:peach . }
""",
    ARTICLE: "= Momotarō =\n\n- He came out of a peach.\n",
    "graph/tale/tale.trig": PREFIXES
    + """e:article a ev:Article ; ev:about e:momotaro .
e:title ev:quote "Momotarō"@en .
e:title { e:momotaro a e:Hero . }
e:story ev:quote "He came out of a peach."@en .
e:story { e:momotaro e:from e:peach ; e:in [ e:age 3 ] . }
""",
    "queries/who.rq": '#+ summary: "Who?"\n#+ tags:\n#+   - people\n\n'
    "SELECT ?who ?age { ?who a e:Hero ; e:age ?age FILTER(?who = COALESCE(?__who_iri, ?who)) }\n"
    "ORDER BY ?who ?age\n",
}
DATA = {
    "data.ttl": f'{PREFIXES}e:a e:b [ e:c "d"@en , ( 1 2.0 ) ] .\n',
    "data.nq": '<http://a> <http://b> _:c <http://d> .\n_:c <http://b> "x\\u00e9"@en .\n',
    "data.rdf": '<?xml version="1.0"?>\n<!DOCTYPE r [<!ENTITY e "http://example.org/">]>\n'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e/">'
    '<rdf:Description rdf:about="&e;a"><e:b rdf:parseType="Collection"><e:c/></e:b>'
    '<e:d xml:lang="en">x</e:d></rdf:Description></rdf:RDF>\n',
    "data.jsonld": '{"@context": {"e": "http://e/", "b": {"@id": "e:b", "@container": "@list"}}, '
    '"@id": "e:a", "b": [1, 2.5, true, {"@value": "x", "@language": "en"}], "e:c": {"b": []}}\n',
}
QUERIES = {
    "select": "SELECT ?who (COUNT(*) AS ?n) { ?who a/rdfs:subClassOf* e:Person . "
    'OPTIONAL { ?who e:age ?a } FILTER(REGEX(STR(?who), "^h.*o$", "i") || ?a > 3.5) } '
    "GROUP BY ?who HAVING(?n > 0) LIMIT 9",
    "construct": "CONSTRUCT { ?a e:b _:c } WHERE { GRAPH ?g { ?a ?b ?c } "
    "MINUS { ?a e:in ?d } VALUES ?b { e:age } }",
    "ask": "ASK FROM <https://w3id.org/kaiju/graph/entities> "
    '{ ?s ?p "a"@en BIND(BNODE("x") AS ?n) }',
}
COMMANDS = {
    "ontology/prefixes.ttl": (("stats",), ("validate",)),
    "ontology/context.jsonld": (("export", "-f", "jsonld"), ("validate",)),
    "ontology/profiles/small.jsonld": (("export", "--profile", "small"),),
    "ontology/profiles/small.rq": (("export", "--profile", "small"),),
    "graph/curation.trig": (("why", "e:momotaro", "e:from", "e:peach"), ("diff", ".", ".")),
    "graph/entities.ttl": (("describe", "peach"), ("validate",), ("export", "-f", "rdfxml")),
    ARTICLE: (("coverage",), ("validate",)),
    "queries/who.rq": (("ask", "who"), ("ask",), ("validate",)),
}
"""File → the commands that read it; by default ``validate`` and ``infer``."""
TOKEN = re.compile(r'"[^"]*"|\w+|\s+|.', re.DOTALL)
PIECES = (
    *"\0 \x1b[31m \r\n \ufeff \ud800 é e\u0301 \U0010ffff &#0; \\u0000 \\ # < & [ (".split(" "),
    *'<<( )>> {| ~ "@en--ltr VERSION \'\'\' """ 1e999 -0.0 null "@id":null "@reverse":[]'.split(),
    *"?x NaN owl:sameAs rdf:nil _:b a . ; , sh:path sh:not owl:Nothing ev:quote FROM BASE".split(),
    *("1" * 5000, "{" * 600, "[" * 600, "SERVICE <http://e/> {}", "sh:declare [ ]", "sh:and ( )"),
)
Mutation = tuple[str, float, float, str]
"""The kind of a mutation, two shares of the length of the text, and a piece to insert."""
CODES = (0, 1, 2, 3, 4, 5)
MUTATIONS = st.lists(
    st.tuples(
        st.sampled_from(["byte", "drop", "repeat", "exchange", "insert", "cut"]),
        st.floats(0, 1, exclude_max=True),
        st.floats(0, 1, exclude_max=True),
        st.sampled_from(PIECES),
    ),
    min_size=1,
    max_size=4,
)


def _mutate(text: str, mutations: list[Mutation]) -> bytes:
    """Return the bytes of a text after some mutations, each at a share of its length."""
    content = text.encode()
    for kind, first, second, piece in mutations:
        tokens = TOKEN.findall(content.decode(errors="surrogateescape"))
        at, other = int(first * len(tokens)), int(second * len(tokens))
        if kind == "byte" and content:
            changed = bytearray(content)
            changed[int(first * len(content))] = int(second * 256)
            content = bytes(changed)
            continue
        if kind == "cut":
            tokens = tokens[:at]
        elif kind == "insert" or not tokens:
            tokens.insert(at, piece)
        elif kind == "drop":
            del tokens[at]
        elif kind == "repeat":
            tokens[at] *= 1 + int(second * 50)
        else:
            tokens[at], tokens[other] = tokens[other], tokens[at]
        content = "".join(tokens).encode(
            errors="surrogatepass" if "\ud800" in tokens else "replace"
        )
    return content


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Return the folder of a small project."""
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return tmp_path


def _check(kaiju: Command, root: Path, *arguments: str) -> None:
    run = kaiju(*arguments, "--root", str(root), "--timeout", "60", cwd=root)
    assert run.returncode in CODES, run.stderr
    assert "Traceback" not in run.stdout + run.stderr
    errors = [line for line in run.stderr.splitlines() if "kaiju: warning: " not in line]
    assert len(errors) <= 1, run.stderr


def test_small_project_is_read_by_every_command(kaiju: Command, small: Path) -> None:
    for command, code in {
        ("stats",): 0,
        ("validate",): 1,
        ("infer",): 0,
        ("coverage",): 0,
        ("ask", "who"): 0,
        ("export", "--profile", "small"): 0,
        ("diff", ".", "."): 0,
        ("why", "e:momotaro", "e:from", "e:peach"): 0,
    }.items():
        run = kaiju(*command, "--root", str(small), cwd=small)
        assert run.returncode == code, (command, run.stdout, run.stderr)


FEW = settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
MANY = settings(FEW, max_examples=25)


def _run_on_file(kaiju: Command, small: Path, name: str, content: bytes, choice: int) -> None:
    """Run a command that reads a file of the small project, on a copy with another content."""
    root = small / "copy"
    shutil.copytree(small, root, ignore=shutil.ignore_patterns("copy"))
    try:
        (root / name).write_bytes(content)
        commands = COMMANDS.get(name, (("validate",), ("infer",)))
        _check(kaiju, root, *commands[choice % len(commands)])
    finally:
        shutil.rmtree(root)


@pytest.mark.parametrize("name", every_nth(FILES, 3))
@FEW
@given(mutations=MUTATIONS, choice=st.integers(0, 5))
def test_mutated_file_is_no_bug(
    kaiju: Command, small: Path, name: str, mutations: list[Mutation], choice: int
) -> None:
    _run_on_file(kaiju, small, name, _mutate(FILES[name], mutations), choice)


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
@MANY
@given(mutations=MUTATIONS, choice=st.integers(0, 5))
def test_many_mutated_files_are_no_bug(
    kaiju: Command, small: Path, name: str, mutations: list[Mutation], choice: int
) -> None:
    _run_on_file(kaiju, small, name, _mutate(FILES[name], mutations), choice)


@pytest.mark.slow
@pytest.mark.parametrize("name", DATA)
@MANY
@given(mutations=MUTATIONS)
def test_mutated_data_file_is_no_bug(
    kaiju: Command, small: Path, name: str, mutations: list[Mutation]
) -> None:
    (small / name).write_bytes(_mutate(DATA[name], mutations))
    (small / f"old-{name}").write_bytes(DATA[name].encode())
    _check(kaiju, small, "diff", f"old-{name}", name)


@pytest.mark.slow
@pytest.mark.parametrize("name", QUERIES)
@MANY
@given(mutations=MUTATIONS, evidence=st.booleans())
def test_mutated_query_is_no_bug(
    kaiju: Command, small: Path, name: str, mutations: list[Mutation], *, evidence: bool
) -> None:
    (small / "query.rq").write_bytes(_mutate(QUERIES[name], mutations))
    _check(kaiju, small, "query", "--file", "query.rq", *["--evidence"] * evidence)
