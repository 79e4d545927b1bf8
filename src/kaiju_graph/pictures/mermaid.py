"""Write a picture as Mermaid: graphs as a flowchart, lanes as a sequence diagram.

In a text, ``#`` and the decimal code of a character stand for it. Whatever could end a text, or be
read as Markdown or HTML, is written so.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kaiju_graph.pictures.picture import Graph
from kaiju_graph.pictures.words import shorten
from kaiju_graph.sparql.results import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kaiju_graph.pictures.picture import Lanes, Node, Picture, Row

__all__ = ["write"]

SPECIAL = re.compile(r"[^\w ,.:?!'()/=-]|_|^[ .=+-]+|(?<=\d)[.)]", re.ASCII)
"""What is not written as it is, if it is ASCII; other letters and signs are."""
LINE_BREAK = "<br>"
NOTHING = "\N{NO-BREAK SPACE}"
"""What stands for an empty text, which Mermaid refuses."""
LONGEST = 200
"""How many characters of a label are written; Mermaid refuses more than 50,000 altogether."""
CLASSES = (
    "classDef focus stroke-width:3px",
    "classDef inferred stroke-dasharray:5 3",
    "classDef rule fill:none,stroke:none,font-style:italic",
)


def write(picture: Picture) -> str:
    """Return a picture as Mermaid."""
    lines = _graph(picture) if isinstance(picture, Graph) else _lanes(picture)
    return "".join(f"{line}\n" for line in lines)


def _text(text: str) -> str:
    """Return a text that Mermaid shows as it is.

    >>> _text('a "b" # c')
    'a #34;b#34; #35; c'
    """
    text = shorten(printable(" ".join(text.split())), LONGEST) or NOTHING
    return SPECIAL.sub(lambda match: "".join(map(_code, match[0])), text)


def _code(character: str) -> str:
    return f"#{ord(character)};" if character.isascii() else character


def _graph(graph: Graph) -> Iterator[str]:
    yield f"flowchart {'TD' if graph.is_tree else 'LR'}"
    yield f"    accTitle: {_text(graph.title)}"
    yield f"    accDescr: {_text(graph.description)}"
    for number, node in enumerate(graph.nodes):
        yield f"    n{number}{_box(node)}"
    for edge in graph.edges:
        arrow = "-.->" if edge.inferred else "-->"
        label = f'|"{_text(edge.label)}"|' if edge.label else ""
        yield f"    n{edge.source} {arrow}{label} n{edge.target}"
    if graph.note:
        yield f'    note["{_text(graph.note)}"]:::rule'
    for number, node in enumerate(graph.nodes):
        if node.address:
            yield f'    click n{number} href "{node.address}"'
    yield from (f"    {line}" for line in CLASSES)


def _box(node: Node) -> str:
    words = map(_text, [*(node.label.splitlines() or [""]), *node.detail.splitlines()])
    text = f'"{LINE_BREAK.join(words)}"'
    shape = f"({text})" if node.kind == "value" else f"[{text}]"
    return f"{shape}:::{node.kind}" if node.kind in ("focus", "inferred", "rule") else shape


def _lanes(lanes: Lanes) -> Iterator[str]:
    yield "sequenceDiagram"
    yield f"    accTitle: {_text(lanes.title)}"
    yield f"    accDescr: {_text(lanes.description)}"
    for number, lane in enumerate(lanes.lanes):
        yield f"    participant p{number} as {_text(lane.label)}"
    if lanes.note or not all(row.doers or row.others for row in lanes.rows):
        yield "    participant others"
    for row in lanes.rows:
        yield f"    {_message(row)}"
    if lanes.note:
        yield f"    Note over others: {_text(lanes.note)}"


def _message(row: Row) -> str:
    """Return a message from doer to other, or a note over the lanes of the row."""
    is_supposed = row.shape in ("diamond", "triangle")
    words = row.label if row.shape == "circle" else f"{row.kind}: {row.label}"
    text = _text(f"{words} ({row.where})" if row.where else words)
    if row.doers and row.others:
        arrow = "-->>" if is_supposed else "->>"
        return f"p{row.doers[0]}{arrow}p{row.others[0]}: {text}"
    lanes = [f"p{number}" for number in row.doers or row.others] or ["others"]
    return f"Note over {','.join(dict.fromkeys((lanes[0], lanes[-1])))}: {text}"
