"""The report of a validation, in each of ``FORMATS``."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import pyoxigraph as ox

from kaiju_graph.cli.render.text import json_text, quantity, wrap
from kaiju_graph.cli.render.violation import block, in_one_line, notes
from kaiju_graph.rdf.notation import term_text
from kaiju_graph.validation.report import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from kaiju_graph.project.layout import Project
    from kaiju_graph.rdf.terms import Term
    from kaiju_graph.validation.report import Report, Violation

__all__ = ["FORMATS", "View", "paint_report", "render_report"]

HEAD = re.compile(r"^(\S+:\d+:\d+:)?( *)(error|warning|info)(\[\S+\])", re.MULTILINE)
CARET = re.compile(r"^( *\| *)(\^+)$", re.MULTILINE)
NOTE = re.compile(r"^( += \w+:)", re.MULTILINE)
CHANGE = re.compile(r"(\[-.*?-\])|(\{\+.*?\+\})", re.DOTALL)
COLOURS = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m", "info": "\x1b[1;34m"}
BOLD, RED, GREEN, PLAIN = "\x1b[1m", "\x1b[31m", "\x1b[32m", "\x1b[0m"


class View(NamedTuple):
    """What of a validation a report shows, and where."""

    width: int = 0
    """Columns of the terminal, in cells; 0 where there is none."""
    omitted: int = 0
    """How many violations the report leaves out."""
    fail_on: str = "error"
    """The least severity that fails."""
    fails: bool = False
    """Whether a violation that is left out fails."""
    rules: Collection[str] = ()
    """The rules that were selected; empty if all were."""

    def is_failure(self, report: Report) -> bool:
        """Tell whether a report fails, with what the view leaves out."""
        return self.fails or report.fails(self.fail_on)


def render_report(report: Report, form: str, project: Project, view: View | None = None) -> str:
    """Return a report as text.

    Args:
        report: the report.
        form: one of ``FORMATS``.
        project: its prefixes shorten IRIs.
        view: what the report shows; None is everything, without a terminal.
    """
    return FORMATS[form](report, project, view or View())


def _report_text(report: Report, project: Project, view: View) -> str:
    """Return a report as a compiler writes it."""
    blocks = [block(violation, project, view.width) for violation in report.violations]
    return "\n".join([*blocks, _summary(report, view)])


def _report_turtle(report: Report, project: Project, _: View) -> str:
    """Return the results of shapes (SHACL, section 3.6)."""
    from kaiju_graph.rdf import write

    return write.write(report.triples, "turtle", project) if report.triples else ""


def _report_github(report: Report, project: Project, _: View) -> str:
    """Return a report as workflow commands of GitHub Actions."""
    return "".join(_annotation(violation, project) for violation in report.violations)


def _report_sarif(report: Report, project: Project, view: View) -> str:
    from kaiju_graph.cli.render.sarif import render_sarif

    return render_sarif(report, project, view)


def _report_junit(report: Report, project: Project, view: View) -> str:
    from kaiju_graph.cli.render.junit import render_junit

    return render_junit(report, project, view)


def _summary(report: Report, view: View) -> str:
    """Return whether the project conforms, and the violations counted by severity and rule.

    Violations that are less severe than those that make the command fail do not count.
    """
    violations = report.violations
    by_severity = Counter(violation.severity for violation in violations)
    counts = [
        quantity(by_severity[name], name) if name != "info" else f"{by_severity[name]} info"
        for name in SEVERITIES
        if by_severity[name]
    ]
    verdict = "does not conform" if view.is_failure(report) else "conforms"
    if not violations:
        return f"{verdict}\n"
    files = quantity(len({violation.place.file for violation in violations}), "file")
    line = f"{verdict}: {', '.join(counts)} in {files}"
    if after := sum(violation.first is not None for violation in violations):
        line += f"; {after} may follow from others"
    if mended := sum(violation.remedy is not None for violation in violations):
        line += f"; --fix mends {mended}"
    if view.omitted:
        line += f"; {view.omitted} more not shown"
    rules = Counter(violation.rule for violation in violations).most_common()
    rows = [f"{count:5}  {rule}\n" for rule, count in rules]
    return wrap(line, view.width, rest="    ") + "".join(rows)


def paint_report(text: str) -> str:
    r"""Return a text report in colour.

    >>> paint_report("graph/x.ttl:1:1: error[quote] found\n")
    '\x1b[1mgraph/x.ttl:1:1:\x1b[0m \x1b[1;31merror[quote]\x1b[0m found\n'
    """

    def head(match: re.Match[str]) -> str:
        place = f"{BOLD}{match[1]}{PLAIN}" if match[1] else ""
        return f"{place}{match[2]}{COLOURS[match[3]]}{match[3]}{match[4]}{PLAIN}"

    text = HEAD.sub(head, text)
    text = CARET.sub(rf"\1{RED}\2{PLAIN}", text)
    text = NOTE.sub(rf"{BOLD}\1{PLAIN}", text)
    colour = {True: RED, False: GREEN}
    return CHANGE.sub(lambda match: f"{colour[bool(match[1])]}{match[0]}{PLAIN}", text)


def _report_json(report: Report, project: Project, view: View) -> str:
    violations = report.violations
    by_severity = Counter(violation.severity for violation in violations)
    value = {
        "conforms": not view.is_failure(report),
        "severities": {name: by_severity[name] for name in SEVERITIES},
        "rules": dict(Counter(violation.rule for violation in violations).most_common()),
        "omitted": view.omitted,
        "violations": [_violation_json(violation, project) for violation in violations],
    }
    return json_text(value)


def _violation_json(violation: Violation, project: Project) -> dict[str, Any]:
    passage, source, first = violation.passage, violation.source, violation.first
    return {
        "rule": violation.rule,
        "severity": violation.severity,
        "message": violation.message,
        "file": violation.place.file,
        "line": violation.place.line,
        "column": violation.place.column,
        "text": violation.line,
        "width": violation.width,
        "focus": _term(violation.focus, project),
        "path": _term(violation.path, project),
        "value": _term(violation.value, project),
        "passage": passage.iri.value if passage else None,
        "section": passage.section if passage else None,
        "sentence": passage.quote.value if passage else None,
        "obligation": violation.obligation,
        "source": {"file": source.file, "line": source.line} if source else None,
        "because": violation.because or None,
        "nearest": [near._asdict() for near in violation.nearest],
        "first": {**first[0]._asdict(), "rule": first[1]} if first else None,
        "remedy": {
            name: quad and " ".join(term_text(term, project.prefixes) for term in quad[:3])
            for name, quad in violation.remedy._asdict().items()
        }
        if violation.remedy
        else None,
        "unchecked": violation.unchecked or None,
    }


def _term(term: Term | None, project: Project) -> str | None:
    if term is None:
        return None
    return project.prefixes.shorten(term.value) if isinstance(term, ox.NamedNode) else str(term)


def _annotation(violation: Violation, project: Project) -> str:
    """Return a violation as a workflow command of GitHub Actions, in one line."""
    place, kind = violation.place, violation.severity
    details = [f"{name}: {in_one_line(text)}" for name, text in notes(violation, project)]
    properties = {
        "file": place.file,
        "line": str(place.line),
        "col": str(place.column),
        **({"endColumn": str(place.column + violation.width)} if violation.width else {}),
        "title": violation.rule,
    }
    where = ",".join(f"{name}={_escape(value, ':,')}" for name, value in properties.items())
    message = _escape("\n".join([in_one_line(violation.message), *details]))
    return f"::{'notice' if kind == 'info' else kind} {where}::{message}\n"


def _escape(text: str, others: str = "") -> str:
    """Escape a text as the toolkit of GitHub Actions does (``command.ts``)."""
    text = text.replace("%", "%25")
    for mark in "\r\n" + others:
        text = text.replace(mark, f"%{ord(mark):02X}")
    return text


FORMATS: Mapping[str, Callable[[Report, Project, View], str]] = {
    "text": _report_text,
    "turtle": _report_turtle,
    "json": _report_json,
    "github": _report_github,
    "sarif": _report_sarif,
    "junit": _report_junit,
}
"""Name → the function that writes a report in that format."""
