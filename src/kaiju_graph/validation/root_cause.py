"""The order of violations: root causes first, then their consequences.

One mistake can break many rules: a misspelt property is unknown, and the value of the intended
property is missing. Violations that share a key come from one mistake. The violation nearest to it
is the root cause, and the others name it. A violation may also be a consequence of one in a passage
that names its thing: if the graph of that passage is wrong, no passage may mention the thing; or of
two classes that a thing cannot both have: the rules for one of them do not fit.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from kaiju_graph.project.sources import Place
    from kaiju_graph.validation.report import Violation

__all__ = ["Depth", "RankedViolation", "order_violations"]


class Depth(IntEnum):
    """How far a violation is from the mistake behind it: the least is the root cause."""

    UNREAD = 0
    UNDECLARED = 1
    UNKNOWN = 2
    UNIDENTIFIED = 3
    CONTRADICTING = 4
    MISPLACED = 5
    OTHER = 6
    BOUNDED = 7
    COUNTED = 8
    CONSEQUENCE = 9


class RankedViolation(NamedTuple):
    """A violation, its depth, and the keys by which it is grouped."""

    violation: Violation
    depth: Depth = Depth.OTHER
    keys: tuple[Hashable, ...] = ()
    """What it shares with other violations of the same mistake."""
    causes: tuple[Hashable, ...] = ()
    """Keys of a root cause that it may follow from; what shares only these is independent."""
    consequences: frozenset[Hashable] = frozenset()
    """The keys of violations that may follow from it without sharing one of its own keys."""


def order_violations(violations: Iterable[RankedViolation]) -> list[Violation]:
    """Return violations, root causes before their consequences, each by depth and place."""
    roots: list[Violation] = []
    others: list[RankedViolation] = []
    known: dict[Hashable, tuple[Place, str]] = {}
    groups = sorted(map(_sort_group, _groups(violations)), key=lambda group: _sort_key(group[0]))
    for first, *rest in groups:
        root = first.violation
        name = root.place, root.rule
        # A wrong value may be why none is counted.
        keys = first.keys if first.depth >= Depth.COUNTED else ()
        cause = next((known[key] for key in (*keys, *first.causes) if key in known), None)
        if first.depth < Depth.CONSEQUENCE and not cause:
            shared = (key for ranked in (first, *rest) for key in ranked.keys)
            for key in (*first.consequences, *shared):
                known.setdefault(key, name)
        if cause:
            rest.append(first)
        else:
            if first.depth == Depth.CONTRADICTING and rest:  # only the others have suggestions
                root = root._replace(nearest=rest[0].violation.nearest)
            roots.append(root)
        others += (
            ranked._replace(violation=_follow(ranked.violation, cause or name)) for ranked in rest
        )
    return roots + [ranked.violation for ranked in sorted(others, key=_sort_key)]


def _follow(violation: Violation, cause: tuple[Place, str]) -> Violation:
    """Return a violation with its root cause, unless that is of the same rule at the same place."""
    is_same = cause == (violation.place, violation.rule)
    return violation._replace(first=None if is_same else cause, remedy=None)


def _sort_group(group: list[RankedViolation]) -> list[RankedViolation]:
    """Sort the violations of one mistake, the root cause first.

    A contradiction is a consequence of one misplaced statement, but the root cause of several.
    """
    misplaced = {ranked.violation.quad for ranked in group if ranked.depth == Depth.MISPLACED}

    def key(ranked: RankedViolation) -> tuple[object, ...]:
        is_consequence = ranked.depth == Depth.CONTRADICTING and len(misplaced) <= 1
        depth = Depth.CONSEQUENCE if is_consequence else ranked.depth
        return _sort_key(ranked._replace(depth=depth))

    return sorted(group, key=key)


def _sort_key(ranked: RankedViolation) -> tuple[object, ...]:
    violation = ranked.violation
    return ranked.depth, violation.place, violation.rule, violation.message


def _groups(violations: Iterable[RankedViolation]) -> list[list[RankedViolation]]:
    """Return the violations grouped by shared keys, directly or through others."""
    by_key: dict[Hashable, list[RankedViolation]] = {}
    for ranked in violations:
        keys = ranked.keys or (id(ranked),)
        joined = {id(group): group for key in keys if (group := by_key.get(key))}
        # Smaller groups join the largest, so that a violation moves only a few times.
        group, *others = sorted(joined.values(), key=len, reverse=True) or [[]]
        for other in others:
            group += other
            by_key |= {key: group for member in other for key in member.keys}
        group.append(ranked)
        by_key |= dict.fromkeys(keys, group)
    return [*{id(group): group for group in by_key.values()}.values()]
