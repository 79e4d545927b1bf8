"""Stage 5, before validating: violations in the order in which to mend them.

One slip of the pen breaks many rules: a misspelt property is unknown, and what it should have said
is missing. Violations that lean on the same thing are held to come from one mistake; that which
is nearest to it comes first, and the others name it.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from kaiju_graph.reports import Violation

__all__ = ["Depth", "Traced", "ordered"]


class Depth(IntEnum):
    """How near a violation is to the mistake that it comes from: the least is the root."""

    UNREAD = 0
    UNDECLARED = 1
    UNIDENTIFIED = 2
    CONTRADICTING = 3
    MISPLACED = 4
    OTHER = 5
    CONSEQUENCE = 6


class Traced(NamedTuple):
    """A violation, how deep it lies, and what it leans on."""

    violation: Violation
    depth: Depth = Depth.OTHER
    keys: tuple[Hashable, ...] = ()
    """What it has in common with the other violations of the same mistake."""


def ordered(found: Iterable[Traced]) -> list[Violation]:
    """Return violations, root causes before what follows from them, each by their places."""
    roots: list[Violation] = []
    others: list[Violation] = []
    for group in _groups(found):
        deep = {traced.violation.quad for traced in group if traced.depth == Depth.MISPLACED}
        first, *rest = sorted(group, key=lambda traced: _rank(traced, several=len(deep) > 1))
        root = first.violation
        if first.depth == Depth.CONTRADICTING and rest:  # what would do, the others know
            root = root._replace(nearest=rest[0].violation.nearest)
        roots.append(root)
        named = first.violation.place, first.violation.rule
        others += (traced.violation._replace(first=named) for traced in rest)
    return sorted(roots, key=_order) + sorted(others, key=_order)


def _rank(traced: Traced, *, several: bool) -> tuple[object, ...]:
    """Return what sorts the violations of one mistake, the root first."""
    depth = traced.depth
    # What several statements have wrongly is itself what is wrong, and not each of these.
    if depth == Depth.CONTRADICTING and not several:
        depth = Depth.CONSEQUENCE
    return depth, _order(traced.violation)


def _order(violation: Violation) -> tuple[object, ...]:
    return violation.place, violation.rule, violation.message


def _groups(found: Iterable[Traced]) -> list[list[Traced]]:
    """Return the violations that keys join, directly or through others."""
    by_key: dict[Hashable, list[Traced]] = {}
    for traced in found:
        keys = traced.keys or (id(traced),)
        joined = {id(known): known for key in keys if (known := by_key.get(key))}
        # The smaller go into the largest, so that none is moved more than a few times.
        group, *others = sorted(joined.values(), key=len, reverse=True) or [[]]
        for other in others:
            group += other
            by_key |= {key: group for member in other for key in member.keys}
        group.append(traced)
        by_key |= dict.fromkeys(keys, group)
    return [*{id(group): group for group in by_key.values()}.values()]
