"""Result formats: write the answer of a query as text.

JSON, TSV and XML are those of the SPARQL 1.1 Recommendations, written by Oxigraph. CSV is written
here, because Oxigraph does not quote an IRI that has a comma. ``jsonl`` has one binding object of
SPARQL 1.1 Query Results JSON per line; ``table`` and ``markdown`` are for people.

Every start of the command line reads ``FORMATS``, so Oxigraph is imported only when an answer is
written.
"""

from __future__ import annotations

from kaiju_graph.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any, BinaryIO

    import pyoxigraph as ox

    from kaiju_graph.project.layout import Project
    from kaiju_graph.rdf.terms import Term

    Writer = Callable[[Any, Project, int], str]

__all__ = [
    "ALIASES",
    "BOOLEANS",
    "EMPTY",
    "FORMATS",
    "NOT_XML",
    "NO_ROWS",
    "SOLUTIONS",
    "STREAMS",
    "Format",
    "buffer",
    "comma_separated",
    "csv_lines",
    "first_rows",
    "for_output",
    "is_hollow",
    "order_columns",
    "printable",
    "stream",
    "table",
    "write",
]

NO_ROWS = "─\n"
"""The end of a table without rows."""
EMPTY = (b'"bindings":[]}}', b'"boolean":false}')
"""The ends of Oxigraph's JSON for an answer without rows, and for false."""
VALUE, HOLLOW = b'"value":"', (b'"value":""', b'"value":"0"')
"""The beginning of a value in Oxigraph's JSON, and the values that say nothing."""
BEFORE_STAR = (["SELECT"], ["DISTINCT"], ["REDUCED"])
"""The last word before a star that stands for all variables."""
WIDE = 200
"""The width of a table that is not written to a terminal."""
READABLE = 10
"""The least width of a text column beside a column of IRIs, even if the table gets too wide."""
MANY = 3
"""The least number of columns of which the first may become a line above its rows."""
GAP, EDGES = 3, 2
"""Cells between two columns of a table, and at its two edges."""
CONTROL = {
    code: repr(chr(code))[1:-1]
    for first, last in [
        *((0x00, 0x08), (0x0B, 0x1F), (0x7F, 0x9F)),  # C0 and C1 but tab and line feed
        *((0x61C, 0x61C), (0x200E, 0x200F), (0x2028, 0x202E), (0x2066, 0x2069)),  # reordering
        (0xDC80, 0xDCFF),  # bytes of file names that are not UTF-8
    ]
    for code in range(first, last + 1)
}
"""Code point that controls a terminal or reorders text → its escape sequence."""

NOT_XML = "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
"""The characters that XML 1.0 cannot hold (section 2.2)."""


class Format:
    """A format of query results.

    Attributes:
        media_type: its media type.
        ending: the ending of its file names.
        solutions: writes the answer of SELECT.
        boolean: writes the answer of ASK; None if the format cannot hold it.
        aliases: its other names.
    """

    def __init__(
        self,
        media_type: str,
        ending: str,
        solutions: Writer,
        boolean: Writer | None = None,
        *,
        aliases: tuple[str, ...] = (),
    ) -> None:
        self.media_type, self.ending, self.aliases = media_type, ending, aliases
        self.solutions, self.boolean = solutions, boolean


def write(
    answer: ox.QuerySolutions | ox.QueryBoolean, form: str | None, project: Project, width: int = 0
) -> str:
    """Return the answer of a SELECT or ASK query as text.

    Args:
        answer: solutions or a boolean, not yet read.
        form: the name of one of ``FORMATS`` or an alias; None means a table on a terminal and for a
            boolean, else CSV.
        project: its prefixes shorten IRIs in tables.
        width: columns of the terminal, in cells; 0 where there is none.

    Raises:
        UsageError: the format does not hold such an answer; the message lists those that do.
    """
    import pyoxigraph as ox

    is_boolean = isinstance(answer, ox.QueryBoolean)
    if form is None:
        form = "table" if is_boolean or width else "csv"
    format_ = FORMATS.get(ALIASES.get(form, form))
    writer: Writer | None = None
    if format_ is not None:
        writer = format_.boolean if is_boolean else format_.solutions
    if writer is None:
        kind, known = ("a boolean", BOOLEANS) if is_boolean else ("solutions", SOLUTIONS)
        raise UsageError(f"{form} does not hold {kind}; use {', '.join(known)}")
    return writer(answer, project, width)


def stream(answer: ox.QuerySolutions, form: str, file: BinaryIO) -> None:
    """Write the answer of a SELECT query to a file, row by row, as ``write`` would.

    Args:
        answer: solutions, not yet read.
        form: the name of one of ``STREAMS``.
        file: the file.
    """
    if form in ("json", "tsv"):
        import pyoxigraph as ox

        answer.serialize(file, format=getattr(ox.QueryResultsFormat, form.upper()))
        file.write(b"\n" if form == "json" else b"")
        return
    if form == "csv":
        lines = csv_lines(_names(answer), (row for _, row in _cells(answer)))
    else:
        lines = _json_lines(answer)
    file.writelines(line.encode() for line in lines)


def buffer(
    answer: ox.QuerySolutions | ox.QueryBoolean, query: str = ""
) -> tuple[ox.QuerySolutions | ox.QueryBoolean, bytes]:
    """Return an unread copy of an answer, and the answer as JSON, with its columns in order.

    Solutions can be read only once, so they are written as JSON and parsed again.
    """
    import pyoxigraph as ox

    content = answer.serialize(format=ox.QueryResultsFormat.JSON) or b""
    content = order_columns(content, query)
    copy = ox.parse_query_results(content, format=ox.QueryResultsFormat.JSON)
    return copy, content


def first_rows(answer: ox.QuerySolutions, rows: int | None) -> tuple[bytes, bool]:
    """Return the first solutions as JSON, or all if the number is None; and whether more are left.

    Where solutions arrive one by one, no more than these and the next one is read.
    """
    import json
    from itertools import islice

    from kaiju_graph.rdf.terms import solution_json

    names = _names(answer)
    solutions = list(islice(answer, None if rows is None else rows + 1))
    first = solutions[:rows]
    bindings = [solution_json(names, row) for row in first]
    document = {"head": {"vars": names}, "results": {"bindings": bindings}}
    content = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    return content, len(solutions) > len(first)


def order_columns(content: bytes, query: str) -> bytes:
    """Return Oxigraph's JSON for an answer with the columns of ``SELECT *`` as the query has them.

    SPARQL 1.1 leaves their order open, and the engine sorts them by name. The query is not parsed:
    they stay sorted if a comment or a ``?`` stands before the star.

    >>> order_columns(b'{"head":{"vars":["o","s"]}', "SELECT * { ?s ?p ?o }")
    b'{"head":{"vars":["s","o"]}'
    """
    before, _, pattern = query.replace("$", "?").partition("*")
    if "?" in before or before.upper().split()[-1:] not in BEFORE_STAR:
        return content
    head, end, rows = content.partition(b"]")
    parts = head.split(b'"')
    text = "".join(sign if sign.isalnum() or sign == "_" else f" {sign}" for sign in pattern)
    places = {word.encode(): place for place, word in enumerate(dict.fromkeys(text.split()))}
    parts[5::2] = sorted(parts[5::2], key=lambda name: places.get(b"?" + name, len(places)))
    return b'"'.join(parts) + end + rows


def is_hollow(content: bytes) -> bool:
    """Tell whether Oxigraph's JSON for an answer has nothing but 0, empty texts and false.

    A count of nothing is 0, a concatenation of nothing is empty, and what cannot be calculated is
    not bound.
    """
    if content.endswith(b'"boolean":true}'):
        return False
    return sum(map(content.count, HOLLOW)) == content.count(VALUE)


def _standard(name: str) -> Writer:
    """Return the writer of a format that Oxigraph knows by this name."""

    def write_standard(answer: Any, *_: object) -> str:
        import pyoxigraph as ox

        text: str = answer.serialize(format=getattr(ox.QueryResultsFormat, name)).decode()
        return text if text.endswith("\n") else f"{text}\n"

    return write_standard


def _write_xml(answer: Any, project: Project, width: int) -> str:
    """Return XML in which a carriage return is a reference, as XML would read a line feed."""
    import re

    text = _standard("XML")(answer, project, width)
    if forbidden := re.search(NOT_XML, text):
        message = f"xml cannot hold the character U+{ord(forbidden[0]):04X}"
        raise UsageError(f"{message}; use another format")
    return text.replace("\r", "&#13;")


def _write_word(answer: ox.QueryBoolean, *_: object) -> str:
    return "true\n" if answer else "false\n"


def _write_json_line(answer: ox.QueryBoolean, *_: object) -> str:
    return f'{{"boolean": {"true" if answer else "false"}}}\n'


def _write_json_lines(answer: ox.QuerySolutions, *_: object) -> str:
    return "".join(_json_lines(answer))


def _json_lines(answer: ox.QuerySolutions) -> Iterator[str]:
    import json

    from kaiju_graph.rdf.terms import solution_json

    names = _names(answer)
    for row in answer:
        yield f"{json.dumps(solution_json(names, row), ensure_ascii=False)}\n"


def _write_csv(answer: ox.QuerySolutions, *_: object) -> str:
    return comma_separated(_names(answer), (row for _, row in _cells(answer)))


def _write_table(answer: ox.QuerySolutions, project: Project, width: int) -> str:
    import pyoxigraph as ox

    rows = []
    iris: list[list[str]] = [[] for _ in answer.variables]
    for row, cells in _cells(answer, project):
        rows.append(cells)
        for column, term, cell in zip(iris, row, cells, strict=True):
            if isinstance(term, ox.NamedNode):
                column.append(cell)
    return table(_names(answer), rows, width or WIDE, iris)


def _write_markdown(answer: ox.QuerySolutions, project: Project, _: int) -> str:
    import pyoxigraph as ox

    from kaiju_graph.sparql import markdown

    def line(cells: Iterable[str]) -> str:
        return f"| {' | '.join(cells)} |\n"

    def cell(text: str, term: object = None) -> str:
        if isinstance(term, ox.NamedNode) and text == f"<{term.value}>":
            return markdown.autolink(term.value)
        return "<br>".join(map(markdown.escape, text.split("\n")))

    names = _names(answer)
    rows = (line(map(cell, cells, row)) for row, cells in _cells(answer, project))
    return line(map(cell, names)) + line("---" for _ in names) + "".join(rows)


def _names(answer: ox.QuerySolutions) -> list[str]:
    return [variable.value for variable in answer.variables]


def _cells(
    answer: ox.QuerySolutions, project: Project | None = None
) -> Iterator[tuple[ox.QuerySolution, list[str]]]:
    """Yield each solution and its terms as text; the prefixes of a project shorten IRIs."""
    import pyoxigraph as ox

    def text(term: Term | None) -> str:
        if term is None:
            return ""
        if isinstance(term, ox.NamedNode) and project:
            return project.prefixes.shorten(term.value)
        return str(term) if isinstance(term, ox.BlankNode) else term.value

    for row in answer:
        yield row, [text(term) for term in row]


_JSON, _TSV = map(_standard, ("JSON", "TSV"))
FORMATS = {
    "table": Format("text/plain", ".txt", _write_table, _write_word),
    "csv": Format("text/csv", ".csv", _write_csv),
    "tsv": Format("text/tab-separated-values", ".tsv", _TSV),
    "json": Format("application/sparql-results+json", ".srj", _JSON, _JSON),
    "jsonl": Format("application/jsonl", ".jsonl", _write_json_lines, _write_json_line),
    "xml": Format("application/sparql-results+xml", ".srx", _write_xml, _write_xml),
    "markdown": Format("text/markdown", ".md", _write_markdown, _write_word, aliases=("md",)),
}
"""Name → format, in the order of the help. A new format is one entry here and its writer."""
SOLUTIONS = tuple(FORMATS)
"""The formats that hold solutions."""
BOOLEANS = tuple(name for name, format_ in FORMATS.items() if format_.boolean)
"""The formats that hold a boolean."""
ALIASES = {alias: name for name, format_ in FORMATS.items() for alias in format_.aliases}
"""Alias → name of a format."""


STREAMS = ("csv", "tsv", "json", "jsonl")
"""The formats that are written row by row."""


def comma_separated(names: Sequence[str], rows: Iterable[Iterable[str]]) -> str:
    """Return SPARQL 1.1 Query Results CSV, section 3.2: values alone, lines that end in CRLF."""
    return "".join(csv_lines(names, rows))


def csv_lines(names: Sequence[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Yield the lines of ``comma_separated``."""

    def cell(text: str) -> str:  # RFC 4180, section 2; Python's csv costs more than an answer
        needs_quotes = any(mark in text for mark in '",\r\n') or (len(names) == 1 and not text)
        return f'"{text.replace(chr(34), chr(34) * 2)}"' if needs_quotes else text

    def line(cells: Iterable[str]) -> str:
        return f"{','.join(map(cell, cells))}\r\n"

    yield line(names)
    yield from map(line, rows)


def table(
    names: Sequence[str],
    rows: Iterable[Sequence[str]],
    width: int,
    whole: Iterable[Iterable[str]] = (),
) -> str:
    """Return a table that fits a terminal, wide characters counted as two cells.

    If it does not fit, and rows that follow each other have the same first cell, this cell is a
    line above them: so the columns beside it have its room.

    Args:
        names: the heads of the columns.
        rows: the cells.
        width: columns of the terminal.
        whole: for each column the texts that are never broken, such as IRIs, so that they can be
            copied; other columns wrap first, and a table may still be too wide.
    """
    from itertools import groupby

    from rich.cells import cell_len

    cells = [list(map(printable, row)) for row in rows]
    columns = zip(names, *cells, strict=True)
    widths = [max(cell_len(line) for c in column for line in c.split("\n")) for column in columns]
    least = [max(map(cell_len, texts), default=0) for texts in whole] or [0] * len(widths)
    floor = READABLE if any(least) else 1
    least = [low or min(wide, floor) for low, wide in zip(least, widths, strict=True)]
    room = width - EDGES - GAP * (len(widths) - 1)
    groups = [(first, list(same)) for first, same in groupby(cells, key=lambda row: row[0])]
    if sum(widths) <= room or len(widths) < MANY or 2 * len(groups) > len(cells):
        return _grid(names, cells, _fit(widths, least, room))
    widths = _fit(widths[1:], least[1:], room + GAP)
    parts = []
    for first, same in groups:
        head = _grid((), [[f"{names[0]}: {first}"]], [max(width - EDGES, 1)])
        parts.append(head + _grid((), [row[1:] for row in same], widths))
    return _grid(names[1:], [], widths) + "\n".join(parts)


def _grid(names: Sequence[str], cells: Sequence[Sequence[str]], widths: Sequence[int]) -> str:
    """Return the lines of a table, without a head if the columns have no names."""
    from io import StringIO

    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    grid = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold", show_header=bool(names))
    for number, cells_wide in enumerate(widths):
        grid.add_column(names[number] if names else "", overflow="fold", width=cells_wide)
    for row in cells:
        grid.add_row(*row)
    out = StringIO()
    full = sum(widths) + GAP * len(widths) + EDGES
    Console(file=out, width=full, markup=False, emoji=False, highlight=False).print(grid)
    lines = [line.rstrip() for line in out.getvalue().split("\n")]
    return "".join(f"{line}\n" for line in lines[1:-2])  # the first and the last line are empty


def _fit(widths: list[int], least: list[int], room: int) -> list[int]:
    """Return column widths that fit a room: the widest shrink first, none below its least."""
    fitted = [max(min(width, room), low) for width, low in zip(widths, least, strict=True)]
    while sum(fitted) > room:
        free = [at for at, width in enumerate(fitted) if width > least[at]]
        if not free:
            break
        fitted[max(free, key=fitted.__getitem__)] -= 1
    return fitted


def printable(text: str) -> str:
    r"""Return a text with its control characters escaped, so that a terminal does not obey them.

    >>> printable("red: \x1b[31m")
    'red: \\x1b[31m'
    """
    return text.translate(CONTROL)


def for_output(text: str, width: int) -> str:
    """Return a text for standard output; for a terminal, control characters are escaped.

    Args:
        text: the text.
        width: columns of the terminal; 0 where there is none.
    """
    return printable(text.replace("\r\n", "\n")) if width else text
