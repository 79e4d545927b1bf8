"""The stored questions leave as data and as a gallery, and still ask and answer the same."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
import rdflib
from markdown_it import MarkdownIt
from rdflib.compare import to_isomorphic

from kaiju_graph.cli.render import lists
from kaiju_graph.errors import QueryError
from kaiju_graph.publish import question_pages
from kaiju_graph.rdf import terms, write
from kaiju_graph.sparql import markdown, questions, results
from kaiju_graph.sparql.results import printable

if TYPE_CHECKING:
    from pathlib import Path

    from kaiju_graph import KnowledgeGraph
    from tests.conftest import Command, Copy

QUERY = "https://w3id.org/kaiju/query/"
SELECT = """
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX schema: <https://schema.org/>
PREFIX sh: <http://www.w3.org/ns/shacl#>
"""


@pytest.fixture(scope="module")
def text(kg: KnowledgeGraph) -> str:
    executables = question_pages.executables(questions.list_questions(kg.project), kg.project)
    return write.write(executables, "turtle", kg.project, first=question_pages.ORDER)


@pytest.fixture(scope="module")
def data(text: str) -> ox.Store:
    stored = ox.Store()
    stored.load(text.encode(), format=ox.RdfFormat.TURTLE)
    return stored


@pytest.fixture(scope="module")
def gallery(kg: KnowledgeGraph) -> str:
    return question_pages.gallery(questions.list_questions(kg.project), kg.project, kg.store)


def rows(stored: ox.Store, query: str) -> list[tuple[str, ...]]:
    answer = stored.query(SELECT + query)
    assert isinstance(answer, ox.QuerySolutions)
    return sorted(tuple(term.value if term else "" for term in row) for row in answer)


# Data ------------------------------------------------------------------------


def test_both_libraries_read_the_same_questions(text: str, data: ox.Store) -> None:
    by_rdflib = rdflib.Graph().parse(data=text, format="turtle")
    triples = (terms.Triple(q.subject, q.predicate, q.object) for q in data)
    assert to_isomorphic(by_rdflib) == to_isomorphic(terms.rdflib_graph(triples))


def test_executables_have_words_and_topics(data: ox.Store, kg: KnowledgeGraph) -> None:
    executables = rows(
        data,
        """SELECT ?question ?name ?summary ?description {
            ?question a sh:SPARQLExecutable , sh:SPARQLSelectExecutable ; rdfs:label ?name ;
                rdfs:comment ?summary ; sh:prefixes ?registry .
            ?registry a owl:Ontology
            OPTIONAL { ?question dcterms:description ?description } }""",
    )
    stored = questions.list_questions(kg.project)
    assert executables == [(QUERY + q.name, q.name, q.summary, q.description) for q in stored]
    keywords = rows(data, "SELECT ?name ?tag { ?q rdfs:label ?name ; schema:keywords ?tag }")
    assert keywords == sorted((q.name, tag) for q in stored for tag in q.tags)
    assert not rows(data, "SELECT ?target { ?q schema:target ?target }")


def test_executables_give_the_stored_answers_with_their_prefixes(
    data: ox.Store, kg: KnowledgeGraph, root: Path
) -> None:
    declared = rows(
        data,
        "SELECT ?prefix ?iri { ?q sh:prefixes/sh:declare ?d . "
        "?d sh:prefix ?prefix ; sh:namespace ?iri }",
    )
    prologue = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in sorted(set(declared)))
    executables = rows(data, "SELECT ?name ?text { ?q rdfs:label ?name ; sh:select ?text }")
    assert len(executables) == len(list(root.glob("queries/*.rq")))
    for name, written in executables:
        stored = (root / f"tests/answers/gamera-2/{name}.csv").read_bytes().decode()
        # SHACL, section 5.2.1: the prefixes are put before the text, which may name its own.
        for query in (prologue + written, prologue + re.sub("(?m)^PREFIX .*\n", "", written)):
            answer = kg.store.query(query)
            assert isinstance(answer, ox.QuerySolutions)
            assert results.write(answer, "csv", kg.project).replace("\r\n", "\n") == stored, name


# So rdflib parses it, too, and gives the stored answer: test_queries.py.
def test_the_text_of_a_question_is_its_file_without_the_header(data: ox.Store, root: Path) -> None:
    for name, written in rows(data, "SELECT ?name ?text { ?q rdfs:label ?name ; sh:select ?text }"):
        header, _, rest = (root / f"queries/{name}.rq").read_text("utf-8").partition("\n\n")
        assert all(line.startswith("#+") for line in header.split("\n"))
        assert written == rest


def test_the_command_lists_the_questions_as_data(kaiju: Command, text: str) -> None:
    done = kaiju("ask", "-f", "turtle")
    assert (done.stdout, done.stderr, done.returncode) == (text, "", 0)
    assert kaiju("ask", "-f", "ntriples").stdout.count("/query/who-directed> ") > 3


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("ASK { ?s ?p ?o }", "Ask"),
        ("construct where { ?s ?p ?o }", "Construct"),
        ("# SELECT\nDESCRIBE ?s { ?s ?p ?o }", "Describe"),
        ("BASE <http://example.org/> SELECT * { ?s ?p ?o }", "Select"),
    ],
)
def test_each_form_of_query_is_an_executable_of_its_kind(text: str, form: str, copy: Copy) -> None:
    copy.write("queries/a question.rq", f'#+ summary: "?"\n\n{text}\n')
    project = copy.load().project
    triples = question_pages.executables([questions.find_question(project, "a question")], project)
    node = ox.NamedNode(f"{QUERY}a%20question")
    values = {t.predicate.value.rpartition("#")[2]: t.object.value for t in triples if t[0] == node}
    assert values[form.lower()] == f"{text}\n"
    assert values["type"].endswith(f"#SPARQL{form}Executable")


def test_an_invalid_question_is_an_error_with_its_file(copy: Copy) -> None:
    copy.write("queries/clear.rq", '#+ summary: "?"\n\nCLEAR ALL\n')
    project = copy.load().project
    with pytest.raises(QueryError, match=r"^queries/clear.rq:3:1: found 'CLEAR'; expected SELECT"):
        question_pages.executables(questions.list_questions(project), project)


# Gallery ---------------------------------------------------------------------


def test_the_gallery_shows_each_question_with_query_and_answer(
    gallery: str, kg: KnowledgeGraph
) -> None:
    shown = re.split(r"^### (.+)\n", gallery, flags=re.MULTILINE)
    exhibits = dict(zip(shown[1::2], shown[2::2], strict=True))
    assert list(exhibits) != sorted(exhibits), "they stand by topic"
    for asked in questions.list_questions(kg.project):
        exhibit = exhibits.pop(asked.name)
        query = asked.text.partition("\n\n")[2]
        answer = kg.answer(asked.text)
        assert isinstance(answer, ox.QuerySolutions)
        parts = [f"**{asked.summary}**", *([asked.description] if asked.description else [])]
        parts += [f"```sparql\n{query}```", results.write(answer, "markdown", kg.project).rstrip()]
        assert re.split(r"\n## ", exhibit)[0].strip() == "\n\n".join(parts)
    assert not exhibits


def test_links_of_the_gallery_lead_to_headings(gallery: str) -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(gallery)
    headings = [
        tokens[at + 1].content for at, token in enumerate(tokens) if token.type == "heading_open"
    ]
    assert len(headings) == len(set(headings))
    links = {
        str(child.attrs["href"]).removeprefix("#")
        for token in tokens
        for child in token.children or ()
        if child.type == "link_open" and str(child.attrs["href"]).startswith("#")
    }
    shown = {
        tokens[at + 1].content
        for at, token in enumerate(tokens)
        if (token.type, token.tag) == ("heading_open", "h3")
    }
    assert links == shown
    kinds = [token.type for token in tokens]
    assert kinds.count("fence") == kinds.count("table_open") == len(links)


def test_the_gallery_shows_a_graph_as_turtle(copy: Copy) -> None:
    query = "CONSTRUCT { id:x rdfs:label '```'@en } WHERE {}"
    copy.write("queries/graph.rq", f'#+ summary: "Which graph?"\n\n{query}\n')
    kg = copy.load()
    text = question_pages.gallery(
        [questions.find_question(kg.project, "graph")], kg.project, kg.store
    )
    fences = [t for t in MarkdownIt("commonmark").parse(text) if t.type == "fence"]
    assert [fence.info for fence in fences] == ["sparql", "turtle"]
    assert fences[0].content == f"{query}\n"
    assert 'id:x rdfs:label "```"@en .' in fences[1].content


HOSTILE = (
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "[click](javascript:alert(1))",
    "![x](http://127.0.0.1/x)",
    "<javascript:alert(1)>",
    "</a> ] ](#x) **bold** `code` _em_ __strong__ | cell ~~no~~ &lt; &#60;",
    "# Heading",
    "a\n\n# Heading\n\n```\nb",
    "a\u2028b \x1b[2J\u202e",
)


def kinds(text: str) -> set[str]:
    """Return the kinds of what a Markdown text holds, inside paragraphs, too."""
    tokens = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(text)
    inner = [child for token in tokens for child in token.children or ()]
    return {token.type for token in (*tokens, *inner)}


@pytest.mark.parametrize("text", HOSTILE)
def test_escaped_text_is_one_line_without_markup(text: str) -> None:
    shown = markdown.escape(text)
    assert kinds(f"a {shown} b") == {"paragraph_open", "inline", "text", "paragraph_close"}
    (paragraph,) = [t for t in MarkdownIt("commonmark").parse(f"a {shown} b") if t.type == "inline"]
    plain = "".join(child.content for child in paragraph.children or ())
    assert plain == f"a {printable(' '.join(text.split()))} b"
    assert shown.splitlines() == [shown]
    lenient = MarkdownIt("commonmark")
    lenient.validateLink = lambda _: True  # type: ignore[assignment, method-assign]
    for made in (markdown.link(text, "#x"), markdown.link("x", text), markdown.code(text)):
        assert (
            kinds(made) & {"html_inline", "html_block", "image", "heading_open", "fence"} == set()
        )
        tokens = [child for token in lenient.parse(made) for child in token.children or ()]
        targets = [str(token.attrs["href"]) for token in tokens if token.type == "link_open"]
        assert [target for target in targets if ":" in target] == []


def test_pages_show_names_and_texts_of_others_as_they_are(copy: Copy) -> None:
    for path in copy.root.glob("queries/*.rq"):
        path.unlink()
    for number, text in enumerate(HOSTILE[:7]):
        name = re.sub(r"[/\\]", "-", text)
        header = f"#+ summary: {text}\n#+ description: {text}\n#+ tags:\n#+   - {text}"
        value = ox.Literal(text)
        query = f"SELECT ?x ?y {{ VALUES (?x ?y) {{ ({value} <javascript:{number}>) }} }}"
        copy.write(f"queries/{name}.rq", f"{header}\n\n{query}\n")
    kg = copy.load()
    listed = questions.list_questions(kg.project)
    found = kinds(question_pages.gallery(listed, kg.project, kg.store))
    assert found & {"html_inline", "html_block", "image", "em_open", "s_open", "hr"} == set()
    listing = lists.render_questions(listed, "markdown")
    assert kinds(listing) & {"html_inline", "html_block", "image", "link_open", "em_open"} == set()
