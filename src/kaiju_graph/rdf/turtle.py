"""Stage 10: quads → Turtle and TriG to be read, the same text every time.

RDF 1.1 Turtle and RDF 1.1 TriG. Every lexical form is as it is. Turtle has a section for each kind
of thing, and each thing its name above it. Lists are written as lists, a blank node that is used
once in the place where it is used; numbers and booleans short where the short form is the same
literal.
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

LONG = re.compile(r"""(?!\A\\"|\\"\\"|\\"\Z)\\([n"])|\\.""")
"""An escape; its letter is a group where a long literal needs none: no two marks are in a row."""
INDENT = "    "
WIDTH = 100
"""Columns; objects that would go beyond have a line each."""
RULER = 79
"""Columns of the line that opens a section."""


def write(graphs: dict[ox.NamedNode | None, Subjects], order: Order, prefixes: Prefixes) -> str:
    """Return a graph as Turtle, or graphs as TriG; None is the name of the default graph.

    Args:
        graphs: what to write.
        order: the order of classes and properties.
        prefixes: those that are used are declared.
    """
    speller = TermWriter(prefixes)
    labels = _labels(graphs.values())
    blocks: list[str] = []
    for name, grouped in graphs.items():
        body = _Body(grouped, labels, speller)
        if name is None:
            blocks += body.sections(order)
        else:
            inner = "\n\n".join(body.entries(1))
            blocks.append(f"{speller.text(name)} {{\n{inner}\n}}")
    head = "\n".join(f"@prefix {name}: <{prefixes[name]}> ." for name in sorted(speller.used))
    text = "\n\n".join([head, *blocks] if head else blocks)
    return f"{text}\n" if text else ""


def _labels(graphs: Iterable[Subjects]) -> dict[Term, str]:
    """Return how a person reads each subject that has a label, in English if there is any."""
    found: dict[Term, tuple[bool, str, str]] = {}
    for grouped in graphs:
        for subject, said in grouped.said.items():
            for label in said.get(LABEL, ()):
                if isinstance(label, ox.Literal):
                    language = label.language or ""
                    ranked = language not in ("", "en"), language, label.value
                    found[subject] = min(ranked, found.get(subject, ranked))
    return {subject: _line(label) for subject, (_, _, label) in found.items()}


class TermWriter:
    """Spells terms, each once, and knows with which prefixes."""

    def __init__(self, prefixes: Prefixes) -> None:
        self.shorten = prefixes.shorten
        self.used: set[str] = set()
        self.text = Memo(self._text).__getitem__
        """Term → how Turtle has it."""
        self.verb = Memo(self.text, {TYPE: "a"}).__getitem__
        self.object = Memo(self._object).__getitem__
        """Object → its text; none where that depends on what is said of it."""

    def _text(self, term: Term) -> str:
        if isinstance(term, ox.NamedNode):
            return self._shortened(term.value)
        return str(term) if isinstance(term, ox.BlankNode) else _long(literal_text(term, self.text))

    def _object(self, term: Term) -> str:
        return "" if isinstance(term, ox.BlankNode) or term == NIL else self.text(term)

    def _shortened(self, iri: str) -> str:
        text = self.shorten(iri)
        if text[0] != "<":
            self.used.add(text.partition(":")[0])
        return text


class _Body:
    """The statements of one graph, by subject."""

    def __init__(
        self,
        grouped: Subjects,
        labels: dict[Term, str],
        speller: TermWriter,
    ) -> None:
        self.grouped = grouped
        self.labels = labels
        self.text = speller.text
        self.verb = speller.verb
        self.object = speller.object

    def entries(self, depth: int) -> list[str]:
        """Return every subject that is not written where it is used, under its name, so deep."""
        return [self._entry(node, depth) for node in self._nodes()]

    def sections(self, order: Order) -> list[str]:
        """Return the entries, each kind of thing under a line that says which it is."""
        kind_of: dict[tuple[Term, ...], Term | None] = {}
        kinds: dict[Term, list[Term]] = {}
        unnamed: list[Term] = []
        for node in self._nodes():
            types = tuple(self.grouped.said[node].get(TYPE, ()))
            if types not in kind_of:
                kind_of[types] = order.main_class(types)
            kind = kind_of[types]
            (unnamed if kind is None else kinds.setdefault(kind, [])).append(node)
        blocks: list[str] = []
        for kind in sorted(kinds, key=order.key):
            label = _line(order.labels.get(kind, ""))
            title = label[0].upper() + label[1:] if label else self.text(kind)
            blocks.append(f"# {title} ".ljust(RULER, "-"))
            blocks += map(self._entry, kinds[kind])
        if unnamed and kinds:
            blocks.append("# Of no kind that is said here ".ljust(RULER, "-"))
        return [*blocks, *map(self._entry, unnamed)]

    def _nodes(self) -> list[Term]:
        hidden = self.grouped.nested | self.grouped.cells
        return [node for node in self.grouped.said if node not in hidden]

    def _entry(self, node: Term, depth: int = 0) -> str:
        pad = INDENT * depth
        subject = "[]" if node in self.grouped.unused else self.text(node)
        entry = f"{pad}{subject} {self._properties(node, depth + 1)} ."
        label = self.labels.get(node)
        return f"{pad}# {label}\n{entry}" if label else entry

    def _properties(self, node: Term, depth: int) -> str:
        verb, text = self.verb, self.object
        lines = []
        for predicate, objects in self.grouped.said[node].items():
            if len(objects) == 1:
                term = objects[0]
                lines.append(f"{verb(predicate)} {text(term) or self._node(term, depth)}")
                continue
            texts = [text(term) or self._node(term, depth) for term in objects]
            line = f"{verb(predicate)} {' , '.join(texts)}"
            if len(line) + len(INDENT) * depth > WIDTH and "\n" not in line:
                pad = f"\n{INDENT * (depth + 1)}"
                line = f"{verb(predicate)}{pad}" + f" ,{pad}".join(texts)
            lines.append(line)
        return f" ;\n{INDENT * depth}".join(lines)

    def _node(self, term: Term, depth: int) -> str:
        """Return a blank node or a list, with what is said of it if it is written here."""
        if term in self.grouped.lists:
            members = [
                self.object(member) or self._node(member, depth)
                for member in self.grouped.lists[term]
            ]
            return f"( {' '.join(members)} )" if members else "()"
        if term in self.grouped.nested:
            pad = INDENT * depth
            return f"[\n{pad}{INDENT}{self._properties(term, depth + 1)}\n{pad}]"
        return self.text(term)


def _long(text: str) -> str:
    """Return a literal of several lines as a long one (Turtle, 2.5.1), and any other as it is."""
    if "\\n" not in text:
        return text
    body, _, end = text[1:].rpartition('"')
    lines = LONG.sub(lambda found: {"n": "\n", '"': '"'}.get(found[1], found[0]), body)
    return f'"""{lines}"""{end}' if "\n" in lines else text


def _line(text: str) -> str:
    """Return a text on one line, so that it ends no comment."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(text.split())
