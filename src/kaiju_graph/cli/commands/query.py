"""``kaiju query``: SPARQL 1.1 from the command line, a file or standard input."""

from __future__ import annotations

import os

from kaiju_graph.cli import FILE, MAX_QUERY
from kaiju_graph.cli.command import (
    ArgumentParser,
    Namespace,
    Outcome,
    Process,
    load_data,
    open_graph,
)
from kaiju_graph.cli.options import (
    DATA_DETAILS,
    WITH_DATA,
    WITHOUT_DATA,
    add_answer_options,
    add_data_options,
    refuse_options,
)

__all__ = ["EPILOG", "add_options", "run"]

EPILOG = """examples:
  kaiju query 'SELECT ?name { ?film a film:Film ; rdfs:label ?name }'
  kaiju query --file question.rq -f json
  kaiju query --data *.ttl 'SELECT ?class (COUNT(*) AS ?n) { ?thing a ?class } GROUP BY ?class'

The default graph of --data has what stands outside named graphs; nothing is inferred."""
ONLY_DATA = DATA_DETAILS | {"inferred": False}
NOT_DATA = {"layer": None, "evidence": False, "endpoint": None}
"""Options for data files only, and for a project only → their defaults."""


def add_options(parser: ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "text", nargs="?", metavar="TEXT", help="the query, or - for standard input"
    )
    parser.add_argument(*FILE, metavar="FILE", help="a file that holds the query, or -")
    add_data_options(parser)
    parser.add_argument(
        "--inferred", action="store_true", help="with --data: add what follows by OWL 2 RL"
    )
    add_answer_options(parser, "a graph")


def run(options: Namespace, process: Process) -> Outcome:
    """Answer a query."""
    from kaiju_graph.cli.answer import Query, answer
    from kaiju_graph.errors import UsageError

    if options.data and len(options.data) > 1 and options.text is options.file is None:
        options.text = options.data.pop()  # as in --data *.ttl TEXT
    if (options.text is None) == (options.file is None) or options.file == "":
        raise UsageError("expected one query: TEXT, --file FILE, or - for standard input")
    if options.text not in (None, "-") and os.path.isfile(options.text):
        raise UsageError(f"found the name of a file; did you mean --file {options.text}?")
    text, origin = _read_query(options, process)
    query = Query(text, origin, lambda: text)
    if options.data is None:
        refuse_options(options, ONLY_DATA, WITHOUT_DATA)
        return answer(open_graph(options, process), query, options, process)
    refuse_options(options, NOT_DATA, WITH_DATA)
    data = load_data(options, process, inferred=options.inferred)
    return answer(data, query, options, process)


def _read_query(options: Namespace, process: Process) -> tuple[str, str]:
    """Return the text of the query, and its name in errors.

    A file and standard input may have a byte order mark and line ends of any kind. The file may be
    a pipe, as in ``--file <(...)``.
    """
    from kaiju_graph.errors import LimitError, QueryError, UnreachableError
    from kaiju_graph.rdf.lines import line_column

    if options.file not in (None, "-"):
        origin = options.file
        try:
            with open(origin, "rb") as file:
                content = file.read(MAX_QUERY + 1)
        except OSError as error:
            raise UnreachableError(f"{origin}: cannot be read: {error.strerror}") from None
    elif "-" in (options.text, options.file):
        content, origin = process.read(MAX_QUERY + 1), "query"
    else:
        return options.text, "query"
    if len(content) > MAX_QUERY:
        raise LimitError(f"{origin}: found more than {MAX_QUERY:,} bytes; expected a query")
    try:
        return content.decode("utf-8-sig"), origin
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8-sig")
        found = f"found byte {content[error.start]:#x}; expected UTF-8"
        raise QueryError(f"{origin}:{line_column(before, len(before))}: {found}") from None
