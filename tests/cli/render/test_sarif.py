"""A SARIF log is valid by the schema of OASIS, and says what the report says."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sarif_kit import validation_errors

from kaiju_graph import __version__
from kaiju_graph.cli.render.report import View, render_report
from kaiju_graph.cli.render.sarif import MAX_RESULTS
from kaiju_graph.project.sources import Place
from kaiju_graph.rdf.terms import EVIDENCE, QUOTE, Quad
from kaiju_graph.validation.report import Report, Violation
from tests.cli.render.conftest import FILE, SHAPES, TURTLE, make_violation

if TYPE_CHECKING:
    from pathlib import Path

    from kaiju_graph.project.layout import Project
    from tests.conftest import Command, Copy


def sarif(project: Project, *violations: Violation, view: View | None = None) -> dict[str, Any]:
    """Return the only run of the SARIF log of some violations."""
    log = json.loads(render_report(Report([*violations], []), "sarif", project, view))
    assert validation_errors(log) == []
    (run,) = log["runs"]
    return dict(run)


def test_log_describes_the_tool_and_its_rules(small: Project) -> None:
    run = sarif(small)
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("kaiju-graph", __version__)
    rules = {rule["id"]: rule for rule in driver["rules"]}
    assert {"syntax", "quote", "cax-dw", "Film-director"} <= rules.keys()
    assert "Film-retired" not in rules  # sh:deactivated
    director = rules["Film-director"]
    assert director["name"] == "FilmDirector"
    assert director["shortDescription"] == {"text": "A film is directed by persons."}
    assert director["defaultConfiguration"] == {"level": "warning"}
    assert director["properties"] == {"source": f"{SHAPES}:3:1"}
    assert f"{SHAPES}:3" in director["help"]["text"]
    assert run["results"] == run["artifacts"] == []
    assert run["invocations"][0]["exitCode"] == 0


def test_result_has_its_place_in_code_points(small: Project) -> None:
    line = 'id:x rdfs:label "𠮷e\u0301"@en .'
    place = Place("graph/a b/ü.trig", 7, 17)
    run = sarif(small, make_violation(place=place, line=line, width=8))
    (result,) = run["results"]
    assert run["columnKind"] == "unicodeCodePoints"
    location = result["locations"][0]["physicalLocation"]
    assert location["artifactLocation"] == {
        "uri": "graph/a%20b/%C3%BC.trig",
        "uriBaseId": "%SRCROOT%",
        "index": 0,
    }
    region = location["region"]
    assert (region["startLine"], region["startColumn"]) == (7, 17)
    assert (region["endLine"], region["endColumn"]) == (7, 25)
    assert region["snippet"]["text"] == line[16:24] == '"𠮷e\u0301"@en'
    assert location["contextRegion"]["snippet"]["text"] == line
    root = run["originalUriBaseIds"]["%SRCROOT%"]["uri"]
    assert root.startswith("file:///")
    assert root.endswith("/project/")


def test_result_names_its_rule_and_links_to_it_and_to_the_root_cause(small: Project) -> None:
    violation = make_violation(
        rule="Film-director",
        source=Place(SHAPES, 3, 1),
        obligation="A film is directed by persons.",
        first=(Place("graph/y.trig", 9, 2), "quote"),
    )
    run = sarif(small, violation)
    (result,) = run["results"]
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    lines = result["message"]["text"].split("\n")
    assert lines[0] == "found x; expected y."
    assert f"rule: [{SHAPES}:3](1)  A film is directed by persons." in lines
    assert "first: mend [graph/y.trig:9](2):2 [quote], which may cause this" in lines
    files = [artifact["location"]["uri"] for artifact in run["artifacts"]]
    related = {
        location["id"]: files[location["physicalLocation"]["artifactLocation"]["index"]]
        for location in result["relatedLocations"]
    }
    assert related == {1: SHAPES, 2: "graph/y.trig"}


def test_level_and_exit_code_follow_severity_and_fail_on(small: Project) -> None:
    severities = ("error", "warning", "info")
    run = sarif(small, *(make_violation(severity=severity) for severity in severities))
    assert [result["level"] for result in run["results"]] == ["error", "warning", "note"]
    warning = make_violation(severity="warning")
    codes = [
        sarif(small, warning, view=View(fail_on=level))["invocations"][0]["exitCode"]
        for level in severities
    ]
    assert codes == [0, 1, 1]


def fingerprint(result: dict[str, Any]) -> str:
    return str(result["partialFingerprints"]["violation/v1"])


def test_fingerprint_is_the_same_after_lines_have_moved(
    small: Project, quote: Quad, other_quote: Quad
) -> None:
    violations = [
        make_violation(quad=quote),
        make_violation(quad=other_quote),
        make_violation(quad=quote),
        make_violation(rule="tiling", line="  Nobody saw it."),
        make_violation(rule="tiling", line="Everybody saw it."),
    ]
    moved = [
        v._replace(place=Place(v.place.file, v.place.line + 5, 1), line=v.line.strip())
        for v in violations
    ]
    before, after = sarif(small, *violations)["results"], sarif(small, *moved)["results"]
    assert [*map(fingerprint, before)] == [*map(fingerprint, after)]
    assert len({*map(fingerprint, before)}) == len(violations)
    elsewhere = violations[0]._replace(place=Place("graph/y.trig", 1, 1))
    assert fingerprint(sarif(small, elsewhere)["results"][0]) != fingerprint(before[0])


def test_log_has_no_more_results_than_github_takes(
    small: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MAX_RESULTS == 25_000  # docs.github.com, "SARIF results exceed one or more limits"
    monkeypatch.setattr("kaiju_graph.cli.render.sarif.MAX_RESULTS", 3)
    run = sarif(small, *[make_violation()] * 5, view=View(omitted=2))
    assert len(run["results"]) == 3
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert note["message"]["text"] == "4 violations not shown"


def test_texts_of_the_data_are_no_placeholders_or_links(small: Project) -> None:
    message = "found {0} and [a](http://example.org/); expected b"
    (result,) = sarif(small, make_violation(message=message))["results"]
    first = result["message"]["text"].split("\n")[0]
    # SARIF 2.1.0, 3.11.5 (braces are doubled) and 3.11.6 (a bracket in a link text is escaped).
    assert first == "found {{0}} and [a\\](http://example.org/); expected b."


@given(text=st.text(st.characters(codec="utf-8")), column=st.integers(1, 50))
def test_log_is_valid_for_any_text(text: str, column: int, small: Project) -> None:
    violation = make_violation(
        rule=text or "x",
        message=text,
        obligation=text * 40,
        because=text,
        line=text.replace("\n", ""),
        width=len(text),
        place=Place(text or "x", 1, column),
        source=Place(text or "x", 2, 1),
        first=(Place(text or "x", 3, 1), text),
    )
    (result,) = sarif(small, violation)["results"]
    assert result["ruleId"] == (text or "x")


def test_output_of_the_command_is_written_whole_or_not_at_all(
    copy: Copy, kaiju: Command, tmp_path: Path
) -> None:
    copy.replace("graph/gamera-2/infobox.trig", "film:composer", "flim:composer")
    shutil.rmtree(copy.root / "ontology/shapes")  # which are slow
    copy.write(SHAPES, TURTLE)
    path = tmp_path / "kaiju.sarif"
    run = kaiju("validate", "-f", "sarif", "-o", str(path), cwd=copy.root)
    assert (run.returncode, run.stdout, run.stderr) == (1, "", "")
    log = json.loads(path.read_text(encoding="utf-8"))
    assert validation_errors(log) == []
    assert "syntax" in {result["ruleId"] for result in log["runs"][0]["results"]}
    assert log["runs"][0]["invocations"][0]["exitCode"] == 1
    source = copy.read("graph/entities.ttl")
    run = kaiju("validate", "-o", "graph/entities.ttl", cwd=copy.root)
    message = "graph/entities.ttl: found a file among the sources; expected another"
    assert (run.returncode, run.stderr) == (2, f"kaiju: error: {message}\n")
    assert copy.read("graph/entities.ttl") == source
    missing = tmp_path / "missing" / "kaiju.sarif"
    run = kaiju("validate", "-f", "sarif", "-o", str(missing), cwd=copy.root)
    message = f"kaiju: error: {missing}: cannot be written: No such file or directory\n"
    assert (run.returncode, run.stdout, run.stderr) == (4, "", message)
    assert not missing.parent.exists()


@pytest.fixture
def quote() -> Quad:
    import pyoxigraph as ox

    return Quad(ox.NamedNode("urn:p"), QUOTE, ox.Literal("Nobody."), EVIDENCE)


@pytest.fixture
def other_quote(quote: Quad) -> Quad:
    import pyoxigraph as ox

    return quote._replace(object=ox.Literal("Everybody."))


def test_violation_of_the_fixture_is_in_its_file(small: Project) -> None:
    (result,) = sarif(small, make_violation())["results"]
    location = result["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == FILE
