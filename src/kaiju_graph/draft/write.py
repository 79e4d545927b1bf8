"""Write the files of a draft, in the style of files that people write."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

from kaiju_graph.rdf.turtle import TermWriter

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kaiju_graph.rdf.prefixes import Prefixes
    from kaiju_graph.rdf.terms import Term, Triple

__all__ = [
    "Writer",
    "comment",
    "prologue",
    "ruler",
]

WIDTH = 100
RULER = 79
INDENT = " " * 4
MARKER = "@prefix"


class Writer:
    """Writes statements; a file has one, and so knows the prefixes that it needs."""

    def __init__(self, prefixes: Prefixes) -> None:
        self.terms = TermWriter(prefixes)

    def statements(self, triples: Iterable[Triple], depth: int = 0) -> str:
        """Return statements by subject, in the order of the first about each."""
        subjects: dict[Term, dict[Term, list[Term]]] = {}
        for subject, predicate, value in dict.fromkeys(triples):
            subjects.setdefault(subject, {}).setdefault(predicate, []).append(value)
        return "\n\n".join(self._subject(*item, depth) for item in subjects.items())

    def graph(self, name: Term, triples: Sequence[Triple], remarks: Iterable[str] = ()) -> str:
        """Return a named graph with comments at its beginning."""
        lines = [f"{INDENT}{line}" for remark in remarks for line in comment(remark, len(INDENT))]
        body = "\n".join([*lines, self.statements(triples, 1)])
        return f"{self.terms.text(name)} {{\n{body}\n}}"

    def _subject(self, subject: Term, properties: Mapping[Term, list[Term]], depth: int) -> str:
        pad, text = INDENT * depth, self.terms.text(subject)
        lines = []
        for predicate, values in properties.items():
            name, texts = self.terms.predicate(predicate), [self.terms.text(v) for v in values]
            line = f"{name} {' , '.join(texts)}"
            if len(texts) > 1 and len(pad + INDENT + line) > WIDTH - 2:
                line = f"{name}\n{pad}{INDENT * 2}" + f" ,\n{pad}{INDENT * 2}".join(texts)
            lines.append(line)
        first = f"{pad}{text} {lines[0]}"
        is_short = "\n" not in lines[0] and len(first) <= WIDTH - 2
        if not (lines[0].startswith(("a ", "ev:quote ")) or (is_short and len(lines) == 1)):
            first = f"{pad}{text}\n{pad}{INDENT}{lines[0]}"
        return f" ;\n{pad}{INDENT}".join([first, *lines[1:]]) + " ."


def prologue(prefixes: Prefixes, used: Iterable[str], own: tuple[str, ...]) -> str:
    """Return declarations of prefixes, sorted, foreign ones first.

    Args:
        prefixes: all prefixes.
        used: those to declare.
        own: the beginnings of the namespaces that are not foreign.
    """
    lines: dict[bool, list[str]] = {False: [], True: []}
    for prefix in sorted(used):
        is_own = prefixes[prefix].startswith(own)
        lines[is_own].append(f"{MARKER} {prefix}: <{prefixes[prefix]}> .\n")
    return "\n".join("".join(group) for group in lines.values() if group)


def ruler(title: str) -> str:
    """Return the line above a section."""
    return f"# {' '.join(title.split())[: RULER - 6]} ".ljust(RULER, "-")


def comment(text: str, indent: int = 0) -> list[str]:
    """Return a comment in lines that end by column 100."""
    words = " ".join(text.split())
    lines = wrap(words, WIDTH - indent - 2, break_long_words=False, break_on_hyphens=False)
    return [f"# {line}" for line in lines]
