"""The table of the evidence checks, and the run of all that have what they need.

Shapes see one merged graph. These checks need the named graphs and the article: which terms and
things a graph may use, and whether the words of its passage name them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kaiju_graph.project.layout import folder_of
from kaiju_graph.validation.evidence_checks import contexts, graphs, literals, names, vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from kaiju_graph.project.passages import Articles
    from kaiju_graph.project.sources import Finding, Sources
    from kaiju_graph.validation.memory import Memory

__all__ = [
    "CHECKS",
    "OBLIGATIONS",
    "OF_ARTICLE",
    "OF_QUOTES",
    "Check",
    "check",
    "find_article_gaps",
]


class Check(NamedTuple):
    """An evidence check."""

    find: Callable[..., Iterator[Finding]]
    """Finds violations of the rule."""
    needs: frozenset[str]
    """The layers without which its findings may be wrong."""
    obligation: str
    """The rule as a sentence."""
    severity: str = "error"
    recalls: bool = False
    """Whether ``find`` takes a function ``recall``, which remembers what it found."""


NOTHING: frozenset[str] = frozenset()
THINGS = frozenset({"stated", "entities", "curated"})
VOCABULARY = frozenset({"ontology"})
CHECKS: Mapping[str, Check] = {
    "tiling": Check(graphs.find_gaps, NOTHING, "Every word of the article belongs to a passage."),
    "graphs": Check(
        graphs.find_unmatched_graphs,
        NOTHING,
        "A graph has its quote or description above it, and at least one statement; a passage "
        "that is not modelled yet is marked.",
    ),
    "draft": Check(
        graphs.find_drafts,
        NOTHING,
        "Before a release, every passage has a graph.",
        "info",
    ),
    "plain": Check(
        graphs.find_forbidden_terms,
        NOTHING,
        "The graph has no blank nodes, no owl:sameAs, and no property that is computed.",
    ),
    "outside": Check(
        graphs.find_unquoted_facts,
        frozenset({"stated"}),
        "A statement of the article is in the graph of its passage.",
    ),
    "silence": Check(
        graphs.find_stated_silence,
        NOTHING,
        "No passage states what its article does not tell of its subject (ev:doesNotTell).",
    ),
    "declared": Check(
        vocabulary.find_undeclared_predicates,
        VOCABULARY,
        "Statements use the terms of the ontology.",
    ),
    "undeclared": Check(
        vocabulary.find_undeclared_terms,
        VOCABULARY,
        "An ontology declares every class and property that is used.",
        "warning",
    ),
    "things": Check(
        vocabulary.find_unknown_things,
        VOCABULARY | THINGS,
        "Every thing that a statement mentions has a class and a label.",
    ),
    "follows": Check(
        vocabulary.find_entailed_statements,
        NOTHING,
        "A graph does not state what the reasoner infers from it.",
    ),
    "spoken": Check(
        names.find_unmentioned_things,
        frozenset({"stated"}),
        "Every named thing is mentioned by a passage, and its label is unique.",
    ),
    "labels": Check(
        names.find_wrong_names,
        VOCABULARY | THINGS,
        "The name of a thing in entities.ttl is a name that the article uses.",
    ),
    "first": Check(
        names.find_late_labels,
        NOTHING,
        "A thing without a name has its class and label in the first passage that mentions it.",
    ),
    "context": Check(
        contexts.find_wrong_contexts,
        VOCABULARY | {"entities"},
        "A passage names the things it mentions, or needs the nearest passage that names them.",
    ),
    "omission": Check(
        contexts.find_needless_omissions,
        VOCABULARY | {"entities"},
        "A reason for an omission quotes words of its passage that the graph leaves out.",
    ),
    "literals": Check(
        literals.find_unquoted_literals,
        VOCABULARY,
        "The numbers, dates and words that a passage states are in its quote.",
        recalls=True,
    ),
    "languages": Check(
        literals.find_unknown_languages,
        NOTHING,
        "The numbers, dates and dictionary forms of a quote's language are known.",
        "warning",
    ),
}
OF_ARTICLE = ("tiling", "first", "context")
"""The checks of one article, which need all of its files."""
OF_QUOTES = ("tiling", "context", "omission")
"""The checks of one article that need the place of all of its passages."""
OBLIGATIONS = {
    "article-node": "An article has one node of type ev:Article.",
    "quote": "A quote is in the article word for word, after the previous quote.",
    **{rule: check.obligation for rule, check in CHECKS.items()},
}
"""Rule → the rule as a sentence; ``project.passages`` checks the first two."""


def check(
    sources: Sources,
    located: Articles,
    gaps: frozenset[str] = frozenset(),
    memory: Memory | None = None,
) -> list[Finding]:
    """Run every evidence check that has what it needs.

    Args:
        sources: the sources of the project.
        located: the passages of its articles.
        gaps: the layers and the folders of articles that lack statements.
        memory: what the last validation found.

    Returns:
        The findings; the rule of each is a key of ``OBLIGATIONS``.
    """
    findings = [
        finding
        for finding in located.findings
        if finding.rule != "article-node" or folder_of(finding.file) not in gaps
    ]
    gaps |= find_article_gaps(findings)
    # A passage without a place in the article has no words and no neighbours.
    unquoted = {folder_of(finding.file) for finding in findings}
    complete = _leave_out(located, gaps)
    quoted = _leave_out(complete, unquoted)
    for rule, one in CHECKS.items():
        if not gaps.isdisjoint(one.needs):
            continue
        more = {"recall": memory.recall} if memory and one.recalls else {}
        for finding in one.find(sources, quoted if rule in OF_QUOTES else complete, **more):
            is_blank = any(isinstance(term, ox.BlankNode) for term in (finding.quad or ())[:3])
            if rule == "plain" or not is_blank:  # only ``plain`` reports blank nodes
                findings.append(finding)
    return findings


def find_article_gaps(findings: Iterable[Finding]) -> frozenset[str]:
    """Return the gaps of articles without exactly one node: no quote of them has a place."""
    folders = {folder_of(finding.file) for finding in findings if finding.rule == "article-node"}
    return frozenset(folders | {"stated"} if folders else ())


def _leave_out(located: Articles, folders: Collection[str]) -> Articles:
    """Return articles without those of some folders."""
    return located._replace(articles=[a for a in located.articles if a.folder not in folders])
