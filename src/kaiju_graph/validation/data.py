"""Validate data files against files of shapes, without a project.

The data graph of SHACL is the merge of all graphs of all data files. There is no article, so the
checks of evidence have nothing to check.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.errors import KaijuError, SourceError, UsageError
from kaiju_graph.project.layout import SHACL
from kaiju_graph.project.locator import Locator
from kaiju_graph.project.passages import Articles
from kaiju_graph.project.sources import SourceFile, Sources
from kaiju_graph.rdf import terms
from kaiju_graph.rdf.collector import CollectorPause
from kaiju_graph.validation import shapes
from kaiju_graph.validation.findings import Findings
from kaiju_graph.validation.lint import Linter
from kaiju_graph.validation.report import Report, Violation
from kaiju_graph.validation.root_cause import Depth, RankedViolation, order_violations
from kaiju_graph.validation.shacl_results import ShaclResults
from kaiju_graph.validation.shape_checks.checker import drop_shapes
from kaiju_graph.validation.shapes import Shapes
from kaiju_graph.validation.suggest import KnownTerms
from kaiju_graph.validation.vocabularies import find_unknown, find_used, nearest, vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kaiju_graph.project.data_files import DataFiles
    from kaiju_graph.rdf.terms import Term

__all__ = ["validate_data"]

DATA = ox.NamedNode(terms.GRAPH + "data")
"""The graph of statements outside named graphs."""


def validate_data(
    files: DataFiles,
    data: Iterable[str],
    rules: Iterable[str],
    progress: Callable[[str], None] = lambda _: None,
) -> Report:
    """Check data files against files of shapes.

    Args:
        files: all files.
        data: the names of the data files.
        rules: the names of the files of shapes; one may be a data file, too.
        progress: receives a line of text at each shape.

    Raises:
        SourceError: a file does not parse, or a shape is not well-formed.
        UsageError: there are no shapes, so that everything would conform.
    """
    with CollectorPause():
        of_shapes = _read(files, rules, shapes.GRAPH)
        if not any(term.value.startswith(SHACL) for term, _ in find_used(of_shapes.quads)):
            where = f" in {', '.join(of_shapes.files)}" if of_shapes.files else ""
            raise UsageError(f"found no shapes{where}; expected files of shapes")
        return _validate(files, _read(files, data, DATA), of_shapes, progress)


def _read(files: DataFiles, names: Iterable[str], graph: ox.NamedNode) -> Sources:
    def read(name: str) -> SourceFile:
        file = files.data[name]
        return SourceFile("data", graph, files.parse(name, graph), file.form, file.base)

    return Sources({name: read(name) for name in names}, {})


def _validate(
    files: DataFiles, data: Sources, rules: Sources, progress: Callable[[str], None]
) -> Report:
    from kaiju_graph.validation.shacl import validator

    linter = Linter(files)
    faults = [*linter.check_shapes(rules, None)]
    wrong = [fault.shape for fault, _ in faults if not fault.is_usable]
    usable = terms.merge(drop_shapes(rules.quads, wrong))
    failed: dict[Term, Exception] = {}
    try:
        merged = terms.merge(data.quads)
        results = validator.report(merged, usable, progress, fail=failed.__setitem__)
    except KaijuError:
        raise
    except Exception as error:  # pySHACL raises anything for an ill-formed shape
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        name = next(iter(rules.files))
        raise SourceError(f"{name}:1: a shape is not well-formed: {reason}") from error
    others = [violation for _, violation in faults]
    others += [*_unknown_terms(files, rules), *linter.describe_failures(failed, rules)]
    known, locator = KnownTerms(data.quads, files), Locator(files, data)
    shacl = ShaclResults(
        files, locator, {}, Shapes(rules.quads, files), known, home=next(iter(data.files))
    )
    checks = Findings(files, locator, Articles([], [], []), known)
    ranked = [
        *shacl.violations(results, Locator(files, rules)),
        *(RankedViolation(other, Depth.UNREAD) for other in others),
    ]
    violations = order_violations(map(checks.with_consequences, ranked))
    violations = [*map(checks.with_line, violations)]
    is_partial = Report(violations, []).is_partial
    return Report.with_results(violations, results, is_partial=is_partial)


def _unknown_terms(files: DataFiles, rules: Sources) -> Iterator[Violation]:
    """Yield a violation for each term of a shape that its vocabulary does not have."""
    locator = Locator(files, rules)
    for name, file in rules.files.items():
        for term in find_unknown(find_used(file.quads)):
            quad = next(
                quad
                for quad in file.quads
                if term in (*quad[:3], getattr(quad.object, "datatype", None))
            )
            part = next((part for part in quad._fields if getattr(quad, part) == term), "object")
            found = f"found {files.prefixes.shorten(term.value)}"
            message = f"{found}; expected a term of {vocabulary(term)}{nearest(term)}"
            yield Violation("term", "error", message, locator.place(name, quad, part))
