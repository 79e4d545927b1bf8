"""Pictures in lanes: rows in the order of time, with a lane for each that takes part in several.

A project stores such a picture as a query, ``ontology/pictures/NAME.rq``, with the header of a
stored question, whose summary is the title. Its solutions are in the order of the rows. One row
takes as many solutions as it has participants and places:

``?subject``, ``?title``     what the picture is about, and its name; one picture has one subject
``?passage``, ``?order``     the passage that tells the row, and its number
``?row``, ``?text``          the row, and what it says
``?kind``, ``?shape``        whether it is so, in words; ``circle``, ``square``, ``diamond`` or
                             ``triangle``, of which the last two have broken lines
``?role``                    ``does`` or ``undergoes``, or a preposition before a place
``?thing``, ``?name``        who has that role, or the place; unbound if there is none
"""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.errors import QueryError, UnknownNameError
from kaiju_graph.pictures.picture import Lane, Lanes, Row
from kaiju_graph.pictures.words import rest_note
from kaiju_graph.project.spelling import did_you_mean
from kaiju_graph.rdf.terms import solution
from kaiju_graph.sparql.questions import parse_question

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kaiju_graph.pictures.picture import Address
    from kaiju_graph.project.layout import Project
    from kaiju_graph.rdf.terms import Term
    from kaiju_graph.sparql.execute import Result
    from kaiju_graph.sparql.questions import Question

__all__ = [
    "FOLDER",
    "SHAPES",
    "draw_lanes",
    "find_picture",
    "picture_names",
    "read_solutions",
]

FOLDER = "ontology/pictures"
MAX_LANES = 9
MAX_ROWS = 400
FEWEST = 2
"""How many rows something takes part in before it has a lane."""
SHAPES = ("circle", "square", "diamond", "triangle")
DOES, UNDERGOES = "does", "undergoes"
NEEDED = tuple("subject title passage order row text kind shape".split())
"""The columns that every solution has."""


class _Part(NamedTuple):
    """A participant or a place of a row."""

    role: str
    thing: Term
    name: str


def picture_names(project: Project) -> list[str]:
    """Return the names of the stored pictures, sorted."""
    return [file[len(FOLDER) + 1 : -len(".rq")] for file in project.files(FOLDER, ".rq")]


def find_picture(project: Project, name: str) -> Question:
    """Return the query of a stored picture.

    Raises:
        UnknownNameError: there is no such picture.
        QueryError: the file has no summary, or a parameter in another form.
    """
    names = picture_names(project)
    if name not in names:
        expected = f"; expected one of {', '.join(names)}" if names else "; the project has none"
        raise UnknownNameError(f"no picture {name!r}{did_you_mean(name, names) or expected}")
    file = f"{FOLDER}/{name}.rq"
    return parse_question(name, project.read(file), file)


def read_solutions(result: Result) -> list[dict[str, Term]]:
    """Return the solutions of a SELECT query: variable → term, without unbound variables.

    Raises:
        QueryError: the query is of another form.
    """
    if not isinstance(result, ox.QuerySolutions):
        raise QueryError("found a query of another form; expected SELECT")
    names = [variable.value for variable in result.variables]
    return [solution(names, row) for row in result]


def draw_lanes(
    question: Question, solutions: Iterable[Mapping[str, Term]], address: Address
) -> Lanes:
    """Return the picture of the solutions of a stored picture's query.

    Args:
        question: the query, for its title and description.
        solutions: its solutions, in order.
        address: where a term leads.

    Raises:
        UnknownNameError: there are no solutions, or they are about several subjects.
        QueryError: a solution lacks a column, or has an unknown shape.
    """
    solutions = list(solutions)
    _check(question, solutions)
    rows = [(solution, [*_parts(members)]) for solution, members in _group(solutions)]
    left_out = len(rows[MAX_ROWS:])
    rows = rows[:MAX_ROWS]
    lanes = _choose_lanes(parts for _, parts in rows)
    numbers = {thing: number for number, thing in enumerate(lanes)}
    title = solutions[0]["title"].value
    return Lanes(
        f"{title}: {question.summary[:1].lower()}{question.summary[1:]}",
        question.description,
        tuple(Lane(name, address(thing)) for thing, name in lanes.items()),
        tuple(_row(solution, parts, numbers, address) for solution, parts in rows),
        rest_note(left_out, "row"),
    )


def _check(question: Question, solutions: list[Mapping[str, Term]]) -> None:
    place = f"{FOLDER}/{question.name}.rq"
    expected = ", ".join(f"?{name}" for name in NEEDED)
    for row in solutions:
        for name in NEEDED:
            if name not in row:
                raise QueryError(f"{place}: found a solution without ?{name}; expected {expected}")
        if (shape := row["shape"].value) not in SHAPES:
            raise QueryError(f"{place}: found ?shape {shape!r}; expected {', '.join(SHAPES)}")
    subjects = {row["subject"]: row["title"].value for row in solutions}
    if len(subjects) > 1:
        names = ", ".join(sorted(subjects.values()))
        name = question.parameters[0].name if question.parameters else "name"
        raise UnknownNameError(
            f"picture {question.name}: found {len(subjects)} subjects; "
            f"expected -p {name}= and one of {names}"
        )
    if not subjects:
        raise UnknownNameError(f"picture {question.name}: found nothing to draw")


def _group(
    solutions: Iterable[Mapping[str, Term]],
) -> Iterator[tuple[Mapping[str, Term], list[Mapping[str, Term]]]]:
    """Yield the solutions of each row, with the first of them."""
    for _, members in groupby(solutions, key=lambda row: row["row"]):
        solutions_of_row = list(members)
        yield solutions_of_row[0], solutions_of_row


def _parts(solutions: Iterable[Mapping[str, Term]]) -> Iterator[_Part]:
    for row in solutions:
        if "thing" in row and "name" in row and "role" in row:
            yield _Part(row["role"].value, row["thing"], row["name"].value)


def _choose_lanes(rows: Iterable[list[_Part]]) -> dict[Term, str]:
    """Return the participants of most rows with their names, in the order of their first rows."""
    counts: Counter[Term] = Counter()
    names: dict[Term, str] = {}
    for parts in rows:
        people = {part.thing: part.name for part in parts if part.role in (DOES, UNDERGOES)}
        counts.update(people.keys())
        for thing, name in people.items():
            names.setdefault(thing, name)
    most = [thing for thing, count in counts.most_common(MAX_LANES) if count >= FEWEST]
    return {thing: name for thing, name in names.items() if thing in most}


def _row(
    solution: Mapping[str, Term], parts: list[_Part], numbers: Mapping[Term, int], address: Address
) -> Row:
    def lanes(role: str) -> tuple[int, ...]:
        chosen = {numbers[p.thing] for p in parts if p.role == role and p.thing in numbers}
        return tuple(sorted(chosen))

    doers = lanes(DOES)
    places = [part for part in parts if part.role not in (DOES, UNDERGOES)]
    people = [part.name for part in parts if part.role in (DOES, UNDERGOES)]
    return Row(
        solution["text"].value,
        solution["kind"].value,
        solution["shape"].value,
        ", ".join(f"{part.role} {part.name}" for part in places),
        doers,
        tuple(number for number in lanes(UNDERGOES) if number not in doers),
        tuple(dict.fromkeys(people)),
        solution["order"].value,
        address(solution["row"]),
        address(solution["passage"]),
    )
