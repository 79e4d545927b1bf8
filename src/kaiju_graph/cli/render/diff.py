"""The difference between two states of a graph as text or JSON."""

from __future__ import annotations

import re
from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.cli.render.text import HANGING, json_text, quantity, wrap
from kaiju_graph.diff.changes import PLACES
from kaiju_graph.diff.states import MERGED
from kaiju_graph.project.names import Names
from kaiju_graph.rdf.notation import node_text
from kaiju_graph.rdf.terms import EV, EVIDENCE, ORDER, QUOTE, TYPE, closure, term_json

if TYPE_CHECKING:
    from kaiju_graph.diff.changes import Answers, Change, Difference, Row
    from kaiju_graph.diff.states import State
    from kaiju_graph.rdf.terms import Quad, Term

__all__ = ["paint_diff", "render_diff", "uncompared_note"]

OUTSIDE = "statements outside its named graphs"
COUNTED = {ox.NamedNode(iri) for iri in (*PLACES, EV + "hash")}
"""Properties that change for many passages with one word of an article; they are only counted."""


def render_diff(difference: Difference, form: str, width: int = 0) -> str:
    """Return the changes by layer, named graph and thing, and then by question.

    Args:
        difference: the difference.
        form: ``text`` or ``json``.
        width: columns of the terminal; 0 where there is none.
    """
    if form == "json":
        return _json(difference)
    if difference.equal:
        return "no difference\n"
    views = {False: _View(difference.old), True: _View(difference.new)}
    order = views[False].order | views[True].order
    lines: list[str] = []
    for layer, members in groupby(difference.changes, key=lambda change: change.layer):
        lines.append(layer)
        in_order = sorted(members, key=lambda change: order.get(change.graph, 0))
        for _, of_graph in groupby(in_order, key=lambda change: change.graph):
            lines += _graph_lines(list(of_graph), views)
    lines += _answers_lines(difference, views)
    lines.append(_summary(difference))
    return "".join(
        wrap(line.lstrip(), width, " " * (len(line) - len(line.lstrip()))) for line in lines
    )


def paint_diff(text: str) -> str:
    r"""Return a diff as text with removed lines in red and added lines in green.

    >>> paint_diff("same\n  - one\n")
    'same\n  \x1b[31m- one\x1b[0m\n'
    """
    colours = {"-": "\x1b[31m", "+": "\x1b[32m"}
    lines = re.compile(rf"^( *)(([-+]) .*(?:\n {{{len(HANGING)}}}.*)*)", re.MULTILINE)
    return lines.sub(lambda match: f"{match[1]}{colours[match[3]]}{match[2]}\x1b[0m", text)


def uncompared_note(difference: Difference) -> str:
    """Return in one line which layers are not compared because only one state has them."""
    layers: dict[str, list[str]] = {}
    for layer, name in difference.uncompared.items():
        layers.setdefault(name, []).append(OUTSIDE if layer == MERGED else layer)
    notes = [f"only {name} has {', '.join(members)}" for name, members in layers.items()]
    return f"not compared: {'; '.join(notes)}" if notes else ""


class _View:
    """The names, quotes and blank nodes of a state, which are needed to show its terms."""

    def __init__(self, state: State) -> None:
        self.labels = Names(state.quads).labels
        self.prefixes = state.project.prefixes
        self.quotes = {q.subject: q.object.value for q in state.quads if q.predicate == QUOTE}
        self.order = {q.subject: int(q.object.value) for q in state.quads if q.predicate == ORDER}
        self.uses: Counter[Term] = Counter(
            term
            for _, _, term in {quad.triple for quad in state.quads}
            if isinstance(term, ox.BlankNode)
        )
        """Blank node → the number of statements with it as object."""
        self.blank: dict[Term, list[Quad]] = {}
        for quad in state.quads:
            if isinstance(quad.subject, ox.BlankNode):
                self.blank.setdefault(quad.subject, []).append(quad)

    def turtle(self, term: Term) -> str:
        return node_text(term, lambda node: self.blank.get(node, ()), self.prefixes)

    def with_label(self, term: Term) -> str:
        note = self.labels.get(term)
        if not note and self.uses[term] > 1:
            note = f"one node of {self.uses[term]} statements"
        return f"{self.turtle(term)} ({note})" if note else self.turtle(term)


def _graph_lines(changes: list[Change], views: dict[bool, _View]) -> list[str]:
    """Return the changes of a named graph by subject, below the quote if it is a passage."""
    graph = changes[0].graph
    quotes = [view.quotes[graph] for view in views.values() if graph in view.quotes]
    is_shown = changes[0].layer in ("stated", "curated")
    lines = [f"  {views[True].with_label(graph)}"] if is_shown else []
    lines += [f"    “{' '.join(quotes[-1].split())}”"] if quotes else []
    pad = "    " if is_shown else "  "
    nested = _nested_nodes(changes)
    visible = [
        change
        for change in changes
        if not _is_place(change) and (change.added, change.triple.subject) not in nested
    ]
    for subject, members in groupby(visible, key=lambda change: change.triple.subject):
        of_subject = list(members)
        is_blank = isinstance(subject, ox.BlankNode)
        if not is_blank:
            lines.append(f"{pad}{views[of_subject[0].added].with_label(subject)}")
        # A blank node is shown whole, once for each state.
        once = {change.added: change for change in of_subject}
        for change in once.values() if is_blank else of_subject:
            view, sign = views[change.added], "+" if change.added else "-"
            _, predicate, object_ = change.triple
            name = "a" if predicate == TYPE else view.turtle(predicate)
            words = view.turtle(subject) if is_blank else f"{name} {view.with_label(object_)}"
            lines.append(f"{pad}  {sign} {words}")
    moved = _moved_line(changes, views)
    return lines + ([f"{pad}{moved}"] if moved else [])


def _moved_line(changes: list[Change], views: dict[bool, _View]) -> str:
    """Return how many places in articles moved, and how far if all by as many passages."""
    removed, added = (
        {change.triple.subject for change in changes if _is_place(change) and change.added == side}
        for side in (False, True)
    )
    old, new = (views[side].order for side in (False, True))
    moved = removed & added
    steps = {new[passage] - old[passage] for passage in moved if passage in old and passage in new}
    far = (
        f": {views[True].turtle(ORDER)} {steps.pop():+d}"
        if len(steps) == 1 and 0 not in steps
        else ""
    )
    return f"{quantity(len(moved), 'place')} in articles moved{far}" if moved else ""


def _nested_nodes(changes: list[Change]) -> set[tuple[bool, Term]]:
    """Return the blank nodes that are shown as the object of another change, and not by themselves.

    In a circle of blank nodes, one is shown by itself.
    """
    links: dict[tuple[bool, Term], list[tuple[bool, Term]]] = {}
    for added, (subject, _, object_) in ((change.added, change.triple) for change in changes):
        links.setdefault((added, subject), []).append((added, object_))
    objects = {node for nodes in links.values() for node in nodes}
    inner = [node for node in links if isinstance(node[1], ox.BlankNode) and node in objects]
    reached = closure(links.keys() - inner, links)
    nested = reached.intersection(inner)
    for node in inner:
        if node not in reached:
            new = closure([node], links)
            nested |= new.intersection(inner) - reached - {node}
            reached |= new
    return nested


def _is_place(change: Change) -> bool:
    return change.graph == EVIDENCE and change.triple.predicate in COUNTED


def _answers_lines(difference: Difference, views: dict[bool, _View]) -> list[str]:
    """Return the changed rows by question; rows in which only places moved are counted."""
    lines = ["answers"] if difference.answers else []
    moved: list[int] = []
    for answers in difference.answers:
        heading = f"  {answers.name}: {answers.summary}"
        if answers.only:
            state = difference.old if answers.only == "old" else difference.new
            lines += [heading, f"    only {state.name} has this question"]
            continue
        removed, added, count = _leave_out_moved(answers)
        if not (removed or added):
            moved.append(count)
            continue
        lines.append(heading)
        lines += (f"    - {_row(row, views[False])}" for row in removed)
        lines += (f"    + {_row(row, views[True])}" for row in added)
        lines += [f"    {quantity(count, 'row')} moved"] if count else []
    if moved:
        where = quantity(len(moved), "more answer" if len(lines) > 1 else "answer")
        lines.append(f"  {quantity(sum(moved), 'row')} of {where} moved")
    return lines


def _leave_out_moved(answers: Answers) -> tuple[list[Row], list[Row], int]:
    """Return the removed and the added rows without those that differ in places only.

    Returns:
        Removed rows, added rows, and how many of each are left out.
    """
    groups: dict[Row, tuple[list[Row], list[Row]]] = {}
    for side, rows in enumerate((answers.removed, answers.added)):
        for row in rows:
            rest = tuple(cell for cell in row if cell[0] not in answers.places)
            groups.setdefault(rest, ([], []))[side].append(row)
    # With unequal numbers of rows, nothing tells which of them is new.
    moved = [old for old, new in groups.values() if len(old) == len(new)]
    shown = [pair for pair in groups.values() if len(pair[0]) != len(pair[1])]
    removed, added = ([row for pair in shown for row in pair[side]] for side in (0, 1))
    return removed, added, sum(map(len, moved))


def _row(row: Row, view: _View) -> str:
    cells = (term.value if isinstance(term, ox.Literal) else view.turtle(term) for _, term in row)
    return " | ".join(" ".join(cell.split()) for cell in cells)


def _summary(difference: Difference) -> str:
    counts = Counter((change.layer, change.added) for change in difference.changes)
    parts = [
        f"{layer} -{counts[layer, False]:,} +{counts[layer, True]:,}"
        for layer in dict.fromkeys(layer for layer, _ in counts)
    ]
    answers = quantity(difference.question_count, "answer")
    changed = f"{len(difference.answers):,} of {answers} changed"
    return "; ".join([*parts, changed])


def _json(difference: Difference) -> str:
    states = {False: difference.old, True: difference.new}
    labels = {added: Names(state.quads).labels for added, state in states.items()}
    return json_text(
        {
            "equal": difference.equal,
            "old": difference.old.name,
            "new": difference.new.name,
            "asked": difference.question_count,
            "uncompared": difference.uncompared,
            "statements": [
                {
                    "layer": change.layer,
                    "graph": change.graph.value,
                    "added": change.added,
                    **{name: term_json(term) for name, term in change.triple._asdict().items()},
                    "label": labels[change.added].get(change.triple.subject),
                }
                for change in difference.changes
            ],
            "answers": [
                {
                    "question": answers.name,
                    "summary": answers.summary,
                    "only": answers.only or None,
                    "removed": [_row_json(row) for row in answers.removed],
                    "added": [_row_json(row) for row in answers.added],
                }
                for answers in difference.answers
            ],
        }
    )


def _row_json(row: Row) -> dict[str, dict[str, str]]:
    return {name: term_json(term) for name, term in row}
