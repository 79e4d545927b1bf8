"""Articles: named things, passages, and the files of a project."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

COMPUTED = 6
"""Quads computed from a passage: type, article, start, end, order, section."""
LICENCE = "dcterms:license <https://creativecommons.org/publicdomain/zero/1.0/>"
PREFIXES = """\
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

@prefix ev: <https://w3id.org/kaiju/evidence#> .
@prefix film: <https://w3id.org/kaiju/film#> .
@prefix graph: <https://w3id.org/kaiju/graph/> .
@prefix id: <https://w3id.org/kaiju/id/> .
@prefix story: <https://w3id.org/kaiju/story#> .
"""

KINDS = {
    "city": ("story:City", "{word} City"),
    "company": ("film:Company", "{word} Film"),
    "country": ("film:Place", "{word}land"),
    "film": ("film:Film", "{word}: The Great Battle"),
    "force": ("story:Organization", "{word} Force"),
    "genre": ("film:Genre", "{word} film"),
    "human": ("story:HumanCharacter", "{word} {family}"),
    "language": ("film:Language", "{word}ese"),
    "monster": ("story:Monster", "{word}"),
    "person": ("film:Person", "{word} {family}"),
    "region": ("story:Setting", "{word} Island"),
    "series": ("film:FilmSeries", "{word} series"),
    "weapon": ("story:Object", "{word} cannon"),
}
"""Kind of a named thing → its class, and the pattern of its name."""

SYLLABLES = [consonant + vowel for consonant in "bdghkmnprstvyz" for vowel in "aeiou"]
WORDS = len(SYLLABLES) ** 3
STEP = 104_729
"""A prime that does not divide the number of words, so that every word is used once."""

Block = tuple[str, ...]
"""A subject and its statements in Turtle, each a predicate with one object."""


class Thing(NamedTuple):
    """A named thing: its CURIE and its name."""

    curie: str
    name: str


class World:
    """The named things that the articles of a project share, and the count of its quads."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 (no secrets)
        self.quads = 0
        self.things: dict[str, list[Thing]] = {kind: [] for kind in KINDS}
        self.entities: list[Block] = []
        self.matches: list[Block] = []
        self.licences: list[Block] = []
        self._regions: dict[Thing, Thing] = {}
        self._syllables = self.random.sample(SYLLABLES, len(SYLLABLES))

    def new(self, kind: str) -> Thing:
        """Make a thing whose name begins with a new word."""
        number = len(self.entities)
        if number >= WORDS:
            raise ValueError(f"found more than {WORDS} things; expected a smaller size")
        rest, first = divmod(number * STEP % WORDS, len(SYLLABLES))
        places = first, *divmod(rest, len(SYLLABLES))
        word = "".join(self._syllables[place] for place in places).capitalize()
        family = "".join(self.random.choices(SYLLABLES, k=2)).capitalize()
        name = KINDS[kind][1].format(word=word, family=family)
        thing = Thing("id:" + name.lower().replace(":", "").replace(" ", "-"), name)
        self.things[kind].append(thing)
        self.entities.append((thing.curie, f"a {KINDS[kind][0]}", label(name)))
        self.quads += 2
        if kind in ("film", "person"):
            page = ("title/tt" if kind == "film" else "name/nm") + f"{number:07}"
            self.matches.append((thing.curie, f"skos:exactMatch <https://www.imdb.com/{page}/>"))
            self.quads += 1
        return thing

    def some(self, kind: str, fresh: float) -> Thing:
        """Return a thing of a kind, which is new with probability ``fresh`` (0 to 1)."""
        known = self.things[kind]
        old = known and self.random.random() > fresh
        return self.random.choice(known) if old else self.new(kind)

    def several(self, kind: str, fresh: float, count: int) -> list[Thing]:
        """Return ``count`` different things of a kind."""
        things: dict[Thing, None] = {}
        while len(things) < count:
            things[self.some(kind, fresh)] = None
        return list(things)

    def region(self, city: Thing) -> Thing:
        """Return the region of a city, the same at every call."""
        if city not in self._regions:
            self._regions[city] = self.some("region", 0.2)
        return self._regions[city]

    def write(self, folder: Path) -> None:
        """Write the named things and the curations into ``graph/``."""
        graphs = {"imdb": self.matches, "licences": self.licences}
        text = [PREFIXES]
        for name, blocks in graphs.items():
            graph, words = f"graph:curation-{name}", f'"{name} of an invented world"@en'
            node = graph, "a ev:Curation", label(f"{name} of the benchmark"), f"ev:source {words}"
            text.append(f"\n{format_block(node)}\n{graph} {{\n{format_blocks(blocks)}}}\n")
            self.quads += len(node) - 1
        write(folder / "curation.trig", text)
        write(folder / "entities.ttl", [PREFIXES, *("\n" + format_block(b) for b in self.entities)])


class Article:
    """An article on a series of films: its text and the statements of its passages."""

    def __init__(self, world: World, series: Thing) -> None:
        self.films: list[Thing] = []
        self.text: list[str] = []
        self._world = world
        self._slug = series.curie.removeprefix("id:")
        self._passages = 0
        namespace = f"https://w3id.org/kaiju/{self._slug}/"
        self._statements = [PREFIXES, f"@prefix at: <{namespace}> .\n"]
        world.licences.append((f"<{namespace}article>", LICENCE))
        world.quads += 4  # type, label, hash and licence of the article

    def passage(self, mark: str, quote: str, *blocks: Block, context: str = "") -> str:
        """Add a passage and its statements; return its CURIE.

        Args:
            mark: the text before it in the article.
            quote: its words.
            blocks: its statements.
            context: a passage that is needed to understand this one.
        """
        self._passages += 1
        name = f"at:passage-{self._passages}"
        above = name, f'ev:quote "{quote}"@en', *([f"ev:needsContext {context}"] if context else [])
        self.text.append(mark + quote)
        self._statements.append(f"\n{format_block(above)}\n{name} {{\n{format_blocks(blocks)}}}\n")
        self._world.quads += COMPUTED + sum(len(block) - 1 for block in (above, *blocks))
        return name

    def write(self, folder: Path) -> None:
        """Write the article's own folder into ``graph/``."""
        about = [f"ev:about {film.curie}" for film in self.films]
        node = "at:article", "a ev:Article", label(f"article {self._slug}"), *about
        self._world.quads += len(about)
        (folder / self._slug).mkdir()
        write(folder / self._slug / "article.txt", [*self.text, "\n"])
        write(folder / self._slug / "films.trig", [*self._statements, "\n", format_block(node)])


def label(text: str) -> str:
    """Return the statement of a label."""
    return f'rdfs:label "{text}"@en'


def format_block(block: Block, indent: str = "") -> str:
    """Return a block in Turtle."""
    subject, *statements = block
    return f"{indent}{subject} " + f" ;\n{indent}    ".join(statements) + " .\n"


def format_blocks(blocks: Iterable[Block]) -> str:
    """Return the blocks of a graph in TriG."""
    return "\n".join(format_block(block, "    ") for block in blocks)


def write(path: Path, parts: Iterable[str]) -> None:
    """Write a file: UTF-8, with LF on every system."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(parts)
