"""``python -m tests.w3c`` prints how many cases of the W3C's suites pass, and which fail."""

from __future__ import annotations

import sys

from tests.w3c import suite
from tests.w3c.expected import FAILURES

__all__ = ["SUITES", "table"]

_QUERIES = list(suite.cases(suite.FOLDER / "sparql11" / "manifest-sparql11-query.ttl"))
SUITES = {
    "SHACL, core and SPARQL": list(suite.cases(suite.FOLDER / "shacl" / "manifest.ttl")),
    "SPARQL 1.1, answers": [case for case in _QUERIES if case.kind == "QueryEvaluationTest"],
    "SPARQL 1.1, syntax": [case for case in _QUERIES if case.kind != "QueryEvaluationTest"],
    "SPARQL 1.1, result formats": list(
        suite.cases(suite.FOLDER / "sparql11" / "manifest-sparql11-results.ttl")
    ),
}
"""Suite → its cases; none where the suites are not on this machine."""


def table() -> str:
    """Return the number of cases that pass in each suite, and the reason of each that fails.

    The tests hold it: a case fails if and only if it is one of ``FAILURES``.
    """
    lines = ["| suite | cases | pass |", "|---|---:|---:|"]
    for name, cases in SUITES.items():
        passed = sum(case.name not in FAILURES for case in cases)
        lines.append(f"| {name} | {len(cases)} | {passed} |")
    lines += ["", "| case that fails | fault of | reason |", "|---|---|---|"]
    lines += [f"| `{name}` | {why.whose} | {why.reason} |" for name, why in FAILURES.items()]
    return "".join(f"{line}\n" for line in lines)


if __name__ == "__main__":
    sys.stdout.write(table())
