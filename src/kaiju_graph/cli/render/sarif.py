"""The report of a validation in SARIF 2.1.0, which code scanning services and editors read.

Numbers of sections are those of the OASIS standard, *Static Analysis Results Interchange Format
(SARIF) Version 2.1.0*, with errata 01.
"""

from __future__ import annotations

import os
from collections import Counter
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pyoxigraph as ox

from kaiju_graph import __version__
from kaiju_graph.cli.render.text import json_text, quantity
from kaiju_graph.cli.render.violation import in_one_line, notes
from kaiju_graph.project.sources import data_files
from kaiju_graph.rdf.lines import line_and_column
from kaiju_graph.validation.edits import edit
from kaiju_graph.validation.rules import Rule, list_rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kaiju_graph.cli.render.report import View
    from kaiju_graph.project.layout import Project
    from kaiju_graph.project.sources import Place
    from kaiju_graph.validation.report import Report, Violation

__all__ = ["MAX_RESULTS", "render_sarif"]

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
HOME = "https://w3id.org/kaiju/"
ROOT = "%SRCROOT%"
LEVELS = {"error": "error", "warning": "warning", "info": "note"}
"""Severity of a violation → level of a result (3.27.10)."""
MAX_RESULTS = 25_000
"""How many results GitHub takes from one run."""
MAX_DESCRIPTION = 1024
"""How many characters of the description of a rule GitHub takes."""
FINGERPRINT = "violation/v1"


def render_sarif(report: Report, project: Project, view: View) -> str:
    """Return a report as a SARIF log of one run: all rules, and a result for each violation."""
    rules = list_rules(project)
    for violation in report.violations:
        rule = Rule(violation.rule, violation.obligation, violation.severity, violation.source)
        rules.setdefault(rule.name, rule)
    indexes = {name: index for index, name in enumerate(rules)}
    artifacts: dict[str, int] = {}
    seen: Counter[str] = Counter()
    violations = report.violations[:MAX_RESULTS]
    files = data_files(project) if any(violation.remedy for violation in violations) else ()
    defaults = {file: default for file, default, _ in files}
    omitted = view.omitted + len(report.violations) - len(violations)
    note = {"level": "note", "message": {"text": f"{quantity(omitted, 'violation')} not shown"}}
    run = {
        "tool": {
            "driver": {
                "name": "kaiju-graph",
                "semanticVersion": __version__,
                "version": __version__,
                "informationUri": HOME,
                "rules": [_rule(rule) for rule in rules.values()],
            }
        },
        "invocations": [
            {
                "executionSuccessful": True,
                "exitCode": int(view.is_failure(report)),
                "toolExecutionNotifications": [note] * bool(omitted),
            }
        ],
        "originalUriBaseIds": {ROOT: {"uri": _folder_uri(project.root)}},
        "results": [
            {
                "ruleIndex": indexes[violation.rule],
                **_result(violation, project, artifacts, seen),
                "fixes": [*_fixes(violation, project, defaults)],
            }
            for violation in violations
        ],
        "artifacts": [
            {"location": _location(file), "roles": ["analysisTarget"]} for file in artifacts
        ],
        "columnKind": "unicodeCodePoints",
        "defaultEncoding": "utf-8",
    }
    return json_text({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(rule: Rule) -> dict[str, Any]:
    """Return a rule as a ``reportingDescriptor`` (3.49)."""
    command = f"kaiju validate --rule {rule.name}"
    place = f" The rule is in {rule.source.file}:{rule.source.line}." if rule.source else ""
    short = {"text": _plain(rule.obligation)[:MAX_DESCRIPTION] or rule.name}
    name = "".join(part[:1].upper() + part[1:] for part in rule.name.split("-"))
    return {
        "id": rule.name,
        **({"name": name} if "-" in rule.name else {}),  # which differs from the id (3.49.7)
        "shortDescription": short,
        "fullDescription": short,
        "help": {"text": f"{short['text']}{place} To check only this rule: {command}"},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {"source": str(rule.source)} if rule.source else {},
    }


def _result(
    violation: Violation, project: Project, artifacts: dict[str, int], seen: Counter[str]
) -> dict[str, Any]:
    """Return a violation as a ``result`` (3.27).

    Args:
        violation: the violation.
        project: its prefixes shorten IRIs.
        artifacts: file → its index; gets the files of this violation.
        seen: fingerprint → how many results have it so far.
    """
    related: dict[str, tuple[Place, str]] = {}
    if violation.source:
        related["rule"] = violation.source, violation.obligation
    if violation.first:
        related["first"] = violation.first[0], violation.first[1]
    numbers = {name: number for number, name in enumerate(related, 1)}
    lines = [f"{_plain(violation.message)}."]
    for name, text in notes(violation, project):
        line = f"{name}: {_plain(text)}"
        if name in related:  # its place links to the related location
            place = related[name][0]
            label = _plain(f"{place.file}:{place.line}")
            line = line.replace(label, f"[{label}]({numbers[name]})", 1)
        lines.append(line)
    fingerprint = _fingerprint(violation)
    seen[fingerprint] += 1
    return {
        "ruleId": violation.rule,
        "level": LEVELS[violation.severity],
        "message": {"text": "\n".join(lines)},
        "locations": [_place(violation.place, artifacts, violation)],
        "relatedLocations": [
            {
                "id": numbers[name],
                **_place(place, artifacts),
                "message": {"text": f"{name}: {_plain(text)}"},
            }
            for name, (place, text) in related.items()
        ],
        "partialFingerprints": {FINGERPRINT: f"{fingerprint}:{seen[fingerprint]}"},
    }


def _fixes(
    violation: Violation, project: Project, defaults: dict[str, ox.NamedNode]
) -> Iterator[dict[str, Any]]:
    """Yield the remedy of a violation as a ``fix`` (3.55), if there is one.

    Args:
        violation: the violation.
        project: has its file.
        defaults: file → the graph of triples that stand in no named graph.
    """
    file = violation.place.file
    if violation.remedy is None:
        return
    old = project.read(file)
    new = edit(file, old, defaults[file], [violation.remedy])
    if new == old:
        return
    start = _common(old, new)
    same = _common(old[start:][::-1], new[start:][::-1])
    end = len(old) - same
    corners = (*line_and_column(old, start), *line_and_column(old, end))
    names = ("startLine", "startColumn", "endLine", "endColumn")
    deleted = dict(zip(names, corners, strict=True))
    inserted = {"text": new[start : len(new) - same]}
    replacement = {"deletedRegion": deleted, "insertedContent": inserted}
    yield {
        "description": {"text": "The only safe remedy, as kaiju validate --fix applies it."},
        "artifactChanges": [{"artifactLocation": _location(file), "replacements": [replacement]}],
    }


def _common(text: str, other: str) -> int:
    """Return how many characters two texts begin with in common."""
    pairs = enumerate(zip(text, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(text), len(other)))


def _place(
    place: Place, artifacts: dict[str, int], violation: Violation | None = None
) -> dict[str, Any]:
    """Return a place as a ``location`` (3.28), with the line and mark of a violation there.

    Columns are code points from 1, and ``endColumn`` is after the last one (3.30.8).
    """
    region: dict[str, Any] = {"startLine": place.line, "startColumn": place.column}
    index = artifacts.setdefault(place.file, len(artifacts))
    physical = {"artifactLocation": {**_location(place.file), "index": index}, "region": region}
    if violation and violation.width:
        start, end = place.column - 1, place.column - 1 + violation.width
        region |= {"endLine": place.line, "endColumn": end + 1}
        region["snippet"] = {"text": violation.line[start:end]}
    if violation and violation.line:
        line = {"startLine": place.line, "snippet": {"text": violation.line}}
        physical["contextRegion"] = line
    return {"physicalLocation": physical}


def _location(file: str) -> dict[str, Any]:
    return {"uri": quote(file, errors="surrogateescape"), "uriBaseId": ROOT}


def _folder_uri(folder: str) -> str:
    return f"{Path(os.path.abspath(folder)).as_uri()}/"


def _fingerprint(violation: Violation) -> str:
    """Return a hash of what a violation is about, without its line and column.

    Labels of blank nodes differ from run to run, so they do not count.
    """
    terms = (*(violation.quad or ()), violation.focus, violation.path, violation.value)
    stable = [str(term) for term in terms if term and not isinstance(term, ox.BlankNode)]
    parts = (violation.rule, violation.place.file, *(stable or [violation.line.strip()]))
    return sha256("\0".join(parts).encode(errors="surrogateescape")).hexdigest()[:32]


def _plain(text: str) -> str:
    r"""Return a text as one line of a message without placeholders and links (3.11.5, 3.11.6).

    >>> print(_plain("{+a+} [b](c)"))
    {{+a+}} [b\](c)
    """
    text = in_one_line(text).replace("{", "{{").replace("}", "}}")
    return text.replace("](", "\\](")
