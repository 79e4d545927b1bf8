"""Root causes: only where one fact is the cause."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from kaiju_graph.validation.root_cause import Depth, RankedViolation, order_violations
from tests.cli.render.conftest import make_violation

if TYPE_CHECKING:
    from tests.conftest import Command, Copy

INFOBOX = "graph/gamera-2/infobox.trig"


@pytest.mark.usefixtures("warm_memory")
def test_missing_contexts_do_not_follow_from_one_another(copy: Copy) -> None:
    file = "graph/gamera-2/plot.trig"
    text, count = re.subn(r";\s*ev:needsContext [^.;]*\.\n", ".\n", copy.read(file))
    assert count > 10
    copy.write(file, text)
    violations = copy.load().validate().violations
    missing = [violation for violation in violations if violation.rule == "context"]
    assert len(missing) > 5
    assert not [violation.place for violation in missing if violation.first]


def test_wrong_value_may_be_why_a_count_is_wrong() -> None:
    wrong, missing = make_violation(rule="value"), make_violation(rule="count")
    of_label = "id:toho", "rdfs:label"
    ranked = [
        RankedViolation(missing, Depth.COUNTED, (of_label,)),
        RankedViolation(wrong, Depth.OTHER, ("value",), consequences=frozenset([of_label])),
    ]
    assert order_violations(ranked) == [wrong, missing._replace(first=(wrong.place, "value"))]
    assert order_violations(ranked[:1]) == [missing]


@pytest.mark.usefixtures("warm_memory")
def test_wrong_datatype_is_why_a_bound_is_not_met(copy: Copy) -> None:
    copy.replace(INFOBOX, "film:runtimeMinutes 100", 'film:runtimeMinutes "100"')
    first, *others = copy.load().validate().violations
    assert first.rule == "Ontology-datatype"
    assert "Film-runtimeMinutes-least" in {violation.rule for violation in others}
    assert {violation.first for violation in others} == {(first.place, first.rule)}


@pytest.mark.slow
def test_two_results_of_a_value_are_of_the_shape_and_do_not_follow_from_each_other(
    copy: Copy,
) -> None:
    # SHACL, section 4.3: an IRI cannot be compared with a bound, whether it is declared or not.
    shape = "sh:minInclusive 1 ; sh:maxExclusive 1000"
    copy.replace("ontology/shapes/film.ttl", "sh:minInclusive 1", shape)
    copy.replace(INFOBOX, "film:runtimeMinutes 100", "film:runtimeMinutes film:hundred")
    found = copy.load().validate().violations
    rule = "Film-runtimeMinutes-least"
    results = [(v.message, v.first) for v in found if v.rule == rule]
    start = "found film:hundred (declared by no ontology) as film:runtimeMinutes of id:gamera-2"
    assert {message for message, _ in results} == {
        f"{start}; expected {bound}" for bound in ("at least 1", "less than 1000")
    }
    assert not any(first and first[1] == rule for _, first in results)


@pytest.mark.slow
def test_warnings_fail_only_where_they_are_asked_to(copy: Copy, kaiju: Command) -> None:
    # SHACL, section 2.1.4: a severity does not change what conforms; the caller decides.
    copy.write("queries/odd.rq", '#+ summary: "Odd?"\nSELECT ?x { ?x a film:Flim } ORDER BY ?x\n')
    levels = ("error", "warning", "info")
    for form in ("text", "turtle", "json", "github"):
        run = ("--root", str(copy.root), "validate", "-f", form)
        assert kaiju(*run).returncode == 0, form
        codes = [kaiju(*run, "--fail-on", level).returncode for level in levels]
        assert codes == [0, 1, 1], form
    level = ("--root", str(copy.root), "validate", "--fail-on")
    assert kaiju(*level, "error").stdout.splitlines()[-2] == "conforms: 1 warning in 1 file"
    assert (
        kaiju(*level, "warning").stdout.splitlines()[-2] == "does not conform: 1 warning in 1 file"
    )
    assert '"conforms": false' in kaiju(*level, "warning", "-f", "json").stdout
    assert kaiju("validate", "--fail-on", "warning").returncode == 0
    assert kaiju("validate", "--fail-on", "note").returncode == 2
