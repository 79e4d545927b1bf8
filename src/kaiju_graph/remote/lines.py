"""Statements as lines of N-Triples or N-Quads, without their ends: how a push reads and compares.

Whole lines are compared first, which is fast and needs no parser. Only those that are not the same,
and all that have blank nodes, are read as terms and compared by their values.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, cast

import pyoxigraph as ox

from kaiju_graph.diff.blank_nodes import align_blank_nodes
from kaiju_graph.errors import QueryError, UnreachableError
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.terms import XSD, Quad, Triple
from kaiju_graph.remote.answers import open_answer
from kaiju_graph.remote.values import triple_by_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from kaiju_graph.remote.protocol import Body, Endpoint

    Reader = Callable[[Endpoint, str], Iterator[list[bytes]]]

__all__ = ["BLANK", "END", "find_differences", "find_reader", "split_graphs"]

BLANK = b"_:"
"""What every line with a blank node has; a text that has it, too, costs only time."""
END = b" .\n"
"""The end of a line."""
BLOCK = 2**20
"""Of how many bytes of an answer lines are made at a time."""
ROWS = 20_000
"""Of how many solutions lines are made at a time."""
TSV = "text/tab-separated-values"
SAMPLE = 'SELECT ?s { VALUES ?s { "\\t\\"é"@en } }'
SAMPLE_TSV = '?s\n"\\t\\"é"@en\n'.encode()
"""What an engine answers that writes terms into TSV as the standard says."""
SHORT = re.compile(rb'\t([^<"_\t\n][^\t\n]*)(?=\t|\n|\Z)')
"""A number or boolean, which TSV has without its datatype."""


def split_graphs(quads: bytes) -> dict[str, list[bytes]]:
    r"""Return the lines of N-Quads by graph, each once, as triples.

    >>> split_graphs(b'<urn:s> <urn:p> "o" <urn:g> .\n')
    {'urn:g': [b'<urn:s> <urn:p> "o"']}
    """
    graphs: dict[bytes, dict[bytes, None]] = {}
    for line in quads.splitlines():
        triple, _, name = line.rpartition(b" <")
        graphs.setdefault(name, {})[triple] = None
    return {name.removesuffix(b"> .").decode(): list(lines) for name, lines in graphs.items()}


def find_reader(endpoint: Endpoint) -> Reader:
    """Return how to read statements: as TSV, which is fast, if the engine writes it right.

    The function takes the endpoint and a query for ``?s ?p ?o`` or ``?s ?p ?o ?g``, and yields
    lines in lists.
    """
    try:
        with endpoint.query(SAMPLE, TSV) as body:
            if body.media_type == TSV and body.read() == SAMPLE_TSV:
                return _read_tsv
    except (QueryError, UnreachableError):  # it may refuse the media type
        pass
    return _read_json


def _read_tsv(endpoint: Endpoint, text: str) -> Iterator[list[bytes]]:
    with endpoint.query(text, TSV, limit=None, step=BLOCK) as body:
        for number, block in enumerate(_blocks(body)):
            lines = SHORT.sub(_write_in_full, block).replace(b"\t", b" ").splitlines()
            yield lines if number else lines[1:]  # the first line has the variables


def _blocks(body: Body) -> Iterator[bytes]:
    """Yield whole lines of a body, about ``BLOCK`` bytes at a time."""
    rest = b""
    for part in iter(lambda: body.read(BLOCK), b""):
        block, _, rest = (rest + part).rpartition(b"\n")
        yield block
    yield rest


def _write_in_full(found: re.Match[bytes]) -> bytes:
    """Return a number or boolean with its datatype (RDF 1.1 Turtle, section 2.5)."""
    text = found[1]
    if text in (b"true", b"false"):
        name = b"boolean"
    elif b"e" in text.lower():
        name = b"double"
    else:
        name = b"decimal" if b"." in text else b"integer"
    return b'\t"%s"^^<%s%s>' % (text, XSD.encode(), name)


def _read_json(endpoint: Endpoint, text: str) -> Iterator[list[bytes]]:
    with open_answer(endpoint, text, {}, limit=None) as found:
        rows = iter(cast("ox.QuerySolutions", found))
        while block := [ox.Quad(*row) for row in islice(rows, ROWS)]:
            yield (ox.serialize(block, format=ox.RdfFormat.N_QUADS) or b"").split(END)[:-1]


def find_differences(ours: Iterable[bytes], theirs: Iterable[list[bytes]]) -> set[str]:
    """Return the names of the graphs that are not isomorphic; that of the default graph is "".

    Literals are compared by value.

    Args:
        ours: lines, each once.
        theirs: lines in lists, as they are read.

    Raises:
        LimitError: blank nodes are so much alike that comparing them takes too long.
    """
    ours = list(ours)
    blank = [line for line in ours if BLANK in line]
    plain = set(ours).difference(blank)
    left, more = set(plain), set[bytes]()
    for lines in theirs:
        count = len(left)
        left.difference_update(lines)
        if count - len(left) < len(lines):  # some are not ours, or are there twice
            more |= set(lines) - plain
    first, second = _triples_by_graph([*blank, *left]), _triples_by_graph(more)
    return {
        name
        for name in first.keys() | second.keys()
        if not _is_same(first.get(name, []), second.get(name, []))
    }


def _triples_by_graph(lines: Iterable[bytes]) -> dict[str, list[Quad]]:
    graphs: dict[str, list[Quad]] = {}
    text = b"".join(line + END for line in lines)
    for quad in ox.parse(text, format=ox.RdfFormat.N_QUADS, lenient=True):
        name = quad.graph_name.value if isinstance(quad.graph_name, ox.NamedNode) else ""
        triple = triple_by_value(Triple(*quad.triple))
        graphs.setdefault(name, []).append(Quad(*triple, terms.ONTOLOGY))
    return graphs


def _is_same(ours: Sequence[Quad], theirs: Sequence[Quad]) -> bool:
    """Tell whether two graphs are isomorphic."""
    first, second = set(ours), set(theirs)
    if first == second or len(first) != len(second):
        return first == second
    one, other = align_blank_nodes(ours, theirs)
    return set(one) == set(other)
