"""Pictures: what they show, that they are safe and bounded, and that their formats are valid."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaiju_graph.errors import QueryError, UnknownNameError
from kaiju_graph.pictures import lanes, mermaid, neighbourhood, proof, svg
from kaiju_graph.pictures.layout import place_layers
from kaiju_graph.pictures.picture import Edge, Graph, Lane, Lanes, Node, Row, web_address
from kaiju_graph.pictures.words import width, wrap
from kaiju_graph.pictures.write import WRITERS, write

if TYPE_CHECKING:
    from kaiju_graph import KnowledgeGraph
    from kaiju_graph.pictures.picture import Picture
    from tests.conftest import Command, Copy

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '<script>alert(1)</script> "] --> x; %% `**b**`\n\u202e\x07 & end #35; ]]>'


def draw_proof(kg: KnowledgeGraph, *triple: str) -> Graph:
    return proof.draw_explanation(kg.grounds, kg.why(*triple), web_address)


def hostile_pictures() -> list[Picture]:
    nodes = (Node(HOSTILE, "focus", HOSTILE), Node(HOSTILE, "stated"), Node(HOSTILE, "rule"))
    edges = (Edge(0, 1, HOSTILE), Edge(0, 2, HOSTILE))
    row = Row(HOSTILE, HOSTILE, "diamond", HOSTILE, (0,), (), (HOSTILE,), HOSTILE)
    lane = (Lane(HOSTILE), Lane("end"))
    others = row._replace(others=(1,), shape="circle"), row._replace(doers=())
    return [
        Graph(HOSTILE, HOSTILE, nodes, edges, is_tree=True, note=HOSTILE),
        Graph(HOSTILE, HOSTILE, nodes, edges, is_tree=False, note=HOSTILE),
        Lanes(HOSTILE, HOSTILE, lane, (row, *others), HOSTILE),
    ]


def parse(text: str) -> ET.Element:
    """Return the root of a document that we have written."""
    return ET.fromstring(text)  # noqa: S314 (it is ours)


def texts(element: ET.Element) -> str:
    return " ".join("".join(part.itertext()) for part in element.iter(f"{SVG}text"))


def boxes(document: ET.Element) -> list[tuple[float, ...]]:
    """Return the left, top, right and lower edge of each box with a frame."""
    found: list[tuple[float, ...]] = []
    for part in document.iter(f"{SVG}rect"):
        if "frame" in part.get("class", ""):
            x, y, w, h = (float(part.get(name, "")) for name in ("x", "y", "width", "height"))
            found.append((x, y, x + w, y + h))
    return found


def test_story_has_each_situation_once_with_its_status(kg: KnowledgeGraph) -> None:
    rows = kg.draw("story").rows
    counts = {str(row["status"]): int(row["situations"]) for row in kg.ask("what-a-film-tells")}
    shapes = [row.shape for row in rows]
    assert shapes.count("circle") == counts["happens"]
    assert shapes.count("square") == counts["holds"]
    assert shapes.count("diamond") + shapes.count("triangle") == counts["only supposed"]
    assert len({row.address for row in rows}) == len(rows) == sum(counts.values())


def test_story_is_in_the_order_of_the_article_and_then_of_the_story(kg: KnowledgeGraph) -> None:
    rows = kg.draw("story").rows
    orders = [int(row.order) for row in rows]
    assert orders == sorted(orders)
    places = {row.label: at for at, row in enumerate(rows)}
    first, then = "Gamera uproots the pod", "the creatures swarm Gamera"
    assert places[first] < places[then] < places["Gamera retreats"]
    (row,) = [row for row in rows if row.label == "Gamera flies to Sapporo"]
    assert (row.where, row.who) == ("to Sapporo", ("Gamera",))


def test_agent_is_a_doer_and_patient_is_not(kg: KnowledgeGraph) -> None:
    story = kg.draw("story")
    (row,) = [row for row in story.rows if row.label == "Gamera uproots the pod"]
    names = [lane.label for lane in story.lanes]
    assert [names[at] for at in row.doers] == ["Gamera"]
    assert [names[at] for at in row.others] == ["pod that emerges from the ground"]


def test_picture_of_two_films_needs_one_of_them(both: KnowledgeGraph) -> None:
    with pytest.raises(UnknownNameError, match="expected -p film= and one of Gamera 2: Attack of"):
        both.draw("story")
    assert both.draw("story", {"film": "gamera-2"}).title.startswith("Gamera 2")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT ?row { ?row ?p ?o }", "found a solution without ?subject; expected ?subject"),
        ("ASK {}", "found a query of another form; expected SELECT"),
    ],
)
def test_query_without_the_columns_of_a_picture_is_an_error(
    query: str, message: str, copy: Copy
) -> None:
    copy.write("ontology/pictures/odd.rq", f'#+ summary: "Odd"\n{query}\n')
    with pytest.raises(QueryError, match=re.escape(message)):
        copy.load().draw("odd")


def test_lanes_of_an_unknown_shape_are_an_error(kg: KnowledgeGraph) -> None:
    question = lanes.find_picture(kg.project, "story")
    solution = {name: ox.Literal("star") for name in lanes.NEEDED}
    with pytest.raises(QueryError, match=r"found \?shape 'star'; expected circle, square"):
        lanes.draw_lanes(question, [solution], web_address)


def test_shared_premise_of_a_proof_is_one_node(kg: KnowledgeGraph) -> None:
    tree = draw_proof(kg, "Gamera kills the queen", "brought about by", "Gamera")
    assert [node.kind for node in tree.nodes] == [
        "focus",
        "rule",
        "inferred",
        "rule",
        "stated",
        "stated",
    ]
    assert len(tree.edges) == len(tree.nodes) - 1
    quote = "“Gamera fires upon the queen, blowing her apart and killing her.”"
    assert [node.detail for node in tree.nodes if node.kind == "stated"] == [quote, quote]


def test_triple_without_a_proof_has_the_nearest(kg: KnowledgeGraph) -> None:
    tree = draw_proof(kg, "Gamera", "a", "film:Film")
    assert tree.nodes[0].detail == "neither stated nor inferred"
    assert "Gamera\nis a\nmonster" in [node.label for node in tree.nodes]


def test_thing_has_its_facts_in_both_directions(kg: KnowledgeGraph) -> None:
    star = kg.draw_thing("toho")
    facts = [(edge.label, star.nodes[edge.source or edge.target].label) for edge in star.edges]
    assert ("distributor", "Gamera 2: Attack of Legion") in facts
    assert ("is a", "real organization") in facts
    assert {edge.source == 0 for edge in star.edges if edge.label == "is a"} == {True}
    assert {edge.target == 0 for edge in star.edges if edge.label == "distributor"} == {True}


def test_inverse_of_a_fact_is_not_drawn_beside_it(kg: KnowledgeGraph) -> None:
    star = kg.draw_thing("legion")
    others = [star.nodes[e.source or e.target].label for e in star.edges if "same" in e.label]
    assert sorted(others) == ["creatures", "race of insectoid silicon-based extraterrestrials"]


def test_picture_of_a_thing_with_many_facts_says_how_many_are_left_out(kg: KnowledgeGraph) -> None:
    star = kg.draw_thing("gamera-2")
    assert len(star.nodes) == neighbourhood.MAX_NODES + 1
    left_out = int(star.note.removesuffix(" more facts are not shown."))
    assert star.description == f"40 of {40 + left_out} facts, each with its property."
    assert star.note in texts(parse(svg.write(star)))
    assert len(svg.write(star)) < 40_000


@pytest.mark.parametrize("picture", hostile_pictures(), ids=["tree", "star", "lanes"])
def test_texts_cannot_leave_a_picture(picture: Picture) -> None:
    document = parse(svg.write(picture))
    assert {part.tag.removeprefix(SVG) for part in document.iter()} <= {
        "svg",
        "title",
        "desc",
        "style",
        "rect",
        "path",
        "text",
        "circle",
        "g",
        "a",
    }
    written = mermaid.write(picture)
    assert not re.search(
        r'["\[\]`;%<>&]',
        re.sub(
            r"#\d+;|<br>|-+>+|\|?\"\|?",
            "",
            re.sub(r"^    (classDef|n\d+|note).*", "", written, flags=re.MULTILINE),
        ),
    )
    for text in (svg.write(picture), written):
        assert "\u202e" not in text
        assert "\x07" not in text
        assert "<script" not in text


def test_a_long_text_is_cut() -> None:
    word, star = "a" * 1_000_000, hostile_pictures()[1]
    assert isinstance(star, Graph)
    long = star._replace(title=word, nodes=(Node(word, "focus", word), Node(f"{word} b", "thing")))
    cut = long._replace(edges=star.edges[:1])
    assert all(len(write(cut, form)) < 20_000 for form in WRITERS)


@pytest.mark.slow
def test_contradiction_is_drawn(copy: Copy, kaiju: Command) -> None:
    copy.replace("graph/entities.ttl", "id:toho a film:", "id:toho a film:Film , film:")
    run = kaiju("why", "gamera", "a", "story:Creature", "-f", "mermaid", cwd=copy.root)
    assert run.returncode == 1
    assert 'n0["a contradiction"]:::focus' in run.stdout


def test_only_addresses_of_the_web_are_links() -> None:
    assert web_address(ox.NamedNode("javascript:alert(1)")) == ""
    assert web_address(ox.Literal("https://example.org/")) == ""


@pytest.mark.parametrize("name", ["gamera", "legion", "gamera-2"])
def test_svg_has_a_name_a_description_and_links(name: str, kg: KnowledgeGraph) -> None:
    star = kg.draw_thing(name)
    document = parse(svg.write(star))
    assert document.get("role") == "graphics-document"
    title, desc = (document.find(f"{SVG}{tag}") for tag in ("title", "desc"))
    assert title is not None
    assert desc is not None
    assert (title.text, desc.text) == (star.title, star.description)
    assert document.get("aria-labelledby") == f"{title.get('id')} {desc.get('id')}"
    links = {part.get("href") for part in document.iter(f"{SVG}a")}
    assert links == {node.address for node in star.nodes} - {""}
    for (a, b, c, d), (e, f, g, h) in combinations(boxes(document), 2):
        assert c <= e or g <= a or d <= f or h <= b


@given(
    st.integers(1, 12).flatmap(
        lambda n: st.lists(
            st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)).filter(lambda e: e[0] < e[1]),
            unique=True,
        ).map(lambda edges: (n, edges))
    )
)
def test_nodes_of_a_layer_stand_apart_and_edges_lead_down(
    graph: tuple[int, list[tuple[int, int]]],
) -> None:
    count, edges = graph
    places, ways = place_layers(count, edges)
    assert min(place.column for place in places) >= 0
    for one, other in combinations(places, 2):
        assert one.layer != other.layer or abs(one.column - other.column) >= 1
    for (source, target), way in zip(edges, ways, strict=True):
        assert (way[0], way[-1]) == (places[source], places[target])
        layers = [place.layer for place in way]
        assert layers == list(range(layers[0], layers[-1] + 1))
        for place in way[1:-1]:  # an edge passes beside the nodes
            gaps = [abs(p.column - place.column) for p in places if p.layer == place.layer]
            assert all(gap >= 1 for gap in gaps)


@given(st.text(), st.integers(20, 300), st.integers(1, 4))
def test_lines_are_no_wider_than_their_limit(text: str, limit: int, count: int) -> None:
    lines = wrap(text, 12, limit, count)
    assert len(lines) <= count
    assert all(width(line, 12) <= limit for line in lines)


def test_texts_stay_inside_the_picture(kg: KnowledgeGraph) -> None:
    tree = draw_proof(kg, "destruction-of-sendai", "brought about by", "Gamera")
    for picture in (kg.draw("story"), kg.draw_thing("gamera-2"), tree, *hostile_pictures()):
        document = parse(svg.write(picture))
        right = float(document.get("width", ""))
        for part in document.iter(f"{SVG}text"):
            x, size = (float(part.get(name, "")) for name in ("x", "font-size"))
            room = 2 * min(x, right - x) if part.get("text-anchor") else right - x
            if not part.get("transform"):
                assert width(part.text or "", size) <= room, part.text


def test_boxes_of_a_tree_do_not_overlap(kg: KnowledgeGraph) -> None:
    tree = draw_proof(kg, "destruction-of-sendai", "brought about by", "Gamera")
    found = boxes(parse(svg.write(tree)))
    assert len(found) == sum(node.kind != "rule" for node in tree.nodes)
    for (a, b, c, d), (e, f, g, h) in combinations(found, 2):
        assert c <= e or g <= a or d <= f or h <= b


@pytest.mark.parametrize(
    ("arguments", "start"),
    [
        ("describe gamera -f svg", "<svg "),
        ("why gamera a story:Creature -f mermaid", "flowchart TD\n"),
        ("draw story -f mermaid", "sequenceDiagram\n"),
    ],
)
def test_command_writes_pictures(arguments: str, start: str, kaiju: Command) -> None:
    run = kaiju(*arguments.split())
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith(start)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ("ask who-directed -f svg", 2, "svg is a format of pictures, which kaiju describe"),
        ("why gamera a story:Creature --all -f svg", 2, "svg holds one proof; leave out --all"),
        ("draw stoy", 3, "no picture 'stoy'; did you mean 'story'?"),
        ("draw story -p film=toho", 3, "picture story: found nothing to draw"),
        ("draw story -p film", 2, "found -p 'film'; expected -p name=value"),
    ],
)
def test_command_refuses_what_it_cannot_draw(
    arguments: str, code: int, message: str, kaiju: Command
) -> None:
    run = kaiju(*arguments.split())
    assert (run.returncode, run.stdout) == (code, "")
    assert message in run.stderr


@pytest.fixture(scope="module")
def packages() -> Path:
    """Return the folder of Mermaid and jsdom, or skip the test where there is none."""
    folders = [Path("node_modules"), *map(Path, os.environ.get("NODE_PATH", "").split(os.pathsep))]
    for folder in folders:
        if shutil.which("node") and all((folder / name).is_dir() for name in ("mermaid", "jsdom")):
            return folder.absolute()
    pytest.skip("needs node, and mermaid and jsdom in a folder that NODE_PATH names")


@pytest.mark.slow
def test_mermaid_reads_what_we_write(kg: KnowledgeGraph, packages: Path) -> None:
    signs = [chr(code) for code in range(0x20, 0x7F)]
    starts = [f"{sign}{sign}{sign} end {sign}" for sign in signs] + ["1. x", "- x", "end", ""]
    odd = [
        Graph(t, t, (Node(t, "focus"), Node(t, "rule")), (Edge(0, 1, t),), is_tree=True)
        for t in starts
    ]
    row = Row("", "holds", "square", "", (0,), (1,), (), "1")
    rows = tuple(row._replace(label=text, where=text) for text in starts)
    lane = (*map(Lane, starts[:40]), Lane("end"))
    proofs = [draw_proof(kg, "destruction-of-sendai", "brought about by", "gamera")]
    things = [kg.draw_thing(name) for name in ("gamera", "legion", "gamera-2")]
    graphs = [*odd, *proofs, *things, *hostile_pictures()[:2]]
    stories = [kg.draw("story"), Lanes("", "", lane, rows), Lanes("", "", (), rows[:3])]
    texts = [mermaid.write(picture) for picture in [*graphs, *stories, hostile_pictures()[2]]]
    run = subprocess.run(
        ["node", str(Path(__file__).with_name("parse.mjs")), str(packages)],  # noqa: S607
        input=json.dumps(texts),
        capture_output=True,
        check=True,
        text=True,
        encoding="utf-8",
    )
    assert json.loads(run.stdout) == ["flowchart-v2"] * len(graphs) + ["sequence"] * 4


@pytest.mark.slow
def test_pictures_are_the_same_bytes_in_another_process(kg: KnowledgeGraph, root: Path) -> None:
    program = (
        "import sys, kaiju_graph; from kaiju_graph.pictures import proof, write, picture;"
        "kg = kaiju_graph.load();"
        "why = kg.why('destruction-of-sendai', 'brought about by', 'gamera');"
        "tree = proof.draw_explanation(kg.grounds, why, picture.web_address);"
        "sys.stdout.reconfigure(encoding='utf-8', newline='');"
        "[sys.stdout.write(write.write(p, f)) for f in ('svg', 'mermaid') for p in "
        "(kg.draw('story'), kg.draw_thing('gamera'), tree)]"
    )
    tree = draw_proof(kg, "destruction-of-sendai", "brought about by", "gamera")
    pictures = (kg.draw("story"), kg.draw_thing("gamera"), tree)
    expected = "".join(write(picture, form) for form in WRITERS for picture in pictures)
    for seed in ("1", "2"):
        run = subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PATH": ""},
            cwd=root,
            capture_output=True,
            check=True,
        )
        assert run.stdout.decode() == expected
