"""Stage 5, before validating: violations in the order in which to mend them.

One slip of the pen breaks many rules: a misspelt property is unknown, and what it should have said
is missing. Violations that lean on the same thing are held to come from one mistake; that which
is nearest to it comes first, and the others name it. A consequence may also follow from a mistake
that has nothing in common with it but the passage, or a name in the passage: of what no passage
speaks, that one should have spoken.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from kaiju_graph.project.sources import Place
    from kaiju_graph.validation.report import Violation

__all__ = ["Depth", "Traced", "ordered"]


class Depth(IntEnum):
    """How near a violation is to the mistake that it comes from: the least is the root."""

    UNREAD = 0
    UNDECLARED = 1
    UNKNOWN = 2
    UNIDENTIFIED = 3
    CONTRADICTING = 4
    MISPLACED = 5
    OTHER = 6
    COUNTED = 7
    CONSEQUENCE = 8


class Traced(NamedTuple):
    """A violation, how deep it lies, and what it leans on."""

    violation: Violation
    depth: Depth = Depth.OTHER
    keys: tuple[Hashable, ...] = ()
    """What it has in common with the other violations of the same mistake."""
    offers: frozenset[Hashable] = frozenset()
    """The keys of consequences that it may have, though they are no sign of one mistake."""


def ordered(found: Iterable[Traced]) -> list[Violation]:
    """Return violations, root causes before what follows from them, each by depth and place."""
    roots: list[Violation] = []
    others: list[Traced] = []
    offered: dict[Hashable, tuple[Place, str]] = {}
    for first, *rest in sorted(map(_sorted, _groups(found)), key=lambda group: _near(group[0])):
        root = first.violation
        named = root.place, root.rule
        if first.depth == Depth.CONSEQUENCE:
            cause = next((offered[key] for key in first.keys if key in offered), None)
        else:
            cause = None
            for key in first.offers:
                offered.setdefault(key, named)
        if cause:
            rest.append(first)
        else:
            if first.depth == Depth.CONTRADICTING and rest:  # what would do, the others know
                root = root._replace(nearest=rest[0].violation.nearest)
            roots.append(root)
        others += (
            traced._replace(violation=traced.violation._replace(first=cause or named))
            for traced in rest
        )
    return roots + [traced.violation for traced in sorted(others, key=_near)]


def _sorted(group: list[Traced]) -> list[Traced]:
    """Sort the violations of one mistake, the root first."""
    deep = {traced.violation.quad for traced in group if traced.depth == Depth.MISPLACED}
    return sorted(group, key=lambda traced: _rank(traced, several=len(deep) > 1))


def _rank(traced: Traced, *, several: bool) -> tuple[object, ...]:
    depth = traced.depth
    # What several statements have wrongly is itself what is wrong, and not each of these.
    if depth == Depth.CONTRADICTING and not several:
        depth = Depth.CONSEQUENCE
    return depth, _order(traced.violation)


def _near(traced: Traced) -> tuple[object, ...]:
    return traced.depth, *_order(traced.violation)


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
