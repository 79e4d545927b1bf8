"""Write a picture as SVG: readable on a phone, in light and dark, without scripts.

Every text is escaped, and every coordinate is a multiple of a tenth of a pixel.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from xml.sax.saxutils import escape, quoteattr

from kaiju_graph.pictures.layout import place_layers
from kaiju_graph.pictures.picture import Graph
from kaiju_graph.pictures.words import shorten, width, wrap
from kaiju_graph.sparql.results import NOT_XML, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kaiju_graph.pictures.picture import Edge, Lanes, Node, Picture, Row

    Attributes = dict[str, float | str]

__all__ = ["write"]

WIDTH = 420
"""The width of most pictures in pixels; a phone shows them at four fifths of it or more."""
MARGIN = 10
LONGEST = 1000
"""How many characters of a text are read."""
BOLD = 17.5
"""The size of a plain text that is as wide as a bold one of 16 pixels."""
COLOURS = (
    ("1f6fb2", "7ab8f0"),
    ("c4450c", "ff9e7a"),
    ("18794e", "6ccb9a"),
    ("8a3fa0", "d3a0e6"),
    ("8a6100", "e0bb55"),
    ("00777f", "5cc9d0"),
    ("b8326f", "f29bc0"),
    ("5f5a52", "b5b0a7"),
    ("3d4fb5", "a3aef5"),
)
"""The colours of lanes in light and dark, at least 3:1 against the paper (WCAG 2.2, 1.4.11)."""
TONES = {
    "paper": ("fill", "fdfcf9", "17171a"),
    "ink": ("fill", "1d1c1a", "e8e6e1"),
    "quiet": ("fill", "5f5a52", "a9a49b"),
    "box": ("fill", "f4f1e9", "222226"),
    "focus": ("fill", "fff0c2", "453a14"),
    "edge": ("stroke", "8a8479", "8a857c"),
    "frame": ("stroke", "c9c3b6", "4b4a4e"),
}
"""Class → what it colours, in light and in dark; those of pages."""
LANES = {f"l{number}": ("stroke", *pair) for number, pair in enumerate(COLOURS)}
"""The same for lanes and their marks."""
MARKS = frozenset({"edge", *LANES})
"""The classes of marks, which are full or hollow."""
CORNERS = {
    "square": ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    "diamond": ((0, -1.1), (1.1, 0), (0, 1.1), (-1.1, 0)),
    "triangle": ((0, -1.1), (1.1, 0.8), (-1.1, 0.8)),
}
"""Shape of a mark that is no circle → its corners, for a size of 1."""
PLAIN = """\
text{font-family:system-ui,"DejaVu Sans",sans-serif}
.code{font-family:ui-monospace,monospace}
.word{font-style:italic}
.edge,.frame,.lane{fill:none}
.lane{stroke-width:2;opacity:.45}
.broken{stroke-dasharray:5 3}
.dotted{stroke-dasharray:1.5 3}
a:hover text,a:focus text{text-decoration:underline}
"""


def _style(tones: Mapping[str, tuple[str, str, str]]) -> str:
    """Return a style sheet with the colours of some classes, and with the marks among them full."""
    light, dark = (
        "".join(
            f".{name}{{{kind}:#{pair[number]}}}"
            + (f".{name}.full{{fill:#{pair[number]}}}" if name in MARKS else "")
            for name, (kind, *pair) in tones.items()
        )
        for number in (0, 1)
    )
    return f"{PLAIN}{light}\n@media(prefers-color-scheme:dark){{{dark}}}\n"


def write(picture: Picture) -> str:
    """Return a picture as SVG."""
    if not isinstance(picture, Graph):
        return _Lanes(picture).svg()
    return (_Tree if picture.is_tree else _Star)(picture).svg()


def _number(value: float) -> str:
    """Return a coordinate without needless digits.

    >>> _number(12.0), _number(0.25)
    ('12', '0.2')
    """
    return f"{round(value, 1):g}"


class _Canvas:
    """The elements of a picture, in the order in which they are painted."""

    def __init__(self, picture: Picture, width: float = WIDTH) -> None:
        self.picture = picture
        self.width = width
        self.parts: list[str] = []

    def element(self, name: str, content: str = "", /, **attributes: float | str) -> str:
        """Return an element; numbers are coordinates."""
        texts = {
            key.rstrip("_").replace("_", "-"): value if isinstance(value, str) else _number(value)
            for key, value in attributes.items()
        }
        written = "".join(f" {key}={quoteattr(text)}" for key, text in texts.items())
        return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"

    def add(self, name: str, content: str = "", /, **attributes: float | str) -> None:
        """Paint an element."""
        self.parts.append(self.element(name, content, **attributes))

    def lines(
        self,
        lines: Iterable[str],
        x: float,
        y: float,
        size: float,
        class_: str,
        **attributes: float | str,
    ) -> str:
        """Return lines of text; the first has its base at ``y``."""
        return "".join(
            self.element(
                "text",
                _escape(line),
                x=x,
                y=y + number * _leading(size),
                font_size=size,
                class_=class_,
                **attributes,
            )
            for number, line in enumerate(lines)
        )

    def link(self, address: str, content: str, title: str = "") -> None:
        """Paint elements that lead to an address, with words for a pointer that rests on them."""
        if title:
            content = f"<title>{_escape(title)}</title>{content}"
        if address:
            self.add("a", content, href=address)
        else:
            self.parts.append(f"<g>{content}</g>" if title else content)

    def heading(self) -> float:
        """Paint the title, and return where the next line may be."""
        lines = _wrap(self.picture.title, BOLD, self.width - 2 * MARGIN, 3)
        self.parts.append(self.lines(lines, MARGIN, MARGIN + 16, 16, "ink", font_weight="600"))
        return MARGIN + 16 + len(lines) * _leading(16)

    def footer(self, y: float) -> float:
        """Paint what the picture leaves out, and return the height of the whole."""
        if self.picture.note:
            note = _wrap(self.picture.note, 13, self.width - 2 * MARGIN, 2)
            self.parts.append(self.lines(note, MARGIN, y + 22, 13, "quiet"))
            y += 22 + (len(note) - 1) * _leading(13)
        return y + MARGIN

    def document(self, height: float) -> str:
        """Return the whole picture."""
        picture = self.picture
        tones = TONES if isinstance(picture, Graph) else TONES | LANES
        size = {"width": self.width, "height": height}
        paper = self.element("rect", class_="paper", **size)
        content = (
            f'<title id="title">{_escape(picture.title)}</title>\n'
            f'<desc id="desc">{_escape(picture.description)}</desc>\n'
            f"<style>{_style(tones)}</style>\n{paper}\n" + "\n".join(self.parts) + "\n"
        )
        return (
            self.element(
                "svg",
                content,
                xmlns="http://www.w3.org/2000/svg",
                viewBox=f"0 0 {_number(self.width)} {_number(height)}",
                role="graphics-document",
                aria_labelledby="title desc",
                **size,
            )
            + "\n"
        )


def _escape(text: str) -> str:
    """Return a text as XML, with what controls a screen or is not in XML made visible."""
    return escape(re.sub(NOT_XML, "\ufffd", printable(shorten(text, LONGEST))))


def _leading(size: float) -> float:
    """Return the distance of lines."""
    return round(size * 1.3)


def _wrap(text: str, size: float, limit: float, lines: int) -> list[str]:
    return wrap(printable(" ".join(shorten(text, LONGEST).split())), size, limit, lines)


class _Block(NamedTuple):
    """Lines of text of one size."""

    lines: list[str]
    size: float
    class_: str

    @property
    def height(self) -> float:
        return len(self.lines) * _leading(self.size)


class _Tree:
    """Boxes in layers, the first above; between them the rules."""

    GAP = 16
    RISE = 26
    PAD = 8

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        edges = [(edge.source, edge.target) for edge in graph.edges]
        self.layout = place_layers(len(graph.nodes), edges)
        columns = 1 + max(place.column for place in self.layout.places)
        columns = max(columns, *(1 + place.column for way in self.layout.ways for place in way), 1)
        room = WIDTH - 2 * MARGIN + self.GAP
        self.box = min(max(room / columns, 166), 376) - self.GAP
        needed = columns * (self.box + self.GAP) - self.GAP + 2 * MARGIN
        self.canvas = _Canvas(graph, max(WIDTH, needed))
        self.left = (self.canvas.width - needed) / 2 + MARGIN

    def svg(self) -> str:
        """Return the picture."""
        canvas, places = self.canvas, self.layout.places
        blocks = [self._blocks(node) for node in self.graph.nodes]
        heights = [
            sum(block.height for block in of_node) + (0 if node.kind == "rule" else 2 * self.PAD)
            for node, of_node in zip(self.graph.nodes, blocks, strict=True)
        ]
        tops: list[float] = []
        y = canvas.heading()
        for layer in range(1 + max(place.layer for place in places)):
            tops.append(y)
            tallest = max(h for h, p in zip(heights, places, strict=True) if p.layer == layer)
            y += tallest + self.RISE
        tops.append(y)
        for edge, way in zip(self.graph.edges, self.layout.ways, strict=True):
            self._edge(edge, [(self._middle(p.column), tops[p.layer]) for p in way], heights)
        for number, node in enumerate(self.graph.nodes):
            self._node(node, blocks[number], places[number].column, tops[places[number].layer])
        return canvas.document(canvas.footer(y - self.RISE))

    def _middle(self, column: float) -> float:
        return self.left + column * (self.box + self.GAP) + self.box / 2

    def _blocks(self, node: Node) -> list[_Block]:
        room = self.box - 2 * self.PAD
        if node.kind == "rule":
            blocks = [_Block(_wrap(node.label, 11, room, 5), 11, "quiet")]
            axioms = [_wrap(axiom, 11, room * 0.95, 6) for axiom in node.detail.splitlines()]
            return blocks + [_Block(lines, 11, "quiet code") for lines in axioms]
        blocks = [
            _Block(_wrap(line, 13, room, 4), 13, "quiet word" if number == 1 else "ink")
            for number, line in enumerate(node.label.splitlines())
        ]
        if node.detail:
            blocks.append(_Block(["", *_wrap(node.detail, 11, room, 8)], 11, "quiet"))
        return blocks

    def _node(self, node: Node, blocks: list[_Block], column: float, top: float) -> None:
        canvas = self.canvas
        middle = self._middle(column)
        x = middle - self.box / 2
        content = ""
        y = top
        if node.kind != "rule":
            height = sum(block.height for block in blocks) + 2 * self.PAD
            fill = "focus" if node.kind == "focus" else "box"
            line = " broken" if node.kind == "inferred" else ""
            content = canvas.element(
                "rect", x=x, y=top, width=self.box, height=height, rx=6, class_=fill
            ) + canvas.element(
                "rect", x=x, y=top, width=self.box, height=height, rx=6, class_=f"frame{line}"
            )
            y += self.PAD
        for block in blocks:
            base = y + block.size
            if node.kind == "rule":
                content += canvas.lines(
                    block.lines, middle, base, block.size, block.class_, text_anchor="middle"
                )
            else:
                content += canvas.lines(block.lines, x + self.PAD, base, block.size, block.class_)
            y += block.height
        detail = f"\n{node.detail}" if node.detail else ""
        canvas.link(node.address, content, f"{' · '.join(node.label.splitlines())}{detail}")

    def _edge(
        self, edge: Edge, points: Sequence[tuple[float, float]], heights: Sequence[float]
    ) -> None:
        """Paint an edge from the bottom of its source to the top of its target."""
        (x, y), *rest = points
        y += heights[edge.source]
        path = f"M{_number(x)} {_number(y + 3)}"
        for next_x, next_y in rest:
            turn = next_y - self.RISE / 2
            path += f"V{_number(turn)}H{_number(next_x)}V{_number(next_y - 3)}"
        self.canvas.add("path", d=path, class_="edge")


class _Star:
    """A thing above, and its facts on both sides of a line that leads down from it."""

    GUTTER = 40
    PAD = 7
    SIZE = 12
    KEY = "An arrow leads from the subject to the value; a broken one is inferred."

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.canvas = _Canvas(graph)
        self.column = (WIDTH - 2 * MARGIN - self.GUTTER) / 2
        self.middle = WIDTH / 2

    def svg(self) -> str:
        """Return the picture."""
        top = self._focus()
        ends = [top + 14, top + 14]
        spine = top
        for edges in self._groups():
            side = int(ends[1] < ends[0])
            ends[side], spine_end = self._group(edges, side, ends[side])
            spine = max(spine, spine_end)
        line = f"M{_number(self.middle)} {_number(top)}V{_number(spine)}"
        self.canvas.parts.insert(0, self.canvas.element("path", d=line, class_="edge"))
        y = max(ends) + 4
        key = _wrap(self.KEY, 11, WIDTH - 2 * MARGIN, 3)
        self.canvas.parts.append(self.canvas.lines(key, MARGIN, y, 11, "quiet"))
        return self.canvas.document(self.canvas.footer(y + (len(key) - 1) * _leading(11)))

    def _focus(self) -> float:
        """Paint the thing itself, and return where its box ends."""
        node = self.graph.nodes[0]
        lines = _wrap(node.label, BOLD, WIDTH - 2 * MARGIN - 40, 3)
        wide = max(width(line, BOLD) for line in lines) + 24
        height = len(lines) * _leading(16) + 16
        box = self.canvas.element(
            "rect",
            x=self.middle - wide / 2,
            y=MARGIN,
            width=wide,
            height=height,
            rx=8,
            class_="focus",
        )
        text = self.canvas.lines(
            lines, self.middle, MARGIN + 24, 16, "ink", text_anchor="middle", font_weight="600"
        )
        self.canvas.link(node.address, box + text)
        return MARGIN + height

    def _groups(self) -> list[list[Edge]]:
        """Return the edges by property and direction, in order."""
        groups: dict[tuple[str, bool], list[Edge]] = {}
        for edge in self.graph.edges:
            groups.setdefault((edge.label, edge.source == 0), []).append(edge)
        return list(groups.values())

    def _group(self, edges: list[Edge], side: int, top: float) -> tuple[float, float]:
        """Paint the facts of a property; return where they end, and their last arrow."""
        canvas = self.canvas
        inner = self.middle + (self.GUTTER / 2 if side else -self.GUTTER / 2)
        x = inner if side else MARGIN
        heading = _wrap(edges[0].label, 11, self.column, 2)
        y = top + 14
        for line in heading:
            canvas.parts.append(canvas.lines([line], x, y, 11, "quiet word"))
            y += _leading(11)
        y -= 8
        at = y
        for edge in edges:
            outgoing = edge.source == 0
            node = self.graph.nodes[edge.target if outgoing else edge.source]
            lines = _wrap(node.label, self.SIZE, self.column - 2 * self.PAD, 3)
            height = len(lines) * _leading(self.SIZE) + 10
            rect: Attributes = {"x": x, "y": y, "width": self.column, "height": height}
            rect["rx"] = 12 if node.kind == "value" else 4
            content = (
                canvas.element("rect", class_="box", **rect)
                + canvas.element("rect", class_="frame", **rect)
                + canvas.lines(lines, x + self.PAD, y + 17, self.SIZE, "ink")
            )
            subject, value = self.graph.nodes[edge.source], self.graph.nodes[edge.target]
            canvas.link(node.address, content, f"{subject.label}: {edge.label}: {value.label}")
            at = y + height / 2
            self._arrow(inner, at, edge, to_box=outgoing)
            y += height + 5
        return y + 9, at

    def _arrow(self, inner: float, y: float, edge: Edge, *, to_box: bool) -> None:
        """Paint an arrow between the line in the middle and the box of a fact."""
        start, end = (self.middle, inner) if to_box else (inner, self.middle)
        step = 1 if end > start else -1
        line = f"M{_number(start)} {_number(y)}H{_number(end - step * 2)}"
        class_ = "edge broken" if edge.inferred else "edge"
        tip = end - step * (1 if to_box else 2)
        head = f"M{_number(tip - step * 6)} {_number(y - 4)}L{_number(tip)} {_number(y)}"
        head += f"L{_number(tip - step * 6)} {_number(y + 4)}"
        self.canvas.add("path", d=line, class_=class_)
        self.canvas.add("path", d=head, class_="edge")


class _Lanes:
    """Rows from above to below; a line leads down for each lane, with marks where rows touch it."""

    FIRST = 40
    """Where the first lane is; before it are the numbers of passages."""
    PITCH = 15
    BAND = 112
    """The height of the names of lanes."""
    NOTE = (
        "A large mark: who does it, or is in it. A small mark: to whom it is done. "
        "Numbers are passages."
    )
    REPEAT = 900
    """After how many pixels the names of lanes come again."""

    def __init__(self, lanes: Lanes) -> None:
        self.lanes = lanes
        self.canvas = _Canvas(lanes)
        self.text = self.FIRST + max(len(lanes.lanes), 1) * self.PITCH + 6
        touched = [{*row.doers, *row.others} for row in lanes.rows]
        self.spans = [
            [at for at, numbers in enumerate(touched) if number in numbers]
            for number in range(len(lanes.lanes))
        ]
        """For each lane, the rows that touch it."""

    def svg(self) -> str:
        """Return the picture."""
        y = self._key(self.canvas.heading())
        named: float = -self.REPEAT  # where the names of lanes stood last
        passage = ""
        for at, row in enumerate(self.lanes.rows):
            top = y
            if row.order != passage:
                y += 8
                if y - named > self.REPEAT:
                    top = y = named = self._names(at, y)
            height = self._height(row)
            self._lane_parts(at, top, y + 11, y + height)
            if row.order != passage:
                self._passage(row, y)
                passage = row.order
            self._row(row, y)
            y += height
        return self.canvas.document(self.canvas.footer(y))

    def _key(self, y: float) -> float:
        """Paint what the shapes mean, and return where the next line may be."""
        kinds = dict.fromkeys((row.shape, row.kind) for row in self.lanes.rows)
        x: float = MARGIN
        for shape, kind in kinds:
            words = _wrap(kind, 11, WIDTH - 2 * MARGIN - 18, 1)
            wide = 20 + width(words[0], 11) + 14
            if x + wide > WIDTH:
                x, y = MARGIN, y + 20
            self._mark(shape, x + 6, y + 4, 5, "edge")
            self.canvas.parts.append(self.canvas.lines(words, x + 18, y + 8, 11, "quiet"))
            x += wide
        y += 22
        note = wrap(self.NOTE, 11, WIDTH - 2 * MARGIN, 2)
        self.canvas.parts.append(self.canvas.lines(note, MARGIN, y + 8, 11, "quiet"))
        return y + _leading(11) * len(note)

    def _names(self, at: int, y: float) -> float:
        """Paint the names of the lanes that go on below, and return where they end."""
        y += self.BAND
        for number, lane in enumerate(self.lanes.lanes):
            rows = self.spans[number]
            x = self.FIRST + number * self.PITCH
            if rows and rows[-1] >= at:
                name = _wrap(lane.label, 12, 124, 1)
                place = f"rotate(-60 {_number(x)} {_number(y)})"
                text = self.canvas.lines(name, x, y, 12, "ink", transform=place)
                self.canvas.link(lane.address, text, lane.label)
        return y + 10

    def _lane_parts(self, at: int, top: float, middle: float, bottom: float) -> None:
        """Paint the part of each lane that passes a row."""
        for number, rows in enumerate(self.spans):
            if rows and rows[0] <= at <= rows[-1]:
                x = self.FIRST + number * self.PITCH
                start = middle if at == rows[0] else top
                end = middle if at == rows[-1] else bottom
                line = f"M{_number(x)} {_number(start)}V{_number(end)}"
                self.canvas.add("path", d=line, class_=f"lane l{number % len(COLOURS)}")

    def _lines(self, row: Row) -> tuple[list[str], list[str], list[str]]:
        """Return the kind, the words and the places of a row in lines."""
        room = WIDTH - MARGIN - self.text
        kind = [] if row.shape == "circle" else _wrap(row.kind, 11, room, 1)
        places = _wrap(row.where, 11, room, 2) if row.where else []
        return kind, _wrap(row.label, 13, room, 4), places

    def _height(self, row: Row) -> float:
        kind, words, places = self._lines(row)
        small = len(kind) + len(places)
        return max(small * _leading(11) + len(words) * _leading(13) + 9, 30)

    def _passage(self, row: Row, y: float) -> None:
        number = _wrap(row.order, 11, self.FIRST - MARGIN - 6, 1)
        text = self.canvas.lines(number, MARGIN, y + 15, 11, "quiet")
        self.canvas.link(row.passage, text, f"passage {row.order}")

    def _row(self, row: Row, y: float) -> None:
        canvas = self.canvas
        kind, words, places = self._lines(row)
        self._marks(row, y + 11)
        base = y + 15
        content = ""
        content += canvas.lines(kind, self.text, base - 1, 11, "quiet word")
        base += len(kind) * _leading(11)
        content += canvas.lines(words, self.text, base, 13, "ink")
        base += len(words) * _leading(13) - 2
        content += canvas.lines(places, self.text, base, 11, "quiet")
        who = f"\nwho: {', '.join(row.who)}" if row.who else ""
        where = f"\nwhere: {row.where}" if row.where else ""
        canvas.link(row.address, content, f"{row.label} ({row.kind}){who}{where}")

    def _marks(self, row: Row, y: float) -> None:
        """Paint a mark on each lane of a row, and a line that joins them and leads to the words."""
        numbers = sorted({*row.doers, *row.others})
        style = {"diamond": " broken", "triangle": " dotted"}.get(row.shape, "")
        xs = [self.FIRST + number * self.PITCH for number in numbers]
        start = xs[0] if xs else self.text - 14
        if len(xs) > 1:
            line = f"M{_number(start)} {_number(y)}H{_number(xs[-1])}"
            self.canvas.add("path", d=line, class_=f"edge{style}", stroke_width=1.5)
        leader = f"M{_number((xs[-1] if xs else start) + 7)} {_number(y)}H{_number(self.text - 4)}"
        self.canvas.add("path", d=leader, class_=f"frame{style}")
        if not xs:
            self._mark(row.shape, start, y, 4, "edge")
        for number, x in zip(numbers, xs, strict=True):
            size = 5.5 if number in row.doers else 3.5
            self._mark(row.shape, x, y, size, f"l{number % len(COLOURS)}")

    def _mark(self, shape: str, x: float, y: float, size: float, class_: str) -> None:
        """Paint a mark: full for what is so, hollow for what is only supposed."""
        class_ += " paper" if shape in ("diamond", "triangle") else " full"
        style: Attributes = {"class_": class_, "stroke_width": 1.8}
        if shape == "circle":
            self.canvas.add("circle", cx=x, cy=y, r=size, **style)
        else:
            corners = (
                f"{_number(x + across * size)} {_number(y + down * size)}"
                for across, down in CORNERS[shape]
            )
            path = f"M{'L'.join(corners)}Z"
            self.canvas.add("path", d=path, stroke_linejoin="round", **style)
