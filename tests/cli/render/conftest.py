"""A project of two shapes, and a violation: enough for a report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from kaiju_graph.project.layout import Project
from kaiju_graph.project.sources import Place
from kaiju_graph.validation.report import Violation

if TYPE_CHECKING:
    from pathlib import Path

FILE = "graph/x.trig"
SHAPES = "ontology/shapes/film.ttl"
TURTLE = """@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix shape: <https://w3id.org/kaiju/shape#> .
shape:Film-director sh:severity sh:Warning ; sh:message "A film is directed by persons."@en .
shape:Film-retired sh:deactivated true ; sh:message "A film has no rule."@en .
"""


def make_violation(**fields: Any) -> Violation:
    """Return a violation with some fields."""
    values = {"rule": "quote", "severity": "error", "message": "found x; expected y"}
    return Violation(**{**values, "place": Place(FILE, 7, 5), **fields})


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a project that has only shapes."""
    root: Path = tmp_path_factory.mktemp("small") / "project"
    path = root / SHAPES
    path.parent.mkdir(parents=True)
    path.write_text(TURTLE, encoding="utf-8")
    prefixes = "[] <http://www.w3.org/ns/shacl#declare> [] ."
    (root / "ontology/prefixes.ttl").write_text(prefixes, encoding="utf-8")
    return Project(str(root), {"shape": "https://w3id.org/kaiju/shape#"})
