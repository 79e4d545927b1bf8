from __future__ import annotations

import pytest

from kaiju_graph.remote.lines import SHORT, _write_in_full, find_differences, split_graphs
from kaiju_graph.remote.stores import DEFAULT, Contents

XSD = "http://www.w3.org/2001/XMLSchema#"


def _lines(*texts: str) -> list[bytes]:
    return [text.encode() for text in texts]


@pytest.mark.parametrize(
    ("ours", "theirs", "same"),
    [
        ('<urn:s> <urn:p> "a"', '<urn:s> <urn:p> "a"', True),
        ('<urn:s> <urn:p> "a"', '<urn:s> <urn:p> "b"', False),
        (f'<urn:s> <urn:p> "01"^^<{XSD}integer>', f'<urn:s> <urn:p> "1"^^<{XSD}integer>', True),
        ('<urn:s> <urn:p> "\\u00E9"', '<urn:s> <urn:p> "é"', True),
        ('<urn:s> <urn:p> "a"@en-GB', '<urn:s> <urn:p> "a"@en-gb', True),
        ('_:a <urn:p> "looks like _:b"', '_:b <urn:p> "looks like _:b"', True),
        ("_:a <urn:p> _:a", "_:a <urn:p> _:b", False),
    ],
)
def test_graphs_are_compared_by_value(ours: str, theirs: str, *, same: bool) -> None:
    assert find_differences(_lines(ours), [_lines(theirs)]) == (set() if same else {""})


def test_only_the_graph_that_differs_is_named() -> None:
    ours = _lines("<urn:s> <urn:p> <urn:o> <urn:g>", "<urn:s> <urn:p> <urn:o> <urn:h>")
    theirs = [ours[:1], ours[:1], _lines("<urn:s> <urn:p> <urn:q> <urn:h>")]
    assert find_differences(ours, theirs) == {"urn:h"}


def test_equal_labels_of_blank_nodes_say_nothing() -> None:
    ours = _lines("_:a <urn:p> _:b", "_:b <urn:p> <urn:end>")
    theirs = _lines("_:a <urn:p> _:b", "_:a <urn:p> <urn:end>")
    assert find_differences(ours, [theirs]) == {""}


@pytest.mark.parametrize(
    ("short", "name"),
    [("-7", "integer"), ("1.50", "decimal"), ("1e3", "double"), ("true", "boolean")],
)
def test_number_of_a_table_gets_its_datatype(short: str, name: str) -> None:
    row = f"<urn:s>\t<urn:p>\t{short}".encode()
    assert SHORT.sub(_write_in_full, row) == f'<urn:s>\t<urn:p>\t"{short}"^^<{XSD}{name}>'.encode()


def test_graph_is_written_as_it_was_read() -> None:
    quads = b'<urn:s> <urn:p> "a <b> ." <urn:g> .\n<urn:s> <urn:p> "\\n"@en <urn:g> .\n'
    graph = Contents("urn:g", split_graphs(quads)["urn:g"])
    assert graph.n_quads() == quads
    assert graph._replace(name=DEFAULT).n_triples() == quads.replace(b" <urn:g>", b"")
