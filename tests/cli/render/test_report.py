"""A report reads like a compiler's, in every format, for every rule that there is."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from junitparser import JUnitXml
from sarif_kit import validation_errors

from kaiju_graph.cli.commands import validate as command
from kaiju_graph.cli.render import report as rendering
from kaiju_graph.project import layout, passages, sources
from kaiju_graph.project.sources import Place, SourceFile
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.parse import parse
from kaiju_graph.validation import shapes
from kaiju_graph.validation.evidence_checks.checks import CHECKS, OBLIGATIONS
from kaiju_graph.validation.report import Report, Suggestion, Violation
from kaiju_graph.validation.root_cause import Depth, RankedViolation, order_violations
from kaiju_graph.validation.validate import check_sources
from tests.cli.render.conftest import make_violation
from tests.conftest import Copy, every_nth
from tests.repository import FOLDERS, ROOT
from tests.validation.evidence_checks.test_checks import CASES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _pytest.mark import ParameterSet

    from tests.cli.conftest import Terminal
    from tests.conftest import Command

EXAMPLES = ROOT / "tests/counterexamples"
COUNTEREXAMPLES = sorted(EXAMPLES.glob("*.trig"))
SELECTED = ("Ontology-range", "Ontology-term-known")
"""Counter-examples that are in every sample."""
REPORTS = ROOT / "tests/reports"
INFOBOX = "graph/gamera-2/infobox.trig"
ENTITIES = "graph/entities.ttl"
LEAD = "graph/gamera-2/lead.trig"
PLOT = "graph/gamera-2/plot.trig"
SEE_ALSO = "graph/gamera-2/see-also.trig"
RELEASE = "graph/gamera-2/release.trig"
NOTHING = """@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix shape: <https://w3id.org/kaiju/shape#> .
shape:None sh:targetNode shape:None .
"""
KEYS: dict[str, Any] = {
    "rule": str,
    "severity": str,
    "message": str,
    "file": str,
    "line": int,
    "column": int,
    "text": str,
    "width": int,
    "focus": (str, type(None)),
    "path": (str, type(None)),
    "value": (str, type(None)),
    "passage": (str, type(None)),
    "section": (str, type(None)),
    "sentence": (str, type(None)),
    "obligation": str,
    "source": (dict, type(None)),
    "because": (str, type(None)),
    "nearest": list,
    "first": (dict, type(None)),
    "remedy": (dict, type(None)),
    "unchecked": (str, type(None)),
}
PLACE = Place("graph/x.trig", 7, 5)


def text_of(copy: Copy, report: Report, width: int = 0) -> str:
    view = rendering.View(width)
    return rendering.render_report(report, "text", layout.find(str(copy.root)), view)


def check_approved(name: str, text: str) -> None:
    """Compare a text with the approved one, which a person has read."""
    assert text == (REPORTS / f"{name}.txt").read_text(encoding="utf-8")


# Whole reports ---------------------------------------------------------------


# What is wrong → file → a text of it and its replacement.
MISTAKES: dict[str, dict[str, tuple[str, str]]] = {
    "a-misspelt-property": {INFOBOX: ("film:composer id:kow", "film:compozer id:kow")},
    "a-misspelt-thing": {INFOBOX: ("id:kow-otani .", "id:kow-otany .")},
    "a-misspelt-class": {ENTITIES: ("id:toho a film:Organization", "id:toho a film:Agnet")},
    "a-thing-of-the-wrong-class": {
        ENTITIES: ("id:yo-oizumi a film:Person", "id:yo-oizumi a film:Place")
    },
    "a-wrong-value-and-a-wrong-datatype": {
        INFOBOX: ("film:director id:shusuke-kaneko", "film:director id:japan"),
        RELEASE: ('"2003"^^xsd:gYear', '"2003"'),
    },
    "a-missing-label": {
        ENTITIES: ('a film:Organization ;\n    rdfs:label "ADV Films"@en', "a film:Organization"),
    },
    "a-film-without-what-its-article-must-say": {
        INFOBOX: ("film:editor id:shizuo-arakawa", "film:seeAlso id:gamera"),
    },
    "a-misspelt-subject": {
        PLOT: ("g2:crash-of-the-meteor a story:Event", "g2:crash-of-the-metor a story:Event"),
    },
    "several-files-that-do-not-load": {
        INFOBOX: ("film:composer", "flim:composer"),
        ENTITIES: ("id:toho a", "id:toho is a"),
        "graph/gamera-2/article.txt": ("Yō", "Yo\u0304"),
        "ontology/shapes/film.ttl": ("sh:uniqueLang true ;", "sh:uniqueLang true"),
        "queries/who-directed.rq": ("SELECT", "SELCT"),
    },
    "a-question-that-is-none": {"queries/who-directed.rq": ("SELECT", "SELCT")},
}


def sample(cases: Iterable[str], *always: str) -> list[ParameterSet]:
    """Return parameters of which only some run by default: a run of all shapes takes seconds."""
    return [pytest.param(name, marks=[] if name in always else pytest.mark.slow) for name in cases]


@pytest.mark.usefixtures("warm_memory")
@pytest.mark.parametrize(
    "name",
    sample(
        MISTAKES,
        "a-wrong-value-and-a-wrong-datatype",
        "several-files-that-do-not-load",
    ),
)
def test_report_of_a_mistake_is_as_approved(name: str, copy: Copy) -> None:
    for file, (old, new) in MISTAKES[name].items():
        copy.replace(file, old, new)
    report = copy.load().validate()
    assert not report.conforms
    check_approved(name, text_of(copy, report))


@pytest.mark.parametrize("rule", every_nth([*CHECKS, "quote"], 9))
def test_report_of_an_evidence_check_is_as_approved(rule: str, copy: Copy) -> None:
    case = next(case for case in CASES if case.rule == rule)
    copy.replace(case.file, case.old, case.new)
    shutil.rmtree(copy.root / "ontology/shapes")
    copy.write("ontology/shapes/none.ttl", NOTHING)
    report = copy.load().validate()
    assert report.violations[0].obligation == OBLIGATIONS[rule]
    check_approved(f"check-{rule}", text_of(copy, report))


SECOND = """g2:see-also-{0} ev:quote "Rebirth of Mothra II"@en ;
    ev:needsContext g2:release-1-1 .

g2:see-also-{0} {{"""
# Each mistake is an edit; then the marked text and a part of the message of the first violation.
AT_FIRST: dict[str, tuple[str, str, str, str, str]] = {
    "two classes that are disjoint": (
        PLOT,
        "g2:uprooting-of-the-pod a story:Event",
        "g2:uprooting-of-the-pod a story:Event , story:Prospect",
        "story:Prospect",
        ": A thing does not belong to two disjoint classes",
    ),
    "an unknown subject": (
        INFOBOX,
        "id:gamera-2 film:director",
        "id:gamera-3 film:director",
        "id:gamera-3",
        "found id:gamera-3 (of no class)",
    ),
    "a blank node": (
        RELEASE,
        "film:releasedBy id:adv-films",
        'film:releasedBy [ a film:Company ; film:title "ADV Films"@en ]',
        "[",
        "found a blank node",
    ),
    "an offset": (
        SEE_ALSO,
        '"Rebirth of Mothra II"@en ;',
        '"Rebirth of Mothra II"@en ;\n    ev:start 5 ;',
        "5",
        "found a computed property, written by hand",
    ),
    "a quote that is taken": (
        SEE_ALSO,
        '"Rebirth of Mothra II"@en',
        '"Die Hard"@en',
        '"Die Hard"@en',
        "expected words not quoted by g2:production-2-1 (graph/gamera-2/production.trig:",
    ),
    "two quotes": (
        SEE_ALSO,
        '"Rebirth of Mothra II"@en',
        '"Rebirth of Mothra II"@en , "Godzilla"@en',
        '"Godzilla"@en',
        f"the name of another passage, or only the first quote ({SEE_ALSO}:15)",
    ),
    "a name that is taken": (
        SEE_ALSO,
        SECOND.format(2),
        SECOND.format(1),
        '"Rebirth of Mothra II"@en',
        f"the name of another passage, or only the first quote ({SEE_ALSO}:8)",
    ),
    "an empty quote": (
        SEE_ALSO,
        '"Rebirth of Mothra II"@en',
        '""@en',
        '""@en',
        "found an empty quote",
    ),
    "a quote that is too late": (
        SEE_ALSO,
        '"List of killer insect films"@en',
        '"Godzilla vs. Megaguirus"@en',
        '"Rebirth of Mothra II"@en',
        f"out of order; expected it above g2:see-also-1 ({SEE_ALSO}:8)",
    ),
    "words in no passage": (
        "graph/gamera-2/article.txt",
        "by ADV Films.",
        "by ADV Films. Nobody saw it.",
        "Nobody saw it.",
        f"in no passage; expected one after g2:release-1-2 ({RELEASE}:20)",
    ),
    "a term that says not who defines it": (
        "ontology/film.ttl",
        "    rdfs:domain film:Film ;\n    rdfs:range film:Person ;\n    rdfs:isDefinedBy film: .",
        "    rdfs:domain film:Film ;\n    rdfs:range film:Person .",
        "film:",
        ": Each of our own terms names the ontology that defines it",
    ),
    "a second article": (
        INFOBOX,
        "g2:article a ev:Article ;",
        "g2:second a ev:Article .\n\ng2:article a ev:Article ;",
        "=",
        "found 2 nodes of type ev:Article",
    ),
    "a prefix of another namespace": (
        PLOT,
        "<https://w3id.org/kaiju/story#>",
        "<https://w3id.org/kaiju/stori#>",
        "story:",
        "found story: for <https://w3id.org/kaiju/stori#>; expected <https://w3id.org/kaiju/story#>",
    ),
    "a graph without a quote": (
        SEE_ALSO,
        "g2:see-also-2 {",
        "g2:see-also-22 {",
        "g2:see-also-2",
        "found no statement in g2:see-also-2",
    ),
    "what comes before itself": (
        PLOT,
        "story:before g2:crash-of-the-meteor",
        "story:before g2:crash-of-the-meteor , g2:battle-of-gamera-and-the-gyaos",
        "g2:battle-of-gamera-and-the-gyaos",
        ": Nothing comes before something that comes before it",
    ),
}


@pytest.mark.usefixtures("warm_memory")
@pytest.mark.parametrize(
    "name",
    sample(
        AT_FIRST,
        "words in no passage",
    ),
)
def test_root_cause_comes_first_and_names_its_consequences(name: str, copy: Copy) -> None:
    file, old, new, meant, message = AT_FIRST[name]
    copy.replace(file, old, new)
    first, *rest = copy.load().validate().violations
    assert message in first.message
    at = first.place.column - 1
    assert first.line == copy.line(first.place.file, first.place.line)
    assert first.line[at : at + first.width].startswith(meant)
    errors = [violation for violation in rest if violation.severity == "error"]
    assert all(violation.first == (first.place, first.rule) for violation in errors)


def test_no_approved_report_is_unused() -> None:
    kept = {path.stem for path in REPORTS.glob("*")}
    assert kept == {*MISTAKES, *(f"check-{rule}" for rule in [*CHECKS, "quote"])}


@pytest.mark.slow
@pytest.mark.usefixtures("warm_memory")
def test_registry_of_prefixes_that_does_not_load_is_a_violation(copy: Copy, kaiju: Command) -> None:
    copy.write("ontology/prefixes.ttl", "nonsense\n")
    run = kaiju("validate", "-f", "json", cwd=copy.root)
    (violation,) = json.loads(run.stdout)["violations"]
    assert (run.returncode, run.stderr, violation["rule"]) == (1, "", "syntax")
    assert (violation["file"], violation["text"]) == ("ontology/prefixes.ttl", "nonsense")


# Every rule ------------------------------------------------------------------


@pytest.fixture(
    scope="module",
    params=[pytest.param(12, id="sample"), pytest.param(1, id="all", marks=pytest.mark.slow)],
)
def all_counterexamples(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Copy, Report]:
    """Return a project of counter-examples, each with things of its own, and its report."""
    copy = Copy(tmp_path_factory.mktemp("every") / "copy")
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, copy.root / folder)
    where = layout.find(str(copy.root))
    files = {name: f for name, f in sources.read(where).files.items() if f.layer == "ontology"}
    for path in {*COUNTEREXAMPLES[:: request.param], *(EXAMPLES / f"{n}.trig" for n in SELECTED)}:
        name = f"graph/{path.name}"
        text = path.read_text(encoding="utf-8").replace("kaiju/id/>", f"kaiju/id/{path.stem}->")
        text = re.sub(r"kaiju/(example|sample)(#?)", rf"kaiju/{path.stem}-\1\2", text)
        text = re.sub(r"\b(film|story|ev):([Ss]ample|[Ss]pecimen)\b", rf"\1:\2-{path.stem}", text)
        copy.write(name, text)
        layer, graph = "stated", terms.EVIDENCE
        if " a owl:" in text:
            layer, graph = "ontology", terms.ONTOLOGY
        files[name] = SourceFile(layer, graph, [*parse(name, text, graph)])
    data = sources.Sources(files, {})
    return copy, check_sources(where, data, shapes.read(where), passages.locate_passages(data))


def test_each_rule_is_reported_with_the_line_that_states_it(
    all_counterexamples: tuple[Copy, Report],
) -> None:
    copy, report = all_counterexamples
    where = layout.find(str(copy.root))
    violations = {violation.rule: violation for violation in report.violations}
    violations |= {v.rule: v for v in report.violations if v.place.file == f"graph/{v.rule}.trig"}
    examples = {path.stem for path in (copy.root / "graph").glob("*.trig")}
    rules = sorted(examples & {path.stem for path in COUNTEREXAMPLES})
    assert violations.keys() >= set(rules)
    for rule in rules:
        violation = violations[rule]
        text = text_of(copy, Report([violation], []))
        note = re.search(r"^   = rule: (\S+):(\d+)(?:  (.+))?$", text, re.MULTILINE)
        assert note, text
        file, line, obligation = note.groups(default=violation.obligation)
        assert re.match(rf"shape:{re.escape(rule)}(?= )", copy.line(file, int(line))), rule
        # A message may be a pattern that names the property and the class at hand.
        patterns = re.findall(r'sh:message "(.+)"@en', copy.read(file))
        forms = [re.sub(r"<\\\{\\\?\w+\\\}>", r"\\w+:\\w+", re.escape(p)) for p in patterns]
        assert any(re.fullmatch(form, obligation) for form in forms), rule
        # The caret is under the term, in a line that is as it is in the file.
        assert violation.line == copy.line(violation.place.file, violation.place.line), rule
        assert re.search(r"^ +\| +\^+$", text, re.MULTILINE), rule
        head = rf"graph/\S+:\d+:\d+: (error|warning)\[{re.escape(rule)}\] found .+"
        assert re.match(rf"{head}(; expected .+|: {re.escape(violation.obligation)})\n", text), rule
        iris = re.findall(r"<(\S+)>", text)
        assert all(where.prefixes.shorten(iri) == f"<{iri}>" for iri in iris), rule
        assert violation.severity in ("error", "warning") or violation.result is not None, rule


def test_verdict_counts_what_is_left_out() -> None:
    where = layout.find(str(ROOT))
    warning = make_violation(severity="warning")
    view = rendering.View(omitted=1, fails=True)
    text = rendering.render_report(Report([warning], []), "text", where, view)
    assert "\ndoes not conform: 1 warning in 1 file; 1 more not shown\n" in text
    assert not json.loads(rendering.render_report(Report([], []), "json", where, view))["conforms"]


def test_every_format_has_every_violation(all_counterexamples: tuple[Copy, Report]) -> None:
    copy, report = all_counterexamples
    where = layout.find(str(copy.root))
    found = json.loads(rendering.render_report(report, "json", where))
    assert found.keys() == {"conforms", "severities", "rules", "omitted", "violations"}
    assert len(found["violations"]) == len(report.violations)
    for row in found["violations"]:
        assert row.keys() == KEYS.keys()
        assert all(isinstance(row[key], kind) for key, kind in KEYS.items()), row
    assert sum(found["severities"].values()) == sum(found["rules"].values())
    annotations = rendering.render_report(report, "github", where).splitlines()
    assert len(annotations) == len(report.violations)
    pattern = re.compile(
        r"::(error|warning|notice) file=[^:,\n]+,line=\d+,col=\d+(,endColumn=\d+)?,title=[\w-]+::.+"
    )
    assert all(pattern.fullmatch(line) for line in annotations)
    text = text_of(copy, report)
    heads = re.findall(r"^\S+:\d+:\d+: \w+\[(\S+)\] ", text, re.MULTILINE)
    assert heads == [violation.rule for violation in report.violations]
    turtle = terms.rdflib_graph(
        parse("x.ttl", rendering.render_report(report, "turtle", where), terms.EVIDENCE)
    )
    sarif = json.loads(rendering.render_report(report, "sarif", where))
    assert validation_errors(sarif) == []
    rules = [result["ruleId"] for result in sarif["runs"][0]["results"]]
    assert rules == [violation.rule for violation in report.violations]
    xml = JUnitXml.fromstring(rendering.render_report(report, "junit", where).encode())
    assert xml.failures + xml.skipped == len({(v.rule, v.place) for v in report.violations})
    results = [v for v in report.violations if v.result]
    assert len(set(turtle.subjects(predicate=_sh("sourceShape")))) == len(results)


def _sh(name: str) -> Any:
    from rdflib import SH

    return SH[name]


def test_help_names_every_key_of_the_json() -> None:
    names = set(re.findall(r'"(\w+)"', command.EPILOG))
    keys = {"conforms", "severities", "rules", "omitted", "violations", *KEYS}
    assert names == keys | {"error", "note", "remove", "add"}


# Parts of a report -----------------------------------------------------------


def test_report_of_a_rule_has_only_its_results(all_counterexamples: tuple[Copy, Report]) -> None:
    _, report = all_counterexamples
    for rule in ("Ontology-range", "Ontology-term-known"):
        part = report.select({rule})
        assert {violation.rule for violation in part.violations} == {rule}
        graph = part.shacl
        (node,) = graph.subjects(_sh("conforms"))
        assert len(set(graph.objects(node, _sh("result")))) == sum(
            violation.result is not None for violation in part.violations
        )
        shapes = {str(o).rpartition("#")[2] for o in graph.objects(None, _sh("sourceShape"))}
        assert shapes == {rule}
        assert not bool(graph.value(node, _sh("conforms")))
        reachable = {node, *graph.objects()}
        assert set(graph.subjects()) <= reachable


@pytest.mark.slow
@pytest.mark.usefixtures("warm_memory")
def test_report_of_shacl_has_results_or_conforms_or_is_empty(copy: Copy) -> None:
    # SHACL, section 3.6.1.1: sh:conforms is true if and only if there is no result.
    def conforms(report: Report) -> list[bool]:
        return [bool(value) for value in report.shacl.objects(None, _sh("conforms"))]

    copy.replace(RELEASE, "ev:quote", "ev:order 1 ; ev:quote")
    report = copy.load().validate()
    assert ([v.rule for v in report.violations], conforms(report)) == (["plain"], [True])
    copy.replace(INFOBOX, "film:director id:shusuke-kaneko", "film:director id:japan")
    report = copy.load().validate()
    assert report.violations[0].rule == "plain"
    parts = (report, report.select({"plain"}), report.select({"Ontology-range"}), report.head())
    assert [*map(conforms, parts)] == [[False], [True], [False], []]
    copy.write(INFOBOX, "nonsense")
    assert conforms(copy.load().validate()) == []


@pytest.mark.slow
@pytest.mark.usefixtures("warm_memory")
def test_rule_and_first_select_violations(kaiju: Command, copy: Copy) -> None:
    for file, (old, new) in MISTAKES["a-wrong-value-and-a-wrong-datatype"].items():
        copy.replace(file, old, new)
    two = kaiju("validate", "--rule", "context", "--rule", "cax-adc", cwd=copy.root)
    assert two.returncode == 1
    assert re.findall(r"\[([\w-]+)\] found", two.stdout) == ["cax-adc", "context"]
    first = kaiju("validate", "--first", cwd=copy.root)
    assert first.returncode == 1
    assert first.stdout.startswith(f"{INFOBOX}:32:31: error[Ontology-range] found id:japan")
    assert first.stdout.endswith(
        "\ndoes not conform: 1 error in 1 file; 3 more not shown\n    1  Ontology-range\n"
    )
    none = kaiju("validate", "--rule", "Film-budget-single", cwd=copy.root)
    assert (none.returncode, none.stdout) == (0, "conforms\n")
    for name in ("shape:Ontology-range", "https://w3id.org/kaiju/shape#Ontology-range"):
        named = kaiju("validate", "--rule", name, cwd=copy.root)
        assert re.findall(r"\[([\w-]+)\] found", named.stdout) == ["Ontology-range"]
    unknown = kaiju("validate", "--rule", "Ontology-rang", cwd=copy.root)
    assert (unknown.returncode, unknown.stdout) == (3, "")
    assert "no rule 'Ontology-rang'; did you mean 'Ontology-range'" in unknown.stderr


# Terminals -------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("width", [120, 60])
def test_lines_fit_the_terminal_and_the_caret_is_under_the_term(
    width: int, copy: Copy, real_terminal: Terminal
) -> None:
    from rich.cells import cell_len

    copy.replace(ENTITIES, 'rdfs:label "ADV Films"@en', 'rdfs:label "大泉 ADV Filns 大きな"@en')
    copy.replace(PLOT, "crash site; unbeknown", "crash place; unbeknown")
    shutil.rmtree(copy.root / "ontology/shapes")  # which are slow
    copy.write("ontology/shapes/none.ttl", NOTHING)
    text, code = real_terminal("validate", columns=width, env={"NO_COLOR": "1"}, cwd=copy.root)
    assert code == 1
    assert "\x1b" not in text
    assert max(map(cell_len, text.splitlines())) <= width
    shown = [
        (above, below)
        for above, below in zip(text.splitlines(), text.splitlines()[1:], strict=False)
        if re.fullmatch(r" +\| +\^+", below)
    ]
    assert len(shown) == 2
    meant = set()
    for above, below in shown:
        start, end = below.index("^"), len(below)
        cells = "".join(c + "\0" * (cell_len(c) - 1) for c in above)
        meant.add(cells[start:end].replace("\0", ""))
    assert meant == {"大泉", "place;"}


@pytest.mark.slow
def test_colour_is_for_terminals_whose_users_want_it(copy: Copy, real_terminal: Terminal) -> None:
    copy.replace(INFOBOX, '"Music: Kow Otani"', '"Music: Koh Otani"')
    coloured, plain, dumb = (
        real_terminal("validate", columns=100, env=env, cwd=copy.root)[0]
        for env in ({}, {"NO_COLOR": "1"}, {"TERM": "dumb"})
    )
    assert "\x1b[1;31merror[quote]\x1b[0m" in coloured
    assert "\x1b[31m^^^\x1b[0m" in coloured
    assert "\x1b[31m[-Koh-]\x1b[0m \x1b[32m{+Kow+}\x1b[0m" in coloured
    assert plain == re.sub(r"\x1b\[[\d;]*m", "", coloured)
    assert "\x1b" not in dumb


LINES = st.text(st.characters(codec="utf-8", exclude_characters="\n\r"), max_size=300)


@given(line=LINES, at=st.integers(0, 299), width=st.integers(0, 40), columns=st.integers(0, 130))
def test_source_line_is_cut_to_fit_without_control_characters(
    line: str, at: int, width: int, columns: int
) -> None:
    place = PLACE._replace(column=min(at, len(line)) + 1)
    violation = Violation("x", "error", "found x", place, line=line, width=width)
    report = Report([violation], [])
    view = rendering.View(columns)
    text = rendering.render_report(report, "text", layout.Project("", {}), view)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", text)
    rows = text.split("\n")
    shown = [row for row in rows if row.startswith("    7 |")]
    assert len(shown) == bool(line)
    if shown and width:
        caret = rows[rows.index(shown[0]) + 1]
        assert re.fullmatch(r" {6}\| +\^+", caret)
        assert len(caret) <= max(columns or 100, 16)


@given(text=st.text(st.characters(codec="utf-8")))
def test_annotation_is_one_line_for_any_text(text: str) -> None:
    near = (Suggestion(text, text),)
    file = text.replace("\n", "") or "x"
    violation = Violation(
        "x", "info", text, Place(file, 1, 1), obligation=text, because=text, nearest=near
    )
    shown = rendering.render_report(Report([violation], []), "github", layout.Project("", {}))
    assert shown.startswith("::notice file=")
    assert not re.search(r"[\r\n]", shown[:-1])
    properties, _, _ = shown[9:].partition("::")
    assert [part.partition("=")[0] for part in properties.strip().split(",")] == [
        "file",
        "line",
        "col",
        "title",
    ]


# Root causes -----------------------------------------------------------------


@given(
    found=st.lists(
        st.tuples(
            st.integers(1, 40), st.sampled_from(Depth), st.lists(st.integers(0, 9), max_size=3)
        ),
        max_size=25,
        unique_by=lambda item: item[0],
    ),
    data=st.data(),
)
def test_every_violation_is_listed_once_after_its_root_cause(
    found: list[tuple[int, Depth, list[int]]], data: st.DataObject
) -> None:
    traced = [
        RankedViolation(Violation("x", "error", "", PLACE._replace(line=line)), depth, tuple(keys))
        for line, depth, keys in found
    ]
    ordered = order_violations(traced)
    assert order_violations(data.draw(st.permutations(traced))) == ordered
    assert sorted(v.place.line for v in ordered) == sorted(line for line, _, _ in found)
    keys = {line: set(shared) for line, _, shared in found}
    seen: list[Violation] = []
    for violation in ordered:
        if violation.first:
            assert violation.first[0] in {root.place for root in seen if not root.first}
        seen.append(violation)
    roots = [keys[v.place.line] for v in ordered if not v.first]
    assert all(a.isdisjoint(b) for at, a in enumerate(roots) for b in roots[:at])
