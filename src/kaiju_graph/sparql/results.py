"""Stage 9: an answer → text in one of the result formats.

JSON, TSV and XML are those of the SPARQL 1.1 Recommendations, written by Oxigraph; so is CSV,
written here, as Oxigraph does not quote an IRI that has a comma. ``jsonl`` is one binding object of
SPARQL 1.1 Query Results JSON a line; ``table`` and ``markdown`` are for people.
"""

from __future__ import annotations

import pyoxigraph as ox

from kaiju_graph.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kaiju_graph.project.layout import Project
    from kaiju_graph.rdf.terms import Term

__all__ = [
    "BOOLEANS",
    "NO_ROWS",
    "SOLUTIONS",
    "comma_separated",
    "may_be_empty",
    "printable",
    "shown",
    "table",
    "write",
]

SOLUTIONS = ("table", "csv", "tsv", "json", "jsonl", "xml", "markdown")
BOOLEANS = ("table", "json", "jsonl", "xml", "markdown")
STANDARD = {
    "tsv": ox.QueryResultsFormat.TSV,
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
}
NO_ROWS = "─\n"
"""How a table without rows ends."""
ENDS = (
    *(NO_ROWS, "--- |\n", '"bindings":[]}}\n', "<results></results></sparql>\n"),
    *("false\n", "false}\n", "false</boolean></sparql>\n"),
)
WIDE = 200
"""Columns of a table that no terminal shows."""
CONTROL = {
    code: repr(chr(code))[1:-1]
    for first, last in [
        *((0x00, 0x08), (0x0B, 0x1F), (0x7F, 0x9F)),  # C0 and C1 but tab and line feed
        *((0x61C, 0x61C), (0x200E, 0x200F), (0x2028, 0x202E), (0x2066, 0x2069)),  # reordering
    ]
    for code in range(first, last + 1)
}
"""Code point of what a terminal obeys, or what reorders a line of text → how it is written out."""


def write(
    answer: ox.QuerySolutions | ox.QueryBoolean, form: str | None, project: Project, width: int = 0
) -> str:
    """Return the answer of a SELECT or ASK query as text.

    Args:
        answer: solutions or a boolean, not yet read.
        form: one of ``SOLUTIONS`` or ``BOOLEANS``; None takes a table on a terminal and for a
            boolean, else CSV.
        project: its prefixes shorten IRIs in tables.
        width: columns of the terminal, in cells; 0 where there is none.

    Raises:
        UsageError: the format does not hold such an answer; the message says which do.
    """
    boolean = isinstance(answer, ox.QueryBoolean)
    if form is None:
        form = "table" if boolean or width else "csv"
    known, held = (BOOLEANS, "a boolean") if boolean else (SOLUTIONS, "solutions")
    if form not in known:
        raise UsageError(f"{form} does not hold {held}; use {', '.join(known)}")
    if form in STANDARD:
        text = (answer.serialize(format=STANDARD[form]) or b"").decode()
        return text if text.endswith("\n") else f"{text}\n"
    if isinstance(answer, ox.QueryBoolean):
        word = "true" if answer else "false"
        return f'{{"boolean": {word}}}\n' if form == "jsonl" else f"{word}\n"
    names = [variable.value for variable in answer.variables]
    if form == "jsonl":
        import json

        from kaiju_graph.rdf.terms import binding

        lines = (json.dumps(binding(names, row), ensure_ascii=False) for row in answer)
        return "".join(f"{line}\n" for line in lines)
    if form == "csv":
        return comma_separated(names, (map(_value, row) for row in answer))
    rows = [[_text(term, project) for term in row] for row in answer]
    return _markdown(names, rows) if form == "markdown" else table(names, rows, width or WIDE)


def comma_separated(names: Sequence[str], rows: Iterable[Iterable[str]]) -> str:
    """Return SPARQL 1.1 Query Results CSV, section 3.2: values alone, lines that end in CRLF."""

    def cell(text: str) -> str:  # RFC 4180, section 2; Python's csv costs more than an answer
        quoted = any(mark in text for mark in '",\r\n') or (len(names) == 1 and not text)
        return f'"{text.replace(chr(34), chr(34) * 2)}"' if quoted else text

    def line(cells: Iterable[str]) -> str:
        return f"{','.join(map(cell, cells))}\r\n"

    return line(names) + "".join(map(line, rows))


def may_be_empty(shown: str) -> bool:
    """Tell whether a text that ``write`` returned has no rows or is false, or looks like it."""
    lines = shown.count("\n")
    head_alone = lines == 1 and not shown.startswith(('{"', "<?xml", "true\n"))
    return shown.endswith(ENDS) or lines == 0 or head_alone


def table(names: Sequence[str], rows: Iterable[Sequence[str]], width: int) -> str:
    """Return a table that a terminal of the width shows, wide characters counted as two cells."""
    from io import StringIO

    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    shown = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for name in names:
        shown.add_column(name, overflow="fold")
    for row in rows:
        shown.add_row(*map(printable, row))
    out = StringIO()
    console = Console(file=out, width=width, markup=False, emoji=False, highlight=False)
    console.print(shown)
    lines = [line.rstrip() for line in out.getvalue().split("\n")]
    return "".join(f"{line}\n" for line in lines[1:-2])  # above and below is an empty one


def printable(text: str) -> str:
    r"""Return a text whose control characters are written out, so that a terminal obeys none.

    >>> printable("red: \x1b[31m")
    'red: \\x1b[31m'
    """
    return text.translate(CONTROL)


def shown(text: str, width: int) -> str:
    """Return a text as standard output gets it: a terminal gets what it can print.

    Args:
        text: the text.
        width: columns of the terminal; 0 where there is none.
    """
    return printable(text.replace("\r\n", "\n")) if width else text


def _value(term: Term | None) -> str:
    if term is None:
        return ""
    return str(term) if isinstance(term, ox.BlankNode) else term.value


def _text(term: Term | None, project: Project) -> str:
    if term is None:
        return ""
    if isinstance(term, ox.NamedNode):
        return project.prefixes.shorten(term.value)
    return term.value if isinstance(term, ox.Literal) else str(term)


def _markdown(names: list[str], rows: list[list[str]]) -> str:
    def line(cells: Iterable[str]) -> str:
        escaped = (printable(c).replace("\\", "\\\\").replace("|", "\\|") for c in cells)
        return f"| {' | '.join(cell.replace(chr(10), '<br>') for cell in escaped)} |\n"

    return line(names) + line("---" for _ in names) + "".join(line(row) for row in rows)
