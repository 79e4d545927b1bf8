"""Stage 12, beside showing: what differs between two sides → text."""

from __future__ import annotations

import re
from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.cli.render.text import HANGING, json_text, quantity, wrap
from kaiju_graph.diff.states import MERGED
from kaiju_graph.project.names import Names
from kaiju_graph.rdf.notation import node_text
from kaiju_graph.rdf.terms import EV, EVIDENCE, ORDER, QUOTE, TYPE, term_json

if TYPE_CHECKING:
    from kaiju_graph.diff.changes import Answers, Change, Difference, Row
    from kaiju_graph.diff.states import State
    from kaiju_graph.rdf.terms import Quad, Term

__all__ = ["paint_diff", "render_diff", "uncompared_note"]

OUTSIDE = "statements outside its named graphs"

PLACES = {ox.NamedNode(EV + name) for name in ("start", "end", "order", "hash")}
"""What changes of many passages where one word of an article does: it is counted, not shown."""


def render_diff(found: Difference, form: str, width: int = 0) -> str:
    """Return what differs, by layer, named graph and thing, and by question.

    Args:
        found: what differs.
        form: ``text`` or ``json``.
        width: columns of the terminal; 0 where there is none.
    """
    if form == "json":
        return _json(found)
    if found.equal:
        return "no difference\n"
    views = {False: _View(found.old), True: _View(found.new)}
    order = views[False].order | views[True].order
    lines: list[str] = []
    for layer, members in groupby(found.changes, key=lambda change: change.layer):
        lines.append(layer)
        in_order = sorted(members, key=lambda change: order.get(change.graph, 0))
        for _, of_graph in groupby(in_order, key=lambda change: change.graph):
            lines += _graph(list(of_graph), views)
    if found.answers:
        lines.append("answers")
    for answers in found.answers:
        lines += _answers(answers, found, views)
    lines.append(_summary(found))
    return "".join(
        wrap(line.lstrip(), width, " " * (len(line) - len(line.lstrip()))) for line in lines
    )


def paint_diff(text: str) -> str:
    r"""Return a diff as text with removed lines in red and added lines in green.

    >>> paint_diff("same\n  - one\n")
    'same\n  \x1b[31m- one\x1b[0m\n'
    """
    colours = {"-": "\x1b[31m", "+": "\x1b[32m"}
    marked = re.compile(rf"^( *)(([-+]) .*(?:\n {{{len(HANGING)}}}.*)*)", re.MULTILINE)
    return marked.sub(lambda m: f"{m[1]}{colours[m[3]]}{m[2]}\x1b[0m", text)


def uncompared_note(found: Difference) -> str:
    """Return which layers are not compared, as only one side carries them, in one line."""
    carried: dict[str, list[str]] = {}
    for layer, name in found.uncompared.items():
        carried.setdefault(name, []).append(OUTSIDE if layer == MERGED else layer)
    told = [f"only {name} has {', '.join(of)}" for name, of in carried.items()]
    return f"not compared: {'; '.join(told)}" if told else ""


class _View:
    """How a side's terms are shown."""

    def __init__(self, side: State) -> None:
        self.names = Names(side.quads)
        self.project = side.project
        self.quotes = {q.subject: q.object.value for q in side.quads if q.predicate == QUOTE}
        self.order = {q.subject: int(q.object.value) for q in side.quads if q.predicate == ORDER}
        self.blank: dict[Term, list[Quad]] = {}
        for quad in side.quads:
            if isinstance(quad.subject, ox.BlankNode):
                self.blank.setdefault(quad.subject, []).append(quad)

    def headed(self, term: Term) -> str:
        """Return a thing as CURIE with its label."""
        label = self.names.labels.get(term, "")
        return " ".join([self.precise(term), *([f"({label})"] if label else [])])

    def precise(self, term: Term) -> str:
        return node_text(term, lambda node: self.blank.get(node, ()), self.project.prefixes)


def _graph(changes: list[Change], views: dict[bool, _View]) -> list[str]:
    """Return the changes of a named graph, by subject; of a passage with its words above."""
    graph = changes[0].graph
    quotes = [view.quotes[graph] for view in views.values() if graph in view.quotes]
    named = changes[0].layer in ("stated", "curated")
    lines = [f"  {views[True].headed(graph)}"] if named else []
    lines += [f"    “{' '.join(quotes[-1].split())}”"] if quotes else []
    pad = "    " if named else "  "
    led_to = {(change.added, change.triple.object) for change in changes}
    shown = [
        change
        for change in changes
        if not _is_place(change)
        # What is said of a blank node stands where the node does.
        and not (
            isinstance(change.triple.subject, ox.BlankNode)
            and (change.added, change.triple.subject) in led_to
        )
    ]
    for subject, members in groupby(shown, key=lambda change: change.triple.subject):
        of_subject = list(members)
        blank = isinstance(subject, ox.BlankNode)
        if not blank:
            lines.append(f"{pad}{views[of_subject[0].added].headed(subject)}")
        for change in of_subject[:1] if blank else of_subject:
            view, sign = views[change.added], "+" if change.added else "-"
            predicate = change.triple.predicate
            word = "a" if predicate == TYPE else view.precise(predicate)
            said = view.precise(subject) if blank else f"{word} {view.headed(change.triple.object)}"
            lines.append(f"{pad}  {sign} {said}")
    if moved := {change.triple.subject for change in changes if _is_place(change)}:
        lines.append(f"{pad}{quantity(len(moved), 'place')} in articles moved")
    return lines


def _is_place(change: Change) -> bool:
    return change.graph == EVIDENCE and change.triple.predicate in PLACES


def _answers(answers: Answers, found: Difference, views: dict[bool, _View]) -> list[str]:
    if answers.only:
        name = (found.old if answers.only == "old" else found.new).name
        return [f"  {answers.name}: {answers.summary}", f"    only {name} has this question"]
    return [
        f"  {answers.name}: {answers.summary}",
        *(f"    - {_row(row, views[False])}" for row in answers.removed),
        *(f"    + {_row(row, views[True])}" for row in answers.added),
    ]


def _row(row: Row, view: _View) -> str:
    cells = (
        view.precise(term) if not isinstance(term, ox.Literal) else term.value for _, term in row
    )
    return " | ".join(" ".join(cell.split()) for cell in cells)


def _summary(found: Difference) -> str:
    counts = Counter((change.layer, change.added) for change in found.changes)
    parts = [
        f"{layer} -{counts[layer, False]:,} +{counts[layer, True]:,}"
        for layer in dict.fromkeys(layer for layer, _ in counts)
    ]
    parts.append(f"{len(found.answers):,} of {quantity(found.asked, 'answer')} changed")
    return "; ".join(parts)


def _json(found: Difference) -> str:
    labels = {added: Names(side.quads).labels for added, side in _sides(found).items()}
    value = {
        "equal": found.equal,
        "old": found.old.name,
        "new": found.new.name,
        "asked": found.asked,
        "uncompared": found.uncompared,
        "statements": [
            {
                "layer": change.layer,
                "graph": change.graph.value,
                "added": change.added,
                **{name: term_json(term) for name, term in change.triple._asdict().items()},
                "label": labels[change.added].get(change.triple.subject),
            }
            for change in found.changes
        ],
        "answers": [
            {
                "question": answers.name,
                "summary": answers.summary,
                "only": answers.only or None,
                "removed": [_binding(row) for row in answers.removed],
                "added": [_binding(row) for row in answers.added],
            }
            for answers in found.answers
        ],
    }
    return json_text(value)


def _sides(found: Difference) -> dict[bool, State]:
    return {False: found.old, True: found.new}


def _binding(row: Row) -> dict[str, dict[str, str]]:
    return {name: term_json(term) for name, term in row}
