"""An empty project that knows three things, and the text of an article."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kaiju_graph.draft import skeleton
from tests.conftest import Copy

COMET = Path(__file__).parent / "comet"
LICENCE = "https://creativecommons.org/licenses/by-sa/4.0/"
KNOWN = """@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

@prefix film: <https://w3id.org/kaiju/film#> .
@prefix id: <https://w3id.org/kaiju/id/> .
@prefix story: <https://w3id.org/kaiju/story#> .

# What other articles name.

id:lanterns a film:Agent ;
    rdfs:label "Lanterns"@en ;
    skos:altLabel "The Lanterns"@en .

id:ashen-pictures a film:Agent ;
    rdfs:label "Ashen Pictures"@en .

id:chad a film:Place ;
    rdfs:label "Chad"@en .

id:english a story:Character ;
    rdfs:label "English"@en .
"""


@pytest.fixture(scope="session")
def _start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("start") / "films"
    skeleton.init(str(folder), namespace="https://w3id.org/kaiju/")
    return folder


@pytest.fixture
def empty(_start: Path, tmp_path: Path) -> Copy:
    """Return a project without articles, as ``kaiju init`` makes it, which knows four things."""
    project = Copy(Path(shutil.copytree(_start, tmp_path / "films")))
    project.write("graph/entities.ttl", KNOWN)
    return project


@pytest.fixture
def article(tmp_path: Path) -> Path:
    """Return a file with the text of an article."""
    return Path(shutil.copy(COMET / "article.txt", tmp_path))
