"""Write Turtle and TriG for people to read (RDF 1.1 Turtle, RDF 1.1 TriG).

Turtle has a section for each class, and the label of each thing in a comment above it. Lists are
written as lists, a blank node that is used once in its place, and numbers and booleans without
quotes if Turtle has such a form for them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.rdf.notation import literal_text
from kaiju_graph.rdf.subjects import Memo
from kaiju_graph.rdf.terms import LABEL, NIL, TYPE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kaiju_graph.rdf.order import Order
    from kaiju_graph.rdf.prefixes import Prefixes
    from kaiju_graph.rdf.subjects import Subjects
    from kaiju_graph.rdf.terms import Term

__all__ = ["TermWriter", "write"]

LONG_ESCAPE = re.compile(r"""(?!\A\\"|\\"\\"|\\"\Z)\\([n"])|\\.""")
"""An escape; its letter is a group if a long literal does not need the escape."""
INDENT = "    "
WIDTH = 100
"""Columns of a line; objects that do not fit have a line each."""
RULER = 79
"""Columns of the line that opens a section."""


def write(graphs: dict[ox.NamedNode | None, Subjects], order: Order, prefixes: Prefixes) -> str:
    """Return the default graph (None) as Turtle, or named graphs as TriG; declare used prefixes."""
    terms = TermWriter(prefixes)
    labels = _labels(graphs.values())
    blocks: list[str] = []
    for name, subjects in graphs.items():
        graph = _GraphWriter(subjects, labels, terms)
        if name is None:
            blocks += graph.sections(order)
        else:
            inner = "\n\n".join(graph.entry(node, 1) for node in subjects.top())
            blocks.append(f"{terms.text(name)} {{\n{inner}\n}}")
    head = "\n".join(f"@prefix {name}: <{prefixes[name]}> ." for name in sorted(terms.used))
    text = "\n\n".join([head, *blocks] if head else blocks)
    return f"{text}\n" if text else ""


def _labels(graphs: Iterable[Subjects]) -> dict[Term, str]:
    """Return the label of each subject that has one, in English if possible."""
    labels: dict[Term, tuple[bool, str, str]] = {}
    for subjects in graphs:
        for subject, properties in subjects.properties.items():
            for label in properties.get(LABEL, ()):
                if isinstance(label, ox.Literal):
                    language = label.language or ""
                    ranked = language not in ("", "en"), language, label.value
                    labels[subject] = min(ranked, labels.get(subject, ranked))
    return {subject: _one_line(label) for subject, (_, _, label) in labels.items()}


class TermWriter:
    """Writes each term once, and keeps the prefixes that it used."""

    def __init__(self, prefixes: Prefixes) -> None:
        self.shorten = prefixes.shorten
        self.used: set[str] = set()
        self.text = Memo(self._text).__getitem__
        """Term → its text."""
        self.predicate = Memo(self.text, {TYPE: "a"}).__getitem__
        self.object = Memo(self._object).__getitem__
        """Object → its text; empty for blank nodes and lists, which depend on their properties."""

    def _text(self, term: Term) -> str:
        if isinstance(term, ox.Literal):
            return _long_literal(literal_text(term, self.text))
        if isinstance(term, ox.BlankNode):
            return str(term)
        text = self.shorten(term.value)
        if text[0] != "<":
            self.used.add(text.partition(":")[0])
        return text

    def _object(self, term: Term) -> str:
        return "" if isinstance(term, ox.BlankNode) or term == NIL else self.text(term)


class _GraphWriter:
    """Writes the statements of one graph, by subject."""

    def __init__(self, subjects: Subjects, labels: dict[Term, str], terms: TermWriter) -> None:
        self.subjects = subjects
        self.labels = labels
        self.text = terms.text
        self.predicate = terms.predicate
        self.object = terms.object

    def sections(self, order: Order) -> list[str]:
        """Return the subjects, those of each class under a line that names the class."""
        main_class = Memo(order.main_class).__getitem__
        members: dict[Term, list[Term]] = {}
        others: list[Term] = []
        for node in self.subjects.top():
            kind = main_class(tuple(self.subjects.properties[node].get(TYPE, ())))
            (others if kind is None else members.setdefault(kind, [])).append(node)
        blocks: list[str] = []
        for kind in sorted(members, key=order.key):
            label = _one_line(order.labels.get(kind, ""))
            title = label[0].upper() + label[1:] if label else self.text(kind)
            blocks.append(f"# {title} ".ljust(RULER, "-"))
            blocks += map(self.entry, members[kind])
        if others and members:
            blocks.append("# Without a class ".ljust(RULER, "-"))
        return [*blocks, *map(self.entry, others)]

    def entry(self, node: Term, depth: int = 0) -> str:
        """Return a subject with its properties, under its label."""
        pad = INDENT * depth
        subject = "[]" if node in self.subjects.unused else self.text(node)
        entry = f"{pad}{subject} {self._properties(node, depth + 1)} ."
        label = self.labels.get(node)
        return f"{pad}# {label}\n{entry}" if label else entry

    def _properties(self, node: Term, depth: int) -> str:
        lines = []
        for predicate, objects in self.subjects.properties[node].items():
            texts = [self.object(term) or self._node(term, depth) for term in objects]
            line = f"{self.predicate(predicate)} {' , '.join(texts)}"
            if len(texts) > 1 and len(line) + len(INDENT) * depth > WIDTH and "\n" not in line:
                pad = f"\n{INDENT * (depth + 1)}"
                line = f"{self.predicate(predicate)}{pad}" + f" ,{pad}".join(texts)
            lines.append(line)
        return f" ;\n{INDENT * depth}".join(lines)

    def _node(self, term: Term, depth: int) -> str:
        """Return a blank node or a list, with its properties if it is written in place."""
        if term in self.subjects.lists:
            members = [self.object(m) or self._node(m, depth) for m in self.subjects.lists[term]]
            return f"( {' '.join(members)} )" if members else "()"
        if term in self.subjects.nested:
            pad = INDENT * depth
            return f"[\n{pad}{INDENT}{self._properties(term, depth + 1)}\n{pad}]"
        return self.text(term)


def _long_literal(text: str) -> str:
    """Return a literal of several lines as a long literal (Turtle, section 2.5.1), others as is."""
    if "\\n" not in text:
        return text
    body, _, end = text[1:].rpartition('"')
    lines = LONG_ESCAPE.sub(lambda match: {"n": "\n", '"': '"'}.get(match[1], match[0]), body)
    return f'"""{lines}"""{end}' if "\n" in lines else text


def _one_line(text: str) -> str:
    """Return a text on one line, so that it cannot end a comment."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(text.split())
