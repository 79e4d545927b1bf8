"""Which findings hold although some statements could not be read.

A file that does not load, a wrong prefix, or a term that its vocabulary does not have leaves a gap:
statements are missing. A finding is reported only if no statement in the gap could undo it. A value
of the wrong datatype stays wrong; a missing value may be in the file that does not load.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from kaiju_graph.project.layout import DATASET, SHACL, SHARED, folder_of
from kaiju_graph.project.sources import data_files
from kaiju_graph.validation import shapes
from kaiju_graph.validation.evidence_checks.checks import CHECKS, OF_ARTICLE, OF_QUOTES
from kaiju_graph.validation.report import drop_results

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from kaiju_graph.project.layout import Project
    from kaiju_graph.rdf.terms import Term, Triple
    from kaiju_graph.validation.report import Violation

__all__ = [
    "DATA",
    "OTHER_SHAPES",
    "PREFIXES",
    "SHAPES",
    "find_gaps",
    "lasting_results",
    "note_unchecked",
]

DATA = frozenset({"stated", "entities", "curated", "ontology"})
"""The layers that shapes check."""
SHAPES, PREFIXES = "shapes", "prefixes"
LASTING = frozenset(
    """closed datatype disjoint in languageIn lessThan lessThanOrEquals maxCount maxExclusive
    maxInclusive maxLength minExclusive minInclusive minLength nodeKind pattern
    uniqueLang""".split()
)
"""The parameters of SHACL whose violations no further statement undoes."""
CAUSES = ("article-node", "prefix", "quote", "stray", "syntax", "term")
"""The rules whose violations leave a gap."""
OTHER_SHAPES = "whether each shape has a target and a message"
UNREAD_SHAPES = f"the shapes of this file, and those that refer to them; {OTHER_SHAPES}"
FOCUS = ox.NamedNode(SHACL + "focusNode")
COMPONENT = ox.NamedNode(SHACL + "sourceConstraintComponent")


def find_gaps(project: Project, files: Iterable[str]) -> frozenset[str]:
    """Return the layers and the folders of articles that lack statements of some files."""
    layers = {file: layer for file, _, layer in data_files(project)}
    registries = project.registries()
    gaps: set[str] = set()
    for file in files:
        folder = folder_of(file)
        if file == shapes.PREFIXES:
            gaps.add(PREFIXES)
        elif file in registries:  # only what people write uses the prefixes of articles
            continue
        elif folder == shapes.FOLDER:
            gaps.add(SHAPES)
        elif layers.get(file, "stated") != "stated":
            gaps.add(layers[file])
        elif folder.startswith("graph/"):
            gaps |= {"stated", folder}
        elif folder == SHARED and file != DATASET:  # a stray file
            gaps |= DATA - {"ontology"}
    return frozenset(gaps)


def note_unchecked(project: Project, violations: Iterable[Violation]) -> list[Violation]:
    """Add to the first violation of each file what is not checked because of it."""
    seen: set[tuple[str, bool]] = set()
    noted = []
    for violation in violations:
        key = violation.place.file, violation.rule == "quote"
        unchecked = violation.unchecked
        if violation.rule in CAUSES and key not in seen and not unchecked:
            seen.add(key)
            unchecked = _describe_unchecked(project, *key)
        noted.append(violation._replace(unchecked=unchecked))
    return noted


def _describe_unchecked(project: Project, file: str, is_quote: bool) -> str:  # noqa: FBT001
    """Return in words what is not checked because of a file, or of a quote in it."""
    if is_quote:
        return f"{_name_rules(OF_QUOTES)} in {file.rpartition('/')[0]}"
    gaps = find_gaps(project, [file])
    parts = []
    if folders := sorted(gap for gap in gaps if gap.startswith("graph/")):
        parts.append(f"{_name_rules(OF_ARTICLE)} in {', '.join(folders)}")
    if rules := [rule for rule, check in CHECKS.items() if not gaps.isdisjoint(check.needs)]:
        parts.append(_name_rules([rule for rule in rules if not (folders and rule in OF_ARTICLE)]))
    if not gaps.isdisjoint(DATA):
        parts.append("shapes that a statement of this file could satisfy")
    if "ontology" in gaps:
        parts.append("whether shapes and questions use terms that exist")
    if SHAPES in gaps:
        parts.append(UNREAD_SHAPES)
    if PREFIXES in gaps:
        parts.append("queries of shapes")
    return "; ".join(parts)


def _name_rules(rules: Sequence[str]) -> str:
    """Return the names of rules in words.

    >>> _name_rules(["tiling"]), _name_rules(["tiling", "first", "context"])
    ('the rule tiling', 'the rules tiling, first and context')
    """
    *others, last = rules
    return f"the rules {', '.join(others)} and {last}" if others else f"the rule {last}"


def lasting_results(triples: list[Triple], nodes: Collection[Term] | None = None) -> list[Triple]:
    """Return a validation report of SHACL without the results that more statements may undo.

    Args:
        triples: the report.
        nodes: the focus nodes about which statements may follow; None is all.
    """
    focus = None
    if nodes is not None:
        focus = {t.subject for t in triples if t.predicate == FOCUS and t.object in nodes}
    dropped = {
        triple.subject
        for triple in triples
        if triple.predicate == COMPONENT and shapes.parameter(triple.object) not in LASTING
        if focus is None or triple.subject in focus
    }
    return drop_results(triples, dropped)
