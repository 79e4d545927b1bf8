"""The report of a validation as compiler-like text, GitHub annotations, JSON, or SHACL's Turtle."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any
from unicodedata import combining, east_asian_width

import pyoxigraph as ox

from kaiju_graph.cli.render.text import json_text, quantity, wrap
from kaiju_graph.rdf import write
from kaiju_graph.sparql.results import printable
from kaiju_graph.validation.report import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kaiju_graph.project.layout import Project
    from kaiju_graph.rdf.terms import Term
    from kaiju_graph.validation.report import Report, Violation

__all__ = ["paint_report", "render_report"]

WIDE = 100
"""The width of a source line without a terminal."""
HEAD = re.compile(r"^(\S+:\d+:\d+:)?( *)(error|warning|info)(\[\S+\])", re.MULTILINE)
CARET = re.compile(r"^( *\| *)(\^+)$", re.MULTILINE)
NOTE = re.compile(r"^( += \w+:)", re.MULTILINE)
CHANGE = re.compile(r"(\[-.*?-\])|(\{\+.*?\+\})", re.DOTALL)
COLOURS = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m", "info": "\x1b[1;34m"}
BOLD, RED, GREEN, PLAIN = "\x1b[1m", "\x1b[31m", "\x1b[32m", "\x1b[0m"


def render_report(
    report: Report, form: str, project: Project, width: int = 0, omitted: int = 0
) -> str:
    """Return a report as text.

    Args:
        report: the report.
        form: ``text``, ``github`` (workflow commands of GitHub Actions), ``json``, or ``turtle``
            (the results of shapes as in SHACL, section 3.6).
        project: its prefixes shorten IRIs.
        width: columns of the terminal, in cells; 0 where there is none.
        omitted: how many violations the report leaves out.
    """
    if form == "turtle":
        return write.write(report.triples, "turtle", project) if report.triples else ""
    if form == "json":
        return _report_json(report, project, omitted)
    if form == "github":
        return "".join(_annotation(violation, project) for violation in report.violations)
    blocks = ["".join(_block(violation, project, width)) for violation in report.violations]
    return "\n".join([*blocks, _summary(report, width, omitted)])


def _block(violation: Violation, project: Project, width: int) -> Iterator[str]:
    """Yield the lines of a violation: place, message, source line and notes."""
    head = f"{violation.place}: {violation.severity}[{violation.rule}] {violation.message}"
    yield wrap(_plain(head), width, rest="    ")
    if violation.line:
        number = f"{violation.place.line:5}"
        shown, before, carets = _excerpt(violation, (width or WIDE) - len(number) - 3)
        yield f"{number} | {shown}\n".rstrip(" ")
        if violation.width:
            yield f"{' ' * len(number)} | {' ' * before}{'^' * carets}\n"
    for name, text in _notes(violation, project):
        yield wrap(f"= {name}: {_plain(text)}", width, "   ", "     ")


def _notes(violation: Violation, project: Project) -> Iterator[tuple[str, str]]:
    """Yield the notes of a violation: name and text."""
    if passage := violation.passage:
        section = f", {passage.section}" if passage.section else ""
        iri = project.prefixes.shorten(passage.iri.value)
        yield "sentence", f"{ox.Literal(passage.quote.value)} ({iri}{section})"
    if source := violation.source:
        yield "rule", f"{source.file}:{source.line}  {violation.obligation}"
    elif violation.obligation:
        yield "rule", violation.obligation
    if violation.because:
        yield "because", violation.because
    for near in violation.nearest:
        if "-]" in near.note or "+}" in near.note:
            yield "nearest", near.text
            yield "difference", near.note
        else:
            yield "nearest", f"{near.text}  {near.note}".rstrip()
    if violation.first:
        place, rule = violation.first
        yield "first", f"mend {place} [{rule}], which may cause this"


def _summary(report: Report, width: int, omitted: int) -> str:
    """Return whether the project conforms, and the violations counted by severity and rule."""
    violations = report.violations
    by_severity = Counter(violation.severity for violation in violations)
    counts = [
        quantity(by_severity[name], name) if name != "info" else f"{by_severity[name]} info"
        for name in SEVERITIES
        if by_severity[name]
    ]
    verdict = "conforms" if report.conforms else "does not conform"
    if not violations:
        return f"{verdict}\n"
    files = quantity(len({violation.place.file for violation in violations}), "file")
    line = f"{verdict}: {', '.join(counts)} in {files}"
    if after := sum(violation.first is not None for violation in violations):
        line += f"; {after} may follow from others"
    if omitted:
        line += f"; {omitted} more not shown"
    rules = Counter(violation.rule for violation in violations).most_common()
    rows = [f"{count:5}  {rule}\n" for rule, count in rules]
    return wrap(line, width, rest="    ") + "".join(rows)


def _excerpt(violation: Violation, room: int) -> tuple[str, int, int]:
    """Return a line that fits a room, and the width of its parts before and inside the mark.

    A line that is too long keeps the part around the mark.
    """
    at = violation.place.column - 1
    parts = violation.line[:at], violation.line[at : at + violation.width], violation.line[at:]
    before, marked, after = (_plain(part) for part in (*parts[:2], parts[2][violation.width :]))
    room = max(room, 8)
    if _cells(before + (marked or "^") + after) > room:
        marked = _cut(marked, room - 2)
        left = room - _cells(marked or "^")
        side = max(left // 2, left - _cells(after))
        if _cells(before) > side:
            before = "…" + _cut(before[::-1], side - 1)[::-1]
        after = _end(after, room - _cells(before + marked))
    return before + marked + after, _cells(before), max(_cells(marked), 1)


def _cut(text: str, room: int) -> str:
    """Return the beginning of a text that fits a number of cells."""
    while _cells(text) > max(room, 0):
        over = _cells(text) - max(room, 0)
        text = text[: -max(over // 2, 1)]
    return text


def _end(text: str, room: int) -> str:
    return text if _cells(text) <= room else f"{_cut(text, room - 1)}…"


def _cells(text: str) -> int:
    """Return the width of a text in cells of a terminal (Unicode Standard Annex 11)."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(c) else 1 + (east_asian_width(c) in "WF") for c in text)


def _plain(text: str) -> str:
    """Return a text as one line without control characters."""
    return printable(text.replace("\t", " ").replace("\n", "\\n"))


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


def _report_json(report: Report, project: Project, omitted: int) -> str:
    violations = report.violations
    by_severity = Counter(violation.severity for violation in violations)
    value = {
        "conforms": report.conforms,
        "severities": {name: by_severity[name] for name in SEVERITIES},
        "rules": dict(Counter(violation.rule for violation in violations).most_common()),
        "omitted": omitted,
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
    }


def _term(term: Term | None, project: Project) -> str | None:
    if term is None:
        return None
    return project.prefixes.shorten(term.value) if isinstance(term, ox.NamedNode) else str(term)


def _annotation(violation: Violation, project: Project) -> str:
    """Return a violation as a workflow command of GitHub Actions, in one line."""
    place, kind = violation.place, violation.severity
    notes = [f"{name}: {_plain(text)}" for name, text in _notes(violation, project)]
    properties = {
        "file": place.file,
        "line": str(place.line),
        "col": str(place.column),
        **({"endColumn": str(place.column + violation.width)} if violation.width else {}),
        "title": violation.rule,
    }
    where = ",".join(f"{name}={_escape(value, ':,')}" for name, value in properties.items())
    message = _escape("\n".join([_plain(violation.message), *notes]))
    return f"::{'notice' if kind == 'info' else kind} {where}::{message}\n"


def _escape(text: str, others: str = "") -> str:
    """Escape a text as the toolkit of GitHub Actions does (``command.ts``)."""
    text = text.replace("%", "%25")
    for mark in "\r\n" + others:
        text = text.replace(mark, f"%{ord(mark):02X}")
    return text
