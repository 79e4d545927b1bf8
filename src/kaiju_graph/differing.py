"""Stage 8, beside asking: two states of a graph → what one says that the other does not.

A side is a project's folder, a git revision of the project at hand, or a data file. Where both
have named graphs, statements are compared graph by graph; else only the merged triples are, as a
file of one graph knows no layers. Blank nodes have no name to compare: two are the same if what is
said of them is, through any chain (bisimilar), however a parser labels them.
"""

from __future__ import annotations

import os
from collections import Counter
from hashlib import sha256
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph import asking, querying, revisions, sources, store, terms
from kaiju_graph.errors import InputError, UnreachableError
from kaiju_graph.project import FOLDERS, read_bytes
from kaiju_graph.sources import LAYERS, layers, select
from kaiju_graph.terms import Quad, Triple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kaiju_graph.asking import Question
    from kaiju_graph.project import Project
    from kaiju_graph.terms import Term

__all__ = ["Answers", "Change", "Difference", "Row", "Side", "compare", "side"]

MERGED = "merged"
"""The layer of statements of which no layer is known."""
ORDER = (*LAYERS, MERGED)
DEFAULT = ox.NamedNode(terms.GRAPH + "merged")

Row = tuple[tuple[str, "Term"], ...]
"""A row of an answer: the variables that are bound, each with its term."""


class Side(NamedTuple):
    """One of two states of a graph."""

    name: str
    quads: list[Quad]
    project: Project
    """Whose prefixes it has: its own, or, of a file, those of the project at hand."""
    questions: tuple[Question, ...] | None
    """Its stored questions; None where it is a file, which has none."""

    @property
    def layered(self) -> bool:
        """Whether its statements stand in named graphs."""
        return any(quad.graph != DEFAULT for quad in self.quads)


class Change(NamedTuple):
    """A statement that only one side has."""

    layer: str
    graph: ox.NamedNode
    triple: Triple
    added: bool
    """Whether the new side has it."""


class Answers(NamedTuple):
    """A stored question whose answer is not the same on both sides."""

    name: str
    summary: str
    only: str
    """``old`` or ``new`` where only that side has the question, else nothing."""
    removed: tuple[Row, ...] = ()
    added: tuple[Row, ...] = ()


class Difference(NamedTuple):
    """What differs between two sides."""

    old: Side
    new: Side
    changes: list[Change]
    answers: list[Answers]
    asked: int
    """How many questions were asked on either side."""

    @property
    def equal(self) -> bool:
        """Whether nothing differs."""
        return not (self.changes or self.answers)


def side(name: str, here: Project, load: Callable[[str], tuple[Project, list[Quad]]]) -> Side:
    """Return the state of a graph that a name means: a folder, else a file, else a git revision.

    Args:
        name: a project's folder, a data file by its ending, or a revision.
        here: the project at hand, in whose repository a revision is looked for.
        load: returns the project of a folder, and its quads.

    Raises:
        UnreachableError: the name means nothing that can be read.
        InputError: it does not load; the message names file and line.
    """
    if os.path.isdir(name):
        missing = [each for each in FOLDERS if not os.path.isdir(os.path.join(name, each))]
        if missing:
            raise UnreachableError(f"{name}: not a project: it has no {', '.join(missing)}")
        return _loaded(name, name, load)
    if os.path.splitext(name)[1] in sources.FORMATS:
        quads = list(sources.parse(name, read_bytes(name, name), DEFAULT))
        if any(quad.graph != DEFAULT for quad in quads):  # as in the files of a project
            outside = terms.EVIDENCE
            quads = [q._replace(graph=outside) if q.graph == DEFAULT else q for q in quads]
        return Side(name, quads, here, None)
    with TemporaryDirectory(prefix="kaiju-") as folder:
        revisions.extract(here.root, name, folder)
        return _loaded(name, folder, load)


def _loaded(name: str, root: str, load: Callable[[str], tuple[Project, list[Quad]]]) -> Side:
    try:
        found, quads = load(root)
        return Side(name, quads, found, tuple(asking.questions(found)))
    except InputError as error:
        raise type(error)(f"{name}: {error}") from None


def compare(
    old: Side, new: Side, here: Project, progress: Callable[[str], None] = lambda _: None
) -> Difference:
    """Return what differs between two sides: statements, and the answers to stored questions.

    Each side is asked its own questions; a file is asked those of the other side, and two files
    those of the project at hand.

    Raises:
        QueryError: a stored question does not parse.
    """
    progress("comparing the statements")
    layered = old.layered and new.layered
    old, new = _settled(old, new)
    before, after = (_statements(each, layered=layered) for each in (old, new))
    changes = [
        Change(layer, quad.graph, quad.triple, added)
        for added, found in ((False, before - after), (True, after - before))
        for layer, quad in found
    ]
    changes.sort(key=_order)
    own = [each.questions for each in (old, new)]
    usual = own[0] or own[1] or tuple(asking.questions(here))
    asked = [{q.name: q for q in (usual if each is None else each)} for each in own]
    names = sorted(asked[0] | asked[1])
    count = len(names)
    if not changes and old.project.prefixes == new.project.prefixes:
        names = [name for name in names if asked[0].get(name) != asked[1].get(name)]
    stores = [_store(each, layered=layered) for each in (old, new)] if names else []

    def answers(name: str) -> Answers | None:
        progress(f"asking {name}")
        return _answers(name, asked, stores, (old, new))

    differing = [found for name in names if (found := answers(name))]
    return Difference(old, new, changes, differing, count)


def _order(change: Change) -> tuple[int, str, str, str, bool, str]:
    graph, *subject_predicate, value = terms.text_order(Quad(*change.triple, change.graph))
    subject, predicate = subject_predicate
    return ORDER.index(change.layer), graph, subject, predicate, change.added, value


def _statements(of: Side, *, layered: bool) -> set[tuple[str, Quad]]:
    """Return the statements of a side, each with its layer."""
    if layered:
        layer = layers(of.quads)
        return {(layer[quad.graph.value], quad) for quad in of.quads}
    return {(MERGED, Quad(*triple, DEFAULT)) for triple in _merge(of)}


def _merge(of: Side) -> dict[Triple, None]:
    return terms.merge(select(of.quads, *store.MERGED))


def _store(of: Side, *, layered: bool) -> ox.Store:
    if layered:
        return store.fill(of.quads)
    made = ox.Store()
    made.bulk_extend(ox.Quad(*triple) for triple in _merge(of))
    return made


def _answers(
    name: str, asked: list[dict[str, Question]], stores: list[ox.Store], sides: tuple[Side, Side]
) -> Answers | None:
    """Return how the answers to a question differ, or None where they do not."""
    known = [questions[name] for questions in asked if name in questions]
    summary = known[-1].summary
    if len(known) < len(sides):
        return Answers(name, summary, "old" if name in asked[0] else "new")
    rows = [
        _rows(querying.run(held, question.text, each.project.prefixes, f"queries/{name}.rq"))
        for held, question, each in zip(stores, known, sides, strict=True)
    ]
    removed, added = rows[0] - rows[1], rows[1] - rows[0]
    if not (removed or added):
        return None
    in_order = [tuple(sorted(found.elements(), key=str)) for found in (removed, added)]
    return Answers(name, summary, "", *in_order)


def _rows(answer: querying.Found) -> Counter[Row]:
    """Return the rows of any answer; of a graph its triples, of a boolean one row."""
    if isinstance(answer, ox.QueryBoolean):
        return Counter([(("answer", ox.Literal(bool(answer))),)])
    if isinstance(answer, list):
        return Counter(
            (("subject", t.subject), ("predicate", t.predicate), ("object", t.object))
            for t in answer
        )
    names = [variable.value for variable in answer.variables]
    return Counter(tuple(terms.bound(names, row).items()) for row in answer)


def _settled(*sides: Side) -> list[Side]:
    """Return sides whose blank nodes are labelled by what is said of them, the same in both.

    Nodes are told apart by what is said of them, round by round, until no round tells more apart:
    the partition refinement of R. Paige and R. E. Tarjan (1987), in its plain form.
    """
    said: dict[tuple[int, Term], list[Quad]] = {}
    for at, each in enumerate(sides):
        for quad in each.quads:
            for term in (quad.subject, quad.object):
                if isinstance(term, ox.BlankNode):
                    said.setdefault((at, term), [])
            if isinstance(quad.subject, ox.BlankNode):
                said[at, quad.subject].append(quad)
    names = dict.fromkeys(said, "")
    kinds = 0
    while len(set(names.values())) > kinds:
        kinds = len(set(names.values()))
        names = {
            (at, node): _label(
                f"{quad.predicate} {names.get((at, quad.object), str(quad.object))}"
                for quad in quads
            )
            for (at, node), quads in said.items()
        }

    return [
        each._replace(quads=[_renamed(quad, at, names) for quad in each.quads])
        for at, each in enumerate(sides)
    ]


def _renamed(quad: Quad, at: int, names: dict[tuple[int, Term], str]) -> Quad:
    if name := names.get((at, quad.subject)):
        quad = quad._replace(subject=ox.BlankNode(name))
    if name := names.get((at, quad.object)):
        quad = quad._replace(object=ox.BlankNode(name))
    return quad


def _label(statements: Iterable[str]) -> str:
    return f"b{sha256(chr(10).join(sorted(set(statements))).encode()).hexdigest()[:24]}"
