"""A report that reuses parts of an earlier one is the one made from nothing, to the byte."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kaiju_graph.validation.memory import Memory, Part
from kaiju_graph.validation.shacl import validator
from kaiju_graph.validation.shacl.traces import lookup_key, lookup_keys
from tests.validation.graphs import read
from tests.validation.random_shapes import data_graphs, shapes_graphs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kaiju_graph.rdf.terms import Triple

SHAPES = """
ex:A sh:targetClass ex:T ; sh:property ex:A-n , ex:A-p ; sh:message "A"@en .
ex:A-n sh:path ex:n ; sh:maxCount 1 .
ex:A-p sh:path ex:p ; sh:class ex:S .
ex:B sh:targetSubjectsOf ex:q ; sh:sparql [
    sh:select "SELECT $this ?value { $this ?value ?any FILTER(?value = <http://example.org/n>) }"
] .
"""
DATA = "ex:a a ex:T ; ex:n 1 ; ex:p ex:b . ex:b a ex:S . ex:c ex:q 1 ."


def remember(path: Path) -> Memory:
    return Memory(str(path), ["test"])


def report(
    data: Sequence[Triple], by: Sequence[Triple], memory: Memory
) -> tuple[list[Triple], int]:
    """Return the report, and how many of its parts were made anew; 0 needs no pySHACL."""
    known = memory.recall_report(data, by)
    made: list[str] = []
    if known is None:
        keep = memory.keep_part

        def count(key: str, part: Part) -> None:
            made.append(key)
            keep(key, part)

        memory.keep_part = count  # type: ignore[method-assign]
        known = validator.report(data, by, memory=memory)
    memory.save()
    return known, len(made)


def check_edits(versions: list[tuple[str, str]]) -> None:
    """Check the report of each version after the one before, and again after a return to it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "memory")
        for data, by in [*versions, *reversed(versions)]:
            triples = [*read(data, "data.ttl")], [*read(by)]
            try:
                expected = validator.report(*triples)
            except Exception as error:  # noqa: BLE001 (pySHACL raises anything)
                with pytest.raises(type(error)):
                    report(*triples, remember(path))
            else:
                assert report(*triples, remember(path))[0] == expected


def edited(text: str, changes: list[tuple[int, str]]) -> str:
    """Return a text in which lines are left out, or others put in their place."""
    lines = text.split("\n")
    for number, new in changes:
        lines[number % len(lines)] = new
    return "\n".join(lines)


@st.composite
def edits(draw: st.DrawFn) -> list[tuple[str, str]]:
    """Return versions of data and shapes, each a few changes away from the one before."""
    data, by, others = draw(data_graphs()), draw(shapes_graphs()), draw(data_graphs()).split("\n")
    versions = [(data, by)]
    line = st.tuples(st.integers(0, 30), st.sampled_from(["", *others]))
    for _ in range(draw(st.integers(1, 3))):
        if draw(st.integers(0, 3)):
            data = edited(data, draw(st.lists(line, min_size=1, max_size=2)))
        else:
            by = draw(shapes_graphs())
        versions.append((data, by))
    return versions


@settings(max_examples=8)
@given(edits())
def test_report_after_random_edits_is_that_from_nothing(versions: list[tuple[str, str]]) -> None:
    check_edits(versions)


@pytest.mark.slow
@settings(max_examples=60)
@given(edits())
def test_report_after_many_random_edits_is_that_from_nothing(
    versions: list[tuple[str, str]],
) -> None:
    check_edits(versions)


@pytest.mark.parametrize(
    ("data", "by", "most"),
    [
        (DATA, SHAPES, 0),
        (DATA.replace("ex:c ex:q 1", "ex:c ex:q 1 ; ex:m 2"), SHAPES, 0),  # the query says the same
        (DATA.replace("ex:n 1", "ex:n 1 , 2"), SHAPES, 1),
        (DATA.replace("ex:b a ex:S .", ""), SHAPES, 1),
        (DATA + " ex:d a ex:T .", SHAPES, 3),
        (DATA + " ex:c ex:n 3 .", SHAPES, 1),
        (DATA, SHAPES.replace("maxCount 1", "maxCount 2"), 2),  # the shape and its property shape
        (DATA.replace("ex:q", "ex:r"), SHAPES, 0),
        ("", SHAPES, 0),
    ],
)
def test_only_what_an_edit_can_change_is_made_again(
    data: str, by: str, most: int, tmp_path: Path
) -> None:
    path = tmp_path / "memory"
    report([*read(DATA, "data.ttl")], [*read(SHAPES)], remember(path))
    triples = [*read(data, "data.ttl")], [*read(by)]
    found, made = report(*triples, remember(path))
    assert found == validator.report(*triples)
    assert made <= most


def test_memory_of_another_version_is_ignored(tmp_path: Path) -> None:
    path = tmp_path / "memory"
    triples = [*read(DATA, "data.ttl")], [*read(SHAPES)]
    report(*triples, remember(path))
    other = Memory(str(path), ["another"])
    assert other.recall_report(*triples) is None
    assert other.recall("name", ["input"], lambda: "anew") == "anew"


def test_value_is_recalled_while_its_inputs_are_the_same(tmp_path: Path) -> None:
    path, term = tmp_path / "memory", ox.Literal("é\n", language="fr")
    first = remember(path)
    assert first.recall("name", ["a", "b"], lambda: [(term, 1)]) == [(term, 1)]
    first.save()
    assert remember(path).recall("name", ["a", "b"], lambda: None) == [(term, 1)]
    for name, inputs in (("name", ["ab"]), ("name", ["a", "b", ""]), ("other", ["a", "b"])):
        assert remember(path).recall(name, inputs, lambda: "anew") == "anew"


def test_keys_of_a_triple_are_those_of_all_its_look_ups() -> None:
    (triple,) = read("ex:a ex:n 1 .")
    s, p, o = (term.value for term in triple)
    patterns = [(s, p, o), (s, p), (s, None, o), (None, p, o), (s,), (None, p), (None, None, o), ()]
    assert {lookup_key(*pattern) for pattern in patterns} == {*lookup_keys([triple])}
