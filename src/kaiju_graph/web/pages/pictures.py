"""The pictures of a site: files beside the pages of things, and a page for each stored picture."""

from __future__ import annotations

import re
import shlex
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from kaiju_graph.evidence.description import describe
from kaiju_graph.pictures import lanes, neighbourhood, proof, svg
from kaiju_graph.pictures.picture import web_address
from kaiju_graph.web.pages import addresses

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyoxigraph as ox

    from kaiju_graph.pictures.picture import Address, Picture, Row
    from kaiju_graph.rdf.terms import Term, Triple
    from kaiju_graph.sparql.questions import Question
    from kaiju_graph.web.pages.content import Content

__all__ = [
    "FEWEST",
    "Image",
    "PicturePage",
    "Stored",
    "draw_proof",
    "draw_thing",
    "find_stored",
    "read_picture",
]

FEWEST = 3
"""How many facts a thing has at least to have a picture, and a proof rules to be drawn as a tree.

Fewer are seen at a glance in the text of the page.
"""
SIZE = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')


class Image(NamedTuple):
    """A picture as a file."""

    address: str
    title: str
    description: str
    width: str
    height: str
    text: str
    """The file itself."""


class Stored(NamedTuple):
    """A stored picture of one subject."""

    question: Question
    subject: Term
    title: str
    """The name of the subject."""
    solutions: list[Mapping[str, Term]]


class PicturePage(NamedTuple):
    """The page of a stored picture."""

    image: Image
    rows: tuple[Row, ...]
    """What the picture shows, in words."""
    command: str


def draw_thing(content: Content, term: ox.NamedNode, address: str) -> Image | None:
    """Return the picture of a thing among its neighbours, or None if it has few.

    Args:
        content: the content of the site.
        term: the thing.
        address: the address of the picture.
    """
    facts = describe(content.touching[term], term)
    star = neighbourhood.draw_thing(
        term, facts, content.order, lambda term: content.link(term).text, _leads(content, address)
    )
    return _image(star, address) if len(star.edges) >= FEWEST else None


def draw_proof(content: Content, triple: Triple, address: str) -> Image | None:
    """Return the proof of a triple as a tree, or None if it has a single step."""
    found = content.kg.explainer.prove(triple)
    if found.steps < FEWEST - 1:
        return None
    return _image(proof.draw_proof(content.grounds, found, _leads(content, address)), address)


def find_stored(content: Content) -> dict[str, Stored]:
    """Return the stored pictures, each of one subject: address without its ending → picture."""
    found: dict[str, Stored] = {}
    for name in lanes.picture_names(content.kg.project):
        question, solutions = content.kg.picture_solutions(name, {})
        subjects: dict[Term, list[Mapping[str, Term]]] = {}
        for solution in solutions:
            subjects.setdefault(solution["subject"], []).append(solution)
        keys = {subject: f"{name}-{_local(content, subject)}" for subject in subjects}
        files = addresses.file_names(keys.values())
        for subject, members in subjects.items():
            title = members[0]["title"].value
            stored = Stored(question, subject, title, members)
            found[f"picture/{files[keys[subject]]}"] = stored
    return found


def _local(content: Content, subject: Term) -> str:
    return content.addresses.get(subject, "").rpartition("/")[2].removesuffix(".html") or "x"


def read_picture(content: Content, stored: Stored, stem: str) -> PicturePage:
    """Return the page of a stored picture."""
    address = f"{stem}.svg"
    picture = lanes.draw_lanes(stored.question, stored.solutions, _leads(content, address))
    rows = lanes.draw_lanes(
        stored.question, stored.solutions, lambda term: content.addresses.get(term, "")
    ).rows
    words = ["kaiju", "draw", stored.question.name]
    for parameter in stored.question.parameters[:1]:
        subject = content.prefixes.shorten(str(stored.subject)[1:-1])
        words += ["-p", f"{parameter.name}={subject}"]
    return PicturePage(_image(picture, address), rows, shlex.join(words))


def _image(picture: Picture, address: str) -> Image:
    text = svg.write(picture)
    size = SIZE.search(text)
    width, height = size.groups() if size else ("", "")
    return Image(address, picture.title, picture.description, width, height, text)


def _leads(content: Content, here: str) -> Address:
    """Return a function that returns where a term leads from the address of a picture."""
    return partial(_lead, content, here)


def _lead(content: Content, here: str, term: Term) -> str:
    address = content.addresses.get(term) or web_address(term)
    return addresses.relative(here, address) if address else ""
