"""A project with one stored question, because each one slows down every validation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conftest import Copy

QUESTION = "who-directed.rq"


@pytest.fixture
def copy(copy: Copy) -> Copy:
    """Return a fresh copy of the project, with one stored question."""
    for path in (copy.root / "queries").glob("*.rq"):
        if path.name != QUESTION:
            path.unlink()
    return copy
