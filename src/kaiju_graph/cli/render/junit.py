"""The report of a validation in the XML of JUnit, which servers for continuous integration read.

The format has no standard: these are the elements and attributes that Jenkins, GitLab and pytest
share.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from kaiju_graph.cli.render.violation import block, in_one_line
from kaiju_graph.sparql.results import NOT_XML, printable
from kaiju_graph.validation.report import Report
from kaiju_graph.validation.rules import Rule, list_rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kaiju_graph.cli.render.report import View
    from kaiju_graph.project.layout import Project
    from kaiju_graph.project.sources import Place
    from kaiju_graph.validation.report import Violation

__all__ = ["render_junit"]

NAME = "kaiju validate"
"""The name of the report, and of the suite of the rules that no file states."""


def render_junit(report: Report, project: Project, view: View) -> str:
    """Return a report as JUnit's XML: a suite for each file, a case for each rule and place.

    A case fails if its violation makes the command exit 1; any other violation is a skipped case,
    which servers show, too. A rule that holds is a case that passes, in the suite of the file that
    states it.
    """
    suites: dict[str, ET.Element] = {}

    def add_case(file: str, name: str, line: int | None = None) -> ET.Element:
        suite = suites.setdefault(file, ET.Element("testsuite", name=_legal(file)))
        case = ET.SubElement(suite, "testcase", name=_legal(name), classname=_legal(file), time="0")
        if line:
            case.attrib |= {"file": _legal(file), "line": str(line)}
        return case

    groups: dict[tuple[Place, str], list[Violation]] = {}
    for violation in report.violations:
        groups.setdefault((violation.place, violation.rule), []).append(violation)
    for (place, rule), group in groups.items():
        case = add_case(place.file, f"{rule} at {place.line}:{place.column}", place.line)
        fails = Report(group, []).fails(view.fail_on)
        result = ET.SubElement(case, "failure" if fails else "skipped")
        messages = "; ".join(in_one_line(violation.message) for violation in group)
        result.attrib |= {"message": _legal(messages), "type": group[0].severity}
        result.text = _legal("\n".join(block(violation, project) for violation in group))
    for valid in _valid_rules(report, project, view):
        file, line = (valid.source.file, valid.source.line) if valid.source else (NAME, None)
        add_case(file, valid.name, line)
    root = ET.Element("testsuites", name=NAME)
    root.extend(suites.values())
    for element in (*suites.values(), root):
        counts = {"tests": "testcase", "failures": "failure", "skipped": "skipped"}
        element.attrib |= {k: str(len([*element.iter(tag)])) for k, tag in counts.items()}
        element.set("errors", "0")
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _valid_rules(report: Report, project: Project, view: View) -> Iterator[Rule]:
    """Yield the rules without a violation, if they have all been checked."""
    broken = {violation.rule for violation in report.violations}
    if view.omitted or any(violation.unchecked for violation in report.violations):
        return
    for rule in list_rules(project).values():
        if rule.name not in broken and (not view.rules or rule.name in view.rules):
            yield rule


def _legal(text: str) -> str:
    r"""Return a text that XML 1.0 can hold (section 2.2), with other characters escaped.

    >>> _legal("a\x1b\uffff")
    'a\\x1b\\uffff'
    """
    return re.sub(f"{NOT_XML}|[\ud800-\udfff]", lambda m: repr(m[0])[1:-1], printable(text))
