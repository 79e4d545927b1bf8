"""Stage 12: reports and coverage → what a person or a program reads of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from kaiju_graph import exporting
from kaiju_graph.formats import counted

if TYPE_CHECKING:
    from kaiju_graph.coverage import Coverage
    from kaiju_graph.knowledge import KnowledgeGraph
    from kaiju_graph.terms import Term
    from kaiju_graph.validating import Report, Violation

__all__ = ["coverage", "report"]


def report(kg: KnowledgeGraph, outcome: Report, form: str) -> str:
    """Return a validation report: like a compiler's, for a machine, or as SHACL has it."""
    if form == "turtle":
        return exporting.write(outcome.triples, "turtle", kg.project)
    if form == "json":
        rows = [_violation(kg, violation) for violation in outcome.violations]
        return _json({"conforms": outcome.conforms, "violations": rows})
    if form == "github":
        return "".join(_annotation(kg, violation) for violation in outcome.violations)
    lines = []
    for violation in outcome.violations:
        about = _about(kg, violation)
        message = kg.project.shorten_all(violation.message)
        lines.append(
            f"{violation.place}: {violation.severity}[{violation.rule}] {message}"
            + (f" ({about})" if about else "")
        )
        if violation.passage:
            lines.append(f"    the sentence: {violation.passage.quote.value}")
    errors = len(outcome.violations)
    lines.append("conforms" if outcome.conforms else f"does not conform: {errors} found")
    return "\n".join(lines) + "\n"


def _about(kg: KnowledgeGraph, violation: Violation) -> str:
    """Return the focus node, path and value of a result, as CURIEs and texts."""
    parts = dict.fromkeys((violation.focus, violation.path, violation.value))
    return " ".join(_term(kg, part) for part in parts if part is not None)


def _term(kg: KnowledgeGraph, term: Term) -> str:
    return kg.project.shorten(term.value) if isinstance(term, ox.NamedNode) else str(term)


def _violation(kg: KnowledgeGraph, violation: Violation) -> dict[str, Any]:
    passage = violation.passage
    return {
        "rule": violation.rule,
        "severity": violation.severity,
        "message": kg.project.shorten_all(violation.message),
        "file": violation.place.file,
        "line": violation.place.line,
        "column": violation.place.column,
        "focus": _term(kg, violation.focus) if violation.focus else None,
        "path": _term(kg, violation.path) if violation.path else None,
        "value": _term(kg, violation.value) if violation.value else None,
        "passage": passage.iri.value if passage else None,
        "sentence": passage.quote.value if passage else None,
    }


def _annotation(kg: KnowledgeGraph, violation: Violation) -> str:
    """Return a violation as a workflow command of GitHub Actions."""
    place = violation.place
    escaped = kg.project.shorten_all(violation.message).replace("%", "%25").replace("\n", "%0A")
    where = f"file={place.file},line={place.line},col={place.column}"
    kind = "notice" if violation.severity == "info" else violation.severity
    return f"::{kind} {where},title={violation.rule}::{escaped}\n"


def coverage(kg: KnowledgeGraph, covered: Coverage, form: str) -> str:
    """Return the article passage by passage, words that the graph does not reflect marked «so»."""
    shorten = kg.project.shorten
    if form == "json":
        return _json(
            {
                "complete": covered.complete,
                "gaps": covered.gaps,
                "passages": [
                    {
                        "passage": passage.iri.value,
                        "section": passage.section,
                        "order": passage.order,
                        "start": passage.start,
                        "end": passage.end,
                        "quote": passage.quote.value,
                        "triples": triples,
                        "unreflected": [
                            {"word": passage.quote.value[start:end], "start": start, "end": end}
                            for start, end in words
                        ],
                    }
                    for passage, triples, words in covered.readings
                ],
            }
        )
    lines = []
    for passage, triples, words in covered.readings:
        text = passage.quote.value
        for start, end in reversed(words):
            text = f"{text[:start]}«{text[start:end]}»{text[end:]}"
        lines.append(f"{shorten(passage.iri.value)}  {counted(triples, 'triple')}\n    {text}")
    lines += [f"in no passage: {gap}" for gap in covered.gaps]
    empty = sum(not reading.triples for reading in covered.readings)
    marked = sum(len(reading.unreflected) for reading in covered.readings)
    lines.append(
        f"{counted(len(covered.readings), 'passage')}, {empty} of them empty; "
        f"{counted(len(covered.gaps), 'gap')} between them; {counted(marked, 'word')} marked"
    )
    return "\n".join(lines) + "\n"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
